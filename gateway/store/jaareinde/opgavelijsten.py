"""The statements of providers and their differences as lists of a pack."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.pipeline.kennis import dag_van
from gateway.store.jaareinde.bestanden import Bedrag, write_list
from gateway.store.jaareinde.tables import jaarverschil, verantwoording
from gateway.store.jaareinde.verantwoordingen import verantwoording_of

_VERANTWOORDING = (
    *("aanbieder", "ontvangen", "bestand", "sha256", "stand", "toelichting"),
    *("opgegeven", "toegekend", "verschil"),
)
_VERSCHIL = ("aanbieder", "sleutel", "verklaring", "codes", "verschil", "opgegeven", "toegekend")


def write_statements(connection: Connection, folder: Path, gemeente: str, jaar: int) -> None:
    """The statements that count and their differences, as two lists of a pack."""
    own = (
        verantwoording.c.gemeente == gemeente,
        verantwoording.c.jaar == jaar,
        verantwoording.c.vervallen == 0,
    )
    told = sa.select(verantwoording).where(*own).order_by(verantwoording.c.aanbieder)
    statements = [verantwoording_of(row) for row in connection.execute(told)]
    write_list(
        folder,
        "verantwoordingen.csv",
        _VERANTWOORDING,
        (
            (
                one.aanbieder,
                dag_van(one.ontvangen),
                one.bestand,
                one.sha256,
                one.staat,
                one.toelichting,
                Bedrag(one.bedrag),
                None if one.toegekend is None else Bedrag(one.toegekend),
                None if one.verschil is None else Bedrag(one.verschil),
            )
            for one in statements
        ),
    )
    query = (
        sa.select(verantwoording.c.aanbieder, jaarverschil)
        .join_from(jaarverschil, verantwoording)
        .where(*own)
        .order_by(verantwoording.c.aanbieder, jaarverschil.c.nr)
    )
    write_list(
        folder,
        "verschillen.csv",
        _VERSCHIL,
        (
            (
                row.aanbieder,
                row.sleutel,
                row.soort,
                row.codes,
                Bedrag(row.bedrag),
                Bedrag(row.opgegeven),
                Bedrag(row.toegekend),
            )
            for row in connection.execute(query, execution_options={"yield_per": 1_000})
        ),
    )
