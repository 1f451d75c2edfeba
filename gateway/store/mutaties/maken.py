"""Makes a batch: every assignment that is chosen, what becomes of it, and why not.

Nothing leaves by it.  It is written some assignments at a time, so that nobody waits for it; one
that was not finished is never released.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.errors import NietToegestaan, WrongUse
from gateway.ledger.geld.maandplan import Prijzen
from gateway.ledger.mutaties.plan import NIEUW, Gepland, planned
from gateway.ledger.mutaties.waarde import Waarde, Waardering, counted_until, per_year
from gateway.ledger.mutaties.wijzen import soort_of
from gateway.messages.opdrachten import ToeTeWijzen
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.ports import Partijen
from gateway.records.masker import mask
from gateway.records.toewijzing import ToegewezenProduct
from gateway.store.bulk import insert_all
from gateway.store.engine import Database, insert_one
from gateway.store.geld.verplichtingen import stops_of
from gateway.store.inbox import Clock
from gateway.store.mutaties.keuze import KANDIDATEN, conditions
from gateway.store.mutaties.mutatie import Vraag
from gateway.store.mutaties.tables import (
    CONCEPT,
    OPMAAK,
    mutatie,
    mutatie_bericht,
    mutatie_jaar,
    mutatie_regel,
)
from gateway.store.mutaties.weigeren import Keus, Lezing, Weigeraar, Weigering
from gateway.store.noteren import Noteer, no_log
from gateway.store.rijen import toewijzing_of
from gateway.store.tables import partij, toewijzing
from gateway.toegang.wie import Bereik, Wie

MOST, AT_ONCE = 50_000, 1_000
# Nobody is still at work on a batch that was begun so long ago.
UNFINISHED_SECONDS = 86_400.0
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Kandidaat:
    """A frozen version of an assignment that was chosen."""

    id: int
    client: str
    product: ToegewezenProduct
    gestopt: date | None


@dataclass(slots=True)
class Som:
    """What the assignments of a batch come to, in eurocents, in whole and per year.

    `zonder_bedrag` counts those of which a month that changes has no known price.
    """

    voor: int = 0
    na: int = 0
    verschil: int = 0
    zonder_bedrag: int = 0
    jaren_voor: Counter[int] = field(default_factory=Counter)
    jaren_na: Counter[int] = field(default_factory=Counter)

    def add(self, waarde: Waarde) -> None:
        """Count one in."""
        before, after = sum(waarde.voor.values()), sum(waarde.na.values())
        self.zonder_bedrag += not waarde.is_bekend
        self.voor += before
        self.na += after
        self.verschil += abs(after - before)
        self.jaren_voor.update(per_year(waarde.voor))
        self.jaren_na.update(per_year(waarde.na))


class Maker:
    """Makes batches in a store."""

    def __init__(self, database: Database, clock: Clock, lezing: Lezing) -> None:
        self._database = database
        self._clock = clock
        self._weigeraar = Weigeraar(database, clock, lezing)

    def make(
        self,
        bereik: Bereik,
        wie: Wie,
        vraag: Vraag,
        overeenkomsten: Overeenkomsten,
        noteer: Noteer = no_log,
    ) -> int:
        """Freeze what is chosen; returns the number of the batch.

        Raises NietToegestaan for a municipality that may not be seen, and WrongUse where nothing is
        chosen or too much.
        """
        _check(bereik, vraag)
        vandaag = dag_van(self._clock())
        wanted = conditions(vraag.keuze, vraag.wijze, vandaag, _products(vraag, overeenkomsten))
        keus = Keus(bereik, wanted, vraag.wijze, vandaag)
        partijen = self._partijen(vraag, wanted)
        nummer = self._begin(bereik, wie, vraag)
        som, tot = Som(), counted_until(vraag.wijze, vandaag)
        waardering = Waardering(
            Prijzen(overeenkomsten), vraag.wijze, vraag.gemeente, vraag.wet, tot
        )
        for partij_id, own in partijen:
            for some in self._candidates(vraag, partij_id, wanted):
                refused = self._weigeraar.refusals(keus, own, {one.client for one in some})
                rows: list[dict[str, Any]] = []
                for one in some:
                    een = _seen(one, planned(vraag.wijze, one.product, vandaag), waardering)
                    weigering = refused.get(one.product.toewijzingnummer)
                    if weigering is None:
                        som.add(een.waarde)
                    rows += _rows(nummer, own, een, weigering)
                with self._database.writing(bereik.scope) as connection:
                    insert_all(connection, mutatie_regel, rows)
        self._end(bereik, nummer, som, noteer)
        return nummer

    def _partijen(
        self, vraag: Vraag, wanted: Sequence[sa.ColumnElement[bool]]
    ) -> list[tuple[int, Partijen]]:
        """Between whom the chosen assignments are, in order; counts them first."""
        query = (
            sa.select(partij.c.id, partij.c.aanbieder, sa.func.count().label("aantal"))
            .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
            .where(*_of(vraag), *wanted)
            .group_by(partij.c.id, partij.c.aanbieder)
            .order_by(partij.c.id)
        )
        with self._database.long_snapshot(vraag.gemeente) as connection:
            rows = connection.execute(query).all()
        total = sum(row.aantal for row in rows)
        if not total:
            raise WrongUse("er is geen toewijzing die u zo kunt wijzigen; kijk uw keuze na")
        if total > MOST:
            raise WrongUse(f"dit zijn {total} toewijzingen; kies er hoogstens {MOST} tegelijk")
        return [(row.id, Partijen(vraag.gemeente, vraag.wet, row.aanbieder)) for row in rows]

    def _candidates(
        self, vraag: Vraag, partij_id: int, wanted: Sequence[sa.ColumnElement[bool]]
    ) -> Iterator[Sequence[Kandidaat]]:
        last = 0
        own = KANDIDATEN.where(*_of(vraag), toewijzing.c.partij_id == partij_id, *wanted)
        query = own.order_by(toewijzing.c.id).limit(AT_ONCE)
        while True:
            with self._database.snapshot(vraag.gemeente) as connection:
                rows = connection.execute(query.where(toewijzing.c.id > last)).all()
                if not rows:
                    return
                products = [toewijzing_of(row[3:]) for row in rows]
                numbers = [one.toewijzingnummer for one in products]
                stops = stops_of(connection, partij_id, numbers)
            yield [
                Kandidaat(row[0], row[1], one, stops.get(one.toewijzingnummer))
                for row, one in zip(rows, products, strict=True)
            ]
            last = rows[-1][0]

    def _begin(self, bereik: Bereik, wie: Wie, vraag: Vraag) -> int:
        row: dict[str, Any] = {
            "gemeente": vraag.gemeente,
            "wet": vraag.wet,
            "naam": mask(vraag.naam.strip()),
            "soort": soort_of(vraag.wijze),
            "wijze": msgspec.json.encode(vraag.wijze).decode(),
            "keuze": msgspec.json.encode(vraag.keuze).decode(),
            "staat": OPMAAK,
            "wie": wie.kenmerk,
            "door": wie.naam,
            "gemaakt_at": self._clock().timestamp(),
            "per_minuut": vraag.per_minuut,
        }
        counts = ("toewijzingen", "geweigerd", "clienten", "berichten")
        amounts = ("voor", "na", "verschil", "zonder_bedrag")
        with self._database.writing(bereik.scope) as connection:
            forget_unfinished(connection, row["gemaakt_at"] - UNFINISHED_SECONDS)
            return insert_one(connection, mutatie, row | dict.fromkeys((*counts, *amounts), 0))

    def _end(self, bereik: Bereik, nummer: int, som: Som, noteer: Noteer) -> None:
        """Put the messages down and tell what it comes to; from here on it can be released."""
        with self._database.writing(bereik.scope) as connection:
            connection.execute(_BERICHTEN, {"welke": nummer})
            counts = connection.execute(_COUNTS, {"welke": nummer}).one()._asdict()
            jaren = sorted({*som.jaren_voor, *som.jaren_na})
            if jaren:
                rows = [
                    {
                        "mutatie_id": nummer,
                        "jaar": jaar,
                        "voor": som.jaren_voor[jaar],
                        "na": som.jaren_na[jaar],
                    }
                    for jaar in jaren
                ]
                insert_all(connection, mutatie_jaar, rows)
            told = {
                "voor": som.voor,
                "na": som.na,
                "verschil": som.verschil,
                "zonder_bedrag": som.zonder_bedrag,
                "staat": CONCEPT,
            }
            change = sa.update(mutatie).where(mutatie.c.id == nummer)
            connection.execute(change.values(**counts, **told))
            noteer(connection, nummer)


def _check(bereik: Bereik, vraag: Vraag) -> None:
    if not vraag.gemeenten <= bereik.gemeenten:
        raise NietToegestaan("u wijzigt alleen toewijzingen van gemeenten waarvoor u werkt")
    if len(vraag.gemeenten) == 1 and soort_of(vraag.wijze) == "herindeling":
        raise WrongUse("kies bij een herindeling een andere gemeente dan de huidige")
    if not 0 < len(vraag.naam.strip()) <= LONGEST_NAME:
        raise WrongUse(f"geef een naam van 1 tot en met {LONGEST_NAME} tekens")


def _products(vraag: Vraag, overeenkomsten: Overeenkomsten) -> frozenset[str] | None:
    """The product codes of the agreement that is chosen; None where none is."""
    naam = vraag.keuze.overeenkomst
    if naam is None:
        return None
    found = {code for wet, code in overeenkomsten.products_of(naam) if wet == vraag.wet}
    if not found:
        raise WrongUse(f"er is geen overeenkomst {naam} met producten onder deze wet")
    return frozenset(found)


def _of(vraag: Vraag) -> tuple[sa.ColumnElement[bool], ...]:
    return (partij.c.gemeente == vraag.gemeente, partij.c.wet == vraag.wet)


class _Een(NamedTuple):
    """A candidate with what becomes of it, and what that comes to."""

    kandidaat: Kandidaat
    gepland: Gepland
    waarde: Waarde

    def bedrag(self, maanden: Mapping[int, int]) -> int | None:
        """An amount of it in eurocents, None where that is not known."""
        return sum(maanden.values()) if self.waarde.is_bekend else None


def _seen(kandidaat: Kandidaat, gepland: Gepland, waardering: Waardering) -> _Een:
    return _Een(kandidaat, gepland, waardering.of(gepland, kandidaat.gestopt))


def _rows(
    nummer: int, partijen: Partijen, een: _Een, weigering: Weigering | None
) -> Iterator[dict[str, Any]]:
    """The rows of one assignment: what becomes of it here, and elsewhere where it goes on there."""
    kandidaat, gepland, waarde = een
    before = een.bedrag(waarde.voor)
    row = {
        "mutatie_id": nummer,
        "gemeente": partijen.gemeente,
        "wet": partijen.wet,
        "aanbieder": partijen.aanbieder,
        "bsn_hash": kandidaat.client,
        "toewijzing_id": kandidaat.id,
        "toewijzingnummer": gepland.was.toewijzingnummer,
        "deel": 0,
        "inhoud": "[]",
        "regel": None,
        "weigering": None,
        "voor": before,
        "na": before,
    }
    if weigering is not None:
        yield row | {"regel": weigering[0], "weigering": weigering[1]}
        return
    here = [gepland.versie] if gepland.is_elders else [gepland.versie, gepland.nieuw]
    yield row | {"inhoud": _asked(here), "na": een.bedrag(waarde.hier)}
    if gepland.is_elders:
        yield row | {
            "gemeente": gepland.gemeente or partijen.gemeente,
            "aanbieder": gepland.aanbieder or partijen.aanbieder,
            "deel": 1,
            "inhoud": _asked([gepland.nieuw]),
            "voor": een.bedrag({}),
            "na": een.bedrag(waarde.elders),
        }


def _asked(producten: Sequence[ToegewezenProduct | None]) -> str:
    """What is asked for assignments, as an opdracht has it."""
    told = [_asked_of(one) for one in producten if one is not None]
    return msgspec.json.encode(told).decode()


def _asked_of(one: ToegewezenProduct) -> dict[str, Any]:
    asked = ToeTeWijzen(
        toewijzingnummer=None if one.toewijzingnummer == NIEUW else one.toewijzingnummer,
        ingangsdatum=one.ingangsdatum,
        einddatum=one.einddatum,
        productcategorie=one.productcategorie,
        productcode=one.productcode,
        reden_wijziging=one.reden_wijziging,
        volume=one.volume,
        eenheid=one.eenheid,
        frequentie=one.frequentie,
        budget=one.budget,
        commentaar=one.commentaar,
    )
    told: dict[str, Any] = msgspec.to_builtins(asked)
    return {name: value for name, value in told.items() if value is not None}


_WELKE: sa.BindParameter[int] = sa.bindparam("welke", type_=sa.BigInteger)
_R = mutatie_regel.c
_SENT = (_R.mutatie_id == _WELKE, _R.weigering.is_(None))
_KEYS = (_R.mutatie_id, _R.gemeente, _R.wet, _R.aanbieder, _R.bsn_hash)
# What ends goes before what begins elsewhere.
_BERICHTEN = sa.insert(mutatie_bericht).from_select(
    ["mutatie_id", "gemeente", "wet", "aanbieder", "bsn_hash"],
    sa.select(*_KEYS)
    .where(*_SENT)
    .group_by(*_KEYS)
    .order_by(sa.func.min(_R.deel), sa.func.min(_R.id)),
)
_OF_BATCH = sa.select(sa.func.count()).where(_R.mutatie_id == _WELKE, _R.deel == 0)
_COUNTS = sa.select(
    _OF_BATCH.scalar_subquery().label("toewijzingen"),
    _OF_BATCH.where(_R.weigering.is_not(None)).scalar_subquery().label("geweigerd"),
    sa.select(sa.func.count(sa.distinct(_R.bsn_hash)))
    .where(*_SENT)
    .scalar_subquery()
    .label("clienten"),
    sa.select(sa.func.count())
    .where(mutatie_bericht.c.mutatie_id == _WELKE)
    .scalar_subquery()
    .label("berichten"),
)


def forget_unfinished(connection: Connection, voor: float) -> int:
    """Remove batches that were begun before a moment and never finished; returns how many."""
    gone = connection.scalars(
        sa.select(mutatie.c.id).where(mutatie.c.staat == OPMAAK, mutatie.c.gemaakt_at < voor)
    ).all()
    for table in (mutatie_regel, mutatie_bericht, mutatie_jaar):
        connection.execute(sa.delete(table).where(table.c.mutatie_id.in_(gone)))
    connection.execute(sa.delete(mutatie).where(mutatie.c.id.in_(gone)))
    return len(gone)
