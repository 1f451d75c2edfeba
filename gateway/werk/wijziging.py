"""Agreement files in the place of those in use: what there would be, and what that is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gateway.agreements.gevolg import first_day
from gateway.agreements.match import Overeenkomsten
from gateway.agreements.table import agreement_contents, agreements_in
from gateway.errors import WrongUse
from gateway.pipeline.grondslag import Bestand
from gateway.pipeline.ports import Partijen
from gateway.records.overeenkomst import Overeenkomst


@dataclass(frozen=True, slots=True)
class Wijziging:
    """The agreements in use (`nu`) and those that come (`straks`).

    `nieuw` are those that come, `vervangt` those in whose place they come.
    """

    nu: Overeenkomsten
    straks: Overeenkomsten
    nieuw: Sequence[Overeenkomst]
    vervangt: Sequence[Overeenkomst]

    @property
    def gemeenten(self) -> frozenset[str]:
        """The municipalities that it is about."""
        return frozenset(code for one in self.alle for code in one.gemeenten)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of what comes and of what goes."""
        return frozenset(one.id for one in self.alle)

    @property
    def vanaf(self) -> date | None:
        """The first day on which a price can be another one, None where it can on none."""
        days = (
            first_day([old for old in self.vervangt if old.bestand == one.bestand], one)
            for one in self.nieuw
        )
        return min((day for day in days if day is not None), default=None)

    def touches(self, partijen: Partijen) -> bool:
        """Whether it can change a price between these parties."""
        return any(
            partijen.wet in one.wetten and partijen.gemeente in one.gemeenten for one in self.alle
        )

    @property
    def alle(self) -> tuple[Overeenkomst, ...]:
        """What comes and what goes."""
        return (*self.nieuw, *self.vervangt)


def unchanged(in_use: Overeenkomsten) -> Wijziging:
    """Nothing comes: every agreement in use stays."""
    return Wijziging(in_use, in_use, in_use.alle, in_use.alle)


def wijziging_of(
    voorstel: Sequence[Bestand], in_use: Sequence[Bestand], gemeentecodes: Collection[str]
) -> Wijziging:
    """What there is once some files are published, each in its place.

    Raises AgreementRefused for the first problem, and WrongUse for a file without a clear place of
    its own.
    """
    nu = agreements_in(in_use, gemeentecodes)
    given, placed = {naam for naam, _ in voorstel}, dict[str, bytes]()
    for naam, inhoud in voorstel:
        (own,) = agreements_in([(naam, inhoud)], gemeentecodes).alle
        place = _place(own, nu, given)
        if place in placed:
            raise WrongUse(f"overeenkomst {own.id} wordt hier twee keer vervangen ({place})")
        placed[place] = inhoud
    straks = agreements_in({**dict(in_use), **placed}.items(), gemeentecodes)
    return Wijziging(
        nu=nu,
        straks=straks,
        nieuw=[one for one in straks.alle if one.bestand in placed],
        vervangt=[one for one in nu.alle if one.bestand in placed],
    )


def files_in_use(path: Path | None) -> list[Bestand]:
    """The agreement files of a file or folder; a folder that is not there yet has none."""
    if path is None or not path.exists():
        return []
    if path.is_dir() and not any(one.suffix == ".toml" for one in path.iterdir()):
        return []
    return agreement_contents(path)


def _place(nieuw: Overeenkomst, nu: Overeenkomsten, given: Collection[str]) -> str:
    """The file that a new version goes into: its own name, else that of the same agreement."""
    naam = nieuw.bestand
    for one in nu.alle:
        if one.bestand == naam:
            if one.id != nieuw.id:
                raise WrongUse(f"{naam}: zo heet daar al het bestand van overeenkomst {one.id}")
            return naam
    own = sorted(one.bestand for one in nu.alle if one.id == nieuw.id and one.bestand not in given)
    if len(own) > 1:
        told = " en ".join(own)
        raise WrongUse(
            f"overeenkomst {nieuw.id} staat in {told}; geef het nieuwe bestand de naam van het "
            "bestand dat het vervangt"
        )
    return own[0] if own else naam
