"""Tells in Dutch where and how a message breaks its XSD, at most twenty times.

libxml2 reports the breaches of a stream without line or place.  The chunks in which they turned
up are therefore parsed once more, tag by tag, so that each breach is known to belong to the tag
that was fed last.  Memory stays constant and any size can be explained.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml import etree

from gateway.records.finding import SchemaError
from gateway.records.masker import mask

if TYPE_CHECKING:
    from gateway.messages.reader import Message

MAX_ERRORS = 20
MAX_SHOWN = 60

# What these elements hold is about a person and is never repeated in a sentence.
PERSONAL = frozenset(
    (
        "Bsn",
        "Datum",
        "Achternaam",
        "Voorvoegsel",
        "Voornamen",
        "Voorletters",
        "Taal",
        "Commentaar",
        "Nummer",
        "Huisnummer",
        "Huisletter",
        "HuisnummerToevoeging",
        "Postcode",
        "Straatnaam",
        "Plaatsnaam",
        "Organisatie",
        "Telefoonnummer",
        "Landnummer",
        "Emailadres",
    )
)

_NAMESPACE = re.compile(r"\{[^{}]*\}")
_ELEMENT = re.compile(
    r"^Element '(?:\{[^{}]*\})?([^']*)'(?:, attribute '([^']*)')?: (?:\[facet '\w+'\] )?(.*)$",
    re.S,
)
_VALUE = re.compile(
    r"(?:The value )?'(.*?)' (?:is not|has a length|is less|is greater|exceeds)", re.S
)
_SET = re.compile(r"an element of the set \{(.*)\}", re.S)
_PATTERN = re.compile(r"accepted by the pattern '(.*)'\.?$", re.S)
_LENGTH = re.compile(r"length of '(\d+)'\.?$")
_BOUND = re.compile(r"value allowed \('(-?\d+)'\)")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*?) \)")
_ATOMIC = re.compile(r"atomic type '([^']*)'")


def explain(message: Message, chunks: list[int]) -> list[SchemaError]:
    """Every breach in the given chunks of a message, in document order, at most MAX_ERRORS."""
    return list(_errors(message, frozenset(chunks)))[:MAX_ERRORS] or [_unplaced()]


def _errors(message: Message, chunks: frozenset[int]) -> Iterator[SchemaError]:
    from gateway.messages.reader import new_parser

    parser = new_parser(message.schemas.of(message.kind), None)
    place = _Place(message.kind.repeating)
    known = given = 0
    line = 1
    try:
        for number, chunk in enumerate(message.source.chunks()):
            for piece in _tags(chunk) if number in chunks else (chunk,):
                parser.feed(piece)
                line += piece.count(b"\n")
                place.follow(parser)
                breaches = [e for e in parser.feed_error_log if e.domain_name == "SCHEMASV"]
                for breach in breaches[known:]:
                    yield _told(breach.message, place, line)
                    given += 1
                known = len(breaches)
            if given >= MAX_ERRORS:
                return
        parser.close()
    except etree.XMLSyntaxError:
        return


def _tags(chunk: bytes) -> list[bytes]:
    """The chunk cut behind every `>`."""
    return [piece for piece in re.split(rb"(?<=>)", chunk) if piece]


class _Place:
    """The XPath of the element that was touched last."""

    def __init__(self, repeating: frozenset[str]) -> None:
        self._repeating = repeating
        self._stack: list[tuple[str, dict[str, int]]] = []
        self.pad = ""

    def follow(self, parser: etree.XMLPullParser) -> None:
        """Take in what the parser has seen since the last call."""
        for event, element in parser.read_events():
            if event == "start":
                self._open(element.tag.rpartition("}")[2])
            else:
                self.pad = self._stack.pop()[0]
                element.clear(keep_tail=True)
                while (before := element.getprevious()) is not None:
                    before.getparent().remove(before)

    def _open(self, name: str) -> None:
        around = ""
        if self._stack:
            around, counts = self._stack[-1]
            counts[name] = counts.get(name, 0) + 1
            index = counts[name]
            name = f"{name}[{index}]" if name in self._repeating or index > 1 else name
        pad = f"{around}/{name}"
        self._stack.append((pad, {}))
        self.pad = pad


def _told(message: str, place: _Place, line: int) -> SchemaError:
    """One breach as a sentence with line, place, what was found and what was expected."""
    matched = _ELEMENT.match(message.strip())
    name, attribute, rest = matched.groups() if matched else ("", None, message)
    pad = place.pad
    found, expected = _found_and_expected(name, attribute, rest.strip())
    text = f"regel {line}, {pad}: gevonden {found}, verwacht {expected}"
    return SchemaError(line=line, pad=pad, found=found, expected=expected, text=text)


def _found_and_expected(name: str, attribute: str | None, rest: str) -> tuple[str, str]:
    if attribute is not None or "The attribute" in rest:
        return f"een attribuut op <{name}>", "geen attributen"
    if "This element is not expected" in rest or "No matching global" in rest:
        expected = _expected_elements(rest, "geen element op deze plaats")
        # The same name can only be wrong by its namespace, which names in a sentence leave out.
        other = " uit een andere naamruimte" if f"<{name}>" in expected else ""
        return f"het element <{name}>{other}", expected
    if "Missing child element" in rest:
        return f"<{name}> zonder verplicht element", _expected_elements(rest, "een element")
    if "Character content" in rest:
        return f"tekst in <{name}>", "alleen elementen"
    if "Element content is not allowed" in rest:
        return f"elementen in <{name}>", "alleen een waarde"
    return _shown_value(name, rest), _expected_value(rest)


def _expected_elements(rest: str, otherwise: str) -> str:
    matched = _EXPECTED.search(rest)
    if not matched:
        return otherwise
    names = [_NAMESPACE.sub("", part).strip(" '") for part in matched[1].split(",")]
    return " of ".join(f"<{name}>" for name in names)


def _shown_value(name: str, rest: str) -> str:
    matched = _VALUE.search(rest)
    if name in PERSONAL or matched is None:
        return f"een waarde van <{name}> die niet past"
    # Before it is cut: eight digits of a Bsn give the ninth away.
    value = " ".join(mask(matched[1]).split())
    return f"'{value[:MAX_SHOWN]}{'...' if len(value) > MAX_SHOWN else ''}'"


def _expected_value(rest: str) -> str:
    if matched := _SET.search(rest):
        codes = [code.strip(" '") for code in matched[1].split(",")]
        shown = ", ".join(codes[:25])
        return f"een van de codes {shown}{' ...' if len(codes) > 25 else ''}"
    if matched := _PATTERN.search(rest):
        return f"een waarde van de vorm {matched[1]}"
    if matched := _LENGTH.search(rest):
        return f"{'hoogstens' if 'maximum' in rest else 'minstens'} {matched[1]} tekens"
    if matched := _BOUND.search(rest):
        return f"een getal van {'hoogstens' if 'maximum' in rest else 'minstens'} {matched[1]}"
    if matched := _ATOMIC.search(rest):
        return _KINDS.get(_NAMESPACE.sub("", matched[1]).removeprefix("xs:"), "een andere waarde")
    return "een waarde die het schema toelaat"


_KINDS = {
    "date": "een datum (jjjj-mm-dd)",
    "LDT_Datum": "een datum (jjjj-mm-dd) zonder tijdzone",
    "time": "een tijd (uu:mm:ss)",
    "LDT_Tijd": "een tijd (uu:mm:ss) zonder tijdzone",
    "integer": "een geheel getal",
    **dict.fromkeys(
        (
            "LDT_Bedrag",
            "LDT_BerichtSubversie",
            "LDT_BerichtVersie",
            "LDT_Budget",
            "LDT_Huisnummer",
            "LDT_Nummer",
            "LDT_RelatieVolgorde",
            "LDT_TotaalBedrag",
            "LDT_Volume",
        ),
        "een geheel getal",
    ),
}


def _unplaced() -> SchemaError:
    """The XSD said no but not where; the message is refused all the same."""
    return SchemaError(
        line=0,
        pad="/Bericht",
        found="een bericht dat niet aan zijn schema voldoet",
        expected="een bericht dat aan zijn schema voldoet",
        text="het bericht voldoet niet aan zijn schema",
    )
