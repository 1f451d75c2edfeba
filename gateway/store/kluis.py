"""Enciphers the bytes of messages in the store (AES-256-GCM), with keys that have a name.

What is enciphered begins with a byte that no compressed piece begins with, the name of its key and
a number that is used once.  All of that and the place where it stands are bound to it: a piece that
was changed, or put in another place, cannot be opened.  What was kept before there was a key opens
as it is.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping, Set
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import Connection, Engine

from gateway.errors import CouldNotFinish, WrongUse
from gateway.store.instellingen import read_setting, replace_setting

# A zlib stream begins with something else.
MARK = b"\x00"
NONCE, KEY_BYTES = 12, 32
_LINE = re.compile(r"([A-Za-z0-9-]{1,16})=([0-9a-f]{64})")
_NAMES = "kluis_sleutels"
_OPTION = "kluis"
DAMAGED = "een deel van de bytes is weg of beschadigd"

# Table, owner and number of a piece.
Place = tuple[str, int | str, int]


class Kluis:
    """The keys of a store; the first one enciphers, all of them open."""

    def __init__(self, sleutels: Mapping[str, bytes]) -> None:
        self._ciphers: Final = {name: AESGCM(key) for name, key in sleutels.items()}
        self.merken: Final = {name: _merk(key) for name, key in sleutels.items()}
        self.actief: Final = next(iter(sleutels), None)
        self.begin: Final = b"" if self.actief is None else begin_of(self.actief)

    def seal(self, data: bytes, place: Place) -> bytes:
        """Enciphered for the place where it will stand; as it is where there is no key."""
        if self.actief is None:
            return data
        nonce = secrets.token_bytes(NONCE)
        return (
            self.begin
            + nonce
            + self._ciphers[self.actief].encrypt(nonce, data, _bound(self.begin, place))
        )

    def open(self, data: bytes, place: Place) -> bytes:
        """What was enciphered for this place; raises CouldNotFinish for anything else."""
        name = name_of(data)
        if name is None:
            return data
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise CouldNotFinish(_missing([name]))
        begin = begin_of(name)
        nonce = data[len(begin) : len(begin) + NONCE]
        try:
            return cipher.decrypt(nonce, data[len(begin) + NONCE :], _bound(begin, place))
        except (InvalidTag, ValueError):
            raise CouldNotFinish(DAMAGED) from None


GEEN = Kluis({})


def read_kluis(text: str | None) -> Kluis:
    """The keys of a setting: `name=64 hexadecimal digits`, on lines or with commas between them.

    Raises WrongUse that repeats no key.
    """
    found: dict[str, bytes] = {}
    for number, part in enumerate(re.split(r"[\s,]+", (text or "").strip()), 1):
        line = _LINE.fullmatch(part)
        if not part:
            continue
        if line is None or line[1] in found:
            raise WrongUse(
                f"GATEWAY_KLUIS: sleutel {number} is niet als naam=64 cijfers, of dubbel"
            )
        found[line[1]] = bytes.fromhex(line[2])
    return Kluis(found)


def settle_kluis(connection: Connection, kluis: Kluis) -> None:
    """Note the key that enciphers from now on, and refuse to go on without one that is in use."""
    known = kept_names(connection)
    missing = [name for name in known if name not in kluis.merken]
    if missing:
        raise CouldNotFinish(_missing(missing))
    for name, merk in known.items():
        if kluis.merken[name] != merk:
            raise CouldNotFinish(f"sleutel {name} van GATEWAY_KLUIS is een andere dan eerst")
    if kluis.actief is not None and kluis.actief not in known:
        _keep(connection, known | {kluis.actief: kluis.merken[kluis.actief]})


def kept_names(connection: Connection) -> dict[str, str]:
    """The keys under which something may stand, each with the mark of its bytes."""
    kept: dict[str, str] = json.loads(read_setting(connection, _NAMES) or "{}")
    return kept


def retire(connection: Connection, names: Set[str]) -> None:
    """Nothing stands under these keys any more."""
    _keep(connection, {n: mark for n, mark in kept_names(connection).items() if n not in names})


def put_in(engine: Engine, kluis: Kluis) -> None:
    """Let every connection of an engine know the keys."""
    engine.update_execution_options(**{_OPTION: kluis})


def kluis_of(source: Connection | Engine) -> Kluis:
    """The keys of a connection."""
    options: Mapping[str, Any] = source.get_execution_options()
    kluis: Kluis = options.get(_OPTION, GEEN)
    return kluis


def begin_of(name: str) -> bytes:
    """How everything begins that is enciphered with a key."""
    return MARK + bytes([len(name)]) + name.encode()


def name_of(data: bytes) -> str | None:
    """The name of the key that something is enciphered with, None for what is not."""
    if data[:1] != MARK:
        return None
    return bytes(data[2 : 2 + data[1]]).decode("ascii", "replace")


def _bound(begin: bytes, place: Place) -> bytes:
    table, owner, number = place
    return begin + f"/{table}/{owner}/{number}".encode()


def _merk(key: bytes) -> str:
    return hmac.digest(key, b"kenmerk", hashlib.sha256).hex()[:16]


def _missing(names: list[str]) -> str:
    return (
        f"sleutel {', '.join(names)} ontbreekt in GATEWAY_KLUIS; de opslag heeft bytes die ermee "
        "zijn versleuteld"
    )


def _keep(connection: Connection, names: Mapping[str, str]) -> None:
    replace_setting(connection, _NAMES, json.dumps(dict(names)))
