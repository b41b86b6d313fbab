from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Restore(models.Model):
    """A backup that was restored: all access that it had was closed (subscriptions/restoring.py).

    Its access changes point here: they tell what was allowed until then, so that an admin can allow it again.
    """

    # When the backup was taken, as the operator said it. One row: a second run closes nothing that was given since.
    restored_from = models.DateTimeField(unique=True)
    closed_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"backup of {self.restored_from:%Y-%m-%d %H:%M:%S %Z}"
