"""Adds up use and spending per law, municipality, provider and cell, by year of delivery."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.cellen import Cellen, Geprijsd, celnaam
from gateway.records.overeenkomst import Plaats
from gateway.records.toewijzing import ToegewezenProduct

ZONDER_CEL = ("", "", "0", "zonder cel")


class Jaarregels(NamedTuple):
    """Granted lines of an assignment in a year, credits subtracted; `begindatum` is the first."""

    productcode: str
    eenheid: str
    jaar: int
    begindatum: date
    aantal: int
    bedrag: int


class Zorgstuk(NamedTuple):
    """An assignment by its latest version, with its lines; lines alone where nobody knows it."""

    gemeente: str
    wet: str
    aanbieder: str
    client: str | None
    toewijzing: ToegewezenProduct | None
    regels: Sequence[Jaarregels]


@dataclass(frozen=True, slots=True)
class Verbruik:
    """Use under one key in a year: clients and assignments that run in it, lines, eurocents.

    The key of a cell is id and version of its agreement, its number in the file and its name.
    """

    jaar: int
    sleutel: tuple[str, ...]
    clienten: int
    toewijzingen: int
    regels: int
    toegekend: int


@dataclass(frozen=True, slots=True)
class Meting:
    """The use of some years, in several ways that each add up to the same."""

    jaren: Sequence[int]
    totaal: Sequence[Verbruik]
    wetten: Sequence[Verbruik]
    gemeenten: Sequence[Verbruik]
    aanbieders: Sequence[Verbruik]
    cellen: Sequence[Verbruik]


@dataclass(slots=True)
class _Teller:
    clienten: set[str] = field(default_factory=set)
    toewijzingen: int = 0
    regels: int = 0
    toegekend: int = 0


class _Tellers(dict[tuple[int, tuple[str, ...]], _Teller]):
    """The counters of one way of adding up, by year and key."""

    def __missing__(self, key: tuple[int, tuple[str, ...]]) -> _Teller:
        made = self[key] = _Teller()
        return made

    def rijen(self) -> Sequence[Verbruik]:
        """What was counted, most spent in front."""
        found = [
            Verbruik(jaar, key, len(one.clienten), one.toewijzingen, one.regels, one.toegekend)
            for (jaar, key), one in self.items()
        ]
        return sorted(found, key=lambda one: (-one.jaar, -one.toegekend, one.sleutel))


def measure(
    stukken: Iterable[Zorgstuk], overeenkomsten: Overeenkomsten, jaren: Sequence[int]
) -> Meting:
    """Count everything in one pass."""
    cellen = Cellen(overeenkomsten)
    ways = totaal, wetten, gemeenten, aanbieders, per_cel = [_Tellers() for _ in range(5)]
    for stuk in stukken:
        whose: tuple[tuple[str, ...], ...] = ((), (stuk.wet,), (stuk.gemeente,), (stuk.aanbieder,))
        for jaar, cel in _runs(stuk, cellen, jaren):
            for way, key in zip(ways, (*whose, cel), strict=True):
                teller = way[jaar, key]
                teller.toewijzingen += 1
                if stuk.client is not None:
                    teller.clienten.add(stuk.client)
        for regels in stuk.regels:
            cel = _cel_of(cellen.plaats(_priced(stuk, regels)))
            for way, key in zip(ways, (*whose, cel), strict=True):
                teller = way[regels.jaar, key]
                teller.regels += regels.aantal
                teller.toegekend += regels.bedrag
    return Meting(
        jaren=jaren,
        totaal=totaal.rijen(),
        wetten=wetten.rijen(),
        gemeenten=gemeenten.rijen(),
        aanbieders=aanbieders.rijen(),
        cellen=per_cel.rijen(),
    )


def _runs(
    stuk: Zorgstuk, cellen: Cellen, jaren: Sequence[int]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The years in which an assignment runs, and its cell."""
    toewijzing = stuk.toewijzing
    if toewijzing is None or toewijzing.is_verwijderd:
        return
    first = toewijzing.ingangsdatum.year
    last = toewijzing.einddatum.year if toewijzing.einddatum else date.max.year
    in_force = [jaar for jaar in jaren if first <= jaar <= last]
    if in_force:
        cel = _cel_of(cellen.plaats(_assigned(stuk, toewijzing)))
        yield from ((jaar, cel) for jaar in in_force)


def _assigned(stuk: Zorgstuk, toewijzing: ToegewezenProduct) -> Geprijsd:
    begin, eenheid = toewijzing.ingangsdatum, toewijzing.eenheid or ""
    product = (toewijzing.productcode or "", eenheid, begin, begin, toewijzing.eenheid)
    return Geprijsd(stuk.gemeente, stuk.wet, stuk.aanbieder, *product)


def _priced(stuk: Zorgstuk, regels: Jaarregels) -> Geprijsd:
    own = stuk.toewijzing
    ingang, eenheid = (own.ingangsdatum, own.eenheid) if own else (None, None)
    product = (regels.productcode, regels.eenheid, regels.begindatum, ingang, eenheid)
    return Geprijsd(stuk.gemeente, stuk.wet, stuk.aanbieder, *product)


def _cel_of(plaats: Plaats | None) -> tuple[str, ...]:
    if plaats is None:
        return ZONDER_CEL
    own, cel = plaats.overeenkomst, plaats.cel
    return own.id, own.versie, str(cel.rij), celnaam(cel)
