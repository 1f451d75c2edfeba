"""Batches and consents put straight into a store, for tests of lists and pages."""

from __future__ import annotations

from datetime import date

import msgspec
import sqlalchemy as sa

from gateway.ledger.mutaties.wijzen import Indexatie, soort_of
from gateway.store.engine import ALL, insert_one
from gateway.store.mutaties.tables import (
    LOOPT,
    instemming,
    mutatie,
    mutatie_bericht,
    mutatie_jaar,
    mutatie_regel,
)
from gateway.store.store import SqlStore

WIJZE = Indexatie(vanaf=date(2026, 1, 1), basispunten=350)


def filled(store: SqlStore, gemeente: str, aanbieder: str, size: int = 2) -> tuple[int, int]:
    """Two batches, each of so many refused assignments and messages that were passed over.

    Also as many consents; returns the numbers of the last batch and the last consent.
    """
    party = {"gemeente": gemeente, "wet": "jeugdwet", "aanbieder": aanbieder}
    with store.database.writing(ALL) as connection:
        for _ in range(2):
            row = {"gemeente": gemeente, "wet": "jeugdwet", "naam": "Indexatie 2026"}
            row |= {"soort": soort_of(WIJZE), "wijze": msgspec.json.encode(WIJZE).decode()}
            row |= {"keuze": "{}", "staat": LOOPT, "wie": "anna", "door": "Anna"}
            counts = dict.fromkeys(("voor", "na", "verschil", "zonder_bedrag", "clienten"), 1)
            counts |= {"toewijzingen": size, "geweigerd": size, "berichten": size}
            made = row | counts | {"gemaakt_at": 0.0, "per_minuut": 60, "volgende_at": 1e12}
            nummer = insert_one(connection, mutatie, made)
            jaar = {"mutatie_id": nummer, "jaar": 2026, "voor": 1, "na": 2}
            connection.execute(sa.insert(mutatie_jaar), jaar)
            each = [{**party, "mutatie_id": nummer, "bsn_hash": f"{n:032}"} for n in range(size)]
            refused = {"deel": 0, "inhoud": "[]", "regel": "OP299", "weigering": "te laag"}
            regels = [
                {**one, **refused, "toewijzing_id": n, "toewijzingnummer": n}
                for n, one in enumerate(each, 1)
            ]
            connection.execute(sa.insert(mutatie_regel), regels)
            passed = [{**one, "overgeslagen": "is gewijzigd"} for one in each]
            connection.execute(sa.insert(mutatie_bericht), passed)
        consent = {**party, "wat": "budget", "op": date(2026, 1, 2), "door": "J. de Boer"}
        consent |= {"bron": "brief 12", "wie": "anna", "gemaakt_at": 0.0}
        for n in range(1, size + 1):
            own = {"toewijzingnummer": n, "bsn_hash": f"{n:032}"}
            agreed = insert_one(connection, instemming, consent | own)
        return nummer, agreed
