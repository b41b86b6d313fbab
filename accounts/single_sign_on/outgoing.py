"""What we ask of a provider ourselves: its configuration, its keys, a token for a code (P15).

Who sets a provider up chooses where our requests go. So they go over HTTPS, to public addresses only, follow no
redirect, read no more than is reasonable, and end within seconds, however slowly the provider answers.
"""

from __future__ import annotations

import io
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from threading import Condition, Lock, Thread
from typing import Any, Final, cast
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.connection import create_connection

from accounts.networks import is_permitted

# Seconds for one request, from the name server to the last byte.
TIME_LIMIT: Final = 5.0
# Bytes: of configuration, keys or a token. Large providers send some 20,000.
LONGEST: Final = 500_000
# How many threads of this process may wait for providers, and for each: of the four of a web process two stay free.
WAITING_AT_MOST, WAITING_FOR_ONE = 2, 1
# Seconds that one more waits for its turn.
TURN: Final = 1.0

_waiting: Counter[str] = Counter()
_turns = Condition()


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """What allauth asks us: with what it makes its requests."""

    def get_requests_session(self) -> requests.Session:
        return ProviderSession()


def is_allowed_url(url: object) -> bool:
    """Tell whether a URL of a provider can be used, by us or by a browser: HTTPS, and in the demo HTTP on loopback."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    schemes = {"https", "http"} if settings.DEMO and _is_loopback(host) else {"https"}
    return bool(host) and parts.username is None and parts.scheme in schemes


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def permitted_address(host: str, port: int) -> str:
    """Return an IP address of a host that our requests may go to. Raises OSError where there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(place[0]) for *_what, place in found]
    for address in addresses:
        if is_permitted(ip_address(address.partition("%")[0]), settings.IDENTITY_PROVIDER_NETWORKS):
            return address
    raise OSError("no address of this host is permitted")


class ProviderSession(requests.Session):
    """Makes requests as the module says. Raises requests.RequestException, also for a redirect."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no proxy and no password of this machine
        self.opened = _Opened()
        for scheme in ("https://", "http://"):
            self.mount(scheme, _CheckedAdapter(self.opened))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Ask within TIME_LIMIT, in a thread of its own: neither a name server nor a slow answer keeps this one."""
        if not is_allowed_url(url):
            raise requests.exceptions.InvalidURL("not a URL of a provider")
        answer: Future[requests.Response] = Future()
        options |= {"allow_redirects": False, "stream": True, "timeout": TIME_LIMIT}
        ask = super().request

        def work() -> None:
            try:
                answer.set_result(_read(ask(method, url, *args, **options)))
            except Exception as error:  # noqa: BLE001  raised where it is waited for
                answer.set_exception(error)

        with _turn(urlsplit(cast("str", url)).netloc):
            Thread(target=work, daemon=True).start()
            try:
                return answer.result(TIME_LIMIT)
            except TimeoutError as error:
                raise requests.Timeout("the provider did not answer in time") from error
            finally:
                self.opened.end()


class _Opened:
    """The connections of one session: ended with it, so that a thread that still reads from one ends too."""

    def __init__(self) -> None:
        self._guards: list[socket.socket] = []
        self._lock = Lock()
        self._is_over = False

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """Connect to an address that was looked at: what the name leads to a moment later is not asked again."""
        assert connection.port is not None
        place = (permitted_address(connection.host, connection.port), connection.port)
        connected = create_connection(place, TIME_LIMIT)
        with self._lock:
            if self._is_over:
                connected.close()
                raise OSError("the time is over")
            self._guards.append(connected.dup())
        return connected

    def end(self) -> None:
        with self._lock:
            self._is_over = True
            for guard in self._guards:
                with suppress(OSError):
                    guard.shutdown(socket.SHUT_RDWR)
                guard.close()
            self._guards.clear()


def _read(answer: requests.Response) -> requests.Response:
    """Return an answer that was read to its end."""
    try:
        body = answer.raw.read(LONGEST + 1, decode_content=True)
    except (HTTPError, OSError) as error:
        raise requests.ConnectionError("the answer broke off") from error
    finally:
        answer.raw.close()
    if answer.is_redirect or 300 <= answer.status_code < 400:
        raise requests.TooManyRedirects("a provider must not redirect us")
    if len(body) > LONGEST:
        raise requests.exceptions.ContentDecodingError("the answer is too long")
    answer.raw = io.BytesIO(body)
    return answer


@contextmanager
def _turn(host: str) -> Iterator[None]:
    """Wait for a turn: one provider that is away keeps no thread from the others."""
    until = time.monotonic() + TURN
    with _turns:
        while _waiting[host] >= WAITING_FOR_ONE or _waiting.total() >= WAITING_AT_MOST:
            if not _turns.wait(until - time.monotonic()):
                raise requests.Timeout("too many wait for providers")
        _waiting[host] += 1
    try:
        yield
    finally:
        with _turns:
            _waiting[host] -= 1
            if not _waiting[host]:
                del _waiting[host]
            _turns.notify_all()


class _CheckedAdapter(HTTPAdapter):
    """Makes connections through `_Opened` alone."""

    def __init__(self, opened: _Opened) -> None:
        self.opened = opened
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self.opened)


def _pools(opened: _Opened) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return opened.connect(self)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return opened.connect(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
