"""The page of an agreement: what the files give, and what each part of the format adds to it."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.agreements.pagina.bladzijde import page
from gateway.inlezen import load_lists
from gateway.records.overeenkomst import (
    Aanbiedercontract,
    Cel,
    Drempels,
    Overeenkomst,
    Termijn,
    Uitgestapt,
)
from tests.unit.agreement_builders import cel, overeenkomst
from tests.unit.paginas import TARGET, pages

LISTS = load_lists()
TOT = date(2025, 12, 31)


def page_of(*cellen: Cel, **changes: object) -> str:
    """A page with plain spaces, so that amounts can be typed."""
    return page(overeenkomst(*cellen, **changes), LISTS).replace("\N{NO-BREAK SPACE}", " ")


def cell_of(soort: str, eenheid: str = "83", **changes: object) -> Cel:
    return cel(**{"soort": soort, "eenheid": eenheid, "bedrag": 123456, **changes})


def test_the_pages_are_what_the_files_give() -> None:
    expected = pages()
    assert sorted(expected) == sorted(path.name for path in TARGET.iterdir())
    for name, text in expected.items():
        assert text == (TARGET / name).read_text(encoding="utf-8"), f"{name}: run make pages"


def test_a_page_tells_whose_agreement_it_is() -> None:
    told = page_of(
        cell_of("traject", tot=TOT),
        toelichting="\nEen afspraak.\n",
        voorbeeld=True,
        bekendgemaakt_op=date(2024, 11, 1),
        uitgestapt=(Uitgestapt("0150", date(2025, 7, 1)),),
    )
    assert told.startswith("# Proef\n\n*Dit is een voorbeeld")
    assert "\n\nEen afspraak.\n" in told
    for row in (
        "| kenmerk | `proef`, versie 1 |",
        "| wet | Jeugdwet |",
        "| gemeenten | Zwolle en Deventer |",
        "| uitgestapt | Deventer vanaf 1 juli 2025 |",
        "| prijzen gelden | 1 januari 2025 tot en met 31 december 2025 |",
        "| bekendgemaakt | 1 november 2024 |",
        "| manier van uitvoeren | outputgericht: betaald wordt een resultaat |",
    ):
        assert row in told


def two(rij: str, kolom: str, **changes: object) -> Cel:
    return cell_of("traject", dimensies=(("profiel", rij), ("zwaarte", kolom)), **changes)


def test_two_dimensions_are_a_matrix() -> None:
    cellen = [two(rij, kolom) for rij in "12" for kolom in ("licht", "zwaar")]
    told = page_of(*cellen[:3], dimensies=("profiel", "zwaarte"))
    assert "In de kolommen staat: zwaarte. Elke prijs is voor het hele traject.\n" in told
    assert "| profiel | licht | zwaar |\n" in told
    assert "| 1 | € 1.234,56 (`45P11`) | € 1.234,56 (`45P11`) |\n" in told
    assert "| 2 | € 1.234,56 (`45P11`) |  |\n" in told


def test_every_day_on_which_a_price_changes_has_its_own_matrix() -> None:
    old = [two(rij, kolom, tot=TOT) for rij in "12" for kolom in ("licht", "zwaar")]
    new = [
        two(rij, kolom, vanaf=date(2026, 1, 1), bekendgemaakt_op=date(2025, 11, 20))
        for rij in "12"
        for kolom in ("licht", "zwaar")
    ]
    told = page_of(*old, *new, dimensies=("profiel", "zwaarte"))
    assert "### 1 januari 2025 tot en met 31 december 2025\n" in told
    assert "### vanaf 1 januari 2026\n\nNieuwe prijzen, bekendgemaakt op 20 november" in told


@pytest.mark.parametrize(("bedrag", "together"), [(123456, True), (99, False)])
def test_laws_with_the_same_prices_share_a_matrix(bedrag: int, together: bool) -> None:
    cellen = [
        two(rij, kolom, wet=wet, bedrag=prijs)
        for wet, prijs in (("jeugdwet", 123456), ("wmo", bedrag))
        for rij in "12"
        for kolom in ("licht", "zwaar")
    ]
    told = page_of(*cellen, dimensies=("profiel", "zwaarte"), wetten=("jeugdwet", "wmo"))
    assert together == ("### Jeugdwet en Wmo: dezelfde prijzen\n" in told)
    assert together != ("### Jeugdwet\n" in told)


def test_a_matrix_that_would_be_mostly_empty_is_a_list() -> None:
    cellen = [two(str(n), str(n)) for n in range(6)]
    told = page_of(*cellen, dimensies=("profiel", "zwaarte"))
    assert "| profiel | zwaarte | productcode | prijs | geldt |\n" in told


def test_prices_for_one_aanbieder_or_municipality_stand_apart() -> None:
    told = page_of(
        cell_of("pxq", "04"),
        cell_of("pxq", "04", aanbieders=("99000002",), gemeenten=("0150",)),
    )
    assert told.index("### Prijzen voor iedereen") < told.index("### Prijzen voor één aanbieder")
    assert (
        "| 1 | `45P11` | € 1.234,56 per uur | 99000002 | Deventer | vanaf 1 januari 2025 |" in told
    )


SENTENCES = [
    (cell_of("pxq", "04"), "Een uurprijs mag ook in minuten worden gedeclareerd."),
    (cell_of("pxq", "04", productcategorie="01"), "in elke maand voor zes weken"),
    (cell_of("stuk", "82"), "**Prijs per stuk output**"),
    (cell_of("traject"), "dan mag de prijs worden verdeeld zoals het uitkomt"),
    (
        cell_of("traject", termijnen=(Termijn("start", 70), Termijn("einde"))),
        "Elk traject wordt in termijnen betaald: 70 procent bij de start en de rest aan het einde.",
    ),
    (
        cell_of("traject", termijnen=(Termijn("start", 70), Termijn("onderzoek klaar", 30))),
        "70 procent bij de start en 30 procent bij “onderzoek klaar”",
    ),
    (cell_of("traject", hoort_bij="45S11"), "horen: `45P11` na `45S11`."),
    (cell_of("periode"), "In een gebroken eerste of laatste maand telt het hele bedrag."),
    (
        cell_of("periode", "82", gebroken_begin="geen"),
        "In een gebroken eerste maand telt niets, in een gebroken laatste maand het hele bedrag.",
    ),
    (cell_of("budget", "04", tarief=5000), "**Budget per toewijzing**"),
    (cell_of("budget", "04", per="client-jaar"), "**Budget per cliënt en kalenderjaar**"),
    (cell_of("lumpsum", "16", voorschotten=4), "betaald in 4 gelijke voorschotten"),
    (cell_of("lumpsum", "16"), "dan wordt het hele verschil verrekend."),
    (
        cell_of("lumpsum", "16", verrekening="meerdere", tolerantie=5),
        "meer dan 5 procent af, naar boven of naar beneden, dan wordt alleen wat daarbuiten ligt",
    ),
    (cell_of("taak", "84"), "**Eén bedrag voor een hele groep inwoners**"),
    (cell_of("pxq", "16", peildatum="productperiode"), "van de maand waarin de zorg is geleverd."),
    (cell_of("stuk", "82"), "van de dag waarop de toewijzing ingaat."),
    (cell_of("pxq", "16", bekendgemaakt_op=TOT), "dan zijn de oude en de nieuwe prijs allebei"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "sentence"), SENTENCES, ids=lambda one: str(one)[:40])
def test_each_kind_of_price_is_explained(cell: Cel, sentence: str) -> None:
    assert sentence in page_of(cell)


def test_instalments_of_some_trajectories_name_them() -> None:
    told = page_of(
        cell_of("traject", termijnen=(Termijn("start", 50), Termijn("einde"))),
        cell_of("traject", productcode="45P12"),
    )
    assert "* Een deel van de trajecten (`45P11`) wordt in termijnen betaald" in told


def test_what_only_some_products_have_is_said_of_those() -> None:
    few = cell_of("pxq", "04", productcode="45A01", toewijsbaar_tot=TOT)
    many = [cell_of("pxq", "04", productcode=f"45B0{n}") for n in range(6)]
    told = page_of(few, *many)
    assert "| `S121` | een toewijzing begint na 31 december 2025 (bij `45A01`) |" in told
    late = [cell_of("pxq", "04", productcode=f"45B0{n}", indicatie_tot=TOT) for n in range(6)]
    told = page_of(cell_of("pxq", "04", productcode="45A01"), *late)
    assert "of heeft geen einddatum (niet bij `45A01`) |" in told
    others = [cell_of("pxq", "04", productcode=f"45C0{n}") for n in range(6)]
    assert "(bij een deel van de producten)" in page_of(*late, *others)


PXQ = cell_of("pxq", "04")
CONTRACT = Aanbiedercontract(agb="99000001", jaarbedrag=100)
SIGNALLED: list[tuple[str, Cel, dict[str, object]]] = [
    ("S101", cell_of("traject"), {}),
    ("S101", cell_of("budget", "04"), {}),
    ("S102", cell_of("periode"), {}),
    ("S103", PXQ, {"bekendgemaakt_op": TOT}),
    ("S107", cell_of("traject"), {"stapelen": False}),
    ("S108", PXQ, {"hoofdaannemer": True}),
    ("S109", PXQ, {"aanbieders": (CONTRACT,)}),
    ("S110", PXQ, {"vervangt": ("oud",)}),
    ("S111", PXQ, {"drempels": Drempels(melding_traject=100)}),
    ("S112", PXQ, {"drempels": Drempels(plafond={"0193": 100})}),
    ("S113", PXQ, {"aanbieders": (CONTRACT,)}),
    ("S114", cell_of("traject", termijnen=(Termijn("einde"),)), {}),
    ("S115", PXQ, {"drempels": Drempels(uitputting_dagen=30)}),
    ("S116", PXQ, {"indientermijn_dagen": 90}),
    ("S117", cell_of("pxq", "04", indicatie_tot=TOT), {}),
    ("S118", PXQ, {"aanbieders": (Aanbiedercontract(agb="99000001", geblokkeerd=True),)}),
    ("S120", cell_of("traject", hoort_bij="45S11"), {}),
    ("S121", cell_of("pxq", "04", toewijsbaar_tot=TOT), {}),
    ("S122", cell_of("pxq", "04", declarabel_tot=TOT), {}),
    ("S123", cell_of("periode", gebroken_eind="geen"), {}),
    ("S124", cell_of("taak", "84"), {}),
    ("S125", cell_of("budget", "04", per="client-jaar"), {}),
]


@pytest.mark.parametrize(("code", "cell", "changes"), SIGNALLED, ids=lambda one: str(one)[:12])
def test_a_signal_stands_on_the_page_when_the_agreement_asks_for_it(
    code: str, cell: Cel, changes: dict[str, object]
) -> None:
    assert f"| `{code}` | " in page_of(cell, **changes)
    assert f"| `{code}` | " not in page_of(cell_of("lumpsum", "16", aanbieders=("99000001",)))


def test_nothing_is_refused_on_a_price_that_no_line_has() -> None:
    told = page_of(cell_of("lumpsum", "16", aanbieders=("99000001",)))
    assert "Op een prijs wordt hier niets afgewezen." in told
    assert "De aanbieders staan bij de prijzen." in told
    assert "| 0611 |" in page_of(PXQ)
    assert "Iedereen is toegelaten." in page_of(PXQ)


def test_contracts_say_for_what_part_where_and_when() -> None:
    told = page_of(
        PXQ,
        toelatingsmomenten=("01-01", "07-01"),
        aanbieders=(
            Aanbiedercontract(agb="99000001", cellen=((("profiel", "1"),), (("profiel", "2"),))),
            Aanbiedercontract(
                agb="99000002",
                cellen=((("profiel", "1"), ("productcode", "45P11")),),
                gemeenten=("0150",),
                vanaf=date(2025, 7, 1),
                tot=TOT,
            ),
            Aanbiedercontract(agb="99000003", tot=TOT),
        ),
    )
    assert "| 99000001 | profiel 1 en 2 | alle | altijd |" in told
    assert "| profiel 1, productcode 45P11 | Deventer | 1 juli 2025 tot en met 31 december" in told
    assert "| 99000003 | alles | alle | tot en met 31 december 2025 |" in told
    assert "Nieuwe aanbieders komen erbij op 1 januari en 1 juli." in told


def test_an_agreement_without_cells_has_a_page_too() -> None:
    empty: Overeenkomst = overeenkomst()
    assert page(empty, LISTS).startswith("# Proef\n")
