"""What stands still: seen without what is in it, looked into for a purpose, and put back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from gateway.errors import NietGevonden, WrongUse
from gateway.http.pad import Pad
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.records.masker import bsns_in
from gateway.store.balans import Balans, Stand, read_balans
from gateway.store.engine import ALL
from gateway.store.herstel import Gang, Gevonden
from gateway.store.inzage.stilstand import BRONNEN, Stilstand, Stilstandbron
from gateway.store.terugzetten import Terugzetten
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages import apart, cijfers, doelen, dood
from gateway.web.pages.dood import DOOD
from gateway.web.pages.verwijzingen import BERICHT, Verwijzingen, nummer_van

OP_EEN_BLAD = 50
SNELHEDEN = (("1", "1 per seconde"), ("10", "10 per seconde"), ("50", "50 per seconde"))
TERUGZETTEN = "terugzetten"
HOUDBAAR, WACHT = timedelta(minutes=1), 1.0
# So much of a message is shown; who needs more has the file.
GETOOND = 200_000
NAMEN = {
    "geparkeerd": "Kon niet worden beoordeeld",
    "onverzonden": "Kon niet worden verstuurd",
    "vast": "Komt niet verder",
    DOOD: "Kwam terug uit een wachtrij",
}


def _pagina(verzoek: Verzoek) -> Response:
    nu = verzoek.omgeving.clock()
    inzage, bereik = _inzage(verzoek), verzoek.bereik
    bron = _bron(verzoek.vraag.zoek.get("waar", ""))
    vanaf = verzoek.vraag.zoek.get("vanaf")
    context = {
        "groepen": inzage.groepen(bereik, nu),
        "bron": bron,
        "blad": inzage.zoek(bereik, bron, nu, OP_EEN_BLAD, vanaf) if bron else None,
        "is_vervolg": vanaf is not None,
        "doden": dood.groepen(verzoek),
        "gangen": _gangen(verzoek),
        "balans": _balans(verzoek),
        "bediend": verzoek.omgeving.bediend,
        "bevroren": verzoek.omgeving.store.verzending.stand().bevroren,
        "enveloppen": verzoek.omgeving.store.enveloppen.wacht_op_iemand(bereik),
        "apart": lambda nummer: apart.adres_van(verzoek, nummer),
        "op_een_blad": OP_EEN_BLAD,
        "namen": NAMEN,
        "moment": nu,
        "naar": Verwijzingen(verzoek),
        "fout": lambda inbox_id: _adres(verzoek, inbox_id),
        "soort": _soorten(verzoek),
        "preview": _preview_adres,
    }
    return toon(verzoek, "fouten.html", context)


def _bericht(verzoek: Verzoek) -> Response:
    return _een(verzoek, inhoud=None)


def _inhoud(verzoek: Verzoek) -> Response:
    """The same with the message itself, for a purpose; who is named in it is in the log."""
    if doelen.doel_van(verzoek) is None:
        return _een(verzoek, inhoud=None, fouten={"doel": doelen.ONTBREEKT}, status=422)
    body = _inzage(verzoek).inhoud(verzoek.bereik, nummer_van(verzoek, BERICHT))
    if body is None:
        raise NietGevonden
    text = _first(body).decode("utf-8", "replace")
    fingerprint = verzoek.omgeving.store.fingerprint
    verzoek.toont("", [fingerprint(one) for one in bsns_in(text)], verzoek.vraag.delen["kenmerk"])
    return _een(verzoek, inhoud=text)


def _een(
    verzoek: Verzoek,
    *,
    inhoud: str | None,
    fouten: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    inbox_id, omgeving = nummer_van(verzoek, BERICHT), verzoek.omgeving
    found = _inzage(verzoek).een(verzoek.bereik, inbox_id, omgeving.clock())
    if not found:
        raise NietGevonden
    context = {
        "kenmerk": verzoek.vraag.delen["kenmerk"],
        "gevonden": found,
        "soort": _soorten(verzoek),
        "pogingen": omgeving.store.herstel.pogingen(inbox_id),
        "inhoud": inhoud,
        "is_afgebroken": inhoud is not None and len(inhoud) >= GETOOND,
        "fouten": fouten or {},
        "doelen": doelen.KEUZES,
        "namen": NAMEN,
        "naar": Verwijzingen(verzoek),
        "hier": _adres(verzoek, inbox_id),
        "inbox_id": inbox_id,
    }
    return toon(verzoek, "fout-bericht.html", context, status)


def _vooraf(verzoek: Verzoek) -> Response:
    """What would be put back, before anything is."""
    zoek = verzoek.vraag.zoek
    waar, reden, tot = zoek.get("waar", ""), zoek.get("reden", ""), zoek.get("tot", "")
    found = _terug(verzoek, waar, reden, tot)
    context = {
        "bron": waar,
        "reden": reden,
        "tot": tot,
        "gevonden": found[:OP_EEN_BLAD],
        "aantal": len(found),
        "snelheden": SNELHEDEN,
        "namen": NAMEN,
    }
    return toon(verzoek, "terugzetten.html", context)


def _begin(verzoek: Verzoek) -> Response:
    """Put back what was shown: the same reason, and nothing that came after it was shown."""
    waar, reden, tot = verzoek.veld("waar"), verzoek.veld("reden"), verzoek.veld("tot")
    found = _terug(verzoek, waar, reden, tot)
    if str(len(found)) != verzoek.veld("aantal"):
        shown = urlencode({"waar": waar, "reden": reden, "tot": tot})
        return RedirectResponse(f"/fouten/terugzetten?{shown}", 303)
    if not found:
        raise WrongUse("er is niets om terug te zetten")
    per_seconde = float(verzoek.veld("snelheid") if _is_snelheid(verzoek) else SNELHEDEN[1][0])
    herstel = verzoek.omgeving.store.herstel
    whose = {one.gemeente for one in found}
    run = herstel.begin(f"{NAMEN[waar]}: {reden}", per_seconde, len(found), whose)
    open_doodbak = verzoek.omgeving.doodbak if waar == DOOD else None

    def doe(taak: Taak) -> None:
        with ExitStack() as stack:
            doodbak = None if open_doodbak is None else stack.enter_context(closing(open_doodbak()))
            terugzetten = Terugzetten(
                herstel=herstel, doodbak=doodbak, per_seconde=per_seconde, sleep=time.sleep
            )
            moves = stack.enter_context(
                closing(terugzetten.run(run, found, dood.vraag_naar(found)))
            )
            for done, _ in enumerate(moves, 1):
                taak.meld(done, len(found))

    verzoek.omgeving.taken.begin(TERUGZETTEN, str(run), verzoek.wie.kenmerk, doe, telt=False)
    return RedirectResponse("/fouten#terugzetten", 303)


def _stop(verzoek: Verzoek) -> Response:
    """Stop one run, of those whose messages may all be seen."""
    asked = [one.nummer for one in _gangen(verzoek) if str(one.nummer) == verzoek.veld("gang")]
    if not asked:
        raise NietGevonden
    verzoek.omgeving.store.herstel.stop(asked)
    return RedirectResponse("/fouten#terugzetten", 303)


def _gangen(verzoek: Verzoek) -> Sequence[Gang]:
    """The runs at work whose messages may all be seen; any for who sees all municipalities."""
    own = verzoek.bereik.gemeenten
    gangen = verzoek.omgeving.store.herstel.gangen()
    if own >= verzoek.omgeving.bediend:
        return gangen
    return [one for one in gangen if one.gemeenten is not None and one.gemeenten <= own]


def _terug(verzoek: Verzoek, waar: str, reden: str, tot: str) -> Sequence[Gevonden]:
    bron = _bron(waar)
    if bron is None and waar != DOOD:
        raise NietGevonden
    try:
        moment = datetime.fromisoformat(tot)
    except ValueError:
        raise NietGevonden from None
    if moment.tzinfo is None:
        raise NietGevonden
    if bron is None:
        return dood.terug_te_zetten(verzoek, reden, moment)
    return _inzage(verzoek).terug_te_zetten(verzoek.bereik, bron, reden, moment)


def _balans(verzoek: Verzoek) -> Sequence[tuple[str, Stand]] | None:
    """In = answered + held + parked + waiting, per municipality that is seen.

    What is of none that is served is told to who sees all of those.
    Counted aside: it goes over all messages.  None while it is not there.
    """
    omgeving, bereik = verzoek.omgeving, verzoek.bereik
    database, antwoord_van = omgeving.store.database, cijfers.klok_van(omgeving).antwoord_van()
    sees_rest = bereik.gemeenten >= omgeving.bediend

    def count() -> Balans:
        with database.long_snapshot(ALL if sees_rest else bereik.scope) as connection:
            return read_balans(connection, antwoord_van)

    found = omgeving.taken.cijfers("balans", bereik.scope, count, houdbaar=HOUDBAAR, wacht=WACHT)
    if found is None or found.fout:
        return None
    return [
        (gemeente, stand)
        for gemeente, stand in found.uitkomst.gemeenten.items()
        if gemeente in bereik.gemeenten or (sees_rest and gemeente not in omgeving.bediend)
    ]


def _soorten(verzoek: Verzoek) -> Callable[[str | None], str]:
    """What a message is called, by its Berichtcode or else as it is known already."""
    namen = {one.code: one.naam for one in verzoek.omgeving.kennis.types.all()}
    return lambda soort: namen.get(soort or "", soort or "")


def _first(body: Iterable[bytes]) -> bytes:
    """The first bytes of a message."""
    found = b""
    for piece in body:
        found += piece
        if len(found) >= GETOOND:
            break
    return found[:GETOOND]


def _bron(text: str) -> Stilstandbron | None:
    return next((one for one in BRONNEN if one == text), None)


def _is_snelheid(verzoek: Verzoek) -> bool:
    return verzoek.veld("snelheid") in dict(SNELHEDEN)


def _preview_adres(bron: str, reden: str, moment: datetime) -> str:
    query = urlencode({"waar": bron, "reden": reden, "tot": moment.isoformat()})
    return f"/fouten/terugzetten?{query}"


def _adres(verzoek: Verzoek, inbox_id: int) -> str:
    return f"/fouten/{verzoek.omgeving.kenmerken.of(BERICHT, inbox_id)}"


def _inzage(verzoek: Verzoek) -> Stilstand:
    return Stilstand(verzoek.omgeving.store.database, verzoek.omgeving.bediend)


PADEN = (
    Pad(path="/fouten", method="GET", handler=_pagina, recht=Recht.FOUTEN_ZIEN, menu="Fouten"),
    Pad(path="/fouten/terugzetten", method="GET", handler=_vooraf, recht=Recht.TECHNIEK),
    Pad(
        path="/fouten/terugzetten",
        method="POST",
        handler=_begin,
        recht=Recht.TECHNIEK,
        handeling="berichten terugzetten",
        soort="E",
    ),
    Pad(
        path="/fouten/stoppen",
        method="POST",
        handler=_stop,
        recht=Recht.TECHNIEK,
        handeling="terugzetten stoppen",
        soort="E",
    ),
    Pad(path="/fouten/{kenmerk}", method="GET", handler=_bericht, recht=Recht.FOUTEN_ZIEN),
    Pad(
        path="/fouten/{kenmerk}/inhoud",
        method="POST",
        handler=_inhoud,
        recht=Recht.BSN_ZIEN,
        handeling="inhoud van een bericht bekijken",
        budget="zoeken",
    ),
)
