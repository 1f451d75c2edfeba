"""Looks ahead over all running assignments and agreements: what runs out, ends or is settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from gateway.agreements.match import Overeenkomsten, Tariefvraag, find_place
from gateway.ledger.aflopend import Afloop, Product, Venster, of_agreements, of_assignment
from gateway.ledger.gebruik import Taakgebruik, Zorg, task_products, task_use
from gateway.ledger.ruimte import Besteed, Ruimte, rooms
from gateway.ledger.tempo import Lopend, Uitputting, forecasts, urgency
from gateway.ledger.verrekening import Afname, Verrekening, lump_sums, settlements


class Bron(Protocol):
    """What the store hands out, all of one moment and of one municipality where that is asked."""

    def lopend(self) -> Iterator[Lopend]:
        """The latest version of every assignment that is not deleted, with what was granted."""

    def besteed(self) -> Besteed:
        """What was granted by municipality, law, provider, product and year of delivery."""

    def afname(self, productcodes: Sequence[str]) -> Sequence[Afname]:
        """What was granted on some products, per period."""

    def zorg(self, productcodes: Sequence[str], vandaag: date) -> Sequence[Zorg]:
        """Clients in care on a day: of some products, and of starts without a number."""


@dataclass(slots=True)
class Radar:
    """What there is to see; `lopend` counts the assignments that run on the day."""

    vandaag: date
    dagen: int
    lopend: int = 0
    uitputting: list[Uitputting] = field(default_factory=list)
    aflopend: list[Afloop] = field(default_factory=list)
    ruimte: list[Ruimte] = field(default_factory=list)
    verrekening: list[Verrekening] = field(default_factory=list)
    gebruik: list[Taakgebruik] = field(default_factory=list)


def look(
    bron: Bron, overeenkomsten: Overeenkomsten, venster: Venster, gemeente: str | None = None
) -> Radar:
    """Look at everything from one day, over one municipality or all of them."""
    vandaag = venster.vandaag
    radar = Radar(vandaag, venster.dagen)
    running = _look_at_assignments(bron, overeenkomsten, venster, radar)
    radar.aflopend += of_agreements(overeenkomsten, venster, running, gemeente)
    radar.aflopend.sort(key=lambda one: (one.datum, one.soort, one.wat))
    radar.ruimte = rooms(overeenkomsten, bron.besteed(), vandaag.year, gemeente)
    zorg = bron.zorg(sorted({code for _, _, code in task_products(overeenkomsten)}), vandaag)
    radar.gebruik = task_use(overeenkomsten, zorg, vandaag.year)
    in_care: Counter[tuple[str, str]] = Counter()
    for one in zorg:
        in_care[one.aanbieder, one.productcode] += one.in_zorg
    lumps = sorted({plaats.cel.productcode for plaats in lump_sums(overeenkomsten)})
    afname = bron.afname(lumps) if lumps else ()
    radar.verrekening = list(settlements(overeenkomsten, afname, in_care, vandaag, gemeente))
    return radar


def _look_at_assignments(
    bron: Bron, overeenkomsten: Overeenkomsten, venster: Venster, radar: Radar
) -> Counter[Product]:
    """Fill in what runs out and ends; gives how many assignments run, by product and provider."""
    running: Counter[Product] = Counter()
    for one in bron.lopend():
        toewijzing = one.toewijzing
        begin, end = toewijzing.ingangsdatum, toewijzing.einddatum
        if begin > venster.vandaag or (end is not None and end < venster.vandaag):
            continue
        radar.lopend += 1
        code = toewijzing.productcode or ""
        running[one.wet, one.gemeente, code, toewijzing.aanbieder] += 1
        radar.uitputting += forecasts(replace(one, soort=_kind(one, overeenkomsten)))
        radar.aflopend += of_assignment(one, venster)
    radar.uitputting.sort(key=urgency)
    return running


def _kind(one: Lopend, overeenkomsten: Overeenkomsten) -> str | None:
    """The kind of the cell that prices an assignment, None without one."""
    toewijzing = one.toewijzing
    if toewijzing.productcode is None or toewijzing.eenheid is None:
        return None
    vraag = Tariefvraag(
        wet=one.wet,
        gemeente=one.gemeente,
        productcode=toewijzing.productcode,
        eenheid=toewijzing.eenheid,
        aanbieder=toewijzing.aanbieder,
        begindatum=toewijzing.ingangsdatum,
        ingangsdatum=toewijzing.ingangsdatum,
    )
    plaats = find_place(overeenkomsten, vraag)
    return None if plaats is None else plaats.cel.soort
