"""Reads settings from the environment: an empty value is none, and a malformed one is refused by its name."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from accounts.background.redis_servers import sentinels_of

T = TypeVar("T")

_DNS: Final = 53
# When a connection to the database counts as gone: seconds, and milliseconds for the last one. By default Linux holds
# on to one that was cut off for a quarter of an hour while something was sent, and for two hours while nobody asks.
_CUT_OFF: Final = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
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


def name_servers(name: str) -> list[tuple[str, int]]:
    """Read name servers as their IP addresses and ports."""
    return _read(name, [], _name_servers, "IP addresses with commas, for example 192.0.2.53,[2001:db8::53]:5353")


def _name_servers(value: str) -> list[tuple[str, int]]:
    return [_name_server(one) for one in _split(value)]


def networks(name: str, *, default: Sequence[str] = ()) -> list[IPv4Network | IPv6Network]:
    """Read networks with commas between them."""
    expected = "networks with commas, for example 10.20.0.0/16,fd00::/8"
    return _read(name, [ip_network(one) for one in default], _networks, expected)


def _networks(value: str) -> list[IPv4Network | IPv6Network]:
    return [ip_network(one) for one in _split(value)]


def _name_server(value: str) -> tuple[str, int]:
    """Return IP address and port, by default 53; an IPv6 address has brackets in front of a port."""
    found = re.fullmatch(r"(?:\[(?P<v6>[^]]+)\]|(?P<v4>[0-9.]+))(?::(?P<port>[0-9]{1,5}))?", value)
    if found is None:
        return str(ip_address(value)), _DNS
    port = int(found["port"] or _DNS)
    if not 0 < port < 65_536:
        raise ValueError
    return str(ip_address(found["v6"] or found["v4"])), port


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


def one_of(name: str, choices: Sequence[str], *, default: str) -> str:
    """Read a word of a list, in whatever letters."""

    def parse(value: str) -> str:
        if value.lower() not in choices:
            raise ValueError
        return value.lower()

    return _read(name, default, parse, f"one of {', '.join(choices)}")


def some_of(name: str, choices: Sequence[str], *, default: Sequence[str]) -> list[str]:
    """Read words of a list with commas between them; `none` stands for none of them."""

    def parse(value: str) -> list[str]:
        words = _split(value.lower())
        if words != ["none"] and not (words and set(words) <= set(choices)):
            raise ValueError
        return [word for word in choices if word in words]

    return _read(name, list(default), parse, f"none, or some of {', '.join(choices)} with commas")


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


def broker(name: str, *, default: str) -> str:
    expected = (
        "a URL, for example redis://:password@host:6379/0 or sentinel://:password@host,host,host/0?primary=console"
    )
    return _read(name, default, _broker, expected)


def _broker(value: str) -> str:
    return value if sentinels_of(value) else _url(value)


def database(name: str, *, default: str = "") -> dict[str, Any]:
    """Read where a database is; nothing where neither the variable nor a default says so."""
    expected = "the URL of a PostgreSQL database, for example postgresql://user:password@host:5432/name"
    return _read(name, _database(default) if default else {}, _database, expected)


def _database(value: str) -> dict[str, Any]:
    if urlsplit(_url(value)).scheme not in ("postgres", "postgresql"):
        raise ValueError
    config: dict[str, Any] = Env.db_url_config(value)
    config["OPTIONS"] = {**_CUT_OFF, **config.get("OPTIONS", {})}
    return config


def storage(
    name: str, *, default: str, folder: str, named: Mapping[str, dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Read a storage as Django's STORAGES has it: JSON, or the path of a folder, which the class `folder` keeps.

    named: storages that a word stands for.
    """
    expected = 'a folder, or JSON such as {"BACKEND": "accounts.buckets.Bucket", "OPTIONS": {}}'

    def parse(value: str) -> dict[str, Any]:
        if named and value in named:
            return named[value]
        if not value.startswith("{"):
            return {"BACKEND": folder, "OPTIONS": {"location": value}}
        found = json.loads(value)
        if not isinstance(found.get("BACKEND"), str) or not isinstance(found.get("OPTIONS", {}), dict):
            raise ValueError
        return {"BACKEND": found["BACKEND"], "OPTIONS": found.get("OPTIONS", {})}

    return _read(name, parse(default), parse, expected)


def mail_server(name: str, *, default: str) -> dict[str, Any]:
    expected = "the URL of a mail server, for example smtp+tls://user:password@host:587"
    return _read(name, _mail_server(default), _mail_server, expected)


def _mail_server(value: str) -> dict[str, Any]:
    config: dict[str, Any] = Env.email_url_config(_url(value))
    return config
