"""A copy of a store becomes a store again: every row, no number twice, and never half."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import make_url

from gateway.store import counters
from gateway.store.backup.manifest import rows_of
from gateway.store.backup.postgres import _conninfo
from gateway.store.engine import open_database
from gateway.store.migrate import HEAD, MIGRATIONS, current
from tests.integration.berichten import PROJECT, familie, run, sentence
from tests.integration.plaatsen import Plaats, databases, files

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def plaats(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plaats]:
    folder = tmp_path_factory.mktemp("opslag")
    paths = familie(folder / "in")
    with files(folder) if request.param == "sqlite" else databases() as made:
        options = ["--store", made.filled, "--clock", "2026-05-04"]
        assert run(["process", *map(str, paths), "--out", str(folder / "uit"), *options]) in (0, 1)
        yield made


def _backup(url: str, folder: Path) -> Path:
    """The folder of a new backup."""
    assert 0 == run(["backup", "--out", str(folder), "--store", url])
    (made,) = (one for one in folder.iterdir() if not one.name.startswith("."))
    return made


def _contents(url: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    with closing(open_database(url)) as database, database.reading() as connection:
        return {
            table: sorted(
                map(repr, connection.execute(sa.select(sa.text("*")).select_from(sa.table(table))))
            )
            for table in rows_of(connection)
        }


def _next(url: str) -> tuple[int, int]:
    """The numbers that a store gives out next."""
    with closing(open_database(url)) as database, database.writing() as connection:
        return (
            counters.next_of(connection, counters.VOLGNR),
            counters.next_of(connection, counters.IDENTIFICATIE),
        )


def test_what_is_put_back_has_every_row_and_balances(
    plaats: Plaats, tmp_path: Path, capsys: Captured
) -> None:
    made, target = _backup(plaats.filled, tmp_path), plaats.new()
    before = _contents(plaats.filled)
    capsys.readouterr()
    assert 0 == run(["restore", str(made), "--store", target])
    told = capsys.readouterr().out
    assert told.endswith("4 berichten; de telling klopt\n"), told
    after = _contents(target)
    # The counters went on, and nothing else.
    assert before.keys() == after.keys()
    assert {"teller"} >= {name for name in before if before[name] != after[name]}
    assert before["inbox"]
    assert 0 == run(["status", "--store", plaats.gateway(target)])
    assert 0 == run(["ledger", "check", "--store", plaats.gateway(target)])


def test_the_manifest_tells_of_what_it_is_and_how_many_rows(plaats: Plaats, tmp_path: Path) -> None:
    made = _backup(plaats.filled, tmp_path)
    manifest = json.loads((made / "manifest.json").read_bytes())
    assert HEAD == manifest["revision"]
    assert {name: len(rows) for name, rows in _contents(plaats.filled).items()} == manifest["rows"]
    assert {"manifest.json", manifest["file"]} == {one.name for one in made.iterdir()}
    assert {0o600} == {one.stat().st_mode & 0o777 for one in made.iterdir()}
    assert 0o700 == made.stat().st_mode & 0o777


def test_no_number_is_given_out_twice(plaats: Plaats, tmp_path: Path) -> None:
    made, target = _backup(plaats.filled, tmp_path), plaats.new()
    given = [_next(plaats.filled) for _ in range(3)][-1]
    assert 0 == run(["restore", str(made), "--store", target])
    found = _next(target)
    assert all(new > old + 1 for new, old in zip(found, given, strict=True))


def test_nothing_is_put_back_over_a_store(plaats: Plaats, tmp_path: Path, capsys: Captured) -> None:
    made = _backup(plaats.filled, tmp_path)
    before = _contents(plaats.filled)
    capsys.readouterr()
    assert 3 == run(["restore", str(made), "--store", plaats.filled])
    assert "terugzetten kan alleen" in sentence(capsys.readouterr().err)
    assert before == _contents(plaats.filled)


def test_a_copy_that_changed_is_not_put_back(
    plaats: Plaats, tmp_path: Path, capsys: Captured
) -> None:
    made, target = _backup(plaats.filled, tmp_path), plaats.new()
    file = next(one for one in made.iterdir() if one.name != "manifest.json")
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(body)
    capsys.readouterr()
    assert 3 == run(["restore", str(made), "--store", target])
    assert "niet het bestand dat is gemaakt" in sentence(capsys.readouterr().err)
    assert _is_empty(target)


def test_what_lacks_rows_is_taken_for_a_store_by_nobody(
    plaats: Plaats, tmp_path: Path, capsys: Captured
) -> None:
    made, target = _backup(plaats.filled, tmp_path), plaats.new()
    manifest = json.loads((made / "manifest.json").read_bytes())
    manifest["rows"]["toewijzing"] += 1
    (made / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    capsys.readouterr()
    assert 3 == run(["restore", str(made), "--store", target])
    assert "toewijzing heeft" in sentence(capsys.readouterr().err)
    assert 3 == run(["status", "--store", target])
    if target.startswith("sqlite"):
        assert _is_empty(target)
    else:
        assert 3 == run(["migrate", "--store", target])


def test_a_copy_of_a_newer_version_is_refused(
    plaats: Plaats, tmp_path: Path, capsys: Captured
) -> None:
    made, target = _backup(plaats.filled, tmp_path), plaats.new()
    manifest = json.loads((made / "manifest.json").read_bytes())
    (made / "manifest.json").write_text(
        json.dumps({**manifest, "revision": "9999"}), encoding="utf-8"
    )
    capsys.readouterr()
    assert 3 == run(["restore", str(made), "--store", target])
    assert "nieuwere versie" in sentence(capsys.readouterr().err)
    assert _is_empty(target)


def test_a_store_goes_on_while_it_is_copied(plaats: Plaats, tmp_path: Path) -> None:
    """What somebody has not committed is not in the copy, and holds nobody up."""
    database = open_database(plaats.filled)
    with closing(database), database.begin_writing() as connection, connection.begin() as begun:
        connection.execute(
            sa.text("INSERT INTO teller (naam, waarde) VALUES ('niet-vastgelegd', 1)")
        )
        made = _backup(plaats.filled, tmp_path)
        begun.rollback()
    target = plaats.new()
    assert 0 == run(["restore", str(made), "--store", target])
    assert not any("niet-vastgelegd" in row for row in _contents(target)["teller"])


def test_only_the_owner_can_copy_a_store(plaats: Plaats, tmp_path: Path, capsys: Captured) -> None:
    """On PostgreSQL the gateway does not see every row; a file has one owner."""
    own = plaats.gateway(plaats.filled)
    code = run(["backup", "--out", str(tmp_path), "--store", own])
    if own == plaats.filled:
        assert 0 == code
        return
    assert 3 == code
    assert "row-level security" in sentence(capsys.readouterr().err)
    assert [] == list(tmp_path.iterdir())


def _is_empty(url: str) -> bool:
    if url.startswith("sqlite"):
        file = Path(make_url(url).database or "")
        return [] == list(file.parent.glob(f"*{file.name}*"))
    with closing(open_database(url)) as database, database.reading() as connection:
        return not sa.inspect(connection).get_table_names()


# --- What only one of the two has -------------------------------------------------------------


def test_an_older_copy_is_brought_up_to_date(tmp_path: Path) -> None:
    from alembic import command as alembic
    from alembic.config import Config

    url = f"sqlite:///{tmp_path / 'oud.db'}"
    assert 0 == run(["migrate", "--store", url])
    older = f"sqlite:///{tmp_path / 'ouder.db'}"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with closing(open_database(older)) as database:
        with database.alone() as connection:
            config.attributes["connection"] = connection
            alembic.upgrade(config, "0012")
        with database.alone() as connection:
            counters.begin(connection, dict.fromkeys(("volgnr", "ontvangen", "identificatie"), 1))
    target = f"sqlite:///{tmp_path / 'nieuw.db'}"
    assert 0 == run(["restore", str(_backup(older, tmp_path / "kopie")), "--store", target])
    with closing(open_database(target)) as database:
        assert HEAD == current(database)
    assert _contents(url).keys() == _contents(target).keys()


def test_a_log_of_a_store_that_is_gone_is_not_read_as_that_of_the_new_one(
    tmp_path: Path, capsys: Captured
) -> None:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    assert 0 == run(["migrate", "--store", url])
    made = _backup(url, tmp_path / "kopie")
    (tmp_path / "gateway.db").unlink()
    (tmp_path / "gateway.db-wal").write_bytes(b"oud")
    capsys.readouterr()
    assert 3 == run(["restore", str(made), "--store", url])
    assert "gateway.db-wal bestaat al" in sentence(capsys.readouterr().err)
    assert not (tmp_path / "gateway.db").exists()


def test_another_key_gives_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    url, target = (f"sqlite:///{tmp_path / name}" for name in ("gateway.db", "nieuw.db"))
    monkeypatch.setenv("GATEWAY_BSN_SLEUTEL", "een sleutel van ons")
    assert 0 == run(["migrate", "--store", url])
    made = _backup(url, tmp_path / "kopie")
    monkeypatch.setenv("GATEWAY_BSN_SLEUTEL", "een andere sleutel")
    capsys.readouterr()
    assert 3 == run(["restore", str(made), "--store", target])
    assert "niet de sleutel" in sentence(capsys.readouterr().err)
    assert [] == [one.name for one in tmp_path.iterdir() if "nieuw.db" in one.name]
    monkeypatch.setenv("GATEWAY_BSN_SLEUTEL", "een sleutel van ons")
    assert 0 == run(["restore", str(made), "--store", target])


@pytest.mark.parametrize("manifest", [None, "geen json", '{"kind": "sqlite"}'])
def test_a_folder_that_is_no_backup_is_wrong_use(
    manifest: str | None, tmp_path: Path, capsys: Captured
) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    assert 2 == run(["restore", str(tmp_path), "--store", url])
    assert "back-up" in sentence(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (None, "er is nog geen opslag in"),
        (b"", "er is nog geen opslag om"),
        (b"geen database" * 1000, "niet te kopi"),
    ],
    ids=["geen", "leeg", "beschadigd"],
)
def test_of_what_is_no_store_comes_no_copy(
    body: bytes | None, told: str, tmp_path: Path, capsys: Captured
) -> None:
    if body is not None:
        (tmp_path / "gateway.db").write_bytes(body)
    store = f"sqlite:///{tmp_path / 'gateway.db'}"
    assert 3 == run(["backup", "--out", str(tmp_path / "kopie"), "--store", store])
    assert told in sentence(capsys.readouterr().err)
    assert [] == list((tmp_path / "kopie").iterdir())


def test_a_password_is_not_among_the_arguments_of_a_program() -> None:
    """Who is on a machine sees the arguments of every process."""
    url = "postgresql://eigenaar:geheim@server:5433/opslag?sslmode=verify-full&sslrootcert=/a/b c"
    told = conninfo_to_dict(_conninfo(make_url(url)))
    assert {
        "user": "eigenaar",
        "host": "server",
        "port": "5433",
        "dbname": "opslag",
        "sslmode": "verify-full",
        "sslrootcert": "/a/b c",
    } == told


# --- What the page tells ----------------------------------------------------------------------


def test_the_page_can_be_followed_from_begin_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = (PROJECT / "docs" / "back-up.md").read_text(encoding="utf-8")
    commands = re.findall(r"^gateway (.+)$", page, re.M)
    assert ["migrate", "backup", "restore", "restore", "ledger"] == [
        one.split()[0] for one in commands
    ]
    (example,) = set(re.findall(r"gateway-\d{8}T\d{6}Z", page))
    for line in commands:
        made = [one.name for one in tmp_path.glob("back-ups/*")]
        name = (made or [example])[0]
        told = line.replace(example, name).replace("back-ups/gateway-*", f"back-ups/{name}")
        assert 0 == run(told.split()), line
