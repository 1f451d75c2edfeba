"""The same message again, another one under its number, in another order, or for somebody else."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gateway.broker.edges import BERICHTEN_IN
from gateway.messages.reader import peek
from gateway.simulate.generate import SimulatedMessage, in_sending_order
from gateway.simulate.region import Regio
from tests import rabbitmq
from tests.faults.conftest import Install
from tests.faults.harness import (
    EMBEDDED,
    PATIENCE,
    PRODUCTION,
    SHARED,
    Installation,
    Queues,
)
from tests.faults.length import IS_LONG, TIMES, modes
from tests.faults.load import Message, family
from tests.integration.berichten import (
    Tabel,
    Verwerkt,
    comes_true,
    command,
    counted,
    made,
    process,
    write,
)
from tests.integration.refusals import refused
from tests.integration.test_verzoeken import retour_on
from tests.opslag import rows_of, store_of
from tests.properties.test_volgorde import judged

on_both = pytest.mark.usefixtures("opslag")
MANY = 50


def at_once(installation: Installation, copies: Sequence[tuple[str, bytes]]) -> None:
    """Offer messages side by side, as many senders do, each under the number of its transport."""
    edges = installation.edges
    if isinstance(edges, Queues):
        broker, naam = edges.broker, BERICHTEN_IN.naam

        def send(one: tuple[str, bytes]) -> None:
            rabbitmq.put(broker, naam, one[1], message_id=one[0])

        with ThreadPoolExecutor(MANY) as pool:
            list(pool.map(send, copies))
        assert comes_true(lambda: rabbitmq.waiting(broker, naam) == 0, PATIENCE)
        return
    folder = installation.data / "in"
    for naam, body in copies:
        (folder / f".{naam}.tmp").write_bytes(body)
    for naam, _ in copies:
        (folder / f".{naam}.tmp").rename(folder / f"{naam}.xml")
    assert comes_true(lambda: not list(folder.glob("*.xml")), PATIENCE)


# --- The same again ---------------------------------------------------------------------------


@modes(PRODUCTION, EMBEDDED, SHARED)
def test_30_vijftig_keer_hetzelfde_tegelijk(install: Install, modus: str) -> None:
    installation = install(modus)
    installation.start_all()
    before, start, invoice, _ = family(1)
    installation.edges.offer(before, start)
    assert installation.drained()
    installation.edges.offer(invoice)
    same = [(invoice.id, invoice.body)] if modus == PRODUCTION else []
    others = [(f"kopie-{number}", invoice.body) for number in range(MANY // 2)]
    at_once(installation, same * (MANY // 2) + others)
    assert [] == installation.violations()
    assert 0 == installation.edges.sink.repeats
    assert [(3,)] == installation.rows("SELECT count(*) FROM inbox")


@modes(PRODUCTION)
def test_31_een_nummer_voor_vijftig_berichten(install: Install, modus: str) -> None:
    installation = install(modus)
    installation.start_all()
    installation.edges.offer(*family(1)[:3])
    assert installation.drained()
    others = [family(2 + number)[0].body for number in range(MANY)]
    at_once(installation, [(family(1)[0].id, body) for body in others])
    assert isinstance(installation.edges, Queues)
    broker = installation.edges.broker
    dead = {bytes(rabbitmq.take(broker, "dood").body) for _ in others}
    assert set(others) == dead
    assert [] == installation.violations()
    (relay, _) = installation.running
    told = [json.loads(line) for line in relay.logged().splitlines()]
    reasons = {one["reden"] for one in told if one["event"] == "naar_dood"}
    assert 1 == len(reasons)
    assert "eerder gebruikt voor een ander bericht" in reasons.pop()


AGAIN = {
    "zelfde_identificatie": ([], "TR056"),
    "zelfde_declaratienummer": ([("JW323-0001", "ANDERS")], "TR333"),
    "zelfde_regels": ([("JW323-0001", "ANDERS"), ("D202503", "D2")], "TR389"),
}


@on_both
@pytest.mark.parametrize("naam", AGAIN)
def test_32_nog_eens_dezelfde_inhoud_wordt_niet_nog_eens_betaald(naam: str, tmp_path: Path) -> None:
    changes, rule = AGAIN[naam]
    again = made("JW323", *changes) + b"\n"
    paths = write(tmp_path / "in", a=made("JW301"), b=made("JW323"), c=again)
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert ["accepted", "accepted", "rejected"] == done.verdicts
    assert rule in done.rules(2)
    granted = rows_of(tmp_path, "SELECT sum(ingediend_bedrag) FROM prestatie WHERE toegekend = 1")
    assert 85_000 == int(granted[0][0])


@modes(PRODUCTION, EMBEDDED, SHARED)
def test_32_onder_een_nieuw_nummer_van_het_transport(install: Install, modus: str) -> None:
    installation = install(modus)
    installation.start_all()
    messages = family(1)
    installation.edges.offer(*messages)
    assert installation.drained()
    invoice = messages[2]
    installation.edges.offer(Message("opnieuw", invoice.body + b"\n"))
    assert [] == installation.violations()
    found = installation.rows("SELECT verdict FROM inbox WHERE naam = 'opnieuw.xml'")
    assert [("rejected",)] == found
    granted = installation.rows("SELECT sum(toegekend) FROM declaratie WHERE tot_volgnr IS NULL")
    assert 85_000 == int(granted[0][0])


# --- In another order -------------------------------------------------------------------------

REGELS = 100
# A small region has more than three hundred messages; shortly, those of one municipality.
WHOSE = "" if IS_LONG else "-0193-"


def shuffled(messages: Sequence[SimulatedMessage], rng: Random) -> list[SimulatedMessage]:
    """The messages with those between the same two parties in the order in which they were sent."""
    waiting: dict[tuple[str, ...], list[SimulatedMessage]] = defaultdict(list)
    for one in messages:
        seen = peek([one.body])
        waiting[tuple(sorted((seen.afzender, seen.ontvanger)))].append(one)
    turns = [pair for pair, own in waiting.items() for _ in own]
    rng.shuffle(turns)
    return [waiting[pair].pop(0) for pair in turns]


def told_in(folder: Path, messages: Sequence[SimulatedMessage]) -> Verwerkt:
    """What becomes of messages that are handled in this order."""
    paths = [
        write(folder / "in", **{one.name.removesuffix(".xml"): one.body})[0] for one in messages
    ]
    store = ("--store", store_of(folder))
    return process(folder / "out", *paths, options=store, klok="2026-09-28")


def facts(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every fact that holds now, whatever the order in which it came to be."""
    asked = {
        "toewijzing": "gemeente, toewijzingnummer, ingangsdatum, einddatum, volume",
        "levering": "toewijzingnummer, begindatum, einddatum",
        "declaratie": "ontvanger, declaratienummer, totaal_bedrag, toegekend",
        "prestatie": "referentienummer, ingediend_bedrag, toegekend",
        "besteding": "jaar, productcode, bedrag",
    }
    return {
        table: sorted(
            rows_of(folder, f"SELECT {columns} FROM {table} WHERE tot_volgnr IS NULL"),
            key=str,
        )
        for table, columns in asked.items()
    }


@pytest.mark.usefixtures("opslag" if IS_LONG else "tmp_path")
@pytest.mark.parametrize("seed", range(min(TIMES, 4)))
def test_33_berichten_van_anderen_mogen_ervoor_of_erna(seed: int, tmp_path: Path) -> None:
    messages = [one for one in in_sending_order(Regio(seed, REGELS)) if WHOSE in one.name]
    other = shuffled(messages, Random(seed))
    assert [one.name for one in messages] != [one.name for one in other]
    sent, mixed = tmp_path / "verzonden", tmp_path / "geschud"
    expected, actual = told_in(sent, messages), told_in(mixed, other)
    assert judged(expected) == judged(actual)
    assert facts(sent) == facts(mixed)
    assert facts(sent)["prestatie"]


PAIRS = {
    "declaratie_voor_toewijzing": (made("JW323"), made("JW301"), "rejected"),
    "stop_voor_start": (made("JW307"), made("JW305"), "rejected"),
    "start_voor_toewijzing": (made("JW305"), made("JW301"), "rejected"),
    "retour_voor_bericht": (retour_on("JW302", made("JW301")), made("JW301"), "accepted"),
}


@on_both
@pytest.mark.parametrize("naam", PAIRS)
def test_33_een_bericht_wordt_beoordeeld_op_wat_er_dan_is(naam: str, tmp_path: Path) -> None:
    first, second, verdict = PAIRS[naam]
    paths = write(tmp_path / "in", eerst=first, daarna=second)
    alone = process(tmp_path / "alleen", paths[0])
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert verdict == done.verdicts[0]
    # What comes later changes nothing of it.
    assert alone.outcomes == done.outcomes[:1]
    other = process(tmp_path / "ander", paths[1])
    assert other.verdicts == done.verdicts[1:]


# --- For somebody else ------------------------------------------------------------------------


@on_both
def test_39_een_gemeente_die_niet_wordt_bediend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_GEMEENTEN", "0150")
    told = refused(tmp_path, made("JW305"))
    assert "gemeente 0193 wordt door deze installatie niet bediend" == told
    outcome = Verwerkt(1, tmp_path / "out").outcomes[0]
    assert ("JW305", "jeugdwet", "0193") == (
        outcome["message"],
        outcome["wet"],
        outcome["receiver"],
    )
    paths = write(tmp_path / "drie", a=made("JW301"), b=made("JW323"), c=made("JW315"))
    done = process(tmp_path / "drie-out", *paths, options=("--store", store_of(tmp_path)))
    assert ["invalid"] * 3 == done.verdicts
    assert {0} == set(counted(tmp_path).values())


@modes(SHARED, EMBEDDED, PRODUCTION)
def test_39_tussen_berichten_van_wie_wel_wordt_bediend(install: Install, modus: str) -> None:
    installation = install(modus)
    installation.start_all(GATEWAY_GEMEENTEN="0193")
    stranger = [
        Message(f"ander-{one.id}", one.body.replace(b"0193", b"0150"), cents=one.cents)
        for one in family(2)
    ]
    own = family(1)
    installation.edges.offer(own[0], *stranger, *own[1:])
    assert [] == installation.violations()
    found = installation.rows("SELECT verdict FROM inbox WHERE naam LIKE 'ander-%'")
    assert [("invalid",)] * 4 == found
    for table in ("partij", "toewijzing"):
        assert [("0193",)] == installation.rows(f"SELECT DISTINCT gemeente FROM {table}")
    told = installation.rows("SELECT DISTINCT text FROM bevinding WHERE text LIKE '%bediend'")
    assert [("gemeente 0150 wordt door deze installatie niet bediend",)] == told


# --- A price that changes meanwhile -----------------------------------------------------------

PRICES = """
[overeenkomst]
id = "prijzen"
naam = "Prijzen"
versie = "{versie}"
wetten = ["jeugdwet"]
gemeenten = ["0193"]
variant = "inspanning"
peildatum = "productperiode"
dimensies = ["product"]

[[cel]]
product = "minuten"
productcategorie = "45"
productcode = "45A01"
eenheid = "01"
soort = "pxq"
bedrag = {bedrag}
vanaf = 2025-01-01
"""


def receipt_of(installation: Installation, number: int, agreements: Path) -> Tabel:
    """The receipt of the first line of a provider, made while other agreements are in force."""
    environment = {
        **installation.environment,
        "GATEWAY_AGREEMENTS": str(agreements),
    }
    told = command("explain", f"DA{number}", f"A{number}-1", environment=environment)
    assert 0 == told.returncode, told.stderr
    file = installation.folder / f"bewijs-{number}.json"
    file.write_text(told.stdout, encoding="utf-8")
    again = command("explain", "--verify", str(file), environment=environment)
    assert (0, "gelijk") == (again.returncode, again.stdout[:6]), again.stdout + again.stderr
    found: Tabel = json.loads(told.stdout)
    return found


@modes(SHARED, EMBEDDED, PRODUCTION)
def test_41_een_prijs_die_intussen_verandert(install: Install, modus: str) -> None:
    installation = install(modus)
    agreements = installation.folder / "prijzen.toml"
    agreements.write_text(PRICES.format(versie="1", bedrag=125), encoding="utf-8")
    started = installation.start_all(GATEWAY_AGREEMENTS=str(agreements))
    installation.edges.offer(*family(1)[:3])
    agreements.write_text(PRICES.format(versie="2", bedrag=126), encoding="utf-8")
    installation.edges.offer(*family(2)[:3])
    assert installation.drained()
    for one in started:
        assert 0 == one.stop()[0]
    installation.start_all(GATEWAY_AGREEMENTS=str(agreements))
    installation.edges.offer(*family(3)[:3])
    assert [] == installation.violations()
    granted = installation.rows(
        "SELECT declaratienummer, toegekend FROM declaratie WHERE tot_volgnr IS NULL ORDER BY 1"
    )
    assert [("DA1", 85_000), ("DA2", 85_000), ("DA3", 25_000)] == granted
    used = [versions(receipt_of(installation, number, agreements)) for number in (1, 2, 3)]
    assert [{"1"}, {"1"}, {"2"}] == used


def versions(receipt: Tabel) -> set[str]:
    """The versions of the agreement that a receipt names."""
    return set(re.findall(r'"versie": "(\d)"', json.dumps(receipt)))
