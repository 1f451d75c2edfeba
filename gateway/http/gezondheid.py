"""Whether the process runs, and whether it can do its work; neither tells anything private."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from gateway.errors import GatewayError
from gateway.http.pad import OPENBAAR, Pad
from gateway.http.verzoek import Verzoek


def _healthz(_verzoek: Verzoek) -> Response:
    return JSONResponse({"status": "ok"})


def _readyz(verzoek: Verzoek) -> Response:
    """The XSDs were loaded at start, or there would be no process."""
    try:
        verzoek.omgeving.store.check_ready()
    except GatewayError:
        return JSONResponse({"status": "niet gereed"}, 503)
    return JSONResponse({"status": "ok"})


PADEN = (
    Pad(path="/healthz", method="GET", handler=_healthz, recht=OPENBAAR, budget=None),
    Pad(path="/readyz", method="GET", handler=_readyz, recht=OPENBAAR, budget=None),
)
