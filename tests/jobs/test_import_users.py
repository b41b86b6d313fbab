"""Users from a file: checked before anything is written, done in batches, by the rules that hold for one (P6, R14)."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.console_sessions import entering
from accounts.directory import people
from accounts.errors import Refused
from accounts.models import Address, AuditEvent, ConsoleSession, DirectoryGroup, Job, JobLine, OrgUnit, User
from accounts.models.audit_event import EventName
from accounts.models.entries import EndReason
from accounts.models.jobs import BulkAction, JobStatus, LineOutcome
from accounts.roles import Role
from jobs import running
from jobs.choosing import change_users
from jobs.encodings import LINES_AT_MOST
from jobs.starting import start_job
from jobs.stopping import WAITING_AT_MOST, stop_job
from subscriptions import leaving
from subscriptions.access import desired
from tests.cast import Cast, cast
from tests.factories import make_person
from tests.jobs.bulk_world import acting, again, inside, lines, make_unit, run, upload, work
from tests.support.world import open_console

__all__ = ["cast"]

GOOD = "name,email,org_unit\nEva Novak,eva@acme.example,/Sales\nFinn Berg,finn@acme.example,\n"


def state_of_directory() -> list[tuple[object, ...]]:
    return list(User.objects.order_by("pk").values_list("pk", "email", "name", "org_unit", "is_active"))


def test_nothing_is_written_before_somebody_has_seen_what_would_happen(cast: Cast) -> None:
    acme = cast.acme.customer
    make_unit(acme, "Sales")
    before = state_of_directory()
    job = upload(cast.acme.super_admin, acme, GOOD + "Dave D,dave@acme.example,/sales\nDave,bad,\n")
    assert (job.status, job.total, job.settled, job.upload) == (JobStatus.READY, 4, 1, "")
    assert job.arguments["plan"] == {"create": 2, "change": 1}
    assert state_of_directory() == before
    work()
    assert state_of_directory() == before


def test_P1_people_are_created_as_create_user_does_it(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    sales = make_unit(acme, "Sales")
    by_hand = make_person(acme, name="Eva Novak", email="by.hand@acme.example")
    job = run(admin, upload(admin, acme, GOOD))
    assert (job.status, job.settled, job.arguments["outcomes"]) == (JobStatus.DONE, 2, {"done": 2})
    eva, finn = User.objects.get(email="eva@acme.example"), User.objects.get(email="finn@acme.example")
    assert (eva.org_unit, finn.org_unit, eva.customer) == (sales, by_hand.org_unit, acme)
    assert not eva.has_usable_password()
    for field in ("name", "sort_name", "is_active", "must_change_password", "language", "theme", "time_zone"):
        assert getattr(eva, field) == getattr(by_hand, field)
    assert Address.objects.get(email=eva.email).user == eva
    event = AuditEvent.objects.get(name=EventName.CREATE_USER, subject=eva.email)
    expected = AuditEvent.objects.get(name=EventName.CREATE_USER, subject=by_hand.email)
    assert event.new_value == {**(expected.new_value or {}), "email": eva.email}
    assert (event.customer_id, event.actor_email, event.ip_address) == (acme.pk, admin.email, "192.0.2.7")


def test_A1_upload_start_and_each_person_are_in_the_trail(cast: Cast) -> None:
    admin = cast.acme.super_admin
    make_unit(cast.acme.customer, "Sales")
    before = AuditEvent.objects.count()
    run(admin, upload(admin, cast.acme.customer, GOOD))
    names = list(AuditEvent.objects.order_by("pk").values_list("name", flat=True))[before:]
    assert names == ["BULK_UPLOAD", "BULK_CHANGE", "CREATE_USER", "CREATE_USER"]


def test_a_known_address_changes_the_name_and_the_unit_and_leaves_what_is_empty(cast: Cast) -> None:
    acme, admin, dave = cast.acme.customer, cast.acme.super_admin, cast.acme.nobody
    sales = make_unit(acme, "Sales")
    job = run(admin, upload(admin, acme, "email,name,org_unit\nDAVE@acme.example,,/Sales\n"))
    dave.refresh_from_db()
    assert (job.arguments["outcomes"], dave.name, dave.org_unit) == ({"done": 1}, "Dave", sales)
    run(admin, upload(admin, acme, "email,name\ndave@acme.example,David\n"))
    dave.refresh_from_db()
    assert (dave.name, dave.org_unit) == ("David", sales)
    same = upload(admin, acme, "email,name,org_unit\ndave@acme.example,David,sales/\n")
    assert (same.status, same.arguments["outcomes"]) == (JobStatus.READY, {"unchanged": 1})
    with pytest.raises(Refused):
        start_job(actor=acting(admin), job=same)


def test_every_bad_line_is_named_with_its_column_and_reason(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    root = OrgUnit.objects.get(customer=acme, parent=None)
    leaving.delete_user_with_licences(actor=None, person=make_person(acme, name="Gone"))
    group = DirectoryGroup.objects.create(customer=acme, email="all@acme.example", name="All", sort_name="all")
    Address.objects.create(email=group.email, group=group)
    Address.objects.create(email="alias@acme.example", user=cast.acme.nobody)
    other = make_person(cast.globex.customer, email="guest@third.example")
    bad = {
        "No Address,": ("email", "Enter an e-mail address"),
        "No Address,nobody": ("email", "Enter an e-mail address"),
        ",new@acme.example": ("name", "Enter a name."),
        f"{'x' * 201},long@acme.example": ("name", "Use at most 200 characters."),
        f"Long,{'x' * 260}@acme.example": ("email", "Enter an e-mail address"),
        f"Longer,{'x' * 2000}@acme.example": ("email", "This is too long."),
        "Twice,eva@acme.example": ("email", "Line 2 has the same address."),
        "Twice,EVA@ACME.EXAMPLE.": ("email", "Line 2 has the same address."),
        "Stranger,x@globex.example": ("email", "This domain belongs to another organisation."),
        "Stranger,x@resale-one.example": ("email", "This domain belongs to another organisation."),
        f"Taken,{other.email}": ("email", "This e-mail address is taken already"),
        "Group,all@acme.example": ("email", "This is the address of a group."),
        "Alias,alias@acme.example": ("email", "This is another address of Dave. Use dave@acme.example."),
        "Deleted,gone@acme.example": ("email", "This user was deleted a short time ago."),
        "Lost\ufffd,lost@acme.example": ("", "A character of this line was lost"),
    }
    text = "name,email\nEva,eva@acme.example\n" + "".join(f"{line}\n" for line in bad)
    job = upload(admin, acme, text)
    found = lines(job)
    assert found[0] == (2, "waiting", "", "")
    for (number, outcome, column, message), (wanted_column, said) in zip(found[1:], bad.values(), strict=True):
        assert (outcome, column) == ("refused", wanted_column), number
        assert message.startswith(said), number
    units = upload(admin, acme, "name,email,org_unit\nEva,eva@acme.example,/No/Where\nFinn,finn@acme.example,/\n")
    assert lines(units)[0][2:] == (
        "org_unit",
        "There is no organisational unit “/No/Where”. Create it first, or correct the path.",
    )
    run(admin, job)
    assert User.objects.filter(customer=acme, email="eva@acme.example", org_unit=root).exists()
    assert again(job).arguments["outcomes"] == {"refused": len(bad), "done": 1}


@pytest.mark.parametrize(
    "email",
    ["a@gmail.com", "a@GMAIL.com.", "a@ｇｍａｉｌ.com", "a@gmail。com", "a@gm\u200bail.com", "a@googlemail.com"],
)
def test_P6_consumer_addresses_are_refused_in_every_spelling(cast: Cast, email: str) -> None:
    job = upload(cast.acme.super_admin, cast.acme.customer, f"name,email\nAna,{email}\nBo,bo@notgmail.com\n")
    first, second = lines(job)
    assert first[1:3] == ("refused", "email")
    assert "managed account" in first[3]
    assert second[1] == "waiting"


def test_a_name_that_a_spreadsheet_would_run_is_kept_and_harmless_when_it_leaves(cast: Cast) -> None:
    names = ['=HYPERLINK(""x"")', "+1", "-1", "@sum", "＝1+1"]
    text = "name;email\n" + "".join(f'"{name}";p{n}@acme.example\n' for n, name in enumerate(names))
    run(cast.acme.super_admin, upload(cast.acme.super_admin, cast.acme.customer, text))
    stored = User.objects.filter(email__regex=r"^p\d@acme").order_by("email").values_list("name", flat=True)
    assert list(stored) == [name.replace('""', '"') for name in names]


def test_the_number_of_queries_does_not_grow_with_the_lines(cast: Cast) -> None:
    admin, acme = cast.acme.super_admin, cast.acme.customer

    def count(first: int, number: int) -> tuple[int, int]:
        numbers = range(first, first + number)
        text = "name,email\n" + "".join(f"Person {n},p{n}@acme.example\n" for n in numbers)
        with CaptureQueriesContext(connection) as checking:
            job = upload(admin, acme, text)
        with CaptureQueriesContext(connection) as working:
            run(admin, job)
        return len(checking), len(working)

    count(0, 1)
    assert count(10, 2) == count(20, 400)


def test_100_000_lines_are_checked_in_reasonable_time(cast: Cast) -> None:
    text = "name,email\n" + "".join(f"Person {n},p{n}@acme.example\n" for n in range(LINES_AT_MOST))
    began = time.process_time()
    job = upload(cast.acme.super_admin, cast.acme.customer, text)
    assert (job.status, job.total, job.arguments["plan"]) == (JobStatus.READY, 100_000, {"create": 100_000})
    # Measured about 10 s of this process; a person who asks the database for each line gets minutes.
    assert time.process_time() - began < 60


def test_only_who_uploaded_a_file_starts_it_and_starting_twice_is_starting_once(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    make_unit(acme, "Sales")
    job = upload(admin, acme, GOOD)
    other = make_person(acme, Role.SUPER_ADMIN, name="Other")
    with pytest.raises(Refused):
        start_job(actor=acting(other), job=job)
    for stranger in (cast.acme.auditor, cast.globex.super_admin, cast.resale_one.admin):
        with pytest.raises(PermissionDenied):
            start_job(actor=acting(stranger), job=job)
    for _ in range(3):
        start_job(actor=acting(admin), job=job)
        work()
    assert User.objects.filter(email="eva@acme.example").count() == 1
    assert AuditEvent.objects.filter(name=EventName.BULK_CHANGE).count() == 1


def test_who_may_not_manage_users_uploads_nothing(cast: Cast) -> None:
    open_console(cast)
    acme = cast.acme.customer
    for person in (cast.acme.auditor, cast.acme.nobody, cast.globex.super_admin, cast.resale_two.admin):
        with pytest.raises(PermissionDenied):
            upload(person, acme, GOOD)
    assert not Job.objects.exists()
    assert upload(cast.resale_one.agent, acme, GOOD).status == JobStatus.READY


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
        return change_users(actor=acting(person), customer=customer, action=action, chosen=chosen)

    jobs = [choose(cast.acme.super_admin) for _ in range(WAITING_AT_MOST)]
    with pytest.raises(Refused, match="wait or run already"):
        choose(cast.acme.super_admin)
    choose(make_person(cast.acme.customer, Role.SUPER_ADMIN, name="Another"))
    stop_job(actor=acting(cast.acme.super_admin), job=jobs[0])
    choose(cast.acme.super_admin)


def test_a_file_without_lines_fails_in_words(cast: Cast) -> None:
    job = upload(cast.acme.super_admin, cast.acme.customer, "name,email\n\n")
    assert (job.status, job.message) == (JobStatus.FAILED, "There is no line below the titles of the columns.")


def test_messages_are_in_the_language_of_whoever_uploaded_the_file(cast: Cast) -> None:
    with translation.override("fr"):
        job = upload(cast.acme.super_admin, cast.acme.customer, "name,email\nEva,eva\n")
    assert job.arguments["language"] == "fr"
    assert lines(job)[0][3].startswith("Saisissez une adresse")
