"""The connection with the network: certificates of both sides, and every way of answering."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import requests
import zeep
from lxml import etree
from zeep.transports import Transport

from gateway.bootstrap import verbinding_of
from gateway.config import Settings, read_settings
from gateway.errors import GatewayError, NietBezorgd, TemporaryFailure, WrongUse
from gateway.http.dienst import Tls
from gateway.network.ggk.envelop import (
    GGK,
    Bevestiging,
    Fout,
    Foutbericht,
    Stuurgegevens,
    Systeem,
)
from gateway.network.ggk.schrijven import element_of, write
from gateway.network.ggk.soap import fault, wrap
from gateway.network.ggk.verbinding import Bewijs, Verbinding
from tests.certificaten import authority, signed
from tests.enveloppen import UUID, di01
from tests.integration.berichten import bericht
from tests.integration.test_ggk_ontvangst import BINDING, WSDL
from tests.netwerk import Proefnet, genummerd, proefnet

STUK = di01(b"<x/>")
XML = write(STUK)


@pytest.fixture(scope="module")
def sleutels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Who is trusted (`ca`), the network and us by it, and somebody whom nobody knows."""
    folder = tmp_path_factory.mktemp("sleutels")
    key = authority(folder)
    signed(folder, "netwerk", key)
    signed(folder, "gemeente", key)
    signed(folder, "vreemd", authority(folder, "andere-ca"))
    return folder


@pytest.fixture(scope="module")
def beveiligd(sleutels: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proefnet]:
    """A network that lets nobody in without a certificate, and a gateway that has one."""
    tls = Tls(sleutels / "netwerk.pem", sleutels / "netwerk.key", sleutels / "ca.pem")
    with proefnet(tmp_path_factory.mktemp("net"), tls=tls, bewijs=bewijs(sleutels)) as made:
        yield made


def bewijs(sleutels: Path, naam: str = "gemeente", ca: str = "ca") -> Bewijs:
    return Bewijs(sleutels / f"{naam}.pem", sleutels / f"{naam}.key", sleutels / f"{ca}.pem")


def adres_van(net: Proefnet) -> str:
    uit = net.dienst.installation.runtime.relay._bestemmingen["antwoord"]
    return str(uit.verbinding._adres)  # type: ignore[attr-defined]


def test_both_sides_know_each_other_by_their_certificates(beveiligd: Proefnet) -> None:
    beveiligd.declareer(genummerd(bericht("JW323"), 1))
    beveiligd.werk()
    beveiligd.breng()
    assert [("JW325", True, 0, None)] == beveiligd.uit()
    assert 1 == len(beveiligd.aanbieders.berichten)


def test_nobody_else_is_talked_to(beveiligd: Proefnet, sleutels: Path) -> None:
    adres = adres_van(beveiligd)
    zonder = Bewijs(ca=sleutels / "ca.pem")
    vreemd = bewijs(sleutels, "vreemd")
    ander_netwerk = bewijs(sleutels, "gemeente", "andere-ca")
    for given in (zonder, vreemd, ander_netwerk):
        verbinding = Verbinding(adres, given)
        with pytest.raises(GatewayError):
            verbinding.bied(XML, UUID)
        verbinding.close()
    assert UUID not in beveiligd.netwerk.aangeboden


def test_the_simulator_is_a_service_of_its_wsdl(beveiligd: Proefnet, sleutels: Path) -> None:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(sleutels / "ca.pem")
    session.cert = (str(sleutels / "gemeente.pem"), str(sleutels / "gemeente.key"))
    with session:
        client = zeep.Client(str(WSDL), transport=Transport(session=session))
        service = client.create_service(BINDING, adres_van(beveiligd))
        told = service.ggk_Di01(
            stuurgegevens={
                "berichtcode": "Di01",
                "zender": {"organisatie": "12345678", "applicatie": "VECOZOWebservice"},
                "ontvanger": {"organisatie": "0193", "applicatie": "GGk"},
                "referentienummer": UUID,
                "tijdstipBericht": "20251205101500000",
                "functie": "JW323",
            },
            parameters={
                "applicatieVersie": "0001",
                "applicatieSubversie": "0000",
                "functieVersie": "0003",
                "functieSubversie": "0002",
            },
            bericht={"xmlBestand": genummerd(bericht("JW323"), 2)},
        )
    assert ("Bv03", UUID) == (told.berichtcode, told.crossRefnummer)


@contextmanager
def antwoordt(status: int, body: bytes) -> Iterator[Verbinding]:
    """A network that always answers so."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    verbinding = Verbinding("http://netwerk.example.org/ggk")
    verbinding._client = httpx.Client(transport=transport)
    yield verbinding
    verbinding.close()


def hoofd(code: str, cross: str) -> Stuurgegevens:
    netwerk, wij = Systeem("IB", "GGKWebservice"), Systeem("0193", "ijw-iwmo-gateway")
    return Stuurgegevens(
        berichtcode=code,  # type: ignore[arg-type]
        zender=netwerk,
        ontvanger=wij,
        referentienummer="een nummer van het netwerk",
        tijdstip="20251205",
        crossrefnummer=cross,
    )


def bv03(cross: str = UUID) -> bytes:
    return wrap(element_of(Bevestiging(hoofd("Bv03", cross))))


def fo03(cross: str = UUID) -> bytes:
    detail = element_of(Foutbericht(hoofd("Fo03", cross), Fout("StUF010", "onbekend")))
    return fault("Client", "geweigerd", detail)


@pytest.mark.parametrize(("status", "body"), [(200, bv03()), (202, b""), (204, b"")])
def test_what_is_kept_is_confirmed(status: int, body: bytes) -> None:
    with antwoordt(status, body) as verbinding:
        assert verbinding.bied(XML, UUID) is None


def test_a_refusal_has_its_code() -> None:
    with antwoordt(500, fo03()) as verbinding:
        told = verbinding.bied(XML, UUID)
    assert told is not None
    assert Fout("StUF010", "onbekend") == told.fout


@pytest.mark.parametrize(
    ("status", "body", "reden"),
    [
        (200, b"", "het netwerk geeft geen leesbaar antwoord"),
        (200, b"<html/>", "het netwerk antwoordt niet met SOAP 1.1"),
        (200, b"<!DOCTYPE a><a/>", "het bericht heeft een DOCTYPE"),
        (200, bv03("6e0d2c1b-7a54-4f3e-9b21-000000000000"), "gaat over een andere envelop"),
        (500, fo03("6e0d2c1b-7a54-4f3e-9b21-000000000000"), "gaat over een andere envelop"),
        (200, wrap(element_of(STUK)), "gaat over een andere envelop"),
        (200, wrap(etree.Element("iets")), "geen leesbaar antwoord: iets is geen Di01"),
        (500, fault("Server", "even niet"), "het netwerk kan de envelop nu niet aannemen"),
        (500, b"kapot", "het netwerk geeft geen leesbaar antwoord"),
        (401, fault("Client", "wie bent u"), "het netwerk antwoordt met status 401"),
        (404, b"", "het netwerk antwoordt met status 404"),
        (503, b"", "het netwerk antwoordt met status 503"),
        (302, b"", "het netwerk antwoordt met status 302"),
        (202, b"iets anders", "het netwerk antwoordt met status 202"),
        (200, b" " * 26_214_401, "het antwoord van het netwerk is te groot"),
    ],
    ids=range(15),
)
def test_what_nobody_knows_is_tried_again(status: int, body: bytes, reden: str) -> None:
    with antwoordt(status, body) as verbinding, pytest.raises(GatewayError) as told:
        verbinding.bied(XML, UUID)
    assert reden in str(told.value)
    assert not isinstance(told.value, NietBezorgd | TemporaryFailure)


@pytest.mark.parametrize(
    ("status", "body", "reden"),
    [
        (413, b"", "het netwerk vindt de envelop te groot"),
        (500, fault("Client", "fout"), "het netwerk weigert de envelop zonder code"),
    ],
)
def test_what_stays_wrong_is_not_tried_again(status: int, body: bytes, reden: str) -> None:
    with antwoordt(status, body) as verbinding, pytest.raises(NietBezorgd) as told:
        verbinding.bied(XML, UUID)
    assert reden == str(told.value)


@contextmanager
def luistert(gedrag: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does this with who calls."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                gedrag(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/ggk"
        thread.join(5)


def _halverwege(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<half")


@pytest.mark.parametrize("gedrag", [_halverwege, lambda connection: connection.recv(10)])
def test_a_talk_that_breaks_off_is_tried_again(gedrag: Callable[[socket.socket], None]) -> None:
    with luistert(gedrag) as adres:
        verbinding = Verbinding(adres)
        with pytest.raises(GatewayError, match="brak het gesprek af"):
            verbinding.bied(XML, UUID)
        verbinding.close()


def test_a_network_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.network.ggk.verbinding.ANSWER_SECONDS", 0.2)
    silent = threading.Event()
    with luistert(lambda _: silent.wait(5) and None) as adres:
        verbinding = Verbinding(adres)
        with pytest.raises(GatewayError, match="brak het gesprek af"):
            verbinding.bied(XML, UUID)
        silent.set()
        verbinding.close()


def test_a_network_that_is_not_there_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        poort = server.getsockname()[1]
    verbinding = Verbinding(f"http://127.0.0.1:{poort}/ggk")
    with pytest.raises(TemporaryFailure):
        verbinding.bied(XML, UUID)
    verbinding.close()


@pytest.mark.parametrize(
    ("instellingen", "reden"),
    [
        ({"GGK_CA": "ca.pem"}, "bij certificaten voor het netwerk hoort GATEWAY_GGK_URL"),
        (
            {"GGK_URL": "https://netwerk", "GGK_SLEUTEL": "gemeente.key"},
            "GATEWAY_GGK_CERTIFICAAT en GATEWAY_GGK_SLEUTEL horen bij elkaar",
        ),
        (
            {"GGK_URL": "https://netwerk", "GGK_CA": "gemeente.key"},
            "gemeente.key is geen bestand met certificaten",
        ),
        (
            {
                "GGK_URL": "https://netwerk",
                "GGK_SLEUTEL": "vreemd.key",
                "GGK_CERTIFICAAT": "gemeente.pem",
            },
            "GATEWAY_GGK_CERTIFICAAT en GATEWAY_GGK_SLEUTEL zijn geen certificaat met zijn sleutel",
        ),
        (
            {"GGK_URL": "https://netwerk", "ROL": "aanbieder"},
            "GATEWAY_GGK_URL is alleen voor de rol van gemeente",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    sleutels: Path, instellingen: dict[str, str], reden: str
) -> None:
    given = {
        f"GATEWAY_{naam}": str(sleutels / text) if text.endswith((".pem", ".key")) else text
        for naam, text in instellingen.items()
    }
    with pytest.raises(WrongUse) as told:
        verbinding_of(read_settings(given))
    assert reden in str(told.value)


def test_without_a_network_nothing_is_connected() -> None:
    assert verbinding_of(Settings()) is None
    assert GGK in WSDL.read_text(encoding="utf-8")
