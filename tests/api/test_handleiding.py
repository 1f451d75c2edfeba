"""The quick start of the API, word for word, on a real `gateway run`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from tests.bladzijde import blocks_of, free_port, typed, with_gateway
from tests.integration.berichten import PROJECT, own_environment, schema

PAGE = PROJECT / "docs" / "api.md"
PORT = "8080"
SECONDS = 90.0
# What a reader does by waiting for a moment: the gateway has to be there, and to have taken in.
_WAIT = """
until curl -sf http://127.0.0.1:8080/healthz > /dev/null; do sleep 0.2; done
"""
_TAKEN = """
until [ -z "$(ls data/in)" ]; do sleep 0.2; done
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder as a checkout is."""
    for naam in ("docs", "mappings"):
        (tmp_path / naam).symlink_to(PROJECT / naam)
    return tmp_path


def filled_in(port: str) -> list[str]:
    """The blocks of the page, with the waiting, on a port of our own."""
    blocks = blocks_of(PAGE)
    assert 8 == len(blocks)
    blocks[0] += _WAIT
    blocks[1] += _TAKEN
    return [one.replace(PORT, port) for one in blocks]


def test_every_command_of_the_page_does_what_it_says(work: Path) -> None:
    given = {"GATEWAY_DATA": str(work / "data"), "GATEWAY_SWEEP_SECONDS": "1"}
    environment = with_gateway(work, own_environment(given))
    told, errors = typed(filled_in(free_port()), work, environment, SECONDS)

    controle, _ = json.JSONDecoder().raw_decode(told)
    bericht = json.loads((work / "bericht.json").read_text(encoding="utf-8"))
    assert ("JW323", controle["oordeel"]) == (bericht["bericht"], bericht["oordeel"])
    retour = etree.fromstring((work / "JW325.xml").read_bytes())
    schema("JW325").assertValid(retour)
    bewijs = json.loads((work / "regelbewijs.json").read_text(encoding="utf-8"))
    assert "beslisbewijs" == bewijs["soort"]
    assert "ECD van De Linde" in told
    assert "sleutel 1 is ingetrokken" in told
    key = (work / "sleutel.txt").read_text(encoding="utf-8").strip()
    assert key.startswith("gwk_")
    assert key not in errors
