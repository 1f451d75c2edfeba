"""The pages of clients, providers, agreements, faults and figures, used on a region."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import time
from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from gateway.ledger.register.wijzigingen import Nieuw
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_kort
from gateway.records.verzoek import Verzoek
from gateway.store.inzage.afwijzingen import Afwijzingfilter
from gateway.store.inzage.vandaag import Verschilfilter
from gateway.store.noteren import no_log
from gateway.store.werk.besluiten import Keuze
from gateway.store.werk.soorten import Soort
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import Bereik, Wie
from gateway.web.pages.woorden import maandnaam
from tests.integration.store_builders import BSN, settled
from tests.opslag import altered
from tests.web.huis import AGB, Bezoeker
from tests.web.streekhuis import Streekhuis, statements, streekhuis

pytestmark = pytest.mark.usefixtures("opslag")
ZWOLLE = "0193"
DOEL = "declaratie"


@pytest.fixture(scope="module")
def hier(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streekhuis]:
    with streekhuis(tmp_path_factory.mktemp("streek")) as made:
        yield made


def tekst(response: httpx.Response) -> str:
    """What a page says, on one line."""
    plain = html.unescape(re.sub(r"<[^>]+>", " ", response.text))
    return re.sub(r"\s+", " ", plain)


def een_bsn(hier: Streekhuis, gemeente: str = ZWOLLE) -> str:
    return str(
        hier.een(
            "SELECT bsn FROM toewijzing WHERE gemeente = ? GROUP BY bsn "
            "ORDER BY count(*) DESC, bsn LIMIT 1",
            gemeente,
        )
    )


def gevonden(wie: Bezoeker, bsn: str, doel: str = DOEL) -> httpx.Response:
    wie.get("/clienten")
    response = wie.post("/clienten", {"bsn": bsn, "doel": doel})
    assert 303 == response.status_code, response.text
    return wie.get(response.headers["location"])


def gelogd(hier: Streekhuis, naam: str) -> list[tuple[object, ...]]:
    return hier.streek.rows(
        "SELECT betrokkene, attributes, status_code FROM verwerking WHERE name = ? "
        "ORDER BY dag, nr",
        naam,
    )


def test_a_client_is_found_by_bsn_and_his_page_has_an_address_that_tells_nothing(
    hier: Streekhuis,
) -> None:
    bsn = een_bsn(hier)
    page = gevonden(hier.huis.bezoeker("beoordelaar"), bsn)
    assert 200 == page.status_code
    assert bsn not in str(page.url)
    assert bsn not in page.text
    assert f"Cliënt *****{bsn[5:]}" in tekst(page)
    client = hier.huis.store.fingerprint(bsn)
    assert client.encode() not in page.content
    for naam in ("cliënt zoeken", "cliënt bekijken"):
        betrokkene, attributes, status = gelogd(hier, naam)[-1]
        assert (client, 1) == (betrokkene, status)
        purpose = json.loads(str(attributes))["dpl.nen7513.users"][0]["purposeOfUse"]
        assert "controle van een declaratie" == purpose


def test_a_client_is_not_shown_without_a_purpose(hier: Streekhuis) -> None:
    lezer = hier.huis.bezoeker("lezer")
    there = gevonden(hier.huis.bezoeker("beoordelaar"), een_bsn(hier)).url.path
    before = len(gelogd(hier, "cliënt bekijken"))
    for asked in ("", "?doel=", "?doel=zomaar"):
        page = lezer.get(there + asked)
        assert (200, True) == (page.status_code, "Waarvoor hebt u dit nodig?" in tekst(page))
        assert "*****" not in page.text
    assert before == len(gelogd(hier, "cliënt bekijken"))
    assert "Lopende toewijzingen" in tekst(lezer.get(f"{there}?doel={DOEL}"))
    assert before < len(gelogd(hier, "cliënt bekijken"))


def test_a_client_is_shown_with_everything_that_the_store_has_of_him(hier: Streekhuis) -> None:
    bsn = een_bsn(hier)
    page = tekst(gevonden(hier.huis.bezoeker("beoordelaar"), bsn))
    numbers = hier.streek.rows(
        "SELECT DISTINCT toewijzingnummer FROM toewijzing WHERE bsn = ?", bsn
    )
    assert numbers
    assert all(str(number) in page for (number,) in numbers)
    granted = hier.een(
        "SELECT sum(CASE WHEN debet_credit = 'D' THEN ingediend_bedrag ELSE -ingediend_bedrag END)"
        " FROM prestatie WHERE bsn = ? AND toegekend = 1 AND tot_volgnr IS NULL",
        bsn,
    )
    assert f"{euros(int(granted))} Toegekend" in page.replace("\N{NO-BREAK SPACE}", " ").replace(
        "€ ", "€\N{NO-BREAK SPACE}"
    )
    for (reference,) in hier.streek.rows(
        "SELECT referentienummer FROM prestatie WHERE bsn = ? AND tot_volgnr IS NULL", bsn
    ):
        assert str(reference) in page


def test_nothing_is_looked_for_without_a_purpose_or_a_bsn(hier: Streekhuis) -> None:
    before = len(gelogd(hier, "cliënt zoeken"))
    wie = hier.huis.bezoeker("beoordelaar")
    wie.get("/clienten")
    bsn = een_bsn(hier)
    without = wie.post("/clienten", {"bsn": bsn, "doel": ""})
    assert 422 == without.status_code
    assert "Kies waarvoor u dit nodig hebt." in tekst(without)
    assert bsn not in without.text
    wrong = wie.post("/clienten", {"bsn": "123456789", "doel": DOEL})
    assert (422, True) == (wrong.status_code, "vul negen cijfers in" in tekst(wrong))
    assert before == len(gelogd(hier, "cliënt zoeken"))


def test_a_search_for_somebody_unknown_is_in_the_log_as_well(hier: Streekhuis) -> None:
    unknown = "999990019"
    wie = hier.huis.bezoeker("beoordelaar")
    wie.get("/clienten")
    page = wie.post("/clienten", {"bsn": unknown, "doel": DOEL})
    assert "is hier niets bekend" in tekst(page)
    assert hier.huis.store.fingerprint(unknown) == gelogd(hier, "cliënt zoeken")[-1][0]


def test_a_whole_bsn_is_shown_for_a_purpose_to_who_may(hier: Streekhuis) -> None:
    bsn = een_bsn(hier)
    wie = hier.huis.bezoeker("beoordelaar")
    here = gevonden(wie, bsn).url.path
    without = wie.post(f"{here}/bsn", {"doel": ""})
    assert (422, False) == (without.status_code, bsn in without.text)
    shown = wie.post(f"{here}/bsn", {"doel": "bezwaar"})
    assert (200, True) == (shown.status_code, bsn in shown.text)
    assert hier.huis.store.fingerprint(bsn) == gelogd(hier, "burgerservicenummer bekijken")[-1][0]
    lezer = hier.huis.bezoeker("lezer")
    assert 200 == lezer.get(here).status_code
    assert 403 == lezer.post(f"{here}/bsn", {"doel": "bezwaar"}).status_code


def test_a_client_of_another_municipality_is_not_there(hier: Streekhuis) -> None:
    elsewhere = str(
        hier.een(
            "SELECT bsn FROM toewijzing WHERE bsn NOT IN "
            "(SELECT bsn FROM toewijzing WHERE gemeente = ?) ORDER BY bsn LIMIT 1",
            ZWOLLE,
        )
    )
    there = gevonden(hier.huis.bezoeker("beoordelaar"), elsewhere).url.path
    zwolle = hier.huis.bezoeker(f"beoordelaar {ZWOLLE}")
    assert 404 == zwolle.get(there).status_code
    assert 2 == gelogd(hier, "cliënt bekijken")[-1][2]
    zwolle.get("/clienten")
    page = zwolle.post("/clienten", {"bsn": elsewhere, "doel": DOEL})
    assert "is hier niets bekend" in tekst(page)
    assert 404 == zwolle.get("/clienten/0f0e0d0c-0b0a-0908-0706-050403020100").status_code


def test_providers_are_listed_with_what_the_store_says_of_them(hier: Streekhuis) -> None:
    page = tekst(hier.huis.bezoeker("lezer").get("/aanbieders"))
    agb, ingediend, toegekend = hier.streek.rows(
        "SELECT p.aanbieder, sum(CASE WHEN d.debet_credit = 'D' THEN d.totaal_bedrag "
        "ELSE -d.totaal_bedrag END), sum(d.toegekend) FROM declaratie d "
        "JOIN partij p ON p.id = d.partij_id WHERE d.tot_volgnr IS NULL "
        "GROUP BY p.aanbieder ORDER BY 2 DESC LIMIT 1"
    )[0]
    row = page[page.index(str(agb)) :]
    amounts = [euros(int(one)).replace("\N{NO-BREAK SPACE}", " ") for one in (ingediend, toegekend)]
    assert f"{agb} {amounts[0]} {amounts[1]}" == row[: len(f"{agb} {amounts[0]} {amounts[1]}")]


def test_the_first_time_right_rate_of_a_provider_counts_its_messages(hier: Streekhuis) -> None:
    agb, goed, beoordeeld = hier.streek.rows(
        "SELECT afzender, sum(CASE WHEN verdict = 'accepted' THEN 1 ELSE 0 END), count(*) "
        "FROM inbox WHERE naam LIKE '%323%' AND verdict IN ('accepted', 'partly', 'rejected') "
        "GROUP BY afzender ORDER BY count(*) DESC, afzender LIMIT 1"
    )[0]
    page = tekst(hier.huis.bezoeker("lezer").get(f"/aanbieders/{agb}"))
    told = re.findall(r"(\d+) van (\d+)", page[page.index("Per maand") : page.index("Het oordeel")])
    assert (goed, beoordeeld) == tuple(sum(int(one[n]) for one in told) for n in (0, 1))


def test_the_statement_of_a_provider_adds_up_to_its_invoices(hier: Streekhuis) -> None:
    agb = hier.een(
        "SELECT p.aanbieder FROM declaratie d JOIN partij p ON p.id = d.partij_id "
        "WHERE d.tot_volgnr IS NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    page = tekst(hier.huis.bezoeker("lezer").get(f"/aanbieders/{agb}"))
    last = hier.streek.rows(
        "SELECT d.declaratienummer, d.toegekend FROM declaratie d JOIN partij p "
        "ON p.id = d.partij_id WHERE p.aanbieder = ? AND d.tot_volgnr IS NULL "
        "ORDER BY d.id DESC LIMIT 5",
        agb,
    )
    for nummer, toegekend in last:
        row = page[page.index(str(nummer), page.index("Rekening per declaratie")) :][:200]
        assert euros(int(toegekend)).replace("\N{NO-BREAK SPACE}", " ") in row
    assert 404 == hier.huis.bezoeker("lezer").get("/aanbieders/00000000").status_code


def test_an_agreement_is_a_table_of_profile_by_intensity(hier: Streekhuis) -> None:
    page = hier.huis.bezoeker("lezer").get("/overeenkomsten/ijsselland-jeugd/2018.1")
    told = tekst(page)
    assert "36 prijzen profiel perspectief intensief duurzaam" in told
    assert "1 € 2.650,00 voor het hele traject 45/45P01" in told
    first = hier.huis.bezoeker("lezer").get("/overeenkomsten/ijsselland-jeugd/2018.1?op=2017-12-31")
    assert "Op deze dag geldt geen prijs." in tekst(first)
    wrong = hier.huis.bezoeker("lezer").get("/overeenkomsten/ijsselland-jeugd/2018.1?op=morgen")
    assert 400 == wrong.status_code


def test_a_provider_reads_the_prices_and_nothing_of_others(hier: Streekhuis) -> None:
    page = tekst(hier.huis.bezoeker("aanbieder").get("/overeenkomsten/ijsselland-jeugd/2018.1"))
    assert "€ 2.650,00" in page
    assert "U hebt hier geen eigen contract." in page
    assert "99000001" not in page
    assert "toewijzing," not in page
    assert "Plafond" not in page
    assert AGB != "99000001"


def _voorstel(hier: Streekhuis, *changes: tuple[str, str]) -> bytes:
    text = (hier.streek.agreements / "simulatie-aanbod.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def _prijs(hier: Streekhuis) -> str:
    """A price that lines of the region have, as its file has it."""
    text = (hier.streek.agreements / "simulatie-aanbod.toml").read_text(encoding="utf-8")
    amounts = re.findall(r"^bedrag = \d+$", text, re.MULTILINE)
    for amount in amounts:
        cents = int(amount.split()[-1])
        found = hier.een(
            "SELECT count(*) FROM prestatie WHERE producttarief = ? AND toegekend = 1", cents
        )
        if found:
            return str(amount)
    raise AssertionError


def stuur(wie: Bezoeker, path: str, body: bytes, **fields: str) -> httpx.Response:
    return wie.client.post(
        path,
        data={"_csrf": wie.token, **fields},
        files={"bestand": ("voorstel.toml", body, "application/toml")},
        headers={"Origin": wie.adres},
    )


def test_a_proposal_is_compared_with_what_is_in_use(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("lezer")
    form = wie.get("/overeenkomsten/vergelijken")
    versies = re.findall(r'value="([0-9a-f]{64})"[^>]*>([^<]+)', form.text)
    own = next(value for value, naam in versies if "aanbod" in naam.lower())
    amount = _prijs(hier)
    cents = int(amount.split()[-1])
    body = _voorstel(hier, (amount, f"bedrag = {cents + 100}"))
    page = tekst(stuur(wie, "/overeenkomsten/vergelijken", body, een=own, ander="bestand"))
    assert f"{body.count(str(cents + 100).encode())} anders" in page
    assert euros(cents + 100).replace("\N{NO-BREAK SPACE}", " ") in page
    assert "€ 1,00" in page
    same = tekst(stuur(wie, "/overeenkomsten/vergelijken", b"", een=own, ander=own))
    assert "De prijzen zijn gelijk." in same
    broken = stuur(wie, "/overeenkomsten/vergelijken", b"geen toml", een=own, ander="bestand")
    assert (422, True) == (broken.status_code, "geen geldige TOML" in tekst(broken))


def _klaar(wie: Bezoeker, response: httpx.Response) -> str:
    assert 303 == response.status_code, tekst(response)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page = wie.get(response.headers["location"])
        if 'id="voortgang"' not in page.text:
            return tekst(page)
        time.sleep(0.2)
    raise AssertionError(tekst(page))


def test_a_proposal_is_tried_on_what_was_judged(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("lezer")
    wie.get("/overeenkomsten/proef")
    months = {"van": "2026-01", "tot": "2026-06"}
    same = _klaar(wie, stuur(wie, "/overeenkomsten/proef", _voorstel(hier), **months))
    assert "Geen enkele regel krijgt een ander oordeel." in same
    dearer = re.sub(
        rb"^bedrag = (\d+)$",
        lambda found: b"bedrag = %d" % (int(found[1]) + 100),
        _voorstel(hier),
        flags=re.MULTILINE,
    )
    wie.get("/overeenkomsten/proef")
    changed = _klaar(wie, stuur(wie, "/overeenkomsten/proef", dearer, **months))
    assert "Regels met een ander oordeel" in changed
    assert "afgewezen 0611" in changed
    granted = hier.een("SELECT sum(toegekend) FROM declaratie WHERE tot_volgnr IS NULL")
    assert f"{euros(int(granted))}".replace("\N{NO-BREAK SPACE}", " ") in changed
    others = hier.huis.bezoeker("beoordelaar")
    here = re.search(r"/overeenkomsten/proef/[0-9a-f-]{36}", wie.get("/overeenkomsten/proef").text)
    assert here is not None
    assert 404 == others.get(here[0]).status_code


@pytest.mark.parametrize(
    ("van", "tot", "said"),
    [
        ("2026-06", "2026-01", "hoogstens twaalf maanden"),
        ("2024-01", "2026-06", "hoogstens twaalf maanden"),
        ("x", "2026-01", "schrijf een maand als 2026-01"),
        ("", "", "schrijf een maand als 2026-01"),
    ],
)
def test_a_period_that_is_none_is_told(hier: Streekhuis, van: str, tot: str, said: str) -> None:
    wie = hier.huis.bezoeker("lezer")
    wie.get("/overeenkomsten/proef")
    page = stuur(wie, "/overeenkomsten/proef", _voorstel(hier), van=van, tot=tot)
    assert (422, True) == (page.status_code, said in tekst(page).lower())


def test_figures_add_up_to_the_lines_of_the_store(hier: Streekhuis) -> None:
    page = tekst(hier.huis.bezoeker("lezer").get("/sturing"))
    granted = hier.een(
        "SELECT sum(CASE WHEN debet_credit = 'D' THEN ingediend_bedrag ELSE -ingediend_bedrag END)"
        " FROM prestatie WHERE toegekend = 1 AND tot_volgnr IS NULL AND begindatum >= '2026-01-01'"
    )
    assert f"{euros(int(granted))} Toegekend".replace("\N{NO-BREAK SPACE}", " ") in page
    assert "Cijfers per wijk staan bij de regio" in page


def test_who_sees_no_clients_sees_no_figure_that_could_be_of_one(hier: Streekhuis) -> None:
    lezer = tekst(hier.huis.bezoeker("lezer").get("/sturing"))
    for rol in ("auditor", "beheerder"):
        wie = hier.huis.bezoeker(rol)
        page = tekst(wie.get("/sturing"))
        for told in ("Per gemeente", "Toegekende regels", "Raakt op", "Lopende toewijzingen"):
            assert (True, False) == (told in lezer, told in page), told
        assert "€" not in page
        # A part beside the whole would be the rest of it: there is no other area to ask.
        assert page == tekst(wie.get(f"/sturing?gemeente={ZWOLLE}"))
        assert 403 == wie.post("/sturing/uitvoer", {"soort": "csv", "doel": "overleg"}).status_code


def test_what_prices_are_used_for_is_for_who_may_see_the_clients(hier: Streekhuis) -> None:
    lezer, auditor = (hier.huis.bezoeker(rol) for rol in ("lezer", "auditor"))
    path = next(
        one
        for one in re.findall(r'href="(/overeenkomsten/[^"]+)"', lezer.get("/overeenkomsten").text)
        if "simulatie-aanbod" in one
    )
    for page, use in (("/overeenkomsten", "Toewijzingen Toegekend"), (path, r"\d regels?, €")):
        seen, hidden = tekst(lezer.get(page)), tekst(auditor.get(page))
        assert (True, False) == (bool(re.search(use, seen)), bool(re.search(use, hidden)))


def test_who_works_for_one_municipality_sees_figures_of_that_one(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker(f"lezer {ZWOLLE}")
    page = tekst(wie.get("/sturing"))
    granted = hier.een(
        "SELECT sum(CASE WHEN r.debet_credit = 'D' THEN r.ingediend_bedrag "
        "ELSE -r.ingediend_bedrag END) FROM prestatie r JOIN partij p ON p.id = r.partij_id "
        "WHERE p.gemeente = ? AND r.toegekend = 1 AND r.tot_volgnr IS NULL "
        "AND r.begindatum >= '2026-01-01'",
        ZWOLLE,
    )
    assert f"{euros(int(granted))} Toegekend".replace("\N{NO-BREAK SPACE}", " ") in page
    assert 404 == wie.get("/sturing?gemeente=0164").status_code


def test_lists_are_files_for_a_purpose(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("beoordelaar")
    wie.get("/aanbieders")
    agb = hier.een("SELECT min(aanbieder) FROM partij")
    paths = ("/aanbieders/uitvoer", f"/aanbieders/{agb}/uitvoer", "/sturing/uitvoer")
    for path in paths:
        for given in (
            {"doel": ""},
            {"doel": "anders"},
            {"doel": "zomaar", "toelichting": "zomaar"},
        ):
            assert 400 == wie.post(path, {**given, "soort": "csv"}).status_code
        found = wie.post(
            path, {"doel": "overleg", "toelichting": "de aanbieder belde", "soort": "csv"}
        )
        assert "attachment" in found.headers["content-disposition"]
        assert 1 < len(found.content.decode("utf-8-sig").splitlines())
        excel = wie.post(path, {"doel": "overleg", "soort": "xlsx"})
        assert b"PK" == excel.content[:2]
    attributes = str([one[1] for one in gelogd(hier, "aanbieders uitvoeren")])
    assert "overleg met een aanbieder: de aanbieder belde" in attributes
    assert 403 == hier.huis.bezoeker("lezer").post(paths[0], {"doel": "overleg"}).status_code


def _parkeer(hier: Streekhuis, reden: str) -> int:
    """One 323 of Zwolle stands still."""
    nummer = int(
        hier.een(
            "SELECT max(i.id) FROM inbox i JOIN declaratie d ON d.inbox_id = i.id "
            "WHERE i.gemeente = ? AND i.staat = 'klaar'",
            ZWOLLE,
        )
    )
    altered(
        hier.streek.folder,
        "UPDATE inbox SET staat = 'geparkeerd', verdict = 'parked', reden = ?, "
        "berichtcode = NULL WHERE id = ?",
        reden,
        nummer,
    )
    return nummer


def test_what_stands_still_is_told_without_what_is_in_it(hier: Streekhuis) -> None:
    nummer = _parkeer(hier, "regel TR999 liep vast bij 999900006")
    for naam in (Rol.TECHNISCH_BEHEER.value, "beoordelaar"):
        wie = hier.huis.bezoeker(naam)
        page = wie.get("/fouten?waar=geparkeerd")
        assert "regel TR999 liep vast bij *****0006" in tekst(page)
        assert f"bericht {nummer}" in tekst(page)
        assert "999900006" not in page.text
    assert 403 == hier.huis.bezoeker("lezer").get("/fouten").status_code
    here = re.search(r'href="(/fouten/[0-9a-f-]{36})"', page.text)
    assert here is not None
    techniek = hier.huis.bezoeker(Rol.TECHNISCH_BEHEER.value)
    own = techniek.get(here[1])
    assert "Toon de inhoud" not in tekst(own)
    assert 403 == techniek.post(f"{here[1]}/inhoud", {"doel": "storing"}).status_code
    wie.get(here[1])
    assert 422 == wie.post(f"{here[1]}/inhoud", {"doel": ""}).status_code
    shown = wie.post(f"{here[1]}/inhoud", {"doel": "storing"})
    assert "&lt;" in shown.text
    assert "Prestatie>" not in shown.text
    assert "Prestatie>" in html.unescape(shown.text)
    known = hier.streek.rows(
        "SELECT DISTINCT r.bsn_hash FROM prestatie r JOIN declaratie d ON d.id = r.declaratie_id "
        "WHERE d.inbox_id = ?",
        nummer,
    )
    seen = {one[0] for one in gelogd(hier, "inhoud van een bericht bekijken")}
    assert {one[0] for one in known} <= seen
    elsewhere = hier.huis.bezoeker("beoordelaar 0193")
    assert 200 == elsewhere.get(here[1]).status_code


def test_what_stands_still_is_put_back_after_a_look_at_it(hier: Streekhuis) -> None:
    nummer = _parkeer(hier, "een fout die is verholpen")
    wie = hier.huis.bezoeker(Rol.TECHNISCH_BEHEER.value)
    page = wie.get("/fouten")
    found = re.findall(r'href="(/fouten/terugzetten\?[^"]+)"', page.text)
    preview = next(html.unescape(one) for one in found if "verholpen" in one)
    shown = wie.get(preview)
    assert "1 bericht staat stil" in tekst(shown)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
    fields = {name: html.unescape(value) for name, value in fields.items()}
    other = wie.post("/fouten/terugzetten", {**fields, "aantal": "7"})
    assert "terugzetten?" in other.headers["location"]
    assert 303 == wie.post("/fouten/terugzetten", {**fields, "snelheid": "50"}).status_code
    until = time.monotonic() + 20
    staat = "geparkeerd"
    while staat == "geparkeerd" and time.monotonic() < until:
        staat = hier.een("SELECT staat FROM inbox WHERE id = ?", nummer)
    assert "nieuw" == staat
    assert (
        "verholpen"
        not in tekst(wie.get("/fouten?waar=geparkeerd"))
        .split("Telling")[0]
        .split("Terugzetten Kon")[0]
    )
    assert 403 == hier.huis.bezoeker("beoordelaar").get(preview).status_code


@pytest.mark.parametrize(
    "paden",
    [
        ("/aanbieders", "/aanbieders?zoek=99"),
        ("/aanbieders/99000081", "/aanbieders/99000082"),
        ("/overeenkomsten", "/overeenkomsten"),
        ("/overeenkomsten/ijsselland-jeugd/2018.1", "/overeenkomsten/simulatie-aanbod/1"),
        ("/fouten", "/fouten"),
        ("/sturing", "/sturing?jaar=2025"),
    ],
)
def test_a_page_asks_the_store_a_fixed_number_of_questions(
    hier: Streekhuis, paden: tuple[str, str]
) -> None:
    wie = hier.huis.bezoeker("beoordelaar")
    counts = []
    for path in (*paden, *paden):
        with statements(hier.huis) as told:
            assert 200 == wie.get(path).status_code
        counts.append(len(told))
    assert {counts[2]} == set(counts[2:]), counts
    assert counts[2] <= 45, counts


def test_a_client_costs_the_same_questions_however_much_he_has(hier: Streekhuis) -> None:
    rows = hier.streek.rows(
        "SELECT bsn FROM toewijzing WHERE gemeente = ? GROUP BY bsn ORDER BY count(*), bsn", ZWOLLE
    )
    wie = hier.huis.bezoeker("beoordelaar")
    counts = []
    for (bsn,) in (rows[0], rows[-1]):
        here = gevonden(wie, str(bsn)).url.path
        with statements(hier.huis) as told:
            assert 200 == wie.get(here).status_code
        counts.append(len(told))
    assert counts[0] == counts[1] <= 20


@pytest.mark.parametrize("path", ["/eigen", "/eigen/maanden", "/overeenkomsten"])
def test_the_menu_shows_one_place_where_somebody_is(hier: Streekhuis, path: str) -> None:
    page = hier.huis.bezoeker("aanbieder").get(path).text
    assert [path] == re.findall(r'href="([^"]+)" aria-current="page"', page)


def test_what_is_due_is_listed_behind_its_tile(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("beoordelaar")
    today = wie.get("/vandaag").text
    for stand in ("te-laat", "vandaag", "deze-week", "ontbreekt"):
        assert f'href="/vandaag/termijnen?stand={stand}"' in today
        assert 200 == wie.get(f"/vandaag/termijnen?stand={stand}").status_code
    assert 'href="/fouten?waar=geparkeerd#lijst"' in today
    assert "/fouten" not in hier.huis.bezoeker("lezer").get("/vandaag").text
    until = time.monotonic() + 20
    page = wie.get("/vandaag/termijnen?stand=ontbreekt")
    while "wordt geteld" in page.text and time.monotonic() < until:
        page = wie.get("/vandaag/termijnen?stand=ontbreekt")
    assert "Retourbericht" in tekst(page)
    led_to = re.search(r'href="(/berichten/[^"]+)">\w+301 ', page.text)
    assert led_to is not None
    assert 200 == wie.get(led_to[1]).status_code


def test_a_message_of_no_municipality_here_is_counted_as_well(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("beoordelaar")
    until = time.monotonic() + 20
    page = tekst(wie.get("/fouten"))
    while "wordt gemaakt" in page and time.monotonic() < until:
        page = tekst(wie.get("/fouten"))
    assert "9999 wordt hier niet bediend 1 1" in page
    assert "9999" not in tekst(hier.huis.bezoeker("beoordelaar 0193").get("/fouten"))


def test_the_ceiling_is_that_of_the_municipalities_in_the_figures(hier: Streekhuis) -> None:
    counted = {code for (code,) in hier.streek.rows("SELECT DISTINCT gemeente FROM maandstand")}
    ceilings = [
        (gemeente, plafond)
        for one in hier.huis.omgeving.kennis.overeenkomsten.alle
        if one.wetten == ("jeugdwet",)
        for gemeente, plafond in one.drempels.plafond.items()
    ]
    expected = sum(plafond // 12 for gemeente, plafond in ceilings if gemeente in counted)
    assert {gemeente for gemeente, _ in ceilings} > {
        code for code, _ in ceilings if code in counted
    }
    page = tekst(hier.huis.bezoeker("beoordelaar").get("/vandaag"))
    assert f"een twaalfde van het plafond is {euros(expected)}".replace("\xa0", " ") in page


def test_a_month_is_shown_per_law(hier: Streekhuis) -> None:
    ((agb, maand),) = hier.streek.rows(
        "SELECT aanbieder, maand FROM maandstand GROUP BY aanbieder, maand "
        "HAVING count(DISTINCT wet) = 2 ORDER BY aanbieder, maand LIMIT 1"
    )
    wie = hier.huis.bezoeker("beoordelaar")
    path = f"/aanbieders/{agb}/maanden/{maand}"
    asked = {}
    for wet in ("jeugdwet", "wmo"):
        query = (
            "SELECT sum(ingediend) FROM maandstand WHERE aanbieder = ? AND maand = ? AND wet = ?"
        )
        asked[wet] = int(hier.een(query, agb, maand, wet))
        page = tekst(wie.get(f"{path}?wet={wet}"))
        assert f"{euros(asked[wet])} gevraagd".replace("\xa0", " ") in page
    assert f"{euros(sum(asked.values()))} gevraagd".replace("\xa0", " ") in tekst(wie.get(path))
    wie.get(path)
    given = {"doel": "anders", "toelichting": "proef", "soort": "csv", "wet": "wmo"}
    told = wie.post(f"{path}/uitvoer", given)
    assert "maand-" + maand + "-wmo-" in told.headers["content-disposition"]
    assert "Jeugdwet" not in told.content.decode("utf-8-sig")


def test_a_provider_is_called_by_its_name_and_a_rule_by_what_it_asks(hier: Streekhuis) -> None:
    agb = str(hier.een("SELECT aanbieder FROM oorzaak WHERE bevindingen > 0 ORDER BY id LIMIT 1"))
    hier.huis.store.register.wijzig(
        [Nieuw(naam="Zorggroep De Proef", vanaf=date(2024, 1, 1), agb=agb)], no_log
    )
    wie = hier.huis.bezoeker("beoordelaar")
    page = wie.get(f"/werkvoorraad?aanbieder={agb}")
    assert f"Zorggroep De Proef {agb}" in tekst(page)
    cause = re.search(r'href="(/werkvoorraad/[0-9a-f-]{36})"', page.text)
    assert cause is not None
    assert f"Aanbieder Zorggroep De Proef ({agb})" in tekst(wie.get(cause[1]))
    assert re.search(r"TR\d{3} – \w", tekst(page))


# Each export: its page, the name of its table, and which columns of the file that table shows in
# other words, or not at all.
LIJSTEN = {
    "berichten": ("/berichten?bericht=JW323", "Berichten", ()),
    "regels van een declaratie": (
        "{declaratie}?regels=afgewezen",
        "Regels van deze declaratie",
        ("volume", "eenheid"),
    ),
    "toewijzingen": ("/toewijzingen?aanbieder={aanbieder}", "Toewijzingen", ("ingetrokken",)),
    "verzoeken": ("/verzoeken?staat=alle", "Verzoeken", ()),
    "besluiten": ("/besluiten", "Besluiten, het nieuwste boven", ()),
    "verschillen": ("/verschillen", "Per aanbieder en maand, [^<]+", ()),
    "regels van een verschil": (
        "/verschillen?{verschil}",
        "Regels die zijn afgewezen, het hoogste bedrag boven",
        ("rest",),
    ),
}
FORMULIER = re.compile(r'<form[^>]* action="([^"]+/uitvoer)".*?</form>', re.DOTALL)
VELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
VAN_MAAND = re.compile(r"20\d\d-[01]\d")


@pytest.fixture(scope="module")
def lijsten(hier: Streekhuis) -> dict[str, str]:
    """What the exports are about: something decided, something asked for, and a month."""
    store, everywhere = hier.huis.store, Bereik(frozenset({ZWOLLE, "0164"}))
    gap = store.vandaag.verschillen(everywhere, Verschilfilter(meer=False), 1).rijen[0]
    asked = Verzoek(
        soort="315",
        referentie_aanbieder=f"V-{BSN}",
        bsn=BSN,
        dagtekening=date(2026, 5, 1),
        ontvangen_op=date(2026, 5, 1),
        termijn=date(2026, 5, 8),
    )
    settled(store, lambda work: work.add_verzoeken(gap.partijen, [asked]))
    posten = (
        post
        for one in store.werkvoorraad.oorzaken(everywhere).rijen
        for post in store.werkvoorraad.posten(everywhere, one.nummer).rijen
    )
    rejected = next(one.bevinding_id for one in posten if one.effect == "reject")
    besluiten = store.besluiten(hier.huis.omgeving.kennis.beleid_of)
    wie, keuze = Wie("anna", "Anna", "gebruiker"), Keuze(Soort.TERECHT, bevindingen=[rejected])
    besluiten.decide(everywhere, wie, keuze, "besproken met de aanbieder")
    inbox_id = store.vandaag.afgewezen(everywhere, gap, Afwijzingfilter(), 1).rijen[0].inbox_id
    names = ("gemeente", "wet", "aanbieder", "maand")
    kenmerken = hier.huis.omgeving.kenmerken
    return {
        "aanbieder": gap.aanbieder,
        "declaratie": f"/declaraties/{kenmerken.of('declaratie', inbox_id)}",
        "verschil": "&".join(f"{name}={getattr(gap, name)}" for name in names),
    }


def op_het_scherm(wie: Bezoeker, adres: str, tabel: str) -> list[str]:
    """The rows of a table (or of some, as a pattern), on all pages of a list, each on one line."""
    rows: list[str] = []
    while adres:
        page = wie.get(adres)
        tables = re.findall(rf">(?:{tabel})</caption>.*?<tbody[^>]*>(.*?)</table>", page.text, re.S)
        for row in re.findall("<tr.*?</tr>", "".join(tables), re.S):
            plain = html.unescape(re.sub(r"<[^>]+>", " ", row))
            rows.append(" ".join(plain.split()).casefold())
        found = re.search(r'href="([^"]+)" rel="next"', page.text)
        adres = html.unescape(found[1]) if found else ""
    return rows


def zoals_getoond(kop: str, cel: str) -> str:
    """A cell of a file as a page shows it."""
    if VAN_MAAND.fullmatch(cel):
        cel = maandnaam(cel)
    elif re.fullmatch(r"-?\d+,\d\d", cel):
        cel = euros(int(cel.replace(",", "")))
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", cel):
        cel = datum_kort(date.fromisoformat(cel))
    elif kop in ("ontvangen", "wanneer"):
        cel = f"{datum_kort(date.fromisoformat(cel[:10]))}, {cel[11:]} uur"
    return " ".join(cel.split()).casefold()


@pytest.mark.parametrize("naam", LIJSTEN)
def test_what_a_list_shows_is_a_file_for_a_purpose(
    hier: Streekhuis, lijsten: dict[str, str], naam: str
) -> None:
    adres, tabel, beside = LIJSTEN[naam]
    wie = hier.huis.bezoeker("beoordelaar")
    shown = op_het_scherm(wie, adres.format(**lijsten), tabel)
    form = FORMULIER.search(wie.get(adres.format(**lijsten)).text)
    assert form is not None
    pad = form[1]
    velden = {one: html.unescape(text) for one, text in VELD.findall(form[0]) if one != "_csrf"}
    doel = {"doel": "overleg", "toelichting": naam}
    assert 422 == wie.post(pad, {**velden, "soort": "csv"}).status_code
    assert 403 == hier.huis.bezoeker("lezer").post(pad, {**velden, **doel}).status_code
    file = wie.post(pad, {**velden, **doel, "soort": "csv"}).content.decode("utf-8-sig")
    koppen, *rows = csv.reader(io.StringIO(file), delimiter=";")
    assert len(shown) == len(rows) > 0
    for row, line in zip(rows, shown, strict=True):
        for kop, cel in zip(koppen, row, strict=True):
            if kop not in (*beside, "gemeentecode") and cel not in ("", "0,00"):
                assert zoals_getoond(kop, cel) in line, (kop, cel, line)
    bsns = hier.streek.rows("SELECT bsn FROM toewijzing UNION SELECT bsn FROM verzoek")
    assert [] == [bsn for (bsn,) in bsns if bsn in file]
    assert b"PK" == wie.post(pad, {**velden, **doel, "soort": "xlsx"}).content[:2]
    told = hier.streek.rows(
        "SELECT name, attributes FROM verwerking WHERE attributes LIKE ? ORDER BY dag, nr",
        f"%overleg met een aanbieder: {naam}%",
    )
    assert {"uitvoeren"} == {str(row[0]).rpartition(" ")[2] for row in told}
