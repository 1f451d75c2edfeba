"""Rules on one product by itself: as it is granted (301) or asked for (315, 317).

A TeWijzigenProduct (317) has no Product of its own: what is asked of a Product is not asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gateway.periods.datums import datum_lang
from gateway.records.batch import Aanvraagbatch, Toewijzingbatch, Wijzigingbatch
from gateway.records.finding import Offence
from gateway.rules.producten import (
    Named,
    Product,
    Productbatch,
    end_of,
    subject_of,
    with_omvang,
    with_product,
)
from gateway.rules.registry import Offences, rule

OLD_RULES_UNTIL = date(2020, 12, 31)  # up to this Einddatum the older forms stay good
WEEKLY = "2"
EXPIRED = "01"  # administrative correction, which 14 took the place of
BOUND_UNITS = ("14", "16", "83", "84")
BOUND_FREQUENCIES = ("2", "4", "6")


@rule("CD041", retourcode="0001")
def code_without_omvang(batch: Productbatch) -> Offences:
    """A product with a Product.Code has an Omvang.

    A product that is named exactly is granted in an exact size, and asked for in one.  Together
    with CD077 it never has a Budget.  What a TeWijzigenProduct needs is for TR411.
    """
    for product in with_product(batch):
        if product.productcode is not None and product.omvang is None:
            yield Offence(
                product,
                f"{subject_of(product)} heeft productcode {product.productcode} maar geen "
                "Omvang; vul de Omvang in.",
                "Omvang",
                expected="een Omvang",
            )


@rule("CD075", retourcode="0001")
def budget_without_einddatum(batch: Productbatch) -> Offences:
    """A product with a Budget has an Einddatum.

    A Budget is for the whole of a period, so the period must end.  A table of variants calls the
    Einddatum optional; this rule is the one that is checked (A17, A43).
    """
    for product in with_omvang(batch):
        if product.budget is not None and product.einddatum is None:
            yield _without_einddatum(product, "een Budget")


@rule("CD076", retourcode="0001")
def weekly_without_einddatum(batch: Productbatch) -> Offences:
    """A product with an Omvang per week (Frequentie 2) has an Einddatum.

    Only then its weeks can be counted.
    """
    for product in with_omvang(batch):
        if product.frequentie == WEEKLY and product.einddatum is None:
            yield _without_einddatum(product, "een Omvang per week (Frequentie 2)")


def _without_einddatum(product: Product, reason: str) -> Offence:
    """The offence of CD075 and CD076, which differ in why there must be an Einddatum."""
    element = end_of(product)
    return Offence(
        product,
        f"{subject_of(product)} heeft {reason} maar geen Einddatum; vul de {element} in.",
        element,
        expected=f"een {element}",
    )


@rule("CD077", retourcode="0001")
def omvang_beside_budget(batch: Productbatch) -> Offences:
    """A product with a Budget has no Omvang.

    Two limits on one product would contradict each other; CD078 says the same of the Budget.
    """
    yield from _both(batch, "Omvang")


@rule("CD078", retourcode="0001")
def budget_beside_omvang(batch: Productbatch) -> Offences:
    """A product with an Omvang has no Budget.

    The other side of CD077: both offend together.
    """
    yield from _both(batch, "Budget")


def _both(batch: Productbatch, element: str) -> Offences:
    """The offences of CD077 and CD078, which differ in the element that must go."""
    for product in with_omvang(batch):
        if product.omvang is not None and product.budget is not None:
            yield Offence(
                product,
                f"{subject_of(product)} heeft een Omvang en een Budget; laat een van beide weg.",
                element,
                found="Omvang en Budget",
                expected=f"geen {element}",
            )


@rule("CD079", retourcode="0001")
def neither_product_nor_budget(batch: Productbatch) -> Offences:
    """A product without a Budget has a Product.

    A generic assignment leaves the Product open and is bound by its Budget alone.
    """
    for product in with_product(batch):
        if product.budget is None and product.productcategorie is None:
            yield Offence(
                product,
                f"{subject_of(product)} heeft geen Product en geen Budget; vul ten minste een "
                "van beide in.",
                "Product",
                expected="een Product",
            )


@rule("CD080", retourcode="0001")
def omvang_without_code(batch: Toewijzingbatch) -> Offences:
    """A ToegewezenProduct without a Product.Code has no Omvang, if it ends after 2020 or never.

    A size only means something for one product.  An assignment with an Einddatum up to and
    including 2020-12-31 is of before this rule and may keep its Omvang.
    """
    yield from _omvang_without_code(batch.producten)


@rule("CD095", retourcode="0001")
def asked_omvang_without_code(batch: Aanvraagbatch) -> Offences:
    """An AangevraagdProduct without a Product.Code has no Omvang, if it ends after 2020 or never.

    As CD080 says of an assignment.
    """
    yield from _omvang_without_code(batch.producten)


@rule("CD096", retourcode="0001")
def new_omvang_without_code(batch: Wijzigingbatch) -> Offences:
    """A NieuwProduct without a Product.Code has no Omvang, if it ends after 2020 or never.

    As CD080 says of an assignment.
    """
    yield from _omvang_without_code(batch.nieuw)


def _omvang_without_code(products: Iterable[Named]) -> Offences:
    """The offences of CD080, CD095 and CD096, which differ in the class that they are for."""
    for product in products:
        aspecific = product.productcode is None and product.omvang is not None
        if aspecific and _under_new_rules(product):
            yield Offence(
                product,
                f"{subject_of(product)} heeft een Omvang maar geen productcode; vul de "
                "productcode in of laat de Omvang weg.",
                "Omvang",
                found="Omvang zonder productcode",
                expected="geen Omvang",
            )


def _under_new_rules(product: Product) -> bool:
    """Whether the product runs on after the old forms were closed."""
    return product.einddatum is None or product.einddatum > OLD_RULES_UNTIL


@rule("CS335", retourcode="0001")
def deletion_of_more_than_a_day(batch: Toewijzingbatch) -> Offences:
    """RedenWijziging 13 (deleted) comes with an Einddatum equal to the Ingangsdatum.

    A deletion is sent as an assignment of no length.  The reverse is good: an assignment of one
    day needs no reason.
    """
    for toewijzing in batch.producten:
        if toewijzing.is_verwijderd and toewijzing.einddatum != toewijzing.ingangsdatum:
            yield Offence(
                toewijzing,
                f"{subject_of(toewijzing)} is verwijderd (RedenWijziging 13) maar Einddatum is "
                f"niet gelijk aan Ingangsdatum {datum_lang(toewijzing.ingangsdatum)}; maak beide "
                "gelijk.",
                "RedenWijziging",
                found=f"Einddatum {_said(toewijzing.einddatum)}",
                expected=f"Einddatum {datum_lang(toewijzing.ingangsdatum)}",
            )


@rule("CS336", retourcode="0001")
def expired_reden_wijziging(batch: Toewijzingbatch) -> Offences:
    """RedenWijziging 01 is no longer used.

    14 took its place for corrections, 13 for deletions.
    """
    for toewijzing in batch.producten:
        if toewijzing.reden_wijziging == EXPIRED:
            yield Offence(
                toewijzing,
                f"{subject_of(toewijzing)} heeft RedenWijziging 01, die is vervallen; gebruik 14 "
                "voor een correctie of 13 voor een verwijdering.",
                "RedenWijziging",
                found=EXPIRED,
                expected="een geldige RedenWijziging",
            )


@rule("CS338", retourcode="0001")
def frequentie_not_for_eenheid(batch: Toewijzingbatch | Wijzigingbatch) -> Offences:
    """With Eenheid 14, 16, 83 or 84 the Frequentie is 2, 4 or 6, if the end is after 2020 or open.

    Days, day parts, euros and pieces are not granted per day.  An Einddatum up to and including
    2020-12-31 is exempt.
    """
    yield from _frequentie_not_for_eenheid(batch)


@rule("CS343", retourcode="0001")
def asked_frequentie_not_for_eenheid(batch: Aanvraagbatch) -> Offences:
    """A 315 asks for Eenheid 14, 16, 83 or 84 with Frequentie 2, 4 or 6.

    As CS338 says of a 301 and a 317.
    """
    yield from _frequentie_not_for_eenheid(batch)


def _frequentie_not_for_eenheid(batch: Productbatch) -> Offences:
    """The offences of CS338 and CS343, which differ in the messages that they are for."""
    for product in with_omvang(batch):
        omvang = product.omvang
        if omvang is None or omvang.eenheid not in BOUND_UNITS or not _under_new_rules(product):
            continue
        if omvang.frequentie not in BOUND_FREQUENCIES:
            yield Offence(
                product,
                f"{subject_of(product)} heeft Eenheid {omvang.eenheid} met Frequentie "
                f"{omvang.frequentie}; gebruik Frequentie 2, 4 of 6.",
                "Omvang/Frequentie",
                found=omvang.frequentie,
                expected="2, 4 of 6",
            )


def _said(day: date | None) -> str:
    return "ontbreekt" if day is None else datum_lang(day)
