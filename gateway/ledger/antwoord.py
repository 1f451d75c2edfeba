"""Proves a stored 325 against the ledger: its totals, and line by line what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.errors import CouldNotFinish, MessageRefused
from gateway.ledger.boek import Boekstuk, Fout, Geboekt
from gateway.records.declaratie import DeclaratieAntwoord, Prestatie
from gateway.records.header import Header
from gateway.records.masker import mask_own

# The codes of a DeclaratieAntwoord whose lines were judged one by one.
BEOORDEELD = frozenset({"0200", "8001"})

# Reads the bytes of a message as (map name, record), see `messages.reader`.
Lezer = Callable[[Iterable[bytes]], Iterable[tuple[str, Any]]]
Sleutel = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class Antwoordstuk:
    """The stored 325 of a message: its own number and its bytes, None once those had their time."""

    inbox_id: int
    identificatie: str
    body: Iterable[bytes] | None


def answer_faults(
    stuk: Boekstuk, antwoord: Antwoordstuk, afgewezen: Iterator[Prestatie], lees: Lezer
) -> Iterator[Fout]:
    """What in a 325 is not as the ledger has it.

    `afgewezen` are the rejected lines of the 323 as they are stored, in document order; not one
    of them is held longer than the 325 needs to name it.
    """
    if antwoord.body is None:
        return
    vergelijking = _Vergelijking(stuk, afgewezen)
    header: Header | None = None
    kop: DeclaratieAntwoord | None = None
    try:
        for name, record in lees(antwoord.body):
            if name == "Prestatie":
                yield from vergelijking.given_back(record)
            elif name == "DeclaratieAntwoord":
                kop = record
            elif name == "Header":
                header = record
    except (MessageRefused, CouldNotFinish) as refusal:
        yield stuk.fout("antwoord", f"de 325 is niet te lezen: {refusal}")
        return
    yield from vergelijking.rest()
    if header is not None:
        yield from _belongs(stuk, antwoord, header, kop)
    geboekt = stuk.geboekt[0] if stuk.geboekt else None
    yield from _totals(stuk, geboekt, kop) if geboekt else _as_a_whole(stuk, kop)


def _belongs(
    stuk: Boekstuk, antwoord: Antwoordstuk, header: Header, kop: DeclaratieAntwoord | None
) -> Iterator[Fout]:
    """A 325 says itself which 323 it answers, and under which number it left."""
    pairs = (
        ("de Identificatie", header.declaratie_identificatie, stuk.identificatie),
        ("het DeclaratieNummer", kop and kop.declaratienummer, kop and stuk.declaratienummer),
        ("de aanbieder", header.ontvanger, stuk.aanbieder),
        ("de gemeente", header.afzender, stuk.gemeente),
    )
    for wat, found, expected in pairs:
        if found != expected:
            told = f"de 325 noemt {wat} {found}, het bericht heeft {expected}"
            yield stuk.fout("antwoord", told)
    if header.identificatie != antwoord.identificatie:
        told = f"de 325 heet zelf {header.identificatie}, verstuurd als {antwoord.identificatie}"
        yield stuk.fout("antwoord", told)


def _totals(stuk: Boekstuk, geboekt: Geboekt, kop: DeclaratieAntwoord | None) -> Iterator[Fout]:
    """What the 325 says of a Declaratie whose lines were judged."""
    if kop is None or not BEOORDEELD & set(kop.retourcodes):
        told = "de 325 wijst de declaratie als geheel af, maar haar regels staan in het grootboek"
        yield stuk.fout("antwoord", told)
        return
    if kop.ingediend != geboekt.totaal:
        of_kop = ("TotaalIngediendBedrag in de 325 is", kop.ingediend)
        yield stuk.differs("ingediend", of_kop, ("geboekt is", geboekt.totaal))
    if kop.toegekend != geboekt.saldo.toegekend:
        of_kop = ("TotaalToegekendBedrag in de 325 is", kop.toegekend)
        of_lines = ("de toegekende regels tellen op tot", geboekt.saldo.toegekend)
        yield stuk.differs("toegekend", of_kop, of_lines)


def _as_a_whole(stuk: Boekstuk, kop: DeclaratieAntwoord | None) -> Iterator[Fout]:
    """What the 325 says of a Declaratie of which nothing was registered."""
    if kop is None:
        return
    if BEOORDEELD & set(kop.retourcodes):
        told = "volgens de 325 zijn de regels beoordeeld, maar zij staan niet in het grootboek"
        yield stuk.fout("bericht", told, bedragen=(kop.ingediend, 0))
    elif kop.toegekend:
        of_kop = ("TotaalToegekendBedrag in de 325 is", kop.toegekend)
        yield stuk.differs("toegekend", of_kop, ("geboekt is", 0))


class _Vergelijking:
    """Two rows of lines in document order that should be the same.

    A line that one of them lacks shifts the other by one; what is out of step waits until its
    counterpart comes, so that a single difference is told as a single difference.
    """

    def __init__(self, stuk: Boekstuk, stored: Iterator[Prestatie]) -> None:
        self._stuk = stuk
        self._stored = stored
        self._rejected: dict[Sleutel, Prestatie] = {}
        self._returned: dict[Sleutel, Prestatie] = {}

    def given_back(self, line: Prestatie) -> Iterator[Fout]:
        """The 325 names a line."""
        stored = next(self._stored, None)
        if stored is not None:
            self._rejected[_key(stored)] = stored
        self._returned[_key(line)] = line
        yield from self._meet(_key(line))
        if stored is not None:
            yield from self._meet(_key(stored))

    def rest(self) -> Iterator[Fout]:
        """The 325 has ended: whatever has no counterpart by now never will."""
        for stored in self._stored:
            self._rejected[_key(stored)] = stored
            yield from self._meet(_key(stored))
        for line in self._rejected.values():
            told = f"is afgewezen ({_codes(line)}), maar staat niet in de 325"
            yield self._fault(line, told, (line.ondertekend, 0))
        for line in self._returned.values():
            told = f"staat in de 325 ({_codes(line)}), maar is in het grootboek niet afgewezen"
            yield self._fault(line, told, (0, line.ondertekend))

    def _meet(self, key: Sleutel) -> Iterator[Fout]:
        if key not in self._rejected or key not in self._returned:
            return
        stored, line = self._rejected.pop(key), self._returned.pop(key)
        if set(stored.retourcodes) != set(line.retourcodes):
            told = f"de 325 geeft {_codes(line)}, het grootboek {_codes(stored)}"
            yield self._fault(stored, told, None)
        if stored.ondertekend != line.ondertekend:
            yield self._stuk.differs(
                "afgewezen",
                (f"regel {_told(stored)} is in de 325", line.ondertekend),
                ("in het grootboek", stored.ondertekend),
            )

    def _fault(self, line: Prestatie, told: str, bedragen: tuple[int, int] | None) -> Fout:
        return self._stuk.fout("afgewezen", told, regel=_told(line), bedragen=bedragen)


def _key(line: Prestatie) -> Sleutel:
    return (line.referentienummer, line.vorig_referentienummer, line.bsn)


def _told(line: Prestatie) -> str:
    """How a sentence names a line: without the Bsn that its sender may have put in its number."""
    return mask_own(line.referentienummer, line.bsn)


def _codes(line: Prestatie) -> str:
    return "code " + ", ".join(line.retourcodes) if line.retourcodes else "geen code"
