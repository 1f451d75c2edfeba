"""The network itself: takes envelopes, confirms them, and brings them where they have to be.

It plays all links in a row.  What it knows is gone when it stops: it is for trying things out.
"""

from __future__ import annotations

import hashlib
import heapq
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Protocol
from uuid import UUID

import structlog
from lxml import etree

from gateway.errors import GatewayError, MessageParked, TemporaryFailure
from gateway.network.ggk.envelop import (
    AL_GEBRUIKT,
    BERICHTCODE,
    Bevestiging,
    Envelop,
    EnvelopGeweigerd,
    Fout,
    Foutbericht,
    Stuurgegevens,
    Systeem,
)
from gateway.network.ggk.lezen import canonical, read
from gateway.network.ggk.schrijven import tijdstip_van, write
from gateway.simulate.netwerk.storingen import Kans, Storingen

AGAIN_SECONDS, LONGEST_AGAIN, LOOK_SECONDS = 0.2, 5.0, 0.02
# After these the network has the message all the same.
HEEFT_HET = ("CC08", "IB216")
BEVROREN, TWEEDE_RETOUR = "IB103", "CC11"
IB, VECOZO = Systeem("IB", "GGKWebservice"), Systeem("VECOZO", "VECOZOWebservice")

log = structlog.get_logger()


class Partij(Protocol):
    """Who is connected to the network."""

    def bied(self, xml: bytes, referentienummer: str) -> Foutbericht | None:
        """Bring an envelope; None when it is kept, else why not.

        Raises GatewayError for who has to be asked again later.
        """


class Onbevestigd(GatewayError):
    """The sender is told nothing; `bewaard` is whether the network has it all the same."""

    def __init__(self, *, bewaard: bool) -> None:
        super().__init__("het netwerk zegt niets")
        self.bewaard = bewaard


@dataclass(order=True, slots=True)
class _Post:
    """An envelope on its way: when it is brought, and for the how-manieth time."""

    op: float
    nr: int
    aan: str = field(compare=False)
    referentienummer: str = field(compare=False)
    xml: bytes = field(compare=False)
    keer: int = field(compare=False, default=0)


@dataclass(slots=True)
class Netwerk:
    """Brings envelopes to `partijen` by their organisatie, or to `anderen` where that has none.

    `aangeboden` counts by reference how often an envelope was offered, `bezorgd` holds those that
    arrived.
    """

    partijen: Mapping[str, Partij]
    anderen: Partij
    storingen: Storingen
    kans: Kans
    clock: Callable[[], datetime]
    nieuw_nummer: Callable[[], UUID]
    seconds: Callable[[], float] = time.monotonic
    aangeboden: dict[str, set[bytes]] = field(default_factory=dict)
    bezorgd: set[str] = field(default_factory=set)
    teruggestuurd: dict[str, str] = field(default_factory=dict)
    _bewaard: dict[tuple[Systeem, str], tuple[str, bytes]] = field(default_factory=dict)
    _retours: dict[tuple[str, str], str] = field(default_factory=dict)
    _bevroren: dict[str, float] = field(default_factory=dict)
    _post: list[_Post] = field(default_factory=list)
    _nr: count[int] = field(default_factory=count)
    _slot: threading.RLock = field(default_factory=threading.RLock)

    def ontvang(self, element: etree._Element) -> bytes:
        """Take an envelope and return the Bv03 for its sender.

        Raises EnvelopGeweigerd with the code for what is refused at once, and Onbevestigd for a
        sender who is told nothing.
        """
        stuk = read(element)
        if not isinstance(stuk, Envelop | Foutbericht) or stuk.stuurgegevens.berichtcode == "Fo03":
            raise EnvelopGeweigerd(BERICHTCODE, "het netwerk brengt alleen Di01, Du01 en Fo01")
        head, xml = stuk.stuurgegevens, canonical(element)
        with self._slot:
            self.aangeboden.setdefault(head.referentienummer, set()).add(xml)
            if self.kans.treft(self.storingen.weg):
                raise Onbevestigd(bewaard=False)
            told = self._told(head, xml)
            if told is None:
                told = self._bevestiging(head)
                sha256 = hashlib.sha256(xml).hexdigest()
                self._bewaard[head.zender, head.referentienummer] = sha256, told
                self._breng(stuk, xml)
            if self.kans.treft(self.storingen.kwijt):
                raise Onbevestigd(bewaard=True)
            return told

    def bevries(self, functie: str, seconds: float) -> None:
        """Take nothing of a berichttype for so long."""
        with self._slot:
            self._bevroren[functie] = self.seconds() + seconds

    def is_leeg(self) -> bool:
        """Whether nothing is on its way."""
        with self._slot:
            return not self._post

    def run(self, stop: threading.Event) -> None:
        """Keep bringing until told to stop."""
        while not stop.is_set():
            if not self.breng_een():
                stop.wait(LOOK_SECONDS)

    def breng_een(self) -> bool:
        """Bring the first envelope whose time has come; False where none waits."""
        with self._slot:
            if not self._post or self._post[0].op > self.seconds():
                return False
            post = self._post[0]
        again = not self._is_bezorgd(post)
        with self._slot:
            self._post.remove(post)
            heapq.heapify(self._post)
            if again:
                post.keer += 1
                post.op = self.seconds() + min(AGAIN_SECONDS * 2.0**post.keer, LONGEST_AGAIN)
                heapq.heappush(self._post, post)
        return True

    def _is_bezorgd(self, post: _Post) -> bool:
        """Whether it has not to be brought again: it arrived, or never will."""
        try:
            fout = self.partijen.get(post.aan, self.anderen).bied(post.xml, post.referentienummer)
        except (TemporaryFailure, OSError):
            return False
        except MessageParked as refused:
            log.error(
                "niet_te_bezorgen", referentienummer=post.referentienummer, reden=str(refused)
            )
            return True
        except GatewayError:
            return False
        if fout is not None:
            log.error("geweigerd", referentienummer=post.referentienummer, code=fout.fout.code)
            return True
        with self._slot:
            self.bezorgd.add(post.referentienummer)
        log.info("bezorgd", referentienummer=post.referentienummer, aan=post.aan)
        return True

    def _told(self, head: Stuurgegevens, xml: bytes) -> bytes | None:
        """What the sender was told of the same envelope; None for a new one."""
        known = self._bewaard.get((head.zender, head.referentienummer))
        if known is None:
            return None
        if known[0] != hashlib.sha256(xml).hexdigest():
            text = "dit referentienummer is al gebruikt voor een ander bericht"
            raise EnvelopGeweigerd(AL_GEBRUIKT, text, head)
        return known[1]

    def _breng(self, stuk: Envelop | Foutbericht, xml: bytes) -> None:
        """Have it brought, or sent back."""
        head = stuk.stuurgegevens
        if isinstance(stuk, Envelop):
            code = self._code(head)
            if code is not None:
                self._stuur_terug(head, code, xml)
            if code is not None and code not in HEEFT_HET:
                return
        times = 2 if self.kans.treft(self.storingen.dubbel) else 1
        for _ in range(times):
            self._op_weg(head.ontvanger.organisatie, head.referentienummer, xml)

    def _code(self, head: Stuurgegevens) -> str | None:
        """The code with which a message is sent back; None for one that is brought."""
        functie = head.functie or ""
        if self._bevroren.get(functie, 0.0) > self.seconds():
            return BEVROREN
        if self.kans.treft(self.storingen.bevriezing):
            self.bevries(functie, self.storingen.bevroren)
            return BEVROREN
        codes = self.storingen.codes.items()
        found = next((code for code, kans in codes if self.kans.treft(kans)), None)
        if found is None and head.crossrefnummer is not None:
            retour = head.crossrefnummer, functie
            if self._retours.setdefault(retour, head.referentienummer) != head.referentienummer:
                return TWEEDE_RETOUR
        return found

    def _stuur_terug(self, head: Stuurgegevens, code: str, xml: bytes) -> None:
        """A Fo01 of the link that does not take it, to who sent it."""
        self.teruggestuurd[head.referentienummer] = code
        foutbericht = Foutbericht(
            Stuurgegevens(
                berichtcode="Fo01",
                zender=IB if code.startswith("IB") else VECOZO,
                ontvanger=head.zender,
                referentienummer=str(self.nieuw_nummer()),
                tijdstip=tijdstip_van(self.clock()),
                crossrefnummer=head.referentienummer,
            ),
            Fout(code, f"nagespeeld door de simulator: {code}"),
            xml,
        )
        nummer = foutbericht.stuurgegevens.referentienummer
        log.info("teruggestuurd", referentienummer=head.referentienummer, code=code)
        self._op_weg(head.zender.organisatie, nummer, write(foutbericht))

    def _op_weg(self, aan: str, nummer: str, xml: bytes) -> None:
        op = self.seconds() + self.kans.wachttijd(self.storingen.vertraging)
        heapq.heappush(self._post, _Post(op, next(self._nr), aan, nummer, xml))

    def _bevestiging(self, head: Stuurgegevens) -> bytes:
        return write(
            Bevestiging(
                Stuurgegevens(
                    berichtcode="Bv03",
                    zender=IB,
                    ontvanger=head.zender,
                    referentienummer=str(self.nieuw_nummer()),
                    tijdstip=tijdstip_van(self.clock()),
                    crossrefnummer=head.referentienummer,
                )
            )
        )
