"""Payment runs from concept to paid; every step is one transaction that happens wholly or not.

concept → (voorgesteld →) vrijgegeven → bestand → betaald, or concept → vervallen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, CouldNotFinish, NietGevonden, WrongUse
from gateway.ledger.geld.betaalbeleid import Betaalbeleid
from gateway.messages.pain001 import Betaalopdracht, Overboeking, pain001
from gateway.periods.aantallen import aantal
from gateway.pipeline.kennis import dag_van
from gateway.records.masker import mask
from gateway.records.rekening import Rekening
from gateway.store.engine import Database
from gateway.store.geld.betalen import facturen
from gateway.store.geld.betalen.maken import Runvraag, free_lines, make_run
from gateway.store.geld.betalen.tables import (
    BESTAND,
    BETAALD,
    CONCEPT,
    TERUGGEKOMEN,
    VERVALLEN,
    VOORGESTELD,
    VRIJGEGEVEN,
    betaalrun,
    betaalsaldo,
    betaling,
)
from gateway.store.geld.betalen.vrijgave import IN_OVEREENKOMST, SOORT, refuse_changed, set_free
from gateway.store.geld.voorstellen import Vraag, propose
from gateway.store.inbox import Clock
from gateway.store.noteren import Noteer, no_log
from gateway.toegang.wie import Bereik, Wie

B, N = betaling.c, betaalrun.c
LONGEST_REASON = 2_000


class Betaalruns:
    """Makes runs and takes them on, within what somebody may change.

    `noteer` writes who did it in the log of processing, as the last thing in the transaction.
    Every step raises NietGevonden for a run that is not there, and AlBeoordeeld for one that is
    not at that step.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def make(self, wie: Wie, vraag: Runvraag, noteer: Noteer = no_log) -> int:
        """A run in concept of everything that may be paid; raises WrongUse where nothing may."""
        now = self._clock()
        if vraag.uitvoering < dag_van(now):
            raise WrongUse("de dag van betaling is al voorbij")
        if vraag.tot > dag_van(now):
            raise WrongUse("wat wordt betaald, is ten laatste vandaag beantwoord")
        with self._database.writing(vraag.gemeente) as connection:
            run = make_run(connection, wie, vraag, now.timestamp())
            noteer(connection, run)
        return run

    def drop(self, bereik: Bereik, run: int, noteer: Noteer = no_log) -> None:
        """Let a run in concept go: everything in it can be paid again."""
        with self._held(bereik, run, CONCEPT) as (connection, _):
            free_lines(connection, run)
            ended = {"staat": VERVALLEN, "vervallen_at": self._clock().timestamp()}
            connection.execute(sa.update(betaalrun).where(N.id == run).values(ended))
            noteer(connection)

    def release(
        self,
        bereik: Bereik,
        wie: Wie,
        run: int,
        beleid: Betaalbeleid,
        in_overeenkomst: Collection[str] = (),
        noteer: Noteer = no_log,
    ) -> int | None:
        """Release a run, or propose that where a second person has to; returns the proposal.

        Raises WrongUse where something in it changed since it was made.
        """
        moment = self._clock()
        now = moment.timestamp()
        with self._held(bereik, run, CONCEPT) as (connection, row):
            refuse_changed(connection, row, in_overeenkomst, dag_van(moment))
            nummer = None
            if beleid.needs_second(row.bedrag, row.hoogste):
                vraag = Vraag(
                    gemeente=row.gemeente,
                    soort=SOORT,
                    onderwerp=f"betaalrun {run} van "
                    f"{aantal(row.betalingen, 'betaling', 'betalingen')} vrijgeven",
                    inhoud={"run": run, IN_OVEREENKOMST: sorted(in_overeenkomst)},
                    bedrag=row.bedrag,
                )
                nummer = propose(connection, wie, vraag, now)
                waits = {"staat": VOORGESTELD, "voorstel_id": nummer}
                connection.execute(sa.update(betaalrun).where(N.id == run).values(waits))
            else:
                set_free(connection, row, wie.naam, now)
            noteer(connection)
        return nummer

    def file(
        self, bereik: Bereik, run: int, beleid: Betaalbeleid, noteer: Noteer = no_log
    ) -> tuple[str, bytes]:
        """The payment file of a run and its name; made again it is the same to the byte.

        A day of payment that went by meanwhile becomes today.  Raises WrongUse where nothing goes
        to the bank or the municipality has no account, CouldNotFinish where another version would
        write another file.
        """
        with self._held(bereik, run, VRIJGEGEVEN, BESTAND, BETAALD) as (connection, row):
            if row.bedrag == 0:
                raise WrongUse(
                    f"betaalrun {run} heeft geen betaalbestand: alles is verrekend, er gaat niets "
                    "naar de bank"
                )
            if row.bericht_id is None:
                row = self._number(connection, row, beleid)
            made = pain001(_opdracht(connection, row))
            sha256 = hashlib.sha256(made).hexdigest()
            if row.sha256 is None:
                kept = {"sha256": sha256, "staat": BESTAND}
                connection.execute(sa.update(betaalrun).where(N.id == run).values(kept))
            elif row.sha256 != sha256:
                raise CouldNotFinish(
                    f"het bestand van betaalrun {run} is niet meer te maken zoals het was; gebruik "
                    "het bestand dat u bewaarde"
                )
            noteer(connection)
        return f"{row.bericht_id}.xml", made

    def paid(self, bereik: Bereik, run: int, op: date, noteer: Noteer = no_log) -> None:
        """The bank carried a file out on a day: what did not come back is paid."""
        if op > dag_van(self._clock()):
            raise WrongUse("een betaling is niet in de toekomst gedaan")
        with self._held(bereik, run, BESTAND) as (connection, _):
            connection.execute(
                sa.update(betaling)
                .where(B.run_id == run, B.betaald_op.is_(None), B.teruggekomen_op.is_(None))
                .values(betaald_op=op)
            )
            facturen.follow(connection, B.run_id == run, B.teruggekomen_op.is_(None))
            done = {"staat": BETAALD, "betaald_op": op}
            connection.execute(sa.update(betaalrun).where(N.id == run).values(done))
            noteer(connection)

    def bounced(
        self, bereik: Bereik, nummer: int, op: date, reden: str, noteer: Noteer = no_log
    ) -> None:
        """A payment came back from the bank: its amount is open again, as a balance of its own."""
        told = mask(reden.strip())
        if not told or len(told) > LONGEST_REASON:
            raise WrongUse(f"schrijf een reden op, van hoogstens {LONGEST_REASON} tekens")
        if op > dag_van(self._clock()):
            raise WrongUse("een betaling komt niet in de toekomst terug")
        own = sa.select(B.run_id).where(B.id == nummer, B.gemeente.in_(sorted(bereik.gemeenten)))
        with self._database.snapshot(bereik.scope) as connection:
            run = connection.execute(own).scalar_one_or_none()
        if run is None:
            raise NietGevonden("deze betaling bestaat niet")
        with self._held(bereik, run, BESTAND, BETAALD) as (connection, _):
            one = connection.execute(sa.select(betaling).where(B.id == nummer)).one()
            if one.teruggekomen_op is not None:
                raise AlBeoordeeld("deze betaling is al teruggekomen")
            if one.bedrag == 0:
                raise WrongUse("deze betaling is verrekend en ging niet naar de bank")
            back = {"teruggekomen_op": op, "reden": told}
            connection.execute(sa.update(betaling).where(B.id == nummer).values(back))
            saldo = {
                "gemeente": one.gemeente,
                "aanbieder": one.aanbieder,
                "soort": TERUGGEKOMEN,
                "bedrag": one.bedrag,
                "uit_id": nummer,
            }
            connection.execute(sa.insert(betaalsaldo), saldo)
            facturen.follow(connection, B.id == nummer)
            noteer(connection)

    @contextmanager
    def _held(self, bereik: Bereik, run: int, *staten: str) -> Iterator[tuple[Connection, Any]]:
        """A transaction in which nobody else takes a run on that is in one of these states."""
        with self._database.writing(bereik.scope) as connection:
            query = sa.select(betaalrun).where(
                N.id == run, N.gemeente.in_(sorted(bereik.gemeenten))
            )
            row = connection.execute(query.with_for_update()).one_or_none()
            if row is None:
                raise NietGevonden("deze betaalrun bestaat niet")
            if row.staat not in staten:
                raise AlBeoordeeld(_why_not(row))
            yield connection, row

    def _number(self, connection: Connection, row: Any, beleid: Betaalbeleid) -> Any:
        """Give a run the account, the number and the moment that its file keeps."""
        if beleid.rekening is None or beleid.bic is None:
            raise WrongUse(
                f"van gemeente {row.gemeente} is geen rekening bekend; zet die in het bestand van "
                "GATEWAY_BETALEN"
            )
        now = self._clock()
        given = {
            "rekening_iban": beleid.rekening.iban,
            "rekening_naam": beleid.rekening.tenaamstelling,
            "rekening_bic": beleid.bic,
            "bericht_id": f"ZORG-{row.gemeente}-{row.id}-{int(now.timestamp())}",
            "bestand_at": now.timestamp(),
            "uitvoering": max(row.uitvoering, dag_van(now)),
        }
        connection.execute(sa.update(betaalrun).where(N.id == row.id).values(given))
        return connection.execute(sa.select(betaalrun).where(N.id == row.id)).one()


def _opdracht(connection: Connection, row: Any) -> Betaalopdracht:
    """What the bank is asked, from what was kept of it."""
    query = sa.select(betaling).where(B.run_id == row.id, B.bedrag > 0).order_by(B.aanbieder)
    return Betaalopdracht(
        bericht_id=row.bericht_id,
        van=Rekening(row.rekening_iban, row.rekening_naam),
        bic=row.rekening_bic,
        uitvoering=row.uitvoering,
        gemaakt=datetime.fromtimestamp(row.bestand_at, UTC),
        overboekingen=[
            Overboeking(
                kenmerk=one.kenmerk,
                naar=Rekening(one.iban, one.tenaamstelling),
                bedrag=one.bedrag,
                omschrijving=f"Jeugdwet/Wmo {one.kenmerk}",
            )
            for one in connection.execute(query)
        ],
    )


def _why_not(row: Any) -> str:
    """Why a run is not at the step that somebody wants to take."""
    match row.staat:
        case "concept":
            return f"betaalrun {row.id} is nog niet vrijgegeven"
        case "voorgesteld":
            return (
                f"betaalrun {row.id} wacht op een tweede persoon (voorstel {row.voorstel_id}); "
                "keur dat voorstel goed of trek het in"
            )
        case "vrijgegeven":
            return f"betaalrun {row.id} is al vrijgegeven; maak eerst het betaalbestand"
        case "vervallen":
            return f"betaalrun {row.id} is vervallen"
    return f"betaalrun {row.id} is al verder: {row.staat}"
