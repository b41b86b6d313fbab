"""Where Redis is: one server, or the one that Sentinels say is the primary (decision 46).

`redis://`, `rediss://` and `unix://` name a server. `sentinel://:password@host,host,host/0?primary=console` names
Sentinels, by default at port 26379, and what they call the primary; `sentinel_password` is theirs, where they have one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

SENTINEL: Final = "sentinel"
_PORT: Final = 26379
# Seconds for each Sentinel: with one away a page waits so much longer.
_ASKED_FOR: Final = 0.3


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Those who know the primary.

    Attributes:
        hosts: names and ports.
        user: the part of the URL in front of the hosts, with its @; empty where there is none.
        password: of Redis itself.
    """

    hosts: tuple[tuple[str, int], ...]
    primary: str
    database: int
    user: str
    username: str | None
    password: str | None
    sentinel_password: str | None

    @property
    def asking(self) -> dict[str, Any]:
        """How they are asked: briefly, and the next one at once."""
        return {
            "socket_connect_timeout": _ASKED_FOR,
            "socket_timeout": _ASKED_FOR,
            "retry": Retry(NoBackoff(), 0),
            "password": self.sentinel_password,
        }


def sentinels_of(url: str) -> Sentinels | None:
    """Return the Sentinels of a URL; None where it names a server itself. Raises ValueError for a malformed one."""
    parts = urlsplit(url)
    if parts.scheme != SENTINEL:
        return None
    user, at, hosts = parts.netloc.rpartition("@")
    username, _, password = user.partition(":")
    asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
    if not hosts or not asked.get("primary") or asked.keys() - {"primary", "sentinel_password"}:
        raise ValueError("a URL of Sentinels names hosts and the primary")
    return Sentinels(
        hosts=tuple(_host(host) for host in hosts.split(",")),
        primary=asked["primary"],
        database=int(parts.path.strip("/") or 0),
        user=user + at,
        username=unquote(username) or None,
        password=unquote(password) or None,
        sentinel_password=asked.get("sentinel_password"),
    )


def _host(value: str) -> tuple[str, int]:
    parts = urlsplit(f"//{value.strip()}")
    if not parts.hostname:
        raise ValueError("a host of a Sentinel is empty")
    return parts.hostname, parts.port or _PORT


def celery_url(url: str) -> str:
    """Return the URL as Celery takes it."""
    found = sentinels_of(url)
    if found is None:
        return url
    return ";".join(f"sentinel://{found.user}{quote(host)}:{port}/{found.database}" for host, port in found.hosts)


def celery_transport(url: str) -> str:
    """Return what brings messages from there."""
    return "reseller_console.broker:" + ("SentinelTransport" if sentinels_of(url) else "Transport")


def celery_options(url: str) -> dict[str, Any]:
    """Return what the transport needs to know besides the URL."""
    found = sentinels_of(url)
    return {"master_name": found.primary, "sentinel_kwargs": found.asking} if found else {}


def client(url: str, *, timeout: float) -> redis.Redis:
    """Return a client of the server that takes what is written, which tries once. timeout: in seconds."""
    options = {"socket_connect_timeout": timeout, "socket_timeout": timeout, "retry": Retry(NoBackoff(), 0)}
    found = sentinels_of(url)
    if found is None:
        return redis.Redis.from_url(url, **options)
    those = Sentinel(found.hosts, sentinel_kwargs=found.asking)  # type: ignore[no-untyped-call]
    answer: redis.Redis = those.master_for(  # type: ignore[no-untyped-call]
        found.primary, db=found.database, username=found.username, password=found.password, **options
    )
    return answer
