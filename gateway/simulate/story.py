"""The care of one client on one assignment: what is assigned, started, stopped and invoiced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gateway.records.declaratie import Prestatie
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.overeenkomst import Cel, Plaats
from gateway.records.toewijzing import ToegewezenProduct
from gateway.simulate.months import month_after, month_end
from gateway.simulate.persons import Client
from gateway.simulate.region import JEUGDWET, Markt
from gateway.simulate.truth import GOED, Oordeel, signalled

PER_DAG, PER_WEEK, PER_MAAND, TOTAAL = "1", "2", "4", "6"
MINUUT, UUR, EUROS = "01", "04", "83"
AGAIN, CREDIT = "B", "C"  # what a further line of the same care adds to its ReferentieNummer
# RedenWijziging of an assignment, RedenBeeindiging of a stop.
OVERLEDEN, VERKORT, VERLENGD, VERHUISD, OP_VERZOEK, VERWIJDERD = "02", "05", "04", "07", "12", "13"
TIJDELIJK = "20"
VOLGENS_PLAN = {JEUGDWET: "31", "wmo": "19"}
DOOR_CLIENT = {JEUGDWET: "32", "wmo": "21"}
IN_OVERLEG = {JEUGDWET: "34", "wmo": "23"}
BIJ_VERHUIZING = {JEUGDWET: "35", "wmo": "31"}


@dataclass(frozen=True, slots=True)
class Regel:
    """One line, sent in the invoice over `maand`, with what a judge has to say of it.

    `nagestuurd` is in a further invoice over that month, a week later.
    """

    maand: date
    prestatie: Prestatie
    oordeel: Oordeel = GOED
    nagestuurd: bool = False


@dataclass(frozen=True, slots=True)
class Versie:
    """A 301 about the assignment, with what a judge has to say of it."""

    product: ToegewezenProduct
    oordeel: Oordeel = GOED


@dataclass(frozen=True, slots=True)
class Levering:
    """A start or a stop, and the day on which it is sent."""

    product: StartProduct | StopProduct
    verzonden: date


@dataclass(frozen=True, slots=True)
class Zorg:
    """The care of one client on one assignment.

    Without `versies` nobody sent an assignment: task-oriented care when there are no lines
    either, else the client is unknown to who judges its lines.
    """

    client: Client
    markt: Markt
    plaats: Plaats
    versies: tuple[Versie, ...] = ()
    leveringen: tuple[Levering, ...] = ()
    regels: tuple[Regel, ...] = ()

    @property
    def cel(self) -> Cel:
        """The cell that the care is paid by."""
        return self.plaats.cel

    @property
    def toewijzing(self) -> ToegewezenProduct:
        """The assignment as it was first sent."""
        return self.versies[0].product

    @property
    def laatste(self) -> ToegewezenProduct:
        """The assignment as it was last sent."""
        return self.versies[-1].product

    @property
    def geldig(self) -> ToegewezenProduct:
        """What holds in every month: the last period, and the volume that was granted first."""
        return self.laatste._replace(volume=self.toewijzing.volume)

    @property
    def starts(self) -> list[StartProduct]:
        """The starts in the order of sending."""
        return [one.product for one in self.leveringen if isinstance(one.product, StartProduct)]

    @property
    def stops(self) -> list[StopProduct]:
        """The stops in the order of sending."""
        return [one.product for one in self.leveringen if isinstance(one.product, StopProduct)]

    def signalled(self, *signals: str) -> Zorg:
        """The care with these signals on its assignment."""
        return replace(
            self, versies=tuple(replace(one, oordeel=signalled(*signals)) for one in self.versies)
        )

    def with_signals(self, *signals: str, maanden: Iterable[date] | None = None) -> Zorg:
        """The care with these signals on its lines, or on those of some months."""
        wanted = None if maanden is None else set(maanden)
        return replace(
            self,
            regels=tuple(
                replace(one, oordeel=one.oordeel.also(*signals))
                if wanted is None or one.maand in wanted
                else one
                for one in self.regels
            ),
        )


Verhaal = tuple[Zorg, ...]


@dataclass(frozen=True, slots=True)
class Looptijd:
    """The period of an assignment with what it allows; a budget has no Omvang."""

    ingangsdatum: date
    einddatum: date | None
    volume: int | None = None
    frequentie: str | None = None
    budget: int | None = None


def price_on(plaats: Plaats, dag: date) -> int:
    """The price of the product on a day; the cell's own where no cell of the agreement is in force.

    Only for cells that are meant for everyone: others have a price of their own.
    """
    cel = plaats.cel
    prices = (
        one.stuktarief
        for one in plaats.overeenkomst.cellen
        if (one.productcode, one.eenheid, one.wet) == (cel.productcode, cel.eenheid, cel.wet)
        and one.covers(dag)
        and one.stuktarief is not None
    )
    return next(prices, cel.stuktarief or 0)


def price_of(zorg: Zorg, begin: date) -> int:
    """The price of a unit in a line that begins on a day, in eurocents."""
    by_month = zorg.plaats.peildatum == "productperiode"
    return price_on(zorg.plaats, begin if by_month else zorg.toewijzing.ingangsdatum)


def product_period(zorg: Zorg, maand: date) -> tuple[date, date]:
    """The days of a month that lie within the assignment as it was last sent."""
    product = zorg.laatste
    begin, end = max(maand, product.ingangsdatum), month_end(maand)
    return begin, end if product.einddatum is None else min(end, product.einddatum)


def running(zorg: Zorg, maanden: Sequence[date]) -> list[date]:
    """The months in which the assignment as it was last sent has a day."""
    begin, end = zorg.laatste.ingangsdatum, zorg.laatste.einddatum
    return [
        maand for maand in maanden if begin <= month_end(maand) and (end is None or maand <= end)
    ]


def line(
    zorg: Zorg, maand: date, volume: int, *, tarief: int | None = None, in_hours: bool = False
) -> Prestatie:
    """A line for a month, at the price of that month unless told.

    Hours come in minutes where the provider is used to that.
    """
    cel, toewijzing = zorg.cel, zorg.toewijzing
    begin, end = product_period(zorg, maand)
    tarief = price_of(zorg, begin) if tarief is None else tarief
    nummer = zorg.markt.gewoonten.kenmerk.format(
        nummer=toewijzing.toewijzingnummer, maand=f"{maand:%y%m}"
    )
    made = Prestatie(
        pad="",
        volgnr=0,
        bsn=toewijzing.bsn,
        referentienummer=nummer,
        vorig_referentienummer=None,
        toewijzingnummer=toewijzing.toewijzingnummer,
        productcategorie=cel.productcategorie,
        productcode=cel.productcode,
        begindatum=begin,
        einddatum=end,
        geleverd_volume=volume,
        eenheid=cel.eenheid,
        producttarief=None if cel.eenheid == EUROS else tarief,
        ingediend_bedrag=volume if cel.eenheid == EUROS else volume * tarief,
        debet_credit="D",
    )
    by_minute = zorg.markt.gewoonten.minuten and toewijzing.eenheid == cel.eenheid == UUR
    return in_minutes(made) if by_minute and not in_hours else made


def in_minutes(made: Prestatie) -> Prestatie:
    """A line in hours as one in minutes: tariff and amount rounded half a cent up (IV081)."""
    tarief, minutes = made.producttarief or 0, 60 * made.geleverd_volume - 5
    return made._replace(
        eenheid=MINUUT,
        geleverd_volume=minutes,
        producttarief=(tarief + 30) // 60,
        ingediend_bedrag=(tarief * minutes + 30) // 60,
    )


def of_volume(zorg: Zorg, made: Prestatie, volume: int) -> Prestatie:
    """A line with another volume, in the unit of the line, and the amount that goes with it."""
    if made.producttarief is None:
        amount = volume
    elif made.eenheid == MINUUT and zorg.cel.eenheid == UUR:
        amount = (price_of(zorg, made.begindatum) * volume + 30) // 60
    else:
        amount = volume * made.producttarief
    return made._replace(geleverd_volume=volume, ingediend_bedrag=amount)


def with_lines(zorg: Zorg, volumes: Iterable[tuple[date, int]], tarief: int | None = None) -> Zorg:
    """The care with one more line per month and volume."""
    regels = [Regel(maand, line(zorg, maand, volume, tarief=tarief)) for maand, volume in volumes]
    return replace(zorg, regels=(*zorg.regels, *regels))


def credit_of(debet: Prestatie, teken: str = CREDIT) -> Prestatie:
    """The line that takes a line back."""
    nummer = debet.referentienummer
    return debet._replace(
        referentienummer=f"{nummer}{teken}", vorig_referentienummer=nummer, debet_credit="C"
    )


def started(zorg: Zorg, begindatum: date, days: int = 1) -> Zorg:
    """The care with a start, sent so many days after it began."""
    toewijzing = zorg.toewijzing
    start = StartProduct(
        pad="",
        bsn=toewijzing.bsn,
        toewijzingnummer=toewijzing.toewijzingnummer,
        productcategorie=toewijzing.productcategorie,
        productcode=toewijzing.productcode,
        toewijzing_ingangsdatum=toewijzing.ingangsdatum,
        begindatum=begindatum,
        status_aanlevering="1",
    )
    levering = Levering(start, begindatum + timedelta(days=days))
    return replace(zorg, leveringen=(*zorg.leveringen, levering))


def stopped(zorg: Zorg, einddatum: date, reden: str, days: int = 1) -> Zorg:
    """The care with a stop of its last start, sent so many days after it ended."""
    start = zorg.starts[-1]
    stop = StopProduct(
        pad="",
        bsn=start.bsn,
        toewijzingnummer=start.toewijzingnummer,
        productcategorie=start.productcategorie,
        productcode=start.productcode,
        toewijzing_ingangsdatum=start.toewijzing_ingangsdatum,
        begindatum=start.begindatum,
        reden_beeindiging=reden,
        einddatum=einddatum,
        status_aanlevering="1",
    )
    levering = Levering(stop, einddatum + timedelta(days=days))
    return replace(zorg, leveringen=(*zorg.leveringen, levering))


def changed(
    zorg: Zorg,
    bekend_op: date,
    reden: str,
    *,
    einddatum: date | None = None,
    volume: int | None = None,
) -> Zorg:
    """The care with a new version of its assignment, told on a day: another end, or volume."""
    product = zorg.laatste
    product = product._replace(
        bekend_op=bekend_op,
        toewijzingsdatum=bekend_op,
        reden_wijziging=reden,
        einddatum=einddatum or product.einddatum,
        volume=volume or product.volume,
    )
    return replace(zorg, versies=(*zorg.versies, Versie(product)))


def next_month(regel: Regel) -> date:
    """The month in whose invoice a line of this one can be put right."""
    return month_after(regel.maand)
