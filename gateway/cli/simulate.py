"""`gateway simulate`: makes a synthetic region with known faults, and scores the judge on one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from gateway.cli.sentences import reason_of
from gateway.errors import WrongUse
from gateway.simulate.agreements import MODELLEN, Aanbod
from gateway.simulate.generate import SimulatedMessage
from gateway.simulate.region import HALFJAAR, JAAR, REGELS, Regio
from gateway.simulate.write import write_region

SEED = 2026


@click.command("simulate")
@click.option("--out", type=click.Path(path_type=Path), help="Lege of nieuwe map voor een regio.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Welke regio.")
@click.option(
    "--size",
    "regels",
    type=int,
    default=REGELS,
    show_default=True,
    help="Hoeveel regels, bij benadering.",
)
@click.option(
    "--months",
    "aantal_maanden",
    type=int,
    default=HALFJAAR,
    show_default=True,
    help=f"Hoeveel maanden: {HALFJAAR} of {JAAR}.",
)
@click.option("--gemeente", "codes", multiple=True, help="Alleen deze gemeente; vaker mag.")
@click.option(
    "--model",
    "modellen",
    type=(str, click.Choice(MODELLEN)),
    multiple=True,
    metavar="GEMEENTE OVEREENKOMST",
    help="Waarmee deze gemeente betaalt; vaker mag. --size telt dan alleen die regels.",
)
@click.option("--score", type=click.Path(path_type=Path), help="Map met een regio om te scoren.")
@click.option("--network", type=click.Path(path_type=Path), help="Bestand met een netwerk.")
def command(out: Path | None, score: Path | None, network: Path | None, **regio: Any) -> int:
    """Maakt een verzonnen regio met ingebouwde fouten, scoort er een, of speelt het netwerk na."""
    if [out, score, network].count(None) != 2:
        raise WrongUse(
            "noem --out MAP om een regio te maken, --score MAP om er een te scoren, of "
            "--network BESTAND om het netwerk na te spelen"
        )
    if network is not None:
        # Imported here: making a region serves nothing.
        from gateway.cli.netwerk import play

        return play(network, regio["seed"])
    if score is not None:
        # Imported here: making a region needs nothing of the gateway that judges.
        from gateway.cli.score import score_region

        return score_region(score, Console())
    if out is not None:
        _make(Regio(**regio), out)
    return 0


def _make(regio: Regio, out: Path) -> None:
    aanbod = Aanbod(regio)
    for gemeente in regio.gemeenten:
        aanbod.wetten_onder_model(gemeente)  # refuses before there is a folder
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise WrongUse(f"{out}: deze map is niet leeg")
        messages, lines = _write(regio, out)
    except OSError as error:
        raise WrongUse(f"{out}: deze map is niet te maken ({reason_of(error)})") from error
    print(f"{messages} berichten met {lines} declaratieregels staan in {out}")


def _write(regio: Regio, out: Path) -> tuple[int, int]:
    """Write the region with a bar on a terminal; returns how many messages and lines it has."""
    counts = [0, 0]
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("berichten maken", total=regio.regels)

        def told(message: SimulatedMessage) -> None:
            counts[0] += 1
            counts[1] += message.regels
            progress.advance(task, message.regels)

        write_region(regio, out, told)
    return counts[0], counts[1]
