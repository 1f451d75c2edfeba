"""The year of a municipality: worked out, packed, laid beside statements, and sampled."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.agreements.match import index
from gateway.errors import NietGevonden, WrongUse
from gateway.ledger.jaareinde.opgave import read_opgave
from gateway.ledger.jaareinde.projectie import Oordeel
from gateway.ledger.jaareinde.stand import Jaarstand
from gateway.ledger.jaareinde.uitslagen import Uitslag
from gateway.ledger.jaareinde.verantwoording import Soort
from gateway.records.overeenkomst import Cel, Overeenkomst, Termijn
from gateway.store.bewaren.soorten import Rijen
from gateway.store.jaareinde.afsluiten import differences, make_pack, read_pack
from gateway.store.jaareinde.bewaren import STEEKPROEVEN, VERANTWOORDINGEN
from gateway.store.jaareinde.overzicht import ONTBREEKT, overview_of
from gateway.store.jaareinde.pakket import VASTGELEGD, Opdracht
from gateway.store.jaareinde.steekproeven import verdict_of
from gateway.store.jaareinde.verantwoordingen import (
    AKKOORD,
    ONTVANGEN,
    Bestand,
    Verantwoording,
)
from gateway.store.noteren import no_log
from gateway.store.store import SqlStore
from tests.integration.berichten import made
from tests.integration.jaarhuis import (
    AGB,
    ANNA,
    ELDERS,
    ZWOLLE,
    balanced,
    fill,
    opdracht,
    regel,
    stuk,
)
from tests.integration.store_builders import (
    AANBIEDER,
    ANDERE_GEMEENTE,
    BSN,
    Klok,
    declared,
    finish,
    line,
    settled,
    start,
    toewijzing,
)

STATEMENT = [
    ["referentienummer", "bedrag"],
    ["R1", "100,00"],
    ["R2", "100,00"],
    ["R3", "30,00"],
    ["R4", "70,00"],
    ["X9", "12,50"],
]


def packed(store: SqlStore, klok: Klok, out: Path, what: Opdracht | None = None) -> Path:
    """The folder of a pack that was made a minute later."""
    klok.move(60)
    return make_pack(store, out, what or opdracht(), klok(), balanced).folder


def rows(folder: Path, naam: str) -> list[dict[str, str]]:
    with (folder / naam).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def column(folder: Path, naam: str, kop: str) -> list[str]:
    return [one[kop] for one in rows(folder, naam)]


def wrong_with(store: SqlStore, folder: Path) -> list[str]:
    return list(differences(store, folder, read_pack(folder), opdracht()))


# --- the pack ---------------------------------------------------------------------------------


def test_a_year_is_what_was_delivered_in_it_to_the_cent(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    made = make_pack(store, tmp_path, opdracht(), klok(), balanced)
    expected = Jaarstand(
        regels=6, toegekend=24_984, gecrediteerd=7_000, laat=-4_500, afgewezen=3_000
    )
    assert expected == made.cijfers.totaal
    assert {2025: 17_984, 2026: 4_516} == made.cijfers.jaren
    assert (22_500, True) == (made.cijfers.grootboek.toegekend, made.cijfers.klopt)


def test_the_lists_of_a_pack_hold_every_line_by_its_own_words(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    folder = packed(store, klok, tmp_path)
    assert ["R1", "R2", "R4", "C4", "R5"] == column(folder, "regels.csv", "regel")
    assert ["100,00", "54,84", "70,00", "-70,00", "25,00"] == column(
        folder, "regels.csv", "in dit jaar"
    )
    assert (["C4"], ["C4", "R5"]) == (
        column(folder, "credits.csv", "regel"),
        column(folder, "laat.csv", "regel"),
    )
    jaren = [(one["jaar"], one["netto toegekend"]) for one in rows(folder, "jaren.csv")]
    alle = [("alle jaren", "225,00"), ("grootboek", "225,00")]
    assert [("2025", "179,84"), ("2026", "45,16"), *alle] == jaren
    (total,) = rows(folder, "totalen.csv")
    assert ("45A04", "249,84", "70,00", "179,84", "-45,00", "30,00") == tuple(
        total[kop]
        for kop in ("product", "toegekend", "gecrediteerd", "netto", "waarvan laat", "afgewezen")
    )
    # What is taken off has no sign of its own, in the summary either.
    summary = (folder / "samenvatting.md").read_text(encoding="utf-8")
    assert "| Af: gecrediteerd | € 70,00 |" in summary.replace("\N{NO-BREAK SPACE}", " ")


def with_a_bsn_in_numbers(store: SqlStore) -> None:
    """A provider makes the Bsn of its client a part of its own numbers."""
    credit = {"vorig_referentienummer": f"1{BSN}7", "debet_credit": "C"}
    lines = (
        regel(1, f"1{BSN}7", "2025-03-01", "2025-03-31", 4_000),
        regel(2, f"C{BSN}", "2025-03-01", "2025-03-31", 4_000, **credit),
        regel(3, f"2{BSN}", "2025-04-01", "2025-04-30", 500),
    )
    settled(store, stuk(f"D2{BSN}", *lines))
    waits = made("JW323", (">2025-03-001<", f">3{BSN}<"))
    store.inbox.receive("later.xml", [waits])


def test_no_file_of_a_pack_shows_a_bsn(store: SqlStore, klok: Klok, tmp_path: Path) -> None:
    fill(store, klok)
    with_a_bsn_in_numbers(store)
    compared(store, imported(store, [*STATEMENT, [f"2{BSN}", "6,00"]]))
    folder = packed(store, klok, tmp_path)
    assert [] == [one.name for one in folder.iterdir() if BSN.encode() in one.read_bytes()]
    assert [("1*****00067", ""), ("C*****0006", "1*****00067"), ("2*****0006", "")] == [
        (one["regel"], one["crediteert"])
        for one in rows(folder, "regels.csv")
        if one["declaratie"] == "D2*****0006"
    ]
    assert "3*****0006" in column(folder, "open.csv", "regel")
    assert "2*****0006" in column(folder, "verschillen.csv", "sleutel")
    assert [] == wrong_with(store, folder)


def test_a_pack_of_before_a_bsn_was_hidden_is_right_as_before(
    store: SqlStore, klok: Klok, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, klok)
    with_a_bsn_in_numbers(store)
    with monkeypatch.context() as before:
        for module in ("bron", "pakket"):
            before.setattr(f"gateway.store.jaareinde.{module}.mask_own", lambda nummer, _: nummer)
        folder = packed(store, klok, tmp_path)
    assert f"2{BSN}" in column(folder, "regels.csv", "regel")
    assert [] == wrong_with(store, folder)
    with store.database.writing("*") as connection:
        connection.exec_driver_sql(
            f"UPDATE prestatie SET referentienummer = '4{BSN}' WHERE referentienummer = '2{BSN}'"
        )
    assert [True, True] == ["komt er nu anders uit" in one for one in wrong_with(store, folder)]


def test_a_pack_is_the_same_again_and_tells_what_was_changed(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    first, second = packed(store, klok, tmp_path), packed(store, klok, tmp_path)
    assert {one.name: one.read_bytes() for one in first.iterdir()} == {
        one.name: one.read_bytes() for one in second.iterdir()
    }
    # What comes later is not of the moment that the pack is of.
    declared(store, [line(1, referentienummer="NIEUW", begindatum="2025-01-01")], nummer="D3")
    assert [] == wrong_with(store, first)
    (first / "totalen.csv").write_text("anders")
    (first / "open.csv").unlink()
    (first / "erbij.txt").write_text("")
    assert [
        "erbij.txt hoort er niet bij",
        "open.csv ontbreekt",
        "totalen.csv is niet het bestand dat is gemaakt",
    ] == sorted(wrong_with(store, first))


def test_a_pack_tells_when_the_store_was_changed_behind_the_gateway(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    folder = packed(store, klok, tmp_path)
    with store.database.writing("*") as connection:
        connection.exec_driver_sql(
            "UPDATE prestatie SET ingediend_bedrag = 1 WHERE referentienummer = 'R1'"
        )
    found = " ".join(wrong_with(store, folder))
    assert "het grootboek op dat moment is nu anders" in found
    assert "regels.csv komt er nu anders uit" in found


def test_what_providers_told_and_whether_all_added_up_are_kept_as_they_were(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    folder = packed(store, klok, tmp_path)
    assert VASTGELEGD <= {one.name for one in folder.iterdir()}
    imported(store)
    assert [] == wrong_with(store, folder)


def test_a_pack_tells_the_day_of_a_statement_as_it_is_in_the_netherlands(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    klok.now = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    imported(store)
    folder = packed(store, klok, tmp_path)
    assert ["2026-04-01"] == column(folder, "verantwoordingen.csv", "ontvangen")


def test_what_has_no_answer_yet_is_open_in_a_pack_of_that_moment(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    waits = store.inbox.receive("later.xml", [made("JW323")]).inbox_id
    found = make_pack(store, tmp_path, opdracht(), klok(), balanced)
    assert (85_000, []) == (found.cijfers.totaal.open, found.cijfers.onleesbaar)
    assert ["600,00", "250,00"] == column(found.folder, "open.csv", "in dit jaar")
    claim = store.inbox.claim(waits)
    assert claim is not None
    finish(store, claim, stuk("D202503"))
    assert [] == wrong_with(store, found.folder)
    assert [] == column(packed(store, klok, tmp_path), "open.csv", "regel")


def test_what_waits_and_cannot_be_read_is_counted_and_not_guessed(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    store.inbox.receive("kapot.xml", [made("JW323")[:-10]])
    found = make_pack(store, tmp_path, opdracht(), klok(), balanced)
    assert (0, 1) == (found.cijfers.totaal.open, len(found.cijfers.onleesbaar))
    told = "1 bericht zonder antwoord is niet te lezen"
    assert told in (found.folder / "samenvatting.md").read_text(encoding="utf-8")


def test_another_municipality_is_in_no_pack(store: SqlStore, klok: Klok, tmp_path: Path) -> None:
    fill(store, klok)
    other = line(1, referentienummer="ELDERS", begindatum="2025-02-01", einddatum="2025-02-28")
    declared(store, [other], ANDERE_GEMEENTE)
    folder = packed(store, klok, tmp_path)
    assert "ELDERS" not in column(folder, "regels.csv", "regel")
    assert [] == store.jaarafsluitingen.list(ELDERS, 10).rijen
    with pytest.raises(NietGevonden):
        store.jaarafsluitingen.get(ELDERS, 1)


# --- trajectories -----------------------------------------------------------------------------

TRAJECT = Cel(
    rij=1,
    dimensies=(),
    productcategorie="45",
    productcode="45P11",
    eenheid="83",
    soort="traject",
    bedrag=265_000,
    vanaf=date(2025, 1, 1),
    termijnen=(Termijn("start", 50), Termijn("einde")),
)
OVEREENKOMST = Overeenkomst(
    id="trajecten",
    naam="Trajecten",
    versie="1",
    wetten=("jeugdwet",),
    gemeenten=("0193",),
    variant="output",
    peildatum="ingangsdatum",
    dimensies=(),
    cellen=(TRAJECT,),
)


def traject(store: SqlStore) -> None:
    """A trajectory of 120 days from 1 November 2025, of which both parts are granted."""
    part = {"toewijzingnummer": 2, "productcode": "45P11", "eenheid": "83", "producttarief": None}
    own: dict[str, Any] = {
        "productcode": "45P11",
        "eenheid": "83",
        "ingangsdatum": date(2025, 11, 1),
        "einddatum": date(2026, 2, 28),
    }
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(2, **own)]))
    settled(
        store,
        stuk(
            "T1",
            regel(1, "T1", "2025-11-01", "2025-11-30", 132_500, **part),
            regel(2, "T2", "2025-12-01", "2025-12-31", 132_500, **part),
        ),
    )


@pytest.mark.parametrize(
    ("jaar", "vooruit", "overgenomen", "lasten"),
    [(2025, 65_146, 0, 199_854), (2026, 0, 65_146, 65_146)],
)
def test_what_is_paid_at_the_start_of_a_trajectory_is_of_both_years(
    store: SqlStore,
    klok: Klok,
    tmp_path: Path,
    jaar: int,
    vooruit: int,
    overgenomen: int,
    lasten: int,
) -> None:
    traject(store)
    what = opdracht(jaar, index([OVEREENKOMST]))
    stand = make_pack(store, tmp_path, what, klok(), balanced).cijfers.totaal
    assert (vooruit, overgenomen, lasten) == (stand.vooruit, stand.overgenomen, stand.lasten)


def test_the_list_of_trajectories_tells_from_what_its_duration_is_known(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    traject(store)
    begin = start(2, begindatum=date(2025, 11, 11))
    settled(store, lambda work: work.add_leveringen(AANBIEDER, [begin]))
    folder = packed(store, klok, tmp_path, opdracht(2025, index([OVEREENKOMST])))
    # From 11 November there are 51 of 110 days in 2025: 61,431.82 of 132,500.
    (found,) = rows(folder, "overlopend.csv")
    assert ("2025-11-11", "2026-02-28", "toewijzing", "710,68") == tuple(
        found[kop] for kop in ("aanvang", "verwacht einde", "bekend uit", "vooruitbetaald")
    )


# --- statements -------------------------------------------------------------------------------


def imported(store: SqlStore, rijen: Any = None, naam: str = "opgave.csv") -> int:
    """The number of a statement of the provider."""
    opgave = read_opgave(rijen or STATEMENT, {})
    bestand = Bestand(naam=naam, sha256=f"{hash(str(rijen)):064x}"[:64])
    return store.verantwoordingen.take_in(ANNA, ("0193", 2025, AGB), opgave, bestand, no_log)


def compared(store: SqlStore, nummer: int) -> Verantwoording:
    what = opdracht()
    return store.verantwoordingen.compare(
        ZWOLLE, nummer, what.instellingen, what.codes, what.lees, no_log
    )


def explanations(store: SqlStore, nummer: int) -> dict[str, tuple[Soort, int]]:
    blad = store.verantwoordingen.verschillen(ZWOLLE, nummer, 100)
    return {
        one.verschil.sleutel: (Soort(one.verschil.soort), one.verschil.bedrag) for one in blad.rijen
    }


def test_every_difference_with_a_statement_is_explained(store: SqlStore, klok: Klok) -> None:
    fill(store, klok)
    een = compared(store, imported(store))
    assert (31_250, 17_984, 13_266) == (een.bedrag, een.toegekend, een.verschil)
    assert {
        "R2": (Soort.ANDER_JAAR, 4_516),
        "R3": (Soort.AFGEWEZEN, 3_000),
        "R4": (Soort.GECREDITEERD, 7_000),
        "R5": (Soort.LAAT, -2_500),
        "X9": (Soort.NIET_INGEDIEND, 1_250),
    } == explanations(store, een.nummer)
    soorten = store.verantwoordingen.soorten(ZWOLLE, een.nummer)
    assert een.verschil == sum(one.bedrag for one in soorten)


def test_a_statement_per_assignment_is_laid_beside_its_lines_together(
    store: SqlStore, klok: Klok
) -> None:
    fill(store, klok)
    kop = ["toewijzingnummer", "productcode", "bedrag"]
    een = compared(store, imported(store, [kop, [1, "45A04", 200], [99, "45A04", 5]]))
    assert {
        "1/45A04": (Soort.AFGEWEZEN, 2_016),
        "99/45A04": (Soort.ONBEKENDE_TOEWIJZING, 500),
    } == explanations(store, een.nummer)


def test_a_credit_under_its_own_number_is_laid_beside_its_debet(
    store: SqlStore, klok: Klok
) -> None:
    fill(store, klok)
    told = [STATEMENT[0], ["R1", 100], ["R2", 54.84], ["R4", 70], ["C4", -70], ["R5", 25]]
    een = compared(store, imported(store, told))
    assert (0, {}) == (een.verschil, explanations(store, een.nummer))


def test_what_waits_for_its_answer_explains_a_difference(store: SqlStore, klok: Klok) -> None:
    fill(store, klok)
    store.inbox.receive("later.xml", [made("JW323")])
    een = compared(store, imported(store, [STATEMENT[0], ["2025-03-001", 600]]))
    assert (Soort.OPEN, 60_000) == explanations(store, een.nummer)["2025-03-001"]


def test_a_statement_takes_the_place_of_the_one_before(store: SqlStore, klok: Klok) -> None:
    fill(store, klok)
    first = imported(store)
    with pytest.raises(WrongUse, match=f"al ingelezen als verantwoording {first}"):
        imported(store)
    second = imported(store, [STATEMENT[0], ["R1", 100]])
    assert [second] == [one.nummer for one in store.verantwoordingen.list(ZWOLLE, "0193", 2025)]
    with pytest.raises(NietGevonden):
        store.verantwoordingen.get(ZWOLLE, first)
    with pytest.raises(NietGevonden):
        store.verantwoordingen.get(ELDERS, second)


def test_a_statement_of_who_is_not_known_is_refused(store: SqlStore) -> None:
    with pytest.raises(WrongUse, match="is bij gemeente 0193 niet bekend"):
        imported(store)


def test_a_decision_needs_a_reason_and_stands_as_long_as_the_amounts(
    store: SqlStore, klok: Klok
) -> None:
    fill(store, klok)
    nummer, judge = imported(store), store.verantwoordingen.judge
    with pytest.raises(WrongUse, match="eerst met het grootboek"):
        judge(ZWOLLE, ANNA, nummer, AKKOORD, "goed", no_log)
    compared(store, nummer)
    with pytest.raises(WrongUse, match="toelichting"):
        judge(ZWOLLE, ANNA, nummer, AKKOORD, " ", no_log)
    assert AKKOORD == judge(ZWOLLE, ANNA, nummer, AKKOORD, "besproken", no_log).staat
    assert AKKOORD == compared(store, nummer).staat
    settled(store, stuk("D9", regel(1, "R9", "2025-07-01", "2025-07-31", 100)))
    assert ONTVANGEN == compared(store, nummer).staat


def test_two_comparisons_at_once_come_after_each_other(store: SqlStore, klok: Klok) -> None:
    fill(store, klok)
    nummer, begin = imported(store), Barrier(4)

    def one(_: int) -> int | None:
        begin.wait()
        return compared(store, nummer).verschil

    with ThreadPoolExecutor(4) as pool:
        assert [13_266] * 4 == list(pool.map(one, range(4)))
    assert 5 == len(explanations(store, nummer))


def test_the_overview_tells_who_is_late_with_a_statement(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    packed(store, klok, tmp_path)
    ours = opdracht().instellingen

    def on(day: date) -> tuple[str, bool]:
        (een,) = overview_of(store, ZWOLLE, "0193", 2025, ours, day).aanbieders
        return een.staat, een.is_te_laat

    assert (ONTBREEKT, False) == on(date(2026, 4, 1))
    assert (ONTBREEKT, True) == on(date(2026, 4, 2))
    compared(store, imported(store))
    assert (ONTVANGEN, False) == on(date(2026, 4, 2))


# --- samples ----------------------------------------------------------------------------------


def test_a_sample_is_of_what_is_granted_and_not_taken_back(store: SqlStore, klok: Klok) -> None:
    fill(store, klok)
    ours = opdracht().instellingen
    nummers = [
        store.steekproeven.draw(ANNA, ("0193", 2025, one), "zaad", ours, no_log)
        for one in (None, AGB)
    ]
    een, posten = store.steekproeven.get(ZWOLLE, nummers[0])
    # R1, R2 (as far as it is of 2025) and R5; each is more than the interval.
    assert (3, 17_984, 59) == (een.regels, een.populatie, een.interval)
    assert [10_000, 5_484, 2_500] == [one.bedrag for one in posten]
    assert all(one.is_hoog for one in posten)
    other = store.steekproeven.get(ZWOLLE, nummers[1])[1]
    assert [(one.stuk_id, one.regelnr) for one in posten] == [
        (one.stuk_id, one.regelnr) for one in other
    ]
    with pytest.raises(NietGevonden):
        store.steekproeven.get(ELDERS, nummers[0])


def test_results_are_kept_and_projected(store: SqlStore, klok: Klok) -> None:
    fill(store, klok)
    ours = opdracht().instellingen
    nummer = store.steekproeven.draw(ANNA, ("0193", 2025, None), "zaad", ours, no_log)
    found = [Uitslag(1, "goed"), Uitslag(2, "fout", 184, "te veel uren"), Uitslag(3, "goed")]
    assert 3 == store.steekproeven.record(ZWOLLE, ANNA, nummer, found, no_log)
    een, posten = store.steekproeven.get(ZWOLLE, nummer)
    oordeel = verdict_of(een, posten)
    # 1.84 of 179.84 is more than one percent; nothing else has to be estimated.
    assert (0, 184, Oordeel.VOLDOET_NIET) == (
        oordeel.ontbreekt,
        oordeel.fouten.waarschijnlijk,
        oordeel.oordeel_fouten,
    )
    assert Oordeel.VOLDOET is oordeel.oordeel_onzeker
    assert ("te veel uren", "Anna") == (posten[1].reden, posten[1].door)


def test_results_are_kept_in_as_many_statements_for_many_as_for_one(
    store: SqlStore, klok: Klok
) -> None:
    fill(store, klok)
    ours = opdracht().instellingen
    nummer = store.steekproeven.draw(ANNA, ("0193", 2025, None), "zaad", ours, no_log)

    def sent(count: int) -> int:
        seen: list[object] = []
        event = (store.database.engine, "before_cursor_execute", lambda *_: seen.append(1))
        sa.event.listen(*event)
        try:
            found = [Uitslag(nr, "goed") for nr in range(1, count + 1)]
            store.steekproeven.record(ZWOLLE, ANNA, nummer, found, no_log)
        finally:
            sa.event.remove(*event)
        return len(seen)

    assert sent(1) == sent(3)


@pytest.mark.parametrize(
    "wrong",
    [
        Uitslag(9, "goed"),
        Uitslag(1, "prima"),
        Uitslag(1, "goed", 5),
        Uitslag(1, "fout", 0, "waarom"),
        Uitslag(1, "fout", 10_001, "waarom"),
        Uitslag(1, "onzeker", 10, " "),
    ],
)
def test_a_result_that_cannot_be_is_refused_with_all_the_others(
    store: SqlStore, klok: Klok, wrong: Uitslag
) -> None:
    fill(store, klok)
    ours = opdracht().instellingen
    nummer = store.steekproeven.draw(ANNA, ("0193", 2025, None), "zaad", ours, no_log)
    with pytest.raises(WrongUse, match="post"):
        store.steekproeven.record(ZWOLLE, ANNA, nummer, [Uitslag(2, "goed"), wrong], no_log)
    assert {None} == {one.oordeel for one in store.steekproeven.get(ZWOLLE, nummer)[1]}


def test_nothing_granted_gives_no_sample(store: SqlStore) -> None:
    ours = opdracht().instellingen
    with pytest.raises(WrongUse, match="niets toegekend"):
        store.steekproeven.draw(ANNA, ("0193", 2025, None), "zaad", ours, no_log)


def test_the_manifest_tells_the_years_and_the_ledger(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    manifest = json.loads((packed(store, klok, tmp_path) / "manifest.json").read_bytes())
    assert {"2025": 17_984, "2026": 4_516} == manifest["jaren"]
    assert 22_500 == manifest["grootboek"]["toegekend"]


# --- what had its time ------------------------------------------------------------------------


def test_statements_and_samples_go_once_they_had_their_time(store: SqlStore, klok: Klok) -> None:
    fill(store, klok)
    compared(store, imported(store))
    store.steekproeven.draw(ANNA, ("0193", 2025, None), "z", opdracht().instellingen, no_log)
    day = klok().date()
    assert {VERANTWOORDINGEN: 0, STEEKPROEVEN: 0} == gone(store, day)
    assert {VERANTWOORDINGEN: 1, STEEKPROEVEN: 1} == gone(store, day + timedelta(1))
    assert [] == store.verantwoordingen.list(ZWOLLE, "0193", 2025)
    assert [] == store.steekproeven.list(ZWOLLE, "0193", 2025)


def gone(store: SqlStore, dag: date) -> dict[Rijen, int]:
    """How many of each kind were of before a day, and went."""
    found = {}
    for kind in (VERANTWOORDINGEN, STEEKPROEVEN):
        some = [one for part in kind.zoek(store.database, dag) for one in part]
        with store.database.writing("*") as connection:
            found[kind] = len(kind.wis(connection, some, dag)) if some else 0
    return found
