"""What reads bytes of others, each as a function that ends: read, or refused by an error of ours.

Anything else that is raised is a find, and so is what takes too long or too much memory.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from gateway.config import Settings
from gateway.errors import MessageRefused
from gateway.inlezen import load_reader, load_types
from gateway.messages.opdrachten import peek_opdracht, read_opdracht
from gateway.messages.pakket import read_pakket
from gateway.messages.reader import Reader, Source, peek
from gateway.network.ggk.lezen import canonical, parse, read

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus"
# Good ones to begin with, beside those of the corpus.
GOOD = {
    "bericht": ("docs/voorbeeld/*.xml", "tests/rules/berichten/*.xml"),
    "envelop": (),
    "opdracht": ("docs/voorbeeld/*.json",),
    "pakket": (),
}
CAP = 1_000_000


@cache
def _reader() -> Reader:
    settings = Settings()
    return load_reader(settings, load_types(settings))


def bericht(body: bytes) -> None:
    """A message of the standard, as far as its schema and its records."""
    peek([body])
    with suppress(MessageRefused):
        message = _reader().open(Source([body], CAP))
        for _ in message.batches():
            pass
        message.check()


def envelop(body: bytes) -> None:
    """An envelope of the network; what could be read has one form."""
    with suppress(MessageRefused):
        element = parse(body)
        read(element)
        assert canonical(element) == canonical(parse(canonical(element)))


def opdracht(body: bytes) -> None:
    """An order of the backoffice, in JSON."""
    peek_opdracht(body)
    with suppress(MessageRefused):
        read_opdracht(body)


def pakket(body: bytes) -> None:
    """A zip with messages, as far as the bytes of each; none may be more than the cap."""
    with suppress(MessageRefused):
        for lid in read_pakket(io.BytesIO(body), CAP):
            assert len(lid.inhoud or b"") <= CAP


DOELEN: Mapping[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (bericht, envelop, opdracht, pakket)
}


def begun(doel: str) -> list[Path]:
    """The files that a search for one of them begins with."""
    good = [path for pattern in GOOD[doel] for path in sorted(ROOT.glob(pattern))]
    return good + sorted((CORPUS / doel).iterdir())
