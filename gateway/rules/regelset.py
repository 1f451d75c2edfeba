"""The rules as one release has them: those of the registry, with what `release.toml` changes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.errors import WrongUse
from gateway.messages.definition import Berichttype
from gateway.messages.uitgaven import RELEASE, Uitgave
from gateway.rules.catalogus import LEVELS
from gateway.rules.registry import Rule

INSIDE = 2
KEYS: Mapping[str, type] = {
    "functie": str,
    "niveau": int,
    "retourcode": str,
    "tekst": str,
    "parameters": dict,
    "vervallen": bool,
}


@dataclass(frozen=True, slots=True)
class Regelset:
    """The rules of one release by code, with the control level of each; `versie` is XsltVersie."""

    versie: str
    rules: Mapping[str, Rule]
    niveaus: Mapping[str, int]


def regelset_of(
    uitgave: Uitgave, rules: Mapping[str, Rule], niveaus: Mapping[str, int]
) -> Regelset:
    """The rules of a release; raises WrongUse that names the rule and the mistake."""
    if not uitgave.regels:
        return Regelset(uitgave.regelset, rules, niveaus)
    own_rules, own_levels = dict(rules), dict(niveaus)
    for code, given in uitgave.regels.items():
        where = f"{uitgave.naam}/{RELEASE}: regel {code}"
        _check(where, given)
        if given.get("vervallen"):
            _remove(where, code, given, own_rules)
            continue
        own_rules[code] = _changed(where, code, given, rules)
        own_levels[code] = _level(where, code, given, niveaus)
    return Regelset(uitgave.regelset, own_rules, own_levels)


def check_stages(kind: Berichttype, regelset: Regelset) -> None:
    """Every rule that a message names has a function and stands at its own control level."""
    where = f"{kind.uitgave.naam}/{kind.naam}.toml"
    named = {code: stage for stage in kind.stages for code in stage.rules}
    if unknown := sorted(named.keys() - regelset.rules.keys()):
        raise WrongUse(f"{where}: de stages noemen regels zonder functie: {', '.join(unknown)}")
    for code, stage in named.items():
        if (regelset.niveaus.get(code) == INSIDE) != (stage.level == INSIDE):
            raise WrongUse(f"{where}: regel {code} staat niet in een stage van zijn niveau")


def _check(where: str, given: Any) -> None:
    if not isinstance(given, dict) or not given:
        raise WrongUse(f"{where}: vertel wat er verandert: {', '.join(KEYS)}")
    for key, value in given.items():
        if key not in KEYS:
            raise WrongUse(f"{where}: onbekende sleutel {key}")
        if type(value) is not KEYS[key]:
            raise WrongUse(f"{where}: {key} heeft de verkeerde vorm")


def _remove(where: str, code: str, given: Mapping[str, Any], rules: dict[str, Rule]) -> None:
    if len(given) > 1:
        raise WrongUse(f"{where}: vervallen staat alleen")
    if rules.pop(code, None) is None:
        raise WrongUse(f"{where}: die bestaat niet en kan dus niet vervallen")


def _changed(where: str, code: str, given: Mapping[str, Any], rules: Mapping[str, Rule]) -> Rule:
    """The rule of the registry with what the release says instead; a new code names a function."""
    source = rules.get(given.get("functie", code))
    if source is None:
        known = "functie noemt geen bekende regel" if "functie" in given else "functie ontbreekt"
        raise WrongUse(f"{where}: {known}")
    own = rules.get(code)
    return replace(
        source,
        code=code,
        retourcode=given.get("retourcode", None if own is None else own.retourcode),
        parameters=_parameters(where, given.get("parameters", {}), source),
        tekst=given.get("tekst", ""),
    )


def _parameters(where: str, given: Mapping[str, Any], source: Rule) -> dict[str, Any]:
    """The keywords of a rule's function, each of the same kind as what it takes by itself."""
    known = {
        one.name: one.default
        for one in inspect.signature(source.judge).parameters.values()
        if one.kind is inspect.Parameter.KEYWORD_ONLY
    }
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise WrongUse(f"{where}: de functie heeft geen parameter {name}")
        made = tuple(value) if isinstance(value, list) else value
        if type(made) is not type(known[name]):
            raise WrongUse(f"{where}: parameter {name} heeft de verkeerde vorm")
        found[name] = made
    return found


def _level(where: str, code: str, given: Mapping[str, Any], niveaus: Mapping[str, int]) -> int:
    level: int | None = given.get("niveau", niveaus.get(code))
    if level not in LEVELS:
        raise WrongUse(f"{where}: niveau moet 2, 3 of 4 zijn")
    return level
