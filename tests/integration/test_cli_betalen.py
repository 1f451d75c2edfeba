"""`gateway ledger payments` as somebody uses it, from what is open to a journal that balances."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.cli import run
from tests.integration.betaalhuis import EIK, LINDE, Betaalhuis, betaalhuis
from tests.opslag import store_of

pytestmark = pytest.mark.usefixtures("opslag")
BETALEN = """
[standaard]
tweede_persoon_boven = 5000
termijn = 20
termijn_vanaf = "ontvangst"
[gemeente.0193]
naam = "Gemeente Zwolle"
iban = "NL86INGB0002445588"
bic = "INGBNL2A"
"""
Doe = Callable[..., tuple[int, str]]


@pytest.fixture
def huis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Betaalhuis]:
    file = tmp_path / "betalen.toml"
    file.write_text(BETALEN, encoding="utf-8")
    monkeypatch.setenv("GATEWAY_BETALEN", str(file))
    monkeypatch.setattr("gateway.cli.geld.wie.account", lambda: "anna")
    with betaalhuis(tmp_path) as made:
        yield made


@pytest.fixture
def doe(tmp_path: Path, capsys: pytest.CaptureFixture[str], huis: Betaalhuis) -> Doe:
    def called(*words: object) -> tuple[int, str]:
        told = ["ledger", "payments", *map(str, words), "--store", store_of(tmp_path)]
        code = run(told)
        out, err = capsys.readouterr()
        return code, (out + err).replace("\N{NO-BREAK SPACE}", " ")

    return called


def test_a_run_in_which_all_is_settled_says_that_it_has_no_file(
    huis: Betaalhuis, doe: Doe, tmp_path: Path
) -> None:
    huis.declareer(3000)
    huis.declareer(-3000)
    doe("make", "--gemeente", "0193")
    assert (0, "betaalrun 1 is vrijgegeven\n") == doe("release", 1)
    code, told = doe("file", 1, "--out", tmp_path)
    expected = (
        "betaalrun 1 heeft geen betaalbestand: alles is verrekend, er gaat niets naar de bank"
    )
    assert (2, True) == (code, expected in told), told
    assert [] == list(tmp_path.glob("ZORG-*.xml"))


def test_a_municipality_without_a_bic_is_named(huis: Betaalhuis, doe: Doe, tmp_path: Path) -> None:
    (tmp_path / "betalen.toml").write_text(
        BETALEN.replace('bic = "INGBNL2A"\n', ""), encoding="utf-8"
    )
    huis.declareer(3000)
    code, told = doe("make", "--gemeente", "0193")
    assert (2, True) == (code, "betalen.toml: gemeente.0193: bic ontbreekt" in told), told


def test_a_month_is_paid_from_the_command_line(huis: Betaalhuis, doe: Doe, tmp_path: Path) -> None:
    huis.declareer(3000)
    huis.declareer(-500)
    huis.execute("DELETE FROM aanbieder_rekening WHERE aanbieder = :agb", agb=EIK)
    huis.declareer(100, aanbieder=EIK)

    code, told = doe("open", "--gemeente", "0193")
    assert (0, True) == (code, "samen € 26,00" in told)
    assert 2600 == sum(one["samen"] for one in json.loads(doe("open", "--json")[1])["open"])

    code, told = doe("make", "--gemeente", "0193")
    assert 1 == code
    assert "betaalrun 1 (concept): 1 betaling, 2 regels, € 25,00" in told
    assert f"buiten de run: aanbieder {EIK}, € 1,00: er is geen rekening bekend" in told

    assert (0, "betaalrun 1 is vrijgegeven\n") == doe("release", 1)
    code, told = doe("file", 1, "--out", tmp_path)
    (file,) = tmp_path.glob("ZORG-0193-1-*.xml")
    first = file.read_bytes()
    assert (0, True) == (code, b'<InstdAmt Ccy="EUR">25.00</InstdAmt>' in first)
    doe("file", 1, "--out", tmp_path)
    assert first == file.read_bytes()
    assert (0, "betaalrun 1 is betaald op 2026-11-20\n") == doe("paid", 1, "--op", "2026-11-20")

    code, told = doe("show", 1)
    assert (0, True) == (code, f"{LINDE}" in told and "betaald" in told)
    _, told = doe("remittance", 1)
    rows = list(csv.reader(io.StringIO(told), delimiter=";"))
    assert ["30,00", "-5,00"] == [row[-1] for row in rows[1:]]
    document = json.loads(doe("remittance", 1, "--json")[1])
    assert 2500 == document["bedrag"] == sum(one["bedrag"] for one in document["regels"])
    assert "99990000" not in told + json.dumps(document)

    document = json.loads(doe("journal", 1, "--json")[1])
    assert 5000 == document["debet"] == document["credit"]
    assert "6.72a" in doe("journal", 1)[1]

    doe("bounced", 1, "--op", "2026-11-21", "--reden", "rekening opgeheven")
    assert "teruggekomen" in doe("show", 1)[1]
    assert (0, "de betalingen kloppen\n") == doe("check")
    assert (1, True) == ((found := doe("make", "--gemeente", "0193"))[0], "€ 25,00" in found[1])
    assert (0, "betaalrun 2 is vervallen; de regels zijn weer vrij\n") == doe("drop", 2)
    assert ["2", "1"] == [line.split()[0] for line in doe("list")[1].splitlines()[2:]]
    assert (0, "de betalingen kloppen\n") == doe("check")


def test_above_the_amount_the_command_line_asks_for_a_second_person(
    huis: Betaalhuis, doe: Doe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huis.declareer(5001)
    doe("make", "--gemeente", "0193")
    assert (0, "betaalrun 1 wacht op een tweede persoon: voorstel 1\n") == doe("release", 1)
    approve = ["proposals", "approve", "1", "--store", store_of(tmp_path)]
    assert 3 == run(approve)
    monkeypatch.setattr("gateway.cli.geld.wie.account", lambda: "bram")
    assert 0 == run(approve)
    assert "vrijgegeven" in doe("show", 1)[1]


def test_a_block_is_set_shown_and_lifted(huis: Betaalhuis, doe: Doe) -> None:
    huis.declareer(100)
    block = ("block", LINDE, "--gemeente", "0193", "--reden", "onderzoek")
    assert (0, "blokkade 1 geldt\n") == doe(*block)
    code, told = doe("make", "--gemeente", "0193")
    assert (2, True) == (code, "geblokkeerd: onderzoek" in told)
    assert "geldt" in doe("blocks")[1]
    assert (0, "blokkade 1 is opgeheven\n") == doe("unblock", 1)
    assert 3 == doe("unblock", 1)[0]
    assert 0 == doe("make", "--gemeente", "0193")[0]


def test_one_invoice_is_blocked_by_its_number(huis: Betaalhuis, doe: Doe) -> None:
    huis.factureer(100)
    block = ("block", LINDE, "--gemeente", "0193", "--reden", "onderzoek", "--factuur")
    assert 2 == doe(*block, "F9")[0]
    assert (0, "blokkade 1 geldt\n") == doe(*block, "F1")
    assert "factuur" in doe("blocks")[1]
    code, told = doe("make", "--gemeente", "0193")
    assert (2, True) == (code, "er is niets te betalen" in told)
    doe("unblock", 1)
    assert 0 == doe("make", "--gemeente", "0193")[0]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("make", "--gemeente", "0150"), 2, "van gemeente 0150 staat er niets"),
        (("make", "--gemeente", "0193", "--op", "gisteren"), 2, "gisteren is geen datum"),
        (("make", "--gemeente", "0193", "--op", "2026-01-01"), 2, "de dag van betaling"),
        (("show", 9), 3, "deze betaalrun bestaat niet"),
        (("remittance", 9), 3, "deze betaling bestaat niet"),
        (("bounced", 9, "--op", "2026-01-01", "--reden", "x"), 3, "deze betaling bestaat niet"),
        (("file", 9), 3, "deze betaalrun bestaat niet"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    huis: Betaalhuis, doe: Doe, words: tuple[object, ...], code: int, told: str
) -> None:
    huis.declareer(100)
    found = doe(*words)
    assert (code, True) == (found[0], told in found[1]), found
    assert 1 == found[1].count("\n")


def test_damage_ends_the_check_with_one(huis: Betaalhuis, doe: Doe) -> None:
    huis.declareer(100)
    doe("make", "--gemeente", "0193")
    huis.execute("UPDATE betaling SET bedrag = bedrag + 1")
    code, told = doe("check")
    assert (1, True) == (code, "de betalingen kloppen niet" in told)
    assert not json.loads(doe("check", "--json")[1])["balanced"]


def test_every_step_is_in_the_log(huis: Betaalhuis, doe: Doe) -> None:
    huis.declareer(100)
    doe("make", "--gemeente", "0193")
    doe("release", 1)
    doe("remittance", 1)
    rows = list(huis.store.logboek.rows())
    names = ["betaalrun maken", "betaalrun vrijgeven", "betaling uitvoeren"]
    assert names == [row["name"] for row in rows]
    assert [False, False, True] == [row["betrokkene"] is not None for row in rows]


def test_an_agreement_blocks_from_the_command_line(
    huis: Betaalhuis, doe: Doe, tmp_path: Path
) -> None:
    huis.declareer(100)
    agreement = (
        '[overeenkomst]\nid = "a"\nnaam = "A"\nversie = "1"\nwetten = ["jeugdwet"]\n'
        'gemeenten = ["0193"]\nvariant = "inspanning"\npeildatum = "productperiode"\n'
        "dimensies = []\n"
        '[[cel]]\nproductcategorie = "45"\nproductcode = "45A04"\neenheid = "01"\nsoort = "pxq"\n'
        f'bedrag = 100\nvanaf = 2026-01-01\n[[aanbieder]]\nagb = "{LINDE}"\ngeblokkeerd = true\n'
    )
    file = tmp_path / "a.toml"
    file.write_text(agreement, encoding="utf-8")
    code, told = doe("make", "--gemeente", "0193", "--agreements", file)
    assert (2, True) == (code, "geblokkeerd in de overeenkomst" in told), told
