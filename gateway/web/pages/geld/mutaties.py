"""Toewijzingen wijzigen: a batch is made, looked at in euros, released, and followed."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Kop, Pad
from gateway.http.verzoek import Verzoek
from gateway.store.mutaties.inzage import AANDACHT, GOED
from gateway.store.mutaties.mutatie import FASTEST, PER_MINUUT, SLOWEST, Mutatie, Vraag
from gateway.store.mutaties.tables import CONCEPT, GESTOPT, KLAAR, LOOPT, OPMAAK, VOORGESTELD
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentekeuzes, toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.geld.begin import PATH as GELD
from gateway.web.pages.werkvoorraad import noteer_van
from gateway.werk.mutatievraag import SOORTEN, keuze_of, uitleg, wijze_of
from gateway.werk.retourdag import answered_before

PATH = f"{GELD}/mutaties"
LINES = 50
# In the form, the fields of what it becomes stand beside those of what it has to be.
NAAR = "naar-"
STATEN = {
    OPMAAK: ("wordt gemaakt", "bezig"),
    CONCEPT: ("nog niet vrijgegeven", "neutraal"),
    VOORGESTELD: ("wacht op een tweede persoon", "bezig"),
    LOOPT: ("berichten gaan weg", "bezig"),
    GESTOPT: ("gestopt", "let-op"),
    KLAAR: ("alles is aangeboden", "goed"),
}


def _lijst(verzoek: Verzoek) -> Response:
    na = verzoek.vraag.zoek.get("na")
    blad = verzoek.omgeving.store.mutatieinzage.lijst(verzoek.bereik, LINES, na)
    context = {
        "partijen": [(one, uitleg(one.vraag.wijze), adres(verzoek, one)) for one in blad.rijen],
        "volgende": f"{PATH}?na={blad.volgende}" if blad.volgende else None,
        "begin": PATH if na else None,
        "staten": STATEN,
        "woorden": woorden,
    }
    return toon(verzoek, "geld/mutaties.html", context)


def _nieuw(verzoek: Verzoek) -> Response:
    """The form; first what kind of change, then what belongs to that."""
    soort = verzoek.vraag.zoek.get("soort", "")
    omgeving = verzoek.omgeving
    overeenkomsten = sorted({one.id for one in omgeving.kennis.overeenkomsten.alle})
    context = {
        "soort": soort if soort in SOORTEN else None,
        "soorten": SOORTEN,
        "gemeentekeuzes": gemeentekeuzes(verzoek, verzoek.bereik.gemeenten),
        "wetten": list(woorden.WETTEN.items()),
        "overeenkomsten": [("", "alle"), *((one, one) for one in overeenkomsten)],
        "eenheden": [("", "geen"), *omgeving.eenheden.items()],
        "frequenties": [("", "geen"), *omgeving.frequenties.items()],
        "per_minuut": PER_MINUUT,
        "path": PATH,
    }
    return toon(verzoek, "geld/mutatie-nieuw.html", context)


def _maak(verzoek: Verzoek) -> Response:
    """Freeze what the form chooses, to be looked at."""
    soort, omgeving = verzoek.veld("soort"), verzoek.omgeving
    given = {naam: verzoek.veld(naam) for naam in verzoek.vraag.formulier}
    naar = {naam.removeprefix(NAAR): text for naam, text in given.items() if NAAR in naam}
    wijze = wijze_of(soort, naar)
    vraag = Vraag(
        gemeente=given.get("gemeente", ""),
        wet=given.get("wet", ""),
        naam=given.get("naam", ""),
        wijze=wijze,
        keuze=keuze_of(given),
        per_minuut=_pace(given.get("perMinuut", "")),
    )
    if vraag.wet not in woorden.WETTEN:
        raise WrongUse("kies een wet")
    nummer = omgeving.store.mutatiemaker.make(
        verzoek.bereik, verzoek.wie, vraag, omgeving.kennis.overeenkomsten
    )
    made = omgeving.store.mutatieinzage.een(verzoek.bereik, nummer)
    return RedirectResponse(adres(verzoek, made), 303)


def _pace(text: str) -> int:
    if not text:
        return PER_MINUUT
    if not (text.isascii() and text.isdigit() and SLOWEST <= int(text) <= FASTEST):
        raise WrongUse(f"kies {SLOWEST} tot en met {FASTEST} berichten per minuut")
    return int(text)


def _een(verzoek: Verzoek) -> Response:
    one, inzage = _partij(verzoek), verzoek.omgeving.store.mutatieinzage
    bereik, zoek, path = verzoek.bereik, verzoek.vraag.zoek, adres(verzoek, one)
    te_laat = answered_before(verzoek.omgeving.kennis, one.vraag.wet, verzoek.omgeving.clock())
    voortgang = inzage.voortgang(bereik, one.nummer, te_laat)
    geweigerd = inzage.regels(bereik, one.nummer, LINES, zoek.get("na"), geweigerd=True)
    kijk = inzage.berichten(bereik, one.nummer, te_laat, LINES, zoek.get("berichten"))
    for regel in geweigerd.rijen:
        verzoek.toont(regel.gemeente, [regel.client])
    for bericht in kijk.rijen:
        verzoek.toont(bericht.gemeente, [bericht.client])
    beleid = verzoek.omgeving.kennis.beleid_of(one.gemeente)
    context = {
        "een": one,
        "uitleg": uitleg(one.vraag.wijze),
        "staten": STATEN,
        "voortgang": voortgang,
        "aandacht": AANDACHT,
        "gedaan": sum(voortgang.values()) - voortgang.get("wacht", 0),
        "goed": voortgang.get(GOED, 0),
        "geweigerd": geweigerd.rijen,
        "meer_geweigerd": f"{path}?na={geweigerd.volgende}" if geweigerd.volgende else None,
        "kijk": [
            (one, adressen.bericht(verzoek, one.inbox_id) if one.inbox_id else None)
            for one in kijk.rijen
        ],
        "meer_kijk": f"{path}?berichten={kijk.volgende}" if kijk.volgende else None,
        "tweede_boven": beleid.tweede_persoon_boven,
        "path": path,
        "woorden": woorden,
    }
    return toon(verzoek, "geld/mutatie.html", context)


def _stap(verzoek: Verzoek) -> Response:
    """Release, stop or go on, by the button that was pressed."""
    one, verloop = _partij(verzoek), verzoek.omgeving.store.mutatieverloop
    bereik = verzoek.bereik
    noteer = noteer_van(verzoek, one.gemeente)
    match verzoek.veld("doe"):
        case "vrijgeven":
            boven = verzoek.omgeving.kennis.beleid_of(one.gemeente).tweede_persoon_boven
            verloop.release(bereik, verzoek.wie, one.nummer, boven, noteer)
        case "stoppen":
            verloop.stop(bereik, one.nummer, noteer)
        case "hervatten":
            verloop.resume(bereik, one.nummer, noteer)
        case _:
            raise WrongUse("kies wat u met deze partij wilt doen")
    return RedirectResponse(adres(verzoek, one), 303)


def adres(verzoek: Verzoek, one: Mutatie) -> str:
    """Where a batch is."""
    return f"{PATH}/{verzoek.omgeving.kenmerken.of('mutatie', one.nummer)}"


def _partij(verzoek: Verzoek) -> Mutatie:
    found = verzoek.kenmerk("mutatie")
    if found is None:
        raise NietGevonden
    return verzoek.omgeving.store.mutatieinzage.een(verzoek.bereik, found[0])


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.WERK_ZIEN,
        kop=Kop("Toewijzingen wijzigen", "Indexeren, verlengen en overzetten: veel tegelijk."),
    ),
    Pad(path=f"{PATH}/nieuw", method="GET", handler=_nieuw, recht=Recht.BEOORDELEN),
    Pad(
        path=PATH,
        method="POST",
        handler=_maak,
        recht=Recht.BEOORDELEN,
        handeling="partij toewijzingen maken",
        soort="C",
        budget="zoeken",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.WERK_ZIEN,
        handeling="partij toewijzingen bekijken",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="POST",
        handler=_stap,
        recht=Recht.BEOORDELEN,
        handeling="partij toewijzingen vrijgeven",
        soort="U",
    ),
)
