"""Two installations, a municipality and an aanbieder, that exchange files for a year."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from tests.integration.berichten import Tabel, Verwerkt, process, run
from tests.opslag import POSTGRESQL, SQLITE, store_of
from tests.scenarios import uitkomst
from tests.scenarios.opdrachten import opdracht_of
from tests.scenarios.verhaal import FROM_GEMEENTE, HERE, Stap, Verhaal, stap_of, translated

PRIJZEN = HERE / "regels_afgekeurd_uit_het_voorbeeld" / "prijzen.toml"
# Both laws, by XML and by canonical JSON, on both databases: each two of them meet once.
WIJZEN = (
    (SQLITE, ("jeugdwet", "json")),
    (SQLITE, ("wmo", "xml")),
    (POSTGRESQL, ("jeugdwet", "xml")),
    (POSTGRESQL, ("wmo", "json")),
)
NIEUW = 10074  # the assignment that the request leads to: the next free number
ANDER = {"toewijzingnummer": 10073, "productcode": "45A04"}  # one that stays as it is
SAME = (
    "toewijzing",
    "productcode",
    "begindatum",
    "declaratie",
    "regel",
    "bedrag",
    "client",
    "323",
    "325",
    "toegekend",
    "retourcodes",
    "stand",
    "crediteert",
    "gecrediteerdDoor",
    "vervangenDoor",
)


@dataclass(slots=True)
class Kant:
    """One installation: its role, its store, and what became of each message that it took."""

    rol: str
    folder: Path
    options: tuple[str, ...] = ()
    taken: list[Tabel] = field(default_factory=list)

    def take(self, path: Path, klok: date) -> list[Path]:
        """Hand it a message on a day; the answer that it gives, if any."""
        out = self.folder / f"{len(self.taken):03}"
        options = ("--rol", self.rol, "--store", store_of(self.folder), *self.options)
        found: Verwerkt = process(out, path, options=options, klok=klok.isoformat())
        self.taken += found.outcomes
        return sorted((out / "answers").iterdir())

    @property
    def last(self) -> Tabel:
        """What became of the last message."""
        return self.taken[-1]


@dataclass(slots=True)
class Verkeer:
    """What goes between the two: a message is first judged by its sender, then by its receiver.

    With `opdrachten` the sender is handed canonical JSON and makes the message itself.
    """

    verhaal: Verhaal
    folder: Path
    gemeente: Kant
    aanbieder: Kant
    opdrachten: bool

    def send(self, klok: date, soort: str, **given: object) -> str:
        """A message and the answer to it; the verdict of the receiver.  Both ways on one day."""
        stappen = self.verhaal.stappen
        table = translated({"soort": soort, **given}, self.verhaal.wet)
        stap = stap_of("jaar", self.verhaal.wet, klok, stappen, table)
        stappen.append(stap)
        sender, receiver = self.gemeente, self.aanbieder
        if soort not in FROM_GEMEENTE:
            sender, receiver = receiver, sender
        path = self._sent(stap, sender, klok)
        assert ("accepted", []) == (sender.last["verdict"], rejected(sender.last))
        (answer,) = receiver.take(path, klok)
        verdict: str = receiver.last["verdict"]
        assert [] == sender.take(answer, klok)
        assert "accepted" == sender.last["verdict"]
        return verdict

    def _sent(self, stap: Stap, sender: Kant, klok: date) -> Path:
        """The message as it leaves its sender."""
        path = self.folder / f"{stap.stam}.xml"
        if self.opdrachten:
            document = path.with_suffix(".json")
            document.write_bytes(opdracht_of(stap, self.verhaal.wet))
            return next(iter(sender.take(document, klok)))
        path.write_bytes(uitkomst.bytes_of(self.verhaal, stap, self.folder))
        assert [] == sender.take(path, klok), "nobody answers a message of its own"
        return path

    def ledger(self, kant: Kant, capsys: pytest.CaptureFixture[str]) -> Tabel:
        """What `gateway ledger check` tells of one side, line by line."""
        capsys.readouterr()
        run(["ledger", "check", "--per", "line", "--json", "--store", store_of(kant.folder)])
        document: Tabel = json.loads(capsys.readouterr().out)
        return document


def rejected(outcome: Tabel) -> list[str]:
    return [one["rule"] for one in outcome["findings"] if one["effect"] == "reject"]


@pytest.fixture
def verkeer(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Verkeer:
    """Both sides with the same key for fingerprints; only the municipality knows the prices."""
    monkeypatch.setenv("GATEWAY_BSN_SLEUTEL", "een sleutel voor beide kanten")
    for name in ("berichten", "gemeente", "aanbieder"):
        (tmp_path / name).mkdir()
    verhaal = Verhaal(
        naam="jaar",
        wet=request.param[0],
        rol="gemeente",
        klok=date(2025, 1, 2),
        agreements=None,
        stappen=[],
    )
    gemeente = Kant("gemeente", tmp_path / "gemeente", ("--agreements", str(PRIJZEN)))
    aanbieder = Kant("aanbieder", tmp_path / "aanbieder")
    opdrachten = request.param[1] == "json"
    return Verkeer(verhaal, tmp_path / "berichten", gemeente, aanbieder, opdrachten)


def line(month: int, tarief: int = 5000, **given: object) -> Tabel:
    """What was delivered in a month: ten hours, for one price."""
    begin = {"begindatum": date(2025, month, 1), "producttarief": tarief}
    number = {"toewijzingnummer": NIEUW} if month > 6 else {}
    return begin | number | given


def first_half(verkeer: Verkeer) -> list[str]:
    """Assignment, start, invoices of which one is refused, a pause; the verdicts."""
    send = verkeer.send
    return [
        send(date(2025, 1, 2), "301", producten=[{}, ANDER]),
        send(date(2025, 1, 8), "305"),
        send(date(2025, 2, 4), "323", prestaties=[line(1, 4000)]),
        send(date(2025, 3, 4), "323", prestaties=[line(2, 4000)]),
        # March has a new price, which the aanbieder forgot: refused, and sent again.
        send(date(2025, 4, 3), "323", prestaties=[line(3, 4000), line(3, 4500, **ANDER)]),
        send(date(2025, 4, 9), "323", prestaties=[line(3)]),
        send(
            date(2025, 4, 16),
            "307",
            stops=[{"reden_beeindiging": "20", "einddatum": date(2025, 4, 11)}],
        ),
        send(date(2025, 5, 6), "323", prestaties=[line(4, geleverd_volume=4)]),
        send(date(2025, 5, 14), "305", starts=[{"begindatum": date(2025, 5, 12)}]),
        send(date(2025, 6, 4), "323", prestaties=[line(5, geleverd_volume=6)]),
    ]


def second_half(verkeer: Verkeer) -> list[str]:
    """A request with a new assignment, a correction of February, and the end; the verdicts."""
    send = verkeer.send
    wanted = {"ingangsdatum": date(2025, 7, 1), "volume": 5}
    verzoek = {"referentie_aanbieder": "MEER"}
    stays = {"toewijzingnummer": ANDER["toewijzingnummer"]}
    granted = {"toewijzingsdatum": date(2025, 6, 16), **verzoek}
    ends = {**granted, "reden_wijziging": "12", "einddatum": date(2025, 6, 30)}
    begins = {**granted, **wanted, "toewijzingnummer": NIEUW}
    new_start = {
        "toewijzingnummer": NIEUW,
        "toewijzing_ingangsdatum": date(2025, 7, 1),
        "begindatum": date(2025, 7, 1),
    }
    old_stop = {"begindatum": date(2025, 5, 12), "einddatum": date(2025, 6, 30)}
    verdicts = [
        send(date(2025, 6, 10), "317", verzoek=verzoek, te_wijzigen=[wanted], ongewijzigd=[stays]),
        send(date(2025, 6, 12), "319", antwoord={**verzoek, "verzoek_antwoord": "2"}),
        send(date(2025, 6, 16), "301", producten=[ends, {**ANDER, **granted}, begins]),
        send(date(2025, 7, 2), "307", stops=[old_stop]),
        send(date(2025, 7, 3), "305", starts=[new_start]),
        send(date(2025, 7, 4), "323", prestaties=[line(6)]),
        # February was one hour too many: a credit, and the right line, beside July.
        send(
            date(2025, 8, 5),
            "323",
            prestaties=[
                {"credit_van": "R4_1"},
                line(2, 4000, geleverd_volume=9),
                line(7, geleverd_volume=20),
            ],
        ),
    ]
    verdicts += [
        send(date(2025, month + 1, 4), "323", prestaties=[line(month, geleverd_volume=20)])
        for month in (8, 9, 10, 11)
    ]
    stop = {**new_start, "einddatum": date(2025, 12, 31)}
    verdicts.append(send(date(2026, 1, 5), "323", prestaties=[line(12, geleverd_volume=20)]))
    verdicts.append(send(date(2026, 1, 6), "307", stops=[stop]))
    return verdicts


@pytest.mark.parametrize(("opslag", "verkeer"), WIJZEN, indirect=True)
def test_after_a_year_both_ledgers_agree_to_the_cent_and_nothing_is_open(
    opslag: None, verkeer: Verkeer, capsys: pytest.CaptureFixture[str]
) -> None:
    good = "accepted"
    assert [*[good] * 4, "partly", *[good] * 5] == first_half(verkeer)
    assert [good] * 13 == second_half(verkeer)
    gemeente, aanbieder = (
        verkeer.ledger(kant, capsys) for kant in (verkeer.gemeente, verkeer.aanbieder)
    )
    for one in (gemeente, aanbieder):
        assert ([], True) == (one["violations"], one["balanced"])
    assert told(gemeente) == told(aanbieder)
    assert 16 == len(told(gemeente))
    assert {name: gemeente["total"][name] for name in gemeente["total"]} == {
        name: amount for name, amount in aanbieder["total"].items() if name != "wacht"
    }
    assert 0 == aanbieder["total"]["wacht"]
    assert gemeente["messages"] == aanbieder["messages"]
    for kant in (verkeer.gemeente, verkeer.aanbieder):
        capsys.readouterr()
        store = ["--store", store_of(kant.folder)]
        assert 0 == run(["status", "--json", "--clock", "2026-01-06", *store])
        status = json.loads(capsys.readouterr().out)
        assert (0, 0, 0, []) == (
            status["waiting"],
            status["held"],
            status["parked"],
            status["deadlines"]["list"],
        )


def told(document: Tabel) -> list[Tabel]:
    """The lines of a ledger in an order that both sides know."""
    lines = [{name: one[name] for name in SAME} for one in document["lines"]]
    return sorted(lines, key=lambda one: (one["declaratie"], one["regel"]))
