"""What an aanbieder asks of the correction assistant, by page and API, within its own Bereik."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from gateway.errors import NietToegestaan, WrongUse
from gateway.ledger.correctie.bericht import Berichtnummers
from gateway.ledger.correctie.regels import Correctie, Onmogelijk, Voorstel
from gateway.ledger.correctie.totaal import Som
from gateway.pipeline.correctie.vraag import Correctievraag, Reden, Wijze
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.ports import Partijen
from gateway.records.declaratie import Prestatie
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik
from gateway.werk.correctie import (
    Gemaakt,
    KennisVan,
    made,
    prices_of,
    proposals,
    refuse_too_many,
)
from gateway.werk.maanden import months_between


@dataclass(frozen=True, slots=True)
class Plek:
    """Where is looked: the store, what is known now, and what was known at a judgement."""

    store: SqlStore
    kennis: Kennis
    kennis_van: KennisVan
    moment: datetime

    def search(self, vraag: Correctievraag) -> Iterator[Voorstel]:
        """Every proposal; raises WrongUse where that takes longer than somebody waits."""
        refuse_too_many(self.store, vraag)
        prijzen = prices_of(self.kennis.overeenkomsten, self.kennis_van)
        return proposals(self.store, vraag, prijzen, self.moment)

    def message(self, vraag: Correctievraag, nummers: Berichtnummers) -> Gemaakt:
        """The 323 of what can be corrected."""
        return made(self.store, self.kennis, self.search(vraag), vraag, nummers, self.moment)


@dataclass(slots=True)
class Overzicht:
    """Proposals added up, of which the first are kept to be shown."""

    som: Som = field(default_factory=Som)
    correcties: list[Correctie] = field(default_factory=list)
    onmogelijk: list[Onmogelijk] = field(default_factory=list)
    anders: int = 0

    @property
    def lines(self) -> Sequence[Prestatie]:
        """The lines that are shown."""
        return [one.oud for one in self.correcties] + [one.oud for one in self.onmogelijk]


def overview(found: Iterable[Voorstel], shown: int) -> Overzicht:
    """Go through all proposals, keeping at most so many of each kind."""
    told = Overzicht()
    for one in found:
        if isinstance(one, Correctie):
            told.som.add(one)
            if len(told.correcties) < shown:
                told.correcties.append(one)
        else:
            told.anders += 1
            if len(told.onmogelijk) < shown:
                told.onmogelijk.append(one)
    return told


def own_parties(store: SqlStore, bereik: Bereik, begin: date, eind: date) -> Sequence[Partijen]:
    """With which municipalities, under which law, who asks declared over these months."""
    found = store.declaraties.parties(begin, eind, _aanbieder(bereik))
    return [one for one in found if one.gemeente in bereik.gemeenten]


def question(
    bereik: Bereik, gemeente: str, wet: str, months: tuple[str, str], wijze: Wijze
) -> Correctievraag:
    """The question of an aanbieder; raises WrongUse for what cannot be asked."""
    aanbieder = _aanbieder(bereik)
    if gemeente not in bereik.gemeenten:
        raise WrongUse("kies een gemeente waaraan u declareert")
    begin, eind = months_between(*months)
    partijen = Partijen(gemeente, wet, aanbieder)
    return Correctievraag(partijen=partijen, wijze=wijze, begin=begin, eind=eind)


def wijze_of(reden: str, codes: Iterable[str], *, inkorten: bool) -> Wijze:
    """How to look, from texts."""
    if reden not in set(Reden):
        raise WrongUse(f"kies waarom u wilt corrigeren: {', '.join(Reden)}")
    chosen = frozenset(code for code in codes if code)
    return Wijze(reden=Reden(reden), codes=chosen, inkorten=inkorten)


def _aanbieder(bereik: Bereik) -> str:
    if bereik.aanbieder is None:
        raise NietToegestaan
    return bereik.aanbieder
