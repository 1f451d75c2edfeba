"""Makes a synthetic region from a seed: its messages in sending order, with the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.agreements.match import Overeenkomsten
from gateway.agreements.table import read_agreements
from gateway.config import data_folder
from gateway.records.overeenkomst import Plaats
from gateway.simulate.care import Zorg, corrected, tell_care
from gateway.simulate.faults import Wereld, plant
from gateway.simulate.message_faults import plant_in_messages
from gateway.simulate.messages import Berichtvormen, SimulatedMessage, compose, in_sending_order
from gateway.simulate.region import (
    DEMO,
    Markt,
    RegionSize,
    build_clients,
    build_markten,
    month_after,
    rng_of,
)

AGREEMENTS = ("ijsselland-jeugd.toml", "twente-ondersteuningsbehoeften.toml")
CLOCK_DAY = 20  # in the month after the last invoiced one, when every invoice has been sent


def generate(seed: int, size: RegionSize = DEMO) -> Iterator[SimulatedMessage]:
    """Every message of the region in sending order; the same ones for the same seed and size."""
    vormen = Berichtvormen(data_folder("mappings"), data_folder("schemas"))
    berichten = compose(tell_stories(seed, size), size.months(), vormen)
    berichten = plant_in_messages(berichten, rng_of(seed, "berichten"))
    yield from in_sending_order(berichten, vormen)


def clock(size: RegionSize = DEMO) -> datetime:
    """A moment after the last message, at which all of them can be handled."""
    day = month_after(size.months()[-1]).replace(day=CLOCK_DAY)
    return datetime.combine(day, time(9), tzinfo=ZoneInfo("Europe/Amsterdam"))


def agreement_files() -> tuple[Path, ...]:
    """The agreements that the region is paid by."""
    return tuple(data_folder("mappings") / "agreements" / name for name in AGREEMENTS)


def tell_stories(seed: int, size: RegionSize) -> list[Zorg]:
    """The care of every client, with planted faults and with what providers correct themselves."""
    wereld = build_wereld(seed, size)
    verhalen = []
    for client in build_clients(seed, size):
        rng = rng_of(seed, "zorg", client.nummer)
        plaats = rng.choice(wereld.binnen[client.markt])
        verhalen.append(tell_care(client, plaats, wereld.maanden, rng))
    told, touched = plant(verhalen, wereld, size.fouten, rng_of(seed, "fouten"))
    return [
        zorg if place in touched else _with_habits(zorg, wereld, seed)
        for place, zorg in enumerate(told)
    ]


def build_wereld(seed: int, size: RegionSize) -> Wereld:
    """The cells in force in every market, by whether the provider has a contract for them."""
    overeenkomsten = [read_agreements(path) for path in agreement_files()]
    markten = build_markten(seed)
    maanden = size.months()
    cells = {markt: _cells(markt, overeenkomsten, size) for markt in markten}
    return Wereld(
        maanden=maanden,
        binnen={markt: cells[markt][0] for markt in markten},
        buiten={markt: cells[markt][1] for markt in markten},
        boven={markt: cells[markt][2] for markt in markten},
    )


def _cells(
    markt: Markt, overeenkomsten: Sequence[Overeenkomsten], size: RegionSize
) -> tuple[list[Plaats], list[Plaats], list[Plaats]]:
    """The cells of a market on the first day: contracted, not contracted, and costly."""
    binnen: list[Plaats] = []
    buiten: list[Plaats] = []
    boven: list[Plaats] = []
    gemeente, dag = markt.gemeente.code, size.eerste_maand
    for known in overeenkomsten:
        for plaats in (Plaats(one, cel) for one in known.alle for cel in one.cellen):
            here = markt.wet in plaats.wetten and gemeente in plaats.gemeenten
            if not here or not plaats.cel.covers(dag):
                continue
            if not known.contracted(plaats, markt.aanbieder, gemeente, dag):
                buiten += [] if _is_costly(plaats) else [plaats]
            else:
                (boven if _is_costly(plaats) else binnen).append(plaats)
    return binnen, buiten, boven


def _is_costly(plaats: Plaats) -> bool:
    notice = plaats.overeenkomst.drempels.melding_traject
    return plaats.cel.soort == "traject" and notice is not None and plaats.cel.bedrag > notice


def _with_habits(zorg: Zorg, wereld: Wereld, seed: int) -> Zorg:
    """The care with the corrections that its provider makes, now and then, of its own accord."""
    rng = rng_of(seed, "correctie", zorg.client.nummer)
    if rng.random() < zorg.markt.gewoonten.correcties:
        return corrected(zorg, wereld.maanden, rng)
    return zorg
