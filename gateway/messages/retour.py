"""Reads the RetourCodes of a retour, class by class; what they stand at is a copy."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from gateway.messages.definition import Berichttype
from gateway.messages.reader import Source, read_tree
from gateway.records.retour import Retourklasse

CODES = "RetourCodes"
KENMERKEN = ("ToewijzingNummer", "ReferentieAanbieder")


def read_klassen(source: Source, heen: Berichttype) -> list[Retourklasse]:
    """Every class with RetourCodes, in document order; `heen` is the type that is answered.

    The message has to be known to obey its XSD.
    """
    return list(_klassen(read_tree(source), "/Bericht", heen.repeating))


def read_bsns(source: Source) -> frozenset[str]:
    """The Bsns of the clients in a message."""
    return frozenset(one.text or "" for one in read_tree(source).iter("{*}Bsn"))


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
