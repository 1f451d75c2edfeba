"""`gateway status`: what came in, what became of it, and what is owed by whom and by when."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import click
import msgspec

from gateway.cli.clock import clock_of
from gateway.cli.opened import opened_store
from gateway.cli.redrive import gang_json, gang_line
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.config import Settings, read_settings
from gateway.inlezen import load_klok
from gateway.logs import configure_logs
from gateway.periods.datums import AMSTERDAM
from gateway.pipeline.kennis import dag_van
from gateway.pipeline.klok import Lopend, Lopendestand
from gateway.records.masker import mask
from gateway.store.balans import Balans, Stand
from gateway.store.kluis import kluis_of
from gateway.store.verzending import Netwerkstand

# How a term stands: as the JSON calls it, and in Dutch.
STANDEN: Mapping[Lopendestand, tuple[str, str]] = {
    "te-laat": ("late", "te laat"),
    "vandaag": ("today", "vandaag"),
    "deze-week": ("thisWeek", "deze week"),
    "later": ("later", "later"),
    "ontbreekt": ("missing", "ontbreekt"),
    "verwacht": ("awaited", "verwacht"),
}
# The classes of the balance, as the JSON calls them.
KLASSEN: Mapping[str, str] = {
    "answered": "afgehandeld",
    "held": "aangehouden",
    "parked": "geparkeerd",
    "waiting": "wachtend",
}
# What does not ask for anything yet is only counted, unless all is asked for.
RUSTIG = ("later", "verwacht")
COUNTED = ("ontvangen", *KLASSEN.values())
ZONDER = "zonder"
_LIST = "zie gateway envelope list"
# So many lines are enough to begin with.
FIRST = 20


@click.command("status")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
@click.option("--clock", help="De dag van vandaag, bijvoorbeeld 2025-12-05.")
@click.option("--all", "everything", is_flag=True, help="Elke termijn, ook wat nog kan wachten.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
@click.option("--herbouw-werk", is_flag=True, help="Maak de werkvoorraad opnieuw uit de opslag.")
def command(
    store: str | None, clock: str | None, everything: bool, as_json: bool, herbouw_werk: bool
) -> int:
    """Telt de berichten en de termijnen; eindigt met 1 als de telling niet klopt."""
    configure_logs("json", logging.CRITICAL)
    settings = read_settings(os.environ)
    if herbouw_werk:
        return _rebuild(settings, store)
    vandaag = dag_van(clock_of(clock)())
    with opened_store(settings, store) as opened:
        termijnen = opened.termijnen
        klok = load_klok(settings, opened.rol, opened.beleidsversies.van_kracht())
        balans = opened.views.balans(klok.antwoord_van())
        parked = opened.views.berichten_in("geparkeerd")
        gangen = opened.herstel.gangen()
        netwerk = opened.verzending.stand()
        is_enciphered = kluis_of(opened.database.engine).actief is not None
        lopend = klok.in_handen(termijnen, vandaag) + klok.uitgebleven(termijnen, vandaag)
    shown = [one for one in lopend if everything or one.stand(vandaag) not in RUSTIG]
    counted = Counter(one.stand(vandaag) for one in lopend)
    if as_json:
        listed = {"list": [_deadline(one, vandaag) for one in shown]}
        document = _document(balans) | {"deadlines": _counts(counted) | listed}
        document |= {"enciphered": is_enciphered}
        document |= {"redrives": list(map(gang_json, gangen)), "network": _network(netwerk)}
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    else:
        _print(balans)
        _print_counts(counted)
        _print_deadlines(shown, vandaag, None if everything else FIRST)
        for bericht in parked:
            reason = bericht.outcome.reason if bericht.outcome else ""
            told = f"geparkeerd: bericht {bericht.inbox_id} ({bericht.naam}): {reason}"
            print(visible(mask(told)))
        for gang in gangen:
            print(gang_line(gang))
        _print_network(netwerk)
        for verschil in balans.verschillen():
            print(verschil)
        if not is_enciphered:
            print("de bytes van berichten staan onversleuteld in de opslag")
        print("de telling klopt" if balans.klopt else "de telling klopt niet")
    return 0 if balans.klopt else 1


def _rebuild(settings: Settings, store: str | None) -> int:
    """Make the worklist anew; what people did in it stays."""
    with opened_store(settings, store) as opened:
        berichten = opened.werkvolger.rebuild()
    print(f"werkvoorraad opnieuw gemaakt uit {berichten} berichten")
    return 0


def _document(balans: Balans) -> dict[str, object]:
    return {
        "received": balans.ontvangen,
        "answered": balans.afgehandeld,
        "held": balans.aangehouden,
        "parked": balans.geparkeerd,
        "waiting": balans.wachtend,
        "balanced": balans.klopt,
        "verdicts": dict(balans.verdicts),
        "answersUnderway": balans.antwoorden_onderweg,
        "municipalities": [_stand(code, stand) for code, stand in balans.gemeenten.items()],
        "differences": list(balans.verschillen()),
    }


def _stand(code: str, stand: Stand) -> dict[str, object]:
    return {
        "municipality": code or None,
        "received": stand.rijen,
        **{word: stand.klassen[name] for word, name in KLASSEN.items()},
    }


def _counts(counted: Mapping[Lopendestand, int]) -> dict[str, object]:
    return {name: counted.get(stand, 0) for stand, (name, _) in STANDEN.items()}


def _deadline(one: Lopend, vandaag: date) -> dict[str, object]:
    return {
        "state": STANDEN[one.stand(vandaag)][0],
        "term": one.termijn,
        "name": one.naam,
        "owedBy": one.van,
        "ours": one.is_eigen,
        "due": one.uiterlijk.isoformat(),
        "since": one.sinds.isoformat(),
        "inbox": one.inbox_id,
        "message": one.bericht,
        "municipality": one.gemeente,
        "sender": one.afzender,
        "identification": mask(one.identificatie),
        "assignment": one.toewijzingnummer,
    }


def _network(netwerk: Netwerkstand) -> dict[str, object]:
    frozen = [
        {
            "type": one.functie,
            "since": one.sinds.isoformat(),
            "until": one.tot.isoformat(),
            "waiting": one.wachtend,
        }
        for one in netwerk.bevroren
    ]
    return {
        "frozen": frozen,
        "refused": netwerk.geweigerd,
        "aside": netwerk.onzeker,
        "doubled": netwerk.dubbel,
    }


def _print_network(netwerk: Netwerkstand) -> None:
    for one in netwerk.bevroren:
        begin = one.sinds.astimezone(AMSTERDAM)
        print(
            f"netwerk: {one.functie} wordt niet aangenomen sinds {begin:%Y-%m-%d %H:%M}; "
            f"er wachten er {one.wachtend}"
        )
    if netwerk.geweigerd:
        print(f"netwerk: {netwerk.geweigerd} keer geweigerd; zie gateway redrive")
    if netwerk.onzeker:
        print(f"netwerk: {netwerk.onzeker} keer een envelop apart gelegd; {_LIST}")
    if netwerk.dubbel:
        print(f"netwerk: {netwerk.dubbel} keer een tweede antwoord op hetzelfde bericht; {_LIST}")


def _print_counts(counted: Mapping[Lopendestand, int]) -> None:
    print("termijnen")
    for stand, (_, name) in STANDEN.items():
        print(f"  {name:18} {counted.get(stand, 0):>10}")


def _print_deadlines(shown: Sequence[Lopend], vandaag: date, limit: int | None) -> None:
    """What we owe with its names, then what others owe: how many per municipality, and names."""
    own = [one for one in shown if one.is_eigen]
    others = [one for one in shown if not one.is_eigen]
    _print_first([_own_line(one, vandaag) for one in own[:limit]], len(own))
    for (gemeente, stand, naam), count in sorted(
        Counter((one.gemeente, one.stand(vandaag), one.naam) for one in others).items()
    ):
        print(f"gemeente {gemeente}: {STANDEN[stand][1]} {count} keer {naam}")
    _print_first([_other_line(one, vandaag) for one in others[:limit]], len(others))


def _print_first(lines: Sequence[str], total: int) -> None:
    for line in lines:
        print(line)
    if len(lines) < total:
        print(f"en nog {total - len(lines)}; alles staat in gateway status --all")


def _own_line(one: Lopend, vandaag: date) -> str:
    return (
        f"{STANDEN[one.stand(vandaag)][1]}: {one.naam}, uiterlijk {one.uiterlijk}, "
        f"bericht {one.inbox_id} ({one.bericht} van {one.afzender}){_assignment(one)}"
    )


def _other_line(one: Lopend, vandaag: date) -> str:
    return (
        f"{STANDEN[one.stand(vandaag)][1]}: {one.naam} van {one.van}, uiterlijk {one.uiterlijk}, "
        f"na bericht {one.inbox_id} ({one.bericht}){_assignment(one)}"
    )


def _assignment(one: Lopend) -> str:
    return "" if one.toewijzingnummer is None else f", toewijzing {one.toewijzingnummer}"


def _print(balans: Balans) -> None:
    rows = (
        ("ontvangen", balans.ontvangen),
        ("afgehandeld", balans.afgehandeld),
        ("aangehouden", balans.aangehouden),
        ("geparkeerd", balans.geparkeerd),
        ("wachtend", balans.wachtend),
        ("antwoorden onderweg", balans.antwoorden_onderweg),
    )
    for name, count in rows:
        print(f"{name:20} {count:>10}")
    for verdict, count in sorted(balans.verdicts.items()):
        print(f"  {verdict:18} {count:>10}")
    standen = balans.gemeenten
    if len(standen) > 1:
        numbers = [
            [code or ZONDER, str(one.rijen), *(str(one.klassen[k]) for k in KLASSEN.values())]
            for code, one in standen.items()
        ]
        print_table(["gemeente", "ontvangen", *KLASSEN.values()], numbers, COUNTED)
