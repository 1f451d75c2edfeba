"""`gateway providers`: the register from the command line, and what it tells who judges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli.geld import aanbiederafspraken
from gateway.periods.aantallen import aantal
from gateway.records.rekening import Rekening
from gateway.toegang.wie import Wie
from tests.integration.berichten import Verwerkt, made, process, renumbered, run, write
from tests.opslag import rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
REDEN = ("--reden", "brief van de aanbieder")
HOOFD, ONDER = "12345678", "87654321"
BEGIN = ("--vanaf", "2024-01-01")
IBAN = "NL91ABNA0417164300"


def providers(folder: Path, *arguments: str) -> int:
    return run(["providers", *arguments, "--store", store_of(folder)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A register with two providers, each with a code."""
    for naam, agb in (("Stichting De Linde", HOOFD), ("De Eik", ONDER)):
        assert 0 == providers(tmp_path, "add", naam, "--agb", agb, *BEGIN, *REDEN)
    return tmp_path


def told(capsys: Captured, folder: Path, *arguments: str) -> str:
    capsys.readouterr()
    assert 0 == providers(folder, *arguments), capsys.readouterr().err
    return capsys.readouterr().out


def test_the_register_is_changed_and_shown(folder: Path, capsys: Captured) -> None:
    assert 0 == providers(folder, "rename", "1", "Lindezorg", "--vanaf", "2025-07-01", *REDEN)
    assert 0 == providers(folder, "details", "2", "--kvk", "87654321", *REDEN)
    assert 0 == providers(folder, "agb", "1", "99000012", "--vanaf", "2025-01-01", *REDEN)
    end = ("--wijzig", "--tot", "2025-12-31")
    assert 0 == providers(folder, "agb", "1", "99000012", *end, *REDEN)
    assert 0 == providers(folder, "contract", "1", "ijsselland-jeugd", "Z-1", *BEGIN, *REDEN)
    books = ("creditor", "1", "C-100", "--gemeente", "0193")
    assert 0 == providers(folder, *books, *BEGIN, *REDEN)
    merge = ("merge", "2", "1", "--soort", "overname", "--dag", "2026-01-01", "--agb", ONDER)
    assert 0 == providers(folder, *merge, *REDEN)
    text = told(capsys, folder, "show", ONDER)
    for part in (
        "aanbieder 1: Lindezorg",
        "naam Stichting De Linde vanaf 2024-01-01",
        "AGB-code 99000012 vanaf 2025-01-01 tot en met 2025-12-31",
        "overname op 2026-01-01: aanbieder 2 naar 1, met 87654321",
        "ijsselland-jeugd, document Z-1",
        "crediteur C-100 van 0193 vanaf 2024-01-01",
        "als geheel: 12345678 87654321 99000012",
    ):
        assert part in text, text
    assert ["1", "2"] == [line.split()[0] for line in told(capsys, folder, "list").splitlines()[2:]]
    assert "Lindezorg" in told(capsys, folder, "list", "--zoek", "de linde")


def test_every_change_is_in_the_log_with_why(folder: Path) -> None:
    rows = rows_of(folder, "SELECT attributes FROM verwerking ORDER BY dag, nr")
    assert 2 == sum("brief van de aanbieder" in row[0] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "X", "--agb", HOOFD), "al van aanbieder 1"),
        (("rename", "9", "X"), "aanbieder 9 staat niet"),
        (("end", "1", "--tot", "gisteren"), "geen datum"),
        (("show", "9"), "9 staat niet in het aanbiedersregister"),
        (("creditor", "1", "C1", "--gemeente", "193"), "geen gemeentecode"),
        (("account", HOOFD, "--gemeente", "0193", "--iban", "NL00", "--naam", "X"), "geldig iban"),
        (("import", "nergens.csv"), "bestaat niet"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    folder: Path, capsys: Captured, arguments: tuple[str, ...], said: str
) -> None:
    capsys.readouterr()
    extra = () if arguments[0] in ("show", "import") else REDEN
    assert 2 == providers(folder, *arguments, *extra)
    assert said in capsys.readouterr().err.lower()


def test_a_file_is_shown_done_and_then_nothing(folder: Path, capsys: Captured) -> None:
    path = folder / "register.csv"
    path.write_bytes(b"naam;kvk;vanaf;agb\nDe Berk;55555555;2025-01-01;99000033\n")
    assert "nieuwe aanbieder De Berk" in told(capsys, folder, "import", str(path))
    assert "De Berk" not in told(capsys, folder, "list")
    assert "2 wijzigingen doorgevoerd" in told(capsys, folder, "import", str(path), "--apply")
    assert "De Berk" in told(capsys, folder, "list")
    assert "0 wijzigingen" in told(capsys, folder, "import", str(path), "--apply")
    out = folder / "uit.csv"
    told(capsys, folder, "export", "--out", str(out))
    assert "0 wijzigingen" in told(capsys, folder, "import", str(out))
    assert "99000033" in told(capsys, folder, "export")


def test_a_file_with_a_wrong_row_changes_nothing(folder: Path, capsys: Captured) -> None:
    path = folder / "register.csv"
    path.write_bytes(b"naam;agb\nDe Berk;99000033\nDe Es;99\n")
    capsys.readouterr()
    assert 1 == providers(folder, "import", str(path), "--apply")
    assert "rij 3: Een AGB-code heeft acht cijfers." in capsys.readouterr().err
    assert "De Berk" not in told(capsys, folder, "list")


def test_mergers_contracts_and_subcontractors_come_from_files(
    folder: Path, capsys: Captured
) -> None:
    files = {
        "contracten": "aanbieder;overeenkomst;documentnummer;vanaf\n1;pxq;Z-1;2024-01-01\n",
        "onderaannemers": (
            "hoofd;onder;wet;vanaf;goedgekeurd_door\n"
            f"{HOOFD};{ONDER};wmo;2024-01-01;Inkoop\n1;2;jeugdwet;2024-01-01;Inkoop\n"
        ),
        "overgangen": f"soort;van;naar;dag;agbs\novername;2;1;2026-01-01;{ONDER}\n",
    }
    for wat, text in files.items():
        path = folder / f"{wat}.csv"
        path.write_text(text, encoding="utf-8")
        count = text.count("\n") - 1
        given = ("import", str(path), "--wat", wat)
        changes = aantal(count, "wijziging", "wijzigingen")
        assert f"{changes} gevonden" in told(capsys, folder, *given)
        assert f"{changes} doorgevoerd" in told(capsys, folder, *given, "--apply")
        assert "0 wijzigingen" in told(capsys, folder, *given, "--apply")
        told(capsys, folder, "export", "--wat", wat, "--out", str(path))
        assert "0 wijzigingen" in told(capsys, folder, *given)
    text = told(capsys, folder, "show", "1")
    for part in (
        "contract 1: pxq, document Z-1",
        "2 werkt voor 1 (wmo)",
        "2 werkt voor 1 (jeugdwet)",
        f"overname op 2026-01-01: aanbieder 2 naar 1, met {ONDER}",
    ):
        assert part in text, text
    path = folder / "onderaannemers.csv"
    path.write_text(
        "hoofd;onder;wet;vanaf;tot;goedgekeurd_door\n1;2;wmo;2024-01-01;2026-12-31;\n"
        "2;9;;2024-01-01;;Inkoop\n",
        encoding="utf-8",
    )
    capsys.readouterr()
    assert 1 == providers(folder, "import", str(path), "--wat", "onderaannemers", "--apply")
    assert "rij 3: Aanbieder 9 staat niet in het register (onder)." in capsys.readouterr().err
    assert rows_of(folder, "SELECT tot FROM onderaannemer ORDER BY id") == [(None,), (None,)]


def test_an_account_waits_for_a_second_person(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = ("account", HOOFD, "--gemeente", "0193", "--iban", IBAN, "--naam", "De Linde")
    monkeypatch.setattr(aanbiederafspraken, "aan_de_machine", lambda: Wie("x", "X", "gebruiker"))
    assert "voorstel 1 wacht" in told(capsys, folder, *account, "--notitie", "gebeld", *REDEN)
    store = ("--store", store_of(folder))
    assert 0 == run(["proposals", "show", "1", *store])
    shown = capsys.readouterr().out
    assert "Nu: geen rekening" in shown
    assert f"Wordt: {IBAN} op naam van De Linde" in shown
    assert 0 == run(["proposals", "approve", "1", *store])
    found = rows_of(folder, "SELECT iban, tenaamstelling FROM aanbieder_rekening")
    assert [Rekening(IBAN, "De Linde")] == [Rekening(*row) for row in found]


# --- what it tells who judges


def declared_by_both(folder: Path, name: str, *options: str) -> Verwerkt:
    """The same care of one client, declared by one provider and then by another."""
    own = ((">100001<", ">200001<"), (">100002<", ">200002<"))
    other = write(
        folder / f"in-{name}",
        a=made("JW301"),
        b=made("JW301", ("JW301-0001", "JW301-0002"), (f">{HOOFD}<", f">{ONDER}<"), *own),
        c=made("JW323"),
        d=renumbered("JW323", "5", (f">{HOOFD}<", f">{ONDER}<"), *own),
    )
    return process(folder / f"out-{name}", *other, options=("--store", store_of(folder), *options))


def beside(done: Verwerkt) -> list[str]:
    return [one["regel"] for one in done.deviations if one["rule"] == "S128"]


def test_a_subcontractor_who_declares_beside_its_main_contractor_is_told_of(
    folder: Path, capsys: Captured
) -> None:
    sub = ("subcontractor", "add", "1", "2", "--categorie", "45", "--door", "Inkoop", *BEGIN)
    assert 0 == providers(folder, *sub, *REDEN)
    done = declared_by_both(folder, "a")
    assert ["accepted"] * 4 == done.verdicts, done.outcomes
    assert ["5-1"] == beside(done)
    (told_of,) = [one for one in done.deviations if one["rule"] == "S128"]
    assert (60000, "signal") == (told_of["ingediend"], told_of["effect"])

    def receipt() -> str:
        capsys.readouterr()
        assert 0 == run(["explain", "D5", "5-1", "--store", store_of(folder)])
        return capsys.readouterr().out

    before = receipt()
    assert "S128" in {one["regel"] for one in json.loads(before)["bevindingen"]}
    end = ("subcontractor", "end", "1", "--tot", "2024-06-30")
    assert 0 == providers(folder, *end, *REDEN)
    assert before == receipt(), "a receipt knows what was known when the line was judged"
    path = folder / "bewijs.json"
    path.write_text(before, encoding="utf-8")
    assert 0 == run(["explain", "--verify", str(path), "--store", store_of(folder)])
    assert "1" in told(capsys, folder, "subcontractor", "list")


def test_who_works_for_nobody_or_not_any_more_declares_what_he_wants(folder: Path) -> None:
    sub = ("subcontractor", "add", "1", "2", "--door", "Inkoop", "--tot", "2025-02-28", *BEGIN)
    assert 0 == providers(folder, *sub, *REDEN)
    assert [] == beside(declared_by_both(folder, "a"))
