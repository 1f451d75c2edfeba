"""Obligations and forecasts of a store that messages filled: the same on each database."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.agreements.match import index
from gateway.ledger.geld.opname import key_for, take_stock
from gateway.ledger.geld.verplichting import (
    GESTOPT,
    KLEINER,
    VERLOPEN,
    Groep,
    Peil,
    Verplichting,
)
from gateway.periods.maandnummers import month_number
from gateway.store.geld.terugblik import NIETS_BEKEND, looks_back
from gateway.store.geld.toewijzingenblad import Bladlezer
from gateway.store.geld.verplichtingen import Verplichtingenbron, history_on
from gateway.toegang.wie import Bereik
from tests.integration.berichten import run, sentence
from tests.integration.jaren import GEBRUIKT, JEUGD, KAMPEN, WMO, ZWOLLE, Jaren, gevuld
from tests.integration.store_builders import settled, start

pytestmark = pytest.mark.usefixtures("opslag")
Captured = pytest.CaptureFixture[str]

BEIDE = Bereik(frozenset({ZWOLLE, KAMPEN}))
GEEN = index(())
APRIL = date(2026, 4, 1)


@pytest.fixture(scope="module")
def jaren(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jaren]:
    made = gevuld(tmp_path_factory.mktemp("jaren"))
    yield made
    made.store.close()


@pytest.fixture
def leeg(tmp_path: Path) -> Iterator[Jaren]:
    made = Jaren(tmp_path)
    yield made
    made.store.close()


def totaal(jaren: Jaren, dag: date, jaar: int, bereik: Bereik = BEIDE) -> tuple[int, ...]:
    """What is obliged, realised, expected and released."""
    with jaren.store.database.long_snapshot(bereik.scope) as connection:
        opname = take_stock(Verplichtingenbron(connection, bereik), GEEN, Peil(dag, jaar))
    som = opname.totaal
    return som.verplicht, som.gerealiseerd, som.verwacht, som.vrijgevallen


def test_two_assignments_of_a_year_are_obliged_realised_and_expected(jaren: Jaren) -> None:
    # Two of 12 x 1,000 euros; January and February are declared at 800.
    assert (2_400_000, 320_000, 2_080_000, 0) == totaal(jaren, APRIL, 2026)
    assert (1_200_000, 160_000, 1_040_000, 0) == totaal(
        jaren, APRIL, 2026, Bereik(frozenset({ZWOLLE}))
    )


def test_an_aanbieder_has_its_own_only(jaren: Jaren) -> None:
    own = Bereik(BEIDE.gemeenten, WMO.aanbieder)
    assert (1_200_000, 160_000, 1_040_000, 0) == totaal(jaren, APRIL, 2026, own)


def test_what_is_realised_is_what_the_ledger_has(jaren: Jaren) -> None:
    with jaren.store.database.long_snapshot(BEIDE.scope) as connection:
        bron = Verplichtingenbron(connection, BEIDE)
        for jaar in (2024, 2025, 2026):
            assert totaal(jaren, APRIL, jaar)[1] == bron.gerealiseerd(jaar)
        assert {"wmo": 960_000, "jeugdwet": 960_000} == {
            groep.wet: cents for groep, cents in bron.per_groep(2025).items()
        }


def test_forecasts_of_last_year_are_made_by_what_was_known_then(jaren: Jaren) -> None:
    with jaren.store.database.long_snapshot(BEIDE.scope) as connection:
        found = list(looks_back(connection, BEIDE, GEEN, APRIL, 1))
    assert [date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)] == [one.dag for one in found]
    # On 1 April 2025 there was one year of lines, and each of them of 80 percent.
    assert [(1_920_000, 1_920_000, 0)] * 3 == [
        (one.totaal.voorspeld, one.totaal.werkelijk, one.totaal.fout) for one in found
    ]
    assert ["over 2025 kunnen nog regels komen"] * 3 == [one.opmerking for one in found]
    assert {(KAMPEN,), (ZWOLLE,)} == {one.sleutel for one in found[0].per(key_for("gemeente"))}


def test_a_day_before_everything_has_no_forecast_and_says_so(jaren: Jaren) -> None:
    with jaren.store.database.long_snapshot(BEIDE.scope) as connection:
        found = list(looks_back(connection, BEIDE, GEEN, date(2025, 3, 1), 2))
    assert [(False, NIETS_BEKEND)] * 3 == [(one.is_bekend, one.opmerking) for one in found[:3]]
    assert "gemeten over minder dan een jaar: de opslag begint op 2023-12-20" in found[3].opmerking


def test_the_store_of_a_past_day_lacks_what_came_later(jaren: Jaren) -> None:
    with jaren.store.database.long_snapshot(BEIDE.scope) as connection:
        known = history_on(connection, date(2025, 3, 1))
        assert date(2023, 12, 20) == known.vanaf
        bron = Verplichtingenbron(connection, BEIDE, known.peil)
        months = {month for one in bron.toewijzingen() for month in one.regels}
    # January came on 10 February; February would come on 10 March.
    assert month_number(date(2025, 1, 1)) == max(months)


def test_a_smaller_version_and_a_stop_release_with_their_day_and_message(leeg: Jaren) -> None:
    begin, end = date(2026, 1, 1), date(2026, 12, 31)
    leeg.wijs_toe(date(2025, 12, 20), JEUGD, 1, ingangsdatum=begin, einddatum=end)
    leeg.wijs_toe(date(2026, 2, 1), JEUGD, 1, ingangsdatum=begin, einddatum=date(2026, 9, 30))
    leeg.stop(date(2026, 6, 30), JEUGD, 1)
    assert (1_200_000, 0, 600_000, 600_000) == totaal(leeg, date(2026, 3, 1), 2026)
    groep = Groep("jeugdwet", "45", JEUGD.aanbieder, ZWOLLE)
    lezer = Bladlezer(leeg.store.database, BEIDE, GEEN, Peil(date(2026, 3, 1), 2026), groep)
    found = lezer.blad(10)
    (een,) = found.blad.rijen
    smaller, stopped = een.vrijval
    assert (KLEINER, date(2026, 2, 1), 300_000) == smaller[:3]
    assert (GESTOPT, date(2026, 6, 30), 300_000) == stopped[:3]
    assert smaller.inbox_id is not None
    assert stopped.volgnr is not None
    assert found.stopberichten[stopped.volgnr] == smaller.inbox_id + 1


def test_care_that_began_again_after_a_stop_is_not_stopped(leeg: Jaren) -> None:
    begin, end = date(2026, 1, 1), date(2026, 12, 31)
    leeg.wijs_toe(date(2025, 12, 20), JEUGD, 1, ingangsdatum=begin, einddatum=end)
    leeg.stop(date(2026, 2, 10), JEUGD, 1)
    settled(
        leeg.store, lambda work: work.add_leveringen(JEUGD, [start(1, begindatum=date(2026, 4, 1))])
    )
    assert (1_200_000, 0, 1_200_000, 0) == totaal(leeg, date(2026, 5, 1), 2026)


def test_what_can_no_longer_be_declared_is_released_wherever_it_is_shown(
    leeg: Jaren, capsys: Captured
) -> None:
    begin, end = date(2026, 1, 1), date(2026, 3, 31)
    leeg.wijs_toe(date(2025, 12, 20), JEUGD, 1, ingangsdatum=begin, einddatum=end)
    leeg.declareer(date(2026, 2, 10), JEUGD, month_number(begin), [1])
    for clock, expected, released in (("2031-03-31", 100_000, 120_000), ("2031-04-01", 0, 220_000)):
        asked = ("--jaar", "2026", "--clock", clock, "--json", "--store", leeg.url)
        assert 0 == run(["ledger", "commitments", "--per", "toewijzing", *asked])
        (row,) = json.loads(capsys.readouterr().out)["rows"]
        assert (expected, released) == (row["verwacht"], row["vrijgevallen"])
    assert (300_000, GEBRUIKT, 0, 220_000) == totaal(leeg, date(2031, 4, 1), 2026)
    groep = Groep("jeugdwet", "45", JEUGD.aanbieder, ZWOLLE)
    lezer = Bladlezer(leeg.store.database, BEIDE, GEEN, Peil(date(2031, 4, 1), 2026), groep)
    (een,) = lezer.blad(10).blad.rijen
    assert [(VERLOPEN, date(2031, 4, 1), 220_000)] == [one[:3] for one in een.vrijval]


def test_pages_of_a_group_have_every_assignment_once_and_add_up_to_it(leeg: Jaren) -> None:
    begin, end = date(2026, 1, 1), date(2026, 12, 31)
    for nummer in range(1, 8):
        leeg.wijs_toe(date(2025, 12, 20), JEUGD, nummer, ingangsdatum=begin, einddatum=end)
    leeg.declareer(date(2026, 2, 10), JEUGD, month_number(begin), [2, 5])
    groep = Groep("jeugdwet", "45", JEUGD.aanbieder, ZWOLLE)
    lezer = Bladlezer(leeg.store.database, BEIDE, GEEN, Peil(date(2026, 3, 1), 2026), groep)
    seen: list[Verplichting] = []
    na: str | None = None
    counts: set[int] = set()
    while True:
        asked: list[str] = []
        engine = leeg.store.database.engine

        def note(_c: Any, _k: Any, statement: str, *_: Any, told: list[str] = asked) -> None:
            told.extend([statement] if statement.startswith("SELECT t") else [])

        sa.event.listen(engine, "before_cursor_execute", note)
        blad = lezer.blad(3, na).blad
        sa.event.remove(engine, "before_cursor_execute", note)
        counts.add(len(asked))
        seen += blad.rijen
        if (na := blad.volgende) is None:
            break
    assert [7, 6, 5, 4, 3, 2, 1] == [one.toegewezen.nummer for one in seen]
    assert 1 == len(counts)
    assert totaal(leeg, date(2026, 3, 1), 2026)[:3] == (
        sum(one.verplicht for one in seen),
        sum(one.gerealiseerd for one in seen),
        sum(one.verwacht for one in seen),
    )


OPTIES = ("--clock", "2026-04-01")


def json_of(capsys: Captured, jaren: Jaren, *arguments: str) -> dict[str, Any]:
    code, out, _ = tell(capsys, jaren, *arguments, "--json")
    assert 0 == code
    found: dict[str, Any] = json.loads(out)
    return found


def tell(capsys: Captured, jaren: Jaren, *arguments: str) -> tuple[int, str, str]:
    code = run(["ledger", *arguments, "--store", jaren.url, *OPTIES])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_tells_obligations_that_come_to_the_ledger(
    jaren: Jaren, capsys: Captured
) -> None:
    found = json_of(capsys, jaren, "commitments", "--per", "gemeente")
    assert [(KAMPEN, 1_200_000), (ZWOLLE, 1_200_000)] == [
        (row["gemeente"], row["verplicht"]) for row in found["rows"]
    ]
    assert (True, 320_000) == (found["balanced"], found["ledger"])
    code, out, _ = tell(capsys, jaren, "commitments")
    assert 0 == code
    assert (
        "gerealiseerd in 2026 is gelijk aan het grootboek met de facturen: € 3.200,00"
        in out.replace("\N{NO-BREAK SPACE}", " ")
    )


def test_assignments_one_by_one_come_to_the_same(jaren: Jaren, capsys: Captured) -> None:
    one_by_one = json_of(capsys, jaren, "commitments", "--per", "toewijzing")
    together = json_of(capsys, jaren, "commitments", "--per", "wet")
    assert together["total"] == one_by_one["total"]
    assert [1, 2] == sorted(row["toewijzing"] for row in one_by_one["rows"])
    assert "9999" not in json.dumps(one_by_one)


def test_a_csv_has_amounts_that_a_spreadsheet_takes(jaren: Jaren, capsys: Captured) -> None:
    code, out, err = tell(capsys, jaren, "commitments", "--csv", "--per", "wet", "--jaar", "2025")
    rows = list(csv.DictReader(io.StringIO(out, newline=""), delimiter=";"))
    assert 0 == code
    assert [("jeugdwet", "9600,00"), ("wmo", "9600,00")] == [
        (row["wet"], row["gerealiseerd"]) for row in rows
    ]
    assert "gelijk aan het grootboek" in err


def test_the_forecast_tells_its_steps_and_what_they_were_made_of(
    jaren: Jaren, capsys: Captured
) -> None:
    found = json_of(capsys, jaren, "forecast")
    # Two assignments that were used for 80 percent, of which March has to be declared.
    assert {
        "gerealiseerd": 320_000,
        "geleverd": 160_000,
        "komend": 1_440_000,
        "instroom": 0,
        "prognose": 1_920_000,
    } == found["total"]
    assert [160_000] * 12 == [one["prognose"] for one in found["months"]]
    assert {"jeugdwet": 1000, "wmo": 1000} == {one["wet"]: one["na31Dagen"] for one in found["lag"]}
    own = found["groups"][0]["benutting"]
    assert (880_000, 1_100_000, "aanbieder") == tuple(own.values())
    code, out, _ = tell(capsys, jaren, "forecast")
    assert (0, True) == (code, "nog te leveren op lopende toewijzingen" in out)


def test_a_past_day_is_told_by_what_was_known_then(jaren: Jaren, capsys: Captured) -> None:
    def on(dag: str, what: str) -> dict[str, int]:
        words = ["ledger", what, "--store", jaren.url, "--clock", dag, "--json"]
        assert 0 == run(words)
        document = json.loads(capsys.readouterr().out)
        assert document["balanced"]
        found: dict[str, int] = document["total"]
        return found

    # On 1 July 2025 two assignments were declared up to and including May, for 80 percent.
    july = on("2025-07-01", "commitments")
    assert (2_400_000, 2 * 5 * 80_000, 2 * 700_000 + 2 * 5 * 20_000) == tuple(
        july[name] for name in ("verplicht", "gerealiseerd", "verwacht")
    )
    assert 1_920_000 == sum(
        on("2025-07-01", "forecast")[name]
        for name in ("gerealiseerd", "geleverd", "komend", "instroom")
    )
    # What came in on the day itself is known on it.
    assert on("2025-02-09", "commitments")["gerealiseerd"] == 0
    assert on("2025-02-10", "commitments")["gerealiseerd"] == 2 * 80_000


def test_the_backtest_tells_how_far_off_forecasts_were(jaren: Jaren, capsys: Captured) -> None:
    found = json_of(capsys, jaren, "backtest", "--jaren", "1", "--per", "wet")
    assert [("totaal", 0, 0), ("jeugdwet", 0, 0), ("wmo", 0, 0)] * 3 == [
        (row["wet"], row["fout"], row["promille"]) for row in found["rows"]
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--json", "--csv"), "kies --json of --csv, niet allebei"),
        (("--gemeente", "0999"), "van gemeente 0999 staat er niets in de opslag"),
        (("--clock", "morgen"), "--clock morgen: dit is geen datum als 2025-12-05"),
        (
            ("--clock", "2023-12-19"),
            "--clock 2023-12-19: de opslag heeft niets van deze dag of daarvoor",
        ),
    ],
)
def test_a_wrong_question_is_one_sentence(
    jaren: Jaren, capsys: Captured, arguments: tuple[str, ...], told: str
) -> None:
    assert 2 == run(["ledger", "forecast", "--store", jaren.url, *arguments])
    assert told == sentence(capsys.readouterr().err)


def test_lines_on_a_number_that_nobody_knows_count_in_the_category_of_the_line(
    leeg: Jaren, capsys: Captured
) -> None:
    leeg.declareer(date(2026, 2, 10), JEUGD, month_number(date(2026, 1, 1)), [99], 5_000)
    found = json_of(capsys, leeg, "commitments", "--per", "groep")
    (row,) = found["rows"]
    assert ("45", 0, 5_000, 0) == tuple(
        row[name] for name in ("categorie", "toewijzingen", "gerealiseerd", "verwacht")
    )
    assert found["balanced"]
