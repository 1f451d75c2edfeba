"""The register of the demo: a made-up name, number and account for every provider of the region."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from stdnum import iban as ibans

from gateway.cli.verantwoord import handeling_of
from gateway.ledger.register.rekening import Rekeningvraag
from gateway.ledger.register.wijzigingen import (
    ContractErbij,
    Hernoem,
    Nieuw,
    OnderaannemerErbij,
)
from gateway.pipeline.kennis import dag_van
from gateway.records.aanbieder import Contractstuk, Crediteur, Onderaanneming, Overgang
from gateway.records.overeenkomst import Overeenkomst
from gateway.records.rekening import Rekening
from gateway.simulate.region import Regio
from gateway.store.geld.rekeningvoorstel import Voorgesteld
from gateway.store.noteren import Noteer
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene
from gateway.toegang.wie import Bereik, Wie

BEGIN = date(2020, 1, 1)
VOOR = ("Stichting", "Zorggroep", "Jeugdhulp", "Thuiszorg", "Begeleiding", "Praktijk", "Coöperatie")
WIE = (
    *("De Linde", "De Eik", "De Berk", "De Wilg", "De Beuk", "De Es", "De Iep", "De Populier"),
    *("De Kastanje", "De Meidoorn", "De Hazelaar", "De Els", "De Vlier", "De Lijsterbes"),
)
EERSTE = Wie("demo:eerste", "Financiën: betalen en verantwoorden", "gebruiker")
TWEEDE = Wie("demo:tweede", "Financiën: de tweede persoon", "gebruiker")


def fill_register(
    store: SqlStore, regio: Regio, codes: Sequence[str], overeenkomsten: Sequence[Overeenkomst]
) -> None:
    """Put the providers in it, with an account each, a merger, a subcontractor and a contract.

    The last account still waits for a second person.
    """
    vandaag = dag_van(store.now())
    noteer = _noteer(store)
    names = list(_names(regio.seed, len(codes)))
    store.register.wijzig(
        [
            Nieuw(
                naam=naam,
                vanaf=BEGIN,
                kvk=f"{90_000_000 + place}",
                contact=f"info@aanbieder-{place}.example",
                agb=agb,
            )
            for place, (naam, agb) in enumerate(zip(names, codes, strict=True), start=1)
        ],
        noteer,
    )
    _merge(store, len(codes), noteer)
    hoofd, onder = 1, 2
    nieuw = Onderaanneming(hoofd=hoofd, onder=onder, vanaf=BEGIN, goedgekeurd_door="Inkoop")
    store.register.spreek_af([OnderaannemerErbij(nieuw=nieuw)], noteer)
    for one in overeenkomsten:
        if any(rij.agb == codes[0] for rij in one.aanbieders):
            stuk = Contractstuk(overeenkomst=one.id, documentnummer="Z-2020-001", vanaf=BEGIN)
            store.register.spreek_af([ContractErbij(nummer=hoofd, stuk=stuk)], noteer)
            break
    for gemeente in regio.gemeenten:
        for place in range(1, len(codes) + 1):
            number = Crediteur(gemeente.code, f"C{10_000 + place}", BEGIN)
            store.register.crediteer(place, number, noteer)
        _accounts(store, gemeente.code, list(zip(codes, names, strict=True)), vandaag)


def _merge(store: SqlStore, count: int, noteer: Noteer) -> None:
    """A provider that is not in the region any more, gone on in the third one under its code."""
    dag = date(2025, 1, 1)
    store.register.wijzig(
        [
            Nieuw(naam="Zorggroep De Oude Linde", vanaf=BEGIN, agb="98000001"),
            Overgang(
                soort="overname",
                van=count + 1,
                naar=3,
                dag=dag,
                agbs=("98000001",),
                toelichting="overgenomen, de code gaat mee",
            ),
            Hernoem(nummer=3, naam="Zorggroep De Nieuwe Linde", vanaf=dag),
        ],
        noteer,
    )


def _accounts(
    store: SqlStore, gemeente: str, aanbieders: Sequence[tuple[str, str]], vandaag: date
) -> None:
    """An account for each; the first provider asks for another one."""
    stand, bereik = store.register.stand(), Bereik(frozenset({gemeente}))
    noteer = _noteer(store)
    for place, (agb, naam) in enumerate(aanbieders, start=1):
        asked = _account(gemeente, agb, Rekening(_iban(place), naam), vandaag)
        store.voorstellen.approve(bereik, TWEEDE, store.rekeningen.stel_voor(stand, asked, noteer))
    agb, naam = aanbieders[0]
    other = _account(gemeente, agb, Rekening(_iban(900), naam), vandaag + timedelta(days=14))
    store.rekeningen.stel_voor(stand, other, noteer)


def _account(gemeente: str, agb: str, rekening: Rekening, vanaf: date) -> Voorgesteld:
    note = "teruggebeld op het nummer uit het contract"
    vraag = Rekeningvraag(aanbieder=agb, rekening=rekening, vanaf=vanaf, notitie=note)
    return Voorgesteld(gemeente, EERSTE, vraag, 14)


def _iban(place: int) -> str:
    """A number of a bank that does not exist, with check digits that are right."""
    own = f"NL00TEST{place:010}"
    return f"NL{ibans.calc_check_digits(own)}{own[4:]}"


def _names(seed: int, count: int) -> Iterator[str]:
    """Names that are all different, the same for a region every time."""
    made = [f"{voor} {wie}" for voor in VOOR for wie in WIE]
    Random(seed).shuffle(made)  # noqa: S311 - nothing secret
    yield from made[:count]
    for place in range(len(made), count):
        yield f"Zorg {place + 1}"


def _noteer(store: SqlStore) -> Noteer:
    act = handeling_of("aanbiedersregister vullen", "C", Betrokkene(), "de demo", store.now())
    return lambda connection, *_: store.logboek.schrijf(connection, act)
