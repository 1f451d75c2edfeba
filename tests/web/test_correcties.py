"""The pages of corrections and of a re-pricing, used as a browser does."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

import httpx
import pytest

from gateway.store.toegang.gebruikers import NieuweGebruiker
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.web.huis import WACHTWOORD, Bezoeker, _hash, handeling
from tests.web.streekhuis import Streekhuis, streekhuis
from tests.web.test_paginas_streek import _klaar, _voorstel, stuur, tekst

pytestmark = pytest.mark.usefixtures("opslag")
PATH, HERPRIJZEN = "/eigen/correcties", "/overeenkomsten/herprijzen"
NUMMERS = {"identificatie": "C1", "declaratienummer": "CORR1", "referentiebegin": "C1-"}


@pytest.fixture(scope="module")
def hier(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streekhuis]:
    with streekhuis(tmp_path_factory.mktemp("streek")) as made:
        yield made


def aanbieder(hier: Streekhuis, agb: str) -> Bezoeker:
    naam = f"van {agb}"
    if hier.huis.store.gebruikers.by_naam(naam) is None:
        nieuw = NieuweGebruiker(
            naam=naam,
            weergave=naam,
            rollen={ALLE: frozenset({Rol.AANBIEDER})},
            aanbieder=agb,
            wachtwoord=_hash(WACHTWOORD),
        )
        hier.huis.store.gebruikers.make(nieuw, handeling("gebruiker maken"))
    return hier.huis.bezoeker(naam)


def outside(hier: Streekhuis) -> tuple[str, str, str]:
    """Who has a granted line outside its assignment, as S138 tells."""
    (found, *_) = hier.streek.rows(
        "SELECT t.gemeente, t.wet, q.aanbieder FROM bevinding b JOIN toewijzing t ON "
        "t.toewijzingnummer = b.toewijzingnummer JOIN partij q ON q.id = t.partij_id "
        "WHERE b.rule = 'S138' AND b.tot_volgnr IS NULL"
    )
    return found


def vraag_van(hier: Streekhuis, reden: str = "toewijzing") -> tuple[str, dict[str, str]]:
    gemeente, wet, agb = outside(hier)
    return agb, {"bij": f"{gemeente}-{wet}", "reden": reden, "van": "2026-01", "tot": "2026-06"}


def test_a_provider_makes_its_message_in_three_steps(hier: Streekhuis) -> None:
    agb, vraag = vraag_van(hier)
    wie = aanbieder(hier, agb)
    assert "Correcties" in tekst(wie.get(PATH))
    listed = tekst(wie.get(PATH, params=vraag))
    assert "loopt nu van" in listed
    assert "Maak er een bericht van" in listed
    given = {**vraag, **NUMMERS, "maand": "2026-06"}
    made = tekst(wie.post(PATH, given))
    assert "elke regel zou worden toegekend" in made
    saved = wie.post(f"{PATH}/bestand", given)
    assert (200, 'attachment; filename="C1.xml"') == (
        saved.status_code,
        saved.headers["content-disposition"],
    )
    checked = tekst(_offered(wie, saved.content))
    assert "323 in orde" in checked


def test_what_a_later_301_left_outside_leads_from_the_first_page_to_its_correction(
    hier: Streekhuis,
) -> None:
    gemeente, wet, agb = outside(hier)
    wie = aanbieder(hier, agb)
    for path in ("/eigen", PATH):
        page = wie.get(path)
        assert "1 toewijzing korter of lager, en daarop is al meer toegekend" in tekst(page)
        (naar,) = re.findall(rf'href="({PATH}\?[^"]+)"', page.text)
    asked = dict(parse_qsl(html.unescape(naar).partition("?")[2]))
    assert ("toewijzing", f"{gemeente}-{wet}", "2026-07") == (
        *(asked[name] for name in ("reden", "bij", "tot")),
    )
    found = tekst(wie.get(html.unescape(naar)))
    assert "loopt nu van" in found
    assert "Maak er een bericht van" in found
    assert "korter of lager" not in tekst(aanbieder(hier, "11111111").get("/eigen"))


def _offered(wie: Bezoeker, body: bytes) -> httpx.Response:
    wie.get("/controle")
    return wie.client.post(
        "/controle",
        data={"_csrf": wie.token, "gegevens": "eigen"},
        files={"bestand": ("c.xml", body, "application/xml")},
        headers={"Origin": wie.adres},
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"identificatie": ""}, "De identificatie van het bericht heeft 1 tot en met 12 tekens"),
        ({"maand": "2026-12"}, "kies een maand die voorbij is"),
        ({"maand": "juni"}, "Schrijf een maand als 2026-01"),
        ({"bij": "x"}, "Kies een gemeente en wet"),
        ({"reden": "x"}, "Kies waarom u wilt corrigeren"),
        ({"maand": "2026-01"}, "als geheel afgekeurd: 8214"),
    ],
)
def test_what_is_wrong_with_a_message_is_told_and_what_was_filled_in_stays(
    hier: Streekhuis, change: dict[str, str], told: str
) -> None:
    agb, vraag = vraag_van(hier)
    wie = aanbieder(hier, agb)
    wie.get(PATH)
    page = wie.post(PATH, {**vraag, **NUMMERS, "maand": "2026-06", **change})
    assert (422, True) == (page.status_code, told in tekst(page)), tekst(page)


def test_a_provider_without_lines_is_told_so(hier: Streekhuis) -> None:
    page = tekst(aanbieder(hier, "11111111").get(PATH))
    assert "In deze maanden hebt u niets gedeclareerd." in page


def test_staff_price_granted_lines_again(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("beoordelaar")
    wie.get(HERPRIJZEN)
    months = {"van": "2026-01", "tot": "2026-06"}
    dearer = re.sub(
        rb"^bedrag = (\d+)$",
        lambda found: b"bedrag = %d" % (int(found[1]) + 100),
        _voorstel(hier),
        flags=re.MULTILINE,
    )
    page = _klaar(wie, stuur(wie, HERPRIJZEN, dearer, **months))
    assert "Per aanbieder" in page
    total = re.search(r"(\d+) regels met een andere prijs", page)
    assert total is not None
    where = re.search(rf"{HERPRIJZEN}/[0-9a-f-]{{36}}", wie.get(HERPRIJZEN).text)
    assert where is not None
    assert 404 == hier.huis.bezoeker("lezer").get(where[0]).status_code
    saved = wie.post(f"{where[0]}/uitvoer", {"doel": "declaratie", "soort": "csv"})
    assert 200 == saved.status_code, tekst(saved)
    assert int(total[1]) + 1 == len(saved.text.splitlines())


def test_what_is_in_use_is_priced_without_a_file(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("beoordelaar")
    wie.get(HERPRIJZEN)
    response = wie.post(HERPRIJZEN, {"van": "2026-01", "tot": "2026-06"})
    page = _klaar(wie, response)
    assert "met de overeenkomsten die nu in gebruik zijn" in page
    bad = wie.post(HERPRIJZEN, {"van": "2026-01", "tot": "2020-06"})
    assert (422, True) == (bad.status_code, "hoogstens twaalf maanden" in tekst(bad))


def test_windows_of_a_price_stand_on_its_page(hier: Streekhuis) -> None:
    wie = hier.huis.bezoeker("lezer")
    listed = wie.get("/overeenkomsten").text
    link = re.search(r'href="(/overeenkomsten/simulatie-aanbod/[^"]+)"', listed)
    assert link is not None
    assert re.search(r"toewijzen tot en met \d", tekst(wie.get(link[1], params={"op": "alles"})))
