"""Looks what would become of the findings of a cause now that our side was put right, and does so.

A message of a provider never changes.  A held one goes its way once more; of a settled one only
what is told changes, because its answer left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from gateway.deviations.causes import Oorzaak
from gateway.errors import Gearchiveerd, WrongUse
from gateway.pipeline.herziening import Nu, findings_now
from gateway.pipeline.kennis import Kennis
from gateway.store.oorzaken import Gevonden
from gateway.store.store import SqlStore

BLIJFT = "blijft"
VERVALT = "melding vervalt"
VRIJ = "wordt toegekend en beantwoord"
OPNIEUW = "zou nu worden toegekend: laat de aanbieder opnieuw indienen"
ANDERS = "zou om iets anders worden afgekeurd"

Gevolg = tuple[Gevonden, str]


@dataclass(slots=True)
class Vooruitzicht:
    """What a judgement would say now, by what it comes to: how many findings, and eurocents.

    `berichten` were looked at, of a cause that may have more.
    """

    berichten: int = 0
    gevolgen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, gevonden: Gevonden, gevolg: str) -> None:
        """Count one finding."""
        count, belang = self.gevolgen.get(gevolg, (0, 0))
        self.gevolgen[gevolg] = (count + 1, belang + belang_of(gevonden))


def gevolgen(store: SqlStore, oorzaak: Oorzaak, kennis: Kennis) -> Iterator[Gevolg]:
    """Every open finding of a cause with what a judgement would say now; nothing is changed."""
    for inbox_id, found in groupby(store.oorzaken.bevindingen(oorzaak), lambda one: one.inbox_id):
        nu = _now(store, inbox_id, kennis)
        for gevonden in found:
            yield gevonden, _gevolg(gevonden, nu)


def vooruitzicht(
    store: SqlStore, oorzaak: Oorzaak, kennis: Kennis, meld: Callable[[Vooruitzicht], bool]
) -> Vooruitzicht:
    """The same added up; `meld` hears how far it is after each message, and may end it (False)."""
    last, found = 0, Vooruitzicht()
    for gevonden, gevolg in gevolgen(store, oorzaak, kennis):
        if gevonden.inbox_id != last:
            if not meld(found):
                break
            last = gevonden.inbox_id
            found.berichten += 1
        found.add(gevonden, gevolg)
    return found


def judge_again(store: SqlStore, kennis: Kennis, inbox_ids: Iterable[int]) -> Iterator[int]:
    """Judge messages again; hands out those that wait for a worker now, one after the other.

    None is handed out of those that are settled: of these what is told has changed by then.
    """
    for inbox_id in inbox_ids:
        if store.inbox.resume(inbox_id):
            yield inbox_id
        else:
            _revise(store, kennis, inbox_id)


def belang_of(gevonden: Gevonden) -> int:
    """The amount at stake in a finding, in eurocents."""
    evidence = gevonden.finding.evidence
    return 0 if evidence is None or evidence.belang is None else evidence.belang


def _revise(store: SqlStore, kennis: Kennis, inbox_id: int) -> None:
    nu = _now(store, inbox_id, kennis)
    if nu is None:
        return
    # A line that would be rejected now was granted: what was told of it stays.
    kept = [
        one
        for one in store.views.findings(inbox_id)
        if one.effect != "reject" and one.toewijzingnummer is not None and nu.rejects(one)
    ]
    signals = [one for one in nu.findings if one.effect != "reject"]
    store.oorzaken.revise(inbox_id, [replace(one, effect="signal") for one in (*kept, *signals)])


def _now(store: SqlStore, inbox_id: int, kennis: Kennis) -> Nu | None:
    """What would be found now; None for what is not judged again, as in an archive."""
    claim = store.views.claim_of(inbox_id)
    if claim is None:
        raise WrongUse(f"bericht {inbox_id} is nog niet beoordeeld")
    try:
        return findings_now(store, replace(claim, register_volgnr=store.oorzaken.peil()), kennis)
    except Gearchiveerd:
        return None


def _gevolg(gevonden: Gevonden, nu: Nu | None) -> str:
    finding = gevonden.finding
    if nu is None or nu.finds(finding):
        return BLIJFT
    if nu.rejects(finding):
        return ANDERS
    if finding.effect == "reject":
        return OPNIEUW
    return VRIJ if gevonden.is_held else VERVALT
