"""Lines of the log: one object each, with what finds the others of the same request, and with nothing that opens."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.handlers.base import BaseHandler
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from accounts.roles import Role
from reseller_console.log_lines import JsonLines, TextLines
from reseller_console.logs import without_trace_of_refusals
from reseller_console.requests import HEADER
from tests.access.world import make_world
from tests.api.scim_world import program_of, token_named
from tests.client import signed_in
from tests.factories import PASSWORD, make_reseller, put_customer, put_person

pytestmark = pytest.mark.django_db

SECRET = "swordfish-of-a-test-7261"


class Log:
    """What a process would have written to standard error."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter)
        self.handler.addFilter(without_trace_of_refusals)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of_requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == "reseller_console.metrics.measuring"]


@pytest.fixture(params=[JsonLines, TextLines], ids=["json", "text"])
def either(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Log]:
    """The log in one form, then in the other."""
    settings.LOG_FORMAT = "json"
    with written(request.param()) as log:
        yield log


@pytest.fixture
def log(settings: Settings) -> Iterator[Log]:
    settings.LOG_FORMAT = "json"
    with written(JsonLines()) as log:
        yield log


class written:  # noqa: N801  reads as a word
    """A block in which the root logger writes into a Log, whatever its level."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.log = Log(formatter)

    def __enter__(self) -> Log:
        self.level = logging.root.level
        logging.root.addHandler(self.log.handler)
        logging.root.setLevel(logging.INFO)
        return self.log

    def __exit__(self, *_caught: object) -> None:
        logging.root.removeHandler(self.log.handler)
        logging.root.setLevel(self.level)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[HttpRequest], str]], None]:
    """Let every page fail, behind all middleware, with an error that says what is given."""

    def be(says: Callable[[HttpRequest], str]) -> None:
        def view(request: HttpRequest, *_arguments: object, **_options: object) -> HttpResponse:
            raise RuntimeError(says(request))

        monkeypatch.setattr(BaseHandler, "make_view_atomic", lambda _handler, _view: view)

    return be


# --- What a line says -----------------------------------------------------------------------------------


def test_each_request_is_one_line_with_who_asked_for_which_page_and_how_long_it_took(log: Log) -> None:
    customer = put_customer("A name that nobody else has")
    admin = put_person(customer, Role.SUPER_ADMIN)
    answer = signed_in(admin).get(
        reverse("users", kwargs={"domain": customer.primary_domain}), {"q": "searched"}, headers={HEADER: "f" * 32}
    )
    assert answer.status_code == 200
    [line] = log.of_requests()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert 0 < line.pop("duration") < 60
    assert line == {
        "level": "INFO",
        "logger": "reseller_console.metrics.measuring",
        "message": "GET users",
        "request_id": "f" * 32,
        "page": "users",
        "actor": admin.pk,
        "organisation": f"customer {customer.pk}",
        "console_of": f"customer {customer.pk}",
        "method": "GET",
        "status": 200,
    }
    assert [
        said for said in (admin.email, customer.primary_domain, customer.name, "searched") if said in log.text
    ] == []


def test_P15_a_program_is_named_by_its_token_and_shows_it_to_no_log(log: Log, db: None) -> None:
    reseller = make_reseller()
    program = program_of(reseller)
    program.get("Users")
    [line] = log.of_requests()
    token = token_named(reseller)
    assert (line["actor"], line["organisation"]) == (f"SCIM token {token.pk}", f"reseller {reseller.pk}")
    assert (line["page"], line["status"]) == ("scim_users", 200)
    assert program.code not in log.text


def test_nobody_and_those_of_a_reseller_and_of_the_vendor(log: Log) -> None:
    world = make_world()
    Client().get("/accounts/login/")
    signed_in(world.agent).get("/reseller/")
    signed_in(put_person(world.customer, Role.SUPER_ADMIN)).get("/nowhere/")
    nobody, agent, lost = log.of_requests()
    assert not {"actor", "organisation"} & nobody.keys()
    assert agent["organisation"] == f"reseller {world.reseller.pk}"
    assert (lost["status"], lost["message"]) == (404, "GET none")
    assert "page" not in lost


def test_in_text_requests_have_no_lines_of_their_own(settings: Settings) -> None:
    settings.LOG_FORMAT = "text"
    with written(TextLines()) as log:
        Client().get("/accounts/login/")
    assert log.text == ""


def test_every_line_of_a_request_has_its_number_and_what_comes_after_has_none(log: Log, broken: Any) -> None:
    broken(lambda _request: "on purpose")
    customer = put_customer()
    client = signed_in(put_person(customer, Role.SUPER_ADMIN), raise_request_exception=False)
    answer = client.get(reverse("console_home", args=[customer.primary_domain]))
    logging.getLogger("somewhere").warning("between two requests")
    *of_request, after = log.lines
    assert {line["request_id"] for line in of_request} == {answer.headers[HEADER]}
    assert "request_id" not in after
    [error] = [line for line in of_request if line["level"] == "ERROR"]
    assert error["exc_info"].endswith("RuntimeError: on purpose")


@pytest.mark.parametrize(
    "sent", ["short", "f" * 65, "with spaces and more", "ünïcödé-ünïcödé-ünïcödé", '"}{"level":"ERROR', "a" * 15 + "\t"]
)
def test_a_number_that_is_none_is_not_taken(sent: str, log: Log) -> None:
    answer = Client().get("/accounts/login/", headers={HEADER: sent})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers[HEADER])
    assert [line["request_id"] for line in log.of_requests()] == [answer.headers[HEADER]]


@pytest.mark.parametrize("path", ["/health/live", "/nowhere/", "/static/css/layout.css", "/accounts/login/"])
def test_every_answer_has_a_number(path: str) -> None:
    answers = [Client().get(path) for _ in range(2)]
    assert len({answer.headers[HEADER] for answer in answers}) == 2
    for answer in answers:
        list(answer)  # a file is open until it is read


def test_a_line_break_in_a_message_makes_no_second_line(log: Log) -> None:
    logging.getLogger("somewhere").warning("one\n%s", '{"level": "ERROR"}')
    [line] = log.lines
    assert line["message"] == 'one\n{"level": "ERROR"}'


def test_only_named_fields_get_in(log: Log) -> None:
    """Django and Celery put whole requests and arguments beside a message."""
    logging.getLogger("somewhere").warning("said", extra={"request": SECRET, "data": {"args": SECRET}, "any": SECRET})
    assert SECRET not in log.text


def test_writing_a_line_asks_the_database_nothing(log: Log, django_assert_num_queries: Any) -> None:
    client = Client()
    client.get("/accounts/login/")
    with django_assert_num_queries(0):
        client.get("/accounts/login/")
    assert len(log.of_requests()) == 2


# --- What no line says ----------------------------------------------------------------------------------


def everything(request: HttpRequest) -> str:
    """An error that tells all that the request has brought along, as careless code would."""
    parts = [dict(request.META), dict(request.COOKIES), dict(request.POST.lists()), request.session.session_key]
    return f"{parts} {request.get_full_path()} {request.session.session_key}"


def secrets_in(text: str, *secrets: str | None) -> list[str | None]:
    return [secret for secret in secrets if secret and secret in text]


def test_passwords_cookies_tokens_and_authorization_of_a_failing_form_are_in_no_line(either: Log, broken: Any) -> None:
    broken(everything)
    client = signed_in(put_person(put_customer(), Role.SUPER_ADMIN), raise_request_exception=False)
    client.cookies["kept"] = "kept-cookie-of-a-test-12345"
    typed = {"oldpassword": "old-password-1", "password1": SECRET, "password2": SECRET, "csrfmiddlewaretoken": "t" * 40}
    answer = client.post(
        reverse("account_change_password"), typed, headers={"Authorization": "Bearer letmein-12345", "Cookie-2": "x"}
    )
    assert answer.status_code == 500
    assert "RuntimeError" in either.text
    session = client.cookies[configured.SESSION_COOKIE_NAME].value
    told = ("old-password-1", SECRET, "t" * 40, "letmein-12345", "kept-cookie-of-a-test-12345", session)
    assert secrets_in(either.text, *told) == []


@pytest.mark.parametrize("path", ["/accounts/password/reset/key/1k-{}/", "/support/verify/{}/"])
def test_links_that_open_something_are_in_no_line_whatever_becomes_of_the_request(
    path: str, either: Log, broken: Any
) -> None:
    url = path.format(SECRET)
    Client().get(url)
    Client(enforce_csrf_checks=True).post(url, {"password1": SECRET})
    Client().put(url)
    broken(everything)
    Client(raise_request_exception=False).get(url, {"next": url}, headers={"Referer": f"https://console.example{url}"})
    assert "RuntimeError" in either.text
    assert SECRET not in either.text


def test_a_wrong_password_and_a_right_one_are_in_no_line(either: Log) -> None:
    person = put_person(put_customer(), Role.SUPER_ADMIN)
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    for password, status in ((SECRET, 200), (PASSWORD, 302)):
        answer = Client().post(reverse("account_login"), {"login": person.email, "password": password})
        assert answer.status_code == status
    assert either.text
    assert secrets_in(either.text, SECRET, PASSWORD) == []


def test_a_transfer_token_that_fails_to_be_used_is_in_no_line(either: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()

    def fails(*arguments: object) -> None:
        raise RuntimeError(f"could not look for {arguments}")

    client = signed_in(put_person(world.reseller, Role.RESELLER_ADMIN), raise_request_exception=False)
    monkeypatch.setattr("web.reseller.transfers.find_token", fails)
    answer = client.post(reverse("reseller_transfers"), {"domain": world.customer.primary_domain, "token": SECRET})
    assert answer.status_code == 500
    assert "could not look for" in either.text
    assert SECRET not in either.text


@pytest.mark.parametrize(
    "said",
    [
        f"Authorization: Bearer {SECRET}",
        f"{{'Authorization': 'Basic {SECRET}'}}",
        f"asked with bearer {SECRET}",
        f"Cookie: a=b; sessionid={SECRET}; other={SECRET}",
        f"Set-Cookie: __Host-sessionid={SECRET}; HttpOnly",
        f"user=a&password={SECRET}&x=1",
        f'{{"password": "{SECRET}"}}',
        f"METRICS_TOKEN={SECRET}",
        f"csrfmiddlewaretoken={SECRET}",
        f"cannot connect to redis://:{SECRET}@redis:6379/0",
        f"postgresql://console_app:{SECRET}@postgres:5432/console refused",
        f"https://console.example/accounts/password/reset/key/1k-{SECRET}/",
        f"opened '/support/verify/{SECRET}'",
        f"hash argon2$argon2id$v=19$m=102400,t=2,p=8${SECRET}",
        f"null value violates\nDETAIL:  Failing row contains (1, {SECRET}, t).",
    ],
)
def test_what_looks_like_a_secret_is_in_no_line_also_where_no_request_is(said: str, either: Log) -> None:
    logger = logging.getLogger("somewhere")
    logger.error("before %s", said)
    try:
        raise RuntimeError(said)
    except RuntimeError:
        logger.exception("caught")
        logger.warning("here", stack_info=True)
    assert "before" in either.text
    assert SECRET not in either.text


@pytest.mark.parametrize("word", ["token", "a://", "password=", "bearer "])
def test_a_long_text_of_words_like_those_of_secrets_is_looked_through_once(word: str, either: Log) -> None:
    """Anybody can ask for such a path: a pattern that tries each place again would keep the web server for minutes."""
    logging.getLogger("somewhere").error("Not Found: /%s end", word * 10_000)
    assert "Not Found" in either.text


def test_a_visitor_does_not_choose_which_words_are_missing_in_a_line(either: Log) -> None:
    client = Client()
    client.cookies.load({"a": "Not Found", "b": "/nowhere"})
    assert client.get("/nowhere/").status_code == 404
    assert "Not Found: /nowhere/" in either.text


def test_what_the_database_says_of_a_row_is_in_no_line(either: Log) -> None:
    person = put_person(put_customer(), Role.SUPER_ADMIN)
    User.objects.filter(pk=person.pk).update(password=SECRET)
    try:
        User.objects.filter(pk=person.pk).update(email=None)
    except IntegrityError:
        logging.getLogger("somewhere").exception("refused")
    assert "refused" in either.text
    assert secrets_in(either.text, SECRET, person.email) == []


def test_ordinary_lines_are_left_as_they_are(log: Log) -> None:
    said = "mail: 3 done, more to do; access change of grant 17 failed: key 5, the token was revoked; 2026-11-30"
    logging.getLogger("somewhere").info(said)
    assert log.lines[0]["message"] == said
