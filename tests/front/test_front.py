"""What nginx hands on, keeps to itself and writes down (deploy/nginx.conf)."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

from django.conf import settings
from django.urls import URLResolver, get_resolver

from reseller_console.local import places
from reseller_console.local.valkey import free_port
from tests.faults.crowd import eventually
from tests.front.nginx import DEPLOY, Front, ask

StartFront = Callable[..., Front]
CONF = (DEPLOY / "nginx.conf").read_text()
FORGED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Protocol": "ssl",
    "X-Forwarded-Ssl": "on",
    "X-Real-IP": "203.0.113.7",
    "Forwarded": "for=203.0.113.7;proto=https",
    "X_Forwarded_For": "203.0.113.7",
}


def forwarded(connection: HTTPConnection, headers: dict[str, str]) -> dict[str, str]:
    """What the web server was told of who asks and how."""
    received = json.loads(ask(connection, headers=headers).body)
    return {name: value for name, value in received.items() if re.search("forwarded|real", name)}


def test_what_a_client_says_of_itself_goes_no_further(start_front: StartFront, mirror: int) -> None:
    front = start_front(mirror)
    told = {"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"}
    assert forwarded(front.connect_securely(), FORGED) == told
    assert forwarded(front.connect(), FORGED) == {**told, "x-forwarded-proto": "http"}


def test_behind_an_own_proxy_the_last_but_one_address_is_the_clients(start_front: StartFront, mirror: int) -> None:
    front = start_front(mirror, own_proxy=True)
    by_proxy = {**FORGED, "X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    told = forwarded(front.connect(), by_proxy)
    assert set(told) == {"x-forwarded-for", "x-forwarded-proto"}
    assert told["x-forwarded-proto"] == "https"
    assert told["x-forwarded-for"].split(", ")[-2] == "203.0.113.7"  # what TRUSTED_PROXY_COUNT=2 takes
    assert "203.0.113.7" in front.log()


def test_health_is_answered_on_its_own_port_only(start_front: StartFront, mirror: int) -> None:
    front = start_front(mirror)
    for path in ("/health/ready", "/health/live", "//health/live", "/%68ealth/live", "/a/../health/live"):
        assert ask(front.connect(), path).status == 404
    assert ask(front.connect_inside(), "/health/ready").status == 200
    assert ask(front.connect_inside(), "/accounts/login/").status == 404
    assert (
        '"${HEALTH_ADDRESS:-127.0.0.1}:${HEALTH_PORT:-8081}:8081"'
        in (places.CHECKOUT / "docker-compose.yml").read_text()
    )


def opening_routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    """Every URL of the application with a part that only its addressee knows."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from opening_routes(pattern.url_patterns, route)
        elif re.search(r"token>|<key>", route):
            yield route


def test_no_line_holds_what_opens_something(start_front: StartFront, mirror: int) -> None:
    routes = list(opening_routes(get_resolver().url_patterns))
    assert len(routes) == 2
    front, gone = start_front(mirror), start_front(free_port())
    for route in routes:
        path = "/" + re.sub(r"\(\?P<key>.*?\)|<str:token>", "SECRET", route.lstrip("^").rstrip("$"))
        path = re.sub(r"\(\?P<uidb36>.*?\)", "1k", path)
        for each in (front, gone):
            referred = {"Referer": f"https://{settings.ALLOWED_HOSTS[0]}{path}", "Content-Length": "999999999"}
            for asking in (path, path.replace("/key/", "/%6bey/"), f"/?next={path}"):
                ask(each.connect(), asking)
            ask(each.connect(), path, method="POST", headers=referred)
            ask(each.connect(), "/static/app.css", headers={"Referer": referred["Referer"]})
    for each in (front, gone):
        assert each.log().count("\n") >= 2 * 5
        assert "SECRET" not in each.log() + each.errors()
    assert "GET /accounts/password/reset/key/- 200" in front.log()
    assert "GET /support/verify/- 503" in gone.log()


def test_what_is_too_large_or_comes_while_no_web_server_is_there_is_told_in_words(
    start_front: StartFront, mirror: int
) -> None:
    answer = ask(start_front(mirror).connect(), method="POST", headers={"Content-Length": str(400 * 1024 * 1024)})
    assert (answer.status, b"25 MB" in answer.body) == (413, True)
    answer = ask(start_front(free_port()).connect())
    assert (answer.status, answer.headers["Retry-After"], "redémarre".encode() in answer.body) == (503, "5", True)


def test_one_address_takes_no_more_than_its_share(start_front: StartFront, mirror: int) -> None:
    limit = int(re.findall(r"limit_conn addresses (\d+);", CONF)[0])
    front = start_front(mirror)
    begun = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    slow = [socket.create_connection(("127.0.0.1", front.http_port), 10, ("127.0.0.2", 0)) for _ in range(2 * limit)]
    try:
        for each in slow:
            each.sendall(begun)
        # nginx reads them one by one, and on a busy machine when it comes to it.
        eventually(lambda: ask(front.connect("127.0.0.2")).status == 429)
        assert ask(front.connect("127.0.0.3")).status == 200
    finally:
        for each in slow:
            each.close()


def test_bodies_and_connections_fit_what_the_application_promises() -> None:
    largest = int(re.findall(r"client_max_body_size (\d+)m;", CONF)[0])
    assert largest >= settings.ATTACHMENT_MB * (settings.ATTACHMENTS_PER_FORM + 1)
    ours = int(re.findall(r'"--keep-alive", "(\d+)"', (places.CHECKOUT / "Dockerfile").read_text())[0])
    theirs = [int(seconds) for seconds in re.findall(r"\n        keepalive_timeout (\d+)s;", CONF)]
    assert len(theirs) == 1
    assert ours > theirs[0]
