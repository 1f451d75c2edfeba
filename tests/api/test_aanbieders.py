"""The register by the API: who the providers are, and nothing of accounts or persons."""

from datetime import date

from gateway.ledger.register.wijzigingen import Hernoem, Nieuw
from gateway.records.aanbieder import Overgang
from gateway.store.noteren import no_log
from gateway.toegang.rechten import Rol
from tests.api.dienst import Dienst

BEGIN = date(2024, 1, 1)


def test_the_register_is_given_by_the_page_and_by_number(api: Dienst) -> None:
    api.omgeving.store.register.wijzig(
        [
            Nieuw(naam="De Linde", vanaf=BEGIN, kvk="12345678", agb="97000011"),
            Nieuw(naam="De Eik", vanaf=BEGIN, contact="info@deeik.example", agb="97000022"),
            Hernoem(nummer=2, naam="De Oude Eik", vanaf=date(2025, 1, 1)),
            Overgang(soort="fusie", van=1, naar=2, dag=date(2026, 1, 1), agbs=("97000011",)),
        ],
        no_log,
    )
    client = api.programma(Rol.LEZER)
    first = client.get("/aanbieders", params={"omvang": 1}).json()
    assert ["De Linde"] == [one["naam"] for one in first["resultaten"]]
    second = client.get("/aanbieders", params={"omvang": 1, "vanaf": first["vanaf"]}).json()
    assert (["De Oude Eik"], None) == ([r["naam"] for r in second["resultaten"]], second["vanaf"])
    found = client.get("/aanbieders", params={"zoek": "de eik"}).json()["resultaten"]
    assert [2] == [one["nummer"] for one in found]
    detail = client.get("/aanbieders/2").json()
    assert ["97000011", "97000022"] == detail["alleAgbs"]
    assert ["De Eik", "De Oude Eik"] == [one["naam"] for one in detail["namen"]]
    assert {"code": "97000011", "vanaf": "2026-01-01", "tot": None} in detail["agbs"]
    assert [("fusie", 1, 2)] == [
        (one["soort"], one["van"], one["naar"]) for one in detail["overgangen"]
    ]
    assert "iban" not in str(detail).lower()


def test_who_may_not_see_money_has_no_register_and_what_is_no_number_is_not_there(
    api: Dienst,
) -> None:
    assert 403 == api.programma(Rol.AANBIEDER, aanbieder="99000013").get("/aanbieders").status_code
    client = api.programma(Rol.FINANCIEN)
    for wrong in ("0", "x", "99999999999", "%C2%B2"):
        assert 404 == client.get(f"/aanbieders/{wrong}").status_code
