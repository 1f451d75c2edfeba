"""Facturen: what is invoiced outside the message traffic, with what was found on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.lijst import Bladvraag, Lijst, blad_uitkomst
from gateway.api.nazorg import (
    AGB,
    BEHEREN,
    CODE,
    GEMEENTE,
    JAAR,
    TOEWIJZINGNUMMER,
    ZIEN,
    Gezet,
    Vastgelegd,
    gezet,
    vastgelegd,
)
from gateway.api.woorden import Wet, adres, kenmerk, nummer_van
from gateway.errors import WrongUse
from gateway.ledger.geld.factuurcontrole import Bevinding, Factuur, Factuurregel
from gateway.store.geld.nazorg.creditfacturen import Creditopgave
from gateway.store.geld.nazorg.facturen import SOORT, Facturen
from gateway.store.geld.nazorg.factuurfeiten import in_traffic
from gateway.store.geld.nazorg.factuuropgave import LONGEST, MOST_LINES, Opgave
from gateway.store.geld.nazorg.factuurrijen import Factuurrij, Regelrij

GROEP = "facturen"
BEDRAG = Annotated[int, msgspec.Meta(ge=1, le=10**12, description="Eurocenten.")]
_PRODUCT = Annotated[str, msgspec.Meta(pattern="^[0-9A-Z]{2,10}$")]
_HASH = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_NAAM = Annotated[str, msgspec.Meta(max_length=LONGEST)]


class Factuurbevinding(Vorm, frozen=True, kw_only=True):
    """Wat er is gevonden op een regel, of op de factuur als geheel."""

    controle: str
    regel: int | None
    tekst: str


class Factuurkop(Vorm, frozen=True, kw_only=True):
    """Een factuur buiten het berichtenverkeer. Bedrag in eurocenten."""

    id: str
    gemeente: str
    wet: Wet
    aanbieder: str
    factuurnummer: str
    factuurdatum: date
    soort: str
    referentie: Annotated[str, msgspec.Meta(description="Leeg bij een afgeschermde cliënt.")]
    client: Annotated[str | None, msgspec.Meta(description="Een kenmerk van de gateway.")]
    handtoewijzing: int | None
    toewijzingnummer: int | None
    document_sha256: Annotated[str | None, msgspec.Meta(description="De hash van het document.")]
    bedrag: int
    staat: Literal["voorgesteld", "goedgekeurd", "vervallen"]
    crediteert: Annotated[
        str | None, msgspec.Meta(description="Het adres van de factuur die zij terugneemt.")
    ]
    ook_in_berichtenverkeer: bool
    vastgelegd_op: datetime
    adres: str


class Factuurregelvorm(Vorm, frozen=True, kw_only=True):
    """Een regel van een factuur. Bedragen in eurocenten; die van een creditfactuur onder nul."""

    regelnummer: int
    productcode: str
    eenheid: str
    begindatum: date
    einddatum: date
    volume: int
    tarief: int | None
    bedrag: int
    betaling: Literal["wacht", "betaalbaar", "in betaling", "betaald", "vervallen"]
    betaald_op: date | None
    gecrediteerd_door: Annotated[
        str | None, msgspec.Meta(description="Het adres van de creditfactuur, ook als die wacht.")
    ]


class Factuurdetail(Factuurkop, frozen=True, kw_only=True):
    """Een factuur met haar regels, en wat er nu op wordt gevonden."""

    regels: list[Factuurregelvorm]
    bevindingen: list[Factuurbevinding]


class Facturenblad(Lijst, frozen=True, kw_only=True):
    """Een blad met facturen, de nieuwste vooraan."""

    resultaten: list[Factuurkop]


class Factuurtotaal(Vorm, frozen=True, kw_only=True):
    """Wat buiten het berichtenverkeer is goedgekeurd, per jaar van de zorg. In eurocenten."""

    gemeente: str
    aanbieder: str
    jaar: int
    facturen: int
    bedrag: int
    betaald: int


class Factuurtotalen(Vorm, frozen=True, kw_only=True):
    """Totalen buiten het berichtenverkeer; zij zitten in geen ander totaal."""

    resultaten: list[Factuurtotaal]


class Facturenvraag(Bladvraag, frozen=True, kw_only=True):
    """Which invoices are looked for."""

    staat: Annotated[
        Literal["voorgesteld", "goedgekeurd", "vervallen"] | None,
        msgspec.Meta(description="Hoe ver de factuur is."),
    ] = None


class Totaalvraag(Invoer, frozen=True, kw_only=True):
    """Over which year."""

    jaar: Annotated[JAAR | None, msgspec.Meta(description="Het jaar van de zorg.")] = None


class NieuweRegel(Invoer, frozen=True, kw_only=True):
    """Een regel. Bedragen in eurocenten; zonder tarief is het een vast bedrag."""

    productcode: _PRODUCT
    eenheid: Annotated[str, msgspec.Meta(pattern="^[0-9]{2}$")]
    begindatum: date
    einddatum: date
    volume: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    tarief: BEDRAG | None = None
    bedrag: BEDRAG


class NieuweFactuur(Invoer, frozen=True, kw_only=True):
    """Een factuur die u vastlegt. Een tweede persoon keurt haar goed."""

    gemeente: GEMEENTE
    wet: Wet
    aanbieder: AGB
    factuurnummer: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]
    factuurdatum: date
    soort: Annotated[CODE, msgspec.Meta(description="Een code, zoals geen-bsn of afgeschermd.")]
    referentie: Annotated[_NAAM, msgspec.Meta(description="Eigen, zonder BSN of naam.")] = ""
    handtoewijzing: TOEWIJZINGNUMMER | None = None
    document_sha256: _HASH | None = None
    regels: Annotated[list[NieuweRegel], msgspec.Meta(min_length=1, max_length=MOST_LINES)]


class NieuweCreditfactuur(Invoer, frozen=True, kw_only=True):
    """Een creditfactuur die u vastlegt. Zonder regels neemt zij alles terug wat nog staat."""

    factuurnummer: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]
    factuurdatum: date
    regels: Annotated[
        list[Annotated[int, msgspec.Meta(ge=1, le=MOST_LINES)]],
        msgspec.Meta(max_length=MOST_LINES, description="De regelnummers van de factuur."),
    ] = msgspec.field(default_factory=list)
    document_sha256: _HASH | None = None


class Koppeling(Invoer, frozen=True, kw_only=True):
    """Een toewijzing van de cliënt, nu zijn BSN er wel is."""

    toewijzingnummer: TOEWIJZINGNUMMER


def lijst(oproep: Oproep) -> Uitkomst:
    """Invoices."""
    vraag: Facturenvraag = oproep.zoek
    blad = _store(oproep).list(oproep.bereik, vraag.staat, vraag.vanaf, vraag.omvang)
    both = _both(oproep, [one.nummer for one in blad.rijen])
    shown = [Factuurkop(**_kop(oproep, one, both)) for one in blad.rijen]
    return blad_uitkomst(oproep, Facturenblad, shown, blad)


def totalen(oproep: Oproep) -> Uitkomst:
    """What was approved outside the traffic."""
    found = _store(oproep).totalen(oproep.bereik, oproep.zoek.jaar)
    names = Factuurtotaal.__struct_fields__
    shown = [Factuurtotaal(**{name: getattr(one, name) for name in names}) for one in found]
    return Uitkomst(Factuurtotalen(resultaten=shown))


def toon(oproep: Oproep) -> Uitkomst:
    """One invoice with what is found on it now."""
    one, store = _een(oproep), _store(oproep)
    afspraken = oproep.verzoek.omgeving.kennis.overeenkomsten
    found = store.check(oproep.bereik, one.nummer, afspraken)
    both = _both(oproep, [one.nummer])
    regels = store.regels(oproep.bereik, one.nummer)
    return Uitkomst(
        Factuurdetail(
            **_kop(oproep, one, both),
            regels=[_regel(oproep, one) for one in regels],
            bevindingen=list(map(_bevinding, found)),
        )
    )


def leg_vast(oproep: Oproep) -> Uitkomst:
    """Put an invoice down as a proposal."""
    given: NieuweFactuur = oproep.inhoud
    omgeving = oproep.verzoek.omgeving
    for one in given.regels:
        if one.eenheid not in omgeving.eenheden:
            raise WrongUse(f"eenheid {one.eenheid} bestaat niet")
    opgave = Opgave(
        factuur=Factuur(
            gemeente=given.gemeente,
            wet=given.wet,
            aanbieder=given.aanbieder,
            factuurnummer=given.factuurnummer,
            factuurdatum=given.factuurdatum,
            regels=[
                Factuurregel(nummer, *msgspec.structs.astuple(one))
                for nummer, one in enumerate(given.regels, 1)
            ],
        ),
        soort=given.soort,
        referentie=given.referentie,
        handtoewijzing=given.handtoewijzing,
        document_sha256=given.document_sha256,
    )

    def uitkomst(nummer: int) -> Uitkomst:
        return vastgelegd(oproep, GROEP, SOORT, [nummer])

    noteer = oproep.vastlegging(uitkomst, given.gemeente)
    afspraken = omgeving.kennis.overeenkomsten
    wie = oproep.verzoek.wie
    return uitkomst(_store(oproep).add(oproep.bereik, wie, opgave, afspraken, noteer))


def crediteer(oproep: Oproep) -> Uitkomst:
    """Put a creditfactuur down as a proposal."""
    one, given = _een(oproep), oproep.inhoud
    opgave = Creditopgave(**msgspec.structs.asdict(given))

    def uitkomst(nummer: int) -> Uitkomst:
        return vastgelegd(oproep, GROEP, SOORT, [nummer])

    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    wie = oproep.verzoek.wie
    return uitkomst(_store(oproep).credit(oproep.bereik, wie, one.nummer, opgave, noteer))


def koppel(oproep: Oproep) -> Uitkomst:
    """The client is known by a Bsn now."""
    one = _een(oproep)
    uitkomst = gezet(oproep, GROEP, SOORT, one.nummer)
    noteer = oproep.vastlegging(uitkomst, one.gemeente)
    _store(oproep).link(oproep.bereik, one.nummer, oproep.inhoud.toewijzingnummer, noteer)
    return uitkomst


def _een(oproep: Oproep) -> Factuurrij:
    nummer, _ = nummer_van(oproep, SOORT)
    return _store(oproep).get(oproep.bereik, nummer)


def _store(oproep: Oproep) -> Facturen:
    return oproep.verzoek.omgeving.store.facturen


def _both(oproep: Oproep, nummers: list[int]) -> frozenset[int]:
    return in_traffic(oproep.verzoek.omgeving.store.database, oproep.bereik, nummers)


def _kop(oproep: Oproep, one: Factuurrij, both: frozenset[int]) -> dict[str, Any]:
    omgeving = oproep.verzoek.omgeving
    own = kenmerk(omgeving, SOORT, one.nummer)
    return {
        "id": own,
        **{name: getattr(one, name) for name in _SAME},
        "client": None if one.client is None else omgeving.kenmerken.of_client(one.client),
        "handtoewijzing": one.handtoewijzing_id,
        "crediteert": None if one.tegen_id is None else _adres(oproep, one.tegen_id),
        "ook_in_berichtenverkeer": one.nummer in both,
        "vastgelegd_op": one.gemaakt,
        "adres": adres(GROEP, own),
    }


_SAME = (
    *("gemeente", "wet", "aanbieder", "factuurnummer", "factuurdatum", "soort", "referentie"),
    *("toewijzingnummer", "document_sha256", "bedrag", "staat"),
)


def _adres(oproep: Oproep, nummer: int) -> str:
    return adres(GROEP, kenmerk(oproep.verzoek.omgeving, SOORT, nummer))


def _regel(oproep: Oproep, one: Regelrij) -> Factuurregelvorm:
    return Factuurregelvorm(
        regelnummer=one.regel.volgnr,
        betaling=one.staat,  # type: ignore[arg-type]
        betaald_op=one.betaald_op,
        gecrediteerd_door=None if one.credit is None else _adres(oproep, one.credit.nummer),
        **{name: value for name, value in one.regel._asdict().items() if name != "volgnr"},
    )


def _bevinding(one: Bevinding) -> Factuurbevinding:
    return Factuurbevinding(controle=one.controle, regel=one.regel, tekst=one.tekst)


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/facturen",
        naam="zoekFacturen",
        groep=GROEP,
        titel="Facturen buiten het berichtenverkeer",
        rechten=ZIEN,
        doe=lijst,
        zoek=Facturenvraag,
        antwoord=Facturenblad,
    ),
    Eindpunt(
        methode="GET",
        pad="/facturen/totalen",
        naam="geefFactuurtotalen",
        groep=GROEP,
        titel="Wat buiten het berichtenverkeer is goedgekeurd",
        rechten=ZIEN,
        doe=totalen,
        zoek=Totaalvraag,
        antwoord=Factuurtotalen,
    ),
    Eindpunt(
        methode="POST",
        pad="/facturen",
        naam="legFactuurVast",
        groep=GROEP,
        titel="Een factuur vastleggen",
        uitleg="De factuur wordt nagekeken en telt pas als een tweede persoon haar goedkeurt.",
        rechten=BEHEREN,
        doe=leg_vast,
        inhoud=NieuweFactuur,
        antwoord=Vastgelegd,
        status=201,
        fouten=(403, 422),
        handeling="factuur vastleggen",
        soort="C",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="GET",
        pad="/facturen/{kenmerk}",
        naam="toonFactuur",
        groep=GROEP,
        titel="Een factuur",
        rechten=ZIEN,
        doe=toon,
        antwoord=Factuurdetail,
        handeling="factuur bekijken",
    ),
    Eindpunt(
        methode="POST",
        pad="/facturen/{kenmerk}/creditfacturen",
        naam="legCreditfactuurVast",
        groep=GROEP,
        titel="Een creditfactuur tegen een factuur vastleggen",
        uitleg=(
            "Zij neemt regels van een goedgekeurde factuur terug, elke regel een keer. Zij telt "
            "als een tweede persoon haar goedkeurt, en gaat dan van de volgende betaalrun af."
        ),
        rechten=BEHEREN,
        doe=crediteer,
        inhoud=NieuweCreditfactuur,
        antwoord=Vastgelegd,
        status=201,
        fouten=(403, 422),
        handeling="creditfactuur vastleggen",
        soort="C",
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="POST",
        pad="/facturen/{kenmerk}/koppeling",
        naam="koppelFactuur",
        groep=GROEP,
        titel="Een factuur aan een toewijzing koppelen",
        uitleg="Daarna wordt gevonden of dezelfde zorg ook in een 323 is toegekend.",
        rechten=BEHEREN,
        doe=koppel,
        inhoud=Koppeling,
        antwoord=Gezet,
        fouten=(422,),
        handeling="factuur aan toewijzing koppelen",
        soort="U",
        herhaalbaar=True,
    ),
)
