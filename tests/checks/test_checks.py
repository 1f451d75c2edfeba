"""Runs every case file of a check, and holds what is true of all checks."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.deviations.policy import Beleid, Ontheffing
from gateway.deviations.registry import (
    CHECKS,
    Check,
    Deviation,
    by_policy,
    check,
    detect,
    finding_of,
    load_checks,
)
from gateway.deviations.signals import byte_order_mark, unknown_assignment
from gateway.errors import RuleCrashed
from gateway.messages.teksten import read_teksten
from gateway.records.batch import Aanvraagbatch, Declaratiebatch, Toewijzingbatch
from gateway.records.finding import Evidence, Finding, Offence
from tests.checks.bouw import build_batch, prijs
from tests.rules.bouw import DEFAULTS, record
from tests.rules.test_rules import DAG_VAN_MACHINE

HERE = Path(__file__).parent
LOADED = load_checks()
JUDGED = {code: one for code, one in LOADED.items() if one.over}
CALLED = {code: one for code, one in LOADED.items() if not one.over}
CATALOGUE = read_teksten(HERE.parents[1] / "mappings" / "teksten").checks
BATCHES = {
    "declaratie": Declaratiebatch,
    "toewijzing": Toewijzingbatch,
    "aanvraag": Aanvraagbatch,
}
DAG = date(2025, 5, 8)


def cases_of(code: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The cases of a check, each with the batch it is about."""
    document = tomllib.loads((HERE / f"{code}.toml").read_text(encoding="utf-8"))
    for case in document["case"]:
        yield case.pop("batch", document["batch"]), case


CASES = [
    pytest.param(code, batch, case, id=f"{code} {case['name']}")
    for code in JUDGED
    for batch, case in cases_of(code)
]


def found_by(code: str, batch: object, beleid: Beleid | None = None) -> list[Finding]:
    """What one check finds in a batch."""
    return list(detect(batch, {code: LOADED[code]}, beleid or Beleid(), DAG))


def a_check(judge: Any, over: tuple[type, ...] = (Declaratiebatch,)) -> dict[str, Check]:
    """A check that is not in the catalogue."""
    return {"S199": Check("S199", "formeel", "proef", over, judge)}


@pytest.mark.parametrize(("code", "batch", "case"), CASES)
def test_a_check_finds_exactly_what_its_case_names(
    code: str, batch: str, case: dict[str, Any]
) -> None:
    """`offends` is false, true (one) or the references; `evidence` and `text` are exact."""
    given = dict(case)
    given.pop("name")
    expected, text = given.pop("offends"), given.pop("text", None)
    element, evidence = given.pop("element", None), given.pop("evidence", None)
    findings = found_by(code, build_batch(batch, given))
    if isinstance(expected, list):
        assert expected == [one.reference for one in findings]
    else:
        assert int(expected) == len(findings)
    for one in findings:
        assert text in (None, one.text)
        assert element in (None, one.element)
        assert one.evidence is not None
        assert one.klasse != "Prestatie" or one.evidence.belang is not None
        given_facts = {k: v for k, v in asdict(one.evidence).items() if v is not None}
        assert evidence in (None, given_facts)
    for one in findings:
        told = f"{one.text} {one.found} {one.expected}"
        assert "99990" not in told
        assert DAG_VAN_MACHINE.search(told) is None


@pytest.mark.parametrize("code", JUDGED)
def test_a_check_shows_both_sides_for_every_batch_that_it_is_over(code: str) -> None:
    expected = {(one, side) for one in JUDGED[code].over for side in (True, False)}
    assert expected == {(BATCHES[batch], bool(case["offends"])) for batch, case in cases_of(code)}


def test_every_case_file_belongs_to_a_check() -> None:
    assert set(JUDGED) == {path.stem for path in HERE.glob("*.toml")}


def test_every_check_of_the_catalogue_is_there_with_a_text() -> None:
    numbers = [*range(101, 129), 138, *range(190, 196)]
    expected = [f"S{number}" for number in numbers]
    assert expected == list(LOADED) == sorted(CATALOGUE)


@pytest.mark.parametrize("code", LOADED)
def test_a_check_tells_what_it_looks_for_and_where_it_is_implemented(code: str) -> None:
    one = LOADED[code]
    control = "Formal" if one.soort == "formeel" else "Material"
    assert " ".join(str(one.judge.__doc__).split()).endswith(f"{control} control.")
    assert one.naam
    assert one.function.count(".") == 1
    assert not one.function.startswith("gateway")


@pytest.mark.parametrize("code", CALLED)
def test_a_check_that_the_pipeline_calls_judges_no_batch(code: str) -> None:
    assert [] == found_by(code, build_batch("declaratie", {}))


def test_a_line_that_was_refused_does_not_deviate() -> None:
    batch = build_batch("declaratie", {"geweigerd": [1]})
    assert [] == list(detect(batch, LOADED, Beleid(), DAG))


def test_an_assignment_unknown_to_its_sender_is_told_on_the_line() -> None:
    toewijzing = record("toewijzing", {"bekend_op": date(2025, 5, 7)})
    finding = unknown_assignment(record("prestatie", {"volgnr": 1}), toewijzing)
    assert ("S104", None, "signal") == (finding.rule, finding.retourcode, finding.effect)
    assert ("Prestatie", "RN1") == (finding.klasse, finding.reference)
    assert "toewijzing 10072, verstuurd op 7 mei 2025" == finding.found
    assert Evidence(ingediend=50000, belang=50000) == finding.evidence


def test_a_death_that_was_told_later_is_told_as_that() -> None:
    toewijzing = record("toewijzing", {"bekend_op": date(2025, 5, 7), "reden_wijziging": "02"})
    finding = unknown_assignment(
        record("prestatie", {"volgnr": 1}), toewijzing, prijs({"soort": "pxq", "eenheid": "04"})
    )
    assert "omdat de cliënt is overleden, maar dat is pas op 7 mei 2025 verstuurd" in finding.text
    assert "overlijden, verstuurd op 7 mei 2025" == finding.found
    assert finding.evidence == Evidence("proef", "2025.1", "profiel=1", 50000, None, 50000)


def test_a_byte_order_mark_is_told_at_the_header() -> None:
    finding = byte_order_mark(record("header", {}, DEFAULTS["header"]["declaratie"]))
    assert ("S190", "signal", "Header") == (finding.rule, finding.effect, finding.klasse)
    assert "/Bericht/Header" == finding.path


@pytest.mark.parametrize("effect", ["signal", "hold"])
def test_a_deviation_has_the_effect_of_the_policy_and_never_a_retourcode(effect: Any) -> None:
    beleid = Beleid(effects={"S105": effect})
    (finding,) = found_by("S105", build_batch("declaratie", {}), beleid)
    assert (effect, None) == (finding.effect, finding.retourcode)


def test_a_check_that_is_off_finds_nothing() -> None:
    beleid = Beleid(effects={"S105": "off"})
    assert [] == found_by("S105", build_batch("declaratie", {}), beleid)


def test_a_finding_of_the_pipeline_follows_the_policy_too() -> None:
    finding = byte_order_mark(record("header", {}, DEFAULTS["header"]["declaratie"]))
    held = Beleid(effects={"S190": "hold"})
    assert finding == by_policy(finding, Beleid(), "65656055", DAG)
    assert replace(finding, effect="hold") == by_policy(finding, held, "65656055", DAG)
    assert by_policy(finding, Beleid(effects={"S190": "off"}), "65656055", DAG) is None


@pytest.mark.parametrize(("aanbieder", "waives"), [("65656055", True), ("99000001", False)])
def test_a_finding_of_the_pipeline_may_be_waived(aanbieder: str, waives: bool) -> None:
    finding = byte_order_mark(record("header", {}, DEFAULTS["header"]["declaratie"]))
    ontheffing = Ontheffing(
        check="S190", eigenaar="ict", reden="proef", tot=DAG, aanbieder="65656055"
    )
    beleid = Beleid(ontheffingen=(ontheffing,))
    waived: Counter[str] = Counter()
    assert (None if waives else finding) == by_policy(finding, beleid, aanbieder, DAG, waived)
    assert ({"S190": 1} if waives else {}) == waived


def test_a_deviation_names_its_place_in_the_plan_for_control() -> None:
    beleid = Beleid(controleplannen={"S105": "MC-2026 onderdeel 3"})
    (finding,) = found_by("S105", build_batch("declaratie", {}), beleid)
    assert finding.evidence == Evidence(
        ingediend=50000, belang=50000, controleplan="MC-2026 onderdeel 3"
    )


WAIVERS = [
    ({"aanbieder": "65656055"}, True),
    ({"aanbieder": "99000001"}, False),
    ({"productcode": "45A03"}, True),
    ({"productcode": "45A04"}, False),
    ({"toewijzingnummer": 10072}, True),
    ({"toewijzingnummer": 10073}, False),
    ({"aanbieder": "65656055", "productcode": "45A04"}, False),
    ({"aanbieder": "65656055", "tot": DAG}, True),
    ({"aanbieder": "65656055", "tot": date(2025, 5, 7)}, False),
    ({"aanbieder": "65656055", "check": "S106"}, False),
]


@pytest.mark.parametrize("batch", ["declaratie", "toewijzing"])
@pytest.mark.parametrize(("given", "waives"), WAIVERS)
def test_what_a_waiver_covers_is_counted_and_not_shown(
    batch: str, given: dict[str, Any], waives: bool
) -> None:
    ontheffing = Ontheffing(
        **{"check": "S119", "eigenaar": "jeugd", "reden": "proef", "tot": DAG, **given}
    )
    waived: Counter[str] = Counter()
    made, one = build_batch(batch, {"zonder_cel": [1, 10072]}), {"S119": LOADED["S119"]}
    findings = list(detect(made, one, Beleid(ontheffingen=(ontheffing,)), DAG, waived))
    assert (0 if waives else 1) == len(findings)
    assert ({"S119": 1} if waives else {}) == waived


def test_a_waiver_may_be_used_without_a_count() -> None:
    ontheffing = Ontheffing(
        check="S119", eigenaar="jeugd", reden="proef", tot=DAG, productcode="45A03"
    )
    beleid = Beleid(ontheffingen=(ontheffing,))
    assert [] == found_by("S119", build_batch("declaratie", {"zonder_cel": [1]}), beleid)


def test_a_check_on_another_kind_of_batch_knows_no_aanbieder() -> None:
    def judge(batch: object) -> Iterator[Deviation]:
        """Deviate once."""
        yield Deviation(Offence(record("start", {}), "proef"))

    ontheffing = Ontheffing(
        check="S199", eigenaar="jeugd", reden="proef", tot=DAG, aanbieder="65656055"
    )
    beleid = Beleid(ontheffingen=(ontheffing,))
    assert 1 == len(list(detect("batch", a_check(judge, (str,)), beleid, DAG)))


def test_a_check_that_crashes_parks_the_message() -> None:
    def judge(batch: object) -> Iterator[Deviation]:
        """Crash."""
        yield Deviation(Offence(record("prestatie", {"volgnr": 1}), "proef"))
        raise KeyError("weg")

    with pytest.raises(RuleCrashed, match="controle S199 is afgebroken met KeyError"):
        list(detect(build_batch("declaratie", {}), a_check(judge), Beleid(), DAG))


@pytest.mark.parametrize(
    ("code", "doc", "said"),
    [("S105", "Twice.", "twice"), ("T105", "No code.", "catalogue"), ("S199", "", "docstring")],
)
def test_a_check_is_not_registered(code: str, doc: str, said: str) -> None:
    def judge() -> None: ...

    judge.__doc__ = doc
    before = dict(CHECKS)
    with pytest.raises(ValueError, match=said):
        check(code, soort="formeel", naam="proef")(judge)
    assert before == CHECKS


def test_a_finding_names_class_and_element() -> None:
    offence = Offence(record("prestatie", {"volgnr": 2}), "tekst", element="ProductCode")
    finding = finding_of("S119", Deviation(offence))
    assert "Prestatie" == finding.klasse
    assert finding.path.endswith("Prestatie[2]/ProductCode")
