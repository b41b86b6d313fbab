"""Lines about machines: those of resellers in a customer's console, and the service accounts of the reviewer (X2, R22).

Both only where they can do something: the account is not suspended, has a key that works, and a scope.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.machines.service_accounts import suspend_service_account
from accounts.models import ServiceAccount
from subscriptions.access.kept_out import keep_machines_out
from subscriptions.models import Review
from subscriptions.models.review import Decision, LineKind
from subscriptions.reviews.activity import OWN_CHANGES, by_agents
from subscriptions.reviews.kinds import Chosen, Kind

_WORKS = """a.suspended_at IS NULL AND a.deleted_at IS NULL AND jsonb_array_length(a.scopes) > 0 AND EXISTS (
    SELECT 1 FROM accounts_serviceaccountkey k
    WHERE k.account_id = a.id AND k.revoked_at IS NULL AND k.expires_at > statement_timestamp())"""
_IS_LET_IN = """g.allowed AND (g.ends_at IS NULL OR g.ends_at > statement_timestamp()) AND c.admits_machines
    AND NOT EXISTS (
        SELECT 1 FROM accounts_keptoutmachine o WHERE o.customer_id = c.id AND o.account_id = a.id)"""
# Below everything that names a reseller.
_LAST = "chr(1114111)"


def _keep_out(actor: Actor, review: Review, chosen: Sequence[Chosen]) -> dict[int, Promise | str]:
    """Keep machines out that are removed, whatever is open to the people of their resellers."""
    assert review.customer is not None
    removed = [one.line.about_id for one in chosen if one.choice.decision == Decision.REMOVE]
    if removed:
        keep_machines_out(actor=actor, customer=review.customer, accounts=removed)
    return {}


def _suspend(actor: Actor, review: Review, chosen: Sequence[Chosen]) -> dict[int, Promise | str]:
    """Suspend service accounts that are removed: who was wrong can restore one with its keys."""
    refused: dict[int, Promise | str] = {}
    removed = {one.line.about_id: one for one in chosen if one.choice.decision == Decision.REMOVE}
    for account in ServiceAccount.objects.select_related("customer", "reseller").filter(pk__in=removed).order_by("pk"):
        try:
            suspend_service_account(actor=actor, account=account)
        except Refused as error:  # one that another person deletes at this instant
            refused[removed[account.pk].line.pk] = error.message
    return refused


KINDS = (
    Kind(
        LineKind.MACHINE,
        lines=f"""
            SELECT a.id, g.customer_id, g.reseller_id, s.name, a.email, a.name, '',
                s.sort_name || chr(9) || s.primary_domain, lower(a.name)
            FROM subscriptions_accessgrant g JOIN accounts_customer c ON c.id = g.customer_id
            JOIN accounts_reseller s ON s.id = g.reseller_id AND s.suspended_at IS NULL
            JOIN accounts_serviceaccount a ON a.reseller_id = s.id
            WHERE g.customer_id = v.customer_id AND g.subscription_id IS NULL
                AND {_IS_LET_IN} AND {_WORKS}""",  # noqa: S608  constants
        now=f"""SELECT '', NULL::timestamptz, 0
            FROM accounts_serviceaccount a JOIN accounts_customer c ON c.id = l.customer_id
            JOIN subscriptions_accessgrant g ON g.customer_id = c.id AND g.reseller_id = a.reseller_id
                AND g.subscription_id IS NULL
            WHERE a.id = l.about_id AND {_IS_LET_IN} AND {_WORKS}""",  # noqa: S608  constants
        used=by_agents("s.client_id = l.about_id"),
        carry_out=_keep_out,
    ),
    Kind(
        LineKind.ACCOUNT,
        lines=f"""
            SELECT a.id, a.customer_id, a.reseller_id, a.name, a.email, '', '', {_LAST} || lower(a.name), ''
            FROM accounts_serviceaccount a
            WHERE (a.customer_id = v.customer_id OR a.reseller_id = v.reseller_id) AND {_WORKS}""",  # noqa: S608
        now=f"""SELECT '', NULL::timestamptz, 0 FROM accounts_serviceaccount a
            WHERE a.id = l.about_id AND {_WORKS}""",  # noqa: S608  constants
        used=OWN_CHANGES,
        carry_out=_suspend,
    ),
)
