"""Messages of our own out of canonical JSON: made, judged, sent once, and tied to their retour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from tests.integration.berichten import (
    BSN,
    PROJECT,
    Tabel,
    Verwerkt,
    by_name,
    made,
    process,
    schema,
    write,
)
from tests.integration.test_verzoeken import events, retour_on, rows
from tests.opslag import store_of

pytestmark = pytest.mark.usefixtures("opslag")

AANBIEDER = "65656055"
ADRES = {
    "soort": "01",
    "straatnaam": "Dijk",
    "huisnummer": 4,
    "postcode": "8011AB",
    "plaatsnaam": "Zwolle",
    "landcode": "NL",
}
PERSOON = {"bsn": BSN, "geboortedatum": "2012-03-04", "geslacht": "1", "achternaam": "Linde"}
CLIENT = {
    **PERSOON,
    "naamGebruik": "1",
    "contactgegevens": [ADRES],
    "relaties": [
        {"nummer": "1", "soort": "03", "achternaam": "Linde", "naamGebruik": "1", "contact": ADRES}
    ],
}
PRODUCT = {"productcategorie": "45", "code": "45A03"}
OMVANG = {"omvang": 3, "eenheidCode": "04", "frequentieCode": "2"}
LOOPTIJD = {"datumStartToewijzing": "2025-01-01", "datumEindeToewijzing": "2025-12-31"}
TOEWIJZING: Tabel = {
    "opdracht": "toewijzing",
    "bsn": BSN,
    "client": CLIENT,
    "toewijzingen": [{"toewijzingnummer": 10072, **PRODUCT, **LOOPTIJD, **OMVANG}],
}


def opdracht(folder: Path, name: str, given: Tabel, wet: str = "jeugdwet") -> Path:
    """An opdracht as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    base = {"kenmerk": name, "gemeente": "0193", "wet": wet, "aanbieder": AANBIEDER}
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**base, **given}), encoding="utf-8")
    return path


def texts(body: bytes, name: str) -> list[str | None]:
    """The texts of all elements with a local name."""
    return [one.text for one in by_name(etree.fromstring(body), name)]


def test_the_message_holds_all_that_the_opdracht_says(tmp_path: Path) -> None:
    path = opdracht(tmp_path, "a", TOEWIJZING)
    done = process(tmp_path / "uit", path)
    assert (["accepted"], 0) == (done.verdicts, done.code), done.texts()
    (body,) = done.answers.values()
    schema("JW301").assertValid(etree.fromstring(body))
    assert ["a.JW301.xml"] == list(done.answers)
    assert [done.outcomes[0]["identification"]] == texts(body, "Identificatie")
    assert ["2025-12-05"] == texts(body, "Dagtekening")
    assert ["0193", AANBIEDER] == [*texts(body, "Afzender"), *texts(body, "Ontvanger")]
    assert [BSN] == texts(body, "Bsn")
    assert ["Linde", "Linde"] == texts(body, "Achternaam")
    assert ["8011AB", "8011AB"] == texts(body, "Postcode")
    assert ["3"] == texts(body, "Volume")
    assert ["10072"] == texts(body, "ToewijzingNummer")
    (record,) = done.records
    assert ("Toewijzing", 10072) == (record["type"], record["toewijzingnummer"])


def test_the_same_opdracht_again_gives_the_same_message_and_nothing_more(tmp_path: Path) -> None:
    options = ("--store", store_of(tmp_path))
    first = process(tmp_path / "1", opdracht(tmp_path / "a", "zelfde", TOEWIJZING), options=options)
    again = process(tmp_path / "2", opdracht(tmp_path / "b", "zelfde", TOEWIJZING), options=options)
    assert ["duplicate"] == again.verdicts
    assert first.answers == again.answers
    assert [(1,)] == rows(tmp_path, "SELECT count(*) FROM outbox WHERE soort = 'antwoord'")


def test_an_unchanged_assignment_that_goes_along_keeps_when_it_became_known(
    tmp_path: Path,
) -> None:
    options = ("--store", store_of(tmp_path))
    first = opdracht(tmp_path, "a", TOEWIJZING)
    process(tmp_path / "1", first, options=options, klok="2025-01-06")
    other = {"productcategorie": "54", "code": "54001", **LOOPTIJD, **OMVANG}
    second = opdracht(tmp_path, "b", {**TOEWIJZING, "toewijzingen": [other]})
    done = process(tmp_path / "2", second, options=options, klok="2025-03-03")
    assert ["accepted"] == done.verdicts, done.texts()
    (body,) = done.answers.values()
    assert ["10073", "10072"] == texts(body, "ToewijzingNummer")
    assert ["2025-03-03", "2025-01-06"] == texts(body, "Toewijzingsdatum")
    query = "SELECT toewijzingnummer, bekend_op FROM toewijzing WHERE tot_volgnr IS NULL"
    known = [(10072, "2025-01-06"), (10073, "2025-03-03")]
    assert known == rows(tmp_path, f"{query} ORDER BY toewijzingnummer")


@pytest.mark.parametrize("refusing", [False, True])
def test_a_retour_is_tied_to_the_message_that_was_made(refusing: bool, tmp_path: Path) -> None:
    options = ("--store", store_of(tmp_path))
    done = process(tmp_path / "1", opdracht(tmp_path, "a", TOEWIJZING), options=options)
    (body,) = done.answers.values()
    product = "/Bericht/Client/ToegewezenProducten/ToegewezenProduct[1]"
    codes = [(product, ("9332",))] if refusing else []
    (path,) = write(tmp_path / "in", b=retour_on("JW302", body, *codes))
    process(tmp_path / "2", path, options=options)
    assert [("b.xml", 1)] == rows(
        tmp_path, "SELECT naam, heen_id FROM inbox WHERE heen_id IS NOT NULL"
    )
    (told,) = events(tmp_path, "retour-ontvangen")
    assert (not refusing, 1) == (told["goedgekeurd"], told["heenbericht_inbox"])
    # What the aanbieder refuses is told; our own register changes by a new opdracht only.
    assert [(1,)] == rows(tmp_path, "SELECT count(*) FROM toewijzing WHERE tot_volgnr IS NULL")


def test_who_asked_is_told_what_became_of_it_and_never_a_bsn(tmp_path: Path) -> None:
    good = opdracht(tmp_path, "goed", TOEWIJZING)
    bad = opdracht(tmp_path, f"kenmerk {BSN}", {**TOEWIJZING, "toewijzingen": [{**LOOPTIJD}]})
    process(tmp_path / "uit", good, bad, options=("--store", store_of(tmp_path)))
    (told,) = events(tmp_path, "bericht-accepted")
    assert ("goed", [], "JW301") == (told["opdracht"], told["redenen"], told["bericht"])
    (told,) = events(tmp_path, "bericht-rejected")
    assert "kenmerk *****0006" == told["opdracht"]
    assert ["CD079", "TR302"] == [one["regel"] for one in told["redenen"]]
    assert BSN not in json.dumps(told)
    assert all(one["tekst"] for one in told["redenen"])


def test_what_only_the_other_law_has_is_refused_and_not_left_out(tmp_path: Path) -> None:
    given = {"opdracht": "antwoord", "referentieAanbieder": "V1", "antwoord": "afgewezen"}
    given |= {"redenAfwijzing": "5", "verantwoordelijkeGemeente": "0150"}
    done = process(tmp_path / "uit", opdracht(tmp_path, "a", given, "wmo"))
    assert ["rejected"] == done.verdicts
    assert ["een WMO319 heeft geen plaats voor Woonplaatsbeginsel"] == done.texts()


AANVRAAG: Tabel = {
    "opdracht": "aanvraag",
    "client": PERSOON,
    "producten": [
        {
            "referentieAanbieder": "V1",
            **PRODUCT,
            "datumIngangToewijzing": "2025-12-01",
            "datumEindeToewijzing": "2026-05-31",
            "volume": 3,
            "eenheidCode": "04",
            "frequentieCode": "2",
            "soortVerwijzer": "02",
            "verwijzerZorgverlenercode": "01234567",
        }
    ],
}
WIJZIGING: Tabel = {
    "opdracht": "wijziging",
    "bsn": BSN,
    "referentieAanbieder": "W1",
    "redenVerzoek": "1",
    "teWijzigen": [
        {
            "toewijzingnummer": 10072,
            "datumIngangToewijzing": "2025-01-01",
            "datumEindeToewijzing": "2025-12-31",
            "volume": 5,
            "eenheidCode": "04",
            "frequentieCode": "2",
        }
    ],
}


class Kant:
    """One side with its store; what it is handed as an opdracht or a message, one by one."""

    def __init__(self, folder: Path, rol: str) -> None:
        self.folder = folder
        self._options = ("--store", store_of(folder), "--rol", rol)
        self._count = 0
        folder.mkdir()

    def asks(self, given: Tabel) -> bytes:
        """The message that is made of an opdracht; it has to be a good one."""
        done = self._process(opdracht(self.folder / "in", f"o{self._count}", given))
        assert ["accepted"] == done.verdicts, done.texts()
        (body,) = done.answers.values()
        return body

    def refuses(self, given: Tabel) -> list[str]:
        """The rules by which an opdracht is refused."""
        done = self._process(opdracht(self.folder / "in", f"o{self._count}", given))
        assert ["rejected"] == done.verdicts
        return done.rules()

    def takes(self, body: bytes) -> bytes | None:
        """The answer to a message; it has to be a good one."""
        done = self._process(*write(self.folder / "in", **{f"b{self._count}": body}))
        assert ["accepted"] == done.verdicts, done.texts()
        return next(iter(done.answers.values()), None)

    def _process(self, path: Path) -> Verwerkt:
        self._count += 1
        return process(self.folder / f"{self._count}", path, options=self._options)


@pytest.fixture
def kanten(tmp_path: Path) -> tuple[Kant, Kant]:
    """A municipality and an aanbieder."""
    return Kant(tmp_path / "gemeente", "gemeente"), Kant(tmp_path / "aanbieder", "aanbieder")


def test_a_withdrawn_product_goes_on_under_a_new_number(kanten: tuple[Kant, Kant]) -> None:
    """A VOW that changes the Omvang from the first day: nothing is left of the old number."""
    gemeente, aanbieder = kanten
    aanbieder.takes(gemeente.asks(TOEWIJZING))
    gemeente.takes(aanbieder.asks(WIJZIGING))
    body = gemeente.asks({"opdracht": "toekenning", "referentieAanbieder": "W1"})
    assert ["10072", "10073"] == texts(body, "ToewijzingNummer")
    assert ["2025-01-01", "2025-12-31"] == texts(body, "Einddatum")
    assert ["13"] == texts(body, "RedenWijziging")
    assert ["W1", "W1"] == texts(body, "ReferentieAanbieder")
    assert aanbieder.takes(body) is not None


def test_a_vot_is_granted_by_the_rules_of_any_assignment(kanten: tuple[Kant, Kant]) -> None:
    """What goes on is prolonged (OP380), with a RedenWijziging where it changes (IV099)."""
    gemeente, aanbieder = kanten
    (own,) = TOEWIJZING["toewijzingen"]
    aanbieder.takes(gemeente.asks(TOEWIJZING))
    (asked,) = AANVRAAG["producten"]
    gemeente.takes(
        aanbieder.asks(
            {**AANVRAAG, "producten": [{**asked, "datumIngangToewijzing": "2026-01-01"}]}
        )
    )
    given = {"opdracht": "toekenning", "referentieAanbieder": "V1"}
    new = {k: v for k, v in own.items() if k != "toewijzingnummer"}
    new |= {"datumStartToewijzing": "2026-01-01", "datumEindeToewijzing": "2026-05-31"}
    assert ["OP380"] == gemeente.refuses({**given, "toewijzingen": [new]})
    longer = {**own, "datumEindeToewijzing": "2026-05-31"}
    assert ["IV099"] == gemeente.refuses({**given, "toewijzingen": [longer]})
    new = {**own, "toewijzingnummer": 10080, "code": "45A04", "redenWijziging": "04"}
    assert ["IV099"] == gemeente.refuses({**given, "toewijzingen": [new]})
    body = gemeente.asks({**given, "toewijzingen": [{**longer, "redenWijziging": "04"}]})
    assert (["10072"], ["V1"]) == tuple(
        texts(body, name) for name in ("ToewijzingNummer", "ReferentieAanbieder")
    )
    aanbieder.takes(body)


def test_a_vot_for_care_that_goes_on_prolongs_what_there_is(kanten: tuple[Kant, Kant]) -> None:
    gemeente, aanbieder = kanten
    aanbieder.takes(gemeente.asks(TOEWIJZING))
    (asked,) = AANVRAAG["producten"]
    on = {**asked, "datumIngangToewijzing": "2026-01-01"}
    gemeente.takes(aanbieder.asks({**AANVRAAG, "producten": [on]}))
    body = gemeente.asks({"opdracht": "toekenning", "referentieAanbieder": "V1"})
    told = {
        name: texts(body, name)
        for name in ("ToewijzingNummer", "Ingangsdatum", "Einddatum", "RedenWijziging")
    }
    assert {
        "ToewijzingNummer": ["10072"],
        "Ingangsdatum": ["2025-01-01"],
        "Einddatum": ["2026-05-31"],
        "RedenWijziging": ["12"],
    } == told
    assert ["V1"] == texts(body, "ReferentieAanbieder")
    aanbieder.takes(body)


def test_a_request_is_open_again_after_a_refused_319(kanten: tuple[Kant, Kant]) -> None:
    gemeente, aanbieder = kanten
    gemeente.takes(aanbieder.asks(AANVRAAG))
    onderzoek = {"opdracht": "antwoord", "referentieAanbieder": "V1", "antwoord": "in onderzoek"}
    nee = {**onderzoek, "antwoord": "afgewezen", "redenAfwijzing": "7"}
    gemeente.asks(onderzoek)
    body = gemeente.asks(nee)
    assert ["TR359"] == gemeente.refuses({"opdracht": "toekenning", "referentieAanbieder": "V1"})
    gemeente.takes(retour_on("JW320", body, ("/Bericht/Antwoord", ("9359",))))
    query = "SELECT staat, onderzocht FROM verzoek WHERE tot_volgnr IS NULL"
    assert [("in onderzoek", 1)] == rows(gemeente.folder, query)
    gemeente.asks({**nee, "redenAfwijzing": "6"})
    assert [("afgewezen", 1)] == rows(gemeente.folder, query)


def test_a_vow_is_never_for_another_municipality(kanten: tuple[Kant, Kant]) -> None:
    gemeente, aanbieder = kanten
    aanbieder.takes(gemeente.asks(TOEWIJZING))
    gemeente.takes(aanbieder.asks(WIJZIGING))
    nee = {
        "opdracht": "antwoord",
        "referentieAanbieder": "W1",
        "antwoord": "afgewezen",
        "redenAfwijzing": "8",
        "verantwoordelijkeGemeente": "0150",
    }
    assert ["IV095"] == gemeente.refuses(nee)
    assert ["IV095"] == gemeente.refuses({**nee, "wet": "wmo"})
    del nee["verantwoordelijkeGemeente"]
    aanbieder.takes(gemeente.asks({**nee, "redenAfwijzing": "7"}))


def test_a_refused_301_is_sent_again_with_the_reference_of_its_request(
    kanten: tuple[Kant, Kant],
) -> None:
    gemeente, aanbieder = kanten
    gemeente.takes(aanbieder.asks(AANVRAAG))
    body = gemeente.asks({"opdracht": "toekenning", "referentieAanbieder": "V1", "client": CLIENT})
    gemeente.takes(retour_on("JW302", body, ("/Bericht/Client", ("9332",))))
    same = {
        "toewijzingnummer": 1,
        "referentieAanbieder": "V1",
        **PRODUCT,
        **OMVANG,
        "datumStartToewijzing": "2025-12-01",
        "datumEindeToewijzing": "2026-05-31",
    }
    again = gemeente.asks({"opdracht": "toewijzing", "bsn": BSN, "toewijzingen": [same]})
    for name in ("ToewijzingNummer", "Toewijzingsdatum", "Toewijzingstijd", "ReferentieAanbieder"):
        assert texts(body, name) == texts(again, name)
    assert texts(body, "Identificatie") != texts(again, "Identificatie")
    aanbieder.takes(again)


@pytest.mark.parametrize(
    ("rol", "given"), [("gemeente", AANVRAAG), ("aanbieder", TOEWIJZING)], ids=["315", "301"]
)
def test_nobody_sends_the_messages_of_the_other_side(
    rol: str, given: Tabel, tmp_path: Path
) -> None:
    kant = Kant(tmp_path / "kant", rol)
    assert ["JSON"] == kant.refuses(given)


def test_the_example_of_the_documentation_is_accepted(tmp_path: Path) -> None:
    done = process(tmp_path / "uit", PROJECT / "docs" / "voorbeeld" / "06-toewijzing.json")
    assert (["accepted"], 0) == (done.verdicts, done.code), done.texts()


def test_a_received_301_lends_its_client_to_the_next_opdracht(tmp_path: Path) -> None:
    options = ("--store", store_of(tmp_path))
    (path,) = write(tmp_path / "in", a=made("JW301", ("12345678", AANBIEDER)))
    first = process(tmp_path / "1", path, options=options)
    assert ["accepted"] == first.verdicts, first.texts()
    given = {**TOEWIJZING, "toewijzingen": [{**PRODUCT, "code": "45A99", **LOOPTIJD, **OMVANG}]}
    del given["client"]
    done = process(tmp_path / "2", opdracht(tmp_path, "b", given), options=options)
    assert ["accepted"] == done.verdicts, done.texts()
    (body,) = done.answers.values()
    heen = path.read_bytes()
    for name in ("Achternaam", "Datum", "Postcode", "Soort"):
        assert texts(heen, name) == texts(body, name)


def test_what_the_network_brings_is_never_an_opdracht(tmp_path: Path) -> None:
    """Only our own side asks for messages; a sender that sends the same JSON is refused."""
    asked = opdracht(tmp_path, "a", TOEWIJZING).read_bytes()
    (path,) = write(tmp_path / "in", a=asked)
    done = process(tmp_path / "uit", path)
    assert ["invalid"] == done.verdicts
    assert (["XML"], {}) == (done.rules(), done.answers)


@pytest.mark.parametrize(
    "odd",
    [
        {"datumEindeToewijzing": "9999-12-31"},
        {"datumToewijzing": "2025-12-01", "toewijzingstijd": "24:00:00"},
    ],
    ids=["the last day of the calendar", "the last moment of a day"],
)
def test_an_assignment_with_an_odd_moment_does_not_stand_in_the_way(
    odd: Tabel, tmp_path: Path
) -> None:
    kant = Kant(tmp_path / "kant", "gemeente")
    (own,) = TOEWIJZING["toewijzingen"]
    kant.asks({**TOEWIJZING, "toewijzingen": [{**own, **odd}]})
    kant.asks({**TOEWIJZING, "toewijzingen": [{**PRODUCT, "code": "45A04", **LOOPTIJD, **OMVANG}]})
    ended = {**own, "datumEindeToewijzing": "2025-12-30", "redenWijziging": "04"}
    kant.asks({**TOEWIJZING, "toewijzingen": [ended]})


LONG = 1_000_000
DEEP = 100_000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"opdracht": ' + b'{"a": ' * DEEP + b"1" + b"}" * (DEEP + 1), "te diep genest"),
        (b'{"opdracht": "toewijzing", "' + b"x" * LONG + b'": 1}', "x...` hoort hier niet"),
        (b'{"opdracht": "' + b"x" * LONG + b'"}', "x... kan hier niet"),
        (b'{"opdracht": "stop", "client": {', "geen geldig JSON-document"),
        (
            b'{"gemeente": "0150", "opdracht": "antwoord", "kenmerk": "x", "gemeente": "0193",'
            b' "wet": "wmo", "aanbieder": "65656055", "referentieAanbieder": "V1",'
            b' "antwoord": "in onderzoek"}',
            "horen elk één keer",
        ),
    ],
    ids=["deep", "a long name", "a long value", "cut off", "two municipalities"],
)
def test_a_document_that_is_no_opdracht_is_told_in_one_sentence(
    body: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "fout.json"
    path.write_bytes(body)
    done = process(tmp_path / "uit", path)
    (text,) = done.texts()
    assert (["invalid"], ["JSON"]) == (done.verdicts, done.rules())
    assert said in text
    assert 300 > len(text)
