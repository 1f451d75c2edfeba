"""Reads the fields of a filter from an address, and writes them back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast, get_args
from urllib.parse import urlencode

from gateway.errors import WrongUse
from gateway.store.werk.voorraad import Filter, Volgorde

# Amounts as people write them: 1.234,50 or 1234,5; a dot before cents is refused.
_BEDRAG = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{1,2}))?")
MIJ, NIEMAND = "mij", "niemand"
TEKSTEN = ("gemeente", "wet", "aanbieder", "overeenkomst", "product", "rule", "retourcode")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Zoekvraag:
    """A filter with the order of the list, as the fields of the address that gave it."""

    filter: Filter
    volgorde: Volgorde
    velden: Mapping[str, str]

    def naar(self, path: str, **changed: str | None) -> str:
        """The address of the same list, with some fields changed or left out (None)."""
        velden = {**self.velden, **changed}
        told = urlencode({name: value for name, value in velden.items() if value})
        return f"{path}?{told}" if told else path


def zoekvraag(velden: Mapping[str, str], wie: str) -> Zoekvraag:
    """The question that the fields of an address ask; raises WrongUse for what is no answer."""
    given = {name: value.strip()[:LONGEST] for name, value in velden.items() if value.strip()}
    eigenaar = given.get("eigenaar")
    filter_ = Filter(
        **{name: given.get(name) for name in TEKSTEN},
        vanaf=cents(given["vanaf"]) if "vanaf" in given else None,
        uiterlijk=dag_of(given["uiterlijk"]) if "uiterlijk" in given else None,
        eigenaar={MIJ: wie, NIEMAND: ""}.get(eigenaar or "", eigenaar),
        aangehouden=given.get("stand") == "aangehouden",
        afgewezen=given.get("stand") == "afgewezen",
    )
    volgorde = given.get("volgorde", "bedrag")
    if volgorde not in get_args(Volgorde):
        raise WrongUse("deze volgorde bestaat niet")
    known = {*TEKSTEN, "vanaf", "uiterlijk", "eigenaar", "stand", "volgorde"}
    kept = {name: value for name, value in given.items() if name in known}
    return Zoekvraag(filter_, cast("Volgorde", volgorde), kept)


def cents(text: str) -> int:
    """An amount as people write it, in eurocents; raises WrongUse for any other text."""
    found = _BEDRAG.fullmatch(text.replace("€", "").strip())
    if found is None or len(found[1]) > 15:
        raise WrongUse("schrijf het bedrag als 1.234,50 of 1234,5")
    return int(found[1].replace(".", "")) * 100 + int((found[2] or "").ljust(2, "0"))


def dag_of(text: str) -> date:
    """A day as people or their browser write it; raises WrongUse for any other text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse("schrijf de datum als jjjj-mm-dd") from None
