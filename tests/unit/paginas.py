"""The pages of the funding models; `python -m tests.unit.paginas` writes them."""

from __future__ import annotations

from pathlib import Path

from gateway.agreements.pagina.bladzijde import index_page, page
from gateway.agreements.table import read_agreements
from gateway.inlezen import load_lists

ROOT = Path(__file__).parents[2]
AGREEMENTS = ROOT / "mappings" / "agreements"
TARGET = ROOT / "docs" / "bekostiging"
INDEX = "README.md"


def pages() -> dict[str, str]:
    """What every page says, by the name of its file."""
    lists = load_lists()
    alle = read_agreements(AGREEMENTS, lists.gemeentecodes()).alle
    return {INDEX: index_page(alle, lists), **{f"{one.id}.md": page(one, lists) for one in alle}}


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name, text in pages().items():
        (TARGET / name).write_text(text, encoding="utf-8")
