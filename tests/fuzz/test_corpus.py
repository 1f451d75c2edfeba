"""Everything in the corpus, and what becomes of it by a small change, ends as it should.

The long search is `make fuzz`; what it finds is kept in `tests/corpus` and read here.
"""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from tests.fuzz.doelen import CORPUS, DOELEN, begun

SEED, CHANGES, SECONDS, MEGABYTES = 2026, 150, 2.0, 64
SIGNS = (b"<", b">", b"&", b"\0", b"\xff", b'"', b"]]>", b"{", b"[", b"9" * 40, b"<!DOCTYPE a>")


def changed(body: bytes, chance: random.Random) -> bytes:
    """The same bytes with a piece gone, twice there, or another one put in."""
    begin = chance.randrange(len(body) + 1)
    end = min(len(body), begin + chance.randrange(1, 60))
    piece = chance.choice([b"", body[begin:end] * 2, chance.choice(SIGNS)])
    return body[:begin] + piece + body[end:]


def all_of(doel: str) -> Iterator[bytes]:
    chance = random.Random(SEED)
    bodies = [path.read_bytes() for path in begun(doel)]
    yield from bodies
    for _ in range(CHANGES):
        yield changed(chance.choice(bodies), chance)


@pytest.mark.parametrize("doel", DOELEN)
def test_what_was_once_found_ends_as_it_should(doel: str) -> None:
    read = DOELEN[doel]
    read(next(all_of(doel)))  # what is made once, such as the schemas, is no part of the measure
    tracemalloc.start()
    try:
        for body in all_of(doel):
            begin = time.process_time()
            read(body)
            assert time.process_time() - begin < SECONDS, body[:200]
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < MEGABYTES * 1024 * 1024


def test_the_corpus_is_small_and_every_find_has_a_name() -> None:
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert set(DOELEN) == {path.parent.name for path in files}
    assert sum(path.stat().st_size for path in files) < 256 * 1024
    # A find gets a name that tells what was wrong before it is kept.
    assert [] == [path.name for path in files if path.name.startswith("gevonden-crash-")]


def test_an_error_that_is_none_of_ours_is_a_find(monkeypatch: pytest.MonkeyPatch) -> None:
    def falls_over(body: bytes) -> None:
        raise ValueError(body)

    monkeypatch.setattr("tests.fuzz.doelen.read_opdracht", falls_over)
    with pytest.raises(ValueError, match="leeg"):
        DOELEN["opdracht"](b"leeg")


def test_every_reader_has_good_ones_to_begin_with() -> None:
    assert all(len(begun(doel)) >= 5 for doel in DOELEN)
