"""Two people decide together (R21): what a customer demands it for, what waits, and who was a super admin before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.organisations import Customer
from accounts.models.targets import TargetKind


class Demand(models.TextChoices):
    """What a customer can demand a second super admin for. That rule itself is among them, wherever one of these is."""

    ACCESS = "access", _("Full reseller access, or reseller access without an end")
    SUPER_ADMINS = "super_admins", _("Making a super admin")
    TRANSFER_TOKENS = "transfer_tokens", _("Transfer tokens")


class ProposalKind(models.TextChoices):
    """What a proposal would do. Each is carried out by its package (settings.PROPOSAL_KINDS)."""

    ACCESS = "access", _("Reseller access")
    ANSWER = "answer", _("Approval of a request for access")
    SUPER_ADMIN = "super_admin", _("New super admin")
    TRANSFER_TOKEN = "transfer_token", _("Transfer token")
    RULE = "rule", _("Decisions that need two people")
    LOST_FACTOR = "lost_factor", _("Reset of a lost second factor")


class ProposalStatus(models.TextChoices):
    """The life of a proposal: it waits, then one of the others."""

    WAITING = "waiting", _("Waiting for another super admin")
    APPROVED = "approved", pgettext_lazy("proposal", "Approved")
    EMERGENCY = "emergency", _("Decided alone in an emergency")
    REJECTED = "rejected", pgettext_lazy("proposal", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("proposal", "Withdrawn")
    EXPIRED = "expired", pgettext_lazy("proposal", "Expired")
    # Its author is no super admin any more.
    LAPSED = "lapsed", _("Ended: its author is no longer a super admin")
    # R6: what it is about was changed meanwhile.
    OVERTAKEN = "overtaken", _("Overtaken by another change")


class TwoPeople(models.Model):
    """What a customer demands a second super admin for; no row: nothing."""

    customer = models.OneToOneField(Customer, models.PROTECT, primary_key=True, related_name="two_people")
    access = models.BooleanField(default=False)
    super_admins = models.BooleanField(default=False)
    transfer_tokens = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"two people of {self.customer_id}"


class Proposal(models.Model):
    """What one super admin saved, and waits for another. Whether it still does is asked of the clock and the roles."""

    target_kind = TargetKind.PROPOSAL

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="proposals", db_index=False)
    kind = models.CharField(max_length=14, choices=ProposalKind)
    # What was saved, as plain values that its kind reads.
    said = models.JSONField()
    # What it is about, in words a reader knows: resellers, an address.
    subject = models.CharField(max_length=300, blank=True)
    # Null: a person who is gone; their address stays.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author_email = models.CharField(max_length=254)
    made_at = models.DateTimeField()
    # One that waits and is past this moment is over, whether or not that was written down.
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=ProposalStatus, default=ProposalStatus.WAITING)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answered_by_email = models.CharField(max_length=254, blank=True)
    answered_at = models.DateTimeField(null=True)
    # The reason of a rejection or an emergency, or what overtook it.
    answer = models.TextField(blank=True)
    status_now: str  # as the clock and the roles have it, where it was asked for (accounts/two_people/reading.py)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ProposalStatus.WAITING, answered_at__isnull=True)
                | (~Q(status=ProposalStatus.WAITING) & Q(answered_at__isnull=False)),
                name="settled_proposal_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[ProposalStatus.REJECTED, ProposalStatus.EMERGENCY]) | ~Q(answer=""),
                name="rejection_and_emergency_have_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status=ProposalStatus.APPROVED)
                | Q(author__isnull=True)
                | Q(answered_by__isnull=True)
                | ~Q(author=models.F("answered_by")),
                name="nobody_approves_their_own_proposal",
            ),
        ]
        indexes = [models.Index("customer", "id", name="proposals_of_a_customer")]

    def __str__(self) -> str:
        return f"proposal {self.pk} of {self.customer_id}: {self.kind}"

    @property
    def status_label(self) -> str:
        """The status as the clock and the roles have it, in words."""
        return str(ProposalStatus(self.status_now).label)


class PastSuperAdmin(models.Model):
    """A person is no active super admin any more: for 72 hours they hear of what is decided alone (R21)."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        indexes = [models.Index("customer", "ended_at", name="past_super_admins")]

    def __str__(self) -> str:
        return f"{self.person_id} until {self.ended_at}"
