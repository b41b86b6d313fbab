"""A reseller adds a customer with its first order, and edits how the customer is reached (P4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import person_now
from accounts.directory.invitations import awaits_password, send_again
from accounts.directory.rules import lock_person
from accounts.errors import Refused
from accounts.founding import clean_phone_number, clean_postal_address, found_customer, reseller_adding_customers
from accounts.locking import lock_customer
from accounts.models import Customer, User
from accounts.profile import write_reached
from subscriptions.access.scope import relations_sold_in
from subscriptions.lifecycle.ordering import place_order
from subscriptions.lifecycle.terms import Offer, check_offer
from subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """An organisation as it is typed in, and the person who will be its first super admin."""

    name: str
    primary_domain: str
    postal_address: str
    phone_number: str
    admin_name: str
    admin_email: str


@transaction.atomic
def add_customer(*, actor: Actor, new: NewCustomer, offer: Offer) -> Subscription:
    """Add a customer with its first super admin and its first order, all or nothing; the relation begins (P4, R1).

    An indirect reseller admin may do this too: without an order there would be no relation to see the customer in.
    Raises Refused, PermissionDenied.
    """
    reseller = reseller_adding_customers(actor)
    check_offer(offer)
    customer = found_customer(
        actor=actor,
        name=new.name,
        primary_domain=new.primary_domain,
        postal_address=new.postal_address,
        phone_number=new.phone_number,
        admin_name=new.admin_name,
        admin_email=new.admin_email,
    )
    return place_order(actor=actor, customer=customer, reseller=reseller, offer=offer)


@transaction.atomic
def edit_customer(*, actor: Actor, customer: Customer, postal_address: str, phone_number: str) -> None:
    """Change how a customer is reached. Its name and domain are its own: they stand in other resellers' lists too (P4).

    Raises Refused, and PermissionDenied for anyone who does not add customers or has sold this one nothing.
    """
    customer = lock_customer(customer)
    _authorise(actor, customer)
    new = {"postal_address": clean_postal_address(postal_address), "phone_number": clean_phone_number(phone_number)}
    old = {name: now for name, value in new.items() if (now := getattr(customer, name)) != value}
    if not old:
        return
    new = {name: new[name] for name in old}
    for name, value in new.items():
        setattr(customer, name, value)
    customer.save(update_fields=list(new))
    record_audit(
        EventName.CHANGE_CUSTOMER,
        actor=actor,
        customer=customer,
        subject=customer.name,
        target=customer,
        old=old,
        new=new,
    )


@transaction.atomic
def change_customer(*, actor: Actor, customer: Customer, said: Mapping[str, str]) -> Customer:
    """Change how a customer is reached, by the parts that its profile has (accounts/profile.py), as edit_customer does.

    said: what changes, without the name, which is the customer's own. Raises Refused, PermissionDenied.
    """
    customer = lock_customer(customer)
    _authorise(actor, customer)
    if "name" in said:
        raise PermissionDenied(_("Your role does not allow this."))
    write_reached(actor, customer, said)
    return customer


def first_admin_waiting(customer: Customer) -> User | None:
    """Return the first super admin of a customer in which nobody has chosen a password yet: its only person."""
    people = list(User.objects.filter(customer=customer, deleted_at=None)[:2])
    return people[0] if len(people) == 1 and awaits_password(people[0]) else None


@transaction.atomic
def invite_first_admin(*, actor: Actor, customer: Customer) -> User:
    """Send the first super admin of a customer the invitation again, as long as nobody could enter there (P11, R14).

    Raises Refused, and PermissionDenied for anyone who does not add customers or does not serve this one.
    """
    customer = lock_customer(customer)
    _authorise(actor, customer)
    person = first_admin_waiting(customer)
    if person is None:
        raise Refused(
            _("This customer has a person who can sign in. They invite their own people."), reason="conditionNotMet"
        )
    send_again(actor, lock_person(person))
    return person


def _authorise(actor: Actor, customer: Customer) -> None:
    """Let through who adds customers for a reseller that has sold this one something, at this instant (P4, P8)."""
    reseller_adding_customers(actor)
    if not relations_sold_in(person_now(actor)).filter(customer=customer).exists():
        raise PermissionDenied(_("Your role does not allow this."))
