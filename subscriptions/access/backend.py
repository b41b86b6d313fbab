"""What a reseller's agent may do in a customer's console: one query, asked anew for every request (R8, R11, R13)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db import connection

from accounts.models import Customer, User
from accounts.permissions import Permission
from accounts.roles import AGENT_PERMISSIONS
from subscriptions.access.effective import in_force_sql
from subscriptions.access.scope import staffed_sql

# By hand, because this is asked on every request: through the ORM it takes four times as long.
# The person, the reseller, the relation and the staffing must all be live for a row to come back.
_SQL = f"""
    SELECT CASE WHEN {in_force_sql("g")} THEN g.effective_from END
    FROM accounts_user u
    JOIN accounts_reseller r ON r.id = u.reseller_id AND r.suspended_at IS NULL
    JOIN subscriptions_accessgrant g
      ON g.reseller_id = u.reseller_id AND g.customer_id = %(customer)s
     AND g.subscription_id IS NULL AND g.ended_at IS NULL
    WHERE u.id = %(user)s AND u.is_active AND {staffed_sql("g.customer_id", "u.id")}
"""  # noqa: S608  built from constants only


class ResellerAgentBackend(BaseBackend):
    """The agents of a customer's resellers (P4): the console services of section 4 while access is in force."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not isinstance(obj, Customer) or user_obj.reseller_id is None:
            return set()
        row = _relation(user_obj, obj)
        if row is None:
            return set()
        return {Permission.KNOW_CUSTOMER, *(AGENT_PERMISSIONS if row[0] else ())}

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)

    def window_of(self, person: User, customer: Customer) -> str | None:
        """Name the window in which this agent has access now by the moment it opened (R10, R15)."""
        row = _relation(person, customer)
        return row[0].isoformat() if row and row[0] else None


def _relation(agent: User, customer: Customer) -> tuple[datetime | None] | None:
    """Return since when access is in force, None in it where it is not; None where the agent does not work there."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"user": agent.pk, "customer": customer.pk})
        row: tuple[datetime | None] | None = cursor.fetchone()
    return row
