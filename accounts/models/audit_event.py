from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.database.json_field import JSONField
from accounts.models.event_names import EventName
from accounts.models.event_query import EventQuerySet
from accounts.models.targets import TargetKind


class ActorKind(models.TextChoices):
    """From where a person acts (A4)."""

    CUSTOMER = "customer", _("Your organisation")
    RESELLER = "reseller", _("Reseller")
    SUPPORT_PARTNER = "partner", _("Support partner")
    VENDOR = "vendor", _("Vendor")
    SYSTEM = "system", _("System")


# Who works in a console and does not belong to the customer (A4).
FROM_OUTSIDE = (ActorKind.RESELLER, ActorKind.SUPPORT_PARTNER, ActorKind.VENDOR)


def _by_time(*columns: str, name: str, given: Collection[str] = ()) -> models.Index:
    """An index of what has these columns, or those that are `given`, in the order of time."""
    return models.Index(
        *columns, "at", "id", name=name, condition=Q(**{f"{column}__isnull": False for column in given or columns})
    )


class AuditEvent(models.Model):
    """One event of the audit log (A2). Append only: triggers refuse UPDATE, DELETE and TRUNCATE.

    People and organisations are copied by name, so that a line says the same after they are gone.
    The only way to write one is accounts.audit.record_audit() or record_many().

    The table is partitioned by the month of `at` (accounts/database/partitions.py), so its primary key in the database
    is (id, at). Rows are read in the order of (at, id): a page or a period then touches the partitions it needs.
    """

    at = models.DateTimeField(db_default=Now())
    name = models.CharField(max_length=40, choices=EventName)
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    actor_id = models.BigIntegerField(null=True)
    actor_email = models.CharField(max_length=254, blank=True)
    actor_organisation = models.CharField(max_length=200, blank=True)
    # Whose agents see this line on the reseller's side (A4); no foreign key, so that nothing cascades here.
    actor_reseller_id = models.BigIntegerField(null=True)
    on_behalf_of = models.CharField(max_length=200, blank=True)
    # In whose console it happened; null for what happens at a reseller or the vendor.
    customer_id = models.BigIntegerField(null=True)
    # What the line is about, for the people who read it: a reseller, a subscription, a person.
    subject = models.CharField(max_length=300, blank=True)
    # The object that it is about, which its page and the filters find it by; no foreign key, since the object may go.
    # Empty where there is none, and in every event that a release without these columns has written.
    target_kind = models.CharField(max_length=12, choices=TargetKind, null=True)  # noqa: DJ001  as the id
    target_id = models.BigIntegerField(null=True)
    # The access change that this line belongs to, if any: one `requested` and one final line each.
    access_change_id = models.BigIntegerField(null=True)
    # The visit during which someone from outside did it, or which it is about (R23).
    console_session_id = models.BigIntegerField(null=True)
    # The activation during which it was done (R20).
    activation_id = models.BigIntegerField(null=True)
    # The service account with which a machine did it for the actor (X1), copied as they are. No release without these
    # columns lets machines do anything.
    client_id = models.BigIntegerField(null=True)
    client_name = models.CharField(max_length=100, null=True)  # noqa: DJ001  as the id
    old_value = JSONField(null=True)
    new_value = JSONField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    # Not stored here: the row that it is about, for those who are told of it (accounts/models/notices.py).
    about_id: int | None = None

    objects: ClassVar[models.Manager[AuditEvent]] = EventQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(name__in=EventName.values), name="event_name_is_known"),
            models.CheckConstraint(
                condition=Q(target_kind__isnull=True, target_id__isnull=True)
                | Q(target_kind__isnull=False, target_id__isnull=False),
                name="event_target_is_whole",
            ),
        ]
        # One for each filter of the log, in the order of its pages: the first page of a rare event costs what the first
        # page of a frequent one costs. Each leaves out the rows that its filter can never find.
        indexes = [
            _by_time("customer_id", name="events_of_customer"),
            _by_time("customer_id", "name", name="events_of_customer_named", given=["customer_id"]),
            _by_time("customer_id", "subject", name="events_of_customer_by_subject", given=["customer_id"]),
            _by_time("customer_id", "actor_email", name="events_of_customer_by_actor", given=["customer_id"]),
            _by_time("customer_id", "ip_address", name="events_of_customer_by_ip"),
            _by_time("customer_id", "actor_reseller_id", name="events_of_customer_by_reseller"),
            models.Index(
                "customer_id",
                "at",
                "id",
                name="events_from_outside",
                condition=Q(customer_id__isnull=False, actor_kind__in=FROM_OUTSIDE),
            ),
            _by_time("target_kind", "target_id", "customer_id", name="events_of_object", given=["target_id"]),
            _by_time("console_session_id", name="events_of_visit"),
            _by_time("activation_id", name="events_of_activation"),
            _by_time("actor_reseller_id", name="events_of_reseller"),
            _by_time("actor_reseller_id", "name", name="events_of_reseller_named", given=["actor_reseller_id"]),
            _by_time("actor_id", name="events_of_agent", given=["actor_reseller_id"]),
            # All organisations at once, for the vendor's operators.
            models.Index("at", "id", name="events_by_time"),
            models.Index("name", "at", "id", name="events_by_name"),
            models.Index("at", "id", name="events_of_vendor", condition=Q(actor_kind=ActorKind.VENDOR)),
            models.Index(
                "access_change_id", name="events_of_access_change", condition=Q(access_change_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.name}"


class EventOfChange(models.Model):
    """Which access change has which event: each of them once, however often a worker was killed.

    A trigger writes it with the event. Partitions cannot keep a rule of their own that spans all months.
    """

    access_change_id = models.BigIntegerField()
    name = models.CharField(max_length=40)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["access_change_id", "name"], name="change_has_each_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of access change {self.access_change_id}"
