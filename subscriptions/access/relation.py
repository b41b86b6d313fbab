"""Access follows the relation between a customer and a reseller: it begins and ends with it (R1, R13).

What happens here is a consequence of an order, a cancellation or a transfer (subscriptions/lifecycle/): their
events name the person. The access changes name nobody but the system, since no reseller ever decides on access (R5).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.locking import lock_customer
from accounts.models import Customer, Reseller
from accounts.unstaffing import end_staffing
from subscriptions.access.effective import database_now
from subscriptions.access.outbox import Step, must_end, queue
from subscriptions.models import AccessChange, AccessGrant, Subscription
from subscriptions.models.subscription import Status
from subscriptions.tasks import nudge_after_commit


@transaction.atomic
def begin_relation(*, customer: Customer, reseller: Reseller) -> AccessGrant:
    """Begin the relation when a reseller sells its first subscription to a customer; repeating it changes nothing.

    Access begins as RESELLER_ACCESS_DEFAULT says (R1). Where the customer had turned it off in an earlier
    relation with the same reseller, it stays off: cancelling and selling again reopens nothing.
    """
    lock_customer(customer)
    grant, created = AccessGrant.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        customer=customer,
        reseller=reseller,
        subscription=None,
        defaults={
            "allowed": False,
            "generation": 0,
            "customer_name": customer.name,
            "customer_sort_name": customer.sort_name,
            "customer_domain": customer.primary_domain,
        },
    )
    if created or grant.ended_at is not None:
        grant.ended_at = None
        now = database_now()
        _queue([Step(grant, _begins_open(grant), due_at=now)], now)
    return grant


def console_would_open(customer: Customer, reseller: Reseller) -> bool | None:
    """Tell whether the console opens when the relation begins (R1); None where it has begun already."""
    grant = AccessGrant.objects.filter(customer=customer, reseller=reseller, subscription=None).first()
    if grant is None:
        return settings.RESELLER_ACCESS_DEFAULT
    return None if grant.ended_at is None else _begins_open(grant)


def _begins_open(grant: AccessGrant) -> bool:
    return settings.RESELLER_ACCESS_DEFAULT and not _was_refused(grant)


def _was_refused(grant: AccessGrant) -> bool:
    """Tell whether the last word that a person said about this reseller was no."""
    last_word = grant.changes.exclude(requested_by_email="").order_by("-generation").first()
    return last_word is not None and not last_word.allowed


@transaction.atomic
def end_relation(*, customer: Customer, reseller: Reseller) -> list[AccessChange]:
    """End every access of a reseller that has no live subscription left at the customer, and its staffing (R13, P4)."""
    lock_customer(customer)
    if sold_to(customer, reseller):
        return []
    grants = _locked(AccessGrant.objects.filter(customer=customer, reseller=reseller))
    now = database_now()
    for grant in grants:
        grant.ended_at = now if grant.subscription_id is None else None
    end_staffing(actor=None, customer=customer, reseller=reseller)
    # The console's own row takes a step even where access was off: it says that the relation ended.
    return _queue([Step(g, False, now) for g in grants if g.subscription_id is None or must_end(g, now)], now)


@transaction.atomic
def end_subscription_access(*, subscription: Subscription) -> list[AccessChange]:
    """End what resellers could do with a subscription bought from the vendor that is so no more (R13)."""
    lock_customer(subscription.customer)
    grants = _locked(AccessGrant.objects.filter(subscription=subscription))
    now = database_now()
    return _queue([Step(grant, False, now) for grant in grants if must_end(grant, now)], now)


def sold_to(customer: Customer, reseller: Reseller) -> bool:
    """Tell whether a reseller has a live subscription at a customer: what the relation consists of."""
    return Subscription.objects.filter(customer=customer, reseller=reseller).exclude(status=Status.CANCELLED).exists()


def _locked(grants: QuerySet[AccessGrant]) -> list[AccessGrant]:
    return list(
        grants.select_for_update(of=("self",), no_key=True)
        .filter(ended_at=None)
        .select_related("reseller", "subscription__sku")
        .order_by("id")
    )


def _queue(steps: Sequence[Step], now: datetime) -> list[AccessChange]:
    changes = queue(steps, actor=None, now=now)
    if changes:
        nudge_after_commit(now, now)
    return changes
