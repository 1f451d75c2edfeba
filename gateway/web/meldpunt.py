"""Where somebody tells of a weak spot: `security.txt` (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, timedelta

from starlette.responses import PlainTextResponse, Response

from gateway.http.pad import OPENBAAR, Pad
from gateway.http.verzoek import Verzoek

PATH = "/.well-known/security.txt"
# The address is that of the settings: what is told today holds at least as long.
HOLDS = timedelta(days=90)


def _security(verzoek: Verzoek) -> Response:
    omgeving = verzoek.omgeving
    until = (omgeving.clock() + HOLDS).astimezone(UTC).replace(microsecond=0)
    told = {
        "Contact": f"mailto:{omgeving.settings.contact_email}",
        "Expires": until.isoformat().replace("+00:00", "Z"),
        "Preferred-Languages": "nl, en",
        "Canonical": omgeving.adres + PATH,
    }
    return PlainTextResponse("".join(f"{name}: {value}\n" for name, value in told.items()))


PADEN = (Pad(path=PATH, method="GET", handler=_security, recht=OPENBAAR),)
