"""Faults in whole messages: each is sent wrongly first, and then as it should be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from gateway.records.declaratie import DeclaratieClient, Prestatie
from gateway.records.levering import LeveringClient, StartProduct
from gateway.simulate.faults.copies import (
    in_month,
    is_debet,
    numbered,
    refused_copy,
    with_declaratie,
    with_further_lines,
    with_line,
)
from gateway.simulate.faults.register import Invoer, wrong_message
from gateway.simulate.kring import UNKNOWN_NUMBER
from gateway.simulate.messages import Bericht
from gateway.simulate.months import ONE_DAY, month_after, month_end
from gateway.simulate.story import EUROS, credit_of
from gateway.simulate.truth import XSD, Label, rejected

JAREN_TERUG = 5
EERSTE_MAAND_VAN_DE_STANDAARD = date(2021, 1, 1)
NERGENS = "9999"  # a code that no list of municipalities ever held
EERDER = "EERDER"  # a ReferentieNummer that no line has
NO_BSN = "999999999"  # in the range of test BSNs, and fails the elfproef


@wrong_message("TR358")
def wrong_total(invoer: Invoer) -> Bericht | None:
    """The total of an invoice is one euro too high."""
    return with_declaratie(
        invoer, "TR358", lambda one: replace(one, totaal_bedrag=one.totaal_bedrag + 100)
    )


@wrong_message("TR134")
def dated_before_itself(invoer: Invoer) -> Bericht | None:
    """An invoice says to be dated a day after the message that it stands in."""
    return with_declaratie(
        invoer, "TR134", lambda one: replace(one, dagtekening=one.dagtekening + ONE_DAY)
    )


@wrong_message("CS340")
def month_without_its_last_day(invoer: Invoer) -> Bericht | None:
    """The DeclaratiePeriode ends a day before its month does."""
    return with_declaratie(
        invoer, "CS340", lambda one: replace(one, einddatum=one.einddatum - ONE_DAY)
    )


@wrong_message("CS100")
def month_before_the_standard(invoer: Invoer) -> Bericht | None:
    """The DeclaratiePeriode is the last month of 2020."""
    last = month_after(EERSTE_MAAND_VAN_DE_STANDAARD, -1)
    return with_declaratie(
        invoer, "CS100", lambda one: replace(one, begindatum=last, einddatum=month_end(last))
    )


@wrong_message("TR333")
def number_of_the_invoice_before(invoer: Invoer) -> Bericht | None:
    """An invoice has the DeclaratieNummer of the one before it."""
    if invoer.eerder is None:
        return None
    nummer = invoer.eerder.declaratie.declaratienummer
    return with_declaratie(invoer, "TR333", lambda one: replace(one, declaratienummer=nummer))


@wrong_message("TR318")
def month_before_the_last_one(invoer: Invoer) -> Bericht | None:
    """An invoice is for a month before that of the invoice which was sent last."""
    if invoer.eerder is None:
        return None
    maand = month_after(invoer.eerder.declaratie.begindatum, -1)
    return with_declaratie(
        invoer, "TR318", lambda one: replace(one, begindatum=maand, einddatum=month_end(maand))
    )


@wrong_message("TR056")
def identification_of_the_invoice_before(invoer: Invoer) -> Bericht | None:
    """An invoice has the Identificatie of the one before it."""
    if invoer.eerder is None:
        return None
    made = refused_copy(invoer, "TR056")
    header = replace(made.header, identificatie=invoer.eerder.header.identificatie)
    return replace(made, header=header)


@wrong_message("TR135")
def dated_in_the_future(invoer: Invoer) -> Bericht | None:
    """An invoice is dated a year ahead."""
    if invoer.bericht.soort != "323":
        return None
    made = refused_copy(invoer, "TR135")
    day = made.header.dagtekening
    return replace(made, header=replace(made.header, dagtekening=day.replace(year=day.year + 1)))


@wrong_message("TR378")
def municipality_that_never_was(invoer: Invoer) -> Bericht | None:
    """An invoice is for a code that no municipality ever had."""
    if invoer.bericht.soort != "323":
        return None
    made = refused_copy(invoer, "TR378")
    return replace(made, header=replace(made.header, ontvanger=NERGENS))


@wrong_message("CS002")
def bsn_with_a_slip(invoer: Invoer) -> Bericht | None:
    """The Bsn of a client fails the elfproef."""
    if invoer.bericht.soort != "323":
        return None
    return refused_copy(invoer, "CS002").with_record(1, DeclaratieClient("", NO_BSN))


@wrong_message("CD060")
def debet_that_names_another_line(invoer: Invoer) -> Bericht | None:
    """A debet line has a VorigReferentieNummer."""
    return with_line(
        invoer, "CD060", lambda one: one._replace(vorig_referentienummer=EERDER), is_debet
    )


@wrong_message("CD087")
def line_without_a_tariff(invoer: Invoer) -> Bericht | None:
    """A line in hours, day parts or pieces has no ProductTarief."""
    return with_line(
        invoer,
        "CD087",
        lambda one: one._replace(producttarief=None),
        lambda one: one.eenheid != EUROS,
    )


@wrong_message("CD087")
def euros_with_a_tariff(invoer: Invoer) -> Bericht | None:
    """A line in euros has a ProductTarief."""
    return with_line(
        invoer,
        "CD087",
        lambda one: one._replace(producttarief=100),
        lambda one: one.eenheid == EUROS,
    )


@wrong_message("CS339")
def volume_that_is_not_the_amount(invoer: Invoer) -> Bericht | None:
    """A line in euros has another volume than amount."""
    return with_line(
        invoer,
        "CS339",
        lambda one: one._replace(geleverd_volume=one.geleverd_volume + 1),
        lambda one: one.eenheid == EUROS,
    )


@wrong_message("CS337")
def period_over_two_months(invoer: Invoer) -> Bericht | None:
    """A ProductPeriode begins in one month and ends in the next."""
    return with_line(
        invoer,
        "CS337",
        lambda one: one._replace(begindatum=month_after(one.begindatum.replace(day=1), -1)),
        is_debet,
    )


@wrong_message("TR137")
def period_that_is_not_over(invoer: Invoer) -> Bericht | None:
    """A ProductPeriode is the month in which the invoice is dated."""
    maand = invoer.bericht.header.dagtekening.replace(day=1)
    return in_month(invoer, "TR137", maand)


@wrong_message("TR335")
def older_than_five_years(invoer: Invoer) -> Bericht | None:
    """A ProductPeriode lies a little more than five years back."""
    if invoer.bericht.soort != "323":
        return None
    maand = month_after(invoer.bericht.declaratie.begindatum, -12 * JAREN_TERUG)
    return in_month(invoer, "TR335", maand)


@wrong_message("CS325")
def credit_of_zero(invoer: Invoer) -> Bericht | None:
    """A credit takes nothing back."""

    def zero(one: Prestatie) -> Prestatie:
        nothing = credit_of(one)._replace(geleverd_volume=0, ingediend_bedrag=0)
        return numbered(nothing._replace(vorig_referentienummer=EERDER), 1)

    return with_further_lines(invoer, "CS325", lambda one: [zero(one)])


@wrong_message("TR101")
def the_same_line_twice(invoer: Invoer) -> Bericht | None:
    """A client has two lines with one number, over different months."""

    def other_month(one: Prestatie) -> Prestatie:
        maand = month_after(one.begindatum.replace(day=1), -2)
        return one._replace(begindatum=maand, einddatum=month_end(maand))

    return with_further_lines(invoer, "TR101", lambda one: [other_month(one)])


@wrong_message("TR416")
def the_same_claim_twice(invoer: Invoer) -> Bericht | None:
    """A client has two lines for the same care in the same period."""
    return with_further_lines(invoer, "TR416", lambda one: [numbered(one, 1)])


@wrong_message("TR315")
def two_credits_of_one_line(invoer: Invoer) -> Bericht | None:
    """Two credits name the same line of an earlier invoice."""

    def credits(one: Prestatie) -> list[Prestatie]:
        credit = credit_of(one)._replace(vorig_referentienummer=EERDER)
        return [numbered(credit, 1), numbered(credit, 2)]

    return with_further_lines(invoer, "TR315", credits)


@wrong_message("TR316")
def credit_of_the_same_invoice(invoer: Invoer) -> Bericht | None:
    """A credit names a line of its own message."""
    return with_further_lines(invoer, "TR316", lambda one: [numbered(credit_of(one), 1)])


@wrong_message(XSD)
def code_that_is_no_code(invoer: Invoer) -> Bericht | None:
    """An invoice has a unit that does not exist: the schema refuses it, and nothing is answered."""
    made = with_line(invoer, XSD, lambda one: one._replace(eenheid="99"), is_debet)
    return None if made is None else replace(made, verdict="invalid")


@wrong_message(XSD)
def letter_for_a_code(invoer: Invoer) -> Bericht | None:
    """A start has a letter for a Geslacht.  It was never sent, so its Identificatie stays free."""
    bericht = invoer.bericht
    client = bericht.inside[0][1]
    if bericht.soort != "305" or not isinstance(client, LeveringClient):
        return None
    made = replace(refused_copy(invoer, XSD), header=bericht.header, verdict="invalid")
    return made.with_record(0, replace(client, geslacht="V"))


@wrong_message("TR019")
def start_on_an_unknown_number(invoer: Invoer) -> Bericht | None:
    """A start names an assignment that nobody was ever given."""
    bericht = invoer.bericht
    start = bericht.inside[-1][1]
    if bericht.soort != "305" or not isinstance(start, StartProduct) or len(bericht.inside) > 2:
        return None
    if start.toewijzingnummer is None:
        return None
    wrong = start._replace(toewijzingnummer=start.toewijzingnummer + UNKNOWN_NUMBER)
    made = refused_copy(invoer, "TR019").with_record(1, wrong)
    return replace(made, labels=(Label(wrong.reference, rejected("TR019")),))


@wrong_message()
def sent_twice(invoer: Invoer) -> Bericht | None:
    """The same bytes once more, a minute later: the first answer stands and nothing is judged."""
    bericht = invoer.bericht
    if not bericht.is_good or bericht.soort not in ("305", "323"):
        return None
    return replace(
        bericht,
        verzonden=bericht.verzonden + timedelta(minutes=1),
        labels=(Label(None),),
        verdict="duplicate",
    )
