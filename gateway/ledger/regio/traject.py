"""Makes trajectories of a client's assignments, starts, stops and granted lines.

A trajectory is one assignment by its latest version: what a fixed price is paid for.  The client
himself is not in it; whoever counts holds the trajectories of one client together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.cellen import Cellen, Geprijsd
from gateway.ledger.regio.basis import LOOPT, ZONDER_STOP, Basis
from gateway.periods.bedragen import MINUTES_PER_HOUR
from gateway.periods.volume import MINUUT, UUR
from gateway.records.overeenkomst import Cel, Plaats

Sleutel = tuple[int, int]  # a party and a ToewijzingNummer
TIJDELIJK, VERWIJDERD, VERVALLEN = "20", "13", "01"
ZONDER_VERZOEK, VERWIJZER_ONBEKEND = "zonder verzoek van een aanbieder", "niet bekend"


class Toegewezen(NamedTuple):
    """A version of an assignment; `verwijzer` is the Verwijzer.Type of the request behind it.

    It is empty where there was no request, and a blank where a request did not tell.
    """

    sleutel: Sleutel
    gemeente: str
    wet: str
    aanbieder: str
    versie: tuple[date, str]
    productcode: str | None
    eenheid: str | None
    ingangsdatum: date
    einddatum: date | None
    reden_wijziging: str | None
    postcode: str | None
    verwijzer: str

    @property
    def is_weg(self) -> bool:
        """Whether it counts as never given (see `ToegewezenProduct.is_ingetrokken`)."""
        ended_at_once = self.einddatum == self.ingangsdatum
        return self.reden_wijziging == VERWIJDERD or (
            self.reden_wijziging == VERVALLEN and ended_at_once
        )


class Geleverd(NamedTuple):
    """A start (without `reden` and `einddatum`) or a stop."""

    sleutel: Sleutel
    begindatum: date
    reden: str | None
    einddatum: date | None


class Jaarregels(NamedTuple):
    """Granted lines on an assignment in a year of delivery, credits subtracted.

    `begindatum` is the first day of delivery, `volume` in the unit of the lines, `bedrag` cents.
    """

    sleutel: Sleutel
    gemeente: str
    wet: str
    aanbieder: str
    productcode: str
    eenheid: str
    jaar: int
    begindatum: date
    volume: int
    bedrag: int


class Clientzorg(NamedTuple):
    """Everything that is known of the care of one client."""

    toewijzingen: Sequence[Toegewezen]
    leveringen: Sequence[Geleverd]
    regels: Sequence[Jaarregels]


class Levering(NamedTuple):
    """What was granted in a year; of lines in time also how long, and what a price list asks.

    Amounts in eurocents; `norm` is minutes times the price of an hour, of the lines that have one.
    """

    bedrag: int = 0
    minuten: int = 0
    bedrag_tijd: int = 0
    norm_minuten: int = 0
    norm: int = 0

    def plus(self, other: Levering) -> Levering:
        """Both together."""
        return Levering(
            self.bedrag + other.bedrag,
            self.minuten + other.minuten,
            self.bedrag_tijd + other.bedrag_tijd,
            self.norm_minuten + other.norm_minuten,
            self.norm + other.norm,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Traject:
    """One trajectory; `groep` is the agreement within which `rang` tells what is heavier.

    `einde` is None while it runs.  `vast` is its fixed price, if it has one.
    """

    gemeente: str
    wet: str
    aanbieder: str
    cel: str
    profiel: str
    intensiteit: str
    groep: str
    rang: int | None
    verwijzer: str
    wijk: str
    begin: date
    einde: date | None
    uitkomst: str
    reden: str
    vast: int | None
    jaren: Mapping[int, Levering]

    @property
    def dagen(self) -> int | None:
        """How many days it took, the first and the last included; None while it runs."""
        return None if self.einde is None else (self.einde - self.begin).days + 1

    @property
    def bedrag(self) -> int:
        """Everything that was granted on it, in eurocents."""
        return sum(one.bedrag for one in self.jaren.values())

    def runs_in(self, jaar: int) -> bool:
        """Whether it runs on some day of a year."""
        return self.begin.year <= jaar and (self.einde is None or self.einde.year >= jaar)


class Bouwer:
    """Makes trajectories as they stand on a day; each question to the agreements is asked once."""

    def __init__(self, overeenkomsten: Overeenkomsten, basis: Basis, vandaag: date) -> None:
        self._cellen = Cellen(overeenkomsten)
        self._basis = basis
        self._vandaag = vandaag

    def trajecten(self, zorg: Clientzorg) -> tuple[Sequence[Traject], Mapping[int, int]]:
        """The trajectories of a client, and by year what was granted on none, in eurocents."""
        latest: dict[Sleutel, Toegewezen] = {}
        for one in zorg.toewijzingen:
            known = latest.get(one.sleutel)
            if known is None or known.versie < one.versie:
                latest[one.sleutel] = one
        standing = {key: one for key, one in latest.items() if not one.is_weg}
        found = [
            self._traject(
                one,
                [each for each in zorg.leveringen if each.sleutel == key],
                [each for each in zorg.regels if each.sleutel == key],
            )
            for key, one in standing.items()
            if one.ingangsdatum <= self._vandaag
        ]
        los: dict[int, int] = {}
        for regels in zorg.regels:
            own = standing.get(regels.sleutel)
            if own is None or own.ingangsdatum > self._vandaag:
                los[regels.jaar] = los.get(regels.jaar, 0) + regels.bedrag
        return found, los

    def _traject(
        self, one: Toegewezen, leveringen: Sequence[Geleverd], regels: Sequence[Jaarregels]
    ) -> Traject:
        plaats = self._plaats_of(one, regels)
        begin = min((each.begindatum for each in _starts(leveringen)), default=one.ingangsdatum)
        begin = min(begin, self._vandaag)
        einde, reden = self._end_of(one, leveringen)
        cel = _Celkenmerk.of(plaats, one)
        return Traject(
            gemeente=one.gemeente,
            wet=one.wet,
            aanbieder=one.aanbieder,
            cel=cel.naam,
            profiel=cel.profiel,
            intensiteit=cel.intensiteit,
            groep=cel.groep,
            rang=cel.rang,
            verwijzer=self._verwijzer(one.verwijzer),
            wijk=self._basis.wijken.of(one.gemeente, one.postcode),
            begin=begin,
            einde=None if einde is None else max(begin, einde),
            uitkomst=self._uitkomst(one.wet, einde, reden),
            reden="" if reden is None else self._basis.reden_of(one.wet, reden),
            vast=plaats.cel.bedrag if plaats and plaats.cel.soort == "traject" else None,
            jaren=self._jaren(one, regels),
        )

    def _end_of(
        self, one: Toegewezen, leveringen: Sequence[Geleverd]
    ) -> tuple[date | None, str | None]:
        """The last day of care with its reason; a start after a stop takes care up again."""
        stops = [each for each in leveringen if each.reden not in (None, TIJDELIJK)]
        last = max(stops, key=lambda each: each.einddatum or date.min, default=None)
        if last is not None and last.einddatum is not None and last.einddatum <= self._vandaag:
            again = any(each.begindatum > last.einddatum for each in _starts(leveringen))
            if not again:
                return last.einddatum, last.reden
        if one.einddatum is not None and one.einddatum < self._vandaag:
            return one.einddatum, None
        return None, None

    def _uitkomst(self, wet: str, einde: date | None, reden: str | None) -> str:
        if einde is None:
            return LOOPT
        return ZONDER_STOP if reden is None else self._basis.uitkomst_of(wet, reden)

    def _verwijzer(self, code: str) -> str:
        if not code:
            return ZONDER_VERZOEK
        return self._basis.verwijzers.get(code, VERWIJZER_ONBEKEND)

    def _plaats_of(self, one: Toegewezen, regels: Sequence[Jaarregels]) -> Plaats | None:
        """The cell of an assignment; one that names no product is told by its lines."""
        code, eenheid = one.productcode, one.eenheid or ""
        if code is None and regels:
            code, eenheid = regels[0].productcode, eenheid or regels[0].eenheid
        wie = (one.gemeente, one.wet, one.aanbieder)
        ingang = one.ingangsdatum
        return self._cellen.plaats(Geprijsd(*wie, code or "", eenheid, ingang, ingang, one.eenheid))

    def _jaren(self, one: Toegewezen, regels: Iterable[Jaarregels]) -> Mapping[int, Levering]:
        found: dict[int, Levering] = {}
        for each in regels:
            levering = self._levering(one, each)
            known = found.get(each.jaar)
            found[each.jaar] = levering if known is None else known.plus(levering)
        return found

    def _levering(self, one: Toegewezen, regels: Jaarregels) -> Levering:
        if regels.eenheid not in (MINUUT, UUR):
            return Levering(regels.bedrag)
        minuten = regels.volume * (MINUTES_PER_HOUR if regels.eenheid == UUR else 1)
        wie = (one.gemeente, one.wet, one.aanbieder, regels.productcode, regels.eenheid)
        asked = Geprijsd(*wie, regels.begindatum, one.ingangsdatum, one.eenheid)
        plaats = self._cellen.plaats(asked)
        prijs = None if plaats is None else _hour_price(plaats.cel)
        if prijs is None:
            return Levering(regels.bedrag, minuten, regels.bedrag)
        return Levering(regels.bedrag, minuten, regels.bedrag, minuten, minuten * prijs)


class _Celkenmerk(NamedTuple):
    """What a cell is called, whatever the version of its agreement, and how heavy it is."""

    naam: str
    profiel: str
    intensiteit: str
    groep: str
    rang: int | None

    @classmethod
    def of(cls, plaats: Plaats | None, one: Toegewezen) -> _Celkenmerk:
        if plaats is None:
            product = f"{one.productcode or 'product open'}/{one.eenheid or '-'}"
            return cls(f"geen cel: {product}", product, "geen cel", "", None)
        own, cel = plaats.overeenkomst, plaats.cel
        naam = f"{own.id}: {cel.naam}"
        zwaarte = own.zwaarte
        if zwaarte is None:
            return cls(naam, naam, f"{own.id}: zonder zwaarte", own.id, None)
        dimensies = dict(cel.dimensies)
        intensiteit = dimensies.pop(zwaarte.dimensie)
        profiel = ", ".join(f"{key}={value}" for key, value in dimensies.items())
        rang = zwaarte.rang(cel.dimensies)
        return cls(naam, f"{own.id}: {profiel}", f"{own.id}: {intensiteit}", own.id, rang)


def _hour_price(cel: Cel) -> int | None:
    tarief = cel.stuktarief
    if tarief is None or cel.eenheid not in (MINUUT, UUR):
        return None
    return tarief * MINUTES_PER_HOUR if cel.eenheid == MINUUT else tarief


def _starts(leveringen: Iterable[Geleverd]) -> Iterator[Geleverd]:
    return (one for one in leveringen if one.reden is None)
