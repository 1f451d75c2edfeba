"""What is given to put an item between municipalities down: by somebody, or by a 319."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.errors import NietToegestaan, WrongUse
from gateway.messages.nazorg import nazorgwoorden
from gateway.records.masker import mask
from gateway.toegang.wie import Bereik

LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Aanleiding:
    """Why another municipality should have paid for a client, and for which days.

    The client is known by one of his assignments in `van`.  `buiten` tells that `aan` does not work
    with this store.
    """

    van: str
    aan: str
    toewijzingnummer: int
    wet: str | None = None
    vanaf: date
    tot: date | None = None
    grond: str
    toelichting: str = ""
    buiten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gevonden:
    """A 319 that names the responsible municipality, with the client whom it is about."""

    bericht_id: int
    van: str
    aan: str
    wet: str
    client: str
    vanaf: date
    buiten: bool


def check(bereik: Bereik, vraag: Aanleiding) -> None:
    """Raise for what cannot be: WrongUse, or NietToegestaan for who did not pay."""
    gronden = nazorgwoorden().gronden
    if vraag.grond not in gronden:
        raise WrongUse(f"kies een grond: {', '.join(gronden)}")
    if vraag.van == vraag.aan:
        raise WrongUse("een gemeente verrekent niet met zichzelf")
    if vraag.van not in bereik.gemeenten:
        raise NietToegestaan("alleen de gemeente die betaalde kan een post opvoeren")
    if vraag.tot is not None and vraag.tot < vraag.vanaf:
        raise WrongUse("de laatste dag ligt voor de eerste")


def told_of(text: str) -> str:
    """A text as it is kept, with what may be a Bsn hidden; raises WrongUse for a long one."""
    told = mask(text.strip())
    if len(told) > LONGEST:
        raise WrongUse(f"schrijf hoogstens {LONGEST} tekens")
    return told
