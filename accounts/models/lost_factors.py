from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ResetStatus(models.TextChoices):
    """The life of a reset: it waits, then one of the others."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", pgettext_lazy("reset", "Done")
    CANCELLED = "cancelled", pgettext_lazy("reset", "Cancelled")


class FactorReset(models.Model):
    """A person lost all their second factors (P12): after 24 hours in which anyone concerned can cancel, they go."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="factor_resets", db_index=False)
    # Who approved it, or the operator; empty: a command of the operator's. Addresses stay when people go.
    begun_by_email = models.CharField(max_length=254, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    begun_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=ResetStatus, default=ResetStatus.WAITING)
    settled_at = models.DateTimeField(null=True)
    settled_by_email = models.CharField(max_length=254, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(status=ResetStatus.WAITING), name="one_reset_waits_for_a_person"
            ),
            models.CheckConstraint(
                condition=Q(status=ResetStatus.WAITING, settled_at__isnull=True)
                | (~Q(status=ResetStatus.WAITING) & Q(settled_at__isnull=False)),
                name="settled_reset_says_when",
            ),
        ]
        indexes = [
            models.Index("person", "id", name="resets_of_a_person"),
            models.Index("due_at", name="resets_that_wait", condition=Q(status=ResetStatus.WAITING)),
        ]

    def __str__(self) -> str:
        return f"reset of {self.person_id}: {self.status}"
