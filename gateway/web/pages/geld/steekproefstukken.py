"""The papers of a sample go out as a zip, and what was found in its lines comes back as a file."""

from __future__ import annotations

from functools import partial

from starlette.responses import RedirectResponse, Response

from gateway.http.bestand import attachment, sent
from gateway.http.jaareinde import LARGEST_SHEET, papers_of, take_results
from gateway.http.pad import FORM_BYTES, Pad
from gateway.http.verzoek import Verzoek
from gateway.ledger.jaareinde.uitslagen import KOPPEN
from gateway.store.jaareinde.steekproeven import Steekproef
from gateway.toegang.rechten import Recht
from gateway.web.pages.exportdoel import doel_van
from gateway.web.pages.geld.formulier import (
    BESTAND,
    DOELVELDEN,
    Formulier,
    Ingevuld,
    Veld,
    gedaan,
    toon_formulier,
    wrong_at,
)
from gateway.web.pages.geld.jaarafsluiting import STEEKPROEF, adres_van
from gateway.web.pages.geld.jaarinvoer import SOORTEN
from gateway.web.pages.geld.jaarpakket import ZIP
from gateway.web.pages.geld.steekproef import EEN, nummer_van
from gateway.web.pages.geld.wijzigpad import wijzigpad
from gateway.web.pages.uitvoer import uitvoerpad
from gateway.web.pages.werkvoorraad import noteer_van


def _stukken(verzoek: Verzoek) -> Response:
    een = _een(verzoek)
    formulier = Formulier(
        titel="Stukken van de steekproef",
        onder=_onder(een),
        uitleg=(
            "U krijgt een zip met bij elke post het bewijs van de beslissing, alle versies van de "
            "toewijzing en waar het bericht staat: hetzelfde als met de opdracht gateway ledger "
            "yearend papers. In posten.csv vult u de uitslagen in. In het logboek komt van elke "
            "cliënt dat u zijn stukken hebt."
        ),
        velden=DOELVELDEN,
        knop="Haal de stukken op",
        terug=_terug(verzoek, een),
    )
    return toon_formulier(verzoek, formulier)


def _haal_op(verzoek: Verzoek) -> Response:
    verzoek.doel = doel_van(verzoek)
    made = papers_of(verzoek, verzoek.bereik, nummer_van(verzoek))
    return sent(made.inhoud, ZIP, attachment(made.naam, made.grootte))


def _uitslagen(verzoek: Verzoek) -> Formulier:
    """The form for a file with results."""
    een = _een(verzoek)
    return Formulier(
        titel="Uitslagen inlezen",
        onder=_onder(een),
        uitleg=(
            f"Het bestand heeft de kolommen {', '.join(KOPPEN)}, zoals posten.csv bij de stukken. "
            "Een post zonder oordeel slaat de gateway over; een eerdere uitslag maakt plaats. "
            "Klopt een rij niet, dan verandert er niets."
        ),
        velden=(
            Veld(
                "bestand",
                "Bestand",
                f"CSV of Excel (.xlsx), hoogstens {LARGEST_SHEET // 2**20} MB.",
                soort=BESTAND,
                waarde=SOORTEN,
            ),
        ),
        knop="Lees de uitslagen in",
        terug=_terug(verzoek, een),
    )


def _toon_uitslagen(verzoek: Verzoek) -> Response:
    return toon_formulier(verzoek, _uitslagen(verzoek))


def _lees_in(ingevuld: Ingevuld) -> Response:
    verzoek = ingevuld.verzoek
    een = _een(verzoek)
    _, inhoud = ingevuld.bestand("bestand", LARGEST_SHEET)
    ingevuld.done()
    verzoek.toont(een.gemeente, [], f"steekproef {een.nummer}")
    noteer = noteer_van(verzoek, een.gemeente)
    taken = partial(take_results, verzoek, verzoek.bereik, een.nummer, inhoud, noteer)
    wrong_at("bestand", taken)
    return RedirectResponse(adres_van(verzoek, STEEKPROEF, een.nummer), 303)


def _leg_vast(verzoek: Verzoek) -> Response:
    return gedaan(verzoek, _uitslagen(verzoek), _lees_in)


def _een(verzoek: Verzoek) -> Steekproef:
    een, _ = verzoek.omgeving.store.steekproeven.get(verzoek.bereik, nummer_van(verzoek))
    return een


def _onder(een: Steekproef) -> str:
    return f"{een.aanbieder or 'alle aanbieders'} in {een.jaar}"


def _terug(verzoek: Verzoek, een: Steekproef) -> tuple[str, str]:
    return f"Steekproef {een.nummer}", adres_van(verzoek, STEEKPROEF, een.nummer)


PADEN = (
    Pad(path=EEN + "/stukken", method="GET", handler=_stukken, recht=Recht.GELD_BEHEREN),
    uitvoerpad(EEN + "/stukken", _haal_op, "steekproef uitvoeren", recht=Recht.GELD_BEHEREN),
    Pad(path=EEN + "/uitslagen", method="GET", handler=_toon_uitslagen, recht=Recht.GELD_BEHEREN),
    wijzigpad(
        EEN + "/uitslagen",
        _leg_vast,
        "steekproef beoordelen",
        "U",
        budget="export",
        bytecap=LARGEST_SHEET + FORM_BYTES,
    ),
)
