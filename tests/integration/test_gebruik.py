"""Who works on a store is told by a lock that is in nobody's way."""

from __future__ import annotations

import errno
import os
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gateway.store.engine import open_database
from tests.integration.berichten import run, sentence
from tests.integration.store_builders import Klok, new_store
from tests.opslag import file_of, is_sqlite, store_of
from tests.postgres import connected

pytestmark = pytest.mark.usefixtures("opslag")

LOCK, NOBODY = "gateway.db-gebruik", 65534
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a store that nobody works on."""
    new_store(tmp_path, Klok(), rol="gemeente").close()
    return tmp_path


def _rotate(folder: Path) -> int:
    return run(["fingerprints", "rotate", "--store", store_of(folder)])


def test_a_process_of_a_version_without_the_lock_works_too(folder: Path, capsys: Captured) -> None:
    if is_sqlite():
        pytest.skip("een bestand vertelt niet wie het open heeft")
    with closing(connected(store_of(folder))):
        capsys.readouterr()
        assert 3 == _rotate(folder)
        assert "er werkt nog iemand op deze opslag" in sentence(capsys.readouterr().err)
    assert 0 == _rotate(folder)


def test_on_sqlite_a_file_tells_who_works(folder: Path) -> None:
    assert is_sqlite() == (folder / LOCK).exists()


@pytest.mark.parametrize("command", ["audit verify", "fingerprints rotate"])
def test_a_file_that_cannot_be_used_is_told_by_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, command: str
) -> None:
    if not is_sqlite():
        pytest.skip("op PostgreSQL is er geen bestand")
    lock, words = folder / LOCK, [*command.split(), "--store", store_of(folder)]

    def told() -> str:
        capsys.readouterr()
        assert 3 == run(words)
        return sentence(capsys.readouterr().err)

    with monkeypatch.context() as patched:
        patched.setattr("fcntl.flock", _no_locks_here)
        assert f"{lock} is niet te gebruiken: Bad file descriptor" in told()
    lock.unlink()
    lock.symlink_to(folder / "weg" / "weg")
    assert f"{lock} is niet te gebruiken: No such file or directory" in told()


def _no_locks_here(*_: object) -> None:
    raise OSError(errno.EBADF, os.strerror(errno.EBADF))


@pytest.mark.skipif(os.geteuid() != 0, reason="alleen root is ook een ander")
def test_a_command_of_root_stands_in_nobodys_way() -> None:
    if not is_sqlite():
        pytest.skip("op PostgreSQL is er geen bestand")
    with TemporaryDirectory() as place:
        folder = Path(place)
        os.chown(folder, NOBODY, NOBODY)
        _opened_by(NOBODY, folder)
        lock = folder / LOCK
        lock.unlink()
        _opened_by(0, folder)
        assert NOBODY == lock.stat().st_uid
        # As root left it by a version before.
        os.chown(lock, 0, 0)
        lock.chmod(0o644)
        _opened_by(NOBODY, folder)


def _opened_by(account: int, folder: Path) -> None:
    os.seteuid(account)
    try:
        with closing(open_database(file_of(folder))) as database, database.writing():
            pass
    finally:
        os.seteuid(0)
