"""How the radar is told: tables for an account manager, JSON for a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from gateway.cli.jsonstroom import Document
from gateway.cli.tabel import print_table
from gateway.ledger.aflopend import Afloop
from gateway.ledger.gebruik import Taakgebruik
from gateway.ledger.radar import Radar
from gateway.ledger.ruimte import Ruimte
from gateway.ledger.tempo import Uitputting
from gateway.ledger.verrekening import Verrekening
from gateway.periods.bedragen import euros
from gateway.periods.hoeveelheid import in_time, in_units
from gateway.periods.volume import MINUUT, UUR

One = TypeVar("One")
ONBEKEND = "onbekend"
NIETS = "  niets"
WAT_ER_OPRAAKT = {
    "TR321": "maand vol",
    "TR322": "volume op",
    "TR369": "budget op",
}


def print_radar(radar: Radar, regels: int) -> None:
    """Five parts, each of at most so many rows (0: all)."""
    print(f"{radar.lopend} lopende toewijzingen op {radar.vandaag}")
    _section(
        "Raakt op: vanaf deze dag wordt afgekeurd als het zo doorgaat",
        radar.uitputting,
        (_UITPUTTING, _uitputting_row, ("gebruikt", "ruimte", "om hoeveel het gaat")),
        regels,
    )
    _section(
        f"Loopt af binnen {radar.dagen} dagen",
        radar.aflopend,
        (_AFLOPEND, _afloop_row, ("lopend",)),
        regels,
    )
    _section(
        "Plafonds en jaarbedragen",
        radar.ruimte,
        (_RUIMTE, _ruimte_row, ("afgesproken", "gebruikt", "deel")),
        regels,
    )
    _print_settlements(radar.verrekening, regels)
    _section(
        "Gebruik zonder declaraties: cliënten in zorg",
        radar.gebruik,
        (_GEBRUIK, _gebruik_row, _GEBRUIK[-4:]),
        regels,
    )


Shape = tuple[Sequence[str], Callable[[One], Sequence[str]], Sequence[str]]


def _section(title: str, all_of_it: Sequence[One], shape: Shape[One], regels: int) -> None:
    """A table below its title; what does not fit is counted."""
    headings, row_of, right = shape
    print(f"\n{title}")
    if not all_of_it:
        print(NIETS)
        return
    print_table(headings, map(row_of, all_of_it[: regels or None]), right)
    _rest(all_of_it, regels)


def _rest(all_of_it: Sequence[object], regels: int) -> None:
    """How many were left out."""
    if regels and len(all_of_it) > regels:
        print(f"en nog {len(all_of_it) - regels}; met --regels 0 ziet u alles")


_UITPUTTING = (
    "vanaf",
    "regel",
    "wat",
    "toewijzing",
    "product",
    "gemeente",
    "aanbieder",
    "gebruikt",
    "ruimte",
    "loopt tot",
    "om hoeveel het gaat",
)


def _uitputting_row(one: Uitputting) -> Sequence[str]:
    toewijzing = one.lopend.toewijzing
    return (
        str(one.datum),
        one.regel,
        WAT_ER_OPRAAKT[one.regel],
        str(toewijzing.toewijzingnummer),
        toewijzing.productcode or toewijzing.productcategorie or "",
        one.lopend.gemeente,
        toewijzing.aanbieder,
        _amount(one.gebruikt, one.eenheid),
        _amount(one.ruimte, one.eenheid),
        str(toewijzing.einddatum or "open"),
        ONBEKEND if one.belang is None else euros(one.belang),
    )


def _amount(volume: int, eenheid: str) -> str:
    """A volume in words: time is in minutes here."""
    return in_time(volume) if eenheid in (MINUUT, UUR) else in_units(volume, eenheid)


_AFLOPEND = ("laatste dag", "wat eindigt", "waarvan", "gemeente", "aanbieder", "lopend", "daarna")


def _afloop_row(one: Afloop) -> Sequence[str]:
    after = {None: "", True: "nieuwe prijs", False: "geen prijs"}[one.opvolger]
    return (
        str(one.datum),
        one.soort,
        one.wat,
        one.gemeente,
        one.aanbieder,
        str(one.lopend),
        after,
    )


_RUIMTE = ("soort", "overeenkomst", "van", "jaar", "afgesproken", "gebruikt", "deel", "melding")


def _ruimte_row(one: Ruimte) -> Sequence[str]:
    return (
        one.soort,
        one.overeenkomst,
        one.van,
        str(one.jaar),
        euros(one.ruimte),
        euros(one.gebruikt),
        f"{one.percentage} %",
        f"vanaf {one.melding} %" if one.is_reached else "",
    )


def _print_settlements(all_of_them: Sequence[Verrekening], regels: int) -> None:
    """A few sentences for each provider and cell."""
    print("\nVerrekening van vaste bedragen")
    if not all_of_them:
        print(NIETS)
    for one in all_of_them[: regels or None]:
        period = f"{one.vanaf} tot en met {one.tot}"
        print(f"aanbieder {one.aanbieder}, {one.overeenkomst}: {one.cel}, {period}")
        for sentence in _settlement(one):
            print(f"  {sentence}")
    _rest(all_of_them, regels)


def _settlement(one: Verrekening) -> Iterator[str]:
    yield f"budget {euros(one.budget)}, betaald als voorschot {euros(one.voorschotten)}"
    if one.gebruik is None or one.verschil is None:
        clients = "" if one.in_zorg is None else f"; {one.in_zorg} cliënten in zorg"
        yield f"gebruik {ONBEKEND}: er zijn geen regels toegekend{clients}"
        return
    yield (
        f"tot en met {one.tot_en_met}: gebruik {euros(one.gebruik)} van {euros(one.budget_tot)}, "
        f"verschil {euros(one.verschil)}, {'buiten' if one.is_beyond else 'binnen'} de "
        f"{one.tolerantie} procent"
    )
    if one.vastgesteld is None or one.nog_te_betalen is None:
        yield f"verrekenen: {euros(one.verrekend)}, voorlopig"
        return
    yield (
        f"verrekenen: {euros(one.verrekend)}; vastgesteld op {euros(one.vastgesteld)}, nog te "
        f"betalen {euros(one.nog_te_betalen)}"
    )


_GEBRUIK = (
    "wet",
    "gemeente",
    "aanbieder",
    "product",
    "overeenkomst: cel",
    "in zorg",
    "begonnen dit jaar",
    "gestopt dit jaar",
    "vast bedrag",
)


def _gebruik_row(one: Taakgebruik) -> Sequence[str]:
    zorg = one.zorg
    return (
        zorg.wet,
        zorg.gemeente,
        zorg.aanbieder,
        f"{zorg.productcategorie}/{zorg.productcode}".rstrip("/"),
        f"{one.overeenkomst}: {one.cel}" if one.overeenkomst else "geen",
        str(zorg.in_zorg),
        str(zorg.begonnen),
        str(zorg.gestopt),
        "" if one.bedrag is None else euros(one.bedrag),
    )


def write_radar(radar: Radar) -> None:
    """Everything as one JSON document; amounts in cents, time in minutes."""
    with Document() as document:
        document.put("clock", radar.vandaag)
        document.put("days", radar.dagen)
        document.put("running", radar.lopend)
        document.put_all("exhaustion", map(_uitputting_json, radar.uitputting))
        document.put_all("expiring", radar.aflopend)
        document.put_all("allowances", map(_ruimte_json, radar.ruimte))
        document.put_all("settlements", map(_verrekening_json, radar.verrekening))
        document.put_all("use", map(_gebruik_json, radar.gebruik))


def _uitputting_json(one: Uitputting) -> dict[str, Any]:
    lopend, toewijzing = one.lopend, one.lopend.toewijzing
    return {
        "datum": one.datum,
        "regel": one.regel,
        "gemeente": lopend.gemeente,
        "wet": lopend.wet,
        "aanbieder": toewijzing.aanbieder,
        "toewijzing": toewijzing.toewijzingnummer,
        "productcategorie": toewijzing.productcategorie,
        "productcode": toewijzing.productcode,
        "einddatum": toewijzing.einddatum,
        "gebruikt": one.gebruikt,
        "ruimte": one.ruimte,
        "eenheid": MINUUT if one.eenheid == UUR else one.eenheid,
        "percentage": one.percentage,
        "totEnMet": lopend.tot_en_met,
        "belang": one.belang,
    }


def _ruimte_json(one: Ruimte) -> dict[str, Any]:
    return {
        "soort": one.soort,
        "overeenkomst": one.overeenkomst,
        "van": one.van,
        "jaar": one.jaar,
        "ruimte": one.ruimte,
        "gebruikt": one.gebruikt,
        "percentage": one.percentage,
        "melding": one.melding,
        "bereikt": one.is_reached,
    }


def _verrekening_json(one: Verrekening) -> dict[str, Any]:
    return {
        "overeenkomst": one.overeenkomst,
        "cel": one.cel,
        "aanbieder": one.aanbieder,
        "vanaf": one.vanaf,
        "tot": one.tot,
        "budget": one.budget,
        "voorschotten": one.voorschotten,
        "totEnMet": one.tot_en_met,
        "budgetTot": one.budget_tot,
        "gebruik": one.gebruik,
        "inZorg": one.in_zorg,
        "verschil": one.verschil,
        "tolerantie": one.tolerantie,
        "buitenTolerantie": one.is_beyond,
        "verrekend": one.verrekend,
        "definitief": one.is_definitief,
        "vastgesteld": one.vastgesteld,
        "nogTeBetalen": one.nog_te_betalen,
    }


def _gebruik_json(one: Taakgebruik) -> dict[str, Any]:
    zorg = one.zorg
    return {
        "wet": zorg.wet,
        "gemeente": zorg.gemeente,
        "aanbieder": zorg.aanbieder,
        "productcategorie": zorg.productcategorie,
        "productcode": zorg.productcode,
        "metNummer": zorg.met_nummer,
        "overeenkomst": one.overeenkomst,
        "cel": one.cel,
        "bedrag": one.bedrag,
        "inZorg": zorg.in_zorg,
        "begonnen": zorg.begonnen,
        "gestopt": zorg.gestopt,
    }
