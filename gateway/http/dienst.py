"""Serves an application on a port, in a thread of its own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

STOP_SECONDS = 8
KEEP_ALIVE_SECONDS = 10
BACKLOG = 256


def open_port(host: str, port: int) -> socket.socket:
    """Listen on a port, 0 for any that is free; raises OSError for one that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, so that the event loop sends a short answer at once instead of waiting for more.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


@dataclass(frozen=True, slots=True)
class Tls:
    """Files with a certificate and its key, and with who may have signed those of clients.

    With the last of them a client without such a certificate is not let in.
    """

    certificaat: Path
    sleutel: Path
    ca: Path | None = None


@contextmanager
def served(
    app: ASGIApp,
    opened: socket.socket,
    name: str,
    proxy: Sequence[str] = (),
    tls: Tls | None = None,
) -> Iterator[None]:
    """Serve as long as this lasts; requests in hand get a moment to end.

    `proxy` are the addresses that may tell from whom a request came.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        proxy_headers=bool(proxy),
        forwarded_allow_ips=list(proxy),
        ssl_certfile=None if tls is None else tls.certificaat,
        ssl_keyfile=None if tls is None else tls.sleutel,
        ssl_ca_certs=None if tls is None or tls.ca is None else str(tls.ca),
        ssl_cert_reqs=ssl.CERT_NONE if tls is None or tls.ca is None else ssl.CERT_REQUIRED,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [opened]}, name=name, daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS + 1)
        opened.close()
