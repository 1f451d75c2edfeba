"""Two versions of an agreement beside each other: in use, kept with a judgement, or a file."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.agreements.gevolg import Gebruik, Gevolg, consequences
from gateway.agreements.pagina.woorden import periode, prijs
from gateway.agreements.table import agreements_in
from gateway.agreements.verschil import compare
from gateway.errors import AgreementRefused, WrongUse
from gateway.http.omgeving import Omgeving
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.periods.bedragen import half_up
from gateway.pipeline.grondslag import OVEREENKOMSTEN, Bestand
from gateway.records.overeenkomst import Cel, Overeenkomst
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentenaam, toon
from gateway.web.pages.matrix import venster_van, voor_wie
from gateway.web.pages.overeenkomsten import in_zicht

BESTAND = "bestand"
BYTES = 2 * 1024 * 1024
HOUDBAAR, WACHT = timedelta(minutes=10), 3.0
SOORTEN: Mapping[str, tuple[str, str]] = {
    "anders": ("anders", "let-op"),
    "nieuw": ("nieuw", "bezig"),
    "vervallen": ("vervallen", "fout"),
    "gelijk": ("gelijk", "neutraal"),
}
# A name of a file that a folder of agreements can have, and the one of a file without such a name.
_NAAM, NAAMLOOS = re.compile(r"[\w-][\w.+-]{0,90}\.toml", re.ASCII), "voorstel.toml"
_GEEN_BESTAND = "kies een bestand met een overeenkomst (.toml)"


@dataclass(frozen=True, slots=True)
class Verschilrij:
    """A cell in the comparison, in words."""

    cel: Cel
    soort: str
    voor_wie: str
    een: str
    ander: str
    verschil: int | None
    procent: str
    velden: str
    jaar: int | None


def _pagina(verzoek: Verzoek) -> Response:
    return _form(verzoek, {})


def _vergelijk(verzoek: Verzoek) -> Response:
    try:
        een, ander = _gekozen(verzoek, "een"), _gekozen(verzoek, "ander")
    except WrongUse as wrong:
        return _form(verzoek, {"fout": str(wrong)}, status=422)
    return _form(verzoek, {"een": een, "ander": ander, **beside(verzoek, een, ander)})


def beside(
    verzoek: Verzoek, een: Overeenkomst, ander: Overeenkomst, gebruik: Gebruik | None = None
) -> dict[str, Any]:
    """What differs, for a page: counted, and a row for each cell; in euros a year by its use."""
    shown = consequences(een, ander, gebruik)
    geteld = Counter[str](one.verschil.soort for one in shown)
    geteld["gelijk"] = sum(one.soort == "gelijk" for one in compare(een, ander))
    return {
        "geteld": [
            (naam, geteld[soort], "let-op" if soort == "anders" else "", "")
            for soort, (naam, _) in SOORTEN.items()
        ],
        "rijen": [_rij(verzoek, one) for one in shown],
        "soorten": SOORTEN,
    }


def _form(verzoek: Verzoek, found: Mapping[str, Any], status: int = 200) -> Response:
    keuzes = [(one.hash, _naam(verzoek, one)) for one in _versies(verzoek)]
    context = {
        "fout": "",
        "rijen": None,
        "keuzes": keuzes,
        "keuzes_ander": [(BESTAND, "Een bestand dat u kiest"), *keuzes],
        "een_gekozen": verzoek.veld("een"),
        "ander_gekozen": verzoek.veld("ander"),
        **found,
    }
    return toon(verzoek, "vergelijken.html", context, status)


def _gekozen(verzoek: Verzoek, veld: str) -> Overeenkomst:
    chosen = verzoek.veld(veld)
    if chosen == BESTAND:
        return uploaded(verzoek)[1]
    for one in _versies(verzoek):
        if one.hash == chosen:
            return one
    raise WrongUse("kies twee overeenkomsten")


def uploaded(verzoek: Verzoek) -> tuple[Bestand, Overeenkomst]:
    """The file of the form and the agreement in it; raises WrongUse for what is no agreement."""
    given = verzoek.vraag.formulier.get(BESTAND)
    body = given.file.read(BYTES + 1) if isinstance(given, UploadFile) else b""
    if not isinstance(given, UploadFile) or not body or len(body) > BYTES:
        raise WrongUse(_GEEN_BESTAND)
    naam = given.filename if _NAAM.fullmatch(given.filename or "") else None
    return (naam or NAAMLOOS, body), _read(verzoek.omgeving, body)


def _read(omgeving: Omgeving, body: bytes) -> Overeenkomst:
    (found,) = agreements_in([("bestand.toml", body)], omgeving.kennis.gemeentecodes).alle
    return found


def _versies(verzoek: Verzoek) -> Sequence[Overeenkomst]:
    """The agreements in use that are seen, and older versions that messages were judged with."""
    omgeving, seen = verzoek.omgeving, verzoek.bereik.gemeenten
    kept = omgeving.taken.cijfers(
        "bewaarde overeenkomsten",
        "",
        lambda: _kept(omgeving),
        houdbaar=HOUDBAAR,
        wacht=WACHT,
    )
    own = list(in_zicht(verzoek))
    known = {one.hash for one in own}
    older: Sequence[Overeenkomst] = kept.uitkomst or () if kept is not None else ()
    return [
        *own,
        *(one for one in older if one.hash not in known and not seen.isdisjoint(one.gemeenten)),
    ]


def _kept(omgeving: Omgeving) -> Sequence[Overeenkomst]:
    """Every version that was ever judged with, each file read once."""
    bewaard, found = omgeving.store.bewaard, dict[str, Overeenkomst]()
    for sleutel in bewaard.sleutels():
        grondslag = bewaard.grondslag(sleutel)
        for _, body in () if grondslag is None else grondslag.of(OVEREENKOMSTEN):
            digest = hashlib.sha256(body).hexdigest()
            if digest in found:
                continue
            try:
                found[digest] = _read(omgeving, body)
            except AgreementRefused:
                continue  # what this version of the gateway reads no more cannot be shown
    return sorted(found.values(), key=lambda one: (one.id, one.versie))


def _naam(verzoek: Verzoek, one: Overeenkomst) -> str:
    is_now = one in verzoek.omgeving.kennis.overeenkomsten.alle
    return f"{one.naam} {one.versie}{' (nu in gebruik)' if is_now else f' ({one.hash[:8]})'}"


def _rij(verzoek: Verzoek, gevolg: Gevolg) -> Verschilrij:
    one = gevolg.verschil
    return Verschilrij(
        cel=one.cel,
        soort=one.soort,
        voor_wie=voor_wie(one.cel, partial(gemeentenaam, verzoek)),
        een=_in_words(gevolg.van),
        ander=_in_words(one.ander),
        verschil=gevolg.bedrag,
        procent=_procent(gevolg),
        velden=", ".join(
            name.replace("_", " ") for name in one.velden if name not in ("bedrag", "vanaf", "tot")
        ),
        jaar=gevolg.jaar,
    )


def _procent(gevolg: Gevolg) -> str:
    """How much that is of the price before, in tenths of a percent."""
    if not gevolg.bedrag or gevolg.van is None or not gevolg.van.bedrag:
        return ""
    tenths = half_up(1_000 * gevolg.bedrag, gevolg.van.bedrag)
    return f"{tenths / 10:+.1f} %".replace(".", ",")


def _in_words(cel: Cel | None) -> str:
    """A price with its period and the last days on which something is still right."""
    if cel is None:
        return ""
    told = f"{prijs(cel)}, {periode(cel.vanaf, cel.tot)}"
    return "; ".join(filter(None, (told, venster_van(cel))))


PADEN = (
    Pad(
        path="/overeenkomsten/vergelijken",
        method="GET",
        handler=_pagina,
        recht=Recht.OVEREENKOMSTEN_ZIEN,
    ),
    Pad(
        path="/overeenkomsten/vergelijken",
        method="POST",
        handler=_vergelijk,
        recht=Recht.OVEREENKOMSTEN_ZIEN,
        bytecap=2 * BYTES,
    ),
)
