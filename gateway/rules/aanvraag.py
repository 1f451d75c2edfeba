"""Rules on an AangevraagdProduct (315) by itself: its Beschikking, its Verwijzer, its reference."""

from __future__ import annotations

from gateway.periods.datums import datum_lang
from gateway.records.batch import Aanvraagbatch
from gateway.records.finding import Offence
from gateway.rules.producten import subject_of
from gateway.rules.registry import Offences, rule

# Verwijzer.Type: general practitioner, youth doctor, certified institution, medical specialist.
CARE_GIVERS = ("02", "03", "04", "05")


@rule("CD043", retourcode="0001")
def beschikking_half_given(batch: Aanvraagbatch) -> Offences:
    """BeschikkingIngangsdatum is given if and only if BeschikkingNummer is.

    Together they tell which decision of the gemeente the client came with.
    """
    for product in batch.producten:
        nummer, ingang = product.beschikkingnummer, product.beschikking_ingangsdatum
        if nummer is not None and ingang is None:
            yield Offence(
                product,
                f"{subject_of(product)} heeft BeschikkingNummer {nummer} maar geen "
                "BeschikkingIngangsdatum; vul die in.",
                "BeschikkingIngangsdatum",
                expected="een BeschikkingIngangsdatum",
            )
        if nummer is None and ingang is not None:
            yield Offence(
                product,
                f"{subject_of(product)} heeft een BeschikkingIngangsdatum maar geen "
                "BeschikkingNummer; vul het nummer in of laat de datum weg.",
                "BeschikkingIngangsdatum",
                found=datum_lang(ingang),
                expected="geen BeschikkingIngangsdatum",
            )


@rule("CD066", retourcode="0001")
def verwijzer_named_beside_code(batch: Aanvraagbatch) -> Offences:
    """A Verwijzer of Type 02 to 05 with a ZorgverlenerCode has no Naam.

    The code tells who it is.
    """
    for product in batch.producten:
        coded = product.verwijzer_zorgverlenercode is not None
        if _is_care_giver(product.verwijzer_type) and coded and product.verwijzer_naam is not None:
            yield Offence(
                product,
                f"De Verwijzer van {_product(product.referentie_aanbieder)} heeft een "
                "ZorgverlenerCode en een Naam; laat de Naam weg.",
                "Verwijzer/Naam",
                found="ZorgverlenerCode en Naam",
                expected="geen Naam",
            )


@rule("CD067", retourcode="0001")
def verwijzer_without_name(batch: Aanvraagbatch) -> Offences:
    """A Verwijzer of Type 02 to 05 without a ZorgverlenerCode has a Naam.

    Otherwise nobody knows who referred.
    """
    for product in batch.producten:
        coded = product.verwijzer_zorgverlenercode is not None
        if _is_care_giver(product.verwijzer_type) and not coded and product.verwijzer_naam is None:
            yield Offence(
                product,
                f"De Verwijzer van {_product(product.referentie_aanbieder)} heeft geen "
                "ZorgverlenerCode en geen Naam; vul een van beide in.",
                "Verwijzer/Naam",
                expected="een Naam",
            )


@rule("CD068", retourcode="0001")
def verwijzer_has_no_code(batch: Aanvraagbatch) -> Offences:
    """A Verwijzer of another Type than 02 to 05 has no ZorgverlenerCode.

    A gemeente, a court or the client itself is no care giver.
    """
    for product in batch.producten:
        soort, code = product.verwijzer_type, product.verwijzer_zorgverlenercode
        if code is not None and not _is_care_giver(soort):
            yield Offence(
                product,
                f"De Verwijzer van {_product(product.referentie_aanbieder)} heeft Type {soort} en "
                "een ZorgverlenerCode; laat de code weg of kies een Type van 02 tot en met 05.",
                "Verwijzer/ZorgverlenerCode",
                found=f"Type {soort} met ZorgverlenerCode",
                expected="geen ZorgverlenerCode",
            )


def _is_care_giver(soort: str) -> bool:
    return soort in CARE_GIVERS


def _product(referentie: str) -> str:
    return f"aangevraagd product {referentie}"


@rule("TR383", retourcode="0001")
def referentie_twice_in_message(batch: Aanvraagbatch) -> Offences:
    """A ReferentieAanbieder stands at one AangevraagdProduct of a 315.

    Every product is answered by itself, by its reference.  The first one stands, the later ones
    offend; TR101 says the same of the key.
    """
    seen: set[str] = set()
    for product in batch.producten:
        referentie = product.referentie_aanbieder
        if referentie in seen:
            yield Offence(
                product,
                f"ReferentieAanbieder {referentie} staat bij meer dan één aangevraagd product; "
                "geef elk product een eigen referentie.",
                "ReferentieAanbieder",
                found=referentie,
                expected="een eigen referentie",
            )
        seen.add(referentie)
