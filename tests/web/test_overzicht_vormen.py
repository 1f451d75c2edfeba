"""A statement is the same in every form: on the page, as a file, by a command and by the API."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.cli import run
from gateway.ledger.overzicht import BETAALD, ONDERWEG, TERUG, VERREKEND
from gateway.periods.bedragen import euros
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from tests.integration.betaalhuis import BELEID, LINDE, ZWOLLE, Betaalhuis
from tests.opslag import store_of
from tests.web.huis import BEGIN, Huis, handeling, huis, iedereen
from tests.web.huis import ZWOLLE as CODE
from tests.web.test_betalingen import text_of

pytestmark = pytest.mark.usefixtures("opslag")
MAAND = "2026-05"
JUNI, JULI, AUGUSTUS = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 3)
TERUG_OP = date(2026, 6, 15)
DOEL = {"doel": "anders", "toelichting": "eigen boekhouding"}
# By line: what was paid, how far it is, since when, and when it came back.
REGELS = {
    "R1-1": (4000, BETAALD, JULI, TERUG_OP),
    "R1-2": (60, BETAALD, JULI, TERUG_OP),
    "R2-1": (500, BETAALD, JULI, None),
    "R3-1": (100, VERREKEND, AUGUSTUS, None),
    "R4-1": (-300, VERREKEND, AUGUSTUS, None),
    "R5-1": (0, ONDERWEG, None, None),
    "R6-1": (0, "", None, None),
}
BETAALD_SAMEN = 4360
WMO = ("R2-1",)


@pytest.fixture(scope="module")
def map_(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vormen")


@pytest.fixture(scope="module")
def web(opslag: None, map_: Path) -> Iterator[Huis]:
    """A payment came back and went along in the next one; others are set off, or on their way."""
    with huis(map_) as made:
        iedereen(made)
        made.klok.moment = on(date(2026, 5, 20))
        boek = Betaalhuis(made.store, made.klok, count(1))  # type: ignore[arg-type]
        boek.rekening(LINDE)
        boek.declareer(4000, 60)
        first = paid(boek, JUNI)
        made.klok.moment = on(TERUG_OP)
        nummer = boek.in_run(first)[LINDE].nummer
        made.store.betaalruns.bounced(ZWOLLE, nummer, TERUG_OP, "rekening opgeheven")
        boek.declareer(500, wet="wmo")
        paid(boek, JULI)
        boek.declareer(100)
        boek.declareer(-300)
        paid(boek, AUGUSTUS)
        boek.declareer(1000)
        boek.vrij(boek.maak(tot=AUGUSTUS, uitvoering=AUGUSTUS))
        boek.declareer(7)
        made.klok.moment = BEGIN
        yield made


def on(dag: date) -> datetime:
    return datetime.combine(dag, time(9), tzinfo=UTC)


def paid(boek: Betaalhuis, op: date) -> int:
    """A run of everything that is open, which the bank carried out on a day."""
    boek.klok.moment = on(op)
    nummer = boek.maak(tot=op, uitvoering=op)
    boek.vrij(nummer)
    if boek.store.betalingen.run(ZWOLLE, nummer).staat == "vrijgegeven":
        boek.store.betaalruns.file(ZWOLLE, nummer, BELEID)
        boek.store.betaalruns.paid(ZWOLLE, nummer, op)
    return nummer


@pytest.fixture
def programma(web: Huis) -> Iterator[httpx.Client]:
    """A program of the aanbieder."""
    with ExitStack() as stack:
        aanvraag = Aanvraag(naam="eigen", rol=Rol.AANBIEDER, gemeenten=(CODE,), aanbieder=LINDE)
        _, sleutel = web.store.sleutels.make(aanvraag, handeling("sleutel maken"))
        yield stack.enter_context(
            httpx.Client(
                base_url=f"{web.omgeving.adres}/api/v1",
                headers={"Authorization": f"Bearer {sleutel}"},
                timeout=30,
                trust_env=False,
            )
        )


def statement(map_: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    given = ["--aanbieder", LINDE, "--maand", MAAND, "--store", store_of(map_), *more]
    assert 0 == run(["ledger", "statement", *given]), capsys.readouterr().err
    return capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")


def of_sheet(rows: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """What rows with the headings of a statement say of the payment of each line."""
    return {
        row["regel"]: (
            int(str(row["betaald"]).replace(",", "")),
            row["stand van de betaling"] or "",
            *(
                date.fromisoformat(row[name]) if row[name] else None
                for name in ("betaald op", "teruggekomen op")
            ),
        )
        for row in rows
    }


def sheet_of(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))


def test_the_command_says_it_on_the_screen_as_csv_and_as_json(
    web: Huis, map_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = sheet_of(statement(map_, capsys, "--csv"))
    assert REGELS == of_sheet(rows)
    document = json.loads(statement(map_, capsys, "--json"))
    assert (REGELS, BETAALD_SAMEN) == (of_sheet(document["regels"]), document["samen"]["betaald"])
    assert [row["wet"] for row in rows] == [row["wet"] for row in document["regels"]]
    shown = statement(map_, capsys)
    assert f"{euros(BETAALD_SAMEN)} betaald".replace("\N{NO-BREAK SPACE}", " ") in shown
    lines = {line.split()[0]: line for line in shown.splitlines() if line.startswith("R")}
    for nummer, (_, stand, sinds, _) in REGELS.items():
        told = f"{stand} {sinds or ''}".strip()
        wet = "wmo" if nummer in WMO else "jeugdwet"
        assert (True, True) == (
            told in lines[nummer],
            f" {CODE} {wet}" in re.sub(" +", " ", lines[nummer]),
        )


def test_the_api_says_the_same(web: Huis, programma: httpx.Client) -> None:
    samen = programma.get(f"/maandoverzichten/{MAAND}").json()
    regels = programma.get(f"/maandoverzichten/{MAAND}/overzicht").json()["resultaten"]
    assert BETAALD_SAMEN == samen["betaald"] == sum(one["betaald"] for one in regels)
    found = {
        one["regel"]: (
            one["betaald"],
            (one["betaling"] or {"stand": ""})["stand"],
            *(
                date.fromisoformat(dag)
                if one["betaling"] and (dag := one["betaling"][name])
                else None
                for name in ("betaaldOp", "teruggekomenOp")
            ),
        )
        for one in regels
    }
    assert REGELS == found
    eerste = next(one["betaling"] for one in regels if one["regel"] == "R1-1")
    tweede = next(one["betaling"] for one in regels if one["regel"] == "R2-1")
    assert (eerste["opnieuw"], None) == (tweede["kenmerk"], tweede["opnieuw"])


def test_the_pages_of_both_sides_say_the_same_and_so_do_their_files(web: Huis) -> None:
    for naam, path in (
        ("aanbieder", "/eigen/maanden"),
        ("beoordelaar", f"/aanbieders/{LINDE}/maanden"),
    ):
        who = web.bezoeker(naam)
        page = text_of(who.get(f"{path}/{MAAND}").text).replace(" ,", ",")
        assert "€ 43,60 betaald" in page
        assert "betaald 1 jul 2026 € 40,00, ZORG-0193-1-12345678" in page
        assert "teruggekomen 15 jun 2026, opnieuw in ZORG-0193-2-12345678" in page
        assert "verrekend 3 aug 2026" in page
        assert ("Zwolle Wmo 2015" in page, "Zwolle Jeugdwet" in page) == (True, True)
        file = who.post(f"{path}/{MAAND}/uitvoer", {"soort": "csv", **DOEL})
        assert REGELS == of_sheet(sheet_of(file.content.decode("utf-8-sig")))


def test_the_pdf_says_the_same(web: Huis, monkeypatch: pytest.MonkeyPatch) -> None:
    class Getypt:
        def __init__(self, string: str, **_: Any) -> None:
            self.string = string

        def write_pdf(self, **_: Any) -> bytes:
            return self.string.encode()

    monkeypatch.setattr("weasyprint.HTML", Getypt)
    who = web.bezoeker("aanbieder")
    who.get(f"/eigen/maanden/{MAAND}")
    file = who.post(f"/eigen/maanden/{MAAND}/uitvoer", {"soort": "pdf", **DOEL})
    told = text_of(file.text)
    assert "Betaald € 43,60" in told
    assert "betaald 1 jul 2026 € 40,00, ZORG-0193-1-12345678" in told
    assert "teruggekomen 15 jun 2026, opnieuw in ZORG-0193-2-12345678" in told
    assert ("0193 Wmo 2015" in told, "verrekend 3 aug 2026" in told) == (True, True)


def test_what_comes_back_a_second_time_is_open_again(
    web: Huis, map_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Last: it changes the year for all forms."""
    tweede = next(
        one
        for one in web.store.betalingen.betalingen(ZWOLLE).rijen
        if one.kenmerk == "ZORG-0193-2-12345678"
    )
    web.store.betaalruns.bounced(ZWOLLE, tweede.nummer, AUGUSTUS, "weer opgeheven")
    found = of_sheet(sheet_of(statement(map_, capsys, "--csv")))
    again = (0, TERUG, None, AUGUSTUS)
    assert {"R1-1": again, "R1-2": again, "R2-1": again} == {
        nummer: found[nummer] for nummer in ("R1-1", "R1-2", "R2-1")
    }
