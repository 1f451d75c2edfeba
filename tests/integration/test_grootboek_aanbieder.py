"""The ledger of an aanbieder: what was sent, what came back and why, and that it adds up."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.integration.berichten import Tabel, run, sentence
from tests.opslag import altered, rows_of, store_of
from tests.scenarios import uitkomst, verhaal
from tests.scenarios.verhaal import Verhaal

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
DECLAREERT, CLIENT = "aanbieder_declareert", "aanbieder_client_geweigerd"
GEWEIGERD, KLOPT_NIET = "aanbieder_declaratie_geweigerd", "aanbieder_antwoord_klopt_niet"
# What became of the 323s of each story.
STORIES = {
    DECLAREERT: {"partly": 1, "accepted": 2, "unsent": 4, "waiting": 1},
    CLIENT: {"partly": 1, "unsent": 1, "waiting": 1},
    GEWEIGERD: {"rejected": 3, "unsent": 1, "waiting": 1},
    KLOPT_NIET: {"accepted": 1, "unsent": 1, "waiting": 1},
}


def told(folder: Path, naam: str, steps: int | None = None, wet: str = "jeugdwet") -> str:
    """The URL of a store in which the first steps of a story took place."""
    story = verhaal.read(naam, wet)
    process(story, written(story, folder)[:steps], folder)
    return store_of(folder)


def written(story: Verhaal, folder: Path) -> list[Path]:
    """The messages of a story, in its order."""
    uitkomst.write(story, folder / "in")
    return sorted((folder / "in").iterdir())


def process(story: Verhaal, files: Iterable[Path], folder: Path) -> None:
    options = ["--clock", story.klok.isoformat(), "--rol", story.rol, "--store", store_of(folder)]
    run(["process", *map(str, files), "--out", str(folder / "out"), *options])


def checked(captured: Captured, folder: Path, *options: str) -> tuple[int, Tabel]:
    """The exit code and the document of `gateway ledger check`."""
    captured.readouterr()
    code = run(["ledger", "check", "--json", "--store", store_of(folder), *options])
    document: Tabel = json.loads(captured.readouterr().out)
    return code, document


def spoken(captured: Captured, *arguments: str) -> list[str]:
    """The lines that a command prints, with single blanks."""
    captured.readouterr()
    assert 0 == run([*arguments])
    return [" ".join(line.split()) for line in captured.readouterr().out.splitlines()]


def events(folder: Path, soort: str) -> list[Tabel]:
    """The events of one kind that were put out, in order."""
    query = """SELECT outbox_stuk.data FROM outbox JOIN outbox_stuk ON outbox_id = outbox.id
               WHERE soort = 'event' AND berichttype = ? ORDER BY outbox.id"""
    return [json.loads(zlib.decompress(data)) for (data,) in rows_of(folder, query, soort)]


@pytest.mark.parametrize("naam", STORIES)
@pytest.mark.parametrize("wet", ["jeugdwet", "wmo"])
def test_the_ledger_of_a_story_adds_up(
    naam: str, wet: str, tmp_path: Path, capsys: Captured
) -> None:
    told(tmp_path, naam, wet=wet)
    code, document = checked(capsys, tmp_path)
    assert (0, []) == (code, document["violations"])
    assert STORIES[naam] == document["messages"]


@pytest.mark.parametrize("naam", STORIES)
def test_it_adds_up_after_every_message(naam: str, tmp_path: Path, capsys: Captured) -> None:
    """Whatever the order in which messages and answers come, no moment is out of balance."""
    story = verhaal.read(naam, "wmo")
    for file in written(story, tmp_path):
        process(story, [file], tmp_path)
        code, document = checked(capsys, tmp_path)
        assert (file, 0, []) == (file, code, document["violations"])


def test_what_waits_is_told_apart(tmp_path: Path, capsys: Captured) -> None:
    store = told(tmp_path, DECLAREERT, steps=2)
    assert [
        "declaraties nog niet beantwoord 1",
        "regels 2",
        "ingediend € 1.000,00",
        "afgewezen € 0,00",
        "toegekend debet € 0,00",
        "gecrediteerd € 0,00",
        "toegekend € 0,00",
        "wacht op antwoord € 1.000,00",
        "het grootboek klopt: 2 regels, € 1.000,00 ingediend, € 0,00 toegekend",
    ] == spoken(capsys, "ledger", "check", "--store", store)
    line = spoken(capsys, "ledger", "line", "DN02", "R2_1", "--store", store)
    assert ["wacht op antwoord", "nu toegekend: € 0,00"] == line[-2:]
    _, document = checked(capsys, tmp_path, "--per", "line")
    assert [("ingediend, nog niet beantwoord", None)] * 2 == [
        (one["stand"], one["325"]) for one in document["lines"]
    ]


def test_a_line_tells_which_325_judged_it_when_and_why(tmp_path: Path, capsys: Captured) -> None:
    store = told(tmp_path, DECLAREERT, steps=9)
    line = spoken(capsys, "ledger", "line", "DN02", "R2_2", "--store", store)
    refused = line.index("afgewezen met 9322, 325 325N05 van 2025-12-05")
    assert line[refused + 1].startswith("9322: ")
    assert "toegekend, 325 325N09 van 2025-12-05" in line
    assert "nu toegekend: € 500,00" == line[-1]


def test_a_credit_and_what_came_in_its_place_are_one_story(
    tmp_path: Path, capsys: Captured
) -> None:
    told(tmp_path, DECLAREERT)
    _, document = checked(capsys, tmp_path, "--per", "line")
    assert {
        "R2_1 in DN02": "gecrediteerd en vervangen",
        "R2_2 in DN02": "afgewezen en later toegekend",
        "R2_2 in DN07": "toegekend",
        "R7_1 in DN07": "credit",
        "R7_2 in DN07": "gecrediteerd",
        "R10_1 in DN10": "credit",
        "R13_1 in DN13": "ingediend, nog niet beantwoord",
    } == {f"{one['regel']} in {one['declaratie']}": one["stand"] for one in document["lines"]}


def test_a_declaratie_that_was_refused_as_a_whole_says_so(tmp_path: Path, capsys: Captured) -> None:
    store = told(tmp_path, GEWEIGERD, steps=8)
    capsys.readouterr()
    assert 2 == run(["ledger", "line", "DN02", "R2_1", "--store", store])
    told_why = sentence(capsys.readouterr().err)
    assert told_why.startswith("declaratie DN02 is als geheel afgewezen in 325 325N08; ")


def test_a_declaratie_that_was_not_sent_says_so_and_is_explained(
    tmp_path: Path, capsys: Captured
) -> None:
    store = told(tmp_path, DECLAREERT, steps=4)
    capsys.readouterr()
    assert 2 == run(["ledger", "line", "DN04", "R4_1", "--store", store])
    why = "declaratie DN04 is niet goed, en daarom niet verstuurd"
    assert why == sentence(capsys.readouterr().err)
    assert 0 == run(["explain", "DN04", "R4_1", "--store", store])
    assert "9389" in capsys.readouterr().out


def test_the_backoffice_hears_of_every_325_without_a_bsn(tmp_path: Path) -> None:
    told(tmp_path, CLIENT, steps=4)
    (event,) = events(tmp_path, "antwoord-ontvangen")
    assert {
        "bericht": "JW325",
        "identificatie": "325N04",
        "heenbericht": "JW323",
        "heenbericht_identificatie": "323N03",
        "heenbericht_inbox": 3,
        "verwerkt": True,
        "geheel_afgewezen": False,
        "declaratie": "DN03",
        "retourcodes": ["0200"],
        "ingediend": 150_000,
        "toegekend": 50_000,
        "afgewezen": 100_000,
        "regels_afgewezen": 2,
        "codes": {"0233": 2},
    } == event["data"]


def test_a_325_that_changes_nothing_is_told_as_such(tmp_path: Path) -> None:
    told(tmp_path, KLOPT_NIET)
    found = [one["data"]["verwerkt"] for one in events(tmp_path, "antwoord-ontvangen")]
    assert [*[False] * 6, True] == found
    assert [] == events(tmp_path, "verzoek-ontvangen")


def test_explain_tells_how_a_line_was_judged_before_it_was_sent(
    tmp_path: Path, capsys: Captured
) -> None:
    store = told(tmp_path, DECLAREERT)
    capsys.readouterr()
    assert 0 == run(["explain", "DN02", "R2_2", "--store", store])
    printed = capsys.readouterr().out
    assert '"R2_2"' in printed
    receipt = tmp_path / "bewijs.json"
    receipt.write_text(printed)
    assert 0 == run(["explain", "--verify", str(receipt), "--store", store])
    assert capsys.readouterr().out.startswith("gelijk: ")


@pytest.mark.parametrize(
    "opdracht", [["radar"], ["agreements", "replay", "--without", "TR322", "--period", "2025"]]
)
def test_what_is_for_a_municipality_is_refused(
    opdracht: list[str], tmp_path: Path, capsys: Captured
) -> None:
    store = told(tmp_path, DECLAREERT, steps=2)
    capsys.readouterr()
    assert 2 == run([*opdracht, "--store", store])
    told_why = "deze opdracht is er voor een gemeente; de opslag is van een aanbieder"
    assert told_why == sentence(capsys.readouterr().err)


DAMAGE = {
    "a refused line granted after all": (
        "UPDATE prestatie SET toegekend = 1 WHERE toegekend = 0 AND tot_volgnr IS NULL",
        {"afgewezen", "toegekend", "besteding"},
    ),
    "a granted line waits again": (
        "UPDATE prestatie SET toegekend = 2 WHERE referentienummer = 'R2_1' AND toegekend = 1",
        {"toegekend", "antwoord", "credit"},
    ),
    "a line that waits granted before its time": (
        "UPDATE prestatie SET toegekend = 1 WHERE referentienummer = 'R13_1'",
        {"toegekend", "antwoord"},
    ),
    "a Declaratie that waits is gone": (
        "UPDATE declaratie SET tot_volgnr = 99 WHERE declaratienummer = 'DN13'",
        {"bericht", "losse regel"},
    ),
    "one that was answered is gone": (
        "UPDATE declaratie SET tot_volgnr = 99 WHERE declaratienummer = 'DN10' "
        "AND tot_volgnr IS NULL",
        {"bericht", "losse regel"},
    ),
    "one that was not sent is there": (
        "UPDATE inbox SET verdict = 'rejected' WHERE declaratienummer = 'DN13'",
        {"bericht"},
    ),
    "a 325 is there twice": (
        "UPDATE inbox SET heen_id = 2, verdict = 'accepted' WHERE identificatie = '325N06'",
        {"antwoord"},
    ),
}


@pytest.mark.parametrize("naam", DAMAGE)
def test_what_is_changed_behind_our_back_is_found(
    naam: str, tmp_path: Path, capsys: Captured
) -> None:
    told(tmp_path, DECLAREERT)
    statement, kinds = DAMAGE[naam]
    assert 1 == altered(tmp_path, statement)
    code, document = checked(capsys, tmp_path)
    assert 1 == code
    assert kinds <= {one["kind"] for one in document["violations"]}
