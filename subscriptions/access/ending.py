"""What follows when access has ended by the customer's own wish (R16, R4).

The end itself comes true by the clock (effective.py). What is done here only writes it down: the box is off from then
on, and what the customer bought from the vendor and opened to the reseller does not come back with a later end.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection, transaction

from accounts.clock import database_now
from accounts.database.time_limits import sweep_transaction
from subscriptions.access.extent import is_over
from subscriptions.access.outbox import Step, queue
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import Outcome

logger = logging.getLogger(__name__)

# Consoles in one transaction of a sweep.
BATCH = 500

_OVER = """
    SELECT g.id FROM subscriptions_accessgrant g
    WHERE g.allowed AND g.ends_at <= statement_timestamp()
      AND NOT EXISTS (SELECT 1 FROM subscriptions_accesschange c
                      WHERE c.grant_id = g.id AND c.settled_at IS NULL AND c.allowed AND c.gives)
    ORDER BY g.ends_at LIMIT %s FOR NO KEY UPDATE OF g SKIP LOCKED
"""
# Consoles that are over until a worker gives the later end that was saved, with what was opened in them.
_LAPSED = """
    SELECT g.id FROM subscriptions_accesschange c JOIN subscriptions_accessgrant g ON g.id = c.grant_id
    WHERE c.settled_at IS NULL AND c.allowed AND c.gives AND g.effective_ends_at <= statement_timestamp()
      AND g.effective_until = g.effective_ends_at AND g.subscription_id IS NULL
      AND EXISTS (SELECT 1 FROM subscriptions_accessgrant o WHERE o.allowed AND o.subscription_id IS NOT NULL
                  AND o.customer_id = g.customer_id AND o.reseller_id = g.reseller_id
                  AND o.effective_from < g.effective_until
                  AND (o.effective_until IS NULL OR o.effective_until > g.effective_until))
    ORDER BY g.id LIMIT %s FOR NO KEY UPDATE OF g SKIP LOCKED
"""


def record_ends_of(grants: Iterable[AccessGrant]) -> None:
    """Write the ends down that have come; the grants are all of a customer's, locked by the caller."""
    grants, now = list(grants), database_now()
    over = [grant for grant in grants if is_over(grant, now)]
    ended = {(grant.customer_id, grant.reseller_id): grant.ends_at for grant in over}
    opened = [g for g in grants if g.subscription_id and g.allowed and (g.customer_id, g.reseller_id) in ended]
    _end(over, opened, ended, now)


def batches() -> Iterator[int]:
    """Write down what has ended, batch after batch; yields how many consoles each did."""
    for claim in (_OVER, _LAPSED):
        while done := _batch(claim):
            yield done


def _batch(claim: str) -> int:
    try:
        with sweep_transaction():
            return _record(_claimed(claim))
    except Exception:
        # One end that cannot be written down, whatever the reason, must hold up neither the others nor the changes.
        logger.exception("a batch of ends failed; writing them down one by one")
        with sweep_transaction():
            return sum(_record_alone(pk) for pk in _claimed(claim))


def _claimed(claim: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(claim, [BATCH])
        return [pk for (pk,) in cursor.fetchall()]


def _record_alone(pk: int) -> int:
    """Write one end down; where even that fails it holds by the clock, and the next sweep tries again."""
    try:
        with transaction.atomic():
            return _record([pk])
    except Exception:
        logger.exception("the end of grant %s could not be written down", pk)
        return 0


def _record(ids: list[int]) -> int:
    """Write the ends of claimed consoles down, with what was opened in them; returns how many consoles."""
    consoles = list(AccessGrant.objects.filter(pk__in=ids).select_related("reseller", "subscription")) if ids else []
    now = database_now()
    over = [console for console in consoles if is_over(console, now)]
    off = {(c.customer_id, c.reseller_id) for c in over}
    ended = {(c.customer_id, c.reseller_id): c.ends_at if is_over(c, now) else c.effective_until for c in consoles}
    opened = AccessGrant.objects.select_for_update(of=("self",), no_key=True).filter(
        allowed=True,
        subscription__isnull=False,
        customer__in={customer for customer, _reseller in ended},
        reseller__in={reseller for _customer, reseller in ended},
    )
    found = opened.select_related("reseller", "subscription__sku").order_by("id") if ended else []
    _end(over, [grant for grant in found if _goes_along(grant, ended, off)], ended, now)
    return len(consoles)


def _goes_along(grant: AccessGrant, ended: dict[tuple[int, int], datetime | None], over: set[tuple[int, int]]) -> bool:
    """Tell whether what was opened ends with its console (R4): all of it where that is off, else what was open then."""
    place = (grant.customer_id, grant.reseller_id)
    end = ended.get(place)
    if end is None or place in over:
        return end is not None
    began, until = grant.effective_from, grant.effective_until
    return began is not None and began < end and (until is None or until > end)


def _end(
    over: list[AccessGrant],
    opened: list[AccessGrant],
    ended: dict[tuple[int, int], datetime | None],
    now: datetime,
) -> list[AccessChange]:
    """ended: when, by customer and reseller."""
    steps = [
        Step(grant, allowed=False, due_at=ended[grant.customer_id, grant.reseller_id] or now, outcome=Outcome.ENDED)
        for grant in [*over, *opened]
    ]
    return queue(steps, actor=None, now=now)
