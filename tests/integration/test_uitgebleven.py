"""What should have come in and did not: answers, starts and stops, told by `gateway status`."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path

import pytest

from gateway.broker.termijnwacht import Termijnwacht
from gateway.config import Rol, read_settings
from gateway.inlezen import load_klok
from gateway.pipeline.kennis import AMSTERDAM
from gateway.pipeline.klok import Lopend
from gateway.store.store import StoreOptions, open_store
from tests.integration.berichten import Tabel, made, process, run, write
from tests.integration.test_termijnen import deadlines, told
from tests.integration.test_verzoeken import base, retour_on
from tests.opslag import store_of

pytestmark = pytest.mark.usefixtures("opslag")

Captured = pytest.CaptureFixture[str]
PRODUCT = "/Bericht/Client/ToegewezenProducten/ToegewezenProduct[1]"
# The day on which the 301 is written and sent, a Thursday.
VERSTUURD = "2025-01-02"


class Dossier:
    """A store that messages are put in on days, by `gateway process`."""

    def __init__(self, folder: Path, capsys: Captured) -> None:
        self.folder = folder
        self.capsys = capsys
        self._count = 0

    def take(self, day: str, *contents: bytes) -> list[str]:
        """Handle messages on a day; gives their verdicts."""
        self._count += 1
        names = {f"m{self._count}_{nr}": content for nr, content in enumerate(contents)}
        paths = write(self.folder / f"in{self._count}", **names)
        options = ("--store", store_of(self.folder))
        done = process(self.folder / f"uit{self._count}", *paths, options=options, klok=day)
        return done.verdicts

    def terms(self, day: str, *states: str) -> list[tuple[str, str, int | None]]:
        """The terms of others on a day: state, term and assignment."""
        found = deadlines(self.capsys, self.folder, day)["list"]
        return [
            (one["state"], one["term"], one["assignment"])
            for one in found
            if not states or one["state"] in states
        ]

    def status(self, day: str, *options: str) -> list[str]:
        """What `gateway status` says on a day."""
        self.capsys.readouterr()
        arguments = ["status", "--clock", day, "--store", store_of(self.folder), *options]
        assert 0 == run(arguments)
        return self.capsys.readouterr().out.splitlines()

    def watch(self, *days: str, rol: Rol = "gemeente") -> list[tuple[str, str]]:
        """Let the watch look on days, one after the other; gives all that it ever told."""
        klok = load_klok(read_settings({}), rol)
        store = open_store(store_of(self.folder), lambda: moment(days[0]), StoreOptions(codes={}))
        now = [moment(day) for day in days]
        watch = Termijnwacht(store.termijnen, klok, lambda: now[0])
        while now:
            watch.run_once()
            now.pop(0)
        store.close()
        return told(self.folder)


def moment(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(12), tzinfo=AMSTERDAM)


@pytest.fixture
def dossier(tmp_path: Path, capsys: Captured) -> Dossier:
    return Dossier(tmp_path, capsys)


def counts(found: Tabel) -> tuple[int, int]:
    return found["missing"], found["awaited"]


def test_an_own_message_without_a_retour_is_awaited_and_then_missing(dossier: Dossier) -> None:
    assert ["accepted"] == dossier.take(VERSTUURD, made("JW301"))
    on_time = deadlines(dossier.capsys, dossier.folder, "2025-01-07")
    assert ((0, 3), []) == (counts(on_time), on_time["list"])
    (one,) = deadlines(dossier.capsys, dossier.folder, "2025-01-08")["list"]
    assert {
        "state": "missing",
        "term": "retour",
        "name": "retourbericht",
        "owedBy": "12345678",
        "ours": False,
        "due": "2025-01-07",
        "since": "2025-01-02",
        "inbox": 1,
        "message": "JW301",
        "municipality": "0193",
        "sender": "0193",
        "identification": "JW301-0001",
        "assignment": None,
    } == one


@pytest.mark.parametrize("codes", [(), ((PRODUCT, ("9332",)),)], ids=["agrees", "refuses"])
def test_any_retour_ends_the_wait(
    dossier: Dossier, codes: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    dossier.take(VERSTUURD, made("JW301"))
    assert ["accepted"] == dossier.take("2025-01-09", retour_on("JW302", made("JW301"), *codes))
    assert [] == dossier.terms("2025-01-09")


def test_each_time_of_sending_has_a_term_of_its_own(dossier: Dossier) -> None:
    again = made("JW301", ("JW301-0001", "JW301-0002"))
    dossier.take(VERSTUURD, made("JW301"))
    dossier.take("2025-01-06", again)
    assert [("missing", "retour", None)] == dossier.terms("2025-01-08")
    dossier.take("2025-01-08", retour_on("JW302", made("JW301")))
    assert [] == dossier.terms("2025-01-09")
    retours = [one for one in dossier.terms("2025-01-10") if one[1] == "retour"]
    assert [("missing", "retour", None)] == retours


def test_a_rejected_own_message_was_not_sent_and_waits_for_nothing(dossier: Dossier) -> None:
    wrong = made("JW301", ("RedenWijziging>04", "RedenWijziging>13"))
    assert ["rejected"] == dossier.take(VERSTUURD, wrong)
    assert [] == dossier.terms("2025-01-20")


def test_a_decision_on_a_request_waits_for_its_retour_too(dossier: Dossier) -> None:
    assert ["accepted", "accepted"] == dossier.take("2025-05-06", base("JW315"), base("JW319"))
    missing = [("missing", "retour", None)]
    assert missing == dossier.terms("2025-05-12", "missing")
    dossier.take("2025-05-12", retour_on("JW320", base("JW319")))
    assert [] == dossier.terms("2025-05-12", "missing")


def confirmed(dossier: Dossier, *changes: tuple[str, str]) -> None:
    """An assignment of two products that the aanbieder confirmed on the same day."""
    toewijzing = made("JW301", *changes)
    both = dossier.take(VERSTUURD, toewijzing, retour_on("JW302", toewijzing))
    assert ["accepted", "accepted"] == both


def test_an_assignment_without_a_start_is_missed_after_five_working_days(dossier: Dossier) -> None:
    confirmed(dossier)
    assert [] == dossier.terms("2025-01-09")
    late = [("missing", "startbericht", nummer) for nummer in (100001, 100002)]
    assert late == dossier.terms("2025-01-10")
    assert ["accepted"] == dossier.take("2025-01-10", made("JW305"))
    assert [] == dossier.terms("2025-01-10")


def test_the_start_is_only_told_and_no_line_is_rejected_for_it(dossier: Dossier) -> None:
    confirmed(dossier)
    assert ["accepted"] == dossier.take("2025-04-07", made("JW323"))
    assert 2 == len(dossier.terms("2025-04-01"))


def test_a_start_that_was_taken_back_is_missing_again(dossier: Dossier) -> None:
    confirmed(dossier)
    back = made("JW305", ("JW305-0001", "JW305-0002"))
    back = back.replace(b"StatusAanlevering>1<", b"StatusAanlevering>3<")
    assert ["accepted"] * 2 == dossier.take("2025-01-10", made("JW305"), back)
    both = [("missing", "startbericht", nummer) for nummer in (100001, 100002)]
    assert both == dossier.terms("2025-01-13")


def test_a_start_without_a_number_for_the_same_product_will_do(dossier: Dossier) -> None:
    confirmed(dossier)
    named = "<jw305:ToewijzingNummer>100001</jw305:ToewijzingNummer>"
    day = "<jw305:ToewijzingIngangsdatum>2025-01-01</jw305:ToewijzingIngangsdatum>"
    assert ["accepted"] == dossier.take("2025-01-10", made("JW305", (named, ""), (day, "")))
    assert [] == dossier.terms("2025-01-13")


def test_an_assignment_that_is_deleted_asks_for_no_start(dossier: Dossier) -> None:
    confirmed(dossier)
    deleted = made(
        "JW301",
        ("JW301-0001", "JW301-0002"),
        ("Dagtekening>2025-01-02", "Dagtekening>2025-01-03"),
        ("Toewijzingsdatum>2025-01-02", "Toewijzingsdatum>2025-01-03"),
        ("Einddatum>2025-12-31</jw301", "Einddatum>2025-01-01</jw301"),
        ("RedenWijziging>04", "RedenWijziging>13"),
    )
    assert ["accepted"] == dossier.take("2025-01-03", deleted)
    starts = [one for one in dossier.terms("2025-01-13") if one[1] == "startbericht"]
    assert [("missing", "startbericht", 100002)] == starts


def test_a_prolonged_assignment_keeps_the_day_of_its_first_message(dossier: Dossier) -> None:
    confirmed(dossier)
    longer = made(
        "JW301",
        ("JW301-0001", "JW301-0002"),
        ("Dagtekening>2025-01-02", "Dagtekening>2025-01-08"),
        ("Toewijzingsdatum>2025-01-02", "Toewijzingsdatum>2025-01-08"),
        ("Einddatum>2025-12-31</jw301", "Einddatum>2026-12-31</jw301"),
    )
    assert ["accepted"] == dossier.take("2025-01-08", longer)
    found = deadlines(dossier.capsys, dossier.folder, "2025-01-10")["list"]
    assert [(100001, 1, "2025-01-09"), (100002, 1, "2025-01-09")] == [
        (one["assignment"], one["inbox"], one["due"]) for one in found
    ]
    assert 2 == len([1 for event, _ in dossier.watch("2025-01-10") if event == "termijn-verlopen"])


def test_who_never_starts_is_let_go_after_the_days_that_the_clock_looks_back(
    dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(dossier)
    assert 2 == len(dossier.terms("2025-04-01"))
    assert [] == dossier.terms("2025-04-02")
    monkeypatch.setenv("GATEWAY_TERUGKIJKDAGEN", "91")
    assert 2 == len(dossier.terms("2025-04-02"))


def test_care_that_began_and_ended_is_closed_with_a_definitive_stop(dossier: Dossier) -> None:
    confirmed(dossier)
    # The stop of the second product is only a temporary one.
    assert ["accepted"] * 2 == [
        *dossier.take("2025-01-09", made("JW305")),
        *dossier.take("2025-07-01", made("JW307")),
    ]
    assert [] == dossier.terms("2026-01-08")
    assert [("missing", "stopbericht", 100002)] == dossier.terms("2026-01-09")
    final = made(
        "JW307",
        ("JW307-0001", "JW307-0002"),
        ("RedenBeeindiging>20", "RedenBeeindiging>31"),
        ("Einddatum>2025-06-27", "Einddatum>2025-12-31"),
        ("Dagtekening>2025-07-01", "Dagtekening>2026-01-09"),
    ).decode()
    begin, end = final.index("<jw307:StopProduct>"), final.index("</jw307:StopProduct>")
    final = final[:begin] + final[end + len("</jw307:StopProduct>") :]
    assert ["accepted"] == dossier.take("2026-01-09", final.encode())
    assert [] == dossier.terms("2026-01-09")


def test_care_that_never_began_needs_no_stop(dossier: Dossier) -> None:
    confirmed(dossier)
    assert [] == dossier.terms("2026-01-20")


def test_what_is_missing_is_told_once_and_after_the_answer_no_more(dossier: Dossier) -> None:
    dossier.take(VERSTUURD, made("JW301"))
    near = [("termijn-nadert", "retour")]
    assert near == dossier.watch("2025-01-03", "2025-01-06", "2025-01-06")
    near += [("termijn-nadert", "startbericht")] * 2
    late = [("termijn-verlopen", "retour")]
    assert sorted(near + late) == sorted(dossier.watch("2025-01-08", "2025-01-08", "2025-01-09"))
    dossier.take("2025-01-09", retour_on("JW302", made("JW301")), made("JW305"))
    assert sorted(near + late) == sorted(dossier.watch("2025-01-10", "2025-01-31"))


def test_status_says_how_many_are_missing_per_municipality_and_names_them(
    dossier: Dossier,
) -> None:
    dossier.take(VERSTUURD, made("JW301"))
    lines = dossier.status("2025-01-10")
    assert ["ontbreekt", "3"] in [line.split() for line in lines]
    assert [
        "gemeente 0193: ontbreekt 1 keer retourbericht",
        "gemeente 0193: ontbreekt 2 keer startbericht (305)",
        "ontbreekt: retourbericht van 12345678, uiterlijk 2025-01-07, na bericht 1 (JW301)",
        "ontbreekt: startbericht (305) van 12345678, uiterlijk 2025-01-09, na bericht 1 (JW301), "
        "toewijzing 100001",
        "ontbreekt: startbericht (305) van 12345678, uiterlijk 2025-01-09, na bericht 1 (JW301), "
        "toewijzing 100002",
    ] == [line for line in lines if line.startswith(("gemeente", "ontbreekt:"))]


def test_status_names_the_first_and_all_of_them_on_request(
    dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.status.FIRST", 2)
    dossier.take(VERSTUURD, made("JW301"))
    assert "en nog 1; alles staat in gateway status --all" in dossier.status("2025-01-10")
    named = [one for one in dossier.status("2025-01-10", "--all") if one.startswith("ontbreekt:")]
    assert 3 == len(named)
    awaited = [one for one in dossier.status("2025-01-03", "--all") if one.startswith("verwacht:")]
    calm = [one for one in dossier.status("2025-01-03") if one.startswith("verwacht:")]
    assert (3, []) == (len(awaited), calm)


def test_a_request_in_research_tells_when_another_municipality_has_to_be_named(
    dossier: Dossier,
) -> None:
    reason = "<jw319:RedenAfwijzingVerzoek>3</jw319:RedenAfwijzingVerzoek>"
    research = base("JW319", ("VerzoekAntwoord>1<", "VerzoekAntwoord>2<")).decode()
    begin = research.index("<jw319:RedenAfwijzingVerzoek>")
    research = research[:begin] + research[research.index("</jw319:Antwoord>") :]
    assert reason not in research
    verdicts = dossier.take("2025-05-06", base("JW315"), research.encode())
    assert ["accepted", "accepted"] == verdicts
    assert ("today", "woonplaatsbeginsel", None) in dossier.terms("2025-05-20")
    assert "woonplaatsbeginsel" not in {one[1] for one in dossier.terms("2025-05-21")}
    told_ = dossier.watch("2025-05-19", "2025-05-21")
    assert ("termijn-nadert", "woonplaatsbeginsel") in told_
    assert ("termijn-verlopen", "woonplaatsbeginsel") not in told_


def as_aanbieder(dossier: Dossier, day: str) -> list[Lopend]:
    """The terms as an aanbieder sees them, whose own messages lie accepted in the inbox."""
    klok = load_klok(read_settings({}), "aanbieder")
    store = open_store(store_of(dossier.folder), lambda: moment(day), StoreOptions(codes={}))
    vandaag = date.fromisoformat(day)
    found = klok.in_handen(store.termijnen, vandaag) + klok.uitgebleven(store.termijnen, vandaag)
    store.close()
    return found


def test_an_aanbieder_waits_for_what_a_municipality_owes_it(dossier: Dossier) -> None:
    dossier.take(VERSTUURD, made("JW301"))
    dossier.take("2025-05-06", made("JW305"), made("JW323"), base("JW315"))
    day = date(2025, 5, 21)
    found = {
        (one.bericht, one.termijn, one.van, one.stand(day), one.uiterlijk.isoformat())
        for one in as_aanbieder(dossier, day.isoformat())
    }
    assert {
        ("JW305", "retour", "0193", "ontbreekt", "2025-05-09"),
        ("JW315", "retour", "0193", "ontbreekt", "2025-05-09"),
        ("JW315", "antwoord-op-verzoek", "0193", "ontbreekt", "2025-05-13"),
        ("JW323", "declaratie-antwoord", "0193", "ontbreekt", "2025-05-20"),
    } == found


def test_an_aanbieder_owes_its_starts_itself(dossier: Dossier) -> None:
    dossier.take(VERSTUURD, made("JW301"))
    assert {("startbericht", "12345678", True, "te-laat")} == {
        (one.termijn, one.van, one.is_eigen, one.stand(date(2025, 1, 10)))
        for one in as_aanbieder(dossier, "2025-01-10")
    }


def test_no_event_names_a_client(dossier: Dossier) -> None:
    dossier.take(VERSTUURD, made("JW301"))
    dossier.watch("2025-01-10")
    shown = json.dumps(deadlines(dossier.capsys, dossier.folder, "2025-01-10"))
    assert "999900" not in shown
