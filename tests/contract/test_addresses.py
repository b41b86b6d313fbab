"""Tests about the table: every address stands in it, declares who may enter, and answers no other method."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.permissions import Permission
from api.core.prefixes import DOOR
from tests.contract import matrix
from tests.contract.cases import arguments
from tests.contract.database import difference_since, now
from tests.contract.matrix import Line
from tests.contract.posts import POSTS
from tests.contract.resolver import Address, addresses
from tests.contract.world import World

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ADDRESSES = addresses()
LINES = matrix.lines()

# Views of other packages answer methods of their own: Django's FormView takes PUT for POST, View answers OPTIONS.
# What they do is guarded by the line of POST; CSRF is asked for PUT and DELETE too (test_security.py).
METHODS_OF_OTHERS = "allauth."
# Addresses without a line in the table, each with its reason; an entry that is not needed any more fails.
NO_LINE: dict[str, str] = {
    address.name: "answers programs, in a table of its own (tests/api/test_scim_matrix.py)"
    for address in ADDRESSES
    if address.route.startswith("scim/")
} | {
    address.name: "answers machines, in a table of its own (tests/api/test_door_matrix.py)"
    for address in ADDRESSES
    if f"/{address.route}".startswith(DOOR)
}
# Views of other packages that declare no entrance, each with its reason.
NO_ENTRANCE: dict[str, str] = {}


# Addresses that no person of the world opens, whatever they ask for: 404, also for a method that is not in the table.
FOR_NO_PERSON = {"metrics": "opened by a token (tests/reseller_console/test_metrics.py)"}


def entrance(view: Any) -> str | None:
    """Return what a view declares (web.guards.declare), whatever it is wrapped in."""
    while view is not None:
        if found := getattr(view, "entrance", None):
            return str(found)
        view = getattr(view, "__wrapped__", None)
    return None


def test_every_address_has_a_name_of_its_own() -> None:
    names = [address.name for address in ADDRESSES]
    assert sorted(names) == sorted(set(names))


def test_every_address_has_a_line_in_the_table_or_a_reason_why_not() -> None:
    names = {address.name for address in ADDRESSES}
    lined = {line.name for line in LINES}
    assert names - lined == set(NO_LINE), "add a line to tests/contract/matrix.py"
    assert lined - names == set(), "these lines are about addresses that are gone"


def test_every_line_stands_once_and_every_form_has_a_line() -> None:
    ids = [line.id for line in LINES]
    assert sorted(ids) == sorted(set(ids))
    assert set(POSTS) == {line.name for line in LINES if line.method == "POST"}


def test_every_letter_of_the_table_has_a_meaning() -> None:
    assert set("".join(line.letters for line in LINES)) <= set("OLDANE")


def test_every_form_has_somebody_for_whom_it_works() -> None:
    """A form that works for nobody proves nothing about the people for whom it must not work."""
    nobody = {line.name for line in LINES if line.method == "POST" and "O" not in line.letters}
    # Nobody signs up; a key for a new password is taken by GET before; who has a password changes it instead.
    # And Acme has not moved to where there are contracts (S9).
    passwords = {"account_reset_password_from_key", "account_set_password"}
    # Everybody of the world has a password: nobody is invited again (tests/subscriptions/test_invitations.py).
    invitations = {"reseller_agent_invite", "reseller_customer_invite"}
    # The job of the world has stopped already (tests/jobs/test_bulk_customers.py).
    stopped = {"reseller_job_stop"}
    # For people who have not signed in (tests/accounts/test_second_factor.py, test_passkeys.py).
    signing_in = {"second_step", "passkey_sign_in"}
    # They only ask workers to look, which changes nothing by itself.
    asks = {"operations_domains", "operations_queue_look"}
    assert nobody == {"account_signup", "support_contract_new"} | asks | passwords | invitations | stopped | signing_in


@pytest.mark.parametrize("address", ADDRESSES, ids=[address.name for address in ADDRESSES])
def test_every_view_declares_who_may_enter(address: Address) -> None:
    declared = entrance(address.view)
    assert (declared is None) == (address.name in NO_ENTRANCE), f"{address.name}: {declared}"
    if address.route.startswith("console/"):
        assert declared in set(Permission), f"{address.name} is in a console and asks for no permission: {declared}"


# Open to everybody for one thing, and to people who have signed in for the rest.
OF_BOTH_KINDS = {
    "preferences": "anyone may choose the language; theme and time zone are kept for a person",
    "second_step": "for who is between the two steps; everybody else is led to the sign-in page",
    "provider_callback": "an answer to nothing leads home, or to the sign-in page",
    "passkey_sign_in": "gives a script what it needs, and leads everybody else to the sign-in page",
}


def test_what_a_view_declares_is_what_the_table_shows() -> None:
    """Open to everybody: no L. Otherwise anyone who has not signed in is sent to the sign-in page."""
    declared = {address.name: entrance(address.view) for address in ADDRESSES}
    for line in LINES:
        if line.name in OF_BOTH_KINDS:
            continue
        if line.name in FOR_NO_PERSON:
            assert set(line.letters) == {"A"}
            continue
        expected = {"O", "N"} if declared[line.name] == "everybody" else {"L"}
        assert line.letters[-1] in expected, line.id


def insider(name: str, world: World) -> Client:
    """A person for whom the address works."""
    best = next(line for line in LINES if line.name == name and set(line.letters) & {"O", "N"})
    return world.client(*matrix.people()[_first_ok(best)])


def _first_ok(line: Line) -> int:
    return next(number for number, letter in enumerate(line.letters) if letter in "ON")


@pytest.mark.parametrize("address", ADDRESSES, ids=[address.name for address in ADDRESSES])
def test_a_method_that_is_not_in_the_table_is_405_and_changes_nothing(address: Address, db: None, world: World) -> None:
    if address.module.startswith(METHODS_OF_OTHERS) or address.name in NO_LINE:
        return
    url = reverse(address.name, kwargs=arguments(address.name, address.route, world.acme, world))
    if address.name in FOR_NO_PERSON:
        assert {world.client(*who).generic(each, url).status_code for each in METHODS for who in matrix.people()} == {
            404
        }
        return
    client = insider(address.name, world)
    listed = {line.method for line in LINES if line.name == address.name}
    before = now()
    # HEAD works everywhere that GET does (test_input.py); a table of its own would say the same.
    for method in METHODS - listed - ({"HEAD"} if "GET" in listed else set()):
        response = client.generic(method, url)
        assert response.status_code == 405, f"{method} {url}"
        assert set(response.headers["Allow"].split(", ")) >= listed
    assert not difference_since(before)
