"""The decision receipt: one document that explains how an invoice line was judged, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gateway.periods.bedragen import amount_in_minutes
from gateway.periods.volume import period_limit, total_limit
from gateway.records.batch import Declaratiebatch, Stand
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Finding
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import ToegewezenProduct

HOUSEHOLD = "01"
PER_WEEK = "2"


def receipt(
    batch: Declaratiebatch, line: Prestatie, findings: Iterable[Finding], rules: Sequence[str]
) -> dict[str, Any]:
    """The receipt of one line; amounts in eurocents, dates inclusive, no Bsn in it.

    `batch` holds the line with the facts as they stood when it was judged, `rules` are the codes
    that were applied, `findings` what they and the checks found.
    """
    toewijzing = batch.toewijzingen.get(line.toewijzingnummer)
    prijs = batch.prijzen.get(line.volgnr)
    return {
        "declaratie": batch.declaratie.declaratienummer,
        "identificatie": batch.header.identificatie,
        "aanbieder": batch.header.afzender,
        "gemeente": batch.header.ontvanger,
        "wet": batch.feiten.wet,
        "regel": _line(line),
        "oordeel": "afgewezen" if line.retourcodes else "toegekend",
        "retourcodes": list(line.retourcodes),
        "regels": list(rules),
        "bevindingen": [_finding(finding) for finding in findings],
        "toewijzing": None if toewijzing is None else _assignment(toewijzing),
        "prijs": None if prijs is None else _price(prijs),
        "berekening": _steps(batch, line, toewijzing, prijs),
    }


def _line(line: Prestatie) -> dict[str, Any]:
    return {
        "referentienummer": line.referentienummer,
        "vorigReferentienummer": line.vorig_referentienummer,
        "toewijzingnummer": line.toewijzingnummer,
        "productcategorie": line.productcategorie,
        "productcode": line.productcode,
        "begindatum": line.begindatum.isoformat(),
        "einddatum": line.einddatum.isoformat(),
        "geleverdVolume": line.geleverd_volume,
        "eenheid": line.eenheid,
        "producttarief": line.producttarief,
        "ingediendBedrag": line.ondertekend,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "regel": finding.rule,
        "retourcode": finding.retourcode,
        "effect": finding.effect,
        "plaats": finding.path,
        "gevonden": finding.found,
        "verwacht": finding.expected,
        "tekst": finding.text,
    }


def _assignment(toewijzing: ToegewezenProduct) -> dict[str, Any]:
    einddatum = toewijzing.einddatum
    return {
        "toewijzingnummer": toewijzing.toewijzingnummer,
        "versie": f"{toewijzing.toewijzingsdatum.isoformat()}T{toewijzing.toewijzingstijd}",
        "bekendOp": toewijzing.bekend_op.isoformat(),
        "productcategorie": toewijzing.productcategorie,
        "productcode": toewijzing.productcode,
        "ingangsdatum": toewijzing.ingangsdatum.isoformat(),
        "einddatum": None if einddatum is None else einddatum.isoformat(),
        "redenWijziging": toewijzing.reden_wijziging,
        "volume": toewijzing.volume,
        "eenheid": toewijzing.eenheid,
        "frequentie": toewijzing.frequentie,
        "budget": toewijzing.budget,
    }


def _price(prijs: Prijs) -> dict[str, Any]:
    overeenkomst = prijs.plaats.overeenkomst
    return {
        "overeenkomst": overeenkomst.id,
        "versie": overeenkomst.versie,
        "hash": overeenkomst.hash,
        "cel": prijs.plaats.cel.naam,
        "soort": prijs.soort,
        "eenheid": prijs.eenheid,
        "juistePrijzen": list(prijs.juiste),
        "onbekendVoorAfzender": prijs.onbekend_voor_afzender,
    }


def _steps(
    batch: Declaratiebatch,
    line: Prestatie,
    toewijzing: ToegewezenProduct | None,
    prijs: Prijs | None,
) -> list[dict[str, Any]]:
    """The calculation: the amount of the line, then the room on its assignment."""
    steps = [_amount_step(line, prijs)]
    if toewijzing is not None and not line.is_credit:
        steps += _room_steps(batch, line, toewijzing)
    return steps


def _amount_step(line: Prestatie, prijs: Prijs | None) -> dict[str, Any]:
    if line.eenheid == "83":
        return {"stap": "bedrag is volume in centen", "uitkomst": line.geleverd_volume}
    if line.eenheid == "01" and prijs is not None and prijs.eenheid == "04":
        tarief = prijs.juiste[0]
        return {
            "stap": f"uurtarief {tarief} x {line.geleverd_volume} minuten / 60, half naar boven",
            "uitkomst": amount_in_minutes(tarief, line.geleverd_volume),
        }
    tarief = line.producttarief or 0
    return {
        "stap": f"volume {line.geleverd_volume} x tarief {tarief}",
        "uitkomst": line.geleverd_volume * tarief,
    }


def _room_steps(
    batch: Declaratiebatch, line: Prestatie, toewijzing: ToegewezenProduct
) -> list[dict[str, Any]]:
    granted = batch.stand.get(line.toewijzingnummer, Stand())
    if toewijzing.budget is not None:
        return [
            {"stap": "budget van de toewijzing", "uitkomst": toewijzing.budget},
            {"stap": "toegekend bedrag vóór dit bericht", "uitkomst": granted.bedrag},
        ]
    omvang = toewijzing.omvang
    if omvang is None:
        return []
    period = period_limit(
        omvang,
        line.begindatum,
        line.einddatum,
        toewijzing.ingangsdatum,
        toewijzing.einddatum,
        huishoudelijk_week=batch.feiten.wet == "wmo"
        and toewijzing.productcategorie == HOUSEHOLD
        and omvang.frequentie == PER_WEEK,
    )
    total = total_limit(omvang, toewijzing.ingangsdatum, toewijzing.einddatum)
    return [
        {"stap": f"ruimte in deze periode (eenheid {omvang.eenheid})", "uitkomst": period},
        {"stap": f"ruimte in de hele toewijzing (eenheid {omvang.eenheid})", "uitkomst": total},
        {"stap": _granted_step(omvang.eenheid), "uitkomst": granted.volume},
    ]


def _granted_step(eenheid: str) -> str:
    in_time = eenheid in ("01", "04")
    return f"toegekend volume vóór dit bericht ({'minuten' if in_time else f'eenheid {eenheid}'})"
