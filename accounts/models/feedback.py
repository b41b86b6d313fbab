from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class HelpFeedback(models.Model):
    """An answer to *Was this information helpful?* at the end of a help page. It names nobody."""

    slug = models.CharField(max_length=50)
    language = models.CharField(max_length=10)
    helpful = models.BooleanField()
    comment = models.TextField(blank=True)
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.slug} ({self.language}): {self.helpful}"
