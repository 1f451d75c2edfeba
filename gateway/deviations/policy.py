"""What a municipality does with each check: its effects, how long it holds, and its waivers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from gateway.agreements import keys
from gateway.agreements.rows import key_problems
from gateway.errors import WrongUse

CheckEffect = Literal["hold", "signal", "off"]
Table = Mapping[str, Any]

EFFECTS = ("signal", "hold", "off")
TERMIJN = 10  # working days within which a 323 must have its 325
LANGSTE_BEDENKTIJD = 24 * 60
SCOPE = ("aanbieder", "productcode", "toewijzingnummer")
GEMEENTE = re.compile("[0-9]{4}", re.ASCII)
VOORBEELD = "voorbeeld"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ontheffing:
    """A waiver: what it covers is counted but not shown, up to and including `tot`.

    Of aanbieder, productcode and toewijzingnummer those that are given must all fit.
    """

    check: str
    eigenaar: str
    reden: str
    tot: date
    aanbieder: str | None = None
    productcode: str | None = None
    toewijzingnummer: int | None = None

    def covers(self, code: str, scope: Mapping[str, object], vandaag: date) -> bool:
        """Whether it waives this check today for something with these features."""
        return (
            code == self.check
            and vandaag <= self.tot
            and all(getattr(self, key) in (None, scope.get(key)) for key in SCOPE)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Beleid:
    """The policy of one municipality; without a file of its own it has this default one.

    `effects` holds what differs from "signal", `controleplannen` per check the place in the plan
    for material control that it carries out.  On working day `alarmdag` after receipt a held
    message alarms, on `besluitdag` it is granted with a signal.  A decision of a person on more
    than `tweede_persoon_boven` eurocents needs a second person, and can be undone for `bedenktijd`
    minutes before an answer is made of it.
    """

    effects: Mapping[str, CheckEffect] = field(default_factory=dict)
    controleplannen: Mapping[str, str] = field(default_factory=dict)
    alarmdag: int = 8
    besluitdag: int = 9
    tweede_persoon_boven: int = 1_000_000
    bedenktijd: int = 10
    ontheffingen: tuple[Ontheffing, ...] = ()

    def effect_of(self, code: str) -> CheckEffect:
        """What happens with a deviation of this check."""
        return self.effects.get(code, "signal")

    def waives(self, code: str, scope: Mapping[str, object], vandaag: date) -> bool:
        """Whether a waiver covers a deviation of this check."""
        return any(one.covers(code, scope, vandaag) for one in self.ontheffingen)


def _working_day(value: object) -> bool:
    return type(value) is int and 1 <= value <= TERMIJN


def _bedenktijd(value: object) -> bool:
    return type(value) is int and 0 <= value <= LANGSTE_BEDENKTIJD


_TABLE = keys.Sleutel("een tabel", lambda value: isinstance(value, dict))
_DAY = keys.Sleutel(f"een werkdag van 1 tot en met {TERMIJN}", _working_day)
BESTAND: keys.Sleutels = {
    "check": _TABLE,
    "hold": _TABLE,
    "besluit": _TABLE,
    "ontheffing": keys.Sleutel("een reeks tabellen [[ontheffing]]", keys.is_tables),
}
CHECK: keys.Sleutels = {
    "effect": keys.one_of(EFFECTS, verplicht=True),
    "controleplan": keys.text(),
}
HOLD: keys.Sleutels = {"alarmdag": _DAY, "besluitdag": _DAY}
BESLUIT: keys.Sleutels = {
    "tweede_persoon_boven": keys.Sleutel("een geheel bedrag in centen", keys.is_whole),
    "bedenktijd": keys.Sleutel(
        f"een aantal minuten van 0 tot en met {LANGSTE_BEDENKTIJD}", _bedenktijd
    ),
}
ONTHEFFING: keys.Sleutels = {
    "check": keys.text(verplicht=True),
    "eigenaar": keys.text(verplicht=True),
    "reden": keys.text(verplicht=True),
    "tot": keys.day(verplicht=True),
    "aanbieder": keys.Sleutel("een AGB-code van acht cijfers", keys.is_agb),
    "productcode": keys.Sleutel(
        "een code van hoogstens vijf tekens zonder spaties", keys.matches(r"\S{1,5}")
    ),
    "toewijzingnummer": keys.Sleutel("een geheel getal", keys.is_whole),
}


def read_beleid(
    folder: Path, checks: Collection[str], gemeentecodes: Collection[str] = ()
) -> dict[str, Beleid]:
    """The policy per municipality from `<gemeente>.toml`; raises WrongUse on the first mistake.

    `checks` are the codes of the catalogue.  A file whose name begins with voorbeeld is checked,
    but binds nobody; any other name is a mistake, because a policy that is silently skipped is
    worse than none.  Without `gemeentecodes` no municipality is looked up.
    """
    if not folder.is_dir():
        raise WrongUse(f"{folder.name}: deze map met beleid bestaat niet")
    found = {}
    for path in policy_files(folder):
        beleid = _read(path, checks)
        if path.stem.startswith(VOORBEELD):
            continue
        if not GEMEENTE.fullmatch(path.stem):
            raise WrongUse(
                f"{path.name}: een beleidsbestand heet naar zijn gemeente, bijvoorbeeld 0193.toml"
            )
        if gemeentecodes and path.stem not in gemeentecodes:
            raise WrongUse(f"{path.name}: gemeente {path.stem} bestaat niet")
        found[path.stem] = beleid
    return found


def policy_files(folder: Path) -> list[Path]:
    """The files of a folder with policy in order of their names, examples among them."""
    return sorted(folder.glob("[!.]*.toml"))


def _read(path: Path, checks: Collection[str]) -> Beleid:
    try:
        return beleid_of(path.read_text(encoding="utf-8-sig"), checks)
    except OSError as error:
        raise WrongUse(f"{path.name}: dit bestand is niet te lezen") from error
    except ValueError as error:
        raise WrongUse(f"{path.name}: dit is geen geldige TOML in UTF-8") from error
    except WrongUse as wrong:
        raise WrongUse(f"{path.name}: {wrong}") from wrong


def beleid_of(text: str, checks: Collection[str]) -> Beleid:
    """The policy in the text of a file.

    Raises WrongUse on the first mistake, ValueError for what is no TOML.
    """
    document = tomllib.loads(text)
    problem = next(_problems(document, checks), None)
    if problem is not None:
        raise WrongUse(problem)
    checks_named = document.get("check", {})
    return Beleid(
        effects={code: one["effect"] for code, one in checks_named.items()},
        controleplannen={
            code: one["controleplan"] for code, one in checks_named.items() if "controleplan" in one
        },
        ontheffingen=tuple(Ontheffing(**one) for one in document.get("ontheffing", ())),
        **document.get("hold", {}),
        **document.get("besluit", {}),
    )


def _problems(document: Table, checks: Collection[str]) -> Iterator[str]:
    """What is wrong, in the order of the format; only the first one may be relied on."""
    yield from key_problems("bestand", document, BESTAND)
    for code, table in document.get("check", {}).items():
        yield from _code_problems(f"check {code}", code, checks)
        if not isinstance(table, dict):
            yield f"check {code}: schrijf [check.{code}] met daaronder effect"
        yield from key_problems(f"check {code}", table, CHECK)
    hold = document.get("hold", {})
    yield from key_problems("hold", hold, HOLD)
    yield from key_problems("besluit", document.get("besluit", {}), BESLUIT)
    alarmdag = hold.get("alarmdag", Beleid().alarmdag)
    besluitdag = hold.get("besluitdag", Beleid().besluitdag)
    if alarmdag > besluitdag:
        yield f"hold: alarmdag {alarmdag} ligt na besluitdag {besluitdag}"
    for number, table in enumerate(document.get("ontheffing", ()), start=1):
        where = f"ontheffing {number}"
        yield from key_problems(where, table, ONTHEFFING)
        yield from _code_problems(where, table["check"], checks)
        if not any(key in table for key in SCOPE):
            yield f"{where}: noem een {', '.join(SCOPE[:-1])} of {SCOPE[-1]}"


def _code_problems(where: str, code: str, checks: Collection[str]) -> Iterator[str]:
    if code not in checks:
        yield f"{where}: controle {code} bestaat niet"
