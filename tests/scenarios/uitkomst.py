"""Runs a story through the command line and reads what became of it, to compare with what must."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.cli import run
from gateway.messages.layout import Layout, read_layout
from gateway.messages.reader import Source
from gateway.messages.record_writer import write_message
from gateway.messages.writer import Retourkop, Versies, write_retour
from tests.scenarios.verhaal import PROJECT, RETOURS, TYPES, Stap, Tabel, Verhaal

SCHEMAS = PROJECT / "schemas"
ANSWERS = {
    "gemeente": {"305": "306", "307": "308", "315": "316", "317": "318", "323": "325"},
    "aanbieder": {"301": "302", "319": "320"},
}
MAPS = {
    "ToewijzingClient": "Client",
    "LeveringClient": "Client",
    "DeclaratieClient": "Client",
    "AanvraagClient": "Client",
    "WijzigingClient": "Client",
    "Wijzigingsverzoek": "Verzoek",
    "Verzoekantwoord": "Antwoord",
}
# The classes of a retour whose codes a story names, in this order.
RETURNED = (
    "Relatie",
    "Contact",
    "ToegewezenProduct",
    "Antwoord",
    "Woonplaatsbeginsel",
    "StartProduct",
    "StopProduct",
    "AangevraagdProduct",
    "Verzoek",
    "OngewijzigdProduct",
    "TeWijzigenProduct",
    "NieuwProduct",
)
# The classes of our own message that a story tells.
MADE = ("ToegewezenProduct", "Antwoord")
NOT_REFUSING = {"0001", "0200", "0233", "8001"}
NONE = "geen"
NO_CAP = 1 << 30


def write(verhaal: Verhaal, folder: Path) -> None:
    """The messages of a story as files, in the order of sending."""
    folder.mkdir()
    for stap in verhaal.stappen:
        (folder / stap.bestand).write_bytes(bytes_of(verhaal, stap, folder))


def bytes_of(verhaal: Verhaal, stap: Stap, folder: Path) -> bytes:
    """A message as its sender makes it; `folder` holds the earlier ones."""
    if "opnieuw" in stap.given:
        eerder = verhaal.stappen[stap.given["opnieuw"] - 1]
        return (folder / eerder.bestand).read_bytes()
    if stap.is_opdracht:
        return json.dumps(stap.given, default=date.isoformat).encode()
    if "bestand" in stap.given:
        return (verhaal.map / stap.given["bestand"]).read_bytes()
    if stap.soort in RETOURS:
        return _retour(verhaal, stap, folder)
    kind = verhaal.kind(stap.soort)
    named = [(MAPS.get(type(one).__name__, type(one).__name__), one) for one in stap.records]
    text = b"".join(write_message(kind, named, layout(kind.naam))).decode()
    if stap.soort == "325":
        text = _with_codes(text, kind.naam.lower(), stap)
    for old, new in stap.given.get("vervang", []):
        if old not in text:
            raise ValueError(f"{verhaal.naam}: step {stap.nummer} has no {old}")
        text = text.replace(old, new)
    return bytes(text.encode())


def _retour(verhaal: Verhaal, stap: Stap, folder: Path) -> bytes:
    """A retour on an earlier step, as the other side would write it; `codes` by XPath."""
    heen, kind = verhaal.stappen[stap.given["op"] - 1], verhaal.kind(stap.soort)
    given = stap.given.get("codes")
    klassen = None if given is None else {pad: tuple(codes) for pad, codes in given.items()}
    kop = Retourkop(
        identificatie=f"{stap.soort}N{stap.nummer:02}",
        dagtekening=verhaal.klok,
        versies=Versies("1.0.0", "1.0.0"),
        codes=("0200",) if given else (),
    )
    source = Source([(folder / f"{heen.stam}.xml").read_bytes()], NO_CAP)
    text = write_retour(source, verhaal.kind(heen.soort), kind, kop, klassen).decode()
    identificatie = heen.one("Header").identificatie
    return text.replace(f">{identificatie}<", f">{stap.one('Header').identificatie}<").encode()


def _with_codes(text: str, prefix: str, stap: Stap) -> str:
    """A 325 with codes in its Header and Clients, whose records have none to write."""
    clienten = stap.given.get("clienten", {})
    told = [("Header", stap.given.get("headercodes", ["0200"]))]
    told += [
        ("Client", clienten.get(one.bsn, ["0200"]))
        for one in stap.records
        if type(one).__name__ == "DeclaratieClient"
    ]
    made, rest = "", text
    for name, codes in told:
        before, end, rest = rest.partition(f"</{prefix}:{name}>")
        inside = "".join(f"<{prefix}:RetourCode>{code}</{prefix}:RetourCode>" for code in codes)
        made += f"{before}<{prefix}:RetourCodes>{inside}</{prefix}:RetourCodes>{end}"
    return made + rest


@cache
def layout(naam: str) -> Layout:
    """The elements of a message type."""
    return read_layout(SCHEMAS, TYPES.by_name(naam))


@cache
def schema(naam: str) -> etree.XMLSchema:
    """The XSD of a message type."""
    return etree.XMLSchema(etree.parse(SCHEMAS / TYPES.by_name(naam).schema))


def process(verhaal: Verhaal, folder: Path, out: Path) -> int:
    """Hand the files to the command; its exit code."""
    files = [str(folder / stap.bestand) for stap in verhaal.stappen]
    arguments = ["process", *files, "--out", str(out), "--clock", verhaal.klok.isoformat()]
    arguments += ["--rol", verhaal.rol]
    if verhaal.agreements is not None:
        arguments += ["--agreements", str(verhaal.agreements)]
    return run(arguments)


def outcomes(out: Path) -> list[Tabel]:
    """The lines of outcomes.jsonl."""
    text = (out / "outcomes.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def expected(verhaal: Verhaal, stap: Stap) -> Tabel:
    """What a story says must become of a message, with all that it leaves unsaid."""
    said = dict(stap.verwacht)
    verdict = said.get("verdict", "accepted")
    said = {"verdict": verdict, "signals": [], **said}
    if verdict == "duplicate":
        return {"file": stap.bestand, **said}
    said.setdefault("level", None)
    said.setdefault("message", verhaal.kind(stap.soort).naam)
    if stap.is_opdracht:
        return {"file": stap.bestand, **_made(stap, said)}
    said.setdefault("answer", ANSWERS[verhaal.rol].get(stap.soort, NONE))
    said.setdefault("rules", [])
    if said["answer"] != NONE:
        said = {**_unsaid(stap, said), **said}
    return {"file": stap.bestand, **said}


def _made(stap: Stap, said: Tabel) -> Tabel:
    """What must become of what our own side asks for: the message itself is the answer."""
    answer = stap.soort if said["verdict"] == "accepted" else NONE
    return {"answer": answer, "rules": [], "inhoud": [], **said}


def _unsaid(stap: Stap, said: Tabel) -> Tabel:
    """The parts of an answer of which a story says nothing because they are as always."""
    common = {"xsltversie": said["level"] == 2, "client": [], "regels": []}
    whole = said.get("header")
    if stap.soort != "323":
        returned = whole is None and said["verdict"] != "accepted"
        has_client = returned and stap.soort != "319"
        return {**common, "header": ["0200"] if returned else [], "client": ["0200"] * has_client}
    if whole is not None and "antwoord" not in said:
        return {**common, "regels": {}, "antwoord": None, "ingediend": None, "toegekend": None}
    codes = said.get("antwoord", ["8001" if said["verdict"] == "accepted" else "0200"])
    ingediend = stap.one("Declaratie").totaal
    made: Tabel = {"ingediend": ingediend, "toegekend": ingediend if codes == ["8001"] else 0}
    clients = ["0200"] if said.get("regels") else []
    made |= {"header": ["0200"], "antwoord": codes, "client": clients, "regels": {}}
    return {**common, **made}


def actual(stap: Stap, wanted: Tabel, outcome: Tabel, out: Path) -> Tabel:
    """What became of a message, in the terms of `expected`."""
    findings = outcome["findings"]
    found = {
        "file": outcome["file"],
        "verdict": outcome["verdict"],
        "signals": _signals(stap, findings),
    }
    if outcome["verdict"] == "duplicate":
        found["zelfde_antwoord_als"] = _same_answer(stap, outcome, out)
        return found
    rules = sorted({f["rule"] for f in findings if f["effect"] == "reject"})
    answer = outcome["answer"]
    naam = Path(answer).name.split(".")[1] if answer else NONE
    found |= {"level": outcome["level"], "message": outcome["message"] or NONE}
    found |= {"answer": naam[-3:] if answer else NONE}
    shown = answer is None or outcome["level"] == 2
    # A code in the answer says which rule it was; without one the story names the rule.
    found["rules"] = rules if shown else wanted.get("rules", [])
    if stap.is_opdracht:
        return found | {"inhoud": [] if answer is None else read_made(out / answer)}
    if answer is not None:
        found |= read_answer(out / answer, naam)
    return found


def _signals(stap: Stap, findings: list[Tabel]) -> list[str]:
    """The signals by code; a story that names none sends no starts and need not hear of that."""
    found = sorted(f["rule"] for f in findings if f["effect"] != "reject")
    return found if "signals" in stap.verwacht else [one for one in found if one != "S105"]


def _same_answer(stap: Stap, outcome: Tabel, out: Path) -> int | None:
    """The number of the step whose answer this is, byte for byte."""
    first = stap.given["opnieuw"]
    own = (out / outcome["answer"]).read_bytes()
    equal = [
        path
        for path in (out / "answers").iterdir()
        if path.read_bytes() == own and path != out / outcome["answer"]
    ]
    return first if any(path.name.startswith(f"{first:02}-") for path in equal) else None


def read_answer(path: Path, naam: str) -> Tabel:
    """What an answer says: codes per class, amounts, XsltVersie."""
    root = etree.parse(path).getroot()
    header = _child(root, "Header")
    found: Tabel = {
        "header": codes(header),
        "xsltversie": _child(header, "XsltVersie") is not None,
        "client": [code for one in _all(root, "Client") for code in codes(one)],
    }
    if not naam.endswith("325"):
        return found | {"regels": [codes(one) for name in RETURNED for one in _all(root, name)]}
    antwoord = _child(root, "DeclaratieAntwoord")
    return found | {
        "antwoord": None if antwoord is None else codes(antwoord),
        "ingediend": _totaal(antwoord, "TotaalIngediendBedrag"),
        "toegekend": _totaal(antwoord, "TotaalToegekendBedrag"),
        "regels": {_text(one, "ReferentieNummer"): codes(one) for one in _all(root, "Prestatie")},
    }


def read_made(path: Path) -> list[str]:
    """What a message of our own says, one line for each product or answer: names and values."""
    root = etree.parse(path).getroot()
    classes = [one for name in MADE for one in _all(root, name)]
    return [" ".join(_values(one)) for one in classes]


def _values(element: Any) -> Iterator[str]:
    """The values below a class, but the moment of assigning, with their names."""
    for one in element.iter():
        if not len(one) and local(one) not in ("Toewijzingsdatum", "Toewijzingstijd"):
            yield f"{local(one)}={one.text}"


def codes(element: Any) -> list[str]:
    """The RetourCodes of a class itself."""
    own = _child(element, "RetourCodes")
    return [] if own is None else [code.text for code in own]


def _totaal(antwoord: Any, name: str) -> int | None:
    if antwoord is None:
        return None
    totaal = _child(antwoord, name)
    sign = -1 if _text(totaal, "DebetCredit") == "C" else 1
    return sign * int(_text(totaal, "TotaalBedrag"))


def plain(element: Any) -> list[tuple[str, str]]:
    """A class without its RetourCodes, as local names and texts: what an answer must repeat."""
    return [(local(one), (one.text or "").strip()) for one in _without_codes(element)]


def _without_codes(element: Any) -> Iterator[Any]:
    yield element
    for child in element:
        if local(child) != "RetourCodes":
            yield from _without_codes(child)


def local(element: Any) -> str:
    """The name of an element without its namespace."""
    return str(etree.QName(element).localname)


def _child(element: Any, name: str) -> Any:
    return next((one for one in element if local(one) == name), None)


def _all(element: Any, name: str) -> list[Any]:
    return [one for one in element.iter() if local(one) == name]


def _text(element: Any, name: str) -> str:
    return next(str(one.text) for one in element.iter() if local(one) == name)


def unlike_heenbericht(heen: bytes, answer: Path, klok: str) -> list[str]:
    """In what an answer does not repeat its heenbericht as the standard asks."""
    sent, root = etree.fromstring(heen), etree.parse(answer).getroot()
    if local(_child(root, "Header")[0]) != "BerichtCode":
        return ["the Header does not begin with its BerichtCode"]
    if answer.name.split(".")[1].endswith("325"):
        return _unlike_declaratie(sent, root, klok)
    return _unlike_regie(sent, root, klok)


def _unlike_regie(sent: Any, root: Any, klok: str) -> list[str]:
    ours, theirs = _child(root, "Header"), _child(sent, "Header")
    wrong = []
    if plain(ours)[2 : len(plain(theirs))] != plain(theirs)[2:]:
        wrong.append("the Header is not a copy")
    if _text(ours, "DagtekeningRetour") != klok:
        wrong.append("DagtekeningRetour is not the day of the clock")
    pairs = zip(root[1:], sent[1:], strict=True) if len(root) > 1 else ()
    wrong += [f"the {local(own)} is not a copy" for own, one in pairs if plain(own) != plain(one)]
    return wrong


def _unlike_declaratie(sent: Any, root: Any, klok: str) -> list[str]:
    ours, theirs = _child(root, "Header"), _child(sent, "Header")
    wrong = []
    pairs = [("Afzender", "Ontvanger"), ("Ontvanger", "Afzender")]
    wrong += [a for a, b in pairs if _text(ours, a) != _text(theirs, b)]
    same = [("DeclaratieIdentificatie", "BerichtIdentificatie")]
    same += [("XsdVersieDeclaratie", "XsdVersie")]
    wrong += [a for a, b in same if plain(_child(ours, a))[1:] != plain(_child(theirs, b))[1:]]
    own = _child(ours, "BerichtIdentificatie")
    if _text(own, "Identificatie") == _text(theirs, "Identificatie"):
        wrong.append("the 325 has no identification of its own")
    if _text(own, "Dagtekening") != klok:
        wrong.append("Dagtekening is not the day of the clock")
    lines = [plain(one) for one in _all(sent, "Prestatie")]
    wrong += ["a line is not a copy" for one in _all(root, "Prestatie") if plain(one) not in lines]
    return wrong


def unexplained_codes(outcome: Tabel, found: Tabel) -> set[str]:
    """Codes that stand in an answer or in a rejecting finding, but not in both."""
    if outcome["answer"] is None or found["verdict"] == "duplicate":
        return set()
    regels = found.get("regels") or []
    lists = list(regels.values()) if isinstance(regels, dict) else list(regels)
    lists += [found.get("header") or [], found.get("antwoord") or [], found.get("client") or []]
    said = {code for one in lists for code in one} - NOT_REFUSING
    rejecting = {f["retourcode"] for f in outcome["findings"] if f["effect"] == "reject"}
    return said ^ (rejecting - NOT_REFUSING)
