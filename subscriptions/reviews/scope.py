"""The reviews of a customer or a reseller and their lines: every page starts here (R22).

A review is over by the clock at its deadline, whether or not a sweep has written that down.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import BooleanField, Case, Max, Q, QuerySet, Value, When
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.authorisation import authorise, authorise_reseller
from accounts.locking import lock_customer
from accounts.models import Customer, Reseller
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.models import Review, ReviewLine, ReviewSchedule
from subscriptions.models.review import Decision, LineKind

Owner = Customer | Reseller
# How often a schedule begins one, in months.
INTERVALS: Final = (3, 6, 12)


def owned_by(owner: Owner) -> Q:
    """Return the condition that a review, or a schedule, is this customer's or this reseller's."""
    return Q(customer=owner) if isinstance(owner, Customer) else Q(reseller=owner)


def owner_fields(owner: Owner) -> dict[str, Any]:
    """Return the same as the fields of a new row."""
    return {"customer": owner} if isinstance(owner, Customer) else {"reseller": owner}


def reviews_of(owner: Owner) -> QuerySet[Review]:
    """Return the reviews of a customer or a reseller, each with whether it is over (`is_over`)."""
    return with_is_over(Review.objects.filter(owned_by(owner)))


def with_is_over(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """Return reviews with whether they are over, by the database's clock."""
    over = When(Q(finished_at__isnull=False) | Q(deadline__lte=Now()), Value(True))
    is_over = Case(over, default=Value(False), output_field=BooleanField())
    return reviews.annotate(is_over=is_over).select_related("customer", "reseller")  # type: ignore[no-redef]


def is_open(owner: Owner) -> bool:
    """Tell whether a review waits for its result; the caller has ended one that is over."""
    return Review.objects.filter(owned_by(owner), finished_at=None).exists()


def lines_of(review: Review) -> QuerySet[ReviewLine]:
    """Return the lines of a review."""
    return ReviewLine.objects.filter(review=review)


def waiting_lines(review: Review) -> QuerySet[ReviewLine]:
    """Return the lines that nobody decided yet; also those whose subject has ended meanwhile."""
    return lines_of(review).filter(decision="")


def months_between_reviews(owner: Owner) -> int | None:
    """Return how often a customer or a reseller reviews by schedule; None: when a person begins one."""
    return ReviewSchedule.objects.filter(owned_by(owner)).values_list("months", flat=True).first()


def next_review(owner: Owner) -> datetime | None:
    """Return when the schedule begins the next one."""
    return ReviewSchedule.objects.filter(owned_by(owner)).values_list("next_at", flat=True).first()


def lock_owner(actor: Actor | None, owner: Owner) -> None:
    """Lock what a review is about, and ask under the lock who may decide it (R5, P8). None: the system itself.

    Raises PermissionDenied for anybody but a super admin, or an admin of the reseller.
    """
    if isinstance(owner, Customer):
        lock_customer(owner)
        if actor is not None:
            authorise(actor, Permission.CHANGE_RESELLER_ACCESS, owner)
        return
    Reseller.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if actor is not None:
        authorise_reseller(actor, (Role.RESELLER_ADMIN,), owner.pk)


def kept_in(customer: Customer) -> dict[int, datetime]:
    """Return when a customer last decided in a review to keep a console as it is, by its grant."""
    kept = ReviewLine.objects.filter(review__customer=customer, kind=LineKind.CONSOLE, decision=Decision.KEEP)
    return dict(kept.order_by().values_list("about_id").annotate(Max("decided_at")))
