"""A reseller registers a customer without people and without an order (P7, R1, R14, decision 50)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F

from accounts.actor import Actor
from accounts.directory.first_admins import make_first_super_admin
from accounts.directory.passwords import reset_password
from accounts.directory.people import assign_role, create_user, unassign_role
from accounts.errors import LastAdmin, Refused
from accounts.models import AuditEvent, Customer, Mail, User
from accounts.organisations import DomainInUse, suspend_reseller, unsuspend_reseller
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access.scope import relations_of
from subscriptions.lifecycle import cancel_subscription, order_subscription
from subscriptions.lifecycle.registering import lapses, register_customer
from subscriptions.models import AccessGrant
from tests.access.world import World, grant, may_enter
from tests.factories import PASSWORD, fresh, put_person, put_reseller
from tests.subscriptions.lifecycle_world import offer


@pytest.fixture
def admin(world: World) -> Actor:
    """A reseller's admin at a machine: without a fresh proof (P13)."""
    return Actor(put_person(world.reseller, Role.RESELLER_ADMIN), is_stale=True)


@pytest.fixture
def customer(admin: Actor) -> Customer:
    return register_customer(actor=admin, name="Initech", primary_domain="initech.example")


def first_person(admin: Actor, customer: Customer, name: str = "Peter", **given: object) -> User:
    return create_user(
        actor=admin,
        organisation=customer,
        email=f"{name.lower()}@initech.example",
        name=name,
        **given,  # type: ignore[arg-type]
    )


def pass_days(days: int) -> None:
    AccessGrant.objects.update(lapses_at=F("lapses_at") - timedelta(days=days))


def test_the_relation_begins_at_once_with_nobody_there(world: World, admin: Actor, customer: Customer) -> None:
    assert customer.registered_by == world.reseller
    assert not User.objects.filter(customer=customer).exists()
    relation = grant(customer, world.reseller)
    assert (relation.allowed, relation.ended_at, relation.generation) == (True, None, relation.observed_generation)
    assert relation in relations_of(admin.user)
    assert fresh(admin.user).has_perm(Permission.MANAGE_USERS, customer), "without a worker"
    assert not fresh(admin.user).has_perm(Permission.ASSIGN_ROLES, customer)
    names = AuditEvent.objects.filter(customer_id=customer.pk).order_by("id").values_list("name", flat=True)
    assert list(names) == ["CREATE_CUSTOMER", "CHANGE_RESELLER_ACCESS", "RESELLER_ACCESS_APPLIED"]


def test_a_console_that_begins_closed_stays_closed(settings: object, admin: Actor, world: World) -> None:
    settings.RESELLER_ACCESS_DEFAULT = False  # type: ignore[attr-defined]
    customer = register_customer(actor=admin, name="Initech", primary_domain="initech.example")
    assert not may_enter(admin.user, customer)
    assert relations_of(admin.user).filter(customer=customer).exists()


@pytest.mark.parametrize("role", [Role.RESELLER_AGENT, Role.SUPPORT_AGENT])
def test_P4_only_who_adds_customers_registers_one(world: World, role: Role) -> None:
    for actor in (Actor(put_person(world.reseller, role)), world.admin):
        with pytest.raises(PermissionDenied):
            register_customer(actor=actor, name="Initech", primary_domain="initech.example")
    assert not Customer.objects.filter(name="Initech").exists()


def test_P9_a_domain_that_is_taken_is_not_registered(admin: Actor, world: World, customer: Customer) -> None:
    for domain in (world.customer.primary_domain, "initech.example"):
        with pytest.raises(DomainInUse):
            register_customer(actor=admin, name="Initech", primary_domain=domain)


# --- The first super admin (P7, R14) ------------------------------------------------------------------


def test_P7_R14_the_reseller_makes_the_first_super_admin_who_chooses_a_password_by_link(
    admin: Actor, customer: Customer
) -> None:
    person = first_person(admin, customer, password=PASSWORD)
    assert not person.has_usable_password(), "a password of the reseller's is ignored"
    make_first_super_admin(actor=admin, person=person)
    assert fresh(person).roles == frozenset({Role.SUPER_ADMIN})
    assert not fresh(person).has_usable_password()
    assert Mail.objects.filter(recipient=person, kind="invitation").count() == 1
    assert Customer.objects.get(pk=customer.pk).registered_by is None


def test_R14_there_is_no_second_one_and_no_other_role(admin: Actor, customer: Customer) -> None:
    peter, mary = first_person(admin, customer), first_person(admin, customer, "Mary")
    with pytest.raises(PermissionDenied):
        assign_role(actor=Actor(admin.user), person=peter, role=Role.SUPPORT)
    make_first_super_admin(actor=admin, person=peter)
    for person in (peter, mary):
        with pytest.raises(PermissionDenied):
            make_first_super_admin(actor=admin, person=person)
        with pytest.raises(PermissionDenied):
            assign_role(actor=Actor(admin.user), person=person, role=Role.SUPPORT)
    with pytest.raises(LastAdmin):
        unassign_role(actor=None, person=fresh(peter), role=Role.SUPER_ADMIN)
    User.objects.get(pk=peter.pk).role_assignments.all().delete()
    with pytest.raises(PermissionDenied):
        make_first_super_admin(actor=admin, person=mary)


def test_R14_who_could_sign_in_before_becomes_no_super_admin(admin: Actor, customer: Customer) -> None:
    """A reseller that knows a password, or has added a passkey, would be the super admin."""
    known = first_person(admin, customer)
    reset_password(actor=admin, person=known)
    assert fresh(known).has_usable_password()
    make_first_super_admin(actor=admin, person=fresh(known))
    assert not fresh(known).has_usable_password()


def test_R14_who_has_signed_in_becomes_no_first_super_admin(admin: Actor, customer: Customer) -> None:
    known = first_person(admin, customer)
    User.objects.filter(pk=known.pk).update(last_login="2026-11-01T00:00Z")
    with pytest.raises(Refused) as refused:
        make_first_super_admin(actor=admin, person=fresh(known))
    assert refused.value.reason == "conditionNotMet"
    assert not fresh(known).roles


def test_R14_a_stranger_an_agent_and_a_suspended_reseller_make_nobody_an_admin(
    world: World, admin: Actor, customer: Customer
) -> None:
    person = first_person(admin, customer)
    agent = Actor(put_person(world.reseller, Role.RESELLER_AGENT))
    rival = Actor(put_person(put_reseller("Rival"), Role.RESELLER_ADMIN))
    for actor in (agent, rival, world.admin):
        with pytest.raises(PermissionDenied):
            make_first_super_admin(actor=actor, person=person)
    suspend_reseller(actor=None, reseller=world.reseller)
    with pytest.raises(PermissionDenied):
        make_first_super_admin(actor=admin, person=person)
    unsuspend_reseller(actor=None, reseller=world.reseller)
    with pytest.raises(PermissionDenied):
        make_first_super_admin(actor=admin, person=fresh(world.admin.user))
    make_first_super_admin(actor=admin, person=person)


# --- Lapsing ------------------------------------------------------------------------------------------


def test_a_registration_that_nothing_came_of_lapses_after_thirty_days(
    world: World, admin: Actor, customer: Customer
) -> None:
    person = first_person(admin, customer)
    pass_days(29)
    assert sum(lapses()) == 0
    pass_days(2)
    assert sum(lapses()) == 1
    assert sum(lapses()) == 0
    assert grant(customer, world.reseller).ended_at is not None
    assert not may_enter(admin.user, customer)
    assert not relations_of(admin.user).filter(customer=customer).exists()
    with pytest.raises(PermissionDenied):
        make_first_super_admin(actor=admin, person=person)
    [event] = AuditEvent.objects.filter(name="LAPSE_REGISTRATION")
    assert (event.customer_id, event.subject, event.actor_reseller_id) == (
        customer.pk,
        world.reseller.name,
        world.reseller.pk,
    )


def test_what_is_sold_keeps_the_relation_until_it_is_cancelled(world: World, admin: Actor, customer: Customer) -> None:
    sold = order_subscription(actor=admin, customer=customer, reseller=world.reseller, offer=offer())
    assert grant(customer, world.reseller).lapses_at is None
    pass_days(90)
    assert sum(lapses()) == 0
    assert grant(customer, world.reseller).ended_at is None
    cancel_subscription(actor=admin, subscription=sold)
    assert grant(customer, world.reseller).ended_at is not None
    assert Customer.objects.get(pk=customer.pk).registered_by is None, "R14: it serves it no more"
