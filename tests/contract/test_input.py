"""What no browser sends is refused in one place, with our headers, and never reaches the database."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory
from django.urls import reverse

from reseller_console.input import readable
from tests.contract import matrix
from tests.contract.answers import ADDRESSES, url_of
from tests.contract.cases import arguments
from tests.contract.crawl import content_of
from tests.contract.matrix import Line
from tests.contract.world import World

FORM = "application/x-www-form-urlencoded"
PAGES = [line for line in matrix.lines() if line.method == "GET"]


def refused(response: Any) -> bool:
    """Answered with 400, and with what every page carries."""
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "private" in response["Cache-Control"]
    return bool(response.status_code == 400)


@pytest.fixture
def client(world: World) -> Client:
    """A super admin's browser, to which an error of the server is a page, as it is to everybody."""
    client = world.client("Acme", "super admin")
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    "name",
    ["user_remove_alias", "user_new", "group_create", "support_case_new", "reseller_access", "account_logout"],
)
def test_no_form_takes_a_nul_or_bytes_that_are_no_text(db: None, client: Client, world: World, name: str) -> None:
    url = url_of(name, world)
    for typed in ({"alias": "a\0@acme.example"}, {"a\0": "1"}, {"a\0": SimpleUploadedFile("a.txt", b"a")}):
        assert refused(client.post(url, typed)), typed
    for raw in ("alias=a%00b", "a%00=1", "alias=%ff%fe", b"alias=\xff\xfe", b"alias=\0"):
        assert refused(client.post(url, raw, content_type=FORM)), raw
    # Django takes out of the name of a file what cannot be printed.
    assert client.post(url, {"file": SimpleUploadedFile("a\0b.txt", b"a")}).status_code < 500


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "latin-1", "nonsense", "cp037"])
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "text/plain"])
def test_another_character_set_is_refused(db: None, client: Client, world: World, charset: str, kind: str) -> None:
    url = url_of("user_new", world)
    assert refused(client.generic("POST", url + "?q=a", b"name=ana", f"{kind}; charset={charset}"))
    assert client.post(url, b"name=ana", content_type=f"{FORM}; charset=UTF-8").status_code != 400


class Cut(BytesIO):
    """What arrives on a connection that was cut."""

    def read(self, *_size: object) -> bytes:
        raise ConnectionResetError


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x"])
def test_a_form_of_which_the_rest_never_arrives_is_refused(db: None, client: Client, world: World, kind: str) -> None:
    cut = {"wsgi.input": Cut()}
    assert refused(client.generic("POST", url_of("user_new", world), b"name=ana", kind, **cut))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query", ["q=%00", "%00=1", "q=%ff", "q=\udcff".encode("utf-8", "surrogateescape").decode("latin-1")]
)
def test_no_url_has_a_nul_or_bytes_that_are_no_text(db: None, client: Client, world: World, query: str) -> None:
    for name in ("users", "audit_log", "account_login", "console_home"):
        assert refused(client.get(url_of(name, world), QUERY_STRING=query)), name


@pytest.mark.parametrize("path", ["/console/acme\0.example/", "/\0", "/accounts/reset/\0/", "/static/\0.css"])
def test_no_path_has_a_nul(db: None, client: Client, path: str) -> None:
    assert refused(client.get(quote(path)))


@pytest.mark.parametrize("value", ["a\0b", '"a\\000b"'])
def test_no_cookie_has_a_nul(db: None, client: Client, value: str) -> None:
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "messages"):
        assert refused(client.get("/", headers={"cookie": f"{name}={value}"})), name
    assert refused(client.get("/", headers={"user-agent": "a\0b"}))


@pytest.mark.parametrize("onwards", ["http://[::1", "//[", "https://[v1.a]:x/", "javascript:[", "http://a\\[b"])
def test_a_page_to_return_to_that_is_none_is_left_out(db: None, client: Client, world: World, onwards: str) -> None:
    for browser in (client, Client(raise_request_exception=False)):
        for name in ("account_login", "account_logout", "preferences", "account_reset_password", "home"):
            url = reverse(name)
            for response in (
                browser.get(url, {"next": onwards}),
                browser.post(url, {"next": onwards}),
                browser.get(url, headers={"referer": onwards}),
                browser.get(url, headers={"hx-request": "true", "hx-current-url": onwards}),
            ):
                assert response.status_code < 500, (name, response.status_code)
                assert "[" not in response.headers.get("Location", ""), name


@pytest.mark.parametrize("line", PAGES, ids=[line.id for line in PAGES])
def test_HEAD_answers_as_GET_does_without_a_page(line: Line, db: None, world: World) -> None:
    url = reverse(line.name, kwargs=arguments(line.name, ADDRESSES[line.name].route, world.acme, world))
    letters = dict(zip(matrix.people(), line.letters.replace(" ", ""), strict=True))
    group, role = next((who for who, letter in letters.items() if letter == "O"), matrix.people()[0])
    page, head = world.client(group, role).get(url), world.client(group, role).head(url)
    content_of(page)
    assert (head.status_code, content_of(head)) == (page.status_code, b"")


@pytest.mark.parametrize("charset", ["hex", "base64", "rot13", "zlib", "punycode", "undefined", "utf-16", "idna"])
def test_a_character_set_that_no_text_has_is_no_error_of_the_server(charset: str) -> None:
    """As the web server makes a request: Django's own client has another class for them."""
    environ = RequestFactory().generic("GET", "/accounts/login/?next=/é", b"", "text/plain").environ
    environ["CONTENT_TYPE"] = f"text/plain; charset={charset}"
    request = readable(WSGIHandler()).request_class(environ)
    assert request.GET.dict() == {"next": "/é"}
    assert request.content_params == {"charset": charset}, "what reads the body looks at it"
