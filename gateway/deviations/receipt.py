"""The decision receipt: one document that explains how an invoice line was judged, step by step.

The same judgement gives the same bytes: keys have a fixed order, and nothing in it depends on when
or where the receipt is made.  Amounts are eurocents, dates inclusive; there is no Bsn in it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec

from gateway.deviations.berekening import (
    Voorgaand,
    agreed_amounts,
    bedrag_steps,
    ruimte_steps,
)
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Evidence, Finding
from gateway.records.masker import mask, mask_finding, mask_own
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import ToegewezenProduct

SOORT, VORM = "beslisbewijs", 1
LEVEL = 1
# Rules of the standard that hold a line against the price of its cell.
OVER_PRIJS = frozenset({"TR346", "TR418"})
NOTHING = Evidence()

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kader:
    """What is the same for every line of one judgement.

    `peil` is the number of the judgement: what earlier judgements made is what it knew.  `regels`
    are the rules that judged, without those `over_regels` for a line that fell with its Client;
    `controles` the checks that looked at what was granted.  `hashes` gives the hash of an agreement
    by id and version.  `regelset` and `kennis` are documents: versions and hashes.
    """

    ontvangen: date
    peil: int
    regels: Sequence[str]
    over_regels: Set[str]
    controles: Sequence[str]
    hashes: Mapping[tuple[str, str], str]
    regelset: Document
    kennis: Document
    is_client: Callable[[str], bool] = field(default=lambda _: False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regelbewijs:
    """One judged line: its codes, what was found on it, and what was granted before it."""

    line: Prestatie
    codes: tuple[str, ...]
    findings: Sequence[Finding]
    voorgaand: Voorgaand = field(default_factory=Voorgaand)
    unjudged: bool = False


def receipt(batch: Declaratiebatch, regel: Regelbewijs, kader: Kader) -> Document:
    """The receipt of one line, judged on the facts of a batch that it is among."""
    line = regel.line
    toewijzing = batch.toewijzingen.get(line.toewijzingnummer)
    versies = batch.versies.get(line.toewijzingnummer, ())
    prijs = batch.prijzen.get(line.volgnr)
    header = batch.header
    judged = [code for code in kader.regels if not (regel.unjudged and code in kader.over_regels)]
    return {
        "soort": SOORT,
        "vorm": VORM,
        "gemeente": header.ontvanger,
        "wet": batch.feiten.wet,
        "aanbieder": header.afzender,
        "identificatie": _hidden(header.identificatie, line, kader),
        "declaratie": _hidden(batch.declaratie.declaratienummer, line, kader),
        "dagtekening": header.dagtekening.isoformat(),
        "ontvangen": kader.ontvangen.isoformat(),
        "regel": _line(line, kader),
        "oordeel": _verdict(regel),
        "retourcodes": list(regel.codes),
        "bevindingen": [
            _finding(
                mask_finding(finding, kader.is_client),
                line.bsn,
                _ground(batch, line, finding, kader),
            )
            for finding in regel.findings
        ],
        "toewijzing": None if toewijzing is None else _assignment(toewijzing),
        "toewijzingBekend": _assignment(versies[1]) if len(versies) > 1 else None,
        "prijs": None if prijs is None else _price(prijs),
        "berekening": bedrag_steps(batch, line, prijs),
        "ruimte": ruimte_steps(batch, line, regel.voorgaand, prijs),
        "regels": judged,
        "controles": [] if regel.codes or line.is_credit else list(kader.controles),
        "peil": kader.peil,
        "regelset": kader.regelset,
        "kennis": kader.kennis,
    }


def pack(document: Document) -> bytes:
    """A receipt as it is kept."""
    return zlib.compress(msgspec.json.encode(document), LEVEL)


def unpack(packed: bytes) -> Document:
    """A receipt that was kept."""
    document: Document = msgspec.json.decode(zlib.decompress(packed))
    return document


def printed(document: Document) -> bytes:
    """A receipt as people get it: indented, with one newline at its end."""
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"


def _verdict(regel: Regelbewijs) -> str:
    if regel.codes:
        return "afgewezen"
    held = any(finding.effect == "hold" for finding in regel.findings)
    return "aangehouden" if held else "toegekend"


def _line(line: Prestatie, kader: Kader) -> Document:
    vorig = line.vorig_referentienummer
    return {
        "regelnummer": line.volgnr,
        "referentienummer": _hidden(line.referentienummer, line, kader),
        "vorigReferentienummer": vorig and _hidden(vorig, line, kader),
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


def _hidden(nummer: str, line: Prestatie, kader: Kader) -> str:
    """A number that a provider chose, without the Bsn of a client that it may have put in it."""
    return mask(nummer) if kader.is_client(nummer) else mask_own(nummer, line.bsn)


def _finding(finding: Finding, bsn: str, grond: Document) -> Document:
    return {
        "regel": finding.rule,
        "retourcode": finding.retourcode,
        "effect": finding.effect,
        "plaats": finding.path,
        "gevonden": mask_own(finding.found, bsn),
        "verwacht": mask_own(finding.expected, bsn),
        "tekst": mask_own(finding.text, bsn),
        "grond": grond,
    }


def _ground(batch: Declaratiebatch, line: Prestatie, finding: Finding, kader: Kader) -> Document:
    """What a finding rests on: assignment version, agreement, cell and amounts in eurocents."""
    toewijzing = batch.toewijzingen.get(line.toewijzingnummer)
    evidence = finding.evidence or NOTHING
    prijs = batch.prijzen.get(line.volgnr)
    if prijs is not None and finding.rule in OVER_PRIJS:
        evidence = _by_price(line, prijs, evidence)
    naam, versie = evidence.overeenkomst, evidence.versie
    known = evidence.ingediend is not None and evidence.verwacht is not None
    return {
        "toewijzing": None if toewijzing is None else _version(toewijzing),
        "overeenkomst": naam,
        "versie": versie,
        "hash": None if naam is None else kader.hashes.get((naam, versie or "")),
        "cel": evidence.cel,
        "ingediend": evidence.ingediend,
        "verwacht": evidence.verwacht,
        "verschil": (evidence.ingediend or 0) - (evidence.verwacht or 0) if known else None,
        "belang": evidence.belang,
        "controleplan": evidence.controleplan,
    }


def _by_price(line: Prestatie, prijs: Prijs, evidence: Evidence) -> Evidence:
    """The grounds of a rule that holds a line against its price, with the amount by that price."""
    overeenkomst, amounts = prijs.plaats.overeenkomst, agreed_amounts(line, prijs)
    return replace(
        evidence,
        overeenkomst=overeenkomst.id,
        versie=overeenkomst.versie,
        cel=prijs.plaats.cel.naam,
        ingediend=line.ingediend_bedrag,
        verwacht=amounts[0] if amounts else None,
    )


def _version(toewijzing: ToegewezenProduct) -> str:
    return f"{toewijzing.toewijzingsdatum.isoformat()}T{toewijzing.toewijzingstijd}"


def _assignment(toewijzing: ToegewezenProduct) -> Document:
    einddatum = toewijzing.einddatum
    return {
        "toewijzingnummer": toewijzing.toewijzingnummer,
        "versie": _version(toewijzing),
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


def _price(prijs: Prijs) -> Document:
    overeenkomst, cel = prijs.plaats.overeenkomst, prijs.plaats.cel
    bekend = prijs.plaats.bekendgemaakt_op
    return {
        "overeenkomst": overeenkomst.id,
        "versie": overeenkomst.versie,
        "hash": overeenkomst.hash,
        "cel": cel.naam,
        "soort": prijs.soort,
        "eenheid": prijs.eenheid,
        "vanaf": cel.vanaf.isoformat(),
        "tot": None if cel.tot is None else cel.tot.isoformat(),
        "bekendgemaaktOp": None if bekend is None else bekend.isoformat(),
        "juistePrijzen": list(prijs.juiste),
        "onbekendVoorAfzender": prijs.onbekend_voor_afzender,
    }
