from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

# The mail with which a new person comes to a password (P11).
INVITATION = "invitation"


class DropReason(models.TextChoices):
    """Why a mail will never be sent."""

    # At the moment of sending the recipient may not see what it is about, or it is settled (S7).
    NOT_FOR_THEM = "not_for_them"
    REFUSED = "refused"
    GAVE_UP = "gave_up"
    # It waited in a backup that was restored, and may have gone out since the backup was taken.
    RESTORED = "restored"


class Mail(models.Model):
    """One mail to be sent by a worker: the row is the work, so a dead broker or mail server loses none.

    It holds no words and no secret: both are made at the moment of sending, by the writer of its kind
    (settings.MAIL_WRITERS). See accounts/mail/sending.py.
    """

    kind = models.CharField(max_length=30)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # The id of the row it is about, in whatever table its writer reads: packages above this one have mail too.
    about_id = models.BigIntegerField(null=True)
    # Whether queueing the same mail again is nothing new: one for each kind, row and recipient.
    once = models.BooleanField(default=False)
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
                fields=["kind", "about_id", "recipient"],
                condition=Q(once=True),
                name="one_mail_per_event_and_recipient",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(dropped_because=""), name="mail_is_sent_or_dropped_not_both"
            ),
        ]
        indexes = [
            models.Index(
                "next_attempt_at", name="mails_to_send", condition=Q(sent_at__isnull=True, dropped_because="")
            ),
            # Those that an operator has to look at (reseller_console/metrics).
            models.Index("queued_at", name="mails_given_up", condition=Q(dropped_because=DropReason.GAVE_UP)),
            # Those of the last day, against the limit of P11.
            models.Index("queued_at", name="invitations_by_time", condition=Q(kind=INVITATION)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"
