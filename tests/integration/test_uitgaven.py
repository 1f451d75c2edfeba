"""A second release is a folder: a made-up 3.3 with one more element and changed rules, no code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from gateway.messages.definition import read_types
from gateway.messages.layout import read_layout
from gateway.messages.reader import Reader, Schemas, Source
from gateway.messages.record_writer import write_message
from tests.integration.berichten import (
    PROJECT,
    WETTEN,
    by_name,
    changed,
    made,
    process,
    renumbered,
    run,
    write,
)
from tests.integration.uitgaven import in_33, make_releases
from tests.opslag import store_of

# In 3.3 a line may be one year old, an unknown number has another code, and one rule is gone.
REGELS = """
[regels.TR335]
parameters = { jaren = 1 }
tekst = "U kunt in 3.3 tot en met een jaar terug declareren."

[regels.TR338]
retourcode = "9340"

[regels.TR389]
vervallen = true
"""
NAMESPACE = "{{http://www.istandaarden.nl/{0}/3_3/{1}/schema}}Bericht"
STANDAARD = {"JW": "ijw", "WMO": "iwmo"}
EENHEID = "<{0}:Eenheid>01</{0}:Eenheid>"
LOCATIE = "<{0}:Locatie>Zwolle</{0}:Locatie>"
DAGTEKENING = ("2025-01-09<", "2025-04-09<")
OVERLAP = ("2025-04-30", "2025-05-01")
ANDER_NUMMER = ("ToewijzingNummer>100001<", "ToewijzingNummer>100009<")


def with_locatie(naam: str) -> tuple[str, str]:
    """The change that gives the first line of a 323 its Locatie."""
    old, extra = (text.format(naam.lower()) for text in (EENHEID, LOCATIE))
    return old, old + extra


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Release 3.3 of both standards, in the folder of the operator."""
    folder = make_releases(tmp_path / "uitgaven", REGELS)
    monkeypatch.setenv("GATEWAY_RELEASES", str(folder))
    return folder


def sent(tmp_path: Path, **contents: bytes) -> list[Path]:
    """Messages that come in, in the order of their names."""
    return write(tmp_path / "in", **contents)


@pytest.mark.usefixtures("releases")
@pytest.mark.parametrize("wet", WETTEN)
def test_a_message_of_33_is_judged_and_answered_as_33(tmp_path: Path, wet: str) -> None:
    naam = f"{wet}323"
    files = sent(
        tmp_path,
        a=made(f"{wet}301"),
        b=in_33(made(naam), with_locatie(naam)),
    )

    done = process(tmp_path / "uit", *files)

    assert ["accepted", "accepted"] == done.verdicts
    root = etree.fromstring(done.answers[f"b.{wet}325.xml"])
    assert NAMESPACE.format(STANDAARD[wet], f"{wet.lower()}325") == root.tag
    numbers = [by_name(root, name)[0].text for name in ("BerichtVersie", "BerichtSubversie")]
    assert ["3", "3"] == numbers
    regels = [one for one in done.records if one["type"] == "Declaratieregel"]
    assert [{"locatie": "Zwolle"}, None] == [one.get("extra") for one in regels]


@pytest.mark.usefixtures("releases")
@pytest.mark.parametrize("wet", WETTEN)
def test_a_rejected_line_goes_back_with_its_new_element(tmp_path: Path, wet: str) -> None:
    naam = f"{wet}323"
    rejected = made(naam, ANDER_NUMMER)
    files = sent(tmp_path, a=made(f"{wet}301"), b=in_33(rejected, with_locatie(naam)))

    done = process(tmp_path / "uit", *files)

    assert "partly" == done.verdicts[1]
    (line,) = by_name(etree.fromstring(done.answers[f"b.{wet}325.xml"]), "Prestatie")
    names = [etree.QName(one).localname for one in line]
    place = names.index("Locatie")
    assert ["Eenheid", "Locatie", "ProductTarief"] == names[place - 1 : place + 2]
    assert "Zwolle" == line[place].text
    assert ["9340"] == [one.text for one in by_name(line, "RetourCode")]


@pytest.mark.usefixtures("releases")
@pytest.mark.parametrize("wet", WETTEN)
def test_a_small_message_of_33_gets_its_retour_in_33(tmp_path: Path, wet: str) -> None:
    started = in_33(made(f"{wet}305", DAGTEKENING))
    files = sent(tmp_path, a=made(f"{wet}301"), b=started)

    done = process(tmp_path / "uit", *files)

    assert ["accepted", "accepted"] == done.verdicts
    root = etree.fromstring(done.answers[f"b.{wet}306.xml"])
    assert NAMESPACE.format(STANDAARD[wet], f"{wet.lower()}306") == root.tag


def two_years_old(naam: str, nummer: str) -> bytes:
    """An invoice over March 2023, dated in April 2025."""
    text = renumbered(naam, nummer).decode()
    for day in ("01", "31"):
        text = text.replace(f"2025-03-{day}<", f"2023-03-{day}<")
    return text.encode()


@pytest.mark.usefixtures("releases")
def test_each_message_is_judged_by_the_rules_of_its_own_release(tmp_path: Path) -> None:
    files = sent(
        tmp_path,
        a=two_years_old("JW323", "32"),
        b=in_33(two_years_old("JW323", "33")),
    )

    done = process(tmp_path / "uit", *files)

    assert {"TR304"} == set(done.rules(0))
    assert ["rejected", 2] == [done.outcomes[1]["verdict"], done.outcomes[1]["level"]]
    assert {"TR335"} == set(done.rules(1))
    assert {"U kunt in 3.3 tot en met een jaar terug declareren."} == set(done.texts(1))
    root = etree.fromstring(done.answers["b.JW325.xml"])
    assert "2.1.0" == by_name(root, "XsltVersie")[0].text


@pytest.mark.usefixtures("releases")
def test_a_rule_that_33_takes_away_still_holds_for_32(tmp_path: Path) -> None:
    files = sent(
        tmp_path,
        a=made("JW301"),
        b=made("JW323"),
        c=renumbered("JW323", "2"),
        d=in_33(renumbered("JW323", "3")),
        e=renumbered("JW323", "4", ANDER_NUMMER),
    )

    done = process(tmp_path / "uit", *files)

    assert ["accepted", "accepted", "rejected", "accepted"] == done.verdicts[:4]
    assert {"TR389"} == set(done.rules(2))
    codes = [one["retourcode"] for one in done.outcomes[4]["findings"] if one["rule"] == "TR338"]
    assert ["9338"] == codes


@pytest.mark.usefixtures("releases")
def test_a_message_of_33_before_its_first_day_is_refused(tmp_path: Path) -> None:
    early = ("2025-04-07</ijw:Dagtekening", "2025-03-31</ijw:Dagtekening")

    done = process(tmp_path / "uit", *sent(tmp_path, a=in_33(made("JW323", early))))

    assert ["invalid"] == done.verdicts
    assert [
        "uitgave iJw 3.3 geldt niet op 2025-03-31, de datum van dit bericht, maar vanaf "
        "2025-04-01; gebruik iJw 3.2"
    ] == done.texts(0)
    assert {} == done.answers


def test_without_the_folder_33_is_not_served(tmp_path: Path) -> None:
    done = process(tmp_path / "uit", *sent(tmp_path, a=in_33(made("JW323"))))

    assert ["release 3.3 van ijw wordt niet bediend, alleen 3.2"] == done.texts(0)


def test_an_ended_release_is_refused_but_an_answer_on_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_releases(tmp_path / "uitgaven", "tot = 2025-04-30")
    monkeypatch.setenv("GATEWAY_RELEASES", str(folder))
    late = in_33(made("JW323", ("2025-04-07</ijw:Dagt", "2025-05-01</ijw:Dagt")))
    answer = in_33(made("JW325"))
    own = answer.replace(b"2025-04-10</ijw:Dagtekening", b"2025-05-10</ijw:Dagtekening")

    done = process(tmp_path / "uit", *sent(tmp_path, a=late, b=own))

    assert "invalid" == done.verdicts[0]
    assert "maar vanaf 2025-04-01 tot en met 2025-04-30" in done.texts(0)[0]
    assert "invalid" != done.verdicts[1]


@pytest.mark.usefixtures("releases")
def test_a_check_before_sending_knows_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sent(tmp_path, a=two_years_old("JW323", "32"), b=in_33(two_years_old("JW323", "33")))

    run(["check", *map(str, files), "--json"])

    found = json.loads(capsys.readouterr().out)["files"]
    assert [[], ["TR335", "TR335"]] == [[f["rule"] for f in one["findings"]] for one in found]


@pytest.mark.usefixtures("releases")
def test_the_rules_are_told_per_release(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["rules", "TR335", "--json"])

    told = json.loads(capsys.readouterr().out)["releases"]
    assert ["ijw-3.2", "iwmo-3.2", "ijw-3.3", "iwmo-3.3"] == [one["release"] for one in told]
    assert [None, "2025-04-01"] == [told[0]["vanaf"], told[2]["vanaf"]]
    assert {"jaren": 1} == told[2]["rules"]["TR335"]["parameters"]
    assert 0 == run(["rules", "TR335"])
    assert "in ijw-3.3, vanaf 2025-04-01: parameters = {'jaren': 1}" in capsys.readouterr().out


@pytest.mark.usefixtures("releases")
def test_what_was_judged_by_33_is_judged_again_by_33(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = store_of(tmp_path)
    files = sent(tmp_path, a=made("JW301"), b=in_33(made("JW323", ANDER_NUMMER)))
    process(tmp_path / "uit", *files, options=("--store", store))
    capsys.readouterr()

    options = ["--without", "TR418", "--period", "2025", "--both", "--store", store, "--json"]
    assert 0 == run(["agreements", "replay", *options])
    replayed = json.loads(capsys.readouterr().out)
    assert 0 == run(["ledger", "check", "--store", store, "--json"])

    assert 0 == replayed["steekproef"]["anders"]
    assert 2 == replayed["steekproef"]["regels"]


@pytest.mark.parametrize(("dag", "invalid"), [("2022-03-31", True), ("2022-04-01", False)])
def test_a_code_is_held_against_the_date_of_its_message(
    tmp_path: Path, dag: str, invalid: bool
) -> None:
    text = made("JW307").decode()
    dagtekening = text.split("Dagtekening>")[1].split("<")[0]
    reden = text.split("RedenBeeindiging>")[1].split("<")[0]
    stop = made(
        "JW307",
        (f"Dagtekening>{dagtekening}<", f"Dagtekening>{dag}<"),
        (f"RedenBeeindiging>{reden}<", "RedenBeeindiging>39<"),
    )

    done = process(tmp_path / "uit", *sent(tmp_path, a=stop))

    said = (
        "/Bericht/Client/StopProducten/StopProduct[1]/RedenBeeindiging: gevonden 39 (pas vanaf "
        f"2022-04-01 in gebruik), verwacht een code die geldt op {dag}"
    )
    assert (invalid, invalid) == (["invalid"] == done.verdicts, [said] == done.texts(0))


def test_what_is_read_of_33_is_written_as_it_was(
    releases: Path,
) -> None:
    types = read_types(PROJECT / "mappings", releases)
    reader = Reader(types, Schemas(PROJECT / "schemas", releases))
    for naam in ("JW323", "WMO323"):
        body = in_33(made(naam), with_locatie(naam))
        kind = types.by_name(naam, "3.3")
        records = list(reader.open(Source([body], 1 << 30)).records())
        layout = read_layout(releases, kind)

        again = b"".join(write_message(kind, records, layout))

        assert f"<{naam.lower()}:Locatie>Zwolle</{naam.lower()}:Locatie>".encode() in again
        assert records == list(reader.open(Source([again], 1 << 30)).records())
        lines = [record for name, record in records if name == "Prestatie"]
        assert [(("locatie", "Zwolle"),), ()] == [line.extra for line in lines]


FOUT: list[tuple[str, str]] = [
    ("[regels.TR999]\nniveau = 2", "regel TR999: functie ontbreekt"),
    ('[regels.TR999]\nfunctie = "TR000"', "regel TR999: functie noemt geen bekende regel"),
    ("[regels.TR335]\nparameters = { dagen = 1 }", "de functie heeft geen parameter dagen"),
    ("[regels.TR335]\nparameters = { jaren = 'x' }", "parameter jaren heeft de verkeerde vorm"),
    ("[regels.TR335]\nniveau = 3", "regel TR335 staat niet in een stage van zijn niveau"),
    ("[regels.TR335]\nniveau = 5", "niveau moet 2, 3 of 4 zijn"),
    ("[regels.TR335]\nernst = 1", "onbekende sleutel ernst"),
    ("[regels.TR998]\nvervallen = true", "die bestaat niet en kan dus niet vervallen"),
    ("tot = 2025-01-01", "ijw-3.3/release.toml: tot ligt voor vanaf"),
    ("soort = 1", "ijw-3.3/release.toml: onbekende sleutel soort"),
    ("regels = 1", "ijw-3.3/release.toml: regels heeft de verkeerde vorm"),
    ("[regels]\nTR335 = 1", "ijw-3.3/release.toml: elke regel onder regels is een tabel"),
    ("tot = 'x'", "ijw-3.3/release.toml: tot heeft de verkeerde vorm"),
]


@pytest.mark.parametrize(("rest", "said"), FOUT)
def test_a_mistake_in_a_release_stops_the_start_with_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    rest: str,
    said: str,
) -> None:
    folder = make_releases(tmp_path / "uitgaven", rest)
    monkeypatch.setenv("GATEWAY_RELEASES", str(folder))

    assert 2 == process(tmp_path / "uit", *sent(tmp_path, a=made("JW301"))).code

    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("verandering", "said"),
    [
        (("JW323.toml", 'code = "490"', 'code = "491"'), "JW323 heeft elders een andere code"),
        (("JW323.toml", '"Locatie"', '"Plaats"'), "map Prestatie: het schema heeft geen Plaats"),
        (("JW323.toml", "extra = true", "extra = false"), "heeft een onbekend veld: locatie"),
        (("release.toml", '"3.3"', '"3.4"'), "de map van deze uitgave moet ijw-3.4 heten"),
        (("JW323.toml", 'answer = "JW325"', 'answer = "JW399"'), "JW399, het antwoord op JW323"),
        (("JW323.toml", '"TR335",', '"TR335", "TR777",'), "regels zonder functie: TR777"),
    ],
)
def test_a_mistake_in_the_folder_stops_the_start(
    releases: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    verandering: tuple[str, str, str],
    said: str,
) -> None:
    naam, old, new = verandering
    path = releases / "ijw-3.3" / naam
    path.write_bytes(changed(path.read_text(encoding="utf-8"), (old, new)))

    assert 2 == process(tmp_path / "uit", *sent(tmp_path, a=made("JW301"))).code

    assert said in capsys.readouterr().err


def test_a_folder_of_releases_that_is_not_there_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_RELEASES", str(tmp_path / "weg"))

    assert 2 == process(tmp_path / "uit", *sent(tmp_path, a=made("JW301"))).code

    assert "weg: deze map met uitgaven bestaat niet" in capsys.readouterr().err


def test_a_new_release_tells_how_long_the_former_may_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_releases(tmp_path / "uitgaven", "vorige_tot = 2025-04-30")
    monkeypatch.setenv("GATEWAY_RELEASES", str(folder))
    last, late = (made("JW323", ("2025-04-07</ijw:Dagt", f"{dag}</ijw:Dagt")) for dag in OVERLAP)

    done = process(tmp_path / "uit", *sent(tmp_path, a=made("JW301"), b=last, c=late))

    assert ["accepted", "accepted", "invalid"] == done.verdicts
    assert [
        "uitgave iJw 3.2 geldt niet op 2025-05-01, de datum van dit bericht, maar tot en met "
        "2025-04-30; gebruik iJw 3.3"
    ] == done.texts(2)


def test_a_rule_on_the_header_may_have_another_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_releases(tmp_path / "uitgaven", '[regels.TR056]\nretourcode = "9340"')
    monkeypatch.setenv("GATEWAY_RELEASES", str(folder))
    one = made("JW323")
    same = renumbered("JW323", "2", ("I2<", "JW323-0001<"))

    done = process(tmp_path / "uit", *sent(tmp_path, a=made("JW301"), b=one, c=in_33(same)))

    assert ["accepted", "accepted", "rejected"] == done.verdicts
    root = etree.fromstring(done.answers["c.JW325.xml"])
    assert ["9340"] == [one.text for one in by_name(root, "RetourCode")]


def test_a_new_code_gets_a_function_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = '[regels.TR900]\nfunctie = "TR335"\nniveau = 2\nretourcode = "0001"\n'
    folder = make_releases(tmp_path / "uitgaven", rest + "parameters = { jaren = 1 }")
    monkeypatch.setenv("GATEWAY_RELEASES", str(folder))
    path = folder / "ijw-3.3" / "JW323.toml"
    path.write_bytes(changed(path.read_text(encoding="utf-8"), ('"TR335"', '"TR335", "TR900"')))

    done = process(tmp_path / "uit", *sent(tmp_path, a=in_33(two_years_old("JW323", "33"))))

    assert {"TR900"} == set(done.rules(0))


@pytest.mark.usefixtures("releases")
def test_a_line_of_33_is_explained_by_33(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = store_of(tmp_path)
    files = sent(tmp_path, a=made("JW301"), b=in_33(made("JW323", ANDER_NUMMER)))
    process(tmp_path / "uit", *files, options=("--store", store))
    capsys.readouterr()

    assert 0 == run(["explain", "D202503", "2025-03-001", "--store", store])
    told = capsys.readouterr().out
    assert "2.1.0" in told
    bewijs = tmp_path / "bewijs.json"
    bewijs.write_text(told, encoding="utf-8")
    assert 0 == run(["explain", "--verify", str(bewijs), "--store", store])


def test_a_map_that_misses_an_element_stops_the_start(
    releases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = releases / "ijw-3.3" / "JW323.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text("".join(one for one in text.splitlines(True) if "locatie" not in one))

    assert 2 == process(tmp_path / "uit", *sent(tmp_path, a=made("JW301"))).code

    told = "map Prestatie leest op plaats en noemt dan elk element, in volgorde"
    assert told in capsys.readouterr().err
