"""What `gateway ledger forecast` tells of the months in which care begins."""

from __future__ import annotations

from gateway.cli.geld.prognoseuitvoer import inflow_told
from gateway.ledger.geld.instroom import Instroom

JANUARI = 2026 * 12


def test_peaks_are_named_where_there_are_any() -> None:
    months = [JANUARI + n for n in range(1, 12)]
    measured = "nieuwe toewijzingen zijn gemeten over 11 maanden"
    assert [measured] == list(inflow_told(Instroom(months, ())))
    peak = "in 2026-01 begonnen er veel meer dan anders; zo'n maand komt een jaar later terug"
    assert [measured, peak] == list(inflow_told(Instroom(months, [JANUARI])))
