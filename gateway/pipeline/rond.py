"""Puts beside our own 301 what the agreements say of it, and the assignments around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.agreements.match import Overeenkomsten
from gateway.pipeline.gather import Prijzen
from gateway.pipeline.ports import FactSource, Partijen
from gateway.records.batch import Andere, Toewijzingbatch
from gateway.records.overeenkomst import Overeenkomst, Prijs
from gateway.records.toewijzing import ToegewezenProduct


def with_agreements(
    overeenkomsten: Overeenkomsten, partijen: Partijen, batch: Toewijzingbatch, facts: FactSource
) -> Toewijzingbatch:
    """The batch with families, prices, contracts and the other assignments that checks look at."""
    here = overeenkomsten.of(partijen.wet, partijen.gemeente)
    if not here:
        return batch
    producten = [_with_family(one, here) for one in batch.producten]
    prices = Prijzen(overeenkomsten, partijen, batch.header.dagtekening)
    prijzen = prices.of_products(producten)
    coded = [one for one in producten if one.productcode is not None]
    batch = replace(
        batch,
        producten=producten,
        prijzen=prijzen,
        celeenheden=prices.units_of({(str(p.productcode), p.ingangsdatum) for p in coded}),
        heeft_overeenkomst=True,
        niet_gecontracteerd=frozenset(
            one.toewijzingnummer
            for one in coded
            if one.toewijzingnummer in prijzen
            and not prices.contracted(prijzen[one.toewijzingnummer], one.ingangsdatum)
        ),
    )
    if not any(_looks_around(prijs.plaats.overeenkomst) for prijs in prijzen.values()):
        return batch
    return replace(batch, andere=_around(overeenkomsten, partijen, batch, facts))


def _with_family(product: ToegewezenProduct, here: Sequence[Overeenkomst]) -> ToegewezenProduct:
    """The assignment with the family that its Commentaar names, as the first agreement says how."""
    for mark in (one.gezinskenmerk for one in here):
        if mark is None or product.commentaar is None:
            continue
        _, found, rest = product.commentaar.partition(mark)
        if found and rest.split():
            return product._replace(gezin=rest.split()[0])
    return product


def _looks_around(overeenkomst: Overeenkomst) -> bool:
    """Whether a check of this agreement looks at other assignments of the client."""
    return (
        not overeenkomst.stapelen
        or overeenkomst.hoofdaannemer
        or bool(overeenkomst.vervangt)
        or any(cel.hoort_bij is not None for cel in overeenkomst.cellen)
    )


def _around(
    overeenkomsten: Overeenkomsten, partijen: Partijen, batch: Toewijzingbatch, facts: FactSource
) -> list[Andere]:
    """The latest version of every other standing assignment of the client and the families."""
    gezinnen = {one.gezin for one in batch.producten if one.gezin is not None}
    own = {(partijen.wet, one.toewijzingnummer) for one in batch.producten}
    found = facts.toewijzingen_rond(partijen.gemeente, [batch.client.bsn], sorted(gezinnen))
    return [
        Andere(wet, one, _price_of(overeenkomsten, partijen, wet, one, batch))
        for wet, one in _latest(found)
        if (wet, one.toewijzingnummer) not in own and not one.is_verwijderd
    ]


def _latest(
    found: Iterable[tuple[str, ToegewezenProduct]],
) -> list[tuple[str, ToegewezenProduct]]:
    """Per law and number the latest version (IV013), in order of law and number."""
    latest: dict[tuple[str, int], ToegewezenProduct] = {}
    for wet, one in found:
        key = (wet, one.toewijzingnummer)
        if key not in latest or latest[key].versie < one.versie:
            latest[key] = one
    return [(wet, one) for (wet, _), one in sorted(latest.items(), key=lambda item: item[0])]


def _price_of(
    overeenkomsten: Overeenkomsten,
    partijen: Partijen,
    wet: str,
    one: ToegewezenProduct,
    batch: Toewijzingbatch,
) -> Prijs | None:
    own = Partijen(partijen.gemeente, wet, one.aanbieder)
    prices = Prijzen(overeenkomsten, own, batch.header.dagtekening)
    return prices.of_products([one]).get(one.toewijzingnummer)
