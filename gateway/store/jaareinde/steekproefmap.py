"""Writes the papers of a sample: per line its receipt, its assignment, its care and its message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from gateway.deviations.receipt import Document
from gateway.errors import WrongUse
from gateway.ledger.geld.specificatie import FACTUUR
from gateway.pipeline.herbeoordeling import bewijzen_of, judged_again
from gateway.pipeline.kennis import Kennis
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.masker import mask, mask_own
from gateway.store.archiefbestand import file_sha256
from gateway.store.ggm.manifest import Bestand
from gateway.store.inzage.regelverhaal import Regelverhaal
from gateway.store.inzage.toewijzingen import Versie
from gateway.store.jaareinde.bestanden import Bedrag, write_list
from gateway.store.jaareinde.pakketbestand import Pakketbestand, packed
from gateway.store.jaareinde.steekproeffactuur import invoice_paper
from gateway.store.jaareinde.steekproeven import Steekproef, Steekproefpost
from gateway.store.manifesten import write_manifest
from gateway.store.schijf import new_folder
from gateway.store.store import SqlStore
from gateway.toegang.wie import Bereik

WAT = "steekproef"
POSTEN = "posten.csv"
IN_STORE = "opslag"
# What is filled in here is read back as the results.
_KOPPEN = (
    *("post", "kenmerk", "aanbieder", "declaratie", "factuur", "regel", "toewijzing", "product"),
    *("begindatum", "einddatum", "bedrag", "geheel", "stuk", "oordeel", "afwijking", "reden"),
)
# A free text may name somebody, and a family is told by its own words.
_LEFT_OUT = {"pad", "bsn", "extra", "commentaar", "gezin"}


# What a judgement knew, by its hash.
KennisVan = Callable[[str | None], Kennis]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The papers of a sample: how it was drawn, and the files."""

    steekproef: int
    gemeente: str
    jaar: int
    aanbieder: str | None
    zaad: str
    populatie: int
    interval: int
    start: int
    bestanden: tuple[Bestand, ...]


def write_sample(
    store: SqlStore,
    kennis_van: KennisVan,
    bereik: Bereik,
    out: Path,
    een: Steekproef,
    posten: Sequence[Steekproefpost],
) -> Path:
    """Write the papers to a folder of their own below `out`, whole or not at all."""
    place = out / f"{WAT}-{een.nummer}"
    if place.exists():
        raise WrongUse(f"{place} bestaat al")
    papers = _Papers(store, kennis_van, bereik)
    with new_folder(place, WAT) as folder:
        rows = {post.nr: _write(folder, een, post, stuk) for post, stuk in papers.of(posten)}
        write_list(folder, POSTEN, _KOPPEN, [rows[nr] for nr in sorted(rows)])
        manifest = Manifest(
            steekproef=een.nummer,
            gemeente=een.gemeente,
            jaar=een.jaar,
            aanbieder=een.aanbieder,
            zaad=een.zaad,
            populatie=een.populatie,
            interval=een.interval,
            start=een.start,
            bestanden=tuple(
                Bestand(naam=one.name, grootte=one.stat().st_size, sha256=str(file_sha256(one)))
                for one in sorted(folder.iterdir())
            ),
        )
        write_manifest(folder, manifest)
    return place


def sample_file(
    store: SqlStore,
    kennis_van: KennisVan,
    bereik: Bereik,
    een: Steekproef,
    posten: Sequence[Steekproefpost],
) -> Pakketbestand:
    """The same folder in a zip on disk, for who cannot reach one of the machine."""
    with TemporaryDirectory(prefix=f"{WAT}-") as kept:
        place = write_sample(store, kennis_van, bereik, Path(kept), een, posten)
        return packed(een.nummer, place)


class _Bericht:
    """What the papers of the lines of one message share, each asked once and when it is needed.

    `regelnrs` are those lines.
    """

    def __init__(
        self, store: SqlStore, kennis_van: KennisVan, inbox_id: int, regelnrs: Set[int]
    ) -> None:
        self._store = store
        self._kennis_van = kennis_van
        self._inbox_id = inbox_id
        self._regelnrs = regelnrs

    @cached_property
    def plaats(self) -> str:
        """Where its bytes are now."""
        archief = self._store.archief.naam_of(self._inbox_id)
        if archief:
            return f"archief {archief}"
        return "gewist" if self._store.views.is_gewist(self._inbox_id) else IN_STORE

    def bewijs(self, regelnr: int) -> Document | str:
        """The receipt of a line by judging the message again, or why that cannot be."""
        again = self._again
        return again if isinstance(again, str) else again[regelnr]

    @cached_property
    def _again(self) -> Mapping[int, Document] | str:
        if self.plaats != IN_STORE:
            return "opnieuw beoordelen kan niet: het bericht staat niet meer in de opslag"
        claim = self._store.views.claim_of(self._inbox_id)
        if claim is None:
            return "dit bericht is nog niet beoordeeld"
        sleutel = self._store.bewaard.kennis_of(self._inbox_id)
        with judged_again(self._store, claim, self._kennis_van(sleutel), sleutel) as opnieuw:
            found = bewijzen_of(opnieuw, self._regelnrs)
        return found or "met deze versie valt de hele declaratie af"


class _Stuk(NamedTuple):
    """What the paper of a line tells, and what of that the list of posten has in its columns."""

    kenmerk: str
    told: Mapping[str, Any]
    columns: Mapping[str, Any]


class _Papers:
    """Makes the papers of lines, those of one message behind each other."""

    def __init__(self, store: SqlStore, kennis_van: KennisVan, bereik: Bereik) -> None:
        self._store = store
        self._kennis_van = kennis_van
        self._bereik = bereik

    def of(self, posten: Sequence[Steekproefpost]) -> Iterator[tuple[Steekproefpost, _Stuk]]:
        """Every line with its paper, by message and not in the order of the list."""
        berichten = dict[int, list[Steekproefpost]]()
        for post in posten:
            if post.bron == FACTUUR:
                yield post, self._of_invoice(post)
            else:
                berichten.setdefault(post.stuk_id, []).append(post)
        for inbox_id, own in berichten.items():
            regelnrs = {post.regelnr for post in own}
            bericht = _Bericht(self._store, self._kennis_van, inbox_id, regelnrs)
            for post in own:
                yield post, self._of_line(post, bericht)

    def _of_invoice(self, post: Steekproefpost) -> _Stuk:
        kenmerk = self._store.kenmerken.of(FACTUUR, post.stuk_id)
        return _Stuk(kenmerk, *invoice_paper(self._store, self._bereik, post))

    def _of_line(self, post: Steekproefpost, bericht: _Bericht) -> _Stuk:
        kenmerk = self._store.kenmerken.of("regel", post.stuk_id, post.regelnr)
        verhaal = self._store.regelverhalen.een(self._bereik, post.stuk_id, post.regelnr)
        return _Stuk(kenmerk, self._told(verhaal, post.regelnr, bericht), _columns(verhaal))

    def _told(
        self, verhaal: Regelverhaal | None, regelnr: int, bericht: _Bericht
    ) -> Mapping[str, Any]:
        if verhaal is None:
            return {"let op": "deze regel staat niet meer in de opslag: haar bewaartermijn is om"}
        toewijzing = verhaal.toewijzing
        versies = () if toewijzing is None else toewijzing.versies
        return {
            "bericht": self._message(verhaal, bericht),
            "bewijs": verhaal.bewijs or bericht.bewijs(regelnr),
            "toewijzingsversies": [self._version(one) for one in versies],
            "leveringen": [] if toewijzing is None else _deliveries(verhaal),
            "verhaal": [
                {
                    "declaratie": one.regel.inzending.declaratienummer,
                    "regel": one.regel.prestatie.referentienummer,
                    "bedrag": one.regel.prestatie.ondertekend,
                    "stand": one.stand,
                }
                for one in verhaal.verhaal
            ],
        }

    def _message(self, verhaal: Regelverhaal, bericht: _Bericht) -> Mapping[str, Any]:
        """Which message a line came in, and where its bytes are now."""
        rij, outcome = verhaal.bericht, verhaal.bericht.outcome
        return {
            "kenmerk": self._store.kenmerken.of("bericht", rij.inbox_id),
            "berichttype": None if outcome is None else outcome.berichttype,
            "identificatie": None if outcome is None else _hidden(verhaal, outcome.identificatie),
            "declaratie": _declaratie(verhaal),
            "ontvangen": rij.ontvangen_at.astimezone(UTC).isoformat(timespec="seconds"),
            "antwoord": rij.antwoord_identificatie,
            "plaats": bericht.plaats,
        }

    def _version(self, one: Versie) -> Mapping[str, Any]:
        inbox_id = one.inbox_id
        bericht = None if inbox_id is None else self._store.kenmerken.of("bericht", inbox_id)
        return {"geldt": one.staat, "bericht": bericht, **_fields(one.product)}


def _write(folder: Path, een: Steekproef, post: Steekproefpost, stuk: _Stuk) -> Sequence[Any]:
    """The paper of a line as a file; returns its row in the list."""
    naam = f"post-{post.nr:05d}.json"
    document = {
        "steekproef": een.nummer,
        "post": post.nr,
        "kenmerk": stuk.kenmerk,
        "bedragInJaar": post.bedrag,
        "geheel": post.is_hoog,
        **stuk.told,
    }
    body = msgspec.json.format(msgspec.json.encode(document), indent=2)
    (folder / naam).write_bytes(body + b"\n")
    return _row(post, stuk, naam)


def _deliveries(verhaal: Regelverhaal) -> Sequence[Mapping[str, Any]]:
    """The starts and stops of the assignment, in order of their day."""
    nummer = verhaal.stuk.toewijzingnummer
    found = (
        []
        if verhaal.toewijzing is None
        else [
            *verhaal.toewijzing.leveringen.starts.get(nummer, ()),
            *verhaal.toewijzing.leveringen.stops.get(nummer, ()),
        ]
    )
    return [_fields(one) for one in sorted(found, key=lambda one: one.begindatum)]


def _fields(record: Any) -> Mapping[str, Any]:
    soort = {StartProduct: {"soort": "start"}, StopProduct: {"soort": "stop"}}
    told = {name: value for name, value in record._asdict().items() if name not in _LEFT_OUT}
    plain = {name: _plain(one, record.bsn) for name, one in told.items()}
    return {**soort.get(type(record), {}), **plain}


def _plain(value: Any, bsn: str) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return mask(mask_own(value, bsn)) if isinstance(value, str) else value


def _declaratie(verhaal: Regelverhaal) -> str | None:
    outcome = verhaal.bericht.outcome
    return None if outcome is None else _hidden(verhaal, outcome.declaratie)


def _hidden(verhaal: Regelverhaal, nummer: str | None) -> str | None:
    """A number of the provider without the Bsn of the client of a line."""
    if nummer is None or verhaal.rij is None:
        return nummer
    return mask_own(nummer, verhaal.rij.prestatie.bsn)


def _columns(verhaal: Regelverhaal | None) -> Mapping[str, Any]:
    """What the list has of a line of a message."""
    if verhaal is None:
        return {}
    stuk = verhaal.stuk
    return {
        "declaratie": _declaratie(verhaal),
        "regel": stuk.referentienummer,
        "toewijzing": stuk.toewijzingnummer,
        "product": stuk.productcode,
        "begindatum": stuk.begindatum,
        "einddatum": stuk.einddatum,
    }


def _row(post: Steekproefpost, stuk: _Stuk, naam: str) -> Sequence[Any]:
    known = {
        "post": post.nr,
        "kenmerk": stuk.kenmerk,
        "aanbieder": post.aanbieder,
        **stuk.columns,
        "bedrag": Bedrag(post.bedrag),
        "geheel": "ja" if post.is_hoog else "nee",
        "stuk": naam,
        "oordeel": post.oordeel,
        "afwijking": Bedrag(post.afwijking) if post.oordeel else None,
        "reden": post.reden,
    }
    return [known.get(kop) for kop in _KOPPEN]
