from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Customer, Reseller, User
from accounts.models.targets import TargetKind
from subscriptions.models.catalogue import Sku
from subscriptions.models.change import AccessChange
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from subscriptions.models.subscription import Subscription

# What a request says of itself, and its answer, in characters.
TEXT_MAX_LENGTH = 2_000


class RequestStatus(models.TextChoices):
    """The life of an access request (R17): pending, then one of the others."""

    PENDING = "pending", _("Waiting for an answer")
    APPROVED = "approved", pgettext_lazy("access request", "Approved")
    REJECTED = "rejected", pgettext_lazy("access request", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("access request", "Withdrawn")
    EXPIRED = "expired", pgettext_lazy("access request", "Expired")


class RequestMail(models.TextChoices):
    """The mails about access requests: to super admins, to the one it was handed to, to the person who asked."""

    ASKED = "access_requested"
    HANDED_ON = "access_request_handed_on"
    ANSWERED = "access_request_answered"


class AccessRequest(models.Model):
    """A reseller asks a customer for access to its console, and the customer's answer (R17).

    It opens nothing: what is approved is saved as access changes, like everything on the page *Reseller access*.
    """

    target_kind = TargetKind.REQUEST

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="access_requests")
    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="access_requests")
    # Null: a person who is gone; their address stays.
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_by_email = models.CharField(max_length=254)
    level = models.CharField(max_length=12, choices=Level)
    # From when the approved access is due on; null: without an end (R16).
    lasts = models.DurationField(null=True)
    # R3: a reseller is not told what a customer bought from the vendor, so it asks by product.
    skus = models.ManyToManyField(Sku, related_name="+")
    reason = models.TextField(max_length=TEXT_MAX_LENGTH)
    asked_at = models.DateTimeField()
    # A pending request that is past this moment is over, whether or not that was written down.
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=RequestStatus, default=RequestStatus.PENDING)

    # R17: one super admin passed it on to another, who was told; everybody else may still answer.
    handed_to = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    handed_at = models.DateTimeField(null=True)

    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    answered_by_email = models.CharField(max_length=254, blank=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    # What was approved: as asked, or narrower.
    given_level = models.CharField(max_length=12, choices=Level, blank=True)
    given_standing = models.CharField(max_length=8, choices=Standing, blank=True, db_default="")
    given_lasts = models.DurationField(null=True)
    given_subscriptions = models.ManyToManyField(Subscription, related_name="+")
    changes = models.ManyToManyField(AccessChange, related_name="+")
    status_now: str  # as the clock has it, where it was asked for (access/requests.py)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "reseller"],
                condition=Q(status=RequestStatus.PENDING),
                name="one_pending_request_per_reseller_and_customer",
            ),
            models.CheckConstraint(
                condition=Q(status=RequestStatus.PENDING, answered_at__isnull=True)
                | (~Q(status=RequestStatus.PENDING) & Q(answered_at__isnull=False)),
                name="settled_request_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.REJECTED) | ~Q(answer=""), name="rejected_request_has_a_reason"
            ),
            models.CheckConstraint(
                condition=(Q(status=RequestStatus.APPROVED) & ~Q(given_level=""))
                | (~Q(status=RequestStatus.APPROVED) & Q(given_level="", given_lasts__isnull=True)),
                name="only_approved_request_says_what_was_given",
            ),
            models.CheckConstraint(
                condition=Q(lasts__isnull=True) | Q(lasts__gt=timedelta(0)), name="request_is_for_some_time"
            ),
        ]
        indexes = [
            models.Index("customer", "id", name="requests_to_a_customer"),
            models.Index("reseller", "customer", "id", name="requests_of_a_reseller"),
        ]

    def __str__(self) -> str:
        return f"request {self.pk} of reseller {self.reseller_id} to {self.customer_id}"

    @property
    def status_label(self) -> str:
        """The status as the clock has it, in words."""
        return str(RequestStatus(self.status_now).label)
