"""What an envelope of StUF-GGk 2.1 says, as records; names and lengths are those of its XSD.

Source: StUF-GGk 2.1 patch 4 (Di01, Du01, Fo01) and StUF 3.01 (Bv03, Fo03).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from gateway.errors import MessageRefused

GGK = "http://www.stufstandaarden.nl/koppelvlak/ggk0210"
STUF = "http://www.egem.nl/StUF/StUF0301"

Berichtcode = Literal["Di01", "Du01", "Fo01", "Bv03", "Fo03"]
ROOTS: dict[str, Berichtcode] = {
    f"{{{GGK}}}envelopHeenbericht-ggk_Di01": "Di01",
    f"{{{GGK}}}envelopRetourbericht-ggk_Du01": "Du01",
    f"{{{STUF}}}Fo01Bericht": "Fo01",
    f"{{{STUF}}}Bv03Bericht": "Bv03",
    f"{{{STUF}}}Fo03Bericht": "Fo03",
}
# What answers an envelope at once.
ANTWOORDEN: tuple[Berichtcode, ...] = ("Bv03", "Fo03")

# The name by which the network is addressed.
GGK_APPLICATIE = "GGk"
# The whole of a message with its base64; "25 MB" does not say which, so the least of both is sent.
MOST_RECEIVED, MOST_SENT = 26_214_400, 25_000_000
ONLEESBAAR = "StUF055"
VERSIE, BERICHTCODE = "StUF004", "StUF022"
ONBEKENDE_ONTVANGER, AL_GEBRUIKT = "StUF010", "StUF016"


@dataclass(frozen=True, slots=True)
class Systeem:
    """Who sends or receives: CBS or AGB code, and the name of its software without a version."""

    organisatie: str
    applicatie: str
    administratie: str | None = None
    gebruiker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuurgegevens:
    """The head of every envelope.

    `tijdstip` is the text yyyymmdd[hhmmss[SSS]], of which nothing depends.  `crossrefnummer` is the
    referentienummer that is answered, None in a Di01; `functie` the berichttype, such as JW323,
    None in what tells a fault or confirms.
    """

    berichtcode: Berichtcode
    zender: Systeem
    ontvanger: Systeem
    referentienummer: str
    tijdstip: str
    crossrefnummer: str | None = None
    functie: str | None = None


class EnvelopGeweigerd(MessageRefused):
    """An envelope that is not taken; `code` is the code of StUF that says why, `tekst` the words.

    `op` is its head, where that could be read.
    """

    def __init__(self, code: str, tekst: str, op: Stuurgegevens | None = None) -> None:
        super().__init__(f"{code}: {tekst}")
        self.code = code
        self.tekst = tekst
        self.op = op


@dataclass(frozen=True, slots=True)
class Parameters:
    """Versions of four digits each: of the sending software, and of the standard of what is in it.

    Release 3.2 of the standard is functie 0003, subversie 0002.
    """

    applicatie_versie: str
    applicatie_subversie: str
    functie_versie: str
    functie_subversie: str


@dataclass(frozen=True, slots=True)
class Envelop:
    """A Di01 or Du01: a message on its way, as the bytes that its sender wrote.

    `bestandsnaam` is the name of a file that is no message of iWmo or iJw, None for XML.
    """

    stuurgegevens: Stuurgegevens
    parameters: Parameters
    inhoud: bytes
    bestandsnaam: str | None = None

    def op(self, tijdstip: str) -> Envelop:
        """The same with another tijdstipBericht."""
        return replace(self, stuurgegevens=replace(self.stuurgegevens, tijdstip=tijdstip))


@dataclass(frozen=True, slots=True)
class Fout:
    """What is wrong with a message, in words of at most 200 characters; `plek` is whose fault."""

    code: str
    omschrijving: str
    plek: Literal["client", "server"] = "client"
    details: str | None = None


@dataclass(frozen=True, slots=True)
class Foutbericht:
    """A Fo01 or Fo03; `origineel` is the XML of the message that it is about, where it tells it."""

    stuurgegevens: Stuurgegevens
    fout: Fout
    origineel: bytes | None = None


@dataclass(frozen=True, slots=True)
class Bevestiging:
    """A Bv03: what it answers is kept, and its sender can forget it."""

    stuurgegevens: Stuurgegevens


Stuk = Envelop | Foutbericht | Bevestiging
