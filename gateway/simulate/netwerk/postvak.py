"""Providers as a folder: what they send stands in `out`, and what comes for them goes to `in`.

Those are the folders of a gateway in the role of aanbieder, so that one can stand there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog

from gateway.errors import GatewayError
from gateway.messages.definition import Berichttype, Berichttypen
from gateway.messages.reader import Peek, peek
from gateway.network.ggk.envelop import (
    GGK_APPLICATIE,
    Envelop,
    Foutbericht,
    Parameters,
    Stuurgegevens,
    Systeem,
)
from gateway.network.ggk.lezen import parse, read
from gateway.network.ggk.schrijven import element_of, tijdstip_van
from gateway.simulate.netwerk.net import BEVROREN, VECOZO, Netwerk, Onbevestigd

LOOK_SECONDS = 0.2

log = structlog.get_logger()


@dataclass(slots=True)
class Postvak:
    """The folders `in` and `out` below a folder, made when needed.

    Which envelope a retour answers is known of those that came here since the start.
    """

    map: Path
    types: Berichttypen
    clock: Callable[[], datetime]
    nieuw_nummer: Callable[[], UUID]
    _heen: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _gezien: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for name in ("in", "out"):
            (self.map / name).mkdir(parents=True, exist_ok=True)

    def bied(self, xml: bytes, referentienummer: str) -> Foutbericht | None:
        """See `Partij`: a file, the same one for the same envelope; a fault stands beside them.

        What the network does not take for a while stands in `out` again, as any sender does.
        """
        stuk = read(parse(xml))
        if not isinstance(stuk, Envelop):
            if isinstance(stuk, Foutbericht) and stuk.fout.code == BEVROREN:
                self._leg_terug(stuk, referentienummer)
            else:
                self._schrijf(self.map, f"fout-{referentienummer}", xml)
            return None
        kind, seen = self._kind(stuk.inhoud)
        if kind is not None:
            self._heen[kind.naam, _gemeente(kind, seen), seen.identificatie] = referentienummer
        self._schrijf(
            self.map / "in", f"{stuk.stuurgegevens.functie}_{referentienummer}", stuk.inhoud
        )
        return None

    def run(self, netwerk: Netwerk, stop: threading.Event) -> None:
        """Keep sending what providers put in `out`, until told to stop."""
        while not stop.is_set():
            for path in sorted((self.map / "out").glob("*.xml")):
                self._verstuur(netwerk, path)
            stop.wait(LOOK_SECONDS)

    def _verstuur(self, netwerk: Netwerk, path: Path) -> None:
        try:
            envelop = self._ingepakt(path.read_bytes())
            netwerk.ontvang(element_of(envelop))
        except Onbevestigd as silent:
            # Here is no wire on which a confirmation could get lost.
            if not silent.bewaard:
                return
        except GatewayError as refused:
            if path.name not in self._gezien:
                self._gezien.add(path.name)
                log.error("niet_verstuurd", bestand=path.name, reden=str(refused))
            return
        log.info("verstuurd", bestand=path.name)
        path.unlink()

    def _leg_terug(self, fout: Foutbericht, referentienummer: str) -> None:
        origineel = read(parse(fout.origineel or b""))
        if isinstance(origineel, Envelop):
            functie = origineel.stuurgegevens.functie
            self._schrijf(self.map / "out", f"{functie}_{referentienummer}", origineel.inhoud)

    def _ingepakt(self, inhoud: bytes) -> Envelop:
        """An envelope around a message; raises GatewayError for what a provider does not send."""
        kind, seen = self._kind(inhoud)
        if kind is None or self.types.from_gemeente(kind):
            raise GatewayError("dit is geen bericht dat een aanbieder stuurt")
        heen = self.types.heen_of(kind)
        gemeente = _gemeente(kind, seen)
        cross = None
        if heen is not None:
            cross = self._heen.get((heen.naam, gemeente, seen.identificatie))
            if cross is None:
                raise GatewayError("het bericht waarop dit een antwoord is, kwam niet hier binnen")
        aanbieder = seen.ontvanger if gemeente == seen.afzender else seen.afzender
        first, second = kind.uitgave.versie.split(".")
        return Envelop(
            Stuurgegevens(
                berichtcode="Di01" if heen is None else "Du01",
                zender=Systeem(aanbieder, VECOZO.applicatie),
                ontvanger=Systeem(gemeente, GGK_APPLICATIE),
                referentienummer=str(self.nieuw_nummer()),
                tijdstip=tijdstip_van(self.clock()),
                crossrefnummer=cross,
                functie=kind.naam,
            ),
            Parameters("0001", "0000", f"{int(first):04d}", f"{int(second):04d}"),
            inhoud,
        )

    def _kind(self, inhoud: bytes) -> tuple[Berichttype | None, Peek]:
        seen = peek([inhoud])
        return self.types.by_root(seen.root or ""), seen

    def _schrijf(self, folder: Path, naam: str, inhoud: bytes) -> None:
        """Under another name first, so that nobody sees half a file."""
        partial = folder / f".{naam}.tmp"
        partial.write_bytes(inhoud)
        partial.replace(folder / f"{naam}.xml")


def _gemeente(kind: Berichttype, seen: Peek) -> str:
    return seen.afzender if kind.gemeente == "afzender" else seen.ontvanger
