"""Any message that is read into records and written again is the same message."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from lxml import etree

from gateway.messages.definition import Berichttype, Berichttypen, read_types
from gateway.messages.layout import Layout, read_layout
from gateway.messages.reader import Reader, Schemas, Source
from gateway.messages.record_writer import write_message
from gateway.messages.retour import CODES, read_klassen
from gateway.messages.writer import Retourkop, Versies, write_retour
from gateway.records.header import Header
from tests.properties.berichten import NAMEN, messages
from tests.properties.profiel import examples
from tests.standard.generate import walk
from tests.standard.tables import load_messages, simple_types

ROOT = Path(__file__).parents[2]
RETOUREN = [naam for naam in NAMEN if naam.endswith(("302", "306", "308", "316", "318", "320"))]
OVERIGE = [naam for naam in NAMEN if naam not in RETOUREN]
# What a retour has in its Header and the message that it answers has not.
RETOURKOP = ("IdentificatieRetour", "DagtekeningRetour", "XsltVersie", "XsdVersieRetour", CODES)
NO_CAP = 1 << 30

Content = list[tuple[str, str]]


@cache
def types() -> Berichttypen:
    return read_types(ROOT / "mappings")


@cache
def schemas() -> Schemas:
    return Schemas(ROOT / "schemas")


@cache
def reader() -> Reader:
    return Reader(types(), schemas())


@cache
def layout(kind: Berichttype) -> Layout:
    return read_layout(ROOT / "schemas", kind)


def source(body: bytes) -> Source:
    return Source([body], NO_CAP)


def content(naam: str, body: bytes) -> Content:
    """Every element with its value, in document order.

    A whole number counts as such, and a time or date without the blanks around it; a part of
    which everything is optional and nothing is there says nothing.
    """
    values = simple_types(load_messages()[naam]["standard"])
    found = []
    for node, element in walk(naam, ElementTree.fromstring(body)):
        base = values.get(element["type"], {}).get("base")
        if base is None:
            if any((below.text or "").strip() for below in node.iter()):
                found.append((node.tag, ""))
            continue
        text = node.text or ""
        if base == "xs:integer":
            text = str(int(text))
        elif base != "xs:string":
            text = text.strip()
        found.append((node.tag, text))
    return found


def in_order(records: list[tuple[str, object]]) -> list[tuple[str, object]]:
    """As they stand: the record of a DeclaratieAntwoord is complete at its end only."""
    return sorted(records, key=lambda one: one[0] not in ("Header", "DeclaratieAntwoord"))


@pytest.mark.parametrize("naam", NAMEN)
def test_every_message_that_is_drawn_obeys_its_xsd(naam: str) -> None:
    schema = schemas().of(types().by_name(naam))

    @examples(4)
    @given(messages(naam))
    def obeys(body: bytes) -> None:
        schema.assertValid(etree.fromstring(body))

    obeys()


@pytest.mark.parametrize("naam", OVERIGE)
def test_a_message_comes_back_as_it_was(naam: str) -> None:
    kind = types().by_name(naam)

    @examples(12)
    @given(messages(naam))
    def comes_back(body: bytes) -> None:
        records = in_order(list(reader().open(source(body)).records()))
        written = b"".join(write_message(kind, records, layout(kind)))
        schemas().of(kind).assertValid(etree.fromstring(written))
        assert content(naam, body) == content(naam, written)
        assert records == in_order(list(reader().open(source(written)).records()))

    comes_back()


@pytest.mark.parametrize("naam", RETOUREN)
def test_a_retour_is_the_message_that_it_answers_with_what_its_records_say(naam: str) -> None:
    kind = types().by_name(naam)
    heen = types().answered_by(kind)

    @examples(8)
    @given(messages(naam))
    def is_made_again(body: bytes) -> None:
        records = list(reader().open(source(body)).records())
        header = next(record for name, record in records if name == "Header")
        assert isinstance(header, Header)
        klassen, _ = read_klassen(source(body), heen)
        codes = {one.pad: one.retourcodes for one in klassen}
        answered = heen_of(body, heen, kind)
        written = write_retour(
            source(answered),
            heen,
            kind,
            retourkop(header),
            codes if has_body(body) else None,
        )
        assert content(naam, body) == content(naam, written)

    is_made_again()


def has_body(body: bytes) -> bool:
    return len(etree.fromstring(body)) > 1


def retourkop(header: Header) -> Retourkop:
    """What the retour adds to the Header, out of its record."""
    assert header.identificatie_retour is not None
    assert header.dagtekening_retour is not None
    versies = Versies(
        header.retour_basisschema_xsd_versie or "", header.retour_bericht_xsd_versie or ""
    )
    return Retourkop(
        identificatie=header.identificatie_retour,
        dagtekening=header.dagtekening_retour,
        versies=versies,
        codes=header.retourcodes or (),
        xslt_versie=header.xslt_versie,
    )


def heen_of(body: bytes, heen: Berichttype, retour: Berichttype) -> bytes:
    """The message that a retour answers: without what the retour added, in its own namespace."""
    root = ElementTree.fromstring(body.decode().replace(retour.namespace, heen.namespace).encode())
    header = root[0]
    header[0].text = heen.code
    for name in RETOURKOP:
        for child in header.findall(f"{{*}}{name}"):
            header.remove(child)
    for parent in root.iter():
        for child in parent.findall(f"{{*}}{CODES}"):
            parent.remove(child)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
