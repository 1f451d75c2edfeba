"""Writing is the way back of reading: the same records give the same message."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lxml import etree

from gateway.errors import GatewayError
from gateway.messages.definition import Berichttype, Berichttypen, read_types
from gateway.messages.layout import Layout, read_layout
from gateway.messages.reader import Reader, Schemas, Source
from gateway.messages.record_writer import PIECE, write_message
from gateway.records.declaratie import Declaratie, DeclaratieClient, Prestatie
from gateway.records.header import Header
from tests.standard.generate import make_message

ROOT = Path(__file__).parents[2]
BERICHTEN = ROOT / "tests" / "rules" / "berichten"
# A retour is a copy with codes; it is no message that is written from records.
RETOUREN = ("302", "306", "308", "316", "318", "320")
BASE = sorted(one.stem for one in BERICHTEN.glob("*.xml") if not one.stem.endswith(RETOUREN))
HEEN = [f"{law}{nummer}" for law in ("JW", "WMO") for nummer in ("301", "305", "307", "323")]
AROUND = ("Header", "DeclaratieAntwoord")
CONSTANT = {"BerichtVersie", "BerichtSubversie"}

Content = list[tuple[str, str]]


@cache
def types() -> Berichttypen:
    return read_types(ROOT / "mappings")


@cache
def reader() -> Reader:
    return Reader(types(), Schemas(ROOT / "schemas"))


@cache
def layout(naam: str) -> Layout:
    return read_layout(ROOT / "schemas", types().by_name(naam))


def records_of(body: bytes) -> list[tuple[str, Any]]:
    return list(reader().open(Source([body], 1 << 30)).records())


def written(naam: str, records: list[tuple[str, Any]]) -> bytes:
    return b"".join(write_message(types().by_name(naam), records, layout(naam)))


def content(body: bytes) -> Content:
    """Every element with its value, in document order; an optional element without any is none."""
    root = etree.fromstring(body, etree.XMLParser(remove_blank_text=True))
    return [
        (element.tag, element.text or "")
        for element in root.iter()
        if element.text or any((below.text or "").strip() for below in element.iter())
    ]


@pytest.mark.parametrize("naam", [naam for naam in BASE if naam in HEEN])
def test_a_message_that_is_read_and_written_again_has_the_same_elements(naam: str) -> None:
    body = (BERICHTEN / f"{naam}.xml").read_bytes()

    assert content(body) == content(written(naam, records_of(body)))


@pytest.mark.parametrize("naam", ["JW325", "WMO325"])
def test_a_325_comes_back_with_all_its_codes(naam: str) -> None:
    body = (BERICHTEN / f"{naam}.xml").read_bytes()
    # The record of a DeclaratieAntwoord is complete at its end, but stands around the others.
    records = sorted(records_of(body), key=lambda one: one[0] not in AROUND)

    assert content(body) == content(written(naam, records))


@pytest.mark.parametrize("naam", [f"{law}{n}" for law in ("JW", "WMO") for n in RETOUREN])
def test_a_retour_keeps_its_own_number_day_and_codes(naam: str) -> None:
    root = etree.fromstring((BERICHTEN / f"{naam}.xml").read_bytes())
    for body in root[1:]:
        root.remove(body)

    assert content(etree.tostring(root)) == content(written(naam, records_of(etree.tostring(root))))


@pytest.mark.parametrize("naam", HEEN)
def test_every_element_of_a_message_is_in_its_map_or_has_one_value(naam: str) -> None:
    kind = types().by_name(naam)
    mapped = {
        f"{'/'.join(step.removesuffix('[]') for step in one.steps)}/{spec.at}"
        for one in kind.maps
        for spec in one.fields
    }

    lost = [path for path in layout(naam).bericht.leaves() if path not in mapped]

    assert [f"Header/{name}" for name in ("BerichtVersie", "BerichtSubversie")] == lost
    assert {"BerichtVersie": "3", "BerichtSubversie": "2"} == constants(layout(naam))


def constants(given: Layout) -> dict[str, str]:
    header = given.bericht.child("Header")
    assert header is not None
    return {
        one.name: one.constant
        for one in header.children
        if one.constant is not None and one.name in CONSTANT
    }


@pytest.mark.parametrize("naam", HEEN)
def test_generated_messages_come_back_unchanged(naam: str) -> None:
    rng = Random(naam)

    for _ in range(60):
        body = make_message(naam, rng)
        try:
            records = records_of(body)
        except GatewayError:
            continue  # a year that no calendar of ours has
        again = written(naam, records)
        assert records == records_of(again)
        assert plain(content(body)) == plain(content(again))


def plain(given: Content) -> Content:
    """Whole numbers without leading zeros or sign, texts without their line ends."""
    return [(tag, str(int(text)) if is_number(text) else text) for tag, text in given]


def is_number(text: str) -> bool:
    return text.removeprefix("+").removeprefix("-").isdecimal()


@pytest.mark.parametrize("standaard", ["ijw", "iwmo"])
def test_every_message_of_the_standard_has_a_layout(standaard: str) -> None:
    kinds = [kind for kind in types().all() if kind.standaard == standaard]

    names = [read_layout(ROOT / "schemas", kind).bericht.children[0].name for kind in kinds]

    assert ["Header"] * 14 == names


def test_lines_end_with_crlf_and_there_is_no_byte_order_mark() -> None:
    body = written("JW301", records_of((BERICHTEN / "JW301.xml").read_bytes()))

    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\r\n<jw301:Bericht ')
    assert body.endswith(b"</jw301:Bericht>\r\n")
    assert body.count(b"\r\n") == body.count(b"\n") == body.count(b"\r")


def test_signs_that_mean_something_in_xml_come_back_as_they_were() -> None:
    records = records_of((BERICHTEN / "JW301.xml").read_bytes())
    name, client = records[1]
    records[1] = (name, replace(client, commentaar="R&D <b>\r\nvan]]>\tà één\r%s"))

    (again,) = [one for name, one in records_of(written("JW301", records)) if name == "Client"]

    assert "R&D <b>\r\nvan]]>\tà één\r%s" == again.commentaar


def test_an_absent_part_of_a_base_type_leaves_no_empty_element() -> None:
    records = records_of((BERICHTEN / "JW301.xml").read_bytes())
    name, client = records[1]
    records[1] = (name, replace(client, communicatie_vorm=None, communicatie_taal=None))

    assert b"Communicatie" not in written("JW301", records)


def test_a_line_without_its_client_is_refused() -> None:
    records = records_of((BERICHTEN / "JW323.xml").read_bytes())

    with pytest.raises(ValueError, match="Prestatie comes without the Client around it"):
        written("JW323", [pair for pair in records if pair[0] != "Client"])


def test_a_record_that_comes_too_late_is_refused() -> None:
    records = records_of((BERICHTEN / "JW323.xml").read_bytes())

    with pytest.raises(ValueError, match="Header comes too late or twice"):
        written("JW323", [*records[1:], records[0]])


def test_a_class_that_stands_once_is_refused_the_second_time() -> None:
    records = records_of((BERICHTEN / "JW323.xml").read_bytes())

    with pytest.raises(ValueError, match="Header comes too late or twice"):
        written("JW323", [records[0], *records])


def test_a_map_with_an_unknown_path_is_refused() -> None:
    kind = types().by_name("JW305")
    header = kind.map_of("Header")
    broken = replace(header, fields=(replace(header.fields[0], at="Berichtcode"),))
    other: Berichttype = replace(kind, maps=(broken,))

    with pytest.raises(ValueError, match="the schema has no Berichtcode in Header"):
        list(write_message(other, [], layout("JW305")))


def test_a_schema_that_is_missing_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match=r"schema JW323\.xsd is niet te lezen"):
        read_layout(tmp_path, types().by_name("JW323"))


def test_a_schema_outside_the_small_grammar_is_refused(tmp_path: Path) -> None:
    kind = types().by_name("JW305")
    for name in ("JW305.xsd", "basisschema.xsd"):
        text = (ROOT / "schemas" / "ijw-3.2" / name).read_text(encoding="utf-8")
        (tmp_path / "ijw-3.2").mkdir(exist_ok=True)
        (tmp_path / "ijw-3.2" / name).write_text(
            text.replace("xs:sequence", "xs:choice"), encoding="utf-8"
        )

    with pytest.raises(GatewayError, match="is geen enkele sequence"):
        read_layout(tmp_path, kind)


def test_a_type_that_stands_inside_its_element_is_read_as_well(tmp_path: Path) -> None:
    kind = types().by_name("JW305")
    (tmp_path / "ijw-3.2").mkdir()
    for name in ("JW305.xsd", "basisschema.xsd"):
        text = (ROOT / "schemas" / "ijw-3.2" / name).read_text(encoding="utf-8")
        text = text.replace(
            '<xs:element name="Bericht" type="jw305:Root"/>',
            '<xs:element name="Bericht"><xs:complexType><xs:sequence>'
            '<xs:element name="Header" type="jw305:Header"/>'
            "</xs:sequence></xs:complexType></xs:element>",
        )
        (tmp_path / "ijw-3.2" / name).write_text(text, encoding="utf-8")

    (header,) = read_layout(tmp_path, kind).bericht.children

    assert layout("JW305").bericht.child("Header") == header


def test_a_large_323_leaves_in_pieces_while_its_lines_are_made() -> None:
    made = [0]
    pieces = write_message(types().by_name("JW323"), declaratie(20_000, made), layout("JW323"))

    first = list(islice(pieces, 2))

    assert made[0] < 1_000
    assert max(map(len, first)) < 2 * PIECE
    rest = list(pieces)
    assert made == [20_000]
    assert 20_000 == sum(1 for n, _ in records_of(b"".join((*first, *rest))) if n == "Prestatie")


def declaratie(lines: int, made: list[int]) -> Iterator[tuple[str, Any]]:
    """A 323 with `lines` lines under clients of 100 lines; counts what it hands out."""
    day = date(2026, 4, 1)
    yield "Header", Header("", "490", "99000001", "0193", "D1", day, "1.0.0", "1.0.0")
    month = (date(2026, 3, 1), date(2026, 3, 31))
    yield "Declaratie", Declaratie("", "D1", *month, day, 100 * lines, "D")
    for number in range(lines):
        if number % 100 == 0:
            yield "Client", DeclaratieClient("", "999900006")
        made[0] += 1
        yield (
            "Prestatie",
            Prestatie(
                "",
                number + 1,
                "999900006",
                f"R{number}",
                None,
                1,
                "45",
                "45A01",
                *month,
                1,
                "16",
                100,
                100,
                "D",
            ),
        )
