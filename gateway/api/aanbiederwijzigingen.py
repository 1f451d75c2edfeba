"""What may be changed of a provider: its names, codes and mergers, and what was agreed with it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from gateway.api.aanbieders import GROEP, detail_of, dossier_van
from gateway.api.eindpunt import Eindpunt, Invoer, Oproep, Uitkomst
from gateway.api.nazorg import AGB, BEHEREN, GEMEENTE
from gateway.api.versie import refuse_other_version
from gateway.api.wijzigen import Wijzigingsbewijs, bewijs_op
from gateway.api.woorden import Wet, adres
from gateway.errors import NietToegestaan
from gateway.ledger.register.wijzigingen import (
    Afspraak,
    AgbEinde,
    AgbErbij,
    ContractEinde,
    ContractErbij,
    Einde,
    Gegevens,
    Hernoem,
    Nieuw,
    OnderaannemerEinde,
    OnderaannemerErbij,
    Wijziging,
    told,
)
from gateway.records.aanbieder import Contractstuk, Crediteur, Onderaanneming, Overgang
from gateway.store.noteren import Noteer

DOEL = "beheer van het aanbiedersregister"
_NAAM = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
_KVK = Annotated[str, msgspec.Meta(pattern="^([0-9]{8})?$", description="Acht cijfers, of leeg.")]
_CONTACT = Annotated[
    str, msgspec.Meta(max_length=300, description="Van de organisatie; geen persoon.")
]
_REDEN = Annotated[
    str, msgspec.Meta(min_length=1, max_length=200, description="Komt in het logboek. Zonder BSN.")
]
_TEKST = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
_NUMMER = Annotated[int, msgspec.Meta(ge=1, le=999_999_999)]


class _Soort(Invoer, frozen=True, kw_only=True, tag_field="soort"):
    """A change of one kind, told apart by `soort`."""


class Naamwijziging(_Soort, frozen=True, kw_only=True, tag="naam"):
    """Een andere naam vanaf een dag; de namen van eerder blijven bewaard."""

    naam: _NAAM
    vanaf: date


class Gegevenswijziging(_Soort, frozen=True, kw_only=True, tag="gegevens"):
    """KvK-nummer en contact; leeg is geen."""

    kvk: _KVK
    contact: _CONTACT


class Aanbiedereinde(_Soort, frozen=True, kw_only=True, tag="einde"):
    """De laatste dag van een aanbieder, en zo van zijn AGB-codes."""

    tot: date


class Agbtoevoeging(_Soort, frozen=True, kw_only=True, tag="agb"):
    """Een AGB-code erbij."""

    agb: AGB
    vanaf: date
    tot: date | None = None


class Agbeinddatum(_Soort, frozen=True, kw_only=True, tag="agb-einde"):
    """Een andere laatste dag van een AGB-code; leeg is weer zonder einde."""

    agb: AGB
    vanaf: Annotated[date, msgspec.Meta(description="De dag waarop zij begon.")]
    tot: date | None = None


class Overgangswijziging(_Soort, frozen=True, kw_only=True, tag="overgang"):
    """Vanaf een dag gaat een ander verder met wat deze aanbieder deed."""

    wat: Literal["fusie", "overname", "splitsing"]
    naar: _NUMMER
    dag: date
    agbs: Annotated[
        tuple[AGB, ...], msgspec.Meta(max_length=1_000, description="De codes die meegaan.")
    ] = ()


class Crediteurwijziging(_Soort, frozen=True, kw_only=True, tag="crediteur"):
    """Het nummer in de boeken van een gemeente, vanaf een dag."""

    gemeente: GEMEENTE
    crediteurnummer: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    vanaf: date


class Contractwijziging(_Soort, frozen=True, kw_only=True, tag="contract"):
    """Welk document bij een overeenkomst hoort."""

    overeenkomst: _TEKST
    documentnummer: _TEKST
    vanaf: date
    tot: date | None = None
    opmerking: Annotated[str, msgspec.Meta(max_length=1_000, description="Zonder BSN.")] = ""


class Contracteinde(_Soort, frozen=True, kw_only=True, tag="contract-einde"):
    """De laatste dag van een contract."""

    nummer: _NUMMER
    tot: date


class Onderaannemergoedkeuring(_Soort, frozen=True, kw_only=True, tag="onderaannemer"):
    """Wie voor deze aanbieder mag werken; wat u weglaat, is alle."""

    onder: _NUMMER
    wet: Wet | None = None
    productcategorie: Annotated[str, msgspec.Meta(pattern="^[0-9A-Z]{1,10}$")] | None = None
    vanaf: date
    tot: date | None = None
    goedgekeurd_door: Annotated[
        str,
        msgspec.Meta(min_length=1, max_length=120, description="Een afdeling; geen persoon."),
    ]


class Onderaannemereinde(_Soort, frozen=True, kw_only=True, tag="onderaannemer-einde"):
    """De laatste dag van een onderaanneming."""

    nummer: _NUMMER
    tot: date


Eigen = (
    Naamwijziging
    | Gegevenswijziging
    | Aanbiedereinde
    | Agbtoevoeging
    | Agbeinddatum
    | Overgangswijziging
)
Afgesproken = Contractwijziging | Contracteinde | Onderaannemergoedkeuring | Onderaannemereinde


class Registerwijziging(Invoer, frozen=True, kw_only=True):
    """Eén wijziging van een aanbieder, met waarom."""

    wijziging: Eigen | Afgesproken | Crediteurwijziging
    reden: _REDEN


class Nieuweaanbieder(Invoer, frozen=True, kw_only=True):
    """Een aanbieder die nog niet in het register staat."""

    naam: _NAAM
    vanaf: date
    agb: Annotated[AGB | None, msgspec.Meta(description="Zijn eerste AGB-code.")] = None
    kvk: _KVK = ""
    contact: _CONTACT = ""
    reden: _REDEN


def zet_in(oproep: Oproep) -> Uitkomst:
    """Put a provider in the register."""
    given: Nieuweaanbieder = oproep.inhoud
    oproep.verzoek.doel = given.reden
    nieuw = Nieuw(
        naam=given.naam,
        vanaf=given.vanaf,
        kvk=given.kvk,
        contact=given.contact,
        agb=given.agb or "",
    )
    register = oproep.verzoek.omgeving.store.register
    noteer = oproep.vastlegging(_bewijs, None, over=told(nieuw))
    (nummer,) = register.wijzig([nieuw], noteer)
    return _bewijs(nummer)


def wijzig(oproep: Oproep) -> Uitkomst:
    """Change one thing of a provider, as it was shown."""
    given: Registerwijziging = oproep.inhoud
    dossier = dossier_van(oproep)
    refuse_other_version(oproep, detail_of(dossier))
    oproep.verzoek.doel = given.reden
    uitkomst = _bewijs(dossier.een.nummer)
    _carry_out(oproep, dossier.een.nummer, given, uitkomst)
    return uitkomst


def _carry_out(oproep: Oproep, nummer: int, given: Registerwijziging, uitkomst: Uitkomst) -> None:
    """Do it, with who did it and what is answered in the same transaction."""
    register = oproep.verzoek.omgeving.store.register

    def noteer(over: str, gemeente: str | None = None) -> Noteer:
        return oproep.vastlegging(uitkomst, gemeente, over=over)

    match given.wijziging:
        case Crediteurwijziging() as one:
            if one.gemeente not in oproep.bereik.gemeenten:
                raise NietToegestaan
            number = Crediteur(one.gemeente, one.crediteurnummer, one.vanaf)
            over = f"aanbieder {nummer}: crediteurnummer {one.crediteurnummer}"
            register.crediteer(nummer, number, noteer(over, one.gemeente))
        case (
            Contractwijziging()
            | Contracteinde()
            | Onderaannemergoedkeuring()
            | Onderaannemereinde() as one
        ):
            afspraak = _afspraak(nummer, one)
            register.spreek_af([afspraak], noteer(told(afspraak)))
        case one:
            change = _change(nummer, one, given.reden)
            register.wijzig([change], noteer(told(change)))


def _afspraak(nummer: int, given: Afgesproken) -> Afspraak:
    """What was agreed with the provider, as the register takes it."""
    match given:
        case Contractwijziging():
            return ContractErbij(nummer=nummer, stuk=Contractstuk(**_values(given)))
        case Contracteinde():
            return ContractEinde(nummer=nummer, welk=given.nummer, tot=given.tot)
        case Onderaannemergoedkeuring():
            nieuw = Onderaanneming(hoofd=nummer, **_values(given))
            return OnderaannemerErbij(nieuw=nieuw)
        case Onderaannemereinde():
            return OnderaannemerEinde(nummer=nummer, welk=given.nummer, tot=given.tot)


def _change(nummer: int, given: Eigen, reden: str) -> Wijziging:
    """A change of the provider itself, as the register takes it."""
    match given:
        case Naamwijziging():
            return Hernoem(nummer=nummer, **_values(given))
        case Gegevenswijziging():
            return Gegevens(nummer=nummer, **_values(given))
        case Aanbiedereinde():
            return Einde(nummer=nummer, tot=given.tot)
        case Agbtoevoeging():
            return AgbErbij(nummer=nummer, **_values(given))
        case Agbeinddatum():
            return AgbEinde(nummer=nummer, **_values(given))
        case Overgangswijziging():
            return Overgang(
                soort=given.wat,
                van=nummer,
                naar=given.naar,
                dag=given.dag,
                agbs=given.agbs,
                toelichting=reden,
            )


def _values(given: Invoer) -> dict[str, Any]:
    return {name: getattr(given, name) for name in given.__struct_fields__}


def _bewijs(nummer: int) -> Uitkomst:
    return bewijs_op(adres(GROEP, str(nummer)))


EINDPUNTEN = (
    Eindpunt(
        methode="POST",
        pad="/aanbieders",
        naam="zetAanbiederInRegister",
        groep=GROEP,
        titel="Een aanbieder in het register zetten",
        rechten=BEHEREN,
        doe=zet_in,
        inhoud=Nieuweaanbieder,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="aanbieder in het register zetten",
        soort="C",
        doel=DOEL,
        herhaalbaar=True,
    ),
    Eindpunt(
        methode="POST",
        pad="/aanbieders/{nummer}/wijzigingen",
        naam="wijzigAanbieder",
        groep=GROEP,
        titel="Iets van een aanbieder wijzigen",
        uitleg="Een naam, code, fusie, contract, onderaannemer of crediteurnummer; zie soort.",
        rechten=BEHEREN,
        doe=wijzig,
        inhoud=Registerwijziging,
        antwoord=Wijzigingsbewijs,
        status=201,
        handeling="aanbiedersregister wijzigen",
        soort="U",
        doel=DOEL,
        herhaalbaar=True,
        met_versie=True,
    ),
)
