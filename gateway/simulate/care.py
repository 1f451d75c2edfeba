"""What happens to a client: an assignment from the agreement, start, stop and monthly lines.

What is told here is faultless.  Limits are counted day by day, in another way than the judge
counts them, so that both have to be right to agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from gateway.records.declaratie import Prestatie
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.overeenkomst import Cel, Plaats
from gateway.records.toewijzing import ToegewezenProduct
from gateway.simulate.region import Client, Markt, month_after

PER_WEEK, PER_MAAND, TOTAAL = "2", "4", "6"
EUROS = "83"
TIJDELIJK = "20"
AGAIN, CREDIT = "B", "C"  # what a further line of the same care adds to its ReferentieNummer
VOLGENS_PLAN = {"jeugdwet": "31", "wmo": "19"}
DOOR_CLIENT = {"jeugdwet": "32", "wmo": "21"}
LAST_FIRST_DAY = 20  # so that a start is told before the invoice of its month leaves


@dataclass(frozen=True, slots=True)
class Regel:
    """One line, sent in the invoice over `maand`, with what a judge has to say of it."""

    maand: date
    prestatie: Prestatie
    codes: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nobody has anything to say of the line."""
        return not self.codes and not self.signals


@dataclass(frozen=True, slots=True)
class Zorg:
    """The care of one client on one assignment; `signals` are those on the assignment itself.

    `wijziging` is a later version of the assignment, sent after the last invoice was dated but
    before it arrived.
    """

    client: Client
    plaats: Plaats
    toewijzing: ToegewezenProduct
    starts: tuple[StartProduct, ...]
    stops: tuple[StopProduct, ...]
    regels: tuple[Regel, ...]
    signals: tuple[str, ...] = ()
    wijziging: ToegewezenProduct | None = None

    @property
    def markt(self) -> Markt:
        """Provider, municipality and law."""
        return self.client.markt

    @property
    def cel(self) -> Cel:
        """The cell that the care is paid by."""
        return self.plaats.cel


@dataclass(frozen=True, slots=True)
class Looptijd:
    """The period of an assignment with its Omvang."""

    ingangsdatum: date
    einddatum: date | None
    volume: int
    frequentie: str


def tell_care(client: Client, plaats: Plaats, maanden: Sequence[date], rng: Random) -> Zorg:
    """The faultless story of a client on a cell: what is assigned, delivered and invoiced."""
    tell = {"traject": _tell_traject, "stuk": _tell_stuk, "pxq": _tell_pxq}[plaats.cel.soort]
    return tell(client, plaats, maanden, rng)


def price_on(plaats: Plaats, dag: date) -> int:
    """The price of the product on a day; the cell's own for a product that no cell has."""
    cel = plaats.cel
    prices = (
        one.bedrag
        for one in plaats.overeenkomst.cellen
        if (one.productcode, one.eenheid) == (cel.productcode, cel.eenheid) and one.covers(dag)
    )
    return next(prices, cel.bedrag)


def weeks_of(begin: date, end: date) -> int:
    """How many calendar weeks have a day in the period, counted day by day."""
    days = range((end - begin).days + 1)
    return len({(begin + timedelta(days=n)).isocalendar()[:2] for n in days})


def month_end(maand: date) -> date:
    """The last day of a month."""
    return month_after(maand) - timedelta(days=1)


def invoice_day(markt: Markt, maand: date) -> date:
    """The day on which the invoice over a month is dated."""
    return month_after(maand).replace(day=markt.gewoonten.declaratiedag)


def _tell_traject(client: Client, plaats: Plaats, maanden: Sequence[date], rng: Random) -> Zorg:
    """A fixed price in two parts: at the start, and the rest when it is finished."""
    cel = plaats.cel
    index = rng.randrange(len(maanden))
    ingang = maanden[index].replace(day=_first_day(rng))
    loop = Looptijd(ingang, ingang + timedelta(days=rng.randint(150, 330)), cel.bedrag, TOTAAL)
    zorg = _begun(client, plaats, loop, rng)
    first = first_part(cel)
    zorg = with_lines(zorg, [(maanden[index], first)])
    if index + 1 < len(maanden) and first < cel.bedrag and rng.random() < 0.4:
        einde = maanden[-1].replace(day=rng.randint(3, 25))
        rest = with_lines(zorg, [(maanden[-1], cel.bedrag - first)]).regels
        zorg = replace(zorg, regels=(*zorg.regels, *rest))
        return stopped(zorg, einde, VOLGENS_PLAN[client.markt.wet])
    return zorg


def first_part(cel: Cel) -> int:
    """The first instalment of a trajectory in eurocents, half a cent up; else all of it."""
    deel = cel.termijnen[0].deel if cel.termijnen else None
    return cel.bedrag if deel is None else (cel.bedrag * deel + 50) // 100


def _tell_stuk(client: Client, plaats: Plaats, maanden: Sequence[date], rng: Random) -> Zorg:
    """Pieces of output, per month or in all; the price is that of the Ingangsdatum."""
    ingang = _ingangsdatum(maanden, rng)
    if rng.random() < 0.25:
        loop = Looptijd(ingang, _later(ingang, rng), 2 * len(maanden) + 2, TOTAAL)
        most = 2
    else:
        most = rng.randint(1, 3)
        loop = Looptijd(ingang, _perhaps_soon(ingang, maanden, rng), most, PER_MAAND)
    zorg = _begun(client, plaats, loop, rng)
    volumes = [(maand, rng.randint(1, most)) for maand in running(zorg, maanden)]
    return _ended(with_lines(zorg, volumes), maanden, rng)


def _tell_pxq(client: Client, plaats: Plaats, maanden: Sequence[date], rng: Random) -> Zorg:
    """Units per week; the price is that of the month in which they were delivered."""
    ingang = _ingangsdatum(maanden, rng)
    einde = _perhaps_soon(ingang, maanden, rng) or _later(ingang, rng)
    loop = Looptijd(ingang, einde, rng.randint(2, 6), PER_WEEK)
    zorg = _begun(client, plaats, loop, rng)
    left = loop.volume * weeks_of(ingang, einde)
    volumes = []
    for maand in running(zorg, maanden):
        most = min(left, loop.volume * weeks_of(*product_period(zorg, maand)))
        if most > 0:
            volume = max(1, most - rng.choice((0, 0, 1, 2, 5)))
            volumes.append((maand, volume))
            left -= volume
    return _ended(with_lines(zorg, volumes), maanden, rng)


def _ingangsdatum(maanden: Sequence[date], rng: Random) -> date:
    """A day in one of the two months before the first invoice, or in an invoiced month."""
    before = [month_after(maanden[0], -n) for n in (2, 1)]
    return rng.choice([*before, *maanden]).replace(day=_first_day(rng))


def _first_day(rng: Random) -> int:
    return 1 if rng.random() < 0.5 else rng.randint(2, LAST_FIRST_DAY)


def _later(ingang: date, rng: Random) -> date:
    return ingang + timedelta(days=rng.randint(200, 360))


def _perhaps_soon(ingang: date, maanden: Sequence[date], rng: Random) -> date | None:
    """An Einddatum: within the invoiced months, much later, or open."""
    last = maanden[-1]
    if ingang < last and rng.random() < 0.12:
        return last.replace(day=rng.randint(2, 27))
    return None if rng.random() < 0.15 else _later(ingang, rng)


def _begun(client: Client, plaats: Plaats, loop: Looptijd, rng: Random) -> Zorg:
    """The assignment and the start of care; no lines yet."""
    cel, markt = plaats.cel, client.markt
    sent = loop.ingangsdatum - timedelta(days=rng.randint(3, 14))
    toewijzing = ToegewezenProduct(
        pad="",
        bsn=client.bsn,
        aanbieder=markt.aanbieder,
        bekend_op=sent,
        toewijzingnummer=client.toewijzingnummer,
        referentie_aanbieder=None,
        productcategorie=cel.productcategorie,
        productcode=cel.productcode,
        toewijzingsdatum=sent,
        toewijzingstijd=f"{rng.randint(8, 16):02d}:{rng.randint(0, 59):02d}:00",
        ingangsdatum=loop.ingangsdatum,
        einddatum=loop.einddatum,
        reden_wijziging=None,
        volume=loop.volume,
        eenheid=cel.eenheid,
        frequentie=loop.frequentie,
        budget=None,
        commentaar=None,
    )
    begin = loop.ingangsdatum + timedelta(days=rng.randint(0, markt.gewoonten.start_na))
    return Zorg(client, plaats, toewijzing, (start_of(toewijzing, begin),), (), ())


def start_of(toewijzing: ToegewezenProduct, begindatum: date) -> StartProduct:
    """The start of the care that was assigned."""
    return StartProduct(
        pad="",
        bsn=toewijzing.bsn,
        toewijzingnummer=toewijzing.toewijzingnummer,
        productcategorie=toewijzing.productcategorie,
        productcode=toewijzing.productcode,
        toewijzing_ingangsdatum=toewijzing.ingangsdatum,
        begindatum=begindatum,
        status_aanlevering="1",
    )


def stopped(zorg: Zorg, einddatum: date, reden: str) -> Zorg:
    """The care with a stop of its last start."""
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
    return replace(zorg, stops=(*zorg.stops, stop))


def _ended(zorg: Zorg, maanden: Sequence[date], rng: Random) -> Zorg:
    """The care with its end where it has one: as planned, by the client, or for a while."""
    wet, einddatum = zorg.markt.wet, zorg.toewijzing.einddatum
    if einddatum is not None and einddatum <= month_end(maanden[-1]):
        return stopped(zorg, einddatum, VOLGENS_PLAN[wet])
    chance = rng.random()
    if chance < 0.06 and zorg.starts[-1].begindatum < maanden[-1]:
        return stopped(zorg, maanden[-1].replace(day=rng.randint(2, 28)), DOOR_CLIENT[wet])
    if chance < 0.12 and len(maanden) > 2 and zorg.toewijzing.ingangsdatum < maanden[-2]:
        zorg = stopped(zorg, maanden[-2].replace(day=rng.randint(5, 12)), TIJDELIJK)
        again = start_of(zorg.toewijzing, maanden[-1].replace(day=rng.randint(2, 6)))
        return replace(zorg, starts=(*zorg.starts, again))
    return zorg


def running(zorg: Zorg, maanden: Sequence[date]) -> list[date]:
    """The months in which the assignment has a day."""
    begin, end = zorg.toewijzing.ingangsdatum, zorg.toewijzing.einddatum
    return [
        maand for maand in maanden if begin <= month_end(maand) and (end is None or maand <= end)
    ]


def product_period(zorg: Zorg, maand: date) -> tuple[date, date]:
    """The days of a month that lie within the assignment."""
    toewijzing = zorg.toewijzing
    begin, end = max(maand, toewijzing.ingangsdatum), month_end(maand)
    return begin, end if toewijzing.einddatum is None else min(end, toewijzing.einddatum)


def with_lines(zorg: Zorg, volumes: Sequence[tuple[date, int]]) -> Zorg:
    """The care with one line per month and volume, in place of what it had."""
    regels = [Regel(maand, _line(zorg, maand, volume)) for maand, volume in volumes]
    return replace(zorg, regels=tuple(regels))


def _line(zorg: Zorg, maand: date, volume: int) -> Prestatie:
    cel, toewijzing = zorg.cel, zorg.toewijzing
    begin, end = product_period(zorg, maand)
    per_piece = cel.eenheid != EUROS
    decides = begin if zorg.plaats.peildatum == "productperiode" else toewijzing.ingangsdatum
    tarief = price_on(zorg.plaats, decides)
    return Prestatie(
        pad="",
        volgnr=0,
        bsn=toewijzing.bsn,
        referentienummer=zorg.markt.gewoonten.kenmerk.format(
            nummer=toewijzing.toewijzingnummer, maand=f"{maand:%y%m}"
        ),
        vorig_referentienummer=None,
        toewijzingnummer=toewijzing.toewijzingnummer,
        productcategorie=cel.productcategorie,
        productcode=cel.productcode,
        begindatum=begin,
        einddatum=end,
        geleverd_volume=volume,
        eenheid=cel.eenheid,
        producttarief=tarief if per_piece else None,
        ingediend_bedrag=volume * tarief if per_piece else volume,
        debet_credit="D",
    )


def corrected(zorg: Zorg, maanden: Sequence[date], rng: Random) -> Zorg:
    """The care with one line taken back and sent again a month later, for one unit less."""
    fitting = [
        regel
        for regel in zorg.regels
        if regel.maand < maanden[-1]
        and regel.prestatie.producttarief is not None
        and regel.prestatie.geleverd_volume > 1
    ]
    if not fitting:
        return zorg
    regel = rng.choice(fitting)
    debet, maand = regel.prestatie, month_after(regel.maand)
    nummer = debet.referentienummer
    credit = debet._replace(
        referentienummer=nummer + CREDIT, vorig_referentienummer=nummer, debet_credit="C"
    )
    right = of_volume(debet, debet.geleverd_volume - 1)
    again = right._replace(referentienummer=nummer + AGAIN)
    return replace(zorg, regels=(*zorg.regels, Regel(maand, credit), Regel(maand, again)))


def of_volume(line: Prestatie, volume: int) -> Prestatie:
    """The line with another volume and the amount that goes with it."""
    amount = volume * (1 if line.producttarief is None else line.producttarief)
    return line._replace(geleverd_volume=volume, ingediend_bedrag=amount)
