"""Reads envelopes: bytes or an element in, records out, and nothing that breaks the XSD.

Only the envelope may hold a text of more than 10 million bytes, its base64; the cap of the network
keeps it within bounds.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache

from lxml import etree

from gateway.config import data_folder
from gateway.errors import GatewayError, NotXml
from gateway.messages.reader import BOM, CHUNK, huge_parser, peek, refuse_other_encodings
from gateway.network.ggk.envelop import (
    ANTWOORDEN,
    BERICHTCODE,
    GGK,
    MOST_RECEIVED,
    ONLEESBAAR,
    ROOTS,
    STUF,
    VERSIE,
    Bevestiging,
    Envelop,
    EnvelopGeweigerd,
    Fout,
    Foutbericht,
    Parameters,
    Stuk,
    Stuurgegevens,
    Systeem,
)
from gateway.records.masker import mask

_BLANKS = b" \t\r\n"
_ENVELOP = re.compile(rf"^\{{({re.escape(STUF)}|http://[^}}]*/ggk\d{{4}})\}}")
# Without one of these in front nothing has to be parsed to see that it is none.
_MARKS = (STUF.encode(), b"/ggk")
_OTHER_RELEASE = re.compile(r"^\{http://[^}]*/ggk(?!0210\})(\d{4})\}")
_AT = re.compile(r"^Element '(?:\{[^}]*\})?([\w.-]{1,60})'")


def parse(body: bytes) -> etree._Element:
    """The root of XML from outside; raises EnvelopGeweigerd for what is not read."""
    if len(body) > MOST_RECEIVED:
        raise EnvelopGeweigerd(ONLEESBAAR, f"het bericht is groter dan {MOST_RECEIVED} bytes")
    if b"<!DOCTYPE" in body:
        raise EnvelopGeweigerd(ONLEESBAAR, "het bericht heeft een DOCTYPE; dat wordt niet gelezen")
    try:
        refuse_other_encodings(body)
        return etree.fromstring(body, huge_parser())
    except NotXml as refused:
        raise EnvelopGeweigerd(ONLEESBAAR, str(refused)) from None
    except etree.XMLSyntaxError as error:
        where = f", regel {error.lineno}" if error.lineno else ""
        text = f"het bericht is geen goed gevormde XML in UTF-8{where}"
        raise EnvelopGeweigerd(ONLEESBAAR, text) from None


def read(element: etree._Element) -> Stuk:
    """What an envelope says.

    Raises EnvelopGeweigerd for another release, an unknown kind, what breaks the XSD, and for
    content that is empty or no base64.
    """
    berichtcode = ROOTS.get(element.tag)
    if berichtcode is None:
        raise _unknown(str(element.tag))
    check(element)
    head = _stuurgegevens(element[0])
    if berichtcode in ("Di01", "Du01"):
        bestand = element[2][0]
        return Envelop(
            head,
            Parameters(*(one.text or "" for one in element[1])),
            content_of(bestand),
            bestand.get("bestandsnaam"),
        )
    if berichtcode == "Bv03":
        return Bevestiging(head)
    return _foutbericht(head, element[1])


def head_of(element: etree._Element) -> Stuurgegevens | None:
    """The head of an envelope that is refused, as far as an answer needs it.

    It goes by the names alone: it may be of another release, or break the XSD.  None where it does
    not tell who asks, and for what is an answer by itself, which nobody answers.
    """
    found = element.find("{*}stuurgegevens")
    berichtcode = ROOTS.get(element.tag, "Di01")
    if found is None or berichtcode in ANTWOORDEN:
        return None
    zender, ontvanger = found.find("{*}zender"), found.find("{*}ontvanger")
    nummer = found.findtext("{*}referentienummer")
    if zender is None or ontvanger is None or not nummer:
        return None
    try:
        return Stuurgegevens(
            berichtcode=berichtcode,
            zender=_systeem(zender),
            ontvanger=_systeem(ontvanger),
            referentienummer=nummer,
            tijdstip="",
        )
    except EnvelopGeweigerd:
        return None


def is_envelop(head: bytes) -> bool:
    """Whether what begins with these bytes is an envelope, of any release, and no plain message."""
    first = head[:CHUNK]
    if not any(mark in first for mark in _MARKS):
        return False
    root = peek([first]).root
    return root is not None and _ENVELOP.match(root) is not None


def check(element: etree._Element) -> None:
    """Raises EnvelopGeweigerd for an element that breaks the XSD; its values are never told."""
    schema = _schema()
    if schema.validate(element):
        return
    error = schema.error_log[0]
    found = _AT.match(error.message)
    name = f" bij {mask(found[1])}" if found else ""
    text = f"de envelop voldoet niet aan het schema{name}, regel {error.line}"
    raise EnvelopGeweigerd(ONLEESBAAR, text)


def content_of(bestand: etree._Element) -> bytes:
    """The bytes in an xmlBestand or tekstBestand, exactly; XML allows blanks among its base64.

    Raises EnvelopGeweigerd for what is no base64, and for no bytes at all.
    """
    told = (bestand.text or "").encode().translate(None, _BLANKS)
    try:
        content = base64.b64decode(told, validate=True)
    except binascii.Error:
        raise EnvelopGeweigerd(ONLEESBAAR, "de inhoud van de envelop is geen base64") from None
    # A length that is no multiple of four, or bits that nothing stands for, would go unnoticed.
    if base64.b64encode(content) != told:
        raise EnvelopGeweigerd(ONLEESBAAR, "de inhoud van de envelop is geen base64")
    if not content.removeprefix(BOM):
        raise EnvelopGeweigerd(ONLEESBAAR, "de envelop is leeg")
    return content


def canonical(element: etree._Element) -> bytes:
    """The same bytes for the same content, whatever SOAP or file it came in (exclusive C14N).

    Raises EnvelopGeweigerd for a namespace that is no whole address: such content has no such form.
    """
    try:
        found: bytes = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    except etree.C14NError:
        text = "de envelop noemt een naamruimte die geen volledig adres is"
        raise EnvelopGeweigerd(ONLEESBAAR, text) from None
    return found


def _unknown(tag: str) -> EnvelopGeweigerd:
    other = _OTHER_RELEASE.match(tag)
    if other:
        return EnvelopGeweigerd(VERSIE, f"GGk {other[1]} wordt niet bediend, alleen 0210")
    name = mask(etree.QName(tag).localname[:60])
    return EnvelopGeweigerd(BERICHTCODE, f"{name} is geen Di01, Du01 of Fo01 van GGk 2.1")


def _stuurgegevens(found: etree._Element) -> Stuurgegevens:
    def text(name: str) -> str | None:
        value: str | None = found.findtext(f"{{{STUF}}}{name}")
        return value

    return Stuurgegevens(
        berichtcode=ROOTS[found.getparent().tag],
        zender=_systeem(found.find(f"{{{STUF}}}zender")),
        ontvanger=_systeem(found.find(f"{{{STUF}}}ontvanger")),
        referentienummer=text("referentienummer") or "",
        tijdstip=text("tijdstipBericht") or "",
        crossrefnummer=text("crossRefnummer"),
        functie=text("functie"),
    )


def _systeem(found: etree._Element) -> Systeem:
    """A party; an empty administratie or gebruiker says the same as none.

    Raises EnvelopGeweigerd for a name that could not be written back in an answer.
    """
    names = ("organisatie", "applicatie", "administratie", "gebruiker")
    texts = [found.findtext(f"{{*}}{name}") for name in names]
    if not "".join(text or "" for text in texts).isprintable():
        raise EnvelopGeweigerd(ONLEESBAAR, "een zender of ontvanger heeft een teken dat niet kan")
    organisatie, applicatie, *more = texts
    return Systeem(organisatie, applicatie, *(one or None for one in more))


def _foutbericht(head: Stuurgegevens, body: etree._Element) -> Foutbericht:
    def text(name: str) -> str | None:
        value: str | None = body.findtext(f"{{{STUF}}}{name}")
        return value

    details = body.find(f"{{{STUF}}}detailsXML")
    has_original = details is not None and len(details)
    return Foutbericht(
        head,
        Fout(
            code=text("code") or "",
            omschrijving=text("omschrijving") or "",
            plek="server" if text("plek") == "server" else "client",
            details=text("details"),
        ),
        canonical(details[0]) if has_original else None,
    )


@cache
def _schema() -> etree.XMLSchema:
    path = data_folder("schemas") / "ggk-2.1" / f"{GGK.rpartition('/')[2]}.xsd"
    try:
        return etree.XMLSchema(file=str(path))
    except (etree.XMLSchemaParseError, OSError) as error:
        raise GatewayError(f"schema {path.name} is onbruikbaar: {error}") from error
