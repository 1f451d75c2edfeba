"""The way of a request (315, 317), and of the 319 that a municipality answers it with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gateway.messages.reader import Message
from gateway.periods.termijnen import ONDERZOEK, VERZOEK
from gateway.pipeline.gather import judged_versions
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.klein import Klein, answer_of, checked, judged, outcome_of, read_klein
from gateway.pipeline.lezing import of_kind
from gateway.pipeline.ports import Claim, FactSource, Partijen, Store, UnitOfWork
from gateway.pipeline.rond import with_standing
from gateway.pipeline.settlement import Settlement, register_nothing
from gateway.pipeline.stages import deciding_level
from gateway.records.batch import (
    Aanvraagbatch,
    Berichtfeiten,
    Verzoekantwoordbatch,
    Wijzigingbatch,
)
from gateway.records.finding import Finding
from gateway.records.header import Header
from gateway.records.masker import holds_bsn, mask
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import (
    AangevraagdProduct,
    AanvraagClient,
    NieuwProduct,
    OngewijzigdProduct,
    TeWijzigenProduct,
    Verzoek,
    Verzoekantwoord,
    Verzoekstaat,
    WijzigingClient,
    Wijzigingsverzoek,
    Woonplaatsbeginsel,
)

Records = Mapping[str, list[object]]
EVENT = "verzoek-ontvangen"


def handle_aanvraag(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Settlement:
    """Judge a 315, answer it if it is not our own, and open a request for each product."""
    klein = read_klein(message, claim, kennis)
    ontheven: Counter[str] = Counter()

    def gather(feiten: Berichtfeiten, facts: FactSource) -> Aanvraagbatch:
        batch = gather_aanvraag(klein.partijen, feiten, klein.header, klein.records, facts)
        return with_standing(kennis.overeenkomsten, klein.partijen, batch, facts)

    batch, found = judged(klein, store, gather)
    findings = checked(klein, batch, found, ontheven)
    verzoeken = [
        replace(
            _verzoek(klein, one.referentie_aanbieder, batch.client.bsn),
            verwijzer=one.verwijzer_type,
        )
        for one in batch.producten
    ]
    settlement = _requested(klein, findings, verzoeken, (batch.client, *batch.producten))
    settlement.ontheven = ontheven
    return settlement


def handle_wijziging(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Settlement:
    """Judge a 317, answer it if it is not our own, and open one request for the whole."""
    klein = read_klein(message, claim, kennis)

    def gather(feiten: Berichtfeiten, facts: FactSource) -> Wijzigingbatch:
        return gather_wijziging(klein.partijen, feiten, klein.header, klein.records, facts)

    batch, findings = judged(klein, store, gather)
    nummers = tuple(sorted(batch.genoemd))
    verzoek = _verzoek(klein, batch.verzoek.referentie_aanbieder, batch.client.bsn, nummers)
    wanted = (batch.verzoek, *batch.ongewijzigd, *batch.te_wijzigen, *batch.nieuw)
    return _requested(klein, findings, [verzoek], wanted)


def handle_verzoekantwoord(
    message: Message, claim: Claim, kennis: Kennis, store: Store
) -> Settlement:
    """Judge a 319 and prepare its retour, if it is not our own."""
    klein = read_klein(message, claim, kennis)

    def gather(feiten: Berichtfeiten, facts: FactSource) -> Verzoekantwoordbatch:
        return gather_verzoekantwoord(klein.partijen, feiten, klein.header, klein.records, facts)

    batch, findings = judged(klein, store, gather)
    antwoord = batch.antwoord

    def register(uow: UnitOfWork) -> None:
        staat: Verzoekstaat = "afgewezen" if antwoord.is_afwijzing else "in onderzoek"
        termijn = None if antwoord.is_afwijzing else kennis.termijnen[ONDERZOEK].last_day
        uow.answer_verzoeken(klein.partijen, [antwoord.referentie_aanbieder], staat, termijn)

    level = deciding_level(findings, kennis.niveaus)
    return Settlement(
        outcome=outcome_of(klein, level, findings),
        findings=findings,
        answer=answer_of(klein, findings, level),
        register=register if level is None else register_nothing,
        registered=_answered(batch) if level is None else (),
        is_client=holds_bsn,
    )


def _answered(batch: Verzoekantwoordbatch) -> Sequence[object]:
    return tuple(one for one in (batch.antwoord, batch.woonplaatsbeginsel) if one is not None)


def _verzoek(klein: Klein, referentie: str, bsn: str, nummers: tuple[int, ...] = ()) -> Verzoek:
    """What the municipality has to decide on, and until when."""
    ontvangen_op = dag_van(klein.claim.received_at)
    termijn = klein.kennis.termijnen[VERZOEK]
    return Verzoek(
        soort=klein.kind.nummer,
        referentie_aanbieder=referentie,
        bsn=bsn,
        dagtekening=klein.header.dagtekening,
        ontvangen_op=ontvangen_op,
        termijn=termijn.last_day(ontvangen_op, klein.kennis.vrije_dagen),
        toewijzingnummers=nummers,
    )


def _requested(
    klein: Klein, findings: list[Finding], verzoeken: list[Verzoek], records: Sequence[object]
) -> Settlement:
    """The settlement of a 315 or 317: its requests are opened only when all of it is good.

    The event tells of work to do: there is none in a request of our own.
    """

    def register(uow: UnitOfWork) -> None:
        uow.add_verzoeken(klein.partijen, verzoeken)
        if not klein.kennis.is_own(klein.kind):
            uow.add_event(EVENT, klein.partijen.gemeente, _event(klein, verzoeken))

    level = deciding_level(findings, klein.kennis.niveaus)
    return Settlement(
        outcome=outcome_of(klein, level, findings),
        findings=findings,
        answer=answer_of(klein, findings, level),
        register=register if level is None else register_nothing,
        registered=(*verzoeken, *records) if level is None else (),
        is_client=klein.is_client,
    )


def _event(klein: Klein, verzoeken: list[Verzoek]) -> dict[str, object]:
    """What the backoffice is told of new requests; nothing about a person."""
    return {
        "bericht": klein.kind.naam,
        "aanbieder": klein.partijen.aanbieder,
        "identificatie": _shown(klein, klein.header.identificatie),
        "verzoeken": [
            {
                "referentie": _shown(klein, one.referentie_aanbieder),
                "termijn": one.termijn.isoformat(),
                "toewijzingnummers": one.toewijzingnummers,
            }
            for one in verzoeken
        ],
    }


def _shown(klein: Klein, referentie: str) -> str:
    return mask(referentie) if klein.is_client(referentie) else referentie


def gather_aanvraag(
    partijen: Partijen,
    feiten: Berichtfeiten,
    header: Header,
    records: Records,
    facts: FactSource,
) -> Aanvraagbatch:
    """A 315 with everything that its rules need."""
    client = of_kind(records, "Client", AanvraagClient)[0]
    producten = of_kind(records, "AangevraagdProduct", AangevraagdProduct)
    referenties = [one.referentie_aanbieder for one in producten]
    return Aanvraagbatch(
        feiten=feiten,
        header=header,
        client=client,
        producten=producten,
        bekende_referenties=facts.verzoeken(partijen, referenties).keys(),
        openstaand=facts.openstaande_verzoeken(partijen, [client.bsn]),
    )


def gather_wijziging(
    partijen: Partijen,
    feiten: Berichtfeiten,
    header: Header,
    records: Records,
    facts: FactSource,
) -> Wijzigingbatch:
    """A 317 with everything that its rules need."""
    client = of_kind(records, "Client", WijzigingClient)[0]
    verzoek = of_kind(records, "Verzoek", Wijzigingsverzoek)[0]
    versies = own_assignments(partijen, client.bsn, facts)
    return Wijzigingbatch(
        feiten=feiten,
        header=header,
        client=client,
        verzoek=verzoek,
        ongewijzigd=of_kind(records, "OngewijzigdProduct", OngewijzigdProduct),
        te_wijzigen=of_kind(records, "TeWijzigenProduct", TeWijzigenProduct),
        nieuw=of_kind(records, "NieuwProduct", NieuwProduct),
        toewijzingen=judged_versions(versies, header.dagtekening),
        bekende_referenties=facts.verzoeken(partijen, [verzoek.referentie_aanbieder]).keys(),
        openstaand=facts.openstaande_verzoeken(partijen, [client.bsn]),
    )


def own_assignments(
    partijen: Partijen, bsn: str, facts: FactSource
) -> dict[int, tuple[ToegewezenProduct, ...]]:
    """Every version per number of this client at this aanbieder, oldest first (IV013)."""
    found: dict[int, list[ToegewezenProduct]] = {}
    for wet, one in facts.toewijzingen_rond(partijen.gemeente, [bsn], []):
        if wet == partijen.wet and one.aanbieder == partijen.aanbieder:
            found.setdefault(one.toewijzingnummer, []).append(one)
    return {
        nummer: tuple(sorted(versies, key=lambda one: one.versie))
        for nummer, versies in found.items()
    }


def gather_verzoekantwoord(
    partijen: Partijen,
    feiten: Berichtfeiten,
    header: Header,
    records: Records,
    facts: FactSource,
) -> Verzoekantwoordbatch:
    """A 319 with the request that it answers."""
    antwoord = of_kind(records, "Antwoord", Verzoekantwoord)[0]
    named = of_kind(records, "Woonplaatsbeginsel", Woonplaatsbeginsel)
    referentie = antwoord.referentie_aanbieder
    return Verzoekantwoordbatch(
        feiten=feiten,
        header=header,
        antwoord=antwoord,
        woonplaatsbeginsel=named[0] if named else None,
        verzoek=facts.verzoeken(partijen, [referentie]).get(referentie),
    )


Gather = Callable[
    [Partijen, Berichtfeiten, Header, Records, FactSource],
    Aanvraagbatch | Wijzigingbatch | Verzoekantwoordbatch,
]
# What a check before sending needs: how the batch of each of these messages is made.
GATHERERS: Mapping[str, Gather] = {
    "315": gather_aanvraag,
    "317": gather_wijziging,
    "319": gather_verzoekantwoord,
}
