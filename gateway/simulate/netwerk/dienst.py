"""Serves the network over HTTP, with a certificate where it has one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from lxml import etree
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.http.dienst import Tls, open_port, served
from gateway.network.ggk.envelop import (
    MOST_RECEIVED,
    EnvelopGeweigerd,
    Fout,
    Foutbericht,
    Stuurgegevens,
)
from gateway.network.ggk.lezen import parse
from gateway.network.ggk.schrijven import element_of, plain, tijdstip_van
from gateway.network.ggk.soap import MEDIA, fault, unwrap, wrap
from gateway.simulate.netwerk.net import IB, Netwerk, Onbevestigd


@contextmanager
def aangesloten(netwerk: Netwerk, poort: int = 0, tls: Tls | None = None) -> Iterator[str]:
    """Serve and bring as long as this lasts; gives the address.

    Raises OSError for a port that is taken.
    """
    opened = open_port("127.0.0.1", poort)
    scheme = "http" if tls is None else "https"
    adres = f"{scheme}://localhost:{opened.getsockname()[1]}/ggk"
    stop = threading.Event()
    thread = threading.Thread(target=netwerk.run, args=(stop,), name="netwerk", daemon=True)
    thread.start()
    try:
        with served(app_of(netwerk), opened, "simulator", tls=tls):
            yield adres
    finally:
        stop.set()
        thread.join()


def app_of(netwerk: Netwerk) -> Starlette:
    """The network as the service of its WSDL."""
    return Starlette(routes=[Route("/ggk", partial(_ontvang, netwerk), methods=["POST"])])


async def _ontvang(netwerk: Netwerk, request: Request) -> Response:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_RECEIVED:
            return Response(fault("Client", "het bericht is te groot"), 413, {}, MEDIA)
    return await run_in_threadpool(_beantwoord, netwerk, body, request.headers)


def _beantwoord(netwerk: Netwerk, body: bytes, koppen: Mapping[str, str]) -> Response:
    try:
        element = unwrap(body, koppen.get("soapaction", ""))
        return Response(wrap(parse(netwerk.ontvang(element))), 200, {}, MEDIA)
    except Onbevestigd as silent:
        return Response(b"", 504 if silent.bewaard else 503, {}, MEDIA)
    except EnvelopGeweigerd as refused:
        detail = None if refused.op is None else _fo03(netwerk, refused, refused.op)
        return Response(fault("Client", str(refused), detail), 500, {}, MEDIA)


def _fo03(netwerk: Netwerk, refused: EnvelopGeweigerd, op: Stuurgegevens) -> etree._Element:
    head = Stuurgegevens(
        berichtcode="Fo03",
        zender=IB,
        ontvanger=op.zender,
        referentienummer=str(netwerk.nieuw_nummer()),
        tijdstip=tijdstip_van(netwerk.clock()),
        crossrefnummer=op.referentienummer,
    )
    return element_of(Foutbericht(head, Fout(refused.code, plain(refused.tekst))))
