"""New people, many at once: the rules of `people.create_user`, asked for all of them together (P1, P6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import record_new_people
from accounts.database.rows import insert_selected
from accounts.directory.addresses import lock_addresses_at, refused_domains
from accounts.directory.change import lock_directory
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.directory.passwords import unusable_password
from accounts.directory.renaming import ADDRESS_IN_USE
from accounts.directory.tree import tree_of
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
    lock_addresses_at({newcomer.email.rpartition("@")[2] for newcomer in newcomers}, customer)
    refused = refusals(customer, [newcomer.email for newcomer in newcomers])
    for newcomer in newcomers:
        if newcomer.org_unit_id is not None and tree.get(newcomer.org_unit_id) is None:
            refused[newcomer.email] = str(NO_SUCH_UNIT)
    _insert(actor, customer, tree.root.pk, [one for one in newcomers if one.email not in refused])
    return refused


def _insert(actor: Actor | None, customer: Customer, root_id: int, newcomers: Sequence[Newcomer]) -> None:
    """Insert people, their addresses and their events: three statements, which the database fills."""
    same = User(customer=customer)
    columns: dict[str, list[Any]] = {
        "email": [one.email for one in newcomers],
        "name": [one.name for one in newcomers],
        "sort_name": [stored_sort_key(one.name) for one in newcomers],
        "org_unit_id": [one.org_unit_id or root_id for one in newcomers],
        "password": [unusable_password() for _ in newcomers],
    }
    people = """
        SELECT * FROM unnest(
            %(email)s::text[], %(name)s::text[], %(sort_name)s::text[], %(org_unit_id)s::bigint[], %(password)s::text[]
        )"""
    insert_selected(same, list(columns), people, columns)
    made = list(User.objects.filter(email__in=columns["email"]).values_list("pk", flat=True))
    addresses = "SELECT u.email, u.id FROM accounts_user u WHERE u.id = ANY(%(people)s)"
    insert_selected(Address(), ("email", "user_id"), addresses, {"people": made})
    record_new_people(actor=actor, customer=customer, people=made)


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
