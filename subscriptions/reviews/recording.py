"""The events of reviews: in the customer's audit log, or in that of the reseller (A1, A4, R22)."""

from __future__ import annotations

from typing import Any

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.models import AuditEvent, Customer
from subscriptions.models import Review
from subscriptions.reviews.scope import Owner


def record_of_owner(name: EventName, *, actor: Actor | None, owner: Owner, **details: Any) -> None:
    """Write one event about what a customer or a reseller reviews."""
    record_many([event_of_owner(name, actor=actor, owner=owner, **details)])


def record_review(name: EventName, *, actor: Actor | None, review: Review, **details: Any) -> None:
    """Write one event about a review."""
    record_of_owner(name, actor=actor, owner=review.owner, target=review, about_id=review.pk, **details)


def event_of_owner(name: EventName, *, actor: Actor | None, owner: Owner, **details: Any) -> AuditEvent:
    """Return an unwritten event. A reseller's stands in its own log only, also where the system did it by itself."""
    if isinstance(owner, Customer):
        return event(name, actor=actor, customer=owner, **details)
    return event(name, actor=actor, customer=None, seen_by=owner, **details)
