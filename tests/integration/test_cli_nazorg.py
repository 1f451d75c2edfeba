"""What is put right afterwards from the command line: words, exit codes, and four eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik
from tests.integration.berichten import run
from tests.integration.store_builders import (
    AANBIEDER,
    ANDERE_GEMEENTE,
    BSN,
    BSN2,
    Klok,
    declared,
    line,
    new_store,
    settled,
    toewijzing,
)
from tests.opslag import store_of

KOP = (
    "gemeente;wet;aanbieder;soort;referentie;factuurnummer;factuurdatum;productcode;eenheid;"
    "begindatum;einddatum;volume;tarief;bedrag"
)
RIJ = "0193;jeugdwet;12345678;instelling;dossier 4;F1;2026-05-02;45A04;01;{};{};100;1,50;150,00"
Opdracht = Callable[..., tuple[int, str]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = new_store(tmp_path, Klok(), rol="gemeente")
    yield made
    made.close()


@pytest.fixture
def gateway(store: SqlStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Opdracht:
    """Run a command on the store; gives its exit code and what it said."""

    def ask(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run([*arguments, "--store", store_of(tmp_path)])
        told = capsys.readouterr()
        return code, (told.out + told.err).replace("\N{NO-BREAK SPACE}", " ")

    return ask


def test_credits_are_asked_by_the_names_that_others_know(
    store: SqlStore, gateway: Opdracht
) -> None:
    declared(store, [line(1), line(2)])
    who = ("--gemeente", "0193", "--aanbieder", "12345678")
    ask = ("corrections", "request", *who, "--uiterlijk", "2099-01-01")
    code, told = gateway(*ask, "--reden", "dubbel", "--regel", "D1/R1", "--regel", "D1/R9")
    assert (1, True) == (code, "creditverzoek 1: 1 regel, samen € 66,00" in told)
    assert "1 regel is niet toegekend" in told
    assert (2, True) == ((wrong := gateway(*ask, "--reden", "x", "--regel", "D1/R2"))[0], True)
    assert "kies een reden: dubbel" in wrong[1]
    assert 2 == gateway(*ask, "--reden", "dubbel")[0]
    assert 2 == gateway(*ask, "--reden", "dubbel", "--regel", "D1")[0]
    code, told = gateway("corrections", "list")
    assert (0, True) == (code, "dezelfde zorg is twee keer gedeclareerd" in told)
    assert 0 == gateway("corrections", "promise", "1")[0]
    assert 0 == gateway("corrections", "refuse", "1", "--reden", "klopt wel")[0]
    assert "geweigerd" in gateway("corrections", "list", "--stand", "geweigerd")[1]
    assert 0 == gateway("corrections", "withdraw", "1", "--reden", "toch niet")[0]
    code, told = gateway("corrections", "withdraw", "1", "--reden", "toch niet")
    assert (3, True) == (code, "al ingetrokken" in told)
    assert 3 == gateway("corrections", "withdraw", "9", "--reden", "x")[0]


def test_lines_come_from_a_file_too(store: SqlStore, gateway: Opdracht, tmp_path: Path) -> None:
    declared(store, [line(1), line(2)])
    list_ = tmp_path / "regels.csv"
    list_.write_text("declaratie;regel\nD1;R1\nD1;R2\n", encoding="utf-8")
    ask = ("corrections", "request", "--gemeente", "0193", "--aanbieder", "12345678")
    ask += ("--reden", "tarief", "--uiterlijk", "2099-01-01", "--bestand")
    assert (0, True) == (
        (done := gateway(*ask, str(list_)))[0],
        "2 regels, samen € 132,00" in done[1],
    )
    list_.write_text("a;b\n", encoding="utf-8")
    assert "kolommen declaratie en regel" in gateway(*ask, str(list_))[1]
    assert 2 == gateway(*ask, str(tmp_path / "niets.csv"))[0]


def test_an_export_has_all_items_of_the_year(
    store: SqlStore, gateway: Opdracht, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.geld.settle.AT_ONCE", 1)
    for nummer, bsn in ((1, BSN), (2, BSN2)):
        given = [toewijzing(nummer, bsn=bsn)]
        settled(store, lambda work, own=given: work.add_toewijzingen("0193", "jeugdwet", own))
    declared(store, [line(1, bsn=BSN), line(2, bsn=BSN2, toewijzingnummer=2)])
    add = ("corrections", "settle", "add", "--van", "0193", "--aan", "0150")
    add += ("--vanaf", "2026-01-01", "--grond", "verhuizing", "--toewijzing")
    assert [0, 0] == [gateway(*add, str(nummer))[0] for nummer in (1, 2)]
    told = gateway("corrections", "settle", "export", "--jaar", "2026", "--ander", "0150")[1]
    assert 3 == len(told.splitlines())
    assert 2 == len({row["betrokkene"] for row in store.logboek.rows()} - {None})


def test_two_municipalities_settle(
    store: SqlStore, gateway: Opdracht, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(1)]))
    declared(store, [line(1)])
    declared(store, [line(1)], ANDERE_GEMEENTE, "D2")
    add = ("corrections", "settle", "add", "--van", "0193", "--toewijzing", "1")
    add += ("--vanaf", "2026-01-01", "--grond", "verhuizing", "--aan")
    assert (2, True) == ((wrong := gateway(*add, "9999"))[0], "bestaat niet" in wrong[1])
    code, told = gateway(*add, "0150")
    assert (0, "verrekening 1: 2026, 1 regel, € 66,00\n") == (code, told)
    settle = ("corrections", "settle")
    assert 3 == gateway(*settle, "confirm", "1")[0]
    assert 2 == gateway(*settle, "answer", "1", "betwist")[0]
    code, told = gateway(*settle, "answer", "1", "akkoord")
    assert (3, True) == (code, "u sprak bij deze post al voor de andere gemeente" in told)
    with monkeypatch.context() as patched:
        patched.setattr("gateway.cli.geld.wie.account", lambda: "iemand-anders")
        assert 0 == gateway(*settle, "answer", "1", "akkoord")[0]
    code, told = gateway(*settle, "list", "--jaar", "2026")
    rows = [one.split() for one in told.splitlines()]
    assert ["0193", "0150", "2026", "€", "66,00", "€", "66,00", "€", "0,00"] in rows
    assert ["0150", "0193", "2026", "€", "-66,00", "€", "-66,00", "€", "0,00"] in rows
    code, told = gateway(*settle, "export", "--jaar", "2026", "--ander", "0150")
    assert (0, True, False) == (code, ";66,00;" in told, "99990" in told)
    assert (0, "0 posten voorgesteld\n") == gateway(*settle, "find")
    assert "verrekeningen zoeken in 319-berichten" in [one["name"] for one in store.logboek.rows()]
    assert 3 == gateway(*settle, "withdraw", "1")[0]
    assert 2 == gateway(*settle, "counter", "1")[0]
    credit = {"debet_credit": "C", "referentienummer": "C1", "vorig_referentienummer": "R1"}
    declared(store, [line(1, **credit)], nummer="D3")
    store.werkvolger.catch_up()
    expected = (0, "verrekening 2: € -66,00, tegen verrekening 1\n")
    assert expected == gateway(*settle, "counter", "1")
    code, told = gateway(*settle, "export", "--jaar", "2026", "--ander", "0150")
    assert (0, True) == (code, ";-66,00;" in told)


def test_invoices_come_from_a_file_and_wait_for_somebody_else(
    store: SqlStore, gateway: Opdracht, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared(store, [line(1)], AANBIEDER)
    list_ = tmp_path / "facturen.csv"
    april, march = ("2026-04-01", "2026-04-30"), ("2026-03-01", "2026-03-31")
    rows = [KOP, RIJ.format(*april), RIJ.format(*march), RIJ.format(*march).replace("F1", "F2")]
    list_.write_text("\n".join(rows), encoding="utf-8")
    code, told = gateway("invoices", "import", str(list_))
    assert (1, True) == (code, "factuur 1 (F1) wacht op een tweede persoon" in told)
    assert "factuur 2, regel 1: factuur F1 gaat over hetzelfde product" in told
    assert (1, True) == ((again := gateway("invoices", "import", str(list_)))[0], True)
    assert 2 == again[1].count("is er al")
    assert 3 == gateway("proposals", "approve", "1")[0]
    monkeypatch.setattr("gateway.cli.geld.wie.account", lambda: "iemand-anders")
    assert 0 == gateway("proposals", "approve", "1")[0]
    code, told = gateway("invoices", "list")
    assert (0, True) == (code, "€ 300,00" in told)
    assert 1 == gateway("invoices", "check", "1")[0]
    assert "factuur 2, regel 1" in gateway("invoices", "check")[1]
    credit = ("invoices", "credit", "1", "--factuurnummer", "C1", "--factuurdatum")
    assert (2, True) == ((wrong := gateway(*credit, "2 mei"))[0], "--factuurdatum" in wrong[1])
    told = "factuur 3 (C1) wacht op een tweede persoon: voorstel 3, € -150,00\n"
    assert (0, told) == gateway(*credit, "2026-05-03", "--regel", "1")
    assert "creditfactuur C1 tegen factuur F1" in gateway("proposals", "show", "3")[1]
    assert 2 == gateway(*credit, "2026-05-03", "--regel", "1")[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("jeugdwet", "zorgwet", "rij 2: wet is jeugdwet of wmo"),
        ("12345678", "1234", "AGB-code van acht cijfers"),
        ("2026-05-02", "2 mei", "rij 2: factuurdatum is geen datum"),
        (";100;", ";veel;", "rij 2: volume is geen geheel getal"),
        ("150,00", "honderd", "rij 2: bedrag: schrijf het bedrag"),
        ("150,00", "-150,00", "rij 2: bedrag is onder nul; leg een creditfactuur"),
        ("tarief", "prijs", "kolom prijs is niet bekend"),
        ("volume;", "", "kolommen ontbreken: volume"),
    ],
)
def test_a_mistake_in_a_file_names_its_row_and_keeps_all_out(
    store: SqlStore, gateway: Opdracht, tmp_path: Path, old: str, new: str, told: str
) -> None:
    declared(store, [line(1)], AANBIEDER)
    list_ = tmp_path / "facturen.csv"
    text = f"{KOP}\n{RIJ.format('2026-04-01', '2026-04-30')}\n"
    assert old in text
    list_.write_text(text.replace(old, new), encoding="utf-8")
    code, said = gateway("invoices", "import", str(list_))
    assert (2, True) == (code, told in said), said
    assert [] == store.facturen.list(Bereik(frozenset({"0193"}))).rijen


def test_an_invoice_is_held_against_an_assignment_by_hand(
    store: SqlStore, gateway: Opdracht
) -> None:
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(1)]))
    who = ("--gemeente", "0193", "--wet", "jeugdwet", "--aanbieder", "12345678")
    who += ("--soort", "geen-bsn", "--referentie", "zaak 12", "--productcode", "45A04")
    who += ("--eenheid", "01", "--begindatum", "2026-04-01", "--einddatum", "2026-04-30")
    assert (0, "toewijzing 1 is vastgelegd\n") == gateway(
        "invoices", "assign", *who, "--volume", "90"
    )
    add = ("invoices", "add", *who, "--factuurnummer", "F1", "--factuurdatum", "2026-05-02")
    add += ("--volume", "100", "--tarief", "1,50", "--bedrag", "150,00", "--toewijzing", "1")
    code, told = gateway(*add)
    assert (1, True) == (code, "is 100 gevraagd, toegewezen is 90 (omvang)" in told)
    assert (2, True) == ((again := gateway(*add))[0], "is er al" in again[1])
    assert 0 == gateway("invoices", "link", "1", "--toewijzing", "1")[0]
    declared(store, [line(1, begindatum="2026-04-03", einddatum="2026-04-04")], AANBIEDER, "D8")
    assert "én in declaratie D8 (berichtenverkeer)" in gateway("invoices", "check", "1")[1]
