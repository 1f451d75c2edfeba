"""What leaves goes over the network: once, in the same bytes, and by what the network answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import httpx
import msgspec
import pytest

from gateway.errors import TemporaryFailure
from gateway.network.ggk.envelop import Envelop, EnvelopGeweigerd, Foutbericht, Systeem
from gateway.network.ggk.lezen import parse, read
from gateway.network.ggk.schrijven import element_of
from gateway.network.ggk.verbinding import Verbinding
from gateway.simulate.netwerk.net import Netwerk
from gateway.store.enveloppen import Enveloppen
from gateway.store.outbox import Outbox
from gateway.store.verzending import Verzending
from tests.enveloppen import di01
from tests.integration.berichten import bericht
from tests.integration.test_opdrachten import TOEWIJZING
from tests.netwerk import AGB, ZWOLLE, Proefnet, genummerd, proefnet

JW323 = bericht("JW323")
BEVROREN = 900.0


@pytest.fixture(scope="module")
def _net(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proefnet]:
    with proefnet(tmp_path_factory.mktemp("net"), ggk_bevroren_seconds=BEVROREN) as made:
        yield made


@pytest.fixture
def net(_net: Proefnet) -> Proefnet:
    """A gateway on a network on which nothing happened yet."""
    _net.opnieuw()
    return _net


def anders(net: Proefnet, **storingen: object) -> None:
    """From now on the network does this."""
    net.netwerk.storingen = msgspec.structs.replace(net.netwerk.storingen, **storingen)


def test_an_answer_goes_over_the_network_in_one_envelope(net: Proefnet) -> None:
    vraag = net.declareer(genummerd(JW323, 1))
    net.werk()
    net.breng()
    (stuk,) = net.aanbieders.stukken
    assert isinstance(stuk, Envelop)
    head = stuk.stuurgegevens
    assert ("Du01", "JW325", vraag) == (head.berichtcode, head.functie, head.crossrefnummer)
    assert Systeem(ZWOLLE, "ijw-iwmo-gateway") == head.zender
    assert Systeem(AGB, "GGk") == head.ontvanger
    stored = net.dienst.installation.store.views.answer(1)
    assert stored is not None
    assert b"".join(stored.body) == stuk.inhoud
    assert [("JW325", True, 0, None)] == net.uit()


def test_a_message_of_our_own_goes_and_its_retour_comes_back(net: Proefnet) -> None:
    net.opdracht("a", {**TOEWIJZING, "aanbieder": AGB})
    net.werk()
    net.breng()
    (stuk,) = net.aanbieders.stukken
    assert isinstance(stuk, Envelop)
    assert ("Di01", "JW301", None) == (
        stuk.stuurgegevens.berichtcode,
        stuk.stuurgegevens.functie,
        stuk.stuurgegevens.crossrefnummer,
    )
    assert [("JW301", True, 0, None)] == net.uit()


def test_a_fault_of_ours_leaves_as_it_is(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1).replace(b"DeclaratieNummer>", b"Declaratienummer>"))
    net.werk()
    net.breng()
    (stuk,) = net.aanbieders.stukken
    assert isinstance(stuk, Foutbericht)
    assert "StUF055" == stuk.fout.code
    assert [("Fo01", True, 0, None)] == net.uit()


def test_a_confirmation_that_got_lost_has_the_same_bytes_offered_again(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    anders(net, kwijt=1.0)
    net.werk()
    assert [("JW325", False, 0, "het netwerk antwoordt met status 504")] == net.uit()
    anders(net, kwijt=0.0)
    net.later(300)
    assert 1 == net.verzend()
    net.breng()
    assert [1] == [len(copies) for copies in net.aanbieders.kopieen.values()]
    (nummer,) = net.nummers()
    assert 1 == len(net.netwerk.aangeboden[nummer])
    assert [("JW325", True, 0, None)] == net.uit()


@pytest.mark.parametrize(
    "place", [(Enveloppen, "send"), (Verzending, "begin"), (Verbinding, "bied"), (Outbox, "sent")]
)
@pytest.mark.parametrize("wanneer", ["voor", "na"])
def test_a_relay_that_falls_over_sends_the_same_again(
    net: Proefnet, place: tuple[type, str], wanneer: str
) -> None:
    net.declareer(genummerd(JW323, 1))
    net.oordeel()
    real = getattr(*place)

    def falls(*given: object) -> None:
        if wanneer == "na":
            real(*given)
        raise KeyboardInterrupt

    with patch.object(*place, falls), pytest.raises(KeyboardInterrupt):
        net.verzend()
    net.later(300)
    net.verzend()
    net.breng()
    (nummer,) = net.nummers()
    assert 1 == len(net.netwerk.aangeboden[nummer])
    assert [1] == [len(copies) for copies in net.aanbieders.kopieen.values()]
    assert [("JW325", True, 0, None)] == net.uit()


def test_what_is_brought_twice_has_one_number(net: Proefnet) -> None:
    anders(net, dubbel=1.0)
    net.declareer(genummerd(JW323, 1))
    net.werk()
    net.breng()
    assert [2] == [len(copies) for copies in net.aanbieders.kopieen.values()]
    assert 1 == len(net.nummers())


def test_a_network_that_is_away_holds_up_nothing_else(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    verbinding = net.dienst.installation.runtime.relay._bestemmingen["antwoord"].verbinding  # type: ignore[attr-defined]
    gone: list[str] = []

    class Backoffice:
        def deliver(self, naam: str, soort: str, body: object) -> None:
            gone.append(soort)

    bestemmingen = net.dienst.installation.runtime.relay._bestemmingen
    net.oordeel()
    with (
        patch.dict(bestemmingen, event=Backoffice()),  # type: ignore[arg-type]
        patch.object(verbinding._client, "stream", side_effect=httpx.ConnectError("weg")),
        pytest.raises(TemporaryFailure, match="niet bereikbaar"),
    ):
        net.verzend()
    assert {"event"} == set(gone)
    assert [("JW325", False, 0, None)] == net.uit()
    net.later(300)
    assert 1 == net.verzend()


def test_a_refusal_stands_still_until_somebody_puts_it_back(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    anders(net, codes={"IB101": 1.0})
    net.werk()
    assert [("JW325", True, 0, None)] == net.uit()
    net.breng()
    reden = "teruggestuurd met IB101: nagespeeld door de simulator: IB101"
    assert [("JW325", False, 1, reden)] == net.uit()
    net.later(3600)
    assert 0 == net.verzend()
    herstel = net.dienst.installation.store.herstel
    (found,) = herstel.onverzonden()
    assert ("JW325", reden) == (found.soort, found.reden)
    anders(net, codes={})
    assert herstel.put_back(herstel.begin("alles", 1.0, 1), found)
    assert 1 == net.verzend()
    net.breng()
    # The network knows the first number, so that it leaves under another one.
    first, second = net.nummers()
    assert [second] == list(net.aanbieders.kopieen)
    assert first != second
    assert [("JW325", True, 0, None)] == net.uit()


def test_a_refusal_at_once_stands_still_under_its_own_number(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    with patch.object(
        Netwerk,
        "ontvang",
        lambda self, element: _weiger(element, "StUF010", "de ontvanger is niet bekend"),
    ):
        net.werk()
    reden = "het netwerk weigert met StUF010: de ontvanger is niet bekend"
    assert [("JW325", False, 1, reden)] == net.uit()
    herstel = net.dienst.installation.store.herstel
    (found,) = herstel.onverzonden()
    assert herstel.put_back(herstel.begin("alles", 1.0, 1), found)
    assert 1 == net.verzend()
    assert 1 == len(net.nummers())


def _weiger(element: object, code: str, text: str) -> bytes:
    raise EnvelopGeweigerd(code, text, read(element).stuurgegevens)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["StUF016", "IB216", "CC08"])
def test_a_number_that_is_used_by_our_own_first_try_has_arrived(net: Proefnet, code: str) -> None:
    net.declareer(genummerd(JW323, 1))
    anders(net, kwijt=1.0)
    net.werk()
    net.later(300)
    with patch.object(Netwerk, "ontvang", lambda self, element: _weiger(element, code, "dubbel")):
        assert 1 == net.verzend()
    net.breng()
    assert [1] == [len(copies) for copies in net.aanbieders.kopieen.values()]
    assert [("JW325", True, 0, None)] == net.uit()


def test_a_number_that_was_used_by_somebody_else_stands_still(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    weiger = patch.object(
        Netwerk, "ontvang", lambda self, element: _weiger(element, "StUF016", "dubbel")
    )
    with weiger:
        net.werk()
    reden = "het netwerk weigert met StUF016: dubbel, maar dat is niet van deze gateway"
    assert [("JW325", False, 1, reden)] == net.uit()
    herstel = net.dienst.installation.store.herstel
    (found,) = herstel.onverzonden()
    assert herstel.put_back(herstel.begin("alles", 1.0, 1), found)
    assert 1 == net.verzend()
    first, second = net.nummers()
    assert first not in net.netwerk.aangeboden
    assert second in net.netwerk.aangeboden


@pytest.mark.parametrize("code", ["CC08", "IB216"])
def test_a_double_that_is_told_later_changes_nothing(net: Proefnet, code: str) -> None:
    net.declareer(genummerd(JW323, 1))
    anders(net, codes={code: 1.0})
    net.werk()
    net.breng()
    assert [("JW325", True, 0, None)] == net.uit()
    assert [1] == [len(copies) for copies in net.aanbieders.kopieen.values()]
    assert [code] == [one.foutcode for one in net.dienst.installation.store.enveloppen.apart()]


def test_a_frozen_type_waits_and_then_leaves_in_its_order(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    net.netwerk.bevries("JW325", 2000)
    net.werk()
    net.breng()  # the Fo01 with IB103
    stand = net.dienst.installation.store.verzending.stand()
    assert [("JW325", 1)] == [(one.functie, one.wachtend) for one in stand.bevroren]
    for number in (2, 3):
        net.declareer(genummerd(JW323, number))
        net.werk()
    net.opdracht("a", {**TOEWIJZING, "aanbieder": AGB})
    net.werk()
    net.breng()
    assert [("JW325", False), ("JW325", False), ("JW325", False), ("JW301", True)] == [
        one[:2] for one in net.uit()
    ]
    # It lasts: the one that goes first comes back, and nothing else was tried.
    net.later(BEVROREN + 1)
    assert 1 == net.verzend()
    net.breng()
    assert 3 == sum(not one[1] for one in net.uit())
    # It is over: one goes first, and when that stays away the rest follows.
    net.later(2 * BEVROREN)
    assert 1 == net.verzend()
    net.breng()
    assert 0 == net.verzend()
    net.later(BEVROREN + 1)
    assert 2 == net.verzend()
    net.breng()
    assert [True] * 4 == [one[1] for one in net.uit()]
    arrived = [one.stuurgegevens for one in net.aanbieders.stukken]
    in_order = [head.crossrefnummer for head in arrived if head.functie == "JW325"]
    query = "SELECT referentienummer FROM envelop WHERE functie = 'JW323' ORDER BY id"
    assert [nummer for (nummer,) in net.dienst.rijen(query)] == in_order
    assert [] == net.dienst.installation.store.verzending.stand().bevroren


def test_a_fault_that_is_told_before_the_relay_marks_it_is_not_forgotten(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    anders(net, codes={"BRS05": 1.0})
    sent = Outbox.sent

    def slow(self: Outbox, items: object) -> None:
        net.breng()
        sent(self, items)  # type: ignore[arg-type]

    with patch.object(Outbox, "sent", slow):
        net.werk()
    ((_, is_sent, stil, reden),) = net.uit()
    assert (False, 1) == (is_sent, stil)
    assert "BRS05" in (reden or "")


def dubbel(net: Proefnet) -> list[tuple[str, str | None]]:
    """What somebody has to look at, as there is a second retour."""
    store = net.dienst.installation.store
    found = [(one.berichtcode, one.foutcode) for one in store.enveloppen.apart() if one.reden]
    assert len(found) == store.verzending.stand().dubbel
    return found


def test_a_second_retour_is_never_sent_again_and_somebody_sees_it(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    anders(net, codes={"CC11": 1.0})
    net.werk()
    net.breng()
    assert [("JW325", True, 0, None)] == net.uit()
    assert [("Fo01", "CC11")] == dubbel(net)
    net.later(3600)
    assert 0 == net.verzend()


def test_a_second_retour_that_is_refused_at_once_is_seen_once(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    weiger = patch.object(
        Netwerk, "ontvang", lambda self, element: _weiger(element, "CC11", "al bezorgd")
    )
    with weiger:
        # It falls over before it marked that, and hears the same once more.
        falls = patch.object(Outbox, "sent", side_effect=KeyboardInterrupt)
        with falls, pytest.raises(KeyboardInterrupt):
            net.werk()
        net.later(300)
        net.verzend()
    assert [("JW325", True, 0, None)] == net.uit()
    assert [("Fo03", "CC11")] == dubbel(net)
    (found,) = net.dienst.installation.store.enveloppen.apart()
    assert (ZWOLLE, net.nummers()) == (found.gemeente, [found.referentienummer])


# --- The moment that an envelope tells ----------------------------------------------------------

TWEE_KEER = datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC)


def tijdstippen(net: Proefnet) -> list[str]:
    """Of all that the municipality sent, in the order in which it was made."""
    query = "SELECT antwoord FROM envelop WHERE antwoord IS NOT NULL"
    told = [read(parse(bytes(one.antwoord))) for one in net.dienst.rijen(query)]
    return sorted(one.stuurgegevens.tijdstip for one in [*told, *net.aanbieders.stukken])


def test_the_moment_of_an_envelope_rises_whatever_the_clock_does(net: Proefnet) -> None:
    clocks = [TWEE_KEER, TWEE_KEER + timedelta(seconds=2), TWEE_KEER - timedelta(days=2)]
    seen: list[str] = []
    for number, net.klok.moment in enumerate([*clocks, clocks[-1]], 1):
        net.declareer(genummerd(JW323, number))
        net.werk()
        net.breng()
        made = tijdstippen(net)
        # A Bv03 and a Du01 more, both behind everything before them.
        assert (seen, 2 * number) == (made[: len(seen)], len(set(made)))
        seen = made
    assert seen[0] == "20261025025959000"
    assert seen[-1] < "20261025030000000"


def test_a_moment_that_was_given_is_known_after_a_restart(tmp_path: Path) -> None:
    seen: list[str] = []
    for number, moment in enumerate((TWEE_KEER, TWEE_KEER + timedelta(seconds=2)), 1):
        with proefnet(tmp_path) as net:
            net.klok.moment = moment
            net.declareer(genummerd(JW323, number))
            net.werk()
            net.breng()
            (stuk,) = net.aanbieders.stukken
            seen.append(stuk.stuurgegevens.tijdstip)
    assert seen[0] < seen[1]


def test_a_retry_tells_the_moment_of_the_first_try(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    anders(net, kwijt=1.0)
    net.werk()
    net.later(3600)
    anders(net, kwijt=0.0)
    net.verzend()
    (nummer,) = net.nummers()
    assert 1 == len(net.netwerk.aangeboden[nummer])


def test_an_answer_waits_for_the_envelope_of_what_it_answers(net: Proefnet) -> None:
    nummer = str(uuid4())
    stuk = di01(genummerd(JW323, 1), referentienummer=nummer)
    with patch.object(Enveloppen, "keep", side_effect=TemporaryFailure("de opslag is weg")):
        net.netwerk.ontvang(element_of(stuk))
        net.breng()
    net.dienst.installation.store.inbox.sweep()
    net.werk()
    reden = "kan nog niet over het netwerk: dit JW325 antwoordt niet op een bericht uit een envelop"
    assert [("JW325", False, 0, reden)] == net.uit()
    # The network was told nothing, and brings it again.
    net.later(300)
    net.breng()
    assert 1 == net.verzend()
    net.breng()
    assert [("JW325", True, 0, None)] == net.uit()
    assert 1 == len(net.aanbieders.berichten)


def test_two_senders_of_one_store_send_each_message_under_one_number(net: Proefnet) -> None:
    for number in range(5):
        net.declareer(genummerd(JW323, number))
    net.oordeel()
    uit = net.dienst.installation.runtime.relay._bestemmingen["antwoord"]
    items = net.dienst.installation.store.outbox.due(["antwoord"])
    for _ in range(2):
        for item in items:
            uit.deliver(item.naam, item.soort, iter(item.body))
    net.breng()
    assert 5 == len(net.nummers())
    assert [1] * 5 == [len(copies) for copies in net.aanbieders.kopieen.values()]


def test_the_simulator_refuses_another_message_under_one_number(net: Proefnet) -> None:
    net.netwerk.ontvang(element_of(di01(genummerd(JW323, 1))))
    with pytest.raises(EnvelopGeweigerd) as refused:
        net.netwerk.ontvang(element_of(di01(genummerd(JW323, 2))))
    assert "StUF016" == refused.value.code


def test_a_temporary_failure_of_the_store_is_no_reason_to_send_twice(net: Proefnet) -> None:
    net.declareer(genummerd(JW323, 1))
    net.oordeel()
    with (
        patch.object(Outbox, "sent", side_effect=TemporaryFailure("de opslag is weg")),
        pytest.raises(TemporaryFailure, match="de opslag is weg"),
    ):
        net.verzend()
    net.later(300)
    assert 1 == net.verzend()
    net.breng()
    assert [1] == [len(copies) for copies in net.aanbieders.kopieen.values()]
