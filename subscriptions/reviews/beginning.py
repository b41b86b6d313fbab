"""A review begins: now, or by the schedule (R22)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.background.sweeping import each
from accounts.clock import database_now
from accounts.database.time_limits import sweep_transaction
from accounts.errors import Refused
from accounts.locking import lock_unless_busy
from accounts.models import Customer
from subscriptions.models import Review, ReviewSchedule
from subscriptions.models.review import LineKind
from subscriptions.reviews.finishing import end_where_over
from subscriptions.reviews.kinds import kinds
from subscriptions.reviews.recording import record_of_owner, record_review
from subscriptions.reviews.scope import INTERVALS, Owner, is_open, lock_owner, owned_by, owner_fields, reviews_of

# How long there is to decide; and of how long before the first review what was done is counted.
LASTS: Final = timedelta(days=30)
FIRST_COUNTS: Final = timedelta(days=365)


@transaction.atomic
def begin_review(*, actor: Actor | None, owner: Owner) -> Review:
    """Begin a review of everything that is open now, and by the schedule one less; those who decide are told.

    owner: the customer, or the reseller, who reviews. Raises Refused where one is open, or where there is nothing to
    review; PermissionDenied for a person who may not decide it.
    """
    lock_owner(actor, owner)
    end_where_over(owner)
    if is_open(owner):
        raise Refused(_("A review is open already. Finish it before you begin another."), reason="conditionNotMet")
    review = _begin(actor, owner)
    if review is None:
        raise Refused(
            _("There is nothing to review: no reseller has access, and there is no support contract.")
            if isinstance(owner, Customer)
            else _("There is nothing to review: no customer is assigned to an agent or a team."),
            reason="conditionNotMet",
        )
    return review


@transaction.atomic
def change_review_schedule(*, actor: Actor, owner: Owner, months: int | None) -> bool:
    """Review every 3, 6 or 12 months, counted from now; None: only when a person begins one.

    Returns False where that was so already. Raises Refused for another number, PermissionDenied as begin_review().
    """
    lock_owner(actor, owner)
    if months is not None and months not in INTERVALS:
        raise Refused(_("Choose one of the intervals."), "months")
    schedule = ReviewSchedule.objects.filter(owned_by(owner)).first()
    before = schedule.months if schedule else None
    if before == months:
        return False
    if months is None:
        ReviewSchedule.objects.filter(owned_by(owner)).delete()
    else:
        changed = {"months": months, "next_at": _months_from(database_now(), months)}
        ReviewSchedule.objects.update_or_create(**owner_fields(owner), defaults=changed)
    old, new = {"review_months": before}, {"review_months": months}
    record_of_owner(EventName.CHANGE_REVIEW_SCHEDULE, actor=actor, owner=owner, old=old, new=new)
    return True


def due_reviews() -> Iterator[int]:
    """Begin the reviews whose time has come, one after the other; yields how many each step began.

    A suspended reseller decides nothing (R13): its review waits until it is back.
    """
    due = ReviewSchedule.objects.filter(next_at__lte=Now()).exclude(reseller__suspended_at__isnull=False)
    yield from each(list(due.select_related("customer", "reseller").order_by("next_at")), begin_due_review)


def begin_due_review(schedule: ReviewSchedule) -> int:
    """Begin what a schedule says, once, however long it was waited for; where one is open already, that is it."""
    with sweep_transaction():
        return _begin_due(schedule)


def _begin_due(schedule: ReviewSchedule) -> int:
    owner = schedule.customer or schedule.reseller
    assert owner is not None
    if isinstance(owner, Customer) and not lock_unless_busy(owner):
        return 0
    lock_owner(None, owner)
    if not ReviewSchedule.objects.filter(pk=schedule.pk, next_at__lte=Now()).exists():
        return 0
    end_where_over(owner)
    if not is_open(owner) and _begin(None, owner) is not None:
        return 1
    _put_off(owner)
    return 0


def _begin(actor: Actor | None, owner: Owner) -> Review | None:
    """Make the review and its lines; None where there is nothing to review. The caller holds the lock."""
    before = reviews_of(owner).order_by("-pk").first()
    now = database_now()
    with transaction.atomic():
        review = Review.objects.create(
            **owner_fields(owner),
            began_at=now,
            begun_by_email=actor.user.email if actor else "",
            counts_from=before.began_at if before else now - FIRST_COUNTS,
            deadline=now + LASTS,
        )
        lines = _make_lines(review)
        transaction.set_rollback(not lines)
    if not lines:
        return None
    _put_off(owner)
    new = {"lines": lines, "deadline_at": review.deadline.isoformat()}
    record_review(EventName.START_ACCESS_REVIEW, actor=actor, review=review, new=new)
    return review


def _make_lines(review: Review) -> int:
    """Write what there is to decide with one statement, however much it is."""
    places = {name: place for place, name in enumerate(LineKind.values)}
    selects = " UNION ALL ".join(
        f"SELECT '{name}', {places[name]}, x.* FROM ({kind.lines}) x"  # noqa: S608  constants
        for name, kind in kinds().items()
    )
    columns = "about_id, customer_id, reseller_id, who, who_address, what, what_domain"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO subscriptions_reviewline (review_id, kind, {columns}, decision, note, decided_by_email,
                level, new_level)
            SELECT v.id, x.kind, {", ".join(f"x.{column}" for column in columns.split(", "))}, '', '', '', '', ''
            FROM subscriptions_review v CROSS JOIN LATERAL ({selects}) x (kind, place, {columns}, first, second)
            WHERE v.id = %s
            ORDER BY x.first COLLATE "C", x.place, x.second COLLATE "C"
            """,  # noqa: S608  constants
            [review.pk],
        )
        return int(cursor.rowcount)


def _put_off(owner: Owner) -> None:
    """Let the next one by the schedule be counted from now."""
    for schedule in ReviewSchedule.objects.filter(owned_by(owner)):
        schedule.next_at = _months_from(database_now(), schedule.months)
        schedule.save(update_fields=["next_at"])


def _months_from(moment: datetime, months: int) -> datetime:
    """Return the same day some months later, or the last one of a shorter month."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz + make_interval(months => %s)", [moment, months])
        [later] = cursor.fetchone()
    assert isinstance(later, datetime)
    return later
