"""Obligations and forecasts by API: what the page says, page after page, for who may see it."""

from typing import Any

import httpx
import pytest

from gateway.ledger.geld.verplichting import VERLOPEN
from gateway.toegang.rechten import Rol
from tests.api.dienst import GEMEENTE, Dienst

BEDRAGEN = ("verplicht", "gerealiseerd", "verwacht", "vrijgevallen", "boven")
DELEN = ("gerealiseerd", "nogTeDeclareren", "nogTeLeveren", "instroom")


@pytest.fixture(scope="module")
def client(api: Dienst) -> httpx.Client:
    return api.programma(Rol.FINANCIEN)


def pages(client: httpx.Client, path: str, **asked: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    found = []
    params = {"omvang": 7, **asked}
    while True:
        response = client.get(path, params=params)
        assert 200 == response.status_code, response.text
        found.append(response.json())
        if found[-1]["vanaf"] is None:
            return found
        params["vanaf"] = found[-1]["vanaf"]


def granted(api: Dienst, gemeente: str = "____") -> int:
    ((cents,),) = api.rijen(
        "SELECT sum(CASE WHEN r.debet_credit = 'D' THEN r.ingediend_bedrag "
        "ELSE -r.ingediend_bedrag END) FROM prestatie r JOIN partij p ON p.id = r.partij_id "
        f"WHERE r.toegekend = 1 AND r.tot_volgnr IS NULL AND p.gemeente LIKE '{gemeente}' "
        "AND r.begindatum BETWEEN '2026-01-01' AND '2026-12-31'",
    )
    return int(cents)


def test_groups_on_all_pages_add_up_to_the_total_and_to_the_store(
    api: Dienst, client: httpx.Client
) -> None:
    found = pages(client, "/verplichtingen", jaar=2026)
    rows = [row for page in found for row in page["resultaten"]]
    assert len(found) > 1
    assert len(rows) == len({tuple(row.values())[:4] for row in rows})
    for name in BEDRAGEN:
        assert found[0]["totaal"][name] == sum(row[name] for row in rows)
    for row in rows:
        assert row["verplicht"] == sum(row[name] for name in BEDRAGEN[1:4])
    assert granted(api) == found[0]["totaal"]["gerealiseerd"]


@pytest.mark.parametrize("per", ["wet", "categorie", "aanbieder", "gemeente"])
def test_every_way_of_adding_up_gives_the_same(client: httpx.Client, per: str) -> None:
    (found,) = [client.get("/prognoses", params={"jaar": 2026, "per": per, "omvang": 200}).json()]
    for name in (*DELEN, "prognose"):
        assert found["totaal"][name] == sum(row[name] for row in found["resultaten"])


def test_a_forecast_comes_with_what_it_was_made_of(client: httpx.Client) -> None:
    found = client.get("/prognoses", params={"jaar": 2026, "omvang": 200}).json()
    total = found["totaal"]
    assert total["prognose"] == sum(total[name] for name in DELEN)
    assert [f"2026-{month:02d}" for month in range(1, 13)] == [
        one["maand"] for one in found["maanden"]
    ]
    for name in DELEN:
        assert total[name] == sum(one[name] for one in found["maanden"])
    uses = [row["benutting"] for row in found["resultaten"]]
    assert {"gebruikt", "verplicht", "gemetenPer"} == set(uses[0])
    assert all(one["gebruikt"] <= one["verplicht"] for one in uses)
    assert [False] * 3 == [one["opmerking"] == "" for one in found["eerderePrognoses"]]


def test_the_assignments_of_a_group_add_up_to_it_and_lead_to_their_messages(
    api: Dienst, client: httpx.Client
) -> None:
    groups = client.get("/verplichtingen", params={"jaar": 2026, "omvang": 200}).json()
    own = max(groups["resultaten"], key=lambda row: row["vrijgevallen"])
    group = {
        "categorie": own["productcategorie"],
        **{name: own[name] for name in ("wet", "aanbieder", "gemeente")},
    }
    found = pages(client, "/verplichtingen/toewijzingen", jaar=2026, **group)
    rows = [row for page in found for row in page["resultaten"]]
    assert own["toewijzingen"] == len(rows)
    for name in BEDRAGEN:
        assert own[name] == sum(row[name] for row in rows), name
    released = [one for row in rows for one in row["vrijval"]]
    assert own["vrijgevallen"] == sum(one["bedrag"] for one in released)
    assert [one["soort"] == VERLOPEN for one in released] == [
        one["bericht"] is None for one in released
    ]
    for one in released:
        if one["bericht"] is not None:
            assert 200 == client.get(one["bericht"].removeprefix("/api/v1")).status_code
    assert 200 == client.get(rows[0]["toewijzing"].removeprefix("/api/v1")).status_code
    elsewhere = {**group, "gemeente": "0999"}
    assert 404 == client.get("/verplichtingen/toewijzingen", params=elsewhere).status_code
    auditor = api.programma(Rol.AUDITOR)
    assert 403 == auditor.get("/verplichtingen/toewijzingen", params=group).status_code


def test_a_key_for_one_municipality_sees_that_one(api: Dienst) -> None:
    client = api.programma(Rol.LEZER, GEMEENTE)
    found = client.get("/verplichtingen", params={"jaar": 2026, "per": "gemeente"}).json()
    assert [(GEMEENTE, granted(api, GEMEENTE))] == [
        (row["gemeente"], row["gerealiseerd"]) for row in found["resultaten"]
    ]
    assert 404 == client.get("/verplichtingen", params={"gemeente": "0164"}).status_code


def test_who_sees_no_clients_gets_one_answer_whatever_he_asks(
    api: Dienst, client: httpx.Client
) -> None:
    auditor = api.programma(Rol.AUDITOR)
    everything = client.get("/verplichtingen", params={"jaar": 2026}).json()
    told = auditor.get("/verplichtingen", params={"jaar": 2026}).json()
    assert ([], everything["gemeenten"]) == (told["resultaten"], told["gemeenten"])
    assert granted(api) == told["totaal"]["gerealiseerd"]
    prognose = auditor.get("/prognoses", params={"jaar": 2026}).json()
    assert ([], [], []) == (prognose["resultaten"], prognose["maanden"], prognose["aangifte"])
    for per in ("wet", "categorie", "aanbieder", "gemeente", "groep"):
        for gemeente in everything["gemeenten"]:
            asked = {"jaar": 2026, "per": per, "gemeente": gemeente}
            assert told == auditor.get("/verplichtingen", params=asked).json()
            assert prognose == auditor.get("/prognoses", params=asked).json()


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"jaar": 1999}, 422),
        ({"per": "client"}, 400),
        ({"vanaf": "x"}, 400),
        ({"vanaf": "WzFd"}, 400),
    ],
)
def test_a_wrong_question_is_refused(
    client: httpx.Client, params: dict[str, Any], status: int
) -> None:
    assert status == client.get("/verplichtingen", params=params).status_code


def test_who_may_not_see_money_is_refused(api: Dienst) -> None:
    agb = str(api.rijen("SELECT aanbieder FROM partij ORDER BY 1 LIMIT 1")[0][0])
    assert 403 == api.programma(Rol.AANBIEDER, aanbieder=agb).get("/verplichtingen").status_code
