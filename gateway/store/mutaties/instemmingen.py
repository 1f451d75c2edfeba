"""The register of consents: what an aanbieder agreed to, who said so, and where that stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.answers.toekenning import BINNEN_DE_GELDIGHEID
from gateway.errors import NietGevonden, WrongUse
from gateway.pipeline.kennis import dag_van
from gateway.records.instemming import BUDGET, EINDDATUM, VOLUME, WAT
from gateway.records.masker import mask
from gateway.store.engine import Database, insert_one
from gateway.store.inbox import Clock
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.inzage.toewijzingen import STANDS_LAST
from gateway.store.mutaties.tables import instemming
from gateway.store.noteren import Noteer, no_log
from gateway.store.tables import partij, toewijzing
from gateway.toegang.wie import Bereik, Wie

LONGEST = {"door": 120, "bron": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vraag:
    """A consent that is put down; `niet_onder` in eurocents or units of volume, days inclusive.

    `door` is who said so at the aanbieder, `bron` where that can be read back, such as the number
    of a letter.  From `op` up to and including `tot` it may be used.
    """

    gemeente: str
    wet: str
    toewijzingnummer: int
    wat: str
    op: date
    door: str
    bron: str
    tot: date | None = None
    niet_onder: int | None = None
    niet_voor: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rij:
    """A consent as it stands; `client` is the fingerprint of his Bsn."""

    nummer: int
    vraag: Vraag
    aanbieder: str
    client: str
    wie: str
    gemaakt: datetime
    is_ingetrokken: bool


class Instemmingen:
    """Puts consents down and shows them, within what may be seen."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, bereik: Bereik, wie: Wie, vraag: Vraag, noteer: Noteer = no_log) -> int:
        """Put a consent down; raises WrongUse for what is not about an assignment that is there."""
        _check(bereik, vraag, dag_van(self._clock()))
        with self._database.writing(bereik.scope) as connection:
            of = _assignment(connection, vraag)
            row = {
                "gemeente": vraag.gemeente,
                "wet": vraag.wet,
                "aanbieder": of.aanbieder,
                "toewijzingnummer": vraag.toewijzingnummer,
                "bsn_hash": of.bsn_hash,
                "wat": vraag.wat,
                "niet_onder": vraag.niet_onder,
                "niet_voor": vraag.niet_voor,
                "op": vraag.op,
                "tot": vraag.tot,
                "door": mask(vraag.door.strip()),
                "bron": mask(vraag.bron.strip()),
                "wie": wie.kenmerk,
                "gemaakt_at": self._clock().timestamp(),
            }
            nummer = insert_one(connection, instemming, row)
            noteer(connection, nummer)
            return nummer

    def withdraw(self, bereik: Bereik, nummer: int, noteer: Noteer = no_log) -> None:
        """Have a consent count no longer; raises NietGevonden for none that counts."""
        change = (
            sa.update(instemming)
            .where(
                instemming.c.id == nummer,
                instemming.c.gemeente.in_(sorted(bereik.gemeenten)),
                instemming.c.ingetrokken_at.is_(None),
            )
            .values(ingetrokken_at=self._clock().timestamp())
        )
        with self._database.writing(bereik.scope) as connection:
            if connection.execute(change).rowcount != 1:
                raise NietGevonden("deze instemming bestaat niet of is al ingetrokken")
            noteer(connection)

    def een(self, bereik: Bereik, nummer: int) -> Rij:
        """One consent; raises NietGevonden for none that may be seen."""
        query = sa.select(instemming).where(
            instemming.c.id == nummer, instemming.c.gemeente.in_(sorted(bereik.gemeenten))
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NietGevonden("deze instemming bestaat niet")
        return _rij_of(row)

    def lijst(
        self,
        bereik: Bereik,
        omvang: int,
        na: str | None = None,
        toewijzingnummer: int | None = None,
    ) -> Blad[Rij]:
        """The consents, the newest in front; of one assignment where its number is given."""
        query = sa.select(instemming).where(instemming.c.gemeente.in_(sorted(bereik.gemeenten)))
        if toewijzingnummer is not None:
            query = query.where(instemming.c.toewijzingnummer == toewijzingnummer)
        if na is not None:
            query = query.where(instemming.c.id < place_of(na, int)[0])
        query = query.order_by(instemming.c.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            return blad_of(connection.execute(query).all(), omvang, _rij_of, "id")


def _check(bereik: Bereik, vraag: Vraag, vandaag: date) -> None:
    if vraag.gemeente not in bereik.gemeenten:
        raise WrongUse("u legt alleen instemmingen vast van gemeenten waarvoor u werkt")
    if vraag.wat not in WAT:
        raise WrongUse(f"kies waarmee is ingestemd: {', '.join(WAT)}")
    for naam, text in (("door", vraag.door), ("bron", vraag.bron)):
        if not 0 < len(text.strip()) <= LONGEST[naam]:
            raise WrongUse(f"vul bij {naam} 1 tot en met {LONGEST[naam]} tekens in")
    if vraag.op > vandaag:
        raise WrongUse("een instemming kan niet van na vandaag zijn")
    if vraag.tot is not None and vraag.tot < vraag.op:
        raise WrongUse("een instemming geldt niet tot een dag vóór zij er was")
    if vraag.niet_onder is not None and (vraag.niet_onder < 0 or vraag.wat not in (VOLUME, BUDGET)):
        raise WrongUse("een ondergrens hoort bij een volume of budget, en is niet onder nul")
    if vraag.niet_voor is not None and vraag.wat != EINDDATUM:
        raise WrongUse("een vroegste dag hoort bij een einddatum")


def _assignment(connection: Connection, vraag: Vraag) -> Any:
    """The latest version of the assignment; raises WrongUse where no consent can be about it."""
    given = {
        "gemeente": vraag.gemeente,
        "wet": vraag.wet,
        "nummer": vraag.toewijzingnummer,
    }
    row = connection.execute(_TOEWIJZING, given).first()
    if row is None:
        raise WrongUse(f"er is geen toewijzing {vraag.toewijzingnummer} van deze gemeente")
    if vraag.wat == VOLUME and row.frequentie != BINNEN_DE_GELDIGHEID:
        raise WrongUse(
            "de omvang van deze toewijzing kan onder hetzelfde nummer niet wijzigen; beëindig haar "
            "en geef een nieuwe"
        )
    if vraag.wat == BUDGET and row.budget is None:
        raise WrongUse("deze toewijzing heeft geen budget")
    return row


_TOEWIJZING = (
    sa.select(
        partij.c.aanbieder,
        toewijzing.c.bsn_hash,
        toewijzing.c.frequentie,
        toewijzing.c.budget,
    )
    .join_from(toewijzing, partij, partij.c.id == toewijzing.c.partij_id)
    .where(
        toewijzing.c.toewijzingnummer == sa.bindparam("nummer", type_=sa.BigInteger),
        toewijzing.c.gemeente == sa.bindparam("gemeente"),
        toewijzing.c.wet == sa.bindparam("wet"),
        *STANDS_LAST,
    )
)


def _rij_of(row: Any) -> Rij:
    vraag = Vraag(
        gemeente=row.gemeente,
        wet=row.wet,
        toewijzingnummer=row.toewijzingnummer,
        wat=row.wat,
        op=row.op,
        door=row.door,
        bron=row.bron,
        tot=row.tot,
        niet_onder=row.niet_onder,
        niet_voor=row.niet_voor,
    )
    return Rij(
        nummer=row.id,
        vraag=vraag,
        aanbieder=row.aanbieder,
        client=row.bsn_hash,
        wie=row.wie,
        gemaakt=datetime.fromtimestamp(row.gemaakt_at, UTC),
        is_ingetrokken=row.ingetrokken_at is not None,
    )
