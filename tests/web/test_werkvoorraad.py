"""Staff finds what stands open, sees why and decides, as a browser without script does."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from gateway.periods.bedragen import euros
from tests.integration.berichten import made, renumbered
from tests.integration.test_hold import BESLUIT, HOLD
from tests.opslag import altered, rows_of
from tests.web.huis import ZWOLLE, Bezoeker
from tests.web.werkhuis import BEDENKTIJD, Werkhuis, held, rejected, werkhuis

OPEN_CAUSE = re.compile(r'href="(/werkvoorraad/[^"?]+)"')
LINE = re.compile(r'href="(/regels/[^"]+)"')
LEADS = re.compile(r'<th [^>]*><a [^>]*href="(/(?:regels|berichten|declaraties)/[^"]+)"')
POST = re.compile(r'name="post" value="(\d+)"')


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Werkhuis]:
    with werkhuis(tmp_path) as made:
        yield made


def text_of(page: str) -> str:
    """What a page says, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\N{NO-BREAK SPACE}", " ").split())


def causes(who: Bezoeker, query: str = "") -> list[str]:
    """The addresses of the open causes, in the order of the list."""
    page = who.get(f"/werkvoorraad{query}")
    assert 200 == page.status_code, page.text
    return list(dict.fromkeys(OPEN_CAUSE.findall(page.text)))


def proposed(who: Bezoeker, cause: str, soort: str = "toekennen") -> str:
    """The address of a decision on all of a cause, as it is shown before it is taken."""
    who.get(cause)
    response = who.post(f"{cause}/voorbeeld", {"soort": soort, "welke": "alle"})
    assert 303 == response.status_code, response.text
    return response.headers["location"]


def took(who: Bezoeker, decision: str, doe: str = "nemen", reden: str = "besproken") -> int:
    """Do something with a decision; gives the status."""
    who.get(decision)
    return who.post(decision, {"doe": doe, "reden": reden}).status_code


def test_a_held_invoice_is_decided_on_and_its_325_leaves(huis: Werkhuis) -> None:
    assert ["accepted", "held"] == huis.take_in(*held())
    anna = huis.bezoeker("anna")
    today = anna.get("/vandaag").text
    assert '<span class="tegel__getal">1</span> <span>aangehouden</span>' in today
    for cause in causes(anna, "?stand=aangehouden"):
        decision = proposed(anna, cause)
        shown = anna.get(decision).text
        assert "<strong>1</strong> bevinding, samen" in shown
        assert 303 == took(anna, decision)
    assert [] == causes(anna)
    assert [] == huis.left
    huis.later_on(BEDENKTIJD)
    assert 1 == len(huis.left)


def test_an_undone_decision_opens_the_cause_again(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna = huis.bezoeker("anna")
    first = causes(anna)
    decision = proposed(anna, first[0])
    took(anna, decision)
    assert 1 == len(causes(anna))
    assert 303 == took(anna, decision, "terugdraaien", "toch niet")
    assert first == sorted(causes(anna), key=first.index)
    assert "teruggedraaid" in anna.get(decision).text


def test_of_two_reviewers_the_second_hears_that_it_was_decided(huis: Werkhuis) -> None:
    """Fault case 40."""
    huis.take_in(*held())
    anna, bram = huis.bezoeker("anna"), huis.bezoeker("bram")
    cause = causes(anna)[0]
    mine, yours = proposed(anna, cause), proposed(bram, cause)
    assert 303 == took(anna, mine)
    bram.get(yours)
    answer = bram.post(yours, {"doe": "nemen", "reden": "ook goed"})
    assert 409 == answer.status_code
    assert "intussen beoordeeld" in answer.text


def test_above_the_amount_another_approves(tmp_path: Path) -> None:
    with werkhuis(tmp_path, replace(HOLD, tweede_persoon_boven=100)) as huis:
        huis.take_in(*held())
        anna, bram = huis.bezoeker("anna"), huis.bezoeker("bram")
        decision = proposed(anna, causes(anna)[0])
        assert 303 == took(anna, decision)
        shown = text_of(anna.get(decision).text)
        assert ("voorgesteld" in shown, "Voorgesteld door Anna" in shown) == (True, True)
        assert "wacht op een tweede persoon" in anna.get("/besluiten").text
        assert 403 == took(anna, decision, "goedkeuren")
        assert 303 == took(bram, decision, "goedkeuren")
        shown = text_of(bram.get(decision).text)
        assert "Voorgesteld door Anna Goedgekeurd door Bram" in shown
        assert "Bram besluit goedgekeurd ·" in shown
        assert "genomen" not in shown.lower()
        assert "Anna goedgekeurd door Bram" in text_of(bram.get("/besluiten").text)
        assert 303 == took(bram, decision, "terugdraaien", "toch niet")
        assert "Bram besluit teruggedraaid ·" in text_of(bram.get(decision).text)


def test_what_is_chosen_is_what_is_decided_on(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna = huis.bezoeker("anna")
    cause = causes(anna)[0]
    posts = POST.findall(anna.get(cause).text)
    assert 1 == len(posts)
    nothing = anna.post(f"{cause}/voorbeeld", {"soort": "toekennen", "welke": "gekozen"})
    assert 400 == nothing.status_code
    chosen = {"soort": "toekennen", "welke": "gekozen", "post": posts}
    assert 303 == anna.post(f"{cause}/voorbeeld", chosen).status_code
    wrong = anna.post(f"{cause}/voorbeeld", {"soort": "afkeuren", "welke": "alle"})
    assert 400 == wrong.status_code


def test_a_part_of_a_cause_says_how_much_of_it_is_left(huis: Werkhuis) -> None:
    earlier = renumbered("JW323", "B").replace(b"2025-03-", b"2025-02-").replace(b"02-31", b"02-28")
    huis.take_in(*held(), earlier)
    anna = huis.bezoeker("anna")
    cause = causes(anna)[0]
    posts = POST.findall(anna.get(cause).text)
    assert 2 == len(posts)
    chosen = {"soort": "toekennen", "welke": "gekozen", "post": posts[:1]}
    decision = anna.post(f"{cause}/voorbeeld", chosen).headers["location"]
    shown = text_of(anna.get(decision).text)
    assert "Van deze oorzaak staan er 2 bevindingen open. De andere 1 " in shown
    assert "bevindingen open" not in anna.get(proposed(anna, cause)).text


def test_only_what_holds_a_message_is_listed_as_held(huis: Werkhuis) -> None:
    huis.take_in(*rejected())
    anna = huis.bezoeker("anna")
    holding = causes(anna, "?stand=aangehouden")
    assert 0 < len(holding) < len(causes(anna))
    assert all('value="toekennen"' in anna.get(one).text for one in holding)


def test_a_line_tells_its_whole_story(huis: Werkhuis) -> None:
    huis.take_in(*rejected())
    huis.at(BESLUIT)
    anna = huis.bezoeker("anna")
    stories = []
    for cause in causes(anna):
        for line in LINE.findall(anna.get(cause).text):
            page = anna.get(line)
            assert 200 == page.status_code
            stories.append(page.text)
    told = "\n".join(stories)
    for words in ("Op een tijdlijn", "De berekening", "Toewijzing", "← hier gaat het om", "Waarom"):
        assert words in told
    bsns = rows_of(huis.folder, "SELECT DISTINCT bsn FROM toewijzing")
    assert bsns
    assert not [bsn for (bsn,) in bsns if bsn in told]


def test_of_a_granted_line_the_calculation_is_made_for_who_asks(huis: Werkhuis) -> None:
    huis.take_in(*rejected())
    huis.at(BESLUIT)
    anna = huis.bezoeker("anna")
    page = anna.get(LINE.findall(anna.get(causes(anna)[0]).text)[0]).text
    invoice = re.findall(r'href="(/declaraties/[^"?]+)', page)[0]
    granted = LINE.findall(anna.get(f"{invoice}?regels=toegekend").text)[0]
    # Receipts are kept of lines about which something was found; of others they are not.
    altered(huis.folder, "DELETE FROM bewijs")
    assert "De berekening" not in anna.get(granted).text
    assert f'href="{granted}?bereken=ja"' in anna.get(granted).text
    assert "De berekening" in anna.get(f"{granted}?bereken=ja").text


def test_a_held_line_and_its_invoice_can_be_looked_at(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna = huis.bezoeker("anna")
    line = LINE.findall(anna.get(causes(anna)[0]).text)[0]
    page = anna.get(line).text
    assert "wacht op besluit" in page
    invoice = re.findall(r'href="(/declaraties/[^"]+)"', page)[0]
    shown = anna.get(invoice).text
    assert "aangehouden" in shown
    assert "Er is nog geen antwoord" in shown
    told = {"tekst": "gebeld over 999900006"}
    assert 303 == anna.post(f"{line}/notitie", told).status_code
    assert "gebeld over *****0006" in anna.get(line).text
    assert "999900006" not in str(rows_of(huis.folder, "SELECT * FROM werklog"))


def test_an_invoice_that_was_decided_on_says_when_its_answer_leaves(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna = huis.bezoeker("anna")
    waiting = causes(anna)
    line = LINE.findall(anna.get(waiting[0]).text)[0]
    invoice = re.findall(r'href="(/declaraties/[^"]+)"', anna.get(line).text)[0]
    assert "zonder besluit toegekend op" in anna.get(invoice).text
    took(anna, proposed(anna, waiting[0]))
    assert "besloten, antwoord volgt" in anna.get(line).text
    assert "zonder besluit toegekend op" in anna.get(invoice).text
    for cause in waiting[1:]:
        took(anna, proposed(anna, cause))
    shown = text_of(anna.get(invoice).text)
    assert "Besloten het antwoord gaat weg na 5 dec 2025, 12:10 uur" in shown
    assert "zonder besluit" not in shown
    huis.later_on(BEDENKTIJD)
    assert "Besloten" not in anna.get(invoice).text
    assert "Antwoord JW325 verstuurd 5 dec 2025, 12:10 uur" in text_of(anna.get(line).text)


def test_every_finding_leads_to_where_it_stands(huis: Werkhuis) -> None:
    """With its line, with its message where it is about no invoice, or where that is not sent."""
    marked = b"\xef\xbb\xbf" + made("JW301")
    end = "<ijw:Einddatum>2025-03-31</ijw:Einddatum>\n            </jw323:ProductPeriode>"
    wrong = made("JW323", (end, end.replace("03-31", "04-30")))
    assert ["accepted", "rejected"] == huis.take_in(marked, wrong)
    anna = huis.bezoeker("anna")
    led_to = {}
    for cause in causes(anna):
        page = anna.get(cause).text
        rule = re.findall(r"<title>(\w+) bij", page)[0]
        for link in LEADS.findall(page):
            shown = anna.client.get(link, follow_redirects=True)
            assert 200 == shown.status_code, (rule, link)
            led_to[rule] = shown.url.path.split("/")[1]
    assert dict.fromkeys(("S190", "CS337", "TR137"), "berichten") == led_to
    refused = "SELECT count(*) FROM verwerking WHERE wie = 'anna' AND status_code = 2"
    assert [(0,)] == rows_of(huis.folder, refused)


def test_another_municipality_sees_nothing_and_is_told_nothing(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna, other = huis.bezoeker("anna"), huis.bezoeker("kampen")
    cause = causes(anna)[0]
    line = LINE.findall(anna.get(cause).text)[0]
    decision = proposed(anna, cause)
    assert [] == causes(other)
    for path in (cause, line, decision, f"{cause}/herstel"):
        assert 404 == other.get(path).status_code
    other.get("/werkvoorraad")
    for path in (f"{cause}/eigenaar", f"{cause}/voorbeeld", f"{cause}/notitie", decision):
        given = {"soort": "toekennen", "welke": "alle", "tekst": "x", "doe": "nemen", "reden": "x"}
        assert 404 == other.post(path, given).status_code
    refused = rows_of(
        huis.folder,
        "SELECT count(*) FROM verwerking WHERE wie = 'kampen' AND status_code = 2",
    )
    assert [(8,)] == refused


def test_a_reader_sees_and_changes_nothing(huis: Werkhuis) -> None:
    huis.take_in(*held())
    reader = huis.bezoeker("lezer")
    cause = causes(reader)[0]
    page = reader.get(cause).text
    assert "voorbeeld" in page
    assert "Bekijk besluit" not in page
    reader.get("/mijn")
    assert 403 == reader.post(f"{cause}/eigenaar").status_code
    assert 403 == reader.post("/werkvoorraad/uitvoer", {"doel": "overzicht"}).status_code


def test_a_cause_is_taken_given_and_let_go(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna, bram = huis.bezoeker("anna"), huis.bezoeker("bram")
    cause = causes(anna)[0]
    anna.get(cause)
    assert 303 == anna.post(f"{cause}/eigenaar", {"doe": "oppakken"}).status_code
    assert [cause] == causes(anna, "?eigenaar=mij")
    assert [cause] != causes(anna, "?eigenaar=niemand")
    bram.get(cause)
    assert 409 == bram.post(f"{cause}/eigenaar", {"doe": "oppakken"}).status_code
    assert 400 == anna.post(f"{cause}/toewijzen", {"naam": "kampen"}).status_code
    assert 303 == anna.post(f"{cause}/toewijzen", {"naam": "bram"}).status_code
    assert [cause] == causes(bram, "?eigenaar=mij")
    assert 303 == bram.post(f"{cause}/eigenaar", {"doe": "loslaten"}).status_code
    assert [] == causes(bram, "?eigenaar=mij")


def test_after_our_side_was_put_right_it_is_judged_again(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna = huis.bezoeker("anna")
    first = causes(anna)
    huis.take_in(made("JW305"))
    page = foreseen(anna, first[0])
    assert "Wordt toegekend en beantwoord" in page.text
    anna.get(first[0])
    decision = anna.post(f"{first[0]}/herstel").headers["location"]
    assert [] == waiting_to_be_judged(huis)
    assert 303 == anna.post(decision, {"doe": "nemen", "reden": "de start is er"}).status_code
    assert "0 van 1 bericht opnieuw beoordeeld" in anna.get(decision).text
    repaired(huis)
    page = anna.get(decision).text
    assert "1 van 1 bericht opnieuw beoordeeld" in page
    assert "alle berichten opnieuw beoordeeld" in page
    assert "Stop met" not in page
    assert [] == causes(anna)
    assert ["JW306", "JW325"] == [naam.partition("_")[0] for naam, _ in huis.left]


def foreseen(wie: Bezoeker, cause: str) -> httpx.Response:
    """What a repair of a cause would come to, once all of it was looked at."""
    begun = wie.get(f"{cause}/herstel")
    assert 303 == begun.status_code
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page = wie.get(begun.headers["location"])
        if 'id="voortgang"' not in page.text:
            return page
        time.sleep(0.1)
    raise AssertionError(page.text)


def waiting_to_be_judged(huis: Werkhuis) -> list[tuple[int, int]]:
    taak = huis.store.herbeoordelingen.next()
    return [] if taak is None else [(taak.besluit_id, taak.inbox_id)]


def repaired(huis: Werkhuis) -> None:
    """Do what the loop beside the work does, and what follows from it."""
    while huis.installation.herstellus.run_once():
        pass
    huis.installation.runtime.drain()
    huis.store.werkvolger.catch_up()


def test_a_repair_goes_on_after_a_restart_and_can_be_stopped(huis: Werkhuis) -> None:
    huis.take_in(*rejected())
    anna = huis.bezoeker("anna")
    cause = causes(anna)[0]
    anna.get(cause)
    decision = anna.post(f"{cause}/herstel").headers["location"]
    anna.post(decision, {"doe": "nemen", "reden": "hersteld"})
    # What waits stands in the store, for whoever comes next.
    assert 1 == len(waiting_to_be_judged(huis))
    stopped = anna.post(decision, {"doe": "terugdraaien", "reden": "toch niet"})
    assert 303 == stopped.status_code
    assert [] == waiting_to_be_judged(huis)
    assert [cause] == [one for one in causes(anna) if one == cause]
    again = anna.post(f"{cause}/herstel").headers["location"]
    anna.post(again, {"doe": "nemen", "reden": "nu wel"})
    repaired(huis)
    assert 409 == anna.post(again, {"doe": "terugdraaien", "reden": "te laat"}).status_code


def test_a_list_that_nobody_decided_on_is_thrown_away_by_the_clock(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna = huis.bezoeker("anna")
    cause = causes(anna)[0]
    anna.get(cause)
    old = proposed(anna, cause)
    huis.verwerking.klok.now += timedelta(hours=23)
    assert 0 == huis.store.opruimer.run_once()
    huis.verwerking.klok.now += timedelta(hours=2)
    anna = huis.bezoeker("anna")
    anna.get(cause)
    new = proposed(anna, cause)
    assert 1 == huis.store.opruimer.run_once()
    assert (404, 200) == (anna.get(old).status_code, anna.get(new).status_code)
    anna.post(new, {"doe": "nemen", "reden": "klopt"})
    huis.verwerking.klok.now += timedelta(hours=48)
    assert 0 == huis.store.opruimer.run_once()


def test_a_client_is_reached_from_a_line_for_a_purpose(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna = huis.bezoeker("anna")
    cause = causes(anna)[0]
    line = LINE.findall(anna.get(cause).text)[0]
    anna.get(line)
    assert 400 == anna.post(f"{line}/client", {"doel": ""}).status_code
    found = anna.post(f"{line}/client", {"doel": "declaratie"})
    assert 303 == found.status_code
    assert "999900006" not in found.headers["location"]
    assert "Cliënt *****0006" in anna.get(found.headers["location"]).text
    logged = rows_of(
        huis.folder,
        "SELECT betrokkene, attributes FROM verwerking WHERE name = 'cliënt van een regel zoeken' "
        "AND status_code = 1",
    )
    assert [huis.store.fingerprint("999900006")] == [one[0] for one in logged if one[0]]
    assert "controle van een declaratie" in str(logged[-1][1])
    elsewhere = huis.bezoeker("kampen")
    elsewhere.get("/werkvoorraad")
    assert 404 == elsewhere.post(f"{line}/client", {"doel": "declaratie"}).status_code


def test_a_large_repair_needs_a_second_person(
    huis: Werkhuis, monkeypatch: pytest.MonkeyPatch
) -> None:
    huis.take_in(*held())
    strict = replace(huis.omgeving.kennis.beleid_of(ZWOLLE), tweede_persoon_boven=0)
    monkeypatch.setitem(huis.omgeving.kennis.beleid, ZWOLLE, strict)
    anna, bram = huis.bezoeker("anna"), huis.bezoeker("bram")
    cause = causes(anna)[0]
    anna.get(cause)
    decision = anna.post(f"{cause}/herstel").headers["location"]
    anna.post(decision, {"doe": "nemen", "reden": "hersteld"})
    assert [] == waiting_to_be_judged(huis)
    assert 403 == anna.post(decision, {"doe": "goedkeuren"}).status_code
    bram.get(decision)
    assert 303 == bram.post(decision, {"doe": "goedkeuren"}).status_code
    assert 1 == len(waiting_to_be_judged(huis))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?gemeente=0193&wet=jeugdwet&rule=S105&vanaf=1,00&uiterlijk=2030-01-01", 200),
        ("?vanaf=1.234,50", 200),
        ("?vanaf=1,234.50", 400),
        ("?uiterlijk=morgen", 400),
        ("?volgorde=naam", 400),
        ("?na=%00", 400),
        ("?na=WzEsMl0", 200),
        ("?na=WyJhIiwyXQ", 400),
        ("?volgorde=termijn&na=WzEsMl0", 400),
        ("?na=WzFlOTk5LDJd", 400),
        ("?gemeente=%27%3BDROP", 200),
    ],
)
def test_whatever_stands_in_the_address_gets_a_proper_answer(
    huis: Werkhuis, query: str, status: int
) -> None:
    huis.take_in(*held())
    assert status == huis.bezoeker("anna").get(f"/werkvoorraad{query}").status_code


def test_what_is_on_the_screen_is_saved_for_a_purpose_that_is_written_down(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna = huis.bezoeker("anna")
    cause = causes(anna)[0]
    anna.get(cause)
    assert 400 == anna.post("/werkvoorraad/uitvoer", {"doel": ""}).status_code
    told = anna.post(
        "/werkvoorraad/uitvoer",
        {"doel": "anders", "toelichting": "overleg met aanbieder", "soort": "csv"},
    )
    lines = told.content.decode("utf-8-sig").splitlines()
    assert 3 == len(lines)
    assert lines[0].startswith("gemeente;gemeentecode;wet;aanbieder")
    posts = anna.post(
        f"{cause}/uitvoer",
        {"doel": "anders", "toelichting": "overleg met aanbieder", "soort": "xlsx"},
    )
    assert "attachment" in posts.headers["content-disposition"]
    with ZipFile(BytesIO(posts.content)) as book:
        assert "xl/worksheets/sheet1.xml" in book.namelist()
    logged = rows_of(
        huis.folder,
        "SELECT attributes FROM verwerking "
        "WHERE name = 'oorzaak uitvoeren' AND betrokkene IS NOT NULL",
    )
    assert logged
    assert "overleg met aanbieder" in logged[0][0]


def test_every_look_at_clients_is_in_the_log(huis: Werkhuis) -> None:
    huis.take_in(*held())
    anna = huis.bezoeker("anna")
    cause = causes(anna)[0]
    line = LINE.findall(anna.get(cause).text)[0]
    anna.get(line)
    decision = proposed(anna, cause)
    took(anna, decision)
    found = rows_of(
        huis.folder,
        "SELECT name FROM verwerking WHERE wie = 'anna' AND betrokkene IS NOT NULL "
        "ORDER BY dag, nr",
    )
    names = [name for (name,) in found]
    for name in ("oorzaak bekijken", "declaratieregel bekijken", "besluiten over bevindingen"):
        assert name in names


def test_a_month_is_explained_to_the_cent(huis: Werkhuis) -> None:
    huis.take_in(*rejected())
    huis.at(BESLUIT)
    anna = huis.bezoeker("anna")
    ((aanbieder, maand, asked, got),) = rows_of(
        huis.folder, "SELECT aanbieder, maand, ingediend, toegekend FROM maandstand"
    )
    path = f"/verschillen?gemeente=0193&wet=jeugdwet&aanbieder={aanbieder}&maand={maand}"
    shown = anna.get(path)
    assert 200 == shown.status_code
    assert euros(asked - got) in shown.text
    grounds = shown.text.partition("samen is dit het hele verschil</caption>")[2]
    amounts = re.findall(r'class="geld[^"]*">([^<]+)<', grounds.partition("</table>")[0])
    assert asked - got == sum(map(cents_of, amounts))
    assert 404 == huis.bezoeker("kampen").get(path).status_code
    assert 400 == anna.get(path.replace(maand, "mei")).status_code


def test_of_a_gap_is_told_what_was_granted_later_and_what_is_left(huis: Werkhuis) -> None:
    """Ten times too much, asked for again at its right size; the other line comes twice."""
    many = ((">480<", ">4800<"), (">60000<", ">600000<"), (">85000<", ">625000<"))
    first, second = renumbered("JW323", "A", *many), renumbered("JW323", "B")
    verdicts = huis.take_in(made("JW301"), made("JW305"), first, second)
    assert ["accepted", "accepted", "partly", "partly"] == verdicts
    anna = huis.bezoeker("anna")
    path = html.unescape(
        re.findall(r'href="(/verschillen\?[^"]+)"', anna.get("/verschillen").text)[0]
    )
    page = text_of(anna.get(path).text)
    for told in (
        "€ 6.250,00 verschil",
        "€ 600,00 later toegekend",
        "€ 5.400,00 niet meer gevraagd",
    ):
        assert told in page
    assert "€ 250,00 nog open" in page
    lines = text_of(anna.get(f"{path}&stand=later").text).partition("Regels die zijn afgewezen")[2]
    assert ("A-1 DA" in lines, "€ 600,00 B-1 in DB" in lines) == (True, True)
    assert "B-3 DB" not in lines.partition("Declaraties van deze maand")[0]
    (cause,) = causes(anna)
    took(anna, proposed(anna, cause, "terecht afgewezen"))
    page = anna.get(path).text
    assert "€ 250,00 afgehandeld" in text_of(page)
    assert "€ 0,00 nog open" in text_of(page)
    assert 'href="/besluiten/' in page


def test_what_else_was_declared_on_an_assignment_stands_with_a_line(huis: Werkhuis) -> None:
    other = renumbered("JW323", "B", ("45A01<", "45A02<"))
    huis.take_in(made("JW301"), made("JW305"), renumbered("JW323", "A"), other)
    anna = huis.bezoeker("anna")
    cause = next(one for one in causes(anna) if "TR340" in anna.get(one).text)
    page = text_of(anna.get(LINE.findall(anna.get(cause).text)[0]).text)
    beside = page.partition("Andere regels op toewijzing 100001 in deze periode")[2]
    assert "A-1 DA 7 apr 2025 45A01 1 mrt 2025 – 31 mrt 2025 480 minuten € 600,00" in beside


def cents_of(text: str) -> int:
    """An amount as it is shown, in eurocents."""
    digits = re.sub(r"[^\d-]", "", text)
    return int(digits)
