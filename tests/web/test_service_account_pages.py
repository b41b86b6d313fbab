"""The pages *Service accounts* (X2): of a customer for its super admins, of a reseller for its admins."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.machines.granting import grant
from accounts.machines.scopes import PREFIX
from accounts.machines.tokens import show
from accounts.models import Customer, ServiceAccount, ServiceAccountKey, User
from accounts.roles import Role
from tests.api.machines import account_of, assertion, key_of
from tests.client import main_text_of, signed_in, text_of
from tests.factories import make_customer, make_person, make_reseller

USERS, GROUPS = f"{PREFIX}admin.directory.user", f"{PREFIX}admin.directory.group"


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def browser(ana: User) -> Client:
    return signed_in(ana)


def url(page: str, **names: object) -> str:
    return reverse(page, kwargs={"domain": "acme.example", **names})


def file_of(browser: Client, made: Any) -> dict[str, str]:
    """The file that is offered after a key was made, as it is downloaded."""
    assert made.status_code == 303
    account = ServiceAccount.objects.get(name="Backup")
    assert "Download the key" in text_of(browser.get(made.headers["Location"]))
    link = made.headers["Location"].replace("ready", "file")
    assert browser.head(link).status_code == 302, "a HEAD takes nothing away, and says nothing of what waits"
    answer = browser.get(link)
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{account.email.split("@")[0]}-')
    again = browser.get(link, follow=True)
    assert "There is no key to download" in text_of(again)
    said: dict[str, str] = json.loads(answer.content)
    return said


def test_X2_an_account_is_made_gets_a_key_and_works(acme: Customer, ana: User, browser: Client) -> None:
    assert "No service accounts yet" in text_of(browser.get(url("service_accounts")))
    made = browser.post(url("service_account_new"), {"name": "Backup", "scopes": [USERS]}, follow=True)
    page = main_text_of(made)
    assert "Users" in page and USERS in page and "No keys yet" in page
    account = ServiceAccount.objects.get()
    file = file_of(browser, browser.post(url("service_account_key_new", account_id=account.pk), {"days": "90"}))
    shown = show(grant(assertion(file, ana.email)).token)
    assert shown and shown.person == ana
    page = main_text_of(browser.get(url("service_account", account_id=account.pk)))
    assert file["private_key_id"] in page and file["private_key"].splitlines()[3] not in page
    listed = main_text_of(browser.get(url("service_accounts")))
    assert "Backup" in listed and "Active" in listed and account.email in listed


def test_X2_a_key_is_rotated_and_revoked(acme: Customer, ana: User, browser: Client) -> None:
    account = account_of(ana, name="Backup")
    old = key_of(account, ana)
    key = ServiceAccountKey.objects.get()
    names = {"account_id": account.pk, "key_id": key.pk}
    new = file_of(browser, browser.post(url("service_account_key_rotate", **names), {"overlap": "1"}))
    assert grant(assertion(old, ana.email)) and grant(assertion(new, ana.email))
    page = browser.post(url("service_account_key_revoke", **names), follow=True)
    assert "The key is revoked" in text_of(page)
    assert "revoked already" in text_of(browser.post(url("service_account_key_revoke", **names), follow=True))
    assert grant(assertion(new, ana.email))


def test_X2_what_is_unticked_is_taken_and_what_is_ticked_is_given(acme: Customer, ana: User, browser: Client) -> None:
    account = account_of(ana, USERS, name="Backup")
    page = url("service_account_scopes", account_id=account.pk)
    assert "Saved" in text_of(browser.post(page, {"scopes": [GROUPS]}, follow=True))
    account.refresh_from_db()
    assert account.scopes == [GROUPS]
    assert "Nothing was changed" in text_of(browser.post(page, {"scopes": [GROUPS]}, follow=True))
    assert browser.post(page, {"scopes": ["https://mail.google.com/"]}).status_code == 422
    assert browser.post(page, {}).status_code == 422


def test_X2_an_account_is_suspended_restored_and_deleted(acme: Customer, ana: User, browser: Client) -> None:
    account = account_of(ana, name="Backup")
    said = []
    for deed in ("suspend", "restore", "delete"):
        page = browser.post(url(f"service_account_{deed}", account_id=account.pk), follow=True)
        said.append(text_of(page))
    assert "is suspended" in said[0] and "works again" in said[1] and "is deleted" in said[2]
    assert browser.post(url("service_account_suspend", account_id=account.pk)).status_code == 404
    assert "Deleted" in main_text_of(browser.get(url("service_account", account_id=account.pk)))


@pytest.mark.parametrize(
    "data",
    [{}, {"name": "x"}, {"scopes": [USERS]}, {"name": "x" * 101, "scopes": [USERS]}, {"name": "x", "scopes": ["y"]}],
)
def test_X2_what_is_wrong_is_said_beside_it(browser: Client, data: dict[str, Any]) -> None:
    assert browser.post(url("service_account_new"), data).status_code == 422
    assert not ServiceAccount.objects.exists()


def test_X2_a_stranger_s_account_is_no_page(acme: Customer, browser: Client) -> None:
    admin = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)
    theirs = account_of(admin, name="Theirs")
    own = account_of(User.objects.get(email="ana@acme.example"), name="Own")
    key_of(theirs, admin)
    key = ServiceAccountKey.objects.get()
    for page in ("", "_scopes", "_key_new", "_key_ready", "_key_file"):
        assert browser.get(url(f"service_account{page}", account_id=theirs.pk)).status_code == 404
    for page in ("_suspend", "_restore", "_delete"):
        assert browser.post(url(f"service_account{page}", account_id=theirs.pk)).status_code == 404
    for account in (own, theirs):
        for page in ("_key_rotate", "_key_revoke"):
            names = {"account_id": account.pk, "key_id": key.pk}
            assert browser.post(url(f"service_account{page}", **names), {"overlap": "1"}).status_code == 404
    assert "Theirs" not in text_of(browser.get(url("service_accounts")))
    key.refresh_from_db()
    assert key.revoked_at is None


def test_X2_a_reseller_s_admin_has_the_same_pages(db: None) -> None:
    reseller = make_reseller("Resale", "resale.example")
    browser = signed_in(make_person(reseller, Role.RESELLER_ADMIN, name="Rosa"))
    assert reverse("reseller_service_accounts") in browser.get(reverse("reseller_staff")).content.decode()
    browser.post(reverse("reseller_service_account_new"), {"name": "Backup", "scopes": [f"{PREFIX}apps.order"]})
    account = ServiceAccount.objects.get(reseller=reseller)
    made = browser.post(reverse("reseller_service_account_key_new", kwargs={"account_id": account.pk}), {"days": "30"})
    file = file_of(browser, made)
    assert grant(assertion(file, "rosa@resale.example", "apps.order"))
