"""The customer that a call is about, as far as its parameters name one: to lock it before what is there is compared."""

from __future__ import annotations

import re
from typing import Final

from django.db.models import Q

from accounts.locking import lock_customer
from accounts.models import Customer
from api.core.call import Call

# Parameters that name a customer, as the documents of the APIs call them.
_PARAMETERS: Final = ("customerId", "customer", "customerKey")
_PARENTS: Final = ("name", "parent")
_ORGANISATION: Final = re.compile(r"organizations/(\d{1,15})(?:/|$)", re.ASCII)


def lock_customer_of(call: Call) -> None:
    """Lock the customer of a call that has been authorised: that of its person, or the one that is named."""
    own = call.actor.user.customer_id
    found = own or Customer.objects.filter(_named(call)).values_list("pk", flat=True).first()
    if found is not None:
        lock_customer(found)


def _named(call: Call) -> Q:
    for name in _PARENTS:
        if match := _ORGANISATION.match(str(call.params.get(name, ""))):
            return Q(organization_number=int(match[1]))
    keys = [str(call.params[name])[:254].lower() for name in _PARAMETERS if name in call.params]
    return Q(customer_id__in=[key.capitalize() for key in keys]) | Q(primary_domain__in=keys)
