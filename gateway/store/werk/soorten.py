"""What people can decide on an open finding; a check never ends in a rejection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.store.werk.tables import CONCEPT, GELDT, GEWEIGERD, INGETROKKEN, VOORGESTELD

# What people call what became of a decision.
STAATWOORDEN = {
    CONCEPT: "nog niet genomen",
    VOORGESTELD: "voorgesteld",
    GELDT: "genomen",
    INGETROKKEN: "teruggedraaid",
    GEWEIGERD: "niet goedgekeurd",
}
GOEDGEKEURD = "goedgekeurd"


class Soort(StrEnum):
    """A decision, by the word that is kept and shown."""

    TOEKENNEN = "toekennen"
    AFGEHANDELD = "afgehandeld"
    TERECHT = "terecht afgewezen"
    OPNIEUW = "opnieuw indienen gevraagd"
    HERSTELD = "hersteld, opnieuw indienen gevraagd"
    HERSTEL = "opnieuw beoordelen"


@dataclass(frozen=True, slots=True)
class Gevolg:
    """On which findings a decision can be taken, by their effect, and what follows from it.

    Without an effect it is about any finding, and its message is judged again.
    """

    effect: str | None
    uitleg: str


GEVOLGEN: dict[Soort, Gevolg] = {
    Soort.TOEKENNEN: Gevolg(
        "hold",
        "De regel wordt toegekend. Als over alle aangehouden regels van het bericht is besloten, "
        "gaat het antwoord na de bedenktijd weg.",
    ),
    Soort.AFGEHANDELD: Gevolg("signal", "De melding is bekeken en is klaar."),
    Soort.TERECHT: Gevolg("reject", "De afwijzing klopt. Er gebeurt verder niets."),
    Soort.OPNIEUW: Gevolg("reject", "De aanbieder is gevraagd om de regel opnieuw in te dienen."),
    Soort.HERSTELD: Gevolg(
        "reject",
        "De fout zat bij ons en is hersteld. De aanbieder is gevraagd om de regel opnieuw in te "
        "dienen.",
    ),
    Soort.HERSTEL: Gevolg(
        None,
        "De berichten worden een voor een opnieuw beoordeeld. Een aangehouden bericht gaat opnieuw "
        "zijn weg. Van een bericht dat al is beantwoord, verandert alleen wat er is gemeld.",
    ),
}


def soorten_bij(effect: str) -> list[Soort]:
    """The decisions that can be taken on a finding with an effect."""
    return [soort for soort, gevolg in GEVOLGEN.items() if gevolg.effect == effect]
