"""Bytes that are no text, text that is no word, words that a screen or log could obey."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zlib
from pathlib import Path

import pytest

from gateway.cli.replay_output import effect_csv
from gateway.pipeline.effect import Effect
from tests.faults.attacks import LETTER, NO_XML, NOT_WELL_FORMED, OTHER_ENCODINGS
from tests.faults.conftest import Install
from tests.faults.harness import EMBEDDED, PRODUCTION, SHARED
from tests.faults.length import modes
from tests.faults.load import Message, family
from tests.integration.berichten import (
    WETTEN,
    counted,
    familie,
    made,
    process,
    renumbered,
    run,
    write,
)
from tests.integration.refusals import alone, refused, unread
from tests.opslag import rows_of, store_of

on_both = pytest.mark.usefixtures("opslag")

# What a sender may put in a name or a reference: each is kept as it is.
NAMES = [
    "é ß ğ ő",
    "e\u0301 naast é",
    "\u200f\u202eomgekeerd\u202c",
    "\U0001f600 \U0001f469\u200d\U0001f467",
    "\u9f8d \u00a0\u2028\u2029",
    "\x85\x9b2J",
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7} %s %n",
    "=cmd()|'/C calc'!A0",
    "[/b][red]",
    "'; DROP TABLE inbox; --",
    "x' or '1'='1",
    '"] | //*[name()="Bsn"] | ["',
    'eerste\r\n{"event": "vals"}',
]


def escaped(text: str) -> str:
    """A text as it stands inside an element."""
    for old, new in (("&", "&amp;"), ("<", "&lt;"), ("\r", "&#13;"), ("\n", "&#10;")):
        text = text.replace(old, new)
    return text


# --- Encodings --------------------------------------------------------------------------------


@pytest.mark.parametrize("naam", OTHER_ENCODINGS)
def test_59_alleen_utf8_wordt_gelezen(naam: str, tmp_path: Path) -> None:
    told = refused(tmp_path, OTHER_ENCODINGS[naam])
    assert re.search("UTF|geen goed gevormde XML|teken|bevat geen XML", told), told


@on_both
def test_59_een_letter_wordt_nooit_twee_letters(tmp_path: Path) -> None:
    paths = write(tmp_path / "in", goed=LETTER.encode(), **OTHER_ENCODINGS)
    process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    stored = rows_of(tmp_path, "SELECT found, text, expected, pad FROM bevinding")
    assert len(stored) >= len(OTHER_ENCODINGS)
    written = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*.jsonl")]
    assert [] == [text for text in (*written, *map(str, stored)) if "Ã" in text]


@pytest.mark.parametrize("name", ["UTF-8", "utf-8", "Utf-8"])
def test_59_utf8_mag_met_elke_hoofdletter(name: str, tmp_path: Path) -> None:
    content = f'<?xml version="1.0" encoding="{name}" standalone="yes"?>\n'.encode()
    assert ["accepted"] == alone(tmp_path, content + made("JW301")).verdicts


@pytest.mark.parametrize("wet", WETTEN)
def test_59_een_byte_order_mark_mag_met_een_signaal(wet: str, tmp_path: Path) -> None:
    plain = familie(tmp_path / "in", wet)
    marked = write(
        tmp_path / "merk", **{path.stem: codecs.BOM_UTF8 + path.read_bytes() for path in plain}
    )
    first, second = process(tmp_path / "1", *plain), process(tmp_path / "2", *marked)
    assert ["accepted"] * 4 == second.verdicts
    assert [["S190"]] * 4 == [second.rules(index) for index in range(4)]
    assert ["signal"] * 4 == [deviation["effect"] for deviation in second.deviations]
    assert 0 == second.code
    assert first.records == second.records


def test_59_een_byte_order_mark_voor_een_declaratie(tmp_path: Path) -> None:
    content = codecs.BOM_UTF8 + b'<?xml version="1.0" encoding="UTF-8"?>' + made("JW301")
    done = alone(tmp_path, content)
    assert (["accepted"], ["S190"]) == (done.verdicts, done.rules())


def test_59_twee_byte_order_marks_is_er_een_te_veel(tmp_path: Path) -> None:
    refused(tmp_path, codecs.BOM_UTF8 * 2 + made("JW301"))


# --- Not well-formed --------------------------------------------------------------------------


@pytest.mark.parametrize("naam", NO_XML)
def test_60_wat_geen_xml_is(naam: str, tmp_path: Path) -> None:
    assert unread(tmp_path, NO_XML[naam]).startswith("het bericht ")


@pytest.mark.parametrize("naam", NOT_WELL_FORMED)
def test_60_wat_niet_goed_gevormd_is(naam: str, tmp_path: Path) -> None:
    told = refused(tmp_path, made("JW305", NOT_WELL_FORMED[naam]))
    assert re.search("het bericht|een andere naamruimte|entiteit", told), told


@pytest.mark.parametrize("part", [0.02, 0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("naam", ["JW301", "WMO305", "JW323"])
def test_60_afgekapt(naam: str, part: float, tmp_path: Path) -> None:
    content = made(naam)
    assert refused(tmp_path, content[: int(len(content.rstrip()) * part)])


def test_60_afgekapt_op_elke_plaats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = made("WMO305").rstrip()
    paths = write(tmp_path, **{f"n{cut:04}": content[:cut] for cut in range(1, len(content), 37)})
    assert 1 == run(["check", *map(str, paths)])
    assert "in orde" not in capsys.readouterr().out


# --- Words ------------------------------------------------------------------------------------


@on_both
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vrij <!-- stil -->te besteden", "Vrij te besteden"),
        ("Vrij<?pi stil?> te besteden", "Vrij te besteden"),
        ("<![CDATA[Vrij te <b> &amp; besteden]]>", "Vrij te <b> &amp; besteden"),
        ("Vrij &lt;te&gt; &amp; &quot;besteden&apos;", "Vrij <te> & \"besteden'"),
        ("Vr&#105;j t&#x65; besteden", "Vrij te besteden"),
        ("een&#13;&#10;regel", "een\r\nregel"),
        *((escaped(name), name) for name in NAMES),
    ],
)
def test_56_57_61_tekst_wordt_bewaard_zoals_zij_is_bedoeld(
    text: str, expected: str, tmp_path: Path
) -> None:
    content = made("JW301", ("Vrij te besteden", text))
    (path,) = write(tmp_path / "in", a=content)
    done = process(tmp_path / "out", path, options=("--store", store_of(tmp_path)))
    assert ["accepted"] == done.verdicts, done.outcomes
    told = str(done.records[1]["commentaar"]).removesuffix(" binnen het budget.")
    assert expected == told
    pieces = rows_of(tmp_path, "SELECT data FROM inbox_stuk ORDER BY nr")
    assert content == b"".join(zlib.decompress(data) for (data,) in pieces)


REFERENCES = ["[/b][red]\x9b2J", "\u202e321-30-5202", "\x7f\x85een&#10;twee", "=cmd()"]


@on_both
@pytest.mark.parametrize("reference", REFERENCES)
def test_61_een_scherm_gehoorzaamt_geen_afzender(
    reference: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = [(">2025-03-001<", f">{reference}<"), ("<ijw:Bedrag>60000", "<ijw:Bedrag>60001")]
    paths = write(
        tmp_path / "in",
        a=made("JW301"),
        b=made("JW323", *changes, (">85000<", ">85001<")),
        c=made("JW305", ("<jw305:Geslacht>2", f"<jw305:Geslacht>{reference}")),
    )
    store = ["--store", store_of(tmp_path)]
    done = process(tmp_path / "out", *paths, options=tuple(store))
    assert ["accepted", "partly", "invalid"] == done.verdicts, done.outcomes
    capsys.readouterr()
    kept = reference.replace("&#10;", "\n")
    assert 1 == run(["causes", "--json", *store])
    (cause,) = [
        one["id"] for one in json.loads(capsys.readouterr().out)["causes"] if one["rule"] == "TR346"
    ]
    for arguments in (
        ["check", str(paths[2])],
        ["ledger", "line", "D202503", kept, *store],
        ["causes", cause, *store],
        ["status", *store],
        ["explain", "D202503", f"{kept}?", *store],
    ):
        run(arguments)
        told = "".join(capsys.readouterr())
        assert told
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", told), told
    assert 0 == run(["ledger", "line", "D202503", kept, *store])
    visible = re.sub("[\n\x7f-\x9f\u202e]", lambda c: f"\\u{ord(c[0]):04x}", kept)
    assert f" {visible}: debet" in capsys.readouterr().out


def test_61_een_rekenblad_rekent_niets_uit() -> None:
    effect = Effect()
    for naam in ("=cmd()", "+1", "-1", "@SUM(A1)", "12345678"):
        effect.aanbieders[naam] = effect.totaal
    told = list(csv.reader(io.StringIO(effect_csv(effect))))
    shown = {row[2] for row in told if row[0] == "aanbieder"}
    assert {"'=cmd()", "'+1", "'-1", "'@SUM(A1)", "12345678"} == shown


@on_both
@pytest.mark.parametrize("name", NAMES)
def test_62_een_waarde_is_geen_opdracht(name: str, tmp_path: Path) -> None:
    identificatie, referentie = name.partition("\r")[0][:12], name[:20]
    changes = [(">I7<", f">{escaped(identificatie)}<"), (">7-1<", f">{escaped(referentie)}<")]
    paths = write(
        tmp_path / "in",
        a=made("JW301"),
        b=renumbered("JW323", "7", *changes),
        c=made("JW323"),
    )
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert ["accepted", "accepted"] == done.verdicts[:2], done.outcomes
    assert identificatie == done.outcomes[1]["identification"]
    stored = rows_of(tmp_path, "SELECT referentienummer FROM prestatie ORDER BY id")
    assert (referentie,) == stored[0]
    assert 2 == counted(tmp_path)["toewijzing"]


FORGED = 'x\n{"event": "vals"}\x1b[2J'


@modes(EMBEDDED, SHARED, PRODUCTION)
def test_62_een_log_blijft_een_regel_per_gebeurtenis(install: Install, modus: str) -> None:
    installation = install(modus)
    started = installation.start_all()
    installation.edges.offer(
        *family(1),
        Message("slecht", made("JW305", ("<jw305:Geslacht>2", "<jw305:Geslacht>\x85\x9b2J"))),
        *(
            Message(f"vals-{number}", made("JW305", ("JW305-0001", escaped(name[:12]))))
            for number, name in enumerate(NAMES)
        ),
    )
    if modus != PRODUCTION:
        installation.edges.offer(Message(FORGED, b"<geen"))
    assert [] == installation.violations()
    for process_ in started:
        logged = [json.loads(line)["event"] for line in process_.logged().split("\n")[:-1]]
        assert logged
        assert "vals" not in logged


def test_62_een_bestandsnaam_is_geen_regel_van_een_scherm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = write(tmp_path / "in", **{FORGED: b"<geen"})
    assert 1 == run(["check", str(path)])
    assert 'x\\u000a{"event": "vals"}\\u001b[2J.xml: 1 keer' in capsys.readouterr().out
    assert 2 == run(["check", str(path.with_name(f"{FORGED}-weg"))])
    assert 1 == capsys.readouterr().err.count("\n")
