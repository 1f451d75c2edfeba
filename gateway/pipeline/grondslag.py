"""The files that a judgement rests on beside the rules: agreements, policy and register."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

OVEREENKOMSTEN, BELEID, REGISTER = "overeenkomsten", "beleid", "register"
Bestand = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Grondslag:
    """Files by name, such as `overeenkomsten/...`; `hash` is over names and contents."""

    bestanden: tuple[Bestand, ...]
    hash: str

    def of(self, map_: str) -> tuple[Bestand, ...]:
        """The files of one folder, by their name in it."""
        begin = f"{map_}/"
        return tuple(
            (naam.removeprefix(begin), inhoud)
            for naam, inhoud in self.bestanden
            if naam.startswith(begin)
        )


@dataclass(frozen=True, slots=True)
class Bronnen:
    """Where agreements (a file, a folder or none) and policy (a folder) were read from."""

    overeenkomsten: Path | None
    beleid: Path


def grondslag_of(
    overeenkomsten: Iterable[Bestand], beleid: Iterable[Bestand], register: Iterable[Bestand] = ()
) -> Grondslag:
    """The files together, in byte order of their names."""
    parts = {OVEREENKOMSTEN: overeenkomsten, BELEID: beleid, REGISTER: register}
    named = [(f"{map_}/{naam}", inhoud) for map_, part in parts.items() for naam, inhoud in part]
    return kept_grondslag(sorted(named, key=lambda one: one[0].encode()))


def kept_grondslag(bestanden: Iterable[Bestand]) -> Grondslag:
    """Files that stand in their order already, with their hash."""
    together = tuple(bestanden)
    digest = hashlib.sha256()
    for naam, inhoud in together:
        for part in (naam.encode(), inhoud):
            # The length goes first, so that no two sets of files give the same bytes.
            digest.update(b"%d:" % len(part))
            digest.update(part)
    return Grondslag(together, digest.hexdigest())


NO_FILES = kept_grondslag(())
