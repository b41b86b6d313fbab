"""Fills a database with a market of realistic shape, set-based, in a minute or two.

1,000 resellers, the largest with 20,000 customers, the median with about 50; 100,000 customers with one
reseller each; 1,000,000 subscriptions, seven of ten sold by the reseller. Rows are made with SQL alone,
so they bypass the verbs: for benchmarks only, never for a database that people use.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from django.db import connection

# The customer whose directory and audit log are large.
BIG = 5


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the market is."""

    resellers: int = 1_000
    largest: int = 20_000
    median: int = 50
    customers: int = 100_000
    subscriptions_each: int = 10
    sold_each: int = 7


def sizes(shape: Shape) -> list[int]:
    """Return how many customers each reseller has: the largest first, the others log-normal around the median."""
    drawn = random.Random(1)  # noqa: S311  the same market every time
    others, rest = shape.resellers - 1, shape.customers - shape.largest
    spread = math.sqrt(2 * math.log(max(rest / others / shape.median, 1.01)))
    weights = sorted(
        (drawn.lognormvariate(math.log(shape.median), spread) for _ in range(others)),
        reverse=True,
    )
    found = [max(1, round(weight * rest / sum(weights))) for weight in weights]
    found[0] += rest - sum(found)
    return [shape.largest, *found]


# Of a hundred relations: 80 open, 5 closing within the day, 5 opening, 10 closed. Subscriptions end evenly over a year;
# one of fifty is suspended.
_STATEMENTS = """
    INSERT INTO accounts_reseller (id, name, sort_name, primary_domain, public_id, postal_address)
    SELECT i, 'Reseller ' || i, 'reseller ' || i, 'reseller-' || i || '.example',
           translate(lpad(i::text, 16, 'A'), '01', 'AB'), ''
    FROM generate_series(1, %(resellers)s) i;

    INSERT INTO accounts_customer (id, name, sort_name, primary_domain, postal_address, phone_number,
        asks_for_entry_reason)
    SELECT i, name, lower(name), lower(name) || '.example', '', '', false
    FROM (SELECT i, initcap(substr(md5(i::text), 1, 8)) || '-' || i AS name FROM generate_series(1, %(customers)s) i) c;

    INSERT INTO subscriptions_accessgrant (customer_id, reseller_id, allowed, generation, observed_generation,
        effective_from, effective_until, customer_name, customer_sort_name, customer_domain)
    SELECT c.id, r.reseller, c.id %% 20 NOT IN (0, 2, 3), CASE WHEN c.id %% 20 IN (0, 2, 3) THEN 2 ELSE 1 END,
           CASE WHEN c.id %% 20 = 1 THEN 0 ELSE 1 END,
           CASE WHEN c.id %% 20 <> 1 THEN now() - interval '30 days' END,
           CASE WHEN c.id %% 20 IN (2, 3) THEN now() - interval '1 day'
                WHEN c.id %% 20 = 0 THEN now() + interval '1 day' END,
           c.name, c.sort_name, c.primary_domain
    FROM accounts_customer c JOIN market r ON c.id > r.first AND c.id <= r.last;

    INSERT INTO subscriptions_accesschange (grant_id, generation, allowed, requested_by_email, requested_at, due_at,
        reseller_agreed, settled_at, outcome, failure_reason, attempts, next_attempt_at, error)
    SELECT g.id, g.generation, g.allowed, '', now(), now() + interval '1 day', false, NULL, NULL, '', 0,
           now() + interval '1 day', ''
    FROM subscriptions_accessgrant g WHERE g.customer_id %% 20 IN (0, 1);

    INSERT INTO subscriptions_subscription (customer_id, reseller_id, sku_id, plan, status, suspension_reasons,
        number_of_seats, renewal_type, ordered_at, ends_at)
    SELECT g.customer_id, CASE WHEN n <= %(sold_each)s THEN g.reseller_id END,
           (ARRAY['1010020027','1010020028','1010020025','1010470001','Google-Vault'])[n %% 5 + 1],
           'ANNUAL_MONTHLY_PAY', CASE WHEN (g.customer_id + n) %% 50 = 0 THEN 'SUSPENDED' ELSE 'ACTIVE' END,
           CASE WHEN (g.customer_id + n) %% 50 = 0 THEN '{OTHER}'::text[] ELSE '{}' END,
           10 + n, 'AUTO_RENEW_MONTHLY_PAY', now() - interval '2 days' * ((g.customer_id * 7 + n * 37) %% 365),
           now() + interval '1 day' * ((g.customer_id * 7 + n * 37) %% 365)
    FROM subscriptions_accessgrant g CROSS JOIN generate_series(1, %(subscriptions_each)s) n
"""


def generate(shape: Shape) -> None:
    """Write the market into an empty, migrated database."""
    last = 0
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE market (reseller int, first int, last int)")
        for reseller, size in enumerate(sizes(shape), start=1):
            cursor.execute("INSERT INTO market VALUES (%s, %s, %s)", [reseller, last, last + size])
            last += size
        for statement in _STATEMENTS.split(";"):
            cursor.execute(statement, vars_of(shape))
        for table in ("accounts_reseller", "accounts_customer"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        cursor.execute("VACUUM (ANALYZE)")


def vars_of(shape: Shape) -> dict[str, int]:
    """Return the parameters of the statements."""
    return {
        "resellers": shape.resellers,
        "customers": shape.customers,
        "subscriptions_each": shape.subscriptions_each,
        "sold_each": shape.sold_each,
    }
