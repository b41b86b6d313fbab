"""The front before real web servers: clients that are slow, forms that are large, a web server that restarts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from django.conf import settings

from support.models import Attachment
from tests.cast import Cast
from tests.client import signed_in
from tests.client import url_of as url
from tests.front.nginx import Front, ask
from tests.front.webs import Web
from tests.support.world import TYPED

StartFront = Callable[..., Front]
StartWeb = Callable[..., Web]
PAGE, LIVE = "/accounts/login/", "/health/live"
MB = 1024 * 1024
SLOW_CLIENTS, REQUESTS = 200, 200
HEAD = f"POST {PAGE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"


@contextmanager
def slow_clients(port: int, number: int) -> Iterator[list[socket.socket]]:
    """Anonymous clients at several addresses: half of them in the middle of a body, half of a head; a byte a second."""
    clients = [
        socket.create_connection(("127.0.0.1", port), 10, (f"127.0.0.{2 + each % 8}", 0)) for each in range(number)
    ]
    over = threading.Event()

    def drip() -> None:
        while not over.wait(1):
            for client in clients:
                client.sendall(b"x")

    dripping = threading.Thread(target=drip, daemon=True)
    try:
        for each, client in enumerate(clients):
            client.sendall(HEAD.encode() + (b"\r\n" if each % 2 else b"X-Slow: "))
        dripping.start()
        yield clients
    finally:
        over.set()
        dripping.join()
        for client in clients:
            client.close()


def hung_up(client: socket.socket) -> bool:
    """Whether something came back: an answer, or an end."""
    client.setblocking(False)
    try:
        client.recv(1)
    except BlockingIOError:
        return False
    return True


def seconds_of_a_page(front: Front) -> float:
    began = time.monotonic()
    assert ask(front.connect(), PAGE).status == 200
    return time.monotonic() - began


def test_200_slow_clients_keep_nobody_else_waiting(start_front: StartFront, start_web: StartWeb) -> None:
    front = start_front(start_web().port)
    quiet = max(seconds_of_a_page(front) for _ in range(5))
    with slow_clients(front.http_port, SLOW_CLIENTS) as clients:
        time.sleep(2)
        besieged = max(seconds_of_a_page(front) for _ in range(5))
        assert not any(hung_up(client) for client in clients)  # they were there all the time
    # Two seconds at the worst on a machine on which a page takes a tenth of one.
    assert besieged < 20 * quiet


def form(fields: dict[str, str], files: int, size: int, boundary: str) -> Iterator[bytes]:
    """A form with files of text, piece by piece."""
    for name, value in fields.items():
        yield f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for number in range(files):
        named = f'Content-Disposition: form-data; name="files"; filename="{number}.bin"'
        yield f"--{boundary}\r\n{named}\r\nContent-Type: application/octet-stream\r\n\r\n".encode()
        yield b"\x00" * size
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def test_a_case_with_ten_files_of_25_MB_passes(
    start_front: StartFront, start_web: StartWeb, cast: Cast, tmp_path: Path
) -> None:
    (tmp_path / "media").mkdir()
    front = start_front(start_web(MEDIA_ROOT=str(tmp_path / "media")).port)
    session = signed_in(cast.acme.support_manager).cookies[settings.SESSION_COOKIE_NAME].value
    token = "t" * 32
    fields = {**TYPED, "csrfmiddlewaretoken": token}
    files, size = settings.ATTACHMENTS_PER_FORM, settings.ATTACHMENT_MB * MB
    length = sum(map(len, form(fields, files, 0, "edge"))) + files * size
    headers = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}",
        "Content-Type": "multipart/form-data; boundary=edge",
        "Content-Length": str(length),
    }
    body = form(fields, files, size, "edge")
    page = url("support_case_new", cast.acme.customer)
    answer = ask(front.connect(), page, method="POST", headers=headers, body=body)
    assert answer.status == 302, answer.body.decode()[:2000]
    assert [each.size for each in Attachment.objects.all()] == [size] * files


def ask_again_and_again(front: Front, found: list[int], over: threading.Event) -> None:
    """Read pages and send forms (which are refused: without a token) on one connection, as a browser does."""
    connection = HTTPConnection("127.0.0.1", front.http_port, timeout=60)
    while not over.is_set() or len(found) < REQUESTS:
        connection.request("POST" if len(found) % 4 == 0 else "GET", PAGE, body=b"login=a")
        answer = connection.getresponse()
        answer.read()
        found.append(answer.status)
        time.sleep(0.02)
    connection.close()


def test_no_request_fails_while_two_web_servers_restart_in_turn(start_front: StartFront, start_web: StartWeb) -> None:
    webs = [start_web(), start_web()]
    front = start_front(*(web.port for web in webs))
    found: list[int] = []
    over = threading.Event()
    people = [threading.Thread(target=ask_again_and_again, args=(front, found, over)) for _ in range(4)]
    for person in people:
        person.start()
    for web in webs:
        web.stop()
        web.start()
    over.set()
    for person in people:
        person.join()
    assert len(found) >= REQUESTS
    assert set(found) == {200, 403}, front.log()
    assert {str(web.port) in front.log() for web in webs} == {True}


def test_a_connection_that_idles_longer_than_gunicorns_default_is_still_there(start_web: StartWeb) -> None:
    connection = HTTPConnection("127.0.0.1", start_web().port, timeout=30)
    connection.connect()
    ours = connection.sock.getsockname()
    for _ in range(2):
        connection.request("GET", LIVE)
        assert connection.getresponse().read() == b'{"live": true}'
        time.sleep(3)
    assert connection.sock.getsockname() == ours
    connection.close()


def connect_again_and_again(port: int, lost: list[Exception], over: threading.Event) -> None:
    """Ask, each time on a connection of its own: one that is refused tries again, one that is let in gets an answer."""
    while not over.is_set():
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.connect()
        except ConnectionRefusedError:
            time.sleep(0.01)
            continue
        try:
            connection.request("GET", LIVE)
            connection.getresponse().read()
        except OSError as error:
            lost.append(error)
        finally:
            connection.close()


def test_a_client_that_was_let_in_is_answered_however_soon_the_web_server_ends(start_web: StartWeb) -> None:
    web = start_web("tests.front.slow_endings.Worker")
    lost: list[Exception] = []
    over = threading.Event()
    people = [threading.Thread(target=connect_again_and_again, args=(web.port, lost, over)) for _ in range(4)]
    for person in people:
        person.start()
    web.stop()
    over.set()
    for person in people:
        person.join()
    assert lost == []
