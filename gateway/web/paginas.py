"""The table of all pages; its order is that of the menu."""

from __future__ import annotations

from gateway.http import gezondheid
from gateway.http.pad import Pad
from gateway.web import eerste, inloggen, logboek, meldpunt, mijn, oidc, statisch, wachtwoord
from gateway.web.beheer import beleid, beleid_wijzigen, gebruikers, gemeenten, sleutels
from gateway.web.pages import (
    aanbieders,
    berichten,
    besluiten,
    clienten,
    controle,
    declaraties,
    eigen,
    fouten,
    herstel,
    lijsten,
    maandoverzicht,
    overeenkomsten,
    proeven,
    regelboek,
    regels,
    regio,
    sturing,
    toewijzingen,
    uitvoer,
    vandaag,
    vergelijken,
    verzoeken,
    werkvoorraad,
)
from gateway.web.pages.geld import begin as geld
from gateway.web.pages.geld import voorstellen

PADEN: tuple[Pad, ...] = (
    *gezondheid.PADEN,
    *statisch.PADEN,
    *meldpunt.PADEN,
    *inloggen.PADEN,
    *oidc.PADEN,
    *eerste.PADEN,
    *mijn.PADEN,
    *wachtwoord.PADEN,
    *vandaag.PADEN,
    *uitvoer.PADEN,
    *werkvoorraad.PADEN,
    *herstel.PADEN,
    *besluiten.PADEN,
    *declaraties.PADEN,
    *regels.PADEN,
    *berichten.PADEN,
    *verzoeken.PADEN,
    *toewijzingen.PADEN,
    *clienten.PADEN,
    *lijsten.PADEN,
    *aanbieders.PADEN,
    *vergelijken.PADEN,
    *proeven.PADEN,
    *overeenkomsten.PADEN,
    *sturing.PADEN,
    *regio.PADEN,
    *geld.PADEN,
    *voorstellen.PADEN,
    *fouten.PADEN,
    *eigen.PADEN[:1],
    *maandoverzicht.PADEN,
    *eigen.PADEN[1:],
    *controle.PADEN,
    *regelboek.PADEN,
    *beleid.PADEN,
    *beleid_wijzigen.PADEN,
    *gemeenten.PADEN,
    *gebruikers.PADEN,
    *sleutels.PADEN,
    *logboek.PADEN,
)
