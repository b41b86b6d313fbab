"""HAR files lose their secrets before they are stored (issue 3)."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import har as module
from support.har import TEXT_AT_MOST, UnreadableHar, strip_har


def har(request: dict[str, Any] | None = None, response: dict[str, Any] | None = None, **entry: Any) -> dict[str, Any]:
    return {"log": {"version": "1.2", "entries": [{"request": request or {}, "response": response or {}, **entry}]}}


def stripped(content: dict[str, Any] | bytes) -> tuple[int, str]:
    sent = content if isinstance(content, bytes) else json.dumps(content).encode()
    result = strip_har(io.BytesIO(sent))
    assert result
    with result.file as file:
        file.seek(0)
        return result.removed, json.dumps(json.load(file))


@pytest.mark.parametrize(
    "name",
    [
        "Cookie",
        "cookie",
        "Authorization",
        "PROXY-AUTHORIZATION",
        "Set-Cookie",
        "X-Auth-Token",
        "DPoP",
        "X-Auth",
        "X-CSRF",
        "X-Amz-Security-Token",
        "X-Shopify-Access-Token",
        "Sec-WebSocket-Protocol",
        "Private-Token",
        "X-Goog-API-Key",
    ],
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
        "https://a.example/x;jsessionid=SECRET/y?page=2",
        "https://a.example/x;jsessionid=SECRET?page=2",
        "https://ana:SECRET@a.example/x?page=2",
        "https://[SECRET?page=2&token=SECRET".replace("[SECRET", "["),
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


@pytest.mark.parametrize(
    "body",
    [
        "user=ana&token=SECRET",
        '<a href="/page?user=ana&amp;token=SECRET">next</a>',
        "<p>ana</p> Location: /x?token=SECRET",
        '{"name": "ana", "access_token": "SECRET\\"SECRET"}',
        "{'name': 'ana', 'access_token': 'SECRET'}",
        json.dumps({"name": "ana", "inner": json.dumps({"access_token": "SECRET"})}),
        '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nSECRET\r\n--x ana',
    ],
)
def test_secrets_in_bodies_are_removed_however_they_are_written(body: str) -> None:
    number, text = stripped(har({"postData": {"text": body}}, {"content": {"text": body}}))
    assert (number, "SECRET" in text, text.count("ana")) == (2, False, 2)


def test_bodies_in_base64_are_removed_whichever_comes_first() -> None:
    code = "U0VDUkVU"
    number, text = stripped(
        har({}, {"content": {"text": code, "encoding": "base64"}}, _x={"encoding": "BASE64", "text": code})
    )
    assert (number, code in text) == (2, False)


def test_messages_of_websockets_are_removed() -> None:
    number, text = stripped(har(_webSocketMessages=[{"type": "send", "data": "SECRET"}, {"data": "SECRET"}]))
    assert (number, "SECRET" in text) == (2, False)


def test_a_value_is_emptied_whether_its_name_comes_before_or_behind_and_whatever_it_is() -> None:
    for value in ("SECRET", ["SECRET"], {"a": "SECRET"}, 1234.5):
        for pair in ({"value": value, "name": "token"}, {"name": "token", "value": value}):
            number, text = stripped(har({"queryString": [pair]}))
            assert (number, "SECRET" in text, "1234" in text) == (1, False, False)


def test_a_name_that_is_said_twice_hides_nothing() -> None:
    doubled = b'{"log":{"entries":[{"name":"Cookie","value":"SECRET","name":"Accept","value":"SECRET"}]}}'
    assert "SECRET" not in stripped(doubled)[1]


def test_everything_else_is_copied_as_it_is() -> None:
    odd: dict[str, Any] = {
        "a": [1, -2.5, 1e30, True, None, {}, [], 'é \u2028 \\ " 🙂'],
        "text": {"b": [1]},
        "value": None,
        "": "",
    }
    number, text = stripped(har(_odd=odd))
    assert (number, json.loads(text)) == (0, har(_odd=odd))


@pytest.mark.parametrize("filling", ["a", '\\"', "\\\\", "é"])
def test_a_long_text_is_left_out_and_what_surrounds_it_stays(filling: str) -> None:
    """Also where it ends, or has its escaped letters, between two chunks that are read."""
    for length in range(TEXT_AT_MOST + 100_000, TEXT_AT_MOST + 100_003):
        long = json.dumps("x" + filling * (length // len(filling)))
        content = b'{"log": {"entries": [{"a": ["before", %s, "behind"], "b": "token=1"}]}}' % long.encode()
        assert json.loads(stripped(content)[1])["log"]["entries"] == [
            {"a": ["before", "[removed]", "behind"], "b": "token=1"}
        ]


@given(texts=st.lists(st.text(st.sampled_from('a"\\é🙂 ='), max_size=40), max_size=8), chunk=st.integers(1, 12))
def test_texts_are_whole_wherever_a_chunk_ends(texts: list[str], chunk: int) -> None:
    with patched_chunk(chunk):
        assert json.loads(stripped(har(_texts=texts))[1])["log"]["entries"][0]["_texts"] == texts


@contextmanager
def patched_chunk(size: int) -> Iterator[None]:
    before, module.CHUNK = module.CHUNK, size
    try:
        yield
    finally:
        module.CHUNK = before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_it_is_known_by_its_content_in_each_encoding(encoding: str) -> None:
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else b""
    number, text = stripped(mark + json.dumps(har({"url": "https://é.example/?token=SECRET"})).encode(encoding))
    assert (number, "SECRET" in text) == (1, False)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"[1]",
        b'{"log": 1}',
        b'{"log": {}}',
        b"\xff\xfe\x00",
        b'{"a": {"entries": ["log", "request"]}}',
        b"{",
    ],
)
def test_other_files_are_none(content: bytes) -> None:
    assert strip_har(io.BytesIO(content)) is None


def test_a_broken_one_is_refused_and_not_taken_for_text() -> None:
    with pytest.raises(UnreadableHar):
        strip_har(io.BytesIO(json.dumps(har({"headers": []})).encode()[:-2]))


@pytest.mark.parametrize(
    "request_",
    [b"[" * 100_000 + b"]" * 100_000, b"[" + b"[]," * 2_000_000 + b"[]]", b"1" * 10_000, b"1e400000000000000000000"],
)
def test_one_that_is_nested_or_goes_on_without_end_is_refused(request_: bytes) -> None:
    with pytest.raises(UnreadableHar):
        strip_har(io.BytesIO(b'{"log": {"entries": [{"request": ' + request_ + b"}]}}"))
