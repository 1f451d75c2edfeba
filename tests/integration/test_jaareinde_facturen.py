"""Invoices outside the message traffic belong to the year: in the pack, its totals and samples."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.agreements.match import index
from gateway.ledger.geld.factuurcontrole import Factuur, Factuurregel
from gateway.ledger.geld.specificatie import DECLARATIE, FACTUUR
from gateway.ledger.jaareinde.stand import Jaarstand
from gateway.periods.bedragen import euros
from gateway.store.geld.nazorg.creditfacturen import Creditopgave
from gateway.store.geld.nazorg.factuuropgave import Opgave
from gateway.store.jaareinde.afsluiten import make_pack, read_pack
from gateway.store.jaareinde.steekproefmap import write_sample
from gateway.store.noteren import no_log
from gateway.store.store import SqlStore
from tests.integration.betaalhuis import BRAM
from tests.integration.jaarhuis import AGB, ANNA, ZWOLLE, balanced, fill, opdracht
from tests.integration.store_builders import Klok, new_store
from tests.integration.test_jaareinde import column, packed, rows, wrong_with

pytestmark = pytest.mark.usefixtures("opslag")
DECEMBER, NIEUWJAAR = ("2025-12-01", "2025-12-31"), ("2025-12-15", "2026-01-14")
# Of 2025: 100.00, 17/31 of 310.00, and 40.00 that is taken back again; 7.00 waits.
FACTUREN = 10_000 + 17_000
OP_TIJD, LAAT = datetime(2026, 2, 10, 9, tzinfo=UTC), datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.fixture
def klok() -> Klok:
    return Klok()


@pytest.fixture
def store(tmp_path: Path, klok: Klok) -> Iterator[SqlStore]:
    made = new_store(tmp_path, klok)
    yield made
    made.close()


def invoiced(
    store: SqlStore, nummer: str, dagen: tuple[str, str], *bedragen: int, is_approved: bool = True
) -> int:
    begin, eind = map(date.fromisoformat, dagen)
    regels = [
        Factuurregel(nr, "45A04", "01", begin, eind, 1, None, bedrag)
        for nr, bedrag in enumerate(bedragen, start=1)
    ]
    een = Factuur(
        gemeente="0193",
        wet="jeugdwet",
        aanbieder=AGB,
        factuurnummer=nummer,
        factuurdatum=date(2026, 1, 20),
        regels=regels,
    )
    opgave = Opgave(factuur=een, soort="geen-bsn", referentie=nummer)
    made = store.facturen.add(ZWOLLE, ANNA, opgave, index([]))
    if is_approved:
        approve(store, made)
    return made


def approve(store: SqlStore, factuur: int) -> None:
    een = store.facturen.get(ZWOLLE, factuur)
    store.voorstellen.approve(ZWOLLE, BRAM, een.voorstel_id)


def credited(store: SqlStore, factuur: int, nummer: str, *regels: int) -> int:
    opgave = Creditopgave(factuurnummer=nummer, factuurdatum=date(2026, 2, 1), regels=regels)
    return store.facturen.credit(ZWOLLE, ANNA, factuur, opgave)


def fill_invoices(store: SqlStore, klok: Klok) -> int:
    """In time, over new year, late, waiting, and taken back; the number of the first one."""
    klok.now = OP_TIJD
    first = invoiced(store, "F1", DECEMBER, 10_000, 4_000)
    invoiced(store, "F2", NIEUWJAAR, 31_000)
    klok.now = LAAT
    approve(store, credited(store, first, "C1", 2))
    invoiced(store, "F3", DECEMBER, 700, is_approved=False)
    dropped = invoiced(store, "F4", DECEMBER, 900, is_approved=False)
    een = store.facturen.get(ZWOLLE, dropped)
    store.voorstellen.refuse(ZWOLLE, BRAM, een.voorstel_id, "geen handtekening")
    return first


def test_the_pack_has_every_invoice_of_the_year_and_its_costs(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    fill_invoices(store, klok)
    made = make_pack(store, tmp_path, opdracht(), klok(), balanced)
    netto = 24_984 - 7_000
    assert (
        Jaarstand(
            regels=6,
            toegekend=24_984,
            gecrediteerd=7_000,
            laat=-4_500,
            afgewezen=3_000,
            facturen=FACTUREN,
            facturen_open=700,
        )
        == made.cijfers.totaal
    )
    assert netto + FACTUREN == made.cijfers.totaal.lasten
    assert {2025: FACTUREN, 2026: 14_000} == made.cijfers.factuurjaren
    folder = made.folder
    koppen = ("factuur", "regel", "crediteert", "in dit jaar", "stand", "laat")
    told = [tuple(one[kop] for kop in koppen) for one in rows(folder, "facturen.csv")]
    assert [
        ("F1", "1", "", "100,00", "goedgekeurd", "nee"),
        ("F1", "2", "", "40,00", "goedgekeurd", "nee"),
        ("F2", "1", "", "170,00", "goedgekeurd", "nee"),
        ("C1", "2", "F1", "-40,00", "goedgekeurd", "ja"),
        ("F3", "1", "", "7,00", "wacht op goedkeuring", "nee"),
    ] == told
    for naam in ("aanbieders.csv", "totalen.csv"):
        (total,) = rows(folder, naam)
        assert ("270,00", "7,00", "449,84") == tuple(
            total[kop] for kop in ("facturen", "facturen open", "lasten")
        )
    jaren = [(one["jaar"], one["facturen"]) for one in rows(folder, "jaren.csv")]
    assert [("2025", "270,00"), ("2026", "140,00"), ("alle jaren", "410,00")] == jaren[:3]
    summary = (folder / "samenvatting.md").read_text(encoding="utf-8")
    assert f"buiten het berichtenverkeer, goedgekeurd | {euros(FACTUREN)} |" in summary
    named = {one.naam: one.sha256 for one in read_pack(folder).bestanden}
    assert sha256((folder / "facturen.csv").read_bytes()).hexdigest() == named["facturen.csv"]
    kept = store.jaarafsluitingen.aanbieders(ZWOLLE, made.nummer)
    assert {AGB: made.cijfers.totaal} == kept


def test_what_is_decided_later_does_not_change_a_pack_that_was_made(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill(store, klok)
    first = fill_invoices(store, klok)
    folder = packed(store, klok, tmp_path)
    waits = next(one for one in store.facturen.list(ZWOLLE).rijen if one.factuurnummer == "F3")
    approve(store, waits.nummer)
    approve(store, credited(store, first, "C2"))
    invoiced(store, "F5", DECEMBER, 5_000)
    assert [] == wrong_with(store, folder)
    later = packed(store, klok, tmp_path)
    told = {(one["factuur"], one["in dit jaar"]) for one in rows(later, "facturen.csv")}
    assert {("F3", "7,00"), ("F5", "50,00"), ("C2", "-100,00")} <= told
    assert [] == wrong_with(store, later)


def test_a_pack_from_before_invoices_were_in_it_can_still_be_verified(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    """As the version before made it: without their list and columns, of schema 1."""
    fill(store, klok)
    fill_invoices(store, klok)
    folder = packed(store, klok, tmp_path)
    (folder / "facturen.csv").unlink()
    without(folder / "jaren.csv", {"facturen"})
    for naam in ("aanbieders.csv", "totalen.csv"):
        without(folder / naam, {"facturen", "facturen open"}, lasten="179,84")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["schema"] = "1"
    manifest["bestanden"] = [
        {
            "naam": one.name,
            "grootte": one.stat().st_size,
            "sha256": sha256(one.read_bytes()).hexdigest(),
        }
        for one in sorted(folder.iterdir())
        if one.name != "manifest.json"
    ]
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    assert [] == wrong_with(store, folder)


def without(file: Path, koppen: set[str], **changed: str) -> None:
    """A list without some of its columns, and with other values in others."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        table = list(csv.DictReader(opened, delimiter=";"))
    names = [one for one in table[0] if one not in koppen]
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, names, delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({name: changed.get(name, row[name]) for name in names} for row in table)


def test_a_year_with_invoices_alone_has_costs(store: SqlStore, klok: Klok, tmp_path: Path) -> None:
    fill_invoices(store, klok)
    made = make_pack(store, tmp_path, opdracht(), klok(), balanced)
    assert (0, FACTUREN, True) == (
        made.cijfers.totaal.netto,
        made.cijfers.totaal.lasten,
        made.cijfers.klopt,
    )
    assert [] == wrong_with(store, made.folder)
    assert [AGB] == column(made.folder, "aanbieders.csv", "aanbieder")


def drawn(store: SqlStore, nummer: int) -> list[tuple[Any, ...]]:
    _, posten = store.steekproeven.get(ZWOLLE, nummer)
    return [(one.bron, one.regelnr, one.bedrag) for one in posten]


def test_a_sample_is_of_what_was_invoiced_and_stands_too(store: SqlStore, klok: Klok) -> None:
    fill(store, klok)
    fill_invoices(store, klok)
    ours = msgspec.structs.replace(opdracht().instellingen, omvang=10_000)
    nummer = store.steekproeven.draw(ANNA, ("0193", 2025, None), "zaad", ours, no_log)
    een, _ = store.steekproeven.get(ZWOLLE, nummer)
    found = drawn(store, nummer)
    assert (5, 17_984 + FACTUREN) == (een.regels, een.populatie)
    expected = [(FACTUUR, 1, 10_000), (FACTUUR, 1, 17_000)]
    assert expected == [one for one in found if one[0] == FACTUUR]
    assert 3 == len([one for one in found if one[0] == DECLARATIE])
    again = store.steekproeven.draw(ANNA, ("0193", 2025, None), "zaad", ours, no_log)
    assert found == drawn(store, again)


def test_the_paper_of_an_invoice_tells_who_put_it_down_and_who_approved_it(
    store: SqlStore, klok: Klok, tmp_path: Path
) -> None:
    fill_invoices(store, klok)
    ours = msgspec.structs.replace(opdracht().instellingen, omvang=10_000)
    nummer = store.steekproeven.draw(ANNA, ("0193", 2025, None), "zaad", ours, no_log)
    place = write_sample(store, None, ZWOLLE, tmp_path, *store.steekproeven.get(ZWOLLE, nummer))  # type: ignore[arg-type]
    first, second = rows(place, "posten.csv")
    assert ("F1", "1", "100,00", "post-00001.json") == tuple(
        first[kop] for kop in ("factuur", "regel", "bedrag", "stuk")
    )
    assert "170,00" == second["bedrag"]
    paper = json.loads((place / first["stuk"]).read_bytes())
    assert ("F1", 14_000, 10_000, "Anna", "Bram") == (
        *(paper["factuur"]["factuurnummer"], paper["factuur"]["bedrag"]),
        *(paper["regel"]["bedrag"], paper["vierOgen"]["vastgelegdDoor"]),
        paper["vierOgen"]["goedgekeurdDoor"],
    )
    assert first["kenmerk"] == store.kenmerken.of(FACTUUR, 1)
