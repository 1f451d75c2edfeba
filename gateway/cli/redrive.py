"""`gateway redrive`: puts back what stood still, once what made it stand still is mended."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from typing import Any, get_args

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from gateway.bootstrap import doodbak_of, naam_of
from gateway.broker.dood import Doodbak
from gateway.cli.opened import opened_store
from gateway.cli.tabel import print_table
from gateway.config import read_settings
from gateway.errors import WrongUse
from gateway.inlezen import load_types
from gateway.logs import configure_logs
from gateway.pipeline.kennis import AMSTERDAM
from gateway.records.masker import mask
from gateway.store.herstel import KLAAR, Bron, Gang, Gevonden, NaamOf, Vraag
from gateway.store.store import SqlStore
from gateway.store.tables import GEPARKEERD
from gateway.store.terugzetten import Terugzetten

BRONNEN: tuple[Bron, ...] = get_args(Bron)


@click.command("redrive")
@click.option("--source", "sources", type=click.Choice(BRONNEN), multiple=True, help="Waaruit.")
@click.option("--kind", help="Het bericht, zoals JW323; `opdracht` voor een verzendopdracht.")
@click.option("--afzender", help="De code van de afzender.")
@click.option("--gemeente", help="Alleen deze gemeente (code van vier cijfers).")
@click.option("--reason", help="Een deel van de reden.")
@click.option("--since", help="Stil sinds deze dag of later, bijvoorbeeld 2025-12-05.")
@click.option("--until", help="Stil sinds deze dag of eerder.")
@click.option("--number", "numbers", type=int, multiple=True, help="Het nummer van het bericht.")
@click.option("--apply", "applies", is_flag=True, help="Zet terug; zonder deze optie niets.")
@click.option("--rate", type=click.FloatRange(min=0.1), default=10.0, show_default=True)
@click.option("--cancel", is_flag=True, help="Laat wat nu terugzet stoppen bij het volgende.")
@click.option("--history", type=int, metavar="NUMMER", help="Toon elke poging van een bericht.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
def command(**options: Any) -> int:
    """Zet terug wat stilstaat: geparkeerd, niet te versturen of dood.

    Zonder --apply verandert er niets, en staat er wat terug zou gaan, per reden.
    """
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    with opened_store(settings, options["store"]) as opened, ExitStack() as stack:
        if options["cancel"]:
            return _cancel(opened)
        if options["history"] is not None:
            return _history(opened, options["history"], options["as_json"])
        types = load_types(settings)
        open_doodbak = doodbak_of(settings, types)
        doodbak = None if open_doodbak is None else stack.enter_context(closing(open_doodbak()))
        vraag = _vraag(options, doodbak)
        found = _found(opened, doodbak, vraag, partial(naam_of, types))
        if options["applies"]:
            terugzetten = Terugzetten(
                herstel=opened.herstel,
                doodbak=doodbak if "dood" in vraag.bronnen else None,
                per_seconde=options["rate"],
                sleep=time.sleep,
            )
            return _apply(terugzetten, found, vraag, options)
    return _preview(found, options["as_json"])


def _vraag(options: dict[str, Any], doodbak: Doodbak | None) -> Vraag:
    asked = frozenset[Bron](options["sources"])
    if "dood" in asked and doodbak is None:
        raise WrongUse("GATEWAY_BROKER noemt geen wachtrij-server, dus is er geen wachtrij dood")
    present = frozenset(BRONNEN) if doodbak is not None else frozenset(BRONNEN) - {"dood"}
    until = _day("--until", options["until"])
    return Vraag(
        bronnen=asked or present,
        soort=options["kind"],
        afzender=options["afzender"],
        gemeente=options["gemeente"],
        reden=options["reason"],
        sinds=_begin(_day("--since", options["since"])),
        tot=None if until is None else _begin(until + timedelta(days=1)),
        nummers=frozenset(options["numbers"]),
    )


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"{option} {text}: dit is geen datum als 2025-12-05") from error


def _begin(day: date | None) -> datetime | None:
    """The moment at which a day begins in the Netherlands."""
    return None if day is None else datetime.combine(day, time_of_day(), tzinfo=AMSTERDAM)


def _found(
    store: SqlStore, doodbak: Doodbak | None, vraag: Vraag, naam_of: NaamOf
) -> list[Gevonden]:
    found: list[Gevonden] = []
    if "geparkeerd" in vraag.bronnen:
        found += filter(vraag.means, store.herstel.geparkeerd(naam_of))
    if "onverzonden" in vraag.bronnen:
        found += filter(vraag.means, store.herstel.onverzonden())
    if "dood" in vraag.bronnen and doodbak is not None:
        found += filter(vraag.means, doodbak.find())
    return found


def _preview(found: Sequence[Gevonden], as_json: bool) -> int:
    """What would go back, grouped by where it stands and why; nothing is changed."""
    groups = Counter((one.bron, mask(one.reden), one.soort or "") for one in found)
    if as_json:
        keys = ("source", "reason", "kind")
        grouped = [dict(zip(keys, key, strict=True)) | {"count": n} for key, n in groups.items()]
        _print_json({"count": len(found), "groups": grouped, "list": list(map(_document, found))})
    elif not found:
        print("niets staat stil")
    else:
        rows = [
            [str(count), bron, soort, reden] for (bron, reden, soort), count in groups.most_common()
        ]
        print_table(["aantal", "waaruit", "soort", "reden"], rows, right=["aantal"])
        print(f"{len(found)} zou terug gaan; met --apply gebeurt dat")
    return 1 if found else 0


def _document(one: Gevonden) -> dict[str, object]:
    return {
        "source": one.bron,
        "inbox": one.nummer,
        "name": mask(one.naam),
        "kind": one.soort,
        "sender": one.afzender or None,
        "municipality": one.gemeente or None,
        "reason": mask(one.reden),
        "since": None if one.op is None else one.op.isoformat(),
    }


def _apply(
    terugzetten: Terugzetten, found: Sequence[Gevonden], vraag: Vraag, options: dict[str, Any]
) -> int:
    """Put back; Ctrl-C stops between two messages, as `--cancel` does from elsewhere."""
    if not found:
        print("niets staat stil")
        return 0
    run = terugzetten.herstel.begin(_told(options), terugzetten.per_seconde, len(found))
    moves = terugzetten.run(run, found, vraag)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("terugzetten", total=len(found))
        try:
            for _ in moves:
                progress.advance(task)
        except KeyboardInterrupt:
            pass  # what was put back stays so
        finally:
            moves.close()
    gang = terugzetten.herstel.gang(run)
    if options["as_json"]:
        _print_json(gang_json(gang))
    else:
        print(gang_line(gang))
    return 0 if gang.einde == KLAAR else 1


def _told(options: dict[str, Any]) -> str:
    """The query as it was given, which is kept with the run and shown to others."""
    names = ("kind", "afzender", "gemeente", "reason", "since", "until")
    given = [("source", one) for one in options["sources"]]
    given += [(name, options[name]) for name in names if options[name] is not None]
    given += [("number", one) for one in options["numbers"]]
    return mask(" ".join(f"--{name} {value}" for name, value in given)) or "alles"


def gang_line(gang: Gang) -> str:
    """How far a run is, in one sentence."""
    passed = f", {gang.overgeslagen} overgeslagen" if gang.overgeslagen else ""
    return (
        f"terugzetten {gang.nummer} ({gang.vraag}): {gang.teruggezet} van {gang.totaal} "
        f"teruggezet{passed}, {gang.einde or 'bezig'}"
    )


def gang_json(gang: Gang) -> dict[str, object]:
    """How far a run is, for other software."""
    return {
        "run": gang.nummer,
        "query": gang.vraag,
        "rate": gang.per_seconde,
        "total": gang.totaal,
        "returned": gang.teruggezet,
        "skipped": gang.overgeslagen,
        "began": gang.begonnen_op.isoformat(),
        "seen": gang.gezien_op.isoformat(),
        "end": gang.einde,
    }


def _cancel(store: SqlStore) -> int:
    count = store.herstel.stop()
    print(f"{count} keer terugzetten stopt bij het volgende bericht" if count else "niets is bezig")
    return 0


def _history(store: SqlStore, nummer: int, as_json: bool) -> int:
    """Every attempt at a message; the end of the last one is what the message says now."""
    bericht = store.views.bericht(nummer)
    if bericht is None:
        raise WrongUse(f"bericht {nummer} staat niet in de opslag")
    rows = [
        {
            "attempt": one.nr,
            "sent": one.naam,
            "run": one.herstel,
            "began": _shown(one.begonnen_op),
            "ended": _shown(one.geeindigd_op),
            "reason": mask(one.reden or ""),
        }
        for one in store.herstel.pogingen(nummer)
    ]
    own = [row for row in rows if row["sent"] is None]
    if not own:
        own = [{"attempt": 1, "sent": None, "run": None, "began": _shown(bericht.received_at)}]
        rows = [*own, *rows]
    outcome = bericht.outcome
    parked = bericht.staat == GEPARKEERD and outcome is not None
    own[-1]["ended"] = _shown(bericht.finished_at)
    own[-1]["reason"] = mask(outcome.reason) if parked and outcome is not None else bericht.staat
    if as_json:
        _print_json({"inbox": nummer, "attempts": rows})
        return 0
    headings = ["poging", "verzenden van", "terugzetten", "begonnen", "geëindigd", "reden"]
    print_table(headings, [["" if v is None else str(v) for v in row.values()] for row in rows])
    return 0


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _print_json(document: object) -> None:
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
