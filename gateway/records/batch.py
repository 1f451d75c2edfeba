"""What rules judge: the records of one message with every fact they need, fetched beforehand.

A rule that wants new outside data adds an attribute here and a query in `pipeline.gather`,
never a query of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set
    from datetime import date

    from gateway.records.declaratie import (
        Declaratie,
        DeclaratieAntwoord,
        DeclaratieClient,
        Prestatie,
    )
    from gateway.records.geldigheid import Plaatsing
    from gateway.records.header import Header
    from gateway.records.levering import LeveringClient, StartProduct, StopProduct
    from gateway.records.overeenkomst import Plaats, Prijs
    from gateway.records.toewijzing import Contact, Relatie, ToegewezenProduct, ToewijzingClient
    from gateway.records.verzoek import (
        AangevraagdProduct,
        AanvraagClient,
        NieuwProduct,
        OngewijzigdProduct,
        TeWijzigenProduct,
        Verzoekantwoord,
        Verzoekstand,
        WijzigingClient,
        Wijzigingsverzoek,
        Woonplaatsbeginsel,
    )


@dataclass(frozen=True, slots=True)
class Stand:
    """What was granted so far on one assignment, net of credits.

    `volume` is in minutes for time in minutes or hours (01, 04), else in units of the assignment;
    `bedrag` is in eurocents.
    """

    volume: int = 0
    bedrag: int = 0


@dataclass(kw_only=True)
class Berichtfeiten:
    """What the rules on the Header need, for every message kind.

    `wet` is "jeugdwet" or "wmo"; `vandaag` the day of intake (Europe/Amsterdam);
    `bekende_identificaties` those of earlier messages of this sender and kind to this
    municipality; `gemeentecodes` every code that ever was a municipality, or will be one from the
    day in `gemeenten_vanaf`; `categorieen` the product categories in which the lists in use place
    a product code (absent: no list has it), `plaatsingen` those that began or ended.
    """

    wet: str
    vandaag: date
    bekende_identificaties: Set[str] = frozenset()
    gemeentecodes: Set[str] = frozenset()
    categorieen: Mapping[str, Set[str]] = field(default_factory=dict)
    gemeenten_vanaf: Mapping[str, date] = field(default_factory=dict)
    plaatsingen: Mapping[str, Sequence[Plaatsing]] = field(default_factory=dict)

    def categorieen_op(self, code: str, dag: date) -> Set[str]:
        """The categories in which the lists place a product code on a day; none: no list has it."""
        always = self.categorieen.get(code, frozenset())
        dated = self.plaatsingen.get(code)
        if not dated:
            return always
        return always | {one.categorie for one in dated if one.geldt_op(dag)}


class Clientpot(NamedTuple):
    """What was granted to one client on one product in one year of delivery."""

    bsn: str
    productcode: str
    jaar: int


class Jaarpot(NamedTuple):
    """What was granted under one agreement in one year of delivery.

    `van` is whose: "gemeente" for all providers of the municipality, "aanbieder" for the provider
    in all municipalities of the agreement that are served here.
    """

    van: str
    overeenkomst: str
    jaar: int


class Naastregel(NamedTuple):
    """A granted debet line of another provider for a client; no credit undid it."""

    bsn: str
    aanbieder: str
    productcategorie: str
    begindatum: date
    einddatum: date


class Naast(NamedTuple):
    """What a partner declared for the same care; `is_hoofd` where that is the main contractor."""

    aanbieder: str
    is_hoofd: bool
    begindatum: date
    einddatum: date


@dataclass(frozen=True, slots=True)
class Andere:
    """Another assignment of the client or family: its law, latest version and price."""

    wet: str
    toewijzing: ToegewezenProduct
    prijs: Prijs | None


@dataclass(kw_only=True)
class Declaratiebatch:
    """A 323, or a part of one, with everything its rules need.

    `prestaties` stand in processing order: credits first, then debets, each in document order.
    `som` is the signed sum in eurocents of all lines of the whole message.

    Facts about this aanbieder, municipality and law:
    `toewijzingen`: the version to judge by per ToewijzingNummer (other clients included);
    `versies`: all versions that may be judged by (the latest first, then the one known to the
    sender where that differs); `bekende_clienten`: the Bsns with any assignment;
    `bekende_referenties`: ReferentieNummers that are taken; `debets`: granted debet lines by
    ReferentieNummer; `gecrediteerd`: ReferentieNummers of debets with a granted credit;
    `open_debets`: debetsleutels granted and not credited, as far as one of these lines could have
    the same; `stand` per ToewijzingNummer;
    `prijzen`: the right price per line (by volgnr), absent where no cell is found;
    `celeenheden`: the units in which the agreements have cells for a product code;
    `geweigerd`: volgnrs of lines that an earlier stage refused.

    Facts for the checks beyond the standard: `heeft_overeenkomst`, whether any agreement serves
    this municipality and law; `zonder_cel`, volgnrs of lines whose product has no cell in force
    in any unit; `niet_gecontracteerd`, volgnrs of lines on a cell for which the
    aanbieder has no contract; `geblokkeerd`, volgnrs of lines on a cell for which payments are
    blocked; `starts` and `stops`, standing ones per ToewijzingNummer; `jaarpotten`, granted cents
    before these lines, where the agreement has a ceiling or an allowance; `plafonds` and
    `jaarbedragen`, those ceilings and allowances in cents by id of the agreement; `clientpotten`,
    granted cents before these lines of clients on the products for which that matters;
    `gedeclareerd_tot`, the last day of the open debets of an assignment, where the agreement looks
    how long it will last; `naast`, per line (by volgnr) what a main contractor or subcontractor of
    the aanbieder declared for the same client, category and period, where there is any.

    `judges_whole` is False for a further part of a large message, so that what concerns the
    Declaratie is said once.
    """

    feiten: Berichtfeiten
    header: Header
    declaratie: Declaratie
    judges_whole: bool = True
    clienten: Sequence[DeclaratieClient] = ()
    prestaties: Sequence[Prestatie] = ()
    som: int = 0
    bekende_declaratienummers: Set[str] = frozenset()
    laatste_periode: date | None = None
    toewijzingen: Mapping[int, ToegewezenProduct] = field(default_factory=dict)
    versies: Mapping[int, tuple[ToegewezenProduct, ...]] = field(default_factory=dict)
    bekende_clienten: Set[str] = frozenset()
    bekende_referenties: Set[str] = frozenset()
    debets: Mapping[str, Prestatie] = field(default_factory=dict)
    gecrediteerd: Set[str] = frozenset()
    open_debets: Set[tuple[int, str, str, date, date]] = frozenset()
    stand: Mapping[int, Stand] = field(default_factory=dict)
    prijzen: Mapping[int, Prijs] = field(default_factory=dict)
    celeenheden: Mapping[str, Set[str]] = field(default_factory=dict)
    geweigerd: Set[int] = frozenset()
    heeft_overeenkomst: bool = False
    zonder_cel: Set[int] = frozenset()
    niet_gecontracteerd: Set[int] = frozenset()
    geblokkeerd: Set[int] = frozenset()
    jaarpotten: Mapping[Jaarpot, int] = field(default_factory=dict)
    plafonds: Mapping[str, int] = field(default_factory=dict)
    jaarbedragen: Mapping[str, int] = field(default_factory=dict)
    clientpotten: Mapping[Clientpot, int] = field(default_factory=dict)
    gedeclareerd_tot: Mapping[int, date] = field(default_factory=dict)
    naast: Mapping[int, Naast] = field(default_factory=dict)
    starts: Mapping[int, Sequence[StartProduct]] = field(default_factory=dict)
    stops: Mapping[int, Sequence[StopProduct]] = field(default_factory=dict)

    @property
    def declaraties(self) -> tuple[Declaratie, ...]:
        """The Declaratie, for rules on it: none when this is a further part of a message."""
        return (self.declaratie,) if self.judges_whole else ()

    @cached_property
    def plaatsen(self) -> list[Plaats]:
        """The cells that the lines are priced by, each once: few for any number of lines."""
        return _places(self.prijzen)

    @cached_property
    def credits(self) -> list[Prestatie]:
        """Credit lines of known clients; only 8017, 9390 and 8021 judge them."""
        return [p for p in self.prestaties if p.is_credit and p.bsn in self.bekende_clienten]

    @cached_property
    def debetregels(self) -> list[Prestatie]:
        """Debet lines of known clients; the others are refused with their Client (0233)."""
        return [p for p in self.prestaties if not p.is_credit and p.bsn in self.bekende_clienten]

    @cached_property
    def beoordeelbaar(self) -> list[Prestatie]:
        """Debet lines not on another client's or a deleted assignment (8187, 9384).

        A line on an unknown number (9338) is among them: some rules need no assignment.
        """
        known = self.toewijzingen
        return [
            prestatie
            for prestatie in self.debetregels
            if (toewijzing := known.get(prestatie.toewijzingnummer)) is None
            or (toewijzing.bsn == prestatie.bsn and not toewijzing.is_verwijderd)
        ]

    @cached_property
    def toegewezen(self) -> list[tuple[Prestatie, ToegewezenProduct]]:
        """Debet lines with the assignment they are held against, joined once for all rules."""
        known = self.toewijzingen
        return [
            (prestatie, known[prestatie.toewijzingnummer])
            for prestatie in self.beoordeelbaar
            if prestatie.toewijzingnummer in known
        ]


@dataclass(kw_only=True)
class Regiebatch:
    """A 305 (`starts`) or 307 (`stops`) with everything its rules need.

    `toewijzingen`: latest version per ToewijzingNummer of this aanbieder, other clients included.
    `eerdere_starts`, `eerdere_stops`: what this aanbieder delivered for this client before and
    did not take back (StatusAanlevering 3), in order of receipt.
    """

    feiten: Berichtfeiten
    header: Header
    client: LeveringClient
    starts: Sequence[StartProduct] = ()
    stops: Sequence[StopProduct] = ()
    toewijzingen: Mapping[int, ToegewezenProduct] = field(default_factory=dict)
    eerdere_starts: Sequence[StartProduct] = ()
    eerdere_stops: Sequence[StopProduct] = ()

    @property
    def clienten(self) -> Sequence[LeveringClient]:
        """The one Client, in the shape that rules for every message use."""
        return (self.client,)


@dataclass(kw_only=True)
class Toewijzingbatch:
    """A 301 with everything its rules need.

    `eerdere`: every version per ToewijzingNummer that this municipality sent before under this
    law, oldest first; `toegekend`: numbers with granted, not credited lines; `verzoeken`:
    ReferentieAanbieders of requests (VOT, VOW) that this aanbieder sent.
    `stand` and `gedeclareerd_tot` tell what is granted on those of this aanbieder, and until when.
    `prijzen` per ToewijzingNummer, `celeenheden`, `heeft_overeenkomst`, `zonder_cel` and
    `niet_gecontracteerd`
    (ToewijzingNummers) as in a Declaratiebatch, by the Ingangsdatum.  `andere` are the standing
    assignments of this client, and of the families that the message names, that are not in the
    message: of every aanbieder and law in the municipality; fetched only where an agreement of
    the message looks at them.
    """

    feiten: Berichtfeiten
    header: Header
    client: ToewijzingClient
    relaties: Sequence[Relatie] = ()
    contacten: Sequence[Contact] = ()
    producten: Sequence[ToegewezenProduct] = ()
    eerdere: Mapping[int, tuple[ToegewezenProduct, ...]] = field(default_factory=dict)
    toegekend: Set[int] = frozenset()
    stand: Mapping[int, Stand] = field(default_factory=dict)
    gedeclareerd_tot: Mapping[int, date] = field(default_factory=dict)
    verzoeken: Set[str] = frozenset()
    prijzen: Mapping[int, Prijs] = field(default_factory=dict)
    celeenheden: Mapping[str, Set[str]] = field(default_factory=dict)
    heeft_overeenkomst: bool = False
    zonder_cel: Set[int] = frozenset()
    niet_gecontracteerd: Set[int] = frozenset()
    andere: Sequence[Andere] = ()

    @property
    def clienten(self) -> Sequence[ToewijzingClient]:
        """The one Client, in the shape that rules for every message use."""
        return (self.client,)

    @cached_property
    def plaatsen(self) -> list[Plaats]:
        """The cells that the assignments are priced by, each once."""
        return _places(self.prijzen)


@dataclass(kw_only=True)
class Antwoordbatch:
    """A 325 with the 323 that it answers.

    `heen_header` and `heen_declaratie` are None when no such 323 is known; `heen_prestaties`
    are its lines by (ReferentieNummer, VorigReferentieNummer, Bsn), as far as the 325 names them.
    `som` is the signed sum in eurocents of all returned lines where `prestaties` are a part of
    them, and `judges_whole` as in a Declaratiebatch.
    """

    feiten: Berichtfeiten
    header: Header
    antwoord: DeclaratieAntwoord | None = None
    judges_whole: bool = True
    som: int | None = None
    clienten: Sequence[DeclaratieClient] = ()
    prestaties: Sequence[Prestatie] = ()
    heen_header: Header | None = None
    heen_declaratie: Declaratie | None = None
    heen_prestaties: Mapping[tuple[str, str | None, str], Prestatie] = field(default_factory=dict)

    @property
    def afgewezen(self) -> int:
        """What the returned lines come to, in signed eurocents."""
        if self.som is not None:
            return self.som
        return sum(prestatie.ondertekend for prestatie in self.prestaties)


@dataclass(kw_only=True)
class Aanvraagbatch:
    """A 315 with everything its rules need.

    `bekende_referenties`: the ReferentieAanbieders that this aanbieder used before, in a VOT or
    VOW that was accepted; `openstaand`: those of requests for this client without final answer.

    Facts for the checks beyond the standard: `toewijzingen`, the latest version of each standing
    assignment of this client under this law, of every aanbieder; `buiten_contract`, by
    ReferentieAanbieder, a cell for the product where the aanbieder has a contract for none.
    """

    feiten: Berichtfeiten
    header: Header
    client: AanvraagClient
    producten: Sequence[AangevraagdProduct] = ()
    bekende_referenties: Set[str] = frozenset()
    openstaand: Sequence[str] = ()
    toewijzingen: Sequence[ToegewezenProduct] = ()
    buiten_contract: Mapping[str, Plaats] = field(default_factory=dict)

    @property
    def clienten(self) -> Sequence[AanvraagClient]:
        """The one Client, in the shape that rules for every message use."""
        return (self.client,)


@dataclass(kw_only=True)
class Wijzigingbatch:
    """A 317 with everything its rules need.

    `bekende_referenties` and `openstaand` as in an Aanvraagbatch.  `toewijzingen`: per
    ToewijzingNummer of this client at this aanbieder the versions that may be judged by: the latest
    first, then the one known to the sender where that differs.
    """

    feiten: Berichtfeiten
    header: Header
    client: WijzigingClient
    verzoek: Wijzigingsverzoek
    ongewijzigd: Sequence[OngewijzigdProduct] = ()
    te_wijzigen: Sequence[TeWijzigenProduct] = ()
    nieuw: Sequence[NieuwProduct] = ()
    toewijzingen: Mapping[int, tuple[ToegewezenProduct, ...]] = field(default_factory=dict)
    bekende_referenties: Set[str] = frozenset()
    openstaand: Sequence[str] = ()

    @property
    def clienten(self) -> Sequence[WijzigingClient]:
        """The one Client, in the shape that rules for every message use."""
        return (self.client,)

    @property
    def genoemd(self) -> frozenset[int]:
        """The ToewijzingNummers that the request names."""
        unchanged = {product.toewijzingnummer for product in self.ongewijzigd}
        return frozenset(unchanged | {product.toewijzingnummer for product in self.te_wijzigen})

    def is_actueel(self, nummer: int) -> bool:
        """Whether a number is that of an assignment that the sender may take for actual."""
        dagtekening = self.header.dagtekening
        return any(one.is_actueel(dagtekening) for one in self.toewijzingen.get(nummer, ()))

    @cached_property
    def wijzigingen(self) -> list[tuple[TeWijzigenProduct, tuple[ToegewezenProduct, ...]]]:
        """The changes of actual assignments, each with the versions that it may be judged by."""
        return [
            (product, self.toewijzingen[product.toewijzingnummer])
            for product in self.te_wijzigen
            if self.is_actueel(product.toewijzingnummer)
        ]


@dataclass(kw_only=True)
class Verzoekantwoordbatch:
    """A 319 with the request that it answers; `verzoek` is None when no such request is known."""

    feiten: Berichtfeiten
    header: Header
    antwoord: Verzoekantwoord
    woonplaatsbeginsel: Woonplaatsbeginsel | None = None
    verzoek: Verzoekstand | None = None


Batch = (
    Declaratiebatch
    | Regiebatch
    | Toewijzingbatch
    | Antwoordbatch
    | Aanvraagbatch
    | Wijzigingbatch
    | Verzoekantwoordbatch
)


def _places(prijzen: Mapping[int, Prijs]) -> list[Plaats]:
    """The cells of these prices, each once."""
    return list({id(prijs.plaats): prijs.plaats for prijs in prijzen.values()}.values())
