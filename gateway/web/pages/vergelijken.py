"""Two versions of an agreement beside each other: in use, kept with a judgement, or a file."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.agreements.pagina.woorden import periode, prijs
from gateway.agreements.table import read_agreement
from gateway.agreements.verschil import Celverschil, compare
from gateway.errors import AgreementRefused, WrongUse
from gateway.http.omgeving import Omgeving
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.grondslag import OVEREENKOMSTEN
from gateway.records.overeenkomst import Cel, Overeenkomst
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentenaam, toon
from gateway.web.pages.matrix import voor_wie
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
    velden: str


def _pagina(verzoek: Verzoek) -> Response:
    return _form(verzoek, {})


def _vergelijk(verzoek: Verzoek) -> Response:
    try:
        een, ander = _gekozen(verzoek, "een"), _gekozen(verzoek, "ander")
    except WrongUse as wrong:
        return _form(verzoek, {"fout": str(wrong)}, status=422)
    verschillen = compare(een, ander)
    geteld = Counter[str](one.soort for one in verschillen)
    context = {
        "een": een,
        "ander": ander,
        "geteld": [
            (naam, geteld[soort], "let-op" if soort == "anders" else "", "")
            for soort, (naam, _) in SOORTEN.items()
        ],
        "rijen": [_rij(verzoek, one) for one in verschillen if one.soort != "gelijk"],
    }
    return _form(verzoek, context)


def _form(verzoek: Verzoek, found: Mapping[str, Any], status: int = 200) -> Response:
    keuzes = [(one.hash, _naam(verzoek, one)) for one in _versies(verzoek)]
    context = {
        "fout": "",
        "rijen": None,
        "keuzes": keuzes,
        "keuzes_ander": [(BESTAND, "Een bestand dat u kiest"), *keuzes],
        "een_gekozen": verzoek.veld("een"),
        "ander_gekozen": verzoek.veld("ander"),
        "soorten": SOORTEN,
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


def uploaded(verzoek: Verzoek) -> tuple[bytes, Overeenkomst]:
    """The agreement in the file of the form; raises WrongUse for what is no agreement."""
    given = verzoek.vraag.formulier.get(BESTAND)
    body = given.file.read(BYTES + 1) if isinstance(given, UploadFile) else b""
    if not body or len(body) > BYTES:
        raise WrongUse(_GEEN_BESTAND)
    return body, _read(verzoek.omgeving, body)


def _read(omgeving: Omgeving, body: bytes) -> Overeenkomst:
    with TemporaryDirectory(prefix="gateway-") as folder:
        file = Path(folder) / "bestand.toml"
        file.write_bytes(body)
        return read_agreement(file, omgeving.kennis.gemeentecodes)


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


def _rij(verzoek: Verzoek, one: Celverschil) -> Verschilrij:
    return Verschilrij(
        cel=one.cel,
        soort=one.soort,
        voor_wie=voor_wie(one.cel, partial(gemeentenaam, verzoek)),
        een=_in_words(one.een),
        ander=_in_words(one.ander),
        verschil=one.bedrag,
        velden=", ".join(
            name.replace("_", " ") for name in one.velden if name not in ("bedrag", "vanaf", "tot")
        ),
    )


def _in_words(cel: Cel | None) -> str:
    return "" if cel is None else f"{prijs(cel)}, {periode(cel.vanaf, cel.tot)}"


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
