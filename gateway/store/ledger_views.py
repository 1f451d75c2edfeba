"""Reads for the ledger: streams over the whole store, all of one moment, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.agreements.match import Overeenkomsten
from gateway.ledger.antwoord import Antwoordstuk
from gateway.ledger.boek import Boekstuk, Geboekt, Regelkop, Saldo
from gateway.ledger.cellen import Geprijsd, cell_balances
from gateway.ledger.controle import Besteed, Losse
from gateway.ledger.credits import Creditpaar
from gateway.ledger.verhaal import Boekregel, Inzending, Verhaal, chain, nummers_of, stories
from gateway.pipeline.kennis import dag_van
from gateway.records.declaratie import GRANTED, PENDING, Prestatie
from gateway.records.masker import mask_own
from gateway.store import ledger_antwoorden as antwoorden
from gateway.store import ledger_balances as balances
from gateway.store import ledger_queries as queries
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import AT_ONCE, Database, rows_of
from gateway.store.pieces import StoredPieces, WithFirst
from gateway.store.rijen import Plain, prestatie_of
from gateway.store.tables import inbox_stuk, outbox_stuk

# Columns of a Regelkop with its Bsn in front: before its `inhoud`, and in all.
KOP, KOLOMMEN = 7, 16
NOBODY = ("", "", "")
_UITKOMST = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Soorten:
    """Which messages the ledger is about: the Berichtcodes of 323s, the names of 325s."""

    declaraties: Set[str]
    antwoorden: Set[str]


class Versie(NamedTuple):
    """A version of an assignment as far as it picks a price, and for which judgements it stood."""

    van_volgnr: int
    tot_volgnr: int | None
    volgorde: tuple[date, str]
    ingangsdatum: date
    eenheid: str | None

    def stood_for(self, volgnr: int) -> bool:
        """Whether a judgement with this number saw the version."""
        return self.van_volgnr < volgnr and (self.tot_volgnr is None or self.tot_volgnr >= volgnr)


Sleutel = tuple[int, int]  # party and ToewijzingNummer


class Grootboek:
    """Hands out the ledger on one snapshot; satisfies `ledger.controle.Bron`."""

    def __init__(
        self,
        database: Database,
        connection: Connection,
        fingerprint: Fingerprinter,
        soorten: Soorten,
        overeenkomsten: Overeenkomsten,
        *,
        is_own: bool = False,
    ) -> None:
        """`is_own` tells that the 323s are our own: the store is that of an aanbieder."""
        self._database = database
        self._connection = connection
        self._fingerprint = fingerprint
        self._soorten = soorten
        self._overeenkomsten = overeenkomsten
        self.is_own = is_own

    def totaal(self) -> Saldo:
        """See `controle.Bron`."""
        return _saldo(next(self._rows(balances.TOTAAL)))

    def zonder_oordeel(self) -> int:
        """See `controle.Bron`."""
        return int(next(self._rows(queries.WACHTEND))[0])

    def stukken(self) -> Iterator[Boekstuk]:
        """See `controle.Bron`."""
        rows = self._rows(queries.stukken(self._soorten.declaraties))
        for _, group in groupby(rows, key=itemgetter(0)):
            yield _stuk(list(group), is_own=self.is_own)

    def afgewezen(self) -> Iterator[tuple[int, Prestatie]]:
        """See `controle.Bron`."""
        for row in self._rows(queries.AFGEWEZEN):
            yield row[0], prestatie_of(row[1:])

    def antwoorden(self) -> Iterator[tuple[int, Antwoordstuk]]:
        """See `controle.Bron`."""
        if self.is_own:
            table, query = inbox_stuk, antwoorden.ontvangen(self._soorten.declaraties)
        else:
            table, query = outbox_stuk, antwoorden.verstuurd(self._soorten.antwoorden)
        for row in self._rows(query):
            inbox_id, number, identificatie, gewist, count, first = row
            pieces = WithFirst(first, StoredPieces(self._database, table, number, count))
            yield inbox_id, Antwoordstuk(inbox_id, identificatie, None if gewist else pieces)

    def losse(self) -> Iterator[Losse]:
        """See `controle.Bron`."""
        declaraties = queries.losse_declaraties(self._soorten.declaraties)
        for query in (queries.LOSSE_REGELS, declaraties):
            yield from (_losse(row) for row in self._rows(query))
        yield from self._under_wrong_fingerprints()

    def credits(self) -> Iterator[Creditpaar]:
        """See `controle.Bron`."""
        for row in self._rows(queries.CREDITS):
            partij, vorig, *kop = row
            credit, debet = kop[:KOLOMMEN], kop[KOLOMMEN:]
            yield Creditpaar(
                partij,
                vorig,
                _kop(credit),
                None if debet[1] is None else _kop(debet),
                mask_own(vorig, credit[0]),
            )

    def dubbele(self) -> Iterator[Sequence[Regelkop]]:
        """See `controle.Bron`."""
        for row in self._rows(queries.DUBBELE):
            wanted = dict(zip(queries.KEY, row, strict=True))
            yield [_kop(one) for one in self._rows(queries.DUBBELE_REGELS, wanted)]

    def besteed(self) -> Iterator[Besteed]:
        """See `controle.Bron`."""
        for row in self._rows(queries.BESTEED):
            yield Besteed._make((*row[:5], *map(int, row[5:])))

    def saldi(self, per: str) -> Iterator[tuple[tuple[str, ...], Saldo]]:
        """See `controle.Bron`."""
        if per == "cell":
            yield from cell_balances(self._priced(), self._overeenkomsten)
            return
        for row in self._rows(balances.SALDI[per]):
            key, saldo = row[: -len(balances.SALDO)], row[-len(balances.SALDO) :]
            yield tuple(map(str, key)), _saldo(saldo)

    def verhalen(self) -> Iterator[Verhaal]:
        """The story of every line, those of one assignment together."""
        regels = map(boekregel_of, self._rows(queries.BOEKREGELS))
        for _, group in groupby(
            regels, key=lambda one: (one.inzending.partij, one.prestatie.toewijzingnummer)
        ):
            yield from stories(list(group))

    def gezocht(
        self, declaratie: str, referentie: str, aanbieder: str | None
    ) -> Sequence[Boekregel]:
        """Lines with this ReferentieNummer in the Declaratie with this number or Identificatie."""
        given = {"declaratie": declaratie, "referentie": referentie}
        query = queries.gezochte_regels(aanbieder)
        return [boekregel_of(row) for row in self._rows(query, given)]

    def keten(self, start: Sequence[Boekregel]) -> Sequence[Boekregel]:
        """All lines that belong to the story of some lines of one party, in order of judging."""
        numbers, found = {one.regel_id for one in start}, list(start)
        while True:
            known = len(found)
            given = {
                "partij": found[0].inzending.partij,
                queries.REFERENTIES: sorted(nummers_of(found)),
                balances.NUMMERS: sorted({one.prestatie.toewijzingnummer for one in found}),
            }
            rows = self._rows(queries.VERWANT, given)
            found = chain(numbers, map(boekregel_of, rows))
            if len(found) <= known:
                return found

    def _under_wrong_fingerprints(self) -> Iterator[Losse]:
        """Lines that are found under the fingerprint of another client than the one they name."""
        wrong = (
            kenmerk
            for bsn, kenmerk in self._rows(queries.KENMERKEN)
            if self._fingerprint(bsn) != kenmerk
        )
        while keys := list(islice(wrong, AT_ONCE)):
            for row in self._rows(queries.ONDER_KENMERK, {queries.KENMERK: keys}):
                *losse, bsn, kenmerk = row
                if self._fingerprint(bsn) != kenmerk:
                    waarom = "staat onder het kenmerk van een andere cliënt"
                    yield _losse((*losse, waarom, bsn))

    def _priced(self) -> Iterator[Geprijsd]:
        """All lines with the version of the assignment that their judgement held them against."""
        rows = self._rows(balances.PER_PRIJS)
        wie = {row[0]: row[1:] for row in self._rows(balances.PARTIJEN)}
        while chunk := list(islice(rows, AT_ONCE)):
            versies = self._versions({row[1] for row in chunk})
            for partij, nummer, volgnr, code, eenheid, begin, *saldo in chunk:
                found = _seen(versies.get((partij, nummer), ()), volgnr)
                ingang, toegewezen = found[3:] if found else (None, None)
                line = (code, eenheid, begin, ingang, toegewezen, _saldo(saldo))
                yield Geprijsd._make((*wie.get(partij, NOBODY), *line))

    def _versions(self, nummers: Iterable[int]) -> Mapping[Sleutel, Sequence[Versie]]:
        found: dict[Sleutel, list[Versie]] = {}
        for row in self._rows(balances.VERSIES, {balances.NUMMERS: sorted(nummers)}):
            partij, nummer, van, tot, datum, tijd, ingang, eenheid = row
            versie = Versie(van, tot, (datum, tijd), ingang, eenheid)
            found.setdefault((partij, nummer), []).append(versie)
        return found

    def _rows(
        self, query: sa.Select[Any], given: Mapping[str, Any] | None = None
    ) -> Iterator[Plain]:
        return rows_of(self._connection, query, given)


def _seen(versies: Iterable[Versie], volgnr: int) -> Versie | None:
    """The latest version among those that a judgement saw."""
    seen = [one for one in versies if one.stood_for(volgnr)]
    return max(seen, key=lambda one: one.volgorde, default=None)


def _saldo(row: Sequence[Any]) -> Saldo:
    return Saldo._make(map(int, row))


def _kop(row: Sequence[Any]) -> Regelkop:
    bsn, regel_id, inbox_id, naam, declaratie, referentie, bedrag = row[:KOP]
    numbers = _hidden(declaratie, bsn), _hidden(referentie, bsn)
    return Regelkop(regel_id, inbox_id, naam, *numbers, bedrag, tuple(row[KOP:]))


def _losse(row: Sequence[Any]) -> Losse:
    inbox_id, naam, declaratie, referentie, bedrag, waarom, bsn = row
    numbers = _hidden(declaratie, bsn), _hidden(referentie, bsn)
    return Losse(inbox_id, naam, *numbers, bedrag, waarom)


def _hidden(nummer: Any, bsn: str | None) -> Any:
    """A number of the provider, where there is one, without the Bsn of the client."""
    return nummer and mask_own(nummer, bsn or "")


def boekregel_of(row: Sequence[Any]) -> Boekregel:
    """A line of the ledger, whose columns are those of `ledger_queries.BOEKREGEL`."""
    regel_id, client, staat = row[10:13]
    moment = row[9]
    answered = None if moment is None else dag_van(datetime.fromtimestamp(moment, UTC))
    own = Inzending._make((*row[:9], answered))
    line = prestatie_of(row[13:])
    return Boekregel(regel_id, own, client, staat == GRANTED, line, staat == PENDING)


def _stuk(rows: Sequence[Plain], *, is_own: bool) -> Boekstuk:
    """A 323 of its rows: one for each Declaratie that is registered of it, or a single one."""
    of_stuk = len(queries.STUK)
    *known, uitkomst, antwoord = rows[0][:of_stuk]
    inbox_id, naam, staat, verdict, gemeente, aanbieder, identificatie, nummer = known
    told = {} if uitkomst is None else _UITKOMST.decode(uitkomst).get("telling", {})
    return Boekstuk(
        inbox_id=inbox_id,
        naam=naam,
        staat=staat,
        verdict=verdict,
        gemeente=gemeente or "",
        aanbieder=aanbieder or "",
        identificatie=identificatie or "",
        declaratienummer=nummer,
        geboekt=tuple(_geboekt(row[of_stuk:]) for row in rows if row[of_stuk] is not None),
        telling=told,
        is_own=is_own,
        antwoord=antwoord,
    )


def _geboekt(row: Plain) -> Geboekt:
    _, nummer, identificatie, totaal, toegekend, *saldo = row
    return Geboekt(
        declaratienummer=nummer,
        identificatie=identificatie,
        totaal=totaal,
        toegekend=toegekend,
        saldo=_saldo(saldo),
    )
