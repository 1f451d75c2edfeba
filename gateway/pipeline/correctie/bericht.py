"""Makes the 323 of corrections, and tries it as if it came in now.

What would be refused goes out of it, both halves of a correction together, until all that is left
is granted: a credit without its new debet would cost the provider money.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import WrongUse
from gateway.ledger.correctie.bericht import Berichtnummers, records_of
from gateway.ledger.correctie.regels import Correctie, Onmogelijk, numbered
from gateway.messages.record_writer import write_message
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.ports import Partijen
from gateway.pipeline.settlement import Settlement
from gateway.records.declaratie import GRANTED, Prestatie
from gateway.records.finding import Finding
from gateway.records.header import Header

STANDAARD = {"jeugdwet": "JW", "wmo": "WMO"}
_VOLGNR, _REFERENTIE, _TOEGEKEND = 0, 2, 14
_WITH_CLIENT = "de cliënt is bij deze gemeente niet bekend, of heeft bij u geen toewijzing"
# Judges the bytes on all that is known now; whoever gets it closes it.
Beoordeel = Callable[[bytes], Settlement]


@dataclass(frozen=True, slots=True)
class Correctiebericht:
    """A 323 with corrections (`body` is None where nothing is left), and what did not go in.

    `regels` are its lines in document order.
    """

    body: bytes | None
    regels: Sequence[Prestatie]
    correcties: Sequence[Correctie]
    onmogelijk: Sequence[Onmogelijk]

    @property
    def totaal(self) -> int:
        """What the message asks for, in signed eurocents."""
        return sum(line.ondertekend for line in self.regels)


def make(
    kennis: Kennis,
    partijen: Partijen,
    nummers: Berichtnummers,
    correcties: Sequence[Correctie],
    beoordeel: Beoordeel,
) -> Correctiebericht:
    """The message of corrections that would be granted as a whole.

    Raises WrongUse where the message would be refused because of the numbers or the month that it
    was given, with the reason.
    """
    left, refused = list(correcties), list[Onmogelijk]()
    while left:
        numbers = list(numbered(left, nummers.referentiebegin))
        lines = [line for line, _ in numbers]
        body = written(kennis, partijen, nummers, lines)
        reasons = _refused(beoordeel(body))
        if not reasons:
            return Correctiebericht(body, lines, left, refused)
        by_place: dict[int, str] = {}
        for line, place in numbers:
            if line.referentienummer in reasons:
                by_place.setdefault(place, reasons[line.referentienummer])
        refused += [
            Onmogelijk(left[place].bron, left[place].oud, reden)
            for place, reden in sorted(by_place.items())
        ]
        left = [one for place, one in enumerate(left) if place not in by_place]
    return Correctiebericht(None, (), (), refused)


def written(
    kennis: Kennis, partijen: Partijen, nummers: Berichtnummers, lines: Sequence[Prestatie]
) -> bytes:
    """The bytes of the message."""
    dagtekening = nummers.dagtekening
    kind = kennis.types.on(f"{STANDAARD[partijen.wet]}323", dagtekening)
    header = Header(
        pad="",
        berichtcode=kind.code,
        afzender=partijen.aanbieder,
        ontvanger=partijen.gemeente,
        identificatie=nummers.identificatie,
        dagtekening=dagtekening,
        basisschema_xsd_versie=kennis.xsd_versie,
        bericht_xsd_versie=kennis.xsd_versie,
    )
    records = records_of(header, nummers, lines)
    return b"".join(write_message(kind, records, kennis.layout_of(kind)))


def _refused(settlement: Settlement) -> Mapping[str, str]:
    """Why lines would be refused, by their ReferentieNummer.

    A municipality refuses lines; a provider holds its whole message back for one of them.
    """
    try:
        findings = [one for one in settlement.findings if one.effect == "reject"]
        outcome = settlement.outcome
        if outcome.verdict == "accepted":
            return {}
        refused = {
            str(row[_REFERENTIE]): _WITH_CLIENT
            for row in settlement.lines
            if row[_TOEGEKEND] != GRANTED
        }
        if not refused:
            return _by_line(findings) or _nothing_told()
        told = _by_line([one for one in findings if one.reference is not None])
        return {nummer: told.get(nummer, reden) for nummer, reden in refused.items()}
    finally:
        settlement.close()


def _by_line(findings: Sequence[Finding]) -> dict[str, str]:
    """The first reason per line; raises WrongUse for what is about the whole message."""
    found: dict[str, str] = {}
    for one in findings:
        if one.reference is None:
            raise _as_a_whole([one])
        found.setdefault(one.reference, _sentence(one))
    return found


def _nothing_told() -> Mapping[str, str]:
    raise _as_a_whole([])


def _as_a_whole(findings: Sequence[Finding]) -> WrongUse:
    told = _sentence(findings[0]) if findings else "het bericht wordt als geheel afgekeurd"
    return WrongUse(f"dit bericht wordt als geheel afgekeurd: {told}")


def _sentence(finding: Finding) -> str:
    code = finding.retourcode or finding.rule
    return f"{code}: {finding.text.rstrip('.')}"
