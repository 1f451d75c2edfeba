"""Composes a 325: exactly one per 323, only the rejected lines, amounts that add up."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from gateway.messages.definition import Berichttype
from gateway.messages.writer import Tekst, Versies
from gateway.records.declaratie import Declaratie, Prestatie
from gateway.records.header import Header

PIECE = 256 * 1024
IN_MEMORY = 1024 * 1024
TEXTS_AT_ONCE = 256
Codes = tuple[str, ...]
Afgekeurd = tuple[Prestatie, Codes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Antwoord:
    """What a 325 says; amounts are signed eurocents.

    `declaratie_codes` is None when the Header alone speaks (level 2, or an error in the Header).
    `geweigerde_clienten` gives the codes of rejected Clients by Bsn; `afgekeurd_*` hold the
    rejected lines with their codes, each in document order.
    """

    kind: Berichttype
    header: Header
    identificatie: str
    dagtekening: date
    xsd_versie: str
    xslt_versie: str | None
    header_codes: Codes
    declaratie: Declaratie
    declaratie_codes: Codes | None
    toegekend: int = 0
    geweigerde_clienten: Mapping[str, Codes] = field(default_factory=dict)
    afgekeurd_credits: Iterable[Afgekeurd] = ()
    afgekeurd_debets: Iterable[Afgekeurd] = ()

    def afgekeurd(self) -> Iterator[Afgekeurd]:
        """All rejected lines in document order."""
        return heapq.merge(
            self.afgekeurd_credits, self.afgekeurd_debets, key=lambda item: item[0].volgnr
        )


class Stukken:
    """The bytes of a message in pieces; a large one lies in an unnamed file."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - lives on
        waiting = iter(texts)
        while together := "".join(islice(waiting, TEXTS_AT_ONCE)):
            self._file.write(together.encode())

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        place = 0
        while True:
            self._file.seek(place)
            piece = self._file.read(PIECE)
            if not piece:
                return
            place += len(piece)
            yield piece


def compose_325(antwoord: Antwoord) -> Stukken:
    """The 325 as bytes."""
    tekst = Tekst(antwoord.kind)
    return Stukken(tekst.document(_classes(antwoord, tekst)))


def _classes(antwoord: Antwoord, tekst: Tekst) -> Iterator[str]:
    yield from _header(antwoord, tekst)
    if antwoord.declaratie_codes is not None:
        yield from _declaratie_antwoord(antwoord, tekst, antwoord.declaratie_codes)


def _header(antwoord: Antwoord, tekst: Tekst) -> Iterator[str]:
    heen, kind = antwoord.header, antwoord.kind
    own = (("Identificatie", antwoord.identificatie), ("Dagtekening", antwoord.dagtekening))
    of_heen = (("Identificatie", heen.identificatie), ("Dagtekening", heen.dagtekening))
    yield tekst.open("Header")
    yield tekst.own("BerichtCode", kind.code)
    versie, subversie = kind.uitgave.nummers
    yield tekst.own("BerichtVersie", versie)
    yield tekst.own("BerichtSubversie", subversie)
    yield tekst.own("Afzender", heen.ontvanger)
    yield tekst.own("Ontvanger", heen.afzender)
    yield tekst.group("BerichtIdentificatie", own)
    yield tekst.xsd_versie("XsdVersie", Versies(antwoord.xsd_versie, antwoord.xsd_versie))
    yield tekst.group("DeclaratieIdentificatie", of_heen)
    if antwoord.xslt_versie is not None:
        yield tekst.own("XsltVersie", antwoord.xslt_versie)
    versies = Versies(heen.basisschema_xsd_versie, heen.bericht_xsd_versie)
    yield tekst.xsd_versie("XsdVersieDeclaratie", versies)
    yield tekst.codes(antwoord.header_codes)
    yield tekst.close("Header")


def _declaratie_antwoord(antwoord: Antwoord, tekst: Tekst, codes: Codes) -> Iterator[str]:
    yield tekst.open("DeclaratieAntwoord")
    yield tekst.own("DeclaratieNummer", antwoord.declaratie.declaratienummer)
    yield tekst.totaal("TotaalIngediendBedrag", antwoord.declaratie.totaal)
    yield tekst.totaal("TotaalToegekendBedrag", antwoord.toegekend)
    yield from _clienten(antwoord, tekst)
    yield tekst.codes(codes)
    yield tekst.close("DeclaratieAntwoord")


def _clienten(antwoord: Antwoord, tekst: Tekst) -> Iterator[str]:
    """The Clients with rejected lines; without any there is no Clienten at all."""
    open_pad = ""
    bsn = ""
    for line, codes in antwoord.afgekeurd():
        pad = client_pad(line)
        if pad != open_pad:
            yield _client_end(antwoord, tekst, bsn) if open_pad else tekst.open("Clienten")
            open_pad, bsn = pad, line.bsn
            yield tekst.open("Client") + tekst.own("Bsn", bsn) + tekst.open("Prestaties")
        yield tekst.prestatie(line, codes)
    if open_pad:
        yield _client_end(antwoord, tekst, bsn) + tekst.close("Clienten")


def _client_end(antwoord: Antwoord, tekst: Tekst, bsn: str) -> str:
    """What follows the lines of a Client: its own codes."""
    codes = antwoord.geweigerde_clienten.get(bsn, ("0200",))
    return tekst.close("Prestaties") + tekst.codes(codes) + tekst.close("Client")


def client_pad(line: Prestatie) -> str:
    """XPath of the Client around a line."""
    return line.pad.rsplit("/Prestaties/", 1)[0]
