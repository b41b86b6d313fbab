"""Many customers at once, for resellers: each by the verb for one, and the right is asked again at each."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts import staffing
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, Job, User
from accounts.models.event_names import EventName
from accounts.models.jobs import BulkAction, JobKind, JobStatus
from accounts.roles import Role
from jobs import running
from jobs.choosing_customers import change_customers, foresee_customers, rows_for
from jobs.scope import jobs_of_reseller, lines_of_reseller
from jobs.starting import start_job
from jobs.stopping import stop_job
from subscriptions.customer_groups import add_customers, create_group
from subscriptions.lifecycle.amending import change_seats
from subscriptions.models import AccessRequest, Subscription
from subscriptions.models.customer_group import GroupKind
from subscriptions.models.subscription import Plan
from tests.cast import Cast, cast
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.factories import fresh, make_customer, make_person
from tests.jobs.bulk_world import BESIDE, again, work
from tests.subscriptions.lifecycle_world import PLUS, now, on_plan

__all__ = ["cast"]


@pytest.fixture
def sold(cast: Cast) -> list[Subscription]:
    """Acme with 10 seats on a flexible plan, Beta on an annual one, both from Resale One; Globex from Resale Two."""
    beta = make_customer("Beta", "beta.example")
    on_plan(cast.globex.customer, cast.resale_two.reseller, Plan.FLEXIBLE)
    return [
        on_plan(cast.acme.customer, cast.resale_one.reseller, Plan.FLEXIBLE),
        on_plan(beta, cast.resale_one.reseller, Plan.ANNUAL_MONTHLY_PAY),
    ]


def everybody() -> list[int]:
    return list(Customer.objects.values_list("pk", flat=True))


def change(person: User, action: BulkAction, **beside: Any) -> Job:
    details = BESIDE | {"action": str(action)} | beside
    person = fresh(person)
    assert person.reseller
    rows = rows_for(person, everybody(), details)
    job = change_customers(actor=Actor(person, "192.0.2.7"), reseller=person.reseller, rows=rows, details=details)
    work()
    return again(job)


def outcomes(job: Job) -> dict[str, str]:
    return {line.data["cells"]["domain"]: line.outcome for line in job.lines.all()}


def test_P4_an_agent_changes_the_customers_they_work_for_and_an_admin_all(cast: Cast, sold: list[Subscription]) -> None:
    assert outcomes(change(cast.resale_one.agent, BulkAction.CHANGE_SEATS)) == {"acme.example": "done"}
    assert [now(one).seats for one in sold] == [15, 10]
    job = change(cast.resale_one.admin, BulkAction.CHANGE_SEATS, way="set", seats=15)
    assert outcomes(job) == {"acme.example": "unchanged", "beta.example": "done"}
    assert AuditEvent.objects.get(name=EventName.BULK_CHANGE, actor_id=cast.resale_one.admin.pk).customer_id is None
    for person in (cast.resale_one.indirect_admin, cast.resale_one.support_agent):
        with pytest.raises((PermissionDenied, Refused)):
            change(person, BulkAction.CHANGE_SEATS)
    with pytest.raises(PermissionDenied):
        change(cast.resale_one.agent, BulkAction.ASSIGN_STAFF, agent=cast.resale_one.agent.pk)


def test_B5_what_the_rules_of_a_plan_refuse_is_foreseen_and_refused(cast: Cast, sold: list[Subscription]) -> None:
    make_customer("Nothing", "nothing.example")
    admin = fresh(cast.resale_one.admin)
    details = BESIDE | {"action": "change_seats", "way": "set", "seats": 4}
    foreseen = {
        row.domain: why for row, why in foresee_customers(Actor(admin), rows_for(admin, everybody(), details), details)
    }
    assert [now(one).seats for one in sold] == [10, 10], "it was only tried"
    assert not foreseen["acme.example"] and foreseen["beta.example"]
    job = change(admin, BulkAction.CHANGE_SEATS, way="set", seats=4)
    assert outcomes(job) == {"acme.example": "done", "beta.example": "refused"}
    double = change(admin, BulkAction.CHANGE_SEATS, way="set", seats=40)
    assert set(outcomes(double).values()) == {"refused"}
    renewed = change(admin, BulkAction.CHANGE_RENEWAL, renewal="CANCEL")
    assert outcomes(renewed) == {"acme.example": "refused", "beta.example": "done"}


def test_B5_what_was_changed_since_it_was_shown_is_refused(cast: Cast, sold: list[Subscription]) -> None:
    admin, details = fresh(cast.resale_one.admin), BESIDE | {"action": "change_seats"}
    rows = rows_for(admin, everybody(), details)
    assert admin.reseller
    job = change_customers(actor=Actor(admin), reseller=admin.reseller, rows=rows, details=details)
    change_seats(actor=None, subscription=sold[0], seats=12)
    work()
    assert outcomes(again(job)) == {"acme.example": "refused", "beta.example": "done"}
    assert now(sold[0]).seats == 12


def test_R13_the_right_is_asked_again_at_each_customer(
    cast: Cast, sold: list[Subscription], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    agent = cast.resale_one.agent
    staffing.assign_customers_to_agent(actor=None, agent=agent, customers=[sold[1].customer])
    details, person = BESIDE | {"action": "change_seats"}, fresh(agent)
    assert person.reseller
    rows = rows_for(person, everybody(), details)
    job = change_customers(actor=Actor(person), reseller=person.reseller, rows=rows, details=details)
    next(running.batches())
    staffing.unassign_customers_from_agent(actor=None, agent=agent, customers=[sold[1].customer])
    work()
    assert outcomes(again(job)) == {"acme.example": "done", "beta.example": "refused"}
    assert now(sold[1]).seats == 10
    assert {line.data["cells"]["domain"] for line in lines_of_reseller(job, fresh(agent))} == {"acme.example"}


def test_P8_a_job_of_a_person_who_was_suspended_stops(cast: Cast, sold: list[Subscription]) -> None:
    admin, details = fresh(cast.resale_one.admin), BESIDE | {"action": "change_seats"}
    assert admin.reseller
    rows = rows_for(admin, everybody(), details)
    job = change_customers(actor=Actor(admin), reseller=admin.reseller, rows=rows, details=details)
    User.objects.filter(pk=admin.pk).update(is_active=False)
    work()
    assert again(job).status == JobStatus.STOPPED
    assert [now(one).seats for one in sold] == [10, 10]
    stopped = AuditEvent.objects.get(name=EventName.BULK_STOPPED)
    assert (stopped.customer_id, stopped.actor_reseller_id) == (None, admin.reseller_id)


def test_R17_access_is_asked_for_at_each_customer_within_its_limits(cast: Cast, sold: list[Subscription]) -> None:
    make_person(sold[1].customer, Role.SUPER_ADMIN, name="Bea")
    beside = {"level": "view", "lasts": 7 * 24 * 3600.0, "reason": "Audit of licences"}
    first = change(cast.resale_one.admin, BulkAction.ASK_ACCESS, **beside)
    asked = set(AccessRequest.objects.values_list("customer__primary_domain", "level", "reason"))
    done = {domain for domain, outcome in outcomes(first).items() if outcome == "done"}
    assert asked == {(domain, "view", "Audit of licences") for domain in done}
    other = make_person(cast.resale_one.reseller, Role.RESELLER_ADMIN, name="Other")
    again_asked = change(other, BulkAction.ASK_ACCESS, **beside)
    assert set(outcomes(again_asked).values()) == {"refused"}
    assert AccessRequest.objects.count() == len(done)


def test_staff_is_assigned_to_many_customers(cast: Cast, sold: list[Subscription]) -> None:
    job = change(cast.resale_one.admin, BulkAction.ASSIGN_STAFF, agent=cast.resale_one.agent.pk)
    assert outcomes(job) == {"acme.example": "unchanged", "beta.example": "done"}
    assert set(staffing.customers_of_agent_itself(cast.resale_one.agent)) == {one.customer for one in sold}
    strangers = change(cast.resale_one.admin, BulkAction.ASSIGN_STAFF, agent=cast.resale_two.agent.pk)
    assert set(outcomes(strangers).values()) == {"refused"}
    job = change(cast.resale_one.admin, BulkAction.ASSIGN_STAFF, team=cast.resale_one.team.pk)
    assert outcomes(job)["beta.example"] == "done"


def test_P4_many_customers_are_put_into_a_group(cast: Cast, sold: list[Subscription]) -> None:
    admin, reseller = Actor(cast.resale_one.admin), cast.resale_one.reseller
    group = create_group(actor=admin, reseller=reseller, kind=GroupKind.GROUP, name="Harbours")
    theirs = create_group(
        actor=Actor(cast.resale_two.admin), reseller=cast.resale_two.reseller, kind=GroupKind.TAG, name="Theirs"
    )
    add_customers(actor=admin, group=group, customers=[sold[0].customer_id])
    job = change(cast.resale_one.admin, BulkAction.ADD_TO_GROUP, group=group.pk)
    assert outcomes(job) == {"acme.example": "unchanged", "beta.example": "done"}
    assert set(group.members.values_list("customer_id", flat=True)) == {one.customer_id for one in sold}
    strangers = change(cast.resale_one.admin, BulkAction.ADD_TO_GROUP, group=theirs.pk)
    assert set(outcomes(strangers).values()) == {"refused"}
    with pytest.raises(PermissionDenied):
        change(cast.resale_one.agent, BulkAction.ADD_TO_GROUP, group=group.pk)
    page = signed_in(cast.resale_one.admin).post(
        reverse("customers_bulk"), {"action": "add_to_group", "customer": ["acme.example"]}
    )
    assert ("Harbours" in text(page), "Theirs" in text(page)) == (True, False)


def test_P4_only_who_has_assigned_customers_is_offered_for_them(cast: Cast, sold: list[Subscription]) -> None:
    page = signed_in(cast.resale_one.admin).post(
        reverse("customers_bulk"), {"action": "assign_staff", "customer": ["acme.example"]}
    )
    offered = page.content.decode().split('name="worker"', 1)[1].split("</select>", 1)[0]
    assert cast.resale_one.agent.name in offered
    assert cast.resale_one.admin.name not in offered, "sees every customer without it"


def test_a_stranger_sees_no_job_of_a_reseller(cast: Cast, sold: list[Subscription]) -> None:
    admins = change(cast.resale_one.admin, BulkAction.CHANGE_SEATS)
    agents = change(cast.resale_one.agent, BulkAction.CHANGE_SEATS)
    seen = {
        person.name: set(jobs_of_reseller(fresh(person)))
        for person in (*cast.resale_one.people, *cast.resale_two.people, cast.acme.super_admin, cast.operator)
    }
    assert {name: jobs for name, jobs in seen.items() if jobs} == {"Rita": {admins, agents}, "Ana": {agents}}


def test_a_job_that_was_stopped_goes_on(cast: Cast, sold: list[Subscription], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    admin, details = fresh(cast.resale_one.admin), BESIDE | {"action": "change_seats"}
    assert admin.reseller
    rows = rows_for(admin, everybody(), details)
    job = change_customers(actor=Actor(admin), reseller=admin.reseller, rows=rows, details=details)
    next(running.batches())
    stop_job(actor=Actor(admin), job=job)
    work()
    assert [now(one).seats for one in sold] == [15, 10]
    with pytest.raises(Refused):
        start_job(actor=Actor(make_person(cast.resale_one.reseller, Role.RESELLER_ADMIN)), job=job)
    start_job(actor=Actor(admin), job=job)
    work()
    assert [now(one).seats for one in sold] == [15, 15]


def test_a_job_belongs_to_a_customer_or_a_reseller(cast: Cast) -> None:
    for owners in ({}, {"customer": cast.acme.customer, "reseller": cast.resale_one.reseller}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.create(
                kind=JobKind.CHANGE_CUSTOMERS, status="queued", requested_by=cast.resale_one.admin, **owners
            )


def test_the_page_shows_each_customer_first_and_confirms_only_what_it_showed(
    cast: Cast, sold: list[Subscription]
) -> None:
    rita: Client = signed_in(cast.resale_one.admin)
    page, chosen = reverse("customers_bulk"), {"customer": ["acme.example", "beta.example"], "action": "change_seats"}
    assert 'name="confirmed"' not in rita.post(page, chosen).content.decode()
    empty = rita.post(page, chosen | {"chosen": "1"})
    assert empty.status_code == 422 and "Enter a number of seats." in text(empty)
    filled = chosen | {"chosen": "1", "sku": PLUS, "way": "set", "seats": "12"}
    shown = rita.post(page, filled)
    assert "10 → 12 seats" in text(shown) and "commitment" in text(shown)
    [digest] = re.findall(r'name="confirmed" value="(\w+)"', shown.content.decode())
    change_seats(actor=None, subscription=sold[0], seats=11)
    late = rita.post(page, filled | {"confirmed": digest}, follow=True)
    assert "Something changed since this was shown" in late.content.decode()
    assert not Job.objects.exists()
    [digest] = re.findall(r'name="confirmed" value="(\w+)"', late.content.decode())
    done = rita.post(page, filled | {"confirmed": digest}, follow=True)
    work()
    job = Job.objects.get()
    assert [now(one).seats for one in sold] == [12, 12]
    assert "Change seats" in text(rita.get(reverse("reseller_job", kwargs={"job_id": job.pk})))
    assert done.redirect_chain
    lines = b"".join(rita.get(reverse("reseller_job_lines", kwargs={"job_id": job.pk})).streaming_content)  # type: ignore[attr-defined]
    assert b"acme.example" in lines and b"beta.example" in lines
    mixed = rita.post(page, chosen | {"customer": ["acme.example", "globex.example"]})
    assert "1 selected row is not there any more." in text(mixed) and "Globex" not in text(mixed)
    assert rita.post(page, chosen | {"customer": ["globex.example"]}).status_code == 404
    found = rita.post(page, {"action": "change_seats", "everybody": "on", "filter": "q=beta"})
    assert "1 customer is selected" in text(found)
