"""Corrections as rows for people and programs: amounts in eurocents, and never a Bsn."""

from __future__ import annotations

from typing import Any

from gateway.ledger.correctie.regels import Bron, Correctie, credit_of, debet_of
from gateway.records.declaratie import Prestatie
from gateway.records.rekenblad import inert

# Which columns a spreadsheet gets, in this order.
KOLOMMEN = (
    "gemeente",
    "wet",
    "aanbieder",
    "declaratienummer",
    "referentienummer",
    "toewijzingnummer",
    "productcategorie",
    "productcode",
    "begindatum",
    "einddatum",
    "eenheid",
    "volume",
    "tarief_oud",
    "bedrag_oud",
    "begindatum_nieuw",
    "einddatum_nieuw",
    "volume_nieuw",
    "tarief_nieuw",
    "bedrag_nieuw",
    "verschil",
    "credit_nodig",
    "cel",
    "waarom",
)


def referentie(line: Prestatie) -> str:
    """The ReferentieNummer of a line, unless its sender made the Bsn of the client that."""
    return "…" if line.bsn in line.referentienummer else line.referentienummer


def row_of(partijen: tuple[str, str, str], one: Correctie) -> tuple[str | int | None, ...]:
    """One correction as KOLOMMEN; what a stranger wrote is never worked out by a spreadsheet."""
    oud, nieuw, bron = one.oud, one.nieuw, one.bron
    return (
        *partijen,
        inert(bron.declaratienummer),
        inert(referentie(oud)),
        oud.toewijzingnummer,
        oud.productcategorie,
        inert(oud.productcode),
        str(oud.begindatum),
        str(oud.einddatum),
        oud.eenheid,
        oud.geleverd_volume,
        oud.producttarief,
        oud.ingediend_bedrag,
        None if nieuw is None else str(nieuw.begindatum),
        None if nieuw is None else str(nieuw.einddatum),
        None if nieuw is None else nieuw.geleverd_volume,
        None if nieuw is None else nieuw.producttarief,
        None if nieuw is None else nieuw.ingediend_bedrag,
        one.verschil,
        "ja" if one.toegekend else "nee",
        inert(one.cel),
        inert(one.waarom),
    )


def document_of(partijen: tuple[str, str, str], one: Correctie) -> dict[str, Any]:
    """One correction with the lines that the provider should send: the credit goes first."""
    gemeente, wet, aanbieder = partijen
    credit = credit_of(one.oud) if one.toegekend else None
    return {
        "gemeente": gemeente,
        "wet": wet,
        "aanbieder": aanbieder,
        **bron_of(one.bron, one.oud),
        "waarom": one.waarom,
        "cel": one.cel,
        "verschil": one.verschil,
        "oud": line_of(one.oud),
        "credit": None if credit is None else line_of(credit),
        "debet": None if one.nieuw is None else line_of(debet_of(one.nieuw)),
    }


def bron_of(bron: Bron, line: Prestatie) -> dict[str, Any]:
    """Where a line stands."""
    return {
        "declaratienummer": bron.declaratienummer,
        "regelnummer": bron.regelnr,
        "referentienummer": referentie(line),
    }


def line_of(line: Prestatie) -> dict[str, Any]:
    """What a line says but its client; a line that is still to be sent has no number yet."""
    vorig = line.vorig_referentienummer
    return {
        "referentienummer": referentie(line) or None,
        "vorigReferentienummer": "…" if vorig is not None and line.bsn in vorig else vorig,
        "toewijzingnummer": line.toewijzingnummer,
        "productcategorie": line.productcategorie,
        "productcode": line.productcode,
        "begindatum": line.begindatum,
        "einddatum": line.einddatum,
        "geleverdVolume": line.geleverd_volume,
        "eenheid": line.eenheid,
        "producttarief": line.producttarief,
        "ingediendBedrag": line.ingediend_bedrag,
        "debetCredit": line.debet_credit,
    }
