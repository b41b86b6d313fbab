"""What the page *Reseller access* shows: every box with what is desired and what is in effect (R1, R3, R7, R9).

A fixed number of queries, however many resellers and subscriptions there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise

from accounts.clock import database_now
from accounts.models import Customer, Reseller
from accounts.names import sort_key
from subscriptions.access.box import Box
from subscriptions.access.comparison import Key
from subscriptions.access.effective import at_the_latest
from subscriptions.access.extent import off_where_over
from subscriptions.access.grounds import contracts_in
from subscriptions.models import AccessChange, AccessGrant, Subscription
from subscriptions.models.subscription import Status

# Seconds between two looks while something is under way: close to its time, and long before it.
PACE_NEAR, PACE_FAR = 3, 15
NEAR = 90


@dataclass
class Section:
    """One reseller: its console box, what it sold, and one box for each subscription bought from the vendor.

    contracts: the services of its support contracts. Where it sold nothing, they are all that the console rests on, and
    there is no box but the console's (R19).
    """

    console: Box
    sold: list[Subscription]
    boxes: list[Box] = field(default_factory=list)
    contracts: list[str] = field(default_factory=list)
    agreed: bool = False
    agreement_error: Promise | str = ""

    @property
    def reseller(self) -> Reseller:
        return self.console.reseller

    @property
    def is_support_only(self) -> bool:
        return self.console.grant is not None and self.console.grant.is_support_only

    @property
    def all_boxes(self) -> list[Box]:
        return [self.console, *self.boxes]


@dataclass
class Overview:
    """The whole page at one instant of the database's clock."""

    sections: list[Section]
    now: datetime

    @cached_property
    def boxes(self) -> dict[Key, Box]:
        return {box.key: box for section in self.sections for box in section.all_boxes}

    @property
    def can_turn_off(self) -> bool:
        """Whether *Turn off for all resellers* is offered: there are several, and one is allowed something (R12)."""
        return len(self.sections) > 1 and any(box.allowed for box in self.boxes.values())

    @property
    def latest(self) -> datetime:
        """By when a change that is saved now is in effect, whatever happens (R7)."""
        return at_the_latest(self.now)

    @cached_property
    def pace(self) -> int | None:
        """In how many seconds the page should look again; None when nothing is under way."""
        moving = [box for box in self.boxes.values() if box.is_moving]
        if not moving:
            return None
        ends = [box.newest.due_at for box in moving if box.newest and box.is_waiting]
        ends += [box.grant.effective_until for box in moving if box.grant and box.grant.effective_until]
        return PACE_NEAR if min((end - self.now).total_seconds() for end in ends) < NEAR else PACE_FAR

    @cached_property
    def fingerprint(self) -> str:
        """A mark that differs as soon as the page would say something else."""
        words = [
            self.pace,
            *(
                (
                    b.key,
                    b.generation,
                    b.status,
                    b.level_now,
                    b.is_on_request,
                    b.narrows_at,
                    b.ends_at,
                    b.newest and b.newest.attempts,
                )
                for b in self.boxes.values()
            ),
        ]
        return blake2b(repr(words).encode(), digest_size=8).hexdigest()


def overview_of(customer: Customer) -> Overview:
    """Read what this customer decides about: every live relation or support contract, and what the vendor sold it."""
    grants = list(AccessGrant.objects.filter(customer=customer, ended_at=None).select_related("reseller"))
    newest = _newest_changes(grants)
    live = Subscription.objects.filter(customer=customer).exclude(status=Status.CANCELLED)
    subscriptions = list(live.select_related("sku").order_by("sku__name", "id"))
    now = database_now()
    off_where_over(grants, now)
    by_key = {(grant.reseller_id, grant.subscription_id): grant for grant in grants}
    consoles = sorted((g for g in grants if g.subscription_id is None), key=lambda g: (g.reseller.sort_name, g.pk))

    def box(reseller: Reseller, subscription: Subscription | None) -> Box:
        grant = by_key.get((reseller.pk, subscription.pk if subscription else None))
        change = newest.get(grant.pk) if grant else None
        return Box(reseller, subscription, grant, change, now, ticked=grant is not None and grant.allowed)

    bought = [subscription for subscription in subscriptions if subscription.reseller_id is None]
    contracts = contracts_in(customer) if any(console.has_contract for console in consoles) else {}
    return Overview(
        [
            Section(
                console=box(console.reseller, None),
                sold=[s for s in subscriptions if s.reseller_id == console.reseller_id],
                boxes=[] if console.is_support_only else [box(console.reseller, s) for s in bought],
                contracts=contracts.get(console.reseller_id, []),
            )
            for console in consoles
        ],
        now,
    )


def first_resellers(customer: Customer, typed: str, number: int) -> list[Reseller]:
    """Return at most `number` resellers that the page shows, by a part of the name, from A to Z."""
    key = sort_key(typed)
    if not key:
        return []
    consoles = AccessGrant.objects.filter(customer=customer, subscription=None, ended_at=None)
    found = Reseller.objects.filter(pk__in=consoles.values("reseller"), sort_name__contains=key)
    return list(found.order_by("sort_name", "pk")[:number])


def _newest_changes(grants: Iterable[AccessGrant]) -> dict[int, AccessChange]:
    """Return the newest change of each grant: every generation has one."""
    changes = AccessChange.objects.filter(grant__in=[g.pk for g in grants], generation=F("grant__generation"))
    changes = changes.select_related("restore")
    return {change.grant_id: change for change in changes}


def history_of(customer: Customer) -> QuerySet[AccessChange]:
    """Return every change of reseller access of a customer, each with what was allowed `before`; None: nothing yet.

    level_before, standing_before, ends_before: how far it was open then.
    """
    earlier = AccessChange.objects.filter(grant=OuterRef("grant"), generation=OuterRef("generation") - 1)
    changes = AccessChange.objects.filter(grant__in=AccessGrant.objects.filter(customer=customer))
    return changes.select_related("grant__reseller", "grant__subscription__sku").annotate(
        before=Subquery(earlier.values("allowed")[:1]),
        level_before=Subquery(earlier.values("level")[:1]),
        standing_before=Subquery(earlier.values("standing")[:1]),
        ends_before=Subquery(earlier.values("ends_at")[:1]),
    )
