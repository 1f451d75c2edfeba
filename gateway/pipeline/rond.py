"""Puts beside a 301 or 315 what the agreements say of it, and the assignments around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from gateway.agreements.match import Overeenkomsten
from gateway.pipeline.ports import FactSource, Partijen
from gateway.pipeline.prijzen import Prijzen
from gateway.records.batch import Aanvraagbatch, Andere, Toewijzingbatch
from gateway.records.overeenkomst import Overeenkomst, Prijs
from gateway.records.toewijzing import ToegewezenProduct

ENDS = ".,;:!?)"  # what may stand behind a word and is no part of it


def with_agreements(
    overeenkomsten: Overeenkomsten, partijen: Partijen, batch: Toewijzingbatch, facts: FactSource
) -> Toewijzingbatch:
    """The batch with families, prices, contracts and the other assignments that checks look at."""
    here = overeenkomsten.of(partijen.wet, partijen.gemeente)
    if not here:
        return batch
    producten = [_with_family(one, here) for one in batch.producten]
    prices = Prijzen(overeenkomsten, partijen, batch.header.dagtekening)
    prijzen = prices.of_products(producten) | prices.of_budgets(producten)
    coded = [one for one in producten if one.productcode is not None]
    batch = replace(
        batch,
        producten=producten,
        prijzen=prijzen,
        celeenheden=prices.units_of({(str(p.productcode), p.ingangsdatum) for p in coded}),
        heeft_overeenkomst=True,
        zonder_cel=frozenset(
            one.toewijzingnummer
            for one in coded
            if not prices.has_cell(str(one.productcode), one.ingangsdatum, one.ingangsdatum)
        ),
        niet_gecontracteerd=frozenset(
            one.toewijzingnummer
            for one in coded
            if one.toewijzingnummer in prijzen
            and not prices.contracted(prijzen[one.toewijzingnummer], one.ingangsdatum)
        ),
    )
    replaced = {naam for one in overeenkomsten.alle for naam in one.vervangt}
    if not any(_looks_around(one.overeenkomst, replaced) for one in batch.plaatsen):
        return batch
    return replace(batch, andere=_around(overeenkomsten, partijen, batch, facts))


def with_standing(
    overeenkomsten: Overeenkomsten, partijen: Partijen, batch: Aanvraagbatch, facts: FactSource
) -> Aanvraagbatch:
    """The batch of a request with what the client has already, and what is outside the contract."""
    prices = Prijzen(overeenkomsten, partijen, batch.header.dagtekening)
    outside = {
        one.referentie_aanbieder: prices.outside_contract(one.productcode, one.ingangsdatum)
        for one in batch.producten
        if one.productcode is not None
    }
    found = facts.toewijzingen_rond(partijen.gemeente, [batch.client.bsn], [])
    return replace(
        batch,
        toewijzingen=[
            one
            for wet, one in _latest(found)
            if wet == partijen.wet and one.is_actueel(batch.header.dagtekening)
        ],
        buiten_contract={key: plaats for key, plaats in outside.items() if plaats is not None},
    )


def _with_family(product: ToegewezenProduct, here: Sequence[Overeenkomst]) -> ToegewezenProduct:
    """The assignment with the family that its Commentaar names, as the first agreement says how."""
    for mark in (one.gezinskenmerk for one in here):
        if mark is None or product.commentaar is None:
            continue
        _, _, rest = product.commentaar.partition(mark)
        words = rest.split(maxsplit=1)
        gezin = words[0].rstrip(ENDS) if words else ""
        if gezin:
            return product._replace(gezin=gezin)
    return product


def _looks_around(overeenkomst: Overeenkomst, replaced: Set[str]) -> bool:
    """Whether a check of this agreement looks at other assignments of the client.

    `replaced` are the ids of the agreements that another one replaces: what is assigned under
    them may come beside an arrangement that stood already.
    """
    return (
        not overeenkomst.stapelen
        or overeenkomst.hoofdaannemer
        or bool(overeenkomst.vervangt)
        or overeenkomst.id in replaced
        or any(cel.hoort_bij is not None for cel in overeenkomst.cellen)
    )


def _around(
    overeenkomsten: Overeenkomsten, partijen: Partijen, batch: Toewijzingbatch, facts: FactSource
) -> list[Andere]:
    """The latest version of every other standing assignment of the client and the families."""
    gezinnen = {one.gezin for one in batch.producten if one.gezin is not None}
    own = {(partijen.wet, one.toewijzingnummer) for one in batch.producten}
    bsn, gemeente = batch.client.bsn, partijen.gemeente
    found = list(facts.toewijzingen_rond(gemeente, [bsn], sorted(gezinnen)))
    found += _all_versions(gemeente, [pair for pair in found if pair[1].bsn != bsn], facts)
    return [
        Andere(wet, one, _price_of(overeenkomsten, partijen, wet, one, batch))
        for wet, one in _latest(found)
        if (wet, one.toewijzingnummer) not in own
        and not one.is_verwijderd
        and (one.bsn == bsn or one.gezin in gezinnen)
    ]


def _all_versions(
    gemeente: str, found: Iterable[tuple[str, ToegewezenProduct]], facts: FactSource
) -> Iterator[tuple[str, ToegewezenProduct]]:
    """Every version of assignments of which only those that name a family were found."""
    nummers: dict[str, set[int]] = {}
    for wet, one in found:
        nummers.setdefault(wet, set()).add(one.toewijzingnummer)
    for wet, own in sorted(nummers.items()):
        for versies in facts.toewijzingen(gemeente, wet, sorted(own)).values():
            yield from ((wet, versie) for versie in versies)


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
