"""The Header of a message, the same shape for both laws and every message kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.records.extra import NO_EXTRA, Extra


@dataclass(frozen=True, slots=True)
class Header:
    """Who sends what to whom; what has a default exists only in a 325 or a retour."""

    pad: str
    berichtcode: str
    afzender: str
    ontvanger: str
    identificatie: str
    dagtekening: date
    basisschema_xsd_versie: str
    bericht_xsd_versie: str
    declaratie_identificatie: str | None = None
    declaratie_dagtekening: date | None = None
    declaratie_basisschema_xsd_versie: str | None = None
    declaratie_bericht_xsd_versie: str | None = None
    identificatie_retour: str | None = None
    dagtekening_retour: date | None = None
    xslt_versie: str | None = None
    retour_basisschema_xsd_versie: str | None = None
    retour_bericht_xsd_versie: str | None = None
    retourcodes: tuple[str, ...] | None = None
    extra: Extra = NO_EXTRA

    @property
    def reference(self) -> str | None:
        """A Header has no reference of its own."""
        return None
