"""Changes of the register as somebody asks for them; periods are inclusive, no `tot` is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.records.aanbieder import Contractstuk, Onderaanneming, Overgang


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractErbij:
    """The document of a contract with a provider."""

    nummer: int
    stuk: Contractstuk


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractEinde:
    """The last day of a contract (`welk`) with a provider."""

    nummer: int
    welk: int
    tot: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OnderaannemerErbij:
    """That one provider may work for another."""

    nieuw: Onderaanneming


@dataclass(frozen=True, slots=True, kw_only=True)
class OnderaannemerEinde:
    """The last day of a subcontract (`welk`) of a provider, on either side of it."""

    nummer: int
    welk: int
    tot: date


# What changes providers themselves, and what was agreed with them.
Wijziging = Nieuw | Hernoem | Gegevens | Einde | AgbErbij | AgbEinde | Overgang
Afspraak = ContractErbij | ContractEinde | OnderaannemerErbij | OnderaannemerEinde


def told(wijziging: Wijziging | Afspraak) -> str:
    """A change in words, for a preview and for the log; without what somebody may not see."""
    if isinstance(wijziging, Afspraak):
        return _agreed(wijziging)
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


def _agreed(afspraak: Afspraak) -> str:
    match afspraak:
        case ContractErbij():
            stuk = afspraak.stuk
            return (
                f"aanbieder {afspraak.nummer}: document {stuk.documentnummer} bij "
                f"{stuk.overeenkomst} vanaf {stuk.vanaf}{_until(stuk.tot)}"
            )
        case ContractEinde():
            welk, tot = afspraak.welk, afspraak.tot
            return f"aanbieder {afspraak.nummer}: contract {welk} tot en met {tot}"
        case OnderaannemerErbij():
            nieuw = afspraak.nieuw
            where = " ".join(filter(None, (nieuw.wet, nieuw.productcategorie))) or "alles"
            return (
                f"aanbieder {nieuw.onder} werkt voor {nieuw.hoofd} ({where}) vanaf "
                f"{nieuw.vanaf}{_until(nieuw.tot)}"
            )
        case OnderaannemerEinde():
            return f"onderaanneming {afspraak.welk} tot en met {afspraak.tot}"


def _until(tot: date | None) -> str:
    return "" if tot is None else f" tot en met {tot}"
