"""The store as the rest of the gateway sees it; satisfies `ports.Store`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from gateway.agreements.match import Overeenkomsten
from gateway.config import Rol
from gateway.deviations.policy import Beleid
from gateway.errors import CouldNotFinish, Gearchiveerd
from gateway.pipeline.ports import Claim
from gateway.store import counters
from gateway.store.archief import Archief
from gateway.store.beleid import Beleidsversies
from gateway.store.bewaard import Bewaard
from gateway.store.bsn import Fingerprinter, Opgave, fingerprinters, read_earlier, settle_keys
from gateway.store.controles import Controles
from gateway.store.declaraties import Declaraties
from gateway.store.engine import NONE, Database, open_database
from gateway.store.enveloppen import Enveloppen
from gateway.store.facts import Facts
from gateway.store.gebruik import expect
from gateway.store.geld.betalen.blokkades import Blokkades
from gateway.store.geld.betalen.inzage import Betalingeninzage
from gateway.store.geld.betalen.openstaand import Betaalvolger
from gateway.store.geld.betalen.runs import Betaalruns
from gateway.store.geld.nazorg.creditverzoeken import Creditverzoeken
from gateway.store.geld.nazorg.facturen import Facturen
from gateway.store.geld.nazorg.verrekeningen import Verrekeningen
from gateway.store.geld.rekeningvoorstel import Rekeningen
from gateway.store.geld.soorten import SOORTEN
from gateway.store.geld.voorstellen import Voorstellen
from gateway.store.handvol import Handvol
from gateway.store.herstel import Herstel
from gateway.store.inbox import Clock, Inbox
from gateway.store.instellingen import settle_rol, settle_secret
from gateway.store.inzage.berichten import Berichteninzage
from gateway.store.inzage.declaratieregels import Regelinzage
from gateway.store.inzage.declaraties import Declaratieinzage
from gateway.store.inzage.gebeurtenissen import Gebeurtenisseninzage
from gateway.store.inzage.maandoverzicht import Maandoverzichten
from gateway.store.inzage.overzicht import Overzichten
from gateway.store.inzage.regelverhaal import Regelverhalen
from gateway.store.inzage.toewijzingen import Toewijzingeninzage
from gateway.store.inzage.vandaag import Vandaaginzage
from gateway.store.inzage.verzoeken import Verzoekeninzage
from gateway.store.jaareinde.afsluitingen import Afsluitingen
from gateway.store.jaareinde.steekproeven import Steekproeven
from gateway.store.jaareinde.verantwoordingen import Verantwoordingen
from gateway.store.kluis import put_in, read_kluis, settle_kluis
from gateway.store.ledger_views import Grootboek, Soorten
from gateway.store.migrate import check_version, make_fresh, migrate
from gateway.store.mutaties.aanbod import Aanbod
from gateway.store.mutaties.instemmingen import Instemmingen
from gateway.store.mutaties.inzage import Mutatieinzage
from gateway.store.mutaties.maken import Maker
from gateway.store.mutaties.verloop import Verloop
from gateway.store.oorzaken import Oorzaken
from gateway.store.oppakken import Terms
from gateway.store.outbox import Outbox
from gateway.store.pieces import StoredPieces
from gateway.store.queries import prepared
from gateway.store.radar_views import Radarbron
from gateway.store.register.kennis import Registerkennis
from gateway.store.register.register import Aanbiedersregister
from gateway.store.tables import inbox, inbox_stuk
from gateway.store.termijnen import Termijnen
from gateway.store.toegang.emmers import Emmers
from gateway.store.toegang.gebruikers import Gebruikers
from gateway.store.toegang.herhalingen import Herhalingen
from gateway.store.toegang.logboek import Logboek
from gateway.store.toegang.personen import Personen
from gateway.store.toegang.sessies import Sessies
from gateway.store.toegang.sleutels import Sleutels
from gateway.store.transactie import Transactie
from gateway.store.unit_of_work import SqlUnitOfWork
from gateway.store.verzending import Verzending
from gateway.store.views import Views
from gateway.store.webhooks import Webhooks
from gateway.store.werk.besluiten import Besluiten
from gateway.store.werk.besluitinzage import Besluiteninzage
from gateway.store.werk.herbeoordeling import Herbeoordelingen
from gateway.store.werk.opruimen import Opruimer
from gateway.store.werk.overleg import Overleg
from gateway.store.werk.volger import Werkvolger
from gateway.store.werk.voorraad import Werkvoorraad
from gateway.store.zicht import Ground, Zicht
from gateway.toegang.kenmerk import Kenmerken

READY_SECONDS = 1.0
_READY = sa.text(
    "INSERT INTO instelling (naam, waarde) VALUES ('gereed', :moment) "
    "ON CONFLICT (naam) DO UPDATE SET waarde = excluded.waarde"
)
KENMERK_SLEUTEL = "kenmerk_sleutel"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """How a store is opened.

    `codes` gives the Berichtcode of every berichttype.  `rol` is the side to work on, None for who
    only looks.  `bsn_sleutel` and `bsn_sleutel_vorige` are as the settings have them.  `kluis` are
    the keys of the bytes of messages, see `read_kluis`.  `temporary` is a new store that is thrown
    away afterwards; `start` is then where the numbers of own messages begin.  `updates` is False
    where another command brings the tables up to date.
    """

    codes: Mapping[str, str]
    rol: Rol | None = None
    bsn_sleutel: str | None = None
    bsn_sleutel_vorige: str | None = None
    kluis: str | None = None
    terms: Terms = field(default_factory=Terms)
    temporary: bool = False
    start: int | None = None
    updates: bool = True

    @property
    def opgave(self) -> Opgave:
        """The keys of fingerprints that were given."""
        return Opgave(self.bsn_sleutel, read_earlier(self.bsn_sleutel_vorige))


class SqlStore:
    """Inbox, outbox and views, and the facts and units of work of the pipeline."""

    def __init__(self, ground: Ground, clock: Clock, terms: Terms) -> None:
        self.inbox = Inbox(ground.database, clock, terms)
        self.outbox = Outbox(ground.database, clock)
        self.views = Views(ground.database)
        self.bewaard = Bewaard(ground.database)
        self.oorzaken = Oorzaken(ground.database)
        self.declaraties = Declaraties(ground.database)
        self.termijnen = Termijnen(ground.database, clock)
        self.herstel = Herstel(ground.database, clock)
        self.archief = Archief(ground.database, clock)
        self.logboek = Logboek(ground.database, clock)
        self.enveloppen = Enveloppen(ground.database, clock, self.logboek)
        self.verzending = Verzending(ground.database, clock)
        self.controles = Controles(ground.database, ground.first_fingerprint, clock)
        self.werkvolger = Werkvolger(ground.database, self.controles)
        self.werkvoorraad = Werkvoorraad(ground.database)
        self.besluiteninzage = Besluiteninzage(ground.database)
        self.opruimer = Opruimer(ground.database, clock)
        self.overleg = Overleg(ground.database, clock)
        self.herbeoordelingen = Herbeoordelingen(ground.database, clock)
        self.beleidsversies = Beleidsversies(ground.database, clock, self.logboek)
        self.registerkennis = Registerkennis(ground.database)
        self.sleutels = Sleutels(ground.database, clock, self.logboek)
        self.herhalingen = Herhalingen(ground.database, clock)
        self.berichten = Berichteninzage(ground.database)
        self.regels = Regelinzage(ground.database)
        self.maandoverzichten = Maandoverzichten(ground.database)
        self.overzichten = Overzichten(ground.database)
        self.toewijzingen = Toewijzingeninzage(ground.database, ground.fingerprint)
        self.declaratiebladen = Declaratieinzage(ground.database, self.berichten)
        self.regelverhalen = Regelverhalen(
            ground.database, self.berichten, self.regels, self.toewijzingen
        )
        self.vandaag = Vandaaginzage(ground.database)
        self.verzoeken = Verzoekeninzage(ground.database, ground.fingerprint)
        self.gebeurtenissen = Gebeurtenisseninzage(ground.database)
        self.gebruikers = Gebruikers(ground.database, clock, self.logboek)
        self.personen = Personen(ground.database)
        self.sessies = Sessies(ground.database, clock)
        self.emmers = Emmers(ground.database)
        self.webhooks = Webhooks(ground.database, clock, self.logboek, self.gebeurtenissen)
        self.voorstellen = Voorstellen(ground.database, clock, SOORTEN)
        self.mutatiemaker = Maker(ground.database, clock, self.reading)
        self.mutatieverloop = Verloop(ground.database, clock)
        self.mutatieinzage = Mutatieinzage(ground.database)
        self.mutatieaanbod = Aanbod(ground.database, clock)
        self.instemmingen = Instemmingen(ground.database, clock)
        self.jaarafsluitingen = Afsluitingen(ground.database)
        self.verantwoordingen = Verantwoordingen(ground.database, clock)
        self.steekproeven = Steekproeven(ground.database, clock)
        self.betaalvolger = Betaalvolger(ground.database)
        self.betaalruns = Betaalruns(ground.database, clock)
        self.betalingen = Betalingeninzage(ground.database)
        self.blokkades = Blokkades(ground.database, clock)
        self.creditverzoeken = Creditverzoeken(
            ground.database, clock, Kenmerken(ground.kenmerksleutel)
        )
        self.verrekeningen = Verrekeningen(ground.database, clock)
        self.facturen = Facturen(ground.database, clock, ground.fingerprint, self.voorstellen)
        self.rekeningen = Rekeningen(ground.database, self.voorstellen)
        self.register = Aanbiedersregister(ground.database)
        self._ground = ground
        self._clock = clock
        self._written_at = 0.0
        self._queries = prepared(ground.database.engine.dialect)

    @property
    def rol(self) -> Rol:
        """The side that the store is of."""
        return self._ground.rol

    @property
    def database(self) -> Database:
        """For the reads of `inzage`, which are functions of their own."""
        return self._ground.database

    @property
    def kenmerken(self) -> Kenmerken:
        """What gives rows of this store an id for outside."""
        return Kenmerken(self._ground.kenmerksleutel)

    def kenmerken_for(self, doel: str) -> Kenmerken:
        """The same for one purpose: nobody can tell who is who in data for two of them."""
        return Kenmerken(self._ground.kenmerksleutel + b"\0" + doel.encode())

    @property
    def fingerprint(self) -> Fingerprinter:
        """The function from Bsn to fingerprint of this store."""
        return self._ground.fingerprint

    def fingerprints(self, bsn: str) -> Sequence[str]:
        """The fingerprints of a Bsn under which acts may stand in the log: of now, and before."""
        return [self._ground.fingerprint(bsn), *(make(bsn) for make in self._ground.eerder)]

    @property
    def wissels(self) -> int:
        """How often the fingerprints of this store got another key."""
        return len(self._ground.eerder)

    @property
    def is_shared(self) -> bool:
        """Whether several processes may work on this store."""
        return not self._ground.database.is_sqlite

    def now(self) -> datetime:
        """The time of this store."""
        return self._clock()

    def besluiten(self, beleid_of: Callable[[str], Beleid]) -> Besluiten:
        """Decisions on open findings, by the policy of each municipality."""
        return Besluiten(self._ground.database, self._clock, beleid_of, self.werkvolger)

    def check_ready(self) -> None:
        """Raise when this store cannot be written now, or has tables of another version.

        Only a commit tells of a disk that is full.  Anybody may ask, so it is made once a second.
        """
        check_version(self._ground.database)
        now = self._clock().timestamp()
        if 0 <= now - self._written_at < READY_SECONDS:
            return
        with self._ground.database.writing() as connection:
            connection.execute(_READY, {"moment": str(now)})
        self._written_at = now

    def resume(self) -> int:
        """At the start of a process: announce what was left behind; returns what was in hand.

        Nobody else has anything in hand where a store has one owner.
        """
        if self.is_shared:
            self.inbox.sweep()
            return 0
        return self.inbox.free_all()

    def skip_numbers(self) -> None:
        """After a backup was put back: use no number that was given out since it was made."""
        with self._ground.database.alone() as connection:
            counters.skip_given_out(connection, self._clock())

    def pieces(self, inbox_id: int) -> StoredPieces:
        """The raw bytes of a message; may be iterated more than once."""
        database = self._ground.database
        query = sa.select(inbox.c.stukken).where(inbox.c.id == inbox_id)
        with database.reading() as connection:
            count = connection.execute(query).scalar_one_or_none()
        if count is None:
            raise CouldNotFinish(f"bericht {inbox_id} staat niet in de opslag")
        return StoredPieces(database, inbox_stuk, inbox_id, count)

    def message(self, inbox_id: int) -> StoredPieces:
        """The message of an inbox row: what came in, or what was made of an opdracht and sent.

        Raises Gearchiveerd for one that is in an archive, or had its time.
        """
        sent = self.views.answer(inbox_id)
        own = self.views.berichtcode(inbox_id)
        if (
            sent is not None
            and not sent.is_gewist
            and self._ground.codes.get(sent.berichttype) == own
        ):
            return sent.body
        naam = self.archief.naam_of(inbox_id)
        if naam is not None:
            raise Gearchiveerd(
                f"bericht {inbox_id} staat in archief {naam} en niet meer in de opslag"
            )
        if self.views.is_gewist(inbox_id):
            raise Gearchiveerd(f"van bericht {inbox_id} is de bewaartermijn voorbij")
        return self.pieces(inbox_id)

    def next_toewijzingnummer(self, gemeente: str, wet: str) -> int:
        """A ToewijzingNummer that this municipality never used under this law, as far as known."""
        with self._ground.database.writing(gemeente) as connection:
            return counters.next_toewijzingnummer(connection, gemeente, wet)

    @contextmanager
    def facts(self, claim: Claim) -> Iterator[Facts]:
        """A consistent view of the facts while the message of this claim is judged."""
        with self.reading() as facts_of:
            yield facts_of(claim)

    @contextmanager
    def reading(self) -> Iterator[Callable[[Claim], Facts]]:
        """The facts for one claim after another, all read from one state of the store."""
        ground = self._ground
        # Which municipality is seen follows from what is asked.
        with ground.database.snapshot(NONE) as connection:
            connection.begin()
            view = Zicht(ground, connection)
            yield lambda claim: Facts(view, self._queries, claim, ground.fingerprint)
            ground.remember(view.ours)

    @contextmanager
    def grootboek(self, soorten: Soorten, overeenkomsten: Overeenkomsten) -> Iterator[Grootboek]:
        """The ledger at one moment; cells are those of the agreements."""
        ground = self._ground
        with ground.database.long_snapshot() as connection:
            yield Grootboek(
                ground.database,
                connection,
                ground.fingerprint,
                soorten,
                overeenkomsten,
                is_own=ground.rol == "aanbieder",
            )

    @contextmanager
    def radar(self, gemeente: str | None = None) -> Iterator[Radarbron]:
        """What the radar looks at, at one moment: of one municipality or of all."""
        with self._ground.database.long_snapshot() as connection:
            yield Radarbron(connection, gemeente)

    @contextmanager
    def unit_of_work(self, claim: Claim) -> Iterator[SqlUnitOfWork]:
        """A transaction in which the message of this claim is settled."""
        transactie = self._transactie([claim])
        try:
            yield SqlUnitOfWork(transactie, claim)
        finally:
            transactie.close()

    @contextmanager
    def together(self, claims: Sequence[Claim]) -> Iterator[Handvol]:
        """The store for a handful of small messages that are settled all or none."""
        transactie = self._transactie(claims, judges=True)
        try:
            yield Handvol(self, transactie, self._queries, claims)
        finally:
            transactie.close()

    def _transactie(self, claims: Sequence[Claim], *, judges: bool = False) -> Transactie:
        return Transactie(self._ground, claims, self._clock().timestamp(), judges=judges)

    def close(self) -> None:
        """Give all connections back."""
        self._ground.database.close()


def open_store(url: str, clock: Clock, options: StoreOptions) -> SqlStore:
    """Open the store behind a SQLAlchemy URL, made and brought up to date when needed.

    Raises WrongUse for a URL that cannot be used, CouldNotFinish when the store cannot be used.
    """
    kluis = read_kluis(options.kluis)
    database = open_database(url, durable=not options.temporary, creates=options.updates)
    try:
        _prepare(database, options)
        with database.alone() as connection:
            rol = settle_rol(connection, options.rol)
            keys = settle_keys(connection, options.opgave)
            settle_kluis(connection, kluis)
            outside = settle_secret(connection, KENMERK_SLEUTEL)
            counters.begin(connection, _first_numbers(options, clock))
    except BaseException:
        database.close()
        raise
    put_in(database.engine, kluis)
    expect(database.engine, keys[-1].kenmerk)
    *before, now = fingerprinters(keys)
    ground = Ground(database, now, options.codes, rol, outside, before)
    return SqlStore(ground, clock, options.terms)


def _first_numbers(options: StoreOptions, clock: Clock) -> Mapping[str, int]:
    """Where the counters of a new store begin."""
    start = options.start
    if start is None:
        start = int(clock().timestamp()) * counters.PER_SECOND
    return {
        counters.VOLGNR: 1,
        counters.ONTVANGEN: 1,
        counters.IDENTIFICATIE: counters.start_from(start),
    }


def _prepare(database: Database, options: StoreOptions) -> None:
    """Make or update the tables, or see that someone did."""
    if options.temporary and database.is_sqlite:
        make_fresh(database)
    elif options.updates:
        migrate(database)
    else:
        check_version(database)
