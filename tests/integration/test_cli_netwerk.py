"""`gateway simulate --network` by hand: a gateway, a network between, and providers as a folder."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from lxml import etree

from gateway.network.ggk.dienst import ADRES
from gateway.network.ggk.foutcodes import foutregels, gevolg_van
from gateway.simulate.netwerk.opzet import read_opzet
from tests.faults.harness import _key
from tests.integration.berichten import (
    CODE,
    PROJECT,
    bericht,
    by_name,
    comes_true,
    own_environment,
    run,
)
from tests.servers import free_port

PAGE = (PROJECT / "docs" / "enveloppen.md").read_text(encoding="utf-8")


@contextmanager
def started(log: Path, *words: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs, until it is asked to end."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", CODE, *words],
            cwd=PROJECT,
            env=own_environment(environment),
            stdout=stream,
            stderr=stream,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(30), log.read_text(encoding="utf-8")


def test_an_invoice_of_a_folder_gets_its_answer_there(tmp_path: Path) -> None:
    net, port = free_port(), free_port()
    data, aanbieder = tmp_path / "data", tmp_path / "aanbieder"
    data.mkdir()
    sleutel = _key(f"sqlite:///{data / 'gateway.db'}")
    (tmp_path / "netwerk.toml").write_text(
        f'poort = {net}\naanbieders = "aanbieder"\n'
        f'[[gateway]]\ngemeenten = ["0193"]\nurl = "http://127.0.0.1:{port}{ADRES}"\n'
        f'sleutel = "{sleutel}"\n[storingen]\nkwijt = 0.3\ndubbel = 1.0\n',
        encoding="utf-8",
    )
    settings = {
        "GATEWAY_GGK_URL": f"http://localhost:{net}/ggk",
        "GATEWAY_PORT": str(port),
        "GATEWAY_DATA": str(data),
    }
    with ExitStack() as stack:
        given = ("simulate", "--network", str(tmp_path / "netwerk.toml"), "--seed", "3")
        stack.enter_context(started(tmp_path / "netwerk.log", *given))
        stack.enter_context(started(tmp_path / "gateway.log", "run", **settings))
        assert comes_true(lambda: (aanbieder / "out").is_dir(), 30)
        (aanbieder / "out" / "onbegrepen.xml").write_bytes(b"<iets/>")
        (aanbieder / ".a.tmp").write_text(bericht("JW323"), encoding="utf-8")
        (aanbieder / ".a.tmp").rename(aanbieder / "out" / "a.xml")
        assert comes_true(lambda: any((aanbieder / "in").glob("*.xml")), 30)
    (answer,) = (aanbieder / "in").glob("*.xml")
    assert answer.name.startswith("JW325_")
    (beantwoord,) = by_name(etree.parse(answer).getroot(), "DeclaratieIdentificatie")
    assert ["JW323-0001"] == [one.text for one in by_name(beantwoord, "Identificatie")]
    # What no provider sends stays where it is.
    assert ["onbegrepen.xml"] == [one.name for one in (aanbieder / "out").iterdir()]


def test_a_frozen_type_is_let_go_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = f"sqlite:///{tmp_path / 'gateway.db'}"
    _key(store)
    assert 2 == run(["envelope", "resume", "JW325", "--store", store])
    assert "JW325 wacht niet op het netwerk" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "reden"),
    [
        ("poort = 1", "het klopt niet"),
        ('aanbieders = "a"\npoort = 70000', "het klopt niet bij poort"),
        ('aanbieders = "a"\n[storingen]\nkwijt = 2', "het klopt niet bij storingen.kwijt"),
        ('aanbieders = "a"\n[storingen.codes]\nXX1 = 0.1', "het klopt niet bij storingen.codes"),
        ("=", "dit is geen TOML"),
    ],
)
def test_a_file_that_is_no_network_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, reden: str
) -> None:
    path = tmp_path / "netwerk.toml"
    path.write_text(text, encoding="utf-8")
    assert 2 == run(["simulate", "--network", str(path)])
    assert reden in capsys.readouterr().err


def test_one_thing_is_asked_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(["simulate", "--network", "a", "--score", "b"])
    assert "noem --out MAP" in capsys.readouterr().err


def test_the_network_on_the_page_can_be_played(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.M | re.S)
    (tmp_path / "netwerk.toml").write_text(text, encoding="utf-8")
    opzet = read_opzet(tmp_path / "netwerk.toml")
    assert (8099, 0.2) == (opzet.poort, opzet.storingen.kwijt)


def test_the_page_has_every_code_of_the_table_once() -> None:
    rows = [
        f"| {', '.join(f'`{code}`' for code in one.codes)} | {one.betekenis} | {one.gevolg} | "
        f"{one.doe} |"
        for one in foutregels()
    ]
    assert rows == [line for line in PAGE.splitlines() if line in rows]
    codes = [code for one in foutregels() for code in one.codes]
    assert len(codes) == len(set(codes))
    assert "stilzetten" == gevolg_van("IB999")
