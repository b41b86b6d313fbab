"""Figures of a reseller's home page, each within exactly what its reader works for (P4, R5, R13).

Few statements over indexed rows, whose number depends on nothing: with 20,000 customers the page opens like with 20.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Now, TruncMonth

from accounts.figures import last_months, running_totals
from accounts.models import User
from subscriptions.access.customer_filter import AccessFilter
from subscriptions.access.effective import closing_sql, in_force_sql, standing_sql
from subscriptions.access.scope import relations_condition, subscriptions_sold_by
from subscriptions.figures import LATER, SOON, Ending
from subscriptions.models import Subscription
from subscriptions.models.standing import Standing
from subscriptions.models.subscription import Plan, Status

# Rows of each list; the list of customers, filtered, has them all.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A customer in a list of the home page. at: when access opens, closes or ended."""

    name: str
    domain: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessFigures:
    """How many customers there are in each state of access, and the first ones of those that are to be looked at."""

    numbers: dict[AccessFilter, int]
    lists: dict[AccessFilter, list[CustomerLine]]

    @property
    def total(self) -> int:
        return sum(number for state, number in self.numbers.items() if state is not AccessFilter.NEVER_USED)


# The scope is asked once; what is counted and listed comes from its answer. `used`: a person of this reseller entered.
_FIGURES = """
    WITH mine AS MATERIALIZED (
        SELECT g.id, g.customer_name AS name, g.customer_domain AS domain, g.effective_from, g.effective_until,
               waiting.due_at, used.customer_id IS NULL AS is_unused,
               CASE WHEN {in_force}
                    THEN CASE WHEN {closing} THEN 'closing' WHEN {stands} THEN 'open' ELSE 'on_request' END
                    WHEN waiting.due_at IS NULL THEN 'closed' ELSE 'opening' END AS state
        FROM subscriptions_accessgrant g
        LEFT JOIN subscriptions_accesschange waiting
          ON waiting.grant_id = g.id AND waiting.settled_at IS NULL AND waiting.allowed AND waiting.gives
        LEFT JOIN (SELECT DISTINCT customer_id FROM accounts_consolesession WHERE reseller_id = %(reseller)s) used
          ON used.customer_id = g.customer_id
        WHERE {condition}
    )
    (SELECT state, NULL, NULL, NULL::timestamptz, count(*) FROM mine GROUP BY state)
    UNION ALL
    (SELECT 'never_used', NULL, NULL, NULL, count(*) FROM mine
     WHERE state IN ('open', 'on_request', 'closing') AND is_unused)
    UNION ALL
    (SELECT state, name, domain, due_at, NULL FROM mine WHERE state = 'opening' ORDER BY due_at, id LIMIT %(shown)s)
    UNION ALL
    (SELECT state, name, domain, effective_until, NULL FROM mine WHERE state = 'closing'
     ORDER BY effective_until, id LIMIT %(shown)s)
    UNION ALL
    (SELECT state, name, domain, CASE WHEN effective_from IS NOT NULL THEN effective_until END, NULL
     FROM mine WHERE state = 'closed' ORDER BY 4 DESC NULLS LAST, id LIMIT %(shown)s)
"""


def access_figures(agent: User) -> AccessFigures:
    """Count this agent's customers by state of access, and name the first of each state, in one statement (R5)."""
    condition, params = relations_condition(agent)
    stands = f"{standing_sql('g')} = '{Standing.ALL}'"
    sql = _FIGURES.format(condition=condition, in_force=in_force_sql("g"), closing=closing_sql("g"), stands=stands)
    numbers = dict.fromkeys(AccessFilter, 0)
    lists: dict[AccessFilter, list[CustomerLine]] = {state: [] for state in AccessFilter}
    with connection.cursor() as cursor:
        cursor.execute(sql, params | {"shown": SHOWN})
        for state, name, domain, at, number in cursor.fetchall():
            if name is None:
                numbers[AccessFilter(state)] = number
            else:
                lists[AccessFilter(state)].append(CustomerLine(name, domain, at))
    return AccessFigures(numbers, lists)


@dataclass(frozen=True, slots=True)
class SoldFigures:
    """What this agent's reseller sold to this agent's customers and what needs a look; months: seats at their ends."""

    soon: int
    later: int
    trials: int
    suspended: int
    ending: list[Ending]
    latest_suspended: list[Subscription]
    months: Sequence[tuple[date, int]]


def sold_figures(agent: User) -> SoldFigures:
    """Count what ends, renews or is suspended, name the next ones, and follow the seats over 12 months (B5, B6, B7)."""
    sold, few = subscriptions_sold_by(agent), subscriptions_sold_by(agent, few=True)
    counts = sold.filter(_ends_soon()).aggregate(
        soon=Count("pk", filter=Q(ends_at__lte=Now() + timedelta(days=SOON))),
        later=Count("pk"),
        trials=Count("pk", filter=Q(plan=Plan.TRIAL)),
    )
    is_suspended = Q(status=Status.SUSPENDED)
    return SoldFigures(
        **counts,
        suspended=sold.filter(is_suspended).count(),
        ending=[Ending(subscription) for subscription in _first(few.filter(_ends_soon()).order_by("ends_at", "pk"))],
        latest_suspended=_first(few.filter(is_suspended).order_by("-pk")),
        months=_seats_by_month(sold),
    )


def _ends_soon() -> Q:
    return Q(status=Status.ACTIVE, ends_at__gt=Now(), ends_at__lte=Now() + timedelta(days=LATER))


def _first(subscriptions: QuerySet[Subscription]) -> list[Subscription]:
    return list(subscriptions.select_related("sku", "customer")[:SHOWN])


def _seats_by_month(sold: QuerySet[Subscription]) -> list[tuple[date, int]]:
    """Return the seats of what was not cancelled at the end of each of the last 12 months; one look at each row."""
    months = sold.values_list(TruncMonth("ordered_at"), TruncMonth("cancelled_at")).order_by()
    number = Sum(Coalesce("number_of_seats", "maximum_number_of_seats", 0))
    changes: list[tuple[datetime, int]] = []
    for ordered, cancelled, seats_sold in months.annotate(seats_sold=number):
        changes.append((ordered, seats_sold))
        if cancelled:
            changes.append((cancelled, -seats_sold))
    return running_totals(changes, last_months())
