"""Counts the trajectories of a year by two dimensions at a time, client by client.

All tables of a year are about the same trajectories: those that run on some day of it, without what
is about too few clients (see `indeling`).  What came after them is looked at up to today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.regio.basis import LOOPT, PLAN, ZONDER_STOP, Basis
from gateway.ledger.regio.indeling import Aanwezig, Indeling, Plek, divide
from gateway.ledger.regio.traject import Bouwer, Clientzorg, Levering, Traject
from gateway.ledger.regio.verborgen import Clienten
from gateway.ledger.regio.verloop import GEEN_RANG, NIET_KLAAR, terugkeer_of, verzwaring_of

ALLES = ""
Cel = tuple[str, str]
Sleutel = TypeVar("Sleutel", str, tuple[str, str])
NIETS = Levering()
GEMEENTE, AANBIEDER, CEL, INTENSITEIT = "gemeente", "aanbieder", "cel", "intensiteit"
VERWIJZER, WIJK, UITKOMST = "verwijzer", "wijk", "uitkomst"
TERUGKEER, VERZWARING = "terugkeer", "verzwaring"
# Within these the outcomes of care are decided first, and never told (see `rapport`).
MARKT, ZWAARTEMARKT, RANG = "markt", "zwaartemarkt", "rang"
MET_RANG, ZONDER_RANG = "met", "zonder"


class Kruising(NamedTuple):
    """Two dimensions that are counted together.

    Its rows stand within those of the table `onder`.  It may split up one column of another table
    (`deel`, with the name of that column); a trajectory of another column has the value BUITEN.
    """

    naam: str
    rijen: str
    kolommen: str
    onder: str = ""
    deel: tuple[str, str] | None = None


KRUISINGEN = (
    Kruising("mix-aanbieder", AANBIEDER, INTENSITEIT),
    Kruising("mix-verwijzer", VERWIJZER, INTENSITEIT),
    Kruising("mix-gemeente", GEMEENTE, INTENSITEIT),
    Kruising("wijk", WIJK, INTENSITEIT, "mix-gemeente"),
    Kruising("afloop-cel", CEL, UITKOMST, "afloop-markt"),
    Kruising("afloop-aanbieder", AANBIEDER, UITKOMST, "afloop-markt"),
    Kruising("terugkeer-cel", CEL, TERUGKEER, "terugkeer-markt", ("afloop-cel", PLAN)),
    Kruising(
        "terugkeer-aanbieder", AANBIEDER, TERUGKEER, "terugkeer-markt", ("afloop-aanbieder", PLAN)
    ),
    Kruising(
        "verzwaring", INTENSITEIT, VERZWARING, "verzwaring-markt", ("rang-intensiteit", MET_RANG)
    ),
    Kruising(
        "verzwaring-aanbieder",
        AANBIEDER,
        VERZWARING,
        "verzwaring-markt",
        ("rang-aanbieder", MET_RANG),
    ),
)
GRONDEN = (
    Kruising("afloop-markt", MARKT, UITKOMST),
    Kruising("terugkeer-markt", MARKT, TERUGKEER, deel=("afloop-markt", PLAN)),
    Kruising("rang-intensiteit", INTENSITEIT, RANG),
    Kruising("rang-aanbieder", AANBIEDER, RANG),
    Kruising("rang-markt", ZWAARTEMARKT, RANG),
    Kruising("verzwaring-markt", ZWAARTEMARKT, VERZWARING, deel=("rang-markt", MET_RANG)),
)
ALLE_KRUISINGEN = (*GRONDEN, *KRUISINGEN)
DIMENSIES = tuple(dict.fromkeys(name for one in ALLE_KRUISINGEN for name in one[1:3]))
GETOOND = tuple(dict.fromkeys(name for one in KRUISINGEN for name in one[1:3]))
# Of which dimension the rows of a table are, and those of the table that it stands within.
BINNEN: Mapping[str, tuple[str, str]] = {
    one.naam: (one.rijen, boven.rijen)
    for one in KRUISINGEN
    for boven in ALLE_KRUISINGEN
    if boven.naam == one.onder
}
BUITEN: Mapping[str, str] = {TERUGKEER: NIET_KLAAR, VERZWARING: GEEN_RANG}
# What ended later ran at the end of the year.
STILL_RUNS: Mapping[str, str] = {UITKOMST: LOOPT, TERUGKEER: NIET_KLAAR}


@dataclass(slots=True)
class Veld:
    """Trajectories, their different clients and what was granted on them in the year (cents)."""

    trajecten: int = 0
    bedrag: int = 0
    wie: Clienten = field(default_factory=Clienten)

    @property
    def clienten(self) -> int:
        """How many clients it is about."""
        return self.wie.clienten

    @property
    def eersten(self) -> AbstractSet[int]:
        """As many of them as it takes to see whether there are enough."""
        return self.wie.eersten

    def add(self, bedrag: int, client: int, trajecten: int = 1) -> None:
        """A trajectory of a client, who counts once."""
        self.trajecten += trajecten
        self.bedrag += bedrag
        self.wie.add(client)


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
    """Everything that is counted of a year, no outcome of care hidden yet.

    `totaal` is what is in the tables, and `rest` what is about too few clients for that.  `los` is
    what was granted in the year on no trajectory of the year, where that is no part of the rest.
    `boven` tells for each table of which row of another one its rows are a part.  `gebruikt` are
    all cells with a trajectory, those in the rest too.
    """

    jaar: int
    kruisingen: Mapping[str, Velden[Cel]] = field(
        default_factory=lambda: {one.naam: Velden() for one in ALLE_KRUISINGEN}
    )
    boven: Mapping[str, dict[str, str]] = field(
        default_factory=lambda: {one.naam: {} for one in KRUISINGEN if one.onder}
    )
    sommen: Mapping[str, Velden[str]] = field(
        default_factory=lambda: {name: Velden() for name in DIMENSIES}
    )
    redenen: Velden[Cel] = field(default_factory=lambda: Velden())
    maten: dict[str, Celmaat] = field(default_factory=dict)
    totaal: Veld = field(default_factory=Veld)
    rest: Veld = field(default_factory=Veld)
    los: int = 0
    gebruikt: set[str] = field(default_factory=set)


class Gevolgd(NamedTuple):
    """The trajectories of one client, each with its values in every dimension.

    `los` is what was granted to him on no trajectory, by year of delivery, in eurocents.
    """

    trajecten: Sequence[Traject]
    verloop: Sequence[Mapping[str, str]]
    los: Mapping[int, int]


def count(
    lees: Callable[[], Iterable[Clientzorg]],
    overeenkomsten: Overeenkomsten,
    basis: Basis,
    jaren: Sequence[int],
    vandaag: date,
) -> Mapping[int, Jaartelling]:
    """Count the trajectories of some years; `lees` gives the same clients in the same order."""
    bouwer = Bouwer(overeenkomsten, basis, vandaag)

    def followed() -> Iterator[Gevolgd]:
        for zorg in lees():
            trajecten, los = bouwer.trajecten(zorg)
            verloop = [_verloop(one, trajecten, basis, vandaag) for one in trajecten]
            yield Gevolgd(trajecten, verloop, los)

    return tally(followed, jaren, vandaag)


def tally(
    lees: Callable[[], Iterable[Gevolgd]], jaren: Sequence[int], vandaag: date
) -> Mapping[int, Jaartelling]:
    """The same of trajectories that were made.

    They are read twice: what is about too few clients is known when everybody was seen.
    """
    aanwezig = {jaar: Aanwezig() for jaar in jaren}
    for client, one in enumerate(lees()):
        for jaar, found in aanwezig.items():
            _note(found, one, (jaar, client))
    tellers = [
        _Teller(Jaartelling(jaar, gebruikt=found.cellen), divide(found), vandaag)
        for jaar, found in aanwezig.items()
    ]
    for client, one in enumerate(lees()):
        for teller in tellers:
            teller.count(client, one)
    return {one.telling.jaar: one.telling for one in tellers}


def _note(found: Aanwezig, one: Gevolgd, key: tuple[int, int]) -> None:
    """Note where a client is in a year."""
    jaar, client = key
    for traject in one.trajecten:
        if traject.runs_in(jaar):
            found.plekken.setdefault(plek_of(traject), Clienten()).add(client)
    if beside(one, jaar):
        found.los.add(client)


def plek_of(traject: Traject) -> Plek:
    """Who gives a trajectory, of what care, where."""
    return Plek(traject.gemeente, traject.aanbieder, traject.cel, traject.intensiteit)


def beside(one: Gevolgd, jaar: int) -> int:
    """What a client was granted in a year on no trajectory of that year, in eurocents."""
    return one.los.get(jaar, 0) + sum(
        traject.jaren[jaar].bedrag
        for traject in one.trajecten
        if jaar in traject.jaren and not traject.runs_in(jaar)
    )


def _verloop(
    traject: Traject, trajecten: Sequence[Traject], basis: Basis, vandaag: date
) -> Mapping[str, str]:
    """The values of a trajectory in every dimension, as far as its year does not matter."""
    others = [one for one in trajecten if one is not traject]
    verzwaring = verzwaring_of(traject, others, basis, vandaag)
    return {
        GEMEENTE: traject.gemeente,
        AANBIEDER: traject.aanbieder,
        CEL: traject.cel,
        INTENSITEIT: traject.intensiteit,
        VERWIJZER: traject.verwijzer,
        WIJK: traject.wijk,
        UITKOMST: traject.uitkomst,
        TERUGKEER: terugkeer_of(traject, others, basis, vandaag),
        VERZWARING: verzwaring,
        RANG: ZONDER_RANG if verzwaring == GEEN_RANG else MET_RANG,
    }


@dataclass(frozen=True, slots=True)
class _Teller:
    """Counts client after client in one year; each has a number of his own."""

    telling: Jaartelling
    indeling: Indeling
    vandaag: date

    def count(self, client: int, one: Gevolgd) -> None:
        """Count one client."""
        telling, jaar = self.telling, self.telling.jaar
        for traject, waarden in zip(one.trajecten, one.verloop, strict=True):
            if not traject.runs_in(jaar):
                continue
            bedrag = traject.jaren.get(jaar, NIETS).bedrag
            if plek_of(traject) in self.indeling.plekken:
                self._place(traject, waarden, bedrag, client)
            else:
                telling.rest.add(bedrag, client)
        loose = beside(one, jaar)
        if self.indeling.los_apart:
            telling.los += loose
        elif loose:
            telling.rest.add(loose, client, trajecten=0)

    def _place(
        self, traject: Traject, waarden: Mapping[str, str], bedrag: int, client: int
    ) -> None:
        """Count a trajectory in every table."""
        telling, jaar = self.telling, self.telling.jaar
        places = {
            **waarden,
            MARKT: self.indeling.markten[traject.aanbieder],
            ZWAARTEMARKT: self.indeling.zwaartemarkten[traject.aanbieder],
        }
        if traject.einde is None or traject.einde.year != jaar:
            places |= STILL_RUNS
        else:
            key = (traject.uitkomst, traject.reden or ZONDER_STOP)
            telling.redenen[key].add(bedrag, client)
        _add_everywhere(telling, places, bedrag, client)
        maat = telling.maten.setdefault(traject.cel, Celmaat())
        measure(maat, traject, jaar, self.vandaag, client)


def _add_everywhere(
    telling: Jaartelling, waarden: Mapping[str, str], bedrag: int, client: int
) -> None:
    """Count a trajectory with these values in every sum and table."""
    telling.totaal.add(bedrag, client)
    for name, sums in telling.sommen.items():
        sums[waarden[name]].add(bedrag, client)
    for naam, rijen, kolommen, *_ in ALLE_KRUISINGEN:
        telling.kruisingen[naam][waarden[rijen], waarden[kolommen]].add(bedrag, client)
    for naam, parts in telling.boven.items():
        row, above = BINNEN[naam]
        parts[waarden[row]] = waarden[above]


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
