"""The year end for who asks over HTTP: settings, the pack, statements and samples."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from gateway.errors import CouldNotFinish, NietGevonden, TemporaryFailure
from gateway.http.omgeving import Omgeving
from gateway.http.verzoek import Verzoek
from gateway.ledger.jaareinde.instellingen import Instellingen, read_all
from gateway.ledger.jaareinde.uitslagen import read_uitslagen
from gateway.store.jaareinde.opgavebestand import read_statement
from gateway.store.jaareinde.pakketbestand import Pakketbestand
from gateway.store.jaareinde.rekenblad import BY_HTTP, Vertaling, rows_in
from gateway.store.jaareinde.steekproefmap import sample_file
from gateway.store.noteren import Noteer, no_log
from gateway.store.toegang.logboek import IEDEREEN
from gateway.toegang.wie import Bereik

# Who has a larger file has the command.
LARGEST_SHEET, LONGEST_NAME = 25 * 1024 * 1024, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingestuurd:
    """A statement as it was sent: of whom over which year, and its file with how it is read."""

    gemeente: str
    jaar: int
    aanbieder: str
    naam: str
    inhoud: bytes
    vertaling: Vertaling


def instellingen_van(omgeving: Omgeving, gemeente: str) -> Instellingen:
    """The settings of a municipality, as their file is now; it is small and seldom asked for."""
    return alle_instellingen(omgeving, [gemeente])[gemeente]


def alle_instellingen(omgeving: Omgeving, gemeenten: Collection[str]) -> Mapping[str, Instellingen]:
    """The same for several municipalities at once."""
    path = omgeving.settings.jaareindebestand
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CouldNotFinish(f"{path.name} is niet te lezen ({error.strerror})") from error
    return read_all(text, gemeenten)


def pack_of(verzoek: Verzoek, bereik: Bereik, gemeente: str, jaar: int) -> Pakketbestand:
    """The pack of a year as it is made now, of a municipality that may be seen.

    That it is made is in the log before anything is read.
    """
    doe = verzoek.omgeving.doe_jaarpakket
    if gemeente not in bereik.gemeenten or doe is None:
        raise NietGevonden

    def noteer() -> None:
        verzoek.toont(gemeente, [IEDEREEN], f"jaar {jaar}")
        handeling = verzoek.verantwoord(gemeente=gemeente)
        verzoek.omgeving.store.logboek.write(handeling)

    return doe(gemeente, jaar, noteer)


def take_in(verzoek: Verzoek, bereik: Bereik, een: Ingestuurd, noteer: Noteer) -> int:
    """Keep a statement and lay it beside the ledger; returns its number.

    What the store cannot compare now is kept all the same, to be compared later.  Raises WrongUse
    for what is no statement, VerzoekGeweigerd (429) while another year is gone over.
    """
    omgeving = verzoek.omgeving
    naam = "".join(filter(str.isprintable, een.naam))[:LONGEST_NAME]
    with omgeving.jaarbeurt():
        opgave, bestand = read_statement(naam, een.inhoud, een.vertaling, BY_HTTP)
        plaats = (een.gemeente, een.jaar, een.aanbieder)
        store = omgeving.store.verantwoordingen
        nummer = store.take_in(verzoek.wie, plaats, opgave, bestand, noteer)
        with suppress(TemporaryFailure):
            _compare(omgeving, bereik, nummer, no_log)
    return nummer


def compare(omgeving: Omgeving, bereik: Bereik, nummer: int, noteer: Noteer) -> None:
    """Lay a statement beside the ledger as it is now; VerzoekGeweigerd (429) as for `take_in`."""
    with omgeving.jaarbeurt():
        _compare(omgeving, bereik, nummer, noteer)


def _compare(omgeving: Omgeving, bereik: Bereik, nummer: int, noteer: Noteer) -> None:
    doe = omgeving.doe_vergelijking
    if doe is None:
        raise NietGevonden
    doe(bereik, nummer, noteer)


def draw(verzoek: Verzoek, plaats: tuple[str, int, str | None], zaad: str, noteer: Noteer) -> int:
    """Draw a sample for (municipality, year, provider or all); returns its number.

    Raises WrongUse where nothing was granted, VerzoekGeweigerd (429) as `take_in` does.
    """
    omgeving = verzoek.omgeving
    with omgeving.jaarbeurt():
        instellingen = instellingen_van(omgeving, plaats[0])
        return omgeving.store.steekproeven.draw(verzoek.wie, plaats, zaad, instellingen, noteer)


def papers_of(verzoek: Verzoek, bereik: Bereik, nummer: int) -> Pakketbestand:
    """The papers of a sample, as the command writes them, in a zip.

    Whose they are is in the log before anything is read.  Raises VerzoekGeweigerd (429) as
    `take_in` does.
    """
    omgeving = verzoek.omgeving
    store = omgeving.store
    een, posten = store.steekproeven.get(bereik, nummer)
    with omgeving.jaarbeurt():
        clienten = store.steekproeven.clienten(bereik, nummer)
        verzoek.toont(een.gemeente, clienten, f"steekproef {nummer}")
        store.logboek.write(verzoek.verantwoord(gemeente=een.gemeente))
        return sample_file(store, omgeving.kennis_van, bereik, een, posten)


def take_results(
    verzoek: Verzoek, bereik: Bereik, nummer: int, inhoud: bytes, noteer: Noteer
) -> int:
    """Keep what a file (CSV or Excel) tells of the lines of a sample; returns of how many.

    All of it or nothing: raises WrongUse for what cannot be.
    """
    uitslagen = read_uitslagen(rows_in(inhoud, Vertaling(), BY_HTTP))
    store = verzoek.omgeving.store.steekproeven
    return store.record(bereik, verzoek.wie, nummer, uitslagen, noteer)
