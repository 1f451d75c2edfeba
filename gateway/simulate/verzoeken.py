"""Requests for an assignment (VOT, 315) that stand open at the end of a synthetic region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from gateway.records.verzoek import AangevraagdProduct
from gateway.simulate.agreements import Aanbod
from gateway.simulate.generate import Schrijver
from gateway.simulate.messages import Bericht, Postkamer
from gateway.simulate.persons import in_aanvraag
from gateway.simulate.region import JEUGDWET, Regio
from gateway.simulate.residents import tell_municipality
from gateway.simulate.story import Zorg
from gateway.simulate.truth import GOED, Label

SOORT = "315"
GEWOON = ("pxq", "stuk")  # kinds of care that are asked for again as they are
FIRST_NUMBER = 9_000_001  # behind those of the messages of the region
HALF_JAAR = timedelta(days=182)
DOOR_GEMEENTE = "01"  # a referral by the municipality


def open_requests(regio: Regio, moment: datetime, aantal: int) -> list[tuple[str, bytes]]:
    """Name and bytes of so many VOTs under the Jeugdwet, sent at this moment.

    A provider asks for the care of a client to go on after its present assignment.  They are to
    the first municipality, about different clients, and good.
    """
    schrijver = Schrijver()
    post = Postkamer(schrijver.types, FIRST_NUMBER)
    found = islice(_ending(regio, moment.date()), aantal)
    berichten = [_vot(zorg, post, moment) for zorg in found]
    naam = f"{moment:%Y%m%d-%H%M}-{regio.gemeenten[0].code}-vot"
    return [
        (f"{naam}-{number}.xml", schrijver.write(one))
        for number, one in enumerate(berichten, start=1)
    ]


def _ending(regio: Regio, dag: date) -> Iterator[Zorg]:
    """Care that nothing is to be said of, of a client each, with an end that is still to come."""
    seen = set()
    for zorg in tell_municipality(Aanbod(regio), 0):
        einde = zorg.laatste.einddatum if zorg.versies else None
        ordinary = zorg.markt.wet == JEUGDWET and zorg.cel.soort in GEWOON
        told = [one.oordeel for one in zorg.versies] + [one.oordeel for one in zorg.regels]
        lasts = einde is not None and einde > dag
        if ordinary and lasts and set(told) == {GOED} and zorg.client not in seen:
            seen.add(zorg.client)
            yield zorg


def _vot(zorg: Zorg, post: Postkamer, moment: datetime) -> Bericht:
    einde = zorg.laatste.einddatum
    assert einde is not None  # noqa: S101 - chosen for it
    ingang = einde + timedelta(days=1)
    return Bericht(
        verzonden=moment,
        soort=SOORT,
        markt=zorg.markt,
        header=post.header(zorg.markt, SOORT, moment.date()),
        inside=(
            ("Client", in_aanvraag(zorg.client)),
            ("AangevraagdProduct", _product(zorg, ingang)),
        ),
        labels=(Label(None, GOED),),
    )


def _product(zorg: Zorg, ingang: date) -> AangevraagdProduct:
    assigned = zorg.laatste
    return AangevraagdProduct(
        pad="",
        bsn=zorg.client.bsn,
        referentie_aanbieder=f"VOT{assigned.toewijzingnummer}",
        beschikkingnummer=None,
        productcategorie=assigned.productcategorie,
        productcode=assigned.productcode,
        beschikking_ingangsdatum=None,
        ingangsdatum=ingang,
        einddatum=ingang + HALF_JAAR,
        volume=assigned.volume,
        eenheid=assigned.eenheid,
        frequentie=assigned.frequentie,
        budget=None,
        verwijzer_type=DOOR_GEMEENTE,
        verwijzer_naam=None,
        verwijzer_zorgverlenercode=None,
        raamcontract=None,
        commentaar=None,
    )
