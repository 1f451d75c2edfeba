"""Another account for a provider: proposed, and opened when a second person approves it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, OngeldigeVelden
from gateway.ledger.register.rekening import (
    Rekeningvraag,
    checked,
    first_day,
    is_other_name,
    masked,
)
from gateway.ledger.register.stand import Registerstand
from gateway.periods.datums import datum_kort
from gateway.pipeline.kennis import dag_van
from gateway.records.rekening import Rekening
from gateway.store.engine import Database, insert_one
from gateway.store.geld.rekeningen import rekeningen_op
from gateway.store.geld.tables import VOORGESTELD, aanbieder_rekening, voorstel
from gateway.store.geld.voorstellen import Voorstel, Voorstellen, Voorstelsoort, Vraag
from gateway.store.noteren import Noteer
from gateway.toegang.wie import Bereik, Wie

REKENING = "rekening"
_CHANGED = "de rekening is veranderd sinds dit voorstel; wijs het af en doe een nieuw voorstel"


class Inhoud(msgspec.Struct, frozen=True, kw_only=True):
    """What a proposal holds: the account that is and the one that is to be."""

    aanbieder: str
    naam: str
    iban: str
    tenaamstelling: str
    vanaf: date
    notitie: str
    wachtdagen: int
    oud_iban: str
    oude_tenaamstelling: str
    andere_naam: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeningrij:
    """An account that a municipality has, or had, for a provider (AGB code)."""

    gemeente: str
    aanbieder: str
    rekening: Rekening
    vanaf: date
    voorstel: int | None


@dataclass(frozen=True, slots=True)
class Voorgesteld:
    """What is asked, for which municipality, by whom, and what a wait without a note comes to."""

    gemeente: str
    wie: Wie
    vraag: Rekeningvraag
    wachtdagen: int


class Rekeningen:
    """The accounts of providers, per municipality; a change is a proposal."""

    def __init__(self, database: Database, voorstellen: Voorstellen) -> None:
        self._database = database
        self._voorstellen = voorstellen

    def van(self, bereik: Bereik, aanbieders: Collection[str]) -> Sequence[Rekeningrij]:
        """All accounts of some providers (AGB codes), by municipality and the last one in front."""
        given = {"gemeenten": sorted(bereik.gemeenten), "wie": sorted(aanbieders)}
        with self._database.snapshot(bereik.scope) as connection:
            return [_rij_of(row) for row in connection.execute(_VAN, given)]

    def stel_voor(self, stand: Registerstand, asked: Voorgesteld, noteer: Noteer) -> int:
        """Propose another account; returns the number of the proposal.

        Raises OngeldigeVelden for what no second person has to look at.
        """
        vraag = checked(asked.vraag)
        houder = stand.houder(vraag.aanbieder, vraag.vanaf)
        if houder is None:
            found = f"AGB-code {vraag.aanbieder} is op {vraag.vanaf} van niemand in het register."
            raise OngeldigeVelden({"agb": found})
        with self._database.writing(asked.gemeente) as connection:
            _refuse_second(connection, asked.gemeente, vraag.aanbieder)
            oud = _now(connection, asked.gemeente, vraag.aanbieder)
            if oud == vraag.rekening:
                raise OngeldigeVelden({"iban": "Dit is al de rekening van deze aanbieder."})
            namen = [one.naam for one in houder.namen]
            inhoud = Inhoud(
                aanbieder=vraag.aanbieder,
                naam=houder.naam,
                iban=vraag.rekening.iban,
                tenaamstelling=vraag.rekening.tenaamstelling,
                vanaf=vraag.vanaf,
                notitie=vraag.notitie,
                wachtdagen=asked.wachtdagen,
                oud_iban=oud.iban,
                oude_tenaamstelling=oud.tenaamstelling,
                andere_naam=is_other_name(vraag.rekening.tenaamstelling, namen),
            )
            made = Vraag(
                gemeente=asked.gemeente,
                soort=REKENING,
                onderwerp=f"{houder.naam} ({vraag.aanbieder}): {masked(vraag.rekening.iban)}",
                inhoud=msgspec.to_builtins(inhoud),
            )
            nummer = self._voorstellen.propose(connection, asked.wie, made)
            noteer(connection, nummer)
        return nummer


def gegevens(een: Voorstel, whole: bool) -> Sequence[tuple[str, str]]:
    """What a second person compares: the account as it is, and as it is to be."""
    one = msgspec.convert(een.inhoud, Inhoud)
    show: Callable[[str], str] = str if whole else masked
    told = [
        ("Aanbieder", f"{one.naam}, AGB-code {one.aanbieder}"),
        ("Nu", _told(show(one.oud_iban), one.oude_tenaamstelling)),
        ("Wordt", _told(show(one.iban), one.tenaamstelling)),
        ("Vanaf", datum_kort(one.vanaf)),
        ("Nagevraagd bij de aanbieder", one.notitie or _not_asked(one)),
    ]
    if one.andere_naam:
        told.append(("Let op", f"De naam bij de rekening lijkt niet op {one.naam}."))
    return told


def open_rekening(connection: Connection, een: Voorstel) -> None:
    """Open the account that was approved, from its day on and never from before today."""
    one = msgspec.convert(een.inhoud, Inhoud)
    oud = _now(connection, een.gemeente, one.aanbieder)
    if oud != (one.oud_iban, one.oude_tenaamstelling):
        raise AlBeoordeeld(_CHANGED)
    moment = sa.select(voorstel.c.besloten_at).where(voorstel.c.id == een.nummer)
    besloten = dag_van(datetime.fromtimestamp(connection.execute(moment).scalar_one(), UTC))
    row = {
        "gemeente": een.gemeente,
        "aanbieder": one.aanbieder,
        "iban": one.iban,
        "tenaamstelling": one.tenaamstelling,
        "vanaf": first_day(one.vanaf, one.notitie, besloten, one.wachtdagen),
        "voorstel_id": een.nummer,
    }
    insert_one(connection, aanbieder_rekening, row)


SOORT = Voorstelsoort("Andere rekening van een aanbieder", open_rekening, gegevens=gegevens)


def _now(connection: Connection, gemeente: str, aanbieder: str) -> Rekening:
    """The account that came to hold last or will, an empty one where there is none."""
    found = rekeningen_op(connection, gemeente, [aanbieder], date.max)
    return found.get(aanbieder, Rekening("", ""))


def _refuse_second(connection: Connection, gemeente: str, aanbieder: str) -> None:
    for nummer, inhoud in connection.execute(_OPEN, {"gemeente": gemeente}):
        if msgspec.json.decode(inhoud, type=Inhoud).aanbieder == aanbieder:
            raise OngeldigeVelden({"agb": f"Voorstel {nummer} over deze rekening wacht nog."})


def _told(iban: str, naam: str) -> str:
    return f"{iban} op naam van {naam}" if iban else "geen rekening"


def _not_asked(one: Inhoud) -> str:
    if not one.wachtdagen:
        return "nee"
    return f"nee; de rekening gaat daarom pas {one.wachtdagen} dagen na goedkeuring in"


def _rij_of(row: sa.Row[tuple[object, ...]]) -> Rekeningrij:
    return Rekeningrij(
        gemeente=row.gemeente,
        aanbieder=row.aanbieder,
        rekening=Rekening(row.iban, row.tenaamstelling),
        vanaf=row.vanaf,
        voorstel=row.voorstel_id,
    )


_VAN = (
    sa.select(aanbieder_rekening)
    .where(
        aanbieder_rekening.c.gemeente.in_(sa.bindparam("gemeenten", expanding=True)),
        aanbieder_rekening.c.aanbieder.in_(sa.bindparam("wie", expanding=True)),
    )
    .order_by(
        aanbieder_rekening.c.gemeente,
        aanbieder_rekening.c.aanbieder,
        aanbieder_rekening.c.vanaf.desc(),
        aanbieder_rekening.c.id.desc(),
    )
)
_OPEN = sa.select(voorstel.c.id, voorstel.c.inhoud).where(
    voorstel.c.gemeente == sa.bindparam("gemeente"),
    voorstel.c.soort == REKENING,
    voorstel.c.staat == sa.literal_column(f"'{VOORGESTELD}'"),
)
