"""Keeps what providers tell of a year, what differs from the ledger, and what was decided on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import NietGevonden, WrongUse
from gateway.ledger.jaareinde.instellingen import Instellingen
from gateway.ledger.jaareinde.opgave import PER_REGEL, Opgave, Opgaveregel, as_told
from gateway.ledger.jaareinde.verantwoording import Verschil
from gateway.records.masker import mask
from gateway.store.bulk import insert_all
from gateway.store.engine import Database, insert_one, rows_of
from gateway.store.ggm.merk import marked
from gateway.store.inbox import Clock
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.jaareinde.bron import last_message, late_from
from gateway.store.jaareinde.openstaand import Lees, Openstaand
from gateway.store.jaareinde.tables import jaarverschil, verantwoording, verantwoordingsregel
from gateway.store.jaareinde.vergelijken import Indeling, Vergelijker, open_by_key
from gateway.store.jaareinde.vragen import Jaarvraag
from gateway.store.noteren import Noteer
from gateway.store.tables import partij
from gateway.toegang.wie import Bereik, Wie

ONTVANGEN, AKKOORD, BETWIST = "ontvangen", "akkoord", "betwist"
LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bestand:
    """The file of a statement: its name and sha-256."""

    naam: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verantwoording:
    """A statement as it stands; amounts in eurocents.

    `toegekend` is what was granted at the last comparison, None while there was none.
    """

    nummer: int
    gemeente: str
    jaar: int
    aanbieder: str
    ontvangen: datetime
    door: str
    bestand: str
    sha256: str
    per: str
    regels: int
    bedrag: int
    vergeleken: datetime | None
    toegekend: int | None
    staat: str
    toelichting: str
    beoordeeld_door: str | None

    @property
    def verschil(self) -> int | None:
        """What the provider tells more than was granted, below zero less."""
        return None if self.toegekend is None else self.bedrag - self.toegekend


@dataclass(frozen=True, slots=True)
class Verschilsoort:
    """The differences with one explanation: how many, and what they come to (eurocents)."""

    soort: str
    aantal: int
    bedrag: int


@dataclass(frozen=True, slots=True)
class Verschilrij:
    """A difference as it is kept; `nr` counts them within the comparison."""

    nr: int
    verschil: Verschil


# Lays a statement beside the ledger as it is now, with the settings of the installation.
DoeVergelijking = Callable[[Bereik, int, Noteer], Verantwoording]


class Verantwoordingen:
    """Takes statements in, compares them and decides on them, within what somebody may see.

    `noteer` writes who did it in the log of processing.  Raises NietGevonden for what is not there.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take_in(
        self,
        wie: Wie,
        plaats: tuple[str, int, str],
        opgave: Opgave,
        bestand: Bestand,
        noteer: Noteer,
    ) -> int:
        """Keep a statement of (municipality, year, provider), in the place of an earlier one.

        Raises WrongUse for a provider that is not known, and for the file that counts already.
        """
        gemeente, jaar, aanbieder = plaats
        own = (
            verantwoording.c.gemeente == gemeente,
            verantwoording.c.jaar == jaar,
            verantwoording.c.aanbieder == aanbieder,
            verantwoording.c.vervallen == 0,
        )
        with self._database.writing(gemeente) as connection:
            _refuse_unknown(connection, gemeente, aanbieder)
            before = connection.execute(sa.select(verantwoording).where(*own)).one_or_none()
            if before is not None and before.sha256 == bestand.sha256:
                raise WrongUse(f"dit bestand is al ingelezen als verantwoording {before.id}")
            connection.execute(sa.update(verantwoording).where(*own).values(vervallen=1))
            row = {
                "gemeente": gemeente,
                "jaar": jaar,
                "aanbieder": aanbieder,
                "ontvangen_at": self._now(),
                "door": wie.naam,
                "bestand": mask(bestand.naam),
                "sha256": bestand.sha256,
                "per": _per(opgave),
                "regels": len(opgave.regels),
                "bedrag": opgave.bedrag,
                "vervallen": 0,
                "staat": ONTVANGEN,
                "toelichting": "",
            }
            nummer = insert_one(connection, verantwoording, row)
            kept = {"verantwoording_id": nummer, "gemeente": gemeente}
            rows = [{**kept, **one._asdict()} for one in opgave.regels]
            insert_all(connection, verantwoordingsregel, rows)
            noteer(connection, nummer)
        return nummer

    def compare(
        self,
        bereik: Bereik,
        nummer: int,
        instellingen: Instellingen,
        codes: Sequence[str],
        lees: Lees,
        noteer: Noteer,
    ) -> Verantwoording:
        """Lay a statement beside the ledger as it is now, and keep every difference.

        A decision on it stands as long as the amounts do.
        """
        een = self.get(bereik, nummer)
        with marked(self._database) as (connection, merk):
            self._database.scope(connection, een.gemeente)
            vraag = Jaarvraag(een.gemeente, een.jaar, merk, last_message(connection), een.aanbieder)
            indeling = Indeling(*_indeling(een.per))
            open_ = Openstaand(self._database, connection, vraag, codes, lees)
            waits = open_by_key(((one.prestatie, one.in_jaar) for one in open_.regels()), indeling)
            vergelijker = Vergelijker(
                connection, vraag, indeling, late_from(instellingen, een.jaar), waits
            )
            told = as_told(Opgave(indeling.per, self._regels(connection, nummer)))
            found = list(vergelijker.run(told))
        self._keep(een, found, vergelijker.toegekend, noteer)
        return self.get(bereik, nummer)

    def judge(
        self,
        bereik: Bereik,
        wie: Wie,
        nummer: int,
        staat: str,
        toelichting: str,
        noteer: Noteer,
    ) -> Verantwoording:
        """Agree with a statement, or dispute it; a reason is needed where something differs."""
        een, note = self.get(bereik, nummer), mask(toelichting.strip())
        if staat not in (AKKOORD, BETWIST):
            raise WrongUse(f"kies {AKKOORD} of {BETWIST}")
        if een.toegekend is None:
            raise WrongUse("vergelijk deze verantwoording eerst met het grootboek")
        if len(note) > LONGEST_NOTE or (not note and (een.verschil or staat == BETWIST)):
            raise WrongUse(f"schrijf een toelichting op, van hoogstens {LONGEST_NOTE} tekens")
        values = {
            "staat": staat,
            "toelichting": note,
            "beoordeeld_at": self._now(),
            "beoordeeld_door": wie.naam,
        }
        # What was compared again since has other amounts than who decides has seen.
        same = (
            verantwoording.c.id == nummer,
            verantwoording.c.vervallen == 0,
            verantwoording.c.toegekend == een.toegekend,
        )
        with self._database.writing(een.gemeente) as connection:
            changed = connection.execute(sa.update(verantwoording).where(*same).values(values))
            if changed.rowcount != 1:
                raise WrongUse("deze verantwoording is intussen vervangen of opnieuw vergeleken")
            noteer(connection)
        return self.get(bereik, nummer)

    def blad(
        self,
        bereik: Bereik,
        omvang: int,
        na: str | None = None,
        gemeente: str | None = None,
        jaar: int | None = None,
    ) -> Blad[Verantwoording]:
        """A page of the statements that count, the newest in front."""
        own = verantwoording.c
        query = sa.select(verantwoording).where(
            own.vervallen == 0, own.gemeente.in_(sorted(bereik.gemeenten))
        )
        if gemeente is not None:
            query = query.where(own.gemeente == gemeente)
        if jaar is not None:
            query = query.where(own.jaar == jaar)
        if na is not None:
            query = query.where(own.id < place_of(na, int)[0])
        query = query.order_by(own.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            return blad_of(connection.execute(query).all(), omvang, verantwoording_of, "id")

    def list(self, bereik: Bereik, gemeente: str, jaar: int) -> Sequence[Verantwoording]:
        """The statements that count, by provider."""
        query = (
            sa.select(verantwoording)
            .where(
                verantwoording.c.gemeente == gemeente,
                verantwoording.c.gemeente.in_(sorted(bereik.gemeenten)),
                verantwoording.c.jaar == jaar,
                verantwoording.c.vervallen == 0,
            )
            .order_by(verantwoording.c.aanbieder)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [verantwoording_of(row) for row in connection.execute(query)]

    def get(self, bereik: Bereik, nummer: int) -> Verantwoording:
        """One statement, if it counts."""
        query = sa.select(verantwoording).where(
            verantwoording.c.id == nummer,
            verantwoording.c.vervallen == 0,
            verantwoording.c.gemeente.in_(sorted(bereik.gemeenten)),
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NietGevonden("deze verantwoording bestaat niet, of er kwam een andere voor")
        return verantwoording_of(row)

    def soorten(self, bereik: Bereik, nummer: int) -> Sequence[Verschilsoort]:
        """The differences by their explanation, the largest in front."""
        query = (
            sa.select(
                jaarverschil.c.soort,
                sa.func.count(),
                sa.func.sum(jaarverschil.c.bedrag, type_=sa.BigInteger),
            )
            .where(*_own(bereik, nummer))
            .group_by(jaarverschil.c.soort)
        )
        with self._database.snapshot(bereik.scope) as connection:
            found = [
                Verschilsoort(row[0], row[1], int(row[2])) for row in connection.execute(query)
            ]
        return sorted(found, key=lambda one: (-abs(one.bedrag), one.soort))

    def verschillen(
        self, bereik: Bereik, nummer: int, omvang: int, na: str | None = None
    ) -> Blad[Verschilrij]:
        """A page of the differences, in the order of the comparison."""
        query = sa.select(jaarverschil).where(*_own(bereik, nummer))
        if na is not None:
            query = query.where(jaarverschil.c.nr > place_of(na, int)[0])
        page = query.order_by(jaarverschil.c.nr).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            return blad_of(connection.execute(page).all(), omvang, _rij_of, "nr")

    def _regels(self, connection: Connection, nummer: int) -> Sequence[Opgaveregel]:
        own = verantwoordingsregel.c
        query = (
            sa.select(own.nr, own.sleutel, own.toewijzingnummer, own.bedrag)
            .where(own.verantwoording_id == nummer)
            .order_by(own.nr)
        )
        return [Opgaveregel(*row) for row in rows_of(connection, query)]

    def _keep(
        self, een: Verantwoording, found: Sequence[Verschil], toegekend: int, noteer: Noteer
    ) -> None:
        own = {"verantwoording_id": een.nummer, "gemeente": een.gemeente}
        rows = [
            {
                **own,
                "nr": nr,
                **one._asdict(),
                "soort": one.soort.value,
                "codes": " ".join(one.codes),
            }
            for nr, one in enumerate(found, start=1)
        ]
        is_same = verantwoording.c.toegekend == toegekend
        values = {
            "vergeleken_at": self._now(),
            "toegekend": toegekend,
            "staat": sa.case((is_same, verantwoording.c.staat), else_=ONTVANGEN),
        }
        with self._database.writing(een.gemeente) as connection:
            # First, so that two comparisons at once come after each other.
            statement = sa.update(verantwoording).where(verantwoording.c.id == een.nummer)
            connection.execute(statement.values(values))
            mine = jaarverschil.c.verantwoording_id == een.nummer
            connection.execute(sa.delete(jaarverschil).where(mine))
            insert_all(connection, jaarverschil, rows)
            noteer(connection, een.nummer)

    def _now(self) -> float:
        return self._clock().timestamp()


def _refuse_unknown(connection: Connection, gemeente: str, aanbieder: str) -> None:
    query = sa.select(partij.c.id).where(
        partij.c.gemeente == gemeente, partij.c.aanbieder == aanbieder
    )
    if connection.execute(query).first() is None:
        raise WrongUse(f"aanbieder {aanbieder} is bij gemeente {gemeente} niet bekend")


def _per(opgave: Opgave) -> str:
    """By what a statement tells, in one word: an assignment with or without its product."""
    if opgave.per == PER_REGEL or opgave.met_product:
        return opgave.per
    return ZONDER_PRODUCT


ZONDER_PRODUCT = "nummer"


def _indeling(per: str) -> tuple[str, bool]:
    return ("toewijzing", False) if per == ZONDER_PRODUCT else (per, True)


def _own(bereik: Bereik, nummer: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        jaarverschil.c.verantwoording_id == nummer,
        jaarverschil.c.gemeente.in_(sorted(bereik.gemeenten)),
    )


def _rij_of(row: Any) -> Verschilrij:
    own: Mapping[str, Any] = row._mapping
    return Verschilrij(
        own["nr"],
        Verschil(
            mask(own["sleutel"]),
            own["soort"],
            int(own["bedrag"]),
            int(own["opgegeven"]),
            int(own["toegekend"]),
            tuple(own["codes"].split()),
        ),
    )


def verantwoording_of(row: Any) -> Verantwoording:
    """A statement from its row."""

    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    return Verantwoording(
        nummer=row.id,
        gemeente=row.gemeente,
        jaar=row.jaar,
        aanbieder=row.aanbieder,
        ontvangen=datetime.fromtimestamp(row.ontvangen_at, UTC),
        door=row.door,
        bestand=row.bestand,
        sha256=row.sha256,
        per=row.per,
        regels=row.regels,
        bedrag=row.bedrag,
        vergeleken=moment(row.vergeleken_at),
        toegekend=row.toegekend,
        staat=row.staat,
        toelichting=row.toelichting,
        beoordeeld_door=row.beoordeeld_door,
    )
