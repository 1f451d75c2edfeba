"""Writes messages: the 325 as text in document order, and a retour as a copy of its heenbericht."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from lxml import etree

from gateway.messages.definition import Berichttype
from gateway.messages.reader import Source, read_tree
from gateway.records.declaratie import Prestatie
from gateway.records.extra import Waarde

NEWLINE = "\r\n"
Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Versies:
    """BasisschemaXsdVersie and BerichtXsdVersie."""

    basisschema: str
    bericht: str


class Tekst:
    """Puts elements of one message type into text: `b` for base elements, `m` for its own."""

    def __init__(self, kind: Berichttype) -> None:
        self._kind = kind
        self._basis = "ijw" if kind.standaard == "ijw" else "iwmo"
        self._own = kind.naam.lower()
        self._extra = _places_of_extra(kind)

    def document(self, inside: Iterable[str]) -> Iterator[str]:
        """The whole message around its classes."""
        yield f'<?xml version="1.0" encoding="UTF-8"?>{NEWLINE}'
        yield (
            f'<{self._own}:Bericht xmlns:{self._own}="{self._kind.namespace}" '
            f'xmlns:{self._basis}="{self._kind.basis_namespace}">{NEWLINE}'
        )
        yield from inside
        yield f"</{self._own}:Bericht>{NEWLINE}"

    def open(self, name: str) -> str:
        """The start tag of a class."""
        return f"<{self._own}:{name}>{NEWLINE}"

    def close(self, name: str) -> str:
        """The end tag of a class."""
        return f"</{self._own}:{name}>{NEWLINE}"

    def own(self, name: str, value: object) -> str:
        """An element of the message with a value."""
        return f"<{self._own}:{name}>{escape(str(value))}</{self._own}:{name}>{NEWLINE}"

    def group(self, name: str, parts: Iterable[tuple[str, object]]) -> str:
        """An element of a base type: its parts that have a value."""
        basis = self._basis
        inside = "".join(
            f"<{basis}:{part}>{escape(str(value))}</{basis}:{part}>"
            for part, value in parts
            if value is not None
        )
        return f"<{self._own}:{name}>{inside}</{self._own}:{name}>{NEWLINE}"

    def codes(self, codes: Codes) -> str:
        """The RetourCodes of a class."""
        own = self._own
        inside = "".join(f"<{own}:RetourCode>{code}</{own}:RetourCode>" for code in codes)
        return f"<{own}:RetourCodes>{inside}</{own}:RetourCodes>{NEWLINE}"

    def xsd_versie(self, name: str, versies: Versies) -> str:
        """An element with the two XSD versions."""
        parts = (
            ("BasisschemaXsdVersie", versies.basisschema),
            ("BerichtXsdVersie", versies.bericht),
        )
        return self.group(name, parts)

    def totaal(self, name: str, signed: int) -> str:
        """A signed total in eurocents: negative is its absolute value with C, zero is D."""
        parts = (("TotaalBedrag", abs(signed)), ("DebetCredit", "C" if signed < 0 else "D"))
        return self.group(name, parts)

    def prestatie(self, line: Prestatie, codes: Codes) -> str:
        """A line of a 325: the line of the 323 unchanged, with its codes."""
        referentie = (
            ("ReferentieNummer", line.referentienummer),
            ("VorigReferentieNummer", line.vorig_referentienummer),
        )
        periode = (("Begindatum", line.begindatum), ("Einddatum", line.einddatum))
        bedrag = (("Bedrag", line.ingediend_bedrag), ("DebetCredit", line.debet_credit))
        tarief = line.producttarief
        parts = [
            self.open("Prestatie"),
            self.group("ProductReferentie", referentie),
            self.own("ToewijzingNummer", line.toewijzingnummer),
            self.own("ProductCategorie", line.productcategorie),
            self.own("ProductCode", line.productcode),
            self.group("ProductPeriode", periode),
            self.own("GeleverdVolume", line.geleverd_volume),
            self.own("Eenheid", line.eenheid),
            "" if tarief is None else self.own("ProductTarief", tarief),
            self.group("IngediendBedrag", bedrag),
            self.codes(codes),
            self.close("Prestatie"),
        ]
        if line.extra and self._extra:
            self._add_extra(parts, dict(line.extra))
        return "".join(parts)

    def _add_extra(self, parts: list[str], extra: Mapping[str, Waarde]) -> None:
        """Put the elements beyond those of every release in their places."""
        for place, naam, element in self._extra:
            if naam in extra:
                parts[place] = self.own(element, extra[naam]) + parts[place]


def _places_of_extra(kind: Berichttype) -> list[tuple[int, str, str]]:
    """Of what a release adds to a line: before which part it stands, its name and its element.

    The map of the line names its elements in the order of the XSD.  Last of one place in front,
    because each is put before the former.
    """
    maps = [one for one in kind.maps if one.name == "Prestatie"]
    found: list[tuple[int, str, str]] = []
    for one in maps:
        extra = {spec.at: spec.name for spec in one.extra}
        place = 1  # behind the start tag
        last = ""
        for at in one.elements:
            top = at.partition("/")[0]
            if at in extra:
                found.append((place, extra[at], at))
            elif top != last:
                place, last = place + 1, top
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Retourkop:
    """What a retour adds to the Header that it copies.

    No `codes` means approved.  `xslt_versie` is filled when level 2 refused the message.
    """

    identificatie: str
    dagtekening: date
    versies: Versies
    codes: Codes = ()
    xslt_versie: str | None = None


def write_retour(
    source: Source,
    heen: Berichttype,
    retour: Berichttype,
    kop: Retourkop,
    klassen: Mapping[str, Codes] | None,
    unjudged: Set[str] = frozenset(),
) -> bytes:
    """A retour: the Header copied unchanged, and with `klassen` the body with codes per class.

    `klassen` gives the codes by XPath of a class; a class that it does not name gets 0200, or
    0233 where it stands below one of the `unjudged` XPaths.
    """
    copy = _Retour(heen, retour, klassen, unjudged)
    original = read_tree(source)
    root = etree.Element(
        retour.root,
        nsmap={retour.naam.lower(): retour.namespace, heen.standaard: retour.basis_namespace},
    )
    header = copy.copied(original[0], "/Bericht/Header")
    header[0].text = retour.code
    _append_kop(header, retour, kop)
    root.append(header)
    if klassen is not None:
        for child in original[1:]:
            root.append(copy.copied(child, f"/Bericht/{_local(child)}"))
    etree.indent(root, space="  ")
    text = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return bytes(text).replace(b"\n", NEWLINE.encode())


def _local(element: etree._Element) -> str:
    return str(element.tag.rpartition("}")[2])


class _Retour:
    """Copies the classes of a heenbericht into the namespace of its retour."""

    def __init__(
        self,
        heen: Berichttype,
        retour: Berichttype,
        klassen: Mapping[str, Codes] | None,
        unjudged: Set[str],
    ) -> None:
        self._heen = f"{{{heen.namespace}}}"
        self._retour = f"{{{retour.namespace}}}"
        self._repeating = heen.repeating
        self._with_codes = frozenset(retour.retourcodes_in)
        self._klassen = klassen or {}
        self._unjudged = tuple(f"{pad}/" for pad in unjudged)

    def copied(self, element: etree._Element, pad: str) -> etree._Element:
        """The element and all below it; a class that carries RetourCodes gets them at its end."""
        made = etree.Element(element.tag.replace(self._heen, self._retour))
        made.text = element.text if not len(element) else None
        counts: dict[str, int] = {}
        for child in element:
            name = _local(child)
            counts[name] = counts.get(name, 0) + 1
            index = f"[{counts[name]}]" if name in self._repeating else ""
            made.append(self.copied(child, f"{pad}/{name}{index}"))
        own_class = element.tag.startswith(self._heen) and _local(element) in self._with_codes
        if own_class and _local(element) != "Header":
            _append_codes(made, self._retour, self._codes_of(pad))
        return made

    def _codes_of(self, pad: str) -> Codes:
        """What a class is told: its own codes, else whether it was judged at all."""
        default = "0233" if pad.startswith(self._unjudged) else "0200"
        return self._klassen.get(pad, (default,))


def _append_kop(header: etree._Element, retour: Berichttype, kop: Retourkop) -> None:
    own, basis = f"{{{retour.namespace}}}", f"{{{retour.basis_namespace}}}"
    _append(header, f"{own}IdentificatieRetour", kop.identificatie)
    _append(header, f"{own}DagtekeningRetour", kop.dagtekening.isoformat())
    if kop.xslt_versie is not None:
        _append(header, f"{own}XsltVersie", kop.xslt_versie)
    versies = etree.SubElement(header, f"{own}XsdVersieRetour")
    _append(versies, f"{basis}BasisschemaXsdVersie", kop.versies.basisschema)
    _append(versies, f"{basis}BerichtXsdVersie", kop.versies.bericht)
    if kop.codes:
        _append_codes(header, own, kop.codes)


def _append_codes(element: etree._Element, own: str, codes: Codes) -> None:
    inside = etree.SubElement(element, f"{own}RetourCodes")
    for code in codes:
        _append(inside, f"{own}RetourCode", code)


def _append(element: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(element, tag).text = text
