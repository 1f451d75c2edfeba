"""Who asks, and the part of the store that he sees by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.toegang.rechten import RECHTEN, Recht, Rol

# The municipality of a role that holds for all that the installation serves.
ALLE = "*"


@dataclass(frozen=True, slots=True)
class Bereik:
    """What a read or change is about: nothing outside it exists for who asks.

    `gemeenten` are the codes of municipalities, never empty; `aanbieder` is filled for an
    aanbieder, who sees its own messages only.
    """

    gemeenten: frozenset[str]
    aanbieder: str | None = None

    @property
    def scope(self) -> str:
        """The municipalities as the store's row guard takes them: with commas between them."""
        return ",".join(sorted(self.gemeenten))


@dataclass(frozen=True, slots=True)
class Wie:
    """A user or a key of a program, as it was at the start of this request.

    `kenmerk` is what the log knows it by.  `rollen` holds the roles per municipality, ALLE for
    every one that is served.  `aanbieder` is the AGB code of who works for an aanbieder.
    """

    kenmerk: str
    naam: str
    soort: Literal["gebruiker", "sleutel"]
    rollen: Mapping[str, frozenset[Rol]] = field(default_factory=dict)
    aanbieder: str | None = None

    def mag(self, recht: Recht) -> bool:
        """Whether he has a right in any municipality."""
        return any(self._gives(rol, recht) for rollen in self.rollen.values() for rol in rollen)

    def overal(self, recht: Recht) -> bool:
        """Whether he has a right for everything that is served, now and later."""
        return any(recht in RECHTEN[rol] for rol in self.rollen.get(ALLE, ()))

    def bereik(self, recht: Recht, bediend: frozenset[str]) -> Bereik | None:
        """Where he has a right, of the municipalities that are served; None for nowhere."""
        gemeenten = frozenset(
            gemeente
            for gemeente, rollen in self.rollen.items()
            if any(self._gives(rol, recht) for rol in rollen)
        )
        seen = bediend if ALLE in gemeenten else gemeenten & bediend
        return Bereik(seen, self.aanbieder) if seen else None

    def _gives(self, rol: Rol, recht: Recht) -> bool:
        """Whether a role gives a right: without an AGB code nobody is of an aanbieder."""
        is_nobodys = rol is Rol.AANBIEDER and self.aanbieder is None
        return recht in RECHTEN[rol] and not is_nobodys
