"""Messages that died in a queue, as far as somebody may see them, by why that was.

Who looks takes all of them in hand for a moment, so it is done aside and not for every page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.http.verzoek import Verzoek
from gateway.store.herstel import Gevonden, Vraag
from gateway.store.terugzetten import Doodbak

DOOD = "dood"
HOUDBAAR, WACHT = timedelta(seconds=30), 1.0


@dataclass(frozen=True, slots=True)
class Doodgroep:
    """Dead messages with one reason; `sinds` is when the first died, None where nobody knows."""

    reden: str
    aantal: int
    sinds: datetime | None


def groepen(verzoek: Verzoek) -> Sequence[Doodgroep] | None:
    """All of them by their reason; None where they cannot be read now."""
    if verzoek.omgeving.doodbak is None:
        return []

    def find() -> Sequence[Gevonden]:
        with _opened(verzoek) as doodbak:
            return list(doodbak.find())

    taken = verzoek.omgeving.taken
    found = taken.cijfers(DOOD, DOOD, find, houdbaar=HOUDBAAR, wacht=WACHT)
    if found is None:
        return None
    by_reason: dict[str, list[Gevonden]] = {}
    for one in found.uitkomst:
        if _is_seen(verzoek, one):
            by_reason.setdefault(one.reden, []).append(one)
    return [
        Doodgroep(reden, len(own), min((one.op for one in own if one.op), default=None))
        for reden, own in sorted(by_reason.items())
    ]


def terug_te_zetten(verzoek: Verzoek, reden: str, tot: datetime) -> Sequence[Gevonden]:
    """Those with one reason that had died by a moment and may be seen."""
    if verzoek.omgeving.doodbak is None:
        return []
    with _opened(verzoek) as doodbak:
        return [
            one
            for one in doodbak.find()
            if one.reden == reden and (one.op is None or one.op <= tot) and _is_seen(verzoek, one)
        ]


def vraag_naar(chosen: Sequence[Gevonden]) -> Vraag:
    """Means exactly these, whatever died since."""
    return Vraag(
        bronnen=frozenset({one.bron for one in chosen}),
        sleutels=frozenset(str(one.sleutel) for one in chosen),
    )


def _is_seen(verzoek: Verzoek, one: Gevonden) -> bool:
    """What is of no municipality that is served is seen by who sees all of those."""
    own = verzoek.bereik.gemeenten
    return one.gemeente in own or own >= verzoek.omgeving.bediend


@contextmanager
def _opened(verzoek: Verzoek) -> Iterator[Doodbak]:
    assert verzoek.omgeving.doodbak is not None  # noqa: S101 - for mypy
    with closing(verzoek.omgeving.doodbak()) as doodbak:
        yield doodbak
