"""A reseller adds a customer with its first order, and edits how it is reached (P4, P7, R1, R14)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actor import Actor
from accounts.directory.people import assign_role, create_user
from accounts.errors import Refused
from accounts.models import Address, AuditEvent, Customer, User
from accounts.organisations import suspend_reseller
from accounts.roles import Role
from subscriptions.lifecycle.customers import add_customer, edit_customer
from subscriptions.models import Order, Subscription
from subscriptions.models.subscription import Plan
from tests.access.world import World, grant
from tests.factories import put_person
from tests.subscriptions.lifecycle_world import NEW, offer


def person(world: World, *roles: Role) -> Actor:
    return Actor(put_person(world.reseller, *roles))


@pytest.mark.parametrize("role", [Role.RESELLER_ADMIN, Role.INDIRECT_RESELLER_ADMIN])
def test_P4_adding_a_customer_makes_it_its_super_admin_its_order_and_the_relation(world: World, role: Role) -> None:
    actor = person(world, role)
    sold = add_customer(actor=actor, new=NEW, offer=offer(Plan.ANNUAL_YEARLY_PAY, 12))
    customer = Customer.objects.get(primary_domain="initech.example")
    assert (customer.postal_address, customer.phone_number) == ("1 Main Street\nAustin", "+1 555 0100")
    admin = User.objects.get(customer=customer)
    assert (admin.email, admin.roles, admin.has_usable_password()) == (
        "peter@initech.example",
        frozenset({Role.SUPER_ADMIN}),
        False,
    )
    assert (sold.customer, sold.reseller, sold.seats) == (customer, world.reseller, 12)
    relation = grant(customer, world.reseller)
    assert (relation.customer_name, relation.customer_domain, relation.ended_at) == (
        "Initech",
        "initech.example",
        None,
    )
    events = AuditEvent.objects.filter(customer_id=customer.pk).order_by("id")
    assert list(events.values_list("name", flat=True))[:5] == [
        "CREATE_CUSTOMER",
        "CREATE_USER",
        "ASSIGN_ROLE",
        "INVITE_USER",
        "ORDER_SUBSCRIPTION",
    ]
    assert {event.actor_email for event in events[:5]} == {actor.user.email}
    assert Order.objects.get(subscription=sold).actor_email == actor.user.email


@pytest.mark.parametrize("role", [Role.RESELLER_AGENT, Role.SUPPORT_AGENT])
def test_P4_nobody_else_adds_or_edits_a_customer(world: World, stranger: World, role: Role) -> None:
    suspended = person(stranger, Role.RESELLER_ADMIN)
    suspend_reseller(actor=None, reseller=stranger.reseller)
    for actor in (person(world, role), world.admin, Actor(world.agent), suspended):
        with pytest.raises(PermissionDenied):
            add_customer(actor=actor, new=NEW, offer=offer())
        with pytest.raises(PermissionDenied):
            edit_customer(actor=actor, customer=world.customer, postal_address="x", phone_number="")
    assert not Customer.objects.filter(name="Initech").exists()


def test_P4_a_stranger_edits_nothing_of_a_customer_that_it_does_not_serve(world: World, stranger: World) -> None:
    with pytest.raises(PermissionDenied):
        edit_customer(
            actor=person(stranger, Role.RESELLER_ADMIN), customer=world.customer, postal_address="x", phone_number=""
        )
    assert Customer.objects.get(pk=world.customer.pk).postal_address == ""


def test_editing_is_one_event_that_the_customer_sees_and_nothing_twice(world: World) -> None:
    actor = person(world, Role.INDIRECT_RESELLER_ADMIN)
    for _ in range(2):
        edit_customer(actor=actor, customer=world.customer, postal_address="2 Side Street", phone_number="")
    event = AuditEvent.objects.get(name="CHANGE_CUSTOMER", customer_id=world.customer.pk)
    assert (event.old_value, event.new_value) == ({"postal_address": ""}, {"postal_address": "2 Side Street"})
    with pytest.raises(Refused) as refused:
        edit_customer(actor=actor, customer=world.customer, postal_address="", phone_number="call me")
    assert refused.value.field == "phone_number"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"primary_domain": "gmail.com", "admin_email": "a@gmail.com"}, "primary_domain"),
        ({"primary_domain": "no domain"}, "primary_domain"),
        ({"admin_email": "peter@elsewhere.example"}, "admin_email"),
        ({"admin_email": "peter@initech.example.evil.example"}, "admin_email"),
        ({"admin_email": "initech.example"}, "admin_email"),
        ({"admin_name": ""}, "admin_name"),
        ({"phone_number": "<script>"}, "phone_number"),
        ({"postal_address": "x" * 501}, "postal_address"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field_and_nothing_is_left(
    world: World, changed: dict[str, str], field: str
) -> None:
    before = [kind.objects.count() for kind in (Customer, User, Subscription, AuditEvent)]
    actor = person(world, Role.RESELLER_ADMIN)
    before[1] += 1
    with pytest.raises(Refused) as refused:
        add_customer(actor=actor, new=replace(NEW, **changed), offer=offer())
    assert refused.value.field == field
    assert [kind.objects.count() for kind in (Customer, User, Subscription, AuditEvent)] == before


def test_a_domain_that_is_somebodys_is_refused_without_telling_whose(world: World, stranger: World) -> None:
    Address.objects.create(email="bob@secondary.example", user=stranger.admin.user)
    said = set()
    for domain in (stranger.customer.primary_domain, stranger.reseller.primary_domain, "secondary.example"):
        new = replace(NEW, primary_domain=domain, admin_email=f"peter@{domain}")
        with pytest.raises(Refused) as refused:
            add_customer(actor=person(world, Role.RESELLER_ADMIN), new=new, offer=offer())
        said.add((refused.value.field, refused.value.message))
    assert said == {("primary_domain", "This domain is in use already. Ask the customer, or use another domain.")}


def test_an_order_that_is_refused_leaves_no_customer(world: World) -> None:
    with pytest.raises(Refused, match="at most 10"):
        add_customer(actor=person(world, Role.RESELLER_ADMIN), new=NEW, offer=offer(Plan.TRIAL, 11))
    assert not Customer.objects.filter(name="Initech").exists()


def test_R14_whoever_added_a_customer_makes_nobody_else_an_admin_there(world: World) -> None:
    """The founder's right ends with the first super admin, in the same transaction."""
    actor = person(world, Role.RESELLER_ADMIN)
    customer = add_customer(actor=actor, new=NEW, offer=offer()).customer
    admin = User.objects.get(customer=customer)
    with pytest.raises(PermissionDenied):
        create_user(actor=actor, organisation=customer, email="mole@initech.example", name="Mole")
    with pytest.raises(PermissionDenied):
        assign_role(actor=actor, person=admin, role=Role.AUDITOR)
