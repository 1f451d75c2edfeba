"""Rules that hold a 325 against itself and against the 323 that it answers.

A 325 has no answer, so what these rules find is never sent: it keeps our own answers lawful and
tells a provider what is wrong with one it received.  Where no 323 is known TR337 says so, and the
rules that compare are silent.
"""

from __future__ import annotations

from datetime import date

from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.records.batch import Antwoordbatch
from gateway.records.declaratie import DeclaratieAntwoord, Prestatie
from gateway.records.finding import Offence
from gateway.rules.credit import ABSENT, shown
from gateway.rules.registry import Offences, rule

# "No remark" and "granted in full"; every other code refuses, 0233 (not assessed) too.
NOT_REFUSING = frozenset({"0200", "8001"})
# Attributes of a Prestatie that a 325 repeats, with the element each stands in.
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
    "debet_credit": "IngediendBedrag/DebetCredit",
}


@rule("TR342", retourcode="0001")
def refused_amounts_do_not_add_up(batch: Antwoordbatch) -> Offences:
    """A 325 holds only refused Prestaties, and they explain what was not granted.

    Their signed sum is TotaalIngediendBedrag minus TotaalToegekendBedrag.  A DeclaratieAntwoord
    that is refused itself has no Clienten and grants 0.  A line with 0233 counts as refused, and
    so does every code but 0200 and 8001.  An answer of only a Header has nothing to add up.
    """
    antwoord = batch.antwoord
    if antwoord is None:
        return
    yield from _lines_not_refused(batch)
    if not batch.judges_whole:
        return
    if refuses(antwoord.retourcodes):
        yield from _refused_as_a_whole(batch, antwoord)
    else:
        yield from _wrong_sum(batch, antwoord)


def _lines_not_refused(batch: Antwoordbatch) -> Offences:
    for prestatie in batch.prestaties:
        if not refuses(prestatie.retourcodes):
            yield Offence(
                prestatie,
                f"Regel {prestatie.referentienummer} staat in het antwoord zonder code voor "
                "afwijzing; neem alleen afgewezen regels op.",
                element="RetourCodes",
                found=", ".join(prestatie.retourcodes),
                expected="een code voor afwijzing",
            )


def _refused_as_a_whole(batch: Antwoordbatch, antwoord: DeclaratieAntwoord) -> Offences:
    if batch.clienten or batch.prestaties:
        yield Offence(
            antwoord,
            f"De declaratie is als geheel afgewezen ({', '.join(antwoord.retourcodes)}); laat de "
            "Clienten weg.",
            element="Clienten",
            found="aanwezig",
            expected="afwezig",
        )
    if antwoord.toegekend != 0:
        yield Offence(
            antwoord,
            "De declaratie is als geheel afgewezen, maar het TotaalToegekendBedrag is "
            f"{euros(antwoord.toegekend)}; maak dat 0.",
            element="TotaalToegekendBedrag",
            found=euros(antwoord.toegekend),
            expected=euros(0),
        )


def _wrong_sum(batch: Antwoordbatch, antwoord: DeclaratieAntwoord) -> Offences:
    refused = batch.afgewezen
    expected = antwoord.ingediend - antwoord.toegekend
    if refused != expected:
        yield Offence(
            antwoord,
            f"De afgewezen regels zijn samen {euros(refused)}, maar ingediend min toegekend is "
            f"{euros(expected)}; die bedragen horen gelijk te zijn.",
            element="TotaalToegekendBedrag",
            found=euros(refused),
            expected=euros(expected),
        )


def refuses(retourcodes: tuple[str, ...]) -> bool:
    """Whether any of the codes of a class refuses it."""
    return not NOT_REFUSING.issuperset(retourcodes)


@rule("TR337", retourcode=None)
def unknown_declaratiebericht(batch: Antwoordbatch) -> Offences:
    """DeclaratieIdentificatie repeats the BerichtIdentificatie of a 323 that was received.

    Identificatie and Dagtekening together are the BerichtIdentificatie, so both have to be equal.
    """
    header, heen = batch.header, batch.heen_header
    if heen is None:
        yield Offence(
            header,
            f"Er is geen declaratiebericht met Identificatie {header.declaratie_identificatie} "
            "bekend; neem de BerichtIdentificatie over uit de declaratie.",
            element="DeclaratieIdentificatie",
            found=f"{header.declaratie_identificatie}",
            expected="de Identificatie van een ontvangen declaratiebericht",
        )
        return
    found = _message_name(header.declaratie_identificatie, header.declaratie_dagtekening)
    expected = _message_name(heen.identificatie, heen.dagtekening)
    if found != expected:
        yield Offence(
            header,
            f"De DeclaratieIdentificatie is {found}, maar het declaratiebericht is {expected}; "
            "neem Identificatie en Dagtekening ongewijzigd over.",
            element="DeclaratieIdentificatie",
            found=found,
            expected=expected,
        )


def _message_name(identificatie: str | None, dagtekening: date | None) -> str:
    made = "onbekend" if dagtekening is None else datum_lang(dagtekening)
    return f"{identificatie} van {made}"


@rule("TR371", retourcode=None)
def other_xsd_versie(batch: Antwoordbatch) -> Offences:
    """XsdVersieDeclaratie repeats the XsdVersie of the 323: of the base schema and the message.

    Whatever the versions are: a sender recognises its own schema by them.
    """
    header, heen = batch.header, batch.heen_header
    if heen is None:
        return
    compared = (
        (
            "BasisschemaXsdVersie",
            header.declaratie_basisschema_xsd_versie,
            heen.basisschema_xsd_versie,
        ),
        ("BerichtXsdVersie", header.declaratie_bericht_xsd_versie, heen.bericht_xsd_versie),
    )
    for element, found, expected in compared:
        if found != expected:
            yield Offence(
                header,
                f"De {element} van de declaratie is {found}, maar het declaratiebericht heeft "
                f"{expected}; neem de versie ongewijzigd over.",
                element=f"XsdVersieDeclaratie/{element}",
                found=f"{found}",
                expected=expected,
            )


@rule("TR376", retourcode=None)
def other_declaratienummer(batch: Antwoordbatch) -> Offences:
    """DeclaratieNummer is that of the Declaratie in the 323 that the 325 answers.

    The Header points at the message, the DeclaratieNummer at what was declared in it.
    """
    antwoord, heen = batch.antwoord, batch.heen_declaratie
    if antwoord is None or heen is None:
        return
    if antwoord.declaratienummer != heen.declaratienummer:
        yield Offence(
            antwoord,
            f"Het DeclaratieNummer is {antwoord.declaratienummer}, maar de declaratie heeft "
            f"{heen.declaratienummer}; neem het nummer ongewijzigd over.",
            element="DeclaratieNummer",
            found=antwoord.declaratienummer,
            expected=heen.declaratienummer,
        )


@rule("TR366", retourcode="9366")
def line_not_in_declaratie(batch: Antwoordbatch) -> Offences:
    """Every Prestatie of a 325 has its ProductReferentie in the 323, under the same Client.

    ReferentieNummer and, for a credit, VorigReferentieNummer together are the ProductReferentie.
    """
    if batch.heen_header is None:
        return
    for prestatie in batch.prestaties:
        if _key(prestatie) not in batch.heen_prestaties:
            yield Offence(
                prestatie,
                f"Regel {_line_name(prestatie)} staat bij deze cliënt niet in de declaratie; neem "
                "alleen regels uit de declaratie op.",
                element="ProductReferentie",
                found=_line_name(prestatie),
                expected="een ProductReferentie uit de declaratie",
            )


@rule("TR367", retourcode="9367")
def differs_from_declaratie(batch: Antwoordbatch) -> Offences:
    """What a 325 repeats of the 323 is unchanged: every element of a Prestatie, and the total.

    The sources list no elements.  Read by meaning: all of a Prestatie that both messages have,
    and TotaalIngediendBedrag; the DeclaratieNummer is for TR376.  Each element that differs is
    told apart.  A line that is not in the 323 is for TR366.
    """
    yield from _other_total(batch)
    for prestatie in batch.prestaties:
        heen = batch.heen_prestaties.get(_key(prestatie))
        if heen is None:
            continue
        for attribute in REPEATED:
            if getattr(prestatie, attribute) != getattr(heen, attribute):
                yield _other_value(prestatie, heen, attribute)


def _other_value(prestatie: Prestatie, heen: Prestatie, attribute: str) -> Offence:
    element = REPEATED[attribute]
    found, expected = shown(prestatie, attribute), shown(heen, attribute)
    return Offence(
        prestatie,
        f"Regel {prestatie.referentienummer} heeft hier {_in_words(element, found)} en in de "
        f"declaratie {_in_words(element, expected)}; neem de regel ongewijzigd over.",
        element=element,
        found=found,
        expected=expected,
    )


def _in_words(element: str, value: str) -> str:
    name = element.replace("/", " ")
    return f"geen {name}" if value == ABSENT else f"{name} {value}"


def _other_total(batch: Antwoordbatch) -> Offences:
    antwoord, heen = batch.antwoord, batch.heen_declaratie
    if not batch.judges_whole or antwoord is None or heen is None:
        return
    if antwoord.ingediend != heen.totaal:
        yield Offence(
            antwoord,
            f"Het TotaalIngediendBedrag is {euros(antwoord.ingediend)}, maar in de declaratie "
            f"{euros(heen.totaal)}; neem het bedrag ongewijzigd over.",
            element="TotaalIngediendBedrag",
            found=euros(antwoord.ingediend),
            expected=euros(heen.totaal),
        )


def _key(prestatie: Prestatie) -> tuple[str, str | None, str]:
    return (prestatie.referentienummer, prestatie.vorig_referentienummer, prestatie.bsn)


def _line_name(prestatie: Prestatie) -> str:
    if prestatie.vorig_referentienummer is None:
        return prestatie.referentienummer
    return f"{prestatie.referentienummer} (vorige {prestatie.vorig_referentienummer})"
