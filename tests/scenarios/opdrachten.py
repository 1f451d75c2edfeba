"""Hands a message of a story in as its sender may do: as canonical JSON instead of XML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from gateway.messages import opdrachten
from tests.scenarios.verhaal import FROM_GEMEENTE, Record, Stap

Deel = type[msgspec.Struct]


def opdracht_of(stap: Stap, wet: str) -> bytes:
    """The document that asks for a message; a 301 that answers a request grants it."""
    header = stap.one("Header")
    own, other = header.afzender, header.ontvanger
    gemeente, aanbieder = (own, other) if stap.soort in FROM_GEMEENTE else (other, own)
    base = {"kenmerk": stap.stam, "gemeente": gemeente, "wet": wet, "aanbieder": aanbieder}
    return msgspec.json.encode(_MAKERS[stap.soort](stap, base))


def _deel(kind: Deel, record: Record, **other: Any) -> Any:
    """The part of an opdracht that becomes this record."""
    known = [name for name in kind.__struct_fields__ if hasattr(record, name)]
    return kind(**{name: getattr(record, name) for name in known}, **other)


def _parts(stap: Stap, record: str, kind: Deel) -> tuple[Any, ...]:
    return tuple(_deel(kind, one) for one in stap.records if type(one).__name__ == record)


def _toewijzing(stap: Stap, base: dict[str, Any]) -> Any:
    client = stap.one("ToewijzingClient")
    producten = [one for one in stap.records if type(one).__name__ == "ToegewezenProduct"]
    if referentie := producten[0].referentie_aanbieder:
        return opdrachten.Toekennen(**base, referentie_aanbieder=referentie)
    return opdrachten.Toewijzen(
        **base,
        bsn=client.bsn,
        client=_deel(
            opdrachten.ClientVanToewijzing,
            client,
            contactgegevens=_parts(stap, "Contact", opdrachten.Contactgegeven),
        ),
        toewijzingen=_parts(stap, "ToegewezenProduct", opdrachten.ToeTeWijzen),
    )


def _antwoord(stap: Stap, base: dict[str, Any]) -> Any:
    antwoord = stap.one("Verzoekantwoord")
    return opdrachten.Antwoorden(
        **base,
        referentie_aanbieder=antwoord.referentie_aanbieder,
        antwoord="afgewezen" if antwoord.is_afwijzing else "in onderzoek",
        reden_afwijzing=antwoord.reden_afwijzing,
    )


def _start(stap: Stap, base: dict[str, Any]) -> Any:
    client = _deel(opdrachten.Persoon, stap.one("LeveringClient"))
    leveringen = _parts(stap, "StartProduct", opdrachten.TeStarten)
    return opdrachten.Starten(**base, client=client, leveringen=leveringen)


def _stop(stap: Stap, base: dict[str, Any]) -> Any:
    client = _deel(opdrachten.Persoon, stap.one("LeveringClient"))
    leveringen = _parts(stap, "StopProduct", opdrachten.TeStoppen)
    return opdrachten.Stoppen(**base, client=client, leveringen=leveringen)


def _aanvraag(stap: Stap, base: dict[str, Any]) -> Any:
    client = _deel(opdrachten.Persoon, stap.one("AanvraagClient"))
    producten = _parts(stap, "AangevraagdProduct", opdrachten.AanTeVragen)
    return opdrachten.Aanvragen(**base, client=client, producten=producten)


def _wijziging(stap: Stap, base: dict[str, Any]) -> Any:
    verzoek = stap.one("Wijzigingsverzoek")
    unchanged = [one for one in stap.records if type(one).__name__ == "OngewijzigdProduct"]
    return opdrachten.Wijzigen(
        **base,
        bsn=verzoek.bsn,
        referentie_aanbieder=verzoek.referentie_aanbieder,
        reden_verzoek=verzoek.reden_verzoek,
        ongewijzigd=tuple(one.toewijzingnummer for one in unchanged),
        te_wijzigen=_parts(stap, "TeWijzigenProduct", opdrachten.TeWijzigen),
        nieuw=_parts(stap, "NieuwProduct", opdrachten.NieuwGewenst),
    )


def _declaratie(stap: Stap, base: dict[str, Any]) -> Any:
    lines = [one for one in stap.records if type(one).__name__ == "Prestatie"]
    return _deel(
        opdrachten.Declareren,
        stap.one("Declaratie"),
        **base,
        regels=tuple(_deel(opdrachten.TeDeclareren, one, bedrag=one.ondertekend) for one in lines),
    )


_MAKERS: dict[str, Callable[[Stap, dict[str, Any]], Any]] = {
    "301": _toewijzing,
    "305": _start,
    "307": _stop,
    "315": _aanvraag,
    "317": _wijziging,
    "319": _antwoord,
    "323": _declaratie,
}
