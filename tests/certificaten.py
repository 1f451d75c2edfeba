"""Certificates for a test: an authority, and who come with one that it signed."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)
DAYS = timedelta(days=2)
PROEF = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proef")])
LOCAL = x509.SubjectAlternativeName(
    [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
)


def authority(folder: Path, file: str = "ca") -> ec.EllipticCurvePrivateKey:
    """The files of an authority; gives its key."""
    return _made(folder, file, PROEF, None)


def signed(folder: Path, file: str, by: ec.EllipticCurvePrivateKey) -> tuple[Path, Path]:
    """The files of a certificate for this machine and of its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, file)])
    _made(folder, file, name, by)
    return folder / f"{file}.pem", folder / f"{file}.key"


def _made(
    folder: Path, file: str, name: x509.Name, signer: ec.EllipticCurvePrivateKey | None
) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    number = x509.random_serial_number()
    made = x509.CertificateBuilder(PROEF, name, key.public_key(), number, NOW - DAYS, NOW + DAYS)
    made = made.add_extension(x509.BasicConstraints(signer is None, None), critical=True)
    if signer is not None:
        made = made.add_extension(LOCAL, critical=False)
    body = made.sign(signer or key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / f"{file}.pem").write_bytes(body)
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / f"{file}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *kind))
    return key
