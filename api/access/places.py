"""Whose console a call is about, seen by its own people or by a reseller's: every method starts here (P4, R5)."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q, QuerySet

from accounts.authorisation import authorise, person_now
from accounts.domains import typed_domain
from accounts.models import Customer
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import Forbidden, NotFound
from subscriptions.access.scope import relations_of
from subscriptions.models import AccessGrant

_MY_CUSTOMER: Final = "my_customer"
# In place of a customer, for a reseller: all of them.
ALL: Final = "-"
# More digits are no number of a row.
_DIGITS: Final = 18


def is_reseller(call: Call) -> bool:
    """Tell whether the person of a call works for a reseller."""
    return call.actor.user.reseller_id is not None


def own_customer(call: Call, permission: Permission) -> Customer:
    """Return the customer of a call, of whose own people the person is one and may do this.

    Raises NotFound for any other customer. A reseller that may know it is told that this is not for resellers: its
    setting, its visits and its reviews are the customer's own (R5).
    """
    if is_reseller(call):
        relation(call)
        raise Forbidden("This is for the customer's own people.")
    customer = call.actor.user.customer
    key = call.params["customer"]
    names = {_MY_CUSTOMER, customer.customer_id, customer.primary_domain} if customer else set()
    if customer is None or (key not in names and typed_domain(key) != customer.primary_domain):
        raise NotFound("customer")
    authorise(call.actor, permission, customer)
    return customer


def relations(call: Call) -> QuerySet[AccessGrant]:
    """Return the live relations in which the reseller's person works (P4)."""
    return relations_of(person_now(call.actor)).select_related("customer", "reseller")


def relation(call: Call) -> AccessGrant:
    """Return the relation to the customer that a call of a reseller's person names. Raises NotFound."""
    key = call.params["customer"]
    named = Q(customer__customer_id=key) | Q(customer__primary_domain=typed_domain(key))
    found = relations(call).filter(named).first()
    if found is None:
        raise NotFound("customer")
    return found


def number(call: Call, name: str = "id") -> int:
    """Return the number of a row that a call names, as pages show it. Raises NotFound for no number."""
    text = call.params[name]
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        raise NotFound(name)
    return int(text)


def one(rows: QuerySet[Any], call: Call, name: str = "id") -> Any:
    """Return the row of a scope that a call names. Raises NotFound."""
    found = rows.filter(pk=number(call, name)).first()
    if found is None:
        raise NotFound(name)
    return found
