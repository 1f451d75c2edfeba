"""Batches and consents by their pages: made, looked at, released and followed, without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.pipeline.kennisstand import Kennisstand
from gateway.serving import listen, omgeving_of, serving
from gateway.toegang.rechten import Rol
from tests.integration.mutatiehuis import (
    ANDERE,
    BUDGET,
    EERSTE,
    GEMEENTE,
    JAAR,
    PER_MAAND,
    TWEEDE_BSN,
    Mutatiehuis,
    mutatiehuis,
    versions,
)
from tests.web.huis import ROYAAL, Huis, Klok

MAAK = {
    "soort": "indexatie",
    "naam": "Indexatie 2026",
    "gemeente": GEMEENTE,
    "wet": "jeugdwet",
    "naar-vanaf": "2026-07-01",
    "naar-procent": "5",
}


@pytest.fixture
def verwerking(tmp_path: Path) -> Iterator[Mutatiehuis]:
    with mutatiehuis(tmp_path) as made:
        made.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **JAAR})
        yield made


@pytest.fixture
def huis(verwerking: Mutatiehuis) -> Iterator[Huis]:
    settings = Settings(gemeenten=(GEMEENTE, ANDERE), port=0)
    plek = listen(settings, "127.0.0.1", 0)
    kennis = replace(verwerking.installation.kennis, gemeenten=frozenset({GEMEENTE, ANDERE}))
    omgeving = omgeving_of(
        settings, Kennisstand(kennis), verwerking.store, verwerking.klok, plek.adres
    )
    omgeving = replace(omgeving, grenzen=ROYAAL)
    made = Huis(omgeving=omgeving, klok=Klok(), poort=plek.socket.getsockname()[1])
    made.maak("anna", {GEMEENTE: {Rol.BEOORDELAAR}})
    made.maak("lezer", {GEMEENTE: {Rol.LEZER}})
    made.maak("kampen", {ANDERE: {Rol.BEOORDELAAR}})
    with serving(plek, omgeving):
        yield made
    for one in made.bezoekers:
        one.client.close()


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())


def test_a_batch_goes_from_its_form_to_the_302s(huis: Huis, verwerking: Mutatiehuis) -> None:
    anna = huis.bezoeker("anna")
    assert "Maak een partij" in anna.get("/geld/mutaties").text
    for soort in ("", "indexatie", "contractwijziging", "verlenging", "herindeling"):
        assert 200 == anna.get(f"/geld/mutaties/nieuw?soort={soort}").status_code
    made = anna.post("/geld/mutaties", MAAK)
    assert 303 == made.status_code, text_of(made.text)
    where = made.headers["location"]
    shown = text_of(anna.get(where).text)
    assert "1 toewijzing van 1 cliënt in 1 bericht" in shown
    assert "2026 € 1.200,00 € 1.230,25 € 30,25" in shown
    before = len(verwerking.uit.left)
    assert 303 == anna.post(where, {"doe": "vrijgeven"}).status_code
    assert 303 == anna.post(where, {"doe": "stoppen"}).status_code
    assert "Ga verder" in anna.get(where).text
    assert 303 == anna.post(where, {"doe": "hervatten"}).status_code
    verwerking.run()
    (body,) = verwerking.left_since(before)
    assert [("1", "2026-01-01", "2026-12-31", "03", "123025")] == versions(body)
    verwerking.retour(body)
    assert "1 van 1 bericht aangeboden, 1 goedgekeurd" in text_of(anna.get(where).text)


def test_a_page_tells_up_to_when_what_has_no_end_counts(
    huis: Huis, verwerking: Mutatiehuis
) -> None:
    open_ended = {**PER_MAAND, "datumStartToewijzing": "2026-01-01"}
    verwerking.assign(TWEEDE_BSN, {"toewijzingnummer": 2, **open_ended})
    anna = huis.bezoeker("anna")
    anna.get("/geld/mutaties")
    made = anna.post("/geld/mutaties", {**MAAK, "nummers": "2"})
    shown = text_of(anna.get(made.headers["location"]).text)
    assert "1 toewijzing zonder einddatum: hieronder geteld tot en met 31 dec 2026" in shown
    assert "2026 € 2.400,00 € 2.460,00 € 60,00" in shown


def test_what_is_refused_is_told_with_the_reason_and_goes_after_a_consent(huis: Huis) -> None:
    anna = huis.bezoeker("anna")
    anna.get("/geld/mutaties")
    lager = {**MAAK, "naar-procent": "-5"}
    shown = text_of(anna.get(anna.post("/geld/mutaties", lager).headers["location"]).text)
    assert "1 65656055 OP299 het budget van toewijzing 1 wordt lager" in shown
    anna.get("/geld/instemmingen")
    given = {
        "gemeente": GEMEENTE,
        "wet": "jeugdwet",
        "toewijzingnummer": "1",
        "wat": "budget",
        "nietOnder": "1.100,00",
        "op": "2025-12-05",
        "door": "J. de Boer",
        "bron": "brief 12",
    }
    put = anna.post("/geld/instemmingen", given)
    assert 303 == put.status_code, text_of(put.text)
    listed = anna.get(put.headers["location"]).text
    assert "niet onder € 1.100,00" in text_of(listed)
    shown = text_of(anna.get(anna.post("/geld/mutaties", lager).headers["location"]).text)
    assert "2026 € 1.200,00 € 1.169,75 € -30,25" in shown
    (naar,) = re.findall(r'action="(/geld/instemmingen/[^"]+)"', listed)
    assert 303 == anna.post(naar).status_code
    assert "ingetrokken" in anna.get("/geld/instemmingen").text


@pytest.mark.parametrize(
    ("changes", "tekst"),
    [
        ({"naar-procent": "3.5"}, "schrijf het percentage als 3,5 of -1,25"),
        ({"naar-vanaf": ""}, "vul vanaf in"),
        ({"soort": "anders"}, "kies wat u wilt wijzigen"),
        ({"wet": "zvw"}, "kies een wet"),
        ({"naam": " "}, "geef een naam"),
        ({"perMinuut": "0"}, "berichten per minuut"),
        ({"aanbieder": "12"}, "wat er bij aanbieder staat, past daar niet"),
        ({"nummers": "1, x"}, "vul bij nummers een geheel getal in"),
        ({"productcode": "00000"}, "er is geen toewijzing die u zo kunt wijzigen"),
    ],
)
def test_what_a_form_says_wrong_is_told_in_one_sentence(
    huis: Huis, changes: dict[str, str], tekst: str
) -> None:
    anna = huis.bezoeker("anna")
    anna.get("/geld/mutaties")
    refused = anna.post("/geld/mutaties", {**MAAK, **changes})
    assert 400 <= refused.status_code < 500
    assert tekst in text_of(refused.text).lower()


def test_others_look_at_no_more_than_is_theirs(huis: Huis) -> None:
    anna, kampen, lezer = (huis.bezoeker(naam) for naam in ("anna", "kampen", "lezer"))
    anna.get("/geld/mutaties")
    where = anna.post("/geld/mutaties", MAAK).headers["location"]
    assert 200 == lezer.get(where).status_code
    assert "Geef vrij" not in lezer.get(where).text
    assert 403 == lezer.post(where, {"doe": "vrijgeven"}).status_code
    assert 404 == kampen.get(where).status_code
    assert 404 == kampen.post(where, {"doe": "vrijgeven"}).status_code
    assert "Indexatie 2026" not in kampen.get("/geld/mutaties").text
    assert 403 == kampen.post("/geld/mutaties", MAAK).status_code
    assert (
        403
        == anna.post(
            "/geld/mutaties", {**MAAK, "soort": "herindeling", "naar-naar": ANDERE}
        ).status_code
    )
