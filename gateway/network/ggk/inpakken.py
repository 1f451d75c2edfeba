"""Puts what a municipality sends in an envelope: one per message, whose number is given once.

The same message again gives the same envelope, byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from gateway.errors import MessageRefused
from gateway.messages.definition import Berichttype, Berichttypen
from gateway.messages.reader import Reader, Source
from gateway.network.ggk.envelop import (
    GGK_APPLICATIE,
    Envelop,
    Parameters,
    Stuurgegevens,
    Systeem,
)
from gateway.network.ggk.koppen import kop_uit
from gateway.network.ggk.lezen import parse
from gateway.network.ggk.ontvangst import partijen
from gateway.network.ggk.schrijven import write
from gateway.store.envelop import Vraag
from gateway.store.enveloppen import Enveloppen


class ZonderVraag(MessageRefused):
    """An answer to what did not come in an envelope, as far as is known now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inpakker:
    """Makes envelopes; `versie` is that of this software, such as 1.2.0."""

    enveloppen: Enveloppen
    types: Berichttypen
    reader: Reader
    bytecap: int
    applicatie: str
    versie: str
    nieuw_nummer: Callable[[], UUID]

    def pak_in(self, inhoud: bytes) -> tuple[str, bytes]:
        """The referentienummer and the bytes of the envelope around a message.

        Raises MessageRefused for what is no valid message, is not sent by a municipality, answers
        nothing that came in an envelope, answers what was answered, or is too large.
        """
        message = self.reader.open(Source([inhoud], self.bytecap))
        kind = message.kind
        if not self.types.from_gemeente(kind):
            raise MessageRefused(f"een {kind.naam} wordt niet door een gemeente verstuurd")
        gemeente, aanbieder = partijen(kind, inhoud)
        known = self.enveloppen.verstuurd(gemeente, hashlib.sha256(inhoud).hexdigest())
        if known is not None:
            return known
        message.check()
        own = identificatie_van(inhoud)
        is_retour = self.types.heen_of(kind) is not None
        vraag = self._vraag(kind, gemeente, own) if is_retour else None
        made = Envelop(
            Stuurgegevens(
                berichtcode="Di01" if vraag is None else "Du01",
                zender=Systeem(gemeente, self.applicatie),
                ontvanger=Systeem(
                    aanbieder if vraag is None else vraag.tegenpartij, GGK_APPLICATIE
                ),
                referentienummer=str(self.nieuw_nummer()),
                # Given in the transaction that keeps it.
                tijdstip="",
                crossrefnummer=None if vraag is None else vraag.referentienummer,
                functie=kind.naam,
            ),
            Parameters(*_digits(self.versie), *_digits(kind.uitgave.versie)),
            inhoud,
        )
        kop = replace(kop_uit(made, inhoud), identificatie=own)
        return self.enveloppen.send(kop, lambda tijdstip: write(made.op(tijdstip)))

    def _vraag(self, kind: Berichttype, gemeente: str, own: str) -> Vraag:
        """What a retour answers."""
        found = self.enveloppen.vraag_bij(gemeente, kind.naam, own)
        if found is None:
            raise ZonderVraag(f"dit {kind.naam} antwoordt niet op een bericht uit een envelop")
        return found


def identificatie_van(inhoud: bytes) -> str:
    """The Identificatie that the sender of a message gave it."""
    header = parse(inhoud).find("{*}Header")
    own = header.findtext("{*}IdentificatieRetour")
    return own or header.findtext("{*}BerichtIdentificatie/{*}Identificatie") or ""


def _digits(versie: str) -> tuple[str, str]:
    """The first two numbers of a version, in four digits each."""
    first, second = versie.split(".")[:2]
    return f"{int(first):04d}", f"{int(second):04d}"
