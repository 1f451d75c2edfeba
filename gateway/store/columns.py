"""Which columns make which record, each in the order of its fields."""

from __future__ import annotations

from gateway.store.tables import declaratie, levering, partij, prestatie, toewijzing, verzoek

# In the order of the record Prestatie, without its path.
PRESTATIE = (
    prestatie.c.volgnr,
    prestatie.c.bsn,
    prestatie.c.referentienummer,
    prestatie.c.vorig_referentienummer,
    prestatie.c.toewijzingnummer,
    prestatie.c.productcategorie,
    prestatie.c.productcode,
    prestatie.c.begindatum,
    prestatie.c.einddatum,
    prestatie.c.geleverd_volume,
    prestatie.c.eenheid,
    prestatie.c.producttarief,
    prestatie.c.ingediend_bedrag,
    prestatie.c.debet_credit,
    prestatie.c.retourcodes,
)
# In the order of the record ToegewezenProduct, without its path.
TOEWIJZING = (
    toewijzing.c.bsn,
    partij.c.aanbieder,
    toewijzing.c.bekend_op,
    toewijzing.c.toewijzingnummer,
    toewijzing.c.referentie_aanbieder,
    toewijzing.c.productcategorie,
    toewijzing.c.productcode,
    toewijzing.c.toewijzingsdatum,
    toewijzing.c.toewijzingstijd,
    toewijzing.c.ingangsdatum,
    toewijzing.c.einddatum,
    toewijzing.c.reden_wijziging,
    toewijzing.c.volume,
    toewijzing.c.eenheid,
    toewijzing.c.frequentie,
    toewijzing.c.budget,
    toewijzing.c.commentaar,
    toewijzing.c.gezin,
)
# In the order of the record StopProduct, without its path; a StartProduct has no reden and no
# einddatum.
LEVERING = (
    levering.c.bsn,
    levering.c.toewijzingnummer,
    levering.c.productcategorie,
    levering.c.productcode,
    levering.c.toewijzing_ingangsdatum,
    levering.c.begindatum,
    levering.c.reden_beeindiging,
    levering.c.einddatum,
    levering.c.status_aanlevering,
)
HEADER = (
    declaratie.c.berichtcode,
    declaratie.c.afzender,
    declaratie.c.ontvanger,
    declaratie.c.identificatie,
    declaratie.c.header_dagtekening,
    declaratie.c.basisschema_xsd_versie,
    declaratie.c.bericht_xsd_versie,
)
# In the order of the record Verzoekstand.
VERZOEK = (
    verzoek.c.soort,
    verzoek.c.referentie_aanbieder,
    verzoek.c.staat,
    verzoek.c.onderzocht,
    verzoek.c.inbox_id,
)
DECLARATIE = (
    declaratie.c.declaratienummer,
    declaratie.c.begindatum,
    declaratie.c.einddatum,
    declaratie.c.dagtekening,
    declaratie.c.totaal_bedrag,
    declaratie.c.debet_credit,
)
