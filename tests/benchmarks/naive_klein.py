"""Storing a 301 and a 305 the naive way: a query and an insert for each product, by the ORM."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.bootstrap import Installation
from gateway.pipeline.ports import Claim
from tests.benchmarks.declaraties import GEMEENTE
from tests.benchmarks.naive_reading import Document
from tests.benchmarks.naive_rows import LeveringRij, PartijRij, ToewijzingRij
from tests.benchmarks.plaats import WET

Store = Callable[[Installation, Claim, Document, Session], None]


def _toewijzingen(
    gateway: Installation, claim: Claim, document: Document, session: Session
) -> None:
    header, client = document["m:Header"], document["m:Client"]
    owner = _partij(session, header["m:Ontvanger"])
    for one in client["m:ToegewezenProducten"]["m:ToegewezenProduct"]:
        nummer = one["m:ToewijzingNummer"]
        for earlier in _of_nummer(session, ToewijzingRij, nummer):
            earlier.tot_volgnr = claim.volgnr
        session.add(
            ToewijzingRij(
                inbox_id=claim.inbox_id,
                gemeente=GEMEENTE,
                wet=WET,
                partij_id=owner,
                bsn=client["m:Bsn"],
                bsn_hash=gateway.store.fingerprint(client["m:Bsn"]),
                bekend_op=_day(header["m:BerichtIdentificatie"]["b:Dagtekening"]),
                toewijzingnummer=nummer,
                productcategorie=one["m:Product"]["b:Categorie"],
                productcode=one["m:Product"]["b:Code"],
                toewijzingsdatum=_day(one["m:Toewijzingsdatum"]),
                toewijzingstijd=str(one["m:Toewijzingstijd"]),
                ingangsdatum=_day(one["m:Ingangsdatum"]),
                einddatum=_day(one["m:Einddatum"]),
                volume=one["m:Omvang"]["b:Volume"],
                eenheid=one["m:Omvang"]["b:Eenheid"],
                frequentie=one["m:Omvang"]["b:Frequentie"],
                van_volgnr=claim.volgnr,
            )
        )
        session.flush()


def _starts(gateway: Installation, claim: Claim, document: Document, session: Session) -> None:
    header, client = document["m:Header"], document["m:Client"]
    owner = _partij(session, header["m:Afzender"])
    for one in client["m:StartProducten"]["m:StartProduct"]:
        nummer = one["m:ToewijzingNummer"]
        if not _of_nummer(session, ToewijzingRij, nummer):
            raise SystemExit("the naive way does not know an assignment: the figures mean nothing")
        for earlier in _of_nummer(session, LeveringRij, nummer):
            earlier.tot_volgnr = claim.volgnr
        session.add(
            LeveringRij(
                soort="start",
                partij_id=owner,
                bsn=client["m:Bsn"],
                bsn_hash=gateway.store.fingerprint(client["m:Bsn"]),
                toewijzingnummer=nummer,
                productcategorie=one["m:Product"]["b:Categorie"],
                productcode=one["m:Product"]["b:Code"],
                toewijzing_ingangsdatum=_day(one["m:ToewijzingIngangsdatum"]),
                begindatum=_day(one["m:Begindatum"]),
                status_aanlevering=one["m:StatusAanlevering"],
                van_volgnr=claim.volgnr,
            )
        )
        session.flush()


STORE: dict[str, Store] = {"JW301": _toewijzingen, "JW305": _starts}


def _partij(session: Session, aanbieder: str) -> int:
    query = sa.select(PartijRij).filter_by(gemeente=GEMEENTE, wet=WET, aanbieder=aanbieder)
    return int(session.scalars(query).one().id)


def _of_nummer(session: Session, kind: Any, nummer: int) -> list[Any]:
    query = sa.select(kind).filter_by(toewijzingnummer=nummer, tot_volgnr=None)
    return list(session.scalars(query))


def _day(text: str) -> date:
    return date.fromisoformat(text)
