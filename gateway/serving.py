"""Makes pages and API of a store and its knowledge, and serves them beside what else runs."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from starlette.types import ASGIApp

from gateway.api.app import api_routes
from gateway.bootstrap import doodbak_of
from gateway.config import Settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.http.aanmelden import TERUG, Dienst
from gateway.http.dienst import open_port, served
from gateway.http.grenzen import Grenzen
from gateway.http.omgeving import LOOPBACK, Omgeving, adres_of
from gateway.inlezen import load_lists, load_regio, load_sentences, load_texts
from gateway.jaarpakket import doe_jaarpakket_of, doe_vergelijking_of
from gateway.kennisbron import Kennisbron
from gateway.network.ggk.dienst import ggk_routes
from gateway.network.ggk.opnemen import take_after_all
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.kennisstand import Kennisstand
from gateway.proef import proef_of
from gateway.store.store import SqlStore
from gateway.web.app import web_app

log = structlog.get_logger()


def app_of(omgeving: Omgeving) -> ASGIApp:
    """Everything that is served over HTTP."""
    if not omgeving.store.is_shared:
        omgeving.store.herhalingen.free_all()
    return web_app(omgeving, [*api_routes(omgeving), *ggk_routes(omgeving, uuid4)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Luisterplek:
    """Where to listen: an open socket, and the address by which the outside reaches it."""

    socket: socket.socket
    adres: str


def listen(settings: Settings, host: str, port: int | None, *, demo: bool = False) -> Luisterplek:
    """Take a port (0: any that is free; None: that of the settings, else the usual one).

    Raises WrongUse for a place that is not safe, CouldNotFinish for one that is taken.
    """
    if port is None:
        port = settings.webpoort
    adres_of(settings, host, port, demo=demo)
    try:
        opened = open_port(host, port)
    except OSError as error:
        raise CouldNotFinish(
            f"poort {port} op {host} is niet vrij; kies een andere met --port of GATEWAY_PORT"
        ) from error
    return Luisterplek(
        socket=opened, adres=adres_of(settings, host, opened.getsockname()[1], demo=demo)
    )


def listen_beside(settings: Settings, port: int | None) -> Luisterplek:
    """The same for who has other work: where nobody chose a port that is taken, any other will do.

    Two gateways on one machine then both handle their messages.
    """
    try:
        return listen(settings, settings.host, port)
    except CouldNotFinish as taken:
        if port is not None or settings.port is not None:
            raise
        log.warning("poort_bezet", reden=str(taken))
        return listen(settings, settings.host, 0)


def omgeving_of(
    settings: Settings,
    stand: Kennisstand,
    store: SqlStore,
    clock: Callable[[], datetime],
    adres: str,
    *,
    demo: bool = False,
) -> Omgeving:
    """What pages and API stand on."""
    lijsten = load_lists()
    return Omgeving(
        store=store,
        stand=stand,
        kennis_van=_kennis_van(settings, stand, store),
        teksten=load_texts(),
        regelzinnen=load_sentences(),
        gemeentenamen=lijsten.gemeentenamen(),
        afwijsredenen=lijsten.afwijsredenen(),
        eenheden=lijsten.eenheden(),
        frequenties=lijsten.frequenties(),
        codenamen=lijsten.codenamen(),
        kenmerken=store.kenmerken,
        clock=clock,
        settings=settings,
        adres=adres,
        demo=demo,
        doe_proef=proef_of(settings, store),
        doe_jaarpakket=doe_jaarpakket_of(settings, store, clock),
        doe_vergelijking=doe_vergelijking_of(settings, store),
        doe_envelop=partial(take_after_all, store),
        doodbak=doodbak_of(settings, stand.nu.types),
        inlogdienst=_inlogdienst(settings, clock, adres),
        grenzen=Grenzen(gedeeld=store.emmers if store.is_shared else None),
        regio=load_regio(settings, lijsten),
    )


def _inlogdienst(settings: Settings, clock: Callable[[], datetime], adres: str) -> Dienst | None:
    """The provider of the settings; raises WrongUse where half of it is told."""
    if settings.oidc_api is not None:
        _check_api(settings)
    if settings.oidc_issuer is None:
        if not settings.met_wachtwoord:
            raise WrongUse(
                "zo kan niemand inloggen: GATEWAY_LOKAAL_INLOGGEN is false, en GATEWAY_OIDC_ISSUER "
                "noemt geen inlogdienst"
            )
        return None
    if settings.oidc_client is None:
        raise WrongUse("bij GATEWAY_OIDC_ISSUER hoort GATEWAY_OIDC_CLIENT")
    if not settings.oidc_twee_stappen and (settings.oidc_acr or settings.oidc_amr):
        raise WrongUse(
            "GATEWAY_OIDC_TWEE_STAPPEN is false, en GATEWAY_OIDC_ACR of GATEWAY_OIDC_AMR eist toch "
            "twee stappen; kies er een"
        )
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
        raise WrongUse("GATEWAY_OIDC_ISSUER moet met https:// beginnen")
    # Imported here: most starts need none of its libraries.
    from gateway.http.inlogdienst import Inlogdienst

    return Inlogdienst(settings, adres + TERUG, clock)


def _check_api(settings: Settings) -> None:
    """A token for staff opens no API, and one without roles opens nothing."""
    if settings.oidc_issuer is None or settings.oidc_rollen is None:
        raise WrongUse("bij GATEWAY_OIDC_API horen GATEWAY_OIDC_ISSUER en GATEWAY_OIDC_ROLLEN")
    if settings.oidc_api == settings.oidc_client:
        raise WrongUse("GATEWAY_OIDC_API is een andere naam dan GATEWAY_OIDC_CLIENT")


def _kennis_van(
    settings: Settings, stand: Kennisstand, store: SqlStore
) -> Callable[[str | None], Kennis]:
    """Gives what a judgement knew; what is known now is at hand, anything else is read again."""
    bron = cache(lambda: Kennisbron(settings, store.bewaard))

    def of(sleutel: str | None) -> Kennis:
        now = stand.nu
        return now if sleutel == now.grondslag.hash else bron().of(sleutel)

    return of


@contextmanager
def serving(plek: Luisterplek, omgeving: Omgeving) -> Iterator[None]:
    """Serve in a thread of its own as long as this lasts; requests in hand get a moment to end."""
    with served(app_of(omgeving), plek.socket, "web", omgeving.settings.proxy):
        yield
