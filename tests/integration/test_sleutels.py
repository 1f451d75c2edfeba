"""Keys of programs, answers that are given again, and the record of checks before sending."""

from datetime import UTC, timedelta

import pytest

from gateway.errors import WrongUse
from gateway.store.store import SqlStore
from gateway.store.toegang.herhalingen import LEASE_SECONDS, Antwoord, Herkomst, Stand
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Recht, Rol
from gateway.toegang.wie import Bereik
from tests.integration.store_builders import Klok
from tests.web.huis import handeling

AANBIEDER = Aanvraag(
    naam="ECD van De Linde", rol=Rol.AANBIEDER, gemeenten=["0193"], aanbieder="12345678", dagen=30
)


def test_a_key_is_shown_once_and_tells_who_comes(store: SqlStore) -> None:
    made, text = store.sleutels.make(AANBIEDER, handeling("sleutel maken"))
    wie = store.sleutels.who(text)
    assert wie is not None
    assert ("sleutel-1", "ECD van De Linde", "sleutel") == (wie.kenmerk, wie.naam, wie.soort)
    bereik = wie.bereik(Recht.AANBIEDEN, frozenset({"0193", "0150"}))
    assert Bereik(frozenset({"0193"}), "12345678") == bereik
    assert [made] == list(store.sleutels.list())
    with store._ground.database.snapshot() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM sleutel").all()
    assert text not in repr(kept)


def test_a_key_that_is_guessed_revoked_or_expired_opens_nothing(
    store: SqlStore, klok: Klok
) -> None:
    made, text = store.sleutels.make(AANBIEDER, handeling("sleutel maken"))
    assert store.sleutels.who(text + "x") is None
    klok.now = made.verloopt_op
    assert store.sleutels.who(text) is None
    klok.now = made.gemaakt_op
    assert store.sleutels.who(text) is not None
    assert [True, False, False] == [
        store.sleutels.revoke(nummer, handeling("intrekken")) for nummer in (1, 1, 9)
    ]
    assert store.sleutels.who(text) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"naam": " "}, "naam nodig"),
        ({"gemeenten": []}, "ten minste één gemeente"),
        ({"dagen": 0}, "dagen"),
        ({"dagen": 5000}, "dagen"),
        ({"aanbieder": None}, "hoort bij een AGB-code"),
        ({"rol": Rol.LEZER}, "hoort bij een AGB-code"),
        ({"aanbieder": "1234567a"}, "8 cijfers"),
    ],
)
def test_a_key_that_would_open_too_much_or_nothing_is_not_made(
    store: SqlStore, change: dict[str, object], sentence: str
) -> None:
    given = {name: getattr(AANBIEDER, name) for name in Aanvraag.__dataclass_fields__} | change
    with pytest.raises(WrongUse, match=sentence):
        store.sleutels.make(Aanvraag(**given), handeling("sleutel maken"))
    assert [] == list(store.sleutels.list())


EERSTE = Herkomst("sleutel-1", "abc", "1" * 64)


def test_the_answer_of_the_first_time_is_given_again(store: SqlStore) -> None:
    known = Antwoord(202, {"location": "/x"}, b"{}")
    assert Stand.AAN_DE_BEURT == store.herhalingen.begin(EERSTE)
    assert Stand.BEZIG == store.herhalingen.begin(EERSTE)
    store.herhalingen.end(EERSTE, known)
    assert known == store.herhalingen.begin(EERSTE)
    assert Stand.ANDER_VERZOEK == store.herhalingen.begin(Herkomst("sleutel-1", "abc", "2" * 64))
    assert Stand.AAN_DE_BEURT == store.herhalingen.begin(Herkomst("sleutel-2", "abc", "2" * 64))


def test_a_request_that_was_cut_off_may_be_done_again(store: SqlStore, klok: Klok) -> None:
    store.herhalingen.begin(EERSTE)
    klok.move(LEASE_SECONDS)
    assert Stand.AAN_DE_BEURT == store.herhalingen.begin(EERSTE)
    assert Stand.BEZIG == store.herhalingen.begin(EERSTE)
    store.herhalingen.free_all()
    assert Stand.AAN_DE_BEURT == store.herhalingen.begin(EERSTE)
    store.herhalingen.drop(EERSTE)
    assert Stand.AAN_DE_BEURT == store.herhalingen.begin(EERSTE)


def test_an_answer_is_forgotten_after_a_day(store: SqlStore, klok: Klok) -> None:
    store.herhalingen.begin(EERSTE)
    store.herhalingen.end(EERSTE, Antwoord(202, {}, b"{}"))
    klok.now += timedelta(days=1, seconds=1)
    assert klok.now.tzinfo is UTC
    assert Stand.AAN_DE_BEURT == store.herhalingen.begin(EERSTE)
