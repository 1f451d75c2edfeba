"""Idempotency-Key: a change that is asked for again is done once, and answered the same."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from starlette.responses import Response

from gateway.errors import VerzoekGeweigerd
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.herhalingen import Antwoord, Herkomst, Stand

KOP = "idempotency-key"
# Text of one line; with quotes around it, as the draft standard has it, it is the same key.
_KEY = re.compile(r'"?([!#-~]{1,200})"?')
KEPT_KOPPEN = ("location", "content-type")
_BUSY = "dit verzoek is al in behandeling; vraag het over een paar tellen opnieuw"
_OTHER = "deze Idempotency-Key is eerder gebruikt voor een ander verzoek"


def done_once(verzoek: Verzoek, do: Callable[[Herkomst | None], Response]) -> Response:
    """The answer to a change, that of the first time where it was asked before.

    What does it is told of the first time, to write its answer in the transaction of the change.
    """
    given = verzoek.vraag.koppen.get(KOP)
    if given is None:
        return do(None)
    key = _KEY.fullmatch(given.strip())
    if key is None:
        raise VerzoekGeweigerd(400, "een Idempotency-Key heeft 1 tot en met 200 tekens")
    herkomst = Herkomst(verzoek.wie.kenmerk, key[1], _asked(verzoek))
    herhalingen = verzoek.omgeving.store.herhalingen
    found = herhalingen.begin(herkomst)
    if isinstance(found, Antwoord):
        return Response(found.inhoud, found.status, dict(found.koppen))
    if found is Stand.BEZIG:
        raise VerzoekGeweigerd(409, _BUSY, retry_after=2)
    if found is Stand.ANDER_VERZOEK:
        raise VerzoekGeweigerd(422, _OTHER)
    try:
        response = do(herkomst)
    except BaseException:
        herhalingen.drop(herkomst)
        raise
    koppen = {naam: response.headers[naam] for naam in KEPT_KOPPEN if naam in response.headers}
    herhalingen.end(herkomst, Antwoord(response.status_code, koppen, bytes(response.body)))
    return response


def _asked(verzoek: Verzoek) -> str:
    """The hash of everything that a request asks."""
    vraag = verzoek.vraag
    told = f"{vraag.methode} {vraag.pad}?{vraag.zoek} {vraag.koppen.get('if-match', '')}\n"
    return hashlib.sha256(told.encode() + vraag.inhoud).hexdigest()
