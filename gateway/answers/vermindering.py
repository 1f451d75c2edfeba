"""The guard of a 301: no assignment is lowered, ended or deleted where the standard forbids it.

Taking back what was granted is never lawful (TR385, UP031), whoever agrees.  What the standard asks
the consent of the aanbieder for (OP186, OP298, OP299, OP362) needs one that was put down.  Who asks
for it himself by a VOW has agreed (OP299).

Everything here is pure: the day of today and all facts are passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from gateway.answers.toekenning import BINNEN_DE_GELDIGHEID, Bezwaar
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.periods.hoeveelheid import in_units
from gateway.periods.volume import MINUTES_PER_HOUR, MINUUT, UUR
from gateway.records.batch import Stand
from gateway.records.instemming import BUDGET, EINDDATUM, VERWIJDEREN, VOLUME, Instemming
from gateway.records.toewijzing import ToegewezenProduct

OVERLEDEN = "02"
NO_CONSENT = "er is geen instemming van de aanbieder vastgelegd"
_REGEL = {VOLUME: "OP298", BUDGET: "OP299", EINDDATUM: "OP186", VERWIJDEREN: "OP362"}
_VELD = {
    VOLUME: "omvang",
    BUDGET: "budget",
    EINDDATUM: "datumEindeToewijzing",
    VERWIJDEREN: "redenWijziging",
}


class Vermindering(NamedTuple):
    """Something that a next version takes away; `pad` is the JSON path of the assignment."""

    pad: str
    wat: str
    eerder: ToegewezenProduct
    wordt: ToegewezenProduct

    @property
    def nummer(self) -> int:
        """The ToewijzingNummer."""
        return self.eerder.toewijzingnummer


@dataclass(frozen=True, slots=True, kw_only=True)
class Verleden:
    """What there is on the assignments that are lowered, each by ToewijzingNummer.

    `stand` is what was granted net of credits, `tot` the last day that was granted, `toegekend` the
    numbers with a granted line.  `begonnen` are those with a start of the aanbieder, `gestopt` the
    last day of care as he told it himself by a definitive stop.
    """

    stand: Mapping[int, Stand] = field(default_factory=dict)
    tot: Mapping[int, date] = field(default_factory=dict)
    toegekend: Set[int] = frozenset()
    begonnen: Set[int] = frozenset()
    gestopt: Mapping[int, date] = field(default_factory=dict)
    instemmingen: Mapping[int, Sequence[Instemming]] = field(default_factory=dict)


def reductions(
    given: Iterable[tuple[str, ToegewezenProduct]], versies: Mapping[int, ToegewezenProduct]
) -> Iterator[Vermindering]:
    """What these assignments take away from the latest versions that there are."""
    for pad, wordt in given:
        eerder = versies.get(wordt.toewijzingnummer)
        if eerder is None or eerder.is_ingetrokken:
            continue
        for wat in _taken(eerder, wordt):
            yield Vermindering(pad, wat, eerder, wordt)


def _taken(eerder: ToegewezenProduct, wordt: ToegewezenProduct) -> Iterator[str]:
    if wordt.is_verwijderd:
        yield VERWIJDEREN
        return
    if eerder.frequentie == BINNEN_DE_GELDIGHEID and _less(wordt.volume, eerder.volume):
        yield VOLUME
    if _less(wordt.budget, eerder.budget):
        yield BUDGET
    end = wordt.einddatum
    if end is not None and (eerder.einddatum is None or end < eerder.einddatum):
        yield EINDDATUM


def _less(now: int | None, before: int | None) -> bool:
    return before is not None and (now or 0) < before


def forbidden(
    found: Iterable[Vermindering], verleden: Verleden, vandaag: date, *, gevraagd: bool = False
) -> Iterator[Bezwaar]:
    """What may not leave, and why; `gevraagd` is True where the aanbieder asked for it by a VOW."""
    for one in found:
        granted = _takes_granted(one, verleden)
        if granted is not None:
            yield granted
        elif not gevraagd and _needs_consent(one, verleden, vandaag):
            yield from _without_consent(one, verleden, vandaag)


def _takes_granted(one: Vermindering, verleden: Verleden) -> Bezwaar | None:
    """Why a change would take away what was granted; None where it does not."""
    nummer, wordt = one.nummer, one.wordt
    stand = verleden.stand.get(nummer, Stand())
    match one.wat:
        case "verwijderen" if nummer in verleden.toegekend:
            text = (
                f"op toewijzing {nummer} zijn prestaties toegekend; verwijderen kan niet, beëindig "
                "de toewijzing of laat de aanbieder eerst crediteren"
            )
            return Bezwaar("TR385", _path(one), text, "13", "geen verwijdering")
        case "volume" if _counted(wordt) < stand.volume:
            granted = _shown(stand.volume, wordt)
            text = f"op toewijzing {nummer} is al {granted} toegekend; de omvang kan niet lager"
            return Bezwaar("UP031", _path(one), text, str(wordt.volume), f"ten minste {granted}")
        case "budget" if (wordt.budget or 0) < stand.bedrag:
            granted = euros(stand.bedrag)
            text = f"op toewijzing {nummer} is al {granted} toegekend; het budget kan niet lager"
            return Bezwaar("UP031", _path(one), text, _cents(wordt), f"ten minste {granted}")
        case "einddatum" if (last := verleden.tot.get(nummer)) and _end_of(one) < last:
            text = (
                f"op toewijzing {nummer} is zorg toegekend tot en met {datum_lang(last)}; "
                "de einddatum kan niet eerder"
            )
            found = "geen" if wordt.einddatum is None else datum_lang(wordt.einddatum)
            return Bezwaar("UP031", _path(one), text, found, f"{datum_lang(last)} of later")
    return None


def _counted(one: ToegewezenProduct) -> int:
    """The volume as Stand counts it: hours in minutes."""
    return (one.volume or 0) * (MINUTES_PER_HOUR if one.eenheid == UUR else 1)


def _shown(counted: int, one: ToegewezenProduct) -> str:
    return in_units(counted, MINUUT if one.eenheid == UUR else one.eenheid or "")


def _cents(one: ToegewezenProduct) -> str:
    return "geen" if one.budget is None else euros(one.budget)


def _end_of(one: Vermindering) -> date:
    return one.wordt.einddatum or date.max


def _needs_consent(one: Vermindering, verleden: Verleden, vandaag: date) -> bool:
    """Whether the standard asks the aanbieder: not for an end to come, nor after his own stop.

    That a client died is a fact, to which nobody agrees.
    """
    if one.wat == EINDDATUM:
        if one.wordt.reden_wijziging == OVERLEDEN:
            return False
        end = _end_of(one)
        stopped = verleden.gestopt.get(one.nummer)
        return end < vandaag and (stopped is None or stopped > end)
    return one.wat != VERWIJDEREN or one.nummer in verleden.begonnen


def _without_consent(one: Vermindering, verleden: Verleden, vandaag: date) -> Iterator[Bezwaar]:
    own = [
        given
        for given in verleden.instemmingen.get(one.nummer, ())
        if given.wat == one.wat and given.geldt_op(vandaag)
    ]
    if any(_reaches(given, one) for given in own):
        return
    lack = "de vastgelegde instemming gaat niet zo ver" if own else NO_CONSENT
    text = f"{_TEKST[one.wat].format(one.nummer)}; {lack}"
    yield Bezwaar(_REGEL[one.wat], _path(one), text, "", "een vastgelegde instemming")


_TEKST = {
    VOLUME: "de omvang van toewijzing {} wordt lager",
    BUDGET: "het budget van toewijzing {} wordt lager",
    EINDDATUM: "toewijzing {} eindigt op een dag die voorbij is",
    VERWIJDEREN: "toewijzing {} wordt verwijderd terwijl de zorg is gestart",
}


def _reaches(given: Instemming, one: Vermindering) -> bool:
    """Whether a consent goes as far as the change."""
    if given.niet_voor is not None and one.wat == EINDDATUM:
        return _end_of(one) >= given.niet_voor
    if given.niet_onder is None:
        return True
    now = one.wordt.volume if one.wat == VOLUME else one.wordt.budget
    return (now or 0) >= given.niet_onder


def _path(one: Vermindering) -> str:
    return f"{one.pad}.{_VELD[one.wat]}" if one.pad.endswith("]") else one.pad
