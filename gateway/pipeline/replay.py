"""Judges stored 323's again with other agreements or fewer rules, and tells what that changes.

Read-only, and all else equal: each message is judged on the facts as they stood when it was judged
first.  What an earlier message would have been granted under the proposal does not count for a
later one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice

from gateway.deviations.berekening import EURO, agreed_amounts
from gateway.periods.bedragen import half_up
from gateway.pipeline.beoordeling import Beoordeling, Deel
from gateway.pipeline.effect import (
    NIET_GERAAKT,
    ZONDER_CEL,
    Effect,
    Telling,
    celsleutel,
)
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.lezing import Lezing, lezing_of
from gateway.pipeline.ports import Beoordeeld, FactSource, Partijen
from gateway.pipeline.prijzen import Prijzen
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Cel, Prijs

Codes = tuple[str, ...]
NO_CODES: Codes = ()
# Of so many messages one is judged by the old knowledge too, and so many that change.
SAMPLE, CHANGED_SAMPLE = 100, 100
VAST = frozenset({"traject", "periode"})


@dataclass(frozen=True, slots=True)
class Paar:
    """What a message was judged with, and what it is judged with now.

    The two may differ in the municipalities of `raakt` (law and municipality), and wherever a law
    of `overal` is followed.
    """

    voor: Kennis
    na: Kennis
    raakt: Set[tuple[str, str]]
    overal: Set[str]

    def touches(self, partijen: Partijen) -> bool:
        """Whether anything can change in the messages of these parties."""
        return partijen.wet in self.overal or (partijen.wet, partijen.gemeente) in self.raakt


@dataclass(frozen=True, slots=True)
class Verandering:
    """A line with another verdict, other retourcodes or other signals."""

    line: Prestatie
    voor: Codes
    na: Codes
    erbij: Sequence[str] = ()
    weg: Sequence[str] = ()

    @property
    def is_omgeslagen(self) -> bool:
        """Whether the line is granted instead of rejected, or the other way round."""
        return bool(self.voor) != bool(self.na)


@dataclass(slots=True)
class Steekproef:
    """Lines that were judged by the old knowledge too; `anders` got other codes than stored."""

    regels: int = 0
    anders: int = 0


@dataclass(slots=True)
class Replay:
    """One run over stored messages.

    `paren` gives what to judge with by the hash of what was known; `both` also judges again what
    was stored, instead of trusting the stored codes.
    """

    paren: Callable[[str | None], Paar]
    both: bool = False
    effect: Effect = field(default_factory=Effect)
    steekproef: Steekproef = field(default_factory=Steekproef)
    _changed: int = 0

    def take(self, beoordeeld: Beoordeeld, facts: FactSource) -> Iterator[Verandering]:
        """Judge one message again; hands out the lines that change, in processing order."""
        effect, paar = self.effect, self.paren(beoordeeld.kennis)
        effect.declaraties += 1
        if not paar.touches(beoordeeld.partijen):
            self._leave(beoordeeld)
            return
        lezing = lezing_of(beoordeeld.header, beoordeeld.declaratie, beoordeeld.regels)
        try:
            changes = False
            for one in _Bericht(self, beoordeeld, paar, lezing).judge(facts):
                changes = True
                yield one
            self._changed += changes
            if effect.declaraties % SAMPLE == 1 or (changes and self._changed <= CHANGED_SAMPLE):
                self._check(beoordeeld, paar, lezing, facts)
        finally:
            lezing.close()

    def _leave(self, beoordeeld: Beoordeeld) -> None:
        """The proposal says nothing about this message, so nothing can change in it."""
        toegekend, telling = beoordeeld.toegekend, beoordeeld.outcome.telling
        row = Telling(telling["regels"], 0, toegekend, toegekend, toegekend)
        self.effect.add(beoordeeld.partijen, row)
        self.effect.of_cel(NIET_GERAAKT).add(row)
        self.effect.opgeslagen += toegekend
        self.effect.niet_geraakt += 1

    def _check(self, beoordeeld: Beoordeeld, paar: Paar, lezing: Lezing, facts: FactSource) -> None:
        """Whether the old knowledge still gives the stored codes, in the first part at least."""
        for deel in islice(judged(beoordeeld, paar.voor, lezing, facts), 1):
            self.steekproef.regels += len(deel.lines)
            self.steekproef.anders += sum(
                line.retourcodes != deel.codes.get(line.volgnr, NO_CODES) for line in deel.lines
            )


def judged(
    beoordeeld: Beoordeeld, kennis: Kennis, lezing: Lezing, facts: FactSource
) -> Iterator[Deel]:
    """The lines of a stored message, judged with any knowledge.

    The levels before them do not depend on agreements, and let the message through before.
    """
    outcome = beoordeeld.outcome
    kind = kennis.types.by_name(outcome.berichttype or "", outcome.uitgave)
    beoordeling = Beoordeling(kind, lezing, beoordeeld.claim, kennis.of(kind))
    beoordeling.refused_clients(facts)
    return beoordeling.delen(facts)


class _Bericht:
    """One message of a replay."""

    def __init__(self, replay: Replay, beoordeeld: Beoordeeld, paar: Paar, lezing: Lezing) -> None:
        self._effect = replay.effect
        self._both = replay.both or beoordeeld.kennis is None
        self._beoordeeld = beoordeeld
        self._paar = paar
        self._lezing = lezing
        self._voor_prijzen: Prijzen | None = None

    def judge(self, facts: FactSource) -> Iterator[Verandering]:
        beoordeeld, lezing = self._beoordeeld, self._lezing
        before = judged(beoordeeld, self._paar.voor, lezing, facts) if self._both else None
        self._effect.opgeslagen += 0 if self._both else beoordeeld.toegekend
        for deel in judged(beoordeeld, self._paar.na, lezing, facts):
            yield from self._compare(deel, None if before is None else next(before))

    def _compare(self, na: Deel, voor: Deel | None) -> Iterator[Verandering]:
        lines = na.lines
        oud = self._old_codes(lines, voor)
        signals = _signals(na), self._old_signals(lines, voor)
        telling = Telling(
            regels=len(lines),
            voor=sum([line.ondertekend for line in lines if line.volgnr not in oud]),
            na=sum([line.ondertekend for line in lines if line.volgnr not in na.codes]),
        )
        # Without a code before or after nothing can have changed, which is mostly so.
        for line in lines if oud or na.codes or signals[0] or signals[1] else ():
            change = _change(line, oud, na.codes, signals)
            if change is not None:
                telling.omgeslagen += change.is_omgeslagen
                self._note(change)
                yield change
        telling.herprijsd = self._per_cel(na, oud)
        self._effect.add(self._beoordeeld.partijen, telling)
        self._effect.opgeslagen += telling.voor if self._both else 0

    def _old_codes(self, lines: Sequence[Prestatie], voor: Deel | None) -> Mapping[int, Codes]:
        if voor is not None:
            return voor.codes
        return {line.volgnr: line.retourcodes for line in lines if line.retourcodes}

    def _old_signals(self, lines: Sequence[Prestatie], voor: Deel | None) -> Mapping[int, Codes]:
        if voor is not None:
            return _signals(voor)
        found = self._beoordeeld.signalen
        if not found:
            return found
        return {line.volgnr: found[line.volgnr] for line in lines if line.volgnr in found}

    def _note(self, change: Verandering) -> None:
        effect = self._effect
        effect.codes += not change.is_omgeslagen and change.voor != change.na
        effect.erbij.update(change.erbij)
        effect.weg.update(change.weg)

    def _per_cel(self, na: Deel, oud: Mapping[int, Codes]) -> int:
        """Add every line to its cell; returns what the lines come to by the proposed prices."""
        prijzen, codes, effect = na.batch.prijzen, na.codes, self._effect
        former = self._former.of_lines(na.lines, na.batch.toewijzingen)
        rows: dict[int, tuple[Cel, Telling]] = {}
        herprijsd = 0
        for line in na.lines:
            volgnr, bedrag = line.volgnr, line.ondertekend
            prijs = prijzen.get(volgnr)
            place = prijs or former.get(volgnr)
            if place is None:
                telling = effect.of_cel(ZONDER_CEL)
            else:
                # By the identity of the cell, which stays alive beside its row.
                cel = place.plaats.cel
                found = rows.get(id(cel))
                if found is None:
                    found = rows[id(cel)] = (cel, effect.of_cel(celsleutel(place.plaats)))
                telling = found[1]
            telling.regels += 1
            telling.omgeslagen += (volgnr in oud) != (volgnr in codes)
            if volgnr not in oud:
                telling.voor += bedrag
                priced = bedrag if prijs is None else repriced(line, former.get(volgnr), prijs)
                telling.herprijsd += priced
                herprijsd += priced
            if volgnr not in codes:
                telling.na += bedrag
        return herprijsd

    @property
    def _former(self) -> Prijzen:
        """The prices that the message was judged by."""
        if self._voor_prijzen is None:
            beoordeeld = self._beoordeeld
            self._voor_prijzen = Prijzen(
                self._paar.voor.overeenkomsten, beoordeeld.partijen, beoordeeld.header.dagtekening
            )
        return self._voor_prijzen


def repriced(line: Prestatie, voor: Prijs | None, na: Prijs) -> int:
    """What a line that was granted comes to by the proposed price in force, in signed eurocents.

    A line in euros is a part of the price of the whole, and stays the same part of it.  A line
    whose price stays the same, or is not known, stays as it is.
    """
    old, new = None if voor is None else voor.plaats.cel.stuktarief, na.plaats.cel.stuktarief
    if old == new or new is None:
        return line.ondertekend
    amounts = agreed_amounts(line, na)
    if amounts:
        amount = amounts[0]
    elif line.eenheid == EURO and na.soort in VAST and old:
        amount = half_up(line.ingediend_bedrag * new, old)
    else:
        return line.ondertekend
    return amount if line.debet_credit == "D" else -amount


def _signals(deel: Deel) -> Mapping[int, Codes]:
    """The checks that spoke on the lines of a part, by their number."""
    found: dict[int, Codes] = {}
    for finding in deel.findings:
        if finding.effect != "reject" and finding.regelnr is not None:
            found[finding.regelnr] = (*found.get(finding.regelnr, ()), finding.rule)
    return found


def _change(
    line: Prestatie,
    voor: Mapping[int, Codes],
    na: Mapping[int, Codes],
    signals: tuple[Mapping[int, Codes], Mapping[int, Codes]],
) -> Verandering | None:
    volgnr = line.volgnr
    old, new = voor.get(volgnr, NO_CODES), na.get(volgnr, NO_CODES)
    now, then = signals[0].get(volgnr, NO_CODES), signals[1].get(volgnr, NO_CODES)
    if old == new and now == then:
        return None
    erbij, weg = Counter(now) - Counter(then), Counter(then) - Counter(now)
    if old == new and not erbij and not weg:
        return None
    return Verandering(line, old, new, sorted(erbij.elements()), sorted(weg.elements()))
