"""The providers themselves as a file: one row per provider and code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from gateway.errors import OngeldigeVelden
from gateway.ledger.register.afspraken import Register
from gateway.ledger.register.bestand import Bestandsoort, Rij, day_in, text_of
from gateway.ledger.register.stand import Registerstand
from gateway.ledger.register.wijzigingen import (
    AgbEinde,
    AgbErbij,
    Einde,
    Gegevens,
    Hernoem,
    Nieuw,
    Wijziging,
)
from gateway.records.aanbieder import Aanbieder, Agb
from gateway.records.rekenblad import inert


def _rijen(register: Register) -> Iterator[Sequence[str]]:
    for one in register.stand.aanbieders.values():
        own = (
            str(one.nummer),
            inert(one.naam),
            one.kvk or "",
            inert(one.contact),
            one.vanaf.isoformat(),
            text_of(one.tot),
        )
        for code in one.agbs or (None,):
            told = ("", "", "")
            if code is not None:
                told = (code.code, code.vanaf.isoformat(), text_of(code.tot))
            yield (*own, *told)


def _asked(register: Register, rij: Rij, vandaag: date) -> Iterator[Wijziging]:
    """The changes of one row.

    A row is about the provider with its number, else the one that has its code, else the one with
    its KvK number, else a new one.  An empty field changes nothing.  Another name is from
    `vandaag` on.
    """
    stand = register.stand
    one = _found(stand, rij)
    if one is None:
        yield _taken(stand, _new(rij, vandaag))
        one = stand.aanbieders[max(stand.aanbieders)]
    for change in _own_changes(one, rij, vandaag):
        yield _taken(stand, change)
    change_of_code = _code_change(stand.aanbieders[one.nummer], rij)
    if change_of_code is not None:
        yield _taken(stand, change_of_code)
    # The last day comes last: the codes that stand in it have to be there first.
    tot = day_in(rij, "tot")
    if tot is not None and tot != stand.aanbieders[one.nummer].tot:
        yield _taken(stand, Einde(nummer=one.nummer, tot=tot))


def _taken(stand: Registerstand, wijziging: Wijziging) -> Wijziging:
    stand.neem(wijziging)
    return wijziging


def _found(stand: Registerstand, rij: Rij) -> Aanbieder | None:
    nummer, agb, kvk = rij["nummer"], rij["agb"], rij["kvk"]
    if nummer:
        if not nummer.isdecimal() or int(nummer) not in stand.aanbieders:
            raise OngeldigeVelden({"nummer": f"Aanbieder {nummer} staat niet in het register."})
        return stand.aanbieders[int(nummer)]
    dag = day_in(rij, "agb_vanaf") or day_in(rij, "vanaf")
    held = None
    if agb:
        held = stand.laatste_houder(agb) if dag is None else stand.houder(agb, dag)
    if held is None and kvk:
        held = next((one for one in stand.aanbieders.values() if one.kvk == kvk), None)
    return held


def _new(rij: Rij, vandaag: date) -> Nieuw:
    vanaf = day_in(rij, "vanaf") or day_in(rij, "agb_vanaf") or vandaag
    return Nieuw(naam=rij["naam"], vanaf=vanaf, kvk=rij["kvk"], contact=rij["contact"])


def _own_changes(one: Aanbieder, rij: Rij, vandaag: date) -> Iterator[Wijziging]:
    if rij["naam"] and rij["naam"] != one.naam:
        vanaf = max(vandaag, one.namen[-1].vanaf)
        yield Hernoem(nummer=one.nummer, naam=rij["naam"], vanaf=vanaf)
    kvk, contact = rij["kvk"] or one.kvk or "", rij["contact"] or one.contact
    if (kvk, contact) != (one.kvk or "", one.contact):
        yield Gegevens(nummer=one.nummer, kvk=kvk, contact=contact)
    vanaf_given = day_in(rij, "vanaf")
    if vanaf_given not in (None, one.vanaf):
        raise OngeldigeVelden({"vanaf": f"Aanbieder {one.nummer} begint op {one.vanaf}."})


def _code_change(one: Aanbieder, rij: Rij) -> Wijziging | None:
    agb, tot = rij["agb"], day_in(rij, "agb_tot")
    if not agb:
        return None
    vanaf = day_in(rij, "agb_vanaf")
    had = [
        code
        for code in one.agbs
        if code.code == agb and (vanaf is None or code.vanaf == vanaf or code.geldt_op(vanaf))
    ]
    if not had:
        return AgbErbij(nummer=one.nummer, agb=agb, vanaf=vanaf or one.vanaf, tot=tot)
    return _other_end(one, had[-1], tot)


def _other_end(one: Aanbieder, code: Agb, tot: date | None) -> Wijziging | None:
    if tot in (None, code.tot):
        return None
    return AgbEinde(nummer=one.nummer, agb=code.code, vanaf=code.vanaf, tot=tot)


AANBIEDERS = Bestandsoort(
    naam="aanbieders",
    titel="Aanbieders",
    een_rij="per aanbieder en AGB-code",
    koppen=(
        *("nummer", "naam", "kvk", "contact", "vanaf", "tot"),
        *("agb", "agb_vanaf", "agb_tot"),
    ),
    nodig=("naam",),
    rijen=_rijen,
    vraagt=_asked,
)
