"""Serves the figures of a process on a port of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.errors import CouldNotFinish
from gateway.http.dienst import open_port, served
from gateway.metingen.cijfers import Bron, Cijfers

PAD = "/metrics"

log = structlog.get_logger()


def app_of(bron: Bron) -> ASGIApp:
    """Everything that is served there."""
    registry = CollectorRegistry()
    registry.register(Cijfers(bron))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)

    def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = Starlette(routes=[Route(PAD, metrics)])
    app.router.redirect_slashes = False
    return app


@contextmanager
def measured(host: str, port: int, bron: Bron) -> Iterator[None]:
    """Tell the figures as long as this lasts; raises CouldNotFinish for a port that is taken."""
    try:
        opened = open_port(host, port)
    except OSError as error:
        raise CouldNotFinish(
            f"poort {port} op {host} is niet vrij; kies een andere met GATEWAY_METRICS_PORT"
        ) from error
    log.info("metingen", poort=opened.getsockname()[1])
    with served(app_of(bron), opened, "metingen"):
        yield
