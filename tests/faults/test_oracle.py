"""The oracle itself: it is silent about what is in order, and sees every kind of damage."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from pathlib import Path

import pytest

from tests.faults.harness import EMBEDDED, Installation, installed
from tests.faults.load import family
from tests.faults.oracle import violations
from tests.faults.surroundings import reader

BSN = "999900006"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that handled a few messages, and to which nothing happened."""
    with installed(EMBEDDED, tmp_path_factory.mktemp("heel") / "i") as made:
        made.edges.offer(*family(1), *family(2))
        (process,) = made.start_all()
        assert made.drained(), process.logged()
        assert 0 == process.stop()[0]
        yield made


def test_nothing_is_said_of_what_is_in_order(sound: Installation) -> None:
    assert [] == sound.violations()


# What happens to the store, and what the oracle says of it.
STORE = {
    "bericht kwijt": ("DELETE FROM inbox WHERE id = 2", "I1 f0001-b is 0 times in the inbox"),
    "andere bytes": (
        "UPDATE inbox_stuk SET data = (SELECT data FROM inbox_stuk WHERE inbox_id = 2) "
        "WHERE inbox_id = 3",
        "I1 f0001-c has other bytes",
    ),
    "geen antwoord": (
        "DELETE FROM outbox WHERE soort = 'antwoord' AND inbox_id = 3",
        "I1 f0001-c has no answer",
    ),
    "geparkeerd": (
        "UPDATE inbox SET staat = 'geparkeerd', verdict = 'parked', reden = 'x' WHERE id = 4",
        "I1 f0001-d has no end of its own: geparkeerd, parked",
    ),
    "bericht dubbel": (
        "DROP INDEX inbox_bytes; "
        "UPDATE inbox SET sha256 = (SELECT sha256 FROM inbox WHERE id = 1) WHERE id = 5",
        "I1 f0001-a is 2 times in the inbox",
    ),
    "antwoord dubbel": (
        "DROP INDEX outbox_een_antwoord; UPDATE outbox SET inbox_id = 2 "
        "WHERE soort = 'antwoord' AND inbox_id = 3",
        "I2 f0001-b has 2 answers",
    ),
    "nummer dubbel": (
        "DROP INDEX outbox_identificatie; UPDATE outbox SET identificatie = 'A1' "
        "WHERE soort = 'antwoord'",
        "I2 number A1 is used 6 times",
    ),
    "regel dubbel": (
        "UPDATE prestatie SET volgnr = 0 WHERE declaratie_id = 1",
        "I2 line (1, 0) has more than one decision",
    ),
    "declaratie dubbel": (
        "UPDATE declaratie SET inbox_id = (SELECT min(inbox_id) FROM declaratie)",
        "I2 message 3 has more than one Declaratie",
    ),
    "nooit aangeboden": (
        "UPDATE inbox SET sha256 = 'x' WHERE id = 1",
        "I4 message 1 was never offered",
    ),
    "ander bedrag": (
        "UPDATE declaratie SET totaal_bedrag = 1 WHERE inbox_id = 3",
        "I4 f0001-c asked for 85000 and is booked for 1",
    ),
    "regel kwijt": (
        "DELETE FROM prestatie WHERE id = (SELECT min(id) FROM prestatie)",
        "I4 message 3: 85000 and 85000 against lines",
    ),
    "dubbel besteed": (
        "UPDATE besteding SET bedrag = 2 * bedrag",
        "I4 message 3: 85000 granted, 170000 spent",
    ),
    "geen gebeurtenis": (
        "DELETE FROM outbox WHERE soort = 'event' AND inbox_id = 1",
        "I5 the end of message 1 has no event",
    ),
    "geen reden": (
        "DELETE FROM bevinding WHERE inbox_id = 4",
        "I5 message 4 is rejected without a reason",
    ),
    "half besluit": (
        "UPDATE levering SET van_volgnr = 99",
        "I5 levering has facts of judgement 99, which never ended",
    ),
    "wacht nog": ("UPDATE inbox SET staat = 'nieuw' WHERE id = 1", "I6 message 1 still waits"),
    "niet vertrokken": (
        "UPDATE outbox SET sent_at = NULL WHERE soort = 'event' AND inbox_id = 1",
        "I6 event bericht-accepted_1_1 has not left",
    ),
}


@pytest.mark.parametrize("geval", STORE)
def test_damage_to_the_store_is_seen(sound: Installation, tmp_path: Path, geval: str) -> None:
    damage, sentence = STORE[geval]
    copied = tmp_path / "gateway.db"
    for ending in ("", "-wal"):
        source = sound.data / f"gateway.db{ending}"
        if source.exists():
            shutil.copy(source, f"{copied}{ending}")
    with closing(sqlite3.connect(copied)) as connection:
        connection.executescript(damage)
    found = violations(sound.edges.ledger, reader(f"sqlite:///{copied}"), sound.edges.sink)
    assert any(one.startswith(sentence) for one in found), found


def test_what_left_twice_with_other_bytes_is_seen(sound: Installation) -> None:
    sink = deepcopy(sound.edges.sink)
    naam = next(one for one in sink.copies if one.startswith("JW325"))
    sink.received(naam, b"<anders/>")
    assert [f"I2 {naam} left with other bytes"] == violations(sound.edges.ledger, sound.rows, sink)


def test_what_left_twice_with_the_same_bytes_is_a_repeat(sound: Installation) -> None:
    sink = deepcopy(sound.edges.sink)
    naam = next(iter(sink.copies))
    sink.received(naam, sink.copies[naam][0])
    assert 1 == sink.repeats
    assert [] == violations(sound.edges.ledger, sound.rows, sink)


def test_what_was_marked_as_sent_and_never_came_is_seen(sound: Installation) -> None:
    sink = deepcopy(sound.edges.sink)
    naam = next(one for one in sink.copies if one.startswith("JW325"))
    del sink.copies[naam]
    assert [f"I1 {naam} is marked as sent and never left"] == violations(
        sound.edges.ledger, sound.rows, sink
    )


def test_what_left_without_a_row_is_seen(sound: Installation) -> None:
    sink = deepcopy(sound.edges.sink)
    sink.received("JW325_0193_X", b"<verzonnen/>")
    assert ["I4 JW325_0193_X left without a row"] == violations(
        sound.edges.ledger, sound.rows, sink
    )


def test_what_was_refused_and_is_there_all_the_same_is_seen(sound: Installation) -> None:
    ledger = deepcopy(sound.edges.ledger)
    ledger.refused("f0001-a", "413")
    assert ["I3 f0001-a was refused and is there"] == violations(
        ledger, sound.rows, sound.edges.sink
    )


def test_what_nobody_was_told_of_may_be_absent(sound: Installation) -> None:
    ledger = deepcopy(sound.edges.ledger)
    ledger.offered("f0003-a", b"<nooit-aangekomen/>")
    assert [] == violations(ledger, sound.rows, sound.edges.sink)
    ledger.ok("f0003-a")
    assert ["I1 f0003-a is 0 times in the inbox"] == violations(
        ledger, sound.rows, sound.edges.sink
    )


def test_a_bsn_in_a_log_is_seen(sound: Installation) -> None:
    told = violations(
        sound.edges.ledger, sound.rows, sound.edges.sink, [f'{{"client": "{BSN}"}}', "123456789"]
    )
    assert ["I5 a log has a Bsn"] == told
