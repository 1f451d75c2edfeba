"""The lawful-answer guard: nothing leaves that the standard forbids.

It reads the answer back with the same reader that the receiver would use and raises
UnlawfulAnswer with one sentence; the message is then parked and its sender hears nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.answers.antwoord import Antwoord
from gateway.errors import MessageRefused, UnlawfulAnswer
from gateway.messages.definition import Berichttype
from gateway.messages.reader import Message, Reader, Source
from gateway.records.declaratie import DeclaratieAntwoord, Prestatie

NO_CAP = 1 << 40

# Start and stop messages are steering information (OP364): their codes never stand on an invoice.
STEERING_CODES = frozenset(("9019", "9063", "9069", "9071", "9074", "9326", "9413", "9414", "9415"))
ACCEPTING_CODES = frozenset(("0200", "8001"))
WHOLE_CODES = frozenset(("0001", "9056", "8848", "S300"))


def lawful_325(body: Iterable[bytes], antwoord: Antwoord, reader: Reader) -> None:
    """Refuse a 325 that breaks its XSD, TR342, OP364 or the table of answers."""
    returned = 0
    found: DeclaratieAntwoord | None = None
    try:
        message = opened(body, antwoord.kind, reader)
        for name, record in message.records():
            if name == "Prestatie":
                returned += record.ondertekend
                _lawful_line(record)
            elif name == "DeclaratieAntwoord":
                found = record
    except MessageRefused as refusal:
        raise UnlawfulAnswer(f"het antwoord voldoet niet aan zijn schema: {refusal}") from refusal
    _lawful_header(antwoord, found)
    if found is not None:
        _lawful_totals(found, returned)


def opened(body: Iterable[bytes], kind: Berichttype, reader: Reader) -> Message:
    """Our own answer as its receiver would open it; it has to be of the kind that answers."""
    message = reader.open(Source(body, NO_CAP))
    if message.kind is not kind:
        raise UnlawfulAnswer(f"het antwoord is een {message.kind.naam} in plaats van {kind.naam}")
    return message


def _lawful_line(line: Prestatie) -> None:
    codes = frozenset(line.retourcodes)
    if not codes or codes & ACCEPTING_CODES:
        raise UnlawfulAnswer("een 325 mag alleen afgekeurde prestaties noemen")
    if codes & STEERING_CODES:
        raise UnlawfulAnswer(
            "een prestatie mag niet worden afgekeurd om een start- of stopbericht (OP364)"
        )


def _lawful_header(antwoord: Antwoord, found: DeclaratieAntwoord | None) -> None:
    codes = frozenset(antwoord.header_codes)
    if found is None and not codes <= WHOLE_CODES | antwoord.kind.uitgave.retourcodes:
        raise UnlawfulAnswer("een 325 zonder DeclaratieAntwoord heeft een code in de Header nodig")
    if found is not None and codes != {"0200"}:
        raise UnlawfulAnswer("een 325 met DeclaratieAntwoord heeft 0200 in de Header")


def _lawful_totals(found: DeclaratieAntwoord, returned: int) -> None:
    """TR342: what is returned is exactly what is not granted."""
    codes = frozenset(found.retourcodes)
    if not codes & ACCEPTING_CODES:
        if found.toegekend or returned or found.toegekend_debet_credit != "D":
            raise UnlawfulAnswer(
                "een afgekeurde declaratie heeft toegekend bedrag 0 en geen prestaties (TR342)"
            )
        return
    if returned != found.ingediend - found.toegekend:
        raise UnlawfulAnswer(
            f"de afgekeurde prestaties tellen op tot {returned} cent, ingediend min toegekend is "
            f"{found.ingediend - found.toegekend} cent (TR342)"
        )
    if "8001" in codes and found.ingediend != found.toegekend:
        raise UnlawfulAnswer("8001 mag alleen bij een volledig toegekende declaratie")


def lawful_retour(
    body: bytes,
    kind: Berichttype,
    reader: Reader,
    header_codes: tuple[str, ...],
    klassen: Mapping[str, object] | None,
) -> None:
    """Refuse a retour that breaks its XSD or the table of answers."""
    try:
        opened([body], kind, reader).check()
    except MessageRefused as refusal:
        raise UnlawfulAnswer(f"de retour voldoet niet aan zijn schema: {refusal}") from refusal
    if klassen is None and "0200" in header_codes:
        raise UnlawfulAnswer("een retour met 0200 in de Header geeft de klassen terug")
    if klassen is not None and header_codes != ("0200",):
        raise UnlawfulAnswer("een retour met klassen heeft 0200 in de Header")
