"""The register of providers as files: each part as CSV, and read back as changes."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gateway.api.aanbieders import GROEP, ZIEN
from gateway.api.aanbiederwijzigingen import DOEL
from gateway.api.eindpunt import CSV, Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.nazorg import BEHEREN
from gateway.errors import NietGevonden, WrongUse
from gateway.http.bestand import attachment
from gateway.http.register import LARGEST_FILE, file_of, plan_in
from gateway.ledger.register.afspraakbestanden import SOORTEN
from gateway.ledger.register.bestand import Bestandsoort, Plan
from gateway.ledger.register.wijzigingen import told
from gateway.periods.aantallen import aantal

MOST_TOLD = 10


class Registerbestandvraag(Invoer, frozen=True, kw_only=True):
    """Wat er met het bestand gebeurt."""

    doorvoeren: Annotated[
        bool, msgspec.Meta(description="Zonder dit hoort u alleen wat er zou veranderen.")
    ] = False
    reden: Annotated[
        str, msgspec.Meta(min_length=1, max_length=200, description="Komt in het logboek.")
    ] = "invoer van een bestand"


class Bestandswijziging(Vorm, frozen=True, kw_only=True):
    """Wat een rij verandert; de rij met de koppen is 1."""

    rij: int
    wijziging: str


class Bestandsfout(Vorm, frozen=True, kw_only=True):
    """Wat er aan een rij mis is."""

    rij: int
    fout: str


class Registerbestandverslag(Vorm, frozen=True, kw_only=True):
    """Waar een bestand op neerkomt. Met een fout verandert er niets."""

    rijen: int
    wijzigingen: list[Bestandswijziging]
    fouten: list[Bestandsfout]
    doorgevoerd: bool


def geef(oproep: Oproep) -> Uitkomst:
    """A part of the register, without anybody in it."""
    naam, body = file_of(oproep.verzoek.omgeving, _soort(oproep))
    return Uitkomst(body, attachment(naam))


def lees_in(oproep: Oproep) -> Uitkomst:
    """Tell what a file would change, or do all of it."""
    vraag: Registerbestandvraag = oproep.zoek
    omgeving, soort = oproep.verzoek.omgeving, _soort(oproep)
    plan = plan_in(omgeving, soort, oproep.inhoud)
    if not vraag.doorvoeren:
        return Uitkomst(_verslag(plan, is_done=False))
    _refuse_faults(plan)
    uitkomst = Uitkomst(_verslag(plan, is_done=True))
    if plan.wijzigingen:
        oproep.verzoek.doel = vraag.reden
        changes = aantal(len(plan.wijzigingen), "wijziging", "wijzigingen")
        over = f"{changes} uit een bestand ({soort.naam})"
        omgeving.store.register.voer_door(plan, oproep.vastlegging(uitkomst, None, over=over))
    return uitkomst


def _soort(oproep: Oproep) -> Bestandsoort:
    found = SOORTEN.get(oproep.verzoek.vraag.delen["wat"])
    if found is None:
        raise NietGevonden
    return found


def _refuse_faults(plan: Plan) -> None:
    """Raises WrongUse with the rows that are wrong: then none is done."""
    if plan.fouten:
        more = len(plan.fouten) - MOST_TOLD
        shown = [f"rij {rij}: {text}" for rij, text in plan.fouten[:MOST_TOLD]]
        rest = [f"en nog {more} rijen"] if more > 0 else []
        raise WrongUse(f"er is niets veranderd: {'; '.join((*shown, *rest))}")


def _verslag(plan: Plan, *, is_done: bool) -> Registerbestandverslag:
    return Registerbestandverslag(
        rijen=plan.rijen,
        wijzigingen=[
            Bestandswijziging(rij=rij, wijziging=told(one)) for rij, one in plan.wijzigingen
        ],
        fouten=[Bestandsfout(rij=rij, fout=text) for rij, text in plan.fouten],
        doorgevoerd=is_done,
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/aanbiederbestanden/{wat}",
        naam="geefRegisterbestand",
        groep=GROEP,
        titel="Een deel van het register als CSV",
        uitleg="Hetzelfde bestand als de pagina en de opdracht geven; u kunt het zo weer inlezen.",
        rechten=ZIEN,
        doe=geef,
        media_uit=CSV,
        handeling="register uitvoeren",
        budget="export",
    ),
    Eindpunt(
        methode="POST",
        pad="/aanbiederbestanden/{wat}",
        naam="leesRegisterbestandIn",
        groep=GROEP,
        titel="Een deel van het register uit CSV inlezen",
        uitleg=(
            "Klopt een rij niet, dan verandert er niets. Hetzelfde bestand nog een keer verandert "
            "ook niets. Tot 4 MB, in UTF-8."
        ),
        rechten=BEHEREN,
        doe=lees_in,
        zoek=Registerbestandvraag,
        media_in=CSV,
        antwoord=Registerbestandverslag,
        handeling="register inlezen",
        soort="U",
        doel=DOEL,
        bytecap=LARGEST_FILE,
        herhaalbaar=True,
    ),
)
