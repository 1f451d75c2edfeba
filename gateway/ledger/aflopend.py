"""What ends soon: assignments, cells of agreements, contracts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.tempo import Lopend
from gateway.records.overeenkomst import Aanbiedercontract, Cel, Overeenkomst, Plaats

ONE_DAY = timedelta(days=1)
TOEWIJZING, CONTRACT, UITGESTAPT = "toewijzing", "contract", "gemeente stapt uit"
# What ends with each day of a cell, in words.
DAGEN: Mapping[str, str] = {
    "tot": "prijs",
    "toewijsbaar_tot": "toewijzen",
    "indicatie_tot": "indicaties",
    "declarabel_tot": "declareren",
}

Product = tuple[str, str, str, str]  # wet, gemeente, productcode, aanbieder


@dataclass(frozen=True, slots=True, kw_only=True)
class Afloop:
    """Something with a last day; `lopend` counts the running assignments that it concerns.

    `opvolger` is False for a price after which no other one begins; None where that says nothing.
    """

    datum: date
    soort: str
    wat: str
    gemeente: str = ""
    aanbieder: str = ""
    lopend: int = 1
    opvolger: bool | None = None


@dataclass(frozen=True, slots=True)
class Venster:
    """From the day of looking so many days ahead, both included."""

    vandaag: date
    dagen: int

    def has(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and self.vandaag <= day <= self.laatste

    @property
    def laatste(self) -> date:
        """The last day of looking ahead."""
        try:
            return self.vandaag + timedelta(days=self.dagen)
        except OverflowError:
            return date.max


def of_assignment(one: Lopend, venster: Venster) -> Iterator[Afloop]:
    """An assignment whose Einddatum comes up."""
    toewijzing = one.toewijzing
    if toewijzing.einddatum is not None and venster.has(toewijzing.einddatum):
        product = toewijzing.productcode or toewijzing.productcategorie or "zonder product"
        yield Afloop(
            datum=toewijzing.einddatum,
            soort=TOEWIJZING,
            wat=f"{toewijzing.toewijzingnummer} ({product})",
            gemeente=one.gemeente,
            aanbieder=toewijzing.aanbieder,
        )


def of_agreements(
    overeenkomsten: Overeenkomsten,
    venster: Venster,
    lopend: Counter[Product],
    gemeente: str | None = None,
) -> Iterator[Afloop]:
    """Cells, contracts and departures with a day in the window, of one municipality or of all."""
    for one in overeenkomsten.alle:
        if gemeente is not None and gemeente not in one.gemeenten:
            continue
        for cel in one.cellen:
            yield from _of_cell(overeenkomsten, Plaats(one, cel), venster, lopend)
        for contract in one.aanbieders:
            yield from _of_contract(overeenkomsten, one, contract, venster, lopend)
        for left in one.uitgestapt:
            if venster.has(left.vanaf - ONE_DAY):
                yield Afloop(
                    datum=left.vanaf - ONE_DAY,
                    soort=UITGESTAPT,
                    wat=one.id,
                    gemeente=left.gemeente,
                    lopend=_count(lopend, one.cellen, one, gemeente=left.gemeente),
                )


def _of_cell(
    overeenkomsten: Overeenkomsten, plaats: Plaats, venster: Venster, lopend: Counter[Product]
) -> Iterator[Afloop]:
    cel = plaats.cel
    for key, soort in DAGEN.items():
        day: date | None = getattr(cel, key)
        if day is not None and venster.has(day):
            yield Afloop(
                datum=day,
                soort=soort,
                wat=f"{plaats.overeenkomst.id}: {cel.naam}",
                aanbieder=", ".join(cel.aanbieders or ()),
                lopend=_count(lopend, [cel], plaats.overeenkomst),
                opvolger=_is_followed(overeenkomsten, plaats, day) if key == "tot" else None,
            )


def _is_followed(overeenkomsten: Overeenkomsten, plaats: Plaats, last: date) -> bool:
    """Whether every municipality has a price for the same product and unit on the next day."""
    cel = plaats.cel
    if last == date.max:
        return True
    aanbieders = cel.aanbieders or ("",)
    return all(
        overeenkomsten.lookup(
            wet, gemeente, cel.productcode, cel.eenheid, aanbieder, last + ONE_DAY
        )
        for wet in plaats.wetten
        for gemeente in plaats.gemeenten
        for aanbieder in aanbieders
    )


def _of_contract(
    overeenkomsten: Overeenkomsten,
    one: Overeenkomst,
    contract: Aanbiedercontract,
    venster: Venster,
    lopend: Counter[Product],
) -> Iterator[Afloop]:
    """A contract that ends; one that goes on in another row of the provider does not."""
    last = contract.tot
    if last is None or not venster.has(last):
        return
    gemeenten = contract.gemeenten or one.gemeenten

    def admitted(cel: Cel, day: date) -> bool:
        plaats = Plaats(one, cel)
        return all(
            overeenkomsten.contracts_of(plaats, contract.agb, where, day) for where in gemeenten
        )

    cellen = [cel for cel in one.cellen if admitted(cel, last)]
    if last < date.max and all(admitted(cel, last + ONE_DAY) for cel in cellen):
        return
    yield Afloop(
        datum=last,
        soort=CONTRACT,
        wat=one.id,
        gemeente=", ".join(contract.gemeenten or ()),
        aanbieder=contract.agb,
        lopend=_count(lopend, cellen, one, aanbieder=contract.agb),
    )


def _count(
    lopend: Counter[Product],
    cellen: Iterable[Cel],
    one: Overeenkomst,
    *,
    gemeente: str | None = None,
    aanbieder: str | None = None,
) -> int:
    """How many running assignments have a product of these cells."""
    plaatsen = [Plaats(one, cel) for cel in cellen]
    wanted = {(plaats.cel.productcode, wet) for plaats in plaatsen for wet in plaats.wetten}
    return sum(
        count
        for (wet, where, code, agb), count in lopend.items()
        if (code, wet) in wanted
        and where in one.gemeenten
        and gemeente in (None, where)
        and aanbieder in (None, agb)
    )
