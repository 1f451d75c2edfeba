"""What every search for corrections looks up about lines of one message, and says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from gateway.ledger.correctie.regels import Bron
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.pipeline.effect import celsleutel
from gateway.pipeline.gather import own_versions
from gateway.pipeline.ports import Beoordeeld, FactSource, Partijen
from gateway.records.declaratie import Prestatie
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import ToegewezenProduct


def latest_of(
    partijen: Partijen, lines: Sequence[Prestatie], facts: FactSource
) -> Mapping[int, ToegewezenProduct]:
    """The assignments of lines as they are now, by their number."""
    nummers = {line.toewijzingnummer for line in lines}
    versies = own_versions(facts.toewijzingen(partijen.gemeente, partijen.wet, nummers), partijen)
    return {nummer: found[-1] for nummer, found in versies.items()}


def standing(partijen: Partijen, lines: Sequence[Prestatie], facts: FactSource) -> Set[str]:
    """The ReferentieNummers of those lines that are granted and not credited, by now."""
    refs = [line.referentienummer for line in lines]
    if not refs:
        return frozenset()
    granted = facts.debets(partijen, refs).keys()
    return granted - facts.gecrediteerd(partijen, refs)


def bron_of(beoordeeld: Beoordeeld, line: Prestatie) -> Bron:
    """Where a line stands."""
    nummer = beoordeeld.declaratie.declaratienummer
    return Bron(beoordeeld.claim.inbox_id, line.volgnr, nummer)


def cel_of(prijs: Prijs | None) -> tuple[str, str]:
    """The agreement and the cell of a price."""
    if prijs is None:
        return "", ""
    sleutel = celsleutel(prijs.plaats)
    return sleutel.overeenkomst, sleutel.cel


def changes(oud: Prestatie, nieuw: Prestatie) -> str:
    """What is put right, as one Dutch sentence."""
    parts = []
    if oud.producttarief != nieuw.producttarief:
        parts.append(f"tarief {_money(oud.producttarief)} wordt {_money(nieuw.producttarief)}")
    if (oud.begindatum, oud.einddatum) != (nieuw.begindatum, nieuw.einddatum):
        begin, einde = datum_lang(nieuw.begindatum), datum_lang(nieuw.einddatum)
        parts.append(f"de periode wordt {begin} tot en met {einde}")
    if oud.ingediend_bedrag != nieuw.ingediend_bedrag:
        parts.append(f"bedrag {euros(oud.ingediend_bedrag)} wordt {euros(nieuw.ingediend_bedrag)}")
    return "; ".join(parts) or "niets te veranderen aan prijs of periode; dien haar opnieuw in"


def _money(cents: int | None) -> str:
    return "leeg" if cents is None else euros(cents)
