"""The statements that read the register, and what their rows are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.records.aanbieder import Contractstuk, Onderaanneming, Overgang
from gateway.store.register.tables import (
    aanbieder,
    aanbieder_agb,
    aanbieder_contract,
    aanbieder_crediteur,
    aanbieder_naam,
    aanbieder_overgang,
    onderaannemer,
)


def overgang_row(one: Overgang) -> dict[str, Any]:
    """A merger as a row."""
    return {
        "soort": one.soort,
        "van_id": one.van,
        "naar_id": one.naar,
        "dag": one.dag,
        "agbs": " ".join(one.agbs),
        "toelichting": one.toelichting,
    }


def overgang_of(row: Any) -> Overgang:
    """A merger from a row."""
    return Overgang(
        soort=row.soort,
        van=row.van_id,
        naar=row.naar_id,
        dag=row.dag,
        agbs=tuple(row.agbs.split()),
        toelichting=row.toelichting,
    )


def contract_of(row: Any) -> Contractstuk:
    """The document of a contract from a row."""
    return Contractstuk(
        nummer=row.id,
        overeenkomst=row.overeenkomst,
        documentnummer=row.documentnummer,
        vanaf=row.vanaf,
        tot=row.tot,
        opmerking=row.opmerking,
    )


def contract_row(aanbieder_id: int, one: Contractstuk) -> dict[str, Any]:
    """The document of a contract as a row."""
    return {
        "aanbieder_id": aanbieder_id,
        "overeenkomst": one.overeenkomst,
        "documentnummer": one.documentnummer,
        "vanaf": one.vanaf,
        "tot": one.tot,
        "opmerking": one.opmerking,
    }


def onderaanneming_row(one: Onderaanneming) -> dict[str, Any]:
    """A subcontract as a row."""
    return {
        "hoofd_id": one.hoofd,
        "onder_id": one.onder,
        "wet": one.wet,
        "productcategorie": one.productcategorie,
        "vanaf": one.vanaf,
        "tot": one.tot,
        "goedgekeurd_door": one.goedgekeurd_door,
    }


def onderaanneming_of(row: Any) -> Onderaanneming:
    """A subcontract from a row."""
    return Onderaanneming(
        nummer=row.id,
        hoofd=row.hoofd_id,
        onder=row.onder_id,
        wet=row.wet,
        productcategorie=row.productcategorie,
        vanaf=row.vanaf,
        tot=row.tot,
        goedgekeurd_door=row.goedgekeurd_door,
    )


WELK: sa.BindParameter[int] = sa.bindparam("welk", type_=sa.BigInteger)
AANBIEDERS = sa.select(aanbieder).order_by(aanbieder.c.id)
NAMEN = sa.select(aanbieder_naam).order_by(aanbieder_naam.c.aanbieder_id, aanbieder_naam.c.vanaf)
AGBS = sa.select(aanbieder_agb).order_by(
    aanbieder_agb.c.aanbieder_id, aanbieder_agb.c.vanaf, aanbieder_agb.c.agb
)
OVERGANGEN = sa.select(aanbieder_overgang).order_by(
    aanbieder_overgang.c.dag, aanbieder_overgang.c.id
)
# The last name of the last holder stays.
NAMEN_OP = (
    sa.select(aanbieder_agb.c.agb, aanbieder_agb.c.aanbieder_id, aanbieder_naam.c.naam)
    .join_from(
        aanbieder_agb, aanbieder_naam, aanbieder_naam.c.aanbieder_id == aanbieder_agb.c.aanbieder_id
    )
    .where(
        aanbieder_agb.c.vanaf <= sa.bindparam("dag"),
        aanbieder_naam.c.vanaf <= sa.bindparam("dag"),
    )
    .order_by(aanbieder_agb.c.agb, aanbieder_agb.c.vanaf, aanbieder_naam.c.vanaf)
)
CONTRACTEN = (
    sa.select(aanbieder_contract)
    .where(aanbieder_contract.c.aanbieder_id == WELK)
    .order_by(aanbieder_contract.c.vanaf, aanbieder_contract.c.id)
)
ONDERAANNEMINGEN = (
    sa.select(onderaannemer)
    .where(sa.or_(onderaannemer.c.hoofd_id == WELK, onderaannemer.c.onder_id == WELK))
    .order_by(onderaannemer.c.vanaf, onderaannemer.c.id)
)
ALLE_CONTRACTEN = sa.select(aanbieder_contract).order_by(aanbieder_contract.c.id)
ALLE_ONDERAANNEMINGEN = sa.select(onderaannemer).order_by(onderaannemer.c.id)
CREDITEUREN = (
    sa.select(
        aanbieder_crediteur.c.gemeente,
        aanbieder_crediteur.c.crediteurnummer,
        aanbieder_crediteur.c.vanaf,
    )
    .where(
        aanbieder_crediteur.c.aanbieder_id == WELK,
        aanbieder_crediteur.c.gemeente.in_(sa.bindparam("gemeenten", expanding=True)),
    )
    .order_by(aanbieder_crediteur.c.gemeente, aanbieder_crediteur.c.vanaf)
)
