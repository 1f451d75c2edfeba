"""What the documentation says is so: commands run, examples work, links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import msgspec
import pytest

from gateway import __version__
from gateway.agreements import keys
from gateway.agreements.table import problems
from gateway.cli import COMMANDS, run
from gateway.config import PREFIX, SECRETS, Settings
from gateway.deviations.registry import load_checks
from gateway.inlezen import load_lists
from tests.benchmarks import __main__ as bench

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDE = DOCS / "ontwikkelen.md"
# Pages whose commands belong together, and are run by a test of their own.
APART = {GUIDE, DOCS / "api.md", DOCS / "handboek.md", DOCS / "jaar-sluiten.md"}
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
COMMAND_PAGE = DOCS / "opdrachten.md"
DONE = (0, 1)
# What is made beside our own files by who follows a page, and what a cluster calls deploy/.
MADE = ("deploy/.env", "deploy/back-ups", "deploy/geheimen/", "deploy/relay")
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.M | re.S)
STEP = re.compile(
    r"^(New file|Add to the end of|Change) ([^\n]+):\n\n```\w+\n(.*?)^```$", re.M | re.S
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TICKED = re.compile(r"`([^`]+)`")
# What gets a newcomer as far as our own commands; a test is no place to download anything.
SETTING_UP = ("git clone ", "cd ", "python3 -m venv ", ". ", "pip install .")
COPIED = ("gateway", "mappings", "schemas", "tests")
# Runs the commands of the guide one after the other in one process, and names the first to fail.
RUN_ALL = """
import json, sys
import pytest
from runpy import run_module
from gateway.cli import run
for words in json.loads(sys.argv[1]):
    if words[0] == "gateway":
        code = run(words[1:])
    elif words[2] == "pytest":
        code = pytest.main(["-p", "no:cacheprovider", *words[3:]])
    else:
        run_module(words[2], run_name="__main__")
        code = 0
    if code:
        sys.exit(f"{' '.join(words)} ended with {int(code)}")
"""


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def commands_of(page: Path) -> list[str]:
    """The lines of every sh block of a page."""
    blocks = [found[3] for found in FENCE.finditer(text_of(page)) if found[2] == "sh"]
    return [line.strip() for block in blocks for line in block.splitlines()]


def sections_of(page: Path, level: int = 2) -> dict[str, str]:
    """The text below each heading of a level."""
    parts = re.split(rf"^{'#' * level} (.+)$", text_of(page), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows_of(text: str) -> list[list[str]]:
    """The cells of every row of the tables in a text, without their headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    ruled = [number for number, row in enumerate(cells) if set("".join(row)) <= {"-", " "}]
    headings = {*ruled, *(number - 1 for number in ruled)}
    return [row for number, row in enumerate(cells) if number not in headings]


def names_in(rows: list[list[str]]) -> list[str]:
    """Everything between ticks in the first cell of each row."""
    return [name for row in rows for name in TICKED.findall(row[0])]


def runnable() -> list[Any]:
    """Every page with commands, the guide apart: its commands need its examples."""
    return [pytest.param(p, id=name_of(p)) for p in PAGES if p not in APART and commands_of(p)]


@pytest.mark.parametrize("page", runnable())
def test_every_command_that_a_page_shows_can_be_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("docs", "mappings"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)

    for line in commands_of(page):
        if line.startswith("make "):
            assert_can_be_made(shlex.split(line)[1:])
        elif line.startswith("gateway "):
            assert line == "gateway demo" or typed(shlex.split(line)[1:]) in DONE, line
        else:
            assert line.startswith(SETTING_UP), line


def typed(words: list[str]) -> int:
    """The exit code of a command as a shell would start it: `*`, `<` and `>` are the shell's."""
    arguments, files = list[str](), dict[str, str]()
    rest = iter(words)
    for word in rest:
        if word in ("<", ">"):
            files[word] = next(rest)
            continue
        found = sorted(map(str, Path().glob(word))) if "*" in word else [word]
        assert found, word
        arguments += found
    with ExitStack() as stack:
        if ">" in files:
            opened = stack.enter_context(Path(files[">"]).open("w", encoding="utf-8"))
            stack.enter_context(redirect_stdout(opened))
        if "<" in files:
            opened = stack.enter_context(Path(files["<"]).open(encoding="utf-8"))
            stack.enter_context(patch("sys.stdin", opened))
        # What works until it is told to stop is told so as soon as it works.
        stack.enter_context(patch("gateway.cli.service.stop_event", _at_once))
        return run(arguments)


def _at_once() -> threading.Event:
    told = threading.Event()
    told.set()
    return told


def test_no_command_of_ours_stands_where_it_is_not_run() -> None:
    hidden = [
        (name_of(page), line)
        for page in PAGES
        for found in FENCE.finditer(text_of(page))
        if found[2] != "sh"
        for line in found[3].splitlines()
        if re.match(r"\s*(\$ )?gateway [a-z]", line)
    ]
    assert [] == hidden


def test_what_only_root_or_an_engine_can_run_names_files_that_are_there() -> None:
    """Or such as the page says to make: what they are made of is tested with the files."""
    lines = [
        line
        for page in PAGES
        for found in FENCE.finditer(text_of(page))
        if found[2] == "text"
        for line in found[3].splitlines()
    ]
    named = {word.strip("'\"") for line in lines for word in re.findall(r"\S*deploy/\S+", line)}
    assert named
    assert set() == {one for one in named if not list(ROOT.glob(one)) and not one.startswith(MADE)}


def assert_can_be_made(words: list[str]) -> None:
    given = dict(word.split("=", 1) for word in words if "=" in word)
    assert {word for word in words if "=" not in word} <= make_targets()
    assert given.keys() <= {"BENCH"}
    assert bench.parser().parse_args(shlex.split(given.get("BENCH", "")))


def test_the_readme_shows_what_the_demo_prints(capsys: pytest.CaptureFixture[str]) -> None:
    shown = next(FENCE.finditer(text_of(ROOT / "README.md")))[3]
    assert 0 == run(["demo"])
    assert words_of(shown) == words_of(capsys.readouterr().out)


def words_of(screen: str) -> list[str]:
    """The words of a screen, whatever its width."""
    return re.findall(r"[\w€.,;:]+", screen)


def make_targets() -> set[str]:
    targets = re.search(r"^\.PHONY: (.+)$", text_of(ROOT / "Makefile"), re.M)
    assert targets is not None
    return set(targets[1].split())


def test_the_readme_tells_what_every_make_target_does() -> None:
    expected = {f"make {target}" for target in make_targets()}
    assert expected == {n for n in names_in(rows_of(text_of(ROOT / "README.md"))) if "make" in n}


def test_every_example_of_the_developers_guide_works(tmp_path: Path) -> None:
    for folder in COPIED:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    steps = list(STEP.finditer(text_of(GUIDE)))
    assert steps
    for step in steps:
        for path in TICKED.findall(step[2]):
            apply(step[1], tmp_path / path, step[3])
    lines = [shlex.split(line) for line in commands_of(GUIDE) if not line.startswith("make ")]

    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, json.dumps(lines)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout + done.stderr


def apply(how: str, file: Path, block: str) -> None:
    """Do with a file what the guide says; a change is a diff of whole lines."""
    if how == "New file":
        assert not file.exists(), file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block, encoding="utf-8")
    elif how == "Change":
        lines = block.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if not line.startswith("+"))
        new = "".join(line[1:] for line in lines if not line.startswith("-"))
        assert 1 == text_of(file).count(old), f"{file} has changed: {old}"
        file.write_text(text_of(file).replace(old, new), encoding="utf-8")
    else:
        file.write_text(text_of(file) + block, encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", text_of(page))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


def anchors_of(page: Path) -> set[str]:
    """The anchors that a reader's program makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def settings_table() -> list[list[str]]:
    return rows_of(sections_of(ROOT / "README.md")["Instellingen"])


def test_the_readme_has_every_setting_and_no_other() -> None:
    expected = [PREFIX + name.upper() for name in Settings.__struct_fields__]
    assert expected == names_in(settings_table())


def test_the_readme_gives_the_default_of_every_setting_that_has_a_plain_one() -> None:
    shown = {names_in([row])[0]: row[1] for row in settings_table()}
    for field in msgspec.structs.fields(Settings):
        if isinstance(field.default, str | int | float | Path):
            written = str(field.default)
            if isinstance(field.default, bool):
                written = written.lower()
            assert f"`{written}`" == shown[PREFIX + field.name.upper()]


def test_the_readme_names_the_settings_that_may_stand_in_a_file() -> None:
    before = sections_of(ROOT / "README.md")["Instellingen"].split("|")[0]
    expected = {PREFIX + name.upper() for name in SECRETS}
    assert expected == {name for name in TICKED.findall(before) if name.startswith(PREFIX)}


def test_every_command_has_a_section_and_the_words_of_its_help() -> None:
    rows = [row for row in rows_of(text_of(COMMAND_PAGE)) if row[0].startswith("[`gateway ")]
    shown = {names_in([row])[0]: row[1] for row in rows}
    expected = {f"gateway {name}": text for name, (_, text) in COMMANDS.items()}
    assert {name: as_cell(text) for name, text in expected.items()} == shown
    assert [f"`{name}`" for name in expected] == list(sections_of(COMMAND_PAGE))[1:]


def as_cell(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].removesuffix(".")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_told_and_no_other(name: str) -> None:
    command = import_module(f"gateway.cli.{COMMANDS[name][0]}").command
    expected = {option for one in options_of(command) for option in one.opts}
    told = rows_of(sections_of(COMMAND_PAGE)[f"`gateway {name}`"])
    assert expected == {cell.split()[0] for cell in names_in(told) if cell.startswith("--")}


def options_of(command: click.Command) -> Iterator[click.Option]:
    below = command.commands.values() if isinstance(command, click.Group) else ()
    yield from (one for one in command.params if isinstance(one, click.Option))
    for one in below:
        yield from options_of(one)


def test_every_field_that_process_writes_is_told_and_no_other(tmp_path: Path) -> None:
    agreements = ROOT / "mappings" / "agreements"
    arguments = ["process", str(DOCS / "voorbeeld"), "--out", str(tmp_path / "out")]
    arguments += ["--agreements", str(agreements), "--clock", "2025-02-06"]
    assert 1 == run(arguments)
    told = sections_of(COMMAND_PAGE, level=3)

    outcomes = lines_of(tmp_path / "out" / "outcomes.jsonl")
    before, _, finding = told["`outcomes.jsonl`"].partition("Eén bevinding")
    fields = names_in(rows_of(before.partition("| `verdict` | betekenis")[0]))
    findings = names_in(rows_of(finding))
    assert {tuple(fields)} == {tuple(one) for one in outcomes}
    assert {tuple(findings)} == {tuple(f) for one in outcomes for f in one["findings"]}

    tables = re.split(r"^`(\w+)`, één per", told["`records.jsonl`"], flags=re.M)
    shared = names_in(rows_of(tables[0]))
    expected = {
        kind: {*shared, *names_in(rows_of(text))}
        for kind, text in zip(tables[1::2], tables[2::2], strict=True)
    }
    records = lines_of(tmp_path / "out" / "records.jsonl")
    assert expected == {one["type"]: set(one) for one in records}

    deviations = lines_of(tmp_path / "out" / "deviations.jsonl")
    extra = names_in(rows_of(told["`deviations.jsonl`"].partition("## ")[0]))
    assert deviations
    assert all({*findings, *extra} == set(one) for one in deviations)


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text_of(file).splitlines()]


def test_the_example_agreement_can_be_read(tmp_path: Path) -> None:
    page = text_of(DOCS / "overeenkomsten.md")
    (example,) = [found[3] for found in FENCE.finditer(page) if found[2] == "toml"]
    file = tmp_path / "voorbeeld.toml"
    file.write_text(example, encoding="utf-8")
    assert [] == list(problems(file, load_lists().gemeentecodes()))


def test_every_key_of_an_agreement_is_told() -> None:
    told = sections_of(DOCS / "overeenkomsten.md")
    for kop, sleutels in (
        ("`[overeenkomst]`", keys.OVEREENKOMST),
        ("`[[cel]]`", keys.CEL),
        ("`[[uitgestapt]]`", keys.UITGESTAPT),
        ("`[[aanbieder]]`", keys.AANBIEDER),
        ("`[drempels]`", keys.DREMPELS),
    ):
        (text,) = (text for heading, text in told.items() if heading.startswith(kop))
        assert set() == set(sleutels) - set(names_in(rows_of(text)))


def test_every_check_is_told_to_those_who_read_its_signals() -> None:
    told = rows_of(sections_of(DOCS / "afwijkingen.md")["De controles"])
    assert list(load_checks()) == names_in(told)


def test_every_decision_is_in_the_index() -> None:
    index = DOCS / "besluiten" / "README.md"
    expected = sorted(path.name for path in index.parent.glob("0*.md"))
    assert expected == LINK.findall(text_of(index))


def test_the_description_for_catalogues_has_the_version_of_the_package() -> None:
    told = re.search(r'^softwareVersion: "(.+)"$', text_of(ROOT / "publiccode.yml"), re.M)
    assert told is not None
    assert __version__ == told[1]


def test_nothing_was_left_to_fill_in() -> None:
    assert [] == [name_of(page) for page in PAGES if re.search(r"TODO|FIXME", text_of(page))]
