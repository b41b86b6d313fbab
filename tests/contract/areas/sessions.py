"""Working in someone else's console (R15): who is inside, and ending it."""

from __future__ import annotations

from django.db.models import Model

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.console_sessions.opened import Opened, note_opened
from accounts.models import AuditEvent, ConsoleSession, Customer, Job, Mail
from accounts.models.jobs import JobKind, JobStatus
from support.models import Case, CaseEvent, Subscriber
from tests.contract.areas.area import Area
from tests.contract.cases import Post, Sender
from tests.contract.lists import ADMIN, MANY, List
from tests.contract.world import Tenant, World

TABLE = """
GET  outside_access                        ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST outside_access_end                    ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST outside_access_end_all                ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST outside_access_reason                 ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  outside_visit                         ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  outside_visit_export                  ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST outside_visit_report                  ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """A session that its agent has left."""
    session = make_session(tenant)
    tenant.rows |= {"console session": session}
    tenant.arguments["<int:session_id>"] = {"session_id": session.pk}


def make_session(tenant: Tenant, number: int = 0) -> ConsoleSession:
    return ConsoleSession.objects.create(
        customer=tenant.customer,
        reseller=tenant.reseller,
        agent=tenant.staff["agent"],
        session_key=f"gone {number}",
        window="before",
        keeps_record=True,
        reason="The printer of the front desk",
        case_number=f"T-{number}",
        entered_at="2020-01-01T00:00Z",
        last_seen_at="2020-01-01T01:00Z",
        ended_at="2020-01-01T01:00Z",
        ended_because="left",
    )


def more_sessions(world: World) -> None:
    for number in range(1, MANY + 1):
        make_session(world.acme, number)


def longer_visit(world: World) -> None:
    """Much was opened and changed during a visit, also by files."""
    visit = world.acme.rows["console session"]
    assert isinstance(visit, ConsoleSession)
    actor = Actor(world.acme.staff["agent"], console_session_id=visit.pk)
    for number in range(MANY):
        note_opened(visit.pk, Opened("users", "users/", f"q={number}", 50))
    names = [EventName.CREATE_GROUP] * MANY
    record_many([event(name, actor=actor, customer=world.acme.customer, subject="A group") for name in names])
    Job.objects.bulk_create(
        Job(
            customer=world.acme.customer,
            kind=JobKind.IMPORT_USERS,
            status=JobStatus.DONE,
            requested_by=actor.user,
            console_session=visit,
        )
        for _ in range(MANY)
    )


def open_sessions(sender: Sender) -> list[ConsoleSession]:
    return list(ConsoleSession.objects.filter(customer=sender.world.acme.customer, ended_at=None).order_by("pk"))


def acme(sender: Sender) -> list[Model]:
    return [Customer.objects.get(pk=sender.world.acme.customer.pk)]


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "outside_access_end": Post(
            lambda sender: {"session": str(open_sessions(sender)[0].pk)},
            lambda sender: [open_sessions(sender)[0]],
            (AuditEvent,),
        ),
        "outside_access_end_all": Post(changes=lambda sender: [*open_sessions(sender)], adds=(AuditEvent,)),
        "outside_visit_report": Post(
            adds=(AuditEvent, Case, CaseEvent, Mail, Subscriber),
        ),
        "outside_access_reason": Post(lambda sender: {"required": "on"}, acme, (AuditEvent,)),
    },
    lists=(
        List("outside_access", ADMIN, more_sessions),
        List("outside_visit", ADMIN, longer_visit),
        List("outside_visit_export", ADMIN, longer_visit),
    ),
    scope_tests={
        "accounts.ConsoleSession": ("tests/accounts/test_console_sessions.py", "test_R15_a_stranger"),
        "accounts.OpenedPage": ("tests/web/console/test_visit_page.py", "test_R23_a_stranger"),
    },
    verb_modules=("support.visit_reports",),
    no_verbs={"support.visit_reports.report_of": "a question"},
)
