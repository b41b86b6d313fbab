from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Reseller, User
from accounts.models.targets import TargetKind


class Service(models.TextChoices):
    """The services that can have a support partner (S1)."""

    GOOGLE_WORKSPACE = "google_workspace", "Google Workspace"
    GOOGLE_CLOUD = "google_cloud", "Google Cloud"
    CHROME_ENTERPRISE = "chrome_enterprise", "Chrome Enterprise"
    GOOGLE_VOICE = "google_voice", "Google Voice"


class AssignmentStatus(models.TextChoices):
    """The life of an assignment (S8): pending, then active, then removed; or pending, then one of the others."""

    PENDING = "pending", _("Waiting for the verifier")
    ACTIVE = "active", _("Active")
    REMOVED = "removed", _("Removed")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


LIVE = (AssignmentStatus.PENDING, AssignmentStatus.ACTIVE)


class SupportAssignment(models.Model):
    """A reseller may handle support for one of the customer's services (S2, S8).

    In the Support Center each service has at most one live assignment; in the Customer Care Portal (S9)
    the same rows are its contracts, and there may be several per service.
    """

    target_kind = TargetKind.PARTNER

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="support_assignments")
    service = models.CharField(max_length=20, choices=Service)
    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="support_assignments")
    # Who confirms at the reseller; null for a contract made in the Customer Care Portal, which needs nobody's.
    verifier = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=9, choices=AssignmentStatus)
    in_care_portal = models.BooleanField(default=False)

    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now())
    # A pending request that is past this moment is over, whether or not anybody settled it (S8).
    expires_at = models.DateTimeField(null=True)
    # SHA-256 of the single-use token in the verifier's mail (S4); null once it was used or is of no use.
    token_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001  null: no token
    mails_sent = models.PositiveSmallIntegerField(default=0)
    active_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "service"],
                condition=Q(status__in=LIVE, in_care_portal=False),
                name="one_live_partner_per_service_in_the_support_center",
            ),
            models.UniqueConstraint(
                fields=["customer", "service", "reseller"],
                condition=Q(status__in=LIVE),
                name="one_live_assignment_per_service_and_partner",
            ),
            models.CheckConstraint(
                condition=~Q(status=AssignmentStatus.PENDING)
                | Q(expires_at__isnull=False, verifier__isnull=False, in_care_portal=False),
                name="pending_assignment_has_a_verifier_and_an_end",
            ),
            models.CheckConstraint(
                condition=Q(status=AssignmentStatus.PENDING) | Q(token_hash__isnull=True),
                name="only_pending_assignments_have_a_token",
            ),
            models.CheckConstraint(
                condition=Q(status__in=LIVE, ended_at__isnull=True) | (~Q(status__in=LIVE) & Q(ended_at__isnull=False)),
                name="ended_assignment_says_when",
            ),
        ]
        indexes = [models.Index("reseller", "customer", "service", name="live_partners", condition=Q(status__in=LIVE))]

    def __str__(self) -> str:
        return f"{self.get_service_display()}: {self.reseller_id} for {self.customer_id}"


class LookUp(models.Model):
    """One look-up of a verifier's address: counted against the limits of S10, whatever its answer was."""

    looked_up_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index("at", name="look_ups_of_all"),
            models.Index("looked_up_by", "at", name="look_ups_of_one_admin"),
        ]

    def __str__(self) -> str:
        return f"{self.looked_up_by_id} at {self.at}"
