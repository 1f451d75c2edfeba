"""Rules on dates inside one message: birth dates, dates of the past and the order of a period.

A birth date is never shown in a finding: the element says enough to whoever has the message.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gateway.periods.datums import datum_lang
from gateway.periods.maanden import years_before
from gateway.records.batch import (
    Aanvraagbatch,
    Antwoordbatch,
    Batch,
    Declaratiebatch,
    Regiebatch,
    Toewijzingbatch,
    Wijzigingbatch,
)
from gateway.records.finding import Offence, Subject
from gateway.records.levering import LeveringClient, StartProduct, StopProduct
from gateway.records.toewijzing import Relatie, ToewijzingClient
from gateway.records.verzoek import AanvraagClient
from gateway.rules.producten import Productbatch, begin_of, end_of, with_omvang
from gateway.rules.registry import Offences, rule

BIRTH = "Geboortedatum/Datum"
UNKNOWN_BIRTH = date(1900, 1, 1)
MAX_AGE = 120
UNKNOWN_PARTS = {  # DatumGebruik: what is unknown, and how it is filled
    "1": ("de dag van de Geboortedatum onbekend is", "01 als dag"),
    "2": ("de dag en maand van de Geboortedatum onbekend zijn", "01-01 als dag en maand"),
    "3": ("de hele Geboortedatum onbekend is", "1900-01-01"),
}
DELETION = "3"  # StatusAanlevering: take an earlier delivery back

Person = ToewijzingClient | LeveringClient | AanvraagClient | Relatie
Clientbatch = Toewijzingbatch | Regiebatch | Aanvraagbatch
Dated = tuple[Subject, str, date]


@rule("TR134", retourcode="0001")
def date_after_dagtekening(batch: Batch) -> Offences:
    """What has already happened does not lie after the Dagtekening of the message.

    That holds for birth dates, the Toewijzingsdatum, the dates of a start or stop, the
    DeclaratieDagtekening and the Begindatum of a DeclaratiePeriode or ProductPeriode; the day
    itself is good.  The standard names messages only, so the elements are inferred (A02).  A
    start or stop that is taken back is not judged on content (TR063).
    """
    dagtekening = batch.header.dagtekening
    for subject, element, day in _past_dates(batch):
        if day > dagtekening:
            shown = "" if element == BIRTH else datum_lang(day)
            yield Offence(
                subject,
                f"De {_name(element, shown)} ligt na de Dagtekening {datum_lang(dagtekening)} van "
                "het bericht; vul een datum in die niet na de Dagtekening ligt.",
                element,
                found=shown,
                expected=f"uiterlijk {datum_lang(dagtekening)}",
            )


def _name(element: str, shown: str) -> str:
    """A date in words: its own name and its value, for a birth date only the name."""
    return f"{element.rsplit('/', 1)[-1]} {shown}" if shown else "Geboortedatum"


def _past_dates(batch: Batch) -> Iterator[Dated]:
    """Class, element and value of every date that cannot lie in the future."""
    match batch:
        case Toewijzingbatch():
            yield from _birth_dates(batch)
            for toewijzing in batch.producten:
                yield toewijzing, "Toewijzingsdatum", toewijzing.toewijzingsdatum
        case Regiebatch():
            yield from _birth_dates(batch)
            yield from _delivery_dates(batch)
        case Aanvraagbatch():
            yield from _birth_dates(batch)
        case Declaratiebatch():
            for declaratie in batch.declaraties:
                yield declaratie, "DeclaratieDagtekening", declaratie.dagtekening
                yield declaratie, "DeclaratiePeriode/Begindatum", declaratie.begindatum
            yield from _line_dates(batch)
        case Antwoordbatch():
            yield from _line_dates(batch)


def _birth_dates(batch: Clientbatch) -> Iterator[Dated]:
    for person, geboren in _born(batch):
        yield person, BIRTH, geboren


def _delivery_dates(batch: Regiebatch) -> Iterator[Dated]:
    products: tuple[StartProduct | StopProduct, ...] = (*batch.starts, *batch.stops)
    for product in products:
        if product.status_aanlevering == DELETION:
            continue
        yield product, "Begindatum", product.begindatum
        if isinstance(product, StopProduct):
            yield product, "Einddatum", product.einddatum


def _line_dates(batch: Declaratiebatch | Antwoordbatch) -> Iterator[Dated]:
    for prestatie in batch.prestaties:
        yield prestatie, "ProductPeriode/Begindatum", prestatie.begindatum


def _born(batch: Clientbatch) -> Iterator[tuple[Person, date]]:
    """Everyone in the message whose birth date is given."""
    yield batch.client, batch.client.geboortedatum
    if isinstance(batch, Toewijzingbatch):
        for relatie in batch.relaties:
            if relatie.geboortedatum is not None:
                yield relatie, relatie.geboortedatum


@rule("TR002", retourcode="0001")
def geboortedatum_too_long_ago(batch: Clientbatch, *, hoogste_leeftijd: int = MAX_AGE) -> Offences:
    """A Geboortedatum lies at most 120 years before the Dagtekening of the message.

    Nobody gets that old, so it is a slip of the pen.  Exactly 120 years is good.  An unknown
    birth date is exempt: 1900-01-01 with DatumGebruik 3, and no other date with it.  A Relatie is
    judged like the Client.
    """
    dagtekening = batch.header.dagtekening
    oldest = _oldest(dagtekening, hoogste_leeftijd)
    for person, geboren in _born(batch):
        unknown = person.datum_gebruik == "3" and geboren == UNKNOWN_BIRTH
        if geboren < oldest and not unknown:
            yield Offence(
                person,
                f"De Geboortedatum ligt meer dan {hoogste_leeftijd} jaar voor de Dagtekening "
                f"{datum_lang(dagtekening)}; controleer het jaar.",
                BIRTH,
                expected=f"op of na {datum_lang(oldest)}",
            )


def _oldest(dagtekening: date, leeftijd: int) -> date:
    """The first birth date that is not too long ago, if there is such a day."""
    return years_before(dagtekening, leeftijd) if dagtekening.year > leeftijd else date.min


@rule("CS139", retourcode="0001")
def geboortedatum_contradicts_datumgebruik(batch: Clientbatch) -> Offences:
    """A Geboortedatum is known no further than its DatumGebruik says.

    With 1 the day is unknown and reads 01, with 2 day and month read 01-01, with 3 nothing is
    known and the date is 1900-01-01.  Without DatumGebruik every date is good: it is known in
    full.
    """
    for person, geboren in _born(batch):
        gebruik = person.datum_gebruik
        if gebruik is not None and geboren != _as_far_as_known(geboren, gebruik):
            rest, form = UNKNOWN_PARTS[gebruik]
            yield Offence(
                person,
                f"DatumGebruik {gebruik} zegt dat {rest}; vul dan {form} in of pas "
                "DatumGebruik aan.",
                "Geboortedatum/DatumGebruik",
                found=f"DatumGebruik {gebruik}",
                expected=form,
            )


def _as_far_as_known(geboren: date, gebruik: str) -> date:
    """The birth date with its unknown parts as the standard fills them."""
    match gebruik:
        case "1":
            return geboren.replace(day=1)
        case "2":
            return geboren.replace(month=1, day=1)
        case "3":
            return UNKNOWN_BIRTH
    return geboren


@rule("CS003", retourcode="0001")
def einddatum_before_begin(batch: Productbatch) -> Offences:
    """The end of a period does not lie before its begin.

    Judged are the Periode of a Contact and the first and last day of a product that is granted or
    asked for.  One day is a period.  A period with only a begin or only an end is open, and good.
    """
    for subject, element, begin, einde in _periods(batch):
        if begin is not None and einde is not None and einde < begin:
            yield Offence(
                subject,
                f"De Einddatum {datum_lang(einde)} ligt voor de begindatum {datum_lang(begin)} van "
                "dezelfde periode; vul een Einddatum in op of na die dag.",
                element,
                found=datum_lang(einde),
                expected=f"op of na {datum_lang(begin)}",
            )


def _periods(batch: Productbatch) -> Iterator[tuple[Subject, str, date | None, date | None]]:
    if isinstance(batch, Toewijzingbatch):
        for contact in batch.contacten:
            yield contact, "Periode/Einddatum", contact.begindatum, contact.einddatum
    for product in with_omvang(batch):
        yield product, end_of(product), product.ingangsdatum, product.einddatum


@rule("TR380", retourcode="0001")
def new_product_begins_too_early(batch: Wijzigingbatch) -> Offences:
    """A NieuwProduct is asked for from a day after the Dagtekening of the 317.

    The gemeente must be able to decide before it begins.  A TeWijzigenProduct may begin earlier:
    TR357 judges that.
    """
    dagtekening = batch.header.dagtekening
    for product in batch.nieuw:
        if product.ingangsdatum <= dagtekening:
            yield Offence(
                product,
                f"Het nieuwe product begint op {datum_lang(product.ingangsdatum)}, maar moet "
                f"beginnen na de Dagtekening {datum_lang(dagtekening)}; vul een latere "
                "GewensteIngangsdatum in.",
                begin_of(product),
                found=datum_lang(product.ingangsdatum),
                expected=f"na {datum_lang(dagtekening)}",
            )
