"""Gives what is shown outside an id that tells nothing: its number, enciphered, as a UUID.

A number in an address could be counted on, and tells how many messages there are.  A table of
random ids would cost every message a row; a cipher of one block gives ids that nobody can make
without the key, and leads back to the number without a look-up.
"""

from __future__ import annotations

import hashlib
import struct
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_LAYOUT = struct.Struct(">4sQI")
_LARGEST = 2**64 - 1


class Kenmerken:
    """Ids of one installation; the same number always gets the same id."""

    def __init__(self, sleutel: bytes) -> None:
        """`sleutel` is a secret of any length that is used for nothing else."""
        self._cipher = _cipher(b"kenmerken\0" + sleutel)
        self._of_clients = _cipher(b"clienten\0" + sleutel)

    def of(self, soort: str, nummer: int, deel: int = 0) -> str:
        """The id of a row: its kind, its number, and for a line which one in its message."""
        encryptor = self._cipher.encryptor()
        block = _LAYOUT.pack(_mark(soort), nummer, deel)
        return str(UUID(bytes=encryptor.update(block) + encryptor.finalize()))

    def read(self, soort: str, kenmerk: str) -> tuple[int, int] | None:
        """The number and part behind an id; None for what is no id of this kind."""
        try:
            block = UUID(kenmerk).bytes
        except ValueError:
            return None
        decryptor = self._cipher.decryptor()
        mark, nummer, deel = _LAYOUT.unpack(decryptor.update(block) + decryptor.finalize())
        return (nummer, deel) if mark == _mark(soort) and nummer <= _LARGEST >> 1 else None

    def of_client(self, fingerprint: str) -> str:
        """The id of a client, by the fingerprint of his Bsn (32 hexadecimal digits)."""
        encryptor = self._of_clients.encryptor()
        return str(UUID(bytes=encryptor.update(bytes.fromhex(fingerprint)) + encryptor.finalize()))

    def client(self, kenmerk: str) -> str | None:
        """The fingerprint behind the id of a client; None for what is no id.

        A fingerprint fills the whole block, so every UUID has one: only the store knows whether
        there is such a client.
        """
        try:
            block = UUID(kenmerk).bytes
        except ValueError:
            return None
        decryptor = self._of_clients.decryptor()
        return (decryptor.update(block) + decryptor.finalize()).hex()


def _cipher(secret: bytes) -> Cipher[modes.ECB]:
    # One block of its own per id: there is no second block that this mode could give away.
    return Cipher(algorithms.AES256(hashlib.sha256(secret).digest()), modes.ECB())  # noqa: S305


def _mark(soort: str) -> bytes:
    return hashlib.sha256(soort.encode()).digest()[:4]
