"""What a statement tells of payment, where there is any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.overzicht import Overzichtregel, sum_of
from gateway.store.inzage.overzicht import Overzichtvraag
from tests.integration import betaalhuis

pytestmark = pytest.mark.usefixtures("opslag")


def lines(huis: Any) -> list[Overzichtregel]:
    vraag = Overzichtvraag(frozenset({"0193"}), frozenset({betaalhuis.LINDE}), "2026-05")
    return list(huis.store.overzichten.alle(vraag))


def test_a_line_tells_its_payment_once_that_was_released_and_what_the_bank_did(
    tmp_path: Path,
) -> None:
    with betaalhuis.betaalhuis(tmp_path) as huis:
        huis.rekening()
        huis.declareer(6600, 100)
        huis.declareer(-500)
        run = huis.maak()
        assert [None] * 3 == [one.betaling for one in lines(huis)], "a plan is nobody's business"
        huis.vrij(run)
        assert {"onderweg"} == {one.betaling.stand for one in lines(huis) if one.betaling}
        assert 0 == sum_of(lines(huis)).betaald
        huis.store.betaalruns.file(betaalhuis.ZWOLLE, run, betaalhuis.BELEID)
        huis.store.betaalruns.paid(betaalhuis.ZWOLLE, run, betaalhuis.VANDAAG)
        payment = huis.in_run(run)[betaalhuis.LINDE]
        found = lines(huis)
        assert {(payment.kenmerk, "betaald", betaalhuis.VANDAAG)} == {
            (one.betaling.kenmerk, one.betaling.stand, one.betaling.betaald_op)
            for one in found
            if one.betaling
        }
        assert (6200, 6200) == (payment.bedrag, sum_of(found).betaald)


def test_what_was_set_off_is_told_as_that(tmp_path: Path) -> None:
    with betaalhuis.betaalhuis(tmp_path) as huis:
        huis.rekening()
        huis.declareer(100)
        huis.declareer(-400)
        huis.betaal(huis.maak())
        found = lines(huis)
        assert ["verrekend"] * 2 == [one.betaling.stand for one in found if one.betaling]
        assert -300 == sum_of(found).betaald
