"""Figures of a region from a store that messages filled, by command, held against the messages."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import event

from gateway.config import read_settings
from gateway.inlezen import load_agreements, load_codes, load_lists, load_regio
from gateway.ledger.regio.basis import UITKOMSTEN
from gateway.ledger.regio.telling import Jaartelling, count
from gateway.simulate.generate import SimulatedMessage, in_sending_order
from gateway.simulate.region import Regio
from gateway.store.inzage.regio import clienten
from gateway.store.store import StoreOptions, open_store
from gateway.toegang.wie import Bereik
from tests.integration.berichten import KLOK, run, sentence, write
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
    start,
    stop,
    toewijzing,
)
from tests.integration.streek import Streek, handled
from tests.integration.test_verzoeken import base
from tests.opslag import rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

SEED, REGELS, JAAR = 11, 600, 2026
VANDAAG = date(2026, 7, 28)
SETTINGS = read_settings({})
TIJDELIJK = "20"


@pytest.fixture(scope="module")
def streek(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Streek:
    return handled(tmp_path_factory.mktemp("regio"), SEED, REGELS)


@pytest.fixture(scope="module")
def geteld(streek: Streek) -> Jaartelling:
    """Everything that the store tells of the year, nothing of it hidden."""
    store = open_store(
        streek.store, Klok(), StoreOptions(codes=load_codes(SETTINGS), rol="gemeente")
    )
    lists = load_lists()
    agreed = load_agreements(streek.agreements, lists)
    gemeenten = frozenset(one.code for one in Regio(SEED, REGELS).gemeenten)
    try:
        with store.database.long_snapshot(",".join(sorted(gemeenten))) as connection:
            lees = partial(clienten, connection, Bereik(gemeenten))
            return count(lees, agreed, load_regio(SETTINGS, lists), [JAAR], VANDAAG)[JAAR]
    finally:
        store.close()


# --- the truth of the messages themselves --------------------------------------------------------


@dataclass
class Waar:
    """An assignment as its messages tell of it."""

    gemeente: str
    aanbieder: str
    begin: date
    einde: date | None
    versie: tuple[str, str] = ("", "")
    is_weg: bool = False
    start: date | None = None
    reden: str | None = None
    gestopt: date | None = None

    @property
    def ended(self) -> date | None:
        """Its last day, by a stop or by itself."""
        if self.gestopt is not None:
            return self.gestopt
        return self.einde if self.einde is not None and self.einde < VANDAAG else None

    @property
    def runs(self) -> bool:
        begin = self.start or self.begin
        ended = self.ended
        return begin <= VANDAAG and not self.is_weg and (ended is None or ended.year >= JAAR)


@pytest.fixture(scope="module")
def waar() -> Mapping[tuple[str, str, str], Waar]:
    """Every assignment of the region by municipality, law and number, as its messages say."""
    found: dict[tuple[str, str, str], Waar] = {}
    for message in in_sending_order(Regio(SEED, REGELS)):
        if message.verdict == "accepted":
            _tell(found, message)
    return found


def _tell(found: dict[tuple[str, str, str], Waar], message: SimulatedMessage) -> None:
    wet = "jeugdwet" if "JW" in message.name else "wmo"
    soort = message.name.removesuffix(".xml")[-3:]
    if soort not in PRODUCTEN:
        return
    root = etree.fromstring(message.body)
    kop = _texts(root)
    for product in root.iter(f"{{*}}{PRODUCTEN[soort]}"):
        own = _texts(product)
        nummer = own.get("ToewijzingNummer")
        if nummer is None:
            continue
        if soort == "301":
            _assign(found, (kop["Afzender"], wet, nummer), kop["Ontvanger"], own)
        elif own["StatusAanlevering"] == "1":
            _deliver(found[kop["Ontvanger"], wet, nummer], soort, own)


PRODUCTEN = {"301": "ToegewezenProduct", "305": "StartProduct", "307": "StopProduct"}


def _texts(element: Any) -> dict[str, str]:
    return {etree.QName(one).localname: one.text or "" for one in element.iter() if not len(one)}


def _assign(
    found: dict[tuple[str, str, str], Waar],
    key: tuple[str, str, str],
    aanbieder: str,
    own: Mapping[str, str],
) -> None:
    versie = (own["Toewijzingsdatum"], own["Toewijzingstijd"])
    known = found.get(key)
    if known is not None and known.versie > versie:
        return
    einde = date.fromisoformat(own["Einddatum"]) if "Einddatum" in own else None
    made = Waar(key[0], aanbieder, date.fromisoformat(own["Ingangsdatum"]), einde, versie)
    made.is_weg = own.get("RedenWijziging") == "13"
    if known is not None:
        made.start, made.reden, made.gestopt = known.start, known.reden, known.gestopt
    found[key] = made


def _deliver(one: Waar, soort: str, own: Mapping[str, str]) -> None:
    begin = date.fromisoformat(own["Begindatum"])
    if soort == "305":
        one.start = begin if one.start is None else min(one.start, begin)
    elif own["RedenBeeindiging"] != TIJDELIJK:
        one.reden = own["RedenBeeindiging"]
        one.gestopt = date.fromisoformat(own["Einddatum"])


def test_trajectories_are_the_assignments_of_the_messages(
    geteld: Jaartelling, waar: Mapping[tuple[str, str, str], Waar]
) -> None:
    running = [one for one in waar.values() if one.runs]
    assert len(running) == geteld.totaal.trajecten + geteld.rest.trajecten
    assert geteld.rest.trajecten
    for naam, expected in (
        ("gemeente", Counter(one.gemeente for one in running)),
        ("aanbieder", Counter(one.aanbieder for one in running)),
    ):
        found = Counter({key: veld.trajecten for key, veld in geteld.sommen[naam].items()})
        assert found <= expected


def test_reasons_are_those_of_the_stops_that_were_sent(
    geteld: Jaartelling, waar: Mapping[tuple[str, str, str], Waar]
) -> None:
    sent = Counter(
        one.reden or ""
        for one in waar.values()
        if one.runs and one.ended is not None and one.ended.year == JAAR
    )
    found = Counter[str]()
    for (_, reden), veld in geteld.redenen.items():
        code = reden[:2] if reden[:2].isdigit() else ""
        found[code] += veld.trajecten
    assert found <= sent
    assert sent.total() - found.total() <= geteld.rest.trajecten
    assert len(found) > 2


def test_money_is_that_of_the_granted_lines(streek: Streek, geteld: Jaartelling) -> None:
    ((granted,),) = streek.rows(
        "SELECT sum(CASE WHEN debet_credit = 'D' THEN ingediend_bedrag ELSE -ingediend_bedrag END) "
        "FROM prestatie WHERE toegekend = 1 AND tot_volgnr IS NULL "
        f"AND begindatum BETWEEN '{JAAR}-01-01' AND '{JAAR}-12-31'"
    )
    assert int(granted) == geteld.totaal.bedrag + geteld.rest.bedrag + geteld.los


def test_how_care_ends_adds_up_to_all_of_it(geteld: Jaartelling) -> None:
    ended = sum(veld.trajecten for veld in geteld.redenen.values())
    running = geteld.sommen["uitkomst"][UITKOMSTEN[0]].trajecten
    assert geteld.totaal.trajecten == ended + running


# --- the command ---------------------------------------------------------------------------------

Captured = pytest.CaptureFixture[str]


def report(streek: Streek, *options: str) -> list[str]:
    given = ["--store", streek.store, "--agreements", str(streek.agreements)]
    return ["steering", "report", *given, "--clock", VANDAAG.isoformat(), *options]


def test_the_command_answers_the_questions_and_shows_the_figures(
    streek: Streek, capsys: Captured
) -> None:
    assert 0 == run(report(streek))
    told = capsys.readouterr().out
    assert "# Wat kost een indexatie van 3%?" in told
    assert "# Mix van intensiteiten per aanbieder" in told


def test_the_document_has_what_the_page_has(streek: Streek, capsys: Captured) -> None:
    assert 0 == run(report(streek, "--json", "--indexatie", "2.5"))
    found = json.loads(capsys.readouterr().out)
    assert (JAAR, 5) == (found["year"], found["smallest"])
    assert any("2,5%" in one["question"] for one in found["questions"])
    assert found["hidden"] > 0


def test_nothing_of_a_client_leaves_the_store(streek: Streek, capsys: Captured) -> None:
    assert 0 == run(report(streek, "--json"))
    told = capsys.readouterr().out
    people = streek.rows("SELECT DISTINCT bsn, bsn_hash FROM toewijzing")
    assert not [one for row in people for one in row if str(one) in told]


def test_every_list_gets_a_file(streek: Streek, tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "csv"
    assert 0 == run(report(streek, "--csv", str(folder)))
    files = sorted(one.name for one in folder.iterdir())
    assert f"{len(files)} lijsten staan in {folder}\n" == capsys.readouterr().out
    assert {"mix-aanbieder.csv", "prijzen.csv", "indexatie.csv"} <= set(files)
    with (folder / "prijzen.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file, delimiter=";")
    assert "toegekend (centen)" in heading
    assert rows
    assert 2 == run(report(streek, "--csv", str(folder)))
    assert "deze map is niet leeg" in sentence(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--gemeente", "9999"), "van deze gemeente staat er niets in de opslag"),
        (("--jaar", "2027"), "kies een jaar van 2015 tot en met 2026"),
        (("--clock", "gisteren"), "dit is geen datum"),
        (("--wijken", "bestaat-niet.csv"), "dit bestand met wijken is niet te lezen"),
    ],
)
def test_a_wrong_option_is_told(
    streek: Streek, capsys: Captured, options: tuple[str, ...], told: str
) -> None:
    assert 2 == run(report(streek, *options))
    assert told in sentence(capsys.readouterr().err)


def test_one_municipality_can_be_asked_for(streek: Streek, capsys: Captured) -> None:
    assert 0 == run(report(streek, "--gemeente", "0193", "--json"))
    found = json.loads(capsys.readouterr().out)
    (mix,) = [one for one in found["lists"] if one["code"] == "mix-gemeente"]
    assert {"0193", "alle"} == {row[0] for row in mix["rows"]}


def test_districts_of_a_file_take_the_place_of_postcodes(
    streek: Streek, tmp_path: Path, capsys: Captured
) -> None:
    pairs = streek.rows("SELECT DISTINCT gemeente, postcode FROM toewijzing WHERE postcode > ''")
    assert pairs
    body = "".join(f"{gemeente};{postcode};Alles;500\n" for gemeente, postcode in pairs)
    file = tmp_path / "wijken.csv"
    file.write_text(f"gemeente;postcode;wijk;inwoners\n{body}", encoding="utf-8")
    assert 0 == run(report(streek, "--wijken", str(file), "--json"))
    found = json.loads(capsys.readouterr().out)
    (wijken,) = [one for one in found["lists"] if one["code"] == "wijken"]
    residents = Counter(gemeente for gemeente, _ in pairs)
    assert {500 * n for n in residents.values()} == {row[4] for row in wijken["rows"]}


# --- what messages leave for it ------------------------------------------------------------------


@pytest.mark.parametrize("wet", ["JW", "WMO"])
def test_a_request_leaves_the_kind_of_its_referrer(wet: str, tmp_path: Path) -> None:
    paths = write(tmp_path / "in", a=base(f"{wet}315"), b=base(f"{wet}319"))
    arguments = ["process", *map(str, paths), "--out", str(tmp_path / "uit"), "--clock", KLOK]
    run([*arguments, "--store", store_of(tmp_path)])
    kept = rows_of(tmp_path, "SELECT verwijzer FROM verzoek")
    types = {one.text for one in etree.fromstring(base(f"{wet}315")).iter("{*}Type")}
    assert types
    assert types == {row[0] for row in kept}  # an answer passes it on


def test_an_assignment_leaves_the_digits_of_the_postcode(streek: Streek) -> None:
    expected = set()
    for message in in_sending_order(Regio(SEED, REGELS)):
        if message.verdict == "accepted" and "301" in message.name.rpartition("-")[2]:
            (home,) = etree.fromstring(message.body).iterfind("{*}Client/{*}Contactgegevens")
            texts = _texts(home)
            own = _texts(etree.fromstring(message.body))
            expected.add((own["Afzender"], own["Bsn"], texts["Postcode"][:4]))
    kept = streek.rows("SELECT DISTINCT gemeente, bsn, postcode FROM toewijzing")
    assert kept
    assert set(kept) <= expected


def test_a_client_of_two_municipalities_is_one_client(tmp_path: Path) -> None:
    store = new_store(tmp_path, Klok())
    begin = date(2026, 5, 1)
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(1)], "8011"))
    settled(store, lambda work: work.add_toewijzingen("0150", "jeugdwet", [toewijzing(1)]))
    settled(
        store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(2, bsn=BSN2)])
    )
    settled(store, lambda work: work.add_leveringen(AANBIEDER, [start(1), start(None)]))
    settled(store, lambda work: work.add_leveringen(AANBIEDER, [stop(1)]))
    declared(store, [line(1), line(2, debet_credit="C", ingediend_bedrag=600)])
    declared(store, [line(1, bsn=BSN2, toewijzingnummer=2, toegekend=0)], nummer="D2")
    declared(store, [line(1)], ANDERE_GEMEENTE, nummer="D3")
    whole = Bereik(frozenset({"0193", "0150"}))
    with store.database.long_snapshot(whole.scope) as connection:
        found = {len(one.toewijzingen): one for one in clienten(connection, whole)}
        own = list(clienten(connection, Bereik(frozenset({"0150"}))))
    assert {1, 2} == found.keys()
    both = found[2]
    assert {"0193", "0150"} == {one.gemeente for one in both.toewijzingen}
    assert {"8011", None} == {one.postcode for one in both.toewijzingen}
    ended = {(one.reden, one.einddatum) for one in both.leveringen}
    assert {(None, None), ("19", date(2026, 5, 20))} == ended
    assert {("0193", 0, 6000), ("0150", 60, 6600)} == {
        (one.gemeente, one.volume, one.bedrag) for one in both.regels
    }
    assert all(one.begindatum == begin and one.jaar == JAAR for one in both.regels)
    assert not found[1].regels
    assert [{"0150"}] == [{one.gemeente for one in each.toewijzingen} for each in own]
    store.close()
    assert BSN not in repr(both)


def test_any_number_of_clients_is_read_with_three_statements(streek: Streek) -> None:
    store = open_store(
        streek.store, Klok(), StoreOptions(codes=load_codes(SETTINGS), rol="gemeente")
    )
    whole = Bereik(frozenset(one.code for one in Regio(SEED, REGELS).gemeenten))
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    try:
        with store.database.long_snapshot(whole.scope) as connection:
            event.listen(connection, "before_cursor_execute", note)
            assert sum(1 for _ in clienten(connection, whole)) > 100
    finally:
        store.close()
    assert 3 == len([one for one in asked if "FROM" in one])
