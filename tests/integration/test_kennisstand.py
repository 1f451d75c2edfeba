"""What agreements and policy say is known without a restart, and never half."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from gateway.bootstrap import Installation, Place, install
from gateway.config import read_settings
from gateway.inlezen import load_kennis
from gateway.store.beleid import GELDT, Voorstel
from gateway.store.toegang.logboek import Handeling, Spoor
from gateway.toegang.wie import Bereik, Wie
from tests.integration.berichten import PROJECT, made, read_once
from tests.integration.test_hold import ONTVANGEN, Dagen, Uitgang
from tests.opslag import store_of

pytestmark = pytest.mark.usefixtures("opslag")
ZWOLLE = "0193"
BESTAND = "ijsselland-jeugd.toml"
HOLD = '[check.S105]\neffect = "hold"\n'
EERSTE, TWEEDE = (Wie(naam, naam, "gebruiker") for naam in ("eerste", "tweede"))


@pytest.fixture
def overeenkomsten(tmp_path: Path) -> Path:
    folder = tmp_path / "agreements"
    folder.mkdir()
    source = PROJECT / "mappings" / "agreements" / BESTAND
    (folder / BESTAND).write_bytes(source.read_bytes())
    return folder


@pytest.fixture
def huis(opslag: None, tmp_path: Path, overeenkomsten: Path) -> Iterator[Installation]:
    made_here = installed(tmp_path, overeenkomsten)
    yield made_here
    made_here.close()


def installed(folder: Path, overeenkomsten: Path) -> Installation:
    settings = msgspec.structs.replace(read_settings({}), agreements=overeenkomsten)
    with read_once():
        kennis = load_kennis(settings)
    place = Place(url=store_of(folder))
    return install(settings, kennis, Dagen(), place, {"antwoord": Uitgang()})


def verdicts(huis: Installation, *bodies: bytes) -> list[str]:
    found = []
    for body in bodies:
        number = huis.store.inbox.receive("los.xml", [body]).inbox_id
        huis.runtime.drain()
        bericht = huis.store.views.bericht(number)
        assert bericht is not None
        assert bericht.outcome is not None
        found.append(bericht.outcome.verdict)
    return found


def confirm(huis: Installation, inhoud: str) -> None:
    """A policy version of Zwolle, proposed by one and confirmed by a second."""
    act = Handeling(
        naam="beleid", soort="C", spoor=Spoor("1" * 32, "2" * 16), begin=0, einde=0, wie="test"
    )
    voorstel = Voorstel(
        gemeente=ZWOLLE, inhoud=inhoud, vanaf=ONTVANGEN.date(), toelichting="test", basis=0
    )
    versies = huis.store.beleidsversies
    nummer = versies.stel_voor(EERSTE, voorstel, act)
    versies.beslis(Bereik(frozenset({ZWOLLE})), TWEEDE, nummer, GELDT, act)


def price_of_first_cell(huis: Installation) -> int:
    return huis.kennis.overeenkomsten.alle[0].cellen[0].bedrag


def test_a_changed_agreement_is_taken_over(huis: Installation, overeenkomsten: Path) -> None:
    before, hash_before = price_of_first_cell(huis), huis.kennis.grondslag.hash
    assert not huis.stand.look()
    path = overeenkomsten / BESTAND
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"bedrag = {before}", f"bedrag = {before + 100}"), "utf-8")
    assert huis.stand.look()
    assert before + 100 == price_of_first_cell(huis)
    assert hash_before != huis.kennis.grondslag.hash


def test_what_no_start_would_take_is_not_taken_over(
    huis: Installation, overeenkomsten: Path
) -> None:
    before, path = huis.kennis, overeenkomsten / BESTAND
    good = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^bedrag = \d+$", "bedrag = -1", good, count=1, flags=re.M), "utf-8")
    assert not huis.stand.look()
    assert before is huis.kennis
    assert huis.stand.bezwaar is not None
    assert BESTAND in huis.stand.bezwaar
    path.write_text(good, "utf-8")
    assert not huis.stand.look(), "it says again what is known already"
    assert before is huis.kennis
    assert huis.stand.bezwaar is None


def test_a_confirmed_policy_judges_the_next_message(huis: Installation) -> None:
    toewijzing, declaratie = made("JW301"), made("JW323")
    assert ["accepted"] == verdicts(huis, toewijzing)
    confirm(huis, HOLD)
    assert huis.stand.look()
    assert ["held"] == verdicts(huis, declaratie)


def test_a_start_takes_the_policy_that_was_confirmed(
    huis: Installation, tmp_path: Path, overeenkomsten: Path
) -> None:
    confirm(huis, HOLD)
    another = installed(tmp_path, overeenkomsten)
    try:
        assert "hold" == another.kennis.beleid_of(ZWOLLE).effect_of("S105")
    finally:
        another.close()


def test_one_who_changes_both_at_once_is_held_to_both(
    huis: Installation, overeenkomsten: Path
) -> None:
    confirm(huis, HOLD)
    (overeenkomsten / BESTAND).touch()
    assert huis.stand.look()
    assert "hold" == huis.kennis.beleid_of(ZWOLLE).effect_of("S105")
    assert frozenset(huis.kennis.gemeenten) == huis.kennis.overeenkomsten.gemeenten
