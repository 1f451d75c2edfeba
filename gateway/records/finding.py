"""What judging yields: an offence of a rule, the finding made of it, and a schema error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

Effect = Literal["reject", "hold", "signal"]


class Subject(Protocol):
    """A record that a rule can point at."""

    @property
    def pad(self) -> str:
        """XPath of the class in its message, by local names: `/Bericht/Client/...`."""

    @property
    def reference(self) -> str | None:
        """ReferentieNummer or ToewijzingNummer of the class, None where it has neither."""


@dataclass(frozen=True, slots=True)
class Offence:
    """One breach that a rule or check found.

    `element` is the path below the subject's own XPath ("" for the class itself).  `found` and
    `expected` are short texts without a BSN; `text` is one Dutch sentence that tells what is
    wrong with what, for the sender or for staff.
    """

    subject: Subject
    text: str
    element: str = ""
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a finding rests on: agreement, cell and amounts in eurocents.

    `belang` is the amount at stake: what would be paid differently if the finding were settled the
    other way.  `controleplan` refers to the municipality's plan for material control.
    """

    overeenkomst: str | None = None
    versie: str | None = None
    cel: str | None = None
    ingediend: int | None = None
    verwacht: int | None = None
    belang: int | None = None
    controleplan: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A judged offence as everyone sees it: the answer, the backoffice, staff and the ledger.

    `rule` is a code of the standard (TR307) or of our own catalogue (S101); `retourcode` is None
    for everything that is not a rejection.  `klasse` is the message class, `pad` its XPath and
    `element` the path below it ("" for the class itself).  `regelnr` is the number of the line in
    its message, None for what is no invoice line; `productcode`, `toewijzingnummer` and
    `begindatum` are those of the class, where it has them.
    """

    rule: str
    retourcode: str | None
    effect: Effect
    klasse: str
    pad: str
    element: str
    reference: str | None
    found: str
    expected: str
    text: str
    evidence: Evidence | None = None
    regelnr: int | None = None
    productcode: str | None = None
    toewijzingnummer: int | None = None
    begindatum: date | None = None

    @property
    def path(self) -> str:
        """XPath of the element at fault."""
        return f"{self.pad}/{self.element}" if self.element else self.pad


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One breach of an XSD: line (from 1), XPath, what was found and expected, as one sentence."""

    line: int
    pad: str
    found: str
    expected: str
    text: str
