"""How obligations and forecasts are told: as a table, as CSV, or as one JSON document."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from gateway.cli.jsonstroom import Document
from gateway.cli.tabel import print_table
from gateway.errors import WrongUse
from gateway.ledger.geld.aangifte import Tempo
from gateway.ledger.geld.instroom import Instroom
from gateway.ledger.geld.opname import BEDRAGEN, PER, Opname, Sleutel, Som, key_for
from gateway.ledger.geld.prognose import (
    AANBIEDER,
    AANNAME,
    Cijfers,
    Groepsprognose,
    Maandprognose,
    Prognose,
)
from gateway.ledger.geld.terugblik import Terugblik, Uitslag
from gateway.ledger.geld.verplichting import Groep, Peil, Verplichting
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.periods.maandnummers import month_name
from gateway.records.rekenblad import inert

Rij = dict[str, Any]
TELLINGEN = ("toewijzingen", "zonder_prijs")
VAN_SOM = ("toewijzingen", *BEDRAGEN, "zonder_prijs")
VAN_TOEWIJZING = (*Groep._fields, "toewijzing", "buiten", *BEDRAGEN, "zonder_prijs", "vrijval")
VAN_PROGNOSE = (*Cijfers._fields, "prognose")
UITSLAG = ("voorspeld", "werkelijk", "fout", "promille")
GELD = frozenset({*BEDRAGEN, *VAN_PROGNOSE, *UITSLAG[:3]})
KOPPEN: Mapping[str, str] = {
    "boven": "boven toewijzing",
    "buiten": "buiten berichtenverkeer",
    "zonder_prijs": "zonder prijs",
    "geleverd": "nog te declareren",
    "komend": "nog te leveren",
    "promille": "fout in %",
    "dag": "gemaakt op",
}
STAPPEN = (
    ("gerealiseerd", "toegekend tot nu toe"),
    ("geleverd", "geleverd en nog niet gedeclareerd"),
    ("komend", "nog te leveren op lopende toewijzingen"),
    ("instroom", "toewijzingen die nog beginnen"),
    ("prognose", "prognose"),
)
# After how many days the tempo of declaring is told.
NA_DAGEN = (31, 61, 92, 183)


class Vorm(Enum):
    """The form in which a command tells something."""

    TABEL, CSV, JSON = "tabel", "csv", "json"


def vorm_of(*, as_json: bool, as_csv: bool) -> Vorm:
    """The form that was chosen; raises WrongUse for two at once."""
    if as_json and as_csv:
        raise WrongUse("kies --json of --csv, niet allebei")
    return Vorm.JSON if as_json else Vorm.CSV if as_csv else Vorm.TABEL


def sum_rows(names: Sequence[str], sums: Mapping[Sleutel, Som]) -> Iterator[Rij]:
    """Obligations by key."""
    for key, som in sums.items():
        yield _keyed(names, key) | _sum(som)


def assignment_rows(many: Iterable[Verplichting]) -> Iterator[Rij]:
    """Obligations one by one; `vrijval` tells when and by which message something was released."""
    for een in many:
        own = een.toegewezen
        yield {
            **own.groep._asdict(),
            "toewijzing": own.nummer,
            "buiten": int(own.buiten),
            **{name: getattr(een, name) for name in BEDRAGEN},
            "zonder_prijs": int(een.zonder_prijs),
            "vrijval": [
                {
                    "soort": one.soort,
                    "datum": one.datum,
                    "bedrag": one.bedrag,
                    "bericht": one.inbox_id,
                    "beoordeling": one.volgnr,
                }
                for one in een.vrijval
            ],
        }


def show_commitments(
    vorm: Vorm,
    peil: Peil,
    names: Sequence[str],
    rows: Iterable[Rij],
    totaal: Som,
    in_ledger: Callable[[], int],
) -> int:
    """Tell the rows, and then whether they come to what the ledger has; the exit code.

    `totaal` and `in_ledger` are read after the rows have gone by.
    """
    if vorm is Vorm.JSON:
        with Document() as document:
            _put_peil(document, peil)
            document.put_all("rows", rows)
            document.put("total", _sum(totaal))
            ledger = in_ledger()
            document.put("ledger", ledger)
            document.put("balanced", ledger == totaal.gerealiseerd)
        return int(ledger != totaal.gerealiseerd)
    _print_rows(vorm, names, rows)
    if vorm is Vorm.TABEL:
        for name in BEDRAGEN:
            print(f"{_kop(name):32} {euros(getattr(totaal, name)):>20}")
        _print_unpriced(totaal)
    return _tell_balance(vorm, totaal.gerealiseerd, in_ledger(), peil)


def show_forecast(vorm: Vorm, opname: Opname, prognose: Prognose, per: str, ledger: int) -> int:
    """Tell the forecast with its steps; the exit code."""
    peil, totaal = opname.peil, prognose.totaal
    names = (*PER[per], *VAN_PROGNOSE)
    rows = (
        _keyed(PER[per], key) | _forecast(cijfers)
        for key, (_, cijfers) in prognose.per(key_for(per)).items()
    )
    if vorm is Vorm.JSON:
        with Document() as document:
            _put_peil(document, peil)
            document.put_all("rows", rows)
            document.put_all("groups", map(_group_json, prognose.groepen))
            document.put_all("months", (_month_json(one) for one in prognose.maanden))
            document.put("inflow", _inflow_json(prognose.instroom))
            document.put_all("lag", _lag_rows(opname.tempo))
            document.put("total", _forecast(totaal))
            document.put("ledger", ledger)
            document.put("balanced", ledger == totaal.gerealiseerd)
        return int(ledger != totaal.gerealiseerd)
    _print_rows(vorm, names, rows)
    if vorm is Vorm.TABEL:
        _print_steps(totaal)
        _print_uses(prognose.groepen)
        print("", *inflow_told(prognose.instroom), sep="\n")
        _print_lag(opname.tempo)
        _print_unpriced(opname.totaal)
    return _tell_balance(vorm, totaal.gerealiseerd, ledger, peil)


def show_backtest(vorm: Vorm, per: str, found: Iterable[Terugblik]) -> None:
    """Tell every forecast beside what came of it; its total stands in front of its parts."""
    keys = PER[per]
    names = ("dag", "jaar", *keys, *UITSLAG, "opmerking")
    rows = (row for one in found for row in _backtest_rows(one, per))
    if vorm is Vorm.JSON:
        with Document() as document:
            document.put_all("rows", rows)
        return
    _print_rows(vorm, names, rows)


def _backtest_rows(one: Terugblik, per: str) -> Iterator[Rij]:
    about, keys = {"dag": one.dag, "jaar": one.jaar}, PER[per]
    whole = _outcome(one.totaal) if one.is_bekend else dict.fromkeys(UITSLAG)
    yield about | dict.fromkeys(keys, "totaal") | whole | {"opmerking": one.opmerking}
    for uitslag in one.per(key_for(per)):
        yield about | _keyed(keys, uitslag.sleutel) | _outcome(uitslag) | {"opmerking": ""}


def _outcome(one: Uitslag) -> Rij:
    return {name: getattr(one, name) for name in UITSLAG}


def _keyed(names: Sequence[str], key: Sleutel) -> Rij:
    return dict(zip(names, key, strict=True))


def _sum(som: Som) -> Rij:
    return {name: getattr(som, name) for name in VAN_SOM}


def _forecast(cijfers: Cijfers) -> Rij:
    return cijfers._asdict() | {"prognose": cijfers.prognose}


def _group_json(one: Groepsprognose) -> Rij:
    """A group with every figure that its forecast was made of."""
    deel = one.benutting.deel
    return {
        **one.groep._asdict(),
        **_sum(one.som),
        **_forecast(one.cijfers),
        "benutting": {
            "gebruikt": deel.teller,
            "verplicht": deel.noemer,
            "gemetenPer": one.benutting.niveau,
        },
        "mogelijkTeDeclareren": one.mogelijk_geleverd,
        "mogelijkTeLeveren": one.mogelijk_komend,
        "begonnen": one.begonnen,
    }


def _month_json(one: Maandprognose) -> Rij:
    amounts = one._asdict() | {"prognose": one.prognose}
    return {**amounts, "maand": month_name(one.maand)}


def _inflow_json(one: Instroom) -> Rij:
    return {name: [month_name(month) for month in getattr(one, name)] for name in one._fields}


def _lag_rows(tempo: Tempo) -> Iterator[Rij]:
    for wet, categorie in tempo.gemeten:
        parts = {f"na{n}Dagen": tempo.na_dagen(wet, categorie, n).promille for n in NA_DAGEN}
        yield {"wet": wet, "categorie": categorie, **parts}


def _print_steps(totaal: Cijfers) -> None:
    for name, told in STAPPEN:
        print(f"{told:40} {euros(getattr(totaal, name)):>20}")


def _print_uses(groepen: Sequence[Groepsprognose]) -> None:
    """By which use the groups were counted."""
    found: dict[tuple[str, ...], Groepsprognose] = {}
    for one in groepen:
        niveau = one.benutting.niveau
        key = (one.groep.wet, one.groep.categorie, niveau)
        found.setdefault((*key, one.groep.aanbieder if niveau == AANBIEDER else ""), one)
    rows = (
        (*key, _percent(one.benutting.deel.promille), euros(one.benutting.deel.noemer))
        for key, one in sorted(found.items())
        if one.benutting.niveau != AANNAME
    )
    koppen = ("wet", "categorie", "gemeten per", "aanbieder", "deel", "verplicht")
    print("\nbenutting in de laatste twaalf hele maanden")
    print_table(koppen, rows, ("deel", "verplicht"))


def inflow_told(one: Instroom) -> Iterator[str]:
    """Over which months new assignments were measured, and which were out of the ordinary."""
    yield f"nieuwe toewijzingen zijn gemeten over {aantal(len(one.gewoon), 'maand', 'maanden')}"
    if one.pieken:
        peaks = ", ".join(map(month_name, one.pieken))
        yield f"in {peaks} begonnen er veel meer dan anders; zo'n maand komt een jaar later terug"


def _print_lag(tempo: Tempo) -> None:
    print("\ngedeclareerd na zoveel dagen na de maand van levering")
    rows = [
        (wet, categorie, *(_percent(tempo.na_dagen(wet, categorie, n).promille) for n in NA_DAGEN))
        for wet, categorie in tempo.gemeten
    ]
    if not rows:
        print("nog niet gemeten: aangenomen is dat een maand in de maand erna wordt gedeclareerd")
        return
    days = [f"{n} dagen" for n in NA_DAGEN]
    print_table(("wet", "categorie", *days), rows, days)


def _print_unpriced(totaal: Som) -> None:
    if totaal.zonder_prijs:
        told = aantal(totaal.zonder_prijs, "toewijzing is", "toewijzingen zijn")
        print(f"{told} zonder prijs: van de maanden zonder prijs telt alleen wat is toegekend")


def _tell_balance(vorm: Vorm, found: int, ledger: int, peil: Peil) -> int:
    """Whether what was realised is what the ledger has; on the error stream beside a CSV."""
    out = sys.stdout if vorm is Vorm.TABEL else sys.stderr
    if found == ledger:
        told = f"is gelijk aan het grootboek met de facturen: {euros(ledger)}"
        print(f"gerealiseerd in {peil.jaar} {told}", file=out)
        return 0
    told = f"het grootboek met de facturen heeft {euros(ledger)}"
    print(f"gerealiseerd in {peil.jaar} is {euros(found)}, {told}", file=out)
    return 1


def _put_peil(document: Document, peil: Peil) -> None:
    document.put("jaar", peil.jaar)
    document.put("peildatum", peil.dag)


def _print_rows(vorm: Vorm, names: Sequence[str], rows: Iterable[Rij]) -> None:
    koppen = [_kop(name) for name in names]
    if vorm is Vorm.CSV:
        writer = csv.writer(sys.stdout, delimiter=";", lineterminator="\r\n")
        writer.writerow(koppen)
        for row in rows:
            writer.writerow([inert(_cell(name, row.get(name), plain=True)) for name in names])
        return
    right = [_kop(name) for name in names if name in GELD or name in TELLINGEN]
    cells = ([_cell(name, row.get(name)) for name in names] for row in rows)
    print_table(koppen, cells, right)


def _kop(name: str) -> str:
    return KOPPEN.get(name, name)


def _cell(name: str, value: Any, *, plain: bool = False) -> str:
    """A value as people read it; `plain` for a spreadsheet: an amount without its sign."""
    if value is None:
        return ""
    if name in GELD:
        told = euros(value)
        return told.removeprefix("€\N{NO-BREAK SPACE}").replace(".", "") if plain else told
    if name == "promille":
        return _percent(value, plain=plain)
    if name == "vrijval":
        return ", ".join(f"{one['datum']} {one['soort']} {euros(one['bedrag'])}" for one in value)
    return str(value)


def _percent(promille: int, *, plain: bool = False) -> str:
    whole, rest = divmod(abs(promille), 10)
    sign = "-" if promille < 0 else ""
    return f"{sign}{whole},{rest}" + ("" if plain else "%")
