"""What a reseller's agent may do in a customer's console: one query, asked again for every request (R8, R11, R13)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.backends import BaseBackend
from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.console_sessions.windows import Window
from accounts.models import Customer, User
from accounts.models.staffing import staffed_sql
from accounts.permissions import Fact, Permission
from accounts.roles import AGENT_PERMISSIONS, SUPPORT_PARTNER_PERMISSIONS
from subscriptions.access.effective import activation_sql, in_force_sql, level_sql, standing_sql
from subscriptions.access.levels import level_label, opened_by
from subscriptions.access.standing import is_on_request, opened_at
from subscriptions.models.grant import Basis
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing

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
# By hand, because this is asked on every request: through the ORM it takes four times as long. Of a console that stands
# open at all times activations are not looked at.
_SQL = f"""
    SELECT u.id, CASE WHEN {in_force_sql("g")} THEN g.effective_from END, g.basis = '{Basis.CONTRACT}',
           {level_sql("g")}, {standing_sql("g")},
           CASE WHEN {standing_sql("g")} <> '{Standing.ALL}' AND {in_force_sql("g")}
                THEN {activation_sql("g", "u.id")} END
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
        return {Permission.KNOW_CUSTOMER, *relation.opened}

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
        """Name for each of these people the window in which they have access now by what opened it (R10, R15, R20).

        Anyone who was let in as a support partner enters again once the reseller has sold something: as its agent. So
        does anyone who has activated access since, whatever was open to them before.
        """
        return {
            relation.person: Window(relation.window, relation.is_support_only, relation.activation)
            for relation in _relations(people, customer)
            if relation.opened
        }


@dataclass(frozen=True, slots=True)
class _Relation:
    """What decides for a person who works for a customer.

    since: since when access is in force; None where it is not. level, standing: what is in effect (R18, R20).
    activation: the number of the one that they are in, where the console is open only on request.
    """

    person: int
    since: datetime | None
    is_support_only: bool
    level: str
    standing: str
    activation: int | None

    @property
    def opened(self) -> frozenset[Permission]:
        """What is open to them now: of the table of R14, and for support only nothing that stands on a sale (S9)."""
        if self.since is None:
            return frozenset()
        opened = opened_at(self.level, self.standing, activated=self.activation is not None)
        return opened & SUPPORT_PARTNER_PERMISSIONS if self.is_support_only else opened

    @property
    def window(self) -> str:
        since = self.since.isoformat() if self.since else ""
        name = f"activation {self.activation}" if self.activation else since
        return f"contract {name}" if self.is_support_only else name


def _facts_of(relation: _Relation, permission: Permission) -> list[Fact]:
    """Say what of a live relation decides about a permission."""
    level_words = {"level": level_label(relation.level)}
    stands = opened_at(Level.FULL, relation.standing, activated=relation.activation is not None)
    facts = [
        Fact(
            permission in AGENT_PERMISSIONS,
            _("Access from outside can open it."),
            _("No access from outside opens it: it is for the customer’s own admins."),
        ),
        Fact(
            not relation.is_support_only or permission in SUPPORT_PARTNER_PERMISSIONS,
            _("What their organisation sells to this customer, or supports for it, is enough for this."),
            _("Their organisation only supports this customer, and has sold it nothing."),
        ),
        Fact(relation.since is not None, _("Access is in force."), _("Access is not in force.")),
        Fact(
            permission in opened_by(relation.level),
            _("The level of access opens it: %(level)s.") % level_words,
            _("The level of access does not open it: %(level)s.") % level_words,
        ),
    ]
    if is_on_request(relation.standing):
        yes, no = _("They have activated access, or it is open without that."), _("They have not activated access.")
        facts.append(Fact(permission in stands, yes, no))
    return facts


def _relations(people: Collection[int], customer: Customer) -> list[_Relation]:
    """Return what decides for those of these people who work for a customer."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"people": list(people), "customer": customer.pk})
        return [_Relation(*columns) for columns in cursor.fetchall()]
