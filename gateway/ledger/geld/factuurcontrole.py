"""Holds an invoice outside the message traffic against what a line in the traffic is held against.

Nothing is rejected here: what is found is shown to who decides.  Amounts are eurocents, dates count
themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten, Tariefvraag, right_prices
from gateway.periods.bedragen import euros, minute_tariff
from gateway.periods.volume import MINUUT, UUR
from gateway.records.overeenkomst import Prijs

TARIEF, AFSPRAAK, CONTRACT = "tarief", "afspraak", "contract"
OPTELLING, PERIODE, DUBBEL = "optelling", "periode", "dubbel"
OMVANG, VERKEER = "omvang", "berichtenverkeer"


class Factuurregel(NamedTuple):
    """A line: how much of a product, in which unit, for what; no tariff where there is none."""

    volgnr: int
    productcode: str
    eenheid: str
    begindatum: date
    einddatum: date
    volume: int
    tarief: int | None
    bedrag: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Factuur:
    """An invoice as it came in."""

    gemeente: str
    wet: str
    aanbieder: str
    factuurnummer: str
    factuurdatum: date
    regels: Sequence[Factuurregel]

    @property
    def bedrag(self) -> int:
        """What is asked for."""
        return sum(one.bedrag for one in self.regels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handtoewijzing:
    """An assignment outside the traffic; without a volume or amount that has no end."""

    nummer: int
    productcode: str
    eenheid: str
    begindatum: date
    einddatum: date | None
    volume: int | None
    bedrag: int | None


class Eerder(NamedTuple):
    """A line of another invoice of the provider for the same client, or of a 323 (`declaratie`)."""

    naam: str
    productcode: str
    begindatum: date
    einddatum: date
    declaratie: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bekend:
    """What is known beside an invoice; the two sums are of other invoices on the assignment."""

    eerder: Sequence[Eerder] = ()
    toewijzing: Handtoewijzing | None = None
    gebruikt_volume: int = 0
    gebruikt_bedrag: int = 0


class Bevinding(NamedTuple):
    """What was found on a line (`regel`), or on the invoice as a whole (None)."""

    controle: str
    regel: int | None
    tekst: str


def check(factuur: Factuur, bekend: Bekend, afspraken: Overeenkomsten) -> list[Bevinding]:
    """Everything that does not fit, line by line and then of the whole."""
    found = [
        one
        for regel in factuur.regels
        for one in (
            *_price(factuur, regel, bekend, afspraken),
            *_sum(regel),
            *_period(factuur, regel, bekend),
            *_double(factuur, regel, bekend),
        )
    ]
    return [*found, *_total(factuur, bekend)]


def overlaps(one: Factuurregel | Eerder, other: Factuurregel | Eerder) -> bool:
    """Whether two lines are about the same product on some same day."""
    return (
        one.productcode == other.productcode
        and one.begindatum <= other.einddatum
        and other.begindatum <= one.einddatum
    )


def _price(
    factuur: Factuur, regel: Factuurregel, bekend: Bekend, afspraken: Overeenkomsten
) -> Iterator[Bevinding]:
    assigned = bekend.toewijzing
    vraag = Tariefvraag(
        factuur.wet,
        factuur.gemeente,
        regel.productcode,
        UUR if _in_minutes(factuur, regel, afspraken) else regel.eenheid,
        factuur.aanbieder,
        regel.begindatum,
        None if assigned is None else assigned.begindatum,
    )
    prijs = right_prices(afspraken, vraag, factuur.factuurdatum)
    if prijs is None:
        told = f"voor product {regel.productcode} in eenheid {regel.eenheid} is geen tarief"
        yield Bevinding(AFSPRAAK, regel.volgnr, f"{told} afgesproken op {regel.begindatum}")
        return
    plaats, dag = prijs.plaats, regel.begindatum
    if not afspraken.contracted(plaats, factuur.aanbieder, factuur.gemeente, dag):
        told = f"aanbieder {factuur.aanbieder} heeft voor product {regel.productcode} geen contract"
        yield Bevinding(CONTRACT, regel.volgnr, told)
    elif afspraken.blocked(plaats, factuur.aanbieder, factuur.gemeente, dag):
        told = f"betalingen aan aanbieder {factuur.aanbieder} zijn geblokkeerd"
        yield Bevinding(CONTRACT, regel.volgnr, told)
    right = _tariffs(regel, prijs)
    if right and regel.tarief not in right:
        shown = "geen tarief" if regel.tarief is None else euros(regel.tarief)
        told = f"het tarief is {shown}, afgesproken is {' of '.join(map(euros, right))}"
        yield Bevinding(TARIEF, regel.volgnr, told)


def _in_minutes(factuur: Factuur, regel: Factuurregel, afspraken: Overeenkomsten) -> bool:
    """Whether a line in minutes is of a product that has a price per hour only."""
    units = afspraken.units(
        factuur.wet,
        factuur.gemeente,
        regel.productcode,
        regel.begindatum,
        aanbieder=factuur.aanbieder,
    )
    return regel.eenheid == MINUUT and UUR in units and MINUUT not in units


def _tariffs(regel: Factuurregel, prijs: Prijs) -> tuple[int, ...]:
    if prijs.eenheid == UUR and regel.eenheid == MINUUT:
        return tuple(minute_tariff(one) for one in prijs.juiste)
    return prijs.juiste


def _sum(regel: Factuurregel) -> Iterator[Bevinding]:
    """Volume times tariff is the amount; of minutes the tariff was rounded, half a cent each."""
    if regel.tarief is None:
        return
    expected, slack = regel.tarief * regel.volume, 0
    if regel.eenheid == MINUUT:
        slack = regel.volume // 2
    if abs(regel.bedrag - expected) > slack:
        told = f"{regel.volume} keer {euros(regel.tarief)} is {euros(expected)}"
        yield Bevinding(OPTELLING, regel.volgnr, f"{told}, niet {euros(regel.bedrag)}")


def _period(factuur: Factuur, regel: Factuurregel, bekend: Bekend) -> Iterator[Bevinding]:
    if regel.einddatum > factuur.factuurdatum:
        told = f"de zorg loopt tot en met {regel.einddatum}, na de dag van de factuur"
        yield Bevinding(PERIODE, regel.volgnr, told)
    assigned = bekend.toewijzing
    if assigned is None:
        return
    if assigned.productcode != regel.productcode:
        told = f"toegewezen is product {assigned.productcode}, niet {regel.productcode}"
        yield Bevinding(OMVANG, regel.volgnr, told)
    if regel.begindatum < assigned.begindatum or regel.einddatum > (assigned.einddatum or date.max):
        end = "zonder einde" if assigned.einddatum is None else f"tot en met {assigned.einddatum}"
        told = f"de toewijzing loopt vanaf {assigned.begindatum}, {end}"
        yield Bevinding(PERIODE, regel.volgnr, told)


def _double(factuur: Factuur, regel: Factuurregel, bekend: Bekend) -> Iterator[Bevinding]:
    for other in factuur.regels:
        if other.volgnr < regel.volgnr and overlaps(regel, other):
            told = f"regel {other.volgnr} van deze factuur gaat over hetzelfde product"
            yield Bevinding(DUBBEL, regel.volgnr, f"{told} in dezelfde dagen")
    for one in bekend.eerder:
        if not overlaps(regel, one):
            continue
        if one.declaratie:
            told = f"deze zorg is ook buiten het berichtenverkeer om gevraagd én in {one.naam}"
            yield Bevinding(VERKEER, regel.volgnr, told)
        else:
            told = f"factuur {one.naam} gaat over hetzelfde product in dezelfde dagen"
            yield Bevinding(DUBBEL, regel.volgnr, told)


def _total(factuur: Factuur, bekend: Bekend) -> Iterator[Bevinding]:
    """What is asked on the assignment, with what other invoices asked before."""
    assigned = bekend.toewijzing
    if assigned is None:
        return
    own = [one for one in factuur.regels if one.productcode == assigned.productcode]
    if any(one.eenheid != assigned.eenheid for one in own):
        told = f"toegewezen is in eenheid {assigned.eenheid}; de factuur heeft een andere"
        yield Bevinding(OMVANG, None, told)
    elif assigned.volume is not None:
        volume = bekend.gebruikt_volume + sum(one.volume for one in own)
        if volume > assigned.volume:
            told = f"met deze factuur is {volume} gevraagd, toegewezen is {assigned.volume}"
            yield Bevinding(OMVANG, None, told)
    bedrag = bekend.gebruikt_bedrag + factuur.bedrag
    if assigned.bedrag is not None and bedrag > assigned.bedrag:
        told = f"met deze factuur is {euros(bedrag)} gevraagd"
        yield Bevinding(OMVANG, None, f"{told}, toegewezen is {euros(assigned.bedrag)}")
