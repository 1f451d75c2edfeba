"""From one tariff year to the next: the proposal with indexed prices, and what it comes to.

Commands, pages and API all go through here.  Nothing is taken into use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.agreements.gevolg import Gebruik
from gateway.agreements.indexeren import (
    AFRONDEN,
    Indexrij,
    Indexvraag,
    exceptions_of,
    index_prices,
    indexed_text,
    percentage_of,
)
from gateway.agreements.match import index
from gateway.agreements.table import agreements_in
from gateway.errors import WrongUse
from gateway.ledger.sturing import Meting
from gateway.pipeline.grondslag import Bestand
from gateway.records.overeenkomst import Overeenkomst
from gateway.store.engine import Database
from gateway.store.inzage.sturing import meting_van
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexwens:
    """How somebody wants to index: percentages as they were written, rounded to so many cents.

    `cellen` are percentages for parts of the table (`profiel=1,intensiteit=duurzaam=3.1`) and
    `per_cel` those of single cells, by their number in the file.  `versie` and `bekendgemaakt` may
    be left out.  The last two days close the prices that are replaced.
    """

    percentage: str
    vanaf: date
    afronden: int = 1
    cellen: Sequence[str] = ()
    per_cel: Mapping[int, str] = field(default_factory=dict)
    versie: str | None = None
    bekendgemaakt: date | None = None
    toewijsbaar_tot: date | None = None
    declarabel_tot: date | None = None


@dataclass(frozen=True, slots=True)
class Voorstel:
    """A file with indexed prices, and how they were made."""

    inhoud: bytes
    vraag: Indexvraag
    rijen: Sequence[Indexrij]


def indexed(bestand: Bestand, wens: Indexwens, vandaag: date, codes: Collection[str]) -> Voorstel:
    """The file with the next prices in it, which any start would take.

    Raises WrongUse for what cannot be, AgreementRefused where the new file would not be good.
    """
    naam, inhoud = bestand
    (overeenkomst,) = agreements_in([bestand], codes).alle
    vraag = _question(overeenkomst, wens, vandaag)
    rijen = index_prices(overeenkomst, vraag)
    made = indexed_text(inhoud.decode("utf-8-sig"), rijen, vraag).encode()
    agreements_in([(naam, made)], codes)
    return Voorstel(made, vraag, rijen)


def _question(overeenkomst: Overeenkomst, wens: Indexwens, vandaag: date) -> Indexvraag:
    if wens.afronden not in AFRONDEN:
        raise WrongUse(f"rond af op {', '.join(map(str, AFRONDEN))} centen")
    return Indexvraag(
        percentage=percentage_of(wens.percentage),
        vanaf=wens.vanaf,
        versie=wens.versie or f"{overeenkomst.versie}+{wens.vanaf}",
        bekendgemaakt_op=wens.bekendgemaakt or vandaag,
        afronden=wens.afronden,
        uitzonderingen=list(exceptions_of(wens.cellen, overeenkomst.dimensies)),
        per_cel={rij: percentage_of(text) for rij, text in wens.per_cel.items()},
        toewijsbaar_tot=wens.toewijsbaar_tot,
        declarabel_tot=wens.declarabel_tot,
    )


def measured(database: Database, overeenkomst: Overeenkomst, vandaag: date) -> Gebruik:
    """What was granted last year on each cell of an agreement, counted now."""
    bereik = Bereik(frozenset(overeenkomst.gemeenten))
    meting = meting_van(database, bereik, index([overeenkomst]), vandaag)
    return use_of(meting, overeenkomst, vandaag.year - 1)


def use_of(meting: Meting, overeenkomst: Overeenkomst, jaar: int) -> Gebruik:
    """What was granted in a year on each cell of an agreement, of what was counted."""
    return {
        int(one.sleutel[2]): one.toegekend
        for one in meting.cellen
        if one.jaar == jaar and one.sleutel[:2] == (overeenkomst.id, overeenkomst.versie)
    }
