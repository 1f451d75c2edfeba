"""Keys of programs: make one that is shown once, and end one at once."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, NietToegestaan, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.sleutels import Aanvraag, Sleutel
from gateway.toegang.rechten import Recht, Rol
from gateway.toegang.wie import ALLE
from gateway.web.beheer.gebruikers import DOEL
from gateway.web.opmaak import gemeentenaam, toon

BEHEER = "/beheer/sleutels"
SOORT = "sleutel"
TERMS = (("30", "30 dagen"), ("90", "90 dagen"), ("365", "een jaar"), ("730", "twee jaar"))


def _lijst(verzoek: Verzoek) -> Response:
    now = verzoek.omgeving.clock()
    context = {
        "sleutels": [
            (
                one,
                f"{BEHEER}/{verzoek.omgeving.kenmerken.of(SOORT, one.nummer)}/intrekken",
                ", ".join(gemeentenaam(verzoek, code) for code in one.gemeenten),
                one.is_geldig(now),
            )
            for one in verzoek.omgeving.store.sleutels.list()
            if _is_mine(verzoek, one)
        ]
    }
    return toon(verzoek, "beheer/sleutels.html", context)


def _nieuw(verzoek: Verzoek) -> Response:
    return _form(verzoek, "")


def _form(verzoek: Verzoek, fout: str) -> Response:
    plaatsen = _plaatsen(verzoek)
    context = {
        "fout": fout,
        "naam": verzoek.veld("naam"),
        "aanbieder": verzoek.veld("aanbieder"),
        "rollen": [(rol.value, rol.value) for rol in Rol],
        "rol": verzoek.veld("rol"),
        "gemeenten": [(code, gemeentenaam(verzoek, code)) for code in plaatsen],
        "gekozen": verzoek.veld("gemeente"),
        "termijnen": TERMS,
        "dagen": verzoek.veld("dagen") or "365",
    }
    return toon(verzoek, "beheer/sleutel_nieuw.html", context, 422 if fout else 200)


def _maak(verzoek: Verzoek) -> Response:
    gemeente, rol, dagen = (verzoek.veld(name) for name in ("gemeente", "rol", "dagen"))
    if not gemeente or rol not in [one.value for one in Rol] or dagen not in dict(TERMS):
        raise WrongUse("kies een gemeente, een rol en een termijn")
    if gemeente not in _plaatsen(verzoek):
        raise NietToegestaan
    aanvraag = Aanvraag(
        naam=verzoek.veld("naam"),
        rol=Rol(rol),
        gemeenten=(gemeente,),
        aanbieder=verzoek.veld("aanbieder") or None,
        dagen=int(dagen),
    )
    try:
        act = verzoek.verantwoord(over=f"{aanvraag.naam}: {gemeente}: {rol}")
        made, text = verzoek.omgeving.store.sleutels.make(aanvraag, act)
    except WrongUse as wrong:
        return _form(verzoek, f"{str(wrong)[0].upper()}{str(wrong)[1:]}.")
    return toon(verzoek, "beheer/sleutel_gemaakt.html", {"sleutel": made, "tekst": text})


def _intrekken(verzoek: Verzoek) -> Response:
    sleutels, found = verzoek.omgeving.store.sleutels, verzoek.kenmerk(SOORT)
    asked = [one for one in sleutels.list() if found is not None and one.nummer == found[0]]
    if not asked or not _is_mine(verzoek, asked[0]):
        raise NietGevonden
    sleutels.revoke(asked[0].nummer, verzoek.verantwoord(over=asked[0].naam))
    return RedirectResponse(BEHEER, 303)


def _plaatsen(verzoek: Verzoek) -> Sequence[str]:
    gemeenten = sorted(verzoek.bereik.gemeenten, key=lambda code: gemeentenaam(verzoek, code))
    return [ALLE, *gemeenten] if verzoek.wie.overal(Recht.BEHEREN) else gemeenten


def _is_mine(verzoek: Verzoek, sleutel: Sleutel) -> bool:
    everywhere = verzoek.wie.overal(Recht.BEHEREN)
    return everywhere or set(sleutel.gemeenten) <= verzoek.bereik.gemeenten


PADEN = (
    Pad(path=BEHEER, method="GET", handler=_lijst, recht=Recht.BEHEREN, menu="Sleutels"),
    Pad(path=f"{BEHEER}/nieuw", method="GET", handler=_nieuw, recht=Recht.BEHEREN, sterk=True),
    Pad(
        path=f"{BEHEER}/nieuw",
        method="POST",
        handler=_maak,
        recht=Recht.BEHEREN,
        handeling="sleutel maken",
        soort="C",
        doel=DOEL,
        sterk=True,
    ),
    Pad(
        path=f"{BEHEER}/{{kenmerk}}/intrekken",
        method="POST",
        handler=_intrekken,
        recht=Recht.BEHEREN,
        handeling="sleutel intrekken",
        soort="D",
        doel=DOEL,
    ),
)
