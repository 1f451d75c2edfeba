"""An envelope by a folder, a queue or a server with files goes the way of the SOAP service."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
import structlog
from structlog.testing import capture_logs

from gateway.bootstrap import opnemers_of
from gateway.broker.connection import Broker
from gateway.broker.edges import BERICHTEN_IN, BERICHTEN_UIT, QueueRanden
from gateway.cli.service import Randen, folders_of, randen_of
from gateway.config import Settings, read_settings
from gateway.network.folder import FolderUit
from gateway.network.ggk.envelop import Bevestiging, Envelop, Foutbericht, Systeem
from gateway.network.ggk.lezen import parse, read
from gateway.network.ggk.schrijven import write
from gateway.network.sftp.randen import SftpRanden
from gateway.network.sftp.verbinding import server_of
from gateway.store.engine import ALL
from gateway.store.envelop import envelop
from gateway.store.inbox import Inbox
from gateway.store.tables import inbox, inbox_stuk, outbox, outbox_stuk, teller
from tests.enveloppen import AANBIEDER, UUID, di01, du01, fo01
from tests.integration.berichten import bericht as bericht_of
from tests.integration.berichten import changed, comes_true
from tests.integration.test_ggk_ontvangst import ONGEKOPPELD, Netwerk, in_de_inbox, redenen
from tests.rabbitmq import QUEUES, is_there, own_queues, put, take, waiting
from tests.sftp import sftpserver
from tests.unit.test_pakket import zipped
from tests.web.huis import BEGIN, ZWOLLE, Huis, huis

PATIENCE = 20.0
ANDER = "1f0e9d8c-7b6a-4958-8776-655443322110"
JW323 = bericht_of("JW323").encode()
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(autouse=True)
def _all_logs() -> None:
    """What is logged is seen, whatever a command before this test was told to leave out."""
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def _huis(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Huis]:
    with huis(tmp_path_factory.mktemp("randen")) as made:
        yield made


@pytest.fixture
def hier(_huis: Huis) -> Huis:
    """A gateway to which nothing came yet."""
    _huis.klok.moment = BEGIN
    with _huis.store.database.writing(ALL) as connection:
        for table in (outbox_stuk, outbox, envelop, inbox_stuk, inbox):
            connection.execute(sa.delete(table))
        connection.execute(sa.delete(teller).where(teller.c.naam.like("tijdstip-%")))
    return _huis


def intakes(hier: Huis, randen: Randen, settings: Settings) -> Sequence[Any]:
    """What takes in by these edges, as a gateway has it."""
    store = hier.store
    opnemers = opnemers_of(settings, hier.omgeving.stand, store, hier.klok)
    return randen.intakes(store.inbox, opnemers)


@dataclass
class Mappen:
    """The folders `in` and `out` of a gateway that looks when it is told to."""

    hier: Huis
    data: Path

    def __post_init__(self) -> None:
        settings = Settings(data=self.data)
        self.intakes = intakes(self.hier, randen_of(settings, folders_of(settings)), settings)

    def neem(self, body: bytes, naam: str = "envelop.xml") -> bool:
        """Put a file there; gives whether it was taken."""
        (self.data / "in" / naam).write_bytes(body)
        return self.kijk() > 0

    def kijk(self) -> int:
        return sum(one.take_all() for one in self.intakes)

    @property
    def in_(self) -> list[str]:
        return sorted(path.name for path in (self.data / "in").iterdir())

    @property
    def out(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.data / "out").iterdir()}


@pytest.fixture
def mappen(hier: Huis, tmp_path: Path) -> Mappen:
    return Mappen(hier, tmp_path / "data")


def bevestiging(told: bytes) -> Bevestiging:
    stuk = read(parse(told))
    assert isinstance(stuk, Bevestiging)
    return stuk


def fout(told: bytes) -> tuple[str, str | None]:
    """The code of a Fo03, and about which number it is."""
    stuk = read(parse(told))
    assert isinstance(stuk, Foutbericht)
    assert "Fo03" == stuk.stuurgegevens.berichtcode
    return stuk.fout.code, stuk.stuurgegevens.crossrefnummer


# --- A folder -----------------------------------------------------------------------------------


def test_an_envelope_in_a_folder_is_kept_and_confirmed(mappen: Mappen) -> None:
    assert mappen.neem(write(di01(JW323)))
    assert [JW323] == in_de_inbox(mappen.hier)
    ((naam, told),) = mappen.out.items()
    head = bevestiging(told).stuurgegevens
    assert (f"Bv03_{head.referentienummer}.xml", UUID) == (naam, head.crossrefnummer)
    assert (Systeem(ZWOLLE, "ijw-iwmo-gateway"), AANBIEDER) == (head.zender, head.ontvanger)
    assert [] == mappen.in_


def test_the_same_again_writes_the_same_file_whatever_its_name(mappen: Mappen) -> None:
    assert mappen.neem(write(di01(JW323)))
    first = mappen.out
    mappen.hier.klok.later(hours=20)
    assert mappen.neem(write(di01(JW323)), "nog eens.xml")
    assert first == mappen.out
    assert [JW323] == in_de_inbox(mappen.hier)


def test_a_folder_and_the_network_know_of_each_other(mappen: Mappen) -> None:
    netwerk = Netwerk(mappen.hier)
    told = netwerk.bied(di01(JW323)).content
    assert mappen.neem(write(di01(JW323)))
    (again,) = mappen.out.values()
    assert again.partition(b"?>")[2].strip() in told
    assert not mappen.neem(write(di01(JW323 + b"\n")))
    assert [JW323] == in_de_inbox(mappen.hier)


def test_something_else_under_a_number_is_refused_and_stays_where_it_is(mappen: Mappen) -> None:
    mappen.neem(write(di01(JW323)))
    before = mappen.out.keys()
    with capture_logs() as logged:
        assert not mappen.neem(write(di01(JW323 + b"\n")))
        assert 0 == mappen.kijk()
    (naam,) = mappen.out.keys() - before
    assert naam.startswith("Fo03_")
    assert ("StUF016", UUID) == fout(mappen.out[naam])
    # After a restart the same file is looked at again, and its answer is in the place of the first.
    assert 0 == Mappen(mappen.hier, mappen.data).kijk()
    assert {naam} == mappen.out.keys() - before
    assert ["envelop.xml"] == mappen.in_
    (told,) = (one for one in logged if one["event"] == "bestand_niet_opgenomen")
    assert told["reden"].startswith("StUF016: dit referentienummer is door deze zender al gebruikt")
    assert [JW323] == in_de_inbox(mappen.hier)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"ggk0210", b"ggk0310", "StUF004"),
        (UUID.encode(), UUID.upper().encode(), "StUF055"),
        (b">0193<", b">0363<", "StUF010"),
    ],
)
def test_what_is_refused_is_told_by_a_fault(
    mappen: Mappen, old: bytes, new: bytes, code: str
) -> None:
    assert not mappen.neem(write(di01(JW323)).replace(old, new))
    (told,) = mappen.out.values()
    found, nummer = fout(told)
    assert (code, UUID) == (found, (nummer or "").lower())
    assert ["envelop.xml"] == mappen.in_
    assert [] == in_de_inbox(mappen.hier)


def test_an_answer_is_not_answered(mappen: Mappen) -> None:
    mappen.neem(write(di01(JW323)))
    ((_, told),) = mappen.out.items()
    before = mappen.out
    assert not mappen.neem(told, "bv03.xml")
    assert before == mappen.out


@pytest.mark.parametrize("stuk", [du01(bericht_of("JW302").encode()), fo01()])
def test_what_is_not_surely_ours_is_confirmed_and_set_aside(
    mappen: Mappen, stuk: Envelop | Foutbericht
) -> None:
    assert mappen.neem(write(stuk))
    ((_, told),) = mappen.out.items()
    assert UUID == bevestiging(told).stuurgegevens.crossrefnummer
    assert [ONGEKOPPELD] == redenen(mappen.hier)
    assert [] == in_de_inbox(mappen.hier)


def test_a_confirmation_that_cannot_be_written_comes_later(mappen: Mappen) -> None:
    with patch.object(FolderUit, "deliver", side_effect=OSError(28, "vol")):
        assert not mappen.neem(write(di01(JW323)))
    assert (["envelop.xml"], {}) == (mappen.in_, mappen.out)
    assert 1 == mappen.kijk()
    assert ([], 1) == (mappen.in_, len(mappen.out))
    assert [JW323] == in_de_inbox(mappen.hier)


def test_a_zip_may_hold_envelopes_and_plain_messages(mappen: Mappen) -> None:
    other = changed(bericht_of("JW323"), (">JW323-0001<", ">JW323-0002<"))
    members = [
        ("1.xml", write(di01(JW323))),
        ("2.xml", write(di01(JW323 + b"\n"))),
        ("3.xml", other),
        ("4.xml", write(fo01(referentienummer=ANDER))),
    ]
    assert mappen.neem(zipped(*members), "pakket.zip")
    (report,) = mappen.in_
    leden = json.loads((mappen.data / "in" / report).read_bytes())["leden"]
    uitkomsten = ["opgenomen", "geweigerd", "opgenomen", "opgenomen"]
    assert uitkomsten == [one["uitkomst"] for one in leden]
    assert leden[1]["reden"].startswith("StUF016: ")
    assert leden[3]["bericht"] is None
    assert [JW323, other] == in_de_inbox(mappen.hier)
    assert ["Bv03", "Bv03", "Fo03"] == sorted(naam[:4] for naam in mappen.out)


def test_a_message_that_only_names_the_network_is_a_message(mappen: Mappen) -> None:
    body = JW323 + b"<!-- http://x/koppelvlak/ggk0210 -->"
    assert mappen.neem(body)
    assert ({}, [body]) == (mappen.out, in_de_inbox(mappen.hier))


def test_a_provider_has_no_envelopes(hier: Huis) -> None:
    settings = read_settings({"GATEWAY_ROL": "aanbieder"})
    store = hier.store
    with patch.object(type(store), "rol", "aanbieder"):
        opnemer = opnemers_of(settings, hier.omgeving.stand, store, hier.klok)
        assert isinstance(opnemer(FolderUit(Path())), Inbox)


# --- A queue ------------------------------------------------------------------------------------


@pytest.fixture
def broker() -> Iterator[Broker]:
    with own_queues() as found:
        yield found


@contextmanager
def wachtrijen(hier: Huis, broker: Broker) -> Iterator[None]:
    """The queues of a gateway, as long as this lasts."""
    randen, stop = QueueRanden(broker, "urn:proef"), threading.Event()
    threads = [
        threading.Thread(target=one.run, args=(stop,))
        for one in intakes(hier, randen, read_settings({}))
    ]
    for one in threads:
        one.start()
    try:
        # Only a worker makes the queue of the work.
        made = [naam for naam in QUEUES if naam != "werk"]
        assert comes_true(lambda: all(is_there(broker, naam) for naam in made), PATIENCE)
        yield
    finally:
        stop.set()
        for one in threads:
            one.join(PATIENCE)
        randen.close()


def test_an_envelope_on_a_queue_is_confirmed_on_the_other(hier: Huis, broker: Broker) -> None:
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    with wachtrijen(hier, broker):
        put(broker, BERICHTEN_IN.naam, write(di01(JW323)), message_id="m-1", headers=headers)
        first = take(broker, BERICHTEN_UIT)
        put(broker, BERICHTEN_IN.naam, write(di01(JW323)), message_id="m-2")
        again = take(broker, BERICHTEN_UIT)
        put(broker, BERICHTEN_IN.naam, write(di01(JW323 + b"\n")), message_id="m-3")
        refused = take(broker, BERICHTEN_UIT)
        dead = take(broker, "dood")
        assert comes_true(lambda: waiting(broker, BERICHTEN_IN.naam) == 0, PATIENCE)
    head = bevestiging(first.body).stuurgegevens
    assert UUID == head.crossrefnummer
    assert (f"Bv03_{head.referentienummer}", "envelop") == (
        first.properties["message_id"],
        first.properties["type"],
    )
    assert (first.body, first.properties["message_id"]) == (
        again.body,
        again.properties["message_id"],
    )
    assert ("StUF016", UUID) == fout(refused.body)
    assert "m-3" == dead.properties["message_id"]
    assert [JW323] == in_de_inbox(hier)
    (claim,) = hier.store.inbox.take_up(inbox_ids(hier)).claims
    assert TRACE == claim.about["trace"]


def inbox_ids(hier: Huis) -> list[int]:
    with hier.store.database.snapshot() as connection:
        return list(connection.exec_driver_sql("SELECT id FROM inbox ORDER BY id").scalars())


def test_envelopes_and_messages_may_wait_in_one_queue(hier: Huis, broker: Broker) -> None:
    others = [
        changed(bericht_of("JW323"), (">JW323-0001<", f">JW323-{number:04}<"))
        for number in (2, 3, 4)
    ]
    with broker.connect() as connected:
        broker.declare(connected.default_channel, broker.queue(BERICHTEN_IN.naam, 100))
    for body in (others[0], write(di01(JW323)), *others[1:]):
        put(broker, BERICHTEN_IN.naam, body)
    with wachtrijen(hier, broker):
        assert UUID == bevestiging(take(broker, BERICHTEN_UIT).body).stuurgegevens.crossrefnummer
        assert comes_true(lambda: len(in_de_inbox(hier)) == 4, PATIENCE)
    assert sorted([JW323, *others]) == sorted(in_de_inbox(hier))
    assert (0, 0) == (waiting(broker, "dood"), waiting(broker, BERICHTEN_UIT))


# --- A server with files ------------------------------------------------------------------------


def test_an_envelope_by_sftp_is_confirmed_on_the_server(hier: Huis, tmp_path: Path) -> None:
    with sftpserver(tmp_path) as server:
        settings = read_settings(server.instellingen)
        randen = SftpRanden(server_of(settings), settings.bytecap)
        (opname,) = intakes(hier, randen, settings)

        def neem(naam: str, body: bytes) -> int:
            (server.binnen / naam).write_bytes(body)
            return sum(opname.take_all() for _ in range(2))

        taken = [neem("1.xml", write(di01(JW323))), neem("2.xml", write(di01(JW323)))]
        (first,) = server.uit.iterdir()
        told = bevestiging(first.read_bytes()).stuurgegevens
        refused = neem("3.xml", write(di01(JW323 + b"\n")))
        opname._verbinding.close()
        assert (f"Bv03_{told.referentienummer}.xml", UUID) == (first.name, told.crossrefnummer)
        assert ([1, 1], 0) == (taken, refused)
        (other,) = (path for path in server.uit.iterdir() if path != first)
        assert ("StUF016", UUID) == fout(other.read_bytes())
        assert ["3.xml"] == [path.name for path in server.binnen.iterdir()]
    assert [JW323] == in_de_inbox(hier)
