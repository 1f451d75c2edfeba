"""Task-oriented care: an amount for all inhabitants, of which only starts and stops tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from gateway.records.levering import StartProduct, StopProduct
from gateway.simulate.kring import Kring
from gateway.simulate.region import Markt
from gateway.simulate.story import VOLGENS_PLAN, Levering, Verhaal, Zorg


def task_oriented(kring: Kring, markt: Markt) -> Verhaal:
    """Someone who makes use of it: a start without a ToewijzingNummer, and mostly a stop."""
    rng, plaats, client = kring.rng, kring.vorm("taak"), kring.client()
    begin = rng.choice(kring.maanden[:-2]).replace(day=rng.randint(1, 28))
    start = StartProduct(
        pad="",
        bsn=client.bsn,
        toewijzingnummer=None,
        productcategorie=plaats.cel.productcategorie,
        productcode=plaats.cel.productcode,
        toewijzing_ingangsdatum=None,
        begindatum=begin,
        status_aanlevering="1",
    )
    zorg = Zorg(client, markt, plaats, leveringen=(_sent(start, begin, rng.randint(1, 3)),))
    if rng.random() < 0.3:
        return (zorg,)
    end = begin + timedelta(days=rng.randint(20, 50))
    reden = VOLGENS_PLAN[kring.wet]
    # A stop begins as its start does, up to the StatusAanlevering.
    stop = StopProduct(*start[:-2], reden_beeindiging=reden, einddatum=end, status_aanlevering="1")
    told = _sent(stop, end, rng.randint(1, 3))
    return (replace(zorg, leveringen=(*zorg.leveringen, told)),)


def _sent(product: StartProduct | StopProduct, day: date, days: int) -> Levering:
    return Levering(product, day + timedelta(days=days))
