"""Cases 34, 35, 37, 38 and 42 to 52: a network that doubles, delays, freezes and sends back."""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice

import msgspec
import pytest

from tests.faults.campaign import Campaign
from tests.faults.harness import NETWORK, NETWORKS, PATIENCE, Install, Installation, Network
from tests.faults.length import IS_LONG, SEED, TIMES
from tests.faults.load import messages
from tests.integration.berichten import comes_true

# Everything that a network does and that ends by itself.
ALLES = {
    "weg": 0.1,
    "kwijt": 0.2,
    "dubbel": 0.2,
    "bevriezing": 0.05,
    "vertraging": 0.3,
    "bevroren": 1.0,
    "codes": {"CC08": 0.1, "IB216": 0.1},
}


def network_of(installation: Installation, **storingen: object) -> Network:
    edges = installation.edges
    assert isinstance(edges, Network)
    edges.netwerk.storingen = msgspec.convert({**ALLES, **storingen}, type(edges.netwerk.storingen))
    return edges


def calm(installation: Installation, edges: Network) -> None:
    """The faults are over; wait until all is where it has to be."""
    edges.netwerk.storingen = type(edges.netwerk.storingen)()
    rest = comes_true(lambda: edges.netwerk.is_leeg() and installation.drained(0.1), 15)
    assert rest, left_over(installation, edges)


def left_over(installation: Installation, edges: Network) -> dict[str, object]:
    """What did not come to its end, for who has to find out why."""
    return {
        "onbekend": edges.ledger.with_outcome("unknown"),
        "onderweg": [(one.aan, one.referentienummer, one.keer) for one in edges.netwerk._post],
        "onverzonden": installation.rows(
            "SELECT soort, naam, tries, stil, terug, reden FROM outbox WHERE sent_at IS NULL"
        ),
        "bevroren": installation.rows("SELECT * FROM bevriezing"),
        "open": installation.rows(
            "SELECT id, staat, tries, reden FROM inbox WHERE staat <> 'klaar'"
        ),
    }


def doubled(edges: Network) -> list[str]:
    """What the receiver got under more than one number, or under one number in other bytes."""
    edges.look()
    times = Counter(edges._arrived.values())
    several = [naam for naam, count in times.items() if count > 1]
    return several + [nummer for nummer, seen in edges.netwerk.aangeboden.items() if len(seen) > 1]


def test_35_37_38_een_streek_over_een_net_met_alle_storingen(install: Install) -> None:
    installation = install(NETWORK)
    edges = network_of(installation)
    installation.start_all()
    for one in islice(messages(), 8 * TIMES):
        edges.offer(one)
    assert comes_true(lambda: len(edges.aanbieders.kopieen) >= 4, PATIENCE)
    calm(installation, edges)
    assert [] == installation.violations()
    assert [] == doubled(edges)
    answers = installation.rows("SELECT count(*) FROM outbox WHERE soort = 'antwoord'")
    assert answers == [(len(edges._arrived),)]


@pytest.mark.parametrize("modus", NETWORKS)
def test_35_38_gedood_op_elk_punt_van_het_netwerk(install: Install, modus: str) -> None:
    installation = install(modus)
    edges = network_of(installation, bevriezing=0.0)
    campaign = Campaign(installation, messages(), random.Random(SEED))
    campaign.kill_everywhere(None if IS_LONG else 1, 0)
    campaign.offer_again()
    calm(installation, edges)
    assert [] == installation.violations()
    assert [] == doubled(edges)
