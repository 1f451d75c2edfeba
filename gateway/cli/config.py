"""`gateway config`: which settings are weak, or are still those that everybody begins with."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import click
import msgspec

from gateway.config import PREFIX, SECRETS, Settings, read_settings
from gateway.errors import WrongUse
from gateway.http.omgeving import LOOPBACK, adres_of
from gateway.store.engine import readable_url

# What no secret is made of.
WORDS = ("wachtwoord", "password", "passwd", "geheim", "secret", "welkom", "changeme", "guest")
SHORTEST, FEWEST = 16, 8
SHORTEST_KEY = 32
TRUSTED = ("verify-full",)
_DEFAULT = Settings()


class Zwakte(NamedTuple):
    """A setting by its variable, and what is wrong with it as one Dutch sentence without values."""

    instelling: str
    zin: str


@click.group("config")
def command() -> None:
    """Zegt welke instellingen zwak zijn, of nog die van ons."""


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-document op de uitvoer.")
def check(as_json: bool) -> int:
    """Kijkt de instellingen na; exitcode 1 als er een beter kan. Toont geen waarden."""
    found = list(weaknesses(read_settings(os.environ), os.environ))
    if as_json:
        told = {"settings": [{"name": one.instelling, "text": one.zin} for one in found]}
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    else:
        for one in found:
            print(f"{one.instelling}: {one.zin}")
        if not found:
            print("geen zwakke instellingen gevonden")
    return 1 if found else 0


def weaknesses(settings: Settings, environment: Mapping[str, str]) -> Iterator[Zwakte]:
    """Everything that can be better, in the order of the settings; reads the rights on files."""
    told = [
        *_of_store(settings),
        *_of_broker(settings),
        *_of_secrets(settings, environment),
        *_of_network(settings),
        *_of_pages(settings),
        *_of_contact(settings),
    ]
    order = {name: place for place, name in enumerate(Settings.__struct_fields__)}
    for name, zin in sorted(told, key=lambda one: order[one[0]]):
        yield Zwakte(PREFIX + name.upper(), zin)


Gevonden = Iterator[tuple[str, str]]


def _of_store(settings: Settings) -> Gevonden:
    url = readable_url(settings.store_url)
    if url.get_backend_name() == "sqlite":
        if url.database and _others_read(Path(url.database)):
            yield "store", "anderen op deze machine kunnen dit bestand lezen"
        return
    if not _is_here(url.host) and url.query.get("sslmode") not in TRUSTED:
        yield "store", "zonder sslmode=verify-full is niet zeker dat dit uw database is"
    if url.password and _is_weak(url.password, url.username):
        yield "store", "het wachtwoord is kort of te raden"


def _of_broker(settings: Settings) -> Gevonden:
    url = urlsplit(settings.broker)
    if url.scheme == "amqp" and not _is_here(url.hostname):
        yield "broker", "dit gaat onversleuteld over het netwerk; gebruik amqps://"
    if url.password and _is_weak(url.password, url.username):
        yield "broker", "het wachtwoord is kort of te raden"


def _of_secrets(settings: Settings, environment: Mapping[str, str]) -> Gevonden:
    if settings.bsn_sleutel is None:
        yield "bsn_sleutel", "de opslag maakt zelf een sleutel: die zit ook in elke back-up"
    elif len(settings.bsn_sleutel) < SHORTEST_KEY or _is_weak(settings.bsn_sleutel, None):
        yield "bsn_sleutel", "deze sleutel is kort of te raden; neem 64 hexadecimale cijfers"
    if settings.kluis is None:
        yield "kluis", "de bytes van berichten staan onversleuteld in de opslag"
    elif any(len(set(line.partition("=")[2])) < FEWEST for line in settings.kluis.split()):
        yield "kluis", "een van de sleutels is te raden; maak er een met gateway vault make"
    if settings.oidc_geheim and _is_weak(settings.oidc_geheim, settings.oidc_client):
        yield "oidc_geheim", "dit geheim is kort of te raden"
    for name in sorted(SECRETS):
        variable = PREFIX + name.upper()
        if _is_secret(name, environment.get(variable, "")):
            yield name, f"een geheim in de omgeving ziet elk proces ervan; gebruik {variable}_FILE"
        file = environment.get(f"{variable}_FILE", "").strip()
        if file and _others_read(Path(file)):
            yield name, "anderen op deze machine kunnen het bestand met dit geheim lezen"


def _of_network(settings: Settings) -> Gevonden:
    if settings.ggk_url is not None and not _is_here(urlsplit(settings.ggk_url).hostname):
        if settings.ggk_url.startswith("http://"):
            yield "ggk_url", "enveloppen gaan onversleuteld over het netwerk; gebruik https://"
        elif settings.ggk_certificaat is None:
            yield "ggk_certificaat", "de adapter herkent deze gateway niet aan een certificaat"
    if settings.randen == "amqp" and settings.bron == _DEFAULT.bron:
        yield "bron", "gebeurtenissen noemen geen organisatie; vul uw eigen urn in"


def _of_pages(settings: Settings) -> Gevonden:
    try:
        adres = adres_of(settings, settings.host, settings.webpoort)
    except WrongUse as wrong:
        yield "web_adres", str(wrong)
        return
    if not _is_here(urlsplit(adres).hostname):
        if not settings.proxy:
            yield "proxy", "zonder het adres van de proxy lijkt elk verzoek van dezelfde te komen"
        if settings.oidc_issuer is None:
            yield "oidc_issuer", "medewerkers loggen in zonder tweede stap"
    if "*" in settings.proxy:
        yield "proxy", "zo mag iedereen zeggen van welk adres een verzoek komt"
    if settings.oidc_issuer is not None:
        if settings.met_wachtwoord:
            yield "lokaal_inloggen", "naast de inlogdienst is er een tweede weg naar binnen"
        if not settings.oidc_twee_stappen:
            yield "oidc_twee_stappen", "medewerkers komen binnen zonder tweede stap"
    if any(not one.startswith("https://") for one in settings.api_herkomst):
        yield "api_herkomst", "een pagina zonder https kan onderweg worden veranderd"


def _of_contact(settings: Settings) -> Gevonden:
    for name in ("contact_email", "contact_url"):
        if getattr(settings, name) == getattr(_DEFAULT, name):
            yield name, "dit is nog ons voorbeeld: wie een zwakke plek vindt, bereikt u niet"


def _is_here(host: str | None) -> bool:
    """Whether it stays on this machine: a socket has no host."""
    return not host or host in LOOPBACK


def _is_weak(secret: str, name: str | None) -> bool:
    lower = secret.lower()
    known = (*WORDS, *([name.lower()] if name else []))
    is_short = len(secret) < SHORTEST or len(set(secret)) < FEWEST
    return is_short or any(word in lower for word in known)


def _is_secret(name: str, text: str) -> bool:
    """Whether a variable itself tells something secret; an address only with a password in it."""
    if name == "store" and text:
        return bool(readable_url(text).password)
    return bool(urlsplit(text).password) if name == "broker" else bool(text)


def _others_read(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
