"""A row that another transaction keeps: the other lines of its job go on, it comes again, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.directory import devices, groups
from accounts.models import AuditEvent, Customer, Device, DirectoryGroup, Job, User
from accounts.models.event_names import EventName
from accounts.models.jobs import BulkAction, JobKind, JobStatus
from jobs import running
from jobs.choosing import Beside, change_rows
from jobs.choosing_customers import change_customers, foresee_customers, rows_for
from jobs.kinds import trying
from jobs.starting import start_job
from subscriptions import licensing
from subscriptions.models import AccessGrant
from subscriptions.models.subscription import Plan
from tests.cast import Cast, cast
from tests.factories import fresh, make_customer, make_person, make_unit
from tests.faults.crowd import another_session
from tests.jobs.bulk_world import BESIDE, acting, again, lines, upload, work
from tests.locks import run as execute
from tests.subscriptions.licence_world import having, order
from tests.subscriptions.lifecycle_world import on_plan

__all__ = ["cast"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _short_waits() -> Iterator[None]:
    """As long as on the role would only make these tests slower."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    yield
    connection.close()


@contextmanager
def kept(*rows: Model) -> Iterator[None]:
    """Someone else's transaction that keeps some rows and does nothing."""
    with another_session() as other:
        for row in rows:
            execute(other, f"SELECT FROM {row._meta.db_table} WHERE id = %s FOR NO KEY UPDATE", row.pk)
        yield
        # A session that only ends may keep them for a moment longer than these tests wait.
        other.rollback()


def take_turns() -> int:
    """Let a worker do what is due, and what would be after the pauses; return in how many steps."""
    steps = 0
    for _round in range(trying.TRIES + 1):
        Job.objects.filter(finished_at=None).update(next_attempt_at=Now())
        steps += len(list(running.batches()))
    return steps


def outcomes(job: Job) -> dict[str, str]:
    """What became of each row, by its name or serial number."""
    cells = [(line.data["cells"], line.outcome) for line in job.lines.all()]
    return {said.get("name") or said["serial_number"]: outcome for said, outcome in cells}


def many_customers(cast: Cast, action: BulkAction, **beside: Any) -> Job:
    admin = fresh(cast.resale_one.admin)
    assert admin.reseller
    details = BESIDE | {"action": str(action)} | beside
    rows = rows_for(admin, list(Customer.objects.values_list("pk", flat=True)), details)
    return change_customers(actor=Actor(admin), reseller=admin.reseller, rows=rows, details=details)


@pytest.fixture
def three(cast: Cast) -> list[Customer]:
    """Three customers of Resale One, in the order of their names, each with an annual plan."""
    found = [cast.acme.customer, make_customer("Beta", "beta.example"), make_customer("Gamma", "gamma.example")]
    for one in found:
        on_plan(one, cast.resale_one.reseller, Plan.ANNUAL_MONTHLY_PAY)
    return found


def relation(customer: Customer) -> AccessGrant:
    return AccessGrant.objects.get(customer=customer, subscription=None)


@pytest.mark.parametrize("keeps", ["customer", "relation"])
@pytest.mark.parametrize(
    ("action", "beside"),
    [
        (BulkAction.ASK_ACCESS, {"level": "view", "lasts": 7 * 24 * 3600.0, "reason": "Audit"}),
        (BulkAction.CHANGE_SEATS, {}),
        (BulkAction.CHANGE_RENEWAL, {"renewal": "CANCEL"}),
        (BulkAction.ASSIGN_STAFF, {"agent": "lea"}),
    ],
    ids=["ask for access", "seats", "renewal", "staff"],
)
def test_a_busy_customer_holds_up_no_other(
    action: BulkAction, beside: dict[str, Any], keeps: str, cast: Cast, three: list[Customer]
) -> None:
    if action == BulkAction.ASSIGN_STAFF:
        beside = {"agent": make_person(cast.resale_one.reseller, *cast.resale_one.agent.roles, name="Lea").pk}
    for one in three[1:]:
        make_person(one, *cast.acme.super_admin.roles)
    job = many_customers(cast, action, **beside)
    with kept(three[0] if keeps == "customer" else relation(three[0])):
        work()
        assert outcomes(again(job)) == {"Acme": "waiting", "Beta": "done", "Gamma": "done"}
        assert again(job).status == JobStatus.RUNNING
        assert [line.data.get("tries") for line in job.lines.order_by("number")] == [2, None, None], (
            "once before the others and once after"
        )
    Job.objects.update(next_attempt_at=Now())
    work()
    assert (again(job).status, set(outcomes(job).values())) == (JobStatus.DONE, {"done"})


def test_a_customer_that_stays_busy_is_refused_in_words_at_last(cast: Cast, three: list[Customer]) -> None:
    job = many_customers(cast, BulkAction.CHANGE_SEATS)
    with kept(three[1]):
        steps = take_turns()
    assert steps == 3 + trying.TRIES - 1, "each step one customer, and only what is kept is tried again"
    assert outcomes(job) == {"Acme": "done", "Beta": "refused", "Gamma": "done"}
    assert (again(job).status, again(job).arguments["outcomes"]) == (JobStatus.DONE, {"done": 2, "refused": 1})
    assert "Another change was under way there" in lines(job)[1][3]


def test_a_busy_relation_is_foreseen_in_words(cast: Cast, three: list[Customer]) -> None:
    admin, details = fresh(cast.resale_one.admin), BESIDE | {"action": "change_seats"}
    rows = rows_for(admin, [one.pk for one in three], details)
    with kept(three[0], relation(three[1])):
        said = [why for _row, why in foresee_customers(Actor(admin), rows, details)]
    assert ["Another change" in why for why in said] == [True, True, False]


def test_people_that_are_kept_wait_and_the_others_are_changed(cast: Cast) -> None:
    acme, admin = cast.acme.customer, acting(cast.acme.super_admin)
    eva, ben, sales = make_person(acme, name="Eva"), make_person(acme, name="Ben"), make_unit(acme, "Sales")
    chosen = User.objects.filter(pk__in=[eva.pk, ben.pk])
    for action in (BulkAction.SUSPEND, BulkAction.RESTORE, BulkAction.MOVE, BulkAction.PASSWORD_MAIL):
        beside = Beside(org_unit=sales) if action == BulkAction.MOVE else Beside()
        job = change_rows(
            actor=admin, customer=acme, kind=JobKind.CHANGE_USERS, action=action, chosen=chosen, beside=beside
        )
        with kept(eva):
            work()
            assert outcomes(again(job)) == {"Ben": "done", "Eva": "waiting"}, action
        Job.objects.update(next_attempt_at=Now())
        work()
        assert (again(job).status, set(outcomes(job).values())) == (JobStatus.DONE, {"done"})
    assert AuditEvent.objects.filter(name=EventName.SUSPEND_USER).count() == 2


def test_licences_and_groups_need_nobodys_row(cast: Cast) -> None:
    acme, admin = cast.acme.customer, acting(cast.acme.super_admin)
    eva, subscription = make_person(acme, name="Eva"), order(acme)
    group = groups.create_group(actor=None, customer=acme, email="all@acme.example", name="All")
    for action in (BulkAction.ASSIGN_LICENCES, BulkAction.UNASSIGN_LICENCES, BulkAction.ADD_TO_GROUP):
        job = change_rows(
            actor=admin,
            customer=acme,
            kind=JobKind.CHANGE_USERS,
            action=action,
            chosen=User.objects.filter(pk=eva.pk),
            beside=Beside(subscription=subscription, group=group),
        )
        with kept(eva):
            work()
        assert outcomes(again(job)) == {"Eva": "done"}, action
    licensing.assign_licences(actor=None, subscription=subscription, people=User.objects.filter(pk=eva.pk))
    assert having(subscription) == {eva.pk}


def test_devices_and_groups_that_are_kept_wait_too(cast: Cast) -> None:
    acme, admin = cast.acme.customer, acting(cast.acme.super_admin)
    for serial in ("a1", "b2"):
        devices.enrol_device(actor=None, customer=acme, kind="android", serial_number=serial)
    for name in ("One", "Two"):
        groups.create_group(actor=None, customer=acme, email=f"{name}@acme.example", name=name)
    for kind, action, rows in (
        (JobKind.CHANGE_DEVICES, BulkAction.BLOCK, Device.objects.order_by("pk")),
        (JobKind.CHANGE_GROUPS, BulkAction.DELETE, DirectoryGroup.objects.order_by("pk")),
    ):
        job = change_rows(actor=admin, customer=acme, kind=kind, action=action, chosen=rows)
        with kept(rows[0]):
            work()
            assert sorted(outcomes(again(job)).values()) == ["done", "waiting"], kind
        Job.objects.update(next_attempt_at=Now())
        work()
        assert set(outcomes(again(job)).values()) == {"done"}


def test_a_person_of_a_file_that_is_kept_waits_and_the_others_are_imported(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    eva, ben = make_person(acme, name="Eva"), make_person(acme, name="Ben")
    text = f"name,email\nEva Novak,{eva.email}\nBen Berg,{ben.email}\nNew,new@acme.example\n"
    job = upload(admin, acme, text)
    start_job(actor=acting(admin), job=job)
    with kept(eva):
        work()
        assert outcomes(again(job)) == {"Eva Novak": "waiting", "Ben Berg": "done", "New": "done"}
        assert (again(job).status, again(job).attempts) == (JobStatus.RUNNING, 0)
    Job.objects.update(next_attempt_at=Now())
    work()
    assert (fresh(eva).name, again(job).status) == ("Eva Novak", JobStatus.DONE)
    assert User.objects.filter(email="new@acme.example").count() == 1
