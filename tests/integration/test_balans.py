"""In is answered, held, parked or waiting: counted twice, so that the count can be wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.pipeline.ports import Outcome
from gateway.store.store import SqlStore
from tests.integration.berichten import PROJECT, Tabel, familie, made, process, run, write
from tests.integration.store_builders import BEGIN, answer, message, settled, taken
from tests.opslag import altered, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of a family, a retour, and what is no message."""
    retour = made("JW325").replace(b">JW325-0001<", b">R1<")
    paths = [*familie(tmp_path / "in"), *write(tmp_path / "in", geen=b"<geen", retour=retour)]
    process(tmp_path / "uit", *paths, options=("--store", store_of(tmp_path)))
    return tmp_path


def _status(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, Tabel]:
    capsys.readouterr()
    code = run(["status", "--json", "--store", store_of(folder)])
    return code, json.loads(capsys.readouterr().out)


def test_every_message_is_of_one_class_in_total_and_per_municipality(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = _status(folder, capsys)
    assert (0, True, []) == (code, told["balanced"], told["differences"])
    keys = ("answered", "held", "parked", "waiting")
    assert told["received"] == 6 == sum(told[key] for key in keys)
    for key in ("received", *keys):
        assert told[key] == sum(one[key] for one in told["municipalities"])
    assert [(None, 1), ("0193", 5)] == [
        (one["municipality"], one["received"]) for one in told["municipalities"]
    ]
    capsys.readouterr()
    assert 0 == run(["status", "--store", store_of(folder)])
    shown = capsys.readouterr().out
    assert "zonder" in shown
    assert shown.endswith("de telling klopt\n")


@pytest.mark.parametrize("rol", ["gemeente", "aanbieder"])
def test_what_needs_no_answer_is_in_balance_without_one(
    rol: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    voorbeeld = PROJECT / "docs" / "voorbeeld"
    paths = [*familie(tmp_path / "in"), *familie(tmp_path / "in", "WMO")]
    paths += [voorbeeld / "06-toewijzing.json"] if rol == "gemeente" else []
    options = ("--store", store_of(tmp_path), "--rol", rol)
    process(tmp_path / "uit", *paths, options=options, klok="2026-05-04")
    answers = rows_of(
        tmp_path,
        "SELECT berichttype FROM outbox WHERE soort = 'antwoord' ORDER BY berichttype",
    )
    expected = {
        "gemeente": {"JW306", "JW308", "JW325", "WMO306", "WMO308", "WMO325", "JW301"},
        "aanbieder": {"JW302", "WMO302"},
    }
    assert expected[rol] == {one for (one,) in answers}
    code, told = _status(tmp_path, capsys)
    assert (0, [], len(paths)) == (code, told["differences"], told["answered"])


SINGLE = "(SELECT max(id) FROM inbox WHERE verdict = 'accepted')"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (
            "DELETE FROM outbox_stuk; DELETE FROM outbox WHERE berichttype = 'JW325'",
            "gemeente 0193: 1 keer hoort er een JW325 te zijn, maar er zijn er 0",
        ),
        (
            "UPDATE outbox SET gemeente = '0150' WHERE berichttype = 'JW306'",
            "gemeente 0150: 0 keer hoort er een JW306 te zijn, maar er zijn er 1",
        ),
        (
            f"UPDATE inbox SET finished_at = NULL WHERE id = {SINGLE}",
            "gemeente 0193: 5 afgehandeld, maar naar hun oordeel en einde 4",
        ),
        (
            f"UPDATE inbox SET verdict = NULL WHERE id = {SINGLE}",
            "gemeente 0193: 5 afgehandeld, maar naar hun oordeel en einde 4",
        ),
        (
            f"UPDATE inbox SET staat = 'nieuw' WHERE id = {SINGLE}",
            "gemeente 0193: 1 aangehouden of wachtend, maar naar hun oordeel en einde 0",
        ),
        (
            f"UPDATE inbox SET staat = 'geparkeerd' WHERE id = {SINGLE}",
            "gemeente 0193: 1 geparkeerd, maar naar hun oordeel en einde 0",
        ),
        (
            f"UPDATE inbox SET staat = 'anders' WHERE id = {SINGLE}",
            "gemeente 0193: 1 zonder bekende staat",
        ),
        (
            "DELETE FROM outbox_stuk; DELETE FROM outbox; DELETE FROM inbox_stuk; "
            "DELETE FROM bevinding; DELETE FROM inbox WHERE verdict = 'invalid'",
            "er kwamen 6 berichten in, maar er staan er 5",
        ),
        (
            "UPDATE teller SET waarde = waarde + 1 WHERE naam = 'ontvangen'",
            "er kwamen 7 berichten in, maar er staan er 6",
        ),
    ],
)
def test_what_does_not_add_up_is_told_and_ends_with_one(
    damage: str, sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    altered(folder, damage)
    code, told = _status(folder, capsys)
    assert (1, False) == (code, told["balanced"])
    assert sentence in told["differences"]
    capsys.readouterr()
    assert 1 == run(["status", "--store", store_of(folder)])
    shown = capsys.readouterr().out.splitlines()
    assert (True, "de telling klopt niet") == (sentence in shown, shown[-1])


def test_a_message_without_a_judgement_counts_with_the_municipality_among_its_parties(
    store: SqlStore,
) -> None:
    settled(store, lambda work: work.add_answer("0193", answer()))
    with store.unit_of_work(taken(store, 1)) as work:
        work.hold(Outcome("held", 3, gemeente="0193"), BEGIN + timedelta(days=1))
        work.commit()
    parked = taken(store, 2)
    store.inbox.park(parked.inbox_id, "fout", parked.token)
    store.inbox.receive("3.xml", [message(3)])
    to_aanbieder = message(4).replace(b"0193", b"99999999").replace(b"12345678", b"0150")
    store.inbox.receive("4.xml", [to_aanbieder.replace(b"99999999", b"12345678")])
    store.inbox.receive("5.xml", [b"<geen"])
    balans = store.views.balans()
    assert {"": 1, "0150": 1, "0193": 4} == {
        code: stand.rijen for code, stand in balans.gemeenten.items()
    }
    assert {"afgehandeld": 1, "aangehouden": 1, "geparkeerd": 1, "wachtend": 1} == dict(
        balans.gemeenten["0193"].klassen
    )
    assert balans.klopt


def test_a_held_message_that_is_judged_again_stays_in_the_balance(store: SqlStore) -> None:
    claim = taken(store, 1)
    with store.unit_of_work(claim) as work:
        work.hold(Outcome("held", 3, gemeente="0193"), BEGIN + timedelta(days=1))
        work.commit()
    assert store.inbox.resume(claim.inbox_id)
    balans = store.views.balans()
    assert (0, 1, True) == (balans.aangehouden, balans.wachtend, balans.klopt)
