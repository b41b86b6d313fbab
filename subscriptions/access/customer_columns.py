"""What the reseller's list of customers says beside access: looked up for the customers of one page (P4, R15, B3).

One statement for all of them, whose parts each read an index by one customer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import User
from subscriptions.models.customer_group import GroupKind
from subscriptions.models.subscription import RenewalType, Status


@dataclass(frozen=True, slots=True)
class CustomerColumns:
    """About one customer of the reader's reseller.

    products: the product groups that were sold and are not cancelled. seats, used: of those that have a limit, and the
    licences in use of these; without any, those in use of all. next_at: the nearest end or renewal of an active one;
    renews: whether it is a renewal. teams: those that work for it, by name. last_visit: when one of the reseller's
    people was last in its console. tags: their ids and names.
    """

    products: list[str] = field(default_factory=list)
    seats: int | None = None
    used: int = 0
    next_at: datetime | None = None
    renews: bool = False
    teams: list[str] = field(default_factory=list)
    last_visit: datetime | None = None
    tags: list[tuple[int, str]] = field(default_factory=list)


NOTHING = CustomerColumns()
_LIVE = f"s.status = '{Status.ACTIVE}' AND s.ends_at > statement_timestamp()"
_LIMITED = "coalesce(s.number_of_seats, s.maximum_number_of_seats) IS NOT NULL"
_COLUMNS = f"""
    SELECT p.customer_id, coalesce(sold.products, '{{}}'), sold.seats, coalesce(sold.used, 0), sold.next_at,
           coalesce(sold.next_renewal <> '{RenewalType.CANCEL}', false),
           ARRAY(
               SELECT t.name FROM accounts_customerteam ct JOIN accounts_team t ON t.group_id = ct.group_id
               WHERE ct.customer_id = p.customer_id AND t.reseller_id = %(reseller)s
               UNION SELECT t.name FROM accounts_team t WHERE t.reseller_id = %(reseller)s AND t.works_for_all
               ORDER BY 1
           ),
           (SELECT max(v.last_seen_at) FROM accounts_consolesession v
            WHERE v.reseller_id = %(reseller)s AND v.customer_id = p.customer_id),
           tags.ids, tags.names
    FROM unnest(%(customers)s) p (customer_id)
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT pr.name ORDER BY pr.name) AS products,
               sum(coalesce(s.number_of_seats, s.maximum_number_of_seats)) AS seats,
               coalesce(sum(l.used) FILTER (WHERE {_LIMITED}), sum(l.used))::bigint AS used,
               min(s.ends_at) FILTER (WHERE {_LIVE}) AS next_at,
               (array_agg(s.renewal_type ORDER BY s.ends_at, s.id) FILTER (WHERE {_LIVE}))[1] AS next_renewal
        FROM subscriptions_subscription s
        JOIN subscriptions_sku k ON k.id = s.sku_id JOIN subscriptions_product pr ON pr.id = k.product_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS used FROM subscriptions_licence l
            WHERE l.subscription_id = s.id AND l.revoked_at IS NULL
        ) l
        WHERE s.reseller_id = %(reseller)s AND s.customer_id = p.customer_id AND s.status <> '{Status.CANCELLED}'
    ) sold ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(g.id ORDER BY g.name, g.id) AS ids, array_agg(g.name ORDER BY g.name, g.id) AS names
        FROM subscriptions_groupedcustomer gc JOIN subscriptions_customergroup g ON g.id = gc.group_id
        WHERE gc.customer_id = p.customer_id AND g.reseller_id = %(reseller)s AND g.kind = '{GroupKind.TAG}'
    ) tags ON true
"""  # noqa: S608  constants


def columns_of(agent: User, customers: Collection[int]) -> dict[int, CustomerColumns]:
    """Return what the list says of customers whom a scope has found for this agent, by their ids."""
    if not customers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, {"reseller": agent.reseller_id, "customers": list(customers)})
        return {pk: _columns(*rest) for pk, *rest in cursor.fetchall()}


def _columns(*values: Any) -> CustomerColumns:
    """Return what a row says, whose last two columns are the ids and the names of its tags."""
    *columns, ids, names = values
    return CustomerColumns(*[*columns, list(zip(ids or (), names or (), strict=True))])
