"""A funding agreement as data: its cells with fixed prices, its contracts and its thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

Selector = tuple[tuple[str, str], ...]
# Kinds of cells whose `bedrag` is the price of a unit, of a piece or of the whole.
ONE_DAY = timedelta(days=1)
PRIJSSOORTEN = frozenset({"pxq", "stuk", "traject", "periode"})


@dataclass(frozen=True, slots=True)
class Termijn:
    """One instalment of a trajectory: a percentage, or the rest when `deel` is None."""

    moment: str
    deel: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cel:
    """One price: a product in a unit, during a period, for whom the agreement says.

    `bedrag` is in eurocents.  `rij` is the number of the cell in its file, from 1.  `wet`,
    `gemeenten` and `aanbieders` narrow the cell down; None is everyone of the agreement.
    `variant`, `peildatum` and `bekendgemaakt_op` are None where the agreement decides.

    Days: no assignment begins after `toewijsbaar_tot` or runs beyond `indicatie_tot`, no
    ProductPeriode ends after `declarabel_tot`; each is the last day that is still right.
    Of a trajectory: `hoort_bij` is the product code of the part that goes before, `resultaat` the
    RedenBeeindiging codes that count as a result (empty: any definitive stop).
    Of a budget: `per` is what it is for, a toewijzing or a client-jaar; `tarief` the price per unit
    in eurocents.  Of a lumpsum: `tarief` is what a unit of use is worth in the settlement, which
    takes place beyond `tolerantie` percent, over the whole difference or (`verrekening`
    "meerdere") only over what lies beyond; it is paid in so many equal `voorschotten`.
    """

    rij: int
    dimensies: Selector
    productcategorie: str
    productcode: str
    eenheid: str
    soort: str
    bedrag: int
    vanaf: date
    tot: date | None = None
    wet: str | None = None
    frequentie: str | None = None
    termijnen: tuple[Termijn, ...] = ()
    toewijsbaar_tot: date | None = None
    gebroken_begin: str = "vol"
    gebroken_eind: str = "vol"
    variant: str | None = None
    peildatum: str | None = None
    bekendgemaakt_op: date | None = None
    gemeenten: tuple[str, ...] | None = None
    aanbieders: tuple[str, ...] | None = None
    hoort_bij: str | None = None
    resultaat: tuple[str, ...] = ()
    indicatie_tot: date | None = None
    declarabel_tot: date | None = None
    per: str = "toewijzing"
    tarief: int | None = None
    tolerantie: int = 10
    verrekening: str = "geheel"
    voorschotten: int = 1

    @property
    def stuktarief(self) -> int | None:
        """The price of one unit, in eurocents, that a ProductTarief is held against.

        A budget has one only when the agreement names it; a lumpsum and a task never do: what is
        used of them decides no single line.
        """
        if self.soort in PRIJSSOORTEN:
            return self.bedrag
        return self.tarief if self.soort == "budget" else None

    @property
    def naam(self) -> str:
        """What the cell is called in evidence; a plain price list names product and unit."""
        if not self.dimensies:
            return f"{self.productcode}/{self.eenheid}"
        return ", ".join(f"{name}={value}" for name, value in self.dimensies)

    @property
    def rang(self) -> int:
        """How specific the price is: for a provider goes before for a municipality."""
        return 2 * (self.aanbieders is not None) + (self.gemeenten is not None)

    def covers(self, dag: date) -> bool:
        """Whether the price is in force on this day."""
        return self.vanaf <= dag and (self.tot is None or dag <= self.tot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aanbiedercontract:
    """What one provider is admitted for; None in `cellen` or `gemeenten` is all there is.

    Each selector is a set of (key, value) pairs that a cell must all have.  `jaarbedrag` is the
    allowance in eurocents per calendar year of delivery.
    """

    agb: str
    cellen: tuple[Selector, ...] | None = None
    gemeenten: tuple[str, ...] | None = None
    vanaf: date | None = None
    tot: date | None = None
    geblokkeerd: bool = False
    jaarbedrag: int | None = None


@dataclass(frozen=True, slots=True)
class Drempels:
    """Amounts in eurocents above which people are told; `plafond` is per municipality and year.

    `melding_jaarbedrag` is at how many percent of its allowance a provider is told of;
    `uitputting_dagen` how many days before its Einddatum an assignment may run out untold.
    """

    melding_traject: int | None = None
    plafond: Mapping[str, int] = field(default_factory=dict, hash=False)
    melding_jaarbedrag: int = 70
    uitputting_dagen: int | None = None


@dataclass(frozen=True, slots=True)
class Zwaarte:
    """Which dimension tells how heavy care is, and its values from light to heavy.

    A value that is not in `volgorde` cannot be told to be lighter or heavier than another.
    """

    dimensie: str
    volgorde: tuple[str, ...]

    def rang(self, dimensies: Selector) -> int | None:
        """The place of a cell from light (0) to heavy, None where it has none."""
        waarde = dict(dimensies).get(self.dimensie)
        return self.volgorde.index(waarde) if waarde in self.volgorde else None


@dataclass(frozen=True, slots=True)
class Uitgestapt:
    """A municipality that left the agreement: from `vanaf` on it has no price here."""

    gemeente: str
    vanaf: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Overeenkomst:
    """One agreement file; `hash` is the sha-256 of its bytes, which pins what was judged by.

    `hoofdaannemer`: one provider is responsible per client.  `stapelen` False: trajectories of one
    client or family may not overlap; `gezinskenmerk` is the text in a Commentaar behind which the
    family is named.  `vervangt` are ids of agreements whose indications may not run beside it.
    `indientermijn_dagen` counts from the end of the ProductPeriode to the DeclaratieDagtekening.
    `toelichting` tells people in Dutch what the agreement is; nothing is judged by it, nor by
    `zwaarte`, which figures on shifts to heavier care go by.
    """

    id: str
    naam: str
    versie: str
    wetten: tuple[str, ...]
    gemeenten: tuple[str, ...]
    variant: str
    peildatum: str
    dimensies: tuple[str, ...]
    cellen: tuple[Cel, ...] = ()
    aanbieders: tuple[Aanbiedercontract, ...] = ()
    drempels: Drempels = field(default_factory=Drempels)
    voorbeeld: bool = False
    toelichting: str = ""
    bekendgemaakt_op: date | None = None
    hoofdaannemer: bool = False
    stapelen: bool = True
    gezinskenmerk: str | None = None
    vervangt: tuple[str, ...] = ()
    indientermijn_dagen: int | None = None
    toelatingsmomenten: tuple[str, ...] = ()
    uitgestapt: tuple[Uitgestapt, ...] = ()
    zwaarte: Zwaarte | None = None
    bestand: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Plaats:
    """A cell in its agreement, which decides what the cell leaves open."""

    overeenkomst: Overeenkomst
    cel: Cel

    @property
    def variant(self) -> str:
        """The execution variant: inspanning, output or taak."""
        return self.cel.variant or self.overeenkomst.variant

    @property
    def peildatum(self) -> str:
        """Which date picks the price: ingangsdatum or productperiode."""
        return self.cel.peildatum or self.overeenkomst.peildatum

    @property
    def bekendgemaakt_op(self) -> date | None:
        """When providers could know the price; None is always."""
        return self.cel.bekendgemaakt_op or self.overeenkomst.bekendgemaakt_op

    @property
    def wetten(self) -> tuple[str, ...]:
        """The laws that the cell serves."""
        return self.overeenkomst.wetten if self.cel.wet is None else (self.cel.wet,)

    @property
    def gemeenten(self) -> tuple[str, ...]:
        """The municipalities that pay this price."""
        own = self.cel.gemeenten
        return self.overeenkomst.gemeenten if own is None else own

    def covers(self, gemeente: str, dag: date) -> bool:
        """Whether the price is in force on this day in a municipality that pays it."""
        return self.cel.covers(dag) and dag <= self.last_day(gemeente)

    def last_day(self, gemeente: str) -> date:
        """The last day on which the municipality has this price, open ends included."""
        last = self.cel.tot or date.max
        for one in self.overeenkomst.uitgestapt:
            if one.gemeente == gemeente:
                last = min(last, one.vanaf - ONE_DAY)
        return last

    def known_on(self, dag: date) -> bool:
        """Whether the price was published by this day; the day itself counts."""
        return self.bekendgemaakt_op is None or self.bekendgemaakt_op <= dag


@dataclass(frozen=True, slots=True)
class Prijs:
    """The prices that are right for a line, in eurocents, the one in force first.

    There is none where the cell has no price per unit (a lumpsum, a task, most budgets).

    `onbekend_voor_afzender`: the price in force was published after the sender's Dagtekening.
    """

    juiste: tuple[int, ...]
    plaats: Plaats
    onbekend_voor_afzender: bool = False

    @property
    def eenheid(self) -> str:
        """The unit of the price."""
        return self.plaats.cel.eenheid

    @property
    def soort(self) -> str:
        """The kind of the cell: pxq, stuk, traject and so on."""
        return self.plaats.cel.soort

    @property
    def may_reject(self) -> bool:
        """Whether another tariff may be rejected: the sender could know one of these prices."""
        return not self.onbekend_voor_afzender or len(self.juiste) > 1
