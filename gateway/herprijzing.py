"""Re-prices granted lines over the store: by a proposal, or by the agreements in use.

A report for who changes prices after the fact: per provider what it should credit and claim anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.config import Settings
from gateway.errors import CouldNotFinish
from gateway.kennisbron import Kennisbron, Kennisparen
from gateway.ledger.correctie.regels import Correctie
from gateway.ledger.correctie.totaal import Totalen
from gateway.pipeline.correctie.herprijzing import (
    DoeHerprijzing,
    Herprijsd,
    Herprijsuitkomst,
    Herprijsvraag,
)
from gateway.pipeline.correctie.vraag import Reden, Wijze
from gateway.pipeline.correctie.zoeker import Zoeker
from gateway.pipeline.ports import Beoordeeld
from gateway.pipeline.prijzen import Prijzen
from gateway.pipeline.proef import Meld
from gateway.store.store import SqlStore
from gateway.werk.correctie import now_at

# So many lines are kept for a page and its file, and so long may one run of it take.
KEPT, SECONDS = 10_000, 900


@dataclass(slots=True)
class Herprijzing:
    """One run; `declaraties` counts what was looked at, `niet_geraakt` what could not change."""

    paren: Kennisparen
    totalen: Totalen = field(default_factory=Totalen)
    declaraties: int = 0
    niet_geraakt: int = 0

    def run(
        self,
        store: SqlStore,
        begin: date,
        eind: date,
        moment: datetime,
        gemeenten: Set[str] | None = None,
        seen: Callable[[int], None] = lambda _: None,
    ) -> Iterator[Herprijsd]:
        """Every granted line with another right price by the proposal, in order of receipt.

        `seen` hears how many Declaraties were looked at, and may raise to have it end.
        """
        zoeker = Zoeker(Wijze(reden=Reden.TARIEF), self._prices)
        ids = {one.id for one in self.paren.voorstel}
        for group in store.declaraties.judged(begin, eind, gemeenten):
            seen(self.declaraties)
            self.declaraties += len(group)
            touched = [one for one in group if self.paren.of(one.kennis).touches(one.partijen)]
            self.niet_geraakt += len(group) - len(touched)
            if not touched:
                continue
            with store.reading() as facts_of:
                facts = facts_of(now_at(moment))
                for beoordeeld in touched:
                    for one in zoeker.of(beoordeeld, facts):
                        if isinstance(one, Correctie) and one.overeenkomst in ids:
                            partijen = beoordeeld.partijen
                            self.totalen.add(partijen.aanbieder, partijen.gemeente, one)
                            yield Herprijsd(partijen, one)

    def _prices(self, beoordeeld: Beoordeeld) -> tuple[Prijzen, Prijzen]:
        partijen, dag = beoordeeld.partijen, beoordeeld.header.dagtekening
        paar = self.paren.of(beoordeeld.kennis)
        return (
            Prijzen(paar.voor.overeenkomsten, partijen, dag),
            Prijzen(paar.na.overeenkomsten, partijen, dag),
        )


def herprijzing_of(settings: Settings, store: SqlStore, proposal: Path) -> Herprijzing:
    """A run with a proposal; raises WrongUse for one that no start would take."""
    return Herprijzing(Kennisparen(Kennisbron(settings, store.bewaard), proposal, frozenset()))


def doe_herprijzing_of(
    settings: Settings, store: SqlStore, clock: Callable[[], datetime]
) -> DoeHerprijzing:
    """The run as the pages ask for it."""

    def doe(vraag: Herprijsvraag, meld: Meld) -> Herprijsuitkomst:
        with TemporaryDirectory(prefix="gateway-herprijzing-") as folder:
            for naam, inhoud in vraag.bestanden:
                (Path(folder) / naam).write_bytes(inhoud)
            return _run(
                herprijzing_of(settings, store, Path(folder)), store, vraag, (clock(), meld)
            )

    return doe


def _run(
    run: Herprijzing, store: SqlStore, vraag: Herprijsvraag, to: tuple[datetime, Meld]
) -> Herprijsuitkomst:
    moment, meld = to
    shown, until = list[Herprijsd](), time.monotonic() + SECONDS
    total = store.declaraties.count(vraag.begin, vraag.eind, vraag.gemeenten)

    def seen(declaraties: int) -> None:
        meld(declaraties, total)
        if time.monotonic() > until:
            raise CouldNotFinish("dit duurt te lang; kies een kortere periode")

    for one in run.run(store, vraag.begin, vraag.eind, moment, vraag.gemeenten, seen):
        if len(shown) < KEPT:
            shown.append(one)
    return Herprijsuitkomst(vraag, run.totalen, run.declaraties, run.niet_geraakt, shown)
