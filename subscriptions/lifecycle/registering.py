"""A reseller registers a customer before anybody is there and anything is sold (P7, R1, R14; decision 50).

The relation begins with it. Unless something is sold within 30 days it lapses: the customer stays, and is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from django.db import transaction
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.background.pieces import in_pieces
from accounts.background.sweeping import each
from accounts.database.time_limits import sweep_transaction
from accounts.founding import found_without_people, reseller_adding_customers
from accounts.locking import lock_unless_busy
from accounts.models import Customer
from accounts.profile import write_reached
from subscriptions.access.relation import begin_registration, end_relation, sold_to
from subscriptions.models import AccessGrant


@transaction.atomic
def register_customer(
    *, actor: Actor, name: str, primary_domain: str, said: Mapping[str, str] = MappingProxyType({})
) -> Customer:
    """Register a customer without people and without an order, and begin the relation with it.

    The reseller creates its first people, makes one of them the first super admin
    (accounts/directory/first_admins.py), and orders. said: how it is reached, by the parts that its profile has
    (accounts/profile.py). Raises what found_without_people() raises.
    """
    reseller = reseller_adding_customers(actor)
    customer = found_without_people(actor=actor, name=name, primary_domain=primary_domain)
    write_reached(actor, customer, said)
    begin_registration(customer=customer, reseller=reseller)
    return customer


def lapses() -> Iterator[int]:
    """End the relations that stood on a registration alone for too long; yields 1 for each, 0 for one that is left."""
    due = AccessGrant.objects.filter(lapses_at__lte=Now(), ended_at=None, subscription=None)
    return each(in_pieces(due.select_related("customer", "reseller")), _lapsed)


@sweep_transaction()
def _lapsed(found: AccessGrant) -> bool:
    if not lock_unless_busy(found.customer_id):
        return False
    due = AccessGrant.objects.filter(pk=found.pk, lapses_at__lte=Now(), ended_at=None)
    if sold_to(found.customer, found.reseller) or not due.exists():
        return False
    record_audit(
        EventName.LAPSE_REGISTRATION,
        actor=None,
        customer=found.customer_id,
        subject=found.reseller.name,
        target=found.reseller,
        seen_by=found.reseller,
        new={"reseller": found.reseller.name},
    )
    end_relation(customer=found.customer, reseller=found.reseller)
    AccessGrant.objects.filter(pk=found.pk).update(lapses_at=None)
    return True
