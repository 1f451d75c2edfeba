"""Obligations and forecasts for pages and the API: counted aside, for they go over all lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

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
from gateway.ledger.regio.verborgen import Bekend, enough, hidden_sums, is_small
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
    """A row of figures; `verborgen` are the names of those that who looks may not see."""

    sleutel: tuple[str, ...]
    som: Som
    cijfers: Cijfers
    verborgen: Collection[str] = ()

    @property
    def is_klein(self) -> bool:
        """Whether nothing of it may be seen."""
        return "gerealiseerd" in self.verborgen


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
    """The figures by key, the highest forecast first; none for who may not see the clients."""
    if not sees_small(verzoek, bereik):
        return []
    found = prognose.per(key_for(per))
    rows = [Rij(key, som, cijfers) for key, (som, cijfers) in found.items()]
    return sorted(rows, key=lambda one: -one.cijfers.prognose)


def total_for(verzoek: Verzoek, bereik: Bereik, prognose: Prognose) -> Rij:
    """Everything together, without amounts that are of too few clients for who looks."""
    som = prognose.som
    verborgen = () if sees_small(verzoek, bereik) else secret_of(som)
    return Rij((), som, prognose.totaal, verborgen)


# What is added to what was realised, and what that comes to.
_ERBIJ = {
    "verplicht": ("verwacht", "vrijgevallen"),
    "prognose": ("geleverd", "komend", "instroom"),
}
_LOS = ("boven", "los", "zonder_prijs")


def secret_of(som: Som) -> frozenset[str]:
    """The amounts of a total that are of too few clients, or would tell such a one."""
    if is_small(len(som.clienten.union(*som.achter.values()))):
        return frozenset(("toewijzingen", "gerealiseerd", *_ERBIJ, *chain(*_ERBIJ.values()), *_LOS))
    achter = {name: Bekend(some) for name, some in som.achter.items()}
    if is_small(achter.get("gerealiseerd", _NIEMAND).clienten):
        # It is part of both wholes: what is added to it, and what that comes to, would tell it.
        return frozenset(("gerealiseerd", *_ERBIJ, *chain(*_ERBIJ.values()), *_LOS))
    found = {name for name in _LOS if is_small(achter.get(name, _NIEMAND).clienten)}
    for whole, parts in _ERBIJ.items():
        own = {name: achter[name] for name in parts if name in achter}
        found |= hidden_sums(own)
        if own and not enough(own.values()):
            found.add(whole)
    return frozenset(found)


_NIEMAND = Bekend(frozenset())


def _key(bereik: Bereik) -> str:
    return f"{bereik.scope} {bereik.aanbieder or ''}"
