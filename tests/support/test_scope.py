"""Which cases of which services a person sees at this instant (S5, S6, S7, S9, R2, R13, P4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail

from accounts import organisations, staffing
from accounts.authorisation import permissions_on
from accounts.directory import people
from accounts.mail import post, sending
from accounts.models import Mail, User
from accounts.permissions import Permission
from accounts.roles import AGENT_PERMISSIONS, CASE_PERMISSIONS, SUPPORT_PARTNER_PERMISSIONS, Role
from subscriptions.access import desired
from support.mail_kinds import MailKind
from support.models import Case, CaseEvent, Subscriber, SupportAssignment
from support.models.case import EventKind
from support.models.partner import Service
from support.scope import cases_visible_to, customers_served_by, services_open_to
from tests.access.world import propagate, wish
from tests.cast import Cast
from tests.factories import fresh, make_person
from tests.support.world import CLOUD, VOICE, WORKSPACE, acting, active, ask, make_case, move, open_console, remove

ALL = frozenset(Service)
NONE: frozenset[Service] = frozenset()


@pytest.fixture
def cases(cast: Cast) -> dict[str, Case]:
    """Two cases of Acme on two services, and one of Globex."""
    return {
        "workspace": make_case(cast.acme.customer, cast.acme.support_manager),
        "cloud": make_case(cast.acme.customer, cast.acme.support_manager, CLOUD),
        "stranger's": make_case(cast.globex.customer, cast.globex.support_manager),
    }


def seen(person: User, cases: dict[str, Case]) -> set[str]:
    visible = set(cases_visible_to(fresh(person)))
    return {name for name, case in cases.items() if case in visible}


def everybody(cast: Cast) -> list[User]:
    people = [*cast.resale_one.people, *cast.resale_two.people, *cast.acme.people, *cast.globex.people]
    return [*people, cast.operator, cast.vendor_support]


def who_sees(cast: Cast, cases: dict[str, Case], case: str) -> set[str]:
    return {person.name for person in everybody(cast) if case in seen(person, cases)}


OWN = {"Alice", "Bob", "Carol", "Paul"}  # super admin, support manager, auditor, vendor support


def test_without_any_relation_only_the_customer_and_vendor_support_see_its_cases(
    cast: Cast, cases: dict[str, Case]
) -> None:
    assert who_sees(cast, cases, "workspace") == OWN
    assert who_sees(cast, cases, "stranger's") == {"Gina", "Hugo", "Iris", "Paul"}


def test_S6_an_active_partner_sees_every_case_of_its_service_and_of_no_other(
    cast: Cast, cases: dict[str, Case]
) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    assert who_sees(cast, cases, "workspace") == OWN
    remove(cast.acme, assignment)
    SupportAssignment.objects.all().delete()
    active(cast.acme, cast.resale_one)
    assert who_sees(cast, cases, "workspace") == OWN | {"Rita", "Sam"}  # reseller admin, support agent
    assert who_sees(cast, cases, "cloud") == OWN
    assert services_open_to(fresh(cast.resale_one.support_agent), cast.acme.customer) == {WORKSPACE}
    assert services_open_to(fresh(cast.resale_one.agent), cast.acme.customer) == NONE
    assert list(customers_served_by(fresh(cast.resale_one.support_agent))) == [cast.acme.customer]


def test_S5_a_reseller_with_console_access_sees_every_case_without_an_assignment(
    cast: Cast, cases: dict[str, Case]
) -> None:
    open_console(cast)
    staff = {"Rita", "Ian", "Ana", "Colin", "Sam"}
    assert who_sees(cast, cases, "workspace") == who_sees(cast, cases, "cloud") == OWN | staff
    staffing.unassign_customers_from_agent(actor=None, agent=cast.resale_one.agent, customers=[cast.acme.customer])
    assert who_sees(cast, cases, "cloud") == OWN | staff - {"Ana"}
    assert services_open_to(fresh(cast.resale_one.support_agent), cast.acme.customer) == ALL


def test_R2_with_the_switch_off_no_case_is_left_but_those_of_an_assignment(cast: Cast, cases: dict[str, Case]) -> None:
    open_console(cast)
    off = [wish(cast.acme.customer, cast.resale_one.reseller, allowed=False)]
    desired.save_reseller_access(actor=acting(cast.acme.super_admin), customer=cast.acme.customer, desired=off)
    propagate()
    assert who_sees(cast, cases, "workspace") == OWN
    assert list(customers_served_by(fresh(cast.resale_one.support_agent))) == []
    active(cast.acme, cast.resale_one)
    assert who_sees(cast, cases, "workspace") == OWN | {"Rita", "Sam"}
    assert who_sees(cast, cases, "cloud") == OWN


ENDS: dict[str, Callable[[Cast, SupportAssignment], object]] = {
    "S7 removed": lambda cast, a: remove(cast.acme, a),
    "R13 reseller suspended": lambda cast, a: organisations.suspend_reseller(
        actor=None, reseller=cast.resale_one.reseller
    ),
    "P8 suspended": lambda cast, a: people.suspend_user(actor=None, person=cast.resale_one.support_agent),
    "P8 stripped": lambda cast, a: people.unassign_role(
        actor=None, person=cast.resale_one.support_agent, role=Role.SUPPORT_AGENT
    ),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("after_the_move", [False, True])
def test_S7_every_path_ends_at_once(cast: Cast, cases: dict[str, Case], end: str, after_the_move: bool) -> None:
    agent, customer = cast.resale_one.support_agent, cast.acme.customer
    assignment = active(cast.acme, cast.resale_one)
    if after_the_move:
        move(customer)
        assignment.refresh_from_db()
    person = make_person(customer, Role.SUPER_ADMIN)
    assert seen(agent, cases) == {"workspace"}
    if after_the_move and end == "S7 removed":
        from support.partners import remove_support_partner  # noqa: PLC0415

        remove_support_partner(actor=acting(person), customer=customer, assignment_id=assignment.pk)
    else:
        ENDS[end](cast, assignment)
    assert seen(agent, cases) == set()
    assert services_open_to(fresh(agent), customer) == NONE
    assert permissions_on(fresh(agent), customer) == frozenset()
    assert list(customers_served_by(fresh(agent))) == []


def test_S7_a_mail_that_waits_when_the_partner_is_removed_is_never_sent(cast: Cast, cases: dict[str, Case]) -> None:
    assignment = active(cast.acme, cast.resale_one)
    agent, case = cast.resale_one.support_agent, cases["workspace"]
    sending.send_due_mails()
    mail.outbox.clear()
    Subscriber.objects.create(case=case, person=agent)
    for removed in (False, True):
        event = CaseEvent.objects.create(case=case, kind=EventKind.COMMENTED, text="The secret words")
        post.queue(MailKind.CASE_CHANGED, [agent], about_id=event.pk)
        if removed:
            remove(cast.acme, assignment)
        sending.send_due_mails()
    [sent] = mail.outbox
    assert sent.to == [agent.email]
    assert case.title not in sent.subject + str(sent.body)
    assert "secret" not in str(sent.body)
    assert list(Mail.objects.filter(kind=MailKind.CASE_CHANGED).order_by("pk").values_list("dropped_because")) == [
        ("",),
        ("not_for_them",),
    ]


def test_S6_before_the_move_a_partner_works_on_cases_and_not_in_the_console(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    for person in (cast.resale_one.support_agent, cast.resale_one.admin):
        assert permissions_on(fresh(person), cast.acme.customer) == CASE_PERMISSIONS
    for person in (cast.resale_one.agent, cast.resale_one.indirect_admin, cast.resale_two.admin):
        assert permissions_on(fresh(person), cast.acme.customer) == frozenset()


def test_S9_after_the_move_a_support_only_partner_works_in_the_console_too(cast: Cast, cases: dict[str, Case]) -> None:
    active(cast.acme, cast.resale_one)
    move(cast.acme.customer)
    for person in (cast.resale_one.admin, cast.resale_one.agent, cast.resale_one.indirect_admin):
        assert permissions_on(fresh(person), cast.acme.customer) == SUPPORT_PARTNER_PERMISSIONS
        assert seen(person, cases) == {"workspace"}
    # P4: support agents do cases only.
    assert permissions_on(fresh(cast.resale_one.support_agent), cast.acme.customer) == CASE_PERMISSIONS
    assert Permission.VIEW_SUBSCRIPTIONS not in SUPPORT_PARTNER_PERMISSIONS
    assert SUPPORT_PARTNER_PERMISSIONS - {Permission.KNOW_CUSTOMER} < AGENT_PERMISSIONS
    staffing.unassign_customers_from_agent(actor=None, agent=cast.resale_one.agent, customers=[cast.acme.customer])
    assert permissions_on(fresh(cast.resale_one.agent), cast.acme.customer) == frozenset()


def test_R1_after_the_move_a_contract_opens_no_console_that_the_switch_has_closed(cast: Cast) -> None:
    open_console(cast)
    active(cast.acme, cast.resale_one)
    move(cast.acme.customer)
    assert Permission.VIEW_CONSOLE in permissions_on(fresh(cast.resale_one.admin), cast.acme.customer)
    off = [wish(cast.acme.customer, cast.resale_one.reseller, allowed=False)]
    desired.save_reseller_access(actor=acting(cast.acme.super_admin), customer=cast.acme.customer, desired=off)
    propagate()
    known = CASE_PERMISSIONS | {Permission.KNOW_CUSTOMER}
    assert permissions_on(fresh(cast.resale_one.admin), cast.acme.customer) == known


def test_who_may_file_for_a_customer(cast: Cast) -> None:
    active(cast.acme, cast.resale_one, VOICE)
    helper = make_person(cast.acme.customer, Role.SUPPORT)
    may = {
        person.name: services_open_to(fresh(person), cast.acme.customer, Permission.FILE_CASES)
        for person in [*everybody(cast), helper]
    }
    filing = {name: services for name, services in may.items() if services}
    assert filing == {"Alice": ALL, "Bob": ALL, helper.name: ALL, "Rita": {VOICE}, "Sam": {VOICE}}
