"""What a message says: empty values, amounts, days, many lines, prices that are not there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.inlezen import load_types
from tests.benchmarks.declaraties import Kring
from tests.benchmarks.plaats import seed
from tests.faults.attacks import VALUES, everything, with_value
from tests.faults.length import IS_LONG
from tests.faults.measured import measured
from tests.integration.berichten import (
    BASE,
    BSN,
    Verwerkt,
    counted,
    lines,
    made,
    process,
    renumbered,
    run,
    sentence,
    write,
)
from tests.integration.refusals import refused
from tests.opslag import rows_of, store_of

on_both = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
NOTHING = {"toewijzing": 0, "levering": 0, "declaratie": 0, "prestatie": 0}
MOST_BYTES, MOST_GROWTH = 150, 1.3
# After the large invoices of the benchmarks.
LATER = "2026-01-08"


def invoiced(folder: Path, *changes: tuple[str, str]) -> Verwerkt:
    """What becomes of an invoice with changes, after its assignment."""
    paths = write(folder / "in", a=made("JW301"), b=made("JW323", *changes))
    done = process(folder / "out", *paths, options=("--store", store_of(folder)))
    assert "accepted" == done.verdicts[0]
    return done


def amounts(done: Verwerkt) -> list[int]:
    """What its lines ask, as registered."""
    return [one["bedrag"] for one in done.records if one["type"] == "Declaratieregel"]


# --- Values -----------------------------------------------------------------------------------


@pytest.mark.parametrize("naam", VALUES)
def test_63_65_66_67_een_waarde_die_het_schema_weigert(naam: str, tmp_path: Path) -> None:
    told = refused(tmp_path, with_value(naam))
    done = Verwerkt(1, tmp_path / "out")
    assert {"XSD"} == set(done.rules())
    assert VALUES[naam][0] == done.outcomes[0]["message"]
    assert re.match(r"regel \d+, /Bericht/\S+: gevonden .+, verwacht .+", told), told


@on_both
def test_53_59_60_63_wat_wordt_geweigerd_laat_niets_na_en_telt_mee(
    tmp_path: Path, capsys: Captured
) -> None:
    bad = everything()
    paths = write(tmp_path / "in", **bad)
    done = process(tmp_path / "out", *paths, options=("--store", store_of(tmp_path)))
    assert {"invalid"} == set(done.verdicts)
    assert (1, NOTHING) == (done.code, counted(tmp_path))
    capsys.readouterr()
    assert 0 == run(["status", "--json", "--store", store_of(tmp_path)])
    status = json.loads(capsys.readouterr().out)
    assert (len(bad), len(bad), True, {"invalid": len(bad)}) == tuple(
        status[key] for key in ("received", "answered", "balanced", "verdicts")
    )


NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'


@pytest.mark.parametrize(
    "change",
    [
        ("<jw305:Geslacht>2</jw305:Geslacht>", f"<jw305:Geslacht {NIL}/>"),
        ("<jw305:Geslacht>2</jw305:Geslacht>", "<jw305:Geslacht/>"),
        ("<jw305:Geslacht>2</jw305:Geslacht>", "<jw305:Geslacht> </jw305:Geslacht>"),
        ("<jw305:Begindatum>2025-01-06", "<jw305:Begindatum>\n"),
    ],
)
def test_63_leeg_wordt_nooit_ingevuld(change: tuple[str, str], tmp_path: Path) -> None:
    assert "verwacht" in refused(tmp_path, made("JW305", change))


@pytest.mark.parametrize("amount", ["+60000", "0060000", "+0060000", " 60000\n"])
def test_63_een_getal_dat_anders_is_geschreven(amount: str, tmp_path: Path) -> None:
    done = invoiced(tmp_path, ("<ijw:Bedrag>60000", f"<ijw:Bedrag>{amount}"))
    assert (["accepted", "accepted"], [60000, 25000]) == (done.verdicts, amounts(done))


def test_63_min_nul_is_nul(tmp_path: Path) -> None:
    done = invoiced(tmp_path, ("<ijw:Bedrag>60000", "<ijw:Bedrag>-0"), (">85000<", ">25000<"))
    assert (["accepted", "partly"], [0, 25000]) == (done.verdicts, amounts(done))


def test_63_nullen_vooraan_in_een_code_blijven(tmp_path: Path) -> None:
    done = invoiced(
        tmp_path,
        (">2025-03-001<", ">0007<"),
        ("<ijw:Bedrag>60000", "<ijw:Bedrag>060001"),
        (">85000<", ">085001<"),
    )
    regel = next(one for one in done.records if one["type"] == "Declaratieregel")
    assert ("0193", "0007") == (done.outcomes[1]["receiver"], regel["referentienummer"])
    stored = rows_of(tmp_path, "SELECT referentienummer FROM prestatie ORDER BY id")
    assert ("0007",) == stored[0]
    assert b"ReferentieNummer>0007<" in done.answers["b.JW325.xml"]


# --- Bsn --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bsn", ["999900007", "000000000", "123456789"])
@pytest.mark.parametrize("naam", ["JW301", "JW305", "JW307", "JW323", "WMO305"])
def test_65_een_bsn_dat_de_elfproef_niet_haalt(naam: str, bsn: str, tmp_path: Path) -> None:
    paths = write(
        tmp_path / "in", a=made(f"{naam[:-3]}301"), b=made(naam, (f">{BSN}<", f">{bsn}<"))
    )
    done = process(tmp_path / "out", *paths)
    assert "rejected" == done.verdicts[1]
    assert ("CS002", "0001") in {
        (one["rule"], one["retourcode"]) for one in done.outcomes[1]["findings"]
    }
    assert bsn not in json.dumps(done.outcomes)
    # Nobody made another number of it.
    assert BSN.encode() not in b"".join(done.answers.values())
    assert {BSN} >= {one["bsn"] for one in done.records if "bsn" in one}


# --- Amounts ----------------------------------------------------------------------------------


@on_both
def test_66_het_grootste_bedrag_past_en_telt_op(tmp_path: Path, capsys: Captured) -> None:
    kind = load_types(Settings()).by_name("JW323")
    kring = Kring(count := 60)
    asked = count * 99_999_999
    seed(store_of(tmp_path), kring)
    body = b"".join(kring.invoice(kind, "2025-01"))
    body = body.replace(b":Bedrag>50000", b":Bedrag>99999999")
    total = b":TotaalBedrag>%d<" % (count * 50_000), b":TotaalBedrag>%d<" % asked
    (path,) = write(tmp_path / "in", a=body.replace(*total))
    options = ("--store", store_of(tmp_path), "--clock", LATER)
    done = process(tmp_path / "out", path, options=options)
    assert asked > 2**32
    assert (["rejected"], {"TR346"}) == (done.verdicts, set(done.rules()))
    assert asked == sum(amounts(done))
    capsys.readouterr()
    assert 0 == run(["ledger", "check", "--json", "--store", store_of(tmp_path)])
    assert asked == json.loads(capsys.readouterr().out)["total"]["ingediend"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ([(">85000<", ">85001<")], "TR358"),
        ([(">85000<", ">84999<")], "TR358"),
        ([("<ijw:DebetCredit>D<", "<ijw:DebetCredit>C<")], "TR358"),
        ([("<ijw:Bedrag>60000", "<ijw:Bedrag>60001")], "TR358"),
    ],
)
def test_66_een_totaal_dat_niet_de_som_is(
    changes: list[tuple[str, str]], rule: str, tmp_path: Path
) -> None:
    done = invoiced(tmp_path, *changes)
    assert ("rejected", [rule], []) == (done.verdicts[1], done.rules(1), amounts(done))


HOURS = """
[overeenkomst]
id = "uren"
naam = "Uren"
versie = "1"
wetten = ["jeugdwet"]
gemeenten = ["0193"]
variant = "inspanning"
peildatum = "productperiode"
dimensies = ["product"]

[[cel]]
product = "uren"
productcategorie = "45"
productcode = "45A01"
eenheid = "04"
soort = "pxq"
bedrag = 7590
vanaf = 2025-01-01
"""


@pytest.mark.parametrize(("amount", "verdict"), [(886, "accepted"), (885, "partly")])
def test_66_een_halve_cent_gaat_omhoog(amount: int, verdict: str, tmp_path: Path) -> None:
    agreement = tmp_path / "uren.toml"
    agreement.write_text(HOURS, encoding="utf-8")
    changes = [
        ("<jw323:GeleverdVolume>480", "<jw323:GeleverdVolume>7"),
        ("<jw323:ProductTarief>125", "<jw323:ProductTarief>127"),
        ("<ijw:Bedrag>60000", f"<ijw:Bedrag>{amount}"),
        (">85000<", f">{25_000 + amount}<"),
    ]
    paths = write(tmp_path / "in", a=made("JW301"), b=made("JW323", *changes))
    done = process(tmp_path / "out", *paths, options=("--agreements", str(agreement)))
    # Seven minutes of 75.90 an hour are 885.5 cents.
    assert verdict == done.verdicts[1], done.outcomes[1]


# --- Days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2026-04-01", "2026-04-10"),  # past Good Friday and Easter Monday
        ("2026-04-30", "2026-05-08"),  # past 5 May
        ("2025-12-24", "2026-01-05"),  # past Christmas and the end of the year
        ("2028-02-28", "2028-03-06"),  # past 29 February
    ],
)
def test_67_een_termijn_telt_alleen_werkdagen(
    received: str, last: str, tmp_path: Path, capsys: Captured
) -> None:
    (path,) = write(tmp_path / "in", a=(BASE / "JW315.xml").read_bytes())
    store = ("--store", store_of(tmp_path))
    assert ["accepted"] == process(tmp_path / "out", path, options=store, klok=received).verdicts
    capsys.readouterr()
    assert 0 == run(["status", "--json", "--all", "--clock", received, *store])
    shown = json.loads(capsys.readouterr().out)["deadlines"]["list"]
    assert {last} == {one["due"] for one in shown if one["term"] == "antwoord-op-verzoek"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ([("<ijw:Einddatum>2025-03-31", "<ijw:Einddatum>2025-02-28")], "TR137"),
        ([("<ijw:Einddatum>2025-03-31", "<ijw:Einddatum>9999-12-31")], "CS340"),
        (
            [
                ("<ijw:Begindatum>2025-03-01", "<ijw:Begindatum>2024-12-01"),
                ("<ijw:Einddatum>2025-03-31", "<ijw:Einddatum>2025-01-31"),
            ],
            "CS340",
        ),
    ],
)
def test_67_een_periode_die_niet_kan(
    changes: list[tuple[str, str]], rule: str, tmp_path: Path
) -> None:
    done = invoiced(tmp_path, *changes)
    assert ("rejected", []) == (done.verdicts[1], amounts(done))
    assert rule in done.rules(1)


@pytest.mark.parametrize(
    ("day", "verdict"),
    [("2024-02-29", "accepted"), ("2023-02-29", "invalid"), ("9999-12-31", "accepted")],
)
def test_67_een_dag_die_bestaat_of_niet(day: str, verdict: str, tmp_path: Path) -> None:
    naam = "Einddatum" if day > "2025" else "Ingangsdatum"
    old = "2025-12-31" if day > "2025" else "2025-01-01"
    content = made("JW301", (f"<jw301:{naam}>{old}", f"<jw301:{naam}>{day}"))
    (path,) = write(tmp_path / "in", a=content)
    done = process(tmp_path / "out", path)
    assert [verdict] == done.verdicts, done.outcomes


# --- Many lines -------------------------------------------------------------------------------

MANY, FEW = 50_000 if IS_LONG else 10_000, 2_000


@on_both
def test_68_heel_veel_regels_en_een_foute(tmp_path: Path) -> None:
    kind = load_types(Settings()).by_name("JW323")
    kring = Kring(MANY)
    seed(store_of(tmp_path), kring)
    wrong = b">1000123</m:ToewijzingNummer>", b">9999999</m:ToewijzingNummer>"
    peaks = []
    for month, size in (("2025-02", FEW), ("2025-03", MANY)):
        body = b"".join(kring.invoice(kind, month, size))
        (path,) = write(tmp_path / month, a=body.replace(*wrong))
        out = tmp_path / f"{month}-out"
        options = ["--out", str(out), "--store", store_of(tmp_path), "--clock", LATER]
        done = measured("process", str(path), *options)
        (outcome,) = lines(out / "outcomes.jsonl")
        assert (1, "partly") == (done.code, outcome["verdict"])
        assert [("TR338", "R" + month[5:] + "0000123")] == [
            (one["rule"], one["reference"]) for one in outcome["findings"]
        ]
        peaks.append(done.peak)
    granted = rows_of(tmp_path, "SELECT toegekend, count(*) FROM prestatie GROUP BY toegekend")
    assert {1: FEW + MANY - 2, 0: 2} == {int(key): count for key, count in granted}
    assert peaks[1] < MOST_BYTES
    assert peaks[1] < MOST_GROWTH * peaks[0]


@on_both
def test_68_een_regel_die_het_schema_niet_haalt_houdt_alle_regels_tegen(tmp_path: Path) -> None:
    kind = load_types(Settings()).by_name("JW323")
    body = b"".join(Kring(FEW).invoice(kind, "2025-01"))
    place = body.rindex(b"<b:Bedrag>50000")
    (path,) = write(tmp_path / "in", a=body[:place] + body[place:].replace(b"50000", b"5e4", 1))
    done = process(tmp_path / "out", path, options=("--store", store_of(tmp_path)))
    assert (["invalid"], NOTHING) == (done.verdicts, counted(tmp_path))


# --- Prices that are not there ----------------------------------------------------------------


def priced(folder: Path, agreement: str, *, product: str = "45A01") -> list[list[str]]:
    """What is told of a product without a price, of an assignment and of its invoice."""
    file = folder / "uren.toml"
    file.write_text(agreement, encoding="utf-8")
    paths = write(
        folder / "in",
        a=made("JW301", (">45A01<", f">{product}<")),
        b=renumbered("JW323", "9", (">45A01<", f">{product}<")),
    )
    done = process(folder / "out", *paths, options=("--agreements", str(file)))
    assert ["accepted", "accepted"] == done.verdicts, done.outcomes
    # The other product of both messages is in no agreement at all.
    found = [outcome["findings"] for outcome in done.outcomes]
    return [
        [f["text"] for f in one if (f["rule"], f["found"]) == ("S119", product)] for one in found
    ]


KNOWN = HOURS.replace('eenheid = "04"', 'eenheid = "01"').replace("7590", "125")


@pytest.mark.parametrize(
    ("agreement", "product", "assigned", "invoiced"),
    [
        (KNOWN, "45A01", 0, 0),
        (KNOWN, "45A02", 1, 1),
        (KNOWN + "tot = 2025-02-28\n", "45A01", 0, 1),
        (KNOWN.replace("2025-01-01", "2025-04-01"), "45A01", 1, 1),
    ],
    ids=["bekend", "onbekend_product", "verlopen", "nog_niet_begonnen"],
)
def test_69_zonder_prijs_wordt_niet_geraden(
    agreement: str, product: str, assigned: int, invoiced: int, tmp_path: Path
) -> None:
    first, second = priced(tmp_path, agreement, product=product)
    assert (assigned, invoiced) == (len(first), len(second))


def test_69_een_gat_tussen_twee_prijzen(tmp_path: Path) -> None:
    cel = KNOWN[KNOWN.index("[[cel]]") :]
    before = f"{KNOWN}tot = 2025-02-28\n"
    later = cel.replace("2025-01-01", "2025-04-01")
    first, second = priced(tmp_path, before + later)
    assert (0, 1) == (len(first), len(second))


def test_69_twee_prijzen_op_een_dag(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "uren.toml"
    cel = KNOWN[KNOWN.index("[[cel]]") :].replace("125", "130").replace("-01-01", "-03-01")
    file.write_text(KNOWN + cel, encoding="utf-8")
    (path,) = write(tmp_path / "in", a=made("JW301"))
    assert 2 == process(tmp_path / "out", path, options=("--agreements", str(file))).code
    assert "overlapt cel 1" in sentence(capsys.readouterr().err)
    assert 1 == run(["agreements", "check", str(file)])
    assert "overlapt cel 1" in capsys.readouterr().out
