"""Checks on assignments that run beside each other, for one client or one family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.deviations.eigen_toewijzing import VASTE_PRIJS
from gateway.deviations.gevallen import overlaps, toewijzingen, whole_evidence
from gateway.deviations.registry import Deviation, Deviations, check
from gateway.records.batch import Toewijzingbatch
from gateway.records.finding import Offence
from gateway.records.overeenkomst import Cel, Overeenkomst, Prijs
from gateway.records.toewijzing import ToegewezenProduct


@dataclass(frozen=True, slots=True)
class Geprijsd:
    """A standing assignment with the price that holds for it."""

    toewijzing: ToegewezenProduct
    prijs: Prijs

    @property
    def cel(self) -> Cel:
        """The cell of its price."""
        return self.prijs.plaats.cel

    @property
    def overeenkomst(self) -> Overeenkomst:
        """The agreement of its price."""
        return self.prijs.plaats.overeenkomst


@check("S107", soort="materieel", naam="trajecten naast elkaar", over=(Toewijzingbatch,))
def stacked_trajectories(batch: Toewijzingbatch) -> Deviations:
    """Trajectories of an agreement that stacks none do not overlap, for one client or one family.

    An arrangement with a fixed amount per month is a trajectory here too: like a price for the
    whole it is for all that the client needs.  A family is known where the assignments of both
    name it, in the way that the agreement says; else only the client counts.  The two parts of one
    trajectory (`hoort_bij`) run beside each other by design.  One day together is an overlap.  Of
    two in one message the later one is told, each pair once, and of one that stood already only
    the new one.  Material control.
    """
    for own, other in _pairs(batch):
        if (
            not own.overeenkomst.stapelen
            and own.overeenkomst.id == other.overeenkomst.id
            and {own.cel.soort, other.cel.soort} <= VASTE_PRIJS
            and not _are_parts(own, other)
        ):
            where = "deze cliënt" if _same_client(own, other) else "hetzelfde gezin"
            yield _beside(
                own,
                f"Traject {_naam(own)} overlapt voor {where} met traject {_naam(other)} van "
                f"aanbieder {other.toewijzing.aanbieder}.",
                f"ook toewijzing {_naam(other)}",
                "één traject tegelijk",
            )


@check("S108", soort="materieel", naam="tweede hoofdaannemer", over=(Toewijzingbatch,))
def second_main_contractor(batch: Toewijzingbatch) -> Deviations:
    """One aanbieder is responsible for a client under an agreement with a main contractor.

    Another aanbieder with a standing assignment of the same agreement on the same day is a second
    one, whatever the product; it is told once per assignment.  Material control.
    """
    told: set[int] = set()
    for own, other in _pairs(batch):
        one, two = own.toewijzing, other.toewijzing
        if (
            own.overeenkomst.hoofdaannemer
            and own.overeenkomst.id == other.overeenkomst.id
            and _same_client(own, other)
            and one.aanbieder != two.aanbieder
            and one.toewijzingnummer not in told
        ):
            told.add(one.toewijzingnummer)
            yield _beside(
                own,
                f"Toewijzing {_naam(own)} is voor aanbieder {one.aanbieder}, maar voor deze "
                f"cliënt is dan al aanbieder {two.aanbieder} de hoofdaannemer (toewijzing "
                f"{_naam(other)}).",
                f"aanbieders {one.aanbieder} en {two.aanbieder}",
                "één hoofdaannemer tegelijk",
            )


@check("S110", soort="materieel", naam="oude indicatie naast arrangement", over=(Toewijzingbatch,))
def old_indication_beside(batch: Toewijzingbatch) -> Deviations:
    """An indication of an agreement that was replaced does not run beside what replaced it.

    The agreement that replaces says so (`vervangt`); which of the two came first does not matter.
    Only assignments of the same client count.  Material control.
    """
    for own, other in _pairs(batch):
        if not _same_client(own, other):
            continue
        if other.overeenkomst.id in own.overeenkomst.vervangt:
            new, old = own, other
        elif own.overeenkomst.id in other.overeenkomst.vervangt:
            new, old = other, own
        else:
            continue
        yield _beside(
            own,
            f"Toewijzing {_naam(old)} ({old.overeenkomst.naam}) loopt nog naast toewijzing "
            f"{_naam(new)} ({new.overeenkomst.naam}), die haar vervangt.",
            f"ook toewijzing {_naam(other)}",
            f"geen {old.overeenkomst.naam} naast {new.overeenkomst.naam}",
        )


def _pairs(batch: Toewijzingbatch) -> Iterator[tuple[Geprijsd, Geprijsd]]:
    """Each assignment of the message with each one on the same days: earlier in it, or known.

    Those that are known are of the client, or of a family that the assignment names too.
    """
    earlier = [Geprijsd(one.toewijzing, one.prijs) for one in batch.andere if one.prijs is not None]
    for toewijzing in toewijzingen(batch):
        prijs = batch.prijzen.get(toewijzing.toewijzingnummer)
        if prijs is None:
            continue
        own = Geprijsd(toewijzing, prijs)
        for other in earlier:
            if _belongs(own, other) and overlaps(toewijzing, other.toewijzing):
                yield own, other
        earlier.append(own)


def _same_client(own: Geprijsd, other: Geprijsd) -> bool:
    return own.toewijzing.bsn == other.toewijzing.bsn


def _belongs(own: Geprijsd, other: Geprijsd) -> bool:
    gezin = own.toewijzing.gezin
    return _same_client(own, other) or (gezin is not None and gezin == other.toewijzing.gezin)


def _are_parts(own: Geprijsd, other: Geprijsd) -> bool:
    """Whether they are the two parts of one trajectory of one client."""
    return _same_client(own, other) and (
        own.cel.hoort_bij == other.cel.productcode or other.cel.hoort_bij == own.cel.productcode
    )


def _naam(one: Geprijsd) -> str:
    return str(one.toewijzing.toewijzingnummer)


def _beside(own: Geprijsd, text: str, found: str, expected: str) -> Deviation:
    return Deviation(
        Offence(own.toewijzing, text, found=found, expected=expected),
        whole_evidence(own.toewijzing, own.prijs),
    )
