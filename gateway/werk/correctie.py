"""The correction assistant on a store: what can be put right, and the 323 that does so.

Commands, pages and API all go through here.  Nothing is written: the message is the provider's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.agreements.match import Overeenkomsten
from gateway.errors import WrongUse
from gateway.ledger.correctie.bericht import MOST, Berichtnummers
from gateway.ledger.correctie.regels import Correctie, Onmogelijk, Voorstel
from gateway.messages.reader import Source
from gateway.pipeline.correctie.bericht import Correctiebericht, make
from gateway.pipeline.correctie.vraag import Correctievraag
from gateway.pipeline.correctie.zoeker import Prijsbron, Zoeker
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.ports import Beoordeeld, Claim
from gateway.pipeline.prijzen import Prijzen
from gateway.pipeline.process import LATEST, NOWHERE, judge_beforehand
from gateway.pipeline.settlement import Settlement
from gateway.store.store import SqlStore

_AGAIN = "dezelfde prestatie is later nog eens afgewezen; die latere regel wordt gecorrigeerd"
# More lines than this are not looked at while somebody waits for a page.
LINES_BESIDE = 50_000
KennisVan = Callable[[str | None], Kennis]


@dataclass(frozen=True, slots=True)
class Gemaakt:
    """What became of a question: the message, and all that did not go into it with the reason.

    `meer` tells that there is more than one message takes.
    """

    bericht: Correctiebericht
    onmogelijk: Sequence[Onmogelijk]
    meer: bool


def proposals(
    store: SqlStore, vraag: Correctievraag, prijzen: Prijsbron, moment: datetime
) -> Iterator[Voorstel]:
    """Every line that asks for a correction, and every one that cannot be put right by itself."""
    zoeker = Zoeker(vraag.wijze, prijzen)
    now = now_at(moment)
    for group in store.declaraties.judged(vraag.begin, vraag.eind, partijen=vraag.partijen):
        with store.reading() as facts_of:
            facts = facts_of(now)
            for beoordeeld in group:
                yield from zoeker.of(beoordeeld, facts)
    yield from zoeker.rest()


def now_at(moment: datetime) -> Claim:
    """What asks for the facts as they are now."""
    return Claim(NOWHERE, LATEST, "", "correctie", moment)


def prices_of(now: Overeenkomsten, kennis_van: KennisVan) -> Prijsbron:
    """The prices that a message was judged by, and those of the agreements in use."""

    def prijzen(beoordeeld: Beoordeeld) -> tuple[Prijzen, Prijzen]:
        partijen, dag = beoordeeld.partijen, beoordeeld.header.dagtekening
        former = kennis_van(beoordeeld.kennis).overeenkomsten
        return Prijzen(former, partijen, dag), Prijzen(now, partijen, dag)

    return prijzen


def refuse_too_many(store: SqlStore, vraag: Correctievraag) -> None:
    """Raises WrongUse where a search would take longer than somebody waits for it."""
    if store.declaraties.lines(vraag.begin, vraag.eind, vraag.partijen) > LINES_BESIDE:
        raise WrongUse("dit zijn te veel declaratieregels voor één keer; kies een kortere periode")


def made(
    store: SqlStore,
    kennis: Kennis,
    found: Iterator[Voorstel],
    vraag: Correctievraag,
    nummers: Berichtnummers,
    moment: datetime,
) -> Gemaakt:
    """The 323 of the first MOST corrections that would be granted, with all that cannot go in.

    It is judged on all that the store knows, by the rules of its side.  Raises WrongUse for numbers
    or a month that the message cannot have.
    """
    correcties, onmogelijk = dict[Hashable, Correctie](), list[Onmogelijk]()
    meer = False
    for one in found:
        if isinstance(one, Onmogelijk):
            onmogelijk.append(one)
            continue
        key = _claim_of(one)
        if (earlier := correcties.pop(key, None)) is not None:
            onmogelijk.append(Onmogelijk(earlier.bron, earlier.oud, _AGAIN))
        elif len(correcties) == MOST:
            meer = True
            break
        correcties[key] = one

    def beoordeel(body: bytes) -> Settlement:
        return judge_beforehand(Source([body], kennis.bytecap), moment, kennis, store)

    bericht = make(kennis, vraag.partijen, nummers, list(correcties.values()), beoordeel)
    return Gemaakt(bericht, [*onmogelijk, *bericht.onmogelijk], meer)


def _claim_of(one: Correctie) -> Hashable:
    """What may be claimed once (TR416): of a line that was refused twice the last counts."""
    return one.bron if one.toegekend or one.nieuw is None else one.nieuw.debetsleutel
