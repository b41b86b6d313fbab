"""Licences in use over time, from their history, and the seats there were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from subscriptions.models import Subscription

MONTHS = 12

# A licence counts at the end of a month, in the reader's time zone, if it was assigned before and not revoked by then;
# the last month ends now. Seats as the last order before that moment left them; none before the first one.
_USE = """
    WITH month AS (
        SELECT begins::date AS month,
               least((begins + interval '1 month') AT TIME ZONE %(zone)s, statement_timestamp()) AS ends
        FROM generate_series(
            date_trunc('month', statement_timestamp() AT TIME ZONE %(zone)s) - make_interval(months => %(months)s - 1),
            date_trunc('month', statement_timestamp() AT TIME ZONE %(zone)s),
            interval '1 month'
        ) begins
    )
    SELECT month.month, used.number, ordered.seats, ordered.id IS NOT NULL
    FROM month
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM subscriptions_licence l
        WHERE l.subscription_id = %(subscription)s AND l.assigned_at < month.ends
          AND (l.revoked_at IS NULL OR l.revoked_at >= month.ends)
    ) used
    LEFT JOIN LATERAL (
        SELECT o.id, o.seats FROM subscriptions_order o
        WHERE o.subscription_id = %(subscription)s AND o.at < month.ends
          AND (NOT %(of_seller)s OR o.reseller_id IS NOT DISTINCT FROM %(seller)s)
        ORDER BY o.at DESC, o.id DESC LIMIT 1
    ) ordered ON true
    ORDER BY month.month
"""


@dataclass(frozen=True, slots=True)
class Use:
    """At the end of a month; in the running one, now. seats: None where nothing limited them or nothing was sold."""

    month: date
    in_use: int
    seats: int | None


def use_over_time(subscription: Subscription, zone: str, *, of_seller: bool = False) -> list[Use]:
    """Return the use at the end of the last twelve months. zone: the reader's, which says when a month ends.

    of_seller: only the seats that its present seller sold; what someone else sold before is not for agents (R13).
    """
    params: dict[str, int | str | None] = {"subscription": subscription.pk, "zone": zone, "months": MONTHS}
    params |= {"of_seller": of_seller, "seller": subscription.reseller_id}
    with connection.cursor() as cursor:
        cursor.execute(_USE, params)
        rows = cursor.fetchall()
    has_history = any(known for _month, _number, _seats, known in rows)
    found = [
        Use(month, number, seats if has_history else _seats_without_history(subscription, month))
        for month, number, seats, _known in rows
    ]
    # What is sold now is on the subscription itself.
    return [*found[:-1], Use(found[-1].month, found[-1].in_use, subscription.seats)]


def _seats_without_history(subscription: Subscription, month: date) -> int | None:
    ordered = subscription.ordered_at.date().replace(day=1)
    return subscription.seats if month >= ordered else None
