from __future__ import annotations

from django.db import models

from accounts.models import Customer


class CareMigration(models.Model):
    """Where a customer stands on its way from the Support Center to the Customer Care Portal (S9).

    This row is the truth: the date in the settings only says what holds for customers that have no own date.
    """

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="care_migration")
    # Null: on the date of the settings.
    moves_on = models.DateField(null=True)
    announced_at = models.DateTimeField(null=True)
    migrated_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.migrated_at}"
