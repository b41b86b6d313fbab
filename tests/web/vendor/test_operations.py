"""What the vendor's operators watch: overdue and failed access changes, and trying again (P5, R9, A1)."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import Actor
from accounts.keyset import PAGE_SIZE
from accounts.models import AuditEvent, Reseller, RoleAssignment, User
from accounts.organisations import VENDOR
from accounts.roles import Role
from subscriptions.access import desired, propagation
from subscriptions.access.retrying import retry_by_operator
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AccessChange, AccessGrant
from tests.access.world import DAY, World, grant, may_enter, outcomes, pass_time, propagate, sell, wish
from tests.client import lines_of as lines
from tests.client import signed_in
from tests.factories import put_customer, put_person, put_reseller

PAGE = "/operations/access-changes/"
FAILED = f"{PAGE}?show=failed"


@pytest.fixture
def operator(db: None) -> User:
    return put_person(VENDOR, Role.VENDOR_OPERATOR)


@pytest.fixture
def failed(world: World) -> AccessChange:
    """A change that failed because the reseller was suspended when it was due; the reseller is back."""
    save(world, allowed=False)
    propagate()
    save(world, allowed=True)
    Reseller.objects.filter(pk=world.reseller.pk).update(suspended_at="2020-01-01T00:00Z")
    propagate()
    Reseller.objects.filter(pk=world.reseller.pk).update(suspended_at=None)
    change = world.console().changes.latest("generation")
    assert change.outcome == "failed"
    return change


def save(world: World, *, allowed: bool) -> None:
    box = wish(world.customer, world.reseller, allowed=allowed)
    desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=[box])


def try_again(change: AccessChange | int) -> str:
    return reverse("operations_retry", kwargs={"change_id": change if isinstance(change, int) else change.pk})


def test_nothing_overdue_and_nothing_failed_is_said_so(operator: User, world: World) -> None:
    client = signed_in(operator)
    assert "Nothing is overdue" in client.get(PAGE).content.decode()
    assert "No change has failed" in client.get(FAILED).content.decode()


def test_exactly_what_is_due_and_unsettled_is_overdue(operator: User, world: World) -> None:
    save(world, allowed=False)
    assert lines(signed_in(operator).get(PAGE)) == []
    pass_time(2 * DAY)
    [line] = lines(signed_in(operator).get(PAGE))
    assert "Customer Reseller Take access away Admin console" in line
    assert "ago" in line
    assert "Try again" not in line
    propagation.apply_due_changes()
    assert lines(signed_in(operator).get(PAGE)) == []


def test_columns_are_chosen_for_each_of_the_two_lists_and_each_sorts_by_age(
    operator: User, world: World, failed: AccessChange
) -> None:
    client = signed_in(operator)
    choice = {"size": 25, "column": ["domain", "requested", "generation"], "next": FAILED}
    client.post(reverse("list_choice", args=["failed_changes"]), choice)
    page = client.get(FAILED)
    [line] = lines(page)
    assert re.fullmatch(rf"Customer {world.customer.primary_domain} .* 3", line)
    [requested] = [head for head in page.context["list"].shown if head.key == "requested"]
    assert (requested.sorted, requested.url) == ("descending", f"{FAILED}&order=oldest")
    assert lines(client.get(requested.url)) == [line]
    assert client.get(PAGE, {"q": "x", "show": "failed"}).context["list"].clear_url == FAILED
    assert client.get(PAGE).context["list"].order == "oldest"


def test_an_overdue_change_shows_its_tries_and_the_last_error(operator: User, world: World) -> None:
    save(world, allowed=False)
    pass_time(2 * DAY)
    AccessChange.objects.filter(settled_at=None).update(attempts=3, error="deadlock <detected>")
    [line] = lines(signed_in(operator).get(PAGE))
    assert re.search(r" 3, the next one .* deadlock &lt;detected&gt;", line)


def test_R9_a_failed_change_shows_its_reason(operator: User, failed: AccessChange) -> None:
    [line] = lines(signed_in(operator).get(FAILED))
    assert "Give access Admin console" in line
    assert "The reseller is suspended. Decided at once, without a retry Try again" in line


def test_R9_trying_again_queues_a_new_change_in_the_operators_name(
    operator: User, world: World, failed: AccessChange
) -> None:
    client = signed_in(operator)
    response = client.post(try_again(failed))
    assert (response.status_code, response.headers["Location"]) == (302, FAILED)
    assert outcomes(world.console()) == ["applied", "applied", "failed", None]
    assert lines(client.get(FAILED)) == []
    event = AuditEvent.objects.filter(name="CHANGE_RESELLER_ACCESS").latest("pk")
    assert (event.actor_email, event.actor_kind, event.customer_id) == (operator.email, "vendor", world.customer.pk)
    assert not may_enter(world.agent, world.customer)
    propagate()
    assert may_enter(world.agent, world.customer)


def test_R9_a_double_click_queues_once(operator: User, world: World, failed: AccessChange) -> None:
    client = signed_in(operator)
    client.post(try_again(failed))
    assert "Nothing to retry" in client.post(try_again(failed), follow=True).content.decode()
    assert outcomes(world.console()) == ["applied", "applied", "failed", None]


def test_R9_what_the_customer_wished_since_is_not_overruled(operator: User, world: World, failed: AccessChange) -> None:
    save(world, allowed=False)
    signed_in(operator).post(try_again(failed))
    propagate()
    assert not world.console().allowed
    assert not may_enter(world.agent, world.customer)


def test_R13_trying_again_does_not_revive_a_relation_that_ended(
    operator: User, world: World, failed: AccessChange
) -> None:
    cancel_subscription(actor=None, subscription=world.sold)
    before = outcomes(world.console())
    signed_in(operator).post(try_again(failed))
    assert outcomes(world.console()) == before


def test_R9_what_can_only_fail_again_says_why_in_place_of_the_button_and_is_not_tried(
    operator: User, world: World, failed: AccessChange
) -> None:
    client = signed_in(operator)
    Reseller.objects.filter(pk=world.reseller.pk).update(suspended_at="2020-01-01T00:00Z")
    page = client.get(FAILED)
    [line] = lines(page)
    assert "so it can only fail again. Restore the reseller first." in line
    assert "Try again" not in line
    assert reverse("operations_organisation", args=["reseller", world.reseller.pk]) in page.content.decode()
    said = client.post(try_again(failed), follow=True).content.decode()
    assert "Restore the reseller first." in said
    Reseller.objects.filter(pk=world.reseller.pk).update(suspended_at=None)
    AccessGrant.objects.filter(pk=failed.grant_id).update(ends_at="2020-01-01T00:00Z")
    assert "The customer chooses a later end." in lines(client.get(FAILED))[0]
    assert "The customer chooses a later end." in client.post(try_again(failed), follow=True).content.decode()
    assert outcomes(world.console()) == ["applied", "applied", "failed"]


def test_a_change_that_did_not_fail_is_left_alone(operator: User, world: World) -> None:
    change = grant(world.customer, world.reseller).changes.get()
    client = signed_in(operator)
    for number in (change.pk, 0, 999_999, 10**30):
        assert client.post(try_again(number)).status_code == 302
    assert outcomes(world.console()) == ["applied"]


def test_P5_only_operators_see_the_page_and_try_again(world: World, failed: AccessChange) -> None:
    expected = {
        put_person(VENDOR, Role.VENDOR_SUPPORT): 403,
        put_person(VENDOR): 403,
        world.admin.user: 404,
        world.agent: 404,
        put_person(world.reseller, Role.RESELLER_ADMIN): 404,
    }
    for person, status in expected.items():
        client = signed_in(person)
        assert client.get(PAGE).status_code == status
        assert client.post(try_again(failed)).status_code == status
    assert Client().get(PAGE).headers["Location"] == f"/accounts/login/?next={PAGE}"
    assert Client().post(try_again(failed)).status_code == 302
    assert outcomes(world.console()) == ["applied", "applied", "failed"]


def test_P8_a_role_taken_away_meanwhile_counts_in_the_transaction(
    operator: User, world: World, failed: AccessChange
) -> None:
    """The page was let through before; the verb asks again, and the person object still remembers the role."""
    assert Role.VENDOR_OPERATOR in operator.roles
    RoleAssignment.objects.filter(user=operator).delete()
    with pytest.raises(PermissionDenied):
        retry_by_operator(actor=Actor(operator), change_id=failed.pk)
    assert outcomes(world.console()) == ["applied", "applied", "failed"]


def test_trying_again_by_a_link_is_not_possible(operator: User, failed: AccessChange) -> None:
    assert signed_in(operator).get(try_again(failed)).status_code == 405


def test_pages_hold_fifty_and_cost_the_same_as_one(operator: User, world: World) -> None:
    client = signed_in(operator)
    save(world, allowed=False)
    pass_time(2 * DAY)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        assert len(lines(client.get(PAGE))) == 1
    reseller = put_reseller()
    for number in range(PAGE_SIZE):
        sell(put_customer(f"Name {number}"), reseller)
    pass_time(2 * DAY)
    with CaptureQueriesContext(connection) as fifty:
        first = client.get(PAGE)
        assert len(lines(first)) == PAGE_SIZE
    assert len(fifty) == len(one)
    following = re.search(r'href="([^"]+)" rel="next"', first.content.decode())
    assert following
    second = client.get(following[1].replace("&amp;", "&"))
    assert len(lines(second)) == 1
    assert not set(lines(first)) & set(lines(second))
    assert lines(client.get(f"{PAGE}?after=forged")) == lines(first)
