"""Looks whether a place may be sent to: HTTPS, and no address inside somebody's network.

A name is looked up once per attempt, and the connection goes to the address that was looked at: a
name that leads elsewhere a moment later leads nowhere.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from gateway.errors import GatewayError, WrongUse

HTTPS, PORT, LONGEST = "https", 443, 2_000
Adres = IPv4Address | IPv6Address
Opzoeken = Callable[[str, int], Sequence[str]]
# Ways in which an address of IPv4 goes inside one of IPv6: where it leads is not told by itself.
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


class NietBereikbaar(GatewayError):
    """A place that may not be sent to, or that has no address."""


def checked_url(text: str) -> str:
    """The text of an address to send to; raises WrongUse for one that can never do."""
    try:
        found = urlsplit(text)
        host, port = found.hostname, found.port
    except ValueError:
        raise WrongUse("dit is geen webadres") from None
    if found.scheme != HTTPS or not host or not text.isascii() or not text.isprintable():
        raise WrongUse("een abonnement heeft een webadres dat met https:// begint")
    if found.username is not None or found.password is not None or found.fragment:
        raise WrongUse("een webadres heeft hier geen naam, geen wachtwoord en geen #")
    if len(text) > LONGEST or port == 0:
        raise WrongUse("dit is geen webadres")
    literal = _literal(host)
    if literal is not None and not is_public(literal):
        raise WrongUse("dit adres ligt binnen een netwerk; alleen openbare adressen kunnen")
    return text


def is_public(adres: Adres) -> bool:
    """Whether an address is one that anybody on the internet may reach."""
    if isinstance(adres, IPv6Address):
        inside = adres.ipv4_mapped or adres.sixtofour
        if inside is not None:
            return is_public(inside)
        if adres.teredo is not None or any(adres in one for one in _TRANSLATED):
            return False
    return adres.is_global and not adres.is_multicast


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses behind a name, as the machine knows them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NietBereikbaar("de naam in het adres is niet te vinden") from None
    return [str(one[4][0]) for one in found]


def address_of(
    host: str, port: int, opzoeken: Opzoeken = look_up, mag: Callable[[Adres], bool] = is_public
) -> Adres:
    """The address to connect to; raises NietBereikbaar when any one behind the name may not be."""
    found = [ip_address(one.partition("%")[0]) for one in opzoeken(host, port)]
    if not found:
        raise NietBereikbaar("de naam in het adres is niet te vinden")
    if not all(map(mag, found)):
        raise NietBereikbaar("de naam in het adres leidt naar binnen een netwerk")
    return found[0]


def _literal(host: str) -> Adres | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
