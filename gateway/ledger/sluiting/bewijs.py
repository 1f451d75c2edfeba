"""A proof that a year closes: two ways to the same amount, for every group by itself.

Groups are compared one by one, so that too much in one place and too little in another never come
to nothing together.  All amounts are eurocents with their sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.ledger.sluiting.regels import Startdelen
from gateway.periods.bedragen import euros

Sleutel = tuple[str, ...]
Bedragen = Mapping[Sleutel, int]
# What an amount is of, unless a proof says otherwise.
PLEK = ("gemeente", "aanbieder")


class Post(NamedTuple):
    """One amount on a side of a proof, by group."""

    naam: str
    bedragen: Bedragen

    @property
    def totaal(self) -> int:
        """All groups together."""
        return sum(self.bedragen.values())


class Groep(NamedTuple):
    """One group of a proof: what each side comes to, and of what."""

    sleutel: Sleutel
    links: int
    rechts: int
    delen: Sequence[tuple[str, int]]

    @property
    def verschil(self) -> int:
        """The left side less the right one."""
        return self.links - self.rechts


@dataclass(frozen=True, slots=True, kw_only=True)
class Bewijs:
    """Two sides that have to be the same for every key of `per`.

    `regels` is the kind of lines that the left side is made of (see `regels`), None where it is not
    made of lines.  `fouten` are sentences about what else is not right.
    """

    code: str
    wat: str
    links: Sequence[Post]
    rechts: Sequence[Post]
    per: Sequence[str] = PLEK
    regels: str | None = None
    fouten: Sequence[str] = ()

    @property
    def links_bedrag(self) -> int:
        """The left side of all groups."""
        return sum(one.totaal for one in self.links)

    @property
    def rechts_bedrag(self) -> int:
        """The right side of all groups."""
        return sum(one.totaal for one in self.rechts)

    @property
    def verschil(self) -> int:
        """What all groups differ, each without its sign."""
        return sum(abs(one.verschil) for one in self.groepen())

    @property
    def klopt(self) -> bool:
        """Whether every group is the same on both sides, and nothing else is wrong."""
        return not self.verschil and not self.fouten

    def groepen(self) -> Sequence[Groep]:
        """Every group, in the order of its key."""
        posten = (*self.links, *self.rechts)
        return [self._groep(one) for one in sorted({k for p in posten for k in p.bedragen})]

    def verschillen(self) -> Iterator[Groep]:
        """The groups that are not the same on both sides."""
        return (one for one in self.groepen() if one.verschil)

    def zinnen(self) -> Iterator[str]:
        """A sentence for everything that is not right."""
        for one in self.verschillen():
            yield (
                f"{self.code}, {self.naam_van(one.sleutel)}: {_told(self.links, one.sleutel)} is "
                f"{euros(one.links)}, {_told(self.rechts, one.sleutel)} is {euros(one.rechts)}; "
                f"verschil {euros(one.verschil)}"
            )
        yield from (f"{self.code}: {one}" for one in self.fouten)

    def naam_van(self, sleutel: Sleutel) -> str:
        """What a group is called."""
        if not sleutel:
            return "alles samen"
        return ", ".join(f"{name} {one}" for name, one in zip(self.per, sleutel, strict=True))

    def alleen(self, **wanted: str | None) -> Bewijs:
        """The groups with these values of their key; None is any, and so is what it has not."""
        asked = {
            place: wanted[name]
            for place, name in enumerate(self.per)
            if wanted.get(name) is not None
        }

        def kept(post: Post) -> Post:
            bedragen = {
                key: cents
                for key, cents in post.bedragen.items()
                if all(key[place] == value for place, value in asked.items())
            }
            return Post(post.naam, bedragen)

        return Bewijs(
            code=self.code,
            wat=self.wat,
            links=[kept(one) for one in self.links],
            rechts=[kept(one) for one in self.rechts],
            per=self.per,
            regels=self.regels,
            fouten=self.fouten,
        )

    def _groep(self, sleutel: Sleutel) -> Groep:
        links, rechts = (
            [(one.naam, one.bedragen.get(sleutel, 0)) for one in side]
            for side in (self.links, self.rechts)
        )
        left, right = (sum(cents for _, cents in side) for side in (links, rechts))
        return Groep(sleutel, left, right, [*links, *rechts])


@dataclass(frozen=True, slots=True)
class Sluiting:
    """All proofs of a year of delivery, of some municipalities, from one state of the store.

    `startdelen` are those that move something into or out of the year.
    """

    jaar: int
    gemeenten: Sequence[str]
    bewijzen: Sequence[Bewijs]
    startdelen: Startdelen = field(default_factory=dict)

    @property
    def klopt(self) -> bool:
        """Whether the year closes."""
        return all(one.klopt for one in self.bewijzen)

    def zinnen(self) -> Iterator[str]:
        """A sentence for everything that is not right."""
        for one in self.bewijzen:
            yield from one.zinnen()

    def get(self, code: str) -> Bewijs | None:
        """One proof."""
        return next((one for one in self.bewijzen if one.code == code), None)


def summed(bedragen: Iterable[tuple[Sleutel, int]]) -> dict[Sleutel, int]:
    """Amounts added up by group."""
    found: dict[Sleutel, int] = {}
    for sleutel, cents in bedragen:
        found[sleutel] = found.get(sleutel, 0) + cents
    return found


def by_municipality(bedragen: Bedragen) -> Bedragen:
    """Amounts by PLEK, added up by municipality."""
    return summed((sleutel[:1], cents) for sleutel, cents in bedragen.items())


def less(one: Bedragen, other: Bedragen) -> Bedragen:
    """Amounts with others taken away from them."""
    return summed((*one.items(), *negative(other).items()))


def negative(bedragen: Bedragen) -> Bedragen:
    """The same amounts, taken away."""
    return {sleutel: -cents for sleutel, cents in bedragen.items()}


def _told(posten: Sequence[Post], sleutel: Sleutel) -> str:
    """The names of what a side is made of, those that are there."""
    there = [one.naam for one in posten if one.bedragen.get(sleutel)] or [posten[0].naam]
    return " plus ".join(there)
