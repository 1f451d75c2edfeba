"""How long care can still be declared by the agreements that it can be under."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.agreements.match import Overeenkomsten, Tariefvraag, is_for, reference_date
from gateway.records.overeenkomst import Plaats


def longest_term(
    overeenkomsten: Overeenkomsten, vraag: Tariefvraag, productcategorie: str | None
) -> int | None:
    """So many days after care it can be declared, in whatever unit that is done.

    Without a product code, as a Budget is, it can be any product of the category; without a
    category any at all.  None where one of the agreements sets no term, and where there is none.
    """
    found = _of_product(overeenkomsten, vraag) or _of_category(
        overeenkomsten, vraag, productcategorie
    )
    terms = {
        plaats.overeenkomst.indientermijn_dagen
        for plaats in found
        if is_for(plaats.cel, vraag.aanbieder)
        and plaats.covers(vraag.gemeente, reference_date(plaats, vraag))
    }
    known = [one for one in terms if one is not None]
    return max(known) if known and len(known) == len(terms) else None


def _of_product(overeenkomsten: Overeenkomsten, vraag: Tariefvraag) -> Iterable[Plaats]:
    return overeenkomsten.producten.get((vraag.wet, vraag.gemeente, vraag.productcode), ())


def _of_category(
    overeenkomsten: Overeenkomsten, vraag: Tariefvraag, productcategorie: str | None
) -> Iterable[Plaats]:
    if vraag.productcode:
        return ()
    places = (
        Plaats(one, cel)
        for one in overeenkomsten.of(vraag.wet, vraag.gemeente)
        for cel in one.cellen
        if productcategorie in (None, cel.productcategorie)
    )
    return (one for one in places if vraag.wet in one.wetten and vraag.gemeente in one.gemeenten)
