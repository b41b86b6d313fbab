"""New people, many at once: the rules of `people.create_user`, asked for all of them together (P1, P6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.directory.addresses import own_domains, refused_domains
from accounts.directory.change import lock_directory
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.directory.renaming import ADDRESS_IN_USE
from accounts.directory.tree import tree_of
from accounts.domain_holders import lock_domains
from accounts.models import Address, Customer, User
from accounts.names import isolated
from accounts.organisations import stored_sort_key
from accounts.permissions import Permission


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person to create. email, name: as clean_address() and clean_name() return them; org_unit_id: None, the root."""

    email: str
    name: str
    org_unit_id: int | None = None


@transaction.atomic
def create_users(*, actor: Actor | None, customer: Customer, newcomers: Sequence[Newcomer]) -> dict[str, str]:
    """Create people who set their passwords by a link; return by address why a person could not be created.

    The number of statements does not grow with the number of people. An address that is taken in another
    transaction at this instant raises IntegrityError, and nobody is created: trying again finds it taken.
    """
    customer = lock_directory(actor, Permission.MANAGE_USERS, customer)
    tree = tree_of(customer)
    lock_domains({newcomer.email.rpartition("@")[2] for newcomer in newcomers}, own_domains(customer))
    refused = refusals(customer, [newcomer.email for newcomer in newcomers])
    for newcomer in newcomers:
        if newcomer.org_unit_id is not None and tree.get(newcomer.org_unit_id) is None:
            refused[newcomer.email] = str(NO_SUCH_UNIT)
    made = User.objects.bulk_create(
        _person(customer, newcomer, newcomer.org_unit_id or tree.root.pk)
        for newcomer in newcomers
        if newcomer.email not in refused
    )
    Address.objects.bulk_create(Address(email=person.email, user=person) for person in made)
    record_many(
        event(
            EventName.CREATE_USER,
            actor=actor,
            customer=customer,
            subject=person.email,
            new={"email": person.email, "name": person.name},
        )
        for person in made
    )
    return refused


def _person(customer: Customer, newcomer: Newcomer, org_unit_id: int) -> User:
    person = User(email=newcomer.email, name=newcomer.name, customer=customer, org_unit_id=org_unit_id)
    person.sort_name = stored_sort_key(person.name)
    person.set_unusable_password()
    return person


def refusals(customer: Customer, emails: Collection[str]) -> dict[str, str]:
    """Return by address why this customer cannot give it to a new person. emails: canonical."""
    reasons = refused_domains({email.rpartition("@")[2] for email in emails}, customer)
    refused = {email: reason for email in emails if (reason := reasons.get(email.rpartition("@")[2]))}
    for address in Address.objects.filter(email__in=emails).select_related("user", "group"):
        refused[address.email] = _taken(address, customer)
    return refused


def _taken(address: Address, customer: Customer) -> str:
    """Say who has an address; of other organisations no more than that it is in use."""
    person, group = address.user, address.group
    if group is not None and group.customer_id == customer.pk:
        return _("This is the address of a group.")
    if person is None or person.customer_id != customer.pk:
        return str(ADDRESS_IN_USE)
    if person.deleted_at is not None:
        return _("This user was deleted a short time ago. Restore it instead of creating it again.")
    if person.email != address.email:
        return _("This is another address of %(person)s. Use %(email)s.") % {
            "person": isolated(person.name),
            "email": person.email,
        }
    return str(ADDRESS_IN_USE)
