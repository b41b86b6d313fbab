from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cast import cast
from tests.front.nginx import Front
from tests.front.webs import Web

__all__ = ["cast", "mirror", "start_front", "start_web"]


class Mirror(BaseHTTPRequestHandler):
    """Answers with what arrived: what the front hands on is what these tests are about."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the headers, by their names in small letters."""
        received = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = json.dumps({**{name.lower(): value for name, value in self.headers.items()}, "bytes": len(received)})
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    do_POST = do_GET  # noqa: N815  http.server's name

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def mirror() -> Iterator[int]:
    """The port of a web server that answers with what it received."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def start_front() -> Iterator[Callable[..., Front]]:
    """Starts a front; all end with the test."""
    started: list[Front] = []

    def start(*webs: int, own_proxy: bool = False) -> Front:
        started.append(Front(webs, own_proxy))
        started[-1].start()
        return started[-1]

    yield start
    for front in started:
        front.stop()


@pytest.fixture
def start_web(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Web]]:
    """Starts web servers as the image does; all end with the test."""
    started: list[Web] = []

    def start(worker_class: str = Web.worker_class, **environment: str) -> Web:
        log = tmp_path / f"web{len(started) + 1}.log"
        started.append(Web(log, environment, worker_class=worker_class))
        started[-1].start()
        return started[-1]

    yield start
    for web in started:
        web.kill()
