"""What waits a few minutes for one person at one browser."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Kept(models.Model):
    """One text for one person, one browser and one page (accounts/keeping.py).

    lookup names browser and page and cannot be read backwards; sealed opens only with the browser's cookie.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    lookup = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"kept for {self.person_id}"
