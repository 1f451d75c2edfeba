"""Reads the RetourCodes of a retour, class by class; what they stand at is a copy."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from gateway.messages.definition import Berichttype
from gateway.messages.reader import Source, read_tree
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
