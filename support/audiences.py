"""Whom notices about support contracts and cases name, in SQL (R25)."""

from __future__ import annotations

from accounts.models.staffing import staffed_sql
from accounts.notices.told import Audience
from accounts.notifications.audiences import Those
from accounts.roles import SUPPORT_ROLES, Role, holds_sql
from subscriptions.access.effective import in_force_sql
from support.models.partner import AssignmentStatus

_SUPPORTS = sorted(SUPPORT_ROLES)
# Those of an active contract, and of one that ended, who may hear of the end.
_IN_FORCE = f"e.new_value ->> 'status' IN ('{AssignmentStatus.ACTIVE}', '{AssignmentStatus.REMOVED}')"
_PARTNER_OF_A_CASE = f"""
    FROM support_case k JOIN support_supportassignment a ON a.customer_id = k.customer_id AND a.service = k.service
        AND a.status = '{AssignmentStatus.ACTIVE}'
    JOIN accounts_reseller s ON s.id = a.reseller_id AND s.suspended_at IS NULL"""

# What lets people of a reseller have a case `c` at this instant (S5, S6): its assignment or its open console, and their
# role or their work for the customer (P4).
_HAS_THE_CASE = f"""(
        EXISTS (SELECT 1 FROM support_supportassignment a WHERE a.customer_id = c.customer_id
            AND a.service = c.service AND a.reseller_id = r.reseller_id AND a.status = '{AssignmentStatus.ACTIVE}')
        OR EXISTS (SELECT 1 FROM subscriptions_accessgrant g WHERE g.customer_id = c.customer_id
            AND g.reseller_id = r.reseller_id AND g.subscription_id IS NULL AND g.ended_at IS NULL
            AND {in_force_sql("g")})
    ) AND ({holds_sql("r.id", *_SUPPORTS)} OR {staffed_sql("c.customer_id", "r.id")})"""  # noqa: S608  constants


def _decided(where: str) -> str:
    return f"""SELECT u.id FROM support_supportassignment a JOIN accounts_user u ON {where}
        WHERE a.id = e.about_id"""  # noqa: S608  constants


AUDIENCES: dict[Audience, Those] = {
    Audience.VERIFIER: Those(_decided("u.id = a.verifier_id"), f"{holds_sql('r.id', *_SUPPORTS)}"),
    Audience.REQUESTER: Those(
        _decided("u.id = a.requested_by_id"), holds_sql("r.id", Role.SUPER_ADMIN, Role.SUPPORT_MANAGER)
    ),
    Audience.PARTNER: Those(
        f"{_decided('u.reseller_id = a.reseller_id')} AND {_IN_FORCE} AND {holds_sql('u.id', *_SUPPORTS)}",
        holds_sql("r.id", *_SUPPORTS),
    ),
    # Only while the case is theirs: another colleague may have it meanwhile.
    Audience.ASSIGNEE_AT_PARTNER: Those(
        """SELECT w.assignee_id FROM support_partnerassignee w
        WHERE w.case_id = e.about_id AND w.reseller_id = e.actor_reseller_id""",
        f"""EXISTS (SELECT 1 FROM support_partnerassignee w JOIN support_case c ON c.id = w.case_id
        WHERE w.case_id = accounts_notification.about_id AND w.assignee_id = r.id AND w.reseller_id = r.reseller_id
        AND {_HAS_THE_CASE})""",  # noqa: S608  constants
    ),
    # Who subscribes to the case gets a mail of its own.
    Audience.PARTNER_OF_A_CASE: Those(
        f"""SELECT u.id {_PARTNER_OF_A_CASE} JOIN accounts_user u ON u.reseller_id = a.reseller_id
        WHERE k.id = e.about_id AND {holds_sql("u.id", *_SUPPORTS)} AND NOT EXISTS (
            SELECT 1 FROM support_subscriber p WHERE p.case_id = k.id AND p.person_id = u.id
        )""",  # noqa: S608  constants
        f"""EXISTS (SELECT 1 {_PARTNER_OF_A_CASE}
        WHERE k.id = accounts_notification.about_id AND a.reseller_id = r.reseller_id
        AND {holds_sql("r.id", *_SUPPORTS)})""",
    ),
}
