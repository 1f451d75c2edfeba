"""The prices of the agreements, for what assignments are worth."""

from __future__ import annotations

from datetime import date

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.mutaties.waarde import PrijsVan
from gateway.pipeline.ports import Partijen
from gateway.pipeline.prijzen import Prijzen
from gateway.records.toewijzing import ToegewezenProduct


def prijs_van(overeenkomsten: Overeenkomsten, partijen: Partijen, vandaag: date) -> PrijsVan:
    """The price that is in force when an assignment begins, as it is known today."""
    prijzen = Prijzen(overeenkomsten, partijen, vandaag)

    def price(one: ToegewezenProduct) -> tuple[int, str] | None:
        if one.productcode is None or one.eenheid is None:
            return None
        found = prijzen.price(one.productcode, one.eenheid, one.ingangsdatum, one.ingangsdatum)
        return (found.juiste[0], found.eenheid) if found and found.juiste else None

    return price
