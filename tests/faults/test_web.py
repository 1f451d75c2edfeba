"""Cases 2, 36, 40 and 70 to 74: who serves falls over, or is asked for what it may not give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from gateway.api.tabel import EINDPUNTEN
from gateway.toegang.rechten import Rol
from gateway.web.paginas import PADEN
from tests.api.storm import storm
from tests.faults.harness import (
    EMBEDDED,
    PRODUCTION,
    SHARED,
    Install,
    Installation,
    installed,
)
from tests.faults.length import IS_LONG, TIMES, modes, only_long
from tests.faults.load import Message, family
from tests.faults.points import DECIDED, OFFERED
from tests.faults.served import (
    Served,
    is_cut_off,
    key_of,
    others,
    serve,
    until_answered,
    user_of,
)
from tests.integration.berichten import comes_true
from tests.web.huis import Bezoeker

XML = {"Content-Type": "application/xml"}
ELSEWHERE = "0164"
PARALLEL = 8
PLANTED = "a" * 43
SETTLED = "terecht afgewezen"
READS = [one.pad for one in EINDPUNTEN if one.methode == "GET" and "{kenmerk}" in one.pad]


Browse = Callable[[Served, str | None], Bezoeker]


@pytest.fixture
def browse() -> Iterator[Browse]:
    """Gives somebody a browser of his own, logged in where he has a name."""
    with ExitStack() as stack:

        def opened(served: Served, naam: str | None) -> Bezoeker:
            made = Bezoeker(served.adres)
            stack.callback(made.client.close)
            if naam is not None:
                assert 303 == made.log_in(naam).status_code
            return made

        yield opened


def agb(number: int) -> str:
    """The provider of a family."""
    return str(60_000_000 + number)


def begun(installation: Installation, families: int, *, whole: int = 0) -> Served:
    """Who serves after some families sent assignments and starts, and so many of them everything.

    Those with everything are the last ones.  All of it was handled.
    """
    others(installation)
    serving = serve(installation)
    for number in range(1, families + 1):
        installation.edges.offer(*family(number)[: None if number > families - whole else 2])
    assert installation.drained()
    return serving


def offering(
    installation: Installation, message: Message, key: str
) -> Callable[[Served], httpx.Response]:
    """Offers a message by the API, as the ledger writes down."""
    koppen = {**XML, "Idempotency-Key": message.id}
    ledger = installation.edges.ledger

    def offer(served: Served) -> httpx.Response:
        ledger.offered(message.id, message.body, cents=message.cents)
        with served.programma(key) as client:
            found = client.post("/berichten", content=message.body, headers=koppen)
        if found.status_code == 202:
            ledger.ok(message.id)
        return found

    return offer


def some(points: Sequence[str]) -> Sequence[str]:
    """Every point in a long run, and those around what is remembered in a test run."""
    return points if IS_LONG else points[1:3]


def said(response: httpx.Response) -> tuple[int, bytes, str]:
    """What a client has of an answer."""
    return response.status_code, response.content, response.headers["location"]


@modes(EMBEDDED, SHARED, PRODUCTION)
def test_02_gedood_tussen_aannemen_en_antwoorden(install: Install, modus: str) -> None:
    installation = install(modus)
    healed = begun(installation, len(OFFERED))
    for number, point in enumerate(some(OFFERED), start=1):
        healed.process.stop()
        key = key_of(installation, Rol.AANBIEDER, aanbieder=agb(number))
        offer = offering(installation, family(number)[2], key)
        falling = serve(installation, f"killed {point} 1")
        assert is_cut_off(lambda: offer(falling)), point  # noqa: B023
        assert falling.process.killed_itself(10)
        healed = serve(installation)
        first = until_answered(lambda: offer(healed))  # noqa: B023
        assert 202 == first.status_code, (point, first.text)
        assert said(first) == said(offer(healed)), point
        assert installation.drained()
    assert [] == installation.violations()


def finding_of(client: httpx.Client) -> tuple[str, str]:
    """The address and the ETag of a finding that stands open and may be settled."""
    for oorzaak in client.get("/oorzaken").json()["resultaten"]:
        found = client.get(f"/oorzaken/{oorzaak['id']}/bevindingen").json()["resultaten"]
        for one in found:
            shown = client.get(f"/bevindingen/{one['id']}")
            if SETTLED in shown.json()["mogelijk"]:
                return f"/bevindingen/{one['id']}/beoordelingen", shown.headers["etag"]
    raise AssertionError("nothing stands open")


def deciding(key: str, adres: str, etag: str, name: str) -> Callable[[Served], httpx.Response]:
    """Decides on a finding as it was shown."""

    def decide(served: Served) -> httpx.Response:
        with served.programma(key) as client:
            return client.post(
                adres,
                json={"soort": SETTLED, "reden": "nagekeken"},
                headers={"If-Match": etag, "Idempotency-Key": name},
            )

    return decide


def has_work(client: httpx.Client) -> bool:
    """Whether the worklist followed what was judged."""
    return bool(client.get("/oorzaken").json()["resultaten"])


def decisions(installation: Installation) -> int:
    """How many decisions are in force."""
    ((count,),) = installation.rows("SELECT count(*) FROM besluit WHERE staat = 'geldt'")
    return int(count)


@modes(EMBEDDED, SHARED)
def test_02_gedood_tussen_besluiten_en_antwoorden(install: Install, modus: str) -> None:
    installation = install(modus)
    healed = begun(installation, 2, whole=2)
    key = key_of(installation, Rol.BEOORDELAAR)
    for number, point in enumerate(some(DECIDED), start=1):
        with healed.programma(key) as client:
            assert comes_true(lambda: has_work(client), 20)
            adres, etag = finding_of(client)
        healed.process.stop()
        decide = deciding(key, adres, etag, point.replace(":", "-"))
        falling = serve(installation, f"killed {point} 1")
        assert is_cut_off(lambda: decide(falling)), point  # noqa: B023
        assert falling.process.killed_itself(10)
        healed = serve(installation)
        first = until_answered(lambda: decide(healed))  # noqa: B023
        assert 201 == first.status_code, (point, first.text)
        assert said(first) == said(decide(healed)), point
        assert number == decisions(installation)
    assert [] == installation.violations()


def at_once(ask: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """What many hear who ask in the same instant."""
    begin = Barrier(len(ask))

    def one(how: Callable[[], httpx.Response]) -> httpx.Response:
        begin.wait()
        return how()

    with ThreadPoolExecutor(len(ask)) as pool:
        return list(pool.map(one, ask))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Served]]:
    """Two processes that serve one installation: a family may still declare, two have declared."""
    with installed(SHARED, tmp_path_factory.mktemp(SHARED)) as installation:
        yield [begun(installation, 3, whole=2), serve(installation)]


def test_36_een_sleutel_bij_twee_processen_tegelijk(two: list[Served]) -> None:
    installation = two[0].installation
    key = key_of(installation, Rol.AANBIEDER, aanbieder=agb(1))
    good, other = family(1)[2:]
    offer = offering(installation, good, key)
    heard = at_once([lambda at=at: offer(two[at % 2]) for at in range(PARALLEL)])  # type: ignore[misc]
    assert {one.status_code for one in heard} <= {202, 409}
    assert {"2"} >= {one.headers["retry-after"] for one in heard if one.status_code == 409}
    answers = {said(one) for one in heard if one.status_code == 202}
    assert answers == {said(until_answered(lambda at=one: offer(at))) for one in two}  # type: ignore[misc]
    koppen = {**XML, "Idempotency-Key": good.id}
    for one in two:
        with one.programma(key) as client:
            refused = client.post("/berichten", content=other.body, headers=koppen)
        assert 422 == refused.status_code, refused.text
    assert [] == installation.violations()


def test_40_twee_beoordelaars_tegelijk_bij_twee_processen(two: list[Served]) -> None:
    installation = two[0].installation
    keys = [key_of(installation, Rol.BEOORDELAAR) for _ in two]
    with two[0].programma(keys[0]) as client:
        assert comes_true(lambda: has_work(client), 20)
        adres, etag = finding_of(client)
    asks = [deciding(key, adres, etag, f"ieder-{key[-4:]}") for key in keys]
    heard = at_once(
        [lambda ask=ask, one=one: ask(one) for ask, one in zip(asks, two, strict=True)]  # type: ignore[misc]
    )
    first, second = sorted(heard, key=lambda one: one.status_code)
    assert 201 == first.status_code, first.text
    assert second.status_code in (409, 412), second.text
    assert 1 == decisions(installation)
    late = deciding(keys[heard.index(second)], adres, etag, "later")(two[1])
    assert (409, True) == (late.status_code, "al beslist" in late.json()["detail"])
    assert [] == installation.violations()


@only_long  # In a test run the same storm goes over the API in a process of the tests.
def test_70_geen_verzoek_breekt_een_proces(install: Install, tmp_path: Path) -> None:
    installation = install(EMBEDDED)
    begun(installation, 1, whole=1).process.stop()
    served = serve(installation, UNLIMITED="1")
    done = storm(served.adres, key_of(installation, Rol.LEZER), tmp_path, TIMES)
    assert 0 == done.returncode, done.stdout[-6000:] + done.stderr[-2000:]
    assert served.process.is_running
    assert '"verzoek_mislukt"' not in served.process.logged()
    assert [] == installation.violations()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A process that serves an installation in which a family has declared."""
    with installed(EMBEDDED, tmp_path_factory.mktemp(EMBEDDED)) as installation:
        yield begun(installation, 1, whole=1)


def ids_of(client: httpx.Client) -> dict[str, str]:
    """An id of every kind of thing that the API lists."""
    found: dict[str, str] = {}
    for soort in ("berichten", "declaraties", "toewijzingen", "oorzaken"):
        found[soort] = client.get(f"/{soort}").json()["resultaten"][0]["id"]
    for soort, waar in (
        ("regels", f"/declaraties/{found['declaraties']}/regels"),
        ("bevindingen", f"/oorzaken/{found['oorzaken']}/bevindingen"),
    ):
        found[soort] = client.get(waar).json()["resultaten"][0]["id"]
    return found


def refusals(installation: Installation) -> int:
    """How many looks at something are in the log as refused."""
    ((count,),) = installation.rows("SELECT count(*) FROM verwerking WHERE status_code = 2")
    return int(count)


def test_71_wat_van_een_ander_is_bestaat_niet(served: Served) -> None:
    installation = served.installation
    with served.programma(key_of(installation, Rol.BEOORDELAAR)) as client:
        assert comes_true(lambda: has_work(client), 20)
        ids = ids_of(client)
        own = [(pad, one) for pad in READS for one in ids.values() if _is_there(client, pad, one)]
    assert {f"/{soort}/{{kenmerk}}" for soort in ids} <= {pad for pad, _ in own}
    before = refusals(installation)
    with served.programma(key_of(installation, Rol.BEOORDELAAR, ELSEWHERE)) as client:
        heard = [client.get(pad.replace("{kenmerk}", one)).status_code for pad, one in own]
    assert [404] * len(own) == heard
    assert before + len(own) == refusals(installation)


def _is_there(client: Any, pad: str, one: str) -> bool:
    return bool(client.get(pad.replace("{kenmerk}", one)).status_code == 200)


def test_71_een_pagina_van_een_ander_bestaat_niet(served: Served, browse: Browse) -> None:
    installation = served.installation
    with served.programma(key_of(installation, Rol.BEOORDELAAR)) as client:
        assert comes_true(lambda: has_work(client), 20)
        ids = ids_of(client)
    pages = sorted({one.path for one in PADEN if one.method == "GET" and one.path.count("{") == 1})
    inside = browse(served, user_of(installation, "binnen", Rol.BEOORDELAAR))
    own = [
        address
        for pad in pages
        for one in ids.values()
        if inside.get(address := re.sub(r"{[^}]*}", one, pad)).status_code == 200
    ]
    assert len(own) >= 4
    before = refusals(installation)
    outside = browse(served, user_of(installation, "elders", Rol.BEOORDELAAR, ELSEWHERE))
    assert [404] * len(own) == [outside.get(one).status_code for one in own]
    assert before + len(own) == refusals(installation)


def test_72_73_een_sessie_is_van_een_browser_en_eindigt_meteen(
    served: Served, browse: Browse
) -> None:
    naam = user_of(served.installation, "jans", Rol.LEZER)
    jans = browse(served, naam)
    ended = {"_csrf": jans.token}
    koekje = dict(jans.client.cookies)
    without = jans.client.post("/uitloggen", data={}, headers={"Origin": served.adres})
    elsewhere = jans.client.post(
        "/uitloggen", data=ended, headers={"Origin": "https://elders.example"}
    )
    assert [403, 403] == [without.status_code, elsewhere.status_code]
    assert 200 == jans.get("/mijn").status_code
    assert 303 == jans.post("/uitloggen").status_code
    with httpx.Client(base_url=served.adres, cookies=koekje, trust_env=False) as replay:
        assert 303 == replay.get("/mijn").status_code
    anew = browse(served, naam)
    again = anew.client.post("/uitloggen", data=ended, headers={"Origin": served.adres})
    assert 403 == again.status_code
    assert 200 == anew.get("/mijn").status_code
    # Whatever id somebody has before he logs in, he gets another one.
    planted = browse(served, None)
    planted.client.cookies.set("sessie", PLANTED)
    given = planted.log_in(naam)
    assert 303 == given.status_code
    assert given.cookies["sessie"] != PLANTED


def test_74_zonder_inlogdienst_gaat_het_werk_door(install: Install) -> None:
    installation = install(EMBEDDED)
    nobody = {"GATEWAY_OIDC_ISSUER": "http://127.0.0.1:9", "GATEWAY_OIDC_CLIENT": "gateway"}
    served = serve(installation, **nobody)
    with httpx.Client(base_url=served.adres, trust_env=False) as client:
        refused = client.get("/inloggen/oidc")
        assert (503, "30") == (refused.status_code, refused.headers["retry-after"])
        assert "geeft nu geen antwoord" in refused.text
        installation.edges.offer(*family(1))
        assert [] == installation.violations()
        assert 200 == client.get("/readyz").status_code
    assert served.process.is_running
