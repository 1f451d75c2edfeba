"""Every page of the table of routes, with what it is about in a store that was filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from threading import current_thread
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from gateway.config import Settings
from gateway.inlezen import load_kennis
from gateway.ledger.geld.betaalbeleid import Betaalbeleid
from gateway.ledger.register.wijzigingen import Nieuw
from gateway.ledger.sluiting import regels
from gateway.ledger.sluiting.bewijs import Bewijs, Sluiting
from gateway.pipeline.kennis import dag_van
from gateway.simulate.region import Regio
from gateway.simulate.write import write_agreements
from gateway.store.geld.betalen.maken import Runvraag
from gateway.store.geld.tables import aanbieder_rekening
from gateway.store.geld.voorstellen import Vraag, propose
from gateway.store.inzage.vandaag import Verschilfilter
from gateway.store.inzage.verzoeken import Verzoekfilter
from gateway.store.noteren import no_log
from gateway.store.tables import partij, verzoek
from gateway.toegang.rechten import Rol
from gateway.toegang.wie import ALLE, Bereik, Wie
from tests.benchmarks.werkvulling import FOUND, GEMEENTEN, LINES, PROVIDERS
from tests.enveloppen import set_aside
from tests.integration.berichten import read_once
from tests.mutatierijen import filled
from tests.web import jaren
from tests.web.huis import BEGIN, Bezoeker, Huis, huis
from tests.web.ronde_nazorg import Gelegd, nazorg_paginas, put_down

EVERYWHERE = Bereik(frozenset(GEMEENTEN))
# A provider, its first municipality, and the place of both among the parties.
AGB, GEMEENTE, PLACE = "70000014", GEMEENTEN[0], 27
BSN = "999900006"
DOEL = "doel=declaratie"
# Threads that count aside, while the page that began them goes on.
QUICK = ("balans", "uitgebleven")
ASIDE = ("meting", "radar", "prognose", "terugblik", "regio", "sluiting", *QUICK)
PATIENCE = 60.0
# Paths that ask nothing of what grows: files, health, and what belongs to logging in.
NO_PAGES = frozenset(
    {
        "/healthz",
        "/readyz",
        "/static/{merk}/{naam:path}",
        "/thema.css",
        "/.well-known/security.txt",
        "/",
        "/inloggen/oidc",
        "/inloggen/terug",
        # A proposal is judged aside, and its page shows what that came to.
        "/overeenkomsten/proef",
        "/overeenkomsten/proef/{kenmerk}",
        # Granted lines are priced again aside.
        "/overeenkomsten/herprijzen",
        "/overeenkomsten/herprijzen/{kenmerk}",
        # A proposal is held against what was granted aside.
        "/overeenkomsten/publiceren/{kenmerk}",
        # Whole messages are judged again for these: their size is that of the messages.
        "/werkvoorraad/{kenmerk}/herstel",
        "/eigen/regels/{kenmerk}/bewijs",
    }
)


@dataclass(frozen=True, slots=True)
class Pagina:
    """A page: its path in the table of routes, an address on it, and a user who may see it.

    `formulier` is what is sent along where it is asked for by a form.
    """

    naam: str
    pad: str
    adres: str
    wie: str
    formulier: Mapping[str, str] | None = None

    def ask(self, who: Bezoeker) -> Any:
        """The answer to who asks for it; a form has the token of the page before."""
        if self.formulier is None:
            return who.client.get(self.adres)
        return who.post(self.adres, self.formulier)


@contextmanager
def vol_huis(folder: Path) -> Iterator[Huis]:
    """A gateway for the municipalities of a store that is filled, with a user for every role."""
    settings = Settings(gemeenten=GEMEENTEN, port=0)
    write_agreements(Regio(7, 1_200), folder / "overeenkomsten")
    with read_once():
        kennis = load_kennis(settings, folder / "overeenkomsten")
    with huis(folder, settings, kennis) as made:
        for rol in Rol:
            made.maak(rol.value, {ALLE: {rol}}, AGB if rol is Rol.AANBIEDER else None)
        made.maak("in een gemeente", {GEMEENTE: {Rol.BEOORDELAAR}})
        yield made
        made.omgeving.taken.close()


@contextmanager
def gevraagd(made: Huis) -> Iterator[list[tuple[str, Any]]]:
    """What pages read and write within it: statements with their values, in order.

    What opens a transaction or tells what it may see asks nothing.
    """
    sent: list[tuple[str, Any]] = []
    engine = made.store.database.engine

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        is_question = f"{statement} ".split(None, 1)[0] in ("SELECT", "WITH", "INSERT", "UPDATE")
        if is_question and "set_config" not in statement and current_thread().name not in ASIDE:
            sent.append((statement, values))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@dataclass(slots=True)
class Ronde:
    """The pages of a store with so many invoices, and who asks for them."""

    made: Huis
    invoices: int
    _bezoekers: dict[str, Bezoeker] = field(default_factory=dict)
    _gelegd: Gelegd | None = None

    def bezoeker(self, wie: str) -> Bezoeker:
        """Somebody who is logged in and has a token for forms, or nobody in particular."""
        if wie not in self._bezoekers:
            self._bezoekers[wie] = self.made.bezoeker(wie or None)
        return self._bezoekers[wie]

    def paginas(self) -> list[Pagina]:
        """All of them; those whose figures are counted aside for minutes come last."""
        quick = [*self._work(), *self._records(), *self._lists(), *self._own(), *self._others()]
        quick += [*self._geld(), *self._nazorg(), *self._register()]
        return [*quick, *self._counted()]

    def wait_for_counts(self) -> None:
        """Wait until what is counted aside in a moment is there."""
        for taak in list(self.made.omgeving.taken._tasks.values()):
            if taak.soort in QUICK:
                taak.wait(PATIENCE)

    @property
    def invoice(self) -> int:
        """The last invoice of the provider that pages are about."""
        parties = PROVIDERS * len(GEMEENTEN)
        return PLACE + parties * ((self.invoices - PLACE - 1) // parties)

    @property
    def line(self) -> int:
        """A rejected line of it."""
        before = (self.invoice - 1) * LINES
        return next(one for one in range(1, LINES) if (before + one) % (2 * FOUND) == 0)

    def _kenmerk(self, soort: str, nummer: int, deel: int = 0) -> str:
        return self.made.omgeving.kenmerken.of(soort, nummer, deel)

    def _work(self) -> Iterator[Pagina]:
        wie, alone, store = "beoordelaar", "in een gemeente", self.made.store
        first = store.werkvoorraad.oorzaken(EVERYWHERE)
        oorzaak = self._kenmerk("oorzaak", first.rijen[0].nummer)
        besluit = store.besluiteninzage.besluiten(EVERYWHERE).rijen[0]
        gap = store.vandaag.verschillen(EVERYWHERE, Verschilfilter(meer=False), 1).rijen[0]
        month = "&".join(
            f"{name}={getattr(gap, name)}" for name in ("gemeente", "wet", "aanbieder", "maand")
        )
        list_ = "/werkvoorraad"
        for who, where in ((wie, ""), (alone, ", één gemeente")):
            yield Pagina(f"vandaag{where}", "/vandaag", "/vandaag", who)
            yield Pagina(f"werkvoorraad{where}", list_, list_, who)
        yield Pagina("werkvoorraad, blad 2", list_, f"{list_}?na={first.volgende}", wie)
        filtered = f"{list_}?gemeente={GEMEENTE}&rule=TR339&volgorde=leeftijd"
        yield Pagina("werkvoorraad, gefilterd", list_, filtered, wie)
        of_one = f"{list_}?aanbieder={AGB}"
        yield Pagina("werkvoorraad, aanbieder", list_, of_one, wie)
        due = f"{list_}?volgorde=termijn&stand=aangehouden"
        yield Pagina("werkvoorraad, termijn", list_, due, wie)
        yield Pagina("oorzaak", "/werkvoorraad/{kenmerk}", f"{list_}/{oorzaak}", wie)
        yield Pagina("verschillen", "/verschillen", "/verschillen", wie)
        yield Pagina("termijnen", "/vandaag/termijnen", "/vandaag/termijnen", wie)
        yield Pagina("verschil", "/verschillen", f"/verschillen?{month}", wie)
        yield Pagina("besluiten", "/besluiten", "/besluiten", wie)
        where = f"/besluiten/{self._kenmerk('besluit', besluit.nummer)}"
        yield Pagina("besluit", "/besluiten/{kenmerk}", where, wie)

    def _records(self) -> Iterator[Pagina]:
        wie, store, number = "beoordelaar", self.made.store, self.invoice
        assigned = 1_000_000 + number
        with store.database.snapshot() as connection:
            partij = connection.execute(
                sa.text("SELECT partij_id FROM declaratie WHERE id = :id"), {"id": number}
            ).scalar_one()
            asked = connection.execute(sa.select(sa.func.max(verzoek.c.id))).scalar_one()
        found = store.verzoeken.zoek(EVERYWHERE, Verzoekfilter(), 1).rijen
        assert found
        client = self.made.omgeving.kenmerken.of_client(f"{number:032}")
        for naam, soort, path, nummer, deel in (
            ("declaratie", "declaratie", "/declaraties", number, 0),
            ("regel", "regel", "/regels", number, self.line),
            ("bericht", "bericht", "/berichten", number, 0),
            ("bericht met retour", "bericht", "/berichten", self.invoices + number, 0),
            ("toewijzing", "toewijzing", "/toewijzingen", assigned, partij),
            ("verzoek", "verzoek", "/verzoeken", asked, 0),
            ("fout", "bericht", "/fouten", 5 * self.invoices + 1, 0),
        ):
            where = f"{path}/{self._kenmerk(soort, nummer, deel)}"
            yield Pagina(naam, f"{path}/{{kenmerk}}", where, wie)
        yield Pagina("cliënt", "/clienten/{kenmerk}", f"/clienten/{client}?{DOEL}", wie)
        yield Pagina("aanbieder", "/aanbieders/{agb}", f"/aanbieders/{AGB}", wie)
        month = f"/aanbieders/{AGB}/maanden/{BEGIN:%Y-%m}"
        yield Pagina("aanbieder, maand", "/aanbieders/{agb}/maanden/{maand}", month, wie)

    def _lists(self) -> Iterator[Pagina]:
        wie, alone, number = "beoordelaar", "in een gemeente", self.invoice
        day = (BEGIN - timedelta(days=200)).date()
        for naam, adres in (
            ("berichten", "/berichten"),
            ("berichten, nummer", f"/berichten?nummer=D{number}"),
            ("berichten, referentie", f"/berichten?referentie=R{number * LINES}"),
            ("berichten, aanbieder", f"/berichten?aanbieder={AGB}"),
            ("berichten, oordeel", "/berichten?oordeel=partly"),
            ("berichten, zeldzaam oordeel", "/berichten?oordeel=parked"),
            ("berichten, soort", "/berichten?bericht=JW315"),
            ("berichten, soort die er niet is", "/berichten?bericht=WMO317"),
            ("berichten, dagen", f"/berichten?van={day}&tot={day}"),
            ("toewijzingen", "/toewijzingen"),
            ("toewijzingen, nummer", f"/toewijzingen?nummer={1_000_000 + number}"),
            ("toewijzingen, aanbieder", f"/toewijzingen?aanbieder={AGB}"),
            ("toewijzingen, product", "/toewijzingen?product=45A03"),
            ("toewijzingen, product dat er niet is", "/toewijzingen?product=99Z99"),
            ("verzoeken", "/verzoeken"),
            ("verzoeken, alle", "/verzoeken?staat=alle"),
            ("aanbieders", "/aanbieders"),
            ("fouten", "/fouten"),
            ("fouten, blad", "/fouten?waar=geparkeerd"),
        ):
            pad = adres.partition("?")[0]
            yield Pagina(naam, pad, adres, wie)
            if naam in ("berichten", "toewijzingen", "verzoeken", "aanbieders"):
                yield Pagina(f"{naam}, één gemeente", pad, adres, alone)
        asked = {"bsn": BSN, "doel": "declaratie"}
        yield Pagina("cliënt zoeken", "/clienten", "/clienten", wie, asked)
        back = f"waar=geparkeerd&reden={quote('de opslag weigert een gegeven (1)')}"
        back += f"&tot={quote(BEGIN.isoformat())}"
        where = f"/fouten/terugzetten?{back}"
        yield Pagina("terugzetten", "/fouten/terugzetten", where, "technisch beheer")
        aside = set_aside(self.made.store, GEMEENTE, AGB)
        where = f"/fouten/enveloppen/{self._kenmerk('envelop', aside)}"
        yield Pagina("envelop", "/fouten/enveloppen/{kenmerk}", where, "technisch beheer")

    def _own(self) -> Iterator[Pagina]:
        wie, number = "aanbieder", self.invoice
        bericht, regel = (
            self._kenmerk("bericht", number),
            self._kenmerk("regel", number, self.line),
        )
        for naam, pad, adres in (
            ("eigen berichten", "/eigen", "/eigen"),
            ("eigen berichten, soort", "/eigen", "/eigen?bericht=JW323"),
            ("eigen bericht", "/eigen/{kenmerk}", f"/eigen/{bericht}"),
            ("eigen antwoord", "/eigen/{kenmerk}/antwoord", f"/eigen/{bericht}/antwoord"),
            ("eigen regel", "/eigen/regels/{kenmerk}", f"/eigen/regels/{regel}"),
            ("controleren", "/controle", "/controle"),
            ("correcties", "/eigen/correcties", "/eigen/correcties"),
            ("eigen maanden", "/eigen/maanden", "/eigen/maanden"),
            ("eigen maand", "/eigen/maanden/{maand}", f"/eigen/maanden/{BEGIN:%Y-%m}"),
        ):
            yield Pagina(naam, pad, adres, wie)

    def _others(self) -> Iterator[Pagina]:
        number = self.made.store.gebruikers.all()[0].nummer
        gebruiker = self._kenmerk("gebruiker", number)
        users, keys = "/beheer/gebruikers", "/beheer/sleutels"
        for naam, pad, adres, wie in (
            ("inloggen", "/inloggen", "/inloggen", ""),
            ("eerste", "/eerste", "/eerste", ""),
            ("wachtwoord", "/wachtwoord", "/wachtwoord", ""),
            ("mijn", "/mijn", "/mijn", "lezer"),
            ("mijn wachtwoord", "/mijn/wachtwoord", "/mijn/wachtwoord", "lezer"),
            ("cliënten", "/clienten", "/clienten", "beoordelaar"),
            (
                "vergelijken",
                "/overeenkomsten/vergelijken",
                "/overeenkomsten/vergelijken",
                "lezer",
            ),
            ("eigen overeenkomsten", "/overeenkomsten", "/overeenkomsten", "aanbieder"),
            ("beleid", "/beheer/beleid", "/beheer/beleid", "beheerder"),
            (
                "beleid wijzigen",
                "/beheer/beleid/{gemeente}",
                f"/beheer/beleid/{GEMEENTE}",
                "beheerder",
            ),
            ("gemeenten", "/beheer/gemeenten", "/beheer/gemeenten", "beheerder"),
            ("gebruikers", users, users, "beheerder"),
            ("nieuwe gebruiker", f"{users}/nieuw", f"{users}/nieuw", "beheerder"),
            ("gebruiker", f"{users}/{{kenmerk}}", f"{users}/{gebruiker}", "beheerder"),
            ("sleutels", keys, keys, "beheerder"),
            ("nieuwe sleutel", f"{keys}/nieuw", f"{keys}/nieuw", "beheerder"),
            ("logboek", "/logboek", "/logboek", "auditor"),
            ("logboek, wie", "/logboek", "/logboek?wie=bram", "auditor"),
            ("logboek, wie er niet is", "/logboek", "/logboek?wie=niemand", "auditor"),
            ("logboek, handeling", "/logboek", "/logboek?naam=verzoek+bekijken", "auditor"),
            ("logboek, mislukt", "/logboek", "/logboek?mislukt=1", "auditor"),
            ("inzage", "/logboek/inzage", "/logboek/inzage", "auditor"),
        ):
            yield Pagina(naam, pad, adres, wie)

    def _geld(self) -> Iterator[Pagina]:
        store, wie = self.made.store, "financien"
        vraag = Vraag(gemeente=GEMEENTE, soort="", onderwerp="een voorstel", inhoud={})
        with store.database.writing(GEMEENTE) as connection:
            nummer = propose(connection, Wie("anna", "Anna", "gebruiker"), vraag, 0.0)
        een = f"/geld/voorstellen/{self._kenmerk('voorstel', nummer)}"
        yield Pagina("geld", "/geld", "/geld", wie)
        yield Pagina("voorstellen", "/geld/voorstellen", "/geld/voorstellen", wie)
        yield Pagina("voorstel", "/geld/voorstellen/{kenmerk}", een, wie)
        group = f"wet=jeugdwet&categorie=45&aanbieder={AGB}&gemeente={GEMEENTE}"
        path = "/geld/verplichtingen/toewijzingen"
        yield Pagina("verplichtingen per toewijzing", path, f"{path}?{group}", wie)
        mutatie, _ = filled(store, GEMEENTE, AGB, size=60)
        een = f"/geld/mutaties/{self._kenmerk('mutatie', mutatie)}"
        wie = "beoordelaar"
        yield Pagina("mutaties", "/geld/mutaties", "/geld/mutaties", wie)
        yield Pagina("mutatie", "/geld/mutaties/{kenmerk}", een, wie)
        where = "/geld/mutaties/nieuw"
        yield Pagina("nieuwe mutatie", where, f"{where}?soort=contractwijziging", wie)
        where = "/geld/instemmingen"
        yield Pagina("instemmingen", where, where, wie)
        yield Pagina("instemmingen, nummer", where, f"{where}?toewijzing=7", wie)
        yield from self._jaar("financien")

    def _jaar(self, wie: str) -> Iterator[Pagina]:
        """A year that was closed, with a statement and a sample of a provider."""
        jaar = jaren.fill_year(self.made.store, GEMEENTE, AGB)
        here, asked = "/geld/jaarafsluiting", f"?gemeente={GEMEENTE}&jaar={jaren.JAAR}"
        yield Pagina("jaarafsluiting", here, f"{here}{asked}", wie)
        for naam, path in (
            ("jaarpakket", f"{here}/pakketten"),
            ("verantwoording inlezen", f"{here}/verantwoordingen"),
            ("steekproef trekken", f"{here}/steekproeven"),
        ):
            yield Pagina(naam, path, f"{path}{asked}", wie)
        for naam, soort, nummer in (
            ("pakketten", "jaarafsluiting", jaar.pakket),
            ("verantwoordingen", "verantwoording", jaar.verantwoording),
            ("steekproeven", "steekproef", jaar.steekproef),
        ):
            een = f"{here}/{naam}/{self._kenmerk(soort, nummer)}"
            yield Pagina(soort, f"{here}/{naam}/{{kenmerk}}", een, wie)
        for deel in ("stukken", "uitslagen"):
            yield Pagina(
                f"{soort}, {deel}", f"{here}/{naam}/{{kenmerk}}/{deel}", f"{een}/{deel}", wie
            )
        yield from self._betalingen()

    def _betalingen(self) -> Iterator[Pagina]:
        run, wie, path = self._betaalrun(), "financien", "/geld/betalingen"
        betaling = next(
            self._kenmerk("betaling", one.nummer)
            for one in self.made.store.betalingen.all_of(EVERYWHERE, run)
            if one.aanbieder == AGB
        )
        one_run = f"{path}/runs/{self._kenmerk('betaalrun', run)}"
        eigen = "/eigen/betalingen"
        yield Pagina("betalingen", path, path, wie)
        yield Pagina("betaalrun", f"{path}/runs/{{kenmerk}}", one_run, wie)
        yield Pagina("journaal", f"{path}/runs/{{kenmerk}}/journaal", f"{one_run}/journaal", wie)
        yield Pagina("blokkades", f"{path}/blokkades", f"{path}/blokkades", wie)
        yield Pagina("betaling", f"{path}/{{kenmerk}}", f"{path}/{betaling}", wie)
        yield Pagina("eigen betalingen", eigen, eigen, "aanbieder")
        yield Pagina("eigen betaling", f"{eigen}/{{kenmerk}}", f"{eigen}/{betaling}", "aanbieder")

    def _betaalrun(self) -> int:
        """One municipality has paid everybody, once."""
        store, dag = self.made.store, BEGIN.date()
        runs = store.betalingen.runs(EVERYWHERE).rijen
        if runs:
            return runs[0].nummer
        with store.database.writing(GEMEENTE) as connection:
            query = sa.select(partij.c.aanbieder).where(partij.c.gemeente == GEMEENTE).distinct()
            accounts = [
                {
                    "gemeente": GEMEENTE,
                    "aanbieder": agb,
                    "iban": "NL91ABNA0417164300",
                    "tenaamstelling": f"Zorg {agb}",
                    "vanaf": dag,
                }
                for agb in connection.scalars(query)
            ]
            connection.execute(sa.insert(aanbieder_rekening), accounts)
        anna = Wie("anna", "Anna", "gebruiker")
        run = store.betaalruns.make(
            anna, Runvraag(gemeente=GEMEENTE, tot=dag, uitvoering=dag + timedelta(days=3))
        )
        beleid = Betaalbeleid(tweede_persoon_boven=10**12, termijn=20, termijn_vanaf="ontvangst")
        store.betaalruns.release(EVERYWHERE, anna, run, beleid)
        return run

    def _nazorg(self) -> Iterator[Pagina]:
        store = self.made.store
        if self._gelegd is None:
            self._gelegd = put_down(store, EVERYWHERE, self.invoice)
        for one in nazorg_paginas(store, self._gelegd, self.invoice):
            yield Pagina(*one)

    def _register(self) -> Iterator[Pagina]:
        register, store, wie = "/geld/aanbieders", self.made.store, "financien"
        made = Nieuw(naam="De Linde", vanaf=date(2024, 1, 1), agb=AGB)
        if store.register.stand().houder(AGB, made.vanaf) is None:
            store.register.wijzig([made], no_log)
        for naam, path in (
            ("", ""),
            (", nieuw", "/nieuw"),
            (", invoer", "/invoer"),
        ):
            yield Pagina(f"register{naam}", f"{register}{path}", f"{register}{path}", wie)
        one = f"{register}/1"
        yield Pagina("register, een", f"{register}/{{nummer}}", one, wie)
        form = f"{register}/{{nummer}}/{{wat}}"
        yield Pagina("register, formulier", form, f"{one}/rekening", wie)

    def _counted(self) -> Iterator[Pagina]:
        made = self.made.omgeving.kennis.overeenkomsten.alle[0]
        one = f"/overeenkomsten/{quote(made.id)}/{quote(made.versie)}"
        yield Pagina("overeenkomsten", "/overeenkomsten", "/overeenkomsten", "lezer")
        yield Pagina("overeenkomst", "/overeenkomsten/{id}/{versie}", one, "lezer")
        for naam in ("indexeren", "publiceren"):
            path = f"/overeenkomsten/{naam}"
            yield Pagina(naam, path, f"{path}?overeenkomst={made.hash}", "beheerder")
        yield Pagina("sturing", "/sturing", "/sturing", "lezer")
        yield Pagina("regio", "/sturing/regio", "/sturing/regio", "lezer")
        vragen = "/sturing/regio/vragen"
        yield Pagina("vragen van de regio", vragen, vragen, "lezer")
        path = "/geld/verplichtingen"
        yield Pagina("verplichtingen", path, path, "financien")
        yield from self._closing()

    def _closing(self) -> Iterator[Pagina]:
        """The pages of a year whose proofs are there: counting them is what goes over all lines."""
        omgeving, path = self.made.omgeving, "/geld/sluiting"
        jaar = dag_van(omgeving.clock()).year
        proof = Bewijs(code="jaren", wat="", links=[], rechts=[], regels=regels.ALLE)
        omgeving.taken.cijfers(
            "sluiting",
            f"{Bereik(omgeving.bediend).scope} {jaar}",
            lambda: Sluiting(jaar, GEMEENTEN, [proof]),
            houdbaar=timedelta(hours=1),
            wacht=PATIENCE,
        )
        yield Pagina("jaar sluiten", path, path, "financien")
        for naam in ("bewijs", "regels"):
            one = f"{path}/{naam}"
            yield Pagina(f"{naam} van een jaar", one, f"{one}?bewijs=jaren", "financien")
