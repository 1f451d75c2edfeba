"""Finds what providers that work for each other declared for the same care."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateway.pipeline.ports import FactSource, Partijen
from gateway.records.batch import Naast, Naastregel
from gateway.records.declaratie import Prestatie
from gateway.records.onderaanneming import Samenwerking, Samenwerkingen


def declared_beside(
    alle: Samenwerkingen, partijen: Partijen, chunk: Sequence[Prestatie], facts: FactSource
) -> Mapping[int, Naast]:
    """Per debet line (by volgnr) the first line of a partner for the same client, category, days.

    Nothing is asked where the sender works for nobody and nobody for it.
    """
    own = alle.of(partijen.aanbieder, partijen.wet)
    lines = [
        line
        for line in (chunk if own else ())
        if not line.is_credit
        and any(one.geldt(line.productcategorie, line.begindatum, line.einddatum) for one in own)
    ]
    if not lines:
        return {}
    van, tot = min(one.begindatum for one in lines), max(one.einddatum for one in lines)
    found = facts.naast(partijen, {one.bsn for one in lines}, van, tot)
    partners = {one.other(partijen.aanbieder) for one in own}
    per_client: dict[tuple[str, str], list[Naastregel]] = {}
    for other in found:
        if other.aanbieder in partners:
            per_client.setdefault((other.bsn, other.productcategorie), []).append(other)
    beside = {
        line.volgnr: _first(own, line, per_client.get((line.bsn, line.productcategorie), ()))
        for line in lines
    }
    return {volgnr: one for volgnr, one in beside.items() if one is not None}


def _first(
    own: Iterable[Samenwerking], line: Prestatie, others: Sequence[Naastregel]
) -> Naast | None:
    """The first of these lines that a partner has for days of this one on which they work so."""
    for other in others:
        begin, einde = (
            max(line.begindatum, other.begindatum),
            min(line.einddatum, other.einddatum),
        )
        for one in own if begin <= einde else ():
            is_hoofd = one.hoofd == other.aanbieder
            if (is_hoofd or one.onder == other.aanbieder) and one.geldt(
                line.productcategorie, begin, einde
            ):
                return Naast(other.aanbieder, is_hoofd, other.begindatum, other.einddatum)
    return None
