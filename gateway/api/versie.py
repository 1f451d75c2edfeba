"""The version of what is shown (ETag): a change names the version that it was decided on."""

from __future__ import annotations

import hashlib

import msgspec

from gateway.api.eindpunt import Oproep, Vorm
from gateway.errors import VerzoekGeweigerd

DIGITS = 32
_MISSING = "geef de ETag van wat u zag mee in If-Match"
_CHANGED = "dit is veranderd sinds u het zag; haal het opnieuw op"


def etag_of(body: bytes) -> str:
    """The mark of what is shown: other bytes have another one."""
    return f'"{hashlib.sha256(body).hexdigest()[:DIGITS]}"'


def names(asked: str, etag: str) -> bool:
    """Whether a header with marks names this one."""
    marks = [one.strip().removeprefix("W/") for one in asked.split(",")]
    return "*" in marks or etag in marks


def refuse_other_version(oproep: Oproep, shown: Vorm) -> None:
    """Raises VerzoekGeweigerd: 428 without If-Match, 412 for another version than is there now."""
    asked = oproep.verzoek.vraag.koppen.get("if-match")
    if asked is None:
        raise VerzoekGeweigerd(428, _MISSING)
    if not names(asked, etag_of(msgspec.json.encode(shown))):
        raise VerzoekGeweigerd(412, _CHANGED)
