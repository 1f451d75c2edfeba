"""A new account of a provider: what it has to be before a second person looks at it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from stdnum import iban as ibans
from stdnum.exceptions import ValidationError

from gateway.errors import OngeldigeVelden
from gateway.records.masker import mask
from gateway.records.rekening import Rekening

LONGEST_NAME, LONGEST_NOTE = 70, 500
# What the rules for payments take in a name (EPC217-08), for this is the name in a payment.
_NAAM = re.compile(r"[0-9A-Za-zÀ-ÖØ-öø-ÿ &/?:().,'+-]{1,70}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", re.ASCII)
_WORD = re.compile(r"[^\W_]+")
# Words that say what kind of organisation it is, not which.
_KIND = frozenset({"stichting", "bv", "b", "v", "nv", "coöperatie", "vof", "de", "het", "zorg"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeningvraag:
    """Another account of a provider (AGB code), from a day on.

    `notitie` tells how the account was checked with the provider (a call-back); no person in it.
    """

    aanbieder: str
    rekening: Rekening
    vanaf: date
    notitie: str = ""


def normal(iban: str) -> str:
    """An IBAN as banks write it: capitals, no blanks."""
    return "".join(iban.split()).upper()


def is_iban(iban: str) -> bool:
    """Whether the check digits are right, and the length and form those of its country.

    Which banks there are in a country changes, and is left to the bank that pays.
    """
    if not _IBAN.fullmatch(iban):
        return False
    try:
        return bool(ibans.validate(iban, check_country=False) == iban)
    except ValidationError:
        return False


def checked(vraag: Rekeningvraag) -> Rekeningvraag:
    """The question in order; raises OngeldigeVelden."""
    iban, naam = normal(vraag.rekening.iban), " ".join(vraag.rekening.tenaamstelling.split())
    notitie = vraag.notitie.strip()
    fouten = {}
    if not is_iban(iban):
        fouten["iban"] = "Dit is geen geldig IBAN: de controlecijfers of de lengte kloppen niet."
    if not _NAAM.fullmatch(naam):
        fouten["tenaamstelling"] = (
            f"Vul de naam bij de rekening in: 1 tot en met {LONGEST_NAME} gewone tekens."
        )
    if len(notitie) > LONGEST_NOTE or mask(notitie) != notitie:
        fouten["notitie"] = f"Hoogstens {LONGEST_NOTE} tekens, zonder BSN."
    if fouten:
        raise OngeldigeVelden(fouten)
    return Rekeningvraag(
        aanbieder=vraag.aanbieder,
        rekening=Rekening(iban, naam),
        vanaf=vraag.vanaf,
        notitie=notitie,
    )


def first_day(vanaf: date, notitie: str, besloten: date, wachtdagen: int) -> date:
    """From when an account may be paid on: never before it was approved, and without a note later.

    Without a note of a call-back so many days (`wachtdagen`) go by first, in which the provider
    can miss its money and say so.
    """
    earliest = besloten if notitie else besloten + timedelta(days=wachtdagen)
    return max(vanaf, earliest)


def is_other_name(tenaamstelling: str, namen: Iterable[str]) -> bool:
    """Whether an account is in a name that has no word in common with those of the provider."""
    words = _words(tenaamstelling)
    known = list(namen)
    return bool(known) and all(words.isdisjoint(_words(naam)) for naam in known)


def _words(naam: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(naam)) - _KIND


def masked(iban: str) -> str:
    """An IBAN of which only country and last four may be seen."""
    return f"{iban[:2]}** **** {iban[-4:]}" if iban else ""
