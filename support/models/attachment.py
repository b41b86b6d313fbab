from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from support.models.case import Case


class Attachment(models.Model):
    """A file of a case. It lies on disk under its random id and is only ever downloaded, never shown inline."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=150)
    # By content, never by what the browser said or the name ends in.
    media_type = models.CharField(max_length=100)
    # Bytes, as stored.
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    # What was taken out of a HAR file before it was stored: number of cookies and authorization headers.
    stripped = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="attachment_has_a_name")]
        # What was attached within a day is added up for each new file (support/quotas.py).
        indexes = [models.Index("uploaded_at", name="attachments_of_a_day")]

    def __str__(self) -> str:
        return self.name
