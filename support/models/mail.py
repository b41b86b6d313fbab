from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from support.models.case import CaseEvent
from support.models.partner import SupportAssignment


class MailKind(models.TextChoices):
    """What a mail says; its words are templates in templates/support/mail/."""

    CASE_CHANGED = "case_changed"
    VERIFY_ASSIGNMENT = "verify_assignment"
    ASSIGNMENT_DECIDED = "assignment_decided"
    CARE_MIGRATION_ANNOUNCED = "care_migration_announced"
    CARE_MIGRATION_DONE = "care_migration_done"


class DropReason(models.TextChoices):
    """Why a mail will never be sent."""

    # At the moment of sending the recipient may not see what it is about, or it is settled (S7).
    NOT_FOR_THEM = "not_for_them"
    REFUSED = "refused"
    GAVE_UP = "gave_up"


class Mail(models.Model):
    """One mail to be sent by a worker: the row is the work, so a dead broker or mail server loses none.

    It holds no words and no secret: both are made at the moment of sending. See support/sending.py.
    """

    kind = models.CharField(max_length=30, choices=MailKind)
    recipient = models.ForeignKey(User, models.CASCADE, related_name="+")
    case_event = models.ForeignKey(CaseEvent, models.CASCADE, null=True, related_name="mails")
    assignment = models.ForeignKey(SupportAssignment, models.CASCADE, null=True, related_name="mails")
    queued_at = models.DateTimeField(db_default=Now())
    # While a worker sends it: when another one may try, should the first have died.
    next_attempt_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    dropped_because = models.CharField(max_length=20, choices=DropReason, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["case_event", "recipient"],
                condition=Q(case_event__isnull=False),
                name="one_mail_per_case_event_and_recipient",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(dropped_because=""), name="mail_is_sent_or_dropped_not_both"
            ),
        ]
        indexes = [
            models.Index("next_attempt_at", name="mail_to_send", condition=Q(sent_at__isnull=True, dropped_because="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"
