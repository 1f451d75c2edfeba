"""Rules on the Header of every message: its identification, its date and its municipality."""

from __future__ import annotations

from gateway.records.batch import Batch
from gateway.records.finding import Offence
from gateway.records.header import Header
from gateway.rules.registry import Offences, rule

CODE_LENGTH = 4  # a Gemeente is four digits, an AgbCode eight


@rule("TR056", retourcode="9056")
def identificatie_reused(batch: Batch) -> Offences:
    """A sender uses an Identificatie once for each kind of message.

    Receivers find a message back by it, so a second use would make answers ambiguous.  Only
    earlier messages to the same municipality count (design 8); the same bytes again are a
    duplicate, which is answered before any rule is asked.
    """
    identificatie = batch.header.identificatie
    if identificatie in batch.feiten.bekende_identificaties:
        yield Offence(
            batch.header,
            f"Identificatie {identificatie} is al gebruikt voor een eerder bericht van deze "
            "soort; stuur het bericht opnieuw met een nieuwe Identificatie.",
            "BerichtIdentificatie/Identificatie",
            found=identificatie,
            expected="een Identificatie die nog niet is gebruikt",
        )


@rule("TR135", retourcode="8848")
def dagtekening_in_the_future(batch: Batch) -> Offences:
    """The Dagtekening of a message does not lie after the day on which it is received.

    The day of intake decides, not that of judging (design 8): a message that waited is judged as
    if it was taken up at once.  The day itself is good.
    """
    dagtekening, vandaag = batch.header.dagtekening, batch.feiten.vandaag
    if dagtekening > vandaag:
        yield Offence(
            batch.header,
            f"De Dagtekening {dagtekening} ligt na de dag van ontvangst {vandaag}; vul de dag in "
            "waarop u het bericht hebt gemaakt.",
            "BerichtIdentificatie/Dagtekening",
            found=str(dagtekening),
            expected=f"uiterlijk {vandaag}",
        )


@rule("TR378", retourcode="S300")
def unknown_gemeentecode(batch: Batch) -> Offences:
    """The municipality in the Header has a code that is, or once was, that of a municipality.

    A code from an older list stays good, because assignments outlive a redivision: only a code
    that no list ever held offends (design 8).
    """
    element, code = _gemeente(batch.header)
    if code not in batch.feiten.gemeentecodes:
        yield Offence(
            batch.header,
            f"Gemeentecode {code} bij {element} is nooit de code van een gemeente geweest; vul de "
            "code van een bestaande gemeente in.",
            element,
            found=code,
            expected="de code van een gemeente",
        )


def _gemeente(header: Header) -> tuple[str, str]:
    """Element and code of the municipality, which sends a 301 and receives a 305."""
    if len(header.afzender) == CODE_LENGTH:
        return "Afzender", header.afzender
    return "Ontvanger", header.ontvanger
