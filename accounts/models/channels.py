"""Channels of the Reports API: a machine is told of activities at a URL, for some hours (X5, X6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models.machines import ServiceAccount
from accounts.models.webhooks import WebhookEndpoint

CHANNEL_NAME_MAX_LENGTH: Final = 64
CHANNEL_TOKEN_MAX_LENGTH: Final = 256
# As the original's channels of activities: by default, and at most.
CHANNEL_LASTS: Final = timedelta(hours=6)


class ActivityChannel(models.Model):
    """What one client asked to be told, and as whom. The endpoint has its URL, and as its name the client's id of it.

    token: what the client recognises our messages by. asked: the parameters of activities.list.
    """

    endpoint = models.OneToOneField(WebhookEndpoint, models.CASCADE, related_name="channel")
    resource_id = models.CharField(max_length=43)
    token = models.CharField(max_length=CHANNEL_TOKEN_MAX_LENGTH, blank=True)
    asked = models.JSONField(default=dict)
    uri = models.TextField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    account = models.ForeignKey(ServiceAccount, models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.resource_id} of {self.person_id}"
