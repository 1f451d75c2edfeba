"""What people had judged again is judged once, also where two processes look for it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.broker import herstellus
from gateway.pipeline.kennis import Kennis
from gateway.store.store import SqlStore
from gateway.store.werk.soorten import Soort
from gateway.werk.opnieuw import judge_again
from tests.integration.berichten import renumbered
from tests.integration.test_besluiten import OURS, Werk
from tests.integration.test_hold import Huis
from tests.opslag import POSTGRESQL, rows_of, running_on

BERICHTEN = 6
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def _here() -> Iterator[None]:
    with running_on(POSTGRESQL):
        yield


def test_two_that_judge_again_at_once_judge_each_message_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    werk = Werk(tmp_path)
    other = Huis(tmp_path, werk.beleid)
    judged: list[int] = []

    def slowly(store: SqlStore, kennis: Kennis, inbox_ids: Iterable[int]) -> Iterator[int]:
        """As long as a large message takes: long enough for the other to take it as well."""
        given = list(inbox_ids)
        judged.extend(given)
        time.sleep(0.1)
        yield from judge_again(store, kennis, given)

    monkeypatch.setattr(herstellus, "judge_again", slowly)
    with closing(werk.huis.installation), closing(other.installation):
        werk.take_in(*(renumbered("JW323", nummer) for nummer in range(BERICHTEN)))
        besluit = werk.decide(soort=Soort.HERSTEL)
        together, until = threading.Barrier(2), time.monotonic() + PATIENCE

        def judge(huis: Huis) -> None:
            together.wait()
            while time.monotonic() < until and left() > 0:
                huis.installation.herstellus.run_once()

        def left() -> int:
            found = werk.store.herbeoordelingen.voortgang(OURS, besluit.nummer)
            return found.totaal - found.gedaan

        threads = [threading.Thread(target=judge, args=(huis,)) for huis in (werk.huis, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 0 == left()
    assert dict.fromkeys(range(1, BERICHTEN + 1), 1) == Counter(judged)
    done = rows_of(tmp_path, "SELECT count(*) FROM werklog WHERE soort = 'klaar'")
    assert [(1,)] == done
