"""The way of a 325 that our municipality sends from elsewhere: held against the 323 it answers."""

from __future__ import annotations

from gateway.messages.reader import Message
from gateway.pipeline.gather import local_facts, message_facts
from gateway.pipeline.geen_feiten import NoFacts
from gateway.pipeline.kennis import Kennis, dag_van
from gateway.pipeline.klein import Klein, outcome_of, read_klein
from gateway.pipeline.lezing import of_kind
from gateway.pipeline.ports import Claim, FactSource, Store
from gateway.pipeline.settlement import Settlement
from gateway.pipeline.stages import deciding_level, run
from gateway.records.batch import Antwoordbatch, Berichtfeiten
from gateway.records.declaratie import DeclaratieAntwoord, DeclaratieClient, Prestatie


def handle_antwoord(message: Message, claim: Claim, kennis: Kennis, store: Store) -> Settlement:
    """Judge a 325; it has no retour, so what is wrong with it is told to our own side."""
    klein = read_klein(message, claim, kennis)
    vandaag = dag_van(claim.received_at)
    stages = klein.kind.stages
    alone = _gather(klein, local_facts(klein.kind, kennis, vandaag), NoFacts())
    findings = run([s for s in stages if s.level == 2], kennis.rules, alone)
    if not findings:
        with store.facts(claim) as facts:
            feiten = message_facts(klein.kind, klein.header, kennis, facts, vandaag)
            batch = _gather(klein, feiten, facts)
        findings = run([s for s in stages if s.level > 2], kennis.rules, batch)
    level = deciding_level(findings, kennis.niveaus)
    return Settlement(
        outcome=outcome_of(klein, level, findings), findings=findings, is_client=klein.is_client
    )


def _gather(klein: Klein, feiten: Berichtfeiten, facts: FactSource) -> Antwoordbatch:
    header, partijen = klein.header, klein.partijen
    antwoorden = of_kind(klein.records, "DeclaratieAntwoord", DeclaratieAntwoord)
    antwoord = antwoorden[0] if antwoorden else None
    prestaties = of_kind(klein.records, "Prestatie", Prestatie)
    nummer = antwoord.declaratienummer if antwoord else ""
    heen = facts.declaratie_van(partijen, header.declaratie_identificatie or "", nummer)
    return Antwoordbatch(
        feiten=feiten,
        header=header,
        antwoord=antwoord,
        clienten=of_kind(klein.records, "Client", DeclaratieClient),
        prestaties=prestaties,
        heen_header=heen[0] if heen else None,
        heen_declaratie=heen[1] if heen else None,
        heen_prestaties=facts.ingediend(
            partijen,
            heen[1].declaratienummer if heen else nummer,
            [p.referentienummer for p in prestaties],
        ),
    )
