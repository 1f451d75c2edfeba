"""Changes of the register as somebody asks for them; periods are inclusive, no `tot` is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.records.aanbieder import Overgang


@dataclass(frozen=True, slots=True, kw_only=True)
class Nieuw:
    """A provider that is not there yet, with its first name and perhaps its first code."""

    naam: str
    vanaf: date
    kvk: str = ""
    contact: str = ""
    agb: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hernoem:
    """Another name from a day on; the names before stay."""

    nummer: int
    naam: str
    vanaf: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Gegevens:
    """Another KvK number, or another way to reach it; empty is none."""

    nummer: int
    kvk: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Einde:
    """The last day of a provider, and so of the codes that it has left."""

    nummer: int
    tot: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AgbErbij:
    """A code more."""

    nummer: int
    agb: str
    vanaf: date
    tot: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgbEinde:
    """Another last day of a code, of the period that it began on `vanaf`; None is open again."""

    nummer: int
    agb: str
    vanaf: date
    tot: date | None


Wijziging = Nieuw | Hernoem | Gegevens | Einde | AgbErbij | AgbEinde | Overgang


def told(wijziging: Wijziging) -> str:
    """A change in words, for a preview and for the log; without what somebody may not see."""
    match wijziging:
        case Nieuw():
            code = f" met AGB-code {wijziging.agb}" if wijziging.agb else ""
            return f"nieuwe aanbieder {wijziging.naam}{code} vanaf {wijziging.vanaf}"
        case Hernoem():
            return f"aanbieder {wijziging.nummer} heet {wijziging.naam} vanaf {wijziging.vanaf}"
        case Gegevens():
            kvk = wijziging.kvk or "geen"
            return f"aanbieder {wijziging.nummer}: KvK-nummer {kvk}, contact {wijziging.contact}"
        case Einde():
            return f"aanbieder {wijziging.nummer} eindigt op {wijziging.tot}"
        case AgbErbij():
            return (
                f"aanbieder {wijziging.nummer}: AGB-code {wijziging.agb} vanaf {wijziging.vanaf}"
                f"{_until(wijziging.tot)}"
            )
        case AgbEinde():
            return (
                f"aanbieder {wijziging.nummer}: AGB-code {wijziging.agb} van {wijziging.vanaf}"
                f"{_until(wijziging.tot) or ', weer zonder einde'}"
            )
        case Overgang():
            codes = " ".join(wijziging.agbs) or "geen AGB-code"
            return (
                f"{wijziging.soort} op {wijziging.dag}: aanbieder {wijziging.van} naar "
                f"{wijziging.naar}, met {codes}"
            )


def _until(tot: date | None) -> str:
    return "" if tot is None else f" tot en met {tot}"
