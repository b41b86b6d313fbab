"""What a reseller's agent may do in a customer's console: one query, asked again for every request (R8, R11, R13)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.backends import BaseBackend
from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.console_sessions.windows import Window
from accounts.models import Customer, User
from accounts.permissions import Fact, Permission
from accounts.roles import AGENT_PERMISSIONS, SUPPORT_PARTNER_PERMISSIONS
from subscriptions.access.effective import in_force_sql, level_sql
from subscriptions.access.levels import level_label, opened_by
from subscriptions.access.scope import staffed_sql
from subscriptions.models.grant import Basis

# What must all hold for an agent to know a customer at all, in their order (R24): the check and the explanation are
# written from it.
_LIVE: Final = (
    ("u.is_active", _("Their account is active."), _("Their account is suspended or deleted.")),
    ("r.suspended_at IS NULL", _("Their organisation is active."), _("The vendor has suspended their organisation.")),
    (
        "g.id IS NOT NULL",
        _("Their organisation sells to this customer or supports it."),
        _("Their organisation sells nothing to this customer, and has no support contract with it."),
    ),
    (
        staffed_sql("g.customer_id", "u.id"),
        _("They work for this customer."),
        _("They do not work for this customer: a reseller admin has not assigned it to them."),
    ),
)
_WAY = """
    FROM accounts_user u
    JOIN accounts_reseller r ON r.id = u.reseller_id
    LEFT JOIN subscriptions_accessgrant g
      ON g.reseller_id = u.reseller_id AND g.customer_id = %(customer)s
     AND g.subscription_id IS NULL AND g.ended_at IS NULL
    WHERE u.id = ANY(%(people)s)
"""
# By hand, because this is asked on every request: through the ORM it takes four times as long.
_SQL = f"""
    SELECT u.id, CASE WHEN {in_force_sql("g")} THEN g.effective_from END, g.basis = '{Basis.CONTRACT}',
           {level_sql("g")}
    {_WAY} AND {" AND ".join(condition for condition, _yes, _no in _LIVE)}
"""
_WHY = f"SELECT {', '.join(f'coalesce({condition}, false)' for condition, _yes, _no in _LIVE)} {_WAY}"


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

    def facts(self, person: User, permission: Permission, customer: Customer) -> list[Fact]:
        """Say why an agent may do something in a console, or not (R24); a customer's setting is not among it (R5)."""
        if person.reseller_id is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_WHY, {"people": [person.pk], "customer": customer.pk})
            held = cursor.fetchone() or (False,) * len(_LIVE)
        facts = [Fact(holds, yes, no) for holds, (_sql, yes, no) in zip(held, _LIVE, strict=True)]
        if permission == Permission.KNOW_CUSTOMER or not all(held):
            return facts
        return [*facts, *_facts_of(next(iter(_relations([person.pk], customer))), permission)]

    def windows_in(self, customer: Customer, people: Collection[int]) -> dict[int, Window]:
        """Name for each of these people the window in which they have access now by the moment it opened (R10, R15).

        Anyone who was let in as a support partner enters again once the reseller has sold something: as its agent.
        """
        return {
            person: Window(f"contract {since.isoformat()}" if is_support_only else since.isoformat(), is_support_only)
            for person, since, is_support_only, _level in _relations(people, customer)
            if since
        }


def _facts_of(relation: tuple[int, datetime | None, bool, str], permission: Permission) -> list[Fact]:
    """Say what of a live relation decides about a permission."""
    _person, since, is_support_only, level = relation
    level_words = {"level": level_label(level)}
    return [
        Fact(
            permission in AGENT_PERMISSIONS,
            _("Access from outside can open it."),
            _("No access from outside opens it: it is for the customer’s own admins."),
        ),
        Fact(
            not is_support_only or permission in SUPPORT_PARTNER_PERMISSIONS,
            _("What their organisation stands on there opens it."),
            _("Their organisation only supports this customer, and has sold it nothing."),
        ),
        Fact(since is not None, _("Access is in force."), _("Access is not in force.")),
        Fact(
            permission in opened_by(level),
            _("The level of access opens it: %(level)s.") % level_words,
            _("The level of access does not open it: %(level)s.") % level_words,
        ),
    ]


def _relations(people: Collection[int], customer: Customer) -> list[tuple[int, datetime | None, bool, str]]:
    """Return for those who work there since when access is in force, None where it is not, if for support only, and
    the level in effect.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"people": list(people), "customer": customer.pk})
        return list(cursor.fetchall())
