"""The figures of a region as anybody may see them: what would tell of a few clients is left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.regio.basis import UITKOMSTEN, Wijken
from gateway.ledger.regio.prijs import Prijs, prijs_of
from gateway.ledger.regio.telling import (
    ALLES,
    BUITEN,
    CEL,
    GETOOND,
    GRONDEN,
    INTENSITEIT,
    KRUISINGEN,
    TERUGKEER,
    UITKOMST,
    VERZWARING,
    WIJK,
    Cel,
    Jaartelling,
    Kruising,
    Veld,
    Velden,
)
from gateway.ledger.regio.verborgen import Tabelvorm, enough, hidden_cells, hidden_sums
from gateway.ledger.regio.verloop import TERUGKEER as WEL_OF_NIET_TERUG
from gateway.ledger.regio.verloop import VERZWARING as WEL_OF_NIET_ZWAARDER
from gateway.periods.bedragen import half_up

PER_INWONERS = 1000
_ORDER: Mapping[str, Sequence[str]] = {
    UITKOMST: UITKOMSTEN,
    TERUGKEER: WEL_OF_NIET_TERUG[1:],
    VERZWARING: WEL_OF_NIET_ZWAARDER,
}


@dataclass(frozen=True, slots=True)
class Tabel:
    """Counts by two dimensions.  A cell is None where it is not told; ALLES is the sum over one."""

    naam: str
    rijas: str
    kolomas: str
    rijen: Sequence[str]
    kolommen: Sequence[str]
    velden: Mapping[Cel, Veld | None]

    def veld(self, rij: str = ALLES, kolom: str = ALLES) -> Veld | None:
        """A cell; what nobody is counted in has noughts."""
        return self.velden.get((rij, kolom), _NIETS)

    @property
    def verborgen(self) -> int:
        """How many cells and sums are not told."""
        return sum(1 for one in self.velden.values() if one is None)


class Reden(NamedTuple):
    """How many trajectories ended for a reason; None where it is not told."""

    uitkomst: str
    reden: str
    veld: Veld | None


class Wijkgebruik(NamedTuple):
    """Use in a district; `per_duizend` is tenths of clients for every 1,000 residents."""

    wijk: str
    veld: Veld | None
    inwoners: int | None
    per_duizend: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Jaarcijfers:
    """The figures of one year.  `totaal` is None where the year is about too few clients.

    `totaal` is what is in the tables, and `rest` what is in none of them: what is about too few
    clients, taken together.  `los` is what was granted in the year beside the trajectories of it,
    in eurocents, unless that is in the rest.  `ongebruikt` are cells in force that nobody used, of
    the `gebruikt` that somebody did.
    """

    jaar: int
    totaal: Veld | None
    rest: Veld = field(default_factory=Veld)
    los: int = 0
    tabellen: Mapping[str, Tabel] = field(default_factory=dict)
    redenen: Sequence[Reden] = ()
    prijzen: Sequence[Prijs] = ()
    wijken: Sequence[Wijkgebruik] = ()
    ongebruikt: Sequence[str] = ()
    gebruikt: int = 0

    @property
    def verborgen(self) -> int:
        """How many cells and sums of all tables are not told."""
        return sum(one.verborgen for one in self.tabellen.values())

    def som(self, dimensie: str) -> Mapping[str, Veld | None]:
        """The sums per value of a dimension."""
        for one in self.tabellen.values():
            if one.rijas == dimensie:
                return {rij: one.veld(rij) for rij in one.rijen}
        return {}


@dataclass(frozen=True, slots=True)
class Regiocijfers:
    """The figures of a region as they stand on a day, by year, the last one in front."""

    vandaag: date
    gemeenten: Sequence[str]
    jaren: Mapping[int, Jaarcijfers]


def report(
    tellingen: Mapping[int, Jaartelling],
    overeenkomsten: Overeenkomsten,
    gemeenten: Collection[str],
    wijken: Wijken,
    vandaag: date,
) -> Regiocijfers:
    """What may be told of what was counted."""
    order = _intensities(overeenkomsten)
    jaren = {
        jaar: _jaarcijfers(telling, order, wijken, _unused(telling, overeenkomsten, gemeenten))
        for jaar, telling in sorted(tellingen.items(), reverse=True)
    }
    return Regiocijfers(vandaag, sorted(gemeenten), jaren)


def _jaarcijfers(
    telling: Jaartelling, order: Sequence[str], wijken: Wijken, ongebruikt: Sequence[str]
) -> Jaarcijfers:
    if telling.rest.clienten and not enough([telling.rest]):
        return Jaarcijfers(jaar=telling.jaar, totaal=None)
    maker = _Maker(telling, {**_ORDER, INTENSITEIT: order}, _secret(telling))
    for kruising in GRONDEN:
        maker.tabel(kruising)
    return Jaarcijfers(
        jaar=telling.jaar,
        totaal=telling.totaal,
        rest=telling.rest,
        los=telling.los,
        tabellen={one.naam: maker.tabel(one) for one in KRUISINGEN},
        redenen=list(_redenen(telling, maker.geheim[UITKOMST])),
        prijzen=[
            prijs_of(cel, veld, telling.maten[cel])
            for cel, veld in sorted(telling.sommen[CEL].items())
        ],
        wijken=[
            _wijk(wijk, None if wijk in maker.geheim[WIJK] else veld, wijken.inwoners.get(wijk))
            for wijk, veld in sorted(telling.sommen[WIJK].items())
        ],
        ongebruikt=ongebruikt,
        gebruikt=len(telling.gebruikt),
    )


def _secret(telling: Jaartelling) -> Mapping[str, frozenset[str]]:
    """The values of each dimension whose sum is hidden; of districts, within their municipality."""
    found = {
        name: hidden_sums(sums)
        for name, sums in telling.sommen.items()
        if name in GETOOND and name not in BUITEN
    }
    sums, above = telling.sommen[WIJK], telling.boven[WIJK]
    within = (
        hidden_sums({wijk: veld for wijk, veld in sums.items() if above[wijk] == gemeente})
        for gemeente in set(above.values())
    )
    return {**found, WIJK: frozenset().union(*within)}


class _Sommen(NamedTuple):
    """The rows and columns of a table before anything is hidden, and which sums are not told.

    `apart`: every row is a sum that another table tells or hides by itself.
    """

    rijen: Mapping[str, Veld]
    kolommen: Mapping[str, Veld]
    zonder: tuple[Collection[str], Collection[str]]
    whole: Veld | None
    apart: bool = False


@dataclass(slots=True)
class _Maker:
    """Makes the tables of a year; `geheim` are the values per dimension whose sum is hidden."""

    telling: Jaartelling
    order: Mapping[str, Sequence[str]]
    geheim: Mapping[str, frozenset[str]]
    _klaar: dict[str, Tabel] = field(default_factory=dict)

    def tabel(self, kruising: Kruising) -> Tabel:
        deel = kruising.deel
        sommen = self._whole(kruising) if deel is None else self._part(kruising, *deel)
        made = self._klaar[kruising.naam] = self._made(kruising, sommen)
        return made

    def _whole(self, kruising: Kruising) -> _Sommen:
        _, rijen, kolommen, *_ = kruising
        sommen = self.telling.sommen
        without = (self.geheim.get(rijen, ()), self.geheim.get(kolommen, ()))
        return _Sommen(sommen[rijen], sommen[kolommen], without, self.telling.totaal)

    def _part(self, kruising: Kruising, naam: str, column: str) -> _Sommen:
        """A table that splits up a column of another one: its rows are the cells of that column."""
        parent, counts = self._klaar[naam], self.telling.kruisingen[naam]
        whole = parent.veld(ALLES, column)
        # A row that is hidden stays, also where it has nothing: to miss it would tell that.
        rijen = {
            rij: counts.get((rij, column), _NIETS)
            for rij in parent.rijen
            if parent.veld(rij, column) != _NIETS
        }
        kolommen = {
            kolom: veld
            for kolom, veld in self.telling.sommen[kruising.kolommen].items()
            if kolom != BUITEN[kruising.kolommen]
        }
        rows = {rij for rij in rijen if whole is None or parent.veld(rij, column) is None}
        columns = kolommen if whole is None else hidden_sums(kolommen)
        return _Sommen(rijen, kolommen, (rows, set(columns)), whole, apart=True)

    def _made(self, kruising: Kruising, sommen: _Sommen) -> Tabel:
        counts: Velden[Cel] = self.telling.kruisingen[kruising.naam]
        rijen = self._in_order(kruising.rijen, sommen.rijen)
        kolommen = self._in_order(kruising.kolommen, sommen.kolommen)
        filled = {
            cel: veld
            for cel, veld in counts.items()
            if cel[0] in sommen.rijen and cel[1] in sommen.kolommen
        }
        vorm = Tabelvorm(rijen, kolommen, filled, sommen.zonder, sommen.apart)
        hidden = self._hidden_within(kruising, vorm) if kruising.onder else hidden_cells(vorm)
        velden: dict[Cel, Veld | None] = {
            cel: None if cel in hidden else counts.get(cel, _NIETS) for cel in {*filled, *hidden}
        }
        rows, columns = sommen.zonder
        velden |= {(rij, ALLES): None if rij in rows else sommen.rijen[rij] for rij in rijen}
        velden |= {
            (ALLES, kol): None if kol in columns else sommen.kolommen[kol] for kol in kolommen
        }
        velden[ALLES, ALLES] = sommen.whole
        return Tabel(kruising.naam, kruising.rijen, kruising.kolommen, rijen, kolommen, velden)

    def _hidden_within(self, kruising: Kruising, vorm: Tabelvorm) -> Collection[Cel]:
        """What is hidden where the rows of another table are sums of rows of this one.

        What that table hides, is hidden here in all rows below it; what it tells, is a sum here.
        """
        above, parts = self._klaar[kruising.onder], self.telling.boven[kruising.naam]
        found = set[Cel]()
        for boven in above.rijen:
            kolommen = [one for one in vorm.kolommen if above.veld(boven, one) != _NIETS]
            secret = {one for one in kolommen if above.veld(boven, one) is None}
            rijen = [one for one in vorm.rijen if parts[one] == boven]
            without = (vorm.zonder_som[0], secret)
            found |= hidden_cells(Tabelvorm(rijen, kolommen, vorm.velden, without, vorm.apart))
        return found

    def _in_order(self, dimensie: str, found: Iterable[str]) -> Sequence[str]:
        known = self.order.get(dimensie, ())
        return sorted(found, key=lambda name: (_place(known, name), name))


def _place(known: Sequence[str], name: str) -> int:
    return known.index(name) if name in known else len(known)


def _redenen(telling: Jaartelling, geheim: Collection[str]) -> Iterator[Reden]:
    """Reasons within how care ended; where that is not told, none of its reasons is."""
    for uitkomst in UITKOMSTEN:
        own = {key: veld for key, veld in telling.redenen.items() if key[0] == uitkomst}
        hidden = hidden_sums({reden: veld for (_, reden), veld in own.items()})
        for (_, reden), veld in sorted(own.items()):
            told = uitkomst not in geheim and reden not in hidden
            yield Reden(uitkomst, reden, veld if told else None)


def _wijk(wijk: str, veld: Veld | None, inwoners: int | None) -> Wijkgebruik:
    if veld is None or not inwoners:
        return Wijkgebruik(wijk, veld, inwoners, None)
    return Wijkgebruik(wijk, veld, inwoners, half_up(veld.clienten * PER_INWONERS * 10, inwoners))


def _intensities(overeenkomsten: Overeenkomsten) -> Sequence[str]:
    """What is lighter stands before what is heavier, agreement by agreement."""
    found = {
        f"{one.id}: {waarde}": None
        for one in sorted(overeenkomsten.alle, key=lambda one: one.id)
        if one.zwaarte is not None
        for waarde in one.zwaarte.volgorde
    }
    return list(found)


def _unused(
    telling: Jaartelling, overeenkomsten: Overeenkomsten, gemeenten: Collection[str]
) -> Sequence[str]:
    """The cells in force in the year, for one of the municipalities, without a trajectory."""
    first, last = date(telling.jaar, 1, 1), date(telling.jaar, 12, 31)
    in_force = {
        f"{one.id}: {cel.naam}"
        for one in overeenkomsten.alle
        if not set(one.gemeenten).isdisjoint(gemeenten)
        for cel in one.cellen
        if cel.soort not in ("taak", "lumpsum")
        and cel.vanaf <= last
        and (cel.tot is None or cel.tot >= first)
        and (cel.gemeenten is None or not set(cel.gemeenten).isdisjoint(gemeenten))
    }
    return sorted(in_force - telling.gebruikt)


_NIETS = Veld()
