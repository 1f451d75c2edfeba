"""The documentation as pages: every page is in its nav, and nothing is asked of elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.cli.rules import described_rules
from gateway.config import Settings
from gateway.deviations.registry import load_checks
from gateway.inlezen import load_types
from scripts.boek_bladzijden import generated, in_book
from scripts.vendor import BOOK, SUMS, sums
from tests.unit.test_teksten import english_in

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# What a page asks for when it is opened: a link that somebody may follow is none of that.
FETCHED = re.compile(r'<(?:script|img|link|iframe|source)[^>]*(?:src|href)="([^"]+)"')
LINK = re.compile(r"\]\(([^)\s#]+)")
FENCED = re.compile(r"^ *```.*?^ *```$", re.M | re.S)


class _Reader(yaml.SafeLoader):
    """Reads a name of Python as nothing: only mkdocs itself needs it."""


_Reader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)


def configured() -> dict[str, Any]:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=_Reader)
    return read


def named(nav: object) -> Iterator[str]:
    """Every page below a part of the nav."""
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for below in nav.values():
            yield from named(below)
    elif isinstance(nav, list):
        for below in nav:
            yield from named(below)


def book() -> dict[str, str]:
    """The text of every page of the book by its name in it, with its links as they are there."""
    names = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    written = {one: (DOCS / one).read_text(encoding="utf-8") for one in names}
    return {n: in_book(text, f"docs/{n}", n) for n, text in written.items()} | generated()


def test_every_page_is_in_the_nav_or_reached_from_one_that_is() -> None:
    config = configured()
    reached = tuple(one.lstrip("/") for one in config["not_in_nav"].split())
    shown = list(named(config["nav"]))
    pages = set(book())
    assert set() == set(shown) - pages
    assert set() == {one for one in pages - set(shown) if not one.startswith(reached)}
    assert len(shown) == len(set(shown))


def test_every_link_of_the_book_leads_to_a_page_or_a_file_in_it() -> None:
    pages = book()
    for name, text in pages.items():
        for link in LINK.findall(FENCED.sub("", text)):
            if "://" not in link:
                target = (DOCS / name).parent / link
                inside = target.resolve().relative_to(DOCS.resolve()).as_posix()
                assert inside in pages or target.is_file(), f"{name}: {link}"


def test_every_message_rule_and_check_has_a_page() -> None:
    pages = generated()
    numbers = {one.nummer for one in load_types(Settings()).all()}
    expected = {f"berichten/{one}.md" for one in numbers} | {"berichten/index.md"}
    expected |= {f"regels/{one['code']}.md" for one in described_rules()}
    expected |= {f"controles/{code}.md" for code in load_checks()}
    assert expected == {one for one in pages if one.partition("/")[0] in FOLDERS}


FOLDERS = ("berichten", "regels", "controles")


def test_the_page_of_a_rule_tells_what_it_asks_who_gets_it_and_what_shows_it() -> None:
    page = generated()["regels/TR307.md"]
    assert page.startswith("# Regel TR307\n")
    assert "| iJw | [323](../berichten/323.md) |" in page
    assert "| 9307 | " in page
    sentence = "Een ProductPeriode begint niet voor de Ingangsdatum van haar ToegewezenProduct."
    assert f"# Regel TR307\n\n{sentence}\n\n" in page
    assert "| toewijzing: ingangsdatum 2025-04-02 | ja | De ProductPeriode begint op " in page
    assert "| niets | nee |  |" in generated()["regels/TR376.md"]


def test_the_page_of_a_rule_without_a_retourcode_tells_what_the_sender_gets() -> None:
    pages = generated()
    assert "\nGeen antwoord: het bericht volgt zijn schema niet." in pages["regels/RS045.md"]
    assert "\nGeen retourcode: op een antwoord komt geen antwoord." in pages["regels/TR376.md"]
    assert "\n**Niet voor software.** De gemeente en de aanbieder" in pages["regels/OP270.md"]


def test_no_page_of_a_message_rule_or_check_is_in_english() -> None:
    pages = {name: text for name, text in generated().items() if name.startswith(FOLDERS)}
    told = {name: english_in(re.sub("`[^`]*`", "", text)) for name, text in pages.items()}
    assert {} == {name: words for name, words in told.items() if words}


def test_the_page_of_a_check_tells_what_to_do() -> None:
    page = generated()["controles/S105.md"]
    assert "**Wat u doet.** Vraag de aanbieder om de start alsnog te sturen" in page
    assert "| ja | Voor toewijzing 10072" in page


def test_the_page_of_a_message_tells_what_it_is_asked_in_order() -> None:
    page = generated()["berichten/305.md"]
    assert page.startswith("# Bericht 305: Start\n")
    assert "| WMO305 | 418 | `iwmo-3.2/WMO305.xsd` | [WMO306](306.md) | iwmo-3.2 |" in page
    assert page.index("| Bericht | 2 | ja |") < page.index("| StartProduct | 3 | nee |")


@pytest.mark.parametrize("nummer", ["302", "306", "308", "316", "318", "320"])
def test_the_page_of_a_retour_tells_what_is_done_with_it(nummer: str) -> None:
    page = generated()[f"berichten/{nummer}.md"]
    heen = int(nummer) - 1
    assert f"Een {nummer} is het antwoord op een [{heen}]({heen}.md) van een ander" in page
    assert "Een retourcode kan staan bij: Header, " in page
    assert "| [S192](../controles/S192.md) | Een retour hoort bij een bericht" in page
    assert "| [OP090](../regels/OP090.md) | Een retour gaat binnen 3 werkdagen" in page


def test_a_link_out_of_the_documentation_becomes_the_name_of_its_file() -> None:
    told = in_book(
        "Zie [de tests](../tests/rules) en [de README](../README.md#x).", "docs/a.md", "a.md"
    )
    assert "Zie de tests (`tests/rules`) en [de README](project/overzicht.md#x)." == told


def test_a_code_in_a_table_leads_to_its_page_and_one_in_an_example_does_not() -> None:
    told = in_book("| TR307 | x |\n\n```text\n| TR307 | x |\n```\n", "docs/a/b.md", "a/b.md")
    assert "| [TR307](../regels/TR307.md) | x |\n\n```text\n| TR307 | x |\n```\n" == told


def test_what_draws_the_diagrams_is_the_file_that_was_fetched() -> None:
    assert (BOOK / SUMS).read_text(encoding="utf-8") == sums(BOOK)
    assert configured()["extra_javascript"] == ["vendor/mermaid.js"]


@pytest.mark.skipif(find_spec("material") is None, reason="mkdocs-material is er niet")
def test_the_book_can_be_made_and_asks_nothing_of_elsewhere(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == made.returncode, made.stdout + made.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > len(book())
    asked = {one for page in pages for one in FETCHED.findall(page.read_text(encoding="utf-8"))}
    assert set() == {one for one in asked if "://" in one or one.startswith("//")}
