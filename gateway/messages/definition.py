"""Message types as data: what a message is called, how it is read, which rules judge it."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from gateway.errors import WrongUse
from gateway.messages.uitgaven import RELEASE, Uitgave, read_uitgaven
from gateway.records.declaratie import (
    Declaratie,
    DeclaratieAntwoord,
    DeclaratieClient,
    Prestatie,
)
from gateway.records.header import Header
from gateway.records.levering import LeveringClient, StartProduct, StopProduct
from gateway.records.retour import Retourklasse
from gateway.records.toewijzing import Contact, Relatie, ToegewezenProduct, ToewijzingClient
from gateway.records.verzoek import (
    AangevraagdProduct,
    AanvraagClient,
    NieuwProduct,
    OngewijzigdProduct,
    TeWijzigenProduct,
    Verzoekantwoord,
    WijzigingClient,
    Wijzigingsverzoek,
    Woonplaatsbeginsel,
)

RECORDS: Mapping[str, type] = {
    record.__name__: record
    for record in (
        Header,
        Declaratie,
        DeclaratieAntwoord,
        DeclaratieClient,
        Prestatie,
        ToewijzingClient,
        Relatie,
        Contact,
        ToegewezenProduct,
        LeveringClient,
        StartProduct,
        StopProduct,
        AanvraagClient,
        AangevraagdProduct,
        WijzigingClient,
        Wijzigingsverzoek,
        OngewijzigdProduct,
        TeWijzigenProduct,
        NieuwProduct,
        Verzoekantwoord,
        Woonplaatsbeginsel,
        Retourklasse,
    )
}


NOWHERE = "-"  # the path that a map gives to a field that its class does not have


class UnreadableValue(ValueError):
    """A value that the validator takes but the standard does not; tells what is expected."""


@lru_cache(maxsize=4096)
def _as_date(text: str) -> date:
    return date.fromisoformat(text.strip())


def _as_time(text: str) -> str:
    # libxml2 loses the minus of the pattern [^Z+-]+ and lets a negative time zone through.
    if "-" in text:
        raise UnreadableValue("een tijd (uu:mm:ss) zonder tijdzone")
    return text.strip()


CONVERTERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "code": sys.intern,  # few values, many times: kept once
    "integer": int,
    "date": _as_date,
    "time": _as_time,
}


EXTRA_CONVERTERS = frozenset({str, sys.intern, int})


@dataclass(frozen=True, slots=True)
class Field:
    """How one field of a record is filled.

    From `at` (a path below the class), from `source` (map, field) of the last record of another
    map, from the count of records so far (`counts`), or from all texts at `at` (`many`).
    `optional` marks an element that may be absent, in a map that is read by position, and `extra`
    one that the record has no field for: it is kept under this name.
    """

    name: str
    at: str = ""
    convert: Callable[[str], Any] = str
    source: tuple[str, str] | None = None
    counts: bool = False
    many: bool = False
    optional: bool = False
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """How one class of a message becomes a record.

    `steps` is the path from Bericht; a repeating step ends in `[]`.  The record is complete when
    one of the `before` children starts, else when the class ends.  A class that is `read` by
    "position" names every element that it holds, in the order of the XSD (a test holds it to
    that); a class of which there are many is read faster that way.

    `fields` are those of the record, in its order; `extra` those that it does not have.
    `elements` are the paths of both, in the order of the file.
    """

    name: str
    record: type
    steps: tuple[str, ...]
    fields: tuple[Field, ...]
    before: tuple[str, ...] = ()
    by_position: bool = False
    extra: tuple[Field, ...] = ()
    elements: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """Local name of the class element."""
        return self.steps[-1].removesuffix("[]")

    @property
    def parent(self) -> str:
        """Local name of the element around it."""
        return self.steps[-2].removesuffix("[]") if len(self.steps) > 1 else "Bericht"


@dataclass(frozen=True, slots=True)
class Stage:
    """Rules that are judged together; an offence in a stage that `stops` ends the judgement."""

    judges: str
    level: int
    stops: bool
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Berichttype:
    """One message kind of one law and release, as its TOML file describes it.

    There is one of each, so that it is itself a key: its content is long to hash.
    """

    naam: str
    uitgave: Uitgave
    wet: str
    nummer: str
    code: str
    namespace: str
    basis_namespace: str
    schema: str
    gemeente: str
    answer: str | None
    retourcodes_in: tuple[str, ...]
    maps: tuple[Map, ...]
    stages: tuple[Stage, ...] = field(default=())

    @property
    def standaard(self) -> str:
        """The standard that it belongs to: ijw or iwmo."""
        return self.uitgave.standaard

    @property
    def root(self) -> str:
        """Qualified name of the root element."""
        return f"{{{self.namespace}}}Bericht"

    @property
    def repeating(self) -> frozenset[str]:
        """Local names of the classes that may stand more than once."""
        return frozenset(
            step.removesuffix("[]") for one in self.maps for step in one.steps if "[]" in step
        )

    def map_of(self, record: str) -> Map:
        """The map by its name."""
        return next(one for one in self.maps if one.name == record)


class Berichttypen:
    """All message types that this installation knows, of every release.

    A name such as JW323 stands for the same message in every release, with the same BerichtCode.
    """

    def __init__(self, types: list[Berichttype]) -> None:
        self._by_root = {one.root: one for one in types}
        ordered = sorted(types, key=lambda one: one.uitgave.nummers)
        self._by_name: dict[str, dict[str, Berichttype]] = {}
        for one in ordered:
            self._by_name.setdefault(one.naam, {})[one.uitgave.versie] = one
        self.uitgaven = list(dict.fromkeys(one.uitgave for one in ordered))

    def by_root(self, root: str) -> Berichttype | None:
        """The type whose root element is `root`, None when no release has it."""
        return self._by_root.get(root)

    def by_name(self, naam: str, versie: str | None = None) -> Berichttype:
        """The type called `naam`, such as JW323, in a release; in the oldest one without `versie`.

        Raises KeyError for an unknown one.
        """
        found = self._by_name[naam]
        return next(iter(found.values())) if versie is None else found[versie]

    def on(self, naam: str, dag: date) -> Berichttype:
        """The type called `naam` in the latest release that is in force on a day.

        Raises KeyError where none is.
        """
        for kind in reversed(self._by_name[naam].values()):
            if kind.uitgave.geldt_op(dag):
                return kind
        raise KeyError(naam)

    def in_release(self, kind: Berichttype, uitgave: Uitgave) -> Berichttype | None:
        """The same message in another release of its standard, None where that has it no more."""
        return self._by_name[kind.naam].get(uitgave.versie)

    def answer_of(self, kind: Berichttype) -> Berichttype | None:
        """The type that answers `kind`, of the same release; None where nothing does."""
        return None if kind.answer is None else self._by_name[kind.answer][kind.uitgave.versie]

    def heen_of(self, kind: Berichttype) -> Berichttype | None:
        """The type that `kind` answers, of the same release; None for what is no retour."""
        same = (one for one in self.all() if one.uitgave == kind.uitgave)
        return next((one for one in same if one.answer == kind.naam), None)

    def from_gemeente(self, kind: Berichttype) -> bool:
        """Whether a municipality sends it, else an aanbieder does.

        Most retours copy the Header of what they answer, so theirs does not tell.
        """
        heen = self.heen_of(kind)
        return kind.gemeente == "afzender" if heen is None else heen.gemeente != "afzender"

    def of(self, wet: str, nummer: str, dag: date) -> Berichttype:
        """The type with this number under a law in the latest release in force on a day.

        Raises StopIteration for one that is unknown, KeyError where no release is in force.
        """
        naam = next(one.naam for one in self.all() if (one.wet, one.nummer) == (wet, nummer))
        return self.on(naam, dag)

    def answered_by(self, retour: Berichttype) -> Berichttype:
        """The type that `retour` answers, of the same release.

        Raises StopIteration where it answers none.
        """
        same = (one for one in self.all() if one.uitgave == retour.uitgave)
        return next(one for one in same if one.answer == retour.naam)

    def uitgaven_op(self, standaard: str, dag: date) -> list[Uitgave]:
        """The releases of a standard that are in force on a day, the oldest in front."""
        return [one for one in self.uitgaven if one.standaard == standaard and one.geldt_op(dag)]

    def all(self) -> list[Berichttype]:
        """Every type of every release, in order of its name, the oldest release in front."""
        return [one for naam in sorted(self._by_name) for one in self._by_name[naam].values()]


def read_types(*folders: Path) -> Berichttypen:
    """Read every release below the folders; a typo stops the service."""
    types = [
        _read_type(path, uitgave)
        for uitgave, folder in read_uitgaven(*folders)
        for path in sorted(folder.glob("[!.]*.toml"))
        if path.name != RELEASE
    ]
    if not types:
        raise WrongUse(f"geen berichttypen gevonden in {folders[0]}")
    _check_codes(types)
    _check_answers(types)
    return Berichttypen(types)


def _check_codes(types: list[Berichttype]) -> None:
    """By its BerichtCode a message is found back, whatever its release."""
    codes: dict[str, str] = {}
    for one in types:
        if codes.setdefault(one.naam, one.code) != one.code:
            raise WrongUse(f"{one.uitgave.naam}: {one.naam} heeft elders een andere code")


def _check_answers(types: list[Berichttype]) -> None:
    """A message is answered in its own release."""
    known = {(one.uitgave, one.naam) for one in types}
    for one in types:
        if one.answer is not None and (one.uitgave, one.answer) not in known:
            raise WrongUse(
                f"{one.uitgave.naam}: {one.answer}, het antwoord op {one.naam}, ontbreekt"
            )


def _read_type(path: Path, uitgave: Uitgave) -> Berichttype:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        message = document["message"]
        maps = tuple(_read_map(name, given) for name, given in document.get("map", {}).items())
        return Berichttype(
            naam=path.stem,
            uitgave=uitgave,
            wet=message["wet"],
            nummer=message["nummer"],
            code=message["code"],
            namespace=message["namespace"],
            basis_namespace=message["basis_namespace"],
            schema=message["schema"],
            gemeente=message["gemeente"],
            answer=message.get("answer"),
            retourcodes_in=tuple(message.get("retourcodes_in", ())),
            maps=maps,
            stages=tuple(_read_stage(given, uitgave) for given in document.get("stage", ())),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise WrongUse(
            f"{uitgave.naam}/{path.name}: dit berichttype is onbruikbaar: {error}"
        ) from error


def _read_stage(given: dict[str, Any], uitgave: Uitgave) -> Stage:
    """A stage, without the rules that the release takes away."""
    rules = tuple(code for code in given["rules"] if code not in uitgave.vervallen)
    return Stage(given["judges"], given["level"], given["stops"], rules)


def _read_map(name: str, given: dict[str, Any]) -> Map:
    given = dict(given)
    record = RECORDS[given.pop("record", name)]
    steps = tuple(given.pop("each").split("/"))
    before = tuple(given.pop("before", ()))
    by_position = given.pop("read", "name") == "position"
    made = tuple(_read_field(field_name, spec) for field_name, spec in given.items())
    extra = tuple(one for one in made if one.extra)
    fields = tuple(one for one in made if not one.extra)
    _check_fields(name, record, {one.name for one in fields})
    _check_extra(name, extra, list(signature(record).parameters))
    elements = tuple(one.at for one in made if one.at and one.at != NOWHERE)
    return Map(name, record, steps, _in_order(record, fields), before, by_position, extra, elements)


def _in_order(record: type, made: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields in the order of the record; one that is passed over in between is absent.

    Records are made by position, so that the last field of a map decides how many there are.
    """
    order = [name for name in signature(record).parameters if name != "pad"]
    named = {one.name: one for one in made}
    until = max((order.index(name) for name in named), default=-1) + 1
    return tuple(named.get(name) or Field(name, at=NOWHERE) for name in order[:until])


def _check_fields(name: str, record: type, given: set[str]) -> None:
    made_of = signature(record).parameters.values()
    known = {one.name for one in made_of} - {"pad", "extra"}
    needed = {one.name for one in made_of if one.default is Parameter.empty} - {"pad"}
    if unknown := given - known:
        raise ValueError(f"map {name} heeft een onbekend veld: {', '.join(sorted(unknown))}")
    if missing := needed - given:
        raise ValueError(f"map {name} mist een veld: {', '.join(sorted(missing))}")


def _check_extra(name: str, extra: tuple[Field, ...], known: Sequence[str]) -> None:
    for one in extra:
        if one.name in known:
            raise ValueError(f"map {name}: {one.name} is een veld en dus niet extra")
        if not one.at or one.many or one.convert not in EXTRA_CONVERTERS:
            raise ValueError(f"map {name}: {one.name} is één element, als tekst, code of getal")


def _read_field(name: str, spec: str | dict[str, Any]) -> Field:
    if isinstance(spec, str):
        return Field(name, at=spec)
    if "from" in spec:
        source = spec["from"].split(".")
        return Field(name, source=(source[0], source[1]))
    if spec.get("counts"):
        return Field(name, counts=True)
    return Field(
        name,
        at=spec["at"],
        convert=CONVERTERS[spec.get("as", "text")],
        many=spec.get("many", False),
        optional=spec.get("optional", False),
        extra=spec.get("extra", False),
    )
