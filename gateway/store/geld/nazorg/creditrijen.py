"""Credit requests and their lines as they are read, and which of them somebody may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import NietGevonden
from gateway.ledger.geld.creditverzoek import LOOPT, stand_van
from gateway.records.masker import mask_own
from gateway.store.geld.nazorg.tables import creditverzoek, creditverzoek_regel
from gateway.store.ledger_balances import stands
from gateway.store.tables import declaratie, prestatie
from gateway.toegang.wie import Bereik

UNKNOWN = "dit creditverzoek bestaat niet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditverzoek:
    """A request as it stands on a day; `regels` and `gecrediteerd` count, amounts are eurocents."""

    nummer: int
    gemeente: str
    wet: str
    aanbieder: str
    reden: str
    toelichting: str
    gevraagd_op: date
    uiterlijk: date
    staat: str
    stand: str
    antwoord_reden: str
    antwoord_naam: str | None
    antwoord_op: datetime | None
    regels: int
    bedrag: int
    gecrediteerd: int
    gecrediteerd_bedrag: int
    naam: str

    @property
    def open_bedrag(self) -> int:
        """What is not credited yet."""
        return self.bedrag - self.gecrediteerd_bedrag


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditregel:
    """A line of a request; `client` is a fingerprint, `credit_id` the message of its credit."""

    inbox_id: int
    regelnr: int
    declaratienummer: str
    referentienummer: str
    productcode: str
    begindatum: date
    einddatum: date
    bedrag: int
    client: str
    credit_id: int | None


def verzoek_in(bereik: Bereik) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether a request is one that may be seen."""
    own = creditverzoek.c.gemeente.in_(sorted(bereik.gemeenten))
    if bereik.aanbieder is None:
        return (own,)
    return own, creditverzoek.c.aanbieder == bereik.aanbieder


def row_of(connection: Connection, bereik: Bereik, nummer: int, *, lock: bool = False) -> Any:
    """The row of a request; raises NietGevonden for none that may be seen."""
    query = sa.select(creditverzoek).where(creditverzoek.c.id == nummer, *verzoek_in(bereik))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NietGevonden(UNKNOWN)
    return row


def verzoek_of(row: Any, vandaag: date) -> Creditverzoek:
    """A request from its row, as it stands on a day."""
    given = {name: getattr(row, name) for name in _TAKEN}
    answered = row.antwoord_at
    return Creditverzoek(
        nummer=row.id,
        stand=stand_van(row.staat, row.regels, row.gecrediteerd, row.uiterlijk, vandaag),
        antwoord_op=None if answered is None else datetime.fromtimestamp(answered, UTC),
        **given,
    )


def regel_of(row: Any) -> Creditregel:
    """A line from a row of LINES."""
    given = {name: getattr(row, name) for name in Creditregel.__slots__}
    given["referentienummer"] = mask_own(row.referentienummer, row.bsn)
    return Creditregel(**given)


RUNS = creditverzoek.c.staat.in_([sa.literal_column(f"'{one}'", sa.String) for one in LOOPT])
_TAKEN = (
    *("gemeente", "wet", "aanbieder", "reden", "toelichting", "gevraagd_op", "uiterlijk", "staat"),
    *("antwoord_reden", "antwoord_naam", "regels", "bedrag", "gecrediteerd"),
    *("gecrediteerd_bedrag", "naam"),
)
PLACE = sa.tuple_(creditverzoek_regel.c.inbox_id, creditverzoek_regel.c.regelnr)
# A line is found by its number of the party: going through all lines of its message takes longer.
LINES = (
    sa.select(
        creditverzoek_regel.c.inbox_id,
        creditverzoek_regel.c.regelnr,
        creditverzoek_regel.c.referentienummer,
        creditverzoek_regel.c.bedrag,
        creditverzoek_regel.c.credit_id,
        declaratie.c.declaratienummer,
        prestatie.c.productcode,
        prestatie.c.begindatum,
        prestatie.c.einddatum,
        prestatie.c.bsn_hash.label("client"),
        prestatie.c.bsn,
    )
    .join_from(
        creditverzoek,
        creditverzoek_regel,
        creditverzoek_regel.c.creditverzoek_id == creditverzoek.c.id,
    )
    .join(
        prestatie,
        sa.and_(
            prestatie.c.partij_id == creditverzoek_regel.c.partij_id,
            prestatie.c.referentienummer == creditverzoek_regel.c.referentienummer,
            prestatie.c.volgnr == creditverzoek_regel.c.regelnr,
            stands(prestatie),
        ),
    )
    .join(
        declaratie,
        sa.and_(
            declaratie.c.id == prestatie.c.declaratie_id,
            declaratie.c.inbox_id == creditverzoek_regel.c.inbox_id,
        ),
    )
)
