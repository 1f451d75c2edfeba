"""A policy is changed by two: one beheerder proposes a version, a second one confirms it."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from gateway.deviations.policy import Beleid, beleid_of
from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.records.masker import mask
from gateway.store.beleid import GELDT, GEWEIGERD, INGETROKKEN, VOORGESTELD, Beleidsversie, Voorstel
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik
from gateway.web.beheer.beleid import EFFECTEN, PATH, text_of
from gateway.web.beheer.beleidsvorm import NIEUWE, day_of, filled, in_words, verschillen
from gateway.web.beheer.gebruikers import DOEL
from gateway.web.opmaak import gemeentenaam, toon

VERSIESTATEN = {
    VOORGESTELD: ("wacht op tweede persoon", "let-op"),
    GELDT: ("bevestigd", "goed"),
    GEWEIGERD: ("niet bevestigd", "neutraal"),
    INGETROKKEN: ("ingetrokken", "neutraal"),
}
BESLISSINGEN = {"bevestigen": GELDT, "weigeren": GEWEIGERD, "intrekken": INGETROKKEN}


def _pagina(verzoek: Verzoek) -> Response:
    return _show(verzoek, "")


def _show(verzoek: Verzoek, fout: str) -> Response:
    gemeente = _gemeente(verzoek)
    versies = _versies(verzoek, gemeente)
    basis, nummer = _basis(verzoek, gemeente, versies)
    voorstel = next((one for one in versies if one.staat == VOORGESTELD), None)
    vandaag = dag_van(verzoek.omgeving.clock())
    context = {
        "naam": gemeentenaam(verzoek, gemeente),
        "hier": f"{PATH}/{gemeente}",
        "fout": fout,
        "beleid": basis,
        "basis": nummer,
        "voorstel": voorstel,
        "is_van_mij": voorstel is not None
        and verzoek.omgeving.store.personen.is_dezelfde(voorstel.wie, verzoek.wie),
        "verschillen": []
        if voorstel is None
        else verschillen(basis, _read(verzoek, voorstel.inhoud)),
        "versies": [(one, VERSIESTATEN[one.staat]) for one in versies],
        "controles": [
            (code, text_of(verzoek, code)) for code in sorted(verzoek.omgeving.teksten.checks)
        ],
        "effecten": [(effect, woord) for effect, (woord, _) in EFFECTEN.items()],
        "ontheffingen": [(one, in_words(one)) for one in basis.ontheffingen],
        "nieuwe": range(NIEUWE),
        "ingevuld": verzoek.veld,
        "is_gestuurd": bool(fout),
        "vandaag": vandaag,
    }
    return toon(verzoek, "beheer/beleid_wijzigen.html", context, 422 if fout else 200)


def _stel_voor(verzoek: Verzoek) -> Response:
    gemeente = _gemeente(verzoek)
    basis, _ = _basis(verzoek, gemeente, _versies(verzoek, gemeente))
    try:
        voorstel = _voorstel(verzoek, gemeente, basis)
        act = verzoek.verantwoord(gemeente=gemeente, over=f"beleid van {gemeente}")
        verzoek.omgeving.store.beleidsversies.stel_voor(verzoek.wie, voorstel, act)
    except WrongUse as wrong:
        return _show(verzoek, str(wrong))
    return RedirectResponse(f"{PATH}/{gemeente}", 303)


def _voorstel(verzoek: Verzoek, gemeente: str, basis: Beleid) -> Voorstel:
    """What the form proposes; raises WrongUse for what is no change or has no reason."""
    inhoud = filled(verzoek, basis)
    if not verschillen(basis, _read(verzoek, inhoud)):
        raise WrongUse("er verandert niets")
    toelichting = mask(verzoek.veld("toelichting"))
    if not toelichting:
        raise WrongUse("schrijf op waarom het beleid verandert")
    vanaf = day_of(verzoek.veld("vanaf"))
    if vanaf < dag_van(verzoek.omgeving.clock()):
        raise WrongUse("een beleid kan niet ingaan in het verleden")
    nummer = verzoek.veld("basis")
    return Voorstel(
        gemeente=gemeente,
        inhoud=inhoud,
        vanaf=vanaf,
        toelichting=toelichting[:2000],
        basis=int(nummer) if nummer.isascii() and nummer.isdigit() else -1,
    )


def _beslis(verzoek: Verzoek) -> Response:
    """Confirm or refuse what a colleague proposed, or withdraw one's own; known at once here."""
    gemeente = _gemeente(verzoek)
    doe, nummer = verzoek.veld("doe"), verzoek.veld("voorstel")
    if doe not in BESLISSINGEN or not (nummer.isascii() and nummer.isdigit()):
        raise WrongUse("kies wat u met dit voorstel wilt doen")
    act = verzoek.verantwoord(gemeente=gemeente, over=f"beleid van {gemeente}: {doe}")
    verzoek.omgeving.store.beleidsversies.beslis(
        Bereik(frozenset({gemeente})), verzoek.wie, int(nummer), BESLISSINGEN[doe], act
    )
    verzoek.omgeving.stand.look()
    return RedirectResponse(f"{PATH}/{gemeente}", 303)


def _gemeente(verzoek: Verzoek) -> str:
    gemeente = verzoek.vraag.delen["gemeente"]
    if gemeente not in verzoek.bereik.gemeenten:
        raise NietGevonden
    return gemeente


def _versies(verzoek: Verzoek, gemeente: str) -> list[Beleidsversie]:
    found = verzoek.omgeving.store.beleidsversies.van(Bereik(frozenset({gemeente})))
    return list(found)


def _basis(verzoek: Verzoek, gemeente: str, versies: list[Beleidsversie]) -> tuple[Beleid, int]:
    """What a change is made of: the last version that was confirmed, else what holds now."""
    last = next((one for one in versies if one.staat == GELDT), None)
    if last is None:
        return verzoek.omgeving.kennis.beleid_of(gemeente), 0
    return _read(verzoek, last.inhoud), last.nummer


def _read(verzoek: Verzoek, inhoud: str) -> Beleid:
    return beleid_of(inhoud, verzoek.omgeving.teksten.checks)


_EEN = f"{PATH}/{{gemeente}}"

PADEN = (
    Pad(path=_EEN, method="GET", handler=_pagina, recht=Recht.BEHEREN),
    Pad(
        path=_EEN,
        method="POST",
        handler=_stel_voor,
        recht=Recht.BEHEREN,
        handeling="beleid voorstellen",
        soort="C",
        doel=DOEL,
        sterk=True,
    ),
    Pad(
        path=f"{_EEN}/besluit",
        method="POST",
        handler=_beslis,
        recht=Recht.BEHEREN,
        handeling="over beleid beslissen",
        soort="U",
        doel=DOEL,
        sterk=True,
    ),
)
