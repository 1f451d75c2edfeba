"""Rules on the ProductPeriode: within the assignment, whole months, and not in the future."""

from datetime import date

from gateway.periods.datums import datum_lang
from gateway.periods.maanden import first_of_month, last_of_month, same_month
from gateway.records.batch import Declaratiebatch
from gateway.records.finding import Offence
from gateway.rules.registry import Offences, rule

BEGINDATUM = "ProductPeriode/Begindatum"
EINDDATUM = "ProductPeriode/Einddatum"


@rule("TR307", retourcode="9307")
def begin_before_ingangsdatum(batch: Declaratiebatch) -> Offences:
    """A ProductPeriode does not begin before the Ingangsdatum of its ToegewezenProduct.

    Care is paid from the day on which it was granted; that day itself counts.  TR308 guards the
    other end.
    """
    for prestatie, toewijzing in batch.toegewezen:
        if prestatie.begindatum < toewijzing.ingangsdatum:
            ingangsdatum = toewijzing.ingangsdatum
            yield Offence(
                prestatie,
                f"De ProductPeriode begint op {datum_lang(prestatie.begindatum)}, maar toewijzing "
                f"{toewijzing.toewijzingnummer} gaat pas in op {datum_lang(ingangsdatum)}; "
                "declareer vanaf die dag.",
                element=BEGINDATUM,
                found=datum_lang(prestatie.begindatum),
                expected=f"op of na {datum_lang(ingangsdatum)}",
            )


@rule("TR308", retourcode="9308")
def end_after_einddatum(batch: Declaratiebatch) -> Offences:
    """A ProductPeriode does not end after the Einddatum of its ToegewezenProduct.

    The last day itself counts, and an assignment without Einddatum runs on.
    """
    for prestatie, toewijzing in batch.toegewezen:
        einddatum = toewijzing.einddatum
        if einddatum is not None and prestatie.einddatum > einddatum:
            yield Offence(
                prestatie,
                f"De ProductPeriode eindigt op {datum_lang(prestatie.einddatum)}, maar toewijzing "
                f"{toewijzing.toewijzingnummer} loopt tot en met {datum_lang(einddatum)}; "
                "declareer tot en met die dag.",
                element=EINDDATUM,
                found=datum_lang(prestatie.einddatum),
                expected=f"op of voor {datum_lang(einddatum)}",
            )


@rule("TR387", retourcode="9387")
def begin_not_first_day(batch: Declaratiebatch) -> Offences:
    """A ProductPeriode begins on the first of the month, or on a later Ingangsdatum in it.

    Only an Ingangsdatum in the month of the line moves the day; whether the month lies within
    the assignment is for TR307.  When care really started does not matter.
    """
    for prestatie, toewijzing in batch.toegewezen:
        begin, ingangsdatum = prestatie.begindatum, toewijzing.ingangsdatum
        if begin == ingangsdatum or (begin.day == 1 and ingangsdatum < begin):
            continue
        moved = same_month(begin, ingangsdatum)
        expected = ingangsdatum if moved else first_of_month(begin)
        if begin != expected:
            yield Offence(
                prestatie,
                f"De ProductPeriode begint op {datum_lang(begin)} en moet beginnen op "
                f"{datum_lang(expected)}; dat is de eerste dag van de maand of, als die later is, "
                f"de Ingangsdatum van toewijzing {toewijzing.toewijzingnummer}.",
                element=BEGINDATUM,
                found=datum_lang(begin),
                expected=datum_lang(expected),
            )


@rule("TR388", retourcode="9388")
def end_not_last_day(batch: Declaratiebatch) -> Offences:
    """A ProductPeriode ends on the last of the month, or on an earlier Einddatum in it.

    Only an Einddatum in the month of the line moves the day; whether the month lies within the
    assignment is for TR308.  When care really stopped does not matter.
    """
    lasts: dict[date, date] = {}  # few periods and many lines: each month is looked up once
    for prestatie, toewijzing in batch.toegewezen:
        end, einddatum = prestatie.einddatum, toewijzing.einddatum
        last = lasts.get(end)
        if last is None:
            last = lasts[end] = last_of_month(end)
        if end == last and (einddatum is None or einddatum >= end):
            continue
        moved = einddatum if einddatum is not None and same_month(end, einddatum) else None
        expected = moved or last
        if end != expected:
            yield Offence(
                prestatie,
                f"De ProductPeriode eindigt op {datum_lang(end)} en moet eindigen op "
                f"{datum_lang(expected)}; dat is de laatste dag van de maand of, als die eerder "
                f"is, de Einddatum van toewijzing {toewijzing.toewijzingnummer}.",
                element=EINDDATUM,
                found=datum_lang(end),
                expected=datum_lang(expected),
            )


@rule("TR319", retourcode="9319")
def period_after_declaratieperiode(batch: Declaratiebatch) -> Offences:
    """A ProductPeriode lies in the DeclaratiePeriode or in a month before it.

    It says nothing of the assignment, so it also speaks of lines on a number that is unknown,
    deleted or another client's.
    """
    laatste = batch.declaratie.einddatum
    for prestatie in batch.debetregels:
        if prestatie.einddatum > laatste:
            yield Offence(
                prestatie,
                f"De ProductPeriode eindigt op {datum_lang(prestatie.einddatum)}, na de "
                f"DeclaratiePeriode die tot en met {datum_lang(laatste)} loopt; declareer dit in "
                "een latere periode.",
                element=EINDDATUM,
                found=datum_lang(prestatie.einddatum),
                expected=f"op of voor {datum_lang(laatste)}",
            )
