"""`gateway assignments`: a batch from the terminal, and one sentence for what cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.mutaties.wijzen import Herindeling
from gateway.pipeline.kennis import dag_van
from gateway.store.mutaties.keuze import Keuze
from tests.integration.berichten import run, sentence
from tests.integration.mutatiehuis import (
    ALLES,
    ANDERE,
    BUDGET,
    EERSTE,
    PER_MAAND,
    TWEEDE_BSN,
    UREN,
    Mutatiehuis,
    mutatiehuis,
    versions,
)
from tests.opslag import acts_on_clients, rows_of, store_of

pytestmark = pytest.mark.usefixtures("opslag")
Captured = pytest.CaptureFixture[str]
VANDAAG = dag_van(datetime.now(UTC))
MORGEN = VANDAAG + timedelta(days=1)
BEGIN, EIND = VANDAAG - timedelta(days=99), VANDAAG + timedelta(days=100)
LOOPT = {"datumStartToewijzing": BEGIN.isoformat(), "datumEindeToewijzing": EIND.isoformat()}

CONSENT = ("--gemeente", "0193", "--wet", "jeugdwet", "--door", "J. Bos", "--bron", "brief 1")


@pytest.fixture
def huis(tmp_path: Path) -> Iterator[Mutatiehuis]:
    """Two clients whose care runs today, as the command sees it."""
    with mutatiehuis(tmp_path, VANDAAG) as made:
        made.assign(EERSTE, {"toewijzingnummer": 1, **BUDGET, **LOOPT})
        made.assign(TWEEDE_BSN, {"toewijzingnummer": 2, **PER_MAAND, **LOOPT})
        yield made


def assignments(folder: Path, *words: str) -> int:
    return run(["assignments", *words, "--store", store_of(folder)])


def indexatie(folder: Path, procent: str, *more: str, vanaf: date = MORGEN) -> int:
    given = ("--gemeente", "0193", "--wet", "jeugdwet", "--vanaf", vanaf.isoformat())
    return assignments(
        folder, "batch", "make", "indexatie", "Een jaar", *given, "--procent", procent, *more
    )


def words_of(capsys: Captured) -> str:
    return " ".join(capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ").split())


def test_a_batch_goes_from_the_terminal_to_the_aanbieder(
    huis: Mutatiehuis, tmp_path: Path, capsys: Captured
) -> None:
    capsys.readouterr()
    assert 0 == indexatie(tmp_path, "10")
    shown = words_of(capsys)
    assert "2 toewijzingen, 0 geweigerd; 2 cliënten in 2 berichten" in shown
    assert f"10,00% vanaf {MORGEN}" in shown
    before = len(huis.uit.left)
    assert 0 == assignments(tmp_path, "batch", "release", "1", "--direct")
    assert "2 berichten van partij 1 zijn afgehandeld" in words_of(capsys)
    huis.installation.runtime.drain()
    eerste, tweede = huis.left_since(before)
    # Half of the days: 1.200,00 becomes 1.260,00.
    assert [("1", str(BEGIN), str(EIND), "03", "126000")] == versions(eerste)
    assert [
        ("2", str(BEGIN), str(VANDAAG), "03", "20000"),
        ("3", str(MORGEN), str(EIND), None, "22000"),
    ] == versions(tweede)


def test_what_has_no_end_and_what_has_no_price_are_told_apart(
    huis: Mutatiehuis, tmp_path: Path, capsys: Captured
) -> None:
    a_month = {**UREN, "frequentieCode": "4", "datumStartToewijzing": str(BEGIN)}
    huis.assign("999900031", {"toewijzingnummer": 3, **a_month})
    capsys.readouterr()
    options = ("--gemeente", "0193", "--wet", "jeugdwet", "--vanaf", str(MORGEN))
    more = ("--naar-code", "45A04", "--nummers", "3")
    assert 0 == assignments(
        tmp_path, "batch", "make", "contractwijziging", "Ander", *options, *more
    )
    shown = words_of(capsys)
    assert "1 toewijzing, 0 geweigerd; 1 cliënt in 1 bericht" in shown
    assert f"1 toewijzing zonder einddatum: geteld tot en met {MORGEN.year}-12-31" in shown
    assert "1 toewijzing met maanden zonder prijs: die maanden tellen niet mee" in shown


def test_a_batch_to_a_municipality_without_messages_is_approved_at_the_terminal(
    huis: Mutatiehuis, tmp_path: Path
) -> None:
    een = huis.make(Herindeling(vanaf=MORGEN, naar=ANDERE), Keuze(nummers=(1,)))
    huis.release(een.nummer, boven=0)
    assert 0 == run(["proposals", "approve", "1", "--store", store_of(tmp_path)])
    assert "loopt" == huis.store.mutatieinzage.een(ALLES, een.nummer).staat


def test_a_consent_without_a_day_is_of_today_in_the_netherlands(
    huis: Mutatiehuis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nacht(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2027, 7, 1, 22, 30, tzinfo=UTC)

    monkeypatch.setattr("gateway.cli.clock.datetime", Nacht)
    assert 0 == assignments(tmp_path, "consent", "add", "2", "einddatum", *CONSENT)
    (een,) = huis.store.instemmingen.lijst(ALLES, 10).rijen
    assert date(2027, 7, 2) == een.vraag.op


def test_what_is_refused_ends_with_one_and_goes_after_a_consent(
    huis: Mutatiehuis, tmp_path: Path, capsys: Captured
) -> None:
    def today() -> int:
        return indexatie(tmp_path, "-10", "--eenheid", "83", vanaf=VANDAAG)

    assert 1 == today()
    text = "toewijzing 2 (OP186): toewijzing 2 eindigt op een dag die voorbij is"
    assert text in words_of(capsys)
    limit = ("--niet-voor", str(VANDAAG - timedelta(days=1)))
    assert 0 == assignments(tmp_path, "consent", "add", "2", "einddatum", *CONSENT, *limit)
    assert 0 == today()
    capsys.readouterr()
    assert 0 == assignments(tmp_path, "consent", "list", "--toewijzing", "2")
    assert "2 einddatum" in words_of(capsys)
    looked = {"partij toewijzingen bekijken", "instemmingen bekijken"}
    assert looked == acts_on_clients(tmp_path)
    assert 0 == assignments(tmp_path, "consent", "withdraw", "1")
    assert 3 == assignments(tmp_path, "consent", "withdraw", "1")
    assert 1 == today()


def test_a_batch_stops_and_goes_on(huis: Mutatiehuis, tmp_path: Path, capsys: Captured) -> None:
    indexatie(tmp_path, "10", "--per-minuut", "6000")
    assert 0 == assignments(tmp_path, "batch", "release", "1")
    assert 0 == assignments(tmp_path, "batch", "stop", "1")
    assert not huis.installation.mutatielus.run_once()
    assert 0 == assignments(tmp_path, "batch", "list")
    assert "gestopt" in words_of(capsys)
    assert 0 == assignments(tmp_path, "batch", "resume", "1", "--direct")
    assert [(2,)] == rows_of(
        tmp_path, "SELECT count(*) FROM mutatie_bericht WHERE inbox_id IS NOT NULL"
    )
    assert 0 == assignments(tmp_path, "batch", "show", "1")


@pytest.mark.parametrize(
    ("words", "code", "tekst"),
    [
        (["batch", "show", "9"], 3, "deze partij bestaat niet"),
        (["batch", "release", "9"], 3, "deze partij bestaat niet"),
        (["batch", "stop", "1"], 3, "dat kan nu niet: deze partij is nog niet vrijgegeven"),
        (["batch", "make", "verlenging", "x", "--gemeente", "0193", "--wet", "wmo"], 2, "vul tot"),
        (
            ["consent", "add", "9", "budget", *CONSENT],
            2,
            "er is geen toewijzing 9 van deze gemeente",
        ),
        (
            ["consent", "add", "1", "budget", *CONSENT, "--niet-onder", "12,50"],
            2,
            "een heel getal",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(
    huis: Mutatiehuis,
    tmp_path: Path,
    capsys: Captured,
    words: list[str],
    code: int,
    tekst: str,
) -> None:
    indexatie(tmp_path, "10")
    capsys.readouterr()
    assert code == assignments(tmp_path, *words)
    assert tekst in sentence(capsys.readouterr().err)


def test_everything_done_is_in_the_log(huis: Mutatiehuis, tmp_path: Path) -> None:
    indexatie(tmp_path, "10")
    assignments(tmp_path, "batch", "release", "1")
    assignments(tmp_path, "batch", "stop", "1")
    acts: list[Any] = rows_of(tmp_path, "SELECT name FROM verwerking ORDER BY dag, nr")
    assert ["maken", "vrijgeven", "stoppen"] == [
        re.sub("^partij toewijzingen ", "", name) for (name,) in acts
    ]


def test_what_a_batch_kept_of_a_client_goes_with_his_dossier(
    huis: Mutatiehuis, tmp_path: Path
) -> None:
    huis.agreed(1, "budget")
    indexatie(tmp_path, "10")
    for clock in ("2060-01-01", "2090-01-01"):
        run(["retention", "run", "--clock", clock, "--apply", "--store", store_of(tmp_path)])
    for table in ("toewijzing", "mutatie_regel", "mutatie_bericht", "instemming"):
        assert [(0,)] == rows_of(tmp_path, f"SELECT count(*) FROM {table}"), table
    assert [(2,)] == rows_of(tmp_path, "SELECT toewijzingen FROM mutatie")
