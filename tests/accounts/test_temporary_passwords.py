from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.directory import passwords, people, renaming
from accounts.models import User
from accounts.roles import Role
from subscriptions import leaving
from tests.factories import PASSWORD, fresh, make_customer, make_person

pytestmark = pytest.mark.django_db

SIGN_IN, SIGN_OUT, CHANGE = "/accounts/login/", "/accounts/logout/", "/accounts/password/change/"
NEW = "another-lantern-orchard"


@pytest.fixture(autouse=True)
def no_counted_attempts(db: None) -> Iterator[None]:
    """Each test begins with all its attempts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    customer = make_customer("Acme", "acme.example")
    make_person(customer, Role.SUPER_ADMIN, name="Sue")
    return make_person(customer, Role.AUDITOR, name="Alice", email="alice@acme.example", password=PASSWORD)


def sign_in(client: Client, password: str) -> Any:
    return client.post(SIGN_IN, {"login": "alice@acme.example", "password": password})


def change(client: Client, old: str, new: str) -> Any:
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})


def test_with_a_temporary_password_only_choosing_ones_own_is_open(alice: User) -> None:
    temporary, client = passwords.reset_password(actor=None, person=alice), Client()
    assert sign_in(Client(), PASSWORD).status_code == 200, "the old password is gone"
    assert sign_in(client, temporary).status_code == 302
    for path in ("/", "/console/acme.example/", "/accounts/sessions/", "/help/reseller-access/", "/no/such/page/"):
        for answer in (client.get(path), client.post(path)):
            assert (answer.status_code, answer["Location"]) == (302, CHANGE), path
    piece = client.get("/console/acme.example/", headers={"HX-Request": "true"})
    assert (piece.status_code, piece["HX-Redirect"]) == (204, CHANGE)
    assert "Choose your own password" in client.get(CHANGE).content.decode()
    assert client.post("/preferences/", {"language": "fr"}).status_code == 302
    assert change(client, temporary, temporary).status_code == 200, "the temporary one is not kept"
    assert fresh(alice).must_change_password
    changed = change(client, temporary, NEW)
    assert (changed.status_code, changed["Location"]) == (302, "/"), "nobody is asked for another password at once"
    assert not fresh(alice).must_change_password
    assert sign_in(client, NEW).status_code == 302
    assert client.get("/console/acme.example/").status_code == 200


def test_with_a_temporary_password_one_can_sign_out(alice: User, client: Client) -> None:
    sign_in(client, passwords.reset_password(actor=None, person=alice))
    assert client.post(SIGN_OUT).status_code == 302
    assert client.get("/").status_code == 302 and CHANGE not in client.get("/")["Location"]


def test_a_first_password_that_is_temporary_is_changed_at_the_first_sign_in(alice: User, client: Client) -> None:
    people.create_user(
        actor=None,
        organisation=alice.customer,  # type: ignore[arg-type]
        email="new@acme.example",
        name="New",
        password=PASSWORD,
        must_change_password=True,
    )
    client.post(SIGN_IN, {"login": "new@acme.example", "password": PASSWORD})
    assert client.get("/")["Location"] == CHANGE


def reset_link(client: Client) -> str:
    client.post("/accounts/password/reset/", {"email": "alice@acme.example"})
    [link] = re.findall(r"http://127.0.0.1:8000(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    return str(link)


def test_a_link_by_mail_replaces_a_temporary_password_too(alice: User, client: Client) -> None:
    passwords.reset_password(actor=None, person=alice)
    form = client.get(reset_link(client), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert not fresh(alice).must_change_password
    assert sign_in(client, NEW).status_code == 302
    assert client.get("/console/acme.example/").status_code == 200


@pytest.mark.parametrize("leave", [people.suspend_user, leaving.delete_user_with_licences])
@pytest.mark.parametrize("opened", [True, False])
def test_P8_a_link_from_before_sets_no_password_of_somebody_who_is_out(
    leave: Any, opened: bool, alice: User, client: Client
) -> None:
    link = reset_link(client)
    path = client.get(link, follow=True).redirect_chain[-1][0] if opened else link
    leave(actor=None, person=alice)
    assert "token_fail" in client.get(path, follow=True).context
    client.post(path, {"password1": NEW, "password2": NEW})
    assert fresh(alice).check_password(PASSWORD)
    client.post("/accounts/password/reset/", {"email": "alice@acme.example"})
    assert "/password/reset/key/" not in str(mail.outbox[-1].body)


def test_whoever_gets_an_old_address_gets_no_link_to_the_account_it_belonged_to(alice: User, client: Client) -> None:
    link = reset_link(client)
    renaming.rename_user(actor=None, person=alice, email="renamed@acme.example")
    renaming.remove_alias(actor=None, person=alice, email="alice@acme.example")
    assert "token_fail" in client.get(link, follow=True).context
    heir = make_person(alice.customer, name="Heir", email="alice@acme.example")  # type: ignore[arg-type]
    mail.outbox.clear()
    link = reset_link(client)
    assert len(mail.outbox) == 1
    path = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(path, {"password1": NEW, "password2": NEW})
    assert fresh(heir).check_password(NEW)
    assert fresh(alice).check_password(PASSWORD)
    assert not EmailAddress.objects.filter(user=alice, email="alice@acme.example").exists()
