"""Rules on the dates inside a 323 or 325: DeclaratiePeriode and ProductPeriode by themselves.

They are rules of the message (level 2), so they hold for credits too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gateway.periods.datums import datum_lang
from gateway.periods.maanden import (
    first_of_month,
    is_whole_month,
    last_of_month,
    same_month,
    years_before,
)
from gateway.periods.termijnen import JAREN_TERUG
from gateway.records.batch import Antwoordbatch, Declaratiebatch
from gateway.records.declaratie import Declaratie, Prestatie
from gateway.records.finding import Offence
from gateway.rules.registry import Offences, rule

DECLARATIEPERIODE, PRODUCTPERIODE = "DeclaratiePeriode", "ProductPeriode"
EERSTE_DAG = date(2021, 1, 1)
WORDS = {1: "één", 5: "vijf"}


@rule("TR137", retourcode="0001")
def period_ends_wrongly(batch: Declaratiebatch | Antwoordbatch) -> Offences:
    """A period ends on or after its Begindatum, and not after the Dagtekening of the Header.

    It holds for the DeclaratiePeriode and every ProductPeriode of a 323, and for every
    ProductPeriode of a 325 (inferred, A02).  So a month is declared from its last day on.  A
    period that breaks both halves gives two findings.
    """
    dagtekening = batch.header.dagtekening
    for subject in _with_period(batch):
        if not subject.begindatum <= subject.einddatum <= dagtekening:
            yield from _wrong_ends(subject, dagtekening)


def _wrong_ends(subject: Declaratie | Prestatie, dagtekening: date) -> Offences:
    period, begin, end = _name(subject), subject.begindatum, subject.einddatum
    if end < begin:
        yield Offence(
            subject,
            f"De {period} eindigt op {datum_lang(end)}, vóór de Begindatum {datum_lang(begin)}; "
            "geef een Einddatum op of na de Begindatum.",
            element=f"{period}/Einddatum",
            found=datum_lang(end),
            expected=f"op of na {datum_lang(begin)}",
        )
    if end > dagtekening:
        yield Offence(
            subject,
            f"De {period} eindigt op {datum_lang(end)}, na de Dagtekening "
            f"{datum_lang(dagtekening)} van het bericht; dien in als de periode voorbij is.",
            element=f"{period}/Einddatum",
            found=datum_lang(end),
            expected=f"op of vóór {datum_lang(dagtekening)}",
        )


@rule("CS100", retourcode="0001")
def before_2021(batch: Declaratiebatch, *, eerste_dag: date = EERSTE_DAG) -> Offences:
    """DeclaratiePeriode and ProductPeriode hold no day before 1 January 2021.

    Care of earlier years belongs to another release.  The Begindatum is looked at first; the
    Einddatum speaks only where it alone is too early, so one period gives one finding.
    """
    for subject in _with_period(batch):
        if subject.begindatum < eerste_dag:
            yield _too_early(subject, "Begindatum", eerste_dag)
        elif subject.einddatum < eerste_dag:
            yield _too_early(subject, "Einddatum", eerste_dag)


def _too_early(subject: Declaratie | Prestatie, element: str, eerste_dag: date) -> Offence:
    period = _name(subject)
    day = subject.begindatum if element == "Begindatum" else subject.einddatum
    return Offence(
        subject,
        f"De {element} {datum_lang(day)} van de {period} ligt vóór {datum_lang(eerste_dag)}; met "
        "dit bericht declareert u alleen vanaf die dag.",
        element=f"{period}/{element}",
        found=datum_lang(day),
        expected=f"op of na {datum_lang(eerste_dag)}",
    )


@rule("CS337", retourcode="0001")
def period_over_months(batch: Declaratiebatch) -> Offences:
    """A ProductPeriode begins and ends in the same calendar month of the same year.

    It may be shorter than the month: TR387 and TR388 say where it has to begin and end.
    """
    for prestatie in batch.prestaties:
        begin, end = prestatie.begindatum, prestatie.einddatum
        if not same_month(begin, end):
            yield Offence(
                prestatie,
                f"De {PRODUCTPERIODE} van {_said(begin, end)} valt niet in één "
                "kalendermaand; maak per maand een Prestatie.",
                element=PRODUCTPERIODE,
                found=_said(begin, end),
                expected="begin en einde in dezelfde kalendermaand",
            )


@rule("CS340", retourcode="0001")
def not_a_whole_month(batch: Declaratiebatch) -> Offences:
    """The DeclaratiePeriode is one whole calendar month, from its first to its last day.

    A leap day belongs to its February.
    """
    for declaratie in batch.declaraties:
        begin, end = declaratie.begindatum, declaratie.einddatum
        if not is_whole_month(begin, end):
            month = _said(first_of_month(begin), last_of_month(begin))
            yield Offence(
                declaratie,
                f"De {DECLARATIEPERIODE} van {_said(begin, end)} is niet precies één "
                f"kalendermaand; geef bijvoorbeeld {month}.",
                element=DECLARATIEPERIODE,
                found=_said(begin, end),
                expected="de eerste tot en met de laatste dag van één maand",
            )


@rule("TR335", retourcode="0001")
def older_than_five_years(batch: Declaratiebatch, *, jaren: int = JAREN_TERUG) -> Offences:
    """A ProductPeriode ends at most five years before the DeclaratieDagtekening.

    Exactly five years is allowed; from 29 February that is 28 February, the reading that is kind
    to the sender.  Credits are held to it as well: IV085 lets a municipality refuse a credit on
    technical grounds, and this is one.
    """
    dagtekening = batch.declaratie.dagtekening
    if dagtekening.year <= jaren:
        return  # the schema allows such a date, the calendar has no day so many years before it
    oldest = years_before(dagtekening, jaren)
    so_many = WORDS.get(jaren, str(jaren))
    for prestatie in batch.prestaties:
        if prestatie.einddatum < oldest:
            yield Offence(
                prestatie,
                f"De {PRODUCTPERIODE} eindigt op {datum_lang(prestatie.einddatum)}, meer dan "
                f"{so_many} jaar vóór de DeclaratieDagtekening {datum_lang(dagtekening)}; u kunt "
                f"declareren tot en met {so_many} jaar terug.",
                element=f"{PRODUCTPERIODE}/Einddatum",
                found=datum_lang(prestatie.einddatum),
                expected=f"op of na {datum_lang(oldest)}",
            )


def _with_period(batch: Declaratiebatch | Antwoordbatch) -> Iterator[Declaratie | Prestatie]:
    if isinstance(batch, Declaratiebatch):
        yield from batch.declaraties
    yield from batch.prestaties


def _name(subject: Declaratie | Prestatie) -> str:
    return DECLARATIEPERIODE if isinstance(subject, Declaratie) else PRODUCTPERIODE


def _said(begin: date, end: date) -> str:
    """A period in words; both days count."""
    return f"{datum_lang(begin)} tot en met {datum_lang(end)}"
