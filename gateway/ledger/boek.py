"""What stands in the ledger: 323s with their lines, balances, and whatever does not add up.

All amounts are eurocents with their sign: a credit takes away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.periods.bedragen import euros

# What became of a 323 that has its answer.
BEANTWOORD = frozenset({"accepted", "partly", "rejected"})
# What becomes of a 323 of our own besides: it waits for its 325, or never left.
WACHT, NIET_VERSTUURD = "waiting", "unsent"


class Saldo(NamedTuple):
    """What some lines come to: how many, and what was rejected, granted and taken back.

    `afgewezen` and `wacht`, what no 325 judged yet, are signed; `debet` are the granted debets and
    `credit` the granted credits, both without a sign.
    """

    regels: int = 0
    afgewezen: int = 0
    debet: int = 0
    credit: int = 0
    wacht: int = 0

    @property
    def toegekend(self) -> int:
        """What is granted, credits subtracted."""
        return self.debet - self.credit

    @property
    def ingediend(self) -> int:
        """What was submitted, whatever became of it."""
        return self.afgewezen + self.toegekend + self.wacht


def total(saldi: Iterable[Saldo]) -> Saldo:
    """The sum of balances."""
    columns = [0] * len(Saldo._fields)
    for one in saldi:
        for number, amount in enumerate(one):
            columns[number] += amount
    return Saldo(*columns)


@dataclass(frozen=True, slots=True)
class Fout:
    """Something that does not add up, as one Dutch sentence without a Bsn.

    `soort` is the same for everything that was found by one proof.  `bericht` is the number of
    the message in the inbox; `verwacht` and `gevonden` are eurocents, None where no amounts differ.
    """

    soort: str
    zin: str
    bericht: int | None = None
    declaratie: str | None = None
    regel: str | None = None
    verwacht: int | None = None
    gevonden: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Geboekt:
    """A Declaratie as it was registered, with what its stored lines come to.

    `totaal` is its TotaalIngediendBedrag, `toegekend` what its judgement granted in all.
    """

    declaratienummer: str
    identificatie: str
    totaal: int
    toegekend: int
    saldo: Saldo


@dataclass(frozen=True, slots=True, kw_only=True)
class Boekstuk:
    """A 323 of the inbox with all that was registered of it; `telling` is what was told of it.

    Nothing is registered of a Declaratie that was rejected as a whole, is held, or could not be
    judged.  `is_own` tells that our side sent it, or kept it
    when it was not good; `antwoord` is then the 325 that came back.
    """

    inbox_id: int
    naam: str
    staat: str
    verdict: str | None
    gemeente: str
    aanbieder: str
    identificatie: str
    declaratienummer: str | None
    geboekt: tuple[Geboekt, ...] = ()
    telling: Mapping[str, int] = field(default_factory=dict)
    is_own: bool = False
    antwoord: str | None = None

    @property
    def naam_in_zin(self) -> str:
        """How a sentence names it."""
        return in_zin(self.inbox_id, self.naam, self.declaratienummer)

    @property
    def uitkomst(self) -> str:
        """What became of it, for who counts: its verdict, of our own what the 325 made of it."""
        if not self.is_own or self.verdict not in BEANTWOORD:
            return self.verdict or self.staat
        if self.verdict == "rejected":
            return NIET_VERSTUURD
        if self.antwoord is None:
            return WACHT
        if not self.geboekt:
            return "rejected"
        return "accepted" if self.geboekt[0].toegekend == self.geboekt[0].totaal else "partly"

    @property
    def is_beantwoord(self) -> bool:
        """Whether it came to an end at which its sender hears how it was judged."""
        return self.staat == "klaar" and self.verdict in BEANTWOORD

    def fout(
        self,
        soort: str,
        wat: str,
        *,
        regel: str | None = None,
        bedragen: tuple[int, int] | None = None,
    ) -> Fout:
        """Something about this message that does not add up; `bedragen` is expected and found."""
        verwacht, gevonden = bedragen or (None, None)
        zin = f"{self.naam_in_zin}{'' if regel is None else f', regel {regel}'}: {wat}"
        return Fout(soort, zin, self.inbox_id, self.declaratienummer, regel, verwacht, gevonden)

    def differs(self, soort: str, een: tuple[str, int], ander: tuple[str, int]) -> Fout:
        """Two amounts of this message that should be equal: what was found, then what it is."""
        (wat, gevonden), (waarmee, verwacht) = een, ander
        return self.fout(
            soort,
            f"{wat} {euros(gevonden)}, {waarmee} {euros(verwacht)}",
            bedragen=(verwacht, gevonden),
        )


def in_zin(inbox_id: int, naam: str, declaratienummer: str | None) -> str:
    """How a sentence names a message."""
    declaratie = "" if declaratienummer is None else f", declaratie {declaratienummer}"
    return f"bericht {inbox_id} ({naam}){declaratie}"


class Regelkop(NamedTuple):
    """A stored line as far as proofs on credits and doubles look at it.

    `inhoud` is what a credit repeats of its debet besides the amount: client, assignment, product,
    period, volume, unit and tariff.
    """

    regel_id: int
    inbox_id: int
    naam: str
    declaratienummer: str
    referentienummer: str
    bedrag: int
    inhoud: tuple[object, ...]

    @property
    def naam_in_zin(self) -> str:
        """How a sentence names it."""
        stuk = in_zin(self.inbox_id, self.naam, self.declaratienummer)
        return f"{stuk}, regel {self.referentienummer}"

    def fout(self, soort: str, wat: str, bedragen: tuple[int, int] | None = None) -> Fout:
        """Something about this line that does not add up; `bedragen` is expected and found."""
        verwacht, gevonden = bedragen or (None, None)
        return Fout(
            soort,
            f"{self.naam_in_zin}: {wat}",
            self.inbox_id,
            self.declaratienummer,
            self.referentienummer,
            verwacht,
            gevonden,
        )
