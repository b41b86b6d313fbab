from __future__ import annotations

import secrets

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Collate, Now, Reverse
from django.utils.translation import gettext_lazy as _

# No 0/O and 1/I/L: people read these out on the telephone.
PUBLIC_ID_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
PUBLIC_ID_LENGTH = 16


def new_public_id() -> str:
    """Return a reseller's public identifier: 16 characters, unguessable."""
    return "".join(secrets.choice(PUBLIC_ID_ALPHABET) for _ in range(PUBLIC_ID_LENGTH))


class Customer(models.Model):
    """The organisation that owns subscriptions and decides who else may work in its console."""

    name = models.CharField(_("name"), max_length=200)
    sort_name = models.CharField(max_length=400, editable=False, db_collation="C")
    primary_domain = models.CharField(_("primary domain"), max_length=253, unique=True)
    postal_address = models.TextField(_("postal address"), blank=True)
    phone_number = models.CharField(_("telephone number"), max_length=40, blank=True)
    # R15: whether an external user must say why they enter the console.
    asks_for_entry_reason = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        # The one right that django-guardian keeps: which agents and teams work for this customer.
        permissions = [("work_for_customer", "Can work for this customer")]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(primary_domain__regex=r"^[a-z0-9.-]+$"), name="customer_domain_is_canonical"
            )
        ]
        # Who holds a domain below another one (accounts/domain_holders.py): such names begin alike from behind.
        indexes = [models.Index(Collate(Reverse("primary_domain"), "C"), name="customers_below_a_domain")]

    def __str__(self) -> str:
        return self.name


class Reseller(models.Model):
    """The partner organisation that sold customers some or all of their subscriptions."""

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
        indexes = [models.Index(Collate(Reverse("primary_domain"), "C"), name="resellers_below_a_domain")]

    def __str__(self) -> str:
        return self.name
