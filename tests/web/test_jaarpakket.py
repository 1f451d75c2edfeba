"""The pack of a year and a sample's papers by page and API: what the command makes, to the byte."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO
from pathlib import Path
from threading import Event, Thread
from zipfile import ZipFile

import httpx
import pytest

from gateway.store.toegang.logboek import GOED, IEDEREEN
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from tests.integration.berichten import BSN, run
from tests.integration.test_ledger import STORY, told
from tests.opslag import store_of
from tests.web.huis import KAMPEN, ZWOLLE, Huis, handeling, huis, iedereen

PATH, JAAR = "/geld/jaarafsluiting", "2025"
FORM = {"gemeente": ZWOLLE, "jaar": JAAR, "doel": "overleg"}


@pytest.fixture(scope="module")
def folder(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pakket")
    told(made, STORY)
    return made


@pytest.fixture(scope="module")
def web(folder: Path) -> Iterator[Huis]:
    with huis(folder) as made:
        iedereen(made)
        yield made


@pytest.fixture(scope="module")
def by_command(folder: Path, web: Huis) -> Mapping[str, bytes]:
    """The files of the pack that the command makes."""
    out = folder / "pakketten"
    where = ["--gemeente", ZWOLLE, "--jaar", JAAR, "--out", str(out)]
    assert 0 == run(["ledger", "yearend", "make", *where, "--store", store_of(folder)])
    (made,) = out.glob("jaarafsluiting-*")
    return {one.name: one.read_bytes() for one in made.iterdir()}


def files_in(body: bytes) -> tuple[str, dict[str, bytes]]:
    """The folder in a zip, and the files in that."""
    with ZipFile(BytesIO(body)) as archive:
        assert archive.testzip() is None
        found = {Path(name).name: archive.read(name) for name in archive.namelist()}
        (folder,) = {name.partition("/")[0] for name in archive.namelist()}
    return folder, found


def client(web: Huis, rol: Rol, gemeente: str = ZWOLLE) -> httpx.Client:
    aanvraag = Aanvraag(naam=f"programma {rol.value}", rol=rol, gemeenten=(gemeente,))
    _, sleutel = web.store.sleutels.make(aanvraag, handeling("sleutel maken"))
    koppen = {"Authorization": f"Bearer {sleutel}"}
    adres = f"{web.omgeving.adres}/api/v1"
    return httpx.Client(base_url=adres, headers=koppen, timeout=60, trust_env=False)


def test_the_page_gives_what_the_command_makes(
    web: Huis, folder: Path, by_command: Mapping[str, bytes], tmp_path: Path
) -> None:
    who = web.bezoeker("financien")
    assert "Maak een pakket" in who.get(f"{PATH}?gemeente={ZWOLLE}&jaar={JAAR}").text
    form = who.get(f"{PATH}/pakketten?gemeente={ZWOLLE}&jaar={JAAR}").text
    assert f'<option value="{ZWOLLE}" selected>' in form
    made = who.post(f"{PATH}/pakketten", FORM)
    assert (200, "application/zip") == (made.status_code, made.headers["content-type"])
    name, files = files_in(made.content)
    assert f'attachment; filename="{name}.zip"' == made.headers["content-disposition"]
    assert by_command == files
    assert BSN.encode() not in b"".join(files.values())
    with ZipFile(BytesIO(made.content)) as archive:
        archive.extractall(tmp_path)
    verify = ["ledger", "yearend", "verify", str(tmp_path / name), "--store", store_of(folder)]
    assert 0 == run(verify)
    page = who.get(f"{PATH}?gemeente={ZWOLLE}&jaar={JAAR}").text
    assert name in page
    *_, act = [row for row in web.store.logboek.rows() if row["name"] == "jaarafsluiting maken"]
    assert IEDEREEN == act["betrokkene"]
    assert ("financien", True) == (act["wie"], f"jaar {JAAR}" in act["attributes"])


def test_the_api_gives_it_with_where_it_is(web: Huis, by_command: Mapping[str, bytes]) -> None:
    with client(web, Rol.FINANCIEN) as een:
        made = een.post("/jaarafsluitingen", json={"gemeente": ZWOLLE, "jaar": int(JAAR)})
        assert (201, "application/zip") == (made.status_code, made.headers["content-type"])
        assert by_command == files_in(made.content)[1]
        assert int(made.headers["content-length"]) == len(made.content)
        here = made.headers["location"].removeprefix("/api/v1")
        assert (ZWOLLE, int(JAAR), True, 95_000) == (
            *(een.get(here).json()[name] for name in ("gemeente", "jaar", "klopt")),
            een.get(here).json()["bedragen"]["netto"],
        )


def test_without_a_purpose_or_a_right_there_is_none(web: Huis) -> None:
    who = web.bezoeker("financien")
    who.get(PATH)
    assert 400 == who.post(f"{PATH}/pakketten", FORM | {"doel": ""}).status_code
    assert 404 == who.post(f"{PATH}/pakketten", FORM | {"gemeente": "9999"}).status_code
    for naam in ("beoordelaar", "lezer", "auditor"):
        other = web.bezoeker(naam)
        assert "Maak een pakket" not in other.get(PATH).text
        assert 403 == other.post(f"{PATH}/pakketten", FORM).status_code
    given = {"gemeente": ZWOLLE, "jaar": int(JAAR)}
    with client(web, Rol.LEZER) as lezer, client(web, Rol.FINANCIEN, KAMPEN) as elders:
        assert 403 == lezer.post("/jaarafsluitingen", json=given).status_code
        assert 404 == elders.post("/jaarafsluitingen", json=given).status_code


def test_one_is_made_at_a_time(web: Huis, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway import jaarpakket

    begun, go_on, real = Event(), Event(), jaarpakket.opdracht_of

    def slow(*given: object) -> object:
        begun.set()
        assert go_on.wait(30)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(jaarpakket, "opdracht_of", slow)
    given, statuses = {"gemeente": ZWOLLE, "jaar": int(JAAR)}, []
    before = made_by(web)
    with client(web, Rol.FINANCIEN) as een:
        first = Thread(
            target=lambda: statuses.append(een.post("/jaarafsluitingen", json=given).status_code)
        )
        first.start()
        try:
            assert begun.wait(30)
            busy = een.post("/jaarafsluitingen", json=given)
        finally:
            go_on.set()
            first.join()
    assert (429, "60") == (busy.status_code, busy.headers["retry-after"])
    assert [201] == statuses
    assert before + 1 == made_by(web)


def test_another_process_has_its_turn_too(web: Huis) -> None:
    database = web.store.database
    if database.is_sqlite:
        pytest.skip("a file has one owner")
    given = {"gemeente": ZWOLLE, "jaar": int(JAAR)}
    with client(web, Rol.FINANCIEN) as een:
        with database.turn("jaarpakket") as is_ours:
            assert is_ours
            assert 429 == een.post("/jaarafsluitingen", json=given).status_code
        assert 201 == een.post("/jaarafsluitingen", json=given).status_code


# --- the papers of a sample -------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(folder: Path, web: Huis) -> tuple[str, Mapping[str, bytes]]:
    """Where a sample is, below its pages and the API, and the papers that the command writes."""
    where = ["--gemeente", ZWOLLE, "--jaar", JAAR, "--zaad", "appel", "--out", str(folder / "uit")]
    assert 0 == run(["ledger", "yearend", "sample", *where, "--store", store_of(folder)])
    papers = {one.name: one.read_bytes() for one in (folder / "uit" / "steekproef-1").iterdir()}
    return f"/steekproeven/{web.store.kenmerken.of('steekproef', 1)}", papers


def filled_in(papers: Mapping[str, bytes], oordeel: str) -> bytes:
    """The list of a sample with the same result for every line."""
    rows = list(csv.DictReader(StringIO(papers["posten.csv"].decode("utf-8-sig")), delimiter=";"))
    made = StringIO()
    writer = csv.DictWriter(made, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows({**row, "oordeel": oordeel} for row in rows)
    return made.getvalue().encode()


def test_the_papers_of_a_sample_are_those_of_the_command(
    web: Huis, sample: tuple[str, Mapping[str, bytes]]
) -> None:
    where, papers = sample
    who, here = web.bezoeker("financien"), f"{PATH}{where}/stukken"
    assert here in who.get(f"{PATH}{where}").text
    assert "steekproef 1" in who.get(here).text.lower()
    made = who.post(here, {"doel": "verantwoording"})
    assert (200, "application/zip") == (made.status_code, made.headers["content-type"])
    assert ("steekproef-1", papers) == files_in(made.content)
    assert b'"oordeel": "toegekend"' in papers["post-00001.json"]
    with client(web, Rol.FINANCIEN) as een:
        again = een.post(f"{where}/stukken", json={"doel": "controle door de accountant"})
    assert (200, made.content) == (again.status_code, again.content)
    acts = [row for row in web.store.logboek.rows() if row["name"] == "steekproef uitvoeren"]
    names = dict.fromkeys(row["wie"] for row in acts)
    by_command, by_page, by_api = ([row for row in acts if row["wie"] == wie] for wie in names)
    assert len(by_command) == len(by_page) == len(by_api) > 0
    assert {one["betrokkene"] for one in by_command} == {one["betrokkene"] for one in by_page}
    assert "verantwoording en accountant" in by_page[0]["attributes"]
    assert "controle door de accountant" in by_api[0]["attributes"]


def test_results_come_back_as_a_file(web: Huis, sample: tuple[str, Mapping[str, bytes]]) -> None:
    where, papers = sample
    who, page = web.bezoeker("financien"), f"{PATH}{where}"
    assert f"{page}/uitslagen" in who.get(page).text
    body = filled_in(papers, "goed")
    empty = who.post(f"{page}/uitslagen")
    assert (422, True) == (empty.status_code, "Kies een bestand." in empty.text)
    wrong = who.post(f"{page}/uitslagen", files={"bestand": ("x.csv", filled_in(papers, "fout"))})
    assert (422, True) == (wrong.status_code, "de afwijking ligt boven nul" in wrong.text)
    with client(web, Rol.FINANCIEN) as een:
        seen = een.get(f"{where}/posten")
        assert {None} == {one["oordeel"] for one in seen.json()["resultaten"]}
        koppen = {"Content-Type": "text/csv", "If-Match": seen.headers["etag"]}
        made = who.post(f"{page}/uitslagen", files={"bestand": ("posten.csv", body)})
        assert (303, page) == (made.status_code, made.headers["location"])
        found = een.get(where).json()
        assert (0, "voldoet") == (found["zonderUitslag"], found["fouten"]["oordeel"])
        file = f"{where}/uitslagenbestand"
        assert 412 == een.post(file, content=body, headers=koppen).status_code
        koppen["If-Match"] = een.get(f"{where}/posten").headers["etag"]
        refused = een.post(file, content=filled_in(papers, "prima"), headers=koppen)
        assert (400, True) == (refused.status_code, "het oordeel is" in refused.json()["detail"])
        taken = een.post(file, content=filled_in(papers, ""), headers=koppen)
        assert (400, True) == (taken.status_code, "geen enkele uitslag" in taken.json()["detail"])
        taken = een.post(file, content=body, headers=koppen)
        assert (201, f"/api/v1{where}/posten") == (taken.status_code, taken.headers["location"])
    acts = [row for row in web.store.logboek.rows() if row["name"] == "steekproef beoordelen"]
    good = [row["wie"] for row in acts if row["status_code"] == GOED]
    assert (2, "financien") == (len(good), good[0])


def test_papers_and_results_are_for_who_may_change_money_there(
    web: Huis, sample: tuple[str, Mapping[str, bytes]]
) -> None:
    where, papers = sample
    body, given = filled_in(papers, "goed"), {"doel": "controle"}
    for naam in ("lezer", "auditor"):
        other = web.bezoeker(naam)
        page = other.get(f"{PATH}{where}")
        assert (200, False) == (page.status_code, "Haal de stukken op" in page.text)
        assert 403 == other.post(f"{PATH}{where}/stukken", {"doel": "overleg"}).status_code
        asked = other.post(f"{PATH}{where}/uitslagen", files={"bestand": ("x.csv", body)})
        assert 403 == asked.status_code
    koppen = {"Content-Type": "text/csv", "If-Match": "*"}
    with client(web, Rol.LEZER) as lezer, client(web, Rol.FINANCIEN, KAMPEN) as een:
        for who, status in ((lezer, 403), (een, 404)):
            assert status == who.post(f"{where}/stukken", json=given).status_code
            asked = who.post(f"{where}/uitslagenbestand", content=body, headers=koppen)
            assert status == asked.status_code
    with client(web, Rol.FINANCIEN) as een:
        assert 422 == een.post(f"{where}/stukken", json={}).status_code


def made_by(web: Huis) -> int:
    """How many packs were made, as the log has it."""
    acts = [row for row in web.store.logboek.rows() if row["name"] == "jaarafsluiting maken"]
    return sum(row["status_code"] == GOED for row in acts)
