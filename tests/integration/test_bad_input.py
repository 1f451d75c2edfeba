"""Bad input: one clear Dutch sentence, the right verdict and exit code, and nothing half stored."""

from __future__ import annotations

import codecs
import json
import os
import re
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

import gateway.cli.process
from tests.integration.berichten import (
    BASE,
    BSN,
    WETTEN,
    Verwerkt,
    bericht,
    by_name,
    changed,
    counted,
    familie,
    local,
    made,
    process,
    renumbered,
    run,
    sentence,
    write,
)
from tests.opslag import store_of

NIETS = {"toewijzing": 0, "levering": 0, "declaratie": 0, "prestatie": 0}
ENGLISH = re.compile(r"\b(the|is not|expected|element '|invalid|error|missing|found)\b", re.I)
NS = "http://www.istandaarden.nl/ijw/3_2/jw305/schema"


def _one(folder: Path, content: bytes) -> Verwerkt:
    """What becomes of one message."""
    (path,) = write(folder / "in", fout=content)
    done = process(folder / "out", path)
    assert 1 == len(done.outcomes)
    return done


def _refused(folder: Path, content: bytes) -> str:
    """The sentence about a message that is invalid: level 1, no answer, nothing registered."""
    done = _one(folder, content)
    (outcome,) = done.outcomes
    assert ("invalid", 1, None, 1) == (
        outcome["verdict"],
        outcome["level"],
        outcome["answer"],
        done.code,
    )
    assert ([], [], {}) == (done.records, done.deviations, done.answers)
    for finding in outcome["findings"]:
        assert "reject" == finding["effect"]
        assert finding["retourcode"] is None
        assert not ENGLISH.search(finding["text"]), finding["text"]
        assert "\n" not in finding["text"]
    return str(outcome["findings"][0]["text"])


def _unread(folder: Path, content: bytes) -> str:
    """The sentence about bytes that are no message at all."""
    told = _refused(folder, content)
    done = Verwerkt(1, folder / "out")
    assert done.outcomes[0]["message"] is None
    assert done.outcomes[0]["wet"] is None
    assert ["XML"] == done.rules()
    return told


GEEN_XML = {
    "leeg": b"",
    "witruimte": b" \n\t ",
    "tekst": b"dit is geen bericht",
    "json": b'{"bericht": 1}',
    "pdf": b"%PDF-1.7\n\x00\x01\xff",
    "zip": b"PK\x03\x04" + bytes(range(256)),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(64),
    "open_element": b"<a",
    "niet_gesloten": b"<a>",
    "nul": b"\x00",
    "nullen": bytes(1000),
}


@pytest.mark.parametrize("naam", GEEN_XML)
def test_what_is_no_xml_is_invalid_with_one_sentence(naam: str, tmp_path: Path) -> None:
    told = _unread(tmp_path, GEEN_XML[naam])
    assert told.startswith("het bericht ")


def test_another_document_is_no_message(tmp_path: Path) -> None:
    told = _unread(tmp_path, b"<html><body>Storing</body></html>")
    assert "het element <html> is geen bericht van iWmo of iJw 3.2" == told


def test_a_message_name_without_its_namespace_is_no_message(tmp_path: Path) -> None:
    assert "<Bericht>" in _unread(tmp_path, b"<Bericht/>")


@pytest.mark.parametrize(("oud", "release"), [("3_1", "3.1"), ("3_3", "3.3"), ("2_4", "2.4")])
@pytest.mark.parametrize("wet", WETTEN)
def test_another_release_is_named(wet: str, oud: str, release: str, tmp_path: Path) -> None:
    told = _unread(tmp_path, made(f"{wet}305").replace(b"/3_2/", f"/{oud}/".encode()))
    naam = {"JW": "ijw", "WMO": "iwmo"}[wet]
    assert f"release {release} van {naam} wordt niet bediend, alleen 3.2" == told


def test_a_municipality_that_is_not_served_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_GEMEENTEN", "0150")
    assert "gemeente 0193 wordt door deze installatie niet bediend" == _refused(
        tmp_path, made("JW305")
    )
    outcome = Verwerkt(1, tmp_path / "out").outcomes[0]
    assert ("JW305", "jeugdwet", "0193") == (
        outcome["message"],
        outcome["wet"],
        outcome["receiver"],
    )


def test_a_message_larger_than_the_cap_is_refused_by_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = made("JW305")
    (path,) = write(tmp_path, groot=content)
    monkeypatch.setenv("GATEWAY_BYTECAP", str(len(content)))
    assert 0 == run(["check", str(path)])
    monkeypatch.setenv("GATEWAY_BYTECAP", str(len(content) - 1))
    capsys.readouterr()
    assert 1 == run(["check", str(path)])
    assert f"groter dan de grens van {len(content) - 1} bytes" in capsys.readouterr().out


def test_a_message_larger_than_the_cap_of_process_is_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = made("JW305")
    monkeypatch.setattr(gateway.cli.process, "CAP", len(content))
    assert ["rejected"] == _one(tmp_path / "past", content).verdicts
    told = _refused(tmp_path / "groter", content + b"\n")
    assert f"het bericht is groter dan de grens van {len(content)} bytes" == told


def test_an_invoice_over_the_cap_stores_none_of_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = etree.fromstring(made("JW323"))
    (lines,) = by_name(root, "Prestaties")
    for number in range(2000):
        copy = etree.fromstring(etree.tostring(lines[0]))
        by_name(copy, "ReferentieNummer")[0].text = f"R{number}"
        lines.append(copy)
    content = etree.tostring(root)
    monkeypatch.setattr(gateway.cli.process, "CAP", len(content) - 10)
    assert "groter dan de grens" in _refused(tmp_path, content)


@pytest.mark.parametrize("part", [0.02, 0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("naam", ["JW301", "WMO305", "JW323"])
def test_a_truncated_message_is_invalid(naam: str, part: float, tmp_path: Path) -> None:
    content = made(naam)
    cut = content[: int(len(content.rstrip()) * part)]
    assert _refused(tmp_path, cut)


def test_every_truncation_of_a_small_message_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = made("WMO305").rstrip()
    paths = write(tmp_path, **{f"n{cut:04}": content[:cut] for cut in range(1, len(content), 37)})
    assert 1 == run(["check", *map(str, paths)])
    assert "in orde" not in capsys.readouterr().out


# --- DOCTYPE ----------------------------------------------------------------------------------


class Luisteraar:
    """A server on this machine that counts who calls."""

    def __init__(self) -> None:
        self.hits = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()
        self._thread.join()
        self._server.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._server.accept()
            except TimeoutError:
                continue
            self.hits += 1
            connection.close()


@pytest.fixture
def luisteraar() -> Iterator[Luisteraar]:
    server = Luisteraar()
    yield server
    server.close()


LACHEN = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lach"}">' for n in range(12))
DOCTYPES = {
    "intern_onschuldig": "<!DOCTYPE x [<!ELEMENT x ANY>]>",
    "leeg": "<!DOCTYPE x>",
    "extern": '<!DOCTYPE x SYSTEM "{url}/x.dtd">',
    "publiek": '<!DOCTYPE x PUBLIC "-//X//Y" "{url}/x.dtd">',
    "bestand": '<!DOCTYPE x [<!ENTITY l11 SYSTEM "file://{geheim}">]>',
    "http": '<!DOCTYPE x [<!ENTITY l11 SYSTEM "{url}/geheim">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "{url}/p.dtd"> %p;]>',
    "lachen": f"<!DOCTYPE x [{LACHEN}]>",
    "kwadratisch": f'<!DOCTYPE x [<!ENTITY l11 "{"a" * 50_000}">]>',
}


@pytest.mark.parametrize("naam", DOCTYPES)
@pytest.mark.parametrize("gebruikt", [False, True], ids=["niet_gebruikt", "gebruikt"])
def test_any_doctype_is_refused_fast_and_without_network(
    naam: str, gebruikt: bool, luisteraar: Luisteraar, tmp_path: Path
) -> None:
    geheim = tmp_path / "geheim.txt"
    geheim.write_text("heel geheim", encoding="utf-8")
    doctype = DOCTYPES[naam].replace("{url}", luisteraar.url).replace("{geheim}", str(geheim))
    used = "&l11;" * (1000 if naam == "kwadratisch" else 1) if gebruikt else "Noor"
    begin = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = _unread(
        tmp_path, changed(f"<?xml version='1.0'?>{doctype}{bericht('JW305')}", ("Noor", used))
    )
    assert time.perf_counter() - begin < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
    assert "DOCTYPE" in told
    assert "geheim" not in (tmp_path / "out" / "outcomes.jsonl").read_text(encoding="utf-8")
    assert 0 == luisteraar.hits


def test_an_entity_that_nobody_declared_is_refused(tmp_path: Path) -> None:
    assert "entiteit" in _refused(tmp_path, made("JW305", ("Noor", "&naam;")))


def test_xinclude_stylesheets_and_schema_locations_are_not_followed(
    luisteraar: Luisteraar, tmp_path: Path
) -> None:
    content = made("JW305").decode()
    place = (
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{NS} {luisteraar.url}/JW305.xsd"'
    )
    style = f'<?xml-stylesheet href="{luisteraar.url}/x.xsl" type="text/xsl"?>'
    content = style + content.replace("<jw305:Bericht", f"<jw305:Bericht{place}", 1)
    include = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{luisteraar.url}/i.xml"/>'
    )
    done = _one(tmp_path / "plaats", content.encode())
    assert ["rejected"] == done.verdicts
    _refused(tmp_path / "include", content.replace("Noor Elin", include).encode())
    assert 0 == luisteraar.hits


# --- What stands inside a value ---------------------------------------------------------------


def _naam(folder: Path, text: str) -> str:
    """The Commentaar of an assignment as it was registered; `text` replaces its first word."""
    (path,) = write(folder / "in", a=made("JW301", ("Vrij te besteden", text)))
    done = process(folder / "out", path)
    assert ["accepted"] == done.verdicts, done.outcomes
    return str(done.records[1]["commentaar"]).removesuffix(" binnen het budget.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vrij <!-- stil -->te besteden", "Vrij te besteden"),
        ("Vrij<?pi stil?> te besteden", "Vrij te besteden"),
        ("<![CDATA[Vrij te <b> &amp; besteden]]>", "Vrij te <b> &amp; besteden"),
        ("Vrij &lt;te&gt; &amp; &quot;besteden&apos;", "Vrij <te> & \"besteden'"),
        ("Vr&#105;j t&#x65; besteden", "Vrij te besteden"),
        ("é ß ğ \u0065\u0301 \u200f\U0001f600", "é ß ğ \u0065\u0301 \u200f\U0001f600"),
        ("<![CDATA[<script>]]>{{7*7}} =cmd()", "<script>{{7*7}} =cmd()"),
        ("'; DROP TABLE inbox; --", "'; DROP TABLE inbox; --"),
        ("een&#13;&#10;regel", "een\r\nregel"),
    ],
)
def test_text_is_registered_as_it_was_meant(text: str, expected: str, tmp_path: Path) -> None:
    assert expected == _naam(tmp_path, text)


@pytest.mark.parametrize(
    "between", ["<!-- -->", "<?pi?>", "<!----><!-- 9 -->", "<![CDATA[]]>"], ids=list("abcd")
)
def test_a_number_is_never_cut_by_what_stands_inside_it(between: str, tmp_path: Path) -> None:
    paths = write(
        tmp_path / "in",
        a=made("JW301", (">100001<", ">123456<")),
        b=made("JW323", (">100001<", f">123{between}456<"), (">60000<", f">600{between}00<")),
    )
    done = process(tmp_path / "out", *paths)
    assert ["accepted", "accepted"] == done.verdicts, done.outcomes
    regel = done.records[3]
    assert (123456, 60000) == (regel["toewijzingnummer"], regel["bedrag"])


def test_cdata_and_character_references_equal_plain_text_in_an_answer(tmp_path: Path) -> None:
    plain = familie(tmp_path / "in")
    other = write(
        tmp_path / "anders",
        JW301=plain[0].read_bytes(),
        JW323=made(
            "JW323",
            (">D202503<", "><![CDATA[D2025]]>0&#51;<"),
            (">12345678<", "><![CDATA[1234]]>5678<"),
        ),
    )
    one = process(tmp_path / "1", plain[0], plain[2])
    two = process(tmp_path / "2", *other)
    assert one.verdicts == two.verdicts
    codes = [
        [(local(e), e.text) for e in etree.fromstring(done.answers["JW323.JW325.xml"]).iter()]
        for done in (one, two)
    ]
    number = {"Identificatie", "IdentificatieRetour"}
    first, second = ([pair for pair in one if pair[0] not in number] for one in codes)
    assert first == second


# --- Encodings --------------------------------------------------------------------------------

ANDERS = {
    "utf16_met_merk": bericht("JW305").encode("utf-16"),
    "utf16_le": bericht("JW305").encode("utf-16-le"),
    "utf16_be": bericht("JW305").encode("utf-16-be"),
    "utf32": bericht("JW305").encode("utf-32"),
    "latin1": b"<?xml version='1.0' encoding='ISO-8859-1'?>"
    + bericht("JW305").replace("Noor", "Zoë").encode("latin-1"),
    "latin1_zonder_letters": b'<?xml version="1.0" encoding="iso-8859-1"?>' + made("JW305"),
    "windows1252": b"<?xml version='1.0' encoding='windows-1252'?>" + made("JW305"),
    "utf7": b"<?xml version='1.0' encoding='UTF-7'?>" + made("JW305"),
    "onbekend": b"<?xml version='1.0' encoding='klingon'?>" + made("JW305"),
    "ebcdic": bericht("JW305").encode("cp500"),
    "ongeldig": bericht("JW305").replace("Noor", "Zoë").encode("latin-1"),
    "te_lang": made("JW305").replace(b"Noor", b"\xc0\xafoor"),
    "losse_helft": made("JW305").replace(b"Noor", b"\xed\xa0\x80oor"),
    "halve_letter": made("JW305").replace(b"Noor Elin<", b"Noor \xc3<"),
}


@pytest.mark.parametrize("naam", ANDERS)
def test_only_utf8_is_read(naam: str, tmp_path: Path) -> None:
    told = _refused(tmp_path, ANDERS[naam])
    assert re.search("UTF|geen goed gevormde XML|teken|bevat geen XML", told), told


def test_a_declaration_of_utf8_in_any_case_is_fine(tmp_path: Path) -> None:
    for number, name in enumerate(("UTF-8", "utf-8", "Utf-8")):
        content = f'<?xml version="1.0" encoding="{name}" standalone="yes"?>\n'.encode()
        assert ["accepted"] == _one(tmp_path / str(number), content + made("JW301")).verdicts


@pytest.mark.parametrize("wet", WETTEN)
def test_a_byte_order_mark_is_tolerated_with_a_signal(wet: str, tmp_path: Path) -> None:
    plain = familie(tmp_path / "in", wet)
    marked = write(
        tmp_path / "merk", **{path.stem: codecs.BOM_UTF8 + path.read_bytes() for path in plain}
    )
    one, two = process(tmp_path / "1", *plain), process(tmp_path / "2", *marked)
    assert ["accepted"] * 4 == two.verdicts
    assert [["S190"]] * 4 == [two.rules(index) for index in range(4)]
    assert ["signal"] * 4 == [deviation["effect"] for deviation in two.deviations]
    assert 0 == two.code
    assert one.records == two.records


def test_a_byte_order_mark_before_a_declaration_is_tolerated(tmp_path: Path) -> None:
    content = codecs.BOM_UTF8 + b'<?xml version="1.0" encoding="UTF-8"?>' + made("JW301")
    done = _one(tmp_path, content)
    assert (["accepted"], ["S190"]) == (done.verdicts, done.rules())


def test_two_byte_order_marks_are_one_too_many(tmp_path: Path) -> None:
    _refused(tmp_path, codecs.BOM_UTF8 * 2 + made("JW301"))


# --- Size and shape ---------------------------------------------------------------------------


def _timed(folder: Path, content: bytes) -> str:
    begin = time.perf_counter()
    told = _refused(folder, content)
    assert time.perf_counter() - begin < 10
    return told


@pytest.mark.parametrize("depth", [300, 100_000])
def test_a_message_that_is_too_deep_is_refused(depth: int, tmp_path: Path) -> None:
    inside = "<a>" * depth + "</a>" * depth
    assert "<a> is geen bericht" in _timed(tmp_path / "buiten", inside.encode())
    told = _timed(tmp_path / "binnen", made("JW305", ("Noor Elin", inside)))
    assert len(told) < 500, told


def test_twenty_thousand_attributes_are_refused(tmp_path: Path) -> None:
    attributes = " ".join(f'a{number}="x"' for number in range(20_000))
    told = _timed(tmp_path, made("JW305", ("<jw305:Client>", f"<jw305:Client {attributes}>")))
    assert "geen attributen" in told
    assert len(told) < 500


def test_an_attribute_of_eleven_megabytes_is_refused(tmp_path: Path) -> None:
    attribute = "x" * 11_000_000
    told = _timed(tmp_path, made("JW305", ("<jw305:Client>", f'<jw305:Client a="{attribute}">')))
    assert len(told) < 500


def test_a_text_of_eleven_megabytes_is_refused(tmp_path: Path) -> None:
    told = _timed(tmp_path, made("JW305", ("Noor Elin", "x" * 11_000_000)))
    assert len(told) < 500
    assert "xxxxx" not in told


def test_a_hundred_thousand_siblings_too_many_are_refused(tmp_path: Path) -> None:
    extra = "<jw305:Extra/>" * 100_000
    told = _timed(tmp_path, made("JW305", ("</jw305:Client>", f"</jw305:Client>{extra}")))
    assert "<Extra>" in told


ONGELDIG = {
    "nul": ("Noor", "No\x00or"),
    "stuurteken": ("Noor", "No\x07or"),
    "fffe": ("Noor", "No\ufffeor"),
    "nul_als_verwijzing": ("Noor", "No&#0;or"),
    "losse_ampersand": ("Noor", "No & or"),
    "verkeerde_sluiting": ("</jw305:Header>", "</jw305:Hoofd>"),
    "twee_wortels": ("</jw305:Bericht>", "</jw305:Bericht><extra/>"),
    "tweemaal": ("</jw305:Bericht>", f"</jw305:Bericht>{bericht('JW305')}"),
    "tekst_erna": ("</jw305:Bericht>", "</jw305:Bericht>rest"),
    "zonder_naamruimte": ("xmlns:ijw=", "xmlns:anders="),
    "wit_voor_declaratie": ("<jw305:Bericht", " <?xml version='1.0'?><jw305:Bericht"),
}


@pytest.mark.parametrize("naam", ONGELDIG)
def test_xml_that_is_not_well_formed_is_refused(naam: str, tmp_path: Path) -> None:
    told = _refused(tmp_path, made("JW305", ONGELDIG[naam]))
    assert "het bericht" in told or "een andere naamruimte" in told


# --- Values that the schema refuses -----------------------------------------------------------

WAARDEN = {
    "jaar_12026": ("JW301", "<jw301:Toewijzingsdatum>2025-01-02", "12026-01-02"),
    "jaar_negatief": ("JW301", "<jw301:Toewijzingsdatum>2025-01-02", "-2025-01-02"),
    "datum_met_zone": ("JW301", "<jw301:Toewijzingsdatum>2025-01-02", "2025-01-02Z"),
    "dertigste_februari": ("JW301", "<jw301:Ingangsdatum>2025-01-01", "2025-02-30"),
    "tijd_negatieve_zone": ("JW301", "<jw301:Toewijzingstijd>09:30:00", "09:30:00-05:00"),
    "tijd_zone": ("JW301", "<jw301:Toewijzingstijd>09:30:00", "09:30:00+01:00"),
    "tijd_z": ("JW301", "<jw301:Toewijzingstijd>09:30:00", "09:30:00Z"),
    "bedrag_exponent": ("JW323", "<ijw:Bedrag>60000", "6e4"),
    "bedrag_te_groot": ("JW323", "<ijw:Bedrag>60000", "100000000"),
    "bedrag_decimaal": ("JW323", "<ijw:Bedrag>60000", "600.00"),
    "bedrag_negatief": ("JW323", "<ijw:Bedrag>60000", "-60000"),
    "bsn_acht_cijfers": ("JW305", f"<jw305:Bsn>{BSN}", "99990000"),
    "bsn_met_punten": ("JW305", f"<jw305:Bsn>{BSN}", "9999.00.006"),
    "bsn_breed": ("JW305", f"<jw305:Bsn>{BSN}", "９９９９００００６"),
    "bsn_leeg": ("JW305", f"<jw305:Bsn>{BSN}", ""),
    "afzender_letters": ("JW305", "<jw305:Afzender>12345678", "abcdefgh"),
}


@pytest.mark.parametrize("naam", WAARDEN)
def test_a_value_that_the_schema_refuses_is_invalid(naam: str, tmp_path: Path) -> None:
    bericht_naam, old, value = WAARDEN[naam]
    told = _refused(tmp_path, made(bericht_naam, (old, old[: old.index(">") + 1] + value)))
    done = Verwerkt(1, tmp_path / "out")
    assert set(done.rules()) == {"XSD"}
    assert bericht_naam == done.outcomes[0]["message"]
    assert re.match(r"regel \d+, /Bericht/\S+: gevonden .+, verwacht .+", told), told


def test_a_year_of_five_digits_is_refused_in_every_date(tmp_path: Path) -> None:
    for naam in ("JW301", "JW305", "JW307", "JW323"):
        root = etree.fromstring(made(naam))
        dates = [one for one in root.iter() if re.fullmatch(r"\d{4}-\d\d-\d\d", one.text or "")]
        for index, one in enumerate(dates):
            before, one.text = one.text, f"1{one.text}"
            write(tmp_path / "in", **{f"{naam}-{index:02}": etree.tostring(root)})
            one.text = before
    done = process(tmp_path / "out", tmp_path / "in")
    assert len(done.outcomes) > 25
    assert {("invalid", 1)} == {(one["verdict"], one["level"]) for one in done.outcomes}


def test_plus_signs_and_leading_zeros_in_amounts_are_read_as_numbers(tmp_path: Path) -> None:
    paths = write(
        tmp_path / "in",
        a=made("JW301"),
        b=made("JW323", ("<ijw:Bedrag>60000", "<ijw:Bedrag>+0060000")),
    )
    done = process(tmp_path / "out", *paths)
    assert done.verdicts[0] == "accepted"
    assert done.verdicts[1] in ("accepted", "invalid")
    amounts = [one["bedrag"] for one in done.records if one["type"] == "Declaratieregel"]
    assert amounts in ([60000, 25000], [])


def test_a_schema_error_tells_line_path_expected_and_found(tmp_path: Path) -> None:
    content = made("JW323", ("<ijw:DebetCredit>D<", "<ijw:DebetCredit>X<"))
    line = 1 + content[: content.index(b">X<")].count(b"\n")
    told = _refused(tmp_path, content)
    path = "/Bericht/Declaratie/TotaalIngediendBedrag/DebetCredit"
    assert f"regel {line}, {path}: gevonden 'X', verwacht een van de codes C, D" == told
    (finding,) = Verwerkt(1, tmp_path / "out").outcomes[0]["findings"]
    assert ("XSD", "DebetCredit", path, "'X'", "een van de codes C, D") == (
        finding["rule"],
        finding["class"],
        finding["path"],
        finding["found"],
        finding["expected"],
    )


SCHEMAFOUTEN = [
    ("<jw305:Geslacht>2", "<jw305:Geslacht>7", "gevonden '7', verwacht een van de codes"),
    ("<jw305:Geslacht>2</jw305:Geslacht>", "", "gevonden het element <Naam>, verwacht <Geslacht>"),
    ("<jw305:Begindatum>2025-01-06", "<jw305:Begindatum>morgen", "verwacht een datum"),
    ("<jw305:Client>", '<jw305:Client id="1">', "een attribuut op <Client>, verwacht geen"),
    ("<jw305:Client>", "<jw305:Client>los", "gevonden tekst in <Client>, verwacht alleen"),
    (">JW305-0001<", ">JW305-0001-te-lang<", "verwacht hoogstens 12 tekens"),
    ("<jw305:ToewijzingNummer>100001", "<jw305:ToewijzingNummer>een", "verwacht een geheel getal"),
    ("<jw305:ToewijzingNummer>100001", "<jw305:ToewijzingNummer>-1", "een getal van minstens"),
    ("<jw305:Afzender>12345678", "<jw305:Afzender>1234567x", "gevonden '1234567x', verwacht"),
    ("<jw305:StartProducten>", "<jw305:Extra/><jw305:StartProducten>", "het element <Extra>"),
    ("Noor Elin", "<b>Noor</b>", "elementen in <Voornamen>, verwacht alleen een waarde"),
]


@pytest.mark.parametrize(("old", "new", "part"), SCHEMAFOUTEN)
def test_every_kind_of_schema_error_is_told_in_dutch(
    old: str, new: str, part: str, tmp_path: Path
) -> None:
    assert part in _refused(tmp_path, made("JW305", (old, new)))


def test_at_most_twenty_schema_errors_are_told(tmp_path: Path) -> None:
    root = etree.fromstring(made("JW323"))
    (lines,) = by_name(root, "Prestaties")
    for _ in range(100):
        copy = etree.fromstring(etree.tostring(lines[0]))
        by_name(copy, "DebetCredit")[0].text = "X"
        lines.append(copy)
    _refused(tmp_path, etree.tostring(root))
    findings = Verwerkt(1, tmp_path / "out").outcomes[0]["findings"]
    assert 20 == len(findings)
    assert 20 == len({finding["path"] for finding in findings})


PERSOONLIJK = {
    "Bsn": "99990000X",
    "Achternaam": "Waterland" * 30,
    "Voorvoegsel": "geheimzinnig" * 10,
    "Voornamen": "Geheimzinnig" * 100,
    "Voorletters": "GEHEIM" * 10,
    "Straatnaam": "Geheimstraat" * 20,
    "Plaatsnaam": "Geheimdorp" * 20,
    "Postcode": "geheim postcode",
    "Huisnummer": "geheim",
    "Huisletter": "geheim",
    "HuisnummerToevoeging": "geheimgeheim",
    "Telefoonnummer": "geheim nummer dat veel te lang is",
    "Landnummer": "geheim",
    "Emailadres": "geheim@voorbeeld.example" * 10,
    "Organisatie": "Geheim BV" * 40,
    "Taal": "Geheimtaal" * 10,
    "Nummer": "geheimgeheimgeheimgeheimgeheim",
    "Datum": "geheim",
}


@pytest.mark.parametrize("element", PERSOONLIJK)
def test_a_schema_error_never_repeats_what_is_personal(element: str, tmp_path: Path) -> None:
    root = etree.fromstring(made("JW301"))
    by_name(root, element)[0].text = PERSOONLIJK[element]
    _refused(tmp_path, etree.tostring(root, encoding="utf-8"))
    told = (tmp_path / "out" / "outcomes.jsonl").read_text(encoding="utf-8")
    assert not re.search("geheim|Waterland|99990000", told, re.I), told


def test_personal_text_beside_elements_is_not_repeated(tmp_path: Path) -> None:
    _refused(tmp_path, made("JW305", ("<jw305:Naam>", "<jw305:Naam>Mevrouw Geheim")))
    assert "Geheim" not in (tmp_path / "out" / "outcomes.jsonl").read_text(encoding="utf-8")


# --- Everything at once -----------------------------------------------------------------------


def test_whatever_is_refused_leaves_no_fact_and_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [*GEEN_XML.values(), *ANDERS.values()]
    bad += [made("JW305", change) for change in ONGELDIG.values()]
    bad += [made("JW323")[:-cut] for cut in (1, 100, 1000, 2500)]
    for naam, old, value in WAARDEN.values():
        bad.append(made(naam, (old, old[: old.index(">") + 1] + value)))
    paths = write(tmp_path / "in", **{f"b{n:02}": content for n, content in enumerate(bad)})
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert {"invalid"} == set(done.verdicts)
    assert (1, NIETS) == (done.code, counted(tmp_path))
    capsys.readouterr()
    assert 0 == run(["status", "--json", "--store", store_of(tmp_path)])
    status = json.loads(capsys.readouterr().out)
    assert (len(bad), len(bad), True, {"invalid": len(bad)}) == tuple(
        status[key] for key in ("received", "answered", "balanced", "verdicts")
    )


def test_bad_files_between_good_ones_change_nothing_for_them(tmp_path: Path) -> None:
    good = familie(tmp_path / "in")
    alone = process(tmp_path / "1", *good)
    bad = write(
        tmp_path / "fout",
        b1=b"<geen",
        b2=made("JW323").replace(b"</jw323:Bericht>", b""),
        b3=made("JW301", (">45A01<", ">te lange code<")),
        b4=made("JW305").replace(b"3_2", b"3_1"),
    )
    mixed = [bad[0], good[0], bad[1], good[1], bad[2], good[2], bad[3], good[3]]
    options = ("--store", store_of(tmp_path))
    done = process(tmp_path / "2", *mixed, options=options)
    assert ["invalid", "accepted"] * 4 == done.verdicts
    assert alone.records == done.records
    assert sorted(alone.answers) == sorted(done.answers)
    assert {"toewijzing": 2, "levering": 4, "declaratie": 1, "prestatie": 2} == counted(tmp_path)
    assert 1 == done.code


def test_a_refused_message_frees_its_numbers(tmp_path: Path) -> None:
    paths = write(
        tmp_path / "in",
        a=made("JW301"),
        b=made("JW323", (">100001<", ">x<")),
        c=made("JW323"),
    )
    done = process(tmp_path / "out", *paths)
    assert ["accepted", "invalid", "accepted"] == done.verdicts


def test_a_message_refused_inside_keeps_its_identification_used(tmp_path: Path) -> None:
    paths = write(
        tmp_path / "in",
        a=made("JW301"),
        b=made("JW323", (">85000<", ">85001<")),
        c=made("JW323"),
    )
    done = process(tmp_path / "out", *paths)
    assert ["accepted", "rejected", "rejected"] == done.verdicts
    assert (2, 3) == (done.outcomes[1]["level"], done.outcomes[2]["level"])
    assert ["TR056"] == done.rules(2)
    again = renumbered("JW323", "9")
    assert ["accepted"] == process(
        tmp_path / "weer", *write(tmp_path / "w", a=made("JW301"), b=again)
    ).verdicts[1:]


def test_rubbish_never_ends_in_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sorted(BASE.glob("*.xml"))
    rubbish = {}
    for index, path in enumerate(names * 6):
        content = bytearray(path.read_bytes())
        for step in range(index // len(names) + 1):
            place = (index * 7919 + step * 104729) % len(content)
            content[place] = (index * 31 + step * 17) % 256
        rubbish[f"r{index:03}"] = bytes(content)
    done = process(tmp_path / "out", *write(tmp_path / "in", **rubbish))
    assert done.code in (0, 1)
    assert len(rubbish) == len(done.outcomes)
    assert "parked" not in done.verdicts
    assert ("", "") == capsys.readouterr()


def test_an_unreadable_folder_is_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "dicht"
    folder.mkdir()
    original = Path.iterdir

    def closed(path: Path) -> Iterator[Path]:
        if path == folder:
            raise PermissionError(13, os.strerror(13))
        return original(path)

    monkeypatch.setattr(Path, "iterdir", closed)
    assert 2 == process(tmp_path / "out", folder).code
    assert f"{folder}: deze map is niet te lezen (geen toegang)" == sentence(
        capsys.readouterr().err
    )
