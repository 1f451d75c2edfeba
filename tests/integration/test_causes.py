"""Open findings by cause: shown, previewed after a repair on our side, and judged again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.berichten import (
    BASE,
    Verwerkt,
    made,
    process,
    renumbered,
    run,
    write,
)
from tests.opslag import store_of
from tests.unit.agreement_builders import CEL, CONTRACT, HEAD

pytestmark = pytest.mark.usefixtures("opslag")

TRAJECT = (
    ("45A01", "45P11"),
    ("<ijw:Volume>120<", "<ijw:Volume>264000<"),
    ("<ijw:Eenheid>01<", "<ijw:Eenheid>83<"),
    ("<ijw:Frequentie>2<", "<ijw:Frequentie>6<"),
)
MINUTEN = """
[[cel]]
profiel = "2"
productcategorie = "45"
productcode = "45A01"
eenheid = "01"
soort = "pxq"
bedrag = {bedrag}
vanaf = 2025-01-01
"""
ANDERE = """
[[cel]]
profiel = "3"
productcategorie = "54"
productcode = "54A10"
eenheid = "83"
soort = "periode"
bedrag = 25000
vanaf = 2025-01-01
"""


class Plek:
    """A store with an agreement that can be repaired."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self._runs = 0

    def agree(self, text: str) -> None:
        (self.folder / "proef.toml").write_text(text, encoding="utf-8")

    @property
    def _options(self) -> tuple[str, ...]:
        agreement = str(self.folder / "proef.toml")
        return ("--store", store_of(self.folder), "--agreements", agreement)

    def process(self, klok: str = "2025-12-05", **messages: bytes) -> list[str]:
        self._runs += 1
        paths = write(self.folder / f"in{self._runs}", **messages)
        done = process(self.folder / f"uit{self._runs}", *paths, options=self._options, klok=klok)
        return done.verdicts

    def causes(self, *arguments: str) -> tuple[int, Any]:
        self._capsys.readouterr()
        code = run(["causes", *arguments, *self._options])
        told = self._capsys.readouterr().out
        return code, json.loads(told) if "--json" in arguments else told

    def open(self) -> list[tuple[str, int, int]]:
        _, told = self.causes("--json")
        return [(one["rule"], one["findings"], one["held"]) for one in told["causes"]]

    def kenmerk(self, rule: str) -> str:
        _, told = self.causes("--json")
        (found,) = [one["id"] for one in told["causes"] if one["rule"] == rule]
        return str(found)


@pytest.fixture
def plek(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Plek:
    return Plek(tmp_path, capsys)


def test_nothing_open_is_one_sentence(plek: Plek) -> None:
    plek.agree(HEAD + MINUTEN.format(bedrag=125) + ANDERE)
    plek.process(a=made("JW301"))
    code, told = plek.causes()
    assert (0, "Er staan geen bevindingen open.") == (code, told.strip())


def test_a_cell_that_was_wrong_is_repaired_and_what_was_told_falls_away(plek: Plek) -> None:
    plek.agree(HEAD + CEL)
    assert ["accepted"] == plek.process(a=made("JW301", *TRAJECT))
    assert [("S101", 1, 0)] == plek.open()
    kenmerk = plek.kenmerk("S101")

    code, told = plek.causes(kenmerk, "--preview")
    assert 1 == code
    assert "blijft: 1" in told
    plek.agree(HEAD + CEL.replace("265000", "264000"))
    code, told = plek.causes(kenmerk, "--preview", "--json")
    assert ["melding vervalt"] == [one["now"] for one in told["lines"]]
    assert [("S101", 1, 0)] == plek.open(), "a preview changes nothing"

    code, told = plek.causes(kenmerk, "--rejudge", "--rate", "100")
    assert (
        0,
        "1 van 1 bericht opnieuw beoordeeld; van deze oorzaak staan nog 0 van 1 bevinding open\n",
    ) == (code, told)
    assert [] == plek.open()


def test_a_later_version_of_an_own_assignment_closes_what_was_told_of_the_one_before(
    plek: Plek,
) -> None:
    plek.agree(HEAD + CEL)
    plek.process(a=made("JW301", *TRAJECT))
    later = [("JW301-0001", "JW301-0002"), ("<ijw:Volume>264000<", "<ijw:Volume>265000<")]
    plek.process(b=made("JW301", *TRAJECT, *later))
    assert "S101" not in [rule for rule, _, _ in plek.open()]


def test_a_rejection_of_our_own_making_is_told_and_closes_when_the_care_is_granted(
    plek: Plek,
) -> None:
    plek.agree(HEAD + MINUTEN.format(bedrag=120) + ANDERE)
    assert ["accepted", "accepted", "partly"] == plek.process(
        a=made("JW301"), b=made("JW305"), c=made("JW323")
    )
    kenmerk = plek.kenmerk("TR418")
    plek.agree(HEAD + MINUTEN.format(bedrag=125) + ANDERE)
    _, told = plek.causes(kenmerk, "--preview", "--json")
    assert ["zou nu worden toegekend: laat de aanbieder opnieuw indienen"] == [
        one["now"] for one in told["lines"]
    ]
    code, told = plek.causes(kenmerk, "--rejudge", "--rate", "100")
    assert 1 == code, "the answer has left: only the provider can send the line again"
    assert "nog 1 van 1" in told
    # The other line was granted before, so it is refused now; this one is granted.
    assert ["partly"] == plek.process("2025-12-08", d=renumbered("JW323", "2"))
    assert "TR418" not in [rule for rule, _, _ in plek.open()]


def test_a_held_invoice_is_judged_again_and_answered_once_the_cause_is_gone(
    plek: Plek, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    beleid = plek.folder / "beleid"
    beleid.mkdir()
    (beleid / "0193.toml").write_text('[check.S105]\neffect = "hold"\n', encoding="utf-8")
    monkeypatch.setenv("GATEWAY_BELEID", str(beleid))
    plek.agree(HEAD + MINUTEN.format(bedrag=125) + ANDERE)
    assert ["accepted", "held"] == plek.process(a=made("JW301"), b=made("JW323"))
    assert [("S105", 1, 1), ("S105", 1, 1)] == plek.open(), "a cause per product"
    _, told = plek.causes("--json")
    (kenmerk,) = [one["id"] for one in told["causes"] if one["product"] == "profiel=2"]

    code, told = plek.causes(kenmerk, "--rejudge", "--rate", "100")
    assert 1 == code, "still no start: it waits on"
    assert [("S105", 1, 1), ("S105", 1, 1)] == plek.open()

    plek.process(c=made("JW305"))
    _, told = plek.causes(kenmerk, "--preview", "--json")
    assert ["wordt toegekend en beantwoord"] == [one["now"] for one in told["lines"]]
    code, told = plek.causes(kenmerk, "--rejudge", "--rate", "100")
    assert 0 == code
    assert [] == plek.open(), "both lines have a start now, so the whole message is answered"
    capsys.readouterr()
    assert 0 == run(["status", "--json", "--store", store_of(plek.folder)])
    balans = json.loads(capsys.readouterr().out)
    assert (3, 0, 1) == (balans["answered"], balans["held"], balans["answersUnderway"])


WRONG = [
    (("--preview",), "noem het KENMERK van de oorzaak; gateway causes toont ze"),
    (("0a1b2c3d",), "oorzaak 0a1b2c3d is niet (meer) open"),
    (("0a1b2c3d", "--preview", "--rejudge"), "kies --preview of --rejudge"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_use_is_told_in_one_sentence(
    plek: Plek, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    plek.agree(HEAD)
    plek.process(a=made("JW301"))
    capsys.readouterr()
    assert 2 == run(["causes", *arguments, "--store", store_of(plek.folder)])
    assert f"gateway: {said}\n" == capsys.readouterr().err


def base(naam: str) -> bytes:
    """A message that breaks no rule by itself."""
    return (BASE / f"{naam}.xml").read_bytes()


def test_what_a_request_asks_for_is_held_against_contract_and_care_until_it_is_answered(
    plek: Plek,
) -> None:
    """S126 and S127 (OP296, OP307): told, never held, and gone with the 319; the 316 approves."""
    plek.agree(HEAD + CEL.replace("45P11", "45A03") + CONTRACT)
    assert ["accepted"] == plek.process(a=made("JW301"))
    before = plek.open()
    assert ["accepted"] == plek.process(b=base("JW315"))
    assert [("S127", 1, 0), ("S126", 1, 0)] == [one for one in plek.open() if one not in before]

    findings = Verwerkt(0, plek.folder / "uit2").outcomes[0]["findings"]
    assert [("S126", "V1", "signal"), ("S127", "V2", "signal")] == [
        (one["rule"], one["reference"], one["effect"]) for one in findings
    ]
    assert findings[1]["text"] == (
        "Verzoek V2 vraagt een product waarvoor toewijzing 100002 van aanbieder 12345678 al loopt "
        "van 1 januari 2025 tot en met 31 december 2025."
    )
    (answer,) = (plek.folder / "uit2" / "answers").iterdir()
    assert b"RetourCode" not in answer.read_bytes()

    _, told = plek.causes(plek.kenmerk("S126"), "--preview", "--json")
    assert ["blijft"] == [one["now"] for one in told["lines"]]
    plek.causes(plek.kenmerk("S126"), "--rejudge", "--rate", "100")
    assert ("S126", 1, 0) in plek.open(), "a request is not judged again"
    assert ["accepted"] == plek.process(c=base("JW319"))
    assert [("S127", 1, 0)] == [one for one in plek.open() if one not in before]


def test_a_request_that_fits_contract_and_care_is_not_told_of(plek: Plek) -> None:
    own = CONTRACT.replace("99000001", "65656055")
    plek.agree(HEAD + CEL.replace("45P11", "45A03") + CONTRACT + own)
    assert ["accepted"] == plek.process(b=base("JW315"))
    assert [] == plek.open()
