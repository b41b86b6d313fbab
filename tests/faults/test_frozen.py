"""A frozen process that holds a customer's lock, in whatever way, never holds up *Remove now* (R8)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import Job, User
from jobs.starting import start_job
from subscriptions.licensing import change_auto_licence
from subscriptions.models.subscription import Plan
from tests.access.world import World, make_world
from tests.faults.crowd import eventually
from tests.faults.holders import WAYS, WORKS, Holder, frozen_holders
from tests.jobs.bulk_world import upload
from tests.subscriptions.licence_world import STANDARD, make_people, order, root_of
from tests.subscriptions.lifecycle_world import days_pass, on_plan

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def give_a_licence_to_give(world: World) -> None:
    standard = order(world.customer, STANDARD)
    change_auto_licence(actor=world.admin, subscription=standard, org_unit=root_of(world.customer), automatic=True)


def let_a_trial_end(world: World) -> None:
    days_pass(on_plan(world.customer, None, Plan.TRIAL), 31)


def delete_somebody_long_ago(world: World) -> None:
    person = make_people(world.customer, 1)
    person.update(is_active=False, deleted_at=Now() - timedelta(days=21))


def check_a_file(world: World) -> None:
    upload(world.admin.user, world.customer, f"name,email\nNina New,nina@{world.customer.primary_domain}\n")


# What makes a customer due for the work of each holder.
DUE: dict[str, Callable[[World], None]] = {
    "web verb": lambda _world: None,
    "automatic licences": give_a_licence_to_give,
    "settling": let_a_trial_end,
    "moving": lambda _world: None,
    "purging": delete_somebody_long_ago,
    "jobs": check_a_file,  # confirmed at the end: who uploads the next one has a worker look for work
}


class Case:
    """A customer, its admin who will press *Remove now*, and an agent who is inside."""

    def __init__(self, kind: str, way: str) -> None:
        self.world = make_world()
        self.name = f"{kind}, frozen {way}"
        self.admin, self.agent = signed_in(self.world.admin.user), signed_in(self.world.agent)
        assert self.agent.post(self.url("enter_console")).status_code == 302
        assert self.status_of_the_agent() == 200
        DUE[kind](self.world)
        self.holder = Holder(kind, way, self.world.customer.pk)

    def url(self, name: str) -> str:
        return reverse(name, kwargs={"domain": self.world.customer.primary_domain})

    def status_of_the_agent(self) -> int:
        return self.agent.get(self.url("console_home")).status_code

    def remove_now(self) -> tuple[int, int]:
        """Press the button; returns the status of the answer, and of the agent's next page."""
        try:
            answer = self.admin.post(self.url("reseller_access_remove_now"), {"box": str(self.world.reseller.pk)})
            return answer.status_code, self.status_of_the_agent()
        finally:
            connections.close_all()


def signed_in(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def sessions_that(condition: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {condition}")
        return int(cursor.fetchone()[0])


def test_R8_remove_now_is_answered_whoever_is_frozen_with_the_customers_lock() -> None:
    """Within 12 s: that is how long the verb waits for the lock, so an answer that is not *busy* came in time."""
    cases = [Case(kind, way) for kind in WORKS for way in WAYS]
    for job in Job.objects.select_related("customer", "requested_by"):
        start_job(actor=Actor(job.requested_by), job=job)
    with frozen_holders([case.holder for case in cases]), ThreadPoolExecutor(len(cases)) as pool:
        # For the server these are at work: no time-out of its ends them.
        eventually(lambda: sessions_that("wait_event = 'ClientWrite'") == len(WORKS))
        eventually(lambda: sessions_that("wait_event = 'ClientRead' AND state = 'active'") == len(WORKS))
        answers = list(pool.map(Case.remove_now, cases))
    assert {case.name: answer for case, answer in zip(cases, answers, strict=True)} == {
        case.name: (302, 403) for case in cases
    }
