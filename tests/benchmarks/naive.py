"""The naive way to judge an invoice: xmlschema, a whole tree, a query and an insert per line.

It does a fraction of the work (a few rules) and is kept to measure against, never to use.
"""

from __future__ import annotations

import sqlite3
from io import BytesIO
from pathlib import Path

import xmlschema
from lxml import etree

OWN = "{http://www.istandaarden.nl/ijw/3_2/jw323/schema}"
BASE = "{http://www.istandaarden.nl/ijw/3_2/basisschema/schema}"


class Naive:
    """A schema that is compiled once and a database with the assignments."""

    def __init__(self, schema: Path, database: Path) -> None:
        self._schema = xmlschema.XMLSchema(str(schema))
        self._connection = sqlite3.connect(database)
        self._connection.executescript(
            "create table if not exists regel (referentie text primary key, nummer integer, "
            "bedrag integer, toegekend integer);"
        )

    def judge(self, body: bytes) -> int:
        """How many lines are granted."""
        self._schema.validate(BytesIO(body))
        tree = etree.fromstring(body, etree.XMLParser(huge_tree=True))
        granted = sum(self._line(line) for line in tree.iter(f"{OWN}Prestatie"))
        self._connection.commit()
        return granted

    def _line(self, line: etree._Element) -> int:
        number = int(line.findtext(f"{OWN}ToewijzingNummer"))
        reference = line.findtext(f"{OWN}ProductReferentie/{BASE}ReferentieNummer")
        begin = line.findtext(f"{OWN}ProductPeriode/{BASE}Begindatum")
        volume = int(line.findtext(f"{OWN}GeleverdVolume"))
        tarief = int(line.findtext(f"{OWN}ProductTarief"))
        bedrag = int(line.findtext(f"{OWN}IngediendBedrag/{BASE}Bedrag"))
        known = self._connection.execute(
            "select ingangsdatum, productcode from toewijzing where toewijzingnummer = ?", (number,)
        ).fetchone()
        used = self._connection.execute(
            "select 1 from regel where referentie = ?", (reference,)
        ).fetchone()
        good = (
            known is not None
            and used is None
            and begin >= known[0]
            and line.findtext(f"{OWN}ProductCode") == known[1]
            and bedrag == volume * tarief
        )
        self._connection.execute(
            "insert into regel values (?, ?, ?, ?)", (reference, number, bedrag, int(good))
        )
        return int(good)

    def close(self) -> None:
        """Give the database back."""
        self._connection.close()
