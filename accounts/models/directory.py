"""A customer's directory beside its people: the tree of organisational units, addresses, groups."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.models.organisations import Customer
from accounts.models.public_ids import random_group_id, random_unit_id
from accounts.models.targets import TargetKind


class OrgUnit(models.Model):
    """A part of an organisation. Every customer has one root, made with it, that bears no name of its own.

    A setting that is null is inherited from the unit above; the root has a value for each.
    """

    target_kind = TargetKind.ORG_UNIT

    public_id = models.CharField(max_length=15, db_default=random_unit_id(), editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="org_units")
    # Null: the root. That the parent belongs to the same customer is a foreign key of the database (0008).
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(_("name"), max_length=100, blank=True)
    sort_name = models.CharField(max_length=200, editable=False, blank=True, db_collation="C")
    description = models.CharField(_("description"), max_length=300, blank=True)
    # Whether a mobile device waits for an admin's approval before it counts as one of the organisation's.
    approves_mobile_devices = models.BooleanField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["id", "customer"], name="org_unit_names_its_customer"),
            models.UniqueConstraint(fields=["public_id"], name="org_unit_has_an_id"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(parent__isnull=True), name="customer_has_one_root_org_unit"
            ),
            # P10: by the name, never by what it is sorted by. The verbs fold more than Lower does.
            models.UniqueConstraint("parent", Lower("name"), name="org_unit_name_is_unique_below_its_parent"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="org_unit_is_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(parent__isnull=False) | Q(approves_mobile_devices__isnull=False),
                name="root_org_unit_has_every_setting",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, name="") | (Q(parent__isnull=False) & ~Q(name="")),
                name="only_the_root_org_unit_has_no_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name or "/"


class WhoMay(models.TextChoices):
    """Who may do something with a group: a setting of the customer's own admins."""

    OWNERS = "owners", _("Owners")
    MANAGERS = "managers", _("Owners and managers")
    MEMBERS = "members", _("Members")
    ORGANISATION = "organisation", _("Everybody in the organisation")
    ANYBODY = "anybody", _("Anybody, also from outside")


class DirectoryGroup(models.Model):
    """A group of a customer's people and other groups, under an address of its own."""

    target_kind = TargetKind.GROUP

    public_id = models.CharField(max_length=15, db_default=random_group_id(), editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="directory_groups")
    email = models.EmailField(_("group address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200)
    sort_name = models.CharField(max_length=400, editable=False, db_collation="C")
    description = models.CharField(_("description"), max_length=300, blank=True)
    who_may_join = models.CharField(max_length=12, choices=WhoMay, default=WhoMay.ORGANISATION)
    who_may_post = models.CharField(max_length=12, choices=WhoMay, default=WhoMay.ORGANISATION)
    who_may_see_members = models.CharField(max_length=12, choices=WhoMay, default=WhoMay.ORGANISATION)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["id", "customer"], name="group_names_its_customer"),
            models.UniqueConstraint(fields=["public_id"], name="group_has_an_id"),
        ]
        indexes = [
            models.Index("customer", "sort_name", "id", name="groups_of_customer"),
            GinIndex(
                fields=["sort_name", "email"],
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
                name="groups_by_part_of_name",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class MemberRole(models.TextChoices):
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    MEMBER = "member", _("Member")


class GroupMember(models.Model):
    """A person or another group in a group."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    group = models.ForeignKey(DirectoryGroup, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="group_memberships"
    )
    subgroup = models.ForeignKey(DirectoryGroup, models.CASCADE, null=True, blank=True, related_name="memberships")
    role = models.CharField(_("role"), max_length=7, choices=MemberRole, default=MemberRole.MEMBER)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, subgroup__isnull=True) | Q(user__isnull=True, subgroup__isnull=False),
                name="member_is_a_person_or_a_group",
            ),
            models.CheckConstraint(
                condition=Q(subgroup__isnull=True) | Q(role=MemberRole.MEMBER), name="a_group_is_a_plain_member"
            ),
            models.CheckConstraint(condition=~Q(subgroup=F("group")), name="group_is_not_in_itself"),
            models.UniqueConstraint(fields=["group", "user"], name="person_is_in_a_group_once"),
            models.UniqueConstraint(fields=["group", "subgroup"], name="group_is_in_a_group_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or self.subgroup_id} in {self.group_id}"


# The domain of an address: no other @ stands in one.
DOMAIN_OF_ADDRESS = Func(F("email"), Value("@"), Value(2), function="split_part", output_field=models.TextField())


class Address(models.Model):
    """An e-mail address in use: a person's own, an alias that a rename left (its old address), or a group's.

    One table for all, so that the database itself never lets two of them have the same.
    """

    email = models.EmailField(primary_key=True, max_length=254)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="addresses")
    group = models.ForeignKey(DirectoryGroup, models.CASCADE, null=True, blank=True, related_name="addresses")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True) | Q(user__isnull=True, group__isnull=False),
                name="address_is_a_persons_or_a_groups",
            )
        ]
        # The addresses at one domain (P9).
        indexes = [models.Index(DOMAIN_OF_ADDRESS, name="addresses_by_domain")]

    def __str__(self) -> str:
        return self.email
