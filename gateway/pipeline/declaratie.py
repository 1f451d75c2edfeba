"""The way of a 323: level 2 on the message, then every line on levels 3 and 4, then its 325."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from gateway.answers.antwoord import Afgekeurd, Antwoord, Stukken, compose_325
from gateway.answers.guard import lawful_325
from gateway.deviations.registry import by_policy, detect
from gateway.deviations.signals import unknown_assignment
from gateway.messages.definition import Berichttype
from gateway.messages.reader import Message
from gateway.pipeline.besluit import held_until
from gateway.pipeline.binnen import judge_inside
from gateway.pipeline.gather import (
    Boek,
    Regelvraag,
    gather_clients,
    gather_lines,
    local_facts,
    message_facts,
    partijen_of,
)
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.lezing import Lezing, read_declaratie
from gateway.pipeline.ports import (
    Answer,
    Claim,
    FactSource,
    Outcome,
    Store,
    UnitOfWork,
    Verdict,
)
from gateway.pipeline.regels import judge_lines
from gateway.pipeline.settlement import Settlement
from gateway.pipeline.spool import Spool, afgekeurd_spool, finding_spool, row_spool
from gateway.pipeline.stages import deciding_level, run, stages_of
from gateway.records.batch import Declaratiebatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Finding


@dataclass(slots=True)
class Uitslag:
    """What judging the lines came to; amounts are signed eurocents.

    `afgekeurd` holds (volgnr, line, codes) in processing order; `rows` what is stored per line;
    `ontheven` counts per check what a waiver covered.
    """

    findings: Spool[Finding]
    afgekeurd_credits: Spool[Afgekeurd]
    afgekeurd_debets: Spool[Afgekeurd]
    rows: Spool[tuple[Any, ...]]
    geweigerde_clienten: dict[str, tuple[str, ...]] = field(default_factory=dict)
    toegekend: int = 0
    aantal_toegekend: int = 0
    aantal_afgekeurd: int = 0
    gesignaleerd: int = 0
    ontheven: Counter[str] = field(default_factory=Counter)
    levels: set[int] = field(default_factory=set)
    aangehouden: bool = False

    def close(self) -> None:
        """Give the spools back."""
        for spool in (self.findings, self.afgekeurd_credits, self.afgekeurd_debets, self.rows):
            spool.close()


def handle_declaratie(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Settlement:
    """Judge a 323 and prepare its 325; raises MessageRefused at level 1."""
    declaratie = _Declaratie(message.kind, read_declaratie(message), claim, kennis)
    try:
        return declaratie.judge(store)
    except BaseException:
        declaratie.close()
        raise


class _Declaratie:
    """One 323 in hand."""

    def __init__(self, kind: Berichttype, lezing: Lezing, claim: Claim, kennis: Kennis) -> None:
        self._kind = kind
        self._lezing = lezing
        self._claim = claim
        self._kennis = kennis
        self._vandaag = dag_van(claim.received_at)
        self._partijen = partijen_of(kind, lezing.header)
        self._boek = Boek()
        self._body: Stukken | None = None
        self._uitslag: Uitslag | None = None

    def judge(self, store: Store) -> Settlement:
        """Levels 2, 3 and 4 in their order; ends where the standard says judging ends."""
        if findings := self._judge_message():
            return self._whole(findings, header=("0001",), level=2)
        with store.facts(self._claim) as facts:
            feiten = message_facts(
                self._kind, self._lezing.header, self._kennis, facts, self._vandaag
            )
            batch = Declaratiebatch(
                feiten=feiten,
                header=self._lezing.header,
                declaratie=self._lezing.declaratie,
                bekende_declaratienummers=facts.declaratienummers(
                    self._partijen, self._lezing.declaratie.declaratienummer
                ),
                laatste_periode=facts.laatste_periode(self._partijen),
            )
            if findings := self._run("Header", batch):
                return self._whole(findings, header=_codes(findings))
            if findings := self._run("Declaratie", batch):
                return self._whole(findings, header=("0200",), declaratie=_codes(findings))
            vraag = Regelvraag(self._partijen, feiten, self._lezing, self._kennis.overeenkomsten)
            return self._settled(self._judge_lines(vraag, facts))

    def _run(self, judges: str, batch: Declaratiebatch) -> list[Finding]:
        return run(stages_of(self._kind, (judges,), 3), self._kennis.rules, batch)

    def _judge_message(self) -> list[Finding]:
        feiten = local_facts(self._kind, self._kennis, self._vandaag)
        stages = [stage for stage in self._kind.stages if stage.level == 2]
        return judge_inside(self._lezing, feiten, stages, self._kennis)

    def _judge_lines(self, vraag: Regelvraag, facts: FactSource) -> Uitslag:
        """Levels 3 and 4: Clients first, then credits, then debets."""
        uitslag = self._uitslag = new_uitslag()
        clients = stages_of(self._kind, ("Client",), 3)
        for clienten in self._lezing.clienten.chunks():
            batch = gather_clients(vraag, clienten, facts)
            refused = [c for c in clienten if c.bsn not in batch.bekende_clienten]
            for finding in run(clients, self._kennis.rules, batch):
                self._note(uitslag, finding)
            for client in refused:
                uitslag.geweigerde_clienten[client.bsn] = ("8187",)
        for chunk in self._lezing.chunks():
            self._judge_chunk(vraag, chunk, facts, uitslag)
        return uitslag

    def _judge_chunk(
        self, vraag: Regelvraag, chunk: list[Prestatie], facts: FactSource, uitslag: Uitslag
    ) -> None:
        refused = uitslag.geweigerde_clienten.keys()
        batch = gather_lines(vraag, chunk, self._boek, facts, refused)
        unjudged = _of_clients(chunk, refused)
        oordeel = judge_lines(batch, self._kind, self._kennis.rules, unjudged)
        offences = oordeel.offences
        if offences or refused:
            for prestatie in chunk:
                self._decide(prestatie, offences.get(prestatie.volgnr, []), uitslag)
        else:
            self._grant_all(chunk, uitslag)
        rejected = offences.keys() | unjudged
        granted = [p for p in chunk if p.volgnr not in rejected] if rejected else chunk
        self._signal(replace(batch, prestaties=granted) if rejected else batch, uitslag)
        self._boek.potten.add(vraag.potbron, granted, batch.prijzen)
        for prestatie in granted if oordeel.onbekend else ():
            if prestatie.volgnr in oordeel.onbekend:
                latest = oordeel.onbekend[prestatie.volgnr]
                prijs = batch.prijzen.get(prestatie.volgnr)
                self._signal_unknown(unknown_assignment(prestatie, latest, prijs), uitslag)

    def _signal_unknown(self, finding: Finding, uitslag: Uitslag) -> None:
        beleid = self._kennis.beleid_of(self._partijen.gemeente)
        aanbieder, counted = self._partijen.aanbieder, uitslag.ontheven
        signal = by_policy(finding, beleid, aanbieder, self._vandaag, counted)
        if signal is not None:
            self._note(uitslag, signal)

    def _decide(self, prestatie: Prestatie, found: list[Finding], uitslag: Uitslag) -> None:
        """A line is granted or rejected as a whole; a Client's rejection rejects it unjudged."""
        client_refused = prestatie.bsn in uitslag.geweigerde_clienten
        codes = ("0233",) if client_refused else _codes(found)
        for finding in () if client_refused else found:
            self._note(uitslag, finding)
        self._boek.take(prestatie, self._lezing, toegekend=not codes)
        if codes:
            uitslag.aantal_afgekeurd += 1
            spool = uitslag.afgekeurd_credits if prestatie.is_credit else uitslag.afgekeurd_debets
            spool.add((prestatie, codes))
        else:
            uitslag.aantal_toegekend += 1
            uitslag.toegekend += prestatie.ondertekend
        uitslag.rows.add(stored_row(prestatie, codes))

    def _grant_all(self, chunk: list[Prestatie], uitslag: Uitslag) -> None:
        """The same for lines of which none is refused, in one go."""
        if self._lezing.interacts:
            for prestatie in chunk:
                self._boek.take(prestatie, self._lezing, toegekend=True)
        uitslag.aantal_toegekend += len(chunk)
        uitslag.toegekend += sum([prestatie.ondertekend for prestatie in chunk])
        uitslag.rows.extend([stored_row(prestatie, ()) for prestatie in chunk])

    def _signal(self, granted: Declaratiebatch, uitslag: Uitslag) -> None:
        """The checks beyond the standard, on what is granted: they never reject."""
        beleid = self._kennis.beleid_of(self._partijen.gemeente)
        for finding in detect(
            granted, self._kennis.checks, beleid, self._vandaag, uitslag.ontheven
        ):
            self._note(uitslag, finding)

    def _note(self, uitslag: Uitslag, finding: Finding) -> None:
        if finding.effect == "hold" and self._claim.ontheven:
            finding = replace(finding, effect="signal")
        uitslag.findings.add(finding)
        if finding.effect == "reject":
            uitslag.levels.add(self._kennis.niveaus[finding.rule])
        else:
            uitslag.gesignaleerd += 1
        uitslag.aangehouden |= finding.effect == "hold"

    def _outcome(self, verdict: Verdict, level: int | None, telling: Mapping[str, int]) -> Outcome:
        header = self._lezing.header
        return Outcome(
            verdict=verdict,
            level=level,
            berichttype=self._kind.naam,
            wet=self._kind.wet,
            afzender=header.afzender,
            ontvanger=header.ontvanger,
            gemeente=self._partijen.gemeente,
            identificatie=header.identificatie,
            dagtekening=header.dagtekening,
            declaratie=self._lezing.declaratie.declaratienummer,
            telling={
                "regels": self._lezing.aantal,
                "ingediend": self._lezing.declaratie.totaal,
                **telling,
            },
        )

    def _whole(
        self,
        findings: list[Finding],
        *,
        header: tuple[str, ...],
        declaratie: tuple[str, ...] | None = None,
        level: int | None = None,
    ) -> Settlement:
        """The declaration is rejected as a whole and counts as not sent."""
        level = level or deciding_level(findings, self._kennis.niveaus)
        telling = {
            "toegekend": 0,
            "regels_toegekend": 0,
            "regels_afgekeurd": self._lezing.aantal,
            "afgekeurd": self._lezing.som,
            "gesignaleerd": 0,
        }
        antwoord = self._antwoord(header_codes=header, declaratie_codes=declaratie, level=level)
        return Settlement(
            outcome=self._outcome("rejected", level, telling),
            findings=findings,
            answer=self._answer(antwoord),
            close=self.close,
            is_client=self._lezing.is_client,
        )

    def _settled(self, uitslag: Uitslag) -> Settlement:
        """Every line has been judged: the 325, the facts and the outcome."""
        telling = {
            "toegekend": uitslag.toegekend,
            "regels_toegekend": uitslag.aantal_toegekend,
            "regels_afgekeurd": uitslag.aantal_afgekeurd,
            "afgekeurd": self._lezing.som - uitslag.toegekend,
            "gesignaleerd": uitslag.gesignaleerd,
        }

        if uitslag.aangehouden:
            return Settlement(
                outcome=self._outcome("held", None, telling),
                findings=uitslag.findings,
                besluit_op=held_until(self._claim, self._kennis, self._partijen.gemeente),
                ontheven=uitslag.ontheven,
                close=self.close,
                is_client=self._lezing.is_client,
            )
        antwoord = self._antwoord(
            header_codes=("0200",),
            declaratie_codes=("0200",) if uitslag.aantal_afgekeurd else ("8001",),
            uitslag=uitslag,
        )
        return Settlement(
            outcome=self._outcome(_verdict(uitslag), min(uitslag.levels, default=None), telling),
            findings=uitslag.findings,
            answer=self._answer(antwoord),
            register=lambda uow: self._register(uow, uitslag),
            registered=(self._lezing.declaratie,),
            lines=uitslag.rows,
            ontheven=uitslag.ontheven,
            close=self.close,
            is_client=self._lezing.is_client,
        )

    def close(self) -> None:
        """Give the files of this message back, once it is settled or has failed."""
        self._lezing.close()
        if self._uitslag is not None:
            self._uitslag.close()
        if self._body is not None:
            self._body.close()

    def _answer(self, antwoord: Antwoord) -> Answer:
        """The 325 as it will leave; raises UnlawfulAnswer when the standard forbids it."""
        body = self._body = compose_325(antwoord)
        lawful_325(body, antwoord, self._kennis.reader)
        return Answer(antwoord.kind.naam, antwoord.identificatie, body)

    def _register(self, uow: UnitOfWork, uitslag: Uitslag) -> None:
        lezing = self._lezing
        uow.add_declaratie(self._partijen, lezing.header, lezing.declaratie, uitslag.toegekend)
        uow.add_prestaties(self._partijen, uitslag.rows.chunks())

    def _antwoord(
        self,
        *,
        header_codes: tuple[str, ...],
        declaratie_codes: tuple[str, ...] | None,
        level: int | None = None,
        uitslag: Uitslag | None = None,
    ) -> Antwoord:
        lezing = self._lezing
        return Antwoord(
            kind=self._kennis.types.by_name(self._kind.answer or ""),
            header=lezing.header,
            identificatie=self._claim.identificatie,
            dagtekening=dag_van(self._claim.answered_at),
            xsd_versie=self._kennis.xsd_versie,
            xslt_versie=self._kennis.xslt_versie if level == 2 else None,
            header_codes=header_codes,
            declaratie=lezing.declaratie,
            declaratie_codes=declaratie_codes,
            toegekend=uitslag.toegekend if uitslag else 0,
            geweigerde_clienten=uitslag.geweigerde_clienten if uitslag else {},
            afgekeurd_credits=uitslag.afgekeurd_credits if uitslag else (),
            afgekeurd_debets=uitslag.afgekeurd_debets if uitslag else (),
        )


def _codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The retourcodes of findings, each once, in ascending order."""
    return tuple(sorted({f.retourcode for f in findings if f.retourcode is not None}))


def _of_clients(chunk: Iterable[Prestatie], refused: Iterable[str]) -> set[int]:
    bsns = set(refused)
    return {prestatie.volgnr for prestatie in chunk if prestatie.bsn in bsns} if bsns else set()


def _verdict(uitslag: Uitslag) -> Verdict:
    if not uitslag.aantal_afgekeurd:
        return "accepted"
    return "partly" if uitslag.aantal_toegekend else "rejected"


def stored_row(prestatie: Prestatie, codes: tuple[str, ...]) -> tuple[Any, ...]:
    """A judged line as PRESTATIE_COLUMNS, in whose order its fields stand."""
    periode = _iso(prestatie.begindatum), _iso(prestatie.einddatum)
    granted = 0 if codes else 1
    return (*prestatie[1:8], *periode, *prestatie[10:15], granted, " ".join(codes))


@lru_cache(maxsize=4_096)
def _iso(day: date) -> str:
    """The text of a date, kept once: a message has many lines and few dates."""
    return day.isoformat()


def new_uitslag() -> Uitslag:
    """An empty result with its spools."""
    return Uitslag(finding_spool(), afgekeurd_spool(), afgekeurd_spool(), row_spool())
