"""`gateway envelope`: envelopes of the network as files, for who takes them there by a portal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import click

from gateway.bootstrap import inpakker_of
from gateway.cli.opened import opened_store
from gateway.cli.pakket import Stuk, read_stukken
from gateway.cli.scherm import visible
from gateway.cli.sentences import reason_of
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import handeling_of
from gateway.config import Settings, read_settings
from gateway.errors import (
    CouldNotFinish,
    MessageRefused,
    NietGevonden,
    PakketGeweigerd,
    WrongUse,
)
from gateway.inlezen import load_kennis
from gateway.network.ggk.envelop import MOST_RECEIVED
from gateway.network.ggk.lezen import parse
from gateway.network.ggk.ontvangst import ontvanger_of
from gateway.network.ggk.opnemen import take_after_all
from gateway.pipeline.kennis import Kennis
from gateway.records.masker import mask
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene, Handeling

DOEL = "beheer van het berichtenverkeer"
STORE = click.option("--store", help="SQLAlchemy-URL; zonder deze die van de instellingen.")
REDEN = click.option("--reden", default=DOEL, help="Waarom; komt in het logboek. Zonder BSN.")
FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
NOW = partial(datetime.now, UTC)


@click.group("envelope")
def command() -> None:
    """Pakt enveloppen van het berichtenverkeer uit en in, als bestand."""


@command.command("unpack")
@FILES
@STORE
def unpack(files: tuple[Path, ...], store: str | None) -> int:
    """Neemt enveloppen op die uit het portaal komen; hetzelfde nog eens mag."""
    settings = read_settings(os.environ)
    stukken = [one for path in files for one in read_stukken(path, MOST_RECEIVED)]
    with _opened(settings, store) as (opened, kennis):
        ontvanger = ontvanger_of(opened, kennis, settings, NOW, uuid4)
        refused = 0
        for stuk in stukken:
            try:
                ontvanger.ontvang(parse(_taken(stuk)))
                told = "opgenomen"
            except MessageRefused as refusal:
                refused += 1
                told = f"geweigerd: {refusal}"
            click.echo(f"{visible(str(stuk.path))}: {told}")
    return 1 if refused else 0


@command.command("pack")
@FILES
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Map voor enveloppen.")
@STORE
def pack(files: tuple[Path, ...], out: Path, store: str | None) -> int:
    """Doet berichten van de gemeente elk in een envelop, om naar het portaal te brengen."""
    settings = read_settings(os.environ)
    stukken = [one for path in files for one in read_stukken(path, settings.bytecap)]
    with _opened(settings, store) as (opened, kennis):
        inpakker = inpakker_of(settings, kennis, opened)
        refused = 0
        for stuk in stukken:
            try:
                nummer, envelop = inpakker.pak_in(_taken(stuk))
                told = str(_written(out, f"{nummer}.xml", envelop))
            except MessageRefused as refusal:
                refused += 1
                told = f"geweigerd: {refusal}"
            click.echo(f"{visible(str(stuk.path))}: {visible(told)}")
    return 1 if refused else 0


@command.command("list")
@STORE
def show(store: str | None) -> int:
    """Toont enveloppen die apart liggen, en fouten die binnenkwamen, tot u ze sluit."""
    with opened_store(read_settings(os.environ), store, of_gemeente=True) as opened:
        rows = [
            (
                str(one.nummer),
                one.gemeente,
                one.berichtcode,
                one.functie or one.foutcode or "",
                one.tegenpartij,
                one.referentienummer,
                one.reden or "",
            )
            for one in opened.enveloppen.apart()
        ]
    print_table(("nummer", "gemeente", "soort", "wat", "zender", "referentienummer", "reden"), rows)
    return 0


@command.command("take")
@click.argument("nummer", type=int)
@REDEN
@STORE
def take(nummer: int, reden: str, store: str | None) -> int:
    """Neemt het bericht in envelop NUMMER, die apart ligt, alsnog op."""
    with opened_store(read_settings(os.environ), store, of_gemeente=True) as opened:
        try:
            inbox_id = take_after_all(opened, nummer, _act("opnemen", nummer, reden))
        except NietGevonden:
            raise WrongUse(
                f"envelop {nummer} ligt niet apart met een bericht erin; staat zij in de lijst, "
                "sluit haar dan met `gateway envelope close`"
            ) from None
    click.echo(f"envelop {nummer} is opgenomen als bericht {inbox_id}")
    return 0


@command.command("close")
@click.argument("nummer", type=int)
@REDEN
@STORE
def close(nummer: int, reden: str, store: str | None) -> int:
    """Sluit envelop NUMMER: u keek ernaar, en er hoeft niets meer mee."""
    with opened_store(read_settings(os.environ), store, of_gemeente=True) as opened:
        if not opened.enveloppen.sluit(nummer, _act("sluiten", nummer, reden)):
            raise WrongUse(f"envelop {nummer} ligt niet apart")
    click.echo(f"envelop {nummer} is gesloten")
    return 0


@command.command("resume")
@click.argument("functie")
@STORE
def resume(functie: str, store: str | None) -> int:
    """Verstuurt berichten van soort FUNCTIE weer, zoals JW325, als het netwerk ze weer aanneemt."""
    with opened_store(read_settings(os.environ), store, of_gemeente=True) as opened:
        if not opened.verzending.ontdooi(functie):
            raise WrongUse(f"{visible(functie)} wacht niet op het netwerk")
    click.echo(f"{functie} vertrekt weer")
    return 0


@contextmanager
def _opened(settings: Settings, store: str | None) -> Iterator[tuple[SqlStore, Kennis]]:
    """The store of a municipality, with what is known of messages."""
    kennis = load_kennis(settings)
    with opened_store(settings, store, of_gemeente=True) as opened:
        yield opened, kennis


def _act(doe: str, nummer: int, reden: str) -> Handeling:
    """What is done with an envelope that was set aside, for the log."""
    over = Betrokkene(object=f"envelop {nummer}")
    return handeling_of(f"envelop {doe}", "U", over, mask(reden))


def _taken(stuk: Stuk) -> bytes:
    """Its bytes; raises PakketGeweigerd for what a zip held that is no message."""
    if stuk.reden is not None:
        raise PakketGeweigerd(stuk.reden)
    return stuk.inhoud


def _written(folder: Path, naam: str, body: bytes) -> Path:
    """The file with an envelope; a repeat writes the same one again."""
    path = folder / naam
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    except OSError as error:
        raise CouldNotFinish(f"{path}: niet te schrijven ({reason_of(error)})") from error
    return path
