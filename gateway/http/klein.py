"""What is about so few clients that it could tell something of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TypeVar

from gateway.http.verzoek import Verzoek
from gateway.ledger.regio.verborgen import KLEINSTE
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik

Key = TypeVar("Key", bound=tuple[str, ...])


def sees_small(verzoek: Verzoek, bereik: Bereik) -> bool:
    """Whether who looks may see clients of all of these municipalities anyway."""
    if not verzoek.mag(Recht.WERK_ZIEN):
        return False
    return verzoek.bereik_van(Recht.WERK_ZIEN).gemeenten >= bereik.gemeenten


def too_small(clienten: Mapping[Key, int]) -> Set[Key]:
    """Of which keys the figures stay hidden, by how many clients are behind each.

    Where one would be hidden alone, the next smallest is hidden with it: it could be told from the
    sum otherwise.
    """
    small = {key for key, count in clienten.items() if count < KLEINSTE}
    if len(small) == 1:
        rest = [key for key in clienten if key not in small]
        small |= set(sorted(rest, key=lambda key: clienten[key])[:1])
    return small
