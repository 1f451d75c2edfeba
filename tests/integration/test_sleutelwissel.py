"""The fingerprints of a store get another key, and every client is found as before."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.errors import CouldNotFinish, TemporaryFailure
from gateway.store.bsn import fingerprinter
from gateway.store.sleutelwissel import plaatsen
from gateway.store.store import SqlStore
from tests.integration.berichten import (
    BSN,
    CODE,
    familie,
    process,
    run,
    sentence,
)
from tests.integration.store_builders import Klok, declared, line, new_store, settled
from tests.integration.store_builders import toewijzing as assigned
from tests.opslag import altered, owner_of, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

EERST, DAARNA, LAATST = "de sleutel van eerst", "de sleutel van daarna", "de sleutel van laatst"
HALFWEG = "krijgen een nieuwe sleutel"
Captured = pytest.CaptureFixture[str]
Omgeving = pytest.MonkeyPatch


def _given(monkeypatch: Omgeving, nu: str, *vorige: str) -> None:
    monkeypatch.setenv("GATEWAY_BSN_SLEUTEL", nu)
    monkeypatch.setenv("GATEWAY_BSN_SLEUTEL_VORIGE", "\n".join(vorige))


def _rotate(folder: Path) -> int:
    return run(["fingerprints", "rotate", "--store", store_of(folder)])


def _fingerprints(folder: Path) -> dict[str, list[str]]:
    """What stands in every column that gets another key."""
    return {
        str(one): [
            value
            for (value,) in rows_of(
                folder, f"SELECT {one.name} FROM {one.table.name} ORDER BY {one.table.name}.id"
            )
        ]
        for one in plaatsen()
    }


def _filled(folder: Path) -> None:
    """Give every table with fingerprints that has no row one of a client of its own."""
    for one in plaatsen():
        if rows_of(folder, f"SELECT 1 FROM {one.table.name} LIMIT 1"):
            continue
        needed = [column for column in one.table.c if not column.nullable or column is one]
        values = [fingerprinter(b"x")(one.table.name) if c is one else _any(c) for c in needed]
        names, marks = ", ".join(c.name for c in needed), ", ".join("?" for _ in needed)
        altered(folder, f"INSERT INTO {one.table.name} ({names}) VALUES ({marks})", *values)


def _any(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.String | sa.Text):
        return "1"
    return "2026-05-01" if isinstance(column.type, sa.Date) else 1


@pytest.fixture
def gevuld(tmp_path: Path, monkeypatch: Omgeving) -> Path:
    """A client with an assignment and more lines than go in one transaction, and nobody's."""
    monkeypatch.setenv("GATEWAY_BSN_SLEUTEL", EERST)
    monkeypatch.setattr("gateway.store.sleutelwissel.AT_ONCE", 3)
    with closing(new_store(tmp_path, Klok(), rol="gemeente", bsn_sleutel=EERST)) as store:
        client = assigned(1)
        settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", [client]))
        declared(store, [line(number) for number in range(1, 8)])
    _filled(tmp_path)
    return tmp_path


def _known_as(store: SqlStore, count: int) -> None:
    """The client is found by his Bsn, with so many lines."""
    query = "SELECT count(*) FROM prestatie WHERE bsn_hash = ?"
    with store.database.snapshot() as connection:
        found = connection.execute(
            sa.text(query.replace("?", ":k")), {"k": store.fingerprint(BSN)}
        ).scalar_one()
    assert count == found


def test_every_fingerprint_gets_the_key_and_clients_are_found(
    gevuld: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    before = _fingerprints(gevuld)
    assert all(before.values())
    _given(monkeypatch, DAARNA, EERST)
    capsys.readouterr()
    assert 0 == _rotate(gevuld)
    told = capsys.readouterr().out
    again = fingerprinter(DAARNA.encode())
    after = {name: [again(one) for one in values] for name, values in before.items()}
    assert after == _fingerprints(gevuld)
    counted = sum(map(len, before.values()))
    assert f"{counted} kenmerken hebben de nieuwe sleutel" in told
    assert ["prestatie", "7"] in [row.split() for row in told.splitlines()]
    with closing(new_store(gevuld, Klok(), bsn_sleutel=DAARNA, bsn_sleutel_vorige=EERST)) as store:
        _known_as(store, 7)
    acts = rows_of(gevuld, "SELECT attributes FROM verwerking ORDER BY dag, nr")
    assert ["begin", f"klaar: {counted} rijen"] == [
        word for (text,) in acts for word in ("begin", f"klaar: {counted} rijen") if word in text
    ]
    store_option = ("--store", store_of(gevuld))
    assert 0 == run(["audit", "verify", *store_option])


def test_messages_are_judged_as_before_and_the_log_knows_a_client_by_every_key(
    tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    store = ("--store", store_of(tmp_path))
    first, *rest = familie(tmp_path / "in")
    before = process(tmp_path / "uit", first, options=store).verdicts

    def seen(doel: str) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{BSN}\n"))
        capsys.readouterr()
        assert 0 == run(["audit", "wie", "--doel", doel, *store])
        return capsys.readouterr().out.count("inzage in logboek")

    assert 1 == seen("voor")
    # The store made its own key: it makes the next one too, and keeps both.
    assert 0 == _rotate(tmp_path)
    assert 0 == _rotate(tmp_path)
    after = process(tmp_path / "meer", *rest, options=store).verdicts
    assert ["accepted"] * 4 == [*before, *after]
    assert 2 == seen("na")
    assert 0 == run(["ledger", "check", *store])
    # A key of our own comes after those of the store, which it still has.
    monkeypatch.setenv("GATEWAY_BSN_SLEUTEL", DAARNA)
    assert 0 == _rotate(tmp_path)
    assert 3 == seen("en weer")
    assert [] == rows_of(tmp_path, "SELECT waarde FROM instelling WHERE naam = 'bsn_sleutel'")
    assert 0 == run(["ledger", "check", *store])


def test_who_has_other_keys_does_not_begin(
    gevuld: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    def refused(code: int, *keys: str) -> str:
        _given(monkeypatch, *keys)
        capsys.readouterr()
        assert code == _rotate(gevuld)
        return sentence(capsys.readouterr().err)

    before = _fingerprints(gevuld)
    assert "zet een sleutel die deze opslag niet heeft gehad" in refused(2, EERST)
    assert "GATEWAY_BSN_SLEUTEL_VORIGE is niet de sleutel" in refused(3, DAARNA)
    assert before == _fingerprints(gevuld)
    # Nobody works with the new key before the store has it.
    _given(monkeypatch, DAARNA, EERST)
    assert 3 == run(["audit", "verify", "--store", store_of(gevuld)])
    assert "voer dan eerst `gateway fingerprints rotate` uit" in sentence(capsys.readouterr().err)
    assert 0 == _rotate(gevuld)
    _given(monkeypatch, DAARNA)
    assert 3 == run(["audit", "verify", "--store", store_of(gevuld)])
    assert "GATEWAY_BSN_SLEUTEL_VORIGE" in sentence(capsys.readouterr().err)
    _given(monkeypatch, LAATST, DAARNA, EERST)
    assert 0 == _rotate(gevuld)
    assert "deze opslag niet heeft gehad" in refused(2, EERST, DAARNA, LAATST)


def test_a_change_that_is_killed_goes_on_and_nobody_works_meanwhile(
    gevuld: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    before = _fingerprints(gevuld)
    code = (
        "import os\n"
        "from gateway.store import sleutelwissel\n"
        "sleutelwissel.AT_ONCE = 3\n"
        "step, count = sleutelwissel._step, iter(range(99))\n"
        "def killed(connection, column, *given):\n"
        "    found = step(connection, column, *given)\n"
        "    if column.table.name == 'prestatie' and next(count) == 1:\n"
        "        os._exit(9)\n"
        "    return found\n"
        "sleutelwissel._step = killed\n" + CODE
    )
    _given(monkeypatch, DAARNA, EERST)
    words = ["fingerprints", "rotate", "--store", store_of(gevuld)]
    # In the middle of a transaction: of its second step with lines nothing may be left.
    assert 9 == subprocess.run([sys.executable, "-c", code, *words], check=False).returncode
    again = fingerprinter(DAARNA.encode())
    left = _fingerprints(gevuld)["prestatie.bsn_hash"]
    was = before["prestatie.bsn_hash"]
    assert [*map(again, was[:3]), *was[3:]] == left
    for keys in ((EERST,), (DAARNA, EERST)):
        _given(monkeypatch, *keys)
        capsys.readouterr()
        assert 3 == run(["audit", "verify", "--store", store_of(gevuld)])
        assert HALFWEG in sentence(capsys.readouterr().err)
    # It goes on to the key that it began with, and to no other one.
    _given(monkeypatch, LAATST, EERST)
    assert 3 == _rotate(gevuld)
    assert "begonnen met een andere nieuwe sleutel" in sentence(capsys.readouterr().err)
    # What it needs at the end it asks for at the beginning.
    _given(monkeypatch, DAARNA)
    assert 3 == _rotate(gevuld)
    assert "GATEWAY_BSN_SLEUTEL_VORIGE is niet" in sentence(capsys.readouterr().err)
    assert left == _fingerprints(gevuld)["prestatie.bsn_hash"]
    _given(monkeypatch, DAARNA, EERST)
    assert 0 == _rotate(gevuld)
    counted = sum(map(len, before.values()))
    assert f"{counted} kenmerken hebben de nieuwe sleutel" in capsys.readouterr().out
    assert {name: [again(one) for one in values] for name, values in before.items()} == (
        _fingerprints(gevuld)
    )
    assert 0 == run(["audit", "verify", "--store", store_of(gevuld)])


def test_a_key_of_the_store_itself_goes_on_too(
    tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    with closing(new_store(tmp_path, Klok(), rol="gemeente")) as store:
        declared(store, [line(number) for number in range(1, 8)])
    monkeypatch.setattr("gateway.store.sleutelwissel.AT_ONCE", 3)

    def stopped(*_: object) -> None:
        raise CouldNotFinish("iemand trok de stekker eruit")

    with monkeypatch.context() as patched:
        patched.setattr("gateway.cli.fingerprints._tell", stopped)
        assert 3 == _rotate(tmp_path)
    # Nobody could open what was put back of a copy of now.
    capsys.readouterr()
    out = tmp_path / "back-ups"
    assert 3 == run(["backup", "--out", str(out), "--store", owner_of(tmp_path)])
    assert HALFWEG in sentence(capsys.readouterr().err)
    assert [] == list(out.glob("gateway-*"))
    assert 0 == _rotate(tmp_path)
    with closing(new_store(tmp_path, Klok())) as store:
        _known_as(store, 7)


def test_who_lost_the_store_to_another_does_nothing_twice(
    gevuld: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    before, times = _fingerprints(gevuld), iter(range(99))
    _given(monkeypatch, DAARNA, EERST)
    # As where a server ended the connection with the lock.
    monkeypatch.setattr("gateway.store.sleutelwissel.alone", lambda _: nullcontext())

    def beside(*_: object) -> None:
        if next(times) == 0:
            assert 0 == _rotate(gevuld)

    monkeypatch.setattr("gateway.cli.fingerprints._tell", beside)
    capsys.readouterr()
    assert 3 == _rotate(gevuld)
    assert "ging hiermee verder" in sentence(capsys.readouterr().err)
    again = fingerprinter(DAARNA.encode())
    after = {name: [again(one) for one in values] for name, values in before.items()}
    assert after == _fingerprints(gevuld)


def test_nobody_else_works_on_the_store(
    gevuld: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    _given(monkeypatch, DAARNA, EERST)
    store = new_store(gevuld, Klok(), bsn_sleutel=EERST)
    capsys.readouterr()
    assert 3 == _rotate(gevuld)
    assert "er werkt nog iemand op deze opslag" in sentence(capsys.readouterr().err)
    # Whoever has no connection at the moment comes back with the wrong key.
    store.database.engine.dispose()
    assert 0 == _rotate(gevuld)
    with pytest.raises(TemporaryFailure, match="start dit proces opnieuw"):
        store.inbox.receive("nog.xml", [b"<x/>"])
    store.close()


def test_who_comes_meanwhile_is_refused(
    gevuld: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    _given(monkeypatch, DAARNA, EERST)
    told: list[str] = []

    def beside(*_: object) -> None:
        if not told:
            with pytest.raises(TemporaryFailure) as refused:
                new_store(gevuld, Klok(), bsn_sleutel=EERST)
            told.append(str(refused.value))

    monkeypatch.setattr("gateway.cli.fingerprints._tell", beside)
    assert 0 == _rotate(gevuld)
    assert HALFWEG in told[0]


def test_an_export_from_before_is_of_other_ids(
    gevuld: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    store = ("--store", store_of(gevuld))
    words = ["export", "make", "--doel", "beleidsinformatie", "--out", str(gevuld / "ggm"), *store]
    assert 0 == run(words)
    (made,) = (one for one in (gevuld / "ggm").iterdir() if not one.name.startswith("."))
    assert 0 == run(["export", "verify", str(made), *store])
    _given(monkeypatch, DAARNA, EERST)
    assert 0 == _rotate(gevuld)
    capsys.readouterr()
    assert 2 == run(["export", "verify", str(made), *store])
    assert "andere opslag" in sentence(capsys.readouterr().err)
