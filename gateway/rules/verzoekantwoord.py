"""Rules on a 319: what it says by itself, and whether its request may still be answered so."""

from __future__ import annotations

from gateway.records.batch import Verzoekantwoordbatch
from gateway.records.finding import Offence
from gateway.rules.registry import Offences, rule

WOONPLAATSBEGINSEL = "8"  # RedenAfwijzingVerzoek: another municipality is responsible
IN_ONDERZOEK = "2"


@rule("CD085", retourcode="0001")
def rejection_without_reason(batch: Verzoekantwoordbatch) -> Offences:
    """A 319 that rejects (VerzoekAntwoord 1) has a RedenAfwijzingVerzoek."""
    antwoord = batch.antwoord
    if antwoord.is_afwijzing and antwoord.reden_afwijzing is None:
        yield Offence(
            antwoord,
            f"De afwijzing van verzoek {antwoord.referentie_aanbieder} heeft geen "
            "RedenAfwijzingVerzoek; vul de reden in.",
            "RedenAfwijzingVerzoek",
            expected="een RedenAfwijzingVerzoek",
        )


@rule("CD086", retourcode="0001")
def reason_without_rejection(batch: Verzoekantwoordbatch) -> Offences:
    """A 319 that tells of research (VerzoekAntwoord 2) has no RedenAfwijzingVerzoek."""
    antwoord = batch.antwoord
    if not antwoord.is_afwijzing and antwoord.reden_afwijzing is not None:
        yield Offence(
            antwoord,
            f"Verzoek {antwoord.referentie_aanbieder} is in onderzoek en heeft toch een "
            "RedenAfwijzingVerzoek; laat de reden weg.",
            "RedenAfwijzingVerzoek",
            found=antwoord.reden_afwijzing,
            expected="geen RedenAfwijzingVerzoek",
        )


@rule("TR377", retourcode="0001")
def responsible_gemeente_not_named(batch: Verzoekantwoordbatch) -> Offences:
    """A rejection for the woonplaatsbeginsel (reason 8) names the responsible gemeente.

    Jeugdwet only.
    """
    antwoord = batch.antwoord
    if antwoord.reden_afwijzing == WOONPLAATSBEGINSEL and batch.woonplaatsbeginsel is None:
        yield Offence(
            antwoord,
            f"Verzoek {antwoord.referentie_aanbieder} is afgewezen om het woonplaatsbeginsel; noem "
            "de gemeente die verantwoordelijk is.",
            "Woonplaatsbeginsel",
            expected="een Woonplaatsbeginsel",
        )


@rule("TR409", retourcode="0001")
def responsible_gemeente_named_needlessly(batch: Verzoekantwoordbatch) -> Offences:
    """Without reason 8 a 319 names no responsible gemeente.

    Jeugdwet only.
    """
    antwoord = batch.antwoord
    if antwoord.reden_afwijzing != WOONPLAATSBEGINSEL and batch.woonplaatsbeginsel is not None:
        yield Offence(
            antwoord,
            f"Verzoek {antwoord.referentie_aanbieder} heeft een Woonplaatsbeginsel, maar de reden "
            "is niet 8; laat het Woonplaatsbeginsel weg.",
            "Woonplaatsbeginsel",
            found=antwoord.reden_afwijzing or "geen reden",
            expected="geen Woonplaatsbeginsel",
        )


@rule("TR355", retourcode="9355")
def answer_without_request(batch: Verzoekantwoordbatch) -> Offences:
    """The ReferentieAanbieder of a 319 is that of an accepted VOT or VOW of this aanbieder.

    Without one the other rules on the answer are silent.
    """
    if batch.verzoek is None:
        referentie = batch.antwoord.referentie_aanbieder
        yield Offence(
            batch.antwoord,
            f"Er is geen verzoek van deze aanbieder met ReferentieAanbieder {referentie}; verbeter "
            "de referentie.",
            "ReferentieAanbieder",
            found=referentie,
            expected="de referentie van een verzoek",
        )


@rule("TR359", retourcode="9359")
def answer_after_grant(batch: Verzoekantwoordbatch) -> Offences:
    """A request that was granted with a 301 gets no 319 any more."""
    if batch.verzoek is not None and batch.verzoek.staat == "toegekend":
        referentie = batch.antwoord.referentie_aanbieder
        yield Offence(
            batch.antwoord,
            f"Verzoek {referentie} is al toegekend met een toewijzing; stuur er geen antwoord meer "
            "op.",
            "ReferentieAanbieder",
            found=referentie,
            expected="een verzoek dat nog niet is toegekend",
        )


@rule("TR360", retourcode="9360")
def research_told_again(batch: Verzoekantwoordbatch) -> Offences:
    """A 319 with VerzoekAntwoord 2 is the first 319 on its request."""
    verzoek, antwoord = batch.verzoek, batch.antwoord
    if verzoek is None or antwoord.verzoek_antwoord != IN_ONDERZOEK:
        return
    if verzoek.onderzocht or verzoek.staat == "afgewezen":
        yield Offence(
            antwoord,
            f"Op verzoek {antwoord.referentie_aanbieder} is al een antwoord verstuurd; in "
            "onderzoek kan maar één keer en alleen als eerste antwoord.",
            "VerzoekAntwoord",
            found=IN_ONDERZOEK,
            expected="een afwijzing (1) of een toewijzing",
        )


@rule("TR365", retourcode="9365")
def answer_after_rejection(batch: Verzoekantwoordbatch) -> Offences:
    """A request that was rejected gets no further 319."""
    if batch.verzoek is not None and batch.verzoek.staat == "afgewezen":
        referentie = batch.antwoord.referentie_aanbieder
        yield Offence(
            batch.antwoord,
            f"Verzoek {referentie} is al afgewezen; stuur er geen antwoord meer op.",
            "ReferentieAanbieder",
            found=referentie,
            expected="een verzoek dat nog niet is afgewezen",
        )
