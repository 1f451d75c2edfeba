"""Gives every Bsn a keyed fingerprint, by which rows are found without the number itself.

A store that gets another key keeps the ones before: a fingerprint is then made with the first key,
what came out of that with the next one, and so on.  So every fingerprint can get a new key, also
where nobody knows any more which Bsn it is of, and two are equal when they were before.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy.engine import Connection

from gateway.errors import CouldNotFinish
from gateway.store.instellingen import (
    delete_setting,
    read_setting,
    replace_setting,
    write_setting,
)

# 128 bits of the HMAC are plenty against collisions and keep the rows of lines narrow.
DIGITS = 32
CACHED = 100_000
# The mark of the key of now, by which a process sees that it has the right one.
KENMERK = "bsn_sleutel_kenmerk"
# There while fingerprints get another key: how far that is.
WISSEL = "bsn_wissel"
_KEY = "bsn_sleutel"
_EARLIER = "bsn_sleutels_eerder"

Fingerprinter = Callable[[str], str]


class Opgave(NamedTuple):
    """What the settings say: the key of now, None for one that the store made, and earlier ones."""

    sleutel: str | None = None
    vorige: Sequence[str] = ()


class Sleutel(NamedTuple):
    """A key of a store; `is_own` is one that the store made and keeps."""

    tekst: str
    is_own: bool

    @property
    def kenmerk(self) -> str:
        """What a key is known by."""
        return mark_of(self.tekst)


def fingerprinter(*keys: bytes) -> Fingerprinter:
    """The function from Bsn to fingerprint (HMAC-SHA256) under these keys, the oldest in front."""

    @lru_cache(maxsize=CACHED)
    def fingerprint(bsn: str) -> str:
        for key in keys:
            bsn = hmac.digest(key, bsn.encode(), hashlib.sha256).hex()[:DIGITS]
        return bsn

    return fingerprint


def fingerprinters(keys: Sequence[Sleutel]) -> Sequence[Fingerprinter]:
    """Those of a store: under its first key alone, under the first two, up to the one of now."""
    known = [one.tekst.encode() for one in keys]
    return [fingerprinter(*known[:count]) for count in range(1, len(known) + 1)]


def mark_of(tekst: str) -> str:
    """What a key is known by, which tells nothing of it."""
    return fingerprinter(tekst.encode())("kenmerk")


def read_earlier(text: str | None) -> Sequence[str]:
    """The keys of a setting with one on each line."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def settle_keys(connection: Connection, opgave: Opgave) -> Sequence[Sleutel]:
    """The keys of this store, the oldest in front; a new store makes one where none is given.

    Raises CouldNotFinish for other keys than its fingerprints were made with, and for a store whose
    fingerprints are getting another key.
    """
    if read_setting(connection, WISSEL) is not None:
        raise CouldNotFinish(
            "de kenmerken van BSN's in deze opslag krijgen een nieuwe sleutel; voer `gateway "
            "fingerprints rotate` uit tot zij klaar is"
        )
    if read_setting(connection, KENMERK) is None:
        _settle_first(connection, opgave.sleutel)
    keys = known_keys(connection, opgave)
    if opgave.sleutel not in (None, keys[-1].tekst):
        raise CouldNotFinish(
            "GATEWAY_BSN_SLEUTEL is niet de sleutel waarmee deze opslag is gemaakt; geeft u een "
            "nieuwe, voer dan eerst `gateway fingerprints rotate` uit"
        )
    return keys


def known_keys(
    connection: Connection, opgave: Opgave, *, with_new: bool = False
) -> Sequence[Sleutel]:
    """Every key that this store has, the oldest in front, where that is kept or given.

    `with_new` is for who gives a new key as the one of now.  Raises CouldNotFinish that names the
    setting in which one is missing.
    """
    marks = [*_earlier(connection), read_setting(connection, KENMERK) or ""]
    kept = [read_setting(connection, _own(mark)) for mark in marks[:-1]]
    kept.append(read_setting(connection, _KEY))
    given = {mark_of(one): one for one in (*opgave.vorige, opgave.sleutel) if one}
    found = []
    for mark, own in zip(marks, kept, strict=True):
        text = own or given.get(mark)
        if text is None:
            is_of_now = mark == marks[-1] and not with_new
            where = "BSN_SLEUTEL" if is_of_now else "BSN_SLEUTEL_VORIGE"
            raise CouldNotFinish(
                f"GATEWAY_{where} is niet de sleutel waarmee deze opslag is gemaakt, of ontbreekt"
            )
        found.append(Sleutel(text, own is not None))
    return found


def add_key(connection: Connection, keys: Sequence[Sleutel], nieuw: Sleutel) -> None:
    """From now on fingerprints are made with one key more; what was made by the store it keeps."""
    last = keys[-1]
    if last.is_own:
        write_setting(connection, _own(last.kenmerk), last.tekst)
        delete_setting(connection, _KEY)
    if nieuw.is_own:
        write_setting(connection, _KEY, nieuw.tekst)
    replace_setting(connection, _EARLIER, json.dumps([one.kenmerk for one in keys]))
    replace_setting(connection, KENMERK, nieuw.kenmerk)


def new_key() -> str:
    """A key that a store makes for itself."""
    return secrets.token_hex(32)


def _settle_first(connection: Connection, given: str | None) -> None:
    text = given or read_setting(connection, _KEY) or new_key()
    if given is None:
        replace_setting(connection, _KEY, text)
    write_setting(connection, KENMERK, mark_of(text))


def _earlier(connection: Connection) -> Sequence[str]:
    """The marks of the keys before the one of now, the oldest in front."""
    marks: list[str] = json.loads(read_setting(connection, _EARLIER) or "[]")
    return marks


def _own(mark: str) -> str:
    """Under which name a store keeps an earlier key of its own (names have 40 places)."""
    return f"bsn_{mark}"
