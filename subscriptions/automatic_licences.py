"""Gives automatic licences, and takes those that nobody can use any more: run by a sweep and by nudges.

The rows say what is to be done, so a run that was killed, or that ran twice, changes nothing about the result.
Nobody is waited for: a customer on whom somebody else works is left to the next run.
"""

from __future__ import annotations

from django.db.models import Q

from accounts.time_limits import sweep_transaction
from subscriptions import seats
from subscriptions.models import AutoLicence, Licence, Subscription
from subscriptions.models.subscription import Status

# Licences given in one transaction, so that a customer is locked for about a second at most.
BATCH = 10_000


def give_automatic_licences() -> int:
    """Give everybody in units with automatic licences one, as far as the seats go; return how many were given."""
    revoke_stale_licences()
    rules = AutoLicence.objects.filter(subscription__status=Status.ACTIVE)
    waiting = seats.waiting_numbers(rules.order_by("subscription").values_list("subscription", flat=True).distinct())
    given = 0
    for subscription in seats.with_use(Subscription.objects.filter(pk__in=waiting)).order_by("pk"):
        # Whoever waits for a seat that is not there costs a look only, no lock.
        if subscription.seats is None or subscription.used < subscription.seats:
            while number := _give_to_the_longest_waiting(subscription.pk):
                given += number
    return given


@sweep_transaction()
def _give_to_the_longest_waiting(subscription_id: int) -> int:
    subscription = seats.lock_unless_busy(subscription_id)
    if subscription is None:
        return 0
    free = seats.free(subscription)
    people = seats.longest_waiting(subscription, BATCH if free is None else min(free, BATCH))
    return seats.give(subscription, people, actor=None) if people else 0


def revoke_stale_licences() -> int:
    """Take the licences of deleted people and those of cancelled subscriptions; return how many were taken."""
    gone = Q(user__deleted_at__isnull=False) | Q(subscription__status=Status.CANCELLED)
    stale = Licence.objects.filter(gone, revoked_at=None)
    subscriptions = stale.order_by("subscription").values_list("subscription", flat=True).distinct()
    return sum(_take_stale(subscription_id) for subscription_id in subscriptions)


@sweep_transaction()
def _take_stale(subscription_id: int) -> int:
    subscription = seats.lock_unless_busy(subscription_id)
    if subscription is None:
        return 0
    held = Licence.objects.filter(subscription=subscription, revoked_at=None)
    if subscription.status != Status.CANCELLED:
        held = held.filter(user__deleted_at__isnull=False)
    return seats.take(subscription, list(held.values_list("user", flat=True)), actor=None)
