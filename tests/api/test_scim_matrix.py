"""Every endpoint of programs against every token that could be shown (P15): the table beside the one of people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import get_resolver

from accounts.actor import Actor
from accounts.models import AuditEvent, Customer, Reseller, ScimToken
from accounts.organisations import suspend_reseller
from accounts.provisioning.tokens import revoke_scim_token, rotate_scim_token
from tests.api.scim_world import PATCH, Program, admin_of, make_token, program_of, token_named
from tests.client import signed_in
from tests.factories import make_customer, make_person, make_reseller

USER, GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
# By the names of URLs: an example below /scim/v2/, what each method answers to the token of the organisation, and to
# that of another one. `{user}` and `{group}` are the organisation's. What is left out answers 405.
TABLE: dict[str, tuple[str, dict[str, tuple[int, int]]]] = {
    "scim_config": ("ServiceProviderConfig", {"GET": (200, 200)}),
    "scim_resource_types": ("ResourceTypes", {"GET": (200, 200)}),
    "scim_resource_type": ("ResourceTypes/User", {"GET": (200, 200)}),
    "scim_schemas": ("Schemas", {"GET": (200, 200)}),
    "scim_schema": (f"Schemas/{USER}", {"GET": (200, 200)}),
    "scim_users": ("Users", {"GET": (200, 200), "POST": (201, 400)}),
    "scim_user": ("Users/{user}", {"GET": (200, 404), "PUT": (200, 404), "PATCH": (200, 404), "DELETE": (204, 404)}),
    "scim_groups": ("Groups", {"GET": (200, 200), "POST": (201, 201)}),
    "scim_group": (
        "Groups/{group}",
        {"GET": (200, 404), "PUT": (200, 404), "PATCH": (204, 404), "DELETE": (204, 404)},
    ),
    **dict.fromkeys(
        ("scim_bulk", "scim_me", "scim_search"),
        ("Bulk", dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), (501, 501))),
    ),
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SENT = {
    "scim_users": {"schemas": [USER], "userName": "new@acme.example"},
    "scim_user": {"schemas": [USER], "userName": "zoe@acme.example", "displayName": "Zoe"},
    "scim_groups": {"schemas": [GROUP], "displayName": "New"},
    "scim_group": {"schemas": [GROUP], "displayName": "Other"},
}
CHANGE = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "Other"}]}


def path_of(name: str, acme: Customer) -> str:
    """The URL of an endpoint, with a person and a group of Acme."""
    person = acme.people.filter(email="zoe@acme.example").first() or make_person(acme, email="zoe@acme.example")
    group = acme.directory_groups.first()
    if "{group}" in TABLE[name][0] and group is None:
        program_of(acme, "Maker").create_group("Sales")
        group = acme.directory_groups.get()
    return TABLE[name][0].format(user=f"u{person.pk}", group=f"g{group.pk if group else 0}")


def answers(program: Program, name: str, acme: Customer) -> dict[str, int]:
    """What each method answers, in an order in which none spoils the next."""
    found = {}
    for method in METHODS:
        payload = CHANGE if method == "PATCH" else SENT.get(name, {})
        found[method] = program.send(method, path_of(name, acme), payload if method != "GET" else None).status_code
    return found


def test_every_endpoint_of_programs_is_in_the_table() -> None:
    [scim] = [part for part in get_resolver().url_patterns if str(part.pattern) == "scim/v2/"]
    assert {pattern.name for pattern in scim.url_patterns} == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_P15_the_token_of_an_organisation_opens_what_is_its_own(acme: Customer, name: str) -> None:
    path_of(name, acme)
    expected = {method: TABLE[name][1].get(method, (405, 405))[0] for method in METHODS}
    assert answers(program_of(acme), name, acme) == expected


@pytest.mark.parametrize("name", TABLE)
def test_P15_the_token_of_another_organisation_finds_nothing_of_it(acme: Customer, name: str) -> None:
    path_of(name, acme)
    before = list(acme.people.order_by("pk").values()), list(acme.directory_groups.order_by("pk").values())
    stranger = program_of(make_customer("Globex", "globex.example"))
    expected = {method: TABLE[name][1].get(method, (405, 405))[1] for method in METHODS}
    assert answers(stranger, name, acme) == expected
    assert (list(acme.people.order_by("pk").values()), list(acme.directory_groups.order_by("pk").values())) == before


def none(_acme: Customer) -> Program:
    return Program("", Client())


def made_up(_acme: Customer) -> Program:
    return Program("rcscim_" + "x" * 43, Client())


def of_a_session(acme: Customer) -> Program:
    """A super admin in their browser: no session counts here."""
    return Program("", signed_in(admin_of(acme)))


def revoked(acme: Customer) -> Program:
    program = program_of(acme)
    revoke_scim_token(actor=Actor(user=admin_of(acme)), token=token_named(acme))
    return program


def replaced(acme: Customer) -> Program:
    program = program_of(acme)
    rotate_scim_token(actor=Actor(user=admin_of(acme)), token=token_named(acme))
    return program


def over(acme: Customer) -> Program:
    program = program_of(acme)
    ScimToken.objects.update(expires_at=F("made_at") - timedelta(seconds=1))
    return program


def of_a_suspended_reseller(_acme: Customer) -> Program:
    reseller = make_reseller("Resale", "resale.example")
    program = program_of(reseller)
    suspend_reseller(actor=None, reseller=reseller)
    return program


def digest_itself(acme: Customer) -> Program:
    """What a copy of the database holds opens nothing."""
    make_token(acme)
    return Program(token_named(acme).digest, Client())


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize(
    "show", [none, made_up, of_a_session, revoked, replaced, over, of_a_suspended_reseller, digest_itself]
)
def test_P15_without_a_token_that_works_nothing_is_open(
    acme: Customer, name: str, show: Callable[[Customer], Program]
) -> None:
    path_of(name, acme)
    program = show(acme)
    before = AuditEvent.objects.count()
    assert set(answers(program, name, acme).values()) == {401}
    assert AuditEvent.objects.count() == before


def test_P15_a_token_is_asked_for_with_each_request(acme: Customer) -> None:
    program = program_of(acme)
    assert program.get("Users").status_code == 200
    revoke_scim_token(actor=Actor(user=admin_of(acme)), token=token_named(acme))
    assert program.get("Users").status_code == 401


def test_P15_a_token_of_a_person_who_left_works_on(acme: Customer) -> None:
    """It is the organisation's."""
    program, admin = program_of(acme), admin_of(acme)
    make_person(acme, "super_admin", name="Second")  # type: ignore[arg-type]
    assert program.send("DELETE", f"Users/u{admin.pk}").status_code == 204
    assert program.get("Users").status_code == 200


def test_P15_a_suspended_reseller_s_token_works_again_when_it_is_restored(db: None) -> None:
    reseller: Reseller = make_reseller("Resale", "resale.example")
    program = program_of(reseller)
    suspend_reseller(actor=None, reseller=reseller)
    assert program.get("Users").status_code == 401
    Reseller.objects.update(suspended_at=None)
    assert program.get("Users").status_code == 200
