"""Rules that hold a request (315, 317) against earlier requests and present assignments."""

from __future__ import annotations

from collections.abc import Callable

from gateway.periods.datums import datum_lang
from gateway.records.batch import Aanvraagbatch, Wijzigingbatch
from gateway.records.finding import Offence, Subject
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import AangevraagdProduct, TeWijzigenProduct, Wijzigingsverzoek
from gateway.rules.registry import Offences, rule
from gateway.rules.toegewezen_product import OLD_RULES_UNTIL

WHOLE_PERIOD = "6"  # Frequentie: a total within the validity of the assignment


@rule("TR347", retourcode="9347")
def referentie_used_before(batch: Aanvraagbatch | Wijzigingbatch) -> Offences:
    """An aanbieder uses a ReferentieAanbieder for one request, over VOT and VOW together.

    Only requests to the same municipality and under the same law count (design 8).  One that was
    refused with a retour counts as not sent, so its reference is free again.
    """
    asked: tuple[AangevraagdProduct | Wijzigingsverzoek, ...] = (
        (batch.verzoek,) if isinstance(batch, Wijzigingbatch) else tuple(batch.producten)
    )
    for one in asked:
        referentie = one.referentie_aanbieder
        if referentie in batch.bekende_referenties:
            yield Offence(
                one,
                f"ReferentieAanbieder {referentie} hebt u al gebruikt voor een eerder verzoek; "
                "geef dit verzoek een nieuwe referentie.",
                "ReferentieAanbieder",
                found=referentie,
                expected="een referentie die u nog niet hebt gebruikt",
            )


@rule("TR374", retourcode="9374")
def request_pending(batch: Aanvraagbatch | Wijzigingbatch) -> Offences:
    """A request is made only when no earlier one for the same client is pending at this aanbieder.

    One is pending until its 319 with VerzoekAntwoord 1 or its 301 was sent; a VOT until all its
    products are answered.  "In onderzoek" ends nothing.  The class is not stated; it is the Client
    that has the pending request.
    """
    if batch.openstaand:
        shown = ", ".join(batch.openstaand)
        yield Offence(
            batch.client,
            f"Voor deze cliënt loopt nog een eerder verzoek van u (ReferentieAanbieder {shown}); "
            "wacht op het antwoord van de gemeente.",
            found=shown,
            expected="geen openstaand verzoek",
        )


@rule("TR349", retourcode="9349")
def assignment_left_out(batch: Wijzigingbatch) -> Offences:
    """A 317 names every actual assignment of the client at this aanbieder.

    Actual is what is in force on the day of receipt or later; what was taken back (13, or 01, with
    Einddatum = Ingangsdatum) is not.  What was sent after the Dagtekening of the 317, or by the
    version known then was not actual, need not be named: the sender could not know (OP095).
    """
    missing = [nummer for nummer in sorted(batch.toewijzingen) if _is_missing(batch, nummer)]
    if missing:
        shown = ", ".join(map(str, missing))
        yield Offence(
            batch.verzoek,
            f"Het verzoek noemt niet alle lopende toewijzingen van deze cliënt; neem {shown} op "
            "als ongewijzigd of te wijzigen product.",
            found=f"zonder {shown}",
            expected="alle lopende toewijzingen",
        )


def _is_missing(batch: Wijzigingbatch, nummer: int) -> bool:
    versies = batch.toewijzingen[nummer]
    return (
        nummer not in batch.genoemd
        and any(one.bekend_op <= batch.header.dagtekening for one in versies)
        and all(one.is_actueel(batch.feiten.vandaag) for one in versies)
    )


@rule("TR350", retourcode="9350")
def unchanged_is_not_actual(batch: Wijzigingbatch) -> Offences:
    """An OngewijzigdProduct is an actual assignment of this client at this aanbieder.

    Actual on the Dagtekening of the 317 or later, by the latest version or the one known then.
    """
    for product in batch.ongewijzigd:
        if not batch.is_actueel(product.toewijzingnummer):
            yield _not_actual(product, product.toewijzingnummer)


@rule("TR351", retourcode="9351")
def changed_is_not_actual(batch: Wijzigingbatch) -> Offences:
    """A TeWijzigenProduct is an actual assignment of this client at this aanbieder.

    Actual as in TR350.  Where it offends, no other rule judges the product.
    """
    for product in batch.te_wijzigen:
        if not batch.is_actueel(product.toewijzingnummer):
            yield _not_actual(product, product.toewijzingnummer)


def _not_actual(product: Subject, nummer: int) -> Offence:
    """The offence of TR350 and TR351, which differ in the class that they are for."""
    return Offence(
        product,
        f"Toewijzing {nummer} loopt niet (meer) voor deze cliënt bij uw organisatie; noem alleen "
        "lopende of toekomstige toewijzingen.",
        "ToewijzingNummer",
        found=str(nummer),
        expected="een lopende toewijzing van deze cliënt",
    )


@rule("TR352", retourcode="0001")
def nothing_present_named(batch: Wijzigingbatch) -> Offences:
    """A Verzoek (317) holds at least one OngewijzigdProduct or TeWijzigenProduct.

    Without a present assignment a VOT is the right message.
    """
    if not batch.ongewijzigd and not batch.te_wijzigen:
        yield Offence(
            batch.verzoek,
            "Het verzoek om wijziging noemt geen lopende toewijzing; neem er ten minste een op, of "
            "stuur een verzoek om toewijzing.",
            expected="een ongewijzigd of te wijzigen product",
        )


@rule("TR353", retourcode="0001")
def nothing_asked(batch: Wijzigingbatch) -> Offences:
    """A Verzoek (317) holds at least one TeWijzigenProduct or NieuwProduct.

    Otherwise it asks for nothing.
    """
    if not batch.te_wijzigen and not batch.nieuw:
        yield Offence(
            batch.verzoek,
            "Het verzoek om wijziging vraagt niets; neem ten minste één te wijzigen of nieuw "
            "product op.",
            expected="een te wijzigen of nieuw product",
        )


@rule("TR357", retourcode="9357")
def change_from_another_past_day(batch: Wijzigingbatch) -> Offences:
    """A TeWijzigenProduct begins after the Dagtekening, or on the Ingangsdatum of its assignment.

    A change is for the future, or for the whole of the assignment.
    """
    dagtekening = batch.header.dagtekening

    def breaks(product: TeWijzigenProduct, known: ToegewezenProduct) -> bool:
        return product.ingangsdatum <= dagtekening and product.ingangsdatum != known.ingangsdatum

    for product, known in _breaking(batch, breaks):
        yield Offence(
            product,
            f"De wijziging van toewijzing {product.toewijzingnummer} begint op "
            f"{datum_lang(product.ingangsdatum)}; kies een dag na de Dagtekening "
            f"{datum_lang(dagtekening)}, of de Ingangsdatum {datum_lang(known.ingangsdatum)} van "
            "de toewijzing.",
            "GewensteIngangsdatum",
            found=datum_lang(product.ingangsdatum),
            expected=f"na {datum_lang(dagtekening)}, of {datum_lang(known.ingangsdatum)}",
        )


@rule("TR373", retourcode="9373")
def total_changed_halfway(batch: Wijzigingbatch) -> Offences:
    """A change of the Budget, or of a total (Frequentie 6), begins with the assignment.

    Such a limit is for the whole period, so a change of it holds from the Ingangsdatum on.  It is
    judged where the request has another Budget than the assignment, or both have an Omvang with
    Frequentie 6 of another size; a new end alone changes neither.
    """
    for product, known in _breaking(batch, _changes_total_halfway):
        yield Offence(
            product,
            f"De wijziging van toewijzing {product.toewijzingnummer} verandert het totaal en "
            f"begint op {datum_lang(product.ingangsdatum)}; kies de Ingangsdatum "
            f"{datum_lang(known.ingangsdatum)} van de toewijzing.",
            "GewensteIngangsdatum",
            found=datum_lang(product.ingangsdatum),
            expected=datum_lang(known.ingangsdatum),
        )


def _changes_total_halfway(product: TeWijzigenProduct, known: ToegewezenProduct) -> bool:
    budget = product.budget is not None and product.budget != known.budget
    total = (
        product.frequentie == known.frequentie == WHOLE_PERIOD and product.omvang != known.omvang
    )
    return (budget or total) and product.ingangsdatum != known.ingangsdatum


@rule("TR375", retourcode="9375")
def omvang_on_generic_assignment(batch: Wijzigingbatch) -> Offences:
    """A TeWijzigenProduct of an assignment without Product has no Omvang.

    That holds for assignments that end after 2020 or never.  Such an assignment has no
    Product.Code either, so TR412 speaks with it.
    """
    for product, _ in _breaking(batch, _sizes_generic):
        yield _unwanted_omvang(product, "Product")


@rule("TR412", retourcode="9412")
def omvang_on_aspecific_assignment(batch: Wijzigingbatch) -> Offences:
    """A TeWijzigenProduct of an assignment without Product.Code has no Omvang.

    That holds for assignments that end after 2020 or never; the Einddatum is that of the
    assignment, by parallel with TR375.
    """
    for product, _ in _breaking(batch, _sizes_aspecific):
        yield _unwanted_omvang(product, "productcode")


def _sizes_generic(product: TeWijzigenProduct, known: ToegewezenProduct) -> bool:
    return known.productcategorie is None and _sizes_aspecific(product, known)


def _sizes_aspecific(product: TeWijzigenProduct, known: ToegewezenProduct) -> bool:
    late = known.einddatum is None or known.einddatum > OLD_RULES_UNTIL
    return product.omvang is not None and known.productcode is None and late


def _unwanted_omvang(product: TeWijzigenProduct, lacking: str) -> Offence:
    """The offence of TR375 and TR412, which differ in what the assignment lacks."""
    return Offence(
        product,
        f"Toewijzing {product.toewijzingnummer} heeft geen {lacking}, dus de wijziging heeft geen "
        "Omvang; laat de Omvang weg.",
        "Omvang",
        found="een Omvang",
        expected="geen Omvang",
    )


@rule("TR411", retourcode="9411")
def change_without_omvang(batch: Wijzigingbatch) -> Offences:
    """A TeWijzigenProduct of an assignment with a Product.Code has an Omvang.

    It tells all that the assignment should become, also what stays the same.
    """

    def breaks(product: TeWijzigenProduct, known: ToegewezenProduct) -> bool:
        return known.productcode is not None and product.omvang is None

    for product, known in _breaking(batch, breaks):
        yield Offence(
            product,
            f"Toewijzing {product.toewijzingnummer} heeft productcode {known.productcode}; vul de "
            "gewenste Omvang in, ook als die gelijk blijft.",
            "Omvang",
            expected="een Omvang",
        )


def _breaking(
    batch: Wijzigingbatch, breaks: Callable[[TeWijzigenProduct, ToegewezenProduct], bool]
) -> list[tuple[TeWijzigenProduct, ToegewezenProduct]]:
    """The changes that break a rule by every version of their assignment, with the latest one."""
    return [
        (product, versies[0])
        for product, versies in batch.wijzigingen
        if all(breaks(product, known) for known in versies)
    ]
