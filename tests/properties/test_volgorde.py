"""Judging is deterministic, and does not look at messages that have nothing to do with it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.integration.berichten import Verwerkt, lines, process
from tests.properties.profiel import examples
from tests.properties.verhalen import KLOK, Bericht, other_order, verhalen


def handled(folder: Path, name: str, berichten: Sequence[Bericht]) -> Verwerkt:
    """The messages through the command, in this order, on a store of their own."""
    sent = folder / f"{name}-in"
    sent.mkdir()
    paths = []
    for one in berichten:
        paths.append(sent / f"{one.stam}.xml")
        paths[-1].write_bytes(one.body)
    return process(folder / name, *paths, klok=KLOK.isoformat())


def everything(done: Verwerkt) -> dict[str, bytes]:
    """Every file that the command left, by name."""
    return {
        path.relative_to(done.out).as_posix(): path.read_bytes()
        for path in sorted(done.out.rglob("*"))
        if path.is_file()
    }


def judged(done: Verwerkt) -> dict[str, Any]:
    """What was decided of every message, without our own numbers and whatever the order."""
    by_file: dict[str, list[Any]] = {}
    for name in ("outcomes", "records", "deviations"):
        for one in lines(done.out / f"{name}.jsonl"):
            by_file.setdefault(one["file"], []).append(one)
    answers = {name: without_own_number(body) for name, body in done.answers.items()}
    return {"lines": by_file, "answers": answers}


def without_own_number(answer: bytes) -> bytes:
    """An answer without the number that we gave it: of a retour that of the retour itself."""
    if b"IdentificatieRetour>" in answer:
        return re.sub(rb"(:IdentificatieRetour>)[^<]*", rb"\1", answer, count=1)
    return re.sub(rb"(:Identificatie>)[^<]*", rb"\1", answer, count=1)


@examples(2)
@given(verhalen(most=2))
def test_the_same_messages_are_judged_the_same_to_the_byte(berichten: list[Bericht]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = handled(folder, "first", berichten)
        again = handled(folder, "again", berichten)

        assert everything(first) == everything(again)


@examples(4)
@given(st.data())
def test_the_order_of_unrelated_messages_changes_nothing(data: st.DataObject) -> None:
    berichten = data.draw(verhalen(most=3))
    other = data.draw(other_order(berichten))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = handled(folder, "told", berichten)
        shuffled = handled(folder, "shuffled", other)

        assert judged(told) == judged(shuffled)
