"""Rules on the Header of every message: its identification, its date and its municipality."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.periods.datums import datum_lang
from gateway.records.batch import Batch, Verzoekantwoordbatch
from gateway.records.finding import Offence, Subject
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
            f"De Dagtekening {datum_lang(dagtekening)} ligt na de dag van ontvangst "
            f"{datum_lang(vandaag)}; vul de dag in waarop u het bericht hebt gemaakt.",
            "BerichtIdentificatie/Dagtekening",
            found=datum_lang(dagtekening),
            expected=f"uiterlijk {datum_lang(vandaag)}",
        )


@rule("TR378", retourcode="S300")
def unknown_gemeentecode(batch: Batch) -> Offences:
    """A municipality has a code that is, or once was, that of a municipality.

    It stands in the Header, and in a 319 also where another municipality is responsible
    (Woonplaatsbeginsel).

    A code from an older list stays good, because assignments outlive a redivision: only a code
    that no list ever held offends (design 8).  A municipality that begins after the Dagtekening
    of the message is none yet.
    """
    feiten, dagtekening = batch.feiten, batch.header.dagtekening
    for subject, element, code in _gemeenten(batch):
        begins = feiten.gemeenten_vanaf.get(code, dagtekening)
        if code not in feiten.gemeentecodes or begins > dagtekening:
            yield Offence(
                subject,
                f"Gemeentecode {code} bij {element} is nooit de code van een gemeente geweest; vul "
                "de code van een bestaande gemeente in.",
                element,
                found=code,
                expected="de code van een gemeente",
            )


def _gemeenten(batch: Batch) -> Iterator[tuple[Subject, str, str]]:
    """Class, element and code of every municipality; one sends a 301 and receives a 305."""
    header = batch.header
    if len(header.afzender) == CODE_LENGTH:
        yield header, "Afzender", header.afzender
    else:
        yield header, "Ontvanger", header.ontvanger
    if isinstance(batch, Verzoekantwoordbatch) and batch.woonplaatsbeginsel is not None:
        yield batch.woonplaatsbeginsel, "Gemeente", batch.woonplaatsbeginsel.gemeente
