"""Amounts always add up: what was sent, what was answered, the store and the ledger."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from lxml import etree

from tests.integration.berichten import Verwerkt, process, run
from tests.opslag import store_of
from tests.properties.profiel import examples
from tests.properties.test_antwoorden import by_name, child, granted, line_amount, signed
from tests.properties.verhalen import KLOK, Bericht, verhalen

STORED = """
SELECT coalesce(sum(CASE debet_credit WHEN 'D' THEN ingediend_bedrag ELSE -ingediend_bedrag END), 0)
FROM prestatie WHERE toegekend = ?
"""


@examples(6)
@given(verhalen())
def test_what_is_asked_is_granted_or_returned_everywhere_the_same(berichten: list[Bericht]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / f"{one.stam}.xml" for one in berichten]
        for path, one in zip(paths, berichten, strict=True):
            path.write_bytes(one.body)
        store = store_of(folder)
        options = ("--store", store)
        done = process(folder / "out", *paths, options=options, klok=KLOK.isoformat())

        toegekend, teruggegeven = answered(done, berichten)

        assert (toegekend, teruggegeven) == stored(folder)
        assert 0 == run(["ledger", "check", "--store", store])


def answered(done: Verwerkt, berichten: Sequence[Bericht]) -> tuple[int, int]:
    """What all 325s together grant and return, each held against the lines of its 323."""
    toegekend = teruggegeven = 0
    answers = {name.split(".")[0]: body for name, body in done.answers.items()}
    for one, outcome in zip(berichten, done.outcomes, strict=True):
        if not one.naam.endswith("323"):
            continue
        antwoord = child(etree.fromstring(answers[one.stam]), "DeclaratieAntwoord")
        if antwoord is None or outcome["verdict"] == "duplicate":
            continue
        returned = sum(line_amount(line) for line in by_name(antwoord, "Prestatie"))
        judged = bool(by_name(antwoord, "Prestatie")) or outcome["verdict"] == "accepted"
        if judged:
            sent = by_name(etree.fromstring(one.body), "Prestatie")
            assert sum(map(line_amount, sent)) == granted(antwoord) + returned
            assert signed(antwoord, "TotaalIngediendBedrag") == granted(antwoord) + returned
        toegekend += granted(antwoord)
        teruggegeven += returned
    return toegekend, teruggegeven


def stored(folder: Path) -> tuple[int, int]:
    """What the lines in the store come to: granted, and rejected."""
    with sqlite3.connect(folder / "gateway.db") as connection:
        toegekend, afgekeurd = (
            connection.execute(STORED, (state,)).fetchone()[0] for state in (1, 0)
        )
    return toegekend, afgekeurd
