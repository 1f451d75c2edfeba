"""The queues where network and backoffice meet the gateway: two to come in, two to leave by.

What comes in is acknowledged after the inbox has it; what leaves is marked as sent after the
broker has it.  So both sides may see a message twice, under the same message_id.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import structlog
from kombu.message import Message

from gateway.broker.connection import Broker, Publisher, failures_of
from gateway.broker.consumer import FIRST_PAUSE, LONGEST_PAUSE, QueueConsumer
from gateway.broker.worker import passing_of
from gateway.errors import NOBODYS_FAULT, MessageRefused, TemporaryFailure
from gateway.http.spoor import kept_of
from gateway.messages.opdrachten import ENDING
from gateway.pipeline.ports import Bestemming
from gateway.store.events import cloudevent
from gateway.store.inbox import Inbox
from gateway.store.opname import Offer, Opnemer, Opnemers
from gateway.store.tables import ANTWOORD, ENVELOP, EVENT

LARGEST = 16 * 1024 * 1024
LONGEST_ID = 64
# A message stays in hand while the store is away, well within RabbitMQ's half hour.  The limit
# is there for a message that makes the process fall over, not for a night without a database.
HOLD_SECONDS = 300.0
DELIVERIES = 100
LISTEN_SECONDS = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Deur:
    """A queue by which messages come in, and the one by which its other side hears of us.

    What comes in gets a name with this ending, which says whether it is an opdracht.
    """

    naam: str
    uit: str
    ending: str


BERICHTEN_UIT = "berichten.uit"
BACKOFFICE_UIT = "backoffice.uit"
BERICHTEN_IN = Deur("berichten.in", BERICHTEN_UIT, ".xml")
BACKOFFICE_IN = Deur("backoffice.in", BACKOFFICE_UIT, ENDING)


class QueueIntake(QueueConsumer):
    """Takes messages from a queue into the inbox; what it cannot take goes to `dood`."""

    # Each of them may be LARGEST.
    at_once = 8

    def __init__(self, broker: Broker, deur: Deur, opnemer: Opnemer) -> None:
        queues = (broker.queue(naam, DELIVERIES) for naam in (deur.naam, deur.uit))
        super().__init__(broker, *queues)
        self._deur = deur
        self._opnemer = opnemer

    def on_messages(self, messages: Sequence[Message]) -> None:
        """Take messages in; while the store is away they stay in hand for some minutes."""
        if len(messages) > 1 and self._taken_together(messages):
            return
        waiting = iter(messages)
        for message in waiting:
            if not self._is_taken_in(message):
                # Each would be held as long as this one: longer than the broker has patience.
                for other in waiting:
                    other.requeue()

    def _taken_together(self, messages: Sequence[Message]) -> bool:
        """Take some in with one commit; False when each of them has to be looked at by itself."""
        named = [(message, message.properties.get("message_id") or None) for message in messages]
        if any(self._refusal(message.body, transport_id) for message, transport_id in named):
            return False
        offers = [
            (Offer(self._naam(transport_id), transport_id, _spoor_of(message)), message.body)
            for message, transport_id in named
        ]
        try:
            taken = self._opnemer.receive_all(offers)
        except Exception as error:
            log.info("uit_elkaar", berichten=len(messages), fout=type(error).__name__)
            return False
        for one, (message, transport_id) in zip(taken, named, strict=True):
            log.info("ontvangen", bericht=one.inbox_id, **self._about(transport_id))
            message.ack()
        return True

    def _naam(self, transport_id: str | None) -> str:
        return f"{transport_id or self._deur.naam}{self._deur.ending}"

    def _is_taken_in(self, message: Message) -> bool:
        """Whether the broker can forget a message; False when the store stayed away."""
        body: bytes = message.body
        transport_id: str | None = message.properties.get("message_id") or None
        try:
            if refusal := self._refusal(body, transport_id):
                raise MessageRefused(refusal)
            taken = self._received(message, body, transport_id)
        except TemporaryFailure:
            message.requeue()
            return False
        except failures_of(self.connection):
            # Cut while it was in hand: the broker has it and gives it again.
            raise
        except Exception as error:
            # No more is said of an error of our own than what it is: its text may hold a Bsn.
            reden = str(error) if isinstance(error, MessageRefused) else type(error).__name__
            log.error("naar_dood", reden=reden, grootte=len(body), **self._about(transport_id))
            message.reject()
        else:
            log.info("ontvangen", bericht=taken, **self._about(transport_id))
            message.ack()
        return True

    def _refusal(self, body: bytes, transport_id: str | None) -> str | None:
        """Why a message may not come in by this door."""
        if len(body) > LARGEST:
            return f"groter dan {LARGEST} bytes"
        if transport_id is not None and len(transport_id) > LONGEST_ID:
            return f"message_id langer dan {LONGEST_ID} tekens"
        return None

    def _received(self, message: Message, body: bytes, transport_id: str | None) -> int | None:
        """The number in the inbox, if any; raises TemporaryFailure when the store stays away."""
        until, pause = time.monotonic() + HOLD_SECONDS, FIRST_PAUSE
        while True:
            try:
                naam = self._naam(transport_id)
                spoor = _spoor_of(message)
                return self._opnemer.receive(naam, [body], transport_id, spoor).inbox_id
            except (*NOBODYS_FAULT, OSError) as failure:
                # A disk that is full is no fault of the message either.
                reden = "schijf" if isinstance(failure, OSError) else passing_of(failure)
                log.warning("opname_later", reden=reden, **self._about(transport_id))
                if self._is_stopped_after(pause, message) or time.monotonic() > until:
                    raise TemporaryFailure(reden) from failure
                pause = min(2 * pause, LONGEST_PAUSE)

    def _is_stopped_after(self, seconds: float, message: Message) -> bool:
        """Wait; the broker is listened to meanwhile, else it would think that we are gone."""
        connection = message.channel.connection.client
        until = time.monotonic() + seconds
        while not self._stopped.is_set() and (left := until - time.monotonic()) > 0:
            try:
                connection.drain_events(timeout=min(left, LISTEN_SECONDS))
            except TimeoutError:
                connection.heartbeat_check()
        return self._stopped.is_set()

    def _about(self, transport_id: str | None) -> dict[str, str | None]:
        return {"wachtrij": self._deur.naam, "kenmerk": transport_id}


def _spoor_of(message: Message) -> str | None:
    """The trace that a message came with, by the header that W3C has for AMQP."""
    return kept_of((message.headers or {}).get("traceparent"))


class QueueUit:
    """Puts answers, which are XML, on a queue of their own."""

    soort_inhoud = "application/xml"

    def __init__(self, broker: Broker, naam: str) -> None:
        self._queue = broker.queue(naam, DELIVERIES)
        self._publisher = Publisher(broker, self._queue)

    def deliver(self, naam: str, soort: str, body: Iterator[bytes]) -> None:
        """See `Bestemming`: the name of an item is its message_id."""
        self._publisher.send(
            self._queue,
            self._wrapped(naam, b"".join(body)),
            message_id=naam,
            type=soort,
            content_type=self.soort_inhoud,
            content_encoding="utf-8",
        )

    def close(self) -> None:
        """Close the connection."""
        self._publisher.close()

    def _wrapped(self, _naam: str, body: bytes) -> bytes:
        return body


class EventUit(QueueUit):
    """Puts events on a queue as CloudEvents, by the NL GOV profile, in structured mode."""

    soort_inhoud = "application/cloudevents+json"

    def __init__(self, broker: Broker, naam: str, bron: str) -> None:
        super().__init__(broker, naam)
        self._bron = bron

    def _wrapped(self, naam: str, body: bytes) -> bytes:
        return msgspec.json.encode(cloudevent(naam, self._bron, msgspec.json.decode(body)))


class QueueRanden:
    """All edges of an installation on a broker."""

    def __init__(self, broker: Broker, bron: str) -> None:
        self._broker = broker
        berichten = QueueUit(broker, BERICHTEN_UIT)
        backoffice = EventUit(broker, BACKOFFICE_UIT, bron)
        self._uit = {ANTWOORD: berichten, ENVELOP: berichten, EVENT: backoffice}
        # What takes messages in is another thread, and has a connection of its own.
        self._antwoorden = QueueUit(broker, BERICHTEN_UIT)

    @property
    def bestemmingen(self) -> Mapping[str, Bestemming]:
        """Where answers and events go."""
        return self._uit

    def intakes(self, inbox: Inbox, opnemers: Opnemers) -> list[QueueIntake]:
        """What takes messages in."""
        return [
            QueueIntake(self._broker, BERICHTEN_IN, opnemers(self._antwoorden)),
            QueueIntake(self._broker, BACKOFFICE_IN, inbox),
        ]

    def close(self) -> None:
        """Close the connections."""
        for uit in dict.fromkeys((*self._uit.values(), self._antwoorden)):
            uit.close()
