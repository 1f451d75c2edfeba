"""Werkvoorraad: causes of open findings, the findings of one, and what to do about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import shorten

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.noteren import Noteer
from gateway.store.werk.besluiten import Keuze
from gateway.store.werk.soorten import GEVOLGEN, Soort, soorten_bij
from gateway.store.werk.volger import MOST_BEHIND
from gateway.store.werk.voorraad import Oorzaakrij
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentekeuzes, toon
from gateway.web.pages import adressen, woorden
from gateway.web.pages.zoekvelden import MIJ, NIEMAND, zoekvraag

PATH = "/werkvoorraad"
OF_CAUSE = PATH + "/{kenmerk}"
VOLGORDES = (("bedrag", "bedrag"), ("termijn", "uiterste dag"), ("leeftijd", "oudste eerst"))
LONGEST_CHOICE = 80
EIGENAREN = (("", "van iedereen"), (MIJ, "van mij"), (NIEMAND, "van niemand"))


def _lijst(verzoek: Verzoek) -> Response:
    voorraad, bereik = verzoek.omgeving.store.werkvoorraad, verzoek.bereik
    vraag = zoekvraag(verzoek.vraag.zoek, verzoek.wie.kenmerk)
    na = verzoek.vraag.zoek.get("na")
    blad = voorraad.oorzaken(bereik, vraag.filter, vraag.volgorde, na)
    keuzes = voorraad.keuzes(bereik)
    context = {
        "vraag": vraag,
        "path": PATH,
        "oorzaken": [adressen.oorzaakregel(verzoek, one) for one in blad.rijen],
        "volgende": vraag.naar(PATH, na=blad.volgende) if blad.volgende else None,
        "begin": vraag.naar(PATH) if na else None,
        "totaal": voorraad.totaal(bereik, vraag.filter),
        "keuzes": keuzes,
        "gemeentekeuzes": gemeentekeuzes(verzoek, keuzes.gemeenten),
        "regelkeuzes": [(one, _regel(verzoek, one)) for one in keuzes.rules],
        "overeenkomstkeuzes": _overeenkomsten(verzoek, keuzes.overeenkomsten),
        "achter": verzoek.omgeving.store.werkvolger.behind(),
        "achter_meest": MOST_BEHIND,
        "volgordes": VOLGORDES,
        "eigenaren": EIGENAREN,
        "woorden": woorden,
    }
    return toon(verzoek, "werkvoorraad.html", context)


def _regel(verzoek: Verzoek, code: str) -> str:
    """A rule or check with what it is about, as short as a choice has to be."""
    omgeving = verzoek.omgeving
    check = omgeving.teksten.of(code)
    asks = check.wat if check else omgeving.regelzinnen.get(code)
    return f"{code} – {shorten(asks, LONGEST_CHOICE, placeholder='…')}" if asks else code


def _overeenkomsten(verzoek: Verzoek, ids: Sequence[str]) -> list[tuple[str, str]]:
    names = {one.id: one.naam for one in verzoek.omgeving.kennis.overeenkomsten.alle}
    return [(one, names.get(one, one)) for one in ids]


def _oorzaak(verzoek: Verzoek) -> Response:
    store, bereik = verzoek.omgeving.store, verzoek.bereik
    rij = oorzaak_van(verzoek)
    path = adressen.van(verzoek, "oorzaak", rij.nummer)
    vraag = zoekvraag(verzoek.vraag.zoek, verzoek.wie.kenmerk)
    na = verzoek.vraag.zoek.get("na")
    blad = store.werkvoorraad.posten(bereik, rij.nummer, vraag.volgorde, na)
    for gemeente, client in store.werkvoorraad.clienten(
        bereik, [one.bevinding_id for one in blad.rijen]
    ):
        verzoek.toont(gemeente, [client], f"oorzaak {rij.nummer}")
    effecten = {one.effect for one in blad.rijen}
    context = {
        "een": adressen.oorzaakregel(verzoek, rij),
        "posten": [adressen.postregel(verzoek, one) for one in blad.rijen],
        "vraag": vraag,
        "path": path,
        "volgende": vraag.naar(path, na=blad.volgende) if blad.volgende else None,
        "begin": vraag.naar(path) if na else None,
        "volgordes": VOLGORDES,
        "soorten": [
            (soort.value, GEVOLGEN[soort].uitleg)
            for effect in ("hold", "reject", "signal")
            if effect in effecten
            for soort in soorten_bij(effect)
        ],
        "log": woorden.stappen(store.overleg.about_cause(bereik, rij.nummer)),
        "besluiten": [
            (one, adressen.besluit(verzoek, one))
            for one in store.besluiteninzage.besluiten(bereik, rij.nummer).rijen
        ],
        "is_van_mij": rij.eigenaar == verzoek.wie.kenmerk,
        "woorden": woorden,
    }
    return toon(verzoek, "oorzaak.html", context)


def oorzaak_van(verzoek: Verzoek) -> Oorzaakrij:
    """The cause in the address; raises NietGevonden for none that may be seen."""
    nummer, _ = adressen.nummer_van(verzoek, "oorzaak")
    found = verzoek.omgeving.store.werkvoorraad.oorzaak(verzoek.bereik, nummer)
    if found is None:
        raise NietGevonden
    return found


def noteer_van(verzoek: Verzoek, gemeente: str) -> Noteer:
    """Accounts for a change in its own transaction."""
    handeling = verzoek.verantwoord(gemeente=gemeente)
    return lambda connection, *_: verzoek.omgeving.store.logboek.schrijf(connection, handeling)


def _eigenaar(verzoek: Verzoek) -> Response:
    """Take a cause, or leave it to others."""
    overleg, rij = verzoek.omgeving.store.overleg, oorzaak_van(verzoek)
    change = overleg.let_go if verzoek.veld("doe") == "loslaten" else overleg.take
    noteer = noteer_van(verzoek, rij.oorzaak.gemeente)
    change(verzoek.bereik, verzoek.wie, rij.nummer, noteer)
    return _back(verzoek, rij)


def _toewijzen(verzoek: Verzoek) -> Response:
    """Let a colleague work on a cause, by his name of login."""
    naam, rij = verzoek.veld("naam"), oorzaak_van(verzoek)
    found = verzoek.omgeving.store.gebruikers.by_naam(naam) if naam else None
    colleague = (
        None if found is None else found.wie.bereik(Recht.BEOORDELEN, verzoek.omgeving.bediend)
    )
    if found is None or colleague is None or rij.oorzaak.gemeente not in colleague.gemeenten:
        raise WrongUse("deze collega bestaat niet, of mag hier niet beoordelen", veld="naam")
    aan = (found.wie.kenmerk, found.wie.naam)
    noteer = noteer_van(verzoek, rij.oorzaak.gemeente)
    verzoek.omgeving.store.overleg.assign(verzoek.bereik, verzoek.wie, rij.nummer, aan, noteer)
    return _back(verzoek, rij)


def _notitie(verzoek: Verzoek) -> Response:
    rij = oorzaak_van(verzoek)
    noteer = noteer_van(verzoek, rij.oorzaak.gemeente)
    overleg = verzoek.omgeving.store.overleg
    overleg.note(verzoek.bereik, verzoek.wie, rij.nummer, verzoek.veld("tekst"), noteer)
    return _back(verzoek, rij)


def _voorbeeld(verzoek: Verzoek) -> Response:
    """Freeze what was chosen, and show what would be decided."""
    rij = oorzaak_van(verzoek)
    try:
        soort = Soort(verzoek.veld("soort"))
    except ValueError:
        raise WrongUse("kies wat u wilt besluiten") from None
    chosen = verzoek.vraag.formulier.getlist("post")
    nummers = [int(one) for one in chosen if isinstance(one, str) and one.isdigit()]
    if verzoek.veld("welke") != "alle" and not nummers:
        raise WrongUse(
            "kruis aan waarover u besluit, of kies alles van deze oorzaak", veld="posten"
        )
    keuze = Keuze(soort, rij.nummer, () if verzoek.veld("welke") == "alle" else nummers)
    besluiten = verzoek.omgeving.store.besluiten(verzoek.omgeving.kennis.beleid_of)
    made = besluiten.freeze(verzoek.bereik, verzoek.wie, keuze)
    return RedirectResponse(adressen.besluit(verzoek, made), 303)


def _back(verzoek: Verzoek, rij: Oorzaakrij) -> Response:
    return RedirectResponse(adressen.van(verzoek, "oorzaak", rij.nummer), 303)


def _change(path: str, handler: Callable[[Verzoek], Response], handeling: str) -> Pad:
    return Pad(
        path=OF_CAUSE + path,
        method="POST",
        handler=handler,
        recht=Recht.BEOORDELEN,
        handeling=handeling,
        soort="U",
    )


PADEN = (
    Pad(
        path=PATH,
        method="GET",
        handler=_lijst,
        recht=Recht.WERK_ZIEN,
        handeling="werkvoorraad bekijken",
        menu="Werkvoorraad",
    ),
    Pad(
        path=OF_CAUSE,
        method="GET",
        handler=_oorzaak,
        recht=Recht.WERK_ZIEN,
        handeling="oorzaak bekijken",
    ),
    _change("/eigenaar", _eigenaar, "oorzaak oppakken of loslaten"),
    _change("/toewijzen", _toewijzen, "oorzaak toewijzen"),
    _change("/notitie", _notitie, "notitie bij oorzaak"),
    _change("/voorbeeld", _voorbeeld, "besluit voorbereiden"),
)
