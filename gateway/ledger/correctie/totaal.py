"""Adds corrections up: per provider, per municipality and per cell, each to the same total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.ledger.correctie.regels import Correctie


@dataclass(slots=True)
class Som:
    """Lines, and eurocents that stand now and that will stand; `verschil` is what is paid more."""

    regels: int = 0
    voor: int = 0
    na: int = 0

    @property
    def verschil(self) -> int:
        """What the corrections cost, in eurocents."""
        return self.na - self.voor

    def add(self, one: Correctie) -> None:
        """Count one correction."""
        self.regels += 1
        self.voor += one.voor
        self.na += one.na


class _Sommen(dict[str, Som]):
    def __missing__(self, key: str) -> Som:
        made = self[key] = Som()
        return made


@dataclass(slots=True)
class Totalen:
    """The sums of a run."""

    totaal: Som = field(default_factory=Som)
    _aanbieders: _Sommen = field(default_factory=_Sommen)
    _gemeenten: _Sommen = field(default_factory=_Sommen)
    _cellen: _Sommen = field(default_factory=_Sommen)

    def add(self, aanbieder: str, gemeente: str, one: Correctie) -> None:
        """Count one correction in every way of adding up."""
        for som in (
            self.totaal,
            self._aanbieders[aanbieder],
            self._gemeenten[gemeente],
            self._cellen[one.cel],
        ):
            som.add(one)

    @property
    def groepen(self) -> Mapping[str, Mapping[str, Som]]:
        """The ways of adding up, each in order of its key."""
        return {
            naam: dict(sorted(sommen.items()))
            for naam, sommen in (
                ("aanbieders", self._aanbieders),
                ("gemeenten", self._gemeenten),
                ("cellen", self._cellen),
            )
        }
