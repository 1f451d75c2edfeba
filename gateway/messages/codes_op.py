"""Holds the coded values of a message against the days on which their codes are in use.

An XSD tells which codes a release has; a code that began or ended within it does so here.  Only
lists with such a code are looked at, so a message without any costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.errors import SchemaViolated
from gateway.messages.codelijsten import Code, Codelijst, Codelijsten
from gateway.messages.definition import Berichttype, Map
from gateway.messages.schema_errors import MAX_ERRORS
from gateway.records.finding import SchemaError
from gateway.records.header import Header

Named = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class _Veld:
    """A field with a coded value: its name, its path below its class, and its list."""

    naam: str
    at: str
    lijst: Codelijst


class CodesOp:
    """The fields of every message type whose codes began or ended; looked up once per type."""

    def __init__(self, lijsten: Codelijsten) -> None:
        self._lijsten = lijsten
        self._velden: dict[Berichttype, Mapping[str, list[_Veld]]] = {}

    def checked(self, kind: Berichttype, batches: Iterable[list[Named]]) -> Iterable[list[Named]]:
        """The same records, and SchemaViolated behind the last for a code that is not in use.

        The Dagtekening of the Header decides: on that day the sender chose the code.
        """
        if kind not in self._velden:
            found = ((one.name, list(self._of(one, kind.wet))) for one in kind.maps)
            self._velden[kind] = {name: velden for name, velden in found if velden}
        velden = self._velden[kind]
        return _watched(velden, batches) if velden else batches

    def _of(self, one: Map, wet: str) -> Iterator[_Veld]:
        dated = self._lijsten.dated(wet)
        for spec in one.fields:
            path = f"/{one.tag}/{spec.at}"
            for element, lijst in dated.items() if spec.at and not spec.many else ():
                if path.endswith(f"/{element}"):
                    yield _Veld(spec.name, spec.at, lijst)


def _watched(
    velden: Mapping[str, list[_Veld]], batches: Iterable[list[Named]]
) -> Iterator[list[Named]]:
    dag: date | None = None
    errors: list[SchemaError] = []
    for batch in batches:
        for name, record in batch:
            if isinstance(record, Header):
                dag = record.dagtekening
            elif name in velden and dag is not None and len(errors) < MAX_ERRORS:
                errors += _not_in_use(record, velden[name], dag)
        yield batch
    if errors:
        raise SchemaViolated(errors[:MAX_ERRORS])


def _not_in_use(record: Any, velden: Iterable[_Veld], dag: date) -> Iterator[SchemaError]:
    for veld in velden:
        code = getattr(record, veld.naam)
        found = veld.lijst.codes.get(code)
        if found is not None and not found.geldt_op(dag):
            yield _error(f"{record.pad}/{veld.at}", code, found, dag)


def _error(pad: str, code: str, found: Code, dag: date) -> SchemaError:
    begins = found.vanaf is not None and dag < found.vanaf
    when = f"pas vanaf {found.vanaf}" if begins else f"tot en met {found.tot}"
    expected = f"een code die geldt op {dag}"
    return SchemaError(
        line=0,
        pad=pad,
        found=code,
        expected=expected,
        text=f"{pad}: gevonden {code} ({when} in gebruik), verwacht {expected}",
    )
