"""HAR files lose their secrets before they are stored (issue 3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.har import UnreadableHar, parse_har, strip_har


def har(request: dict[str, Any] | None = None, response: dict[str, Any] | None = None, **entry: Any) -> dict[str, Any]:
    return {"log": {"version": "1.2", "entries": [{"request": request or {}, "response": response or {}, **entry}]}}


def stripped(content: dict[str, Any]) -> tuple[int, str]:
    number = strip_har(content)
    return number, json.dumps(content)


@pytest.mark.parametrize(
    "name", ["Cookie", "cookie", "Authorization", "PROXY-AUTHORIZATION", "Set-Cookie", "X-Auth-Token"]
)
def test_headers_that_carry_a_session_are_emptied_in_any_case(name: str) -> None:
    header = {"name": name, "value": "SECRET"}
    number, text = stripped(har({"headers": [dict(header)]}, {"headers": [dict(header)]}))
    assert (number, "SECRET" in text, name in text) == (2, False, True)


def test_cookie_arrays_are_emptied_wherever_they_are() -> None:
    cookies = [{"name": "SID", "value": "SECRET", "path": "/"}, {"name": "theme", "value": "SECRET"}]
    number, text = stripped(har({"cookies": list(cookies)}, {"cookies": list(cookies)}, _browser={"cookies": cookies}))
    assert (number, "SECRET" in text, "SID" in text) == (6, False, False)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/x?access_token=SECRET&page=2",
        "https://a.example/x?page=2&code=SECRET",
        "https://a.example/x#id_token=SECRET&page=2",
        "https://a.example/x?page=2&API_KEY=SECRET",
        "/x?page=2&sessionid=SECRET",
    ],
)
def test_tokens_in_addresses_are_removed_and_the_rest_stays(url: str) -> None:
    number, text = stripped(har({"url": url}, {"redirectURL": url}))
    assert (number, "SECRET" in text, text.count("page=2")) == (2, False, 2)


def test_parameters_of_queries_and_forms_and_bodies_are_emptied() -> None:
    pair = {"name": "refresh_token", "value": "SECRET"}
    post = {"params": [dict(pair)], "text": "user=ana&password=SECRET", "mimeType": "x"}
    answer = {"content": {"text": '{"access_token": "SECRET", "name": "ana"}'}}
    number, text = stripped(har({"queryString": [dict(pair)], "postData": post}, answer))
    assert (number, "SECRET" in text, text.count("ana")) == (4, False, 2)


def test_the_referer_loses_its_tokens_too() -> None:
    number, text = stripped(har({"headers": [{"name": "Referer", "value": "https://a.example/?token=SECRET"}]}))
    assert (number, "SECRET" in text) == (1, False)


def test_headers_written_as_an_object_are_found() -> None:
    number, text = stripped(har({"headers": {"Cookie": "SECRET", "Accept": "text/html"}}))
    assert (number, "SECRET" in text, "text/html" in text) == (1, False, True)


def test_a_har_file_without_secrets_stays_as_it_is() -> None:
    content = har({"url": "https://a.example/?page=2", "headers": [{"name": "Accept", "value": "a=b"}]})
    before = json.dumps(content)
    assert stripped(content) == (0, before)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_is_known_by_its_content_in_each_encoding(encoding: str) -> None:
    assert parse_har(json.dumps(har()).encode(encoding)) == har()


@pytest.mark.parametrize("content", [b"", b"hello", b"[1]", b'{"log": 1}', b'{"log": {}}', b"\xff\xfe\x00"])
def test_other_files_are_none(content: bytes) -> None:
    assert parse_har(content) is None


def test_a_broken_one_is_refused_and_not_taken_for_text() -> None:
    with pytest.raises(UnreadableHar):
        parse_har(json.dumps(har({"headers": []})).encode()[:-2])


def test_one_that_is_nested_without_end_is_refused() -> None:
    deep = b'{"log": {"entries": [{"request": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}}"
    with pytest.raises(UnreadableHar):
        parse_har(deep)
