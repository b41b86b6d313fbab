"""Who works on a case at the vendor and at each partner, and the notes that only they read (S7, S13)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from accounts import staffing
from accounts.audit_log import events_of_customer, events_of_reseller
from accounts.directory.people import suspend_user, unassign_role
from accounts.errors import Refused
from accounts.models import AuditEvent, Mail, User
from accounts.organisations import VENDOR
from accounts.roles import Role
from support import case_notes, cases, partner_desk, vendor_desk
from support.case_notes import notes_visible_to
from support.models import Case, CaseEvent, CaseNote, PartnerAssignee
from tests.accounts.reading_notices import tell, told
from tests.cast import Cast
from tests.factories import fresh, make_person, make_team
from tests.races import at_once
from tests.support.world import CLOUD, acting, active, make_case, open_console, remove


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case that Resale One supports."""
    active(cast.acme, cast.resale_one)
    return make_case(cast.acme.customer, cast.acme.support_manager)


def take(person: User, case: Case) -> Case | None:
    return partner_desk.take_at_partner(actor=acting(person), case_id=case.pk)


def give(by: User, case: Case, to: User | None) -> Case | None:
    return partner_desk.assign_at_partner(actor=acting(by), case_id=case.pk, assignee=to)


def note(by: User, case: Case, text: str = "Call them first") -> CaseNote:
    return case_notes.add_note(actor=acting(by), case_id=case.pk, text=text)


def at_work(cast: Cast) -> dict[int, str]:
    rows = partner_desk.assignees_in_place(cast.resale_one.reseller.pk)
    return {row.case_id: row.assignee.name for row in rows}


def test_S13_a_case_is_taken_once_and_the_second_is_told_who_has_it(cast: Cast, case: Case) -> None:
    sam, rita = cast.resale_one.support_agent, cast.resale_one.admin
    assert take(sam, case)
    assert take(sam, case) is None
    with pytest.raises(Refused, match=r"Sam.* has taken this case"):
        take(rita, case)
    assert at_work(cast) == {case.pk: "Sam"}
    assert AuditEvent.objects.filter(name="ASSIGN_CASE_AT_PARTNER").count() == 1


def test_S13_of_two_who_take_a_case_at_once_one_has_it(transactional_db: None, cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    people = [cast.resale_one.support_agent, cast.resale_one.admin]
    found = at_once(*[lambda person=person: take(person, case) for person in people])
    assert sorted(type(error).__name__ for error in found) == ["NoneType", "Refused"]
    assert PartnerAssignee.objects.count() == 1
    vera = make_person(VENDOR, Role.VENDOR_SUPPORT, name="Vera")
    desk = [cast.vendor_support, vera]
    found = at_once(*[lambda person=person: vendor_desk.take(actor=acting(person), case_id=case.pk) for person in desk])
    assert sorted(type(error).__name__ for error in found) == ["NoneType", "Refused"]
    assert CaseEvent.objects.filter(kind="assigned").count() == 1


def test_S13_a_case_goes_to_a_colleague_who_may_have_it_and_to_nobody_else(cast: Cast, case: Case) -> None:
    sam, rita = cast.resale_one.support_agent, cast.resale_one.admin
    tell()
    assert give(rita, case, sam)
    tell()
    assert told(sam)[-1] == f"Case {case.pk} was assigned to you"
    for other in (cast.resale_one.agent, cast.resale_two.support_agent, cast.acme.super_admin, cast.vendor_support):
        with pytest.raises(Refused, match="Only colleagues"):
            give(rita, case, other)
    assert give(rita, case, None)
    assert give(rita, case, None) is None
    assert at_work(cast) == {}
    event = AuditEvent.objects.filter(name="ASSIGN_CASE_AT_PARTNER").order_by("-pk")[0]
    assert (event.old_value, event.new_value) == (
        {"assignee": sam.email},
        {"customer": "acme.example", "assignee": None},
    )


def test_S13_each_partner_has_an_assignee_of_its_own(cast: Cast, case: Case) -> None:
    open_console(cast)
    active(cast.acme, cast.resale_two, CLOUD)
    machine = make_case(cast.acme.customer, cast.acme.support_manager, CLOUD)
    take(cast.resale_one.support_agent, machine)
    assert take(cast.resale_two.support_agent, machine), "they know nothing of each other"
    assert PartnerAssignee.objects.filter(case=machine).count() == 2
    assert at_work(cast) == {machine.pk: "Sam"}


@pytest.mark.parametrize("who", ["super_admin", "auditor", "stranger", "customer's stranger"])
def test_S13_no_one_else_takes_assigns_or_notes(cast: Cast, case: Case, who: str) -> None:
    person = {
        "super_admin": cast.acme.super_admin,
        "auditor": cast.acme.auditor,
        "stranger": cast.resale_two.support_agent,
        "customer's stranger": cast.globex.super_admin,
    }[who]
    attempts: list[Callable[[], object]] = [
        lambda: take(person, case),
        lambda: give(person, case, None),
        lambda: note(person, case),
        lambda: vendor_desk.take(actor=acting(person), case_id=case.pk),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert not PartnerAssignee.objects.exists() and not CaseNote.objects.exists()


def test_S13_vendor_support_takes_and_a_colleague_who_left_is_taken_over(cast: Cast, case: Case) -> None:
    paul = cast.vendor_support
    assert vendor_desk.take(actor=acting(paul), case_id=case.pk)
    assert vendor_desk.take(actor=acting(paul), case_id=case.pk) is None
    vera = make_person(VENDOR, Role.VENDOR_SUPPORT, name="Vera")
    with pytest.raises(Refused, match=r"Paul.* has taken this case"):
        vendor_desk.take(actor=acting(vera), case_id=case.pk)
    suspend_user(actor=None, person=paul)
    assert not Case.objects.filter(vendor_desk.is_at_desk()).exists()
    assert vendor_desk.take(actor=acting(vera), case_id=case.pk)
    assert [event.new for event in case.events.filter(kind="assigned").order_by("pk")] == ["Paul", "Vera"]
    cases.close(actor=acting(cast.acme.support_manager), case_id=case.pk)
    with pytest.raises(Refused, match="closed"):
        vendor_desk.take(actor=acting(vera), case_id=case.pk) or take(cast.resale_one.admin, case)


def test_S13_notes_are_read_by_ones_own_people_only(cast: Cast, case: Case) -> None:
    ours, theirs = note(cast.resale_one.support_agent, case), note(cast.vendor_support, case, "Known bug")
    open_console(cast)
    readers = {
        person.name: set(notes_visible_to(fresh(person)))
        for person in (
            cast.resale_one.admin,
            cast.resale_one.agent,
            cast.vendor_support,
            cast.operator,
            cast.resale_two.admin,
            cast.acme.super_admin,
            cast.acme.support_manager,
        )
    }
    assert readers == {
        "Rita": {ours},
        "Ana": {ours},
        "Paul": {theirs},
        "Olga": set(),
        "Tom": set(),
        "Alice": set(),
        "Bob": set(),
    }


def test_S7_S13_with_the_case_its_notes_and_its_assignee_are_out_of_reach_and_come_back_with_it(
    cast: Cast, case: Case
) -> None:
    [assignment] = cast.resale_one.reseller.support_assignments.all()
    sam = cast.resale_one.support_agent
    take(sam, case)
    kept = note(sam, case)
    remove(cast.acme, assignment)
    assert set(notes_visible_to(fresh(sam))) == set()
    for attempt in (lambda: take(sam, case), lambda: note(sam, case)):
        with pytest.raises(PermissionDenied):
            attempt()
    active(cast.acme, cast.resale_one)
    assert set(notes_visible_to(fresh(sam))) == {kept}


def test_S13_an_assignee_who_leaves_leaves_the_case_free(cast: Cast, case: Case) -> None:
    open_console(cast)
    sam, ana = cast.resale_one.support_agent, cast.resale_one.agent
    take(sam, case)
    unassign_role(actor=None, person=sam, role=Role.SUPPORT_AGENT)
    assert at_work(cast) == {}
    assert take(ana, case), "who works for the customer"
    staffing.unassign_customers_from_agent(actor=None, agent=ana, customers=[cast.acme.customer])
    assert at_work(cast) == {}
    ivo = make_person(cast.resale_one.reseller, Role.SUPPORT_AGENT, name="Ivo")
    assert take(ivo, case)
    suspend_user(actor=None, person=ivo)
    assert at_work(cast) == {}
    assert PartnerAssignee.objects.count() == 1


def test_S13_neither_assignee_nor_note_reaches_history_mails_or_the_log_of_others(cast: Cast, case: Case) -> None:
    sam = cast.resale_one.support_agent
    cases.subscribe(actor=acting(cast.acme.support_manager), case_id=case.pk, email="alice@acme.example")
    mails, lines = Mail.objects.count(), case.events.count()
    seen = events_of_customer(cast.acme.customer).count()
    take(sam, case)
    note(sam, case, "They never answer on Fridays")
    note(cast.vendor_support, case, "Known bug 4711")
    assert (Mail.objects.count(), case.events.count()) == (mails, lines)
    assert events_of_customer(cast.acme.customer).count() == seen
    internal = {"ASSIGN_CASE_AT_PARTNER", "NOTE_CASE"}
    own = events_of_reseller(fresh(cast.resale_one.admin)).filter(name__in=internal)
    assert set(own.values_list("name", "actor_email")) == {(name, sam.email) for name in internal}
    assert not events_of_reseller(fresh(cast.resale_two.admin)).filter(name__in=internal).exists()
    stored = " ".join(f"{event.subject} {event.new_value}" for event in AuditEvent.objects.filter(name__in=internal))
    assert "Friday" not in stored and "4711" not in stored and case.title not in stored


def test_a_note_says_something(cast: Cast, case: Case) -> None:
    with pytest.raises(Refused, match="Write a note"):
        note(cast.vendor_support, case, " \n")


def test_S13_an_agent_whose_team_works_for_all_customers_has_the_case_that_they_took(cast: Cast) -> None:
    reseller = cast.resale_one.reseller
    open_console(cast)
    otto = make_person(reseller, Role.RESELLER_AGENT, name="Otto")
    team = make_team(reseller, name="Everybody")
    staffing.add_member(actor=None, team=team, agent=otto)
    staffing.assign_all_customers(actor=None, team=team)
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    assert take(fresh(otto), case)
    assert at_work(cast) == {case.pk: "Otto"}
    with pytest.raises(Refused, match=r"Otto.* has taken this case"):
        take(cast.resale_one.admin, case)
    staffing.unassign_all_customers(actor=None, team=team)
    assert at_work(cast) == {}
