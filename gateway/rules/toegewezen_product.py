"""Rules on a ToegewezenProduct by itself and beside the others of its 301."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gateway.records.batch import Toewijzingbatch
from gateway.records.finding import Offence
from gateway.records.toewijzing import ToegewezenProduct
from gateway.rules.registry import Offences, rule

OLD_RULES_UNTIL = date(2020, 12, 31)  # up to this Einddatum the older forms stay good
WEEKLY = "2"
DELETED = "13"
EXPIRED = "01"  # administrative correction, which 14 took the place of
BOUND_UNITS = ("14", "16", "83", "84")
BOUND_FREQUENCIES = ("2", "4", "6")
AIDS = ("11", "12", "13", "14")  # iWmo: wheelchairs, transport, home adaptations, other aids


@rule("CD041", retourcode="0001")
def code_without_omvang(batch: Toewijzingbatch) -> Offences:
    """A ToegewezenProduct with a Product.Code has an Omvang.

    A product that is named exactly is granted in an exact size.  Together with CD077 it never
    has a Budget.
    """
    for toewijzing in batch.producten:
        if toewijzing.productcode is not None and toewijzing.omvang is None:
            yield Offence(
                toewijzing,
                f"{_subject(toewijzing)} heeft productcode {toewijzing.productcode} maar geen "
                "Omvang; vul de Omvang in.",
                "Omvang",
                expected="een Omvang",
            )


@rule("CD075", retourcode="0001")
def budget_without_einddatum(batch: Toewijzingbatch) -> Offences:
    """A ToegewezenProduct with a Budget has an Einddatum.

    A Budget is for the whole of a period, so the period must end.  A table of variants calls the
    Einddatum optional; this rule is the one that is checked (A17, A43).
    """
    for toewijzing in batch.producten:
        if toewijzing.budget is not None and toewijzing.einddatum is None:
            yield _without_einddatum(toewijzing, "een Budget")


@rule("CD076", retourcode="0001")
def weekly_without_einddatum(batch: Toewijzingbatch) -> Offences:
    """A ToegewezenProduct with an Omvang per week (Frequentie 2) has an Einddatum.

    Only then its weeks can be counted.
    """
    for toewijzing in batch.producten:
        if toewijzing.frequentie == WEEKLY and toewijzing.einddatum is None:
            yield _without_einddatum(toewijzing, "een Omvang per week (Frequentie 2)")


def _without_einddatum(toewijzing: ToegewezenProduct, reason: str) -> Offence:
    """The offence of CD075 and CD076, which differ in why there must be an Einddatum."""
    return Offence(
        toewijzing,
        f"{_subject(toewijzing)} heeft {reason} maar geen Einddatum; vul de Einddatum in.",
        "Einddatum",
        expected="een Einddatum",
    )


@rule("CD077", retourcode="0001")
def omvang_beside_budget(batch: Toewijzingbatch) -> Offences:
    """A ToegewezenProduct with a Budget has no Omvang.

    Two limits on one assignment would contradict each other; CD078 says the same of the Budget.
    """
    yield from _both(batch, "Omvang")


@rule("CD078", retourcode="0001")
def budget_beside_omvang(batch: Toewijzingbatch) -> Offences:
    """A ToegewezenProduct with an Omvang has no Budget.

    The other side of CD077: both offend together.
    """
    yield from _both(batch, "Budget")


def _both(batch: Toewijzingbatch, element: str) -> Offences:
    """The offences of CD077 and CD078, which differ in the element that must go."""
    for toewijzing in batch.producten:
        if toewijzing.omvang is not None and toewijzing.budget is not None:
            yield Offence(
                toewijzing,
                f"{_subject(toewijzing)} heeft een Omvang en een Budget; laat een van beide weg.",
                element,
                found="Omvang en Budget",
                expected=f"geen {element}",
            )


@rule("CD079", retourcode="0001")
def neither_product_nor_budget(batch: Toewijzingbatch) -> Offences:
    """A ToegewezenProduct without a Budget has a Product.

    A generic assignment leaves the Product open and is bound by its Budget alone.
    """
    for toewijzing in batch.producten:
        if toewijzing.budget is None and toewijzing.productcategorie is None:
            yield Offence(
                toewijzing,
                f"{_subject(toewijzing)} heeft geen Product en geen Budget; vul ten minste een "
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
    for toewijzing in batch.producten:
        aspecific = toewijzing.productcode is None and toewijzing.omvang is not None
        if aspecific and _under_new_rules(toewijzing):
            yield Offence(
                toewijzing,
                f"{_subject(toewijzing)} heeft een Omvang maar geen productcode; vul de "
                "productcode in of laat de Omvang weg.",
                "Omvang",
                found="Omvang zonder productcode",
                expected="geen Omvang",
            )


def _under_new_rules(toewijzing: ToegewezenProduct) -> bool:
    """Whether the assignment runs on after the old forms were closed."""
    return toewijzing.einddatum is None or toewijzing.einddatum > OLD_RULES_UNTIL


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
                f"{_subject(toewijzing)} is verwijderd (RedenWijziging 13) maar Einddatum is niet "
                f"gelijk aan Ingangsdatum {toewijzing.ingangsdatum}; maak beide gelijk.",
                "RedenWijziging",
                found=f"Einddatum {toewijzing.einddatum or 'ontbreekt'}",
                expected=f"Einddatum {toewijzing.ingangsdatum}",
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
                f"{_subject(toewijzing)} heeft RedenWijziging 01, die is vervallen; gebruik 14 "
                "voor een correctie of 13 voor een verwijdering.",
                "RedenWijziging",
                found=EXPIRED,
                expected="een geldige RedenWijziging",
            )


@rule("CS338", retourcode="0001")
def frequentie_not_for_eenheid(batch: Toewijzingbatch) -> Offences:
    """With Eenheid 14, 16, 83 or 84 the Frequentie is 2, 4 or 6, if the end is after 2020 or open.

    Days, day parts, euros and pieces are not granted per day.  An Einddatum up to and including
    2020-12-31 is exempt.
    """
    for toewijzing in batch.producten:
        omvang = toewijzing.omvang
        if omvang is None or omvang.eenheid not in BOUND_UNITS or not _under_new_rules(toewijzing):
            continue
        if omvang.frequentie not in BOUND_FREQUENCIES:
            yield Offence(
                toewijzing,
                f"{_subject(toewijzing)} heeft Eenheid {omvang.eenheid} met Frequentie "
                f"{omvang.frequentie}; gebruik Frequentie 2, 4 of 6.",
                "Omvang/Frequentie",
                found=omvang.frequentie,
                expected="2, 4 of 6",
            )


@rule("TR302", retourcode="0001")
def same_product_overlaps(batch: Toewijzingbatch) -> Offences:
    """The same product is not granted twice for the same day in one 301.

    Same means the same Product.Code; where one of the two has no Code, the same
    Product.Categorie; one without Product is the same as any other.  An absent Einddatum is open.
    What is deleted (RedenWijziging 13, or 01, with Einddatum = Ingangsdatum) does not count.
    Under the Wmo categories 11 to 14 may always overlap: one can need two aids.  Of two that
    clash the one that begins later offends, the later in the message if they begin together.
    """
    counted = [toewijzing for toewijzing in batch.producten if _may_clash(batch, toewijzing)]
    longest: dict[tuple[str, ...], ToegewezenProduct] = {}
    for toewijzing in sorted(counted, key=lambda one: one.ingangsdatum):
        for scope in _same_as(toewijzing):
            earlier = longest.get(scope)
            if earlier is not None and _end(earlier) >= toewijzing.ingangsdatum:
                yield _overlap(earlier, toewijzing)
                break
        for scope in _known_as(toewijzing):
            longest[scope] = max(longest.get(scope, toewijzing), toewijzing, key=_end)


def _may_clash(batch: Toewijzingbatch, toewijzing: ToegewezenProduct) -> bool:
    """Whether the assignment counts in the comparison at all."""
    undone = toewijzing.reden_wijziging in (DELETED, EXPIRED)
    if undone and toewijzing.einddatum == toewijzing.ingangsdatum:
        return False
    return not (batch.feiten.wet == "wmo" and toewijzing.productcategorie in AIDS)


def _known_as(toewijzing: ToegewezenProduct) -> Iterator[tuple[str, ...]]:
    """The scopes under which later assignments find this one."""
    categorie, code = toewijzing.productcategorie, toewijzing.productcode
    yield ("any",)
    if categorie is None:
        yield ("generic",)
        return
    yield ("categorie", categorie)
    yield ("aspecific", categorie) if code is None else ("code", code)


def _same_as(toewijzing: ToegewezenProduct) -> Iterator[tuple[str, ...]]:
    """The scopes that hold every earlier assignment of the same product."""
    categorie, code = toewijzing.productcategorie, toewijzing.productcode
    if categorie is None:
        yield ("any",)
        return
    yield ("generic",)
    if code is None:
        yield ("categorie", categorie)
    else:
        yield ("aspecific", categorie)
        yield ("code", code)


def _end(toewijzing: ToegewezenProduct) -> date:
    """The last day, far away for an assignment without Einddatum."""
    return toewijzing.einddatum or date.max


def _overlap(earlier: ToegewezenProduct, later: ToegewezenProduct) -> Offence:
    """The offence of the later one of two that clash."""
    until = f"tot en met {earlier.einddatum}" if earlier.einddatum else "zonder einddatum"
    return Offence(
        later,
        f"{_subject(later)} begint op {later.ingangsdatum}, terwijl toewijzing "
        f"{earlier.toewijzingnummer} voor hetzelfde product loopt {until}; laat de "
        "perioden niet overlappen.",
        "Ingangsdatum",
        found=str(later.ingangsdatum),
        expected=f"geen overlap met toewijzing {earlier.toewijzingnummer}",
    )


def _subject(toewijzing: ToegewezenProduct) -> str:
    """How a sentence on an assignment begins."""
    return f"Toewijzing {toewijzing.toewijzingnummer}"
