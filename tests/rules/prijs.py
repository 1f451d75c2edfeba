"""Makes the Prijs of a case: one cell in an agreement of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gateway.records.overeenkomst import Cel, Overeenkomst, Plaats, Prijs


def prijs(
    *,
    juiste: Iterable[int],
    eenheid: str = "04",
    soort: str = "pxq",
    productcode: str = "45A03",
    onbekend_voor_afzender: bool = False,
) -> Prijs:
    """A price with `juiste` as the amounts that are right, the one in force first; none may be."""
    amounts = tuple(juiste)
    cel = Cel(
        rij=1,
        dimensies=(),
        productcategorie="45",
        productcode=productcode,
        eenheid=eenheid,
        soort=soort,
        bedrag=amounts[0] if amounts else 0,
        vanaf=date(2025, 1, 1),
    )
    overeenkomst = Overeenkomst(
        id="voorbeeld",
        naam="Voorbeeld",
        versie="2025.1",
        wetten=("jeugdwet", "wmo"),
        gemeenten=("0193",),
        variant="inspanning",
        peildatum="productperiode",
        dimensies=(),
        cellen=(cel,),
        voorbeeld=True,
    )
    return Prijs(amounts, Plaats(overeenkomst, cel), onbekend_voor_afzender)
