"""Messages that ended in `dood`: looks at them, and gives them back to where they came from.

Who looks has all of them in hand, and returns them at the end: so nobody else takes one meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kombu.connection import Connection
from kombu.message import Message

from gateway.broker import edges
from gateway.broker.connection import AWAY, Broker, Publisher, failures_of
from gateway.errors import TemporaryFailure
from gateway.store.herstel import OPDRACHT, Gevonden, NaamOf, Vraag, gemeente_of, peek_of
from gateway.store.pieces import HEAD

WERK = "werk"
# How a message is named that came by a queue; what leaves is XML, or no message at all.
DEUREN = {deur.naam: deur.ending for deur in (edges.BERICHTEN_IN, edges.BACKOFFICE_IN)}
QUEUES = (WERK, *DEUREN, edges.BERICHTEN_UIT, edges.BACKOFFICE_UIT)
REDENEN: Mapping[str, str] = {
    "rejected": "geweigerd",
    "delivery_limit": "te vaak teruggekomen",
    "expired": "verlopen",
    "maxlen": "de wachtrij was vol",
}
NOT_OURS = "gaat niet terug: kwam niet uit een wachtrij van de gateway"
# What a message keeps on its way back, beside its bytes.  Its way so far is told by the attempts.
KEPT = (
    "message_id",
    "type",
    "correlation_id",
    "reply_to",
    "priority",
    "timestamp",
    "app_id",
    "content_type",
    "content_encoding",
)


@dataclass(frozen=True, slots=True)
class Dode:
    """A dead message in hand, and the queue that it came from."""

    gevonden: Gevonden
    wachtrij: str
    message: Message

    def leave(self) -> None:
        """Take it out of `dood`, once it is back where it came from."""
        self.message.ack()


class Doodbak:
    """What is in `dood`; `naam_of` gives the message type of a root."""

    def __init__(self, broker: Broker, naam_of: NaamOf) -> None:
        self._broker = broker
        self._naam_of = naam_of
        self._publishers: dict[str, Publisher] = {}

    def find(self) -> Iterator[Gevonden]:
        """What is there; raises TemporaryFailure when the broker is away."""
        with self._in_hand() as messages:
            for message in messages:
                yield self._dode(message).gevonden

    def take(self, vraag: Vraag) -> Iterator[Dode]:
        """Those that are meant and whose queue is ours, one after the other.

        What dies again meanwhile is not met a second time.  What was not told to leave stays.
        """
        with self._in_hand() as messages:
            for message in messages:
                dode = self._dode(message)
                if dode.wachtrij in QUEUES and vraag.means(dode.gevonden):
                    yield dode

    def return_to_queue(self, dode: Dode) -> None:
        """Put it on the queue that it came from; when this returns, the broker has it there."""
        properties = dode.message.properties
        kept = {name: properties[name] for name in KEPT if name in properties}
        headers = dode.message.headers or {}
        own = {name: headers[name] for name in headers if not name.startswith("x-")}
        publisher = self._publisher(dode.wachtrij)
        try:
            publisher.send(self._queue(dode.wachtrij), dode.message.body, headers=own, **kept)
        except publisher.refusals as error:
            raise TemporaryFailure(AWAY) from error

    def close(self) -> None:
        """Close the connections."""
        for publisher in self._publishers.values():
            publisher.close()

    @contextmanager
    def _in_hand(self) -> Iterator[Iterator[Message]]:
        """The messages that are there now; those that do not leave are returned at the end."""
        with self._broker.connect() as connection:
            with _told_as_away(connection):
                channel = connection.default_channel
                channel.auto_decode = False
                self._broker.declare(channel)
                queue = self._broker.dood()(channel)
                count = channel.queue_declare(queue.name, passive=True).message_count
            yield _gets(queue.get, count, connection)

    def _dode(self, message: Message) -> Dode:
        deaths: list[dict[str, Any]] = (message.headers or {}).get("x-death") or [{}]
        death = deaths[0]
        queue = str(death.get("queue", ""))
        wachtrij = queue.removeprefix(self._broker.prefix)
        return Dode(self._found(message, wachtrij, death), wachtrij, message)

    def _found(self, message: Message, wachtrij: str, death: Mapping[str, Any]) -> Gevonden:
        body: bytes = message.body
        found = peek_of(DEUREN.get(wachtrij, ""), body[:HEAD])
        is_opdracht = DEUREN.get(wachtrij) == edges.BACKOFFICE_IN.ending
        kenmerk = message.properties.get("message_id") or hashlib.sha256(body).hexdigest()
        return Gevonden(
            bron="dood",
            sleutel=str(kenmerk)[:200],
            nummer=_number_in(body) if wachtrij == WERK else None,
            naam=wachtrij,
            soort=OPDRACHT if is_opdracht else self._naam_of(found.root),
            afzender=found.afzender,
            gemeente=gemeente_of(found),
            reden=_reden(str(death.get("reason", "")), wachtrij),
            op=_moment(death.get("time")),
        )

    def _queue(self, naam: str) -> Any:
        given = () if naam == WERK else (edges.DELIVERIES,)
        return self._broker.queue(naam, *given)

    def _publisher(self, naam: str) -> Publisher:
        if naam not in self._publishers:
            self._publishers[naam] = Publisher(self._broker, self._queue(naam))
        return self._publishers[naam]


def _gets(
    get: Callable[..., Message | None], count: int, connection: Connection
) -> Iterator[Message]:
    for _ in range(count):
        with _told_as_away(connection):
            message = get(no_ack=False)
        if message is None:
            return
        yield message


@contextmanager
def _told_as_away(connection: Connection) -> Iterator[None]:
    try:
        yield
    except failures_of(connection) as error:
        raise TemporaryFailure(AWAY) from error


def _reden(reden: str, wachtrij: str) -> str:
    return f"{REDENEN.get(reden, reden)} ({wachtrij})" if wachtrij in QUEUES else NOT_OURS


def _number_in(body: bytes) -> int | None:
    """The row that an announcement is about, None where it is about several."""
    return int(body) if body.isdigit() else None


def _moment(time: datetime | None) -> datetime | None:
    """A moment of the broker, which says no zone and means UTC."""
    if time is None or time.tzinfo is not None:
        return time
    return time.replace(tzinfo=UTC)
