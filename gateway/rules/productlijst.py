"""Rule that holds a product against the lists that place codes in categories."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.records.batch import (
    Declaratiebatch,
    Regiebatch,
    Toewijzingbatch,
)
from gateway.records.finding import Offence, Subject
from gateway.records.levering import StartProduct, StopProduct
from gateway.rules.producten import Named, Productbatch, with_product
from gateway.rules.registry import Offences, rule

DELETION = "3"  # StatusAanlevering: take an earlier delivery back

Listed = tuple[Subject, str, str | None, str | None]
Listbatch = Productbatch | Regiebatch | Declaratiebatch


@rule("TR381", retourcode="S329")
def code_outside_categorie(batch: Listbatch) -> Offences:
    """A product code stands under a category in which the lists in use place it.

    A code that no list knows is good: the lists are never complete (A41, design 8).  What only
    takes something back is not judged: a credit, a start or stop with StatusAanlevering 3 (TR063)
    and an assignment with RedenWijziging 13.  A Prestatie on an unknown number is judged too, one
    on an assignment of another client or a deleted one is not (design 8).
    """
    lists = batch.feiten.categorieen
    for subject, element, categorie, code in _products(batch):
        if code is None or categorie is None or code not in lists or categorie in lists[code]:
            continue
        right = " of ".join(sorted(lists[code]))
        yield Offence(
            subject,
            f"Productcode {code} hoort niet bij productcategorie {categorie}; gebruik categorie "
            f"{right} of een andere code.",
            element,
            found=f"{code} in categorie {categorie}",
            expected=f"{code} in categorie {right}",
        )


def _products(batch: Listbatch) -> Iterator[Listed]:
    """Class, element, category and code of every product that the message uses."""
    if isinstance(batch, Declaratiebatch):
        for prestatie in batch.beoordeelbaar:
            yield prestatie, "ProductCode", prestatie.productcategorie, prestatie.productcode
        return
    for product in _small(batch):
        yield product, "Product/Code", product.productcategorie, product.productcode


def _small(batch: Productbatch | Regiebatch) -> Iterator[Named | StartProduct | StopProduct]:
    """The products of a message about one client, without what is only taken back."""
    match batch:
        case Toewijzingbatch():
            yield from (one for one in batch.producten if not one.is_verwijderd)
        case Regiebatch():
            deliveries: tuple[StartProduct | StopProduct, ...] = (*batch.starts, *batch.stops)
            yield from (one for one in deliveries if one.status_aanlevering != DELETION)
        case _:
            yield from with_product(batch)
