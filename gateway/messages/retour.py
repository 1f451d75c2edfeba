"""Reads the RetourCodes of a retour, class by class; what they stand at is a copy."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from gateway.messages.definition import Berichttype
from gateway.messages.reader import Source, events, new_parser, read_tree
from gateway.records.retour import Retourklasse

CODES = "RetourCodes"
KENMERKEN = ("ToewijzingNummer", "ReferentieAanbieder")


def read_klassen(source: Source, heen: Berichttype) -> tuple[list[Retourklasse], frozenset[str]]:
    """Every class with RetourCodes, in document order, and the Bsns of the clients.

    `heen` is the type that is answered.  The message has to be known to obey its XSD.
    """
    root = read_tree(source)
    bsns = frozenset(one.text or "" for one in root.iter("{*}Bsn"))
    return list(_klassen(root, "/Bericht", heen.repeating)), bsns


def read_clienten(source: Source) -> Iterator[Retourklasse]:
    """The Clients of a 325 with their codes, in document order and in constant memory."""
    parser = new_parser(None, ["{*}Client", "{*}Prestatie"], ("end",))
    number = 0
    for _, element in events(parser, source.chunks()):
        if _local(element) == "Client":
            number += 1
            codes = next((child for child in element if _local(child) == CODES), ())
            pad = f"/Bericht/DeclaratieAntwoord/Clienten/Client[{number}]"
            yield Retourklasse(pad, None, tuple(code.text or "" for code in codes))
        _forget(element)


def _forget(element: etree._Element) -> None:
    """Give the memory of a class back, and of the classes before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


def _klassen(
    element: etree._Element, pad: str, repeating: frozenset[str]
) -> Iterator[Retourklasse]:
    codes = next((child for child in element if _local(child) == CODES), None)
    if codes is not None:
        yield Retourklasse(pad, _kenmerk(element), tuple(code.text or "" for code in codes))
    counts: dict[str, int] = {}
    for child in element:
        name = _local(child)
        counts[name] = counts.get(name, 0) + 1
        if len(child) and name != CODES:
            index = f"[{counts[name]}]" if name in repeating else ""
            yield from _klassen(child, f"{pad}/{name}{index}", repeating)


def _kenmerk(element: etree._Element) -> str | None:
    return next((child.text for child in element if _local(child) in KENMERKEN), None)


def _local(element: etree._Element) -> str:
    return str(element.tag.rpartition("}")[2])
