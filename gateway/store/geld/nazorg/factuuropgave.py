"""An invoice or assignment outside the traffic as somebody puts it down, and what is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from gateway.errors import WrongUse
from gateway.ledger.geld.factuurcontrole import Factuur
from gateway.periods.bedragen import euros
from gateway.records.masker import holds_bsn

LONGEST, MOST_LINES = 40, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Opgave:
    """An invoice as somebody puts it down.

    `referentie` is what the client is called by who pays, never a Bsn; `handtoewijzing` the number
    of the assignment that it is on; `document_sha256` the hash of the paper or file.
    """

    factuur: Factuur
    soort: str
    referentie: str = ""
    handtoewijzing: int | None = None
    document_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handopgave:
    """An assignment outside the traffic as somebody puts it down."""

    gemeente: str
    wet: str
    aanbieder: str
    soort: str
    referentie: str
    productcode: str
    eenheid: str
    begindatum: date
    einddatum: date | None = None
    volume: int | None = None
    bedrag: int | None = None


def refuse_head(nummer: str, dag: date, document_sha256: str | None, vandaag: date) -> None:
    """Refuse a number, a date or a hash that no invoice has."""
    refuse_bsn(nummer)
    if not nummer or nummer != nummer.strip() or len(nummer) > LONGEST:
        told = f"een factuurnummer heeft 1 tot en met {LONGEST} tekens"
        raise WrongUse(f"{told}, zonder spatie eromheen")
    if dag > vandaag:
        raise WrongUse("de factuurdatum ligt in de toekomst")
    if document_sha256 is not None and not _SHA256.fullmatch(document_sha256):
        raise WrongUse("de hash van het document is een SHA-256: 64 hexadecimale tekens")


def refuse_none(opgave: Opgave, vandaag: date) -> None:
    """Refuse what is no invoice at all; what does not fit is found later."""
    one = opgave.factuur
    refuse_head(one.factuurnummer, one.factuurdatum, opgave.document_sha256, vandaag)
    if not 1 <= len(one.regels) <= MOST_LINES:
        raise WrongUse(f"een factuur heeft 1 tot en met {MOST_LINES} regels")
    for regel in one.regels:
        if regel.einddatum < regel.begindatum:
            raise WrongUse(f"regel {regel.volgnr}: de laatste dag ligt voor de eerste")
        if regel.volume < 1 or regel.bedrag < 1 or (regel.tarief or 0) < 0:
            told = "volume en bedrag zijn groter dan nul"
            raise WrongUse(f"regel {regel.volgnr}: {told} ({euros(regel.bedrag)})")


def refuse_bsn(text: str) -> None:
    """Refuse a text of people that may hold a Bsn, or is too long."""
    if holds_bsn(text):
        raise WrongUse("zet geen BSN in een nummer of referentie")
    if len(text) > LONGEST:
        raise WrongUse(f"een nummer of referentie heeft hoogstens {LONGEST} tekens")


_SHA256 = re.compile(r"[0-9a-f]{64}")
