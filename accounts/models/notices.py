"""Who must know is told (R25): what is still to be told, and how soon each person wants to hear."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    """A kind of notice, as a person chooses how soon to hear of it."""

    ACCESS = "access", _("Reseller access")
    ADMINS = "admins", _("Super admins")
    SUBSCRIPTIONS = "subscriptions", _("Orders and transfers")
    SUPPORT = "support", _("Support partners and contracts")
    CASES = "cases", _("New cases")
    WORK = "work", _("Customers you work for")
    ACCOUNT = "account", _("Your account")


class HowSoon(models.TextChoices):
    """How soon a person hears of a topic. In the console it stands at once, unless they never want to hear of it."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day")
    NEVER = "never", _("Never")


class UntoldEvent(models.Model):
    """An event that somebody is to be told of: the row is the work, and vanishes when it is done.

    Written with the event by accounts/audit.py, taken by accounts/notifications/telling.py.
    """

    # No foreign key, like everywhere beside the audit log: nothing hangs there, and nothing vanishes from it.
    event_id = models.BigIntegerField(primary_key=True)
    # The row that it is about, in whatever table the SQL of its audiences reads.
    about_id = models.BigIntegerField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"event {self.event_id}"


class NoticePreference(models.Model):
    """How soon a person wants to hear of a topic; without a row, as accounts/notices/topics.py says."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    topic = models.CharField(max_length=14, choices=Topic)
    how_soon = models.CharField(max_length=8, choices=HowSoon)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "topic"], name="person_chooses_once_for_each_topic"),
            models.CheckConstraint(condition=Q(how_soon__in=HowSoon.values), name="choice_how_soon_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.topic} {self.how_soon}"
