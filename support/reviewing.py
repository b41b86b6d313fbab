"""Lines of a customer's review about its support contracts (S6, S7, R22)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise

from accounts.actor import Actor
from subscriptions.models import Review
from subscriptions.models.review import Decision, LineKind
from subscriptions.reviews.activity import BY_RESELLER
from subscriptions.reviews.kinds import Chosen, Kind
from support.models.partner import AssignmentStatus, Service
from support.partners import remove_support_partner

_SERVICE = " ".join(f"WHEN '{service.value}' THEN '{service.label}'" for service in Service)


def carry_out(actor: Actor, review: Review, chosen: Sequence[Chosen]) -> dict[int, Promise | str]:
    """End the contracts that are removed."""
    assert review.customer is not None
    for one in chosen:
        if one.choice.decision == Decision.REMOVE:
            remove_support_partner(actor=actor, customer=review.customer, assignment_id=one.line.about_id)
    return {}


KINDS = (
    Kind(
        LineKind.CONTRACT,
        lines=f"""
            SELECT a.id, a.customer_id, a.reseller_id, s.name, '', CASE a.service {_SERVICE} END, '',
                s.sort_name || chr(9) || s.primary_domain, a.service
            FROM support_supportassignment a JOIN accounts_reseller s ON s.id = a.reseller_id
            WHERE a.customer_id = v.customer_id AND a.status = '{AssignmentStatus.ACTIVE}'""",  # noqa: S608
        now=f"""SELECT '', NULL::timestamptz, 0 FROM support_supportassignment a
            WHERE a.id = l.about_id AND a.status = '{AssignmentStatus.ACTIVE}'""",  # noqa: S608
        used=BY_RESELLER,
        carry_out=carry_out,
    ),
)
