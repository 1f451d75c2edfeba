"""What the message of an opdracht holds: the records of its classes, in document order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from gateway.answers.toekenning import (
    Bezwaar,
    Grond,
    Toekenning,
    Wens,
    completed,
    grant_vot,
    grant_vow,
    may_move,
    objections,
)
from gateway.answers.vermindering import forbidden, reductions
from gateway.messages.opdrachten import (
    Aanvragen,
    Antwoorden,
    ClientVanToewijzing,
    Declareren,
    Elke,
    Starten,
    Stoppen,
    Toekennen,
    ToeTeWijzen,
    Toewijzen,
    Wijzigen,
)
from gateway.messages.reader import Source
from gateway.pipeline.kennis import AMSTERDAM, Kennis
from gateway.pipeline.lezing import of_kind
from gateway.pipeline.ports import Claim, FactSource, Partijen, Store
from gateway.pipeline.verleden import past_of
from gateway.pipeline.verzoeken import own_assignments
from gateway.records.declaratie import Declaratie, DeclaratieClient, Prestatie
from gateway.records.levering import LeveringClient, StartProduct, StopProduct
from gateway.records.toewijzing import Contact, Relatie, ToegewezenProduct, ToewijzingClient
from gateway.records.verzoek import (
    AangevraagdProduct,
    AanvraagClient,
    NieuwProduct,
    OngewijzigdProduct,
    TeWijzigenProduct,
    Verzoekantwoord,
    WijzigingClient,
    Wijzigingsverzoek,
    Woonplaatsbeginsel,
)

NO_CAP = 1 << 40
VOT = "315"
WOONPLAATSBEGINSEL = "8"  # RedenAfwijzingVerzoek
PERSOON = ("Client", "Relatie", "RelatieContact", "Contact")
JA, NEE = "1", "2"
REFERENTIE = "$.referentieAanbieder"  # the path of what names a request

Named = tuple[str, Any]
Content = Iterator[Named]
Gelezen = Mapping[str, list[object]]
Record = TypeVar("Record")


class Geweigerd(Exception):
    """No message may be made of this opdracht; `bezwaren` tell why."""

    def __init__(self, *bezwaren: Bezwaar) -> None:
        super().__init__(bezwaren[0].text)
        self.bezwaren = bezwaren


@dataclass(frozen=True)
class Aanmaak:
    """With what a message is made: knowledge, the claim of its opdracht, and the facts."""

    kennis: Kennis
    claim: Claim
    store: Store
    facts: FactSource

    def read(self, inbox_id: int) -> list[Named]:
        """The records of a message that was received or sent earlier, in document order."""
        source = Source(self.store.message(inbox_id), NO_CAP)
        return list(self.kennis.reader.open(source).records())

    def grond(self, partijen: Partijen, bsn: str) -> Grond:
        """On what assignments of a client are made."""
        versies = own_assignments(partijen, bsn, self.facts)
        return Grond(
            bsn=bsn,
            aanbieder=partijen.aanbieder,
            nu=self.claim.answered_at.astimezone(AMSTERDAM),
            versies={nummer: found[-1] for nummer, found in versies.items()},
            nummers=self._nummers(partijen),
        )

    def _nummers(self, partijen: Partijen) -> Iterator[int]:
        while True:
            yield self.store.next_toewijzingnummer(partijen.gemeente, partijen.wet)


def content_of(opdracht: Elke, aanmaak: Aanmaak) -> list[Named]:
    """The named records of the message, without its Header; raises Geweigerd."""
    make: Callable[[Any, Aanmaak], Content] = _MAKERS[type(opdracht)]
    return list(make(opdracht, aanmaak))


def _names_of(kind: Any) -> Sequence[str]:
    return getattr(kind, "_fields", None) or [one.name for one in fields(kind)]


def _record(kind: type[Record], given: msgspec.Struct, **more: Any) -> Record:
    """A record of the fields that are given; what is not given is absent."""
    values = {name: getattr(given, name, None) for name in _names_of(kind) if name != "extra"}
    return kind(**{**values, "pad": "", **more})


def filled(record: object) -> dict[str, object]:
    """The fields of a record that hold something, without its path."""
    values = {name: getattr(record, name) for name in _names_of(record) if name != "pad"}
    return {name: value for name, value in values.items() if value not in (None, ())}


def _partijen(opdracht: Elke) -> Partijen:
    return Partijen(opdracht.gemeente, opdracht.wet, opdracht.aanbieder)


# ---- 301 -----------------------------------------------------------------------------------


def _toewijzing(opdracht: Toewijzen, aanmaak: Aanmaak) -> Content:
    """A 301 with the given assignments and all others that are actual (OP087)."""
    grond = aanmaak.grond(_partijen(opdracht), opdracht.bsn)
    producten = _wanted(opdracht.toewijzingen, grond)
    _guard(_named(producten), opdracht, grond, aanmaak)
    yield from _person(opdracht.client, opdracht, opdracht.bsn, aanmaak)
    yield from _producten(completed(producten, grond))


def _wanted(given: Sequence[ToeTeWijzen], grond: Grond) -> list[ToegewezenProduct]:
    """The assignment versions that are asked for; raises Geweigerd where none may be made."""
    producten = [_product(one, grond) for one in given]
    _refuse(objections(_named(producten), grond))
    return producten


def _named(producten: Sequence[ToegewezenProduct]) -> list[tuple[str, ToegewezenProduct]]:
    """The assignments by the JSON path at which they are asked for."""
    return [(f"$.toewijzingen[{index}]", one) for index, one in enumerate(producten)]


def _guard(
    named: Sequence[tuple[str, ToegewezenProduct]],
    opdracht: Elke,
    grond: Grond,
    aanmaak: Aanmaak,
    *,
    gevraagd: bool = False,
) -> None:
    """Raise Geweigerd where the standard forbids to take away what a 301 would take away."""
    found = list(reductions(named, grond.versies))
    past = past_of(_partijen(opdracht), found, aanmaak.facts)
    _refuse(forbidden(found, past, grond.nu.date(), gevraagd=gevraagd))


def _product(given: ToeTeWijzen, grond: Grond) -> ToegewezenProduct:
    """The assignment version that is asked for; a moment that is given stands."""
    nummer = next(grond.nummers) if given.toewijzingnummer is None else given.toewijzingnummer
    own = {"bsn": grond.bsn, "aanbieder": grond.aanbieder, "bekend_op": grond.nu.date()}
    made = grond.dated(_record(ToegewezenProduct, given, toewijzingnummer=nummer, **own))
    return made._replace(
        toewijzingsdatum=given.toewijzingsdatum or made.toewijzingsdatum,
        toewijzingstijd=given.toewijzingstijd or made.toewijzingstijd,
    )


def _producten(producten: Sequence[ToegewezenProduct]) -> Content:
    yield from (("ToegewezenProduct", one) for one in producten)


def _refuse(bezwaren: Iterator[Bezwaar]) -> None:
    if found := list(bezwaren):
        raise Geweigerd(*found)


def _toekenning(opdracht: Toekennen, aanmaak: Aanmaak) -> Content:
    """A 301 that grants a request: the VOT with what was decided on it, or the VOW as it is."""
    verzoek = _Verzocht(opdracht, aanmaak)
    grond = aanmaak.grond(_partijen(opdracht), verzoek.bsn)
    toekenning = verzoek.granted(grond)
    _refuse(iter(toekenning.bezwaren))
    named = _named(toekenning.producten)
    if not opdracht.toewijzingen:
        named = [(REFERENTIE, one) for one in toekenning.producten]
    _guard(named, opdracht, grond, aanmaak, gevraagd=not verzoek.is_vot)
    yield from _person(opdracht.client, opdracht, verzoek.bsn, aanmaak)
    yield from _producten(completed(toekenning.producten, grond))


class _Verzocht:
    """The request that an opdracht grants, read back from its own message."""

    def __init__(self, opdracht: Toekennen, aanmaak: Aanmaak) -> None:
        self._opdracht = opdracht
        self._soort, inbox_id = _open_request(opdracht, aanmaak)
        self._records: dict[str, list[object]] = {}
        for name, record in aanmaak.read(inbox_id):
            self._records.setdefault(name, []).append(record)

    @cached_property
    def bsn(self) -> str:
        """Whom the request is for."""
        client = self._records["Client"][0]
        return str(getattr(client, "bsn", ""))

    @property
    def is_vot(self) -> bool:
        """Whether it asks for something new; a VOW asks for what it changes as well."""
        return self._soort == VOT

    def granted(self, grond: Grond) -> Toekenning:
        """The assignments that the request comes to."""
        return self._vot(grond) if self.is_vot else self._vow(grond)

    def _vot(self, grond: Grond) -> Toekenning:
        opdracht = self._opdracht
        if opdracht.vanaf is not None:
            text = "een andere datum bij een VOT hoort in toewijzingen, niet in vanaf"
            raise Geweigerd(Bezwaar("IV094", "$.vanaf", text))
        if opdracht.toewijzingen:
            referentie = opdracht.referentie_aanbieder
            own = _wanted(opdracht.toewijzingen, grond)
            return Toekenning([one._replace(referentie_aanbieder=referentie) for one in own])
        producten = of_kind(self._records, "AangevraagdProduct", AangevraagdProduct)
        asked = (p for p in producten if p.referentie_aanbieder == opdracht.referentie_aanbieder)
        toekenning = grant_vot(next(asked), grond)
        named = ((REFERENTIE, one) for one in toekenning.producten)
        _refuse(objections(named, grond))
        return toekenning

    def _vow(self, grond: Grond) -> Toekenning:
        opdracht, records = self._opdracht, self._records
        if opdracht.toewijzingen:
            text = "een VOW wordt toegekend zoals hij is gevraagd, zonder eigen toewijzingen"
            raise Geweigerd(Bezwaar("OP348", "$.toewijzingen", text))
        wens = Wens(
            referentie=opdracht.referentie_aanbieder,
            ongewijzigd=of_kind(records, "OngewijzigdProduct", OngewijzigdProduct),
            te_wijzigen=of_kind(records, "TeWijzigenProduct", TeWijzigenProduct),
            nieuw=of_kind(records, "NieuwProduct", NieuwProduct),
            vanaf=opdracht.vanaf,
        )
        _refuse(may_move(wens, grond, instemming=opdracht.instemming))
        return grant_vow(wens, grond)


def _open_request(opdracht: Toekennen, aanmaak: Aanmaak) -> tuple[str, int]:
    """Kind and inbox row of the request; raises Geweigerd when there is nothing to decide on."""
    referentie = opdracht.referentie_aanbieder
    found = aanmaak.facts.verzoeken(_partijen(opdracht), [referentie]).get(referentie)
    if found is None:
        text = "er is geen verzoek van deze aanbieder met deze referentie"
        raise Geweigerd(Bezwaar("TR379", REFERENTIE, text, referentie))
    if found.staat in ("toegekend", "afgewezen"):
        text = f"dit verzoek is al {found.staat}"
        raise Geweigerd(Bezwaar("TR359", REFERENTIE, text, referentie))
    return found.soort, found.inbox_id


def _person(
    given: ClientVanToewijzing | None, opdracht: Elke, bsn: str, aanmaak: Aanmaak
) -> Content:
    """The Client with everything around it: as given, else as it was sent last."""
    if given is not None:
        if given.bsn != bsn:
            raise Geweigerd(Bezwaar("CS002", "$.client.bsn", "dit is een andere client"))
        yield from _given_person(given)
        return
    last = aanmaak.facts.laatste_toewijzingsbericht(opdracht.gemeente, opdracht.wet, bsn)
    if last is None:
        text = "van deze client is nog geen 301 bekend; geef de persoon mee in client"
        raise Geweigerd(Bezwaar("OP087", "$.client", text))
    yield from (pair for pair in aanmaak.read(last) if pair[0] in PERSOON)


def _given_person(given: ClientVanToewijzing) -> Content:
    yield "Client", _record(ToewijzingClient, given)
    for relatie in given.relaties:
        yield "Relatie", _record(Relatie, relatie)
        if relatie.contact is not None:
            yield "RelatieContact", _record(Contact, relatie.contact, relatie=relatie.nummer)
    for contact in given.contactgegevens:
        yield "Contact", _record(Contact, contact, relatie=None)


# ---- the other messages --------------------------------------------------------------------


def _antwoord(opdracht: Antwoorden, aanmaak: Aanmaak) -> Content:
    if opdracht.reden_afwijzing == WOONPLAATSBEGINSEL:
        _may_be_elsewhere(opdracht, aanmaak)
    verzoek_antwoord = "1" if opdracht.antwoord == "afgewezen" else "2"
    yield (
        "Antwoord",
        Verzoekantwoord(
            pad="",
            referentie_aanbieder=opdracht.referentie_aanbieder,
            verzoek_antwoord=verzoek_antwoord,
            reden_afwijzing=opdracht.reden_afwijzing,
        ),
    )
    if opdracht.verantwoordelijke_gemeente is not None:
        yield "Woonplaatsbeginsel", Woonplaatsbeginsel("", opdracht.verantwoordelijke_gemeente)


def _may_be_elsewhere(opdracht: Antwoorden, aanmaak: Aanmaak) -> None:
    """IV095: only a VOT under the Jeugdwet can be for another municipality; raises Geweigerd."""
    referentie = opdracht.referentie_aanbieder
    found = aanmaak.facts.verzoeken(_partijen(opdracht), [referentie]).get(referentie)
    if opdracht.wet != "jeugdwet" or (found is not None and found.soort != VOT):
        text = "woonplaatsbeginsel is alleen een reden bij een VOT onder de Jeugdwet"
        raise Geweigerd(Bezwaar("IV095", "$.redenAfwijzing", text, WOONPLAATSBEGINSEL))


def _start(opdracht: Starten, aanmaak: Aanmaak) -> Content:
    bsn = opdracht.client.bsn
    yield "Client", _record(LeveringClient, opdracht.client)
    for one in opdracht.leveringen:
        yield "StartProduct", _record(StartProduct, one, bsn=bsn)


def _stop(opdracht: Stoppen, aanmaak: Aanmaak) -> Content:
    bsn = opdracht.client.bsn
    yield "Client", _record(LeveringClient, opdracht.client)
    for one in opdracht.leveringen:
        yield "StopProduct", _record(StopProduct, one, bsn=bsn)


def _aanvraag(opdracht: Aanvragen, aanmaak: Aanmaak) -> Content:
    yield "Client", _record(AanvraagClient, opdracht.client)
    for one in opdracht.producten:
        raamcontract = None if one.raamcontract is None else JA if one.raamcontract else NEE
        own = {"bsn": opdracht.client.bsn, "raamcontract": raamcontract}
        yield "AangevraagdProduct", _record(AangevraagdProduct, one, **own)


def _wijziging(opdracht: Wijzigen, aanmaak: Aanmaak) -> Content:
    bsn = opdracht.bsn
    yield "Client", WijzigingClient("", bsn)
    referentie, reden = opdracht.referentie_aanbieder, opdracht.reden_verzoek
    yield "Verzoek", Wijzigingsverzoek("", bsn, referentie, reden)
    yield from (("OngewijzigdProduct", OngewijzigdProduct("", n)) for n in opdracht.ongewijzigd)
    for te_wijzigen in opdracht.te_wijzigen:
        yield "TeWijzigenProduct", _record(TeWijzigenProduct, te_wijzigen)
    for nieuw in opdracht.nieuw:
        yield "NieuwProduct", _record(NieuwProduct, nieuw)


def _declaratie(opdracht: Declareren, aanmaak: Aanmaak) -> Content:
    """A 323 with its lines under their Clients, in the order in which clients first come."""
    totaal = sum(one.bedrag for one in opdracht.regels)
    own = {"totaal_bedrag": abs(totaal), "debet_credit": _sign(totaal)}
    yield "Declaratie", _record(Declaratie, opdracht, **own)
    by_client: dict[str, list[Any]] = {}
    for regel in opdracht.regels:
        by_client.setdefault(regel.bsn, []).append(regel)
    for bsn, regels in by_client.items():
        yield "Client", DeclaratieClient("", bsn)
        for regel in regels:
            bedrag = {"ingediend_bedrag": abs(regel.bedrag), "debet_credit": _sign(regel.bedrag)}
            yield "Prestatie", _record(Prestatie, regel, volgnr=0, retourcodes=(), **bedrag)


def _sign(bedrag: int) -> str:
    return "C" if bedrag < 0 else "D"


_MAKERS: Mapping[type, Callable[[Any, Aanmaak], Content]] = {
    Toewijzen: _toewijzing,
    Toekennen: _toekenning,
    Antwoorden: _antwoord,
    Starten: _start,
    Stoppen: _stop,
    Aanvragen: _aanvraag,
    Wijzigen: _wijziging,
    Declareren: _declaratie,
}
