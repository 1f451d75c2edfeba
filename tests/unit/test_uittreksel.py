"""One class of a message is shown with what is at fault, and without a Bsn."""

from __future__ import annotations

from gateway.messages.uittreksel import MOST_LINES, fouten_in, uittreksel

MESSAGE = (
    b"<m:Bericht xmlns:m='urn:m'><m:Header><m:Afzender>1</m:Afzender></m:Header><m:Client>"
    b"<m:Bsn>999900006</m:Bsn><m:Regels><m:Regel><m:Nr>A</m:Nr></m:Regel>"
    b"<m:Regel><m:Nr>999900006</m:Nr><m:Periode><m:Begin>&lt;b&gt;</m:Begin></m:Periode></m:Regel>"
    b"</m:Regels></m:Client></m:Bericht>"
)


def test_the_class_at_a_path_is_cut_out_with_the_element_at_fault() -> None:
    found = uittreksel([MESSAGE[:90], MESSAGE[90:]], "/Bericht/Client/Regels/Regel[2]", ["Periode"])
    assert [
        (0, "<Regel>", False),
        (1, "<Nr>*****0006</Nr>", False),
        (1, "<Periode>", True),
        (2, "<Begin><b></Begin>", False),
        (1, "</Periode>", True),
        (0, "</Regel>", False),
    ] == [(one.diepte, one.tekst, one.is_fout) for one in found]


def test_what_is_not_there_or_cannot_be_read_gives_nothing() -> None:
    assert [] == uittreksel([MESSAGE], "/Bericht/Client/Regels/Regel[3]", [])
    assert [] == uittreksel([b"<a>"], "/a", [])
    assert [] == uittreksel([], "/a", [])


def test_a_large_class_is_cut_off() -> None:
    many = b"<a><b>" + b"<c>1</c>" * 1_000 + b"</b></a>"
    assert MOST_LINES == len(uittreksel([many], "/a/b", []))


def test_what_is_at_fault_below_a_class_follows_from_its_findings() -> None:
    pad = "/B/Regel[2]"
    findings = [(pad, "Nr"), (f"{pad}/Periode[1]", "Begin"), (f"{pad}/Soort", ""), ("/B", "X")]
    assert ["Nr", "Periode/Begin", "Soort"] == fouten_in(pad, findings)
