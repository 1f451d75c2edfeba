"""How the year end is told on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec

from gateway.cli.tabel import print_table
from gateway.ledger.jaareinde.instellingen import Instellingen
from gateway.ledger.jaareinde.verantwoording import Verschil
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.records.masker import mask
from gateway.store.jaareinde.overzicht import Aanbiederjaar, Jaaroverzicht
from gateway.store.jaareinde.steekproeven import (
    Eindoordeel,
    Steekproef,
    Steekproefpost,
)
from gateway.store.jaareinde.verantwoordingen import Verantwoording, Verschilsoort

_BEDRAGEN = ("netto", "laat", "open", "facturen", "lasten", "verantwoord", "verschil")
_KOPPEN = ("aanbieder", *_BEDRAGEN, "stand")
_VERSCHIL = ("sleutel", "verklaring", "codes", "verschil", "opgegeven", "toegekend")
_POST = ("post", "aanbieder", "bedrag", "geheel", "oordeel", "afwijking")


def print_overview(overview: Jaaroverzicht) -> None:
    """The year of a municipality by provider."""
    if overview.afsluiting is None:
        print("van dit jaar is nog geen pakket gemaakt: zie gateway ledger yearend make")
    print_table(_KOPPEN, map(_rij, overview.aanbieders), right=_BEDRAGEN)
    missing = sum(one.is_te_laat for one in overview.aanbieders)
    print(
        f"akkoord met {overview.akkoord} van "
        f"{aantal(len(overview.aanbieders), 'aanbieder', 'aanbieders')}; "
        f"verantwoordingen uiterlijk {datum_lang(overview.uiterlijk)}"
    )
    if missing:
        print(f"te laat: {missing} {'verantwoording' if missing == 1 else 'verantwoordingen'}")


def _rij(one: Aanbiederjaar) -> tuple[str, ...]:
    stand, told = one.stand, one.verantwoording
    verschil = None if told is None else told.verschil
    return (
        one.aanbieder,
        euros(stand.netto),
        euros(stand.laat),
        euros(stand.open),
        euros(stand.facturen),
        euros(stand.lasten),
        "" if told is None else euros(told.bedrag),
        "" if verschil is None else euros(verschil),
        f"{one.staat}, te laat" if one.is_te_laat else one.staat,
    )


def print_statement(
    een: Verantwoording,
    soorten: Sequence[Verschilsoort],
    rijen: Iterable[Verschil],
    instellingen: Instellingen,
) -> None:
    """A statement beside the ledger: every difference, and what they come to by explanation."""
    print_table(_VERSCHIL, map(_verschilrij, rijen), right=_VERSCHIL[3:])
    print()
    print_table(
        ("verklaring", "aantal", "verschil"),
        [(one.soort, str(one.aantal), euros(one.bedrag)) for one in soorten],
        right=("aantal", "verschil"),
    )
    toegekend, verschil = een.toegekend or 0, een.verschil or 0
    small = "klein" if instellingen.is_small(verschil, toegekend) else "boven de drempel"
    print(
        f"opgegeven {euros(een.bedrag)}, toegekend {euros(toegekend)}, verschil "
        f"{euros(verschil)} ({small}); stand: {een.staat}"
    )


def _verschilrij(one: Verschil) -> tuple[str, ...]:
    return (
        mask(one.sleutel),
        str(one.soort),
        " ".join(one.codes),
        euros(one.bedrag),
        euros(one.opgegeven),
        euros(one.toegekend),
    )


def print_sample(een: Steekproef, posten: Sequence[Steekproefpost]) -> None:
    """How a sample was drawn, and its lines."""
    rows = (
        (
            str(one.nr),
            one.aanbieder,
            euros(one.bedrag),
            "ja" if one.is_hoog else "",
            one.oordeel or "",
            "" if one.oordeel is None else euros(one.afwijking),
        )
        for one in posten
    )
    print_table(_POST, rows, right=("post", "bedrag", "afwijking"))
    print(
        f"steekproef {een.nummer}: {aantal(len(posten), 'post', 'posten')} uit "
        f"{aantal(een.regels, 'regel', 'regels')} van samen "
        f"{euros(een.populatie)}; interval {euros(een.interval)}, zaad {een.zaad}"
    )


def print_verdict(een: Steekproef, oordeel: Eindoordeel) -> None:
    """What a sample says of the whole."""
    rows = []
    for naam, projectie, tolerantie, uitkomst in (
        ("fouten", oordeel.fouten, een.tolerantie_fouten, oordeel.oordeel_fouten),
        ("onzekerheden", oordeel.onzeker, een.tolerantie_onzeker, oordeel.oordeel_onzeker),
    ):
        rows.append(
            (
                naam,
                euros(projectie.gevonden),
                euros(projectie.waarschijnlijk),
                euros(projectie.bovengrens),
                f"{tolerantie / 10:g} %".replace(".", ","),
                str(uitkomst) if not oordeel.ontbreekt else "nog niet af",
            )
        )
    koppen = ("soort", "gevonden", "waarschijnlijk", "bovengrens", "tolerantie", "oordeel")
    print_table(koppen, rows, right=koppen[1:5])
    if oordeel.ontbreekt:
        print(f"van {aantal(oordeel.ontbreekt, 'post', 'posten')} is er nog geen uitslag")


def as_json(value: object) -> str:
    """A value as people read JSON: every record by the names of its fields."""
    return msgspec.json.format(msgspec.json.encode(_plain(value))).decode()


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(one) for one in value]
    return value
