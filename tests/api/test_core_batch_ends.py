"""What ends during a batch has ended for the parts behind: each asks the database by itself (R11, X3).

Each part shows a token of its own, so that one of them is what ends the others: nothing is put into the middle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounts.models import Customer, User
from accounts.roles import Role
from api.directory.role_assignments import _id as assignment_id
from subscriptions.models import AccessGrant
from support import cases
from support.models.case import Priority
from support.models.partner import Service
from tests.access.world import World, make_world, pass_time
from tests.api.batches import batch, part, statuses
from tests.api.machines import machine
from tests.api.serving import Caller
from tests.factories import fresh, put_person

Part = Callable[[str, str], str]


@pytest.fixture
def world(db: None) -> World:
    found = make_world()
    found.customer.refresh_from_db()
    return found


def as_(person: User) -> Part:
    """Parts of a batch with the token of a machine that acts for a person."""
    token = machine(fresh(person))

    def say(request: str, body: str = "") -> str:
        kind = "Content-Type: application/json\r\n" if body else ""
        return part(request, f"{kind}Authorization: Bearer {token}\r\n", body)

    return say


def sent(*parts: str) -> list[int]:
    return statuses(batch(Caller("", Client()), *parts))


def people_of(customer: Customer) -> str:
    return f"GET /admin/directory/v1/users?customer={customer.customer_id}"


def case_of(world: World) -> str:
    draft = cases.Draft(Service.GOOGLE_WORKSPACE, "mail.spam", "Spam", "Since Monday.", Priority.P2, "en", "UTC")
    case = cases.file_case(actor=world.admin, customer=world.customer, draft=draft, files=[])
    return f"organizations/{world.customer.organization_number}/cases/{case.pk}"


def test_R8_a_console_that_is_closed_between_parts_is_closed_to_the_next_one(world: World) -> None:
    agent, admin, case = as_(world.agent), as_(world.admin.user), case_of(world)
    closing = f"DELETE /access/v1/customers/my_customer/grants/{world.reseller.public_id}?now=true"
    reads, works = people_of(world.customer), f"POST /v2/{case}/comments"
    files = works, '{"body": "More of it."}'
    found = sent(agent(reads, ""), agent(*files), admin(closing, ""), agent(reads, ""), agent(*files))
    assert found == [200, 200, 200, 403, 403]
    assert world.customer.cases.get().events.filter(text="More of it.").count() == 1


def test_R18_what_a_narrower_level_takes_is_taken_between_parts(world: World) -> None:
    agent, admin = as_(world.agent), as_(world.admin.user)
    person = put_person(world.customer)
    narrows = f"POST /access/v1/customers/my_customer/grants/{world.reseller.public_id}/narrow", '{"level": "VIEW"}'
    assert sent(admin(*narrows)) == [200]
    changes = f"PATCH /admin/directory/v1/users/{person.public_id}", '{"name": {"givenName": "Lea"}}'
    assert sent(agent(*changes)) == [200], "what is taken ends when it is due"
    pass_time(24 * 60 * 60)
    assert sent(agent(*changes), agent(people_of(world.customer), "")) == [403, 200]


def test_R13_a_relation_that_ends_between_parts_is_over_for_the_next_one(world: World) -> None:
    agent, seller = as_(world.agent), as_(put_person(world.reseller, Role.RESELLER_ADMIN))
    sold = f"/apps/reseller/v1/customers/{world.customer.customer_id}/subscriptions/{world.sold.public_id}"
    cancels = f"DELETE {sold}?deletionType=cancel"
    asks = [agent(people_of(world.customer), ""), agent(f"GET {sold}", "")]
    found = sent(*asks, seller(cancels, ""), *asks)
    assert found == [200, 200, 204, 404, 404]


def suspended(person: User) -> tuple[str, str]:
    return f"PATCH /admin/directory/v1/users/{person.public_id}", '{"suspended": true}'


def deleted(person: User) -> tuple[str, str]:
    return f"DELETE /admin/directory/v1/users/{person.public_id}", ""


def stripped(person: User) -> tuple[str, str]:
    [held] = person.role_assignments.all()
    return f"DELETE /admin/directory/v1/customer/my_customer/roleassignments/{assignment_id(held)}", ""


@pytest.mark.parametrize(("ends", "status"), [(suspended, 401), (deleted, 401), (stripped, 403)])
def test_P8_a_person_who_loses_their_right_between_parts_has_lost_it_for_the_next_one(
    world: World, ends: Any, status: int
) -> None:
    person = put_person(world.customer, Role.USER_MANAGEMENT_ADMIN)
    person.refresh_from_db()
    admin, theirs, reads = as_(world.admin.user), as_(person), people_of(world.customer)
    first, ending, then, others = sent(theirs(reads, ""), admin(*ends(person)), theirs(reads, ""), admin(reads, ""))
    assert (first, ending in (200, 204), then, others) == (200, True, status, 200)


def test_R8_a_token_opens_no_more_than_the_window_at_each_call(world: World) -> None:
    """The same token before, after and again: nothing of what it opened is in it."""
    agent, reads = as_(world.agent), people_of(world.customer)
    assert sent(agent(reads, "")) == [200]
    AccessGrant.objects.filter(pk=world.console().pk).update(effective_until=Now())
    assert sent(agent(reads, "")) == [403]
    AccessGrant.objects.filter(pk=world.console().pk).update(effective_until=None)
    assert sent(agent(reads, "")) == [200]
