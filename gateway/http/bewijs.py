"""The receipt of a line for who asks: as it was kept, or made again by judging its message."""

from __future__ import annotations

from gateway.deviations.receipt import Document, unpack
from gateway.http.omgeving import Omgeving
from gateway.pipeline.herbeoordeling import bewijs_of, judged_again
from gateway.toegang.wie import Bereik


def bewijs_van(omgeving: Omgeving, bereik: Bereik, inbox_id: int, regelnr: int) -> Document | None:
    """The receipt; None when the message is now rejected as a whole.

    What the municipality looks into beyond the standard is not for the aanbieder.
    """
    document = _kept(omgeving, inbox_id, regelnr) or _again(omgeving, inbox_id, regelnr)
    return _as_seen_in(bereik, document)


def bewaard_bewijs(
    omgeving: Omgeving, bereik: Bereik, inbox_id: int, regelnr: int
) -> Document | None:
    """The same where it was kept; nothing is judged for it, however large the message is."""
    return _as_seen_in(bereik, _kept(omgeving, inbox_id, regelnr))


def _as_seen_in(bereik: Bereik, document: Document | None) -> Document | None:
    if document is None or bereik.aanbieder is None:
        return document
    rejecting = [one for one in document["bevindingen"] if one["effect"] == "reject"]
    return {**document, "bevindingen": rejecting, "controles": []}


def _kept(omgeving: Omgeving, inbox_id: int, regelnr: int) -> Document | None:
    packed = omgeving.store.bewaard.bewijs(inbox_id, regelnr)
    return None if packed is None else unpack(packed)


def _again(omgeving: Omgeving, inbox_id: int, regelnr: int) -> Document | None:
    store = omgeving.store
    claim = store.views.claim_of(inbox_id)
    if claim is None:
        return None
    sleutel = store.bewaard.kennis_of(inbox_id)
    with judged_again(store, claim, omgeving.kennis_van(sleutel), sleutel) as opnieuw:
        return bewijs_of(opnieuw, regelnr)
