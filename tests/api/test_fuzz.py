"""The API under a storm of requests that its description allows and forbids: never a 5xx.

`make api-fuzz` asks for many more of them (FUZZ).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.toegang.rechten import Rol
from tests.api.dienst import V1, Dienst
from tests.api.storm import storm
from tests.opslag import POSTGRESQL, SQLITE

EXAMPLES = int(os.environ.get("FUZZ", "1"))
OPERATION = """
[[operations]]
include-name = "{name}"
parameters = {{ "path.kenmerk" = "{kenmerk}" }}
"""
SHOWN = {
    "berichten": ("", "/bevindingen"),
    "declaraties": ("", "/regels"),
    "regels": ("", "/bewijs"),
    "toewijzingen": ("", "/regels"),
    "oorzaken": ("", "/bevindingen"),
    "bevindingen": ("",),
}


def _ids(api: Dienst) -> dict[str, str]:
    lezer = api.programma(Rol.LEZER)
    bericht = lezer.get("/berichten?bericht=JW323&oordeel=deels").json()["resultaten"][0]
    declaratie = lezer.get(bericht["adres"].removeprefix(V1)).json()["declaratie"]
    regels = lezer.get(f"{declaratie.removeprefix(V1)}/regels").json()["resultaten"]
    toewijzing = lezer.get("/toewijzingen").json()["resultaten"][0]
    api.omgeving.store.werkvolger.catch_up()
    oorzaak = lezer.get("/oorzaken").json()["resultaten"][0]
    open_ = lezer.get(f"/oorzaken/{oorzaak['id']}/bevindingen").json()["resultaten"]
    return {
        "berichten": bericht["id"],
        "declaraties": declaratie.rpartition("/")[2],
        "regels": regels[0]["id"],
        "toewijzingen": toewijzing["id"],
        "oorzaken": oorzaak["id"],
        "bevindingen": open_[0]["id"],
    }


# A test run has who may do most; the long form has each role on each database.
ROLLEN = (Rol.BEOORDELAAR, Rol.AANBIEDER)
PAIRS = [(soort, rol) for soort in (POSTGRESQL, SQLITE) for rol in ROLLEN]


@pytest.mark.parametrize(
    ("opslag", "rol"), PAIRS if EXAMPLES > 1 else PAIRS[:1], indirect=["opslag"]
)
def test_no_request_breaks_the_api(api: Dienst, tmp_path: Path, rol: Rol) -> None:
    aanbieder = "99000001" if rol is Rol.AANBIEDER else None
    key = api.programma(rol, aanbieder=aanbieder).headers["authorization"].removeprefix("Bearer ")
    ids = _ids(api)
    operations = [
        OPERATION.format(name=f"GET /{soort}/{{kenmerk}}{deel}", kenmerk=ids[soort])
        for soort, delen in SHOWN.items()
        for deel in delen
    ]
    done = storm(api.omgeving.adres, key, tmp_path, EXAMPLES, operations)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
