"""The head of an envelope as the store keeps it."""

from __future__ import annotations

import hashlib

from gateway.network.ggk.envelop import Envelop, Foutbericht, Systeem
from gateway.store.envelop import Kop


def kop_binnen(stuk: Envelop | Foutbericht, xml: bytes) -> Kop:
    """Of one that came in for a municipality; `xml` is all that it said."""
    head = stuk.stuurgegevens
    return _kop(stuk, xml, head.ontvanger, head.zender)


def kop_uit(stuk: Envelop | Foutbericht, xml: bytes) -> Kop:
    """Of one that leaves in the name of a municipality."""
    head = stuk.stuurgegevens
    return _kop(stuk, xml, head.zender, head.ontvanger)


def _kop(stuk: Envelop | Foutbericht, xml: bytes, gemeente: Systeem, ander: Systeem) -> Kop:
    head = stuk.stuurgegevens
    zender = head.zender
    return Kop(
        merk=(
            zender.organisatie,
            zender.applicatie,
            zender.administratie or "",
            zender.gebruiker or "",
        ),
        sha256=hashlib.sha256(xml).hexdigest(),
        gemeente=gemeente.organisatie,
        tegenpartij=ander.organisatie,
        berichtcode=head.berichtcode,
        referentienummer=head.referentienummer,
        crossrefnummer=head.crossrefnummer,
        functie=head.functie,
        foutcode=stuk.fout.code if isinstance(stuk, Foutbericht) else None,
    )
