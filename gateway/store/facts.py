"""Reads the facts that rules need, as one judgement sees them; satisfies `ports.FactSource`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from itertools import chain
from typing import Any

from gateway.pipeline.ports import Claim, Debetsleutel, Leveringen, Partijen
from gateway.records.batch import Clientpot, Naastregel, Stand
from gateway.records.declaratie import Declaratie, Prestatie
from gateway.records.header import Header
from gateway.records.instemming import Instemming
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import Verzoekstand
from gateway.store.bouwstenen import KEYS, PEIL
from gateway.store.bsn import Fingerprinter
from gateway.store.columns import HEADER
from gateway.store.queries import Queries
from gateway.store.rijen import (
    DAY,
    Plain,
    declaratie_of,
    header_of,
    prestatie_of,
    start_of,
    stop_of,
    toewijzing_of,
    verzoekstand_of,
)
from gateway.store.vraag import Vraag
from gateway.store.zicht import Bron

AT_ONCE = 1_000


class Facts:
    """Facts on one snapshot, as they stood for the judgement of a claim."""

    def __init__(
        self, bron: Bron, queries: Queries[Vraag], claim: Claim, fingerprint: Fingerprinter
    ) -> None:
        self._bron = bron
        self._queries = queries
        self._claim = claim
        self._fingerprint = fingerprint
        # Assignments, starts and stops may be read as of a later judgement than the rest.
        later = claim.register_volgnr
        self._register: dict[str, Any] = {} if later is None else {PEIL: later}

    def identificaties(
        self, gemeente: str, afzender: str, berichtcode: str, identificatie: str
    ) -> Set[str]:
        """See `ports.FactSource`."""
        rows = self._rows(
            self._queries.identificaties,
            gemeente=gemeente,
            afzender=afzender,
            berichtcode=berichtcode,
            identificatie=identificatie,
            inbox=self._claim.inbox_id,
        )
        return {row[0] for row in rows}

    def toewijzingen(
        self, gemeente: str, wet: str, nummers: Iterable[int]
    ) -> Mapping[int, tuple[ToegewezenProduct, ...]]:
        """See `ports.FactSource`."""
        found: dict[int, tuple[ToegewezenProduct, ...]] = {}
        several: set[int] = set()
        for row in self._by_keys(
            self._queries.toewijzingen, nummers, gemeente=gemeente, wet=wet, **self._register
        ):
            product = toewijzing_of(row)
            nummer = product.toewijzingnummer
            if nummer in found:
                several.add(nummer)
                found[nummer] += (product,)
            else:
                found[nummer] = (product,)
        for nummer in several:
            found[nummer] = tuple(sorted(found[nummer], key=lambda one: one.versie))
        return found

    def clienten_met_toewijzing(self, partijen: Partijen, bsns: Iterable[str]) -> Set[str]:
        """See `ports.FactSource`."""
        by_hash = {self._fingerprint(bsn): bsn for bsn in bsns}
        rows = self._of_partij(
            self._queries.clienten_met_toewijzing, partijen, by_hash, **self._register
        )
        return {by_hash[row[0]] for row in rows}

    def declaratienummers(self, partijen: Partijen, nummer: str, berichtcode: str) -> Set[str]:
        """See `ports.FactSource`."""
        rows = self._rows(
            self._queries.declaratienummers,
            gemeente=partijen.gemeente,
            wet=partijen.wet,
            afzender=partijen.aanbieder,
            nummer=nummer,
            berichtcode=berichtcode,
            inbox=self._claim.inbox_id,
        )
        return {row[0] for row in rows}

    def laatste_periode(self, partijen: Partijen) -> date | None:
        """See `ports.FactSource`."""
        rows = self._of_partij(self._queries.laatste_periode, partijen)
        return next((DAY[row[0]] for row in rows), None)

    def referenties(self, partijen: Partijen, nummers: Iterable[str]) -> Set[str]:
        """See `ports.FactSource`."""
        return {row[0] for row in self._of_partij(self._queries.referenties, partijen, nummers)}

    def debets(self, partijen: Partijen, nummers: Iterable[str]) -> Mapping[str, Prestatie]:
        """See `ports.FactSource`."""
        lines = map(prestatie_of, self._of_partij(self._queries.debets, partijen, nummers))
        return {line.referentienummer: line for line in lines}

    def gecrediteerd(self, partijen: Partijen, nummers: Iterable[str]) -> Set[str]:
        """See `ports.FactSource`."""
        return {row[0] for row in self._of_partij(self._queries.gecrediteerd, partijen, nummers)}

    def open_debets(
        self, partijen: Partijen, nummers: Iterable[int], van: date, tot: date
    ) -> Set[Debetsleutel]:
        """See `ports.FactSource`."""
        days = {"van": van.isoformat(), "tot": tot.isoformat()}
        rows = self._of_partij(self._queries.open_debets, partijen, nummers, **days)
        return {(row[0], row[1], row[2], DAY[row[3]], DAY[row[4]]) for row in rows}

    def gedeclareerd_tot(self, partijen: Partijen, nummers: Iterable[int]) -> Mapping[int, date]:
        """See `ports.FactSource`."""
        rows = self._of_partij(self._queries.gedeclareerd_tot, partijen, nummers)
        return {row[0]: DAY[row[1]] for row in rows}

    def stand(self, partijen: Partijen, nummers: Iterable[int]) -> Mapping[int, Stand]:
        """See `ports.FactSource`."""
        rows = self._of_partij(self._queries.stand, partijen, nummers)
        return {row[0]: Stand(volume=int(row[1]), bedrag=int(row[2])) for row in rows}

    def toegekend(self, gemeente: str, wet: str, nummers: Iterable[int]) -> Set[int]:
        """See `ports.FactSource`."""
        rows = self._by_keys(self._queries.toegekend, nummers, gemeente=gemeente, wet=wet)
        return {row[0] for row in rows}

    def instemmingen(
        self, partijen: Partijen, nummers: Iterable[int]
    ) -> Mapping[int, Sequence[Instemming]]:
        """See `ports.FactSource`."""
        found: dict[int, list[Instemming]] = {}
        given = {
            "gemeente": partijen.gemeente,
            "wet": partijen.wet,
            "aanbieder": partijen.aanbieder,
        }
        for nummer, wat, op, tot, onder, voor in self._by_keys(
            self._queries.instemmingen, nummers, **given
        ):
            one = Instemming(nummer, wat, DAY[op], DAY[tot], onder, DAY[voor])
            found.setdefault(nummer, []).append(one)
        return found

    def starts(self, partijen: Partijen, bsns: Iterable[str]) -> Sequence[StartProduct]:
        """See `ports.FactSource`."""
        hashes = [self._fingerprint(bsn) for bsn in bsns]
        return [start_of(row) for row in self._of_partij(self._queries.starts, partijen, hashes)]

    def stops(self, partijen: Partijen, bsns: Iterable[str]) -> Sequence[StopProduct]:
        """See `ports.FactSource`."""
        hashes = [self._fingerprint(bsn) for bsn in bsns]
        return [stop_of(row) for row in self._of_partij(self._queries.stops, partijen, hashes)]

    def leveringen_op(self, partijen: Partijen, nummers: Iterable[int]) -> Leveringen:
        """See `ports.FactSource`."""
        found = Leveringen()
        for row in self._of_partij(
            self._queries.leveringen_op, partijen, nummers, **self._register
        ):
            if row[-1] == "start":
                found.starts.setdefault(row[1], []).append(start_of(row))
            else:
                found.stops.setdefault(row[1], []).append(stop_of(row))
        return found

    def toewijzingen_rond(
        self, gemeente: str, bsns: Iterable[str], gezinnen: Iterable[str]
    ) -> Sequence[tuple[str, ToegewezenProduct]]:
        """See `ports.FactSource`."""
        hashes = [self._fingerprint(bsn) for bsn in bsns]
        wanted = {"gemeente": gemeente, **self._register}
        rows = [
            *self._by_keys(self._queries.van_clienten, hashes, **wanted),
            *self._by_keys(self._queries.van_gezinnen, gezinnen, **wanted),
        ]
        return [(row[0], toewijzing_of(row[1:])) for row in dict.fromkeys(rows)]

    def besteed(
        self, gemeenten: Iterable[str], jaren: Iterable[int], aanbieder: str | None
    ) -> Mapping[tuple[str, str, int], int]:
        """See `ports.FactSource`."""
        wanted = sorted(jaren)
        span = {"eerste": wanted[0], "laatste": wanted[-1], "aanbieder": aanbieder}
        wie = sorted(gemeenten)
        rows = self._by_keys(self._queries.besteed, wie, gemeente=",".join(wie), **span)
        found: dict[tuple[str, str, int], int] = {}
        for wet, productcode, jaar, bedrag in rows:
            key = (wet, productcode, jaar)
            found[key] = found.get(key, 0) + int(bedrag)
        return found

    def besteed_aan(
        self, gemeente: str, wet: str, bsns: Iterable[str], productcodes: Iterable[str]
    ) -> Mapping[Clientpot, int]:
        """See `ports.FactSource`."""
        codes = frozenset(productcodes)
        by_hash = {self._fingerprint(bsn): bsn for bsn in bsns}
        rows = self._by_keys(self._queries.besteed_aan, by_hash, gemeente=gemeente, wet=wet)
        return {
            Clientpot(by_hash[bsn_hash], productcode, int(jaar)): int(bedrag)
            for bsn_hash, productcode, jaar, bedrag in rows
            if productcode in codes
        }

    def naast(
        self, partijen: Partijen, bsns: Iterable[str], van: date, tot: date
    ) -> Sequence[Naastregel]:
        """See `ports.FactSource`."""
        by_hash = {self._fingerprint(bsn): bsn for bsn in bsns}
        days = {"van": van.isoformat(), "tot": tot.isoformat()}
        rows = self._by_keys(
            self._queries.naast,
            by_hash,
            gemeente=partijen.gemeente,
            wet=partijen.wet,
            aanbieder=partijen.aanbieder,
            **days,
        )
        return [
            Naastregel(by_hash[row[0]], row[1], row[2], DAY[row[3]], DAY[row[4]]) for row in rows
        ]

    def verzoeken(
        self, partijen: Partijen, referenties: Iterable[str]
    ) -> Mapping[str, Verzoekstand]:
        """See `ports.FactSource`."""
        rows = self._of_partij(self._queries.verzoeken, partijen, referenties)
        return {one.referentie_aanbieder: one for one in map(verzoekstand_of, rows)}

    def openstaande_verzoeken(self, partijen: Partijen, bsns: Iterable[str]) -> Sequence[str]:
        """See `ports.FactSource`."""
        hashes = [self._fingerprint(bsn) for bsn in bsns]
        rows = self._of_partij(self._queries.openstaande_verzoeken, partijen, hashes)
        return [verzoekstand_of(row).referentie_aanbieder for row in rows]

    def heenbericht(
        self, gemeente: str, afzender: str, berichtcode: str, identificatie: str
    ) -> int | None:
        """See `ports.FactSource`."""
        rows = self._rows(
            self._queries.heenbericht,
            gemeente=gemeente,
            afzender=afzender,
            berichtcode=berichtcode,
            identificatie=identificatie,
        )
        return next((int(row[0]) for row in rows), None)

    def laatste_toewijzingsbericht(self, gemeente: str, wet: str, bsn: str) -> int | None:
        """See `ports.FactSource`."""
        rows = self._rows(
            self._queries.laatste_toewijzingsbericht,
            gemeente=gemeente,
            wet=wet,
            bsn_hash=self._fingerprint(bsn),
        )
        return next((int(row[0]) for row in rows), None)

    def antwoord_op(self, gemeente: str, inbox_id: int) -> str | None:
        """See `ports.FactSource`."""
        rows = self._rows(self._queries.antwoord_op, gemeente=gemeente, bericht=inbox_id)
        return next((row[0] for row in rows), None)

    def declaratie_van(
        self, partijen: Partijen, identificatie: str, nummer: str
    ) -> tuple[Header, Declaratie] | None:
        """See `ports.FactSource`."""
        wanted = (
            (self._queries.declaratie_op_identificatie, identificatie),
            (self._queries.declaratie_op_nummer, nummer),
        )
        for query, text in wanted:
            for row in self._of_partij(query, partijen, nummer=text):
                return header_of(row), declaratie_of(row[len(HEADER) :])
        return None

    def ingediend(
        self, partijen: Partijen, declaratienummer: str, referenties: Iterable[str]
    ) -> Mapping[tuple[str, str | None, str], Prestatie]:
        """See `ports.FactSource`."""
        rows = self._of_partij(
            self._queries.ingediend, partijen, referenties, nummer=declaratienummer
        )
        return {
            (line.referentienummer, line.vorig_referentienummer, line.bsn): line
            for line in map(prestatie_of, rows)
        }

    def _of_partij(
        self,
        query: Vraag,
        partijen: Partijen,
        keys: Iterable[Any] | None = None,
        **given: Any,
    ) -> Iterator[Plain]:
        """The rows of a statement about one partij, for keys when it takes any."""
        number = self._bron.partij(partijen)
        if number is None:
            return iter(())
        given |= {"partij": number, "gemeente": partijen.gemeente, "aanbieder": partijen.aanbieder}
        if keys is None:
            return iter(self._rows(query, **given))
        return self._by_keys(query, keys, **given)

    def _by_keys(self, query: Vraag, keys: Iterable[Any], **given: Any) -> Iterator[Plain]:
        """The rows of a statement for all keys, at most 1,000 keys a query."""
        unique = list(dict.fromkeys(keys))
        batches = (unique[begin : begin + AT_ONCE] for begin in range(0, len(unique), AT_ONCE))
        return chain.from_iterable(self._rows(query, **{KEYS: batch}, **given) for batch in batches)

    def _rows(self, query: Vraag, **given: Any) -> Sequence[Plain]:
        """All rows as the driver gives them."""
        return self._bron.rows(query, {PEIL: self._claim.volgnr, **given})
