"""What pages about payment share: addresses, words and remittances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from gateway.errors import NietGevonden, WrongUse
from gateway.http.verzoek import Verzoek
from gateway.ledger.geld.specificatie import DECLARATIE, FACTUUR, Specificatie, Specificatieregel
from gateway.web.pages import woorden
from gateway.web.uitvoer import Bedrag, Cel

REGELKOPPEN = (
    *("betaling", "soort", "declaratie", "factuur", "bericht", "wet", "regel", "toewijzing"),
    *("productcategorie", "productcode", "begindatum", "einddatum", "bedrag"),
)
STANDEN = {
    "concept": ("concept", "bezig"),
    "voorgesteld": ("wacht op een tweede persoon", "bezig"),
    "vrijgegeven": ("vrijgegeven", "let-op"),
    "bestand": ("bij de bank", "bezig"),
    "betaald": ("betaald", "goed"),
    "verrekend": ("verrekend", "goed"),
    "teruggekomen": ("teruggekomen", "fout"),
    "vervallen": ("vervallen", "neutraal"),
}


def nummer_van(verzoek: Verzoek, soort: str) -> int:
    """The number behind the id in the address."""
    found = verzoek.kenmerk(soort)
    if found is None:
        raise NietGevonden
    return found[0]


def dag_of(verzoek: Verzoek, naam: str, wat: str) -> date | None:
    """A day in a form, None where it is left empty; raises WrongUse for any other text."""
    text = verzoek.veld(naam)
    try:
        return datetime.strptime(text, "%Y-%m-%d").date() if text else None  # noqa: DTZ007
    except ValueError:
        raise WrongUse(f"{wat} is geen datum") from None


def dag_in(verzoek: Verzoek, naam: str, wat: str) -> date:
    """The same for a day that has to be there."""
    found = dag_of(verzoek, naam, wat)
    if found is None:
        raise WrongUse(f"vul in: {wat}")
    return found


def account(verzoek: Verzoek, gemeente: str, regels: Iterable[Specificatieregel]) -> None:
    """Lines of clients are shown."""
    verzoek.toont(gemeente, [one.client for one in regels if one.client is not None])


def specificatierijen(verzoek: Verzoek, een: Specificatie) -> Iterator[Sequence[Cel]]:
    """The rows of a remittance: its last column adds up to what was paid or carried forward."""
    for one in een.regels:
        account(verzoek, een.gemeente, [one])
        yield (
            een.kenmerk,
            "credit" if one.bedrag < 0 else "debet",
            *(one.nummer if one.bron == bron else None for bron in (DECLARATIE, FACTUUR)),
            one.bericht,
            woorden.WETTEN.get(one.wet, one.wet),
            one.referentienummer,
            None if one.toewijzingnummer is None else str(one.toewijzingnummer),
            one.productcategorie,
            one.productcode,
            one.begindatum.isoformat(),
            one.einddatum.isoformat(),
            Bedrag(one.bedrag),
        )
    for saldo in een.meegenomen:
        told = f"{saldo.soort} saldo van {saldo.uit_kenmerk}"
        yield (een.kenmerk, told, *[None] * 10, Bedrag(saldo.bedrag))
