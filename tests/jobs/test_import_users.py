"""Users from a file: checked before anything is written, done in batches, by the rules that hold for one (P6, R14)."""

from __future__ import annotations

import time

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.errors import Refused
from accounts.models import Address, AuditEvent, DirectoryGroup, Job, OrgUnit, User
from accounts.models.event_names import EventName
from accounts.models.jobs import JobStatus
from accounts.roles import Role
from jobs.encodings import LINES_AT_MOST
from jobs.starting import start_job
from subscriptions import leaving
from tests.cast import Cast, cast
from tests.factories import make_person, make_unit
from tests.jobs.bulk_world import acting, again, lines, run, upload, work
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
    assert second[1] == "refused", "no consumer address, and none of this organisation's (P9)"
    assert "not a domain of your organisation" in second[3]


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


def test_a_file_without_lines_fails_in_words(cast: Cast) -> None:
    job = upload(cast.acme.super_admin, cast.acme.customer, "name,email\n\n")
    assert (job.status, job.message) == (JobStatus.FAILED, "There is no line below the titles of the columns.")


def test_messages_are_in_the_language_of_whoever_uploaded_the_file(cast: Cast) -> None:
    with translation.override("fr"):
        job = upload(cast.acme.super_admin, cast.acme.customer, "name,email\nEva,eva\n")
    assert job.arguments["language"] == "fr"
    assert lines(job)[0][3].startswith("Saisissez une adresse")
