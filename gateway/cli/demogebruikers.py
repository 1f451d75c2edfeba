"""The users of the demo: one for every role, who come in by a button."""

from __future__ import annotations

from gateway.cli.verantwoord import handeling_of
from gateway.pipeline.kennis import Kennis
from gateway.simulate.region import Gemeente
from gateway.store.store import SqlStore
from gateway.store.toegang.gebruikers import NieuweGebruiker, Rollen
from gateway.store.toegang.logboek import Betrokkene
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE

DOEL = "de demo"
OVERAL = {
    "beoordelaar": ("Beoordelaar van alle gemeenten", {Rol.BEOORDELAAR}),
    "beoordelaar-2": ("Beoordelaar: de tweede persoon", {Rol.BEOORDELAAR}),
    "lezer": ("Lezer van alle gemeenten", {Rol.LEZER}),
    "beheerder": ("Beheerder: gebruikers en rollen", {Rol.BEHEERDER}),
    "auditor": ("Auditor: het logboek", {Rol.AUDITOR}),
    "financien": ("Financiën: betalen en verantwoorden", {Rol.FINANCIEN}),
    "financien-2": ("Financiën: de tweede persoon", {Rol.FINANCIEN}),
    "techniek": ("Technisch beheer: storingen", {Rol.TECHNISCH_BEHEER}),
}


def make_demogebruikers(store: SqlStore, kennis: Kennis, gemeente: Gemeente) -> None:
    """Make them, with a beoordelaar for one municipality and somebody of an aanbieder."""
    for naam, (weergave, rollen) in OVERAL.items():
        _make(store, naam, weergave, {ALLE: frozenset(rollen)})
    one_place = {gemeente.code: frozenset({Rol.BEOORDELAAR})}
    _make(store, f"beoordelaar-{gemeente.code}", f"Beoordelaar van {gemeente.naam}", one_place)
    agb = min(
        one.agb for overeenkomst in kennis.overeenkomsten.alle for one in overeenkomst.aanbieders
    )
    of_aanbieder = {ALLE: frozenset({Rol.AANBIEDER})}
    _make(store, "aanbieder", f"Medewerker van aanbieder {agb}", of_aanbieder, agb)


def _make(
    store: SqlStore, naam: str, weergave: str, rollen: Rollen, aanbieder: str | None = None
) -> None:
    nieuw = NieuweGebruiker(naam=naam, weergave=weergave, rollen=rollen, aanbieder=aanbieder)
    act = handeling_of("gebruiker maken", "C", Betrokkene(object=naam), DOEL, store.now())
    store.gebruikers.make(nieuw, act)
