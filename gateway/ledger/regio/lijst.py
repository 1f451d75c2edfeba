"""A list of figures in a shape that a page, a file and a program all take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gateway.ledger.regio.rapport import Jaarcijfers, Tabel
from gateway.ledger.regio.telling import (
    AANBIEDER,
    ALLES,
    CEL,
    GEMEENTE,
    INTENSITEIT,
    TERUGKEER,
    UITKOMST,
    VERWIJZER,
    VERZWARING,
    WIJK,
    Veld,
)
from gateway.periods.bedragen import half_up

# Amounts are eurocents, `procent` and `tiende` are tenths.
Soort = Literal["tekst", "gemeente", "aantal", "euro", "procent", "tiende", "dagen"]
Waarde = str | int | None
TIENDEN = 1000  # so many tenths of a percent are the whole
NIET_VERDEELD = "niet verdeeld"

KOPPEN = {
    AANBIEDER: "Aanbieder",
    CEL: "Cel",
    GEMEENTE: "Gemeente",
    INTENSITEIT: "Intensiteit",
    TERUGKEER: "Terugkeer",
    UITKOMST: "Afloop",
    VERWIJZER: "Verwijzer",
    VERZWARING: "Zwaardere zorg",
    WIJK: "Wijk",
}
TITELS = {
    "mix-aanbieder": "Mix van intensiteiten per aanbieder",
    "mix-verwijzer": "Mix van intensiteiten per soort verwijzer",
    "mix-gemeente": "Mix van intensiteiten per gemeente",
    "wijk": "Gebruik per wijk en intensiteit",
    "afloop-cel": "Hoe trajecten aflopen, per cel",
    "afloop-aanbieder": "Hoe trajecten aflopen, per aanbieder",
    "terugkeer-cel": "Terugkeer na een traject dat volgens plan klaar was, per cel",
    "terugkeer-aanbieder": "Terugkeer na een traject dat volgens plan klaar was, per aanbieder",
    "verzwaring": "Overstap naar zwaardere zorg, per intensiteit",
    "verzwaring-aanbieder": "Overstap naar zwaardere zorg, per aanbieder",
}


class Kolom(NamedTuple):
    """The heading of a column, and what stands in it."""

    naam: str
    soort: Soort = "tekst"


@dataclass(frozen=True, slots=True)
class Lijst:
    """Rows below headings; None is not told or does not apply.

    `beeld` is the column that a chart shows, by the first one.
    """

    code: str
    titel: str
    kolommen: Sequence[Kolom]
    rijen: Sequence[Sequence[Waarde]]
    beeld: int | None = None


def share(part: int, whole: int) -> int | None:
    """A part of a whole in tenths of a percent; None of nothing."""
    return half_up(part * TIENDEN, whole) if whole > 0 else None


def lists_of(cijfers: Jaarcijfers) -> Sequence[Lijst]:
    """All figures of a year as lists; tables stand below each other, a row for each cell."""
    return [
        geheel(cijfers),
        *(_of_table(one) for one in cijfers.tabellen.values()),
        redenen(cijfers),
        prijzen(cijfers),
        wijken(cijfers),
    ]


def _of_table(tabel: Tabel) -> Lijst:
    soort: Soort = "gemeente" if tabel.rijas == GEMEENTE else "tekst"
    kolommen = [
        Kolom(KOPPEN[tabel.rijas], soort),
        Kolom(KOPPEN[tabel.kolomas]),
        Kolom("Trajecten", "aantal"),
        Kolom("Cliënten", "aantal"),
        Kolom("Toegekend", "euro"),
        Kolom("Deel van de rij", "procent"),
    ]
    rijen = []
    for rij in (*tabel.rijen, ALLES):
        whole = tabel.veld(rij)
        for kolom in (*tabel.kolommen, ALLES):
            veld = tabel.veld(rij, kolom)
            deel = None if veld is None or whole is None else share(veld.trajecten, whole.trajecten)
            rijen.append((rij or "alle", kolom or "alle", *_counts(veld), deel))
    return Lijst(tabel.naam, TITELS[tabel.naam], kolommen, rijen)


def _counts(veld: Veld | None) -> tuple[int | None, int | None, int | None]:
    return (None, None, None) if veld is None else (veld.trajecten, veld.clienten, veld.bedrag)


def geheel(cijfers: Jaarcijfers) -> Lijst:
    """Everything of the year: what is in the tables, and what is not."""
    kolommen = [
        Kolom("Wat"),
        Kolom("Trajecten", "aantal"),
        Kolom("Cliënten", "aantal"),
        Kolom("Toegekend", "euro"),
    ]
    rijen: list[tuple[Waarde, ...]] = [("in de tabellen", *_counts(cijfers.totaal))]
    if cijfers.rest.clienten:
        rijen.append((NIET_VERDEELD, *_counts(cijfers.rest)))
    if cijfers.los:
        rijen.append(("op geen traject van dit jaar", None, None, cijfers.los))
    return Lijst("geheel", "Het hele jaar", kolommen, rijen)


def redenen(cijfers: Jaarcijfers) -> Lijst:
    """Why trajectories ended."""
    ended = sum(one.veld.trajecten for one in cijfers.redenen if one.veld is not None)
    kolommen = [
        Kolom("Reden van het stopbericht"),
        Kolom("Afloop"),
        Kolom("Trajecten", "aantal"),
        Kolom("Cliënten", "aantal"),
        Kolom("Deel van wat zichtbaar is", "procent"),
    ]
    rijen = [
        (
            one.reden,
            one.uitkomst,
            *_counts(one.veld)[:2],
            None if one.veld is None else share(one.veld.trajecten, ended),
        )
        for one in cijfers.redenen
    ]
    return Lijst("redenen", "Waarom trajecten eindigden", kolommen, rijen, beeld=2)


def prijzen(cijfers: Jaarcijfers) -> Lijst:
    """Duration, and volume against price."""
    kolommen = [
        Kolom("Cel"),
        Kolom("Trajecten", "aantal"),
        Kolom("Cliënten", "aantal"),
        Kolom("Toegekend", "euro"),
        Kolom("Een kwart klaar binnen", "dagen"),
        Kolom("De helft klaar binnen", "dagen"),
        Kolom("Driekwart klaar binnen", "dagen"),
        Kolom("Per beëindigd traject", "euro"),
        Kolom("Vaste prijs", "euro"),
        Kolom("Per cliënt", "euro"),
        Kolom("Per maand zorg", "euro"),
        Kolom("Per geleverd uur", "euro"),
        Kolom("Uurprijs volgens de overeenkomst", "euro"),
    ]
    rijen = [
        (
            one.cel,
            *_counts(one.veld),
            *(one.kwart, one.helft, one.driekwart),
            *(one.per_traject, one.vast, one.per_client, one.per_maand),
            *(one.per_uur, one.norm_uur),
        )
        for one in cijfers.prijzen
    ]
    return Lijst("prijzen", "Duur, en volume tegen prijs, per cel", kolommen, rijen, beeld=10)


def wijken(cijfers: Jaarcijfers) -> Lijst:
    """Use per district."""
    kolommen = [
        Kolom("Wijk"),
        Kolom("Trajecten", "aantal"),
        Kolom("Cliënten", "aantal"),
        Kolom("Toegekend", "euro"),
        Kolom("Inwoners", "aantal"),
        Kolom("Cliënten per 1.000 inwoners", "tiende"),
    ]
    rijen = [
        (one.wijk, *_counts(one.veld), one.inwoners, one.per_duizend) for one in cijfers.wijken
    ]
    known = any(one.per_duizend is not None for one in cijfers.wijken)
    return Lijst("wijken", "Gebruik per wijk", kolommen, rijen, beeld=5 if known else 2)
