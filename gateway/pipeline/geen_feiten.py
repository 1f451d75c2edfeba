"""A source of facts that knows nothing: for level 2, and for a check before sending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date

from gateway.pipeline.ports import Debetsleutel, Leveringen, Partijen
from gateway.records.batch import Clientpot, Naastregel, Stand
from gateway.records.declaratie import Declaratie, Prestatie
from gateway.records.header import Header
from gateway.records.instemming import Instemming
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import Verzoekstand


class NoFacts:
    """Answers every question of a FactSource with nothing."""

    def identificaties(
        self, gemeente: str, afzender: str, berichtcode: str, identificatie: str
    ) -> Set[str]:
        """No earlier message is known."""
        return frozenset()

    def toewijzingen(
        self, gemeente: str, wet: str, nummers: Iterable[int]
    ) -> Mapping[int, tuple[ToegewezenProduct, ...]]:
        """No assignment is known."""
        return {}

    def clienten_met_toewijzing(self, partijen: Partijen, bsns: Iterable[str]) -> Set[str]:
        """No client is known."""
        return frozenset()

    def declaratienummers(self, partijen: Partijen, nummer: str, berichtcode: str) -> Set[str]:
        """No Declaratie is known."""
        return frozenset()

    def laatste_periode(self, partijen: Partijen) -> date | None:
        """No Declaratie is known."""
        return None

    def referenties(self, partijen: Partijen, nummers: Iterable[str]) -> Set[str]:
        """No line is known."""
        return frozenset()

    def debets(self, partijen: Partijen, nummers: Iterable[str]) -> Mapping[str, Prestatie]:
        """No line is known."""
        return {}

    def gecrediteerd(self, partijen: Partijen, nummers: Iterable[str]) -> Set[str]:
        """No line is known."""
        return frozenset()

    def open_debets(
        self, partijen: Partijen, nummers: Iterable[int], van: date, tot: date
    ) -> Set[Debetsleutel]:
        """No line is known."""
        return frozenset()

    def gedeclareerd_tot(self, partijen: Partijen, nummers: Iterable[int]) -> Mapping[int, date]:
        """No line is known."""
        return {}

    def stand(self, partijen: Partijen, nummers: Iterable[int]) -> Mapping[int, Stand]:
        """Nothing was granted."""
        return {}

    def toegekend(self, gemeente: str, wet: str, nummers: Iterable[int]) -> Set[int]:
        """Nothing was granted."""
        return frozenset()

    def instemmingen(
        self, partijen: Partijen, nummers: Iterable[int]
    ) -> Mapping[int, Sequence[Instemming]]:
        """Nobody agreed to anything."""
        return {}

    def starts(self, partijen: Partijen, bsns: Iterable[str]) -> Sequence[StartProduct]:
        """No start is known."""
        return ()

    def stops(self, partijen: Partijen, bsns: Iterable[str]) -> Sequence[StopProduct]:
        """No stop is known."""
        return ()

    def leveringen_op(self, partijen: Partijen, nummers: Iterable[int]) -> Leveringen:
        """No start or stop is known."""
        return Leveringen()

    def toewijzingen_rond(
        self, gemeente: str, bsns: Iterable[str], gezinnen: Iterable[str]
    ) -> Sequence[tuple[str, ToegewezenProduct]]:
        """No assignment is known."""
        return ()

    def besteed(
        self, gemeenten: Iterable[str], jaren: Iterable[int], aanbieder: str | None
    ) -> Mapping[tuple[str, str, int], int]:
        """Nothing was granted."""
        return {}

    def besteed_aan(
        self, gemeente: str, wet: str, bsns: Iterable[str], productcodes: Iterable[str]
    ) -> Mapping[Clientpot, int]:
        """Nothing was granted."""
        return {}

    def naast(
        self, partijen: Partijen, bsns: Iterable[str], van: date, tot: date
    ) -> Sequence[Naastregel]:
        """No line is known."""
        return ()

    def verzoeken(
        self, partijen: Partijen, referenties: Iterable[str]
    ) -> Mapping[str, Verzoekstand]:
        """No request is known."""
        return {}

    def openstaande_verzoeken(self, partijen: Partijen, bsns: Iterable[str]) -> Sequence[str]:
        """No request is known."""
        return ()

    def heenbericht(
        self, gemeente: str, afzender: str, berichtcode: str, identificatie: str
    ) -> int | None:
        """No message is known."""
        return None

    def laatste_toewijzingsbericht(self, gemeente: str, wet: str, bsn: str) -> int | None:
        """No message is known."""
        return None

    def antwoord_op(self, gemeente: str, inbox_id: int) -> str | None:
        """No message is known."""
        return None

    def declaratie_van(
        self, partijen: Partijen, identificatie: str, nummer: str
    ) -> tuple[Header, Declaratie] | None:
        """No Declaratie is known."""
        return None

    def ingediend(
        self, partijen: Partijen, declaratienummer: str, referenties: Iterable[str]
    ) -> Mapping[tuple[str, str | None, str], Prestatie]:
        """No line is known."""
        return {}
