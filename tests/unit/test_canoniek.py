"""The canonical records: their published schema, and their lines read back by it."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from gateway.messages.canoniek import (
    CANONIEK,
    DeclaratieRecord,
    Declaratieregel,
    Levering,
    Toewijzing,
    encode,
    levering_record,
    regel_record,
)
from gateway.messages.opdrachten import OPDRACHTEN
from gateway.records.levering import StopProduct
from tests.unit.canoniek_schema import FOLDER, SCHEMAS, text

BRON = {"file": "a.xml", "gemeente": "0193", "wet": "jeugdwet", "aanbieder": "12345678"}
ROW = (
    1,
    "999900006",
    "RN1",
    "RN0",
    100001,
    "45",
    "45A03",
    "2025-04-01",
    "2025-04-30",
    10,
    "04",
    5000,
    50000,
    "C",
    0,
    "8017 8021",
)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_the_one_of_the_code(name: str) -> None:
    """Run `make schema` after a change of a canonical record or opdracht."""
    assert text(name) == (FOLDER / name).read_text(encoding="utf-8")


def test_a_rejected_credit_reads_back_as_it_was_judged() -> None:
    line = encode(regel_record(BRON, "DN1", ROW))
    read = msgspec.json.decode(
        line, type=Toewijzing | Levering | DeclaratieRecord | Declaratieregel
    )
    assert isinstance(read, Declaratieregel)
    assert (read.bedrag, read.status, read.retourcodes) == (-50000, "afgewezen", ("8017", "8021"))
    assert (read.eenheid, read.eenheid_code, read.datum_start) == ("Uur", "04", date(2025, 4, 1))
    assert (read.gemeente, read.aanbieder, read.declaratienummer) == ("0193", "12345678", "DN1")


def test_a_stop_has_the_names_of_the_ggm() -> None:
    stop = StopProduct(
        "", "999900006", 1, "45", None, None, date(2025, 1, 6), "31", date(2025, 4, 30), "1"
    )
    told = msgspec.json.decode(encode(levering_record(BRON, stop)))
    assert told["datumStart"] == "2025-01-06"
    assert (told["type"], told["datumStop"], told["stopreden"]) == ("Levering", "2025-04-30", "31")


def test_every_kind_of_record_is_in_the_schema() -> None:
    names = {kind.__name__ for kind in CANONIEK}
    assert names == set(msgspec.json.decode(text("records.schema.json"))["$defs"]) - {"type"}


def test_every_opdracht_is_in_the_schema() -> None:
    names = {kind.__name__ for kind in OPDRACHTEN}
    assert names <= set(msgspec.json.decode(text("opdrachten.schema.json"))["$defs"])
