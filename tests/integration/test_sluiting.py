"""A synthetic year of three municipalities closes to the cent; what is broken is named."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import run
from gateway.ledger.sluiting.regels import (
    BETAALD,
    GEBLOKKEERD,
    IN_RUN,
    OPEN,
    TERUGGEKOMEN,
    VRIJGEGEVEN,
)
from tests.integration.sluithuis import (
    ENSCHEDE,
    FACTUURBEDRAG,
    GEMEENTEN,
    HENGELO,
    JAAR,
    VANDAAG,
    ZWOLLE,
    Sluithuis,
    betaald_jaar,
)
from tests.opslag import altered, copied

pytestmark = pytest.mark.usefixtures("opslag")
Sluit = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def jaar(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Sluithuis:
    return betaald_jaar(tmp_path_factory.mktemp("jaar"))


@pytest.fixture
def sluit(capsys: pytest.CaptureFixture[str]) -> Sluit:
    def called(huis: Sluithuis, *words: object) -> tuple[int, str]:
        given = ["--jaar", JAAR, "--clock", VANDAAG, "--agreements", huis.agreements]
        code = run(["ledger", "close", *map(str, [*given, *words]), "--store", huis.store])
        out, err = capsys.readouterr()
        return code, (out + err).replace("\N{NO-BREAK SPACE}", " ")

    return called


@pytest.fixture
def stuk(jaar: Sluithuis, tmp_path: Path) -> Sluithuis:
    """A copy of the year, to break something in."""
    copied(jaar.folder, tmp_path)
    return Sluithuis(tmp_path)


def proofs(told: str) -> dict[str, Any]:
    return {one["code"]: one for one in json.loads(told)["proofs"]}


def parts(proof: dict[str, Any]) -> dict[str, int]:
    return {one["name"]: one["amount"] for one in proof["parts"]}


def test_the_year_closes_and_everything_that_can_happen_to_money_is_in_it(
    jaar: Sluithuis, sluit: Sluit
) -> None:
    code, told = sluit(jaar, "--json")
    assert (0, True, []) == (code, json.loads(told)["closes"], json.loads(told)["differences"])
    found = proofs(told)
    assert {0} == {one["difference"] for one in found.values()}
    ((granted,),) = jaar.rows(
        "SELECT sum(CASE WHEN debet_credit = 'D' THEN ingediend_bedrag ELSE -ingediend_bedrag END) "
        "FROM prestatie WHERE toegekend = 1 AND tot_volgnr IS NULL"
    )
    assert int(granted) == found["betaling"]["left"] == found["gerealiseerd"]["left"]
    where = parts(found["betaling"])
    for name in (BETAALD, "vrijgegeven, niet betaald", "teruggekomen", IN_RUN, GEBLOKKEERD, OPEN):
        assert where[name], name
    assert (
        int(granted)
        == sum(one for name, one in where.items() if "credit" not in name) - (where["toegekend"])
    )
    assert FACTUURBEDRAG == found["facturen"]["left"]
    assert 0 < found["creditverzoeken"]["left"] <= found["credits"]["left"]
    assert found["overlopend"]["left"]


def test_three_municipalities_under_three_funding_models(jaar: Sluithuis) -> None:
    query = (
        "SELECT count(*) FROM prestatie r JOIN partij p ON p.id = r.partij_id "
        "WHERE p.gemeente = ? AND r.productcode LIKE ? AND r.toegekend = 1"
    )
    models = {ZWOLLE: "45P04", HENGELO: "50B%", ENSCHEDE: "45Z01"}
    for gemeente, product in models.items():
        ((count,),) = jaar.rows(query, gemeente, product)
        assert count, (gemeente, product)


def test_one_municipality_closes_by_itself(jaar: Sluithuis, sluit: Sluit) -> None:
    alone = [
        proofs(sluit(jaar, "--gemeente", one, "--json")[1])["betaling"]["left"] for one in GEMEENTEN
    ]
    whole = proofs(sluit(jaar, "--json")[1])["betaling"]["left"]
    assert whole == sum(alone)


def test_the_table_says_that_it_closes(jaar: Sluithuis, sluit: Sluit) -> None:
    code, told = sluit(jaar)
    assert (0, True) == (code, f"{JAAR} sluit: 22 bewijzen, geen cent verschil" in told)


@pytest.mark.parametrize("bewijs", ["gerealiseerd", "jaargrens", "betaling", "credits", "pakket"])
def test_the_lines_of_any_group_are_its_amount(jaar: Sluithuis, sluit: Sluit, bewijs: str) -> None:
    groups = json.loads(sluit(jaar, "--toon", bewijs, "--json")[1])["proofs"][0]["groups"]
    one = random.choice([group for group in groups if group["left"]])
    where = ("--gemeente", one["gemeente"], "--aanbieder", one["aanbieder"])
    code, told = sluit(jaar, "--toon", bewijs, *where, "--json")
    document = json.loads(told)
    assert (0, one["left"]) == (code, document["total"])
    assert one["left"] == sum(line["telt"] for line in document["lines"])
    for line in document["lines"]:
        assert line["bedrag"] == sum(line["jaren"].values())
        has_payment = line["stand"] in (BETAALD, VRIJGEGEVEN, TERUGGEKOMEN, IN_RUN)
        assert has_payment == (line["betaling"] is not None)


def test_groups_and_lines_are_told_to_people_too(jaar: Sluithuis, sluit: Sluit) -> None:
    code, told = sluit(jaar, "--toon", "betaling")
    assert (0, True) == (code, "teruggekomen" in told)
    group = json.loads(sluit(jaar, "--toon", "betaling", "--json")[1])["proofs"][0]["groups"][0]
    code, told = sluit(jaar, "--toon", "betaling", "--aanbieder", group["aanbieder"])
    assert (0, True) == (code, " regels, samen € " in told)
    assert "99990" not in told
    logged = "SELECT count(*) FROM verwerking WHERE name = 'regels achter een bedrag bekijken'"
    assert jaar.rows(logged)[0][0]


DEBET = "toegekend = 1 AND debet_credit = 'D' AND tot_volgnr IS NULL AND ingediend_bedrag > 1000"
BROKEN = {
    "a line that was paid is in no payment any more": (
        "DELETE FROM betaalregel WHERE prestatie_id = (SELECT max(b.prestatie_id) "
        "FROM betaalregel b JOIN betaling p ON p.id = b.betaling_id "
        "WHERE p.betaald_op IS NOT NULL AND b.bedrag > 1000)",
        {"betaling"},
    ),
    "a granted amount was changed": (
        "UPDATE prestatie SET ingediend_bedrag = ingediend_bedrag + 1 "
        f"WHERE id = (SELECT max(id) FROM prestatie WHERE {DEBET})",
        {"grootboek"},
    ),
    "a payment was changed": (
        "UPDATE betaling SET bedrag = bedrag + 7 "
        "WHERE id = (SELECT min(id) FROM betaling WHERE betaald_op IS NOT NULL AND bedrag > 0)",
        {"betaling"},
    ),
    "a request says that more was credited": (
        "UPDATE creditverzoek SET gecrediteerd_bedrag = gecrediteerd_bedrag + 5 WHERE id = 1",
        {"creditverzoeken"},
    ),
    "a line of an invoice was changed": (
        "UPDATE factuurregel SET bedrag = bedrag - 3",
        {"facturen"},
    ),
}


@pytest.mark.parametrize(("statement", "named"), BROKEN.values(), ids=list(BROKEN))
def test_what_is_broken_is_named(
    stuk: Sluithuis, sluit: Sluit, statement: str, named: set[str]
) -> None:
    assert 1 == altered(stuk.folder, statement)
    code, told = sluit(stuk, "--json")
    assert 1 == code
    assert named <= {one["code"] for one in proofs(told).values() if not one["closes"]}
    code, told = sluit(stuk)
    assert (1, True) == (code, f"{JAAR} sluit niet: " in told)
    assert all(f"{one}, gemeente" in told for one in named)
    with_lines = named & {"betaling", "grootboek"}
    assert all(
        f"de regels: gateway ledger close --jaar {JAAR} --toon {n}" in told for n in with_lines
    )


def test_the_amount_of_a_lost_line_is_told(stuk: Sluithuis, sluit: Sluit) -> None:
    ((row, cents),) = stuk.rows(
        "SELECT b.prestatie_id, b.bedrag FROM betaalregel b JOIN betaling p ON p.id = b.betaling_id"
        " WHERE p.betaald_op IS NOT NULL AND b.bedrag > 1000 ORDER BY b.prestatie_id LIMIT 1"
    )
    altered(stuk.folder, "DELETE FROM betaalregel WHERE prestatie_id = ?", row)
    assert int(cents) == proofs(sluit(stuk, "--json")[1])["betaling"]["difference"]


@pytest.fixture
def pakketten(jaar: Sluithuis, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    for gemeente in GEMEENTEN:
        words = ["make", "--gemeente", gemeente, "--jaar", JAAR, "--out", tmp_path / "pakketten"]
        own = ["--agreements", jaar.agreements, "--store", jaar.store]
        assert 0 == run(["ledger", "yearend", *map(str, [*words, *own])])
    capsys.readouterr()
    return tmp_path / "pakketten"


def test_packs_that_were_made_are_verified_and_a_byte_is_found(
    jaar: Sluithuis, sluit: Sluit, pakketten: Path
) -> None:
    given = [word for one in GEMEENTEN for word in ("--gemeente", one)] + ["--pack", pakketten]
    assert 0 == (found := sluit(jaar, *given))[0], found
    file = next(pakketten.glob(f"*-{ZWOLLE}-*")) / "aanbieders.csv"
    text = file.read_text(encoding="utf-8-sig").splitlines()
    cells = text[1].split(";")
    cells[6] = f"{int(cells[6].split(',')[0]) + 1},{cells[6].split(',')[1]}"
    file.write_text("\r\n".join([text[0], ";".join(cells), *text[2:], ""]), encoding="utf-8-sig")
    code, told = sluit(jaar, *given)
    assert (1, True) == (code, "aanbieders.csv is niet het bestand dat is gemaakt" in told)
    assert "pakket, gemeente 0193" in told
    assert "verschil € -1,00" in told or "verschil -€ 1,00" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--aanbieder", "12345678"), "noem bij --aanbieder ook het bewijs"),
        (("--toon", "zon"), "er is geen bewijs zon"),
        (("--toon", "facturen", "--aanbieder", "12345678"), "bestaat niet uit regels"),
        (("--gemeente", "0150"), "van gemeente 0150 staat er niets"),
        (("--pack", "/nergens"), "staat geen jaarafsluiting"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    jaar: Sluithuis, sluit: Sluit, words: tuple[str, ...], told: str
) -> None:
    found = sluit(jaar, *words)
    assert (2, True) == (found[0], told in found[1]), found
