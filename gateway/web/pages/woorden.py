"""The words of pages for what the gateway knows by others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.messages.teksten import Tekst, Teksten
from gateway.periods.datums import MAANDEN
from gateway.store.inzage.berichten import Berichtrij
from gateway.store.tables import AANGEHOUDEN, BEZIG, GEPARKEERD, KLAAR, NIEUW
from gateway.store.werk.besluiten import Besluit
from gateway.store.werk.logregels import GENOMEN, TOEGEWEZEN, Logregel
from gateway.store.werk.soorten import GOEDGEKEURD, STAATWOORDEN
from gateway.store.werk.tables import GELDT, VOORGESTELD

WETTEN: Mapping[str, str] = {"jeugdwet": "Jeugdwet", "wmo": "Wmo 2015"}
EFFECTEN: Mapping[str, tuple[str, str]] = {
    "reject": ("afgewezen", "fout"),
    "hold": ("aangehouden", "let-op"),
    "signal": ("melding", "bezig"),
}
OORDELEN: Mapping[str, tuple[str, str]] = {
    "accepted": ("toegekend", "goed"),
    "partly": ("deels toegekend", "let-op"),
    "rejected": ("afgewezen", "fout"),
    "invalid": ("ongeldig", "fout"),
    "held": ("aangehouden", "let-op"),
    "parked": ("geparkeerd", "fout"),
}
# Only an invoice is granted.
ACCEPTED = ("geaccepteerd", "goed")
STATEN: Mapping[str, tuple[str, str]] = {
    NIEUW: ("wacht op beoordeling", "bezig"),
    BEZIG: ("in behandeling", "bezig"),
    AANGEHOUDEN: ("aangehouden", "let-op"),
    GEPARKEERD: ("geparkeerd", "fout"),
    KLAAR: ("afgehandeld", "goed"),
}
BESLUITSTATEN: Mapping[str, str] = {VOORGESTELD: "let-op", GELDT: "goed"}
# What somebody did; the steps of a decision are about that.
STAPPEN: Mapping[str, str] = {
    GENOMEN: "opgepakt",
    TOEGEWEZEN: "gegeven aan een collega",
    **{staat: f"besluit {woord}" for staat, woord in STAATWOORDEN.items()},
}
TERMIJNSTANDEN: Mapping[str, tuple[str, str]] = {
    "te-laat": ("te laat", "fout"),
    "vandaag": ("vandaag", "let-op"),
    "deze-week": ("deze week", "bezig"),
    "later": ("later", "neutraal"),
    "ontbreekt": ("ontbreekt", "fout"),
    "verwacht": ("verwacht", "neutraal"),
}
VERZOEKSOORTEN: Mapping[str, str] = {"315": "VOT", "317": "VOW"}
VERZOEKSTATEN: Mapping[str, tuple[str, str]] = {
    "open": ("open", "let-op"),
    "in onderzoek": ("in onderzoek", "bezig"),
    "toegekend": ("toegekend", "goed"),
    "afgewezen": ("afgewezen", "fout"),
}
_OTHER = Tekst("Wat er aan de hand is, staat bij de bevinding zelf.", "Bekijk de regel.")


def tekst_van(teksten: Teksten, rule: str, retourcode: str | None) -> Tekst:
    """What is the matter and what to do, by the retourcode or else the check."""
    return teksten.of(retourcode or rule) or _OTHER


def oordeel_van(bericht: Berichtrij) -> tuple[str, str]:
    """How a message stands, and the kind of badge for it."""
    if bericht.staat == KLAAR and bericht.outcome is not None:
        found = bericht.outcome
        is_invoice = (found.berichttype or "").endswith("323")
        return (
            ACCEPTED if found.verdict == "accepted" and not is_invoice else OORDELEN[found.verdict]
        )
    return STATEN[bericht.staat]


def besluitstand(besluit: Besluit) -> tuple[str, str]:
    """What became of a decision, and the kind of badge for it."""
    is_approved = besluit.staat == GELDT and besluit.goedkeurder is not None
    word = GOEDGEKEURD if is_approved else STAATWOORDEN[besluit.staat]
    return word, BESLUITSTATEN.get(besluit.staat, "neutraal")


def stappen(log: Sequence[Logregel]) -> Sequence[tuple[Logregel, str]]:
    """What people did, each with what it is called."""
    proposed = {one.besluit_id for one in log if one.soort == VOORGESTELD}
    return [
        (
            one,
            f"besluit {GOEDGEKEURD}"
            if one.soort == GELDT and one.besluit_id in proposed
            else STAPPEN.get(one.soort, one.soort),
        )
        for one in log
    ]


def maandnaam(maand: str) -> str:
    """A month of `YYYY-MM` in words."""
    return f"{MAANDEN[int(maand[5:]) - 1]} {maand[:4]}"
