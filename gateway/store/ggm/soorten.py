"""Which facts leave under which object type of the GGM, column by column.

A column has the name that the GGM gives it, else that of the canonical record.  Amounts are whole
eurocents with a sign, a credit is negative; dates are inclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from gateway.messages.canoniek import EENHEDEN, FREQUENTIES, STATUS, WETTEN
from gateway.pipeline.kennis import dag_van
from gateway.records.declaratie import GRANTED, PENDING, REFUSED
from gateway.store.bouwstenen import Select
from gateway.store.ggm.merk import Condition, Merk, begun, gone, stood
from gateway.store.ledger_balances import SIGNED
from gateway.store.tables import (
    besteding,
    declaratie,
    inbox,
    levering,
    partij,
    prestatie,
    toewijzing,
    verzoek,
)

Waarde = Literal["tekst", "getal", "bedrag", "datum"]
# A row came, or is gone; in a file with all that stands it just stands.
NIEUW, VERVALLEN, GELDT = "nieuw", "vervallen", "geldt"
MUTATIE = "mutatie"
DEELS = "deels toegekend"
# The purpose for which it may be told where somebody lives.
BELEID = "beleidsinformatie"
# What a row says of a client is his fingerprint, until it is written.
CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Kolom:
    """A column of a file: what it holds, where that stands (by a mark), and how it is told.

    One that is `alleen_voor` a purpose is empty for any other.
    """

    naam: str
    waarde: Waarde
    uit: sa.ColumnElement[Any] | Callable[[Merk], sa.ColumnElement[Any]]
    via: Callable[[Any], Any] | None = None
    alleen_voor: str | None = None

    def at(self, merk: Merk) -> sa.ColumnElement[Any]:
        """Where it stands at a mark."""
        return self.uit if isinstance(self.uit, sa.ColumnElement) else self.uit(merk)


@dataclass(frozen=True, slots=True)
class Soort:
    """An object type: the table with its facts, and what else its columns need.

    `is_stand` tells that every file has all that stands, and not only what changed.
    """

    naam: str
    tabel: sa.Table
    kolommen: Sequence[Kolom]
    bij: sa.Table | None = None
    is_stand: bool = False

    @property
    def bedragen(self) -> Sequence[Kolom]:
        """The columns that are added up."""
        return [one for one in self.kolommen if one.waarde == "bedrag"]

    def rows(self, since: Merk | None, merk: Merk, gemeenten: Sequence[str]) -> Select:
        """What changed between two marks (or stands), in the order in which it came about."""
        kinds = dict(self._changes(since, merk))
        mutatie: sa.ColumnElement[Any] = sa.literal(GELDT)
        if not self.is_stand:
            mutatie = sa.case(*((where, kind) for kind, where in kinds.items()))
        columns = (one.at(merk).label(one.naam) for one in self.kolommen)
        query = self._joined(mutatie.label(MUTATIE), *columns, gemeenten=gemeenten)
        return query.where(sa.or_(*kinds.values())).order_by(self.tabel.c.id)

    def totals(
        self, mutatie: str, since: Merk | None, merk: Merk, gemeenten: Sequence[str]
    ) -> Select:
        """How many rows one kind of change has, and what each of their amounts comes to."""
        sums = (sa.func.coalesce(sa.func.sum(one.at(merk)), 0) for one in self.bedragen)
        query = self._joined(sa.func.count(), *sums, gemeenten=gemeenten)
        return query.where(dict(self._changes(since, merk))[mutatie])

    def _changes(self, since: Merk | None, merk: Merk) -> Sequence[tuple[str, Condition]]:
        if self.is_stand:
            return [(NIEUW, stood(self.tabel, merk)), (VERVALLEN, sa.false())]
        return [
            (NIEUW, begun(self.tabel, since, merk)),
            (VERVALLEN, gone(self.tabel, since, merk)),
        ]

    def _joined(self, *columns: Any, gemeenten: Sequence[str]) -> Select:
        joined: Any = sa.join(self.tabel, partij, partij.c.id == self.tabel.c.partij_id)
        if self.bij is not None:
            joined = joined.join(self.bij, self.bij.c.id == self.tabel.c[f"{self.bij.name}_id"])
        query = sa.select(*columns).select_from(joined)
        return query.where(partij.c.gemeente.in_(gemeenten)) if gemeenten else query


def _started(merk: Merk) -> sa.ColumnElement[Any]:
    """When care under an assignment began, as far as a start or stop told by a mark."""
    first = sa.select(sa.func.min(levering.c.begindatum))
    return first.where(_of_assignment(merk)).scalar_subquery()


def _stopped(column: sa.Column[Any]) -> Callable[[Merk], sa.ColumnElement[Any]]:
    """What the last stop under an assignment tells."""

    def of_last(merk: Merk) -> sa.ColumnElement[Any]:
        stops = sa.select(column).where(_of_assignment(merk), levering.c.soort == "stop")
        last = stops.order_by(levering.c.einddatum.desc(), levering.c.id.desc()).limit(1)
        return last.scalar_subquery()

    return of_last


def _of_assignment(merk: Merk) -> Condition:
    return sa.and_(
        levering.c.partij_id == toewijzing.c.partij_id,
        levering.c.toewijzingnummer == toewijzing.c.toewijzingnummer,
        stood(levering, merk),
    )


def _referred(merk: Merk) -> sa.ColumnElement[Any]:
    """Who referred the client, as the request told that the assignment grants."""
    kinds = sa.select(sa.func.min(verzoek.c.verwijzer)).where(
        verzoek.c.partij_id == toewijzing.c.partij_id,
        verzoek.c.referentie_aanbieder == toewijzing.c.referentie_aanbieder,
        stood(verzoek, merk),
    )
    return kinds.scalar_subquery()


def _partijen(tabel: sa.Table) -> Sequence[Kolom]:
    return (
        Kolom("rij", "getal", tabel.c.id),
        Kolom("gemeente", "tekst", partij.c.gemeente),
        Kolom("wet", "tekst", partij.c.wet, WETTEN.get),
        Kolom("aanbieder", "tekst", partij.c.aanbieder),
    )


def _product(tabel: sa.Table) -> Sequence[Kolom]:
    return (
        Kolom("toewijzingnummer", "getal", tabel.c.toewijzingnummer),
        Kolom("productcategorie", "tekst", tabel.c.productcategorie),
        Kolom("code", "tekst", tabel.c.productcode),
    )


def _client(tabel: sa.Table) -> Kolom:
    return Kolom(CLIENT, "tekst", tabel.c.bsn_hash)


def _reference(naam: str, column: sa.Column[Any]) -> Kolom:
    """What a sender calls something by, without the Bsn that it may have put into that."""
    bsn = column.table.c["bsn"]
    return Kolom(naam, "tekst", sa.func.replace(column, bsn, "*" * 9, type_=sa.Text))


def _day(moment: float | None) -> date | None:
    return None if moment is None else dag_van(datetime.fromtimestamp(moment, UTC))


_OMVANG = (
    Kolom("datumToewijzing", "datum", toewijzing.c.toewijzingsdatum),
    Kolom("datumStartToewijzing", "datum", toewijzing.c.ingangsdatum),
    Kolom("datumEindeToewijzing", "datum", toewijzing.c.einddatum),
    Kolom("redenWijziging", "tekst", toewijzing.c.reden_wijziging),
    Kolom("omvang", "getal", toewijzing.c.volume),
    Kolom("eenheid", "tekst", toewijzing.c.eenheid, EENHEDEN.get),
    Kolom("eenheidCode", "tekst", toewijzing.c.eenheid),
    Kolom("frequentie", "tekst", toewijzing.c.frequentie, FREQUENTIES.get),
    Kolom("frequentieCode", "tekst", toewijzing.c.frequentie),
    Kolom("budget", "bedrag", toewijzing.c.budget),
)
TOEWIJZING = Soort(
    "Toewijzing",
    toewijzing,
    (
        *_partijen(toewijzing),
        _client(toewijzing),
        *_product(toewijzing),
        _reference("referentieAanbieder", toewijzing.c.referentie_aanbieder),
        *_OMVANG,
    ),
)
LEVERING = Soort(
    "Levering",
    levering,
    (
        *_partijen(levering),
        Kolom("soort", "tekst", levering.c.soort),
        _client(levering),
        *_product(levering),
        Kolom("datumStartToewijzing", "datum", levering.c.toewijzing_ingangsdatum),
        Kolom("datumStart", "datum", levering.c.begindatum),
        Kolom("datumStop", "datum", levering.c.einddatum),
        Kolom("stopreden", "tekst", levering.c.reden_beeindiging),
        Kolom("statusAanlevering", "tekst", levering.c.status_aanlevering),
    ),
)
VERZOEK = Soort(
    "VerzoekOmToewijzing",
    verzoek,
    (
        *_partijen(verzoek),
        Kolom("bericht", "tekst", verzoek.c.soort),
        _client(verzoek),
        _reference("referentieAanbieder", verzoek.c.referentie_aanbieder),
        Kolom("toewijzingnummers", "tekst", verzoek.c.toewijzingnummers),
        Kolom("datumOntvangst", "datum", verzoek.c.ontvangen_op),
        Kolom("soortVerwijzer", "tekst", verzoek.c.verwijzer),
        Kolom("termijn", "datum", verzoek.c.termijn),
        Kolom("staat", "tekst", verzoek.c.staat),
        Kolom("onderzocht", "getal", verzoek.c.onderzocht),
    ),
)
_TOTAAL = sa.case(
    (declaratie.c.debet_credit == "D", declaratie.c.totaal_bedrag),
    else_=-declaratie.c.totaal_bedrag,
)
# An answer decides on all lines at once, so the first one tells whether there is one.
_EERSTE_REGEL = (
    sa.select(prestatie.c.toegekend)
    .where(
        prestatie.c.id > declaratie.c.regel_van,
        prestatie.c.id <= declaratie.c.regel_tot,
        prestatie.c.declaratie_id == declaratie.c.id,
    )
    .order_by(prestatie.c.id)
    .limit(1)
    .correlate(declaratie)
    .scalar_subquery()
)
# The verdict is that on the 323: of one that an aanbieder sent, the amounts tell what the 325 did.
_STATUS = sa.case(
    (_EERSTE_REGEL == PENDING, STATUS[PENDING]),
    (inbox.c.verdict == "partly", DEELS),
    (inbox.c.verdict == "rejected", STATUS[REFUSED]),
    (declaratie.c.toegekend == _TOTAAL, STATUS[GRANTED]),
    (declaratie.c.toegekend == 0, STATUS[REFUSED]),
    else_=DEELS,
)
DECLARATIE = Soort(
    "Declaratie",
    declaratie,
    (
        *_partijen(declaratie),
        Kolom("declaratienummer", "tekst", declaratie.c.declaratienummer),
        Kolom("identificatie", "tekst", declaratie.c.identificatie),
        Kolom("datumStart", "datum", declaratie.c.begindatum),
        Kolom("datumEinde", "datum", declaratie.c.einddatum),
        Kolom("datumDeclaratie", "datum", declaratie.c.dagtekening),
        Kolom("declaratieBedrag", "bedrag", _TOTAAL),
        Kolom("toegekendBedrag", "bedrag", declaratie.c.toegekend),
        Kolom("declaratieStatus", "tekst", _STATUS),
    ),
    bij=inbox,
)
DECLARATIEREGEL = Soort(
    "Declaratieregel",
    prestatie,
    (
        *_partijen(prestatie),
        Kolom("declaratienummer", "tekst", declaratie.c.declaratienummer),
        Kolom("identificatie", "tekst", declaratie.c.identificatie),
        _client(prestatie),
        _reference("referentienummer", prestatie.c.referentienummer),
        _reference("vorigReferentienummer", prestatie.c.vorig_referentienummer),
        *_product(prestatie),
        Kolom("datumStart", "datum", prestatie.c.begindatum),
        Kolom("datumEinde", "datum", prestatie.c.einddatum),
        Kolom("geleverdVolume", "getal", prestatie.c.geleverd_volume),
        Kolom("eenheid", "tekst", prestatie.c.eenheid, EENHEDEN.get),
        Kolom("eenheidCode", "tekst", prestatie.c.eenheid),
        Kolom("producttarief", "getal", prestatie.c.producttarief),
        Kolom("bedrag", "bedrag", SIGNED),
        Kolom("status", "tekst", prestatie.c.toegekend, STATUS.get),
        Kolom("retourcodes", "tekst", prestatie.c.retourcodes),
    ),
    bij=declaratie,
)
BUDGETUITPUTTING = Soort(
    "Budgetuitputting",
    besteding,
    (
        *_partijen(besteding),
        Kolom("datum", "datum", inbox.c.finished_at, _day),
        Kolom("jaar", "getal", besteding.c.jaar),
        Kolom("code", "tekst", besteding.c.productcode),
        Kolom("uitgenutBedrag", "bedrag", besteding.c.bedrag),
    ),
    bij=inbox,
)
# What the messages hold of the policy information under both laws: care per client that stands.
BELEIDSINFORMATIE = Soort(
    "Beleidsinformatie",
    toewijzing,
    (
        *_partijen(toewijzing),
        _client(toewijzing),
        *_product(toewijzing),
        *_OMVANG[:-1],
        Kolom("datumStart", "datum", _started),
        Kolom("datumStop", "datum", _stopped(levering.c.einddatum)),
        Kolom("stopreden", "tekst", _stopped(levering.c.reden_beeindiging)),
        Kolom("soortVerwijzer", "tekst", _referred),
        Kolom("postcode", "tekst", toewijzing.c.postcode, alleen_voor=BELEID),
    ),
    is_stand=True,
)
SOORTEN = (
    TOEWIJZING,
    LEVERING,
    VERZOEK,
    DECLARATIE,
    DECLARATIEREGEL,
    BUDGETUITPUTTING,
    BELEIDSINFORMATIE,
)
