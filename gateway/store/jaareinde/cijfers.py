"""What a year comes to, and the lists of a pack that tell it: per product, provider and year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.ledger.jaareinde.stand import NIETS, Jaarstand, Sleutel, together
from gateway.store.ggm.manifest import Stand
from gateway.store.jaareinde.bestanden import Bedrag, Cel, write_list
from gateway.store.jaareinde.bron import Standen

_BEDRAGEN = (
    *("toegekend", "gecrediteerd", "netto", "waarvan laat", "afgewezen", "open"),
    *("vooruitbetaald", "overgenomen", "lasten"),
)
_GEFACTUREERD = ("facturen", "facturen open")


@dataclass(slots=True)
class Cijfers:
    """What a year came to, once its lists are written.

    `jaren` is what is granted per year of delivery, `factuurjaren` what invoices outside the
    traffic came to.
    """

    standen: Standen = field(default_factory=dict)
    jaren: dict[int, int] = field(default_factory=dict)
    factuurjaren: dict[int, int] = field(default_factory=dict)
    grootboek: Stand = field(default_factory=Stand)
    onleesbaar: Sequence[int] = ()
    zonder_looptijd: int = 0

    @property
    def totaal(self) -> Jaarstand:
        """All balances together."""
        return together(self.standen.values())

    @property
    def klopt(self) -> bool:
        """Whether the years together are what the ledger says is granted."""
        return sum(self.jaren.values()) == self.grootboek.toegekend


def write_totals(folder: Path, cijfers: Cijfers, *, has_invoices: bool) -> None:
    """Write the lists of totals; without invoices as a pack had them that knew none."""
    invoiced = _GEFACTUREERD if has_invoices else ()
    cells = _all_cells if has_invoices else _cells
    years = _years_with_invoices if has_invoices else _years
    koppen = ("regels", *_BEDRAGEN, *invoiced)
    write_list(
        folder,
        "totalen.csv",
        ("wet", "product", *koppen),
        [(*key, *cells(stand)) for key, stand in sorted(_per_product(cijfers).items())],
    )
    write_list(
        folder,
        "aanbieders.csv",
        ("aanbieder", "wet", "product", *koppen),
        [
            (one.aanbieder, one.wet, one.productcode, *cells(stand))
            for one, stand in sorted(cijfers.standen.items(), key=_by_provider)
        ],
    )
    write_list(folder, "jaren.csv", ("jaar", "netto toegekend", *invoiced[:1]), years(cijfers))


def _per_product(cijfers: Cijfers) -> Mapping[tuple[str, str], Jaarstand]:
    found: dict[tuple[str, str], Jaarstand] = {}
    for sleutel, stand in cijfers.standen.items():
        key = (sleutel.wet, sleutel.productcode)
        found[key] = found.get(key, NIETS).plus(stand)
    return found


def _by_provider(pair: tuple[Sleutel, Jaarstand]) -> tuple[str, ...]:
    sleutel = pair[0]
    return (sleutel.aanbieder, sleutel.wet, sleutel.productcode)


def _cells(stand: Jaarstand) -> Iterator[Cel]:
    yield stand.regels
    yield from map(
        Bedrag,
        (
            stand.toegekend,
            stand.gecrediteerd,
            stand.netto,
            stand.laat,
            stand.afgewezen,
            stand.open,
            stand.vooruit,
            stand.overgenomen,
            stand.lasten,
        ),
    )


def _all_cells(stand: Jaarstand) -> Iterator[Cel]:
    yield from _cells(stand)
    yield from map(Bedrag, (stand.facturen, stand.facturen_open))


def _years_with_invoices(cijfers: Cijfers) -> Iterator[Sequence[Cel]]:
    granted, invoiced = cijfers.jaren, cijfers.factuurjaren
    for jaar in sorted(granted.keys() | invoiced.keys()):
        yield jaar, Bedrag(granted.get(jaar, 0)), Bedrag(invoiced.get(jaar, 0))
    yield "alle jaren", Bedrag(sum(granted.values())), Bedrag(sum(invoiced.values()))
    yield "grootboek", Bedrag(cijfers.grootboek.toegekend), None


def _years(cijfers: Cijfers) -> Iterator[Sequence[Cel]]:
    for jaar, bedrag in sorted(cijfers.jaren.items()):
        yield jaar, Bedrag(bedrag)
    yield "alle jaren", Bedrag(sum(cijfers.jaren.values()))
    yield "grootboek", Bedrag(cijfers.grootboek.toegekend)
