"""Puts what happened in one municipality into messages, with what is to be said of each class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from gateway.messages.definition import Berichttype, Berichttypen
from gateway.records.declaratie import Declaratie, DeclaratieClient, Prestatie
from gateway.records.header import Header
from gateway.records.levering import StartProduct
from gateway.simulate.months import month_end
from gateway.simulate.persons import in_levering, in_toewijzing
from gateway.simulate.region import Markt
from gateway.simulate.story import Levering, Regel, Versie, Zorg
from gateway.simulate.truth import Label, Verdict, rejected, verdict_of

XSD_VERSIE = "1.0.0"
# An invoice arrives so long after its Dagtekening: what is told in between, its sender missed.
ONDERWEG, EEN_WEEK = timedelta(days=2), timedelta(days=7)
Records = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Bericht:
    """A message before it is written; `soort` is its number, such as 323.

    `inside` are the named records behind the Header, in document order; `labels` what is to be
    said of the message as a whole, and of its classes in document order.
    """

    verzonden: datetime
    soort: str
    markt: Markt
    header: Header
    inside: Records
    labels: tuple[Label, ...]
    verdict: Verdict = "accepted"
    met_bom: bool = False

    def with_record(self, place: int, record: object) -> Bericht:
        """The message with another record in one place behind the Header."""
        inside = list(self.inside)
        inside[place] = (inside[place][0], record)
        return replace(self, inside=tuple(inside))

    @property
    def declaratie(self) -> Declaratie:
        """The Declaratie of an invoice."""
        found: Declaratie = self.inside[0][1]
        return found

    @property
    def regels(self) -> list[tuple[int, Prestatie]]:
        """The lines of an invoice with their places."""
        return [
            (place, record)
            for place, (name, record) in enumerate(self.inside)
            if name == "Prestatie"
        ]

    @property
    def beoordeelde_regels(self) -> int:
        """How many lines are judged: none of what is refused as a whole."""
        if self.soort != "323":
            return 0
        return sum(1 for label in self.labels if label.reference is not None)

    @property
    def is_good(self) -> bool:
        """Whether there is nothing to say of the message."""
        return all(label.oordeel.is_good for label in self.labels)


class Postkamer:
    """Gives the messages of one municipality their headers and their identifications."""

    def __init__(self, types: Berichttypen, first: int = 1) -> None:
        self._types = types
        self._numbers = count(first)

    def kind(self, markt: Markt, soort: str, dagtekening: date) -> Berichttype:
        """The message type of a market by its number, of the release in force on a day."""
        return self._types.on(f"{markt.standaard}{soort}", dagtekening)

    def header(self, markt: Markt, soort: str, dagtekening: date) -> Header:
        """A header with an identification that was never used."""
        kind = self.kind(markt, soort, dagtekening)
        gemeente, aanbieder = markt.gemeente.code, markt.aanbieder
        sends = kind.gemeente == "afzender"
        return Header(
            pad="",
            berichtcode=kind.code,
            afzender=gemeente if sends else aanbieder,
            ontvanger=aanbieder if sends else gemeente,
            identificatie=f"B{next(self._numbers):07d}",
            dagtekening=dagtekening,
            basisschema_xsd_versie=XSD_VERSIE,
            bericht_xsd_versie=XSD_VERSIE,
        )


def small_messages(zorgen: Iterable[Zorg], post: Postkamer) -> Iterator[Bericht]:
    """The 301s, 305s and 307s: what is sent about one client at one moment is one message."""
    assigned: dict[tuple[object, ...], list[tuple[Zorg, Versie]]] = {}
    delivered: dict[tuple[object, ...], list[tuple[Zorg, Levering]]] = {}
    for zorg in zorgen:
        for versie in zorg.versies:
            product = versie.product
            moment = (product.bekend_op, product.toewijzingstijd)
            assigned.setdefault((zorg.markt, zorg.client.bsn, moment), []).append((zorg, versie))
        for levering in zorg.leveringen:
            kind = type(levering.product)
            key = (zorg.markt, zorg.client.bsn, kind, levering.verzonden)
            delivered.setdefault(key, []).append((zorg, levering))
    for versies in assigned.values():
        yield _toewijzing(versies, post)
    for leveringen in delivered.values():
        yield _levering(leveringen, post)


def _toewijzing(versies: Sequence[tuple[Zorg, Versie]], post: Postkamer) -> Bericht:
    zorg, first = versies[0]
    sent = first.product.bekend_op
    return Bericht(
        verzonden=datetime.combine(sent, time.fromisoformat(first.product.toewijzingstijd)),
        soort="301",
        markt=zorg.markt,
        header=post.header(zorg.markt, "301", sent),
        inside=(
            *in_toewijzing(zorg.client),
            *(("ToegewezenProduct", one.product) for _, one in versies),
        ),
        labels=tuple(Label(one.product.reference, one.oordeel) for _, one in versies),
    )


def _levering(leveringen: Sequence[tuple[Zorg, Levering]], post: Postkamer) -> Bericht:
    """A start is sent in the morning, a stop in the afternoon."""
    zorg, first = leveringen[0]
    starts = isinstance(first.product, StartProduct)
    soort, naam = ("305", "StartProduct") if starts else ("307", "StopProduct")
    moment = time(9 if starts else 15, int(zorg.client.bsn) % 60)
    return Bericht(
        verzonden=datetime.combine(first.verzonden, moment),
        soort=soort,
        markt=zorg.markt,
        header=post.header(zorg.markt, soort, first.verzonden),
        inside=(
            ("Client", in_levering(zorg.client)),
            *((naam, one.product) for _, one in leveringen),
        ),
        labels=tuple(Label(one.product.reference) for _, one in leveringen),
    )


@dataclass(frozen=True, slots=True)
class Factuur:
    """Which invoice a line stands in: that over a month, or a further one over the same month."""

    maand: date
    nagestuurd: bool
    markt: Markt

    @property
    def dagtekening(self) -> date:
        """The day that it is dated."""
        dag = self.markt.declaratiedag(self.maand)
        return dag + EEN_WEEK if self.nagestuurd else dag

    @property
    def nummer(self) -> str:
        """Its DeclaratieNummer."""
        markt = self.markt
        further = "N" if self.nagestuurd else ""
        return f"{markt.standaard[0]}{markt.gemeente.code}{self.maand:%Y%m}{further}"


def invoices(zorgen: Sequence[Zorg], maanden: Sequence[date], post: Postkamer) -> Iterator[Bericht]:
    """The invoices of every provider, over every month in which it has lines, month by month."""
    lines: dict[Factuur, dict[str, list[tuple[Zorg, Regel]]]] = {}
    for zorg in zorgen:
        for regel in zorg.regels:
            factuur = Factuur(regel.maand, regel.nagestuurd, zorg.markt)
            per_client = lines.setdefault(factuur, {})
            per_client.setdefault(regel.prestatie.bsn, []).append((zorg, regel))
    for factuur in sorted(lines, key=lambda one: (one.maand, one.nagestuurd, one.markt.aanbieder)):
        if factuur.maand in maanden:
            yield _invoice(factuur, lines[factuur], post)


def _invoice(
    factuur: Factuur, per_client: dict[str, list[tuple[Zorg, Regel]]], post: Postkamer
) -> Bericht:
    dag, markt = factuur.dagtekening, factuur.markt
    clients = [per_client[bsn] for bsn in sorted(per_client)]
    labels = tuple(label for lines in clients for label in _labels(lines))
    prestaties = [regel.prestatie for lines in clients for _, regel in lines]
    return Bericht(
        verzonden=datetime.combine(dag, time(16)) + ONDERWEG,
        soort="323",
        markt=markt,
        header=post.header(markt, "323", dag),
        inside=(
            ("Declaratie", _declaratie(factuur, prestaties)),
            *(record for lines in clients for record in _of_client(lines)),
        ),
        labels=labels,
        verdict=_verdict(labels, len(prestaties)),
    )


def _labels(lines: Sequence[tuple[Zorg, Regel]]) -> Iterator[Label]:
    """The labels on one client's lines; of a client that is unknown they are not judged."""
    if all(not zorg.versies for zorg, _ in lines):
        yield Label(None, rejected("TR304"))
        return
    for _, regel in lines:
        yield Label(regel.prestatie.reference, regel.oordeel)


def _verdict(labels: Sequence[Label], regels: int) -> Verdict:
    """What becomes of an invoice; lines without a label fell with their client."""
    granted = sum(1 for one in labels if one.reference is not None and not one.oordeel.rules)
    return "partly" if 0 < granted < regels else verdict_of(labels)


def _of_client(lines: Sequence[tuple[Zorg, Regel]]) -> Iterator[tuple[str, Any]]:
    yield "Client", DeclaratieClient("", lines[0][1].prestatie.bsn)
    for _, regel in lines:
        yield "Prestatie", regel.prestatie


def _declaratie(factuur: Factuur, prestaties: Sequence[Prestatie]) -> Declaratie:
    totaal = sum(one.ondertekend for one in prestaties)
    return Declaratie(
        pad="",
        declaratienummer=factuur.nummer,
        begindatum=factuur.maand,
        einddatum=month_end(factuur.maand),
        dagtekening=factuur.dagtekening,
        totaal_bedrag=abs(totaal),
        debet_credit="C" if totaal < 0 else "D",
    )
