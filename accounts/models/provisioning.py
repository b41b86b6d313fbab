"""Provisioning (P15): the tokens with which programs keep an organisation's people and groups, and what they sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.models.directory import DirectoryGroup
from accounts.models.organisations import Customer, Reseller

TOKEN_NAME_MAX_LENGTH = 100
# RFC 7643 gives no length; identity providers send GUIDs and the like.
EXTERNAL_ID_MAX_LENGTH = 255


class ScimToken(models.Model):
    """What a program shows to change one organisation's people and groups over SCIM. Kept as a digest only.

    A name is used once in an organisation, also when its token is revoked: events say by it for ever who acted.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="scim_tokens")
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, blank=True, related_name="scim_tokens")
    name = models.CharField(_("name"), max_length=TOKEN_NAME_MAX_LENGTH)
    digest = models.CharField(max_length=64, unique=True)
    # P11: whether people whom it creates get a link to choose a password.
    invites_people = models.BooleanField(default=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    # The minute of its last request, and how many came in it.
    counted_since = models.DateTimeField(null=True, blank=True)
    counted = models.IntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False, reseller__isnull=True)
                | Q(customer__isnull=True, reseller__isnull=False),
                name="scim_token_belongs_to_exactly_one_organisation",
            ),
            models.UniqueConstraint("customer", Lower("name"), name="customer_names_a_scim_token_once"),
            models.UniqueConstraint("reseller", Lower("name"), name="reseller_names_a_scim_token_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def organisation(self) -> Customer | Reseller:
        """Whose people and groups it changes."""
        found = self.customer or self.reseller
        assert found is not None  # a constraint of the database
        return found


class Provisioned(models.Model):
    """What an identity provider says of a person or a group beside what the directory keeps of everybody."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="provisioned"
    )
    # Deleted with the group by the database too: the release before deletes groups and does not know this table.
    group = models.OneToOneField(
        DirectoryGroup, models.CASCADE, null=True, blank=True, related_name="provisioned", db_constraint=False
    )
    # The provider's own key. Once for the people, and once for the groups, of an organisation: its lock is held where
    # one is written (accounts/provisioning/recording.py).
    external_id = models.CharField(max_length=EXTERNAL_ID_MAX_LENGTH, blank=True)
    given_name = models.CharField(max_length=200, blank=True)
    family_name = models.CharField(max_length=200, blank=True)
    # When its admins were last told that the provider wants to take away their last one (P7).
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True) | Q(user__isnull=True, group__isnull=False),
                name="provisioned_is_a_person_or_a_group",
            )
        ]
        indexes = [models.Index("external_id", name="provisioned_by_external_id", condition=~Q(external_id=""))]

    def __str__(self) -> str:
        return self.external_id
