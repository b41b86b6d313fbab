"""A host that is no provider, or one that behaves badly: what it answers is for the test to say."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class Strange(ThreadingHTTPServer):
    """Answers each request as it is told, and counts them."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked = answer, 0
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_args: object) -> None:
        """Say nothing of a reader that went away: it should."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Strange)
        server.asked += 1
        server.answer(self)

    do_POST = do_GET  # noqa: N815  the same

    def log_message(self, *_args: object) -> None:
        """Write nothing."""


def say(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Answer with these bytes."""
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def configuration(issuer: str, **other: object) -> dict[str, object]:
    """What an issuer says about itself."""
    pages = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    return {"issuer": issuer, **{page: f"{issuer}/{page}" for page in pages}, **other}


def configured(handler: BaseHTTPRequestHandler) -> None:
    """Answer as a provider does that is asked for its configuration."""
    assert isinstance(handler.server, Strange)
    say(handler, json.dumps(configuration(handler.server.issuer)).encode())


@contextmanager
def strange(answer: Answer = configured) -> Iterator[Strange]:
    """Start one."""
    server = Strange(answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@cache
def standing_issuer() -> str:
    """The issuer of one that runs as long as the tests do, and answers with its configuration alone."""
    server = Strange(configured)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.issuer
