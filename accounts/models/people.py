from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Collate, Lower, Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.database.json_field import JSONField
from accounts.models.directory import OrgUnit
from accounts.models.organisations import Customer, Reseller
from accounts.models.public_ids import random_person_id
from accounts.models.targets import TargetKind
from accounts.roles import Role

# In place of no sign-in at all, where people are put in the order of their last one.
NEVER = Value(datetime(1970, 1, 1, tzinfo=UTC))


# Whom the list of users shows. That the purged are deleted too is known to people and to a constraint, not to the
# planner: as long as both conditions stand in queries and indexes alike, counting reads an index alone.
LIVING = Q(customer__isnull=False, deleted_at__isnull=True, purged_at__isnull=True)


class Theme(models.TextChoices):
    SYSTEM = "system", _("System default")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserManager(BaseUserManager["User"]):
    """Finds people by address; creating them is the verb accounts.directory.people.create_user."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. They belong to exactly one organisation (P1) and work under its address."""

    target_kind = TargetKind.USER

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200)
    sort_name = models.CharField(max_length=400, editable=False, db_collation="C")
    # What the API calls them: 21 digits.
    public_id = models.CharField(max_length=21, db_default=random_person_id(), editable=False)
    # The parts of the name. Where a verb writes the name alone, the database makes them: the last word is the family
    # name (0048). A person of one word has no family name.
    given_name = models.CharField(_("given name"), max_length=200, blank=True, db_default="")
    family_name = models.CharField(_("family name"), max_length=200, blank=True, db_default="")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="people")
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, blank=True, related_name="people")
    is_vendor = models.BooleanField(default=False)
    # Where in the customer's tree; that it is this customer's is a foreign key of the database (0008).
    org_unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="people")
    # P8: False means suspended; Django then treats every session of this person as signed out.
    is_active = models.BooleanField(default=True)
    # Why not: suspended by an admin, deleted (and to be had back for a while), or both.
    suspended_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # Removed for good: the row is empty and stays for those that point to it.
    purged_at = models.DateTimeField(null=True, blank=True)
    # An admin set the password: at the next sign-in the person chooses their own before anything else opens.
    must_change_password = models.BooleanField(default=False)
    # P12: from when on nothing opens without a second factor, where one is required; null: the grace has not begun.
    factor_due_at = models.DateTimeField(null=True, blank=True)
    # A lost factor was reset: nothing opens until there is another one.
    must_enrol_factor = models.BooleanField(default=False, db_default=False)
    # What the statement says that loads the person of a request (accounts/factors.py).
    lacks_factor: bool
    grace_left: timedelta | None
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, blank=True)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    time_zone = models.CharField(max_length=64, default="UTC")
    # How they want to see lists: for each its columns and its rows a page (web/lists/choices.py).
    list_choices = JSONField(default=dict, db_default={}, blank=True)
    # How they are reached where they cannot sign in, and what else the directory keeps of them: telephone numbers,
    # addresses, relations and so on, as the API names them (accounts/directory/contact.py).
    recovery_email = models.EmailField(max_length=254, blank=True, default="", db_default="")
    recovery_phone = models.CharField(max_length=40, blank=True, default="", db_default="")
    contact = JSONField(default=dict, db_default={}, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    # Nobody is above the rules: what Django keeps on its stock user is taken away.
    is_superuser: ClassVar[bool] = False  # type: ignore[misc]
    user_permissions: ClassVar[None] = None  # type: ignore[assignment,misc]

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_per_address_in_any_case"),
            models.CheckConstraint(
                condition=Q(customer__isnull=False, reseller__isnull=True, is_vendor=False)
                | Q(customer__isnull=True, reseller__isnull=False, is_vendor=False)
                | Q(customer__isnull=True, reseller__isnull=True, is_vendor=True),
                name="person_belongs_to_exactly_one_organisation",
            ),
            models.UniqueConstraint(fields=["id", "customer"], name="person_names_its_customer"),
            models.UniqueConstraint(fields=["public_id"], name="person_has_an_id"),
            models.CheckConstraint(
                condition=Q(customer__isnull=True, org_unit__isnull=True)
                | Q(customer__isnull=False, org_unit__isnull=False),
                name="people_of_customers_have_an_org_unit",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(is_active=False), name="deleted_person_is_not_active"
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True) | Q(deleted_at__isnull=False), name="purged_person_is_deleted"
            ),
        ]
        indexes = [
            models.Index("reseller", "sort_name", "id", name="people_of_reseller", condition=Q(reseller__isnull=False)),
            # Whom to remind that their grace ends.
            models.Index("factor_due_at", name="people_by_end_of_grace", condition=Q(factor_due_at__isnull=False)),
            # The list of users: its pages in order, and how many there are, without a look at the table.
            models.Index("customer", "sort_name", "id", name="people_of_customer", condition=LIVING),
            # The same people as the API orders them.
            models.Index("customer", Collate("email", "C"), "id", name="people_by_address", condition=LIVING),
            models.Index(
                "customer", Collate(Lower("family_name"), "C"), "id", name="people_by_family_name", condition=LIVING
            ),
            models.Index(
                "customer", Collate(Lower("given_name"), "C"), "id", name="people_by_given_name", condition=LIVING
            ),
            # The same list by last sign-in; anyone who never signed in did so before everybody else.
            models.Index(
                F("customer"), Coalesce("last_login", NEVER), F("id"), name="people_by_last_sign_in", condition=LIVING
            ),
            # Who can be had back, and who is to be removed for good.
            models.Index(
                "customer",
                "sort_name",
                "id",
                name="deleted_people_of_customer",
                condition=Q(deleted_at__isnull=False, purged_at__isnull=True),
            ),
            # A part of a name or of an address, for the search of the top bar.
            GinIndex(
                fields=["sort_name", "email"],
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
                name="people_by_part_of_name",
                condition=LIVING,
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def organisation_name(self) -> str:
        """The name of the one organisation this person belongs to (P1)."""
        organisation = self.customer or self.reseller
        return organisation.name if organisation else settings.VENDOR_NAME

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles held now; read once per request, since each request loads its own user (P8, R11)."""
        with connection.cursor() as cursor:  # every page asks: building the query would cost more than the answer
            cursor.execute("SELECT role FROM accounts_roleassignment WHERE user_id = %s", [self.pk])
            return frozenset(Role(role) for (role,) in cursor.fetchall())

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Forget the roles too."""
        self.__dict__.pop("roles", None)
        super().refresh_from_db(*args, **kwargs)


class RoleAssignment(models.Model):
    """One person holds one role."""

    user = models.ForeignKey(User, models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=32, choices=Role)
    assigned_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="person_holds_a_role_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"
