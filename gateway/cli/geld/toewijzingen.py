"""`gateway assignments`: many assignments changed at once, and the consents that this asks for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import click

from gateway.cli.geld.instemmingen import consent
from gateway.cli.geld.partijdelen import DOEL, SHOWN, STORE, WETTEN, Noteer
from gateway.cli.geld.wie import aan_de_machine, bereik_van
from gateway.cli.opened import opened_store
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import toont
from gateway.config import Settings, read_settings
from gateway.errors import WrongUse
from gateway.inlezen import kennisstand_of, load_kennis
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.pipeline.kennis import Kennis
from gateway.store.mutaties.inzage import AANDACHT, OVERGESLAGEN, WACHT
from gateway.store.mutaties.mutatie import FASTEST, PER_MINUUT, SLOWEST, Mutatie, Vraag
from gateway.store.mutaties.tables import CONCEPT, GESTOPT, LOOPT
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik
from gateway.werk.mutatievraag import SOORTEN, keuze_of, uitleg, wijze_of
from gateway.werk.persoon import persoon_van
from gateway.werk.retourdag import answered_before

# What an option is called -> the field of what is asked for.
WIJZE: Mapping[str, tuple[str, str]] = {
    "vanaf": ("vanaf", "De eerste dag waarop de wijziging geldt (jjjj-mm-dd)."),
    "tot": ("tot", "Verlenging: de nieuwe einddatum."),
    "procent": ("procent", "Indexatie: hoeveel, zoals 3,5 of -1,25."),
    "afronding": ("afronding", "Indexatie: op hoeveel cent wordt afgerond; 1 als u niets kiest."),
    "reden": ("reden", "De RedenWijziging, zoals 03 of 10."),
    "naar-rato": ("naarRato", "Verlenging: verhoog volume en budget naar rato; ja of nee."),
    "naar-gemeente": ("naar", "Herindeling: de gemeente die de zorg overneemt."),
    "naar-aanbieder": ("aanbieder", "Contractwijziging: de aanbieder die de zorg overneemt."),
    "naar-categorie": ("productcategorie", "Contractwijziging: de nieuwe productcategorie."),
    "naar-code": ("productcode", "Contractwijziging: de nieuwe productcode."),
    "naar-eenheid": ("eenheid", "Contractwijziging: de nieuwe eenheid."),
    "naar-frequentie": ("frequentie", "Contractwijziging: de nieuwe frequentie."),
    "teller": ("teller", "Contractwijziging: het volume maal dit getal ..."),
    "noemer": ("noemer", "... en door dit getal."),
    "verlaag": ("verlaag", "Haal van wat eindigt af wat doorgaat (vraagt instemming); ja of nee."),
}
KEUZE: Mapping[str, tuple[str, str]] = {
    "aanbieder": ("aanbieder", "Alleen van deze aanbieder (AGB-code)."),
    "categorie": ("productcategorie", "Alleen deze productcategorie."),
    "code": ("productcode", "Alleen deze productcode."),
    "eenheid": ("eenheid", "Alleen deze eenheid."),
    "overeenkomst": ("overeenkomst", "Alleen de producten van deze overeenkomst."),
    "ingang-vanaf": ("ingangVanaf", "Alleen wat op of na deze dag ingaat."),
    "ingang-tot": ("ingangTot", "Alleen wat op of vóór deze dag ingaat."),
    "einde-vanaf": ("eindeVanaf", "Alleen wat op of na deze dag eindigt."),
    "einde-tot": ("eindeTot", "Alleen wat op of vóór deze dag eindigt."),
    "nummers": ("nummers", "Alleen deze toewijzingnummers, met komma's ertussen."),
}


@click.group("assignments")
def command() -> None:
    """Wijzigt veel toewijzingen tegelijk, en legt instemmingen van aanbieders vast."""


@command.group("batch")
def batch() -> None:
    """Een partij: een vaste lijst toewijzingen met één wijziging."""


command.add_command(consent)


def _options(names: Mapping[str, tuple[str, str]]) -> Callable[[Any], Any]:
    def add(function: Any) -> Any:
        for name, (_, text) in reversed(list(names.items())):
            function = click.option(f"--{name}", help=text)(function)
        return function

    return add


def _velden(names: Mapping[str, tuple[str, str]], given: Mapping[str, Any]) -> dict[str, str]:
    """The fields that were given, by their names in what is asked for."""
    return {field: given[name.replace("-", "_")] or "" for name, (field, _) in names.items()}


@batch.command("make")
@click.argument("soort", type=click.Choice(SOORTEN))
@click.argument("naam")
@click.option("--gemeente", required=True, help="Van welke gemeente (code van vier cijfers).")
@click.option("--wet", required=True, type=WETTEN)
@_options(WIJZE)
@_options(KEUZE)
@click.option(
    "--per-minuut",
    type=click.IntRange(SLOWEST, FASTEST),
    default=PER_MINUUT,
    show_default=True,
    help="Hoeveel berichten er per minuut worden aangeboden.",
)
@STORE
def make(
    soort: str, naam: str, gemeente: str, wet: str, per_minuut: int, store: str | None, **given: Any
) -> int:
    """Maakt een partij en toont wat zij doet; er gaat nog niets weg."""
    settings = read_settings(os.environ)
    vraag = Vraag(
        gemeente=gemeente,
        wet=wet,
        naam=naam,
        wijze=wijze_of(soort, _velden(WIJZE, given)),
        keuze=keuze_of(_velden(KEUZE, given)),
        per_minuut=per_minuut,
    )
    with opened_store(settings, store, updates=True, of_gemeente=True) as opened:
        kennis = _kennis(settings, opened)
        unknown = vraag.gemeenten - frozenset(kennis.gemeentecodes)
        if unknown:
            raise WrongUse(f"{min(unknown)} is geen gemeentecode")
        bereik = Bereik(bereik_van(opened).gemeenten | vraag.gemeenten)
        wie = aan_de_machine()
        nummer = opened.mutatiemaker.make(bereik, wie, vraag, kennis.overeenkomsten)
        Noteer(opened, "partij toewijzingen maken", "C", nummer).alone()
        return _print(opened, bereik, nummer, kennis)


@batch.command("list")
@STORE
def show_all(store: str | None) -> int:
    """Toont de partijen, de nieuwste boven."""
    with opened_store(read_settings(os.environ), store) as opened:
        found = opened.mutatieinzage.lijst(bereik_van(opened), SHOWN).rijen
    headings = ("nummer", "gemeente", "soort", "naam", "stand", "toewijzingen", "verschil", "door")
    rows = [
        (
            str(one.nummer),
            one.gemeente,
            one.soort,
            one.naam,
            one.staat,
            str(one.toewijzingen),
            euros(one.na - one.voor),
            one.door,
        )
        for one in found
    ]
    print_table(headings, rows, right=("nummer", "toewijzingen", "verschil"))
    return 0


@batch.command("show")
@click.argument("nummer", type=int)
@STORE
def show(nummer: int, store: str | None) -> int:
    """Toont partij NUMMER: bedragen per jaar, wat is geweigerd, en wat er van de berichten werd."""
    settings = read_settings(os.environ)
    with opened_store(settings, store) as opened:
        return _print(opened, bereik_van(opened), nummer, _kennis(settings, opened))


@batch.command("release")
@click.argument("nummer", type=int)
@click.option("--direct", is_flag=True, help="Bied de berichten nu aan, en wacht daarop.")
@STORE
def release(nummer: int, direct: bool, store: str | None) -> int:
    """Geeft partij NUMMER vrij; boven het bedrag van het beleid keurt een tweede persoon goed."""
    settings = read_settings(os.environ)
    with opened_store(settings, store, updates=True, of_gemeente=True) as opened:
        bereik, kennis = bereik_van(opened), _kennis(settings, opened)
        boven = kennis.beleid_of(
            opened.mutatieinzage.een(bereik, nummer).gemeente
        ).tweede_persoon_boven
        noteer = Noteer(opened, "partij toewijzingen vrijgeven", "E", nummer)
        one = opened.mutatieverloop.release(
            _of(bereik, opened, nummer), aan_de_machine(), nummer, boven, noteer
        )
        if one.staat != LOOPT:
            click.echo(
                f"partij {nummer} wacht op een tweede persoon: gateway proposals approve "
                f"{one.voorstel}"
            )
            return 0
        return _let_go(opened, kennis, bereik, nummer, direct)


@batch.command("stop")
@click.argument("nummer", type=int)
@STORE
def stop(nummer: int, store: str | None) -> int:
    """Stopt met aanbieden; wat al is aangeboden gaat zijn weg."""
    with opened_store(read_settings(os.environ), store, updates=True) as opened:
        bereik = _of(bereik_van(opened), opened, nummer)
        noteer = Noteer(opened, "partij toewijzingen stoppen", "U", nummer)
        opened.mutatieverloop.stop(bereik, nummer, noteer)
    click.echo(f"partij {nummer} is gestopt; gateway assignments batch resume {nummer} gaat verder")
    return 0


@batch.command("resume")
@click.argument("nummer", type=int)
@click.option("--direct", is_flag=True, help="Bied de berichten nu aan, en wacht daarop.")
@STORE
def resume(nummer: int, direct: bool, store: str | None) -> int:
    """Gaat verder met partij NUMMER, ook na een onderbreking."""
    settings = read_settings(os.environ)
    with opened_store(settings, store, updates=True, of_gemeente=True) as opened:
        bereik, kennis = bereik_van(opened), _kennis(settings, opened)
        if opened.mutatieinzage.een(bereik, nummer).staat == GESTOPT:
            noteer = Noteer(opened, "partij toewijzingen hervatten", "E", nummer)
            opened.mutatieverloop.resume(_of(bereik, opened, nummer), nummer, noteer)
        return _let_go(opened, kennis, bereik, nummer, direct)


def _kennis(settings: Settings, store: SqlStore) -> Kennis:
    return kennisstand_of(load_kennis(settings), store.beleidsversies, store.registerkennis).nu


def _of(bereik: Bereik, store: SqlStore, nummer: int) -> Bereik:
    """Also the municipality that takes over, of which there may be nothing yet."""
    return Bereik(bereik.gemeenten | store.mutatieinzage.een(bereik, nummer).vraag.gemeenten)


def _let_go(store: SqlStore, kennis: Kennis, bereik: Bereik, nummer: int, direct: bool) -> int:
    """Tell that messages go, or offer them from here until none is left or one has to wait."""
    if not direct:
        click.echo(f"partij {nummer} is vrij; een draaiende gateway biedt de berichten aan")
        return 0
    offered = 0
    while (one := store.mutatieinzage.een(bereik, nummer)).staat == LOOPT:
        before = _waiting(store, bereik, nummer)
        if not store.mutatieaanbod.step(persoon_van(store, kennis), nummer):
            time.sleep(60 / one.vraag.per_minuut)
            continue
        taken = before - _waiting(store, bereik, nummer)
        offered += taken
        if before and not taken:
            click.echo("de rest wacht tot het eerdere is verwerkt; ga later verder met resume")
            break
    told = "bericht van partij {} is" if offered == 1 else "berichten van partij {} zijn"
    click.echo(f"{offered} {told.format(nummer)} afgehandeld")
    passed = store.mutatieinzage.voortgang(bereik, nummer, 0.0).get(OVERGESLAGEN, 0)
    return 1 if passed else 0


def _waiting(store: SqlStore, bereik: Bereik, nummer: int) -> int:
    return store.mutatieinzage.voortgang(bereik, nummer, 0.0).get(WACHT, 0)


def _print(store: SqlStore, bereik: Bereik, nummer: int, kennis: Kennis) -> int:
    """A batch with everything that somebody has to look at; 1 where there is any."""
    inzage, one = store.mutatieinzage, store.mutatieinzage.een(bereik, nummer)
    refused = inzage.regels(bereik, nummer, SHOWN, geweigerd=True).rijen
    te_laat = answered_before(kennis, one.vraag.wet, datetime.now(UTC))
    voortgang = {} if one.staat == CONCEPT else inzage.voortgang(bereik, nummer, te_laat)
    look = sum(voortgang.get(stand, 0) for stand in AANDACHT)
    berichten = inzage.berichten(bereik, nummer, te_laat, SHOWN).rijen if look else ()
    shown = [(some.gemeente, some.client) for some in refused]
    shown += [(some.gemeente, some.client) for some in berichten]
    clienten = dict.fromkeys(shown)
    toont(store, "partij toewijzingen bekijken", clienten, f"partij {nummer}", DOEL)
    _print_head(one)
    if refused:
        click.echo(f"\ngeweigerd, met de reden (de eerste {SHOWN}):")
        for regel in refused:
            rule = f" ({regel.regel})" if regel.regel else ""
            click.echo(visible(f"  toewijzing {regel.toewijzingnummer}{rule}: {regel.weigering}"))
    for stand, count in voortgang.items():
        click.echo(f"{stand}: {count}")
    for bericht in berichten:
        told = "; ".join(bericht.redenen) or "geen reden bekend"
        where = f"bericht {bericht.inbox_id or '-'} aan {bericht.aanbieder}"
        click.echo(visible(f"  {where}: {bericht.stand}: {told}"))
    return 1 if refused or look else 0


def _print_head(one: Mutatie) -> None:
    click.echo(visible(f"partij {one.nummer}: {one.naam} ({one.soort}, {uitleg(one.vraag.wijze)})"))
    click.echo(f"stand: {one.staat}, gemaakt door {visible(one.door)}")
    click.echo(
        f"{aantal(one.toewijzingen, 'toewijzing', 'toewijzingen')}, {one.geweigerd} geweigerd; "
        f"{aantal(one.clienten, 'cliënt', 'cliënten')} in "
        f"{aantal(one.berichten, 'bericht', 'berichten')}"
    )
    rows = [(str(jaar), euros(voor), euros(na), euros(na - voor)) for jaar, voor, na in one.jaren]
    rows.append(("samen", euros(one.voor), euros(one.na), euros(one.na - one.voor)))
    print_table(("jaar", "voor", "na", "verschil"), rows, right=("voor", "na", "verschil"))
    if one.zonder_einde:
        told = aantal(one.zonder_einde, "toewijzing", "toewijzingen")
        click.echo(f"{told} zonder einddatum: geteld tot en met {one.geteld_tot}")
    if one.zonder_bedrag:
        told = aantal(one.zonder_bedrag, "toewijzing", "toewijzingen")
        click.echo(f"{told} met maanden zonder prijs: die maanden tellen niet mee")
