"""A synthetic year of three municipalities closes to the cent; what is broken is named."""

import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.cli import run
from gateway.inlezen import load_agreements, load_lists
from gateway.ledger.overzicht import BETAALD, ONDERWEG, TERUG, VERREKEND
from gateway.ledger.sluiting.regels import GEBLOKKEERD, IN_RUN, OPEN, VRIJGEGEVEN
from tests.integration.sluithuis import (
    EIND_JUNI,
    ENSCHEDE,
    ERIN,
    ERNA,
    ERVOOR,
    FACTUREN,
    GEMEENTEN,
    HENGELO,
    JAAR,
    MODELLEN,
    OVERLOPEND,
    OVERLOPENDE_AANBIEDER,
    PER_REGEL,
    VANDAAG,
    ZWOLLE,
    Sluithuis,
    betaald_jaar,
)
from tests.opslag import altered, copied, in_turns

pytestmark = pytest.mark.usefixtures("opslag")
Sluit = Callable[..., tuple[int, str]]
BEWIJZEN = {
    *("grootboek", "gerealiseerd", "jaargrens", "jaren", "pakket", "pakketregels", "lasten"),
    *("jaarfacturen", "pakketfacturen"),
    *("betaling", "bank", "facturen", "credits", "creditverzoeken", "overlopend"),
    *("verrekening", "verrekeningsregels"),
}


# What trajectories move out of the year and into it.
VERSCHOVEN = ("vooruitbetaald voor latere jaren", "overgenomen uit eerdere jaren")


@pytest.fixture(scope="module")
def jaar(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Sluithuis:
    return betaald_jaar(tmp_path_factory.mktemp("jaar"))


@pytest.fixture
def sluit(capsys: pytest.CaptureFixture[str]) -> Sluit:
    def called(huis: Sluithuis, *words: object, jaar: int = JAAR) -> tuple[int, str]:
        given = ["--jaar", jaar, "--clock", VANDAAG, "--agreements", huis.agreements]
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
    assert int(granted) == found["betaling"]["left"]
    # What began in the year before is realised in that one.
    assert int(granted) == found["gerealiseerd"]["left"] + PER_REGEL
    where = parts(found["betaling"])
    for name in (BETAALD, VERREKEND, ONDERWEG, TERUG, IN_RUN, GEBLOKKEERD, OPEN):
        assert where[name], name
    assert (
        int(granted)
        == sum(one for name, one in where.items() if "credit" not in name) - (where["toegekend"])
    )
    invoices = {name: one for name, one in parts(found["facturen"]).items() if one}
    by_state = dict(zip((BETAALD, OPEN, GEBLOKKEERD), FACTUREN.values(), strict=True))
    assert {"goedgekeurde facturen": sum(FACTUREN.values()), **by_state} == invoices
    costs = {one: found[one]["right"] for one in ("jaarfacturen", "pakketfacturen")}
    assert dict.fromkeys(costs, sum(FACTUREN.values())) == costs
    moved = sum(cents for name, cents in parts(found["lasten"]).items() if name in VERSCHOVEN)
    assert found["lasten"]["right"] == found["pakket"]["right"] + sum(FACTUREN.values()) + moved
    assert 0 < found["creditverzoeken"]["left"] <= found["credits"]["left"]
    assert found["overlopend"]["left"]
    assert BEWIJZEN == found.keys()


@pytest.mark.parametrize(
    ("jaar_van", "begonnen", "naar_dagen", "verrekend"),
    [(JAAR - 1, PER_REGEL, ERVOOR, PER_REGEL), (JAAR + 1, 0, ERNA, 0)],
)
def test_the_years_around_it_close_with_what_goes_over_new_year(
    jaar: Sluithuis, sluit: Sluit, jaar_van: int, begonnen: int, naar_dagen: int, verrekend: int
) -> None:
    code, told = sluit(jaar, "--json", jaar=jaar_van)
    found = {name: one["left"] for name, one in proofs(told).items()}
    assert (0, begonnen, naar_dagen) == (code, found["gerealiseerd"], found["jaargrens"])
    assert naar_dagen == found["pakket"] == found["pakketregels"]
    assert (verrekend, verrekend) == (found["verrekening"], found["verrekeningsregels"])


def test_of_a_line_over_new_year_each_year_has_its_days(jaar: Sluithuis, sluit: Sluit) -> None:
    found = proofs(sluit(jaar, "--json")[1])
    bridge = parts(found["jaargrens"])
    assert (ERIN, -ERNA) == (
        bridge["deel van regels uit andere jaren"],
        bridge["deel dat bij andere jaren hoort"],
    )
    assert bridge["jaareinde, netto naar dagen"] == found["pakket"]["right"]
    assert PER_REGEL == ERVOOR + ERIN
    where = ("--gemeente", ZWOLLE, "--aanbieder", OVERLOPENDE_AANBIEDER)
    lines = json.loads(sluit(jaar, "--toon", "jaargrens", *where, "--json")[1])["lines"]
    over = [one["jaren"] for one in lines if len(one["jaren"]) > 1]
    assert [
        {"2025": ERVOOR, "2026": ERIN},
        {"2026": PER_REGEL - ERNA, "2027": ERNA},
    ] == over


@pytest.mark.parametrize(("gemeente", "model"), MODELLEN.items())
def test_most_euros_of_a_municipality_go_by_a_funding_model_of_its_own(
    jaar: Sluithuis, gemeente: str, model: str
) -> None:
    codes: dict[str, set[str]] = defaultdict(set)
    for one in load_agreements(jaar.agreements, load_lists()).alle:
        for cel in one.cellen if gemeente in one.gemeenten else ():
            codes[cel.productcode].add(one.id)
    euros: Counter[str] = Counter()
    for code, cents in jaar.rows(
        "SELECT r.productcode, sum(CASE WHEN r.debet_credit = 'D' THEN r.ingediend_bedrag "
        "ELSE -r.ingediend_bedrag END) FROM prestatie r JOIN partij p ON p.id = r.partij_id "
        "WHERE p.gemeente = ? AND r.toegekend = 1 AND r.tot_volgnr IS NULL GROUP BY r.productcode",
        gemeente,
    ):
        euros[" of ".join(sorted(codes[code]))] += int(cents)
    assert euros[model] > 0.6 * euros.total(), euros


def test_one_municipality_closes_by_itself(jaar: Sluithuis, sluit: Sluit) -> None:
    alone = [
        proofs(sluit(jaar, "--gemeente", one, "--json")[1])["betaling"]["left"] for one in GEMEENTEN
    ]
    whole = proofs(sluit(jaar, "--json")[1])["betaling"]["left"]
    assert whole == sum(alone)


def test_the_table_says_that_it_closes(jaar: Sluithuis, sluit: Sluit) -> None:
    code, told = sluit(jaar)
    assert (0, True) == (
        code,
        f"{JAAR} sluit: {len(BEWIJZEN)} bewijzen, geen cent verschil" in told,
    )


@pytest.mark.parametrize(
    ("opslag", "bewijs"),
    in_turns(sorted(BEWIJZEN - {"jaren"})),
    indirect=["opslag"],
)
def test_the_lines_of_any_group_are_its_amount(jaar: Sluithuis, sluit: Sluit, bewijs: str) -> None:
    groups = json.loads(sluit(jaar, "--toon", bewijs, "--json")[1])["proofs"][0]["groups"]
    one = random.Random(bewijs).choice([group for group in groups if group["left"]])
    if "van" in one:
        where = ("--gemeente", one["van"], "--aan", one["aan"])
    else:
        where = ("--gemeente", one["gemeente"], "--aanbieder", one["aanbieder"])
    code, told = sluit(jaar, "--toon", bewijs, *where, "--json")
    document = json.loads(told)
    assert (0, one["left"]) == (code, document["total"])
    assert one["left"] == sum(line["telt"] for line in document["lines"])
    for line in document["lines"]:
        assert line["bedrag"] == sum(line["jaren"].values())
        if "van" in one:
            continue
        has_payment = line["stand"] in (*VRIJGEGEVEN, IN_RUN)
        assert has_payment == (line["betaling"] is not None)


def test_all_lines_of_costs_have_start_parts_over_the_years_of_their_trajectory(
    jaar: Sluithuis, sluit: Sluit
) -> None:
    found = proofs(sluit(jaar, "--json")[1])
    lines = json.loads(sluit(jaar, "--toon", "lasten", "--regels", "--json")[1])["lines"]
    assert found["lasten"]["left"] == sum(line["telt"] for line in lines)
    starts = json.loads(sluit(jaar, "--toon", "overlopend", "--regels", "--json")[1])["lines"]
    by_id = {line["id"]: line["jaren"] for line in lines}
    assert [line["jaren"] for line in starts] == [by_id[line["id"]] for line in starts]
    of_years = parts(found["overlopend"])
    assert of_years["hoort bij dit jaar"] == sum(line["jaren"].get(str(JAAR), 0) for line in starts)


def test_what_came_back_and_was_paid_again_is_paid_in_groups_and_in_lines(
    jaar: Sluithuis, sluit: Sluit
) -> None:
    ((aanbieder, bedrag, inhoud),) = jaar.rows(
        "SELECT b.aanbieder, b.bedrag, b.debet - b.credit FROM betaling b "
        "JOIN betaalsaldo s ON s.uit_id = b.id JOIN betaling n ON n.id = s.in_id "
        f"WHERE b.teruggekomen_op = '{EIND_JUNI}' AND b.gemeente = '{ENSCHEDE}' "
        "AND n.betaald_op IS NOT NULL"
    )
    where = ("--gemeente", ENSCHEDE, "--aanbieder", aanbieder)
    lines = json.loads(sluit(jaar, "--toon", "betaling", *where, "--json")[1])["lines"]
    by_state = Counter[str]()
    for one in lines:
        by_state[one["stand"]] += one["bedrag"]
    found = json.loads(sluit(jaar, "--toon", "betaling", "--json")[1])["proofs"][0]["groups"]
    (own,) = [one for one in found if (ENSCHEDE, aanbieder) == (one["gemeente"], one["aanbieder"])]
    told = {name: cents for name, cents in parts(own).items() if cents}
    assert by_state == {name: told[name] for name in told if name in (*VRIJGEGEVEN, IN_RUN, OPEN)}
    assert by_state[BETAALD] >= inhoud >= bedrag > 0
    assert TERUG not in by_state


def test_groups_and_lines_are_told_to_people_too(jaar: Sluithuis, sluit: Sluit) -> None:
    code, told = sluit(jaar, "--toon", "betaling")
    assert (0, True) == (code, "teruggekomen" in told)
    group = json.loads(sluit(jaar, "--toon", "betaling", "--json")[1])["proofs"][0]["groups"][0]
    code, told = sluit(jaar, "--toon", "betaling", "--aanbieder", group["aanbieder"])
    assert (0, True) == (code, " regels, samen € " in told)
    assert "99990" not in told
    logged = "SELECT count(*) FROM verwerking WHERE name = 'regels achter een bedrag bekijken'"
    assert jaar.rows(logged)[0][0]


GRANTED = "r.toegekend = 1 AND r.tot_volgnr IS NULL AND r.debet_credit = 'D'"
LINES = f"FROM prestatie r JOIN partij p ON p.id = r.partij_id WHERE {GRANTED}"
PLACE = "p.gemeente, p.aanbieder"


class Breuk(NamedTuple):
    """One thing that is broken beside the gateway, and what says so.

    `kies` finds what is broken, its place and an amount; `zegt` has the amount by which each proof
    differs, None for the one that was found.
    """

    kies: str
    breek: str
    zegt: dict[str, int | None]


BROKEN = {
    "a granted amount was changed": Breuk(
        f"SELECT r.id, {PLACE}, 1 {LINES} AND r.begindatum > '2026-02-01' ORDER BY r.id LIMIT 1",
        "UPDATE prestatie SET ingediend_bedrag = ingediend_bedrag + 1 WHERE id = ?",
        {"grootboek": None},
    ),
    "an assignment is not there any more": Breuk(
        f"SELECT t.id, {PLACE}, sum(r.ingediend_bedrag) FROM toewijzing t "
        "JOIN partij p ON p.id = t.partij_id JOIN prestatie r "
        "ON r.partij_id = t.partij_id AND r.toewijzingnummer = t.toewijzingnummer "
        f"WHERE {GRANTED} AND t.toewijzingnummer = {OVERLOPEND} AND p.gemeente = '{ZWOLLE}' "
        f"AND r.begindatum > '2026-01-01' GROUP BY t.id, {PLACE}",
        "UPDATE toewijzing SET tot_volgnr = van_volgnr WHERE id = ?",
        {"gerealiseerd": None},
    ),
    "a line over new year was taken in later than now": Breuk(
        f"SELECT r.id, {PLACE}, r.ingediend_bedrag {LINES} AND r.einddatum = '2027-01-04'",
        "UPDATE prestatie SET van_volgnr = 999999 WHERE id = ?",
        {
            "jaargrens": PER_REGEL - ERNA,
            "jaren": PER_REGEL,
            "pakket": PER_REGEL - ERNA,
            "lasten": PER_REGEL - ERNA,
        },
    ),
    "the line of a start part is not in the ledger any more": Breuk(
        f"SELECT r.id, {PLACE}, r.ingediend_bedrag {LINES} AND r.productcode = '45Z10'",
        "UPDATE prestatie SET tot_volgnr = 999999 WHERE id = ?",
        {"overlopend": None},
    ),
    "a line that was paid is in no payment any more": Breuk(
        "SELECT b.prestatie_id, p.gemeente, p.aanbieder, b.bedrag FROM betaalregel b "
        "JOIN betaling p ON p.id = b.betaling_id WHERE p.betaald_op IS NOT NULL "
        "AND p.teruggekomen_op IS NULL AND b.bedrag > 1000 ORDER BY 1 DESC LIMIT 1",
        "DELETE FROM betaalregel WHERE prestatie_id = ?",
        {"betaling": None},
    ),
    "an invoice was left out of a payment": Breuk(
        "SELECT l.id, f.gemeente, f.aanbieder, l.bedrag FROM factuurregel l "
        "JOIN factuur f ON f.id = l.factuur_id WHERE f.factuurnummer = 'F1'",
        "UPDATE factuurregel SET betaling_id = NULL WHERE id = ?",
        {"betaling": None},
    ),
    "a line of an invoice was changed": Breuk(
        "SELECT l.id, f.gemeente, f.aanbieder, 3 FROM factuurregel l "
        "JOIN factuur f ON f.id = l.factuur_id WHERE f.factuurnummer = 'F3'",
        "UPDATE factuurregel SET bedrag = bedrag - 3 WHERE id = ?",
        {"facturen": None},
    ),
    "an invoice was approved later than now": Breuk(
        "SELECT f.id, f.gemeente, f.aanbieder, f.bedrag FROM factuur f "
        "WHERE f.factuurnummer = 'F1'",
        "UPDATE factuur SET besluit_volgnr = 999999 WHERE id = ?",
        {"jaarfacturen": None, "lasten": None},
    ),
    "a payment that was made is of another amount": Breuk(
        "SELECT id, gemeente, aanbieder, 6 FROM betaling WHERE betaald_op IS NOT NULL "
        "AND bedrag > 0 AND teruggekomen_op IS NULL ORDER BY id LIMIT 1",
        "UPDATE betaling SET bedrag = bedrag + 6 WHERE id = ?",
        {"bank": None},
    ),
    "a payment says that more was credited": Breuk(
        "SELECT id, gemeente, aanbieder, 2 FROM betaling WHERE credit > 0 ORDER BY id LIMIT 1",
        "UPDATE betaling SET credit = credit + 2 WHERE id = ?",
        {"credits": None},
    ),
    "a request says that more was credited": Breuk(
        "SELECT id, gemeente, aanbieder, 5 FROM creditverzoek ORDER BY id LIMIT 1",
        "UPDATE creditverzoek SET gecrediteerd_bedrag = gecrediteerd_bedrag + 5 WHERE id = ?",
        {"creditverzoeken": None},
    ),
    "a settlement was changed": Breuk(
        f"SELECT id, van, aan, 4 FROM gemeenteverrekening WHERE jaar = {JAAR} "
        f"AND aan = '{HENGELO}' AND van_staat = 'bevestigd'",
        "UPDATE gemeenteverrekening SET bedrag = bedrag + 4 WHERE id = ?",
        {"verrekening": None},
    ),
    "a line that was settled is granted no more": Breuk(
        "SELECT r.id, v.van, v.aan, r.ingediend_bedrag FROM gemeenteverrekening v "
        "JOIN gemeenteverrekening_regel l ON l.verrekening_id = v.id "
        "JOIN declaratie d ON d.inbox_id = l.inbox_id "
        "JOIN prestatie r ON r.declaratie_id = d.id AND r.volgnr = l.regelnr "
        f"WHERE v.jaar = {JAAR} AND l.loopt = 1 ORDER BY r.id LIMIT 1",
        "UPDATE prestatie SET toegekend = 0 WHERE id = ?",
        {"verrekeningsregels": None},
    ),
}


def test_every_proof_is_broken_somewhere() -> None:
    """A pack that was made is broken by itself, below."""
    broken = {code for one in BROKEN.values() for code in one.zegt} | {
        "pakketregels",
        "pakketfacturen",
    }
    assert BEWIJZEN == broken


@pytest.mark.parametrize(
    ("opslag", "breuk"), in_turns(BROKEN.values()), indirect=["opslag"], ids=list(BROKEN)
)
def test_what_is_broken_is_named_with_place_and_amount(
    stuk: Sluithuis, sluit: Sluit, breuk: Breuk
) -> None:
    ((row, *place, cents),) = stuk.rows(breuk.kies)
    assert 1 == altered(stuk.folder, breuk.breek, row)
    code, told = sluit(stuk, "--json")
    found, zinnen = proofs(told), json.loads(told)["differences"]
    assert 1 == code
    for bewijs, bedrag in breuk.zegt.items():
        assert (bedrag or int(cents)) == found[bewijs]["difference"], bewijs
        (zin,) = [one for one in zinnen if one.startswith(f"{bewijs}, ")]
        names = {"jaren": (place[0],)}.get(bewijs, place)
        assert all(f" {name}" in zin.split(":")[0] for name in names), zin


def test_people_are_told_where_the_lines_of_a_difference_are(stuk: Sluithuis, sluit: Sluit) -> None:
    kies, breek, _ = BROKEN["a granted amount was changed"]
    ((row, gemeente, *_),) = stuk.rows(kies)
    altered(stuk.folder, breek, row)
    code, told = sluit(stuk)
    assert (1, True) == (code, f"{JAAR} sluit niet: " in told)
    assert f"grootboek, gemeente {gemeente}" in told
    assert f"de regels: gateway ledger close --jaar {JAAR} --toon grootboek" in told


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
    (folder,) = pakketten.glob(f"*-{ZWOLLE}-*")
    change(folder / "aanbieders.csv", 1, "netto")
    change(folder / "aanbieders.csv", 2, "lasten")
    change(folder / "regels.csv", 1, "in dit jaar")
    (other,) = pakketten.glob(f"*-{ENSCHEDE}-*")
    change(other / "facturen.csv", 1, "in dit jaar")
    code, told = sluit(jaar, *given)
    assert (1, True) == (code, "aanbieders.csv is niet het bestand dat is gemaakt" in told)
    for bewijs, aantal in (("pakket", 1), ("lasten", 1), ("pakketregels", 2)):
        zinnen = [one for one in told.splitlines() if one.startswith(f"{bewijs}, gemeente 0193")]
        assert aantal == len(zinnen), bewijs
        assert all("verschil" in one and "€ " in one and "1,00" in one for one in zinnen)
    zinnen = [one for one in told.splitlines() if one.startswith("pakketfacturen, gemeente 0153")]
    assert (1, True) == (len(zinnen), "facturen.csv is niet het bestand dat is gemaakt" in told)


def change(file: Path, row: int, name: str) -> None:
    """A euro more in a cell of a list."""
    koppen, *rows = list(
        csv.reader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    )
    place = koppen.index(name)
    euros, cents = rows[row - 1][place].split(",")
    rows[row - 1][place] = f"{int(euros) + 1},{cents}"
    text = "".join(f"{';'.join(one)}\r\n" for one in (koppen, *rows))
    file.write_text(text, encoding="utf-8-sig", newline="")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--aanbieder", "12345678"), "noem voor regels ook het bewijs"),
        (("--toon", "zon"), "er is geen bewijs zon"),
        (("--gemeente", "0150"), "van gemeente 0150 staat er niets"),
        (("--pack", "/nergens"), "staat geen jaarafsluiting"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    jaar: Sluithuis, sluit: Sluit, words: tuple[str, ...], told: str
) -> None:
    found = sluit(jaar, *words)
    assert (2, True) == (found[0], told in found[1]), found
