from __future__ import annotations

import secrets
from enum import Enum
from typing import Final

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Collate, Now, Reverse
from django.utils.translation import gettext_lazy as _

from accounts.models.public_ids import random_customer_id, random_organisation_number
from accounts.models.targets import TargetKind

# No 0/O and 1/I/L: people read these out on the telephone.
PUBLIC_ID_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
PUBLIC_ID_LENGTH = 16


def new_public_id() -> str:
    """Return a reseller's public identifier: 16 characters, unguessable."""
    return "".join(secrets.choice(PUBLIC_ID_ALPHABET) for _ in range(PUBLIC_ID_LENGTH))


class Customer(models.Model):
    """The organisation that owns subscriptions and decides who else may work in its console."""

    target_kind = TargetKind.CUSTOMER

    # What the API calls it: "C" and 8 letters and digits, and the organisation's number at the Support API.
    customer_id = models.CharField(max_length=9, db_default=random_customer_id(), editable=False)
    organization_number = models.BigIntegerField(db_default=random_organisation_number(), editable=False)
    name = models.CharField(_("name"), max_length=200)
    sort_name = models.CharField(max_length=400, editable=False, db_collation="C")
    primary_domain = models.CharField(_("primary domain"), max_length=253, unique=True)
    postal_address = models.TextField(_("postal address"), blank=True)
    phone_number = models.CharField(_("telephone number"), max_length=40, blank=True)
    # How it is reached beside the console, and its address in parts, which the API asks for: `postal_address` is the
    # same as it stands on a letter.
    alternate_email = models.EmailField(
        _("alternate e-mail address"), max_length=254, blank=True, default="", db_default=""
    )
    contact_name = models.CharField(_("contact"), max_length=200, blank=True, default="", db_default="")
    address_line1 = models.CharField(_("address line 1"), max_length=200, blank=True, default="", db_default="")
    address_line2 = models.CharField(_("address line 2"), max_length=200, blank=True, default="", db_default="")
    address_line3 = models.CharField(_("address line 3"), max_length=200, blank=True, default="", db_default="")
    locality = models.CharField(_("city"), max_length=100, blank=True, default="", db_default="")
    region = models.CharField(_("region"), max_length=100, blank=True, default="", db_default="")
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True, default="", db_default="")
    country_code = models.CharField(_("country"), max_length=2, blank=True, default="", db_default="")
    # R15: whether an external user must say why they enter the console.
    asks_for_entry_reason = models.BooleanField(default=False)
    # P12: whether one may be inside only with a second factor.
    asks_for_second_factor = models.BooleanField(default=False, db_default=False)
    # X2: whether a reseller's machines may work in this console, where its people may.
    admits_machines = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now())
    # P7, R14: the reseller that registered it without people, and may make its first super admin; null from then on.
    registered_by = models.ForeignKey(
        "Reseller", models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    class Meta:
        # The one right that django-guardian keeps: which agents and teams work for this customer.
        permissions = [("work_for_customer", "Can work for this customer")]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(primary_domain__regex=r"^[a-z0-9.-]+$"), name="customer_domain_is_canonical"
            ),
            models.UniqueConstraint(fields=["customer_id"], name="customer_has_an_id"),
            models.UniqueConstraint(fields=["organization_number"], name="customer_has_a_number"),
        ]
        # Who holds a domain below another one (accounts/domain_holders.py): such names begin alike from behind.
        indexes = [
            models.Index(Collate(Reverse("primary_domain"), "C"), name="customers_below_a_domain"),
            # The vendor's search: by how a name begins and in the order of names, and by a part of name or domain.
            models.Index("sort_name", "id", name="customers_by_name"),
            GinIndex(
                fields=["sort_name", "primary_domain"],
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
                name="customers_by_part_of_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Reseller(models.Model):
    """The partner organisation that sold customers some or all of their subscriptions."""

    target_kind = TargetKind.RESELLER

    name = models.CharField(_("name"), max_length=200)
    sort_name = models.CharField(max_length=400, editable=False, db_collation="C")
    primary_domain = models.CharField(_("primary domain"), max_length=253, unique=True)
    public_id = models.CharField(
        max_length=PUBLIC_ID_LENGTH,
        unique=True,
        default=new_public_id,
        validators=[RegexValidator(rf"^[{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}}$")],
    )
    postal_address = models.TextField(_("postal address"), blank=True)
    # R13: from this moment on nobody of this reseller has access anywhere.
    suspended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(primary_domain__regex=r"^[a-z0-9.-]+$"), name="reseller_domain_is_canonical"
            )
        ]
        indexes = [
            models.Index(Collate(Reverse("primary_domain"), "C"), name="resellers_below_a_domain"),
            models.Index("sort_name", "id", name="resellers_by_name"),
            models.Index("sort_name", "id", name="suspended_resellers", condition=models.Q(suspended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class Vendor(Enum):
    """The vendor is an organisation too, the only one of its kind, and so without a row."""

    VENDOR = "vendor"


VENDOR: Final = Vendor.VENDOR
Organisation = Customer | Reseller | Vendor
