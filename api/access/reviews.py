"""resellerAccess.reviews: what was reviewed, and how it was decided (R22). For the customer's own people."""

from __future__ import annotations

from typing import Any

from accounts.permissions import Permission
from api.access import shown
from api.access.places import one, own_customer
from api.core.call import Call
from api.core.methods import serves
from subscriptions.models import Review
from subscriptions.models.review import ReviewLine
from subscriptions.reviews.scope import lines_of, reviews_of


@serves("resellerAccess.reviews.list")
def list_(call: Call) -> dict[str, Any]:
    """List the reviews, the newest first, without their lines."""
    return shown.listed(call, reviews_of(own_customer(call, Permission.VIEW_RESELLER_ACCESS)), "reviews", _shown)


@serves("resellerAccess.reviews.get")
def get(call: Call) -> dict[str, Any]:
    """Return one review with its lines."""
    review = one(reviews_of(own_customer(call, Permission.VIEW_RESELLER_ACCESS)), call)
    return {**_shown(review), "lines": [_line(line) for line in lines_of(review).order_by("pk")]}


def _shown(review: Review) -> dict[str, Any]:
    return shown.without_nothing(
        kind="resellerAccess#review",
        id=str(review.pk),
        beginTime=shown.moment(review.began_at),
        begunBy=review.begun_by_email,
        deadlineTime=shown.moment(review.deadline),
        isOver=review.is_over,
        finishTime=shown.moment(review.finished_at),
        finishedBy=review.finished_by_email,
        undecided=review.undecided,
    )


def _line(line: ReviewLine) -> dict[str, Any]:
    return shown.without_nothing(
        about=line.kind,
        who=line.who,
        whoAddress=line.who_address,
        what=line.what,
        decision=line.decision,
        note=line.note,
        decisionTime=shown.moment(line.decided_at),
    )
