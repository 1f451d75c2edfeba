"""Counts the trajectories of a year by two dimensions at a time, client by client.

All tables of a year are about the same trajectories: those that run on some day of it.  What came
after them is looked at up to today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.regio.basis import LOOPT, ZONDER_STOP, Basis
from gateway.ledger.regio.traject import Bouwer, Clientzorg, Levering, Traject
from gateway.ledger.regio.verloop import NIET_KLAAR, terugkeer_of, verzwaring_of

ALLES = ""
Cel = tuple[str, str]
Sleutel = TypeVar("Sleutel", str, tuple[str, str])
NIETS = Levering()
GEMEENTE, AANBIEDER, CEL, INTENSITEIT = "gemeente", "aanbieder", "cel", "intensiteit"
VERWIJZER, WIJK, UITKOMST = "verwijzer", "wijk", "uitkomst"
TERUGKEER, VERZWARING = "terugkeer", "verzwaring"


class Kruising(NamedTuple):
    """Two dimensions that are counted together."""

    naam: str
    rijen: str
    kolommen: str


KRUISINGEN = (
    Kruising("mix-aanbieder", AANBIEDER, INTENSITEIT),
    Kruising("mix-verwijzer", VERWIJZER, INTENSITEIT),
    Kruising("mix-gemeente", GEMEENTE, INTENSITEIT),
    Kruising("wijk", WIJK, INTENSITEIT),
    Kruising("afloop-cel", CEL, UITKOMST),
    Kruising("afloop-aanbieder", AANBIEDER, UITKOMST),
    Kruising("terugkeer-cel", CEL, TERUGKEER),
    Kruising("terugkeer-aanbieder", AANBIEDER, TERUGKEER),
    Kruising("verzwaring", INTENSITEIT, VERZWARING),
    Kruising("verzwaring-aanbieder", AANBIEDER, VERZWARING),
)
DIMENSIES = tuple(dict.fromkeys(name for one in KRUISINGEN for name in one[1:]))
# What ended later ran at the end of the year.
STILL_RUNS: Mapping[str, str] = {UITKOMST: LOOPT, TERUGKEER: NIET_KLAAR}


@dataclass(slots=True)
class Clienten:
    """Different clients, who come one after another: each has a number of his own."""

    aantal: int = 0
    _laatste: int = -1

    def add(self, client: int) -> None:
        """Count a client, once."""
        if client != self._laatste:
            self._laatste = client
            self.aantal += 1


@dataclass(slots=True)
class Veld:
    """Trajectories, their different clients and what was granted on them in the year (cents).

    `_laatste` is the client that was counted last: all of one client comes together.
    """

    trajecten: int = 0
    clienten: int = 0
    bedrag: int = 0
    _laatste: int = field(default=-1, compare=False, repr=False)

    def add(self, bedrag: int, client: int) -> None:
        """A trajectory of a client, who counts once."""
        self.trajecten += 1
        self.bedrag += bedrag
        if client != self._laatste:
            self._laatste = client
            self.clienten += 1


class Velden(dict[Sleutel, Veld], Generic[Sleutel]):
    """Counts by a value, or by two."""

    def __missing__(self, key: Sleutel) -> Veld:
        made = self[key] = Veld()
        return made


@dataclass(slots=True)
class Celmaat:
    """What the trajectories of a cell took and cost; amounts in eurocents.

    `dagen` are days of care in the year, `duren` how many of the ended trajectories took how many
    days, `afgerond` what was granted on those in all and `vast` their fixed prices together, over
    `met_vast` of them.  `levering` is what was granted in the year.  The `clienten_...` count who
    is behind the ended ones, behind those with a fixed price, and behind lines in time.
    """

    dagen: int = 0
    duren: Counter[int] = field(default_factory=Counter)
    afgerond: int = 0
    met_vast: int = 0
    afgerond_vast: int = 0
    vast: int = 0
    levering: Levering = field(default_factory=Levering)
    clienten_geeindigd: Clienten = field(default_factory=Clienten)
    clienten_vast: Clienten = field(default_factory=Clienten)
    clienten_tijd: Clienten = field(default_factory=Clienten)


@dataclass(slots=True)
class Jaartelling:
    """Everything that is counted of a year, nothing of it hidden yet.

    `los` is what was granted in the year on no trajectory of the year, and `los_clienten` to how
    many clients.
    """

    jaar: int
    kruisingen: Mapping[str, Velden[Cel]] = field(
        default_factory=lambda: {one.naam: Velden() for one in KRUISINGEN}
    )
    sommen: Mapping[str, Velden[str]] = field(
        default_factory=lambda: {name: Velden() for name in DIMENSIES}
    )
    redenen: Velden[Cel] = field(default_factory=lambda: Velden())
    maten: dict[str, Celmaat] = field(default_factory=dict)
    totaal: Veld = field(default_factory=Veld)
    los: int = 0
    los_clienten: int = 0


def count(
    clienten: Iterable[Clientzorg],
    overeenkomsten: Overeenkomsten,
    basis: Basis,
    jaren: Sequence[int],
    vandaag: date,
) -> Mapping[int, Jaartelling]:
    """Count the trajectories of some years in one pass over the clients."""
    bouwer = Bouwer(overeenkomsten, basis, vandaag)
    tellingen = {jaar: Jaartelling(jaar) for jaar in jaren}
    for client, zorg in enumerate(clienten):
        trajecten, los = bouwer.trajecten(zorg)
        verloop = [_verloop(one, trajecten, basis, vandaag) for one in trajecten]
        for telling in tellingen.values():
            _count_client(telling, (client, trajecten, verloop), los, vandaag)
    return tellingen


def _verloop(
    traject: Traject, trajecten: Sequence[Traject], basis: Basis, vandaag: date
) -> Mapping[str, str]:
    """The values of a trajectory in every dimension, as far as its year does not matter."""
    others = [one for one in trajecten if one is not traject]
    return {
        GEMEENTE: traject.gemeente,
        AANBIEDER: traject.aanbieder,
        CEL: traject.cel,
        INTENSITEIT: traject.intensiteit,
        VERWIJZER: traject.verwijzer,
        WIJK: traject.wijk,
        UITKOMST: traject.uitkomst,
        TERUGKEER: terugkeer_of(traject, others, basis, vandaag),
        VERZWARING: verzwaring_of(traject, others, basis, vandaag),
    }


def _count_client(
    telling: Jaartelling,
    zorg: tuple[int, Sequence[Traject], Sequence[Mapping[str, str]]],
    los: Mapping[int, int],
    vandaag: date,
) -> None:
    """Count the trajectories of one client, who has a number of his own."""
    client, trajecten, verloop = zorg
    jaar = telling.jaar
    loose = los.get(jaar, 0)
    for traject, waarden in zip(trajecten, verloop, strict=True):
        levering = traject.jaren.get(jaar, NIETS)
        if not traject.runs_in(jaar):
            loose += levering.bedrag
            continue
        if traject.einde is None or traject.einde.year != jaar:
            add_everywhere(telling, {**waarden, **STILL_RUNS}, levering.bedrag, client)
        else:
            add_everywhere(telling, waarden, levering.bedrag, client)
            key = (traject.uitkomst, traject.reden or ZONDER_STOP)
            telling.redenen[key].add(levering.bedrag, client)
        measure(telling.maten.setdefault(traject.cel, Celmaat()), traject, jaar, vandaag, client)
    telling.los += loose
    telling.los_clienten += loose != 0


def add_everywhere(
    telling: Jaartelling, waarden: Mapping[str, str], bedrag: int, client: int
) -> None:
    """Count a trajectory with these values in every sum and table."""
    telling.totaal.add(bedrag, client)
    for name, sums in telling.sommen.items():
        sums[waarden[name]].add(bedrag, client)
    for naam, rijen, kolommen in KRUISINGEN:
        telling.kruisingen[naam][waarden[rijen], waarden[kolommen]].add(bedrag, client)


def measure(maat: Celmaat, traject: Traject, jaar: int, vandaag: date, client: int) -> None:
    """Add what a trajectory took and cost in a year."""
    until = min(date(jaar, 12, 31), vandaag if traject.einde is None else traject.einde)
    since = max(date(jaar, 1, 1), traject.begin)
    maat.dagen += max(0, (until - since).days + 1)
    levering = traject.jaren.get(jaar)
    if levering is not None:
        maat.levering = maat.levering.plus(levering)
        if levering.minuten:
            maat.clienten_tijd.add(client)
    if traject.einde is None or traject.einde.year != jaar or traject.dagen is None:
        return
    maat.duren[traject.dagen] += 1
    maat.afgerond += traject.bedrag
    maat.clienten_geeindigd.add(client)
    if traject.vast is not None:
        maat.met_vast += 1
        maat.afgerond_vast += traject.bedrag
        maat.vast += traject.vast
        maat.clienten_vast.add(client)
