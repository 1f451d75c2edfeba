"""An export has what changed since the one before it, once, and adds up with the ledger."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

from gateway.errors import CouldNotFinish, TemporaryFailure, WrongUse
from gateway.pipeline.ports import Claim
from gateway.records.verzoek import Verzoek
from gateway.store import counters
from gateway.store.ggm import maken, merk
from gateway.store.ggm.controle import breaks, differences
from gateway.store.ggm.maken import Vraag, make_export
from gateway.store.ggm.manifest import Manifest, exports_in, read_manifest
from gateway.store.ggm.soorten import SOORTEN
from gateway.store.store import SqlStore
from gateway.store.unit_of_work import SqlUnitOfWork
from tests.integration.berichten import BSN, familie, run, sentence
from tests.integration.store_builders import (
    AANBIEDER,
    ACCEPTED,
    ANDERE_GEMEENTE,
    ANDERE_WET,
    HEADER,
    MEI,
    Klok,
    declaratie,
    declared,
    finish,
    line,
    settled,
    start,
    taken,
    toewijzing,
)
from tests.opslag import altered, is_sqlite, rows_of, running_on, store_of

Captured = pytest.CaptureFixture[str]
RAPPORTAGE = Vraag(doel="rapportage")


def export(store: SqlStore, klok: Klok, out: Path, vraag: Vraag = RAPPORTAGE) -> Path:
    """The folder of a new export, made a minute after the last one."""
    klok.move(60)
    return make_export(store, out, vraag, klok())[0]


def rows(folder: Path, soort: str) -> list[dict[str, str]]:
    with (folder / f"{soort}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def right(store: SqlStore, out: Path) -> bool:
    """Whether all exports are what the store says, and go on behind each other."""
    folders = exports_in(out)
    found = [*breaks(folders), *(one for f in folders for one in differences(store, f))]
    assert [] == found
    return bool(folders)


def write_declaratie(nummer: str) -> object:
    def write(work: SqlUnitOfWork) -> None:
        work.add_declaratie(AANBIEDER, HEADER, declaratie(nummer), 6600)
        work.add_prestaties(AANBIEDER, [[line(1, referentienummer=nummer)]])

    return write


def test_what_ends_later_than_it_began_comes_with_the_next_export(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    slow = taken(store, 1, sender="87654321")
    declared(store, [line(1, referentienummer="SNEL")])
    first = export(store, klok, tmp_path)
    assert ["SNEL"] == [one["referentienummer"] for one in rows(first, "Declaratieregel")]
    finish(store, slow, write_declaratie("TRAAG"))
    second = export(store, klok, tmp_path)
    assert ["TRAAG"] == [one["referentienummer"] for one in rows(second, "Declaratieregel")]
    third = export(store, klok, tmp_path)
    assert [] == rows(third, "Declaratieregel")
    assert right(store, tmp_path)


@pytest.mark.parametrize("seed", range(3))
def test_what_came_less_what_went_is_what_stands(
    store: SqlStore, klok: Klok, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    busy: list[Claim] = []
    for number in range(40):
        match random.randrange(4):
            case 0:
                busy.append(taken(store, number, sender=f"{number:08}"))
            case 1 if busy:
                claim = busy.pop(random.randrange(len(busy)))
                finish(store, claim, write_declaratie(f"D{number}"))
            case 2:
                status = random.choice("13")
                one = start(random.randrange(3), status_aanlevering=status)
                settled(store, lambda work, one=one: work.add_leveringen(AANBIEDER, [one]))
            case _:
                if random.random() < 0.3:
                    export(store, klok, tmp_path)
    export(store, klok, tmp_path)
    for soort, table in (("Levering", "levering"), ("Declaratieregel", "prestatie")):
        counted: Counter[int] = Counter()
        for folder in exports_in(tmp_path):
            for row in rows(folder, soort):
                counted[int(row["rij"])] += 1 if row["mutatie"] == "nieuw" else -1
                assert counted[int(row["rij"])] in (0, 1)
        standing = rows_of(tmp_path, f"SELECT id FROM {table} WHERE tot_volgnr IS NULL")
        assert {number for (number,) in standing} == {n for n, times in counted.items() if times}
    assert right(store, tmp_path)


def test_what_ended_is_told_as_gone(store: SqlStore, klok: Klok, tmp_path: Path) -> None:
    settled(store, lambda work: work.add_leveringen(AANBIEDER, [start(7)]))
    first = export(store, klok, tmp_path)
    taken_back = start(7, status_aanlevering="3")
    settled(store, lambda work: work.add_leveringen(AANBIEDER, [taken_back]))
    second = export(store, klok, tmp_path)
    told = [(one["mutatie"], one["rij"]) for f in (first, second) for one in rows(f, "Levering")]
    assert [("nieuw", told[0][1]), ("vervallen", told[0][1])] == told
    assert right(store, tmp_path)


def test_a_number_that_nobody_can_see_yet_is_waited_for(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_sqlite():
        pytest.skip("there one writes at a time")
    with ExitStack() as stack:
        connection = stack.enter_context(store.database.begin_writing())
        number = counters.next_of(connection, counters.VOLGNR)
        slept: list[float] = []

        def end(seconds: float) -> None:
            slept.append(seconds)
            connection.rollback()

        with merk.marked(store.database, end) as (_, reached):
            assert number == reached.volgnr
        assert [merk.PAUSE] == slept
        counters.next_of(connection, counters.VOLGNR)
        monkeypatch.setattr(merk, "PATIENCE", -1)
        with pytest.raises(TemporaryFailure), merk.marked(store.database):
            pass
        connection.rollback()


def test_an_export_is_of_the_municipalities_that_were_asked_for(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    for partijen in (AANBIEDER, ANDERE_GEMEENTE):
        declared(store, [line(1)], partijen)
    own = Vraag(doel="rapportage", gemeenten=("0193",))
    made = export(store, klok, tmp_path, own)
    assert ["0193"] == [one["gemeente"] for one in rows(made, "Declaratieregel")]
    assert right(store, tmp_path)
    with pytest.raises(WrongUse):
        export(store, klok, tmp_path)


def test_a_client_has_another_id_for_every_purpose_and_the_same_one_every_time(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(1)]))
    settled(store, lambda work: work.add_leveringen(AANBIEDER, [start(1)]))
    ids = {}
    for doel in ("rapportage", "beleidsinformatie"):
        made = export(store, klok, tmp_path / doel, Vraag(doel=doel))
        told = [rows(made, soort)[0] for soort in ("Toewijzing", "Levering", "Beleidsinformatie")]
        assert 1 == len({one["client"] for one in told})
        ids[doel] = told[0]["client"]
        assert "2026-05-04" == told[2]["datumStart"]
    assert ids["rapportage"] != ids["beleidsinformatie"]


def test_the_laws_and_what_became_of_an_invoice_are_told_in_dutch(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    told = [
        ("accepted", 1, 11000, "toegekend"),
        ("partly", 1, 6600, "deels toegekend"),
        ("rejected", 0, 0, "afgewezen"),
        ("accepted", 2, 0, "ingediend"),  # sent by an aanbieder: no 325 yet
        ("accepted", 1, 6600, "deels toegekend"),  # sent by an aanbieder: what the 325 granted
        ("accepted", 0, 0, "afgewezen"),
    ]
    for number, (verdict, toegekend, granted, _) in enumerate(told):

        def write(
            work: SqlUnitOfWork, number: int = number, state: int = toegekend, sum_: int = granted
        ) -> None:
            work.add_declaratie(ANDERE_WET, HEADER, declaratie(f"D{number}"), sum_)
            work.add_prestaties(ANDERE_WET, [[line(1, toegekend=state)]])

        settled(store, write, replace(ACCEPTED, verdict=verdict))
    made = export(store, klok, tmp_path)
    assert [one[-1] for one in told] == [r["declaratieStatus"] for r in rows(made, "Declaratie")]
    assert {"Wmo"} == {one["wet"] for one in rows(made, "Declaratie")}
    assert right(store, tmp_path)


def test_policy_information_tells_who_referred_and_to_its_own_purpose_where_the_client_lives(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    asked = Verzoek(
        soort="315",
        referentie_aanbieder="VOT1",
        bsn=BSN,
        dagtekening=MEI,
        ontvangen_op=MEI,
        termijn=MEI,
        verwijzer="02",
    )
    settled(store, lambda work: work.add_verzoeken(AANBIEDER, [asked]))
    granted = toewijzing(1, referentie_aanbieder="VOT1")
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [granted], "8011"))
    for doel, postcode in (("rapportage", ""), ("beleidsinformatie", "8011")):
        made = export(store, klok, tmp_path / doel, Vraag(doel=doel))
        (row,) = rows(made, "Beleidsinformatie")
        assert ("Jeugdwet", "02", postcode) == (row["wet"], row["soortVerwijzer"], row["postcode"])
        assert ["02"] == [one["soortVerwijzer"] for one in rows(made, "VerzoekOmToewijzing")]


def test_what_of_the_ggm_is_left_out_is_told_in_the_manifest_and_on_the_page(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    zonder = read_manifest(export(store, klok, tmp_path)).zonder
    assert ["commentaar", "datumAanschaf"] == list(zonder["Toewijzing"])
    assert {"Beschikking", "BeschikteVoorziening", "Tarief", "Voorziening"} == {
        one for one in zonder if one not in {soort.naam for soort in SOORTEN}
    }
    page = (Path(__file__).parents[2] / "docs" / "gegevens.md").read_text(encoding="utf-8")
    told = [line for line in page.splitlines() if line.startswith("| `")]
    for naam, attributes in zonder.items():
        wanted = [f"`{one}`" for one in attributes]
        whole = any(row.startswith(f"| `{naam}` | alles |") for row in told)
        part = any(row.startswith(f"| `{naam}` | {', '.join(wanted)} |") for row in told)
        assert whole if naam not in {soort.naam for soort in SOORTEN} else part, naam


def test_a_reference_with_the_bsn_in_it_leaves_without_it(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    declared(store, [line(1, referentienummer=f"A{BSN}")])
    made = export(store, klok, tmp_path)
    assert ["A*********"] == [one["referentienummer"] for one in rows(made, "Declaratieregel")]


def test_a_spreadsheet_works_out_nothing_of_what_a_provider_wrote(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    credit = line(1, referentienummer="=1+1", debet_credit="C", vorig_referentienummer="@A")
    declared(store, [credit])
    made = export(store, klok, tmp_path, Vraag(doel="rapportage", parquet=True))
    (row,) = rows(made, "Declaratieregel")
    assert ("'=1+1", "'@A", "-6600") == (
        row["referentienummer"],
        row["vorigReferentienummer"],
        row["bedrag"],
    )
    (same,) = pq.read_table(made / "Declaratieregel.parquet").to_pylist()
    assert "=1+1" == same["referentienummer"]
    assert right(store, tmp_path)


def test_an_export_that_cannot_be_finished_leaves_nothing(
    store: SqlStore, klok: Klok, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_folder: Path, _manifest: Manifest) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(maken, "write_manifest", full)
    with pytest.raises(CouldNotFinish):
        export(store, klok, tmp_path / "reeks")
    assert [] == list((tmp_path / "reeks").iterdir())


def test_who_begins_again_gets_everything_that_stands(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    declared(store, [line(1)])
    export(store, klok, tmp_path)
    again = export(store, klok, tmp_path, Vraag(doel="rapportage", volledig=True))
    assert 1 == len(rows(again, "Declaratieregel"))
    assert right(store, tmp_path)


def test_exports_with_one_missing_between_them_are_told(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    made = []
    for number in range(3):
        declared(store, [line(1, referentienummer=f"R{number}")], nummer=f"D{number}")
        made.append(export(store, klok, tmp_path))
    told = list(breaks([made[0], made[2]]))
    assert [f"{made[2]}: de uitvoer waarop deze volgt, ontbreekt"] == told


@pytest.fixture(scope="module")
def gevuld(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gevuld")
    paths = [str(one) for one in familie(folder / "in")]
    options = ["--store", store_of(folder), "--clock", "2026-05-04"]
    assert run(["process", *paths, "--out", str(folder / "uit"), *options]) in (0, 1)
    return folder


def made_by_command(folder: Path, out: Path, *options: str) -> Path:
    arguments = ["export", "make", "--out", str(out), "--doel", "rapportage", *options]
    assert 0 == run([*arguments, "--store", store_of(folder)])
    return exports_in(out)[-1]


def verified(folder: Path, out: Path) -> int:
    return run(["export", "verify", str(out), "--store", store_of(folder)])


def test_the_command_writes_both_kinds_of_file_and_they_say_the_same(
    gevuld: Path, tmp_path: Path, capsys: Captured
) -> None:
    made = made_by_command(gevuld, tmp_path, "--parquet")
    assert "alles wat geldt" in capsys.readouterr().out
    for soort in ("Toewijzing", "Declaratie", "Declaratieregel", "Budgetuitputting"):
        table = pq.read_table(made / f"{soort}.parquet").to_pylist()
        assert table
        told = [{k: "" if v is None else str(v) for k, v in row.items()} for row in table]
        assert rows(made, soort) == told
    written = b"".join(one.read_bytes() for one in made.glob("*.csv"))
    assert BSN.encode() not in written
    assert 0 == verified(gevuld, tmp_path)
    found = rows_of(gevuld, "SELECT attributes FROM verwerking WHERE name = 'gegevens uitvoeren'")
    assert (
        "rapportage over sturing en bestuur"
        in json.loads(found[-1][0])["dpl.nen7513.users"][0]["purposeOfUse"]
    )


def test_a_file_that_was_changed_is_found(gevuld: Path, tmp_path: Path, capsys: Captured) -> None:
    made = made_by_command(gevuld, tmp_path)
    file = made / "Declaratieregel.csv"
    amount = rows(made, "Declaratieregel")[0]["bedrag"]
    file.write_bytes(file.read_bytes().replace(amount.encode(), str(int(amount) + 1).encode(), 1))
    capsys.readouterr()
    assert 1 == verified(gevuld, tmp_path)
    told = capsys.readouterr().out
    assert "Declaratieregel.csv is niet het bestand dat is gemaakt" in told
    assert "bedrag is samen" in told
    file.unlink()
    assert 1 == verified(gevuld, made)
    assert "Declaratieregel.csv ontbreekt" in capsys.readouterr().out


def test_a_store_that_was_changed_by_a_cent_is_found(
    gevuld: Path, tmp_path: Path, capsys: Captured
) -> None:
    made_by_command(gevuld, tmp_path)
    for cents, code in ((1, 1), (-1, 0)):
        altered(gevuld, f"UPDATE prestatie SET ingediend_bedrag = ingediend_bedrag + {cents}")
        capsys.readouterr()
        assert code == verified(gevuld, tmp_path)
    altered(gevuld, "UPDATE prestatie SET ingediend_bedrag = ingediend_bedrag")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--gemeente", "193"], "193 is geen gemeentecode van vier cijfers"),
        (["--parquet"], "voor Parquet ontbreekt pyarrow: installeer het pakket met [parquet]"),
    ],
)
def test_wrong_use_is_told_before_anything_is_written(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    out = tmp_path / "reeks"
    assert 2 == run(["export", "make", "--out", str(out), "--doel", "rapportage", *arguments])
    assert told == sentence(capsys.readouterr().err)
    assert not out.exists()


@pytest.mark.parametrize("content", [None, "{}", "geen json"])
def test_what_is_no_export_is_wrong_use(
    content: str | None, tmp_path: Path, capsys: Captured
) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with running_on("sqlite"):
        store = ["--store", store_of(tmp_path)]
        assert 0 == run(["migrate", *store])
        capsys.readouterr()
        assert 2 == run(["export", "verify", str(tmp_path), *store])
    sentence(capsys.readouterr().err)


def test_an_export_of_another_store_is_not_gone_on_behind(
    store: SqlStore, klok: Klok, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(store, klok, tmp_path)
    monkeypatch.setattr(maken, "opslag_of", lambda _: "een andere")
    with pytest.raises(WrongUse):
        export(store, klok, tmp_path)


def test_later_exports_have_a_later_name(store: SqlStore, klok: Klok, tmp_path: Path) -> None:
    made = [export(store, klok, tmp_path) for _ in range(2)]
    assert sorted(made) == made
    klok.now -= timedelta(seconds=60)
    with pytest.raises(CouldNotFinish):
        export(store, klok, tmp_path)
