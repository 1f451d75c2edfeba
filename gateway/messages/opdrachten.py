"""What our own side asks to have sent: canonical JSON, one document for one message.

The names are those of the canonical records (`canoniek`).  A municipality asks for a 301 or 319,
an aanbieder for a 305, 307, 315, 317 or 323.  Dates are ISO text and inclusive, amounts whole
eurocents.  Only shape and types are looked at here: what a message may say is for its XSD and the
rules, which judge the message that is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, get_args

import msgspec

from gateway.errors import MessageRefused
from gateway.messages.reader import BOM, Peek

Naamgever = Callable[[str], str]
Kenmerk = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Gemeentecode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")]
Agb = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8}$")]
Wet = Literal["jeugdwet", "wmo"]

ENDING = ".json"
# How much is shown of what was found wrong: enough to find it by.
MOST_SHOWN = 100

_PARTIJ = re.compile(rb'"(gemeente|aanbieder)"\s*:\s*"([0-9]{4,8})"')
_AT = re.compile(r" - at `(\$[^`]*)`$")
_FOUND_WRONG = tuple(
    (re.compile(pattern), dutch)
    for pattern, dutch in (
        (r"Object missing required field `(.*)`", "het verplichte veld `{}` ontbreekt"),
        (r"Object contains unknown field `(.*)`", "het veld `{}` hoort hier niet"),
        (r"Invalid (?:enum )?value (.*)", "{} kan hier niet"),
        (r"Expected `array` of length >= 1", "deze lijst is leeg"),
        (r"Expected `str` matching regex", "deze tekst heeft niet de goede vorm"),
        (r"Expected `str` of length", "deze tekst is leeg of te lang"),
        (r"Expected `str", "hier hoort tekst"),
        (r"Expected `int", "hier hoort een geheel getal"),
        (r"Expected `bool", "hier hoort true of false"),
        (r"Expected `array", "hier hoort een lijst"),
        (r"Expected `object", "hier hoort een object"),
        (r"(?:Invalid|Expected) (?:RFC3339|ISO8601|`date)", "hier hoort een datum als 2025-01-31"),
    )
)


def _named(**canonical: str) -> Naamgever:
    """Gives the JSON name of a field: its canonical one, else its own in camel case."""

    def rename(name: str) -> str:
        first, *rest = name.split("_")
        return canonical.get(name) or first + "".join(map(str.capitalize, rest))

    return rename


_PERSOON = _named()
_TOEWIJZING = _named(
    productcode="code",
    toewijzingsdatum="datumToewijzing",
    ingangsdatum="datumStartToewijzing",
    einddatum="datumEindeToewijzing",
    volume="omvang",
    eenheid="eenheidCode",
    frequentie="frequentieCode",
)
_VERZOEK = _named(
    productcode="code",
    ingangsdatum="datumIngangToewijzing",
    einddatum="datumEindeToewijzing",
    beschikkingnummer="beschikkingsnummer",
    beschikking_ingangsdatum="datumIngangBeschikking",
    eenheid="eenheidCode",
    frequentie="frequentieCode",
    verwijzer_type="soortVerwijzer",
)
_LEVERING = _named(
    productcode="code",
    begindatum="datumStart",
    einddatum="datumStop",
    reden_beeindiging="stopreden",
    toewijzing_ingangsdatum="datumStartToewijzing",
)
_DECLARATIE = _named(
    productcode="code",
    begindatum="datumStart",
    einddatum="datumEinde",
    dagtekening="datumDeclaratie",
    eenheid="eenheidCode",
)


class _Deel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of an opdracht; its fields are called as those of the record that it becomes."""


class Contactgegeven(_Deel, frozen=True, kw_only=True, rename=_PERSOON):
    """How to reach a client or a Relatie (`records.toewijzing.Contact`)."""

    soort: str
    huisnummer: int | None = None
    huisletter: str | None = None
    huisnummer_toevoeging: str | None = None
    aanduiding_woonadres: str | None = None
    postcode: str | None = None
    straatnaam: str | None = None
    plaatsnaam: str | None = None
    landcode: str | None = None
    organisatie: str | None = None
    telefoonnummer: str | None = None
    landnummer: str | None = None
    telefoonnummer2: str | None = None
    landnummer2: str | None = None
    emailadres: str | None = None
    begindatum: date | None = None
    einddatum: date | None = None


class RelatieVanClient(_Deel, frozen=True, kw_only=True, rename=_PERSOON):
    """Someone around the client (`records.toewijzing.Relatie`), with how to reach that person."""

    nummer: str
    soort: str
    achternaam: str
    naam_gebruik: str
    volgorde: int | None = None
    geboortedatum: date | None = None
    datum_gebruik: str | None = None
    geslacht: str | None = None
    voorvoegsel: str | None = None
    partnernaam: str | None = None
    partner_voorvoegsel: str | None = None
    voornamen: str | None = None
    voorletters: str | None = None
    contact: Contactgegeven | None = None


class Persoon(_Deel, frozen=True, kw_only=True, rename=_PERSOON):
    """The client as a 305, 307 and 315 name it."""

    bsn: str
    geboortedatum: date
    geslacht: str
    achternaam: str
    datum_gebruik: str | None = None
    voorvoegsel: str | None = None
    voornamen: str | None = None
    voorletters: str | None = None
    gezagsdrager_bekend: str | None = None
    commentaar: str | None = None


class ClientVanToewijzing(_Deel, frozen=True, kw_only=True, rename=_PERSOON):
    """The client as a 301 names it, with Relaties and ways to reach them."""

    bsn: str
    geboortedatum: date
    geslacht: str
    achternaam: str
    naam_gebruik: str
    datum_gebruik: str | None = None
    voorvoegsel: str | None = None
    partnernaam: str | None = None
    partner_voorvoegsel: str | None = None
    voornamen: str | None = None
    voorletters: str | None = None
    communicatie_vorm: str | None = None
    communicatie_taal: str | None = None
    juridische_status: str | None = None
    wettelijke_vertegenwoordiging: str | None = None
    commentaar: str | None = None
    relaties: tuple[RelatieVanClient, ...] = ()
    contactgegevens: tuple[Contactgegeven, ...] = ()


class ToeTeWijzen(_Deel, frozen=True, kw_only=True, rename=_TOEWIJZING):
    """One assignment of a 301.

    Without `toewijzingnummer` it is a new one, which gets the next free number.  The moment of
    assigning is that of handling the opdracht where it is not given.  `referentie_aanbieder` names
    the request that a 301 answers, which an opdracht to grant it fills in by itself.
    """

    ingangsdatum: date
    toewijzingnummer: int | None = None
    referentie_aanbieder: str | None = None
    productcategorie: str | None = None
    productcode: str | None = None
    toewijzingsdatum: date | None = None
    toewijzingstijd: str | None = None
    einddatum: date | None = None
    reden_wijziging: str | None = None
    volume: int | None = None
    eenheid: str | None = None
    frequentie: str | None = None
    budget: int | None = None
    commentaar: str | None = None


class TeStarten(_Deel, frozen=True, kw_only=True, rename=_LEVERING):
    """One start of a 305; statusAanlevering 3 takes an earlier one back."""

    begindatum: date
    toewijzingnummer: int | None = None
    productcategorie: str | None = None
    productcode: str | None = None
    toewijzing_ingangsdatum: date | None = None
    status_aanlevering: str = "1"


class TeStoppen(_Deel, frozen=True, kw_only=True, rename=_LEVERING):
    """One stop of a 307; statusAanlevering 3 takes an earlier one back."""

    begindatum: date
    einddatum: date
    reden_beeindiging: str
    toewijzingnummer: int | None = None
    productcategorie: str | None = None
    productcode: str | None = None
    toewijzing_ingangsdatum: date | None = None
    status_aanlevering: str = "1"


class AanTeVragen(_Deel, frozen=True, kw_only=True, rename=_VERZOEK):
    """One product of a 315."""

    referentie_aanbieder: str
    ingangsdatum: date
    verwijzer_type: str
    beschikkingnummer: int | None = None
    productcategorie: str | None = None
    productcode: str | None = None
    beschikking_ingangsdatum: date | None = None
    einddatum: date | None = None
    volume: int | None = None
    eenheid: str | None = None
    frequentie: str | None = None
    budget: int | None = None
    verwijzer_naam: str | None = None
    verwijzer_zorgverlenercode: str | None = None
    raamcontract: bool | None = None
    commentaar: str | None = None


class TeWijzigen(_Deel, frozen=True, kw_only=True, rename=_VERZOEK):
    """One assignment of a 317 with everything that it should become."""

    toewijzingnummer: int
    ingangsdatum: date
    einddatum: date | None = None
    volume: int | None = None
    eenheid: str | None = None
    frequentie: str | None = None
    budget: int | None = None


class NieuwGewenst(_Deel, frozen=True, kw_only=True, rename=_VERZOEK):
    """One product of a 317 beside the present assignments."""

    ingangsdatum: date
    productcategorie: str | None = None
    productcode: str | None = None
    einddatum: date | None = None
    volume: int | None = None
    eenheid: str | None = None
    frequentie: str | None = None
    budget: int | None = None


class TeDeclareren(_Deel, frozen=True, kw_only=True, rename=_DECLARATIE):
    """One line of a 323; `bedrag` is signed, a credit is negative."""

    bsn: str
    referentienummer: str
    toewijzingnummer: int
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    geleverd_volume: int
    eenheid: str
    bedrag: int
    producttarief: int | None = None
    vorig_referentienummer: str | None = None


class Opdracht(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="opdracht",
    rename="camel",
):
    """What every opdracht tells: between whom, under which law, and how its sender calls it.

    `kenmerk` comes back in the event that tells what became of it.
    """

    bericht: ClassVar[str]

    kenmerk: Kenmerk
    gemeente: Gemeentecode
    wet: Wet
    aanbieder: Agb


class Toewijzen(Opdracht, frozen=True, kw_only=True, tag="toewijzing"):
    """Send a 301 with these assignments; what else is actual is added (OP087).

    Without `client` the person is taken over from the last 301 about this `bsn`.
    """

    bericht: ClassVar[str] = "301"

    bsn: str
    toewijzingen: Annotated[tuple[ToeTeWijzen, ...], msgspec.Meta(min_length=1)]
    client: ClientVanToewijzing | None = None


class Toekennen(Opdracht, frozen=True, kw_only=True, tag="toekenning"):
    """Grant a request by a 301.

    Without `client` the person is taken over from the last 301 about the client.  `toewijzingen`
    go in the place of what a VOT asks for (IV094).  `vanaf` moves the first day of what a VOW asks
    for when that day has passed, with the `instemming` of the aanbieder (OP348).
    """

    bericht: ClassVar[str] = "301"

    referentie_aanbieder: str
    toewijzingen: tuple[ToeTeWijzen, ...] = ()
    vanaf: date | None = None
    instemming: bool = False
    client: ClientVanToewijzing | None = None


class Antwoorden(Opdracht, frozen=True, kw_only=True, tag="antwoord"):
    """Reject a request, or tell that it is looked into, by a 319."""

    bericht: ClassVar[str] = "319"

    referentie_aanbieder: str
    antwoord: Literal["afgewezen", "in onderzoek"]
    reden_afwijzing: str | None = None
    verantwoordelijke_gemeente: str | None = None


class Starten(Opdracht, frozen=True, kw_only=True, tag="start"):
    """Tell by a 305 that care has started."""

    bericht: ClassVar[str] = "305"

    client: Persoon
    leveringen: Annotated[tuple[TeStarten, ...], msgspec.Meta(min_length=1)]


class Stoppen(Opdracht, frozen=True, kw_only=True, tag="stop"):
    """Tell by a 307 that care has stopped."""

    bericht: ClassVar[str] = "307"

    client: Persoon
    leveringen: Annotated[tuple[TeStoppen, ...], msgspec.Meta(min_length=1)]


class Aanvragen(Opdracht, frozen=True, kw_only=True, tag="aanvraag"):
    """Ask by a 315 for assignments."""

    bericht: ClassVar[str] = "315"

    client: Persoon
    producten: Annotated[tuple[AanTeVragen, ...], msgspec.Meta(min_length=1)]


class Wijzigen(Opdracht, frozen=True, kw_only=True, tag="wijziging"):
    """Ask by a 317 for the whole situation that is wanted."""

    bericht: ClassVar[str] = "317"

    bsn: str
    referentie_aanbieder: str
    reden_verzoek: str
    ongewijzigd: tuple[int, ...] = ()
    te_wijzigen: tuple[TeWijzigen, ...] = ()
    nieuw: tuple[NieuwGewenst, ...] = ()


class Declareren(Opdracht, frozen=True, kw_only=True, tag="declaratie", rename=_DECLARATIE):
    """Submit lines by a 323; the total is what the lines come to."""

    bericht: ClassVar[str] = "323"

    declaratienummer: str
    begindatum: date
    einddatum: date
    dagtekening: date
    regels: Annotated[tuple[TeDeclareren, ...], msgspec.Meta(min_length=1)]


Elke = Toewijzen | Toekennen | Antwoorden | Starten | Stoppen | Aanvragen | Wijzigen | Declareren
OPDRACHTEN = get_args(Elke)


class OpdrachtOnleesbaar(MessageRefused):
    """A document that is no opdracht; `pad` is the JSON path of what is wrong, "$" for all."""

    def __init__(self, text: str, pad: str = "$") -> None:
        super().__init__(text)
        self.pad = pad


def is_opdracht(naam: str) -> bool:
    """Whether what came in under a name is an opdracht: its name ends in `.json`.

    The door gives the name, not the sender: what comes from the network never ends so, whatever
    it holds, because only our own side may ask for a message.
    """
    return naam.endswith(ENDING)


def read_opdracht(body: bytes) -> Elke:
    """The opdracht of a JSON document; raises OpdrachtOnleesbaar with what is wrong and where."""
    try:
        opdracht: Elke = _DECODER.decode(body.removeprefix(BOM))
    except msgspec.ValidationError as error:
        text, pad = str(error), "$"
        if found := _AT.search(text):
            text, pad = text[: found.start()], found[1]
        raise OpdrachtOnleesbaar(f"{pad}: {_dutch(text)}", pad) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise OpdrachtOnleesbaar("dit is geen geldig JSON-document") from None
    except RecursionError:
        raise OpdrachtOnleesbaar("dit document is te diep genest") from None
    return opdracht


def _dutch(text: str) -> str:
    """What msgspec found wrong, for whoever wrote the opdracht."""
    for pattern, dutch in _FOUND_WRONG:
        if found := pattern.match(text):
            return dutch.format(*map(_shown, found.groups()))
    return "deze waarde past hier niet"


def _shown(given: str) -> str:
    return given if len(given) <= MOST_SHOWN else f"{given[:MOST_SHOWN]}..."


def peek_opdracht(head: bytes) -> Peek:
    """Between whom an opdracht is, as far as its first bytes tell; enough to route it."""
    found: dict[str, str] = {}
    for naam, code in _PARTIJ.findall(head):
        found.setdefault(naam.decode(), code.decode())
    return Peek(None, found.get("gemeente", ""), found.get("aanbieder", ""))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of all opdrachten, generated from the types above."""
    (schema,), components = msgspec.json.schema_components([Elke], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Opdrachten aan de gateway",
        **schema,
        "$defs": components,
    }


_DECODER = msgspec.json.Decoder(Elke)
