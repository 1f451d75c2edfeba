"""A tariff year on the pages: index, compare, see what it does to the past, and publish."""

import os
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from gateway.agreements.table import read_agreement
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from gateway.web.pages import tariefjaar
from tests.web.huis import ZWOLLE, Bezoeker
from tests.web.streekhuis import Streekhuis, streekhuis
from tests.web.test_paginas_streek import _klaar, _voorstel, stuur, tekst

pytestmark = pytest.mark.usefixtures("opslag")
INDEXEREN, PUBLICEREN = "/overeenkomsten/indexeren", "/overeenkomsten/publiceren"
AANBOD = "simulatie-aanbod.toml"


@pytest.fixture(scope="module")
def hier(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streekhuis]:
    with streekhuis(tmp_path_factory.mktemp("streek")) as made:
        made.huis.maak("contracten", {ALLE: {Rol.BEHEERDER, Rol.LEZER}})
        yield made


@pytest.fixture
def wie(hier: Streekhuis) -> Bezoeker:
    return hier.huis.bezoeker("contracten")


def bestand(hier: Streekhuis) -> Path:
    return hier.streek.agreements / AANBOD


def gepubliceerd(hier: Streekhuis) -> int:
    return int(
        hier.een(
            "SELECT count(*) FROM verwerking WHERE name = 'overeenkomst publiceren' "
            "AND attributes LIKE '%sha-256%'"
        )
    )


def offer(hier: Streekhuis, wie: Bezoeker, body: bytes) -> tuple[str, str]:
    """A file is chosen: where its proposal stands, and what that page says once it is counted."""
    wie.get(PUBLICEREN)
    response = wie.post(PUBLICEREN, files={"bestand": (AANBOD, body)})
    return response.headers.get("location", ""), _klaar(wie, response)


def confirm(wie: Bezoeker, where: str, **fields: str) -> httpx.Response:
    wie.get(where)
    return wie.post(f"{where}/bevestigen", fields)


def dearer(hier: Streekhuis) -> bytes:
    """A proposal in which every price is a euro higher."""
    return re.sub(
        rb"^bedrag = (\d+)$",
        lambda found: b"bedrag = %d" % (int(found[1]) + 100),
        _voorstel(hier),
        flags=re.MULTILINE,
    )


def test_an_agreement_is_indexed_shown_kept_and_published(hier: Streekhuis, wie: Bezoeker) -> None:
    own = read_agreement(bestand(hier))
    listed = tekst(wie.get("/overeenkomsten"))
    assert "Indexeren" in listed
    assert "Publiceren" in listed
    page = wie.get(INDEXEREN, params={"overeenkomst": own.hash, "vanaf": "2027-01-01"})
    fields = re.findall(r'name="(cel-\d+)"', page.text)
    given = {"overeenkomst": own.hash, "vanaf": "2027-01-01", "percentage": "10"}
    more = {fields[0]: "0", "afronden": "100", "versie": "2027.1", "declarabel_tot": "2027-06-30"}
    response = wie.post(INDEXEREN, {**given, **more})
    shown = _klaar(wie, response)
    assert "simulatie-aanbod" in shown
    assert "0 anders" in shown
    assert f"{len(fields)} nieuw" in shown
    assert "declareren tot en met" in shown
    assert "Geen enkele toegekende regel krijgt een andere juiste prijs." in shown
    where = response.headers["location"]
    saved = wie.post(f"{where}/uitvoer")
    assert (200, True) == (saved.status_code, AANBOD in saved.headers["content-disposition"])
    cells = tomllib.loads(saved.text)["cel"]
    made = {one["vanaf"].isoformat(): one for one in cells}["2027-01-01"]
    assert 0 == made["bedrag"] % 100
    first = int(fields[0].removeprefix("cel-"))
    assert round(cells[first - 1]["bedrag"], -2) == cells[first]["bedrag"]
    before = gepubliceerd(hier)
    for _ in range(2):  # a second time it is there already
        assert 303 == confirm(wie, where).status_code
        assert "Dit bestand is in gebruik." in tekst(wie.get(where))
    assert (before + 1, saved.content) == (gepubliceerd(hier), bestand(hier).read_bytes())
    assert "versie 2027.1" in tekst(wie.get("/overeenkomsten"))


def test_what_changes_the_past_is_told_and_asks_for_a_tick(hier: Streekhuis, wie: Bezoeker) -> None:
    before, kept = gepubliceerd(hier), bestand(hier).read_bytes()
    where, shown = offer(hier, wie, dearer(hier))
    counted = re.search(r"(\d+) regels met een andere prijs", shown) or re.search(
        r"regels met een andere prijs (\d+)", shown
    )
    assert counted is not None, shown
    refused = confirm(wie, where)
    assert (422, True) == (refused.status_code, "zet een vinkje" in tekst(refused))
    assert (before, kept) == (gepubliceerd(hier), bestand(hier).read_bytes())
    # Who sees no clients hears that there are lines, and not how many.
    _, other = offer(hier, hier.huis.bezoeker("beheerder"), dearer(hier))
    assert "Toegekende regels krijgen een andere juiste prijs. Hoeveel" in other
    # The report lists the same lines, and the file has the credit and the debet of each.
    staff = hier.huis.bezoeker("beoordelaar")
    report = "/overeenkomsten/herprijzen"
    staff.get(report)
    months = {"van": "2026-01", "tot": "2026-07"}
    response = stuur(staff, report, dearer(hier), **months)
    page = _klaar(staff, response)
    assert counted[1] in re.findall(r"(\d+) door dit voorstel", page) + re.findall(
        r"door dit voorstel (\d+)", page
    )
    saved = staff.post(
        f"{response.headers['location']}/uitvoer", {"doel": "overleg", "soort": "csv"}
    )
    head, *lines = saved.text.splitlines()
    assert "credit bedrag" in head
    assert int(counted[1]) <= len(lines)
    assert 303 == confirm(wie, where, terugwerkend="ja").status_code
    assert before + 1 == gepubliceerd(hier)
    assert "Dit bestand is in gebruik." in tekst(wie.get(where))


def test_what_is_not_to_be_published_stays_a_proposal(
    hier: Streekhuis, wie: Bezoeker, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, before = bestand(hier).read_bytes(), gepubliceerd(hier)
    where, _ = offer(hier, wie, kept.replace(b'naam = "', b'naam = "Nieuw ', 1))
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda *_: False)
        assert "mag niet schrijven in de map" in tekst(wie.get(PUBLICEREN))
        told = tekst(confirm(wie, where, terugwerkend="ja"))
        assert "mag niet schrijven in de map" in told
    # Somebody put another file there since it was checked.
    bestand(hier).write_bytes(kept + b"\n# met de hand\n")
    told = tekst(confirm(wie, where, terugwerkend="ja"))
    assert "intussen is er een andere overeenkomst in gebruik" in told.lower()
    bestand(hier).write_bytes(kept)
    with monkeypatch.context() as patched:
        patched.setattr(tariefjaar, "HOUDBAAR", timedelta(seconds=-1))
        old = confirm(wie, where, terugwerkend="ja")
    assert (422, True) == (old.status_code, "langer dan een uur geleden" in tekst(old))
    assert (before, kept) == (gepubliceerd(hier), bestand(hier).read_bytes())


def test_only_who_manages_all_municipalities_proposes(hier: Streekhuis) -> None:
    one = hier.huis.bezoeker(f"beheerder {ZWOLLE}")
    choices = tekst(one.get(INDEXEREN))
    assert "Zwolle" in choices
    assert "IJsselland" not in choices
    refused = one.post(PUBLICEREN, files={"bestand": (AANBOD, dearer(hier))})
    assert (403, True) == (refused.status_code, "die u niet beheert" in tekst(refused))
    lezer = hier.huis.bezoeker("lezer")
    assert 403 == lezer.get(PUBLICEREN).status_code
    assert "Publiceren" not in tekst(lezer.get("/overeenkomsten"))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"percentage": "veel"}, "is geen percentage"),
        ({"vanaf": "morgen"}, "jjjj-mm-dd"),
        ({"overeenkomst": "x"}, "Kies een overeenkomst"),
        ({"vanaf": "2001-01-01"}, "er is niets te indexeren"),
    ],
)
def test_what_cannot_be_indexed_is_told(
    hier: Streekhuis, wie: Bezoeker, fields: dict[str, str], told: str
) -> None:
    own = read_agreement(bestand(hier)).hash
    hier.huis.omgeving.stand.look()
    wie.get(INDEXEREN)
    given = {"overeenkomst": own, "vanaf": "2028-01-01", "percentage": "3", **fields}
    page = wie.post(INDEXEREN, given)
    assert (422, True) == (page.status_code, told in tekst(page)), tekst(page)
    broken = wie.post(PUBLICEREN, files={"bestand": ("x.toml", b"geen toml")})
    assert (422, True) == (broken.status_code, "geen geldige TOML" in tekst(broken))
