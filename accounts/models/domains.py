"""The domains of organisations (P9)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Now, Reverse
from django.utils.translation import gettext_lazy as _

from accounts.models.organisations import Customer, Reseller
from accounts.models.targets import TargetKind

REASON_MAX_LENGTH = 300
# Where the TXT record stands, below the domain, and what its value begins with.
RECORD_LABEL = "_reseller-console"
_VALUE = "reseller-console-verification="


class DomainKind(models.TextChoices):
    PRIMARY = "primary", _("Primary domain")
    SECONDARY = "secondary", _("Secondary domain")
    ALIAS = "alias", _("Alias")


class VerifiedHow(models.TextChoices):
    TXT = "txt", _("By a TXT record")
    OPERATOR = "operator", _("By the vendor")
    # An operator created the organisation with it.
    CREATED = "created", _("Created with it by the vendor")
    # A primary domain from before domains were verified.
    BEFORE = "before", _("In use before domains were verified")


class LookAnswer(models.TextChoices):
    """What the last look for the TXT record found."""

    NONE = "none", _("No TXT record was found")
    OTHER = "other", _("The TXT record has another value")
    SILENT = "silent", _("The name server did not answer")
    FOUND = "found", _("The TXT record was found")
    TAKEN = "taken", _("Another organisation has verified this domain, or one above or below it")


class Domain(models.Model):
    """A domain of one organisation (P9). What a row without `holds` or with `contested_at` allows: domain_holders.py.

    The primary one is named by the organisation too, and a trigger of the database keeps both in step. The vendor's own
    domains are in the setting VENDOR_DOMAINS; its rows are what its people have addresses at beside them.
    """

    target_kind = TargetKind.DOMAIN

    # Foreign keys of the database (0036), which delete along: a release that does not know this table can do so too.
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="domains", db_constraint=False
    )
    reseller = models.ForeignKey(
        Reseller, models.CASCADE, null=True, blank=True, related_name="domains", db_constraint=False
    )
    is_vendor = models.BooleanField(default=False, db_default=False)
    name = models.CharField(_("domain"), max_length=253)
    kind = models.CharField(_("type"), max_length=9, choices=DomainKind)
    # Whether the organisation has the name. Where not, it asks for it, or keeps the addresses it has there.
    holds = models.BooleanField(default=True, db_default=True)
    # Whether it was the primary one: then the URL of that time leads on.
    was_primary = models.BooleanField(default=False, db_default=False)
    # The value of its TXT record, of this organisation and this name alone.
    value = models.UUIDField(db_default=RandomUUID())
    added_at = models.DateTimeField(db_default=Now())
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_how = models.CharField(max_length=8, choices=VerifiedHow, blank=True, default="", db_default="")
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=REASON_MAX_LENGTH, blank=True, default="", db_default="")
    # Since when an operator has to decide who has the name. Meanwhile nobody gets an address there.
    contested_at = models.DateTimeField(null=True, blank=True)
    # A look for the TXT record that is asked for: since when, and when a worker takes it up.
    look_asked_at = models.DateTimeField(null=True, blank=True)
    look_due_at = models.DateTimeField(null=True, blank=True)
    # The last one, and since when no name server has answered.
    looked_at = models.DateTimeField(null=True, blank=True)
    look_answer = models.CharField(max_length=6, choices=LookAnswer, blank=True, default="", db_default="")
    silent_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(name__regex=r"^[a-z0-9.-]+$"), name="domain_is_canonical"),
            models.CheckConstraint(
                condition=Q(customer__isnull=False, reseller__isnull=True, is_vendor=False)
                | Q(customer__isnull=True, reseller__isnull=False, is_vendor=False)
                | (Q(customer__isnull=True, reseller__isnull=True, is_vendor=True) & ~Q(kind=DomainKind.PRIMARY)),
                name="domain_belongs_to_exactly_one_organisation",
            ),
            models.CheckConstraint(condition=Q(kind__in=DomainKind.values), name="domain_kind_is_known"),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, verified_how="")
                | Q(verified_at__isnull=False, verified_how__in=VerifiedHow.values),
                name="domain_says_how_it_was_verified",
            ),
            models.CheckConstraint(
                condition=~Q(verified_how=VerifiedHow.OPERATOR) | ~Q(reason=""), name="operator_verifies_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(look_asked_at__isnull=True, look_due_at__isnull=True)
                | Q(look_asked_at__isnull=False, look_due_at__isnull=False, verified_at__isnull=True),
                name="domain_is_looked_up_until_verified",
            ),
            models.UniqueConstraint(fields=["name"], condition=Q(holds=True), name="one_organisation_holds_a_domain"),
            models.UniqueConstraint(fields=["customer", "name"], name="customer_has_a_domain_once"),
            models.UniqueConstraint(fields=["reseller", "name"], name="reseller_has_a_domain_once"),
            models.UniqueConstraint(fields=["name"], condition=Q(is_vendor=True), name="vendor_has_a_domain_once"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(kind=DomainKind.PRIMARY), name="customer_has_one_primary_domain"
            ),
            models.UniqueConstraint(
                fields=["reseller"], condition=Q(kind=DomainKind.PRIMARY), name="reseller_has_one_primary_domain"
            ),
        ]
        indexes = [
            models.Index("name", name="domains_by_name"),
            # Who has verified a domain below another one: such names begin alike from behind.
            models.Index(
                Collate(Reverse("name"), "C"), name="domains_below_a_domain", condition=Q(verified_at__isnull=False)
            ),
            models.Index("look_due_at", name="domains_to_look_up", condition=Q(look_due_at__isnull=False)),
            models.Index("contested_at", name="contested_domains", condition=Q(contested_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def record_name(self) -> str:
        """Where the TXT record stands."""
        return f"{RECORD_LABEL}.{self.name}"

    @property
    def record_value(self) -> str:
        """What the TXT record says."""
        return f"{_VALUE}{self.value.hex}"

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def gives_addresses(self) -> bool:
        """Whether people and groups of the organisation get addresses there."""
        return self.holds and self.contested_at is None
