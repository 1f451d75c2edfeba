"""Rules on a credit Prestatie: it undoes one granted debet, in full and once.

Beyond these two and TR314 no rule judges a credit: a municipality cannot refuse to take money back.
"""

from datetime import date
from operator import attrgetter

from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.periods.volume import EUROS
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.rules.referentie import VORIG_REFERENTIENUMMER
from gateway.rules.registry import Offences, rule

# What a credit repeats of its debet besides the Bsn, with the element that a sender knows it by.
REPEATED = {
    "toewijzingnummer": "ToewijzingNummer",
    "productcategorie": "ProductCategorie",
    "productcode": "ProductCode",
    "begindatum": "ProductPeriode/Begindatum",
    "einddatum": "ProductPeriode/Einddatum",
    "geleverd_volume": "GeleverdVolume",
    "eenheid": "Eenheid",
    "producttarief": "ProductTarief",
    "ingediend_bedrag": "IngediendBedrag/Bedrag",
}
repeated = attrgetter("bsn", *REPEATED)
AMOUNTS = frozenset({"producttarief", "ingediend_bedrag"})
ABSENT = "afwezig"


@rule("TR323", retourcode="8017")
def credit_without_its_debet(batch: Declaratiebatch) -> Offences:
    """A credit Prestatie names a granted debet by VorigReferentieNummer and repeats it.

    Everything is equal but ReferentieNummer, VorigReferentieNummer and DebetCredit, the Client
    included; any difference is this fault.  A debet that was refused, or that has no answer yet,
    cannot be credited.  Whether the debet was credited before is for TR390.
    """
    for credit in batch.credits:
        debet = batch.debets.get(credit.vorig_referentienummer or "")
        if debet is None:
            yield _unknown_debet(credit)
        elif repeated(credit) != repeated(debet):
            yield _different(credit, debet)


@rule("TR390", retourcode="9390")
def debet_credited_before(batch: Declaratiebatch) -> Offences:
    """A credit Prestatie may not name a debet that has a granted credit already.

    The standard speaks of the same ProductReferentie, which is read as the same
    VorigReferentieNummer (A08).  A credit that was refused does not count.
    """
    for credit in batch.credits:
        vorig = credit.vorig_referentienummer
        if vorig in batch.gecrediteerd:
            yield Offence(
                credit,
                f"Prestatie {vorig} is al gecrediteerd; een prestatie kunt u maar één keer "
                "crediteren.",
                element=VORIG_REFERENTIENUMMER,
                found=f"{vorig}",
                expected="een prestatie die nog niet is gecrediteerd",
            )


def _unknown_debet(credit: Prestatie) -> Offence:
    vorig = credit.vorig_referentienummer or ABSENT
    return Offence(
        credit,
        f"Prestatie {vorig} is niet bekend als toegekende debetprestatie; crediteer alleen wat in "
        "een eerder antwoord is toegekend.",
        element=VORIG_REFERENTIENUMMER,
        found=vorig,
        expected="het ReferentieNummer van een toegekende debetprestatie",
    )


def _different(credit: Prestatie, debet: Prestatie) -> Offence:
    """The offence of a credit that is no copy; a Bsn is said to differ, never shown."""
    vorig = debet.referentienummer
    if credit.bsn != debet.bsn:
        return Offence(
            credit,
            f"Prestatie {vorig} staat bij een andere cliënt; crediteer haar onder de cliënt van "
            "de debetprestatie.",
            element=VORIG_REFERENTIENUMMER,
            found=vorig,
            expected="een debetprestatie van dezelfde cliënt",
        )
    names = [name for name in REPEATED if getattr(credit, name) != getattr(debet, name)]
    elements = " en ".join(REPEATED[name] for name in names)
    return Offence(
        credit,
        f"Deze creditprestatie wijkt af van prestatie {vorig} in {elements}; neem alles over zoals "
        "u het hebt gedeclareerd.",
        element=REPEATED[names[0]],
        found=shown(credit, names[0]),
        expected=shown(debet, names[0]),
    )


def shown(prestatie: Prestatie, name: str) -> str:
    """What a line has of what a credit repeats, in words."""
    value = getattr(prestatie, name)
    if value is None:
        return ABSENT
    if isinstance(value, date):
        return datum_lang(value)
    is_euros = name == "geleverd_volume" and prestatie.eenheid == EUROS
    return euros(value) if is_euros or name in AMOUNTS else str(value)
