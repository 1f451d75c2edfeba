"""The way of a 323: level 2 on the message, then every line on levels 3 and 4, then its 325.

One of our own has no 325 yet: it leaves as a whole, with its lines pending, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from gateway.answers.antwoord import Afgekeurd, Antwoord, Stukken, compose_325
from gateway.answers.guard import lawful_325
from gateway.deviations.receipt import pack
from gateway.messages.definition import Berichttype
from gateway.messages.reader import Message
from gateway.pipeline.beoordeling import Afwijzing, Beoordeling, Deel, codes_of
from gateway.pipeline.besluit import held_until
from gateway.pipeline.bewijzen import Bewijzen
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.lezing import Lezing, read_declaratie
from gateway.pipeline.ports import (
    Answer,
    Bewijs,
    Claim,
    Outcome,
    Store,
    UnitOfWork,
    Verdict,
)
from gateway.pipeline.settlement import Settlement, register_nothing
from gateway.pipeline.spool import (
    Spool,
    afgekeurd_spool,
    bewijs_spool,
    extra_spool,
    finding_spool,
    row_spool,
)
from gateway.records.declaratie import GRANTED, PENDING, REFUSED, Prestatie
from gateway.records.extra import Extra
from gateway.records.finding import Finding


@dataclass(slots=True)
class Uitslag:
    """What judging the lines came to; amounts are signed eurocents.

    `afgekeurd_*` hold (line, codes) in processing order; `rows` what is stored per line, `extras`
    what each has beyond its fields (empty where its class has no such elements), `bewijzen` the
    receipts of the lines that were rejected or flagged.
    """

    findings: Spool[Finding]
    afgekeurd_credits: Spool[Afgekeurd]
    afgekeurd_debets: Spool[Afgekeurd]
    rows: Spool[tuple[Any, ...]]
    extras: Spool[Extra]
    bewijzen: Spool[Bewijs]
    toegekend: int = 0
    aantal_toegekend: int = 0
    aantal_afgekeurd: int = 0
    gesignaleerd: int = 0
    levels: set[int] = field(default_factory=set)
    aangehouden: bool = False

    def close(self) -> None:
        """Give the spools back."""
        for spool in (self.findings, self.rows, self.extras, self.bewijzen):
            spool.close()
        self.afgekeurd_credits.close()
        self.afgekeurd_debets.close()


def handle_declaratie(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Settlement:
    """Judge a 323 and prepare its 325, if it is not our own; raises MessageRefused at level 1."""
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
        self._is_own = kennis.is_own(kind)
        self._beoordeling = Beoordeling(kind, lezing, claim, kennis)
        self._bewijzen = Bewijzen(self._beoordeling, kennis.grondslag.hash)
        self._partijen = self._beoordeling.partijen
        self._has_extra = bool(kind.map_of("Prestatie").extra)
        self._body: Stukken | None = None
        self._uitslag: Uitslag | None = None

    def judge(self, store: Store) -> Settlement:
        """Levels 2, 3 and 4 in their order; ends where the standard says judging ends."""
        if afwijzing := self._beoordeling.refused_inside():
            return self._whole(afwijzing)
        with store.facts(self._claim) as facts:
            if afwijzing := self._beoordeling.refused_outside(facts):
                return self._whole(afwijzing)
            uitslag = self._uitslag = new_uitslag()
            for finding in self._beoordeling.refused_clients(facts):
                self._note(uitslag, finding)
            for deel in self._beoordeling.delen(facts):
                self._take(uitslag, deel)
            return self._settled(uitslag)

    def _take(self, uitslag: Uitslag, deel: Deel) -> None:
        """Add judged lines to the result; one that is not rejected is granted as a whole."""
        for finding in deel.findings:
            self._note(uitslag, finding)
        for regelnr, document in self._bewijzen.flagged(deel):
            uitslag.bewijzen.add((regelnr, pack(document)))
        codes = deel.codes
        rejected = [p for p in deel.lines if p.volgnr in codes] if codes else []
        for prestatie in rejected:
            spool = uitslag.afgekeurd_credits if prestatie.is_credit else uitslag.afgekeurd_debets
            spool.add((prestatie, codes[prestatie.volgnr]))
        uitslag.aantal_afgekeurd += len(rejected)
        uitslag.aantal_toegekend += len(deel.lines) - len(rejected)
        uitslag.toegekend += sum([prestatie.ondertekend for prestatie in deel.lines])
        uitslag.toegekend -= sum([prestatie.ondertekend for prestatie in rejected])
        staat = PENDING if self._is_own else GRANTED
        uitslag.rows.extend([stored_row(p, codes.get(p.volgnr, ()), staat) for p in deel.lines])
        if self._has_extra:
            uitslag.extras.extend([p.extra for p in deel.lines])

    def _note(self, uitslag: Uitslag, finding: Finding) -> None:
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
            uitgave=self._kind.uitgave.versie,
            telling={
                "regels": self._lezing.aantal,
                "ingediend": self._lezing.declaratie.totaal,
                **telling,
            },
        )

    def _whole(self, afwijzing: Afwijzing) -> Settlement:
        """The declaration is rejected as a whole and counts as not sent."""
        telling = {
            "toegekend": 0,
            "regels_toegekend": 0,
            "regels_afgekeurd": self._lezing.aantal,
            "afgekeurd": self._lezing.som,
            "gesignaleerd": 0,
        }
        return Settlement(
            outcome=self._outcome("rejected", afwijzing.level, telling),
            findings=afwijzing.findings,
            answer=self._answer(
                header_codes=afwijzing.header,
                declaratie_codes=afwijzing.declaratie,
                level=afwijzing.level,
            ),
            close=self.close,
            is_client=self._lezing.is_client,
        )

    def _settled(self, uitslag: Uitslag) -> Settlement:
        """Every line has been judged: the 325, the facts and the outcome."""
        if self._is_own:
            return self._sent(uitslag)
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
                bewijzen=uitslag.bewijzen,
                besluit_op=held_until(self._claim, self._kennis, self._partijen.gemeente),
                ontheven=self._beoordeling.ontheffingen,
                close=self.close,
                is_client=self._lezing.is_client,
            )
        return Settlement(
            outcome=self._outcome(_verdict(uitslag), min(uitslag.levels, default=None), telling),
            findings=uitslag.findings,
            answer=self._answer(
                header_codes=("0200",),
                declaratie_codes=("0200",) if uitslag.aantal_afgekeurd else ("8001",),
                uitslag=uitslag,
            ),
            register=lambda uow: self._register(uow, uitslag, uitslag.toegekend),
            registered=(self._lezing.declaratie,),
            lines=uitslag.rows,
            extras=uitslag.extras,
            bewijzen=uitslag.bewijzen,
            ontheven=self._beoordeling.ontheffingen,
            close=self.close,
            is_client=self._lezing.is_client,
        )

    def _sent(self, uitslag: Uitslag) -> Settlement:
        """One of our own: nothing is granted yet, and a line to be refused keeps all of it here."""
        is_good = not uitslag.aantal_afgekeurd
        telling = {"gesignaleerd": uitslag.gesignaleerd}
        if not is_good:
            telling["regels_afgekeurd"] = uitslag.aantal_afgekeurd
            telling["afgekeurd"] = self._lezing.som - uitslag.toegekend
        level = min(uitslag.levels, default=None)
        return Settlement(
            outcome=self._outcome("accepted" if is_good else "rejected", level, telling),
            findings=uitslag.findings,
            register=(lambda uow: self._register(uow, uitslag, 0)) if is_good else register_nothing,
            registered=(self._lezing.declaratie,) if is_good else (),
            lines=uitslag.rows if is_good else (),
            bewijzen=uitslag.bewijzen,
            ontheven=self._beoordeling.ontheffingen,
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

    def _answer(
        self,
        *,
        header_codes: tuple[str, ...],
        declaratie_codes: tuple[str, ...] | None,
        level: int | None = None,
        uitslag: Uitslag | None = None,
    ) -> Answer | None:
        """The 325 as it will leave; raises UnlawfulAnswer when the standard forbids it."""
        kind = self._kennis.types.answer_of(self._kind)
        if self._is_own or kind is None:
            return None
        antwoord = self._antwoord(kind, header_codes, declaratie_codes, level, uitslag)
        body = self._body = compose_325(antwoord)
        lawful_325(body, antwoord, self._kennis.reader)
        return Answer(kind.naam, antwoord.identificatie, body)

    def _register(self, uow: UnitOfWork, uitslag: Uitslag, toegekend: int) -> None:
        lezing = self._lezing
        uow.add_declaratie(self._partijen, lezing.header, lezing.declaratie, toegekend)
        uow.add_prestaties(self._partijen, uitslag.rows.chunks())

    def _antwoord(
        self,
        kind: Berichttype,
        header_codes: tuple[str, ...],
        declaratie_codes: tuple[str, ...] | None,
        level: int | None,
        uitslag: Uitslag | None,
    ) -> Antwoord:
        lezing = self._lezing
        return Antwoord(
            kind=kind,
            header=lezing.header,
            identificatie=self._claim.identificatie,
            dagtekening=dag_van(self._claim.answered_at),
            xsd_versie=self._kennis.xsd_versie,
            xslt_versie=self._kennis.xslt_versie if level == 2 else None,
            header_codes=header_codes,
            declaratie=lezing.declaratie,
            declaratie_codes=declaratie_codes,
            toegekend=uitslag.toegekend if uitslag else 0,
            geweigerde_clienten={
                bsn: codes_of(found) for bsn, found in self._beoordeling.geweigerd.items()
            },
            afgekeurd_credits=uitslag.afgekeurd_credits if uitslag else (),
            afgekeurd_debets=uitslag.afgekeurd_debets if uitslag else (),
        )


def _verdict(uitslag: Uitslag) -> Verdict:
    if not uitslag.aantal_afgekeurd:
        return "accepted"
    return "partly" if uitslag.aantal_toegekend else "rejected"


def stored_row(prestatie: Prestatie, codes: tuple[str, ...], good: int) -> tuple[Any, ...]:
    """A judged line as PRESTATIE_COLUMNS, in whose order its fields stand.

    `good` is what a line without codes is stored as: granted or pending.
    """
    periode = _iso(prestatie.begindatum), _iso(prestatie.einddatum)
    staat = REFUSED if codes else good
    return (*prestatie[1:8], *periode, *prestatie[10:15], staat, " ".join(codes))


@lru_cache(maxsize=4_096)
def _iso(day: date) -> str:
    """The text of a date, kept once: a message has many lines and few dates."""
    return day.isoformat()


def new_uitslag() -> Uitslag:
    """An empty result with its spools."""
    return Uitslag(
        findings=finding_spool(),
        afgekeurd_credits=afgekeurd_spool(),
        afgekeurd_debets=afgekeurd_spool(),
        rows=row_spool(),
        extras=extra_spool(),
        bewijzen=bewijs_spool(),
    )
