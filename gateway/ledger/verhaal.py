"""The story of a line: submitted, judged, credited, submitted again, granted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from gateway.records.declaratie import Prestatie
from gateway.records.masker import mask_own

# What stands of a line by now.
TOEGEKEND, GECREDITEERD, VERVANGEN = "toegekend", "gecrediteerd", "gecrediteerd en vervangen"
AFGEWEZEN, HERSTELD, CREDIT = "afgewezen", "afgewezen en later toegekend", "credit"
INGEDIEND = "ingediend, nog niet beantwoord"


class Inzending(NamedTuple):
    """In which 323 a line came, between whom, and which 325 told of it when (None: none yet)."""

    inbox_id: int
    partij: int
    gemeente: str
    wet: str
    aanbieder: str
    declaratienummer: str
    identificatie: str
    dagtekening: date
    antwoord: str | None
    beantwoord_op: date | None = None


class Boekregel(NamedTuple):
    """A stored line: `regel_id` tells the order of judging, `client` is a keyed fingerprint.

    `wacht` tells that no 325 judged it yet; it is neither granted nor refused then.
    """

    regel_id: int
    inzending: Inzending
    client: str
    toegekend: bool
    prestatie: Prestatie
    wacht: bool = False

    @property
    def naam(self) -> str:
        """What the line is called in the story of another one."""
        return f"{self.prestatie.referentienummer} in {self.inzending.declaratienummer}"


class Verhaal(NamedTuple):
    """A line with the lines that it has to do with.

    `crediteert` is the debet that a credit undoes once it is granted, `gecrediteerd_door` the
    credit that undid a debet, `vervangen_door` the later granted debet that came in its place: for
    the same claim, or under the same ReferentieNummer after a rejection.
    """

    regel: Boekregel
    stand: str
    crediteert: Boekregel | None = None
    gecrediteerd_door: Boekregel | None = None
    vervangen_door: Boekregel | None = None


def zonder_bsn(verhaal: Verhaal) -> Verhaal:
    """The story as it is told: no number that the provider chose shows the Bsn of the client."""
    return verhaal._replace(
        regel=_hidden(verhaal.regel),
        crediteert=verhaal.crediteert and _hidden(verhaal.crediteert),
        gecrediteerd_door=verhaal.gecrediteerd_door and _hidden(verhaal.gecrediteerd_door),
        vervangen_door=verhaal.vervangen_door and _hidden(verhaal.vervangen_door),
    )


def stories(regels: Sequence[Boekregel]) -> Iterator[Verhaal]:
    """The stories of lines of one party, in order; other lines that matter are among them."""
    debets = {_nummer(one): one for one in regels if _is_granted(one, "D")}
    credits = {one.prestatie.vorig_referentienummer: one for one in regels if _is_granted(one, "C")}
    granted = _Toegekend(one for one in regels if _is_granted(one, "D"))
    for one in regels:
        if one.wacht:
            undone = debets.get(one.prestatie.vorig_referentienummer or "")
            yield Verhaal(one, INGEDIEND, crediteert=undone)
        elif one.prestatie.is_credit:
            undone = debets.get(one.prestatie.vorig_referentienummer or "")
            stand = CREDIT if one.toegekend else AFGEWEZEN
            yield Verhaal(one, stand, crediteert=undone if one.toegekend else None)
        elif one.toegekend:
            credit = credits.get(_nummer(one))
            later = granted.after(one) if credit else None
            stand = VERVANGEN if later else GECREDITEERD if credit else TOEGEKEND
            yield Verhaal(one, stand, gecrediteerd_door=credit, vervangen_door=later)
        else:
            later = granted.after(one)
            yield Verhaal(one, HERSTELD if later else AFGEWEZEN, vervangen_door=later)


def chain(start: Collection[int], regels: Iterable[Boekregel]) -> list[Boekregel]:
    """The lines that belong to the same story as some of them, in order of judging.

    Lines belong together by ReferentieNummer, by the number that a credit names, and by what they
    claim (number, product and period).
    """
    rest = {one.regel_id: one for one in regels}
    found = [rest.pop(number) for number in start if number in rest]
    todo = list(found)
    while todo:
        nummers, sleutels = nummers_of(todo), {one.prestatie.debetsleutel for one in todo}
        todo = [
            one
            for one in rest.values()
            if one.prestatie.debetsleutel in sleutels or nummers & nummers_of([one])
        ]
        for one in todo:
            del rest[one.regel_id]
        found += todo
    return sorted(found, key=lambda one: one.regel_id)


def nummers_of(regels: Iterable[Boekregel]) -> set[str]:
    """The ReferentieNummers that lines have or name."""
    both = (
        (one.prestatie.referentienummer, one.prestatie.vorig_referentienummer) for one in regels
    )
    return {nummer for pair in both for nummer in pair if nummer is not None}


def _hidden(regel: Boekregel) -> Boekregel:
    line, inzending = regel.prestatie, regel.inzending
    vorig = line.vorig_referentienummer
    return regel._replace(
        prestatie=line._replace(
            referentienummer=mask_own(line.referentienummer, line.bsn),
            vorig_referentienummer=vorig and mask_own(vorig, line.bsn),
        ),
        inzending=inzending._replace(
            declaratienummer=mask_own(inzending.declaratienummer, line.bsn),
            identificatie=mask_own(inzending.identificatie, line.bsn),
        ),
    )


class _Toegekend:
    """Granted debets in order of judging, found by what they claim and by their number."""

    def __init__(self, regels: Iterable[Boekregel]) -> None:
        self._found: dict[object, list[Boekregel]] = {}
        for one in regels:
            for key in _keys(one):
                self._found.setdefault(key, []).append(one)

    def after(self, one: Boekregel) -> Boekregel | None:
        """The first one after a line that claims the same or has its number."""
        later = (
            next(
                (other for other in self._found.get(key, ()) if other.regel_id > one.regel_id), None
            )
            for key in _keys(one)
        )
        return min((other for other in later if other), key=lambda one: one.regel_id, default=None)


def _keys(one: Boekregel) -> tuple[object, object]:
    return one.prestatie.debetsleutel, _nummer(one)


def _nummer(one: Boekregel) -> str:
    return one.prestatie.referentienummer


def _is_granted(one: Boekregel, debet_credit: str) -> bool:
    return one.toegekend and one.prestatie.debet_credit == debet_credit
