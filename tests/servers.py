"""Servers of our own for tests: PostgreSQL and RabbitMQ in a temporary folder, by an ordinary user.

They may be stopped, killed and paused, and are gone when the tests end.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from kombu import Connection
from kombu.exceptions import OperationalError

UNPRIVILEGED = ("postgres", "nobody")
START_SECONDS, STOP_SECONDS = 60.0, 30.0
FILES = "FILES"
# For who talks in plain text: reading the certificates of the world takes longer than a page.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# So short that a test can wait for it; the server looks once a minute.
CONSUMER_TIMEOUT = 60_000


@dataclass(slots=True)
class Server:
    """A server as one process of ours, with what it starts below it.

    `fast` is the signal to finish in order, `immediate` the one to let everything fall.
    """

    url: str
    command: Sequence[str]
    folder: Path
    is_up: Callable[[], bool]
    environment: dict[str, str] = field(default_factory=dict)
    fast: signal.Signals = signal.SIGTERM
    immediate: signal.Signals = signal.SIGKILL
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers; does nothing when it runs."""
        until = time.monotonic() + START_SECONDS
        while not (self._runs() and self.is_up()):
            if time.monotonic() > until:
                raise AssertionError(f"{self.command} does not start, see {self.folder}/log")
            if not self._runs():
                # What is left of a killed one may still be going away.
                self._process = self._begun()
            time.sleep(0.1)

    def stop(self, how: signal.Signals | None = None) -> None:
        """End it in order, or as told."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(how or self.fast)
            self._process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End it and all below it as a power cut does."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(STOP_SECONDS)

    def pause(self) -> None:
        """Let it stand still, with its connections open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def processes(self) -> list[int]:
        """The process and those that it started."""
        return [] if self._process is None else [self._process.pid, *below(self._process.pid)]

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _begun(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _signal(self, number: signal.Signals) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def below(pid: int) -> list[int]:
    """The processes that a process started."""
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(one) for one in told.split()]


def own_postgres(config: Sequence[str] = (), files: Path | None = None) -> Server | None:
    """A PostgreSQL of our own that runs; None where its programs are not installed.

    `config` are settings beside ours; FILES in them stands for a copy of the folder `files`.
    """
    programs = _postgres_programs()
    if programs is None:
        return None
    folder, prefix = _folder("postgres")
    made = [str(programs / "initdb"), "-U", "postgres", "-A", "trust"]
    made += ["-E", "UTF8", "--locale=C", "--no-sync"]
    _make_data([*prefix, *made], folder)
    own = _given(files, folder)
    return _postgres_on(folder, prefix, [one.replace(FILES, own) for one in config])


def own_standby(primary: Server) -> Server:
    """A copy of a PostgreSQL of ours that follows it and takes no writes."""
    programs = _postgres_programs()
    assert programs is not None
    folder, prefix = _folder("standby")
    copy = [str(programs / "pg_basebackup"), "-d", primary.url, "-R", "-c", "fast", "--no-sync"]
    _make_data([*prefix, *copy], folder)
    return _postgres_on(folder, prefix, [])


def _make_data(command: Sequence[str], folder: Path) -> None:
    made = [*command, "-D", str(folder / "data")]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=folder)


def _postgres_on(folder: Path, prefix: Sequence[str], config: Sequence[str]) -> Server:
    """A PostgreSQL that runs on the data in a folder."""
    program, port = _postgres_programs(), free_port()
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    settings = [f"port={port}", f"unix_socket_directories={folder}", "max_connections=200"]
    settings += [*config, "listen_addresses=127.0.0.1"]
    command = [*prefix, f"{program}/postgres", "-D", str(folder / "data")]
    command += [word for one in settings for word in ("-c", one)]

    def is_up() -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
            return True
        return False

    return _started(
        Server(url, command, folder, is_up, fast=signal.SIGINT, immediate=signal.SIGQUIT)
    )


def own_rabbitmq(
    config: str = "", files: Path | None = None, user: str = "guest:guest"
) -> Server | None:
    """A RabbitMQ of our own that runs; None where its programs are not installed.

    `config` goes into rabbitmq.conf; FILES in it stands for a copy of the folder `files`.  `user`
    is one with a password that it lets in.
    """
    program, names = _rabbitmq_program(), shutil.which("epmd")
    if program is None or names is None:
        return None
    folder, prefix = _folder("rabbitmq")
    port, names_port = free_port(), free_port()
    listens = f"listeners.tcp.1 = 127.0.0.1:{port}\n"
    limits = f"consumer_timeout = {CONSUMER_TIMEOUT}\ndisk_free_limit.absolute = 50MB\n"
    config = config.replace(FILES, _given(files, folder))
    (folder / "rabbitmq.conf").write_text(listens + limits + config, encoding="ascii")
    (folder / "plugins").write_text("[].\n", encoding="ascii")
    environment = {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(names_port),
        "RABBITMQ_NODENAME": f"gateway{port}@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        # The script then becomes the server, instead of starting it below a shell.
        "RUNNING_UNDER_SYSTEMD": "true",
        # Nothing spins while it waits: the tests need the cores.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
    }
    registry = Server(
        "",
        [*prefix, names, "-port", str(names_port), "-address", "127.0.0.1"],
        folder,
        lambda: _listens(names_port),
        environment,
    )
    url = f"amqp://{user}@127.0.0.1:{port}//"
    server = Server(url, [*prefix, str(program)], folder, lambda: answers(url), environment)
    _started(registry)
    return _started(server)


def answers(url: str) -> bool:
    """Whether a RabbitMQ lets us in."""
    try:
        with Connection(url, connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
    except (OperationalError, OSError):
        return False
    return True


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _started(server: Server) -> Server:
    atexit.register(server.kill)
    server.start()
    return server


def _folder(name: str) -> tuple[Path, list[str]]:
    """A folder of an ordinary user, and what makes a command of ours his."""
    folder = Path(tempfile.mkdtemp(prefix=f"gateway-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if os.geteuid() != 0:
        return folder, []
    # PostgreSQL refuses to run as root.
    user = next(one for one in UNPRIVILEGED if _exists(one))
    shutil.chown(folder, user)
    return folder, ["setpriv", f"--reuid={user}", f"--regid={_group(user)}", "--clear-groups"]


def _given(files: Path | None, folder: Path) -> str:
    """A copy of some files that only a server may read."""
    own = folder / "files"
    if files is not None:
        shutil.copytree(files, own)
        for path in (own, *own.iterdir()):
            shutil.chown(path, folder.owner())
            path.chmod(0o700 if path.is_dir() else 0o600)
    return str(own)


def _postgres_programs() -> Path | None:
    """Where initdb and postgres are, the newest version of those that were installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: one.parts[-3])
    return found[-1].parent if found else None


def _rabbitmq_program() -> Path | None:
    """The script that starts the server; the one on the path of Debian is for root only."""
    places = ("/usr/lib/rabbitmq/lib/*/sbin", "/usr/local/lib/rabbitmq*/sbin", "/opt/rabbitmq/sbin")
    found = [one for place in places for one in Path("/").glob(f"{place[1:]}/rabbitmq-server")]
    return sorted(found)[-1] if found else None


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _exists(user: str) -> bool:
    return subprocess.run(["id", user], capture_output=True, check=False).returncode == 0


def _group(user: str) -> str:
    told = subprocess.run(["id", "-gn", user], capture_output=True, check=True, text=True)
    return told.stdout.strip()
