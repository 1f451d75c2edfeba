"""Contracts as the agreements have them beside the documents of the register: where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date

from gateway.periods.datums import datum_lang
from gateway.records.aanbieder import Contractstuk
from gateway.records.overeenkomst import Aanbiedercontract, Overeenkomst


@dataclass(frozen=True, slots=True, kw_only=True)
class Contractstand:
    """What is known of one agreement; `verschil` is a Dutch sentence, empty where both agree.

    `naam` is that of the agreement, or its id where there is no such agreement (any more).
    """

    overeenkomst: str
    naam: str
    toelatingen: Sequence[Aanbiedercontract]
    stukken: Sequence[Contractstuk]
    verschil: str


def naast_elkaar(
    overeenkomsten: Iterable[Overeenkomst], codes: Set[str], stukken: Sequence[Contractstuk]
) -> Iterator[Contractstand]:
    """Per agreement what it admits these codes for, and the documents that belong to it.

    An agreement that names no provider admits all, and is told only where there is a document.
    What holds for judging is what the agreement says.
    """
    per_id: dict[str, list[Overeenkomst]] = {}
    for one in overeenkomsten:
        per_id.setdefault(one.id, []).append(one)
    named = {one.overeenkomst for one in stukken}
    for id_ in sorted(per_id.keys() | named):
        versies = per_id.get(id_, [])
        rows = [rij for one in versies for rij in one.aanbieders if rij.agb in codes]
        own = [one for one in stukken if one.overeenkomst == id_]
        if rows or own:
            yield Contractstand(
                overeenkomst=id_,
                naam=versies[-1].naam if versies else id_,
                toelatingen=rows,
                stukken=own,
                verschil=_difference(versies, rows, own),
            )


def _difference(
    versies: Sequence[Overeenkomst],
    rows: Sequence[Aanbiedercontract],
    stukken: Sequence[Contractstuk],
) -> str:
    if not versies:
        return "Deze overeenkomst is niet bekend bij de gateway."
    if not stukken:
        return "De overeenkomst laat deze aanbieder toe, maar er is geen document vastgelegd."
    admits_all = any(not one.aanbieders for one in versies)
    if not rows:
        return "" if admits_all else _NOT_NAMED
    begin = min((one.vanaf or date.min for one in rows), default=date.min)
    einde = max((one.tot or date.max for one in rows), default=date.max)
    first = min(one.vanaf for one in stukken)
    last = max(one.tot or date.max for one in stukken)
    if begin not in (date.min, first):
        return (
            f"De overeenkomst geldt vanaf {datum_lang(begin)}, het document vanaf "
            f"{datum_lang(first)}."
        )
    if einde != last:
        return f"De overeenkomst {_until(einde)}, het document {_until(last)}."
    return ""


_NOT_NAMED = "Er is een document, maar de overeenkomst noemt de aanbieder niet."


def _until(dag: date) -> str:
    return "heeft geen einde" if dag == date.max else f"eindigt op {datum_lang(dag)}"
