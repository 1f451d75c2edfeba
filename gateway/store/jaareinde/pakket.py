"""Makes the pack of a year for the accountant: what is granted, and everything it rests on.

What the lists hold follows from the store at a mark, so that the same pack can be made again later
and held against this one.  Only what was found at the moment itself (whether the ledger adds up,
what providers told) is kept as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from gateway import __version__
from gateway.agreements.match import Overeenkomsten
from gateway.ledger.jaareinde.instellingen import Instellingen
from gateway.ledger.jaareinde.stand import NIETS
from gateway.records.masker import mask_own
from gateway.store.archiefbestand import file_sha256
from gateway.store.engine import Database
from gateway.store.ggm.maken import ledger_at
from gateway.store.ggm.manifest import Bestand, Stand
from gateway.store.ggm.merk import Merk
from gateway.store.jaareinde.bestanden import Bedrag, Cel, Schrijf, lijst, write_list
from gateway.store.jaareinde.bron import Jaarbron, Jaarregel, Standen, with_open, with_overloop
from gateway.store.jaareinde.cijfers import Cijfers, write_totals
from gateway.store.jaareinde.facturen import Jaarfactuur
from gateway.store.jaareinde.openstaand import Lees, Openregel, Openstaand
from gateway.store.jaareinde.vragen import Jaarvraag
from gateway.store.manifesten import write_manifest
from gateway.store.store import SqlStore

# A pack of "1" has no invoices outside the message traffic.
SCHEMA, WITHOUT_INVOICES = "2", "1"
SCHEMAS = (WITHOUT_INVOICES, SCHEMA)
DOEL = "jaarafsluiting"
INSTELLINGEN = "jaareinde.toml"
OVEREENKOMST = "overeenkomst-"
# What is kept as it was found, and cannot be worked out again.
SAMENVATTING, CONTROLE = "samenvatting.md", "controle.json"
VERSCHILLEN, VERANTWOORDINGEN = "verschillen.csv", "verantwoordingen.csv"
VASTGELEGD = frozenset({SAMENVATTING, CONTROLE, VERSCHILLEN, VERANTWOORDINGEN})
REGELLIJSTEN, FACTUREN = ("regels.csv", "credits.csv", "laat.csv"), "facturen.csv"
# The lists with numbers of providers, and the column that most have with ids of clients.
NUMMERLIJSTEN = (*REGELLIJSTEN, "open.csv", FACTUREN)
CLIENT = "client"
GOEDGEKEURD, WACHT = "goedgekeurd", "wacht op goedkeuring"
_FACTUUR = (
    *("kenmerk", "wet", "aanbieder", "factuur", "factuurdatum", "soort", "crediteert", "regel"),
    *("product", "begindatum", "einddatum", CLIENT, "bedrag", "in dit jaar", "stand", "laat"),
)
_OPEN = (
    *("bericht", "wet", "aanbieder", "regel", "toewijzing", "product"),
    *("begindatum", "einddatum", "bedrag", "in dit jaar"),
)
_OVERLOPEND = (
    *("kenmerk", "wet", "aanbieder", "product", "toewijzing", "bedrag", "begindatum"),
    *("aanvang", "verwacht einde", "bekend uit", "vooruitbetaald", "overgenomen"),
)
_REGEL = (
    *("kenmerk", "wet", "aanbieder", "declaratie", "regel", "crediteert", "toewijzing"),
    *("categorie", "product", "begindatum", "einddatum", CLIENT, "bedrag", "in dit jaar", "laat"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opdracht:
    """What a pack is made of besides the store: settings and agreements, with their bytes.

    `codes` are the Berichtcodes of invoices, `lees` reads one that has no answer yet.
    """

    gemeente: str
    jaar: int
    instellingen: Instellingen
    instellingentekst: bytes
    overeenkomsten: Overeenkomsten
    overeenkomstbestanden: Sequence[tuple[str, bytes]]
    codes: Sequence[str]
    lees: Lees


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A pack: of which store, municipality and year, up to which mark, and its files.

    `wissels` is how often the fingerprints of the store had got another key: clients have other ids
    since each time.  `jaren` is what is granted per year of delivery, credits subtracted, and
    together what `grootboek` says.
    """

    schema: str
    versie: str
    opslag: str
    wissels: int = 0
    gemeente: str
    jaar: int
    merk: Merk
    tot_bericht: int
    jaren: dict[str, int]
    grootboek: Stand
    bestanden: tuple[Bestand, ...]


def vraag_of(opdracht: Opdracht, merk: Merk, tot_bericht: int) -> Jaarvraag:
    """What is asked of the store for a pack."""
    return Jaarvraag(opdracht.gemeente, opdracht.jaar, merk, tot_bericht)


def write_lists(
    store: SqlStore,
    connection: Connection,
    folder: Path,
    opdracht: Opdracht,
    vraag: Jaarvraag,
    *,
    schema: str = SCHEMA,
) -> Cijfers:
    """Write everything that follows from the store at the mark; returns what it came to.

    With an earlier schema as a pack of then had it.
    """
    has_invoices = schema != WITHOUT_INVOICES
    maker = _Maker(store, connection, folder, opdracht, vraag, has_invoices=has_invoices)
    return maker.run()


def write_pack_manifest(
    store: SqlStore, folder: Path, vraag: Jaarvraag, cijfers: Cijfers
) -> Manifest:
    """Put the manifest beside all files that stand in a folder."""
    manifest = Manifest(
        schema=SCHEMA,
        versie=__version__,
        opslag=store.kenmerken.of("opslag", 0),
        wissels=store.wissels,
        gemeente=vraag.gemeente,
        jaar=vraag.jaar,
        merk=vraag.merk,
        tot_bericht=vraag.tot_bericht,
        jaren={str(jaar): bedrag for jaar, bedrag in sorted(cijfers.jaren.items())},
        grootboek=cijfers.grootboek,
        bestanden=tuple(
            Bestand(naam=one.name, grootte=one.stat().st_size, sha256=str(file_sha256(one)))
            for one in sorted(folder.iterdir())
        ),
    )
    write_manifest(folder, manifest)
    return manifest


class _Maker:
    """Writes one list after another from one state of the store."""

    def __init__(
        self,
        store: SqlStore,
        connection: Connection,
        folder: Path,
        opdracht: Opdracht,
        vraag: Jaarvraag,
        *,
        has_invoices: bool,
    ) -> None:
        self._has_invoices = has_invoices
        self._connection = connection
        self._database: Database = store.database
        self._folder = folder
        self._opdracht = opdracht
        self._vraag = vraag
        self._bron = Jaarbron(connection, vraag, opdracht.instellingen)
        self._kenmerken = store.kenmerken
        self._client = store.kenmerken_for(DOEL).of_client

    def run(self) -> Cijfers:
        standen, jaren = self._bron.standen()
        cijfers = Cijfers(standen, jaren)
        cijfers.grootboek = ledger_at(self._connection, self._vraag.merk, [self._vraag.gemeente])
        cijfers.onleesbaar = self._open(standen)
        cijfers.zonder_looptijd = self._overlopend(standen)
        self._regels()
        if self._has_invoices:
            cijfers.factuurjaren = self._facturen(standen)
        write_totals(self._folder, cijfers, has_invoices=self._has_invoices)
        self._knowledge()
        return cijfers

    def _regels(self) -> None:
        with ExitStack() as stack:
            alle, credits_, laat = (
                stack.enter_context(lijst(self._folder, naam, _REGEL)) for naam in REGELLIJSTEN
            )
            for one in self._bron.regels():
                row = self._regel(one)
                wanted: list[tuple[Schrijf, bool]] = [
                    (alle, True),
                    (credits_, one.bedrag < 0),
                    (laat, one.is_laat),
                ]
                for write, is_wanted in wanted:
                    if is_wanted:
                        write(row)

    def _regel(self, one: Jaarregel) -> Sequence[Cel]:
        return (
            self._kenmerken.of("regel", one.inbox_id, one.regelnr),
            one.wet,
            one.aanbieder,
            one.declaratienummer,
            one.referentienummer,
            one.vorig_referentienummer,
            one.toewijzingnummer,
            one.productcategorie,
            one.productcode,
            one.begindatum,
            one.einddatum,
            self._client(one.client),
            Bedrag(one.bedrag),
            Bedrag(one.in_jaar),
            "ja" if one.is_laat else "nee",
        )

    def _facturen(self, standen: Standen) -> dict[int, int]:
        """Invoices outside the traffic; returns what those that count came to in every year."""
        jaar, jaren = self._vraag.jaar, dict[int, int]()
        with lijst(self._folder, FACTUREN, _FACTUUR) as write:
            for one in self._bron.facturen():
                if not one.is_open:
                    for year, cents in one.jaren.items():
                        jaren[year] = jaren.get(year, 0) + cents
                if jaar in one.jaren:
                    write(self._factuur(one))
                    standen[one.sleutel] = standen.get(one.sleutel, NIETS).plus(one.stand(jaar))
        return jaren

    def _factuur(self, one: Jaarfactuur) -> Sequence[Cel]:
        return (
            self._kenmerken.of("factuur", one.factuur_id),
            one.wet,
            one.aanbieder,
            one.factuurnummer,
            one.factuurdatum,
            one.soort,
            one.tegen,
            one.regelnr,
            one.productcode,
            one.begindatum,
            one.einddatum,
            None if one.client is None else self._client(one.client),
            Bedrag(one.bedrag),
            Bedrag(one.jaren.get(self._vraag.jaar, 0)),
            WACHT if one.is_open else GOEDGEKEURD,
            "ja" if self._bron.is_late(one.besloten_at) else "nee",
        )

    def _open(self, standen: Standen) -> Sequence[int]:
        """The lines without an answer; returns which messages could not be read."""
        opdracht = self._opdracht
        open_ = Openstaand(
            self._database, self._connection, self._vraag, opdracht.codes, opdracht.lees
        )
        with lijst(self._folder, "open.csv", _OPEN) as write:
            for one in open_.regels():
                if one.in_jaar:
                    write(self._openregel(one))
                    with_open(standen, {one.sleutel: one.in_jaar})
        return open_.onleesbaar

    def _openregel(self, one: Openregel) -> Sequence[Cel]:
        line = one.prestatie
        return (
            self._kenmerken.of("bericht", one.inbox_id),
            one.wet,
            one.aanbieder,
            mask_own(line.referentienummer, line.bsn),
            line.toewijzingnummer,
            line.productcode,
            line.begindatum,
            line.einddatum,
            Bedrag(line.ondertekend),
            Bedrag(one.in_jaar),
        )

    def _overlopend(self, standen: Standen) -> int:
        """The start parts that run over; returns of how many nobody knows for how long."""
        jaar, unknown = self._vraag.jaar, 0
        with lijst(self._folder, "overlopend.csv", _OVERLOPEND) as write:
            for one in self._bron.overloop(self._opdracht.overeenkomsten):
                with_overloop(standen, jaar, one)
                unknown += one.looptijd.eind is None
                moved, deel = one.verschuiving.get(jaar, 0), one.deel
                write(
                    (
                        self._kenmerken.of("regel", deel.inbox_id, deel.regelnr),
                        deel.wet,
                        deel.aanbieder,
                        deel.productcode,
                        deel.toewijzingnummer,
                        Bedrag(deel.bedrag),
                        deel.begindatum,
                        deel.aanvang,
                        one.looptijd.eind,
                        one.looptijd.bron,
                        Bedrag(max(-moved, 0)),
                        Bedrag(max(moved, 0)),
                    )
                )
        return unknown

    def _knowledge(self) -> None:
        rows = self._bron.kennis()
        write_list(self._folder, "kennis.csv", ("sha256", "berichten"), rows)
        (self._folder / INSTELLINGEN).write_bytes(self._opdracht.instellingentekst)
        for naam, inhoud in self._opdracht.overeenkomstbestanden:
            (self._folder / f"{OVEREENKOMST}{Path(naam).name}").write_bytes(inhoud)
