"""The service for envelopes as the software of the network uses it: zeep, and plain HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
import requests
import sqlalchemy as sa
import zeep
from lxml import etree
from zeep.transports import Transport

from gateway.errors import TemporaryFailure
from gateway.network.ggk.dienst import ADRES
from gateway.network.ggk.envelop import (
    GGK,
    STUF,
    Envelop,
    Fout,
    Foutbericht,
    Systeem,
)
from gateway.network.ggk.koppen import kop_uit
from gateway.network.ggk.lezen import parse, read
from gateway.network.ggk.schrijven import element_of, write
from gateway.network.ggk.soap import ACTIONS, wrap
from gateway.store.engine import ALL
from gateway.store.envelop import Apart, envelop
from gateway.store.enveloppen import Enveloppen
from gateway.store.inbox import Inbox
from gateway.store.tables import ENVELOP, inbox, inbox_stuk, outbox, outbox_stuk, teller
from gateway.store.toegang.sleutels import Aanvraag
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE
from tests.enveloppen import AANBIEDER, CROSS, GEMEENTE, MOMENT, PARAMETERS, UUID, di01, du01, fo01
from tests.integration.berichten import bericht as bericht_of
from tests.integration.berichten import changed
from tests.web.huis import BEGIN, ZWOLLE, Huis, handeling, huis
from tests.web.test_paginas_streek import tekst

WSDL = Path(__file__).parents[2] / "schemas" / "ggk-2.1" / "ggk0210.wsdl"
BINDING = f"{{{GGK}}}OntvangAsynchroonSoap"
KOPPEN = {"Content-Type": "text/xml; charset=utf-8"}
AGB = "12345678"
KAMPEN = Systeem("0166", "GGk")
V1 = UUID.replace("-4f3e-", "-1f3e-")
# <x/> in base64.
INHOUD = "PHgvPg=="
ONGEKOPPELD = "ongekoppeld: crossRefnummer is van geen envelop die deze gateway verstuurde"


@pytest.fixture(scope="module")
def _huis(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Huis]:
    with huis(tmp_path_factory.mktemp("ggk")) as made:
        yield made


@pytest.fixture
def hier(_huis: Huis) -> Huis:
    """A gateway to which the network brought nothing yet."""
    _huis.klok.moment = BEGIN
    with _huis.store.database.writing(ALL) as connection:
        for table in (outbox_stuk, outbox, envelop, inbox_stuk, inbox):
            connection.execute(sa.delete(table))
        connection.execute(sa.delete(teller).where(teller.c.naam.like("tijdstip-%")))
    return _huis


def sleutel(hier: Huis, rol: Rol = Rol.BERICHTENVERKEER, gemeente: str = ALLE) -> str:
    aanvraag = Aanvraag(
        naam="adapter",
        rol=rol,
        gemeenten=(gemeente,),
        aanbieder=AGB if rol is Rol.AANBIEDER else None,
    )
    return hier.store.sleutels.make(aanvraag, handeling("sleutel maken"))[1]


class Netwerk:
    """The software on the other side, with a key."""

    def __init__(self, hier: Huis, **options: Any) -> None:
        self.adres = hier.omgeving.adres + ADRES
        self.koppen = KOPPEN | {"Authorization": f"Bearer {sleutel(hier, **options)}"}

    def bied(self, stuk: Envelop | Foutbericht, **koppen: str) -> httpx.Response:
        element = element_of(stuk)
        action = {"SOAPAction": f'"{ACTIONS[element.tag]}"'}
        return self.post(wrap(element), **(action | koppen))

    def post(self, body: Any, **koppen: str) -> httpx.Response:
        return httpx.post(
            self.adres, content=body, headers=self.koppen | koppen, timeout=60, trust_env=False
        )


def declaratie(*changes: tuple[str, str]) -> bytes:
    return changed(bericht_of("JW323"), *changes)


def codes(response: httpx.Response) -> tuple[int, str | None]:
    """The HTTP status, and the code in the Fo03 of a fault."""
    code = etree.fromstring(response.content).findtext(f".//{{{STUF}}}code")
    return response.status_code, code


def in_de_inbox(hier: Huis) -> list[bytes]:
    with hier.store.database.snapshot() as connection:
        numbers = connection.exec_driver_sql("SELECT id FROM inbox ORDER BY id").scalars().all()
    return [b"".join(hier.store.message(one)) for one in numbers]


def vertrokken(hier: Huis) -> list[bytes]:
    return [b"".join(one.body) for one in hier.store.outbox.due([ENVELOP])]


def verstuurd(hier: Huis, nummer: str = CROSS) -> None:
    """This gateway sent a 301 in an envelope of that number."""
    head = replace(di01(b"").stuurgegevens, zender=GEMEENTE, referentienummer=nummer)
    heen = Envelop(replace(head, functie="JW301"), PARAMETERS, b"<x/>")
    hier.store.enveloppen.send(kop_uit(heen, b"<x/>"), lambda _: b"<x/>")


def redenen(hier: Huis) -> list[str | None]:
    return [one.reden for one in hier.store.enveloppen.apart()]


def test_a_soap_client_delivers_an_invoice(hier: Huis) -> None:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {sleutel(hier)}"
    with session:
        client = zeep.Client(str(WSDL), transport=Transport(session=session))
        service = client.create_service(BINDING, hier.omgeving.adres + ADRES)
        body = declaratie()
        given: dict[str, Any] = {
            "stuurgegevens": {
                "berichtcode": "Di01",
                "zender": {"organisatie": AGB, "applicatie": "VECOZOWebservice"},
                "ontvanger": {"organisatie": ZWOLLE, "applicatie": "GGk"},
                "referentienummer": UUID,
                "tijdstipBericht": "20251205101500000",
                "functie": "JW323",
            },
            "parameters": {
                "applicatieVersie": "0001",
                "applicatieSubversie": "0000",
                "functieVersie": "0003",
                "functieSubversie": "0002",
            },
            "bericht": {"xmlBestand": body},
        }
        told = service.ggk_Di01(**given)
        given["parameters"]["applicatieVersie"] = "0002"
        with pytest.raises(zeep.exceptions.Fault) as refused:
            service.ggk_Di01(**given)
    assert ("Bv03", UUID) == (told.berichtcode, told.crossRefnummer)
    assert (ZWOLLE, "ijw-iwmo-gateway") == (told.zender.organisatie, told.zender.applicatie)
    assert AGB == told.ontvanger.organisatie
    assert "20261127100000000" == told.tijdstipBericht  # 9:00 UTC, in the Netherlands
    assert [body] == in_de_inbox(hier)
    fout = client.wsdl.types.deserialize(refused.value.detail[0])
    assert ("StUF016", UUID) == (fout.body.code, fout.stuurgegevens.crossRefnummer)


def test_the_same_again_is_told_the_same_byte_for_byte(hier: Huis) -> None:
    netwerk, stuk = Netwerk(hier), di01(declaratie())
    first = netwerk.bied(stuk)
    hier.klok.later(hours=20)
    again = netwerk.bied(stuk)
    assert (200, 200) == (first.status_code, again.status_code)
    assert first.content == again.content
    assert [stuk.inhoud] == in_de_inbox(hier)


def test_the_same_many_times_in_one_instant_is_kept_once(hier: Huis) -> None:
    netwerk, stuk = Netwerk(hier), di01(declaratie())
    told: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: told.append(netwerk.bied(stuk).content)) for _ in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (8, 1) == (len(told), len(set(told)))
    assert [stuk.inhoud] == in_de_inbox(hier)


def test_what_is_confirmed_in_one_instant_has_moments_of_its_own(hier: Huis) -> None:
    netwerk, told = Netwerk(hier), []

    def breng(number: int) -> None:
        stuk = di01(
            declaratie((">JW323-0001<", f">JW323-{number:04}<")),
            referentienummer=f"{UUID[:-4]}{number:04}",
        )
        told.append(netwerk.bied(stuk).content)

    threads = [threading.Thread(target=breng, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    moments = {etree.fromstring(one).findtext(f".//{{{STUF}}}tijdstipBericht") for one in told}
    assert (8, 8) == (len(told), len(moments))


def test_something_else_under_a_number_is_refused_and_the_first_stays(hier: Huis) -> None:
    netwerk, stuk = Netwerk(hier), di01(declaratie())
    first = netwerk.bied(stuk)
    assert (500, "StUF016") == codes(netwerk.bied(di01(declaratie((">850", ">851")))))
    later = replace(stuk, stuurgegevens=replace(stuk.stuurgegevens, tijdstip="20251206"))
    assert (500, "StUF016") == codes(netwerk.bied(later))
    assert first.content == netwerk.bied(stuk).content
    assert [stuk.inhoud] == in_de_inbox(hier)


def test_two_senders_may_give_the_same_number(hier: Huis) -> None:
    netwerk = Netwerk(hier)
    stuk = di01(declaratie())
    ander = declaratie((f">{AGB}<", ">87654321<"))
    assert 200 == netwerk.bied(stuk).status_code
    zender = Systeem("87654321", "VECOZOWebservice")
    assert 200 == netwerk.bied(di01(ander, zender=zender)).status_code
    assert [stuk.inhoud, ander] == in_de_inbox(hier)


def test_a_refused_number_can_be_used_for_what_is_right(hier: Huis) -> None:
    netwerk, stuk = Netwerk(hier), di01(declaratie())
    elders = replace(stuk.stuurgegevens, ontvanger=Systeem("0363", "GGk"))
    assert (500, "StUF010") == codes(netwerk.bied(replace(stuk, stuurgegevens=elders)))
    assert [] == in_de_inbox(hier)
    assert 200 == netwerk.bied(stuk).status_code


def test_a_key_brings_for_its_own_municipality_only(hier: Huis) -> None:
    kampen = Netwerk(hier, gemeente="0166")
    assert (500, "StUF010") == codes(kampen.bied(di01(declaratie())))
    assert [] == in_de_inbox(hier)


def test_a_message_that_breaks_its_xsd_gives_a_fault_for_its_sender(hier: Huis) -> None:
    netwerk, stuk = Netwerk(hier), di01(declaratie(("DeclaratieNummer>", "Declaratienummer>")))
    first = netwerk.bied(stuk)
    assert 200 == first.status_code
    assert first.content == netwerk.bied(stuk).content
    (sent,) = vertrokken(hier)
    fout = read(parse(sent))
    assert isinstance(fout, Foutbericht)
    head = fout.stuurgegevens
    assert ("Fo01", UUID) == (head.berichtcode, head.crossrefnummer)
    assert Systeem(ZWOLLE, "ijw-iwmo-gateway") == head.zender
    assert Systeem(AGB, "GGk") == head.ontvanger
    assert ("StUF055", "client") == (fout.fout.code, fout.fout.plek)
    assert "JW323-00010000" == fout.fout.details
    assert "Declaratienummer" in fout.fout.omschrijving
    assert stuk == read(parse(fout.origineel or b""))
    # It is in the inbox as well, where it is judged as any message that breaks its XSD.
    assert [stuk.inhoud] == in_de_inbox(hier)


@pytest.mark.parametrize("inhoud", [b"geen XML", b"\x1f\x8b\x08\x00zip", b"<!DOCTYPE a><a/>"])
def test_what_is_no_message_gives_the_same_fault(hier: Huis, inhoud: bytes) -> None:
    assert 200 == Netwerk(hier).bied(di01(inhoud)).status_code
    (sent,) = vertrokken(hier)
    fout = read(parse(sent))
    assert isinstance(fout, Foutbericht)
    assert "StUF055" == fout.fout.code
    assert [inhoud] == in_de_inbox(hier)


def test_a_right_message_gives_no_fault(hier: Huis) -> None:
    assert 200 == Netwerk(hier).bied(di01(declaratie())).status_code
    assert [] == vertrokken(hier)


@pytest.mark.parametrize(
    ("stuk", "reden"),
    [
        (di01(declaratie(), "JW307"), "de envelop noemt JW307 3.2, erin zit JW323"),
        (
            replace(di01(declaratie()), parameters=replace(PARAMETERS, functie_subversie="0001")),
            "de envelop noemt JW323 3.1, erin zit JW323",
        ),
        (
            di01(declaratie((f">{ZWOLLE}<", ">0166<"))),
            "de envelop en het bericht noemen een andere gemeente",
        ),
        (
            di01(declaratie((f">{AGB}<", ">87654321<"))),
            "de envelop en het bericht noemen een andere aanbieder",
        ),
        (
            di01(declaratie(), bestandsnaam="declaratie.xml"),
            "een tekstBestand is geen bericht van iWmo of iJw",
        ),
        (
            di01(bericht_of("JW302").encode(), "JW302"),
            "een aanbieder stuurt een JW302 niet in een Di01",
        ),
        (
            di01(bericht_of("JW301").encode(), "JW301"),
            "een aanbieder stuurt een JW301 niet in een Di01",
        ),
        (du01(bericht_of("JW302").encode()), ONGEKOPPELD),
        (fo01(), ONGEKOPPELD),
    ],
)
def test_what_is_not_surely_ours_is_kept_and_set_aside(
    hier: Huis, stuk: Envelop | Foutbericht, reden: str
) -> None:
    netwerk = Netwerk(hier)
    first = netwerk.bied(stuk)
    assert 200 == first.status_code
    assert first.content == netwerk.bied(stuk).content
    assert [] == in_de_inbox(hier)
    assert [reden] == redenen(hier)
    (apart,) = hier.store.enveloppen.apart()
    assert stuk == read(parse(hier.store.enveloppen.inhoud(apart.nummer)))


def test_a_retour_to_what_was_sent_goes_on(hier: Huis) -> None:
    verstuurd(hier)
    stuk = du01(bericht_of("JW302").encode())
    assert 200 == Netwerk(hier).bied(stuk).status_code
    assert [stuk.inhoud] == in_de_inbox(hier)
    assert [] == redenen(hier)


def test_a_fault_about_what_was_sent_is_tied_to_it(hier: Huis) -> None:
    verstuurd(hier)
    assert 200 == Netwerk(hier).bied(fo01(Fout("IB103", "bevroren"))).status_code
    (found,) = hier.store.enveloppen.apart()
    expected = Apart(
        nummer=found.nummer,
        sinds=BEGIN,
        gemeente=ZWOLLE,
        tegenpartij="IB",
        berichtcode="Fo01",
        referentienummer=UUID,
        functie=None,
        foutcode="IB103",
        reden=None,
        is_bericht=False,
    )
    assert expected == found


@pytest.mark.parametrize(("wat", "methode"), [(Inbox, "receive"), (Enveloppen, "keep")])
def test_nothing_is_answered_before_all_of_it_is_kept(hier: Huis, wat: type, methode: str) -> None:
    netwerk, stuk = Netwerk(hier), di01(declaratie())
    with patch.object(wat, methode, side_effect=TemporaryFailure("de opslag is weg")):
        refused = netwerk.bied(stuk)
    assert (503, "30") == (refused.status_code, refused.headers["Retry-After"])
    assert 200 == netwerk.bied(stuk).status_code
    assert [stuk.inhoud] == in_de_inbox(hier)


@pytest.mark.parametrize(
    ("koppen", "status"),
    [
        ({"SOAPAction": f"{GGK}/ggk_Du01"}, 500),
        ({"SOAPAction": ""}, 500),
        ({"Content-Type": "application/soap+xml; charset=utf-8"}, 415),
        ({"Content-Type": "multipart/related; boundary=x"}, 415),
        ({"Content-Type": "application/json"}, 415),
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer onbekend"}, 401),
        ({"Host": "elders.example.org"}, 400),
    ],
)
def test_another_way_of_asking_is_refused(hier: Huis, koppen: dict[str, str], status: int) -> None:
    assert status == Netwerk(hier).bied(di01(declaratie()), **koppen).status_code
    assert [] == in_de_inbox(hier)


@pytest.mark.parametrize(
    ("old", "new", "reden", "nummer"),
    [
        ("ggk0210", "ggk0310", "StUF004: GGk 0310 wordt niet bediend, alleen 0210", UUID),
        (UUID, V1, "StUF055: de envelop voldoet niet aan het schema bij referentienummer", V1),
        (UUID, UUID.upper(), "StUF055: de envelop voldoet niet aan het schema", UUID.upper()),
        (INHOUD, "", "StUF055: de envelop is leeg", UUID),
        (INHOUD, "?", "StUF055: de inhoud van de envelop is geen base64", UUID),
        (MOMENT, "gisteren", "StUF055: de envelop voldoet niet aan het schema", UUID),
    ],
)
def test_a_refusal_has_its_code_and_a_fault_for_who_sent_it(
    hier: Huis, old: str, new: str, reden: str, nummer: str
) -> None:
    body = wrap(element_of(di01(b"<x/>"))).decode()
    assert old in body
    response = Netwerk(hier).post(body.replace(old, new), SOAPAction=f"{GGK}/ggk_Di01")
    told = etree.fromstring(response.content)
    assert (500, reden[:7]) == codes(response)
    assert (told.findtext(".//faultstring") or "").startswith(reden)
    fout = read(told.find(f".//{{{STUF}}}Fo03Bericht"))
    assert isinstance(fout, Foutbericht)
    head = fout.stuurgegevens
    assert (ZWOLLE, AANBIEDER) == (head.zender.organisatie, head.ontvanger)
    assert nummer == head.crossrefnummer
    assert [] == in_de_inbox(hier)


def test_the_moment_of_a_refusal_rises_as_well(hier: Huis) -> None:
    netwerk, stuk = Netwerk(hier), di01(declaratie())
    seen = []
    for one in (stuk, replace(stuk, inhoud=b"<x/>"), replace(stuk, inhoud=b"<y/>")):
        told = etree.fromstring(netwerk.bied(one).content)
        seen.append(told.findtext(f".//{{{STUF}}}tijdstipBericht"))
    assert sorted(set(seen)) == seen


@pytest.mark.parametrize(
    ("stuk", "code"),
    [
        # What stands in its head is longer than an answer can say back.
        (wrap(element_of(di01(b"<x/>"))).replace(UUID.encode(), b"6" * 41), "StUF055"),
        (wrap(etree.Element("x")), "StUF022"),
        (b"<x/>", "StUF055"),
    ],
)
def test_a_refusal_without_a_head_has_its_code(hier: Huis, stuk: bytes, code: str) -> None:
    response = Netwerk(hier).post(stuk, SOAPAction=f"{GGK}/ggk_Di01")
    assert (500, None) == codes(response)
    told = etree.fromstring(response.content).findtext(".//faultstring")
    assert (told or "").startswith(f"{code}: ")


def test_another_action_than_its_own_is_told_by_a_fault(hier: Huis) -> None:
    response = Netwerk(hier).bied(di01(declaratie()), SOAPAction=f"{GGK}/ggk_Du01")
    assert (500, "StUF055") == codes(response)


@pytest.mark.parametrize("rol", [Rol.AANBIEDER, Rol.BEOORDELAAR, Rol.BEHEERDER])
def test_another_role_brings_nothing(hier: Huis, rol: Rol) -> None:
    assert 403 == Netwerk(hier, rol=rol).bied(di01(declaratie())).status_code


def test_it_is_asked_by_post_only(hier: Huis) -> None:
    netwerk = Netwerk(hier)
    assert 405 == httpx.get(netwerk.adres, headers=netwerk.koppen, trust_env=False).status_code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<x/>",
        write(di01(b"<x/>")),
        b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>',
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
    ],
)
def test_what_is_no_soap_gives_a_fault_of_the_client(hier: Huis, body: bytes) -> None:
    response = Netwerk(hier).post(body)
    assert 500 == response.status_code
    assert "soap:Client" == etree.fromstring(response.content).findtext(".//faultcode")


def test_one_byte_too_many_is_not_read_on(hier: Huis) -> None:
    netwerk = Netwerk(hier)
    stuk = wrap(element_of(di01(declaratie())))
    action = {"SOAPAction": f"{GGK}/ggk_Di01"}
    room = 26_214_400 - len(stuk)
    assert 413 == netwerk.post(stuk + b" " * (room + 1), **action).status_code
    assert 413 == netwerk.post(iter([stuk, b" " * (room + 1)]), **action).status_code
    assert [] == in_de_inbox(hier)
    assert 200 == netwerk.post(iter([stuk, b" " * room]), **action).status_code


def test_the_log_tells_who_brought_something(hier: Huis) -> None:
    Netwerk(hier).bied(di01(declaratie()))
    with hier.store.database.snapshot() as connection:
        told = connection.exec_driver_sql("SELECT name, wie FROM verwerking ORDER BY dag, nr").all()
    assert "envelop ontvangen" == told[-1].name
    assert told[-1].wie.startswith("sleutel-")


def test_who_looks_at_what_stands_still_sees_what_was_set_aside(hier: Huis) -> None:
    netwerk = Netwerk(hier)
    elders = replace(fo01(Fout("CC11", "er is al een retour")).stuurgegevens, ontvanger=KAMPEN)
    netwerk.bied(du01(bericht_of("JW302").encode()))
    netwerk.bied(Foutbericht(elders, Fout("CC11", "er is al een retour")))
    seen = {}
    for naam, gemeente in (("overal", ALLE), ("zwolle", ZWOLLE)):
        hier.maak(naam, {gemeente: {Rol.TECHNISCH_BEHEER}})
        seen[naam] = tekst(hier.bezoeker(naam).get("/fouten"))
    tweede = "er is al een ander antwoord op hetzelfde bericht bezorgd"
    assert [True, True] == [reden in seen["overal"] for reden in (ONGEKOPPELD, tweede)]
    assert [True, False] == [reden in seen["zwolle"] for reden in (ONGEKOPPELD, tweede)]
    assert "Er staat niets stil" not in seen["zwolle"]
