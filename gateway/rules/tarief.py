"""Rules that hold tariff and amount of a Prestatie against each other and against the agreement."""

from collections.abc import Iterable

from gateway.periods.bedragen import amount_in_minutes, euros, minute_tariff
from gateway.periods.volume import EUROS, MINUTES_PER_HOUR, MINUUT, UUR
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.overeenkomst import Prijs
from gateway.rules.prestatie_toewijzing import fits_product, fits_unit
from gateway.rules.registry import Offences, rule


@rule("TR418", retourcode="0611")
def tariff_differs(batch: Declaratiebatch) -> Offences:
    """The ProductTarief is the one of the agreement, neither more nor less.

    A line in minutes under a price per hour shows a sixtieth of it, rounded half up to the cent
    (IV081).  Until a price is published the last published one is right beside it; where the
    sender could know no price at all nothing is rejected.  Silent for unit 83, which has no
    ProductTarief, where no price is found, and where TR338, TR339, TR340 or TR341 speaks: then it
    is the product that is wrong.
    """
    prijzen = batch.prijzen
    if not prijzen:
        return
    for prestatie, toewijzing in batch.toegewezen:
        prijs = prijzen.get(prestatie.volgnr)
        if prijs is None or prestatie.eenheid == EUROS or not prijs.may_reject:
            continue
        tarief, juiste = prestatie.producttarief, _tariffs(prestatie, prijs)
        if (
            tarief is not None
            and juiste
            and tarief not in juiste
            and fits_product(prestatie, toewijzing)
            and fits_unit(batch, prestatie, toewijzing)
        ):
            yield _other_tariff(prestatie, tarief, juiste)


@rule("TR346", retourcode="9346")
def amount_differs(batch: Declaratiebatch) -> Offences:
    """The IngediendBedrag is the GeleverdVolume times the ProductTarief.

    Minutes under a price per hour are the hour tariff times the minutes divided by sixty, rounded
    half up to the cent: the tariff on the line is rounded and only shown (IV081).  Without such a
    price the hour tariff is unknown here, so minutes on an assignment in hours are left alone;
    where the assignment names no unit, or is unknown, every amount that some hour tariff gives is
    good.  Unit 83 has no ProductTarief.  It also speaks where TR338 does.
    """
    for prestatie in batch.beoordeelbaar:
        tarief = prestatie.producttarief
        if tarief is None or prestatie.eenheid == EUROS:
            continue
        if prestatie.eenheid == MINUUT:
            yield from _wrong_in_minutes(batch, prestatie, tarief)
        elif prestatie.ingediend_bedrag != prestatie.geleverd_volume * tarief:
            yield _other_amount(prestatie, tarief)


def _tariffs(prestatie: Prestatie, prijs: Prijs) -> tuple[int, ...]:
    """The tariffs that a line may show; none where the price is in a unit that says nothing."""
    if prijs.eenheid == prestatie.eenheid:
        return prijs.juiste
    if prijs.eenheid == UUR and prestatie.eenheid == MINUUT:
        return tuple(minute_tariff(uurtarief) for uurtarief in prijs.juiste)
    return ()


def _other_tariff(prestatie: Prestatie, tarief: int, juiste: tuple[int, ...]) -> Offence:
    return Offence(
        prestatie,
        f"ProductTarief {euros(tarief)} is niet het afgesproken tarief voor product "
        f"{prestatie.productcode}; gebruik {_in_words(juiste)}.",
        element="ProductTarief",
        found=euros(tarief),
        expected=_in_words(juiste),
    )


def _wrong_in_minutes(batch: Declaratiebatch, prestatie: Prestatie, tarief: int) -> Offences:
    prijs = batch.prijzen.get(prestatie.volgnr)
    if prijs is not None and not prijs.juiste:
        prijs = None
    if prijs is not None and prijs.eenheid == UUR:
        minutes = prestatie.geleverd_volume
        amounts = [amount_in_minutes(uurtarief, minutes) for uurtarief in prijs.juiste]
        if prijs.may_reject and prestatie.ingediend_bedrag not in amounts:
            yield _other_amount_by_hour(prestatie, prijs, amounts)
    elif prestatie.ingediend_bedrag != prestatie.geleverd_volume * tarief and not (
        prijs is None and _may_be_by_hour(batch, prestatie, tarief)
    ):
        yield _other_amount(prestatie, tarief)


def _may_be_by_hour(batch: Declaratiebatch, prestatie: Prestatie, tarief: int) -> bool:
    """Whether a line in minutes without a known price may follow from a price per hour."""
    toewijzing = batch.toewijzingen.get(prestatie.toewijzingnummer)
    eenheid = None if toewijzing is None else toewijzing.eenheid
    if eenheid is not None:
        return eenheid == UUR
    shown_alike = range(MINUTES_PER_HOUR * (tarief - 1), MINUTES_PER_HOUR * (tarief + 1))
    return any(
        minute_tariff(uurtarief) == tarief
        and amount_in_minutes(uurtarief, prestatie.geleverd_volume) == prestatie.ingediend_bedrag
        for uurtarief in shown_alike
    )


def _other_amount(prestatie: Prestatie, tarief: int) -> Offence:
    bedrag = prestatie.geleverd_volume * tarief
    return Offence(
        prestatie,
        f"Het IngediendBedrag is {euros(prestatie.ingediend_bedrag)}, maar "
        f"{prestatie.geleverd_volume} keer het ProductTarief van {euros(tarief)} is "
        f"{euros(bedrag)}; pas het bedrag aan.",
        element="IngediendBedrag/Bedrag",
        found=euros(prestatie.ingediend_bedrag),
        expected=euros(bedrag),
    )


def _other_amount_by_hour(prestatie: Prestatie, prijs: Prijs, amounts: list[int]) -> Offence:
    return Offence(
        prestatie,
        f"Het IngediendBedrag is {euros(prestatie.ingediend_bedrag)}, maar "
        f"{prestatie.geleverd_volume} minuten tegen het uurtarief van {_in_words(prijs.juiste)} is "
        f"{_in_words(amounts)}; pas het bedrag aan.",
        element="IngediendBedrag/Bedrag",
        found=euros(prestatie.ingediend_bedrag),
        expected=_in_words(amounts),
    )


def _in_words(amounts: Iterable[int]) -> str:
    return " of ".join(euros(amount) for amount in amounts)
