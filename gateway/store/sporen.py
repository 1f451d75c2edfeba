"""What messages of one hand read and change, in words in which the two can be compared.

A word is a kind of fact, a municipality, and what it is about: a number, the fingerprint of a
client, an aanbieder.  Where a word says too much, a message is judged once more than it has to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.store.bouwstenen import KEYS

Spoor = tuple[str, str, Any]

KOP, ANTWOORD, PARTIJ = "kop", "antwoord", "partij"
TOEWIJZING, LEVERING, VERZOEK = "toewijzing", "levering", "verzoek"
DECLARATIE, REGEL, BESTEDING = "declaratie", "regel", "besteding"
# Put down by people, not by messages.
INSTEMMING = "instemming"

# Per statement of `Queries`: which fact it reads, and under which name stands what it is about.
READS: Mapping[str, tuple[str, str | None]] = {
    "identificaties": (KOP, "identificatie"),
    "heenbericht": (KOP, "identificatie"),
    "antwoord_op": (ANTWOORD, "bericht"),
    "toewijzingen": (TOEWIJZING, KEYS),
    "clienten_met_toewijzing": (TOEWIJZING, KEYS),
    "van_clienten": (TOEWIJZING, KEYS),
    "van_gezinnen": (TOEWIJZING, KEYS),
    "laatste_toewijzingsbericht": (TOEWIJZING, "bsn_hash"),
    "instemmingen": (INSTEMMING, KEYS),
    "starts": (LEVERING, KEYS),
    "stops": (LEVERING, KEYS),
    "leveringen_op": (LEVERING, KEYS),
    "verzoeken": (VERZOEK, "aanbieder"),
    "openstaande_verzoeken": (VERZOEK, "aanbieder"),
    "declaratienummers": (DECLARATIE, "afzender"),
    "laatste_periode": (DECLARATIE, "aanbieder"),
    "referenties": (DECLARATIE, "aanbieder"),
    "debets": (DECLARATIE, "aanbieder"),
    "gecrediteerd": (DECLARATIE, "aanbieder"),
    "open_debets": (DECLARATIE, "aanbieder"),
    "gedeclareerd_tot": (DECLARATIE, "aanbieder"),
    "stand": (DECLARATIE, "aanbieder"),
    "declaratie_op_identificatie": (DECLARATIE, "aanbieder"),
    "declaratie_op_nummer": (DECLARATIE, "aanbieder"),
    "ingediend": (DECLARATIE, "aanbieder"),
    "toegekend": (REGEL, KEYS),
    "besteed": (BESTEDING, None),
    "besteed_aan": (BESTEDING, None),
    "naast": (BESTEDING, None),
}


class Sporen:
    """What one message was judged on."""

    def __init__(self) -> None:
        self._read: set[Spoor] = set()

    def asked(self, naam: str, values: Mapping[str, Any]) -> None:
        """A statement of `Queries` was run."""
        fact, name = READS[naam]
        about = values[KEYS] if name == KEYS else (None if name is None else values[name],)
        for gemeente in values["gemeente"].split(","):
            self._read.update((fact, gemeente, one) for one in about)

    def missed(self, gemeente: str, aanbieder: str) -> None:
        """There was no such party yet, so that nothing of it was asked."""
        self._read.add((PARTIJ, gemeente, aanbieder))

    def is_touched_by(self, changes: Veranderd) -> bool:
        """Whether anything of it was changed."""
        return changes.all or not changes.told.isdisjoint(self._read)


class Veranderd:
    """What the messages that were settled so far have changed; with `all` it can be anything."""

    def __init__(self) -> None:
        self.told: set[Spoor] = set()
        self.all = False

    def tell(self, fact: str, gemeente: str, about: Iterable[Any]) -> None:
        """Facts changed."""
        self.told.update((fact, gemeente, one) for one in about)
