"""`gateway providers`: the register of providers, from the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import click

from gateway.cli.geld.aanbiederafspraken import AFSPRAKEN
from gateway.cli.geld.aanbiederbestanden import BESTANDEN
from gateway.cli.geld.register import (
    DAG,
    NUMMER,
    REDEN,
    STORE,
    TOT,
    VANAF,
    aanbieder_van,
    noteer_van,
    opened,
    today,
)
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.errors import WrongUse
from gateway.ledger.register.wijzigingen import (
    AgbEinde,
    AgbErbij,
    Einde,
    Gegevens,
    Hernoem,
    Nieuw,
    Wijziging,
    told,
)
from gateway.records.aanbieder import Aanbieder, Overgang
from gateway.store.register.register import Dossier
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik

KOPPEN = ("nummer", "naam", "kvk", "agb-codes", "vanaf", "tot")


@click.group("providers")
def command() -> None:
    """Toont het aanbiedersregister, en wijzigt het: namen, AGB-codes, fusies en afspraken."""


for _one in (*AFSPRAKEN, *BESTANDEN):
    command.add_command(_one)


@command.command("list")
@click.option("--zoek", default="", help="Deel van een naam, KvK-nummer of AGB-code.")
@STORE
def show_all(zoek: str, store: str | None) -> int:
    """Toont de aanbieders, met hun codes van vandaag."""
    with opened(store, changes=False) as found:
        alle = [one for one in found.register.stand().aanbieders.values() if one.matches(zoek)]
    vandaag = today()
    print_table(KOPPEN, [_rij(one, vandaag) for one in alle], right=("nummer",))
    return 0


@command.command("show")
@click.argument("wie")
@STORE
def show(wie: str, store: str | None) -> int:
    """Toont alles van een aanbieder: WIE is zijn nummer of een AGB-code."""
    with opened(store, changes=False) as found:
        one = aanbieder_van(found, wie)
        dossier = found.register.dossier(_everywhere(found), one.nummer)
    for line in _told_dossier(dossier) if dossier else ():
        click.echo(visible(line))
    return 0


@command.command("add")
@click.argument("naam")
@click.option("--agb", default="", help="Eerste AGB-code.")
@click.option("--kvk", default="", help="KvK-nummer, acht cijfers.")
@click.option("--contact", default="", help="Waar de organisatie te bereiken is; geen persoon.")
@VANAF
@REDEN
@STORE
def add(  # noqa: PLR0913 - one parameter per option
    naam: str, agb: str, kvk: str, contact: str, vanaf: date | None, reden: str, store: str | None
) -> int:
    """Zet aanbieder NAAM in het register."""
    nieuw = Nieuw(naam=naam.strip(), vanaf=vanaf or today(), kvk=kvk, contact=contact, agb=agb)
    return _change([nieuw], reden, store)


@command.command("rename")
@NUMMER
@click.argument("naam")
@VANAF
@REDEN
@STORE
def rename(nummer: int, naam: str, vanaf: date | None, reden: str, store: str | None) -> int:
    """Geeft aanbieder NUMMER vanaf een dag een andere naam."""
    return _change([Hernoem(nummer=nummer, naam=naam, vanaf=vanaf or today())], reden, store)


@command.command("details")
@NUMMER
@click.option("--kvk", default="", help="KvK-nummer; leeg is geen.")
@click.option("--contact", default="", help="Waar de organisatie te bereiken is; geen persoon.")
@REDEN
@STORE
def details(nummer: int, kvk: str, contact: str, reden: str, store: str | None) -> int:
    """Zet KvK-nummer en contact van aanbieder NUMMER."""
    return _change([Gegevens(nummer=nummer, kvk=kvk, contact=contact)], reden, store)


@command.command("end")
@NUMMER
@click.option("--tot", type=DAG, required=True, help="Laatste dag.")
@REDEN
@STORE
def end(nummer: int, tot: date, reden: str, store: str | None) -> int:
    """Geeft aanbieder NUMMER, en zo al zijn AGB-codes, een laatste dag."""
    return _change([Einde(nummer=nummer, tot=tot)], reden, store)


@command.command("agb")
@NUMMER
@click.argument("code")
@VANAF
@TOT
@click.option("--wijzig", is_flag=True, help="De code is er al: geef haar een andere laatste dag.")
@REDEN
@STORE
def agb(  # noqa: PLR0913 - one parameter per option
    nummer: int,
    code: str,
    vanaf: date | None,
    tot: date | None,
    wijzig: bool,
    reden: str,
    store: str | None,
) -> int:
    """Geeft aanbieder NUMMER AGB-code CODE erbij, of wijzigt de laatste dag ervan."""
    if not wijzig:
        erbij = AgbErbij(nummer=nummer, agb=code, vanaf=vanaf or today(), tot=tot)
        return _change([erbij], reden, store)
    with opened(store, changes=False) as found:
        begin = vanaf or _last_begin(aanbieder_van(found, str(nummer)), code)
    return _change([AgbEinde(nummer=nummer, agb=code, vanaf=begin, tot=tot)], reden, store)


@command.command("merge")
@click.argument("van", type=int)
@click.argument("naar", type=int)
@click.option("--soort", type=click.Choice(["fusie", "overname", "splitsing"]), default="fusie")
@click.option("--dag", type=DAG, required=True, help="Eerste dag waarop NAAR verdergaat.")
@click.option("--agb", "agbs", multiple=True, help="Een AGB-code die meegaat; mag vaker.")
@REDEN
@STORE
def merge(  # noqa: PLR0913 - one parameter per option
    van: int,
    naar: int,
    soort: str,
    dag: date,
    agbs: tuple[str, ...],
    reden: str,
    store: str | None,
) -> int:
    """Laat aanbieder NAAR verdergaan met wat VAN deed.

    Bij een fusie of overname eindigt VAN, en ook elke AGB-code die niet meegaat. Bij een splitsing
    gaat VAN verder met de codes die niet meegaan.
    """
    overgang = Overgang(
        soort=soort,  # type: ignore[arg-type]
        van=van,
        naar=naar,
        dag=dag,
        agbs=agbs,
        toelichting=reden,
    )
    return _change([overgang], reden, store)


def _change(wijzigingen: Iterable[Wijziging], reden: str, store: str | None) -> int:
    """Carry changes out and tell what became of them."""
    asked = list(wijzigingen)
    over = "; ".join(told(one) for one in asked)
    with opened(store) as found:
        noteer = noteer_van(found, "aanbiedersregister wijzigen", over, reden)
        nummers = found.register.wijzig(asked, noteer)
    for nummer, one in zip(nummers, asked, strict=True):
        click.echo(visible(f"aanbieder {nummer}: {told(one)}"))
    return 0


def _last_begin(one: Aanbieder, code: str) -> date:
    begins = [each.vanaf for each in one.agbs if each.code == code]
    if not begins:
        raise WrongUse(f"aanbieder {one.nummer} heeft geen AGB-code {code}")
    return begins[-1]


def _everywhere(store: SqlStore) -> Bereik:
    """Who works at the machine sees every municipality."""
    return Bereik(store.register.gemeenten() or frozenset({"0000"}))


def _rij(one: Aanbieder, vandaag: date) -> tuple[str, ...]:
    codes = " ".join(one.agbs_op(vandaag))
    return (
        str(one.nummer),
        visible(one.naam),
        one.kvk or "",
        codes,
        one.vanaf.isoformat(),
        _text(one.tot),
    )


def _told_dossier(dossier: Dossier) -> Iterator[str]:
    one = dossier.een
    yield f"aanbieder {one.nummer}: {one.naam}"
    yield f"KvK {one.kvk or 'onbekend'}, contact: {one.contact or '–'}"
    yield _period(one.vanaf, one.tot)
    for naam in one.namen:
        yield f"  naam {naam.naam} vanaf {naam.vanaf}"
    for code in one.agbs:
        yield f"  AGB-code {code.code} {_period(code.vanaf, code.tot)}"
    for overgang in dossier.overgangen:
        yield f"  {told(overgang)}"
    for stuk in dossier.contracten:
        yield (
            f"  contract {stuk.nummer}: {stuk.overeenkomst}, document {stuk.documentnummer} "
            f"{_period(stuk.vanaf, stuk.tot)}"
        )
    for each in dossier.onderaannemingen:
        where = " ".join(filter(None, (each.wet, each.productcategorie))) or "alles"
        yield (
            f"  onderaanneming {each.nummer}: {each.onder} werkt voor {each.hoofd} ({where}) "
            f"{_period(each.vanaf, each.tot)}, goedgekeurd door {each.goedgekeurd_door}"
        )
    for number in dossier.crediteuren:
        yield f"  crediteur {number.crediteurnummer} van {number.gemeente} vanaf {number.vanaf}"
    yield f"  als geheel: {' '.join(sorted(dossier.geheel)) or 'geen AGB-code'}"


def _period(vanaf: date, tot: date | None) -> str:
    return f"vanaf {vanaf}" + ("" if tot is None else f" tot en met {tot}")


def _text(dag: date | None) -> str:
    return "" if dag is None else dag.isoformat()
