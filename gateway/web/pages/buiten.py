"""What an aanbieder is told on its pages of lines that a later 301 put outside their assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from gateway.http.verzoek import Verzoek
from gateway.periods.maanden import month_before
from gateway.pipeline.correctie.vraag import Reden
from gateway.pipeline.kennis import dag_van
from gateway.werk.buiten import Buitenmelding, notices
from gateway.werk.maanden import MOST_MONTHS

CORRECTIES = "/eigen/correcties"


@dataclass(frozen=True, slots=True)
class Melding:
    """A notice, and where the correction of it is filled in already."""

    over: Buitenmelding
    naar: str


def meldingen(verzoek: Verzoek) -> Sequence[Melding]:
    """The notices, one for each municipality and law."""
    omgeving = verzoek.omgeving
    found = notices(omgeving.store, verzoek.bereik, omgeving.clock())
    return [Melding(one, _address(verzoek, one)) for one in found]


def _address(verzoek: Verzoek, one: Buitenmelding) -> str:
    """The assistant with the question filled in, over no more months than it takes at once."""
    vandaag = dag_van(verzoek.omgeving.clock())
    first = f"{one.vanaf:%Y-%m}"
    asked = {
        "reden": Reden.TOEWIJZING.value,
        "bij": f"{one.partijen.gemeente}-{one.partijen.wet}",
        "van": max(first, month_before(vandaag, MOST_MONTHS - 1)),
        "tot": month_before(vandaag, 0),
    }
    return f"{CORRECTIES}?{urlencode(asked)}"
