"""Cases 34 and 42 to 52: what the network brings that is wrong, between what is right."""

from __future__ import annotations

import base64
import gzip
import io
import re
import socket
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import etree

from gateway.network.ggk.dienst import ADRES
from gateway.network.ggk.envelop import GGK, MOST_RECEIVED, STUF, Envelop, Foutbericht
from gateway.network.ggk.schrijven import element_of
from gateway.network.ggk.soap import ACTIONS, wrap
from gateway.network.ggk.verbinding import Verbinding
from tests.enveloppen import PARAMETERS, du01, fo01
from tests.faults.harness import NETWORK, Installation, Network, Process, installed
from tests.faults.load import Message, family
from tests.integration.test_ggk_ontvangst import codes
from tests.netwerk import ZWOLLE, enveloped

DI01 = f'"{GGK}/ggk_Di01"'
NUMMER = "6e0d2c1b-7a54-4f3e-9b21-{:012}"


class Adapter:
    """Who brings envelopes by hand, and good messages in between."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        edges = installation.edges
        assert isinstance(edges, Network)
        terug = edges.netwerk.partijen[ZWOLLE]
        assert isinstance(terug, Verbinding)
        self.edges, self.adres, self.koppen = edges, terug._adres, dict(terug._koppen)
        self._number = 0

    def nummer(self) -> str:
        """A reference that was not used yet."""
        self._number += 1
        return NUMMER.format(self._number)

    def bied(self, stuk: Envelop | Foutbericht, *changes: tuple[bytes, bytes]) -> httpx.Response:
        element = element_of(stuk)
        body = wrap(element)
        for old, new in changes:
            assert old in body, old
            body = body.replace(old, new)
        return self.post(body, SOAPAction=f'"{ACTIONS[element.tag]}"')

    def post(self, body: object, **koppen: str) -> httpx.Response:
        return httpx.post(
            self.adres,
            content=body,  # type: ignore[arg-type]
            headers=self.koppen | koppen,
            timeout=60,
            trust_env=False,
        )

    def heel(self, *kept: Message) -> None:
        """All promises hold, and what was taken is what the sender knows to be taken."""
        for one in kept:
            self.edges.ledger.offered(one.id, one.body, gets_answer=True, cents=one.cents)
            self.edges.ledger.ok(one.id)
        assert [] == self.installation.violations()

    def aantal(self) -> int:
        """How many messages were taken."""
        ((count,),) = self.installation.rows("SELECT count(*) FROM inbox")
        return int(count)

    def apart(self) -> int:
        """How many envelopes were set aside."""
        query = "SELECT count(*) FROM envelop WHERE richting = 'in' AND inbox_id IS NULL"
        ((count,),) = self.installation.rows(query)
        return int(count)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adapter]:
    """A gateway that runs, for all tests here: what is wrong changes nothing for the next one."""
    with installed(NETWORK, tmp_path_factory.mktemp("enveloppen") / NETWORK) as made:
        made.start_all()
        yield Adapter(made)


_families = iter(range(1, 10_000))


def declaratie() -> Message:
    """An invoice of a provider of its own."""
    return family(next(_families))[2]


def test_34_een_antwoord_of_fout_op_een_onbekend_nummer(adapter: Adapter) -> None:
    before, taken = adapter.apart(), adapter.aantal()
    for stuk in (
        du01(declaratie().body, "JW323", referentienummer=adapter.nummer()),
        fo01(referentienummer=adapter.nummer()),
    ):
        assert 200 == adapter.bied(stuk).status_code
    assert (before + 2, taken) == (adapter.apart(), adapter.aantal())
    adapter.heel()


def test_42_een_byte_te_veel_wordt_niet_verder_gelezen(adapter: Adapter) -> None:
    one = declaratie()
    body = wrap(element_of(enveloped(one.body, adapter.nummer())))
    room = MOST_RECEIVED - len(body)
    over = body + b" " * (room + 1)
    assert 413 == adapter.post(over, SOAPAction=DI01).status_code
    assert 413 == adapter.post(iter([body, b" " * (room + 1)]), SOAPAction=DI01).status_code
    assert 200 == adapter.post(iter([body, b" " * room]), SOAPAction=DI01).status_code
    adapter.heel(one)


def test_42_van_een_lange_stroom_wordt_niets_bewaard(adapter: Adapter) -> None:
    (process,) = adapter.installation.running
    before = peak_of(process)
    stream = (b" " * (1 << 20) for _ in range(256))
    assert 413 == adapter.post(stream, SOAPAction=DI01).status_code
    # What comes after the limit is thrown away, so that the sender hears why.
    assert peak_of(process) - before < 64 << 20
    adapter.heel()


def peak_of(process: Process) -> int:
    """The most memory that a process ever had, in bytes."""
    status = Path(f"/proc/{process.process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


def test_43_een_envelop_van_bijna_25_mb_met_een_tekst(adapter: Adapter) -> None:
    one = declaratie()
    wide = replace(one, body=one.body + b"\n" * 17_000_000)
    assert 200 == adapter.bied(enveloped(wide.body, adapter.nummer())).status_code
    adapter.heel(wide)


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"", b"\r\n \t", 200),
        (b"+", b"-", 500),
        (b"/", b"_", 500),
        (b"=<", b"<", 500),
        (b"=<", b"=QUJD<", 500),
    ],
    ids=["regeleinden", "url-alfabet", "url-alfabet-2", "zonder-vulling", "erna"],
)
def test_44_base64(adapter: Adapter, old: bytes, new: bytes, status: int) -> None:
    one = declaratie()
    # A padding and both signs of the alphabet are sure to be there.
    one = replace(one, body=one.body + b"<!-- ~~~???>>> -->")
    while len(one.body) % 3 != 1:
        one = replace(one, body=one.body + b" ")
    told = base64.b64encode(one.body)
    if old == b"":
        changed = new.join(told[at : at + 76] for at in range(0, len(told), 76))
    else:
        changed = (told + b"<").replace(old, new, 1)[: None if b"<" in old else -1].rstrip(b"<")
    assert told != changed
    response = adapter.bied(enveloped(one.body, adapter.nummer()), (told, changed))
    assert status == response.status_code
    adapter.heel(*[one] * (status == 200))


def test_44_een_lege_inhoud(adapter: Adapter) -> None:
    one = declaratie()
    told = base64.b64encode(one.body)
    refused = adapter.bied(enveloped(one.body, adapter.nummer()), (told, b""))
    assert (500, "StUF055") == codes(refused)
    adapter.heel()


def _zip(body: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("declaratie.xml", body)
    return packed.getvalue()


@pytest.mark.parametrize("pak", [gzip.compress, _zip, lambda _: gzip.compress(b"0" * 50_000_000)])
def test_45_wat_is_ingepakt_wordt_niet_uitgepakt(adapter: Adapter, pak: object) -> None:
    one = declaratie()
    packed = Message(f"{one.id}-pak", pak(one.body), gets_answer=False)  # type: ignore[operator]
    stuk = replace(enveloped(one.body, adapter.nummer()), inhoud=packed.body)
    assert 200 == adapter.bied(stuk).status_code
    # It is no XML: kept as it came, invalid, and its sender hears it by a Fo01.
    adapter.heel(packed)
    rows = adapter.installation.rows("SELECT verdict FROM inbox ORDER BY id DESC LIMIT 1")
    assert [("invalid",)] == rows


def test_46_een_archief_is_geen_envelop(adapter: Adapter) -> None:
    body = _zip(wrap(element_of(enveloped(declaratie().body, adapter.nummer()))))
    assert 500 == adapter.post(body, SOAPAction=DI01).status_code
    adapter.heel()


@pytest.mark.parametrize("naam", ["../x.xml", "x" * 256, "a b.xml", "abc"])
def test_47_een_bestandsnaam_die_niet_mag(adapter: Adapter, naam: str) -> None:
    stuk = replace(enveloped(declaratie().body, adapter.nummer()), bestandsnaam="goed.xml")
    response = adapter.bied(stuk, (b'"goed.xml"', f'"{naam}"'.encode()))
    assert 500 == response.status_code
    adapter.heel()


def test_47_een_bericht_in_een_tekstbestand_ligt_apart(adapter: Adapter) -> None:
    before = adapter.apart()
    stuk = replace(enveloped(declaratie().body, adapter.nummer()), bestandsnaam="goed.xml")
    assert 200 == adapter.bied(stuk).status_code
    assert before + 1 == adapter.apart()
    adapter.heel()


def test_48_de_envelop_noemt_iets_anders_dan_erin_zit(adapter: Adapter) -> None:
    before = adapter.apart()
    stuk = enveloped(declaratie().body, adapter.nummer())
    other = replace(stuk, parameters=replace(PARAMETERS, functie_subversie="0001"))
    head = replace(stuk.stuurgegevens, functie="JW305", referentienummer=adapter.nummer())
    for one in (other, replace(stuk, stuurgegevens=head)):
        assert 200 == adapter.bied(one).status_code
    assert before + 2 == adapter.apart()
    again = enveloped(declaratie().body, adapter.nummer())
    assert (500, "StUF004") == codes(adapter.bied(again, (b"ggk0210", b"ggk0310")))
    adapter.heel()


@pytest.mark.parametrize(
    "nummer",
    [
        "6e0d2c1b-7a54-1f3e-9b21-0c5d8e7f1a2b",
        "6E0D2C1B-7A54-4F3E-9B21-0C5D8E7F1A2B",
        "{6e0d2c1b-7a54-4f3e-9b21-0c5d8e7f1a2b}",
        "6" * 41,
    ],
)
def test_49_een_nummer_dat_geen_uuid_van_versie_4_is(adapter: Adapter, nummer: str) -> None:
    good = adapter.nummer()
    change = (good.encode(), nummer.encode())
    stuk = enveloped(declaratie().body, good)
    # What is longer than any number may be is not said back either.
    code = "StUF055" if len(nummer) <= 40 else None
    assert (500, code) == codes(adapter.bied(stuk, change))
    # A fault may have any number of at most 40.
    fout = fo01(referentienummer=good)
    assert (200 if len(nummer) <= 40 else 500) == adapter.bied(fout, change).status_code
    adapter.heel()


@pytest.mark.parametrize(
    ("tijdstip", "status"),
    [
        ("20251205", 200),
        ("20251205101500", 200),
        ("20250230101500000", 200),
        ("29991231", 200),
        ("19000101", 200),
        ("gisteren", 500),
        ("1" * 18, 500),
    ],
)
def test_50_elk_tijdstip_wordt_bewaard_en_niets_hangt_ervan_af(
    adapter: Adapter, tijdstip: str, status: int
) -> None:
    one = declaratie()
    stuk = enveloped(one.body, adapter.nummer())
    change = (stuk.stuurgegevens.tijdstip.encode(), tijdstip.encode())
    assert status == adapter.bied(stuk, change).status_code
    adapter.heel(*[one] * (status == 200))


@pytest.mark.parametrize(
    ("koppen", "status"),
    [
        ({"SOAPAction": f'"{GGK}/ggk_Du01"'}, 500),
        ({"SOAPAction": f'"{STUF}/Fo01"'}, 500),
        ({"Content-Type": "application/soap+xml"}, 415),
        ({"Content-Type": 'multipart/related; type="application/xop+xml"'}, 415),
    ],
)
def test_51_een_andere_manier_van_vragen(
    adapter: Adapter, koppen: dict[str, str], status: int
) -> None:
    body = wrap(element_of(enveloped(declaratie().body, adapter.nummer())))
    response = adapter.post(body, **({"SOAPAction": DI01} | koppen))
    assert status == response.status_code
    assert etree.fromstring(response.content).find(".//faultcode") is not None
    assert 405 == httpx.get(adapter.adres, headers=adapter.koppen, trust_env=False).status_code
    adapter.heel()


def test_52_wie_traag_is_of_ophangt_laat_niets_na(adapter: Adapter) -> None:
    one, host = declaratie(), urlsplit(adapter.adres)
    body = wrap(element_of(enveloped(one.body, adapter.nummer())))
    koppen = "".join(f"{naam}: {text}\r\n" for naam, text in adapter.koppen.items())
    head = (
        f"POST {ADRES} HTTP/1.1\r\nHost: {host.netloc}\r\n{koppen}"
        f"SOAPAction: {DI01}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    slow = [socket.create_connection((host.hostname or "", host.port or 0)) for _ in range(20)]
    for connection in slow:
        connection.sendall(head + body[: len(body) // 2])
    other = declaratie()
    assert 200 == adapter.bied(enveloped(other.body, adapter.nummer())).status_code
    for connection in slow:
        connection.close()
    adapter.heel(other)
    # What broke off can come again, under the same number.
    assert 200 == adapter.post(body, SOAPAction=DI01).status_code
    adapter.heel(one)
