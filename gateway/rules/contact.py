"""Rules on the Contact classes of a 301, of the Client and of each Relatie.

Findings name elements, never an address: whoever has the message can look.  An Adres is there
when any of its elements is; the rules on what an Adres must hold are silent without one (A29).
"""

from __future__ import annotations

import re

from gateway.records.batch import Toewijzingbatch
from gateway.records.finding import Offence
from gateway.records.toewijzing import Contact
from gateway.rules.registry import Offences, rule

DUTCH_POSTCODE = re.compile("[1-9][0-9]{3} ?[A-Za-z]{2}")
NETHERLANDS = "NL"
HOME = ("01", "03")  # BRP-adres, verblijfadres
LASTING = ("01", "02", "03")  # all but the temporary address
TEMPORARY = "04"


@rule("CD005", retourcode="0001")
def landcode_without_postcode(batch: Toewijzingbatch) -> Offences:
    """An Adres holds a LandCode if and only if it holds a Postcode.

    A Postcode means nothing without its country; a LandCode alone has nothing to tell.
    """
    for contact in batch.contacten:
        if contact.postcode is not None and contact.landcode is None:
            yield Offence(
                contact,
                f"Het adres {_whose(contact)} heeft een Postcode maar geen LandCode; vul de "
                "LandCode in.",
                "Adres/LandCode",
                expected="een LandCode",
            )
        if contact.postcode is None and contact.landcode is not None:
            yield Offence(
                contact,
                f"Het adres {_whose(contact)} heeft LandCode {contact.landcode} maar geen "
                "Postcode; vul de Postcode in of laat de LandCode weg.",
                "Adres/LandCode",
                found=contact.landcode,
                expected="geen LandCode",
            )


@rule("CD009", retourcode="0001")
def periode_on_lasting_address(batch: Toewijzingbatch) -> Offences:
    """A Contact has a Periode only when its Soort is 04, a temporary address.

    Other addresses hold until they are changed.  A temporary one may go without a Periode.
    """
    for contact in batch.contacten:
        bounded = contact.begindatum is not None or contact.einddatum is not None
        if bounded and contact.soort != TEMPORARY:
            yield Offence(
                contact,
                f"Het contact {_whose(contact)} heeft een Periode bij Soort {contact.soort}; laat "
                "de Periode weg of gebruik Soort 04 (tijdelijk verblijfadres).",
                "Periode",
                found=f"Soort {contact.soort}",
                expected="Soort 04",
            )


@rule("CD025", retourcode="0001")
def dutch_address_without_huis(batch: Toewijzingbatch) -> Offences:
    """An Adres in the Netherlands (LandCode NL) holds a Huis.

    A Dutch address is found by its Postcode and Huisnummer.  Without LandCode the rule is silent.
    """
    for contact in batch.contacten:
        if contact.landcode == NETHERLANDS and contact.huisnummer is None:
            yield Offence(
                contact,
                f"Het adres {_whose(contact)} ligt in Nederland maar heeft geen Huis; vul het "
                "Huisnummer in.",
                "Adres/Huis",
                expected="een Huis met Huisnummer",
            )


@rule("CD034", retourcode="0001")
def home_address_without_postcode(batch: Toewijzingbatch) -> Offences:
    """The Adres of a Contact with Soort 01 (BRP) or 03 (residence) holds a Postcode.

    Read leniently: a Contact without any Adres, only a Telefoon, is good (A29; TR006 allows it).
    """
    for contact in batch.contacten:
        if contact.soort in HOME and _has_adres(contact) and contact.postcode is None:
            yield Offence(
                contact,
                f"Het adres {_whose(contact)} met Soort {contact.soort} heeft geen Postcode; vul "
                "de Postcode in.",
                "Adres/Postcode",
                expected="een Postcode",
            )


@rule("CS089", retourcode="0001")
def postcode_not_dutch(batch: Toewijzingbatch) -> Offences:
    """With LandCode NL a Postcode is four digits, the first not 0, and two letters.

    The standard does not spell the format out; the lenient reading takes one blank between them
    and small letters.  A missing Postcode is for CD005 and CD034.
    """
    for contact in batch.contacten:
        if contact.landcode != NETHERLANDS or contact.postcode is None:
            continue
        if not DUTCH_POSTCODE.fullmatch(contact.postcode):
            yield Offence(
                contact,
                f"De Postcode {_whose(contact)} is geen Nederlandse postcode; vul vier cijfers en "
                "twee letters in.",
                "Adres/Postcode",
                expected="vier cijfers en twee letters",
            )


@rule("TR006", retourcode="0001")
def contact_unreachable(batch: Toewijzingbatch) -> Offences:
    """A Contact holds a Telefoon, or an Adres with both Huis and Postcode.

    Otherwise nobody can be reached by it; one half of the pair, or an Emailadres, is not enough.
    """
    for contact in batch.contacten:
        findable = contact.huisnummer is not None and contact.postcode is not None
        if contact.telefoonnummer is None and not findable:
            yield Offence(
                contact,
                f"Het contact {_whose(contact)} met Soort {contact.soort} heeft geen Telefoon en "
                "geen adres met Huis en Postcode; vul een van beide in.",
                expected="een Telefoon, of een Adres met Huis en Postcode",
            )


@rule("TR061", retourcode="0001")
def client_without_lasting_contact(batch: Toewijzingbatch) -> Offences:
    """The Client has at least one Contact with Soort 01, 02 or 03.

    A temporary address (04) alone does not tell where the client lives.  The Contact of a Relatie
    does not count.
    """
    soorten = [contact.soort for contact in batch.contacten if contact.relatie is None]
    if not any(soort in LASTING for soort in soorten):
        yield Offence(
            batch.client,
            "De cliënt heeft geen contact met Soort 01, 02 of 03; voeg een vast adres of een "
            "correspondentieadres toe.",
            "Contactgegevens/Contact/Soort",
            found=", ".join(soorten),
            expected="ten minste één keer 01, 02 of 03",
        )


def _has_adres(contact: Contact) -> bool:
    """Whether any element of the Adres is there."""
    return any(
        element is not None
        for element in (
            contact.huisnummer,
            contact.postcode,
            contact.straatnaam,
            contact.plaatsnaam,
            contact.landcode,
        )
    )


def _whose(contact: Contact) -> str:
    """Whom the contact belongs to, in words."""
    return "van de cliënt" if contact.relatie is None else f"van relatie {contact.relatie}"
