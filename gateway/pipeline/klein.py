"""The way of a message about one client, judged in memory as a whole; here 301, 305 and 307."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.answers.guard import lawful_retour
from gateway.deviations.registry import detect
from gateway.deviations.toegekend import BUITEN
from gateway.messages.definition import Berichttype
from gateway.messages.reader import Message
from gateway.messages.writer import Retourkop, Versies, write_retour
from gateway.pipeline.gather import (
    gather_regie,
    gather_toewijzing,
    local_facts,
    message_facts,
    partijen_of,
)
from gateway.pipeline.geen_feiten import NoFacts
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.lezing import of_kind
from gateway.pipeline.ports import Answer, Claim, FactSource, Outcome, Partijen, Store, UnitOfWork
from gateway.pipeline.rond import with_agreements
from gateway.pipeline.settlement import Settlement, register_nothing
from gateway.pipeline.stages import deciding_level, run
from gateway.records.batch import (
    Aanvraagbatch,
    Berichtfeiten,
    Regiebatch,
    Toewijzingbatch,
    Verzoekantwoordbatch,
    Wijzigingbatch,
)
from gateway.records.finding import Finding
from gateway.records.header import Header
from gateway.records.masker import mask
from gateway.records.toewijzing import postcode_of

Records = Mapping[str, list[object]]
EVENT = "toegekend-buiten-toewijzing"
Batch = TypeVar(
    "Batch", Regiebatch, Toewijzingbatch, Aanvraagbatch, Wijzigingbatch, Verzoekantwoordbatch
)


@dataclass(frozen=True, slots=True)
class Klein:
    """A small message in hand: its type, who exchanges it, what it holds."""

    message: Message
    claim: Claim
    kennis: Kennis
    header: Header
    records: Records

    @property
    def kind(self) -> Berichttype:
        """The type of the message."""
        return self.message.kind

    def is_client(self, text: str) -> bool:
        """Whether a text is the Bsn of a client of this message."""
        return any(getattr(one, "bsn", None) == text for one in self.records.get("Client", ()))

    @property
    def partijen(self) -> Partijen:
        """Municipality, law and aanbieder."""
        return partijen_of(self.kind, self.header)


def read_klein(message: Message, claim: Claim, kennis: Kennis) -> Klein:
    """Read a message of one client as a whole; raises NotXml or SchemaViolated."""
    records: dict[str, list[object]] = {}
    for name, record in message.records():
        records.setdefault(name, []).append(record)
    header = of_kind(records, "Header", Header)[0]
    return Klein(message, claim, kennis, header, records)


def handle_regie(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Settlement:
    """Judge a 305 or 307 and prepare its retour, if it is not our own."""
    klein = read_klein(message, claim, kennis)

    def gather(feiten: Berichtfeiten, facts: FactSource) -> Regiebatch:
        return gather_regie(klein.partijen, feiten, klein.header, klein.records, facts)

    batch, findings = judged(klein, store, gather)
    producten = batch.starts or batch.stops

    def register(uow: UnitOfWork) -> None:
        uow.add_leveringen(klein.partijen, producten)

    level = deciding_level(findings, kennis.niveaus)
    return Settlement(
        outcome=outcome_of(klein, level, findings),
        findings=findings,
        answer=answer_of(klein, findings, level),
        register=register if level is None else register_nothing,
        registered=producten if level is None else (),
        is_client=klein.is_client,
    )


def handle_toewijzing(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Settlement:
    """Judge a 301 and prepare its retour, if it is not our own."""
    klein = read_klein(message, claim, kennis)
    ontheven: Counter[str] = Counter()
    batch, findings = judge_toewijzing(klein, store, ontheven)
    level = deciding_level(findings, kennis.niveaus)

    def register(uow: UnitOfWork) -> None:
        partijen = klein.partijen
        postcode = postcode_of(batch.contacten, klein.header.dagtekening)
        uow.add_toewijzingen(partijen.gemeente, partijen.wet, batch.producten, postcode)
        granted = {one.referentie_aanbieder for one in batch.producten} - {None}
        uow.answer_verzoeken(partijen, sorted(map(str, granted)), "toegekend")
        if outside := {one.toewijzingnummer for one in findings if one.rule == BUITEN}:
            uow.add_event(EVENT, partijen.gemeente, _outside_event(klein, len(outside)))

    return Settlement(
        outcome=outcome_of(klein, level, findings),
        findings=findings,
        answer=answer_of(klein, findings, level),
        register=register if level is None else register_nothing,
        registered=batch.producten if level is None else (),
        ontheven=ontheven,
        is_client=klein.is_client,
    )


def _outside_event(klein: Klein, toewijzingen: int) -> dict[str, object]:
    """What both sides are told of a 301 that leaves granted lines outside; nothing of a person."""
    own = klein.header.identificatie
    return {
        "bericht": klein.kind.naam,
        "wet": klein.kind.wet,
        "identificatie": mask(own) if klein.is_client(own) else own,
        "aanbieder": klein.partijen.aanbieder,
        "toewijzingen": toewijzingen,
    }


def judge_toewijzing(
    klein: Klein, store: Store, ontheven: Counter[str]
) -> tuple[Toewijzingbatch, list[Finding]]:
    """A 301 with everything that the rules find in it, and the checks where they find nothing.

    What a waiver covers is left out and counted in `ontheven`.
    """
    kennis = klein.kennis

    def gather(feiten: Berichtfeiten, facts: FactSource) -> Toewijzingbatch:
        batch = gather_toewijzing(klein.partijen, feiten, klein.header, klein.records, facts)
        return with_agreements(kennis.overeenkomsten, klein.partijen, batch, facts)

    batch, findings = judged(klein, store, gather)
    return batch, checked(klein, batch, findings, ontheven)


def checked(
    klein: Klein, batch: object, findings: list[Finding], ontheven: Counter[str]
) -> list[Finding]:
    """What the rules found, or else what the checks find; they are policy of the municipality.

    An aanbieder hears those alone that tell what it has to do itself.  A 301 of our own has no
    answer to hold, and a 316 says nothing of what is asked for: what deviates is told, never held.
    What a waiver covers is counted in `ontheven`.
    """
    kennis = klein.kennis
    if findings:
        return findings
    checks = {
        code: one for code, one in kennis.checks.items() if kennis.is_gemeente or one.ook_aanbieder
    }
    beleid = kennis.beleid_of(klein.partijen.gemeente)
    vandaag = dag_van(klein.claim.received_at)
    signals = detect(batch, checks, beleid, vandaag, ontheven)
    return [replace(finding, effect="signal") for finding in signals]


def judged(
    klein: Klein, store: Store, gather: Callable[[Berichtfeiten, FactSource], Batch]
) -> tuple[Batch, list[Finding]]:
    """Levels 2, 3 and 4; level 2 is judged before the store is asked for anything."""
    kind, kennis = klein.kind, klein.kennis
    vandaag = dag_van(klein.claim.received_at)
    alone = gather(local_facts(kind, kennis, vandaag), NoFacts())
    findings = run([s for s in kind.stages if s.level == 2], kennis.rules, alone)
    if findings:
        return alone, findings
    with store.facts(klein.claim) as facts:
        batch = gather(message_facts(kind, klein.header, kennis, facts, vandaag), facts)
    return batch, run([s for s in kind.stages if s.level > 2], kennis.rules, batch)


def outcome_of(klein: Klein, level: int | None, findings: Iterable[Finding]) -> Outcome:
    """The outcome of a message that is registered as a whole or not at all."""
    signals = sum(1 for finding in findings if finding.effect != "reject")
    return Outcome(
        verdict="accepted" if level is None else "rejected",
        level=level,
        berichttype=klein.kind.naam,
        wet=klein.kind.wet,
        afzender=klein.header.afzender,
        ontvanger=klein.header.ontvanger,
        gemeente=klein.partijen.gemeente,
        identificatie=klein.header.identificatie,
        dagtekening=klein.header.dagtekening,
        uitgave=klein.kind.uitgave.versie,
        telling={"gesignaleerd": signals},
    )


def answer_of(klein: Klein, findings: list[Finding], level: int | None) -> Answer | None:
    """The retour on a message that we received; nobody here answers a message of our own."""
    return None if klein.kennis.is_own(klein.kind) else retour(klein, findings, level)


def retour(klein: Klein, findings: list[Finding], level: int | None) -> Answer | None:
    """The retour that the standard prescribes for what was found, None where nothing answers."""
    kennis = klein.kennis
    kind = kennis.types.answer_of(klein.kind)
    if kind is None:
        return None
    identificatie = klein.claim.identificatie
    codes, klassen = _codes(findings, level)
    kop = Retourkop(
        identificatie=identificatie,
        dagtekening=dag_van(klein.claim.answered_at),
        versies=Versies(kennis.xsd_versie, kennis.xsd_versie),
        codes=codes,
        xslt_versie=kennis.xslt_versie if level == 2 else None,
    )
    unjudged = _unjudged_below(klein.kind, findings)
    body = write_retour(klein.message.source, klein.kind, kind, kop, klassen, unjudged)
    lawful_retour(body, kind, kennis.reader, codes, klassen)
    return Answer(kind.naam, identificatie, [body])


def _unjudged_below(kind: Berichttype, findings: Iterable[Finding]) -> frozenset[str]:
    """The XPaths of classes at which judging ended: nothing below them was looked at."""
    ending = {code for stage in kind.stages if stage.stops for code in stage.rules}
    return frozenset(finding.pad for finding in findings if finding.rule in ending)


def _codes(
    findings: list[Finding], level: int | None
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]] | None]:
    """The codes of the Header, and those per class where the body is returned."""
    rejecting = [finding for finding in findings if finding.effect == "reject"]
    if level is None:
        return (), None
    if level == 2:
        return ("0001",), None
    per_class: dict[str, set[str]] = {}
    for finding in rejecting:
        if finding.retourcode is not None:
            per_class.setdefault(finding.pad, set()).add(finding.retourcode)
    if "/Bericht/Header" in per_class:
        return tuple(sorted(per_class["/Bericht/Header"])), None
    return ("0200",), {pad: tuple(sorted(codes)) for pad, codes in per_class.items()}
