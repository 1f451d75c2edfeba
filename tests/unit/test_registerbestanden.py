"""Mergers, contracts and subcontractors as files: read, written, and what is wrong per row."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.errors import OngeldigeVelden, WrongUse
from gateway.ledger.register.afspraakbestanden import (
    CONTRACTEN,
    ONDERAANNEMERS,
    OVERGANGEN,
    SOORTEN,
)
from gateway.ledger.register.afspraken import Register
from gateway.ledger.register.bestand import Bestandsoort, as_bestand, plan_of, read_rijen
from gateway.ledger.register.stand import Registerstand
from gateway.ledger.register.wijzigingen import (
    Afspraak,
    ContractEinde,
    ContractErbij,
    Nieuw,
    OnderaannemerEinde,
    OnderaannemerErbij,
    told,
)
from gateway.records.aanbieder import Contractstuk, Onderaanneming, Overgang

BEGIN, VANDAAG = date(2024, 1, 1), date(2026, 3, 2)
LINDE, EIK = "99000011", "99000022"
STUK = Contractstuk(
    overeenkomst="pxq", documentnummer="-1", vanaf=BEGIN, opmerking="=bijlage 2", nummer=7
)
SUB = Onderaanneming(
    hoofd=1, onder=2, vanaf=BEGIN, wet="jeugdwet", goedgekeurd_door="Inkoop", nummer=4
)


def register(*stukken: Contractstuk, subs: tuple[Onderaanneming, ...] = ()) -> Register:
    """Two providers, the first of which has these contracts."""
    stand = Registerstand(())
    for naam, agb in (("De Linde", LINDE), ("De Eik", EIK)):
        stand.neem(Nieuw(naam=naam, vanaf=BEGIN, agb=agb))
    return Register(stand, [(1, one) for one in stukken], subs)


def read(soort: Bestandsoort, of: Register, text: str) -> tuple[list[str], list[tuple[int, str]]]:
    plan = plan_of(soort, of, read_rijen(soort, text.encode()), VANDAAG)
    return [told(one) for _, one in plan.wijzigingen], plan.fouten


def test_what_is_written_and_read_back_changes_nothing() -> None:
    of = register(STUK, subs=(SUB,))
    of.stand.neem(
        Overgang(soort="fusie", van=1, naar=2, dag=VANDAAG, agbs=(LINDE,), toelichting="=brief")
    )
    for soort in SOORTEN.values():
        body = as_bestand(soort, of)
        assert len(list(soort.rijen(of))) > 0
        plan = plan_of(soort, of, read_rijen(soort, body), VANDAAG)
        assert ([], []) == (plan.fouten, plan.wijzigingen), soort.naam


def test_a_merger_is_read_by_numbers_or_codes() -> None:
    text = f"soort;van;naar;dag;agbs\nfusie;{LINDE};2;2026-01-01;{LINDE}\n"
    of = register()
    assert (
        [f"fusie op 2026-01-01: aanbieder 1 naar 2, met {LINDE}"],
        [],
    ) == read(OVERGANGEN, of, text)
    assert date(2025, 12, 31) == of.stand.aanbieders[1].tot
    assert ([], []) == read(OVERGANGEN, of, text)
    assert [(2, "Dit staat er al, met iets anders bij agbs.")] == read(
        OVERGANGEN, of, text.replace(f"01;{LINDE}", "01;")
    )[1]


def test_a_contract_is_put_down_and_gets_a_last_day() -> None:
    text = (
        "aanbieder;overeenkomst;documentnummer;vanaf;tot\n"
        "1;pxq;-1;2024-01-01;2026-12-31\n2;taak;T-9;;\n"
    )
    changes, fouten = read(CONTRACTEN, register(STUK), text)
    assert [] == fouten
    assert [
        "aanbieder 1: contract 7 tot en met 2026-12-31",
        "aanbieder 2: document T-9 bij taak vanaf 2026-03-02",
    ] == changes


def test_a_subcontractor_is_approved_and_ended() -> None:
    text = (
        "hoofd,onder,wet,productcategorie,vanaf,tot,goedgekeurd_door\n"
        "1,2,jeugdwet,,,2026-06-30,\n2,1,,45,2025-01-01,,Inkoop\n"
    )
    changes, fouten = read(ONDERAANNEMERS, register(subs=(SUB,)), text)
    assert [] == fouten
    assert [
        "onderaanneming 4 tot en met 2026-06-30",
        "aanbieder 1 werkt voor 2 (45) vanaf 2025-01-01",
    ] == changes


@pytest.mark.parametrize(
    ("soort", "rij", "said"),
    [
        (OVERGANGEN, "ruil;1;2;2026-01-01;;", "Schrijf bij soort fusie, overname, splitsing."),
        (OVERGANGEN, "fusie;9;2;2026-01-01;;", "Aanbieder 9 staat niet in het register (van)."),
        (OVERGANGEN, "fusie;1;;2026-01-01;;", "Noem de aanbieder (naar)."),
        (OVERGANGEN, "fusie;1;2;;;", "Vul een datum in (dag)."),
        (OVERGANGEN, "fusie;1;2;1 mei;;", "1 mei is geen datum als 2026-01-31 (dag)."),
        (OVERGANGEN, "fusie;1;1;2026-01-01;;", "Kies een andere aanbieder dan deze."),
        (OVERGANGEN, f"fusie;1;2;2026-01-01;{EIK};", "heeft op 2026-01-01 geen AGB-code"),
        (OVERGANGEN, "fusie;1;2;0001-01-01;;", "Voor 0001-01-01 is er geen dag (dag)."),
        (OVERGANGEN, f"fusie;1;2;2026-01-01;{LINDE};van 999900006", "nummer dat een BSN kan zijn"),
        (CONTRACTEN, "1;;Z-9;2024-01-01;;", "Vul hier 1 tot en met 80 tekens in."),
        (CONTRACTEN, "1;pxq;Z-9;2024-01-01;2023-12-31;", "De laatste dag ligt niet voor 2024"),
        (CONTRACTEN, "1;pxq;-1;2024-01-01;2023-12-31;", "De laatste dag ligt niet voor 2024"),
        (CONTRACTEN, "1;pxq;Z-9;;;999900006", "een nummer dat een BSN kan zijn"),
        (CONTRACTEN, "1;pxq;-1;;;iets anders", "Dit staat er al, met iets anders bij opmerking."),
        (ONDERAANNEMERS, "1;1;;;2024-01-01;;Inkoop", "Niemand is onderaannemer van zichzelf."),
        (ONDERAANNEMERS, "2;1;wlz;;2024-01-01;;Inkoop", "Kies jeugdwet of wmo"),
        (ONDERAANNEMERS, "2;1;;;2024-01-01;;", "Vul in wie dit heeft goedgekeurd"),
        (ONDERAANNEMERS, f"2;1;;;2024-01-01;;{'x' * 121}", "Houd het bij 120 tekens."),
        (ONDERAANNEMERS, "1;2;jeugdwet;;2025-01-01;;Inkoop", "Dit is al goedgekeurd vanaf 2024"),
        (ONDERAANNEMERS, "1;2;jeugdwet;;;;Zorg", "Dit staat er al, met iets anders bij goedge"),
    ],
)
def test_what_is_wrong_is_told_by_its_row(soort: Bestandsoort, rij: str, said: str) -> None:
    of = register(STUK, subs=(SUB,))
    changes, ((row, text),) = read(soort, of, ";".join(soort.koppen) + f"\n{rij}\n")
    assert ([], 2, True) == (changes, row, said in text), text


def test_the_same_row_twice_is_one_change_and_another_end_is_wrong() -> None:
    koppen = ";".join(CONTRACTEN.koppen)
    rij = "2;taak;T-9;2025-01-01;;"
    changes, fouten = read(
        CONTRACTEN, register(), f"{koppen}\n{rij}\n{rij}\n{rij[:-1]}2026-12-31;\n"
    )
    assert 1 == len(changes)
    assert [(4, "Een eerdere rij zegt hetzelfde met een andere laatste dag.")] == fouten


@pytest.mark.parametrize(
    ("soort", "missing"),
    [(OVERGANGEN, "soort"), (CONTRACTEN, "aanbieder"), (ONDERAANNEMERS, "hoofd")],
)
def test_a_file_of_another_kind_is_told(soort: Bestandsoort, missing: str) -> None:
    with pytest.raises(WrongUse, match=f"kolom {missing} ontbreekt"):
        read_rijen(soort, b"tot\n" if "tot" in soort.koppen else b"dag\n")
    with pytest.raises(WrongUse, match="kolom kvk kent het register niet"):
        read_rijen(soort, b"kvk\n")


@pytest.mark.parametrize(
    "afspraak",
    [
        ContractErbij(nummer=9, stuk=STUK),
        ContractEinde(nummer=2, welk=7, tot=VANDAAG),
        ContractEinde(nummer=1, welk=8, tot=VANDAAG),
        OnderaannemerErbij(nieuw=SUB),
        OnderaannemerEinde(nummer=1, welk=5, tot=VANDAAG),
        OnderaannemerEinde(nummer=1, welk=4, tot=date(2023, 1, 1)),
        OnderaannemerEinde(nummer=3, welk=4, tot=VANDAAG),
    ],
)
def test_what_cannot_be_agreed_changes_nothing(afspraak: Afspraak) -> None:
    of = register(STUK, subs=(SUB,))
    before = dict(of.contracten), dict(of.onderaannemingen)
    with pytest.raises(OngeldigeVelden):
        of.spreek_af(afspraak)
    assert before == (of.contracten, of.onderaannemingen)
