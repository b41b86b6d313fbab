"""Figures of a customer's subscriptions for its home page: seats in use, and what ends or renews soon (B5, B7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.clock import database_now
from subscriptions.models import Subscription
from subscriptions.models.subscription import Plan, RenewalType, Status
from subscriptions.seats import waiting_numbers, with_use

# The home page names those that need a look first; the page Subscriptions has them all.
SHOWN = 6
# Days from which on an end or a renewal is soon.
SOON, LATER = 30, 60


@dataclass(frozen=True, slots=True)
class SeatUse:
    """One subscription, how many of its seats have a licence, and how many people wait for one automatically."""

    subscription: Subscription
    used: int
    waiting: int = 0

    @property
    def seats(self) -> int | None:
        return self.subscription.seats

    @property
    def is_full(self) -> bool:
        return self.seats is not None and self.used >= self.seats

    @property
    def share(self) -> float:
        return self.used / self.seats if self.seats else 0


@dataclass(frozen=True)
class SubscriptionFigures:
    """What the home page says of the subscriptions that its reader may see; none is cancelled."""

    uses: Sequence[SeatUse]

    @property
    def total(self) -> int:
        return len(self.uses)

    @cached_property
    def from_vendor(self) -> int:
        return sum(use.subscription.reseller_id is None for use in self.uses)

    @property
    def from_resellers(self) -> int:
        return self.total - self.from_vendor

    @cached_property
    def suspended(self) -> list[Subscription]:
        return [use.subscription for use in self.uses if use.subscription.status == Status.SUSPENDED]

    @cached_property
    def used(self) -> int:
        """Licences in use, where the number of seats is limited: so that it compares with `seats`."""
        return sum(use.used for use in self.uses if use.seats is not None)

    @cached_property
    def seats(self) -> int:
        return sum(use.seats or 0 for use in self.uses)

    @cached_property
    def full(self) -> list[SeatUse]:
        return [use for use in self.uses if use.is_full]

    @cached_property
    def fullest(self) -> list[SeatUse]:
        """Those with the fewest seats left first."""
        return sorted(self.uses, key=lambda use: -use.share)[:SHOWN]

    @cached_property
    def ending(self) -> list[Ending]:
        """What ends or renews within the next 30 days, the next one first."""
        now = database_now()
        active = [use.subscription for use in self.uses if use.subscription.status == Status.ACTIVE]
        soon = [s for s in active if s.ends_at and now < s.ends_at <= now + timedelta(days=SOON)]
        return [Ending(s) for s in sorted(soon, key=lambda s: (s.ends_at, s.pk))]


@dataclass(frozen=True, slots=True)
class Ending:
    """An active subscription with an end, and what happens then (B5, B7)."""

    subscription: Subscription

    @property
    def goes_on(self) -> bool:
        return self.subscription.renewal_type not in (None, RenewalType.CANCEL)

    @property
    def word(self) -> Promise | str:
        if self.subscription.plan == Plan.TRIAL:
            return _("Trial ends")
        return RenewalType(self.subscription.renewal_type or RenewalType.CANCEL).label


def subscription_figures(subscriptions: QuerySet[Subscription]) -> SubscriptionFigures:
    """Count the seats of these subscriptions, from a scope; two queries, however many there are."""
    live = subscriptions.exclude(status=Status.CANCELLED).select_related("sku").order_by("sku__name", "pk")
    rows = list(with_use(live))
    waiting = waiting_numbers(row.pk for row in rows)
    return SubscriptionFigures([SeatUse(row, row.used, waiting.get(row.pk, 0)) for row in rows])
