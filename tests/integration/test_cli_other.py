"""The commands beside `process` and `run`: check, rules, agreements, status, migrate."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import __version__
from gateway.cli import COMMANDS
from tests.integration.berichten import (
    BSN,
    CODE,
    KLOK,
    PROJECT,
    WETTEN,
    Tabel,
    command,
    familie,
    made,
    own_environment,
    process,
    run,
    sentence,
    write,
)
from tests.opslag import altered, file_of, rows_of, store_of
from tests.unit.agreement_builders import CEL, HEAD

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
AGREEMENTS = PROJECT / "mappings" / "agreements"
PROCES_KEYS = ["klok", "niet_software", "nog_niet"]
RULE_KEYS = [
    "code",
    "kind",
    "level",
    "ijw",
    "iwmo",
    "retourcodes",
    "statement",
    "implemented",
    "cases",
]


@pytest.fixture(autouse=True)
def _nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands run in an empty folder; what they make without being asked would be seen."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "data").exists()


# --- check ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wet", WETTEN)
def test_check_finds_nothing_in_good_messages(wet: str, tmp_path: Path, capsys: Captured) -> None:
    paths = [str(path) for path in familie(tmp_path / "in", wet)]
    assert 0 == run(["check", *paths])
    told = capsys.readouterr()
    assert 4 == told.out.count("in orde")
    assert "" == told.err


def test_check_tells_rule_code_place_and_what_to_do(tmp_path: Path, capsys: Captured) -> None:
    paths = write(
        tmp_path, goed=made("JW323"), som=made("JW323", (">85000<", ">85001<")), fout=b"<geen"
    )
    assert 1 == run(["check", *map(str, paths)])
    goed, som, rule, place, advice, fout, *_ = capsys.readouterr().out.splitlines()
    assert f"{paths[0]}: in orde, voor zover zonder eerdere berichten te zien is" == goed
    assert f"{paths[1]}: 1 keer iets gevonden" == som
    assert re.match(r"  TR358 \(0001\): .*€.850,01.*€.850,00", rule)
    assert "    plaats: /Bericht/Declaratie/TotaalIngediendBedrag" == place
    assert advice.startswith("    wat u kunt doen: ")
    assert f"{paths[2]}: 1 keer iets gevonden" == fout


def test_check_as_json_is_one_document(tmp_path: Path, capsys: Captured) -> None:
    paths = write(tmp_path, goed=made("JW323"), som=made("JW323", (">85000<", ">85001<")))
    assert 1 == run(["check", "--json", *map(str, paths)])
    document = json.loads(capsys.readouterr().out)
    assert [{"file": str(paths[0]), "ok": True, "findings": []}] == document["files"][:1]
    (finding,) = document["files"][1]["findings"]
    assert document["files"][1]["ok"] is False
    known = {"rule": "TR358", "retourcode": "0001", "effect": "reject", "class": "Declaratie"}
    assert known == {key: finding[key] for key in known}
    assert ("€\N{NO-BREAK SPACE}850,01", "€\N{NO-BREAK SPACE}850,00") == (
        finding["found"],
        finding["expected"],
    )


def test_check_and_process_agree_on_what_needs_no_store(tmp_path: Path, capsys: Captured) -> None:
    changes = [
        made("JW323", (">85000<", ">85001<")),
        made("JW305", ("<jw305:Geslacht>2", "<jw305:Geslacht>7")),
        made("JW305", (BSN, "999900007")),
        made("WMO307", ("2025-06-30", "2025-01-01")),
        b"<geen",
    ]
    paths = write(tmp_path / "in", **{f"c{n}": content for n, content in enumerate(changes)})
    run(["check", "--json", *map(str, paths)])
    checked = json.loads(capsys.readouterr().out)["files"]
    done = process(tmp_path / "out", *paths)
    assert [one["findings"] for one in checked] == [one["findings"] for one in done.outcomes]


def test_check_keeps_nothing(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "in", a=made("JW301"))
    assert [0, 0] == [run(["check", str(path)]) for _ in range(2)]
    assert ["in"] == [one.name for one in tmp_path.iterdir()]


@pytest.mark.parametrize("path", ["er_is_niets.xml", "."])
def test_check_of_what_cannot_be_read_is_wrong_use(path: str, capsys: Captured) -> None:
    assert 2 == run(["check", path])
    assert "niet te lezen" in sentence(capsys.readouterr().err)


def test_check_needs_a_file(capsys: Captured) -> None:
    assert 2 == run(["check"])
    assert "FILES" in sentence(capsys.readouterr().err)


# --- rules ------------------------------------------------------------------------------------


def _rules(capsys: Captured, *arguments: str) -> list[Tabel]:
    assert 0 == run(["rules", *arguments, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert ["rules", "releases"] == list(document)
    found: list[Tabel] = document["rules"]
    return found


def test_rules_as_json_have_the_keys_of_the_design(capsys: Captured) -> None:
    everything = _rules(capsys)
    assert len(everything) == len({one["code"] for one in everything})
    found = [one for one in everything if one["level"] is not None]
    assert 157 == len(found)
    assert [RULE_KEYS] * len(found) == [list(one) for one in found]
    for one in found:
        assert {1, 2, 3, 4} >= {one["level"]}
        assert one["statement"] or not one["implemented"]
        assert set(one["cases"]) == {"positive", "negative"}
        assert all(re.fullmatch("3[0-9]{2}", soort) for soort in one["ijw"] + one["iwmo"])
        assert all(re.fullmatch("[0-9S][0-9]{3}", code) for code in one["retourcodes"])


def test_every_rule_of_the_main_job_is_implemented_and_tested_on_both_sides(
    capsys: Captured,
) -> None:
    soorten = {"301", "305", "307", "323", "325"}
    judged = [one for one in _rules(capsys) if one["level"] is not None]
    wanted = [one for one in judged if soorten & {*one["ijw"], *one["iwmo"]}]
    assert [] == [one["code"] for one in wanted if not one["implemented"]]
    assert [] == [
        one["code"]
        for one in wanted
        if not (one["cases"]["negative"] and one["cases"]["positive"])
        and one["implemented"] != "schema"
    ]
    assert [] == [
        one["code"]
        for one in wanted
        if one["implemented"] == "schema" and not one["cases"]["negative"]
    ]


def test_one_rule_is_shown_whatever_the_case_of_its_code(capsys: Captured) -> None:
    (one,) = _rules(capsys, "tr304")
    (same,) = _rules(capsys, "TR304")
    assert one == same
    assert ("TR304", 3, ["8187"]) == (one["code"], one["level"], one["retourcodes"])
    assert 0 == run(["rules", "TR304"])
    told = capsys.readouterr().out
    assert "TR304 (niveau 3)" in told
    assert one["statement"] in told
    assert one["implemented"] in told


def test_all_rules_are_one_line_each(capsys: Captured) -> None:
    assert 0 == run(["rules"])
    told = capsys.readouterr().out.splitlines()
    assert len(_rules(capsys)) == len(told)
    assert all(re.match(r"[A-Z]{2}\d{3}(x\d)? +(niveau [1-4]|proces) ", line) for line in told)


def test_a_rule_for_people_and_processes_tells_who_sees_to_it(capsys: Captured) -> None:
    found = [one for one in _rules(capsys) if one["level"] is None]
    assert 146 == len(found)
    assert [RULE_KEYS + PROCES_KEYS] * len(found) == [list(one) for one in found]
    assert {"OP", "IV", "UP"} == {one["kind"] for one in found}
    for one in found:
        assert 1 == len([key for key in ("implemented", *PROCES_KEYS) if one[key]])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("OP090", "op de klok: retour"),
        ("OP364", "uitgevoerd door: answers.guard.lawful_325"),
        ("OP003", "niet voor software"),
        ("OP002x1", "niet voor software"),
    ],
)
def test_one_rule_for_processes_is_shown(capsys: Captured, code: str, said: str) -> None:
    assert 0 == run(["rules", code])
    told = capsys.readouterr().out
    assert f"{code} (proces)" in told
    assert said in told
    assert "gevallen" not in told


def test_the_matrix_has_a_cell_for_every_rule_on_every_message_of_each_law(
    capsys: Captured,
) -> None:
    assert 0 == run(["rules", "--matrix", "--json"])
    vakken = json.loads(capsys.readouterr().out)["matrix"]
    expected = sorted(
        (one["code"], nummer, wet)
        for one in _rules(capsys)
        if one["level"] is not None
        for wet, law in (("jeugdwet", "ijw"), ("wmo", "iwmo"))
        for nummer in one[law]
    )
    assert expected == sorted((one["code"], one["message"], one["wet"]) for one in vakken)


def test_the_matrix_of_one_rule_is_a_table(capsys: Captured) -> None:
    assert 0 == run(["rules", "--matrix", "tr307"])
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["regel", "bericht", "wet"]
    assert [["TR307", "323", "jeugdwet", "3", "9307"], ["TR307", "323", "wmo", "3", "9307"]] == [
        row.split()[:5] for row in rows
    ]


def test_a_rule_for_processes_is_not_in_the_matrix(capsys: Captured) -> None:
    assert 2 == run(["rules", "--matrix", "OP090"])
    assert "regel OP090 staat niet in de matrix" == sentence(capsys.readouterr().err)


def test_an_unknown_rule_is_wrong_use(capsys: Captured) -> None:
    assert 2 == run(["rules", "TR999"])
    assert "regel TR999 bestaat niet" == sentence(capsys.readouterr().err)


# --- agreements -------------------------------------------------------------------------------


def test_the_agreements_that_come_along_are_in_order(capsys: Captured) -> None:
    assert 0 == run(["agreements", "check", str(AGREEMENTS)])
    paths = sorted(AGREEMENTS.glob("*.toml"))
    for path in paths:
        assert 0 == run(["agreements", "check", str(path)])
    assert 1 + len(paths) == capsys.readouterr().out.count("in orde")


def test_agreements_check_names_everything_that_is_wrong(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "fout.toml"
    path.write_text(
        HEAD + CEL.replace('"83"', '"99"') + CEL.replace('"traject"', '"cadeau"'), encoding="utf-8"
    )
    assert 1 == run(["agreements", "check", str(path)])
    told = capsys.readouterr()
    sentences = told.out.splitlines()
    assert len(sentences) >= 2
    assert all(line.startswith("fout.toml") for line in sentences)
    assert "99" in told.out
    assert "cadeau" in told.out
    assert "" == told.err


def test_an_overlap_is_found_between_files_too(tmp_path: Path, capsys: Captured) -> None:
    for name in ("een", "twee"):
        text = (HEAD + CEL).replace('"proef"', f'"{name}"')
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    assert 1 == run(["agreements", "check", str(tmp_path)])
    assert "overlapt" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["check", "show", "page"])
def test_agreements_that_are_not_there_are_wrong_use(what: str, capsys: Captured) -> None:
    assert 2 == run(["agreements", what, "nergens.toml"])
    assert "nergens.toml" in sentence(capsys.readouterr().err)


def test_agreements_show_prints_every_cell_in_full(capsys: Captured) -> None:
    assert 0 == run(["agreements", "show", str(AGREEMENTS / "ijsselland-jeugd.toml")])
    told = capsys.readouterr().out
    assert "Jeugdhulp IJsselland, versie 2018.1 (voorbeeld: verzonnen bedragen)" in told
    assert 36 == len(re.findall(r"45/45[PID]\d\d", told))
    assert 36 == len(re.findall(r"€.?[\d.]+,\d\d", told))
    assert 36 == len(re.findall(r"2018-01-01", told))
    assert "…" not in told


def test_agreements_page_tells_an_agreement_in_words(capsys: Captured) -> None:
    assert 0 == run(["agreements", "page", str(AGREEMENTS / "ijsselland-jeugd.toml")])
    page = PROJECT / "docs" / "bekostiging" / "ijsselland-jeugd.md"
    assert page.read_text(encoding="utf-8") == capsys.readouterr().out.removesuffix("\n")


def test_agreements_show_of_a_bad_file_is_wrong_use(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "fout.toml").write_text("[", encoding="utf-8")
    assert 2 == run(["agreements", "show", str(tmp_path / "fout.toml")])
    assert "fout.toml" in sentence(capsys.readouterr().err)


# --- status and migrate -----------------------------------------------------------------------


def _status(capsys: Captured, folder: Path) -> tuple[int, Tabel]:
    capsys.readouterr()
    code = run(["status", "--json", "--clock", KLOK, "--store", store_of(folder)])
    return code, json.loads(capsys.readouterr().out)


def test_status_counts_what_came_in_and_what_became_of_it(tmp_path: Path, capsys: Captured) -> None:
    paths = [*familie(tmp_path / "in"), *write(tmp_path / "fout", x=b"<geen")]
    process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert (
        0,
        {
            "received": 5,
            "answered": 5,
            "held": 0,
            "parked": 0,
            "waiting": 0,
            "balanced": True,
            "verdicts": {"accepted": 4, "invalid": 1},
            "answersUnderway": 0,
            "municipalities": [
                {"municipality": gemeente, "received": count, "answered": count}
                | {"held": 0, "parked": 0, "waiting": 0}
                for gemeente, count in ((None, 1), ("0193", 4))
            ],
            "differences": [],
            "enciphered": False,
            "redrives": [],
            "network": {"frozen": [], "refused": 0, "aside": 0, "doubled": 0},
            "deadlines": {
                "late": 0,
                "today": 0,
                "thisWeek": 0,
                "later": 0,
                "missing": 0,
                "awaited": 1,
                "list": [],
            },
        },
    ) == _status(capsys, tmp_path)
    assert 0 == run(["status", "--store", store_of(tmp_path)])
    told = capsys.readouterr().out
    assert re.search(r"ontvangen +5\n", told)
    assert re.search(r"accepted +4\n", told)
    assert told.endswith("de telling klopt\n")


def test_a_duplicate_is_not_received_twice(tmp_path: Path, capsys: Captured) -> None:
    paths = familie(tmp_path / "in")
    for number in ("1", "2"):
        process(tmp_path / number, *paths, options=("--store", store_of(tmp_path)))
    code, document = _status(capsys, tmp_path)
    assert (0, 4, True) == (code, document["received"], document["balanced"])


@pytest.mark.parametrize("step", [1, -1])
def test_status_out_of_balance_ends_with_one(step: int, tmp_path: Path, capsys: Captured) -> None:
    process(tmp_path / "out", *familie(tmp_path / "in"), options=("--store", store_of(tmp_path)))
    altered(tmp_path, "UPDATE teller SET waarde = waarde + ? WHERE naam = 'ontvangen'", step)
    code, document = _status(capsys, tmp_path)
    assert (1, False) == (code, document["balanced"])
    assert 1 == run(["status", "--store", store_of(tmp_path)])
    assert capsys.readouterr().out.endswith("de telling klopt niet\n")


def test_a_message_that_vanished_is_out_of_balance(tmp_path: Path, capsys: Captured) -> None:
    process(tmp_path / "out", *familie(tmp_path / "in"), options=("--store", store_of(tmp_path)))
    altered(tmp_path, "DELETE FROM inbox WHERE id = 2")
    assert 1 == _status(capsys, tmp_path)[0]


def test_status_without_a_store_could_not_finish(tmp_path: Path, capsys: Captured) -> None:
    assert 3 == run(["status", "--store", file_of(tmp_path)])
    sentence(capsys.readouterr().err)
    assert not (tmp_path / "gateway.db").exists()


@pytest.mark.parametrize("name", ["status", "explain D1 R1", "process in --out uit"])
def test_a_store_of_a_version_that_nobody_knows_is_left_alone(
    name: str, tmp_path: Path, capsys: Captured
) -> None:
    process(tmp_path / "out", *familie(tmp_path / "in"), options=("--store", store_of(tmp_path)))
    altered(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    assert 3 == run([*name.split(), "--store", store_of(tmp_path)])
    sentence(capsys.readouterr().err)


def test_migrate_may_be_done_twice(tmp_path: Path, capsys: Captured) -> None:
    assert [0, 0] == [run(["migrate", "--store", store_of(tmp_path)]) for _ in range(2)]
    assert "de opslag is bijgewerkt\n" * 2 == capsys.readouterr().out
    code, document = _status(capsys, tmp_path)
    assert (0, 0) == (code, document["received"])


def test_migrate_keeps_what_is_there(tmp_path: Path, capsys: Captured) -> None:
    paths = familie(tmp_path / "in")
    first = process(tmp_path / "1", *paths, options=("--store", store_of(tmp_path)))
    assert 0 == run(["migrate", "--store", store_of(tmp_path)])
    second = process(tmp_path / "2", *paths, options=("--store", store_of(tmp_path)))
    assert ["duplicate"] * 4 == second.verdicts
    assert first.answers == second.answers
    capsys.readouterr()


def test_after_a_backup_no_number_is_used_again(tmp_path: Path, capsys: Captured) -> None:
    def numbers() -> tuple[Any, ...]:
        query = "SELECT identificatie, volgnr FROM outbox WHERE soort = 'antwoord' ORDER BY id DESC"
        return rows_of(tmp_path, query)[0]

    store = ("--store", store_of(tmp_path))
    _, start, invoice, stop = familie(tmp_path / "in")
    process(tmp_path / "1", start, options=store)
    before = numbers()
    for path in (invoice, stop):
        # The second time the clock stands still, and nothing is taken back.
        assert 0 == run(["migrate", *store, "--teruggezet"])
        process(tmp_path / path.stem, path, options=store)
        after = numbers()
        assert [True, True] == [new > old for new, old in zip(after, before, strict=True)]
        before = after
    assert "worden niet meer gebruikt" in capsys.readouterr().out
    assert 1_700_000_000_000_000 < before[1]


def test_migrate_makes_the_store_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_DATA", str(tmp_path / "eigen"))
    assert 0 == run(["migrate"])
    assert (tmp_path / "eigen" / "gateway.db").exists()
    assert 0 == run(["status"])


# --- The command itself -----------------------------------------------------------------------


def test_help_names_every_command_without_a_traceback() -> None:
    done = command("--help")
    assert 0 == done.returncode, done.stderr
    assert all(name in done.stdout for name in COMMANDS)
    assert "" == done.stderr


def test_version_is_that_of_the_package() -> None:
    done = command("--version")
    assert (0, "") == (done.returncode, done.stderr)
    assert __version__ in done.stdout


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"demo"}))
def test_every_command_has_help(name: str, capsys: Captured) -> None:
    assert 0 == run([name, "--help"])
    assert "Usage" in capsys.readouterr().out


WRONG = {
    "no_command": ([], "noem een opdracht"),
    "unknown_command": (["doe_iets"], "bestaat niet"),
    "unknown_option": (["process", "--kleur", "x"], "--kleur"),
    "no_argument": (["process", "--out", "uit"], "IN... ontbreekt"),
    "no_out": (["process", "in"], "--out ontbreekt"),
    "no_value": (["process", "in", "--out"], "--out"),
    "wrong_choice": (["process", "in", "--out", "uit", "--rol", "koning"], "--rol"),
    "too_much": (["rules", "TR304", "TR305"], "rules"),
    "unknown_below": (["agreements", "verbrand"], "agreements"),
    "nothing_below": (["agreements"], "noem een opdracht"),
    "half_a_line": (["explain", "D1"], "REFERENTIE ontbreekt"),
}


@pytest.mark.parametrize("naam", WRONG)
def test_wrong_use_is_one_dutch_sentence_with_code_two(naam: str, capsys: Captured) -> None:
    arguments, part = WRONG[naam]
    assert 2 == run(arguments)
    told = capsys.readouterr()
    assert "" == told.out
    assert part in sentence(told.err)
    assert not re.search(r"\b(no such|missing|usage|invalid|got|error)\b", told.err, re.I)


def test_an_error_that_nobody_foresaw_is_one_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"iets\nmet regels en {BSN}")

    monkeypatch.setattr("gateway.cli.rules.described_rules", broken)
    assert 3 == run(["rules"])
    told = sentence(capsys.readouterr().err)
    assert "onverwachte fout (RuntimeError)" in told
    assert BSN not in told


def test_whoever_stops_reading_is_not_told_of_it() -> None:
    done = subprocess.run(
        f"{sys.executable} -c '{CODE}' rules --json | head -c 10",
        shell=True,
        cwd=PROJECT,
        env=own_environment({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert '{"rules":[' == done.stdout
    assert "" == done.stderr


HEAVY = ("lxml", "sqlalchemy", "kombu", "xmlschema", "alembic", "structlog", "rich")


def test_starting_the_command_imports_nothing_heavy() -> None:
    code = f"import sys, gateway.cli; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=own_environment({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "[]\n" == done.stdout
