"""Rules against stacking: the same product twice for the same day, granted or asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from gateway.periods.datums import datum_lang
from gateway.records.batch import Aanvraagbatch, Toewijzingbatch, Wijzigingbatch
from gateway.records.finding import Offence
from gateway.records.toewijzing import may_stack
from gateway.records.verzoek import OngewijzigdProduct
from gateway.rules.producten import Named, Product, begin_of, name_of, subject_of
from gateway.rules.registry import Offences, rule


class Looptijd(NamedTuple):
    """A product with its period, and the class of the message that it comes from."""

    subject: Product | OngewijzigdProduct
    categorie: str | None
    code: str | None
    begin: date
    einde: date | None

    @property
    def laatste(self) -> date:
        """The last day, far away where there is none."""
        return self.einde or date.max


Clash = tuple[Looptijd, Looptijd]


@rule("TR302", retourcode="0001")
def same_product_overlaps(batch: Toewijzingbatch) -> Offences:
    """The same product is not granted twice for the same day in one 301.

    Same means the same Product.Code; where one of the two has no Code, the same
    Product.Categorie; one without Product is the same as any other.  An absent Einddatum is open.
    What is deleted (RedenWijziging 13, or 01, with Einddatum = Ingangsdatum) does not count.
    Under the Wmo categories 11 to 14 may always overlap: one can need two aids.  Of two that
    clash the one that begins later offends, the later in the message if they begin together.
    """
    counted = [period_of(one) for one in batch.producten if not one.is_ingetrokken]
    yield from map(_overlap, clashes(counted, batch.feiten.wet))


@rule("TR386", retourcode="0001")
def same_product_asked_twice(batch: Aanvraagbatch) -> Offences:
    """The same product is not asked for twice for the same day in one 315.

    What is the same, and which of two offends, is as in TR302.
    """
    yield from map(_overlap, clashes(map(period_of, batch.producten), batch.feiten.wet))


@rule("TR410", retourcode="0001")
def same_new_product_twice(batch: Wijzigingbatch) -> Offences:
    """The same product is not asked for twice for the same day among the NieuweProducten of a 317.

    What is the same, and which of two offends, is as in TR302.
    """
    yield from map(_overlap, clashes(map(period_of, batch.nieuw), batch.feiten.wet))


@rule("TR361", retourcode="9361")
def wanted_products_overlap(batch: Wijzigingbatch) -> Offences:
    """The situation that a 317 asks for does not hold the same product twice for the same day.

    An OngewijzigdProduct counts with its assignment, a TeWijzigenProduct with the product of its
    assignment in the period that is asked for, a NieuwProduct as it is.  What stays of an
    assignment before the change of it is not counted: the standard does not ask for that.  It
    offends only where it does so by the latest version of the assignments and by the one that the
    sender could know.  What is the same, and which of two offends, is as in TR302.
    """
    wet = batch.feiten.wet
    known = {later.subject.pad for _, later in clashes(_wanted(batch, -1), wet)}
    for earlier, later in clashes(_wanted(batch, 0), wet):
        if later.subject.pad in known:
            yield _overlap((earlier, later))


def _wanted(batch: Wijzigingbatch, versie: int) -> Iterator[Looptijd]:
    """Everything that the request ends up with, by one of the versions of each assignment."""
    for product in batch.ongewijzigd:
        if batch.is_actueel(product.toewijzingnummer):
            known = batch.toewijzingen[product.toewijzingnummer][versie]
            yield period_of(known)._replace(subject=product)
    for change, versies in batch.wijzigingen:
        known = versies[versie]
        categorie, code = known.productcategorie, known.productcode
        yield Looptijd(change, categorie, code, change.ingangsdatum, change.einddatum)
    yield from map(period_of, batch.nieuw)


def period_of(product: Named) -> Looptijd:
    """A product with the period that it has itself."""
    return Looptijd(
        product,
        product.productcategorie,
        product.productcode,
        product.ingangsdatum,
        product.einddatum,
    )


def clashes(products: Iterable[Looptijd], wet: str) -> Iterator[Clash]:
    """Every product that overlaps an earlier one of the same kind, with that earlier one."""
    longest: dict[tuple[str, ...], Looptijd] = {}
    for product in sorted(products, key=lambda one: one.begin):
        if may_stack(wet, product.categorie):
            continue
        for scope in _same_as(product):
            earlier = longest.get(scope)
            if earlier is not None and earlier.laatste >= product.begin:
                yield earlier, product
                break
        for scope in _known_as(product):
            longest[scope] = max(longest.get(scope, product), product, key=lambda one: one.laatste)


def _known_as(product: Looptijd) -> Iterator[tuple[str, ...]]:
    """The scopes under which later products find this one."""
    yield ("any",)
    if product.categorie is None:
        yield ("generic",)
        return
    yield ("categorie", product.categorie)
    yield ("aspecific", product.categorie) if product.code is None else ("code", product.code)


def _same_as(product: Looptijd) -> Iterator[tuple[str, ...]]:
    """The scopes that hold every earlier one of the same product."""
    if product.categorie is None:
        yield ("any",)
        return
    yield ("generic",)
    if product.code is None:
        yield ("categorie", product.categorie)
    else:
        yield ("aspecific", product.categorie)
        yield ("code", product.code)


def _overlap(clash: Clash) -> Offence:
    """The offence of the later one of two that clash."""
    earlier, later = clash
    until = f"tot en met {datum_lang(earlier.einde)}" if earlier.einde else "zonder einddatum"
    other = name_of(earlier.subject)
    own = later.subject
    return Offence(
        own,
        f"{subject_of(own)} begint op {datum_lang(later.begin)}, terwijl {other} voor hetzelfde "
        f"product loopt {until}; laat de perioden niet overlappen.",
        "" if isinstance(own, OngewijzigdProduct) else begin_of(own),
        found=datum_lang(later.begin),
        expected=f"geen overlap met {other}",
    )
