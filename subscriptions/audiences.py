"""Whom notices about reseller access name at resellers and their customers, in SQL (R25)."""

from __future__ import annotations

from accounts.models.event_names import EventName
from accounts.models.staffing import staffed_sql
from accounts.models.targets import TargetKind
from accounts.notices.told import Audience
from accounts.notifications.audiences import Those
from accounts.roles import Role, holds_sql

_WORKS_THERE = staffed_sql("e.customer_id", "r.id")


def _reseller_of(subscription: str) -> Those:
    """Those who work for the customer (P4). Of an end they may read also when they do not work there any more."""
    people = f"""
        SELECT u.id FROM subscriptions_accesschange c
        JOIN subscriptions_accessgrant g ON g.id = c.grant_id AND g.subscription_id {subscription}
        JOIN accounts_user u ON u.reseller_id = g.reseller_id
        WHERE c.id = e.access_change_id AND {staffed_sql("g.customer_id", "u.id")}"""  # noqa: S608  constants
    return Those(people, f"(e.new_value ->> 'allowed' = 'false' OR {_WORKS_THERE})")


# A customer's answer is about the request that its reseller, by the same name, made last.
_ASKED = """
    (SELECT q.actor_reseller_id, q.actor_id FROM accounts_auditevent q
     WHERE q.customer_id = e.customer_id AND (q.at, q.id) < (e.at, e.id) AND q.at <= e.at AND q.subject = e.subject
         AND q.name = 'REQUEST_RESELLER_ACCESS' AND q.actor_reseller_id IS NOT NULL
     ORDER BY q.at DESC, q.id DESC LIMIT 1) asked
    JOIN accounts_user u ON u.reseller_id = asked.actor_reseller_id"""

# A reminder is void once its end was put off; one that has come stays.
_STILL_ENDS = """EXISTS (
    SELECT 1 FROM subscriptions_accessgrant g WHERE g.id = accounts_notification.about_id
    AND (g.ends_at = accounts_notification.moment OR NOT g.allowed)
)"""
# A reminder of a review that is finished is void.
_STILL_OPEN = """EXISTS (
    SELECT 1 FROM subscriptions_review v WHERE v.id = accounts_notification.about_id AND v.finished_at IS NULL
    AND (v.customer_id = r.customer_id OR v.reseller_id = r.reseller_id)
)"""
_REMINDED = "(accounts_notification.said ->> 'customer')::bigint"


# X6: of which resellers a customer decides with an event `e`, that they hear of it.
_OF_A_CHANGE = """
    SELECT g.reseller_id FROM subscriptions_accesschange c JOIN subscriptions_accessgrant g ON g.id = c.grant_id
    WHERE c.id = e.access_change_id"""
_OF_A_REQUEST = f"""
    SELECT q.reseller_id FROM subscriptions_accessrequest q
    WHERE q.id = e.target_id AND e.target_kind = '{TargetKind.REQUEST}'"""  # noqa: S608  constants
_OF_AN_ACTIVATION = "SELECT a.reseller_id FROM accounts_activation a WHERE a.id = coalesce(e.activation_id, e.about_id)"
HEARERS: dict[EventName, str] = {
    EventName.RESELLER_ACCESS_APPLIED: _OF_A_CHANGE,
    EventName.RESELLER_ACCESS_ENDED: _OF_A_CHANGE,
    EventName.APPROVE_ACCESS_REQUEST: _OF_A_REQUEST,
    EventName.REJECT_ACCESS_REQUEST: _OF_A_REQUEST,
    EventName.APPROVE_ACTIVATION: _OF_AN_ACTIVATION,
    EventName.REJECT_ACTIVATION: _OF_AN_ACTIVATION,
    EventName.END_ACTIVATION: _OF_AN_ACTIVATION,
}

AUDIENCES: dict[Audience, Those] = {
    # Those who are asked for in reminders.py, where `g` is the grant that ends.
    Audience.REMINDED_SUPER_ADMINS: Those(
        f"""SELECT u.id FROM accounts_user u
        WHERE u.customer_id = g.customer_id AND {holds_sql("u.id", Role.SUPER_ADMIN)}""",  # noqa: S608  constants
        f"r.customer_id = {_REMINDED} AND {holds_sql('r.id', Role.SUPER_ADMIN)} AND {_STILL_ENDS}",
    ),
    Audience.REMINDED_RESELLER: Those(
        f"""SELECT u.id FROM accounts_user u
        WHERE u.reseller_id = g.reseller_id AND {staffed_sql("g.customer_id", "u.id")}""",  # noqa: S608  constants
        f"{staffed_sql(_REMINDED, 'r.id')} AND {_STILL_ENDS}",
    ),
    # Those who are asked for in reviews/reminding.py, where `v` is the review.
    Audience.REVIEWING_SUPER_ADMINS: Those(
        f"""SELECT u.id FROM accounts_user u
        WHERE u.customer_id = v.customer_id AND {holds_sql("u.id", Role.SUPER_ADMIN)}""",  # noqa: S608  constants
        f"{holds_sql('r.id', Role.SUPER_ADMIN)} AND {_STILL_OPEN}",
    ),
    Audience.REVIEWING_RESELLER_ADMINS: Those(
        f"""SELECT u.id FROM accounts_user u
        WHERE u.reseller_id = v.reseller_id AND {holds_sql("u.id", Role.RESELLER_ADMIN)}""",  # noqa: S608  constants
        f"{holds_sql('r.id', Role.RESELLER_ADMIN)} AND {_STILL_OPEN}",
    ),
    Audience.RESELLER_OF_A_CONSOLE: _reseller_of("IS NULL"),
    Audience.RESELLER_OF_A_SUBSCRIPTION: _reseller_of("IS NOT NULL"),
    Audience.ASKER: Those(f"SELECT u.id FROM {_ASKED} AND u.id = asked.actor_id"),  # noqa: S608  constants
    Audience.ADMINS_OF_THE_ASKER: Those(
        f"SELECT u.id FROM {_ASKED} AND {holds_sql('u.id', Role.RESELLER_ADMIN)}",  # noqa: S608  constants
        _WORKS_THERE,
    ),
    Audience.SUPER_ADMINS_OF_ITS_CUSTOMERS: Those(
        f"""SELECT u.id FROM subscriptions_accessgrant g JOIN accounts_user u ON u.customer_id = g.customer_id
        WHERE g.reseller_id = e.about_id AND g.subscription_id IS NULL AND g.ended_at IS NULL
        AND {holds_sql("u.id", Role.SUPER_ADMIN)}""",  # noqa: S608  constants
        holds_sql("r.id", Role.SUPER_ADMIN),
    ),
}
