"""What becomes due by itself: trials end, commitments renew or end, and what was left is cancelled (B6, B7).

Run every hour, by any number of workers: each subscription is a transaction of its own, behind its customer, whom
nobody waits for (`SKIP LOCKED`). Killed anywhere, the next run finds what is left; run twice, it finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.db.models import Q

from accounts.background.pieces import in_pieces
from accounts.background.sweeping import each
from accounts.clock import database_now
from accounts.database.time_limits import sweep_transaction
from accounts.locking import lock_unless_busy
from subscriptions.lifecycle.ending import cancel_subscription
from subscriptions.lifecycle.history import save_step, values_of
from subscriptions.lifecycle.terms import begin_term, continue_term, end_of, is_over, next_year
from subscriptions.models import Subscription
from subscriptions.models.order import OrderKind
from subscriptions.models.subscription import Plan, RenewalType, Status, SuspensionReason
from subscriptions.seats import in_use, lock

# The plan of the next term, and whether its seats are the licences in use (B7).
_NEXT: Final[Mapping[RenewalType, tuple[Plan, bool]]] = MappingProxyType(
    {
        RenewalType.AUTO_RENEW_MONTHLY_PAY: (Plan.ANNUAL_MONTHLY_PAY, False),
        RenewalType.AUTO_RENEW_YEARLY_PAY: (Plan.ANNUAL_YEARLY_PAY, False),
        RenewalType.RENEW_CURRENT_USERS_MONTHLY_PAY: (Plan.ANNUAL_MONTHLY_PAY, True),
        RenewalType.RENEW_CURRENT_USERS_YEARLY_PAY: (Plan.ANNUAL_YEARLY_PAY, True),
        RenewalType.SWITCH_TO_PAY_AS_YOU_GO: (Plan.FLEXIBLE, False),
    }
)


def settle_due_subscriptions() -> int:
    """Settle every trial and commitment that is over; return how many."""
    return sum(settlements())


def settlements() -> Iterator[int]:
    """Settle one after the other; yields 1 for each that was settled, and 0 for each that was not."""
    return each(_due(database_now()), _settled)


def _due(now: datetime) -> Iterator[Subscription]:
    """Find what is over; each is looked at again under its lock."""
    left = now - timedelta(days=settings.SUBSCRIPTION_GRACE_DAYS)
    due = Q(status=Status.ACTIVE, ends_at__lte=now) | Q(
        status=Status.SUSPENDED, suspension_reasons=[SuspensionReason.RENEWAL_WITH_TYPE_CANCEL], ends_at__lte=left
    )
    return in_pieces(Subscription.objects.filter(due).select_related("customer"))


@sweep_transaction()
def _settled(subscription: Subscription) -> bool:
    """Settle one, unless its customer is locked now."""
    return lock_unless_busy(subscription.customer_id) and _settle(lock(subscription), database_now())


def _settle(subscription: Subscription, now: datetime) -> bool:
    if subscription.ends_at is None or subscription.ends_at > now:
        return False
    if is_over(subscription):
        if subscription.ends_at > now - timedelta(days=settings.SUBSCRIPTION_GRACE_DAYS):
            return False
        cancel_subscription(actor=None, subscription=subscription)
        return True
    if subscription.status != Status.ACTIVE:
        return False
    if subscription.plan == Plan.TRIAL:
        if subscription.plan_after_trial is not None:
            return _begin_chosen(subscription, now)
        return _suspend(subscription, SuspensionReason.TRIAL_ENDED)
    if subscription.renewal_type == RenewalType.CANCEL:
        return _suspend(subscription, SuspensionReason.RENEWAL_WITH_TYPE_CANCEL)
    return _renew(subscription, now)


def _suspend(subscription: Subscription, reason: SuspensionReason) -> bool:
    before = values_of(subscription)
    subscription.status, subscription.suspension_reasons = Status.SUSPENDED, [reason]
    return save_step(OrderKind.SUSPENDED, actor=None, subscription=subscription, before=before)


def _begin_chosen(subscription: Subscription, now: datetime) -> bool:
    """Let the plan begin that was chosen during a trial: where that ended, or now where its term would be over."""
    before, ended = values_of(subscription), subscription.ends_at
    assert ended is not None
    plan = Plan(subscription.plan_after_trial or "")
    seats = max(subscription.seats_after_trial or subscription.seats or 1, in_use(subscription))
    end = end_of(plan, ended)
    begin_term(subscription, plan, seats, now if end is not None and end <= now else ended)
    return save_step(OrderKind.PAID_SERVICE_STARTED, actor=None, subscription=subscription, before=before)


def _renew(subscription: Subscription, now: datetime) -> bool:
    """Begin the next term where the last one ended; today, where that one would be over already (it was suspended)."""
    before, renewal = values_of(subscription), subscription.renewal_type
    assert renewal is not None
    plan, for_current_users = _NEXT[RenewalType(renewal)]
    seats = max(in_use(subscription), 1) if for_current_users else subscription.seats
    _first, end = next_year(subscription)
    if end > now:
        continue_term(subscription, plan, seats)
    else:
        begin_term(subscription, plan, seats, now)
    if plan != Plan.FLEXIBLE:
        subscription.renewal_type = renewal  # the choice holds for every year to come
    return save_step(OrderKind.RENEWED, actor=None, subscription=subscription, before=before)
