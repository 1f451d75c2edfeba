"""The description of the API (OpenAPI 3.1), made of the calls themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from gateway.api.eindpunt import BASIS, Eindpunt, Invoer
from gateway.api.problemen import TITELS, Probleem
from gateway.config import Settings
from gateway.ledger.register.afspraakbestanden import SOORTEN
from gateway.toegang.rechten import RECHTEN, Recht

VERSIE = "1.0.0"
Document = dict[str, Any]

GROEPEN = {
    "berichten": "Berichten aanbieden, volgen en opzoeken, met wat erop antwoordt.",
    "controles": "Een controle is een proef: wat zou er van een bericht worden als u het nu "
    "verstuurt? Dezelfde regels kijken mee, en van het bericht wordt niets bewaard.",
    "declaraties": "Declaraties en hun regels, met het bewijs van elke beslissing.",
    "maandoverzichten": "Wat een aanbieder per maand declareerde, en wat er van elke cent werd.",
    "jaarafsluitingen": "Wat een jaar van levering was, en hoe ver het is afgesloten.",
    "correcties": "Wat een aanbieder kan corrigeren, en de 323 die dat doet.",
    "betalingen": "Betalen: wat openstaat, runs, wat is betaald en wat betaling tegenhoudt.",
    "voorstellen": "Wat een tweede persoon goedkeurt voordat het gebeurt.",
    "verschillen": "Wat aanbieders per maand minder kregen dan gevraagd, en waardoor.",
    "beoordelingen": "Wat een medewerker besliste over een bevinding.",
    "toewijzingen": "Toewijzingen met hun versies, starts en stops, en wat ervan is gebruikt.",
    "verzoeken": "Verzoeken om toewijzing (VOT) en om wijziging (VOW).",
    "mutaties": "Veel toewijzingen tegelijk wijzigen, en de instemmingen die dat vraagt.",
    "creditverzoeken": "Wat een gemeente een aanbieder vraagt te crediteren.",
    "verrekeningen": "Wat gemeenten met elkaar verrekenen na een verhuizing.",
    "facturen": "Facturen buiten het berichtenverkeer, met vier ogen.",
    "overeenkomsten": "De afspraken en regels waarmee wordt beoordeeld.",
    "sturing": "Hoe de zorg in een regio loopt, zonder cliënten.",
    "verplichtingen": "Wat is verplicht en verwacht, en wat een jaar gaat kosten.",
    "aanbieders": "Het register van aanbieders: namen, codes, fusies, afspraken en rekeningen.",
    "sluitingen": "Of een jaar op de cent sluit, en welke regels achter een bedrag zitten.",
    "gebeurtenissen": "Wat er gebeurde, als CloudEvents.",
}
_UITLEG = """\
De API van de gateway tussen het berichtenverkeer iWmo/iJw en de backoffice van een gemeente.

* **Sleutel.** Geef bij elk verzoek een sleutel mee: `Authorization: Bearer <sleutel>`. Een sleutel
  heeft een rol en geldt voor gemeenten. Die van een aanbieder toont alleen wat van hem is.
* **Bedragen** zijn hele eurocenten. **Datums** zijn als 2026-01-31 en tellen zelf mee. **Momenten**
  zijn in UTC, als 2026-01-31T12:00:00Z.
* **Lijsten** komen per blad; `volgende` is het adres van het volgende blad.
* **Herhalen.** Geef bij een wijziging een `Idempotency-Key` mee: dan gebeurt een herhaald verzoek
  één keer, en krijgt u hetzelfde antwoord. Wij onthouden het een dag.
* **BSN.** Een BSN staat nooit in een adres, en in antwoorden alleen met de laatste vier cijfers.
  In een bericht zelf staan hele BSN's: een gemeente vraagt dat met POST en een doel.
* **Problemen** komen als application/problem+json.
"""
_ALWAYS = (400, 401, 403, 406, 429, 500, 503)
_PATH_PARAMETER = re.compile(r"{(\w+)}")
_PATH_WORDS = {
    "kenmerk": ({"type": "string", "format": "uuid"}, "Het id, zoals de API het eerder gaf."),
    "id": ({"type": "string", "pattern": "^[a-z0-9-]+$"}, "Het id van de overeenkomst."),
    "nummer": ({"type": "string", "pattern": "^[0-9]{1,9}$"}, "Het nummer in het register."),
    "code": ({"type": "string", "pattern": "^[A-Z]{1,2}[0-9]{3}$"}, "De code van de regel."),
    "maand": ({"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"}, "Als jjjj-mm."),
    "jaar": ({"type": "string", "pattern": "^20[0-9]{2}$"}, "Het jaar van levering."),
    "wat": ({"type": "string", "enum": list(SOORTEN)}, "Welk deel van het register."),
}
_ETAG = {"description": "Het merkteken van deze versie.", "schema": {"type": "string"}}
_VERSION = {"description": "De versie van de API.", "schema": {"type": "string"}}


def document(eindpunten: Sequence[Eindpunt], settings: Settings) -> Document:
    """The description of these calls, with who helps with them."""
    kinds: list[type] = [Probleem]
    for one in eindpunten:
        kinds += [kind for kind in (one.antwoord, one.inhoud) if kind is not None]
    _, schemas = msgspec.json.schema_components(
        list(dict.fromkeys(kinds)), ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, Document] = {}
    for one in eindpunten:
        paths.setdefault(one.pad, {})[one.methode.lower()] = _operation(one)
    groepen = dict.fromkeys(one.groep for one in eindpunten)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gateway iWmo/iJw",
            "version": VERSIE,
            "description": _UITLEG,
            "contact": {
                "name": settings.contact_naam,
                "email": settings.contact_email,
                "url": settings.contact_url,
            },
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": BASIS, "description": "De gateway zelf."}],
        "tags": [{"name": groep, "description": GROEPEN[groep]} for groep in groepen],
        "security": [{"sleutel": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "sleutel": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Een sleutel, gemaakt met gateway keys make.",
                }
            },
            "responses": {
                f"Probleem{status}": _problem(status) for status in _statuses(eindpunten)
            },
        },
    }


def _operation(one: Eindpunt) -> Document:
    told: Document = {
        "operationId": one.naam,
        "tags": [one.groep],
        "summary": one.titel,
        "description": f"{one.uitleg}\n\n{_who(one.rechten)}".strip(),
        "parameters": [*_path_parameters(one.pad), *_query_parameters(one.zoek), *_headers(one)],
        "responses": {
            str(one.status): _success(one),
            **_not_modified(one),
            **{str(status): _ref(f"responses/Probleem{status}") for status in _problems(one)},
        },
    }
    if one.neemt_inhoud:
        kinds = {kind: _media(one.inhoud) for kind in (one.media_in, *one.media_ook)}
        told["requestBody"] = {"required": True, "content": kinds}
    return told


def _who(rechten: Iterable[Recht]) -> str:
    rollen = [rol.value for rol, own in RECHTEN.items() if own & set(rechten)]
    return f"Voor sleutels met de rol {', '.join(rollen)}."


def _success(one: Eindpunt) -> Document:
    koppen: Document = {"API-Version": _VERSION}
    if one.methode == "GET":
        koppen["ETag"] = _ETAG
    if one.status in (201, 202):
        koppen["Location"] = {
            "description": "Waar het resultaat staat.",
            "schema": {"type": "string", "format": "uri-reference"},
        }
    return {
        "description": "Gelukt.",
        "headers": koppen,
        "content": {one.media_uit: _media(one.antwoord)},
    }


def _not_modified(one: Eindpunt) -> Document:
    if one.methode != "GET":
        return {}
    koppen = {"API-Version": _VERSION, "ETag": _ETAG}
    return {"304": {"description": "Niet veranderd sinds If-None-Match.", "headers": koppen}}


def _media(kind: type | None) -> Document:
    if kind is None:
        return {"schema": {"type": "string"}}
    return {"schema": _ref(f"schemas/{kind.__name__}")}


def _ref(place: str) -> Document:
    return {"$ref": f"#/components/{place}"}


def _problems(one: Eindpunt) -> list[int]:
    own = {*_ALWAYS, *one.fouten}
    own |= {404} if "{" in one.pad else set()
    own |= {408, 413, 415} if one.neemt_inhoud else set()
    own |= {409, 422} if one.herhaalbaar else set()
    own |= {412, 428} if one.met_versie else set()
    return sorted(own)


def _statuses(eindpunten: Iterable[Eindpunt]) -> list[int]:
    return sorted({status for one in eindpunten for status in _problems(one)})


def _problem(status: int) -> Document:
    koppen: Document = {"API-Version": _VERSION}
    return {
        "description": TITELS[status],
        "headers": koppen,
        "content": {"application/problem+json": {"schema": _ref("schemas/Probleem")}},
    }


def _path_parameters(pad: str) -> list[Document]:
    found = []
    for naam in _PATH_PARAMETER.findall(pad):
        schema, told = _PATH_WORDS[naam]
        found.append(
            {"name": naam, "in": "path", "required": True, "description": told, "schema": schema}
        )
    return found


def _query_parameters(soort: type[Invoer]) -> list[Document]:
    _, schemas = msgspec.json.schema_components([soort], ref_template="#/components/schemas/{name}")
    described = schemas[soort.__name__]
    required = described.get("required", [])
    found = []
    for naam, schema in described.get("properties", {}).items():
        own = {key: value for key, value in schema.items() if key not in ("description", "default")}
        found.append(
            {
                "name": naam,
                "in": "query",
                "required": naam in required,
                "description": schema.get("description", naam),
                "schema": _without_null(own),
            }
        )
    return found


def _without_null(schema: Document) -> Document:
    """In an address there is no null: what is absent is not there."""
    kinds = schema.get("anyOf")
    if kinds is None:
        return schema
    left = [one for one in kinds if one != {"type": "null"}]
    if len(left) == 1:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**rest, **left[0]}
    return {**schema, "anyOf": left}


def _headers(one: Eindpunt) -> list[Document]:
    found = []
    if one.methode == "GET":
        found.append(_header("If-None-Match", "Het merkteken (ETag) dat u al hebt.", _ANY))
    if one.herhaalbaar:
        found.append(_header("Idempotency-Key", "Een eigen nummer van dit verzoek.", _KEY))
    if one.met_versie:
        told = "Het merkteken (ETag) van wat u zag."
        found.append(_header("If-Match", told, _ANY, required=True))
    return found


def _header(naam: str, told: str, schema: Document, *, required: bool = False) -> Document:
    place = {"name": naam, "in": "header", "required": required}
    return {**place, "description": told, "schema": schema}


_ANY: Document = {"type": "string"}
_KEY: Document = {"type": "string", "pattern": "^[!#-~]{1,200}$"}
