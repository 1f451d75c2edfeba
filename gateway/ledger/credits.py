"""Proves that every credit undoes one granted debet in full, and that nothing is claimed twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from gateway.ledger.boek import Fout, Regelkop
from gateway.periods.bedragen import euros


class Creditpaar(NamedTuple):
    """A granted credit beside one granted debet that it names; `debet` is None without any.

    `partij` and `vorig` are whose number it is that the credit names; `genoemd` is that number
    without the Bsn of the client, for sentences.
    """

    partij: int
    vorig: str
    credit: Regelkop
    debet: Regelkop | None
    genoemd: str


def credit_faults(paren: Iterable[Creditpaar]) -> Iterator[Fout]:
    """What is wrong with credits; they come sorted by `partij` and `vorig`."""
    for _, group in groupby(paren, key=lambda paar: paar[:2]):
        yield from _of_one_number(list(group))


def _of_one_number(paren: Sequence[Creditpaar]) -> Iterator[Fout]:
    """All credits that name one number, each beside every granted debet of that number."""
    credits = list({paar.credit.regel_id: paar.credit for paar in paren}.values())
    debets = list({p.debet.regel_id: p.debet for p in paren if p.debet is not None}.values())
    vorig = paren[0].genoemd
    for credit in credits:
        if len(debets) != 1:
            yield credit.fout("credit", _not_one(vorig, debets), (_sum(debets), credit.bedrag))
        else:
            yield from _differences(credit, debets[0])
    if len(credits) > 1:
        named = ", ".join(credit.naam_in_zin for credit in credits)
        first = debets[0] if debets else credits[0]
        told = f"regel {vorig} is {len(credits)} keer gecrediteerd: {named}"
        yield first.fout("dubbele credit", told, (_sum(debets), _sum(credits)))


def _not_one(vorig: str, debets: Sequence[Regelkop]) -> str:
    if not debets:
        return f"crediteert regel {vorig}, maar zo'n toegekende debetregel is er niet"
    return f"crediteert regel {vorig}, en daarvan zijn er {len(debets)} toegekend"


def _differences(credit: Regelkop, debet: Regelkop) -> Iterator[Fout]:
    if credit.bedrag != debet.bedrag:
        told = f"crediteert {euros(credit.bedrag)}, maar {debet.naam_in_zin} is"
        yield credit.fout("credit", f"{told} {euros(debet.bedrag)}", (debet.bedrag, credit.bedrag))
    elif credit.inhoud != debet.inhoud:
        told = f"crediteert {debet.naam_in_zin}, maar is daar geen kopie van"
        yield credit.fout("credit", told)


def double_faults(groepen: Iterable[Sequence[Regelkop]]) -> Iterator[Fout]:
    """Granted debets without a credit that claim the same (TR389), per group."""
    for groep in groepen:
        first, *others = groep
        for one in others:
            told = f"vraagt {euros(one.bedrag)} voor hetzelfde als {first.naam_in_zin}"
            told += f" ({euros(first.bedrag)}), en geen van beide is gecrediteerd"
            yield one.fout("dubbel toegekend", told, (first.bedrag, one.bedrag + first.bedrag))


def _sum(lines: Iterable[Regelkop]) -> int:
    return sum(line.bedrag for line in lines)
