"""A provider that puts the Bsn of its client in its own numbers shows it on no page by that."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from datetime import date

import pytest

from gateway.pipeline.ports import Claim
from gateway.records.verzoek import Verzoek
from gateway.store.geld.nazorg.creditverzoeken import Aanvraag
from gateway.store.geld.nazorg.keuze import Regels
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE, Bereik, Wie
from tests.integration.store_builders import (
    AANBIEDER,
    BSN,
    declared,
    line,
    settled,
    toewijzing,
)
from tests.web.huis import AGB, KAMPEN, ZWOLLE, Bezoeker, Huis, huis

HIDDEN = "*****0006"
LINK = re.compile(r'href="(/[^"#?]*)(?:\?wet=\w+)?"')
MOST = 60
# Where a provider's own numbers may stand; a whole round of all pages takes longer.
WHERE = (
    *("/declaraties", "/regels/", "/toewijzingen", "/verzoeken", "/clienten/", "/aanbieders"),
    *("/geld/creditverzoeken", "/eigen"),
)
# What of the references each role comes across by following links, and some pages on its way.
SEEN = {
    "lezer": ("A-", "V-", "T-", "M-"),
    "financien": ("A-", "C-", "M-"),
    "linde": ("A-", "M-"),
}
ALONG = {
    "lezer": ("/clienten/", "/toewijzingen/", "/verzoeken/", "/regels/"),
    "financien": ("/geld/creditverzoeken/nieuw", "/aanbieders/12345678/maanden/"),
    "linde": ("/eigen/maanden/", "/eigen/regels/", "/eigen/creditverzoeken/"),
}
ANNA = Wie("anna", "Anna", "gebruiker")


@pytest.fixture(scope="module")
def web(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Huis]:
    with huis(tmp_path_factory.mktemp("referenties")) as made:
        made.maak("lezer", {ALLE: {Rol.LEZER}})
        made.maak("financien", {ALLE: {Rol.FINANCIEN}})
        made.maak("beoordelaar", {ALLE: {Rol.BEOORDELAAR}})
        made.maak("linde", {ALLE: {Rol.AANBIEDER}}, AGB)
        yield made


@pytest.fixture(scope="module")
def claim(web: Huis) -> Claim:
    """An assignment, a request, an invoice, its credit and a request for another one."""
    asked = Verzoek(
        soort="315",
        referentie_aanbieder=f"V-{BSN}",
        bsn=BSN,
        dagtekening=date(2026, 5, 1),
        ontvangen_op=date(2026, 5, 1),
        termijn=date(2026, 5, 8),
    )
    product = toewijzing(71, referentie_aanbieder=f"T-{BSN}")
    settled(web.store, lambda work: work.add_toewijzingen(ZWOLLE, "jeugdwet", [product]))
    settled(web.store, lambda work: work.add_verzoeken(AANBIEDER, [asked]))
    own = {"toewijzingnummer": 71}
    lines = [line(nr, referentienummer=f"{name}-{BSN}", **own) for nr, name in enumerate("ACM", 1)]
    made = declared(web.store, lines, AANBIEDER, "D1")
    credit = {"debet_credit": "C", "vorig_referentienummer": f"M-{BSN}"}
    declared(web.store, [line(1, referentienummer=f"M{BSN}", **credit, **own)], AANBIEDER, "D2")
    web.store.werkvolger.catch_up()
    keuze = Regels([(made.inbox_id, 1)])
    vraag = Aanvraag(keuze=keuze, reden="tarief", uiterlijk=date(2026, 12, 11))
    web.store.creditverzoeken.request(Bereik(frozenset({ZWOLLE, KAMPEN})), ANNA, vraag)
    return made


def walked(visitor: Bezoeker, *begin: str) -> Iterator[tuple[str, str]]:
    """Pages that somebody comes to from some pages by links, each once, with their text."""
    waiting, seen = deque(begin), set(begin)
    while waiting and len(seen) < MOST:
        path = waiting.popleft()
        page = visitor.get(path)
        assert page.status_code < 500, path
        if page.status_code != 200 or "html" not in page.headers["content-type"]:
            continue
        yield path, page.text
        found = {one for one in LINK.findall(page.text) if one.startswith(WHERE)} - seen
        seen |= found
        waiting.extend(sorted(found))


@pytest.mark.parametrize("naam", SEEN)
def test_who_follows_links_reads_references_and_never_the_bsn_in_them(
    web: Huis, claim: Claim, naam: str
) -> None:
    kenmerken = web.omgeving.kenmerken
    own = kenmerken.of("declaratie", claim.inbox_id)
    begin = ["/mijn", f"/declaraties/{own}", f"/geld/creditverzoeken/nieuw?declaratie={own}"]
    client = kenmerken.of_client(web.store._ground.fingerprint(BSN))
    begin.append(f"/clienten/{client}?doel=declaratie")
    pages = dict(walked(web.bezoeker(naam), *begin))
    assert [] == [path for path, text in pages.items() if BSN in text]
    told = " ".join(pages.values())
    assert [] == [one for one in SEEN[naam] if f"{one}{HIDDEN}" not in told]
    assert [] == [one for one in ALONG[naam] if not any(path.startswith(one) for path in pages)]
