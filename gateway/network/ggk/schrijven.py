"""Writes envelopes: records in, the same XML every time out, never against the XSD."""

from __future__ import annotations

import base64
from datetime import datetime

from lxml import etree

from gateway.network.ggk.envelop import (
    GGK,
    MOST_SENT,
    ONLEESBAAR,
    ROOTS,
    STUF,
    Envelop,
    EnvelopGeweigerd,
    Fout,
    Foutbericht,
    Parameters,
    Stuk,
    Stuurgegevens,
    Systeem,
)
from gateway.network.ggk.lezen import check, parse
from gateway.periods.wandklok import tijdstip_bericht, wandklok

_TAGS = {berichtcode: tag for tag, berichtcode in ROOTS.items()}
_PREFIXES = {"StUF": STUF, "ggk": GGK}


def tijdstip_van(moment: datetime) -> str:
    """A moment as tijdstipBericht: Dutch local time to the millisecond, 17 digits.

    What leaves in the name of a municipality has one that rises, see `Enveloppen`.
    """
    return tijdstip_bericht(wandklok(moment))


def plain(text: str) -> str:
    """A text as an omschrijving can have it: 200 printable signs."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:200]


def write(stuk: Stuk) -> bytes:
    """An envelope as a file of its own; raises EnvelopGeweigerd for one that may not be sent.

    That is one with a value that the XSD does not allow, or of more than 25 MB.
    """
    written: bytes = etree.tostring(element_of(stuk), encoding="UTF-8", xml_declaration=True)
    if len(written) > MOST_SENT:
        raise EnvelopGeweigerd(ONLEESBAAR, f"de envelop is groter dan {MOST_SENT} bytes")
    return written


def element_of(stuk: Stuk) -> etree._Element:
    """An envelope as an element, for what stands around it; raises EnvelopGeweigerd likewise."""
    berichtcode = stuk.stuurgegevens.berichtcode
    namespace = GGK if isinstance(stuk, Envelop) else STUF
    root = etree.Element(_TAGS[berichtcode], nsmap=_PREFIXES)
    _add_stuurgegevens(etree.SubElement(root, f"{{{namespace}}}stuurgegevens"), stuk.stuurgegevens)
    if isinstance(stuk, Envelop):
        _add_parameters(etree.SubElement(root, f"{{{GGK}}}parameters"), stuk.parameters)
        _add_bestand(etree.SubElement(root, f"{{{GGK}}}bericht"), stuk)
    elif isinstance(stuk, Foutbericht):
        _add_fout(etree.SubElement(root, f"{{{STUF}}}body"), stuk.fout, stuk.origineel)
    check(root)
    return root


def _add_stuurgegevens(into: etree._Element, head: Stuurgegevens) -> None:
    _add(into, STUF, berichtcode=head.berichtcode)
    for name, party in (("zender", head.zender), ("ontvanger", head.ontvanger)):
        _add_systeem(etree.SubElement(into, f"{{{STUF}}}{name}"), party)
    _add(
        into,
        STUF,
        referentienummer=head.referentienummer,
        tijdstipBericht=head.tijdstip,
        crossRefnummer=head.crossrefnummer,
        functie=head.functie,
    )


def _add_systeem(into: etree._Element, systeem: Systeem) -> None:
    _add(
        into,
        STUF,
        organisatie=systeem.organisatie,
        applicatie=systeem.applicatie,
        administratie=systeem.administratie,
        gebruiker=systeem.gebruiker,
    )


def _add_parameters(into: etree._Element, parameters: Parameters) -> None:
    _add(
        into,
        GGK,
        applicatieVersie=parameters.applicatie_versie,
        applicatieSubversie=parameters.applicatie_subversie,
        functieVersie=parameters.functie_versie,
        functieSubversie=parameters.functie_subversie,
    )


def _add_bestand(into: etree._Element, envelop: Envelop) -> None:
    is_xml = envelop.bestandsnaam is None
    bestand = etree.SubElement(into, f"{{{GGK}}}{'xmlBestand' if is_xml else 'tekstBestand'}")
    if not is_xml:
        bestand.set("bestandsnaam", envelop.bestandsnaam)
    bestand.text = base64.b64encode(envelop.inhoud).decode("ascii")


def _add_fout(into: etree._Element, fout: Fout, origineel: bytes | None) -> None:
    _add(
        into,
        STUF,
        code=fout.code,
        plek=fout.plek,
        omschrijving=fout.omschrijving,
        details=fout.details,
    )
    if origineel is not None:
        etree.SubElement(into, f"{{{STUF}}}detailsXML").append(parse(origineel))


def _add(into: etree._Element, namespace: str, **told: str | None) -> None:
    """Add elements in this order, without those that have no value."""
    for name, text in told.items():
        if text is not None:
            etree.SubElement(into, f"{{{namespace}}}{name}").text = _checked(name, text)


def _checked(name: str, text: str) -> str:
    """A text that XML can hold and gives back as it was."""
    if not text.isprintable():
        raise EnvelopGeweigerd(ONLEESBAAR, f"{name} heeft een teken dat in een envelop niet kan")
    return text
