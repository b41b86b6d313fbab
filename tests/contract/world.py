"""Two tenants that mirror each other, and everybody else who could knock at a door.

Acme is served by Resale One, its twin Globex by Resale Two, with the same people and rows. Acme also once
let in Resale Closed (its console is closed again) and Resale Halted (suspended by the vendor).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import organisations
from accounts.actor import Actor
from accounts.models import Customer, Reseller, Team, User
from accounts.organisations import VENDOR
from accounts.roles import Role
from accounts.staffing import assign_customers_to_agent
from subscriptions import lifecycle
from subscriptions.access import desired, propagation
from subscriptions.access.comparison import Desired
from subscriptions.models import AccessChange, AccessGrant, Sku, Subscription
from subscriptions.models.change import FailureReason, Outcome
from subscriptions.models.subscription import Plan
from support import cases
from support.assignments import new_link
from support.attachments import check
from support.models import Attachment, Case, SupportAssignment
from support.models.case import Priority
from support.models.partner import Service
from support.partners import assign_support_partner, decide_by_link
from tests.contract.entering import enter, nobody_is_seen_again, sign_in
from tests.factories import PASSWORD, make_customer, make_person, make_reseller, make_team

WORKSPACE, VOICE, STORAGE = "1010020027", "1010330004", "1010430001"
SIGNED_OUT = "signed out"

CUSTOMER_PEOPLE: dict[str, tuple[Role, ...]] = {
    "super admin": (Role.SUPER_ADMIN,),
    "support manager": (Role.SUPPORT_MANAGER,),
    "support": (Role.SUPPORT,),
    "user management admin": (Role.USER_MANAGEMENT_ADMIN,),
    "help desk admin": (Role.HELP_DESK_ADMIN,),
    "auditor": (Role.AUDITOR,),
    "no role": (),
}
RESELLER_PEOPLE: dict[str, tuple[Role, ...]] = {
    "admin": (Role.RESELLER_ADMIN,),
    "indirect admin": (Role.INDIRECT_RESELLER_ADMIN,),
    "agent": (Role.RESELLER_AGENT,),
    "team agent": (Role.RESELLER_AGENT,),
    "unassigned agent": (Role.RESELLER_AGENT,),
    "support agent": (Role.SUPPORT_AGENT,),
    "no role": (),
    "suspended": (Role.RESELLER_ADMIN,),
}


@dataclass
class Tenant:
    """A customer, its people, its reseller with staff, and one row of everything that has an address."""

    customer: Customer
    people: dict[str, User]
    reseller: Reseller
    staff: dict[str, User]
    team: Team
    sold: Subscription
    bought: Subscription
    unopened: Subscription
    requested: SupportAssignment
    link: str
    partner: SupportAssignment
    case: Case
    file: Attachment
    # What the files in areas/ add: rows by name, and the arguments and queries of addresses (areas/area.py).
    rows: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return self.customer.primary_domain

    def grant(self, subscription: Subscription | None = None) -> AccessGrant:
        """The box of the console, or of a subscription bought from the vendor, as stored now."""
        return AccessGrant.objects.get(customer=self.customer, reseller=self.reseller, subscription=subscription)


@dataclass(eq=False)
class World:
    """Everybody, each with the session it is signed in with; `sessions` and `persons` are keyed by group and role.

    visitor: a person who has not signed in yet and has the password of tests.factories.
    """

    acme: Tenant
    globex: Tenant
    failed: AccessChange
    visitor: User
    sessions: dict[tuple[str, str], str | None] = field(default_factory=dict)
    persons: dict[tuple[str, str], User] = field(default_factory=dict)

    def sign_in(self, group: str, role: str, person: User) -> str:
        # Everybody's password is the same; each hash of its own would take most of the time of a test run.
        person.password = self.visitor.password
        person.save(update_fields=["password"])
        self.persons[group, role] = person
        self.sessions[group, role] = session = sign_in(person)
        return session

    def client(self, group: str, role: str) -> Client:
        """A browser in which this person has signed in."""
        client = Client()
        if key := self.sessions[group, role]:
            client.cookies[settings.SESSION_COOKIE_NAME] = key
        return client


def sell(customer: Customer, reseller: Reseller | None, sku: str) -> Subscription:
    offer = lifecycle.Offer(Sku.objects.get(pk=sku), Plan.FLEXIBLE, 10)
    return lifecycle.place_order(actor=None, customer=customer, reseller=reseller, offer=offer)


def make_staff(reseller: Reseller, customer: Customer, prefix: str) -> dict[str, User]:
    staff = {
        role: make_person(reseller, *roles, name=f"{prefix} {role.title()}") for role, roles in RESELLER_PEOPLE.items()
    }
    assign_customers_to_agent(actor=None, agent=staff["agent"], customers=[customer])
    return staff


def make_tenant(name: str, reseller_name: str) -> Tenant:
    customer = make_customer(name, f"{name.lower()}.example")
    persons = {
        role: make_person(customer, *roles, name=f"{name} {role.title()}") for role, roles in CUSTOMER_PEOPLE.items()
    }
    reseller = make_reseller(reseller_name, f"{reseller_name.lower().replace(' ', '-')}.example")
    staff = make_staff(reseller, customer, reseller_name)
    team = make_team(reseller, staff["team agent"], name="North", customers=[customer])
    partner, used = ask_for_support(customer, persons, reseller, staff, Service.GOOGLE_VOICE)
    decide_by_link(actor=Actor(staff["support agent"]), token=used, confirm=True)
    requested, link = ask_for_support(customer, persons, reseller, staff, Service.GOOGLE_CLOUD)
    return Tenant(
        customer,
        persons,
        reseller,
        staff,
        team,
        sold=sell(customer, reseller, WORKSPACE),
        bought=sell(customer, None, VOICE),
        unopened=sell(customer, None, STORAGE),
        requested=requested,
        link=link,
        partner=partner,
        case=(case := file_case(customer, persons)),
        file=case.attachments.get(),
    )


def file_case(customer: Customer, persons: dict[str, User]) -> Case:
    """A case with a file, on a service that has no support partner."""
    draft = cases.Draft(
        Service.GOOGLE_WORKSPACE, "mail.spam", "Too much spam", "Since Monday.", Priority.P2, "en", "UTC"
    )
    files = check([SimpleUploadedFile("notes.txt", b"notes")])
    return cases.file_case(actor=Actor(persons["support manager"]), customer=customer, draft=draft, files=files)


def ask_for_support(
    customer: Customer, persons: dict[str, User], reseller: Reseller, staff: dict[str, User], service: Service
) -> tuple[SupportAssignment, str]:
    """A request to the reseller's support agent, and the token of its link (S4)."""
    assignment = assign_support_partner(
        actor=Actor(persons["support manager"]),
        customer=customer,
        service=service,
        reseller=reseller,
        verifier_email=staff["support agent"].email,
    )
    return assignment, new_link(assignment)


def wish(tenant: Tenant, reseller: Reseller, *, allowed: bool, subscription: Subscription | None = None) -> Desired:
    grant = AccessGrant.objects.filter(customer=tenant.customer, reseller=reseller, subscription=subscription).first()
    return Desired(reseller.pk, subscription.pk if subscription else None, allowed, grant.generation if grant else 0)


def open_to_reseller(tenant: Tenant) -> None:
    """Let the tenant's reseller see one subscription bought from the vendor (R3)."""
    desired.save_reseller_access(
        actor=Actor(tenant.people["super admin"]),
        customer=tenant.customer,
        desired=[wish(tenant, tenant.reseller, allowed=True, subscription=tenant.bought)],
        agreed=[tenant.reseller.pk],
    )
    AccessChange.objects.filter(settled_at=None).update(due_at="2020-01-01T00:00Z", next_attempt_at="2020-01-01T00:00Z")
    propagation.apply_due_changes()


def make_failed_change(tenant: Tenant) -> AccessChange:
    """A reseller that should have got access and did not (R9): something to try again."""
    reseller = make_reseller("Resale Unlucky", "resale-unlucky.example")
    sell(tenant.customer, reseller, WORKSPACE)
    change = AccessChange.objects.get(grant__reseller=reseller)
    change.outcome, change.failure_reason = Outcome.FAILED, FailureReason.GAVE_UP
    change.settled_at = change.requested_at
    change.save(update_fields=["outcome", "failure_reason", "settled_at"])
    AccessGrant.objects.filter(pk=change.grant_id).update(
        effective_from=None, effective_until=None, observed_generation=change.generation
    )
    return change


def build(furnish: Callable[[Tenant], None]) -> World:
    """Build both tenants, sign everybody in, and only then suspend and close what is suspended and closed.

    furnish: adds the rows of the areas to a tenant.
    """
    acme, globex = make_tenant("Acme", "Resale One"), make_tenant("Globex", "Resale Two")
    for tenant in (acme, globex):
        open_to_reseller(tenant)
        furnish(tenant)
    visitor = make_person(acme.customer, Role.AUDITOR, name="Acme Visitor", password=PASSWORD)
    world = World(acme, globex, make_failed_change(acme), visitor)
    for group, everyone in (
        ("Acme", acme.people),
        ("Globex", globex.people),
        ("Resale One", acme.staff),
        ("Resale Two", globex.staff),
    ):
        for role, person in everyone.items():
            world.sign_in(group, role, person)
    for role in ("admin", "indirect admin", "agent", "team agent"):
        enter(world.sign_in("inside", role, acme.staff[role]), acme.domain)
        enter(world.sign_in("twin inside", role, globex.staff[role]), globex.domain)
    for role, held in (("operator", Role.VENDOR_OPERATOR), ("support", Role.VENDOR_SUPPORT)):
        world.sign_in("vendor", role, make_person(VENDOR, held, name=f"Vendor {role.title()}"))
    world.sessions["nobody", SIGNED_OUT] = None
    _suspend_people(world)
    _close(world)
    _halt(world)
    nobody_is_seen_again()
    return world


def _suspend_people(world: World) -> None:
    """P8: suspended with a session in hand, one person at the customer and one inside as an agent."""
    acme = world.acme
    alice = make_person(acme.customer, Role.SUPER_ADMIN, name="Acme Suspended")
    world.sign_in("Acme", "suspended", alice)
    enter(world.sign_in("inside", "suspended", acme.staff["suspended"]), acme.domain)
    suspended = [alice.pk, acme.staff["suspended"].pk, world.globex.staff["suspended"].pk]
    # Only the row: suspend_user() ends the sessions too, and here the sessions are what is tried.
    User.objects.filter(pk__in=suspended).update(is_active=False)


def _outsiders(world: World, name: str, group: str) -> Reseller:
    """Another reseller of Acme, whose admin and agent have entered the console."""
    reseller = make_reseller(name, f"{name.lower().replace(' ', '-')}.example")
    sell(world.acme.customer, reseller, WORKSPACE)
    propagation.apply_due_changes()
    staff = make_staff(reseller, world.acme.customer, name)
    for role in ("admin", "agent"):
        enter(world.sign_in(group, role, staff[role]), world.acme.domain)
    return reseller


def _close(world: World) -> None:
    """R8: the console is closed to a reseller whose people are inside."""
    reseller = _outsiders(world, "Resale Closed", "closed")
    actor = Actor(world.acme.people["super admin"])
    desired.remove_now(actor=actor, customer=world.acme.customer, reseller_id=reseller.pk)


def _halt(world: World) -> None:
    """R13: a reseller is suspended whose people are inside."""
    reseller = _outsiders(world, "Resale Halted", "halted")
    organisations.suspend_reseller(actor=None, reseller=reseller)
