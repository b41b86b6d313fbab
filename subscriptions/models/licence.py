from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Customer, OrgUnit
from subscriptions.models.catalogue import Product
from subscriptions.models.subscription import Subscription


class Licence(models.Model):
    """One seat of a subscription assigned to one person. Revoked ones stay: they are the use over time.

    Never more in use than the subscription has seats: kept by subscriptions/licensing.py, which locks the subscription.
    """

    # That subscription and person belong to this customer are foreign keys of the database (0005).
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="licences")
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="licences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="licences")
    # Copied from the subscription, so that the database keeps that nobody has two of one product.
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Whether automatic assignment leaves the person out from now on, until someone assigns it or lets it again.
    stays_away = models.BooleanField(default=False, db_default=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "product"],
                condition=Q(revoked_at__isnull=True),
                name="person_has_one_licence_of_a_product",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=models.F("assigned_at")),
                name="licence_is_revoked_after_it_was_assigned",
            ),
            models.CheckConstraint(
                condition=Q(stays_away=False) | Q(revoked_at__isnull=False), name="only_revoked_licences_stay_away"
            ),
        ]
        indexes = [
            models.Index("subscription", "user", name="licences_in_use", condition=Q(revoked_at__isnull=True)),
            models.Index("subscription", "assigned_at", name="licences_over_time"),
            models.Index("subscription", "user", name="licences_that_stay_away", condition=Q(stays_away=True)),
        ]

    def __str__(self) -> str:
        return f"subscription {self.subscription_id} for {self.user_id}"


class AutoLicence(models.Model):
    """Everybody in a unit, and in the units below it, gets a licence by itself, as long as there are seats."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="auto_licences")
    org_unit = models.ForeignKey(OrgUnit, models.CASCADE, related_name="auto_licences")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["subscription", "org_unit"], name="auto_licence_of_a_unit_once")]

    def __str__(self) -> str:
        return f"subscription {self.subscription_id} for unit {self.org_unit_id}"
