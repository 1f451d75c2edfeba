"""Compose the page of one agreement, and the index that leads to all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from gateway.agreements.pagina.prijzen import gemeentenamen, price_tables
from gateway.agreements.pagina.signalen import refusals, signals
from gateway.agreements.pagina.uitleg import price_sentences
from gateway.agreements.pagina.woorden import datum, opsomming, periode, tabel, wetten
from gateway.messages.codelijsten import Codelijsten
from gateway.periods.bedragen import euros
from gateway.records.overeenkomst import Aanbiedercontract, Overeenkomst, Plaats, Selector

VARIANTEN = {
    "inspanning": "inspanningsgericht: betaald wordt wat is gedaan",
    "output": "outputgericht: betaald wordt een resultaat",
    "taak": "taakgericht: betaald wordt voor een hele groep",
}
SOORTEN = {
    "pxq": "prijs keer aantal",
    "stuk": "prijs per stuk",
    "traject": "vaste prijs voor een traject",
    "periode": "bedrag per maand",
    "budget": "budget",
    "lumpsum": "één bedrag per aanbieder",
    "taak": "één bedrag voor een groep",
}
ON_PRICE = frozenset({"0611", "9322"})
INDEX = """\
# Manieren van bekostigen

Gemeenten betalen zorg op verschillende manieren. Voor elke manier is er een overeenkomst met
prijzen, en een bladzijde die vertelt wat de gateway ermee doet. De bladzijden zijn met `make pages`
gemaakt uit de bestanden in `mappings/agreements/`. Wijzig dus het bestand, niet de bladzijde.

De bedragen, aanbieders en productcodes zijn verzonnen. De opbouw komt uit openbare stukken. Hoe u
zelf een overeenkomst schrijft, staat in [overeenkomsten.md](../overeenkomsten.md).
"""
SIGNALEN = """\
Een signaal is voor de gemeente. De regel wordt toegekend en de aanbieder merkt er niets van. Wat u
met een signaal doet, staat in [afwijkingen.md](../afwijkingen.md).
"""
ALTIJD = """\
Daarnaast zijn er altijd signalen over start en stop (`S105`, `S106`) en over een toewijzing die de
aanbieder nog niet kende (`S104`).
"""
MANY = 5  # from so many municipalities on the index counts them


def page(overeenkomst: Overeenkomst, lijsten: Codelijsten) -> str:
    """The page of one agreement, in Markdown."""
    sections = [
        _title(overeenkomst),
        _facts(overeenkomst, lijsten),
        "## De prijzen\n",
        *price_tables(overeenkomst, lijsten),
        "## Hoe een prijs wordt bekeken\n",
        _bullets(price_sentences(overeenkomst)),
        *_refused(overeenkomst),
        *_signalled(overeenkomst, lijsten),
        *_contracts(overeenkomst, lijsten),
        f"---\n\nGemaakt uit `{overeenkomst.bestand}`. Wijzig dat bestand, niet deze bladzijde.\n",
    ]
    return "\n".join(sections)


def index_page(overeenkomsten: Iterable[Overeenkomst], lijsten: Codelijsten) -> str:
    """The page that leads to the others."""
    rijen = [
        [
            f"[{one.naam}]({one.id}.md)",
            wetten(one.wetten),
            _where(one, lijsten),
            opsomming(SOORTEN[cel.soort] for cel in one.cellen),
        ]
        for one in overeenkomsten
    ]
    koppen = ["overeenkomst", "wet", "gemeenten", "hoe er wordt betaald"]
    return f"{INDEX}\n{tabel(koppen, rijen)}"


def _title(overeenkomst: Overeenkomst) -> str:
    example = (
        "*Dit is een voorbeeld: de bedragen, aanbieders en productcodes zijn verzonnen.*\n\n"
        if overeenkomst.voorbeeld
        else ""
    )
    story = overeenkomst.toelichting.strip()
    return f"# {overeenkomst.naam}\n\n{example}" + (f"{story}\n" if story else "")


def _facts(overeenkomst: Overeenkomst, lijsten: Codelijsten) -> str:
    cellen = overeenkomst.cellen
    ends = [cel.tot for cel in cellen]
    last = None if None in ends else max((d for d in ends if d is not None), default=None)
    known = overeenkomst.bekendgemaakt_op
    rows = {
        "kenmerk": f"`{overeenkomst.id}`, versie {overeenkomst.versie}",
        "wet": wetten(overeenkomst.wetten),
        "gemeenten": gemeentenamen(overeenkomst.gemeenten, lijsten),
        "uitgestapt": opsomming(
            f"{gemeentenamen([one.gemeente], lijsten)} {periode(one.vanaf, None)}"
            for one in overeenkomst.uitgestapt
        ),
        "prijzen gelden": periode(min((cel.vanaf for cel in cellen), default=None), last),
        "bekendgemaakt": datum(known) if known else "",
        "manier van uitvoeren": _variants(overeenkomst),
    }
    told = [[kop, waarde] for kop, waarde in rows.items() if waarde]
    return "## Voor wie en wanneer\n\n" + tabel(["wat", "afspraak"], told)


def _variants(overeenkomst: Overeenkomst) -> str:
    """The execution variant of the agreement, and of the cells that have another one."""
    first = overeenkomst.variant
    others = {Plaats(overeenkomst, cel).variant for cel in overeenkomst.cellen} - {first}
    return "; deels ".join([VARIANTEN[first], *(VARIANTEN[one] for one in sorted(others))])


def _where(overeenkomst: Overeenkomst, lijsten: Codelijsten) -> str:
    codes = overeenkomst.gemeenten
    return f"{len(codes)} gemeenten" if len(codes) >= MANY else gemeentenamen(codes, lijsten)


def _bullets(sentences: Iterable[str]) -> str:
    return "".join(f"* {sentence}\n" for sentence in sentences)


def _refused(overeenkomst: Overeenkomst) -> Iterator[str]:
    yield "## Wat wordt afgewezen\n"
    found = list(refusals(overeenkomst))
    if {code for code, _ in found} & ON_PRICE:
        yield "Op deze prijzen kan een regel worden afgewezen met:\n"
    else:
        yield "Op een prijs wordt hier niets afgewezen. Wat blijft, als er een toewijzing is:\n"
    yield tabel(["retourcode", "wanneer"], found)
    yield "De andere regels van de standaard gelden gewoon, zoals bij elke declaratie.\n"


def _signalled(overeenkomst: Overeenkomst, lijsten: Codelijsten) -> Iterator[str]:
    yield "## Wat een signaal geeft\n"
    yield SIGNALEN
    found = [(f"`{code}`", when) for code, when in signals(overeenkomst, lijsten)]
    yield tabel(["controle", "wanneer"], found)
    yield ALTIJD


def _contracts(overeenkomst: Overeenkomst, lijsten: Codelijsten) -> Iterator[str]:
    yield "## Wie een contract heeft\n"
    contracten = overeenkomst.aanbieders
    cellen = overeenkomst.cellen
    if not contracten and cellen and all(cel.aanbieders for cel in cellen):
        yield "De aanbieders staan bij de prijzen. Voor een andere aanbieder is er geen prijs.\n"
        return
    if not contracten:
        yield "Deze overeenkomst noemt geen aanbieders met een contract. Iedereen is toegelaten.\n"
        return
    kolommen = {
        "aanbieder": [one.agb for one in contracten],
        "waarvoor": [_part(one) for one in contracten],
        "gemeenten": [gemeentenamen(one.gemeenten or (), lijsten) or "alle" for one in contracten],
        "wanneer": [periode(one.vanaf, one.tot) for one in contracten],
        "per jaar": ["" if (c := one.jaarbedrag) is None else euros(c) for one in contracten],
        "blokkade": ["ja" if one.geblokkeerd else "" for one in contracten],
    }
    shown = {kop: waarden for kop, waarden in kolommen.items() if any(waarden)}
    yield tabel(list(shown), zip(*shown.values(), strict=True))
    if overeenkomst.toelatingsmomenten:
        days = opsomming(_month_day(one) for one in overeenkomst.toelatingsmomenten)
        yield f"Nieuwe aanbieders komen erbij op {days}.\n"


def _part(contract: Aanbiedercontract) -> str:
    """The part of the table that a contract is for; several values of one dimension together."""
    if contract.cellen is None:
        return "alles"
    keys = {tuple(key for key, _ in selector) for selector in contract.cellen}
    if len(keys) == 1 and len(next(iter(keys))) == 1:
        return f"{next(iter(keys))[0]} {opsomming(value for ((_, value),) in contract.cellen)}"
    return "; ".join(_selected(selector) for selector in contract.cellen)


def _selected(selector: Selector) -> str:
    return ", ".join(f"{key} {value}" for key, value in selector)


def _month_day(month_day: str) -> str:
    month, day = month_day.split("-")
    return datum(date(2000, int(month), int(day))).removesuffix(" 2000")
