"""A program that is told: a real HTTP server on loopback that keeps what it got, and answers as the test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook

from accounts.actor import Actor
from accounts.event_families import Family
from accounts.models import User, WebhookEndpoint
from accounts.models.organisations import Organisation
from accounts.webhooks.endpoints import add_webhook
from accounts.webhooks.rules import endpoints_of


@dataclass(frozen=True)
class Got:
    """One request: its path, its headers in small letters, its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """Return the body, checked as the library of Standard Webhooks does. Raises WebhookVerificationError."""
        Webhook(secret).verify(self.body, self.headers)
        found: dict[str, Any] = json.loads(self.body)
        return found


Behaviour = Callable[[BaseHTTPRequestHandler], None]


class Receiver(ThreadingHTTPServer):
    """got: what came. behaviour: what it does then; by default it answers 204."""

    daemon_threads = True

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.behaviour: Behaviour = answer(204)
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks?for=us"

    def handle_error(self, *_args: object) -> None:
        """Say nothing of a sender that went away."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.got.append(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        server.behaviour(self)

    def log_message(self, *_args: object) -> None:
        """Write nothing."""


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


@contextmanager
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listen(
    person: User, url: str, *families: Family, name: str = "Ticketing", organisation: Organisation | None = None
) -> tuple[WebhookEndpoint, str]:
    """Add an endpoint as an admin does; returns it and its secret. families: by default all."""
    owner = organisation or person.customer or person.reseller
    assert owner is not None
    chosen = families or [each for each in Family if person.reseller_id or each != Family.STAFF]
    secret = add_webhook(actor=Actor(user=person), organisation=owner, name=name, url=url, families=chosen)
    return endpoints_of(owner).get(name=name), secret
