"""What machines ask: how often in this minute, and files that they send in pieces."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models.machines import ServiceAccount

FAMILY_MAX_LENGTH = 60
# Bytes of what a file comes with: its name, its type, and what the call says beside it.
METADATA_MAX_LENGTH = 100_000


class ApiQuota(models.Model):
    """How many calls of a family one service account has made in the minute that it was last counted in."""

    account = models.ForeignKey(ServiceAccount, models.CASCADE, related_name="quotas")
    family = models.CharField(max_length=FAMILY_MAX_LENGTH)
    minute = models.DateTimeField()
    counted = models.IntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("account", "family", name="api_quota_is_counted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.family}: {self.counted}"


class ApiUpload(models.Model):
    """A file that a machine sends in pieces, until it is whole or its time is over."""

    # Of the random text that the client was told: without it nobody adds a piece.
    digest = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(ServiceAccount, models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    # Where it was begun: the path of the call, with its query, and the other part of it, as JSON.
    path = models.TextField()
    metadata = models.TextField(blank=True)
    content_type = models.CharField(max_length=200, blank=True)
    # Bytes; null until the client knows.
    size = models.BigIntegerField(null=True)
    received = models.BigIntegerField(default=0)
    begun_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index("ends_at", name="api_uploads_by_their_end")]

    def __str__(self) -> str:
        return f"{self.received} of {self.size}"


class ApiUploadPart(models.Model):
    """A piece of a file. start: the place of its first byte."""

    upload = models.ForeignKey(ApiUpload, models.CASCADE, related_name="parts")
    start = models.BigIntegerField()
    content = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint("upload", "start", name="api_upload_has_a_part_once")]

    def __str__(self) -> str:
        return f"from {self.start}"
