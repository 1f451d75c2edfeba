"""How a year closes, for pages and the API: counted aside, for it goes over all lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from gateway.errors import NietGevonden
from gateway.http.betalen import instellingen_van as betalen_van
from gateway.http.jaareinde import instellingen_van
from gateway.http.klein import sees_small
from gateway.http.omgeving import Omgeving
from gateway.http.taken import Taak
from gateway.http.verzoek import Verzoek
from gateway.ledger.sluiting.bewijs import Bewijs, Groep, Sluiting
from gateway.ledger.sluiting.bewijzen import Pakket
from gateway.ledger.sluiting.regels import Sluitregel
from gateway.pipeline.kennis import dag_van
from gateway.store.sluiting.stromen import Regelvraag
from gateway.store.sluiting.tellen import Ernaast, Sluitvraag, blik_of, count, last_packs
from gateway.store.sluiting.vragen import Betaalblik
from gateway.toegang.wie import Bereik

HOUDBAAR, WACHT = timedelta(hours=1), 2.0


def sluiting_van(omgeving: Omgeving, bereik: Bereik, jaar: int) -> Taak | None:
    """How a year closes: the latest `Sluiting`, None while the first is not there.

    What the last packs say is held against it; the ledger itself is checked by the command.
    """

    def tel() -> Sluiting:
        vraag = Sluitvraag(
            jaar=jaar,
            bereik=bereik,
            blik=_blik(omgeving, bereik),
            overeenkomsten=omgeving.kennis.overeenkomsten,
            instellingen={one: instellingen_van(omgeving, one) for one in bereik.gemeenten},
        )
        ernaast = Ernaast(_packs(omgeving, bereik, jaar))
        return count(omgeving.store.database, vraag, lambda _connection, _merk: ernaast)

    key = f"{bereik.scope} {jaar}"
    return omgeving.taken.cijfers("sluiting", key, tel, houdbaar=HOUDBAAR, wacht=WACHT)


def bewijs_in(sluiting: Sluiting, code: str) -> Bewijs:
    """One proof; raises NietGevonden for none."""
    found = sluiting.get(code)
    if found is None:
        raise NietGevonden
    return found


def groups_for(verzoek: Verzoek, bereik: Bereik, bewijs: Bewijs) -> Sequence[Groep] | None:
    """The groups of a proof, None where they may be about too few clients for who looks."""
    return bewijs.groepen() if sees_small(verzoek, bereik) else None


def regelvraag(
    verzoek: Verzoek, sluiting: Sluiting, code: str, bereik: Bereik, aan: str | None
) -> Regelvraag:
    """The lines behind a proof; raises NietGevonden where it is not made of lines."""
    soort = bewijs_in(sluiting, code).regels
    if soort is None:
        raise NietGevonden
    return Regelvraag(
        soort=soort,
        jaar=sluiting.jaar,
        bereik=bereik,
        blik=_blik(verzoek.omgeving, bereik),
        startdelen=sluiting.startdelen,
        aan=aan,
    )


def clients_in(regels: Iterable[Sluitregel], gemeente: str) -> list[str]:
    """The clients of the lines of a municipality; those of some invoices are hidden."""
    own = (one.client for one in regels if one.gemeente == gemeente)
    return [one for one in own if one is not None]


def _blik(omgeving: Omgeving, bereik: Bereik) -> Betaalblik:
    betalen, vandaag = betalen_van(omgeving), dag_van(omgeving.clock())
    return blik_of(omgeving.kennis.overeenkomsten, betalen, bereik, vandaag)


def _packs(omgeving: Omgeving, bereik: Bereik, jaar: int) -> Pakket | None:
    store = omgeving.store.jaarafsluitingen
    newest = {one: store.last(bereik, one, jaar) for one in bereik.gemeenten}
    standen = {
        gemeente: store.aanbieders(bereik, one.nummer)
        for gemeente, one in newest.items()
        if one is not None
    }
    return last_packs(standen, bereik.gemeenten)
