"""What is enciphered opens again in its own place, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import CouldNotFinish, WrongUse
from gateway.store.kluis import GEEN, Kluis, Place, name_of, read_kluis

OUD, NIEUW = "oud=" + "ab" * 32, "nieuw=" + "cd" * 32
PLACES = st.tuples(
    st.sampled_from(["inbox_stuk", "outbox_stuk"]), st.integers(1, 2**40), st.integers(0, 999)
)
KLUIS = read_kluis(f"{NIEUW}\n{OUD}\n")


@given(data=st.binary(max_size=200), place=PLACES, kluis=st.sampled_from([KLUIS, GEEN]))
def test_what_was_sealed_opens_as_it_was(data: bytes, place: Place, kluis: Kluis) -> None:
    plain = b"x" + data
    assert plain == kluis.open(kluis.seal(plain, place), place)


@given(data=st.binary(max_size=99), place=PLACES, other=PLACES)
def test_what_was_moved_is_refused(data: bytes, place: Place, other: Place) -> None:
    sealed = KLUIS.seal(data, place)
    if place == other:
        assert data == KLUIS.open(sealed, other)
        return
    with pytest.raises(CouldNotFinish, match="weg of beschadigd"):
        KLUIS.open(sealed, other)


@given(data=st.binary(max_size=99), place=PLACES, at=st.integers(0, 10_000))
def test_what_was_changed_is_refused(data: bytes, place: Place, at: int) -> None:
    sealed = bytearray(KLUIS.seal(data, place))
    # Of its first byte and its name is told that the key is another one, or that it has none.
    at = len(KLUIS.begin) + at % (len(sealed) - len(KLUIS.begin))
    sealed[at] ^= 1
    with pytest.raises(CouldNotFinish, match="weg of beschadigd"):
        KLUIS.open(bytes(sealed), place)


@given(data=st.binary(max_size=99), place=PLACES)
def test_every_key_opens_and_the_first_one_seals(data: bytes, place: Place) -> None:
    before = read_kluis(OUD).seal(data, place)
    assert ("oud", "nieuw") == (name_of(before), name_of(KLUIS.seal(data, place)))
    assert data == KLUIS.open(before, place)
    with pytest.raises(CouldNotFinish, match="sleutel oud ontbreekt in GATEWAY_KLUIS"):
        read_kluis(NIEUW).open(before, place)


def test_the_same_bytes_are_never_sealed_the_same() -> None:
    place = ("inbox_stuk", 1, 0)
    assert KLUIS.seal(b"x", place) != KLUIS.seal(b"x", place)


@pytest.mark.parametrize("text", ["geheim", "a=12", f"{OUD},{OUD}", "a b=" + "0" * 64])
def test_a_key_that_cannot_be_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(WrongUse, match=r"GATEWAY_KLUIS: sleutel [12]") as refused:
        read_kluis(text)
    assert "ab" * 4 not in str(refused.value)


def test_without_a_key_there_is_none() -> None:
    assert None is read_kluis(None).actief
    assert None is read_kluis(" \n").actief
