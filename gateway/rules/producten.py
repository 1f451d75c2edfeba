"""The products of a 301, 315 and 317 in one shape, for rules that are the same for all three."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.periods.datums import datum_lang
from gateway.records.batch import Aanvraagbatch, Toewijzingbatch, Wijzigingbatch
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import (
    AangevraagdProduct,
    NieuwProduct,
    OngewijzigdProduct,
    TeWijzigenProduct,
)

Productbatch = Toewijzingbatch | Aanvraagbatch | Wijzigingbatch
Named = ToegewezenProduct | AangevraagdProduct | NieuwProduct
Product = Named | TeWijzigenProduct


def with_product(batch: Productbatch) -> Sequence[Named]:
    """What names its Product: a TeWijzigenProduct leaves that to the assignment it changes."""
    return batch.nieuw if isinstance(batch, Wijzigingbatch) else batch.producten


def with_omvang(batch: Productbatch) -> Sequence[Product]:
    """What may have an Omvang, a Budget and an end."""
    if isinstance(batch, Wijzigingbatch):
        return (*batch.te_wijzigen, *batch.nieuw)
    return batch.producten


def name_of(product: Product | OngewijzigdProduct) -> str:
    """What a product is called inside a sentence."""
    match product:
        case ToegewezenProduct():
            return f"toewijzing {product.toewijzingnummer}"
        case AangevraagdProduct():
            return f"aangevraagd product {product.referentie_aanbieder}"
        case OngewijzigdProduct():
            return f"ongewijzigde toewijzing {product.toewijzingnummer}"
        case TeWijzigenProduct():
            return f"te wijzigen toewijzing {product.toewijzingnummer}"
    return f"nieuw product vanaf {datum_lang(product.ingangsdatum)}"


def subject_of(product: Product | OngewijzigdProduct) -> str:
    """What a product is called at the beginning of a sentence."""
    name = name_of(product)
    return name[0].upper() + name[1:]


def begin_of(product: Product) -> str:
    """The element that holds its first day."""
    if isinstance(product, ToegewezenProduct):
        return "Ingangsdatum"
    if isinstance(product, AangevraagdProduct):
        return "ToewijzingIngangsdatum"
    return "GewensteIngangsdatum"


def end_of(product: Product) -> str:
    """The element that holds its last day."""
    return "ToewijzingEinddatum" if isinstance(product, AangevraagdProduct) else "Einddatum"
