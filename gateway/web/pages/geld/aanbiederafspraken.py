"""What was agreed with a provider: account, number in the books, contracts, work for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.responses import RedirectResponse, Response

from gateway.http.verzoek import Verzoek
from gateway.ledger.register.rekening import Rekeningvraag
from gateway.ledger.register.wijzigingen import (
    ContractEinde,
    ContractErbij,
    OnderaannemerEinde,
    OnderaannemerErbij,
)
from gateway.pipeline.kennis import dag_van
from gateway.records.aanbieder import Contractstuk, Crediteur, Onderaanneming
from gateway.records.rekening import Rekening
from gateway.store.geld.rekeningvoorstel import Voorgesteld
from gateway.store.register.register import Dossier
from gateway.web.pages.geld import voorstellen
from gateway.web.pages.geld.aanbieders import adres
from gateway.web.pages.geld.aanbiedersoort import (
    TOT,
    TOT_LEEG,
    WAAROM,
    Soort,
    from_day,
    gemeenteveld,
    noted,
)
from gateway.web.pages.geld.formulier import Ingevuld, Veld
from gateway.web.pages.werkvoorraad import noteer_van

WETTEN = (("", "beide wetten"), ("jeugdwet", "Jeugdwet"), ("wmo", "Wmo"))


def _rekeningvelden(verzoek: Verzoek, dossier: Dossier) -> Sequence[Veld]:
    vandaag = dag_van(verzoek.omgeving.clock())
    wachtdagen = verzoek.omgeving.settings.rekening_wachtdagen
    return (
        Veld("agb", "AGB-code", keuzes=[(one, one) for one in dossier.een.agbs_op(vandaag)]),
        gemeenteveld(verzoek),
        Veld("iban", "IBAN"),
        Veld("tenaamstelling", "Op naam van", "Zoals de bank de naam kent."),
        from_day(verzoek),
        Veld(
            "notitie",
            "Hoe hebt u dit bij de aanbieder nagevraagd?",
            "Bel het nummer dat u al kende, niet dat uit het verzoek. Zonder dit gaat de rekening "
            f"pas {wachtdagen} dagen na goedkeuring in.",
            verplicht=False,
        ),
    )


def _stel_rekening_voor(ingevuld: Ingevuld, _dossier: Dossier) -> Response:
    verzoek, store = ingevuld.verzoek, ingevuld.verzoek.omgeving.store
    agb, gemeente, iban = ingevuld.text("agb"), ingevuld.text("gemeente"), ingevuld.text("iban")
    naam, vanaf = ingevuld.text("tenaamstelling"), ingevuld.dag("vanaf")
    notitie = ingevuld.text("notitie")
    ingevuld.done()
    vraag = Rekeningvraag(
        aanbieder=agb, rekening=Rekening(iban, naam), vanaf=vanaf, notitie=notitie
    )
    wachtdagen = verzoek.omgeving.settings.rekening_wachtdagen
    asked = Voorgesteld(gemeente, verzoek.wie, vraag, wachtdagen)
    nummer = store.rekeningen.stel_voor(
        store.register.stand(), asked, noteer_van(verzoek, gemeente)
    )
    return RedirectResponse(voorstellen.adres(verzoek, nummer), 303)


def _crediteurvelden(verzoek: Verzoek, _dossier: Dossier) -> Sequence[Veld]:
    return (
        gemeenteveld(verzoek),
        Veld("crediteurnummer", "Crediteurnummer"),
        from_day(verzoek),
        WAAROM,
    )


def _crediteer(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    gemeente, number = ingevuld.text("gemeente"), ingevuld.text("crediteurnummer")
    vanaf = ingevuld.dag("vanaf")
    ingevuld.done()
    verzoek, nummer = ingevuld.verzoek, dossier.een.nummer
    verzoek.omgeving.store.register.crediteer(
        nummer, Crediteur(gemeente, number, vanaf), noteer_van(verzoek, gemeente)
    )
    return RedirectResponse(adres(nummer), 303)


def _contractvelden(verzoek: Verzoek, _dossier: Dossier) -> Sequence[Veld]:
    known = {one.id: one.naam for one in verzoek.omgeving.kennis.overeenkomsten.alle}
    return (
        Veld("overeenkomst", "Overeenkomst", keuzes=sorted(known.items())),
        Veld("documentnummer", "Documentnummer"),
        from_day(verzoek),
        TOT_LEEG,
        Veld("opmerking", "Opmerking", verplicht=False),
        WAAROM,
    )


def _contracteer(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    stuk = Contractstuk(
        overeenkomst=ingevuld.text("overeenkomst"),
        documentnummer=ingevuld.text("documentnummer"),
        vanaf=ingevuld.dag("vanaf"),
        tot=ingevuld.dag_of_leeg("tot"),
        opmerking=ingevuld.text("opmerking"),
    )
    ingevuld.done()
    nummer = dossier.een.nummer
    noteer = noted(ingevuld.verzoek, f"aanbieder {nummer}: document {stuk.documentnummer}")
    ingevuld.verzoek.omgeving.store.register.spreek_af(
        [ContractErbij(nummer=nummer, stuk=stuk)], noteer
    )
    return RedirectResponse(adres(nummer), 303)


def _contract_einde_velden(_verzoek: Verzoek, dossier: Dossier) -> Sequence[Veld]:
    known = [
        (str(one.nummer), f"{one.overeenkomst}, document {one.documentnummer}")
        for one in dossier.contracten
    ]
    return Veld("welk", "Contract", keuzes=known), TOT, WAAROM


def _beeindig_contract(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    welk, tot = ingevuld.nummer("welk"), ingevuld.dag("tot")
    ingevuld.done()
    nummer = dossier.een.nummer
    noteer = noted(ingevuld.verzoek, f"aanbieder {nummer}: contract {welk} eindigt op {tot}")
    ingevuld.verzoek.omgeving.store.register.spreek_af(
        [ContractEinde(nummer=nummer, welk=welk, tot=tot)], noteer
    )
    return RedirectResponse(adres(nummer), 303)


def _onderaannemervelden(verzoek: Verzoek, _dossier: Dossier) -> Sequence[Veld]:
    return (
        Veld("onder", "Nummer van de onderaannemer", soort="number"),
        Veld("wet", "Wet", keuzes=WETTEN),
        Veld("productcategorie", "Productcategorie", "Leeg: alle.", verplicht=False),
        from_day(verzoek),
        TOT_LEEG,
        Veld("goedgekeurd_door", "Goedgekeurd door", "Een afdeling of functie; geen persoon."),
        WAAROM,
    )


def _keur_goed(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    nieuw = Onderaanneming(
        hoofd=dossier.een.nummer,
        onder=ingevuld.nummer("onder"),
        wet=ingevuld.text("wet") or None,
        productcategorie=ingevuld.text("productcategorie") or None,
        vanaf=ingevuld.dag("vanaf"),
        tot=ingevuld.dag_of_leeg("tot"),
        goedgekeurd_door=ingevuld.text("goedgekeurd_door"),
    )
    ingevuld.done()
    noteer = noted(ingevuld.verzoek, f"aanbieder {nieuw.onder} werkt voor {nieuw.hoofd}")
    ingevuld.verzoek.omgeving.store.register.spreek_af([OnderaannemerErbij(nieuw=nieuw)], noteer)
    return RedirectResponse(adres(nieuw.hoofd), 303)


def _onderaannemer_einde_velden(_verzoek: Verzoek, dossier: Dossier) -> Sequence[Veld]:
    known = [
        (str(one.nummer), f"{one.onder} werkt voor {one.hoofd} vanaf {one.vanaf}")
        for one in dossier.onderaannemingen
    ]
    return Veld("welk", "Onderaanneming", keuzes=known), TOT, WAAROM


def _beeindig_onderaannemer(ingevuld: Ingevuld, dossier: Dossier) -> Response:
    welk, tot = ingevuld.nummer("welk"), ingevuld.dag("tot")
    ingevuld.done()
    noteer = noted(ingevuld.verzoek, f"onderaanneming {welk} eindigt op {tot}")
    einde = OnderaannemerEinde(nummer=dossier.een.nummer, welk=welk, tot=tot)
    ingevuld.verzoek.omgeving.store.register.spreek_af([einde], noteer)
    return RedirectResponse(adres(dossier.een.nummer), 303)


AFSPRAKEN: Mapping[str, Soort] = {
    "rekening": Soort(
        "Andere rekening",
        _rekeningvelden,
        _stel_rekening_voor,
        "Een tweede persoon keurt de rekening goed. Tot dan wordt op de oude betaald.",
        "Stel voor",
    ),
    "crediteur": Soort("Crediteurnummer", _crediteurvelden, _crediteer),
    "contract": Soort(
        "Contract vastleggen",
        _contractvelden,
        _contracteer,
        "Wat voor het beoordelen geldt, staat in de overeenkomst zelf. Hier legt u vast welk "
        "document erbij hoort.",
    ),
    "contract-einde": Soort(
        "Contract beëindigen", _contract_einde_velden, _beeindig_contract, knop="Beëindig"
    ),
    "onderaannemer": Soort(
        "Onderaannemer goedkeuren",
        _onderaannemervelden,
        _keur_goed,
        "Deze aanbieder is de hoofdaannemer. Declareren beide dezelfde zorg, dan krijgt u een "
        "signaal (S128).",
        "Keur goed",
    ),
    "onderaannemer-einde": Soort(
        "Onderaanneming beëindigen",
        _onderaannemer_einde_velden,
        _beeindig_onderaannemer,
        knop="Beëindig",
    ),
}
