"""Whose reseller calls, and the customer and the subscription that it names: every method starts here (P4, R13)."""

from __future__ import annotations

import re
from typing import Any, Final

from django.db.models import Q, QuerySet

from accounts.authorisation import authorise_reseller, person_now
from accounts.domains import typed_domain
from accounts.models import Customer, Reseller
from accounts.roles import CUSTOMER_STAFF
from api.core.call import Call
from api.core.errors import NotFound
from subscriptions.access.scope import relations_sold_in, sold_subscriptions
from subscriptions.models import AccessGrant, Subscription
from subscriptions.seats import with_use

_CUSTOMER_ID: Final = re.compile(r"C[a-z0-9]{8}", re.ASCII)


def reseller_of(call: Call) -> Reseller:
    """Return the active reseller whose person calls. Raises PermissionDenied for everybody else."""
    return authorise_reseller(call.actor, CUSTOMER_STAFF)


def named(key: str, prefix: str = "") -> Q:
    """Return the condition of the customer with this id or primary domain. prefix: of a relation to it."""
    if _CUSTOMER_ID.fullmatch(key):
        return Q(**{f"{prefix}customer_id": key})
    return Q(**{f"{prefix}primary_domain": typed_domain(key)})


def relation_to(call: Call, key: str) -> AccessGrant | None:
    """Return the live relation in which the person's reseller sells to a customer, where that person sees it (P4)."""
    reseller_of(call)
    relations = relations_sold_in(person_now(call.actor)).select_related("customer", "reseller")
    return relations.filter(named(key, "customer__")).first()


def relation(call: Call) -> AccessGrant:
    """Return the relation to the customer that a call names. Raises NotFound, also for a stranger's."""
    found = relation_to(call, call.params["customerId"])
    if found is None:
        raise NotFound("customerId")
    return found


def customer_with(key: str) -> Customer | None:
    """Return any customer by its id or primary domain: whose existence is told is for the caller to say."""
    return Customer.objects.filter(named(key)).first()


def live(subscriptions: QuerySet[Subscription]) -> QuerySet[Any]:
    """Return some subscriptions with all that an answer says of them, in one query."""
    return with_use(subscriptions).select_related("sku__product", "customer", "reseller")


def subscription(call: Call) -> Subscription:
    """Return the subscription that a call names, of what its reseller sold. Raises NotFound."""
    found = live(sold_subscriptions(relation(call))).filter(public_id=call.params["subscriptionId"]).first()
    if found is None:
        raise NotFound("subscriptionId")
    return found  # type: ignore[no-any-return]  # annotated
