"""The key that seals are signed with, which the sealing process alone is told (AUDIT_SEAL_KEY), and checking by one."""

from __future__ import annotations

from base64 import b64decode

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.core.exceptions import ImproperlyConfigured


class KeyMissing(ImproperlyConfigured):
    """There is no key, or it is none; the message says how to make one and repeats nothing of it."""


def signing_key(text: str) -> Ed25519PrivateKey:
    """Return the key that a setting holds: PKCS #8 in DER, as base 64. Raises KeyMissing."""
    if not text:
        raise KeyMissing("AUDIT_SEAL_KEY is empty.")
    try:
        key = load_der_private_key(b64decode(text, validate=True), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyMissing("AUDIT_SEAL_KEY holds no key.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyMissing("AUDIT_SEAL_KEY holds a key of another kind than Ed25519.")
    return key


def public_of(key: Ed25519PrivateKey) -> str:
    """Return what seals of this key are checked by, as hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def is_signed(statement: bytes, signature: str, public: str) -> bool:
    """Tell whether a signature is this key's, of these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), statement)
    except (InvalidSignature, ValueError):
        return False
    return True
