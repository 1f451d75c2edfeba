"""Gives every Bsn a keyed fingerprint, by which rows are found without the number itself."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import lru_cache

from sqlalchemy.engine import Connection

from gateway.errors import CouldNotFinish
from gateway.store.instellingen import read_setting, write_setting

# 128 bits of the HMAC are plenty against collisions and keep the rows of lines narrow.
DIGITS = 32
CACHED = 100_000
_KEY = "bsn_sleutel"
_CHECK = "bsn_sleutel_kenmerk"

Fingerprinter = Callable[[str], str]


def fingerprinter(key: bytes) -> Fingerprinter:
    """The function from Bsn to fingerprint (HMAC-SHA256) under this key."""

    @lru_cache(maxsize=CACHED)
    def fingerprint(bsn: str) -> str:
        return hmac.digest(key, bsn.encode(), hashlib.sha256).hex()[:DIGITS]

    return fingerprint


def settle_key(connection: Connection, given: str | None) -> bytes:
    """The key of this store: the given one, else one that the store made and keeps.

    Raises CouldNotFinish for another key than the fingerprints in the store were made with.
    """
    kept = read_setting(connection, _KEY)
    text = given or kept or secrets.token_hex(32)
    mark = fingerprinter(text.encode())("kenmerk")
    known = read_setting(connection, _CHECK)
    if known is None:
        if given is None:
            write_setting(connection, _KEY, text)
        write_setting(connection, _CHECK, mark)
    elif known != mark:
        raise CouldNotFinish(
            "GATEWAY_BSN_SLEUTEL is niet de sleutel waarmee deze opslag is gemaakt"
        )
    return text.encode()
