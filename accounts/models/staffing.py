"""Which agents and teams of a reseller work for which customers (P4): django-guardian with direct foreign keys."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models
from django.db.models.functions import Lower
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.models.organisations import Customer, Reseller


class Team(models.Model):
    """Agents of one reseller who share customers. Its members are those of `group`, as guardian needs it."""

    reseller = models.ForeignKey(Reseller, models.CASCADE, related_name="teams")
    name = models.CharField(max_length=100)
    group = models.OneToOneField(Group, models.CASCADE, related_name="team")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint("reseller", Lower("name"), name="team_name_is_unique_at_the_reseller")]

    def __str__(self) -> str:
        return self.name


class CustomerAgent(UserObjectPermissionBase):
    """One agent works for one customer."""

    content_object = models.ForeignKey(Customer, models.CASCADE, db_column="customer_id", related_name="agents")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()


class CustomerTeam(GroupObjectPermissionBase):
    """One team of agents works for one customer."""

    content_object = models.ForeignKey(Customer, models.CASCADE, db_column="customer_id", related_name="teams")

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()
