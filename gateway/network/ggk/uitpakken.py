"""Takes in what comes by a folder, a queue or a server with files, in an envelope or without one.

An envelope goes the way of the SOAP service, and its sender is answered where answers leave by that
edge.  The answer is given after the envelope is kept, so that it may be given twice, in the same
bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from gateway.errors import TemporaryFailure
from gateway.network.ggk.envelop import MOST_RECEIVED, EnvelopGeweigerd
from gateway.network.ggk.lezen import is_envelop, parse, read
from gateway.network.ggk.ontvangst import Ontvanger
from gateway.pipeline.ports import Bestemming
from gateway.store.engine import Conflict
from gateway.store.inbox import Inbox
from gateway.store.opname import Offer, Opgenomen
from gateway.store.tables import ENVELOP

NAME_DIGITS = 32  # of the hash that a Fo03 is named by


@dataclass(frozen=True, slots=True)
class Uitpakker:
    """An `Opnemer` for both; `uit` is where the sender of an envelope looks for its answer.

    `ontvanger` gives who takes envelopes in by what is known now.
    """

    inbox: Inbox
    ontvanger: Callable[[], Ontvanger]
    uit: Bestemming

    def receive(
        self,
        naam: str,
        chunks: Iterable[bytes],
        transport_id: str | None = None,
        spoor: str | None = None,
    ) -> Opgenomen:
        """See `Opnemer`; an envelope has a number of its own, and needs none of the transport.

        Raises EnvelopGeweigerd for one that is refused, after its sender was told.
        """
        pieces = iter(chunks)
        head = next(pieces, b"")
        whole = chain([head], pieces)
        if is_envelop(head):
            return self._unpacked(_gathered(whole), spoor)
        return self.inbox.receive(naam, whole, transport_id, spoor)

    def receive_all(self, offers: Sequence[tuple[Offer, bytes]]) -> Sequence[Opgenomen]:
        """See `Opnemer`; an envelope is not taken together with others."""
        if any(is_envelop(body) for _, body in offers):
            raise Conflict("een envelop wordt alleen opgenomen")
        return self.inbox.receive_all(offers)

    def _unpacked(self, body: bytes, spoor: str | None) -> Opgenomen:
        ontvanger = self.ontvanger()
        try:
            kept = ontvanger.ontvang(parse(body), spoor)
        except EnvelopGeweigerd as refused:
            fo03 = ontvanger.weigering(refused)
            if fo03 is not None:
                # By what is refused: a file that stays and is looked at again has one answer.
                self._answer(f"Fo03_{hashlib.sha256(body).hexdigest()[:NAME_DIGITS]}", fo03)
            raise
        number = read(parse(kept.antwoord)).stuurgegevens.referentienummer
        self._answer(f"Bv03_{number}", kept.antwoord)
        return kept

    def _answer(self, naam: str, told: bytes) -> None:
        """Let the sender find a Bv03 or Fo03."""
        try:
            self.uit.deliver(naam, ENVELOP, iter([told]))
        except OSError as error:
            raise TemporaryFailure(
                f"de bevestiging kan nu niet weg ({type(error).__name__}); later opnieuw"
            ) from error


def _gathered(pieces: Iterable[bytes]) -> bytes:
    """All of it, or so much that it is seen to be too large."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MOST_RECEIVED:
            break
    return bytes(body)
