"""Lays a production statement beside the ledger: one pass over the lines of the provider."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.ledger.jaareinde.opgave import PER_REGEL
from gateway.ledger.jaareinde.verantwoording import (
    Boekstand,
    Opgegeven,
    Verschil,
    explained,
)
from gateway.periods.verdelen import per_year
from gateway.records.declaratie import GRANTED, Prestatie
from gateway.records.masker import mask_own
from gateway.store.engine import AT_ONCE, rows_of
from gateway.store.jaareinde import vragen
from gateway.store.jaareinde.vragen import Jaarvraag
from gateway.store.ledger_balances import NUMMERS, P

Plain = Sequence[Any]
# Where the Bsn stands in a row of `vragen.by_key`.
BSN = 11


@dataclass(frozen=True, slots=True)
class Indeling:
    """By what a statement tells: lines, or assignments with or without their product."""

    per: str
    met_product: bool

    @property
    def volgorde(self) -> Sequence[Any]:
        """The columns by which lines of one key stand behind each other."""
        if self.per == PER_REGEL:
            return (sa.func.coalesce(P.vorig_referentienummer, P.referentienummer),)
        return (P.toewijzingnummer, P.productcode) if self.met_product else (P.toewijzingnummer,)

    def of(self, referentie: str, vorig: str | None, nummer: int, product: str) -> str:
        """The key of a line; a credit has that of its debet."""
        if self.per == PER_REGEL:
            return vorig or referentie
        return f"{nummer}/{product}" if self.met_product else f"{nummer}"


@dataclass(slots=True)
class Vergelijker:
    """Compares; afterwards `toegekend` is what was granted to the provider for the year."""

    connection: Connection
    vraag: Jaarvraag
    indeling: Indeling
    laat_vanaf: float
    open_: Mapping[str, int]
    toegekend: int = 0
    _left: dict[str, Opgegeven] = field(default_factory=dict)

    def run(self, opgegeven: Mapping[str, Opgegeven]) -> Iterator[Verschil]:
        """Every part of the difference between what is told and what was granted."""
        self._left = dict(opgegeven)
        rows = rows_of(self.connection, vragen.by_key(self.vraag, self.indeling.volgorde))
        for sleutel, lines in groupby(rows, key=lambda row: self.indeling.of(*_key_parts(row))):
            group = list(lines)
            stand = self._stand(sleutel, group)
            self.toegekend += stand.toegekend
            told = self._told(sleutel, group)
            # A number that a provider made of the Bsn of its client is kept without it.
            yield from explained(mask_own(sleutel, group[0][BSN]), told, stand)
        yield from self._unbooked()

    def _told(self, sleutel: str, group: Sequence[Plain]) -> Opgegeven | None:
        """What a statement tells of a key, also under the numbers of credits."""
        found = self._left.pop(sleutel, None)
        if self.indeling.per != PER_REGEL:
            return found
        for row in group:
            credit = self._left.pop(row[0], None) if row[1] is not None else None
            if credit is not None:
                known = found or Opgegeven(0)
                found = Opgegeven(known.bedrag + credit.bedrag, known.dubbel + credit.dubbel)
        return found

    def _stand(self, sleutel: str, group: Sequence[Plain]) -> Boekstand:
        granted = {_claim(row) for row in group if row[8] == GRANTED and row[7] > 0}
        found = dict.fromkeys(("toegekend", "laat", "afgewezen", "ander_jaar", "gecrediteerd"), 0)
        codes: set[str] = set()
        for row in group:
            parts = per_year(row[7], row[5], row[6])
            here = parts.get(self.vraag.jaar, 0)
            if row[8] == GRANTED:
                found["toegekend"] += here
                found["ander_jaar"] += sum(parts.values()) - here
                found["gecrediteerd"] += max(-here, 0)
                late = row[10] is not None and row[10] >= self.laat_vanaf
                found["laat"] += here if late else 0
            elif row[7] > 0 and _claim(row) not in granted:
                found["afgewezen"] += here
                codes.update(row[9].split())
        return Boekstand(**found, open=self.open_.get(sleutel, 0), codes=frozenset(codes))

    def _unbooked(self) -> Iterator[Verschil]:
        """What is told and is nowhere in the ledger; some of it may wait for its answer."""
        rest = iter(sorted(self._left.items()))
        while chunk := list(islice(rest, AT_ONCE)):
            known = self._known(one.toewijzingnummer for _, one in chunk)
            for sleutel, told in chunk:
                waits = self.open_.get(sleutel)
                stand = None if waits is None else Boekstand(open=waits)
                nummer = told.toewijzingnummer
                is_known = nummer is None or nummer in known
                yield from explained(sleutel, told, stand, is_known=is_known)

    def _known(self, nummers: Iterable[int | None]) -> set[int]:
        asked = sorted({one for one in nummers if one is not None})
        if not asked:
            return set()
        query = vragen.known_numbers(self.vraag)
        return set(self.connection.scalars(query, {NUMMERS: asked}))


def open_by_key(regels: Iterable[tuple[Prestatie, int]], indeling: Indeling) -> dict[str, int]:
    """What has no answer yet by the keys of a statement; credits undo nothing yet."""
    found: dict[str, int] = {}
    for one, in_jaar in regels:
        if in_jaar > 0:
            sleutel = indeling.of(
                one.referentienummer,
                one.vorig_referentienummer,
                one.toewijzingnummer,
                one.productcode,
            )
            found[sleutel] = found.get(sleutel, 0) + in_jaar
    return found


def _key_parts(row: Plain) -> tuple[str, str | None, int, str]:
    return row[0], row[1], row[2], row[4]


def _claim(row: Plain) -> tuple[Any, ...]:
    """What a line claims: number, product and period (TR389)."""
    return tuple(row[2:7])
