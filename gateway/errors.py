"""The exception tree: three families are three fates of a message, the rest ends a command.

GatewayError
├── MessageRefused      the sender's fault: answered, never retried
│   ├── NotXml          not well-formed, not UTF-8, a DOCTYPE, too large or too deep
│   ├── UnknownMessage  well-formed, but no message of a release that is served
│   ├── NotServed       of a municipality or aanbieder that this installation does not serve
│   ├── NotInForce      a message of a release that is not in force on its date
│   └── SchemaViolated  known message that breaks its XSD
├── MessageParked       our fault: kept for an operator, the sender hears nothing yet
│   ├── RuleCrashed     a rule raised instead of judging
│   ├── NotYetHandled   a message kind without a handler
│   ├── Gearchiveerd    bytes that are needed left the store
│   ├── NietBezorgd     what leaves was refused where it goes
│   └── UnlawfulAnswer  the guard refused the answer that was composed
├── TemporaryFailure    nobody's fault: tried again later with a growing wait
├── VerzoekGeweigerd    a page or the API does not do what was asked (HTTP status 4xx)
│   ├── NietGevonden    404: it is not there, or not for who asks
│   ├── NietToegestaan  403: who asks lacks the right, or may not do this himself
│   └── AlBeoordeeld    409: it was decided on, or changed, since it was shown
├── WrongUse            wrong arguments, unreadable input, a refused agreement (exit code 2)
│   ├── AgreementRefused
│   └── OngeldigeVelden  what somebody filled in is wrong, told per field
└── CouldNotFinish      something kept a command from its end (exit code 3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class GatewayError(Exception):
    """Every error of this project; its text is one Dutch sentence without a BSN."""


class MessageRefused(GatewayError):
    """The sender's fault: judged at level 1, told to the transport, never retried."""


class NotXml(MessageRefused):
    """Not well-formed XML in UTF-8 within the limits, or with a DOCTYPE."""


class UnknownMessage(MessageRefused):
    """Well-formed, but no message of a release that is served."""


class NotServed(MessageRefused):
    """Of a municipality or aanbieder that this installation does not serve."""


class NotInForce(MessageRefused):
    """Of a release of the standard that is not in force on the date of the message."""


class PakketGeweigerd(MessageRefused):
    """A zip that is no package of messages, or breaks a limit as a whole."""


class SchemaViolated(MessageRefused):
    """A known message that breaks its XSD; `errors` are at most twenty `SchemaError` records."""

    def __init__(self, errors: Sequence[Any]) -> None:
        super().__init__(errors[0].text)
        self.errors = tuple(errors)


class MessageParked(GatewayError):
    """Our fault: kept for an operator; never a rejection, never an acceptance."""


class RuleCrashed(MessageParked):
    """A rule or check raised instead of judging."""


class NotYetHandled(MessageParked):
    """A message kind that is recognised and valid, but has no handler."""


class Gearchiveerd(MessageParked):
    """The bytes of a message are needed, and are in an archive now or have had their time."""


class NietBezorgd(MessageParked):
    """What leaves was refused where it goes, and would be refused again."""


class UnlawfulAnswer(MessageParked):
    """The lawful-answer guard refused an answer."""


class TemporaryFailure(GatewayError):
    """Nobody's fault: the store or broker is away; the work is tried again later."""


# What says nothing about the message in hand: another time, or elsewhere, it can be handled.
NOBODYS_FAULT = (TemporaryFailure, MemoryError)


class VerzoekGeweigerd(GatewayError):
    """A page or the API does not do what was asked; its text is told to who asks."""

    def __init__(self, status: int, text: str, *, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.retry_after = retry_after


class NietGevonden(VerzoekGeweigerd):
    """It is not there, or not for who asks: nobody is told which."""

    def __init__(self, text: str = "deze pagina of dit gegeven bestaat niet") -> None:
        super().__init__(404, text)


class NietToegestaan(VerzoekGeweigerd):
    """Who asks lacks the right."""

    def __init__(self, text: str = "u hebt hiervoor geen rechten") -> None:
        super().__init__(403, text)


class AlBeoordeeld(VerzoekGeweigerd):
    """What somebody wants to decide on was decided on, or changed, since it was shown to him."""

    def __init__(self, text: str) -> None:
        super().__init__(409, text)


class WrongUse(GatewayError):
    """Wrong arguments or unreadable input; a command ends with exit code 2.

    `veld` is the field of a form that it is about, where there is one.
    """

    def __init__(self, text: str = "", *, veld: str = "") -> None:
        super().__init__(text)
        self.veld = veld


class AgreementRefused(WrongUse):
    """An agreement file that cannot be trusted; names file, row and reason."""


class OngeldigeVelden(WrongUse):
    """What somebody filled in is wrong; `fouten` has a Dutch sentence per field."""

    def __init__(self, fouten: Mapping[str, str]) -> None:
        super().__init__(" ".join(fouten.values()))
        self.fouten = dict(fouten)


class CouldNotFinish(GatewayError):
    """A command could not reach its end; exit code 3."""
