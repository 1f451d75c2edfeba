"""The register on its pages: found, changed on forms that tell what is wrong, read from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import httpx
import pytest

from gateway.ledger.register.aanbiederbestand import AANBIEDERS
from gateway.ledger.register.afspraakbestanden import SOORTEN
from gateway.ledger.register.bestand import as_bestand
from gateway.ledger.register.wijzigingen import Nieuw
from gateway.store.noteren import no_log
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.integration.berichten import run
from tests.opslag import store_of
from tests.web.huis import KAMPEN, ZWOLLE, Bezoeker, Huis, handeling, huis

PATH, IBAN = "/geld/aanbieders", "NL91ABNA0417164300"
BEGIN, REDEN = "2024-01-01", {"reden": "brief van de aanbieder"}


@pytest.fixture
def web(opslag: None, tmp_path: Path) -> Iterator[Huis]:
    with huis(tmp_path) as made:
        made.maak("anna", {ALLE: {Rol.FINANCIEN}})
        made.maak("bram", {ALLE: {Rol.FINANCIEN}})
        made.maak("lezer", {ALLE: {Rol.LEZER}})
        made.maak("kampen", {KAMPEN: {Rol.FINANCIEN}})
        first = date.fromisoformat(BEGIN)
        made.store.register.wijzig(
            [
                Nieuw(naam="Stichting De Linde", vanaf=first, kvk="12345678", agb="99000011"),
                Nieuw(naam="De Eik", vanaf=first, agb="99000022"),
            ],
            no_log,
        )
        yield made


def page(who: Bezoeker, wat: str = "", nummer: int = 1) -> str:
    response = who.get(f"{PATH}/{nummer}" + (f"/{wat}" if wat else ""))
    assert 200 == response.status_code
    return response.text


def sent(who: Bezoeker, wat: str, given: dict[str, str], nummer: int = 1) -> tuple[int, str]:
    response = who.post(f"{PATH}/{nummer}/{wat}", given)
    return response.status_code, response.text


def test_a_provider_is_found_by_any_of_its_names_codes_and_numbers(web: Huis) -> None:
    anna = web.bezoeker("anna")
    change = {"naam": "Lindezorg", "vanaf": "2025-01-01", **REDEN}
    assert 303 == sent(anna, "naam", change)[0]
    for zoek in ("linde", "99000011", "12345678", "LINDEZORG"):
        text = anna.get(f"{PATH}?zoek={zoek}").text
        assert ("Lindezorg" in text, "De Eik" in text) == (True, False), zoek
    assert "Geen aanbieder gevonden" in anna.get(f"{PATH}?zoek=nergens").text
    assert "Stichting De Linde" in page(anna)


def test_what_is_changed_is_in_the_log_with_who_and_why(web: Huis) -> None:
    anna = web.bezoeker("anna")
    sent(anna, "agb", {"agb": "99000012", "vanaf": "2025-01-01", "tot": "", **REDEN})
    *_, last = web.store.logboek.rows()
    assert ("aanbiedersregister wijzigen", "anna") == (last["name"], last["wie"])
    assert "brief van de aanbieder" in last["attributes"]
    assert "99000012" in last["attributes"]


@pytest.mark.parametrize(
    ("wat", "given", "said"),
    [
        ("naam", {"naam": "", "vanaf": BEGIN}, "Vul dit in."),
        ("naam", {"naam": "X", "vanaf": "gisteren"}, "geen datum"),
        ("gegevens", {"kvk": "12", "contact": ""}, "acht cijfers"),
        ("agb", {"agb": "99000022", "vanaf": BEGIN, "tot": ""}, "al van aanbieder 2, De Eik"),
        ("agb", {"agb": "9900", "vanaf": BEGIN, "tot": ""}, "acht cijfers"),
        ("agb-einde", {"agb": "99000022 2024-01-01", "tot": BEGIN}, "Kies een van"),
        ("einde", {"tot": "2023-12-31"}, "begint pas op"),
        (
            "overgang",
            {"soort": "fusie", "naar": "9", "dag": "2025-01-01", "agbs": ""},
            "staat niet",
        ),
        ("rekening", {"agb": "99000011", "gemeente": ZWOLLE, "iban": "NL00"}, "geldig IBAN"),
        ("crediteur", {"gemeente": "9999", "crediteurnummer": "C1", "vanaf": BEGIN}, "Kies een"),
        ("onderaannemer", {"onder": "1", "wet": "", "vanaf": BEGIN}, "van zichzelf"),
        ("onderaannemer", {"onder": "x", "wet": "", "vanaf": BEGIN}, "Vul een nummer in"),
    ],
)
def test_what_is_wrong_is_told_on_the_form_and_nothing_changes(
    web: Huis, wat: str, given: dict[str, str], said: str
) -> None:
    before = web.store.register.stand().aanbieders
    filled = {"tenaamstelling": "De Linde", "vanaf": BEGIN, "goedgekeurd_door": "Inkoop", "tot": ""}
    status, text = sent(web.bezoeker("anna"), wat, filled | given | REDEN)
    assert (422, True) == (status, said in text), text
    assert "Dit klopt nog niet" in text
    assert before == web.store.register.stand().aanbieders


def test_a_reason_is_asked_for(web: Huis) -> None:
    status, text = sent(web.bezoeker("anna"), "naam", {"naam": "Lindezorg", "vanaf": "2025-01-01"})
    assert (422, True) == (status, "Waarom" in text)


def test_an_account_is_proposed_here_and_approved_by_another(web: Huis) -> None:
    anna, bram = web.bezoeker("anna"), web.bezoeker("bram")
    given = {
        "agb": "99000011",
        "gemeente": ZWOLLE,
        "iban": IBAN,
        "tenaamstelling": "De Linde",
        "vanaf": BEGIN,
        "notitie": "gebeld",
    }
    made = anna.post(f"{PATH}/1/rekening", given)
    assert 303 == made.status_code
    where = made.headers["location"]
    assert IBAN in anna.get(where).text
    assert IBAN not in web.bezoeker("lezer").get(where).text
    assert 403 == anna.post(where, {"doe": "goedkeuren"}).status_code
    assert 303 == bram.post(where, {"doe": "goedkeuren"}).status_code
    assert IBAN in page(bram)
    shown = page(web.bezoeker("lezer"))
    assert (False, True) == (IBAN in shown, "4300" in shown)
    assert (
        "De Linde"
        not in page(web.bezoeker("kampen")).partition("rekeningen")[2].partition("contracten")[0]
    )


def test_a_merger_is_told_on_both_pages(web: Huis) -> None:
    anna = web.bezoeker("anna")
    given = {"soort": "fusie", "naar": "2", "dag": "2025-01-01", "agbs": "99000011", **REDEN}
    assert 303 == sent(anna, "overgang", given)[0]
    for nummer in (1, 2):
        text = page(anna, nummer=nummer)
        assert "fusie" in text
        assert "brief van de aanbieder" in text
    assert "beëindigd" in page(anna)


def test_every_form_is_shown_and_what_is_none_is_not_there(web: Huis) -> None:
    from gateway.web.pages.geld.aanbiederformulieren import SOORTEN

    anna = web.bezoeker("anna")
    for wat, soort in SOORTEN.items():
        assert soort.titel in page(anna, wat)
    for path in ("/9", "/x", "/1/onzin", "/9/naam", "/%C2%B2"):
        assert 404 == anna.get(PATH + path).status_code
    assert 403 == web.bezoeker("lezer").get(f"{PATH}/1/naam").status_code


def test_contracts_and_subcontractors_come_and_go(web: Huis) -> None:
    anna = web.bezoeker("anna")
    sub = {"onder": "2", "wet": "jeugdwet", "productcategorie": "45", "vanaf": BEGIN, "tot": ""}
    status, text = sent(anna, "onderaannemer", {**sub, "goedgekeurd_door": "Inkoop", **REDEN})
    assert 303 == status, text
    (one,) = web.store.register.onderaannemingen()
    assert (1, 2, "jeugdwet", "45") == (one.hoofd, one.onder, one.wet, one.productcategorie)
    given = {"welk": str(one.nummer), "tot": "2025-12-31", **REDEN}
    assert 303 == sent(anna, "onderaannemer-einde", given, nummer=2)[0]
    (ended,) = web.store.register.onderaannemingen()
    assert date(2025, 12, 31) == ended.tot


def test_a_file_is_shown_first_and_done_when_asked(web: Huis) -> None:
    anna = web.bezoeker("anna")
    text = "naam;kvk;vanaf;agb\nDe Berk;55555555;2025-01-01;99000033\n"
    shown = anna.post(f"{PATH}/invoer", {"inhoud": text})
    assert (200, True) == (shown.status_code, "nieuwe aanbieder De Berk" in shown.text)
    assert 2 == len(web.store.register.stand().aanbieders)
    assert 303 == anna.post(f"{PATH}/invoer", {"inhoud": text, "doe": "doorvoeren"}).status_code
    assert "De Berk" == web.store.register.stand().aanbieders[3].naam
    again = anna.post(f"{PATH}/invoer", {"inhoud": text})
    assert "staat al zo in het register" in again.text
    wrong = anna.post(f"{PATH}/invoer", {"inhoud": "naam;agb\nX;99\n", "doe": "doorvoeren"})
    assert (422, True) == (wrong.status_code, "acht cijfers" in wrong.text)
    assert "kies een bestand" in anna.post(f"{PATH}/invoer", {}).text.lower()


def test_contracts_are_read_from_a_file_of_their_own(web: Huis) -> None:
    anna = web.bezoeker("anna")
    assert "Onderaannemers: een rij per onderaannemer" in anna.get(f"{PATH}/invoer").text
    text = "aanbieder;overeenkomst;documentnummer;vanaf\n1;pxq;Z-1;2024-01-01\n"
    given = {"inhoud": text, "wat": "contracten"}
    shown = anna.post(f"{PATH}/invoer", given)
    assert (200, True) == (shown.status_code, "document Z-1 bij pxq" in shown.text)
    assert 'name="wat" value="contracten"' in shown.text
    assert "Z-1" not in page(anna)
    wrong = given | {"inhoud": f"{text}9;pxq;Z-2;2024-01-01\n", "doe": "doorvoeren"}
    refused = anna.post(f"{PATH}/invoer", wrong)
    assert (422, True) == (refused.status_code, "Aanbieder 9 staat niet" in refused.text)
    assert "Z-1" not in page(anna)
    assert 303 == anna.post(f"{PATH}/invoer", given | {"doe": "doorvoeren"}).status_code
    assert "Z-1" in page(anna)
    *_, last = web.store.logboek.rows()
    assert "1 wijziging uit een bestand (contracten)" in last["attributes"]
    body = anna.post(f"{PATH}/uitvoer", {"wat": "contracten"}).content.decode("utf-8-sig")
    assert ["1;pxq;Z-1;2024-01-01;;"] == body.splitlines()[1:]


def test_the_register_is_taken_along_as_it_is_read_in(web: Huis) -> None:
    body = web.bezoeker("lezer").post(f"{PATH}/uitvoer", {}).content
    assert as_bestand(AANBIEDERS, web.store.register.register()) == body


def test_a_new_provider_gets_the_next_number(web: Huis) -> None:
    given = {"naam": "De Berk", "agb": "99000033", "kvk": "", "contact": "", "vanaf": BEGIN}
    made = web.bezoeker("anna").post(f"{PATH}/nieuw", {**given, **REDEN})
    assert (303, f"{PATH}/3") == (made.status_code, made.headers["location"])


# --- the same files by the API --------------------------------------------------------------------

API, CSV = "/aanbiederbestanden", {"Content-Type": "text/csv"}


@pytest.fixture
def programma(web: Huis) -> Iterator[Callable[[Rol], httpx.Client]]:
    """Makes programs with a key."""
    with ExitStack() as stack:

        def made(rol: Rol) -> httpx.Client:
            aanvraag = Aanvraag(naam=f"programma {rol.value}", rol=rol, gemeenten=(ALLE,))
            _, sleutel = web.store.sleutels.make(aanvraag, handeling("sleutel maken"))
            koppen = {"Authorization": f"Bearer {sleutel}"}
            adres = f"{web.omgeving.adres}/api/v1"
            return stack.enter_context(
                httpx.Client(base_url=adres, headers=koppen, timeout=30, trust_env=False)
            )

        yield made


def test_page_api_and_command_give_the_same_file(
    web: Huis, programma: Callable[[Rol], httpx.Client], tmp_path: Path
) -> None:
    anna, lezer = web.bezoeker("anna"), programma(Rol.LEZER)
    sub = {"onder": "2", "wet": "jeugdwet", "productcategorie": "45", "vanaf": BEGIN, "tot": ""}
    assert 303 == sent(anna, "onderaannemer", {**sub, "goedgekeurd_door": "Inkoop", **REDEN})[0]
    contract = "aanbieder;overeenkomst;documentnummer\n1;pxq;=Z-1\n"
    given = {"inhoud": contract, "wat": "contracten", "doe": "doorvoeren"}
    assert 303 == anna.post(f"{PATH}/invoer", given).status_code
    merger = {"soort": "fusie", "naar": "2", "dag": "2025-01-01", "agbs": "99000011", **REDEN}
    assert 303 == sent(anna, "overgang", merger)[0]
    for wat in SOORTEN:
        page = anna.post(f"{PATH}/uitvoer", {"wat": wat})
        api = lezer.get(f"{API}/{wat}")
        out = tmp_path / f"{wat}.csv"
        asked = ["export", "--wat", wat, "--out", str(out), "--store", store_of(tmp_path)]
        assert 0 == run(["providers", *asked])
        assert page.content == api.content == out.read_bytes(), wat
        assert 1 < len(api.content.splitlines()), wat
        same = ("content-type", "content-disposition")
        assert [page.headers[one] for one in same] == [api.headers[one] for one in same]
        again = programma(Rol.FINANCIEN).post(f"{API}/{wat}", content=api.content, headers=CSV)
        assert (200, []) == (again.status_code, again.json()["wijzigingen"]), again.text
    *_, last = [row for row in web.store.logboek.rows() if row["name"] == "register uitvoeren"]
    assert last["wie"].startswith("sleutel")


def test_a_program_sees_first_what_a_file_changes_and_does_it_once(
    web: Huis, programma: Callable[[Rol], httpx.Client]
) -> None:
    een = programma(Rol.FINANCIEN)
    text = "naam;kvk;vanaf;agb\nDe Berk;55555555;2025-01-01;99000033\n"
    shown = een.post(f"{API}/aanbieders", content=text, headers=CSV).json()
    assert (1, False, []) == (shown["rijen"], shown["doorgevoerd"], shown["fouten"])
    told = [(one["rij"], one["wijziging"]) for one in shown["wijzigingen"]]
    assert (2, True) == (told[0][0], "nieuwe aanbieder De Berk" in told[0][1])
    assert 2 == len(web.store.register.stand().aanbieders)
    do = {"doorvoeren": "true", "reden": "lijst van inkoop"}
    koppen = {**CSV, "Idempotency-Key": "register-1"}
    first, again = (
        een.post(f"{API}/aanbieders", content=text, params=do, headers=koppen) for _ in range(2)
    )
    assert (200, first.content) == (again.status_code, again.content), first.text
    assert (True, shown["wijzigingen"]) == (
        first.json()["doorgevoerd"],
        first.json()["wijzigingen"],
    )
    assert "De Berk" == web.store.register.stand().aanbieders[3].naam
    (act,) = [
        row
        for row in web.store.logboek.rows()
        if row["name"] == "register inlezen" and "lijst van inkoop" in row["attributes"]
    ]
    assert "wijzigingen uit een bestand (aanbieders)" in act["attributes"]


def test_a_file_that_is_wrong_changes_nothing_for_a_program_either(
    web: Huis, programma: Callable[[Rol], httpx.Client]
) -> None:
    een, before = programma(Rol.FINANCIEN), web.store.register.stand().aanbieders
    text = "naam;agb\nDe Berk;99000033\nX;99\nY;x999900006\n"
    shown = een.post(f"{API}/aanbieders", content=text, headers=CSV).json()
    assert [3, 4] == [one["rij"] for one in shown["fouten"]]
    do = {"doorvoeren": "true"}
    for body, wat, told in (
        (text, "aanbieders", "rij 3: "),
        ("naam;onzin\n", "aanbieders", "kolom onzin kent het register niet"),
        (b"naam\n\xff", "aanbieders", "geen UTF-8"),
        ("naam\na\0b", "aanbieders", "geen CSV"),
        ("naam\n" + "x" * 200_000, "aanbieders", "geen CSV: zie regel 2"),
        ("aanbieder;overeenkomst;documentnummer\n999900006;a;b", "contracten", "*****0006"),
    ):
        refused = een.post(f"{API}/{wat}", content=body, params=do, headers=CSV)
        assert (400, True) == (refused.status_code, told in refused.json()["detail"]), refused.text
    assert 404 == een.post(f"{API}/onzin", content=text, headers=CSV).status_code
    assert 404 == een.get(f"{API}/onzin").status_code
    assert 413 == een.post(f"{API}/aanbieders", content=b"x" * 2**23, headers=CSV).status_code
    assert 403 == programma(Rol.LEZER).post(f"{API}/aanbieders", content=text).status_code
    assert 403 == programma(Rol.AUDITOR).post(f"{API}/aanbieders", content=text).status_code
    assert before == web.store.register.stand().aanbieders
