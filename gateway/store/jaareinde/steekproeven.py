"""Draws samples, keeps what was found in them, and reads them back for who judges legality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.errors import NietGevonden, WrongUse
from gateway.ledger.geld.specificatie import DECLARATIE, FACTUUR
from gateway.ledger.jaareinde.instellingen import Instellingen
from gateway.ledger.jaareinde.projectie import (
    Bevinding,
    Oordeel,
    Projectie,
    judged,
    projected,
)
from gateway.ledger.jaareinde.steekproef import Trekking, drawn, plan_of
from gateway.ledger.jaareinde.uitslagen import Uitslag
from gateway.records.masker import holds_bsn, mask
from gateway.store.bulk import insert_all
from gateway.store.engine import Database, insert_one
from gateway.store.geld.nazorg.tables import factuur
from gateway.store.ggm.merk import marked
from gateway.store.inbox import Clock
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.jaareinde.bron import Jaarbron, last_message
from gateway.store.jaareinde.tables import steekproef, steekproefpost
from gateway.store.jaareinde.vragen import Jaarvraag
from gateway.store.noteren import Noteer
from gateway.store.tables import declaratie, prestatie
from gateway.toegang.wie import Bereik, Wie

GOED, FOUT, ONZEKER = "goed", "fout", "onzeker"
OORDELEN = (GOED, FOUT, ONZEKER)
LONGEST_SEED, LONGEST_REASON, MOST = 80, 2_000, 50
# A sample of more lines than this nobody looks at.
MOST_LINES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Steekproef:
    """A sample as it was drawn; amounts in eurocents, tolerances in promille."""

    nummer: int
    gemeente: str
    jaar: int
    aanbieder: str | None
    zaad: str
    regels: int
    populatie: int
    interval: int
    start: int
    betrouwbaarheid: int
    tolerantie_fouten: int
    tolerantie_onzeker: int
    gemaakt: datetime
    door: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steekproefpost:
    """A line of a sample; `oordeel` is None until somebody looked at it.

    `stuk_id` is the message that it is in, or the invoice outside the traffic (`bron`).
    `afwijking` is how much of `bedrag` is wrong or uncertain, in eurocents.
    """

    nr: int
    bron: str
    stuk_id: int
    regelnr: int
    aanbieder: str
    bedrag: int
    is_hoog: bool
    oordeel: str | None
    afwijking: int
    reden: str
    door: str
    beoordeeld: datetime | None


class Eindoordeel(NamedTuple):
    """What a sample comes to: of how many lines the result is not there yet, and both projections.

    The judgements hold once every line was looked at.
    """

    ontbreekt: int
    fouten: Projectie
    onzeker: Projectie
    oordeel_fouten: Oordeel
    oordeel_onzeker: Oordeel


class Steekproeven:
    """Draws and reads samples, within what somebody may see.

    `noteer` writes who did it in the log of processing.  Raises NietGevonden for what is not there.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def draw(
        self,
        wie: Wie,
        plaats: tuple[str, int, str | None],
        zaad: str,
        instellingen: Instellingen,
        noteer: Noteer,
    ) -> int:
        """Draw from what was granted and invoiced for (municipality, year, provider or all).

        Returns its number.  Raises WrongUse where nothing was granted, and for a seed that cannot
        be kept.
        """
        if not zaad or len(zaad) > LONGEST_SEED or not zaad.isprintable():
            raise WrongUse(f"een zaad heeft 1 tot en met {LONGEST_SEED} tekens")
        if holds_bsn(zaad):
            raise WrongUse("dit zaad kan een BSN zijn; kies een ander")
        gemeente, jaar, aanbieder = plaats
        with marked(self._database) as (connection, merk):
            self._database.scope(connection, gemeente)
            vraag = Jaarvraag(gemeente, jaar, merk, last_message(connection), aanbieder)
            bron = Jaarbron(connection, vraag, instellingen)
            count = total = 0
            for post in bron.populatie():
                count, total = count + 1, total + post.bedrag
            if not total:
                raise WrongUse("er is niets toegekend om een steekproef uit te trekken")
            plan = plan_of(total, instellingen.draws, zaad)
            found = list(drawn(bron.populatie(), plan))
        if len(found) > MOST_LINES:
            raise WrongUse(f"dit zijn {len(found)} posten, en het mogen er {MOST_LINES} zijn")
        row = {
            "gemeente": gemeente,
            "jaar": jaar,
            "aanbieder": aanbieder,
            "zaad": zaad,
            "volgnr": merk.volgnr,
            "regels": count,
            "populatie": total,
            "interval_centen": plan.interval,
            "start": plan.start,
            "betrouwbaarheid": instellingen.betrouwbaarheid,
            "tolerantie_fouten": instellingen.tolerantie_fouten,
            "tolerantie_onzeker": instellingen.tolerantie_onzeker,
            "gemaakt_at": self._clock().timestamp(),
            "door": wie.naam,
        }
        with self._database.writing(gemeente) as connection:
            nummer = insert_one(connection, steekproef, row)
            insert_all(connection, steekproefpost, _rows(nummer, gemeente, found))
            noteer(connection, nummer)
        return nummer

    def blad(
        self,
        bereik: Bereik,
        omvang: int,
        na: str | None = None,
        gemeente: str | None = None,
        jaar: int | None = None,
    ) -> Blad[Steekproef]:
        """A page of samples, the newest in front."""
        query = sa.select(steekproef).where(steekproef.c.gemeente.in_(sorted(bereik.gemeenten)))
        if gemeente is not None:
            query = query.where(steekproef.c.gemeente == gemeente)
        if jaar is not None:
            query = query.where(steekproef.c.jaar == jaar)
        if na is not None:
            query = query.where(steekproef.c.id < place_of(na, int)[0])
        query = query.order_by(steekproef.c.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            return blad_of(connection.execute(query).all(), omvang, _steekproef_of, "id")

    def list(self, bereik: Bereik, gemeente: str, jaar: int) -> Sequence[Steekproef]:
        """The last samples of a year, the newest in front."""
        query = (
            sa.select(steekproef)
            .where(
                steekproef.c.gemeente == gemeente,
                steekproef.c.gemeente.in_(sorted(bereik.gemeenten)),
                steekproef.c.jaar == jaar,
            )
            .order_by(steekproef.c.id.desc())
            .limit(MOST)
        )
        with self._database.snapshot(bereik.scope) as connection:
            return [_steekproef_of(row) for row in connection.execute(query)]

    def get(self, bereik: Bereik, nummer: int) -> tuple[Steekproef, Sequence[Steekproefpost]]:
        """A sample with its lines, in the order of the population."""
        own = sa.select(steekproef).where(
            steekproef.c.id == nummer, steekproef.c.gemeente.in_(sorted(bereik.gemeenten))
        )
        posten = (
            sa.select(steekproefpost)
            .where(
                steekproefpost.c.steekproef_id == nummer,
                steekproefpost.c.gemeente.in_(sorted(bereik.gemeenten)),
            )
            .order_by(steekproefpost.c.nr)
        )
        with self._database.snapshot(bereik.scope) as connection:
            row = connection.execute(own).one_or_none()
            if row is None:
                raise NietGevonden("deze steekproef bestaat niet")
            return _steekproef_of(row), [_post_of(one) for one in connection.execute(posten)]

    def clienten(self, bereik: Bereik, nummer: int) -> Sequence[str]:
        """The fingerprints of whom the lines of a sample are about, each once."""
        own = (
            steekproefpost.c.steekproef_id == nummer,
            steekproefpost.c.gemeente.in_(sorted(bereik.gemeenten)),
        )
        query = sa.union(*(one.where(*own) for one in (_VAN_REGELS, _VAN_FACTUREN)))
        with self._database.snapshot(bereik.scope) as connection:
            return list(connection.scalars(query))

    def with_lines(
        self, bereik: Bereik, gemeente: str, jaar: int
    ) -> Sequence[tuple[Steekproef, Sequence[Steekproefpost]]]:
        """The last samples of a year with all their lines, in two questions."""
        samples = self.list(bereik, gemeente, jaar)
        posten: dict[int, list[Steekproefpost]] = {one.nummer: [] for one in samples}
        query = (
            sa.select(steekproefpost)
            .where(
                steekproefpost.c.steekproef_id.in_(list(posten)),
                steekproefpost.c.gemeente.in_(sorted(bereik.gemeenten)),
            )
            .order_by(steekproefpost.c.steekproef_id, steekproefpost.c.nr)
        )
        with self._database.snapshot(bereik.scope) as connection:
            for row in connection.execute(query):
                posten[row.steekproef_id].append(_post_of(row))
        return [(one, posten[one.nummer]) for one in samples]

    def record(
        self, bereik: Bereik, wie: Wie, nummer: int, uitslagen: Sequence[Uitslag], noteer: Noteer
    ) -> int:
        """Keep what was found in lines, all or nothing; returns how many.

        What was found before in the same line makes way.  Raises WrongUse for what cannot be.
        """
        een, posten = self.get(bereik, nummer)
        by_number = {one.nr: one for one in posten}
        rows = [_result(by_number.get(one.nr), one) for one in uitslagen]
        if len({one.nr for one in uitslagen}) != len(uitslagen):
            raise WrongUse("een post staat er twee keer in")
        found = {"welke": nummer, "wie": wie.naam, "op": self._clock().timestamp()}
        with self._database.writing(een.gemeente) as connection:
            if rows:
                connection.execute(_RESULT, [{**found, **row} for row in rows])
            noteer(connection)
        return len(rows)


def verdict_of(een: Steekproef, posten: Sequence[Steekproefpost]) -> Eindoordeel:
    """What a sample comes to; lines without a result count as good, and are told of."""
    wrong = _projected(een, posten, FOUT)
    unsure = _projected(een, posten, ONZEKER)
    return Eindoordeel(
        sum(one.oordeel is None for one in posten),
        wrong,
        unsure,
        judged(wrong, een.populatie, een.tolerantie_fouten),
        judged(unsure, een.populatie, een.tolerantie_onzeker),
    )


def _projected(een: Steekproef, posten: Sequence[Steekproefpost], oordeel: str) -> Projectie:
    found = [
        Bevinding(one.bedrag, one.afwijking if one.oordeel == oordeel else 0, one.is_hoog)
        for one in posten
    ]
    return projected(found, een.interval, een.betrouwbaarheid)


def _result(post: Steekproefpost | None, one: Uitslag) -> dict[str, Any]:
    if post is None:
        raise WrongUse(f"post {one.nr} is er niet in deze steekproef")
    if one.oordeel not in OORDELEN:
        raise WrongUse(f"post {one.nr}: het oordeel is {', '.join(OORDELEN)}")
    reden = mask(one.reden.strip())
    if one.oordeel == GOED:
        if one.afwijking:
            raise WrongUse(f"post {one.nr}: wat goed is, heeft geen afwijking")
    elif not 0 < one.afwijking <= post.bedrag:
        raise WrongUse(f"post {one.nr}: de afwijking ligt boven nul en is hoogstens het bedrag")
    elif not reden or len(reden) > LONGEST_REASON:
        raise WrongUse(f"post {one.nr}: schrijf op waarom, in hoogstens {LONGEST_REASON} tekens")
    return {"post": one.nr, "gevonden": one.oordeel, "fout": one.afwijking, "waarom": reden}


_VAN_REGELS = (
    sa.select(prestatie.c.bsn_hash)
    .join_from(
        steekproefpost,
        declaratie,
        sa.and_(
            declaratie.c.inbox_id == steekproefpost.c.inbox_id,
            steekproefpost.c.bron == DECLARATIE,
        ),
    )
    .join(
        prestatie,
        sa.and_(
            prestatie.c.id > declaratie.c.regel_van,
            prestatie.c.id <= declaratie.c.regel_tot,
            prestatie.c.volgnr == steekproefpost.c.regelnr,
        ),
    )
    .distinct()
)
_VAN_FACTUREN = sa.select(factuur.c.client).join_from(
    steekproefpost,
    factuur,
    sa.and_(
        factuur.c.id == steekproefpost.c.inbox_id,
        steekproefpost.c.bron == FACTUUR,
        factuur.c.client.is_not(None),
    ),
)
_RESULT = (
    sa.update(steekproefpost)
    .where(
        steekproefpost.c.steekproef_id == sa.bindparam("welke"),
        steekproefpost.c.nr == sa.bindparam("post"),
    )
    .values(
        oordeel=sa.bindparam("gevonden"),
        afwijking=sa.bindparam("fout"),
        reden=sa.bindparam("waarom"),
        door=sa.bindparam("wie"),
        beoordeeld_at=sa.bindparam("op"),
    )
)


def _rows(nummer: int, gemeente: str, found: Sequence[Trekking]) -> list[Mapping[str, Any]]:
    return [
        {
            "steekproef_id": nummer,
            "nr": nr,
            "gemeente": gemeente,
            "bron": one.post.bron,
            "inbox_id": one.post.stuk_id,
            "regelnr": one.post.regelnr,
            "aanbieder": one.post.aanbieder,
            "bedrag": one.post.bedrag,
            "is_hoog": int(one.is_hoog),
        }
        for nr, one in enumerate(found, start=1)
    ]


def _steekproef_of(row: Any) -> Steekproef:
    return Steekproef(
        nummer=row.id,
        gemeente=row.gemeente,
        jaar=row.jaar,
        aanbieder=row.aanbieder,
        zaad=row.zaad,
        regels=row.regels,
        populatie=row.populatie,
        interval=row.interval_centen,
        start=row.start,
        betrouwbaarheid=row.betrouwbaarheid,
        tolerantie_fouten=row.tolerantie_fouten,
        tolerantie_onzeker=row.tolerantie_onzeker,
        gemaakt=datetime.fromtimestamp(row.gemaakt_at, UTC),
        door=row.door,
    )


def _post_of(row: Any) -> Steekproefpost:
    moment = row.beoordeeld_at
    return Steekproefpost(
        nr=row.nr,
        bron=row.bron,
        stuk_id=row.inbox_id,
        regelnr=row.regelnr,
        aanbieder=row.aanbieder,
        bedrag=row.bedrag,
        is_hoog=bool(row.is_hoog),
        oordeel=row.oordeel,
        afwijking=row.afwijking or 0,
        reden=row.reden or "",
        door=row.door or "",
        beoordeeld=None if moment is None else datetime.fromtimestamp(moment, UTC),
    )
