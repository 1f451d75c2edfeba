"""`gateway ledger statement`: the month of a provider line by line, on a screen or as a file."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.geld.wie import bereik_van
from gateway.cli.jsonstroom import Document
from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.sentences import reason_of
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import toont
from gateway.config import read_settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.inlezen import load_texts
from gateway.ledger.boek import Saldo
from gateway.ledger.overzicht import Betaling, Overzichtregel, Overzichtsom
from gateway.messages.teksten import Teksten
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.overzicht import Overzichtvraag
from gateway.store.store import SqlStore
from gateway.web.overzichtbestand import Kop, as_json, as_pdf, check_pdf, oordeel_van, write_csv

AGB = re.compile(r"^[0-9]{8}$", re.ASCII)
KOPPEN = (
    *("regel", "declaratie", "gemeente", "wet", "product", "vanaf", "ingediend", "wat ervan is"),
    *("betaald", "betaling", "323", "325"),
)


@click.command("statement")
@click.option("--aanbieder", required=True, help="AGB-code.")
@click.option("--maand", required=True, help="Maand als jjjj-mm, van het begin van de periode.")
@click.option("--gemeente", help="Alleen deze gemeentecode.")
@click.option("--geheel", is_flag=True, help="Onder alle codes van de aanbieder in het register.")
@click.option("--csv", "csv_", is_flag=True, help="CSV op de uitvoer, met alle regels.")
@click.option("--json", "as_document", is_flag=True, help="Eén JSON-document op de uitvoer.")
@click.option("--pdf", type=click.Path(path_type=Path), help="Schrijf een PDF naar dit bestand.")
@click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
def command(  # noqa: PLR0913 - one parameter per option
    aanbieder: str,
    maand: str,
    gemeente: str | None,
    geheel: bool,
    csv_: bool,
    as_document: bool,
    pdf: Path | None,
    store: str | None,
) -> int:
    """Toont per regel van een maand wat is ingediend, toegekend, gecrediteerd en betaald."""
    if not AGB.match(aanbieder):
        raise WrongUse(f"{aanbieder} is geen AGB-code van acht cijfers")
    if csv_ + as_document + (pdf is not None) > 1:
        raise WrongUse("kies --csv, --json of --pdf")
    with opened_store(read_settings(os.environ), store) as opened:
        codes = _codes(opened, aanbieder) if geheel else {aanbieder}
        vraag = Overzichtvraag(bereik_van(opened, gemeente).gemeenten, frozenset(codes), maand)
        saldo, teksten = opened.overzichten.saldo(vraag), load_texts()
        if pdf is not None:
            check_pdf(saldo)
        how = "bekijken" if pdf is None and not csv_ and not as_document else "uitvoeren"
        over = f"aanbieder {aanbieder}, {maand}"
        toont(opened, f"maandoverzicht {how}", opened.overzichten.clienten(vraag), over)
        regels = opened.overzichten.alle(vraag)
        if csv_:
            _write_csv(teksten, regels)
        elif as_document:
            _write_json(teksten, saldo, regels)
        elif pdf is not None:
            _write_pdf(pdf, as_pdf(teksten, _kop(opened, vraag), saldo, regels))
        else:
            _show(saldo, regels)
    return 0


def _codes(store: SqlStore, agb: str) -> frozenset[str]:
    """All codes of the provider as a whole."""
    stand = store.register.stand()
    found = stand.laatste_houder(agb)
    if found is None:
        raise WrongUse(f"AGB-code {agb} staat niet in het aanbiedersregister")
    return stand.geheel(found.nummer) | {agb}


def _kop(store: SqlStore, vraag: Overzichtvraag) -> Kop:
    vandaag = dag_van(datetime.now(UTC))
    namen = store.register.namen_op(vandaag, vraag.aanbieders)
    known = sorted({namen[agb][1] for agb in vraag.aanbieders if agb in namen})
    gemeenten = sorted({code for code, _ in store.overzichten.clienten(vraag)})
    return Kop(
        maand=vraag.maand,
        aanbieders=sorted(vraag.aanbieders),
        naam=" / ".join(known),
        gemeenten=gemeenten or ["–"],
        gemaakt=vandaag,
    )


def _write_csv(teksten: Teksten, regels: Iterable[Overzichtregel]) -> None:
    binary = getattr(sys.stdout, "buffer", None)
    if binary is not None:
        write_csv(binary, teksten, regels)
        return
    made = io.BytesIO()
    write_csv(made, teksten, regels)
    sys.stdout.write(made.getvalue().decode("utf-8-sig"))


def _write_json(teksten: Teksten, saldo: Saldo, regels: Iterable[Overzichtregel]) -> None:
    som = Overzichtsom()

    def told() -> Iterable[dict[str, object]]:
        for one in regels:
            som.add(one)
            yield as_json(teksten, one)

    with Document() as document:
        document.put_all("regels", told())
        document.put(
            "samen",
            {
                "regels": saldo.regels,
                "ingediend": saldo.ingediend,
                "toegekend": saldo.toegekend,
                "gecrediteerd": saldo.credit,
                "afgewezen": saldo.afgewezen,
                "wacht": saldo.wacht,
                "betaald": som.betaald,
            },
        )


def _write_pdf(path: Path, body: bytes) -> None:
    """Wholly, or not at all."""
    part = path.with_name(f".{path.name}.deel")
    try:
        part.write_bytes(body)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise CouldNotFinish(f"{path}: {reason_of(error)}") from None


def _show(saldo: Saldo, regels: Iterable[Overzichtregel]) -> None:
    som = Overzichtsom()

    def rows() -> Iterable[Sequence[str]]:
        for one in regels:
            som.add(one)
            yield _row(one)

    print_table(KOPPEN, rows(), right=("ingediend", "betaald"))
    print(
        f"{aantal(saldo.regels, 'regel', 'regels')}: {euros(saldo.ingediend)} ingediend, "
        f"{euros(saldo.toegekend)} "
        f"toegekend, {euros(saldo.afgewezen)} afgewezen, {euros(som.betaald)} betaald"
    )


def _row(one: Overzichtregel) -> Sequence[str]:
    line, inzending, verhaal = one.regel.prestatie, one.regel.inzending, one.verhaal
    parts = [verhaal.stand if not one.regel.wacht else oordeel_van(one), *line.retourcodes]
    for word, other in (
        ("van", verhaal.crediteert),
        ("door", verhaal.gecrediteerd_door),
        ("als", verhaal.vervangen_door),
    ):
        if other is not None:
            parts.append(f"{word} {other.naam}")
    return (
        line.referentienummer,
        inzending.declaratienummer,
        inzending.gemeente,
        inzending.wet,
        line.productcode,
        line.begindatum.isoformat(),
        euros(one.ingediend),
        visible(" ".join(parts)),
        euros(one.betaald),
        _payment(one.betaling),
        inzending.identificatie,
        inzending.antwoord or "",
    )


def _payment(betaling: Betaling | None) -> str:
    """How far the payment of a line is, since when, and in which payment."""
    if betaling is None:
        return ""
    sinds = "" if betaling.sinds is None else f" {betaling.sinds.isoformat()}"
    return f"{betaling.stand}{sinds} {betaling.opnieuw or betaling.kenmerk}"
