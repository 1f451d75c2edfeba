"""Envelopes as the network sends them."""

from __future__ import annotations

from gateway.network.ggk.envelop import (
    Envelop,
    Fout,
    Foutbericht,
    Parameters,
    Stuurgegevens,
    Systeem,
)
from gateway.store.envelop import Kop
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik

UUID = "6e0d2c1b-7a54-4f3e-9b21-0c5d8e7f1a2b"
CROSS = "0b9f7c52-1f5e-4d0a-8c3b-5a2d4e6f7081"
GEMEENTE = Systeem("0193", "GGk")
AANBIEDER = Systeem("12345678", "VECOZOWebservice")
PARAMETERS = Parameters("0001", "0000", "0003", "0002")
GEEN_ROUTE = Fout("IB101", "geen route")
MOMENT = "20251205101500000"


def di01(
    inhoud: bytes,
    functie: str = "JW323",
    *,
    referentienummer: str = UUID,
    zender: Systeem = AANBIEDER,
    ontvanger: Systeem = GEMEENTE,
    bestandsnaam: str | None = None,
) -> Envelop:
    head = Stuurgegevens(
        berichtcode="Di01",
        zender=zender,
        ontvanger=ontvanger,
        referentienummer=referentienummer,
        tijdstip=MOMENT,
        functie=functie,
    )
    return Envelop(head, PARAMETERS, inhoud, bestandsnaam)


def du01(
    inhoud: bytes,
    functie: str = "JW302",
    *,
    referentienummer: str = UUID,
    crossrefnummer: str = CROSS,
) -> Envelop:
    head = Stuurgegevens(
        berichtcode="Du01",
        zender=AANBIEDER,
        ontvanger=GEMEENTE,
        referentienummer=referentienummer,
        tijdstip=MOMENT,
        crossrefnummer=crossrefnummer,
        functie=functie,
    )
    return Envelop(head, PARAMETERS, inhoud)


def fo01(
    fout: Fout = GEEN_ROUTE,
    *,
    referentienummer: str = UUID,
    crossrefnummer: str = CROSS,
) -> Foutbericht:
    head = Stuurgegevens(
        berichtcode="Fo01",
        zender=Systeem("IB", "GGKWebservice"),
        ontvanger=GEMEENTE,
        referentienummer=referentienummer,
        tijdstip=MOMENT,
        crossrefnummer=crossrefnummer,
    )
    return Foutbericht(head, fout)


def set_aside(store: SqlStore, gemeente: str, zender: str) -> int:
    """The number of an envelope that somebody has to look at, with nothing in it."""
    kop = Kop(
        merk=(zender, "GGk", "", ""),
        sha256="0" * 64,
        gemeente=gemeente,
        tegenpartij=zender,
        berichtcode="Di01",
        referentienummer="apart",
    )
    store.enveloppen.meld(kop, None, "ongekoppeld")
    return store.enveloppen.wacht_op_iemand(Bereik(frozenset({gemeente})))[-1].nummer
