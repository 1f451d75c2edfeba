"""Anders toekennen: what a municipality assigns in the place of what a VOT asks for (IV094).

A VOW is granted as it is asked for, or not at all (OP348): there is no such form for it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.errors import WrongUse
from gateway.http.verzoek import Verzoek
from gateway.records.verzoek import AangevraagdProduct
from gateway.web.pages.zoekvelden import cents

_OMVANG = {"omvang": "omvang", "eenheid": "eenheidCode", "frequentie": "frequentieCode"}


def velden_van(gevraagd: AangevraagdProduct) -> dict[str, str]:
    """The fields of the form as they are asked for, to be changed."""
    budget = gevraagd.budget
    values = {
        "categorie": gevraagd.productcategorie,
        "code": gevraagd.productcode,
        "ingang": gevraagd.ingangsdatum.isoformat(),
        "einde": gevraagd.einddatum and gevraagd.einddatum.isoformat(),
        "omvang": gevraagd.volume,
        "eenheid": gevraagd.eenheid,
        "frequentie": gevraagd.frequentie,
        "budget": None if budget is None else f"{budget // 100},{budget % 100:02}",
    }
    return {name: "" if value is None else str(value) for name, value in values.items()}


def toewijzing_van(verzoek: Verzoek, gevraagd: AangevraagdProduct) -> dict[str, Any]:
    """What the form assigns, as an opdracht has it; the rules judge it before it is sent.

    Raises WrongUse for what is no date, number or amount, and where nothing differs.
    """
    given = {name: verzoek.veld(name) for name in velden_van(gevraagd)}
    if given == velden_van(gevraagd):
        raise WrongUse("u verandert niets: ken het verzoek toe zoals het is gevraagd")
    if not given["ingang"]:
        raise WrongUse("vul de dag in waarop de toewijzing ingaat", veld="ingang")
    if given["omvang"] and given["budget"]:
        raise WrongUse("kies een omvang of een budget, niet allebei", veld="omvang")
    if any(given[name] for name in _OMVANG) and not all(given[name] for name in _OMVANG):
        raise WrongUse(
            "bij een omvang horen het aantal, de eenheid en de frequentie", veld="omvang"
        )
    told: dict[str, Any] = {"datumStartToewijzing": day_of(given["ingang"])}
    if given["einde"]:
        told["datumEindeToewijzing"] = day_of(given["einde"])
    if given["categorie"]:
        told["productcategorie"] = given["categorie"]
    if given["code"]:
        told["code"] = given["code"]
    if given["budget"]:
        told["budget"] = cents(given["budget"])
    if given["omvang"]:
        told |= {name: given[veld] for veld, name in _OMVANG.items()}
        told["omvang"] = _whole(given["omvang"])
    return told


def day_of(text: str) -> str:
    """A day as a form gives it; raises WrongUse for any other text."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise WrongUse("schrijf een dag als 2026-01-31") from None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 8):
        raise WrongUse("vul bij de omvang een geheel getal in", veld="omvang")
    return int(text)
