"""A gateway of a municipality and one of a provider, and a network between them with faults."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gateway.config import read_settings
from gateway.inlezen import load_codes, load_types
from gateway.network.ggk.dienst import ADRES
from gateway.network.ggk.verbinding import Verbinding
from gateway.records.masker import is_bsn
from gateway.simulate.netwerk.dienst import aangesloten
from gateway.simulate.netwerk.net import Netwerk, Partij
from gateway.simulate.netwerk.postvak import Postvak
from gateway.simulate.netwerk.storingen import Storingen
from tests.faults.harness import _key
from tests.integration.berichten import Tabel, comes_true, run
from tests.integration.test_opdrachten import CLIENT, OMVANG, PERSOON, PRODUCT
from tests.integration.test_run import Gateway
from tests.netwerk import AGB, ZWOLLE, OmDeBeurt
from tests.servers import free_port

CLIENTEN = [nr for nr in map(str, range(999900000, 999900099)) if is_bsn(nr)][:6]
STORINGEN = Storingen(
    weg=1 / 6,
    kwijt=1 / 5,
    dubbel=1 / 2,
    bevriezing=1 / 11,
    bevroren=0.3,
    vertraging=0.4,
    codes={"CC08": 1 / 7},
)
VANDAAG = datetime.now(UTC).date()
EINDE = VANDAAG.replace(day=1) - timedelta(days=1)
BEGIN = EINDE.replace(day=1)
BEDRAG = 15_000
PATIENCE = 60.0
# What goes, what comes back, and to whom.
ROUND = (
    ("JW301", "JW302", "gemeente"),
    ("JW305", "JW306", "aanbieder"),
    ("JW323", "JW325", "aanbieder"),
)
CODES = load_codes(read_settings({}))


@dataclass(slots=True)
class Kant:
    """A gateway that runs, and the backoffice that asks it for messages."""

    data: Path
    gateway: Gateway

    def vraag(self, naam: str, given: Mapping[str, Any]) -> None:
        """Ask for a message."""
        base = {"kenmerk": naam, "gemeente": ZWOLLE, "wet": "jeugdwet", "aanbieder": AGB}
        folder = self.data / "backoffice.in"
        (folder / f".{naam}.tmp").write_text(json.dumps({**base, **given}), encoding="utf-8")
        (folder / f".{naam}.tmp").rename(folder / f"{naam}.json")

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows of its store."""
        with sqlite3.connect(f"file:{self.data / 'gateway.db'}?mode=ro", uri=True) as connection:
            return connection.execute(query, values).fetchall()

    def berichten(self, naam: str) -> list[str]:
        """The messages of a kind that it took in or made, by Identificatie."""
        rows = self.rows(
            "SELECT identificatie FROM inbox WHERE verdict = 'accepted' AND berichtcode = ?",
            CODES[naam],
        )
        return sorted(one for (one,) in rows)

    def antwoorden(self, naam: str) -> list[str]:
        """The answers of a kind that left, by Identificatie."""
        rows = self.rows("SELECT naam FROM outbox WHERE berichttype = ?", naam)
        return sorted(one.rpartition("_")[2] for (one,) in rows)

    def is_klaar(self) -> bool:
        """Whether nothing waits."""
        open_ = "SELECT 1 FROM inbox WHERE staat <> 'klaar' UNION ALL SELECT 1 FROM outbox"
        folders = (*(self.data / "in").glob("*.xml"), *(self.data / "out").glob("*.xml"))
        return not folders and [] == self.rows(f"{open_} WHERE sent_at IS NULL")

    def told(self, capsys: pytest.CaptureFixture[str], *words: str) -> Tabel:
        """The JSON of a command about it."""
        capsys.readouterr()
        store = f"sqlite:///{self.data / 'gateway.db'}"
        assert 0 == run([*words, "--json", "--store", store])
        document: Tabel = json.loads(capsys.readouterr().out)
        return document


@dataclass(slots=True)
class Verkeer:
    """Both sides, and the network between them."""

    gemeente: Kant
    aanbieder: Kant
    netwerk: Netwerk

    def is_klaar(self) -> bool:
        """Whether everything came to its end."""
        answers = (len(getattr(self, who).berichten(terug)) for _, terug, who in ROUND)
        return (
            all(count == len(CLIENTEN) for count in answers)
            and self.netwerk.is_leeg()
            and self.gemeente.is_klaar()
            and self.aanbieder.is_klaar()
        )


def test_what_goes_between_two_gateways_arrives_once_and_is_answered_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with verkeer(tmp_path) as tussen:
        gemeente, aanbieder = tussen.gemeente, tussen.aanbieder
        for bsn in CLIENTEN:
            gemeente.vraag(f"toewijzing-{bsn}", toewijzing(bsn))
        count = len(CLIENTEN)
        assert comes_true(lambda: count == len(aanbieder.berichten("JW301")), PATIENCE), left_over(
            tussen
        )
        for bsn, nummer in aanbieder.rows("SELECT bsn, toewijzingnummer FROM toewijzing"):
            aanbieder.vraag(f"start-{bsn}", start(bsn, nummer))
            aanbieder.vraag(f"declaratie-{bsn}", declaratie(bsn, nummer))
        assert comes_true(tussen.is_klaar, PATIENCE), left_over(tussen)
        # The network did all that it threatened with.
        net = tussen.netwerk
        assert {"IB103", "CC08"} == {*net.teruggestuurd.values()}
        assert 1 == max(map(len, net.aangeboden.values()))

        # Nothing was lost and nothing was doubled on the way there, nor on the way back.
        for heen, terug, ontvanger in ROUND:
            sent = gemeente.berichten(heen)
            assert count == len({*sent})
            assert sent == aanbieder.berichten(heen)
            answers = getattr(tussen, ontvanger).berichten(terug)
            # A retour is known by what it answers, a 325 by its own number.
            assert (gemeente.antwoorden(terug) if terug == "JW325" else sent) == answers

        # And both know that it was: all is answered, nothing is open, and the euros are the same.
        for kant in (gemeente, aanbieder):
            status = kant.told(capsys, "status")
            assert (True, 0, 0, 0) == tuple(
                status[name] for name in ("balanced", "waiting", "held", "parked")
            )
            assert not [one for one in status["deadlines"]["list"] if one["term"] == "retour"]
            assert [] == kant.rows("SELECT 1 FROM outbox WHERE sent_at IS NULL OR stil <> 0")
            ledger = kant.told(capsys, "ledger", "check")
            granted = {name: ledger["total"][name] for name in ("ingediend", "toegekend")}
            assert dict.fromkeys(granted, count * BEDRAG) == granted
            assert [] == ledger["violations"]


@contextmanager
def verkeer(folder: Path) -> Iterator[Verkeer]:
    """Two gateways that run, and a network between them with every fault that passes."""
    clock = partial(datetime.now, UTC)
    types = load_types(read_settings({}))
    data = {rol: folder / rol for rol in ("gemeente", "aanbieder")}
    for one in data.values():
        for name in ("backoffice.in", "backoffice.uit"):
            (one / name).mkdir(parents=True)
    port = free_port()
    sleutel = _key(f"sqlite:///{data['gemeente'] / 'gateway.db'}")
    terug = Verbinding(f"http://127.0.0.1:{port}{ADRES}", sleutel=sleutel)
    partijen: dict[str, Partij] = {ZWOLLE: terug}
    postvak = Postvak(data["aanbieder"], types, clock, uuid4)
    netwerk = Netwerk(partijen, postvak, STORINGEN, OmDeBeurt(), clock, uuid4)
    with ExitStack() as stack:
        stack.callback(terug.close)
        adres = stack.enter_context(aangesloten(netwerk))
        stop = threading.Event()
        sending = threading.Thread(target=postvak.run, args=(netwerk, stop))
        sending.start()
        stack.callback(sending.join)
        stack.callback(stop.set)
        over = {
            "GATEWAY_GGK_URL": adres,
            "GATEWAY_PORT": str(port),
            "GATEWAY_GGK_BEVROREN_SECONDS": "0.3",
        }
        kanten = []
        for rol, settings in (("gemeente", over), ("aanbieder", {"GATEWAY_ROL": "aanbieder"})):
            kanten.append(Kant(data[rol], Gateway(data[rol], **settings)))
            stack.callback(kanten[-1].gateway.end)
        for kant in kanten:
            log = kant.gateway.logged
            assert comes_true(lambda: '"gestart"' in log(), PATIENCE), log()  # noqa: B023
        yield Verkeer(*kanten, netwerk)
        for kant in kanten:
            assert 0 == kant.gateway.stop()[0]


def toewijzing(bsn: str) -> Tabel:
    """Care from the begin of last month on."""
    einde = VANDAAG + timedelta(days=300)
    looptijd = {
        "datumStartToewijzing": BEGIN.isoformat(),
        "datumEindeToewijzing": einde.isoformat(),
    }
    return {
        "opdracht": "toewijzing",
        "bsn": bsn,
        "client": {**CLIENT, "bsn": bsn},
        "toewijzingen": [{**PRODUCT, **looptijd, **OMVANG}],
    }


def start(bsn: str, nummer: int) -> Tabel:
    """It began on its first day."""
    levering = {"toewijzingnummer": nummer, **PRODUCT, "datumStart": BEGIN.isoformat()}
    return {
        "opdracht": "start",
        "client": {**PERSOON, "bsn": bsn},
        "leveringen": [{**levering, "datumStartToewijzing": BEGIN.isoformat()}],
    }


def declaratie(bsn: str, nummer: int) -> Tabel:
    """Three hours of last month."""
    maand = {"datumStart": BEGIN.isoformat(), "datumEinde": EINDE.isoformat()}
    regel = {
        "bsn": bsn,
        "referentienummer": f"R{nummer}",
        "toewijzingnummer": nummer,
        **PRODUCT,
        **maand,
        "geleverdVolume": 3,
        "eenheidCode": "04",
        "bedrag": BEDRAG,
        "producttarief": BEDRAG // 3,
    }
    return {
        "opdracht": "declaratie",
        "declaratienummer": f"D{nummer}",
        **maand,
        "datumDeclaratie": VANDAAG.isoformat(),
        "regels": [regel],
    }


def left_over(tussen: Verkeer) -> dict[str, object]:
    """What did not come to its end, for who has to find out why."""
    inbox = "SELECT berichtcode, staat, verdict, count(*) FROM inbox GROUP BY 1, 2, 3"
    outbox = "SELECT soort, naam, stil, reden FROM outbox WHERE sent_at IS NULL"
    return {
        kant.data.name: (kant.rows(inbox), kant.rows(outbox))
        for kant in (tussen.gemeente, tussen.aanbieder)
    } | {"teruggestuurd": tussen.netwerk.teruggestuurd}
