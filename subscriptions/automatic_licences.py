"""Gives automatic licences, and takes those that nobody can use any more: run by a sweep and by nudges.

The rows say what is to be done, so a run that was killed, or that ran twice, changes nothing about the result.
Nobody is waited for: a customer on whom someone else works is left to the next run.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from accounts.background.sweeping import each
from accounts.database.time_limits import sweep_transaction
from subscriptions import seats
from subscriptions.models import AutoLicence, Licence, Subscription
from subscriptions.models.subscription import Status

# Licences given or taken in one transaction, so that a customer is locked for about a second at most.
BATCH = 10_000


def give_automatic_licences() -> int:
    """Give everybody in units with automatic licences one, as far as the seats go; return how many were given."""
    return sum(batches())


def batches() -> Iterator[int]:
    """Take what is stale, then give, one customer's batch after the other; yields how many licences each gave."""
    for _taken in each(_with_stale_licences(), _take_stale, until_done=True):
        yield 0
    yield from each(_with_free_seats(), _give_to_the_longest_waiting, until_done=True)


def _with_free_seats() -> Iterator[int]:
    rules = AutoLicence.objects.filter(subscription__status=Status.ACTIVE)
    ruled = rules.order_by("subscription").values_list("subscription", flat=True).distinct()
    with sweep_transaction():
        waiting = seats.waiting_numbers(ruled)
    for subscription in seats.with_use(Subscription.objects.filter(pk__in=waiting)).order_by("pk"):
        # Anyone who waits for a seat that is not there costs a look only, no lock.
        if subscription.seats is None or subscription.used < subscription.seats:
            yield subscription.pk


@sweep_transaction()
def _give_to_the_longest_waiting(subscription_id: int) -> int:
    subscription = seats.lock_unless_busy(subscription_id)
    if subscription is None:
        return 0
    free = seats.free(subscription)
    people = seats.longest_waiting(subscription, BATCH if free is None else min(free, BATCH))
    return seats.give(subscription, people, actor=None) if people else 0


def _with_stale_licences() -> QuerySet[Licence, int]:
    """Return the subscriptions of deleted people's licences, and those that were cancelled with licences."""
    gone = Q(user__deleted_at__isnull=False) | Q(subscription__status=Status.CANCELLED)
    stale = Licence.objects.filter(gone, revoked_at=None)
    return stale.order_by("subscription").values_list("subscription", flat=True).distinct()


@sweep_transaction()
def _take_stale(subscription_id: int) -> int:
    subscription = seats.lock_unless_busy(subscription_id)
    if subscription is None:
        return 0
    held = Licence.objects.filter(subscription=subscription, revoked_at=None)
    if subscription.status != Status.CANCELLED:
        held = held.filter(user__deleted_at__isnull=False)
    return seats.take(subscription, list(held.order_by("pk").values_list("user", flat=True)[:BATCH]), actor=None)
