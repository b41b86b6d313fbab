"""Programs of an organisation are told of its events: where to, and what waits to be sent or was sent (X6)."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.organisations import Customer, Reseller

ENDPOINT_NAME_MAX_LENGTH: Final = 100
URL_MAX_LENGTH: Final = 500
# Characters of an answer that are kept: enough to read why a message was not taken.
ANSWER_MAX_LENGTH: Final = 500
# The endpoints that admins make on the page. Those of other kinds are made by the package that queues for them.
WEBHOOK: Final = "webhook"
# Those of channels of the Reports API: they hear of events too, and their messages are of this kind.
ACTIVITY: Final = "activity"


class PausedBecause(models.TextChoices):
    """Why nothing is sent to an endpoint."""

    ADMIN = "admin", _("An admin paused it")
    FAILING = "failing", _("It took no message for three days")
    GONE = "gone", _("It answered that it is gone")
    RESTORED = "restored", _("A backup was restored")


class Outcome(models.TextChoices):
    """What became of a delivery; empty while it waits."""

    DELIVERED = "delivered", pgettext_lazy("delivery", "Delivered")
    GAVE_UP = "gave_up", pgettext_lazy("delivery", "Given up")
    # At the moment of sending the organisation may not hear of it any more.
    NOT_FOR_THEM = "not_for_them", pgettext_lazy("delivery", "Not sent: access has ended")


class Trouble(models.TextChoices):
    """Why a try came to no answer at all."""

    LATE = "late", _("no answer in time")
    NO_HOST = "no_host", _("the host does not exist")
    NO_NAME_SERVER = "no_name_server", _("no name server answered")
    NOT_PERMITTED = "not_permitted", _("the host has no address on the public internet")
    CERTIFICATE = "certificate", _("its certificate is not valid")
    NO_CONNECTION = "no_connection", _("no connection, or it broke off")
    UNWRITTEN = "unwritten", _("it could not be written, which is our own fault")


class WebhookEndpoint(models.Model):
    """A URL of an organisation that hears of events."""

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, blank=True, related_name="+")
    # WEBHOOK, or the kind of the package that made it (accounts/webhooks/queueing.py).
    kind = models.CharField(max_length=20, default=WEBHOOK, db_default=WEBHOOK)
    name = models.CharField(_("name"), max_length=ENDPOINT_NAME_MAX_LENGTH)
    url = models.CharField(max_length=URL_MAX_LENGTH)
    # Of which events it hears: names of accounts/event_families.py.
    families = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    # Encrypted (accounts/encrypting.py). The second one is the one before, as long as a receiver may still know it.
    secret = models.TextField(editable=False)
    old_secret = models.TextField(editable=False, blank=True, default="", db_default="")
    old_secret_until = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_because = models.CharField(max_length=8, choices=PausedBecause, blank=True, default="", db_default="")
    removed_at = models.DateTimeField(null=True, blank=True)
    # While it does not answer at all nothing else is tried: until when, and after how many in vain one after the other.
    held_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)
    # When something was last taken up for it: the others come first.
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False, reseller__isnull=True)
                | Q(customer__isnull=True, reseller__isnull=False),
                name="endpoint_belongs_to_exactly_one_organisation",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_because="")
                | (Q(paused_at__isnull=False) & ~Q(paused_because="")),
                name="paused_endpoint_says_why",
            ),
            models.UniqueConstraint(
                "customer",
                Lower("name"),
                name="customer_names_an_endpoint_once",
                condition=Q(removed_at__isnull=True, kind=WEBHOOK),
            ),
            models.UniqueConstraint(
                "reseller",
                Lower("name"),
                name="reseller_names_an_endpoint_once",
                condition=Q(removed_at__isnull=True, kind=WEBHOOK),
            ),
        ]
        indexes = [
            # Asked with each event that is written: almost always there is none.
            models.Index("customer", name="hearing_endpoints_of_customer", condition=Q(removed_at__isnull=True)),
            models.Index("reseller", name="hearing_endpoints_of_reseller", condition=Q(removed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def organisation(self) -> Customer | Reseller:
        """Whose events it hears."""
        found = self.customer or self.reseller
        assert found is not None  # a constraint of the database
        return found


class WebhookDelivery(models.Model):
    """One message for one endpoint: the row is the work. See accounts/webhooks/sending.py.

    One about an event holds no words: they are written, and the right is asked again, at the moment of sending.
    """

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False)
    # The same with each try, and with a replay: by it a receiver knows what it has already.
    message_id = models.UUIDField(db_default=RandomUUID())
    # How its words are made (settings.WEBHOOK_WRITERS).
    kind = models.CharField(max_length=30)
    type = models.CharField(max_length=80)
    # The event that it tells; no foreign key, like everywhere beside the audit log. event_at: in which month it is.
    event_id = models.BigIntegerField(null=True)
    event_at = models.DateTimeField(null=True)
    # The row it is about, in whatever table its writer reads, and the words where they are made when it is queued.
    about_id = models.BigIntegerField(null=True)
    body = models.TextField(blank=True, default="", db_default="")
    headers = models.JSONField(default=dict, db_default={})
    queued_at = models.DateTimeField(db_default=Now())
    # From when three days are counted: a replay begins to count again.
    due_since = models.DateTimeField(db_default=Now())
    # While a worker sends it: when another one may try, should the first have died.
    next_attempt_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    claimed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default="", db_default="")
    # Of the last try: the status of the answer, what else went wrong, and how many milliseconds it took.
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=14, choices=Trouble, blank=True, default="", db_default="")
    took = models.PositiveIntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, outcome="") | (Q(settled_at__isnull=False) & ~Q(outcome="")),
                name="settled_delivery_says_how",
            )
        ]
        indexes = [
            models.Index(
                "endpoint", "next_attempt_at", "id", name="deliveries_to_send", condition=Q(settled_at__isnull=True)
            ),
            models.Index("endpoint", "id", name="deliveries_of_endpoint"),
            models.Index("queued_at", name="deliveries_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.type} to {self.endpoint_id}"


class WebhookAttempt(models.Model):
    """One try of a message, written when its answer is known; it goes with its message.

    A worker that dies while it sends leaves none, though the receiver may have had the message.
    """

    # A foreign key of the database (0058), which deletes along: workers of a release that knows no tries do so too.
    delivery = models.ForeignKey(
        WebhookDelivery, models.CASCADE, related_name="tries", db_index=False, db_constraint=False
    )
    began_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=14, choices=Trouble, blank=True)
    # Milliseconds.
    took = models.PositiveIntegerField()
    # The beginning of what was answered, as text that a person can read.
    answer = models.CharField(max_length=ANSWER_MAX_LENGTH, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index("delivery", "id", name="tries_of_a_delivery")]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.status or self.error}"
