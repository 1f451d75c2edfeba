"""The paper of a sampled line of an invoice outside the traffic: what it is, and who saw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from gateway.ledger.geld.specificatie import FACTUUR
from gateway.store.geld.nazorg.factuurrijen import Factuurrij, Regelrij
from gateway.store.geld.voorstellen import Voorstel
from gateway.store.jaareinde.steekproeven import Steekproefpost
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik

# How a client is called is for who pays alone, and a paper goes to the accountant.
_OF_FACTUUR = (
    *("wet", "factuurnummer", "factuurdatum", "soort", "bedrag", "staat", "document_sha256"),
    *("handtoewijzing_id", "toewijzingnummer"),
)


def invoice_paper(
    store: SqlStore, bereik: Bereik, post: Steekproefpost
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What is told of the line, and what of that the list of posten has in its columns."""
    een = store.facturen.get(bereik, post.stuk_id)
    regels = store.facturen.regels(bereik, post.stuk_id)
    regel = next(one for one in regels if one.regel.volgnr == post.regelnr)
    voorstel = store.voorstellen.get(bereik, een.voorstel_id)
    told = {
        "factuur": {
            "kenmerk": store.kenmerken.of(FACTUUR, een.nummer),
            **{name: getattr(een, name) for name in _OF_FACTUUR},
        },
        "regel": {**regel.regel._asdict(), "betaling": regel.staat, "betaaldOp": regel.betaald_op},
        "gecrediteerd": None if regel.credit is None else asdict(regel.credit),
        "bevindingen": [one._asdict() for one in een.bevindingen],
        "vierOgen": _four_eyes(een, voorstel),
    }
    return told, _columns(een, regel)


def _four_eyes(een: Factuurrij, voorstel: Voorstel) -> Mapping[str, Any]:
    return {
        "voorstel": voorstel.nummer,
        "vastgelegdDoor": een.naam,
        "vastgelegdOp": _moment(een.gemaakt),
        "goedgekeurdDoor": voorstel.tweede_naam,
        "goedgekeurdOp": None if voorstel.besloten is None else _moment(voorstel.besloten),
    }


def _columns(een: Factuurrij, regel: Regelrij) -> Mapping[str, Any]:
    return {
        "factuur": een.factuurnummer,
        "regel": str(regel.regel.volgnr),
        "toewijzing": een.toewijzingnummer,
        "product": regel.regel.productcode,
        "begindatum": regel.regel.begindatum,
        "einddatum": regel.regel.einddatum,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
