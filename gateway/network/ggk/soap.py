"""SOAP 1.1 around an envelope: document/literal, one element in the body, no header that counts."""

from __future__ import annotations

from typing import Literal

from lxml import etree

from gateway.network.ggk.envelop import GGK, ONLEESBAAR, STUF, EnvelopGeweigerd
from gateway.network.ggk.lezen import head_of, parse

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MEDIA = "text/xml; charset=utf-8"
# Whose fault it is.
Kant = Literal["Client", "Server"]
# The SOAPAction that goes with the name of the element in the body.
ACTIONS = {
    f"{{{GGK}}}envelopHeenbericht-ggk_Di01": f"{GGK}/ggk_Di01",
    f"{{{GGK}}}envelopRetourbericht-ggk_Du01": f"{GGK}/ggk_Du01",
    f"{{{STUF}}}Fo01Bericht": f"{STUF}/Fo01",
}


def unwrap(body: bytes, action: str) -> etree._Element:
    """The one element in the body of a SOAP message; `action` is its header SOAPAction.

    Raises EnvelopGeweigerd for what is no SOAP 1.1, demands what we do not know, or names another
    action than goes with what is in it.
    """
    root = parse(body)
    content = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or content is None or len(content) != 1:
        raise EnvelopGeweigerd(ONLEESBAAR, "dit is geen SOAP 1.1 met één bericht in de Body")
    found: etree._Element = content[0]
    if root.xpath("s:Header/*[@s:mustUnderstand='1']", namespaces={"s": SOAP}):
        text = "de SOAP-Header eist iets dat hier niet bekend is"
        raise EnvelopGeweigerd(ONLEESBAAR, text, head_of(found))
    if ACTIONS.get(found.tag) not in (None, action.strip().strip('"')):
        text = "de SOAPAction hoort niet bij dit bericht"
        raise EnvelopGeweigerd(ONLEESBAAR, text, head_of(found))
    return found


def wrap(element: etree._Element) -> bytes:
    """A SOAP message with this element in its body."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Body").append(element)
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def fault(side: Kant, text: str, detail: etree._Element | None = None) -> bytes:
    """A SOAP message that tells whose fault it is, and what; `detail` is a Fo03."""
    found = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    etree.SubElement(found, "faultcode").text = f"soap:{side}"
    etree.SubElement(found, "faultstring").text = text
    if detail is not None:
        etree.SubElement(found, "detail").append(detail)
    return wrap(found)
