"""Turns an invented client into the classes about people that messages have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.records.levering import LeveringClient
from gateway.records.toewijzing import Contact, Relatie, ToewijzingClient
from gateway.simulate.region import Client

OWN_NAME = "1"
OUDER, OUDER_NUMMER = "10", "OUDER-1"
HOME = "01"


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
        plaatsnaam=client.markt.gemeente.naam,
        landcode="NL",
        organisatie=None,
        telefoonnummer=f"06000{client.nummer % 100_000:05d}" if own else None,
        landnummer="0031" if own else None,
        telefoonnummer2=None,
        landnummer2=None,
        emailadres=None,
        begindatum=None,
        einddatum=None,
    )
