from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User

# Why a finding is snoozed, in characters.
REASON_MAX_LENGTH = 300


class FindingKind(models.TextChoices):
    """What can be wrong with the access that a customer gives, the most urgent first.

    What each says and what helps stands in access/remedies.py.
    """

    FAILED = "failed", _("A change failed")
    SUSPENDED = "suspended", _("Suspended reseller still allowed")
    ENDS_SOON = "ends_soon", _("Access ends soon")
    ONLY_ADMIN = "only_admin", _("Only one super admin")
    REVIEW = "review", _("Review with lines left")
    CONTRACT = "contract", _("Console opened by a contract")
    LONG_UNUSED = "long_unused", _("Not used for 90 days")
    WIDER = "wider", _("Wider than what was used")
    UNUSED = "unused", _("Not used for 30 days")
    NO_END = "no_end", _("Access without an end")


class FindingSnooze(models.Model):
    """A finding that a super admin does not want to see for now, with the reason.

    Findings themselves are stored nowhere (access/findings.py). A snooze is about one as long as its facts are those
    that were seen: another failure, or another level that would do, is another finding.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="finding_snoozes")
    kind = models.CharField(max_length=20, choices=FindingKind)
    # The box it is about, as forms name it; empty for the whole account.
    about = models.CharField(max_length=60, blank=True)
    # What it is about as it was called then, for the audit log.
    subject = models.CharField(max_length=300)
    facts = models.CharField(max_length=120)
    reason = models.CharField(max_length=REASON_MAX_LENGTH)
    # Null: until the facts are others.
    until = models.DateTimeField(null=True)
    snoozed_at = models.DateTimeField(db_default=Now())
    # Null: a person who is gone; their address stays.
    snoozed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    snoozed_by_email = models.CharField(max_length=254)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "about"], name="finding_is_snoozed_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="snooze_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about} of {self.customer_id}"
