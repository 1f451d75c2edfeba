"""How long what is kept, and why somebody who asks to be erased has to stay: data and arithmetic.

A term counts from a day; what is of an earlier day than `grens` has had its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from gateway.errors import WrongUse
from gateway.periods.datums import datum_lang

NOOIT = "nooit"
# The end of what has no end yet.
OPEN_EINDE = date.max
_DUUR = re.compile(r"(0|[1-9][0-9]{0,4}) (dag|dagen|jaar)")


class Duur(NamedTuple):
    """A term in days, or in years."""

    aantal: int
    in_jaren: bool

    def na(self, dag: date) -> date:
        """The last day of a term that counts from a day; without an end where that has none."""
        if dag == OPEN_EINDE:
            return dag
        return _years(dag, self.aantal) if self.in_jaren else dag + timedelta(self.aantal)

    def voor(self, dag: date) -> date:
        """The first day from which the term is not over yet on a day."""
        return _years(dag, -self.aantal) if self.in_jaren else dag - timedelta(self.aantal)


class Bewaartermijnen(msgspec.Struct, frozen=True, kw_only=True):
    """The terms, None for what never goes by one; see `mappings/bewaartermijnen.toml`."""

    berichten: Duur | None
    geparkeerd: Duur | None
    enveloppen: Duur | None
    antwoorden: Duur | None
    bevindingen: Duur | None
    sessies: Duur | None
    verantwoordingen: Duur | None
    steekproeven: Duur | None
    facturen: Duur | None
    handtoewijzingen: Duur | None
    toegangslog: Duur | None
    jeugdwet: Duur | None
    wmo: Duur | None
    financieel: Duur | None
    op_verzoek: Duur | None

    def grens(self, soort: str, vandaag: date) -> date | None:
        """What is of an earlier day goes, None where nothing does."""
        duur: Duur | None = getattr(self, soort)
        return None if duur is None else duur.voor(vandaag)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that a store knows of a client in a municipality under a law, by its last days.

    `kenmerk` is the fingerprint of his Bsn.  A day is None where there is nothing of that kind,
    and `OPEN_EINDE` where it goes on.
    """

    gemeente: str
    wet: str
    kenmerk: str
    toewijzing: date | None
    levering: date | None
    verzoek: date | None
    regel: date | None

    @property
    def laatste(self) -> date:
        """The last day of all of it."""
        days = (self.toewijzing, self.levering, self.verzoek, self.regel)
        return max((day for day in days if day is not None), default=date.min)


def bezwaren(
    dossier: Dossier, termijnen: Bewaartermijnen, vandaag: date, *, op_verzoek: bool = False
) -> Iterator[str]:
    """Why a client has to stay, a sentence each; nothing where he may go.

    `op_verzoek` tells that he asks for it himself.
    """
    if dossier.toewijzing is not None and dossier.toewijzing >= vandaag:
        yield "een toewijzing loopt nog"
    if dossier.verzoek == OPEN_EINDE:
        yield "een verzoek staat open"
    if dossier.laatste == OPEN_EINDE:
        return
    name = "op_verzoek" if op_verzoek else dossier.wet
    told = "bewaartermijn na een verzoek" if op_verzoek else f"bewaartermijn ({dossier.wet})"
    terms = [(told, getattr(termijnen, name), dossier.laatste)]
    if dossier.regel is not None:
        terms.append(("financiële bewaartermijn", termijnen.financieel, dossier.regel))
    for told, duur, since in terms:
        if duur is None:
            yield f"de {told} eindigt nooit"
        elif since >= duur.voor(vandaag):
            yield f"de {told} loopt tot en met {datum_lang(duur.na(since))}"


def read_bewaartermijnen(text: bytes) -> Bewaartermijnen:
    """The terms of a TOML file; raises WrongUse that names the one at fault."""
    try:
        given = msgspec.toml.decode(text, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WrongUse(f"de bewaartermijnen zijn niet te lezen: {error}") from None
    names = Bewaartermijnen.__struct_fields__
    for name in sorted(set(names) ^ set(given)):
        told = "ontbreekt" if name in names else "is geen bewaartermijn"
        raise WrongUse(f"bewaartermijnen: {name} {told}")
    termijnen = Bewaartermijnen(**{name: _duur(name, given[name]) for name in names})
    _refuse_copies_that_stay_longer(termijnen)
    return termijnen


def _refuse_copies_that_stay_longer(termijnen: Bewaartermijnen) -> None:
    """A client would not be gone while a message about him stays."""
    for wet in ("jeugdwet", "wmo"):
        for name in ("berichten", "antwoorden", "bevindingen"):
            if _length(getattr(termijnen, name)) > _length(getattr(termijnen, wet)):
                raise WrongUse(f"bewaartermijnen: {name} blijven langer dan een dossier ({wet})")


def _length(duur: Duur | None) -> int:
    return date.max.toordinal() if duur is None else duur.na(date(2000, 1, 1)).toordinal()


def _duur(name: str, text: str) -> Duur | None:
    if text == NOOIT:
        return None
    found = _DUUR.fullmatch(text)
    if found is None or (found[2] == "jaar" and int(found[1]) > 150):
        raise WrongUse(f"bewaartermijnen: {name} is geen termijn als 90 dagen, 7 jaar of {NOOIT}")
    return Duur(int(found[1]), found[2] == "jaar")


def _years(dag: date, jaren: int) -> date:
    """The same day so many years on; the 29th of February becomes the 28th."""
    day = 28 if (dag.month, dag.day) == (2, 29) else dag.day
    return dag.replace(year=dag.year + jaren, day=day)
