"""How the figures of a region are told: tables for a policy adviser, CSV and JSON for a program."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.cli.jsonstroom import Document
from gateway.cli.tabel import print_table
from gateway.errors import CouldNotFinish
from gateway.ledger.regio.antwoord import Antwoord, percent
from gateway.ledger.regio.lijst import Kolom, Lijst, Waarde, lists_of
from gateway.ledger.regio.rapport import Jaarcijfers, Regiocijfers
from gateway.ledger.regio.telling import Veld
from gateway.ledger.regio.verborgen import KLEINSTE
from gateway.periods.bedragen import euros
from gateway.records.rekenblad import inert

NIET_GETOOND = "-"
TE_WEINIG = f"in dit jaar zijn er te weinig cliënten (minder dan {KLEINSTE}) om iets te tonen"
_TEXTS = ("tekst", "gemeente")


def print_report(cijfers: Regiocijfers, nu: Jaarcijfers, found: Sequence[Antwoord]) -> None:
    """The questions with their answers, then all figures."""
    print(f"{nu.jaar}, geteld op {cijfers.vandaag}, over {len(cijfers.gemeenten)} gemeenten")
    if nu.totaal is None:
        print(TE_WEINIG)
        return
    print(
        f"{nu.totaal.trajecten} trajecten van {nu.totaal.clienten} cliënten, "
        f"{euros(nu.totaal.bedrag)} toegekend"
    )
    if nu.rest.clienten:
        print(
            f"niet verdeeld: {nu.rest.trajecten} trajecten van {nu.rest.clienten} cliënten, "
            f"{euros(nu.rest.bedrag)} toegekend"
        )
    if nu.los:
        print(f"daarbuiten is {euros(nu.los)} toegekend, op geen traject van dit jaar")
    print(f"{NIET_GETOOND} is niet van toepassing, of gaat over te weinig cliënten")
    for one in found:
        print(f"\n# {one.vraag}\n{one.zin}")
        _print_list(one.lijst)
    for lijst in lists_of(nu) if nu.totaal.trajecten else ():
        print(f"\n# {lijst.titel}")
        _print_list(lijst)


def _print_list(lijst: Lijst) -> None:
    if not lijst.rijen:
        print("  niets")
        return
    rows = (
        [_shown(kolom, value) for kolom, value in zip(lijst.kolommen, rij, strict=True)]
        for rij in lijst.rijen
    )
    right = [one.naam for one in lijst.kolommen if one.soort not in _TEXTS]
    print_table([one.naam for one in lijst.kolommen], rows, right)


def _shown(kolom: Kolom, value: Waarde) -> str:
    if value is None:
        return NIET_GETOOND
    if isinstance(value, str):
        return value
    if kolom.soort == "euro":
        return euros(value)
    if kolom.soort == "procent":
        return percent(value)
    return percent(value).rstrip("%") if kolom.soort == "tiende" else str(value)


def write_csv(nu: Jaarcijfers, found: Sequence[Antwoord], folder: Path) -> int:
    """A file for each list, with amounts in cents and shares in tenths; returns how many."""
    lists = [*(one.lijst for one in found), *(lists_of(nu) if found else ())]
    try:
        for lijst in lists:
            with (folder / f"{lijst.code}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, delimiter=";")
                writer.writerow([_heading(one) for one in lijst.kolommen])
                writer.writerows([_plain(one) for one in rij] for rij in lijst.rijen)
    except OSError as error:
        raise CouldNotFinish(f"{folder}: niet alles is geschreven") from error
    return len(lists)


def _heading(kolom: Kolom) -> str:
    units = {"euro": " (centen)", "procent": " (tiende procent)", "tiende": " (tienden)"}
    return f"{kolom.naam.lower()}{units.get(kolom.soort, '')}"


def _plain(value: Waarde) -> str | int:
    if value is None:
        return ""
    return value if isinstance(value, int) else inert(value)


def write_json(cijfers: Regiocijfers, nu: Jaarcijfers, found: Sequence[Antwoord]) -> None:
    """One document; amounts in cents, shares in tenths of a percent, null for what is not told."""
    with Document() as document:
        document.put("year", nu.jaar)
        document.put("day", cijfers.vandaag)
        document.put("municipalities", cijfers.gemeenten)
        document.put("smallest", KLEINSTE)
        document.put("hidden", nu.verborgen)
        document.put("total", _counted(nu.totaal))
        document.put("rest", _counted(nu.rest))
        document.put("elsewhere", nu.los)
        document.put_all(
            "questions",
            ({"question": one.vraag, "answer": one.zin, **list_json(one.lijst)} for one in found),
        )
        document.put_all("lists", map(list_json, lists_of(nu) if found else ()))


def _counted(veld: Veld | None) -> dict[str, int] | None:
    if veld is None:
        return None
    return {"trajecten": veld.trajecten, "clienten": veld.clienten, "bedrag": veld.bedrag}


def list_json(lijst: Lijst) -> dict[str, Any]:
    """A list as JSON."""
    return {
        "code": lijst.code,
        "title": lijst.titel,
        "columns": [{"name": one.naam, "kind": one.soort} for one in lijst.kolommen],
        "rows": lijst.rijen,
    }
