"""`gateway causes`: what lies behind open findings, and judging again once a cause is removed."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway.bootstrap import Installation, Place, install
from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.verantwoord import toont
from gateway.config import Settings, read_settings
from gateway.deviations.causes import Oorzaak, OpenOorzaak
from gateway.errors import WrongUse
from gateway.inlezen import kennisstand_of, load_kennis, load_texts
from gateway.logs import configure_logs
from gateway.messages.teksten import Teksten
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.pipeline.kennis import Kennis
from gateway.store.oorzaken import Gevonden
from gateway.store.store import SqlStore
from gateway.werk.opnieuw import Gevolg, belang_of, gevolgen, judge_again

WIDE = 160  # columns, where it is no terminal that sets the width


@click.command("causes")
@click.argument("kenmerk", required=False)
@click.option("--preview", is_flag=True, help="Toon wat er nu zou veranderen.")
@click.option("--rejudge", is_flag=True, help="Beoordeel de berichten van deze oorzaak opnieuw.")
@click.option("--rate", type=click.FloatRange(min=0.1), default=10.0, show_default=True)
@click.option("--gemeente", help="Alleen deze gemeente (code van vier cijfers).")
@click.option("--top", type=click.IntRange(min=1), default=25, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--agreements", type=click.Path(path_type=Path), help="Bestand of map.")
def command(  # noqa: PLR0913 - one parameter per option
    kenmerk: str | None,
    preview: bool,
    rejudge: bool,
    rate: float,
    gemeente: str | None,
    top: int,
    as_json: bool,
    store: str | None,
    agreements: Path | None,
) -> int:
    """Toont open bevindingen per oorzaak; met KENMERK één oorzaak.

    Na herstel aan onze kant laat --preview zien welke regels daardoor veranderen, en beoordeelt
    --rejudge ze opnieuw. Een bericht van een aanbieder verandert nooit.
    """
    configure_logs("json", logging.CRITICAL)
    if kenmerk is None and (preview or rejudge):
        raise WrongUse("noem het KENMERK van de oorzaak; gateway causes toont ze")
    if preview and rejudge:
        raise WrongUse("kies --preview of --rejudge")
    settings = read_settings(os.environ)
    if rejudge and kenmerk is not None:
        return _rejudge(settings, store, agreements, kenmerk, rate)
    with opened_store(settings, store) as opened:
        if kenmerk is None:
            return _show(opened, gemeente, top, as_json)
        kennis = _kennis(settings, agreements, opened) if preview else None
        return _show_one(opened, _found(opened, kenmerk), kennis, as_json)


def _kennis(settings: Settings, agreements: Path | None, store: SqlStore) -> Kennis:
    known = load_kennis(settings, agreements)
    return kennisstand_of(known, store.beleidsversies, store.registerkennis).nu


def _found(store: SqlStore, kenmerk: str) -> OpenOorzaak:
    """The cause with this name; raises WrongUse when there is none."""
    for one in store.oorzaken.open():
        if one.oorzaak.kenmerk == kenmerk:
            return one
    raise WrongUse(f"oorzaak {kenmerk} is niet (meer) open")


def _show(store: SqlStore, gemeente: str | None, top: int, as_json: bool) -> int:
    found = store.oorzaken.open(gemeente)
    ontheven = store.oorzaken.ontheven(gemeente)
    if as_json:
        _print_json({"causes": [_document(one) for one in found], "waived": dict(ontheven)})
        return 1 if found else 0
    console, teksten = _console(), load_texts()
    if not found:
        console.print("Er staan geen bevindingen open.")
    else:
        console.print(_table(found[:top], teksten))
        if len(found) > top:
            console.print(f"en nog {len(found) - top} oorzaken; --top toont er meer")
    for rule, count in ontheven.items():
        console.print(f"onder een ontheffing: {rule}, {count} keer")
    return 1 if found else 0


def _table(found: Sequence[OpenOorzaak], teksten: Teksten) -> Table:
    table = Table(title="Open bevindingen per oorzaak")
    for heading in ("kenmerk", "aantal", "bedrag", "wacht"):
        table.add_column(heading, justify="left" if heading == "kenmerk" else "right", no_wrap=True)
    for heading in ("regel", "gemeente en aanbieder", "cel of product"):
        table.add_column(heading, overflow="fold")
    table.add_column("wat er aan de hand is, en wat u doet", overflow="fold")
    for one in found:
        oorzaak, omvang = one.oorzaak, one.omvang
        table.add_row(
            oorzaak.kenmerk,
            str(omvang.bevindingen),
            euros(omvang.belang),
            str(omvang.aangehouden),
            f"{oorzaak.rule} {oorzaak.retourcode}".strip(),
            f"{oorzaak.gemeente} {oorzaak.wet} {oorzaak.aanbieder}",
            oorzaak.product,
            _explained(one, teksten),
        )
    return table


def _explained(one: OpenOorzaak, teksten: Teksten) -> str:
    text = teksten.of(one.oorzaak.retourcode or one.oorzaak.rule)
    return one.voorbeeld if text is None else f"{text.wat} {text.doe}"


def _document(one: OpenOorzaak) -> dict[str, object]:
    oorzaak, omvang = one.oorzaak, one.omvang
    return {
        "id": oorzaak.kenmerk,
        "rule": oorzaak.rule,
        "retourcode": oorzaak.retourcode or None,
        "gemeente": oorzaak.gemeente,
        "wet": oorzaak.wet,
        "aanbieder": oorzaak.aanbieder,
        "product": oorzaak.product or None,
        "findings": omvang.bevindingen,
        "belang": omvang.belang,
        "messages": omvang.berichten,
        "toewijzingen": omvang.toewijzingen,
        "held": omvang.aangehouden,
        "example": one.voorbeeld,
    }


def _show_one(store: SqlStore, one: OpenOorzaak, kennis: Kennis | None, as_json: bool) -> int:
    """One cause with its findings and, with knowledge, what would become of each."""
    clienten = store.oorzaken.clienten(one.oorzaak)
    toont(store, "oorzaak bekijken", clienten, f"oorzaak {one.oorzaak.kenmerk}")
    found = list(_gevolgen(store, one.oorzaak, kennis))
    if as_json:
        lines = [_gevolg_json(gevonden, gevolg) for gevonden, gevolg in found]
        _print_json(_document(one) | {"lines": lines})
        return 1
    console = _console()
    console.print(_table([one], load_texts()))
    console.print(_lines(found))
    if kennis is not None:
        for gevolg, count in Counter(gevolg for _, gevolg in found).most_common():
            belang = sum(belang_of(gevonden) for gevonden, what in found if what == gevolg)
            console.print(f"{gevolg}: {count} ({euros(belang)})")
    return 1


def _gevolgen(store: SqlStore, oorzaak: Oorzaak, kennis: Kennis | None) -> Iterable[Gevolg]:
    """Every open finding of a cause, with knowledge also what a judgement would say now."""
    if kennis is None:
        return ((gevonden, "") for gevonden in store.oorzaken.bevindingen(oorzaak))
    return gevolgen(store, oorzaak, kennis)


def _lines(found: Sequence[Gevolg]) -> Table:
    table = Table(title="Waar het om gaat")
    for heading in ("bericht", "declaratie", "regel of toewijzing", "bedrag", "nu"):
        table.add_column(
            heading, overflow="fold", justify="right" if heading == "bedrag" else "left"
        )
    for gevonden, gevolg in found:
        finding = gevonden.finding
        table.add_row(
            visible(gevonden.naam),
            gevonden.declaratie or "",
            visible(finding.reference or ""),
            euros(belang_of(gevonden)),
            gevolg,
        )
    return table


def _gevolg_json(gevonden: Gevonden, gevolg: str) -> dict[str, object]:
    finding = gevonden.finding
    return {
        "message": gevonden.inbox_id,
        "file": gevonden.naam,
        "declaratie": gevonden.declaratie,
        "reference": finding.reference,
        "effect": finding.effect,
        "belang": None if finding.evidence is None else finding.evidence.belang,
        "now": gevolg or None,
    }


def _rejudge(
    settings: Settings, url: str | None, agreements: Path | None, kenmerk: str, rate: float
) -> int:
    """Judge the messages of a cause again, a few a second; Ctrl-C stops between two messages."""
    kennis = load_kennis(settings, agreements)
    with opened_store(settings, url, of_gemeente=True) as opened:
        one = _found(opened, kenmerk)
        inbox_ids = sorted({found.inbox_id for found in opened.oorzaken.bevindingen(one.oorzaak)})
        clienten, over = opened.oorzaken.clienten(one.oorzaak), f"oorzaak {kenmerk}"
        toont(opened, "berichten opnieuw beoordelen", clienten, over, soort="E")
    # Answers stay in the outbox: whoever sends them for this store sends these too.
    place = Place(url=url or settings.store_url)
    installation = install(settings, kennis, _clock, place, {})
    try:
        done = _judge_again(installation, installation.kennis, inbox_ids, rate)
        left = installation.store.oorzaken.open()
    finally:
        installation.close()
    still = next((two.omvang for two in left if two.oorzaak == one.oorzaak), None)
    print(
        f"{done} van {aantal(len(inbox_ids), 'bericht', 'berichten')} opnieuw beoordeeld; van deze "
        "oorzaak staan nog "
        f"{0 if still is None else still.bevindingen} van "
        f"{aantal(one.omvang.bevindingen, 'bevinding', 'bevindingen')} open"
    )
    return 0 if still is None else 1


def _judge_again(
    installation: Installation, kennis: Kennis, inbox_ids: Sequence[int], rate: float
) -> int:
    done = 0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("opnieuw beoordelen", total=len(inbox_ids))
        for inbox_id in inbox_ids:
            try:
                _judge_one(installation, kennis, inbox_id)
                time.sleep(1.0 / rate)
            except KeyboardInterrupt:
                break
            done += 1
            progress.advance(task)
    return done


def _judge_one(installation: Installation, kennis: Kennis, inbox_id: int) -> None:
    for waiting in judge_again(installation.store, kennis, [inbox_id]):
        installation.runtime.worker.process([waiting])


def _clock() -> datetime:
    return datetime.now(UTC)


def _console() -> Console:
    # What a sender calls his lines is no markup.
    console = Console(markup=False)
    return console if console.is_terminal else Console(width=WIDE, markup=False)


def _print_json(document: object) -> None:
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
