"""A gateway of a municipality that assigned care to some clients, and changes it in batches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.agreements.match import index
from gateway.deviations.policy import Beleid
from gateway.ledger.mutaties.wijzen import Wijze
from gateway.pipeline.kennis import AMSTERDAM
from gateway.pipeline.ports import Partijen
from gateway.store.mutaties.instemmingen import Vraag as Instemming
from gateway.store.mutaties.keuze import Keuze
from gateway.store.mutaties.mutatie import Mutatie, Vraag
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik, Wie
from tests.integration.berichten import by_name
from tests.integration.store_builders import declared, line
from tests.integration.test_hold import Huis
from tests.integration.test_verzoeken import retour_on

GEMEENTE, ANDERE, AANBIEDER, TWEEDE = "0193", "0166", "65656055", "65656056"
ANNA, BRAM = Wie("anna", "Anna", "gebruiker"), Wie("bram", "Bram", "gebruiker")
ALLES, ELDERS = Bereik(frozenset({GEMEENTE, ANDERE})), Bereik(frozenset({"0150"}))
EERSTE, TWEEDE_BSN = "999900006", "999900018"
NIETS = index([])
RUIM = 10**12
ADRES = {
    "soort": "01",
    "straatnaam": "Dijk",
    "huisnummer": 4,
    "postcode": "8011AB",
    "plaatsnaam": "Zwolle",
    "landcode": "NL",
}
CLIENT = {
    "geboortedatum": "2012-03-04",
    "geslacht": "1",
    "achternaam": "Linde",
    "naamGebruik": "1",
    "contactgegevens": [ADRES],
    "relaties": [
        {"nummer": "1", "soort": "03", "achternaam": "Linde", "naamGebruik": "1", "contact": ADRES}
    ],
}
BUDGET = {"productcategorie": "45", "budget": 120_000}
TRAJECT = {"code": "54001", "productcategorie": "54", "omvang": 500_000, "eenheidCode": "83"}
TRAJECT |= {"frequentieCode": "6"}
PER_MAAND = {"code": "45A04", "productcategorie": "45", "omvang": 20_000, "eenheidCode": "83"}
PER_MAAND |= {"frequentieCode": "4"}
UREN = {"code": "45A03", "productcategorie": "45", "omvang": 3, "eenheidCode": "04"}
UREN |= {"frequentieCode": "2"}
JAAR = {"datumStartToewijzing": "2026-01-01", "datumEindeToewijzing": "2026-12-31"}


class Mutatiehuis(Huis):
    """The same with batches."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Beleid())
        self.folder = folder
        self.overeenkomsten = NIETS
        self._asked = 0

    @property
    def store(self) -> SqlStore:
        return self.installation.store

    def assign(
        self,
        bsn: str,
        *producten: Mapping[str, Any],
        aanbieder: str = AANBIEDER,
        gemeente: str = GEMEENTE,
    ) -> None:
        """Send a 301; it has to be a good one."""
        given = {
            "opdracht": "toewijzing",
            "bsn": bsn,
            "client": {**CLIENT, "bsn": bsn},
            "toewijzingen": producten,
        }
        verdict, found = self.ask(given, aanbieder=aanbieder, gemeente=gemeente)
        assert "accepted" == verdict, found

    def ask(
        self, given: Mapping[str, Any], aanbieder: str = AANBIEDER, gemeente: str = GEMEENTE
    ) -> tuple[str, list[tuple[str, str]]]:
        """What becomes of an opdracht: its verdict, and the rules and texts by which."""
        self._asked += 1
        base = {"kenmerk": f"o{self._asked}", "gemeente": gemeente, "wet": "jeugdwet"}
        body = json.dumps({**base, "aanbieder": aanbieder, **given}).encode()
        number = self.store.inbox.receive(f"o{self._asked}.json", [body]).inbox_id
        self.installation.runtime.drain()
        found = self.store.views.findings(number)
        return self.verdict(number), [(one.rule, one.text) for one in found]

    def grant(self, nummer: int, aanbieder: str = AANBIEDER, **changes: Any) -> None:
        """Have a line granted on an assignment."""
        partijen = Partijen(GEMEENTE, "jeugdwet", aanbieder)
        given = {"toewijzingnummer": nummer, "referentienummer": f"R{nummer}", **changes}
        declared(self.store, [line(1, **given)], partijen, f"D{nummer}")

    def agreed(self, nummer: int, wat: str, **more: Any) -> int:
        """Put a consent of today down."""
        vraag = Instemming(
            gemeente=GEMEENTE,
            wet="jeugdwet",
            toewijzingnummer=nummer,
            wat=wat,
            op=self.klok.now.date(),
            door="J. de Boer",
            bron="brief 12",
            **more,
        )
        return self.store.instemmingen.add(ALLES, ANNA, vraag)

    def make(self, wijze: Wijze, keuze: Keuze | None = None, **more: Any) -> Mutatie:
        vraag = Vraag(
            gemeente=GEMEENTE,
            wet="jeugdwet",
            naam="Indexatie 2026",
            wijze=wijze,
            keuze=keuze or Keuze(),
            **{"per_minuut": 6_000, **more},
        )
        nummer = self.store.mutatiemaker.make(ALLES, ANNA, vraag, self.overeenkomsten)
        return self.store.mutatieinzage.een(ALLES, nummer)

    def release(self, nummer: int, boven: int = RUIM) -> Mutatie:
        return self.store.mutatieverloop.release(ALLES, ANNA, nummer, boven)

    def run(self) -> int:
        """Offer and judge until nothing is due; how many steps that took."""
        steps = 0
        for _ in range(50):
            self.klok.now += timedelta(seconds=5)
            if not self.installation.mutatielus.run_once():
                break
            steps += 1
            self.installation.runtime.drain()
        return steps

    def voortgang(self, nummer: int, te_laat: float = 0.0) -> dict[str, int]:
        return dict(self.store.mutatieinzage.voortgang(ALLES, nummer, te_laat))

    def weigeringen(self, nummer: int) -> dict[int, tuple[str, str]]:
        """The refused assignments of a batch with the rule and the text."""
        blad = self.store.mutatieinzage.regels(ALLES, nummer, 100, geweigerd=True)
        return {one.toewijzingnummer: (one.regel or "", one.weigering or "") for one in blad.rijen}

    def left_since(self, count: int) -> list[bytes]:
        """The messages that left after so many."""
        return [body for _, body in self.uit.left[count:]]

    def retour(self, heen: bytes, *codes: tuple[str, tuple[str, ...]]) -> None:
        body = retour_on("JW302", heen, *codes).replace(b"R1<", f"R{self._asked}<".encode())
        self._asked += 1
        assert ["accepted"] == self.take(body)


def versions(body: bytes) -> list[tuple[str | None, ...]]:
    """Per assignment of a 301: number, first and last day, reason, and volume or budget."""
    names = ("ToewijzingNummer", "Ingangsdatum", "Einddatum", "RedenWijziging")

    def one(product: Any, name: str) -> str | None:
        found = by_name(product, name)
        return found[0].text if found else None

    return [
        (
            *(one(product, name) for name in names),
            one(product, "Volume") or one(product, "Budget"),
        )
        for product in by_name(etree.fromstring(body), "ToegewezenProduct")
    ]


def bsns(bodies: Sequence[bytes]) -> list[str]:
    return [by_name(etree.fromstring(body), "Bsn")[0].text for body in bodies]


@contextmanager
def mutatiehuis(folder: Path, day: date = date(2025, 12, 5)) -> Iterator[Mutatiehuis]:
    """A municipality on the store that a folder stands for, at noon of a day."""
    made = Mutatiehuis(folder)
    made.klok.now = datetime(day.year, day.month, day.day, 12, tzinfo=AMSTERDAM)
    try:
        yield made
    finally:
        made.installation.close()
