"""Receipts: what is in them, how two of them differ, and what they rest on."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.bewijs import first_difference
from gateway.config import read_settings
from gateway.deviations.receipt import Kader, Regelbewijs, pack, printed, receipt, unpack
from gateway.inlezen import load_kennis, rule_set_hash
from gateway.pipeline.grondslag import grondslag_of, kept_grondslag
from gateway.pipeline.kennis import without
from gateway.records.batch import Declaratiebatch
from gateway.records.finding import Evidence, Finding
from tests.checks.bouw import build_batch

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.text("ab", max_size=2), inside, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text("abc", max_size=2), JSON, max_size=4)
FILES = st.lists(st.tuples(st.text("ab/", max_size=3), st.binary(max_size=3)), max_size=3)
HOURS = {"eenheid": "04", "geleverd_volume": 2, "producttarief": 51, "ingediend_bedrag": 102}
PRICE = {"soort": "pxq", "eenheid": "04", "bedrag": 50}


def kader(**changes: Any) -> Kader:
    given: dict[str, Any] = {
        "ontvangen": date(2025, 4, 3),
        "peil": 7,
        "regels": ["TR304", "TR418"],
        "over_regels": {"TR418"},
        "controles": ["S105"],
        "hashes": {("proef", "2025.1"): "abc"},
        "regelset": {"versie": "1.0.0"},
        "kennis": {"hash": "def"},
    }
    return Kader(**given | changes)


def finding(rule: str, **changes: Any) -> Finding:
    given: dict[str, Any] = {
        "rule": rule,
        "retourcode": None,
        "effect": "signal",
        "klasse": "Prestatie",
        "pad": "/Bericht/Prestatie[1]",
        "element": "ProductTarief",
        "reference": "RN1",
        "found": "51",
        "expected": "50",
        "text": "Anders.",
    }
    return Finding(**given | changes)


def document(*findings: Finding, codes: tuple[str, ...] = (), **case: Any) -> dict[str, Any]:
    batch = build_batch("declaratie", case or {"prestatie": HOURS, "cel": PRICE})
    assert isinstance(batch, Declaratiebatch)
    regel = Regelbewijs(line=batch.prestaties[0], codes=codes, findings=findings)
    return receipt(batch, regel, kader())


def test_a_rule_on_the_price_rests_on_the_cell() -> None:
    (one,) = document(finding("TR418", effect="reject"), codes=("0611",))["bevindingen"]
    expected = {"overeenkomst": "proef", "versie": "2025.1", "hash": "abc", "cel": "profiel=1"}
    assert expected == {key: one["grond"][key] for key in expected}
    assert (102, 100, 2) == tuple(one["grond"][k] for k in ("ingediend", "verwacht", "verschil"))


def test_a_rule_on_something_else_rests_on_the_assignment_only() -> None:
    (one,) = document(finding("TR321", effect="reject"), codes=("9321",))["bevindingen"]
    told = {key: value for key, value in one["grond"].items() if value is not None}
    assert ["toewijzing"] == list(told)


def test_a_check_rests_on_its_own_evidence() -> None:
    evidence = Evidence("proef", "2025.1", "profiel=1", 5, 3, belang=2, controleplan="C1")
    (one,) = document(finding("S103", evidence=evidence))["bevindingen"]
    assert ("abc", 2, 2, "C1") == tuple(
        one["grond"][key] for key in ("hash", "verschil", "belang", "controleplan")
    )


@pytest.mark.parametrize(
    ("codes", "effect", "oordeel"),
    [((), "signal", "toegekend"), ((), "hold", "aangehouden"), (("0611",), "reject", "afgewezen")],
)
def test_the_verdict_is_told_in_a_word(codes: tuple[str, ...], effect: str, oordeel: str) -> None:
    assert oordeel == document(finding("S105", effect=effect), codes=codes)["oordeel"]


def test_checks_looked_at_what_was_granted_only() -> None:
    assert ["S105"] == document()["controles"]
    assert [] == document(codes=("0611",))["controles"]


def test_a_line_that_fell_with_its_client_was_not_judged_by_the_rules_on_lines() -> None:
    batch = build_batch("declaratie", {})
    assert isinstance(batch, Declaratiebatch)
    regel = Regelbewijs(line=batch.prestaties[0], codes=("0233",), findings=(), unjudged=True)
    assert ["TR304"] == receipt(batch, regel, kader())["regels"]


def test_a_receipt_hides_a_client_who_stands_in_a_number_or_a_text() -> None:
    bsn = "999900006"
    batch = build_batch("declaratie", {"prestatie": {"referentienummer": bsn}})
    assert isinstance(batch, Declaratiebatch)
    found = finding("S105", found=bsn, text=f"Cliënt {bsn}.", reference=bsn)
    regel = Regelbewijs(line=batch.prestaties[0], codes=(), findings=[found])
    made = receipt(batch, regel, kader(is_client=lambda text: text == bsn))
    assert bsn not in printed(made).decode()


def test_a_kept_receipt_is_the_same_document() -> None:
    one = document(finding("TR418", effect="reject"), codes=("0611",))
    assert one == unpack(pack(one))
    assert printed(one) == printed(unpack(pack(one)))


# --- Differences ------------------------------------------------------------------------------


@given(DOCUMENTS)
def test_a_document_does_not_differ_from_itself(one: dict[str, Any]) -> None:
    assert "bytes" in first_difference(one, copy.deepcopy(one))


@given(DOCUMENTS, DOCUMENTS)
def test_every_difference_is_found(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")
    assert same == ("bytes" in first_difference(one, other))


@pytest.mark.parametrize(
    ("told", "again", "sentence"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, "b: in het bewijs staat 2, opnieuw beoordeeld 3"),
        (
            {"a": {"b": []}},
            {"a": {"b": [1]}},
            "a.b: in het bewijs staat [], opnieuw beoordeeld [1]",
        ),
        ({"a": [1, 2]}, {"a": [1]}, "a[2]: in het bewijs staat 2, opnieuw beoordeeld niets"),
        ({"a": True}, {"a": 1}, "a: in het bewijs staat true, opnieuw beoordeeld 1"),
        ({}, {"a": None}, "a: in het bewijs staat niets, opnieuw beoordeeld null"),
        ({"a": 1, "z": 1}, {"a": 1}, "z: in het bewijs staat 1, opnieuw beoordeeld niets"),
    ],
)
def test_the_first_difference_is_told(
    told: dict[str, Any], again: dict[str, Any], sentence: str
) -> None:
    assert sentence == first_difference(told, again)


def test_another_rule_set_with_the_same_judgement_is_told_as_that() -> None:
    told, again = ({"oordeel": "toegekend", "regelset": {"hash": one}} for one in ("a", "b"))
    assert first_difference(told, again).endswith("; het oordeel zelf is gelijk")
    assert "gelijk" not in first_difference(told | {"oordeel": "afgewezen"}, again)


def test_a_bsn_that_someone_put_in_is_not_repeated() -> None:
    assert "999900006" not in first_difference({"a": "999900006"}, {"a": "x"})


# --- What it rests on -------------------------------------------------------------------------


@given(FILES, FILES)
def test_only_the_same_files_have_the_same_hash(
    one: list[tuple[str, bytes]], other: list[tuple[str, bytes]]
) -> None:
    assert (one == other) == (kept_grondslag(one).hash == kept_grondslag(other).hash)


def test_the_order_in_which_files_were_found_does_not_matter() -> None:
    files = [("b.toml", b"2"), ("a.toml", b"1")]
    assert grondslag_of(files, []) == grondslag_of(reversed(files), [])
    assert (("a.toml", b"1"), ("b.toml", b"2")) == grondslag_of(files, []).of("overeenkomsten")


def test_agreements_and_policy_are_kept_apart() -> None:
    both = grondslag_of([("x.toml", b"1")], [("0193.toml", b"2")])
    assert (("x.toml", b"1"),) == both.of("overeenkomsten")
    assert (("0193.toml", b"2"),) == both.of("beleid")


def test_the_hash_of_the_rule_set_is_the_same_each_time() -> None:
    settings = read_settings({})
    folders = (settings.uitgavemappen, settings.schemamappen)
    first = rule_set_hash(*folders)
    rule_set_hash.cache_clear()
    assert first == rule_set_hash(*folders)
    assert 64 == len(first)


def test_a_rule_that_is_left_out_finds_nothing() -> None:
    kennis = load_kennis(read_settings({}))
    left = without(kennis, {"TR418", "S105"})
    assert [] == list(left.rules["TR418"].judge(None))
    assert kennis.rules["TR322"] is left.rules["TR322"]
    assert ("S105" in kennis.checks, "S105" in left.checks) == (True, False)
    assert {"TR418", "S105"} == left.zonder
