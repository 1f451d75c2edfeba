"""The calculation behind a line, step by step, as a decision receipt shows it.

Each step is a sentence and what it comes to: eurocents, unless it names another unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.agreements.maandbedrag import month_due
from gateway.agreements.match import instalments
from gateway.periods.bedragen import amount_in_minutes
from gateway.periods.volume import (
    MINUTES_PER_HOUR,
    MINUUT,
    UUR,
    limit_in_unit,
    period_limit,
    total_limit,
)
from gateway.records.batch import Declaratiebatch, Stand
from gateway.records.declaratie import Prestatie
from gateway.records.omvang import Omvang
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import ToegewezenProduct

EURO = "83"
HUISHOUDELIJK = "01"
EENHEDEN = {
    MINUUT: "minuten",
    UUR: "uren",
    "14": "etmalen",
    "16": "dagdelen",
    "82": "stuks",
    EURO: "centen",
    "84": "stuks",
}
PER = {"toewijzing": "per toewijzing", "client-jaar": "per cliënt en jaar"}

NOTHING = Stand()

Stap = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Voorgaand:
    """What was granted before a line: by earlier messages, and by this one before the line.

    `client` is what its client was granted on its product in its year of delivery, in eurocents;
    None where no budget of a client counts.
    """

    vooraf: Stand = NOTHING
    in_bericht: Stand = NOTHING
    client: int | None = None


def _stap(sentence: str, uitkomst: int) -> Stap:
    return {"stap": sentence, "uitkomst": uitkomst}


def bedrag_steps(batch: Declaratiebatch, line: Prestatie, prijs: Prijs | None) -> list[Stap]:
    """What the line asks for, and what it may ask for by its cell."""
    if line.is_credit:
        return list(_credit_steps(batch, line))
    agreed = () if prijs is None else _agreed_steps(batch, line, prijs)
    return [*_own_steps(line, prijs), *agreed]


def _credit_steps(batch: Declaratiebatch, line: Prestatie) -> Iterator[Stap]:
    vorig = line.vorig_referentienummer
    debet = batch.debets.get(vorig) if vorig is not None else None
    if debet is not None:
        yield _stap("bedrag van de toegekende debetregel", debet.ingediend_bedrag)
    yield _stap("ingediend bedrag van deze creditregel", line.ondertekend)


def _own_steps(line: Prestatie, prijs: Prijs | None) -> Iterator[Stap]:
    """The amount by the line's own volume and tariff; one per minute of an hour's price is shown.

    The latter is rounded, so the amount does not follow from it (IV081).
    """
    if line.eenheid == EURO:
        yield _stap("bedrag is volume in centen", line.geleverd_volume)
    elif not _is_by_hour(line, prijs):
        tarief = line.producttarief or 0
        sentence = f"volume {line.geleverd_volume} x tarief {tarief}"
        yield _stap(sentence, line.geleverd_volume * tarief)
    yield _stap("ingediend bedrag", line.ingediend_bedrag)


def _agreed_steps(batch: Declaratiebatch, line: Prestatie, prijs: Prijs) -> Iterator[Stap]:
    """The amount by the cell, as its kind says."""
    cel = prijs.plaats.cel
    match prijs.soort:
        case "traject" if line.eenheid == EURO:
            yield from _trajectory_steps(prijs)
        case "periode" if line.eenheid == EURO:
            yield from _month_steps(batch, line, prijs)
        case "budget":
            yield _stap(f"budget {PER[cel.per]}", cel.bedrag)
            yield from _unit_steps(line, prijs)
        case "lumpsum" | "taak":
            yield _stap("bedrag voor de hele periode; geen prijs per regel", cel.bedrag)
        case _:
            yield from _unit_steps(line, prijs)


def _unit_steps(line: Prestatie, prijs: Prijs) -> Iterator[Stap]:
    """Volume times price, for every price that is right; minutes by the price of an hour."""
    volume, amounts = line.geleverd_volume, agreed_amounts(line, prijs)
    for tarief, amount in zip(prijs.juiste, amounts, strict=False):
        if _is_by_hour(line, prijs):
            sentence = f"afgesproken uurtarief {tarief} x {volume} minuten / 60, half naar boven"
        else:
            sentence = f"afgesproken prijs {tarief} x volume {volume}"
        yield _stap(sentence, amount)
    if amounts:
        yield _stap("ingediend min afgesproken", line.ingediend_bedrag - amounts[0])


def agreed_amounts(line: Prestatie, prijs: Prijs) -> tuple[int, ...]:
    """What the line comes to by each price per unit that is right; none where it has no such price.

    A line in euros has none: its amount is a part of the price of the whole.
    """
    if _is_by_hour(line, prijs):
        return tuple(amount_in_minutes(tarief, line.geleverd_volume) for tarief in prijs.juiste)
    if line.eenheid == EURO or line.eenheid != prijs.eenheid:
        return ()
    return tuple(tarief * line.geleverd_volume for tarief in prijs.juiste)


def _trajectory_steps(prijs: Prijs) -> Iterator[Stap]:
    cel = prijs.plaats.cel
    yield _stap("afgesproken prijs van het hele traject", cel.bedrag)
    amounts = instalments(cel) if cel.termijnen else ()
    for number, (termijn, amount) in enumerate(zip(cel.termijnen, amounts, strict=True), start=1):
        last = number == len(amounts)
        part = "de rest" if last else f"{termijn.deel} % van {cel.bedrag}, half naar boven"
        yield _stap(f"termijn {number} van {len(amounts)} ({termijn.moment}): {part}", amount)


def _month_steps(batch: Declaratiebatch, line: Prestatie, prijs: Prijs) -> Iterator[Stap]:
    cel = prijs.plaats.cel
    yield _stap("afgesproken bedrag per maand", cel.bedrag)
    toewijzing = batch.toewijzingen.get(line.toewijzingnummer)
    if toewijzing is None:
        return
    due = month_due(cel, line.begindatum, toewijzing.ingangsdatum, toewijzing.einddatum)
    if due.regel is not None:
        yield _stap(
            f"gebroken maand, {due.regel}: {due.dagen} van {due.van} dagen, half naar boven",
            due.bedrag,
        )
    yield _stap("ingediend min afgesproken", line.ingediend_bedrag - due.bedrag)


def ruimte_steps(
    batch: Declaratiebatch, line: Prestatie, voorgaand: Voorgaand, prijs: Prijs | None
) -> list[Stap]:
    """The room on the assignment before and after the line; none for a credit."""
    toewijzing = batch.toewijzingen.get(line.toewijzingnummer)
    if toewijzing is None or line.is_credit:
        return []
    versies = batch.versies.get(line.toewijzingnummer) or (toewijzing,)
    steps: list[Stap] = []
    for number, versie in enumerate(versies):
        which = ", zoals de afzender die kende" if number else ""
        steps += _room_steps(batch, line, versie, (voorgaand, which))
    return [*steps, *_client_steps(line, voorgaand, prijs)]


def _room_steps(
    batch: Declaratiebatch,
    line: Prestatie,
    versie: ToegewezenProduct,
    of: tuple[Voorgaand, str],
) -> Iterator[Stap]:
    voorgaand, which = of
    if versie.budget is not None:
        yield _stap(f"budget van de toewijzing{which}", versie.budget)
        yield from _left_steps(
            versie.budget,
            (voorgaand.vooraf.bedrag, voorgaand.in_bericht.bedrag, line.ondertekend),
            "centen",
        )
    omvang = versie.omvang
    if omvang is not None:
        yield from _period_steps(batch, line, versie, omvang, which)
        yield from _total_steps(line, versie, omvang, of)


def _period_steps(
    batch: Declaratiebatch,
    line: Prestatie,
    versie: ToegewezenProduct,
    omvang: Omvang,
    which: str,
) -> Iterator[Stap]:
    household = batch.feiten.wet == "wmo" and versie.productcategorie == HUISHOUDELIJK
    limit = period_limit(
        omvang,
        line.begindatum,
        line.einddatum,
        versie.ingangsdatum,
        versie.einddatum,
        huishoudelijk_week=household,
    )
    most = None if limit is None else limit_in_unit(limit, omvang.eenheid, line.eenheid)
    if most is not None:
        unit = EENHEDEN[line.eenheid]
        yield _stap(f"ruimte in deze periode ({unit}){which}", most)
        yield _stap(f"volume van deze regel ({unit})", line.geleverd_volume)


def _total_steps(
    line: Prestatie, versie: ToegewezenProduct, omvang: Omvang, of: tuple[Voorgaand, str]
) -> Iterator[Stap]:
    voorgaand, which = of
    total = total_limit(omvang, versie.ingangsdatum, versie.einddatum)
    fits = line.eenheid == omvang.eenheid or (line.eenheid == MINUUT and omvang.eenheid == UUR)
    if total is None or not fits:
        return
    in_time = omvang.eenheid in (MINUUT, UUR)
    unit = "minuten" if in_time else EENHEDEN[omvang.eenheid]
    whole = _in_base(total, omvang.eenheid)
    yield _stap(f"ruimte in de hele toewijzing ({unit}){which}", whole)
    claimed = _in_base(line.geleverd_volume, line.eenheid)
    taken = (voorgaand.vooraf.volume, voorgaand.in_bericht.volume, claimed)
    yield from _left_steps(whole, taken, unit)


def _left_steps(room: int, taken: tuple[int, int, int], unit: str) -> Iterator[Stap]:
    """What earlier messages, this message and this line take of the room."""
    before, within, claimed = taken
    yield _stap(f"toegekend vóór dit bericht ({unit})", before)
    yield _stap(f"toegekend in dit bericht vóór deze regel ({unit})", within)
    yield _stap(f"deze regel ({unit})", claimed)
    yield _stap(f"over na deze regel ({unit})", room - before - within - claimed)


def _client_steps(line: Prestatie, voorgaand: Voorgaand, prijs: Prijs | None) -> Iterator[Stap]:
    if prijs is None or voorgaand.client is None:
        return
    jaar, budget = line.begindatum.year, prijs.plaats.cel.bedrag
    yield _stap(f"budget per cliënt in {jaar}", budget)
    yield _stap("toegekend aan deze cliënt vóór deze regel", voorgaand.client)
    yield _stap("over na deze regel", budget - voorgaand.client - line.ondertekend)


def _is_by_hour(line: Prestatie, prijs: Prijs | None) -> bool:
    return prijs is not None and line.eenheid == MINUUT and prijs.eenheid == UUR


def _in_base(volume: int, eenheid: str) -> int:
    """A volume in the unit in which it is added up: minutes for time, else its own."""
    return volume * MINUTES_PER_HOUR if eenheid == UUR else volume
