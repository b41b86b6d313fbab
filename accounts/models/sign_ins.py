"""Wrong passwords, counted until they are one event in the audit log (P14)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class FailedSignIns(models.Model):
    """How often signing in as one person failed from one network within five minutes; what was typed is nowhere.

    The event is append only (A2), so the number waits here until the five minutes are over: accounts/sign_in/events.py.
    Without a person: at addresses that nobody has, from everywhere together, a figure for operators.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    # As people write it: 192.0.2.0/24; empty without a person.
    network = models.CharField(max_length=43, blank=True)
    # When the five minutes began, the same for everybody: no moment has two rows.
    since = models.DateTimeField()
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    number = models.PositiveIntegerField(default=1)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["person", "network", "since"],
                nulls_distinct=False,
                name="failed_sign_ins_are_counted_in_one_place",
            )
        ]
        indexes = [models.Index("since", name="failed_sign_ins_by_time")]

    def __str__(self) -> str:
        return f"{self.number} for {self.person_id} from {self.network}"
