"""The register of the demo: everybody in it, paid on accounts that could be, and a merger."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from gateway.cli.demoregister import fill_register
from gateway.ledger.register.rekening import is_iban
from gateway.simulate.region import Regio
from gateway.toegang.wie import Bereik
from tests.integration.store_builders import Klok, new_store

CODES = [f"990000{place:02}" for place in range(1, 6)]


def test_the_demo_shows_all_that_a_register_is_for(tmp_path: Path) -> None:
    regio = Regio(7, 300)
    store = new_store(tmp_path, Klok())
    try:
        fill_register(store, regio, CODES, [])
        bereik = Bereik(frozenset(one.code for one in regio.gemeenten))
        stand = store.register.stand()
        found = [stand.houder(agb, date(2026, 5, 4)) for agb in CODES]
        assert list(range(1, 6)) == [one.nummer for one in found if one]
        assert {CODES[2], "98000001"} == stand.geheel(3)
        rekeningen = store.rekeningen.van(bereik, CODES)
        assert len(CODES) * len(regio.gemeenten) == len(rekeningen)
        assert all(is_iban(one.rekening.iban) for one in rekeningen)
        assert all("TEST" in one.rekening.iban for one in rekeningen)
        waiting = store.voorstellen.open(bereik)
        assert sorted(one.code for one in regio.gemeenten) == sorted(w.gemeente for w in waiting)
        assert 1 == len(store.register.onderaannemingen())
        assert store.registerkennis.bestanden()
    finally:
        store.close()
