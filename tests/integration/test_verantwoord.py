"""What a command shows of a client is in the log before it is shown, with who looked."""

from __future__ import annotations

import io
import json
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.cli.geld.wie import account, in_logboek
from gateway.cli.opened import opened_store
from gateway.config import read_settings
from gateway.errors import TemporaryFailure
from gateway.store.toegang.logboek import IEDEREEN
from tests.integration.berichten import BSN, run
from tests.integration.test_explain import AGREEMENT, DEARER, story
from tests.opslag import rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
REGEL, AANBIEDER = ("D202503", "2025-03-001"), "12345678"


class Plek(NamedTuple):
    """A store with lines of one client, its URL, and what the log knows that client by."""

    folder: Path
    url: str
    kenmerk: str

    def oorzaak(self) -> str:
        """The name of an open cause."""
        with opened_store(read_settings({}), self.url) as store:
            return store.oorzaken.open()[0].oorzaak.kenmerk

    def bewijs(self) -> str:
        """A file with a receipt."""
        return str(self.folder / "bewijs.json")

    def new(self, name: str) -> str:
        """A folder that is not there yet."""
        return str(self.folder / f"{name}-{len(list(self.folder.iterdir()))}")


@pytest.fixture(scope="module")
def plek(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Plek:
    folder = tmp_path_factory.mktemp("verantwoord")
    (folder / "nu.toml").write_text(AGREEMENT, encoding="utf-8")
    (folder / "straks.toml").write_text(DEARER, encoding="utf-8")
    story(folder, "--agreements", str(folder / "nu.toml"))
    with opened_store(read_settings({}), store_of(folder)) as store:
        made = Plek(folder, store_of(folder), store.fingerprint(BSN))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", told := io.StringIO())
        run(["explain", *REGEL, "--store", made.url])
    Path(made.bewijs()).write_text(told.getvalue(), encoding="utf-8")
    return made


PERIODE = ("--period", "2025")
OPDRACHTEN: dict[str, tuple[Callable[[Plek], Sequence[str]], str, str | None]] = {
    "explain": (lambda plek: ["explain", *REGEL], "declaratieregel bekijken", None),
    "verify": (
        lambda plek: ["explain", "--verify", plek.bewijs()],
        "declaratieregel bekijken",
        None,
    ),
    "line": (lambda plek: ["ledger", "line", *REGEL], "verhaal van een regel bekijken", None),
    "statement": (
        lambda plek: ["ledger", "statement", "--aanbieder", AANBIEDER, "--maand", "2025-03"],
        "maandoverzicht bekijken",
        None,
    ),
    "csv": (
        lambda plek: ["ledger", "statement", "--aanbieder", AANBIEDER, "--maand=2025-03", "--csv"],
        "maandoverzicht uitvoeren",
        None,
    ),
    "clients": (
        lambda plek: ["ledger", "check", "--per", "client"],
        "grootboek bekijken",
        IEDEREEN,
    ),
    "commitments": (
        lambda plek: ["ledger", "commitments", "--jaar", "2025", "--per", "toewijzing", "--csv"],
        "verplichtingen per toewijzing bekijken",
        None,
    ),
    "close": (
        lambda plek: [
            "ledger",
            "close",
            "--jaar=2025",
            "--toon=grootboek",
            "--aanbieder",
            AANBIEDER,
        ],
        "regels achter een bedrag bekijken",
        None,
    ),
    "cause": (lambda plek: ["causes", plek.oorzaak()], "oorzaak bekijken", None),
    "correct": (
        lambda plek: ["correct", "--aanbieder", AANBIEDER, *PERIODE, "--uit", "afgewezen"],
        "correcties bekijken",
        None,
    ),
    "replay": (
        lambda plek: [
            *("agreements", "replay", "--proposal", str(plek.folder / "straks.toml"), *PERIODE),
            *("--out", plek.new("r")),
        ],
        "voorstel naspelen",
        None,
    ),
    "reprice": (
        lambda plek: [
            *("agreements", "reprice", "--proposal", str(plek.folder / "straks.toml"), *PERIODE),
            *("--out", plek.new("p")),
        ],
        "toegekende regels herprijzen",
        None,
    ),
    "export": (
        lambda plek: ["export", "make", "--out", plek.new("u"), "--doel", "rapportage"],
        "gegevens uitvoeren",
        IEDEREEN,
    ),
}


def log_of(plek: Plek) -> list[tuple[str, str, str | None, str]]:
    query = "SELECT name, wie, betrokkene, attributes FROM verwerking ORDER BY dag, nr"
    return [tuple(row) for row in rows_of(plek.folder, query)]


@pytest.mark.parametrize("naam", OPDRACHTEN)
def test_who_looks_is_in_the_log_with_whom_he_looked_at(
    plek: Plek, naam: str, capsys: Captured
) -> None:
    words, handeling, over = OPDRACHTEN[naam]
    before = len(log_of(plek))
    assert run([*words(plek), "--store", plek.url]) in (0, 1), capsys.readouterr().err

    told = {(row[0], row[1], row[2]) for row in log_of(plek)[before:]}
    assert {(handeling, f"opdrachtregel:{account()}", over or plek.kenmerk)} == told
    assert BSN not in repr(log_of(plek))


@pytest.mark.parametrize("naam", OPDRACHTEN)
def test_without_a_log_nothing_is_shown(
    plek: Plek, naam: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [*OPDRACHTEN[naam][0](plek), "--store", plek.url]
    capsys.readouterr()

    def refuse(*_: object) -> None:
        raise TemporaryFailure("het logboek is weg")

    monkeypatch.setattr("gateway.store.toegang.logboek.Logboek.write", refuse)
    assert 3 == run(words)
    assert not any(one in capsys.readouterr().out for one in (*REGEL, plek.kenmerk, "100001"))


def test_an_auditor_is_told_who_looked_by_which_command(
    plek: Plek, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = [OPDRACHTEN[naam] for naam in ("explain", "line", "clients", "export")]
    for words, _, _ in some:
        run([*words(plek), "--store", plek.url])
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{BSN}\n"))

    assert 0 == run(["audit", "wie", "--doel", "vraag van de auditor", "--store", plek.url])

    found = capsys.readouterr().out
    assert set() == {handeling for _, handeling, _ in some if handeling not in found}
    wie, shown = in_logboek()
    assert f"{wie} ({shown})  opdrachtregel  {platform.node()}" in found
    assert "alle cliënten, saldi per client" in found


def test_who_logged_in_as_another_before_is_told_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = tmp_path / "loginuid"
    monkeypatch.setattr("gateway.cli.geld.wie.LOGIN", login)
    monkeypatch.setattr("gateway.cli.geld.wie.account", lambda: "gateway")
    for number, shown in (("0", "gateway, ingelogd als root"), ("4294967295", "gateway")):
        login.write_text(number, encoding="ascii")
        assert ("opdrachtregel:gateway", shown) == in_logboek()


def test_a_row_for_everybody_is_no_row_of_a_client(plek: Plek) -> None:
    run(["ledger", "check", "--per", "client", "--store", plek.url])
    *_, last = (json.loads(row[3]) for row in log_of(plek) if row[2] == IEDEREEN)
    assert "allen" == last["dpl.core.data_subject_id_type"]
