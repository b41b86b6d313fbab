"""The hours in which one agent is inside a console that is open only on request (R20)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.organisations import Customer, Reseller


class Approval(models.TextChoices):
    """Who approves an activation, as the customer chose."""

    AT_ONCE = "at_once", _("Nobody: it begins at once")
    RESELLER = "reseller", _("Another reseller admin of their organisation")
    CUSTOMER = "customer", _("A super admin of yours")


class ActivationStatus(models.TextChoices):
    """What was decided about an activation. Whether it is running is compared with the clock."""

    WAITING = "waiting", _("Waiting for approval")
    BEGUN = "begun", _("Activated")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    # Written where a new one is asked for; until then the clock says it.
    EXPIRED = "expired", _("Expired")


class ActivationEnd(models.TextChoices):
    """Who ended an activation before its time."""

    AGENT = "agent", _("Ended by the agent")
    RESELLER = "reseller", _("Ended by the reseller")
    CUSTOMER = "customer", _("Ended by the customer")
    # P4, P8: the agent was suspended, lost a role, or works for the customer no more; or the reseller was suspended.
    WORK_ENDED = "work_ended", _("The agent no longer works for the customer")
    # What a backup says was running is not (decision 22).
    RESTORED = "restored", _("A backup was restored")


class Activation(models.Model):
    """An agent's request for hours inside a console, its answer, and the hours (R20).

    It counts while `effective_from <= now() < effective_until` by the database's clock, and only in the window of the
    grant in which it was made: `window_began` is where that began. Nothing here opens more than the grant's level.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="activations", db_index=False)
    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="activations")
    # The one that this one gives more time to; its number is that of all of them.
    first = models.ForeignKey("self", models.PROTECT, null=True, related_name="more")
    window_began = models.DateTimeField()
    reason = models.CharField(_("reason"), max_length=300)
    case_number = models.CharField(_("case number"), max_length=40, blank=True)
    lasts = models.DurationField()
    approval = models.CharField(max_length=8, choices=Approval)

    status = models.CharField(max_length=10, choices=ActivationStatus)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by_email = models.CharField(max_length=254, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    effective_from = models.DateTimeField(null=True)
    effective_until = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=10, choices=ActivationEnd, blank=True)
    ended_by_email = models.CharField(max_length=254, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "agent"],
                condition=Q(status=ActivationStatus.WAITING),
                name="agent_waits_for_one_activation_per_customer",
            ),
            models.CheckConstraint(
                condition=Q(status=ActivationStatus.BEGUN, effective_from__isnull=False, effective_until__isnull=False)
                | (~Q(status=ActivationStatus.BEGUN) & Q(effective_from__isnull=True, effective_until__isnull=True)),
                name="begun_activation_has_its_hours",
            ),
            models.CheckConstraint(
                condition=Q(effective_until__isnull=True) | Q(effective_until__gte=F("effective_from")),
                name="activation_ends_after_it_begins",
            ),
        ]
        indexes = [
            # The check of every request asks for it.
            models.Index("customer", "agent", "effective_until", name="activations_of_an_agent"),
            models.Index("customer", "id", name="activations_at_a_customer"),
        ]

    def __str__(self) -> str:
        return f"activation {self.number} of {self.agent_id} in {self.customer_id}"

    @property
    def number(self) -> int:
        """The number that stands with each deed, the same where time was added (R20)."""
        return self.first_id or self.pk
