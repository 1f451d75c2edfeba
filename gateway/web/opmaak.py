"""Templates: strict, escaped always, with the formats that Dutch readers expect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from gateway.http.verzoek import Verzoek
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_kort, datum_lang, tijdstip
from gateway.periods.hoeveelheid import in_units, omvang_in_words
from gateway.pipeline.kennis import dag_van
from gateway.records.masker import mask, mask_own
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import ALLE
from gateway.web.koekjes import met_handelkoekje
from gateway.web.opnieuw import Ingevuld, page_of
from gateway.web.pages.exportdoel import KEUZES
from gateway.web.statisch import statisch

TEMPLATES = Path(__file__).with_name("templates")
CSRF = "_csrf"
_GEMEENTE = re.compile(r"(?<=\bgemeente )\d{4}\b", re.ASCII)


class _Omvang(Protocol):
    """What an assignment and a request have of an amount; a budget is in eurocents."""

    @property
    def volume(self) -> int | None:
        """How much per frequency."""

    @property
    def eenheid(self) -> str | None:
        """The code of the unit."""

    @property
    def frequentie(self) -> str | None:
        """The code of how often."""

    @property
    def budget(self) -> int | None:
        """The amount in place of all that."""


@dataclass(frozen=True, slots=True)
class Menupunt:
    """A page in the menu."""

    tekst: str
    path: str
    is_hier: bool


@cache
def environment() -> Environment:
    """The templates, read once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        euros=euros, datum=datum_kort, datum_lang=datum_lang, tijdstip=tijdstip, getal=getal
    )
    made.filters.update(hoeveelheid=in_units, omvang=omvang_van)
    made.filters.update(zonder_bsn=mask_own, zonder_bsns=zonder_bsns)
    made.globals.update(statisch=statisch, exportdoelen=KEUZES)
    return made


def zonder_bsns(nummer: str | None) -> str:
    """What a finding knows its subject by, hidden as in the words of the finding beside it."""
    return mask(nummer or "")


def toon(
    verzoek: Verzoek, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HTMLResponse:
    """A page; beside its own `context` it knows who looks at it."""
    aanmelding = verzoek.aanmelding
    sessie = aanmelding.sessie if aanmelding else None
    given: dict[str, Any] = {
        "menu": menu_of(verzoek),
        "wie": aanmelding.wie if aanmelding else None,
        "csrf": sessie.csrf if sessie else "",
        "demo": verzoek.omgeving.demo,
        "gemeente": lambda code: gemeentenaam(verzoek, code),
        "gemeenten": lambda codes: ", ".join(gemeentenaam(verzoek, one) for one in sorted(codes)),
        "met_namen": lambda text: met_namen(verzoek, text),
        "in_woorden": lambda wet, element, code: in_woorden(verzoek, (wet, element), code),
        **_aanbieders(verzoek),
        "mag": lambda recht: verzoek.mag(Recht(recht)),
        "invulling": Ingevuld(verzoek.invulling) if verzoek.invulling else None,
        "deze_pagina": page_of(verzoek),
        **(context or {}),
    }
    response = HTMLResponse(environment().get_template(template).render(given), status)
    met_handelkoekje(verzoek, response)
    return response


def _aanbieders(verzoek: Verzoek) -> dict[str, Callable[[str | None], str]]:
    """What a page calls providers; the register is asked once, and only where one is named.

    `aanbiedernaam` is empty where the register has no name, `aanbieder_voluit` has the AGB code
    behind it, and `partij` is a municipality or provider, whichever has the code.
    """

    @cache
    def names() -> Mapping[str, tuple[int, str]]:
        omgeving = verzoek.omgeving
        return omgeving.store.register.namen_op(dag_van(omgeving.clock()))

    def name(agb: str | None) -> str:
        return names().get(agb or "", (0, ""))[1]

    def in_full(agb: str | None) -> str:
        found = name(agb)
        return f"{found} ({agb})" if found else agb or ""

    def party(code: str | None) -> str:
        is_known = code is None or code in verzoek.omgeving.gemeentenamen
        return gemeentenaam(verzoek, code) if is_known else in_full(code)

    return {"aanbiedernaam": name, "aanbieder_voluit": in_full, "partij": party}


def menu_of(verzoek: Verzoek) -> Sequence[Menupunt]:
    """The pages that somebody may see, in the order of the table of routes."""
    if verzoek.aanmelding is None:
        return []
    shown = [
        (pad.menu, pad.path)
        for pad in verzoek.paden
        if pad.menu is not None and isinstance(pad.recht, Recht) and verzoek.mag(pad.recht)
    ]
    # A page below another one of the menu is at its own place only.
    above = [path for _, path in shown if f"{verzoek.vraag.pad}/".startswith(f"{path}/")]
    here = max(above, key=len, default=None)
    return [Menupunt(menu, path, path == here) for menu, path in shown]


def gemeentenaam(verzoek: Verzoek, code: str | None) -> str:
    """A municipality as people know it; its code where nobody gave it a name, empty for none.

    A sender or receiver that is no municipality stays its AGB code.
    """
    if code == ALLE:
        return "alle gemeenten"
    return verzoek.omgeving.gemeentenamen.get(code or "", code or "")


def met_namen(verzoek: Verzoek, text: str) -> str:
    """What a finding says, with the name of a municipality where it has its code."""
    return _GEMEENTE.sub(lambda found: gemeentenaam(verzoek, found[0]), text)


def in_woorden(verzoek: Verzoek, plek: tuple[str, str], code: str | None) -> str:
    """A code with what it is called in its place (law, element), and as it is where that is not."""
    found = verzoek.omgeving.codenamen.get(plek, {}).get(code or "")
    return f"{code} ({found})" if found else code or ""


def omvang_van(product: _Omvang) -> str:
    """How much is assigned or asked for, in words."""
    if product.volume is not None:
        return omvang_in_words(product.volume, product.eenheid or "", product.frequentie or "")
    return "geen omvang" if product.budget is None else f"budget {euros(product.budget)}"


def gemeentekeuzes(verzoek: Verzoek, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Municipalities to choose from, in the order of their names."""
    return sorted(((one, gemeentenaam(verzoek, one)) for one in codes), key=lambda one: one[1])


def getal(number: int) -> str:
    """A whole number with dots between thousands."""
    return f"{number:,}".replace(",", ".")


def moment_of(seconds: float) -> datetime:
    """A moment of the store, which are seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
