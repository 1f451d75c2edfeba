"""Rules on a Client and the people around it: Bsn, Naam and Communicatie.

No finding shows a Bsn or a name; the codes around them are enough to act on.
"""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum.nl.bsn import is_valid

from gateway.records.batch import (
    Aanvraagbatch,
    Antwoordbatch,
    Declaratiebatch,
    Regiebatch,
    Toewijzingbatch,
    Wijzigingbatch,
)
from gateway.records.finding import Offence
from gateway.records.toewijzing import Relatie, ToewijzingClient
from gateway.rules.registry import Offences, rule

NINE_DIGITS = re.compile("[0-9]{9}")
KNOWN_CLIENTS = 100_000  # the same ones come again every month
OWN_NAME_ONLY = ("1", "6")
WITH_PARTNERNAAM = ("1", "2", "3", "4")
ORGANISATION = "6"
INTERPRETER = "1"

Clientbatch = (
    Toewijzingbatch | Regiebatch | Declaratiebatch | Antwoordbatch | Aanvraagbatch | Wijzigingbatch
)


@rule("CS002", retourcode="0001")
def bsn_fails_elfproef(batch: Clientbatch) -> Offences:
    """The Bsn of a Client passes the elfproef.

    The check digit catches a mistyped number before it reaches the wrong person.  Nine zeros are
    refused too: nobody has them.
    """
    for client in batch.clienten:
        if not passes_elfproef(client.bsn):
            yield Offence(
                client,
                "Het Bsn van deze cliënt klopt niet, want het voldoet niet aan de elfproef; "
                "controleer het nummer.",
                "Bsn",
                expected="een Bsn dat aan de elfproef voldoet",
            )


@rule("CS050", retourcode="0001")
def naamgebruik_contradicts_partnernaam(batch: Toewijzingbatch) -> Offences:
    """NaamGebruik of a Client or Relatie speaks of a partner only if there is a Partnernaam.

    With a Partnernaam it is 1, 2, 3 or 4, without one it is 1 or 6 (an organisation as guardian),
    so 5 is never right.
    """
    people: tuple[ToewijzingClient | Relatie, ...] = (batch.client, *batch.relaties)
    for person in people:
        partner = person.partnernaam is not None
        allowed = WITH_PARTNERNAAM if partner else OWN_NAME_ONLY
        if person.naam_gebruik not in allowed:
            yield Offence(
                person,
                f"NaamGebruik {person.naam_gebruik} past niet bij een naam "
                f"{'met' if partner else 'zonder'} Partnernaam; gebruik {_either(allowed)}.",
                "Naam/NaamGebruik",
                found=person.naam_gebruik,
                expected=_either(allowed),
            )


def _either(codes: tuple[str, ...]) -> str:
    """Codes in words: 1, 2 of 3."""
    return f"{', '.join(codes[:-1])} of {codes[-1]}"


@rule("CS318", retourcode="0001")
def client_is_an_organisation(batch: Toewijzingbatch) -> Offences:
    """The Client of a 301 is a person: NaamGebruik is not 6.

    Only a Relatie may be an organisation, as a guardian (IV045).
    """
    if batch.client.naam_gebruik == ORGANISATION:
        yield Offence(
            batch.client,
            "NaamGebruik 6 is voor een organisatie, maar een cliënt is altijd een persoon; kies "
            "een ander NaamGebruik.",
            "Naam/NaamGebruik",
            found=ORGANISATION,
            expected="een NaamGebruik voor een persoon",
        )


@rule("CD007", retourcode="0001")
def taal_without_interpreter(batch: Toewijzingbatch) -> Offences:
    """Communicatie holds a Taal if and only if its Vorm is 1, an interpreter of a language.

    Sign language has its own Vorm, and an interpreter cannot be found without the language.
    """
    client = batch.client
    interpreter = client.communicatie_vorm == INTERPRETER
    if interpreter and client.communicatie_taal is None:
        yield Offence(
            client,
            "Communicatie heeft Vorm 1 (tolk taal) maar geen Taal; vul de taal van de tolk in.",
            "Communicatie/Taal",
            expected="een Taal",
        )
    if not interpreter and client.communicatie_taal is not None:
        yield Offence(
            client,
            f"Communicatie heeft een Taal, maar Vorm is {client.communicatie_vorm}; laat Taal weg "
            "of kies Vorm 1 (tolk taal).",
            "Communicatie/Taal",
            found=f"Vorm {client.communicatie_vorm} met Taal",
            expected="geen Taal",
        )


@lru_cache(maxsize=KNOWN_CLIENTS)
def passes_elfproef(bsn: str) -> bool:
    """Whether a Bsn is nine digits that pass the elfproef.

    The digits are looked at first: the library would forgive dots, blanks and other scripts.
    """
    return NINE_DIGITS.fullmatch(bsn) is not None and is_valid(bsn)
