"""Runs a replay over the store: for the command and for the pages."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.config import Settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.kennisbron import Kennisbron, Kennisparen
from gateway.pipeline.beoordeling import UNKNOWN
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.ports import Beoordeeld
from gateway.pipeline.proef import (
    DoeProef,
    Meld,
    Omslag,
    Proefuitkomst,
    Proefvraag,
    Vervanging,
)
from gateway.pipeline.replay import Replay, Verandering
from gateway.pipeline.stages import stages_of
from gateway.records.batch import Declaratiebatch
from gateway.store.store import SqlStore

# The Client is judged by this one too, and a Client's lines are never judged without it.
OVER_CLIENT = "TR304"
# So many lines that flip are listed on a page, and so long may one run of it take.
OMSLAGEN, SECONDS = 200, 900


def paren_of(
    settings: Settings, store: SqlStore, proposal: Path | None, zonder: Set[str]
) -> Kennisparen:
    """What was judged with and what is judged with now.

    Raises WrongUse for a proposal that no start would take, and for a code that judges no lines.
    """
    bron = Kennisbron(settings, store.bewaard)
    for code in sorted(zonder - _may_be_left_out(bron.base)):
        raise WrongUse(
            f"--without {code}: dit is geen regel of controle die een declaratieregel op niveau 3 "
            "of 4 beoordeelt"
        )
    return Kennisparen(bron, proposal, zonder)


def changed_in(
    store: SqlStore, group: Sequence[Beoordeeld], replay: Replay
) -> Iterator[tuple[Beoordeeld, Sequence[Verandering]]]:
    """Every message of a group with its lines that change, all facts read from one state."""
    with store.reading() as facts_of:
        for beoordeeld in group:
            yield beoordeeld, list(replay.take(beoordeeld, facts_of(beoordeeld.claim)))


def replaced_by(paren: Kennisparen) -> Sequence[Vervanging]:
    """The agreements of the proposal, with the versions that they replace."""
    old: dict[str, list[str]] = {}
    for naam, versie in sorted(paren.vervangen):
        old.setdefault(naam, []).append(versie)
    return [Vervanging(one.id, one.versie, old.get(one.id, [])) for one in paren.voorstel]


def proef_of(settings: Settings, store: SqlStore) -> DoeProef:
    """The run as the pages ask for it."""

    def doe(vraag: Proefvraag, meld: Meld) -> Proefuitkomst:
        with TemporaryDirectory(prefix="gateway-proef-") as folder:
            file = Path(folder) / "voorstel.toml"
            file.write_bytes(vraag.voorstel)
            return _run(store, paren_of(settings, store, file, frozenset()), vraag, meld)

    return doe


def _run(store: SqlStore, paren: Kennisparen, vraag: Proefvraag, meld: Meld) -> Proefuitkomst:
    replay, omslagen, until = Replay(paren.of), list[Omslag](), time.monotonic() + SECONDS
    total = store.declaraties.count(vraag.begin, vraag.eind, vraag.gemeenten)
    for group in store.declaraties.judged(vraag.begin, vraag.eind, vraag.gemeenten):
        for beoordeeld, changes in changed_in(store, group, replay):
            turned = [one for one in changes if one.is_omgeslagen]
            omslagen += _omslagen(beoordeeld, turned[: OMSLAGEN - len(omslagen)])
        meld(replay.effect.declaraties, total)
        if time.monotonic() > until:
            raise CouldNotFinish("dit duurt te lang; kies een kortere periode")
    replay.effect.reconcile()
    return Proefuitkomst(
        vraag=vraag,
        voorstel=replaced_by(paren),
        effect=replay.effect,
        steekproef=replay.steekproef,
        omslagen=omslagen,
    )


def _omslagen(beoordeeld: Beoordeeld, changes: Sequence[Verandering]) -> Iterator[Omslag]:
    nummer = beoordeeld.declaratie.declaratienummer
    for one in changes:
        yield Omslag(beoordeeld.claim.inbox_id, beoordeeld.partijen, nummer, one)


def _may_be_left_out(kennis: Kennis) -> frozenset[str]:
    """What judges lines of an invoice that was let through before them."""
    rules = {
        code
        for kind in kennis.types.all()
        if kind.nummer == "323"
        for stage in stages_of(kind, ("Prestatie", "Omvang"), 3)
        for code in stage.rules
    }
    checks = {one.code for one in kennis.checks.values() if Declaratiebatch in one.over}
    return frozenset((rules - {OVER_CLIENT}) | checks | {UNKNOWN})
