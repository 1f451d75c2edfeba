"""Reads a story and makes its messages: the defaults, with what each step names laid over them."""

from __future__ import annotations

import calendar
import tomllib
from dataclasses import dataclass, field
from datetime import date
from inspect import signature
from pathlib import Path
from typing import Any, get_args

from gateway.messages.definition import Berichttype, Berichttypen, read_types
from gateway.messages.opdrachten import Elke
from tests.rules.bouw import DEFAULTS, EMPTY, record

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
WETTEN = tomllib.loads((HERE / "wetten.toml").read_text(encoding="utf-8"))
TYPES: Berichttypen = read_types(PROJECT / "mappings")
PREFIX = {"jeugdwet": "JW", "wmo": "WMO"}
KLOK = date(2025, 12, 5)
EURO = "83"
IN_ONDERZOEK = "2"
KEYS = {"story", "bron", "wetten", "rol", "agreements", "klok", "aanbieder", "gemeente", "bericht"}
GEMEENTE = "gemeente"
RETOURS = ("302", "306", "308", "316", "318", "320")
OPDRACHTEN = {one.__struct_config__.tag: one.bericht for one in get_args(Elke)}
BSN = DEFAULTS["toewijzingclient"]["bsn"]
FROM_GEMEENTE = {"301", "319", "325"}

Tabel = dict[str, Any]
Record = Any  # a header, a declaratie, a client ...: the dataclasses of gateway.records


@dataclass(frozen=True, slots=True, kw_only=True)
class Stap:
    """One message of a story.

    `given` is what the story says of it, `verwacht` what must become of it, `records` what it
    holds, in document order (none for a file of raw bytes and for a repetition).
    """

    nummer: int
    soort: str
    given: Tabel
    verwacht: Tabel
    records: list[Record] = field(default_factory=list)

    @property
    def stam(self) -> str:
        """The stem of its file: the order of names is the order of sending."""
        return f"{self.nummer:02}-{self.soort}"

    @property
    def bestand(self) -> str:
        """The name of its file."""
        return f"{self.stam}.json" if self.is_opdracht else f"{self.stam}.xml"

    @property
    def is_opdracht(self) -> bool:
        """Whether our own side asks for the message."""
        return "opdracht" in self.given

    def one(self, name: str) -> Record:
        """Its Header or its Declaratie."""
        return next(one for one in self.records if type(one).__name__ == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verhaal:
    """One story under one law."""

    naam: str
    wet: str
    rol: str
    klok: date
    agreements: Path | None
    stappen: list[Stap]

    @property
    def map(self) -> Path:
        """Where the story stands."""
        return HERE / self.naam

    def kind(self, soort: str) -> Berichttype:
        """The type of a message under the law of the story."""
        return TYPES.by_name(PREFIX[self.wet] + soort)


def namen() -> list[tuple[str, str]]:
    """Every story with every law that it is told for."""
    found = []
    for path in sorted(HERE.glob("*/scenario.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [(path.parent.name, wet) for wet in document["wetten"]]
    return found


def read(naam: str, wet: str) -> Verhaal:
    """A story under a law; raises when it says something that nobody understands."""
    document = tomllib.loads((HERE / naam / "scenario.toml").read_text(encoding="utf-8"))
    if unknown := document.keys() - KEYS:
        raise ValueError(f"{naam}: nobody understands {sorted(unknown)}")
    klok = document.get("klok", KLOK)
    partijen = {key: document[key] for key in ("aanbieder", "gemeente") if key in document}
    stappen: list[Stap] = []
    for given in document["bericht"]:
        named = {**partijen, **translated(given, wet)}
        stappen.append(stap_of(naam, wet, klok, stappen, named))
    agreements = document.get("agreements")
    return Verhaal(
        naam=naam,
        wet=wet,
        rol=document.get("rol", GEMEENTE),
        klok=klok,
        agreements=HERE / naam / agreements if agreements else None,
        stappen=stappen,
    )


def translated(given: Any, wet: str) -> Any:
    """The values of a story in the terms of a law, at any depth."""
    if isinstance(given, list):
        return [translated(one, wet) for one in given]
    if not isinstance(given, dict):
        return given
    return {key: _value(key, value, wet) for key, value in given.items()}


def _value(key: str, value: Any, wet: str) -> Any:
    if key == "inhoud":
        return [" ".join(_word(word, wet) for word in line.split(" ")) for line in value]
    if not isinstance(value, str):
        return translated(value, wet)
    terms = WETTEN.get(wet, {})
    if key in ("productcode", "code"):
        return terms.get("productcategorie", {}).get(value[:2], value[:2]) + value[2:]
    return terms.get(key, {}).get(value, value)


def _word(word: str, wet: str) -> str:
    """One `Name=value` of what a message holds, in the terms of a law."""
    name, _, value = word.partition("=")
    keys = {"Categorie": "productcategorie", "Code": "productcode"}
    return f"{name}={_value(keys[name], value, wet)}" if name in keys else word


def stap_of(naam: str, wet: str, klok: date, eerder: list[Stap], given: Tabel) -> Stap:
    """The next message of a story, made on the day of the clock."""
    nummer = len(eerder) + 1
    given = dict(given)
    verwacht = given.pop("verwacht", {})
    if "opnieuw" in given:
        soort = eerder[given["opnieuw"] - 1].soort
        return Stap(nummer=nummer, soort=soort, given=given, verwacht=verwacht)
    if "opdracht" in given:
        return _opdracht(wet, nummer, given, verwacht)
    soort = given.pop("soort")
    if "bestand" in given:
        return Stap(nummer=nummer, soort=soort, given=given, verwacht=verwacht)
    rest = {key: value for key, value in given.items() if key != "vervang"}
    maker = _Maker(wet, klok, nummer, eerder, rest)
    records = maker.message(soort)
    if rest:
        raise ValueError(f"{naam}, step {nummer}: a {soort} has no {sorted(rest)}")
    return Stap(nummer=nummer, soort=soort, given=given, verwacht=verwacht, records=records)


def _opdracht(wet: str, nummer: int, given: Tabel, verwacht: Tabel) -> Stap:
    """A step in which our own side asks for a message, as the document that it hands in."""
    partijen = {"gemeente": "0193", "wet": wet, "aanbieder": "65656055"}
    document = {"kenmerk": f"K{nummer}", **partijen, **given}
    if given["opdracht"] == "toewijzing":
        document = {"bsn": BSN, **document}
    soort = OPDRACHTEN[given["opdracht"]]
    return Stap(nummer=nummer, soort=soort, given=document, verwacht=verwacht)


class _Maker:
    """Makes the records of one message out of what a story names, and takes that from `given`."""

    def __init__(self, wet: str, klok: date, nummer: int, eerder: list[Stap], given: Tabel) -> None:
        self._wet = wet
        self._klok = klok
        self._nummer = nummer
        self._eerder = eerder
        self._given = given
        self._soort = ""

    def message(self, soort: str) -> list[Record]:
        """The records in document order."""
        makers = {
            "301": self._toewijzing,
            "305": self._start,
            "307": self._stop,
            "315": self._aanvraag,
            "317": self._wijziging,
            "319": self._verzoekantwoord,
            **dict.fromkeys(RETOURS, self._retour),
            "323": self._declaratie,
            "325": self._antwoord,
        }
        self._soort = soort
        return makers[soort]()

    def _default(self, kind: str) -> Tabel:
        made: Tabel = translated(DEFAULTS[kind], self._wet)
        return made

    def _header(self, kind: str, soort: str, dagtekening: date) -> Record:
        code = TYPES.by_name(PREFIX[self._wet] + soort).code
        base = {
            **DEFAULTS["header"][kind],
            **self._partijen(soort),
            "berichtcode": code,
            "identificatie": f"{soort}N{self._nummer:02}",
            "dagtekening": dagtekening,
        }
        return record("header", self._given.pop("header", {}), base)

    def _partijen(self, soort: str) -> Tabel:
        """Sender and receiver, as far as the step or its story names them."""
        own, other = ("afzender", "ontvanger")
        if soort in FROM_GEMEENTE:
            own, other = other, own
        named = {own: self._given.pop("aanbieder", None), other: self._given.pop("gemeente", None)}
        return {name: value for name, value in named.items() if value is not None}

    def _toewijzing(self) -> list[Record]:
        client = record("toewijzingclient", self._given.pop("client", {}))
        producten = [self._product(one, client.bsn) for one in self._given.pop("producten", [{}])]
        contact = record("contact", {"relatie": None})
        laatst = max(one.toewijzingsdatum for one in producten)
        return [self._header("toewijzing", "301", laatst), client, contact, *producten]

    def _product(self, given: Tabel, bsn: str) -> Record:
        base = {**self._default("toewijzing"), "bsn": bsn}
        return record("toewijzing", given, self._without_omvang(given, base))

    def _start(self) -> list[Record]:
        return self._levering("start", "starts", "305")

    def _stop(self) -> list[Record]:
        return self._levering("stop", "stops", "307")

    def _levering(self, kind: str, many: str, soort: str) -> list[Record]:
        client = record("leveringclient", self._given.pop("client", {}))
        base = {**self._default(kind), "bsn": client.bsn}
        producten = [record(kind, one, base) for one in self._given.pop(many, [{}])]
        return [self._header(kind, soort, self._klok), client, *producten]

    def _aanvraag(self) -> list[Record]:
        client = record("aanvraagclient", self._given.pop("client", {}))
        producten = []
        for volgnr, one in enumerate(self._given.pop("producten", [{}]), start=1):
            base = {
                **self._default("aangevraagd"),
                "bsn": client.bsn,
                "referentie_aanbieder": f"V{self._nummer}_{volgnr}",
            }
            producten.append(record("aangevraagd", one, self._without_omvang(one, base)))
        return [self._header("aanvraag", "315", self._klok), client, *producten]

    def _wijziging(self) -> list[Record]:
        client = record("wijzigingclient", self._given.pop("client", {}))
        own = {"bsn": client.bsn, "referentie_aanbieder": f"W{self._nummer}"}
        verzoek = record(
            "verzoek", self._given.pop("verzoek", {}), {**self._default("verzoek"), **own}
        )
        products = [
            record(kind, one, self._without_omvang(one, self._default(kind)))
            for kind in ("ongewijzigd", "te_wijzigen", "nieuw")
            for one in self._given.pop(kind, [])
        ]
        return [self._header("wijziging", "317", self._klok), client, verzoek, *products]

    def _verzoekantwoord(self) -> list[Record]:
        given = self._given.pop("antwoord", {})
        base = self._default("verzoekantwoord")
        if given.get("verzoek_antwoord") == IN_ONDERZOEK:
            base["reden_afwijzing"] = EMPTY
        made = [self._header("verzoekantwoord", "319", self._klok)]
        made.append(record("verzoekantwoord", given, base))
        if "woonplaatsbeginsel" in self._given:
            made.append(record("woonplaatsbeginsel", self._given.pop("woonplaatsbeginsel")))
        return made

    def _retour(self) -> list[Record]:
        """Only the copied Header: what follows it is made of the bytes of the heenbericht."""
        base = {**_as_table(self._eerder[self._given.pop("op") - 1].one("Header"))}
        base["berichtcode"] = TYPES.by_name(PREFIX[self._wet] + self._soort).code
        self._given.pop("codes", None)
        return [record("header", self._given.pop("header", {}), base)]

    def _without_omvang(self, given: Tabel, base: Tabel) -> Tabel:
        """The defaults of a product, without the Omvang that a Budget or no code leaves out."""
        if ("budget" in given or given.get("productcode") == EMPTY) and "volume" not in given:
            return base | {"volume": EMPTY, "eenheid": EMPTY, "frequentie": EMPTY}
        return base

    def _declaratie(self) -> list[Record]:
        regels = self._regels("R")
        header = self._header("declaratie", "323", self._klok)
        laatst = max(one.einddatum for one in regels)
        som = sum(one.ondertekend for one in regels)
        base = {
            **DEFAULTS["declaratie"],
            "declaratienummer": f"DN{self._nummer:02}",
            "begindatum": laatst.replace(day=1),
            "einddatum": last_of_month(laatst),
            "dagtekening": header.dagtekening,
            "totaal_bedrag": abs(som),
            "debet_credit": "C" if som < 0 else "D",
        }
        declaratie = record("declaratie", self._given.pop("declaratie", {}), base)
        return [header, declaratie, *_by_client(regels)]

    def _antwoord(self) -> list[Record]:
        """A 325: a Header alone, the Declaratie refused as a whole, or the lines that are."""
        heen = self._eerder[self._given.pop("op") - 1]
        clienten = self._given.pop("clienten", {})
        regels = _refused(heen.records, self._given.pop("regels", {}), clienten)
        geheel = self._given.pop("geheel", [])
        header = self._answer_header(heen.one("Header"))
        if self._given.pop("headercodes", []):
            return [header]
        declaratie = heen.one("Declaratie")
        toegekend = declaratie.totaal - sum(one.ondertekend for one in regels)
        base = {
            **DEFAULTS["antwoord"],
            "declaratienummer": declaratie.declaratienummer,
            "ingediend_bedrag": declaratie.totaal_bedrag,
            "ingediend_debet_credit": declaratie.debet_credit,
            "toegekend_bedrag": 0 if geheel else abs(toegekend),
            "toegekend_debet_credit": "C" if toegekend < 0 else "D",
            "retourcodes": geheel or (["0200"] if regels else ["8001"]),
        }
        antwoord = record("antwoord", self._given.pop("antwoord", {}), base)
        return [header, antwoord, *_by_client(regels)]

    def _answer_header(self, heen: Record) -> Record:
        base = {
            "declaratie_identificatie": heen.identificatie,
            "declaratie_dagtekening": heen.dagtekening,
        }
        given = self._given.pop("header", {})
        self._given["header"] = {**base, **given}
        return self._header("antwoord", "325", self._klok)

    def _regels(self, letter: str) -> list[Record]:
        regels: list[Record] = []
        for volgnr, given in enumerate(self._given.pop("prestaties", [{}]), start=1):
            regels.append(self._regel(volgnr, f"{letter}{self._nummer}_{volgnr}", given, regels))
        return regels

    def _regel(self, volgnr: int, nummer: str, given: Tabel, zelf: list[Record]) -> Record:
        given = {"volgnr": volgnr, "referentienummer": nummer, **given}
        if "credit_van" in given:
            return self._credit(given, given.pop("credit_van"), zelf)
        base = self._default("prestatie")
        del base["ingediend_bedrag"]
        if "begindatum" in given:
            base["einddatum"] = last_of_month(given["begindatum"])
        if given.get("eenheid") == EURO:
            base["producttarief"] = EMPTY
        merged = {**base, **given}
        tarief = merged["producttarief"]
        prijs = 1 if tarief == EMPTY else tarief
        merged.setdefault("ingediend_bedrag", merged["geleverd_volume"] * prijs)
        return record("prestatie", {}, merged)

    def _credit(self, given: Tabel, vorig: str, zelf: list[Record]) -> Record:
        lines = [one for stap in self._eerder for one in stap.records] + zelf
        debet = next(one for one in lines if getattr(one, "referentienummer", None) == vorig)
        base = {
            **_as_table(debet),
            "vorig_referentienummer": vorig,
            "debet_credit": "C",
        }
        return record("prestatie", given, base)


def _as_table(one: Record) -> Tabel:
    """The values of a line as a story would name them."""
    values = {name: getattr(one, name) for name in signature(type(one)).parameters}
    return {name: EMPTY if value is None else value for name, value in values.items()}


def _refused(records: list[Record], regels: Tabel, clienten: Tabel) -> list[Record]:
    """The lines of a 323 that a 325 returns; those of a refused Client were not judged."""
    found = []
    for one in records:
        if type(one).__name__ == "Prestatie":
            codes = ["0233"] if one.bsn in clienten else regels.get(one.referentienummer)
            if codes:
                found.append(record("prestatie", {**_as_table(one), "retourcodes": codes}))
    return found


def _by_client(regels: list[Record]) -> list[Record]:
    """The lines below their Clients, each Client where its first line stands."""
    clients: dict[str, list[Record]] = {}
    for one in regels:
        clients.setdefault(one.bsn, []).append(one)
    found: list[Record] = []
    for bsn, own in clients.items():
        found += [record("declaratieclient", {"bsn": bsn}), *own]
    return found


def last_of_month(day: date) -> date:
    """The last day of the month of a day."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
