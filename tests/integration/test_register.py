"""The register in the store: changed wholly or not at all, and known to who judges."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.engine import Connection

from gateway.errors import AlBeoordeeld, NietToegestaan, OngeldigeVelden
from gateway.ledger.register.rekening import Rekeningvraag
from gateway.ledger.register.wijzigingen import (
    AgbEinde,
    AgbErbij,
    ContractEinde,
    ContractErbij,
    Gegevens,
    Hernoem,
    Nieuw,
    OnderaannemerEinde,
    OnderaannemerErbij,
)
from gateway.pipeline.ports import Claim, Partijen
from gateway.records.aanbieder import Contractstuk, Crediteur, Onderaanneming, Overgang
from gateway.records.batch import Naastregel
from gateway.records.onderaanneming import Samenwerking
from gateway.records.rekening import Rekening
from gateway.store.facts import Facts
from gateway.store.geld.crediteuren import crediteuren_op
from gateway.store.geld.rekeningen import rekeningen_op
from gateway.store.geld.rekeningvoorstel import Voorgesteld
from gateway.store.noteren import no_log
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik, Wie
from tests.integration.store_builders import (
    AANBIEDER,
    ANDERE_AANBIEDER,
    BSN,
    BSN2,
    declared,
    line,
    new_store,
    settled,
    toewijzing,
)

pytestmark = pytest.mark.usefixtures("opslag")

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BEGIN, VANDAAG = date(2024, 1, 1), date(2026, 3, 2)
ZWOLLE, ELDERS = Bereik(frozenset({"0193"})), Bereik(frozenset({"0150"}))
ANNA, BRAM = Wie("anna", "Anna", "gebruiker"), Wie("bram", "Bram", "gebruiker")
IBAN, NIEUWE_IBAN = "NL91ABNA0417164300", "NL13TEST0123456789"
HOOFD, ONDER = AANBIEDER.aanbieder, ANDERE_AANBIEDER.aanbieder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = new_store(tmp_path, lambda: NOW)
    made.register.wijzig(
        [
            Nieuw(naam="Stichting De Linde", vanaf=BEGIN, kvk="12345678", agb=HOOFD),
            Nieuw(naam="De Eik", vanaf=BEGIN, contact="info@deeik.example", agb=ONDER),
        ],
        no_log,
    )
    yield made
    made.close()


def test_what_is_changed_is_read_back(store: SqlStore) -> None:
    changes = [
        Hernoem(nummer=1, naam="De Linde Zorg", vanaf=date(2025, 7, 1)),
        Gegevens(nummer=2, kvk="87654321", contact="038 000 00 00"),
        AgbErbij(nummer=1, agb="99000012", vanaf=date(2025, 1, 1)),
        AgbEinde(nummer=1, agb="99000012", vanaf=date(2025, 1, 1), tot=date(2025, 12, 31)),
    ]
    store.register.wijzig(changes, no_log)
    overgang = Overgang(
        soort="overname", van=2, naar=1, dag=date(2026, 1, 1), agbs=(ONDER,), toelichting="verkocht"
    )
    store.register.wijzig([overgang], no_log)
    stand = store.register.stand()
    linde, eik = stand.aanbieders[1], stand.aanbieders[2]
    assert ["Stichting De Linde", "De Linde Zorg"] == [one.naam for one in linde.namen]
    assert ("87654321", "038 000 00 00", date(2025, 12, 31)) == (eik.kvk, eik.contact, eik.tot)
    assert {HOOFD, "99000012", ONDER} == stand.geheel(1)
    assert {HOOFD, ONDER} == set(linde.agbs_op(VANDAAG))
    assert [overgang] == stand.overgangen


def test_of_changes_that_go_together_none_is_done_where_one_is_wrong(store: SqlStore) -> None:
    before = store.register.stand().aanbieders
    changes = [
        Hernoem(nummer=1, naam="Anders", vanaf=VANDAAG),
        AgbErbij(nummer=2, agb=HOOFD, vanaf=VANDAAG),
    ]
    with pytest.raises(OngeldigeVelden, match="al van aanbieder 1"):
        store.register.wijzig(changes, no_log)
    assert before == store.register.stand().aanbieders


def test_a_change_that_cannot_be_accounted_for_is_not_made(store: SqlStore) -> None:
    def fail(_connection: Connection, *_nummers: int) -> None:
        raise OSError("vol")

    with pytest.raises(OSError, match="vol"):
        store.register.wijzig([Hernoem(nummer=1, naam="Anders", vanaf=VANDAAG)], fail)
    assert "Stichting De Linde" == store.register.stand().aanbieders[1].naam


def test_of_many_at_once_one_gets_a_code(store: SqlStore) -> None:
    def ask(place: int) -> bool:
        try:
            nieuw = Nieuw(naam=f"Zorg {place}", vanaf=BEGIN, agb="99000077")
            store.register.wijzig([nieuw], no_log)
        except OngeldigeVelden:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert 1 == sum(pool.map(ask, range(6)))
    assert [1, 2, 3] == list(store.register.stand().aanbieders)


def test_contracts_and_subcontracts_are_ended_and_never_gone(store: SqlStore) -> None:
    stuk = Contractstuk(overeenkomst="pxq", documentnummer="Z-1", vanaf=BEGIN)
    store.register.spreek_af([ContractErbij(nummer=1, stuk=stuk)], no_log)
    nieuw = Onderaanneming(hoofd=1, onder=2, vanaf=BEGIN, goedgekeurd_door="Inkoop")
    store.register.spreek_af([OnderaannemerErbij(nieuw=nieuw)], no_log)
    with pytest.raises(OngeldigeVelden, match="al goedgekeurd"):
        store.register.spreek_af([OnderaannemerErbij(nieuw=nieuw)], no_log)
    dossier = store.register.dossier(ZWOLLE, 1)
    assert dossier is not None
    contract = dossier.contracten[0].nummer
    ends = [ContractEinde(nummer=1, welk=contract, tot=VANDAAG)]
    store.register.spreek_af(ends, no_log)
    sub = dossier.onderaannemingen[0].nummer
    store.register.spreek_af([OnderaannemerEinde(nummer=1, welk=sub, tot=VANDAAG)], no_log)
    other = store.register.dossier(ZWOLLE, 2)
    again = store.register.dossier(ZWOLLE, 1)
    assert other is not None
    assert again is not None
    assert [VANDAAG] == [one.tot for one in other.onderaannemingen]
    assert [VANDAAG] == [one.tot for one in again.contracten]
    other_end = ContractEinde(nummer=2, welk=contract, tot=VANDAAG)
    with pytest.raises(OngeldigeVelden, match="niet van deze aanbieder"):
        store.register.spreek_af([other_end], no_log)
    assert store.register.dossier(ZWOLLE, 9) is None


def test_a_number_in_the_books_goes_along_with_the_code(store: SqlStore) -> None:
    store.register.crediteer(1, Crediteur("0193", "C-100", BEGIN), no_log)
    store.register.crediteer(1, Crediteur("0193", "C-101", date(2026, 1, 1)), no_log)
    store.register.crediteer(2, Crediteur("0193", "C-200", BEGIN), no_log)
    store.register.crediteer(1, Crediteur("0150", "E-1", BEGIN), no_log)
    move = Overgang(soort="fusie", van=2, naar=1, dag=date(2026, 2, 1), agbs=(ONDER,))
    store.register.wijzig([move], no_log)

    def numbers(dag: date, gemeente: str = "0193") -> dict[str, str]:
        with store.database.snapshot(gemeente) as connection:
            return dict(crediteuren_op(connection, gemeente, [HOOFD, ONDER, "99999999"], dag))

    assert {HOOFD: "C-100", ONDER: "C-200"} == numbers(date(2025, 12, 31))
    assert {HOOFD: "C-101", ONDER: "C-101"} == numbers(date(2026, 2, 1))
    assert {} == numbers(date(2023, 12, 31))
    assert {HOOFD: "E-1", ONDER: "E-1"} == numbers(VANDAAG, "0150")
    dossier = store.register.dossier(ELDERS, 1)
    assert dossier is not None
    assert ["E-1"] == [one.crediteurnummer for one in dossier.crediteuren]
    with pytest.raises(OngeldigeVelden, match="al een nummer in"):
        store.register.crediteer(1, Crediteur("0193", "C-102", BEGIN), no_log)


# --- accounts


def propose(
    store: SqlStore,
    iban: str = IBAN,
    naam: str = "De Linde",
    notitie: str = "teruggebeld",
    agb: str = HOOFD,
) -> int:
    vraag = Rekeningvraag(
        aanbieder=agb, rekening=Rekening(iban, naam), vanaf=VANDAAG, notitie=notitie
    )
    asked = Voorgesteld("0193", ANNA, vraag, 14)
    return store.rekeningen.stel_voor(store.register.stand(), asked, no_log)


def account(store: SqlStore, dag: date) -> Rekening | None:
    with store.database.snapshot("0193") as connection:
        return rekeningen_op(connection, "0193", [HOOFD], dag).get(HOOFD)


def test_an_account_is_opened_by_a_second_person_who_saw_both(store: SqlStore) -> None:
    store.voorstellen.approve(ZWOLLE, BRAM, propose(store))
    nummer = propose(store, NIEUWE_IBAN, "Iets Anders BV")
    een = store.voorstellen.get(ZWOLLE, nummer)
    told = dict(store.voorstellen.gegevens(een, whole=True))
    assert (
        "NL91ABNA0417164300 op naam van De Linde",
        f"{NIEUWE_IBAN} op naam van Iets Anders BV",
    ) == (
        told["Nu"],
        told["Wordt"],
    )
    assert "De naam bij de rekening lijkt niet op Stichting De Linde." == told["Let op"]
    assert IBAN not in str(store.voorstellen.gegevens(een, whole=False))
    assert NIEUWE_IBAN not in een.onderwerp
    with pytest.raises(NietToegestaan):
        store.voorstellen.approve(ZWOLLE, ANNA, nummer)
    assert Rekening(IBAN, "De Linde") == account(store, VANDAAG)
    store.voorstellen.approve(ZWOLLE, BRAM, nummer)
    assert Rekening(NIEUWE_IBAN, "Iets Anders BV") == account(store, VANDAAG)
    rows = store.rekeningen.van(ZWOLLE, [HOOFD])
    assert [NIEUWE_IBAN, IBAN] == [one.rekening.iban for one in rows]
    assert [] == store.rekeningen.van(ELDERS, [HOOFD])


def test_an_account_that_nobody_called_back_about_waits(store: SqlStore) -> None:
    store.voorstellen.approve(ZWOLLE, BRAM, propose(store, notitie=""))
    assert account(store, date(2026, 3, 15)) is None
    assert Rekening(IBAN, "De Linde") == account(store, date(2026, 3, 16))


def test_one_proposal_at_a_time_and_none_for_nothing(store: SqlStore) -> None:
    nummer = propose(store)
    with pytest.raises(OngeldigeVelden, match=f"Voorstel {nummer} over deze rekening"):
        propose(store, NIEUWE_IBAN)
    store.voorstellen.approve(ZWOLLE, BRAM, nummer)
    with pytest.raises(OngeldigeVelden, match="al de rekening"):
        propose(store)
    with pytest.raises(OngeldigeVelden, match="van niemand in het register"):
        propose(store, agb="99000099")


def test_a_proposal_about_an_account_that_changed_is_not_carried_out(store: SqlStore) -> None:
    nummer = propose(store)
    with store.database.writing("0193") as connection:
        connection.exec_driver_sql(
            "INSERT INTO aanbieder_rekening (gemeente, aanbieder, iban, tenaamstelling, vanaf) "
            f"VALUES ('0193', '{HOOFD}', '{NIEUWE_IBAN}', 'Ander', '2026-01-01')"
        )
    with pytest.raises(AlBeoordeeld, match="veranderd sinds dit voorstel"):
        store.voorstellen.approve(ZWOLLE, BRAM, nummer)
    assert "voorgesteld" == store.voorstellen.get(ZWOLLE, nummer).staat


# --- what who judges knows


def test_who_judges_knows_the_codes_on_the_days_that_both_have_them(store: SqlStore) -> None:
    assert [] == store.registerkennis.bestanden()
    nieuw = Onderaanneming(
        hoofd=1,
        onder=2,
        vanaf=date(2023, 1, 1),
        wet="jeugdwet",
        productcategorie="45",
        goedgekeurd_door="Inkoop",
    )
    store.register.spreek_af([OnderaannemerErbij(nieuw=nieuw)], no_log)
    end = AgbEinde(nummer=2, agb=ONDER, vanaf=BEGIN, tot=date(2025, 6, 30))
    store.register.wijzig([end, AgbErbij(nummer=2, agb="99000022", vanaf=date(2025, 7, 1))], no_log)
    ((naam, body),) = store.registerkennis.bestanden()
    found = msgspec.json.decode(body, type=list[Samenwerking])
    assert "onderaannemers.json" == naam
    assert [
        (HOOFD, ONDER, BEGIN, date(2025, 6, 30)),
        (HOOFD, "99000022", date(2025, 7, 1), None),
    ] == sorted((one.hoofd, one.onder, one.vanaf, one.tot) for one in found)
    assert {("jeugdwet", "45")} == {(one.wet, one.productcategorie) for one in found}
    assert [(naam, body)] == store.registerkennis.bestanden()


def beside(store: SqlStore, partijen: Partijen, *days: date) -> list[Naastregel]:
    bericht = store.views.bericht(1)
    assert bericht is not None
    with store.facts(Claim(0, 1_000_000, "", "", bericht.received_at)) as facts:
        assert isinstance(facts, Facts)
        return list(facts.naast(partijen, [BSN, BSN2], *days))


def test_the_lines_of_others_for_a_client_are_granted_not_credited_and_of_these_days(
    store: SqlStore,
) -> None:
    theirs = {"aanbieder": ONDER}
    nummers = [toewijzing(1), toewijzing(2, **theirs), toewijzing(3, bsn=BSN2, **theirs)]
    settled(store, lambda work: work.add_toewijzingen("0193", "jeugdwet", nummers))
    declared(store, [line(1)])
    april = {"begindatum": "2026-04-01", "einddatum": "2026-04-30"}
    declared(
        store,
        [
            line(2, toewijzingnummer=2),
            line(3, toewijzingnummer=2, **april),
            line(4, toewijzingnummer=3, bsn=BSN2, toegekend=0, retourcodes="9338"),
            line(5, toewijzingnummer=3, bsn=BSN2, productcode="45A05"),
        ],
        ANDERE_AANBIEDER,
        "D2",
    )
    credit = {"vorig_referentienummer": "R5", "debet_credit": "C", "productcode": "45A05"}
    declared(
        store,
        [line(6, toewijzingnummer=3, bsn=BSN2, **credit)],
        ANDERE_AANBIEDER,
        "D3",
    )
    mei = (date(2026, 5, 1), date(2026, 5, 31))
    found = beside(store, AANBIEDER, *mei)
    assert [(BSN, ONDER, "45")] == [one[:3] for one in found]
    assert [(BSN, HOOFD, "45")] == [one[:3] for one in beside(store, ANDERE_AANBIEDER, *mei)]
    both = beside(store, AANBIEDER, date(2026, 4, 30), date(2026, 5, 1))
    assert [date(2026, 4, 1), date(2026, 5, 1)] == sorted(one.begindatum for one in both)
