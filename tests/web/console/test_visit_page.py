"""R23: the page of one visit from outside, its CSV, and *I do not recognise this*."""

from __future__ import annotations

import csv
import re
import threading
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.console_sessions.inside import lasting
from accounts.models import AuditEvent, ConsoleSession, Notification, OpenedPage, User
from accounts.models.jobs import JobKind
from accounts.roles import Role
from jobs.encodings import decode
from jobs.starting import start_job, upload_file
from support.models import Case
from support.visit_reports import end_reported_visit
from tests.access.world import World, make_world
from tests.accounts.entering import inside
from tests.client import content_of, main_text_of, signed_in
from tests.client import url_of as url
from tests.factories import fresh, make_person
from tests.jobs.bulk_world import again, work

REASON = {"reason": "Mail is late", "case_number": "T-7"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def visited(world: World) -> tuple[ConsoleSession, User, Client]:
    """An agent enters, looks somebody up, opens them and suspends them."""
    anna = make_person(world.customer, name="Anna Lind")
    client = inside(world, **REASON)
    client.get(url("users", world.customer), {"q": "Lind"})
    for _ in range(2):
        client.get(url("user", world.customer, user_id=anna.pk))
    client.post(url("user_suspend", world.customer, user_id=anna.pk))
    return ConsoleSession.objects.get(agent=world.agent), anna, client


def page_of(world: World, visit: ConsoleSession, person: User | None = None) -> str:
    response = signed_in(person or world.admin.user).get(url("outside_visit", world.customer, session_id=visit.pk))
    assert response.status_code == 200
    return main_text_of(response)


def report(world: World, visit: ConsoleSession, person: User | None = None) -> int:
    client = signed_in(person or world.admin.user)
    return client.post(url("outside_visit_report", world.customer, session_id=visit.pk)).status_code


# --- What it says --------------------------------------------------------------------------------------


def test_R23_a_visit_says_who_for_whom_why_when_what_was_changed_and_what_was_opened(world: World) -> None:
    visit, anna, _client = visited(world)
    page = page_of(world, visit)
    for said in (world.agent.name, world.agent.email, world.reseller.name, "Mail is late", "T-7", "Inside now"):
        assert said in page, said
    facts, _, rest = page.partition("Changes 1 ")
    assert "Pages opened 2, 3 times in all Rows of lists shown 1" in rest
    assert "Last seen" in facts
    changes, _, opened = rest.partition(" Page Filter Rows shown ")
    assert f"User suspended {anna.email}" in changes
    assert "Console entered" not in changes
    assert re.search(rf"User {re.escape(anna.email)} – – .* 2 last .* Users Search: Lind 1 ", opened)


def test_R23_an_auditor_reads_it_and_changes_nothing(world: World) -> None:
    visit, _anna, _client = visited(world)
    auditor = make_person(world.customer, Role.AUDITOR)
    assert "I do not recognise this" not in page_of(world, visit, auditor)
    assert report(world, visit, auditor) == 403
    with pytest.raises(PermissionDenied):
        end_reported_visit(actor=Actor(auditor), customer=world.customer, session_id=visit.pk)
    assert Case.objects.count() == 0
    assert lasting(world.customer) == [visit]


def test_R23_a_stranger_and_the_agent_do_not_see_it(world: World) -> None:
    visit, _anna, client = visited(world)
    stranger = make_world()
    other, _, _ = visited(stranger)
    for name in ("outside_visit", "outside_visit_export"):
        assert client.get(url(name, world.customer, session_id=visit.pk)).status_code == 403
        gina = signed_in(stranger.admin.user)
        assert gina.get(url(name, world.customer, session_id=visit.pk)).status_code == 404
        assert gina.get(url(name, stranger.customer, session_id=visit.pk)).status_code == 404
        assert gina.get(url(name, stranger.customer, session_id=other.pk)).status_code == 200
    address = url("outside_visit_report", stranger.customer, session_id=visit.pk)
    assert signed_in(stranger.admin.user).post(address).status_code == 404
    with pytest.raises(ConsoleSession.DoesNotExist):
        end_reported_visit(actor=stranger.admin, customer=stranger.customer, session_id=visit.pk)
    assert lasting(world.customer) == [visit]


def test_R23_two_visits_are_told_apart(world: World) -> None:
    first, anna, client = visited(world)
    client.post(url("leave_console", world.customer))
    client.post(url("enter_console", world.customer))
    client.get(url("groups", world.customer))
    second = ConsoleSession.objects.exclude(pk=first.pk).get()
    before, after = page_of(world, first), page_of(world, second)
    assert anna.email in before
    assert "Left" in before
    assert anna.email not in after
    assert "Nothing was changed" in after


def test_R23_a_visit_of_an_earlier_release_says_that_its_record_is_not_there(world: World) -> None:
    visit, _anna, _client = visited(world)
    ConsoleSession.objects.update(keeps_record=False)
    page = page_of(world, visit)
    assert "before visits had a record of their own" in page
    assert "Pages opened" not in page


def test_R23_a_visit_that_the_release_before_lets_in_meanwhile_claims_no_record(world: World) -> None:
    """Its web server knows no such column, and writes down nothing that is opened."""
    visit, _anna, _client = visited(world)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_consolesession (customer_id, reseller_id, agent_id, as_support_partner, session_key,"
            " \"window\", reason, case_number, ended_because) SELECT customer_id, reseller_id, agent_id, false, 'other'"
            ", 'a window', '', '', '' FROM accounts_consolesession RETURNING id"
        )
        [other] = cursor.fetchone()
    assert "what was opened in it is not known" in page_of(world, ConsoleSession.objects.get(pk=other))
    assert "Pages opened" in page_of(world, visit)


def test_R23_what_a_file_did_belongs_to_the_visit_that_started_it_also_after_its_end(world: World) -> None:
    visit, _anna, client = visited(world)
    actor = Actor(fresh(world.agent), console_session_id=visit.pk)
    text = decode(f"name,email\nNew Person,new@{world.customer.primary_domain}\n".encode())
    job = upload_file(
        actor=actor, customer=world.customer, kind=JobKind.IMPORT_USERS, file_name="people.csv", text=text
    )
    work()
    start_job(actor=actor, job=again(job))
    client.post(url("leave_console", world.customer))
    work()
    page = page_of(world, visit)
    assert "User created new@" in page
    assert "people.csv" in page
    shown = signed_in(world.admin.user).get(url("job", world.customer, job_id=job.pk)).content.decode()
    assert url("outside_visit", world.customer, session_id=visit.pk) in shown


def test_R23_external_access_and_the_bell_lead_to_it(world: World) -> None:
    visit, _anna, _client = visited(world)
    admin, address = signed_in(world.admin.user), url("outside_visit", world.customer, session_id=visit.pk)
    assert f'href="{address}"' in admin.get(url("outside_access", world.customer)).content.decode()
    told = Notification.objects.get(recipient=world.admin.user)
    opened = admin.post(reverse("notification_open", args=[told.pk]))
    assert opened.headers["Location"] == address
    assert f'href="{address}"' in admin.get(reverse("notifications")).content.decode()


def test_R23_the_page_is_there_in_french(world: World) -> None:
    visit, _anna, _client = visited(world)
    report(world, visit)
    User.objects.filter(pk=world.admin.user.pk).update(language="fr")
    page = page_of(world, visit)
    for english in ("Opened", "Changes", "Rows", "Entered", "Reported", "Remove now", "Visit of"):
        assert english not in page
    assert "Retirer immédiatement" in page or "Supprimer" in page or "Retirer" in page


# --- The file ------------------------------------------------------------------------------------------


def lines_of_file(world: World, visit: ConsoleSession) -> list[dict[str, str]]:
    address = url("outside_visit_export", world.customer, session_id=visit.pk)
    response = signed_in(world.admin.user).get(address)
    assert "attachment" in response.headers["Content-Disposition"]
    return list(csv.DictReader(StringIO(content_of(response).decode("utf-8-sig"))))


def test_R23_the_file_has_everything_in_the_order_of_time(world: World) -> None:
    visit, anna, client = visited(world)
    client.post(url("leave_console", world.customer))
    lines = lines_of_file(world, visit)
    said = [(line["What happened"], line["Page or event"], line["About"]) for line in lines]
    assert said == [
        ("Event", "Console entered by a reseller", world.reseller.name),
        ("Opened", "Users", ""),
        ("Opened", "User", anna.email),
        ("Event", "User suspended", anna.email),
        ("Event", "Console left by a reseller", world.reseller.name),
    ]
    assert {(line["Visit"], line["Reason"], line["Case number"]) for line in lines} == {
        (str(visit.pk), "Mail is late", "T-7")
    }
    assert (lines[1]["Filter or change"], lines[1]["Rows shown"]) == ("Search: Lind", "1")
    assert lines[2]["Times opened"] == "2"
    assert [line["Time"] for line in lines] == sorted(line["Time"] for line in lines)


def test_R23_no_cell_of_the_file_is_a_formula(world: World) -> None:
    visit, _anna, client = visited(world)
    ConsoleSession.objects.update(reason="=1+1")
    client.get(url("groups", world.customer), {"=cmd": "|calc"})
    OpenedPage.objects.update(title="@SUM(1)")
    address = url("outside_visit_export", world.customer, session_id=visit.pk)
    rows = list(csv.reader(StringIO(content_of(signed_in(world.admin.user).get(address)).decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert "'=1+1" in cells
    assert "'@SUM(1)" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


# --- I do not recognise this ---------------------------------------------------------------------------


def test_R23_reporting_ends_the_visit_files_a_case_and_offers_to_remove_the_access(world: World) -> None:
    visit, _anna, client = visited(world)
    assert "I do not recognise this" in page_of(world, visit)
    assert report(world, visit) == 302
    assert lasting(world.customer) == []
    assert client.get(url("users", world.customer)).status_code == 302
    case = Case.objects.get()
    assert case.customer == world.customer
    assert case.filed_by == world.admin.user
    assert world.agent.email in case.title
    for fact in (world.agent.name, world.reseller.name, "Mail is late", "T-7", "Changes: 1", "Pages opened: 2"):
        assert fact in case.description, fact
    event = AuditEvent.objects.get(name="REPORT_CONSOLE_SESSION")
    assert (event.subject, event.new_value) == (world.reseller.name, {"agent": world.agent.email, "case": case.pk})
    page = page_of(world, visit)
    assert "Remove now" in page
    assert f"Case {case.pk}" in page
    assert "I do not recognise this" not in page
    assert f"Ended by a super admin ({world.admin.user.email})" in page
    signed_in(world.admin.user).post(url("reseller_access_remove_now", world.customer), {"box": str(world.reseller.pk)})
    assert "Remove now" not in page_of(world, visit)


def test_R23_a_visit_that_is_over_can_be_reported_too(world: World) -> None:
    visit, _anna, client = visited(world)
    client.post(url("leave_console", world.customer))
    assert report(world, visit) == 302
    visit.refresh_from_db()
    assert visit.ended_because == "left"
    assert not AuditEvent.objects.filter(name="END_CONSOLE_SESSION").exists()
    assert Case.objects.count() == 1


def test_R23_a_second_report_changes_nothing(world: World) -> None:
    visit, _anna, _client = visited(world)
    for _ in range(2):
        assert report(world, visit) == 302
    assert Case.objects.count() == 1
    assert AuditEvent.objects.filter(name="REPORT_CONSOLE_SESSION").count() == 1


@pytest.mark.django_db(transaction=True)
def test_R23_two_reports_at_the_same_instant_are_one() -> None:
    world = make_world()
    visit, _anna, _client = visited(world)
    barrier, filed = threading.Barrier(2), []

    def send() -> None:
        try:
            barrier.wait(10)
            filed.append(end_reported_visit(actor=world.admin, customer=world.customer, session_id=visit.pk))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(filed) == 2
    assert filed.count(None) == 1
    assert Case.objects.count() == 1


def test_R23_where_no_case_can_be_filed_the_visit_goes_on_and_nothing_is_half_done(world: World) -> None:
    visit, _anna, _client = visited(world)
    events = AuditEvent.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE support_case ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError):
        end_reported_visit(actor=world.admin, customer=world.customer, session_id=visit.pk)
    assert lasting(world.customer) == [visit]
    assert AuditEvent.objects.count() == events
