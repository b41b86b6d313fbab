"""The pages of a customer’s cases, and their export (S11)."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from support import cases
from support.models import Attachment, Case, Subscriber
from support.models.case import State
from tests.cast import Cast
from tests.client import content_of as whole
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.factories import make_person
from tests.support.world import CLOUD, TYPED, WORKSPACE, acting, make_case
from tests.web.cases_pages_world import listed, of_vendor


def test_who_opens_the_pages_of_a_customer_s_cases(cast: Cast) -> None:
    acme = cast.acme.customer
    case = make_case(acme, cast.acme.support_manager)
    pages = [url("support_cases", acme), url("support_case_new", acme), url("support_case", acme, case_id=case.pk)]
    found = {
        person.name: [signed_in(person).get(page).status_code for page in pages]
        for person in (
            make_person(acme, Role.SUPPORT, name="Helper"),
            cast.acme.support_manager,
            cast.acme.auditor,
            cast.acme.nobody,
            cast.globex.super_admin,
            cast.resale_one.admin,
            cast.vendor_support,
        )
    }
    assert found == {
        "Helper": [200, 200, 200],
        "Bob": [200, 200, 200],
        "Carol": [200, 403, 200],
        "Dave": [403, 403, 403],
        "Gina": [404, 404, 404],
        "Rita": [404, 404, 404],
        "Paul": [404, 404, 404],
    }


def test_a_customer_s_page_never_shows_another_customer_s_case(cast: Cast) -> None:
    theirs = make_case(cast.globex.customer, cast.globex.support_manager, title="Secret of Globex")
    client = signed_in(cast.acme.super_admin)
    assert client.get(url("support_case", cast.acme.customer, case_id=theirs.pk)).status_code == 404
    assert client.get(url("support_case", cast.acme.customer, case_id=10**15)).status_code == 404
    assert listed(client, url("support_cases", cast.acme.customer), q="Secret") == []
    assert listed(client, url("support_cases", cast.acme.customer), q=str(theirs.pk)) == []
    assert client.post(url("support_case", cast.acme.customer, case_id=theirs.pk), {"verb": "close"}).status_code == 404


def test_a_category_is_searched_in_two_levels_and_then_the_case_is_filed(cast: Cast) -> None:
    client = signed_in(cast.acme.support_manager)
    new = url("support_case_new", cast.acme.customer)
    assert "Licences and subscriptions" in text(client.get(new)), "categories of the service that is chosen at first"
    found = client.get(new, {"service": "google_workspace", "q": "MAIL late"})
    assert re.findall(r"category=([\w.]+)", found.content.decode()) == ["mail.delivery"]
    assert "No category has these words" in text(client.get(new, {"service": "google_workspace", "q": "zebra"}))
    form = client.get(new, {"service": "google_workspace", "category": "mail.delivery"})
    assert "Mail: Mail arrives late or not at all" in text(form)
    assert "P0, critical: the service is unusable for everybody" in text(form)
    done = client.post(new, TYPED | {"subscribers": "alice@acme.example, carol@acme.example"}, follow=True)
    case = Case.objects.get()
    assert f"Filed as case {case.pk}." in text(done)
    assert "Bob, Acme" in text(done)
    assert (case.priority, case.language, case.time_zone) == ("P1", "fr", "Europe/Paris")
    assert case.subscribers.count() == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("priority", "P9"),
        ("language", "xx"),
        ("time_zone", "Mars/Olympus"),
        ("subscribers", "gina@globex.example"),
        ("subscribers", "nobody"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_is_kept(cast: Cast, field: str, value: str) -> None:
    client = signed_in(cast.acme.support_manager)
    response = client.post(url("support_case_new", cast.acme.customer), TYPED | {"title": "Kept", field: value})
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in response.content.decode()
    assert field == "title" or 'value="Kept"' in response.content.decode()
    assert not Case.objects.exists()


def test_search_and_filters(cast: Cast) -> None:
    acme, bob = cast.acme.customer, cast.acme.support_manager
    late = make_case(acme, bob, title="Mail is late")
    machine = make_case(acme, bob, CLOUD, title="Machine is down")
    Case.objects.filter(pk=machine.pk).update(priority="P0")
    cases.close(actor=acting(bob), case_id=late.pk)
    client, page = signed_in(bob), url("support_cases", acme)
    assert listed(client, page) == ["Machine is down", "Mail is late"]
    assert listed(client, page, q="MAIL") == ["Mail is late"]
    assert listed(client, page, q=f"#{machine.pk}") == ["Machine is down"]
    assert listed(client, page, q="9" * 30) == []
    assert listed(client, page, state="open") == ["Machine is down"]
    assert listed(client, page, state="CLOSED") == ["Mail is late"]
    assert listed(client, page, service="google_cloud") == ["Machine is down"]
    assert listed(client, page, priority="P2") == ["Mail is late"]
    assert listed(client, page, priority="P9") == []
    assert "No case matches this search" in text(client.get(page, {"q": "%"}))


def test_pages_of_50_by_keyset_with_the_same_number_of_queries(cast: Cast) -> None:
    acme, bob = cast.acme.customer, cast.acme.support_manager
    client, page = signed_in(bob), url("support_cases", acme)
    queue, desk = signed_in(cast.vendor_support), of_vendor("cases")
    make_case(acme, bob, title="Case 0")
    few: list[int] = []
    many: list[int] = []
    for counts, number in ((few, 0), (many, 119)):
        Case.objects.bulk_create(
            Case(
                customer=acme,
                service=WORKSPACE,
                category="mail.spam",
                title=f"Case {n + 1}",
                priority="P2",
                language="en",
                time_zone="UTC",
                filed_by=make_person(acme, Role.SUPPORT) if n < 10 else bob,
                assignee=cast.vendor_support,
            )
            for n in range(number)
        )
        for browser, address in ((client, page), (queue, desk)):
            browser.get(address)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                browser.get(address)
            counts.append(len(queries))
    assert few == many
    seen: list[str] = []
    address = page
    while address:
        response = client.get(address)
        seen += [row.case.title for row in response.context["list"].rows.rows]
        address = response.context["list"].pager.next_url
    assert seen == [f"Case {n}" for n in range(119, -1, -1)]
    assert listed(queue, desk)[0] == "Case 0"


def test_a_long_history_takes_as_many_queries_as_a_short_one(cast: Cast) -> None:
    acme, bob = cast.acme.customer, cast.acme.support_manager
    case = make_case(acme, bob)
    client, page = signed_in(bob), url("support_case", acme, case_id=case.pk)
    counts = []
    for number in (1, 30):
        for person in [make_person(acme, Role.SUPPORT) for _ in range(number)]:
            cases.comment(actor=acting(person), case_id=case.pk, text="Hello")
            Subscriber.objects.create(case=case, person=person)
            Attachment.objects.create(
                case=case, name="a", media_type="text/plain", size=1, sha256="0" * 64, uploaded_by=person
            )
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_S11_the_whole_life_of_a_case_on_the_pages(cast: Cast) -> None:
    acme = cast.acme.customer
    customer, vendor = signed_in(cast.acme.support_manager), signed_in(cast.vendor_support)
    customer.post(url("support_case_new", acme), TYPED)
    case = Case.objects.get()
    page, desk = url("support_case", acme, case_id=case.pk), of_vendor("case", case_id=case.pk)
    assert vendor.get("/")["Location"] == of_vendor("cases")
    assert listed(vendor, of_vendor("cases")) == ["Mail is late"]
    assert listed(vendor, of_vendor("cases"), assignee="mine") == []
    vendor.post(desk, {"verb": "assign", "assignee": str(cast.vendor_support.pk)})
    assert listed(vendor, of_vendor("cases"), assignee="mine") == ["Mail is late"]
    vendor.post(desk, {"verb": "answer", "text": "Since when?", "state": "ACTION_REQUIRED"})
    said = text(customer.get(page))
    assert "Support waits for your answer." in said
    assert "Since when?" in said
    assert "Waiting for the customer" in text(vendor.get(desk))
    customer.post(page, {"verb": "comment", "text": "Since Monday"})
    customer.post(page, {"verb": "escalate", "reason": "BUSINESS_IMPACT", "justification": "We sell by mail"})
    assert "It affects our business more than expected" in text(vendor.get(desk))
    vendor.post(desk, {"verb": "answer", "text": "Try again now", "state": "SOLUTION_PROVIDED"})
    assert "Closed. It can be reopened" in text(customer.post(page, {"verb": "close"}, follow=True))
    assert listed(vendor, of_vendor("cases")) == []
    assert listed(vendor, of_vendor("cases"), state="") == ["Mail is late"]
    assert "Reopened" in text(customer.post(page, {"verb": "reopen", "text": "Still late"}, follow=True))
    customer.post(page, {"verb": "close"})
    done = customer.post(page, {"verb": "rate", "satisfaction": "4", "text": "Good in the end"}, follow=True)
    assert "4 of 5" in text(done)
    case.refresh_from_db()
    assert (case.state, case.satisfaction) == (State.CLOSED, 4)


def test_S11_an_answer_waits_for_the_customer_and_leaves_no_case_new(cast: Cast) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    vendor, desk = signed_in(cast.vendor_support), of_vendor("case", case_id=case.pk)
    page = vendor.get(desk).content.decode()
    states = re.findall(
        r'<option value="(\w+)"( selected)?', page.partition('name="state"')[2].partition("</select>")[0]
    )
    assert states == [
        ("IN_PROGRESS_GOOGLE_SUPPORT", ""),
        ("ACTION_REQUIRED", " selected"),
        ("SOLUTION_PROVIDED", ""),
    ]
    assert "optional" not in page.partition('for="answer_text"')[2].partition("</label>")[0]
    assert vendor.post(desk, {"verb": "answer", "text": "Since when?", "state": "NEW"}).status_code == 422
    log = signed_in(cast.acme.super_admin)
    vendor.post(desk, {"verb": "assign", "assignee": str(cast.vendor_support.pk)})
    said = text(log.get(url("audit_log", cast.acme.customer)))
    assert f"Assigned to: {cast.vendor_support.name}" in said


def test_A4_the_log_says_service_and_state_in_words(cast: Cast) -> None:
    acme = cast.acme.customer
    signed_in(cast.acme.support_manager).post(url("support_case_new", acme), TYPED)
    case = Case.objects.get()
    cases.close(actor=acting(cast.acme.support_manager), case_id=case.pk)
    said = text(signed_in(cast.acme.super_admin).get(url("audit_log", acme)))
    assert f"Service: {case.get_service_display()}" in said
    assert "Status: New changed to Closed" in said.replace("→ ", "")


def test_a_state_that_does_not_follow_is_said_clearly_and_what_was_written_is_kept(cast: Cast) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    vendor, desk = signed_in(cast.vendor_support), of_vendor("case", case_id=case.pk)
    response = vendor.post(desk, {"verb": "answer", "text": "Kept words", "state": "CLOSED"})
    assert response.status_code == 422
    assert "A case cannot go from “New” to “Closed”." in text(response)
    assert "Kept words" in response.content.decode()
    assert vendor.post(desk, {"verb": "close"}).status_code == 404


def test_whoever_only_reads_is_offered_nothing_and_refused(cast: Cast) -> None:
    acme = cast.acme.customer
    case = make_case(acme, cast.acme.support_manager)
    page = url("support_case", acme, case_id=case.pk)
    client = signed_in(cast.acme.auditor)
    response = client.get(page)
    assert response.context["forms"] == {}
    assert 'name="verb"' not in response.content.decode()
    for body in ({"verb": "close"}, {"verb": "comment", "text": "x"}, {"verb": "priority", "priority": "P0"}):
        assert client.post(page, body).status_code == 403
    assert not case.events.exists()


def test_the_export_has_each_case_and_runs_no_formula(cast: Cast) -> None:
    acme, bob = cast.acme.customer, cast.acme.support_manager
    make_case(acme, bob, title="=1+1")
    make_case(acme, bob, CLOUD, title="Machine")
    client, address = signed_in(bob), url("support_cases_export", acme)
    lines = whole(client.get(address)).decode().splitlines()
    assert len(lines) == 3
    assert "'=1+1" in lines[2]
    narrowed = whole(client.get(address, {"service": "google_cloud"}))
    assert len(narrowed.splitlines()) == 2
    assert client.get(address, {"priority": "P9"}).status_code == 400


def test_the_title_is_changed_on_the_page_and_a_test_case_is_marked(cast: Cast) -> None:
    acme, bob = cast.acme.customer, cast.acme.support_manager
    case = make_case(acme, bob, title="Mail is late")
    Case.objects.filter(pk=case.pk).update(test_case=True, contact_email="alice@acme.example")
    page, client = url("support_case", acme, case_id=case.pk), signed_in(bob)
    assert client.get(page).context["forms"]["title"].initial["title"] == "Mail is late"
    assert client.post(page, {"verb": "title", "title": "Mail is lost"}).status_code == 302
    shown = text(client.get(page))
    assert "Mail is lost" in shown
    assert "Filed to try something. No answer is due." in shown and "alice@acme.example" in shown
    assert "Mail is late → Mail is lost" in shown.translate({0x2068: None, 0x2069: None})
    response = client.post(page, {"verb": "title", "title": " "})
    assert response.status_code == 422
    assert "Test case" in text(client.get(url("support_cases", acme)))
    make_case(acme, bob, title="A real one")
    assert text(client.get(url("support_cases", acme))).count("Test case") == 1
