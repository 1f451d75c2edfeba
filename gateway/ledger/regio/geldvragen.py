"""Questions about money: prices, indexation, who receives it, and what a proposal does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gateway.ledger.regio.antwoord import Antwoord, hundredths, percent, whole_of
from gateway.ledger.regio.lijst import NIET_VERDEELD, TIENDEN, Kolom, Lijst, Waarde, share
from gateway.ledger.regio.rapport import Jaarcijfers
from gateway.ledger.regio.telling import AANBIEDER, GEMEENTE, Veld
from gateway.ledger.regio.zorgvragen import share_of_ended
from gateway.periods.bedragen import euros, half_up

VER = 100  # tenths of a percent from which on a price is far from what was agreed
LARGEST = (1, 3, 5)
HONDERDSTEN = 10_000  # so many hundredths of a percent are the whole


class Voorstelrij(NamedTuple):
    """What lines of a cell were granted, and come to by the prices of a proposal (eurocents)."""

    cel: str
    voor: int
    straks: int


def prijsverschil(nu: Jaarcijfers) -> Antwoord:
    """What was paid beside the price that was agreed."""
    rijen: list[tuple[Waarde, ...]] = []
    for one in nu.prijzen:
        for wat, betaald, prijs in (
            ("per uur", one.per_uur, one.norm_uur),
            ("per traject", one.vast_betaald, one.vast),
        ):
            if betaald is not None and prijs:
                verschil = half_up((betaald - prijs) * 1000, prijs)
                rijen.append((one.cel, wat, prijs, betaald, verschil))
    rijen.sort(key=lambda rij: (-abs(whole_of(rij[4])), str(rij[0])))
    far = sum(1 for rij in rijen if abs(whole_of(rij[4])) >= VER)
    zin = (
        f"Bij {far} van de {len(rijen)} cellen met genoeg cliënten is er 10% of meer onder of "
        "boven de afgesproken prijs betaald."
        if rijen
        else "Van geen enkele cel zijn er genoeg cliënten om de prijs te vergelijken."
    )
    return Antwoord(
        "Welke cellen liggen ver boven of onder wat is geleverd?",
        zin,
        "Per uur: wat is toegekend op regels in uren of minuten, gedeeld door die uren, naast de "
        "uurprijs van de overeenkomst. Per traject: wat in totaal is toegekend op trajecten die in "
        "het jaar eindigden, naast hun vaste prijs.",
        Lijst(
            "prijsverschil",
            "Betaald naast afgesproken",
            [
                Kolom("Cel"),
                Kolom("Waarvoor"),
                Kolom("Afgesproken", "euro"),
                Kolom("Betaald", "euro"),
                Kolom("Verschil", "procent"),
            ],
            rijen,
            beeld=4,
        ),
    )


def indexatie_kosten(nu: Jaarcijfers, indexatie: int) -> Antwoord:
    """The rise per municipality adds up to that of the region: each is rounded once."""
    amounts = [(code, veld.bedrag) for code, veld in _told(nu, GEMEENTE)]
    if nu.rest.clienten:
        amounts.append((NIET_VERDEELD, nu.rest.bedrag))
    rises = [(code, bedrag, half_up(bedrag * indexatie, HONDERDSTEN)) for code, bedrag in amounts]
    rijen = [(code, bedrag, meer, bedrag + meer) for code, bedrag, meer in rises]
    total = sum(meer for _, _, meer in rises)
    return Antwoord(
        f"Wat kost een indexatie van {hundredths(indexatie)}?",
        f"Met het gebruik van {nu.jaar} kost zij alle gemeenten samen {euros(total)}.",
        "Wat in het jaar is toegekend, vermenigvuldigd met de indexatie. De mix en het volume "
        "blijven daarbij gelijk.",
        Lijst(
            "indexatie",
            "Indexatie per gemeente",
            [
                Kolom("Gemeente", "gemeente"),
                Kolom(f"Toegekend in {nu.jaar}", "euro"),
                Kolom("Erbij", "euro"),
                Kolom("Samen", "euro"),
            ],
            rijen,
            beeld=2,
        ),
    )


def concentratie(nu: Jaarcijfers, totaal: Veld) -> Antwoord:
    """How much of the money goes to the largest aanbieders."""
    told = sorted(_told(nu, AANBIEDER), key=lambda one: (-one[1].bedrag, one[0]))
    rest = nu.rest
    total = totaal.bedrag + rest.bedrag
    rijen: list[tuple[Waarde, ...]] = [
        (agb, veld.clienten, veld.bedrag, share(veld.bedrag, total)) for agb, veld in told
    ]
    if rest.clienten:
        rijen.append((NIET_VERDEELD, rest.clienten, rest.bedrag, share(rest.bedrag, total)))
    parts = [
        f"de grootste {n}" if n > 1 else "de grootste aanbieder" for n in LARGEST if n <= len(told)
    ]
    shares = [
        percent(share(sum(veld.bedrag for _, veld in told[:n]), total))
        for n in LARGEST
        if n <= len(told)
    ]
    said = ", ".join(f"{who} {part}" for who, part in zip(parts, shares, strict=True))
    zin = (
        f"Van alles wat in {nu.jaar} is toegekend, ontving {said}."
        if said and total > 0
        else ("Er is te weinig toegekend om dit te zeggen.")
    )
    return Antwoord(
        "Hoe afhankelijk is de regio van enkele aanbieders?",
        zin,
        "Wat is toegekend op trajecten die in het jaar liepen, per aanbieder.",
        Lijst(
            "concentratie",
            "Aandeel per aanbieder",
            [
                Kolom("Aanbieder"),
                Kolom("Cliënten", "aantal"),
                Kolom("Toegekend", "euro"),
                Kolom("Deel", "procent"),
            ],
            rijen,
            beeld=3,
        ),
    )


def _told(nu: Jaarcijfers, dimensie: str) -> Sequence[tuple[str, Veld]]:
    return [(name, veld) for name, veld in nu.som(dimensie).items() if veld is not None]


def proposal(nu: Jaarcijfers, naam: str, rijen: Sequence[Voorstelrij]) -> Antwoord:
    """What a proposal does, cell by cell, beside how those cells are used and how care ends.

    In percents, of the cells that are told: amounts are of all lines, and beside those of the year
    they would tell what was left out of it.
    """
    prijzen = {one.cel: one for one in nu.prijzen}
    afloop = nu.tabellen.get("afloop-cel")
    told = [one for one in rijen if one.cel in prijzen]
    found: list[tuple[Waarde, ...]] = []
    for one in told:
        prijs = prijzen[one.cel]
        ended = None if afloop is None else share_of_ended(afloop, one.cel)
        deel = None if nu.totaal is None else share(prijs.veld.trajecten, nu.totaal.trajecten)
        uitval = None if ended is None else ended[2]
        found.append((one.cel, _rise(one.voor, one.straks), deel, prijs.helft, uitval))
    samen = _rise(sum(one.voor for one in told), sum(one.straks for one in told))
    return Antwoord(
        f"Wat doet het voorstel {naam}?",
        "Van geen cel met genoeg cliënten is te zeggen wat het voorstel doet."
        if samen is None
        else f"Dezelfde regels komen met de prijzen van het voorstel {percent(abs(samen))} "
        f"{'hoger' if samen >= 0 else 'lager'} uit.",
        f"De verschillen komen uit het naspelen van het voorstel, van de cellen hieronder. Ernaast "
        f"staat hoe de cel in {nu.jaar} is gebruikt.",
        Lijst(
            "voorstel",
            "Het voorstel naast het gebruik",
            [
                Kolom("Cel"),
                Kolom("Verschil", "procent"),
                Kolom("Deel van de trajecten", "procent"),
                Kolom("De helft klaar binnen", "dagen"),
                Kolom("Uitval", "procent"),
            ],
            found,
            beeld=1,
        ),
    )


def _rise(before: int, after: int) -> int | None:
    """How much more it comes to, in tenths of a percent; None of nothing."""
    return half_up((after - before) * TIENDEN, before) if before > 0 else None
