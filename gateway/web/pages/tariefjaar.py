"""The prices of a next year: indexed or brought along, compared, held against the past, published.

What is held against the past goes over granted lines, so it is done beside requests, as a
re-pricing is.  A proposal lives as long as its task does; only publishing changes anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from starlette.responses import RedirectResponse, Response

from gateway.agreements.gevolg import Gebruik
from gateway.agreements.indexeren import running_on
from gateway.errors import NietGevonden, WrongUse
from gateway.http.bestand import attachment
from gateway.http.klein import sees_small
from gateway.http.pad import Pad
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.pipeline.grondslag import OVEREENKOMSTEN, Bestand
from gateway.pipeline.kennis import dag_van
from gateway.records.overeenkomst import Overeenkomst
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.opmaak import toon
from gateway.web.pages.matrix import venster_van
from gateway.web.pages.overeenkomsten import in_zicht, meting_of
from gateway.web.pages.uitvoer import uitvoerpad
from gateway.web.pages.vergelijken import BYTES, beside, uploaded
from gateway.web.pages.verwijzingen import Verwijzingen
from gateway.werk.herprijzing import Herprijsuitkomst, herprijs
from gateway.werk.publiceren import (
    DOEL,
    HANDELING,
    Publicatie,
    folder_of,
    place_of,
    prepared,
    publish,
    refuse_others,
)
from gateway.werk.tariefjaar import Indexwens, indexed, use_of

INDEXEREN, PATH = "/overeenkomsten/indexeren", "/overeenkomsten/publiceren"
VOORSTEL = "voorstel"
TOML = "application/toml"
# So long what was counted of the past may be published by, and so many prices fit on a form.
HOUDBAAR, CELLEN = timedelta(hours=1), 400
_TE_OUD = "dit is langer dan een uur geleden nagerekend; kies het bestand opnieuw"
_PAST = "dit verandert de juiste prijs van wat al is toegekend; zet een vinkje als u dat bedoelt"


@dataclass(frozen=True, slots=True)
class Gewogen:
    """A proposal as it was checked at a moment; `past` tells what it comes to for granted lines."""

    publicatie: Publicatie
    past: Herprijsuitkomst | None
    moment: datetime

    @property
    def geraakt(self) -> int:
        """How many granted lines get another right price."""
        return 0 if self.past is None else self.past.run.geraakt.regels


# --- Index ------------------------------------------------------------------------------------


def _indexeren(verzoek: Verzoek) -> Response:
    return _indexvorm(verzoek, verzoek.vraag.zoek.get, "")


def _indexvorm(
    verzoek: Verzoek, veld: Callable[[str], str | None], fout: str, status: int = 200
) -> Response:
    own = _beheerd(verzoek)
    een = next((one for one in own if one.hash == veld("overeenkomst")), None)
    vandaag = dag_van(verzoek.omgeving.clock())
    vanaf = veld("vanaf") or date(vandaag.year + 1, 1, 1).isoformat()
    context = {
        "fout": fout,
        "keuzes": [(one.hash, f"{one.naam} {one.versie}") for one in own],
        "een": een,
        "vanaf": vanaf,
        "vandaag": vandaag,
        "cellen": _cellen(een, vanaf),
        "venster_van": venster_van,
        "veld": lambda naam: veld(naam) or "",
        "afrondingen": [("1", "1 cent"), ("5", "5 cent"), ("10", "10 cent"), ("100", "hele euro")],
        "path": INDEXEREN,
    }
    return toon(verzoek, "indexeren.html", context, status)


def _beheerd(verzoek: Verzoek) -> list[Overeenkomst]:
    """The agreements in use of which he manages every municipality."""
    overal, own = verzoek.wie.overal(Recht.BEHEREN), verzoek.bereik.gemeenten
    return [one for one in in_zicht(verzoek) if overal or own.issuperset(one.gemeenten)]


def _cellen(een: Overeenkomst | None, vanaf: str) -> list[Any]:
    try:
        found = [] if een is None else list(running_on(een, date.fromisoformat(vanaf)))
    except ValueError:
        return []
    return found if len(found) <= CELLEN else []


def _indexeer(verzoek: Verzoek) -> Response:
    try:
        bestand = _in_use(verzoek)
        made = indexed(bestand, _wens(verzoek), _vandaag(verzoek), _codes(verzoek))
        return _weigh(verzoek, (bestand[0], made.inhoud))
    except WrongUse as wrong:
        return _indexvorm(verzoek, verzoek.veld, str(wrong), 422)


def _in_use(verzoek: Verzoek) -> Bestand:
    """The file of the agreement that was chosen."""
    known = {one.hash for one in _beheerd(verzoek)}
    chosen = verzoek.veld("overeenkomst")
    for naam, inhoud in verzoek.omgeving.kennis.grondslag.of(OVEREENKOMSTEN):
        if chosen in known and hashlib.sha256(inhoud).hexdigest() == chosen:
            return naam, inhoud
    raise WrongUse("kies een overeenkomst")


def _wens(verzoek: Verzoek) -> Indexwens:
    vanaf = _dag(verzoek, "vanaf")
    if vanaf is None:
        raise WrongUse("schrijf de eerste dag van de nieuwe prijzen als jjjj-mm-dd")
    afronden = verzoek.veld("afronden") or "1"
    return Indexwens(
        percentage=verzoek.veld("percentage"),
        vanaf=vanaf,
        afronden=int(afronden) if afronden.isascii() and afronden.isdigit() else 0,
        per_cel=_per_cel(verzoek),
        versie=verzoek.veld("versie") or None,
        bekendgemaakt=_dag(verzoek, "bekendgemaakt"),
        toewijsbaar_tot=_dag(verzoek, "toewijsbaar_tot"),
        declarabel_tot=_dag(verzoek, "declarabel_tot"),
    )


def _per_cel(verzoek: Verzoek) -> Mapping[int, str]:
    """The percentages that were filled in beside single prices."""
    found = {}
    for naam in verzoek.vraag.formulier:
        number = naam.removeprefix("cel-")
        if naam != number and number.isascii() and number.isdigit() and verzoek.veld(naam):
            found[int(number)] = verzoek.veld(naam)
    return found


def _dag(verzoek: Verzoek, naam: str) -> date | None:
    text = verzoek.veld(naam)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUse("schrijf elke datum als jjjj-mm-dd") from None


# --- A proposal -------------------------------------------------------------------------------


def _pagina(verzoek: Verzoek) -> Response:
    return _form(verzoek, "")


def _form(verzoek: Verzoek, fout: str, status: int = 200) -> Response:
    context = {
        "fout": fout,
        "belet": _belet(verzoek),
        "taken": verzoek.omgeving.taken.latest(VOORSTEL, verzoek.wie.kenmerk),
        "adres": _adres,
        "path": PATH,
    }
    return toon(verzoek, "publiceren.html", context, status)


def _belet(verzoek: Verzoek) -> str:
    """Why this installation publishes nothing; empty where it does."""
    try:
        folder_of(verzoek.omgeving.kennis.bronnen)
    except WrongUse as wrong:
        return str(wrong)
    return ""


def _bied_aan(verzoek: Verzoek) -> Response:
    try:
        return _weigh(verzoek, uploaded(verzoek)[0])
    except WrongUse as wrong:
        return _form(verzoek, str(wrong), 422)


def _weigh(verzoek: Verzoek, bestand: Bestand) -> Response:
    """Check a file, and begin to hold it against what was granted."""
    omgeving = verzoek.omgeving
    publicatie = prepared(bestand, place_of(omgeving.kennis.bronnen), _codes(verzoek))
    refuse_others(verzoek.wie, verzoek.bereik, publicatie.wijziging.alle)

    def run(taak: Taak) -> Gewogen:
        moment, vraag = omgeving.clock(), publicatie.vraag
        past = None
        if vraag is not None and not publicatie.is_in_use:
            past = herprijs(omgeving.store, omgeving.kennis_van, vraag, moment, taak.meld, 0)
        return Gewogen(publicatie, past, moment)

    wie = verzoek.wie.kenmerk
    sleutel = f"{wie} {publicatie.nieuw.hash}"
    return RedirectResponse(_adres(omgeving.taken.begin(VOORSTEL, sleutel, wie, run)), 303)


def _toon(verzoek: Verzoek) -> Response:
    return _shown(verzoek, "")


def _shown(verzoek: Verzoek, fout: str, status: int = 200) -> Response:
    taak = _taak(verzoek)
    gewogen: Gewogen | None = taak.uitkomst
    context: dict[str, Any] = {
        "taak": taak,
        "gewogen": gewogen,
        "fout": fout,
        "hier": _adres(taak),
        "path": PATH,
        "naar": Verwijzingen(verzoek),
    }
    if gewogen is not None:
        context |= _told(verzoek, gewogen)
    return toon(verzoek, "voorstel.html", context, status)


def _told(verzoek: Verzoek, gewogen: Gewogen) -> Mapping[str, Any]:
    publicatie, kennis = gewogen.publicatie, verzoek.omgeving.kennis
    nieuw, vervangt = publicatie.nieuw, publicatie.wijziging.vervangt
    een = vervangt[0] if vervangt else replace(nieuw, cellen=())
    gebruik = _gebruik(verzoek, een)
    return {
        "nieuw": nieuw,
        "vervangt": vervangt,
        "is_in_gebruik": any(one.hash == nieuw.hash for one in kennis.overeenkomsten.alle),
        "belet": _belet(verzoek),
        "ziet_aantal": sees_small(verzoek, Bereik(publicatie.wijziging.gemeenten)),
        "met_gebruik": gebruik is not None,
        **beside(verzoek, een, nieuw, gebruik),
    }


def _gebruik(verzoek: Verzoek, een: Overeenkomst) -> Gebruik | None:
    """What was granted last year on each cell, for who may see it."""
    meting = meting_of(verzoek) if verzoek.mag(Recht.STURING_ZIEN) else None
    return None if meting is None else use_of(meting, een, _vandaag(verzoek).year - 1)


def _bewaar(verzoek: Verzoek) -> Response:
    publicatie = _klaar(verzoek).publicatie
    return Response(publicatie.inhoud, media_type=TOML, headers=attachment(publicatie.doel.name))


def _stop(verzoek: Verzoek) -> Response:
    taak = _taak(verzoek)
    taak.stop()
    return RedirectResponse(_adres(taak), 303)


# --- Publish ----------------------------------------------------------------------------------


def _publiceer(verzoek: Verzoek) -> Response:
    gewogen = _klaar(verzoek)
    try:
        _refuse(verzoek, gewogen)
        publish(gewogen.publicatie, lambda: _record(verzoek, gewogen.publicatie))
    except WrongUse as wrong:
        return _shown(verzoek, str(wrong), 422)
    verzoek.omgeving.stand.look()
    return RedirectResponse(_adres(_taak(verzoek)), 303)


def _refuse(verzoek: Verzoek, gewogen: Gewogen) -> None:
    """Raises WrongUse or NietToegestaan for what is not to be published like this."""
    refuse_others(verzoek.wie, verzoek.bereik, gewogen.publicatie.wijziging.alle)
    folder_of(verzoek.omgeving.kennis.bronnen)
    if verzoek.omgeving.clock() - gewogen.moment > HOUDBAAR:
        raise WrongUse(_TE_OUD)
    if gewogen.geraakt and verzoek.veld("terugwerkend") != "ja":
        raise WrongUse(_PAST)


def _record(verzoek: Verzoek, publicatie: Publicatie) -> None:
    verzoek.omgeving.store.logboek.write(verzoek.verantwoord(over=publicatie.over))


def _klaar(verzoek: Verzoek) -> Gewogen:
    gewogen: Gewogen | None = _taak(verzoek).uitkomst
    if gewogen is None:
        raise WrongUse("dit voorstel is nog niet nagerekend")
    return gewogen


def _taak(verzoek: Verzoek) -> Taak:
    kenmerk = verzoek.vraag.delen["kenmerk"]
    found = verzoek.omgeving.taken.of(VOORSTEL, kenmerk, verzoek.wie.kenmerk)
    if found is None:
        raise NietGevonden("dit voorstel is er niet meer; kies het bestand opnieuw")
    return found


def _adres(taak: Taak) -> str:
    return f"{PATH}/{taak.kenmerk}"


def _codes(verzoek: Verzoek) -> Any:
    return verzoek.omgeving.kennis.gemeentecodes


def _vandaag(verzoek: Verzoek) -> date:
    return dag_van(verzoek.omgeving.clock())


_EEN = f"{PATH}/{{kenmerk}}"
PADEN = (
    Pad(path=INDEXEREN, method="GET", handler=_indexeren, recht=Recht.BEHEREN),
    Pad(
        path=INDEXEREN,
        method="POST",
        handler=_indexeer,
        recht=Recht.BEHEREN,
        budget="export",
    ),
    Pad(path=PATH, method="GET", handler=_pagina, recht=Recht.BEHEREN),
    Pad(
        path=PATH,
        method="POST",
        handler=_bied_aan,
        recht=Recht.BEHEREN,
        bytecap=2 * BYTES,
        budget="export",
    ),
    Pad(path=_EEN, method="GET", handler=_toon, recht=Recht.BEHEREN),
    Pad(path=f"{_EEN}/stoppen", method="POST", handler=_stop, recht=Recht.BEHEREN),
    uitvoerpad(f"{_EEN}/uitvoer", _bewaar, "voorstel bewaren", recht=Recht.BEHEREN),
    Pad(
        path=f"{_EEN}/bevestigen",
        method="POST",
        handler=_publiceer,
        recht=Recht.BEHEREN,
        handeling=HANDELING,
        soort="U",
        doel=DOEL,
        sterk=True,
    ),
)
