"""directory.users: showing people, one by one and in lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Collate, Lower

from accounts.directory.tree import tree_of
from accounts.domain_holders import rows_of
from accounts.models import Customer, User
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import BadRequest, NotFound
from api.core.methods import serves
from api.core.paging import page
from api.directory.user_queries import condition
from api.directory.user_resources import facts_of, shown
from api.door.consoles import console, console_of_user

# What the original orders people by, in the words of the indexes (accounts/models/people.py).
_ORDERS: Final[Mapping[str, Collate]] = {
    "email": Collate("email", "C"),
    "familyName": Collate(Lower("family_name"), "C"),
    "givenName": Collate(Lower("given_name"), "C"),
}


@serves("directory.users.get")
def get(call: Call) -> dict[str, Any]:
    """Show one person, by an address of theirs or their id. The deleted are shown in lists only."""
    person = living(call, Permission.VIEW_USERS)
    return resource_of(person, call.params.get("viewType", "admin_view"))


@serves("directory.users.list")
def list_users(call: Call) -> dict[str, Any]:
    """List the people of a customer, or those whose address is at one of its domains."""
    customer = _customer_of(call)
    deleted = str(call.params.get("showDeleted", "")).lower() == "true"
    people = _people_of(customer, deleted=deleted)
    if domain := call.params.get("domain"):
        people = people.filter(email__endswith=f"@{domain.lower()}")
    tree = tree_of(customer)
    if query := call.params.get("query"):
        people = people.filter(condition(query, tree))
    order = call.params.get("orderBy")
    keys = ("sort_name", "id")
    if order:
        people, keys = people.annotate(order_key=_ORDERS[order]), ("order_key", "id")
    found, token = page(
        call,
        people,
        keys=keys,
        size=call.params.get("maxResults", 100),
        descending=call.params.get("sortOrder") == "DESCENDING",
    )
    facts = facts_of(customer, found, tree)
    view = call.params.get("viewType", "admin_view")
    answer: dict[str, Any] = {"kind": "admin#directory#users"}
    if found:
        answer["users"] = [shown(person, facts, view) for person in found]
    if token:
        answer["nextPageToken"] = token
    return answer


def living(call: Call, permission: Permission) -> User:
    """Return the person that a call names, who is not deleted. Raises NotFound."""
    person = console_of_user(call, call.params["userKey"], permission)
    if person.deleted_at is not None:
        raise NotFound("userKey")
    return person


def resource_of(person: User, view: str = "admin_view") -> dict[str, Any]:
    """Return a person of a customer as the API shows them."""
    assert person.customer is not None
    return shown(person, facts_of(person.customer, [person]), view)


def _customer_of(call: Call) -> Customer:
    if key := call.params.get("customer"):
        customer = console(call, key, Permission.VIEW_USERS)
        domain = call.params.get("domain")
        if domain and not rows_of(customer).filter(name=domain.lower()).exists():
            raise NotFound("domain")
        return customer
    if domain := call.params.get("domain"):
        # A domain and nothing else: an id names no domain.
        if "." not in domain:
            raise NotFound("domain")
        return console(call, domain, Permission.VIEW_USERS)
    raise BadRequest("Bad Request: name a customer or a domain.")


def _people_of(customer: Customer, *, deleted: bool) -> QuerySet[User]:
    """Return the people of a customer in the words of the indexes."""
    is_there = Q(deleted_at__isnull=not deleted, purged_at__isnull=True)
    return User.objects.filter(is_there, customer=customer, customer__isnull=False)
