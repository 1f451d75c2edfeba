"""A change that is asked for again is done once and answered the same, whatever happens between."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from gateway.api.openapi import document
from gateway.api.tabel import EINDPUNTEN
from gateway.config import Settings
from gateway.store.toegang.herhalingen import Herhalingen
from gateway.toegang.rechten import Rol
from tests.api.dienst import Dienst
from tests.api.test_berichten import XML, anew, body_of

Invoice = tuple[httpx.Client, str, dict[str, Any]]
READS = "looks for something: what is asked is in the body to keep it out of the address"
# The calls by POST that take no key, each with why.
WITHOUT = {
    "zoekBerichtenMetDoel": READS,
    "zoekToewijzingenMetDoel": READS,
    "zoekVerzoekenMetDoel": READS,
    "geefInhoudVanBerichtMetDoel": READS,
    "geefRetourberichtMetDoel": READS,
    "controleerBericht": "nothing of the message is kept, so what is answered about it neither",
    "indexeerOvereenkomst": "nothing is kept: the answer is a file",
    "vergelijkVoorstel": "nothing of the proposal is kept",
    "geefHerprijzingMetVoorstel": READS,
    "maakCorrectiebericht": "nothing is kept, and whole BSNs stand in the answer",
    "geefStukkenVanSteekproef": READS,
    "maakJaarafsluiting": "a picture of this moment, of any size: a second one changes no first",
}


def test_every_change_takes_a_key() -> None:
    described = document(EINDPUNTEN, Settings())
    changes = {
        told["operationId"]: told
        for of_path in described["paths"].values()
        for method, told in of_path.items()
        if method != "get"
    }
    keyed = {
        naam
        for naam, told in changes.items()
        if "Idempotency-Key" in {one["name"] for one in told["parameters"]}
    }
    assert keyed == changes.keys() - WITHOUT.keys()
    assert keyed | WITHOUT.keys() == changes.keys()
    assert [] == [naam for naam in keyed if not {"409", "422"} <= changes[naam]["responses"].keys()]


@pytest.fixture(scope="module")
def invoice(api: Dienst) -> Invoice:
    """Who may offer it, an invoice, and what is known of it."""
    staff = api.programma(Rol.BEOORDELAAR)
    bericht = staff.get("/berichten?bericht=JW323&oordeel=geaccepteerd").json()["resultaten"][0]
    client = api.programma(Rol.AANBIEDER, aanbieder=bericht["afzender"])
    return client, body_of(api, staff, bericht), bericht


def offer(invoice: Invoice, nummer: str, key: str) -> httpx.Response:
    client, text, bericht = invoice
    body = anew(text, bericht, nummer)
    return client.post("/berichten", content=body, headers={**XML, "Idempotency-Key": key})


def test_a_key_gives_the_answer_of_the_first_time(api: Dienst, invoice: Invoice) -> None:
    first, again = offer(invoice, "HER1", "sleutel-1"), offer(invoice, "HER1", '"sleutel-1"')
    assert 202 == first.status_code
    assert (first.status_code, first.content, first.headers["location"]) == (
        again.status_code,
        again.content,
        again.headers["location"],
    )


def test_a_key_is_not_used_for_something_else(api: Dienst, invoice: Invoice) -> None:
    offer(invoice, "HER2", "sleutel-2")
    before = api.rijen("SELECT count(*) FROM inbox")
    other = offer(invoice, "HER3", "sleutel-2")
    assert (422, "eerder gebruikt") == (other.status_code, other.json()["detail"][24:39])
    assert before == api.rijen("SELECT count(*) FROM inbox")


def test_a_key_that_is_none_is_refused(invoice: Invoice) -> None:
    for key in ("", "x" * 201, "met spatie"):
        assert 400 == offer(invoice, "HER4", key).status_code


def test_a_refusal_does_not_use_a_key_up(api: Dienst, invoice: Invoice) -> None:
    client, _text, _bericht = invoice
    headers = {**XML, "Idempotency-Key": "sleutel-5"}
    assert 422 == client.post("/berichten", content=b"<x/>", headers=headers).status_code
    assert 202 == offer(invoice, "HER5", "sleutel-5").status_code


def test_many_at_once_have_one_effect(api: Dienst, invoice: Invoice) -> None:
    begin = Barrier(8)

    def one(_: int) -> httpx.Response:
        begin.wait()
        return offer(invoice, "HER6", "sleutel-6")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert {one.status_code for one in answers} <= {202, 409}
    done = {one.content for one in answers if one.status_code == 202}
    assert 1 == len(done)
    assert all("retry-after" in one.headers for one in answers if one.status_code == 409)
    assert done == {offer(invoice, "HER6", "sleutel-6").content}
    api.drain()
    assert [(1,)] == api.rijen("SELECT count(*) FROM inbox WHERE identificatie = 'HER6'")


def test_what_was_cut_off_between_commit_and_answer_is_answered_the_same(
    api: Dienst, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(Herhalingen, "end", _cut)
        cut.setattr(Herhalingen, "drop", lambda *_: None)
        assert 500 == offer(invoice, "HER7", "sleutel-7").status_code
    assert 409 == offer(invoice, "HER7", "sleutel-7").status_code
    # As a start does of the only owner of a store.
    api.omgeving.store.herhalingen.free_all()
    again = offer(invoice, "HER7", "sleutel-7")
    assert 202 == again.status_code
    assert again.content == offer(invoice, "HER7", "anders").content


def _cut(*_: object) -> None:
    raise RuntimeError("afgebroken")
