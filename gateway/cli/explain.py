"""`gateway explain`: how an invoice line was judged, as one JSON document that can be verified."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from gateway.cli.bewijs import Aangewezen, first_difference, pointed_at, read_receipt
from gateway.cli.geld.wie import bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.rol import in_rol
from gateway.cli.verantwoord import Client, toont
from gateway.config import read_settings
from gateway.deviations.receipt import Document, printed, unpack
from gateway.errors import CouldNotFinish, WrongUse
from gateway.kennisbron import Kennisbron
from gateway.logs import configure_logs
from gateway.pipeline.herbeoordeling import bewijs_of, bsn_of, judged_again, last_with
from gateway.pipeline.ports import Claim
from gateway.store.store import SqlStore
from gateway.store.tables import AANGEHOUDEN
from gateway.store.views import Bericht

Wanted = Callable[[Bericht], bool]


@click.command("explain")
@click.argument("declaratie", required=False)
@click.argument("referentie", required=False)
@click.option("--aanbieder", help="AGB-code, als het nummer bij meer aanbieders voorkomt.")
@click.option("--verify", metavar="FILE", help="Beoordeel opnieuw wat in dit bewijs staat.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Andere overeenkomsten.")
def command(
    declaratie: str | None,
    referentie: str | None,
    aanbieder: str | None,
    verify: str | None,
    store: str | None,
    agreements: Path | None,
) -> int:
    """Legt uit hoe de regel REFERENTIE in DECLARATIE is beoordeeld."""
    configure_logs("json", logging.CRITICAL)
    if verify is not None and (declaratie or referentie or aanbieder):
        raise WrongUse("bij --verify staat al in het bewijs om welke regel het gaat")
    if verify is None and not (declaratie and referentie):
        missing = "REFERENTIE" if declaratie else "DECLARATIE"
        raise WrongUse(f"{missing} ontbreekt; zie gateway explain --help")
    body = None if verify is None else _read(verify)
    asked = None if body is None else pointed_at(read_receipt(body))
    settings = read_settings(os.environ)
    with opened_store(settings, store) as opened:
        bron = Kennisbron(in_rol(settings, opened.rol), opened.bewaard, agreements)
        uitleg = _Uitleg(opened, bron)
        if body is not None and asked is not None:
            return _verified(uitleg, body, asked)
        regel = uitleg.line_of(declaratie or "", referentie or "", aanbieder)
        uitleg.account_for(regel)
        document = None if agreements else uitleg.stored(regel)
        found = document or uitleg.recomputed(regel)
    if found is None:
        raise CouldNotFinish(f"regel {referentie} in declaratie {declaratie} {_NOT_JUDGED}")
    sys.stdout.write(printed(found).decode())
    return 0


_NOT_JUDGED = "wordt met deze versie niet meer beoordeeld: de declaratie valt nu als geheel af"


@dataclass(frozen=True, slots=True)
class _Regel:
    """A line: of which message, and which one in it."""

    inbox_id: int
    regelnr: int


class _Uitleg:
    """Finds lines and their receipts in one store."""

    def __init__(self, store: SqlStore, bron: Kennisbron) -> None:
        self._store = store
        self._bron = bron

    def line_of(self, declaratie: str, referentie: str, aanbieder: str | None) -> _Regel:
        """The line that is meant; raises WrongUse when there is none, or more than one."""
        found = self._store.views.regels(declaratie, referentie, aanbieder)
        if len({regel.partijen for regel in found}) > 1:
            raise WrongUse(
                f"regel {referentie} in declaratie {declaratie} komt bij meer partijen voor; noem "
                "er een met --aanbieder"
            )
        if found:
            return _Regel(found[-1].inbox_id, found[-1].prestatie.volgnr)
        held = self._held_line(declaratie, referentie, aanbieder)
        if held is None:
            raise WrongUse(f"regel {referentie} in declaratie {declaratie} is niet bekend")
        return held

    def line_pointed_at(self, asked: Aangewezen) -> _Regel:
        """The line that a receipt is about; raises WrongUse when it is not known here."""

        def wanted(bericht: Bericht) -> bool:
            found = bericht.outcome
            return found is not None and (asked.gemeente, asked.wet, asked.aanbieder) == (
                found.gemeente,
                found.wet,
                found.afzender,
            )

        berichten = self._declaraties(asked.identificatie, wanted)
        if not berichten:
            raise WrongUse(
                f"bericht {asked.identificatie} van aanbieder {asked.aanbieder}, waar het bewijs "
                "over gaat, is hier niet bekend"
            )
        return _Regel(berichten[-1].inbox_id, asked.regel.regelnummer)

    def account_for(self, regel: _Regel) -> None:
        """Write whose line is about to be shown."""
        found = self._store.regels.een(bereik_van(self._store), regel.inbox_id, regel.regelnr)
        if found is None:
            client = self._read_client(regel)
        else:
            client = found.partijen.gemeente, found.client
        over = f"regel {regel.inbox_id}-{regel.regelnr}"
        toont(self._store, "declaratieregel bekijken", [client], over)

    def stored(self, regel: _Regel) -> Document | None:
        """The receipt that was kept at the judgement: of a line that was rejected or flagged."""
        packed = self._store.bewaard.bewijs(regel.inbox_id, regel.regelnr)
        return None if packed is None else unpack(packed)

    def recomputed(self, regel: _Regel) -> Document | None:
        """The receipt by judging the message again; None when the line is not judged."""
        sleutel = self._store.bewaard.kennis_of(regel.inbox_id)
        claim = self._claim_of(regel.inbox_id)
        kennis = self._bron.of(sleutel)
        with judged_again(self._store, claim, kennis, sleutel) as opnieuw:
            return bewijs_of(opnieuw, regel.regelnr)

    def _read_client(self, regel: _Regel) -> Client:
        """Whose a line is that is no fact (yet), out of its message."""
        bericht = self._store.views.bericht(regel.inbox_id)
        gemeente = bericht.outcome.gemeente if bericht and bericht.outcome else None
        sleutel = self._store.bewaard.kennis_of(regel.inbox_id)
        claim, kennis = self._claim_of(regel.inbox_id), self._bron.of(sleutel)
        with judged_again(self._store, claim, kennis, sleutel) as opnieuw:
            return gemeente, self._store.fingerprint(bsn_of(opnieuw.lezing, regel.regelnr))

    def _claim_of(self, inbox_id: int) -> Claim:
        claim = self._store.views.claim_of(inbox_id)
        if claim is None:
            raise WrongUse(f"bericht {inbox_id} is nog niet beoordeeld")
        return claim

    def _held_line(self, declaratie: str, referentie: str, aanbieder: str | None) -> _Regel | None:
        """A line of a message that waits for a person, or of our own that was not sent.

        Its lines are no facts yet.
        """
        unsent = "rejected" if self._store.rol == "aanbieder" else None

        def wanted(bericht: Bericht) -> bool:
            found = bericht.outcome
            return (
                found is not None
                and (bericht.staat == AANGEHOUDEN or found.verdict == unsent)
                and aanbieder in (None, found.afzender)
            )

        for bericht in reversed(self._declaraties(declaratie, wanted)):
            sleutel = self._store.bewaard.kennis_of(bericht.inbox_id)
            claim, kennis = self._claim_of(bericht.inbox_id), self._bron.of(sleutel)
            with judged_again(self._store, claim, kennis, sleutel) as opnieuw:
                regelnr = last_with(opnieuw.lezing, referentie)
            if regelnr is not None:
                return _Regel(bericht.inbox_id, regelnr)
        return None

    def _declaraties(self, nummer: str, wanted: Wanted) -> list[Bericht]:
        """The judged 323's with an Identificatie or DeclaratieNummer, in order of intake."""
        return [
            bericht
            for bericht in self._store.views.berichten_van(nummer)
            if bericht.outcome is not None
            and (bericht.outcome.berichttype or "").endswith("323")
            and bericht.outcome.verdict != "invalid"
            and wanted(bericht)
        ]


def _verified(uitleg: _Uitleg, body: bytes, asked: Aangewezen) -> int:
    """Judge the line again and compare byte for byte."""
    regel = uitleg.line_pointed_at(asked)
    uitleg.account_for(regel)
    again = uitleg.recomputed(regel)
    if again is None:
        print(f"verschil: regel {asked.regel.regelnummer} {_NOT_JUDGED}")
        return 1
    if printed(again) == body:
        print(f"gelijk: opnieuw beoordeeld geeft regel {asked.regel.regelnummer} hetzelfde bewijs")
        return 0
    print(f"verschil: {first_difference(read_receipt(body), again)}")
    return 1


def _read(name: str) -> bytes:
    """The bytes of a file; `-` is the standard input."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise WrongUse(f"{name}: dit bestand is niet te lezen") from error
