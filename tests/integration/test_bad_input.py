"""Bad input: one clear Dutch sentence, the right verdict and exit code, and nothing half stored."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

import gateway.cli.process
from tests.integration.berichten import (
    BASE,
    WETTEN,
    Verwerkt,
    by_name,
    counted,
    familie,
    made,
    process,
    renumbered,
    run,
    sentence,
    write,
)
from tests.integration.refusals import alone, refused, unread
from tests.opslag import store_of


def test_another_document_is_no_message(tmp_path: Path) -> None:
    told = unread(tmp_path, b"<html><body>Storing</body></html>")
    assert "het element <html> is geen bericht van iWmo of iJw 3.2" == told


def test_a_message_name_without_its_namespace_is_no_message(tmp_path: Path) -> None:
    assert "<Bericht>" in unread(tmp_path, b"<Bericht/>")


@pytest.mark.parametrize(("oud", "release"), [("3_1", "3.1"), ("3_3", "3.3"), ("2_4", "2.4")])
@pytest.mark.parametrize("wet", WETTEN)
def test_another_release_is_named(wet: str, oud: str, release: str, tmp_path: Path) -> None:
    told = unread(tmp_path, made(f"{wet}305").replace(b"/3_2/", f"/{oud}/".encode()))
    naam = {"JW": "ijw", "WMO": "iwmo"}[wet]
    assert f"release {release} van {naam} wordt niet bediend, alleen 3.2" == told


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
    assert ["rejected"] == alone(tmp_path / "past", content).verdicts
    told = refused(tmp_path / "groter", content + b"\n")
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
    assert "groter dan de grens" in refused(tmp_path, content)


# --- What the schema refuses -------------------------------------------------------------------


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


def test_a_schema_error_tells_line_path_expected_and_found(tmp_path: Path) -> None:
    content = made("JW323", ("<ijw:DebetCredit>D<", "<ijw:DebetCredit>X<"))
    line = 1 + content[: content.index(b">X<")].count(b"\n")
    told = refused(tmp_path, content)
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
    assert part in refused(tmp_path, made("JW305", (old, new)))


def test_at_most_twenty_schema_errors_are_told(tmp_path: Path) -> None:
    root = etree.fromstring(made("JW323"))
    (lines,) = by_name(root, "Prestaties")
    for _ in range(100):
        copy = etree.fromstring(etree.tostring(lines[0]))
        by_name(copy, "DebetCredit")[0].text = "X"
        lines.append(copy)
    refused(tmp_path, etree.tostring(root))
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
    refused(tmp_path, etree.tostring(root, encoding="utf-8"))
    told = (tmp_path / "out" / "outcomes.jsonl").read_text(encoding="utf-8")
    assert not re.search("geheim|Waterland|99990000", told, re.I), told


def test_personal_text_beside_elements_is_not_repeated(tmp_path: Path) -> None:
    refused(tmp_path, made("JW305", ("<jw305:Naam>", "<jw305:Naam>Mevrouw Geheim")))
    assert "Geheim" not in (tmp_path / "out" / "outcomes.jsonl").read_text(encoding="utf-8")


# --- Everything at once -----------------------------------------------------------------------


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
