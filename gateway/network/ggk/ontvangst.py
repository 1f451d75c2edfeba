"""What a receiver of envelopes has to do, whatever brought them: keep first, then answer.

An answer means that the message survives a crash.  The same envelope again gives the same answer,
byte for byte; another one under the same number is refused.  What is sent with our name on it but
is not surely a message for us is kept and set aside, never dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from lxml import etree

from gateway.config import Settings
from gateway.errors import MessageRefused
from gateway.messages.definition import Berichttype, Berichttypen
from gateway.messages.reader import Reader, Source, peek
from gateway.network.ggk.envelop import (
    AL_GEBRUIKT,
    ANTWOORDEN,
    BERICHTCODE,
    GGK_APPLICATIE,
    MOST_SENT,
    ONBEKENDE_ONTVANGER,
    ONLEESBAAR,
    Bevestiging,
    Envelop,
    EnvelopGeweigerd,
    Fout,
    Foutbericht,
    Stuurgegevens,
    Systeem,
)
from gateway.network.ggk.foutcodes import (
    BEVRIEZEN,
    DUBBEL,
    NIET_AANGEKOMEN,
    STILZETTEN,
    gevolg_van,
)
from gateway.network.ggk.koppen import kop_binnen, kop_uit
from gateway.network.ggk.lezen import canonical, head_of, read
from gateway.network.ggk.schrijven import plain, tijdstip_van, write
from gateway.pipeline.kennis import Kennis
from gateway.records.masker import mask
from gateway.store.envelop import TWEEDE_RETOUR, Bewaard, Kop, Lot, Terug
from gateway.store.enveloppen import Enveloppen
from gateway.store.inbox import Inbox
from gateway.store.store import SqlStore

ONGEKOPPELD = "ongekoppeld: crossRefnummer is van geen envelop die deze gateway verstuurde"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ontvanger:
    """Takes envelopes in for some municipalities.

    `applicatie` is the name of this software in what it sends; `nieuw_nummer` gives a UUID of
    version 4.  `bevroren` is how many seconds a berichttype waits that the network does not take.
    """

    enveloppen: Enveloppen
    inbox: Inbox
    types: Berichttypen
    reader: Reader
    bytecap: int
    applicatie: str
    gemeenten: frozenset[str]
    clock: Callable[[], datetime]
    nieuw_nummer: Callable[[], UUID]
    bevroren: float

    def ontvang(self, element: etree._Element, spoor: str | None = None) -> Bewaard:
        """Keep an envelope, with the Bv03 for its sender; `spoor` is the traceparent it came with.

        Raises EnvelopGeweigerd, with `op` where its head could be read, for what is not kept, and
        TemporaryFailure when nothing can be kept now.
        """
        try:
            stuk = read(element)
            if isinstance(stuk, Bevestiging) or stuk.stuurgegevens.berichtcode in ANTWOORDEN:
                raise EnvelopGeweigerd(BERICHTCODE, "alleen Di01, Du01 en Fo01 worden ontvangen")
            return self._ontvang(stuk, canonical(element), spoor)
        except EnvelopGeweigerd as refused:
            refused.op = head_of(element)
            raise
        except MessageRefused as refused:
            raise EnvelopGeweigerd(AL_GEBRUIKT, str(refused), head_of(element)) from None

    def weigering(self, refused: EnvelopGeweigerd) -> bytes | None:
        """The Fo03 for the sender of what is refused; None where nobody can be told."""
        head = refused.op
        if head is None:
            return None
        gemeente = head.ontvanger.organisatie
        is_ours = gemeente in self.gemeenten
        fo03 = Foutbericht(
            Stuurgegevens(
                berichtcode="Fo03",
                zender=Systeem(gemeente, self.applicatie),
                ontvanger=head.zender,
                referentienummer=str(self.nieuw_nummer()),
                tijdstip=self.enveloppen.tijdstip(gemeente) if is_ours else self._nu(),
                crossrefnummer=head.referentienummer,
            ),
            Fout(refused.code, plain(refused.tekst)),
        )
        try:
            return write(fo03)
        except EnvelopGeweigerd:
            # What its head says is more than an answer can say back.
            return None

    def _nu(self) -> str:
        return tijdstip_van(self.clock())

    def _ontvang(self, stuk: Envelop | Foutbericht, xml: bytes, spoor: str | None) -> Bewaard:
        head = stuk.stuurgegevens
        gemeente = head.ontvanger.organisatie
        if gemeente not in self.gemeenten:
            raise EnvelopGeweigerd(ONBEKENDE_ONTVANGER, "deze ontvanger wordt hier niet bediend")
        kop = kop_binnen(stuk, xml)
        known = self.enveloppen.bekend(kop)
        if known is not None:
            return known
        lot = (
            self._fout(stuk, xml)
            if isinstance(stuk, Foutbericht)
            else self._bericht(stuk, xml, kop.sleutel, spoor)
        )
        kept = self.enveloppen.keep(kop, lot)
        log.info(
            "envelop_ontvangen",
            berichtcode=head.berichtcode,
            referentienummer=head.referentienummer,
            bericht=lot.inbox_id,
            apart=lot.apart,
            fout=kop.foutcode,
        )
        return kept

    def _fout(self, stuk: Foutbericht, xml: bytes) -> Lot:
        """A fault is kept as it came, beside the envelope that it is about."""
        heen_id = self._heen(stuk.stuurgegevens)
        return Lot(
            antwoord=partial(self._bevestiging, stuk.stuurgegevens),
            heen_id=heen_id,
            apart=_reden_van(stuk.fout.code, heen_id),
            inhoud=xml,
            terug=self._terug(stuk),
        )

    def _terug(self, stuk: Foutbericht) -> Terug | None:
        """What the fault means for the message that it is about; None where that has arrived."""
        code = stuk.fout.code
        gevolg = gevolg_van(code)
        if gevolg not in NIET_AANGEKOMEN:
            return None
        return Terug(
            reden=plain(f"teruggestuurd met {code}: {mask(stuk.fout.omschrijving)}"),
            stil=gevolg == STILZETTEN,
            bevroren=self.bevroren if gevolg == BEVRIEZEN else None,
        )

    def _bericht(self, stuk: Envelop, xml: bytes, sleutel: str, spoor: str | None) -> Lot:
        """A message goes to the inbox, unless it is not surely what its envelope says."""
        head = stuk.stuurgegevens
        antwoord = partial(self._bevestiging, head)
        heen_id = None
        if head.berichtcode == "Du01":
            heen_id = self._heen(head)
            if heen_id is None:
                return Lot(antwoord=antwoord, apart=ONGEKOPPELD, inhoud=xml)
        apart = self._reden_apart(stuk)
        if apart is not None:
            return Lot(antwoord=antwoord, heen_id=heen_id, apart=apart, inhoud=xml)
        taken = self.inbox.receive(f"{head.referentienummer}.xml", [stuk.inhoud], sleutel, spoor)
        fout = self._fout_055(stuk, xml) if head.berichtcode == "Di01" else None
        return Lot(antwoord=antwoord, inbox_id=taken.inbox_id, heen_id=heen_id, fout=fout)

    def _reden_apart(self, stuk: Envelop) -> str | None:
        """Why an envelope does not surely hold the message that it names; None for one that does.

        What is no message at all is nothing to doubt: it is judged as one that breaks its XSD.
        """
        if stuk.bestandsnaam is not None:
            return "een tekstBestand is geen bericht van iWmo of iJw"
        try:
            kind = self.reader.open(Source([stuk.inhoud], self.bytecap)).kind
        except MessageRefused:
            return None
        head, versies = stuk.stuurgegevens, stuk.parameters
        versie = f"{int(versies.functie_versie)}.{int(versies.functie_subversie)}"
        if (head.functie, versie) != (kind.naam, kind.uitgave.versie):
            return f"de envelop noemt {head.functie} {versie}, erin zit {kind.naam}"
        is_retour = self.types.heen_of(kind) is not None
        if self.types.from_gemeente(kind) or is_retour != (head.berichtcode == "Du01"):
            return f"een aanbieder stuurt een {kind.naam} niet in een {head.berichtcode}"
        gemeente, aanbieder = partijen(kind, stuk.inhoud)
        if gemeente not in ("", head.ontvanger.organisatie):
            return "de envelop en het bericht noemen een andere gemeente"
        if head.berichtcode == "Di01" and aanbieder not in ("", head.zender.organisatie):
            return "de envelop en het bericht noemen een andere aanbieder"
        return None

    def _heen(self, head: Stuurgegevens) -> int | None:
        return self.enveloppen.heen(head.ontvanger.organisatie, head.crossrefnummer)

    def _fout_055(self, stuk: Envelop, xml: bytes) -> Callable[[str], tuple[Kop, bytes]] | None:
        """The Fo01 for a message that breaks its XSD, None for one that does not."""
        try:
            self.reader.open(Source([stuk.inhoud], self.bytecap)).check()
        except MessageRefused as refused:
            return partial(self._foutbericht, stuk, str(refused), xml)
        return None

    def _foutbericht(
        self, stuk: Envelop, text: str, xml: bytes, tijdstip: str
    ) -> tuple[Kop, bytes]:
        head, versies = stuk.stuurgegevens, stuk.parameters
        details = f"{head.functie}-{versies.applicatie_versie}{versies.applicatie_subversie}"
        foutbericht = Foutbericht(
            Stuurgegevens(
                berichtcode="Fo01",
                zender=Systeem(head.ontvanger.organisatie, self.applicatie),
                ontvanger=Systeem(head.zender.organisatie, GGK_APPLICATIE),
                referentienummer=str(self.nieuw_nummer()),
                tijdstip=tijdstip,
                crossrefnummer=head.referentienummer,
            ),
            Fout(ONLEESBAAR, plain(text), details=details),
            # One that has to be less than what it is about leaves that out.
            xml if len(xml) < MOST_SENT // 2 else None,
        )
        body = write(foutbericht)
        return kop_uit(foutbericht, body), body

    def _bevestiging(self, head: Stuurgegevens, tijdstip: str) -> bytes:
        return write(
            Bevestiging(
                Stuurgegevens(
                    berichtcode="Bv03",
                    zender=Systeem(head.ontvanger.organisatie, self.applicatie),
                    ontvanger=head.zender,
                    referentienummer=str(self.nieuw_nummer()),
                    tijdstip=tijdstip,
                    crossrefnummer=head.referentienummer,
                )
            )
        )


def ontvanger_of(
    store: SqlStore,
    kennis: Kennis,
    settings: Settings,
    clock: Callable[[], datetime],
    nieuw_nummer: Callable[[], UUID],
    gemeenten: frozenset[str] | None = None,
) -> Ontvanger:
    """Who takes envelopes in for these municipalities; None stands for all that are served."""
    if gemeenten is None:
        gemeenten = frozenset(kennis.gemeenten or kennis.gemeentecodes)
    return Ontvanger(
        enveloppen=store.enveloppen,
        inbox=store.inbox,
        types=kennis.types,
        reader=kennis.reader,
        bytecap=kennis.bytecap,
        applicatie=settings.ggk_applicatie,
        gemeenten=gemeenten,
        clock=clock,
        nieuw_nummer=nieuw_nummer,
        bevroren=settings.ggk_bevroren_seconds,
    )


def _reden_van(foutcode: str, heen_id: int | None) -> str | None:
    """Why somebody has to look at a fault; None where the gateway knows what to do."""
    if gevolg_van(foutcode) == DUBBEL:
        return TWEEDE_RETOUR
    return ONGEKOPPELD if heen_id is None else None


def partijen(kind: Berichttype, inhoud: bytes) -> tuple[str, str]:
    """The municipality and the aanbieder that a message names in its Header."""
    seen = peek([inhoud])
    parties = (seen.afzender, seen.ontvanger)
    return parties if kind.gemeente == "afzender" else parties[::-1]
