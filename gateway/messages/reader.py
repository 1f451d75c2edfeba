"""The one hardened reader: bytes in, canonical records out, in constant memory.

Every message is read as a stream and validated against its XSD while it is read.  The verdict of
the XSD is known only at the last byte, so nothing that is handed out counts before `read` ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.errors import GatewayError, NotXml, SchemaViolated, UnknownMessage
from gateway.messages.codes_op import CodesOp
from gateway.messages.definition import Berichttype, Berichttypen
from gateway.messages.extract import Extractor
from gateway.messages.schema_errors import MAX_ERRORS, explain

CHUNK = 64 * 1024
BITE = 1024
BOM = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_RELEASE = re.compile(r"^\{http://www\.istandaarden\.nl/(iwmo|ijw)/(\d+)_(\d+)/")


class Schemas:
    """The XSDs of some folders, each compiled when a message first needs it."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._compiled: dict[str, etree.XMLSchema] = {}

    def of(self, kind: Berichttype) -> etree.XMLSchema:
        """The compiled XSD of a message type; raises GatewayError when it is missing or broken."""
        if kind.schema not in self._compiled:
            path = schema_folder(self._folders, kind) / kind.schema
            try:
                self._compiled[kind.schema] = etree.XMLSchema(file=str(path))
            except (etree.XMLSchemaParseError, OSError) as error:
                raise GatewayError(f"schema {path.name} is onbruikbaar: {error}") from error
        return self._compiled[kind.schema]


def schema_folder(folders: Sequence[Path], kind: Berichttype) -> Path:
    """The first folder that has the XSD of a message type."""
    return next((one for one in folders if (one / kind.schema).is_file()), folders[0])


def new_parser(
    schema: etree.XMLSchema | None,
    tags: list[str] | None,
    kinds: tuple[str, ...] = ("start", "end"),
) -> etree.XMLPullParser:
    """A parser that resolves nothing, fetches nothing and hands out events of `tags`.

    Comments and processing instructions are dropped before values are read: one inside an
    amount would otherwise split its text.  UTF-8 is fixed; another declaration is refused before.
    """
    return etree.XMLPullParser(events=kinds, tag=tags, schema=schema, **_HARDENED)


def huge_parser() -> etree.XMLParser:
    """The same for a document that is read whole, and in which one text may be of any size."""
    return etree.XMLParser(**{**_HARDENED, "huge_tree": True})


_HARDENED: Mapping[str, Any] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "remove_comments": True,
    "remove_pis": True,
    "remove_blank_text": True,
    "recover": False,
    "huge_tree": False,
}


Event = tuple[str, etree._Element]


def events(parser: etree.XMLPullParser, chunks: Iterable[bytes]) -> Iterator[Event]:
    """Feed all chunks and hand out what the parser saw, the part after the last byte included."""
    for chunk in chunks:
        parser.feed(chunk)
        yield from parser.read_events()
    parser.close()
    yield from parser.read_events()


def ended(parser: etree.XMLPullParser, chunks: Iterable[bytes]) -> Iterator[list[etree._Element]]:
    """Feed all chunks and hand out per chunk which elements ended; nobody else holds on to them."""
    for chunk in chunks:
        parser.feed(chunk)
        yield [element for _, element in parser.read_events()]
    parser.close()
    yield [element for _, element in parser.read_events()]


@dataclass(slots=True)
class Source:
    """The bytes of one message, which can be read more than once, within a cap.

    `open` gives the bytes from the start as pieces; `cap` is the largest size that is accepted.
    """

    pieces: Iterable[bytes]
    cap: int
    _head: bytes | None = None
    _is_small: bool = False
    _tree: etree._Element | None = None

    def head(self) -> bytes:
        """The first CHUNK of bytes, remembered: several looks are taken at it."""
        if self._head is None:
            parts = self._cut()
            self._head = next(parts, b"")
            self._is_small = len(self._head) < CHUNK and next(parts, None) is None
        return self._head

    def tree(self) -> etree._Element | None:
        """The whole of a small message, remembered: several look at it, and none may change it.

        None for one that is not within the head or the cap, or no XML.
        """
        with suppress(etree.XMLSyntaxError, NotXml):
            head = self.head()
            if self._tree is None and self._is_small:
                self._tree = etree.fromstring(head, etree.XMLParser(**_HARDENED))
        return self._tree

    def chunks(self) -> Iterator[bytes]:
        """The bytes in pieces of at most CHUNK, from the start; refuses more than the cap.

        Whoever stops within the head has nothing fetched for it.
        """
        yield self.head()
        rest = self._cut()
        next(rest, b"")
        yield from rest

    def _cut(self) -> Iterator[bytes]:
        size = 0
        for piece in self.pieces:
            size += len(piece)
            if size > self.cap:
                raise NotXml(f"het bericht is groter dan de grens van {self.cap} bytes")
            for begin in range(0, len(piece), CHUNK):
                yield piece[begin : begin + CHUNK]


@dataclass(frozen=True, slots=True)
class Peek:
    """What the first bytes tell of a message: enough to route it, nothing to rely on.

    `dagtekening` is the text of the last Dagtekening in the Header: that of the message itself, of
    an answer that of the message that it answers.
    """

    root: str | None = None
    afzender: str = ""
    ontvanger: str = ""
    identificatie: str = ""
    dagtekening: str = ""

    @property
    def peildatum(self) -> date | None:
        """The day that tells which release is in force; None where there is no date to be read."""
        try:
            return date.fromisoformat(self.dagtekening)
        except ValueError:
            return None


def peek(chunks: Iterable[bytes]) -> Peek:
    """Look at root and Header without validating; an unreadable start gives an empty Peek."""
    parser = new_parser(None, None)
    found: dict[str, str] = {}
    root: str | None = None
    # What is wrong is told by whoever reads the message.
    with suppress(etree.XMLSyntaxError, NotXml):
        for event, element in events(parser, _bites(chunks)):
            root = root or element.tag
            if event == "end" and _is_end_of_header(element, found):
                break
    return Peek(root, **found)


def peek_into(source: Source) -> Peek:
    """The same for who reads the message as well."""
    tree = source.tree()
    if tree is None:
        return peek(source.chunks())
    found: dict[str, str] = {}
    for _, element in etree.iterwalk(tree, events=("end",)):
        if _is_end_of_header(element, found):
            break
    return Peek(tree.tag, **found)


def _is_end_of_header(element: etree._Element, found: dict[str, str]) -> bool:
    """Note what an element of the Header tells."""
    name = element.tag.rpartition("}")[2]
    if name in ("Afzender", "Ontvanger", "Identificatie"):
        found.setdefault(name.lower(), (element.text or "").strip()[:12])
    elif name == "Dagtekening":
        found["dagtekening"] = (element.text or "").strip()[:10]
    return bool(name == "Header")


def _bites(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of which the first few hold a Header: the rest need not be read."""
    for chunk in chunks:
        for begin in range(0, len(chunk), BITE):
            yield chunk[begin : begin + BITE]


def recognise(root: str | None, types: Berichttypen) -> Berichttype:
    """The message type of a root element; raises UnknownMessage with what was found."""
    kind = types.by_root(root) if root else None
    if kind is not None:
        return kind
    release = _RELEASE.match(root or "")
    if release:
        versie = f"{release[2]}.{release[3]}"
        served = [one.versie for one in types.uitgaven if one.standaard == release[1]]
        if versie not in served:
            raise UnknownMessage(
                f"release {versie} van {release[1]} wordt niet bediend, alleen "
                f"{' en '.join(served)}"
            )
    name = (root or "").rpartition("}")[2][:40]
    versies = " of ".join(dict.fromkeys(one.versie for one in types.uitgaven))
    raise UnknownMessage(f"het element <{name}> is geen bericht van iWmo of iJw {versies}")


class Reader:
    """Reads messages of every known type; safe to share between messages.

    With `codes` a code that is not in use on the date of a message breaks it as its XSD would.
    """

    def __init__(self, types: Berichttypen, schemas: Schemas, codes: CodesOp | None = None) -> None:
        self._types = types
        self._schemas = schemas
        self._codes = codes

    def open(self, source: Source) -> Message:
        """Recognise a message by its root element.

        Raises NotXml and UnknownMessage; the body is not looked at before `records`.
        """
        first = source.head()
        refuse_other_encodings(first)
        root = _root_of(source)
        return Message(recognise(root, self._types), source, self._schemas, self._codes)


def read_tree(source: Source) -> etree._Element:
    """A message as a whole, without a look at its XSD: for messages about one client only.

    It may be looked at by others, and is not to be changed.
    """
    small = source.tree()
    if small is not None:
        return small
    parser = new_parser(None, None)
    for chunk in source.chunks():
        parser.feed(chunk)
    return parser.close()


@dataclass(slots=True)
class Message:
    """A recognised message whose records can be read."""

    kind: Berichttype
    source: Source
    schemas: Schemas
    codes: CodesOp | None = None

    def records(self) -> Iterator[tuple[str, Any]]:
        """Every record as (map name, record) in document order.

        Raises NotXml or SchemaViolated, the latter only after the last record: do nothing with
        the records that cannot be undone before this iterator has ended.
        """
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterable[list[tuple[str, Any]]]:
        """The same as `records`, some at a time: those that were complete after a piece of bytes.

        Cheaper where there are many.
        """
        extractor = _extractor_of(self.kind)
        read = self._small(extractor) or _Reading(self, extractor).run()
        return read if self.codes is None else self.codes.checked(self.kind, read)

    def check(self) -> None:
        """Raise what `records` would raise, for who needs no records."""
        for _ in self.batches():
            pass

    def _small(self, extractor: Extractor) -> Iterable[list[tuple[str, Any]]] | None:
        """The records of a small message that obeys its XSD: a stream costs twice as much.

        None for any other: what is wrong with it is told by who reads it as a stream.
        """
        tree = self.source.tree()
        if tree is None or not self.schemas.of(self.kind).validate(tree):
            return None
        state = extractor.begin()
        ends = etree.iterwalk(tree, events=("end",), tag=extractor.tags)
        records = state.told([element for _, element in ends])
        return [records] if state.unreadable is None else None


class _Reading:
    """One pass over a message; keeps which chunks held errors for the second look."""

    def __init__(self, message: Message, extractor: Extractor) -> None:
        self._message = message
        self._state = extractor.begin()
        root = message.kind.root
        schema = message.schemas.of(message.kind)
        self._parser = new_parser(schema, [root, *extractor.tags], ("end",))
        self._root = root
        self._ended = False
        self._broken_chunks: list[int] = []
        self._known_errors = 0
        self._chunk = 0

    def run(self) -> Iterator[list[tuple[str, Any]]]:
        try:
            for elements in ended(self._parser, self._watched_chunks()):
                self._ended |= bool(elements) and elements[-1].tag == self._root
                yield self._state.take(elements)
        except etree.XMLSyntaxError as error:
            if not self._count_errors(self._chunk):
                raise NotXml(_why_unreadable(self._message.source)) from error
            self._ended = True
        # With a schema lxml ends a truncated document without an error.
        if not self._ended and self._known_errors < MAX_ERRORS:
            raise NotXml(_why_unreadable(self._message.source))
        if self._known_errors:
            raise SchemaViolated(explain(self._message, sorted(set(self._broken_chunks))))
        if self._state.unreadable is not None:
            raise SchemaViolated([self._state.unreadable])

    def _watched_chunks(self) -> Iterator[bytes]:
        """The chunks of the message, until there are as many breaches as are told."""
        for number, chunk in enumerate(self._message.source.chunks()):
            self._chunk = number
            yield chunk
            if self._count_errors(number) >= MAX_ERRORS:
                return

    def _count_errors(self, chunk: int) -> int:
        """How many breaches of the XSD there are so far; remembers in which chunk they grew."""
        errors = [e for e in self._parser.feed_error_log if e.domain_name == "SCHEMASV"]
        if len(errors) > self._known_errors:
            self._known_errors = len(errors)
            self._broken_chunks.append(chunk)
        return self._known_errors


def refuse_other_encodings(first: bytes) -> None:
    """Only UTF-8 is read: anything else would turn letters into other letters unnoticed."""
    if first[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in first[:4]:
        raise NotXml("het bericht is geen UTF-8 maar UTF-16 of UTF-32")
    declared = _DECLARED.match(first.removeprefix(BOM))
    if declared and declared[1].strip().lower() != b"utf-8":
        name = declared[1].decode("ascii", "replace")[:20]
        raise NotXml(f"het bericht is volgens zijn declaratie {name}, alleen UTF-8 wordt gelezen")


def has_bom(chunk: bytes) -> bool:
    """Whether the message starts with a byte order mark (tolerated, with a signal)."""
    return chunk.startswith(BOM)


def _root_of(source: Source) -> str:
    """The root element's name; refuses a DOCTYPE and what is not XML at all."""
    tree = source.tree()
    if tree is not None:
        return _without_doctype(tree)
    parser = new_parser(None, None)
    try:
        for _, element in events(parser, _tags(source.chunks())):
            return _without_doctype(element)
    except etree.XMLSyntaxError as error:
        raise NotXml(_syntax_sentence(parser, error)) from error
    raise NotXml("het bericht is leeg")


def _without_doctype(root: etree._Element) -> str:
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotXml("het bericht heeft een DOCTYPE; dat wordt niet gelezen")
    return str(root.tag)


def _tags(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes cut behind every `>`: a DOCTYPE is seen before anything that it declares is."""
    for chunk in chunks:
        begin = 0
        while end := chunk.find(b">", begin) + 1:
            yield chunk[begin:end]
            begin = end
        yield chunk[begin:]


class _Nothing:
    """A parser target that keeps nothing."""

    def close(self) -> None:
        """See etree.XMLParser."""


def _why_unreadable(source: Source) -> str:
    """Why a message cannot be read to its end.

    With a schema lxml does not say, so the bytes are read once more without one.
    """
    parser = etree.XMLParser(target=_Nothing(), **_HARDENED)
    try:
        for chunk in source.chunks():
            parser.feed(chunk)
        parser.close()
    except etree.XMLSyntaxError as error:
        return _syntax_sentence(parser, error)
    return _CUT_OFF


def _syntax_sentence(
    parser: etree.XMLPullParser | etree.XMLParser, error: etree.XMLSyntaxError
) -> str:
    """What is wrong with XML that cannot be read, with the line."""
    log = [e for e in parser.feed_error_log if e.domain_name != "SCHEMASV"]
    kind, line = (log[0].type_name, log[0].line) if log else ("", error.lineno or 0)
    where = f" op regel {line}" if line else ""
    if "TAG_NOT_FINISHED" in kind:
        return _CUT_OFF
    for part, sentence in _SYNTAX.items():
        if part in kind:
            return sentence + where
    return f"het bericht is geen goed gevormde XML{where}"


_CUT_OFF = "het bericht is afgebroken: het laatste element ontbreekt"
_SYNTAX = {
    "ENTITY": "het bericht gebruikt een entiteit of DOCTYPE die niet wordt gelezen,",
    "ENCODING": "het bericht is geen geldig UTF-8",
    "INVALID_CHAR": "het bericht bevat een teken dat in XML niet mag",
    "RESOURCE_LIMIT": "het bericht is te diep genest of te groot",
    "DOCUMENT_EMPTY": "het bericht is leeg of bevat geen XML",
}


@lru_cache(maxsize=256)
def _extractor_of(kind: Berichttype) -> Extractor:
    return Extractor(kind)
