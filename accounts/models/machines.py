"""Service accounts (X2): the machines of an organisation, their keys, and the tokens with which they call the API."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.models.organisations import VENDOR, Customer, Organisation, Reseller
from accounts.models.targets import TargetKind

ACCOUNT_NAME_MAX_LENGTH = 100
# X2: how long a key works at most; X3: and a token.
KEY_LASTS_AT_MOST = timedelta(days=365)
TOKEN_LASTS_AT_MOST = timedelta(hours=1)
_UNIQUE_ID_DIGITS = 21


def new_unique_id() -> str:
    """Return the number by which clients know an account for ever: 21 digits, as the original's have."""
    lowest = 10 ** (_UNIQUE_ID_DIGITS - 1)
    return str(lowest + secrets.randbelow(9 * lowest))


class ServiceAccount(models.Model):
    """A machine's identity that belongs to an organisation (X2). It acts for people of that organisation alone.

    scopes: what was delegated to it. A token never opens more, whatever was asked for when it was made.
    oauth_client: how an application is known that people allow to act for them (X7); it has no keys, and where this is
    empty it is a service account proper.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="service_accounts")
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, blank=True, related_name="service_accounts")
    is_vendor = models.BooleanField(default=False)
    name = models.CharField(_("name"), max_length=ACCOUNT_NAME_MAX_LENGTH)
    # Looks like an address, and receives no mail: <account>@<project>.iam.… (accounts/machines/naming.py).
    email = models.CharField(max_length=254, unique=True)
    unique_id = models.CharField(max_length=_UNIQUE_ID_DIGITS, unique=True, default=new_unique_id)
    scopes = models.JSONField(default=list)
    oauth_client = models.OneToOneField(
        "allauth_idp_oidc.Client", models.PROTECT, null=True, blank=True, related_name="application"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    suspended_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # To the minute: most calls do not write it.
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False, reseller__isnull=True, is_vendor=False)
                | Q(customer__isnull=True, reseller__isnull=False, is_vendor=False)
                | Q(customer__isnull=True, reseller__isnull=True, is_vendor=True),
                name="service_account_belongs_to_exactly_one_organisation",
            ),
            # Also of one that was deleted: events say by its name for ever who acted.
            models.UniqueConstraint("customer", Lower("name"), name="customer_names_a_service_account_once"),
            models.UniqueConstraint("reseller", Lower("name"), name="reseller_names_a_service_account_once"),
            models.UniqueConstraint(
                Lower("name"), condition=Q(is_vendor=True), name="vendor_names_a_service_account_once"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def target_kind(self) -> TargetKind:
        """As what events are about it."""
        return TargetKind.APPLICATION if self.oauth_client_id else TargetKind.SERVICE_ACCOUNT

    @property
    def organisation(self) -> Organisation:
        """Whose machine it is."""
        return self.customer or self.reseller or VENDOR

    @property
    def project_id(self) -> str:
        """What a key's file calls the project: the part of the address that all accounts of an organisation share."""
        return self.email.partition("@")[2].partition(".")[0]


class ServiceAccountKey(models.Model):
    """A key of a service account: its public half, in a certificate. The private half was shown once (X2)."""

    account = models.ForeignKey(ServiceAccount, models.PROTECT, related_name="keys")
    kid = models.CharField(max_length=40, unique=True)
    # X.509 in PEM, signed by the key itself: clients ask for it in this form.
    certificate = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("made_at") + KEY_LASTS_AT_MOST), name="key_ends_within_a_year"
            )
        ]

    def __str__(self) -> str:
        return self.kid


class ApiToken(models.Model):
    """What a machine shows with each call. Opaque, kept as a digest, and asked for in the database each time (X3).

    key: whose assertion it was given for; it ends with that key. consent: the same of a person who allowed an
    application to act for them. person: for whom it acts; none: for itself alone.
    """

    digest = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(ServiceAccount, models.PROTECT, related_name="tokens")
    key = models.ForeignKey(ServiceAccountKey, models.PROTECT, null=True, related_name="tokens")
    consent = models.ForeignKey("accounts.Consent", models.CASCADE, null=True, related_name="tokens")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("made_at") + TOKEN_LASTS_AT_MOST), name="api_token_ends_within_an_hour"
            )
        ]
        # Those that are over are deleted.
        indexes = [models.Index("expires_at", name="api_tokens_by_end")]

    def __str__(self) -> str:
        return f"of {self.account_id}"


class KeptOutMachine(models.Model):
    """A machine of a reseller that a customer has put out of its console until it lets it in again (X2, R22)."""

    # Foreign keys of the database (0059), which delete along: a release that does not know this table does so too.
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="kept_out_machines", db_index=False, db_constraint=False
    )
    account = models.ForeignKey(ServiceAccount, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["customer", "account"], name="machine_is_kept_out_once")]

    def __str__(self) -> str:
        return f"{self.account_id} out of {self.customer_id}"
