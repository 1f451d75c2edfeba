"""The person of an earlier 301, as an opdracht names him: for who is assigned care elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import msgspec

from gateway.errors import Gearchiveerd, MessageRefused
from gateway.messages.opdrachten import ClientVanToewijzing, Contactgegeven, RelatieVanClient
from gateway.messages.reader import Source
from gateway.pipeline.kennis import Kennis
from gateway.records.toewijzing import Contact, Relatie, ToewijzingClient
from gateway.store.mutaties.aanbod import PersoonVan
from gateway.store.store import SqlStore

NOT_COPIED = ("pad", "extra", "relatie")
Deel = TypeVar("Deel", bound=msgspec.Struct)


def persoon_van(store: SqlStore, kennis: Kennis) -> PersoonVan:
    """Reads the person of the 301 in an inbox row back from its message."""

    def read(inbox_id: int) -> Mapping[str, Any]:
        try:
            source = Source(store.message(inbox_id), kennis.bytecap)
            records = [record for _, record in kennis.reader.open(source).records()]
        except MessageRefused as refused:
            raise Gearchiveerd(str(refused)) from refused
        return as_asked(records)

    return read


def as_asked(records: list[Any]) -> Mapping[str, Any]:
    """The client of the records of a 301 with everybody and everything around him."""
    client = next(one for one in records if isinstance(one, ToewijzingClient))
    contacten = [one for one in records if isinstance(one, Contact)]
    of_relatie = {one.relatie: _copied(Contactgegeven, one) for one in contacten if one.relatie}
    relaties = tuple(
        _copied(RelatieVanClient, one, contact=of_relatie.get(one.nummer))
        for one in records
        if isinstance(one, Relatie)
    )
    own = tuple(_copied(Contactgegeven, one) for one in contacten if not one.relatie)
    asked = _copied(ClientVanToewijzing, client, relaties=relaties, contactgegevens=own)
    told: dict[str, Any] = msgspec.to_builtins(asked)
    return told


def _copied(kind: type[Deel], record: Any, **more: Any) -> Deel:
    names = [one.name for one in fields(record) if one.name not in NOT_COPIED]
    return kind(**{name: getattr(record, name) for name in names}, **more)
