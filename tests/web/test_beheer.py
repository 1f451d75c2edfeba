"""What a beheerder does: make users, give roles, and never himself."""

import re
from pathlib import Path

import httpx
import pytest

from gateway.cli import run
from gateway.store.geld.betalen.vrijgave import SOORT
from gateway.store.geld.voorstellen import Vraag
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from gateway.web.beheer.gebruikers import BEHEER
from tests.opslag import store_of
from tests.web.huis import KAMPEN, WACHTWOORD, ZWOLLE, Bezoeker, Huis, handeling, huis


def page_of(web: Huis, naam: str) -> str:
    found = web.store.gebruikers.by_naam(naam)
    assert found is not None
    return f"{BEHEER}/{web.omgeving.kenmerken.of('gebruiker', found.nummer)}"


def roles_of(web: Huis, naam: str) -> dict[str, set[Rol]]:
    found = web.store.gebruikers.by_naam(naam)
    assert found is not None
    return {gemeente: set(here) for gemeente, here in found.rollen.items()}


def test_a_beheerder_makes_a_user_who_comes_in(web: Huis) -> None:
    boss = web.bezoeker("beheerder")
    boss.get(f"{BEHEER}/nieuw")
    made = boss.post(f"{BEHEER}/nieuw", {"naam": "nieuw.iemand", "weergave": "Nieuw Iemand"})
    page = page_of(web, "nieuw.iemand")
    assert (303, page) == (made.status_code, made.headers["location"])
    boss.get(page)
    boss.post(f"{page}/rollen", {"rol": [f"{ALLE}:auditor", f"{KAMPEN}:lezer"]})
    assert {ALLE: {Rol.AUDITOR}, KAMPEN: {Rol.LEZER}} == roles_of(web, "nieuw.iemand")
    user = web.bezoeker()
    assert 303 == choose(user, "nieuw.iemand", code_of(boss, page)).status_code
    assert 200 == user.get("/logboek").status_code
    assert 200 == web.bezoeker("nieuw.iemand").get("/logboek").status_code


def code_of(boss: Bezoeker, page: str) -> str:
    found = re.search(r'class="geheim">([^<]+)<', boss.post(f"{page}/code").text)
    assert found is not None
    return found[1]


def choose(user: Bezoeker, naam: str, code: str, wachtwoord: str = WACHTWOORD) -> httpx.Response:
    user.get("/wachtwoord")
    return user.post("/wachtwoord", {"naam": naam, "code": code, "wachtwoord": wachtwoord})


def test_a_code_is_for_one_user_and_works_once(web: Huis) -> None:
    web.maak("vergeten", {ALLE: {Rol.LEZER}})
    boss, other = web.bezoeker("beheerder"), "een heel ander stel groene wielen"
    inside = web.bezoeker("vergeten")
    code = code_of(boss, page_of(web, "vergeten"))
    assert 422 == choose(web.bezoeker(), "lezer", code, other).status_code
    assert 422 == choose(web.bezoeker(), "vergeten", code, other).status_code
    code = code_of(boss, page_of(web, "vergeten"))
    assert 422 == choose(web.bezoeker(), "vergeten", code, "te kort").status_code
    assert 303 == choose(web.bezoeker(), "vergeten", code, other).status_code
    assert 303 == inside.get("/mijn").status_code
    assert 401 == inside.log_in("vergeten").status_code
    assert 303 == inside.log_in("vergeten", other).status_code
    code = code_of(boss, page_of(web, "vergeten"))
    web.klok.later(hours=25)
    assert 422 == choose(web.bezoeker(), "vergeten", code).status_code


def test_who_knows_his_password_changes_it(web: Huis) -> None:
    web.maak("wijzigend", {ALLE: {Rol.LEZER}})
    here, there = web.bezoeker("wijzigend"), web.bezoeker("wijzigend")
    other = "een heel ander stel groene wielen"
    here.get("/mijn/wachtwoord")
    wrong = here.post("/mijn/wachtwoord", {"oud": "iets anders", "wachtwoord": other})
    assert (422, True) == (wrong.status_code, "niet uw wachtwoord" in wrong.text)
    assert (
        303 == here.post("/mijn/wachtwoord", {"oud": WACHTWOORD, "wachtwoord": other}).status_code
    )
    assert (200, 303) == (here.get("/mijn").status_code, there.get("/mijn").status_code)
    assert 303 == there.log_in("wijzigend", other).status_code


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("naam", "met spatie", "Gebruik letters"),
        ("naam", "lezer", "al in gebruik"),
        ("weergave", "", "collega"),
        ("naam", "Sleutel-1", "iets anders in het logboek"),
        ("aanbieder", "123", "acht cijfers"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(web: Huis, field: str, value: str, told: str) -> None:
    boss = web.bezoeker("beheerder")
    good = {"naam": "ander", "weergave": "Ander", "aanbieder": ""}
    boss.get(f"{BEHEER}/nieuw")
    response = boss.post(f"{BEHEER}/nieuw", good | {field: value})
    assert 422 == response.status_code
    assert told in response.text
    assert f'href="#{field}"' in response.text


def test_nobody_gives_himself_a_right(web: Huis) -> None:
    boss = web.bezoeker("beheerder")
    own = page_of(web, "beheerder")
    for path in ("rollen", "actief"):
        assert 403 == boss.post(f"{own}/{path}", {"rol": f"{ALLE}:beoordelaar"}).status_code
    assert {ALLE: {Rol.BEHEERDER}} == roles_of(web, "beheerder")


def test_a_beheerder_of_one_place_has_no_say_elsewhere(web: Huis) -> None:
    web.maak("hier", {ZWOLLE: {Rol.LEZER}})
    web.maak("daar", {KAMPEN: {Rol.LEZER}})
    boss = web.bezoeker(f"beheerder {ZWOLLE}")
    listed = boss.get(BEHEER).text
    assert ("hier" in listed, ">daar<" in listed.lower()) == (True, False)
    assert 404 == boss.get(page_of(web, "daar")).status_code
    assert 404 == boss.get(page_of(web, "beheerder")).status_code
    here = page_of(web, "hier")
    boss.get(here)
    for role in (f"{ALLE}:lezer", f"{KAMPEN}:lezer", f"{ZWOLLE}:koning"):
        assert 403 == boss.post(f"{here}/rollen", {"rol": role}).status_code
    boss.post(f"{here}/rollen", {"rol": f"{ZWOLLE}:beoordelaar"})
    assert {ZWOLLE: {Rol.BEOORDELAAR}} == roles_of(web, "hier")


def test_the_role_of_aanbieder_needs_an_agb_code(web: Huis) -> None:
    web.maak("zonder-agb")
    boss = web.bezoeker("beheerder")
    response = boss.post(f"{page_of(web, 'zonder-agb')}/rollen", {"rol": f"{ALLE}:aanbieder"})
    assert (400, {}) == (response.status_code, roles_of(web, "zonder-agb"))


def test_a_change_of_rights_asks_for_a_fresh_login(web: Huis) -> None:
    boss = web.bezoeker("beheerder")
    web.maak("later", {ALLE: {Rol.LEZER}})
    web.klok.later(minutes=11)
    page = boss.get(page_of(web, "later"))
    assert (303, True) == (page.status_code, page.headers["location"].endswith("&opnieuw=1"))
    assert "nog eens wie u bent" in boss.get(page.headers["location"]).text
    response = boss.post(f"{page_of(web, 'later')}/rollen", {"rol": f"{ALLE}:auditor"})
    assert (403, {ALLE: {Rol.LEZER}}) == (response.status_code, roles_of(web, "later"))
    boss.get("/mijn")
    back = boss.post(f"{page_of(web, 'later')}/rollen", {"rol": f"{ALLE}:auditor"})
    assert f"/inloggen?naar={page_of(web, 'later')}&opnieuw=1" == back.headers["location"]
    boss.log_in("beheerder")
    boss.post(f"{page_of(web, 'later')}/rollen", {"rol": f"{ALLE}:auditor"})
    assert {ALLE: {Rol.AUDITOR}} == roles_of(web, "later")


def test_a_beheerder_shuts_somebody_out_everywhere(web: Huis) -> None:
    web.maak("buiten", {ALLE: {Rol.LEZER}})
    out, boss = web.bezoeker("buiten"), web.bezoeker("beheerder")
    boss.post(f"{page_of(web, 'buiten')}/actief", {"actief": "0"})
    assert 303 == out.get("/mijn").status_code
    boss.post(f"{page_of(web, 'buiten')}/actief", {"actief": "1"})
    assert 303 == out.log_in("buiten").status_code
    boss.post(f"{page_of(web, 'buiten')}/sessies")
    assert 303 == out.get("/mijn").status_code


def test_every_change_is_in_the_log_with_what_it_was(web: Huis) -> None:
    web.maak("gevolgd")
    boss = web.bezoeker("beheerder")
    boss.post(f"{page_of(web, 'gevolgd')}/rollen", {"rol": f"{ZWOLLE}:lezer"})
    *_, last = web.store.logboek.rows()
    assert ("rollen wijzigen", "beheerder") == (last["name"], last["wie"])
    assert f"gevolgd: {ZWOLLE}: lezer" in last["attributes"]


def first_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert 0 == run(["users", "first", "--store", store_of(folder)])
    told = capsys.readouterr().out
    assert "/eerste" in told
    return told.strip().rsplit(" ", 1)[1]


def become(visitor: Bezoeker, code: str, naam: str = "baas") -> int:
    visitor.get("/eerste")
    given = {"code": code, "naam": naam, "weergave": "De Baas", "wachtwoord": WACHTWOORD}
    return visitor.post("/eerste", given).status_code


@pytest.mark.usefixtures("opslag")
def test_the_first_beheerder_comes_by_a_code_that_works_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with huis(tmp_path) as made:
        assert 422 == become(made.bezoeker(), "geraden")
        code = first_code(tmp_path, capsys)
        boss = made.bezoeker()
        assert 303 == become(boss, code)
        assert 200 == boss.get(BEHEER).status_code
        assert 422 == become(made.bezoeker(), code, "tweede")
        assert 2 == run(["users", "first", "--store", store_of(tmp_path)])
        assert "er is al een beheerder (baas)" in capsys.readouterr().err


def test_an_operator_lists_users_and_shuts_one_out(
    web: Huis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with huis(tmp_path) as made:
        made.maak("weg", {ALLE: {Rol.LEZER}})
        visitor = made.bezoeker("weg")
        assert 0 == run(["users", "disable", "weg", "--store", store_of(tmp_path)])
        assert 303 == visitor.get("/mijn").status_code
        capsys.readouterr()
        run(["users", "list", "--store", store_of(tmp_path)])
        # What serves beside it logs when it likes.
        told = [one for one in capsys.readouterr().out.splitlines() if "\t" in one]
        assert ["weg\tuitgesloten\t*: lezer"] == told
        assert 2 == run(["users", "disable", "wie?", "--store", store_of(tmp_path)])


def test_a_key_is_shown_once_and_ends_at_once(web: Huis) -> None:
    boss = web.bezoeker("beheerder")
    boss.get("/beheer/sleutels/nieuw")
    asked = {"naam": "de suite", "rol": "lezer", "gemeente": ZWOLLE, "dagen": "90"}
    made = boss.post("/beheer/sleutels/nieuw", asked)
    found = re.search(r'class="geheim">([^<]+)<', made.text)
    assert found is not None
    wie = web.store.sleutels.who(found[1])
    assert wie is not None
    assert {ZWOLLE: {Rol.LEZER}} == {place: set(here) for place, here in wie.rollen.items()}
    listed = boss.get("/beheer/sleutels").text
    assert ("de suite" in listed, found[1] in listed) == (True, False)
    address = re.search(r'action="(/beheer/sleutels/[^"]+/intrekken)"', listed)
    assert address is not None
    assert 303 == boss.post(address[1]).status_code
    assert None is web.store.sleutels.who(found[1])
    last = [row["name"] for row in web.store.logboek.rows()][-2:]
    assert ["sleutel maken", "sleutel intrekken"] == last


def test_a_key_reaches_no_further_than_who_makes_it(web: Huis) -> None:
    boss = web.bezoeker(f"beheerder {ZWOLLE}")
    boss.get("/beheer/sleutels/nieuw")
    asked = {"naam": "te ver", "rol": "lezer", "dagen": "90"}
    for gemeente in (ALLE, KAMPEN):
        assert (
            403 == boss.post("/beheer/sleutels/nieuw", asked | {"gemeente": gemeente}).status_code
        )
    wrong = boss.post("/beheer/sleutels/nieuw", asked | {"gemeente": ZWOLLE, "aanbieder": "123"})
    assert (422, True) == (wrong.status_code, "AGB-code" in wrong.text)


def test_a_beheerder_says_whose_a_key_and_an_account_on_the_machine_are(web: Huis) -> None:
    boss, keys = web.bezoeker("beheerder"), "/beheer/sleutels"
    asked = {"naam": "de suite", "rol": "financien", "gemeente": ZWOLLE, "dagen": "90"}
    boss.get(f"{keys}/nieuw")
    assert 403 == boss.post(f"{keys}/nieuw", asked | {"namens": "onbekend"}).status_code
    assert 200 == boss.post(f"{keys}/nieuw", asked | {"namens": "financien"}).status_code
    assert 200 == boss.post(f"{keys}/nieuw", asked).status_code
    named, loose = web.store.sleutels.list()[-2:]
    listed = boss.get(keys).text
    assert (("financien", None), True) == ((named.namens, loose.namens), ">niemand<" in listed)
    given = {"sleutel": web.omgeving.kenmerken.of("sleutel", loose.nummer), "namens": "lezer"}
    assert f'<option value="{given["sleutel"]}"' in listed
    assert 400 == boss.post(f"{keys}/eigenaar", given | {"namens": ""}).status_code
    assert 404 == boss.post(f"{keys}/eigenaar", given | {"sleutel": "x"}).status_code
    # Also when it ended, for what it proposed may still wait.
    assert web.store.sleutels.revoke(loose.nummer, handeling("sleutel intrekken"))
    assert f'<option value="{given["sleutel"]}"' in boss.get(keys).text
    assert 303 == boss.post(f"{keys}/eigenaar", given).status_code
    assert "lezer" == web.store.sleutels.list()[-1].namens
    assert f'<option value="{given["sleutel"]}"' not in boss.get(keys).text
    page = page_of(web, "financien")
    boss.get(page)
    assert 303 == boss.post(f"{page}/machine", {"account": "f.smit"}).status_code
    assert 'value="f.smit"' in boss.get(page).text
    last = [row["name"] for row in web.store.logboek.rows()][-2:]
    assert ["eigenaar van sleutel vastleggen", "account op de machine vastleggen"] == last


def test_a_page_tells_why_a_proposal_of_a_key_cannot_be_approved(web: Huis) -> None:
    own, nobodys = page_of_proposal(web, "financien"), page_of_proposal(web, None)
    sleutel, who = web.store.sleutels.list()[-1].nummer, web.bezoeker("financien")
    shown = who.get(nobodys).text
    assert (True, False) == (f"sleutel-{sleutel} is van niemand" in shown, "Keur goed" in shown)
    assert 403 == who.post(nobodys, {"doe": "goedkeuren"}).status_code
    web.store.sleutels.assign(sleutel, "lezer", handeling("eigenaar"))
    assert "nog niet heeft bevestigd" in who.get(nobodys).text
    owner = web.bezoeker("lezer")
    own_key = f"/mijn/sleutels/{web.omgeving.kenmerken.of('sleutel', sleutel)}"
    assert own_key in owner.get("/mijn").text
    who.get("/mijn")
    assert 404 == who.post(own_key).status_code
    assert 303 == owner.post(own_key).status_code
    assert own_key not in owner.get("/mijn").text
    assert "Keur goed" in who.get(nobodys).text
    shown = who.get(own).text
    assert (True, False) == ("U hebt dit zelf voorgesteld" in shown, "Keur goed" in shown)
    assert 403 == who.post(own, {"doe": "goedkeuren"}).status_code


def page_of_proposal(web: Huis, namens: str | None) -> str:
    """Where a proposal is that a key made."""
    asked = Aanvraag(naam="de suite", rol=Rol.FINANCIEN, gemeenten=[ZWOLLE], namens=namens)
    _, text = web.store.sleutels.make(asked, handeling("sleutel maken"))
    suite = web.store.sleutels.who(text)
    assert suite is not None
    vraag = Vraag(gemeente=ZWOLLE, soort=SOORT, onderwerp="betaalrun 1", inhoud={})
    with web.store.database.writing(ZWOLLE) as connection:
        nummer = web.store.voorstellen.propose(connection, suite, vraag)
    return f"/geld/voorstellen/{web.omgeving.kenmerken.of('voorstel', nummer)}"


def test_a_name_is_one_person_in_capitals_or_not(web: Huis) -> None:
    web.maak("Jan.Jansen", {ZWOLLE: {Rol.LEZER}})
    user = web.bezoeker()
    assert 303 == user.log_in("jan.JANSEN").status_code
    assert "Jan.Jansen" in user.get("/mijn").text
    boss = web.bezoeker("beheerder")
    boss.get(f"{BEHEER}/nieuw")
    second = boss.post(f"{BEHEER}/nieuw", {"naam": "jan.jansen", "weergave": "Nog Een"})
    assert (422, True) == (second.status_code, "al in gebruik" in second.text)
