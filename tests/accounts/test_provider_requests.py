"""P15: what we ask of a provider goes where it may, and ends in time, whatever is there."""

from __future__ import annotations

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from typing import Any

import pytest
import requests

from accounts.errors import Refused
from accounts.single_sign_on import outgoing
from accounts.single_sign_on.client import ProviderSilent, discover
from accounts.single_sign_on.methods import shows_second_factor
from accounts.single_sign_on.outgoing import ProviderSession, is_allowed_url, permitted_address
from tests.identity_provider.strange import Strange, configuration, say, strange


def refusal(issuer: str) -> Refused:
    with pytest.raises(Refused) as refused:
        discover(issuer)
    assert refused.value.field == "issuer"
    return refused.value


def is_silent(issuer: str) -> bool:
    return refusal(issuer).message == ProviderSilent().message


@pytest.mark.parametrize("ending", ["", "/"])
def test_an_issuer_is_spelled_as_it_spells_itself(ending: str) -> None:
    with strange() as server:
        server.answer = lambda handler: say(handler, json.dumps(configuration(f"{server.issuer}{ending}")).encode())
        assert discover(f"{server.issuer}/") == discover(server.issuer) == f"{server.issuer}{ending}"


@pytest.mark.parametrize(
    "typed",
    [
        "http://provider.example.com",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://",
        "provider.example.com",
        "https://user:password@provider.example.com",
        "https://provider.example.com:port",
        "javascript:alert(1)",
        "http://127.example.com",
        "http://localhost.example.com",
        "https://[",
    ],
)
def test_only_https_is_a_url_of_a_provider(typed: str) -> None:
    assert not is_allowed_url(typed)
    assert "https://" in refusal(typed).message


def test_plain_http_is_for_the_demo_alone(settings: Any) -> None:
    assert is_allowed_url("http://127.0.0.1:8000")
    settings.DEMO = False
    assert not is_allowed_url("http://127.0.0.1:8000")
    assert is_allowed_url("https://provider.example.com")


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  asked for, not listened at
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2001:0:a00:1::1",
    ],
)
def test_no_address_inside_is_asked(inside: str, settings: Any) -> None:
    settings.IDENTITY_PROVIDER_NETWORKS = []
    with pytest.raises(OSError, match="permitted"):
        permitted_address(inside, 443)


def test_public_addresses_and_networks_of_the_setting_are_asked(settings: Any) -> None:
    settings.IDENTITY_PROVIDER_NETWORKS = [ip_network("10.1.0.0/16")]
    assert permitted_address("10.1.2.3", 443) == "10.1.2.3"
    assert permitted_address("::ffff:10.1.2.3", 443) == "::ffff:10.1.2.3"
    assert permitted_address("1.1.1.1", 443) == "1.1.1.1"
    assert permitted_address("2606:4700:4700::1111", 443) == "2606:4700:4700::1111"
    with pytest.raises(OSError, match="permitted"):
        permitted_address("10.2.2.3", 443)


def test_what_a_name_leads_to_is_looked_at_and_nothing_is_sent_inside(settings: Any) -> None:
    """`localhost` is a name like any other that could be made to lead inside."""
    with strange() as server:
        settings.IDENTITY_PROVIDER_NETWORKS = []
        assert is_silent(server.issuer.replace("127.0.0.1", "localhost"))
        assert server.asked == 0


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere when it is asked a second time: it is asked once."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def once(host: str, *args: Any, **options: Any) -> Any:
        if host == "localhost":
            asked.append(host)
        return real(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    with strange() as server, ProviderSession() as session:
        session.get(server.issuer.replace("127.0.0.1", "localhost"))
    assert asked == ["localhost"]


def test_no_redirect_is_followed(settings: Any) -> None:
    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        say(handler, b"{}", 302, Location="/")

    with strange(elsewhere) as server:
        assert "no configuration" in refusal(server.issuer).message
        assert server.asked == 1


def test_no_proxy_of_this_machine_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with strange() as server:
        assert discover(server.issuer) == server.issuer


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """One byte after the other, for ever."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.02)


def dripping_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X")
        handler.wfile.flush()
        time.sleep(0.02)


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


@pytest.mark.parametrize("answer", [dripping, dripping_headers, silent])
def test_every_answer_ends_in_time_and_so_does_who_waits_for_it(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TIME_LIMIT", 0.5)
    before = set(threading.enumerate())
    with strange(answer) as server:
        began = time.monotonic()
        assert is_silent(server.issuer)
        assert time.monotonic() - began < 2
        waiting = [thread for thread in threading.enumerate() if thread not in before and "work" in thread.name]
        for thread in waiting:
            thread.join(2)
            assert not thread.is_alive()


def test_a_name_server_that_is_slow_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TIME_LIMIT", 0.3)
    real = outgoing.permitted_address

    def slow(host: str, port: int) -> str:
        time.sleep(1)
        return real(host, port)

    monkeypatch.setattr(outgoing, "permitted_address", slow)
    with strange() as server:
        assert is_silent(server.issuer)
        time.sleep(1)
        assert server.asked == 0, "what comes after the time is over asks no more"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"no JSON", b"{}", b"\xff\xfe", b" " * (outgoing.LONGEST + 1), b'{"issuer": 1}']
)
def test_nonsense_is_no_provider(body: bytes) -> None:
    with strange(lambda handler: say(handler, body)) as server:
        assert not is_silent(server.issuer)


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_an_error_is_no_provider(status: int) -> None:
    with strange(lambda handler: say(handler, b"{}", status)) as server:
        assert "no configuration" in refusal(server.issuer).message


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "http://provider.example.com/", None, 7])
def test_a_configuration_that_leads_elsewhere_is_refused(wrong: object) -> None:
    with strange() as server:
        said = configuration(server.issuer, authorization_endpoint=wrong)
        server.answer = lambda handler: say(handler, json.dumps(said).encode())
        assert "no usable addresses" in refusal(server.issuer).message


def test_nobody_there_is_silence() -> None:
    assert is_silent("http://127.0.0.1:1")


def test_one_provider_that_is_away_keeps_no_thread_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many who wait for it one waits; who asks another provider meanwhile gets an answer."""
    monkeypatch.setattr(outgoing, "TURN", 0.2)

    def ask(server: Strange, got: list[str]) -> None:
        try:
            got.append(discover(server.issuer))
        except Refused as refused:
            got.append(refused.message)

    got: list[str] = []
    with strange(silent) as away, strange() as there:
        crowd = [threading.Thread(target=ask, args=(away, got)) for _one in range(6)]
        for thread in crowd:
            thread.start()
        time.sleep(0.5)
        assert len(got) == 5, "all but one were told at once"
        assert discover(there.issuer) == there.issuer
        for thread in crowd:
            thread.join()
    assert away.asked == 1


def test_a_session_refuses_other_urls_itself() -> None:
    with ProviderSession() as session, pytest.raises(requests.exceptions.InvalidURL):
        session.get("file:///etc/passwd")


@pytest.mark.parametrize(
    ("methods", "counts"),
    [
        (["mfa"], True),
        (["pwd", "otp"], True),
        (["pin", "hwk"], True),
        (["fpt", "swk"], True),
        (["pwd"], False),
        (["pwd", "pin"], False),
        (["otp", "sms"], False),
        (["hwk"], False),
        ([], False),
        ("mfa", False),
        (None, False),
        ([["mfa"], 1], False),
    ],
)
def test_P12_two_kinds_of_methods_are_a_second_factor(methods: object, counts: bool) -> None:
    assert shows_second_factor(methods) == counts
