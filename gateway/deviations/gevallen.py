"""What checks go through: the lines and assignments of a batch, and how to write amounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from gateway.periods.volume import total_limit
from gateway.records.batch import Declaratiebatch, Toewijzingbatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Evidence
from gateway.records.overeenkomst import Plaats, Prijs
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import AangevraagdProduct

EURO = "83"
TRAJECT, PERIODE, BUDGET, TAAK = "traject", "periode", "budget", "taak"

Batch = Declaratiebatch | Toewijzingbatch
Subject = Prestatie | ToegewezenProduct
Regel = tuple[Prestatie, ToegewezenProduct]
Geval = tuple[Subject, ToegewezenProduct, Prijs | None]
Wanted = Callable[[Plaats], bool]


def regels(batch: Declaratiebatch) -> Sequence[Regel]:
    """Debet lines on a known assignment that no rule refused: only what is paid can deviate."""
    if not batch.geweigerd:
        return batch.toegewezen
    return [regel for regel in batch.toegewezen if regel[0].volgnr not in batch.geweigerd]


def toewijzingen(batch: Toewijzingbatch) -> Iterator[ToegewezenProduct]:
    """The assignments of a 301; one that is deleted cannot deviate any more."""
    return (one for one in batch.producten if not one.is_verwijderd)


def gevallen(batch: Batch) -> Iterator[Geval]:
    """Lines or assignments, each with its assignment and the price that holds for it."""
    prijzen = batch.prijzen
    if isinstance(batch, Declaratiebatch):
        for prestatie, toewijzing in regels(batch):
            yield prestatie, toewijzing, prijzen.get(prestatie.volgnr)
    else:
        for one in toewijzingen(batch):
            yield one, one, prijzen.get(one.toewijzingnummer)


def gevallen_onder(
    batch: Batch, wanted: Wanted
) -> Sequence[tuple[Subject, ToegewezenProduct, Prijs]]:
    """Lines or assignments that are priced by a cell of the wanted kind, with their price.

    The cells are looked at first, each once: where none is wanted no line is gone through.
    """
    if isinstance(batch, Declaratiebatch):
        return regels_onder(batch, wanted)
    return [(one, one, prijs) for one, prijs in toewijzingen_onder(batch, wanted)]


def regels_onder(
    batch: Declaratiebatch, wanted: Wanted
) -> Sequence[tuple[Prestatie, ToegewezenProduct, Prijs]]:
    """The same for lines alone."""
    found = _wanted(batch, wanted)
    if not found:
        return ()
    prijzen = batch.prijzen
    return [
        (prestatie, toewijzing, prijs)
        for prestatie, toewijzing in regels(batch)
        if (prijs := prijzen.get(prestatie.volgnr)) is not None and id(prijs.plaats) in found
    ]


def toewijzingen_onder(
    batch: Toewijzingbatch, wanted: Wanted
) -> Sequence[tuple[ToegewezenProduct, Prijs]]:
    """The same for the assignments of a 301."""
    found = _wanted(batch, wanted)
    return [
        (one, prijs)
        for one in toewijzingen(batch)
        if (prijs := batch.prijzen.get(one.toewijzingnummer)) is not None
        and id(prijs.plaats) in found
    ]


def _wanted(batch: Batch, wanted: Wanted) -> set[int]:
    """The cells of a kind, by identity: an agreement in use is there once."""
    return {id(plaats) for plaats in batch.plaatsen if wanted(plaats)}


def evidence_of(
    prijs: Prijs | None,
    ingediend: int | None = None,
    verwacht: int | None = None,
    *,
    belang: int | None = None,
) -> Evidence:
    """Agreement, version and cell of a price where it is known, with amounts in eurocents."""
    if prijs is None:
        return Evidence(ingediend=ingediend, verwacht=verwacht, belang=belang)
    overeenkomst = prijs.plaats.overeenkomst
    return Evidence(
        overeenkomst.id,
        overeenkomst.versie,
        prijs.plaats.cel.naam,
        ingediend,
        verwacht,
        belang,
    )


def whole_evidence(subject: Subject, prijs: Prijs | None) -> Evidence:
    """What a finding rests on where the whole of a line or assignment is at stake."""
    return evidence_of(prijs, bedrag_of(subject), belang=belang_of(subject))


def bedrag_of(subject: Subject) -> int | None:
    """What a line asks for, in eurocents; an assignment asks for nothing yet."""
    return subject.ingediend_bedrag if isinstance(subject, Prestatie) else None


def belang_of(subject: Subject | AangevraagdProduct) -> int | None:
    """All that a line or request asks for or an assignment grants, in eurocents.

    None for an assignment or request that is not in euros, or that is for an amount per week or
    month without an end.
    """
    if isinstance(subject, Prestatie):
        return subject.ingediend_bedrag
    omvang = subject.omvang
    if omvang is None or omvang.eenheid != EURO:
        return subject.budget
    return total_limit(omvang, subject.ingangsdatum, subject.einddatum)


def overlaps(one: ToegewezenProduct, other: ToegewezenProduct) -> bool:
    """Whether two assignments run on the same day."""
    return one.ingangsdatum <= _end(other) and other.ingangsdatum <= _end(one)


def _end(toewijzing: ToegewezenProduct) -> date:
    return toewijzing.einddatum or date.max


def in_euros(cents: int) -> str:
    """An amount in eurocents as `€ 1.234,56`."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"€ {sign}{whole:,}".replace(",", ".") + f",{rest:02}"


def one_of(amounts: Iterable[int]) -> str:
    """Amounts of which any is right, in the order given."""
    return " of ".join(in_euros(amount) for amount in dict.fromkeys(amounts))
