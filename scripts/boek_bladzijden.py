"""The pages of the documentation that are made of the sources, and where links between them lead.

No text here is written twice: a page of a rule is its sentence and its cases, one of a check its
texts, one of a message its TOML file and the sentences of its rules.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

from gateway.cli.rules import described_rules
from gateway.config import Settings
from gateway.deviations.registry import Check, load_checks
from gateway.inlezen import load_types
from gateway.messages.definition import Berichttype, Berichttypen
from gateway.periods.termijnen import read_termijnen
from gateway.rules.matrix import BY_SCHEMA

ROOT = Path(__file__).resolve().parent.parent
# Files beside `docs` that are a page too, and where.
PROJECT = {
    "README.md": "project/overzicht.md",
    "CHANGELOG.md": "project/wijzigingen.md",
    "CONTRIBUTING.md": "project/meedoen.md",
    "SECURITY.md": "project/melden.md",
}
WETTEN = {"ijw": "iJw", "iwmo": "iWmo"}
START = "Snel beginnen"
# What a retour that comes in may give to look at.
RETOUR_CHECKS = ("S191", "S192")
# Of a case: what the page has in columns of its own, and what only steers the test.
NOT_GIVEN = {"name", "offends", "text", "element", "evidence", "judges_whole"}
GIVEN = {"message": "bericht", "set": "met", "remove": "zonder", "batch": "soort"}
_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.M | re.S)
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
_CELL = re.compile(r"^\| `?((?:CD|CS|IV|OP|RS|TR|UP|S)[0-9]{3}[A-Za-z]?)`? \|", re.M)
_NAAM = re.compile(r"^# \w+: (.+), \w+$", re.M)


def generated() -> dict[str, str]:
    """The text of every page that is in no file of `docs`, by its name in the book."""
    readme = _text("README.md")
    section = re.split(r"^## (.+)$", readme, flags=re.M)
    start = dict(zip(section[1::2], section[2::2], strict=True))[START]
    pages = {target: in_book(_text(source), source, target) for source, target in PROJECT.items()}
    pages["beginnen.md"] = in_book(f"# {START}\n{start}", "README.md", "beginnen.md")
    return pages | dict(_messages()) | dict(_rules()) | dict(_checks())


def in_book(text: str, source: str, target: str) -> str:
    """A text of the project with its links as they are from its place in the book.

    `source` is the path of its file in the project, `target` that of its page in the book.
    """
    parts = _FENCED.split(text)
    link = partial(_led, source=source, target=target)
    parts[::2] = [_CELL.sub(partial(_row, target), _LINK.sub(link, one)) for one in parts[::2]]
    return "".join(parts)


def _led(found: re.Match[str], source: str, target: str) -> str:
    label, (path, sign, anchor) = found[1], found[2].partition("#")
    if "://" in path or path.startswith("mailto:") or not path:
        return found[0]
    place = normpath(str(PurePosixPath(source).parent / path))
    if place.startswith("docs/") and (ROOT / place).is_file():
        page = place.removeprefix("docs/")
    elif place in PROJECT:
        page = PROJECT[place]
    else:
        return f"{label} (`{place}`)" if label.strip("`") != place else f"`{place}`"
    return f"[{label}]({_from(target, page)}{sign}{anchor})"


def _row(target: str, found: re.Match[str]) -> str:
    """The first cell of a row of a table, as a link when it is a code that has a page."""
    code = found[1]
    folder = "controles" if re.fullmatch("S[0-9]{3}", code) else "regels"
    page = f"{folder}/{code}.md"
    return f"| [{code}]({_from(target, page)}) |" if code in _codes() else found[0]


def _from(page: str, other: str) -> str:
    return relpath(other, str(PurePosixPath(page).parent))


@cache
def _codes() -> frozenset[str]:
    """Every rule and check that has a page."""
    return frozenset([*load_checks(), *(one["code"] for one in described_rules())])


def _rules() -> Iterator[tuple[str, str]]:
    answers = _data("mappings/teksten/retourcodes.toml")
    for one in described_rules():
        yield f"regels/{one['code']}.md", _joined(_rule(one, answers))


def _rule(one: Mapping[str, Any], answers: Mapping[str, Any]) -> Iterator[str]:
    yield f"# Regel {one['code']}"
    facts = [("niveau", one["level"] or "geen: een regel voor mensen en processen")]
    facts += [(WETTEN[wet], _numbers(one[wet], "../berichten")) for wet in WETTEN]
    facts.append(("uitgevoerd door", _ticked(one["implemented"])))
    if one["level"] is not None:
        silent, speaking = one["cases"]["positive"], one["cases"]["negative"]
        told = f"{silent} waarin zij zwijgt, {speaking} waarin zij spreekt"
        facts.append(("gevallen", told))
    if one.get("klok"):
        facts.append(("op de klok", one["klok"]))
    yield str(one["statement"])
    if one.get("niet_software"):
        yield f"**Niet voor software.** {one['niet_software']}"
    if one.get("nog_niet"):
        yield f"**Nog niet.** {one['nog_niet']}"
    yield _table(("kenmerk", ""), facts)
    if one["level"] is not None:
        yield "## Wat de afzender krijgt"
        yield _sent(one, answers)
    yield from _cases(f"tests/rules/{one['code']}.toml")
    yield "Alle regels: [de tabel per bericht](../regels.md)."


def _sent(one: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """What the sender of a message that breaks the rule gets back."""
    if one["retourcodes"]:
        rows = [(code, answers[code]["wat"], answers[code]["doe"]) for code in one["retourcodes"]]
        return _table(("code", "betekenis", "wat de afzender doet"), rows)
    if one["implemented"] == BY_SCHEMA:
        return "Geen antwoord: het bericht volgt zijn schema niet. Waar, staat bij de uitkomst."
    return "Geen retourcode: op een antwoord komt geen antwoord. De ontvanger ziet wat er mis is."


def _checks() -> Iterator[tuple[str, str]]:
    texts = _data("mappings/teksten/checks.toml")
    for code, one in load_checks().items():
        yield f"controles/{code}.md", _joined(_check(one, texts[code]))


def _check(one: Check, text: Mapping[str, str]) -> Iterator[str]:
    yield f"# Controle {one.code}: {one.naam}"
    yield text["wat"]
    yield f"**Wat u doet.** {text['doe']}"
    facts = [("soort", one.soort), ("uitgevoerd door", _ticked(one.function))]
    yield _table(("kenmerk", ""), facts)
    yield from _cases(f"tests/checks/{one.code}.toml")
    yield "Alle controles, en hoe u er een uitzet: [Afwijkingen](../afwijkingen.md)."


def _cases(file: str) -> Iterator[str]:
    """The cases that show what a rule or check does, on both sides."""
    if not (ROOT / file).exists():
        return
    cases = _data(file)["case"]
    yield "## Gevallen"
    yield (
        f"De tests draaien deze gevallen (`{file}`). Elk geval is een goed bericht, met alleen dit "
        "anders. Bedragen zijn eurocenten."
    )
    rows = [(_given(one), _side(one), one.get("text", "")) for one in cases]
    yield _table(("wat er anders is", "spreekt", "wat er dan staat"), rows)


def _given(case: Mapping[str, Any]) -> str:
    """What a case changes.  Its name is for developers, so what it holds tells the reader."""
    given = {name: value for name, value in case.items() if name not in NOT_GIVEN}
    told = [f"{_said(GIVEN.get(name, name))}: {_shown(value)}" for name, value in given.items()]
    return "; ".join(told) or "niets"


def _said(name: str) -> str:
    return f"`{name}`" if "/" in name else name.replace("_", " ")


def _shown(value: object) -> str:
    """A value of a case in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{_said(name)} {_shown(one)}" for name, one in value.items()) or "geen"
    if isinstance(value, list):
        mark = " / " if any(isinstance(one, Mapping) for one in value) else ", "
        return mark.join("gewoon" if one == {} else _shown(one) for one in value) or "geen"
    if isinstance(value, bool):
        return "ja" if value else "nee"
    return str(value).strip() or "leeg"


def _side(case: Mapping[str, Any]) -> str:
    return "ja" if case.get("offends") else "nee"


def _messages() -> Iterator[tuple[str, str]]:
    types = load_types(Settings())
    by_number: dict[str, list[Berichttype]] = defaultdict(list)
    for one in types.all():
        by_number[one.nummer].append(one)
    names = {number: _name_of(both[0]) for number, both in by_number.items()}
    rows = [(f"[{number}]({number}.md)", names[number]) for number in sorted(names)]
    index = [
        "# De berichten",
        "Elk bericht heeft een bladzijde: het antwoord erop, en wat eraan wordt beoordeeld. "
        "[De weg van een bericht](../bericht.md) geldt voor allemaal.",
        _table(("bericht", "naam"), rows),
    ]
    yield "berichten/index.md", _joined(index)
    for number, both in by_number.items():
        yield f"berichten/{number}.md", _joined(_message(number, names[number], both, types))


def _message(
    number: str, name: str, both: Sequence[Berichttype], types: Berichttypen
) -> Iterator[str]:
    yield f"# Bericht {number}: {name}"
    rows = [
        (one.naam, one.code, f"`{one.schema}`", _answered(one.answer), one.uitgave.naam)
        for one in both
    ]
    yield _table(("bericht", "BerichtCode", "schema", "antwoord", "uitgave"), rows)
    yield f"Waar elk element blijft: [vertaling](../vertaling.md#bericht-{number})."
    yield from _retour(both, types)
    for one in both:
        if one.stages:
            yield f"## Wat een {one.naam} wordt gevraagd"
            yield (
                "De stappen gaan van boven naar beneden. Na een fout in een stap die stopt, "
                "wordt er niets meer gevraagd."
            )
            stages = [
                (stage.judges, stage.level, "ja" if stage.stops else "nee", _linked(stage.rules))
                for stage in one.stages
            ]
            yield _table(("onderdeel", "niveau", "stopt", "regels"), stages)
    yield f"## Elke regel over de {number}"
    yield _table(("regel", "wat zij vraagt", "wie ervoor zorgt"), _rows_of(number))


def _retour(both: Sequence[Berichttype], types: Berichttypen) -> Iterator[str]:
    """What is done with a retour, sent and received; nothing for another message."""
    if any(one.stages or not one.retourcodes_in for one in both):
        return
    retour = both[0]
    heen = types.answered_by(retour).nummer
    texts = _data("mappings/teksten/checks.toml")
    yield "## Wat de gateway ermee doet"
    yield (
        f"Een {retour.nummer} is het antwoord op een [{heen}]({heen}.md) van een ander: de gateway "
        f"maakt hem. Een retourcode kan staan bij: {', '.join(retour.retourcodes_in)}."
    )
    yield (
        f"Komt er een {retour.nummer} binnen, dan zoekt de gateway de {heen} waar hij over gaat. "
        "Een afgekeurd bericht telt als niet verstuurd, en de backoffice hoort het: zie "
        "[retouren](../bericht.md#retouren). Op een retour komt nooit een antwoord. "
        "Een medewerker krijgt dit te zien:"
    )
    rows = [
        (f"[{code}](../controles/{code}.md)", texts[code]["wat"], texts[code]["doe"])
        for code in RETOUR_CHECKS
    ]
    yield _table(("controle", "wat er is", "wat u doet"), rows)


def _rows_of(number: str) -> Iterator[Sequence[str]]:
    """Every rule on a message, with what it asks and who sees to it."""
    termijnen = read_termijnen(ROOT / "mappings")
    for one in described_rules():
        if number in (*one["ijw"], *one["iwmo"]):
            klok = f"klok: {termijnen[one['klok']].naam}" if one.get("klok") else ""
            people = "niet voor software" if one.get("niet_software") else ""
            yield (
                _linked([one["code"]]),
                one["statement"],
                klok or people or _ticked(one["implemented"]),
            )


def _name_of(one: Berichttype) -> str:
    """What a message is called, as its file says above everything else."""
    found = _NAAM.search(_text(f"mappings/{one.schema.partition('/')[0]}/{one.naam}.toml"))
    if found is None:
        raise ValueError(f"{one.naam} has no name")
    return found[1]


def _answered(answer: str | None) -> str:
    return "geen" if answer is None else f"[{answer}]({answer[-3:]}.md)"


def _linked(codes: Iterable[str]) -> str:
    return ", ".join(f"[{code}](../regels/{code}.md)" for code in codes)


def _numbers(numbers: Iterable[str], folder: str) -> str:
    return ", ".join(f"[{one}]({folder}/{one}.md)" for one in numbers) or "-"


def _ticked(name: str | None) -> str:
    return f"`{name}`" if name else "-"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    cells = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in cells)


def _cell(value: object) -> str:
    return str(value).replace("|", r"\|").replace("\n", " ")


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads(_text(name))
