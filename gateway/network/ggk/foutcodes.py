"""What is done when the network answers with a code: a table, in `mappings/foutcodes-ggk.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

import msgspec

from gateway.config import data_folder

Gevolg = Literal["opnieuw", "bevriezen", "bezorgd", "dubbel", "stilzetten"]
OPNIEUW: Gevolg = "opnieuw"
BEVRIEZEN: Gevolg = "bevriezen"
DUBBEL: Gevolg = "dubbel"
STILZETTEN: Gevolg = "stilzetten"
# After these the message is not where it had to go.
NIET_AANGEKOMEN = (OPNIEUW, BEVRIEZEN, STILZETTEN)


class Foutregel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Codes that mean the same, and what somebody may do about it, in Dutch."""

    codes: tuple[str, ...]
    gevolg: Gevolg
    betekenis: str
    doe: str


class _Tabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fout: tuple[Foutregel, ...]


def gevolg_van(code: str) -> Gevolg:
    """What to do with a message that got this code; nobody knows more of one that is unknown."""
    found = _by_code().get(code)
    return STILZETTEN if found is None else found.gevolg


@cache
def foutregels() -> Sequence[Foutregel]:
    """The table."""
    text = (data_folder("mappings") / "foutcodes-ggk.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Tabel).fout


@cache
def _by_code() -> Mapping[str, Foutregel]:
    return {code: one for one in foutregels() for code in one.codes}
