"""What data are wanted for: lists to choose from, so that a purpose never holds a Bsn."""

from __future__ import annotations

from collections.abc import Mapping

# Of who does his daily work.
UITVOERING = "uitvoering van de Jeugdwet en de Wmo 2015"
DOELEN: Mapping[str, str] = {
    "vraag-client": "vraag van de cliënt of zijn vertegenwoordiger",
    "vraag-aanbieder": "vraag van een aanbieder",
    "declaratie": "controle van een declaratie",
    "toewijzing": "controle van een toewijzing",
    "bezwaar": "bezwaar of klacht",
    "onderzoek": "onderzoek naar rechtmatigheid",
    "storing": "herstel van een storing",
}
# Of a list that leaves as a file.
VERANTWOORDING, RAPPORTAGE = "verantwoording", "rapportage"
BESTANDSDOELEN: Mapping[str, str] = {
    VERANTWOORDING: "verantwoording en accountant",
    RAPPORTAGE: "rapportage over sturing en bestuur",
}
# Of all records together: clients have other ids for each of these.
UITVOERDOELEN: Mapping[str, str] = {
    **BESTANDSDOELEN,
    "beleidsinformatie": "levering van beleidsinformatie",
    "onderzoek": DOELEN["onderzoek"],
}
