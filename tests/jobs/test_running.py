"""A job that was started: for whom it goes on, what stops it, and how jobs take turns (P8, R13 to R15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.console_sessions import entering
from accounts.directory import people
from accounts.errors import Refused
from accounts.models import AuditEvent, ConsoleSession, Job, JobLine, User
from accounts.models.entries import EndReason
from accounts.models.event_names import EventName
from accounts.models.jobs import BulkAction, JobKind, JobStatus, LineOutcome
from accounts.roles import Role
from jobs import running
from jobs.choosing import change_rows
from jobs.starting import start_job
from jobs.stopping import WAITING_AT_MOST, stop_job
from subscriptions.access import desired
from tests.cast import Cast, cast
from tests.factories import make_person, make_unit
from tests.jobs.bulk_world import acting, again, inside, lines, run, upload, work
from tests.support.world import open_console

__all__ = ["cast"]

GOOD = "name,email,org_unit\nEva Novak,eva@acme.example,/Sales\nFinn Berg,finn@acme.example,\n"


@pytest.mark.parametrize("how", ["suspended", "stripped", "closed", "put out"])
def test_P8_R13_whoever_may_not_do_it_any_more_is_stopped_before_the_next_batch(
    cast: Cast, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_console(cast)
    acme = cast.acme.customer
    person = (
        cast.resale_one.agent
        if how in ("closed", "put out")
        else make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Uma")
    )
    text = "name,email\n" + "".join(f"Person {n},p{n}@acme.example\n" for n in range(30))
    job = upload(person, acme, text)
    monkeypatch.setattr(running, "BATCH", 10)
    start_job(actor=inside(person, acme), job=job)
    next(running.batches())
    if how == "suspended":
        people.suspend_user(actor=None, person=person)
    elif how == "stripped":
        people.unassign_role(actor=None, person=person, role=Role.USER_MANAGEMENT_ADMIN)
    elif how == "put out":
        entering.end_all_console_sessions(actor=acting(cast.acme.super_admin), customer=acme)
    else:
        desired.remove_now(actor=acting(cast.acme.super_admin), customer=acme, reseller_id=cast.resale_one.reseller.pk)
    work()
    job = again(job)
    assert (job.status, job.settled, job.total) == (JobStatus.STOPPED, 10, 30)
    assert "may not do this any more" in job.message
    assert User.objects.filter(customer=acme, email__regex=r"^p\d").count() == 10
    assert JobLine.objects.filter(job=job, outcome=LineOutcome.WAITING).count() == 20
    event = AuditEvent.objects.get(name=EventName.BULK_STOPPED)
    assert (event.customer_id, event.new_value["lines_settled"], event.new_value["lines"]) == (acme.pk, 10, 30)


@pytest.mark.parametrize("entry", ["none", "another agent's", "another customer's", "of an earlier window"])
def test_R15_nothing_is_done_for_somebody_from_outside_who_has_not_entered(cast: Cast, entry: str) -> None:
    """A job is a door too: it asks for the same entry as a page (accounts.console_sessions.entry_in_force)."""
    open_console(cast)
    acme, agent = cast.acme.customer, cast.resale_one.agent
    job = upload(agent, acme, "name,email\nEva,eva@acme.example\n")
    mine = ConsoleSession.objects.filter(agent=agent)
    if entry == "another agent's":
        mine.update(agent=cast.resale_one.colleague)
    elif entry == "another customer's":
        mine.update(customer=cast.globex.customer)
    elif entry == "of an earlier window":
        mine.update(window="2020-01-01T00:00:00+00:00")
    number = None if entry == "none" else ConsoleSession.objects.get().pk
    start_job(actor=replace(acting(agent), console_session_id=number), job=job)
    work()
    assert (again(job).status, again(job).settled) == (JobStatus.STOPPED, 0)
    assert not User.objects.filter(email="eva@acme.example").exists()


def test_R15_what_was_started_inside_is_carried_out_when_its_agent_has_gone_home(cast: Cast) -> None:
    open_console(cast)
    acme, agent = cast.acme.customer, cast.resale_one.agent
    job = upload(agent, acme, "name,email\nEva,eva@acme.example\n")
    start_job(actor=inside(agent, acme), job=job)
    long_ago = timezone.now() - timedelta(hours=3)
    ConsoleSession.objects.update(last_seen_at=long_ago, ended_at=long_ago, ended_because=EndReason.OVER)
    work()
    assert again(job).status == JobStatus.DONE
    assert User.objects.filter(email="eva@acme.example").exists()


def test_R14_an_agents_file_changes_nobody_who_holds_an_admin_role(cast: Cast) -> None:
    open_console(cast)
    acme, agent = cast.acme.customer, cast.resale_one.agent
    text = "name,email\nAlicia,alice@acme.example\nDavid,dave@acme.example\n"
    job = run(agent, upload(agent, acme, text))
    first, second = lines(job)
    assert (first[1], second[1]) == ("refused", "done")
    assert "holds an admin role" in first[3]
    cast.acme.super_admin.refresh_from_db()
    assert cast.acme.super_admin.name == "Alice"


def test_what_was_taken_between_checking_and_running_is_refused_in_words(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    sales = make_unit(acme, "Sales")
    job = upload(admin, acme, GOOD)
    make_person(acme, name="Finn", email="finn@acme.example")
    sales.delete()
    job = run(admin, job)
    assert job.status == JobStatus.DONE
    assert [line[3][:20] for line in lines(job)] == ["This organisational ", "This e-mail address "]


def test_a_job_is_stopped_by_a_person_and_what_is_done_stays(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    monkeypatch.setattr(running, "BATCH", 1)
    make_unit(acme, "Sales")
    job = upload(admin, acme, GOOD)
    start_job(actor=acting(admin), job=job)
    next(running.batches())
    with pytest.raises(PermissionDenied):
        stop_job(actor=acting(cast.acme.auditor), job=job)
    stop_job(actor=acting(make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Uma")), job=job)
    stop_job(actor=acting(admin), job=job)
    work()
    assert (again(job).status, again(job).settled, again(job).message) == (JobStatus.STOPPED, 1, "Stopped by Uma.")
    assert AuditEvent.objects.filter(name=EventName.BULK_STOPPED).count() == 1
    assert not User.objects.filter(email="finn@acme.example").exists()


def test_a_batch_that_fails_is_tried_again_later_and_given_up_after_some_times(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    job = upload(admin, acme, "name,email\nEva,eva@acme.example\n")
    start_job(actor=acting(admin), job=job)
    # Something that the rules do not know of: the address is in use, and its row in the table of addresses is missing.
    other = make_person(cast.globex.customer, name="Odd")
    User.objects.filter(pk=other.pk).update(email="eva@acme.example")
    work()
    job = again(job)
    assert (job.status, job.attempts, again(job).settled) == ("queued", 1, 0)
    assert "accounts_user_email" in job.error
    for _ in range(running.MAX_ATTEMPTS):
        Job.objects.filter(pk=job.pk).update(next_attempt_at=job.requested_at - timedelta(minutes=1))
        work()
    assert again(job).status == JobStatus.FAILED
    assert not User.objects.filter(customer=acme, name="Eva").exists()
    assert "several times" in again(job).message


def test_jobs_take_turns(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    many = "name,email\n" + "".join(f"P {n},p{n}@acme.example\n" for n in range(5))
    slow = upload(cast.acme.super_admin, cast.acme.customer, many)
    quick = upload(cast.globex.super_admin, cast.globex.customer, "name,email\nEva,eva@globex.example\n")
    start_job(actor=acting(cast.acme.super_admin), job=slow)
    start_job(actor=acting(cast.globex.super_admin), job=quick)
    for _ in range(2):
        next(running.batches())
    assert (again(slow).settled, again(quick).status) == (1, JobStatus.DONE)


def test_nobody_fills_the_disk_with_files_that_wait(cast: Cast) -> None:
    for _ in range(WAITING_AT_MOST):
        upload(cast.acme.super_admin, cast.acme.customer, "name,email\nEva,eva@acme.example\n")
    with pytest.raises(Refused, match="wait or run already"):
        upload(cast.acme.super_admin, cast.acme.customer, "name,email\nEva,eva@acme.example\n")


def test_nobody_keeps_the_workers_busy_with_jobs_of_its_own(cast: Cast) -> None:
    def choose(person: User) -> Job:
        chosen = User.objects.filter(pk=cast.acme.nobody.pk)
        action, customer = BulkAction.SUSPEND, cast.acme.customer
        kind = JobKind.CHANGE_USERS
        return change_rows(actor=acting(person), customer=customer, kind=kind, action=action, chosen=chosen)

    jobs = [choose(cast.acme.super_admin) for _ in range(WAITING_AT_MOST)]
    with pytest.raises(Refused, match="wait or run already"):
        choose(cast.acme.super_admin)
    choose(make_person(cast.acme.customer, Role.SUPER_ADMIN, name="Another"))
    stop_job(actor=acting(cast.acme.super_admin), job=jobs[0])
    choose(cast.acme.super_admin)
