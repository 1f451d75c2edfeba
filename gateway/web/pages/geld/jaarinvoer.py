"""What somebody brings into a year: the production statement of a provider, and a sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.responses import RedirectResponse, Response

from gateway.agreements.keys import is_agb
from gateway.http.jaareinde import LARGEST_SHEET, Ingestuurd, draw, take_in
from gateway.http.pad import FORM_BYTES, Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.jaareinde.opgave import KOLOMMEN
from gateway.pipeline.kennis import dag_van
from gateway.store.jaareinde.rekenblad import Vertaling
from gateway.store.noteren import Noteer
from gateway.toegang.rechten import Recht
from gateway.web.pages.geld.aanbiedersoort import gemeenteveld
from gateway.web.pages.geld.formulier import (
    BESTAND,
    Formulier,
    Ingevuld,
    Veld,
    gedaan,
    toon_formulier,
    wrong_at,
)
from gateway.web.pages.geld.jaarafsluiting import (
    PATH,
    STEEKPROEF,
    VERANTWOORDING,
    adres_van,
    jaaradres,
    year_of,
    years_before,
)
from gateway.web.pages.geld.wijzigpad import wijzigpad

VERANTWOORDINGEN, STEEKPROEVEN = f"{PATH}/verantwoordingen", f"{PATH}/steekproeven"
SOORTEN = ".csv,.xlsx"
_ANDERE_KOPPEN = (
    "Heeft het bestand andere koppen, of staat er iets boven?",
    (
        *(Veld(one, f"Hoe heet de kolom {one}?", verplicht=False) for one in KOLOMMEN),
        Veld("koprij", "In welke rij staan de koppen?", "Leeg: de eerste.", verplicht=False),
        Veld("blad", "Blad van de werkmap", "Leeg: het eerste.", verplicht=False),
    ),
)


def _opgave(verzoek: Verzoek) -> Formulier:
    """The form for a statement."""
    return Formulier(
        titel="Verantwoording inlezen",
        onder="",
        uitleg=(
            "Het bestand heeft een rij per regel (kolom referentienummer) of per toewijzing (kolom "
            "toewijzingnummer, en als u wilt productcode), met in kolom bedrag de euro’s. Andere "
            "kolommen leest de gateway niet. Het komt in de plaats van een eerder bestand, en "
            "wordt meteen naast het grootboek gelegd."
        ),
        velden=(
            *_jaarvelden(verzoek),
            Veld("aanbieder", "AGB-code", waarde=verzoek.vraag.zoek.get("aanbieder", "")),
            Veld(
                "bestand",
                "Bestand",
                f"CSV of Excel (.xlsx), hoogstens {LARGEST_SHEET // 2**20} MB.",
                soort=BESTAND,
                waarde=SOORTEN,
            ),
        ),
        knop="Lees in en vergelijk",
        terug=_terug(verzoek),
        verder=_ANDERE_KOPPEN,
    )


def _lees_in(ingevuld: Ingevuld) -> Response:
    verzoek, (gemeente, jaar) = ingevuld.verzoek, _waar(ingevuld)
    aanbieder = _agb(ingevuld)
    naam, body = ingevuld.bestand("bestand", LARGEST_SHEET)
    koprij = ingevuld.nummer("koprij") if ingevuld.text("koprij") else 1
    ingevuld.done()
    koppen = {one: verzoek.veld(one) for one in KOLOMMEN}
    een = Ingestuurd(
        gemeente=gemeente,
        jaar=jaar,
        aanbieder=aanbieder,
        naam=naam,
        inhoud=body,
        vertaling=Vertaling(
            kolommen={one: kop for one, kop in koppen.items() if kop},
            blad=verzoek.veld("blad") or None,
            koprij=max(koprij, 1),
        ),
    )
    noteer = _noted(verzoek, gemeente, f"{aanbieder}, {jaar}")
    nummer = wrong_at("bestand", partial(take_in, verzoek, verzoek.bereik, een, noteer))
    return RedirectResponse(adres_van(verzoek, VERANTWOORDING, nummer), 303)


def _trekking(verzoek: Verzoek) -> Formulier:
    """The form for a sample."""
    return Formulier(
        titel="Steekproef trekken",
        onder="",
        uitleg=(
            "De gateway trekt posten uit wat is toegekend en niet is teruggenomen: elke euro heeft "
            "evenveel kans. Uit hetzelfde zaad komt altijd dezelfde steekproef. Hoe groot zij "
            "wordt, volgt uit de tolerantie in de instellingen."
        ),
        velden=(
            *_jaarvelden(verzoek),
            Veld(
                "aanbieder",
                "AGB-code",
                "Leeg: alle aanbieders samen.",
                waarde=verzoek.vraag.zoek.get("aanbieder", ""),
                verplicht=False,
            ),
            Veld("zaad", "Zaad", "Een woord of getal dat u zelf kiest, zonder BSN."),
        ),
        knop="Trek de steekproef",
        terug=_terug(verzoek),
    )


def _trek(ingevuld: Ingevuld) -> Response:
    verzoek, (gemeente, jaar) = ingevuld.verzoek, _waar(ingevuld)
    aanbieder = _agb(ingevuld) or None
    zaad = ingevuld.text("zaad")
    ingevuld.done()
    noteer = _noted(verzoek, gemeente, f"{aanbieder or 'allen'}, {jaar}")
    plaats = (gemeente, jaar, aanbieder)
    nummer = wrong_at("zaad", partial(draw, verzoek, plaats, zaad, noteer))
    return RedirectResponse(adres_van(verzoek, STEEKPROEF, nummer), 303)


def _jaarvelden(verzoek: Verzoek) -> tuple[Veld, Veld]:
    """Of which municipality and year."""
    zoek, vandaag = verzoek.vraag.zoek, dag_van(verzoek.omgeving.clock())
    jaar = str(year_of(zoek.get("jaar", ""), vandaag))
    return (
        replace(gemeenteveld(verzoek), waarde=zoek.get("gemeente", "")),
        Veld("jaar", "Jaar", waarde=jaar, keuzes=years_before(vandaag)),
    )


def _waar(ingevuld: Ingevuld) -> tuple[str, int]:
    gemeente, jaar = ingevuld.text("gemeente"), ingevuld.text("jaar")
    return gemeente, year_of(jaar, dag_van(ingevuld.verzoek.omgeving.clock()))


def _agb(ingevuld: Ingevuld) -> str:
    found = ingevuld.text("aanbieder")
    if found and not is_agb(found):
        ingevuld.fouten["aanbieder"] = "Een AGB-code heeft acht cijfers."
    return found


def _noted(verzoek: Verzoek, gemeente: str, over: str) -> Noteer:
    """Accounts for a change in its own transaction, with what it is about."""
    handeling = verzoek.verantwoord(gemeente=gemeente, over=over)
    return lambda connection, *_: verzoek.omgeving.store.logboek.schrijf(connection, handeling)


def _terug(verzoek: Verzoek) -> tuple[str, str]:
    """The year that the form was opened from, or was filled in for."""
    gemeente, jaar = (
        verzoek.veld(naam) or verzoek.vraag.zoek.get(naam, "") for naam in ("gemeente", "jaar")
    )
    asked = year_of(jaar, dag_van(verzoek.omgeving.clock()))
    return "Jaarafsluiting", jaaradres(gemeente, asked) if gemeente else PATH


def _form(formulier: Callable[[Verzoek], Formulier], verzoek: Verzoek) -> Response:
    return toon_formulier(verzoek, formulier(verzoek))


def _done(
    formulier: Callable[[Verzoek], Formulier],
    doe: Callable[[Ingevuld], Response],
    verzoek: Verzoek,
) -> Response:
    return gedaan(verzoek, formulier(verzoek), doe)


PADEN = (
    Pad(
        path=VERANTWOORDINGEN,
        method="GET",
        handler=partial(_form, _opgave),
        recht=Recht.GELD_BEHEREN,
    ),
    wijzigpad(
        VERANTWOORDINGEN,
        partial(_done, _opgave, _lees_in),
        "verantwoording inlezen",
        "C",
        budget="export",
        bytecap=LARGEST_SHEET + FORM_BYTES,
    ),
    Pad(
        path=STEEKPROEVEN,
        method="GET",
        handler=partial(_form, _trekking),
        recht=Recht.GELD_BEHEREN,
    ),
    wijzigpad(
        STEEKPROEVEN, partial(_done, _trekking, _trek), "steekproef trekken", "C", budget="export"
    ),
)
