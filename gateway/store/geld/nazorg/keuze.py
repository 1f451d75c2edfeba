"""Which granted lines are chosen to be put right, and whether they still can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.records.declaratie import GRANTED
from gateway.store.geld.nazorg.tables import creditverzoek_regel
from gateway.store.inzage.binnen import partij_in
from gateway.store.ledger_balances import stands
from gateway.store.tables import declaratie, partij, prestatie
from gateway.store.werk.tables import werkpost
from gateway.toegang.wie import Bereik

DEBET, CREDIT = "D", "C"
_credit = prestatie.alias("credit")


@dataclass(frozen=True, slots=True)
class Regels:
    """Lines by the number of their message and their own."""

    welke: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class VanDeclaratie:
    """All lines of the Declaratie in a message."""

    inbox_id: int


@dataclass(frozen=True, slots=True)
class VanOorzaak:
    """The lines of the open findings of a cause."""

    nummer: int


@dataclass(frozen=True, slots=True)
class Genoemd:
    """Lines of a provider by DeclaratieNummer and ReferentieNummer, as others list them."""

    gemeente: str
    aanbieder: str
    namen: Sequence[tuple[str, str]]


Keuze = Regels | VanDeclaratie | VanOorzaak | Genoemd


def chosen(connection: Connection, bereik: Bereik, keuze: Keuze, most: int) -> Sequence[Any]:
    """The lines of a choice that may be credited, in order, one more than `most` at the most.

    Those are granted debets without a credit, in no request that runs.
    """
    query = _of(keuze).where(partij_in(bereik)).order_by(prestatie.c.partij_id, prestatie.c.id)
    return connection.execute(query.limit(most + 1)).all()


def credit_of(lines: Any) -> sa.Select[Any]:
    """The granted credit on a line, by party and the number that it names."""
    return sa.select(_credit.c.id).where(
        _credit.c.partij_id == lines.c.partij_id,
        _credit.c.vorig_referentienummer == lines.c.referentienummer,
        _credit.c.debet_credit == CREDIT,
        _credit.c.toegekend == GRANTED,
        stands(_credit),
    )


def _of(keuze: Keuze) -> sa.Select[Any]:
    match keuze:
        case Regels(welke):
            pairs = sa.tuple_(declaratie.c.inbox_id, prestatie.c.volgnr).in_(list(welke))
            berichten = sorted({inbox_id for inbox_id, _ in welke})
            return _KAN.where(declaratie.c.inbox_id.in_(berichten), pairs)
        case VanDeclaratie(inbox_id):
            return _KAN.where(declaratie.c.inbox_id == inbox_id)
        case VanOorzaak(nummer):
            found = (
                sa.select(werkpost.c.inbox_id, werkpost.c.regelnr)
                .where(werkpost.c.oorzaak_id == nummer, werkpost.c.regelnr.is_not(None))
                .distinct()
                .subquery("posten")
            )
            return _KAN.join(
                found,
                sa.and_(
                    found.c.inbox_id == declaratie.c.inbox_id,
                    found.c.regelnr == prestatie.c.volgnr,
                ),
            )
        case Genoemd(gemeente, aanbieder, namen):
            nummers = sa.tuple_(declaratie.c.declaratienummer, prestatie.c.referentienummer)
            return _KAN.where(
                partij.c.gemeente == gemeente,
                partij.c.aanbieder == aanbieder,
                prestatie.c.referentienummer.in_(sorted({regel for _, regel in namen})),
                nummers.in_(list(namen)),
            )


_IS_ASKED = sa.exists().where(
    creditverzoek_regel.c.inbox_id == declaratie.c.inbox_id,
    creditverzoek_regel.c.regelnr == prestatie.c.volgnr,
    creditverzoek_regel.c.loopt == sa.literal_column("1"),
)
_KAN = (
    sa.select(
        prestatie.c.id,
        prestatie.c.partij_id,
        partij.c.gemeente,
        partij.c.wet,
        partij.c.aanbieder,
        declaratie.c.inbox_id,
        declaratie.c.declaratienummer,
        prestatie.c.volgnr.label("regelnr"),
        prestatie.c.bsn,
        prestatie.c.bsn_hash,
        prestatie.c.referentienummer,
        prestatie.c.productcode,
        prestatie.c.begindatum,
        prestatie.c.einddatum,
        prestatie.c.ingediend_bedrag.label("bedrag"),
    )
    .join_from(
        declaratie,
        prestatie,
        sa.and_(
            prestatie.c.declaratie_id == declaratie.c.id,
            prestatie.c.partij_id == declaratie.c.partij_id,
            prestatie.c.id > declaratie.c.regel_van,
            prestatie.c.id <= declaratie.c.regel_tot,
        ),
    )
    .join(partij, partij.c.id == prestatie.c.partij_id)
    .where(
        stands(declaratie),
        stands(prestatie),
        prestatie.c.debet_credit == DEBET,
        prestatie.c.toegekend == GRANTED,
        ~credit_of(prestatie).exists(),
        ~_IS_ASKED,
    )
)
