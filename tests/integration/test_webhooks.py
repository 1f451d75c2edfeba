"""Events go to who asked for them: signed, to public addresses, and nobody waits for others."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from gateway.cli.verantwoord import handeling_of
from gateway.errors import WrongUse
from gateway.network.webhook.adres import NietBereikbaar, address_of, checked_url, is_public
from gateway.network.webhook.bezorgen import Bezorger, NietAangekomen
from gateway.network.webhook.lus import Webhooklus
from gateway.store import webhooks
from gateway.store.engine import ALL
from gateway.store.store import SqlStore
from gateway.store.tables import outbox_stuk
from gateway.store.toegang.logboek import Betrokkene
from gateway.store.webhooks import TRIES, Aanvraag, Doel, aflevering, key_of
from tests.integration.berichten import comes_true, run, sentence
from tests.integration.store_builders import Klok, settled
from tests.opslag import store_of

Captured = pytest.CaptureFixture[str]
ACT = handeling_of("abonnement maken", "C", Betrokkene(), "test")
BRON = "urn:nld:systeem:test"
NAME = "ontvanger.example"
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


@dataclass
class Ontvanger:
    """A subscriber: what it was sent, and how it answers."""

    port: int = 0
    status: int = 204
    before: Callable[[Any], None] | None = None
    body: Callable[[Any], None] | None = None
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def doel(self) -> Doel:
        return Doel(1, f"https://{NAME}:{self.port}/haak?sleutel=x", key_of(SECRET))


def certificate(folder: Path) -> Path:
    """A certificate of the subscriber's name, by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    kept = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "cert.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + kept)
    return file


@contextmanager
def receiving(ontvanger: Ontvanger, file: Path) -> Iterator[Ontvanger]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            ontvanger.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            if ontvanger.before is not None:
                ontvanger.before(self.wfile)
            self.send_response(ontvanger.status)
            self.send_header("Location", "https://elders.example/")
            self.end_headers()
            if ontvanger.body is not None:
                ontvanger.body(self.wfile)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    ontvanger.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield ontvanger
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _all_logs() -> None:
    """What is logged is seen, whatever a command before this test was told to leave out."""
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def cert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("cert"))


@pytest.fixture
def ontvanger(cert: Path) -> Iterator[Ontvanger]:
    with receiving(Ontvanger(), cert) as made:
        yield made


def bezorger(cert: Path, **options: Any) -> Bezorger:
    """One that takes this machine for a public place."""
    found: Callable[[str, int], Sequence[str]] = lambda *_: ["127.0.0.1"]  # noqa: E731
    given: dict[str, Any] = {"opzoeken": found, "mag": lambda _: True}
    return Bezorger(vertrouwd=ssl.create_default_context(cafile=str(cert)), **given | options)


@pytest.mark.parametrize(
    "url",
    [
        "http://ontvanger.example/",
        "ftp://ontvanger.example/",
        "https://",
        "https://naam:woord@ontvanger.example/",
        "https://ontvanger.example/#deel",
        "https://ontvanger.example:99999/",
        "https://ontvanger.example/\r\nHost: elders",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://[/",
    ],
)
def test_an_address_that_can_never_do_is_refused_when_it_is_given(url: str) -> None:
    with pytest.raises(WrongUse):
        checked_url(url)


@pytest.mark.parametrize(
    ("adres", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("::", False),
        ("ff02::1", False),
        ("2001:0:5ef5:79fd::1", False),
        ("2002:5db8:d70e::1", True),
    ],
)
def test_only_what_anybody_may_reach_is_public(adres: str, expected: bool) -> None:
    assert expected == is_public(ip_address(adres))


def test_one_address_inside_a_network_among_others_is_enough_to_refuse() -> None:
    with pytest.raises(NietBereikbaar):
        address_of(NAME, 443, lambda *_: ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(NietBereikbaar):
        address_of(NAME, 443, lambda *_: [])


def test_an_event_is_signed_and_goes_to_the_address_that_was_looked_at(
    ontvanger: Ontvanger, cert: Path
) -> None:
    asked: list[str] = []

    def once(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    bezorger(cert, opzoeken=once).bezorg(ontvanger.doel, "n_1", b'{"a":1}', 1_700_000_000)
    ((headers, body),) = ontvanger.got
    assert [NAME] == asked
    assert b'{"a":1}' == body
    assert f"{NAME}:{ontvanger.port}" == headers["host"]
    assert "application/cloudevents+json" == headers["content-type"]
    assert ("n_1", "1700000000") == (headers["webhook-id"], headers["webhook-timestamp"])
    own = hmac.new(b"s" * 32, b'n_1.1700000000.{"a":1}', hashlib.sha256).digest()
    assert f"v1,{base64.b64encode(own).decode()}" == headers["webhook-signature"]


def test_what_leads_inside_a_network_is_not_connected_to(ontvanger: Ontvanger, cert: Path) -> None:
    with pytest.raises(NietAangekomen) as away:
        bezorger(cert, mag=is_public).bezorg(ontvanger.doel, "n", b"{}", 1)
    assert "de naam in het adres leidt naar binnen een netwerk" == str(away.value)
    assert [] == ontvanger.got


@pytest.mark.parametrize("status", [302, 400, 410, 500])
def test_another_answer_is_no_delivery_and_leads_nowhere(
    ontvanger: Ontvanger, cert: Path, status: int
) -> None:
    ontvanger.status = status
    with pytest.raises(NietAangekomen) as told:
        bezorger(cert).bezorg(ontvanger.doel, "n", b"{}", 1)
    assert f"antwoord {status}" == str(told.value)
    assert 1 == len(ontvanger.got)


def test_a_certificate_of_another_name_is_not_trusted(ontvanger: Ontvanger, cert: Path) -> None:
    other = Doel(1, f"https://ander.example:{ontvanger.port}/?sleutel=x", b"s")
    with pytest.raises(NietAangekomen) as told:
        bezorger(cert).bezorg(other, "n", b"{}", 1)
    assert "geen antwoord (ConnectError)" == str(told.value)
    assert [] == ontvanger.got


def test_who_answers_without_end_is_not_listened_to(ontvanger: Ontvanger, cert: Path) -> None:
    def endless(out: Any) -> None:
        while True:
            out.write(b"x" * 65_536)

    ontvanger.status, ontvanger.body = 200, endless
    began = time.monotonic()
    bezorger(cert).bezorg(ontvanger.doel, "n", b"{}", 1)
    assert 3 > time.monotonic() - began


def test_who_answers_a_byte_now_and_then_is_not_waited_for(
    ontvanger: Ontvanger, cert: Path
) -> None:
    def drip(out: Any) -> None:
        out.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            out.write(b"x")
            out.flush()
            time.sleep(0.1)

    ontvanger.before = drip
    began = time.monotonic()
    with pytest.raises(NietAangekomen):
        bezorger(cert, seconds=0.5).bezorg(ontvanger.doel, "n", b"{}", 1)
    assert 3 > time.monotonic() - began


def subscribed(store: SqlStore, **wanted: Any) -> int:
    asked = Aanvraag(naam="backoffice", url=f"https://{NAME}/", **wanted)
    return store.webhooks.make(asked, ACT)[0]


def happened(store: SqlStore, soort: str = "declaratie-beoordeeld", gemeente: str = "0193") -> None:
    settled(store, lambda work: work.add_event(soort, gemeente, {"regels": 1}))


def kinds(store: SqlStore, nummer: int) -> list[str]:
    return [one.document()["soort"] for one in store.webhooks.due(nummer)]


def test_a_subscriber_gets_what_it_asked_for_once_and_from_then_on(store: SqlStore) -> None:
    happened(store)
    every = subscribed(store)
    some = subscribed(store, soorten=["b"], gemeenten=["0193"])
    store.webhooks.spread()
    for soort, gemeente in (("a", "0193"), ("b", "0193"), ("b", "0150")):
        happened(store, soort, gemeente)
    for _ in range(2):
        store.webhooks.spread()
        assert [3, 1] == [one.wacht for one in store.webhooks.list()]
    assert ["a", "b", "b"] == kinds(store, every)
    assert [] == kinds(store, every)
    assert ["b"] == kinds(store, some)


class Neemt:
    """Takes events, but for those of an address that is away."""

    def __init__(self) -> None:
        self.away = True
        self.got: list[tuple[str, dict[str, Any]]] = []

    def bezorg(self, doel: Doel, naam: str, body: bytes, moment: int) -> None:
        if self.away:
            raise NietAangekomen("antwoord 503")
        self.got.append((naam, json.loads(body)))


def test_an_event_that_had_its_time_holds_up_no_other(store: SqlStore, klok: Klok) -> None:
    nummer, neemt = subscribed(store), Neemt()
    neemt.away = False
    lus = Webhooklus(store.webhooks, neemt, BRON, klok)
    happened(store)
    happened(store)
    store.webhooks.spread()
    with store.database.writing(ALL) as connection:
        first = connection.scalar(sa.select(sa.func.min(aflevering.c.outbox_id)))
        connection.execute(sa.delete(outbox_stuk).where(outbox_stuk.c.outbox_id == first))
    (doel,) = store.webhooks.doelen()
    for _ in range(2 * TRIES):
        lus.send_due(doel)
        klok.move(webhooks.LONGEST_WAIT)
    assert 1 == len(neemt.got)
    assert ["de gebeurtenis staat niet meer in de opslag"] == [
        one.reden for one in store.webhooks.dood(nummer)
    ]


def test_what_stays_away_is_dead_after_many_tries_and_can_be_sent_again(
    store: SqlStore, klok: Klok
) -> None:
    nummer, neemt = subscribed(store), Neemt()
    lus = Webhooklus(store.webhooks, neemt, BRON, klok)
    happened(store)
    happened(store)
    store.webhooks.spread()
    (doel,) = store.webhooks.doelen()
    for _ in range(2 * TRIES):
        assert not lus.send_due(doel)
        klok.move(webhooks.LONGEST_WAIT)
    dead = store.webhooks.dood(nummer)
    assert [(TRIES, "antwoord 503")] * 2 == [(one.tries, one.reden) for one in dead]
    assert [(0, 2)] == [(one.wacht, one.dood) for one in store.webhooks.list()]
    assert not lus.send_due(doel)

    neemt.away = False
    assert 2 == store.webhooks.redrive(nummer, ACT)
    assert lus.send_due(doel)
    assert not lus.send_due(doel)
    assert [one.naam for one in dead] == [naam for naam, _ in neemt.got]
    event = neemt.got[0][1]
    assert ("1.0", BRON, "nl.iwmo.declaratie-beoordeeld.v1") == (
        event["specversion"],
        event["source"],
        event["type"],
    )
    assert {"regels": 1} == event["data"]["data"]
    assert [] == store.webhooks.dood()


def test_a_wait_grows_and_the_rest_is_not_tried_meanwhile(store: SqlStore, klok: Klok) -> None:
    subscribed(store)
    lus = Webhooklus(store.webhooks, Neemt(), BRON, klok)
    happened(store)
    happened(store)
    store.webhooks.spread()
    (doel,) = store.webhooks.doelen()
    with capture_logs() as logs:
        lus.send_due(doel)
        assert not lus.send_due(doel)
    assert 1 == len(logs)
    klok.move(webhooks.FIRST_WAIT)
    assert [1, 0] == [one.tries for one in store.webhooks.due(doel.nummer)]


def test_who_stopped_gets_nothing_and_its_secret_is_gone(store: SqlStore) -> None:
    nummer = subscribed(store)
    happened(store)
    store.webhooks.spread()
    assert store.webhooks.stop(nummer, ACT)
    assert not store.webhooks.stop(nummer, ACT)
    happened(store)
    store.webhooks.spread()
    assert [0] == [one.wacht for one in store.webhooks.list()]
    assert [] == list(store.webhooks.doelen())


def test_a_slow_subscriber_keeps_nobody_else_waiting(store: SqlStore, klok: Klok) -> None:
    slow, quick = subscribed(store), subscribed(store)
    release, got = threading.Event(), []

    class Een:
        def bezorg(self, doel: Doel, naam: str, body: bytes, moment: int) -> None:
            if doel.nummer == slow:
                release.wait(10)
            got.append(doel.nummer)

    stop = threading.Event()
    lus = Webhooklus(store.webhooks, Een(), BRON, klok)
    thread = threading.Thread(target=lus.run, args=(stop,))
    thread.start()
    try:
        happened(store)
        assert comes_true(lambda: got == [quick], 5)
        happened(store)
        assert comes_true(lambda: got == [quick, quick], 5)
    finally:
        release.set()
        stop.set()
        thread.join()
    assert got.count(slow) >= 1


def test_no_secret_is_shown_or_logged(store: SqlStore, klok: Klok, cert: Path) -> None:
    asked = Aanvraag(naam="x", url=f"https://{NAME}/?sleutel=GEHEIM")
    _, geheim = store.webhooks.make(asked, ACT)
    happened(store)
    store.webhooks.spread()
    (doel,) = store.webhooks.doelen()
    with capture_logs() as logs:
        Webhooklus(store.webhooks, bezorger(cert), BRON, klok).send_due(doel)
    told = f"{logs} {doel!r} {store.webhooks.list()}".replace(asked.url, "")
    assert logs
    assert geheim not in told
    assert "GEHEIM" not in told
    assert str(key_of(geheim)) not in told


@pytest.mark.usefixtures("opslag")
def test_the_commands_make_show_and_stop_a_subscription(tmp_path: Path, capsys: Captured) -> None:
    at = ["--store", store_of(tmp_path)]
    url = f"https://{NAME}/haak?sleutel=GEHEIM"
    assert 0 == run(["webhooks", "make", "Backoffice", "--url", url, "--gemeente", "0193", *at])
    made = capsys.readouterr()
    assert made.out.startswith("whsec_")
    assert 32 == len(key_of(made.out.strip()))
    assert 0 == run(["webhooks", "list", *at])
    shown = capsys.readouterr().out
    assert "Backoffice" in shown
    assert "GEHEIM" not in shown
    assert 0 == run(["webhooks", "dead", *at])
    assert 0 == run(["webhooks", "redrive", "1", *at])
    assert "0 gebeurtenissen gaan opnieuw weg" in capsys.readouterr().out
    assert 0 == run(["webhooks", "stop", "1", *at])
    capsys.readouterr()
    assert 2 == run(["webhooks", "stop", "1", *at])
    assert "abonnement 1 bestaat niet of is al gestopt" == sentence(capsys.readouterr().err)
    assert 2 == run(["webhooks", "make", "x", "--url", "http://a.example/", *at])
    told = "een abonnement heeft een webadres dat met https:// begint"
    assert told == sentence(capsys.readouterr().err)


def test_there_are_no_more_subscriptions_than_senders(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST", 1)
    subscribed(store)
    with pytest.raises(WrongUse):
        subscribed(store)
