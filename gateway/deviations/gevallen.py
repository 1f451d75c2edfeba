"""What checks go through: the lines and assignments of a batch, and how to write amounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gateway.records.batch import Declaratiebatch, Toewijzingbatch
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Evidence
from gateway.records.overeenkomst import Prijs
from gateway.records.toewijzing import ToegewezenProduct

EURO = "83"

Regel = tuple[Prestatie, ToegewezenProduct]
Geval = tuple[Prestatie | ToegewezenProduct, ToegewezenProduct, Prijs | None]


def regels(batch: Declaratiebatch) -> Sequence[Regel]:
    """Debet lines on a known assignment that no rule refused: only what is paid can deviate."""
    if not batch.geweigerd:
        return batch.toegewezen
    return [regel for regel in batch.toegewezen if regel[0].volgnr not in batch.geweigerd]


def toewijzingen(batch: Toewijzingbatch) -> Iterator[ToegewezenProduct]:
    """The assignments of a 301; one that is deleted cannot deviate any more."""
    return (one for one in batch.producten if not one.is_verwijderd)


def gevallen(batch: Declaratiebatch | Toewijzingbatch) -> Iterator[Geval]:
    """Lines or assignments, each with its assignment and the price that holds for it."""
    prijzen = batch.prijzen
    if isinstance(batch, Declaratiebatch):
        for prestatie, toewijzing in regels(batch):
            yield prestatie, toewijzing, prijzen.get(prestatie.volgnr)
    else:
        for one in toewijzingen(batch):
            yield one, one, prijzen.get(one.toewijzingnummer)


def evidence_of(
    prijs: Prijs, ingediend: int | None = None, verwacht: int | None = None
) -> Evidence:
    """Agreement, version and cell of a price, with the amounts at stake in eurocents."""
    overeenkomst = prijs.plaats.overeenkomst
    return Evidence(
        overeenkomst.id, overeenkomst.versie, prijs.plaats.cel.naam, ingediend, verwacht
    )


def bedrag_of(subject: Prestatie | ToegewezenProduct) -> int | None:
    """What a line asks for, in eurocents; an assignment asks for nothing yet."""
    return subject.ingediend_bedrag if isinstance(subject, Prestatie) else None


def in_euros(cents: int) -> str:
    """An amount in eurocents as `€ 1.234,56`."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"€ {sign}{whole:,}".replace(",", ".") + f",{rest:02}"


def one_of(amounts: Iterable[int]) -> str:
    """Amounts of which any is right, in the order given."""
    return " of ".join(in_euros(amount) for amount in dict.fromkeys(amounts))
