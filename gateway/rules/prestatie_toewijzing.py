"""Rules that hold a Prestatie against the product of the ToegewezenProduct it is declared on.

A line on an unknown number is reported by TR338, one on another client's assignment by TR304 and
one on a deleted assignment by TR384; the other rules leave those alone.
"""

from collections.abc import Set as AbstractSet

from gateway.periods.hoeveelheid import eenheid_in_words
from gateway.periods.volume import MINUUT, UUR
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.toewijzing import ToegewezenProduct
from gateway.rules.registry import Offences, rule


@rule("TR338", retourcode="9338")
def toewijzing_unknown(batch: Declaratiebatch) -> Offences:
    """The ToewijzingNummer of a Prestatie is that of a ToegewezenProduct of this aanbieder.

    A number of another aanbieder, municipality or law is unknown here.  A deleted assignment is
    still known, so that TR384 can tell what is wrong with it.
    """
    toewijzingen = batch.toewijzingen
    for prestatie in batch.debetregels:
        nummer = prestatie.toewijzingnummer
        if nummer not in toewijzingen:
            yield Offence(
                prestatie,
                f"Toewijzing {nummer} is voor u niet bekend bij deze gemeente; controleer het "
                "ToewijzingNummer.",
                element="ToewijzingNummer",
                found=str(nummer),
                expected="het nummer van een toewijzing aan u",
            )


@rule("TR384", retourcode="9384")
def toewijzing_deleted(batch: Declaratiebatch) -> Offences:
    """Nothing is declared on an assignment that was deleted with RedenWijziging 13.

    Such an assignment counts as never sent.  Where it belongs to another client TR304 speaks.
    """
    toewijzingen = batch.toewijzingen
    for prestatie in batch.debetregels:
        toewijzing = toewijzingen.get(prestatie.toewijzingnummer)
        if toewijzing is not None and toewijzing.is_verwijderd and toewijzing.bsn == prestatie.bsn:
            nummer = prestatie.toewijzingnummer
            yield Offence(
                prestatie,
                f"Toewijzing {nummer} is door de gemeente verwijderd; declareer op een toewijzing "
                "die nog geldt.",
                element="ToewijzingNummer",
                found=f"{nummer} (verwijderd)",
                expected="een toewijzing die niet is verwijderd",
            )


@rule("TR339", retourcode="9339")
def categorie_differs(batch: Declaratiebatch) -> Offences:
    """The ProductCategorie is the one that was assigned, when one was assigned.

    A generic assignment leaves the category open, within the contract.
    """
    for prestatie, toewijzing in batch.toegewezen:
        toegewezen = toewijzing.productcategorie
        if toegewezen is not None and prestatie.productcategorie != toegewezen:
            yield Offence(
                prestatie,
                f"ProductCategorie {prestatie.productcategorie} is niet toegewezen; op toewijzing "
                f"{toewijzing.toewijzingnummer} staat {toegewezen}.",
                element="ProductCategorie",
                found=prestatie.productcategorie,
                expected=toegewezen,
            )


@rule("TR340", retourcode="9340")
def code_differs(batch: Declaratiebatch) -> Offences:
    """The ProductCode is the one that was assigned, when one was assigned.

    An aspecific or generic assignment leaves the code open, within the contract.
    """
    for prestatie, toewijzing in batch.toegewezen:
        toegewezen = toewijzing.productcode
        if toegewezen is not None and prestatie.productcode != toegewezen:
            yield Offence(
                prestatie,
                f"ProductCode {prestatie.productcode} is niet toegewezen; op toewijzing "
                f"{toewijzing.toewijzingnummer} staat {toegewezen}.",
                element="ProductCode",
                found=prestatie.productcode,
                expected=toegewezen,
            )


@rule("TR341", retourcode="9341")
def eenheid_differs(batch: Declaratiebatch) -> Offences:
    """The Eenheid is the one that was assigned; what was assigned in hours may come in minutes.

    Nothing else is converted, minutes into hours neither.  An assignment without Omvang leaves
    the unit to the contract: a product that has prices, but none in the unit of the line, offends,
    where a price per hour also serves minutes.  A product without any price is no fault here.
    """
    for prestatie, toewijzing in batch.toegewezen:
        if prestatie.eenheid != toewijzing.eenheid and not fits_unit(batch, prestatie, toewijzing):
            yield _wrong_unit(batch, prestatie, toewijzing)


def fits_product(prestatie: Prestatie, toewijzing: ToegewezenProduct) -> bool:
    """Whether neither TR339 nor TR340 speaks."""
    categorie, code = toewijzing.productcategorie, toewijzing.productcode
    return (categorie is None or categorie == prestatie.productcategorie) and (
        code is None or code == prestatie.productcode
    )


def fits_unit(batch: Declaratiebatch, prestatie: Prestatie, toewijzing: ToegewezenProduct) -> bool:
    """Whether TR341 does not speak."""
    allowed = _units(batch, prestatie, toewijzing)
    return (
        not allowed
        or prestatie.eenheid in allowed
        or (prestatie.eenheid == MINUUT and UUR in allowed)
    )


def _units(
    batch: Declaratiebatch, prestatie: Prestatie, toewijzing: ToegewezenProduct
) -> AbstractSet[str]:
    """The units that were assigned or agreed; empty where nothing says."""
    if toewijzing.eenheid is not None:
        return {toewijzing.eenheid}
    return batch.celeenheden.get(prestatie.productcode, frozenset())


def _wrong_unit(
    batch: Declaratiebatch, prestatie: Prestatie, toewijzing: ToegewezenProduct
) -> Offence:
    given = eenheid_in_words(prestatie.eenheid)
    allowed = " of ".join(map(eenheid_in_words, sorted(_units(batch, prestatie, toewijzing))))
    if toewijzing.eenheid is not None:
        reason = f"toewijzing {toewijzing.toewijzingnummer} is in eenheid {allowed}"
    else:
        reason = f"voor product {prestatie.productcode} is eenheid {allowed} afgesproken"
    return Offence(
        prestatie,
        f"Eenheid {given} past niet; {reason}.",
        element="Eenheid",
        found=given,
        expected=allowed,
    )
