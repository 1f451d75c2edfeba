"""Writes a SEPA credit transfer (pain.001.001.09) by `sepaxml`, the same bytes for the same order.

The library gives every file new numbers and the time of now; here both are those of the order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sepaxml import SepaTransfer
from sepaxml.validation import ValidationError

from gateway.errors import CouldNotFinish
from gateway.periods.datums import AMSTERDAM
from gateway.records.rekening import Rekening

SCHEMA = "pain.001.001.09"
LONGEST_NAME, LONGEST_TEXT = 70, 140
# What banks take in names and texts, beside letters and digits (EPC217-08).
_REFUSED = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")


class Overboeking(NamedTuple):
    """One transfer: `kenmerk` is its EndToEndId (at most 35 characters), `bedrag` eurocents."""

    kenmerk: str
    naar: Rekening
    bedrag: int
    omschrijving: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Betaalopdracht:
    """What a bank is asked to do: `bericht_id` is its MsgId (at most 35 characters)."""

    bericht_id: str
    van: Rekening
    bic: str
    uitvoering: date
    gemaakt: datetime
    overboekingen: Sequence[Overboeking]


def pain001(opdracht: Betaalopdracht) -> bytes:
    """The file; raises CouldNotFinish where it is not valid against the schema of its kind."""
    transfer = _Transfer(opdracht)
    for one in opdracht.overboekingen:
        transfer.add_payment(
            {
                "name": sepa_text(one.naar.tenaamstelling, LONGEST_NAME),
                "IBAN": one.naar.iban,
                "amount": one.bedrag,
                "execution_date": opdracht.uitvoering,
                "description": sepa_text(one.omschrijving, LONGEST_TEXT),
                "endtoend_id": one.kenmerk,
            }
        )
    try:
        made: bytes = transfer.export()
    except ValidationError as error:
        where = getattr(error.__cause__, "path", None) or "een onbekende plaats"
        raise CouldNotFinish(
            f"het betaalbestand voldoet niet aan zijn schema, bij {where}; kijk de rekeningen en "
            "namen na van de gemeente en de aanbieders"
        ) from None
    return made


def sepa_text(text: str, longest: int) -> str:
    """A text as banks take it: without accents, and other signs as a stop or a plus."""
    plain = unicodedata.normalize("NFKD", text.replace("&", "+"))
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return str(_REFUSED.sub(".", plain))[:longest].strip() or "-"


class _Transfer(SepaTransfer):  # type: ignore[misc]
    """The library, with the numbers and the moment of an order."""

    def __init__(self, opdracht: Betaalopdracht) -> None:
        self._opdracht = opdracht
        config: dict[str, Any] = {
            "name": sepa_text(opdracht.van.tenaamstelling, LONGEST_NAME),
            "IBAN": opdracht.van.iban,
            "BIC": opdracht.bic,
            "batch": True,
            "currency": "EUR",
        }
        super().__init__(config, schema=SCHEMA, clean=False)

    def _create_header(self) -> None:
        super()._create_header()
        header = self._xml.find("CstmrCdtTrfInitn/GrpHdr")
        header.find("MsgId").text = self._opdracht.bericht_id
        moment = self._opdracht.gemaakt.astimezone(AMSTERDAM)
        header.find("CreDtTm").text = moment.strftime("%Y-%m-%dT%H:%M:%S")

    def _finalize_batch(self) -> None:
        super()._finalize_batch()
        for number, batch in enumerate(self._xml.iter("PmtInf"), start=1):
            batch.find("PmtInfId").text = f"{self._opdracht.bericht_id[:31]}-{number}"
