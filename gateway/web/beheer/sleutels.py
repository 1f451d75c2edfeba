"""Keys of programs: make one that is shown once, and end one at once."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, NietToegestaan, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.sleutels import Aanvraag, Sleutel
from gateway.toegang.namen import SLEUTEL
from gateway.toegang.rechten import Recht, Rol
from gateway.toegang.wie import ALLE
from gateway.web.beheer.gebruikers import DOEL, is_mine
from gateway.web.opmaak import gemeentenaam, toon

BEHEER = "/beheer/sleutels"
SOORT = "sleutel"
TERMS = (("30", "30 dagen"), ("90", "90 dagen"), ("365", "een jaar"), ("730", "twee jaar"))


def _lijst(verzoek: Verzoek) -> Response:
    now = verzoek.omgeving.clock()
    mine = [one for one in verzoek.omgeving.store.sleutels.list() if _is_mine(verzoek, one)]
    context = {
        "van_wie": _van_wie(verzoek),
        "van_niemand": [
            (_kenmerk(verzoek, one), f"{one.naam} ({SLEUTEL}{one.nummer})")
            for one in mine
            if one.namens is None and one.aanbieder is None
        ],
        "sleutels": [
            (
                one,
                f"{BEHEER}/{_kenmerk(verzoek, one)}/intrekken",
                ", ".join(gemeentenaam(verzoek, code) for code in one.gemeenten),
                one.is_geldig(now),
            )
            for one in mine
        ],
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
        "van_wie": _van_wie(verzoek),
        "namens": verzoek.veld("namens"),
        "termijnen": TERMS,
        "dagen": verzoek.veld("dagen") or "365",
    }
    return toon(verzoek, "beheer/sleutel_nieuw.html", context, 422 if fout else 200)


def _maak(verzoek: Verzoek) -> Response:
    gemeente, rol, dagen = (verzoek.veld(name) for name in ("gemeente", "rol", "dagen"))
    if not gemeente or rol not in [one.value for one in Rol] or dagen not in dict(TERMS):
        raise WrongUse("kies een gemeente, een rol en een termijn")
    namens = verzoek.veld("namens")
    if gemeente not in _plaatsen(verzoek) or (namens and namens not in dict(_van_wie(verzoek))):
        raise NietToegestaan
    aanvraag = Aanvraag(
        naam=verzoek.veld("naam"),
        rol=Rol(rol),
        gemeenten=(gemeente,),
        aanbieder=verzoek.veld("aanbieder") or None,
        dagen=int(dagen),
        namens=namens or None,
    )
    told = f"{aanvraag.naam}: {gemeente}: {rol}, van {aanvraag.namens or 'niemand'}"
    try:
        act = verzoek.verantwoord(over=told)
        made, text = verzoek.omgeving.store.sleutels.make(aanvraag, act)
    except WrongUse as wrong:
        return _form(verzoek, f"{str(wrong)[0].upper()}{str(wrong)[1:]}.")
    return toon(verzoek, "beheer/sleutel_gemaakt.html", {"sleutel": made, "tekst": text})


def _eigenaar(verzoek: Verzoek) -> Response:
    """Say whose a key is that was nobody's."""
    asked, namens = _asked(verzoek, verzoek.veld("sleutel")), verzoek.veld("namens")
    if namens not in dict(_van_wie(verzoek)):
        raise WrongUse("kies van wie de sleutel is")
    act = verzoek.verantwoord(over=f"{asked.naam}: van {namens}")
    verzoek.omgeving.store.sleutels.assign(asked.nummer, namens, act)
    return RedirectResponse(BEHEER, 303)


def _intrekken(verzoek: Verzoek) -> Response:
    asked = _asked(verzoek, verzoek.vraag.delen["kenmerk"])
    act = verzoek.verantwoord(over=asked.naam)
    verzoek.omgeving.store.sleutels.revoke(asked.nummer, act)
    return RedirectResponse(BEHEER, 303)


def _asked(verzoek: Verzoek, kenmerk: str) -> Sleutel:
    """A key by what an address or a form names it by, of those that who asks has to do with."""
    for one in verzoek.omgeving.store.sleutels.list():
        if _kenmerk(verzoek, one) == kenmerk and _is_mine(verzoek, one):
            return one
    raise NietGevonden


def _kenmerk(verzoek: Verzoek, one: Sleutel) -> str:
    return verzoek.omgeving.kenmerken.of(SOORT, one.nummer)


def _van_wie(verzoek: Verzoek) -> Sequence[tuple[str, str]]:
    """The users who can have a key, of those that who asks has to do with."""
    return [
        (one.naam, f"{one.weergave} ({one.naam})")
        for one in verzoek.omgeving.store.gebruikers.all()
        if one.actief and one.aanbieder is None and is_mine(verzoek, one)
    ]


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
        path=f"{BEHEER}/eigenaar",
        method="POST",
        handler=_eigenaar,
        recht=Recht.BEHEREN,
        handeling="eigenaar van sleutel vastleggen",
        soort="U",
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
