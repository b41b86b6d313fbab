"""What a reseller's agent may do in a customer's console: one query, asked again for every request (R8, R11, R13)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db import connection

from accounts.console_sessions.windows import Window
from accounts.models import Customer, User
from accounts.permissions import Permission
from accounts.roles import SUPPORT_PARTNER_PERMISSIONS
from subscriptions.access.effective import in_force_sql, level_sql
from subscriptions.access.levels import opened_by
from subscriptions.access.scope import staffed_sql
from subscriptions.models.grant import Basis

# By hand, because this is asked on every request: through the ORM it takes four times as long.
# The person, the reseller, the relation and the staffing must all be live for a row to come back.
_SQL = f"""
    SELECT u.id, CASE WHEN {in_force_sql("g")} THEN g.effective_from END, g.basis = '{Basis.CONTRACT}',
           {level_sql("g")}
    FROM accounts_user u
    JOIN accounts_reseller r ON r.id = u.reseller_id AND r.suspended_at IS NULL
    JOIN subscriptions_accessgrant g
      ON g.reseller_id = u.reseller_id AND g.customer_id = %(customer)s
     AND g.subscription_id IS NULL AND g.ended_at IS NULL
    WHERE u.id = ANY(%(people)s) AND u.is_active AND {staffed_sql("g.customer_id", "u.id")}
"""  # noqa: S608  built from constants only


class ResellerAgentBackend(BaseBackend):
    """The agents of a customer's resellers (P4): what its level opens of the table of R14, while access is in force.

    A reseller that has sold nothing and only supports the customer gets those that need nothing sold (S9).
    """

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not isinstance(obj, Customer) or user_obj.reseller_id is None:
            return set()
        relation = next(iter(_relations([user_obj.pk], obj)), None)
        if relation is None:
            return set()
        _person, since, is_support_only, level = relation
        opened = opened_by(level) & SUPPORT_PARTNER_PERMISSIONS if is_support_only else opened_by(level)
        return {Permission.KNOW_CUSTOMER, *(opened if since else ())}

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)

    def windows_in(self, customer: Customer, people: Collection[int]) -> dict[int, Window]:
        """Name for each of these people the window in which they have access now by the moment it opened (R10, R15).

        Anyone who was let in as a support partner enters again once the reseller has sold something: as its agent.
        """
        return {
            person: Window(f"contract {since.isoformat()}" if is_support_only else since.isoformat(), is_support_only)
            for person, since, is_support_only, _level in _relations(people, customer)
            if since
        }


def _relations(people: Collection[int], customer: Customer) -> list[tuple[int, datetime | None, bool, str]]:
    """Return for those who work there since when access is in force, None where it is not, if for support only, and
    the level in effect.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"people": list(people), "customer": customer.pk})
        return list(cursor.fetchall())
