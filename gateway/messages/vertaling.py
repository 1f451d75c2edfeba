"""The translation-loss report: where every element of a message goes, and why some stay behind.

The maps of a message say in which field of a record an element is read; `mappings/vertaling.toml`
says under which name the backoffice gets it, or why it does not.  Nothing may be in neither.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import WrongUse
from gateway.messages.canoniek import CANONIEK
from gateway.messages.definition import NOWHERE, Berichttype, Map
from gateway.messages.layout import Layout
from gateway.messages.retour import CODES
from gateway.records.retour import Retourklasse

FILE = "vertaling.toml"
ANY = "**"
_NAAR = {"berichten", "doel", "onder", "elementen"}
_BLIJFT = {"berichten", "onder", "elementen", "reden"}


@dataclass(frozen=True, slots=True)
class Afspraak:
    """What is agreed of the elements at `pad` in these messages: a `doel`, or a `reden` to stay.

    `**` in a path stands for any number of elements.
    """

    berichten: tuple[str, ...]
    pad: tuple[str, ...]
    doel: str | None
    reden: str | None

    @property
    def order(self) -> tuple[bool, bool]:
        """An exact path goes before one that fits many, and a name before a reason."""
        return (ANY in self.pad, self.doel is None)


@dataclass(frozen=True, slots=True)
class Vertaling:
    """One element of a message: its path below Bericht, its field, and its name or the reason.

    `veld` is None where no record has it, `doel` and `reden` are never both there.
    """

    bericht: str
    element: str
    veld: str | None
    doel: str | None
    reden: str | None

    @property
    def verloren(self) -> bool:
        """Whether it is dropped without being named."""
        return self.reden is None and (self.veld is None or self.doel is None)


def read_afspraken(mappings: Path) -> tuple[Afspraak, ...]:
    """The agreements in `vertaling.toml`; raises WrongUse for one that nobody understands."""
    try:
        document = tomllib.loads((mappings / FILE).read_text(encoding="utf-8"))
        found = [*_naar(document.pop("naar", ())), *_blijft(document.pop("blijft", ()))]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise WrongUse(f"{FILE}: dit bestand is onbruikbaar: {error}") from error
    if document:
        raise WrongUse(f"{FILE}: onbekend onderdeel {', '.join(sorted(document))}")
    return tuple(sorted(found, key=lambda one: one.order))


def vertaling(
    kind: Berichttype, layout: Layout, afspraken: Sequence[Afspraak]
) -> Iterator[Vertaling]:
    """Every element of a message that holds a value, in document order."""
    velden = {path: veld for one in kind.maps for path, veld in _velden(one)}
    own = [one for one in afspraken if kind.nummer in one.berichten]
    # What a release adds says in its own map what it is called.
    own += [_of_extra(kind, veld, path) for one in kind.maps for path, veld in _extra(one)]
    for element in layout.bericht.leaves():
        afspraak = afspraak_of(element, own)
        yield Vertaling(
            bericht=kind.naam,
            element=element,
            veld=velden.get(element) or _by_retour(kind, element),
            doel=afspraak.doel if afspraak else None,
            reden=afspraak.reden if afspraak else None,
        )


def afspraak_of(element: str, afspraken: Sequence[Afspraak]) -> Afspraak | None:
    """What is agreed of an element; the first that speaks of it counts."""
    steps = tuple(element.split("/"))
    return next((one for one in afspraken if _fits(one.pad, steps)), None)


def _fits(pad: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    if not pad or not steps:
        return not pad and not steps
    if pad[0] != ANY:
        return pad[0] == steps[0] and _fits(pad[1:], steps[1:])
    return len(pad) == 1 or any(_fits(pad[1:], steps[n:]) for n in range(len(steps)))


def _velden(one: Map) -> Iterator[tuple[str, str]]:
    """The elements that a map reads, each with its field."""
    around = "/".join(step.removesuffix("[]") for step in one.steps)
    for spec in one.fields:
        if spec.at and spec.at != NOWHERE:
            yield f"{around}/{spec.at}", f"{one.record.__name__}.{spec.name}"
    yield from _extra(one)


def _extra(one: Map) -> Iterator[tuple[str, str]]:
    """The same of what a release adds and no rule of ours knows."""
    around = "/".join(step.removesuffix("[]") for step in one.steps)
    for spec in one.extra:
        yield f"{around}/{spec.at}", f"{one.record.__name__}.extra.{spec.name}"


def _of_extra(kind: Berichttype, veld: str, path: str) -> Afspraak:
    return Afspraak((kind.nummer,), _pad("", path), f"extra.{veld.rpartition('.')[2]}", None)


def _by_retour(kind: Berichttype, element: str) -> str | None:
    """The field of a code in the body of a retour, which is read class by class."""
    if kind.retourcodes_in and f"/{CODES}/" in element:
        return f"{Retourklasse.__name__}.retourcodes"
    return None


def _naar(given: Sequence[dict[str, Any]]) -> Iterator[Afspraak]:
    for one in given:
        _know(one, _NAAR)
        for element, name in one["elementen"].items():
            _know_name(one["doel"], name)
            yield Afspraak(
                tuple(one["berichten"]), _pad(one["onder"], element), f"{one['doel']}.{name}", None
            )


def _blijft(given: Sequence[dict[str, Any]]) -> Iterator[Afspraak]:
    for one in given:
        _know(one, _BLIJFT)
        for element in one["elementen"]:
            yield Afspraak(
                tuple(one["berichten"]), _pad(one["onder"], element), None, str(one["reden"])
            )


def _know(one: dict[str, Any], keys: set[str]) -> None:
    if one.keys() != keys:
        raise ValueError(f"een afspraak heeft {', '.join(sorted(keys))}")


def _know_name(doel: str, name: str) -> None:
    """A name has to be one of the canonical record, where it is meant for one."""
    for record in CANONIEK:
        if record.__struct_config__.tag == doel and name not in record.__struct_encode_fields__:
            raise ValueError(f"{doel} heeft geen {name}")


def _pad(onder: str, element: str) -> tuple[str, ...]:
    return tuple(step for step in f"{onder}/{element}".split("/") if step)
