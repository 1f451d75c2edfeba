"""The disk that loses what was not synced, refuses to sync, is full or may not be written."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from gateway.cli.opened import opened_store
from gateway.config import Settings
from gateway.errors import CouldNotFinish, TemporaryFailure
from gateway.store.engine import open_database
from tests.faults import surroundings
from tests.faults.harness import EMBEDDED, PRODUCTION, SHARED, Install, Installation, Process
from tests.faults.length import IS_LONG, modes
from tests.faults.load import family, messages
from tests.integration.berichten import comes_true
from tests.integration.store_builders import finish, message, new_store
from tests.servers import below

PATIENCE = 30.0
FAULT_SECONDS = 2.0
CALL = re.compile(
    r"^\d+ +(?P<name>\w+)\((?:\d+|AT_FDCWD)?(?:<(?P<path>[^>]*)>)?"
    r"(?P<rest>.*) = (?P<result>-?\d+)"
)
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@cache
def traces() -> bool:
    """Whether one process may look into another here."""
    if shutil.which("strace") is None:
        return False
    tried = ["strace", "-f", "-e", "trace=fdatasync", "-o", os.devnull, "true"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


needs_trace = pytest.mark.skipif(not traces(), reason="strace ontbreekt of ptrace mag hier niet")


@contextmanager
def failing(pids: list[int], calls: str, error: str) -> Iterator[None]:
    """Within it system calls of running processes fail."""
    told = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={calls}"]
    told += ["-e", f"inject={calls}:error={error}", *(f"--attach={one}" for one in pids)]
    tracer = subprocess.Popen(told, stderr=subprocess.DEVNULL)
    try:
        assert comes_true(lambda: all(map(is_traced, pids)), PATIENCE)
        yield
    finally:
        tracer.send_signal(signal.SIGTERM)
        tracer.wait(PATIENCE)


def is_traced(pid: int) -> bool:
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return True
    return "TracerPid:\t0\n" not in told


@dataclass(slots=True)
class Disk:
    """What a disk holds when the power goes: of every file only what was synced."""

    synced: dict[str, bytearray] = field(default_factory=dict)
    waiting: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=dict)

    def wrote(self, path: str, at: int, data: bytes) -> None:
        self.waiting.setdefault(path, []).append((at, data))

    def cut(self, path: str, size: int) -> None:
        self.waiting.setdefault(path, []).append((size, None))

    def sync(self, path: str) -> None:
        file = self.synced.setdefault(path, bytearray())
        for at, data in self.waiting.pop(path, []):
            if data is None:
                del file[at:]
            else:
                file.extend(bytes(max(0, at - len(file))))
                file[at : at + len(data)] = data

    def laid_out(self, data: Path, folder: Path) -> Path:
        """The store as it would be found afterwards."""
        folder.mkdir()
        for ending in ("", "-wal"):
            found = self.synced.get(str(data / f"gateway.db{ending}"))
            if found is not None:
                (folder / f"gateway.db{ending}").write_bytes(found)
        return folder / "gateway.db"


@needs_trace
def test_05_stroom_weg_na_de_bevestiging(install: Install, tmp_path: Path) -> None:
    made = install(EMBEDDED)
    trace = tmp_path / "trace"
    calls = "trace=pwrite64,fdatasync,fsync,ftruncate,unlink,unlinkat"
    prefix = ["strace", "-f", "-y", "-xx", "-s", "100000", "-o", str(trace), "-e", calls]
    process = made.start("run", prefix=prefix).started()
    made.edges.offer(*family(1))
    assert made.drained(), process.logged()
    for pid in below(process.process.pid):
        os.kill(pid, signal.SIGTERM)
    process.process.wait(PATIENCE)
    disk, acknowledged = Disk(), 0
    for line in joined(trace):
        name, path, rest, size = line
        if name == "pwrite64":
            data = bytes.fromhex(TEXT.search(rest)[1].replace("\\x", ""))  # type: ignore[index]
            disk.wrote(path, int(rest.rpartition(",")[2].strip(" )")), data[:size])
        elif name == "ftruncate":
            disk.cut(path, int(rest.strip(" ,)")))
        elif name in {"fdatasync", "fsync"}:
            disk.sync(path)
        elif name.startswith("unlink") and (taken := taken_file(rest)) is not None:
            acknowledged += 1
            file = disk.laid_out(made.data, tmp_path / f"stroom-weg-{acknowledged}")
            with closing(sqlite3.connect(file)) as found:
                query = "SELECT count(*) FROM inbox JOIN inbox_stuk ON inbox_id = id WHERE naam = ?"
                assert (1,) == found.execute(query, [taken]).fetchone()
                assert [("ok",)] == found.execute("PRAGMA integrity_check").fetchall()
    assert 4 == acknowledged


def joined(trace: Path) -> Iterator[tuple[str, str, str, int]]:
    """Calls in order: a call that another thread interrupted counts when it ended."""
    begun: dict[str, str] = {}
    for text in trace.read_text(encoding="ascii").splitlines():
        pid, _, told = text.partition(" ")
        whole = text
        if told.rstrip().endswith("<unfinished ...>"):
            begun[pid] = text.rpartition("<unfinished ...>")[0]
            continue
        if "resumed>" in told:
            whole = begun.pop(pid, "") + text.partition("resumed>")[2]
        found = CALL.match(whole)
        if found is not None and int(found["result"]) >= 0:
            yield found["name"], decoded(found["path"] or ""), found["rest"], int(found["result"])


def decoded(path: str) -> str:
    return bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path


def taken_file(rest: str) -> str | None:
    """The name of a file in `in/` that was removed, which tells its sender that it arrived."""
    found = TEXT.search(rest)
    path = Path(bytes.fromhex(found[1].replace("\\x", "")).decode()) if found else Path()
    return path.name if path.parent.name == "in" and path.suffix == ".xml" else None


@modes(PRODUCTION)
def test_05_postgresql_wacht_op_de_schijf(install: Install, modus: str) -> None:
    made = install(modus)
    database = open_database(made.store)
    try:
        with database.writing() as connection:
            told = [
                connection.exec_driver_sql(f"SHOW {name}").scalar_one()
                for name in ("fsync", "synchronous_commit", "full_page_writes")
            ]
    finally:
        database.close()
    assert ["on", "on", "on"] == told


@needs_trace
@modes(EMBEDDED, SHARED)
def test_06_een_fout_bij_het_vastleggen(install: Install, modus: str) -> None:
    made = install(modus)
    made.start_all()
    made.edges.offer(*family(1))
    assert made.drained()
    with failing(disk_users(modus, made.running), "fdatasync", "EIO"):
        made.edges.offer(*family(2), *family(3))
        time.sleep(FAULT_SECONDS)
    assert "opname_later" in made.running[0].logged()
    # Whoever was not told that it arrived offers it again; here everybody does.
    made.edges.offer(*family(2), *family(3))
    restored(modus)
    assert [] == made.violations()
    assert all(one.is_running for one in made.running)


@needs_trace
@modes(EMBEDDED, SHARED, PRODUCTION)
def test_07_schijf_vol(install: Install, modus: str) -> None:
    made = install(modus)
    made.start_all()
    made.edges.offer(*family(1))
    assert made.drained()
    load = messages(2)
    for _ in range(3 if IS_LONG else 1):
        with failing(disk_users(modus, made.running), "pwrite64", "ENOSPC"):
            made.edges.offer(*(next(load) for _ in range(8)))
            time.sleep(FAULT_SECONDS)
            assert not is_ready(made)
        restored(modus)
        assert made.drained()
        assert is_ready(made)
    assert "opname_later" in made.running[0].logged()
    assert [] == made.violations()
    assert all(one.is_running for one in made.running)


def is_ready(made: Installation) -> bool:
    """Whether an installation tells that it can take messages in."""
    if made.modus == EMBEDDED:
        (told,) = re.findall(r'"adres": "([^"]*)"', made.running[0].logged())
        return httpx.get(f"{told}/readyz", trust_env=False).status_code == 200
    try:
        with opened_store(Settings(), made.store) as store:
            store.check_ready()
    except (TemporaryFailure, CouldNotFinish):
        return False
    return True


def disk_users(modus: str, running: list[Process]) -> list[int]:
    """The processes that write the store: our own, or those of PostgreSQL."""
    if modus != EMBEDDED:
        return surroundings.postgres_server().processes()
    found = [one.process.pid for one in running]
    return [*found, *(child for pid in found for child in below(pid))]


def restored(modus: str) -> None:
    """PostgreSQL falls over when it cannot write its log; somebody starts it again."""
    if modus != EMBEDDED:
        server = surroundings.postgres_server()
        server.stop()
        server.start()


def test_07_volle_opslag_zonder_half_bericht(tmp_path: Path) -> None:
    pages: list[int] = []

    def at_most(connection: object, _record: object) -> None:
        if pages:
            connection.execute(f"PRAGMA max_page_count={pages[0]}")  # type: ignore[attr-defined]

    event.listen(sa.engine.Engine, "connect", at_most)
    try:
        store = new_store(tmp_path, lambda: datetime.now(UTC))
        store.inbox.receive("a.xml", [message(1)])
        with closing(sqlite3.connect(tmp_path / "gateway.db")) as connection:
            pages.append(connection.execute("PRAGMA page_count").fetchone()[0])
        store.close()
        large = [os.urandom(100_000)]
        with pytest.raises(TemporaryFailure, match="SQLITE_FULL"):
            store.inbox.receive("b.xml", large)
        assert (1, 1) == counted(tmp_path)
        pages.clear()
        store.close()
        assert store.inbox.receive("b.xml", large).is_new
        claim = store.inbox.claim(1)
        assert claim is not None
        finish(store, claim)
        assert store.views.balans().klopt
        store.close()
    finally:
        event.remove(sa.engine.Engine, "connect", at_most)


def counted(folder: Path) -> tuple[int, int]:
    query = "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM inbox_stuk)"
    with closing(sqlite3.connect(folder / "gateway.db")) as connection:
        found: tuple[int, int] = connection.execute(query).fetchone()
    return found


def test_08_een_map_waarin_niet_mag_worden_geschreven(install: Install) -> None:
    made = install(EMBEDDED)
    (made.data / "in").rmdir()
    made.data.chmod(0o500)
    try:
        # Who may do everything is first made somebody who may not.
        prefix = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
        process = made.start("run", prefix=prefix)
        assert 3 == process.process.wait(PATIENCE), process.logged()
    finally:
        made.data.chmod(0o700)
    assert "deze map is niet te maken" in process.logged()
    assert "Traceback" not in process.logged()
