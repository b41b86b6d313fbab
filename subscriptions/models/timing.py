from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class TimedKind(models.TextChoices):
    """What a change does that is timed: it gives, or all of it only takes."""

    GIVEN = "given"
    TAKEN = "taken"


class AccessTiming(models.Model):
    """How long changes took that were settled up to a moment: subscriptions/access/timing.py."""

    kind = models.CharField(max_length=5, choices=TimedKind, primary_key=True)
    # Changes that were settled later are counted with each question.
    counted_until = models.DateTimeField(db_default=Now())
    # How many took how long, one number for each step, the last one for all that took longer.
    numbers = ArrayField(models.BigIntegerField())
    # All of their times together.
    seconds = models.FloatField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.kind
