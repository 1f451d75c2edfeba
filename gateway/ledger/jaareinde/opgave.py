"""Reads the rows of a production statement: what a provider tells per line or per assignment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from gateway.errors import WrongUse
from gateway.ledger.jaareinde.verantwoording import Opgegeven
from gateway.records.masker import mask

PER_REGEL, PER_TOEWIJZING = "regel", "toewijzing"
REFERENTIE, TOEWIJZING = "referentienummer", "toewijzingnummer"
PRODUCT, BEDRAG = "productcode", "bedrag"
KOLOMMEN = (REFERENTIE, TOEWIJZING, PRODUCT, BEDRAG)
MOST_TOLD, LONGEST_KEY, LONGEST_TOLD = 10, 60, 40
LONGEST_PRODUCT = 20
LARGEST = 10**13
_AMOUNT = re.compile(r"^(-?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{1,2}))?$", re.ASCII)
_POINT = re.compile(r"^(-?)(\d+)\.(\d{1,2})$", re.ASCII)
_NUMBER = re.compile(r"^\d{1,18}$", re.ASCII)

Waarde = object  # what a cell holds: text, a number, a day or nothing
Rij = Sequence[Waarde]


class Opgaveregel(NamedTuple):
    """A row: its number in the file, what it is laid beside the ledger by, and its amount (cents).

    `toewijzingnummer` is None where the statement has none.
    """

    nr: int
    sleutel: str
    toewijzingnummer: int | None
    bedrag: int


@dataclass(frozen=True, slots=True)
class Opgave:
    """A statement; `per` is by what it tells: PER_REGEL or PER_TOEWIJZING."""

    per: str
    regels: Sequence[Opgaveregel]
    met_product: bool = True

    @property
    def bedrag(self) -> int:
        """All rows together, in eurocents."""
        return sum(one.bedrag for one in self.regels)


def read_opgave(rijen: Iterable[Rij], namen: Mapping[str, str], koprij: int = 1) -> Opgave:
    """The statement in the rows of a sheet, the headings first.

    `namen` gives the headings that a file has in the place of ours, and `koprij` in which row of it
    they stand.  Rows without any of our columns filled are left out.  Raises WrongUse with the rows
    that are not right.
    """
    rest = iter(rijen)
    places = _places(next(rest, ()), namen)
    per = PER_REGEL if REFERENTIE in places else PER_TOEWIJZING
    faults: list[str] = []
    regels = list(_regels(enumerate(rest, koprij + 1), places, per, faults))
    if faults:
        more = len(faults) - MOST_TOLD
        told = "; ".join(faults[:MOST_TOLD]) + (f"; en nog {more} rijen" if more > 0 else "")
        raise WrongUse(f"deze opgave is niet te lezen: {told}")
    if not regels:
        raise WrongUse("in deze opgave staat geen enkele rij")
    return Opgave(per, regels, PRODUCT in places)


def as_told(opgave: Opgave) -> dict[str, Opgegeven]:
    """What is told under each key.

    A line can be told once: what comes after the first positive amount under a ReferentieNummer is
    double.  An assignment may have as many rows as it likes.
    """
    found: dict[str, Opgegeven] = {}
    for one in opgave.regels:
        known = found.get(one.sleutel)
        if known is None:
            found[one.sleutel] = Opgegeven(one.bedrag, 0, one.toewijzingnummer)
            continue
        is_double = opgave.per == PER_REGEL and one.bedrag > 0
        found[one.sleutel] = Opgegeven(
            known.bedrag + one.bedrag,
            known.dubbel + (one.bedrag if is_double else 0),
            known.toewijzingnummer,
        )
    return found


def _places(koppen: Rij, namen: Mapping[str, str]) -> Mapping[str, int]:
    """In which column everything stands."""
    wanted = {_flat(namen.get(one, one)): one for one in KOLOMMEN}
    found: dict[str, int] = {}
    for place, kop in enumerate(koppen):
        name = wanted.get(_flat(kop))
        if name is not None and found.setdefault(name, place) != place:
            raise WrongUse(f"de kolom {namen.get(name, name)} staat er twee keer in")
    if BEDRAG not in found:
        raise WrongUse(f"de kolom {namen.get(BEDRAG, BEDRAG)} ontbreekt in deze opgave")
    if not {REFERENTIE, TOEWIJZING} & found.keys():
        raise WrongUse(
            f"deze opgave heeft de kolom {namen.get(REFERENTIE, REFERENTIE)} of "
            f"{namen.get(TOEWIJZING, TOEWIJZING)} nodig"
        )
    return found


def _regels(
    rijen: Iterable[tuple[int, Rij]], places: Mapping[str, int], per: str, faults: list[str]
) -> Iterator[Opgaveregel]:
    for nr, rij in rijen:
        cells = {name: _cell(rij, place) for name, place in places.items()}
        if not any(_flat(cell) for cell in cells.values()):
            continue
        try:
            nummer = _nummer(cells.get(TOEWIJZING), is_needed=per == PER_TOEWIJZING)
            sleutel = _sleutel(cells, nummer, per)
            yield Opgaveregel(nr, sleutel, nummer, cents_of(cells[BEDRAG]))
        except ValueError as fault:
            faults.append(f"rij {nr}: {fault}")


def _sleutel(cells: Mapping[str, Waarde], nummer: int | None, per: str) -> str:
    if per == PER_TOEWIJZING:
        product = _text(cells.get(PRODUCT))
        if len(product) > LONGEST_PRODUCT:
            raise ValueError(f"‘{_shown(product)}’ is geen productcode")
        return f"{nummer}/{product}" if PRODUCT in cells else f"{nummer}"
    found = _text(cells[REFERENTIE])
    if not found or len(found) > LONGEST_KEY:
        raise ValueError("het referentienummer ontbreekt of is te lang")
    return found


def _nummer(cell: Waarde, *, is_needed: bool) -> int | None:
    text = _text(cell)
    if not text and not is_needed:
        return None
    if not _NUMBER.match(text):
        raise ValueError(f"‘{_shown(text)}’ is geen toewijzingnummer")
    return int(text)


def cents_of(cell: Waarde) -> int:
    """An amount in eurocents; raises ValueError for what is none, or can be read in two ways."""
    if isinstance(cell, bool) or cell is None:
        raise ValueError("het bedrag ontbreekt")
    if isinstance(cell, int | float | Decimal):
        return _whole(Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell))
    text = _text(cell).replace("€", "").replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    found = _AMOUNT.match(text) or _POINT.match(text)
    if found is None or ("." in text and "," not in text and not _POINT.match(text)):
        told = _shown(_text(cell))
        raise ValueError(f"‘{told}’ is geen bedrag; schrijf het als 1234,56")
    sign, whole, rest = found.groups()
    cents = int(whole.replace(".", "")) * 100 + int((rest or "").ljust(2, "0"))
    return _bounded(-cents if sign else cents)


def _whole(amount: Decimal) -> int:
    """Cents of a number; what a sheet worked out may be off by less than a hundredth of a cent."""
    if not amount.is_finite():
        raise ValueError("het bedrag is geen getal")
    if abs(amount) > LARGEST:
        raise ValueError("het bedrag is te groot")
    cents = (amount * 100).quantize(Decimal(1))
    if abs(amount * 100 - cents) > Decimal("0.01"):
        told = _shown(str(amount))
        raise ValueError(f"het bedrag {told} heeft meer dan twee cijfers achter de komma")
    return _bounded(int(cents))


def _bounded(cents: int) -> int:
    if abs(cents) > LARGEST:
        raise ValueError("het bedrag is te groot")
    return cents


def _cell(rij: Rij, place: int) -> Waarde:
    return rij[place] if place < len(rij) else None


def _text(cell: Waarde) -> str:
    """A cell as text; a number that a sheet keeps with a fraction of nothing is a whole one."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _shown(text: str) -> str:
    """What somebody wrote, as far as it can be told back."""
    return mask(text)[:LONGEST_TOLD]


def _flat(cell: Waarde) -> str:
    """A heading as it is compared: without case, blanks and marks between the words."""
    return re.sub(r"[\s_\-]+", "", _text(cell)).casefold()
