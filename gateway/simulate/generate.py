"""Makes the messages of a synthetic region from its seed, one municipality after the other.

A region of any size takes the memory of its largest municipality.  The name of a message begins
with the moment of sending, so that the messages of all municipalities together stand in sending
order as soon as their names do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from gateway.config import data_folder
from gateway.messages.definition import Berichttypen, read_types
from gateway.messages.layout import Layout, read_layout
from gateway.messages.record_writer import write_message
from gateway.simulate.agreements import Aanbod
from gateway.simulate.messages import Bericht, Postkamer
from gateway.simulate.region import Gemeente, Regio
from gateway.simulate.residents import tell_municipality
from gateway.simulate.sending import sent_in
from gateway.simulate.truth import Label, Verdict

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SimulatedMessage:
    """A message as it is sent, with the truth about it; names sort in sending order.

    `regels` are the lines of an invoice that are judged.
    """

    name: str
    body: bytes
    labels: tuple[Label, ...]
    verdict: Verdict
    verzonden: datetime
    regels: int


def generate(regio: Regio) -> Iterator[SimulatedMessage]:
    """Every message of a region; the same ones for the same seed and size.

    They come by municipality, and in sending order within each.
    """
    aanbod, schrijver = Aanbod(regio), Schrijver()
    for place, gemeente in enumerate(regio.gemeenten):
        zorgen = tell_municipality(aanbod, place)
        berichten = sent_in(regio, place, zorgen, Postkamer(schrijver.types))
        for number, bericht in enumerate(berichten, start=1):
            yield _sent(bericht, gemeente, number, schrijver)


def in_sending_order(regio: Regio) -> list[SimulatedMessage]:
    """The messages of a small region in the order in which they are sent."""
    return sorted(generate(regio), key=lambda one: one.name)


def _sent(
    bericht: Bericht, gemeente: Gemeente, number: int, schrijver: Schrijver
) -> SimulatedMessage:
    naam = f"{bericht.markt.standaard}{bericht.soort}"
    body = schrijver.write(bericht)
    return SimulatedMessage(
        name=f"{bericht.verzonden:%Y%m%d-%H%M}-{gemeente.code}-{number:06d}-{naam}.xml",
        body=BOM + body if bericht.met_bom else body,
        labels=bericht.labels,
        verdict=bericht.verdict,
        verzonden=bericht.verzonden,
        regels=bericht.beoordeelde_regels,
    )


class Schrijver:
    """Writes messages; what a type is written by is read when it is first needed."""

    def __init__(self) -> None:
        self._layouts: dict[str, Layout] = {}

    @cached_property
    def types(self) -> Berichttypen:
        """All message types."""
        return read_types(data_folder("mappings"))

    def write(self, bericht: Bericht) -> bytes:
        """The bytes of a message."""
        naam = f"{bericht.markt.standaard}{bericht.soort}"
        kind = self.types.on(naam, bericht.header.dagtekening)
        if kind.schema not in self._layouts:
            self._layouts[kind.schema] = read_layout(data_folder("schemas"), kind)
        records = (("Header", bericht.header), *bericht.inside)
        return b"".join(write_message(kind, records, self._layouts[kind.schema]))
