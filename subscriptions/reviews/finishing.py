"""A review is finished by a person, or ends at its deadline; its result stays as it is (R22)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.background.sweeping import each
from accounts.clock import database_now
from accounts.database.time_limits import sweep_transaction
from accounts.errors import Refused
from accounts.locking import lock_unless_busy
from accounts.models import Customer
from subscriptions.models import Review
from subscriptions.reviews.activity import number_left, write_facts
from subscriptions.reviews.recording import record_review
from subscriptions.reviews.scope import Owner, lines_of, lock_owner, owned_by, reviews_of


@transaction.atomic
def finish_review(*, actor: Actor, owner: Owner, review_id: int) -> Review:
    """Finish a review of which everything is decided; a second click of the same person changes nothing.

    Raises Refused where something waits for a decision, and where the review is over; PermissionDenied for a person
    who may not decide it.
    """
    lock_owner(actor, owner)
    review = locked_review(owner, review_id)
    if review.finished_by_email and review.finished_by_email == actor.user.email:
        return review
    require_open(review)
    if left := number_left(review):
        text = ngettext("%(number)s line waits for a decision.", "%(number)s lines wait for a decision.", left)
        raise Refused(text % {"number": left}, reason="conditionNotMet")
    _end(review, actor)
    return review


def overdue_reviews() -> Iterator[int]:
    """Write down which reviews have ended at their deadline, one after the other; yields how many each step did."""
    over = Review.objects.filter(finished_at=None, deadline__lte=Now()).select_related("customer", "reseller")
    yield from each(list(over.order_by("deadline")), _end_overdue)


def _end_overdue(review: Review) -> int:
    owner = review.owner
    with sweep_transaction():
        if isinstance(owner, Customer) and not lock_unless_busy(owner):
            return 0
        lock_owner(None, owner)
        return int(end_where_over(owner))


def end_where_over(owner: Owner) -> bool:
    """Write down what the clock has decided; tell whether there was something. The caller holds the owner's lock."""
    over = Review.objects.filter(owned_by(owner), finished_at=None, deadline__lte=Now())
    review = over.select_related("customer", "reseller").first()
    if review is not None:
        _end(review, None)
    return review is not None


def locked_review(owner: Owner, review_id: int) -> Review:
    """Return a review of this owner, locked. Raises Refused where there is none."""
    reviews = Review.objects.select_for_update(of=("self",), no_key=True).select_related("customer", "reseller")
    review = reviews.filter(owned_by(owner), pk=review_id).first()
    if review is None:
        raise Refused(_("This review does not exist."), reason="notFound")
    return review


def require_open(review: Review) -> None:
    """Let through what can be decided still, by the database's clock. Raises Refused."""
    if review.finished_by_email:
        text = _("%(person)s has finished this review meanwhile. Its result cannot be changed.")
        raise Refused(text % {"person": review.finished_by_email}, reason="conditionNotMet")
    if review.finished_at is not None or review.deadline <= database_now():
        raise Refused(
            _("The deadline of this review has passed. Its result cannot be changed."), reason="conditionNotMet"
        )


def result_of(review: Review) -> dict[str, int]:
    """Return how many lines were decided how; "" for those that nobody decided."""
    return dict(lines_of(review).values_list("decision").annotate(number=Count("pk")).order_by())


def undecided_after_deadline(customer: Customer) -> int:
    """Return how much of a customer's latest review is undecided, and open still, though its deadline has passed."""
    review = reviews_of(customer).order_by("-pk").first()
    return number_left(review) if review is not None and review.is_over else 0


def _end(review: Review, actor: Actor | None) -> None:
    """Fix what every line says, then the review itself. In this order: a finished one takes no change."""
    write_facts(review)
    review.result = result_of(review)
    review.undecided = review.result.pop("", 0)
    review.finished_at = database_now() if actor else review.deadline
    review.finished_by_email = actor.user.email if actor else ""
    review.save(update_fields=["undecided", "result", "finished_at", "finished_by_email"])
    name = EventName.REVIEW_DEADLINE_PASSED if review.undecided else EventName.FINISH_ACCESS_REVIEW
    new = review.result | ({"undecided": review.undecided} if review.undecided else {})
    record_review(name, actor=actor, review=review, new=new)
