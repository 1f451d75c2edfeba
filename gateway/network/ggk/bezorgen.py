"""Has what leaves go over the network: each in an envelope, whose number is given once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from lxml import etree

from gateway.errors import GatewayError, MessageRefused, NietBezorgd
from gateway.network.ggk.envelop import Foutbericht
from gateway.network.ggk.foutcodes import BEVRIEZEN, DUBBEL, OPNIEUW, STILZETTEN, gevolg_van
from gateway.network.ggk.inpakken import Inpakker, ZonderVraag
from gateway.network.ggk.lezen import canonical, parse, read
from gateway.network.ggk.schrijven import plain
from gateway.network.ggk.verbinding import Verbinding
from gateway.records.masker import mask
from gateway.store.envelop import TWEEDE_RETOUR, Kop
from gateway.store.tables import ENVELOP
from gateway.store.verzending import Verzending

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetwerkUit:
    """The network as a place to deliver to; see `Bestemming`.

    `bevroren` is how many seconds a berichttype waits that it does not take.
    """

    inpakker: Inpakker
    verzending: Verzending
    verbinding: Verbinding
    bevroren: float

    def deliver(self, naam: str, soort: str, body: Iterator[bytes]) -> None:
        """Offer one to the network; what leaves as an envelope of its own making stays as it is.

        The number is kept before the first try, and each try before it is made.  So whoever falls
        over in between offers the same bytes again, and knows it.
        """
        nummer, xml = self._ingepakt(soort, b"".join(body))
        eerder = self.verzending.begin(nummer, self.bevroren)
        fout = self.verbinding.bied(xml, nummer)
        if fout is not None:
            self._weigering(nummer, xml, fout, eerder)

    def _ingepakt(self, soort: str, inhoud: bytes) -> tuple[str, bytes]:
        if soort == ENVELOP:
            return read(parse(inhoud)).stuurgegevens.referentienummer, inhoud
        try:
            return self.inpakker.pak_in(inhoud)
        except ZonderVraag as refused:
            # A message stands in the inbox before its envelope is kept, and can be judged by then.
            raise GatewayError(f"kan nog niet over het netwerk: {refused}") from None
        except MessageRefused as refused:
            raise NietBezorgd(f"kan niet over het netwerk: {refused}") from None

    def _weigering(self, nummer: str, xml: bytes, fout: Foutbericht, eerder: int) -> None:
        """What the table says of a code; returns for one that means that it has arrived."""
        code, gevolg = fout.fout.code, gevolg_van(fout.fout.code)
        text = f"het netwerk weigert met {code}: {plain(mask(fout.fout.omschrijving))}"
        head = read(parse(xml)).stuurgegevens
        if gevolg == BEVRIEZEN:
            if head.functie is not None:
                self.verzending.bevries(head.functie, self.bevroren)
            raise GatewayError(text)
        if gevolg == OPNIEUW:
            raise GatewayError(text)
        if gevolg == STILZETTEN:
            raise NietBezorgd(text)
        if gevolg == DUBBEL:
            self._meld(nummer, head.zender.organisatie, fout)
            log.error("retour_dubbel", referentienummer=nummer, code=code)
            return
        if not _is_ours(xml, fout, eerder):
            # Under another number it may leave; under this one never.
            self.verzending.vervalt(nummer)
            raise NietBezorgd(f"{text}, maar dat is niet van deze gateway")
        log.warning("al_bezorgd", referentienummer=nummer, code=code)

    def _meld(self, nummer: str, gemeente: str, fout: Foutbericht) -> None:
        """Let somebody see that there is a second retour."""
        kop = Kop(
            # The network gives a new number each time that it refuses the same envelope.
            merk=(fout.stuurgegevens.berichtcode, gemeente),
            sha256="",
            gemeente=gemeente,
            tegenpartij=fout.stuurgegevens.zender.organisatie,
            berichtcode=fout.stuurgegevens.berichtcode,
            referentienummer=nummer,
            crossrefnummer=nummer,
            foutcode=fout.fout.code,
        )
        enveloppen = self.inpakker.enveloppen
        enveloppen.meld(kop, enveloppen.heen(gemeente, nummer), TWEEDE_RETOUR)


def _is_ours(xml: bytes, fout: Foutbericht, eerder: int) -> bool:
    """Whether what the network has under our number is this envelope.

    It shows what it has, or we offered this one before: what we have under a number never changes.
    """
    if fout.origineel is None:
        return eerder > 0
    return canonical(etree.fromstring(fout.origineel)) == canonical(parse(xml))
