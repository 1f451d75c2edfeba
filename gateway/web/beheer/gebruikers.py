"""Users: make one, give roles per municipality, let in or out.  Nobody gives himself a right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, NietToegestaan, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.gebruikers import Gebruiker, NieuweGebruiker, Rollen
from gateway.toegang.namen import is_bezet
from gateway.toegang.rechten import Recht, Rol
from gateway.toegang.wie import ALLE
from gateway.web.opmaak import gemeentenaam, moment_of, toon

BEHEER = "/beheer/gebruikers"
SOORT = "gebruiker"
DOEL = "beheer van toegang"
# What a code for a password is kept under, and how long it works.
WACHTWOORD, CODE_SECONDS = "wachtwoord", 24 * 3600.0
LONGEST_ACCOUNT = 64
_NAAM = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,79}$")
_AGB = re.compile(r"^[0-9]{8}$")
_NOT_HIMSELF = "u kunt uw eigen rechten niet wijzigen; vraag een andere beheerder"


@dataclass(slots=True)
class Formulier:
    """What was filled in, and what is wrong with it per field."""

    naam: str = ""
    weergave: str = ""
    oidc: str = ""
    aanbieder: str = ""
    fouten: dict[str, str] = field(default_factory=dict)


def _lijst(verzoek: Verzoek) -> Response:
    gebruikers = [
        (one, adres_van(verzoek, one), _woorden(verzoek, one.rollen))
        for one in verzoek.omgeving.store.gebruikers.all()
        if is_mine(verzoek, one)
    ]
    return toon(verzoek, "beheer/gebruikers.html", {"gebruikers": gebruikers})


def _nieuw(verzoek: Verzoek) -> Response:
    return _show_nieuw(verzoek, Formulier())


def _show_nieuw(verzoek: Verzoek, formulier: Formulier) -> Response:
    context = {
        "formulier": formulier,
        "met_oidc": verzoek.omgeving.settings.oidc_issuer is not None,
    }
    status = 422 if formulier.fouten else 200
    return toon(verzoek, "beheer/gebruiker_nieuw.html", context, status)


def _maak(verzoek: Verzoek) -> Response:
    given = filled(verzoek)
    if given.fouten:
        return _show_nieuw(verzoek, given)
    nieuw = NieuweGebruiker(
        naam=given.naam,
        weergave=given.weergave,
        oidc=given.oidc or None,
        aanbieder=given.aanbieder or None,
    )
    try:
        nummer = verzoek.omgeving.store.gebruikers.make(nieuw, verzoek.verantwoord(over=given.naam))
    except WrongUse:
        given.fouten["naam"] = "Deze gebruikersnaam of dit werkaccount is al in gebruik."
        return _show_nieuw(verzoek, given)
    return RedirectResponse(f"{BEHEER}/{verzoek.omgeving.kenmerken.of(SOORT, nummer)}", 303)


def filled(verzoek: Verzoek) -> Formulier:
    """What was filled in, with what is wrong with it."""
    made = Formulier(
        naam=verzoek.veld("naam"),
        weergave=verzoek.veld("weergave"),
        oidc=verzoek.veld("oidc"),
        aanbieder=verzoek.veld("aanbieder"),
    )
    if not _NAAM.match(made.naam):
        made.fouten["naam"] = "Gebruik letters, cijfers, punten, streepjes of een e-mailadres."
    elif is_bezet(made.naam):
        made.fouten["naam"] = "Deze naam betekent iets anders in het logboek. Kies een andere."
    if not made.weergave:
        made.fouten["weergave"] = "Vul de naam in zoals collega's die kennen."
    if made.aanbieder and not _AGB.match(made.aanbieder):
        made.fouten["aanbieder"] = "Een AGB-code heeft acht cijfers."
    return made


def _een(verzoek: Verzoek) -> Response:
    gebruiker = _asked(verzoek)
    omgeving = verzoek.omgeving
    context = {
        "gebruiker": gebruiker,
        "adres": adres_van(verzoek, gebruiker),
        "eigen": gebruiker.naam == verzoek.wie.kenmerk,
        "plaatsen": _plaatsen(verzoek),
        "rollen": [
            rol.value for rol in Rol if rol is not Rol.AANBIEDER or gebruiker.aanbieder is not None
        ],
        "heeft": {
            f"{gemeente}:{rol}" for gemeente, here in gebruiker.rollen.items() for rol in here
        },
        "sessies": [
            (one, moment_of(one.gemaakt_at), moment_of(one.gezien_at))
            for one in omgeving.store.sessies.of(gebruiker.nummer)
        ],
        "met_wachtwoord": omgeving.settings.met_wachtwoord,
    }
    return toon(verzoek, "beheer/gebruiker.html", context)


def _plaatsen(verzoek: Verzoek) -> Sequence[str]:
    """The municipalities that who asks gives roles in; all together where he is for all."""
    gemeenten = sorted(verzoek.bereik.gemeenten, key=lambda code: gemeentenaam(verzoek, code))
    return [ALLE, *gemeenten] if _is_everywhere(verzoek) else gemeenten


def _rollen(verzoek: Verzoek) -> Response:
    gebruiker = _other(verzoek)
    plaatsen = _plaatsen(verzoek)
    rollen: dict[str, frozenset[Rol]] = {
        # What he has where this beheerder is nobody stays as it is.
        gemeente: here
        for gemeente, here in gebruiker.rollen.items()
        if gemeente not in plaatsen
    }
    for given in verzoek.vraag.formulier.getlist("rol"):
        gemeente, _, rol = str(given).partition(":")
        if gemeente not in plaatsen or rol not in [one.value for one in Rol]:
            raise NietToegestaan
        rollen[gemeente] = rollen.get(gemeente, frozenset()) | {Rol(rol)}
    if not gebruiker.aanbieder and any(Rol.AANBIEDER in here for here in rollen.values()):
        raise WrongUse("de rol aanbieder kan alleen voor wie een AGB-code heeft")
    told = f"{gebruiker.naam}: {_codes(rollen)}"
    verzoek.omgeving.store.gebruikers.set_rollen(
        gebruiker.nummer, rollen, verzoek.verantwoord(over=told)
    )
    return RedirectResponse(adres_van(verzoek, gebruiker), 303)


def _actief(verzoek: Verzoek) -> Response:
    gebruiker = _other(verzoek)
    actief = verzoek.veld("actief") == "1"
    told = f"{gebruiker.naam}: {'toegelaten' if actief else 'uitgesloten'}"
    verzoek.omgeving.store.gebruikers.set_actief(
        gebruiker.nummer, actief, verzoek.verantwoord(over=told)
    )
    return RedirectResponse(adres_van(verzoek, gebruiker), 303)


def _code(verzoek: Verzoek) -> Response:
    """A code by which he sets a password that nobody else knows."""
    omgeving, gebruiker = verzoek.omgeving, _other(verzoek)
    if not omgeving.settings.met_wachtwoord:
        raise NietGevonden
    omgeving.store.logboek.write(verzoek.verantwoord(over=gebruiker.naam))
    context = {
        "gebruiker": gebruiker,
        "adres": adres_van(verzoek, gebruiker),
        "adres_wachtwoord": f"{omgeving.adres}/wachtwoord",
        "code": omgeving.store.sessies.give(WACHTWOORD, str(gebruiker.nummer), CODE_SECONDS),
    }
    return toon(verzoek, "beheer/code.html", context)


def _machine(verzoek: Verzoek) -> Response:
    """Say which account on the machine is his."""
    gebruiker, account = _other(verzoek), verzoek.veld("account").strip()
    if len(account) > LONGEST_ACCOUNT:
        raise WrongUse(f"een account op de machine heeft hoogstens {LONGEST_ACCOUNT} tekens")
    act = verzoek.verantwoord(over=f"{gebruiker.naam}: {account or 'geen account'}")
    verzoek.omgeving.store.gebruikers.set_machineaccount(gebruiker.nummer, account or None, act)
    return RedirectResponse(adres_van(verzoek, gebruiker), 303)


def _sessies(verzoek: Verzoek) -> Response:
    gebruiker = _asked(verzoek)
    verzoek.omgeving.store.sessies.end_all(gebruiker.nummer)
    return RedirectResponse(adres_van(verzoek, gebruiker), 303)


def _asked(verzoek: Verzoek) -> Gebruiker:
    """The user of the address, of those that who asks has to do with."""
    found = verzoek.kenmerk(SOORT)
    gebruiker = verzoek.omgeving.store.gebruikers.by_nummer(found[0]) if found else None
    if gebruiker is None or not is_mine(verzoek, gebruiker):
        raise NietGevonden
    return gebruiker


def _other(verzoek: Verzoek) -> Gebruiker:
    gebruiker = _asked(verzoek)
    if gebruiker.naam == verzoek.wie.kenmerk:
        raise NietToegestaan(_NOT_HIMSELF)
    return gebruiker


def is_mine(verzoek: Verzoek, gebruiker: Gebruiker) -> bool:
    """A beheerder of some municipalities has nothing to say over who works elsewhere."""
    return _is_everywhere(verzoek) or set(gebruiker.rollen) <= verzoek.bereik.gemeenten


def _is_everywhere(verzoek: Verzoek) -> bool:
    return verzoek.wie.overal(Recht.BEHEREN)


def adres_van(verzoek: Verzoek, gebruiker: Gebruiker) -> str:
    """The page of a user."""
    return f"{BEHEER}/{verzoek.omgeving.kenmerken.of(SOORT, gebruiker.nummer)}"


def _woorden(verzoek: Verzoek, rollen: Rollen) -> str:
    return "; ".join(
        f"{gemeentenaam(verzoek, gemeente)}: {', '.join(sorted(here))}"
        for gemeente, here in sorted(rollen.items())
    )


def _codes(rollen: Rollen) -> str:
    """As the log keeps it: a code stays what it is when a municipality gets another name."""
    return "; ".join(f"{code}: {', '.join(sorted(here))}" for code, here in sorted(rollen.items()))


_EEN = f"{BEHEER}/{{kenmerk}}"

PADEN = (
    Pad(
        path=BEHEER,
        method="GET",
        handler=_lijst,
        recht=Recht.BEHEREN,
        menu="Gebruikers",
        doel=DOEL,
    ),
    Pad(path=f"{BEHEER}/nieuw", method="GET", handler=_nieuw, recht=Recht.BEHEREN, sterk=True),
    Pad(
        path=f"{BEHEER}/nieuw",
        method="POST",
        handler=_maak,
        recht=Recht.BEHEREN,
        handeling="gebruiker maken",
        soort="C",
        doel=DOEL,
        sterk=True,
    ),
    Pad(path=_EEN, method="GET", handler=_een, recht=Recht.BEHEREN, sterk=True, doel=DOEL),
    Pad(
        path=f"{_EEN}/rollen",
        method="POST",
        handler=_rollen,
        recht=Recht.BEHEREN,
        handeling="rollen wijzigen",
        soort="U",
        doel=DOEL,
        sterk=True,
    ),
    Pad(
        path=f"{_EEN}/actief",
        method="POST",
        handler=_actief,
        recht=Recht.BEHEREN,
        handeling="toegang wijzigen",
        soort="U",
        doel=DOEL,
        sterk=True,
    ),
    Pad(
        path=f"{_EEN}/code",
        method="POST",
        handler=_code,
        recht=Recht.BEHEREN,
        handeling="code voor wachtwoord",
        soort="C",
        doel=DOEL,
        sterk=True,
    ),
    Pad(
        path=f"{_EEN}/machine",
        method="POST",
        handler=_machine,
        recht=Recht.BEHEREN,
        handeling="account op de machine vastleggen",
        soort="U",
        doel=DOEL,
        sterk=True,
    ),
    Pad(
        path=f"{_EEN}/sessies",
        method="POST",
        handler=_sessies,
        recht=Recht.BEHEREN,
        handeling="sessies beëindigen",
        soort="E",
        doel=DOEL,
    ),
)
