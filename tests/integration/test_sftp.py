"""Messages come from a server with files and leave there, whatever happens on the way."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from gateway.config import Settings, read_settings
from gateway.errors import TemporaryFailure, WrongUse
from gateway.network.sftp.randen import Sftpopname, SftpRanden, SftpUit
from gateway.network.sftp.verbinding import Sftpverbinding, server_of
from gateway.store.store import SqlStore
from tests.integration.berichten import comes_true, made
from tests.integration.store_builders import message
from tests.integration.test_run import PATIENCE, Gateway
from tests.sftp import Sftpserver, sftpserver
from tests.unit.test_pakket import zipped

CAP = 10_000


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    structlog.reset_defaults()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sftpserver]:
    with sftpserver(tmp_path) as made_server:
        yield made_server


def settings_of(server: Sftpserver, **changes: str) -> Settings:
    return read_settings({**server.instellingen, **changes})


@pytest.fixture
def verbinding(server: Sftpserver) -> Iterator[Sftpverbinding]:
    opened = Sftpverbinding(server_of(settings_of(server)))
    yield opened
    opened.close()


def test_a_file_is_taken_once_it_stays_the_same_and_goes_once_it_is_kept(
    store: SqlStore, server: Sftpserver, verbinding: Sftpverbinding
) -> None:
    opname = Sftpopname(verbinding, store.inbox, CAP)
    path = server.binnen / "a.xml"
    path.write_bytes(message(1)[:20])
    assert 0 == opname.take_all()
    path.write_bytes(message(1))
    assert (0, 1, 0) == (opname.take_all(), opname.take_all(), opname.take_all())
    assert [] == list(server.binnen.iterdir())
    assert b"".join(store.pieces(1)) == message(1)


def test_what_is_no_complete_file_with_an_ending_of_ours_is_left(
    store: SqlStore, server: Sftpserver, verbinding: Sftpverbinding
) -> None:
    (server.binnen / "map.xml").mkdir()
    names = (".a.xml", "a.xml.tmp", "a.txt", "map.xml")
    for name in names[:3]:
        (server.binnen / name).write_bytes(message(1))
    opname = Sftpopname(verbinding, store.inbox, CAP)
    assert (0, 0) == (opname.take_all(), opname.take_all())
    assert sorted(names) == sorted(path.name for path in server.binnen.iterdir())


def test_a_file_that_is_too_large_stays_and_is_told_of_once(
    store: SqlStore, server: Sftpserver, verbinding: Sftpverbinding
) -> None:
    (server.binnen / "groot.xml").write_bytes(b"x" * (CAP + 1))
    opname = Sftpopname(verbinding, store.inbox, CAP)
    with capture_logs() as logged:
        assert [0, 0, 0] == [opname.take_all() for _ in range(3)]
    assert [("bestand_te_groot", "groot.xml")] == [(one["event"], one["bestand"]) for one in logged]
    assert (server.binnen / "groot.xml").exists()


def test_a_package_leaves_a_report_where_it_was(
    store: SqlStore, server: Sftpserver, verbinding: Sftpverbinding
) -> None:
    (server.binnen / "pakket.zip").write_bytes(zipped(("a.xml", message(1)), ("b.xml", message(2))))
    opname = Sftpopname(verbinding, store.inbox, CAP)
    assert [0, 1] == [opname.take_all() for _ in range(2)]
    (report,) = server.binnen.iterdir()
    told = json.loads(report.read_bytes())
    assert ("pakket.zip.verslag.json", ["opgenomen", "opgenomen"]) == (
        report.name,
        [one["uitkomst"] for one in told["leden"]],
    )


def test_a_file_stays_until_the_store_has_it(
    store: SqlStore,
    server: Sftpserver,
    verbinding: Sftpverbinding,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: object) -> Any:
        raise TemporaryFailure("weg")

    path = server.binnen / "a.xml"
    path.write_bytes(message(1))
    opname = Sftpopname(verbinding, store.inbox, CAP)
    opname.take_all()
    with monkeypatch.context() as patched:
        patched.setattr(store.inbox, "receive", away)
        with pytest.raises(TemporaryFailure):
            opname.take_all()
    assert path.exists()
    assert 1 == opname.take_all()


def test_what_leaves_is_a_whole_file_and_a_repeat_writes_it_again(
    server: Sftpserver, verbinding: Sftpverbinding
) -> None:
    uit = SftpUit(verbinding)
    for _ in range(2):
        uit.deliver("A1", "antwoord", iter([b"<a>", b"</a>"]))
    assert {"A1.xml": b"<a></a>"} == {one.name: one.read_bytes() for one in server.uit.iterdir()}


def test_a_name_that_leads_elsewhere_is_refused(verbinding: Sftpverbinding) -> None:
    for name in ("../A1", ".A1"):
        with pytest.raises(ValueError, match="plain file name"):
            SftpUit(verbinding).deliver(name, "antwoord", iter([b""]))


def test_a_server_that_is_not_known_gets_nothing(server: Sftpserver, tmp_path: Path) -> None:
    with sftpserver(tmp_path / "ander") as other:
        server.bekend.write_text(other.bekend.read_text().replace(str(other.poort), "22"))
    verbinding = Sftpverbinding(server_of(settings_of(server)))
    with pytest.raises(TemporaryFailure, match="niet bereikbaar"):
        SftpUit(verbinding).deliver("A1", "antwoord", iter([b"<a/>"]))
    assert [] == list(server.uit.iterdir())


def test_a_server_that_comes_back_is_used_again(tmp_path: Path) -> None:
    with sftpserver(tmp_path) as server:
        randen = SftpRanden(server_of(settings_of(server)), CAP)
        uit = SftpUit(Sftpverbinding(randen.server))
        uit.deliver("A1", "antwoord", iter([b"<a/>"]))
    with pytest.raises(TemporaryFailure):
        uit.deliver("A2", "antwoord", iter([b"<a/>"]))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("GATEWAY_SFTP_URL", "", "horen GATEWAY_SFTP_URL"),
        ("GATEWAY_SFTP_SLEUTEL", "/nergens", "GATEWAY_SFTP_SLEUTEL: het bestand /nergens"),
        ("GATEWAY_SFTP_URL", "https://a", "een adres als sftp://"),
    ],
)
def test_half_a_server_is_refused(server: Sftpserver, name: str, value: str, why: str) -> None:
    with pytest.raises(WrongUse, match=why):
        server_of(settings_of(server, **{name: value}))


def test_a_message_comes_by_sftp_and_its_answer_leaves_by_it(
    tmp_path: Path, server: Sftpserver
) -> None:
    gateway = Gateway(tmp_path / "data", **server.instellingen).started()
    try:
        (server.binnen / "toewijzing.xml").write_bytes(made("JW305"))
        assert comes_true(lambda: list(server.uit.glob("*.xml")) != [], PATIENCE), gateway.logged()
        assert [] == list(server.binnen.iterdir())
        (answer,) = server.uit.iterdir()
        assert b"306" in answer.read_bytes()
    finally:
        gateway.end()
