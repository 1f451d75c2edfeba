"""Runs the case files of the rules that the XSDs keep, each on a message that breaks no rule."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WITH_BASE_MESSAGE = {path.stem for path in (HERE / "berichten").iterdir()}
RULES = tomllib.loads((ROOT / "mappings" / "regels-schema.toml").read_text(encoding="utf-8"))


@cache
def compile_schema(message: str) -> etree.XMLSchema:
    """The XSD of a message."""
    standard = "ijw" if message.startswith("JW") else "iwmo"
    return etree.XMLSchema(etree.parse(ROOT / "schemas" / f"{standard}-3.2" / f"{message}.xsd"))


def messages_of(code: str) -> set[str]:
    """The messages of a rule that there is a base message for."""
    listed = {f"JW{n}" for n in RULES[code]["ijw"]} | {f"WMO{n}" for n in RULES[code]["iwmo"]}
    return listed & WITH_BASE_MESSAGE


@cache
def cases_of(code: str) -> list[dict[str, Any]]:
    """The cases of a rule, each on the message of both laws unless the laws differ in it."""
    document = tomllib.loads((HERE / f"{code}.toml").read_text(encoding="utf-8"))
    if document.get("wetten_verschillen", False):
        return list(document["case"])
    return [
        {**case, "message": message}
        for case in document["case"]
        for message in (f"{law}{case['message'][-3:]}" for law in case.get("wetten", ("JW", "WMO")))
        if message in messages_of(code)
    ]


CODES = sorted(code for code in RULES if messages_of(code))
CASES = [
    pytest.param(case, id=f"{code} {case['name']} ({case['message']})")
    for code in CODES
    for case in cases_of(code)
]


@pytest.mark.parametrize("case", CASES)
def test_the_xsd_refuses_exactly_the_elements_that_break_the_rule(case: dict[str, Any]) -> None:
    tree = etree.parse(HERE / "berichten" / f"{case['message']}.xml")
    touched = set()
    for path, text in case.get("set", {}).items():
        node = _find(tree, path)
        node.text = text
        touched.add(tree.getpath(node))
    for path in case.get("remove", []):
        node = _find(tree, path)
        node.getparent().remove(node)
    schema = compile_schema(case["message"])
    assert case["offends"] == (not schema.validate(tree))
    expected = touched if case["offends"] else set()
    assert expected == {error.path for error in schema.error_log}


@pytest.mark.parametrize("message", sorted(WITH_BASE_MESSAGE))
def test_a_base_message_breaks_no_rule(message: str) -> None:
    compile_schema(message).assertValid(etree.parse(HERE / "berichten" / f"{message}.xml"))


@pytest.mark.parametrize("code", CODES)
def test_a_schema_rule_shows_both_sides_for_every_message(code: str) -> None:
    expected = {(message, offends) for message in messages_of(code) for offends in (True, False)}
    assert expected == {(case["message"], case["offends"]) for case in cases_of(code)}


def _find(tree: Any, path: str) -> Any:
    node = tree.getroot().find("/".join(f"{{*}}{step}" for step in path.split("/")))
    assert node is not None, f"{path} is not in the base message"
    return node
