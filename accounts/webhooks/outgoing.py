"""Posts a message to a URL that an organisation chose (X6): to public addresses only, within seconds, by no detour.

The name is looked up once, by the name servers of the setting DNS_RESOLVERS, and the connection goes to the address
that was looked at: what the name leads to a moment later is not asked again. TLS is checked against the name. No
redirect is followed, no proxy and no password of this machine is used, and of an answer little is read.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from threading import Timer
from typing import Final
from urllib.parse import SplitResult, urlsplit

import dns.exception
import dns.resolver
from django.conf import settings
from dns.rdatatype import AAAA, A

from accounts.models.webhooks import ANSWER_MAX_LENGTH, URL_MAX_LENGTH, Trouble
from accounts.name_servers import resolver
from accounts.names import readable
from accounts.networks import is_permitted

# Seconds for one message, from the name server to the last byte of the answer.
TIME_LIMIT: Final = 5.0
# Bytes of an answer that are read: enough to see that it ended.
LONGEST: Final = 4_096
# Seconds by which a timer may be early.
_NEARLY: Final = 0.1
_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said. status: None where it said nothing; trouble: why; seconds: how long it took.

    text: the beginning of what it wrote, as a person can read it.
    """

    status: int | None
    trouble: Trouble | None = None
    seconds: float = 0.0
    text: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether it took the message: any 2xx, as Standard Webhooks has it."""
        return self.status is not None and 200 <= self.status < 300


class NoWay(OSError):
    """A host leads to no address that messages may go to."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(trouble.value)


def is_allowed_url(url: str) -> bool:
    """Tell whether messages can go to a URL: HTTPS, and HTTP where it is a loopback address that a setting opens."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or len(url) > URL_MAX_LENGTH or port == 0 or not url.isascii() or any(c <= " " for c in url):
        return False
    if parts.username is not None or parts.password is not None or parts.fragment:
        return False
    address = _literal(host)
    if address is not None and not is_permitted(ip_address(address), settings.WEBHOOK_NETWORKS):
        return False
    is_inside = address is not None and ip_address(address).is_loopback
    return parts.scheme in ({"https", "http"} if is_inside else {"https"})


def _literal(host: str) -> str | None:
    """Return the IP address that a host is by itself, without a name server; None for a name."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def permitted_address(host: str, until: float) -> str:
    """Return an IP address of a host that messages may go to. Raises NoWay where there is none. until: monotonic."""
    literal = _literal(host)
    found = [literal] if literal else _looked_up(host, until)
    for address in found:
        if is_permitted(ip_address(address), settings.WEBHOOK_NETWORKS):
            return address
    raise NoWay(Trouble.NOT_PERMITTED)


def _looked_up(host: str, until: float) -> list[str]:
    name = f"{host.rstrip('.')}."
    found: list[str] = []
    for kind in (A, AAAA):
        try:
            answer = resolver().resolve(name, kind, lifetime=max(until - time.monotonic(), 0.1), search=False)
        except dns.resolver.NoAnswer:
            continue
        except dns.resolver.NXDOMAIN as error:
            raise NoWay(Trouble.NO_HOST) from error
        except (dns.exception.DNSException, UnicodeError) as error:
            raise NoWay(Trouble.NO_NAME_SERVER) from error
        found += [str(record) for record in answer]
    return found


def post(url: str, body: str, headers: Mapping[str, str]) -> Answer:
    """Post a message, and return what was answered; raises nothing."""
    began = time.monotonic()
    status: int | None = None
    trouble: Trouble | None = None
    text = ""
    try:
        if not is_allowed_url(url):
            raise NoWay(Trouble.NOT_PERMITTED)
        status, text = _post(urlsplit(url), body.encode(), headers, began + TIME_LIMIT)
    except ssl.SSLCertVerificationError:
        trouble = Trouble.CERTIFICATE
    except NoWay as failed:
        trouble = failed.trouble
    except (OSError, HTTPException, ValueError) as failed:
        is_late = time.monotonic() - began > TIME_LIMIT - _NEARLY or isinstance(failed, TimeoutError)
        trouble = Trouble.LATE if is_late else Trouble.NO_CONNECTION
    return Answer(status, trouble, time.monotonic() - began, text)


def _post(parts: SplitResult, body: bytes, headers: Mapping[str, str], until: float) -> tuple[int, str]:
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    address = permitted_address(host, until)
    with socket.create_connection((address, port), max(until - time.monotonic(), 0.1)) as plain, _ends(plain, until):
        if parts.scheme == "https":
            with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure:
                return _talk(secure, parts, body, headers)
        return _talk(plain, parts, body, headers)


def _talk(connected: socket.socket, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.sock = connected
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.putrequest("POST", path, skip_host=True, skip_accept_encoding=True)
    always = {"Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close"}
    for name, value in (always | dict(headers)).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    return _read(connection.getresponse())


def _read(response: HTTPResponse) -> tuple[int, str]:
    """Return the status of an answer and the beginning of its body. What comes behind that is nothing to us."""
    status, body = response.status, b""
    with suppress(OSError, HTTPException):
        body = response.read(LONGEST)
    response.close()
    return status, readable_answer(body)


def readable_answer(body: bytes) -> str:
    """Return the beginning of an answer as a person can read it, whatever bytes it is made of."""
    lines = (readable(line) for line in body[:LONGEST].decode(errors="replace").splitlines())
    return "\n".join(line for line in lines if line)[:ANSWER_MAX_LENGTH].strip()


@contextmanager
def _ends(connected: socket.socket, until: float) -> Iterator[None]:
    """End a connection when the time is over: no time-out of a socket counts what comes byte by byte."""
    guard = connected.dup()

    def end() -> None:
        with suppress(OSError):
            guard.shutdown(socket.SHUT_RDWR)

    timer = Timer(max(until - time.monotonic(), 0.0), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        guard.close()
