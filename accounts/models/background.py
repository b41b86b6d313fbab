from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Sweep(models.Model):
    """When one kind of work was last looked for by itself: accounts/background/sweeping.py."""

    # The name of its queue (settings.SWEEPS).
    name = models.CharField(max_length=30, primary_key=True)
    began_at = models.DateTimeField(db_default=Now())
    # When the last one that was not cut short ended; a sweep that is under way leaves it alone.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When there was last a worker for a queue, or a scheduler: accounts/background/heartbeats.py."""

    name = models.CharField(max_length=30, primary_key=True)
    beat_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
