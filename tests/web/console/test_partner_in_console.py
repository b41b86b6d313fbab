"""S9, R15, A4: people of a support partner in the console after the move, and how they are marked there."""

from __future__ import annotations

from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import staffing
from accounts.actor import Actor
from accounts.audit import EventName, event
from accounts.authorisation import permissions_on
from accounts.console_sessions.inside import lasting
from accounts.console_sessions.windows import window_of
from accounts.directory import people
from accounts.mail.sending import send_due_mails
from accounts.models import AuditEvent, User
from accounts.models.audit_event import ActorKind
from accounts.permissions import Permission
from accounts.roles import RESELLER_ROLES, Role
from support.partners import remove_support_partner
from tests.cast import Cast
from tests.factories import fresh, make_person
from tests.jobs.bulk_world import run, upload
from tests.support.world import acting, active, move, open_console


def enter(cast: Cast, person: User) -> Client:
    client = Client()
    client.force_login(person)
    assert client.post(reverse("enter_console", args=["acme.example"])).status_code == 302
    return client


def as_whom(client: Client, cast: Cast) -> tuple[str, str]:
    """As what, and for whom, an event counts that a page of the console writes."""
    request = client.get(reverse("console_home", args=["acme.example"])).wsgi_request
    written = event(EventName.CREATE_USER, actor=Actor.of(request), customer=cast.acme.customer)
    return written.actor_kind, written.on_behalf_of


def test_S9_a_partner_in_the_console_is_marked_as_support_partner_in_every_verb(cast: Cast) -> None:
    assignment = active(cast.acme, cast.resale_one)
    move(cast.acme.customer)
    client = enter(cast, cast.resale_one.agent)
    entered = AuditEvent.objects.get(name=EventName.RESELLER_CONSOLE_ENTERED)
    assert (entered.actor_kind, entered.on_behalf_of) == (ActorKind.SUPPORT_PARTNER, "Resale One")
    assert as_whom(client, cast) == (ActorKind.SUPPORT_PARTNER, "Resale One")
    [session] = lasting(cast.acme.customer)
    assert session.as_support_partner
    mail.outbox.clear()
    send_due_mails()
    assert "of your support partner Resale One" in str([sent.body for sent in mail.outbox])
    client.post(reverse("leave_console", args=["acme.example"]))
    assert AuditEvent.objects.get(name=EventName.RESELLER_CONSOLE_LEFT).actor_kind == ActorKind.SUPPORT_PARTNER
    client.post(reverse("enter_console", args=["acme.example"]))
    remove_support_partner(
        actor=acting(cast.acme.super_admin), customer=cast.acme.customer, assignment_id=assignment.pk
    )
    assert lasting(cast.acme.customer) == []


def test_S9_what_a_worker_does_for_a_partner_is_marked_as_support_partner(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    move(cast.acme.customer)
    agent, customer = cast.resale_one.agent, cast.acme.customer
    run(agent, upload(agent, customer, "name,email\nEva,eva@acme.example\n"))
    made = AuditEvent.objects.get(name=EventName.CREATE_USER, subject="eva@acme.example")
    assert (made.actor_kind, made.on_behalf_of) == (ActorKind.SUPPORT_PARTNER, "Resale One")
    open_console(cast)
    run(agent, upload(agent, customer, "name,email\nJo,jo@acme.example\n"))
    assert AuditEvent.objects.get(subject="jo@acme.example").actor_kind == ActorKind.RESELLER


def test_A4_an_agent_of_a_reseller_in_the_console_is_marked_as_reseller(cast: Cast) -> None:
    open_console(cast)
    assert as_whom(enter(cast, cast.resale_one.agent), cast) == (ActorKind.RESELLER, "Resale One")
    client = Client()
    client.force_login(cast.acme.super_admin)
    assert as_whom(client, cast) == (ActorKind.CUSTOMER, "")


def has_window(cast: Cast, everybody: list[User]) -> dict[str, bool]:
    return {p.name: window_of(fresh(p), cast.acme.customer) is not None for p in everybody}


def sees_console(cast: Cast, everybody: list[User]) -> dict[str, bool]:
    return {p.name: Permission.VIEW_CONSOLE in permissions_on(fresh(p), cast.acme.customer) for p in everybody}


def test_R15_whoever_sees_the_console_from_outside_has_a_window_and_nobody_else(cast: Cast) -> None:
    """Two ways to ask the same: one person for what it may do, many people for what lets them in."""
    one = cast.resale_one
    pairs = [
        make_person(one.reseller, first, second, name=f"{first} {second} {staffed}")
        for first in RESELLER_ROLES
        for second in RESELLER_ROLES
        for staffed in (True, False)
        if first < second
    ]
    for person in pairs:
        if person.name.endswith("True"):
            staffing.assign_customers_to_agent(actor=None, agent=person, customers=[cast.acme.customer])
    everybody = [*one.people, *cast.resale_two.people, *pairs, cast.operator]
    active(cast.acme, one)
    assert not any(has_window(cast, everybody).values())
    move(cast.acme.customer)
    assert has_window(cast, everybody) == sees_console(cast, everybody)
    assert any(has_window(cast, everybody).values())
    people.suspend_user(actor=None, person=one.indirect_admin)
    people.unassign_role(actor=None, person=one.agent, role=Role.RESELLER_AGENT)
    assert has_window(cast, everybody) == sees_console(cast, everybody)
    open_console(cast)
    assert has_window(cast, everybody) == sees_console(cast, everybody)
