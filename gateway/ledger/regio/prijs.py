"""What the care of a cell took and cost, as far as it may be told."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from gateway.ledger.regio.telling import Celmaat, Veld
from gateway.ledger.regio.verborgen import KLEINSTE
from gateway.periods.bedragen import MINUTES_PER_HOUR, half_up

DAGEN_PER_JAAR, MAANDEN_PER_JAAR = 365, 12


class Prijs(NamedTuple):
    """What a cell took and cost, in days and eurocents; None is not told, or there is none.

    `kwart`, `helft` and `driekwart` are the days within which such a part of the trajectories that
    ended in the year was over.  `per_traject` is over those too, with all that was granted on them;
    `vast_betaald` and `vast` compare those with a fixed price.  `per_uur` is over lines in time,
    and `norm_uur` what the price list asks for the same lines.
    """

    cel: str
    veld: Veld
    kwart: int | None = None
    helft: int | None = None
    driekwart: int | None = None
    per_traject: int | None = None
    vast_betaald: int | None = None
    vast: int | None = None
    per_client: int | None = None
    per_maand: int | None = None
    per_uur: int | None = None
    norm_uur: int | None = None


def prijs_of(cel: str, veld: Veld, maat: Celmaat) -> Prijs:
    """The prices of a cell; each is told when enough clients are behind it."""
    duren, levering = maat.duren, maat.levering
    ended = maat.clienten_geeindigd.clienten >= KLEINSTE
    fixed = maat.clienten_vast.clienten >= KLEINSTE
    timed = maat.clienten_tijd.clienten >= KLEINSTE and levering.minuten > 0
    per_maand = half_up(levering.bedrag * DAGEN_PER_JAAR, max(1, maat.dagen) * MAANDEN_PER_JAAR)
    return Prijs(
        cel,
        veld,
        kwart=quantile(duren, 1, 4) if ended else None,
        helft=quantile(duren, 1, 2) if ended else None,
        driekwart=quantile(duren, 3, 4) if ended else None,
        per_traject=half_up(maat.afgerond, duren.total()) if ended else None,
        vast_betaald=half_up(maat.afgerond_vast, maat.met_vast) if fixed else None,
        vast=half_up(maat.vast, maat.met_vast) if fixed else None,
        per_client=half_up(veld.bedrag, veld.clienten),
        per_maand=per_maand if maat.dagen else None,
        per_uur=_per_uur(levering.bedrag_tijd, levering.minuten) if timed else None,
        norm_uur=_norm(maat) if timed else None,
    )


def _per_uur(bedrag: int, minuten: int) -> int:
    return half_up(bedrag * MINUTES_PER_HOUR, minuten)


def _norm(maat: Celmaat) -> int | None:
    """What the lines would cost per hour by the price list; None where some have no price there."""
    levering = maat.levering
    if levering.norm_minuten != levering.minuten:
        return None
    return half_up(levering.norm, levering.norm_minuten)


def quantile(counts: Counter[int], part: int, of: int) -> int | None:
    """The smallest value that at least part/of of all are not above (nearest rank)."""
    rank = -(-counts.total() * part // of)
    for value in sorted(counts):
        rank -= counts[value]
        if rank <= 0:
            return value
    return None
