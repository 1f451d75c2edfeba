"""Invoices outside the message traffic: put down by one, approved by another, counted apart.

Every invoice is a proposal (`voorstel`): it counts and can be paid once a second person approved
it.  What a protected client is called is not kept: only a fingerprint, by which a second invoice
for the same client is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from gateway.agreements.match import Overeenkomsten
from gateway.errors import NietToegestaan, WrongUse
from gateway.ledger.geld.factuurcontrole import (
    Bevinding,
    check,
)
from gateway.messages.nazorg import EIGEN, GEEN, VERBORGEN, nazorgwoorden
from gateway.pipeline.kennis import dag_van
from gateway.store.bsn import Fingerprinter
from gateway.store.counters import VOLGNR, next_of
from gateway.store.engine import Database, insert_one
from gateway.store.geld.nazorg.clientregels import party_of
from gateway.store.geld.nazorg.creditfacturen import (
    Creditopgave,
    against,
    refuse_other,
    taken_back,
)
from gateway.store.geld.nazorg.factuurfeiten import known_beside
from gateway.store.geld.nazorg.factuuropgave import (
    Handopgave,
    Opgave,
    refuse_bsn,
    refuse_head,
    refuse_none,
)
from gateway.store.geld.nazorg.factuurrijen import (
    Factuurrij,
    Handrij,
    Regelrij,
    factuur_in,
    handrij_of,
    regels_of,
    rij_of,
    row_of,
    told_factuur,
)
from gateway.store.geld.nazorg.tables import (
    BETAALBAAR,
    GOEDGEKEURD,
    VERVALLEN,
    VOORGESTELD,
    WACHT,
    factuur,
    factuurregel,
    handtoewijzing,
)
from gateway.store.geld.voorstellen import (
    Voorstel,
    Voorstellen,
    Voorstelsoort,
    Vraag,
)
from gateway.store.inbox import Clock
from gateway.store.inzage.blad import Blad, blad_of, place_of
from gateway.store.noteren import Noteer, no_log
from gateway.toegang.wie import Bereik, Wie

SOORT = "factuur"
OMVANG = 50


@dataclass(frozen=True, slots=True)
class Totaal:
    """What was approved outside the traffic for a provider in a year of care, and what was paid."""

    gemeente: str
    aanbieder: str
    jaar: int
    facturen: int
    bedrag: int
    betaald: int


class Facturen:
    """Puts invoices down, checks and shows them, within what somebody may see."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        fingerprint: Fingerprinter,
        voorstellen: Voorstellen,
    ) -> None:
        self._database = database
        self._clock = clock
        self._fingerprint = fingerprint
        self._voorstellen = voorstellen

    def assign(self, bereik: Bereik, wie: Wie, opgave: Handopgave, noteer: Noteer = no_log) -> int:
        """Put an assignment outside the traffic down; returns its number."""
        _may(bereik, opgave.gemeente)
        client, referentie = self._client(opgave.soort, opgave.gemeente, opgave.referentie)
        if opgave.einddatum is not None and opgave.einddatum < opgave.begindatum:
            raise WrongUse("de laatste dag van de toewijzing ligt voor de eerste")
        row = {name: getattr(opgave, name) for name in _OF_HAND}
        row |= {"client": client, "referentie": referentie} | self._made(wie)
        with self._database.writing(bereik.scope) as connection:
            row["van_volgnr"] = next_of(connection, VOLGNR)
            nummer = insert_one(connection, handtoewijzing, row)
            noteer(connection, nummer)
        return nummer

    def add(
        self,
        bereik: Bereik,
        wie: Wie,
        opgave: Opgave,
        afspraken: Overeenkomsten,
        noteer: Noteer = no_log,
    ) -> int:
        """Put an invoice down as a proposal, with what was found on it; returns its number.

        Raises WrongUse for a number that the provider used before, and for what cannot be.
        """
        one = opgave.factuur
        _may(bereik, one.gemeente)
        refuse_none(opgave, dag_van(self._clock()))
        client, referentie = self._client(opgave.soort, one.gemeente, opgave.referentie)
        with self._database.writing(bereik.scope) as connection:
            bekend = known_beside(connection, one, client, opgave.handtoewijzing)
            found = check(one, bekend, afspraken)
            row = {
                **{name: getattr(one, name) for name in _OF_FACTUUR},
                "soort": opgave.soort,
                "client": client,
                "referentie": referentie,
                "handtoewijzing_id": opgave.handtoewijzing,
                "document_sha256": opgave.document_sha256,
                "bevindingen": msgspec.json.encode(found).decode(),
            }
            lines = [{"gemeente": one.gemeente, **regel._asdict()} for regel in one.regels]
            wat = f"factuur {one.factuurnummer} van aanbieder {one.aanbieder}, {_many(found)}"
            nummer = self._put_down(connection, wie, row, lines, wat)
            noteer(connection, nummer)
        return nummer

    def credit(
        self,
        bereik: Bereik,
        wie: Wie,
        nummer: int,
        opgave: Creditopgave,
        noteer: Noteer = no_log,
    ) -> int:
        """Put a creditfactuur against an invoice down as a proposal; returns its number.

        Raises WrongUse where the invoice does not count, or a line of it is taken back already.
        """
        told = (opgave.factuurnummer, opgave.factuurdatum, opgave.document_sha256)
        refuse_head(*told, dag_van(self._clock()))
        with self._database.writing(bereik.scope) as connection:
            of = row_of(connection, bereik, nummer, lock=True)
            refuse_other(of, opgave)
            lines = [against(one) for one in taken_back(connection, nummer, opgave.regels)]
            row = {name: getattr(of, name) for name in _SHARED}
            row |= {
                "factuurnummer": opgave.factuurnummer,
                "factuurdatum": opgave.factuurdatum,
                "document_sha256": opgave.document_sha256,
                "bevindingen": "[]",
                "tegen_id": nummer,
            }
            wat = f"creditfactuur {opgave.factuurnummer} tegen factuur {of.factuurnummer}"
            own = self._put_down(connection, wie, row, lines, f"{wat} van aanbieder {of.aanbieder}")
            noteer(connection, own)
        return own

    def list(
        self,
        bereik: Bereik,
        staat: str | None = None,
        na: str | None = None,
        omvang: int = OMVANG,
    ) -> Blad[Factuurrij]:
        """Invoices, the newest in front."""
        query = sa.select(factuur).where(*factuur_in(bereik))
        if staat is not None:
            query = query.where(factuur.c.staat == staat)
        if na is not None:
            query = query.where(factuur.c.id < place_of(na, int)[0])
        query = query.order_by(factuur.c.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, rij_of, "id")

    def get(self, bereik: Bereik, nummer: int) -> Factuurrij:
        """One invoice; raises NietGevonden for none that may be seen."""
        with self._database.snapshot(bereik.scope) as connection:
            return rij_of(row_of(connection, bereik, nummer))

    def regels(self, bereik: Bereik, nummer: int) -> Sequence[Regelrij]:
        """The lines of an invoice, which are few."""
        with self._database.snapshot(bereik.scope) as connection:
            row_of(connection, bereik, nummer)
            return regels_of(connection, nummer)

    def toewijzingen(
        self, bereik: Bereik, na: str | None = None, omvang: int = OMVANG
    ) -> Blad[Handrij]:
        """Assignments outside the traffic, the newest in front."""
        own = handtoewijzing.c.gemeente.in_(sorted(bereik.gemeenten))
        query = sa.select(handtoewijzing).where(own)
        if na is not None:
            query = query.where(handtoewijzing.c.id < place_of(na, int)[0])
        query = query.order_by(handtoewijzing.c.id.desc()).limit(omvang + 1)
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return blad_of(rows, omvang, handrij_of, "id")

    def check(self, bereik: Bereik, nummer: int, afspraken: Overeenkomsten) -> Sequence[Bevinding]:
        """What is found on an invoice by what is known now."""
        with self._database.snapshot(bereik.scope) as connection:
            row = row_of(connection, bereik, nummer)
            if row.tegen_id is not None:
                return []  # its lines are those that were looked at before
            one = told_factuur(row, regels_of(connection, nummer))
            bekend = known_beside(connection, one, row.client, row.handtoewijzing_id, row)
        return check(one, bekend, afspraken)

    def link(
        self, bereik: Bereik, nummer: int, toewijzingnummer: int, noteer: Noteer = no_log
    ) -> None:
        """The client of an invoice is known by a Bsn now: by one of his assignments.

        From then on an invoice line in the traffic for the same care is found.
        """
        with self._database.writing(bereik.scope) as connection:
            row = row_of(connection, bereik, nummer, lock=True)
            if nazorgwoorden().factuursoorten[row.soort].client == VERBORGEN:
                raise WrongUse("een afgeschermde cliënt wordt niet aan een toewijzing gekoppeld")
            partij_id = party_of(
                connection, (row.gemeente, row.wet, row.aanbieder), toewijzingnummer
            )
            connection.execute(
                sa.update(factuur)
                .where(factuur.c.id == nummer)
                .values(toewijzingnummer=toewijzingnummer, partij_id=partij_id)
            )
            noteer(connection)

    def totalen(self, bereik: Bereik, jaar: int | None = None) -> Sequence[Totaal]:
        """What was approved per municipality, provider and year of delivery, beside the traffic."""
        year = sa.cast(sa.extract("year", factuurregel.c.begindatum), sa.Integer)
        paid = sa.case((factuurregel.c.betaald_op.is_not(None), factuurregel.c.bedrag), else_=0)
        who = (factuur.c.gemeente, factuur.c.aanbieder, year)
        query = (
            sa.select(
                *who,
                sa.func.count(sa.distinct(factuur.c.id)),
                sa.func.sum(factuurregel.c.bedrag),
                sa.func.sum(paid),
            )
            .join_from(factuur, factuurregel, factuurregel.c.factuur_id == factuur.c.id)
            .where(*factuur_in(bereik), factuur.c.staat == GOEDGEKEURD)
            .group_by(*who)
            .order_by(*who)
        )
        if jaar is not None:
            first, last = date(jaar, 1, 1), date(jaar, 12, 31)
            query = query.where(factuurregel.c.begindatum.between(first, last))
        with self._database.snapshot(bereik.scope) as connection:
            return [Totaal(*row[:3], *map(int, row[3:])) for row in connection.execute(query)]

    def maanden(self, bereik: Bereik, aanbieder: str, vanaf: date) -> Mapping[str, int]:
        """What was approved of a provider per month (`YYYY-MM`) in which care began, from a day."""
        begin = factuurregel.c.begindatum
        parts = [sa.cast(sa.extract(one, begin), sa.Integer) for one in ("year", "month")]
        query = (
            sa.select(*parts, sa.func.sum(factuurregel.c.bedrag))
            .join_from(factuur, factuurregel, factuurregel.c.factuur_id == factuur.c.id)
            .where(*factuur_in(bereik), factuur.c.aanbieder == aanbieder, begin >= vanaf)
            .where(factuur.c.staat == GOEDGEKEURD)
            .group_by(*parts)
        )
        with self._database.snapshot(bereik.scope) as connection:
            rows = connection.execute(query).all()
        return {f"{row[0]}-{row[1]:02}": int(row[2]) for row in rows}

    def _client(self, soort: str, gemeente: str, referentie: str) -> tuple[str | None, str]:
        """The fingerprint of a client of ours, and the reference as far as it is kept."""
        known = nazorgwoorden().factuursoorten.get(soort)
        if known is None:
            raise WrongUse(f"kies een soort: {', '.join(nazorgwoorden().factuursoorten)}")
        told = referentie.strip()
        refuse_bsn(told)
        if known.client == GEEN:
            return None, told
        if not told:
            raise WrongUse("geef een eigen referentie van de cliënt, zonder BSN en zonder naam")
        kenmerk = self._fingerprint(f"{gemeente}\0{told}")
        return kenmerk, told if known.client == EIGEN else ""

    def _made(self, wie: Wie) -> dict[str, Any]:
        now: datetime = self._clock()
        return {"wie": wie.kenmerk, "naam": wie.naam, "gemaakt_at": now.timestamp()}

    def _put_down(
        self,
        connection: Connection,
        wie: Wie,
        row: dict[str, Any],
        lines: Sequence[dict[str, Any]],
        onderwerp: str,
    ) -> int:
        """An invoice with its lines, which is a proposal until somebody else approves it."""
        bedrag = sum(one["bedrag"] for one in lines)
        row |= {"bedrag": bedrag, "staat": VOORGESTELD, **self._made(wie)}
        nummer = _insert(connection, row | {"van_volgnr": next_of(connection, VOLGNR)})
        own = {"factuur_id": nummer, "staat": WACHT}
        connection.execute(sa.insert(factuurregel), [own | one for one in lines])
        vraag = Vraag(
            gemeente=row["gemeente"],
            soort=SOORT,
            onderwerp=onderwerp,
            inhoud={"factuur": nummer},
            bedrag=bedrag,
        )
        voorstel = self._voorstellen.propose(connection, wie, vraag)
        mine = sa.update(factuur).where(factuur.c.id == nummer)
        connection.execute(mine.values(voorstel_id=voorstel))
        return nummer


def approve(connection: Connection, een: Voorstel) -> None:
    """A second person approved: the invoice counts, and its lines can be paid."""
    _decide(connection, een, GOEDGEKEURD, BETAALBAAR)


def drop(connection: Connection, een: Voorstel) -> None:
    """Nobody pays it; its number may be put down again."""
    _decide(connection, een, VERVALLEN, VERVALLEN)


VOORSTELSOORT = Voorstelsoort("Factuur buiten het berichtenverkeer", approve, drop)


def _decide(connection: Connection, een: Voorstel, staat: str, regelstaat: str) -> None:
    nummer = een.inhoud["factuur"]
    own = sa.update(factuur).where(factuur.c.id == nummer, factuur.c.staat == VOORGESTELD)
    given = {"staat": staat, "besluit_volgnr": next_of(connection, VOLGNR)}
    if connection.execute(own.values(given)).rowcount != 1:
        raise WrongUse("deze factuur staat niet meer open")
    lines = sa.update(factuurregel).where(factuurregel.c.factuur_id == nummer)
    connection.execute(lines.values(staat=regelstaat))


def _insert(connection: Connection, row: dict[str, Any]) -> int:
    try:
        with connection.begin_nested():
            return insert_one(connection, factuur, row)
    except IntegrityError:
        raise WrongUse(
            f"factuur {row['factuurnummer']} van aanbieder {row['aanbieder']} is er al"
        ) from None


def _many(found: Sequence[Bevinding]) -> str:
    many = {0: "zonder bevindingen", 1: "met 1 bevinding"}
    return many.get(len(found), f"met {len(found)} bevindingen")


def _may(bereik: Bereik, gemeente: str) -> None:
    if gemeente not in bereik.gemeenten:
        raise NietToegestaan(f"u werkt niet voor gemeente {gemeente}")


_OF_HAND = (
    *("gemeente", "wet", "aanbieder", "soort", "productcode", "eenheid"),
    *("begindatum", "einddatum", "volume", "bedrag"),
)
_SHARED = (
    *("gemeente", "wet", "aanbieder", "soort", "client", "referentie", "handtoewijzing_id"),
    *("toewijzingnummer", "partij_id"),
)
_OF_FACTUUR = ("gemeente", "wet", "aanbieder", "factuurnummer", "factuurdatum")
