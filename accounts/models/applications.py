"""What people allow applications (X7), and the keys that id tokens are signed with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.machines import ServiceAccount


class Consent(models.Model):
    """What a person allowed an application, until one of them, an admin or the rules end it (X7).

    scopes: all that they ever allowed it; a token opens those that it was given for. session_hash: of their password,
    as their sessions keep it: with another password it does nothing any more.
    """

    account = models.ForeignKey(ServiceAccount, models.PROTECT, related_name="consents")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    scopes = models.JSONField(default=list)
    session_hash = models.CharField(max_length=128)
    made_at = models.DateTimeField(db_default=Now())
    # To the minute: most calls do not write it.
    last_used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["account", "person"], condition=Q(ended_at=None), name="person_allows_an_application_once"
            )
        ]

    def __str__(self) -> str:
        return f"of {self.person_id}"


class SigningKey(models.Model):
    """A key with which id tokens are signed (OpenID Connect). sealed: its private half, under SECRET_KEY."""

    kid = models.CharField(max_length=64, unique=True)
    # X.509 in PEM: some clients ask for it in this form.
    certificate = models.TextField()
    sealed = models.TextField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.kid
