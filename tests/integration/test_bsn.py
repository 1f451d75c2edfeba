"""A BSN stands in records and answers, and nowhere else: planted in every field of all messages."""

from __future__ import annotations

import json
import logging
import re
import unicodedata
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import structlog
from lxml import etree

from gateway.cli import process as process_module
from gateway.cli import status as status_module
from gateway.logs import configure_logs
from gateway.messages.reader import Source
from gateway.messages.writer import Retourkop, Versies, write_retour
from gateway.records.masker import is_bsn, mask
from gateway.store.tables import EVENT
from tests.integration.berichten import (
    ANDER_BSN,
    BASE,
    BSN,
    KLOK,
    Tabel,
    by_name,
    command,
    made,
    process,
    run,
    write,
)
from tests.opslag import rows_of, store_of
from tests.scenarios.verhaal import TYPES

NAMEN = [path.stem for path in sorted(BASE.glob("*.xml"))]
PLANTED = "999900031"  # of nobody in the messages
NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")
# By its own reference number a sender knows a line, so that stays what it is in `reference`, as
# long as it is not the Bsn of a client of the message.
REFERENTIES = ("ReferentieNummer", "ToewijzingNummer")


def leaves(naam: str) -> list[str]:
    """The path of every element with text of its own in a base message."""
    root = etree.parse(BASE / f"{naam}.xml").getroot()
    tree = root.getroottree()
    return [tree.getpath(one) for one in root.iter() if not len(one)]


def planted(naam: str, path: str, bsn: str, nummer: int) -> bytes:
    """A base message with a BSN in one element, and numbers of its own so that it is judged."""
    tree = etree.parse(BASE / f"{naam}.xml")
    root = tree.getroot()
    for name, value in (
        ("Identificatie", f"P{naam[-3:]}{nummer}"),
        ("DeclaratieNummer", f"D{nummer}"),
    ):
        for one in by_name(root, name)[:1]:
            one.text = value
    root.xpath(path, namespaces=root.nsmap)[0].text = bsn
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def plant(folder: Path, naam: str, bsn: str) -> dict[str, str]:
    """A file per element of a message; gives the element's name by file name."""
    contents, names = {}, {}
    for nummer, path in enumerate(leaves(naam)):
        stem = f"{naam}-{nummer:03}"
        contents[stem] = planted(naam, path, bsn, nummer)
        names[f"{stem}.xml"] = re.sub(r"\[\d+\]$", "", path).rpartition(":")[2]
    write(folder, **contents)
    return names


def numbers(text: str) -> set[str]:
    """Every number in a text that can be a BSN."""
    return {number for number in NINE_DIGITS.findall(text) if is_bsn(number)}


def texts(value: Any) -> Iterator[str]:
    """Every text and number inside a document, keys included."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from (str(key), *texts(inside))
    elif isinstance(value, list):
        for inside in value:
            yield from texts(inside)
    else:
        yield str(value)


def leaks(document: Any) -> list[str]:
    """The texts of a document in which a BSN stands."""
    return [text for text in texts(document) if numbers(text)]


@pytest.fixture
def debug(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands log everything, down to debug, on standard error."""

    def everything(form: str, level: int = logging.INFO) -> None:
        configure_logs(form, logging.DEBUG)

    for module in (process_module, status_module):
        monkeypatch.setattr(module, "configure_logs", everything)
    yield
    structlog.reset_defaults()


# That of the message's own client everywhere, that of a stranger where lines are told by number.
PLANTS = [(naam, BSN) for naam in NAMEN]
PLANTS += [(naam, PLANTED) for naam in ("JW305", "JW323", "JW325")]


@pytest.mark.parametrize(("naam", "bsn"), PLANTS)
@pytest.mark.usefixtures("debug")
def test_no_field_of_a_message_lets_a_bsn_out(
    naam: str, bsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = plant(tmp_path / "in", naam, bsn)
    soort = naam[:-3]
    before = write(tmp_path / "eerst", **{"0": made(f"{soort}301")}) if naam[-3:] != "301" else []
    done = process(tmp_path / "out", *before, tmp_path / "in")
    assert done.code == 1, "nothing was found, or something was parked"
    for outcome in done.outcomes:
        for finding in outcome["findings"]:
            allowed = bsn == PLANTED and names.get(outcome["file"]) in REFERENTIES
            assert [] == leaks(_without_reference(finding) if allowed else finding)
    for deviation in done.deviations:
        assert [] == leaks(_without_reference(deviation))
    assert set() == numbers("".join(capsys.readouterr()))


@pytest.mark.usefixtures("debug")
def test_status_and_the_store_that_it_reads_tell_nobody_a_bsn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path / "in", "WMO305", BSN)
    process(tmp_path / "out", tmp_path / "in", options=("--store", store_of(tmp_path)))
    assert 0 == run(["status", "--store", store_of(tmp_path)])
    assert 0 == run(["status", "--json", "--store", store_of(tmp_path)])
    assert set() == numbers("".join(capsys.readouterr()))
    findings = rows_of(tmp_path, "SELECT found, expected, text, pad FROM bevinding")
    assert findings
    assert [] == [row for row in findings if numbers(" ".join(row))]


def _without_reference(document: Tabel) -> Tabel:
    return {key: value for key, value in document.items() if key not in ("reference", "regel")}


@pytest.mark.parametrize("naam", [naam for naam in NAMEN if naam.startswith("JW")])
def test_check_tells_nobody_a_bsn(
    naam: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for bsn, options in ((BSN, []), (PLANTED, ["--json"])):
        plant(tmp_path / bsn, naam, bsn)
        paths = [str(path) for path in sorted((tmp_path / bsn).iterdir())]
        assert 1 == run(["check", *options, *paths])
    told = capsys.readouterr()
    own = told.out.replace(str(tmp_path / BSN), "").replace(str(tmp_path / PLANTED), "")
    assert set() == numbers(own + told.err)


NIVEAUS = {
    "level_1": ("<jw305:Geslacht>2", "<jw305:Geslacht>7"),
    "level_2": ("<jw305:StatusAanlevering>1", "<jw305:StatusAanlevering>3"),
    "level_3": (">100001<", ">100009<"),
    "unknown_client": (BSN, ANDER_BSN),
    "elfproef": (BSN, "999900007"),
}


@pytest.mark.parametrize("naam", NIVEAUS)
@pytest.mark.usefixtures("debug")
def test_errors_at_every_level_leave_the_bsn_out(
    naam: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = write(tmp_path / "in", a=made("JW301"), b=made("JW305", NIVEAUS[naam]))
    done = process(tmp_path / "out", *paths)
    findings = done.outcomes[1]["findings"]
    shown = json.dumps(findings, ensure_ascii=False)
    captured = capsys.readouterr()
    for secret in (BSN, ANDER_BSN, "999900007"):
        assert secret not in shown + captured.out + captured.err


def test_the_bsn_stands_where_it_has_to_be(tmp_path: Path) -> None:
    paths = write(tmp_path / "in", a=made("JW301"), b=(BASE / "JW323.xml").read_bytes())
    done = process(tmp_path / "out", *paths)
    assert {BSN, ANDER_BSN} == {one["bsn"] for one in done.records if "bsn" in one}
    assert BSN.encode() in done.answers["b.JW325.xml"]


def test_a_reference_number_that_is_no_client_of_the_message_stays_readable(
    tmp_path: Path,
) -> None:
    paths = write(
        tmp_path / "in", a=made("JW301"), b=made("JW323", (">2025-03-001<", f">{PLANTED}<"))
    )
    done = process(tmp_path / "out", *paths)
    assert PLANTED in [finding["reference"] for finding in done.outcomes[1]["findings"]]
    assert all(PLANTED not in text for text in done.texts(1))


LANG = "x" * 53


@pytest.mark.parametrize(
    "change",
    [
        ("<jw305:Geslacht>2", f"<jw305:Geslacht>{BSN}"),
        ("<jw305:Geslacht>2", f"<jw305:Geslacht>{LANG}{BSN}"),
        ("<jw305:Geslacht>2", f"<jw305:Geslacht>{'x' * 55}{BSN}en meer"),
        ("<jw305:Geslacht>2", f"<jw305:B{BSN}/><jw305:Geslacht>2"),
        ("<jw305:Client>", f'<jw305:Client b{BSN}="1">'),
        ("<jw305:Client>", f'<jw305:Client id="{BSN}">'),
        ("<jw305:Client>", f"<jw305:Client>{BSN}"),
        ("<jw305:Geslacht>2", f"<jw305:Geslacht><b{BSN}/>"),
        ("<jw305:Afzender>12345678", f"<jw305:Afzender>{BSN}"),
        ("<jw305:ToewijzingNummer>100001", f"<jw305:ToewijzingNummer>{BSN} "),
        ("<jw305:ToewijzingNummer>100001", f"<jw305:ToewijzingNummer>-{BSN}"),
        ("<jw305:ToewijzingNummer>100001", f"<jw305:ToewijzingNummer>x{BSN}x"),
        ("JW305-0001", f"{BSN}1234"),
        ("JW305-0001", f"no {BSN} meer"),
        ("http://www.istandaarden.nl/ijw/3_2/jw305", f"http://x/{BSN}"),
        ("<jw305:Bericht ", f"<B{BSN} "),
        ("<jw305:Geslacht>2", "<jw305:Geslacht>９９９９００００６"),
        ("<jw305:Bsn>999900006", "<jw305:Bsn>9999 00006"),
    ],
)
@pytest.mark.usefixtures("debug")
def test_no_trick_gets_a_bsn_into_a_sentence(
    change: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = write(tmp_path / "in", b=made("JW305", change))
    done = process(tmp_path / "out", path)
    assert done.verdicts[0] in ("invalid", "rejected")
    assert run(["check", str(path)]) in (0, 1)
    assert run(["check", "--json", str(path)]) in (0, 1)
    captured = capsys.readouterr()
    shown = json.dumps(done.outcomes[0]["findings"], ensure_ascii=False)
    everything = unicodedata.normalize("NFKC", shown + captured.out + captured.err)
    assert not re.search("99990000?6?", everything), everything


def test_a_parked_message_is_told_without_the_bsn_in_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = write(tmp_path / "in", **{f"client {BSN}": made("JW305")})

    def broken(*_: object) -> None:
        raise ValueError(f"iets met {BSN}")

    monkeypatch.setattr("gateway.pipeline.klein.gather_regie", broken)
    assert 3 == process(tmp_path / "out", path, options=("--store", store_of(tmp_path))).code
    assert run(["status", "--store", store_of(tmp_path)]) in (0, 1)
    captured = capsys.readouterr()
    assert "geparkeerd: bericht 1 (client *****0006.xml)" in captured.out
    assert BSN not in captured.out + captured.err


def test_an_error_about_a_file_hides_the_bsn_in_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == process(tmp_path / "out", tmp_path / f"{BSN}.xml").code
    assert 2 == run(["check", str(tmp_path / f"{BSN}.xml")])
    assert BSN not in capsys.readouterr().err


@pytest.mark.parametrize("form", ["json", "console"])
def test_logs_mask_a_bsn_wherever_it_stands(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(form, logging.DEBUG)
    log = structlog.get_logger()
    try:
        raise ValueError(f"fout bij {BSN}")
    except ValueError:
        log.exception(
            f"gebeurtenis {BSN}",
            tekst=f"bsn={BSN};",
            getal=int(BSN),
            lijst=[BSN, {"diep": (BSN, {BSN})}],
            sleutels={BSN: 1},
            ruw=BSN.encode(),
            fout=ValueError(BSN),
            pad=Path(f"/in/{BSN}.xml"),
        )
    structlog.get_logger().bind(gebonden=BSN).debug("klein")
    told = capsys.readouterr().err
    structlog.reset_defaults()
    assert "gebeurtenis" in told
    assert "klein" in told
    assert BSN not in told
    assert "*****0006" in told


def test_json_logs_are_one_line_each_whatever_is_in_a_value(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("json", logging.DEBUG)
    structlog.get_logger().info("regel", tekst='eerste\r\n{"event": "vals"}\u2028 \x00 "')
    told = capsys.readouterr().err
    structlog.reset_defaults()
    assert 1 == told.count("\n")
    assert "regel" == json.loads(told)["event"]


def test_the_mask_leaves_numbers_alone_that_cannot_be_a_bsn() -> None:
    for text in ("000000000", "999900007", "0193", "12345678", "1234567890", "9999.00.006"):
        assert text == mask(text)
    assert f"*****{BSN[5:]}" == mask(BSN)
    assert "a*****0006b *****0018" == mask(f"a{BSN}b {ANDER_BSN}")


def test_explain_and_records_are_the_only_places_for_a_bsn_on_the_command_line(
    tmp_path: Path,
) -> None:
    paths = write(tmp_path / "in", a=made("JW301"), b=made("JW323"))
    process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    done = command("explain", "D202503", "2025-03-001", "--store", store_of(tmp_path))
    assert 0 == done.returncode, done.stderr
    assert set() == numbers(done.stdout + done.stderr)


def test_an_event_tells_no_bsn_that_a_sender_used_as_identificatie(tmp_path: Path) -> None:
    kop = Retourkop("R1", date.fromisoformat(KLOK), Versies("1.0.0", "1.0.0"), codes=())
    kinds = (TYPES.by_name("JW301"), TYPES.by_name("JW302"))
    retour = write_retour(Source([made("JW301", ("JW301-0001", BSN))], 1 << 30), *kinds, kop, None)
    named = {naam: made(naam, (f"{naam}-0001", BSN)) for naam in ("JW301", "JW305")}
    named["JW315"] = (BASE / "JW315.xml").read_bytes().replace(b"JW315-0001", BSN.encode())
    paths = write(tmp_path / "in", JW302=retour, **named)
    process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    query = "SELECT s.data FROM outbox_stuk s JOIN outbox o ON o.id = s.outbox_id "
    stukken = rows_of(tmp_path, f"{query} WHERE o.soort = '{EVENT}'")
    told = [zlib.decompress(data).decode() for (data,) in stukken]
    assert {"bericht-accepted", "retour-ontvangen", "verzoek-ontvangen"} <= {
        json.loads(one)["soort"] for one in told
    }
    assert [] == [one for one in told if BSN in one]
