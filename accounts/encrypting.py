"""Secrets that the product must read again are encrypted under SECRET_KEY: a copy of the database alone opens none."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def lock_for(purpose: str) -> MultiFernet:
    """Return the lock under SECRET_KEY, which the older keys open too; a key of its own for each purpose.

    Its `decrypt` and `rotate` raise InvalidToken for what was stored under a key that is not known any more.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [salted_hmac(purpose, "key", secret=key, algorithm="sha256").digest() for key in keys]
    return MultiFernet([Fernet(urlsafe_b64encode(digest)) for digest in digests])
