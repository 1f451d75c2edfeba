"""Makes the decision receipts of a judgement, while its facts are at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Set
from functools import cached_property

from gateway.deviations.berekening import Voorgaand
from gateway.deviations.receipt import Document, Kader, Regelbewijs, receipt
from gateway.pipeline.beoordeling import UNKNOWN, Beoordeling, Deel
from gateway.pipeline.gather import plus
from gateway.pipeline.grondslag import BELEID
from gateway.pipeline.stages import stages_of
from gateway.records.batch import Clientpot, Declaratiebatch, Stand
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Finding
from gateway.records.overeenkomst import Prijs

NOTHING = Stand()
# The stages that judge a line which did not fall with its Client.
OVER_REGELS = ("Prestatie", "Omvang")


class Bewijzen:
    """The receipts of one judgement.

    `bij_oordeel` is the hash of what was known when the message was judged, None where that was
    not kept.  Nothing is computed before the first receipt is asked for.
    """

    def __init__(self, beoordeling: Beoordeling, bij_oordeel: str | None) -> None:
        self._beoordeling = beoordeling
        self._bij_oordeel = bij_oordeel

    def flagged(self, deel: Deel) -> Iterator[tuple[int, Document]]:
        """The receipts of the lines that were rejected or that something was found on."""
        if not deel.codes and not deel.findings:
            return iter(())
        found = {finding.regelnr for finding in deel.findings if finding.regelnr is not None}
        return self.of(deel, found | deel.codes.keys())

    def of(self, deel: Deel, wanted: Set[int]) -> Iterator[tuple[int, Document]]:
        """The number and the receipt of the wanted lines of a part, in processing order."""
        own: dict[int | None, list[Finding]] = {}
        for finding in deel.findings:
            own.setdefault(finding.regelnr, []).append(finding)
        telling = _Telling(deel)
        for line in deel.lines:
            if line.volgnr in wanted:
                unjudged = line.volgnr in deel.unjudged
                refused = self._beoordeling.geweigerd.get(line.bsn, ()) if unjudged else ()
                regel = Regelbewijs(
                    line=line,
                    codes=deel.codes.get(line.volgnr, ()),
                    findings=[*refused, *own.get(line.volgnr, ())],
                    voorgaand=telling.before(line),
                    unjudged=unjudged,
                )
                yield line.volgnr, receipt(deel.batch, regel, self._kader)
            telling.take(line)

    @cached_property
    def _kader(self) -> Kader:
        beoordeling = self._beoordeling
        kennis, stages = beoordeling.kennis, beoordeling.kind.stages
        lines = stages_of(beoordeling.kind, OVER_REGELS, 3)
        others = {code for one in stages if one not in lines for code in one.rules}
        beleid = kennis.beleid_of(beoordeling.partijen.gemeente)
        return Kader(
            ontvangen=beoordeling.vandaag,
            peil=beoordeling.peil,
            regels=_without(kennis.zonder, [code for one in stages for code in one.rules]),
            over_regels={code for one in lines for code in one.rules} - others,
            controles=[
                one.code
                for one in kennis.checks.values()
                if beleid.effect_of(one.code) != "off"
                and (Declaratiebatch in one.over or one.code == UNKNOWN)
            ],
            hashes={(one.id, one.versie): one.hash for one in kennis.overeenkomsten.alle},
            regelset={
                "versie": kennis.xslt_versie,
                "hash": kennis.regelset(),
                "zonder": sorted(kennis.zonder),
            },
            kennis=self._known(),
            is_client=beoordeling.lezing.is_client,
        )

    def _known(self) -> Document:
        """What was known beside the rules, and whether that is what was known at the judgement."""
        beoordeling = self._beoordeling
        kennis, partijen = beoordeling.kennis, beoordeling.partijen
        grondslag, bij_oordeel = kennis.grondslag, self._bij_oordeel
        beleid = dict(grondslag.of(BELEID)).get(f"{partijen.gemeente}.toml")
        return {
            "hash": grondslag.hash,
            "hashBijOordeel": bij_oordeel,
            "zoalsBeoordeeld": None if bij_oordeel is None else bij_oordeel == grondslag.hash,
            "overeenkomsten": [
                {"id": one.id, "versie": one.versie, "hash": one.hash}
                for one in kennis.overeenkomsten.of(partijen.wet, partijen.gemeente)
            ],
            "beleid": None if beleid is None else hashlib.sha256(beleid).hexdigest(),
        }


class _Telling:
    """What was granted before each line of a part, counted while walking through it."""

    def __init__(self, deel: Deel) -> None:
        self._deel = deel
        self._binnen: dict[int, Stand] = {}
        self._clienten: dict[Clientpot, int] = {}

    def before(self, line: Prestatie) -> Voorgaand:
        nummer = line.toewijzingnummer
        stand = self._deel.batch.stand.get(nummer, NOTHING)
        eerder = self._deel.eerder.get(nummer, NOTHING)
        binnen = self._binnen.get(nummer, NOTHING)
        return Voorgaand(
            vooraf=Stand(stand.volume - eerder.volume, stand.bedrag - eerder.bedrag),
            in_bericht=Stand(eerder.volume + binnen.volume, eerder.bedrag + binnen.bedrag),
            client=self._of_client(line),
        )

    def take(self, line: Prestatie) -> None:
        if line.volgnr in self._deel.codes:
            return
        nummer = line.toewijzingnummer
        self._binnen[nummer] = plus(self._binnen.get(nummer, NOTHING), line)
        if _has_client_budget(self._deel.batch.prijzen.get(line.volgnr)):
            pot = Clientpot(line.bsn, line.productcode, line.begindatum.year)
            self._clienten[pot] = self._clienten.get(pot, 0) + line.ondertekend

    def _of_client(self, line: Prestatie) -> int | None:
        if not _has_client_budget(self._deel.batch.prijzen.get(line.volgnr)):
            return None
        pot = Clientpot(line.bsn, line.productcode, line.begindatum.year)
        return self._deel.batch.clientpotten.get(pot, 0) + self._clienten.get(pot, 0)


def _has_client_budget(prijs: Prijs | None) -> bool:
    return prijs is not None and prijs.soort == "budget" and prijs.plaats.cel.per == "client-jaar"


def _without(left_out: Set[str], codes: list[str]) -> list[str]:
    """Codes in their order, each once."""
    return [code for code in dict.fromkeys(codes) if code not in left_out]
