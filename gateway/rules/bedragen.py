"""Rules on the amounts and references inside a 323 or 325 that the message itself can prove.

They are rules of the message (level 2), so they hold for credits too.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.periods.bedragen import euros
from gateway.periods.volume import EUROS
from gateway.records.batch import Antwoordbatch, Declaratiebatch
from gateway.records.declaratie import Declaratie, DeclaratieAntwoord, Prestatie
from gateway.records.finding import Offence
from gateway.rules.registry import Offences, rule


@rule("CD060", retourcode="0001")
def vorige_does_not_fit_credit(batch: Declaratiebatch | Antwoordbatch) -> Offences:
    """VorigReferentieNummer is there exactly when the IngediendBedrag is a credit (C).

    It names the debet line that the credit undoes; a debet undoes nothing.
    """
    for prestatie in batch.prestaties:
        vorige = prestatie.vorig_referentienummer
        if prestatie.is_credit is (vorige is not None):
            continue
        if vorige is None:
            text = (
                f"Creditregel {prestatie.referentienummer} heeft geen VorigReferentieNummer; "
                "noem daarin het ReferentieNummer van de debetregel die u terugdraait."
            )
        else:
            text = (
                f"Debetregel {prestatie.referentienummer} heeft VorigReferentieNummer {vorige}; "
                "laat dat weg, of maak de regel credit."
            )
        yield Offence(
            prestatie,
            text,
            element="ProductReferentie/VorigReferentieNummer",
            found=vorige or "afwezig",
            expected="aanwezig bij C" if vorige is None else "afwezig bij D",
        )


@rule("CS325", retourcode="0001")
def zero_as_credit(batch: Declaratiebatch | Antwoordbatch) -> Offences:
    """An amount of 0 is a debet (D): both totals of a message and the amount of every Prestatie.

    Nothing is not owed back.  A 323 has TotaalIngediendBedrag, a 325 has TotaalToegekendBedrag
    as well.
    """
    for subject, element, bedrag, debet_credit in _totals(batch):
        if bedrag == 0 and debet_credit != "D":
            yield _zero_credit(subject, element)
    for prestatie in batch.prestaties:
        if prestatie.ingediend_bedrag == 0 and prestatie.is_credit:
            yield _zero_credit(prestatie, "IngediendBedrag")


Totals = Iterator[tuple[Declaratie | DeclaratieAntwoord, str, int, str]]


def _totals(batch: Declaratiebatch | Antwoordbatch) -> Totals:
    if isinstance(batch, Declaratiebatch):
        for one in batch.declaraties:
            yield one, "TotaalIngediendBedrag", one.totaal_bedrag, one.debet_credit
    elif batch.judges_whole and batch.antwoord is not None:
        antwoord = batch.antwoord
        ingediend = (antwoord.ingediend_bedrag, antwoord.ingediend_debet_credit)
        toegekend = (antwoord.toegekend_bedrag, antwoord.toegekend_debet_credit)
        yield antwoord, "TotaalIngediendBedrag", *ingediend
        yield antwoord, "TotaalToegekendBedrag", *toegekend


def _zero_credit(subject: Declaratie | DeclaratieAntwoord | Prestatie, element: str) -> Offence:
    return Offence(
        subject,
        f"Het {element} is 0 met DebetCredit C; gebruik D bij een bedrag van 0.",
        element=f"{element}/DebetCredit",
        found="C",
        expected="D",
    )


@rule("CD087", retourcode="0001")
def tarief_does_not_fit_eenheid(batch: Declaratiebatch) -> Offences:
    """ProductTarief is there exactly when the Eenheid is not 83 (euros).

    Who declares euros has no price per unit: CS339 and the checks judge the amount.
    """
    for prestatie in batch.prestaties:
        in_euros = prestatie.eenheid == EUROS
        if in_euros is (prestatie.producttarief is None):
            continue
        regel = f"Regel {prestatie.referentienummer} met Eenheid {prestatie.eenheid}"
        yield Offence(
            prestatie,
            f"{regel} heeft een ProductTarief; laat dat weg."
            if in_euros
            else f"{regel} heeft geen ProductTarief; geef het tarief per eenheid.",
            element="ProductTarief",
            found="afwezig" if prestatie.producttarief is None else euros(prestatie.producttarief),
            expected="afwezig bij Eenheid 83" if in_euros else "een tarief per eenheid",
        )


@rule("CS339", retourcode="0001")
def bedrag_differs_from_volume(batch: Declaratiebatch) -> Offences:
    """With Eenheid 83 the IngediendBedrag equals the GeleverdVolume, both in cents.

    The sign stands apart in DebetCredit, so it holds for a credit as it does for a debet.
    """
    for prestatie in batch.prestaties:
        if prestatie.eenheid != EUROS:
            continue
        if prestatie.ingediend_bedrag != prestatie.geleverd_volume:
            yield Offence(
                prestatie,
                f"Regel {prestatie.referentienummer} heeft IngediendBedrag "
                f"{euros(prestatie.ingediend_bedrag)} en GeleverdVolume "
                f"{euros(prestatie.geleverd_volume)}; maak beide gelijk, want Eenheid 83 telt "
                "eurocenten.",
                element="IngediendBedrag/Bedrag",
                found=euros(prestatie.ingediend_bedrag),
                expected=euros(prestatie.geleverd_volume),
            )


@rule("TR358", retourcode="0001")
def totaal_differs_from_sum(batch: Declaratiebatch) -> Offences:
    """TotaalIngediendBedrag is the sum of all Prestaties: debet added, credit subtracted.

    The total has its sign in DebetCredit: a negative one is the absolute amount with C (A42).
    """
    for declaratie in batch.declaraties:
        if declaratie.totaal != batch.som:
            yield Offence(
                declaratie,
                f"Het TotaalIngediendBedrag is {euros(declaratie.totaal)}, maar de Prestaties zijn "
                f"samen {euros(batch.som)}; maak het totaal gelijk aan debet min credit.",
                element="TotaalIngediendBedrag",
                found=euros(declaratie.totaal),
                expected=euros(batch.som),
            )
