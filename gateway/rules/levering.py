"""What the rules on a 305 and a 307 share: which deliveries stand, and how to name one.

A delivery stands until it is taken back with StatusAanlevering 3.  Inside one message what is
taken back goes first, then the deliveries count in document order, each for those after it.
Every function is linear in the number of products: nobody can slow a worker with a long message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from gateway.periods.datums import datum_lang
from gateway.records.batch import Regiebatch
from gateway.records.levering import StartProduct, StopProduct

LEVEREN, VERWIJDEREN = "1", "3"
Levering = TypeVar("Levering", StartProduct, StopProduct)
# ToewijzingNummer, ProductCategorie and ProductCode; see `zorg_of`.
Zorg = tuple[int | None, str | None, str | None]


def products(batch: Regiebatch) -> Sequence[StartProduct | StopProduct]:
    """The StartProducten of a 305 or the StopProducten of a 307."""
    return [*batch.starts, *batch.stops]


def delivered(given: Sequence[Levering]) -> list[Levering]:
    """Those of the message that deliver something, in document order."""
    return [one for one in given if one.status_aanlevering == LEVEREN]


def removed(given: Sequence[Levering]) -> list[Levering]:
    """Those of the message that take an earlier delivery back."""
    return [one for one in given if one.status_aanlevering == VERWIJDEREN]


def standing(earlier: Sequence[Levering], given: Sequence[Levering]) -> list[Levering]:
    """The earlier deliveries that still stand after what this message takes back."""
    gone = {one.sleutel for one in removed(given)}
    return [one for one in earlier if one.sleutel not in gone]


def standing_starts(batch: Regiebatch) -> list[StartProduct]:
    """The starts that stand before the first delivery of this message."""
    return standing(batch.eerdere_starts, batch.starts)


def standing_stops(batch: Regiebatch) -> list[StopProduct]:
    """The stops that stand before the first delivery of this message."""
    return standing(batch.eerdere_stops, batch.stops)


def actual_starts(batch: Regiebatch) -> list[StartProduct]:
    """The standing starts that no standing stop ended, be it for a while or for good."""
    ended = {stop.startsleutel for stop in standing_stops(batch)}
    return [start for start in standing_starts(batch) if start.sleutel not in ended]


def zorg_of(product: StartProduct | StopProduct) -> Zorg:
    """The care that is started or stopped: the assignment, or the Product of task-oriented care.

    A ToewijzingNummer says enough by itself, so the Product counts only where there is none.
    """
    if product.toewijzingnummer is not None:
        return (product.toewijzingnummer, None, None)
    return (None, product.productcategorie, product.productcode)


def name_of(product: StartProduct | StopProduct) -> str:
    """A start or stop in words, by what its sender knows it by."""
    start = f"start van {datum_lang(product.begindatum)} {zorg_name(product)}"
    if isinstance(product, StartProduct):
        return start
    ended = f"stop per {datum_lang(product.einddatum)} (reden {product.reden_beeindiging})"
    return f"{ended} van de {start}"


def zorg_name(product: StartProduct | StopProduct) -> str:
    """The assignment or the product in words."""
    if product.toewijzingnummer is not None:
        return f"op toewijzing {product.toewijzingnummer}"
    named = product.productcode or product.productcategorie
    return f"voor product {named}" if named else "zonder toewijzing en product"
