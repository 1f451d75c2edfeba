"""Checks that hold a request for an assignment (315) against what there is: contract and care."""

from __future__ import annotations

from datetime import date

from gateway.deviations.gevallen import belang_of, evidence_of
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.periods.datums import datum_lang
from gateway.records.batch import Aanvraagbatch
from gateway.records.finding import Offence
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import ToegewezenProduct, may_stack
from gateway.records.verzoek import AangevraagdProduct

# What is told of a request.
OVER_VERZOEKEN = frozenset(("S126", "S127"))


@check("S126", soort="formeel", naam="verzoek buiten het contract", over=(Aanvraagbatch,))
def asked_outside_contract(batch: Aanvraagbatch) -> Deviations:
    """The product of a VOT fits the contract of the aanbieder that asks for it (OP296).

    It does when the aanbieder may deliver any cell of the product, in any unit, on the day from
    which it is wanted.  A product without a cell in force, or that is asked for by its category
    alone, says nothing of a contract.  Formal control.
    """
    aanbieder, gemeente = batch.header.afzender, batch.header.ontvanger
    for product in batch.producten:
        plaats = batch.buiten_contract.get(product.referentie_aanbieder)
        if plaats is None:
            continue
        code = product.productcode
        yield Deviation(
            Offence(
                product,
                f"Verzoek {product.referentie_aanbieder} vraagt product {code} vanaf "
                f"{datum_lang(product.ingangsdatum)}; aanbieder {aanbieder} heeft daarvoor dan "
                f"geen contract in gemeente {gemeente}.",
                element="Product/Code",
                found=f"aanbieder {aanbieder} zonder contract",
                expected=f"een contract voor product {code} in gemeente {gemeente}",
            ),
            evidence_of(Prijs((), plaats), belang=belang_of(product)),
        )


@check("S127", soort="formeel", naam="verzoek voor wat al is toegewezen", over=(Aanvraagbatch,))
def asked_what_is_assigned(batch: Aanvraagbatch) -> Deviations:
    """A VOT is for a client without an actual assignment for that product and period (OP307).

    An assignment of any aanbieder counts, of this one first.  Same means the same Product.Code;
    where one of the two has no Code, the same Product.Categorie.  Without Product only another
    without Product is the same: such a budget may be for anything.  Under the Wmo one can need two
    aids (categories 11 to 14).  Formal control.
    """
    own = batch.header.afzender
    for product in batch.producten:
        if may_stack(batch.feiten.wet, product.productcategorie):
            continue
        found = [one for one in batch.toewijzingen if _is_same(product, one)]
        if not found:
            continue
        first = min(found, key=lambda one: (one.aanbieder != own, one.toewijzingnummer))
        yield _assigned_already(product, first, own)


def _assigned_already(
    product: AangevraagdProduct, toewijzing: ToegewezenProduct, own: str
) -> Deviation:
    nummer, einde = toewijzing.toewijzingnummer, toewijzing.einddatum
    whose = "" if toewijzing.aanbieder == own else f" van aanbieder {toewijzing.aanbieder}"
    until = "zonder einddatum" if einde is None else f"tot en met {datum_lang(einde)}"
    return Deviation(
        Offence(
            product,
            f"Verzoek {product.referentie_aanbieder} vraagt een product waarvoor toewijzing "
            f"{nummer}{whose} al loopt van {datum_lang(toewijzing.ingangsdatum)} {until}.",
            element="ToewijzingIngangsdatum",
            found=f"toewijzing {nummer} loopt al",
            expected="geen toewijzing voor dit product in deze periode",
        ),
        evidence_of(None, belang=belang_of(product)),
    )


def _is_same(product: AangevraagdProduct, toewijzing: ToegewezenProduct) -> bool:
    return _is_same_product(product, toewijzing) and (
        product.ingangsdatum <= (toewijzing.einddatum or date.max)
        and toewijzing.ingangsdatum <= (product.einddatum or date.max)
    )


def _is_same_product(product: AangevraagdProduct, toewijzing: ToegewezenProduct) -> bool:
    codes = (product.productcode, toewijzing.productcode)
    if None in codes:
        return product.productcategorie == toewijzing.productcategorie
    return codes[0] == codes[1]
