"""Key pairs of service accounts: RSA, as the original's clients sign with, and the public half in a certificate."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha1
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_BITS: Final = 2048
_EXPONENT: Final = 65537


class KeyPair(NamedTuple):
    """A new pair. kid: which one it is, as assertions name it; certificate, private: in PEM."""

    kid: str
    certificate: str
    private: str


def new_pair(subject: str, begins: datetime, ends: datetime) -> KeyPair:
    """Make a pair. subject: whom its certificate names, which the key itself signs; begins, ends: when it works."""
    key = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return KeyPair(
        # A name as long as the original's; nothing is decided by it but which certificate is looked at.
        kid=sha1(public, usedforsecurity=False).hexdigest(),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        private=private.decode(),
    )


def public_key_in(certificate: str) -> rsa.RSAPublicKey:
    """Return the public half of a pair from its certificate."""
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)  # every certificate is made above
    return key
