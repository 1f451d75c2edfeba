"""Everything that judging needs and that is no fact of the store; made once, at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gateway.agreements.match import Overeenkomsten
from gateway.config import Rol
from gateway.deviations.policy import Beleid
from gateway.deviations.registry import Check
from gateway.messages.definition import Berichttype, Berichttypen
from gateway.messages.layout import Layout
from gateway.messages.reader import Reader
from gateway.messages.uitgaven import Uitgave
from gateway.periods.termijnen import Termijn
from gateway.pipeline.grondslag import NO_FILES, Bronnen, Grondslag
from gateway.records.geldigheid import Plaatsing
from gateway.records.onderaanneming import NIEMAND, Samenwerkingen
from gateway.rules.regelset import Regelset
from gateway.rules.registry import Offences, Rule

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kennis:
    """The knowledge of one installation: types, rules, agreements, policy, code lists.

    `rol` is the side that the installation stands on.  `gemeenten` are the served municipalities
    and `aanbieders` the served providers, empty for all.  `productcategorieen` gives per law the
    categories in which the published lists and the agreements place a product code.  `regelsets`
    are the rules per release; `rules`, `niveaus` (the control level per rule) and `xslt_versie`
    (the version of the rule set) those of the release in hand, see `of`.  `termijnen` are the terms
    of the standard by their code.  `gemeenten_vanaf` are the first days of municipalities that
    began, `plaatsingen` per law the placements in a category that began or ended.  `schaduw` are
    the coming releases that judge beside.  `layout_of` gives how the messages of a type are built.
    `xsd_versie` goes into our own messages.
    `samenwerkingen` tells which provider may work for which.  `grondslag` are the files that
    agreements, policy and register were read from, and `bronnen` where those stand, for who reads
    them again; `regelset` gives the hash of our own rules and mappings.  `zonder` are rules and
    checks that were left out.
    """

    types: Berichttypen
    reader: Reader
    rules: Mapping[str, Rule]
    checks: Mapping[str, Check]
    niveaus: Mapping[str, int]
    overeenkomsten: Overeenkomsten
    gemeentecodes: Set[str]
    regelsets: Mapping[Uitgave, Regelset]
    productcategorieen: Mapping[str, Mapping[str, Set[str]]]
    termijnen: Mapping[str, Termijn]
    layout_of: Callable[[Berichttype], Layout]
    rol: Rol = "gemeente"
    aanbieders: Set[str] = frozenset()
    gemeenten: Set[str] = frozenset()
    gemeenten_vanaf: Mapping[str, date] = field(default_factory=dict)
    plaatsingen: Mapping[str, Mapping[str, tuple[Plaatsing, ...]]] = field(default_factory=dict)
    schaduw: tuple[Uitgave, ...] = ()
    beleid: Mapping[str, Beleid] = field(default_factory=dict)
    standaardbeleid: Beleid = field(default_factory=Beleid)
    bytecap: int = 26_214_400
    xsd_versie: str = "1.0.0"
    xslt_versie: str = "1.0.0"
    vrije_dagen: Set[date] = frozenset()
    samenwerkingen: Samenwerkingen = NIEMAND
    grondslag: Grondslag = NO_FILES
    bronnen: Bronnen | None = None
    regelset: Callable[[], str] = str
    zonder: Set[str] = frozenset()

    def of(self, kind: Berichttype) -> Kennis:
        """The same knowledge with the rules of the release of a message type."""
        chosen = self.regelsets[kind.uitgave]
        return replace(self, rules=chosen.rules, niveaus=chosen.niveaus, xslt_versie=chosen.versie)

    def categorieen(self, wet: str) -> Mapping[str, Set[str]]:
        """Per product code the categories in which any list in use places it (TR381)."""
        return self.productcategorieen.get(wet, {})

    def beleid_of(self, gemeente: str) -> Beleid:
        """The policy of a municipality, the default one where it has none of its own."""
        return self.beleid.get(gemeente, self.standaardbeleid)

    @property
    def is_gemeente(self) -> bool:
        """Whether the installation stands on the side of the municipality."""
        return self.rol == "gemeente"

    def is_own(self, kind: Berichttype) -> bool:
        """Whether a message of this type is sent by our side; else our side receives it.

        A retour copies the Header that it answers: of those it tells who sent the heenbericht.
        """
        return (kind.gemeente == "afzender") == self.is_gemeente

    def serves(self, gemeente: str) -> bool:
        """Whether messages for this municipality are handled here."""
        return not self.gemeenten or gemeente in self.gemeenten

    def serves_aanbieder(self, aanbieder: str) -> bool:
        """Whether messages for this provider are handled here."""
        return not self.aanbieders or aanbieder in self.aanbieders


def without(kennis: Kennis, codes: Set[str]) -> Kennis:
    """The same knowledge without some rules and checks, which then find nothing."""
    return replace(
        kennis,
        rules=_silenced(kennis.rules, codes),
        regelsets={
            uitgave: replace(one, rules=_silenced(one.rules, codes))
            for uitgave, one in kennis.regelsets.items()
        },
        checks={code: one for code, one in kennis.checks.items() if code not in codes},
        zonder=kennis.zonder | codes,
    )


def _silenced(rules: Mapping[str, Rule], codes: Set[str]) -> Mapping[str, Rule]:
    silent = {code: replace(rules[code], judge=_silent) for code in codes & rules.keys()}
    return {**rules, **silent}


def _silent(_: object, **parameters: object) -> Offences:
    return iter(())


def dag_van(moment: datetime) -> date:
    """The calendar day in the Netherlands at a moment."""
    return moment.astimezone(AMSTERDAM).date()
