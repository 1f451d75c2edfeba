"""The ledger of stores that were filled by messages: it adds up, and a damaged one does not."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.agreements.match import index
from gateway.periods.bedragen import euros
from gateway.store.ledger_views import Soorten
from gateway.store.pieces import PIECE
from gateway.store.store import SqlStore
from tests.integration.berichten import Tabel, made, run, sentence
from tests.integration.store_builders import answer, settled
from tests.integration.test_hold import BESLUIT, HOLD, House, Huis
from tests.opslag import altered, copied, file_of, rows_of, store_of
from tests.scenarios import uitkomst, verhaal

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
STORY = "regel_in_het_grootboek"
# Stories whose invoices end in as many ways as there are.
STORIES = (
    STORY,
    "alle_regels_afgekeurd",
    "client_zonder_toewijzing",
    "correctie_met_negatief_totaal",
    "credit_gaat_voor_nieuwe_debet",
    "credit_van_afgewezen_debet",
    "declaratie_breekt_schema",
    "declaratie_met_gebruikte_identificatie",
    "declaratienummer_al_gebruikt",
    "dubbel_bericht",
    "een_van_drie_regels_fout",
    "gemeenten_gescheiden",
    "referentienummer_al_gebruikt",
    "taakgericht_zonder_nummer",
    "traject_in_maanddelen",
    "twee_credits_van_een_regel_in_een_bericht",
    "tweede_credit_van_dezelfde_regel",
    "vast_bedrag_per_maand",
)


def told(folder: Path, naam: str, wet: str = "jeugdwet") -> str:
    """The URL of a store in which a story took place."""
    story = verhaal.read(naam, wet)
    uitkomst.write(story, folder / "in")
    options = ["--clock", story.klok.isoformat(), "--store", store_of(folder)]
    if story.agreements is not None:
        options += ["--agreements", str(story.agreements)]
    run(["process", str(folder / "in"), "--out", str(folder / "out"), *options])
    return store_of(folder)


@pytest.fixture(scope="module")
def _story(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grootboek")
    told(folder, STORY)
    return folder


@pytest.fixture
def folder(_story: Path, tmp_path: Path) -> Path:
    """A folder with a store of its own in which the story took place."""
    copied(_story, tmp_path)
    return tmp_path


def checked(captured: Captured, folder: Path, *options: str) -> tuple[int, Tabel]:
    """The exit code and the document of `gateway ledger check`."""
    captured.readouterr()
    code = run(["ledger", "check", "--json", "--store", store_of(folder), *options])
    document: Tabel = json.loads(captured.readouterr().out)
    return code, document


# --- it adds up -------------------------------------------------------------------------------


@pytest.mark.parametrize("naam", STORIES)
def test_the_ledger_of_a_story_adds_up(naam: str, tmp_path: Path, capsys: Captured) -> None:
    told(tmp_path, naam)
    code, document = checked(capsys, tmp_path)
    assert (0, True, []) == (code, document["balanced"], document["violations"])


def test_an_empty_ledger_adds_up(tmp_path: Path, capsys: Captured) -> None:
    run(["migrate", "--store", store_of(tmp_path)])
    code, document = checked(capsys, tmp_path)
    assert (0, {}, 0) == (code, document["messages"], document["total"]["regels"])


def test_the_summary_tells_what_came_in_and_what_it_comes_to(
    folder: Path, capsys: Captured
) -> None:
    assert 0 == run(["ledger", "check", "--store", store_of(folder)])
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [
        "declaraties deels toegekend 1",
        "declaraties geheel toegekend 1",
        "declaraties geheel afgewezen 1",
        "regels 5",
        "ingediend € 5.900,00",
        "afgewezen € 4.950,00",
        "toegekend debet € 1.550,00",
        "gecrediteerd € 600,00",
        "toegekend € 950,00",
        "het grootboek klopt: 5 regels, € 5.900,00 ingediend, € 950,00 toegekend",
    ] == lines


PER = {
    "provider": [{"aanbieder": "65656055"}],
    "municipality": [{"gemeente": "0193"}],
    "year": [{"jaar": "2025"}],
    "cell": [
        {"overeenkomst": "geen cel", "cel": "45A03/04"},
        {"overeenkomst": "geen cel", "cel": "45A04/04"},
    ],
    "assignment": [
        {"gemeente": "0193", "wet": "jeugdwet", "aanbieder": "65656055", "toewijzing": nummer}
        for nummer in ("10072", "10073")
    ],
}


@pytest.mark.parametrize("per", PER)
def test_balances_are_told_by_what_is_asked(per: str, folder: Path, capsys: Captured) -> None:
    _, document = checked(capsys, folder, "--per", per)
    keys = [{k: v for k, v in one.items() if k in PER[per][0]} for one in document["balances"]]
    assert PER[per] == keys
    for name, amount in document["total"].items():
        assert amount == sum(one[name] for one in document["balances"])


def test_a_balance_per_pair_names_both_messages(folder: Path, capsys: Captured) -> None:
    _, document = checked(capsys, folder, "--per", "pair")
    first, second = document["balances"]
    assert ("DN02", "323N02", 60000, 495000) == (
        first["declaratie"],
        first["323"],
        first["toegekend"],
        first["afgewezen"],
    )
    assert ("DN03", 35000) == (second["declaratie"], second["toegekend"])
    query = "SELECT identificatie FROM outbox WHERE soort = 'antwoord' ORDER BY inbox_id"
    answers = [row[0] for row in rows_of(folder, query)]
    assert answers[:2] == [first["325"], second["325"]]


def test_a_client_is_a_keyed_fingerprint_and_never_a_bsn(folder: Path, capsys: Captured) -> None:
    _, document = checked(capsys, folder, "--per", "client")
    (one,) = document["balances"]
    assert 32 == len(one["client"])
    for per in ("client", "line"):
        assert 0 == run(["ledger", "check", "--store", store_of(folder), "--per", per])
        assert "9999" not in capsys.readouterr().out


def test_a_table_has_dutch_headings(folder: Path, capsys: Captured) -> None:
    assert 0 == run(["ledger", "check", "--store", store_of(folder), "--per", "client"])
    told_, rule, row, last = capsys.readouterr().out.splitlines()
    assert told_.startswith("gemeente  kenmerk van de cliënt")
    assert told_.endswith("toegekend")
    assert set("- ") == set(rule)
    assert row.endswith(euros(95000))
    assert last.startswith("het grootboek klopt")


def test_cells_are_those_of_the_agreements(tmp_path: Path, capsys: Captured) -> None:
    naam = "tarief_later_bekendgemaakt"
    told(tmp_path, naam)
    prices = verhaal.read(naam, "jeugdwet").agreements
    code, document = checked(capsys, tmp_path, "--per", "cell", "--agreements", str(prices))
    assert 0 == code
    assert {one["overeenkomst"] for one in document["balances"]} != {"geen cel"}


def test_a_held_invoice_is_told_and_not_booked(
    house: Callable[..., Huis], tmp_path: Path, capsys: Captured
) -> None:
    huis = house(HOLD)
    assert ["accepted", "held"] == huis.take(made("JW301"), made("JW323"))
    code, document = checked(capsys, tmp_path)
    assert (0, {"held": 1}, 85000, 0) == (
        code,
        document["messages"],
        document["held"],
        document["total"]["regels"],
    )
    assert 2 == run(["ledger", "line", "D202503", "2025-03-001", "--store", store_of(tmp_path)])
    assert "declaratie D202503 is aangehouden" in sentence(capsys.readouterr().err)
    huis.at(BESLUIT)
    code, document = checked(capsys, tmp_path)
    assert (0, {"accepted": 1}, 0) == (code, document["messages"], document["held"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Opens an installation with a policy, and closes it."""
    opened: list[Huis] = []

    def build(beleid: object) -> Huis:
        opened.append(Huis(tmp_path, beleid))  # type: ignore[arg-type]
        return opened[-1]

    yield build
    for one in opened:
        one.installation.close()


def test_what_waits_or_is_parked_is_told_as_not_judged(folder: Path, capsys: Captured) -> None:
    altered(
        folder,
        "INSERT INTO inbox (naam, ontvanger, sha256, grootte, stukken, received_at, staat, "
        "tries, next_at) VALUES ('x.xml', '0193', 'x', 1, 0, 0, 'geparkeerd', 1, 0)",
    )
    code, document = checked(capsys, folder)
    assert (0, 1) == (code, document["unjudged"])
    assert 0 == run(["ledger", "check", "--store", store_of(folder)])
    assert "berichten nog zonder oordeel" in capsys.readouterr().out


# --- it can fail ------------------------------------------------------------------------------

REGEL = "(SELECT id FROM prestatie WHERE referentienummer = '{}')"
COPY = """
INSERT INTO prestatie
SELECT (SELECT max(id) + 1 FROM prestatie), partij_id, declaratie_id, bsn_hash, van_volgnr,
    tot_volgnr, volgnr, bsn, '{new}', vorig_referentienummer, toewijzingnummer, productcategorie,
    productcode, begindatum, einddatum, geleverd_volume, eenheid, producttarief, ingediend_bedrag,
    debet_credit, toegekend, retourcodes
FROM prestatie WHERE referentienummer = '{old}'
"""
# What is done to the store -> what the command has to say of it.
DAMAGES: dict[str, tuple[str, list[str]]] = {
    "a line has another amount": (
        "UPDATE prestatie SET ingediend_bedrag = 45001 WHERE referentienummer = 'R3_3'",
        [
            "bericht 3 (03-323.xml), declaratie DN03: de regels tellen op tot € 350,01, "
            "TotaalIngediendBedrag is € 350,00",
            "declaratie DN03: de toegekende regels tellen op tot € 350,01, als toegekend is "
            "geboekt € 350,00",
            "declaratie DN03: TotaalToegekendBedrag in de 325 is € 350,00, de toegekende regels "
            "tellen op tot € 350,01",
            "van product 45A04 in 2025 bij aanbieder 65656055 is € 450,00 als besteed geboekt, de "
            "toegekende regels tellen op tot € 450,01",
        ],
    ),
    "a granted line becomes a rejected one": (
        "UPDATE prestatie SET toegekend = 0, retourcodes = '9321' WHERE referentienummer = 'R3_2'",
        [
            "declaratie DN03: de toegekende regels tellen op tot € -150,00, als toegekend is "
            "geboekt € 350,00",
            "declaratie DN03, regel R3_2: is afgewezen (code 9321), maar staat niet in de 325",
        ],
    ),
    "a rejected line becomes a granted one": (
        "UPDATE prestatie SET toegekend = 1, retourcodes = '' WHERE referentienummer = 'R2_2'",
        [
            "declaratie DN02, regel R2_2: staat in de 325 (code 9321), maar is in het grootboek "
            "niet afgewezen",
            "declaratie DN03, regel R3_3: vraagt € 450,00 voor hetzelfde als bericht 2 "
            "(02-323.xml), declaratie DN02, regel R2_2 (€ 4.950,00), en geen van beide is "
            "gecrediteerd",
        ],
    ),
    "a rejected line has another amount": (
        "UPDATE prestatie SET ingediend_bedrag = 5 WHERE referentienummer = 'R2_2'",
        [
            "declaratie DN02: de regels tellen op tot € 600,05, TotaalIngediendBedrag is "
            "€ 5.550,00",
            "declaratie DN02: regel R2_2 is in de 325 € 4.950,00, in het grootboek € 0,05",
        ],
    ),
    "a rejected line has another code": (
        "UPDATE prestatie SET retourcodes = '9338' WHERE referentienummer = 'R2_2'",
        ["declaratie DN02, regel R2_2: de 325 geeft code 9321, het grootboek code 9338"],
    ),
    "another total was submitted": (
        "UPDATE declaratie SET totaal_bedrag = 1 WHERE declaratienummer = 'DN02'",
        [
            "declaratie DN02: de regels tellen op tot € 5.550,00, TotaalIngediendBedrag is € 0,01",
            "declaratie DN02: TotaalIngediendBedrag in de 325 is € 5.550,00, geboekt is € 0,01",
        ],
    ),
    "another total was granted": (
        "UPDATE declaratie SET toegekend = 60001 WHERE declaratienummer = 'DN02'",
        [
            "declaratie DN02: de toegekende regels tellen op tot € 600,00, als toegekend is "
            "geboekt € 600,01",
            "declaratie DN02: als toegekend is geboekt € 600,01, bij het oordeel was het € 600,00",
        ],
    ),
    "a credit names no debet": (
        "UPDATE prestatie SET vorig_referentienummer = 'weg' WHERE referentienummer = 'R3_1'",
        [
            "declaratie DN03, regel R3_1: crediteert regel weg, maar zo'n toegekende debetregel is "
            "er niet",
            "declaratie DN03, regel R3_2: vraagt € 500,00 voor hetzelfde als bericht 2",
        ],
    ),
    "a credit is for another amount": (
        "UPDATE prestatie SET ingediend_bedrag = 59999 WHERE referentienummer = 'R3_1'",
        [
            "declaratie DN03, regel R3_1: crediteert € 599,99, maar bericht 2 (02-323.xml), "
            "declaratie DN02, regel R2_1 is € 600,00",
        ],
    ),
    "a credit is for another client": (
        "UPDATE prestatie SET bsn_hash = 'x' WHERE referentienummer = 'R3_1'",
        [
            "declaratie DN03, regel R3_1: crediteert bericht 2 (02-323.xml), declaratie DN02, "
            "regel R2_1, maar is daar geen kopie van",
            "declaratie DN03, regel R3_1: € -600,00 staat onder het kenmerk van een andere cliënt",
        ],
    ),
    "a debet is credited twice": (
        COPY.format(old="R3_1", new="R3_9"),
        [
            "declaratie DN02, regel R2_1: regel R2_1 is 2 keer gecrediteerd: bericht 3 "
            "(03-323.xml), declaratie DN03, regel R3_1, bericht 3 (03-323.xml), declaratie DN03, "
            "regel R3_9",
            "declaratie DN03, regel R3_9: € -600,00 valt buiten de regels van de declaratie",
        ],
    ),
    "two debets have the number that a credit names": (
        COPY.format(old="R2_1", new="R2_1"),
        ["declaratie DN03, regel R3_1: crediteert regel R2_1, en daarvan zijn er 2 toegekend"],
    ),
    "a debet is granted twice": (
        COPY.format(old="R3_2", new="R3_8"),
        [
            "declaratie DN03, regel R3_8: vraagt € 500,00 voor hetzelfde als bericht 3 "
            "(03-323.xml), declaratie DN03, regel R3_2 (€ 500,00)",
            "declaratie DN03, regel R3_8: € 500,00 valt buiten de regels van de declaratie",
        ],
    ),
    "a line moved to another party": (
        "INSERT INTO partij VALUES (99, '0150', 'jeugdwet', '65656055'); "
        f"UPDATE prestatie SET partij_id = 99 WHERE id = {REGEL.format('R3_3')}",
        [
            "declaratie DN03, regel R3_3: € 450,00 staat bij een andere gemeente of aanbieder dan "
            "de declaratie",
            "van product 45A04 in 2025 bij aanbieder 65656055 is € 450,00 als besteed geboekt, de "
            "toegekende regels tellen op tot € 0,00",
        ],
    ),
    "a line has no party": (
        "UPDATE prestatie SET partij_id = 77 WHERE referentienummer = 'R3_3'",
        [
            "de saldi per aanbieder tellen samen € 5.450,00 ingediend, alle regels € 5.900,00",
            "de saldi per gemeente gaan over 4 regels, er zijn er 5",
        ],
    ),
    "a line moved to another declaration": (
        "UPDATE prestatie SET declaratie_id = 1 WHERE referentienummer = 'R3_3'",
        [
            "declaratie DN02, regel R3_3: € 450,00 valt buiten de regels van de declaratie",
            "declaratie DN03: de regels tellen op tot € -100,00, TotaalIngediendBedrag is € 350,00",
            "bericht 3 (03-323.xml), declaratie DN03: het grootboek heeft 2 regels, het bericht 3",
        ],
    ),
    "a line is gone": (
        "DELETE FROM prestatie WHERE referentienummer = 'R2_2'",
        [
            "declaratie DN02: de regels tellen op tot € 600,00, TotaalIngediendBedrag is "
            "€ 5.550,00",
            "declaratie DN02, regel R2_2: staat in de 325 (code 9321), maar is in het grootboek "
            "niet afgewezen",
        ],
    ),
    "a declaration is gone": (
        "DELETE FROM declaratie WHERE declaratienummer = 'DN02'",
        [
            "bericht 2 (02-323.xml), declaratie DN02: is beoordeeld (partly), maar staat niet in "
            "het grootboek",
            "declaratie DN02: volgens de 325 zijn de regels beoordeeld, maar zij staan niet in het "
            "grootboek",
            "geen bericht, regel R2_1: € 600,00 hoort bij een declaratie die er niet is",
            "de saldi per declaratie tellen samen € 350,00 ingediend, alle regels € 5.900,00",
        ],
    ),
    "spending is too high": (
        "UPDATE besteding SET bedrag = bedrag + 1 WHERE productcode = '45A03' AND inbox_id = 3",
        [
            "bericht 3 (03-323.xml), declaratie DN03: van product 45A03 in 2025 bij aanbieder "
            "65656055 is € -99,99 als besteed geboekt, de toegekende regels tellen op tot "
            "€ -100,00",
        ],
    ),
    "spending has another year": (
        "UPDATE besteding SET jaar = 2024 WHERE inbox_id = 2",
        ["van product 45A03 in 2024 bij aanbieder 65656055 is € 600,00 als besteed geboekt, de"],
    ),
    "an answer is gone": (
        "DELETE FROM outbox_stuk; DELETE FROM outbox WHERE inbox_id = 3 AND soort = 'antwoord'",
        [
            "bericht 3 (03-323.xml), declaratie DN03: is beoordeeld (accepted), maar er is geen "
            "325",
            "bericht 2 (02-323.xml), declaratie DN02: de 325 is niet te lezen",
        ],
    ),
    "an answer is damaged": (
        "UPDATE outbox_stuk SET data = substr(data, 1, 1)",
        ["declaratie DN02: de 325 is niet te lezen: een deel van de bytes is weg of beschadigd"],
    ),
    "there are two answers": (
        "DROP INDEX outbox_een_antwoord; "
        "UPDATE outbox SET inbox_id = 2 WHERE inbox_id = 3 AND soort = 'antwoord'",
        [
            "declaratie DN02: is beoordeeld (partly), maar er zijn 2 antwoorden (325)",
            "declaratie DN02: de 325 noemt de Identificatie 323N03, het bericht heeft 323N02",
            "declaratie DN02: de 325 noemt het DeclaratieNummer DN03, het bericht heeft DN02",
        ],
    ),
    "an answer left under another number": (
        "UPDATE outbox SET identificatie = 'ANDERS' WHERE inbox_id = 2 AND soort = 'antwoord'",
        ["verstuurd als ANDERS"],
    ),
    "an answered message is held": (
        "UPDATE inbox SET staat = 'aangehouden', verdict = 'held' WHERE id = 2",
        [
            "declaratie DN02: staat in het grootboek, maar is held en niet beantwoord",
            "declaratie DN02: is held, maar er is een 325",
        ],
    ),
    "a line names another client": (
        "UPDATE prestatie SET bsn = '999900018' WHERE referentienummer = 'R3_2'",
        [
            "declaratie DN03, regel R3_2: € 500,00 staat onder het kenmerk van een andere cliënt",
            "het grootboek klopt niet: 1 verschil",
        ],
    ),
    "an answer rejects what was judged": (
        "UPDATE outbox SET inbox_id = 99 WHERE inbox_id = 2 AND soort = 'antwoord'; "
        "UPDATE outbox SET inbox_id = 2 WHERE inbox_id = 4 AND soort = 'antwoord'",
        [
            "declaratie DN02: de 325 wijst de declaratie als geheel af, maar haar regels staan in "
            "het grootboek",
            "declaratie DN02, regel R2_2: is afgewezen (code 9321), maar staat niet in de 325",
            "bericht 4 (04-323.xml), declaratie DN03: is beoordeeld (rejected), maar er is geen "
            "325",
        ],
    ),
    "a message is registered twice": (
        "UPDATE declaratie SET inbox_id = 2",
        [
            "declaratie DN02: staat 2 keer in het grootboek",
            "bericht 3 (03-323.xml), declaratie DN03: is beoordeeld (accepted), maar staat niet",
        ],
    ),
    "a declaration is of another number": (
        "UPDATE declaratie SET declaratienummer = 'DN77' WHERE declaratienummer = 'DN02'",
        ["bericht 2 (02-323.xml), declaratie DN02: is geboekt als declaratie DN77"],
    ),
    "a declaration is of another party": (
        "INSERT INTO partij VALUES (99, '0150', 'jeugdwet', '65656055'); "
        "UPDATE declaratie SET partij_id = 99 WHERE declaratienummer = 'DN02'",
        ["declaratie DN02: € 5.550,00 staat bij een andere partij dan het bericht"],
    ),
    "a message is no 323 any more": (
        "UPDATE inbox SET berichtcode = '436' WHERE id = 2",
        [
            "declaratie DN02: € 5.550,00 hoort bij een bericht dat geen 323 is",
            "is een 325, maar er is geen 323 bij",
        ],
    ),
    "a rejected declaration was granted something after all": (
        "UPDATE outbox SET inbox_id = 99 WHERE inbox_id = 4 AND soort = 'antwoord'; "
        "UPDATE outbox SET inbox_id = 4 WHERE inbox_id = 3 AND soort = 'antwoord'",
        [
            "bericht 4 (04-323.xml), declaratie DN03: volgens de 325 zijn de regels beoordeeld, "
            "maar zij staan niet in het grootboek",
            "bericht 99",
        ],
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named(damage: str, folder: Path, capsys: Captured) -> None:
    statements, expected = DAMAGES[damage]
    altered(folder, statements)
    assert 1 == run(["ledger", "check", "--store", store_of(folder)])
    plain = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    for text in expected:
        assert text in plain
    assert "\nhet grootboek klopt niet: " in plain
    assert "999900006" not in plain


def test_a_violation_names_message_line_and_amounts(folder: Path, capsys: Captured) -> None:
    altered(folder, "UPDATE prestatie SET ingediend_bedrag = 59999 WHERE referentienummer = 'R3_1'")
    code, document = checked(capsys, folder)
    assert (1, False) == (code, document["balanced"])
    (one,) = [fault for fault in document["violations"] if fault["kind"] == "credit"]
    assert (3, "DN03", "R3_1", 60000, 59999) == (
        one["message"],
        one["declaratie"],
        one["regel"],
        one["verwacht"],
        one["gevonden"],
    )


def test_a_whole_rejection_grants_nothing(folder: Path, capsys: Captured) -> None:
    query = (
        "SELECT outbox_id, nr, data FROM outbox_stuk JOIN outbox ON outbox.id = outbox_id "
        "WHERE inbox_id = 4 AND soort = 'antwoord'"
    )
    ((outbox_id, number, data),) = rows_of(folder, query)
    granted = zlib.decompress(data).decode().partition("TotaalToegekendBedrag>")
    other = "".join([*granted[:2], granted[2].replace(">0<", ">7<", 1)])
    altered(
        folder,
        "UPDATE outbox_stuk SET data = ? WHERE outbox_id = ? AND nr = ?",
        zlib.compress(other.encode()),
        outbox_id,
        number,
    )
    assert 1 == run(["ledger", "check", "--store", store_of(folder)])
    plain = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    assert "declaratie DN03: TotaalToegekendBedrag in de 325 is € 0,07, geboekt is € 0,00" in plain


# --- the story of a line ----------------------------------------------------------------------


def test_the_story_of_a_line_goes_over_all_messages(folder: Path, capsys: Captured) -> None:
    assert 0 == run(["ledger", "line", "DN02", "R2_1", "--store", store_of(folder)])
    lines = [line.split(", 325")[0] for line in capsys.readouterr().out.splitlines()]
    assert [
        "2025-12-05 R2_1: debet € 600,00",
        "  ingediend in declaratie DN02, bericht 323N02",
        "  toewijzing 10072, product 45/45A03, 2025-04-01 tot en met 2025-04-30",
        "  toegekend",
        "  gecrediteerd door R3_1 in DN03",
        "  opnieuw toegekend als R3_2 in DN03",
        "2025-12-05 R3_1: credit € -600,00",
        "  ingediend in declaratie DN03, bericht 323N03",
        "  toewijzing 10072, product 45/45A03, 2025-04-01 tot en met 2025-04-30",
        "  toegekend",
        "  crediteert R2_1 in DN02",
        "2025-12-05 R3_2: debet € 500,00",
        "  ingediend in declaratie DN03, bericht 323N03",
        "  toewijzing 10072, product 45/45A03, 2025-04-01 tot en met 2025-04-30",
        "  toegekend",
        "nu toegekend: € 500,00",
    ] == [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines[1:]]


@pytest.mark.parametrize("asked", [("DN02", "R2_2"), ("323N03", "R3_3")])
def test_the_same_story_is_told_from_each_of_its_lines(
    asked: tuple[str, str], folder: Path, capsys: Captured
) -> None:
    assert 0 == run(["ledger", "line", *asked, "--json", "--store", store_of(folder)])
    first, second = json.loads(capsys.readouterr().out)["lines"]
    assert ("R2_2", "afgewezen en later toegekend", ["9321"], False) == (
        first["regel"],
        first["stand"],
        first["retourcodes"],
        first["toegekend"],
    )
    assert {"declaratie": "DN03", "regel": "R3_3"} == first["vervangenDoor"]
    assert ("R3_3", "toegekend", 45000, None) == (
        second["regel"],
        second["stand"],
        second["bedrag"],
        second["vervangenDoor"],
    )


def test_every_line_has_its_story(folder: Path, capsys: Captured) -> None:
    _, document = checked(capsys, folder, "--per", "line")
    assert {
        "R2_1": "gecrediteerd en vervangen",
        "R2_2": "afgewezen en later toegekend",
        "R3_1": "credit",
        "R3_2": "toegekend",
        "R3_3": "toegekend",
    } == {one["regel"]: one["stand"] for one in document["lines"]}
    assert 0 == run(["ledger", "check", "--store", store_of(folder), "--per", "line"])
    shown = capsys.readouterr().out
    assert "gecrediteerd en vervangen, door R3_1 in DN03, als R3_2 in DN03" in shown
    assert "credit, van R2_1 in DN02" in shown


def test_no_story_shows_a_bsn_that_a_provider_made_its_number_of(
    folder: Path, capsys: Captured
) -> None:
    altered(
        folder,
        "UPDATE prestatie SET referentienummer = '1' || bsn || '7'"
        " WHERE referentienummer IN ('R2_2', 'R3_3');"
        "UPDATE declaratie SET declaratienummer = 'D' || (SELECT min(bsn) FROM prestatie"
        " WHERE referentienummer LIKE '1%7') WHERE declaratienummer = 'DN02'",
    )
    ((bsn, nummer),) = rows_of(
        folder,
        "SELECT r.bsn, d.declaratienummer FROM prestatie r JOIN declaratie d"
        " ON d.id = r.declaratie_id WHERE r.referentienummer LIKE '1%7' AND r.toegekend = 0",
    )
    asked = ("ledger", "line", nummer, f"1{bsn}7")
    for command in (asked, ("ledger", "check", "--per", "line")):
        for as_json in ((), ("--json",)):
            run([*command, *as_json, "--store", store_of(folder)])
            shown = capsys.readouterr().out
            assert (False, True) == (bsn in shown, f"1*****{bsn[5:]}7" in shown)
            assert f"D*****{bsn[5:]}" in shown


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("DN02", "weg"), "regel weg in declaratie DN02 is niet bekend"),
        (("weg", "R2_1"), "regel R2_1 in declaratie weg is niet bekend"),
        (("323N04", "R4_1"), "declaratie 323N04 is als geheel afgewezen"),
        (("DN02", "R2_1", "--aanbieder", "87654321"), "is niet bekend"),
    ],
)
def test_a_line_that_is_not_booked_is_wrong_use(
    asked: tuple[str, ...], expected: str, folder: Path, capsys: Captured
) -> None:
    assert 2 == run(["ledger", "line", *asked, "--store", store_of(folder)])
    assert expected in sentence(capsys.readouterr().err)


def test_an_answer_of_more_pieces_is_read_to_its_end(store: SqlStore) -> None:
    body = bytes(range(256)) * (PIECE // 100)
    settled(store, lambda work: work.add_answer("0193", answer("A1", body)))
    with store.grootboek(Soorten(frozenset(), frozenset({"JW325"})), index(())) as grootboek:
        ((_, found),) = grootboek.antwoorden()
        assert body == b"".join(found.body) == b"".join(found.body)


def test_a_line_of_two_parties_has_to_be_told_apart(tmp_path: Path, capsys: Captured) -> None:
    told(tmp_path, "gemeenten_gescheiden")
    altered(tmp_path, "UPDATE declaratie SET declaratienummer = 'DN'")
    altered(tmp_path, "UPDATE prestatie SET referentienummer = 'R'")
    asked = ["ledger", "line", "DN", "R", "--store", store_of(tmp_path)]
    assert 2 == run(asked)
    assert "noem de Identificatie van het bericht" in sentence(capsys.readouterr().err)
    altered(tmp_path, "UPDATE partij SET aanbieder = '87654321' WHERE id = 2")
    assert 2 == run(asked)
    assert "noem een --aanbieder" in sentence(capsys.readouterr().err)
    assert 0 == run([*asked, "--aanbieder", "87654321"])


def test_without_a_store_the_ledger_could_not_finish(tmp_path: Path, capsys: Captured) -> None:
    assert 3 == run(["ledger", "check", "--store", file_of(tmp_path)])
    sentence(capsys.readouterr().err)
