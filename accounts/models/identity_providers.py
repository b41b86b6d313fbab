"""With which provider of its own an organisation signs its people in (P15)."""

from __future__ import annotations

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.organisations import Customer, Reseller

ISSUER_MAX_LENGTH: Final = 255
CLIENT_ID_MAX_LENGTH: Final = 255
# What the key of an organisation is made from: the same as long as the organisation is there.
_KEYS: Final = uuid.UUID("5f0e2f0c-6a3e-4c3e-9c52-3c6f1b6f8f55")


class IdentityProvider(models.Model):
    """The OpenID Connect provider of one customer or one reseller.

    It signs in people of this organisation alone, with addresses at its verified domains, while it is switched on.
    """

    # Foreign keys of the database (0040), which delete along: a release that does not know this table can do so too.
    customer = models.OneToOneField(
        Customer, models.CASCADE, null=True, blank=True, related_name="identity_provider", db_constraint=False
    )
    reseller = models.OneToOneField(
        Reseller, models.CASCADE, null=True, blank=True, related_name="identity_provider", db_constraint=False
    )
    issuer = models.CharField(_("issuer"), max_length=ISSUER_MAX_LENGTH)
    client_id = models.CharField(_("client ID"), max_length=CLIENT_ID_MAX_LENGTH)
    # Encrypted (accounts/encrypting.py).
    secret = models.TextField(editable=False)
    # Another one with each change of the above: a sign-in or a test that began before it counts for nothing.
    version = models.UUIDField(default=uuid.uuid4)
    saved_at = models.DateTimeField(db_default=Now())
    # The test sign-in with these values, and whose it was.
    tested_at = models.DateTimeField(null=True, blank=True)
    tested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    switched_on_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False, reseller__isnull=True)
                | Q(customer__isnull=True, reseller__isnull=False),
                name="provider_belongs_to_one_organisation",
            ),
            models.CheckConstraint(
                condition=Q(switched_on_at__isnull=True) | Q(tested_at__isnull=False),
                name="provider_is_tested_before_it_is_on",
            ),
        ]

    def __str__(self) -> str:
        return self.issuer

    @property
    def is_on(self) -> bool:
        return self.switched_on_at is not None

    @property
    def key(self) -> str:
        """The key of the organisation it belongs to, under which identities are kept apart."""
        return key_of(self.customer_id, self.reseller_id)


def key_of(customer_id: int | None, reseller_id: int | None) -> str:
    """Return what stands for an organisation in the URL that its provider leads back to, and beside its identities.

    Each has a URL of its own, so that no provider can pass an answer on in the name of another's.
    """
    return str(uuid.uuid5(_KEYS, f"customer {customer_id}" if customer_id else f"reseller {reseller_id}"))
