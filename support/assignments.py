"""What an assignment is at this instant, and the links that verifiers get (S4, S8).

Expiry needs no job to be true: a pending request is compared with the database's clock everywhere that it is read.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from accounts.models import Customer, Reseller, User
from subscriptions.access.relation import contract_would_open
from support.models import SupportAssignment
from support.models.partner import AssignmentStatus

# S4: how long the verifier's link works.
LINK_LIFETIME = timedelta(days=14)


def is_pending() -> Q:
    """Return the condition that a request can still be confirmed (S8)."""
    return Q(status=AssignmentStatus.PENDING, expires_at__gt=Now())


def is_live() -> Q:
    """Return the condition that an assignment is active, or can still become so."""
    return Q(status=AssignmentStatus.ACTIVE) | is_pending()


def can_be_decided(assignment: SupportAssignment, now: datetime) -> bool:
    """Tell the same as `is_pending` of a row that is locked; now: the database's clock."""
    return (
        assignment.status == AssignmentStatus.PENDING
        and assignment.expires_at is not None
        and assignment.expires_at > now
    )


def assignments_of(customer: Customer) -> QuerySet[SupportAssignment]:
    """Return every assignment of a customer, the newest first."""
    return _for_pages(SupportAssignment.objects.filter(customer=customer))


def assignments_at(reseller: Reseller) -> QuerySet[SupportAssignment]:
    """Return every request and relation of a reseller as a support partner, the newest first."""
    return _for_pages(SupportAssignment.objects.filter(reseller=reseller))


def contracts_in(customer: Customer) -> QuerySet[SupportAssignment]:
    """Return the running contracts of a customer after the move (S9)."""
    return SupportAssignment.objects.filter(customer=customer, status=AssignmentStatus.ACTIVE, in_care_portal=True)


def partners_of(customer: Customer) -> QuerySet[Reseller]:
    """Return the partners with a running assignment at a customer."""
    active = SupportAssignment.objects.filter(customer=customer, status=AssignmentStatus.ACTIVE)
    return Reseller.objects.filter(pk__in=active.values("reseller")).order_by("sort_name", "pk")


def partners_that_will_enter(customer: Customer) -> list[Reseller]:
    """Return the partners to which the move of this customer will open the console (S12)."""
    return [partner for partner in partners_of(customer) if contract_would_open(customer, partner)]


def _for_pages(assignments: QuerySet[SupportAssignment]) -> QuerySet[SupportAssignment]:
    """Add what a page shows; `status_now` is the status as the clock has it (S8)."""
    over = Q(status=AssignmentStatus.PENDING, expires_at__lte=Now())
    status_now = Case(When(over, Value(AssignmentStatus.EXPIRED)), default=F("status"), output_field=CharField())
    return (
        assignments.annotate(status_now=status_now)
        .select_related("customer", "reseller", "verifier", "requested_by")
        .order_by("-id")
    )


def open_request(token: str, person: User | None = None) -> SupportAssignment | None:
    """Return the open request behind a link; reading it consumes nothing (S4).

    person: only the request that was sent to this person.
    """
    requests = SupportAssignment.objects.filter(is_pending(), token_hash=hash_of(token))
    if person is not None:
        requests = requests.filter(verifier=person)
    return requests.select_related("customer", "reseller", "requested_by").first()


def new_link(assignment: SupportAssignment) -> str:
    """Give a locked, pending assignment a new token and return it; the one before stops working.

    Only its hash is stored. It is made when the mail is sent, so that the secret lies nowhere while the mail waits.
    """
    token = secrets.token_urlsafe(32)
    assignment.token_hash = hash_of(token)
    assignment.save(update_fields=["token_hash"])
    return token


def hash_of(token: str) -> str:
    """Return what is stored of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()
