"""The file that tells who is connected to the network, and how it behaves."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from gateway.config import Gemeentecode, Poort, Url
from gateway.errors import WrongUse
from gateway.http.dienst import Tls
from gateway.network.ggk.verbinding import Bewijs
from gateway.simulate.netwerk.storingen import Storingen

_AT = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*)`$")


class Aansluiting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gateway that serves municipalities: where it takes envelopes, and its key for us."""

    gemeenten: tuple[Gemeentecode, ...]
    url: Url
    sleutel: str


class Certificaten(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files by which the network is known, and with who may have signed those of others."""

    certificaat: str
    sleutel: str
    ca: str


class Opzet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; paths are as seen from where it stands.

    `aanbieders` is the folder of who is no municipality, see `Postvak`.
    """

    aanbieders: str
    poort: Poort = 0
    gateway: tuple[Aansluiting, ...] = ()
    storingen: Storingen = msgspec.field(default_factory=Storingen)
    certificaten: Certificaten | None = None


def read_opzet(path: Path) -> Opzet:
    """Read the file; raises WrongUse that tells where it is wrong."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Opzet)
    except (OSError, UnicodeDecodeError):
        raise WrongUse(f"{path}: dit bestand is niet te lezen") from None
    except msgspec.ValidationError as error:
        found = _AT.search(str(error))
        where = f" bij {found[1]}" if found else ""
        raise WrongUse(f"{path}: dit is geen netwerk, het klopt niet{where}") from None
    except msgspec.DecodeError:
        raise WrongUse(f"{path}: dit is geen TOML") from None


def tls_of(opzet: Opzet, folder: Path) -> Tls | None:
    """How the network lets others in; None for one without certificates."""
    given = opzet.certificaten
    if given is None:
        return None
    return Tls(folder / given.certificaat, folder / given.sleutel, folder / given.ca)


def bewijs_of(opzet: Opzet, folder: Path) -> Bewijs:
    """How the network shows who it is where it brings something."""
    given = opzet.certificaten
    if given is None:
        return Bewijs()
    return Bewijs(folder / given.certificaat, folder / given.sleutel, folder / given.ca)
