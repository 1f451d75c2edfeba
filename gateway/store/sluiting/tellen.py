"""Counts the proofs of a year, all from one state of the store.

A fixed number of statements, a fixed number more for each municipality, and one for each thousand
start parts that run over the year.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.geld.betaalbeleid import Betaalinstellingen
from gateway.ledger.geld.opname import take_stock
from gateway.ledger.geld.verplichting import Peil
from gateway.ledger.jaareinde.instellingen import Instellingen
from gateway.ledger.sluiting import bewijzen
from gateway.ledger.sluiting.bewijs import Bedragen, Sleutel, Sluiting, summed
from gateway.periods.verdelen import per_year
from gateway.store.bouwstenen import Select
from gateway.store.engine import Database, rows_of
from gateway.store.geld.betalen.controle import proofs_of
from gateway.store.geld.verplichtingen import Verplichtingenbron
from gateway.store.ggm.merk import Merk, marked
from gateway.store.jaareinde.bron import Jaarbron, last_message
from gateway.store.jaareinde.vragen import Jaarvraag
from gateway.store.sluiting import factuurvragen, vragen
from gateway.store.sluiting.vragen import Betaalblik
from gateway.toegang.wie import Bereik


@dataclass(frozen=True, slots=True, kw_only=True)
class Sluitvraag:
    """Which year of which municipalities, and from which day it is seen how it is paid."""

    jaar: int
    bereik: Bereik
    blik: Betaalblik
    overeenkomsten: Overeenkomsten
    instellingen: Mapping[str, Instellingen]

    @property
    def gemeenten(self) -> Sequence[str]:
        """The municipalities in order."""
        return sorted(self.bereik.gemeenten)


def blik_of(
    overeenkomsten: Overeenkomsten, instellingen: Betaalinstellingen, bereik: Bereik, dag: date
) -> Betaalblik:
    """How payment is seen by agreements and settings."""
    return Betaalblik(
        dag=dag,
        vanaf={one: instellingen.of(one).vanaf for one in bereik.gemeenten},
        geblokkeerd={one: overeenkomsten.blocked_on(one, dag) for one in bereik.gemeenten},
    )


@dataclass(frozen=True, slots=True)
class Ernaast:
    """What is found beside the sums: the packs, and what the check of the ledger said."""

    pakket: bewijzen.Pakket | None = None
    fouten: Sequence[str] = field(default_factory=tuple)


KEYS_AT_ONCE = 1_000
# What else is looked at, in the same state of the store.
Kijk = Callable[[Connection, Merk], Ernaast]


def count(database: Database, vraag: Sluitvraag, kijk: Kijk) -> Sluiting:
    """All proofs of a year; goes over all lines, assignments and payments."""
    with marked(database) as (connection, merk):
        database.scope(connection, vraag.bereik.scope)
        ernaast = kijk(connection, merk)
        database.scope(connection, vraag.bereik.scope)
        teller = _Teller(connection, vraag)
        peil = Peil(vraag.blik.dag, vraag.jaar)
        opname = take_stock(
            Verplichtingenbron(connection, vraag.bereik), vraag.overeenkomsten, peil
        )
        einde = _year_end(database, connection, vraag, merk)
        gegevens = bewijzen.Gegevens(
            jaar=vraag.jaar,
            geboekt=teller.geboekt(),
            betaald=teller.betaald(),
            gefactureerd=teller.gefactureerd(),
            nazorg=teller.nazorg(),
            betaalfouten=[one.zin for one in proofs_of(connection, vraag.gemeenten)],
            jaareinde=einde,
            startregels=teller.startregels(einde),
            opname=opname,
            pakket=ernaast.pakket,
            fouten=ernaast.fouten,
        )
    found = list(bewijzen.proofs(gegevens))
    return Sluiting(vraag.jaar, vraag.gemeenten, found, einde.startdelen)


@dataclass(frozen=True, slots=True)
class _Teller:
    connection: Connection
    vraag: Sluitvraag

    def geboekt(self) -> bewijzen.Geboekt:
        gemeenten, jaar = self.vraag.gemeenten, self.vraag.jaar
        debet, credit, begun = self._columns(vragen.granted(gemeenten, jaar), 3)
        added, taken = self._over_years(vragen.over_years(gemeenten))
        (spent,) = self._columns(vragen.spent(gemeenten, jaar), 1)
        return bewijzen.Geboekt(
            debet=debet, credit=credit, begonnen=begun, erbij=added, eraf=taken, besteed=spent
        )

    def betaald(self) -> bewijzen.Betaald:
        gemeenten = self.vraag.gemeenten
        lines, credits_ = self._by_state(vragen.by_state(gemeenten, self.vraag.blik))
        paid, released, credits_in = self._columns(vragen.paid(gemeenten), 3)
        moved, back = self._columns(vragen.balances(gemeenten), 2)
        return bewijzen.Betaald(
            regels=lines,
            credits=credits_,
            inhoud=self._standen(vragen.contents(gemeenten)),
            afgetrokken=credits_in,
            overgemaakt=paid,
            onderweg=released,
            doorgeschoven=moved,
            teruggekomen=back,
        )

    def gefactureerd(self) -> bewijzen.Gefactureerd:
        gemeenten, jaar = self.vraag.gemeenten, self.vraag.jaar
        (begun,) = self._columns(factuurvragen.invoices_begun(gemeenten, jaar), 1)
        added, taken = self._over_years(factuurvragen.invoices_over_years(gemeenten))
        return bewijzen.Gefactureerd(begonnen=begun, erbij=added, eraf=taken)

    def nazorg(self) -> bewijzen.Nazorg:
        gemeenten, jaar = self.vraag.gemeenten, self.vraag.jaar
        (asked,) = self._columns(vragen.requests(gemeenten), 1)
        (found,) = self._columns(vragen.requested_credits(gemeenten), 1)
        (invoices,) = self._columns(factuurvragen.invoices(gemeenten), 1)
        (settled,) = self._columns(vragen.settlements(gemeenten, jaar), 1)
        (lines,) = self._columns(vragen.settled_lines(gemeenten, jaar), 1)
        still, undone, back = self._columns(vragen.settled_in_ledger(gemeenten, jaar), 3)
        return bewijzen.Nazorg(
            op_verzoek=asked,
            credits_op_verzoek=found,
            facturen=invoices,
            factuurregels=self._standen(factuurvragen.invoice_lines(gemeenten, self.vraag.blik)),
            verrekend=settled,
            verrekende_regels=lines,
            nog_toegekend=still,
            later_gecrediteerd=undone,
            teruggenomen=back,
        )

    def startregels(self, einde: bewijzen.Jaareinde) -> Bedragen:
        """What the ledger has of the lines that start parts were paid by."""
        lines = sorted(einde.startdelen)
        chunks = (lines[at : at + KEYS_AT_ONCE] for at in range(0, len(lines), KEYS_AT_ONCE))
        return summed(
            ((gemeente, aanbieder), int(cents))
            for some in chunks
            for gemeente, aanbieder, cents in self._rows(
                vragen.start_lines(self.vraag.gemeenten, some)
            )
        )

    def _standen(self, query: Select) -> bewijzen.Standen:
        """The amounts of a statement by the state that stands before each of them."""
        found: dict[str, dict[Sleutel, int]] = {}
        for *key, stand, cents in self._rows(query):
            found.setdefault(stand, {})[tuple(key)] = int(cents)
        return found

    def _over_years(self, query: Select) -> tuple[Bedragen, Bedragen]:
        """Of what has days in more years: parts of other years, and parts that belong to those."""
        jaar = self.vraag.jaar
        added: dict[Sleutel, int] = {}
        taken: dict[Sleutel, int] = {}
        for *key, begin, end, cents in self._rows(query):
            is_begun, sleutel = begin.year == jaar, cast("Sleutel", tuple(key))
            own = per_year(cents, begin, end).get(jaar, 0)
            side, part = (taken, cents - own) if is_begun else (added, own)
            side[sleutel] = side.get(sleutel, 0) + part
        return added, taken

    def _by_state(self, query: Select) -> tuple[bewijzen.Standen, bewijzen.Standen]:
        lines: dict[str, dict[Sleutel, int]] = {}
        credits_: dict[str, dict[Sleutel, int]] = {}
        for gemeente, aanbieder, stand, cents, credit in self._rows(query):
            key = (gemeente, aanbieder)
            lines.setdefault(stand, {})[key] = int(cents)
            credits_.setdefault(stand, {})[key] = int(credit)
        return lines, credits_

    def _columns(self, query: Select, amounts: int) -> Sequence[Bedragen]:
        """The amounts of a statement, each by the key before them."""
        found: list[dict[Sleutel, int]] = [{} for _ in range(amounts)]
        for row in self._rows(query):
            key = tuple(row[:-amounts])
            for place, cents in enumerate(row[-amounts:]):
                found[place][key] = int(cents)
        return found

    def _rows(self, query: Select) -> Iterator[tuple[Any, ...]]:
        return rows_of(self.connection, query)


def jaarbronnen(
    database: Database, connection: Connection, vraag: Sluitvraag, merk: Merk
) -> Iterator[Jaarbron]:
    """The year end of each municipality, within its own scope."""
    last = last_message(connection)
    for gemeente in vraag.gemeenten:
        database.scope(connection, gemeente)
        own = Jaarvraag(gemeente, vraag.jaar, merk, last, vraag.bereik.aanbieder)
        yield Jaarbron(connection, own, vraag.instellingen[gemeente])
    database.scope(connection, vraag.bereik.scope)


def _year_end(
    database: Database, connection: Connection, vraag: Sluitvraag, merk: Merk
) -> bewijzen.Jaareinde:
    found = bewijzen.Jaareinde(vraag.jaar)
    for bron in jaarbronnen(database, connection, vraag, merk):
        gemeente = bron.vraag.gemeente
        standen, jaren = bron.standen()
        found.netto |= summed(
            ((gemeente, one.aanbieder), stand.netto) for one, stand in standen.items()
        )
        found.alle_jaren[(gemeente,)] = sum(jaren.values())
        for one in bron.overloop(vraag.overeenkomsten):
            found.add(gemeente, one)
    return found


def last_packs(
    standen: Mapping[str, Mapping[str, Any]], gemeenten: Collection[str]
) -> bewijzen.Pakket | None:
    """What the last pack of each municipality says; None where one has none."""
    if not all(one in standen for one in gemeenten):
        return None
    return bewijzen.Pakket(
        netto=_of_packs(standen, "netto"),
        lasten=_of_packs(standen, "lasten"),
        facturen=_of_packs(standen, "facturen"),
    )


def _of_packs(standen: Mapping[str, Mapping[str, Any]], name: str) -> Bedragen:
    rows: Iterable[tuple[Sleutel, int]] = (
        ((gemeente, aanbieder), getattr(stand, name))
        for gemeente, own in standen.items()
        for aanbieder, stand in own.items()
    )
    return summed(rows)
