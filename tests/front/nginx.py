"""Debian's nginx with deploy/nginx.conf, word for word but for its ports, its files and where the web servers are."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import ssl
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest

from reseller_console.local import places, processes
from reseller_console.local.processes import Child
from reseller_console.local.valkey import free_port
from tests.front import certificates

HOST = "localhost"
DEPLOY = places.CHECKOUT / "deploy"
# Seconds; it takes a tenth of one.
START_LIMIT = 20.0


def program() -> str:
    """The nginx of this machine; without one the test is skipped, and in continuous integration it fails."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        reason = "no nginx on this machine: on Debian and Ubuntu apt install nginx-light"
        if "CI" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Answer(NamedTuple):
    """What came back, read to its end."""

    status: int
    headers: Message
    body: bytes


def ask(
    connection: http.client.HTTPConnection,
    path: str = "/",
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterable[bytes] | None = None,
) -> Answer:
    """Send one request on a connection of its own."""
    with closing(connection):
        connection.request(method, path, body=body, headers={**(headers or {}), "Connection": "close"})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


def _changed(text: str, changes: Mapping[str, str]) -> str:
    for here, there in changes.items():
        assert here in text, f"{here!r} is not in the files of the front any more"
        text = text.replace(here, there)
    return text


@dataclass
class Front:
    """One running nginx. own_proxy: as where the operator's own proxy ends HTTPS before it."""

    webs: Sequence[int]
    own_proxy: bool = False
    http_port: int = field(default_factory=free_port)
    https_port: int = field(default_factory=free_port)
    health_port: int = field(default_factory=free_port)
    # Not below pytest's directories: nginx's own account, which is not root, keeps bodies here.
    directory: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="front-")))
    _child: Child | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        executable = program()
        self.directory.chmod(0o755)
        processes.remove_at_the_end(self.directory)
        self.trusted = certificates.make(self.directory, HOST)
        self._write()
        with (self.directory / "error.log").open("ab") as log:
            argv: list[str | Path] = [executable, "-c", self.directory / "nginx.conf", "-g", "daemon off;"]
            self._child = processes.start(argv, stop_signal=signal.SIGQUIT, stdout=log, stderr=log)
        deadline = time.monotonic() + START_LIMIT
        while not self._answers():
            if self._child.popen.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"nginx did not start:\n{self.errors()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it, with what it keeps."""
        if self._child:
            processes.stop(self._child, grace=2)
            self._child = None
        shutil.rmtree(self.directory, ignore_errors=True)

    def connect(self, source: str = "127.0.0.1") -> http.client.HTTPConnection:
        """Return a connection to where people reach it over plain HTTP; source: the address that it comes from."""
        return http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=60, source_address=(source, 0))

    def connect_securely(self) -> http.client.HTTPSConnection:
        """Return a connection over HTTPS to the host that the certificate names."""
        context = ssl.create_default_context(cafile=str(self.trusted))
        return http.client.HTTPSConnection(HOST, self.https_port, context=context, timeout=60)

    def connect_inside(self) -> http.client.HTTPConnection:
        """Return a connection to the port of monitoring."""
        return http.client.HTTPConnection("127.0.0.1", self.health_port, timeout=60)

    def log(self) -> str:
        """The lines of requests, a moment after the last one."""
        time.sleep(0.1)
        return (self.directory / "access.log").read_text()

    def errors(self) -> str:
        """The lines of errors."""
        return (self.directory / "error.log").read_text()

    def _write(self) -> None:
        name = "front-own-proxy.conf" if self.own_proxy else "front.conf"
        listens = {"listen 8080": f"listen 127.0.0.1:{self.http_port}"}
        if not self.own_proxy:
            listens["listen 8443"] = f"listen 127.0.0.1:{self.https_port}"
            listens["/etc/nginx/certificates"] = str(self.directory)
        front = _changed((DEPLOY / name).read_text(), listens)
        (self.directory / "front.conf").write_text(front)
        changes = {
            "/run/nginx.pid": f"{self.directory}/nginx.pid",
            "/var/cache/nginx": str(self.directory),
            "/dev/stdout": f"{self.directory}/access.log",
            "/dev/stderr": f"{self.directory}/error.log",
            "listen 8081": f"listen 127.0.0.1:{self.health_port}",
            # Debian's nginx cannot ask a name server for them again, which is what `resolve` is for.
            "resolver 127.0.0.11 valid=2s ipv6=off;": "",
            "server web:8000 resolve": f"server 127.0.0.1:{self.webs[0]}",
            "server web-2:8000 resolve": f"server 127.0.0.1:{self.webs[-1]}",
        }
        (self.directory / "nginx.conf").write_text(_changed((DEPLOY / "nginx.conf").read_text(), changes))

    def _answers(self) -> bool:
        try:
            return ask(self.connect_inside(), "/front").status == 204
        except OSError:
            return False
