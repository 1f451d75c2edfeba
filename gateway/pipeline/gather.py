"""Fills batches with every fact that the rules need: one query per kind of fact, never per line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from gateway.agreements.match import Overeenkomsten
from gateway.deviations.uitputting import looks_ahead
from gateway.messages.definition import Berichttype
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.lezing import Lezing, of_kind
from gateway.pipeline.naast import declared_beside
from gateway.pipeline.ports import Debetsleutel, FactSource, Partijen
from gateway.pipeline.potten import Potbron, Potten
from gateway.pipeline.prijzen import Prijzen
from gateway.records.batch import (
    Berichtfeiten,
    Clientpot,
    Declaratiebatch,
    Regiebatch,
    Stand,
    Toewijzingbatch,
)
from gateway.records.declaratie import DeclaratieClient, Prestatie
from gateway.records.header import Header
from gateway.records.levering import LeveringClient, StartProduct, StopProduct
from gateway.records.onderaanneming import NIEMAND, Samenwerkingen
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import Contact, Relatie, ToegewezenProduct, ToewijzingClient

Versies = Mapping[int, tuple[ToegewezenProduct, ...]]


def partijen_of(kind: Berichttype, header: Header) -> Partijen:
    """Municipality, law and aanbieder of a message, whichever of them sent it."""
    if kind.gemeente == "ontvanger":
        return Partijen(header.ontvanger, kind.wet, header.afzender)
    return Partijen(header.afzender, kind.wet, header.ontvanger)


def local_facts(kind: Berichttype, kennis: Kennis, vandaag: date) -> Berichtfeiten:
    """The facts that need no store: enough for level 2 and for a provider's own check."""
    return Berichtfeiten(
        wet=kind.wet,
        vandaag=vandaag,
        gemeentecodes=kennis.gemeentecodes,
        gemeenten_vanaf=kennis.gemeenten_vanaf,
        categorieen=kennis.categorieen(kind.wet),
        plaatsingen=kennis.plaatsingen.get(kind.wet, {}),
    )


def message_facts(
    kind: Berichttype, header: Header, kennis: Kennis, facts: FactSource, vandaag: date
) -> Berichtfeiten:
    """The facts that the rules on the Header need."""
    gemeente = partijen_of(kind, header).gemeente
    return replace(
        local_facts(kind, kennis, vandaag),
        bekende_identificaties=facts.identificaties(
            gemeente, header.afzender, kind.code, header.identificatie
        ),
    )


@dataclass(slots=True)
class Boek:
    """What this message itself has changed so far: later lines are judged against it."""

    referenties: set[str] = field(default_factory=set)
    gecrediteerd: set[Debetsleutel] = field(default_factory=set)
    stand: dict[int, Stand] = field(default_factory=dict)
    potten: Potten = field(default_factory=Potten)

    def take(self, prestatie: Prestatie, lezing: Lezing, *, toegekend: bool) -> None:
        """Book a judged line; only what can matter to another line is kept."""
        if hash(prestatie.referentienummer) in lezing.herhaald.referenties:
            self.referenties.add(prestatie.referentienummer)
        if not toegekend:
            return
        if prestatie.is_credit:
            self.gecrediteerd.add(prestatie.debetsleutel)
        nummer = prestatie.toewijzingnummer
        if prestatie.is_credit or nummer in lezing.herhaald.nummers:
            self.stand[nummer] = plus(self.stand.get(nummer, Stand()), prestatie)


def plus(stand: Stand, prestatie: Prestatie) -> Stand:
    """The stand with one granted line added; a credit takes away."""
    volume = prestatie.geleverd_volume * (60 if prestatie.eenheid == "04" else 1)
    sign = -1 if prestatie.is_credit else 1
    return Stand(stand.volume + sign * volume, stand.bedrag + prestatie.ondertekend)


@dataclass(frozen=True)
class Regelvraag:
    """For whom lines are gathered: what stays the same for every chunk of one 323."""

    partijen: Partijen
    feiten: Berichtfeiten
    lezing: Lezing
    overeenkomsten: Overeenkomsten
    samenwerkingen: Samenwerkingen = NIEMAND

    @cached_property
    def potbron(self) -> Potbron:
        """Which running totals the lines concern."""
        return Potbron(self.overeenkomsten, self.partijen)


def gather_lines(
    vraag: Regelvraag, chunk: Sequence[Prestatie], boek: Boek, facts: FactSource, refused: Set[str]
) -> Declaratiebatch:
    """A chunk of lines with everything that its rules and checks need.

    `refused` are the Bsns that were refused as a Client.
    """
    partijen, lezing = vraag.partijen, vraag.lezing
    nummers = {p.toewijzingnummer for p in chunk}
    bsns = {p.bsn for p in chunk}
    vorige = [p.vorig_referentienummer for p in chunk if p.vorig_referentienummer is not None]
    versies = own_versions(facts.toewijzingen(partijen.gemeente, partijen.wet, nummers), partijen)
    latest = {nummer: found[-1] for nummer, found in versies.items()}
    referenties = facts.referenties(partijen, [p.referentienummer for p in chunk])
    stand = dict(facts.stand(partijen, nummers))
    for nummer in nummers & boek.stand.keys():
        had, extra = stand.get(nummer, Stand()), boek.stand[nummer]
        stand[nummer] = Stand(had.volume + extra.volume, had.bedrag + extra.bedrag)
    leveringen = facts.leveringen_op(partijen, nummers)
    prices = Prijzen(vraag.overeenkomsten, partijen, lezing.header.dagtekening)
    prijzen = prices.of_lines(chunk, latest)
    watched = _watched(chunk, prijzen)
    potten, bron = boek.potten, vraag.potbron
    potten.fill(bron, chunk, prijzen, facts)
    return Declaratiebatch(
        feiten=vraag.feiten,
        header=lezing.header,
        declaratie=lezing.declaratie,
        judges_whole=False,
        prestaties=chunk,
        som=lezing.som,
        toewijzingen=latest,
        versies=judged_versions(versies, lezing.header.dagtekening),
        bekende_clienten=bsns - refused,
        bekende_referenties=referenties | boek.referenties,
        debets=facts.debets(partijen, vorige) if vorige else {},
        gecrediteerd=facts.gecrediteerd(partijen, vorige) if vorige else frozenset(),
        open_debets=facts.open_debets(partijen, nummers, *_begins(chunk)) - boek.gecrediteerd,
        stand=stand,
        prijzen=prijzen,
        celeenheden=prices.units_of(_product_days(chunk, latest)) if prices.any else {},
        heeft_overeenkomst=prices.any,
        zonder_cel=prices.without_cell(chunk, latest, prijzen),
        niet_gecontracteerd=prices.not_contracted(chunk, prijzen),
        geblokkeerd=prices.blocked(chunk, prijzen),
        jaarpotten=dict(potten.jaar),
        plafonds=bron.plafonds,
        jaarbedragen=bron.jaarbedragen,
        clientpotten=_pots_of(potten.client, bsns) if potten.client else {},
        gedeclareerd_tot=facts.gedeclareerd_tot(partijen, watched) if watched else {},
        naast=declared_beside(vraag.samenwerkingen, partijen, chunk, facts),
        starts=leveringen.starts,
        stops=leveringen.stops,
    )


def _begins(chunk: Sequence[Prestatie]) -> tuple[date, date]:
    """The first and the last day on which one of the lines begins."""
    days = {line.begindatum for line in chunk}
    return min(days), max(days)


def _watched(chunk: Sequence[Prestatie], prijzen: Mapping[int, Prijs]) -> set[int]:
    """The assignments of which the agreement wants to hear how long they will last."""
    return {
        line.toewijzingnummer
        for line in (chunk if prijzen else ())
        if (prijs := prijzen.get(line.volgnr)) is not None and looks_ahead(prijs.plaats)
    }


def _pots_of(potten: Mapping[Clientpot, int], bsns: Set[str]) -> dict[Clientpot, int]:
    """The pots of the clients of a chunk, as they stand before it."""
    return {pot: cents for pot, cents in potten.items() if pot.bsn in bsns}


def own_versions(versies: Versies, partijen: Partijen) -> dict[int, tuple[ToegewezenProduct, ...]]:
    """The assignments of this aanbieder: a number of another one is unknown to it."""
    return {
        nummer: found
        for nummer, found in versies.items()
        if found and found[-1].aanbieder == partijen.aanbieder
    }


def known_version(
    versies: Sequence[ToegewezenProduct], dagtekening: date
) -> ToegewezenProduct | None:
    """The latest version that the sender could know on its Dagtekening; the day itself counts."""
    known = [one for one in versies if one.bekend_op <= dagtekening]
    return known[-1] if known else None


def judged_versions(
    versies: Mapping[int, tuple[ToegewezenProduct, ...]], dagtekening: date
) -> dict[int, tuple[ToegewezenProduct, ...]]:
    """Per number the latest version and, where it differs, the one known to the sender."""
    judged = dict(versies)
    for nummer, found in versies.items():
        if len(found) > 1:
            known = known_version(found, dagtekening)
            latest = found[-1]
            judged[nummer] = (latest,) if known is None or known is latest else (latest, known)
    return judged


def _product_days(
    lines: Iterable[Prestatie], toewijzingen: Mapping[int, ToegewezenProduct]
) -> set[tuple[str, date]]:
    """The products with the two days that may decide which cell holds."""
    days = {(line.productcode, line.begindatum) for line in lines}
    for line in lines:
        if (toewijzing := toewijzingen.get(line.toewijzingnummer)) is not None:
            days.add((line.productcode, toewijzing.ingangsdatum))
    return days


def gather_regie(
    partijen: Partijen,
    feiten: Berichtfeiten,
    header: Header,
    records: Mapping[str, list[object]],
    facts: FactSource,
) -> Regiebatch:
    """A 305 or 307 with everything that its rules need."""
    client = of_kind(records, "Client", LeveringClient)[0]
    starts = of_kind(records, "StartProduct", StartProduct)
    stops = of_kind(records, "StopProduct", StopProduct)
    producten: list[StartProduct | StopProduct] = [*starts, *stops]
    nummers = {p.toewijzingnummer for p in producten if p.toewijzingnummer is not None}
    versies = own_versions(facts.toewijzingen(partijen.gemeente, partijen.wet, nummers), partijen)
    return Regiebatch(
        feiten=feiten,
        header=header,
        client=client,
        starts=starts,
        stops=stops,
        toewijzingen={nummer: found[-1] for nummer, found in versies.items()},
        eerdere_starts=facts.starts(partijen, [client.bsn]),
        eerdere_stops=facts.stops(partijen, [client.bsn]),
    )


def gather_toewijzing(
    partijen: Partijen,
    feiten: Berichtfeiten,
    header: Header,
    records: Mapping[str, list[object]],
    facts: FactSource,
) -> Toewijzingbatch:
    """A 301 with everything that its rules need; prices are added by the caller."""
    client = of_kind(records, "Client", ToewijzingClient)[0]
    producten = of_kind(records, "ToegewezenProduct", ToegewezenProduct)
    nummers = [p.toewijzingnummer for p in producten]
    contacten = [
        *of_kind(records, "Contact", Contact),
        *of_kind(records, "RelatieContact", Contact),
    ]
    referenties = [p.referentie_aanbieder for p in producten if p.referentie_aanbieder is not None]
    toegekend = facts.toegekend(partijen.gemeente, partijen.wet, nummers)
    return Toewijzingbatch(
        feiten=feiten,
        header=header,
        client=client,
        relaties=of_kind(records, "Relatie", Relatie),
        contacten=contacten,
        producten=producten,
        eerdere=facts.toewijzingen(partijen.gemeente, partijen.wet, nummers),
        toegekend=toegekend,
        stand=facts.stand(partijen, toegekend) if toegekend else {},
        gedeclareerd_tot=facts.gedeclareerd_tot(partijen, toegekend) if toegekend else {},
        verzoeken=facts.verzoeken(partijen, referenties).keys(),
    )


def gather_clients(
    vraag: Regelvraag, clienten: Sequence[DeclaratieClient], facts: FactSource
) -> Declaratiebatch:
    """A chunk of Clients of a 323, to see which of them this aanbieder has no assignment for."""
    bsns = {client.bsn for client in clienten}
    return Declaratiebatch(
        feiten=vraag.feiten,
        header=vraag.lezing.header,
        declaratie=vraag.lezing.declaratie,
        judges_whole=False,
        clienten=clienten,
        bekende_clienten=facts.clienten_met_toewijzing(vraag.partijen, bsns),
    )
