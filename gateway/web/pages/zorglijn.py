"""A timeline of the care of one client, laid out here and drawn by a template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.periods.datums import KORT
from gateway.periods.maanden import first_of_month, last_of_month
from gateway.store.inzage.clienten import Clientbeeld, Clienttoewijzing, Clientverzoek

BREED, LINKS, BOVEN, RIJ, MAAND = 960, 150, 34, 46, 31
# So many assignments are drawn, and so many months back from the last day.
RIJEN, MAANDEN = 20, 36

Soort = Literal["toegekend", "afgewezen", "open"]


@dataclass(frozen=True, slots=True)
class Vak:
    """Lines of one month: a box, with what they come to."""

    x: float
    breed: float
    soort: Soort
    titel: str


@dataclass(frozen=True, slots=True)
class Teken:
    """A moment: a start or a stop of care, a request."""

    x: float
    soort: Literal["start", "stop", "verzoek"]
    titel: str


@dataclass(frozen=True, slots=True)
class Balk:
    """An assignment in its row: from when until when, and what happened on it."""

    y: int
    naam: str
    onder: str
    x: float
    breed: float
    is_open: bool
    vakken: Sequence[Vak]
    tekens: Sequence[Teken]


@dataclass(frozen=True, slots=True)
class Tijdlijn:
    """The whole drawing; `streken` are the months that have a name, `vandaag` where today is."""

    breed: int
    hoog: int
    links: int
    boven: int
    balken: Sequence[Balk]
    verzoeken: Sequence[Teken]
    verzoeken_y: int
    streken: Sequence[tuple[float, str]]
    vandaag: float | None
    niet_getekend: int


@dataclass(frozen=True, slots=True)
class _Schaal:
    """From days to places."""

    eerste: date
    laatste: date

    def x(self, day: date) -> float:
        within = min(max(day, self.eerste), self.laatste)
        share = (within - self.eerste).days / max((self.laatste - self.eerste).days, 1)
        return round(LINKS + share * (BREED - LINKS - 8), 1)

    def has(self, day: date) -> bool:
        return self.eerste <= day <= self.laatste


def tijdlijn(beeld: Clientbeeld, vandaag: date) -> Tijdlijn | None:
    """The timeline of a client; None without any assignment."""
    if not beeld.toewijzingen:
        return None
    schaal = _schaal(beeld, vandaag)
    seen = [one for one in beeld.toewijzingen if _overlaps(one, schaal)]
    drawn = seen[:RIJEN]
    balken = [_balk(one, BOVEN + RIJ * row, schaal) for row, one in enumerate(drawn)]
    verzoeken = [_verzoek(one, schaal) for one in beeld.verzoeken if schaal.has(one.ontvangen_op)]
    below = BOVEN + RIJ * len(balken)
    return Tijdlijn(
        breed=BREED,
        hoog=below + (30 if verzoeken else 8),
        links=LINKS,
        boven=BOVEN,
        balken=balken,
        verzoeken=verzoeken,
        verzoeken_y=below + 14,
        streken=list(_streken(schaal)),
        vandaag=schaal.x(vandaag) if schaal.has(vandaag) else None,
        niet_getekend=len(beeld.toewijzingen) - len(drawn),
    )


def _schaal(beeld: Clientbeeld, vandaag: date) -> _Schaal:
    """From the first assignment to the last day that anything has, at most so many months."""
    products = [one.product for one in beeld.toewijzingen]
    ends = [one.einddatum for one in products if one.einddatum is not None]
    last = last_of_month(min(max([vandaag, *ends]), _months_after(vandaag, 12)))
    first = first_of_month(min(one.ingangsdatum for one in products))
    return _Schaal(max(first, _months_after(first_of_month(last), -MAANDEN)), last)


def _months_after(day: date, n: int) -> date:
    number = day.year * 12 + day.month - 1 + n
    return date(number // 12, number % 12 + 1, 1)


def _overlaps(one: Clienttoewijzing, schaal: _Schaal) -> bool:
    product = one.product
    return product.ingangsdatum <= schaal.laatste and (
        product.einddatum is None or product.einddatum >= schaal.eerste
    )


def _balk(one: Clienttoewijzing, y: int, schaal: _Schaal) -> Balk:
    product = one.product
    end = product.einddatum or schaal.laatste
    x = schaal.x(product.ingangsdatum)
    return Balk(
        y=y,
        naam=product.productcode or product.productcategorie or "zonder product",
        onder=one.partijen.aanbieder,
        x=x,
        breed=max(round(schaal.x(end) - x, 1), 3),
        is_open=product.einddatum is None,
        vakken=list(_vakken(one, schaal)),
        tekens=list(_tekens(one, schaal)),
    )


def _vakken(one: Clienttoewijzing, schaal: _Schaal) -> Iterator[Vak]:
    """One box for each month and kind; credits count with what they take back."""
    counted: dict[tuple[date, Soort], int] = {}
    for regel in one.regels:
        if not schaal.has(regel.begindatum):
            continue
        soort: Soort = "open"
        if regel.toegekend is not None:
            soort = "toegekend" if regel.toegekend else "afgewezen"
        key = (first_of_month(regel.begindatum), soort)
        counted[key] = counted.get(key, 0) + 1
    for (maand, soort), aantal in sorted(counted.items()):
        x = schaal.x(maand)
        width = max(round(schaal.x(last_of_month(maand)) - x - 1, 1), 2)
        naam = f"{KORT[maand.month - 1]} {maand.year}"
        regels = "regel" if aantal == 1 else "regels"
        yield Vak(x, width, soort, f"{naam}: {aantal} {regels} {soort}")


def _tekens(one: Clienttoewijzing, schaal: _Schaal) -> Iterator[Teken]:
    for levering in one.leveringen:
        if levering.soort == "start" and schaal.has(levering.begindatum):
            day = levering.begindatum
            yield Teken(schaal.x(day), "start", f"zorg begonnen op {_in_words(day)}")
        elif levering.einddatum is not None and schaal.has(levering.einddatum):
            day = levering.einddatum
            yield Teken(schaal.x(day), "stop", f"zorg gestopt op {_in_words(day)}")


def _verzoek(one: Clientverzoek, schaal: _Schaal) -> Teken:
    title = f"verzoek ontvangen op {_in_words(one.ontvangen_op)}: {one.staat}"
    return Teken(schaal.x(one.ontvangen_op), "verzoek", title)


def _in_words(day: date) -> str:
    return f"{day.day} {KORT[day.month - 1]} {day.year}"


def _streken(schaal: _Schaal) -> Iterator[tuple[float, str]]:
    """A line at the begin of a month, with room for its name."""
    months = (schaal.laatste.year - schaal.eerste.year) * 12
    months += schaal.laatste.month - schaal.eerste.month + 1
    step = next(one for one in (1, 3, 6, 12) if months <= 14 * one)
    for n in range(0, months, step):
        month = _months_after(schaal.eerste, n)
        yield schaal.x(month), f"{KORT[month.month - 1]} {month.year}"
