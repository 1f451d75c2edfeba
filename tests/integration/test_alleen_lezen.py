"""Who only looks can look at a copy of the store that takes no writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli import run
from tests.integration.berichten import made
from tests.integration.store_builders import Klok, new_store
from tests.opslag import running_on, store_of


@pytest.fixture(autouse=True)
def _here() -> Iterator[None]:
    with running_on("postgresql"):
        yield


@pytest.mark.parametrize(
    "words", [["status"], ["ledger", "check"], ["radar"], ["causes"]], ids=" ".join
)
def test_looking_needs_no_right_to_write(words: list[str], tmp_path: Path) -> None:
    store = new_store(tmp_path, Klok(), rol="gemeente")
    store.inbox.receive("a.xml", [made("JW301")])
    store.close()
    url = store_of(tmp_path).replace("options=", "options=-c+default_transaction_read_only%3Don+")
    assert "default_transaction_read_only" in url

    assert 0 == run([*words, "--store", url])


def test_a_copy_that_takes_no_writes_is_not_worked_on(tmp_path: Path) -> None:
    new_store(tmp_path, Klok(), rol="gemeente").close()
    url = store_of(tmp_path).replace("options=", "options=-c+default_transaction_read_only%3Don+")
    arguments = ["process", "docs/voorbeeld/01-toewijzing.xml", "--out", str(tmp_path / "uit")]

    assert 0 != run([*arguments, "--store", url])
