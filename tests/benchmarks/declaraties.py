"""Makes invoices and the assignments under them, for measuring only.

Every line of an invoice has an assignment of its own with a start.  Assignments are numbered from
nought; `Kring` tells of which provider each of them is.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from gateway.messages.definition import Berichttype
from gateway.records.levering import StartProduct
from gateway.records.toewijzing import ToegewezenProduct

GEMEENTE, AANBIEDER = "0193", "65656055"
FIRST_NUMBER = 1_000_000


MOST_CLIENTS = 9_000


def test_bsn(index: int) -> str:
    """The index-th BSN of the test range that passes the elfproef."""
    number = 999_900_000 + index * 11
    while True:
        digits = f"{number:09d}"
        weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
        if sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11 == 0:
            return digits
        number += 1


test_bsn.__test__ = False  # type: ignore[attr-defined]


def bsns(count: int) -> list[str]:
    """Different test BSNs; with more lines than the range holds, lines share a client."""
    return sorted({test_bsn(index) for index in range(count)})


@dataclass(frozen=True)
class Kring:
    """Providers of one municipality, each with `block` assignments in a row, in turns."""

    lines: int
    providers: int = 1
    block: int = 1
    most_clients: int = MOST_CLIENTS

    @cached_property
    def clients(self) -> list[str]:
        """The clients of the assignments, in their order."""
        return bsns(max(1, min(self.lines // 4, self.most_clients)))

    def bsn(self, index: int) -> str:
        """Whose assignment this is."""
        return self.clients[index * len(self.clients) // self.lines]

    def aanbieder(self, index: int) -> str:
        """Of which provider an assignment is."""
        return f"{int(AANBIEDER) + index // self.block % self.providers:08d}"

    def invoice(
        self, kind: Berichttype, month: str, size: int | None = None, first: int = 0
    ) -> Iterator[bytes]:
        """A 323 of faultless lines over a month, in pieces, for so many assignments in a row.

        They are of one provider; without a size it takes all there are.
        """
        count = self.lines if size is None else size
        period = {"month": month, "last": monthrange(2025, int(month[5:]))[1]}
        yield _HEAD.format(
            own=kind.namespace,
            basis=kind.basis_namespace,
            aanbieder=self.aanbieder(first),
            number=f"{month[5:]}N{first}",
            total=count * 50_000,
            **period,
        ).encode()
        current = ""
        for index in range(first, first + count):
            bsn = self.bsn(index)
            if bsn != current:
                yield (_CLIENT_END if current else "").encode() + _CLIENT.format(bsn=bsn).encode()
                current = bsn
            reference = f"R{month[5:]}{index:07d}"
            yield _LINE.format(reference=reference, number=FIRST_NUMBER + index, **period).encode()
        yield (_CLIENT_END + _TAIL).encode()


def assignments(kring: Kring) -> Iterator[ToegewezenProduct]:
    """All of them."""
    for index in range(kring.lines):
        yield ToegewezenProduct(
            pad="",
            bsn=kring.bsn(index),
            aanbieder=kring.aanbieder(index),
            bekend_op=date(2025, 1, 2),
            toewijzingnummer=FIRST_NUMBER + index,
            referentie_aanbieder=None,
            productcategorie="45",
            productcode="45A03",
            toewijzingsdatum=date(2025, 1, 2),
            toewijzingstijd="09:00:00",
            ingangsdatum=date(2025, 1, 1),
            einddatum=date(2025, 12, 31),
            reden_wijziging=None,
            volume=4,
            eenheid="04",
            frequentie="2",
            budget=None,
            commentaar=None,
        )


def starts(kring: Kring, indices: Iterable[int]) -> Iterator[StartProduct]:
    """One start for each of some assignments."""
    for index in indices:
        yield StartProduct(
            pad="",
            bsn=kring.bsn(index),
            toewijzingnummer=FIRST_NUMBER + index,
            productcategorie="45",
            productcode="45A03",
            toewijzing_ingangsdatum=date(2025, 1, 1),
            begindatum=date(2025, 1, 6),
            status_aanlevering="1",
        )


_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<m:Bericht xmlns:m="{own}" xmlns:b="{basis}">
<m:Header>
<m:BerichtCode>490</m:BerichtCode>
<m:BerichtVersie>3</m:BerichtVersie>
<m:BerichtSubversie>2</m:BerichtSubversie>
<m:Afzender>{aanbieder}</m:Afzender>
<m:Ontvanger>0193</m:Ontvanger>
<m:BerichtIdentificatie><b:Identificatie>D{number}</b:Identificatie><b:Dagtekening>2026-01-06</b:Dagtekening></m:BerichtIdentificatie>
<m:XsdVersie><b:BasisschemaXsdVersie>1.0.0</b:BasisschemaXsdVersie><b:BerichtXsdVersie>1.0.0</b:BerichtXsdVersie></m:XsdVersie>
</m:Header>
<m:Declaratie>
<m:DeclaratieNummer>DN{number}</m:DeclaratieNummer>
<m:DeclaratiePeriode><b:Begindatum>{month}-01</b:Begindatum><b:Einddatum>{month}-{last}</b:Einddatum></m:DeclaratiePeriode>
<m:DeclaratieDagtekening>2026-01-06</m:DeclaratieDagtekening>
<m:TotaalIngediendBedrag><b:TotaalBedrag>{total}</b:TotaalBedrag><b:DebetCredit>D</b:DebetCredit></m:TotaalIngediendBedrag>
<m:Clienten>
"""
_CLIENT = """<m:Client>
<m:Bsn>{bsn}</m:Bsn>
<m:Prestaties>
"""
_LINE = """    <m:Prestatie>
        <m:ProductReferentie>
            <b:ReferentieNummer>{reference}</b:ReferentieNummer>
        </m:ProductReferentie>
        <m:ToewijzingNummer>{number}</m:ToewijzingNummer>
        <m:ProductCategorie>45</m:ProductCategorie>
        <m:ProductCode>45A03</m:ProductCode>
        <m:ProductPeriode>
            <b:Begindatum>{month}-01</b:Begindatum>
            <b:Einddatum>{month}-{last}</b:Einddatum>
        </m:ProductPeriode>
        <m:GeleverdVolume>10</m:GeleverdVolume>
        <m:Eenheid>04</m:Eenheid>
        <m:ProductTarief>5000</m:ProductTarief>
        <m:IngediendBedrag>
            <b:Bedrag>50000</b:Bedrag>
            <b:DebetCredit>D</b:DebetCredit>
        </m:IngediendBedrag>
    </m:Prestatie>
"""
_CLIENT_END = """</m:Prestaties>
</m:Client>
"""
_TAIL = """</m:Clienten>
</m:Declaratie>
</m:Bericht>
"""
