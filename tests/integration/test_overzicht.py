"""The statement of a month: to the cent what the ledger says, on a screen and as every file."""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from gateway.cli import overzicht as opdracht
from gateway.ledger.overzicht import sum_of
from gateway.ledger.register.wijzigingen import AgbErbij, Nieuw
from gateway.store.inzage.overzicht import Overzichtvraag
from gateway.store.noteren import no_log
from gateway.store.store import SqlStore, StoreOptions, open_store
from gateway.web import overzichtbestand
from tests.integration.berichten import Tabel, run
from tests.integration.store_builders import Klok
from tests.integration.test_ledger import told
from tests.opslag import store_of

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
AGB, APRIL, MEI = "65656055", "2025-04", "2025-05"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store in which a line is granted, credited and submitted again, and one is rejected."""
    told(tmp_path, "regel_in_het_grootboek")
    return tmp_path


def statement(folder: Path, *options: str, maand: str = APRIL) -> int:
    given = ("--aanbieder", AGB, "--maand", maand, "--store", store_of(folder))
    return run(["ledger", "statement", *given, *options])


def document(capsys: Captured, folder: Path, *options: str, maand: str = APRIL) -> Tabel:
    capsys.readouterr()
    assert 0 == statement(folder, "--json", *options, maand=maand), capsys.readouterr().err
    found: Tabel = json.loads(capsys.readouterr().out)
    return found


def opened(folder: Path) -> SqlStore:
    return open_store(store_of(folder), Klok(), StoreOptions(codes={}))


def test_a_line_is_told_with_what_became_of_it_in_later_messages(
    folder: Path, capsys: Captured
) -> None:
    april = document(capsys, folder)
    first, second = april["regels"]
    assert ("R2_1", "DN02", "323N02", 60000, 60000, 0, -60000) == tuple(
        first[name]
        for name in (
            *("regel", "declaratie", "bericht 323"),
            *("ingediend", "toegekend", "afgewezen", "gecrediteerd"),
        )
    )
    assert ("gecrediteerd en vervangen", "R3_1 in DN03", "R3_2 in DN03") == (
        first["stand"],
        first["gecrediteerd door"],
        first["vervangen door"],
    )
    assert ("afgewezen", "9321", "afgewezen en later toegekend", "R3_3 in DN03") == (
        second["oordeel"],
        second["codes"],
        second["stand"],
        second["vervangen door"],
    )
    assert second["reden"]
    assert first["bericht 325"]
    assert first["datum 325"]
    samen = april["samen"]
    assert (2, 60000 + second["ingediend"], 60000, 0, second["ingediend"]) == (
        samen["regels"],
        samen["ingediend"],
        samen["toegekend"],
        samen["gecrediteerd"],
        samen["afgewezen"],
    )
    mei = document(capsys, folder, maand=MEI)
    assert [-60000, 50000, 45000] == [one["toegekend"] for one in mei["regels"]]
    assert ("R2_1 in DN02", 60000) == (mei["regels"][0]["crediteert"], mei["samen"]["gecrediteerd"])
    assert 35000 == mei["samen"]["toegekend"]


def test_all_months_together_are_what_the_ledger_says(folder: Path, capsys: Captured) -> None:
    found = [document(capsys, folder, maand=maand) for maand in (APRIL, MEI, "2025-06")]
    assert 0 == run(["ledger", "check", "--json", "--store", store_of(folder)])
    total = json.loads(capsys.readouterr().out)["total"]
    for name, of_ledger in (
        *(("regels", "regels"), ("ingediend", "ingediend"), ("toegekend", "toegekend")),
        *(("afgewezen", "afgewezen"), ("gecrediteerd", "credit")),
    ):
        assert total[of_ledger] == sum(one["samen"][name] for one in found)
    for one in found:
        for name in ("ingediend", "toegekend", "afgewezen"):
            assert one["samen"][name] == sum(line[name] for line in one["regels"])


def test_a_page_of_one_line_tells_the_same_as_all_at_once(folder: Path) -> None:
    store = opened(folder)
    try:
        vraag = Overzichtvraag(frozenset({"0193"}), frozenset({AGB}), MEI)
        whole, found, vanaf = list(store.overzichten.alle(vraag)), [], None
        while True:
            blad = store.overzichten.regels(vraag, 1, vanaf)
            found += blad.rijen
            vanaf = blad.volgende
            if vanaf is None:
                break
        assert whole == found
        assert sum_of(whole).is_same(store.overzichten.saldo(vraag))
        refused = store.overzichten.regels(
            Overzichtvraag(frozenset({"0193"}), frozenset({AGB}), APRIL), 5, toegekend=False
        )
        assert ["R2_2"] == [one.regel.prestatie.referentienummer for one in refused.rijen]
        elsewhere = Overzichtvraag(frozenset({"0150"}), frozenset({AGB}), MEI)
        assert [] == list(store.overzichten.alle(elsewhere))
    finally:
        store.close()


def test_the_screen_and_the_file_for_a_spreadsheet_have_every_line(
    folder: Path, capsys: Captured
) -> None:
    capsys.readouterr()
    assert 0 == statement(folder)
    shown = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    assert "gecrediteerd en vervangen door R3_1 in DN03 als R3_2 in DN03" in shown
    assert "€ 600,00 toegekend" in shown
    assert 0 == statement(folder, "--csv")
    rows = list(
        csv.DictReader(io.StringIO(capsys.readouterr().out.lstrip("\ufeff")), delimiter=";")
    )
    assert list(overzichtbestand.KOPPEN) == list(rows[0])
    assert ["600,00", "0,00"] == [one["toegekend"] for one in rows]


def unpacked(body: bytes) -> Iterator[bytes]:
    """What is packed in a PDF."""
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", body, re.DOTALL):
        with suppress(zlib.error):
            yield zlib.decompress(found[1])


def test_a_pdf_is_tagged_in_dutch_and_whole(folder: Path, capsys: Captured) -> None:
    path = folder / "uit.pdf"
    assert 0 == statement(folder, "--pdf", str(path)), capsys.readouterr().err
    body = path.read_bytes()
    assert body.startswith(b"%PDF-")
    told = body + b"".join(unpacked(body))
    for part in (b"/StructTreeRoot", b"/Lang (nl)", b"pdfuaid", b"/MarkInfo", b"/TH", b"/TD"):
        assert part in told, part
    assert [] == list(folder.glob(".uit.pdf*"))


def test_a_pdf_that_nobody_reads_is_not_made(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overzichtbestand, "MOST_IN_PDF", 1)
    path = folder / "uit.pdf"
    assert 2 == statement(folder, "--pdf", str(path))
    assert "hoogstens 1 regels, en dit overzicht heeft er 2; neem" in capsys.readouterr().err
    assert not path.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--csv", "--json"), "kies --csv, --json of --pdf"),
        (("--maand", "2025-13"), "schrijf de maand als jjjj-mm"),
        (("--aanbieder", "1"), "geen AGB-code"),
        (("--gemeente", "9999"), "van gemeente 9999 staat er niets"),
        (("--geheel",), "staat niet in het aanbiedersregister"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    folder: Path, capsys: Captured, options: tuple[str, ...], said: str
) -> None:
    capsys.readouterr()
    assert 2 == statement(folder, *options)
    assert said in capsys.readouterr().err


def test_a_provider_with_more_codes_is_asked_for_as_a_whole(folder: Path, capsys: Captured) -> None:
    store = opened(folder)
    begin = date(2024, 1, 1)
    try:
        store.register.wijzig(
            [
                Nieuw(naam="De Linde", vanaf=begin, agb="99000099"),
                AgbErbij(nummer=1, agb=AGB, vanaf=begin),
            ],
            no_log,
        )
    finally:
        store.close()
    capsys.readouterr()
    options = ("--aanbieder", "99000099", "--geheel", "--json")
    assert 0 == statement(folder, *options)
    assert 2 == json.loads(capsys.readouterr().out)["samen"]["regels"]


def test_a_machine_without_pango_says_so(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise opdracht.CouldNotFinish("deze machine kan geen PDF maken")

    monkeypatch.setattr(opdracht, "as_pdf", fail)
    assert 3 == statement(folder, "--pdf", str(folder / "uit.pdf"))
    assert "geen PDF" in capsys.readouterr().err
