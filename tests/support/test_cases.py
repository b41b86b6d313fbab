"""The life of a case: who files, follows and answers it, and what each step leaves behind (S6, S7, S11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F

from accounts.directory.people import suspend_user
from accounts.errors import Refused
from accounts.models import AuditEvent, Mail, User
from accounts.roles import Role
from support import cases, vendor_desk
from support.case_downloads import record_download
from support.cases import SUBSCRIBERS_AT_MOST, Draft
from support.models import Case, CaseEvent
from support.models.case import EscalationReason, EventKind, Priority, State
from support.models.partner import Service
from support.scope import cases_visible_to
from tests.cast import Cast
from tests.factories import fresh, make_person
from tests.support.world import CLOUD, WORKSPACE, acting, active, event_names, open_console, remove

CLOSED, NEW, SOLVED = State.CLOSED, State.NEW, State.SOLUTION_PROVIDED
WORKING, WAITING = State.IN_PROGRESS_GOOGLE_SUPPORT, State.ACTION_REQUIRED


def draft(service: Service = WORKSPACE, **other: Any) -> Draft:
    category = {WORKSPACE: "mail.delivery", CLOUD: "compute.machines"}[service]
    given: dict[str, Any] = {"category": category, "title": "Mail is late", "description": "It takes hours."}
    return Draft(service=service, priority=Priority.P2, language="en", time_zone="UTC", **(given | other))


def file(cast: Cast, person: User | None = None, service: Service = WORKSPACE, **other: Any) -> Case:
    actor = acting(person or cast.acme.support_manager)
    return cases.file_case(actor=actor, customer=cast.acme.customer, draft=draft(service, **other))


def to(case: Case, state: State) -> None:
    Case.objects.filter(pk=case.pk).update(state=state, closed_at=F("filed_at") if state == CLOSED else None)


def kinds(case: Case) -> list[str]:
    return list(case.events.order_by("pk").values_list("kind", flat=True))


def mailed(event: CaseEvent) -> set[str]:
    return set(Mail.objects.filter(kind="case_changed", about_id=event.pk).values_list("recipient__email", flat=True))


def test_S11_filing_leaves_one_line_one_event_and_a_mail_to_each_subscriber(cast: Cast) -> None:
    case = file(cast, subscribers=("alice@acme.example", "ALICE@acme.example"))
    assert (case.state, case.customer, case.filed_by_reseller) == (NEW, cast.acme.customer, None)
    [event] = case.events.all()
    assert (event.kind, event.by, event.by_organisation) == (EventKind.FILED, cast.acme.support_manager, "Acme")
    assert event_names(cast.acme.customer, "CREATE_CASE") == ["CREATE_CASE"]
    assert mailed(event) == {"bob@acme.example", "alice@acme.example"}
    trail = AuditEvent.objects.get(name="CREATE_CASE")
    assert "It takes hours." not in str(trail.new_value)
    assert trail.actor_kind == "customer"


def test_S6_a_partner_files_for_its_customer_on_its_service_only_and_the_case_says_so(cast: Cast) -> None:
    sam = cast.resale_one.support_agent
    with pytest.raises(PermissionDenied):
        file(cast, sam)
    active(cast.acme, cast.resale_one)
    case = file(cast, sam)
    assert (case.filed_by, case.filed_by_reseller) == (sam, cast.resale_one.reseller)
    trail = AuditEvent.objects.get(name="CREATE_CASE")
    assert (trail.actor_kind, trail.on_behalf_of) == ("partner", "Resale One")
    with pytest.raises(PermissionDenied):
        file(cast, sam, CLOUD)
    assert set(cases_visible_to(fresh(cast.acme.super_admin))) == {case}


def test_A4_an_agent_with_console_access_files_as_a_reseller(cast: Cast) -> None:
    open_console(cast)
    file(cast, cast.resale_one.agent, CLOUD)
    assert AuditEvent.objects.get(name="CREATE_CASE").actor_kind == "reseller"


@pytest.mark.parametrize("who", ["auditor", "nobody", "globex", "operator", "vendor_support", "stranger"])
def test_whoever_may_not_file_changes_nothing(cast: Cast, who: str) -> None:
    case = file(cast)
    people = {
        "auditor": cast.acme.auditor,
        "nobody": cast.acme.nobody,
        "globex": cast.globex.super_admin,
        "operator": cast.operator,
        "vendor_support": cast.vendor_support,
        "stranger": cast.resale_two.admin,
    }
    actor = acting(people[who])
    before = kinds(case), AuditEvent.objects.count(), Mail.objects.count()
    attempts = [
        lambda: cases.file_case(actor=actor, customer=cast.acme.customer, draft=draft()),
        lambda: cases.comment(actor=actor, case_id=case.pk, text="Hello"),
        lambda: cases.escalate(
            actor=actor, case_id=case.pk, reason=EscalationReason.BUSINESS_IMPACT, justification="Much"
        ),
        lambda: cases.close(actor=actor, case_id=case.pk),
        lambda: cases.reopen(actor=actor, case_id=case.pk),
        lambda: cases.rate(actor=actor, case_id=case.pk, satisfaction=1),
        lambda: cases.change_priority(actor=actor, case_id=case.pk, priority=Priority.P0),
        lambda: cases.subscribe(actor=actor, case_id=case.pk, email="alice@acme.example"),
        lambda: cases.unsubscribe(actor=actor, case_id=case.pk, email="bob@acme.example"),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()  # type: ignore[no-untyped-call]
    assert (kinds(case), AuditEvent.objects.count(), Mail.objects.count()) == before


def test_only_vendor_support_answers_assigns_and_sets_states(cast: Cast) -> None:
    open_console(cast)
    case = file(cast)
    for person in (cast.acme.super_admin, cast.resale_one.admin, cast.operator, cast.globex.super_admin):
        actor = acting(person)
        with pytest.raises(PermissionDenied):
            vendor_desk.answer(actor=actor, case_id=case.pk, text="Hello", state=WORKING)
        with pytest.raises(PermissionDenied):
            vendor_desk.assign(actor=actor, case_id=case.pk, assignee=cast.vendor_support)
        with pytest.raises(PermissionDenied):
            vendor_desk.set_priority(actor=actor, case_id=case.pk, priority=Priority.P0)
    assert kinds(case) == ["filed"]


def test_S7_removal_ends_every_verb_of_the_partner_at_once(cast: Cast) -> None:
    assignment = active(cast.acme, cast.resale_one)
    sam = cast.resale_one.support_agent
    case = file(cast, sam)
    actor = acting(sam)
    cases.comment(actor=actor, case_id=case.pk, text="On it")
    remove(cast.acme, assignment)
    with pytest.raises(PermissionDenied):
        cases.comment(actor=actor, case_id=case.pk, text="Still on it")
    with pytest.raises(PermissionDenied):
        cases.close(actor=actor, case_id=case.pk)
    assert not cases_visible_to(fresh(sam)).exists()


def test_P8_somebody_who_left_changes_nothing(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.acme.support_manager)
    suspend_user(actor=None, person=cast.acme.support_manager)
    with pytest.raises(PermissionDenied):
        cases.comment(actor=actor, case_id=case.pk, text="Hello")


@pytest.mark.parametrize("old", list(State))
@pytest.mark.parametrize("new", list(State))
def test_S11_vendor_support_takes_a_case_only_where_it_may_go(cast: Cast, old: State, new: State) -> None:
    allowed = {
        NEW: {WORKING, WAITING, SOLVED},
        WORKING: {WAITING, SOLVED},
        WAITING: {WORKING, SOLVED, CLOSED},
        SOLVED: {WORKING, WAITING, CLOSED},
        CLOSED: set(),
    }
    case = file(cast)
    to(case, old)
    actor = acting(cast.vendor_support)
    if new in allowed[old]:
        words = "Since when?" if new == WAITING else ""
        vendor_desk.answer(actor=actor, case_id=case.pk, text=words, state=new)
        case.refresh_from_db()
        assert (case.state, case.closed_at is not None) == (new, new == CLOSED)
        last = case.events.latest("pk")
        assert (last.old, last.new) == (old, new)
        return
    with pytest.raises(Refused):
        vendor_desk.answer(actor=actor, case_id=case.pk, text="", state=new)
    case.refresh_from_db()
    assert (case.state, kinds(case)) == (old, ["filed"])


def test_S13_a_status_alone_is_no_answer_and_waits_for_no_customer(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.vendor_support)
    due = case.due_at
    with pytest.raises(Refused, match="what the customer is asked for"):
        vendor_desk.answer(actor=actor, case_id=case.pk, text="", state=WAITING)
    vendor_desk.answer(actor=actor, case_id=case.pk, text="", state=WORKING)
    case.refresh_from_db()
    assert (case.state, case.answered_at, case.due_at) == (WORKING, None, due)
    vendor_desk.answer(actor=actor, case_id=case.pk, text="Since when?", state=WORKING)
    case.refresh_from_db()
    assert case.answered_at is not None and case.due_at != due


def test_the_answer_that_was_waited_for_puts_the_case_back_to_work(cast: Cast) -> None:
    case = file(cast)
    vendor_desk.answer(actor=acting(cast.vendor_support), case_id=case.pk, text="Since when?", state=WAITING)
    answered = cases.comment(actor=acting(cast.acme.super_admin), case_id=case.pk, text="Since Monday")
    assert answered.state == WORKING
    assert kinds(case) == ["filed", "commented", "commented"]
    last = case.events.latest("pk")
    assert (last.old, last.new, last.text) == (WAITING, WORKING, "Since Monday")


def test_S11_a_closed_case_can_be_reopened_for_15_days(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.acme.support_manager)
    assert cases.reopen(actor=actor, case_id=case.pk) is None
    cases.close(actor=actor, case_id=case.pk)
    assert cases.close(actor=actor, case_id=case.pk) is None
    with pytest.raises(Refused, match="closed"):
        cases.comment(actor=actor, case_id=case.pk, text="One more thing")
    Case.objects.update(closed_at=F("closed_at") - timedelta(days=15))
    with pytest.raises(Refused, match="15 days"):
        cases.reopen(actor=actor, case_id=case.pk)
    Case.objects.update(closed_at=F("closed_at") + timedelta(minutes=1))
    reopened = cases.reopen(actor=actor, case_id=case.pk, text="It is back")
    assert reopened is not None
    assert (reopened.state, reopened.closed_at) == (WORKING, None)
    assert kinds(case) == ["filed", "closed", "reopened"]


def test_S11_an_escalation_has_reason_and_justification_and_happens_once(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.acme.support_manager)
    reason = EscalationReason.RESOLUTION_TIME
    with pytest.raises(Refused):
        cases.escalate(actor=actor, case_id=case.pk, reason=reason, justification="  ")
    assert cases.escalate(actor=actor, case_id=case.pk, reason=reason, justification="Three days")
    assert cases.escalate(actor=actor, case_id=case.pk, reason=reason, justification="Again") is None
    case.refresh_from_db()
    assert (case.escalation_reason, case.escalation_justification) == (reason, "Three days")
    assert event_names(cast.acme.customer, "ESCALATE_CASE") == ["ESCALATE_CASE"]


def test_satisfaction_is_given_after_closing_and_asked_anew_after_reopening(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.acme.support_manager)
    with pytest.raises(Refused):
        cases.rate(actor=actor, case_id=case.pk, satisfaction=5)
    cases.close(actor=actor, case_id=case.pk)
    for wrong in (0, 6):
        with pytest.raises(Refused):
            cases.rate(actor=actor, case_id=case.pk, satisfaction=wrong)
    assert cases.rate(actor=actor, case_id=case.pk, satisfaction=2, text="Slow")
    assert cases.rate(actor=actor, case_id=case.pk, satisfaction=2, text="Slow") is None
    cases.reopen(actor=actor, case_id=case.pk)
    case.refresh_from_db()
    assert (case.satisfaction, case.satisfaction_comment) == (None, "")
    assert kinds(case) == ["filed", "closed", "rated", "reopened"]


def test_priority_changes_are_said_and_repeating_one_changes_nothing(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.acme.support_manager)
    assert cases.change_priority(actor=actor, case_id=case.pk, priority=Priority.P2) is None
    assert cases.change_priority(actor=actor, case_id=case.pk, priority=Priority.P0)
    assert vendor_desk.set_priority(actor=acting(cast.vendor_support), case_id=case.pk, priority=Priority.P1)
    events = case.events.filter(kind=EventKind.PRIORITY_CHANGED).order_by("pk")
    assert list(events.values_list("old", "new")) == [("P2", "P0"), ("P0", "P1")]


def test_a_case_is_assigned_to_vendor_support_and_back_into_the_queue(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.vendor_support)
    with pytest.raises(Refused):
        vendor_desk.assign(actor=actor, case_id=case.pk, assignee=cast.operator)
    assert vendor_desk.assign(actor=actor, case_id=case.pk, assignee=cast.vendor_support)
    assert vendor_desk.assign(actor=actor, case_id=case.pk, assignee=cast.vendor_support) is None
    assert vendor_desk.assign(actor=actor, case_id=case.pk, assignee=None)
    events = case.events.filter(kind=EventKind.ASSIGNED).order_by("pk")
    assert list(events.values_list("old", "new")) == [("", "Paul"), ("Paul", "")]


def test_S10_whoever_may_not_read_the_case_is_refused_as_a_subscriber_in_the_same_words(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.acme.support_manager)
    said = set()
    for email in (
        "dave@acme.example",
        "gina@globex.example",
        "sam@resale-one.example",
        "paul@vendor.example",
        "no-one@acme.example",
    ):
        with pytest.raises(Refused) as refused:
            cases.subscribe(actor=actor, case_id=case.pk, email=email)
        said.add(refused.value.message.replace(email, "…"))
    assert len(said) == 1
    assert case.subscribers.count() == 1


def test_subscribers_come_and_go_and_are_limited(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.acme.support_manager)
    assert cases.subscribe(actor=actor, case_id=case.pk, email="Carol@acme.example")
    assert cases.subscribe(actor=actor, case_id=case.pk, email="carol@acme.example") is None
    assert cases.unsubscribe(actor=actor, case_id=case.pk, email="carol@acme.example")
    assert cases.unsubscribe(actor=actor, case_id=case.pk, email="carol@acme.example") is None
    for number in range(SUBSCRIBERS_AT_MOST - 1):
        person = make_person(cast.acme.customer, Role.SUPPORT, name=f"Helper{number}")
        assert cases.subscribe(actor=actor, case_id=case.pk, email=person.email)
    with pytest.raises(Refused, match="At most 20"):
        cases.subscribe(actor=actor, case_id=case.pk, email="carol@acme.example")


def test_a_category_of_another_service_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused):
        file(cast, category="compute.machines")
    assert not Case.objects.exists()


def test_each_change_mails_every_subscriber_once(cast: Cast) -> None:
    case, actor = file(cast, subscribers=("alice@acme.example",)), acting(cast.acme.support_manager)
    vendor = acting(cast.vendor_support)
    cases.comment(actor=actor, case_id=case.pk, text="More")
    cases.escalate(actor=actor, case_id=case.pk, reason=EscalationReason.BUSINESS_IMPACT, justification="Much")
    vendor_desk.assign(actor=vendor, case_id=case.pk, assignee=cast.vendor_support)
    vendor_desk.answer(actor=vendor, case_id=case.pk, text="Solved", state=SOLVED)
    cases.close(actor=actor, case_id=case.pk)
    for event in case.events.all():
        assert mailed(event) == {"bob@acme.example", "alice@acme.example"}, event.kind
    assert case.events.count() == 6
    assert len(event_names(cast.acme.customer)) - len(event_names(cast.acme.customer, "CREATE_USER")) >= 6


def test_a_download_is_recorded_for_whoever_may_read_and_refused_otherwise(cast: Cast) -> None:
    case = file(cast)
    attachment = case.attachments.create(
        name="a.txt", media_type="text/plain", size=1, sha256="0" * 64, uploaded_by=cast.acme.support_manager
    )
    record_download(actor=acting(cast.acme.auditor), attachment_id=attachment.pk)
    with pytest.raises(PermissionDenied):
        record_download(actor=acting(cast.globex.super_admin), attachment_id=attachment.pk)
    [event] = AuditEvent.objects.filter(name="DOWNLOAD_CASE_ATTACHMENT")
    assert event.new_value == {"file": "a.txt"}
