"""SECRET_KEY changed by `.env` alone: sessions and links of before live on, as long as the old key stands beside it."""

from __future__ import annotations

import re
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.test import override_settings

from accounts.models import User
from accounts.roles import Role
from reseller_console.local import processes
from reseller_console.local.valkey import free_port
from tests import servers
from tests.factories import PASSWORD, make_customer, make_person
from tests.reseller_console.compose import SECRETS, interpolated, loaded

OLD = SECRETS["SECRET_KEY"]
NEW = f"{OLD[::-1]}-and-new"
# Plain HTTP on this machine, and static files from where they lie.
HERE = {"DEMO": "1", "ALLOWED_HOSTS": "127.0.0.1", "EMAIL_URL": "dummymail://", "SECURE_SSL_REDIRECT": "off"}


class Browser:
    """Keeps its cookies, as people's browsers do while we change our key."""

    def __init__(self) -> None:
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, url: str) -> tuple[str, str]:
        """Return where it led to, and the page."""
        with self.opener.open(url, timeout=20) as answer:
            return answer.url, answer.read().decode()

    def send(self, url: str, **fields: str) -> tuple[str, str]:
        """Fill the form of a page in, and send it."""
        _url, page = self.get(url)
        [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page))
        body = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        with self.opener.open(urllib.request.Request(url, body, {"Referer": url}), timeout=20) as answer:  # noqa: S310
            return answer.url, answer.read().decode()


@contextmanager
def web(log: Path, env_file: dict[str, str]) -> Iterator[str]:
    """The web server with what Compose hands to it from this `.env`; the servers behind it are those of the tests."""
    environment = loaded(interpolated({**SECRETS, **env_file}))["services"]["web"]["environment"]
    port = free_port()
    argv = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    kept = ("SECRET_KEY", "SECRET_KEY_FALLBACKS")
    values = {name: environment[name] for name in kept}
    child = servers.started([*argv, "reseller_console.wsgi"], log, {**values, **HERE})
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + servers.READY_LIMIT
        while True:
            try:
                Browser().get(f"{address}/health/live")
                break
            except OSError:
                assert child.popen.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.1)
        yield address
    finally:
        processes.stop(child)


def link_of(person: User) -> str:
    """The path of a link for a new password, as the old key made it."""
    with override_settings(SECRET_KEY=OLD):
        token = default_token_generator.make_token(person)
    return f"/accounts/password/reset/key/{user_pk_to_url_str(person)}-{token}/"


@pytest.mark.django_db(transaction=True)
def test_a_key_changed_by_env_alone_keeps_sessions_and_links(tmp_path: Path) -> None:
    customer = make_customer("Acme", "acme.example")
    alice = make_person(customer, Role.SUPER_ADMIN, name="Alice", password=PASSWORD)
    bob = make_person(customer, Role.SUPER_ADMIN, name="Bob", password=PASSWORD)
    browser, log, home = Browser(), tmp_path / "web.log", "/console/acme.example/"
    link = link_of(bob)
    with web(log, {}) as address:
        browser.send(f"{address}/accounts/login/", login=alice.email, password=PASSWORD)
        assert browser.get(f"{address}{home}")[0] == f"{address}{home}"

    with web(log, {"SECRET_KEY": NEW, "SECRET_KEY_FALLBACKS": OLD}) as address:
        assert browser.get(f"{address}{home}")[0] == f"{address}{home}", "Alice is still signed in"
        page, text = Browser().get(f"{address}{link}")
        assert "password1" in text, page
