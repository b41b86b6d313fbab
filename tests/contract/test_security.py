"""What holds for every page and every form: headers, cookies, caches, and where a sign-in may lead."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.contract import matrix
from tests.contract.answers import letter_of
from tests.contract.cases import Sender, arguments
from tests.contract.crawl import Page, content_of
from tests.contract.database import difference_since, now
from tests.contract.posts import POSTS
from tests.contract.resolver import addresses
from tests.contract.walks import walk
from tests.contract.world import SIGNED_OUT, World
from tests.factories import PASSWORD

ROOT = Path(settings.BASE_DIR)
LINES = matrix.lines()
ADDRESSES = {address.name: address for address in addresses()}
FORMS = [line for line in LINES if line.method == "POST"]
EVERYBODY = [
    ("Acme", "super admin"),
    ("Acme", "auditor"),
    ("Acme", "no role"),
    ("inside", "admin"),
    ("closed", "agent"),
    ("halted", "agent"),
    ("vendor", "operator"),
    ("nobody", SIGNED_OUT),
]


def pages_of(world: World, who: tuple[str, str]) -> list[Page]:
    """Every page that somebody finds, and the errors that somebody meets."""
    domain = world.acme.domain
    unlinked = ["/accounts/logout/", "/accounts/inactive/", "/accounts/signup/", "/accounts/password/reset/done/"]
    errors = [f"/console/{domain}/account/reseller-access/", f"/reseller/customers/{domain}/", "/nowhere/"]
    return list(walk(world, who, world.acme, *unlinked, *errors).values())


@pytest.mark.parametrize("who", EVERYBODY, ids=" ".join)
def test_every_page_carries_the_headers_and_nothing_inline(who: tuple[str, str], db: None, world: World) -> None:
    """The policy stops what is inline; a page that has something inline would be broken by it."""
    for page in pages_of(world, who):
        headers = page.response.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, page.url
        assert "script-src 'self';" in f"{policy};", page.url
        assert "style-src 'self';" in f"{policy};", page.url
        assert "frame-ancestors 'none'" in policy, page.url
        assert "base-uri 'none'" in policy, page.url
        assert "form-action 'self'" in policy, page.url
        assert "unsafe" not in policy, page.url
        assert headers["X-Frame-Options"] == "DENY", page.url
        assert headers["X-Content-Type-Options"] == "nosniff", page.url
        assert headers["Referrer-Policy"] == "same-origin", page.url
        assert page.inline == [], page.url


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("GET", "/health/live", 200, {}),
        ("GET", "/health/ready", None, {}),
        ("POST", "/health/live", 405, {}),
        ("GET", "/static/css/layout.css", 200, {}),
        ("GET", "/", 302, {}),
        ("GET", "/nowhere/", 404, {}),
        ("GET", "/nowhere", 404, {}),
        ("GET", "/accounts/login/", 200, {}),
        ("GET", "/accounts/login/", 400, {"Host": "evil.example"}),
        ("PUT", "/accounts/preferences/", None, {}),
    ],
)
def test_every_answer_says_that_no_other_site_embeds_or_reads_it(
    method: str, path: str, status: int | None, headers: dict[str, str], db: None, world: World
) -> None:
    response = Client().generic(method, path, headers=headers)
    assert status in {None, response.status_code}
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "camera=()" in response.headers["Permissions-Policy"]
    content_of(response)  # a file is open until it is read


def test_an_error_of_ours_says_so_too(db: None, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = world.client("Acme", "super admin")
    client.raise_request_exception = False
    # What a page imports when it is first drawn is imported before anything is broken.
    assert client.get(reverse("console_home", args=[world.acme.domain])).status_code == 200
    for error, status in ((RuntimeError, 500), (OperationalError, 503), (PermissionDenied, 403)):

        def broken(*args: object, error: type[Exception] = error, **kwargs: object) -> None:
            raise error("on purpose")

        monkeypatch.setattr("web.guards.permissions_on", broken)
        response = client.get(reverse("console_home", args=[world.acme.domain]))
        assert response.status_code == status
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert "camera=()" in response.headers["Permissions-Policy"]


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who[1] != SIGNED_OUT], ids=" ".join)
def test_no_page_of_somebody_signed_in_is_kept_by_a_cache(who: tuple[str, str], db: None, world: World) -> None:
    """After sign-out the back button asks again, and no proxy ever answers for us."""
    for page in pages_of(world, who):
        kept = page.response.headers.get("Cache-Control", "")
        assert "no-store" in kept, f"{page.url}: {kept!r}"
        assert "public" not in kept, page.url


def test_what_answers_a_form_may_be_gone_back_to_by_the_same_cookies_only(db: None, world: World) -> None:
    """With no-store the back button would show the browser's error in its place."""
    client = world.client("Acme", "super admin")
    refused = client.post(reverse("user_new", args=[world.acme.domain]), {"given_name": ""})
    assert refused.status_code == 422
    assert refused.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in refused.headers["Vary"]
    saved = client.post(reverse("preferences"), {"theme": "dark"})
    assert "no-store" in saved.headers["Cache-Control"]
    assert client.post(reverse("account_logout")).headers["Clear-Site-Data"] == '"cache"'


def test_after_sign_out_no_page_of_the_console_opens(db: None, world: World) -> None:
    client = world.client("Acme", "super admin")
    url = reverse("console_home", args=[world.acme.domain])
    assert client.get(url).status_code == 200
    client.post(reverse("account_logout"))
    assert letter_of(client.get(url)) == "L"
    stolen = world.client("Acme", "super admin")
    assert letter_of(stolen.get(url)) == "L", "the session itself has ended, not only the cookie"


# Django writes the password rules as an HTML list; every other help text is a sentence of ours.
HTML_OF_DJANGO = {"templates/components/field_notes.html": ["|safe"]}


def test_templates_have_no_inline_script_style_or_handler() -> None:
    """Also those that no page of the world happens to show; mails are no pages."""
    inline = re.compile(
        r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)|javascript:|hx-on|\|safe\b|autoescape off", re.IGNORECASE
    )
    found = {
        str(path.relative_to(ROOT)): inline.findall(path.read_text())
        for path in (ROOT / "templates").rglob("*.html")
        if inline.search(path.read_text())
    }
    assert found == HTML_OF_DJANGO


# --- CSRF --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", FORMS, ids=[line.id for line in FORMS])
def test_every_form_needs_its_token(line: matrix.Line, db: None, world: World) -> None:
    """For somebody for whom the form works; with the token it would have worked, as the matrix shows."""
    column = next(number for number, letter in enumerate(line.letters) if letter in "ON")
    who = matrix.people()[column]
    client = Client(enforce_csrf_checks=True)
    if key := world.sessions[who]:
        client.cookies[settings.SESSION_COOKIE_NAME] = key
    address = ADDRESSES[line.name]
    url = reverse(line.name, kwargs=arguments(line.name, address.route, world.acme, world))
    data = POSTS[line.name].data(Sender(world, client, world.persons.get(who)))
    before = now()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        response = client.generic(method, url, urlencode(data, doseq=True), "application/x-www-form-urlencoded")
        assert response.status_code in ({403} if method == "POST" else {403, 405}), method
    assert not difference_since(before)


def test_a_token_of_another_site_is_refused(db: None, world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions["Acme", "super admin"] or ""
    client.get(reverse("home"), follow=True)
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    data = {"theme": "dark", "csrfmiddlewaretoken": token}
    refused = client.post(reverse("preferences"), data, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert client.post(reverse("preferences"), data, headers={"Origin": "http://testserver"}).status_code == 302


# --- Where a sign-in leads, and who we say we are -------------------------------------------------------

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    " https://evil.example/",
    "https://testserver.evil.example/",
    "https://testserver@evil.example/",
    "\thttps://evil.example",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_does_not_lead_away(target: str, db: None, world: World) -> None:
    data = {"login": world.visitor.email, "password": PASSWORD, "next": target}
    # Somebody signs in, somebody is signed in already, somebody signs out, somebody saves preferences.
    answers = [Client().post(reverse("account_login"), data), Client().post(reverse("preferences"), {"next": target})]
    answers += [
        world.client("Acme", "auditor").get(reverse("account_login"), {"next": target}),
        world.client("Acme", "auditor").post(reverse("preferences"), {"theme": "dark", "next": target}),
        world.client("Acme", "auditor").post(reverse("account_logout"), {"next": target}),
    ]
    for response in answers:
        assert response.status_code == 302
        assert "evil" not in response.headers["Location"]
        assert response.headers["Location"].startswith("/")
        assert not response.headers["Location"].startswith("//")


def test_next_on_this_site_is_followed(db: None, world: World) -> None:
    url = reverse("subscriptions", args=[world.acme.domain])
    response = Client().get(url)
    assert response.headers["Location"] == f"{reverse('account_login')}?next={url}"
    data = {"login": world.visitor.email, "password": PASSWORD, "next": url}
    assert Client().post(reverse("account_login"), data).headers["Location"] == url


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example"])
def test_an_unknown_host_is_refused(host: str, db: None, world: World) -> None:
    response = world.client("Acme", "super admin").get("/accounts/login/", headers={"Host": host})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_no_link_in_a_mail_begins_with_what_a_request_calls_this_host(header: str, db: None, world: World) -> None:
    """Also one of several hosts that are ours: the link leads where CONSOLE_URL says."""
    for email in (world.visitor.email, "nobody@acme.example"):
        Client().post(reverse("account_reset_password"), {"email": email}, headers={header: "localhost"})
        links = re.findall(r"https?://[^\s.]+", str(mail.outbox[-1].body))
        assert links
        assert all(link.startswith(settings.CONSOLE_URL.partition(".")[0]) for link in links), links
        assert "localhost" not in mail.outbox[-1].body
        assert "testserver" not in mail.outbox[-1].body


def test_signing_in_gives_a_new_session_id_and_a_new_token(db: None, world: World) -> None:
    client = Client()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    client.post(reverse("account_login"), {"login": world.visitor.email, "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    assert User.objects.get(pk=client.session["_auth_user_id"]) == world.visitor
    old = Client()
    old.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert letter_of(old.get(reverse("home"))) == "L"


# --- Production settings ---------------------------------------------------------------------------------

PRODUCTION = {
    "SECRET_KEY": "a-long-secret-that-nobody-else-has-" + 30 * "k",
    "ALLOWED_HOSTS": "console.example",
    "DEBUG": "0",
    "DEMO": "0",
}
STRICT = {
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "CSRF_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "KNOWN_BROWSER_COOKIE_NAME": "__Host-known-browser",
    "LANGUAGE_COOKIE_NAME": "__Host-language",
    "LANGUAGE_COOKIE_SECURE": True,
    "LANGUAGE_COOKIE_HTTPONLY": True,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 365 * 24 * 60 * 60,
    "DEBUG": False,
    "SECURE_CONTENT_TYPE_NOSNIFF": True,
    "X_FRAME_OPTIONS": "DENY",
    "SECURE_REFERRER_POLICY": "same-origin",
}


def test_cookies_and_transport_are_strict_in_production() -> None:
    """The settings as a production server reads them, in a process of their own."""
    names = [*STRICT, "PASSWORD_HASHERS", "MESSAGES"]
    code = (
        "import json; from django.conf import settings; from django.utils.module_loading import import_string;"
        " settings.MESSAGES = import_string(settings.MESSAGE_STORAGE).storage_classes[0].cookie_name;"
        f" print(json.dumps({{name: getattr(settings, name) for name in {names!r}}}))"
    )
    environment = {**PRODUCTION, "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "reseller_console.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert found.pop("PASSWORD_HASHERS")[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert found.pop("MESSAGES") == "__Host-messages"
    assert found == STRICT
