"""`gateway process` as its users see it: what goes in, what is written, how it ends."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

import gateway.cli.process
from tests.integration import berichten
from tests.integration.berichten import (
    BASE,
    BSN,
    WETTEN,
    by_name,
    command,
    counted,
    familie,
    lines,
    made,
    process,
    renumbered,
    schema,
    sentence,
    write,
)
from tests.opslag import file_of, store_of
from tests.unit.agreement_builders import CEL, HEAD
from tests.unit.test_pakket import zipped

pytestmark = pytest.mark.usefixtures("opslag")

OUTCOME_KEYS = [
    "file",
    "message",
    "wet",
    "sender",
    "receiver",
    "identification",
    "verdict",
    "level",
    "findings",
    "answer",
]
FINDING_KEYS = [
    "rule",
    "retourcode",
    "effect",
    "class",
    "path",
    "reference",
    "found",
    "expected",
    "text",
]
DEVIATION_KEYS = [
    "file",
    *FINDING_KEYS,
    "declaratie",
    "regel",
    "overeenkomst",
    "versie",
    "cel",
    "ingediend",
    "verwacht",
    "verschil",
    "belang",
    "controle",
    "controleplan",
]
NAMEN = {"JW": "jeugdwet", "WMO": "wmo"}
TRAJECT = (
    ("45A01", "45P11"),
    ("<ijw:Volume>120<", "<ijw:Volume>264000<"),
    ("<ijw:Eenheid>01<", "<ijw:Eenheid>83<"),
    ("<ijw:Frequentie>2<", "<ijw:Frequentie>6<"),
)


def _agreement(folder: Path, text: str = HEAD + CEL, name: str = "proef.toml") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("wet", WETTEN)
def test_a_family_is_accepted_and_every_message_has_one_outcome(wet: str, tmp_path: Path) -> None:
    done = process(tmp_path / "out", *familie(tmp_path / "in", wet))
    expected = [
        {
            "file": f"{wet}{soort}.xml",
            "message": f"{wet}{soort}",
            "wet": NAMEN[wet],
            "sender": "0193" if soort == "301" else "12345678",
            "receiver": "12345678" if soort == "301" else "0193",
            "identification": f"{wet}{soort}-0001",
            "verdict": "accepted",
            "level": None,
            "findings": [],
            "answer": answer and f"answers/{wet}{soort}.{wet}{answer}.xml",
        }
        for soort, answer in (("301", None), ("305", "306"), ("323", "325"), ("307", "308"))
    ]
    assert expected == done.outcomes
    assert OUTCOME_KEYS == list(done.outcomes[0])
    assert 0 == done.code
    assert [] == done.deviations
    named = [one["answer"] for one in done.outcomes if one["answer"]]
    assert sorted(named) == [f"answers/{name}" for name in done.answers]


def test_a_partly_granted_invoice_names_its_findings_in_full(tmp_path: Path) -> None:
    familie(tmp_path / "in")
    (tmp_path / "in" / "JW323.xml").write_bytes((BASE / "JW323.xml").read_bytes())
    done = process(
        tmp_path / "out", *[tmp_path / "in" / f"JW{n}.xml" for n in ("301", "305", "323")]
    )
    outcome = done.outcomes[2]
    client = "/Bericht/Declaratie/Clienten/Client"
    expected = [
        {
            "rule": "TR304",
            "retourcode": "8187",
            "effect": "reject",
            "class": "Client",
            "path": f"{client}[2]/Bsn",
            "reference": None,
        },
        {
            "rule": "TR323",
            "retourcode": "8017",
            "effect": "reject",
            "class": "Prestatie",
            "path": f"{client}[1]/Prestaties/Prestatie[2]/ProductReferentie/VorigReferentieNummer",
            "reference": "2025-03-002",
        },
    ]
    told = ("found", "expected", "text")
    assert all(
        isinstance(one[key], str) and one[key] for one in outcome["findings"] for key in told
    )
    assert [FINDING_KEYS] * 2 == [list(one) for one in outcome["findings"]]
    assert expected == [
        {key: value for key, value in one.items() if key not in told} for one in outcome["findings"]
    ]
    assert ("partly", 3, 1) == (outcome["verdict"], outcome["level"], done.code)


def test_records_hold_what_was_registered_in_order(tmp_path: Path) -> None:
    done = process(tmp_path / "out", *familie(tmp_path / "in"))
    counted_types = [(one["type"], one["file"]) for one in done.records]
    assert counted_types == [
        *[("Toewijzing", "JW301.xml")] * 2,
        *[("Levering", "JW305.xml")] * 2,
        ("Declaratie", "JW323.xml"),
        *[("Declaratieregel", "JW323.xml")] * 2,
        *[("Levering", "JW307.xml")] * 2,
    ]
    assert ["type", "file"] == list(done.records[0])[:2]
    bron = {"gemeente": "0193", "wet": "jeugdwet", "aanbieder": "12345678"}
    assert all(bron.items() <= one.items() for one in done.records)
    declaratie, regel = done.records[4], done.records[5]
    assert declaratie == {
        "type": "Declaratie",
        "file": "JW323.xml",
        **bron,
        "declaratienummer": "D202503",
        "identificatie": "JW323-0001",
        "datumStart": "2025-03-01",
        "datumEinde": "2025-03-31",
        "datumDeclaratie": "2025-04-07",
        "declaratieBedrag": 85000,
        "toegekendBedrag": 85000,
        "declaratieStatus": "accepted",
    }
    assert regel == {
        "type": "Declaratieregel",
        "file": "JW323.xml",
        **bron,
        "declaratienummer": "D202503",
        "bsn": BSN,
        "referentienummer": "2025-03-001",
        "vorigReferentienummer": None,
        "toewijzingnummer": 100001,
        "productcategorie": "45",
        "code": "45A01",
        "datumStart": "2025-03-01",
        "datumEinde": "2025-03-31",
        "geleverdVolume": 480,
        "eenheid": "Minuut",
        "eenheidCode": "01",
        "producttarief": 125,
        "bedrag": 60000,
        "status": "toegekend",
        "retourcodes": [],
    }


def test_a_rejected_message_leaves_no_record(tmp_path: Path) -> None:
    paths = write(tmp_path / "in", a=made("JW305"), b=made("JW301", ("<ijw:Vorm>1", "<ijw:Vorm>x")))
    done = process(tmp_path / "out", *paths)
    assert ["rejected", "invalid"] == done.verdicts
    assert [] == done.records


def test_a_deviation_holds_an_assignment_against_its_cell_in_cents(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "in", eigen=made("JW301", *TRAJECT))
    agreement = _agreement(tmp_path)
    done = process(tmp_path / "out", path, options=("--agreements", str(agreement)))
    (deviation,) = done.deviations
    assert DEVIATION_KEYS == list(deviation)
    numbers = {
        "rule": "S101",
        "retourcode": None,
        "effect": "signal",
        "class": "ToegewezenProduct",
        "reference": "100001",
        "declaratie": None,
        "regel": "100001",
        "overeenkomst": "proef",
        "versie": "1",
        "cel": "profiel=1",
        "ingediend": 264000,
        "verwacht": 265000,
        "verschil": -1000,
        "file": "eigen.xml",
        "path": "/Bericht/Client/ToegewezenProducten/ToegewezenProduct[1]/Omvang/Volume",
    }
    assert numbers == {key: deviation[key] for key in numbers}
    finding = {key: deviation[key] for key in FINDING_KEYS}
    assert [finding] == done.outcomes[0]["findings"]
    assert ("accepted", 0) == (done.verdicts[0], done.code)


def test_a_line_without_start_is_told_beside_an_accepted_invoice(tmp_path: Path) -> None:
    paths = write(tmp_path / "in", a=made("JW301"), b=made("JW323"))
    done = process(tmp_path / "out", *paths)
    told = [
        (one["rule"], one["declaratie"], one["regel"], one["ingediend"], one["verschil"])
        for one in done.deviations
    ]
    assert told == [
        ("S105", "D202503", "2025-03-001", 60000, None),
        ("S105", "D202503", "2025-03-003", 25000, None),
    ]
    assert (["accepted", "accepted"], 0) == (done.verdicts, done.code)


def test_inputs_are_handled_in_the_order_given(tmp_path: Path) -> None:
    single = write(tmp_path / "los", z=made("JW301"), a=made("JW305"))
    write(tmp_path / "map", m=made("JW323"))
    done = process(tmp_path / "out", *single, tmp_path / "map")
    assert ["z.xml", "a.xml", "m.xml"] == [one["file"] for one in done.outcomes]
    assert ["accepted"] * 3 == done.verdicts


def test_a_folder_means_its_xml_files_in_byte_order_and_not_those_below(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    names = ("b", "a", "B", "é", "z", "10", "9", "a-1", "a.1")
    write(folder, **{name: f"<{name[0]}".encode() for name in names})
    write(folder / "dieper", weg=made("JW301"))
    (folder / "map.xml").mkdir()
    (folder / "lees.txt").write_text("geen bericht", encoding="utf-8")
    (folder / "X.XML").write_text("geen bericht", encoding="utf-8")
    done = process(tmp_path / "out", folder)
    expected = sorted((f"{name}.xml" for name in names), key=os.fsencode)
    assert expected == [one["file"] for one in done.outcomes]


def test_a_zip_stands_for_the_messages_in_it(tmp_path: Path) -> None:
    one, *others = familie(tmp_path / "in")
    (tmp_path / "p.zip").write_bytes(zipped(*((path.name, path.read_bytes()) for path in others)))
    done = process(tmp_path / "out", one, tmp_path / "p.zip")
    assert (0, ["accepted"] * 4) == (done.code, done.verdicts)
    apart = process(tmp_path / "apart", one, *others)
    assert (apart.outcomes, apart.answers) == (done.outcomes, done.answers)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<Bericht/>", "p.zip: dit is geen zip, of hij is beschadigd"),
        (zipped(*((f"{nr}.xml", b"<a/>") for nr in range(31))), "p.zip: in een pakket gaan"),
        (zipped(("a.xml", b"<a/>"), ("b.txt", b"b")), "p.zip/b.txt: heet niet naar een bericht"),
        (zipped((f"{'é' * 190}.xml", b"<a/>")), "niet uit te pakken (de naam is te lang)"),
        (zipped(("c.xml", b"<a/>")), "twee bestanden heten c"),
    ],
    ids=["no zip", "many", "no message", "long", "double"],
)
def test_a_zip_that_cannot_be_taken_is_wrong_use(
    body: bytes, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.zip").write_bytes(body)
    (other,) = write(tmp_path, c=b"<c/>")
    done = process(tmp_path / "out", other, tmp_path / "p.zip")
    assert 2 == done.code
    assert expected in sentence(capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_is_done_at_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    done = process(tmp_path / "out", tmp_path / "in")
    assert (0, [], [], []) == (done.code, done.outcomes, done.records, done.deviations)


def test_two_inputs_with_one_stem_are_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = write(tmp_path / "een", zelfde=made("JW301"))
    two = write(tmp_path / "twee", zelfde=made("JW305"))
    assert 2 == process(tmp_path / "out", *one, *two).code
    assert "twee bestanden heten zelfde" in sentence(capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_a_folder_for_results_with_something_in_it_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = familie(tmp_path / "in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "oud.txt").write_text("blijft", encoding="utf-8")
    assert 2 == process(tmp_path / "out", *paths).code
    assert "niet leeg" in sentence(capsys.readouterr().err)
    assert ["oud.txt"] == os.listdir(tmp_path / "out")


def test_an_empty_folder_for_results_is_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert 0 == process(tmp_path / "out", *familie(tmp_path / "in")).code


def test_a_file_where_results_should_go_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("een bestand", encoding="utf-8")
    assert 2 == process(tmp_path / "out", *familie(tmp_path / "in")).code
    assert "is niet te maken" in sentence(capsys.readouterr().err)


@pytest.mark.parametrize("kind", ["absent", "endless", "below_a_file"])
def test_an_input_that_cannot_be_read_is_wrong_use(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = familie(tmp_path / "in")
    path = tmp_path / f"{kind}.xml"
    if kind == "endless":
        path.symlink_to(path)
    if kind == "below_a_file":
        path = good[0] / "x.xml"
    assert 2 == process(tmp_path / "out", *good, path).code
    told = sentence(capsys.readouterr().err)
    assert str(path) in told
    assert "niet te lezen" in told
    assert not re.search(r"such|file|director|too many", told.replace(str(path), ""), re.I), told
    assert not (tmp_path / "out").exists()


def test_the_exit_code_tells_the_worst_that_happened(tmp_path: Path) -> None:
    good = familie(tmp_path / "in")
    bad = write(tmp_path / "fout", fout=b"<geen xml")
    later = write(tmp_path / "later", later=b"x")
    assert 0 == process(tmp_path / "1", *good).code
    assert 1 == process(tmp_path / "2", *bad, *good).code
    assert 1 == process(tmp_path / "3", *good, *later).code


def test_a_store_remembers_facts_between_runs(tmp_path: Path) -> None:
    assignment, start, invoice, stop = familie(tmp_path / "in")
    options = ("--store", store_of(tmp_path))
    first = process(tmp_path / "1", assignment, start, options=options)
    second = process(tmp_path / "2", invoice, stop, options=options)
    assert (["accepted"] * 2, ["accepted"] * 2) == (first.verdicts, second.verdicts)
    without = process(tmp_path / "3", invoice)
    assert ["rejected"] == without.verdicts


def test_a_duplicate_gets_the_first_answer_under_its_own_stem_and_changes_nothing(
    tmp_path: Path,
) -> None:
    familie(tmp_path / "in")
    write(tmp_path / "in", JW323=(BASE / "JW323.xml").read_bytes())
    paths = [tmp_path / "in" / f"JW{soort}.xml" for soort in berichten.SOORTEN]
    again = write(tmp_path / "weer", **{f"weer{one.stem}": one.read_bytes() for one in paths})
    options = ("--store", store_of(tmp_path))
    first = process(tmp_path / "1", *paths, options=options)
    before = counted(tmp_path)
    second = process(tmp_path / "2", *again, options=options, klok="2025-12-09")
    assert before == counted(tmp_path)
    assert ["duplicate"] * 4 == second.verdicts
    assert {f"weer{name}": body for name, body in first.answers.items()} == second.answers
    assert ([], [], 0) == (second.records, second.deviations, second.code)
    for one, other in zip(first.outcomes, second.outcomes, strict=True):
        same = {**one, "file": f"weer{one['file']}", "verdict": "duplicate"}
        same["answer"] = one["answer"] and one["answer"].replace("answers/", "answers/weer")
        assert same == other


def test_a_duplicate_within_one_run_gets_the_first_answer(tmp_path: Path) -> None:
    first = familie(tmp_path / "in")
    again = write(tmp_path / "weer", weer=first[2].read_bytes())
    done = process(tmp_path / "out", *first, *again)
    assert ["accepted"] * 4 + ["duplicate"] == done.verdicts
    assert done.answers["JW323.JW325.xml"] == done.answers["weer.JW325.xml"]
    assert 0 == done.code


def test_the_same_identification_with_other_bytes_is_a_message_of_its_own(tmp_path: Path) -> None:
    first = familie(tmp_path / "in")
    other = write(tmp_path / "in", ander=made("JW305", ("Noor Elin", "Noor")))
    done = process(tmp_path / "out", *first, *other)
    assert "rejected" == done.verdicts[4]
    assert ["TR056"] == done.rules(4)


def test_a_temporary_store_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aside = tmp_path / "tijdelijk"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    monkeypatch.chdir(tmp_path)
    done = process(tmp_path / "out", *familie(tmp_path / "in"), *write(tmp_path, fout=b"nee"))
    assert 1 == done.code
    assert [] == os.listdir(aside)
    assert ["fout.xml", "in", "out", "tijdelijk"] == sorted(os.listdir(tmp_path))


def test_no_store_is_needed_and_none_is_made_for_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = familie(tmp_path / "in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "vol").write_text("", encoding="utf-8")
    assert 2 == process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path))).code
    assert not (tmp_path / "gateway.db").exists()
    capsys.readouterr()


@pytest.mark.parametrize(
    ("url", "code", "part"),
    [
        ("zomaar iets", 2, "geen SQLAlchemy-URL"),
        ("mysql://hier/niets", 2, "mysql"),
        ("sqlite:////bestaat/niet/gateway.db", 3, "/bestaat/niet"),
    ],
)
def test_a_store_that_cannot_be_used_ends_with_one_sentence(
    url: str, code: int, part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = familie(tmp_path / "in")
    assert code == process(tmp_path / "out", *paths, options=("--store", url)).code
    assert part in sentence(capsys.readouterr().err)


def test_a_file_that_is_no_store_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gateway.db").write_text("dit is geen database, echt niet" * 100, encoding="utf-8")
    before = (tmp_path / "gateway.db").read_bytes()
    options = ("--store", file_of(tmp_path))
    assert 3 == process(tmp_path / "out", *familie(tmp_path / "in"), options=options).code
    sentence(capsys.readouterr().err)
    assert before == (tmp_path / "gateway.db").read_bytes()


@pytest.mark.parametrize("wet", WETTEN)
def test_answers_obey_their_own_schema(wet: str, tmp_path: Path) -> None:
    paths = familie(tmp_path / "in", wet)
    fouten = write(
        tmp_path / "fout",
        f1=(BASE / f"{wet}323.xml").read_bytes().replace(b"-0001<", b"-0002<"),
        f2=made(f"{wet}305", ("2025-01-06", "2026-01-06")),
        f3=renumbered(f"{wet}323", "7", (">85000<", ">85001<")),
        f4=renumbered(
            f"{wet}323", "8", ("<iwmo:Begindatum>2025-03-01", "<iwmo:Begindatum>2025-03-02")
        )
        if wet == "WMO"
        else renumbered(f"{wet}323", "8", (">100001<", ">100009<")),
        f5=made(f"{wet}307", (BSN, berichten.ANDER_BSN)),
    )
    done = process(tmp_path / "out", *paths, *fouten)
    assert len(paths) + len(fouten) - 1 == len(done.answers)
    for name, body in done.answers.items():
        schema(name.split(".")[1]).assertValid(etree.fromstring(body))


def _own_identification(body: bytes) -> str:
    root = etree.fromstring(body)
    retour = by_name(root, "IdentificatieRetour")
    return str((retour or by_name(root, "Identificatie"))[0].text)


def _many(folder: Path, wet: str = "JW") -> list[Path]:
    paths = familie(folder, wet)
    numbered = {f"n{n:02}": renumbered(f"{wet}323", f"{n:02}") for n in range(10, 30)}
    return [*paths, *write(folder, **numbered)]


def test_identifications_of_answers_are_unique_and_at_most_twelve_characters(
    tmp_path: Path,
) -> None:
    done = process(tmp_path / "out", *_many(tmp_path / "in"))
    found = [_own_identification(body) for body in done.answers.values()]
    assert 23 == len(found) == len(set(found))
    assert {True} == {1 <= len(one) <= 12 for one in found}


def test_identifications_go_on_in_a_store_that_is_kept(tmp_path: Path) -> None:
    paths = _many(tmp_path / "in")
    options = ("--store", store_of(tmp_path))
    one = process(tmp_path / "1", *paths[:12], options=options)
    two = process(tmp_path / "2", *paths[12:], options=options)
    found = [_own_identification(body) for run in (one, two) for body in run.answers.values()]
    assert len(found) == len(set(found))


def test_identifications_of_two_temporary_stores_differ_with_their_input(tmp_path: Path) -> None:
    one = process(tmp_path / "1", *familie(tmp_path / "in"))
    other = familie(tmp_path / "anders")
    write(tmp_path / "anders", JW323=renumbered("JW323", "77"))
    two = process(tmp_path / "2", *other)
    same = process(tmp_path / "3", *familie(tmp_path / "in"))
    first, second, third = (
        {_own_identification(body) for body in run.answers.values()} for run in (one, two, same)
    )
    assert set() == first & second
    assert first == third


def test_the_same_input_and_clock_give_the_same_bytes(tmp_path: Path) -> None:
    paths = _many(tmp_path / "in", "WMO")
    one, two = process(tmp_path / "1", *paths), process(tmp_path / "2", *paths)
    assert one.answers == two.answers
    for name in ("outcomes", "records", "deviations"):
        file = f"{name}.jsonl"
        assert (one.out / file).read_bytes() == (two.out / file).read_bytes()


def test_the_clock_is_the_day_of_the_answers(tmp_path: Path) -> None:
    done = process(tmp_path / "out", *familie(tmp_path / "in"), klok="2026-02-28")
    days = {
        name: by_name(etree.fromstring(body), element)[0].text
        for name, body in done.answers.items()
        for element in (["Dagtekening"] if "325" in name else ["DagtekeningRetour"])
    }
    assert {"2026-02-28"} == set(days.values())


def test_a_message_of_after_the_clock_is_from_the_future(tmp_path: Path) -> None:
    done = process(tmp_path / "out", *familie(tmp_path / "in"), klok="2025-01-08")
    assert ["accepted", "rejected", "rejected", "rejected"] == done.verdicts
    assert ["TR135"] == done.rules(1)


@pytest.mark.parametrize("klok", ["morgen", "2025-13-01", "05-12-2025", "", "2025-12-05T10:00"])
def test_a_clock_that_is_no_day_is_wrong_use(
    klok: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == process(tmp_path / "out", *familie(tmp_path / "in"), klok=klok).code
    assert "--clock" in sentence(capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_without_a_clock_the_day_is_today(tmp_path: Path) -> None:
    out = tmp_path / "out"
    paths = [str(path) for path in familie(tmp_path / "in")]
    before = date.today()  # noqa: DTZ011 - the same day the command sees, within a minute
    assert 0 == gateway.cli.run(["process", *paths, "--out", str(out)])
    root = etree.parse(out / "answers" / "JW305.JW306.xml").getroot()
    day = date.fromisoformat(by_name(root, "DagtekeningRetour")[0].text)
    assert 0 <= (day - before).days <= 1


def test_agreements_may_be_a_file_or_a_folder(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "in", eigen=made("JW301", *TRAJECT))
    folder = tmp_path / "overeenkomsten"
    file = _agreement(folder)
    (folder / "lees.txt").write_text("geen overeenkomst", encoding="utf-8")
    for number, given in enumerate((file, folder)):
        done = process(tmp_path / str(number), path, options=("--agreements", str(given)))
        assert ["S101"] == done.rules()
    assert [] == process(tmp_path / "zonder", path).rules()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[overeenkomst", "proef.toml"),
        (HEAD + CEL.replace('"83"', '"99"'), "99"),
        (HEAD + CEL.replace('"traject"', '"cadeau"'), "cadeau"),
        (HEAD.replace('"0193"', '"0000"') + CEL, "0000"),
        (HEAD + CEL + CEL, "overlapt cel 1"),
        (HEAD + CEL.replace("profiel", "kleur"), "kleur"),
        (HEAD + CEL.replace("265000", "2650.00"), "bedrag"),
    ],
)
def test_a_refused_agreement_stops_before_anything_is_made(
    text: str, part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agreement = _agreement(tmp_path / "overeenkomsten", text)
    options = ("--agreements", str(agreement), "--store", store_of(tmp_path))
    assert 2 == process(tmp_path / "out", *familie(tmp_path / "in"), options=options).code
    told = sentence(capsys.readouterr().err)
    assert "proef.toml" in told
    assert part in told
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "gateway.db").exists()


def test_agreements_that_are_not_there_are_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--agreements", str(tmp_path / "nergens"))
    assert 2 == process(tmp_path / "out", *familie(tmp_path / "in"), options=options).code
    assert "nergens" in sentence(capsys.readouterr().err)


def _for(gemeente: str, folder: Path) -> list[Path]:
    return write(
        folder,
        a301=made("JW301", (">0193<", f">{gemeente}<")),
        b305=made("JW305", (">0193<", f">{gemeente}<")),
    )


def test_without_agreements_or_setting_all_municipalities_are_served(tmp_path: Path) -> None:
    assert ["accepted"] * 2 == process(tmp_path / "out", *_for("0363", tmp_path / "in")).verdicts


def test_agreements_say_which_municipalities_are_served(tmp_path: Path) -> None:
    options = ("--agreements", str(_agreement(tmp_path)))
    known = process(tmp_path / "1", *_for("0150", tmp_path / "in"), options=options)
    other = process(tmp_path / "2", *_for("0363", tmp_path / "in"), options=options)
    assert ["accepted"] * 2 == known.verdicts
    assert ["invalid"] * 2 == other.verdicts
    assert [None] * 2 == [one["answer"] for one in other.outcomes]
    assert ["JW301", "JW305"] == [one["message"] for one in other.outcomes]
    assert "gemeente 0363 wordt door deze installatie niet bediend" == other.texts()[0]
    assert [] == other.records


def test_a_code_that_never_was_a_municipality_is_answered_and_not_left_unserved(
    tmp_path: Path,
) -> None:
    options = ("--agreements", str(_agreement(tmp_path)))
    done = process(tmp_path / "out", *_for("9999", tmp_path / "in"), options=options)
    assert ["rejected"] * 2 == done.verdicts
    assert [["S300"]] * 2 == [
        [finding["retourcode"] for finding in one["findings"]] for one in done.outcomes
    ]
    assert [None, "answers/b305.JW306.xml"] == [one["answer"] for one in done.outcomes]


def test_the_setting_goes_before_the_agreements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_GEMEENTEN", "0363, 0150")
    options = ("--agreements", str(_agreement(tmp_path)))
    done = {
        gemeente: process(
            tmp_path / f"o{gemeente}", *_for(gemeente, tmp_path / f"i{gemeente}"), options=options
        )
        for gemeente in ("0363", "0193")
    }
    assert ["accepted"] * 2 == done["0363"].verdicts
    assert ["invalid"] * 2 == done["0193"].verdicts


def test_a_setting_that_cannot_be_is_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_GEMEENTEN", "Zwolle")
    assert 2 == process(tmp_path / "out", *familie(tmp_path / "in")).code
    assert "GATEWAY_GEMEENTEN" in sentence(capsys.readouterr().err)


def test_a_municipality_never_sees_facts_of_another(tmp_path: Path) -> None:
    paths = write(
        tmp_path / "in",
        a=made("JW301"),
        b=made("JW305", (">0193<", ">0150<")),
        c=made("JW323", (">0193<", ">0150<")),
        d=made("JW305"),
    )
    done = process(tmp_path / "out", *paths)
    assert ["accepted", "rejected", "rejected", "accepted"] == done.verdicts


def test_a_large_message_passes_where_a_network_edge_would_refuse_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_BYTECAP", "1000")
    assert ["accepted"] * 4 == process(tmp_path / "out", *familie(tmp_path / "in")).verdicts


def test_a_run_that_breaks_off_keeps_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = familie(tmp_path / "in")
    original = gateway.cli.process._handle

    def broken(installation: object, path: Path, *rest: object) -> object:
        if path.stem == "JW323":
            raise gateway.cli.process.CouldNotFinish("de opslag is weg")
        return original(installation, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(gateway.cli.process, "_handle", broken)
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert 3 == done.code
    assert "de opslag is weg" == sentence(capsys.readouterr().err)
    assert ["JW301.xml", "JW305.xml"] == [one["file"] for one in done.outcomes]
    monkeypatch.undo()
    again = process(tmp_path / "weer", *paths, options=("--store", store_of(tmp_path)))
    assert ["duplicate", "duplicate", "accepted", "accepted"] == again.verdicts


def test_the_store_is_shared_by_url(tmp_path: Path) -> None:
    process(tmp_path / "out", *familie(tmp_path / "in"), options=("--store", store_of(tmp_path)))
    assert {"toewijzing": 2, "levering": 4, "declaratie": 1, "prestatie": 2} == counted(tmp_path)


def test_a_store_in_a_file_has_a_log_that_survives_a_power_cut(tmp_path: Path) -> None:
    process(tmp_path / "out", *familie(tmp_path / "in"), options=("--store", file_of(tmp_path)))
    with sqlite3.connect(tmp_path / "gateway.db") as connection:
        assert ("wal",) == connection.execute("PRAGMA journal_mode").fetchone()


def test_the_command_in_a_process_of_its_own_gives_the_same(tmp_path: Path) -> None:
    paths = familie(tmp_path / "in")
    here = process(tmp_path / "1", *paths)
    arguments = ["process", *map(str, paths), "--out", str(tmp_path / "2"), "--clock", "2025-12-05"]
    there = command(*arguments)
    assert (0, "", "") == (there.returncode, there.stdout, there.stderr)
    assert here.outcomes == lines(tmp_path / "2" / "outcomes.jsonl")
    assert here.answers == berichten.Verwerkt(0, tmp_path / "2").answers
