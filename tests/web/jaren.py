"""A year that was closed, as rows: a pack, a statement with differences, and a sample."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from gateway.ledger.jaareinde.stand import Jaarstand, Sleutel
from gateway.ledger.jaareinde.verantwoording import Soort
from gateway.store.engine import insert_one
from gateway.store.jaareinde.afsluitingen import Nieuw, keep
from gateway.store.jaareinde.tables import (
    jaarverschil,
    steekproef,
    steekproefpost,
    verantwoording,
)
from gateway.store.store import SqlStore

JAAR = 2025


class Jaar(NamedTuple):
    """The numbers of what was made."""

    pakket: int
    verantwoording: int
    steekproef: int


def fill_year(store: SqlStore, gemeente: str, aanbieder: str) -> Jaar:
    """A year of one provider: 100.00 granted, 120.00 told, and a sample of two lines.

    What was filled before is there still, and does not count any more.
    """
    stand = Jaarstand(regels=2, toegekend=11_000, gecrediteerd=1_000, laat=500, vooruit=2_000)
    een = Nieuw(
        gemeente=gemeente,
        jaar=JAAR,
        gemaakt=store.now(),
        volgnr=1,
        map=f"jaarafsluiting-{gemeente}",
        manifest="0" * 64,
        klopt=True,
    )
    standen = {
        Sleutel("jeugdwet", aanbieder, "45A04"): stand,
        Sleutel("jeugdwet", aanbieder, "45A05"): Jaarstand(regels=1, afgewezen=300),
    }
    pakket = keep(store.database, een, standen)
    own = {"gemeente": gemeente, "jaar": JAAR, "aanbieder": aanbieder}
    with store.database.writing(gemeente) as connection:
        mine = [verantwoording.c[name] == value for name, value in own.items()]
        connection.execute(sa.update(verantwoording).where(*mine).values(vervallen=1))
        told = insert_one(connection, verantwoording, {**own, **_STATEMENT})
        parts = ((Soort.AFGEWEZEN, 1_500, "9321"), (Soort.NIET_INGEDIEND, 500, ""))
        for nr, (soort, bedrag, codes) in enumerate(parts, start=1):
            row = {"verantwoording_id": told, "nr": nr, "gemeente": gemeente, "sleutel": f"R{nr}"}
            amounts = {"bedrag": bedrag, "opgegeven": bedrag, "toegekend": 0}
            row |= {"soort": soort.value, "codes": codes, **amounts}
            connection.execute(sa.insert(jaarverschil), row)
        drawn = insert_one(connection, steekproef, {**own, **_SAMPLE})
        for nr, oordeel in enumerate(("fout", None), start=1):
            row = {"steekproef_id": drawn, "nr": nr, "gemeente": gemeente, "aanbieder": aanbieder}
            row |= {"inbox_id": 1, "regelnr": nr, "bedrag": 5_000, "is_hoog": 0}
            if oordeel:
                row |= {"oordeel": oordeel, "afwijking": 100, "reden": "te veel", "door": "Anna"}
            connection.execute(sa.insert(steekproefpost), row)
    return Jaar(pakket, told, drawn)


_STATEMENT = {
    "ontvangen_at": 0.0,
    "door": "Anna",
    "bestand": "opgave.csv",
    "sha256": "0" * 64,
    "per": "regel",
    "regels": 3,
    "bedrag": 12_000,
    "vervallen": 0,
    "vergeleken_at": 0.0,
    "toegekend": 10_000,
    "staat": "ontvangen",
    "toelichting": "",
}
_SAMPLE = {
    "zaad": "2025",
    "volgnr": 1,
    "regels": 2,
    "populatie": 10_000,
    "interval_centen": 5_000,
    "start": 100,
    "betrouwbaarheid": 95,
    "tolerantie_fouten": 10,
    "tolerantie_onzeker": 30,
    "gemaakt_at": 0.0,
    "door": "Anna",
}
