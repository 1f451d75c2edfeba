"""The pages of the documentation that are made of the sources, and where links between them lead.

No text here is written twice: a page of a rule is its docstring and its cases, one of a check its
texts, one of a message its TOML file.
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
from gateway.messages.definition import Berichttype

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
    yield _table(("kenmerk", ""), facts)
    yield _quoted(one["statement"])
    yield from (one[name] for name in ("niet_software", "nog_niet") if one.get(name))
    if one["retourcodes"]:
        yield "## Wat de afzender krijgt"
        rows = [(code, answers[code]["wat"], answers[code]["doe"]) for code in one["retourcodes"]]
        yield _table(("code", "betekenis", "wat de afzender doet"), rows)
    yield from _cases(f"tests/rules/{one['code']}.toml")
    yield "Alle regels: [de tabel per bericht](../regels.md)."


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
    yield _quoted(one.statement)
    yield from _cases(f"tests/checks/{one.code}.toml")
    yield "Alle controles, en hoe u er een uitzet: [Afwijkingen](../afwijkingen.md)."


def _cases(file: str) -> Iterator[str]:
    """The cases that show what a rule or check does, on both sides."""
    if not (ROOT / file).exists():
        return
    cases = _data(file)["case"]
    yield "## Gevallen"
    yield f"Elke test draait deze gevallen (`{file}`)."
    rows = [(one["name"], _side(one), one.get("text", "")) for one in cases]
    yield _table(("geval", "spreekt", "wat er dan staat"), rows)


def _side(case: Mapping[str, Any]) -> str:
    return "ja" if case.get("offends") else "nee"


def _messages() -> Iterator[tuple[str, str]]:
    by_number: dict[str, list[Berichttype]] = defaultdict(list)
    for one in load_types(Settings()).all():
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
        yield f"berichten/{number}.md", _joined(_message(number, names[number], both))


def _message(number: str, name: str, both: Sequence[Berichttype]) -> Iterator[str]:
    yield f"# Bericht {number}: {name}"
    rows = [
        (one.naam, one.code, f"`{one.schema}`", _answered(one.answer), one.uitgave.naam)
        for one in both
    ]
    yield _table(("bericht", "BerichtCode", "schema", "antwoord", "uitgave"), rows)
    yield f"Waar elk element blijft: [vertaling](../vertaling.md#bericht-{number})."
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


def _quoted(statement: str) -> str:
    """A docstring as a quotation: it is in English, as the code is."""
    return "\n".join(f"> {line}".rstrip() for line in statement.splitlines())


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
