"""Invented people with test BSNs, and the classes about people that messages have.

There are about nine thousand test BSNs.  One serves a client in every municipality, but never two
clients in the same one: what is known of a client stands per municipality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from gateway.records.levering import LeveringClient
from gateway.records.masker import is_bsn
from gateway.records.toewijzing import Contact, Relatie, ToewijzingClient
from gateway.records.verzoek import AanvraagClient
from gateway.simulate.months import rng_of
from gateway.simulate.region import EERSTE_MAAND, JEUGDWET, Gemeente

FIRST_TEST_BSN, LAST_TEST_BSN = 999_900_006, 999_999_990
MOST_MOVES = 150  # out of one municipality: a stock of BSNs for them, and another for the next one
OWN_NAME = "1"
OUDER, OUDER_NUMMER = "10", "OUDER-1"
HOME = "01"
ACHTERNAMEN = (
    "Zandstra", "Veldhuis", "Broekman", "Wolters", "Hofstede", "Elzinga", "Kamphuis", "Bruggink",
    "Oosterhof", "Postma", "Ter Horst", "Nijland", "Scholten", "Wiersma", "Lansink", "Roelofs",
)  # fmt: skip
VOORVOEGSELS = (None, None, None, None, "van", "de", "van der")
VOORNAMEN = {
    "1": ("Daan", "Sem", "Yusuf", "Bram", "Thijs", "Milan", "Henk", "Gerrit", "Joris", "Kees"),
    "2": ("Noor", "Saar", "Fatima", "Lotte", "Tess", "Zoë", "Willemien", "Truus", "Anouk", "Riet"),
}
STRATEN = ("Verzonnen Laan", "Proefstraat", "Voorbeeldplein", "Testpad", "Bedachte Weg")


@dataclass(frozen=True, slots=True)
class Client:
    """An invented person; `ouder` is the first name of a parent, for who is young."""

    bsn: str
    geboortedatum: date
    geslacht: str
    voornaam: str
    voorvoegsel: str | None
    achternaam: str
    straatnaam: str
    huisnummer: int
    postcode: str
    plaatsnaam: str
    telefoonnummer: str
    ouder: str | None

    def moved_to(self, gemeente: Gemeente) -> Client:
        """The same person in another municipality."""
        postcode = f"{gemeente.postcode}{self.postcode[3:]}"
        return replace(self, postcode=postcode, plaatsnaam=gemeente.naam)


@lru_cache(maxsize=1)
def valid_bsns() -> tuple[str, ...]:
    """Every BSN of the test range that passes the elfproef, in ascending order."""
    return tuple(
        number for number in map(str, range(FIRST_TEST_BSN, LAST_TEST_BSN + 1)) if is_bsn(number)
    )


def resident_bsns(seed: int, gemeente: Gemeente) -> Iterator[str]:
    """Different BSNs for those who do not move, in an order of the municipality's own."""
    found = list(valid_bsns()[2 * MOST_MOVES :])
    rng_of(seed, "bsn", gemeente.code).shuffle(found)
    return iter(found)


def moving_bsn(place: int, number: int) -> str:
    """The BSN of a client that moves out of the municipality in this place to the next one.

    Neighbours use different stocks, so that who comes in is never mistaken for who goes out.
    """
    return valid_bsns()[(place % 2) * MOST_MOVES + number]


def invent(seed: int, gemeente: Gemeente, wet: str, bsn: str) -> Client:
    """The person that has this BSN in this municipality."""
    rng = rng_of(seed, "client", gemeente.code, bsn)
    jong = wet == JEUGDWET
    age = rng.randint(5, 16) if jong else rng.randint(40, 90)
    geslacht = rng.choice("12")
    letters = "".join(rng.choices("ABGHJK", k=2))
    return Client(
        bsn=bsn,
        geboortedatum=date(EERSTE_MAAND.year - age, rng.randint(1, 12), rng.randint(1, 28)),
        geslacht=geslacht,
        voornaam=rng.choice(VOORNAMEN[geslacht]),
        voorvoegsel=rng.choice(VOORVOEGSELS),
        achternaam=rng.choice(ACHTERNAMEN),
        straatnaam=rng.choice(STRATEN),
        huisnummer=rng.randint(1, 250),
        postcode=f"{gemeente.postcode}{rng.randint(1, 9)}{letters}",
        plaatsnaam=gemeente.naam,
        telefoonnummer=f"06000{rng.randint(0, 99999):05d}",
        ouder=rng.choice(VOORNAMEN[rng.choice("12")]) if jong else None,
    )


def in_toewijzing(client: Client) -> Iterator[tuple[str, Any]]:
    """The client of a 301 with relation and address, as named records in document order."""
    yield "Client", _toewijzing_client(client)
    if client.ouder is not None:
        yield "Relatie", _ouder(client, client.ouder)
        yield "RelatieContact", _contact(client, OUDER_NUMMER)
    yield "Contact", _contact(client, None)


def in_levering(client: Client) -> LeveringClient:
    """The client of a 305 or a 307."""
    return LeveringClient(
        pad="",
        bsn=client.bsn,
        geboortedatum=client.geboortedatum,
        datum_gebruik=None,
        geslacht=client.geslacht,
        achternaam=client.achternaam,
        voorvoegsel=client.voorvoegsel,
        voornamen=client.voornaam,
        voorletters=client.voornaam[0],
    )


def in_aanvraag(client: Client) -> AanvraagClient:
    """The client of a 315: somebody with authority over a child is known."""
    return AanvraagClient(
        pad="",
        bsn=client.bsn,
        geboortedatum=client.geboortedatum,
        datum_gebruik=None,
        geslacht=client.geslacht,
        achternaam=client.achternaam,
        voorvoegsel=client.voorvoegsel,
        voornamen=client.voornaam,
        voorletters=client.voornaam[0],
        gezagsdrager_bekend=None if client.ouder is None else "1",
        commentaar=None,
    )


def _toewijzing_client(client: Client) -> ToewijzingClient:
    return ToewijzingClient(
        pad="",
        bsn=client.bsn,
        geboortedatum=client.geboortedatum,
        datum_gebruik=None,
        geslacht=client.geslacht,
        achternaam=client.achternaam,
        voorvoegsel=client.voorvoegsel,
        partnernaam=None,
        partner_voorvoegsel=None,
        voornamen=client.voornaam,
        voorletters=client.voornaam[0],
        naam_gebruik=OWN_NAME,
        communicatie_vorm=None,
        communicatie_taal=None,
        juridische_status=None,
        wettelijke_vertegenwoordiging=None,
        commentaar=None,
    )


def _ouder(client: Client, voornaam: str) -> Relatie:
    return Relatie(
        pad="",
        nummer=OUDER_NUMMER,
        volgorde=1,
        soort=OUDER,
        geboortedatum=None,
        datum_gebruik=None,
        geslacht=None,
        achternaam=client.achternaam,
        voorvoegsel=client.voorvoegsel,
        partnernaam=None,
        partner_voorvoegsel=None,
        voornamen=voornaam,
        voorletters=voornaam[0],
        naam_gebruik=OWN_NAME,
    )


def _contact(client: Client, relatie: str | None) -> Contact:
    """The home address, which a parent shares; only the client has a telephone of its own."""
    own = relatie is None
    return Contact(
        pad="",
        relatie=relatie,
        soort=HOME,
        huisnummer=client.huisnummer,
        huisletter=None,
        huisnummer_toevoeging=None,
        aanduiding_woonadres=None,
        postcode=client.postcode,
        straatnaam=client.straatnaam,
        plaatsnaam=client.plaatsnaam,
        landcode="NL",
        organisatie=None,
        telefoonnummer=client.telefoonnummer if own else None,
        landnummer="0031" if own else None,
        telefoonnummer2=None,
        landnummer2=None,
        emailadres=None,
        begindatum=None,
        einddatum=None,
    )
