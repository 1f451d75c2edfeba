"""Who sees which figures: the one rule for every page and endpoint that tells sums.

Who may see the clients of some municipalities sees every figure of them, however small.  Who may
not, could learn of one client by subtracting: a municipality from the region, a row from a total,
one way of grouping from another.  So he gets the figures of one area only, of which no part is
another area of his; what is split up stands in one report, that of the region, in which nothing
can be subtracted (see `ledger.regio`); and everywhere else there is only what is of all together.
"""

from __future__ import annotations

from gateway.errors import NietGevonden
from gateway.http.verzoek import Verzoek
from gateway.store.inzage import sturing
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik

# By these rights figures are seen, or the clients behind them.
_CIJFERS = (Recht.WERK_ZIEN, Recht.STURING_ZIEN, Recht.GELD_ZIEN)


def sees_small(verzoek: Verzoek, bereik: Bereik) -> bool:
    """Whether who looks may see clients of all of these municipalities anyway."""
    if not verzoek.mag(Recht.WERK_ZIEN):
        return False
    return verzoek.bereik_van(Recht.WERK_ZIEN).gemeenten >= bereik.gemeenten


def cijferbereik(verzoek: Verzoek, own: Bereik, asked: str) -> Bereik:
    """Over which municipalities figures are: the one that is asked for, or all that are seen.

    Who may not see all their clients gets what `regiobereik` gives.  Raises NietGevonden for a
    municipality that he does not see.
    """
    if asked and asked not in own.gemeenten:
        raise NietGevonden
    if not sees_small(verzoek, own):
        return regiobereik(verzoek, own, asked)
    return Bereik(frozenset({asked}), own.aanbieder) if asked else own


def regiobereik(verzoek: Verzoek, own: Bereik, asked: str) -> Bereik:
    """All municipalities for who sees all of them, who sees no other sum beside that one.

    Everybody else gets the figures of one at a time, and so does who may see more of some than of
    others: the difference of two sums would tell too much.  Raises NietGevonden for one that he
    does not see.
    """
    if own.gemeenten >= verzoek.omgeving.bediend and (
        sees_small(verzoek, own) or not _sees_more_of_some(verzoek)
    ):
        return own
    known = sturing.gemeenten_van(verzoek.omgeving.store.database, own)
    chosen = asked or next(iter(known), min(own.gemeenten))
    if chosen not in own.gemeenten:
        raise NietGevonden
    return Bereik(frozenset({chosen}), own.aanbieder)


def _sees_more_of_some(verzoek: Verzoek) -> bool:
    bediend = verzoek.omgeving.bediend
    found = (verzoek.wie.bereik(recht, bediend) for recht in _CIJFERS)
    return any(one is not None and not one.gemeenten >= bediend for one in found)
