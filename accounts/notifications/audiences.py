"""Whom the audiences of notices name, in SQL: when they are told, and again when they read it (R25).

Each package names its own in a dictionary; settings.NOTICE_AUDIENCES lists these, as MAIL_WRITERS does for mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models.activations import Approval
from accounts.models.audit_event import ActorKind
from accounts.models.staffing import works_for_all_sql, works_for_sql
from accounts.models.targets import TargetKind
from accounts.notices.told import Audience
from accounts.roles import Role, holds_sql


@dataclass(frozen=True, slots=True)
class Those:
    """Some people, as two pieces of SQL about an event `e`.

    people: a SELECT of their ids; `e.about_id` is the row that the event is about.
    still: whether the person `r`, who was told in a row of accounts_notification, may still read it. TRUE: it happened
    to them, or was the end of what they were entitled to.
    """

    people: str
    still: str = "TRUE"


def _of_customer(*roles: Role, where: str = "TRUE") -> Those:
    return Those(
        f"SELECT u.id FROM accounts_user u WHERE {where}"  # noqa: S608  constants
        f" AND u.customer_id = e.customer_id AND {holds_sql('u.id', *roles)}",
        f"r.customer_id = e.customer_id AND {holds_sql('r.id', *roles)}",
    )


def _addressed(address: str, where: str = "TRUE") -> Those:
    """People by their address; one who was made just before, with their roles, gets an invitation instead."""
    return Those(
        f"SELECT u.id FROM accounts_user u WHERE {where} AND lower(u.email) = lower({address})"  # noqa: S608  constants
        " AND u.created_at < e.at - interval '1 minute'"
    )


_IS_OF_A_SUPER_ADMIN = f"""(
    '{Role.SUPER_ADMIN}' IN (e.new_value ->> 'role', e.old_value ->> 'role')
    OR e.name NOT IN ('ASSIGN_ROLE', 'UNASSIGN_ROLE') AND EXISTS (
        SELECT 1 FROM accounts_user p WHERE lower(p.email) = lower(e.subject) AND p.customer_id = e.customer_id
        AND {holds_sql("p.id", Role.SUPER_ADMIN)}
    )
)"""  # noqa: S608  constants
# An assignment names an agent by their address or a team by its name, and the customer by its domain.
_ASSIGNED = """
    SELECT u.id FROM accounts_user u
    WHERE u.reseller_id = e.actor_reseller_id AND lower(u.email) = lower(e.subject)
    UNION
    SELECT ug.user_id FROM accounts_team t JOIN accounts_user_groups ug ON ug.group_id = t.group_id
    WHERE t.reseller_id = e.actor_reseller_id AND lower(t.name) = lower(e.subject)
"""
_NAMED = """
    SELECT u.id FROM accounts_user u WHERE lower(u.email) IN (
        SELECT lower(address) FROM jsonb_array_elements_text(
            CASE jsonb_typeof(e.old_value -> 'members') WHEN 'array' THEN e.old_value -> 'members' ELSE '[]' END
            || jsonb_build_array(e.new_value ->> 'agent', e.old_value ->> 'agent')
        ) address
    )
"""
_WORKS_THERE = f"""EXISTS (
    SELECT 1 FROM accounts_domain k WHERE k.name = e.new_value ->> 'customer' AND k.customer_id IS NOT NULL
    AND (k.kind = 'primary' OR k.was_primary AND k.holds) AND {works_for_sql("k.customer_id", "r.id")}
)"""  # noqa: S608  constants

AUDIENCES: dict[Audience, Those] = {
    Audience.SUPER_ADMINS: _of_customer(Role.SUPER_ADMIN),
    Audience.SUPER_ADMINS_OF_A_DEED: _of_customer(Role.SUPER_ADMIN, where="e.actor_id IS NOT NULL"),
    Audience.SUPER_ADMINS_OF_A_RESELLERS_DEED: _of_customer(
        Role.SUPER_ADMIN, where=f"e.actor_kind = '{ActorKind.RESELLER}'"
    ),
    Audience.SUPER_ADMINS_OF_A_SUPER_ADMIN: _of_customer(Role.SUPER_ADMIN, where=_IS_OF_A_SUPER_ADMIN),
    # Whatever they are now: they hear of it by what they were (R21).
    Audience.SUPER_ADMINS_OF_LATE: Those(
        "SELECT p.person_id FROM accounts_pastsuperadmin p"
        " WHERE p.customer_id = e.customer_id AND p.ended_at > e.at - interval '72 hours'"
    ),
    Audience.SUPPORT_MANAGERS: _of_customer(Role.SUPER_ADMIN, Role.SUPPORT_MANAGER),
    Audience.PERSON: _addressed("e.subject"),
    Audience.ALLOWER_OF_A_COPY: _addressed("e.new_value ->> 'email'", where="e.actor_id IS NULL"),
    Audience.ALLOWER: _addressed("e.new_value ->> 'email'"),
    Audience.AGENT: Those(_NAMED),
    Audience.ASSIGNED_AGENTS: Those(_ASSIGNED, _WORKS_THERE),
    Audience.UNASSIGNED_AGENTS: Those(_ASSIGNED),
    Audience.AGENTS_FOR_ALL: Those(_ASSIGNED, works_for_all_sql("r.id")),
    Audience.COLLEAGUE_ADMINS: Those(
        "SELECT u.id FROM accounts_user u WHERE u.reseller_id = e.actor_reseller_id"  # noqa: S608  constants
        f" AND {holds_sql('u.id', Role.RESELLER_ADMIN)}",
        f"r.reseller_id = e.actor_reseller_id AND {holds_sql('r.id', Role.RESELLER_ADMIN)}",
    ),
    Audience.APPROVING_SUPER_ADMINS: Those(
        f"""SELECT u.id FROM accounts_activation a JOIN accounts_user u ON u.customer_id = a.customer_id
        WHERE a.id = e.about_id AND a.approval = '{Approval.CUSTOMER}'
        AND {holds_sql("u.id", Role.SUPER_ADMIN)}""",  # noqa: S608  constants
        f"r.customer_id = e.customer_id AND {holds_sql('r.id', Role.SUPER_ADMIN)}",
    ),
    Audience.APPROVING_COLLEAGUES: Those(
        f"""SELECT u.id FROM accounts_activation a JOIN accounts_user u ON u.reseller_id = a.reseller_id
        WHERE a.id = e.about_id AND a.approval = '{Approval.RESELLER}' AND u.id <> a.agent_id
        AND {holds_sql("u.id", Role.RESELLER_ADMIN)}""",  # noqa: S608  constants
        f"r.reseller_id = e.actor_reseller_id AND {holds_sql('r.id', Role.RESELLER_ADMIN)}",
    ),
    Audience.ADMINS_BESIDE_A_PERSON: Those(
        "SELECT u.id FROM accounts_user p JOIN accounts_user u"  # noqa: S608  constants
        f" ON u.reseller_id = p.reseller_id AND {holds_sql('u.id', Role.RESELLER_ADMIN)}"
        f" OR u.is_vendor AND p.is_vendor AND {holds_sql('u.id', Role.VENDOR_OPERATOR)}"
        f" WHERE p.id = e.target_id AND e.target_kind = '{TargetKind.USER}' AND u.id <> p.id",
        holds_sql("r.id", Role.RESELLER_ADMIN, Role.VENDOR_OPERATOR),
    ),
    Audience.OPERATORS: Those(
        f"SELECT u.id FROM accounts_user u WHERE u.is_vendor AND {holds_sql('u.id', Role.VENDOR_OPERATOR)}",  # noqa: S608  constants
        holds_sql("r.id", Role.VENDOR_OPERATOR),
    ),
    Audience.OPERATORS_OF_A_FAILURE: Those(
        "SELECT u.id FROM accounts_user u WHERE e.new_value ->> 'reason' = 'gave_up' AND u.is_vendor"  # noqa: S608  constants
        f" AND {holds_sql('u.id', Role.VENDOR_OPERATOR)}",
        holds_sql("r.id", Role.VENDOR_OPERATOR),
    ),
}


@cache
def audiences() -> dict[Audience, Those]:
    """Return those of every package."""
    found: dict[Audience, Those] = {}
    for path in settings.NOTICE_AUDIENCES:
        found |= import_string(path)
    return found
