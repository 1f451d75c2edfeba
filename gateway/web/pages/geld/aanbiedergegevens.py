"""Who a provider is and by which codes it declares: the forms that change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from gateway.http.verzoek import Verzoek
from gateway.ledger.register.wijzigingen import AgbEinde, AgbErbij, Einde, Gegevens, Hernoem
from gateway.records.aanbieder import Overgang
from gateway.store.register.register import Dossier
from gateway.web.pages.geld.aanbiedersoort import (
    TOT,
    TOT_LEEG,
    WAAROM,
    Soort,
    changed,
    from_day,
)
from gateway.web.pages.geld.formulier import REDEN, Ingevuld, Veld

OVERGANGEN = (("fusie", "fusie"), ("overname", "overname"), ("splitsing", "splitsing"))


def _naamvelden(verzoek: Verzoek, dossier: Dossier) -> Sequence[Veld]:
    return Veld("naam", "Nieuwe naam", waarde=dossier.een.naam), from_day(verzoek), WAAROM


def _noem(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    naam, vanaf = ingevuld.text("naam"), ingevuld.dag("vanaf")
    ingevuld.done()
    return changed(ingevuld.verzoek, Hernoem(nummer=dossier.een.nummer, naam=naam, vanaf=vanaf))


def _gegevensvelden(_verzoek: Verzoek, dossier: Dossier) -> Sequence[Veld]:
    return (
        Veld("kvk", "KvK-nummer", "Acht cijfers.", waarde=dossier.een.kvk or "", verplicht=False),
        Veld(
            "contact",
            "Contact",
            "Een algemeen telefoonnummer of adres van de organisatie; geen persoon.",
            waarde=dossier.een.contact,
            verplicht=False,
        ),
        WAAROM,
    )


def _beschrijf(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    kvk, contact = ingevuld.text("kvk"), ingevuld.text("contact")
    ingevuld.done()
    return changed(ingevuld.verzoek, Gegevens(nummer=dossier.een.nummer, kvk=kvk, contact=contact))


def _eindevelden(_verzoek: Verzoek, _dossier: Dossier) -> Sequence[Veld]:
    return TOT, WAAROM


def _beeindig(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    tot = ingevuld.dag("tot")
    ingevuld.done()
    return changed(ingevuld.verzoek, Einde(nummer=dossier.een.nummer, tot=tot))


# --- its codes


def _agbvelden(verzoek: Verzoek, _dossier: Dossier) -> Sequence[Veld]:
    return Veld("agb", "AGB-code", "Acht cijfers."), from_day(verzoek), TOT_LEEG, WAAROM


def _geef_agb(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    agb, vanaf = ingevuld.text("agb"), ingevuld.dag("vanaf")
    tot = ingevuld.dag_of_leeg("tot")
    ingevuld.done()
    erbij = AgbErbij(nummer=dossier.een.nummer, agb=agb, vanaf=vanaf, tot=tot)
    return changed(ingevuld.verzoek, erbij)


def _agb_einde_velden(_verzoek: Verzoek, dossier: Dossier) -> Sequence[Veld]:
    codes = [
        (f"{code.code} {code.vanaf.isoformat()}", f"{code.code}, vanaf {code.vanaf}")
        for code in dossier.een.agbs
    ]
    return Veld("agb", "AGB-code", keuzes=codes), TOT_LEEG, WAAROM


def _beeindig_agb(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    chosen, tot = ingevuld.text("agb"), ingevuld.dag_of_leeg("tot")
    ingevuld.done()
    found = next(one for one in dossier.een.agbs if f"{one.code} {one.vanaf.isoformat()}" == chosen)
    einde = AgbEinde(nummer=dossier.een.nummer, agb=found.code, vanaf=found.vanaf, tot=tot)
    return changed(ingevuld.verzoek, einde)


def _overgangvelden(_verzoek: Verzoek, dossier: Dossier) -> Sequence[Veld]:
    open_codes = " ".join(code.code for code in dossier.een.agbs if code.tot is None)
    return (
        Veld("soort", "Wat gebeurt er", keuzes=OVERGANGEN, waarde="fusie"),
        Veld("naar", "Nummer van de aanbieder die verdergaat", soort="number"),
        Veld("dag", "Eerste dag daarvan", soort="date"),
        Veld(
            "agbs",
            "AGB-codes die meegaan",
            "Met een spatie ertussen. Bij een fusie of overname eindigen de andere codes.",
            waarde=open_codes,
            verplicht=False,
        ),
        WAAROM,
    )


def _ga_over(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    soort, naar, dag = ingevuld.text("soort"), ingevuld.nummer("naar"), ingevuld.dag("dag")
    agbs = tuple(ingevuld.text("agbs").split())
    ingevuld.done()
    overgang = Overgang(
        soort=soort,  # type: ignore[arg-type]
        van=dossier.een.nummer,
        naar=naar,
        dag=dag,
        agbs=agbs,
        toelichting=ingevuld.text(REDEN),
    )
    return changed(ingevuld.verzoek, overgang)


GEGEVENS: Mapping[str, Soort] = {
    "naam": Soort("Andere naam", _naamvelden, _noem, "De namen van eerder blijven bewaard."),
    "gegevens": Soort("KvK-nummer en contact", _gegevensvelden, _beschrijf),
    "einde": Soort(
        "Aanbieder beëindigen",
        _eindevelden,
        _beeindig,
        "De AGB-codes krijgen dezelfde laatste dag. Er verdwijnt niets.",
        "Beëindig",
    ),
    "agb": Soort("AGB-code erbij", _agbvelden, _geef_agb),
    "agb-einde": Soort("Laatste dag van een AGB-code", _agb_einde_velden, _beeindig_agb),
    "overgang": Soort(
        "Fusie, overname of splitsing",
        _overgangvelden,
        _ga_over,
        "Deze aanbieder gaat op in een andere, of staat AGB-codes af. Declaraties onder een oude "
        "code blijven staan waar zij staan.",
        "Leg vast",
    ),
}
