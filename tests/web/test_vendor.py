"""What pages use of others is what was fetched, with its licence beside it."""

from pathlib import Path

import pytest

from scripts.vendor import STATIC, SUMS, TESTS, sums


@pytest.mark.parametrize("folder", [STATIC, TESTS], ids=["pages", "tests"])
def test_every_file_is_the_one_that_was_fetched(folder: Path) -> None:
    assert (folder / SUMS).read_text(encoding="utf-8") == sums(folder)


def test_tokens_of_utrecht_itself_are_not_shipped() -> None:
    named = [path.name for path in STATIC.rglob("*") if "design-tokens" in path.read_text()]
    assert [] == named


def test_no_template_lets_html_through_unescaped() -> None:
    templates = (Path("gateway/web/templates")).rglob("*.html")
    found = [path.name for path in templates if "|safe" in path.read_text().replace(" ", "")]
    assert [] == found
