"""Deviations that only the pipeline sees happen, and raises by calling these functions."""

from __future__ import annotations

from gateway.deviations.gevallen import whole_evidence
from gateway.deviations.registry import Deviation, check, finding_of
from gateway.periods.datums import datum_lang
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Finding, Offence, Subject
from gateway.records.header import Header
from gateway.records.overeenkomst import Prijs
from gateway.records.retour import Retourklasse
from gateway.records.toewijzing import ToegewezenProduct

DECEASED = "02"  # RedenWijziging
# What a retour or 325 tells of the message that it answers.
OVER_RETOUREN = frozenset(("S191", "S192", "S193", "S194", "S195"))


@check("S104", soort="formeel", naam="toewijzing of wijziging niet bekend bij afzender")
def unknown_assignment(
    prestatie: Prestatie, toewijzing: ToegewezenProduct, prijs: Prijs | None = None
) -> Finding:
    """A line would be rejected on an assignment version that its sender could not know.

    `toewijzing` is that version: sent after the Dagtekening of the 323.  A message may not be
    rejected on what its sender had no access to (OP095), so the line is judged on the version
    before, and granted.  So it is with a death that was told later (RedenWijziging 02): an invoice
    of after the change is judged by it.  Formal control.
    """
    nummer, bekend_op = toewijzing.toewijzingnummer, toewijzing.bekend_op
    if toewijzing.reden_wijziging == DECEASED:
        text = (
            f"Toewijzing {nummer} is gewijzigd omdat de cliënt is overleden, maar dat is pas op "
            f"{datum_lang(bekend_op)} verstuurd; de aanbieder wist het nog niet, dus de regel is "
            "toegekend."
        )
        found = f"overlijden, verstuurd op {datum_lang(bekend_op)}"
    else:
        text = (
            f"Deze regel past niet bij de toewijzing {nummer} die op {datum_lang(bekend_op)} is "
            "verstuurd; die kende de aanbieder nog niet, dus de regel is toegekend."
        )
        found = f"toewijzing {nummer}, verstuurd op {datum_lang(bekend_op)}"
    offence = Offence(
        prestatie,
        text,
        element="ToewijzingNummer",
        found=found,
        expected="een toewijzing van op of voor de Dagtekening",
    )
    return finding_of("S104", Deviation(offence, whole_evidence(prestatie, prijs)))


@check("S191", soort="formeel", naam="retour keurt een bericht af")
def refused_by_retour(klasse: Retourklasse, code: str, identificatie: str) -> Finding:
    """A retour refuses the message that it answers, which has to be sent again corrected.

    It stands once for each code at each class.  Formal control.
    """
    what = klasse.klasse if klasse.kenmerk is None else f"{klasse.klasse} {klasse.kenmerk}"
    offence = Offence(
        klasse,
        f"De ontvanger van bericht {identificatie} keurt {what} af met code {code}; stuur het "
        "bericht gecorrigeerd opnieuw.",
        element="RetourCodes/RetourCode",
        found=code,
        expected="een bericht dat de ontvanger goedkeurt",
    )
    return finding_of("S191", Deviation(offence))


@check("S192", soort="formeel", naam="retour op een onbekend bericht")
def retour_without_message(header: Header, heen: str) -> Finding:
    """A retour answers no message that is known here.

    It is looked for by the copied Header: kind, Afzender and Identificatie.  Formal control.
    """
    identificatie = header.identificatie
    offence = Offence(
        header,
        f"Deze retour hoort bij {heen} {identificatie}, maar dat bericht is hier niet bekend.",
        element="BerichtIdentificatie/Identificatie",
        found=identificatie,
        expected="de Identificatie van een bekend bericht",
    )
    return finding_of("S192", Deviation(offence))


@check("S193", soort="formeel", naam="declaratie-antwoord wijst een cliënt of declaratie af")
def refused_by_antwoord(klasse: Retourklasse, code: str, declaratienummer: str | None) -> Finding:
    """A 325 refuses a Client, the Declaratie or the message, so that lines came back unjudged.

    It stands once for each code at each class.  Formal control.
    """
    what = "de declaratie" if declaratienummer is None else f"declaratie {declaratienummer}"
    if klasse.klasse == "Client":
        text = f"De gemeente wijst een cliënt in {what} af met code {code}; de regels van deze "
        text += "cliënt zijn niet beoordeeld en tellen als afgewezen."
    else:
        text = f"De gemeente wijst {what} als geheel af met code {code}; zij telt als niet "
        text += "ingediend."
    offence = Offence(
        klasse,
        text,
        element="RetourCodes/RetourCode",
        found=code,
        expected="een antwoord dat de regels beoordeelt",
    )
    return finding_of("S193", Deviation(offence))


@check("S194", soort="formeel", naam="tweede antwoord op een declaratie")
def answered_before(header: Header, eerder: str) -> Finding:
    """A 325 answers a 323 that has its answer already: there is exactly one for each.

    The first one stands.  Formal control.
    """
    offence = Offence(
        header,
        f"Declaratie-antwoord {header.identificatie} hoort bij een declaratie waar antwoord "
        f"{eerder} al op kwam; er is niets gewijzigd.",
        element="DeclaratieIdentificatie/Identificatie",
        found=header.identificatie,
        expected="één antwoord op elke declaratie",
    )
    return finding_of("S194", Deviation(offence))


@check("S195", soort="formeel", naam="declaratie-antwoord spreekt zichzelf tegen")
def contradicts_itself(header: Header, heeft_antwoord: bool) -> Finding:
    """A 325 has a DeclaratieAntwoord exactly when its Header refuses nothing (IV087).

    Nobody can tell what it grants, so nothing comes of it.  Formal control.
    """
    codes = ", ".join(header.retourcodes or ())
    what, right = ("een", "geen") if heeft_antwoord else ("geen", "een")
    offence = Offence(
        header,
        f"Declaratie-antwoord {header.identificatie} heeft in de Header code {codes} en toch "
        f"{what} DeclaratieAntwoord; er is niets gewijzigd.",
        element="RetourCodes/RetourCode",
        found=codes,
        expected=f"bij deze code {right} DeclaratieAntwoord",
    )
    return finding_of("S195", Deviation(offence))


@check("S190", soort="formeel", naam="byte order mark voor het bericht")
def byte_order_mark(header: Subject) -> Finding:
    """A message begins with a byte order mark, which UTF-8 has no use for.

    It is tolerated, because it changes nothing in the message; whoever made it should know.  It
    stands at the Header, as what concerns the whole message does.  Formal control.
    """
    offence = Offence(
        header,
        "Het bericht begint met een byte order mark; het is zonder die tekens gelezen.",
        found="een byte order mark",
        expected="een bericht in UTF-8 zonder byte order mark",
    )
    return finding_of("S190", Deviation(offence))
