"""Aanbiedersregister: who the providers of the region are, and what was agreed with them."""

from __future__ import annotations

from starlette.responses import Response

from gateway.agreements.pagina.woorden import periode
from gateway.errors import NietGevonden
from gateway.http.bestand import attachment
from gateway.http.pad import Kop, Pad
from gateway.http.register import file_of
from gateway.http.verzoek import Verzoek
from gateway.ledger.register.aanbiederbestand import AANBIEDERS
from gateway.ledger.register.afspraakbestanden import SOORTEN
from gateway.ledger.register.bestand import Bestandsoort
from gateway.ledger.register.contracten import naast_elkaar
from gateway.ledger.register.rekening import masked
from gateway.periods.maanden import month_before
from gateway.pipeline.kennis import dag_van
from gateway.records.aanbieder import Aanbieder
from gateway.store.inzage.blad import Blad, place_of, write_place
from gateway.store.register.register import Dossier
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages.aanbieders import inzage_van
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.uitvoer import uitvoerpad

PATH = f"{GELD}/aanbieders"
OP_EEN_BLAD, MAANDEN = 50, 12
CSV = "text/csv; charset=utf-8"


def _lijst(verzoek: Verzoek) -> Response:
    zoek, na = verzoek.vraag.zoek.get("zoek", ""), verzoek.vraag.zoek.get("na")
    alle = verzoek.omgeving.store.register.stand().aanbieders.values()
    found = sorted(
        (one for one in alle if one.matches(zoek)),
        key=lambda one: (one.naam.casefold(), one.nummer),
    )
    context = {
        "blad": blad_van(found, na),
        "zoek": zoek,
        "is_vervolg": na is not None,
        "aantal": len(found),
        "adres": adres,
        "path": PATH,
        "soorten": list(SOORTEN.values()),
        "vandaag": dag_van(verzoek.omgeving.clock()),
    }
    return toon(verzoek, "geld/aanbieders.html", context)


def blad_van(found: list[Aanbieder], na: str | None) -> Blad[Aanbieder]:
    """A page of a list by name."""
    if na is not None:
        naam, nummer = place_of(na, str, int)
        found = [one for one in found if plaats_van(one) > (str(naam), int(nummer or 0))]
    shown = found[:OP_EEN_BLAD]
    if len(found) <= OP_EEN_BLAD:
        return Blad(shown, None)
    return Blad(shown, write_place(plaats_van(shown[-1])))


def plaats_van(one: Aanbieder) -> tuple[str, int]:
    """Where a provider stands in a list by name."""
    return one.naam.casefold(), one.nummer


def _een(verzoek: Verzoek) -> Response:
    dossier = dossier_van(verzoek)
    omgeving, bereik, vandaag = verzoek.omgeving, verzoek.bereik, dag_van(verzoek.omgeving.clock())
    changes = verzoek.mag(Recht.GELD_BEHEREN)
    eerste = month_before(vandaag, MAANDEN - 1)
    context = {
        "dossier": dossier,
        "een": dossier.een,
        "naam_van": lambda nummer: dossier.namen.get(nummer, str(nummer)),
        "adres": adres,
        "periode": periode,
        "bedragen": inzage_van(verzoek).per_code(bereik, dossier.geheel, eerste),
        "rekeningen": omgeving.store.rekeningen.van(bereik, dossier.geheel),
        "iban": (lambda iban: iban) if changes else masked,
        "contracten": list(
            naast_elkaar(
                [
                    one
                    for one in omgeving.kennis.overeenkomsten.alle
                    if not bereik.gemeenten.isdisjoint(one.gemeenten)
                ],
                dossier.geheel,
                dossier.contracten,
            )
        ),
        "vandaag": vandaag,
    }
    return toon(verzoek, "geld/aanbieder.html", context)


def _uitvoer(verzoek: Verzoek) -> Response:
    """A part of the register as a file, without anybody in it."""
    naam, body = file_of(verzoek.omgeving, soort_van(verzoek.veld("wat")))
    return Response(body, media_type=CSV, headers=attachment(naam))


def soort_van(naam: str) -> Bestandsoort:
    """Which part of the register: the providers themselves where nothing is said."""
    return SOORTEN.get(naam, AANBIEDERS)


def dossier_van(verzoek: Verzoek) -> Dossier:
    """All of the provider whose number is in the address; raises NietGevonden."""
    nummer = verzoek.vraag.delen["nummer"]
    found = None
    if nummer.isascii() and nummer.isdecimal() and len(nummer) < 10:
        found = verzoek.omgeving.store.register.dossier(verzoek.bereik, int(nummer))
    if found is None:
        raise NietGevonden
    return found


def adres(nummer: int) -> str:
    """The page of a provider."""
    return f"{PATH}/{nummer}"


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.GELD_ZIEN,
        kop=Kop("Aanbiedersregister", "Wie de aanbieders zijn, en wat met hen is afgesproken."),
    ),
    uitvoerpad(f"{PATH}/uitvoer", _uitvoer, "register uitvoeren", recht=Recht.GELD_ZIEN),
)
EEN = Pad(path=f"{PATH}/{{nummer}}", method="GET", handler=_een, recht=Recht.GELD_ZIEN)
