"""Rules on what may be sent once: numbers of lines, credits of a line, and claims."""

from collections import Counter
from collections.abc import Iterator

from gateway.periods.datums import datum_lang
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.rules.registry import Offences, rule

VORIG_REFERENTIENUMMER = "ProductReferentie/VorigReferentieNummer"


@rule("TR314", retourcode="8021")
def referentienummer_reused(batch: Declaratiebatch) -> Offences:
    """A ReferentieNummer is used once per aanbieder, within one law and municipality.

    Within one message the first line in processing order stands, credits before debets, and the
    later ones offend; that holds under different Clients too.  Every line of the message takes
    its number, also one that is refused for something else: a number has to be unique before
    anyone knows what becomes of its line.  A number of a line that an earlier answer refused
    is free again (A37).  Lines of a Client that is refused as a whole are not judged.
    """
    nummers = [prestatie.referentienummer for prestatie in batch.prestaties]
    if len(set(nummers)) == len(nummers) and batch.bekende_referenties.isdisjoint(nummers):
        return
    seen = set(batch.bekende_referenties)
    for prestatie in batch.prestaties:
        nummer = prestatie.referentienummer
        if nummer in seen and prestatie.bsn in batch.bekende_clienten:
            yield Offence(
                prestatie,
                f"ReferentieNummer {nummer} hebt u al gebruikt; geef deze prestatie een nieuw "
                "nummer.",
                element="ProductReferentie/ReferentieNummer",
                found=nummer,
                expected="een nummer dat u nog niet hebt gebruikt",
            )
        seen.add(nummer)


@rule("TR315", retourcode="0001")
def debet_credited_twice(batch: Declaratiebatch) -> Offences:
    """A VorigReferentieNummer stands at one Prestatie of a message only.

    A line is credited in full and once, so a second credit of it has nothing left to undo.  The
    first one is not the fault, the later ones are.
    """
    seen: set[str] = set()
    for prestatie, vorig in _with_vorige(batch):
        if vorig in seen:
            yield Offence(
                prestatie,
                f"VorigReferentieNummer {vorig} staat al bij een andere prestatie in dit bericht; "
                "crediteer een prestatie maar één keer.",
                element=VORIG_REFERENTIENUMMER,
                found=vorig,
                expected="een nummer dat maar één keer in het bericht staat",
            )
        seen.add(vorig)


@rule("TR316", retourcode="0001")
def credits_own_message(batch: Declaratiebatch) -> Offences:
    """A VorigReferentieNummer is not the ReferentieNummer of a Prestatie in the same message.

    Only what was granted before can be credited; a line that is not right should not be sent
    at all.  A line that names itself offends as well.
    """
    vorige = list(_with_vorige(batch))
    if not vorige:
        return
    nummers = {prestatie.referentienummer for prestatie in batch.prestaties}
    for prestatie, vorig in vorige:
        if vorig in nummers:
            yield Offence(
                prestatie,
                f"VorigReferentieNummer {vorig} wijst naar een prestatie in dit bericht zelf; "
                "crediteer alleen een prestatie die eerder is toegekend.",
                element=VORIG_REFERENTIENUMMER,
                found=vorig,
                expected="het ReferentieNummer van een eerder toegekende prestatie",
            )


@rule("TR416", retourcode="0001")
def claimed_twice_in_message(batch: Declaratiebatch) -> Offences:
    """A message has one debet Prestatie per ToewijzingNummer, product and ProductPeriode.

    What was delivered in a period is added up to one line.  The Bsn is no part of the key: a
    ToewijzingNummer belongs to one client.  Credits are left out, so that a credit and its
    replacement may come together.  The first line is not the fault, the later ones are.
    """
    debets = [prestatie for prestatie in batch.prestaties if prestatie.debet_credit == "D"]
    seen: set[tuple[object, ...]] = set()
    for prestatie in _on_shared_numbers(debets):
        sleutel = prestatie.debetsleutel
        if sleutel in seen:
            yield Offence(
                prestatie,
                f"{_claim(prestatie)} staat meer dan één keer in dit bericht; tel die prestaties "
                "bij elkaar op.",
                found="nog een debetprestatie",
                expected="één debetprestatie per toewijzing, product en periode",
            )
        seen.add(sleutel)


@rule("TR389", retourcode="9389")
def claimed_before(batch: Declaratiebatch) -> Offences:
    """A debet Prestatie may not claim what was granted before and is not credited.

    The key is that of TR416, over all earlier messages.  A line that was refused never blocks its
    correction (A08).  Credits go first, so one that comes in the same message and is granted has
    freed its claim before the debets are judged.
    """
    claimed = batch.open_debets
    if not claimed:
        return
    nummers = {sleutel[0] for sleutel in claimed}
    for prestatie, _ in batch.toegewezen:
        if prestatie.toewijzingnummer in nummers and prestatie.debetsleutel in claimed:
            yield Offence(
                prestatie,
                f"{_claim(prestatie)} is al eerder toegekend; crediteer eerst die prestatie als u "
                "iets wilt veranderen.",
                found="een eerdere debetprestatie zonder creditprestatie",
                expected="één debetprestatie per toewijzing, product en periode",
            )


def _with_vorige(batch: Declaratiebatch) -> Iterator[tuple[Prestatie, str]]:
    """The lines with a VorigReferentieNummer: judged at level 2, so whatever their Client."""
    for prestatie in batch.prestaties:
        vorig = prestatie.vorig_referentienummer
        if vorig is not None:
            yield prestatie, vorig


def _on_shared_numbers(prestaties: list[Prestatie]) -> list[Prestatie]:
    """The lines whose ToewijzingNummer comes more than once: only these can be double.

    Most assignments have one line a message, and comparing numbers is much cheaper than
    comparing claims.
    """
    nummers = [prestatie.toewijzingnummer for prestatie in prestaties]
    if len(set(nummers)) == len(nummers):
        return []
    times = Counter(nummers)
    return [prestatie for prestatie in prestaties if times[prestatie.toewijzingnummer] > 1]


def _claim(prestatie: Prestatie) -> str:
    return (
        f"Product {prestatie.productcategorie}/{prestatie.productcode} op toewijzing "
        f"{prestatie.toewijzingnummer} van {datum_lang(prestatie.begindatum)} tot en met "
        f"{datum_lang(prestatie.einddatum)}"
    )
