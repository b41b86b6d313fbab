"""The pages *Provisioning* (P15): of a customer for its super admins, of a reseller for its admins."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, Reseller, ScimToken, User
from accounts.roles import Role
from tests.api.scim_world import Program, make_token, token_named
from tests.client import main_text_of, signed_in, text_of
from tests.factories import make_customer, make_person, make_reseller

NEW = {"name": "Entra ID", "days": "180"}


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


def code_on(page: str) -> str:
    [code] = re.findall(r'id="token">(rcscim_[\w-]+)<', page)
    return str(code)


def test_P15_a_token_is_made_shown_once_and_works(acme: Customer, browser: Client) -> None:
    assert "No tokens yet" in text_of(browser.get(url("provisioning")))
    made = browser.post(url("provisioning_new"), NEW)
    assert (made.status_code, made.headers["Location"]) == (303, url("provisioning_token"))
    page = browser.get(url("provisioning_token"))
    code = code_on(page.content.decode())
    assert "/scim/v2" in text_of(page)
    assert Program(code, Client()).create("zoe@acme.example").status_code == 201
    again = browser.get(url("provisioning_token"))
    assert code not in again.content.decode() and "There is no token to show" in text_of(again)
    listed = main_text_of(browser.get(url("provisioning")))
    assert "Entra ID" in listed and "Active" in listed and "Never" not in listed
    assert code not in listed


def test_P15_a_token_that_was_not_used_says_so(acme: Customer, browser: Client) -> None:
    make_token(acme)
    assert "Never" in main_text_of(browser.get(url("provisioning")))


@pytest.mark.parametrize("data", [{}, {"name": "", "days": "180"}, {"name": "x", "days": "7"}, {"name": "x" * 101}])
def test_P15_what_is_wrong_is_said_beside_it(browser: Client, data: dict[str, str]) -> None:
    assert browser.post(url("provisioning_new"), data).status_code == 422
    assert not ScimToken.objects.exists()


def test_P15_a_name_that_was_used_is_refused_beside_the_name(acme: Customer, browser: Client) -> None:
    make_token(acme)
    page = browser.post(url("provisioning_new"), NEW)
    assert page.status_code == 422
    assert "Another token has or had this name" in text_of(page)


def test_P15_a_token_is_replaced_and_revoked(acme: Customer, browser: Client) -> None:
    program = Program(make_token(acme), Client())
    names = {"scim_token_id": token_named(acme).pk}
    assert browser.post(url("provisioning_replace", **names)).status_code == 303
    new = Program(code_on(browser.get(url("provisioning_token")).content.decode()), Client())
    assert (program.get("Users").status_code, new.get("Users").status_code) == (401, 200)
    page = browser.post(url("provisioning_revoke", **names), follow=True)
    assert "Entra ID is revoked" in text_of(page)
    assert new.get("Users").status_code == 401
    listed = main_text_of(browser.get(url("provisioning")))
    assert "Revoked" in listed and "Replace" not in listed
    assert "revoked already" in text_of(browser.post(url("provisioning_revoke", **names), follow=True))


def test_P15_a_stranger_s_token_is_no_page(acme: Customer, browser: Client) -> None:
    globex = make_customer("Globex", "globex.example")
    make_token(globex, "Theirs")
    names = {"scim_token_id": token_named(globex, "Theirs").pk}
    for page in ("provisioning_replace", "provisioning_revoke"):
        assert browser.post(url(page, **names)).status_code == 404
    assert "Theirs" not in text_of(browser.get(url("provisioning")))
    assert token_named(globex, "Theirs").revoked_at is None


def test_P15_a_reseller_has_the_page_too(db: None) -> None:
    reseller: Reseller = make_reseller("Resale", "resale.example")
    browser = signed_in(make_person(reseller, Role.RESELLER_ADMIN))
    assert reverse("reseller_provisioning") in browser.get(reverse("reseller_staff")).content.decode()
    made = browser.post(reverse("reseller_provisioning_new"), {**NEW, "invites_people": "on"})
    program = Program(code_on(browser.get(made.headers["Location"]).content.decode()), Client())
    assert program.create("tom@resale.example").status_code == 201
    listed = main_text_of(browser.get(reverse("reseller_provisioning")))
    assert "Sends new people an invitation" in listed
    [token] = ScimToken.objects.filter(reseller=reseller)
    browser.post(reverse("reseller_provisioning_revoke", kwargs={"scim_token_id": token.pk}))
    assert program.get("Users").status_code == 401
