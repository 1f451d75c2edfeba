"""Rule that holds a product against the lists that place codes in categories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

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

Listed = tuple[Subject, str, str | None, str | None, date]
Listbatch = Productbatch | Regiebatch | Declaratiebatch


@rule("TR381", retourcode="S329")
def code_outside_categorie(batch: Listbatch) -> Offences:
    """A product code stands under a category in which the lists in use place it.

    A code that no list knows is good: the lists are never complete (A41, design 8).  What only
    takes something back is not judged: a credit, a start or stop with StatusAanlevering 3 (TR063)
    and an assignment with RedenWijziging 13.  A Prestatie on an unknown number is judged too, one
    on an assignment of another client or a deleted one is not (design 8).  The lists are read as
    they are on the day on which the care or the product begins.
    """
    feiten = batch.feiten
    for subject, element, categorie, code, dag in _products(batch):
        if code is None or categorie is None:
            continue
        listed = feiten.categorieen_op(code, dag)
        if not listed or categorie in listed:
            continue
        right = " of ".join(sorted(listed))
        yield Offence(
            subject,
            f"Productcode {code} hoort niet bij productcategorie {categorie}; gebruik categorie "
            f"{right} of een andere code.",
            element,
            found=f"{code} in categorie {categorie}",
            expected=f"{code} in categorie {right}",
        )


def _products(batch: Listbatch) -> Iterator[Listed]:
    """Class, element, category, code and first day of every product that the message uses."""
    if isinstance(batch, Declaratiebatch):
        for one in batch.beoordeelbaar:
            yield one, "ProductCode", one.productcategorie, one.productcode, one.begindatum
        return
    for product in _small(batch):
        begin = _begin_of(product)
        yield product, "Product/Code", product.productcategorie, product.productcode, begin


def _begin_of(product: Named | StartProduct | StopProduct) -> date:
    if isinstance(product, StartProduct | StopProduct):
        return product.begindatum
    return product.ingangsdatum


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
