"""What Prometheus is told, and that nobody else is: of pages by their names, of rows by numbers, of nobody by name."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.roles import Role
from api.core.documents import endpoints
from reseller_console.metrics import counted
from tests.client import signed_in
from tests.contract.resolver import addresses
from tests.factories import PASSWORD, put_customer, put_person
from tests.reseller_console.metrics import SHOWN, TOKEN, Series, a_token_is_set, parsed, rows, scrape, value

__all__ = ["a_token_is_set", "rows"]

pytestmark = pytest.mark.django_db

LABELS = {"page", "status", "le", "kind", "who", "part", "reason"}


# --- To whom --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization", ["", TOKEN, f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN} ", "Bearer ", f"Basic {TOKEN}"]
)
def test_without_the_token_there_is_no_such_page(authorization: str) -> None:
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        answer = Client().generic(method, "/metrics", headers={"Authorization": authorization})
        assert (answer.status_code, answer.content) == (404, b""), method


def test_where_no_token_is_set_nobody_is_told(settings: Settings, rows: None) -> None:
    assert scrape()
    settings.METRICS_TOKEN = ""
    for shown in (SHOWN, {"Authorization": "Bearer "}, {"Authorization": "Bearer"}, {}):
        assert Client().get("/metrics", headers=shown).status_code == 404


def test_a_super_admin_who_is_signed_in_is_nobody_either() -> None:
    assert signed_in(put_person(put_customer(), Role.SUPER_ADMIN)).get("/metrics").status_code == 404


def test_a_scrape_begins_no_session(rows: None) -> None:
    scrape()
    assert not Session.objects.exists()


# --- What a web server counts ---------------------------------------------------------------------------


def requests_of(found: dict[Series, float], page: str, status: str) -> float:
    return value(found, "console_requests_total", page=page, status=status)


def test_an_answer_is_counted_by_the_name_of_its_page_and_never_by_its_path(rows: None) -> None:
    customer = put_customer("A name that nobody else has")
    admin = put_person(customer, Role.SUPER_ADMIN)
    before, client = scrape(), signed_in(admin)
    for name, expected in (("console_home", 200), ("users", 200), ("user", 404), ("audit_log", 200)):
        kwargs = {"domain": customer.primary_domain} | ({"user_id": 10**9} if name == "user" else {})
        assert client.get(reverse(name, kwargs=kwargs), {"q": admin.email}).status_code == expected
    assert client.get(f"/{admin.email}/{customer.primary_domain}").status_code == 404
    answer = Client().get("/metrics", headers=SHOWN).content.decode()
    found = parsed(answer)
    for page, status in (("console_home", "200"), ("users", "200"), ("user", "404"), ("none", "404")):
        assert requests_of(found, page, status) == requests_of(before, page, status) + 1
        took = "console_request_duration_seconds_count"
        assert value(found, took, page=page) == value(before, took, page=page) + 1
    said = (admin.email, customer.primary_domain, customer.name, "people.example", str(10**9))
    assert [part for part in said if part in answer] == []


def test_labels_are_few_and_their_values_are_known_before_anybody_comes(rows: None) -> None:
    client = signed_in(put_person(put_customer(), Role.SUPER_ADMIN))
    for path in ("/", "/nowhere", "/nowhere/at/all", "/console/a.example/", "/accounts/login/"):
        client.get(path)
    found = [labels for _name, labels in scrape()]
    assert {label for labels in found for label, _value in labels} <= LABELS
    pages = {value for labels in found for label, value in labels if label == "page"}
    known = {address.name for address in addresses()} | {f"api:{endpoint.id}" for endpoint in endpoints()}
    assert pages <= known | {"none"}
    # A web server that has answered every page, and every method of an API, in five ways.
    assert len(known) * (5 + len(counted.STEPS) + 3) < 12_000


def test_probes_scrapes_and_files_are_not_counted(rows: None) -> None:
    before = scrape()
    for path in ("/health/live", "/metrics", "/static/css/layout.css"):
        list(Client().get(path, headers=SHOWN))
    now = scrape()
    assert {key: number for key, number in now.items() if "requests" in key[0]} == {
        key: number for key, number in before.items() if "requests" in key[0]
    }


def test_what_is_under_way_is_over_also_where_a_page_fails(rows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def broken(*_arguments: object, **_options: object) -> None:
        seen.append(counted.UNDER_WAY._value.get())  # noqa: SLF001  in the middle of a request
        raise RuntimeError("on purpose")

    monkeypatch.setattr("web.guards.permissions_on", broken)
    customer = put_customer()
    client = signed_in(put_person(customer, Role.SUPER_ADMIN), raise_request_exception=False)
    before = scrape()
    assert client.get(reverse("console_home", args=[customer.primary_domain])).status_code == 500
    assert seen[0] == 1
    found = scrape()
    assert value(found, "console_requests_in_progress") == 0
    assert requests_of(found, "console_home", "500") == requests_of(before, "console_home", "500") + 1


def test_P14_refused_sign_ins_are_counted_and_the_others_are_not(rows: None) -> None:
    customer = put_customer()
    person = put_person(customer, Role.SUPER_ADMIN)
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    before, client = scrape(), Client()
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), {"login": person.email, "password": "not this one"})
    client.post(reverse("account_login"), {"login": "nobody@customer.example", "password": "not this one"})
    assert Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "x"}).status_code == 403
    assert client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD}).status_code == 302
    found, name = scrape(), "console_sign_ins_refused_total"
    assert value(found, name, reason="wrong") == value(before, name, reason="wrong") + 2
    assert value(found, name, reason="too_many") == value(before, name, reason="too_many")
    wrong = {"login": person.email, "password": "not this one"}
    assert [client.post(reverse("account_login"), wrong).status_code for _ in range(40)][-1] == 429
    assert value(scrape(), name, reason="too_many") > value(before, name, reason="too_many")
