"""The same requests as a provider sees them: what it is asked to credit, and its answer."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import toon
from gateway.web.pages.eigen import PATH as EIGEN
from gateway.web.pages.geld.creditverzoeken import adres, een_van, gevraagd, lijst_van
from gateway.web.pages.werkvoorraad import noteer_van

PATH = f"{EIGEN}/creditverzoeken"


def _lijst(verzoek: Verzoek) -> Response:
    return toon(verzoek, "eigen/creditverzoeken.html", lijst_van(verzoek, PATH))


def _een(verzoek: Verzoek) -> Response:
    return toon(verzoek, "eigen/creditverzoek.html", een_van(verzoek, PATH))


def _antwoord(verzoek: Verzoek) -> Response:
    """Promise or refuse, by the button that was pressed."""
    one = gevraagd(verzoek)
    noteer = noteer_van(verzoek, one.gemeente)
    verzoek.omgeving.store.creditverzoeken.answer(
        verzoek.bereik,
        verzoek.wie,
        one.nummer,
        verzoek.veld("doe"),
        verzoek.veld("reden"),
        noteer,
    )
    return RedirectResponse(adres(verzoek, PATH, one.nummer), 303)


PADEN = (
    Pad(path=PATH, method="GET", handler=_lijst, recht=Recht.EIGEN_ZIEN, menu="Creditverzoeken"),
    Pad(
        path=PATH + "/{kenmerk}",
        method="GET",
        handler=_een,
        recht=Recht.EIGEN_ZIEN,
        handeling="creditverzoek bekijken",
    ),
    Pad(
        path=PATH + "/{kenmerk}",
        method="POST",
        handler=_antwoord,
        recht=Recht.EIGEN_ZIEN,
        handeling="creditverzoek beantwoorden",
        soort="U",
    ),
)
