from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from accounts.models import Reseller


class NotifiedAccount(models.Model):
    """A service account that a reseller registered to be notified of what happens to its subscriptions."""

    reseller = models.ForeignKey(Reseller, models.CASCADE, related_name="notified_accounts")
    # The account's address, by which it was registered: it says the same after the account is gone.
    email = models.CharField(max_length=254)
    registered_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["reseller", "email"], name="account_is_registered_once")]

    def __str__(self) -> str:
        return self.email
