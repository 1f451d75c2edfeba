"""Every kind of proposal, with what carries it out; a part of the gateway adds its own here."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.store.geld import rekeningvoorstel
from gateway.store.geld.betalen import vrijgave
from gateway.store.geld.nazorg import facturen
from gateway.store.geld.voorstellen import Voorstelsoort
from gateway.store.mutaties import verloop as mutaties

SOORTEN: Mapping[str, Voorstelsoort] = {
    mutaties.SOORT: mutaties.VOORSTEL,
    vrijgave.SOORT: vrijgave.BETAALRUN,
    facturen.SOORT: facturen.VOORSTELSOORT,
    rekeningvoorstel.REKENING: rekeningvoorstel.SOORT,
}
