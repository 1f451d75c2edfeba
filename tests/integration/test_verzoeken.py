"""Requests and retours through the whole gateway: what is kept, what is told, what is refused."""

from __future__ import annotations

import json
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.messages.reader import Source
from gateway.messages.writer import Retourkop, Versies, write_retour
from gateway.store.tables import EVENT
from tests.integration.berichten import BASE, BSN, KLOK, made, process, run, write
from tests.opslag import rows_of, store_of
from tests.scenarios.verhaal import TYPES

pytestmark = pytest.mark.usefixtures("opslag")

NO_CAP = 1 << 30


def base(naam: str, *changes: tuple[str, str]) -> bytes:
    """A message that breaks no rule by itself, with some of its texts changed."""
    text = (BASE / f"{naam}.xml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


def retour_on(naam: str, heen: bytes, *codes: tuple[str, tuple[str, ...]]) -> bytes:
    """A retour as the other side would write it; refusing where there are codes by XPath."""
    kind = TYPES.by_name(naam)
    kop = Retourkop(
        identificatie="R1",
        dagtekening=date.fromisoformat(KLOK),
        versies=Versies("1.0.0", "1.0.0"),
        codes=("0200",) if codes else (),
    )
    klassen = dict(codes) if codes else None
    return write_retour(Source([heen], NO_CAP), TYPES.answered_by(kind), kind, kop, klassen)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What the store of a folder answers."""
    return rows_of(folder, query)


def events(folder: Path, soort: str) -> list[dict[str, Any]]:
    """What the backoffice is told, of one kind."""
    query = (
        "SELECT s.data FROM outbox_stuk s JOIN outbox o ON o.id = s.outbox_id "
        f"WHERE o.berichttype = '{soort}' AND o.soort = '{EVENT}' ORDER BY o.id"
    )
    told = [json.loads(zlib.decompress(data)) for (data,) in rows(folder, query)]
    return [one["data"] for one in told]


@pytest.mark.parametrize("wet", ["JW", "WMO"])
def test_a_request_is_kept_with_its_deadline_and_answered(wet: str, tmp_path: Path) -> None:
    paths = write(tmp_path / "in", a=base(f"{wet}315"), b=base(f"{wet}319"))
    done = process(tmp_path / "uit", *paths, options=("--store", store_of(tmp_path)))
    assert (["accepted", "accepted"], 0) == (done.verdicts, done.code)
    assert [f"a.{wet}316.xml"] == list(done.answers)
    query = "SELECT soort, referentie_aanbieder, termijn, staat, tot_volgnr IS NULL FROM verzoek"
    kept = rows(tmp_path, f"{query} ORDER BY id")
    assert kept == [
        ("315", "V1", "2025-12-12", "open", 0),
        ("315", "V2", "2025-12-12", "open", 1),
        ("315", "V1", "2025-12-12", "afgewezen", 1),
    ]
    types = ["VerzoekOmToewijzing", "VerzoekOmToewijzing", "AntwoordOpVerzoek"]
    assert types == [one["type"] for one in done.records]
    assert ["2025-12-12"] * 2 == [one["termijn"] for one in done.records[:2]]
    (told,) = events(tmp_path, "verzoek-ontvangen")
    assert ["V1", "V2"] == [one["referentie"] for one in told["verzoeken"]]
    assert BSN not in json.dumps(told)


def test_a_change_is_kept_with_the_assignments_that_it_is_about(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "in", a=made("JW301", ("12345678", "65656055")))
    options = ("--store", store_of(tmp_path))
    assert ["accepted"] == process(tmp_path / "1", path, options=options).verdicts
    nummers = [n for (n,) in rows(tmp_path, "SELECT DISTINCT toewijzingnummer FROM toewijzing")]
    wijziging = _change_of(nummers)
    (path,) = write(tmp_path / "later", b=wijziging)
    done = process(tmp_path / "2", path, options=options)
    assert ["accepted"] == done.verdicts, done.texts()
    ((soort, named),) = rows(tmp_path, "SELECT soort, toewijzingnummers FROM verzoek")
    assert ("317", sorted(nummers)) == (soort, sorted(map(int, named.split())))


def _change_of(nummers: list[int]) -> bytes:
    """A VOW that leaves every assignment as it is and asks for one product more, next year."""
    text = base("JW317", ("2025-07-01", "2026-01-01"), ("2025-12-31", "2026-06-30")).decode()
    begin, end = text.index("<jw317:OngewijzigdeProducten>"), text.index("<jw317:NieuweProducten>")
    unchanged = "".join(
        "<jw317:OngewijzigdProduct>"
        f"<jw317:ToewijzingNummer>{nummer}</jw317:ToewijzingNummer></jw317:OngewijzigdProduct>"
        for nummer in nummers
    )
    kept = f"<jw317:OngewijzigdeProducten>{unchanged}</jw317:OngewijzigdeProducten>"
    return (text[:begin] + kept + text[end:]).encode()


def test_a_retour_is_tied_to_its_message_and_what_it_refuses_is_told(tmp_path: Path) -> None:
    heen = made("JW301")
    product = "/Bericht/Client/ToegewezenProducten/ToegewezenProduct[1]"
    approving = retour_on("JW302", heen)
    refusing = retour_on("JW302", heen, (product, ("9332", "S329")))
    paths = write(tmp_path / "in", a=heen, b=approving, c=refusing)
    done = process(tmp_path / "uit", *paths, options=("--store", store_of(tmp_path)))
    assert (["accepted"] * 3, 0, {}) == (done.verdicts, done.code, done.answers)
    tied = rows(tmp_path, "SELECT naam, heen_id FROM inbox WHERE heen_id IS NOT NULL ORDER BY id")
    assert [("b.xml", 1), ("c.xml", 1)] == tied
    first, second = events(tmp_path, "retour-ontvangen")
    assert (True, []) == (first["goedgekeurd"], first["afgekeurd"])
    assert ("JW302", "JW301", 1) == (
        second["bericht"],
        second["heenbericht"],
        second["heenbericht_inbox"],
    )
    (refused,) = second["afgekeurd"]
    assert ("ToegewezenProduct", ["9332", "S329"]) == (refused["klasse"], refused["retourcodes"])
    assert [("S191", "9332"), ("S191", "S329")] == [
        (one["rule"], one["found"]) for one in done.outcomes[2]["findings"]
    ]


@pytest.mark.parametrize("naam", ["JW306", "WMO308", "JW316", "WMO318", "WMO320"])
def test_a_retour_on_a_message_that_nobody_knows_is_told(naam: str, tmp_path: Path) -> None:
    heen = base(TYPES.answered_by(TYPES.by_name(naam)).naam)
    (path,) = write(tmp_path / "in", a=retour_on(naam, heen))
    done = process(tmp_path / "uit", path)
    assert (["accepted"], ["S192"], 0) == (done.verdicts, done.rules(), done.code)
    assert {} == done.answers


def test_a_retour_that_breaks_its_schema_is_invalid(tmp_path: Path) -> None:
    broken = retour_on("JW302", base("JW301")).replace(b">437<", b">999<")
    (path,) = write(tmp_path / "in", a=broken)
    assert ["invalid"] == process(tmp_path / "uit", path).verdicts


@pytest.mark.parametrize("naam", ["JW315", "WMO317", "JW319"])
def test_a_request_can_be_checked_before_it_is_sent(
    naam: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = write(tmp_path, good=base(naam), bad=base(naam, ("2025-05-06", "2999-05-06")))
    assert 0 == run(["check", str(good)])
    capsys.readouterr()
    assert 1 == run(["check", str(bad)])
    told = capsys.readouterr().out
    assert "8848" in told
    assert BSN not in told
