"""Which envelopes are read, and why another one is not."""

import base64
import hashlib
from pathlib import Path

import pytest
import xmlschema

from gateway.network.ggk.envelop import (
    MOST_RECEIVED,
    MOST_SENT,
    Envelop,
    EnvelopGeweigerd,
    Fout,
    Foutbericht,
)
from gateway.network.ggk.lezen import canonical, parse, read
from gateway.network.ggk.schrijven import write
from tests.enveloppen import UUID, di01, du01, fo01

SCHEMAS = Path(__file__).parents[2] / "schemas" / "ggk-2.1"
INHOUD = b"<x>inhoud</x>"
UNREAD = "\N{ZERO WIDTH SPACE}"


def changed(old: str, new: str, stuk: bytes | None = None) -> bytes:
    before = (write(di01(INHOUD)) if stuk is None else stuk).decode()
    assert old in before
    return before.replace(old, new).encode()


def refusal(body: bytes) -> tuple[str, str]:
    with pytest.raises(EnvelopGeweigerd) as refused:
        read(parse(body))
    return refused.value.code, refused.value.tekst


def inhoud(base64_text: str) -> bytes:
    stuk = read(parse(changed(base64.b64encode(INHOUD).decode(), base64_text)))
    assert isinstance(stuk, Envelop)
    return stuk.inhoud


def test_the_schemas_are_those_of_their_sums() -> None:
    listed = dict(
        line.split("  ")[::-1] for line in (SCHEMAS / "SHA256SUMS").read_text().splitlines()
    )
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SCHEMAS.glob("*.xsd")
    }
    assert found == listed


@pytest.mark.parametrize("stuk", [di01(INHOUD), du01(INHOUD), fo01()])
def test_another_reader_of_the_schemas_finds_no_fault(stuk: Envelop | Foutbericht) -> None:
    schema = xmlschema.XMLSchema(str(SCHEMAS / "ggk0210.xsd"))
    assert [] == list(schema.iter_errors(write(stuk).decode().partition("?>")[2]))


def test_a_text_beyond_the_usual_limit_of_a_reader_is_read() -> None:
    large = b"<x>" + b"y" * 18_000_000 + b"</x>"
    written = write(di01(large))
    assert MOST_SENT > len(written) > 24_000_000
    stuk = read(parse(written))
    assert isinstance(stuk, Envelop)
    assert large == stuk.inhoud


def test_one_byte_beyond_the_limit_is_not_read() -> None:
    body = write(di01(INHOUD))
    room = MOST_RECEIVED - len(body)
    assert isinstance(read(parse(body + b" " * room)), Envelop)
    assert "StUF055" == refusal(body + b" " * (room + 1))[0]


def test_nothing_beyond_the_limit_is_written() -> None:
    with pytest.raises(EnvelopGeweigerd, match="groter dan 25000000 bytes"):
        write(di01(b"x" * 18_750_000))


@pytest.mark.parametrize(
    ("told", "content"),
    [
        ("PHg+\r\n aW5o\tb3VkPC94Pg==", INHOUD),
        ("\n  PHg+aW5ob3VkPC94Pg==\n", INHOUD),
        ("Yf8A", b"a\xff\0"),
        ("H4sI", b"\x1f\x8b\x08"),  # compressed bytes stay what they are
    ],
)
def test_base64_may_have_blanks_and_comes_out_byte_for_byte(told: str, content: bytes) -> None:
    assert content == inhoud(told)


@pytest.mark.parametrize(
    "told", ["", " \n", "77u/", "QUJD=", "QUI=QUI=", "QUI", "QR==", "Yf-_", "QUJD!", "QUJDQ"]
)
def test_what_is_no_base64_or_holds_nothing_is_refused(told: str) -> None:
    with pytest.raises(EnvelopGeweigerd) as refused:
        inhoud(told)
    assert "StUF055" == refused.value.code


@pytest.mark.parametrize(
    "number",
    [
        "d9b2d63d-a233-1123-847a-76838ca1ebd2",  # version 1
        UUID.upper(),
        f"{{{UUID}}}",
        UUID + "1" * 5,
        "",
    ],
)
def test_a_referentienummer_is_a_uuid_of_version_4_in_lower_case(number: str) -> None:
    code, text = refusal(changed(UUID, number))
    assert "StUF055" == code
    assert text.startswith("de envelop voldoet niet aan het schema bij referentienummer, regel ")


def test_a_fault_may_name_any_number() -> None:
    body = changed(UUID, "D9B2D63D-a233-1123-847a-76838CA1EBD2", write(fo01()))
    assert isinstance(read(parse(body)), Foutbericht)


@pytest.mark.parametrize("tijdstip", ["20250230", "20991231235959", "00000000000000000"])
def test_a_moment_is_a_text_on_which_nothing_depends(tijdstip: str) -> None:
    stuk = read(parse(changed("20251205101500000", tijdstip)))
    assert tijdstip == stuk.stuurgegevens.tijdstip


@pytest.mark.parametrize("naam", ["../x.csv", "x" * 256, "    ", "a b c", "x", "c:\\x.csv"])
def test_the_name_of_a_file_is_only_a_name(naam: str) -> None:
    body = changed("overzicht.csv", naam, write(di01(b"a;b", bestandsnaam="overzicht.csv")))
    assert "StUF055" == refusal(body)[0]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", ("StUF055", "het bericht is geen goed gevormde XML in UTF-8, regel 1")),
        (b"<a>", ("StUF055", "het bericht is geen goed gevormde XML in UTF-8, regel 1")),
        (b"<a>\xff</a>", ("StUF055", "het bericht is geen goed gevormde XML in UTF-8, regel 1")),
        (
            b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            ("StUF055", "het bericht heeft een DOCTYPE; dat wordt niet gelezen"),
        ),
        (b"<a/>", ("StUF022", "a is geen Di01, Du01 of Fo01 van GGk 2.1")),
        (
            changed("koppelvlak/ggk0210", "koppelvlak/ggk0310"),
            ("StUF004", "GGk 0310 wordt niet bediend, alleen 0210"),
        ),
    ],
)
def test_another_thing_than_an_envelope_is_refused(body: bytes, expected: tuple[str, str]) -> None:
    assert expected == refusal(body)


def test_a_party_has_a_name_that_can_be_answered() -> None:
    expected = ("StUF055", "een zender of ontvanger heeft een teken dat niet kan")
    assert expected == refusal(changed("VECOZOWebservice", "VECOZO\n\tWebservice"))


def test_utf_16_is_refused() -> None:
    assert "StUF055" == refusal(write(di01(INHOUD)).decode().encode("utf-16"))[0]


def test_a_namespace_that_is_no_address_has_no_one_form_and_is_refused() -> None:
    body = write(di01(b"<a/>"))
    odd = body.replace(b" xmlns:", b' xmlns:x="geen/adres" xmlns:', 1)
    with pytest.raises(EnvelopGeweigerd, match="geen volledig adres"):
        canonical(parse(odd))


def test_a_refusal_tells_no_value() -> None:
    assert "999990019" not in refusal(changed("Di01<", "999990019<"))[1]


def test_what_xml_cannot_hold_is_not_written() -> None:
    with pytest.raises(EnvelopGeweigerd, match="omschrijving heeft een teken"):
        write(fo01(Fout("IB101", f"geen route{UNREAD}")))
