"""`gateway explain`: the receipt of a line, the same every time, and how one is verified."""

from __future__ import annotations

import io
import json
import re
import sys
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree

import gateway.inlezen
from gateway.deviations.policy import Beleid
from tests.integration.berichten import (
    ANDER_BSN,
    BSN,
    PROJECT,
    Tabel,
    by_name,
    made,
    process,
    renumbered,
    run,
    sentence,
    write,
)
from tests.opslag import altered, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
AGREEMENT = """
[overeenkomst]
id = "proef"
naam = "Proef"
versie = "1"
wetten = ["jeugdwet"]
gemeenten = ["0193"]
variant = "inspanning"
peildatum = "productperiode"
dimensies = []

[[cel]]
productcategorie = "45"
productcode = "45A01"
eenheid = "01"
soort = "pxq"
bedrag = 125
vanaf = 2025-01-01
"""
TICKED = re.compile(r"`(\w+)`")
DEARER = AGREEMENT.replace("bedrag = 125", "bedrag = 126").replace('versie = "1"', 'versie = "2"')


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A folder with a store in which two lines were granted and two rejected."""
    return story(tmp_path)


def story(folder: Path, *options: str) -> Path:
    paths = write(
        folder / "in",
        a=made("JW301"),
        b=made("JW305"),
        c=made("JW323"),
        d=renumbered("JW323", "5", (">100001<", ">100009<")),
    )
    done = process(folder / "out", *paths, options=("--store", store_of(folder), *options))
    assert ["accepted", "accepted", "accepted", "rejected"] == done.verdicts, done.outcomes
    return folder


def receipt(capsys: Captured, folder: Path, *arguments: str) -> str:
    capsys.readouterr()
    assert 0 == run(["explain", *arguments, "--store", store_of(folder)]), capsys.readouterr().err
    return capsys.readouterr().out


def explained(capsys: Captured, folder: Path, *arguments: str) -> Tabel:
    document: Tabel = json.loads(receipt(capsys, folder, *arguments))
    return document


def verified(capsys: Captured, folder: Path, text: str, *options: str) -> tuple[int, str]:
    """The exit code and the sentence of `explain --verify`."""
    path = folder / "bewijs.json"
    path.write_bytes(text.encode())
    capsys.readouterr()
    code = run(["explain", "--verify", str(path), "--store", store_of(folder), *options])
    told = capsys.readouterr()
    return code, told.out.strip() or sentence(told.err)


# --- What it tells ----------------------------------------------------------------------------


def test_explain_tells_how_an_accepted_line_was_judged(judged: Path, capsys: Captured) -> None:
    document = explained(capsys, judged, "D202503", "2025-03-001")
    assert ("toegekend", [], []) == (
        document["oordeel"],
        document["retourcodes"],
        document["bevindingen"],
    )
    assert 100001 == document["toewijzing"]["toewijzingnummer"]
    assert {"stap": "volume 480 x tarief 125", "uitkomst": 60000} in document["berekening"]
    assert {"TR304", "TR338", "TR418"} <= set(document["regels"])
    assert "S105" in document["controles"]


def test_explain_takes_the_identification_of_the_message_too(
    judged: Path, capsys: Captured
) -> None:
    one = receipt(capsys, judged, "D202503", "2025-03-001")
    other = receipt(capsys, judged, "JW323-0001", "2025-03-001", "--aanbieder", "12345678")
    assert one == other


def test_explain_tells_why_a_line_was_rejected(judged: Path, capsys: Captured) -> None:
    document = explained(capsys, judged, "D5", "5-1")
    assert ("afgewezen", ["9338"]) == (document["oordeel"], document["retourcodes"])
    (finding,) = document["bevindingen"]
    assert ("TR338", "9338", "reject") == (
        finding["regel"],
        finding["retourcode"],
        finding["effect"],
    )
    assert (None, [], []) == (document["toewijzing"], document["ruimte"], document["controles"])


def test_every_field_of_a_receipt_is_told_and_no_other(judged: Path, capsys: Captured) -> None:
    page = (PROJECT / "docs" / "opdrachten.md").read_text(encoding="utf-8")
    section = page.partition("## `gateway explain`")[2].partition("### Een bewijs nakijken")[0]
    rows = section.partition("| veld |")[2].splitlines()
    told = [name for row in rows if "|" in row for name in TICKED.findall(row.split("|")[1])]
    assert list(explained(capsys, judged, "D5", "5-1")) == told


def test_a_later_line_of_one_message_is_told_what_the_earlier_ones_took(
    tmp_path: Path, capsys: Captured
) -> None:
    paths = write(tmp_path / "in", a=made("JW301"), b=made("JW305"), c=two_months())
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert ["accepted"] * 3 == done.verdicts, done.outcomes
    first, second = (
        {one["stap"]: one["uitkomst"] for one in explained(capsys, tmp_path, *line)["ruimte"]}
        for line in (("D202503", "2025-03-001"), ("D202503", "2025-03-003"))
    )
    before = "toegekend vóór dit bericht (minuten)"
    within = "toegekend in dit bericht vóór deze regel (minuten)"
    left = "over na deze regel (minuten)"
    assert [(0, 0), (0, 240)] == [(one[before], one[within]) for one in (first, second)]
    assert first[left] - 240 == second[left]


def two_months() -> bytes:
    """An invoice with two lines on one assignment: a late month and the month itself."""
    root = etree.fromstring(made("JW323"))
    one, other = by_name(root, "Prestatie")
    line = deepcopy(one)
    by_name(line, "ReferentieNummer")[0].text = by_name(other, "ReferentieNummer")[0].text
    other.getparent().replace(other, line)
    for month, begin, end in ((one, "02-01", "02-28"), (line, "03-01", "03-31")):
        by_name(month, "Begindatum")[0].text = f"2025-{begin}"
        by_name(month, "Einddatum")[0].text = f"2025-{end}"
        by_name(month, "GeleverdVolume")[0].text = "240"
        by_name(month, "Bedrag")[0].text = "30000"
    by_name(root, "TotaalBedrag")[0].text = "60000"
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return body


def test_the_price_and_its_agreement_are_those_of_the_judgement(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "proef.toml").write_text(AGREEMENT, encoding="utf-8")
    story(tmp_path, "--agreements", str(tmp_path / "proef.toml"))
    (tmp_path / "proef.toml").write_text(DEARER, encoding="utf-8")
    document = explained(capsys, tmp_path, "D202503", "2025-03-001")
    assert ("proef", "1", [125]) == tuple(
        document["prijs"][key] for key in ("overeenkomst", "versie", "juistePrijzen")
    )
    assert document["kennis"]["zoalsBeoordeeld"] is True
    assert [("proef", "1")] == [
        (one["id"], one["versie"]) for one in document["kennis"]["overeenkomsten"]
    ]


def test_other_agreements_are_told_to_be_others(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "proef.toml").write_text(AGREEMENT, encoding="utf-8")
    story(tmp_path, "--agreements", str(tmp_path / "proef.toml"))
    (tmp_path / "duurder.toml").write_text(DEARER, encoding="utf-8")
    other = ("--agreements", str(tmp_path / "duurder.toml"))
    document = explained(capsys, tmp_path, "D202503", "2025-03-001", *other)
    assert ("afgewezen", ["0611"]) == (document["oordeel"], document["retourcodes"])
    assert document["kennis"]["zoalsBeoordeeld"] is False
    assert document["kennis"]["hash"] != document["kennis"]["hashBijOordeel"]
    same = ("--agreements", str(tmp_path / "proef.toml"))
    assert receipt(capsys, tmp_path, "D202503", "2025-03-001", *same) == receipt(
        capsys, tmp_path, "D202503", "2025-03-001"
    )


def test_a_judgement_of_before_knowledge_was_kept_says_that(judged: Path, capsys: Captured) -> None:
    for statement in ("UPDATE inbox SET kennis = NULL", "DELETE FROM bewijs", "DELETE FROM kennis"):
        altered(judged, statement)
    document = explained(capsys, judged, "D202503", "2025-03-001")
    assert (None, None) == (
        document["kennis"]["zoalsBeoordeeld"],
        document["kennis"]["hashBijOordeel"],
    )


def test_lines_of_a_refused_client_are_told_why(tmp_path: Path, capsys: Captured) -> None:
    story(tmp_path)
    body = renumbered("JW323", "7").replace(BSN.encode(), ANDER_BSN.encode())
    (path,) = write(tmp_path / "in2", e=body)
    done = process(tmp_path / "out2", path, options=("--store", store_of(tmp_path)))
    assert ["rejected"] == done.verdicts
    document = explained(capsys, tmp_path, "D7", "7-1")
    assert ["0233"] == document["retourcodes"]
    assert [("TR304", "8187")] == [(b["regel"], b["retourcode"]) for b in document["bevindingen"]]
    assert "TR304" in document["regels"]
    assert not {"TR418", "TR322"} & set(document["regels"])


def test_no_receipt_holds_a_bsn(judged: Path, capsys: Captured) -> None:
    unknown, own = (">100001<", ">100009<"), (f"D{BSN}", f"1{BSN}7")
    paths = write(
        judged / "in2",
        e=renumbered("JW323", "8", unknown, ("8-1", BSN)),
        f=renumbered("JW323", "9", unknown, ("I9", f"I_{BSN}"), ("D9", own[0]), ("9-1", own[1])),
        g=renumbered("JW323", "7", ("7-1", f"A-{BSN}")),
    )
    process(judged / "out2", *paths, options=("--store", store_of(judged)))
    known = (("D202503", "2025-03-001"), ("D5", "5-1"), ("D8", BSN), own, ("D7", f"A-{BSN}"))
    for line in known:
        text = receipt(capsys, judged, *line)
        assert BSN not in text, line
        assert 0 == verified(capsys, judged, text)[0], line
    document = explained(capsys, judged, *own)
    assert ("I_*****0006", "D*****0006", "1*****00067") == (
        *(document["identificatie"], document["declaratie"]),
        document["regel"]["referentienummer"],
    )


def test_a_held_line_is_explained_while_it_waits(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = {"0193": Beleid(effects={"S105": "hold"})}
    monkeypatch.setattr(gateway.inlezen, "read_beleid", lambda *_: policy)
    paths = write(tmp_path / "in", a=made("JW301"), c=made("JW323"))
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert ["accepted", "held"] == done.verdicts
    text = receipt(capsys, tmp_path, "D202503", "2025-03-001")
    document = json.loads(text)
    assert "aangehouden" == document["oordeel"]
    assert [("S105", "hold")] == [(b["regel"], b["effect"]) for b in document["bevindingen"]]
    assert 0 == verified(capsys, tmp_path, text)[0]


# --- The same every time ----------------------------------------------------------------------


def test_a_receipt_stays_the_same_whatever_came_after(judged: Path, capsys: Captured) -> None:
    known = (("D202503", "2025-03-001"), ("D202503", "2025-03-003"), ("D5", "5-1"), ("D5", "5-3"))
    before = [receipt(capsys, judged, *line) for line in known]
    later = write(
        judged / "later",
        e=made(
            "JW301",
            ("JW301-0001", "JW301-0002"),
            ("<jw301:Toewijzingsdatum>2025-01-02", "<jw301:Toewijzingsdatum>2025-05-01"),
            ("<ijw:Dagtekening>2025-01-02", "<ijw:Dagtekening>2025-05-01"),
            ("<ijw:Volume>120", "<ijw:Volume>60"),
        ),
        f=renumbered("JW323", "6", ("2025-03-01", "2025-04-01"), ("2025-03-31", "2025-04-30")),
        g=made("JW307"),
    )
    done = process(judged / "meer", *later, options=("--store", store_of(judged)))
    assert "accepted" == done.verdicts[0], done.outcomes[0]
    assert before == [receipt(capsys, judged, *line) for line in known]
    assert [0] * 4 == [verified(capsys, judged, text)[0] for text in before]


def test_a_kept_receipt_is_the_one_that_judging_again_gives(judged: Path, capsys: Captured) -> None:
    kept = receipt(capsys, judged, "D5", "5-1")
    assert [(2,)] == rows_of(judged, "SELECT count(*) FROM bewijs")
    altered(judged, "DELETE FROM bewijs")
    assert kept == receipt(capsys, judged, "D5", "5-1")


def test_a_receipt_ends_with_one_newline(judged: Path, capsys: Captured) -> None:
    text = receipt(capsys, judged, "D5", "5-1")
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")


# --- Verifying --------------------------------------------------------------------------------


def test_an_equal_receipt_gives_zero_and_one_sentence(judged: Path, capsys: Captured) -> None:
    for line in (("D202503", "2025-03-001"), ("D5", "5-3")):
        code, told = verified(capsys, judged, receipt(capsys, judged, *line))
        assert 0 == code
        assert told.startswith("gelijk: ")
        assert "\n" not in told


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"oordeel": "toegekend"', '"oordeel": "afgewezen"', "oordeel: in het bewijs staat"),
        ('"uitkomst": 60000', '"uitkomst": 60001', "berekening[1].uitkomst: "),
        ('"eenheid": "01"', '"eenheid": "04"', "regel.eenheid: "),
        ('"retourcodes": []', '"retourcodes": ["0611"]', "retourcodes"),
        ('"versie": "1.0.0"', '"versie": "9.9.9"', "regelset.versie: "),
        ('"peil": ', '"meer": 1, "peil": ', "meer: "),
        ('{\n  "soort"', '{"soort"', "de inhoud is gelijk, maar de bytes niet"),
    ],
)
def test_a_receipt_that_differs_gives_one_and_names_the_first_difference(
    old: str, new: str, place: str, judged: Path, capsys: Captured
) -> None:
    text = receipt(capsys, judged, "D202503", "2025-03-001")
    assert old in text
    code, told = verified(capsys, judged, text.replace(old, new, 1))
    assert 1 == code
    assert told.startswith("verschil: ")
    assert place in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "geen json",
        "[]",
        "7",
        '{"soort": "iets anders"}',
        '{"soort": "beslisbewijs"}',
        '{"soort": "beslisbewijs", "gemeente": 1}',
        "[" * 100_000,
    ],
)
def test_what_is_no_receipt_gives_two(text: str, judged: Path, capsys: Captured) -> None:
    code, told = verified(capsys, judged, text)
    assert 2 == code
    assert "bewijs" in told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"identificatie": "JW323-0001"', '"identificatie": "WEG"'),
        ('"aanbieder": "12345678"', '"aanbieder": "87654321"'),
        ('"gemeente": "0193"', '"gemeente": "0150"'),
        ('"wet": "jeugdwet"', '"wet": "wmo"'),
        ('"regelnummer": 1', '"regelnummer": 99'),
    ],
)
def test_a_receipt_of_a_line_that_is_not_known_gives_two(
    old: str, new: str, judged: Path, capsys: Captured
) -> None:
    text = receipt(capsys, judged, "D202503", "2025-03-001")
    assert old in text
    code, told = verified(capsys, judged, text.replace(old, new, 1))
    assert 2 == code
    assert "niet bekend" in told


def test_a_receipt_may_come_from_the_standard_input(
    judged: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = receipt(capsys, judged, "D202503", "2025-03-001")
    stdin = SimpleNamespace(buffer=io.BytesIO(text.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert 0 == run(["explain", "--verify", "-", "--store", store_of(judged)])


def test_verify_with_other_agreements_tells_what_they_change(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "proef.toml").write_text(AGREEMENT, encoding="utf-8")
    story(tmp_path, "--agreements", str(tmp_path / "proef.toml"))
    text = receipt(capsys, tmp_path, "D202503", "2025-03-001")
    (tmp_path / "duurder.toml").write_text(DEARER, encoding="utf-8")
    other = ("--agreements", str(tmp_path / "duurder.toml"))
    code, told = verified(capsys, tmp_path, text, *other)
    assert 1 == code
    assert 'oordeel: in het bewijs staat "toegekend", opnieuw beoordeeld "afgewezen"' in told


def test_a_receipt_that_was_made_with_other_agreements_is_verified_with_those(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "proef.toml").write_text(AGREEMENT, encoding="utf-8")
    story(tmp_path, "--agreements", str(tmp_path / "proef.toml"))
    (tmp_path / "duurder.toml").write_text(DEARER, encoding="utf-8")
    other = ("--agreements", str(tmp_path / "duurder.toml"))
    text = receipt(capsys, tmp_path, "D202503", "2025-03-001", *other)
    assert 0 == verified(capsys, tmp_path, text, *other)[0]


def test_verify_needs_no_line_beside_the_receipt(judged: Path, capsys: Captured) -> None:
    arguments = ["explain", "D202503", "2025-03-001", "--verify", "x", "--store", store_of(judged)]
    assert 2 == run(arguments)
    assert "--verify" in sentence(capsys.readouterr().err)


def test_a_receipt_that_is_not_there_is_wrong_use(judged: Path, capsys: Captured) -> None:
    assert 2 == run(["explain", "--verify", str(judged / "weg"), "--store", store_of(judged)])
    assert "niet te lezen" in sentence(capsys.readouterr().err)


# --- Which line -------------------------------------------------------------------------------


def test_a_line_that_nobody_knows_is_wrong_use(judged: Path, capsys: Captured) -> None:
    for arguments in (["D202503", "weg"], ["weg", "2025-03-001"]):
        capsys.readouterr()
        assert 2 == run(["explain", *arguments, "--store", store_of(judged)])
        assert "is niet bekend" in sentence(capsys.readouterr().err)


def test_a_line_of_another_aanbieder_is_not_known(judged: Path, capsys: Captured) -> None:
    arguments = ["D202503", "2025-03-001", "--aanbieder", "87654321"]
    assert 2 == run(["explain", *arguments, "--store", store_of(judged)])
    assert "is niet bekend" in sentence(capsys.readouterr().err)


def test_a_line_of_two_parties_asks_which_one(judged: Path, capsys: Captured) -> None:
    other = (">12345678<", ">87654321<")
    later = write(
        judged / "later",
        a=made("JW301", other, ("JW301-0001", "JW301-0009")),
        b=made("JW323", other),
    )
    process(judged / "meer", *later, options=("--store", store_of(judged)))
    capsys.readouterr()
    assert 2 == run(["explain", "D202503", "2025-03-001", "--store", store_of(judged)])
    assert "--aanbieder" in sentence(capsys.readouterr().err)
    one = explained(capsys, judged, "D202503", "2025-03-001", "--aanbieder", "87654321")
    assert "87654321" == one["aanbieder"]
