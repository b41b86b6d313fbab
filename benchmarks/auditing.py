"""The first page of the audit log by each filter alone, of a customer with millions of events: against raw psycopg2."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.http import QueryDict

from accounts import keyset
from accounts.audit_log import CUSTOMER_EVENTS, events_of_customer, page_of_events
from accounts.models import AuditEvent, Customer
from benchmarks.measure import alternately, table
from web.audit.filter import CustomerEventFilter
from web.audit.groups import GROUPS

EVENTS = int(os.environ.get("BENCHMARK_EVENTS", "5000000"))
# Each has a partition of its own; together they are what three years leave.
MONTHS = 36
ROUNDS = 30

# Of every thousand events: 600 sign-ins, 399 of 20 everyday kinds; what is rare stands in the oldest month only. Of a
# hundred actors one is from outside. `g` counts up to the number of events of a month.
_FILL = """
    INSERT INTO accounts_auditevent (at, name, actor_kind, actor_id, actor_email, actor_organisation, actor_reseller_id,
        on_behalf_of, customer_id, subject, target_kind, target_id, console_session_id, activation_id, new_value,
        ip_address)
    SELECT %(begins)s::timestamptz + g * (%(ends)s::timestamptz - %(begins)s::timestamptz) / %(number)s,
        CASE WHEN g %% 1000 < 600 THEN 'login_success' ELSE (%(names)s::text[])[1 + g %% 20] END,
        CASE WHEN outside THEN 'reseller' ELSE 'customer' END,
        900000000 + g %% 5000, 'person' || g %% 5000 || '@large.example', 'Large',
        CASE WHEN outside THEN 1 + g / 100 %% 3 END, CASE WHEN outside THEN 'A reseller' ELSE '' END, %(customer)s,
        'person' || g %% 50000 || '@large.example', 'user', 800000000 + g %% 50000,
        CASE WHEN outside THEN 900000000 + %(month)s * 10000 + g / 10000 END,
        CASE WHEN outside AND g %% 1000 = 7 THEN 900000000 + %(month)s * 10000 + g / 10000 END,
        '{"name": "Person", "email": "person@large.example"}', ('10.' || g %% 50 || '.' || g %% 200 || '.1')::inet
    FROM generate_series(0, %(number)s - 1) g CROSS JOIN LATERAL (SELECT g %% 100 = 7) o (outside)
"""
_RARE = """
    INSERT INTO accounts_auditevent (at, name, actor_kind, actor_id, actor_email, actor_organisation, actor_reseller_id,
        on_behalf_of, customer_id, subject, target_kind, target_id, console_session_id, activation_id, ip_address)
    SELECT %(begins)s::timestamptz + g * interval '1 minute', 'DELETE_GROUP', 'partner', 1, 'rare@elsewhere.example',
        'Rare', 4, 'Rare', %(customer)s, 'seldom@large.example', 'group', 700000000, 1, 1, '192.0.2.99'
    FROM generate_series(1, 30) g
"""

# The floor of each: one condition, an index, fifty-one rows.
_COLUMNS = """id, at, name, actor_kind, actor_id, actor_email, actor_organisation, actor_reseller_id, on_behalf_of,
    customer_id, subject, target_kind, target_id, access_change_id, console_session_id, activation_id, old_value,
    new_value, ip_address"""
_PAGE = f"""
    SELECT {_COLUMNS} FROM accounts_auditevent WHERE customer_id = %s AND {{condition}}
    ORDER BY at DESC, id DESC LIMIT 51
"""
_PAGE_OF_SEVERAL = f"""
    SELECT merged.* FROM unnest(%s::text[]) given (value) CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM accounts_auditevent WHERE customer_id = %s AND name = given.value
        ORDER BY at DESC, id DESC LIMIT 51) merged ORDER BY at DESC, id DESC LIMIT 51
"""


def run() -> None:
    """Fill the log of one customer, and read its first page by each filter."""
    customer, first = Customer.objects.order_by("pk")[1], _first_month()
    began = time.perf_counter()
    _fill(customer, EVENTS, first)
    print(f"\n{EVENTS:,} events of one customer made in {time.perf_counter() - began:.0f} s")
    print(_sizes())
    middle = (first + timedelta(days=MONTHS * 15)).date()
    for title, query, condition, values in _asked(middle):
        _measure(customer, title, query, condition, values)
    for key, title in (("groups", "a group of rare events"), ("users", "a group of frequent events")):
        _measure_group(customer, title, key)
    _measure_depth(customer)


def _first_month() -> datetime:
    """Return the beginning of the month that the log begins in, three years ago."""
    now = datetime.now(UTC)
    number = now.year * 12 + now.month - 1 - MONTHS
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


# As an installation is after three years: what migrations make of a new one begins with this month.
_LET_MONTHS_BEGIN = """
    SET session_replication_role = replica;
    CREATE TABLE kept AS TABLE accounts_auditevent_before;
    ALTER TABLE accounts_auditevent DETACH PARTITION accounts_auditevent_before;
    DROP TABLE accounts_auditevent_before;
    DO $$
    DECLARE
        begins timestamptz := %(first)s;
        ends timestamptz;
        month text;
    BEGIN
        WHILE to_regclass('accounts_auditevent_' || to_char(begins AT TIME ZONE 'UTC', 'YYYY_MM')) IS NULL LOOP
            ends := ((begins AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
            month := 'accounts_auditevent_' || to_char(begins AT TIME ZONE 'UTC', 'YYYY_MM');
            EXECUTE format('CREATE TABLE %%I PARTITION OF accounts_auditevent FOR VALUES FROM (%%L) TO (%%L)',
                month, begins, ends);
            begins := ends;
        END LOOP;
    END
    $$;
    INSERT INTO accounts_auditevent SELECT * FROM kept;
    DROP TABLE kept;
    RESET session_replication_role;
"""


def _fill(customer: Customer, events: int, first: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LET_MONTHS_BEGIN, {"first": first})
    each, step = events // MONTHS, (datetime.now(UTC) - first) / MONTHS
    names = [str(name) for group in ("users", "devices", "licences", "cases") for name in GROUPS[group][1]][:20]
    for month in range(MONTHS):
        begins = first + month * step
        same: dict[str, Any] = {
            "customer": customer.pk,
            "begins": begins,
            "ends": begins + step,
            "number": each,
            "month": month,
        }
        with connection.cursor() as cursor:
            if month == 0:
                cursor.execute(_RARE, same)
            cursor.execute(_FILL, {**same, "names": names})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE accounts_auditevent")


def _sizes() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(pg_table_size(relid)) / 1e9, sum(pg_indexes_size(relid)) / 1e9"
            " FROM pg_partition_tree('accounts_auditevent') WHERE isleaf"
        )
        partitions, rows, indexes = cursor.fetchone()
    return f"{partitions} partitions, {rows:.1f} GB of rows and {indexes:.1f} GB of indexes"


def _asked(middle: Any) -> list[tuple[str, str, str, list[Any]]]:
    """What is asked: its title, as the page's address has it, and as the floor's SQL has it."""
    until = "at < %s::date + 1 AND at >= %s::date"
    return [
        ("no filter", "", "true", []),
        ("a frequent event", "event=login_success", "name = %s", ["login_success"]),
        ("a rare event", "event=DELETE_GROUP", "name = %s", ["DELETE_GROUP"]),
        ("a frequent actor", "actor=person7@large.example", "actor_email = %s", ["person7@large.example"]),
        ("a rare actor", "actor=rare@elsewhere.example", "actor_email = %s", ["rare@elsewhere.example"]),
        ("from outside only", "outside=only", "actor_kind IN ('reseller', 'partner', 'vendor')", []),
        ("an IP address", "ip=10.7.7.1", "ip_address = %s", ["10.7.7.1"]),
        ("a rare IP address", "ip=192.0.2.99", "ip_address = %s", ["192.0.2.99"]),
        ("a visit", "visit=900010001", "console_session_id = %s", [900010001]),
        ("an activation", "activation=900010001", "activation_id = %s", [900010001]),
        ("an object", "about=user:800000007", "target_kind = 'user' AND target_id = %s", [800000007]),
        ("a rare object", "about=group:700000000", "target_kind = 'group' AND target_id = %s", [700000000]),
        ("a text", "subject=seldom@large.example", "subject = %s", ["seldom@large.example"]),
        ("a day in the middle", f"since={middle}&until={middle}", until, [middle, middle]),
    ]


def _rows(customer: Customer, query: str, at: keyset.Place | None = None) -> list[AuditEvent]:
    form = CustomerEventFilter(QueryDict(query), events=CUSTOMER_EVENTS, customer=customer)
    return page_of_events(form.filtered(events_of_customer(customer)), at or keyset.Place("audit_log")).rows


def _floor(sql: str, values: list[Any]) -> list[Any]:
    with connection.connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[Any] = cursor.fetchall()
    return found


def _measure(customer: Customer, title: str, query: str, condition: str, values: list[Any]) -> None:
    sql = _PAGE.format(condition=condition)
    ours, floor = partial(_rows, customer, query), partial(_floor, sql, [customer.pk, *values])
    _compare(title, ours, floor)


def _measure_group(customer: Customer, title: str, key: str) -> None:
    names = [str(name) for name in GROUPS[key][1]]
    ours = partial(_rows, customer, f"event=group:{key}")
    _compare(title, ours, partial(_floor, _PAGE_OF_SEVERAL, [names, customer.pk]))


def _measure_depth(customer: Customer) -> None:
    """Two thirds back in time: what newer partitions cost there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(at) - interval '700 days' FROM accounts_auditevent WHERE customer_id = %s", [customer.pk]
        )
        [deep] = cursor.fetchone()
    ours = partial(_rows, customer, "", keyset.Place("audit_log", after=(deep.isoformat(), 0)))
    sql = _PAGE.format(condition="at <= %s AND (at, id) < (%s, 0)")
    _compare("a page 700 days back", ours, partial(_floor, sql, [customer.pk, deep, deep]))


def _compare(title: str, ours: Callable[[], list[Any]], floor: Callable[[], list[Any]]) -> None:
    assert len(ours()) == min(len(floor()), keyset.PAGE_SIZE), title
    table(f"First page of the audit log: {title}", alternately({"floor": floor, "the page": ours}, ROUNDS), "floor")
