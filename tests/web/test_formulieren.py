"""A form that was filled in wrong comes back on its own page, with what was filled in."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from tests.web.huis import Bezoeker
from tests.web.test_werkvoorraad import causes
from tests.web.werkhuis import Werkhuis, held, werkhuis

VAN = re.compile(r'name="_van" value="([^"]*)"')


@pytest.fixture(scope="module")
def huis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Werkhuis]:
    with werkhuis(tmp_path_factory.mktemp("werk")) as made:
        made.take_in(*held())
        yield made


@pytest.fixture
def anna(huis: Werkhuis) -> Bezoeker:
    return huis.bezoeker("anna")


def van(page: str) -> str:
    """The page that the forms of a page say they are on; all say the same."""
    (found,) = set(VAN.findall(page))
    return html.unescape(found)


def test_a_decision_without_ticks_is_asked_again_on_the_page_of_the_cause(anna: Bezoeker) -> None:
    cause = f"{causes(anna)[0]}?volgorde=bedrag"
    assert cause == van(anna.get(cause).text)
    given = {"_van": cause, "soort": "toekennen", "welke": "gekozen"}
    page = anna.post(f"{cause.partition('?')[0]}/voorbeeld", given)
    assert 422 == page.status_code
    assert '<a class="utrecht-link" href="#posten">Kruis aan waarover u besluit' in page.text
    assert 'name="soort" value="toekennen" checked' in page.text
    assert 1 == page.text.count(" checked")
    assert cause == van(page.text)


def test_a_file_without_a_purpose_is_asked_again_with_what_was_told(anna: Bezoeker) -> None:
    here = anna.get("/werkvoorraad").url.path
    given = {"_van": here, "vorm": "csv", "doel": "anders", "toelichting": "nee"}
    page = anna.post("/werkvoorraad/uitvoer", given)
    assert 422 == page.status_code
    assert 'href="#toelichting">Schrijf op waarvoor u dit bestand nodig hebt.' in page.text
    assert 'id="toelichting-fout"' in page.text
    assert 'name="toelichting" value="nee"' in page.text
    assert '<option value="anders" selected>' in page.text


@pytest.mark.parametrize("where", ["", "https://elders.example/", "//elders", "/bestaat-niet"])
def test_without_a_page_of_ours_it_is_told_on_a_page_of_its_own(anna: Bezoeker, where: str) -> None:
    anna.get("/werkvoorraad")
    page = anna.post("/werkvoorraad/uitvoer", {"_van": where, "vorm": "csv"})
    assert (400, True) == (page.status_code, "Kies waarvoor u dit bestand" in page.text)


def test_a_page_that_he_may_not_see_is_not_shown_by_that(anna: Bezoeker) -> None:
    anna.get("/werkvoorraad")
    page = anna.post("/werkvoorraad/uitvoer", {"_van": "/beheer/gebruikers", "vorm": "csv"})
    assert 403 == page.status_code


def test_what_was_filled_in_stays_on_its_own_form(anna: Bezoeker) -> None:
    here = causes(anna)[0]
    given = {"_van": here, "naam": "bestaat.niet", "soort": "terecht afgewezen", "doel": "anders"}
    page = anna.post(f"{here}/toewijzen", given).text
    assert 'name="naam" value="bestaat.niet"' in page
    # The decision beside it begins as it always does, and so does the file.
    assert 1 == page.count(" checked")
    assert '<option value="anders" selected>' not in page


def test_a_number_of_a_client_is_not_repeated(anna: Bezoeker) -> None:
    anna.get("/clienten")
    here = causes(anna)[0]
    page = anna.post(
        f"{here}/toewijzen", {"_van": here, "naam": "bestaat.niet", "bsn": "999900006"}
    )
    assert 422 == page.status_code
    assert "999900006" not in page.text
    assert 'name="naam" value="bestaat.niet"' in page.text
