"""Reads settings from the environment: an empty value is none, and a malformed one is refused by its name."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Sequence
from datetime import date
from email.utils import parseaddr
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

T = TypeVar("T")

_ON: Final = frozenset({"1", "on", "true", "yes"})
_OFF: Final = frozenset({"0", "off", "false", "no"})
# A name, one that begins with a dot, an IPv6 address, or every host; no scheme, port or path.
_HOST: Final = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:.]+\]")


def _read(name: str, default: T, parse: Callable[[str], T], expected: str) -> T:
    """Return a variable as it is meant. Compose hands on what is not set as an empty value: it has the default.

    Raises ImproperlyConfigured with the name of the variable, and without its value, which may hold a password.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        return parse(value)
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"The environment variable {name} is malformed: it must be {expected}.") from None


def text(name: str, *, default: str) -> str:
    return _read(name, default, str, "text")


def texts(name: str, *, default: Sequence[str] = ()) -> list[str]:
    """Read texts with commas between them."""
    return _read(name, list(default), _split, "text with commas")


def _split(value: str) -> list[str]:
    return [part for word in value.split(",") if (part := word.strip())]


def hosts(name: str) -> list[str]:
    return _read(name, [], _hosts, "host names with commas, for example console.example.com")


def _hosts(value: str) -> list[str]:
    if not all(_HOST.fullmatch(host) for host in _split(value)):
        raise ValueError
    return _split(value)


def number(name: str, *, default: int) -> int:
    return _read(name, default, int, "a whole number, for example 30")


def switch(name: str, *, default: bool) -> bool:
    return _read(name, default, _switch, "on or off")


def _switch(value: str) -> bool:
    if value.lower() not in _ON | _OFF:
        raise ValueError
    return value.lower() in _ON


def day(name: str, *, default: str) -> date:
    return _read(name, date.fromisoformat(default), date.fromisoformat, "a date, for example 2026-12-31")


def log_level(name: str, *, default: str) -> str:
    return _read(name, default, _log_level, "one of DEBUG, INFO, WARNING, ERROR, CRITICAL")


def _log_level(value: str) -> str:
    if value.upper() not in logging.getLevelNamesMapping():
        raise ValueError
    return value.upper()


def sender(name: str, *, default: str) -> str:
    """Read an e-mail address, alone or behind a name."""
    return _read(name, default, _sender, "an e-mail address, for example Reseller Console <console@example.com>")


def _sender(value: str) -> str:
    local, at, domain = parseaddr(value)[1].rpartition("@")
    if not (local and at and domain) or value.count("<") != value.count(">"):
        raise ValueError
    return value


def url(name: str, *, default: str, example: str) -> str:
    return _read(name, default, _url, f"a URL, for example {example}")


def urls(name: str, *, example: str) -> list[str]:
    """Read URLs with commas between them."""
    return _read(
        name, [], lambda value: [_url(one) for one in _split(value)], f"URLs with commas, for example {example}"
    )


def _url(value: str) -> str:
    parts = urlsplit(value)
    if not parts.scheme or "://" not in value or parts.port == 0:  # a port that is no number raises ValueError
        raise ValueError
    return value


def database(name: str, *, default: str = "") -> dict[str, Any]:
    """Read where a database is; nothing where neither the variable nor a default says so."""
    expected = "the URL of a PostgreSQL database, for example postgresql://user:password@host:5432/name"
    return _read(name, _database(default) if default else {}, _database, expected)


def _database(value: str) -> dict[str, Any]:
    if urlsplit(_url(value)).scheme not in ("postgres", "postgresql"):
        raise ValueError
    config: dict[str, Any] = Env.db_url_config(value)
    config.setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)  # seconds
    return config


def mail_server(name: str, *, default: str) -> dict[str, Any]:
    expected = "the URL of a mail server, for example smtp+tls://user:password@host:587"
    return _read(name, _mail_server(default), _mail_server, expected)


def _mail_server(value: str) -> dict[str, Any]:
    config: dict[str, Any] = Env.email_url_config(_url(value))
    return config
