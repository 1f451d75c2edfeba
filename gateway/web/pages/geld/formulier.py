"""A form with what was filled in and what is wrong with it per field; one template for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.errors import OngeldigeVelden, WrongUse
from gateway.http.verzoek import Verzoek
from gateway.web.opmaak import toon
from gateway.web.pages.exportdoel import KEUZES

T = TypeVar("T")
REDEN = "reden"
BESTAND = "file"


@dataclass(frozen=True, slots=True)
class Veld:
    """A field; `soort` is text, date, number or BESTAND, `keuzes` are (value, text) to choose from.

    A file has in `waarde` the ends of the names that may be chosen.
    """

    naam: str
    label: str
    uitleg: str = ""
    soort: str = "text"
    waarde: str = ""
    keuzes: Sequence[tuple[str, str]] | None = None
    verplicht: bool = True


# Why somebody takes a file along; `doel_van` reads what was filled in.
DOELVELDEN = (
    Veld("doel", "Waarvoor hebt u dit bestand nodig?", "Dit komt in het logboek.", keuzes=KEUZES),
    Veld(
        "toelichting",
        "Toelichting",
        "Nodig als u iets anders kiest. Zet er geen BSN in.",
        verplicht=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Formulier:
    """A page with one form; `terug` is where it was reached from, as (text, address).

    `verder` are fields that few need, folded away below a sentence.
    """

    titel: str
    onder: str
    uitleg: str
    velden: Sequence[Veld]
    knop: str
    terug: tuple[str, str]
    verder: tuple[str, Sequence[Veld]] = ("", ())

    @property
    def alle(self) -> Sequence[Veld]:
        """All fields."""
        return [*self.velden, *self.verder[1]]

    @property
    def heeft_bestand(self) -> bool:
        """Whether a file goes along."""
        return any(one.soort == BESTAND for one in self.velden)


@dataclass(slots=True)
class Ingevuld:
    """What was filled in, read by kind; `done` raises all that is wrong at once."""

    verzoek: Verzoek
    velden: Sequence[Veld]
    fouten: dict[str, str] = field(default_factory=dict)

    def text(self, naam: str) -> str:
        """A field as a text; one that is needed has something in it."""
        found = self.verzoek.veld(naam)
        one = next(each for each in self.velden if each.naam == naam)
        if one.keuzes is not None:
            if found not in [waarde for waarde, _ in one.keuzes]:
                self.fouten.setdefault(naam, "Kies een van de mogelijkheden.")
        elif one.verplicht and not found:
            self.fouten.setdefault(naam, "Vul dit in.")
        return found

    def dag(self, naam: str) -> date:
        """A field that has to be a day."""
        found = self.dag_of_leeg(naam)
        if found is None:
            self.fouten.setdefault(naam, "Vul een datum in.")
        return found or date.min

    def dag_of_leeg(self, naam: str) -> date | None:
        """A field that is a day, or empty."""
        text = self.verzoek.veld(naam)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fouten[naam] = "Dit is geen datum als 2026-01-31."
            return None

    def nummer(self, naam: str) -> int:
        """A field that is a whole number."""
        text = self.text(naam)
        if text.isascii() and text.isdecimal() and len(text) < 10:
            return int(text)
        self.fouten.setdefault(naam, "Vul een nummer in.")
        return 0

    def bestand(self, naam: str, most: int) -> tuple[str, bytes]:
        """A file of so many bytes at most: its name, and what is in it."""
        found = self.verzoek.vraag.formulier.get(naam)
        body = found.file.read(most + 1) if isinstance(found, UploadFile) else b""
        if not body:
            self.fouten.setdefault(naam, "Kies een bestand.")
        elif len(body) > most:
            self.fouten.setdefault(naam, f"Kies een bestand van hoogstens {most // 2**20} MB.")
        return (found.filename or "") if isinstance(found, UploadFile) else "", body

    def done(self) -> None:
        """Raise OngeldigeVelden when anything was wrong; the reason goes into the log."""
        if any(one.naam == REDEN for one in self.velden):
            self.verzoek.doel = self.text(REDEN)
        if self.fouten:
            raise OngeldigeVelden(self.fouten)


def toon_formulier(
    verzoek: Verzoek, formulier: Formulier, fouten: Mapping[str, str] | None = None
) -> Response:
    """The form as it was filled in, with what is wrong."""
    wrong = dict(fouten or {})
    filled = {
        one.naam: verzoek.veld(one.naam) if fouten is not None else one.waarde
        for one in formulier.alle
    }
    known = [one.naam for one in formulier.alle]
    folded = [one.naam for one in formulier.verder[1]]
    context = {
        "formulier": formulier,
        "ingevuld": filled,
        "fouten": wrong,
        "lijst": [(naam if naam in known else known[0], text) for naam, text in wrong.items()],
        "is_verder_open": any(wrong.get(naam) or filled[naam] for naam in folded),
        "path": verzoek.vraag.pad,
    }
    return toon(verzoek, "geld/formulier.html", context, 422 if wrong else 200)


def gedaan(verzoek: Verzoek, formulier: Formulier, doe: Callable[[Ingevuld], Response]) -> Response:
    """Do what a form asks, or show it again with what is wrong with it."""
    try:
        return doe(Ingevuld(verzoek, formulier.alle))
    except OngeldigeVelden as wrong:
        # Nothing was done: there is nothing to write in the log of processing.
        verzoek.is_verantwoord = True
        return toon_formulier(verzoek, formulier, wrong.fouten)


def wrong_at(naam: str, doe: Callable[[], T]) -> T:
    """What cannot be done is told at the field that it is about most."""
    try:
        return doe()
    except WrongUse as wrong:
        text = str(wrong)
        raise OngeldigeVelden({naam: f"{text[:1].upper()}{text[1:]}."}) from wrong
