"""Between which two effects a process can be killed: the functions around them, in one table.

A name that the code does not have is an error.
"""

from __future__ import annotations

import os
import pkgutil
import resource
import signal
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

# What the function does -> where it stands.
SITES = {
    "ontvangen": "gateway.store.inbox:Inbox.receive",
    "bestand-weg": "pathlib:Path.unlink",
    "bevestigen": "kombu.message:Message.ack",
    "oppakken": "gateway.store.inbox:Inbox.take_up",
    "ophalen": "gateway.store.inbox:Inbox.take",
    "afronden": "gateway.pipeline.process:Pipeline.process",
    "besluiten": "gateway.store.unit_of_work:SqlUnitOfWork.finish",
    "vastleggen": "sqlalchemy.engine.default:DefaultDialect.do_commit",
    "vegen": "gateway.store.inbox:Inbox.sweep",
    "aankondigen": "gateway.broker.connection:Announcer.publish",
    "aangekondigd": "gateway.store.outbox:Outbox.announced",
    "klaarleggen": "gateway.store.outbox:Outbox.due",
    "in-map": "gateway.network.folder:FolderUit.deliver",
    "hernoemen": "pathlib:Path.replace",
    "op-wachtrij": "gateway.broker.edges:QueueUit.deliver",
    "verzonden": "gateway.store.outbox:Outbox.sent",
    "inpakken": "gateway.store.enveloppen:Enveloppen.send",
    "poging": "gateway.store.verzending:Verzending.begin",
    "over-netwerk": "gateway.network.ggk.verbinding:Verbinding.bied",
    "envelop": "gateway.store.enveloppen:Enveloppen.keep",
    "onthouden": "gateway.store.toegang.herhalingen:Herhalingen.end",
    "beslissen": "gateway.store.werk.besluiten:Besluiten.take",
    "antwoorden": "starlette.responses:Response.__call__",
}
# Longer than the patience of our RabbitMQ with the minute between two looks of it.
SLEEP_SECONDS = 150.0
# Less than any process of ours has, and more than it has put aside.
FEW_BYTES, MANY_BYTES = 1 << 24, 1 << 30
BEFORE, AFTER = WHEN = ("voor", "na")
# Which of them a command passes, by the edges that messages come and go by.
_SENDS = ("ontvangen", "vastleggen", "vegen", "klaarleggen", "verzonden")
_FOLDERS = ("bestand-weg", "in-map", "hernoemen")
_TELLS = ("aankondigen", "aangekondigd", "bevestigen")
_JUDGES = ("afronden", "besluiten", "vastleggen")
_TO_NETWORK = ("inpakken", "poging", "over-netwerk", "verzonden")
_FROM_NETWORK = ("envelop", "ontvangen")
PASSED = {
    "ingebed": {
        "run": (*_SENDS, *_FOLDERS, "ophalen", "afronden", "besluiten"),
    },
    "postgresql": {
        "relay": (*_SENDS, *_FOLDERS),
        "worker": (*_JUDGES, "ophalen"),
    },
    "netwerk": {
        "run": (*_TO_NETWORK, *_FROM_NETWORK),
    },
    "netwerk-productie": {
        "relay": _TO_NETWORK,
        "web": _FROM_NETWORK,
    },
    "productie": {
        "relay": (*_SENDS, *_TELLS, "op-wachtrij"),
        "worker": (*_JUDGES, "oppakken", "bevestigen"),
    },
}
# Which of them who serves passes, from the commit of a request up to its reply.
OFFERED = ("na:ontvangen", "voor:onthouden", "na:onthouden", "voor:antwoorden")
DECIDED = ("na:beslissen", "voor:onthouden", "na:onthouden", "voor:antwoorden")


def points_of(modus: str, command: str) -> list[str]:
    """Every point of a command, such as `voor:verzonden`."""
    return [f"{when}:{site}" for site in PASSED[modus][command] for when in WHEN]


def found(site: str) -> tuple[type, str, Callable[..., Any]]:
    """The class of a site, the name of its function and the function; raises AttributeError."""
    module, _, path = SITES[site].partition(":")
    of, _, name = path.partition(".")
    owner: type = pkgutil.resolve_name(f"{module}:{of}")
    return owner, name, getattr(owner, name)


def arm(point: str, passing: int, happens: Callable[[], None]) -> None:
    """Let something happen in this process at the n-th passing of a point, once."""
    when, _, site = point.partition(":")
    owner, name, real = found(site)
    left = [passing]
    lock = threading.Lock()

    def passes() -> None:
        with lock:
            left[0] -= 1
            is_now = left[0] == 0
        if is_now:
            happens()

    @wraps(real)
    def wrapped(*given: Any, **named: Any) -> Any:
        if when == BEFORE:
            passes()
        result = real(*given, **named)
        if when == AFTER:
            passes()
        return result

    setattr(owner, name, wrapped)


def killed() -> None:
    """The process is gone at once, as in a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)
    # The signal is not always here before the next line.
    signal.pause()


def stopped() -> None:
    """The whole process stands still, until somebody lets it go on."""
    os.kill(os.getpid(), signal.SIGSTOP)


def exhausted() -> None:
    """There is no memory left for this process, for a moment."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (FEW_BYTES, before[1]))
    try:
        bytearray(MANY_BYTES)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def sleeping() -> None:
    """This thread takes longer than a broker has patience for; the others go on."""
    time.sleep(SLEEP_SECONDS)


HAPPENINGS = {one.__name__: one for one in (killed, stopped, exhausted, sleeping)}
