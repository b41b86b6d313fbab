from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from subscriptions.models.grant import AccessGrant
from subscriptions.models.level import Level
from subscriptions.models.restore import Restore
from subscriptions.models.standing import Standing


class Outcome(models.TextChoices):
    """How an access change ended; each ends exactly once (R9)."""

    APPLIED = "applied", _("In effect")
    SUPERSEDED = "superseded", _("Superseded")
    FAILED = "failed", _("Failed")
    # R16: the end came that a change before this one had set.
    ENDED = "ended", _("Ended")


class FailureReason(models.TextChoices):
    """Why access could not be given, for a person to read (R9)."""

    RESELLER_SUSPENDED = "reseller_suspended", _("The reseller is suspended.")
    GAVE_UP = "gave_up", _("Our system tried several times without success.")
    END_PASSED = "end_passed", _("Its end came before it could be given.")


class AccessChange(models.Model):
    """One step of a grant from one generation to the next: the queue and the history in one.

    At most one change of a grant is waiting: a newer one settles the older one as it is saved (R9).
    """

    grant = models.ForeignKey(AccessGrant, models.PROTECT, related_name="changes")
    generation = models.PositiveIntegerField()
    allowed = models.BooleanField()
    # What is desired from this generation on (R16, R18, R20).
    level = models.CharField(max_length=12, choices=Level, default=Level.FULL, db_default=Level.FULL)
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.ALL, db_default=Standing.ALL)
    ends_at = models.DateTimeField(null=True, blank=True)
    # Part of it waits for a worker. What only takes comes true by the clock (R8).
    gives = models.BooleanField(default=True, db_default=True)
    # Null: the system itself (a relation began or ended).
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    requested_by_email = models.CharField(max_length=254, blank=True)
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # R3: who confirmed that the reseller agreed is `requested_by`; whether it was asked for is here.
    reseller_agreed = models.BooleanField(default=False)
    # The restored backup whose access this closed; null for every other change.
    restore = models.ForeignKey(Restore, models.PROTECT, null=True, db_index=False, related_name="changes")

    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, null=True, blank=True)  # noqa: DJ001  null: not settled
    failure_reason = models.CharField(max_length=24, choices=FailureReason, blank=True)
    # Temporary failures: how often it was tried, when it is tried again, what the last try said (for operators).
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["grant", "generation"], name="one_change_per_generation"),
            models.UniqueConstraint(
                fields=["grant"], condition=Q(settled_at__isnull=True), name="one_waiting_change_per_grant"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, outcome__isnull=True)
                | Q(settled_at__isnull=False, outcome__isnull=False),
                name="settled_change_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=(Q(outcome=Outcome.FAILED) & ~Q(failure_reason=""))
                | (Q(failure_reason="") & (Q(outcome__isnull=True) | ~Q(outcome=Outcome.FAILED))),
                name="failed_change_has_a_reason",
            ),
        ]
        indexes = [
            models.Index("next_attempt_at", name="waiting_changes", condition=Q(settled_at__isnull=True)),
            models.Index("id", name="failed_changes", condition=Q(outcome=Outcome.FAILED)),
            models.Index("settled_at", name="settled_changes", condition=Q(settled_at__isnull=False)),
            models.Index("restore", "id", name="changes_of_a_restore", condition=Q(restore__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"generation {self.generation} of {self.grant_id}"
