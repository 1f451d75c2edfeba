"""`gateway agreements index`, `compare` and `publish`: from one tariff year to the next."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from gateway.agreements.gevolg import Gebruik, consequences, more_a_year
from gateway.agreements.indexeren import Indexrij
from gateway.agreements.table import agreement_contents, read_agreement
from gateway.cli.opened import opened_store
from gateway.cli.sentences import reason_of
from gateway.cli.tabel import print_table
from gateway.cli.verantwoord import handeling_of
from gateway.config import Settings, read_settings
from gateway.errors import AgreementRefused, WrongUse
from gateway.inlezen import load_lists
from gateway.kennisbron import Kennisbron
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.pipeline.grondslag import Bestand
from gateway.pipeline.kennis import dag_van
from gateway.records.overeenkomst import Cel, Overeenkomst
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Betrokkene
from gateway.werk.herprijzing import Herprijzing, Prijslozen
from gateway.werk.publiceren import DOEL, HANDELING, Publicatie, prepared, publish
from gateway.werk.tariefjaar import Indexwens, indexed, measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexopdracht:
    """What is asked for on the command line; percentages as they were written."""

    path: Path
    percentage: str
    cel: tuple[str, ...]
    vanaf: datetime
    afronden: str
    out: Path
    versie: str | None
    bekendgemaakt: datetime | None
    toewijsbaar_tot: datetime | None
    declarabel_tot: datetime | None
    store: str | None


def run_index(opdracht: Indexopdracht) -> int:
    """Write a file with the next prices, and tell what they come to."""
    overeenkomst, codes = _read(opdracht.path), load_lists().gemeentecodes()
    ((_, inhoud),) = agreement_contents(opdracht.path)
    bestand = (_toml(opdracht.out), inhoud)
    voorstel = indexed(bestand, _wens(opdracht), dag_van(datetime.now(UTC)), codes)
    _save(opdracht.out, voorstel.inhoud)
    gebruik = _use(overeenkomst, opdracht.store)
    rijen, vraag = voorstel.rijen, voorstel.vraag
    jaar = _index_table(rijen, gebruik)
    print(
        f"{opdracht.out}: versie {vraag.versie}, "
        f"{aantal(len(rijen), 'nieuwe prijs', 'nieuwe prijzen')} vanaf {vraag.vanaf}, "
        f"bekendgemaakt op {vraag.bekendgemaakt_op}"
    )
    if gebruik is not None:
        print(f"bij het gebruik van vorig jaar kost dat {euros(jaar)} per jaar meer")
    return 0


def _toml(path: Path) -> str:
    """A name that a folder of agreements is read by."""
    return f"{path.stem.lstrip('.')}.toml"


def _wens(opdracht: Indexopdracht) -> Indexwens:
    return Indexwens(
        percentage=opdracht.percentage,
        vanaf=opdracht.vanaf.date(),
        afronden=int(opdracht.afronden),
        cellen=opdracht.cel,
        versie=opdracht.versie,
        bekendgemaakt=_day(opdracht.bekendgemaakt),
        toewijsbaar_tot=_day(opdracht.toewijsbaar_tot),
        declarabel_tot=_day(opdracht.declarabel_tot),
    )


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _index_table(rijen: Sequence[Indexrij], gebruik: Gebruik | None) -> int:
    """Print the prices; returns what they cost more by the use of last year, in eurocents."""
    headings = ["cel", "product", "oud", "nieuw", "percentage", "verschil"]
    shown, jaar = [], 0
    for one in rijen:
        row = [one.cel.naam, f"{one.cel.productcode}/{one.cel.eenheid}", euros(one.cel.bedrag)]
        percentage = f"{float(one.percentage):.4g}".replace(".", ",")
        row += [euros(one.bedrag), f"{percentage} %", euros(one.verschil)]
        if gebruik is not None:
            used = gebruik.get(one.cel.rij, 0)
            more = more_a_year(used, one.cel.bedrag, one.bedrag)
            jaar += more
            row += [euros(used), euros(more)]
        shown.append(row)
    if gebruik is not None:
        headings += ["gebruik vorig jaar", "meer per jaar"]
    print_table(headings, shown, right=headings[2:])
    return jaar


def run_compare(een: Path, ander: Path, store: str | None) -> int:
    """Print what differs between two files; gives 1 where anything does."""
    first, second = _read(een), _read(ander)
    gebruik = _use(first, store)
    found = consequences(first, second, gebruik)
    headings = ["wat", "cel", "product", "was", "wordt", "verschil", "verder anders"]
    rows = []
    for one in found:
        cel, verschil = one.verschil.cel, one.bedrag
        row = [one.verschil.soort, cel.naam, f"{cel.productcode}/{cel.eenheid}"]
        row += [_price(one.van), _price(one.verschil.ander)]
        row += ["" if verschil is None else euros(verschil), _others(one.verschil.velden)]
        if gebruik is not None:
            row += ["" if one.gebruik is None else euros(one.gebruik)]
            row += ["" if one.jaar is None else euros(one.jaar)]
        rows.append(row)
    if gebruik is not None:
        headings += ["gebruik vorig jaar", "meer per jaar"]
    print(f"{first.id} {first.versie} naast {second.id} {second.versie}")
    if not found:
        print("alle cellen zijn gelijk")
        return 0
    print_table(headings, rows, right=(headings[5], *headings[7:]))
    if gebruik is not None:
        jaar = sum(one.jaar or 0 for one in found)
        print(f"bij het gebruik van vorig jaar kost de tweede {euros(jaar)} per jaar meer")
    return 1


def _price(cel: Cel | None) -> str:
    if cel is None:
        return ""
    return f"{euros(cel.bedrag)} {cel.vanaf}..{cel.tot or ''}"


def _others(velden: Sequence[str]) -> str:
    return ", ".join(name for name in velden if name not in ("bedrag", "vanaf", "tot"))


def run_publish(path: Path, folder: Path, store: str | None, *, past: bool) -> int:
    """Take a file into use; refuses what changes the price of granted lines, unless told so."""
    if path.is_dir():
        raise WrongUse(f"{path}: noem één bestand; een map wordt niet in één keer gepubliceerd")
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"{folder}: dit is geen map")
    publicatie = prepared(_bestand(path), folder, load_lists().gemeentecodes())
    if publicatie.is_in_use:
        print(f"{publicatie.doel}: dit is al in gebruik")
        return 0
    moment, settings = datetime.now(UTC), read_settings(os.environ)
    with opened_store(settings, store, of_gemeente=True) as opened:
        geraakt = _past_of(settings, opened, publicatie, moment)
        if geraakt.regels and not past:
            raise WrongUse(
                f"dit verandert de juiste prijs van {_lines(geraakt)}, samen "
                f"{euros(geraakt.bedrag)}, vanaf {publicatie.wijziging.vanaf}; bekijk ze met "
                f"agreements reprice --proposal, en publiceer daarna "
                "met --met-terugwerkende-kracht"
            )
        act = handeling_of(HANDELING, "U", Betrokkene(object=publicatie.over), DOEL, moment)

        def record() -> None:
            with opened.database.writing() as connection:
                opened.logboek.schrijf(connection, act)

        publish(publicatie, record)
    for sentence in _told(publicatie.nieuw, [one.versie for one in publicatie.wijziging.vervangt]):
        print(sentence)
    print(f"{publicatie.doel}: in gebruik, sha-256 {publicatie.nieuw.hash}")
    if geraakt.regels:
        verb = "heeft" if geraakt.regels == 1 else "hebben"
        print(f"{_lines(geraakt)} {verb} nu een andere juiste prijs")
    return 0


def _bestand(path: Path) -> Bestand:
    ((_, inhoud),) = agreement_contents(_existing(path))
    return _toml(path), inhoud


def _past_of(
    settings: Settings, store: SqlStore, publicatie: Publicatie, moment: datetime
) -> Prijslozen:
    """The granted lines that would have another right price: as `reprice` lists them."""
    vraag = publicatie.vraag
    if vraag is None:
        return Prijslozen()
    run = Herprijzing(publicatie.wijziging, Kennisbron(settings, store.bewaard).of)
    for _ in run.run(store, vraag.begin, vraag.eind, moment, vraag.gemeenten):
        pass
    return run.geraakt


def _lines(found: Prijslozen) -> str:
    return aantal(found.regels, "toegekende regel", "toegekende regels")


def _told(nieuw: Overeenkomst, vervangt: Sequence[str]) -> Iterator[str]:
    how = f"in plaats van versie {' en '.join(vervangt)}" if vervangt else "nieuw"
    yield f"{nieuw.id} versie {nieuw.versie}: {how}"


def _use(overeenkomst: Overeenkomst, store: str | None) -> Gebruik | None:
    """What was granted last year on each cell; None where no store is named."""
    if store is None:
        return None
    with opened_store(read_settings(os.environ), store) as opened:
        return measured(opened.database, overeenkomst, dag_van(datetime.now(UTC)))


def _read(path: Path) -> Overeenkomst:
    if path.is_dir():
        raise WrongUse(f"{path}: noem één bestand")
    try:
        return read_agreement(_existing(path), load_lists().gemeentecodes())
    except AgreementRefused as refused:
        raise WrongUse(str(refused)) from refused


def _existing(path: Path) -> Path:
    if not path.exists():
        raise WrongUse(f"{path}: dit bestand of deze map bestaat niet")
    return path


def _save(path: Path, body: bytes) -> None:
    try:
        with path.open("xb") as stream:
            stream.write(body)
    except FileExistsError as error:
        raise WrongUse(f"{path}: dit bestand bestaat al") from error
    except OSError as error:
        raise WrongUse(f"{path}: dit bestand is niet te schrijven ({reason_of(error)})") from error
