"""The canonical records of messages that were registered, as lines for the backoffice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice, repeat
from typing import Any, BinaryIO

from gateway.messages.canoniek import (
    Verzoekregel,
    antwoord_record,
    declaratie_record,
    encode,
    encode_regels,
    levering_record,
    regel_record,
    toewijzing_record,
    verzoek_record,
)
from gateway.pipeline.ports import Claim, Outcome
from gateway.pipeline.settlement import Settlement
from gateway.records.declaratie import Declaratie
from gateway.records.extra import NO_EXTRA
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import (
    AanvraagClient,
    Verzoek,
    Verzoekantwoord,
    Wijzigingsverzoek,
    Woonplaatsbeginsel,
)

AT_ONCE = 1_000


class CanonicalLines:
    """Listens to what is settled and writes the records of the message that it waits for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._wanted: tuple[int, str] | None = None

    def expect(self, inbox_id: int, file: str) -> None:
        """Write the records of this message, under the name of its file."""
        self._wanted = (inbox_id, file)

    def __call__(self, claim: Claim, settlement: Settlement) -> None:
        """A message was settled; one that is held counts when it is decided."""
        if self._wanted is None or settlement.besluit_op is not None:
            return
        inbox_id, file = self._wanted
        if claim.inbox_id == inbox_id:
            self._stream.writelines(_lines(file, settlement))


def _lines(file: str, settlement: Settlement) -> Iterator[bytes]:
    outcome = settlement.outcome
    bron = _bron(file, outcome)
    yield from _requests(bron, settlement.registered)
    for record in settlement.registered:
        if isinstance(record, ToegewezenProduct):
            yield encode(toewijzing_record(bron, record))
        elif isinstance(record, StartProduct | StopProduct):
            yield encode(levering_record(bron, record))
        elif isinstance(record, Declaratie):
            toegekend = outcome.telling.get("toegekend", 0)
            identificatie, verdict = outcome.identificatie, outcome.verdict
            yield encode(declaratie_record(bron, record, identificatie, toegekend, verdict))
            nummer = record.declaratienummer
            rows = zip(settlement.lines, chain(settlement.extras, repeat(NO_EXTRA)), strict=False)
            while some := list(islice(rows, AT_ONCE)):
                yield encode_regels([regel_record(bron, nummer, *row) for row in some])


def _requests(bron: dict[str, Any], registered: Sequence[object]) -> Iterator[bytes]:
    """The lines of a request, one per product, or of the answer to one."""
    of_kind = {type(one): one for one in registered}
    verzoeken = [one for one in registered if isinstance(one, Verzoek)]
    around = of_kind.get(Wijzigingsverzoek) or of_kind.get(AanvraagClient)
    products = [one for one in registered if isinstance(one, Verzoekregel)]
    if isinstance(around, Wijzigingsverzoek):
        verzoeken *= len(products)  # a VOT has a request for each product, a VOW one for all
    if isinstance(around, AanvraagClient | Wijzigingsverzoek):
        for verzoek, product in zip(verzoeken, products, strict=True):
            yield encode(verzoek_record(bron, verzoek, product, around))
    antwoord, elsewhere = of_kind.get(Verzoekantwoord), of_kind.get(Woonplaatsbeginsel)
    if isinstance(antwoord, Verzoekantwoord):
        gemeente = elsewhere.gemeente if isinstance(elsewhere, Woonplaatsbeginsel) else None
        yield encode(antwoord_record(bron, antwoord, gemeente))


def _bron(file: str, outcome: Outcome) -> dict[str, Any]:
    aanbieder = {outcome.afzender, outcome.ontvanger} - {outcome.gemeente}
    return {
        "file": file,
        "gemeente": outcome.gemeente,
        "wet": outcome.wet,
        "aanbieder": next(iter(aanbieder), ""),
    }
