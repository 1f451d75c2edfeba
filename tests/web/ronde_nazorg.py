"""The pages of what is put right afterwards, with something of each kind in a full store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from gateway.agreements.match import index
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.store.geld.nazorg.creditverzoeken import Aanvraag
from gateway.store.geld.nazorg.factuuropgave import Opgave
from gateway.store.geld.nazorg.keuze import VanDeclaratie
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.store.store import SqlStore
from gateway.store.tables import partij, toewijzing
from gateway.toegang.wie import Bereik, Wie

ANNA = Wie("anna", "Anna", "gebruiker")
GELD, EIGEN = "/geld", "/eigen"


class Gelegd(NamedTuple):
    """The numbers of what was put down."""

    credit: int
    verrekening: int
    factuur: int


class Adres(NamedTuple):
    """A page: its name, its path in the table of routes, where it is, and who may see it."""

    naam: str
    pad: str
    adres: str
    wie: str


def put_down(store: SqlStore, bereik: Bereik, invoice: int) -> Gelegd:
    """A request about an invoice, an item and a linked invoice by hand of the same provider."""
    with store.database.snapshot() as connection:
        query = (
            sa.select(partij.c.gemeente, partij.c.wet, partij.c.aanbieder)
            .join(toewijzing, toewijzing.c.partij_id == partij.c.id)
            .where(toewijzing.c.toewijzingnummer == 1_000_000 + invoice)
        )
        gemeente, wet, aanbieder = connection.execute(query).first() or ("", "", "")
    vraag = Aanvraag(keuze=VanDeclaratie(invoice), reden="tarief", uiterlijk=date(2099, 1, 1))
    (credit,) = store.creditverzoeken.request(bereik, ANNA, vraag)
    moved = Aanleiding(
        van=gemeente,
        aan=next(one for one in sorted(bereik.gemeenten) if one != gemeente),
        toewijzingnummer=1_000_000 + invoice,
        wet=wet,
        vanaf=date(2000, 1, 1),
        grond="anders",
    )
    verrekening, *_ = store.verrekeningen.add(bereik, ANNA, moved)
    day = date(2026, 1, 2)
    factuur = Factuur(
        gemeente=gemeente,
        wet=wet,
        aanbieder=aanbieder,
        factuurnummer="F1",
        factuurdatum=day,
        regels=[Factuurregel(1, "45A04", "01", day, day, 60, 150, 9000)],
    )
    opgave = Opgave(factuur=factuur, soort="geen-bsn", referentie="zaak 1")
    nummer = store.facturen.add(bereik, ANNA, opgave, index([]))
    store.facturen.link(bereik, nummer, 1_000_000 + invoice)
    return Gelegd(credit, verrekening, nummer)


def nazorg_paginas(store: SqlStore, gelegd: Gelegd, invoice: int) -> Iterator[Adres]:
    """Each page, of what was put down."""
    of = store.kenmerken.of
    credits, settle, facturen = (
        f"{GELD}/{one}" for one in ("creditverzoeken", "verrekeningen", "facturen")
    )
    own, bron = f"{EIGEN}/creditverzoeken", of("declaratie", invoice)
    een = of("creditverzoek", gelegd.credit)
    for naam, pad, adres, wie in (
        ("creditverzoeken", credits, credits, "financien"),
        ("creditverzoeken, alle", credits, f"{credits}?stand=alle", "financien"),
        ("credit vragen", f"{credits}/nieuw", f"{credits}/nieuw?declaratie={bron}", "financien"),
        ("creditverzoek", f"{credits}/{{kenmerk}}", f"{credits}/{een}", "financien"),
        ("eigen creditverzoeken", own, own, "aanbieder"),
        ("eigen creditverzoek", f"{own}/{{kenmerk}}", f"{own}/{een}", "aanbieder"),
        ("verrekeningen", settle, settle, "financien"),
        (
            "verrekening",
            f"{settle}/{{kenmerk}}",
            f"{settle}/{of('verrekening', gelegd.verrekening)}",
            "financien",
        ),
        ("facturen", facturen, f"{facturen}?jaar=2026", "financien"),
        ("factuur vastleggen", f"{facturen}/nieuw", f"{facturen}/nieuw", "financien"),
        ("handtoewijzingen", f"{facturen}/toewijzingen", f"{facturen}/toewijzingen", "financien"),
        (
            "factuur",
            f"{facturen}/{{kenmerk}}",
            f"{facturen}/{of('factuur', gelegd.factuur)}",
            "financien",
        ),
    ):
        yield Adres(naam, pad, adres, wie)
