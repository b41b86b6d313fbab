"""The pages of applications: of the admins who register them, and of the people who allow them (X7)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.applications.registering import Where
from accounts.machines.scopes import whole
from accounts.models import AuditEvent, Consent, Customer, ServiceAccount, User
from accounts.roles import Role
from tests.api.applications import USERS, Program, application, led_to
from tests.client import main_text_of, make_stale, signed_in, text_of, url_of
from tests.factories import PASSWORD, make_customer, make_person, make_reseller

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def browser(ana: User) -> Client:
    return signed_in(ana)


def url(name: str, **names: Any) -> str:
    return url_of(name, Customer.objects.get(name="Acme"), **names)


GROUPS = whole("admin.directory.group")
NEW = {"name": "Reports", "where": "public", "scopes": [USERS]}


def test_X7_an_application_is_registered_and_its_file_downloaded_once(browser: Client) -> None:
    page = browser.post(url("application_new"), NEW, follow=True)
    assert "Download client_secrets.json" in text_of(page)
    account = ServiceAccount.objects.get()
    answer = browser.get(url("application_file", account_id=account.pk))
    said = json.loads(answer.content)["installed"]
    assert said["client_id"] == account.unique_id and said["auth_uri"].endswith("/o/oauth2/v2/auth")
    assert account.oauth_client is not None and account.oauth_client.check_secret(said["client_secret"])
    again = browser.get(url("application_file", account_id=account.pk), follow=True)
    assert "There is no file to download" in text_of(again)
    shown = main_text_of(browser.get(url("application", account_id=account.pk)))
    for words in ("Reports", account.unique_id, "See users", "http://localhost", "No people yet"):
        assert words in shown
    assert said["client_secret"] not in shown
    # It is no service account: no key is made for it.
    assert browser.get(url("service_account", account_id=account.pk)).status_code == 404
    assert "Reports" not in main_text_of(browser.get(url("service_accounts")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"where": "elsewhere"},
        {"scopes": []},
        {"where": "confidential"},
        {"where": "confidential", "redirects": "http://reports.acme.example/"},
        {"where": "confidential", "redirects": "https://*.acme.example/"},
        {"where": "confidential", "redirects": "https://ana@acme.example/"},
        {"where": "confidential", "redirects": "https://acme.example/#part"},
        {"where": "confidential", "redirects": "https://acme.example:0/"},
        {"where": "confidential", "redirects": "https://[acme/"},
        {"where": "confidential", "redirects": "javascript:alert(1)"},
        {"where": "confidential", "redirects": "\n".join(f"https://acme.example/{n}" for n in range(11))},
    ],
)
def test_X7_what_is_wrong_is_said_beside_it(browser: Client, wrong: dict[str, Any]) -> None:
    assert browser.post(url("application_new"), {**NEW, **wrong}).status_code == 422
    assert not ServiceAccount.objects.exists()


def test_X7_who_allows_it_is_listed_and_ended(acme: Customer, ana: User, browser: Client) -> None:
    program = Program(application(ana))
    ben = make_person(acme, name="Ben")
    tokens = program.allowed_by(ben)
    page = url("application", account_id=program.account.pk)
    assert "Ben" in main_text_of(browser.get(page)) and "1 person" in main_text_of(browser.get(url("applications")))
    end = url("application_consent_end", account_id=program.account.pk)
    assert "no longer acts for" in text_of(browser.post(end, {"consent": Consent.objects.get().pk}, follow=True))
    assert "over already" in text_of(browser.post(end, {"consent": Consent.objects.get().pk}, follow=True))
    assert "over already" in text_of(browser.post(end, {"consent": "x"}, follow=True))
    assert program.users(tokens["access_token"]).status_code == 401
    browser.post(url("application_end", account_id=program.account.pk))
    assert "Ended" in main_text_of(browser.get(page))
    assert browser.post(url("application_end", account_id=program.account.pk)).status_code == 404


def test_X7_what_is_taken_holds_at_once_and_what_is_given_is_asked_for(ana: User, browser: Client) -> None:
    program = Program(application(ana, USERS, "email"))
    tokens = program.allowed_by(ana, USERS, "email")
    change = url("application_change", account_id=program.account.pk)
    assert "Where it leads people back to" not in main_text_of(browser.get(change))
    assert "Nothing was changed" in text_of(browser.post(change, {"scopes": [USERS, whole("email")]}, follow=True))
    assert "from the next call on" in text_of(browser.post(change, {"scopes": [whole("email"), GROUPS]}, follow=True))
    assert program.users(tokens["access_token"]).status_code == 403
    refreshed = program.refresh(tokens["refresh_token"]).json()
    assert refreshed["scope"] == "email"
    # Given again it is asked for again, also where the token is still the one of before.
    browser.post(change, {"scopes": [USERS, whole("email"), GROUPS]})
    assert program.users(tokens["access_token"]).status_code == 403
    assert program.refresh(program.allowed_by(ana, "email")["refresh_token"]).json()["scope"] == "email"
    browser.post(change, {"scopes": [whole("email"), GROUPS]})
    again = program.allowed_by(ana, GROUPS)
    assert GROUPS in again["scope"]
    assert browser.post(change, {"scopes": []}).status_code == 422
    event = AuditEvent.objects.filter(name="CHANGE_OAUTH_CLIENT").latest("id")
    assert event.new_value == {"scopes": [GROUPS, "email"]}


def asked_to_prove(answer: Any) -> bool:
    return answer.status_code == 302 and str(answer.url).startswith("/accounts/confirm/")


def test_P13_only_what_gives_asks_for_a_proof(ana: User, browser: Client) -> None:
    account = application(ana, USERS, "email").account
    make_stale(browser)
    change = url("application_change", account_id=account.pk)
    assert browser.post(change, {"scopes": [USERS]}).url == url("application", account_id=account.pk)  # type: ignore[attr-defined]
    assert asked_to_prove(browser.post(change, {"scopes": [GROUPS]}))
    # What was taken stays taken, whatever becomes of what is given.
    assert ServiceAccount.objects.get().scopes == []
    assert asked_to_prove(browser.post(url("application_secret", account_id=account.pk)))


def test_X7_addresses_of_one_on_a_web_server_are_changed(ana: User, browser: Client) -> None:
    old, new = "https://reports.acme.example/back", "https://reports.acme.example/again"
    account = application(ana, USERS, where=Where.SERVER, redirects=(old,)).account
    change = url("application_change", account_id=account.pk)
    assert old in main_text_of(browser.get(change))
    wrong = browser.post(change, {"scopes": [USERS], "redirects": f"{new}\nhttp://reports.acme.example/"})
    assert wrong.status_code == 422 and new in text_of(wrong)
    browser.post(change, {"scopes": [USERS], "redirects": new})
    assert ServiceAccount.objects.get().oauth_client.get_redirect_uris() == [new]
    event = AuditEvent.objects.filter(name="CHANGE_OAUTH_CLIENT").latest("id")
    assert (event.old_value, event.new_value) == ({"redirects": []}, {"redirects": [new]})


def test_X7_with_a_new_secret_the_one_before_exchanges_nothing(ana: User, browser: Client) -> None:
    back = "https://reports.acme.example/back"
    program = Program(application(ana, USERS, where=Where.SERVER, redirects=(back,)))
    assert program.account.oauth_client is not None
    page = browser.post(url("application_secret", account_id=program.account.pk), follow=True)
    assert "Download client_secrets.json" in text_of(page)
    said = json.loads(browser.get(url("application_file", account_id=program.account.pk)).content)["web"]
    client = ServiceAccount.objects.get().oauth_client
    assert client is not None
    assert client.check_secret(said["client_secret"]) and not client.check_secret(program.new.secret)
    assert said["redirect_uris"] == [back]


def test_X7_a_person_sees_what_they_allow_and_removes_it(acme: Customer, ana: User, browser: Client) -> None:
    program = Program(application(ana))
    tokens = program.allowed_by(ana, USERS, "email")
    other = make_person(acme, name="Ben")
    page = main_text_of(browser.get(reverse("own_applications")))
    for words in ("Reports", "See users", "See the address"):
        assert words in page
    assert "You allow nothing" in main_text_of(signed_in(other).get(reverse("own_applications")))
    sent = {"consent": Consent.objects.get().pk}
    assert "over already" in text_of(signed_in(other).post(reverse("own_applications"), sent, follow=True))
    assert program.users(tokens["access_token"]).status_code == 200
    assert "Removed" in text_of(browser.post(reverse("own_applications"), sent, follow=True))
    assert program.users(tokens["access_token"]).status_code == 401


def test_X7_a_stranger_s_application_is_no_page(ana: User, browser: Client) -> None:
    admin = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)
    theirs = Program(application(admin, name="Theirs"))
    theirs.allowed_by(admin)
    consent = Consent.objects.get()
    for page in ("application", "application_ready", "application_file"):
        assert browser.get(url(page, account_id=theirs.account.pk)).status_code == 404
    for page in ("application_end", "application_consent_end"):
        answer = browser.post(url(page, account_id=theirs.account.pk), {"consent": consent.pk})
        assert answer.status_code == 404
    own = application(ana, name="Own").account
    browser.post(url("application_consent_end", account_id=own.pk), {"consent": consent.pk})
    browser.post(reverse("own_applications"), {"consent": consent.pk})
    assert "Theirs" not in text_of(browser.get(url("applications")))
    consent.refresh_from_db()
    assert consent.ended_at is None


def test_X7_the_page_that_asks_lets_its_form_lead_to_the_application_alone(ana: User, browser: Client) -> None:
    program = Program(application(ana))
    policy = browser.get(program.url()).headers["Content-Security-Policy"]
    assert "form-action 'self' http://localhost:4711;" in policy + ";"
    policy = browser.get(program.url(redirect_uri="http://[::1]:4711/")).headers["Content-Security-Policy"]
    assert "form-action 'self' http:;" in policy + ";"
    assert "form-action 'self';" in browser.get(reverse("own_applications")).headers["Content-Security-Policy"] + ";"


def test_P13_what_was_allowed_waits_for_a_proof_and_then_leads_on_by_a_page(ana: User) -> None:
    program = Program(application(ana))
    ana.set_password(PASSWORD)
    ana.save()
    browser = signed_in(ana)
    make_stale(browser)
    asked = browser.post(program.url(), {"answer": "allow"})
    assert asked.headers["Location"].startswith(reverse("fresh_proof")) and not Consent.objects.exists()
    answer = browser.post(asked.headers["Location"], {"password": PASSWORD})
    # From the form of the proof no policy lets a redirect lead elsewhere.
    page = browser.get(answer.headers["Location"])
    assert page.status_code == 200 and led_to(page).startswith("http://localhost:4711/?code=")
    assert Consent.objects.get().person == ana


def test_X7_prompt_login_asks_for_a_proof_and_a_hint_is_heeded(ana: User, browser: Client) -> None:
    program = Program(application(ana))
    assert browser.get(program.url(prompt="login")).status_code == 200
    assert "To answer as that person" in text_of(browser.get(program.url(login_hint="ben@acme.example")))
    assert "To answer as that person" not in text_of(browser.get(program.url(login_hint=ana.email)))
    make_stale(browser)
    assert browser.get(program.url()).status_code == 200
    assert browser.get(program.url(prompt="login")).headers["Location"].startswith(reverse("fresh_proof"))
    sign_in = Client().get(program.url(login_hint="ben@acme.example"), follow=True)
    assert 'value="ben@acme.example"' in sign_in.content.decode()


def test_X7_a_reseller_s_admin_has_the_same_pages(db: None) -> None:
    reseller = make_reseller("Resale", "resale.example")
    browser = signed_in(make_person(reseller, Role.RESELLER_ADMIN, name="Rosa"))
    assert reverse("reseller_applications") in browser.get(reverse("reseller_staff")).content.decode()
    browser.post(reverse("reseller_application_new"), NEW)
    account = ServiceAccount.objects.get(reseller=reseller)
    page = reverse("reseller_application", kwargs={"account_id": account.pk})
    assert "Reports" in main_text_of(browser.get(page))
