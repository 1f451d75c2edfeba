"""The synthetic region: repeatable, valid where it should be, and labelled in good order."""

import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gateway.agreements.table import problems
from gateway.errors import SchemaViolated, WrongUse
from gateway.inlezen import load_lists
from gateway.messages.definition import read_types
from gateway.messages.layout import read_layout
from gateway.messages.reader import Reader, Schemas, Source
from gateway.messages.record_writer import write_message
from gateway.periods.maanden import is_whole_month
from gateway.records.masker import is_bsn
from gateway.simulate.agreements import EIGEN, Aanbod
from gateway.simulate.faults.register import load_faults
from gateway.simulate.generate import BOM, SimulatedMessage, generate, in_sending_order
from gateway.simulate.kring import Bevolking, Kring
from gateway.simulate.months import month_after, rng_of
from gateway.simulate.moves import moves_out_of
from gateway.simulate.persons import resident_bsns, valid_bsns
from gateway.simulate.region import JAAR, WETTEN, Regio
from gateway.simulate.residents import planted, someone, tell_municipality
from gateway.simulate.truth import GOED, RETOURCODES, XSD, Label, Oordeel, rejected, truth_line
from gateway.simulate.write import write_agreements

ROOT = Path(__file__).parents[2]
SEEDS = (1, 2, 3)
SMALL = 600
LINES = "Prestatie"
JUDGED = ("ToegewezenProduct", "StartProduct", "StopProduct", LINES)
JUDGES = ("gateway.rules", "gateway.deviations", "gateway.pipeline", "gateway.answers")

Records = list[tuple[str, Any]]
every_seed = pytest.mark.parametrize("seed", SEEDS)


@cache
def messages(seed: int) -> tuple[SimulatedMessage, ...]:
    return tuple(in_sending_order(Regio(seed, SMALL)))


@cache
def reader() -> Reader:
    return Reader(read_types(ROOT / "mappings"), Schemas(ROOT / "schemas"))


@cache
def records_of(body: bytes) -> Records:
    return list(reader().open(Source([body], 1 << 30)).records())


def readable(seed: int) -> list[tuple[SimulatedMessage, Records]]:
    return [(one, records_of(one.body)) for one in messages(seed) if one.verdict != "invalid"]


def judged(seed: int) -> list[tuple[SimulatedMessage, Records]]:
    """Messages of which the classes are judged: not those that are refused as a whole."""
    return [
        (one, records)
        for one, records in readable(seed)
        if any(label.reference is not None for label in one.labels)
    ]


def judged_lines(records: Records, labels: tuple[Label, ...]) -> list[tuple[Any, Oordeel]]:
    """The lines of an invoice with what is to be said of them; others fell with their client."""
    told = {label.reference: label.oordeel for label in labels}
    return [
        (line, told[line.reference])
        for line in records_named(LINES, records)
        if line.reference in told
    ]


def labels_of(seed: int) -> list[Label]:
    return [label for one in messages(seed) for label in one.labels]


def records_named(name: str, records: Records) -> list[Any]:
    return [record for found, record in records if found == name]


def kring(seed: int, wet: str) -> Kring:
    regio = Regio(seed, SMALL)
    return Kring(Aanbod(regio), Bevolking(seed, regio.gemeenten[0]), wet, rng_of(seed, wet))


@every_seed
def test_a_seed_gives_the_same_messages_every_time(seed: int) -> None:
    assert messages(seed) == tuple(in_sending_order(Regio(seed, SMALL)))


def test_another_seed_gives_another_region() -> None:
    assert {one.body for one in messages(1)}.isdisjoint(one.body for one in messages(2))


@every_seed
def test_every_message_obeys_its_schema_but_those_that_were_broken(seed: int) -> None:
    broken = []
    for one in messages(seed):
        try:
            records_of(one.body)
        except SchemaViolated as refused:
            broken.append((one.verdict, refused.errors[0].pad.rsplit("/", 1)[-1]))

    assert [("invalid", "Eenheid"), ("invalid", "Geslacht")] == sorted(broken)


@every_seed
def test_every_message_comes_back_byte_for_byte_when_its_records_are_written(seed: int) -> None:
    types = read_types(ROOT / "mappings")
    layouts = {kind.naam: read_layout(ROOT / "schemas", kind) for kind in types.all()}

    for one, records in readable(seed):
        kind = types.by_name(one.name.removesuffix(".xml").rsplit("-", 1)[1])
        written = b"".join(write_message(kind, records, layouts[kind.naam]))
        assert one.body.removeprefix(BOM) == written


@every_seed
def test_one_message_begins_with_a_byte_order_mark_and_is_labelled_for_it(seed: int) -> None:
    marked = [one for one in messages(seed) if one.body.startswith(BOM)]

    assert marked == [one for one in messages(seed) if "S190" in one.labels[0].oordeel.signals]
    assert 1 == len(marked)


@every_seed
def test_clients_have_test_bsns_that_pass_the_elfproef_but_the_one_with_a_slip(seed: int) -> None:
    bsns = {
        record.bsn for _, records in readable(seed) for record in records_named("Client", records)
    }

    assert all("999900006" <= bsn <= "999999999" for bsn in bsns)
    assert ["999999999"] == [bsn for bsn in bsns if not is_bsn(bsn)]


@every_seed
def test_there_are_two_municipalities_and_both_laws_and_one_that_never_was(seed: int) -> None:
    headers = [records_named("Header", records)[0] for _, records in readable(seed)]
    parties = [party for one in headers for party in (one.afzender, one.ontvanger)]
    kinds = [f"{name}{number}" for name in ("JW", "WMO") for number in (301, 305, 307, 323)]

    assert {"0164", "0193", "9999"} == {party for party in parties if len(party) == 4}
    assert kinds == sorted({one.name[:-4].rsplit("-", 1)[1] for one in messages(seed)})


@every_seed
def test_names_are_unique_and_sort_in_sending_order(seed: int) -> None:
    names = [one.name for one in messages(seed)]
    moments = [one.verzonden.replace(second=0) for one in messages(seed)]

    assert sorted(set(names)) == names
    assert sorted(moments) == moments
    assert moments[-1].date() < Regio(seed, SMALL).klok


@every_seed
def test_no_name_holds_a_bsn(seed: int) -> None:
    assert not [one.name for one in messages(seed) if any(bsn in one.name for bsn in valid_bsns())]


@every_seed
def test_only_one_message_is_dated_after_it_was_sent(seed: int) -> None:
    late = [
        one.labels
        for one, records in readable(seed)
        if records_named("Header", records)[0].dagtekening > one.verzonden.date()
    ]

    assert [(Label(None, rejected("TR135")),)] == late


@every_seed
def test_every_judged_class_has_a_label_in_document_order(seed: int) -> None:
    for one, records in judged(seed):
        labels = [label.reference for label in one.labels if label.reference is not None]
        references = [record.reference for name, record in records if name in JUDGED]
        unknown = [label for label in one.labels if label.oordeel == rejected("TR304")]
        if not unknown:
            assert references == labels, one.name
        assert labels == [found for found in references if found in labels], one.name


@every_seed
def test_labels_name_known_codes_only(seed: int) -> None:
    codes = tomllib.loads((ROOT / "mappings/codelijsten/WJ001.toml").read_text("utf-8"))["codes"]
    checks = tomllib.loads((ROOT / "mappings/teksten/checks.toml").read_text("utf-8"))
    rules = tomllib.loads((ROOT / "mappings/regels.toml").read_text("utf-8"))
    told = [label.oordeel for label in labels_of(seed)]

    assert {code for one in told for code in one.codes} <= codes.keys()
    assert {code for one in told for code in one.signals} <= checks.keys()
    assert {code for one in told for code in one.rules} <= {XSD, *rules}
    assert not [one for one in told if one.rules and one.signals]


def test_the_retourcodes_are_those_of_the_rules() -> None:
    rules = tomllib.loads((ROOT / "mappings/regels.toml").read_text("utf-8"))

    assert {code: [given] for code, given in RETOURCODES.items()} == {
        code: rules[code]["retourcodes"] for code in RETOURCODES
    }


@every_seed
def test_every_fault_is_planted(seed: int) -> None:
    stories, wrong = load_faults()
    wanted = {label for one in (*stories, *wrong) for label in one.plants}
    told = [label.oordeel for label in labels_of(seed)]

    assert wanted | {"S190"} == {label for one in told for label in (*one.rules, *one.signals)}
    assert {"accepted", "partly", "rejected", "invalid", "duplicate"} == {
        one.verdict for one in messages(seed)
    }


def test_faults_are_told_in_words_of_their_own() -> None:
    stories, wrong = load_faults()

    assert [] == [one.naam for one in stories if not one.tell.__doc__]
    assert [] == [one.naam for one in wrong if not one.make.__doc__]


@pytest.mark.parametrize(("regels", "times"), [(600, 1), (5_000, 2), (30_000, 12)])
def test_a_larger_region_has_every_fault_more_often(regels: int, times: int) -> None:
    regio = Regio(1, regels)
    found = Counter(
        (fault.naam, fault.ruimte)
        for place in range(len(regio.gemeenten))
        for _, fault in planted(Aanbod(regio), place)
    )

    most = {"altijd": times, "gemeente": min(times, len(regio.gemeenten)), "regio": 1}
    expected = {(one.naam, one.ruimte): most[one.ruimte] * one.vaak for one in load_faults()[0]}
    assert expected == found


def test_a_fault_is_planted_under_both_laws() -> None:
    aanbod = Aanbod(Regio(1))
    found = {
        (fault.naam, wet)
        for place in range(len(aanbod.regio.gemeenten))
        for wet, fault in planted(aanbod, place)
        if fault.ruimte == "altijd"
    }

    assert len({naam for naam, _ in found}) * len(WETTEN) == len(found)


@pytest.mark.parametrize("wet", WETTEN)
def test_ordinary_care_is_without_fault(wet: str) -> None:
    here = kring(5, wet)
    told = [zorg for _ in range(300) for zorg in someone(here)]

    assert {GOED} == {one.oordeel for zorg in told for one in (*zorg.versies, *zorg.regels)}
    assert {"pxq", "stuk", "traject", "periode", "budget", "taak"} == {
        zorg.cel.soort for zorg in told
    }


@pytest.mark.parametrize("wet", WETTEN)
def test_ordinary_care_ends_and_is_put_right_in_every_way(wet: str) -> None:
    here = kring(6, wet)
    told = [zorg for _ in range(900) for zorg in someone(here)]

    assert {None, "02", "04", "05"} == {
        one.product.reden_wijziging for zorg in told for one in zorg.versies
    }
    assert {"02", "20"} < {stop.reden_beeindiging for zorg in told for stop in zorg.stops}
    assert any(len(zorg.starts) > 1 for zorg in told)
    assert any(one.prestatie.is_credit for zorg in told for one in zorg.regels)
    assert any(
        one.maand == month_after(one.prestatie.begindatum.replace(day=1))
        for zorg in told
        for one in zorg.regels
        if not one.prestatie.is_credit
    )


def test_most_of_a_plain_region_is_faultless() -> None:
    labels = [label for one in generate(Regio(4)) for label in one.labels]
    clean = sum(1 for label in labels if label.oordeel.is_good)

    assert clean > 0.9 * len(labels)


@every_seed
def test_verdicts_follow_from_the_labels(seed: int) -> None:
    for one, records in readable(seed):
        refused = [label for label in one.labels if label.oordeel.rules]
        lines = len(records_named(LINES, records)) or len(one.labels)
        granted = sum(
            1 for label in one.labels if label.reference is not None and not label.oordeel.rules
        )
        verdict = "accepted" if not refused else "partly" if 0 < granted < lines else "rejected"
        assert one.verdict in (verdict, "duplicate"), one.name


@every_seed
def test_the_doubled_message_has_the_bytes_of_a_faultless_one_before_it(seed: int) -> None:
    (twice,) = [one for one in messages(seed) if one.verdict == "duplicate"]
    (first,) = [one for one in messages(seed) if one.body == twice.body and one != twice]

    bodies = Counter(one.body for one in messages(seed))

    assert [(twice.body, 2)] == [pair for pair in bodies.items() if pair[1] > 1]
    assert first.name < twice.name
    assert "accepted" == first.verdict


@every_seed
def test_only_the_wrong_total_is_not_the_sum_of_its_lines(seed: int) -> None:
    wrong = []
    for one, records in readable(seed):
        for declaratie in records_named("Declaratie", records):
            assert is_whole_month(declaratie.begindatum, declaratie.einddatum) or (
                ("CS340",) == one.labels[0].oordeel.rules
            )
            if declaratie.totaal != sum(line.ondertekend for line in records_named(LINES, records)):
                wrong.append(one.labels)

    assert [(Label(None, rejected("TR358")),)] == wrong


def test_a_provider_invoices_a_month_once_or_sends_a_further_invoice_after_it() -> None:
    invoiced: dict[tuple[object, ...], list[str]] = {}
    for one in in_sending_order(Regio(1, 2_500)):
        if one.regels and one.verdict != "duplicate":
            records = records_of(one.body)
            (header,), (declaratie,) = (
                records_named(name, records) for name in ("Header", "Declaratie")
            )
            key = (header.afzender, header.ontvanger, header.berichtcode, declaratie.begindatum)
            invoiced.setdefault(key, []).append(declaratie.declaratienummer)

    found = [[nummer.removeprefix(many[0]) for nummer in many] for many in invoiced.values()]

    assert all(one in ([""], ["", "N"]) for one in found)
    assert ["", "N"] in found


@every_seed
def test_lines_come_after_the_start_of_their_care_unless_that_is_labelled(seed: int) -> None:
    started: dict[int, Any] = {}
    for one, records in judged(seed):
        if one.verdict == "rejected" and records_named("StartProduct", records):
            continue
        for start in records_named("StartProduct", records):
            started.setdefault(start.toewijzingnummer, start.begindatum)
        for line, oordeel in judged_lines(records, one.labels):
            begin = started.get(line.toewijzingnummer)
            if not oordeel.rules and not line.is_credit:
                in_time = begin is not None and begin <= line.einddatum
                assert in_time != ("S105" in oordeel.signals)


@every_seed
def test_a_credit_repeats_a_line_that_was_granted_in_an_earlier_invoice(seed: int) -> None:
    granted: dict[str, Any] = {}
    credits = 0
    for one, records in judged(seed):
        lines = judged_lines(records, one.labels) if one.verdict != "duplicate" else []
        for line, oordeel in lines:
            if line.is_credit and not oordeel.rules:
                credits += 1
                debet = granted.pop(line.vorig_referentienummer)
                assert (debet.debetsleutel, debet.ingediend_bedrag) == (
                    line.debetsleutel,
                    line.ingediend_bedrag,
                )
        granted |= {line.referentienummer: line for line, oordeel in lines if not oordeel.rules}

    assert credits > 0


@every_seed
def test_debet_lines_that_are_granted_never_claim_the_same_twice(seed: int) -> None:
    claimed: Counter[tuple[object, ...]] = Counter()
    for one, records in judged(seed):
        if one.verdict == "duplicate":
            continue
        (header,) = records_named("Header", records)
        for line, oordeel in judged_lines(records, one.labels):
            if not oordeel.rules:
                key = (header.ontvanger, header.berichtcode, line.debetsleutel)
                claimed[key] += -1 if line.is_credit else 1

    assert {0, 1} >= set(claimed.values())


def test_a_region_has_as_many_lines_as_was_asked_for() -> None:
    made = sum(one.regels for one in generate(Regio(4, 3_000)))

    assert 3_000 <= made < 3_200


def test_a_year_has_twelve_months_in_the_municipalities_that_are_named() -> None:
    regio = Regio(1, SMALL, JAAR, ("0193", "0164", "0153"))
    assert ("2026-01-01", "2026-12-01", "2027-01-28") == tuple(
        map(str, (regio.maanden[0], regio.maanden[-1], regio.klok))
    )
    assert {"0193", "0164", "0153"} == {one.code for one in regio.gemeenten}
    files = [one.name.split("-") for one in in_sending_order(regio)]
    assert {"0193", "0164", "0153"} == {parts[2] for parts in files}
    assert {f"2026{month:02}" for month in range(1, 13)} <= {parts[0][:6] for parts in files}


def test_a_municipality_with_a_model_has_ordinary_care_under_that_alone() -> None:
    regio = Regio(3, 900, JAAR, ("0193", "0153"), (("0153", "twente-2025"),))
    aanbod = Aanbod(regio)
    told = tell_municipality(aanbod, 1)
    by_model = [one for one in told if one.plaats.overeenkomst.id == "twente-2025"]
    # What is planted comes first, and then there is nobody else.
    assert by_model == told[-len(by_model) :]
    assert regio.regels_in(1) <= sum(len(one.regels) for one in by_model)
    assert {GOED} == {one.oordeel for zorg in by_model for one in zorg.regels}


def test_a_model_without_care_in_the_municipality_is_refused() -> None:
    regio = Regio(1, SMALL, modellen=(("0193", "hengelo-huishoudelijk"),))
    with pytest.raises(WrongUse, match="geen zorg in gemeente 0193"):
        tell_municipality(Aanbod(regio), 0)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"aantal_maanden": 7}, "6 of 12 maanden"),
        ({"codes": ("0193", "0193")}, "elke gemeente één keer"),
        ({"codes": ("9999",)}, "er is geen gemeente 9999"),
        ({"modellen": (("0153", "twente-2025"),)}, "gemeente 0153 heeft een model"),
        ({"modellen": (("0193", "a"), ("0193", "b"))}, "voor elke gemeente één model"),
    ],
)
def test_a_region_of_what_there_is_not_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(WrongUse, match=why):
        Regio(1, SMALL, **wrong)


def test_a_larger_region_has_more_municipalities_and_as_many_lines_in_each() -> None:
    counts = {
        regels: len(Regio(1, regels).gemeenten) for regels in (1, 1_999, 2_000, 5_000, 90_000)
    }
    national = Regio(1, 3_000_000)

    assert {1: 2, 1_999: 2, 2_000: 4, 5_000: 4, 90_000: 10} == counts
    assert len(national.gemeenten) > 300
    assert 3_000_000 == sum(national.regels_in(one) for one in range(len(national.gemeenten)))


@pytest.mark.parametrize("regels", [0, 10_000_000])
def test_a_region_that_cannot_be_is_refused(regels: int) -> None:
    with pytest.raises(WrongUse, match="een regio heeft 1 tot en met"):
        Regio(1, regels)


def test_nobody_is_two_people_in_one_municipality() -> None:
    regio = Regio(1)
    for place, gemeente in enumerate(regio.gemeenten):
        residents = set(resident_bsns(1, gemeente))
        out = [one.client.bsn for one in moves_out_of(regio, place)]
        coming = [one.client.bsn for one in moves_out_of(regio, place - 1)] if place else []
        movers = [*out, *coming]
        assert len(set(movers)) == len(movers)
        assert residents.isdisjoint(movers)
    assert [] == moves_out_of(regio, len(regio.gemeenten) - 1)


def test_who_moves_has_care_here_until_that_day_and_there_from_the_next() -> None:
    aanbod = Aanbod(Regio(1))
    care = [
        {zorg.client.bsn: zorg for zorg in tell_municipality(aanbod, place)} for place in range(2)
    ]

    for move in moves_out_of(aanbod.regio, 0):
        left, arrived = care[0][move.client.bsn], care[1][move.client.bsn]
        assert "07" == left.laatste.reden_wijziging
        assert (
            arrived.toewijzing.ingangsdatum - (left.laatste.einddatum or move.laatste_dag)
        ).days == 1
        assert (left.client.achternaam, left.client.geboortedatum) == (
            arrived.client.achternaam,
            arrived.client.geboortedatum,
        )
        assert left.client.plaatsnaam != arrived.client.plaatsnaam


def test_a_generator_depends_on_its_parts_only() -> None:
    assert rng_of(1, "a").random() == rng_of(1, "a").random() != rng_of(1, "b").random()


@pytest.mark.parametrize("regels", [SMALL, 40_000])
def test_the_agreements_of_a_region_are_in_order_and_serve_it(regels: int, tmp_path: Path) -> None:
    regio = Regio(1, regels)
    write_agreements(regio, tmp_path / "agreements")

    assert [] == problems(tmp_path / "agreements", load_lists().gemeentecodes())
    for one in Aanbod(regio).alle.alle:
        if one.id.startswith("simulatie-"):
            assert {gemeente.code for gemeente in regio.gemeenten} == set(one.gemeenten)


def test_our_own_agreements_are_in_order_as_they_stand() -> None:
    assert [] == problems(EIGEN, load_lists().gemeentecodes())


def test_a_line_of_the_truth_has_codes_rules_and_signals() -> None:
    assert {
        "file": "a.xml",
        "reference": "R1",
        "codes": ["9339", "S329"],
        "signals": [],
        "rules": ["TR339", "TR381"],
    } == truth_line("a.xml", Label("R1", rejected("TR381", "TR339")))
    assert [] == truth_line("a.xml", Label(None, rejected(XSD)))["codes"]


def test_the_truth_is_made_without_anything_that_judges() -> None:
    code = (
        "import sys; import gateway.simulate.write as made; "
        "from gateway.simulate.faults.register import load_faults; load_faults(); "
        f"print([name for name in sys.modules if name.startswith({JUDGES!r})])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert "[]" == done.stdout.strip()
