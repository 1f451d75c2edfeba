"""Stylesheets, the script and the theme of a municipality, out of memory and named by content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.responses import Response

from gateway.errors import NietGevonden
from gateway.http.pad import OPENBAAR, Pad
from gateway.http.verzoek import Verzoek

STATIC = Path(__file__).with_name("static")
SOORTEN = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOREVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class _Bestand:
    inhoud: bytes
    soort: str
    merk: str


@cache
def _bestanden() -> Mapping[str, _Bestand]:
    found = {}
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in SOORTEN:
            inhoud = path.read_bytes()
            merk = hashlib.sha256(inhoud).hexdigest()[:12]
            name = path.relative_to(STATIC).as_posix()
            found[name] = _Bestand(inhoud, SOORTEN[path.suffix], merk)
    return found


def statisch(naam: str) -> str:
    """The address of a file; another content has another one, so that browsers may keep it."""
    return f"/static/{_bestanden()[naam].merk}/{naam}"


def _bestand(verzoek: Verzoek) -> Response:
    found = _bestanden().get(verzoek.vraag.delen["naam"])
    if found is None or found.merk != verzoek.vraag.delen["merk"]:
        raise NietGevonden
    return Response(found.inhoud, media_type=found.soort, headers={"Cache-Control": _FOREVER})


def _thema(verzoek: Verzoek) -> Response:
    """The stylesheet of the municipality that runs this gateway, or of the first one served."""
    folder = verzoek.omgeving.settings.thema
    css = b""
    for gemeente in sorted(verzoek.omgeving.bediend) if folder is not None else ():
        path = Path(f"{folder}") / f"{gemeente}.css"
        if path.is_file():
            css = path.read_bytes()
            break
    return Response(css, media_type=SOORTEN[".css"], headers={"Cache-Control": _SHORT})


PADEN = (
    Pad(path="/static/{merk}/{naam:path}", method="GET", handler=_bestand, recht=OPENBAAR),
    Pad(path="/thema.css", method="GET", handler=_thema, recht=OPENBAAR),
)
