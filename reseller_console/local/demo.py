"""What the processes of `make run` find in their environment."""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reseller_console.local import places

# Fixed for the demo, whatever the shell exports: plain HTTP on loopback.
FIXED = {
    "DJANGO_SETTINGS_MODULE": "reseller_console.settings",
    "DEMO": "1",
    "DEBUG": "0",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "PYTHONUNBUFFERED": "1",
}
# Settings that the shell may change. Seconds; long enough to see a change wait, short enough to see it arrive.
DEFAULTS = {
    "ACCESS_PROPAGATION_MIN": "5",
    "ACCESS_PROPAGATION_MEDIAN": "20",
    "ACCESS_PROPAGATION_MAX": "60",
    "ACCESS_SWEEP_INTERVAL": "2",
    "LOG_LEVEL": "WARNING",
}


def secret_key() -> str:
    """A random key, kept so that sessions survive a restart."""
    return _kept("secret-key", lambda: secrets.token_urlsafe(50))


def seal_key() -> str:
    """The key that the audit log is sealed with, kept like the other one."""
    return _kept("seal-key", new_seal_key)


def new_seal_key() -> str:
    """Return a key as AUDIT_SEAL_KEY takes it."""
    private = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return b64encode(private).decode()


def _kept(name: str, make: Callable[[], str]) -> str:
    path = places.STATE / name
    if not path.exists() or not path.read_text():
        unfinished = path.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_text(make())
        unfinished.replace(path)
    return path.read_text()


def environment(urls: Mapping[str, str]) -> dict[str, str]:
    """The environment of every process of the demo.

    Args:
        urls: DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL.
    """
    kept = {
        "SECRET_KEY": secret_key(),
        "MEDIA_ROOT": str(places.STATE / "media"),
        "AUDIT_SEALS_STORAGE": str(places.STATE / "seals"),
        # Of the sealer alone.
        "AUDIT_SEAL_KEY": "",
        "DATABASE_SEALER_URL": "",
        # One file for each run of a process: links in mails can be opened from there.
        "EMAIL_URL": f"filemail:///{places.STATE / 'mail'}",
    }
    return {**DEFAULTS, **os.environ, **FIXED, **kept, **urls}
