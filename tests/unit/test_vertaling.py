"""No element of any message is dropped without being named, and the report tells the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.cli.translation import translations
from gateway.config import Settings, data_folder
from gateway.errors import WrongUse
from gateway.inlezen import load_types
from gateway.messages.layout import Element, read_layout
from gateway.messages.vertaling import ANY, afspraak_of, read_afspraken, vertaling
from tests.conformiteit.muteer import Geval, goede, write
from tests.integration.berichten import Verwerkt, process, run
from tests.unit.vertaling_pagina import TARGET, text

RECORDS = {
    "Toewijzing",
    "Levering",
    "VerzoekOmToewijzing",
    "AntwoordOpVerzoek",
    "Declaratie",
    "Declaratieregel",
}
ANTWOORDEN = {"1": "afgewezen", "2": "in onderzoek"}


def test_every_element_of_every_message_is_named() -> None:
    assert [] == [
        f"{one.bericht} {one.element}" for one in translations(Settings()) if one.verloren
    ]


def test_all_messages_are_in_the_report() -> None:
    assert {kind.naam for kind in load_types(Settings()).all()} == {
        one.bericht for one in translations(Settings())
    }


def test_every_agreement_speaks_of_an_element_that_is_there_and_of_no_other_ones() -> None:
    elements: dict[str, set[str]] = {}
    for one in translations(Settings()):
        elements.setdefault(one.bericht[-3:], set()).add(one.element)
    afspraken = read_afspraken(data_folder("mappings"))
    for one in afspraken:
        for bericht in one.berichten:
            found = [e for e in elements[bericht] if afspraak_of(e, [one])]
            assert found or ANY in one.pad, (bericht, one.pad)
            exact = [a for a in afspraken if bericht in a.berichten and a.pad == one.pad]
            assert 1 == len(exact), (bericht, one.pad)
        assert any(afspraak_of(e, [one]) for b in one.berichten for e in elements[b]), one.pad


def test_an_element_that_a_schema_gets_is_lost_until_it_is_named() -> None:
    kind = load_types(Settings()).by_name("JW305")
    layout = read_layout(data_folder("schemas"), kind)
    client = layout.bericht.children[1]
    more = replace(client, children=(*client.children, Element("Nieuw", kind.namespace)))
    grown = replace(layout, bericht=replace(layout.bericht, children=(more,)))

    found = list(vertaling(kind, grown, read_afspraken(data_folder("mappings"))))

    assert ["Client/Nieuw"] == [one.element for one in found if one.verloren]


def test_the_page_is_that_of_the_mappings() -> None:
    """Run `make pages` after a change of a message or of vertaling.toml."""
    assert TARGET.read_text(encoding="utf-8") == text()


def test_the_command_tells_of_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["translation", "jw305", "--json"])
    told = json.loads(capsys.readouterr().out)["translation"]
    by_element = {one["element"]: one for one in told}
    assert {
        "bericht": "JW305",
        "element": "Client/StartProducten/StartProduct/Begindatum",
        "veld": "StartProduct.begindatum",
        "doel": "Levering.datumStart",
        "reden": None,
        "verloren": False,
    } == by_element["Client/StartProducten/StartProduct/Begindatum"]
    assert by_element["Client/Geslacht"]["reden"].startswith("de Bsn zegt wie het is")


def test_an_unknown_message_is_wrong_use() -> None:
    assert 2 == run(["translation", "JW999"])


def test_a_name_that_no_canonical_record_has_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vertaling.toml").write_text(
        '[[naar]]\nberichten = ["301"]\ndoel = "Toewijzing"\nonder = "Client"\n'
        'elementen = { Bsn = "burger" }\n',
        encoding="utf-8",
    )
    with pytest.raises(WrongUse, match="Toewijzing heeft geen burger"):
        read_afspraken(tmp_path)


def handled() -> list[Any]:
    return [pytest.param(one, id=one.naam) for one in goede() if one.bericht != "325"]


@pytest.mark.parametrize("geval", handled())
def test_what_the_report_says_goes_to_the_backoffice_is_there(geval: Geval, tmp_path: Path) -> None:
    paths = write(geval, tmp_path / "in")
    options = ("--agreements", str(geval.agreements)) if geval.agreements else ()
    done = process(tmp_path / "out", *paths, options=options, klok=geval.klok)
    assert "accepted" == done.verdicts[-1]
    told = told_of(done, paths[-1].name)
    doelen = {
        one.element: one.doel for one in translations(Settings()) if one.bericht == geval.naam
    }

    missing = []
    for element, value in elements_of(paths[-1]):
        record, _, name = (doelen[element] or "").partition(".")
        if record in RECORDS and not shown(value) & told.get((record, name), set()):
            missing.append(f"{element} {value} -> {record}.{name}")
    assert [] == missing


def told_of(done: Verwerkt, file: str) -> dict[tuple[str, str], set[str]]:
    """Every value that the backoffice was told about a message, by record and name."""
    found: dict[tuple[str, str], set[str]] = {}
    for one in done.records:
        if one["file"] == file:
            for name, value in one.items():
                found.setdefault((one["type"], name), set()).add(str(value))
            amount = one.get("bedrag", one.get("declaratieBedrag", 0))
            sign = {str(abs(amount)), "C" if amount < 0 else "D"}
            for name in ("bedrag", "declaratieBedrag"):
                found.setdefault((one["type"], name), set()).update(sign)
    return found


def elements_of(path: Path) -> Iterator[tuple[str, str]]:
    """Every element with a value, by its path below Bericht."""
    root = etree.parse(path).getroot()
    for element in root.iter("{*}*"):
        if not len(element):
            steps = [element, *element.iterancestors()][:-1]
            yield "/".join(etree.QName(one).localname for one in reversed(steps)), element.text


def shown(value: str) -> set[str]:
    """How the value of an element may stand in JSON."""
    number = str(int(value)) if value.isdecimal() else value
    return {value, number, str(value == "1"), ANTWOORDEN.get(value, value)}
