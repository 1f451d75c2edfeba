"""Canonical records as JSON: names of the GGM where it has one, of the standard where it has none.

Dates are ISO text, amounts whole eurocents.  `extra`, only where there is any, holds what a
release of the standard adds and no name here has.  Where the GGM has a word for a code, the word
stands under the GGM's name and the code of the standard beside it, because two codes may share a
word.
"""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import msgspec

from gateway.records.declaratie import GRANTED, PENDING, REFUSED, Declaratie
from gateway.records.extra import NO_EXTRA, Extra, Waarde
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import (
    AangevraagdProduct,
    AanvraagClient,
    NieuwProduct,
    OngewijzigdProduct,
    TeWijzigenProduct,
    Verzoek,
    Verzoekantwoord,
    Wijzigingsverzoek,
)

EENHEDEN = {
    "01": "Minuut",
    "04": "Uur",
    "14": "Etmaal",
    "16": "Dagdeel (4 uur)",
    "82": "Stuks",
    "83": "Euros",
    "84": "Stuks",
}
FREQUENTIES = {
    "1": "Per dag",
    "2": "Per week",
    "4": "Per maand",
    "6": "Binnen geldigheid Beschikking",
}
# The laws as the GGM spells them; a canonical record has the word that the gateway itself uses.
WETTEN = {"jeugdwet": "Jeugdwet", "wmo": "Wmo"}


class Bron(msgspec.Struct, frozen=True, rename="camel"):
    """Where a record comes from: file, municipality, law and aanbieder, in this order."""

    file: str
    gemeente: str
    wet: str
    aanbieder: str


class Toewijzing(Bron, frozen=True, omit_defaults=True, rename="camel", tag="Toewijzing"):
    """An assignment version that the municipality sent (301)."""

    bsn: str
    toewijzingnummer: int
    referentie_aanbieder: str | None
    productcategorie: str | None
    code: str | None
    datum_toewijzing: date
    toewijzingstijd: str
    datum_start_toewijzing: date
    datum_einde_toewijzing: date | None
    reden_wijziging: str | None
    omvang: int | None
    eenheid: str | None
    eenheid_code: str | None
    frequentie: str | None
    frequentie_code: str | None
    budget: int | None
    commentaar: str | None
    extra: dict[str, Waarde] = {}


class Levering(Bron, frozen=True, omit_defaults=True, rename="camel", tag="Levering"):
    """A start (305) or stop (307) of care; statusAanlevering 3 takes an earlier one back."""

    soort: str
    bsn: str
    toewijzingnummer: int | None
    productcategorie: str | None
    code: str | None
    datum_start_toewijzing: date | None
    datum_start: date
    datum_stop: date | None
    stopreden: str | None
    status_aanlevering: str
    extra: dict[str, Waarde] = {}


class DeclaratieRecord(Bron, frozen=True, omit_defaults=True, rename="camel", tag="Declaratie"):
    """An invoice (323) as it was judged; amounts are signed."""

    declaratienummer: str
    identificatie: str
    datum_start: date
    datum_einde: date
    datum_declaratie: date
    declaratie_bedrag: int
    toegekend_bedrag: int
    declaratie_status: str
    extra: dict[str, Waarde] = {}


class Declaratieregel(Bron, frozen=True, omit_defaults=True, rename="camel", tag="Declaratieregel"):
    """An invoice line as it was judged; `bedrag` is signed, a credit is negative."""

    declaratienummer: str
    bsn: str
    referentienummer: str
    vorig_referentienummer: str | None
    toewijzingnummer: int
    productcategorie: str
    code: str
    datum_start: date
    datum_einde: date
    geleverd_volume: int
    eenheid: str
    eenheid_code: str
    producttarief: int | None
    bedrag: int
    status: str
    retourcodes: tuple[str, ...]
    extra: dict[str, Waarde] = {}


class VerzoekOmToewijzing(
    Bron, frozen=True, omit_defaults=True, rename="camel", tag="VerzoekOmToewijzing"
):
    """One product of a request that the municipality has to decide on (315, 317).

    `soort` is nieuw (315), or of a 317: ongewijzigd, te wijzigen or nieuw.  `termijn` is the last
    day for the answer.  `raamcontract` and `gezagsdrager_bekend` are None where the message does
    not tell; `verwijzer` is the code of who referred, or the name where there is no code.
    """

    bericht: str
    soort: str
    referentie_aanbieder: str
    bsn: str
    datum_ontvangst: date
    termijn: date
    reden_verzoek: str | None
    toewijzingnummer: int | None
    beschikkingsnummer: int | None
    datum_ingang_beschikking: date | None
    productcategorie: str | None
    code: str | None
    datum_ingang_toewijzing: date | None
    datum_einde_toewijzing: date | None
    volume: int | None
    eenheid: str | None
    eenheid_code: str | None
    frequentie: str | None
    frequentie_code: str | None
    budget: int | None
    soort_verwijzer: str | None
    verwijzer: str | None
    verwijzer_naam: str | None
    raamcontract: bool | None
    gezagsdrager_bekend: bool | None
    commentaar: str | None
    commentaar_client: str | None
    extra: dict[str, Waarde] = {}


class AntwoordOpVerzoek(
    Bron, frozen=True, omit_defaults=True, rename="camel", tag="AntwoordOpVerzoek"
):
    """What the municipality answered to a request (319): afgewezen or in onderzoek."""

    referentie_aanbieder: str
    antwoord: str
    reden_afwijzing: str | None
    verantwoordelijke_gemeente: str | None
    extra: dict[str, Waarde] = {}


Canoniek = (
    Toewijzing
    | Levering
    | DeclaratieRecord
    | Declaratieregel
    | VerzoekOmToewijzing
    | AntwoordOpVerzoek
)
CANONIEK = get_args(Canoniek)
JA = "1"
_ENCODER = msgspec.json.Encoder()


def encode(record: Canoniek) -> bytes:
    """One record as one line of JSON."""
    return _ENCODER.encode(record) + b"\n"


def encode_regels(records: list[Declaratieregel]) -> bytes:
    """The same for many records at once."""
    return _ENCODER.encode_lines(records)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of all canonical records, generated from the types above."""
    (schema,), components = msgspec.json.schema_components(
        [Canoniek], ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Canonieke records van de gateway",
        **schema,
        "$defs": components,
    }


def toewijzing_record(bron: dict[str, str], product: ToegewezenProduct) -> Toewijzing:
    """The canonical record of an assignment version."""
    return Toewijzing(
        **bron,
        bsn=product.bsn,
        toewijzingnummer=product.toewijzingnummer,
        referentie_aanbieder=product.referentie_aanbieder,
        productcategorie=product.productcategorie,
        code=product.productcode,
        datum_toewijzing=product.toewijzingsdatum,
        toewijzingstijd=product.toewijzingstijd,
        datum_start_toewijzing=product.ingangsdatum,
        datum_einde_toewijzing=product.einddatum,
        reden_wijziging=product.reden_wijziging,
        omvang=product.volume,
        eenheid=EENHEDEN.get(product.eenheid or ""),
        eenheid_code=product.eenheid,
        frequentie=FREQUENTIES.get(product.frequentie or ""),
        frequentie_code=product.frequentie,
        budget=product.budget,
        commentaar=product.commentaar,
        extra=dict(product.extra),
    )


def levering_record(bron: dict[str, str], product: StartProduct | StopProduct) -> Levering:
    """The canonical record of a start or stop."""
    stop = product if isinstance(product, StopProduct) else None
    return Levering(
        **bron,
        soort="stop" if stop else "start",
        bsn=product.bsn,
        toewijzingnummer=product.toewijzingnummer,
        productcategorie=product.productcategorie,
        code=product.productcode,
        datum_start_toewijzing=product.toewijzing_ingangsdatum,
        datum_start=product.begindatum,
        datum_stop=stop.einddatum if stop else None,
        stopreden=stop.reden_beeindiging if stop else None,
        status_aanlevering=product.status_aanlevering,
        extra=dict(product.extra),
    )


def declaratie_record(
    bron: dict[str, str], declaratie: Declaratie, identificatie: str, toegekend: int, status: str
) -> DeclaratieRecord:
    """The canonical record of a judged invoice; `toegekend` is signed eurocents."""
    return DeclaratieRecord(
        **bron,
        declaratienummer=declaratie.declaratienummer,
        identificatie=identificatie,
        datum_start=declaratie.begindatum,
        datum_einde=declaratie.einddatum,
        datum_declaratie=declaratie.dagtekening,
        declaratie_bedrag=declaratie.totaal,
        toegekend_bedrag=toegekend,
        declaratie_status=status,
        extra=dict(declaratie.extra),
    )


STATUS = {REFUSED: "afgewezen", GRANTED: "toegekend", PENDING: "ingediend"}


def regel_record(
    bron: dict[str, str], declaratienummer: str, row: tuple[Any, ...], extra: Extra = NO_EXTRA
) -> Declaratieregel:
    """The canonical record of a judged line, stored as `ports.PRESTATIE_COLUMNS`.

    `extra` is what it has beyond its fields.

    There are many, so its fields go by position.
    """
    eenheid, tarief, bedrag, debet_credit, staat, retourcodes = row[10:]
    values: tuple[Any, ...] = (
        *bron.values(),
        declaratienummer,
        *row[1:10],
        EENHEDEN[eenheid],
        eenheid,
        tarief,
        bedrag if debet_credit == "D" else -bedrag,
        STATUS[staat],
        tuple(retourcodes.split()) if retourcodes else (),
        dict(extra),
    )
    return Declaratieregel(*values)


Verzoekregel = AangevraagdProduct | OngewijzigdProduct | TeWijzigenProduct | NieuwProduct
SOORTEN: dict[type, str] = {
    AangevraagdProduct: "nieuw",
    NieuwProduct: "nieuw",
    TeWijzigenProduct: "te wijzigen",
    OngewijzigdProduct: "ongewijzigd",
}


def verzoek_record(
    bron: dict[str, str],
    verzoek: Verzoek,
    product: Verzoekregel,
    around: AanvraagClient | Wijzigingsverzoek,
) -> VerzoekOmToewijzing:
    """The canonical record of one product of a request.

    `around` is what the message says once for all its products: the Client of a 315, the Verzoek
    of a 317.
    """
    client = around if isinstance(around, AanvraagClient) else None
    reden = around.reden_verzoek if isinstance(around, Wijzigingsverzoek) else None

    def of(name: str) -> Any:
        return getattr(product, name, None)

    return VerzoekOmToewijzing(
        **bron,
        bericht=verzoek.soort,
        soort=SOORTEN[type(product)],
        referentie_aanbieder=verzoek.referentie_aanbieder,
        bsn=verzoek.bsn,
        datum_ontvangst=verzoek.ontvangen_op,
        termijn=verzoek.termijn,
        reden_verzoek=reden,
        toewijzingnummer=of("toewijzingnummer"),
        beschikkingsnummer=of("beschikkingnummer"),
        datum_ingang_beschikking=of("beschikking_ingangsdatum"),
        productcategorie=of("productcategorie"),
        code=of("productcode"),
        datum_ingang_toewijzing=of("ingangsdatum"),
        datum_einde_toewijzing=of("einddatum"),
        volume=of("volume"),
        eenheid=EENHEDEN.get(of("eenheid") or ""),
        eenheid_code=of("eenheid"),
        frequentie=FREQUENTIES.get(of("frequentie") or ""),
        frequentie_code=of("frequentie"),
        budget=of("budget"),
        soort_verwijzer=of("verwijzer_type"),
        verwijzer=of("verwijzer_zorgverlenercode") or of("verwijzer_naam"),
        verwijzer_naam=of("verwijzer_naam"),
        raamcontract=_yes_or_no(of("raamcontract")),
        gezagsdrager_bekend=_yes_or_no(client.gezagsdrager_bekend if client else None),
        commentaar=of("commentaar"),
        commentaar_client=client.commentaar if client else None,
        extra=dict(product.extra),
    )


def _yes_or_no(code: str | None) -> bool | None:
    return None if code is None else code == JA


def antwoord_record(
    bron: dict[str, str], antwoord: Verzoekantwoord, gemeente: str | None
) -> AntwoordOpVerzoek:
    """The canonical record of a 319; `gemeente` is the one that is responsible instead."""
    return AntwoordOpVerzoek(
        **bron,
        referentie_aanbieder=antwoord.referentie_aanbieder,
        antwoord="afgewezen" if antwoord.is_afwijzing else "in onderzoek",
        reden_afwijzing=antwoord.reden_afwijzing,
        verantwoordelijke_gemeente=gemeente,
        extra=dict(antwoord.extra),
    )
