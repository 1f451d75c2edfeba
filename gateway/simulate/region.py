"""Who there is in the synthetic region: municipalities, providers with their habits, clients.

Everything follows from the seed, and what happens to a client from a seed of its own, so that a
change in one story leaves the others as they were.  Nobody here exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from gateway.records.masker import is_bsn

FIRST_TEST_BSN, LAST_TEST_BSN = 999_900_006, 999_999_990


@dataclass(frozen=True, slots=True)
class RegionSize:
    """How large the region is: clients, months of invoices, and how often each fault is planted."""

    clienten: int = 200
    eerste_maand: date = date(2026, 1, 1)
    maanden: int = 3
    fouten: int = 2

    def months(self) -> tuple[date, ...]:
        """The first day of every month that is invoiced."""
        return tuple(month_after(self.eerste_maand, n) for n in range(self.maanden))


DEMO = RegionSize()


@dataclass(frozen=True, slots=True)
class Gemeente:
    """A municipality with the street names and postcodes that its clients get."""

    code: str
    naam: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Gewoonten:
    """How a provider goes about its messages.

    `declaratiedag` is the day of the next month on which it sends its invoices, `start_na` the
    most days between Ingangsdatum and start, `correcties` the share of lines that it corrects
    afterwards, `kenmerk` the form of its ReferentieNummers.
    """

    declaratiedag: int
    start_na: int
    correcties: float
    kenmerk: str


@dataclass(frozen=True, slots=True)
class Markt:
    """One provider in one municipality under one law: what shares an invoice."""

    gemeente: Gemeente
    wet: str
    aanbieder: str
    gewoonten: Gewoonten
    nummer: int

    @property
    def standaard(self) -> str:
        """What message names begin with: JW or WMO."""
        return "JW" if self.wet == "jeugdwet" else "WMO"


@dataclass(frozen=True, slots=True)
class Client:
    """An invented person with a test BSN, served in one market; `ouder` is a parent's name."""

    nummer: int
    markt: Markt
    bsn: str
    geboortedatum: date
    geslacht: str
    voornaam: str
    voorvoegsel: str | None
    achternaam: str
    straatnaam: str
    huisnummer: int
    postcode: str
    ouder: str | None

    @property
    def toewijzingnummer(self) -> int:
        """The number of this client's assignment, unique in the whole region."""
        return (self.markt.nummer + 1) * 100_000 + self.nummer


ZWOLLE = Gemeente("0193", "Zwolle", "801")
HENGELO = Gemeente("0164", "Hengelo", "755")
# The first three have a contract in IJsselland, each for a part of the table.
AANBIEDERS = ("99000001", "99000002", "99000003", "99000011", "99000012")
# Municipality, law, providers, and the share of all clients.
MARKTEN = (
    (ZWOLLE, "jeugdwet", AANBIEDERS[:3], 40),
    (HENGELO, "jeugdwet", AANBIEDERS[3:], 30),
    (HENGELO, "wmo", AANBIEDERS[3:], 30),
)
KENMERKEN = ("{nummer}-{maand}", "F{maand}.{nummer}", "R{nummer}/{maand}")
ACHTERNAMEN = (
    "Zandstra", "Veldhuis", "Broekman", "Wolters", "Hofstede", "Elzinga", "Kamphuis", "Bruggink",
    "Oosterhof", "Postma", "Ter Horst", "Nijland", "Scholten", "Wiersma", "Lansink", "Roelofs",
)  # fmt: skip
VOORVOEGSELS = (None, None, None, None, "van", "de", "van der")
VOORNAMEN = {
    "1": ("Daan", "Sem", "Yusuf", "Bram", "Thijs", "Milan", "Henk", "Gerrit", "Joris", "Kees"),
    "2": ("Noor", "Saar", "Fatima", "Lotte", "Tess", "Zoë", "Willemien", "Truus", "Anouk", "Riet"),
}
STRATEN = ("Verzonnen Laan", "Proefstraat", "Voorbeeldplein", "Testpad", "Bedachte Weg")


def rng_of(*parts: object) -> Random:
    """A generator that depends on nothing but these parts."""
    return Random("|".join(map(str, parts)))  # noqa: S311 - a repeatable story, no secret


def month_after(month: date, n: int = 1) -> date:
    """The first day of the month n months later."""
    years, index = divmod(month.month - 1 + n, 12)
    return date(month.year + years, index + 1, 1)


def build_clients(seed: int, size: RegionSize) -> list[Client]:
    """The clients of the region, in order of their number."""
    markten = build_markten(seed)
    weights = [share / len(aanbieders) for _, _, aanbieders, share in MARKTEN for _ in aanbieders]
    choices = rng_of(seed, "markten").choices(markten, weights, k=size.clienten)
    return [
        _client(nummer, markt, bsn, size.eerste_maand.year, rng_of(seed, "client", nummer))
        for nummer, (markt, bsn) in enumerate(zip(choices, draw_bsns(seed, size), strict=True))
    ]


def build_markten(seed: int) -> list[Markt]:
    """Every provider in every municipality and law in which it works."""
    gewoonten = {agb: _gewoonten(rng_of(seed, "aanbieder", agb), agb) for agb in AANBIEDERS}
    pairs = [(gem, wet, agb) for gem, wet, aanbieders, _ in MARKTEN for agb in aanbieders]
    return [
        Markt(gemeente, wet, agb, gewoonten[agb], nummer)
        for nummer, (gemeente, wet, agb) in enumerate(pairs)
    ]


def draw_bsns(seed: int, size: RegionSize) -> list[str]:
    """Different BSNs of the test range that pass the elfproef; raises ValueError for too many."""
    numbers = map(str, range(FIRST_TEST_BSN, LAST_TEST_BSN + 1))
    valid = [number for number in numbers if is_bsn(number)]
    return rng_of(seed, "bsn").sample(valid, size.clienten)


def _gewoonten(rng: Random, agb: str) -> Gewoonten:
    return Gewoonten(
        declaratiedag=rng.randint(5, 12),
        start_na=rng.randint(0, 5),
        correcties=rng.uniform(0.04, 0.10),
        kenmerk=KENMERKEN[AANBIEDERS.index(agb) % len(KENMERKEN)],
    )


def _client(nummer: int, markt: Markt, bsn: str, year: int, rng: Random) -> Client:
    jong = markt.wet == "jeugdwet"
    age = rng.randint(5, 16) if jong else rng.randint(40, 90)
    geslacht = rng.choice("12")
    letters = "".join(rng.choices("ABGHJK", k=2))
    return Client(
        nummer=nummer,
        markt=markt,
        bsn=bsn,
        geboortedatum=date(year - age, rng.randint(1, 12), rng.randint(1, 28)),
        geslacht=geslacht,
        voornaam=rng.choice(VOORNAMEN[geslacht]),
        voorvoegsel=rng.choice(VOORVOEGSELS),
        achternaam=rng.choice(ACHTERNAMEN),
        straatnaam=rng.choice(STRATEN),
        huisnummer=rng.randint(1, 250),
        postcode=f"{markt.gemeente.postcode}{rng.randint(1, 9)}{letters}",
        ouder=rng.choice(VOORNAMEN[rng.choice("12")]) if jong else None,
    )
