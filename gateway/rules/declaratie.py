"""Rules that hold a Declaratie as a whole against the ones that came before it."""

from gateway.periods.datums import datum_lang
from gateway.records.batch import Declaratiebatch
from gateway.records.finding import Offence
from gateway.rules.registry import Offences, rule


@rule("TR333", retourcode="9333")
def declaratienummer_reused(batch: Declaratiebatch) -> Offences:
    """A DeclaratieNummer is used once per aanbieder, within one law and municipality.

    The number is what both sides settle and pay by.  A Declaratie that was rejected as a whole
    used no number, so the corrected one may come with the same.
    """
    for declaratie in batch.declaraties:
        nummer = declaratie.declaratienummer
        if nummer in batch.bekende_declaratienummers:
            yield Offence(
                declaratie,
                f"DeclaratieNummer {nummer} hebt u al gebruikt; geef deze declaratie een nieuw "
                "nummer.",
                element="DeclaratieNummer",
                found=nummer,
                expected="een nummer dat u nog niet hebt gebruikt",
            )


@rule("TR318", retourcode="8214")
def declaratieperiode_before_last(batch: Declaratiebatch) -> Offences:
    """A DeclaratiePeriode may not lie before the last one that the aanbieder submitted.

    Months without care are skipped and nobody but the aanbieder knows which ones those are, so a
    gap is no fault (A26).  The last month may come again, for corrections and late lines.  A
    Declaratie that was rejected as a whole does not count as submitted.
    """
    laatste = batch.laatste_periode
    for declaratie in batch.declaraties:
        begin = declaratie.begindatum
        if laatste is not None and begin < laatste:
            yield Offence(
                declaratie,
                f"De DeclaratiePeriode begint op {datum_lang(begin)}, maar u hebt al een periode "
                f"ingediend die op {datum_lang(laatste)} begint; declareer over die maand of een "
                "latere.",
                element="DeclaratiePeriode/Begindatum",
                found=datum_lang(begin),
                expected=f"{datum_lang(laatste)} of later",
            )
