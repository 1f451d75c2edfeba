"""A line per request: who asked for what and how that went, and nothing of what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.logs import configure_logs
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.integration.berichten import comes_true
from tests.web.huis import Huis, huis

BSN = "999900006"
TRACE = "a" * 32
TOLD = ("methode", "pad", "status", "ms", "wie", "trace")
GIVEN = {"traceparent": f"00-{TRACE}-{'b' * 16}-01"}


@pytest.fixture
def web(opslag: None, tmp_path: Path) -> Iterator[Huis]:
    # Another test may have asked for less.
    configure_logs("json")
    with huis(tmp_path) as made:
        made.maak("beoordelaar", {ALLE: {Rol.BEOORDELAAR}})
        yield made


def lines(logs: list[Any], many: int) -> list[dict[str, Any]]:
    """So many lines of requests; the last one comes after its answer."""

    def found() -> list[dict[str, Any]]:
        asked = [one for one in logs if one["event"] == "verzoek"]
        # The last page of logging in; its line may come after the next question.
        return [one for one in asked if one["pad"] != "/mijn"]

    assert comes_true(lambda: len(found()) >= many, 5)
    return found()


def test_a_request_is_one_line_without_what_is_in_it(web: Huis) -> None:
    visitor = web.bezoeker("beoordelaar")
    wie = web.store.gebruikers.by_naam("beoordelaar")
    assert wie is not None
    with capture_logs() as logs:
        visitor.client.get(f"/berichten?nummer={BSN}", headers=GIVEN)
        visitor.get("/clienten")
        visitor.post("/clienten", {"bsn": BSN, "doel": "zoeken naar iemand"})
        visitor.client.get(f"/berichten/{BSN}")
        visitor.client.get("/api/v1/berichten?nummer=geheim")
        shown = lines(logs, 5)
    assert [
        ("GET", "/berichten", 200, wie.wie.kenmerk),
        ("GET", "/clienten", 200, wie.wie.kenmerk),
        ("POST", "/clienten", 422, wie.wie.kenmerk),
        ("GET", "/berichten/{kenmerk}", 404, wie.wie.kenmerk),
        ("GET", "/api/v1/berichten", 401, "onbekend"),
    ] == [(one["methode"], one["pad"], one["status"], one["wie"]) for one in shown]
    assert TRACE == shown[0]["trace"]
    for one in shown:
        assert {"event", "log_level", *TOLD} == one.keys()
        assert one["ms"] >= 0
    assert BSN not in str(logs)
    assert "geheim" not in str(logs)


def test_what_fits_no_route_has_no_path_in_the_log(web: Huis) -> None:
    client = web.bezoeker().client
    with capture_logs() as logs:
        for path in (f"/nergens/{BSN}", f"/api/v1/nergens/{BSN}", f"/api/{BSN}"):
            client.get(path)
        shown = lines(logs, 3)
    assert [("", 404), ("", 401), ("", 401)] == [(one["pad"], one["status"]) for one in shown]
    assert BSN not in str(logs)


def test_a_probe_that_is_content_is_no_line_and_every_answer_has_its_trace(web: Huis) -> None:
    client = web.bezoeker().client
    with capture_logs() as logs:
        told = [client.get(path).headers["traceparent"] for path in ("/healthz", "/nergens")]
        shown = lines(logs, 1)
    assert [told[1].split("-")[1]] == [one["trace"] for one in shown]
