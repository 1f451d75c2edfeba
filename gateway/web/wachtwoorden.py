"""Passwords: kept as argon2id, long instead of odd, and never a word that anyone would try.

As NIST SP 800-63B has it: a length, and a list of what is used most, that of zxcvbn (MIT).
"""

from __future__ import annotations

import re
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 15, 200
# What people make long passwords of; a password that is these and signs has nothing of its own.
_WOORDEN = re.compile(
    r"wachtwoord|welkom|gemeente|gateway|password|qwerty|azerty|iloveyou|letmein|admin|beheer"
    r"|inloggen|geheim|zorg|jeugd|wmo|lente|zomer|herfst|winter|januari|februari|maart|april|mei"
    r"|juni|juli|augustus|september|oktober|november|december|abcdefghijklmnopqrstuvwxyz|abc"
)
_SIGNS = re.compile(r"[\W\d_]+")
OWN_LETTERS = 8
# How much of the list is looked at, and how many words of it in a row make a phrase of one's own.
MOST_USED, PHRASE = 3_000, 4
_TOO_EASY = "Dit wachtwoord is te makkelijk te raden. Kies een zin met eigen woorden."


@cache
def _hasher() -> PasswordHasher:
    """The parameters of RFC 9106 for little memory."""
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("van niemand")


def hash_of_wachtwoord(wachtwoord: str) -> str:
    """What is kept of a password."""
    return _hasher().hash(wachtwoord)


def klopt(hash_: str | None, wachtwoord: str) -> bool:
    """Whether it is the password of this hash; without one it takes as long to say no."""
    try:
        _hasher().verify(hash_ or _nobodys_hash(), wachtwoord[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return hash_ is not None


def bezwaar(wachtwoord: str, naam: str) -> str | None:
    """Why this cannot be a password, None when it can."""
    if len(wachtwoord) < SHORTEST:
        return (
            f"Kies een wachtwoord van ten minste {SHORTEST} tekens. Een zin is goed te onthouden."
        )
    if len(wachtwoord) > LONGEST:
        return f"Kies een wachtwoord van ten hoogste {LONGEST} tekens."
    own = _WOORDEN.sub("", wachtwoord.casefold().replace(naam.casefold(), ""))
    letters = "".join(sign for sign in own if sign.isalpha())
    if len(set(letters)) < OWN_LETTERS // 2 or len(letters) < OWN_LETTERS:
        return _TOO_EASY
    return _TOO_EASY if _is_used_most(wachtwoord.casefold()) else None


@cache
def _used_most() -> frozenset[str]:
    # Imported here: who chooses no password needs no list.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"][:MOST_USED])


def _is_used_most(wachtwoord: str) -> bool:
    """Whether it is on the list, or a few words of it with signs between them or written again."""
    if wachtwoord in _used_most():
        return True
    words = {_once(word) for word in _SIGNS.split(wachtwoord) if word}
    return len(words) < PHRASE and words <= _used_most()


def _once(word: str) -> str:
    """What a word is that was written several times, such as dragondragon."""
    return word[: (word * 2).index(word, 1)]
