"""Reading the naive way: xmlschema validates and decodes the whole document into dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

import xmlschema

from gateway.records.declaratie import Declaratie, DeclaratieClient, Prestatie
from gateway.records.header import Header

Document = dict[str, Any]


@dataclass
class Bericht:
    """A 323 as the records of its document."""

    header: Header
    declaratie: Declaratie
    clienten: list[DeclaratieClient] = field(default_factory=list)
    prestaties: list[Prestatie] = field(default_factory=list)


def read(schema: xmlschema.XMLSchema, body: bytes) -> Bericht:
    """Validate and decode the whole document, then make records of what came out."""
    document: Document = schema.to_dict(BytesIO(body))
    declaratie = document["m:Declaratie"]
    bericht = Bericht(_header(document["m:Header"]), _declaratie(declaratie))
    for index, client in enumerate(declaratie["m:Clienten"]["m:Client"], start=1):
        pad = f"/Bericht/Declaratie/Clienten/Client[{index}]"
        bericht.clienten.append(DeclaratieClient(pad, client["m:Bsn"]))
        for number, line in enumerate(client["m:Prestaties"]["m:Prestatie"], start=1):
            volgnr = len(bericht.prestaties) + 1
            place = f"{pad}/Prestaties/Prestatie[{number}]"
            bericht.prestaties.append(_prestatie(place, volgnr, client["m:Bsn"], line))
    return bericht


def _header(given: Document) -> Header:
    own, xsd = given["m:BerichtIdentificatie"], given["m:XsdVersie"]
    return Header(
        pad="/Bericht/Header",
        berichtcode=given["m:BerichtCode"],
        afzender=given["m:Afzender"],
        ontvanger=given["m:Ontvanger"],
        identificatie=own["b:Identificatie"],
        dagtekening=date.fromisoformat(own["b:Dagtekening"]),
        basisschema_xsd_versie=xsd["b:BasisschemaXsdVersie"],
        bericht_xsd_versie=xsd["b:BerichtXsdVersie"],
    )


def _declaratie(given: Document) -> Declaratie:
    periode, totaal = given["m:DeclaratiePeriode"], given["m:TotaalIngediendBedrag"]
    return Declaratie(
        pad="/Bericht/Declaratie",
        declaratienummer=given["m:DeclaratieNummer"],
        begindatum=date.fromisoformat(periode["b:Begindatum"]),
        einddatum=date.fromisoformat(periode["b:Einddatum"]),
        dagtekening=date.fromisoformat(given["m:DeclaratieDagtekening"]),
        totaal_bedrag=totaal["b:TotaalBedrag"],
        debet_credit=totaal["b:DebetCredit"],
    )


def _prestatie(pad: str, volgnr: int, bsn: str, given: Document) -> Prestatie:
    periode, bedrag = given["m:ProductPeriode"], given["m:IngediendBedrag"]
    return Prestatie(
        pad=pad,
        volgnr=volgnr,
        bsn=bsn,
        referentienummer=given["m:ProductReferentie"]["b:ReferentieNummer"],
        vorig_referentienummer=given["m:ProductReferentie"].get("b:VorigReferentieNummer"),
        toewijzingnummer=given["m:ToewijzingNummer"],
        productcategorie=given["m:ProductCategorie"],
        productcode=given["m:ProductCode"],
        begindatum=date.fromisoformat(periode["b:Begindatum"]),
        einddatum=date.fromisoformat(periode["b:Einddatum"]),
        geleverd_volume=given["m:GeleverdVolume"],
        eenheid=given["m:Eenheid"],
        producttarief=given.get("m:ProductTarief"),
        ingediend_bedrag=bedrag["b:Bedrag"],
        debet_credit=bedrag["b:DebetCredit"],
    )
