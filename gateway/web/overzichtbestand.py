"""The statement for a provider as a file: CSV of any size, JSON, or a PDF to be read aloud."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.errors import CouldNotFinish, WrongUse
from gateway.ledger.boek import Saldo
from gateway.ledger.overzicht import Betaling, Overzichtregel
from gateway.ledger.verhaal import Boekregel
from gateway.messages.teksten import Teksten
from gateway.periods.bedragen import euros
from gateway.periods.datums import MAANDEN, datum_kort, datum_lang
from gateway.web.uitvoer import Bedrag, Cel, cel_text

MOST_IN_PDF = 1_000
TEMPLATES = Path(__file__).with_name("templates") / "pdf"
WETTEN: Mapping[str, str] = {"jeugdwet": "Jeugdwet", "wmo": "Wmo 2015"}
KOPPEN = (
    *("declaratie", "regel", "gemeente", "wet", "toewijzing", "product", "begindatum", "einddatum"),
    *("ingediend", "oordeel", "toegekend", "afgewezen", "codes", "reden"),
    *("stand", "crediteert", "gecrediteerd", "gecrediteerd door", "vervangen door"),
    *("betaald", "stand van de betaling", "betaald op", "betalingskenmerk", "teruggekomen op"),
    *("opnieuw in betaling", "bericht 323", "dagtekening 323", "bericht 325", "datum 325"),
    "aanbieder",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kop:
    """Whose statement it is, of which month (`YYYY-MM`) and law, made on which day."""

    maand: str
    aanbieders: Sequence[str]
    naam: str
    gemeenten: Sequence[str]
    gemaakt: date
    wet: str | None = None

    @property
    def titel(self) -> str:
        """What it is called."""
        law = "" if self.wet is None else f", {WETTEN.get(self.wet, self.wet)}"
        return f"Overzicht van {MAANDEN[int(self.maand[5:]) - 1]} {self.maand[:4]}{law}"


def rij_van(teksten: Teksten, one: Overzichtregel) -> Sequence[Cel]:
    """A line, in the order of KOPPEN."""
    line, inzending, verhaal = one.regel.prestatie, one.regel.inzending, one.verhaal
    betaling = one.betaling or Betaling("", 0, stand="")
    return (
        inzending.declaratienummer,
        line.referentienummer,
        inzending.gemeente,
        WETTEN.get(inzending.wet, inzending.wet),
        str(line.toewijzingnummer),
        line.productcode,
        line.begindatum.isoformat(),
        line.einddatum.isoformat(),
        Bedrag(one.ingediend),
        oordeel_van(one),
        Bedrag(one.toegekend),
        Bedrag(one.afgewezen),
        " ".join(line.retourcodes),
        " ".join(redenen_van(teksten, one)),
        verhaal.stand,
        _naam(verhaal.crediteert),
        Bedrag(one.gecrediteerd),
        _naam(verhaal.gecrediteerd_door),
        _naam(verhaal.vervangen_door),
        Bedrag(one.betaald),
        betaling.stand,
        _dag(betaling.betaald_op),
        betaling.kenmerk,
        _dag(betaling.teruggekomen_op),
        betaling.opnieuw or "",
        inzending.identificatie,
        inzending.dagtekening.isoformat(),
        inzending.antwoord or "",
        _dag(inzending.beantwoord_op),
        inzending.aanbieder,
    )


def oordeel_van(one: Overzichtregel) -> str:
    """How a line was judged."""
    if one.regel.wacht:
        return "wacht"
    return "toegekend" if one.regel.toegekend else "afgewezen"


def redenen_van(teksten: Teksten, one: Overzichtregel) -> list[str]:
    """Why a line was rejected, in Dutch."""
    codes = one.regel.prestatie.retourcodes
    return [tekst.wat for code in codes if (tekst := teksten.of(code))]


def write_csv(file: BinaryIO, teksten: Teksten, regels: Iterable[Overzichtregel]) -> None:
    """All lines as a file for a spreadsheet, one at a time: semicolons, and a mark at the start."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(KOPPEN)
    for one in regels:
        writer.writerow([cel_text(cel) for cel in rij_van(teksten, one)])
    text.detach()


def as_json(teksten: Teksten, one: Overzichtregel) -> dict[str, Any]:
    """A line for a program: amounts in eurocents, dates as 2026-01-31, null where there is none."""
    rij = zip(KOPPEN, rij_van(teksten, one), strict=True)
    return {kop: int(cel) if isinstance(cel, Bedrag) else cel or None for kop, cel in rij}


def as_pdf(teksten: Teksten, kop: Kop, saldo: Saldo, regels: Iterable[Overzichtregel]) -> bytes:
    """The statement as PDF/UA: tagged and in Dutch, so that it can be read aloud.

    Raises WrongUse for more lines than anybody reads, and CouldNotFinish where this machine cannot
    make one.
    """
    check_pdf(saldo)
    try:
        from weasyprint import HTML
    except OSError as missing:
        raise CouldNotFinish(_NO_PANGO) from missing
    shown = list(regels)
    html = (
        _environment()
        .get_template("overzicht.html")
        .render(
            kop=kop,
            saldo=saldo,
            regels=[(one, oordeel_van(one), redenen_van(teksten, one)) for one in shown],
            betaald=sum(one.betaald for one in shown),
            wetten=WETTEN,
        )
    )
    made: bytes = HTML(string=html, url_fetcher=_fetch_nothing).write_pdf(pdf_variant="pdf/ua-1")
    return made


def check_pdf(saldo: Saldo) -> None:
    """Raise WrongUse where a month has too many lines for a PDF."""
    if saldo.regels > MOST_IN_PDF:
        raise WrongUse(
            f"een PDF heeft hoogstens {MOST_IN_PDF} regels, en dit overzicht heeft er "
            f"{saldo.regels}; neem het CSV-bestand"
        )


_NO_PANGO = "deze machine kan geen PDF maken: de bibliotheek Pango ontbreekt; neem CSV"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(euros=euros, datum=datum_kort, datum_lang=datum_lang)
    return made


def _fetch_nothing(url: str, *_: Any, **__: Any) -> dict[str, Any]:
    """Nothing outside the page is ever asked for."""
    raise ValueError(f"{url} wordt niet opgehaald")


def _naam(regel: Boekregel | None) -> str:
    return "" if regel is None else regel.naam


def _dag(dag: date | None) -> str:
    return "" if dag is None else dag.isoformat()


def rijen_van(teksten: Teksten, regels: Iterable[Overzichtregel]) -> Iterator[Sequence[Cel]]:
    """Lines in the order of KOPPEN."""
    return (rij_van(teksten, one) for one in regels)
