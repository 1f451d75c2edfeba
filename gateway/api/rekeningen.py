"""Rekeningen: on which accounts municipalities pay a provider; another one is a proposal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated

import msgspec

from gateway.api.aanbieders import GROEP, dossier_van
from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst, Vorm
from gateway.api.nazorg import AGB, BEHEREN, GEMEENTE, ZIEN
from gateway.api.voorstellen import voorsteladres
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_op
from gateway.errors import NietToegestaan, OngeldigeVelden
from gateway.ledger.register.rekening import Rekeningvraag, masked
from gateway.pipeline.kennis import dag_van
from gateway.records.rekening import Rekening
from gateway.store.geld.rekeningvoorstel import Rekeningrij, Voorgesteld
from gateway.toegang.rechten import Recht


class Aanbiederrekening(Vorm, frozen=True, kw_only=True):
    """Op welke rekening een gemeente onder een AGB-code betaalt, vanaf een dag."""

    gemeente: str
    agb: str
    iban: Annotated[
        str, msgspec.Meta(description="Heel voor wie het geld van de gemeente beheert.")
    ]
    tenaamstelling: str
    vanaf: date
    voorstel_adres: Annotated[
        str | None, msgspec.Meta(description="Waarmee de rekening kwam, als dat bekend is.")
    ]


class Aanbiederrekeningen(Vorm, frozen=True, kw_only=True):
    """Alle rekeningen, per gemeente en AGB-code; de laatste geldt en staat vooraan."""

    resultaten: list[Aanbiederrekening]


class Andererekening(Invoer, frozen=True, kw_only=True):
    """Een andere rekening. Een tweede persoon keurt haar goed; tot dan wordt op de oude betaald."""

    gemeente: GEMEENTE
    agb: AGB
    iban: Annotated[str, msgspec.Meta(min_length=15, max_length=50)]
    tenaamstelling: Annotated[
        str, msgspec.Meta(min_length=1, max_length=70, description="Zoals de bank de naam kent.")
    ]
    vanaf: Annotated[date | None, msgspec.Meta(description="Zonder deze dag: vandaag.")] = None
    notitie: Annotated[
        str,
        msgspec.Meta(
            max_length=500,
            description="Hoe u dit bij de aanbieder navroeg; zonder dit gaat zij later in.",
        ),
    ] = ""


def lijst(oproep: Oproep) -> Uitkomst:
    """The accounts of a provider as a whole."""
    dossier, verzoek = dossier_van(oproep), oproep.verzoek
    own = verzoek.wie.bereik(Recht.GELD_BEHEREN, oproep.bereik.gemeenten)
    managed = frozenset[str]() if own is None else own.gemeenten
    found = verzoek.omgeving.store.rekeningen.van(oproep.bereik, dossier.geheel)
    shown = [_rekening(oproep, one, str if one.gemeente in managed else masked) for one in found]
    return Uitkomst(Aanbiederrekeningen(resultaten=shown))


def stel_voor(oproep: Oproep) -> Uitkomst:
    """Propose another account."""
    given: Andererekening = oproep.inhoud
    if given.gemeente not in oproep.bereik.gemeenten:
        raise NietToegestaan
    omgeving, dossier = oproep.verzoek.omgeving, dossier_van(oproep)
    vanaf = given.vanaf or dag_van(omgeving.clock())
    if given.agb not in dossier.een.agbs_op(vanaf):
        found = f"AGB-code {given.agb} is op {vanaf} niet van aanbieder {dossier.een.nummer}."
        raise OngeldigeVelden({"agb": found})
    vraag = Rekeningvraag(
        aanbieder=given.agb,
        rekening=Rekening(given.iban, given.tenaamstelling),
        vanaf=vanaf,
        notitie=given.notitie,
    )
    wachtdagen = omgeving.settings.rekening_wachtdagen
    asked = Voorgesteld(given.gemeente, oproep.verzoek.wie, vraag, wachtdagen)
    stand, over = omgeving.store.register.stand(), f"AGB-code {given.agb}"
    noteer = oproep.vastlegging(partial(_bewijs, oproep), given.gemeente, over=over)
    return _bewijs(oproep, omgeving.store.rekeningen.stel_voor(stand, asked, noteer))


def _bewijs(oproep: Oproep, nummer: int) -> Uitkomst:
    return bewijs_op(voorsteladres(oproep, nummer))


def _rekening(oproep: Oproep, one: Rekeningrij, show: Callable[[str], str]) -> Aanbiederrekening:
    return Aanbiederrekening(
        gemeente=one.gemeente,
        agb=one.aanbieder,
        iban=show(one.rekening.iban),
        tenaamstelling=one.rekening.tenaamstelling,
        vanaf=one.vanaf,
        voorstel_adres=None if one.voorstel is None else voorsteladres(oproep, one.voorstel),
    )


EINDPUNTEN = (
    Eindpunt(
        methode="GET",
        pad="/aanbieders/{nummer}/rekeningen",
        naam="geefRekeningenVanAanbieder",
        groep=GROEP,
        titel="Op welke rekeningen een aanbieder wordt betaald",
        rechten=ZIEN,
        doe=lijst,
        antwoord=Aanbiederrekeningen,
    ),
    Eindpunt(
        methode="POST",
        pad="/aanbieders/{nummer}/rekeningen",
        naam="stelRekeningVoor",
        groep=GROEP,
        titel="Een andere rekening voorstellen",
        uitleg="In Location staat het voorstel, dat een tweede persoon goedkeurt.",
        rechten=BEHEREN,
        doe=stel_voor,
        inhoud=Andererekening,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="rekening voorstellen",
        soort="C",
        herhaalbaar=True,
    ),
)
