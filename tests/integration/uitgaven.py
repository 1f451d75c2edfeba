"""Makes a made-up release 3.3 of both standards from 3.2: a copy with a few edits, and no code.

Every line of an invoice (323) gets one more element, Locatie, which its answer (325) gives back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tests.integration.berichten import PROJECT, changed

VANAF = "2025-04-01"
STANDAARDEN = ("ijw", "iwmo")
LIJNEN = ("JW323", "JW325", "WMO323", "WMO325")
ELEMENT = '<xs:element name="Locatie" minOccurs="0" type="{}:LDT_Plaatsnaam"/>'
RELEASE = """\
standaard = "{standaard}"
versie = "3.3"
regelset = "2.1.0"
vanaf = {vanaf}
{rest}
"""


def make_releases(folder: Path, rest: str = "", vanaf: str = VANAF) -> Path:
    """A folder with release 3.3 of both standards; `rest` is what else `release.toml` says."""
    for standaard in STANDAARDEN:
        own = folder / f"{standaard}-3.3"
        own.mkdir(parents=True)
        for path in _files(standaard):
            text = _renumbered(path.read_text(encoding="utf-8"), standaard)
            (own / path.name).write_text(_with_locatie(path, text), encoding="utf-8")
        told = RELEASE.format(standaard=standaard, vanaf=vanaf, rest=rest)
        (own / "release.toml").write_text(told, encoding="utf-8")
    return folder


def _files(standaard: str) -> Iterable[Path]:
    yield from (PROJECT / "schemas" / f"{standaard}-3.2").glob("*.xsd")
    for path in (PROJECT / "mappings" / f"{standaard}-3.2").glob("*.toml"):
        if path.name != "release.toml":
            yield path


def _renumbered(text: str, standaard: str) -> str:
    """The text with every 3.2 in it a 3.3; BerichtSubversie can only be 3."""
    text = text.replace("/3_2/", "/3_3/").replace(f"{standaard}-3.2/", f"{standaard}-3.3/")
    subversie = r'(LDT_BerichtSubversie">\s*<xs:pattern value=")2'
    return re.sub(subversie, r"\g<1>3", text)


def _with_locatie(path: Path, text: str) -> str:
    """The same with one more element in a line, between Eenheid and ProductTarief."""
    if path.stem not in LIJNEN:
        return text
    if path.suffix == ".toml":
        spec = 'locatie = { at = "Locatie", extra = true, optional = true }\n'
        return text.replace("producttarief =", f"{spec}producttarief =", 1)
    standaard = path.parent.name.removesuffix("-3.2")
    place = text.index('<xs:element name="ProductTarief"')
    return text[:place] + ELEMENT.format(standaard) + text[place:]


def in_33(body: bytes, *changes: tuple[str, str]) -> bytes:
    """A message of release 3.2 as one of 3.3, with changes."""
    text = body.decode().replace("/3_2/", "/3_3/")
    text = re.sub(r"(BerichtSubversie>)2", r"\g<1>3", text)
    return changed(text, *changes)
