"""The journal of a payment run: what it cost, where, and what went to the bank; debit is credit.

Per aanbieder and booking year the costs stand against the creditor.  What is paid leaves the
creditor for what is under way to the bank, and a payment that came back goes the other way.  So
the account of a creditor shows at any moment what a later payment takes along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from gateway.errors import WrongUse
from gateway.ledger.geld.bestand import read_bestand
from gateway.periods.bedragen import half_up

Tekst = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Btw(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A VAT code and its whole percentage."""

    code: Tekst
    percentage: Annotated[int, msgspec.Meta(ge=0, le=100)]


class Bestemming(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where costs are booked, and of what: absent features fit everything."""

    taakveld: Tekst
    kostenplaats: Tekst
    kostensoort: Tekst
    wet: Literal["jeugdwet", "wmo"] | None = None
    productcategorie: Tekst | None = None
    productcode: Tekst | None = None
    btw: Btw | None = None

    @property
    def kenmerken(self) -> tuple[str | None, ...]:
        """What it is for, the most telling feature in front."""
        return (self.productcode, self.productcategorie, self.wet)

    def fits(self, post: Post) -> bool:
        """Whether it is for costs like these."""
        found = (post.productcode, post.productcategorie, post.wet)
        return all(own in (None, one) for own, one in zip(self.kenmerken, found, strict=True))


class Rekeningschema(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a municipality books; `crediteur` gives the number of an aanbieder by AGB code.

    What the register says of a creditor goes before that.
    """

    boekjaar: Literal["levering", "betaling"]
    crediteuren: Tekst
    onderweg: Tekst
    btw: Tekst
    boeking: list[Bestemming]
    crediteur: dict[str, Tekst] = {}
    voorbeeld: bool = False

    def bestemming(self, post: Post) -> Bestemming:
        """The most specific place for costs; raises WrongUse where there is none."""
        fitting = [one for one in self.boeking if one.fits(post)]
        if not fitting:
            raise WrongUse(
                f"grootboek.toml zegt niet waar product {post.productcode} van categorie "
                f"{post.productcategorie} ({post.wet}) wordt geboekt"
            )
        return max(fitting, key=lambda one: [own is not None for own in one.kenmerken])


class Post(NamedTuple):
    """Costs of one payment; `jaar` is that of delivery, `bedrag` eurocents including VAT."""

    wet: str
    productcategorie: str
    productcode: str
    jaar: int
    regels: int
    bedrag: int


class Uitbetaling(NamedTuple):
    """A payment as a journal knows it; `bedrag` is what went to the bank.

    `crediteur` is the number of the aanbieder in the register, None where that has none.
    """

    aanbieder: str
    kenmerk: str
    bedrag: int
    posten: Sequence[Post]
    teruggekomen_op: date | None = None
    crediteur: str | None = None


class Boeking(NamedTuple):
    """One line of a journal: one of `debet` and `credit` is 0, in eurocents."""

    boekdatum: date
    boekjaar: int
    rekening: str
    taakveld: str
    kostenplaats: str
    crediteur: str
    aanbieder: str
    btwcode: str
    debet: int
    credit: int
    omschrijving: str


def read_rekeningschema(path: Path) -> Rekeningschema:
    """The places of `grootboek.toml`; raises WrongUse on a mistake, and on the same place twice."""
    schema = read_bestand(path, Rekeningschema)
    seen: set[tuple[str | None, ...]] = set()
    for one in schema.boeking:
        if one.kenmerken in seen:
            told = " ".join(filter(None, reversed(one.kenmerken))) or "alles"
            raise WrongUse(f"{path.name}: voor {told} staan er twee boekingen")
        seen.add(one.kenmerken)
    return schema


def split_btw(bedrag: int, percentage: int) -> tuple[int, int]:
    """An amount including VAT as what is left without it, and the VAT: half up, together the whole.

    A credit is the mirror of its debet.
    """
    btw = half_up(abs(bedrag) * percentage, 100 + percentage)
    return (bedrag - btw, btw) if bedrag >= 0 else (bedrag + btw, -btw)


def journaal(
    schema: Rekeningschema, uitvoering: date, betalingen: Iterable[Uitbetaling]
) -> Iterator[Boeking]:
    """The journal of a run that is carried out on a day."""
    for betaling in betalingen:
        lines = _Lines(schema, uitvoering, betaling)
        for jaar, posten in sorted(_per_year(schema, uitvoering, betaling.posten).items()):
            yield from lines.costs(jaar, posten)
        yield from lines.paid()


class _Lines:
    """Makes the lines of one payment."""

    def __init__(self, schema: Rekeningschema, dag: date, betaling: Uitbetaling) -> None:
        self._schema = schema
        self._dag = dag
        self._betaling = betaling
        known = schema.crediteur.get(betaling.aanbieder, betaling.aanbieder)
        self._crediteur = betaling.crediteur or known

    def costs(self, jaar: int, posten: Iterable[Post]) -> Iterator[Boeking]:
        """Costs and VAT of one booking year against the creditor."""
        schema, total = self._schema, 0
        for post in posten:
            place = schema.bestemming(post)
            code, percentage = (place.btw.code, place.btw.percentage) if place.btw else ("", 0)
            kosten, btw = split_btw(post.bedrag, percentage)
            wat = f"{post.wet} {post.productcode}, levering {post.jaar}"
            own = {
                "boekjaar": jaar,
                "taakveld": place.taakveld,
                "kostenplaats": place.kostenplaats,
                "btwcode": code,
            }
            yield from self._line(kosten, place.kostensoort, wat, **own)
            yield from self._line(btw, schema.btw, f"btw {wat}", **own)
            total += post.bedrag
        yield from self._line(-total, schema.crediteuren, self._betaling.kenmerk, boekjaar=jaar)

    def paid(self) -> Iterator[Boeking]:
        """What went to the bank, and came back from it."""
        schema, one = self._schema, self._betaling
        yield from self._line(one.bedrag, schema.crediteuren, one.kenmerk)
        yield from self._line(-one.bedrag, schema.onderweg, one.kenmerk)
        if (dag := one.teruggekomen_op) is not None:
            wat = f"{one.kenmerk} teruggekomen"
            own = {"boekdatum": dag, "boekjaar": dag.year}
            yield from self._line(one.bedrag, schema.onderweg, wat, **own)
            yield from self._line(-one.bedrag, schema.crediteuren, wat, **own)

    def _line(self, bedrag: int, rekening: str, wat: str, **own: Any) -> Iterator[Boeking]:
        """A line for an amount, debit where it is above nothing; none for nothing."""
        common: dict[str, Any] = {
            "boekdatum": self._dag,
            "boekjaar": self._dag.year,
            "taakveld": "",
            "kostenplaats": "",
            "btwcode": "",
        }
        if bedrag:
            yield Boeking(
                **(common | own),
                rekening=rekening,
                crediteur=self._crediteur,
                aanbieder=self._betaling.aanbieder,
                debet=max(bedrag, 0),
                credit=max(-bedrag, 0),
                omschrijving=wat,
            )


def _per_year(
    schema: Rekeningschema, uitvoering: date, posten: Iterable[Post]
) -> Mapping[int, list[Post]]:
    """Costs by the year that they are booked in."""
    found: dict[int, list[Post]] = {}
    for post in posten:
        jaar = post.jaar if schema.boekjaar == "levering" else uitvoering.year
        found.setdefault(jaar, []).append(post)
    return found
