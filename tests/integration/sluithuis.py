"""A synthetic year of three municipalities, paid month after month, with everything that happens.

Zwolle pays trajectories of IJsselland at a fixed price, Hengelo by the table of Twente (need times
intensity), and Enschede mostly hours at a price.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from gateway.agreements.match import index
from gateway.bootstrap import Installation, Place, install
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_kennis
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.periods.maandnummers import last_day, months_of_year
from gateway.simulate.generate import in_sending_order
from gateway.simulate.region import Regio
from gateway.simulate.write import write_agreements
from gateway.store.geld.betalen.blokkades import Blokkadevraag
from gateway.store.geld.betalen.inzage import Betaling
from gateway.store.geld.betalen.maken import Runvraag
from gateway.store.geld.nazorg.creditverzoeken import Aanvraag
from gateway.store.geld.nazorg.factuuropgave import Opgave
from gateway.store.geld.nazorg.keuze import Regels
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik
from tests.integration.berichten import read_once
from tests.integration.betaalhuis import ANNA, BELEID, BRAM, accounts_for_all
from tests.opslag import rows_of, store_of

ZWOLLE, HENGELO, ENSCHEDE = "0193", "0164", "0153"
GEMEENTEN = (ENSCHEDE, HENGELO, ZWOLLE)
JAAR, ZAAD, REGELS = 2026, 8, 1_500
NA_AFLOOP = datetime(2027, 2, 1, 9, tzinfo=UTC)
VANDAAG = NA_AFLOOP.date()
ALLEN = Bereik(frozenset(GEMEENTEN))
# Above a hundred euros a second person has to see it.
STRENG = msgspec.structs.replace(BELEID, tweede_persoon_boven=10_000)
_CREDIT = re.compile(rb"VorigReferentieNummer>([^<]+)<")
FACTUURBEDRAG = 15_000


@dataclass(slots=True)
class _Klok:
    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


class _Nergens:
    def deliver(self, naam: str, soort: str, body: object) -> None:
        """Nothing to do."""


@dataclass(frozen=True, slots=True)
class Sluithuis:
    """Where the store and the agreements of the year are."""

    folder: Path

    @property
    def store(self) -> str:
        return store_of(self.folder)

    @property
    def agreements(self) -> Path:
        return self.folder / "agreements"

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the store, read beside the gateway."""
        return rows_of(self.folder, query, *values)


def betaald_jaar(folder: Path, regels: int = REGELS) -> Sluithuis:
    """The year, judged and paid: twelve months of runs, each released by a second person."""
    huis, klok = Sluithuis(folder), _Klok(NA_AFLOOP)
    regio = Regio(ZAAD, regels, 12, (ZWOLLE, HENGELO, ENSCHEDE))
    write_agreements(regio, huis.agreements)
    with read_once():
        kennis = load_kennis(read_settings({}), huis.agreements)
    place = Place(url=huis.store)
    installation = install(read_settings({}), kennis, klok, place, {"antwoord": _Nergens()})
    try:
        _judge(installation, klok, in_sending_order(regio))
        klok.moment = NA_AFLOOP
        store = installation.store
        accounts_for_all(store, date(JAAR, 1, 1))
        _pay(store)
        _afterwards(store)
    finally:
        installation.close()
    return huis


def _judge(installation: Installation, klok: _Klok, messages: Any) -> None:
    """Judge every message in the order of sending; what one credits is asked for before."""
    klok.moment = messages[0].verzonden
    for message in messages:
        klok.moment = max(klok.moment, message.verzonden)
        if _is_credit(message):
            with suppress(WrongUse):  # it credits what was credited before, or was never granted
                _request(installation.store, message.body)
        installation.store.inbox.receive(message.name, [message.body])
        installation.runtime.drain()
    installation.store.werkvolger.catch_up()


def _is_credit(message: Any) -> bool:
    return "323" in message.name and _CREDIT.search(message.body) is not None


def _request(store: SqlStore, body: bytes) -> None:
    """Ask the aanbieder to credit what a message that is still to come credits."""
    wanted = {one.decode() for one in _CREDIT.findall(body)}
    store.werkvolger.catch_up()
    with store.database.snapshot(ALLEN.scope) as connection:
        rows = connection.exec_driver_sql(
            "SELECT d.inbox_id, r.volgnr, r.referentienummer FROM prestatie r "
            "JOIN declaratie d ON d.id = r.declaratie_id "
            "WHERE r.toegekend = 1 AND r.tot_volgnr IS NULL AND r.debet_credit = 'D'"
        ).all()
    welke = [(inbox_id, regel) for inbox_id, regel, nummer in rows if nummer in wanted]
    vraag = Aanvraag(keuze=Regels(welke), reden="dubbel", uiterlijk=VANDAAG)
    store.creditverzoeken.request(ALLEN, ANNA, vraag)


def _pay(store: SqlStore) -> None:
    """A run for every month and municipality; the last month is only made, and not released."""
    for maand in months_of_year(JAAR):
        for gemeente in GEMEENTEN:
            with suppress(WrongUse):
                _pay_month(store, gemeente, last_day(maand))
    with suppress(WrongUse):
        store.betaalruns.make(ANNA, _vraag(ZWOLLE, date(JAAR + 1, 1, 20)))


def _vraag(gemeente: str, tot: date) -> Runvraag:
    return Runvraag(gemeente=gemeente, tot=tot, uitvoering=VANDAAG)


def _pay_month(store: SqlStore, gemeente: str, tot: date) -> None:
    own = Bereik(frozenset({gemeente}))
    run = store.betaalruns.make(ANNA, _vraag(gemeente, tot))
    nummer = store.betaalruns.release(own, ANNA, run, STRENG)
    if nummer is not None:
        store.voorstellen.approve(own, BRAM, nummer)
    if store.betalingen.run(own, run).staat == "vrijgegeven":
        store.betaalruns.file(own, run, STRENG)
        if tot.month < 11:
            store.betaalruns.paid(own, run, VANDAAG)


def _afterwards(store: SqlStore) -> None:
    """A payment comes back, an aanbieder is blocked, and an invoice comes outside the traffic."""
    paid = _payments(store, ZWOLLE)[0]
    store.betaalruns.bounced(ALLEN, paid.nummer, VANDAAG, "rekening opgeheven")
    aanbieder = _payments(store, HENGELO)[0].aanbieder
    vraag = Blokkadevraag(
        gemeente=HENGELO, aanbieder=aanbieder, reden="onderzoek", vanaf=date(JAAR, 1, 1)
    )
    store.blokkades.block(ANNA, vraag)
    _invoice(store, _payments(store, ENSCHEDE)[0].aanbieder)


def _payments(store: SqlStore, gemeente: str) -> list[Betaling]:
    own = Bereik(frozenset({gemeente}))
    return [
        one
        for run in reversed(store.betalingen.runs(own, None, 100).rijen)
        for one in store.betalingen.all_of(own, run.nummer)
        if one.bedrag and one.betaald_op
    ]


def _invoice(store: SqlStore, aanbieder: str) -> None:
    begin, end = date(JAAR, 4, 1), date(JAAR, 4, 30)
    regel = Factuurregel(1, "45A04", "01", begin, end, 100, 150, FACTUURBEDRAG)
    one = Factuur(
        gemeente=ENSCHEDE,
        wet="jeugdwet",
        aanbieder=aanbieder,
        factuurnummer="F1",
        factuurdatum=date(JAAR, 5, 2),
        regels=[regel],
    )
    opgave = Opgave(factuur=one, soort="geen-bsn", referentie="zaak 12")
    nummer = store.facturen.add(ALLEN, ANNA, opgave, index([]))
    voorstel = store.facturen.get(ALLEN, nummer).voorstel_id
    assert voorstel is not None
    store.voorstellen.approve(ALLEN, BRAM, voorstel)
