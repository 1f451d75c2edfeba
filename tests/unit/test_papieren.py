"""What the papers on security and promises name is there: every place, and every test."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAPERS = ("beloften", "dreigingen", "dpia", "normen", "toegankelijkheid")
STRIDE = "STRIDE"
BOUNDARIES = 7
NAMED = re.compile(r"`([^`\s]+)`")
TABLE = re.compile(r"^\|.*\| (?:maatregel|plaats) .*\| test \|\n\|[-|]+\|\n((?:\|.*\|\n)+)", re.M)
# What publiccode.yml 0.5 asks of everyone.
REQUIRED = {
    "publiccodeYmlVersion",
    "name",
    "url",
    "platforms",
    "developmentStatus",
    "softwareType",
    "description",
    "legal",
    "maintenance",
    "localisation",
}


def text_of(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def written_tests() -> frozenset[str]:
    texts = (path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    return frozenset(
        name for text in texts for name in re.findall(r"^def (test_\w+)\(", text, re.M)
    )


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_names_no_test_and_no_place_that_is_not_there(name: str) -> None:
    named = set(NAMED.findall(text_of(name)))
    tests = {one for one in named if one.startswith("test_")}
    assert set() == tests - written_tests()
    places = {one for one in named - tests if re.search(r"/\w", one) or one == "Makefile"}
    assert set() == {one for one in places if not (ROOT / one).exists()}


@pytest.mark.parametrize("name", ["beloften", "dreigingen", "normen"])
def test_everything_that_is_done_has_a_place_and_a_test(name: str) -> None:
    tables = TABLE.findall(text_of(name))
    assert tables
    for row in "".join(tables).splitlines():
        *_, place, tests = row.strip("|").split("|")
        assert NAMED.findall(place), row
        assert all(one.startswith("test_") for one in NAMED.findall(tests)), row
        assert NAMED.findall(tests), row


def test_every_boundary_has_every_kind_of_threat() -> None:
    tables = TABLE.findall(text_of("dreigingen"))
    assert BOUNDARIES == len(tables)
    for rows in tables:
        assert set(STRIDE) == {row.strip("| ")[0] for row in rows.splitlines()}


def test_the_description_for_catalogues_has_all_that_they_ask() -> None:
    told = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    assert set() == REQUIRED - set(told)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == told["legal"]["license"]
    for language in told["localisation"]["availableLanguages"]:
        description = told["description"][language]
        assert 10 <= len(description["shortDescription"]) <= 150
        assert 150 <= len(description["longDescription"]) <= 10_000
        assert description["features"]
    assert told["maintenance"]["contacts"] or told["maintenance"]["contractors"]
