"""What a restored backup had allowed, so that it can be allowed again (access/closing_all.py closed it)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import connection

from accounts.models import Customer
from subscriptions.models import Restore

GrantKey = tuple[int, int, int | None]  # customer, reseller, subscription; None: the console

# How long the page says so where nobody decides about a box: by then those who miss access have asked for it.
TOLD_FOR: Final = timedelta(days=30)

# The names of a grant called g, in SQL: those of its reseller (r) and of its SKU (k), if any.
NAMES = """
    JOIN accounts_reseller r ON r.id = g.reseller_id
    LEFT JOIN subscriptions_subscription s ON s.id = g.subscription_id
    LEFT JOIN subscriptions_sku k ON k.id = s.sku_id
"""
_COLUMNS = "g.customer_id, g.reseller_id, g.subscription_id, g.customer_domain, g.customer_name, r.name, k.name"
_ALLOWED_NOW = f"""
    SELECT {_COLUMNS} FROM subscriptions_accessgrant g {NAMES}
    WHERE g.allowed ORDER BY g.customer_domain, r.name, k.name NULLS FIRST
"""  # noqa: S608  built from constants only, as is the one below
_ALLOWED_BEFORE = f"""
    SELECT {_COLUMNS} FROM subscriptions_accesschange c
    JOIN subscriptions_accesschange before
      ON before.grant_id = c.grant_id AND before.generation = c.generation - 1 AND before.allowed
    JOIN subscriptions_accessgrant g ON g.id = c.grant_id {NAMES}
    WHERE c.restore_id = %(restore)s AND (%(customer)s::bigint IS NULL OR g.customer_id = %(customer)s)
    ORDER BY g.customer_domain, r.name, k.name NULLS FIRST
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Allowed:
    """One access that was allowed when the backup was taken. subscription: its name; empty for the console."""

    key: GrantKey
    domain: str
    customer: str
    reseller: str
    subscription: str


def allowed_now() -> list[Allowed]:
    """Return what is allowed at this moment, by customer."""
    return _rows(_ALLOWED_NOW, {})


def allowed_before(restore: Restore, customer: Customer | None = None) -> list[Allowed]:
    """Return what was allowed until a restore closed it, by customer; or of one customer."""
    return _rows(_ALLOWED_BEFORE, {"restore": restore.pk, "customer": customer and customer.pk})


def _rows(sql: str, params: dict[str, Any]) -> list[Allowed]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [
            Allowed((customer, reseller, subscription), domain, name, reseller_name, sku or "")
            for customer, reseller, subscription, domain, name, reseller_name, sku in cursor.fetchall()
        ]
