"""Every list costs the same number of queries for one row and for fifty; query_counts.json says how many.

A count is changed on purpose only: run `RECORD_QUERY_COUNTS=1 pytest tests/contract/test_query_counts.py`, look at the
difference of the file, and say in the commit why a page needs more.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import audit_log
from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.models import Customer, Reseller
from accounts.roles import Role
from subscriptions.access import propagation
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import FailureReason, Outcome
from support.migration import migrate_customer
from support.models import Case, CaseEvent, Subscriber, SupportAssignment
from support.models.case import Priority
from support.models.partner import AssignmentStatus, Service
from tests.contract import areas, matrix
from tests.contract.crawl import content_of
from tests.contract.lists import (
    ADMIN,
    AGENT,
    MANY,
    OPERATOR,
    RESELLER_ADMIN,
    SUPPORT_AGENT,
    VENDOR_SUPPORT,
    List,
    more_customers,
)
from tests.contract.resolver import addresses
from tests.contract.world import VOICE, WORKSPACE, World, sell
from tests.factories import make_customer, make_person, make_reseller, make_team

FILE = Path(__file__).with_name("query_counts.json")
RECORDING = bool(os.environ.get("RECORD_QUERY_COUNTS"))


def more_subscriptions(world: World) -> None:
    for _ in range(MANY):
        sell(world.acme.customer, world.acme.reseller, WORKSPACE)


def more_events(world: World, number: int = MANY) -> None:
    """What an agent did in Acme's console, for the customer's audit log and for the reseller's."""
    actor, acme = Actor(world.acme.staff["agent"]), world.acme
    person = acme.people["super admin"]
    names = [EventName.CHANGE_USER] * number
    record_many(
        [event(name, actor=actor, customer=acme.customer, subject=person.email, target=person) for name in names]
    )


def one_event(world: World) -> None:
    more_events(world, 1)


def more_vendor_subscriptions_and_resellers(world: World) -> None:
    for _ in range(MANY):
        sell(world.acme.customer, None, VOICE)
    for number in range(5):
        sell(world.acme.customer, make_reseller(f"Another {number}"), WORKSPACE)
    propagation.apply_due_changes()


def more_overdue_changes(world: World) -> None:
    for number in range(MANY):
        sell(make_customer(f"Overdue {number}"), world.acme.reseller, WORKSPACE)


def more_failed_changes(world: World) -> None:
    more_overdue_changes(world)
    AccessChange.objects.filter(settled_at=None).update(
        outcome=Outcome.FAILED, failure_reason=FailureReason.GAVE_UP, settled_at="2020-01-01T00:00Z"
    )


def more_changes(world: World) -> None:
    """A long history of the console's box."""
    grant = world.acme.grant()
    first = grant.generation + 1
    AccessGrant.objects.filter(pk=grant.pk).update(generation=first + MANY, observed_generation=first + MANY)
    AccessChange.objects.bulk_create(
        AccessChange(
            grant=grant,
            generation=number,
            allowed=bool(number % 2),
            requested_by=world.acme.people["super admin"],
            requested_at="2020-01-01T00:00Z",
            due_at="2020-01-01T00:00Z",
            next_attempt_at="2020-01-01T00:00Z",
            settled_at="2020-01-01T00:00Z",
            outcome=Outcome.APPLIED,
        )
        for number in range(first, first + MANY + 1)
    )


def more_staff(world: World) -> None:
    for number in range(MANY):
        person = make_person(world.acme.reseller, Role.RESELLER_AGENT, Role.SUPPORT_AGENT, name=f"Agent {number}")
        person.groups.add(world.acme.team.group_id)


def more_teams(world: World) -> None:
    for number in range(MANY):
        make_team(
            world.acme.reseller, world.acme.staff["agent"], name=f"Team {number}", customers=[world.acme.customer]
        )


def more_cases(world: World) -> None:
    """Cases of as many customers' people, each worked on."""
    filers = [make_person(world.acme.customer, Role.SUPPORT) for _ in range(5)]
    Case.objects.bulk_create(
        Case(
            customer=world.acme.customer,
            service=Service.GOOGLE_VOICE,
            category="calls.quality",
            title=f"Case {number}",
            priority=Priority.P2,
            language="en",
            time_zone="UTC",
            filed_by=filers[number % 5],
            filed_by_reseller=world.acme.reseller,
            assignee=world.persons["vendor", "support"],
        )
        for number in range(MANY)
    )


def longer_history(world: World) -> None:
    """Much was said in one case, by many, who all get mail."""
    people = [make_person(world.acme.customer, Role.SUPPORT) for _ in range(MANY)]
    case = world.acme.case
    CaseEvent.objects.bulk_create(CaseEvent(case=case, kind="commented", text="More", by=person) for person in people)
    Subscriber.objects.bulk_create(Subscriber(case=case, person=person) for person in people)


def more_partners_with_console(world: World) -> None:
    """Resellers that support Acme without an assignment (S5)."""
    for number in range(MANY):
        sell(world.acme.customer, make_reseller(f"Another {number}"), WORKSPACE)
    propagation.apply_due_changes()


def more_partners_to_find(world: World) -> None:
    for number in range(MANY):
        make_reseller(f"Resale Another {number}")


def more_contracts(world: World) -> None:
    _add_active([(world.acme.customer, make_reseller(f"Another {number}")) for number in range(MANY)])


def more_relations(world: World) -> None:
    _add_active([(make_customer(f"Customer {number}"), world.acme.reseller) for number in range(MANY)])


def _add_active(pairs: list[tuple[Customer, Reseller]]) -> None:
    SupportAssignment.objects.bulk_create(
        SupportAssignment(
            customer=customer,
            service=Service.CHROME_ENTERPRISE,
            reseller=reseller,
            status=AssignmentStatus.ACTIVE,
            in_care_portal=True,
            requested_by=make_person(customer, Role.SUPER_ADMIN),
            active_since="2020-01-01T00:00Z",
        )
        for customer, reseller in pairs
    )


def move(world: World) -> None:
    """Acme is in the Customer Care Portal (S9)."""
    migrate_customer(actor=None, customer=world.acme.customer)


LISTS = [
    List("console_home", ADMIN, more_subscriptions),
    List("console_home", AGENT, more_subscriptions, label="an agent"),
    List("subscriptions", ADMIN, more_subscriptions),
    List("subscriptions", AGENT, more_subscriptions, label="an agent"),
    List("audit_log", ADMIN, more_events, query="?event=CHANGE_USER", before=one_event),
    List("audit_log_export", ADMIN, more_events),
    List("reseller_access", ADMIN, more_vendor_subscriptions_and_resellers),
    List("reseller_access_history", ADMIN, more_changes),
    List("reseller_customers", RESELLER_ADMIN, more_customers),
    List("reseller_customers", AGENT, more_customers, label="an agent"),
    List("reseller_customer", RESELLER_ADMIN, more_subscriptions),
    List("reseller_activity", RESELLER_ADMIN, more_events),
    List("reseller_staff", RESELLER_ADMIN, more_staff),
    List("reseller_teams", RESELLER_ADMIN, more_teams),
    List("reseller_team", RESELLER_ADMIN, more_staff),
    List("reseller_agent", RESELLER_ADMIN, more_teams),
    List("reseller_agent_customers", RESELLER_ADMIN, more_customers),
    List("reseller_team_customers", RESELLER_ADMIN, more_customers),
    List("operations_access_changes", OPERATOR, more_overdue_changes),
    List("operations_access_changes", OPERATOR, more_failed_changes, query="?show=failed"),
    List("support_partners", ADMIN, more_partners_with_console),
    List("support_partner_assign", ADMIN, more_partners_to_find, query="?q=resale"),
    List("support_contracts", ADMIN, more_contracts, before=move),
    List("support_contract_new", ADMIN, more_partners_to_find, query="?q=resale", before=move),
    List("reseller_support", SUPPORT_AGENT, more_relations),
    List("support_cases", ADMIN, more_cases),
    List("support_cases", AGENT, more_cases, label="an agent"),
    List("support_cases_export", ADMIN, more_cases),
    List("support_case", ADMIN, longer_history),
    List("reseller_cases", SUPPORT_AGENT, more_cases),
    List("reseller_cases", RESELLER_ADMIN, more_cases, label="an admin"),
    List("reseller_cases_export", SUPPORT_AGENT, more_cases),
    List("reseller_case", SUPPORT_AGENT, longer_history),
    List("reseller_case_new", RESELLER_ADMIN, more_customers),
    List("vendor_cases", VENDOR_SUPPORT, more_cases),
    List("vendor_case", VENDOR_SUPPORT, longer_history),
    *(page for area in areas.ALL for page in area.lists),
]
# Pages of the table without a list of rows that grows, each with its reason.
ONE_OBJECT = {
    "users_bulk": "leads back to the list",
    "devices_bulk": "leads back to the list",
    "groups_bulk": "leads back to the list",
    "licences_bulk": "leads back to the list",
    "usersessions_list": "the sessions of one person, which end within half a day",
    "home": "leads onwards",
    "account_login": "one form",
    "account_reset_password_from_key": "one form",
    "reseller_agent_new": "one form",
    "account_settings": "one customer",
    "enter_console": "one customer",
    "help_panel": "a text",
    "help_feedback": "one form",
    "preferences": "one form",
    "group_member_role": "one member",
    "reseller_access_rules": "the rules of one customer",
    "who_has_access": "one person and one deed",
    "reseller_access_state": "the same part of reseller_access",
    "reseller_access_remove_now": "GET leads back to reseller_access",
    "reseller_access_turn_off_all": "GET leads back to reseller_access",
    "reseller_access_retry": "GET leads back to reseller_access",
    "reseller_agent_roles": "GET leads back to reseller_agent",
    "reseller_team_rename": "GET leads back to reseller_team",
    "reseller_team_add_member": "GET leads back to reseller_team",
    "support_home": "a menu",
    "support_partner_resend": "GET leads back to support_partners",
    "support_partner_withdraw": "GET leads back to support_partners",
    "support_partner_remove": "GET leads back to support_partners",
    "support_verify": "one request",
    "support_case_new": "the categories, which are no rows",
    "support_case_file": "GET leads back to the case",
    "reseller_case_file": "GET leads back to the case",
    "vendor_case_file": "GET leads back to the case",
    "health_live": "no query",
    "health_ready": "no list",
    "metrics": "no list",
} | {name: why for area in areas.ALL for name, why in area.one_object.items()}

READS_THE_LOG = {"audit_log", "console_home", "outside_visit", "reseller_activity", "reseller_home"}


@pytest.fixture(autouse=True)
def _nothing_is_asked_again_after_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether anything is written beyond this clock is asked once in some seconds: not in the middle of a count."""
    monkeypatch.setattr(audit_log, "_KNOWN_FOR", 1e9)


def queries(page: List, world: World) -> tuple[list[str], int]:
    """Return the queries of a page, and how long the page is."""
    client, url = world.client(*page.who), page.url(world)  # Making the URL asks the database too.
    content_of(client.get(url))  # The first request of a session writes when it began; a file asks while it is read.
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
        content = content_of(response)
    assert response.status_code == 200
    return [query["sql"] for query in captured.captured_queries], len(content)


@pytest.mark.parametrize("page", LISTS, ids=[page.id for page in LISTS])
def test_a_list_costs_the_same_for_one_row_and_for_fifty(page: List, db: None, world: World) -> None:
    if page.before:
        page.before(world)
    few, short = queries(page, world)
    page.grow(world)
    many, long = queries(page, world)
    # The home pages count; every other one must show the new rows, or this would prove nothing.
    assert page.name in {"console_home", "reseller_home"} or long > short + MANY * len("<li></li>")
    surplus = [sql for sql in many if sql not in few]
    # Fewer is possible: what the newest months of the audit log give is not looked for in the older ones.
    assert len(many) == len(few) or (page.name in READS_THE_LOG and len(many) < len(few)), (
        f"{page.id}: {len(few)} queries for few rows, {len(many)} for many:\n" + "\n".join(surplus)
    )
    recorded = json.loads(FILE.read_text())
    if RECORDING:
        FILE.write_text(json.dumps(recorded | {page.id: len(few)}, indent=2, sort_keys=True) + "\n")
    elif len(few) != recorded.get(page.id):
        pytest.fail(f"{page.id} takes {len(few)} queries, query_counts.json says {recorded.get(page.id)}.\n{__doc__}")


def test_every_page_is_a_list_here_or_has_a_reason_why_not() -> None:
    ours = {address.name for address in addresses() if not address.module.startswith("allauth.")}
    pages = {line.name for line in matrix.lines() if line.method == "GET"} & ours
    counted = {page.name for page in LISTS}
    assert pages - counted == set(ONE_OBJECT), "count its queries, or say why it has no list"
    assert not counted & set(ONE_OBJECT)
    assert set(json.loads(FILE.read_text())) == {page.id for page in LISTS}, __doc__
