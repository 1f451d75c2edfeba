"""Faults in whole messages: each is sent wrongly first, and then as it should be.

A message that is refused as a whole counts as not sent, so the right one, some hours later, is
judged as if it was the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from gateway.records.declaratie import Declaratie, DeclaratieClient, Prestatie
from gateway.records.levering import LeveringClient, StartProduct
from gateway.simulate.faults.register import Invoer, wrong_message
from gateway.simulate.kring import UNKNOWN_NUMBER
from gateway.simulate.messages import Bericht
from gateway.simulate.months import ONE_DAY, month_after, month_end
from gateway.simulate.story import EUROS, credit_of
from gateway.simulate.truth import XSD, Label, rejected, signalled

JAREN_TERUG = 5
EERSTE_MAAND_VAN_DE_STANDAARD = date(2021, 1, 1)
NERGENS = "9999"  # a code that no list of municipalities ever held
EERDER = "EERDER"  # a ReferentieNummer that no line has
NO_BSN = "999999999"  # in the range of test BSNs, and fails the elfproef
Lines = Callable[[Prestatie], Prestatie]


@wrong_message("TR358")
def wrong_total(invoer: Invoer) -> Bericht | None:
    """The total of an invoice is one euro too high."""
    return _declared(
        invoer, "TR358", lambda one: replace(one, totaal_bedrag=one.totaal_bedrag + 100)
    )


@wrong_message("TR134")
def dated_before_itself(invoer: Invoer) -> Bericht | None:
    """An invoice says to be dated a day after the message that it stands in."""
    return _declared(
        invoer, "TR134", lambda one: replace(one, dagtekening=one.dagtekening + ONE_DAY)
    )


@wrong_message("CS340")
def month_without_its_last_day(invoer: Invoer) -> Bericht | None:
    """The DeclaratiePeriode ends a day before its month does."""
    return _declared(invoer, "CS340", lambda one: replace(one, einddatum=one.einddatum - ONE_DAY))


@wrong_message("CS100")
def month_before_the_standard(invoer: Invoer) -> Bericht | None:
    """The DeclaratiePeriode is the last month of 2020."""
    last = month_after(EERSTE_MAAND_VAN_DE_STANDAARD, -1)
    return _declared(
        invoer, "CS100", lambda one: replace(one, begindatum=last, einddatum=month_end(last))
    )


@wrong_message("TR333")
def number_of_the_invoice_before(invoer: Invoer) -> Bericht | None:
    """An invoice has the DeclaratieNummer of the one before it."""
    if invoer.eerder is None:
        return None
    nummer = invoer.eerder.declaratie.declaratienummer
    return _declared(invoer, "TR333", lambda one: replace(one, declaratienummer=nummer))


@wrong_message("TR318")
def month_before_the_last_one(invoer: Invoer) -> Bericht | None:
    """An invoice is for a month before that of the invoice which was sent last."""
    if invoer.eerder is None:
        return None
    maand = month_after(invoer.eerder.declaratie.begindatum, -1)
    return _declared(
        invoer, "TR318", lambda one: replace(one, begindatum=maand, einddatum=month_end(maand))
    )


@wrong_message("TR056")
def identification_of_the_invoice_before(invoer: Invoer) -> Bericht | None:
    """An invoice has the Identificatie of the one before it."""
    if invoer.eerder is None:
        return None
    made = _copy(invoer, "TR056")
    header = replace(made.header, identificatie=invoer.eerder.header.identificatie)
    return replace(made, header=header)


@wrong_message("TR135")
def dated_in_the_future(invoer: Invoer) -> Bericht | None:
    """An invoice is dated a year ahead."""
    if invoer.bericht.soort != "323":
        return None
    made = _copy(invoer, "TR135")
    day = made.header.dagtekening
    return replace(made, header=replace(made.header, dagtekening=day.replace(year=day.year + 1)))


@wrong_message("TR378")
def municipality_that_never_was(invoer: Invoer) -> Bericht | None:
    """An invoice is for a code that no municipality ever had."""
    if invoer.bericht.soort != "323":
        return None
    made = _copy(invoer, "TR378")
    return replace(made, header=replace(made.header, ontvanger=NERGENS))


@wrong_message("CS002")
def bsn_with_a_slip(invoer: Invoer) -> Bericht | None:
    """The Bsn of a client fails the elfproef."""
    if invoer.bericht.soort != "323":
        return None
    return _copy(invoer, "CS002").with_record(1, DeclaratieClient("", NO_BSN))


@wrong_message("CD060")
def debet_that_names_another_line(invoer: Invoer) -> Bericht | None:
    """A debet line has a VorigReferentieNummer."""
    return _with_line(
        invoer, "CD060", lambda one: one._replace(vorig_referentienummer=EERDER), _is_debet
    )


@wrong_message("CD087")
def line_without_a_tariff(invoer: Invoer) -> Bericht | None:
    """A line in hours, day parts or pieces has no ProductTarief."""
    return _with_line(
        invoer,
        "CD087",
        lambda one: one._replace(producttarief=None),
        lambda one: one.eenheid != EUROS,
    )


@wrong_message("CD087")
def euros_with_a_tariff(invoer: Invoer) -> Bericht | None:
    """A line in euros has a ProductTarief."""
    return _with_line(
        invoer,
        "CD087",
        lambda one: one._replace(producttarief=100),
        lambda one: one.eenheid == EUROS,
    )


@wrong_message("CS339")
def volume_that_is_not_the_amount(invoer: Invoer) -> Bericht | None:
    """A line in euros has another volume than amount."""
    return _with_line(
        invoer,
        "CS339",
        lambda one: one._replace(geleverd_volume=one.geleverd_volume + 1),
        lambda one: one.eenheid == EUROS,
    )


@wrong_message("CS337")
def period_over_two_months(invoer: Invoer) -> Bericht | None:
    """A ProductPeriode begins in one month and ends in the next."""
    return _with_line(
        invoer,
        "CS337",
        lambda one: one._replace(begindatum=month_after(one.begindatum.replace(day=1), -1)),
        _is_debet,
    )


@wrong_message("TR137")
def period_that_is_not_over(invoer: Invoer) -> Bericht | None:
    """A ProductPeriode is the month in which the invoice is dated."""
    maand = invoer.bericht.header.dagtekening.replace(day=1)
    return _in_month(invoer, "TR137", maand)


@wrong_message("TR335")
def older_than_five_years(invoer: Invoer) -> Bericht | None:
    """A ProductPeriode lies a little more than five years back."""
    if invoer.bericht.soort != "323":
        return None
    maand = month_after(invoer.bericht.declaratie.begindatum, -12 * JAREN_TERUG)
    return _in_month(invoer, "TR335", maand)


@wrong_message("CS325")
def credit_of_zero(invoer: Invoer) -> Bericht | None:
    """A credit takes nothing back."""

    def zero(one: Prestatie) -> Prestatie:
        nothing = credit_of(one)._replace(geleverd_volume=0, ingediend_bedrag=0)
        return _numbered(nothing._replace(vorig_referentienummer=EERDER), 1)

    return _with_further_lines(invoer, "CS325", lambda one: [zero(one)])


@wrong_message("TR101")
def the_same_line_twice(invoer: Invoer) -> Bericht | None:
    """A client has two lines with one number, over different months."""

    def other_month(one: Prestatie) -> Prestatie:
        maand = month_after(one.begindatum.replace(day=1), -2)
        return one._replace(begindatum=maand, einddatum=month_end(maand))

    return _with_further_lines(invoer, "TR101", lambda one: [other_month(one)])


@wrong_message("TR416")
def the_same_claim_twice(invoer: Invoer) -> Bericht | None:
    """A client has two lines for the same care in the same period."""
    return _with_further_lines(invoer, "TR416", lambda one: [_numbered(one, 1)])


@wrong_message("TR315")
def two_credits_of_one_line(invoer: Invoer) -> Bericht | None:
    """Two credits name the same line of an earlier invoice."""

    def credits(one: Prestatie) -> list[Prestatie]:
        credit = credit_of(one)._replace(vorig_referentienummer=EERDER)
        return [_numbered(credit, 1), _numbered(credit, 2)]

    return _with_further_lines(invoer, "TR315", credits)


@wrong_message("TR316")
def credit_of_the_same_invoice(invoer: Invoer) -> Bericht | None:
    """A credit names a line of its own message."""
    return _with_further_lines(invoer, "TR316", lambda one: [_numbered(credit_of(one), 1)])


@wrong_message(XSD)
def code_that_is_no_code(invoer: Invoer) -> Bericht | None:
    """An invoice has a unit that does not exist: the schema refuses it, and nothing is answered."""
    made = _with_line(invoer, XSD, lambda one: one._replace(eenheid="99"), _is_debet)
    return None if made is None else replace(made, verdict="invalid")


@wrong_message(XSD)
def letter_for_a_code(invoer: Invoer) -> Bericht | None:
    """A start has a letter for a Geslacht.  It was never sent, so its Identificatie stays free."""
    bericht = invoer.bericht
    client = bericht.inside[0][1]
    if bericht.soort != "305" or not isinstance(client, LeveringClient):
        return None
    made = replace(_copy(invoer, XSD), header=bericht.header, verdict="invalid")
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
    made = _copy(invoer, "TR019").with_record(1, wrong)
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


def with_bom(bericht: Bericht) -> Bericht:
    """S190: the message begins with a byte order mark, which is told beside all else."""
    mark = Label(None, signalled("S190"))
    return replace(bericht, met_bom=True, labels=(mark, *bericht.labels))


def _copy(invoer: Invoer, *rules: str) -> Bericht:
    """The message some hours before it is sent rightly, refused as a whole by these rules."""
    bericht = invoer.bericht
    return replace(
        bericht,
        verzonden=bericht.verzonden - timedelta(hours=3),
        header=invoer.post.header(bericht.markt, bericht.soort, bericht.header.dagtekening),
        labels=(Label(None, rejected(*rules)),),
        verdict="rejected",
    )


def _declared(
    invoer: Invoer, rule: str, change: Callable[[Declaratie], Declaratie]
) -> Bericht | None:
    """The invoice with another Declaratie."""
    if invoer.bericht.soort != "323":
        return None
    return _copy(invoer, rule).with_record(0, change(invoer.bericht.declaratie))


def _with_line(
    invoer: Invoer, rule: str, change: Lines, fits: Callable[[Prestatie], bool]
) -> Bericht | None:
    """The invoice with its first fitting line changed, in a way that leaves its total right."""
    for place, line in invoer.bericht.regels if invoer.bericht.soort == "323" else ():
        if fits(line):
            return _copy(invoer, rule).with_record(place, change(line))
    return None


def _in_month(invoer: Invoer, rule: str, maand: date) -> Bericht | None:
    return _with_line(
        invoer,
        rule,
        lambda one: one._replace(begindatum=maand, einddatum=month_end(maand)),
        _is_debet,
    )


def _with_further_lines(
    invoer: Invoer, rule: str, further: Callable[[Prestatie], list[Prestatie]]
) -> Bericht | None:
    """The invoice with lines behind its only line of some client, and a total that is right."""
    if invoer.bericht.soort != "323":
        return None
    made, inside = _copy(invoer, rule), list(invoer.bericht.inside)
    bsns = [line.bsn for _, line in invoer.bericht.regels]
    for place, line in invoer.bericht.regels:
        if line.is_credit or bsns.count(line.bsn) > 1:
            continue
        inside[place + 1 : place + 1] = [("Prestatie", one) for one in further(line)]
        added = replace(made, inside=tuple(inside))
        total = sum(one.ondertekend for _, one in added.regels)
        return added.with_record(
            0,
            replace(
                made.declaratie,
                totaal_bedrag=abs(total),
                debet_credit="C" if total < 0 else "D",
            ),
        )
    return None


def _numbered(line: Prestatie, number: int) -> Prestatie:
    """A line with a ReferentieNummer of its own."""
    return line._replace(referentienummer=f"EXTRA{number}")


def _is_debet(line: Prestatie) -> bool:
    return not line.is_credit
