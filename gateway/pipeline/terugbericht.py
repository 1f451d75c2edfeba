"""The way of a 325: held against the 323 that it answers, and made true where that is our own.

A 325 has no retour, so what is wrong with it is told to our own side, and changes nothing.  One
that a municipality sends from elsewhere is only looked at; for an aanbieder it is the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from gateway.deviations.registry import by_policy
from gateway.deviations.signals import (
    answered_before,
    contradicts_itself,
    refused_by_antwoord,
)
from gateway.messages.definition import Berichttype, Stage
from gateway.messages.reader import Message
from gateway.messages.retour import read_clienten, read_klassen
from gateway.pipeline.antwoordlezing import Antwoordlezing, read_antwoord
from gateway.pipeline.gather import local_facts, message_facts, partijen_of
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.ports import Claim, FactSource, Geweigerd, Outcome, Store, UnitOfWork
from gateway.pipeline.settlement import Settlement
from gateway.pipeline.spool import Spool, finding_spool
from gateway.pipeline.stages import run
from gateway.records.batch import Antwoordbatch, Berichtfeiten
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Finding
from gateway.records.masker import mask
from gateway.records.retour import Retourklasse

EVENT = "antwoord-ontvangen"
INSIDE, OUTSIDE = 2, 3
LINE = "Prestatie"


def handle_antwoord(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Settlement:
    """Judge a 325 and prepare what follows from it; raises MessageRefused at level 1."""
    antwoord = _Antwoord(message, read_antwoord(message), claim, kennis)
    try:
        return antwoord.judge(store)
    except BaseException:
        antwoord.close()
        raise


@dataclass(slots=True)
class Heen:
    """The 323 that is answered: its inbox row, and the 325 that answered it before."""

    inbox_id: int | None = None
    eerder: str | None = None


@dataclass(slots=True)
class Uitslag:
    """What judging came to: why the 325 cannot stand, else which lines it refuses, by code."""

    findings: Spool[Finding] = field(default_factory=finding_spool)
    geweigerd: Spool[Geweigerd] = field(default_factory=lambda: Spool(Geweigerd))
    levels: set[int] = field(default_factory=set)
    codes: Counter[str] = field(default_factory=Counter)
    signalen: int = 0


class _Antwoord:
    """One 325 in hand."""

    def __init__(
        self, message: Message, lezing: Antwoordlezing, claim: Claim, kennis: Kennis
    ) -> None:
        self._message = message
        self._kind: Berichttype = message.kind
        self._lezing = lezing
        self._claim = claim
        self._kennis = kennis
        self._is_own = kennis.is_own(message.kind)
        self._partijen = partijen_of(message.kind, lezing.header)
        self._vandaag = dag_van(claim.received_at)
        self._uitslag = Uitslag()
        self._ontheven: Counter[str] = Counter()

    def judge(self, store: Store) -> Settlement:
        """Level 2, then the 323 that is answered, then the lines."""
        feiten = local_facts(self._kind, self._kennis, self._vandaag)
        self._reject(self._inside(feiten))
        heen = Heen()
        if not self._uitslag.levels:
            with store.facts(self._claim) as facts:
                heen = self._heen(facts)
                self._outside(facts, heen)
        return self._settled(heen)

    def _inside(self, feiten: Berichtfeiten) -> Iterator[Finding]:
        """Line by line in chunks, then the rules that look at all lines together."""
        lezing, rules = self._lezing, self._kennis.rules
        lines, whole = self._stages(INSIDE)
        base = self._batch(feiten)
        yield from run(lines, rules, base)
        for clienten, prestaties in lezing.parts():
            part = replace(base, judges_whole=False, clienten=clienten, prestaties=prestaties)
            yield from run(lines, rules, part)
        nominated = (lezing.nominated_clienten(), lezing.nominated())
        yield from run(whole, rules, replace(base, clienten=nominated[0], prestaties=nominated[1]))

    def _outside(self, facts: FactSource, heen: Heen) -> None:
        """The message against the 323, and then its lines against those of the 323."""
        lezing, rules = self._lezing, self._kennis.rules
        feiten = message_facts(self._kind, lezing.header, self._kennis, facts, self._vandaag)
        lines, whole = self._stages(OUTSIDE)
        nummer = lezing.antwoord.declaratienummer if lezing.antwoord else ""
        identificatie = lezing.header.declaratie_identificatie or ""
        found = facts.declaratie_van(self._partijen, identificatie, nummer)
        base = self._batch(feiten)
        if found is not None:
            base = replace(base, heen_header=found[0], heen_declaratie=found[1])
            nummer = found[1].declaratienummer
        if heen.eerder is not None:
            self._reject(run([one for one in whole if one.judges == "Header"], rules, base))
            return
        self._reject(run(whole, rules, base))
        if self._uitslag.levels:
            return
        self._reject(run(lines, rules, base))
        for clienten, prestaties in lezing.parts():
            known = facts.ingediend(
                self._partijen, nummer, [line.referentienummer for line in prestaties]
            )
            part = replace(
                base,
                judges_whole=False,
                clienten=clienten,
                prestaties=prestaties,
                heen_prestaties=known,
            )
            self._reject(run(lines, rules, part))
            self._refuse(prestaties, part)

    def _stages(self, level: int) -> tuple[list[Stage], list[Stage]]:
        """The stages that judge line by line, and those that judge the message."""
        deep = level > INSIDE
        stages = [one for one in self._kind.stages if (one.level > INSIDE) is deep]
        return (
            [one for one in stages if one.judges == LINE],
            [one for one in stages if one.judges != LINE],
        )

    def _batch(self, feiten: Berichtfeiten) -> Antwoordbatch:
        lezing = self._lezing
        return Antwoordbatch(
            feiten=feiten, header=lezing.header, antwoord=lezing.antwoord, som=lezing.som
        )

    def _heen(self, facts: FactSource) -> Heen:
        header = self._lezing.header
        if self._is_own:
            return Heen()
        heen = self._kennis.types.answered_by(self._kind)
        gemeente = self._partijen.gemeente
        inbox_id = facts.heenbericht(
            gemeente,
            self._partijen.aanbieder,
            heen.code,
            header.declaratie_identificatie or "",
        )
        eerder = None if inbox_id is None else facts.antwoord_op(gemeente, inbox_id)
        return Heen(inbox_id, eerder)

    def _refuse(self, prestaties: Sequence[Prestatie], part: Antwoordbatch) -> None:
        """Keep which lines of the 323 are refused; a line that is not in it was found before."""
        for line in prestaties:
            key = (line.referentienummer, line.vorig_referentienummer, line.bsn)
            sent = part.heen_prestaties.get(key)
            if sent is not None:
                codes = " ".join(line.retourcodes)
                self._uitslag.geweigerd.add((sent.volgnr, line.referentienummer, codes))
                self._uitslag.codes.update(line.retourcodes)

    def _reject(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._uitslag.findings.add(finding)
            self._uitslag.levels.add(self._kennis.niveaus[finding.rule])

    def _signal(self, findings: Iterable[Finding]) -> None:
        """What the backoffice hears, as far as policy lets it; there is nothing to hold."""
        beleid = self._kennis.beleid_of(self._partijen.gemeente)
        for finding in findings:
            wanted = by_policy(
                finding, beleid, self._partijen.aanbieder, self._vandaag, self._ontheven
            )
            if wanted is not None:
                self._uitslag.findings.add(replace(wanted, effect="signal"))
                self._uitslag.signalen += 1

    def _settled(self, heen: Heen) -> Settlement:
        uitslag, lezing = self._uitslag, self._lezing
        level = min(uitslag.levels, default=None)
        if heen.eerder is not None:
            self._signal([answered_before(lezing.header, heen.eerder)])
            level = level or OUTSIDE
        elif level is None and not self._is_own:
            if lezing.contradicts_itself:
                self._signal([contradicts_itself(lezing.header, lezing.antwoord is not None)])
                level = INSIDE
            else:
                self._signal(self._refusals())

        def register(uow: UnitOfWork) -> None:
            if level is None and heen.inbox_id is not None:
                self._make_true(uow, heen.inbox_id)
            if not self._is_own:
                uow.add_event(EVENT, self._partijen.gemeente, self._event(heen, level is None))

        return Settlement(
            outcome=self._outcome(level),
            findings=uitslag.findings,
            register=register,
            ontheven=self._ontheven,
            close=self.close,
            is_client=lezing.is_client,
        )

    def _make_true(self, uow: UnitOfWork, heen_id: int) -> None:
        """The 323 has its answer: it counts as not sent, or its lines are judged."""
        uow.link_heenbericht(heen_id)
        antwoord = self._lezing.antwoord
        if antwoord is None or self._lezing.refuses_whole:
            uow.withdraw(heen_id)
        else:
            uow.answer_declaratie(heen_id, antwoord.toegekend, self._uitslag.geweigerd.chunks())

    def _refusals(self) -> Iterator[Finding]:
        """What is refused above the lines, code by code: why lines came back unjudged."""
        nummer = self._lezing.antwoord.declaratienummer if self._lezing.antwoord else None
        for klasse in self._klassen():
            for code in klasse.afkeurend:
                yield refused_by_antwoord(klasse, code, nummer)

    def _klassen(self) -> Iterator[Retourklasse]:
        """The classes above the lines with their codes."""
        antwoord, source = self._lezing.antwoord, self._message.source
        if antwoord is None:
            yield from read_klassen(source, self._kind)[0]
        elif self._lezing.refuses_whole:
            yield Retourklasse(antwoord.pad, None, antwoord.retourcodes)
        elif self._lezing.clienten.count:
            yield from read_clienten(source)

    def _outcome(self, level: int | None) -> Outcome:
        header = self._lezing.header
        return Outcome(
            verdict="accepted" if level is None else "rejected",
            level=level,
            berichttype=self._kind.naam,
            wet=self._kind.wet,
            afzender=header.afzender,
            ontvanger=header.ontvanger,
            gemeente=self._partijen.gemeente,
            identificatie=header.identificatie,
            dagtekening=header.dagtekening,
            telling={"gesignaleerd": self._uitslag.signalen},
        )

    def _event(self, heen: Heen, verwerkt: bool) -> dict[str, object]:
        """What the backoffice is told; nothing about a person."""
        header, antwoord = self._lezing.header, self._lezing.antwoord
        told: dict[str, object] = {
            "bericht": self._kind.naam,
            "identificatie": self._shown(header.identificatie),
            "heenbericht": self._kennis.types.answered_by(self._kind).naam,
            "heenbericht_identificatie": self._shown(header.declaratie_identificatie or ""),
            "heenbericht_inbox": heen.inbox_id,
            "verwerkt": verwerkt,
            "geheel_afgewezen": self._lezing.refuses_whole,
        }
        if antwoord is not None:
            told |= {
                "declaratie": self._shown(antwoord.declaratienummer),
                "retourcodes": antwoord.retourcodes,
                "ingediend": antwoord.ingediend,
                "toegekend": antwoord.toegekend,
                "afgewezen": antwoord.ingediend - antwoord.toegekend,
                "regels_afgewezen": self._lezing.prestaties.count,
                "codes": dict(sorted(self._uitslag.codes.items())),
            }
        return told

    def _shown(self, text: str) -> str:
        return mask(text) if self._lezing.is_client(text) else text

    def close(self) -> None:
        """Give the files of this message back, once it is settled or has failed."""
        with ExitStack() as stack:
            for one in (self._lezing, self._uitslag.findings, self._uitslag.geweigerd):
                stack.callback(one.close)
