"""A synthetic year of three municipalities, paid month after month, with everything that happens.

Zwolle pays mostly trajectories of IJsselland at a fixed price, Hengelo mostly by the table of
Twente (need times intensity), and Enschede mostly days of care at a price (MODELLEN).  The standard
lets no line go over new year; two are granted here all the same, for a ledger may have such lines
from before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree

from gateway.agreements.match import index
from gateway.bootstrap import Installation, Place, install
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_kennis
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.periods.maandnummers import last_day, months_of_year
from gateway.pipeline.kennis import Kennis
from gateway.records.finding import Offence
from gateway.rules.registry import Rule
from gateway.simulate.generate import SimulatedMessage, in_sending_order
from gateway.simulate.region import Regio
from gateway.simulate.write import write_agreements
from gateway.store.geld.betalen.blokkades import Blokkadevraag
from gateway.store.geld.betalen.inzage import Betaling
from gateway.store.geld.betalen.maken import Runvraag
from gateway.store.geld.nazorg.creditfacturen import Creditopgave
from gateway.store.geld.nazorg.creditverzoeken import Aanvraag
from gateway.store.geld.nazorg.factuuropgave import Opgave
from gateway.store.geld.nazorg.keuze import Regels
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik
from tests.integration.berichten import by_name, read_once
from tests.integration.betaalhuis import ANNA, BELEID, BRAM, accounts_for_all
from tests.opslag import rows_of, store_of

ZWOLLE, HENGELO, ENSCHEDE = "0193", "0164", "0153"
GEMEENTEN = (ENSCHEDE, HENGELO, ZWOLLE)
MODELLEN = {
    ZWOLLE: "ijsselland-jeugd",
    HENGELO: "twente-ondersteuningsbehoeften",
    ENSCHEDE: "twente-2025",
}
# So many lines under the models, beside those in which something is wrong.
JAAR, ZAAD, REGELS = 2026, 8, 450
NA_AFLOOP = datetime(2027, 2, 1, 9, tzinfo=UTC)
VANDAAG, EIND_JUNI = NA_AFLOOP.date(), date(JAAR, 6, 30)
ALLEN = Bereik(frozenset(GEMEENTEN))
# Above a hundred euros a second person has to see it.
STRENG = msgspec.structs.replace(BELEID, tweede_persoon_boven=10_000)
_CREDIT = re.compile(rb"VorigReferentieNummer>([^<]+)<")
# Invoices outside the traffic: one that is paid, one that is open, and one that is blocked.  The
# last was paid as well, and then taken back by a creditfactuur.
FACTUREN = {"F1": 15_000, "F2": 7_000, "F3": 400}
TERUGGENOMEN = {"F4": 2_500}
IN_MEI, IN_JULI = datetime(2026, 5, 4, 9, tzinfo=UTC), datetime(2026, 7, 6, 9, tzinfo=UTC)
# An assignment of Zwolle that began before the year and goes on after it, and what of its lines
# becomes another day: 17 days of 48 are in 2025, and 4 of 35 in 2027.
OVERLOPEND, OVERLOPENDE_AANBIEDER, PER_REGEL = 1_000_002, "99000003", 97_000
OVER_NIEUWJAAR = {
    f"{OVERLOPEND}-2601": ("Begindatum", "2025-12-15"),
    f"{OVERLOPEND}-2612": ("Einddatum", "2027-01-04"),
}
ERVOOR, ERIN, ERNA = 34_354, 62_646, 11_086
# By these the standard refuses a line over new year.
MAANDREGELS = ("CS337", "TR319", "TR387", "TR388")


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
    regio = Regio(ZAAD, regels, 12, tuple(MODELLEN), tuple(MODELLEN.items()))
    write_agreements(regio, huis.agreements)
    with read_once():
        kennis = _but_over_new_year(load_kennis(read_settings({}), huis.agreements))
    place = Place(url=huis.store)
    installation = install(read_settings({}), kennis, klok, place, {"antwoord": _Nergens()})
    try:
        _judge(installation, klok, list(_moved(in_sending_order(regio))))
        store = installation.store
        accounts_for_all(store, date(JAAR, 1, 1))
        klok.moment = IN_MEI
        _invoice(store, "F1")
        _invoice(store, "F4")
        klok.moment = IN_JULI
        _take_back(store, "F4", "C4")
        klok.moment = NA_AFLOOP
        _pay(store)
        _afterwards(store)
        _settle(store)
    finally:
        installation.close()
    return huis


def _but_over_new_year(kennis: Kennis) -> Kennis:
    """The rules, but for what they say of the lines that go over new year here."""
    sets = {
        uitgave: replace(one, rules=_soft(one.rules)) for uitgave, one in kennis.regelsets.items()
    }
    return replace(kennis, regelsets=sets)


def _soft(rules: Mapping[str, Rule]) -> Mapping[str, Rule]:
    def let_go(judge: Callable[..., Iterable[Offence]]) -> Callable[..., Iterator[Offence]]:
        def judged(batch: object) -> Iterator[Offence]:
            return (one for one in judge(batch) if one.subject.reference not in OVER_NIEUWJAAR)

        return judged

    soft = {one: replace(rules[one], judge=let_go(rules[one].judge)) for one in MAANDREGELS}
    return {**rules, **soft}


def _moved(messages: Iterable[SimulatedMessage]) -> Iterator[SimulatedMessage]:
    """The messages, two lines of which go over new year."""
    names = [name.encode() for name in OVER_NIEUWJAAR]
    for message in messages:
        here = "323" in message.name and any(b">%b<" % name in message.body for name in names)
        yield replace(message, body=_with_other_days(message.body)) if here else message


def _with_other_days(body: bytes) -> bytes:
    root = etree.fromstring(body)
    for prestatie in by_name(root, "Prestatie"):
        nummer = by_name(prestatie, "ReferentieNummer")[0].text
        if nummer in OVER_NIEUWJAAR:
            name, dag = OVER_NIEUWJAAR[nummer]
            by_name(prestatie, name)[0].text = dag
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


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
    """A run for every month and municipality; the last month is only made, and not released.

    In June a payment of the first run of Enschede comes back: the run after it takes that along.
    """
    for maand in months_of_year(JAAR):
        for gemeente in GEMEENTEN:
            with suppress(WrongUse):
                _pay_month(store, gemeente, last_day(maand))
        if last_day(maand) == EIND_JUNI:
            eerste = _payments(store, ENSCHEDE)[0]
            store.betaalruns.bounced(ALLEN, eerste.nummer, EIND_JUNI, "rekening opgeheven")
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
            store.betaalruns.paid(own, run, tot)


def _afterwards(store: SqlStore) -> None:
    """A payment comes back, an aanbieder is blocked, and an invoice is, beside one that is open."""
    paid = _payments(store, ZWOLLE)[0]
    store.betaalruns.bounced(ALLEN, paid.nummer, VANDAAG, "rekening opgeheven")
    aanbieder = _payments(store, HENGELO)[0].aanbieder
    vraag = Blokkadevraag(
        gemeente=HENGELO, aanbieder=aanbieder, reden="onderzoek", vanaf=date(JAAR, 1, 1)
    )
    store.blokkades.block(ANNA, vraag)
    _invoice(store, "F2")
    aanbieder = _invoice(store, "F3")
    held = Blokkadevraag(
        gemeente=ENSCHEDE, aanbieder=aanbieder, factuur="F3", reden="onderzoek", vanaf=VANDAAG
    )
    store.blokkades.block(ANNA, held)


def _settle(store: SqlStore) -> None:
    """Clients moved: one item that both agree on, one that is disputed, one that is taken back."""
    posten = store.verrekeningen
    for nummer in posten.add(ALLEN, ANNA, _moved_to(HENGELO, ZWOLLE, OVERLOPEND)):
        posten.answer(ALLEN, BRAM, nummer, "akkoord")
    eerste, tweede = _numbers_of(store, ENSCHEDE)
    for nummer in posten.add(ALLEN, ANNA, _moved_to(ZWOLLE, ENSCHEDE, eerste)):
        posten.answer(ALLEN, BRAM, nummer, "betwist", "woonde hier niet")
    for nummer in posten.add(ALLEN, ANNA, _moved_to(HENGELO, ENSCHEDE, tweede)):
        posten.withdraw(ALLEN, ANNA, nummer)


def _moved_to(aan: str, van: str, nummer: int) -> Aanleiding:
    return Aanleiding(
        van=van,
        aan=aan,
        toewijzingnummer=nummer,
        wet="jeugdwet",
        vanaf=date(JAAR - 1, 12, 1),
        grond="verhuizing",
    )


def _numbers_of(store: SqlStore, gemeente: str) -> list[int]:
    """The assignments of two clients with granted lines."""
    with store.database.snapshot(ALLEN.scope) as connection:
        rows = connection.exec_driver_sql(
            "SELECT min(r.toewijzingnummer) FROM prestatie r JOIN partij p ON p.id = r.partij_id "
            f"WHERE p.gemeente = '{gemeente}' AND p.wet = 'jeugdwet' AND r.toegekend = 1 "
            "AND r.tot_volgnr IS NULL GROUP BY r.bsn_hash ORDER BY 1 LIMIT 2"
        ).all()
    return [nummer for (nummer,) in rows]


def _payments(store: SqlStore, gemeente: str) -> list[Betaling]:
    own = Bereik(frozenset({gemeente}))
    return [
        one
        for run in reversed(store.betalingen.runs(own, None, 100).rijen)
        for one in store.betalingen.all_of(own, run.nummer)
        if one.bedrag and one.betaald_op
    ]


def _invoice(store: SqlStore, nummer: str) -> str:
    """An invoice that two people saw; returns whose it is."""
    with store.database.snapshot(ALLEN.scope) as connection:
        query = f"SELECT min(aanbieder) FROM partij WHERE gemeente = '{ENSCHEDE}'"
        aanbieder: str = connection.exec_driver_sql(query).scalar_one()
    begin, end = date(JAAR, 4, 1), date(JAAR, 4, 30)
    bedrag = {**FACTUREN, **TERUGGENOMEN}[nummer]
    regel = Factuurregel(1, "45A04", "01", begin, end, 1, None, bedrag)
    one = Factuur(
        gemeente=ENSCHEDE,
        wet="jeugdwet",
        aanbieder=aanbieder,
        factuurnummer=nummer,
        factuurdatum=date(JAAR, 5, 2),
        regels=[regel],
    )
    opgave = Opgave(factuur=one, soort="geen-bsn", referentie="zaak 12")
    _approve(store, store.facturen.add(ALLEN, ANNA, opgave, index([])))
    return aanbieder


def _take_back(store: SqlStore, nummer: str, credit: str) -> None:
    """All of an invoice is taken back by a creditfactuur."""
    (een,) = [one for one in store.facturen.list(ALLEN).rijen if one.factuurnummer == nummer]
    opgave = Creditopgave(factuurnummer=credit, factuurdatum=IN_JULI.date())
    _approve(store, store.facturen.credit(ALLEN, ANNA, een.nummer, opgave))


def _approve(store: SqlStore, factuur: int) -> None:
    store.voorstellen.approve(ALLEN, BRAM, store.facturen.get(ALLEN, factuur).voorstel_id)
