"""Who may see figures that are about so few clients that they could tell something of one."""

from __future__ import annotations

from gateway.http.verzoek import Verzoek
from gateway.toegang.rechten import Recht
from gateway.toegang.wie import Bereik


def sees_small(verzoek: Verzoek, bereik: Bereik) -> bool:
    """Whether who looks may see clients of all of these municipalities anyway."""
    if not verzoek.mag(Recht.WERK_ZIEN):
        return False
    return verzoek.bereik_van(Recht.WERK_ZIEN).gemeenten >= bereik.gemeenten
