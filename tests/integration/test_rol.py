"""On which side of the messages an installation stands, and for whom."""

from pathlib import Path

import pytest

from tests.integration.berichten import made, process, renumbered, run, sentence, write
from tests.opslag import store_of

pytestmark = pytest.mark.usefixtures("opslag")

AANBIEDER = ("--rol", "aanbieder")


def test_a_message_of_another_aanbieder_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_AANBIEDERS", "12345678")
    mine, other = made("JW301"), made("JW301", (">12345678<", ">99000001<"))
    paths = write(tmp_path / "in", **{"1-van-ons": mine, "2-van-een-ander": other})
    found = process(tmp_path / "out", *paths, options=AANBIEDER)
    assert ["accepted", "invalid"] == found.verdicts
    assert ["aanbieder 99000001 wordt door deze installatie niet bediend"] == found.texts(1)
    assert ["1-van-ons.JW302.xml"] == list(found.answers)


def test_an_aanbieder_serves_every_municipality_and_a_municipality_every_aanbieder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_GEMEENTEN", "0150")
    monkeypatch.setenv("GATEWAY_AANBIEDERS", "12345678")
    zwolle, deventer = made("JW301"), made("JW301", (">0193<", ">0150<"))
    other = made("JW301", (">0193<", ">0150<"), (">12345678<", ">99000001<"))
    paths = write(tmp_path / "in", a=zwolle, b=deventer, c=other)
    found = process(tmp_path / "aanbieder", *paths[:2], options=AANBIEDER)
    assert ["accepted", "accepted"] == found.verdicts
    assert ["accepted"] == process(tmp_path / "gemeente", paths[2]).verdicts


def test_the_setting_is_the_role_without_the_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_ROL", "aanbieder")
    paths = write(tmp_path / "in", toewijzing=made("JW301"))
    assert ["toewijzing.JW302.xml"] == list(process(tmp_path / "uit", *paths).answers)
    own = process(tmp_path / "eigen", *paths, options=("--rol", "gemeente"))
    assert [] == list(own.answers)


def test_a_store_is_of_one_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ("--store", store_of(tmp_path))
    paths = write(tmp_path / "in", toewijzing=made("JW301"), declaratie=renumbered("JW323", "1"))
    assert ["accepted"] == process(tmp_path / "1", paths[0], options=(*AANBIEDER, *store)).verdicts
    capsys.readouterr()
    arguments = ["process", str(paths[1]), "--out", str(tmp_path / "2"), *store]
    assert 2 == run(arguments)
    told = sentence(capsys.readouterr().err)
    assert "deze opslag is van een aanbieder; kies die rol of een andere opslag" == told
