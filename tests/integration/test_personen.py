"""Four eyes are of two people, whatever account, key or command line each of them uses."""

import os
import pwd
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gateway.cli import run
from gateway.cli.geld.wie import aan_de_machine
from gateway.errors import NietToegestaan, WrongUse
from gateway.store.geld.nazorg.verrekeningopgave import Aanleiding
from gateway.store.geld.voorstellen import Voorstellen, Voorstelsoort, Vraag, nothing
from gateway.store.store import SqlStore
from gateway.store.toegang.gebruikers import NieuweGebruiker
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.namen import AAN_DE_MACHINE, is_bezet
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE, Bereik, Wie
from tests.integration.store_builders import (
    Klok,
    declared,
    line,
    new_store,
    settled,
    toewijzing,
)
from tests.opslag import store_of
from tests.web.huis import handeling

pytestmark = pytest.mark.usefixtures("opslag")
ZWOLLE = Bereik(frozenset({"0193"}))
ANNA, BRAM = Wie("anna", "Anna", "gebruiker"), Wie("bram", "Bram", "gebruiker")


def at_the_machine(account: str) -> Wie:
    return Wie(f"{AAN_DE_MACHINE}{account}", account, "gebruiker")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = new_store(tmp_path, Klok())
    yield made
    made.close()


@pytest.fixture
def bekend(store: SqlStore) -> SqlStore:
    """A store with two users, of whom Anna is known on the machine."""
    for naam in ("anna", "bram"):
        nieuw = NieuweGebruiker(naam=naam, weergave=naam.title())
        store.gebruikers.make(nieuw, handeling("gebruiker maken"))
    known = store.gebruikers.by_naam("anna")
    assert known is not None
    store.gebruikers.set_machineaccount(known.nummer, "a.jansen", handeling("account"))
    return store


def key(store: SqlStore, namens: str | None, *, is_confirmed: bool = True) -> Wie:
    asked = Aanvraag(naam="suite", rol=Rol.FINANCIEN, gemeenten=[ALLE], namens=namens)
    made, text = store.sleutels.make(asked, handeling("sleutel maken"))
    if namens is not None and is_confirmed:
        store.sleutels.confirm(made.nummer, namens, handeling("eigen sleutel bevestigen"))
    wie = store.sleutels.who(text)
    assert wie is not None
    return wie


def proposed(store: SqlStore, wie: Wie) -> int:
    vraag = Vraag(gemeente="0193", soort="iets", onderwerp="iets", inhoud={})
    with store.database.writing(ZWOLLE.scope) as connection:
        return voorstellen_of(store).propose(connection, wie, vraag)


def voorstellen_of(store: SqlStore) -> Voorstellen:
    soorten = {"iets": Voorstelsoort("Iets", nothing)}
    return Voorstellen(store.database, store.now, soorten)


def refused(store: SqlStore, eerste: Wie, tweede: Wie) -> str | None:
    """What the second one is told when he approves what the first one proposed."""
    nummer, told = proposed(store, eerste), None
    try:
        voorstellen_of(store).approve(ZWOLLE, tweede, nummer)
    except NietToegestaan as refusal:
        told = str(refusal)
    assert told == store.personen.bezwaar(eerste.kenmerk, tweede)
    return told


def test_an_account_a_key_and_a_command_of_one_person_are_one(bekend: SqlStore) -> None:
    annas = [ANNA, key(bekend, "anna"), key(bekend, "anna"), at_the_machine("a.jansen")]
    brams = [BRAM, key(bekend, "bram")]
    own = {refused(bekend, one, two) for group in (annas, brams) for one in group for two in group}
    assert {"een tweede persoon beslist hierover, niet wie het voorstelde"} == own
    pairs = [(one, two) for one in annas for two in brams]
    assert {None} == {refused(bekend, one, two) for one, two in [*pairs, *map(reversed, pairs)]}


def test_what_is_nobodys_is_no_first_and_no_second_person(bekend: SqlStore) -> None:
    loose, machine = key(bekend, None), at_the_machine("b.devries")
    told = {refused(bekend, *pair) for pair in ((loose, BRAM), (BRAM, loose))}
    assert {
        "sleutel-1 is van niemand, en telt daarom niet als persoon: een beheerder zegt eerst van "
        "wie hij is, op de pagina Sleutels"
    } == told
    told = {refused(bekend, *pair) for pair in ((machine, ANNA), (ANNA, machine))}
    assert {
        "account b.devries op de machine is van niemand, en telt daarom niet als persoon: een "
        "beheerder zegt eerst van wie het is, op de pagina Gebruikers"
    } == told
    withdrawn = voorstellen_of(bekend).refuse(ZWOLLE, loose, proposed(bekend, loose), "vergissing")
    assert "ingetrokken" == withdrawn.staat


def test_once_it_is_told_whose_a_key_is_another_approves_what_it_proposed(bekend: SqlStore) -> None:
    loose = key(bekend, None)
    nummer = proposed(bekend, loose)
    bekend.sleutels.assign(1, "anna", handeling("eigenaar"))
    with pytest.raises(NietToegestaan, match="nog niet heeft bevestigd"):
        voorstellen_of(bekend).approve(ZWOLLE, BRAM, nummer)
    assert bekend.sleutels.confirm(1, "anna", handeling("eigen sleutel bevestigen"))
    with pytest.raises(NietToegestaan, match="tweede persoon"):
        voorstellen_of(bekend).approve(ZWOLLE, ANNA, nummer)
    assert "uitgevoerd" == voorstellen_of(bekend).approve(ZWOLLE, BRAM, nummer).staat
    with pytest.raises(WrongUse, match="al van iemand"):
        bekend.sleutels.assign(1, "bram", handeling("eigenaar"))
    assert ["anna"] == [one.namens for one in bekend.sleutels.list()]


def test_nobody_is_a_second_person_by_a_key_in_the_name_of_another(bekend: SqlStore) -> None:
    hers, his = (key(bekend, naam, is_confirmed=False) for naam in ("anna", "bram"))
    assert "van bram, die dat nog niet heeft bevestigd" in (refused(bekend, hers, his) or "")
    told = {refused(bekend, *pair) for pair in ((hers, BRAM), (BRAM, hers))}
    assert {
        "sleutel-1 staat op naam van anna, die dat nog niet heeft bevestigd: dat kan anna doen op "
        "de pagina met het eigen account"
    } == told
    act = handeling("eigen sleutel bevestigen")
    assert not bekend.sleutels.confirm(1, "bram", act)
    assert bekend.sleutels.confirm(1, "anna", act)
    assert not bekend.sleutels.confirm(1, "anna", act)
    assert None is refused(bekend, hers, BRAM)
    # By a key in his name nobody takes back what he proposed: it is put aside by another.
    put_aside = voorstellen_of(bekend).refuse(ZWOLLE, his, proposed(bekend, BRAM), "niet mee eens")
    assert "geweigerd" == put_aside.staat
    # What is in her name is hers from the beginning: she does not approve it herself.
    assert bekend.personen.is_dezelfde(key(bekend, "anna", is_confirmed=False).kenmerk, ANNA)


def test_whose_own_key_it_was_withdraws_on_a_page(bekend: SqlStore) -> None:
    nummer = proposed(bekend, key(bekend, "anna"))
    assert "ingetrokken" == voorstellen_of(bekend).refuse(ZWOLLE, ANNA, nummer, "toch niet").staat


def test_without_users_two_accounts_on_the_machine_are_two_people(store: SqlStore) -> None:
    anna, bram = at_the_machine("anna"), at_the_machine("bram")
    assert None is refused(store, anna, bram)
    assert "een tweede persoon beslist hierover" in (refused(store, anna, anna) or "")


def test_a_key_of_who_is_shut_out_opens_nothing(bekend: SqlStore) -> None:
    asked = Aanvraag(naam="suite", rol=Rol.LEZER, gemeenten=[ALLE], namens="bram")
    _, text = bekend.sleutels.make(asked, handeling("sleutel maken"))
    assert bekend.sleutels.who(text) is not None
    bram = bekend.gebruikers.by_naam("bram")
    assert bram is not None
    bekend.gebruikers.set_actief(bram.nummer, False, handeling("uitsluiten"))
    assert bekend.sleutels.who(text) is None
    with pytest.raises(WrongUse, match="geen gebruiker bram"):
        bekend.sleutels.make(asked, handeling("sleutel maken"))


def test_a_command_makes_a_key_of_somebody_and_tells_whose_it_is(
    bekend: SqlStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def keys(*given: str) -> int:
        return run(["keys", *given, "--store", store_of(tmp_path)])

    assert 0 == keys("make", "van anna", "--rol", "lezer", "--namens", "anna")
    assert 0 == keys("make", "los", "--rol", "lezer")
    assert 0 == keys("assign", "2", "bram")
    assert 2 == keys("assign", "2", "anna")
    assert 2 == keys("make", "van wie", "--rol", "lezer", "--namens", "carla")
    assert ["anna", "bram"] == [one.namens for one in bekend.sleutels.list()]
    capsys.readouterr()
    keys("list")
    assert ["anna", "bram"] == re.findall("anna(?= )|bram", capsys.readouterr().out)[-2:]


def test_an_account_on_the_machine_is_of_one_user(bekend: SqlStore) -> None:
    bram = bekend.gebruikers.by_naam("bram")
    assert bram is not None
    with pytest.raises(WrongUse, match="al van een ander"):
        bekend.gebruikers.set_machineaccount(bram.nummer, "a.jansen", handeling("account"))
    assert is_bezet(f"{AAN_DE_MACHINE}bram")


def test_an_account_goes_to_nobody_else_while_what_it_proposed_waits(bekend: SqlStore) -> None:
    nummer = proposed(bekend, at_the_machine("a.jansen"))
    anna = bekend.gebruikers.by_naam("anna")
    assert anna is not None
    for account in (None, "anna"):
        with pytest.raises(WrongUse, match="wacht nog op een tweede persoon"):
            bekend.gebruikers.set_machineaccount(anna.nummer, account, handeling("account"))
    bekend.gebruikers.set_machineaccount(anna.nummer, "a.jansen", handeling("account"))
    assert "uitgevoerd" == voorstellen_of(bekend).approve(ZWOLLE, BRAM, nummer).staat
    bekend.gebruikers.set_machineaccount(anna.nummer, None, handeling("account"))


def test_an_account_stays_whose_it_is_while_an_item_it_put_down_is_open(bekend: SqlStore) -> None:
    settled(bekend, lambda work: work.add_toewijzingen("0193", "jeugdwet", [toewijzing(1)]))
    declared(bekend, [line(1)])
    vraag = Aanleiding(
        van="0193", aan="0166", toewijzingnummer=1, vanaf=date(2025, 1, 1), grond="verhuizing"
    )
    (nummer,) = bekend.verrekeningen.add(ZWOLLE, at_the_machine("a.jansen"), vraag)
    anna = bekend.gebruikers.by_naam("anna")
    assert anna is not None
    with pytest.raises(WrongUse, match="wacht nog op een tweede persoon"):
        bekend.gebruikers.set_machineaccount(anna.nummer, None, handeling("account"))
    bekend.verrekeningen.withdraw(ZWOLLE, BRAM, nummer)
    bekend.gebruikers.set_machineaccount(anna.nummer, None, handeling("account"))


def test_a_variable_makes_nobody_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "iemand-anders")
    own = pwd.getpwuid(os.getuid()).pw_name
    assert at_the_machine(own) == aan_de_machine()


def test_what_a_key_that_ended_proposed_waits_until_it_is_somebodys(bekend: SqlStore) -> None:
    nummer = proposed(bekend, key(bekend, None))
    assert bekend.sleutels.revoke(1, handeling("sleutel intrekken"))
    bekend.sleutels.assign(1, "anna", handeling("eigenaar"))
    assert bekend.sleutels.confirm(1, "anna", handeling("eigen sleutel bevestigen"))
    assert "uitgevoerd" == voorstellen_of(bekend).approve(ZWOLLE, BRAM, nummer).staat


def test_a_key_of_an_aanbieder_is_of_no_user(bekend: SqlStore) -> None:
    asked = Aanvraag(
        naam="ecd", rol=Rol.AANBIEDER, gemeenten=[ALLE], aanbieder="12345678", namens="anna"
    )
    with pytest.raises(WrongUse, match="niet van een gebruiker"):
        bekend.sleutels.make(asked, handeling("sleutel maken"))
