"""Messages of one hand are judged side by side, and come to what each would have come to alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import Installation, Place, install
from gateway.config import Settings
from gateway.inlezen import load_kennis
from gateway.store import samen
from gateway.store.queries import Queries
from gateway.store.sporen import READS
from tests.opslag import rows_of, store_of
from tests.scenarios import uitkomst
from tests.scenarios.verhaal import read

pytestmark = pytest.mark.usefixtures("opslag")
# Stories in which a message is judged on what one right before it changed.
STORIES = (
    ("credit_gaat_voor_nieuwe_debet", "jeugdwet"),
    ("declaratienummer_al_gebruikt", "jeugdwet"),
    ("eigen_toewijzing_gemaakt", "wmo"),
    ("gemeenten_gescheiden", "jeugdwet"),
    ("gestopte_start_ingetrokken", "wmo"),
    ("plafond_van_de_gemeente", "wmo"),
    ("retour_op_eigen_berichten", "jeugdwet"),
    ("aanbieder_declaratie_geweigerd", "jeugdwet"),
    ("toewijzing_met_prestaties_verwijderd", "jeugdwet"),
    ("verzoek_na_onderzoek_toegekend", "jeugdwet"),
    ("wijziging_van_twee_toewijzingen", "wmo"),
)
# What is the same whatever was in a hand together; moments and numbers of rows may differ.
FACTS = {
    "inbox": "naam, verdict, identificatie, declaratienummer, reden, ontheven, beantwoord",
    "bevinding": "inbox_id, rule, retourcode, effect, klasse, pad, found, expected, text",
    "toewijzing": "inbox_id, toewijzingnummer, bsn, toewijzingsdatum, tot_volgnr IS NULL",
    "levering": "soort, bsn, toewijzingnummer, begindatum, einddatum, tot_volgnr IS NULL",
    "verzoek": "inbox_id, referentie_aanbieder, staat, onderzocht, tot_volgnr IS NULL",
    "declaratie": "inbox_id, declaratienummer, toegekend, tot_volgnr IS NULL",
    "prestatie": "referentienummer, toegekend, retourcodes, bsn, volgnr, tot_volgnr IS NULL",
    "besteding": "inbox_id, jaar, productcode, bedrag, tot_volgnr IS NULL",
    "outbox": "inbox_id, soort, berichttype, identificatie",
}


@pytest.mark.parametrize(("naam", "wet"), STORIES, ids=lambda one: one)
def test_a_story_ends_the_same_in_one_hand_as_one_by_one(
    naam: str, wet: str, tmp_path: Path
) -> None:
    assert told(naam, wet, tmp_path / "alleen", at_once=1) == told(
        naam, wet, tmp_path / "samen", at_once=50
    )


def told(naam: str, wet: str, folder: Path, at_once: int) -> dict[str, Any]:
    """What is in the store after a story of which so many messages wait at a time."""
    verhaal = read(naam, wet)
    folder.mkdir()
    uitkomst.write(verhaal, folder / "in")
    settings = Settings(rol=verhaal.rol)
    kennis = load_kennis(settings, verhaal.agreements)
    moment = datetime.combine(verhaal.klok, time(12), UTC)
    place = Place(url=store_of(folder), start=1)
    installation = install(settings, kennis, lambda: moment, place, {})
    paths = sorted((folder / "in").iterdir())
    for begin in range(0, len(paths), at_once):
        for path in paths[begin : begin + at_once]:
            installation.store.inbox.receive(path.name, [path.read_bytes()])
        installation.runtime.drain()
    found = answers_of(installation)
    installation.close()
    for table, columns in FACTS.items():
        found[table] = rows_of(folder, f"SELECT {columns} FROM {table} ORDER BY id")
    found["outbox"].sort(key=str)
    return found


def answers_of(installation: Installation) -> dict[str, Any]:
    """The bytes that leave, by their names; events tell moments and sequence numbers."""
    items = installation.store.outbox.due(["antwoord"])
    return {item.naam: b"".join(item.body) for item in items}


def test_every_question_tells_what_it_reads() -> None:
    assert {field.name for field in fields(Queries)} == READS.keys()


def test_what_works_ask_at_the_same_time_is_answered_in_one_go() -> None:
    asked: list[Sequence[str]] = []

    def answer(questions: Sequence[str]) -> Sequence[str]:
        asked.append(list(questions))
        return [one.upper() for one in questions]

    assert ["A", "BC", ""] == samen.side_by_side([asking("a"), asking("bc"), asking("")], answer)
    assert [["a", "b"], ["c"]] == asked


def asking(letters: str) -> Callable[[], str]:
    return lambda: "".join(samen.ask(one) for one in letters)


def test_a_work_that_fails_ends_the_others() -> None:
    ended: list[str] = []

    def waiting() -> None:
        try:
            samen.ask("a")
        finally:
            ended.append("waiting")

    def failing() -> None:
        raise KeyError("failing")

    with pytest.raises(KeyError, match="failing"):
        samen.side_by_side([waiting, failing, asking("b")], list)
    assert ["waiting"] == ended
