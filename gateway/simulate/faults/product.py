"""Faults in lines for another product, or in another unit, than was assigned."""

from __future__ import annotations

from dataclasses import replace

from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Cel
from gateway.simulate.faults.register import plants
from gateway.simulate.faults.steady import Rustig, a_line, far_off, priced, spoiled, steady
from gateway.simulate.kring import Kring
from gateway.simulate.story import Verhaal, Zorg

RUIM = 5_000_000  # a budget in eurocents that nothing here uses up
INSPANNING = "84"


@plants("TR339")
def another_category(kring: Kring) -> Verhaal:
    """A category was assigned without a code, and a line has a product of another category."""
    zorg = _within_budget(kring)
    other = kring.vorm("etmaal").cel
    return (spoiled(zorg, a_line(kring, zorg), lambda line: _of(line, other), "TR339"),)


@plants("TR339", "TR381")
def code_under_another_category(kring: Kring) -> Verhaal:
    """A line has the product that was assigned, under a category where no list has it."""
    zorg = steady(kring, "stuk")
    categorie = kring.vorm("etmaal").cel.productcategorie
    return (
        spoiled(
            zorg,
            a_line(kring, zorg),
            lambda line: line._replace(productcategorie=categorie),
            "TR339",
            "TR381",
        ),
    )


@plants("TR381")
def code_outside_its_category(kring: Kring) -> Verhaal:
    """Nothing was assigned but a budget, and a line has a code under a category not its own."""
    zorg = _within_budget(kring)
    generic = zorg.toewijzing._replace(productcategorie=None)
    starts = [
        replace(one, product=one.product._replace(productcategorie=None, productcode=None))
        for one in zorg.leveringen
    ]
    zorg = replace(
        zorg,
        versies=(replace(zorg.versies[0], product=generic),),
        leveringen=tuple(starts),
    )
    categorie = kring.vorm("etmaal").cel.productcategorie
    return (
        spoiled(
            zorg,
            a_line(kring, zorg),
            lambda line: line._replace(productcategorie=categorie),
            "TR381",
        ),
    )


@plants("TR340")
def another_code(kring: Kring) -> Verhaal:
    """A line has another code of the category than was assigned."""
    zorg = steady(kring, "stuk")
    code = unknown_code(zorg.cel)
    return (
        spoiled(zorg, a_line(kring, zorg), lambda line: line._replace(productcode=code), "TR340"),
    )


@plants("TR341")
def another_unit(kring: Kring) -> Verhaal:
    """Pieces of output are declared as pieces of effort."""
    zorg = steady(kring, "stuk")
    return (
        spoiled(zorg, a_line(kring, zorg), lambda line: line._replace(eenheid=INSPANNING), "TR341"),
    )


def unknown_code(cel: Cel) -> str:
    """A code that is in no list and no agreement."""
    return f"{cel.productcategorie}X99"


def _within_budget(kring: Kring) -> Zorg:
    """Hours within a budget that was assigned for a category without a product code."""
    return steady(kring, "uur", Rustig(budget=RUIM, einddatum=far_off(kring)))


def _of(line: Prestatie, cel: Cel) -> Prestatie:
    other = line._replace(
        productcategorie=cel.productcategorie, productcode=cel.productcode, eenheid=cel.eenheid
    )
    return priced(other, cel.bedrag)
