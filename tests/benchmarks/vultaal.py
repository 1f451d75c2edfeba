"""What filling a store by statements needs in both kinds of SQL."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vultaal:
    """The words of one kind of database."""

    is_sqlite: bool

    def day(self, moment: str) -> str:
        """The day on which a moment is."""
        if self.is_sqlite:
            return f"date({moment}, 'unixepoch')"
        return f"CAST(to_timestamp(CAST({moment} AS double precision)) AS date)"

    def padded(self, number: str) -> str:
        """The fingerprint that a number stands for."""
        if self.is_sqlite:
            return f"printf('%032d', {number})"
        return f"lpad(CAST({number} AS text), 32, '0')"

    def blob(self, text: str) -> str:
        """A text as bytes."""
        return f"CAST({text} AS BLOB)" if self.is_sqlite else f"convert_to({text}, 'UTF8')"


def numbers(upto: str, step: int = 1) -> str:
    """The numbers up to one, as a table `n` with a column `i`."""
    return (
        f"WITH RECURSIVE n(i) AS (SELECT {step} UNION ALL "
        f"SELECT i + {step} FROM n WHERE i + {step} <= {upto}) "
    )


def pick(number: str, values: tuple[str, ...]) -> str:
    """One of some values after the other."""
    whens = " ".join(f"WHEN {place} THEN '{value}'" for place, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {whens} END"
