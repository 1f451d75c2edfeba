"""The description of the API: complete, kept in docs, and by the NL API Design Rules."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway.api.openapi import document
from gateway.api.tabel import EINDPUNTEN
from gateway.config import Settings
from tests.api.beschrijving import COPY, written

HERE = Path(__file__).parent
SPECTRAL = "6.16.3"
MODULES = Path.home() / ".cache" / "ijw-iwmo-gateway" / f"spectral-{SPECTRAL}"


def test_the_copy_in_docs_is_the_description() -> None:
    assert written() == COPY.read_text(encoding="utf-8"), "maak hem opnieuw met make api"


def test_every_call_is_described_once() -> None:
    described = document(EINDPUNTEN, Settings())
    operations = [one for path in described["paths"].values() for one in path.values()]
    assert len(EINDPUNTEN) == len(operations)
    names = [one["operationId"] for one in operations]
    assert sorted(set(names)) == sorted(names)


def test_every_reference_leads_somewhere() -> None:
    described = document(EINDPUNTEN, Settings())
    for reference in _references(described):
        place: Any = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_a_body_takes_no_more_than_is_described() -> None:
    schemas = document(EINDPUNTEN, Settings())["components"]["schemas"]
    for one in EINDPUNTEN:
        if one.inhoud is not None:
            assert schemas[one.inhoud.__name__]["additionalProperties"] is False


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [one for inside in value.values() for one in _references(inside)]
    if isinstance(value, list):
        return [one for inside in value for one in _references(inside)]
    return []


def _spectral() -> str:
    """The linter, installed outside the project when it is not there yet."""
    program = MODULES / "node_modules" / ".bin" / "spectral"
    npm = shutil.which("npm")
    if not program.exists():
        if npm is None or shutil.which("node") is None:
            if os.environ.get("GATEWAY_REQUIRE_SERVICES"):
                pytest.fail("node is er niet, en GATEWAY_REQUIRE_SERVICES vraagt erom")
            pytest.skip("node is er niet: de NL API Design Rules zijn niet nagekeken")
        MODULES.mkdir(parents=True, exist_ok=True)
        package = f"@stoplight/spectral-cli@{SPECTRAL}"
        asked = [npm, "install", "--prefix", str(MODULES), "--no-audit", "--no-fund", package]
        subprocess.run(asked, check=True, capture_output=True, timeout=300)
    return str(program)


def _found(description: Path) -> list[dict[str, Any]]:
    rules = HERE / "adr.spectral.yaml"
    asked = [_spectral(), "lint", str(description), "--ruleset", str(rules), "-f", "json", "-q"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120)
    found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    assert done.returncode in (0, 1), done.stderr
    return found


def test_the_description_keeps_the_design_rules() -> None:
    assert [] == [f"{one['code']}: {'.'.join(map(str, one['path']))}" for one in _found(COPY)]


def test_the_design_rules_find_what_breaks_them(tmp_path: Path) -> None:
    broken = json.loads(COPY.read_text(encoding="utf-8"))
    del broken["info"]["contact"]["email"]
    broken["info"]["version"] = "1"
    broken["paths"]["/Fout_Pad/"] = broken["paths"]["/berichten"]
    answer = broken["paths"]["/overeenkomsten"]["get"]["responses"]["200"]
    del answer["headers"]["API-Version"]
    broken["components"]["schemas"]["Probleem"]["properties"]["extra"] = {"type": "string"}
    broken["components"]["schemas"]["Telling"]["properties"]["Met_Streep"] = {"type": "string"}
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(broken), encoding="utf-8")
    assert {
        "contact-compleet",
        "info-version-semver",
        "geen-schuine-streep-aan-het-eind",
        "paden-in-kebab-case",
        "versie-op-elk-antwoord",
        "probleem-heeft-vijf-velden",
        "velden-in-lower-camel-case",
    } <= {one["code"] for one in _found(file)}
