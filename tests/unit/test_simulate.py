"""The synthetic region: repeatable, valid where it should be, and labelled in good order."""

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SchemaViolated
from gateway.messages.definition import read_types
from gateway.messages.layout import read_layout
from gateway.messages.reader import Reader, Schemas, Source
from gateway.messages.record_writer import write_message
from gateway.periods.maanden import is_whole_month
from gateway.records.masker import is_bsn
from gateway.simulate.faults import FAULTS
from gateway.simulate.generate import agreement_files, clock, generate, tell_stories
from gateway.simulate.message_faults import MESSAGE_FAULTS
from gateway.simulate.messages import Label, SimulatedMessage
from gateway.simulate.region import DEMO, RegionSize, build_clients, draw_bsns, rng_of

ROOT = Path(__file__).parents[2]
SEEDS = (1, 2, 3)
LINES = "Prestatie"
JUDGED = ("ToegewezenProduct", "StartProduct", "StopProduct", LINES)
RETOURCODES = {
    "TR019": "9019", "TR307": "9307", "TR308": "9308", "TR321": "9321", "TR322": "9322",
    "TR333": "9333", "TR338": "9338", "TR358": "0001", "TR387": "9387", "TR418": "0611",
}  # fmt: skip

Records = list[tuple[str, Any]]
every_seed = pytest.mark.parametrize("seed", SEEDS)


@cache
def messages(seed: int) -> tuple[SimulatedMessage, ...]:
    return tuple(generate(seed))


@cache
def reader() -> Reader:
    return Reader(read_types(ROOT / "mappings"), Schemas(ROOT / "schemas"))


@cache
def records_of(body: bytes) -> Records:
    return list(reader().open(Source([body], 1 << 30)).records())


def readable(seed: int) -> list[tuple[SimulatedMessage, Records]]:
    return [(one, records_of(one.body)) for one in messages(seed) if one.verdict != "invalid"]


def judged(seed: int) -> list[tuple[SimulatedMessage, Records]]:
    """Messages of which the classes are judged, so that each class has its label."""
    return [
        (one, records)
        for one, records in readable(seed)
        if one.verdict != "duplicate" and all(label.reference is not None for label in one.labels)
    ]


def labels_of(seed: int) -> list[Label]:
    return [label for one in messages(seed) for label in one.labels]


def records_named(name: str, records: Records) -> list[Any]:
    return [record for found, record in records if found == name]


@every_seed
def test_a_seed_gives_the_same_messages_every_time(seed: int) -> None:
    assert messages(seed) == tuple(generate(seed))


def test_another_seed_gives_another_region() -> None:
    assert {one.body for one in messages(1)}.isdisjoint(one.body for one in messages(2))


@every_seed
def test_every_message_obeys_its_schema_but_the_one_that_was_broken(seed: int) -> None:
    broken = []
    for one in messages(seed):
        try:
            records_of(one.body)
        except SchemaViolated as refused:
            broken.append((one.verdict, refused.errors[0].pad))

    assert [("invalid", "/Bericht/Client/Geslacht")] == broken


@every_seed
def test_every_message_comes_back_byte_for_byte_when_its_records_are_written(seed: int) -> None:
    types = read_types(ROOT / "mappings")
    layouts = {kind.naam: read_layout(ROOT / "schemas", kind) for kind in types.all()}

    for one, records in readable(seed):
        kind = types.by_name(one.name.split("-")[1])
        assert one.body == b"".join(write_message(kind, records, layouts[kind.naam]))


@every_seed
def test_clients_have_draw_bsns_that_pass_the_elfproef(seed: int) -> None:
    bsns = {
        record.bsn for _, records in readable(seed) for record in records_named("Client", records)
    }

    assert DEMO.clienten == len(bsns)
    assert all(is_bsn(bsn) and "999900006" <= bsn <= "999999990" for bsn in bsns)


@every_seed
def test_the_demo_has_two_municipalities_five_providers_and_both_laws(seed: int) -> None:
    headers = [records_named("Header", records)[0] for _, records in readable(seed)]
    parties = [party for one in headers for party in (one.afzender, one.ontvanger)]

    assert {"0164", "0193"} == {party for party in parties if len(party) == 4}
    assert 5 == len({party for party in parties if len(party) == 8})
    assert {"JW301", "JW305", "JW307", "JW323", "WMO301", "WMO305", "WMO307", "WMO323"} == {
        one.name.split("-")[1] for one in messages(seed)
    }


@every_seed
def test_names_are_unique_and_sort_in_sending_order(seed: int) -> None:
    names = [one.name for one in messages(seed)]
    moments = [one.verzonden for one in messages(seed)]

    assert sorted(set(names)) == names
    assert sorted(moments) == moments
    assert moments[-1] < clock().replace(tzinfo=None)


@every_seed
def test_no_name_holds_a_bsn(seed: int) -> None:
    bsns = {client.bsn for client in build_clients(seed, DEMO)}

    assert not [one.name for one in messages(seed) if any(bsn in one.name for bsn in bsns)]


@every_seed
def test_no_message_is_dated_after_it_was_sent(seed: int) -> None:
    for one, records in readable(seed):
        assert records_named("Header", records)[0].dagtekening <= one.verzonden.date()


@every_seed
def test_every_judged_class_has_a_label_in_document_order(seed: int) -> None:
    for one, records in judged(seed):
        references = [record.reference for name, record in records if name in JUDGED]
        assert references == [label.reference for label in one.labels], one.name


@every_seed
def test_labels_name_known_codes_only(seed: int) -> None:
    codes = tomllib.loads((ROOT / "mappings/codelijsten/WJ001.toml").read_text("utf-8"))["codes"]
    checks = tomllib.loads((ROOT / "mappings/teksten/checks.toml").read_text("utf-8"))
    labels = labels_of(seed)

    assert {code for label in labels for code in label.codes} <= codes.keys()
    assert {code for label in labels for code in label.signals} <= checks.keys()
    assert not [label for label in labels if label.codes and label.signals]


@every_seed
def test_every_fault_is_planted(seed: int) -> None:
    found = {code for label in labels_of(seed) for code in (*label.codes, *label.signals)}
    wanted = {RETOURCODES.get(name, name) for name in (*FAULTS, *MESSAGE_FAULTS)}

    assert (wanted - {"duplicate", "XSD"}) | {"8021"} == found
    assert {"accepted", "partly", "rejected", "invalid", "duplicate"} == {
        one.verdict for one in messages(seed)
    }


@every_seed
def test_most_of_the_region_is_faultless(seed: int) -> None:
    labels = labels_of(seed)
    clean = sum(1 for label in labels if not label.codes and not label.signals)

    assert clean > 0.9 * len(labels)


@every_seed
def test_verdicts_follow_from_the_labels(seed: int) -> None:
    for one in messages(seed):
        refused = [bool(label.codes) for label in one.labels]
        verdict = "partly" if any(refused) else "accepted"
        verdict = "rejected" if refused and all(refused) else verdict
        assert one.verdict in (verdict, "invalid", "duplicate"), one.name


@every_seed
def test_the_doubled_message_has_the_bytes_of_the_one_before(seed: int) -> None:
    (twice,) = [one for one in messages(seed) if one.verdict == "duplicate"]

    bodies = Counter(one.body for one in messages(seed))

    assert [(twice.body, 2)] == [pair for pair in bodies.items() if pair[1] > 1]


@every_seed
def test_only_the_wrong_total_is_not_the_sum_of_its_lines(seed: int) -> None:
    wrong = []
    for one, records in readable(seed):
        for declaratie in records_named("Declaratie", records):
            assert is_whole_month(declaratie.begindatum, declaratie.einddatum)
            if declaratie.totaal != sum(line.ondertekend for line in records_named(LINES, records)):
                wrong.append(one.labels)

    assert [(Label(None, ("0001",)),)] == wrong


@every_seed
def test_a_provider_invoices_a_month_once_in_each_municipality_and_law(seed: int) -> None:
    invoiced = Counter(
        (one.name.split("-", 1)[1], records_named("Declaratie", records)[0].begindatum)
        for one, records in judged(seed)
        if records_named("Declaratie", records)
    )

    assert {1} == set(invoiced.values())


@every_seed
def test_lines_without_a_signal_come_after_the_start_of_their_care(seed: int) -> None:
    started: set[int] = set()
    for one, records in readable(seed):
        if one.verdict == "rejected":
            continue
        started |= {start.toewijzingnummer for start in records_named("StartProduct", records)}
        lines = records_named(LINES, records)
        for line, label in zip(lines, one.labels, strict=False):
            if not label.codes:
                assert (line.toewijzingnummer not in started) == ("S105" in label.signals)


@every_seed
def test_a_credit_repeats_a_line_that_was_granted_in_an_earlier_invoice(seed: int) -> None:
    granted: dict[str, Any] = {}
    credits = 0
    for one, records in judged(seed):
        lines = records_named(LINES, records)
        for line in lines:
            if line.is_credit:
                credits += 1
                debet = granted.pop(line.vorig_referentienummer)
                assert (debet.debetsleutel, debet.ingediend_bedrag) == (
                    line.debetsleutel,
                    line.ingediend_bedrag,
                )
        clean = zip(lines, one.labels, strict=False)
        granted |= {line.referentienummer: line for line, label in clean if not label.codes}

    assert credits > 0


@every_seed
def test_debet_lines_that_are_granted_never_claim_the_same_twice(seed: int) -> None:
    claimed: Counter[tuple[object, ...]] = Counter()
    for one, records in judged(seed):
        for line, label in zip(records_named(LINES, records), one.labels, strict=False):
            if not label.codes:
                claimed[line.debetsleutel] += -1 if line.is_credit else 1

    assert {0, 1} >= set(claimed.values())


def test_without_faults_no_line_is_labelled() -> None:
    stories = tell_stories(5, RegionSize(fouten=0))

    assert [] == [zorg for zorg in stories if zorg.signals or zorg.wijziging]
    assert all(regel.is_clean for zorg in stories for regel in zorg.regels)


@pytest.mark.parametrize("maanden", [1, 2, 6])
def test_a_region_can_have_any_number_of_months(maanden: int) -> None:
    size = RegionSize(clienten=60, maanden=maanden)
    made = list(generate(4, size))

    periods = {
        declaratie.begindatum
        for one in made
        if one.verdict != "invalid"
        for declaratie in records_named("Declaratie", records_of(one.body))
    }

    assert set(size.months()) == periods
    assert made[-1].verzonden < clock(size).replace(tzinfo=None)


def test_more_clients_than_there_are_draw_bsns_is_refused() -> None:
    with pytest.raises(ValueError, match="larger than population"):
        draw_bsns(1, RegionSize(clienten=100_000))


def test_a_generator_depends_on_its_parts_only() -> None:
    assert rng_of(1, "a").random() == rng_of(1, "a").random() != rng_of(1, "b").random()


def test_the_agreements_are_files_that_exist() -> None:
    names = [path.name for path in agreement_files() if path.is_file()]

    assert ["ijsselland-jeugd.toml", "twente-ondersteuningsbehoeften.toml"] == names
