"""Who may do what, and ids that tell nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.toegang.kenmerk import Kenmerken
from gateway.toegang.rechten import RECHTEN, Recht, Rol
from gateway.toegang.wie import ALLE, Bereik, Wie

BEDIEND = frozenset({"0193", "0150"})
KENMERKEN = Kenmerken(b"een sleutel van de tests")


def who(**rollen: set[Rol]) -> Wie:
    return Wie("u1", "Jo", "gebruiker", {k.strip("g"): frozenset(v) for k, v in rollen.items()})


def test_every_role_has_rights() -> None:
    assert set(Rol) == set(RECHTEN)
    assert all(RECHTEN.values())


def test_who_keeps_the_machine_running_sees_no_client() -> None:
    seen = {Recht.WERK_ZIEN, Recht.BSN_ZIEN, Recht.EIGEN_ZIEN, Recht.EXPORTEREN}
    for rol in (Rol.TECHNISCH_BEHEER, Rol.BEHEERDER, Rol.AUDITOR):
        assert not seen & RECHTEN[rol]


def test_a_right_holds_where_the_role_was_given() -> None:
    jo = who(g0193={Rol.BEOORDELAAR}, g0150={Rol.LEZER})
    assert Bereik(frozenset({"0193"})) == jo.bereik(Recht.BEOORDELEN, BEDIEND)
    assert Bereik(BEDIEND) == jo.bereik(Recht.WERK_ZIEN, BEDIEND)
    assert jo.bereik(Recht.BEHEREN, BEDIEND) is None
    assert not jo.mag(Recht.BEHEREN)


def test_a_role_for_all_is_one_for_what_is_served() -> None:
    jo = Wie("u1", "Jo", "gebruiker", {ALLE: frozenset({Rol.LEZER})})
    assert Bereik(BEDIEND) == jo.bereik(Recht.WERK_ZIEN, BEDIEND)
    assert "0150,0193" == Bereik(BEDIEND).scope


def test_a_municipality_that_is_not_served_is_nowhere() -> None:
    assert who(g0999={Rol.LEZER}).bereik(Recht.WERK_ZIEN, BEDIEND) is None


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**32 - 1))
def test_an_id_leads_back_to_its_row_and_to_no_other_kind(nummer: int, deel: int) -> None:
    kenmerk = KENMERKEN.of("regel", nummer, deel)
    assert (nummer, deel) == KENMERKEN.read("regel", kenmerk)
    assert KENMERKEN.read("bericht", kenmerk) is None


@pytest.mark.parametrize("kenmerk", ["", "1", "../x", "0" * 36, "9" * 32])
def test_what_is_no_id_is_nothing(kenmerk: str) -> None:
    assert KENMERKEN.read("bericht", kenmerk) is None


def test_another_installation_has_other_ids() -> None:
    kenmerk = KENMERKEN.of("bericht", 17)
    assert kenmerk == KENMERKEN.of("bericht", 17)
    assert Kenmerken(b"een andere sleutel").read("bericht", kenmerk) is None


@given(st.binary(min_size=16, max_size=16))
def test_the_id_of_a_client_leads_back_to_his_fingerprint_and_does_not_tell_it(
    given_bytes: bytes,
) -> None:
    fingerprint = given_bytes.hex()
    kenmerk = KENMERKEN.of_client(fingerprint)
    assert fingerprint == KENMERKEN.client(kenmerk)
    assert fingerprint != kenmerk.replace("-", "")
    assert KENMERKEN.client("geen kenmerk") is None
    assert fingerprint != Kenmerken(b"een andere sleutel").client(kenmerk)
