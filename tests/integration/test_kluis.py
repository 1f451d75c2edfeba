"""Bytes of messages are enciphered in the store, and change key bit by bit while work goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.store.envelop import Kop, Lot
from gateway.store.kluis import name_of
from gateway.store.pieces import PIECE
from tests.integration.berichten import (
    CODE,
    Verwerkt,
    familie,
    process,
    renumbered,
    run,
    sentence,
    write,
)
from tests.integration.store_builders import Klok, message, new_store
from tests.opslag import altered, is_sqlite, owner_of, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

OUD, NIEUW = "oud=" + "ab" * 32, "nieuw=" + "cd" * 32
Captured = pytest.CaptureFixture[str]
Omgeving = pytest.MonkeyPatch


def _handled(folder: Path, *paths: Path, out: str = "uit") -> Verwerkt:
    return process(folder / out, *paths, options=("--store", store_of(folder)))


def _names(folder: Path) -> set[str | None]:
    """The keys under which pieces stand."""
    both = (f"SELECT data FROM {table}_stuk" for table in ("inbox", "outbox"))
    return {name_of(bytes(data)) for query in both for (data,) in rows_of(folder, query)}


def _vault(folder: Path, word: str) -> int:
    return run(["vault", word, "--store", store_of(folder)])


def test_a_message_is_handled_as_before_and_nothing_of_it_is_readable(
    tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    monkeypatch.setenv("GATEWAY_KLUIS", OUD)
    paths = familie(tmp_path / "in")
    first = _handled(tmp_path, *paths)
    assert ["accepted"] * 4 == first.verdicts
    assert {"oud"} == _names(tmp_path)
    again = _handled(tmp_path, *paths, out="nog")
    assert (["duplicate"] * 4, first.answers) == (again.verdicts, again.answers)
    assert 0 == run(["ledger", "check", "--store", store_of(tmp_path)])
    monkeypatch.delenv("GATEWAY_KLUIS")
    capsys.readouterr()
    assert 3 == run(["ledger", "check", "--store", store_of(tmp_path)])
    assert "sleutel oud ontbreekt in GATEWAY_KLUIS" in sentence(capsys.readouterr().err)
    monkeypatch.setenv("GATEWAY_KLUIS", "oud=" + "00" * 32)
    assert 3 == run(["ledger", "check", "--store", store_of(tmp_path)])
    assert "is een andere dan eerst" in sentence(capsys.readouterr().err)


def test_keys_change_and_what_is_old_stays_readable(
    tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    before = _handled(tmp_path, *familie(tmp_path / "in"))
    assert {None} == _names(tmp_path)
    # A key comes: what was there stays as it is until it is enciphered.
    monkeypatch.setenv("GATEWAY_KLUIS", OUD)
    _handled(tmp_path, *write(tmp_path / "in", meer=renumbered("JW323", "9")), out="meer")
    assert {None, "oud"} == _names(tmp_path)
    assert 0 == _vault(tmp_path, "rotate")
    assert {"oud"} == _names(tmp_path)
    # Another one comes, and both open.
    monkeypatch.setenv("GATEWAY_KLUIS", f"{NIEUW}\n{OUD}")
    assert before.answers == _handled(tmp_path, *familie(tmp_path / "in"), out="nog").answers
    assert 0 == _vault(tmp_path, "rotate")
    assert {"nieuw"} == _names(tmp_path)
    capsys.readouterr()
    assert 0 == _vault(tmp_path, "retire")
    assert "niet meer nodig: oud\n" == capsys.readouterr().out
    monkeypatch.setenv("GATEWAY_KLUIS", NIEUW)
    assert before.answers == _handled(tmp_path, *familie(tmp_path / "in"), out="weer").answers
    assert 0 == run(["ledger", "check", "--store", store_of(tmp_path)])
    assert 0 == run(["audit", "verify", "--store", store_of(tmp_path)])


def test_a_key_under_which_something_stands_is_not_forgotten(
    tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    monkeypatch.setenv("GATEWAY_KLUIS", OUD)
    _handled(tmp_path, *familie(tmp_path / "in"))
    monkeypatch.setenv("GATEWAY_KLUIS", f"{NIEUW},{OUD}")
    capsys.readouterr()
    assert 0 == _vault(tmp_path, "retire")
    assert 0 == _vault(tmp_path, "show")
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["niet", "meer", "nodig:", "geen"] == told[0]
    assert [["nieuw", "0", "versleutelt"], ["oud", "11", "opent"]] == told[-2:]
    monkeypatch.setenv("GATEWAY_KLUIS", NIEUW)
    assert 3 == _vault(tmp_path, "show")


def test_a_change_of_keys_that_is_killed_goes_on(tmp_path: Path, monkeypatch: Omgeving) -> None:
    monkeypatch.setenv("GATEWAY_KLUIS", OUD)
    store = new_store(tmp_path, Klok(), kluis=OUD)
    bodies = {store.inbox.receive(f"{n}.xml", [message(n)]).inbox_id: message(n) for n in range(40)}
    large = bytes(range(256)) * (PIECE // 100)
    bodies[store.inbox.receive("groot.xml", [large]).inbox_id] = large
    store.close()
    code = (
        "import os\n"
        "from gateway.store import kluiswissel\n"
        "again, count = kluiswissel.Kluiswissel._again, iter(range(99))\n"
        "def killed(self, *given):\n"
        "    if next(count) == 20:\n"
        "        os._exit(9)\n"
        "    return again(self, *given)\n"
        "kluiswissel.Kluiswissel._again = killed\n" + CODE
    )
    monkeypatch.setenv("GATEWAY_KLUIS", f"{NIEUW}\n{OUD}")
    words = ["vault", "rotate", "--store", store_of(tmp_path)]
    assert 9 == subprocess.run([sys.executable, "-c", code, *words], check=False).returncode
    assert {"oud", "nieuw"} == _names(tmp_path)
    store = new_store(tmp_path, Klok(), kluis=f"{NIEUW}\n{OUD}")
    assert bodies == {number: b"".join(store.pieces(number)) for number in bodies}
    # Work goes on under the key that was first there, by a process that has both.
    store.inbox.receive("erbij.xml", [message(99)])
    assert 0 == _vault(tmp_path, "rotate")
    assert {"nieuw"} == _names(tmp_path)
    assert bodies == {number: b"".join(store.pieces(number)) for number in bodies}
    store.close()


def test_a_piece_that_was_moved_is_refused(
    tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    monkeypatch.setenv("GATEWAY_KLUIS", OUD)
    _handled(tmp_path, *familie(tmp_path / "in"))
    altered(
        tmp_path,
        "UPDATE outbox_stuk SET data = (SELECT data FROM outbox_stuk b WHERE b.outbox_id = "
        "(SELECT max(id) FROM outbox WHERE berichttype = 'JW308')) WHERE outbox_id = "
        "(SELECT id FROM outbox WHERE berichttype = 'JW325')",
    )
    capsys.readouterr()
    assert 1 == run(["ledger", "check", "--store", store_of(tmp_path)])
    assert "een deel van de bytes is weg of beschadigd" in capsys.readouterr().out


def test_a_backup_tells_which_keys_open_it(
    tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    monkeypatch.setenv("GATEWAY_KLUIS", OUD)
    _handled(tmp_path, *familie(tmp_path / "in"))
    capsys.readouterr()
    assert 0 == run(["backup", "--out", str(tmp_path / "b"), "--store", owner_of(tmp_path)])
    assert "te openen met: oud (GATEWAY_KLUIS)" in capsys.readouterr().out
    (made,) = (one for one in (tmp_path / "b").iterdir() if not one.name.startswith("."))
    assert ["oud"] == json.loads((made / "manifest.json").read_bytes())["keys"]
    if not is_sqlite():
        return
    target = f"sqlite:///{tmp_path / 'terug.db'}"
    monkeypatch.delenv("GATEWAY_KLUIS")
    assert 3 == run(["restore", str(made), "--store", target])
    assert "sleutel oud ontbreekt" in sentence(capsys.readouterr().err)
    assert not (tmp_path / "terug.db").exists()
    monkeypatch.setenv("GATEWAY_KLUIS", OUD)
    assert 0 == run(["restore", str(made), "--store", target])
    assert 0 == run(["ledger", "check", "--store", target])


def test_an_envelope_is_enciphered_too(tmp_path: Path, monkeypatch: Omgeving) -> None:
    def raw() -> tuple[str | None, ...]:
        rows = rows_of(tmp_path, "SELECT inhoud FROM envelop ORDER BY id")
        return tuple(name_of(bytes(data)) for (data,) in rows)

    kop = Kop(
        merk=("een",),
        sha256="1" * 64,
        gemeente="0193",
        tegenpartij="12345678",
        berichtcode="Di01",
        referentienummer="r1",
    )
    anders = replace(kop, merk=("twee",), sha256="2" * 64, referentienummer="r2")
    with closing(new_store(tmp_path, Klok())) as store:
        store.enveloppen.send(kop, lambda _: b"<een/>")
    monkeypatch.setenv("GATEWAY_KLUIS", OUD)
    with closing(new_store(tmp_path, Klok(), kluis=OUD)) as store:
        store.enveloppen.keep(
            anders, Lot(antwoord=lambda _: b"", apart="om te zien", inhoud=b"<twee/>")
        )
        assert (None, "oud") == raw()
        assert 0 == _vault(tmp_path, "rotate")
        assert ("oud", "oud") == raw()
        assert ("r1", b"<een/>") == store.enveloppen.verstuurd("0193", kop.sha256)
        (apart,) = store.enveloppen.apart()
        assert b"<twee/>" == store.enveloppen.inhoud(apart.nummer)


def test_a_new_key_is_a_line_for_the_setting(
    tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    assert 0 == run(["vault", "make", "2026-11"])
    line = capsys.readouterr().out.strip()
    assert line.startswith("2026-11=")
    (tmp_path / "kluis").write_text(f"{line}\n", encoding="utf-8")
    monkeypatch.setenv("GATEWAY_KLUIS_FILE", str(tmp_path / "kluis"))
    _handled(tmp_path, *familie(tmp_path / "in"))
    assert {"2026-11"} == _names(tmp_path)
    assert 2 == run(["vault", "make", "te lange naam"])


def test_without_a_key_status_says_so(
    tmp_path: Path, monkeypatch: Omgeving, capsys: Captured
) -> None:
    store = ("--store", store_of(tmp_path))
    assert 0 == run(["migrate", *store])
    assert 2 == _vault(tmp_path, "rotate")
    capsys.readouterr()
    assert 0 == run(["status", *store])
    assert "onversleuteld" in capsys.readouterr().out
    monkeypatch.setenv("GATEWAY_KLUIS", OUD)
    assert 0 == run(["status", *store])
    assert "onversleuteld" not in capsys.readouterr().out
