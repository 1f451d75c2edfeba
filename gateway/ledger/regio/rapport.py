"""The figures of a region as anybody may see them: what would tell of a few clients is left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.regio.basis import PLAN, UITKOMSTEN, Wijken
from gateway.ledger.regio.prijs import Prijs, prijs_of
from gateway.ledger.regio.telling import (
    ALLES,
    CEL,
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
from gateway.ledger.regio.verborgen import KLEINSTE, Tabelvorm, hidden_cells, hidden_sums
from gateway.ledger.regio.verloop import NIET_KLAAR
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

    `los` is what was granted in the year beside the trajectories of it, in eurocents; None where it
    is not told.  `ongebruikt` are cells in force that nobody used.
    """

    jaar: int
    totaal: Veld | None
    los: int | None = None
    tabellen: Mapping[str, Tabel] = field(default_factory=dict)
    redenen: Sequence[Reden] = ()
    prijzen: Sequence[Prijs] = ()
    wijken: Sequence[Wijkgebruik] = ()
    ongebruikt: Sequence[str] = ()

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
    if telling.totaal.clienten < KLEINSTE:
        nobody = telling.totaal if not telling.totaal.clienten else None
        return Jaarcijfers(jaar=telling.jaar, totaal=nobody)
    geheim = {
        name: hidden_sums({value: veld.clienten for value, veld in sums.items()})
        for name, sums in telling.sommen.items()
        if name != TERUGKEER
    }
    maker = _Maker(telling, {**_ORDER, INTENSITEIT: order}, geheim)
    tabellen = {one.naam: maker.tabel(one) for one in KRUISINGEN}
    return Jaarcijfers(
        jaar=telling.jaar,
        totaal=telling.totaal,
        los=telling.los if telling.los_clienten >= KLEINSTE or not telling.los else None,
        tabellen=tabellen,
        redenen=list(_redenen(telling, geheim[UITKOMST])),
        prijzen=[
            prijs_of(cel, None if cel in geheim[CEL] else veld, telling.maten[cel])
            for cel, veld in sorted(telling.sommen[CEL].items())
        ],
        wijken=[
            _wijk(wijk, None if wijk in geheim[WIJK] else veld, wijken.inwoners.get(wijk))
            for wijk, veld in sorted(telling.sommen[WIJK].items())
        ],
        ongebruikt=ongebruikt,
    )


@dataclass(slots=True)
class _Maker:
    """Makes the tables of a year; `geheim` are the values per dimension whose sum is hidden."""

    telling: Jaartelling
    order: Mapping[str, Sequence[str]]
    geheim: Mapping[str, frozenset[str]]
    _klaar: dict[str, Tabel] = field(default_factory=dict)

    def tabel(self, kruising: Kruising) -> Tabel:
        made = self._part(kruising) if kruising.kolommen == TERUGKEER else self._whole(kruising)
        self._klaar[kruising.naam] = made
        return made

    def _whole(self, kruising: Kruising) -> Tabel:
        sommen = self.telling.sommen
        rijen, kolommen = sommen[kruising.rijen], sommen[kruising.kolommen]
        without = (self.geheim[kruising.rijen], self.geheim[kruising.kolommen])
        return self._made(kruising, (rijen, kolommen), without, self.telling.totaal)

    def _part(self, kruising: Kruising) -> Tabel:
        """A table of what was completed: its rows are cells of the table of how care ended."""
        parent = next(
            one
            for one in self._klaar.values()
            if (one.rijas, one.kolomas) == (kruising.rijen, UITKOMST)
        )
        whole = parent.veld(ALLES, PLAN)
        counts = self.telling.kruisingen[parent.naam]
        # A row that is hidden stays, also where it has nothing: to miss it would tell that.
        rijen = {
            rij: counts.get((rij, PLAN), _NIETS)
            for rij in parent.rijen
            if parent.veld(rij, PLAN) != _NIETS
        }
        kolommen = {
            kolom: veld
            for kolom, veld in self.telling.sommen[TERUGKEER].items()
            if kolom != NIET_KLAAR
        }
        rows = {rij for rij in rijen if whole is None or parent.veld(rij, PLAN) is None}
        columns = hidden_sums({kolom: veld.clienten for kolom, veld in kolommen.items()})
        without = (rows, set(kolommen) if whole is None else columns)
        return self._made(kruising, (rijen, kolommen), without, whole, apart=True)

    def _made(
        self,
        kruising: Kruising,
        sommen: tuple[Mapping[str, Veld], Mapping[str, Veld]],
        zonder_som: tuple[Collection[str], Collection[str]],
        whole: Veld | None,
        *,
        apart: bool = False,
    ) -> Tabel:
        counts: Velden[Cel] = self.telling.kruisingen[kruising.naam]
        rijen = self._in_order(kruising.rijen, sommen[0])
        kolommen = self._in_order(kruising.kolommen, sommen[1])
        clienten = {
            cel: veld.clienten
            for cel, veld in counts.items()
            if cel[0] in sommen[0] and cel[1] in sommen[1]
        }
        hidden = hidden_cells(Tabelvorm(rijen, kolommen, clienten, zonder_som, apart))
        velden: dict[Cel, Veld | None] = {
            cel: None if cel in hidden else counts.get(cel, _NIETS) for cel in {*clienten, *hidden}
        }
        rows, columns = zonder_som
        velden |= {(rij, ALLES): None if rij in rows else sommen[0][rij] for rij in rijen}
        velden |= {(ALLES, kol): None if kol in columns else sommen[1][kol] for kol in kolommen}
        velden[ALLES, ALLES] = whole
        return Tabel(kruising.naam, kruising.rijen, kruising.kolommen, rijen, kolommen, velden)

    def _in_order(self, dimensie: str, found: Iterable[str]) -> Sequence[str]:
        known = self.order.get(dimensie, ())
        return sorted(found, key=lambda name: (_place(known, name), name))


def _place(known: Sequence[str], name: str) -> int:
    return known.index(name) if name in known else len(known)


def _redenen(telling: Jaartelling, geheim: Collection[str]) -> Iterator[Reden]:
    """Reasons within how care ended; where that is not told, none of its reasons is."""
    for uitkomst in UITKOMSTEN:
        own = {key: veld for key, veld in telling.redenen.items() if key[0] == uitkomst}
        hidden = hidden_sums({reden: veld.clienten for (_, reden), veld in own.items()})
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
    return sorted(in_force - telling.sommen[CEL].keys())


_NIETS = Veld()
