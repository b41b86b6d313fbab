"""Where a browser is led back to when a person has answered an application (RFC 6749, 3.1.2; RFC 8252, 7.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from accounts.errors import Refused

# Of an application on a person's computer: it listens there, on a port that it finds free.
LOOPBACK: Final = ("http://localhost", "http://127.0.0.1", "http://[::1]")
_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# Addresses of one application, and characters of one.
MOST: Final = 10
_LONGEST: Final = 500


def clean_redirects(addresses: Iterable[str]) -> list[str]:
    """Return the addresses of an application on a web server, each once. Raises Refused.

    HTTPS, and plain HTTP on loopback, for those who still write it.
    """
    cleaned = list(dict.fromkeys(address.strip() for address in addresses if address.strip()))
    if not cleaned:
        raise Refused(_("Enter at least one address."), "redirects")
    if len(cleaned) > MOST:
        raise Refused(_("Enter at most %(number)s addresses.") % {"number": MOST}, "redirects")
    for address in cleaned:
        parts = _parts(address)
        if parts is None or not (parts.scheme == "https" or is_loopback(address)) or "*" in address:
            text = _("%(address)s cannot be led back to. Enter whole addresses with https://, one on each line.")
            raise Refused(text % {"address": address[:100]}, "redirects")
    return cleaned


def is_allowed(address: str, registered: Iterable[str], *, on_a_computer: bool) -> bool:
    """Tell whether a browser may be led to an address: on a person's computer to any port there, else to it exactly."""
    return is_loopback(address) if on_a_computer else address in registered


def is_loopback(address: str) -> bool:
    """Tell whether an address is on the computer of the browser itself."""
    parts = _parts(address)
    return parts is not None and parts.scheme == "http" and parts.hostname in _HOSTS


def _parts(address: str) -> SplitResult | None:
    """Return the parts of an address that a browser reads as we do; None for any other."""
    if len(address) > _LONGEST or not address.isascii() or not address.isprintable() or set(address) & set(' \\"<>'):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or "@" in parts.netloc or "#" in address or port == 0:
        return None
    return parts
