"""Groups of customers and tags, which a reseller makes for its own work; its customers never see them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Reseller


class GroupKind(models.TextChoices):
    """A group is a list to work with; the name of a tag also stands on each of its customers."""

    GROUP = "group", _("Group")
    TAG = "tag", _("Tag")


class CustomerGroup(models.Model):
    """A group of customers, or a tag. Its customers are rows: no rule puts one in or takes one out by itself."""

    reseller = models.ForeignKey(Reseller, models.CASCADE, related_name="customer_groups", db_index=False)
    kind = models.CharField(max_length=5, choices=GroupKind)
    name = models.CharField(max_length=60)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                "reseller", "kind", Lower("name"), name="customer_group_name_is_unique_at_the_reseller"
            ),
            models.CheckConstraint(condition=Q(kind__in=GroupKind.values), name="customer_group_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupedCustomer(models.Model):
    """One customer is in one group, or has one tag. It ends with the relation to the reseller (R13)."""

    group = models.ForeignKey(CustomerGroup, models.CASCADE, related_name="members", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["group", "customer"], name="customer_is_in_a_group_once")]
        # The tags of the customers of a page.
        indexes = [models.Index("customer", "group", name="groups_of_a_customer")]

    def __str__(self) -> str:
        return f"customer {self.customer_id} in {self.group_id}"
