"""R23: what external users open in a console is written down before they see it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import keyset
from accounts.console_sessions.opened import totals_of
from accounts.models import AuditEvent, ConsoleSession, Job, OpenedPage, User
from accounts.models.jobs import JobKind, JobStatus
from reseller_console.local.postgres import APPLICATION
from support.models import Case
from support.models.case import Priority
from support.models.partner import Service
from tests import servers
from tests.access.world import World, make_world
from tests.accounts.entering import inside
from tests.client import content_of, signed_in
from tests.client import url_of as url
from tests.factories import make_person


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def person_of(world: World, name: str = "Anna Lind") -> User:
    return make_person(world.customer, name=name)


def opened() -> list[tuple[str, str, str, int, int | None]]:
    """What stands in the record, in the order of writing: page, title, filter, how often, rows."""
    rows = OpenedPage.objects.order_by("pk")
    return [(row.page, row.title, row.filter, row.times, row.rows) for row in rows]


def test_R23_a_page_is_one_row_with_what_it_was_about_and_how_often(world: World) -> None:
    anna, client = person_of(world), inside(world)
    for _ in range(3):
        assert client.get(url("user", world.customer, user_id=anna.pk)).status_code == 200
    assert opened() == [("user", anna.email, "", 3, None)]
    [row] = OpenedPage.objects.all()
    assert (row.path, row.console_session) == (f"users/{anna.pk}/", ConsoleSession.objects.get())
    assert row.first_at < row.last_at


def test_R23_what_a_page_was_about_stays_readable_after_it_is_gone(world: World) -> None:
    anna, client = person_of(world), inside(world)
    client.get(url("user", world.customer, user_id=anna.pk))
    email = anna.email
    User.objects.filter(pk=anna.pk).update(email="other@elsewhere.example", name="Else")
    assert OpenedPage.objects.get().title == email


def test_R23_of_a_list_its_filter_and_its_rows_stand_there_and_its_pages_add_up(world: World) -> None:
    for number in range(keyset.PAGE_SIZE + 2):
        person_of(world, f"Lind {number:02}")
    client, users = inside(world), url("users", world.customer)
    first = client.get(users, {"q": "Lind"})
    client.get(first.context["list"].pager.next_url)
    client.get(users)
    with_admin = keyset.PAGE_SIZE
    assert opened() == [("users", "", "q=Lind", 2, keyset.PAGE_SIZE + 2), ("users", "", "", 1, with_admin)]
    totals = totals_of(ConsoleSession.objects.get())
    assert (totals.changes, totals.opened, totals.times) == (0, 2, 3)
    assert totals.rows == keyset.PAGE_SIZE + 2 + with_admin


def test_R23_a_filter_is_kept_whatever_is_put_in_front_of_it(world: World) -> None:
    client = inside(world)
    query = f"zzz={'x' * 10_000}&q=Anna&zz=%C3%BC"
    assert client.get(f"{url('groups', world.customer)}?{query}").status_code == 200
    [kept] = [asked for _page, _title, asked, _times, _rows in opened()]
    assert kept == query


@pytest.mark.parametrize("query", ["q=%00", "q=%FF%FE", "after=x&before=y", "q=&q=&q="])
def test_R23_no_query_string_keeps_a_page_from_being_written_down(world: World, query: str) -> None:
    client = inside(world)
    answer = client.get(f"{url('groups', world.customer)}?{query}").status_code
    assert answer in {200, 400}
    assert len(opened()) == (answer == 200)


def test_R23_each_kind_of_object_is_called_by_its_name(world: World) -> None:
    client = inside(world)
    job = Job.objects.create(
        customer=world.customer,
        kind=JobKind.IMPORT_USERS,
        status=JobStatus.DONE,
        requested_by=world.agent,
        arguments={"file": "people.csv"},
    )
    case = Case.objects.create(
        customer=world.customer,
        service=Service.GOOGLE_WORKSPACE,
        category="mail.delivery",
        title="Mail is late",
        priority=Priority.P2,
        filed_by=world.admin.user,
    )
    client.get(url("subscription", world.customer, subscription_id=world.sold.pk))
    client.get(url("job", world.customer, job_id=job.pk))
    client.get(url("support_case", world.customer, case_id=case.pk))
    assert [(page, title) for page, title, *_ in opened()] == [
        ("subscription", world.sold.sku.name),
        ("job", "people.csv"),
        ("support_case", "Mail is late"),
    ]


def test_R23_an_export_stands_there_before_its_first_line_is_sent(world: World) -> None:
    response = inside(world).get(url("support_cases_export", world.customer), {"q": "late"})
    assert opened() == [("support_cases_export", "", "q=late", 1, None)]
    assert content_of(response)


def test_R23_the_customers_own_people_and_those_outside_are_not_written_down(world: World) -> None:
    admin = signed_in(world.admin.user)
    for name in ("console_home", "users", "groups", "support_cases"):
        assert admin.get(url(name, world.customer)).status_code == 200
    signed_in(world.agent).get(url("users", world.customer))
    signed_in(world.agent).get(reverse("reseller_customers"))
    assert opened() == []


def test_R23_what_shows_nothing_is_not_written_down(world: World) -> None:
    client = inside(world)
    stranger = person_of(make_world())
    assert client.get(url("user", world.customer, user_id=stranger.pk)).status_code == 404
    assert client.get(url("audit_log", world.customer)).status_code == 403
    assert client.post(url("user_suspend", world.customer, user_id=person_of(world).pk)).status_code == 302
    assert opened() == []
    assert AuditEvent.objects.get(name="SUSPEND_USER").console_session_id == ConsoleSession.objects.get().pk


def test_R23_a_form_that_is_shown_again_was_opened(world: World) -> None:
    anna, client = person_of(world), inside(world)
    assert client.post(url("user_edit", world.customer, user_id=anna.pk), {}).status_code == 422
    assert opened() == [("user_edit", anna.email, "", 1, None)]


def test_R23_what_a_page_asks_for_by_itself_counts_nothing_but_hides_nothing_either(world: World) -> None:
    anna, client = person_of(world), inside(world)
    page = url("user", world.customer, user_id=anna.pk)
    for _ in range(3):
        client.get(page, headers={"HX-Request": "true"})
    assert opened() == [("user", anna.email, "", 1, None)]
    client.get(page)
    assert opened() == [("user", anna.email, "", 2, None)]


def test_R23_following_a_job_belongs_to_its_page(world: World) -> None:
    client, job = (
        inside(world),
        Job.objects.create(
            customer=world.customer, kind=JobKind.IMPORT_USERS, status=JobStatus.QUEUED, requested_by=world.agent
        ),
    )
    client.get(url("job", world.customer, job_id=job.pk))
    for _ in range(3):
        state = url("job_state", world.customer, job_id=job.pk)
        assert client.get(f"{state}?seen=queued", headers={"HX-Request": "true"}).status_code == 200
    [(page, _title, asked, times, _rows)] = opened()
    assert (page, asked, times) == ("job", "", 1)


@pytest.mark.parametrize("name", ["console_home", "users", "subscriptions", "support_cases"])
def test_R23_it_costs_a_page_one_statement(world: World, name: str) -> None:
    client = inside(world)
    client.get(url(name, world.customer))
    with CaptureQueriesContext(connection) as captured:
        client.get(url(name, world.customer))
    assert [query["sql"] for query in captured if "accounts_openedpage" in query["sql"]] != []
    assert len([query for query in captured if "accounts_openedpage" in query["sql"]]) == 1
    assert OpenedPage.objects.get(page=name).times == 2


def test_R23_the_same_page_in_another_visit_is_another_row(world: World) -> None:
    for _ in range(2):
        client = inside(world)
        client.get(url("users", world.customer))
        client.post(url("leave_console", world.customer))
    assert [row.console_session_id for row in OpenedPage.objects.order_by("pk")] == [
        visit.pk for visit in ConsoleSession.objects.order_by("pk")
    ]


# --- Where it cannot be written ------------------------------------------------------------------------


def without_record(client: Client, page: str) -> str:
    """Open a page while the table takes no rows; returns what is answered."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_openedpage ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    try:
        response = client.get(page)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_openedpage DROP CONSTRAINT full_disk")
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    return response.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["user", "users", "support_cases_export"])
def test_R23_what_cannot_be_written_down_is_not_shown(name: str) -> None:
    world = make_world()
    anna, client = person_of(world), inside(world)
    page = url(name, world.customer, **({"user_id": anna.pk} if name == "user" else {}))
    answer = without_record(client, page)
    assert anna.name not in answer
    assert anna.email not in answer
    assert OpenedPage.objects.count() == 0
    assert client.get(page).status_code == 200
    assert signed_in(world.admin.user).get(page).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_R23_the_application_can_neither_delete_nor_rewrite_what_was_opened() -> None:
    world = make_world()
    client = inside(world)
    client.get(url("users", world.customer))
    servers.make_roles()
    with servers.connected_as(APPLICATION):
        client.get(url("users", world.customer))
        assert OpenedPage.objects.get().times == 2
        for forbidden in ("DELETE FROM accounts_openedpage", "UPDATE accounts_openedpage SET title = ''"):
            with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
                cursor.execute(forbidden)
