from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q

from accounts.models import Customer
from accounts.models.activations import Approval
from subscriptions.models.level import Level


class AccessPolicy(models.Model):
    """What a customer wants of all access that it gives to resellers (R16, R18); no row: the original's defaults."""

    customer = models.OneToOneField(Customer, models.PROTECT, primary_key=True, related_name="access_policy")
    # Null: access may have no end.
    longest = models.DurationField(null=True)
    # What a relation begins with that never was before.
    new_level = models.CharField(max_length=12, choices=Level, default=Level.FULL)
    new_lasts = models.DurationField(null=True)
    # R20: how long an agent is inside at most where access is only when needed, and who approves it.
    activation_longest = models.DurationField(default=timedelta(hours=4), db_default=timedelta(hours=4))
    activation_approval = models.CharField(
        max_length=8, choices=Approval, default=Approval.AT_ONCE, db_default=Approval.AT_ONCE
    )
    # R17: whether its resellers may ask for access.
    takes_requests = models.BooleanField(default=True, db_default=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(longest__isnull=True) | Q(longest__gt=timedelta(0)), name="longest_access_is_some_time"
            ),
            models.CheckConstraint(
                condition=Q(new_lasts__isnull=True) | Q(new_lasts__gt=timedelta(0)), name="new_access_lasts_some_time"
            ),
            models.CheckConstraint(
                condition=Q(activation_longest__gt=timedelta(0), activation_longest__lte=timedelta(hours=8)),
                name="activation_lasts_eight_hours_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"rules of {self.customer_id}"
