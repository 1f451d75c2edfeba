"""A server with files for a test, of another hand than the client: `in` and `uit` in a folder."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

GEBRUIKER = "gateway"


@dataclass
class Sftpserver:
    """Its folder, and what a client needs: address, private key, and the key of the server."""

    map: Path
    sleutel: Path
    bekend: Path
    poort: int = 0

    @property
    def url(self) -> str:
        return f"sftp://{GEBRUIKER}@127.0.0.1:{self.poort}/berichten"

    @property
    def binnen(self) -> Path:
        return self.map / "berichten" / "in"

    @property
    def uit(self) -> Path:
        return self.map / "berichten" / "uit"

    @property
    def instellingen(self) -> dict[str, str]:
        return {
            "GATEWAY_RANDEN": "sftp",
            "GATEWAY_SFTP_URL": self.url,
            "GATEWAY_SFTP_SLEUTEL": str(self.sleutel),
            "GATEWAY_SFTP_BEKEND": str(self.bekend),
        }


@contextmanager
def sftpserver(folder: Path) -> Iterator[Sftpserver]:
    """A server that listens as long as this lasts."""
    made = Sftpserver(folder / "server", folder / "sleutel", folder / "bekend")
    for one in (made.binnen, made.uit):
        one.mkdir(parents=True)
    own, theirs = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    own.write_private_key(made.sleutel)
    known = folder / "toegelaten"
    known.write_bytes(own.export_public_key())
    started = threading.Event()
    stops: list[Callable[[], None]] = []
    connections: list[asyncssh.SSHServerConnection] = []

    class Known(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            connections.append(conn)

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set) and None)
        acceptor = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Known,
            server_host_keys=[theirs],
            authorized_client_keys=str(known),
            sftp_factory=lambda chan: asyncssh.SFTPServer(chan, chroot=str(made.map)),
        )
        made.poort = acceptor.get_port()
        started.set()
        await stop.wait()
        acceptor.close()
        for one in connections:
            one.close()
            await one.wait_closed()
        await acceptor.wait_closed()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    public = theirs.export_public_key().decode().strip()
    made.bekend.write_text(f"[127.0.0.1]:{made.poort} {public}\n")
    try:
        yield made
    finally:
        stops[0]()
        thread.join(10)
