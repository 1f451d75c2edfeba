"""The whole story of a line: what it rests on, how it was judged, and what became of it since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.deviations.receipt import Document, unpack
from gateway.ledger.overzicht import Betaling
from gateway.ledger.verhaal import Verhaal, chain, stories, zonder_bsn
from gateway.pipeline.ports import Partijen
from gateway.records.finding import Finding
from gateway.records.masker import mask, mask_own
from gateway.store import ledger_queries
from gateway.store.engine import Database, rows_of
from gateway.store.inzage.berichten import Berichteninzage, Berichtrij
from gateway.store.inzage.betaald import betaald_van
from gateway.store.inzage.declaratieregels import Regelinzage, Regelrij
from gateway.store.inzage.toewijzingen import Toewijzingeninzage, Toewijzingverhaal
from gateway.store.ledger_balances import NUMMERS
from gateway.store.ledger_views import boekregel_of
from gateway.store.statements import row_of
from gateway.store.tables import bewijs, partij, prestatie, toewijzing
from gateway.toegang.wie import Bereik

# Of one assignment, in one month, there are never more lines than this.
FAMILY = 200


@dataclass(frozen=True, slots=True)
class Lijnstuk:
    """What was invoiced, in a line that stands or in one of a message that waits; eurocents."""

    regelnr: int
    referentienummer: str
    toewijzingnummer: int
    productcategorie: str
    productcode: str
    begindatum: date
    einddatum: date
    volume: int
    eenheid: str
    tarief: int | None
    bedrag: int


@dataclass(frozen=True, slots=True)
class Regelverhaal:
    """A line with everything around it; `rij` is None in a message that waits for a person.

    `client` is the fingerprint of its Bsn, where that is known.  `verhaal` holds the lines that it
    has to do with, in order of judging, and `ernaast` the others on its assignment in its period.
    `betaling` is the payment that it is in.
    """

    bericht: Berichtrij
    partijen: Partijen
    stuk: Lijnstuk
    rij: Regelrij | None
    client: str | None
    bevindingen: Sequence[Finding]
    bewijs: Document | None
    toewijzing: Toewijzingverhaal | None
    verhaal: Sequence[Verhaal]
    ernaast: Sequence[Verhaal]
    betaling: Betaling | None

    @property
    def toegekend(self) -> bool | None:
        """Whether it was granted; None while that is not decided."""
        return None if self.rij is None else self.rij.toegekend


class Regelverhalen:
    """Reads the story of a line, in a fixed number of questions and within a Bereik."""

    def __init__(
        self,
        database: Database,
        berichten: Berichteninzage,
        regels: Regelinzage,
        toewijzingen: Toewijzingeninzage,
    ) -> None:
        self._database = database
        self._berichten = berichten
        self._regels = regels
        self._toewijzingen = toewijzingen

    def een(self, bereik: Bereik, inbox_id: int, regelnr: int) -> Regelverhaal | None:
        """One line by the number of its message and its own; None where it is not there.

        Of a message that waits only the lines are known that something was found on.
        """
        bericht = self._berichten.een(bereik, inbox_id)
        if bericht is None or bericht.outcome is None or bericht.outcome.partijen is None:
            return None
        rij = self._regels.een(bereik, inbox_id, regelnr)
        found = self._bewijs(bereik, inbox_id, regelnr)
        stuk = _of_line(rij) if rij is not None else _of_receipt(found)
        if stuk is None:
            return None
        partijen = bericht.outcome.partijen
        with self._database.snapshot(bereik.scope) as connection:
            partij_id = connection.execute(_PARTIJ, row_of(partijen)).scalar_one_or_none()
            verhaal, ernaast = self._verhaal(connection, partij_id, inbox_id, stuk)
            betaald = betaald_van(connection, [(inbox_id, regelnr)])
            client = rij.client if rij else self._client(connection, partij_id, stuk)
        of_number = None
        if partij_id is not None:
            of_number = self._toewijzingen.een(bereik, stuk.toewijzingnummer, partij_id)
        return Regelverhaal(
            bericht=bericht,
            partijen=partijen,
            stuk=stuk,
            rij=rij,
            client=client,
            bevindingen=[
                one.finding for one in self._regels.bevindingen(bereik, inbox_id, regelnr)
            ],
            bewijs=found,
            toewijzing=of_number,
            verhaal=verhaal,
            ernaast=ernaast,
            betaling=betaald.get((inbox_id, regelnr)),
        )

    def _bewijs(self, bereik: Bereik, inbox_id: int, regelnr: int) -> Document | None:
        given = {"bericht": inbox_id, "regelnr": regelnr}
        with self._database.snapshot(bereik.scope) as connection:
            packed = connection.execute(_BEWIJS, given).scalar_one_or_none()
        return None if packed is None else unpack(packed)

    def _client(self, connection: Connection, partij_id: int | None, stuk: Lijnstuk) -> str | None:
        """Whose assignment a line that waits is on."""
        given = {"partij": partij_id, "nummer": stuk.toewijzingnummer}
        found: str | None = connection.execute(_CLIENT, given).scalar()
        return found

    def _verhaal(
        self, connection: Connection, partij_id: int | None, inbox_id: int, stuk: Lijnstuk
    ) -> tuple[Sequence[Verhaal], Sequence[Verhaal]]:
        """The lines that belong to the story of this one, and the others beside it."""
        given: dict[str, Any] = {
            "partij": partij_id,
            ledger_queries.REFERENTIES: [stuk.referentienummer],
            NUMMERS: [stuk.toewijzingnummer],
        }
        around = ledger_queries.VERWANT.where(
            prestatie.c.begindatum <= stuk.einddatum, prestatie.c.einddatum >= stuk.begindatum
        )
        # The line itself first: of what is beside it there may be more than is shown.
        by_name = sa.case((prestatie.c.referentienummer == stuk.referentienummer, 0), else_=1)
        some = around.order_by(None).order_by(by_name, prestatie.c.id).limit(FAMILY)
        found = [boekregel_of(row) for row in rows_of(connection, some, given)]
        lines = sorted(found, key=lambda one: one.regel_id)
        own = {
            one.regel_id
            for one in lines
            if (one.inzending.inbox_id, one.prestatie.volgnr) == (inbox_id, stuk.regelnr)
        }
        family = chain(own, lines)
        known = {one.regel_id for one in family}
        beside = [
            one
            for one in stories(lines)
            if one.regel.regel_id not in known
            and one.regel.prestatie.toewijzingnummer == stuk.toewijzingnummer
        ]
        return list(map(zonder_bsn, stories(family))), list(map(zonder_bsn, beside))


def _of_line(rij: Regelrij) -> Lijnstuk:
    one = rij.prestatie
    return Lijnstuk(
        one.volgnr,
        mask_own(one.referentienummer, one.bsn),
        one.toewijzingnummer,
        one.productcategorie,
        one.productcode,
        one.begindatum,
        one.einddatum,
        one.geleverd_volume,
        one.eenheid,
        one.producttarief,
        one.ondertekend,
    )


def _of_receipt(document: Document | None) -> Lijnstuk | None:
    if document is None:
        return None
    line = document["regel"]
    return Lijnstuk(
        line["regelnummer"],
        mask(line["referentienummer"]),
        line["toewijzingnummer"],
        line["productcategorie"],
        line["productcode"],
        date.fromisoformat(line["begindatum"]),
        date.fromisoformat(line["einddatum"]),
        line["geleverdVolume"],
        line["eenheid"],
        line["producttarief"],
        line["ingediendBedrag"],
    )


_BEWIJS = sa.select(bewijs.c.document).where(
    bewijs.c.inbox_id == sa.bindparam("bericht", type_=sa.BigInteger),
    bewijs.c.regelnr == sa.bindparam("regelnr", type_=sa.Integer),
    bewijs.c.tot_volgnr.is_(None),
)
_PARTIJ = sa.select(partij.c.id).where(
    *(partij.c[name] == sa.bindparam(name) for name in ("gemeente", "wet", "aanbieder"))
)
_CLIENT = (
    sa.select(toewijzing.c.bsn_hash)
    .where(
        toewijzing.c.toewijzingnummer == sa.bindparam("nummer", type_=sa.BigInteger),
        toewijzing.c.partij_id == sa.bindparam("partij", type_=sa.BigInteger),
    )
    .limit(1)
)
