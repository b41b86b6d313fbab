"""Reviews of who may work where: a customer's of its resellers, a reseller's of its staff (R22)."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Reseller
from accounts.models.targets import TargetKind
from subscriptions.models.level import Level

NOTE_MAX_LENGTH: Final = 1000
_ONE_OWNER: Final = Q(customer__isnull=False, reseller__isnull=True) | Q(customer__isnull=True, reseller__isnull=False)


class LineKind(models.TextChoices):
    """What a line is about; who makes and removes it stands with its kind (subscriptions/reviews/kinds.py)."""

    CONSOLE = "console", _("Console")
    SUBSCRIPTION = "subscription", _("Subscription")
    CONTRACT = "contract", _("Support contract")
    AGENT = "agent", _("Agent")
    TEAM = "team", _("Team")
    # Of the whole reseller: it names no customer.
    TEAM_FOR_ALL = "team_for_all", _("Team for all customers")
    # Of a reseller, in a customer's console.
    MACHINE = "machine", _("Machine")
    # Of the one that reviews: a customer's names no reseller, a reseller's no customer.
    ACCOUNT = "account", _("Service account")


class Decision(models.TextChoices):
    KEEP = "keep", _("Keep")
    NARROW = "narrow", _("Narrow")
    REMOVE = "remove", _("Remove")
    # What it was about ended by itself or elsewhere, before anybody decided.
    ENDED = "ended", _("Ended meanwhile")


class ReviewSchedule(models.Model):
    """How often a customer, or a reseller, reviews; no row: only when a person begins one."""

    customer = models.OneToOneField(Customer, models.PROTECT, null=True, related_name="review_schedule")
    reseller = models.OneToOneField(Reseller, models.PROTECT, null=True, related_name="review_schedule")
    months = models.PositiveSmallIntegerField()
    next_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=_ONE_OWNER, name="review_schedule_has_one_owner"),
            models.CheckConstraint(condition=Q(months__in=(3, 6, 12)), name="review_schedule_is_one_of_three"),
        ]
        indexes = [models.Index("next_at", name="reviews_to_begin")]

    def __str__(self) -> str:
        return f"every {self.months} months"


class Review(models.Model):
    """One review, from its beginning to its result.

    It is over when it was finished, and by the clock at its deadline; a sweep writes that down. Once `finished_at` is
    written nothing of it changes, not even by SQL: a trigger refuses. People are copied by address, as in the audit
    log; no key to them, so that their going changes nothing here.
    """

    target_kind = TargetKind.REVIEW

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="reviews", db_index=False)
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, related_name="reviews", db_index=False)
    began_at = models.DateTimeField(db_default=Now())
    # Empty: by the schedule.
    begun_by_email = models.CharField(max_length=254, blank=True)
    # From when on what was done is counted.
    counts_from = models.DateTimeField()
    deadline = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # Empty: it ended at its deadline.
    finished_by_email = models.CharField(max_length=254, blank=True)
    # At the end of it: how many lines nobody decided, and how many were decided how.
    undecided = models.PositiveIntegerField(null=True)
    result = models.JSONField(null=True)
    is_over: bool  # as the clock has it, where it was asked for (reviews/scope.py)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=_ONE_OWNER, name="review_has_one_owner"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, undecided__isnull=True)
                | Q(finished_at__isnull=False, undecided__isnull=False),
                name="finished_review_has_a_result",
            ),
            models.UniqueConstraint(
                fields=["customer", "reseller"],
                condition=Q(finished_at__isnull=True),
                nulls_distinct=False,
                name="one_open_review_of_each",
            ),
        ]
        indexes = [
            models.Index("customer", "id", name="reviews_of_a_customer", condition=Q(customer__isnull=False)),
            models.Index("reseller", "id", name="reviews_of_a_reseller", condition=Q(reseller__isnull=False)),
            models.Index("deadline", name="open_reviews", condition=Q(finished_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"

    @property
    def owner(self) -> Customer | Reseller:
        owner = self.customer or self.reseller
        assert owner is not None
        return owner


class ReviewLine(models.Model):
    """One thing to decide about, in the names of when the review began.

    Decided once. What it showed then, how far it was open and how much it was used, is written with the decision;
    until then it is computed when it is shown (reviews/activity.py).
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="lines", db_index=False)
    kind = models.CharField(max_length=12, choices=LineKind)
    # The grant, the contract, the agent, the team or the service account; no key, since agents and teams may go.
    about_id = models.BigIntegerField()
    # Whose console it is about, and who works there. Without a customer: every one of the reseller.
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", db_index=False)
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, related_name="+", db_index=False)
    # A customer reviews a reseller and what is open to it; a reseller an agent or a team, and for whom they work.
    who = models.CharField(max_length=200)
    who_address = models.CharField(max_length=254, blank=True)
    what = models.CharField(max_length=200)
    what_domain = models.CharField(max_length=253, blank=True)

    decision = models.CharField(max_length=6, choices=Decision, blank=True)
    note = models.TextField(max_length=NOTE_MAX_LENGTH, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_email = models.CharField(max_length=254, blank=True)
    # As it was when it was decided, or when the review ended; of a console its level and end.
    level = models.CharField(max_length=12, choices=Level, blank=True)
    ends_at = models.DateTimeField(null=True)
    # What *narrow* left.
    new_level = models.CharField(max_length=12, choices=Level, blank=True)
    new_ends_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    visits = models.PositiveIntegerField(null=True)
    changes = models.PositiveIntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["review", "kind", "about_id", "customer"],
                nulls_distinct=False,
                name="review_has_each_line_once",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(kind__in=(LineKind.TEAM_FOR_ALL, LineKind.ACCOUNT)),
                name="line_names_its_customer",
            ),
            models.CheckConstraint(
                condition=Q(reseller__isnull=False) | Q(kind=LineKind.ACCOUNT, customer__isnull=False),
                name="line_names_its_reseller",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="decided_line_says_when",
            ),
            models.CheckConstraint(condition=Q(decision__in=["", *Decision.values]), name="decision_is_known"),
            models.CheckConstraint(
                condition=Q(new_level="") | Q(decision=Decision.NARROW), name="only_narrowed_line_says_what_is_left"
            ),
        ]
        indexes = [
            models.Index("review", "id", name="lines_of_a_review"),
            models.Index("review", "id", name="undecided_lines", condition=Q(decision="")),
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.what}"

    @property
    def is_decided(self) -> bool:
        return self.decision != ""
