"""Statements and samples by the page, the API and the command: the same to the cent."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

from gateway.http import jaareinde
from gateway.store.toegang.herhalingen import Herhalingen
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import Bereik
from tests.integration.berichten import run
from tests.integration.jaarhuis import AGB, fill, regel, stuk
from tests.integration.store_builders import settled
from tests.opslag import store_of
from tests.web.huis import BEGIN, KAMPEN, ZWOLLE, Bezoeker, Huis, handeling, huis, iedereen

PATH, V1, JAAR = "/geld/jaarafsluiting", "/api/v1", "2025"
WHERE = {"gemeente": ZWOLLE, "jaar": JAAR}
WHO = {**WHERE, "aanbieder": AGB}
CSV = {"Content-Type": "text/csv"}
EVERYWHERE = Bereik(frozenset({ZWOLLE}))
SMALL = 300
# What is told of the lines of `fill`; the last one is nowhere in the ledger.
LINES = (("R1", "100,00"), ("R2", "100,00"), ("R3", "30,00"), ("R4", "70,00"), ("X9", "12,50"))
TOLD = "referentienummer;bedrag\r\n" + "".join(f"{nr};{bedrag}\r\n" for nr, bedrag in LINES)
Verschil = tuple[str, str, str, int, int, int]
Captured = pytest.CaptureFixture[str]


class _Klok:
    """The clock of a house, as what fills its store moves it."""

    def __init__(self, web: Huis) -> None:
        object.__setattr__(self, "web", web)

    def __setattr__(self, _name: str, moment: Any) -> None:
        self.web.klok.moment = moment  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def folder(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jaarinvoer")


@pytest.fixture(scope="module")
def web(folder: Path) -> Iterator[Huis]:
    """A year of one provider, with so many small lines that a seed chooses from them."""
    with huis(folder) as made:
        fill(made.store, _Klok(made))  # type: ignore[arg-type]
        small = [regel(nr, f"S{nr}", "2025-05-01", "2025-05-31", 40) for nr in range(1, SMALL + 1)]
        settled(made.store, stuk("D3", *small))
        made.klok.moment = BEGIN
        iedereen(made)
        yield made


@pytest.fixture(scope="module")
def programma(web: Huis) -> Iterator[Any]:
    """Makes programs with a key."""
    with ExitStack() as stack:

        def made(rol: Rol = Rol.FINANCIEN, gemeente: str = ZWOLLE) -> httpx.Client:
            aanvraag = Aanvraag(naam=f"programma {rol.value}", rol=rol, gemeenten=(gemeente,))
            _, sleutel = web.store.sleutels.make(aanvraag, handeling("sleutel maken"))
            koppen = {"Authorization": f"Bearer {sleutel}"}
            adres = web.omgeving.adres + V1
            return stack.enter_context(
                httpx.Client(base_url=adres, headers=koppen, timeout=60, trust_env=False)
            )

        yield made


@pytest.fixture(scope="module")
def financien(web: Huis) -> Bezoeker:
    made = web.bezoeker("financien")
    made.get(PATH)
    return made


def below(response: httpx.Response) -> str:
    assert 201 == response.status_code, response.text
    return str(response.headers["location"]).removeprefix(V1)


def detail(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["detail"]


def plain(page: httpx.Response) -> str:
    return " ".join(page.text.replace("\N{NO-BREAK SPACE}", " ").split())


def handed_in(who: Bezoeker, body: bytes, naam: str = "opgave.csv", **given: str) -> httpx.Response:
    form: Mapping[str, object] = {**WHO, **given}
    return who.post(f"{PATH}/verantwoordingen", form, {"bestand": (naam, body)})


def sent(een: httpx.Client, body: bytes, kind: str = "text/csv", **zoek: Any) -> httpx.Response:
    koppen = {"Content-Type": kind, **zoek.pop("koppen", {})}
    return een.post("/verantwoordingen", content=body, params={**WHO, **zoek}, headers=koppen)


def statements(web: Huis) -> list[int]:
    return [one.nummer for one in web.store.verantwoordingen.list(EVERYWHERE, ZWOLLE, int(JAAR))]


def cents(euros: str) -> int:
    return int(euros.replace(",", ""))


# --- statements -------------------------------------------------------------------------------


def by_page(who: Bezoeker, body: bytes) -> list[Verschil]:
    """The differences as the page writes them to a file."""
    made = handed_in(who, body)
    assert 303 == made.status_code, made.text
    where = made.headers["location"]
    page = plain(who.get(where))
    for told in ("afgewezen", "9321", "laat toegekend", "€ 312,50", "€ 299,84", "€ 12,66"):
        assert told in page, told
    given = {"doel": "overleg", "soort": "csv"}
    file = who.post(f"{where}/uitvoer", given).content.decode("utf-8-sig")
    rows = [row.split(";") for row in file.splitlines()[1:]]
    return [(*row[:3], *map(cents, row[3:])) for row in rows]  # type: ignore[misc]


def by_api(een: httpx.Client, body: bytes) -> list[Verschil]:
    """The differences as the API gives them, page after page."""
    where = below(sent(een, body, bestandsnaam="opgave.csv"))
    shown = een.get(where).json()
    assert (31_250, 29_984, 1_266) == tuple(
        shown[name] for name in ("bedrag", "toegekend", "verschil")
    )
    assert shown["verschil"] == sum(one["bedrag"] for one in shown["verklaringen"])
    found: list[Verschil] = []
    pad: str | None = f"{V1}{where}/verschillen?omvang=100"
    while pad is not None:
        blad = een.get(pad.removeprefix(V1)).json()
        assert 100 >= len(blad["resultaten"])
        found += [
            (
                *(one["sleutel"], one["verklaring"], " ".join(one["retourcodes"])),
                *(one["verschil"], one["opgegeven"], one["toegekend"]),
            )
            for one in blad["resultaten"]
        ]
        pad = blad["volgende"]
    return found


def by_command(web: Huis, folder: Path, body: bytes, captured: Captured) -> list[Verschil]:
    """The differences as the command tells them."""
    file, store = folder / "opgave.csv", ("--store", store_of(folder))
    file.write_bytes(body)
    asked = ["import", str(file), *(f"--{name}={value}" for name, value in WHO.items())]
    assert 0 == run(["ledger", "yearend", *asked, *store])
    (nummer,) = statements(web)
    captured.readouterr()
    assert 1 == run(["ledger", "yearend", "compare", str(nummer), "--json", *store])
    return [
        (
            *(one["sleutel"], one["soort"], " ".join(one["codes"])),
            *(one["bedrag"], one["opgegeven"], one["toegekend"]),
        )
        for one in json.loads(captured.readouterr().out)["verschillen"]
    ]


def test_page_api_and_command_explain_the_same_to_the_cent(
    web: Huis, folder: Path, financien: Bezoeker, programma: Any, capsys: Captured
) -> None:
    # The same bytes are taken in once; a row without anything in it changes nothing.
    files = [(TOLD + "\r\n" * place).encode() for place in range(3)]
    page = by_page(financien, files[0])
    assert page == by_api(programma(), files[1])
    assert page == by_command(web, folder, files[2], capsys)
    assert (SMALL + 5, 1_266) == (len(page), sum(one[3] for one in page))
    acts = {row["name"]: row for row in web.store.logboek.rows()}
    assert f"{AGB}, {JAAR}" in acts["verantwoording inlezen"]["attributes"]
    assert "verantwoording vergelijken" in acts


def test_a_workbook_with_other_headings_is_read_as_it_is(
    financien: Bezoeker, programma: Any
) -> None:
    book = Workbook()
    sheet = book.create_sheet("Productie")
    for row in (("Verantwoording 2025",), ("Bsn", "Omzet", "Regelnr."), ("999900006", 100, "R1")):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    form = {"blad": "Productie", "koprij": "2", "bedrag": "omzet", "referentienummer": "regelnr."}
    made = handed_in(financien, file.getvalue(), "opgave.xlsx", **form)
    page = plain(financien.get(made.headers["location"]))
    for told in ("opgave.xlsx", "1 per regel", "€ 100,00"):
        assert told in page, told
    assert "999900006" not in page
    again = {"blad": "Productie", "koprij": 2, "kopBedrag": "Omzet"}
    again |= {"kopReferentienummer": "Regelnr.", "bestandsnaam": "opgave.xlsx"}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    refused = detail(sent(programma(), file.getvalue(), kind, **again))
    assert (400, True) == (refused[0], refused[1].startswith("dit bestand is al ingelezen"))


WRONG = (
    (b"referentienummer;bedrag\nR1;1,00\nR2;een euro\n", "rij 3: ‘een euro’ is geen bedrag"),
    (b"bedrag;toewijzingnummer\n1,00;bsn 999900006\n", "rij 2: ‘bsn *****0006’ is geen"),
    (b"bedrag;toewijzingnummer;productcode\n1,00;1;" + b"4" * 70, "is geen productcode"),
    (b"bedrag\n1,00\n", "heeft de kolom referentienummer of toewijzingnummer nodig"),
    (b"referentienummer;bedrag\nR1;" + b"x" * 200_000, "geen goede CSV: zie regel 2"),
    (b"a\0b", "geen CSV en geen werkmap van Excel"),
    (b"PK\x03\x04 en dan niets", "is beschadigd"),
)


@pytest.mark.parametrize(("body", "told"), WRONG)
def test_what_is_no_statement_is_told_with_its_row_and_changes_nothing(
    web: Huis, financien: Bezoeker, programma: Any, body: bytes, told: str
) -> None:
    before = statements(web)
    page = handed_in(financien, body)
    assert (422, True) == (page.status_code, told in plain(page)), plain(page)
    status, text = detail(sent(programma(), body))
    assert (400, True) == (status, told in text), text
    assert "999900006" not in page.text + text
    assert before == statements(web)


def test_the_form_tells_what_is_missing_per_field(web: Huis, financien: Bezoeker) -> None:
    before = statements(web)
    page = financien.post(f"{PATH}/verantwoordingen", {**WHO, "aanbieder": "1", "koprij": "x"})
    told = ("Een AGB-code heeft acht cijfers.", "Kies een bestand.", "Vul een nummer in.")
    assert (422, True) == (page.status_code, all(one in page.text for one in told))
    assert '<details class="uitklap" open>' in page.text
    assert f'href="{PATH}?gemeente={ZWOLLE}&amp;jaar={JAAR}">Jaarafsluiting' in page.text
    other = plain(handed_in(financien, TOLD.encode(), aanbieder="99999999"))
    assert "Aanbieder 99999999 is bij gemeente 0193 niet bekend." in other
    assert before == statements(web)


def test_a_file_is_no_larger_than_may_be(
    web: Huis, financien: Bezoeker, programma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"referentienummer;bedrag\n" + b" " * jaareinde.LARGEST_SHEET
    page = handed_in(financien, body)
    assert (422, True) == (page.status_code, "hoogstens 25 MB" in page.text)
    assert 413 == sent(programma(), body).status_code
    few = jaareinde.BY_HTTP._replace(rijen=5)
    monkeypatch.setattr(jaareinde, "BY_HTTP", few)
    status, text = detail(sent(programma(), TOLD.encode()))
    assert (400, "dit bestand heeft meer dan 5 rijen") == (status, text)


def test_a_statement_is_of_the_own_municipality_and_for_who_may_change_money(
    web: Huis, financien: Bezoeker, programma: Any
) -> None:
    before = statements(web)
    alone = web.bezoeker(f"financien {ZWOLLE}")
    form = alone.get(f"{PATH}/verantwoordingen?gemeente={KAMPEN}&jaar={JAAR}&aanbieder={AGB}").text
    assert (True, False) == (f'value="{AGB}"' in form, f'value="{KAMPEN}"' in form)
    assert 422 == handed_in(alone, TOLD.encode(), gemeente=KAMPEN).status_code
    lezer, elders = programma(Rol.LEZER), programma(Rol.FINANCIEN, KAMPEN)
    assert 403 == sent(programma(), TOLD.encode(), gemeente=KAMPEN).status_code
    assert 403 == sent(lezer, TOLD.encode()).status_code
    assert 415 == sent(programma(), TOLD.encode(), "application/json").status_code
    (known,) = lezer.get("/verantwoordingen", params=WHERE).json()["resultaten"]
    where = known["adres"].removeprefix(V1)
    assert 403 == lezer.post(f"{where}/vergelijking", json={}).status_code
    assert [] == elders.get("/verantwoordingen").json()["resultaten"]
    assert 404 == elders.post(f"{where}/vergelijking", json={}).status_code
    for naam in ("lezer", "auditor", "beoordelaar"):
        other = web.bezoeker(naam)
        page = other.get(f"{PATH}?gemeente={ZWOLLE}&jaar={JAAR}").text
        assert "Lees een verantwoording in" not in page
        assert "Trek een steekproef" not in page
        assert 403 == handed_in(other, TOLD.encode()).status_code
    assert before == statements(web)


def test_a_statement_is_laid_beside_the_ledger_again(
    web: Huis, financien: Bezoeker, programma: Any
) -> None:
    een, body = programma(), TOLD.replace("X9", "X10").encode()
    where = below(sent(een, body))
    shown = een.get(where)
    given = {"oordeel": "betwist", "toelichting": "nagevraagd"}
    koppen = {"If-Match": shown.headers["etag"]}
    assert 201 == een.post(f"{where}/oordeel", json=given, headers=koppen).status_code
    web.klok.later(minutes=1)
    assert where == below(een.post(f"{where}/vergelijking", json={}))
    # The amounts are the same, so the decision stands.
    assert "betwist" == een.get(where).json()["staat"]
    settled(web.store, stuk("D4", regel(1, "R9", "2025-07-01", "2025-07-31", 100)))
    page = f"{PATH}{where}"
    assert 303 == financien.post(f"{page}/vergelijking").status_code
    now = een.get(where).json()
    assert ("ontvangen", shown.json()["toegekend"] + 100) == (now["staat"], now["toegekend"])
    assert "Vergelijk met het grootboek van nu" in financien.get(page).text


def test_what_cannot_be_compared_now_is_kept_and_compared_later(
    web: Huis, financien: Bezoeker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.errors import TemporaryFailure
    from gateway.store.jaareinde.verantwoordingen import Verantwoordingen

    def away(*_: object) -> None:
        raise TemporaryFailure("later opnieuw")

    with monkeypatch.context() as patched:
        patched.setattr(Verantwoordingen, "compare", away)
        made = handed_in(financien, TOLD.replace("X9", "X11").encode())
    page = made.headers["location"]
    assert "Nog niet vergeleken met het grootboek." in financien.get(page).text
    assert 303 == financien.post(f"{page}/vergelijking").status_code
    assert "Nog niet vergeleken" not in financien.get(page).text


def test_a_statement_that_was_cut_off_after_its_commit_is_not_taken_in_again(
    web: Huis, programma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    een, body = programma(), TOLD.replace("X9", "X12").encode()

    def cut(*_: object) -> None:
        raise RuntimeError("afgebroken")

    with monkeypatch.context() as patched:
        patched.setattr(Herhalingen, "end", cut)
        assert 500 == sent(een, body, koppen={"Idempotency-Key": "opgave-1"}).status_code
    before = statements(web)
    again = below(sent(een, body, koppen={"Idempotency-Key": "opgave-1"}))
    assert before == statements(web)
    assert een.get(again).json()["vergelekenOp"]
    assert 422 == sent(een, TOLD.encode(), koppen={"Idempotency-Key": "opgave-1"}).status_code


# --- samples ----------------------------------------------------------------------------------


def drawn(web: Huis) -> list[int]:
    return [one.nummer for one in web.store.steekproeven.list(EVERYWHERE, ZWOLLE, int(JAAR))]


def posten(web: Huis, nummer: int) -> list[tuple[int, int, int]]:
    _, found = web.store.steekproeven.get(EVERYWHERE, nummer)
    return [(one.stuk_id, one.regelnr, one.bedrag) for one in found]


def trek(een: httpx.Client, zaad: str, key: str | None = None, **given: Any) -> httpx.Response:
    asked = {"gemeente": ZWOLLE, "jaar": int(JAAR), "zaad": zaad, **given}
    koppen = {} if key is None else {"Idempotency-Key": key}
    return een.post("/steekproeven", json=asked, headers=koppen)


def test_page_api_and_command_draw_the_same_from_a_seed(
    web: Huis, folder: Path, financien: Bezoeker, programma: Any
) -> None:
    page = financien.post(f"{PATH}/steekproeven", {**WHERE, "aanbieder": "", "zaad": "appel"})
    assert (303, True) == (page.status_code, "Zaad" in financien.get(page.headers["location"]).text)
    een = programma()
    where = below(trek(een, "appel"))
    asked = ["sample", "--gemeente", ZWOLLE, "--jaar", JAAR, "--zaad", "appel"]
    assert 0 == run(["ledger", "yearend", *asked, "--store", store_of(folder)])
    (third, second, first), other = drawn(web)[:3], below(trek(een, "peer", aanbieder=AGB))
    assert posten(web, first) == posten(web, second) == posten(web, third)
    last = drawn(web)[0]
    assert posten(web, first) != posten(web, last)
    assert 3 < len(posten(web, first)) < SMALL
    shown = een.get(where).json()
    assert (len(posten(web, second)), "appel", ZWOLLE) == tuple(
        shown[name] for name in ("zonderUitslag", "zaad", "gemeente")
    )
    assert AGB == een.get(other).json()["aanbieder"]
    listed = een.get("/steekproeven", params={**WHERE, "omvang": 2}).json()["resultaten"]
    assert [other, where] == [one["adres"].removeprefix(V1) for one in (listed[0], shown)]
    acts = [row for row in web.store.logboek.rows() if row["name"] == "steekproef trekken"]
    assert f"allen, {JAAR}" in acts[0]["attributes"]


def test_what_is_found_in_a_drawn_sample_is_projected_the_same_everywhere(
    web: Huis, folder: Path, financien: Bezoeker, programma: Any, capsys: Captured
) -> None:
    een = programma()
    where = below(trek(een, "kers"))
    nummer, count = drawn(web)[0], een.get(where).json()["posten"]
    seen = {"If-Match": een.get(f"{where}/posten").headers["etag"]}
    good = [{"post": nr, "oordeel": "goed"} for nr in range(2, count + 1)]
    assert 201 == een.post(f"{where}/uitslagen", json={"uitslagen": good}, headers=seen).status_code
    page = f"{PATH}{where}"
    wrong = {"post": "1", "oordeel": "fout", "afwijking": "0,10", "reden": "te veel uren"}
    assert 303 == financien.post(page, wrong).status_code
    capsys.readouterr()
    run(["ledger", "yearend", "project", str(nummer), "--json", "--store", store_of(folder)])
    told = json.loads(capsys.readouterr().out)["uitkomst"]
    shown = een.get(where).json()
    assert (0, told["fouten"]) == (
        shown["zonderUitslag"],
        {name: shown["fouten"][name] for name in told["fouten"]},
    )
    assert told["oordeel_fouten"] == shown["fouten"]["oordeel"]
    assert told["oordeel_fouten"] in plain(financien.get(page))


def test_a_sample_that_is_asked_for_again_is_drawn_once(web: Huis, programma: Any) -> None:
    een, before = programma(), len(drawn(web))
    first, again = (trek(een, "druif", "trekking-1") for _ in range(2))
    assert (201, first.content) == (again.status_code, again.content)
    assert below(first) == below(again)
    assert before + 1 == len(drawn(web))
    assert 422 == trek(een, "meloen", "trekking-1").status_code


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"zaad": "999900006"}, "Dit zaad kan een BSN zijn; kies een ander."),
        ({"zaad": "x" * 81}, "Een zaad heeft 1 tot en met 80 tekens."),
        ({"zaad": ""}, "Vul dit in."),
        ({"aanbieder": "1"}, "Een AGB-code heeft acht cijfers."),
        ({"aanbieder": "99999999"}, "Er is niets toegekend om een steekproef uit te trekken."),
        ({"gemeente": "9999"}, "Kies een van de mogelijkheden."),
    ],
)
def test_what_cannot_be_drawn_is_told_on_the_form(
    web: Huis, financien: Bezoeker, given: dict[str, str], told: str
) -> None:
    before = drawn(web)
    page = financien.post(f"{PATH}/steekproeven", {**WHERE, "zaad": "appel", **given})
    assert (422, True) == (page.status_code, told in plain(page)), plain(page)
    assert before == drawn(web)


def test_a_sample_is_drawn_by_who_may_change_money_there(web: Huis, programma: Any) -> None:
    before = drawn(web)
    assert 403 == trek(programma(Rol.LEZER), "appel").status_code
    assert 403 == trek(programma(), "appel", gemeente=KAMPEN).status_code
    for wrong in ("", "a\u0000b", "999900006"):
        assert trek(programma(), wrong).status_code in (400, 422)
    assert before == drawn(web)


def test_one_goes_over_a_year_at_a_time(web: Huis, financien: Bezoeker, programma: Any) -> None:
    een, before = programma(), (statements(web), drawn(web))
    with web.omgeving.jaarbeurt():
        busy = [trek(een, "appel"), sent(een, TOLD.replace("X9", "X13").encode())]
        assert 429 == handed_in(financien, TOLD.replace("X9", "X13").encode()).status_code
    assert [(429, "10")] * 2 == [(one.status_code, one.headers["retry-after"]) for one in busy]
    assert before == (statements(web), drawn(web))
