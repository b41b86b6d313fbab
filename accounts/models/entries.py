"""Working in another organisation's console: who is inside, and who was told (R15)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.activations import Activation
from accounts.models.audit_event import AuditEvent
from accounts.models.machines import ServiceAccount
from accounts.models.notices import HowSoon
from accounts.models.organisations import Customer, Reseller


class EndReason(models.TextChoices):
    LEFT = "left", _("Left")
    ENDED_BY_ADMIN = "ended_by_admin", _("Ended by a super admin")
    # Noticed later: the access, the sign-in or the patience of the session was over.
    OVER = "over", _("Access or session over")


class ConsoleSession(models.Model):
    """An agent inside a customer's console, from entering it until the end (R15).

    It opens nothing: every request asks the database whether access is in force (R11). Whether it still lasts
    follows from this row, from the agent's browser session and from the access at the moment of the question.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="console_sessions")
    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="console_sessions")
    # After the move to the Customer Care Portal a support partner's people get in through its contract (S9).
    as_support_partner = models.BooleanField(default=False)
    ip_address = models.GenericIPAddressField(null=True)
    # Of a machine there is no browser: it says which account acts for the person (X4).
    session_key = models.CharField(max_length=40)
    client = models.ForeignKey(ServiceAccount, models.PROTECT, null=True, db_index=False, related_name="visits")
    # Names the window of access it began in (web.guards.window_of): another window is another session.
    window = models.CharField(max_length=64)
    # R20: what opened the console to this agent, where that was open only on request.
    activation = models.ForeignKey(Activation, models.PROTECT, null=True, db_index=False, related_name="visits")
    # P12: with which second factor they had signed in; empty: with none. An earlier release did not write it down.
    second_factor = models.CharField(max_length=13, blank=True, default="", db_default="unknown")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    case_number = models.CharField(_("case number"), max_length=40, blank=True)
    entered_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())
    seen_ago: timedelta  # by the database's clock, where it was asked for (accounts.console_sessions)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=14, choices=EndReason, blank=True)
    # R23: whether what was opened and changed stands with it; not for those that an earlier release let in.
    keeps_record = models.BooleanField(db_default=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "agent", "session_key"],
                condition=Q(ended_at__isnull=True),
                name="agent_is_in_a_console_once_per_browser",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
                name="ended_console_session_says_why",
            ),
        ]
        indexes = [
            models.Index("customer", "id", name="console_sessions_of_customer"),
            # Which of its customers' consoles a reseller has entered at all.
            models.Index("reseller", "customer", name="console_sessions_of_reseller"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} in {self.customer_id}"


class OpenedPage(models.Model):
    """What an external user opened during a visit: one row per visit and page, with its object and filter (R23).

    Written before the answer (web/opened.py), and never deleted.
    """

    console_session = models.ForeignKey(ConsoleSession, models.PROTECT, related_name="opened", db_index=False)
    # The name of its URL, and where it lies below the console's own.
    page = models.CharField(max_length=60)
    path = models.CharField(max_length=200)
    # What it was about as it was called then: like in the audit log, it says the same after that is gone.
    title = models.CharField(max_length=300, blank=True)
    # The query string without the place in a list; and its digest, since an index takes no long text.
    filter = models.TextField(blank=True)
    filter_digest = models.CharField(max_length=64)
    # How often, and how many rows of a list were shown by that in all; None: it is no list.
    times = models.PositiveIntegerField(default=1)
    rows = models.PositiveBigIntegerField(null=True)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["console_session", "path", "filter_digest"], name="visit_has_each_opened_page_once"
            )
        ]
        indexes = [models.Index("console_session", "id", name="opened_during_a_visit")]

    def __str__(self) -> str:
        return f"{self.path} in {self.console_session_id}"


class NotificationKind(models.TextChoices):
    CONSOLE_ENTERED = "console_entered", _("A console was entered")
    EVENT = "event", _("Something happened")
    REMINDER = "reminder", _("Something ends soon")


class Notification(models.Model):
    """What a person is told, until they have read it (R15, R25). Its words are made when it is shown or sent."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=20, choices=NotificationKind)
    console_session = models.ForeignKey(ConsoleSession, models.CASCADE, null=True, related_name="notifications")
    # R25: the event, the row that it is about, and as what the person is told of it (accounts/notices/told.py).
    event = models.ForeignKey(
        AuditEvent, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    about_id = models.BigIntegerField(null=True)
    audience = models.CharField(max_length=40, blank=True, db_default="")
    # Of a reminder: the end that it is about, how many days before it, and the names for its words.
    moment = models.DateTimeField(null=True)
    days_before = models.PositiveSmallIntegerField(null=True)
    said = models.JSONField(null=True)
    # How soon it goes out by mail, empty for not at all; and the mail that tells of it, once that is queued.
    mailing = models.CharField(max_length=8, choices=HowSoon, blank=True, db_default="")
    mail_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["recipient", "console_session"], name="person_is_told_of_an_entry_once"),
            models.UniqueConstraint(fields=["event", "recipient"], name="person_is_told_of_an_event_once"),
            models.UniqueConstraint(
                fields=["about_id", "moment", "days_before", "recipient"],
                condition=Q(kind=NotificationKind.REMINDER),
                name="person_is_reminded_of_an_end_once",
            ),
        ]
        indexes = [
            models.Index("recipient", "id", name="notifications_of_person"),
            models.Index("recipient", "id", name="unread_notifications", condition=Q(read_at__isnull=True)),
            models.Index("mail_id", name="notifications_of_a_mail", condition=Q(mail_id__isnull=False)),
            models.Index(
                "recipient",
                "created_at",
                name="notifications_for_a_digest",
                condition=Q(mailing=HowSoon.DAILY, mail_id__isnull=True, read_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient_id}"
