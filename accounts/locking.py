"""The lock that comes before every other: one customer is changed by one verb after the other."""

from __future__ import annotations

from accounts.models import Customer


def lock_customer(customer: Customer | int) -> Customer:
    """Lock a customer, or the one with that id, until the end of the transaction; return it as it is now.

    One row in front of all the others, so that two verbs never wait for each other in a circle. A worker
    that applies access changes does not need it: it waits for nobody (`SKIP LOCKED`).
    """
    pk = customer.pk if isinstance(customer, Customer) else customer
    return Customer.objects.select_for_update(no_key=True).get(pk=pk)
