"""The connection to a server with files: by key only, and only to the server that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import paramiko

from gateway.config import Settings
from gateway.errors import TemporaryFailure, WrongUse

POORT = 22
# A server that does not answer for so long is away.
PATIENCE = 20.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the files are, and by what both sides know each other.

    `map` is the folder in which `in` and `uit` stand, `sleutel` our private key, `bekend` a file
    with the keys that the server may have, as OpenSSH writes known_hosts.
    """

    host: str
    poort: int
    gebruiker: str
    map: str
    sleutel: Path
    bekend: Path


def server_of(settings: Settings) -> Server:
    """The server of the settings; raises WrongUse where half of it is told."""
    if settings.sftp_url is None or settings.sftp_sleutel is None or settings.sftp_bekend is None:
        raise WrongUse(
            "bij GATEWAY_RANDEN=sftp horen GATEWAY_SFTP_URL, GATEWAY_SFTP_SLEUTEL en "
            "GATEWAY_SFTP_BEKEND"
        )
    for name, path in (("SLEUTEL", settings.sftp_sleutel), ("BEKEND", settings.sftp_bekend)):
        if not path.is_file():
            raise WrongUse(f"GATEWAY_SFTP_{name}: het bestand {path} is er niet")
    parts = urlsplit(settings.sftp_url)
    if not parts.username or not parts.hostname:
        raise WrongUse("GATEWAY_SFTP_URL noemt geen gebruiker en server")
    return Server(
        host=parts.hostname,
        poort=parts.port or POORT,
        gebruiker=unquote(parts.username),
        map=unquote(parts.path).rstrip("/"),
        sleutel=settings.sftp_sleutel,
        bekend=settings.sftp_bekend,
    )


class Sftpverbinding:
    """One connection, made when it is first used and again after it broke.

    It is of one thread.  All that goes wrong on the way is a TemporaryFailure: the server is away,
    and what it has or should get waits.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def doe(self, work: Callable[[paramiko.SFTPClient], T]) -> T:
        """Have something done on the server."""
        with self._translated():
            if self._sftp is None:
                self._sftp = self._connected()
            return work(self._sftp)

    def close(self) -> None:
        """Let go of the server."""
        if self._client is not None:
            self._client.close()
        self._client = self._sftp = None

    def _connected(self) -> paramiko.SFTPClient:
        client = self._client = paramiko.SSHClient()
        client.load_host_keys(str(self.server.bekend))
        # A server that nobody vouches for gets nothing: neither our login nor a message.
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(
            self.server.host,
            self.server.poort,
            self.server.gebruiker,
            key_filename=str(self.server.sleutel),
            allow_agent=False,
            look_for_keys=False,
            timeout=PATIENCE,
            banner_timeout=PATIENCE,
            auth_timeout=PATIENCE,
        )
        sftp = client.open_sftp()
        channel = sftp.get_channel()
        if channel is not None:
            channel.settimeout(PATIENCE)
        return sftp

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            # Of this file or folder; the connection is as good as it was.
            raise
        except (paramiko.SSHException, OSError, EOFError) as error:
            self.close()
            raise TemporaryFailure(
                f"de sftp-server {self.server.host} is niet bereikbaar ({type(error).__name__})"
            ) from error
