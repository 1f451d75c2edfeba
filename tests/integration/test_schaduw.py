"""A coming release judges beside the one in force, and changes nothing of what is said now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.berichten import Tabel, Verwerkt, lines, made, process, write
from tests.integration.test_uitgaven import ANDER_NUMMER, two_years_old
from tests.integration.test_verzoeken import events
from tests.integration.uitgaven import in_33, make_releases
from tests.opslag import store_of

COMING = "2026-01-01"
REGELS = """
[regels.TR335]
parameters = { jaren = 1 }

[regels.TR338]
retourcode = "9340"
"""
CRASHES = """
[regels.TR335]
functie = "CD005"
"""


def shadowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest: str = REGELS, vanaf: str = COMING
) -> None:
    """Release 3.3 comes, and judges beside until then."""
    folder = make_releases(tmp_path / "uitgaven", rest, vanaf)
    monkeypatch.setenv("GATEWAY_RELEASES", str(folder))
    monkeypatch.setenv("GATEWAY_SCHADUW", "ijw-3.3,iwmo-3.3")


def inkomend(tmp_path: Path) -> list[Path]:
    """Assignments, an invoice with a wrong number, one that is two years old, and a start."""
    return write(
        tmp_path / "in",
        a=made("JW301"),
        b=made("JW323", ANDER_NUMMER),
        c=two_years_old("JW323", "32"),
        d=made("JW305"),
        e=made("WMO301"),
    )


def shadow_lines(done: Verwerkt) -> list[Tabel]:
    """The lines of schaduw.jsonl."""
    return lines(done.out / "schaduw.jsonl")


def said(verdict: str, level: int | None, *rules: str, codes: tuple[str, ...] = ()) -> Tabel:
    """What is said of a message or a class, as schaduw.jsonl has it."""
    return {"verdict": verdict, "level": level, "rules": list(rules), "retourcodes": list(codes)}


def test_every_verdict_that_would_differ_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadowed(tmp_path, monkeypatch)

    done = process(tmp_path / "uit", *inkomend(tmp_path))

    told = shadow_lines(done)
    assert ["b.xml", "c.xml", "c.xml", "c.xml", "c.xml"] == [one["file"] for one in told]
    assert {"ijw-3.3"} == {one["release"] for one in told}
    line = told[0]
    assert ("Prestatie", "2025-03-001") == (line["class"], line["reference"])
    assert said("rejected", 3, "TR338", codes=("9338",)) == line["now"]
    assert said("rejected", 3, "TR338", codes=("9340",)) == line["coming"]
    whole = told[1]
    assert ("Bericht", "/Bericht", None) == (whole["class"], whole["path"], whole["reference"])
    assert [said("rejected", 3), said("rejected", 2)] == [whole["now"], whole["coming"]]
    assert {"TR335"} == {rule for one in told[2:] for rule in one["coming"]["rules"]}


def test_nothing_of_what_is_said_now_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = inkomend(tmp_path)
    without = process(tmp_path / "zonder", *files)
    shadowed(tmp_path, monkeypatch)

    beside = process(tmp_path / "met", *files)

    assert without.outcomes == beside.outcomes
    assert without.answers == beside.answers
    assert without.records == beside.records
    assert without.deviations == beside.deviations
    assert not (without.out / "schaduw.jsonl").exists()


def test_the_backoffice_hears_of_it_in_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadowed(tmp_path, monkeypatch)

    process(tmp_path / "uit", *inkomend(tmp_path), options=("--store", store_of(tmp_path)))

    first, second = events(tmp_path, "schaduw-verschil")
    assert ("JW323", "partly", 3) == (first["bericht"], first["verdict"], first["level"])
    assert [
        {
            "uitgave": "ijw-3.3",
            "verdict": "partly",
            "level": 3,
            "verschillen": 1,
            "erbij": {},
            "weg": {},
            "reden": None,
        }
    ] == first["schaduw"]
    (coming,) = second["schaduw"]
    assert ("rejected", 2, {"TR335": 2}) == tuple(
        coming[key] for key in ("verdict", "level", "erbij")
    )


def test_a_shadow_that_fails_is_told_and_touches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write(tmp_path / "in", a=made("JW301"), b=made("JW323"))
    without = process(tmp_path / "zonder", *files)
    shadowed(tmp_path, monkeypatch, CRASHES)

    done = process(tmp_path / "uit", *files)

    assert (without.outcomes, without.answers) == (done.outcomes, done.answers)
    (line,) = shadow_lines(done)
    assert ("b.xml", None, "RuleCrashed") == (line["file"], line["coming"], line["reason"])
    assert said("accepted", None) == line["now"]


def test_once_it_is_in_force_it_judges_beside_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadowed(tmp_path, monkeypatch, vanaf="2025-04-07")
    own = in_33(made("JW323", ANDER_NUMMER))
    files = write(tmp_path / "in", a=made("JW301"), b=made("JW323", ANDER_NUMMER), c=own)

    done = process(tmp_path / "uit", *files)

    assert [] == shadow_lines(done)


@pytest.mark.parametrize(
    ("naam", "said"),
    [
        ("ijw-3.4", "GATEWAY_SCHADUW noemt ijw-3.4, en die uitgave is er niet"),
        ("ijw-3.2", "GATEWAY_SCHADUW noemt ijw-3.2, maar die uitgave heeft geen vanaf"),
        ("drie", "GATEWAY_SCHADUW heeft een waarde die niet kan"),
    ],
)
def test_a_release_that_cannot_judge_beside_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    naam: str,
    said: str,
) -> None:
    monkeypatch.setenv("GATEWAY_SCHADUW", naam)

    assert 2 == process(tmp_path / "uit", *inkomend(tmp_path)).code

    assert said in capsys.readouterr().err
