"""Payment by the API: what somebody does on the pages, with the same four eyes and versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from gateway.config import Settings
from gateway.store.toegang.herhalingen import Herhalingen
from gateway.store.toegang.personen import SAME
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from tests.integration.betaalhuis import IBANS, LINDE, Betaalhuis, declared
from tests.integration.test_cli_betalen import BETALEN
from tests.web.huis import KAMPEN, ZWOLLE, Huis, handeling, huis

V1 = "/api/v1"
OP = "2026-11-27"


@pytest.fixture
def web(opslag: None, tmp_path: Path) -> Iterator[Huis]:
    file = tmp_path / "betalen.toml"
    file.write_text(BETALEN, encoding="utf-8")
    with huis(tmp_path, Settings(gemeenten=(ZWOLLE, KAMPEN), port=0, betalen=file)) as made:
        yield made


@pytest.fixture
def boek(web: Huis) -> Betaalhuis:
    return declared(web.store, web.klok)


@pytest.fixture
def sleutels(web: Huis) -> Iterator[Any]:
    """Makes programs with a key, each of somebody else unless it is told of whom."""
    people = count()
    with ExitStack() as stack:

        def made(
            rol: Rol = Rol.FINANCIEN, gemeente: str = ZWOLLE, namens: str | None = None
        ) -> httpx.Client:
            if namens is None:
                namens = f"collega{next(people)}"
                web.maak(namens)
            aanvraag = Aanvraag(
                naam=f"programma {rol.value}", rol=rol, gemeenten=(gemeente,), namens=namens
            )
            own, sleutel = web.store.sleutels.make(aanvraag, handeling("sleutel maken"))
            web.store.sleutels.confirm(own.nummer, namens, handeling("eigen sleutel bevestigen"))
            koppen = {"Authorization": f"Bearer {sleutel}"}
            adres = web.omgeving.adres + V1
            return stack.enter_context(
                httpx.Client(base_url=adres, headers=koppen, timeout=30, trust_env=False)
            )

        yield made


def below(response: httpx.Response) -> str:
    assert 201 == response.status_code, response.text
    return str(response.headers["location"]).removeprefix(V1)


def changed(
    client: httpx.Client, adres: str, deel: str, given: dict[str, Any], **koppen: str
) -> httpx.Response:
    """A change of what is at an address, as it is shown now."""
    etag = client.get(adres).headers["etag"]
    return client.post(f"{adres}/{deel}", json=given, headers={"If-Match": etag, **koppen})


def step(client: httpx.Client, run: str, stap: str, **given: Any) -> httpx.Response:
    return changed(client, run, "stappen", {"stap": stap, **given})


def test_a_run_is_made_once_released_sent_and_paid(boek: Betaalhuis, sleutels: Any) -> None:
    een = sleutels()
    (open_,) = een.get("/betalingen/openstaand").json()["resultaten"]
    assert (LINDE, 2, 2500, 0) == (
        *(open_["aanbieder"], open_["stukken"]),
        *(open_["bedrag"], open_["saldo"]),
    )
    key = {"Idempotency-Key": "run-1"}
    first, again = (
        een.post("/betaalruns", json={"gemeente": ZWOLLE}, headers=key) for _ in range(2)
    )
    assert (201, first.content) == (again.status_code, again.content), first.text
    run = below(first)
    assert ("concept", 2500, None) == tuple(
        een.get(run).json()[name] for name in ("stand", "bedrag", "voorstelAdres")
    )
    assert 428 == een.post(f"{run}/stappen", json={"stap": "vrijgeven"}).status_code
    before = een.get(run).headers["etag"]
    key = {"Idempotency-Key": "stap-1", "If-Match": before}
    done = [een.post(f"{run}/stappen", json={"stap": "vrijgeven"}, headers=key) for _ in range(2)]
    assert [(201, done[0].content)] * 2 == [(one.status_code, one.content) for one in done]
    stale = een.post(f"{run}/stappen", json={"stap": "bestand"}, headers={"If-Match": before})
    assert 412 == stale.status_code
    assert 409 == een.get(f"{run}/bestand").status_code
    assert 201 == step(een, run, "bestand").status_code
    files = [een.get(f"{run}/bestand") for _ in range(2)]
    assert [(200, "application/xml")] * 2 == [
        (one.status_code, one.headers["content-type"]) for one in files
    ]
    assert (True, True) == (files[0].content == files[1].content, b"25.00" in files[0].content)
    assert 400 == step(een, run, "betaald").status_code
    assert 201 == step(een, run, "betaald", op=OP).status_code
    assert 409 == step(een, run, "vervallen").status_code
    posten = een.get(f"{run}/journaal").json()["resultaten"]
    assert sum(one["debet"] for one in posten) == sum(one["credit"] for one in posten) > 0

    (betaling,) = een.get("/betalingen").json()["resultaten"]
    adres = betaling["adres"].removeprefix(V1)
    given = {"op": OP, "reden": "rekening opgeheven"}
    assert 201 == changed(een, adres, "terugboeking", given).status_code
    assert 409 == changed(een, adres, "terugboeking", given).status_code
    assert "teruggekomen" == een.get(adres).json()["stand"]
    (open_,) = een.get("/betalingen/openstaand").json()["resultaten"]
    assert (0, 2500) == (open_["bedrag"], open_["saldo"])
    assert [] == boek.verschillen()


def test_above_the_amount_another_key_approves(boek: Betaalhuis, sleutels: Any) -> None:
    boek.declareer(100_000)
    een, ander = sleutels(), sleutels()
    zelf = sleutels(namens="collega0")
    run = below(een.post("/betaalruns", json={"gemeente": ZWOLLE}))
    assert 201 == step(een, run, "vrijgeven").status_code
    shown = een.get(run).json()
    assert "voorgesteld" == shown["stand"]
    voorstel = shown["voorstelAdres"].removeprefix(V1)
    waiting = een.get("/voorstellen", params={"staat": "voorgesteld"}).json()["resultaten"]
    assert [("betaalrun", 102_500)] == [(one["soort"], one["bedrag"]) for one in waiting]
    for who, is_own in ((een, True), (zelf, True), (ander, False)):
        told = who.get(voorstel).json()
        assert (is_own, SAME if is_own else None) == (told["vanMij"], told["bezwaar"])
    good = {"besluit": "goedkeuren"}
    for who in (een, zelf):
        assert 403 == changed(who, voorstel, "besluit", good).status_code
    assert "voorgesteld" == een.get(run).json()["stand"]
    assert 400 == changed(ander, voorstel, "besluit", {"besluit": "weigeren"}).status_code
    assert 201 == changed(ander, voorstel, "besluit", good).status_code
    assert 409 == changed(ander, voorstel, "besluit", good).status_code
    assert ("vrijgegeven", "uitgevoerd") == (
        een.get(run).json()["stand"],
        een.get(voorstel).json()["staat"],
    )
    assert [] == een.get("/voorstellen", params={"staat": "voorgesteld"}).json()["resultaten"]


def test_a_proposal_is_withdrawn_and_its_run_dropped(boek: Betaalhuis, sleutels: Any) -> None:
    boek.declareer(100_000)
    een = sleutels()
    run = below(een.post("/betaalruns", json={"gemeente": ZWOLLE}))
    step(een, run, "vrijgeven")
    voorstel = een.get(run).json()["voorstelAdres"].removeprefix(V1)
    given = {"besluit": "weigeren", "reden": "vergissing"}
    assert 201 == changed(een, voorstel, "besluit", given).status_code
    assert ("ingetrokken", "vergissing") == tuple(
        een.get(voorstel).json()[name] for name in ("staat", "reden")
    )
    assert "concept" == een.get(run).json()["stand"]
    assert 201 == step(een, run, "vervallen").status_code
    assert "vervallen" == een.get(run).json()["stand"]
    assert 201 == een.post("/betaalruns", json={"gemeente": ZWOLLE}).status_code


def test_a_block_holds_payment_until_it_is_lifted(boek: Betaalhuis, sleutels: Any) -> None:
    een = sleutels()
    given = {"gemeente": ZWOLLE, "aanbieder": LINDE, "reden": "onderzoek"}
    blokkade = below(een.post("/blokkades", json=given))
    line = below(een.post("/blokkades", json=given | {"declaratie": "D1", "regel": "R1-1"}))
    assert 400 == een.post("/blokkades", json=given | {"declaratie": "D9"}).status_code
    assert ("aanbieder", None) == tuple(
        een.get(blokkade).json()[name] for name in ("soort", "regelAdres")
    )
    assert een.get(line).json()["regelAdres"].startswith(f"{V1}/regels/")
    refused = een.post("/betaalruns", json={"gemeente": ZWOLLE})
    assert (400, True) == (refused.status_code, "onderzoek" in refused.json()["detail"])
    for one in (blokkade, line):
        assert 201 == changed(een, one, "opheffing", {}).status_code
    assert 409 == changed(een, line, "opheffing", {}).status_code
    assert all(one["opgehevenOp"] for one in een.get("/blokkades").json()["resultaten"])
    assert 201 == een.post("/betaalruns", json={"gemeente": ZWOLLE}).status_code


def test_a_file_that_cannot_be_made_as_it_was_is_refused(
    web: Huis, boek: Betaalhuis, sleutels: Any
) -> None:
    een = sleutels()
    run = below(een.post("/betaalruns", json={"gemeente": ZWOLLE}))
    step(een, run, "vrijgeven")
    step(een, run, "bestand")
    with web.store.database.writing(ZWOLLE) as connection:
        connection.execute(sa.text("UPDATE betaling SET tenaamstelling = 'Een ander'"))
    refused = een.get(f"{run}/bestand")
    assert (409, True) == (refused.status_code, "niet meer te maken" in refused.json()["detail"])


@pytest.mark.parametrize("dag", ["0001-01-01", "9999-12-31"])
def test_a_day_without_a_term_is_refused(boek: Betaalhuis, sleutels: Any, dag: str) -> None:
    refused = sleutels().post("/betaalruns", json={"gemeente": ZWOLLE, "vervaltTot": dag})
    assert (400, True) == (refused.status_code, "te ver weg" in refused.json()["detail"])


def test_who_only_reads_or_works_elsewhere_changes_nothing(boek: Betaalhuis, sleutels: Any) -> None:
    run = below(sleutels().post("/betaalruns", json={"gemeente": ZWOLLE}))
    lezer, elders = sleutels(Rol.LEZER), sleutels(gemeente=KAMPEN)
    block = {"gemeente": ZWOLLE, "aanbieder": LINDE, "reden": "x"}
    for path, given in (
        ("/betaalruns", {"gemeente": ZWOLLE}),
        ("/blokkades", block),
        (f"{run}/stappen", {"stap": "vrijgeven"}),
    ):
        assert 403 == lezer.post(path, json=given).status_code
    assert 403 == lezer.get(f"{run}/bestand").status_code
    for path, given in (("/betaalruns", {"gemeente": ZWOLLE}), ("/blokkades", block)):
        assert 403 == elders.post(path, json=given).status_code
    for path in (run, f"{run}/bestand", f"{run}/journaal"):
        assert 404 == elders.get(path).status_code
    assert 404 == elders.post(f"{run}/stappen", json={"stap": "vervallen"}).status_code


def test_what_was_done_is_in_the_log_with_the_key(
    web: Huis, boek: Betaalhuis, sleutels: Any
) -> None:
    een = sleutels()
    run = below(een.post("/betaalruns", json={"gemeente": ZWOLLE}))
    step(een, run, "vervallen")
    acts = [row["name"] for row in web.store.logboek.rows() if row["wie"].startswith("sleutel")]
    assert ["betaalrun maken", "betaalrun verder zetten"] == acts


# --- accounts


@pytest.fixture
def register(web: Huis, sleutels: Any) -> httpx.Client:
    een: httpx.Client = sleutels()
    given = {"naam": "De Linde", "vanaf": "2024-01-01", "agb": LINDE, "reden": "nieuw contract"}
    assert "/aanbieders/1" == below(een.post("/aanbieders", json=given))
    return een


ACCOUNT = {"gemeente": ZWOLLE, "agb": LINDE, "iban": IBANS[LINDE], "tenaamstelling": "De Linde"}


def test_an_account_is_proposed_and_opened_by_another(
    register: httpx.Client, sleutels: Any
) -> None:
    een, ander, lezer = register, sleutels(), sleutels(Rol.LEZER)
    path = "/aanbieders/1/rekeningen"
    given = {**ACCOUNT, "notitie": "gebeld"}
    wrong = een.post(path, json=given | {"iban": "NL91ABNA0417164301"})
    assert (400, True) == (wrong.status_code, "IBAN" in wrong.json()["detail"])
    assert 400 == een.post(path, json=given | {"agb": "99000099"}).status_code
    assert 403 == een.post(path, json=given | {"gemeente": KAMPEN}).status_code
    assert 403 == lezer.post(path, json=given).status_code
    voorstel = below(een.post(path, json=given))
    assert 400 == een.post(path, json=given).status_code
    told = {one["naam"]: one["waarde"] for one in ander.get(voorstel).json()["gegevens"]}
    assert ("geen rekening", True) == (told["Nu"], IBANS[LINDE] in told["Wordt"])
    assert IBANS[LINDE] not in lezer.get(voorstel).text
    assert [] == een.get(path).json()["resultaten"]
    assert 403 == changed(een, voorstel, "besluit", {"besluit": "goedkeuren"}).status_code
    assert 201 == changed(ander, voorstel, "besluit", {"besluit": "goedkeuren"}).status_code
    (shown,) = een.get(path).json()["resultaten"]
    assert (IBANS[LINDE], OP, V1 + voorstel) == (
        *(shown["iban"], shown["vanaf"]),
        shown["voorstelAdres"],
    )
    (seen,) = lezer.get(path).json()["resultaten"]
    assert "NL** **** 4300" == seen["iban"]
    assert [] == sleutels(gemeente=KAMPEN).get(path).json()["resultaten"]


HAND = {
    **{"gemeente": ZWOLLE, "wet": "jeugdwet", "aanbieder": LINDE, "soort": "instelling"},
    **{"referentie": "dossier 1", "productcode": "45A04", "eenheid": "01"},
    "begindatum": "2025-01-01",
}


@pytest.mark.parametrize(
    ("path", "given", "table"),
    [
        ("/betaalruns", {"gemeente": ZWOLLE}, "betaalrun"),
        ("/blokkades", {"gemeente": ZWOLLE, "aanbieder": LINDE, "reden": "x"}, "betaalblokkade"),
        ("/handtoewijzingen", HAND, "handtoewijzing"),
        ("/aanbieders", {"naam": "De Eik", "vanaf": "2024-01-01", "reden": "x"}, "aanbieder"),
        ("/aanbieders/1/rekeningen", {**ACCOUNT, "notitie": "gebeld"}, "voorstel"),
    ],
)
def test_what_was_cut_off_after_its_commit_is_not_made_again(
    web: Huis,
    boek: Betaalhuis,
    register: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    given: dict[str, Any],
    table: str,
) -> None:
    def count_of() -> int:
        with web.store.database.snapshot() as connection:
            found: int = connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))
        return found

    def cut(*_: object) -> None:
        raise RuntimeError("afgebroken")

    before, key = count_of(), {"Idempotency-Key": "nieuw-1"}
    with monkeypatch.context() as patched:
        patched.setattr(Herhalingen, "end", cut)
        patched.setattr(Herhalingen, "drop", lambda *_: None)
        assert 500 == register.post(path, json=given, headers=key).status_code
    again = register.post(path, json=given, headers=key)
    assert (201, before + 1) == (again.status_code, count_of())
    assert 200 == register.get(below(again)).status_code


@pytest.mark.parametrize(
    ("wijziging", "field", "shown"),
    [
        ({"soort": "naam", "naam": "Lindezorg", "vanaf": "2025-01-01"}, "naam", "Lindezorg"),
        ({"soort": "gegevens", "kvk": "12345678", "contact": "info@x"}, "kvk", "12345678"),
        ({"soort": "einde", "tot": "2026-12-31"}, "tot", "2026-12-31"),
        (
            {"soort": "agb", "agb": "99000012", "vanaf": "2025-01-01"},
            "alleAgbs",
            [LINDE, "99000012"],
        ),
        (
            {"soort": "agb-einde", "agb": LINDE, "vanaf": "2024-01-01", "tot": "2026-12-31"},
            "agbs",
            [{"code": LINDE, "vanaf": "2024-01-01", "tot": "2026-12-31"}],
        ),
        (
            {
                **{"soort": "crediteur", "gemeente": ZWOLLE, "crediteurnummer": "C1"},
                "vanaf": "2025-01-01",
            },
            "crediteuren",
            [{"gemeente": ZWOLLE, "crediteurnummer": "C1", "vanaf": "2025-01-01"}],
        ),
    ],
)
def test_a_provider_is_changed_as_it_was_shown(
    register: httpx.Client, wijziging: dict[str, Any], field: str, shown: object
) -> None:
    given = {"wijziging": wijziging, "reden": "brief"}
    before = register.get("/aanbieders/1").headers["etag"]
    assert 428 == register.post("/aanbieders/1/wijzigingen", json=given).status_code
    key = {"If-Match": before, "Idempotency-Key": "w-1"}
    first, again = (
        register.post("/aanbieders/1/wijzigingen", json=given, headers=key) for _ in range(2)
    )
    assert (201, first.content) == (again.status_code, again.content), first.text
    assert shown == register.get("/aanbieders/1").json()[field]
    late = register.post("/aanbieders/1/wijzigingen", json=given, headers={"If-Match": before})
    assert 412 == late.status_code


def test_agreements_and_mergers_come_by_the_same_call(web: Huis, register: httpx.Client) -> None:
    given = {"naam": "De Eik", "vanaf": "2024-01-01", "agb": "99000022", "reden": "nieuw"}
    assert "/aanbieders/2" == below(register.post("/aanbieders", json=given))

    def asked(**wijziging: Any) -> httpx.Response:
        given = {"wijziging": wijziging, "reden": "brief van de aanbieder"}
        return changed(register, "/aanbieders/1", "wijzigingen", given)

    begin = "2025-01-01"
    stuk = {"overeenkomst": "zwolle", "documentnummer": "D-1", "vanaf": begin}
    assert 201 == asked(soort="contract", **stuk).status_code
    sub = {"onder": 2, "wet": "jeugdwet", "vanaf": begin, "goedgekeurdDoor": "Inkoop"}
    assert 201 == asked(soort="onderaannemer", **sub).status_code
    assert 400 == asked(soort="onderaannemer", **sub).status_code
    shown = register.get("/aanbieders/1").json()
    (contract,), (een,) = shown["contracten"], shown["onderaannemingen"]
    end = {"tot": "2025-12-31"}
    assert 201 == asked(soort="contract-einde", nummer=contract["nummer"], **end).status_code
    assert 201 == asked(soort="onderaannemer-einde", nummer=een["nummer"], **end).status_code
    assert 400 == asked(soort="contract-einde", nummer=99, **end).status_code
    move = {"wat": "fusie", "naar": 2, "dag": "2026-01-01", "agbs": [LINDE]}
    assert 201 == asked(soort="overgang", **move).status_code
    shown = register.get("/aanbieders/1").json()
    assert ("2025-12-31", "2025-12-31", "2025-12-31") == (
        shown["tot"],
        shown["contracten"][0]["tot"],
        shown["onderaannemingen"][0]["tot"],
    )
    assert 422 == asked(soort="onzin").status_code
    *_, last = [
        row for row in web.store.logboek.rows() if row["name"] == "aanbiedersregister wijzigen"
    ]
    assert "brief van de aanbieder" in last["attributes"]


def test_who_only_reads_changes_no_provider(register: httpx.Client, sleutels: Any) -> None:
    lezer = sleutels(Rol.LEZER)
    given = {"naam": "X", "vanaf": "2024-01-01", "reden": "x"}
    assert 403 == lezer.post("/aanbieders", json=given).status_code
    change = {"wijziging": {"soort": "einde", "tot": "2026-12-31"}, "reden": "x"}
    assert 403 == lezer.post("/aanbieders/1/wijzigingen", json=change).status_code
    assert 404 == changed(register, "/aanbieders/1", "../9/wijzigingen", change).status_code
