"""Proves per message that a 323, its lines and its 325 tell the same, to the cent.

Where the 323 is our own, the 325 is what came back: until then all its lines wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.ledger.antwoord import Antwoordstuk, Lezer, answer_faults
from gateway.ledger.boek import WACHT, Boekstuk, Fout, Geboekt, in_zin
from gateway.ledger.volger import Volger
from gateway.periods.aantallen import aantal
from gateway.records.declaratie import Prestatie


class Paren:
    """Goes through all 323s of the inbox in order, side by side with their lines and answers."""

    def __init__(
        self,
        afgewezen: Iterable[tuple[int, Prestatie]],
        antwoorden: Iterable[tuple[int, Antwoordstuk]],
        lees: Lezer,
    ) -> None:
        self._afgewezen = Volger(afgewezen)
        self._antwoorden = Volger(antwoorden)
        self._lees = lees

    def faults(self, stuk: Boekstuk) -> Iterator[Fout]:
        """What does not add up about the next message."""
        yield from _astray(self._antwoorden.before(stuk.inbox_id))
        yield from own_faults(stuk) if stuk.is_own else registration_faults(stuk)
        for geboekt in stuk.geboekt:
            yield from sum_faults(stuk, geboekt)
        antwoorden = list(self._antwoorden.at(stuk.inbox_id))
        afgewezen = self._afgewezen.at(stuk.inbox_id)
        if not stuk.is_own:
            yield from _number_of_answers(stuk, len(antwoorden))
        elif len(antwoorden) > 1:
            yield stuk.fout("antwoord", f"er zijn {len(antwoorden)} antwoorden (325)")
        for antwoord in antwoorden:
            yield from answer_faults(stuk, antwoord, afgewezen, self._lees)
        for _ in afgewezen:  # without an answer there is nothing to hold them against
            pass

    def rest(self) -> Iterator[Fout]:
        """What is left when all messages have been seen."""
        return _astray(self._antwoorden.rest())


def registration_faults(stuk: Boekstuk) -> Iterator[Fout]:
    """Every 323 that was judged line by line is registered once, any other never."""
    count = len(stuk.geboekt)
    if count > 1:
        yield stuk.fout("bericht", f"staat {count} keer in het grootboek")
    elif count and not stuk.is_beantwoord:
        told = f"staat in het grootboek, maar is {stuk.verdict or stuk.staat} en niet beantwoord"
        yield stuk.fout("bericht", told, bedragen=(0, stuk.geboekt[0].totaal))
    elif not count and stuk.is_beantwoord and stuk.verdict != "rejected":
        ingediend = stuk.telling.get("ingediend", 0)
        told = f"is beoordeeld ({stuk.verdict}), maar staat niet in het grootboek"
        yield stuk.fout("bericht", told, bedragen=(ingediend, 0))


def own_faults(stuk: Boekstuk) -> Iterator[Fout]:
    """A 323 of our own is registered once it is sent, and waits until its 325 has come.

    Whether a 325 lets anything stand of it is told where that 325 is read.
    """
    count = len(stuk.geboekt)
    if count > 1:
        yield stuk.fout("bericht", f"staat {count} keer in het grootboek")
    elif count and stuk.verdict != "accepted":
        told = f"staat in het grootboek, maar is {stuk.verdict or stuk.staat} en niet verstuurd"
        yield stuk.fout("bericht", told, bedragen=(0, stuk.geboekt[0].totaal))
    elif stuk.uitkomst == WACHT:
        yield from _waiting(stuk)
    elif count and stuk.geboekt[0].saldo.wacht:
        told = f"is beantwoord (325 {stuk.antwoord}), maar er wachten nog regels"
        yield stuk.fout("antwoord", told, bedragen=(0, stuk.geboekt[0].saldo.wacht))


def _waiting(stuk: Boekstuk) -> Iterator[Fout]:
    """Nothing came back yet, so all of it is there and nothing of it is judged."""
    ingediend = stuk.telling.get("ingediend", 0)
    if not stuk.geboekt:
        told = "is verstuurd en niet beantwoord, maar staat niet in het grootboek"
        yield stuk.fout("bericht", told, bedragen=(ingediend, 0))
        return
    saldo = stuk.geboekt[0].saldo
    if saldo.wacht != saldo.ingediend or saldo.afgewezen or saldo.debet or saldo.credit:
        waits = ("er wacht", saldo.wacht)
        yield stuk.differs("antwoord", waits, ("zonder 325 hoort dat te zijn", saldo.ingediend))


def sum_faults(stuk: Boekstuk, geboekt: Geboekt) -> Iterator[Fout]:
    """The stored lines come to what was submitted, to what was granted and to what was told."""
    saldo, told = geboekt.saldo, stuk.telling
    if geboekt.declaratienummer != stuk.declaratienummer:
        wat = f"is geboekt als declaratie {geboekt.declaratienummer}"
        yield stuk.fout("bericht", wat)
    if saldo.ingediend != geboekt.totaal:
        lines = ("de regels tellen op tot", saldo.ingediend)
        yield stuk.differs("ingediend", lines, ("TotaalIngediendBedrag is", geboekt.totaal))
    if saldo.toegekend != geboekt.toegekend:
        lines = ("de toegekende regels tellen op tot", saldo.toegekend)
        yield stuk.differs("toegekend", lines, ("als toegekend is geboekt", geboekt.toegekend))
    if told.get("toegekend", geboekt.toegekend) != geboekt.toegekend:
        booked = ("als toegekend is geboekt", geboekt.toegekend)
        yield stuk.differs("toegekend", booked, ("bij het oordeel was het", told["toegekend"]))
    if told.get("regels", saldo.regels) != saldo.regels:
        many = aantal(saldo.regels, "regel", "regels")
        wat = f"het grootboek heeft {many}, het bericht {told['regels']}"
        yield stuk.fout("regels", wat)


def _number_of_answers(stuk: Boekstuk, count: int) -> Iterator[Fout]:
    """An answered 323 has exactly one 325, any other has none."""
    if stuk.is_beantwoord and count != 1:
        told = "er is geen 325" if not count else f"er zijn {count} antwoorden (325)"
        yield stuk.fout("antwoord", f"is beoordeeld ({stuk.verdict}), maar {told}")
    elif count and not stuk.is_beantwoord:
        told = f"is {stuk.verdict or stuk.staat}, maar er is een 325"
        yield stuk.fout("antwoord", told)


def _astray(antwoorden: Iterable[tuple[int, Antwoordstuk]]) -> Iterator[Fout]:
    """Answers to a message that is no 323."""
    for inbox_id, antwoord in antwoorden:
        stuk = in_zin(inbox_id, antwoord.identificatie, None)
        yield Fout("antwoord", f"{stuk}: is een 325, maar er is geen 323 bij", inbox_id)
