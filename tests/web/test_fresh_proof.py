"""P13: what was ticked or typed survives the proof, and is saved after it without another click, once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from accounts.directory.rules import organisation_of
from accounts.models import AuditEvent, FailedSignIns, Kept, RoleAssignment, User
from accounts.proof import PROVED_AT, SIGNED_IN_AT
from accounts.roles import Role
from tests.accounts.signing_in import alice, no_counted_attempts
from tests.client import signed_in
from tests.factories import PASSWORD, make_person
from tests.second_factors import code_of, give_app

__all__ = ["alice", "no_counted_attempts"]

pytestmark = pytest.mark.django_db

PROOF = "/accounts/confirm/"


@pytest.fixture
def bob(alice: User) -> User:
    return colleague(alice, "Bob")


def colleague(alice: User, name: str) -> User:
    return make_person(organisation_of(alice), name=name)


def stale(person: User) -> Client:
    """A browser in which a person signed in eleven minutes ago."""
    client = signed_in(person)
    client.get("/preferences/")
    return age(client)


def age(client: Client) -> Client:
    session = client.session
    session[SIGNED_IN_AT] = time.time() - 11 * 60
    session.pop(PROVED_AT, None)
    session.save()
    return client


def roles_url(person: User) -> str:
    return f"/console/acme.example/users/{person.pk}/roles/"


def make_super_admin(client: Client, person: User) -> Any:
    return client.post(roles_url(person), {"roles": ["super_admin"]})


def prove(client: Client, url: str, **said: str) -> Any:
    return client.post(url, said or {"password": PASSWORD})


def is_super_admin(person: User) -> bool:
    return RoleAssignment.objects.filter(user=person, role=Role.SUPER_ADMIN).exists()


def test_P13_one_save_then_the_proof_and_it_is_saved(alice: User, bob: User) -> None:
    client = stale(alice)
    asked = make_super_admin(client, bob)
    assert asked.headers["Location"].startswith(PROOF)
    assert not is_super_admin(bob)
    assert "super_admin" not in client.get(asked.headers["Location"]).content.decode()
    key = client.session.session_key
    back = prove(client, asked.headers["Location"]).headers["Location"]
    assert client.session.session_key != key
    assert not is_super_admin(bob)
    saved = client.get(back)
    assert saved.status_code == 302
    assert is_super_admin(bob)
    assert AuditEvent.objects.filter(name="ASSIGN_ROLE", actor_id=alice.pk).count() == 1


def test_P13_it_is_saved_once(alice: User, bob: User) -> None:
    client = stale(alice)
    back = prove(client, make_super_admin(client, bob).headers["Location"]).headers["Location"]
    client.get(back)
    RoleAssignment.objects.filter(user=bob).delete()
    again = client.get(back)
    assert again.status_code == 200
    assert "waits no more" in again.content.decode()
    assert not is_super_admin(bob)


def test_P13_without_the_proof_nothing_is_saved(alice: User, bob: User) -> None:
    client = stale(alice)
    asked = make_super_admin(client, bob).headers["Location"]
    wrong = prove(client, asked, password="wrong-lantern-orchard")
    assert wrong.status_code == 200
    assert "not your password" in wrong.content.decode()
    name = asked.partition("for=")[2]
    assert client.get(f"{roles_url(bob)}?proved={name}").status_code == 200
    assert not is_super_admin(bob)
    assert FailedSignIns.objects.get(person=alice).number == 1


def test_P13_what_waits_is_for_this_session_this_person_and_this_url_alone(alice: User, bob: User) -> None:
    client, other = stale(alice), signed_in(alice)
    carl = colleague(alice, "Carl")
    back = prove(client, make_super_admin(client, bob).headers["Location"]).headers["Location"]
    other.cookies["kept"] = client.cookies["kept"].value
    assert other.get(back).status_code == 200
    client.get(back.replace(str(bob.pk), str(carl.pk), 1))
    assert not is_super_admin(bob)
    assert not is_super_admin(carl)


def test_P13_what_waits_is_encrypted_and_minutes_long(alice: User, bob: User) -> None:
    client = stale(alice)
    back = prove(client, make_super_admin(client, bob).headers["Location"]).headers["Location"]
    assert b"super_admin" not in bytes(Kept.objects.get().sealed)
    assert "super_admin" not in str(dict(client.session))
    Kept.objects.update(expires_at="2020-01-01T00:00Z")
    client.get(back)
    assert not is_super_admin(bob)


def test_P13_the_same_check_again_after_the_proof(alice: User, bob: User) -> None:
    """A person who lost the right between the click and the proof saves nothing."""
    client = stale(alice)
    back = prove(client, make_super_admin(client, bob).headers["Location"]).headers["Location"]
    RoleAssignment.objects.filter(user=alice).delete()
    assert client.get(back).status_code == 403
    assert not is_super_admin(bob)


def test_P13_a_proof_lasts_ten_minutes(alice: User, bob: User) -> None:
    client = stale(alice)
    client.get(prove(client, make_super_admin(client, bob).headers["Location"]).headers["Location"])
    carl = colleague(alice, "Carl")
    assert not make_super_admin(client, carl).headers["Location"].startswith(PROOF)
    assert is_super_admin(carl)
    age(client)
    dora = colleague(alice, "Dora")
    assert make_super_admin(client, dora).headers["Location"].startswith(PROOF)


def test_P13_taking_never_asks(alice: User, bob: User) -> None:
    RoleAssignment.objects.create(user=bob, role=Role.SUPER_ADMIN)
    client = stale(alice)
    assert not client.post(roles_url(bob), {"roles": []}).headers["Location"].startswith(PROOF)
    assert not is_super_admin(bob)


def test_P13_a_code_proves_too_and_counts_for_the_session(alice: User, bob: User) -> None:
    secret = give_app(alice)
    client = stale(alice)
    asked = make_super_admin(client, bob).headers["Location"]
    code = code_of(secret)
    client.get(prove(client, asked, code=code).headers["Location"])
    assert is_super_admin(bob)
    age(client)
    carl = colleague(alice, "Carl")
    asked = make_super_admin(client, carl).headers["Location"]
    assert "was used already" in prove(client, asked, code=code).content.decode()


def test_P13_who_has_a_second_factor_does_not_prove_themselves_by_the_password_alone(alice: User, bob: User) -> None:
    secret = give_app(alice)
    client = stale(alice)
    asked = make_super_admin(client, bob).headers["Location"]
    assert 'name="password"' not in client.get(asked).content.decode()
    assert prove(client, asked, password=PASSWORD).status_code == 200
    assert not is_super_admin(bob)
    client.get(prove(client, asked, code=code_of(secret)).headers["Location"])
    assert is_super_admin(bob)


def test_P13_the_password_or_address_of_another_super_admin_asks(alice: User, bob: User) -> None:
    """Who sets either signs in as them, with a proof that is fresh."""
    password = f"/console/acme.example/users/{bob.pk}/password/"
    assert stale(alice).post(password).headers["Location"].startswith(roles_url(bob).removesuffix("roles/"))
    RoleAssignment.objects.create(user=bob, role=Role.SUPER_ADMIN)
    client = stale(alice)
    asked = client.post(password).headers["Location"]
    assert asked.startswith(PROOF)
    assert client.get(prove(client, asked).headers["Location"]).status_code == 303


def test_P13_what_is_sent_once_more_from_the_way_back_waits_too(alice: User, bob: User) -> None:
    """The address of the page that answered with an error still has the name of what waited before."""
    client = stale(alice)
    url = f"{roles_url(bob)}?proved=of-before&next=/a&q=a%20b&q=c"
    asked = client.post(url, {"roles": ["super_admin"]}).headers["Location"]
    client.get(prove(client, asked).headers["Location"])
    assert is_super_admin(bob)


def test_P13_a_page_that_shows_a_secret_asks_before_it_does(alice: User) -> None:
    client = stale(alice)
    asked = client.get("/accounts/second-factor/app/").headers["Location"]
    assert asked.startswith(PROOF)
    assert prove(client, asked).headers["Location"] == "/accounts/second-factor/app/"


def test_P13_cancelling_leads_back_and_saves_nothing(alice: User, bob: User) -> None:
    client = stale(alice)
    page = f"/console/acme.example/users/{bob.pk}/"
    asked = client.post(roles_url(bob), {"roles": ["super_admin"]}, headers={"Referer": f"http://testserver{page}"})
    assert f'href="{page}"' in client.get(asked.headers["Location"]).content.decode()
    assert not is_super_admin(bob)


def test_P13_htmx_leads_the_whole_page_to_the_proof(alice: User, bob: User) -> None:
    client = stale(alice)
    asked = client.post(roles_url(bob), {"roles": ["super_admin"]}, headers={"HX-Request": "true"})
    assert asked.status_code == 204
    assert asked.headers["HX-Redirect"].startswith(PROOF)
