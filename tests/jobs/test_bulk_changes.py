"""One change for several users, and devices from a file: each by the verb for one, so every rule holds for many."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts.authorisation import permissions_on
from accounts.errors import Refused
from accounts.models import AuditEvent, Device, Job, User
from accounts.models.event_names import EventName
from accounts.models.jobs import BulkAction, JobKind, JobStatus
from jobs.choosing import Beside, change_rows
from jobs.kinds.import_devices import COLUMNS
from jobs.scope import jobs_in_console, may_download
from jobs.titles import check_titles
from subscriptions import leaving
from tests.cast import Cast, cast
from tests.factories import fresh, make_person, make_unit
from tests.jobs.bulk_world import acting, again, inside, lines, run, upload, work
from tests.support.world import open_console

__all__ = ["cast"]


def everybody(cast: Cast) -> list[User]:
    return [cast.acme.super_admin, cast.acme.support_manager, cast.acme.auditor, cast.acme.nobody]


def change(actor: User, cast: Cast, action: BulkAction, *chosen: User, **details: object) -> Job:
    people = User.objects.filter(pk__in=[person.pk for person in chosen])
    job = change_rows(
        actor=inside(actor, cast.acme.customer),
        customer=cast.acme.customer,
        kind=JobKind.CHANGE_USERS,
        action=action,
        chosen=people,
        beside=Beside(**details),  # type: ignore[arg-type]
    )
    work()
    return again(job)


def test_several_people_are_suspended_and_restored_by_the_verbs_for_one(cast: Cast) -> None:
    admin, eva = cast.acme.super_admin, make_person(cast.acme.customer, name="Eva")
    job = change(admin, cast, BulkAction.SUSPEND, eva, cast.acme.nobody)
    assert (job.status, job.total, job.arguments["outcomes"]) == (JobStatus.DONE, 2, {"done": 2})
    assert not fresh(eva).is_active
    assert change(admin, cast, BulkAction.SUSPEND, eva).arguments["outcomes"] == {"unchanged": 1}
    change(admin, cast, BulkAction.RESTORE, eva, cast.acme.nobody)
    assert fresh(eva).is_active
    names = list(AuditEvent.objects.filter(subject=eva.email).order_by("pk").values_list("name", flat=True))
    assert names == ["CREATE_USER", "SUSPEND_USER", "UNSUSPEND_USER"]
    started = AuditEvent.objects.filter(name=EventName.BULK_CHANGE).first()
    assert started
    assert started.new_value == {"job_kind": "change_users", "lines": 2, "bulk_action": "suspend"}


def test_several_people_are_moved_and_deleted(cast: Cast) -> None:
    admin, eva = cast.acme.super_admin, make_person(cast.acme.customer, name="Eva")
    sales = make_unit(cast.acme.customer, "Sales")
    change(admin, cast, BulkAction.MOVE, eva, cast.acme.nobody, org_unit=sales)
    assert {fresh(eva).org_unit, fresh(cast.acme.nobody).org_unit} == {sales}
    change(admin, cast, BulkAction.DELETE, eva)
    assert fresh(eva).deleted_at is not None
    assert lines(change(admin, cast, BulkAction.RESTORE, eva))[0][1] == "refused"


def test_P7_the_last_super_admin_stays_whoever_is_chosen(cast: Cast) -> None:
    other = make_person(cast.acme.customer, *cast.acme.super_admin.roles, name="Second")
    job = change(other, cast, BulkAction.DELETE, *everybody(cast), other)
    said = {line.data["cells"]["name"]: (line.outcome, line.message) for line in job.lines.all()}
    assert said["Alice"] == ("done", "")
    assert said["Second"][0] == "refused"
    assert User.objects.filter(pk=other.pk, is_active=True).exists()


def test_R14_an_agent_changes_those_who_hold_no_role_and_the_others_are_named(cast: Cast) -> None:
    open_console(cast)
    job = change(cast.resale_one.agent, cast, BulkAction.SUSPEND, *everybody(cast))
    assert sorted(outcome for _number, outcome, _column, _message in lines(job)) == ["done", *["refused"] * 3]
    assert not fresh(cast.acme.nobody).is_active
    assert all("holds an admin role" in message for _n, outcome, _c, message in lines(job) if outcome == "refused")


def test_people_of_another_customer_are_never_in_it(cast: Cast) -> None:
    job = change(cast.acme.super_admin, cast, BulkAction.SUSPEND, cast.acme.nobody, *cast.globex.people)
    assert job.total == 1
    assert all(fresh(person).is_active for person in cast.globex.people)
    with pytest.raises(Refused, match="Choose at least one"):
        change(cast.acme.super_admin, cast, BulkAction.SUSPEND, *cast.globex.people)
    for stranger in (cast.globex.super_admin, cast.acme.auditor, cast.resale_two.admin):
        with pytest.raises(PermissionDenied):
            change(stranger, cast, BulkAction.SUSPEND, cast.acme.nobody)


def test_who_is_gone_and_a_unit_that_is_gone_are_said_so(cast: Cast) -> None:
    sales = make_unit(cast.acme.customer, "Sales")
    people = User.objects.filter(pk=cast.acme.nobody.pk)
    job = change_rows(
        actor=acting(cast.acme.super_admin),
        customer=cast.acme.customer,
        kind=JobKind.CHANGE_USERS,
        action=BulkAction.MOVE,
        chosen=people,
        beside=Beside(org_unit=sales),
    )
    sales.delete()
    work()
    assert lines(again(job))[0][3].startswith("This organisational unit does not exist any more")


def test_R14_an_agent_sees_its_own_jobs_only_and_downloads_no_list_of_users(cast: Cast) -> None:
    open_console(cast)
    acme, agent = cast.acme.customer, cast.resale_one.agent
    admins = change(cast.acme.super_admin, cast, BulkAction.SUSPEND, cast.acme.nobody)
    agents = change(agent, cast, BulkAction.RESTORE, cast.acme.nobody)
    files = upload(agent, acme, "name,email\nEva,eva@acme.example\n")

    def seen(person: User) -> set[Job]:
        return set(jobs_in_console(person, acme, permissions_on(fresh(person), acme)))

    assert seen(cast.acme.super_admin) == seen(cast.acme.auditor) == {admins, agents, files}
    assert seen(agent) == {agents, files}
    for stranger in (cast.resale_one.admin, cast.acme.nobody, cast.globex.super_admin, cast.resale_two.admin):
        assert seen(stranger) == set()
    held = permissions_on(fresh(agent), acme)
    assert [may_download(job, agent, held) for job in (agents, files)] == [False, True]
    assert may_download(agents, cast.acme.super_admin, permissions_on(fresh(cast.acme.super_admin), acme))


DEVICES = "kind,serial_number,model,os_version,user,org_unit\n"


def test_devices_are_enrolled_from_a_file_and_bad_lines_are_named(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    sales = make_unit(acme, "Sales")
    leaving.delete_user_with_licences(actor=None, person=make_person(acme, name="Gone"))
    text = DEVICES + "".join(
        f"{line}\n"
        for line in (
            "chromeos,ab 12,Chromebook,131,dave@acme.example,/Sales",
            "Android,cd34,Pixel 9,16,,",
            "toaster,ef56,,,,",
            "ios,,,,,",
            "ios,AB12,,,,",
            f"ios,gh78,{'x' * 101},,,",
            "ios,ij90,,,gina@globex.example,",
            "ios,kl12,,,gone@acme.example,",
            "ios,mn34,,,dave,",
            "ios,op56,,,,/No",
        )
    )
    job = upload(admin, acme, text, JobKind.IMPORT_DEVICES)
    assert [(outcome, column) for _number, outcome, column, _message in lines(job)] == [
        ("waiting", ""),
        ("waiting", ""),
        ("refused", "kind"),
        ("refused", "serial_number"),
        ("refused", "serial_number"),
        ("refused", "model"),
        ("refused", "user"),
        ("refused", "user"),
        ("refused", "user"),
        ("refused", "org_unit"),
    ]
    assert not Device.objects.exists()
    assert run(admin, job).arguments["outcomes"] == {"refused": 8, "done": 2}
    one, two = Device.objects.order_by("serial_number")
    assert (one.serial_number, one.user, one.org_unit) == ("AB12", cast.acme.nobody, sales)
    assert (two.serial_number, two.kind, two.user) == ("CD34", "android", None)
    assert AuditEvent.objects.filter(name=EventName.ENROLL_DEVICE).count() == 2
    assert lines(upload(admin, acme, text, JobKind.IMPORT_DEVICES))[0][1:3] == ("refused", "serial_number")


def test_the_columns_of_devices_have_other_names_too() -> None:
    assert check_titles("type;serial_number\n", COLUMNS).names == ("kind", "serial_number")
