"""The closing of a year by API: what the page says, and the lines behind it."""

from typing import Any

import httpx
import pytest

from gateway.toegang.rechten import Rol
from tests.api.dienst import GEMEENTE, Dienst
from tests.api.test_verplichtingen import granted, pages
from tests.integration.berichten import comes_true


@pytest.fixture(scope="module")
def client(api: Dienst) -> httpx.Client:
    return api.programma(Rol.FINANCIEN)


def closed(client: httpx.Client, **asked: Any) -> dict[str, Any]:
    # What is still counted is asked again, as the answer says.
    assert comes_true(lambda: 503 != client.get("/sluitingen/2026", params=asked).status_code, 60)
    response = client.get("/sluitingen/2026", params=asked)
    assert 200 == response.status_code, response.text
    found: dict[str, Any] = response.json()
    return found


def test_the_year_closes_and_its_parts_add_up(api: Dienst, client: httpx.Client) -> None:
    found = closed(client)
    assert (2026, True) == (found["jaar"], found["sluit"])
    for one in found["bewijzen"]:
        for side in ("links", "rechts"):
            assert one[side] == sum(p["bedrag"] for p in one["posten"] if p["kant"] == side)
            assert one[side] == sum(group[side] for group in one["groepen"])
        assert 0 == one["verschil"]
    assert (
        granted(api) == next(b for b in found["bewijzen"] if b["code"] == "gerealiseerd")["links"]
    )


@pytest.mark.parametrize(
    "bewijs",
    ["gerealiseerd", "jaargrens", "betaling", "credits", "overlopend", "facturen", "verrekening"],
)
def test_lines_on_all_pages_are_the_amount(client: httpx.Client, bewijs: str) -> None:
    (proof,) = [one for one in closed(client)["bewijzen"] if one["code"] == bewijs]
    lines = [
        line
        for page in pages(client, "/sluitingen/2026/regels", bewijs=bewijs, omvang=50)
        for line in page["resultaten"]
    ]
    assert proof["links"] == sum(line["teltMee"] for line in lines)
    for line in lines:
        assert line["bedrag"] == sum(line["jaren"].values())
    if lines:
        assert 200 == client.get(lines[0]["adres"].removeprefix("/api/v1")).status_code


def test_one_municipality_and_one_aanbieder(client: httpx.Client) -> None:
    (proof,) = [
        one for one in closed(client, gemeente=GEMEENTE)["bewijzen"] if one["code"] == "betaling"
    ]
    group = proof["groepen"][0]
    gemeente, aanbieder = group["sleutel"]
    params = {"bewijs": "betaling", "gemeente": gemeente, "aanbieder": aanbieder, "omvang": 200}
    found = client.get("/sluitingen/2026/regels", params=params).json()
    assert group["links"] == sum(line["teltMee"] for line in found["resultaten"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sluitingen/1999", 422),
        ("/sluitingen/2026?gemeente=0000", 404),
        ("/sluitingen/2026/regels?bewijs=zon", 404),
    ],
)
def test_what_is_not_there_is_a_problem(client: httpx.Client, path: str, status: int) -> None:
    assert status == client.get(path).status_code


def test_who_sees_no_clients_gets_totals_and_no_lines(api: Dienst) -> None:
    auditor = api.programma(Rol.AUDITOR)
    assert {None} == {str(one["groepen"]) and one["groepen"] for one in closed(auditor)["bewijzen"]}
    # A municipality beside all of them would tell what the others come to.
    assert closed(auditor) == closed(auditor, gemeente=GEMEENTE)
    params = {"bewijs": "betaling"}
    assert 403 == auditor.get("/sluitingen/2026/regels", params=params).status_code
    assert (
        403
        == api.programma(Rol.AANBIEDER, aanbieder="12345678").get("/sluitingen/2026").status_code
    )
