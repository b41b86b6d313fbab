"""Licences, groups, invitations and devices for several at once: each row has its outcome, and each rule holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.directory import devices, groups, suspending
from accounts.directory.invitations import TO_ONE_PERSON
from accounts.directory.several import Decided
from accounts.models import AuditEvent, Customer, Device, DirectoryGroup, GroupMember, Job, Mail, User
from accounts.models.event_names import EventName
from accounts.models.jobs import BulkAction, JobKind, JobStatus
from accounts.models.mail import INVITATION
from accounts.roles import Role
from jobs import running
from jobs.choosing import Beside, change_rows, foresee
from jobs.kinds import KINDS, change_groups
from jobs.starting import may_go_on, start_job
from jobs.stopping import stop_job
from subscriptions import leaving
from subscriptions.licensing import assign_licences
from subscriptions.models import Subscription
from subscriptions.models.subscription import Plan
from tests.cast import Cast, cast
from tests.factories import fresh, make_person
from tests.jobs.bulk_world import acting, again, inside, lines, work
from tests.subscriptions.licence_world import PLUS, having, make_people, order
from tests.support.world import open_console

__all__ = ["cast"]

USERS, NOTHING = JobKind.CHANGE_USERS, Beside()


def change(
    actor: User, customer: Customer, action: BulkAction, chosen: QuerySet[User], beside: Beside = NOTHING
) -> Job:
    """Ask for a change of people and let a worker do it."""
    job = change_rows(
        actor=inside(actor, customer), customer=customer, kind=USERS, action=action, chosen=chosen, beside=beside
    )
    work()
    return again(job)


def said(job: Job) -> dict[str, tuple[str, str]]:
    return {line.data["cells"]["name"]: (line.outcome, line.message) for line in job.lines.all()}


def set_password(person: User) -> None:
    person.set_password("correct horse battery")
    person.save(update_fields=["password"])


def foreseen(actor: User, customer: Customer, action: BulkAction, ids: list[int], beside: Beside) -> set[int]:
    """Return who is refused, as the page says it before."""
    return set(foresee(acting(actor), customer, USERS, action, ids, beside).refused)


def test_B5_licences_go_to_the_first_by_name_until_no_seat_is_free(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    subscription, people = order(acme, seats=2), make_people(acme, 4)
    other = order(acme, sku=PLUS, seats=9)
    first, *_rest = people.order_by("sort_name")
    assign_licences(actor=None, subscription=other, people=people.filter(pk=first.pk))
    beside = Beside(subscription=subscription)
    ids = list(people.order_by("sort_name").values_list("pk", flat=True))
    refused = foreseen(admin, acme, BulkAction.ASSIGN_LICENCES, ids, beside)
    job = change(admin, acme, BulkAction.ASSIGN_LICENCES, people, beside)
    outcomes = [outcome for _n, outcome, _c, _m in lines(job)]
    assert outcomes == ["refused", "done", "done", "refused"]
    assert refused == {ids[0], ids[3]}
    assert "another licence" in lines(job)[0][3] and "No seat" in lines(job)[3][3]
    assert having(subscription) == {ids[1], ids[2]}
    switched = change(
        admin, acme, BulkAction.ASSIGN_LICENCES, people.filter(pk=first.pk), Beside(subscription=other, switch=True)
    )
    assert switched.arguments["outcomes"] == {"unchanged": 1}
    revoked = change(admin, acme, BulkAction.UNASSIGN_LICENCES, people, beside)
    assert revoked.arguments["outcomes"] == {"done": 2, "unchanged": 2}
    assert having(subscription) == set()
    assert AuditEvent.objects.filter(name=EventName.USER_LICENSE_REVOKE).count() == 2


def test_a_suspended_subscription_refuses_every_line_in_words(cast: Cast) -> None:
    acme = cast.acme.customer
    subscription, people = order(acme), make_people(acme, 2)
    Subscription.objects.filter(pk=subscription.pk).update(status="SUSPENDED", suspension_reasons=["OTHER"])
    job = change(cast.acme.super_admin, acme, BulkAction.ASSIGN_LICENCES, people, Beside(subscription=subscription))
    assert job.arguments["outcomes"] == {"refused": 2}
    assert all("suspended" in message for _n, _o, _c, message in lines(job))


def test_R3_an_agent_assigns_no_licence_outside_its_scope_also_when_the_job_runs(cast: Cast) -> None:
    open_console(cast)
    acme, agent = cast.acme.customer, cast.resale_one.agent
    vendors, people = order(acme, plan=Plan.FLEXIBLE), make_people(acme, 1)
    job = change(agent, acme, BulkAction.ASSIGN_LICENCES, people, Beside(subscription=vendors))
    assert job.arguments["outcomes"] == {"refused": 1}
    assert having(vendors) == set()


def test_R18_each_action_takes_its_own_right(cast: Cast) -> None:
    acme, people = cast.acme.customer, User.objects.filter(pk=cast.acme.nobody.pk)
    manager = make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Uma")
    subscription = order(acme)
    for action in (BulkAction.ASSIGN_LICENCES, BulkAction.UNASSIGN_LICENCES):
        with pytest.raises(PermissionDenied):
            change(manager, acme, action, people, Beside(subscription=subscription))
    help_desk = make_person(acme, Role.HELP_DESK_ADMIN, name="Hal")
    for action in KINDS[JobKind.CHANGE_USERS].changes:
        if action in (BulkAction.APPROVE, BulkAction.BLOCK, BulkAction.REMOVE, BulkAction.ADD_PEOPLE):
            continue
        with pytest.raises(PermissionDenied):
            change(help_desk, acme, action, people)
    assert not Job.objects.exists()


def test_people_are_added_to_a_group_and_removed_and_those_who_are_there_are_left(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    group = groups.create_group(actor=None, customer=acme, email="all@acme.example", name="All")
    eva, gone = make_person(acme, name="Eva"), make_person(acme, name="Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False, deleted_at="2020-01-01T00:00:00Z")
    groups.add_members(actor=None, group=group, people=[cast.acme.nobody])
    chosen = User.objects.filter(pk__in=[eva.pk, gone.pk, cast.acme.nobody.pk])
    job = change(admin, acme, BulkAction.ADD_TO_GROUP, chosen, Beside(group=group))
    assert {name: outcome for name, (outcome, _why) in said(job).items()} == {
        "Dave": "unchanged",
        "Eva": "done",
        "Gone": "refused",
    }
    assert foreseen(admin, acme, BulkAction.ADD_TO_GROUP, [eva.pk, gone.pk], Beside(group=group)) == {gone.pk}
    assert set(GroupMember.objects.values_list("user", flat=True)) == {eva.pk, cast.acme.nobody.pk}
    job = change(admin, acme, BulkAction.REMOVE_FROM_GROUP, chosen, Beside(group=group))
    assert job.arguments["outcomes"] == {"done": 2, "unchanged": 1}
    assert not GroupMember.objects.exists()
    assert AuditEvent.objects.filter(name=EventName.REMOVE_GROUP_MEMBER).count() == 2
    started = AuditEvent.objects.filter(name=EventName.BULK_CHANGE).first()
    assert started and started.new_value["group"] == "all@acme.example"
    gone_group = Beside(group=group)
    job = change_rows(
        actor=acting(admin), customer=acme, kind=USERS, action=BulkAction.ADD_TO_GROUP, chosen=chosen, beside=gone_group
    )
    groups.delete_group(actor=None, group=group)
    work()
    assert again(job).arguments["outcomes"] == {"refused": 3}


def test_P11_links_go_to_those_without_a_password_within_the_limits_of_a_day(
    cast: Cast, settings: pytest.FixtureRequest
) -> None:
    settings.INVITATIONS_ELSEWHERE_PER_DAY = 1  # type: ignore[attr-defined]
    acme, admin = cast.acme.customer, cast.acme.super_admin
    new = [
        make_person(acme, name=name, email=f"{name.lower()}@{domain}", password=None)
        for name, domain in (
            ("Ann", "acme.example"),
            ("Ben", "elsewhere.example"),
            ("Cid", "elsewhere.example"),
            ("Dan", "acme.example"),
        )
    ]
    set_password(cast.acme.nobody)
    Mail.objects.bulk_create(Mail(kind=INVITATION, recipient=new[3]) for _ in range(TO_ONE_PERSON))
    job = change(
        admin, acme, BulkAction.PASSWORD_MAIL, User.objects.filter(pk__in=[*(p.pk for p in new), cast.acme.nobody.pk])
    )
    outcomes = {name: outcome for name, (outcome, _why) in said(job).items()}
    assert outcomes == {"Ann": "done", "Ben": "done", "Cid": "refused", "Dan": "refused", "Dave": "refused"}
    assert set(Mail.objects.filter(recipient__in=new[:3]).values_list("recipient", flat=True)) == {
        new[0].pk,
        new[1].pk,
    }
    assert AuditEvent.objects.filter(name=EventName.INVITE_USER).count() == 2


def test_P7_what_the_page_foretells_is_what_the_worker_refuses(cast: Cast) -> None:
    acme = cast.acme.customer
    other = make_person(acme, Role.SUPER_ADMIN, name="Second")
    people = [*cast.acme.people, other]
    ids = [person.pk for person in sorted(people, key=lambda person: (person.sort_name, person.pk))]
    for action in (BulkAction.SUSPEND, BulkAction.RESTORE, BulkAction.DELETE):
        before = foreseen(other, acme, action, ids, Beside())
        job = change(other, acme, action, User.objects.filter(pk__in=ids))
        refused = {line.data["person"] for line in job.lines.all() if line.outcome == "refused"}
        assert refused == before
        assert fresh(other).is_active


def test_several_people_take_as_many_queries_as_one(cast: Cast) -> None:
    acme, counts = cast.acme.customer, set()
    for number in (1, 40):
        ids = list(make_people(acme, number, name=f"P{number}").values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            suspending.suspend_users(actor=acting(cast.acme.super_admin), organisation=acme, people=ids)
            suspending.unsuspend_users(actor=acting(cast.acme.super_admin), organisation=acme, people=ids)
        counts.add(len(queries))
    assert len(counts) == 1


def test_people_of_another_organisation_are_gone_for_the_verb_itself(cast: Cast) -> None:
    gina = cast.globex.nobody
    found = suspending.suspend_users(
        actor=acting(cast.acme.super_admin), organisation=cast.acme.customer, people=[gina.pk]
    )
    assert set(found.refused) == {gina.pk} and found.done == []
    assert fresh(gina).is_active


def test_a_job_that_was_stopped_goes_on_with_the_lines_that_are_left(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    acme, admin = cast.acme.customer, cast.acme.super_admin
    people = make_people(acme, 5)
    job = change_rows(actor=acting(admin), customer=acme, kind=USERS, action=BulkAction.SUSPEND, chosen=people)
    next(running.batches())
    stop_job(actor=acting(admin), job=job)
    work()
    assert (again(job).settled, people.filter(is_active=False).count()) == (2, 2)
    assert may_go_on(again(job))
    start_job(actor=acting(admin), job=job)
    work()
    assert (again(job).status, again(job).arguments["outcomes"]) == (JobStatus.DONE, {"done": 5})
    assert AuditEvent.objects.filter(name=EventName.SUSPEND_USER).count() == 5
    assert not may_go_on(again(job))


def test_several_devices_and_groups_are_changed(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    for serial in ("a", "b"):
        devices.enrol_device(actor=None, customer=acme, kind="android", serial_number=serial)
    devices.enrol_device(actor=None, customer=cast.globex.customer, kind="android", serial_number="c")
    for name in ("One", "Two"):
        groups.create_group(actor=None, customer=acme, email=f"{name}@acme.example", name=name)
    eva = make_person(acme, name="Eva")

    def run(kind: JobKind, action: BulkAction, beside: Beside = NOTHING) -> dict[str, int]:
        rows = Device.objects.all() if kind == JobKind.CHANGE_DEVICES else DirectoryGroup.objects.all()
        job = change_rows(actor=acting(admin), customer=acme, kind=kind, action=action, chosen=rows, beside=beside)
        work()
        return dict(again(job).arguments["outcomes"])

    assert run(JobKind.CHANGE_DEVICES, BulkAction.BLOCK) == {"done": 2}
    assert run(JobKind.CHANGE_DEVICES, BulkAction.BLOCK) == {"unchanged": 2}
    assert run(JobKind.CHANGE_DEVICES, BulkAction.APPROVE) == {"done": 2}
    assert run(JobKind.CHANGE_DEVICES, BulkAction.REMOVE) == {"done": 2}
    assert set(Device.objects.values_list("serial_number", flat=True)) == {"C"}
    assert run(JobKind.CHANGE_GROUPS, BulkAction.ADD_PEOPLE, Beside(people=[eva.pk])) == {"done": 2}
    assert run(JobKind.CHANGE_GROUPS, BulkAction.ADD_PEOPLE, Beside(people=[eva.pk])) == {"unchanged": 2}
    assert GroupMember.objects.filter(user=eva).count() == 2
    assert run(JobKind.CHANGE_GROUPS, BulkAction.DELETE) == {"done": 2}
    assert not DirectoryGroup.objects.exists()


def test_many_people_are_put_into_many_groups_in_steps_of_so_many_members(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 people and 500 groups are 250,000 members: no transaction of a minute that keeps the customer locked."""
    monkeypatch.setattr(change_groups, "MEMBERS_AT_ONCE", 7)
    acme, admin = cast.acme.customer, cast.acme.super_admin
    for number in range(5):
        groups.create_group(actor=None, customer=acme, email=f"g{number}@acme.example", name=f"Group {number}")
    chosen, kind = DirectoryGroup.objects.all(), JobKind.CHANGE_GROUPS

    def members_after_each_step(people: QuerySet[User]) -> list[int]:
        GroupMember.objects.all().delete()
        beside = Beside(people=list(people.values_list("pk", flat=True)))
        job = change_rows(
            actor=acting(admin), customer=acme, kind=kind, action=BulkAction.ADD_PEOPLE, chosen=chosen, beside=beside
        )
        found = [GroupMember.objects.count() for _step in running.batches()]
        assert (again(job).status, again(job).arguments["outcomes"]) == (JobStatus.DONE, {"done": 5})
        return found

    assert members_after_each_step(make_people(acme, 3)) == [6, 12, 15]
    assert members_after_each_step(make_people(acme, 8)) == [8, 16, 24, 32, 40]


@pytest.mark.parametrize("verb", [suspending.suspend_users, leaving.delete_users_with_licences])
def test_P7_of_all_super_admins_at_once_the_last_one_stays(cast: Cast, verb: Callable[..., Decided]) -> None:
    acme = cast.acme.customer
    admins = [cast.acme.super_admin, make_person(acme, Role.SUPER_ADMIN), make_person(acme, Role.SUPER_ADMIN)]
    found = verb(actor=None, organisation=acme, people=[person.pk for person in admins])
    assert (found.done, set(found.refused)) == ([admins[0].pk, admins[1].pk], {admins[2].pk})
    assert [fresh(person).is_active for person in admins] == [False, False, True]
