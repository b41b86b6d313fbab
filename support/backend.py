"""What a support partner may do in a customer's console: asked anew for every request (S6, S7, S9, R11, R13)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db import connection

from accounts.models import Customer, User
from accounts.roles import (
    CASE_PERMISSIONS,
    CUSTOMER_STAFF,
    SUPPORT_PARTNER_PERMISSIONS,
    SUPPORT_ROLES,
    Role,
)
from subscriptions.access.scope import holds_sql, staffed_sql
from subscriptions.models import AccessGrant
from support.models.partner import AssignmentStatus
from support.scope import active_assignments, open_relations

# The rule of active_assignments() and of _sells() for many people at once: who works in consoles (P4), and for this
# customer, or for every customer on its cases.
_WINDOWS = f"""
    SELECT u.id, min(a.id)
    FROM accounts_user u
    JOIN accounts_reseller r ON r.id = u.reseller_id AND r.suspended_at IS NULL
    JOIN support_supportassignment a
      ON a.reseller_id = u.reseller_id AND a.customer_id = %(customer)s
     AND a.status = '{AssignmentStatus.ACTIVE}' AND a.in_care_portal
    WHERE u.id = ANY(%(people)s) AND u.is_active
      AND ({staffed_sql("a.customer_id", "u.id")}
           OR ({holds_sql(CUSTOMER_STAFF, "u.id")} AND {holds_sql(SUPPORT_ROLES, "u.id")}))
      AND NOT EXISTS (
        SELECT 1 FROM subscriptions_accessgrant g
        WHERE g.reseller_id = u.reseller_id AND g.customer_id = a.customer_id
          AND g.subscription_id IS NULL AND g.ended_at IS NULL
      )
    GROUP BY u.id
"""  # noqa: S608  built from constants only


class SupportPartnerBackend(BaseBackend):
    """The people of a reseller who work on cases: through the open console (S5) or an active assignment (S6).

    After the move to the Customer Care Portal those who work in consoles (P4) get its services too, where the
    reseller has sold the customer nothing (S9): what it sold is governed by the access switch alone (R1, R2).
    """

    acts_as_support_partner = True

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not isinstance(obj, Customer) or user_obj.reseller_id is None:
            return set()
        moved = list(active_assignments(user_obj).filter(customer=obj).values_list("in_care_portal", flat=True))
        if any(moved) and user_obj.roles & CUSTOMER_STAFF and not _sells(user_obj, obj):
            return set(SUPPORT_PARTNER_PERMISSIONS)
        if moved:
            return set(CASE_PERMISSIONS)
        # Everybody else to whom the console is open has got these from ResellerAgentBackend.
        is_support_agent = Role.SUPPORT_AGENT in user_obj.roles
        if is_support_agent and open_relations(user_obj).filter(customer=obj).exists():
            return set(CASE_PERMISSIONS)
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        # Most questions need no query: what no partner may ever do.
        may_be = perm in SUPPORT_PARTNER_PERMISSIONS or perm in CASE_PERMISSIONS
        return may_be and perm in self.get_all_permissions(user_obj, obj)

    def windows_in(self, customer: Customer, people: Collection[int]) -> dict[int, str]:
        """Name what lets these people into the console after the move: the contract that began first (S9, R15)."""
        with connection.cursor() as cursor:
            cursor.execute(_WINDOWS, {"people": list(people), "customer": customer.pk})
            return {person: f"contract {contract}" for person, contract in cursor.fetchall()}


def _sells(person: User, customer: Customer) -> bool:
    """Tell whether the person's reseller has a relation with the customer in which the switch decides (R1)."""
    return AccessGrant.objects.filter(
        reseller=person.reseller_id, customer=customer, subscription=None, ended_at=None
    ).exists()
