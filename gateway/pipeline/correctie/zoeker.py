"""Finds in stored 323's the lines that ask for a correction, and what each would become.

It goes by what is known now: the latest assignments, what was credited and claimed since, and the
agreements in hand.  Lines stream by; only those on an assignment that is granted too much are kept
until the end, because which of them go depends on all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from gateway.ledger.correctie.buiten import (
    Buiten,
    Teveel,
    cut,
    given_back,
    outside,
    taken_back,
    too_much,
)
from gateway.ledger.correctie.regels import Bron, Correctie, Onmogelijk, Voorstel
from gateway.periods.maanden import first_of_month, last_of_month
from gateway.pipeline.correctie.anders import (
    Anders,
    Prijzendrie,
    granted_debets,
    priced_otherwise,
)
from gateway.pipeline.correctie.opzoeken import bron_of, cel_of, changes, latest_of, standing
from gateway.pipeline.correctie.prijs import priced
from gateway.pipeline.correctie.vraag import Reden, Wijze
from gateway.pipeline.ports import Beoordeeld, FactSource
from gateway.pipeline.prijzen import Prijzen
from gateway.records.batch import Stand
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import ToegewezenProduct

# The prices that a stored message was judged by, and those that are right for it now.
Prijsbron = Callable[[Beoordeeld], tuple[Prijzen, Prijzen]]
_CREDIT = "een afgewezen creditregel; kijk of de debetregel die u wilde crediteren nog staat"
_CUT = (
    "de periode valt deels buiten de toewijzing; kies inkorten als al het volume binnen de "
    "toewijzing is geleverd"
)


@dataclass(slots=True)
class _Over:
    """The granted lines of an assignment that is granted too much, as far as they were met."""

    toewijzing: ToegewezenProduct
    stand: Stand
    regels: dict[int, tuple[Bron, Prestatie, Prijs | None]] = field(default_factory=dict)
    buiten: list[Buiten] = field(default_factory=list)


class Zoeker:
    """One search: `of` per message, in any order, and `rest` at the end."""

    def __init__(self, wijze: Wijze, prijzen: Prijsbron) -> None:
        self.wijze = wijze
        self.prijzen = prijzen
        self._over: dict[int, _Over] = {}

    def of(self, beoordeeld: Beoordeeld, facts: FactSource) -> Iterator[Voorstel]:
        """What the lines of one message ask for; `facts` are those of now."""
        for chunk in beoordeeld.regels:
            chosen = self._asked(chunk)
            if chosen:
                yield from _Deel(self, beoordeeld, chosen, facts).voorstellen()

    def rest(self) -> Iterator[Voorstel]:
        """What has to go of assignments that are granted more than their whole."""
        for one in self._over.values():
            back = given_back(one.buiten)
            left = Stand(one.stand.volume - back.volume, one.stand.bedrag - back.bedrag)
            teveel = too_much(one.toewijzing, left)
            if teveel is not None:
                yield from _taken_back(one, teveel)

    def _asked(self, lines: Sequence[Prestatie]) -> Sequence[Prestatie]:
        if self.wijze.reden is not Reden.AFGEWEZEN:
            return granted_debets(lines)
        codes = self.wijze.codes
        refused = [line for line in lines if line.retourcodes]
        return [line for line in refused if not codes or not codes.isdisjoint(line.retourcodes)]

    def note(self, toewijzing: ToegewezenProduct, stand: Stand) -> _Over | None:
        """Keep an assignment that is granted too much; None where it is not."""
        nummer = toewijzing.toewijzingnummer
        if nummer not in self._over and too_much(toewijzing, stand) is not None:
            self._over[nummer] = _Over(toewijzing, stand)
        return self._over.get(nummer)


class _Deel:
    """Some lines of one message with the facts about them."""

    def __init__(
        self,
        zoeker: Zoeker,
        beoordeeld: Beoordeeld,
        lines: Sequence[Prestatie],
        facts: FactSource,
    ) -> None:
        self._zoeker, self._beoordeeld, self._lines, self._facts = zoeker, beoordeeld, lines, facts
        self._toewijzingen = latest_of(beoordeeld.partijen, lines, facts)
        self._voor, self._na = zoeker.prijzen(beoordeeld)

    def voorstellen(self) -> Iterator[Voorstel]:
        match self._zoeker.wijze.reden:
            case Reden.AFGEWEZEN:
                yield from self._refused()
            case Reden.TARIEF:
                yield from self._repriced()
            case Reden.TOEWIJZING:
                yield from self._outside()

    def _bron(self, line: Prestatie) -> Bron:
        return bron_of(self._beoordeeld, line)

    def _prices(self, lines: Sequence[Prestatie]) -> Mapping[int, Prijs]:
        return self._na.of_lines(lines, self._toewijzingen)

    # --- Refused ------------------------------------------------------------------------------

    def _refused(self) -> Iterator[Voorstel]:
        """A refused line needs no credit: its number and its claim are free again (A37)."""
        debets = [line for line in self._lines if not line.is_credit]
        for line in self._lines:
            if line.is_credit:
                yield Onmogelijk(self._bron(line), line, _CREDIT)
        claimed = self._claimed(debets)
        fixed = {line.volgnr: self._right_period(line) for line in debets}
        prijzen = self._prices([one for one in fixed.values() if isinstance(one, Prestatie)])
        for line in debets:
            nieuw = fixed[line.volgnr]
            if isinstance(nieuw, str):
                yield Onmogelijk(self._bron(line), line, nieuw)
            elif nieuw.debetsleutel not in claimed:
                right = priced(nieuw, prijzen.get(line.volgnr))
                yield Correctie(
                    self._bron(line),
                    line,
                    False,
                    right,
                    changes(line, right),
                    *cel_of(prijzen.get(line.volgnr)),
                )

    def _claimed(self, debets: Sequence[Prestatie]) -> Set[tuple[object, ...]]:
        """What is granted by now, mostly because the provider corrected a line itself."""
        if not debets:
            return set()
        nummers = {line.toewijzingnummer for line in debets}
        begin = first_of_month(min(line.begindatum for line in debets))
        eind = last_of_month(max(line.begindatum for line in debets))
        return set(self._facts.open_debets(self._beoordeeld.partijen, nummers, begin, eind))

    def _right_period(self, line: Prestatie) -> Prestatie | str:
        """The line over its month within the assignment; else why not (TR387, TR388)."""
        toewijzing = self._toewijzingen.get(line.toewijzingnummer)
        if toewijzing is None:
            return line  # the judge tells what is wrong with the number
        month = line._replace(
            begindatum=first_of_month(line.begindatum), einddatum=last_of_month(line.begindatum)
        )
        within = cut(month, toewijzing)
        if within is None:
            return "de periode valt helemaal buiten de toewijzing"
        is_cut = line.begindatum < within.begindatum or within.einddatum < line.einddatum
        return _CUT if is_cut and not self._zoeker.wijze.inkorten else within

    # --- Another price ------------------------------------------------------------------------

    def _repriced(self) -> Iterator[Voorstel]:
        """A granted line with another right price is credited and claimed anew (OP366)."""
        prijzen = Prijzendrie(self._voor, self._na, self._na)
        found = priced_otherwise(
            self._beoordeeld, self._lines, self._toewijzingen, prijzen, self._facts
        )
        yield from (one.correctie for one in found if isinstance(one, Anders))

    # --- Outside the assignment ---------------------------------------------------------------

    def _outside(self) -> Iterator[Voorstel]:
        partijen = self._beoordeeld.partijen
        known = [line for line in self._lines if line.toewijzingnummer in self._toewijzingen]
        stand = self._facts.stand(partijen, {line.toewijzingnummer for line in known})
        stands = standing(partijen, known, self._facts)
        prijzen = self._prices(known)
        for line in known:
            if line.referentienummer not in stands:
                continue
            toewijzing = self._toewijzingen[line.toewijzingnummer]
            over = self._zoeker.note(toewijzing, stand.get(line.toewijzingnummer, Stand()))
            buiten = outside(line, toewijzing, partijen.wet)
            bron, prijs = self._bron(line), prijzen.get(line.volgnr)
            if buiten is not None:
                if over is not None:
                    over.buiten.append(buiten)
                yield self._told(bron, buiten, prijs)
            elif over is not None:
                over.regels[id(line)] = (bron, line, prijs)

    def _told(self, bron: Bron, buiten: Buiten, prijs: Prijs | None) -> Voorstel:
        if buiten.deels and not self._zoeker.wijze.inkorten:
            return Onmogelijk(bron, buiten.regel, f"{buiten.reden}; {_CUT}")
        return _as_correctie(bron, buiten, prijs)


def _taken_back(over: _Over, teveel: Teveel) -> Iterator[Voorstel]:
    known = over.regels
    for buiten in taken_back([line for _, line, _ in known.values()], teveel):
        bron, _, prijs = known[id(buiten.regel)]
        yield _as_correctie(bron, buiten, prijs)


def _as_correctie(bron: Bron, buiten: Buiten, prijs: Prijs | None) -> Correctie:
    nieuw = None if buiten.past is None else priced(buiten.past, prijs)
    return Correctie(bron, buiten.regel, True, nieuw, buiten.reden, *cel_of(prijs))
