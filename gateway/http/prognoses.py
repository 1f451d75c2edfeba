"""Obligations and forecasts for pages and the API: counted aside, for they go over all lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.errors import VerzoekGeweigerd
from gateway.http.klein import sees_small
from gateway.http.omgeving import Omgeving
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.ledger.geld.aangifte import Tempo
from gateway.ledger.geld.opname import Som, key_for, take_stock
from gateway.ledger.geld.prognose import Cijfers, Prognose, forecast
from gateway.ledger.geld.terugblik import Terugblik
from gateway.ledger.geld.verplichting import Peil
from gateway.ledger.regio.verborgen import KLEINSTE, hidden_sums
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.terugblik import looks_back
from gateway.store.geld.verplichtingen import Verplichtingenbron
from gateway.toegang.wie import Bereik

HOUDBAAR, TERUGBLIK_HOUDBAAR, WACHT = timedelta(hours=1), timedelta(days=1), 2.0
# Of how many years before this one the forecasts are made again.
TERUGBLIK_JAREN = 1
# Years that may be asked for, counted from this one.
VOORUIT, TERUG = 1, 5


@dataclass(frozen=True, slots=True)
class Geteld:
    """What was counted of one year: the forecast, and the tempo of declaring behind it."""

    prognose: Prognose
    tempo: Tempo


@dataclass(frozen=True, slots=True)
class Rij:
    """A row of figures; `is_klein` where who looks may not see them."""

    sleutel: tuple[str, ...]
    som: Som
    cijfers: Cijfers
    is_klein: bool


def prognose_van(omgeving: Omgeving, bereik: Bereik, jaar: int) -> Taak | None:
    """Obligations and forecast of a year: the latest `Geteld`, None while the first is not there.

    It goes over all assignments and their lines.
    """
    vandaag = dag_van(omgeving.clock())

    def count() -> Geteld:
        with omgeving.store.database.long_snapshot(bereik.scope) as connection:
            bron = Verplichtingenbron(connection, bereik)
            opname = take_stock(bron, omgeving.kennis.overeenkomsten, Peil(vandaag, jaar))
        return Geteld(forecast(opname), opname.tempo)

    key = f"{_key(bereik)} {jaar}"
    return omgeving.taken.cijfers("prognose", key, count, houdbaar=HOUDBAAR, wacht=WACHT)


def terugblik_van(omgeving: Omgeving, bereik: Bereik) -> Sequence[Terugblik] | None:
    """The forecasts of the year before, held against what came; None while not counted yet."""
    vandaag = dag_van(omgeving.clock())

    def count() -> Sequence[Terugblik]:
        with omgeving.store.database.long_snapshot(bereik.scope) as connection:
            overeenkomsten = omgeving.kennis.overeenkomsten
            return list(looks_back(connection, bereik, overeenkomsten, vandaag, TERUGBLIK_JAREN))

    found = omgeving.taken.cijfers(
        "terugblik", _key(bereik), count, houdbaar=TERUGBLIK_HOUDBAAR, wacht=WACHT
    )
    return None if found is None else found.uitkomst


def year_of(omgeving: Omgeving, asked: str | int | None) -> int:
    """The year that is asked for, this one without; raises VerzoekGeweigerd for one too far."""
    now = dag_van(omgeving.clock()).year
    if asked in (None, ""):
        return now
    text = str(asked)
    if text.isdecimal() and now - TERUG <= int(text) <= now + VOORUIT:
        return int(text)
    raise VerzoekGeweigerd(422, f"kies een jaar van {now - TERUG} tot en met {now + VOORUIT}")


def rows_for(verzoek: Verzoek, bereik: Bereik, prognose: Prognose, per: str) -> Sequence[Rij]:
    """The figures by key, the highest forecast first; what is about too few clients is marked.

    By their place those would tell between which amounts they are: so they come last.
    """
    found = prognose.per(key_for(per))
    small = (
        frozenset()
        if sees_small(verzoek, bereik)
        # What is expected without a client yet, is known from those who came before.
        else hidden_sums({key: max(1, len(som.clienten)) for key, (som, _) in found.items()})
    )
    rows = [Rij(key, som, cijfers, key in small) for key, (som, cijfers) in found.items()]
    seen = [one for one in rows if not one.is_klein]
    hidden = [one for one in rows if one.is_klein]
    return [*sorted(seen, key=lambda one: -one.cijfers.prognose), *hidden]


def total_for(verzoek: Verzoek, bereik: Bereik, prognose: Prognose) -> Rij:
    """Everything together."""
    som = prognose.som
    is_small = 0 < len(som.clienten) < KLEINSTE and not sees_small(verzoek, bereik)
    return Rij((), som, prognose.totaal, is_small)


def _key(bereik: Bereik) -> str:
    return f"{bereik.scope} {bereik.aanbieder or ''}"
