"""What a process tells to who watches over it: figures that are so, and nothing of a client."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from gateway.cli.metingen import measured
from gateway.config import read_settings
from gateway.errors import CouldNotFinish
from gateway.metingen.cijfers import VAN_ELK, VAN_OPSLAG, VAN_WERK
from gateway.tellers import GRENZEN, Duur, Tellers
from tests.integration.berichten import (
    BSN,
    comes_true,
    familie,
    made,
)
from tests.integration.store_builders import Klok, new_store
from tests.integration.test_run import Gateway, drop
from tests.monitoring import figures_at, figures_in, names, ports_in, scraped, text_at, value

PATIENCE = 30.0
ANY_PORT = {"GATEWAY_METRICS_PORT": "0"}
LONG_NUMBER = re.compile(r"\d{5,}")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that tells how it is doing."""
    one = Gateway(tmp_path_factory.mktemp("metingen") / "data", **ANY_PORT).started()
    yield one
    one.end()


def port_of(gateway: Gateway) -> int:
    return ports_in(gateway.log)[-1]


def test_a_message_on_its_way_is_seen_in_the_figures_and_its_client_is_not(
    gateway: Gateway, tmp_path: Path
) -> None:
    port = port_of(gateway)
    before = scraped(port)
    assert 0.0 == value(before, "gateway_fase_seconds_count", fase="beoordelen")
    for path in familie(tmp_path / "klaar"):
        drop(gateway.data, path.stem, path.read_bytes())
    drop(gateway.data, f"client {BSN}", made("JW305", ("JW305-0001", BSN)))
    drop(gateway.data, "geen", b"<geen xml")

    def done() -> bool:
        now = scraped(port)
        judged = sum(number for name, _, number in now if name == "gateway_oordelen")
        settled = value(now, "gateway_werkvoorraad_achter") == 0
        return settled and judged == 5 and value(now, "gateway_onverzonden", soort="antwoord") == 0

    assert comes_true(done, PATIENCE), text_at(port)
    text = text_at(port)
    now = list(figures_in(text))
    assert figures_at(port) <= names(*VAN_ELK, *VAN_WERK, *VAN_OPSLAG)
    assert 1.0 == value(now, "gateway_opslag_bereikbaar")
    waiting = {staat: value(now, "gateway_berichten", staat=staat) for staat in ("nieuw", "bezig")}
    assert {"nieuw": 0.0, "bezig": 0.0} == waiting
    assert 0.0 == value(now, "gateway_wachtrij_oudste_seconds")
    for fase in ("oppakken", "beoordelen", "vastleggen", "verzenden"):
        counted = value(now, "gateway_fase_seconds_count", fase=fase)
        assert 1 <= counted <= 6 + 4
        assert 0 < value(now, "gateway_fase_seconds_sum", fase=fase) < PATIENCE
    labels = " ".join(label for _, given, _ in now for label in given.values())
    assert [] == LONG_NUMBER.findall(labels)
    for secret in (BSN, "Waterland", "JW305-0001", str(tmp_path)):
        assert secret not in text


def test_only_the_figures_are_told_on_that_port_and_only_inside(gateway: Gateway) -> None:
    port = port_of(gateway)
    for path in ("/", "/healthz", "/inloggen", "/metrics/", "/api/v1/berichten"):
        assert 404 == httpx.get(f"http://127.0.0.1:{port}{path}").status_code
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", port))


def test_without_a_port_in_the_settings_nothing_is_told(tmp_path: Path) -> None:
    with ExitStack() as stack:
        store = new_store(tmp_path, Klok())
        stack.callback(store.close)
        before = threading.active_count()
        stack.enter_context(measured(read_settings({}), store))
        assert before == threading.active_count()
        stack.enter_context(measured(read_settings(ANY_PORT), store))
        assert before + 1 == threading.active_count()


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = read_settings({"GATEWAY_METRICS_PORT": str(taken.getsockname()[1])})
        store = new_store(tmp_path, Klok())
        try:
            with pytest.raises(CouldNotFinish, match="kies een andere met GATEWAY_METRICS_PORT"):
                measured(settings, store).__enter__()
        finally:
            store.close()


@pytest.mark.parametrize(
    "seconds", [0.0, 0.0009, 0.0011, 0.0039, 0.0041, 0.5, 1.0, 70.0, 524.0, 525.0, 1e6]
)
def test_a_duration_is_counted_below_the_first_bound_that_it_does_not_pass(seconds: float) -> None:
    duur = Duur()
    duur.add(seconds)
    expected = next((place for place, one in enumerate(GRENZEN) if seconds <= one), len(GRENZEN))
    assert (expected, 1, seconds) == (duur.klassen.index(1), duur.aantal, duur.seconden)


def test_steps_are_timed_one_behind_the_other() -> None:
    moments = iter([10.0, 10.5, 12.0])
    tellers = Tellers(seconds=lambda: next(moments))
    watch = tellers.watch()
    watch.lap(tellers.fasen.beoordelen)
    watch.lap(tellers.fasen.vastleggen)
    assert (0.5, 1.5) == (tellers.fasen.beoordelen.seconden, tellers.fasen.vastleggen.seconden)
