"""Reading a file into the register: what it would change is shown first, and done when asked."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from gateway.errors import WrongUse
from gateway.http.pad import Pad
from gateway.http.register import LARGEST_FILE, plan_in
from gateway.http.verzoek import Verzoek
from gateway.ledger.register.afspraakbestanden import SOORTEN
from gateway.ledger.register.bestand import Bestandsoort, Plan
from gateway.ledger.register.wijzigingen import told
from gateway.periods.aantallen import aantal
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages.geld.aanbieders import PATH, soort_van
from gateway.web.pages.geld.aanbiedersoort import noted

HIER = f"{PATH}/invoer"
SHOWN = 200


def _form(verzoek: Verzoek) -> Response:
    return _show(verzoek, soort_van(verzoek.vraag.zoek.get("wat", "")))


def _show(
    verzoek: Verzoek,
    soort: Bestandsoort,
    fout: str = "",
    plan: Plan | None = None,
    text: str = "",
) -> Response:
    told_rows = [] if plan is None else [(row, told(one)) for row, one in plan.wijzigingen]
    context = {
        "fout": fout,
        "soort": soort,
        "soorten": list(SOORTEN.values()),
        "keuzes": [(one.naam, one.titel) for one in SOORTEN.values()],
        "plan": plan,
        "wijzigingen": told_rows[:SHOWN],
        "meer": max(0, len(told_rows) - SHOWN),
        "inhoud_van": text,
        "path": HIER,
    }
    is_wrong = bool(fout or (plan and plan.fouten))
    return toon(verzoek, "geld/aanbieders_invoer.html", context, 422 if is_wrong else 200)


def _read(verzoek: Verzoek) -> Response:
    """Show what a file would change, or do it when it was shown."""
    store, soort = verzoek.omgeving.store, soort_van(verzoek.veld("wat"))
    try:
        body = _body(verzoek)
        plan = plan_in(verzoek.omgeving, soort, body)
    except WrongUse as wrong:
        return _show(verzoek, soort, str(wrong))
    if plan.fouten or verzoek.veld("doe") != "doorvoeren":
        return _show(verzoek, soort, plan=plan, text=body.decode("utf-8-sig"))
    if plan.wijzigingen:
        verzoek.doel = "invoer van een bestand"
        changes = aantal(len(plan.wijzigingen), "wijziging", "wijzigingen")
        over = f"{changes} uit een bestand ({soort.naam})"
        store.register.voer_door(plan, noted(verzoek, over))
    return RedirectResponse(PATH, 303)


def _body(verzoek: Verzoek) -> bytes:
    """What was sent: a file, or the text of one that was shown before."""
    file = verzoek.vraag.formulier.get("bestand")
    body = file.file.read() if isinstance(file, UploadFile) else b""
    text = verzoek.vraag.formulier.get("inhoud")
    if not body and isinstance(text, str):
        body = text.encode()
    if not body:
        raise WrongUse("kies een bestand")
    return body


PADEN = (
    Pad(path=HIER, method="GET", handler=_form, recht=Recht.GELD_BEHEREN),
    Pad(
        path=HIER,
        method="POST",
        handler=_read,
        recht=Recht.GELD_BEHEREN,
        handeling="register inlezen",
        soort="U",
        doel="beheer van het aanbiedersregister",
        bytecap=LARGEST_FILE,
    ),
)
