"""Puts what happened into messages, in the order in which they are sent, and writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from gateway.messages.definition import Berichttype, Berichttypen, read_types
from gateway.messages.layout import Layout, read_layout
from gateway.messages.record_writer import write_message
from gateway.records.declaratie import Declaratie, DeclaratieClient
from gateway.records.header import Header
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.simulate.care import Regel, Zorg, invoice_day, month_end
from gateway.simulate.persons import in_levering, in_toewijzing
from gateway.simulate.region import Markt

XSD_VERSIE = "1.0.0"
ONE_DAY = timedelta(days=1)
Verdict = Literal["accepted", "partly", "rejected", "invalid", "duplicate"]
Records = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Label:
    """What a judge has to say of one class: retourcodes, and codes of checks.

    `reference` is the ReferentieNummer or ToewijzingNummer of the class; None is the message as a
    whole.  Labels stand in document order; a class that is not judged has none.
    """

    reference: str | None
    codes: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bericht:
    """A message before it is written; `soort` is its number, such as 323.

    `inside` are the named records behind the Header, in document order.
    """

    verzonden: datetime
    soort: str
    markt: Markt
    header: Header
    inside: Records
    labels: tuple[Label, ...]
    verdict: Verdict = "accepted"

    def with_record(self, place: int, record: object) -> Bericht:
        """The message with another record in one place behind the Header."""
        inside = list(self.inside)
        inside[place] = (inside[place][0], record)
        return replace(self, inside=tuple(inside))


@dataclass(frozen=True, slots=True)
class SimulatedMessage:
    """A message as it is sent, with the truth about it; names sort in sending order."""

    name: str
    body: bytes
    labels: tuple[Label, ...]
    verdict: Verdict
    verzonden: datetime


@dataclass(frozen=True)
class Berichtvormen:
    """The message types with the layouts to write them by, each read when it is first needed."""

    mappings: Path
    schemas: Path

    @cached_property
    def types(self) -> Berichttypen:
        """All message types."""
        return read_types(self.mappings)

    @cached_property
    def layouts(self) -> dict[str, Layout]:
        """The layouts that were read so far."""
        return {}

    def of(self, markt: Markt, soort: str) -> Berichttype:
        """The message type of a market, by its number."""
        return self.types.by_name(f"{markt.standaard}{soort}")

    def write(self, bericht: Bericht) -> bytes:
        """The bytes of a message."""
        kind = self.of(bericht.markt, bericht.soort)
        if kind.naam not in self.layouts:
            self.layouts[kind.naam] = read_layout(self.schemas, kind)
        records = (("Header", bericht.header), *bericht.inside)
        return b"".join(write_message(kind, records, self.layouts[kind.naam]))


def compose(
    verhalen: Sequence[Zorg], maanden: Sequence[date], vormen: Berichtvormen
) -> list[Bericht]:
    """Every message that the stories make, in no order yet."""
    made: list[Bericht] = []
    per_market: dict[Markt, list[Zorg]] = {}
    for zorg in verhalen:
        made += _of_client(zorg, vormen)
        per_market.setdefault(zorg.markt, []).append(zorg)
    for markt, verhalen_hier in per_market.items():
        for maand in maanden:
            made += _invoice(markt, maand, verhalen_hier, vormen)
    return made


def in_sending_order(
    berichten: Iterable[Bericht], vormen: Berichtvormen
) -> Iterator[SimulatedMessage]:
    """The messages written one by one, in the order in which they are sent."""
    order = sorted(berichten, key=lambda one: (one.verzonden, one.soort, one.header.identificatie))
    width = max(4, len(str(len(order))))
    for number, bericht in enumerate(order, start=1):
        kind = vormen.of(bericht.markt, bericht.soort)
        header = bericht.header
        yield SimulatedMessage(
            name=f"{number:0{width}}-{kind.naam}-{header.afzender}-{header.ontvanger}.xml",
            body=vormen.write(bericht),
            labels=bericht.labels,
            verdict=bericht.verdict,
            verzonden=bericht.verzonden,
        )


def verdict_of(labels: Sequence[Label]) -> Verdict:
    """What becomes of an invoice with these lines."""
    refused = sum(1 for label in labels if label.codes)
    if not refused:
        return "accepted"
    return "rejected" if refused == len(labels) else "partly"


def _of_client(zorg: Zorg, vormen: Berichtvormen) -> Iterator[Bericht]:
    """The 301s, 305s and 307s about one client."""
    yield _toewijzing(zorg, zorg.toewijzing, "A", zorg.signals, vormen)
    if zorg.wijziging is not None:
        yield _toewijzing(zorg, zorg.wijziging, "B", (), vormen)
    for number, start in enumerate(zorg.starts):
        yield _levering(zorg, start, f"S{number}", vormen)
    for number, stop in enumerate(zorg.stops):
        yield _levering(zorg, stop, f"E{number}", vormen)


def _toewijzing(
    zorg: Zorg,
    product: ToegewezenProduct,
    versie: str,
    signals: tuple[str, ...],
    vormen: Berichtvormen,
) -> Bericht:
    moment = time.fromisoformat(product.toewijzingstijd)
    identificatie = f"T{product.toewijzingnummer}{versie}"
    header = _header(vormen.of(zorg.markt, "301"), zorg.markt, identificatie, product.bekend_op)
    return Bericht(
        verzonden=datetime.combine(product.bekend_op, moment),
        soort="301",
        markt=zorg.markt,
        header=header,
        inside=(*in_toewijzing(zorg.client), ("ToegewezenProduct", product)),
        labels=(Label(product.reference, (), signals),),
    )


def _levering(
    zorg: Zorg, product: StartProduct | StopProduct, teken: str, vormen: Berichtvormen
) -> Bericht:
    """A start is sent in the morning and a stop in the afternoon, some days after it happened."""
    starts = isinstance(product, StartProduct)
    soort, naam = ("305", "StartProduct") if starts else ("307", "StopProduct")
    happened = product.begindatum if isinstance(product, StartProduct) else product.einddatum
    sent = happened + timedelta(days=1 + zorg.client.nummer % 3)
    identificatie = f"{teken}.{product.toewijzingnummer}"
    minute = zorg.client.nummer % 60
    return Bericht(
        verzonden=datetime.combine(sent, time(9 if starts else 15, minute)),
        soort=soort,
        markt=zorg.markt,
        header=_header(vormen.of(zorg.markt, soort), zorg.markt, identificatie, sent),
        inside=(("Client", in_levering(zorg.client)), (naam, product)),
        labels=(Label(product.reference),),
    )


def _invoice(
    markt: Markt, maand: date, verhalen: Sequence[Zorg], vormen: Berichtvormen
) -> Iterator[Bericht]:
    """The one invoice of a market over a month, if there is anything to invoice."""
    per_client = {
        zorg.client.bsn: [regel for regel in zorg.regels if regel.maand == maand]
        for zorg in verhalen
    }
    regels = [regel for of_client in per_client.values() for regel in of_client]
    if not regels:
        return
    dag = invoice_day(markt, maand)
    nummer = f"{markt.standaard[0]}{markt.gemeente.code}{maand:%Y%m}"
    labels = tuple(Label(one.prestatie.reference, one.codes, one.signals) for one in regels)
    yield Bericht(
        verzonden=_sent(dag, verhalen),
        soort="323",
        markt=markt,
        header=_header(vormen.of(markt, "323"), markt, f"{nummer}A", dag),
        inside=(
            ("Declaratie", _declaratie(nummer, maand, dag, regels)),
            *_lines(per_client),
        ),
        labels=labels,
        verdict=verdict_of(labels),
    )


def _sent(dag: date, verhalen: Sequence[Zorg]) -> datetime:
    """When an invoice dated on this day leaves: later where an assignment changes the day after."""
    changes = (one.wijziging.bekend_op for one in verhalen if one.wijziging is not None)
    late = any(changed == dag + ONE_DAY for changed in changes)
    return datetime.combine(dag + 2 * ONE_DAY if late else dag, time(16))


def _declaratie(nummer: str, maand: date, dag: date, regels: Sequence[Regel]) -> Declaratie:
    totaal = sum(regel.prestatie.ondertekend for regel in regels)
    return Declaratie(
        pad="",
        declaratienummer=nummer,
        begindatum=maand,
        einddatum=month_end(maand),
        dagtekening=dag,
        totaal_bedrag=abs(totaal),
        debet_credit="C" if totaal < 0 else "D",
    )


def _lines(per_client: Mapping[str, Sequence[Regel]]) -> Iterator[tuple[str, Any]]:
    for bsn, regels in per_client.items():
        if regels:
            yield "Client", DeclaratieClient("", bsn)
            for regel in regels:
                yield "Prestatie", regel.prestatie


def _header(kind: Berichttype, markt: Markt, identificatie: str, dagtekening: date) -> Header:
    gemeente, aanbieder = markt.gemeente.code, markt.aanbieder
    sends = kind.gemeente == "afzender"
    return Header(
        pad="",
        berichtcode=kind.code,
        afzender=gemeente if sends else aanbieder,
        ontvanger=aanbieder if sends else gemeente,
        identificatie=identificatie,
        dagtekening=dagtekening,
        basisschema_xsd_versie=XSD_VERSIE,
        bericht_xsd_versie=XSD_VERSIE,
    )
