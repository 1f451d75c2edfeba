"""The worklist says what the findings say, whenever it follows, and can be made again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.bootstrap import Installation, Place, install
from gateway.config import read_settings
from gateway.deviations.causes import Omvang, Oorzaak
from gateway.deviations.policy import Beleid
from gateway.inlezen import load_kennis
from gateway.pipeline.kennis import AMSTERDAM
from gateway.simulate.generate import in_sending_order
from gateway.simulate.region import Regio
from gateway.simulate.write import write_agreements
from gateway.store.store import SqlStore
from gateway.store.tables import declaratie, inbox, partij
from gateway.store.werk import volger
from gateway.store.werk.tables import maandstand, oordeelstand, oorzaak, werk_wachtrij
from tests.integration.berichten import made, read_once, run
from tests.integration.test_hold import BESLUIT, HOLD, Huis
from tests.opslag import store_of

pytestmark = pytest.mark.usefixtures("opslag")


class Nergens:
    def deliver(self, naam: str, soort: str, body: object) -> None:
        """Nothing to do."""


def worklist(store: SqlStore) -> dict[Oorzaak, Omvang]:
    """What the worklist says is open."""
    query = sa.select(oorzaak).where(oorzaak.c.bevindingen > 0)
    with store._ground.database.snapshot() as connection:
        return {
            Oorzaak(one.gemeente, one.wet, one.rule, one.retourcode, one.product, one.aanbieder): (
                Omvang(
                    one.bevindingen, one.belang, one.berichten, one.toewijzingen, one.aangehouden
                )
            )
            for one in connection.execute(query)
        }


def findings(store: SqlStore) -> dict[Oorzaak, Omvang]:
    """What the findings themselves say is open."""
    return {one.oorzaak: one.omvang for one in store.oorzaken.open()}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A gateway that holds for some checks, with the agreements of the region."""
    write_agreements(Regio(SEED, LINES), tmp_path / "agreements")
    with read_once():
        kennis = load_kennis(read_settings({}), tmp_path / "agreements")
    held = Beleid(effects=dict.fromkeys(("S105", "S107", "S113"), "hold"))
    kennis = replace(kennis, beleid={one.code: held for one in Regio(SEED, LINES).gemeenten})
    place = Place(url=store_of(tmp_path))
    opened = install(read_settings({}), kennis, KLOK, place, {"antwoord": Nergens()})
    yield opened
    opened.close()


BEGIN = datetime(2025, 1, 1)  # noqa: DTZ001 - as messages are dated


class Klok:
    """A clock that goes on with the messages."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


SEED, LINES = 7, 600
KLOK = Klok()


@pytest.mark.parametrize("pieces", [(500, 5_000), (3, 2)])
def test_whenever_it_follows_it_ends_up_with_what_the_findings_say(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, pieces: tuple[int, int]
) -> None:
    monkeypatch.setattr(volger, "MESSAGES", pieces[0])
    monkeypatch.setattr(volger, "FINDINGS", pieces[1])
    store, dice = installation.store, random.Random(SEED)
    KLOK.now = BEGIN
    for message in in_sending_order(Regio(SEED, LINES)):
        KLOK.now = max(KLOK.now, message.verzonden)
        store.inbox.receive(message.name, [message.body])
        installation.runtime.drain()
        match dice.randrange(12):
            case 0:
                store.werkvolger.catch_up()
            case 1:
                store.werkvolger.catch_up(steps=1)
            case 2:
                store.inbox.resume(dice.randrange(1, 400))
    installation.runtime.drain()
    store.werkvolger.catch_up()
    expected = findings(store)
    assert len(expected) > 20
    assert any(one.aangehouden for one in expected.values())
    assert expected == worklist(store)
    before = months(store)
    assert sum(row["ingediend"] - row["toegekend"] for row in before) > 0
    assert granted(store) == before
    judged = verdicts(store)
    assert len({maand for maand, _, _ in judged}) > 2
    assert {"goed", "deels", "afgewezen"} == {one for counts in judged.values() for one in counts}
    assert judged == counted_verdicts(store)
    store.werkvolger.rebuild()
    assert (expected, before) == (worklist(store), months(store))
    assert judged == counted_verdicts(store)


def months(store: SqlStore) -> list[dict[str, Any]]:
    query = sa.select(maandstand).order_by(maandstand.c.partij_id, maandstand.c.maand)
    with store._ground.database.snapshot() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def granted(store: SqlStore) -> list[dict[str, Any]]:
    """The same from the invoices themselves."""
    columns = [*(partij.c[name] for name in ("gemeente", "wet", "aanbieder")), declaratie]
    query = (
        sa.select(*columns).join_from(declaratie, partij).where(declaratie.c.tot_volgnr.is_(None))
    )
    found: dict[tuple[int, str], dict[str, Any]] = {}
    with store._ground.database.snapshot() as connection:
        for row in connection.execute(query).mappings():
            key = row["partij_id"], f"{row['begindatum']:%Y-%m}"
            who = {name: row[name] for name in ("gemeente", "wet", "aanbieder")}
            nothing = dict.fromkeys(("declaraties", "ingediend", "toegekend"), 0)
            one = found.setdefault(key, {"partij_id": key[0], "maand": key[1], **who, **nothing})
            sign = -1 if row["debet_credit"] == "C" else 1
            one["declaraties"] += 1
            one["ingediend"] += sign * row["totaal_bedrag"]
            one["toegekend"] += row["toegekend"]
    return [found[key] for key in sorted(found)]


def verdicts(store: SqlStore) -> dict[tuple[str, str, str], Counter[str]]:
    """How messages of a sender were judged, by the month in which they came in."""
    words = {"accepted": "goed", "partly": "deels", "rejected": "afgewezen"}
    query = sa.select(inbox).where(inbox.c.verdict.in_(words))
    found: dict[tuple[str, str, str], Counter[str]] = {}
    with store._ground.database.snapshot() as connection:
        for row in connection.execute(query):
            maand = f"{datetime.fromtimestamp(row.received_at, AMSTERDAM):%Y-%m}"
            counts = found.setdefault((maand, row.berichtcode, row.afzender), Counter())
            counts[words[row.verdict]] += 1
    return found


def counted_verdicts(store: SqlStore) -> dict[tuple[str, str, str], Counter[str]]:
    """The same as it is kept up."""
    found: dict[tuple[str, str, str], Counter[str]] = {}
    with store._ground.database.snapshot() as connection:
        for row in connection.execute(sa.select(oordeelstand)):
            counts = found.setdefault((row.maand, row.berichtcode, row.afzender), Counter())
            for name in ("goed", "deels", "afgewezen"):
                counts[name] += getattr(row, name)
    return {key: +counts for key, counts in found.items()}


def test_what_was_decided_on_its_day_is_no_longer_held(tmp_path: Path) -> None:
    huis = Huis(tmp_path, HOLD)
    try:
        store = huis.installation.store
        huis.take(made("JW301"), made("JW323"))
        store.werkvolger.catch_up()
        assert [(1, 1)] * 2 == [
            (one.bevindingen, one.aangehouden) for one in worklist(store).values()
        ]
        huis.at(BESLUIT)
        assert 1 == store.werkvolger.behind()
        store.werkvolger.catch_up()
        assert [(1, 0)] * 2 == [
            (one.bevindingen, one.aangehouden) for one in worklist(store).values()
        ]
        assert findings(store) == worklist(store)
    finally:
        huis.installation.close()


def test_a_step_that_fails_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    huis = Huis(tmp_path, HOLD)
    try:
        store = huis.installation.store
        huis.take(made("JW301"), made("JW323"))

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError

        with monkeypatch.context() as patched:
            patched.setattr(volger, "count_again", broken)
            with pytest.raises(RuntimeError):
                store.werkvolger.catch_up()
        assert {} == worklist(store)
        store.werkvolger.catch_up()
        assert findings(store) == worklist(store)
    finally:
        huis.installation.close()


def test_two_that_follow_at_once_do_it_once(tmp_path: Path) -> None:
    huis = Huis(tmp_path, HOLD)
    try:
        store = huis.installation.store
        huis.take(made("JW301"), made("JW323"))
        if not store.is_shared:
            return
        database = store._ground.database
        with database.writing("*") as connection:
            assert volger.postgres.has_turn(connection, "werk")
            assert 0 == store.werkvolger.catch_up()
        assert 2 == store.werkvolger.catch_up()
        with database.snapshot() as connection:
            left = connection.execute(sa.select(sa.func.count()).select_from(werk_wachtrij))
            assert 0 == left.scalar_one()
    finally:
        huis.installation.close()


def test_a_command_makes_the_worklist_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    huis = Huis(tmp_path, HOLD)
    try:
        store = huis.installation.store
        huis.take(made("JW301"), made("JW323"))
        assert {} == worklist(store)
        assert 0 == run(["status", "--herbouw-werk", "--store", store_of(tmp_path)])
        assert "uit 2 berichten" in capsys.readouterr().out
        assert findings(store) == worklist(store)
    finally:
        huis.installation.close()
