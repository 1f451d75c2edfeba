"""Mergers, contracts and subcontractors as files: one row for each.

A row names a provider by our number or by its AGB code.  What is there already stays as it is, but
for a last day; a row that says anything else of it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from gateway.errors import OngeldigeVelden
from gateway.ledger.register.aanbiederbestand import AANBIEDERS
from gateway.ledger.register.afspraken import Register
from gateway.ledger.register.bestand import (
    Bestandsoort,
    Rij,
    day_in,
    needed_day,
    provider_in,
    text_of,
)
from gateway.ledger.register.stand import ONE_DAY
from gateway.ledger.register.wijzigingen import (
    Afspraak,
    ContractEinde,
    ContractErbij,
    OnderaannemerEinde,
    OnderaannemerErbij,
    Wijziging,
)
from gateway.records.aanbieder import Contractstuk, Onderaanneming, Overgang
from gateway.records.rekenblad import inert

OVERGANGSOORTEN = ("fusie", "overname", "splitsing")


def _overgangsrijen(register: Register) -> Iterator[Sequence[str]]:
    for one in register.stand.overgangen:
        codes, told = " ".join(one.agbs), inert(one.toelichting)
        yield one.soort, str(one.van), str(one.naar), one.dag.isoformat(), codes, told


def _overgang(register: Register, rij: Rij, _vandaag: date) -> Iterator[Wijziging]:
    """A merger that is not there yet; `agbs` are the codes that go along, with blanks between."""
    if rij["soort"] not in OVERGANGSOORTEN:
        raise OngeldigeVelden({"soort": f"Schrijf bij soort {', '.join(OVERGANGSOORTEN)}."})
    dag = needed_day(rij, "dag")
    if dag == date.min:
        raise OngeldigeVelden({"dag": f"Voor {dag} is er geen dag (dag)."})
    asked = Overgang(
        soort=rij["soort"],  # type: ignore[arg-type]
        # Once it is done, its code is of who goes on from that day.
        van=provider_in(register, rij, "van", dag - ONE_DAY).nummer,
        naar=provider_in(register, rij, "naar", dag).nummer,
        dag=dag,
        agbs=tuple(rij["agbs"].split()),
        toelichting=rij["toelichting"],
    )
    same = [one for one in register.stand.overgangen if _is_same(one, asked)]
    if same:
        told = same[0].toelichting
        _refuse_other(
            {
                "agbs": (sorted(same[0].agbs), sorted(asked.agbs)),
                "toelichting": (told, asked.toelichting or told),
            }
        )
        return
    register.stand.neem(asked)
    yield asked


def _is_same(one: Overgang, other: Overgang) -> bool:
    return (one.soort, one.van, one.naar, one.dag) == (
        other.soort,
        other.van,
        other.naar,
        other.dag,
    )


def _contractrijen(register: Register) -> Iterator[Sequence[str]]:
    for nummer, one in register.contracten.values():
        yield (
            str(nummer),
            inert(one.overeenkomst),
            inert(one.documentnummer),
            one.vanaf.isoformat(),
            text_of(one.tot),
            inert(one.opmerking),
        )


def _contract(register: Register, rij: Rij, vandaag: date) -> Iterator[Afspraak]:
    """A contract that is not there yet, or another last day of one that is."""
    vanaf, tot = day_in(rij, "vanaf"), day_in(rij, "tot")
    nummer = provider_in(register, rij, "aanbieder", vanaf or vandaag).nummer
    known = [
        one
        for one in register.contracten_van(nummer)
        if (one.overeenkomst, one.documentnummer) == (rij["overeenkomst"], rij["documentnummer"])
        and vanaf in (None, one.vanaf)
    ]
    if not known:
        stuk = Contractstuk(
            overeenkomst=rij["overeenkomst"],
            documentnummer=rij["documentnummer"],
            vanaf=vanaf or vandaag,
            tot=tot,
            opmerking=rij["opmerking"],
        )
        yield _agreed(register, ContractErbij(nummer=nummer, stuk=stuk))
        return
    one = known[-1]
    _refuse_other({"opmerking": (one.opmerking, rij["opmerking"] or one.opmerking)})
    if tot not in (None, one.tot):
        _refuse_twice(one.nummer)
        yield _agreed(register, ContractEinde(nummer=nummer, welk=one.nummer, tot=tot))


def _onderaannemerrijen(register: Register) -> Iterator[Sequence[str]]:
    for one in register.onderaannemingen.values():
        yield (
            *(str(one.hoofd), str(one.onder), one.wet or "", one.productcategorie or ""),
            *(one.vanaf.isoformat(), text_of(one.tot), inert(one.goedgekeurd_door)),
        )


def _onderaannemer(register: Register, rij: Rij, vandaag: date) -> Iterator[Afspraak]:
    """A subcontract that is not there yet, or another last day of one that is."""
    vanaf, tot = day_in(rij, "vanaf"), day_in(rij, "tot")
    asked = Onderaanneming(
        hoofd=provider_in(register, rij, "hoofd", vanaf or vandaag).nummer,
        onder=provider_in(register, rij, "onder", vanaf or vandaag).nummer,
        wet=rij["wet"] or None,
        productcategorie=rij["productcategorie"] or None,
        vanaf=vanaf or vandaag,
        tot=tot,
        goedgekeurd_door=rij["goedgekeurd_door"],
    )
    known = [
        one
        for one in register.onderaannemingen_van(asked.hoofd)
        if (one.onder, one.wet, one.productcategorie)
        == (asked.onder, asked.wet, asked.productcategorie)
        and vanaf in (None, one.vanaf)
    ]
    if not known:
        yield _agreed(register, OnderaannemerErbij(nieuw=asked))
        return
    one = known[-1]
    given = asked.goedgekeurd_door or one.goedgekeurd_door
    _refuse_other({"goedgekeurd_door": (one.goedgekeurd_door, given)})
    if tot not in (None, one.tot):
        _refuse_twice(one.nummer)
        einde = OnderaannemerEinde(nummer=one.hoofd, welk=one.nummer, tot=tot)
        yield _agreed(register, einde)


def _agreed(register: Register, afspraak: Afspraak) -> Afspraak:
    register.spreek_af(afspraak)
    return afspraak


def _refuse_other(given: Mapping[str, tuple[object, object]]) -> None:
    """What is there is not written over."""
    for kop, (there, asked) in given.items():
        if there != asked:
            raise OngeldigeVelden({kop: f"Dit staat er al, met iets anders bij {kop}."})


def _refuse_twice(nummer: int) -> None:
    """What an earlier row of the same file puts down has no number to end it by."""
    if nummer < 0:
        raise OngeldigeVelden({"tot": "Een eerdere rij zegt hetzelfde met een andere laatste dag."})


OVERGANGEN = Bestandsoort(
    naam="overgangen",
    titel="Fusies, overnames en splitsingen",
    een_rij="per fusie, overname of splitsing",
    koppen=("soort", "van", "naar", "dag", "agbs", "toelichting"),
    nodig=("soort", "van", "naar", "dag"),
    rijen=_overgangsrijen,
    vraagt=_overgang,
)
CONTRACTEN = Bestandsoort(
    naam="contracten",
    titel="Contracten",
    een_rij="per contract",
    koppen=("aanbieder", "overeenkomst", "documentnummer", "vanaf", "tot", "opmerking"),
    nodig=("aanbieder", "overeenkomst", "documentnummer"),
    rijen=_contractrijen,
    vraagt=_contract,
)
ONDERAANNEMERS = Bestandsoort(
    naam="onderaannemers",
    titel="Onderaannemers",
    een_rij="per onderaannemer",
    koppen=("hoofd", "onder", "wet", "productcategorie", "vanaf", "tot", "goedgekeurd_door"),
    nodig=("hoofd", "onder"),
    rijen=_onderaannemerrijen,
    vraagt=_onderaannemer,
)
SOORTEN: Mapping[str, Bestandsoort] = {
    one.naam: one for one in (AANBIEDERS, OVERGANGEN, CONTRACTEN, ONDERAANNEMERS)
}
