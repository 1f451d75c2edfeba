"""Makes small messages for measuring only: 301, 305 and 10-line 323, of many providers.

The invoices and starts are about assignments that stand already, so that no message waits for
another; a 301 brings assignments of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.messages.definition import Berichttype, Berichttypen
from tests.benchmarks.declaraties import FIRST_NUMBER, GEMEENTE, Kring

REGELS = 10
PROVIDERS = 300
# 301s number theirs from here on, behind all that stand.
NEW_NUMBER = 50_000_000


class Kleine:
    """Small messages about a circle: an invoice `which` of a month takes ten of its assignments.

    Of the assignments the first `invoices` times ten have a start, and those behind them none.
    """

    def __init__(self, types: Berichttypen, invoices: int, starts: int) -> None:
        self.invoices = invoices
        self.started = REGELS * invoices
        self._types = types
        # Whole blocks of a provider, of which the first are taken first: no two in a row are alike.
        self._blocks = -(-starts // REGELS)
        self._next_start = 0
        self._next_number = 0
        self.kring = Kring(self.started + REGELS * self._blocks, PROVIDERS, REGELS)

    def mix(self, count: int, month: str, first: int = 0) -> Iterator[bytes]:
        """So many of each kind in turns; the invoices are those of a month from `first` on."""
        for which in range(first, first + count):
            yield self.toewijzing()
            yield self.start()
            yield self.invoice(which, month)

    def invoice(self, which: int, month: str) -> bytes:
        """A 323 of ten lines."""
        kind = self._types.by_name("JW323")
        return b"".join(self.kring.invoice(kind, month, REGELS, REGELS * which))

    def start(self) -> bytes:
        """A 305 about the next assignment without a start."""
        turn, block = divmod(self._next_start, self._blocks)
        index = self.started + REGELS * block + turn
        self._next_start += 1
        text = _START.format(
            number=FIRST_NUMBER + index,
            afzender=self.kring.aanbieder(index),
            ontvanger=GEMEENTE,
            identificatie=f"S{index}",
            bsn=self.kring.bsn(index),
            **_names(self._types.by_name("JW305")),
        )
        return text.encode()

    def toewijzing(self) -> bytes:
        """A 301 with one new assignment."""
        index, self._next_number = self._next_number, self._next_number + 1
        place = index % self.kring.lines
        text = _TOEWIJZING.format(
            number=NEW_NUMBER + index,
            afzender=GEMEENTE,
            ontvanger=self.kring.aanbieder(index * REGELS),
            identificatie=f"T{index}",
            bsn=self.kring.bsn(place),
            **_names(self._types.by_name("JW301")),
        )
        return text.encode()


def _names(kind: Berichttype) -> dict[str, str]:
    return {"own": kind.namespace, "basis": kind.basis_namespace, "code": kind.code}


_BEGIN = """<?xml version="1.0" encoding="UTF-8"?>
<m:Bericht xmlns:m="{own}" xmlns:b="{basis}">
<m:Header>
<m:BerichtCode>{code}</m:BerichtCode>
<m:BerichtVersie>3</m:BerichtVersie>
<m:BerichtSubversie>2</m:BerichtSubversie>
<m:Afzender>{afzender}</m:Afzender>
<m:Ontvanger>{ontvanger}</m:Ontvanger>
<m:BerichtIdentificatie><b:Identificatie>{identificatie}</b:Identificatie><b:Dagtekening>2026-01-06</b:Dagtekening></m:BerichtIdentificatie>
<m:XsdVersie><b:BasisschemaXsdVersie>1.0.0</b:BasisschemaXsdVersie><b:BerichtXsdVersie>1.0.0</b:BerichtXsdVersie></m:XsdVersie>
</m:Header>
<m:Client>
<m:Bsn>{bsn}</m:Bsn>
<m:Geboortedatum><b:Datum>2012-05-01</b:Datum></m:Geboortedatum>
<m:Geslacht>2</m:Geslacht>
<m:Naam>
<b:Geslachtsnaam><b:Achternaam>Waterland</b:Achternaam><b:Voorvoegsel>van</b:Voorvoegsel></b:Geslachtsnaam>
<b:Voornamen>Noor</b:Voornamen>
<b:Voorletters>N</b:Voorletters>
"""
_START = (
    _BEGIN
    + """</m:Naam>
<m:StartProducten>
<m:StartProduct>
<m:ToewijzingNummer>{number}</m:ToewijzingNummer>
<m:Product><b:Categorie>45</b:Categorie><b:Code>45A03</b:Code></m:Product>
<m:ToewijzingIngangsdatum>2025-01-01</m:ToewijzingIngangsdatum>
<m:Begindatum>2025-01-06</m:Begindatum>
<m:StatusAanlevering>1</m:StatusAanlevering>
</m:StartProduct>
</m:StartProducten>
</m:Client>
</m:Bericht>
"""
)
_TOEWIJZING = (
    _BEGIN
    + """<b:NaamGebruik>1</b:NaamGebruik>
</m:Naam>
<m:Contactgegevens>
<m:Contact>
<m:Soort>01</m:Soort>
<m:Adres>
<b:Huis><b:Huisnummer>12</b:Huisnummer></b:Huis>
<b:Postcode>7511ZZ</b:Postcode>
<b:Straatnaam>Verzonnen Wal</b:Straatnaam>
<b:Plaatsnaam>Enschede</b:Plaatsnaam>
<b:LandCode>NL</b:LandCode>
</m:Adres>
</m:Contact>
</m:Contactgegevens>
<m:ToegewezenProducten>
<m:ToegewezenProduct>
<m:ToewijzingNummer>{number}</m:ToewijzingNummer>
<m:Product><b:Categorie>45</b:Categorie><b:Code>45A03</b:Code></m:Product>
<m:Toewijzingsdatum>2026-01-05</m:Toewijzingsdatum>
<m:Toewijzingstijd>09:00:00</m:Toewijzingstijd>
<m:Ingangsdatum>2026-01-05</m:Ingangsdatum>
<m:Einddatum>2026-12-31</m:Einddatum>
<m:Omvang><b:Volume>4</b:Volume><b:Eenheid>04</b:Eenheid><b:Frequentie>2</b:Frequentie></m:Omvang>
</m:ToegewezenProduct>
</m:ToegewezenProducten>
</m:Client>
</m:Bericht>
"""
)
