"""Work on many rows at once that a worker does: the rows are the work, the queue and the result in one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.entries import ConsoleSession
from accounts.models.organisations import Customer, Reseller
from accounts.models.targets import TargetKind


class JobKind(models.TextChoices):
    IMPORT_USERS = "import_users", _("Users from a CSV file")
    CHANGE_USERS = "change_users", _("Change of several users")
    IMPORT_DEVICES = "import_devices", _("Devices from a CSV file")
    CHANGE_DEVICES = "change_devices", _("Change of several devices")
    CHANGE_GROUPS = "change_groups", _("Change of several groups")
    CHANGE_CUSTOMERS = "change_customers", _("Change of several customers")


class BulkAction(models.TextChoices):
    """What can be done with several rows at once; with which is said by the files in jobs/kinds/."""

    SUSPEND = "suspend", _("Suspend")
    RESTORE = "restore", _("Restore")
    MOVE = "move", _("Move to an organisational unit")
    DELETE = "delete", _("Delete")
    ASSIGN_LICENCES = "assign_licences", _("Assign licences")
    UNASSIGN_LICENCES = "unassign_licences", _("Revoke licences")
    ADD_TO_GROUP = "add_to_group", _("Add to a group")
    REMOVE_FROM_GROUP = "remove_from_group", _("Remove from a group")
    PASSWORD_MAIL = "password_mail", _("Send the link to choose a password")
    APPROVE = "approve", _("Approve")
    BLOCK = "block", _("Block")
    REMOVE = "remove", _("Remove")
    ADD_PEOPLE = "add_people", _("Add people")
    ASK_ACCESS = "ask_access", _("Ask for access")
    CHANGE_SEATS = "change_seats", _("Change seats")
    CHANGE_RENEWAL = "change_renewal", _("Change the renewal")
    ASSIGN_STAFF = "assign_staff", _("Assign staff")


class JobStatus(models.TextChoices):
    """Where a job is. A file is checked before anything is written, and waits for the person to confirm."""

    CHECKING = "checking", _("Being checked")
    READY = "ready", _("Waiting for confirmation")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    # By a person, or because the one who asked for it may not do it any more (P8, R13).
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Failed")


UNSETTLED = (JobStatus.CHECKING, JobStatus.QUEUED, JobStatus.RUNNING)


class Job(models.Model):
    """One request to change many rows: of one customer in its console, or of one reseller on its own pages."""

    target_kind = TargetKind.JOB

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="jobs")
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, related_name="jobs")
    kind = models.CharField(max_length=20, choices=JobKind)
    status = models.CharField(max_length=8, choices=JobStatus)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ip_address = models.GenericIPAddressField(null=True)
    # R15: the visit in which an external user asked for it; the work ends when the customer ends that.
    console_session = models.ForeignKey(ConsoleSession, models.PROTECT, null=True, related_name="+")
    # What to do with each line, JSON; for a file also how it was named.
    arguments = models.JSONField(default=dict)
    # The uploaded text until it is checked, then empty.
    upload = models.TextField(blank=True)
    # Lines in all, and how many of them have an outcome.
    total = models.PositiveIntegerField(default=0)
    settled = models.PositiveIntegerField(default=0)
    requested_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    # Why it stopped or failed, for the person who asked for it.
    message = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(settled__lte=F("total")), name="job_settles_no_more_than_its_lines"),
            models.CheckConstraint(
                condition=Q(customer__isnull=False, reseller__isnull=True)
                | Q(customer__isnull=True, reseller__isnull=False),
                name="job_belongs_to_a_customer_or_a_reseller",
            ),
        ]
        indexes = [
            models.Index("next_attempt_at", name="jobs_to_do", condition=Q(status__in=UNSETTLED)),
            # Of our own fault: a file that is refused was never tried twice.
            models.Index("finished_at", name="jobs_failed", condition=Q(status=JobStatus.FAILED, attempts__gt=0)),
            models.Index("customer", "id", name="jobs_of_customer"),
            models.Index("reseller", "id", name="jobs_of_reseller", condition=Q(reseller__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def console(self) -> Customer:
        """The customer in whose console it works; a reseller's own jobs have none."""
        assert self.customer is not None
        return self.customer


class LineOutcome(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    UNCHANGED = "unchanged", _("Nothing to do")
    REFUSED = "refused", _("Failed")


class JobLine(models.Model):
    """One line of a job: a line of a file, or one of the people chosen."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="lines")
    # The number of the line as a person counts it in the file.
    number = models.PositiveIntegerField()
    data = models.JSONField(default=dict)
    outcome = models.CharField(max_length=9, choices=LineOutcome, default=LineOutcome.WAITING)
    # What is wrong with it and what is allowed instead, for the person who sent it.
    message = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="job_has_each_line_once")]
        indexes = [
            models.Index("job", "number", name="job_lines_refused", condition=Q(outcome=LineOutcome.REFUSED)),
            models.Index("job", "number", name="job_lines_waiting", condition=Q(outcome=LineOutcome.WAITING)),
        ]

    def __str__(self) -> str:
        return f"line {self.number} of job {self.job_id}"
