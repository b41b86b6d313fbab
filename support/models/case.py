from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Customer, Reseller, User
from accounts.models.targets import TargetKind
from support.models.partner import Service


class Priority(models.TextChoices):
    """How urgent a case is (S11)."""

    P0 = "P0", _("P0, critical: the service is unusable for everybody, and there is no way around it")
    P1 = "P1", _("P1, high: the service is severely impaired for many")
    P2 = "P2", _("P2, medium: part of the service is impaired, work goes on")
    P3 = "P3", _("P3, low: a small impairment or a question about use")
    P4 = "P4", _("P4, very low: a wish or a remark")


class State(models.TextChoices):
    """Where a case stands (S11)."""

    NEW = "NEW", _("New")
    IN_PROGRESS_GOOGLE_SUPPORT = "IN_PROGRESS_GOOGLE_SUPPORT", _("In progress at vendor support")
    ACTION_REQUIRED = "ACTION_REQUIRED", _("Waiting for your answer")
    SOLUTION_PROVIDED = "SOLUTION_PROVIDED", _("Solution provided")
    CLOSED = "CLOSED", pgettext_lazy("case", "Closed")


class EscalationReason(models.TextChoices):
    """Why a case was escalated (S11)."""

    RESOLUTION_TIME = "RESOLUTION_TIME", _("It takes too long")
    TECHNICAL_EXPERTISE = "TECHNICAL_EXPERTISE", _("It needs more technical expertise")
    BUSINESS_IMPACT = "BUSINESS_IMPACT", _("It affects our business more than expected")


class Case(models.Model):
    """One support request of a customer about one service (S11)."""

    target_kind = TargetKind.CASE

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="cases")
    service = models.CharField(max_length=20, choices=Service)
    category = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    description = models.TextField(max_length=20_000)
    priority = models.CharField(max_length=2, choices=Priority)
    state = models.CharField(max_length=30, choices=State, default=State.NEW)
    language = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=64)
    # Who filed it, and the organisation this person filed it for the customer from, if another (S6).
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    filed_by_reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, related_name="+")
    filed_at = models.DateTimeField(db_default=Now())
    # Filed to try something: no answer to it is ever due.
    test_case = models.BooleanField(default=False, db_default=False)
    # Whom its filer named to be written to; they get mail as subscribers do, or it is empty.
    contact_email = models.CharField(max_length=254, blank=True, default="", db_default="")
    # Vendor support's person who works on it.
    assignee = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    escalation_reason = models.CharField(max_length=24, choices=EscalationReason, blank=True)
    escalation_justification = models.TextField(max_length=2_000, blank=True)
    escalated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # 1 (bad) to 5 (good), and why; asked after closing.
    satisfaction = models.PositiveSmallIntegerField(null=True)
    satisfaction_comment = models.TextField(max_length=2_000, blank=True)
    updated_at = models.DateTimeField(db_default=Now())
    # S13, written by support/due.py: from when the time to the next answer runs, by when it is due (null: nothing is),
    # when vendor support first answered, and since when it waits for the customer.
    due_from = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, closed_at__isnull=False)
                | (~Q(state=State.CLOSED) & Q(closed_at__isnull=True)),
                name="closed_case_says_when",
            ),
            models.CheckConstraint(
                condition=Q(escalated_at__isnull=True, escalation_reason="")
                | (Q(escalated_at__isnull=False) & ~Q(escalation_reason="")),
                name="escalated_case_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="satisfaction_is_one_to_five",
            ),
        ]
        indexes = [
            models.Index("customer", "id", name="cases_of_a_customer"),
            models.Index("customer", "service", "id", name="cases_of_a_service"),
            models.Index("state", "priority", "id", name="queue_of_vendor_support", condition=~Q(state="CLOSED")),
            models.Index("due_at", "id", name="due_times_of_cases", condition=Q(due_at__isnull=False)),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="cases_by_part_of_title"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.title}"


class EventKind(models.TextChoices):
    """What can happen to a case; each is one line of its history and one mail to its subscribers."""

    FILED = "filed", _("Case filed")
    COMMENTED = "commented", _("Comment")
    STATE_CHANGED = "state_changed", _("Status changed")
    ASSIGNED = "assigned", _("Assigned at vendor support")
    PRIORITY_CHANGED = "priority_changed", _("Priority changed")
    TITLE_CHANGED = "title_changed", _("Title changed")
    ESCALATED = "escalated", _("Escalated")
    CLOSED = "closed", pgettext_lazy("case", "Closed")
    REOPENED = "reopened", _("Reopened")
    ATTACHED = "attached", _("File attached")
    RATED = "rated", _("Satisfaction given")
    SUBSCRIBERS_CHANGED = "subscribers_changed", _("Subscribers changed")


class CaseEvent(models.Model):
    """One line of a case's history: a comment, an answer, a change of state."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind)
    text = models.TextField(max_length=20_000, blank=True)
    old = models.CharField(max_length=200, blank=True)
    new = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_organisation = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        indexes = [models.Index("case", "id", name="history_of_a_case")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.kind}"


class Subscriber(models.Model):
    """An address that gets a mail on each change of a case, as long as its owner may see the case."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="subscribers")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="person_subscribes_to_a_case_once")]

    def __str__(self) -> str:
        return f"{self.person_id} to {self.case_id}"
