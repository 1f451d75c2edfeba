"""One JSON document whose lists may be long: written while they are made."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Any

import msgspec


class Document:
    """A JSON object on standard output, key after key; use it in a `with`."""

    def __init__(self) -> None:
        self._written = 0

    def __enter__(self) -> Document:
        sys.stdout.write("{")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            sys.stdout.write("}\n")

    def put(self, key: str, value: Any) -> None:
        """A key with a value."""
        self._key(key)
        sys.stdout.write(msgspec.json.encode(value).decode())

    def put_all(self, key: str, values: Iterable[Any]) -> int:
        """A key with a list, of which one value is held at a time; returns how many there were."""
        self._key(key)
        sys.stdout.write("[")
        count = 0
        for value in values:
            sys.stdout.write((",\n" if count else "") + msgspec.json.encode(value).decode())
            count += 1
        sys.stdout.write("]")
        return count

    def _key(self, key: str) -> None:
        sys.stdout.write(("," if self._written else "") + f"\n{msgspec.json.encode(key).decode()}:")
        self._written += 1
