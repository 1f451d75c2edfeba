"""How the proofs of a year are told: a table and sentences, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gateway.cli.jsonstroom import Document
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.ledger.sluiting.bewijs import PLEK, Bewijs, Groep, Sluiting
from gateway.ledger.sluiting.regels import Sluitregel, counts
from gateway.periods.bedragen import euros
from gateway.records.masker import mask
from gateway.toegang.kenmerk import Kenmerken

_BEWIJS = ("bewijs", "wat", "links", "rechts", "verschil")
_BEDRAGEN = ("links", "rechts", "verschil")
# The option for a part of a key, where it is not called the same.
_OPTIE = {"van": "gemeente"}
_REGEL = (
    *("kenmerk", "gemeente", "declaratie", "regel", "toewijzing", "product", "begindatum"),
    *("einddatum", "bedrag", "telt", "per jaar", "stand", "betaling"),
)


def print_proofs(sluiting: Sluiting, *, with_groups: bool = False) -> None:
    """A table of all proofs, everything that is not right, and whether the year closes."""
    print_table(_BEWIJS, map(_bewijs_row, sluiting.bewijzen), right=_BEDRAGEN)
    if with_groups:
        for one in sluiting.bewijzen:
            _print_groups(one)
    zinnen = list(sluiting.zinnen())
    for zin in zinnen:
        print(visible(mask(zin)))
    for where in _lines_behind(sluiting):
        print(visible(where))
    if with_groups:
        return
    if not zinnen:
        print(f"{sluiting.jaar} sluit: {len(sluiting.bewijzen)} bewijzen, geen cent verschil")
    else:
        count = len(zinnen)
        print(f"{sluiting.jaar} sluit niet: {count} {'verschil' if count == 1 else 'verschillen'}")


def _lines_behind(sluiting: Sluiting) -> Iterator[str]:
    """The command that lists the lines of each group that differs."""
    for one in sluiting.bewijzen:
        if one.regels is None or len(one.per) < len(PLEK):
            continue
        for groep in one.verschillen():
            words = " ".join(
                f"--{_OPTIE.get(name, name)} {value}"
                for name, value in zip(one.per, groep.sleutel, strict=True)
            )
            yield (
                f"de regels: gateway ledger close --jaar {sluiting.jaar} --toon {one.code} {words}"
            )


def _bewijs_row(one: Bewijs) -> Sequence[str]:
    told = euros(one.verschil) if not one.fouten or one.verschil else "zie onder"
    return (one.code, one.wat, euros(one.links_bedrag), euros(one.rechts_bedrag), told)


def _print_groups(one: Bewijs) -> None:
    """What each group of a proof is made of."""
    posten = (*one.links, *one.rechts)
    names = [post.naam for post in posten]
    rows = (
        (*groep.sleutel, *(euros(cents) for _, cents in groep.delen), euros(groep.verschil))
        for groep in one.groepen()
    )
    print()
    print_table((*one.per, *names, "verschil"), rows, right=(*names, "verschil"))


def write_proofs(sluiting: Sluiting, *, with_groups: bool = True) -> None:
    """The same as one document, with every group."""
    with Document() as document:
        document.put("year", sluiting.jaar)
        document.put("municipalities", sluiting.gemeenten)
        document.put("closes", sluiting.klopt)
        document.put_all("proofs", (_json(one, with_groups) for one in sluiting.bewijzen))
        document.put_all("differences", map(mask, sluiting.zinnen()))


def _json(one: Bewijs, with_groups: bool) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "code": one.code,
        "what": one.wat,
        "left": one.links_bedrag,
        "right": one.rechts_bedrag,
        "difference": one.verschil,
        "closes": one.klopt,
        "parts": [
            {"side": side, "name": post.naam, "amount": post.totaal}
            for side, posten in (("left", one.links), ("right", one.rechts))
            for post in posten
        ],
    }
    if with_groups:
        told["groups"] = [_group_json(one, groep) for groep in one.groepen()]
    return told


def _group_json(one: Bewijs, groep: Groep) -> Mapping[str, Any]:
    return {
        **dict(zip(one.per, groep.sleutel, strict=True)),
        "left": groep.links,
        "right": groep.rechts,
        "difference": groep.verschil,
        "parts": [{"name": name, "amount": cents} for name, cents in groep.delen],
    }


def print_lines(lines: Iterable[Sluitregel], soort: str, jaar: int, kenmerken: Kenmerken) -> None:
    """Every line with what it counts, and what they come to."""
    total = 0

    def rows() -> Iterator[Sequence[str]]:
        nonlocal total
        for one in lines:
            telt = counts(soort, one, jaar)
            total += telt
            yield (
                kenmerken.of(*one.bron),
                one.gemeente,
                one.declaratienummer,
                one.referentienummer,
                str(one.toewijzingnummer or ""),
                one.productcode,
                one.begindatum.isoformat(),
                one.einddatum.isoformat(),
                euros(one.bedrag),
                euros(telt),
                ", ".join(f"{year} {euros(cents)}" for year, cents in one.jaren.items()),
                one.stand,
                one.betaling or "",
            )

    number = print_table(_REGEL, rows(), right=("bedrag", "telt"))
    print(f"{number} {'regel' if number == 1 else 'regels'}, samen {euros(total)}")


def write_lines(lines: Iterable[Sluitregel], soort: str, jaar: int, kenmerken: Kenmerken) -> None:
    """The same as one document."""
    total = 0

    def rows() -> Iterator[Mapping[str, Any]]:
        nonlocal total
        for one in lines:
            telt = counts(soort, one, jaar)
            total += telt
            yield {
                "id": kenmerken.of(*one.bron),
                "gemeente": one.gemeente,
                "aanbieder": one.aanbieder,
                "declaratie": one.declaratienummer,
                "regel": one.referentienummer,
                "toewijzing": one.toewijzingnummer,
                "product": one.productcode,
                "begindatum": one.begindatum,
                "einddatum": one.einddatum,
                "bedrag": one.bedrag,
                "telt": telt,
                "jaren": {str(year): cents for year, cents in one.jaren.items()},
                "stand": one.stand,
                "betaling": one.betaling,
            }

    with Document() as document:
        document.put_all("lines", rows())
        document.put("total", total)
